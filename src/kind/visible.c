/*
 * Who may see a record: the one decision, as a function and as a condition of SQL.
 *
 *	                         sees the record                 sees its secret fields
 *	may read the kind        unless restricted or protected  no
 *	  and is named           yes                             yes
 *	  and restricted.read    unless protected                unless protected
 *
 * "May read the kind" is the right for the record's product; of a record without a product, the
 * right for any.  "Named" is the owner, or in need_to_know: the person, a role that they hold for
 * the product of the record, a team of theirs.  restricted.read is asked for the product, and of a
 * record without one needs a grant without one.
 *
 * The table stands twice below, line by line: standing_seen() and add_visible().
 * test/unit/test_visible.c draws records and callers and compares the two with every path.
 */
#include "kind/kind_in.h"

static const struct field *protection(const struct kind *k)
{
	return kind_field(k, S("is_protected"));
}

/* ---- how a record stands ---- */

struct standing record_standing(const struct rec *current)
{
	const struct field *f = protection(current->kind);

	return (struct standing){.kind = current->kind,
		.product = current->product,
		.owner = current->owner,
		.classification = current->classification,
		.is_protected = f && *(const bool *)kind_slot(current, f),
		.need_to_know = current->need_to_know};
}

/* A JSON array of texts, as the store holds words. */
static bool read_words(struct call *c, str text, struct words *out)
{
	const struct json *list = json_parse(c->arena, &c->err, text);
	isize n = 0;

	*out = (struct words){0};
	if (!list)
		return false;
	json_each(word, list) n++;
	out->item = NEW(c->arena, str, n + 1);
	json_each(word, list) if (word->type == JSON_STRING) out->item[out->count++] = word->text;
	return true;
}

bool row_standing(
	struct call *c, const struct kind *k, const struct rows *r, int at, struct standing *out)
{
	*out = (struct standing){.kind = k,
		.product = str_dup(c->arena, rows_str(r, at)),
		.owner = str_dup(c->arena, rows_str(r, at + 1)),
		.is_protected = rows_int(r, at + 4) != 0};
	str class = rows_str(r, at + 2);
	if (class.n) {
		const struct field *f = kind_field(k, S("classification"));
		out->classification = kind_word_find(f->set, class);
		/* A word that this program does not know hides more, not less. */
		if (out->classification == 0)
			out->classification = CLASSIFICATION_RESTRICTED;
	}
	return rows_is_null(r, at + 3) ||
		read_words(c, str_dup(c->arena, rows_str(r, at + 3)), &out->need_to_know);
}

bool standing_load(struct call *c, const struct kind *k, str ref, struct standing *out)
{
	struct rows r;
	bool found = false;

	db_query(c->db, &r, db_built(SQL_CLASS_READ, kind_sql(k)->standing), V(ref));
	if (rows_next(&r))
		found = row_standing(c, k, &r, 0, out);
	return rows_done(&r) && found;
}

bool standing_of(struct call *c, const struct rec *r, struct standing *out)
{
	if (r->until != TIME_NONE || r->base)
		return standing_load(c, r->kind, r->ref, out);
	*out = record_standing(r);
	return true;
}

/* ---- the decision ---- */

static bool may_read(const struct call *c, const struct standing *s)
{
	return s->product.n ? call_could(c, s->kind->can_read, s->product)
			    : call_could_some(c, s->kind->can_read);
}

static bool is_named(const struct call *c, const struct standing *s)
{
	if (call_is(c, s->owner, s->product))
		return true;
	for (isize i = 0; i < s->need_to_know.count; i++)
		if (call_is(c, s->need_to_know.item[i], s->product))
			return true;
	return false;
}

bool standing_known(const struct call *c, const struct standing *s)
{
	return c->who.is_system || is_named(c, s) ||
		(!s->is_protected && call_could(c, CAN_RESTRICTED_READ, s->product));
}

bool standing_seen(const struct call *c, const struct standing *s)
{
	if (!may_read(c, s))
		return false;
	return (!s->is_protected && s->classification < CLASSIFICATION_RESTRICTED) ||
		standing_known(c, s);
}

/* ---- who decides about it ---- */

static bool same_standing(const struct standing *a, const struct standing *b)
{
	return str_eq(a->product, b->product) && str_eq(a->owner, b->owner) &&
		a->classification == b->classification && a->is_protected == b->is_protected &&
		words_are_same(&a->need_to_know, &b->need_to_know);
}

/* Everything that a record says of who knows it is written by who knows it, or writing would be a
   way to read.  Past revisions go by the standing of today, so a secret of any of them counts.
   Secret fields are all that is hidden of a record from somebody who sees it. */
bool standing_keep(struct call *c, const struct rec *before, const struct rec *after)
{
	const struct standing was = record_standing(before), is = record_standing(after);
	str secrets = kind_sql(before->kind)->secrets;

	assert(standing_seen(c, &was));
	if (standing_known(c, &was) || same_standing(&was, &is))
		return true;
	int64_t count =
		secrets.n ? db_int(c->db, db_built(SQL_CLASS_READ, secrets), V(before->ref)) : 0;
	return count == 0 ||
		FAIL(&c->err, ERR_DENIED,
			"%.*s holds what is hidden from you: its owner, product, classification "
			"and need to know are changed by somebody who may see it",
			STR_ARG(before->ref));
}

/* ---- the same for SQL ---- */

void add_value(struct building *b, struct value v)
{
	assert(b->count < LIST_VALUES);
	b->v[b->count++] = v;
	buf_fmt(&b->text, "$%d", b->count - 1);
}

/*
 * Sets of texts travel as one value, "\nPRD-1\nPRD-2\n": however many there are the statement stays
 * the same, and `is in it` is that taking "\nPRD-1\n" out changes it.  No reference holds a line
 * feed, and no word of need_to_know does (kind_check).
 */
#define IS_IN(text) "replace($%d, '\n' || " text " || '\n', '') <> $%d"

static int set_value(struct building *b, const struct call *c, const str *item, isize count)
{
	struct buf set;

	buf_init(&set, c->arena, LIMIT_RECORD_BYTES);
	buf_char(&set, '\n');
	for (isize i = 0; i < count; i++)
		buf_fmt(&set, "%.*s\n", STR_ARG(item[i]));
	assert(b->count < LIST_VALUES);
	b->v[b->count] = V(buf_str(&set));
	return b->count++;
}

/* What call_is() goes by: `*everywhere` names the caller in any record, `*bound`, such as
   "PRD-1<tab>R-PSL", in those of one product. */
static void names_value(struct building *b, const struct call *c, int *everywhere, int *bound)
{
	const struct who *w = &c->who;
	str *name = NEW(c->arena, str, w->grant_count + w->team_count + 1);
	str *pair = NEW(c->arena, str, w->grant_count + 1);
	isize n = 0, pairs = 0;

	if (w->ref.n)
		name[n++] = w->ref;
	for (isize i = 0; i < w->grant_count; i++) {
		const struct grant *g = &w->grant[i];
		if (g->role.n && g->product.n)
			pair[pairs++] = str_fmt(
				c->arena, "%.*s\t%.*s", STR_ARG(g->product), STR_ARG(g->role));
		else if (g->role.n)
			name[n++] = g->role;
	}
	for (isize i = 0; i < w->team_count; i++)
		name[n++] = w->team[i];
	*everywhere = set_value(b, c, name, n);
	*bound = set_value(b, c, pair, pairs);
}

static void add_may_read(
	struct building *b, const struct call *c, const struct kind *k, const char *x)
{
	const str *product;
	bool all;
	isize n = call_scope(c, k->can_read, &all, &product);

	if (all)
		return;
	if (n == 0) {
		buf_add(&b->text, S(" AND 1 = 0"));
		return;
	}
	int set = set_value(b, c, product, n);
	buf_fmt(&b->text, " AND (%s.\"f_product\" IS NULL OR " IS_IN("%s.\"f_product\"") ")", x,
		set, x, set);
}

static void add_is_named(struct building *b, const struct call *c, const char *x)
{
	int all, bound;

	names_value(b, c, &all, &bound);
	buf_fmt(&b->text,
		IS_IN("%s.\"f_owner\"") " OR " IS_IN("%s.\"f_product\" || '\t' || %s.\"f_owner\""),
		all, x, all, bound, x, x, bound);
	buf_fmt(&b->text,
		" OR EXISTS (SELECT 1 FROM json_each(%s.\"f_need_to_know\") w WHERE " IS_IN(
			"w.value") " OR " IS_IN("%s.\"f_product\" || '\t' || w.value") ")",
		x, all, all, bound, x, bound);
}

void add_visible(struct building *b, const struct call *c, const struct kind *k, const char *x)
{
	const struct field *f = protection(k);
	const str *product;
	bool all;

	add_may_read(b, c, k, x);
	isize n = call_scope(c, CAN_RESTRICTED_READ, &all, &product);
	if (c->who.is_system || (all && !f))
		return;
	/* What costs least is asked first, and settles it for nearly every row. */
	buf_add(&b->text, S(" AND (("));
	if (f)
		buf_fmt(&b->text, "%s.\"f_is_protected\" IS NULL AND ", x);
	buf_fmt(&b->text,
		"(%s.\"f_classification\" IS NULL OR %s.\"f_classification\" IN ('public',"
		" 'internal', 'confidential')",
		x, x);
	if (all) {
		buf_add(&b->text, S(" OR 1 = 1"));
	} else if (n > 0) {
		int set = set_value(b, c, product, n);
		buf_fmt(&b->text, " OR " IS_IN("%s.\"f_product\""), set, x, set);
	}
	buf_add(&b->text, S(")) OR "));
	add_is_named(b, c, x);
	buf_char(&b->text, ')');
}

/* ---- by reference ---- */

const struct kind *kind_of_ref(struct call *c, str ref)
{
	const struct kind *k = NULL;
	struct rows r;

	db_query(c->db, &r, SQL("SELECT kind FROM record WHERE ref = $1"), V(ref));
	if (rows_next(&r))
		k = kind_by_name(rows_str(&r, 0));
	return rows_done(&r) ? k : NULL;
}

bool kind_seen(struct call *c, str ref)
{
	struct brief b;

	return kind_brief(c, ref, &b);
}
