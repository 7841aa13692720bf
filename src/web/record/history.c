/* Revisions of a record side by side: its history, and what two people typed. */
#include "pages.h"
#include "web/record/record_view.h"

/* ---- names ---- */

struct names *names_new(struct call *c)
{
	struct names *n = NEW(c->arena, struct names, 1);

	n->call = c;
	return n;
}

void names_add(struct names *n, str ref)
{
	for (isize i = 0; i < n->count; i++)
		if (str_eq(n->ref[i], ref))
			return;
	if (ref.n && n->count < NAMES_MAX)
		n->ref[n->count++] = ref;
}

static void add_refs(struct names *n, const void *rec, const struct field *field, int count)
{
	for (int i = 0; i < count; i++) {
		const struct field *f = &field[i];
		if (kind_is_empty(rec, f))
			continue;
		if (f->type == FIELD_REF)
			names_add(n, *(const str *)kind_slot(rec, f));
		if (f->type == FIELD_ROWS) {
			const struct any_rows *rows = kind_slot(rec, f);
			for (isize k = 0; k < rows->count; k++)
				add_refs(n, (const char *)rows->item + k * f->row_size, f->col,
					f->col_count);
		}
	}
}

void names_add_fields(struct names *n, const struct rec *rec)
{
	add_refs(n, rec, rec->kind->field, rec->kind->field_count);
}

bool names_load(struct names *n)
{
	return kind_briefs(n->call, n->ref, n->count, n->brief);
}

const struct brief *names_find(const struct names *n, str ref)
{
	for (isize i = 0; i < n->count; i++)
		if (str_eq(n->ref[i], ref) && n->brief[i].kind)
			return &n->brief[i];
	return NULL;
}

static str names_value(const struct names *n, const void *rec, const struct field *f)
{
	str value = kind_value_words(n->call->arena, rec, f);
	const struct brief *b = f->type == FIELD_REF ? names_find(n, value) : NULL;

	return b ? str_fmt(n->call->arena, "%.*s %.*s", STR_ARG(value), STR_ARG(b->title)) : value;
}

/* ---- two revisions ---- */

bool compare_make(
	struct names *n, const struct rec *before, const struct rec *after, struct compare *out)
{
	*out = (struct compare){.names = n,
		.before = before,
		.after = after,
		.before_label = "Before",
		.after_label = "After"};
	out->count = kind_diff(n->call->arena, before, after, &out->change);
	names_add_fields(n, before);
	names_add_fields(n, after);
	return names_load(n);
}

const struct field *compare_field(const struct compare *x, const struct change *change)
{
	return kind_field(x->after->kind, change->field);
}

isize compare_rows(const struct compare *x, const struct field *f, struct row_change **out)
{
	return kind_diff_rows(x->names->call->arena, f, x->before, x->after, out);
}

str compare_cell(const struct compare *x, const void *row, const struct field *col)
{
	return row ? names_value(x->names, row, col) : S("");
}

str compare_value(const struct compare *x, const struct rec *rec, const struct change *change)
{
	const struct field *f = compare_field(x, change);

	return f ? names_value(x->names, rec, f) : rec->kind->state[rec->state].label;
}

/* ---- history ---- */

/* The revisions asked for: the newest and the one that it was made from, unless the address says
   otherwise. */
static bool find_asked(
	struct call *c, const struct request *q, struct history_view *v, void **one, void **two)
{
	const struct kind *k = v->rec->kind;
	str ref = v->rec->ref;

	if (!str_int(form_value(&q->query, S("to")), 1, INT64_MAX, &v->to))
		v->to = v->revision_count ? v->revision[0].rev : 1;
	if (!kind_get_rev(c, k, ref, v->to, two))
		return false;
	if (str_int(form_value(&q->query, S("from")), 1, INT64_MAX, &v->from))
		return kind_get_rev(c, k, ref, v->from, one);
	if (!kind_get_before(c, *two, one))
		return false;
	*one = *one ? *one : *two;
	v->from = ((const struct rec *)*one)->rev;
	return true;
}

static bool compare_asked(struct call *c, const struct request *q, struct history_view *v)
{
	void *one, *two;

	v->names = names_new(c);
	for (isize i = 0; i < v->revision_count; i++)
		names_add(v->names, v->revision[i].by);
	return find_asked(c, q, v, &one, &two) && compare_make(v->names, one, two, &v->compare);
}

bool web_record_history(struct call *c, struct request *q, struct http_reply *out)
{
	struct history_view *v = NEW(c->arena, struct history_view, 1);
	struct rec *rec;

	if (!kind_get_any(c, q->arg[0], &rec))
		return false;
	*v = (struct history_view){.call = c, .rec = rec};
	if (!kind_history(c, rec->kind, rec->ref, &v->revision, &v->revision_count) ||
		!compare_asked(c, q, v) ||
		!frame_make(c, q, S("History"), rec->kind->area, &v->frame))
		return false;
	frame_crumb(&v->frame, rec->kind->plural,
		str_fmt(c->arena, "/records/%.*s", STR_ARG(rec->kind->name)));
	frame_crumb(&v->frame, rec->ref, record_url(c, rec->ref));
	struct buf *b = reply_page(c, out);
	history_page_html(b, v);
	reply_done(out, b);
	return true;
}
