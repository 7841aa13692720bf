/* The overview: where things stand, what needs me, what comes up. */
#include "kind/entry.h"
#include "pages.h"
#include "web/assurance/security_view.h"

/* Of the actions that the reader may see: how many are open, how many late, and how late. */
static bool load_actions(struct call *c, struct overview_view *v)
{
	const struct kind *k = &kinds[KIND_ACTION];
	const struct field *due = kind_field(k, S("due"));
	int64_t today = day_of_time(c->now_us);
	struct query q = {.limit = 1,
		.sort = due,
		.states = ~kind_finished(k)};
	struct list oldest;
	struct buf day;

	buf_init(&day, c->arena, 40);
	day_print(&day, today);
	if (!kind_tally(c, k, &q, &v->actions))
		return false;
	q.filter[q.filter_count++] =
		(struct filter){.field = due, .value = buf_str(&day), .is_below = true};
	if (!kind_list(c, k, &q, &oldest))
		return false;
	v->actions_late = oldest.total;
	if (oldest.count)
		v->oldest_days = today - ((const struct action *)oldest.item[0])->due;
	return true;
}

/* The next dates that records hold: exercises, gates, audits, actions. */
static bool load_coming(struct call *c, struct overview_view *v)
{
	struct rows r;

	db_query(c->db, &r,
		SQL("SELECT r.kind, r.ref, r.title, r.state, r.owner, r.product, r.classification,"
		    " r.review_due, r.changed, x.day FROM ("
		    " SELECT ref, f_due AS day FROM action WHERE until IS NULL"
		    " UNION ALL SELECT ref, f_due FROM decision WHERE until IS NULL"
		    " UNION ALL SELECT ref, review_due FROM record WHERE kind IN ('document', "
		    "'review')"
		    ") x JOIN record r ON r.ref = x.ref WHERE x.day >= $1"
		    " AND r.kind || ':' || r.state NOT IN (SELECT value FROM json_each($3))"
		    " AND (r.kind IN ('document', 'review')"
		    " OR r.kind || ':' || r.state NOT IN (SELECT value FROM json_each($2)))"
		    " ORDER BY x.day, r.ref LIMIT 1000"),
		V(day_of_time(c->now_us)), V(kind_finished_words(c->arena, false)),
		V(kind_finished_words(c->arena, true)));
	while (v->coming_count < COMING_MAX && rows_next(&r)) {
		struct coming *to = &v->coming[v->coming_count];
		if (!row_brief(c, &r, 0, &to->record))
			continue;
		to->day = rows_int(&r, BRIEF_COLUMNS);
		v->coming_count++;
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
	int64_t more;

	if (!risk_matrix(c, q->product, RISK_AFTER, &v->matrix) || !load_actions(c, v) ||
		!threats_undecided(c, q->product, &v->threats_open, &v->threats) ||
		!control_evidence(c, q->product, &v->controls_shown, &v->controls) ||
		!load_coming(c, v) || !readiness_summary(c, v->bar, BARS_MAX, &v->bar_count))
		return false;
	return !call_could_some(c, CAN_LEDGER_READ) ||
		entry_list(c, S(""), -1, ENTRIES_SHOWN, &v->entry, &v->entry_count, &more);
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
