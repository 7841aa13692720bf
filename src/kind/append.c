/*
 * Tables that only grow: the log of an incident, measurements, custody, ratings.
 *
 * A row that was saved stays as it is; what was wrong in it is said in a new one.  When a row was
 * recorded is for the program to say, whatever time the row itself is about.
 */
#include "kind/kind_in.h"

static const char *row_of(const struct any_rows *rows, const struct field *f, isize i)
{
	return (const char *)rows->item + i * f->row_size;
}

/* Who sends a row back may leave out when it was recorded. */
static bool is_kept(const struct field *f, const void *old, const void *row)
{
	for (int i = 0; i < f->col_count; i++) {
		bool is_time = i == f->append - 1;
		if (!(is_time && kind_is_empty(row, &f->col[i])) &&
			!field_is_same(old, row, &f->col[i]))
			return false;
	}
	return true;
}

static bool keep(struct call *c, struct rec *rec, const struct rec *before, const struct field *f)
{
	const struct field *time = &f->col[f->append - 1];
	struct any_rows *rows = kind_slot(rec, f), none = {0};
	const struct any_rows *old = before ? kind_slot(before, f) : &none;
	bool ok = rows->count >= old->count;

	for (isize i = 0; i < rows->count; i++) {
		void *row = (char *)rows->item + i * f->row_size;
		if (i >= old->count) {
			*(int64_t *)kind_slot(row, time) = c->now_us;
			continue;
		}
		ok = ok && is_kept(f, row_of(old, f, i), row);
		field_copy(row, row_of(old, f, i), time);
	}
	return ok ||
		err_issue(&c->err, f->name,
			"%.*s: its rows stay as they are, in their order; what was wrong in one is "
			"said in a new row",
			STR_ARG(f->label));
}

bool rows_keep(struct call *c, struct rec *rec, const struct rec *before)
{
	bool ok = true;

	for (int i = 0; i < rec->kind->field_count && !c->who.is_loader; i++)
		if (rec->kind->field[i].append)
			ok = keep(c, rec, before, &rec->kind->field[i]) && ok;
	return ok;
}
