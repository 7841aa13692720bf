/* The risk register with its matrix. */
#include "pages.h"
#include "web/assurance/security_view.h"

str risk_pair(struct call *c, const struct risk *r, enum risk_stage_shown stage)
{
	int64_t s = stage == RISK_BEFORE ? r->inherent_severity : r->residual_severity;
	int64_t e = stage == RISK_BEFORE ? r->inherent_exploitability : r->residual_exploitability;

	if (s == INT_NONE || e == INT_NONE)
		return S("");
	return str_fmt(c->arena, "S%" PRId64 " E%" PRId64, s, e);
}

str risk_cell_url(
	const struct frame *f, int severity, int exploitability, enum risk_stage_shown stage)
{
	const char *which = stage == RISK_BEFORE ? "inherent" : "residual";

	return str_fmt(f->call->arena, "%.*s?%s_severity=%d&%s_exploitability=%d%s",
		STR_ARG(scoped(f, S("/risks"))), which, severity, which, exploitability,
		stage == RISK_BEFORE ? "&stage=before" : "");
}

str scale_name(str label)
{
	return str_cut(&label, ':');
}

bool web_risks(struct call *c, struct request *q, struct http_reply *out)
{
	struct risks_view *v = NEW(c->arena, struct risks_view, 1);
	const struct kind *k = &kinds[KIND_RISK];
	struct query query;

	if (!list_query(c, q, k, &query))
		return false;
	if (q->ending.n)
		return list_file(c, q, k, &query, out);
	if (!kind_list(c, k, &query, &v->list.list))
		return false;
	v->call = c;
	v->stage =
		str_eq(form_value(&q->query, S("stage")), S("before")) ? RISK_BEFORE : RISK_AFTER;
	if (!risk_matrix(c, q->product, v->stage, &v->matrix) ||
		!list_view_make(c, q, k, &v->list) ||
		!frame_make(c, q, S("Risks"), S("risks"), &v->frame))
		return false;
	v->after_url = scoped(&v->frame, S("/risks"));
	v->before_url = str_fmt(c->arena, "%.*s?stage=before", STR_ARG(v->after_url));
	struct buf *b = reply_page(c, out);
	risks_page_html(b, v);
	reply_done(out, b);
	return true;
}
