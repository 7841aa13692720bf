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
	*out = (struct task){0};
	/* A role that is held for one product owns for its holder what belongs to that product. */
	if (!row_brief(c, r, 0, &out->record) ||
		!call_is(c, out->record.owner, out->record.product))
		return false;
	/* What is finished is looked at again, and not finished again. */
	out->verb = rows_int(r, BRIEF_COLUMNS + 1) ? S("Review") : verb_of(out->record.kind);
	out->due = rows_is_null(r, BRIEF_COLUMNS) ? DAY_NONE : rows_int(r, BRIEF_COLUMNS);
	out->is_late = day_is_past(out->due, day_of_time(c->now_us));
	return true;
}

/* The person and the roles they hold, as a JSON array: what any of them owns waits for them. */
static str owners(struct call *c)
{
	struct buf b;

	buf_init(&b, c->arena, LIMIT_RECORD_BYTES);
	buf_char(&b, '[');
	json_put_string(&b, c->who.ref);
	for (isize i = 0; i < c->who.grant_count; i++) {
		buf_char(&b, ',');
		json_put_string(&b, c->who.grant[i].role);
	}
	buf_char(&b, ']');
	return buf_str(&b);
}

bool task_list(struct call *c, struct task **out, isize *count)
{
	int64_t today = day_of_time(c->now_us);
	struct rows r;

	*out = NEW(c->arena, struct task, TASKS_MAX);
	*count = 0;
	db_query(c->db, &r,
		SQL("SELECT r.kind, r.ref, r.title, r.state, r.owner, r.product, r.classification,"
		    " r.review_due, r.changed,"
		    " CASE WHEN a.f_due IS NOT NULL AND NOT d.is_done THEN a.f_due"
		    " ELSE r.review_due END AS due, d.is_done"
		    " FROM (SELECT DISTINCT value AS owner FROM json_each($1)) o"
		    " JOIN record r ON r.owner = o.owner"
		    " JOIN (SELECT 0 AS is_done UNION ALL SELECT 1) d ON d.is_done ="
		    " (r.kind || ':' || r.state IN (SELECT value FROM json_each($3)))"
		    " LEFT JOIN action a ON a.ref = r.ref AND a.until IS NULL"
		    " WHERE (r.kind IN ('action', 'finding', 'decision') AND NOT d.is_done)"
		    " OR (r.review_due IS NOT NULL AND r.review_due < $2"
		    " AND r.kind || ':' || r.state NOT IN (SELECT value FROM json_each($4)))"
		    " ORDER BY due NULLS LAST, length(r.ref), r.ref LIMIT 10000"),
		V(owners(c)), V(today + 14), V(kind_finished_words(c->arena, false)),
		V(kind_finished_words(c->arena, true)));
	while (*count < TASKS_MAX && rows_next(&r))
		*count += add_row(c, &r, &(*out)[*count]);
	return rows_done(&r);
}
