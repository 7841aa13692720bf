/* Traceability: the chains from threat to evidence, broken ones first; and readiness. */
#include "pages.h"
#include "web/assurance/security_view.h"

static void put_cell(struct buf *b, str s, bool last)
{
	bool quote = str_index(s, ',') >= 0 || str_index(s, '"') >= 0 || str_index(s, '\n') >= 0;

	if (quote)
		buf_char(b, '"');
	if (s.n && str_index(S("=+-@"), s.p[0]) >= 0)
		buf_char(b, '\'');
	for (isize i = 0; i < s.n; i++) {
		if (s.p[i] == '"')
			buf_char(b, '"');
		buf_char(b, s.p[i]);
	}
	if (quote)
		buf_char(b, '"');
	buf_add(b, last ? S("\r\n") : S(","));
}

static bool as_csv(struct call *c, const struct trace_view *v, struct http_reply *out)
{
	struct buf b;

	buf_init(&b, c->arena, LIMIT_OUTPUT_BYTES);
	buf_add(&b, S("threat,risk,control,requirement,test,evidence,state\r\n"));
	for (isize i = 0; i < v->shown; i++) {
		const struct chain *x = &v->chain[i];
		put_cell(&b, x->threat.ref, false);
		put_cell(&b, x->risk.ref, false);
		put_cell(&b, x->control.ref, false);
		put_cell(&b, x->requirement.ref, false);
		put_cell(&b, x->test.ref, false);
		put_cell(&b, x->evidence.ref, false);
		put_cell(&b, x->words.n ? x->words : S("whole"), true);
	}
	if (b.full)
		return FAIL(&c->err, ERR_LIMIT, "there are too many chains for one file");
	reply_file(out, S("text/csv; charset=utf-8"), buf_str(&b));
	return true;
}

bool web_trace(struct call *c, struct request *q, struct http_reply *out)
{
	struct trace_view *v = NEW(c->arena, struct trace_view, 1);
	struct chain_query wanted = {.product = q->product, .limit = CHAINS_SHOWN};
	bool csv = str_eq(q->ending, S("csv"));

	v->call = c;
	v->only_broken = form_value(&q->query, S("broken")).n > 0;
	if (q->ending.n && !csv)
		return FAIL(&c->err, ERR_MISSING, "the chains come as .csv");
	if (!page_read(c, q, &v->page))
		return false;
	wanted.only_broken = v->only_broken;
	wanted.from = csv ? 0 : (isize)(v->page - 1) * CHAINS_SHOWN;
	wanted.limit = csv ? TRACE_ROWS_MAX : CHAINS_SHOWN;
	if (!trace_chains(c, &wanted, &v->chain, &v->shown, &v->counts))
		return false;
	if (csv)
		return as_csv(c, v, out);
	v->count = (isize)(v->only_broken ? v->counts.broken : v->counts.chains);
	if (!frame_make(c, q, S("Traceability"), S("trace"), &v->frame))
		return false;
	v->csv_url = scoped(&v->frame, S("/trace.csv"));
	struct buf *b = reply_page(c, out);
	trace_page_html(b, v);
	reply_done(out, b);
	return true;
}

bool web_readiness(struct call *c, struct request *q, struct http_reply *out)
{
	struct readiness_view *v = NEW(c->arena, struct readiness_view, 1);

	v->call = c;
	if (!catalog_list(c, v->catalog, CATALOG_MAX, &v->count) ||
		!frame_make(c, q, S("Readiness"), S("readiness"), &v->frame))
		return false;
	struct buf *b = reply_page(c, out);
	readiness_page_html(b, v);
	reply_done(out, b);
	return true;
}

/* The rows of the page that the address asks for, of all or of what is not met. */
static bool choose_rows(struct call *c, const struct request *q, struct readiness_one_view *v)
{
	v->only_gaps = form_value(&q->query, S("gaps")).n > 0;
	if (!page_read(c, q, &v->page))
		return false;
	isize from = (isize)(v->page - 1) * READINESS_ROWS;
	for (isize i = 0; i < v->readiness.entry_count; i++) {
		const struct readiness_entry *e = &v->readiness.entry[i];
		if (v->only_gaps && e->state != READY_GAP && e->state != READY_PARTLY)
			continue;
		if (v->total >= from && v->shown < READINESS_ROWS)
			v->row[v->shown++] = e;
		v->total++;
	}
	v->page_url = str_fmt(c->arena, "/readiness/%.*s?%s", STR_ARG(v->readiness.bar.id),
		v->only_gaps ? "gaps=1" : "");
	return true;
}

bool web_readiness_one(struct call *c, struct request *q, struct http_reply *out)
{
	struct readiness_one_view *v = NEW(c->arena, struct readiness_one_view, 1);

	v->call = c;
	if (!readiness(c, q->arg[0], &v->readiness) || !choose_rows(c, q, v) ||
		!frame_make(c, q, v->readiness.bar.title, S("readiness"), &v->frame))
		return false;
	frame_crumb(&v->frame, S("Readiness"), S("/readiness"));
	struct buf *b = reply_page(c, out);
	readiness_one_page_html(b, v);
	reply_done(out, b);
	return true;
}
