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

const void *edit_row(const struct edit_view *v, const struct field *f, isize row)
{
	const struct any_rows *rows = kind_slot(v->rec, f);

	if (row < rows->count)
		return (const char *)rows->item + row * f->row_size;
	/* An empty row: numbers and dates have their own word for nothing. */
	void *empty = arena_take(v->call->arena, f->row_size, (isize) _Alignof(max_align_t), 1);
	for (int n = 0; n < f->col_count; n++)
		if (!kind_set(v->call, empty, &f->col[n], S("")))
			return empty;
	return empty;
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
