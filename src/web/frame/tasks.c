/* What waits for somebody: reviews that are due, actions, decisions, findings they own. */
#include "web/web_in.h"

enum { TASKS_MAX = 100 };

static str verb_of(const struct kind *k)
{
	switch (k->id) {
	case KIND_ACTION:
		return S("Finish");
	case KIND_FINDING:
		return S("Close");
	case KIND_DECISION:
		return S("Decide");
	case KIND_RISK:
		return S("Decide on");
	default:
		return S("Review");
	}
}

static bool add_row(struct call *c, const struct rows *r, struct task *out)
{
	const struct kind *k = kind_by_name(rows_str(r, 0));

	if (!k || !call_could(c, k->can_read, rows_str(r, 5)))
		return false;
	int state = kind_state(k, rows_str(r, 3));
	*out = (struct task){.record = {.kind = k}, .verb = verb_of(k)};
	out->record.ref = str_dup(c->arena, rows_str(r, 1));
	out->record.title = str_dup(c->arena, rows_str(r, 2));
	out->record.state = state >= 0 ? k->state[state].label : S("");
	out->record.owner = str_dup(c->arena, rows_str(r, 4));
	out->due = rows_is_null(r, 6) ? DAY_NONE : rows_int(r, 6);
	out->is_late = out->due != DAY_NONE && out->due < day_of_time(c->now_us);
	return true;
}

bool task_list(struct call *c, struct task **out, isize *count)
{
	int64_t today = day_of_time(c->now_us);
	struct rows r;

	*out = NEW(c->arena, struct task, TASKS_MAX);
	*count = 0;
	/* What a role owns waits for those who hold it today. */
	db_query(c->db, &r,
		SQL("SELECT r.kind, r.ref, r.title, r.state, r.owner, r.product,"
		    " CASE WHEN a.f_due IS NOT NULL THEN a.f_due ELSE r.review_due END AS due"
		    " FROM (SELECT CAST($1 AS TEXT) AS owner UNION SELECT f_role FROM access_grant"
		    " WHERE until IS NULL AND f_identity = $1 AND f_role IS NOT NULL"
		    " AND (f_from IS NULL OR f_from <= $2) AND (f_until IS NULL OR f_until >= $2)) "
		    "o"
		    " JOIN record r ON r.owner = o.owner"
		    " LEFT JOIN action a ON a.ref = r.ref AND a.until IS NULL"
		    " WHERE ((r.kind = 'action' AND r.state NOT IN ('done', 'verified', "
		    "'effective',"
		    " 'not_effective', 'closed'))"
		    " OR (r.kind = 'finding' AND r.state <> 'closed')"
		    " OR (r.kind = 'decision' AND r.state = 'proposed')"
		    " OR (r.review_due IS NOT NULL AND r.review_due < $3))"
		    " ORDER BY due NULLS LAST, length(r.ref), r.ref LIMIT 100"),
		V(c->who.ref), V(today), V(today + 14));
	while (*count < TASKS_MAX && rows_next(&r))
		*count += add_row(c, &r, &(*out)[*count]);
	return rows_done(&r);
}
