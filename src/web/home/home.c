/* The overview: where things stand, what needs me, what comes up. */
#include "pages.h"
#include "web/assurance/security_view.h"

static bool load_actions(struct call *c, struct overview_view *v)
{
	int64_t today = day_of_time(c->now_us);
	struct rows r;

	db_query(c->db, &r,
		SQL("SELECT count(*), sum(CASE WHEN f_due < $1 THEN 1 ELSE 0 END),"
		    " min(CASE WHEN f_due < $1 THEN f_due END) FROM action WHERE until IS NULL"
		    " AND state NOT IN ('done', 'verified', 'effective', 'not_effective', 'closed',"
		    " 'dropped')"),
		V(today));
	if (rows_next(&r)) {
		v->actions = rows_int(&r, 0);
		v->actions_late = rows_int(&r, 1);
		v->oldest_days = v->actions_late ? today - rows_int(&r, 2) : 0;
	}
	return rows_done(&r);
}

/* The next dates that records hold: exercises, gates, audits, actions. */
static bool load_coming(struct call *c, struct overview_view *v)
{
	struct rows r;

	db_query(c->db, &r,
		SQL("SELECT r.kind, r.ref, r.title, r.owner, r.product, x.day FROM ("
		    " SELECT ref, f_due AS day FROM action WHERE until IS NULL"
		    " AND state NOT IN ('done', 'verified', 'effective', 'closed', 'dropped')"
		    " UNION ALL SELECT ref, f_due FROM decision WHERE until IS NULL AND state = "
		    "'proposed'"
		    " UNION ALL SELECT ref, review_due FROM record WHERE kind IN ('document', "
		    "'review')"
		    ") x JOIN record r ON r.ref = x.ref WHERE x.day >= $1 ORDER BY x.day, r.ref "
		    "LIMIT 40"),
		V(day_of_time(c->now_us)));
	while (v->coming_count < COMING_MAX && rows_next(&r)) {
		const struct kind *k = kind_by_name(rows_str(&r, 0));
		if (!k || !call_could(c, k->can_read, rows_str(&r, 4)))
			continue;
		struct coming *to = &v->coming[v->coming_count++];
		to->record.kind = k;
		to->record.ref = str_dup(c->arena, rows_str(&r, 1));
		to->record.title = str_dup(c->arena, rows_str(&r, 2));
		to->record.owner = str_dup(c->arena, rows_str(&r, 3));
		to->day = rows_int(&r, 5);
	}
	return rows_done(&r);
}

static str headline_of(struct call *c, const struct overview_view *v)
{
	if (v->matrix.criteria.ref.n == 0)
		return S("No risk criteria are in effect yet");
	if (v->matrix.above == 0)
		return S("No risk is above the line");
	if (v->matrix.above == 1)
		return S("One risk is above the line");
	return str_fmt(c->arena, "%" PRId64 " risks are above the line", v->matrix.above);
}

static bool load_all(struct call *c, struct request *q, struct overview_view *v)
{
	if (!risk_matrix(c, q->product, RISK_AFTER, &v->matrix) || !load_actions(c, v) ||
		!threats_undecided(c, q->product, &v->threats_open, &v->threats) ||
		!control_evidence(c, q->product, &v->controls_shown, &v->controls) ||
		!load_coming(c, v) || !readiness_summary(c, v->bar, BARS_MAX, &v->bar_count))
		return false;
	return !call_could(c, CAN_LEDGER_READ, S("")) ||
		ledger_list(c, S(""), -1, ENTRIES_SHOWN, &v->entry, &v->entry_count);
}

bool web_overview(struct call *c, struct request *q, struct http_reply *out)
{
	struct overview_view *v = NEW(c->arena, struct overview_view, 1);

	v->call = c;
	if (!load_all(c, q, v) || !frame_make(c, q, S("Overview"), S("overview"), &v->frame))
		return false;
	v->headline = headline_of(c, v);
	struct buf *b = reply_page(c, out);
	overview_page_html(b, v);
	reply_done(out, b);
	return true;
}
