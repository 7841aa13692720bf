/* What the form of a record asks of its fields. */
#include "web/record/record_view.h"

bool edit_is_first(const struct edit_view *v, const struct field *f)
{
	(void)v;
	return !f->is_envelope || f->required || str_eq(f->name, S("title")) ||
		str_eq(f->name, S("owner")) || str_eq(f->name, S("product"));
}

str edit_unread(const struct edit_view *v, str name)
{
	for (const struct issue *i = v->issues; i; i = i->next)
		if (i->given.n && str_eq(i->field, name))
			return i->given;
	return S("");
}

str edit_value(const struct edit_view *v, const void *rec, const struct field *f, str name)
{
	str unread = edit_unread(v, name);

	return unread.n ? unread : kind_value(v->call->arena, rec, f);
}

/* ---- lists of words in one input ---- */

static bool needs_quotes(str word)
{
	return str_index(word, ',') >= 0 || str_index(word, '"') >= 0;
}

str edit_words(struct arena *a, const struct words *w)
{
	struct buf b;

	buf_init(&b, a, LIMIT_RECORD_BYTES);
	for (isize i = 0; i < w->count; i++) {
		bool quoted = needs_quotes(w->item[i]);
		buf_add(&b, i ? S(", ") : S(""));
		if (quoted)
			buf_char(&b, '"');
		for (isize k = 0; k < w->item[i].n; k++) {
			if (w->item[i].p[k] == '"')
				buf_char(&b, '"');
			buf_char(&b, w->item[i].p[k]);
		}
		if (quoted)
			buf_char(&b, '"');
	}
	return buf_str(&b);
}

/* The text between double quotes, where two of them stand for one; `*rest` begins behind the
   first.  What follows the last, up to the comma, belongs to the word. */
static str quoted_word(struct arena *a, str *rest)
{
	struct buf b;
	isize at = 0;

	buf_init(&b, a, rest->n + 1);
	for (; at < rest->n; at++) {
		if (rest->p[at] == '"' && (at + 1 == rest->n || rest->p[at + 1] != '"'))
			break;
		at += rest->p[at] == '"';
		buf_char(&b, rest->p[at]);
	}
	*rest = str_part(*rest, at < rest->n ? at + 1 : at, rest->n);
	buf_add(&b, str_cut(rest, ','));
	return str_trim(buf_str(&b));
}

void edit_read_words(struct arena *a, str text, struct words *out)
{
	*out = (struct words){.item = NEW(a, str, LIMIT_ROWS)};
	text = str_trim(text);
	while (text.n && out->count < LIMIT_ROWS) {
		bool quoted = text.p[0] == '"';
		if (quoted)
			text = str_part(text, 1, text.n);
		str word = quoted ? quoted_word(a, &text) : str_trim(str_cut(&text, ','));
		if (word.n)
			out->item[out->count++] = word;
		text = str_trim(text);
	}
}

/* ---- rows ---- */

const void *row_empty(struct call *c, const struct field *f)
{
	void *empty = arena_take(c->arena, f->row_size, (isize) _Alignof(max_align_t), 1);

	for (int n = 0; n < f->col_count; n++)
		if (!kind_set(c, empty, &f->col[n], S("")))
			return empty;
	return empty;
}

const void *edit_row(const struct edit_view *v, const struct field *f, isize row)
{
	const struct any_rows *rows = kind_slot(v->rec, f);

	if (row < rows->count)
		return (const char *)rows->item + row * f->row_size;
	return row_empty(v->call, f);
}

bool edit_is_kept(const struct edit_view *v, const struct field *f, isize row)
{
	const struct any_rows *rows = v->stored ? kind_slot(v->stored, f) : NULL;

	return f->append && rows && row < rows->count;
}

str edit_name(
	const struct edit_view *v, const struct field *rows, isize row, const struct field *col)
{
	return str_fmt(
		v->call->arena, "%.*s.%td.%.*s", STR_ARG(rows->name), row, STR_ARG(col->name));
}

str edit_kinds(const struct edit_view *v, const struct field *f)
{
	struct buf b;

	buf_init(&b, v->call->arena, 2000);
	for (int i = 0; i < f->ref_count && i < 6; i++) {
		if (i)
			buf_add(&b, i + 1 == f->ref_count ? S(" or ") : S(", "));
		buf_add(&b, str_lower(v->call->arena, kinds[f->refs[i]].title));
	}
	return f->ref_count ? buf_str(&b) : S("any");
}
