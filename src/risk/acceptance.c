/* Acceptance: of a residual risk, by whom; and whether plans and policies are whole enough. */
#include "call/call.h"
#include "ident/ident.h"
#include "kind/kind.h"
#include "kinds.h"
#include "risk/criteria.h"

enum { SIGNATURES_MAX = 200 };

/* A revision of a decision that was signed. */
struct signed_decision {
	str ref;
	int64_t rev;
};

/* Decisions that somebody else who holds `role` signed after the risk became what it is, and that
   are risk acceptances which name it: as a subject, or by a link that was there and still is.  That
   they are what was signed is for approval_holds() to say. */
static isize decisions_signed(
	struct call *c, const struct risk *r, str role, struct signed_decision *out)
{
	struct rows rows;
	isize n = 0;

	db_query(c->db, &rows,
		SQL("SELECT DISTINCT s.ref, s.rev FROM signature s"
		    " JOIN access_grant g ON g.f_identity = s.signer AND " GRANT_COUNTS
		    " JOIN role r ON r.ref = g.f_role AND " ROLE_COUNTS
		    " JOIN decision d ON d.ref = s.ref AND d.until IS NULL"
		    " WHERE g.f_role = $1 AND " COVERS_PRODUCT " AND s.signer <> $4 AND s.at >= $6"
		    " AND d.f_type = 'risk_acceptance' AND d.state IN ('decided', 'in_force')"
		    " AND (EXISTS (SELECT 1 FROM json_each(d.f_subject) x"
		    " WHERE json_extract(x.value, '$.record') = $5)"
		    " OR EXISTS (SELECT 1 FROM link l WHERE l.from_ref = d.ref"
		    " AND l.type = 'concerns' AND l.to_ref = $5 AND l.until IS NULL"
		    " AND l.since <= s.at))"
		    " ORDER BY s.ref DESC, s.rev DESC LIMIT 200"),
		V(role), V(day_of_time(c->now_us)), V(r->rec.product), V(c->who.ref), V(r->rec.ref),
		V(r->rec.since));
	while (n < SIGNATURES_MAX && rows_next(&rows))
		out[n++] = (struct signed_decision){
			str_dup(c->arena, rows_str(&rows, 0)), rows_int(&rows, 1)};
	return rows_done(&rows) ? n : 0;
}

/* Whether somebody else who holds `role` signed the risk as it stands, or after that a decision to
   accept it whose content is still what was signed. */
static bool signed_by_other(struct call *c, const struct risk *r, str role)
{
	struct signed_decision list[SIGNATURES_MAX];
	bool found = db_int(c->db,
			     SQL("SELECT count(*) FROM signature s"
				 " JOIN access_grant g ON g.f_identity = s.signer AND " GRANT_COUNTS
				 " JOIN role r ON r.ref = g.f_role AND " ROLE_COUNTS
				 " WHERE g.f_role = $1"
				 " AND " COVERS_PRODUCT " AND s.signer <> $4"
				 " AND s.ref = $5 AND s.rev = $6"),
			     V(role), V(day_of_time(c->now_us)), V(r->rec.product), V(c->who.ref),
			     V(r->rec.ref), V(r->rec.rev)) > 0;
	isize n = found ? 0 : decisions_signed(c, r, role, list);
	for (isize i = 0; i < n && !found; i++)
		if (!approval_holds(c, &kinds[KIND_DECISION], list[i].ref, list[i].rev, &found))
			return false;
	return found;
}

enum authority { NOT_HELD, NEEDS_OTHER, GIVEN };

/* One choice of roles, "R-PSL + R-QA" or without the sign: the caller holds one of them, others
   signed the rest.  Roles stand apart by blanks. */
static enum authority judge_choice(struct call *c, const struct risk *r, str choice, str *missing)
{
	enum authority found = NOT_HELD;
	str open = S("");

	for (str role; (role = str_word(&choice)).n;) {
		if (str_eq(role, S("+")))
			continue;
		if (found == NOT_HELD && call_holds(c, role, r->rec.product))
			found = GIVEN;
		else if (!signed_by_other(c, r, role))
			open = role;
	}
	if (found == NOT_HELD || !open.n)
		return found;
	*missing = open;
	return NEEDS_OTHER;
}

/* Whether the roles of a level, "R-CEO / R-PSL + R-QA", let the caller accept the risk now. */
static bool has_authority(struct call *c, const struct risk *r, str level, str roles)
{
	enum authority best = NOT_HELD;
	str missing = S(""), rest = roles;

	if (c->who.is_system)
		return true;
	while (rest.n && best != GIVEN) {
		enum authority found = judge_choice(c, r, str_cut(&rest, '/'), &missing);
		best = found > best ? found : best;
	}
	if (!db_ok(c->db))
		return false;
	if (best == NOT_HELD)
		return err_issue(&c->err, S("owner"),
			"level %.*s is accepted by %.*s, a role you do not hold", STR_ARG(level),
			STR_ARG(roles));
	if (best == NEEDS_OTHER)
		return err_issue(&c->err, S("owner"),
			"level %.*s needs a second signature: have %.*s decide a risk acceptance "
			"that "
			"concerns %.*s first",
			STR_ARG(level), STR_ARG(missing), STR_ARG(r->rec.ref));
	return true;
}

/* ISO 14971, 7 and 8; ISO 31000: a residual risk is accepted by the authority that the criteria
   name for its level, never above, and owner and acceptor differ above the lowest level: an owner
   may be a role, and then whoever holds it is the owner. */
bool risk_may_accept(struct call *c, const void *record)
{
	const struct risk *r = record;
	struct criteria_sets sets;

	if (!criteria_load(c, &sets))
		return false;
	const struct criteria *k = criteria_for(&sets, r->rec.product, r->criteria);
	const struct risk_level *level =
		criteria_level(k, r->residual_severity, r->residual_exploitability);
	if (!k->ref.n)
		return err_issue(&c->err, S("criteria"), "there are no risk criteria in effect");
	if (!level)
		return err_issue(&c->err, S("residual_severity"),
			"the criteria have no level for this residual rating");
	if (!level->release)
		return err_issue(&c->err, S("residual_severity"),
			"the residual level is %.*s, which nobody may accept: reduce the risk "
			"further",
			STR_ARG(level->name));
	if (!has_authority(c, r, level->name, level->roles))
		return false;
	if (level->rank > 1 && call_is(c, r->rec.owner, r->rec.product))
		return err_issue(&c->err, S("owner"),
			"above the lowest level the owner cannot accept the risk");
	return true;
}

static void need(struct call *c, str field, str value, const char *what)
{
	if (str_trim(value).n == 0)
		err_issue(&c->err, field, "a response plan needs %s (ISO 28000, 8.6.4)", what);
}

/* 8.6.4: what a plan of response holds before it takes effect. */
bool plan_complete(struct call *c, const void *record)
{
	const struct plan *p = record;

	if (p->type == PLAN_TYPE_PRODUCT_SECURITY)
		return true;
	need(c, S("purpose"), p->purpose, "its purpose");
	need(c, S("threshold"), p->threshold, "the threshold that activates it");
	need(c, S("activators"), p->activators, "who may activate it");
	need(c, S("communication"), p->communication, "its communication");
	need(c, S("stand_down"), p->stand_down, "how it is stood down");
	if (p->step.count == 0)
		err_issue(
			&c->err, S("step"), "a response plan needs its actions (ISO 28000, 8.6.4)");
	return c->err.code == ERR_NONE;
}

bool policy_is_valid(struct call *c, const void *record)
{
	const struct access_policy *p = record;

	if (p->validation == VALIDATION_VALID)
		return true;
	return err_issue(
		&c->err, S("validation"), "a policy takes effect only after it was found valid");
}
