/* Architecture views: pictures of a part of the model, with what is said of each path in them. */
#include "pages.h"
#include "threat/model/view.h"
#include "threat/records/records.h"
#include "web/model/model_view.h"

static const struct {
	str word, title, about;
	int type;
} generated[] = {{S_INIT("global"), S_INIT("Global system"),
			 S_INIT("Everything: each zone, element and flow."), VIEW_TYPE_GLOBAL},
	{S_INIT("multi-patient"), S_INIT("Multi-patient harm"),
		S_INIT("How what many devices share can make them harm their patients: the ways of "
		       "commands, software and safety data from what is shared to the devices."),
		VIEW_TYPE_MULTI_PATIENT},
	{S_INIT("update"), S_INIT("Updates and patches"),
		S_INIT("The ways of new software, from its origin to the device."),
		VIEW_TYPE_UPDATE}};
static_assert(VIEW_UPDATE + 1 == COUNT_OF(generated), "architecture views");

/* ---- what a view shows ---- */

static bool choose_depicted(
	struct call *c, const struct model *m, str ref, struct view_choice *choice)
{
	struct link *link;
	isize count;
	int32_t at;

	if (!link_list(c, ref, &link, &count))
		return false;
	for (isize i = 0; i < count; i++) {
		if (!link[i].outgoing || !str_eq(link[i].type, S("depicts")))
			continue;
		if ((at = model_find(m, PART_ELEMENT, link[i].to)) != PART_NONE)
			choice->element[at] = true;
		else if ((at = model_find(m, PART_FLOW, link[i].to)) != PART_NONE)
			choice->flow[at] = true;
	}
	return true;
}

/* By the word of a generated view or the reference of a record. */
static bool choose(struct call *c, str name, const struct model *m, struct architecture_page *v,
	struct view_choice *choice)
{
	enum architecture_view which;
	void *rec = NULL;

	if (!view_choice_make(c->arena, &c->err, m, choice))
		return false;
	if (view_parse(name, &which)) {
		v->title = generated[which].title;
		v->about = generated[which].about;
		view_choose(m, which, choice);
		if (!view_of_type(c, generated[which].type, &v->record))
			return false;
	} else {
		if (!kind_get(c, &kinds[KIND_VIEW], name, &rec))
			return false;
		v->record = rec;
		v->title = v->record->rec.title;
	}
	return !v->record || choose_depicted(c, m, v->record->rec.ref, choice);
}

static bool draw(struct call *c, const struct model *m, bool standalone, str *out)
{
	struct picture p = {.link = S("/"), .picked = S(""), .standalone = standalone};
	struct layout *layout;
	struct buf b;

	*out = S("");
	if (m->of[PART_ELEMENT].count == 0)
		return true;
	if (!layout_make(c->arena, &c->err, m, &layout))
		return false;
	buf_init(&b, c->arena, PAGE_BYTES);
	layout_print_svg(&b, c->arena, m, layout, &p);
	*out = buf_view(&b);
	return !b.full || FAIL(&c->err, ERR_LIMIT, "the view is too large to draw");
}

/* ---- paths: what reviewers ask about each (Appendix 2 of the guidance) ---- */

static bool is_asked(const struct field *f)
{
	return !f->is_envelope && f->type != FIELD_ROWS && f->type != FIELD_FLAG &&
		!str_eq(f->name, S("model")) && !str_eq(f->name, S("external_id"));
}

static void count_told(const struct flow *f, struct path_row *out)
{
	const struct kind *k = f->rec.kind;

	for (int i = 0; i < k->field_count; i++)
		if (is_asked(&k->field[i])) {
			out->asked++;
			out->told += !kind_is_empty(f, &k->field[i]);
		}
}

static bool load_paths(struct call *c, const struct model *m, struct architecture_page *v)
{
	const struct parts *flows = &m->of[PART_FLOW];
	struct query q = {.limit = LIMIT_LIST_ROWS};
	struct list list;

	v->path = NEW(c->arena, struct path_row, flows->count + 1);
	if (!call_could_some(c, CAN_FLOW_READ))
		return true;
	if (!kind_list(c, &kinds[KIND_FLOW], &q, &list))
		return false;
	for (isize i = 0; i < list.count && v->path_count < flows->count; i++) {
		const struct flow *f = list.item[i];
		int32_t at = model_find(m, PART_FLOW, f->rec.ref);
		if (at == PART_NONE)
			continue;
		struct path_row *row = &v->path[v->path_count++];
		const struct part *ends = m->of[PART_ELEMENT].list;
		row->flow = f;
		row->from = part_title(&ends[flows->list[at].from]);
		row->to = part_title(&ends[flows->list[at].to]);
		count_told(f, row);
	}
	return true;
}

/* ---- pages ---- */

bool web_view(struct call *c, struct request *q, struct http_reply *out)
{
	struct architecture_page *v = NEW(c->arena, struct architecture_page, 1);
	struct view_choice choice;
	struct model *m, *part;
	str svg;

	if (q->ending.n && !str_eq(q->ending, S("svg")))
		return FAIL(&c->err, ERR_MISSING, "a view comes as .svg");
	v->call = c;
	v->name = q->arg[0];
	if (!model_from_records(c, NULL, &m) || !choose(c, q->arg[0], m, v, &choice) ||
		!view_model(c->arena, &c->err, m, &choice, &part))
		return false;
	part->name = v->title;
	bool drawn = draw(c, part, q->ending.n > 0, &svg);
	if (q->ending.n ? !drawn : !picture_or_words(c, drawn, &svg))
		return false;
	if (q->ending.n) {
		reply_file(out, S("image/svg+xml"), svg);
		return true;
	}
	v->svg = html_trusted(svg);
	v->elements = part->of[PART_ELEMENT].count;
	if (!load_paths(c, part, v) || !frame_make(c, q, v->title, S("model"), &v->frame))
		return false;
	frame_crumb(&v->frame, S("Threat model"), S("/model"));
	frame_crumb(&v->frame, S("Views"), S("/model/views"));
	struct buf *b = reply_page(c, out);
	view_page_html(b, v);
	reply_done(out, b);
	return true;
}

bool web_views(struct call *c, struct request *q, struct http_reply *out)
{
	struct views_page *v = NEW(c->arena, struct views_page, 1);
	struct query all = {.limit = VIEWS_SHOWN};

	v->call = c;
	for (isize i = 0; i < COUNT_OF(generated); i++)
		v->generated[i] = (struct view_line){
			generated[i].word, generated[i].title, generated[i].about};
	if (call_could_some(c, CAN_VIEW_READ) && !kind_list(c, &kinds[KIND_VIEW], &all, &v->list))
		return false;
	if (!frame_make(c, q, S("Architecture views"), S("model"), &v->frame))
		return false;
	frame_crumb(&v->frame, S("Threat model"), S("/model"));
	struct buf *b = reply_page(c, out);
	views_page_html(b, v);
	reply_done(out, b);
	return true;
}
