/* The threat model: the picture, what is in it, what is decided. */
#include "pages.h"
#include "threat/records/records.h"
#include "web/model/model_view.h"

bool model_is_judged(const struct model_view *v)
{
	return v->elements > 0 && v->open == 0 && v->triage->tally[TRIAGE_ASKED] == 0;
}

bool model_is_answered(const struct model_view *v)
{
	return v->controls > 0 && v->controls_shown == v->controls;
}

int64_t model_total_of(const struct model_view *v, str word, int class)
{
	const struct cover_cell *x = &v->cover.total[class];

	return str_eq(word, S("open"))        ? x->open
		: str_eq(word, S("question")) ? x->asked
					      : x->handled;
}

str model_waiting_url(const struct model_view *v, const struct triage_item *x)
{
	struct buf b;

	buf_init(&b, v->call->arena, 4096);
	buf_fmt(&b, "%.*s?show=%.*s", STR_ARG(scoped(&v->frame, S("/model/triage"))),
		STR_ARG(triage_place_word(x->place)));
	if (x->target.n && !str_eq(x->target, S("model"))) {
		buf_add(&b, S("&of="));
		html_query(&b, x->target);
	}
	return buf_str(&b);
}

/* What each element and flow has on its badge: what is open or asked, loud where it is open. */
static void count_badges(
	struct model_view *v, const struct model *m, struct badge *element, struct badge *flow)
{
	for (isize i = 0; i < v->cover.count; i++) {
		const struct cover_row *row = &v->cover.row[i];
		enum part_group g = part_group_of(row->part->kind);
		int32_t at =
			g == PART_INTERFACE ? row->part->from : model_find(m, g, row->part->id);
		struct badge *to = at == PART_NONE ? NULL
			: g == PART_FLOW           ? &flow[at]
						   : &element[at];
		for (int s = 0; to && s < COVER_STRIDE; s++) {
			to->count += row->cell[s].open + row->cell[s].asked;
			if (row->cell[s].open)
				to->tone = BADGE_BAD;
		}
	}
}

bool picture_or_words(struct call *c, bool drawn, str *svg)
{
	if (drawn || c->err.code != ERR_LIMIT)
		return drawn;
	err_clear(&c->err);
	*svg = S("<p>This is too large to be drawn as one picture. The lists hold all of it; the "
		 "<a href=\"/model/views\">views</a> draw parts of it.</p>");
	return true;
}

static bool print_diagram(
	struct call *c, const struct model *m, const struct picture *p, str *out)
{
	struct layout *layout;
	struct buf b;

	if (!layout_make(c->arena, &c->err, m, &layout))
		return false;
	buf_init(&b, c->arena, PAGE_BYTES);
	layout_print_svg(&b, c->arena, m, layout, p);
	if (b.full)
		return FAIL(&c->err, ERR_LIMIT, "the diagram is too large to draw");
	*out = buf_str(&b);
	return true;
}

bool model_svg(struct call *c, struct model_view *v, bool standalone, str picked, str *out)
{
	struct picture p = {.link = S("/"), .picked = picked, .standalone = standalone};
	const struct view *view;
	struct badge *element, *flow;
	struct model *m;

	if (!diagram_view(c, &view) || !model_from_records(c, view, &m))
		return false;
	element = NEW(c->arena, struct badge, m->of[PART_ELEMENT].count + 1);
	flow = NEW(c->arena, struct badge, m->of[PART_FLOW].count + 1);
	if (v) {
		v->zones = m->of[PART_ZONE].count;
		v->elements = m->of[PART_ELEMENT].count;
		v->flows = m->of[PART_FLOW].count;
		v->assets = m->of[PART_ASSET].count;
		count_badges(v, m, element, flow);
		p.element = element;
		p.flow = flow;
	}
	*out = S("");
	if (m->of[PART_ELEMENT].count == 0)
		return true;
	bool drawn = print_diagram(c, m, &p, out);
	return standalone ? drawn : picture_or_words(c, drawn, out);
}

/* The worst of what waits, and how much it is. */
static void choose_waiting(struct model_view *v)
{
	for (isize i = 0; i < v->triage->count; i++) {
		const struct triage_item *x = &v->triage->item[i];
		if (x->place != TRIAGE_OPEN && x->place != TRIAGE_AGAIN)
			continue;
		if (v->waiting_count < WAITING_SHOWN)
			v->waiting[v->waiting_count++] = x;
		v->open++;
	}
}

static bool load_triage(struct call *c, const struct request *q, struct model_view *v)
{
	struct triage *t;

	if (!triage_make(c, &t) || !triage_cover(c, t, q->product, &v->cover))
		return false;
	v->triage = t;
	choose_waiting(v);
	return true;
}

static bool load_threats(struct call *c, struct request *q, struct model_view *v)
{
	struct query query;
	struct list list;
	const struct kind *k = &kinds[KIND_THREAT];

	if (!list_query(c, q, k, &query) || !kind_list(c, k, &query, &v->threats.list))
		return false;
	query = (struct query){.limit = 2};
	if (!kind_list(c, &kinds[KIND_THREAT_MODEL], &query, &list))
		return false;
	v->record = list.count ? list.item[0] : NULL;
	return list_view_make(c, q, k, &v->threats);
}

bool web_model(struct call *c, struct request *q, struct http_reply *out)
{
	struct model_view *v = NEW(c->arena, struct model_view, 1);
	struct query query;
	str svg;

	v->call = c;
	if (str_eq(q->ending, S("svg"))) {
		if (!model_svg(c, NULL, true, S(""), &svg))
			return false;
		reply_file(out, S("image/svg+xml"), svg);
		return true;
	}
	if (q->ending.n)
		return list_query(c, q, &kinds[KIND_THREAT], &query) &&
			list_file(c, q, &kinds[KIND_THREAT], &query, out);
	if (!load_threats(c, q, v) || !load_triage(c, q, v) ||
		!model_svg(c, v, false, form_value(&q->query, S("pick")), &svg))
		return false;
	v->svg = html_trusted(svg);
	if (!control_evidence(c, q->product, &v->controls_shown, &v->controls) ||
		!frame_make(c, q, S("Threat model"), S("model"), &v->frame))
		return false;
	struct buf *b = reply_page(c, out);
	model_page_html(b, v);
	reply_done(out, b);
	return true;
}
