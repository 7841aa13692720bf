/* Reading revisions. */
#include "kind/kind_in.h"

/* ---- reading ---- */

/* Whoever reads has put nothing in: what is wrong here is not an issue of theirs. */
static bool load_rows(struct call *c, void *rec, const struct field *f, str stored)
{
	struct err before = c->err;

	c->err = (struct err){.arena = c->arena};
	bool ok = kind_set(c, rec, f, stored);
	c->err = before;
	return ok;
}

static void load_field(
	struct call *c, void *rec, const struct field *f, const struct rows *r, int at)
{
	if (rows_is_null(r, at))
		return;
	switch (f->type) {
	case FIELD_INT:
	case FIELD_DATE:
	case FIELD_TIME:
		*(int64_t *)kind_slot(rec, f) = rows_int(r, at);
		break;
	case FIELD_FLAG:
		*(bool *)kind_slot(rec, f) = rows_int(r, at) != 0;
		break;
	case FIELD_ENUM:
		*(int *)kind_slot(rec, f) = kind_word_find(f->set, rows_str(r, at));
		break;
	case FIELD_TEXT:
	case FIELD_PROSE:
	case FIELD_REF:
		*(str *)kind_slot(rec, f) = str_dup(c->arena, rows_str(r, at));
		break;
	case FIELD_WORDS:
	case FIELD_ROWS:
		if (!load_rows(c, rec, f, str_dup(c->arena, rows_str(r, at))))
			FAIL(&c->err, ERR_TAMPERED, "the stored %.*s cannot be read",
				STR_ARG(f->label));
		break;
	}
}

void *row_record(struct call *c, const struct kind *k, const struct rows *r)
{
	struct rec *rec = kind_new(c->arena, k);
	str id = rows_blob(r, 1);

	rec->ref = str_dup(c->arena, rows_str(r, 0));
	/* What a file holds is from outside: damage is told, and ends nobody's process. */
	if (id.n == (isize)sizeof rec->id)
		memcpy(rec->id.b, id.p, sizeof rec->id);
	else
		FAIL(&c->err, ERR_TAMPERED, "%.*s is damaged in the store; run ward verify",
			STR_ARG(rec->ref));
	rec->rev = rows_int(r, 2);
	rec->since = rows_int(r, 3);
	rec->until = rows_is_null(r, 4) ? TIME_NONE : rows_int(r, 4);
	rec->by = str_dup(c->arena, rows_str(r, 5));
	rec->why = str_dup(c->arena, rows_str(r, 6));
	rec->state = kind_state(k, rows_str(r, 7));
	if (rec->state < 0) {
		FAIL(&c->err, ERR_TAMPERED, "%.*s is damaged in the store; run ward verify",
			STR_ARG(rec->ref));
		rec->state = 0;
	}
	for (int i = 0; i < k->field_count; i++)
		load_field(c, rec, &k->field[i], r, REC_COLUMNS + i);
	return rec;
}

bool record_hide(struct call *c, struct rec *r)
{
	struct standing now;
	bool has_secret = false;

	for (int i = 0; i < r->kind->field_count; i++)
		has_secret |= r->kind->field[i].secret;
	if (!has_secret || c->who.is_system)
		return true;
	if (!standing_of(c, r, &now))
		return false;
	if (standing_known(c, &now))
		return true;
	for (int i = 0; i < r->kind->field_count; i++)
		if (r->kind->field[i].secret) {
			field_clear(r, &r->kind->field[i]);
			r->hidden = true;
		}
	return true;
}

/* What was found, if it is for the caller. */
static bool show(struct call *c, str ref, struct rec *found)
{
	struct standing now;

	if (c->err.code)
		return false;
	if (!found || !standing_of(c, found, &now) || !standing_seen(c, &now))
		return FAIL(&c->err, ERR_MISSING, "there is no %.*s", STR_ARG(ref));
	return record_hide(c, found);
}

static bool fetch(struct call *c, struct rows *r, const struct kind *k, str ref, void **out)
{
	*out = rows_next(r) ? row_record(c, k, r) : NULL;
	return rows_done(r) && show(c, ref, *out);
}

bool kind_get(struct call *c, const struct kind *k, str ref, void **out)
{
	const struct kind_sql *s = kind_sql(k);
	struct rows r;

	if (c->at_us == TIME_NONE)
		db_query(c->db, &r, db_built(SQL_CLASS_READ, s->get), V(ref));
	else
		db_query(c->db, &r, db_built(SQL_CLASS_READ, s->get_at), V(ref), V(c->at_us));
	return fetch(c, &r, k, ref, out);
}

bool kind_get_rev(struct call *c, const struct kind *k, str ref, int64_t rev, void **out)
{
	struct rows r;

	db_query(c->db, &r, db_built(SQL_CLASS_READ, kind_sql(k)->get_rev), V(ref), V(rev));
	struct rec *found = rows_next(&r) ? row_record(c, k, &r) : NULL;
	if (!rows_done(&r) || (!found && !pending_revision(c, k, ref, rev, &found)))
		return false;
	*out = found;
	return show(c, ref, found);
}

bool revision_before(struct call *c, const struct rec *rec, struct rec **out)
{
	struct rows r;

	db_query(c->db, &r, db_built(SQL_CLASS_READ, kind_sql(rec->kind)->get_before), V(rec->ref),
		V(rec->rev));
	*out = rows_next(&r) ? row_record(c, rec->kind, &r) : NULL;
	return rows_done(&r) && c->err.code == ERR_NONE;
}

bool kind_get_before(struct call *c, const struct rec *rec, void **out)
{
	struct rec *found;

	if (!pending_before(c, rec, &found))
		return false;
	*out = found;
	return !found || show(c, rec->ref, found);
}

bool kind_get_any(struct call *c, str ref, struct rec **out)
{
	const struct kind *k = kind_of_ref(c, ref);
	void *rec = NULL;

	if (!k)
		return FAIL(&c->err, ERR_MISSING, "there is no %.*s", STR_ARG(ref));
	bool ok = kind_get(c, k, ref, &rec);
	*out = rec;
	return ok;
}

bool kind_history(
	struct call *c, const struct kind *k, str ref, struct revision **out, isize *count)
{
	enum { REVISIONS_MAX = 1000 };
	struct rows r;

	struct standing now;

	*out = NEW(c->arena, struct revision, REVISIONS_MAX);
	*count = 0;
	if (!standing_load(c, k, ref, &now) || !standing_seen(c, &now))
		return FAIL(&c->err, ERR_MISSING, "there is no %.*s", STR_ARG(ref));
	db_query(c->db, &r, db_built(SQL_CLASS_READ, kind_sql(k)->history), V(ref));
	while (rows_next(&r)) {
		struct revision *v = &(*out)[(*count)++];
		int state = kind_state(k, rows_str(&r, 4));
		v->rev = rows_int(&r, 0);
		v->since = rows_int(&r, 1);
		v->by = str_dup(c->arena, rows_str(&r, 2));
		v->why = str_dup(c->arena, rows_str(&r, 3));
		v->state = state >= 0 ? k->state[state].label : S("");
		v->is_pending = rows_int(&r, 5) != 0;
	}
	return rows_done(&r);
}
