/*
 * What the flows of the management system ask for and a declaration cannot say.
 *
 * Each function is named by a `check=` in kinds/.  It is given the record before a move; when the
 * move may not happen it adds issues that say what to do and returns false.  The clauses are those
 * of ISO 28000:2022 unless another source is named.
 */
#include "call/call.h"
#include "kind/kind.h"
#include "kinds.h"

static bool is_done(str text)
{
	return str_trim(text).n > 0;
}

/* 8.4: changes of the named classes are looked at for risks before they are approved. */
bool change_risk_reviewed(struct call *c, const void *record)
{
	const struct change_ *x = record;
	int64_t today = day_of_time(c->now_us);

	if (x->risk_review == RISK_REVIEW_NOT_NEEDED) {
		if (is_done(x->risk_review_note))
			return true;
		return err_issue(
			&c->err, S("risk_review_note"), "say why no risk review is needed");
	}
	if (x->risk_review != RISK_REVIEW_DONE)
		return err_issue(&c->err, S("risk_review"),
			"the risks of this change must be reviewed before it is approved (ISO "
			"28000, 8.4)");
	if (x->risk_reviewed == DAY_NONE || x->risk_reviewed > today)
		return err_issue(&c->err, S("risk_reviewed"),
			"give the day of the risk review, today or before");
	return true;
}

/* 10.2: a corrective action passes the risk assessment before it is carried out, unless life or
   public safety was in danger; then the review follows by a date. */
bool action_risk_reviewed(struct call *c, const void *record)
{
	const struct action *x = record;

	if (x->type != ACTION_TYPE_CORRECTIVE && x->type != ACTION_TYPE_CORRECTION)
		return true;
	if (x->risk_review == RISK_REVIEW_DONE) {
		if (x->risk_reviewed != DAY_NONE && x->risk_reviewed <= day_of_time(c->now_us))
			return true;
		return err_issue(&c->err, S("risk_reviewed"),
			"give the day of the risk review, today or before");
	}
	if (x->risk_review == RISK_REVIEW_WAIVED) {
		bool whole =
			is_done(x->waiver) && x->waiver_by.n && x->waiver_review_due != DAY_NONE;
		return whole ||
			err_issue(&c->err, S("waiver"),
				"a waiver needs its reason, who gave it, and when the risk review "
				"follows");
	}
	return err_issue(&c->err, S("risk_review"),
		"review the risks of this action before it starts, or have that waived because "
		"life was in "
		"danger (ISO 28000, 10.2)");
}

/* 10.2: cause, similar cases and effect are answered before a nonconformity is closed. */
bool finding_may_close(struct call *c, const void *record)
{
	const struct finding *x = record;

	if (x->grade != FINDING_GRADE_MAJOR && x->grade != FINDING_GRADE_MINOR)
		return true;
	if (!is_done(x->cause) && !is_done(x->no_cause_reason))
		err_issue(&c->err, S("cause"), "give the causes, or why none were sought");
	if ((x->similar == 0 || x->similar == ANSWER_UNKNOWN) && !is_done(x->similar_note))
		err_issue(&c->err, S("similar"), "say whether there are similar cases elsewhere");
	if (x->effective != EFFECTIVENESS_EFFECTIVE)
		err_issue(&c->err, S("effective"),
			"show that the action was effective, or keep the finding open");
	return c->err.code == ERR_NONE;
}

/* 8.6.5: no incident is closed while a temporary measure is still in place. */
bool incident_may_close(struct call *c, const void *record)
{
	const struct incident *x = record;

	for (isize i = 0; i < x->temporary.count; i++)
		if (x->temporary.item[i].removed == TIME_NONE)
			return err_issue(&c->err, S("temporary"),
				"the temporary measure \"%.*s\" is still in place (ISO 28000, "
				"8.6.5)",
				STR_ARG(x->temporary.item[i].what));
	return true;
}

/* 4.3: what a scope leaves out is decided, with a reason, before the scope takes effect. */
bool scope_exclusions_decided(struct call *c, const void *record)
{
	const struct scope *x = record;

	if (x->exclusions == 0)
		return err_issue(&c->err, S("exclusions"),
			"say whether something is left out: nothing, or as listed");
	if (x->exclusions == EXCLUSIONS_LISTED && x->exclusion.count == 0)
		return err_issue(&c->err, S("exclusion"), "list what is left out, and why");
	for (isize i = 0; i < x->exclusion.count; i++)
		if (!x->exclusion.item[i].decision.n)
			return err_issue(&c->err, S("exclusion"),
				"\"%.*s\" is left out without a decision",
				STR_ARG(x->exclusion.item[i].what));
	return true;
}

/* 9.3.2: the thirteen inputs, a to m. */
bool review_inputs_complete(struct call *c, const void *record)
{
	const struct review *x = record;
	uint32_t seen = 0;

	for (isize i = 0; i < x->input.count; i++)
		if (is_done(x->input.item[i].shown))
			seen |= 1u << x->input.item[i].letter;
	for (int letter = REVIEW_INPUT_A; letter <= REVIEW_INPUT_M; letter++)
		if (!(seen >> letter & 1))
			err_issue(&c->err, S("input"), "input %c of ISO 28000, 9.3.2, is missing",
				'a' + letter - REVIEW_INPUT_A);
	return c->err.code == ERR_NONE;
}

/* 7.5.2, and the duty that author and approver differ. */
bool document_author_differs(struct call *c, const void *record)
{
	const struct document *x = record;

	if (c->who.is_system)
		return true;
	if (x->author.n == 0)
		return err_issue(
			&c->err, S("author"), "name the author, who cannot be the approver");
	if (!str_eq(x->author, c->who.ref))
		return true;
	return err_issue(
		&c->err, S("author"), "the author cannot approve the document: ask somebody else");
}

/* 7.5.3: a disposal is told with its method and witness. */
bool document_may_dispose(struct call *c, const void *record)
{
	const struct document *x = record;

	return is_done(x->disposal) ||
		err_issue(
			&c->err, S("disposal"), "say how it is disposed of, and who witnesses it");
}

/* A decision that accepts something says by whom and until when it holds. */
bool decision_allowed(struct call *c, const void *record)
{
	const struct decision *x = record;

	if ((x->type == DECISION_TYPE_EXCEPTION || x->type == DECISION_TYPE_EXCLUSION) &&
		x->until == DAY_NONE)
		err_issue(&c->err, S("until"),
			"an exception or exclusion needs a day on which it expires");
	if (x->type == DECISION_TYPE_RISK_ACCEPTANCE && x->subject.count == 0)
		err_issue(&c->err, S("subject"), "name the risk that is accepted");
	return c->err.code == ERR_NONE;
}

/* ---- people ---- */

/* A role names those it cannot be held with, or they name it.  Both count as approved, like grants,
   and only where products and days of the two grants meet. */
static bool check_incompatible(struct call *c, const struct access_grant *x)
{
	struct rows r;

	if (!x->role.n)
		return true; /* there is no grant without one */
	db_query(c->db, &r,
		SQL("SELECT DISTINCT g.f_role FROM access_grant g JOIN role o ON o.ref = g.f_role"
		    " JOIN role n ON n.ref = $1 WHERE g.f_identity = $2 AND g.ref <> $3"
		    " AND g.state IN ('granted', 'reviewed') AND g.rev = (SELECT max(y.rev) FROM"
		    " access_grant y WHERE y.ref = g.ref"
		    " AND y.state IN ('granted', 'reviewed', 'revoked', 'refused'))"
		    " AND o.state = 'effective' AND o.rev = (SELECT max(y.rev) FROM role y"
		    " WHERE y.ref = o.ref AND y.state IN ('effective', 'retired'))"
		    " AND n.state = 'effective' AND n.rev = (SELECT max(y.rev) FROM role y"
		    " WHERE y.ref = n.ref AND y.state IN ('effective', 'retired'))"
		    " AND ($4 = '' OR g.f_scope IS NULL OR g.f_scope = '' OR g.f_scope = $4)"
		    " AND (g.f_until IS NULL OR g.f_until >= $5)"
		    " AND ($6 = 0 OR g.f_from IS NULL OR g.f_from <= $7)"
		    " AND (EXISTS (SELECT 1 FROM json_each(coalesce(n.f_incompatible, '[]'))"
		    " WHERE value = o.ref) OR EXISTS (SELECT 1 FROM"
		    " json_each(coalesce(o.f_incompatible, '[]')) WHERE value = n.ref))"
		    " ORDER BY 1 LIMIT 100"),
		V(x->role), V(x->identity), V(x->rec.ref), V(x->scope), V(x->from),
		V(x->until != DAY_NONE), V(x->until == DAY_NONE ? 0 : x->until));
	while (rows_next(&r))
		err_issue(&c->err, S("role"), "%.*s cannot be held together with %.*s",
			STR_ARG(x->role), STR_ARG(rows_str(&r, 0)));
	return rows_done(&r);
}

/* Conflicts of duty: nobody grants to themselves. */
bool grant_allowed(struct call *c, const void *record)
{
	const struct access_grant *x = record;

	if (!call_may(c, CAN_ACCESS_GRANT_APPROVE, x->scope))
		return false;
	if (str_eq(x->identity, c->who.ref))
		err_issue(&c->err, S("identity"), "nobody can grant a role to themselves");
	if (str_eq(x->requested_by, c->who.ref))
		err_issue(&c->err, S("requested_by"), "who asked for the grant cannot approve it");
	if (x->until != DAY_NONE && x->from != DAY_NONE && x->until < x->from)
		err_issue(&c->err, S("until"), "the grant ends before it begins");
	return check_incompatible(c, x) && c->err.code == ERR_NONE;
}

/* Who has a password signs in by its name until the next one: given to somebody else, a name would
   mean two people. */
bool person_may_change(struct call *c, const void *before, const void *after)
{
	const struct person *x = after;

	(void)before;
	if (!x->sign_in.n ||
		db_int(c->db,
			SQL("SELECT count(*) FROM credential WHERE sign_in = $1 AND person <> $2"),
			V(x->sign_in), V(x->rec.ref)) == 0)
		return db_ok(c->db);
	return err_issue(&c->err, S("sign_in"), "somebody else signs in as %.*s",
		STR_ARG(x->sign_in));
}

/* A role of a product is granted for that product. */
static bool grant_fits_role(struct call *c, const struct access_grant *x)
{
	struct rows r;
	str product = S("");

	db_query(c->db, &r, SQL("SELECT f_product FROM role WHERE ref = $1 AND until IS NULL"),
		V(x->role));
	if (rows_next(&r))
		product = str_dup(c->arena, rows_str(&r, 0));
	if (!rows_done(&r))
		return false;
	return product.n == 0 || str_eq(product, x->scope) ||
		err_issue(&c->err, S("scope"), "%.*s is a role of %.*s: grant it for that product",
			STR_ARG(x->role), STR_ARG(product));
}

static bool is_in_force(const struct rec *r)
{
	return r && r->kind->state[r->state].in_force;
}

/* Whether a revision comes into force, for the first time or in the place of another. */
static bool enters(const struct rec *was, const struct rec *is)
{
	return is_in_force(is) && (is->base || !is_in_force(was) || kind_is_revised(was, is));
}

/* Who writes a grant has the right to for its scope; who moves it, or puts what others wrote in
   force, may also have the one to approve. */
static bool may_decide(struct call *c, const struct access_grant *was, const struct access_grant *x)
{
	bool writes = !was || (kind_is_revised(was, x) && !is_in_force(&x->rec));

	return (!writes && call_could(c, CAN_ACCESS_GRANT_APPROVE, x->scope)) ||
		call_may(c, CAN_ACCESS_GRANT_WRITE, x->scope);
}

/*
 * A grant gives rights within its scope, whatever product its record belongs to: so it is written
 * by who has the right for that scope, before and after.  Nobody changes what they were granted
 * themselves; asking for a grant is free.
 */
bool grant_may_change(struct call *c, const void *before, const void *after)
{
	const struct access_grant *was = before, *x = after;

	if (!may_decide(c, was, x) || (was && !may_decide(c, x, was)))
		return false;
	if (was && (str_eq(was->identity, c->who.ref) || str_eq(x->identity, c->who.ref)))
		return FAIL(&c->err, ERR_DENIED,
			"nobody changes a grant of their own: ask somebody else");
	/* One that was made otherwise can be revised and revoked. */
	bool same = was && str_eq(was->scope, x->scope) && str_eq(was->role, x->role);
	return (same && !enters(was ? &was->rec : NULL, &x->rec)) || grant_fits_role(c, x);
}

/* A row for every grant of the role that gives its rights once the role is in force: scope, who. */
static bool judge_grants(struct call *c, const struct role *x)
{
	bool is_own = false, is_beyond = false;
	struct rows r;

	db_query(c->db, &r,
		SQL("SELECT g.f_scope, g.f_identity FROM access_grant g WHERE g.f_role = $1"
		    " AND g.state IN ('granted', 'reviewed') AND g.rev = (SELECT max(x.rev)"
		    " FROM access_grant x WHERE x.ref = g.ref"
		    " AND x.state IN ('granted', 'reviewed', 'revoked', 'refused'))"),
		V(x->rec.ref));
	while (rows_next(&r)) {
		is_beyond |= !call_could(c, CAN_ROLE_APPROVE, rows_str(&r, 0));
		is_own |= str_eq(rows_str(&r, 1), c->who.ref);
	}
	if (!rows_done(&r))
		return false;
	if (is_own)
		return FAIL(&c->err, ERR_DENIED,
			"nobody approves a role that they hold: ask somebody else");
	return !is_beyond ||
		FAIL(&c->err, ERR_DENIED,
			"%.*s is granted for more than the products you approve roles for",
			STR_ARG(x->rec.ref));
}

/* Approving a role gives rights to all who hold it: it is no way to give them to oneself, nor
   where the approver has no say. */
bool role_may_change(struct call *c, const void *before, const void *after)
{
	const struct role *was = before, *x = after;

	return !enters(was ? &was->rec : NULL, &x->rec) || judge_grants(c, x);
}

/* Who sits in a team, by name. */
static isize seats(struct call *c, const struct team *t, str **out)
{
	isize n = 0;

	*out = NEW(c->arena, str, t->seat.count * 2 + 2);
	(*out)[n++] = t->lead;
	(*out)[n++] = t->lead_alternate;
	for (isize i = 0; i < t->seat.count; i++) {
		(*out)[n++] = t->seat.item[i].holder;
		(*out)[n++] = t->seat.item[i].alternate;
	}
	return n;
}

static bool is_caller(const struct call *c, str name)
{
	bool is = str_eq(name, c->who.ref);

	for (isize i = 0; i < c->who.grant_count; i++)
		is |= str_eq(name, c->who.grant[i].role);
	return name.n && is;
}

/* A team is named by what its members may know, so nobody lets themselves in. */
bool team_may_change(struct call *c, const void *before, const void *after)
{
	str *had = NULL, *has;
	isize had_count = before ? seats(c, before, &had) : 0, n = seats(c, after, &has);

	for (isize i = 0; i < n; i++) {
		bool is_new = is_caller(c, has[i]);
		for (isize j = 0; j < had_count; j++)
			is_new &= !str_eq(has[i], had[j]);
		if (is_new)
			return FAIL(&c->err, ERR_DENIED,
				"nobody gives themselves, or a role of theirs, a seat in a team: "
				"have somebody else name %.*s",
				STR_ARG(has[i]));
	}
	return true;
}
