/* The threat model: the picture, what is in it, what is decided. */
#include "pages.h"
#include "threat/records.h"
#include "web/model_view.h"

/* What each element and flow has on its badge: threats that target it, those undecided. */
static void count_badges(
	struct model_view *v, const struct model *m, struct badge *element, struct badge *flow)
{
	for (isize i = 0; i < v->coverage.count; i++) {
		const struct coverage_row *row = &v->coverage.row[i];
		int32_t at = model_find(m, PART_ELEMENT, row->record.ref);
		struct badge *to = at != PART_NONE ? &element[at] : NULL;
		if (!to) {
			at = model_find(m, PART_FLOW, row->record.ref);
			to = at != PART_NONE ? &flow[at] : NULL;
		}
		if (!to)
			continue;
		for (int n = 0; n < TRACE_STRIDE; n++) {
			to->count += (int32_t)(row->cell[n].open + row->cell[n].handled);
			if (row->cell[n].open)
				to->tone = BADGE_BAD;
		}
	}
}

bool model_svg(struct call *c, struct model_view *v, bool standalone, str picked, str *out)
{
	struct picture p = {.link = S("/"), .picked = picked, .standalone = standalone};
	const struct view *view;
	struct badge *element, *flow;
	struct layout *layout;
	struct model *m;
	struct buf b;

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
	if (!layout_make(c->arena, &c->err, m, &layout))
		return false;
	buf_init(&b, c->arena, PAGE_BYTES);
	layout_print_svg(&b, c->arena, m, layout, &p);
	if (b.full)
		return FAIL(&c->err, ERR_LIMIT, "the diagram is too large to draw");
	*out = buf_str(&b);
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
	str svg;

	v->call = c;
	if (str_eq(q->ending, S("svg"))) {
		if (!model_svg(c, NULL, true, S(""), &svg))
			return false;
		reply_file(out, S("image/svg+xml"), S(""), svg);
		return true;
	}
	if (!load_threats(c, q, v) || !trace_coverage(c, q->product, &v->coverage) ||
		!model_svg(c, v, false, form_value(&q->query, S("pick")), &svg))
		return false;
	if (q->ending.n)
		return list_file(c, q, &kinds[KIND_THREAT], &v->threats.list, out);
	v->svg = html_trusted(svg);
	if (!threats_undecided(c, q->product, &v->open, &v->applying) ||
		!control_evidence(c, q->product, &v->controls_shown, &v->controls) ||
		!frame_make(c, q, S("Threat model"), S("model"), &v->frame))
		return false;
	struct buf *b = reply_page(c, out);
	model_page_html(b, v);
	reply_done(out, b);
	return true;
}
