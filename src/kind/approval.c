/*
 * What was approved stays what was approved: seals, reopening, who may be the second person, and
 * the legal hold.
 *
 * An approval is of content, not of a move.  So content in a state that somebody approved does not
 * change behind the approval: a sealed state refuses it and names the move that opens the record;
 * a state that reopens takes it, and the record goes back to where it must be approved anew.  Free
 * fields (who may see it, when it is looked at again) are not part of what is approved.  And nobody
 * is the second person for what they wrote themselves since the last approval, whoever moved it.
 */
#include "kind/kind_in.h"

/* ---- content ---- */

static bool content_differs(struct arena *a, const struct rec *before, const struct rec *after)
{
	struct change *change;
	isize n = kind_diff(a, before, after, &change);

	for (isize i = 0; i < n; i++) {
		const struct field *f = kind_field(after->kind, change[i].field);
		/* The state is no field, and no content. */
		if (f && !f->is_free)
			return true;
	}
	return false;
}

/* The label of a move that leads to where the content may change. */
static str way_on(const struct kind *k, int from)
{
	for (int i = 0; i < k->move_count; i++) {
		const struct state *to = &k->state[k->move[i].to];
		if (k->move[i].from == from && !to->in_force && !to->is_end)
			return k->move[i].label;
	}
	return S("");
}

bool approval_keep(struct call *c, const struct rec *before, struct rec *after)
{
	const struct kind *k = after->kind;
	const struct state *s = &k->state[before->state];
	const struct state *to = &k->state[after->state];
	bool stays = to->in_force || to->is_sealed || to->reopens;

	if (c->who.is_system || !stays || (!s->is_sealed && !s->reopens) ||
		!content_differs(c->arena, before, after))
		return true;
	if (s->is_sealed)
		return err_issue(&c->err, S("state"),
			"%.*s is \"%.*s\" and was approved as it stands: take \"%.*s\" first, "
			"change "
			"it, and have somebody else approve it again",
			STR_ARG(after->ref), STR_ARG(s->label), STR_ARG(way_on(k, before->state)));
	after->state = s->reopens - 1;
	return true;
}

/* ---- the second person ---- */

static bool load_revision(
	struct call *c, const struct kind *k, str ref, int64_t rev, struct rec **out)
{
	struct rows r;

	db_query(c->db, &r, db_built(SQL_CLASS_READ, kind_sql(k)->get_rev), V(ref), V(rev));
	*out = rows_next(&r) ? row_record(c, k, &r) : NULL;
	return rows_done(&r) && c->err.code == ERR_NONE;
}

/* The one before it, NULL before the first. */
static bool load_older(
	struct call *c, const struct rec *rec, const struct rec *newer, struct rec **out)
{
	return load_revision(c, rec->kind, rec->ref, newer->rev - 1, out);
}

static bool is_approval(const struct kind *k, int from, int to)
{
	for (int i = 0; i < k->move_count; i++)
		if (k->move[i].from == from && k->move[i].to == to && k->move[i].second_person)
			return true;
	return false;
}

/* Whether the caller is an author since the last approval.  `*newer` walks back in time. */
static bool find_author(struct call *c, const struct rec *rec, struct rec *newer, bool *found)
{
	struct rec *older;

	for (*found = false; newer; newer = older) {
		if (!load_older(c, rec, newer, &older))
			return false;
		if (older && is_approval(rec->kind, older->state, newer->state))
			return true;
		if (str_eq(newer->by, c->who.ref) &&
			(!older || content_differs(c->arena, older, newer))) {
			*found = true;
			return true;
		}
	}
	return true;
}

/* Who brought the record into its present state: the oldest revision of the newest run of it. */
static bool find_mover(struct call *c, const struct rec *rec, struct rec *newer, str *who)
{
	struct rec *older;

	for (*who = S(""); newer && newer->state == rec->state; newer = older) {
		*who = newer->by;
		if (!load_older(c, rec, newer, &older))
			return false;
	}
	return true;
}

bool approval_by_other(struct call *c, const struct rec *rec)
{
	struct rec *now;
	bool wrote;
	str who;

	if (!load_revision(c, rec->kind, rec->ref, rec->rev, &now) ||
		!find_mover(c, rec, now, &who))
		return false;
	if (str_eq(who, c->who.ref))
		return FAIL(&c->err, ERR_DENIED,
			"this needs a second person: you brought %.*s to \"%.*s\" yourself",
			STR_ARG(rec->ref), STR_ARG(rec->kind->state[rec->state].label));
	if (c->who.is_system)
		return true;
	if (!find_author(c, rec, now, &wrote))
		return false;
	return !wrote ||
		FAIL(&c->err, ERR_DENIED,
			"this needs a second person: you wrote part of %.*s since it was last "
			"approved",
			STR_ARG(rec->ref));
}

bool approval_holds(struct call *c, const struct kind *k, str ref, int64_t rev, bool *out)
{
	struct rec *then;
	struct rows r;

	if (!load_revision(c, k, ref, rev, &then))
		return false;
	db_query(c->db, &r, db_built(SQL_CLASS_READ, kind_sql(k)->get), V(ref));
	const struct rec *now = rows_next(&r) ? row_record(c, k, &r) : NULL;
	*out = then && now && !content_differs(c->arena, then, now);
	return rows_done(&r);
}

/* ---- the legal hold ---- */

/* Who took the last hold off: the writer of the oldest revision of the newest run without. */
static bool find_releaser(struct call *c, const struct rec *rec, str *who)
{
	struct rec *newer, *older;

	*who = S("");
	if (!load_revision(c, rec->kind, rec->ref, rec->rev, &newer))
		return false;
	for (; newer; newer = older) {
		if (!load_older(c, rec, newer, &older))
			return false;
		if (older && older->legal_hold) {
			*who = newer->by;
			return true;
		}
	}
	return true;
}

bool approval_may_dispose(struct call *c, const struct rec *rec, int to)
{
	str who;

	if (!rec->kind->state[to].is_disposed)
		return true;
	if (rec->legal_hold)
		return err_issue(&c->err, S("legal_hold"),
			"%.*s is under a legal hold: it must not go to \"%.*s\"", STR_ARG(rec->ref),
			STR_ARG(rec->kind->state[to].label));
	if (c->who.is_system)
		return true;
	if (!find_releaser(c, rec, &who))
		return false;
	return !str_eq(who, c->who.ref) ||
		FAIL(&c->err, ERR_DENIED,
			"you took the legal hold off %.*s: somebody else disposes of it",
			STR_ARG(rec->ref));
}
