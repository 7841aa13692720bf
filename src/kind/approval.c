/*
 * What was approved stays what was approved: what content is, who may be the second person, and the
 * legal hold.
 *
 * An approval is of content, not of a move.  So content in a state that somebody approved is not
 * written over: a change of it is a pending revision (pending.c), which takes the place of what was
 * approved when it is approved itself.  A sealed state takes no change at all.  Free fields (who
 * may see it, when it is looked at again) are not part of what is approved, nor is what a state
 * leaves open because it is filled in there.  And nobody is the second person for what they wrote
 * themselves since the last approval, whoever moved it.
 */
#include "kind/kind_in.h"

/* ---- content ---- */

bool content_has(const struct kind *k, int i, int state)
{
	if (k->field[i].is_free)
		return false;
	for (int n = 0; state >= 0 && n < k->state[state].open_count; n++)
		if (k->state[state].open[n] == i)
			return false;
	return true;
}

bool content_differs(const struct rec *before, const struct rec *after, int state)
{
	const struct kind *k = after->kind;

	for (int i = 0; i < k->field_count; i++)
		if (content_has(k, i, state) && !field_is_same(before, after, &k->field[i]))
			return true;
	return false;
}

bool kind_is_revised(const void *before, const void *after)
{
	return content_differs(before, after, ((const struct rec *)before)->state);
}

/* The label of a move that leads to where the content may change. */
static str way_on(const struct kind *k, int from)
{
	for (int i = 0; i < k->move_count; i++) {
		const struct state *to = &k->state[k->move[i].to];
		if (k->move[i].from == from && !to->in_force && !to->is_end && !to->is_sealed)
			return k->move[i].label;
	}
	return S("");
}

bool approval_keep(struct call *c, const struct rec *before, const struct rec *after)
{
	const struct kind *k = after->kind;
	const struct state *s = &k->state[before->state], *to = &k->state[after->state];
	bool stays = to->in_force || to->is_sealed || to->pending;
	str way = way_on(k, before->state);

	if (c->who.is_loader || !stays || (!s->is_sealed && !s->pending) ||
		!content_differs(before, after, before->state))
		return true;
	if (!way.n)
		return err_issue(&c->err, S("state"),
			"%.*s is \"%.*s\": what it says does not change any more",
			STR_ARG(after->ref), STR_ARG(s->label));
	return err_issue(&c->err, S("state"),
		"%.*s is \"%.*s\" and was approved as it stands: take \"%.*s\" first, change it, "
		"and have somebody else approve it again",
		STR_ARG(after->ref), STR_ARG(s->label), STR_ARG(way));
}

/* ---- the second person ---- */

/* In force or pending; NULL when there is none with that number. */
static bool load_revision(
	struct call *c, const struct kind *k, str ref, int64_t rev, struct rec **out)
{
	struct rows r;

	db_query(c->db, &r, db_built(SQL_CLASS_READ, kind_sql(k)->get_rev), V(ref), V(rev));
	*out = rows_next(&r) ? row_record(c, k, &r) : NULL;
	if (!rows_done(&r) || c->err.code)
		return false;
	return *out || pending_revision(c, k, ref, rev, out);
}

static bool is_approval(const struct kind *k, int from, int to)
{
	for (int i = 0; i < k->move_count; i++)
		if (k->move[i].from == from && k->move[i].to == to && k->move[i].second_person)
			return true;
	return false;
}

/* The revision that the last approval made, of those that `rec` comes from; 0: none was. */
static bool find_approval(struct call *c, struct rec *newer, int64_t *rev)
{
	struct rec *older;

	for (*rev = 0; newer; newer = older) {
		if (!pending_before(c, newer, &older))
			return false;
		if (older && is_approval(newer->kind, older->state, newer->state)) {
			*rev = newer->rev;
			return true;
		}
	}
	return true;
}

static bool is_author(const struct call *c, const struct rec *older, const struct rec *newer)
{
	return str_eq(newer->by, c->who.ref) && (!older || content_differs(older, newer, -1));
}

/* Whether the caller wrote any of it behind the revision `since`. */
static bool find_author(struct call *c, struct rec *newer, int64_t since, bool *found)
{
	struct rec *older;

	for (*found = false; newer && newer->rev > since && !*found; newer = older) {
		if (!pending_before(c, newer, &older))
			return false;
		*found = is_author(c, older, newer);
	}
	return true;
}

/* The same for what was filled in meanwhile beside a pending revision. */
static bool find_helper(struct call *c, struct rec *newer, int64_t since, bool *found)
{
	struct rec *older, *from;

	for (*found = false; newer && newer->rev > since && !*found; newer = older) {
		if (!revision_before(c, newer, &older) || !pending_before(c, newer, &from))
			return false;
		/* What came out of a pending revision is of those who wrote that. */
		*found = (!from || !from->base) && is_author(c, older, newer);
	}
	return true;
}

/* Who brought the record into its present state: the oldest revision of the newest run of it. */
static bool find_mover(struct call *c, const struct rec *rec, struct rec *newer, str *who)
{
	struct rec *older;

	for (*who = S(""); newer && newer->state == rec->state; newer = older) {
		*who = newer->by;
		if (!pending_before(c, newer, &older))
			return false;
	}
	return true;
}

bool approval_by_other(struct call *c, const struct rec *rec)
{
	struct rec *now, *in_force;
	bool wrote, helped;
	int64_t since;
	str who;

	if (!load_revision(c, rec->kind, rec->ref, rec->rev, &now) ||
		!record_now(c, rec, 0, &in_force) || !find_mover(c, rec, now, &who))
		return false;
	if (str_eq(who, c->who.ref))
		return FAIL(&c->err, ERR_DENIED,
			"this needs a second person: you brought %.*s to \"%.*s\" yourself",
			STR_ARG(rec->ref), STR_ARG(rec->kind->state[rec->state].label));
	if (c->who.is_system)
		return true;
	if (!find_approval(c, now, &since) || !find_author(c, now, since, &wrote) ||
		!find_helper(c, in_force, since, &helped))
		return false;
	return (!wrote && !helped) ||
		FAIL(&c->err, ERR_DENIED,
			"this needs a second person: you wrote part of %.*s since it was last "
			"approved",
			STR_ARG(rec->ref));
}

bool approval_holds_for(struct call *c, const struct rec *of, int64_t rev, bool *out)
{
	struct rec *then;

	if (!load_revision(c, of->kind, of->ref, rev, &then))
		return false;
	*out = then && !content_differs(then, of, then->state);
	return true;
}

bool approval_holds(struct call *c, const struct kind *k, str ref, int64_t rev, bool *out)
{
	struct rows r;

	db_query(c->db, &r, db_built(SQL_CLASS_READ, kind_sql(k)->get), V(ref));
	const struct rec *now = rows_next(&r) ? row_record(c, k, &r) : NULL;
	*out = false;
	return rows_done(&r) && c->err.code == ERR_NONE &&
		(!now || approval_holds_for(c, now, rev, out));
}

/* ---- the legal hold ---- */

/* Who took the last hold off: the writer of the oldest revision of the newest run without. */
static bool find_releaser(struct call *c, const struct rec *rec, str *who)
{
	struct rec *newer, *older;

	*who = S("");
	if (!record_now(c, rec, 0, &newer))
		return false;
	for (; newer; newer = older) {
		if (!revision_before(c, newer, &older))
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
