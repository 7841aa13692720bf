/* Coverage: every part by every class of STRIDE, with what became of what was found. */
#include "pages.h"
#include "web/triage/coverage_view.h"

str cover_class_name(int class)
{
	static const str names[COVER_STRIDE] = {S_INIT("Spoofing"), S_INIT("Tampering"),
		S_INIT("Repudiation"), S_INIT("Information disclosure"),
		S_INIT("Denial of service"), S_INIT("Elevation of privilege")};

	return names[class];
}

str cover_state(const struct cover_cell *x)
{
	return x->open                 ? S("open")
		: x->asked             ? S("question")
		: x->handled           ? S("handled")
		: x->away || x->looked ? S("not applicable")
				       : S("");
}

int32_t cover_number(const struct cover_cell *x)
{
	return x->open + x->asked + x->handled;
}

str cover_words(const struct coverage_view *v, const struct cover_cell *x)
{
	const struct {
		int32_t n;
		const char *word;
	} say[] = {{x->open, "open"}, {x->asked, "to answer"}, {x->handled, "handled"},
		{x->away, "decided not to apply"}};
	struct buf b;

	buf_init(&b, v->call->arena, 200);
	for (int i = 0; i < COUNT_OF(say); i++)
		if (say[i].n)
			buf_fmt(&b, "%s%d %s", b.n ? ", " : "", say[i].n, say[i].word);
	if (b.n == 0)
		buf_add(&b, x->looked ? S("looked at, does not apply") : S("no rule looks here"));
	return buf_str(&b);
}

str cover_url(
	const struct coverage_view *v, const struct cover_row *row, const struct cover_cell *x)
{
	enum triage_place place = x->open ? TRIAGE_OPEN : x->asked ? TRIAGE_ASKED : TRIAGE_DECIDED;
	struct buf b;

	if (x->open + x->asked + x->handled + x->away == 0)
		return S("");
	buf_init(&b, v->call->arena, 4096);
	if (x->open + x->asked + x->away == 0 && x->handled == x->by_model) {
		buf_add(&b, S("/model/edit#"));
		html_query(&b, row->part->id);
		return buf_str(&b);
	}
	buf_fmt(&b, "%.*s?show=%.*s&of=", STR_ARG(scoped(&v->frame, S("/model/triage"))),
		STR_ARG(triage_place_word(place)));
	html_query(&b, row->part->id);
	return buf_str(&b);
}

static bool as_csv(struct call *c, const struct coverage_view *v, struct http_reply *out)
{
	struct buf b;

	buf_init(&b, c->arena, LIMIT_OUTPUT_BYTES);
	buf_add(&b, S("part,title"));
	for (int s = 0; s < COVER_STRIDE; s++)
		buf_fmt(&b, ",%.*s", STR_ARG(cover_class_name(s)));
	buf_add(&b, S("\r\n"));
	for (isize i = 0; i < v->cover.count; i++) {
		const struct cover_row *row = &v->cover.row[i];
		csv_put(&b, row->part->id);
		buf_char(&b, ',');
		csv_put(&b, part_title(row->part));
		for (int s = 0; s < COVER_STRIDE; s++) {
			buf_char(&b, ',');
			csv_put(&b, cover_words(v, &row->cell[s]));
		}
		buf_add(&b, S("\r\n"));
	}
	if (b.full)
		return FAIL(&c->err, ERR_LIMIT, "the coverage is too large for one file");
	reply_file(out, S("text/csv; charset=utf-8"), buf_str(&b));
	return true;
}

static bool choose_page(struct call *c, const struct request *q, struct coverage_view *v)
{
	if (!page_read(c, q, &v->page))
		return false;
	isize from = (isize)(v->page - 1) * COVER_ROWS;
	if (from > v->cover.count)
		from = v->cover.count;
	v->row = v->cover.row + from;
	v->shown = v->cover.count - from < COVER_ROWS ? v->cover.count - from : COVER_ROWS;
	return true;
}

bool web_coverage(struct call *c, struct request *q, struct http_reply *out)
{
	struct coverage_view *v = NEW(c->arena, struct coverage_view, 1);
	struct triage *t;

	if (q->ending.n && !str_eq(q->ending, S("csv")))
		return FAIL(&c->err, ERR_MISSING, "the coverage comes as .csv");
	v->call = c;
	if (!triage_make(c, &t) || !triage_cover(c, t, q->product, &v->cover))
		return false;
	v->triage = t;
	if (q->ending.n)
		return as_csv(c, v, out);
	if (!choose_page(c, q, v) || !frame_make(c, q, S("Coverage"), S("model"), &v->frame))
		return false;
	v->page_url = str_fmt(c->arena, "%.*s?", STR_ARG(scoped(&v->frame, S("/model/coverage"))));
	frame_crumb(&v->frame, S("Threat model"), scoped(&v->frame, S("/model")));
	struct buf *b = reply_page(c, out);
	coverage_page_html(b, v);
	reply_done(out, b);
	return true;
}
