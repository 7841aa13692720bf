/* Reading records for a document: by kind, by link, by reference; and their words. */
#include "document/document_in.h"

/* The order of lists: shorter references first, so that RSK-9 stands before RSK-10. */
static int ref_cmp(str a, str b)
{
	if (a.n != b.n)
		return a.n < b.n ? -1 : 1;
	return str_cmp(a, b);
}

bool document_read_all(struct reading *r, int kind, struct list *out)
{
	const struct kind *k = &kinds[kind];
	struct query q = {.limit = DOCUMENT_RECORDS};

	assert(k->id == kind);
	if (!kind_list(r->c, k, &q, out))
		return false;
	if (out->total > out->count)
		return FAIL(&r->c->err, ERR_LIMIT,
			"there are more than %d %.*s; a document takes no more", DOCUMENT_RECORDS,
			STR_ARG(k->plural));
	for (isize i = 0; i < out->count; i++)
		document_know(r->d, ((const struct rec *)out->item[i])->ref);
	return true;
}

bool document_in_scope(const struct reading *r, str product)
{
	for (int i = 0; i < r->product_count; i++)
		if (str_eq(r->product[i], product))
			return true;
	return product.n == 0;
}

void document_read_keep(struct reading *r, struct list *l, keep_record *keep, const void *about)
{
	isize kept = 0;

	for (isize i = 0; i < l->count; i++)
		if (keep(r, l->item[i], about))
			l->item[kept++] = l->item[i];
	l->count = kept;
}

static bool keep_scoped(const struct reading *r, const void *rec, const void *about)
{
	(void)about;
	return document_in_scope(r, ((const struct rec *)rec)->product);
}

bool document_read_scoped(struct reading *r, int kind, struct list *out)
{
	if (!document_read_all(r, kind, out))
		return false;
	document_read_keep(r, out, keep_scoped, NULL);
	return true;
}

static int pair_by_from(const void *a, const void *b)
{
	const struct pair *x = a, *y = b;
	int order = ref_cmp(x->from, y->from);

	return order ? order : ref_cmp(x->to, y->to);
}

static int pair_by_to(const void *a, const void *b)
{
	const struct pair *x = a, *y = b;
	int order = ref_cmp(x->to, y->to);

	return order ? order : ref_cmp(x->from, y->from);
}

/* link_list_type() takes room for the most links there may be: what it gave is copied, and the
   room used again for the next type. */
static bool copy_links(struct reading *r, const struct link *link, isize n, struct pairs *out)
{
	isize bytes = (n + 1) * (isize)sizeof *out->by_from;

	out->by_from = arena_bulk(r->d->arena, bytes);
	out->by_to = arena_bulk(r->d->arena, bytes);
	if (!out->by_from || !out->by_to)
		return FAIL(&r->c->err, ERR_LIMIT, "there are too many links for a document");
	for (isize i = 0; i < n; i++)
		out->by_from[i] = out->by_to[i] = (struct pair){
			.from = document_text(r->d, "%.*s", STR_ARG(link[i].from)),
			.to = document_text(r->d, "%.*s", STR_ARG(link[i].to)),
			.note = document_text(r->d, "%.*s", STR_ARG(link[i].note)),
		};
	out->count = n;
	qsort(out->by_from, (size_t)n, sizeof *out->by_from, pair_by_from);
	qsort(out->by_to, (size_t)n, sizeof *out->by_to, pair_by_to);
	return true;
}

bool document_read_links(struct reading *r, str type, struct pairs *out)
{
	struct link *link;
	isize n;

	*out = (struct pairs){0};
	if (!r->scratch_block) {
		r->scratch_block = arena_bulk(r->d->arena, LINK_SCRATCH_BYTES);
		if (!r->scratch_block)
			return FAIL(&r->c->err, ERR_LIMIT,
				"there is no room for the links of a document");
		arena_init(&r->scratch, r->scratch_block, LINK_SCRATCH_BYTES);
	}
	r->c->arena = &r->scratch;
	bool ok = link_list_type(r->c, type, &link, &n);
	r->c->arena = r->d->arena;
	ok = ok && copy_links(r, link, n, out);
	arena_reset(&r->scratch);
	return ok;
}

static void add_product(struct reading *r, str ref)
{
	if (ref.n && r->product_count < SCOPE_PRODUCTS &&
		!(r->product_count && document_in_scope(r, ref)))
		r->product[r->product_count++] = ref;
}

/* The name of what the document is about: its products, by name. */
static void name_products(struct reading *r)
{
	struct joined j;

	document_join_start(r, &j);
	for (isize i = 0; i < r->products.count; i++)
		document_join_add(&j, ((const struct rec *)r->products.item[i])->title);
	r->d->product = document_join_end(r, &j);
	document_join_start(r, &j);
	for (isize i = 0; i < r->products.count; i++)
		document_join_add(&j, ((const struct rec *)r->products.item[i])->ref);
	r->d->product_ref = document_join_end(r, &j);
}

static bool keep_product(const struct reading *r, const void *rec, const void *about)
{
	(void)about;
	return document_in_scope(r, ((const struct rec *)rec)->ref);
}

/* The products that `ref` covers, itself or by a record that covers it: a plan by its scope. */
static void add_covered(
	struct reading *r, str ref, const struct pairs *covers, const struct list *all, bool deeper)
{
	struct span s = document_links_from(covers, ref);

	for (isize i = 0; i < s.count; i++)
		if (document_read_find(all, s.item[i].to))
			add_product(r, s.item[i].to);
	if (!deeper)
		return;
	s = document_links_to(covers, ref);
	for (isize i = 0; i < s.count; i++)
		add_covered(r, s.item[i].from, covers, all, false);
}

bool document_read_products(
	struct reading *r, str ref, const struct words *own, const struct pairs *covers)
{
	struct list all;

	if (!kind_seen(r->c, ref))
		return r->c->err.code == ERR_NONE &&
			FAIL(&r->c->err, ERR_MISSING, "there is no %.*s", STR_ARG(ref));
	if (!document_read_all(r, KIND_PRODUCT, &all))
		return false;
	if (document_read_find(&all, ref))
		add_product(r, ref);
	else
		add_covered(r, ref, covers, &all, true);
	for (isize i = 0; i < own->count; i++)
		if (document_read_find(&all, own->item[i]))
			add_product(r, own->item[i]);
	if (!r->product_count)
		return FAIL(&r->c->err, ERR_MISSING,
			"%.*s is not a product and covers none; name a product, or link with "
			"\"covers\"",
			STR_ARG(ref));
	/* Parts belong to their product, and their parts: again, as long as one was added. */
	for (int before = 0; before != r->product_count;) {
		before = r->product_count;
		for (isize i = 0; i < all.count; i++) {
			const struct product *p = all.item[i];
			if (p->part_of.n && document_in_scope(r, p->part_of))
				add_product(r, p->rec.ref);
		}
	}
	r->products = all;
	document_read_keep(r, &r->products, keep_product, NULL);
	name_products(r);
	return criteria_load(r->c, &r->criteria) && document_read_all(r, KIND_ROLE, &r->roles) &&
		document_read_all(r, KIND_PERSON, &r->people);
}

void *document_read_find(const struct list *l, str ref)
{
	isize low = 0, high = l->count;

	while (low < high) {
		isize mid = low + (high - low) / 2;
		int order = ref_cmp(((const struct rec *)l->item[mid])->ref, ref);
		if (order == 0)
			return l->item[mid];
		if (order < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return NULL;
}

/* The first pair whose end is not below `ref`. */
static isize pair_low(const struct pair *p, isize count, str ref, bool to)
{
	isize low = 0, high = count;

	while (low < high) {
		isize mid = low + (high - low) / 2;
		if (ref_cmp(to ? p[mid].to : p[mid].from, ref) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

static struct span span_of(const struct pair *p, isize count, str ref, bool to)
{
	isize from = pair_low(p, count, ref, to), end = from;

	while (end < count && str_eq(to ? p[end].to : p[end].from, ref))
		end++;
	return (struct span){count ? p + from : NULL, end - from};
}

struct span document_links_from(const struct pairs *p, str ref)
{
	return span_of(p->by_from, p->count, ref, false);
}

struct span document_links_to(const struct pairs *p, str ref)
{
	return span_of(p->by_to, p->count, ref, true);
}

bool document_links_has(const struct pairs *p, str from, str to)
{
	struct span s = document_links_from(p, from);

	for (isize i = 0; i < s.count; i++)
		if (str_eq(s.item[i].to, to))
			return true;
	return false;
}

str document_name(struct reading *r, str ref)
{
	const struct rec *rec = document_read_find(&r->roles, ref);

	if (!rec)
		rec = document_read_find(&r->people, ref);
	return rec ? document_text(r->d, "%.*s %.*s", STR_ARG(ref), STR_ARG(rec->title)) : ref;
}

void document_join_start(struct reading *r, struct joined *j)
{
	buf_init(&j->text, r->c->arena, LIMIT_PROSE);
}

void document_join_add(struct joined *j, str s)
{
	if (!s.n)
		return;
	if (j->text.n)
		buf_add(&j->text, S(", "));
	buf_add(&j->text, s);
}

str document_join_end(struct reading *r, struct joined *j)
{
	r->d->full |= j->text.full;
	return buf_view(&j->text);
}

static str refs_of(struct reading *r, struct span s, const struct list *l, bool to)
{
	struct joined j;

	document_join_start(r, &j);
	for (isize i = 0; i < s.count; i++) {
		str ref = to ? s.item[i].to : s.item[i].from;
		if (!l || document_read_find(l, ref))
			document_join_add(&j, ref);
	}
	return document_join_end(r, &j);
}

str document_refs_to(struct reading *r, struct span s, const struct list *l)
{
	return refs_of(r, s, l, true);
}

str document_refs_from(struct reading *r, struct span s, const struct list *l)
{
	return refs_of(r, s, l, false);
}

str document_day(struct reading *r, int64_t day)
{
	enum { DAY_TEXT = 32 };
	struct buf b;

	if (day == DAY_NONE)
		return S("");
	buf_init(&b, r->c->arena, DAY_TEXT);
	day_print_words(&b, day);
	r->d->full |= b.full;
	return buf_view(&b);
}

struct cell document_due(struct reading *r, int64_t day, str rhythm, bool is_done)
{
	str text = document_day(r, day);

	if (rhythm.n)
		text = text.n ? document_text(r->d, "%.*s, %.*s", STR_ARG(text), STR_ARG(rhythm))
			      : rhythm;
	if (is_done || !day_is_past(day, r->day))
		return document_needed(text);
	return document_marked(document_text(r->d, "%.*s\nlate by %" PRId64 " day%s", STR_ARG(text),
				       r->day - day, r->day - day == 1 ? "" : "s"),
		MARK_LATE);
}

str document_int(struct reading *r, int64_t v)
{
	return v == INT_NONE ? S("") : document_text(r->d, "%" PRId64, v);
}

str document_word(const void *rec, str field)
{
	const struct rec *e = rec;
	const struct field *f = kind_field(e->kind, field);

	assert(f && f->type == FIELD_ENUM);
	const int *value = kind_slot(rec, f);
	return *value > 0 ? f->set->word[*value - 1].label : S("");
}

str document_state(const void *rec)
{
	const struct rec *e = rec;

	return e->kind->state[e->state].label;
}

str document_dash(str s)
{
	return s.n ? s : S("\342\200\223");
}

bool document_has_word(struct reading *r, str text, str words)
{
	str low = str_lower(r->c->arena, text);

	while (words.n) {
		str word = str_cut(&words, '|');
		if (word.n && str_find(low, word) >= 0)
			return true;
	}
	return false;
}

bool document_has_tag(const struct rec *rec, str tag)
{
	for (isize i = 0; i < rec->tags.count; i++)
		if (str_eq_fold(rec->tags.item[i], tag))
			return true;
	return false;
}

/* ---- risk levels ---- */

const struct criteria *document_criteria_of(const struct reading *r, const struct risk *risk)
{
	return criteria_for(&r->criteria, risk->rec.product, risk->criteria);
}

enum mark document_criteria_mark(const struct criteria *k, str level)
{
	static const enum mark by_colour[] = {
		[RISK_COLOUR_GREEN] = MARK_GOOD,
		[RISK_COLOUR_YELLOW] = MARK_NOTE,
		[RISK_COLOUR_ORANGE] = MARK_WARN,
		[RISK_COLOUR_RED] = MARK_BAD,
	};

	const struct risk_level *row = criteria_row(k, level);

	return row ? by_colour[row->colour] : MARK_NONE;
}

struct cell document_rating(
	struct reading *r, const struct risk *risk, int64_t exploitability, int64_t severity)
{
	if (exploitability == INT_NONE || severity == INT_NONE)
		return document_needed(S(""));
	const struct criteria *k = document_criteria_of(r, risk);
	str level = criteria_word(k, severity, exploitability);
	return document_marked(document_text(r->d, "E%" PRId64 " S%" PRId64 "\n%.*s",
				       exploitability, severity, STR_ARG(level)),
		document_criteria_mark(k, level));
}

void document_risk_table(struct reading *r, const struct list *risks, str caption)
{
	static const str head[] = {S_INIT("Risk"), S_INIT("What may happen"), S_INIT("Owner"),
		S_INIT("Before"), S_INIT("After"), S_INIT("State")};
	struct block *t = document_table(r->d, caption, head, COUNT_OF(head));

	for (isize i = 0; i < risks->count; i++) {
		const struct risk *k = risks->item[i];
		struct cell *row = document_row(r->d, t);
		row[0].text = k->rec.ref;
		row[1].text = k->rec.title;
		row[2] = document_needed(document_name(r, k->rec.owner));
		row[3] = document_rating(r, k, k->inherent_exploitability, k->inherent_severity);
		row[4] = document_rating(r, k, k->residual_exploitability, k->residual_severity);
		row[5].text = document_state(k);
	}
	document_table_end(r->d, t);
}
