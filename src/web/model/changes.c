/* What became of the recorded model between two times, and the model as a file. */
#include "changes_view.h"
#include "pages.h"
#include "threat/records/records.h"
#include "web/model/model_view.h"

/* ---- changes ---- */

static void add_line(struct change_line *list, isize *shown, isize *all, struct change_line line)
{
	if (*shown < CHANGES_SHOWN)
		list[(*shown)++] = line;
	++*all;
}

static void list_parts(struct call *c, struct changes_view *v)
{
	static const str signs[DIFF_SIGNS] = {
		S_INIT(""), S_INIT("Added"), S_INIT("Changed"), S_INIT("Removed")};

	v->part = NEW(c->arena, struct change_line, CHANGES_SHOWN);
	for (isize i = 0; i < v->diff.part_count; i++) {
		const struct part_diff *p = &v->diff.parts[i];
		const struct prop_diff *q = p->props;
		do {
			struct change_line line = {.sign = signs[p->sign]};
			if (v->part_lines < CHANGES_SHOWN)
				line.words = part_diff_words(c->arena, &v->diff, p, q);
			if (p->is)
				line.url = str_fmt(c->arena, "/%.*s", STR_ARG(p->is->id));
			add_line(v->part, &v->part_lines, &v->parts, line);
			q = q ? q->next : NULL;
		} while (q);
	}
}

static void list_threats(struct call *c, struct changes_view *v)
{
	static const str turns[TURN_COUNT] = {
		S_INIT("Open"), S_INIT("Asked"), S_INIT("Closed"), S_INIT("Gone")};

	v->threat = NEW(c->arena, struct change_line, CHANGES_SHOWN);
	for (isize i = 0; i < v->diff.threat_count; i++) {
		const struct threat_diff *t = &v->diff.threats[i];
		struct change_line line = {.sign = turns[t->turn]};
		if (v->threat_lines < CHANGES_SHOWN)
			line.words = threat_diff_words(c->arena, &v->diff, t);
		if (t->now)
			line.url = str_fmt(c->arena, "/%.*s", STR_ARG(t->now->part->id));
		add_line(v->threat, &v->threat_lines, &v->threats, line);
	}
}

static bool draw(struct call *c, const struct model_diff *d, bool standalone, str *out)
{
	struct buf b;

	*out = S("");
	if (d->is->of[PART_ELEMENT].count + d->was->of[PART_ELEMENT].count == 0)
		return true;
	buf_init(&b, c->arena, PAGE_BYTES);
	if (!diff_print_svg(&b, c->arena, &c->err, d, standalone))
		return false;
	*out = buf_view(&b);
	return !b.full || FAIL(&c->err, ERR_LIMIT, "the difference is too large to draw");
}

static bool draw_for(struct call *c, const struct request *q, const struct model_diff *d, str *svg)
{
	bool standalone = q->ending.n > 0, drawn = draw(c, d, standalone, svg);

	return standalone ? drawn : picture_or_words(c, drawn, svg);
}

bool web_changes(struct call *c, struct request *q, struct http_reply *out)
{
	struct changes_view *v = NEW(c->arena, struct changes_view, 1);
	str svg;

	if (q->ending.n && !str_eq(q->ending, S("svg")))
		return FAIL(&c->err, ERR_MISSING, "the changes come as .svg");
	v->call = c;
	v->from = form_value(&q->query, S("from"));
	v->to = form_value(&q->query, S("to"));
	if (!model_changes(c, &v->from, v->to, &v->diff) ||
		!draw_for(c, q, &v->diff, &svg))
		return false;
	if (q->ending.n) {
		reply_file(out, S("image/svg+xml"), svg);
		return true;
	}
	v->svg = html_trusted(svg);
	list_parts(c, v);
	list_threats(c, v);
	if (!frame_make(c, q, S("Changes of the model"), S("model"), &v->frame))
		return false;
	frame_crumb(&v->frame, S("Threat model"), S("/model"));
	struct buf *b = reply_page(c, out);
	changes_page_html(b, v);
	reply_done(out, b);
	return true;
}

/* ---- the model as a file ---- */

bool web_model_file(struct call *c, struct request *q, struct http_reply *out)
{
	static const struct {
		str word, type, ending;
	} formats[] = {{S_INIT("ward"), S_INIT("text/plain; charset=utf-8"), S_INIT(".ward")},
		{S_INIT("threat-dragon"), S_INIT("application/json"), S_INIT(".json")},
		{S_INIT("otm"), S_INIT("application/json"), S_INIT(".otm.json")},
		{S_INIT("tm-library"), S_INIT("application/json"), S_INIT(".tm.json")},
		{S_INIT("cyclonedx"), S_INIT("application/json"), S_INIT(".cdx.json")},
		{S_INIT("csv"), S_INIT("text/csv; charset=utf-8"), S_INIT(".csv")},
		{S_INIT("mermaid"), S_INIT("text/plain; charset=utf-8"), S_INIT(".mmd")},
		{S_INIT("dot"), S_INIT("text/plain; charset=utf-8"), S_INIT(".dot")}};
	str as = form_value(&q->query, S("as"));
	struct model *m;
	struct buf b;

	for (isize i = 0; i < COUNT_OF(formats); i++) {
		if (!str_eq(as.n ? as : S("ward"), formats[i].word))
			continue;
		buf_init(&b, c->arena, LIMIT_OUTPUT_BYTES);
		if (!model_recorded(c, &m) ||
			!model_export(c->arena, &c->err, m, formats[i].word, &b))
			return false;
		if (b.full)
			return FAIL(&c->err, ERR_LIMIT, "the model is too large for one file");
		reply_file(out, formats[i].type, buf_str(&b));
		http_reply_header(out, S("Content-Disposition"),
			str_fmt(c->arena, "inline; filename=\"model%.*s\"",
				STR_ARG(formats[i].ending)));
		return true;
	}
	return err_issue(&c->err, S("as"), "there is no format \"%.*s\"", STR_ARG(as));
}
