/* What holds for every record: required fields, lengths, ranges, references, named checks. */
#include "kind/kind_in.h"

static void check_text(struct call *c, str under, const struct field *f, str v)
{
	if (!utf8_is_text(v) || (f->type == FIELD_TEXT && str_index(v, '\n') >= 0)) {
		err_issue(&c->err, under, "%.*s: control characters%s are not taken",
			STR_ARG(f->label), f->type == FIELD_TEXT ? " and line breaks" : "");
		return;
	}
	if (f->max > 0 && v.n > f->max && utf8_count(v) > f->max)
		err_issue(&c->err, under, "%.*s: longer than %" PRId64 " characters",
			STR_ARG(f->label), f->max);
}

static void check_number(struct call *c, str under, const struct field *f, int64_t v)
{
	if (f->type == FIELD_INT && (f->min || f->max) && (v < f->min || v > f->max))
		err_issue(&c->err, under, "%.*s: give a number from %" PRId64 " to %" PRId64,
			STR_ARG(f->label), f->min, f->max);
	else if (f->type == FIELD_DATE && (v < DAY_MIN || v > DAY_MAX))
		err_issue(
			&c->err, under, "%.*s: the year must be from 1 to 9999", STR_ARG(f->label));
	else if (f->type == FIELD_TIME && (v < DAY_MIN * DAY_US || v / DAY_US > DAY_MAX))
		err_issue(
			&c->err, under, "%.*s: the year must be from 1 to 9999", STR_ARG(f->label));
}

static bool allowed_kind(const struct field *f, str name)
{
	for (int i = 0; i < f->ref_count; i++)
		if (str_eq(kinds[f->refs[i]].name, name))
			return true;
	return f->ref_count == 0;
}

/* The store's foreign keys hold the rest; the program itself may refer to what it writes next. */
static void check_ref(struct call *c, str under, const struct field *f, str v)
{
	struct rows r;
	bool found = false;

	if (c->who.is_system || !c->db)
		return;
	db_query(c->db, &r, SQL("SELECT kind FROM record WHERE ref = $1"), V(v));
	if (rows_next(&r)) {
		found = true;
		if (!allowed_kind(f, rows_str(&r, 0)))
			err_issue(&c->err, under, "%.*s: %.*s is not a record of the right kind",
				STR_ARG(f->label), STR_ARG(v));
	}
	if (rows_done(&r) && !found)
		err_issue(&c->err, under, "%.*s: there is no record %.*s", STR_ARG(f->label),
			STR_ARG(v));
}

static void check_words(struct call *c, str under, const struct field *f, const struct words *w)
{
	for (isize i = 0; i < w->count; i++) {
		check_text(c, under, &(struct field){.label = f->label, .max = 200}, w->item[i]);
		if (f->ref_count)
			check_ref(c, under, f, w->item[i]);
		if (f->check)
			f->check(c, under, w->item[i]);
	}
}

/* Recurses once, into the columns of rows. */
static void check_field(struct call *c, str under, const void *rec, const struct field *f)
{
	if (kind_is_empty(rec, f)) {
		if (f->required)
			err_issue(&c->err, under, "%.*s: fill this in", STR_ARG(f->label));
		return;
	}
	switch (f->type) {
	case FIELD_TEXT:
	case FIELD_PROSE:
		check_text(c, under, f, field_text(rec, f));
		if (f->check)
			f->check(c, under, field_text(rec, f));
		break;
	case FIELD_REF:
		check_ref(c, under, f, field_text(rec, f));
		break;
	case FIELD_INT:
	case FIELD_DATE:
	case FIELD_TIME:
		check_number(c, under, f, field_number(rec, f));
		break;
	case FIELD_WORDS:
		check_words(c, under, f, kind_slot(rec, f));
		break;
	case FIELD_ROWS: {
		const struct any_rows *rows = kind_slot(rec, f);
		if (f->max > 0 && rows->count > f->max)
			err_issue(&c->err, under, "%.*s: more than %" PRId64 " rows",
				STR_ARG(f->label), f->max);
		for (isize i = 0; i < rows->count; i++)
			for (int n = 0; n < f->col_count; n++)
				check_field(c,
					str_fmt(c->arena, "%.*s.%td.%.*s", STR_ARG(f->name), i,
						STR_ARG(f->col[n].name)),
					(const char *)rows->item + i * f->row_size, &f->col[n]);
		break;
	}
	case FIELD_FLAG:
	case FIELD_ENUM:
		break;
	}
}

bool kind_check(struct call *c, const void *rec)
{
	const struct rec *r = rec;

	for (int i = 0; i < r->kind->field_count; i++)
		check_field(c, r->kind->field[i].name, rec, &r->kind->field[i]);
	return c->err.code == ERR_NONE;
}

/* Takes out of the list what stands behind `last` and names a field that is named before it. */
static void drop_repeated(struct err *e, struct issue *last)
{
	struct issue *known = e->issues, **at = &last->next;

	while (*at) {
		bool repeated = false;
		for (const struct issue *i = known; i; i = i == last ? NULL : i->next)
			repeated |= str_eq(i->field, (*at)->field);
		if (repeated) {
			*at = (*at)->next;
			e->issue_count--;
		} else {
			e->last = *at;
			at = &(*at)->next;
		}
	}
}

void kind_check_rest(struct call *c, const void *rec)
{
	struct issue *last = c->err.last;

	if (!last || kind_check(c, rec))
		return;
	c->err.last = last;
	drop_repeated(&c->err, last);
}
