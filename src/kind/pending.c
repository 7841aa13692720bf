/*
 * Pending revisions: changes of what was approved, beside it.
 *
 * What is in force is not written over.  A change of its content opens a pending revision in the
 * state that kinds/ names; it is edited, sent to review and approved by the moves of its kind like
 * any record, and when it reaches what is in force, it takes that place.  Until then every list,
 * link, document and rule reads the tables of kinds, in which it is not.  There is one at a time.
 *
 * The table `pending` holds each as its canonical form.  Free fields, and those that the state in
 * force leaves open, have one value, that of the record: a pending revision is shown with them, and
 * saving it saves them there.  Revisions of both tables are counted together.  `began` is the first
 * of those that belong together, `base` what was in force when its text was last brought together
 * with that, `became` what it turned into.
 */
#include "kind/kind_in.h"

#include "base/json.h"

#include "ledger/ledger.h"

#define COLUMNS                                                                                    \
	"SELECT p.rev, p.began, p.base, p.since, p.until, p.by_actor, p.why, p.content, r.id"      \
	" FROM pending p JOIN record r ON r.ref = p.ref "

bool kind_has_pending(const struct kind *k)
{
	bool has = false;

	for (int i = 0; i < k->state_count; i++)
		has |= k->state[i].pending != 0;
	return has;
}

/* ---- reading ---- */

/* What is damaged here is no issue of whoever reads. */
static bool decode(struct call *c, struct rec *rec, str content)
{
	struct err before = c->err;
	const struct json *j;

	c->err = (struct err){.arena = c->arena};
	j = json_parse(c->arena, &c->err, content);
	bool ok = j && kind_json_decode(c, rec, j);
	rec->ref = json_text(j, S("ref"));
	rec->state = kind_state(rec->kind, json_text(j, S("state")));
	c->err = before;
	ok = ok && rec->state >= 0;
	rec->state = ok ? rec->state : 0;
	return ok;
}

static bool read_row(
	struct call *c, const struct kind *k, str ref, const struct rows *r, struct rec **out)
{
	struct rec *rec = kind_new(c->arena, k);
	str id = rows_blob(r, 8);

	*out = rec;
	if (!decode(c, rec, str_dup(c->arena, rows_str(r, 7))) || !str_eq(rec->ref, ref) ||
		id.n != (isize)sizeof rec->id)
		return FAIL(&c->err, ERR_TAMPERED,
			"the pending revision of %.*s is damaged in the store; run ward verify",
			STR_ARG(ref));
	memcpy(rec->id.b, id.p, sizeof rec->id);
	rec->rev = rows_int(r, 0);
	rec->began = rows_int(r, 1);
	rec->base = rows_int(r, 2);
	rec->since = rows_int(r, 3);
	rec->until = rows_is_null(r, 4) ? TIME_NONE : rows_int(r, 4);
	rec->by = str_dup(c->arena, rows_str(r, 5));
	rec->why = str_dup(c->arena, rows_str(r, 6));
	return true;
}

static bool take(
	struct call *c, const struct kind *k, str ref, struct rows *r, struct rec **out)
{
	*out = NULL;
	bool ok = !rows_next(r) || read_row(c, k, ref, r, out);
	return rows_done(r) && ok;
}

/* The one that is open, as it was written. */
static bool read_open(struct call *c, const struct kind *k, str ref, struct rec **out)
{
	struct rows r;

	*out = NULL;
	if (!kind_has_pending(k))
		return true;
	db_query(c->db, &r, SQL(COLUMNS "WHERE p.ref = $1 AND p.until IS NULL"), V(ref));
	return take(c, k, ref, &r, out);
}

bool pending_revision(
	struct call *c, const struct kind *k, str ref, int64_t rev, struct rec **out)
{
	struct rows r;

	db_query(c->db, &r, SQL(COLUMNS "WHERE p.ref = $1 AND p.rev = $2"), V(ref), V(rev));
	return take(c, k, ref, &r, out);
}

int64_t pending_newest(struct call *c, str ref)
{
	return db_int(c->db, SQL("SELECT max(rev) FROM pending WHERE ref = $1"), V(ref));
}

static bool read_base(struct call *c, const struct rec *pending, int64_t rev, struct rec **out)
{
	struct rows r;

	db_query(c->db, &r, db_built(SQL_CLASS_READ, kind_sql(pending->kind)->get_rev),
		V(pending->ref), V(rev));
	*out = rows_next(&r) ? row_record(c, pending->kind, &r) : NULL;
	return rows_done(&r) && c->err.code == ERR_NONE &&
		(*out || FAIL(&c->err, ERR_TAMPERED,
				 "what the pending revision of %.*s changes is gone; run ward "
				 "verify",
				 STR_ARG(pending->ref)));
}

bool pending_before(struct call *c, const struct rec *rec, struct rec **out)
{
	struct rows r;

	if (!kind_has_pending(rec->kind))
		return revision_before(c, rec, out);
	if (rec->base && rec->rev == rec->began)
		return read_base(c, rec, rec->base, out);
	if (rec->base)
		db_query(c->db, &r,
			SQL(COLUMNS "WHERE p.ref = $1 AND p.began = $2 AND p.rev < $3"
				    " ORDER BY p.rev DESC LIMIT 1"),
			V(rec->ref), V(rec->began), V(rec->rev));
	else
		db_query(c->db, &r, SQL(COLUMNS "WHERE p.ref = $1 AND p.became = $2"), V(rec->ref),
			V(rec->rev));
	return take(c, rec->kind, rec->ref, &r, out) &&
		(*out || revision_before(c, rec, out));
}

/* ---- beside what is in force ---- */

/* The fields that have one value are those of the record. */
static void lay_over(struct rec *rec, const struct rec *in_force)
{
	for (int i = 0; i < rec->kind->field_count; i++)
		if (!content_has(rec->kind, i, in_force->state))
			field_copy(rec, in_force, &rec->kind->field[i]);
}

/* Whether what is in force says something else than when the pending revision was begun from it. */
static bool find_overtaken(
	struct call *c, const struct rec *rec, const struct rec *in_force, bool *out)
{
	struct rec *base;

	*out = false;
	if (rec->base == in_force->rev)
		return true;
	if (!read_base(c, rec, rec->base, &base))
		return false;
	*out = content_differs(base, in_force, in_force->state);
	return true;
}

bool pending_get(struct call *c, const struct rec *in_force, struct rec **out)
{
	bool is_overtaken;
	struct rec *base;

	if (!read_open(c, in_force->kind, in_force->ref, out))
		return false;
	if (!*out)
		return true;
	if (!find_overtaken(c, *out, in_force, &is_overtaken))
		return false;
	if (is_overtaken) {
		if (!read_base(c, *out, (*out)->base, &base))
			return false;
		kind_merge(*out, base, in_force);
	} else {
		(*out)->base = in_force->rev;
	}
	lay_over(*out, in_force);
	return record_hide(c, *out);
}

/* Whether a revision is one of those that the pending one follows. */
static bool is_before(struct call *c, const struct rec *pending, int64_t rev, bool *out)
{
	*out = rev == pending->rev ||
		db_int(c->db,
			SQL("SELECT count(*) FROM pending WHERE ref = $1 AND began = $2"
			    " AND rev = $3"),
			V(pending->ref), V(pending->began), V(rev)) > 0;
	return db_ok(c->db);
}

bool pending_or_current(struct call *c, str ref, int64_t rev, struct rec **out)
{
	struct rec *pending;
	bool is_its = false;

	if (!kind_get_any(c, ref, out) || !pending_get(c, *out, &pending))
		return false;
	if (pending && !is_before(c, pending, rev, &is_its))
		return false;
	*out = is_its ? pending : *out;
	return true;
}

/* What is held in this state, and counts. */
static bool is_in_force(const struct kind *k, int state)
{
	return k->state[state].in_force && k->state[state].pending;
}

/* ---- writing ---- */

static bool close_open(struct call *c, str ref, int64_t became)
{
	return db_exec(c->db,
		SQL_CHANGE("UPDATE pending SET until = $1, became = $2"
			   " WHERE ref = $3 AND until IS NULL"),
		V(c->now_us), became ? V(became) : V_NULL, V(ref));
}

static bool insert(struct call *c, const struct rec *rec)
{
	struct buf content;

	buf_init(&content, c->arena, LIMIT_RECORD_BYTES);
	kind_json(&content, rec);
	if (content.full)
		return FAIL(&c->err, ERR_LIMIT, "the record is larger than %d bytes",
			LIMIT_RECORD_BYTES);
	return db_exec(c->db,
		SQL_CHANGE("INSERT INTO pending(ref, rev, began, base, became, since, until,"
			   " by_actor, why, state, content)"
			   " VALUES($1, $2, $3, $4, NULL, $5, NULL, $6, $7, $8, $9)"),
		V(rec->ref), V(rec->rev), V(rec->began), V(rec->base), V(rec->since), V(rec->by),
		V(rec->why), V(rec->kind->state[rec->state].name), V(buf_str(&content)));
}

/* The next of the pending revisions that belong together, or with `began` 0 the first. */
static bool write(struct call *c, struct rec *rec, const struct rec *before,
	const struct rec *in_force, str act)
{
	const struct kind *k = rec->kind;
	int64_t newest = pending_newest(c, rec->ref);

	if ((k->guard && !c->who.is_system && !k->guard(c, in_force, rec)) ||
		!hierarchy_keep(c, rec, in_force))
		return false;
	rec->rev = 1 + (newest > in_force->rev ? newest : in_force->rev);
	rec->began = rec->began ? rec->began : rec->rev;
	rec->base = in_force->rev;
	rec->since = c->now_us;
	rec->until = TIME_NONE;
	rec->by = c->who.ref;
	rec->why = c->reason;
	return close_open(c, rec->ref, 0) && insert(c, rec) &&
		log_revision(c, rec, before,
			str_fmt(c->arena, "%.*s.%.*s", STR_ARG(k->name), STR_ARG(act)));
}

/* Saves the fields that have one value, where the record is. */
static bool put_rest(struct call *c, const struct rec *rec, struct rec **in_force)
{
	const struct kind *k = rec->kind;
	struct rec *after = kind_copy(c->arena, k, *in_force);
	bool differs = false;

	for (int i = 0; i < k->field_count; i++) {
		if (content_has(k, i, (*in_force)->state) ||
			field_is_same(after, rec, &k->field[i]))
			continue;
		field_copy(after, rec, &k->field[i]);
		differs = true;
	}
	if (!differs)
		return true;
	if (!standing_keep(c, *in_force, after) ||
		!record_write(c, after, *in_force,
			str_fmt(c->arena, "%.*s.update", STR_ARG(k->name))))
		return false;
	*in_force = after;
	c->now_us++;
	return true;
}

bool pending_open(struct call *c, struct rec *rec, const struct rec *in_force)
{
	const struct kind *k = rec->kind;
	struct rec *now = kind_copy(c->arena, k, in_force), *open;

	if (!read_open(c, k, rec->ref, &open))
		return false;
	if (open)
		return FAIL(&c->err, ERR_CONFLICT,
			"%.*s has a pending revision already, %" PRId64
			", last written by %.*s: change that one, or withdraw it",
			STR_ARG(rec->ref), open->rev, STR_ARG(open->by));
	if (!put_rest(c, rec, &now))
		return false;
	rec->state = k->state[in_force->state].pending - 1;
	return write(c, rec, in_force, now, S("revise"));
}

/* The open one that `rec` was made from; a save in between shows as another number. */
static bool read_before(struct call *c, const struct rec *rec, struct rec **out)
{
	if (!read_open(c, rec->kind, rec->ref, out))
		return false;
	if (*out && (*out)->rev == rec->rev) {
		if (c->now_us <= (*out)->since)
			c->now_us = (*out)->since + 1;
		return true;
	}
	return FAIL(&c->err, ERR_CONFLICT,
		*out ? "the pending revision of %.*s was saved by somebody else: %" PRId64
		       " is not the latest, %" PRId64 " is"
		     : "%.*s has no pending revision %" PRId64 " any more",
		STR_ARG(rec->ref), rec->rev, *out ? (*out)->rev : 0);
}

bool pending_put(struct call *c, struct rec *rec, struct rec *in_force, str act)
{
	struct rec *before;

	if (!read_before(c, rec, &before))
		return false;
	if (!record_check(c, rec, act))
		return false;
	keep_hidden(rec, before);
	if (!rows_keep(c, rec, before) || !put_rest(c, rec, &in_force))
		return false;
	bool is_merged = before->base != in_force->rev &&
		content_differs(before, rec, in_force->state);
	rec->state = before->state;
	if (!is_merged && !content_differs(before, rec, in_force->state))
		return true;
	/* What was approved of it already is approved anew. */
	if (rec->kind->state[before->state].pending)
		rec->state = rec->kind->state[before->state].pending - 1;
	return write(c, rec, before, in_force, S("revise"));
}

/* Takes the place of what is in force: the content, and the state where that was a step behind. */
static bool enter(struct call *c, struct rec *rec, const struct rec *in_force)
{
	const struct kind *k = rec->kind;
	struct rec *after = kind_copy(c->arena, k, in_force);

	for (int i = 0; i < k->field_count; i++)
		if (content_has(k, i, in_force->state))
			field_copy(after, rec, &k->field[i]);
	after->hidden = false;
	if (!is_in_force(k, in_force->state))
		after->state = rec->state;
	c->now_us++;
	/* Before the entry, which vouches for both rows. */
	int64_t became = rec->rev + 1;
	if (!close_open(c, rec->ref, became) ||
		!record_write(c, after, in_force,
			str_fmt(c->arena, "%.*s.move", STR_ARG(k->name))))
		return false;
	assert(after->rev == became);
	memcpy(rec, after, (size_t)k->size);
	return true;
}

bool pending_move(struct call *c, struct rec *rec, int to)
{
	struct rec *in_force, *before;
	bool is_overtaken;

	if (!record_now(c, rec, 0, &in_force) || !read_before(c, rec, &before) ||
		!find_overtaken(c, rec, in_force, &is_overtaken))
		return false;
	keep_hidden(rec, before);
	bool enters = is_in_force(rec->kind, to) || to == in_force->state;
	if (is_overtaken)
		return FAIL(&c->err, ERR_CONFLICT,
			"%.*s was changed behind its pending revision: save the two together, and "
			"have that approved",
			STR_ARG(rec->ref));
	rec->state = to;
	if (!kind_check(c, rec) || !write(c, rec, before, in_force, S("move")))
		return false;
	return !enters || enter(c, rec, in_force);
}

/* ---- the end ---- */

static bool log_withdrawal(struct call *c, const struct rec *pending)
{
	struct buf body;

	buf_init(&body, c->arena, LIMIT_RECORD_BYTES);
	buf_fmt(&body, "{\"rev\":%" PRId64, pending->rev);
	if (c->reason.n) {
		buf_add(&body, S(",\"words\":"));
		json_put_string(&body, c->reason);
	}
	buf_char(&body, '}');
	return ledger_append(c,
		&(struct entry){.act = str_fmt(c->arena, "%.*s.withdraw",
					STR_ARG(pending->kind->name)),
			.object = str_fmt(c->arena, "pending:%.*s", STR_ARG(pending->ref)),
			.outcome = S("ok"),
			.body = buf_str(&body)});
}

bool pending_withdraw(struct call *c, struct rec *pending)
{
	struct rec *in_force, *open;

	if (!record_now(c, pending, pending->kind->can_write, &in_force) ||
		!read_before(c, pending, &open))
		return false;
	c->now_us++;
	return close_open(c, pending->ref, 0) && log_withdrawal(c, open);
}

/* With what it would change, a pending revision goes: nothing is in force any more that it could
   take the place of. */
bool pending_leave(struct call *c, const struct rec *in_force, int to)
{
	const struct kind *k = in_force->kind;
	struct rec *open;

	if (k->state[to].pending || !read_open(c, k, in_force->ref, &open))
		return c->err.code == ERR_NONE;
	return !open || (close_open(c, open->ref, 0) && log_withdrawal(c, open));
}
