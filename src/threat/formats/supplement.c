/*
 * What another format cannot say of a model travels in it as `.ward` text, so that nothing is lost
 * on the way there and back: one text of whole parts for which the format has no place, and one of
 * what is more to say of parts that are there.  Which that is, nobody has to know: the file is
 * written without, read back and compared.
 *
 * In the second text a property replaces that of the part, and "?" removes it.  A statement about a
 * part that somebody has removed in the other tool no longer says anything.
 */
#include "threat/formats/importer.h"

/* ---- reading ---- */

static bool read_text(struct importer *in, const struct json *j, struct model *m)
{
	if (!j || j->type != JSON_STRING)
		return true;
	import_take(in, j);
	if (model_text_add(in->arena, in->err, m, j->text))
		return true;
	/* The place within the text means nothing to somebody who looks at the file. */
	struct file_place at = import_place(in, j);
	in->err->line = at.line;
	in->err->column = at.column;
	return false;
}

/* The groups in which the value of a key is looked for, the first that has it. */
static int groups_of(str key, enum part_group *out)
{
	static const enum part_group anywhere[] = {
		PART_ELEMENT, PART_FLOW, PART_INTERFACE, PART_ASSET, PART_ZONE};
	bool is_zone = str_eq(key, S("in")) || str_eq(key, S("via"));
	bool is_element = str_eq(key, S("from")) || str_eq(key, S("to")) || str_eq(key, S("of")) ||
		str_eq(key, S("part-of"));

	if (str_eq(key, S("at"))) {
		memcpy(out, anywhere, sizeof anywhere);
		return COUNT_OF(anywhere);
	}
	out[0] = is_zone ? PART_ZONE : is_element ? PART_ELEMENT : PART_ASSET;
	return is_zone || is_element || str_eq(key, S("carries"));
}

/* The id that the part called `id` in the file has in the model, or "". */
static str own_id(const struct part_index *x, str id)
{
	int32_t found = part_index_find(x, id);

	return found == PART_NONE ? S("") : part_value(&x->parts[found], S("id"));
}

static void rename_refs(struct part *p, const struct part_index *more)
{
	enum part_group groups[PART_GROUPS];

	for (struct prop *q = p->props; q; q = q->next) {
		int n = groups_of(q->key, groups);
		str own = S("");
		for (int i = 0; i < n && own.n == 0; i++)
			own = own_id(&more[groups[i]], q->value);
		if (own.n)
			q->value = own;
	}
}

/* Gives parts whose id the format could not take their own. */
static void rename_parts(struct importer *in, const struct part_index *more)
{
	for (int g = 0; g < PART_GROUPS; g++)
		for (isize i = 0; i < in->model->of[g].count; i++) {
			struct part *p = &in->model->of[g].list[i];
			str own = own_id(&more[g], p->id);
			if (own.n && str_eq(p->name, own))
				p->name = S("");
			p->id = own.n ? own : p->id;
			rename_refs(p, more);
		}
}

static void remove_key(struct prop **first, struct prop **last, str key)
{
	struct prop **at = first;

	*last = NULL;
	while (*at) {
		if (str_eq((*at)->key, key)) {
			*at = (*at)->next;
			continue;
		}
		*last = *at;
		at = &(*at)->next;
	}
}

/* `from` says more of `p`. */
static bool merge(struct importer *in, struct part *p, const struct part *from)
{
	str key = S("");

	p->kind = from->kind;
	if (from->name.n)
		p->name = from->name;
	for (const struct prop *q = from->kept; q; q = q->next) {
		remove_key(&p->kept, &p->last_kept, q->key);
		if (!part_add(in->arena, in->err, p, q->key, q->value, p->at))
			return false;
	}
	for (const struct prop *q = from->props; q; q = q->next) {
		bool is_end = str_eq(q->key, S("from")) || str_eq(q->key, S("to"));
		bool is_unknown = str_eq(q->value, S("?"));
		if (str_eq(q->key, S("id")) || (is_end && is_unknown))
			continue;
		if (!str_eq(q->key, key))
			remove_key(&p->props, &p->last, q->key);
		key = q->key;
		if (!is_unknown && !part_add(in->arena, in->err, p, key, q->value, p->at))
			return false;
	}
	return true;
}

bool import_supplement(struct importer *in, const struct json *parts, const struct json *more)
{
	struct model *said = model_new(in->arena, in->model->file, MODEL_TEXT);
	struct part_index of_more[PART_GROUPS];

	if (!read_text(in, more, said))
		return false;
	for (int g = 0; g < PART_GROUPS; g++)
		if (!part_index_make(in->arena, in->err, &said->of[g], &of_more[g]))
			return false;
	if (more)
		rename_parts(in, of_more);
	for (int g = 0; g < PART_GROUPS; g++) {
		if (!import_index(in, (enum part_group)g))
			return false;
		for (isize i = 0; i < said->of[g].count; i++) {
			struct part *from = &said->of[g].list[i];
			int32_t found = part_index_find(&in->of[g], from->id);
			if (found != PART_NONE && part_value(from, S("id")).n == 0 &&
				!merge(in, &in->model->of[g].list[found], from))
				return false;
		}
	}
	return read_text(in, parts, in->model);
}

/* ---- writing: what is different ---- */

/* The next value of `key` behind `q` that is known. */
static const struct prop *next_value(const struct prop *q, str key)
{
	while (q && (!str_eq(q->key, key) || str_eq(q->value, S("?"))))
		q = q->next;
	return q;
}

static isize count_value(const struct prop *q, str key, str value)
{
	isize n = 0;

	for (q = next_value(q, key); q; q = next_value(q->next, key))
		n += str_eq(q->value, value);
	return n;
}

/* Whether two parts have the same values of a key, in whatever order. */
static bool same_values(const struct prop *a, const struct prop *b, str key)
{
	isize more = 0;

	for (const struct prop *q = next_value(a, key); q; q = next_value(q->next, key)) {
		if (count_value(a, key, q->value) != count_value(b, key, q->value))
			return false;
		more++;
	}
	for (const struct prop *q = next_value(b, key); q; q = next_value(q->next, key))
		more--;
	return more == 0;
}

/* Whether a value of this key stands before `q`. */
static bool seen_before(const struct prop *first, const struct prop *q)
{
	for (; first != q; first = first->next)
		if (str_eq(first->key, q->key))
			return true;
	return false;
}

/* What is kept for the very format that is written is not said twice. */
static bool is_own(const struct exporter *x, str key)
{
	str word = model_format_word(x->format), rest = str_part(key, 2, key.n);

	return str_starts(rest, word) && (rest.n == word.n || rest.p[word.n] == '.');
}

static bool add_values(struct exporter *x, struct part *to, const struct prop *from, str key)
{
	for (const struct prop *q = next_value(from, key); q; q = next_value(q->next, key))
		if (!part_add(x->arena, x->err, to, key, q->value, q->at))
			return false;
	return true;
}

/* What `read` lacks of `p`, in `d`. */
static bool difference(
	struct exporter *x, const struct part *p, const struct part *read, struct part *d)
{
	for (const struct prop *q = p->props; q; q = q->next)
		if (!seen_before(p->props, q) && !same_values(p->props, read->props, q->key) &&
			!add_values(x, d, p->props, q->key))
			return false;
	for (const struct prop *q = read->props; q; q = q->next)
		if (!seen_before(read->props, q) && next_value(q, q->key) &&
			!next_value(p->props, q->key) &&
			!part_add(x->arena, x->err, d, q->key, S("?"), q->at))
			return false;
	for (const struct prop *q = p->kept; q; q = q->next)
		if (!is_own(x, q->key) && !same_values(p->kept, read->kept, q->key) &&
			!part_add(x->arena, x->err, d, q->key, q->value, q->at))
			return false;
	if (!str_eq(part_title(p), part_title(read)))
		d->name = p->name;
	d->both_ways = part_is(d, S("both-ways"), S("yes"));
	return true;
}

static bool compare_group(struct exporter *x, const struct model *read, enum part_group g,
	struct buf *parts, struct buf *more)
{
	struct part_index index;

	if (!part_index_make(x->arena, x->err, &read->of[g], &index))
		return false;
	for (isize i = 0; i < x->model->of[g].count; i++) {
		const struct part *p = &x->model->of[g].list[i];
		int32_t found = part_index_find(&index, p->id);
		if (found == PART_NONE) {
			part_print(parts, p);
			continue;
		}
		const struct part *other = &read->of[g].list[found];
		struct part d = {.kind = p->kind, .id = p->id};
		if (!difference(x, p, other, &d))
			return false;
		if (d.props || d.kept || d.name.n || p->kind != other->kind)
			part_print(more, &d);
	}
	return true;
}

bool supplement_find(
	struct exporter *x, const struct model *read, struct buf *parts, struct buf *more)
{
	struct part whole = {.kind = PART_KINDS};

	if (!difference(x, &x->model->whole, &read->whole, &whole))
		return false;
	if (whole.kept || !str_eq(x->model->name, read->name)) {
		struct model head = {.name = x->model->name, .whole = whole};
		model_print(parts, &head);
	}
	for (int g = 0; g < PART_GROUPS; g++)
		if (!compare_group(x, read, (enum part_group)g, parts, more))
			return false;
	return true;
}
