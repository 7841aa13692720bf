/* Acceptance: of a residual risk, by whom; and whether plans and policies are whole enough. */
#include "call/call.h"
#include "kind/kind.h"
#include "kinds.h"

/* The row of the criteria in effect for the level of a rating. */
static bool level_row(struct call *c, const struct risk *r, const struct risk_model **model,
	const struct risk_model_acceptance **out)
{
	struct query q = {.limit = 1, .filter_count = 1, .filter = {{NULL, S("effective")}}};
	struct list list;
	str level = S("");

	*out = NULL;
	*model = NULL;
	if (!kind_list(c, &kinds[KIND_RISK_MODEL], &q, &list))
		return false;
	if (list.count == 0)
		return true;
	*model = list.item[0];
	for (isize i = 0; i < (*model)->cell.count; i++)
		if ((*model)->cell.item[i].severity == r->residual_severity &&
			(*model)->cell.item[i].exploitability == r->residual_exploitability)
			level = (*model)->cell.item[i].level;
	for (isize i = 0; i < (*model)->acceptance.count; i++)
		if (str_eq((*model)->acceptance.item[i].level, level))
			*out = &(*model)->acceptance.item[i];
	return true;
}

/* Whether the list of references ("R-PSL + R-QA", "R-A/R-B") names the role itself, not one whose
   reference only begins like it. */
static bool names_role(str roles, str role)
{
	while (roles.n) {
		isize end = 0;
		while (end < roles.n && str_index(S("+/,; "), roles.p[end]) < 0)
			end++;
		if (end && str_eq(str_part(roles, 0, end), role))
			return true;
		roles = str_part(roles, end + 1, roles.n);
	}
	return false;
}

/* Whether the caller holds one of the roles named, today. */
static bool holds_one(struct call *c, str roles, bool *out)
{
	struct rows r;

	*out = c->who.is_system;
	db_query(c->db, &r,
		SQL("SELECT f_role FROM access_grant WHERE until IS NULL AND f_identity = $1"
		    " AND state IN ('granted', 'reviewed') AND (f_from IS NULL OR f_from <= $2)"
		    " AND (f_until IS NULL OR f_until >= $2) ORDER BY ref LIMIT 64"),
		V(c->who.ref), V(day_of_time(c->now_us)));
	while (rows_next(&r))
		if (names_role(roles, rows_str(&r, 0)))
			*out = true;
	return rows_done(&r);
}

/* ISO 14971, 7 and 8; ISO 31000: a residual risk is accepted by the authority that the criteria
   name for its level, never above, and owner and acceptor differ above the lowest level. */
bool risk_may_accept(struct call *c, const void *record)
{
	const struct risk *r = record;
	const struct risk_model_acceptance *level;
	const struct risk_model *model;
	bool holds;

	if (!level_row(c, r, &model, &level))
		return false;
	if (!model)
		return err_issue(&c->err, S("criteria"), "there are no risk criteria in effect");
	if (!level)
		return err_issue(&c->err, S("residual_severity"),
			"the criteria have no level for this residual rating");
	if (!level->release)
		return err_issue(&c->err, S("residual_severity"),
			"the residual level is %.*s, which nobody may accept: reduce the risk "
			"further",
			STR_ARG(level->level));
	if (!holds_one(c, level->roles, &holds))
		return false;
	if (!holds)
		return err_issue(&c->err, S("owner"),
			"level %.*s is accepted by %.*s, a role you do not hold",
			STR_ARG(level->level), STR_ARG(level->roles));
	if (level->rank > 1 && str_eq(r->rec.owner, c->who.ref))
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
