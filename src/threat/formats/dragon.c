/*
 * OWASP Threat Dragon, versions 1 and 2.  What real files of version 2 do and its schema does not
 * say: threats stand inside `data` or beside it, a shape is misspelt, flows hang in the air,
 * statuses have two spellings, and membership of a zone is geometry: the smallest box that holds
 * the whole cell. Version 1 is the same in another dress; its boundaries are lines only, and
 * enclose nothing.
 */
#include "threat/formats/dragon_in.h"

enum { DRAGON_BOXES = 1000 }; /* zones of one diagram; each cell is compared with each */

/* A boundary, or with the id of a cell, the place the cell takes. */
struct dragon_box {
	int64_t x, y, w, h;
	str id;
};

struct dragon {
	struct importer in;
	struct dragon_box boxes[DRAGON_BOXES];
	int box_count;
	isize diagram;
	str path; /* of the diagram */
	bool is_v1;
};

static enum part_kind kind_of(const struct json *cell)
{
	static const struct {
		str word;
		enum part_kind kind;
	} words[] = {{S_INIT("actor"), PART_IS_ACTOR}, {S_INIT("process"), PART_IS_PROCESS},
		{S_INIT("store"), PART_IS_STORE}, {S_INIT("flow"), PART_IS_FLOW},
		{S_INIT("tm.Actor"), PART_IS_ACTOR}, {S_INIT("tm.Process"), PART_IS_PROCESS},
		{S_INIT("tm.Store"), PART_IS_STORE}, {S_INIT("tm.Flow"), PART_IS_FLOW},
		{S_INIT("tm.Boundary"), PART_IS_ZONE}, {S_INIT("tm.BoundaryBox"), PART_IS_ZONE},
		{S_INIT("trust-boundary-box"), PART_IS_ZONE},
		{S_INIT("trust-boundary-curve"), PART_IS_ZONE},
		{S_INIT("trust-broundary-curve"), PART_IS_ZONE}};
	str shape = json_text(cell, S("shape"));
	const struct json *data = json_member(cell, S("data"));
	str type = json_text(data ? data : cell, S("type"));

	for (int i = 0; i < COUNT_OF(words); i++)
		if (str_eq(type, words[i].word) || (type.n == 0 && str_eq(shape, words[i].word)))
			return words[i].kind;
	return PART_KINDS;
}

/* Where the facts of a cell stand: version 1 has them beside the drawing. */
static const struct json *data_of(struct dragon *d, const struct json *cell)
{
	return d->is_v1 ? cell : import_object(&d->in, cell, S("data"));
}

/* The text at attrs.text.text; in version 1 it is the name itself. */
static str drawn_text(struct dragon *d, const struct json *of)
{
	const struct json *attrs =
		d->is_v1 ? import_object(&d->in, of, S("attrs")) : json_member(of, S("attrs"));
	const struct json *text =
		d->is_v1 ? import_object(&d->in, attrs, S("text")) : json_member(attrs, S("text"));

	return d->is_v1 ? import_name(&d->in, text, S("text"))
			: name_clean(d->in.arena, json_text(text, S("text")));
}

/* The drawing repeats the name; where it alone has one, that is it. */
static str name_of(struct dragon *d, const struct json *cell)
{
	const struct json *header = json_member(json_member(cell, S("attrs")), S("headerText"));
	str name = d->is_v1 ? S("") : import_name(&d->in, data_of(d, cell), S("name"));

	if (name.n == 0)
		name = name_clean(d->in.arena, json_text(header, S("text")));
	if (name.n == 0)
		name = drawn_text(d, cell);
	const struct json *labels = json_member(cell, S("labels"));
	if (name.n == 0 && d->is_v1 && labels && labels->type == JSON_ARRAY && labels->first)
		name = drawn_text(d, import_open(&d->in, import_open(&d->in, labels)->first));
	return name;
}

/* "Not Applicable", "NotApplicable" -> not-applicable; the rest in lower case. */
static str status_word(struct dragon *d, const struct json *threat)
{
	const struct json *status = json_member(threat, S("status"));
	str word = import_word(&d->in, status);

	if (str_eq(word, S("notapplicable")) || str_eq(word, S("not applicable")))
		word = S("not-applicable");
	if (word.n && str_eq(dragon_status(word), status->text))
		import_take(&d->in, status);
	return word;
}

static bool read_threat(struct dragon *d, const struct json *t, str target)
{
	str id = import_name(&d->in, t, S("id"));
	const struct json *status = json_member(t, S("status"));

	if (id.n == 0)
		id = import_name(&d->in, t, S("threatId"));
	struct part *p = import_threat(&d->in, t, id, import_name(&d->in, t, S("title")), target);
	return p && import_copy(&d->in, p, "stride", t, S("type")) &&
		import_add(&d->in, p, "status", status_word(d, t), status) &&
		import_copy(&d->in, p, "severity", t, S("severity")) &&
		import_copy(&d->in, p, "description", t, S("description")) &&
		import_copy(&d->in, p, "mitigation", t, S("mitigation")) &&
		import_keep(&d->in, p, t);
}

static bool read_threats(struct dragon *d, const struct json *cell, str target)
{
	const struct json *data = data_of(d, cell), *list;
	bool is_inside = !d->is_v1 && json_member(data, S("threats")) != NULL;
	str above = d->in.path;
	isize nth = 0;

	if (!import_list(&d->in, is_inside ? data : cell, S("threats"), &list))
		return false;
	json_each(t, list)
	{
		import_enter(&d->in, above, is_inside ? "data.threats" : "threats", nth++);
		if (t->type == JSON_OBJECT && !read_threat(d, import_open(&d->in, t), target))
			return false;
	}
	d->in.path = above;
	return true;
}

/* Boxes that are checked say yes.  Unchecked ones are what the tool writes unasked: unknown. */
static bool read_flags(struct dragon *d, struct part *p, const struct json *data)
{
	for (int i = 0; i < dragon_flag_count; i++) {
		const struct dragon_flag *f = &dragon_flags[i];
		if (f->kinds & 1u << p->kind && import_flag(&d->in, data, f->flag) &&
			!import_add(
				&d->in, p, f->key, str_of(f->value), json_member(data, f->flag)))
			return false;
	}
	const struct json *protocol = json_member(data, S("protocol"));
	if (p->kind == PART_IS_FLOW &&
		!import_add(&d->in, p, "protocol", import_word(&d->in, protocol), protocol))
		return false;
	/* The tool counts this out of the threats, and so do we. */
	import_take(&d->in, json_member(data, S("hasOpenThreats")));
	return import_copy(&d->in, p, "description", data, S("description"));
}

static struct part *add_cell(struct dragon *d, const struct json *cell, enum part_kind kind)
{
	str id = import_name(&d->in, cell, S("id"));

	if (id.n == 0) {
		import_bad(&d->in, cell, "a cell of the diagram has no id");
		return NULL;
	}
	str name = name_of(d, cell);
	/* What kind it is stands in two places; the exporter writes both. */
	const struct json *data = data_of(d, cell);
	if (str_eq(json_text(data, S("type")), dragon_type(kind, false)))
		import_text(&d->in, data, S("type"));
	if (str_eq(json_text(cell, S("shape")), dragon_shape(kind, false)))
		import_text(&d->in, cell, S("shape"));
	return model_add(d->in.arena, d->in.err, d->in.model, kind, id,
		str_eq(id, name) ? S("") : name, import_place(&d->in, cell));
}

/* Keeps what is left of the cell, and which diagram it is in when that is not the first. */
static bool keep_cell(struct dragon *d, struct part *p, const struct json *cell)
{
	if (d->diagram > 0 && arena_room(d->in.arena) > LIMIT_REF) {
		str nth = str_fmt(d->in.arena, "%td", d->diagram);
		if (!import_add(&d->in, p, "x-threat-dragon.diagram", nth, cell))
			return false;
	}
	return import_keep(&d->in, p, cell);
}

static struct dragon_box box_of(const struct json *at, const struct json *size, str id)
{
	return (struct dragon_box){
		.x = import_whole(json_member(at, S("x"))),
		.y = import_whole(json_member(at, S("y"))),
		.w = import_whole(json_member(size, S("width"))),
		.h = import_whole(json_member(size, S("height"))),
		.id = id,
	};
}

/* Where the cell is drawn, when it says so. */
static bool read_spot(struct dragon *d, const struct part *p, const struct json *cell)
{
	const struct json *at = json_member(cell, S("position")),
			  *size = json_member(cell, S("size"));
	struct dragon_box b = box_of(at, size, p->id);

	return !at || !size ||
		import_spot(&d->in, p, (int32_t)d->diagram,
			(struct box){(int32_t)b.x, (int32_t)b.y, (int32_t)b.w, (int32_t)b.h});
}

static bool read_zone(struct dragon *d, const struct json *cell)
{
	struct part *p = add_cell(d, cell, PART_IS_ZONE);
	const struct json *at = json_member(cell, S("position")),
			  *size = json_member(cell, S("size"));

	if (!p)
		return false;
	if (!at || !size || d->is_v1)
		return import_add(&d->in, p, "shape", S("line"), cell) &&
			import_lose(&d->in, cell,
				"a boundary drawn as a line encloses nothing; state the zones of "
				"its sides") &&
			read_flags(d, p, data_of(d, cell)) && keep_cell(d, p, cell);
	if (d->box_count == DRAGON_BOXES)
		return FAIL(d->in.err, ERR_LIMIT, "a diagram holds at most %d boundaries",
			DRAGON_BOXES);
	d->boxes[d->box_count++] = box_of(at, size, p->id);
	return read_spot(d, p, cell) && read_flags(d, p, data_of(d, cell)) && keep_cell(d, p, cell);
}

/* Whether the box of a boundary holds the whole of another; none holds itself. */
static bool holds(const struct dragon_box *outer, const struct dragon_box *inner)
{
	if (str_eq(outer->id, inner->id) || inner->x < outer->x || inner->y < outer->y ||
		inner->x + inner->w > outer->x + outer->w ||
		inner->y + inner->h > outer->y + outer->h)
		return false;
	/* Two boxes of one size hold each other; the one of the earlier id is the outer one. */
	bool same = outer->w == inner->w && outer->h == inner->h;
	return !same || str_cmp(outer->id, inner->id) <= 0;
}

/* The smallest box of the diagram that holds the whole cell, or -1. */
static int box_around(const struct dragon *d, const struct json *cell, str self)
{
	const struct json *at = json_member(cell, S("position")),
			  *size = json_member(cell, S("size"));
	struct dragon_box own = box_of(at, size, self);
	int best = -1;

	for (int i = 0; at && size && i < d->box_count; i++) {
		if (!holds(&d->boxes[i], &own))
			continue;
		if (best < 0 || d->boxes[i].w * d->boxes[i].h < d->boxes[best].w * d->boxes[best].h)
			best = i;
	}
	return best;
}

static bool read_element(struct dragon *d, const struct json *cell, enum part_kind kind)
{
	struct part *p = add_cell(d, cell, kind);
	int box = p ? box_around(d, cell, p->id) : -1;

	return p && read_spot(d, p, cell) &&
		(box < 0 || import_add(&d->in, p, "in", d->boxes[box].id, cell)) &&
		read_flags(d, p, data_of(d, cell)) && read_threats(d, cell, p->id) &&
		keep_cell(d, p, cell);
}

static bool read_end(
	struct dragon *d, struct part *p, const struct json *cell, const char *key, str side)
{
	const struct json *end = import_object(&d->in, cell, side);
	str member = d->is_v1 ? S("id") : S("cell");
	str id = name_clean(d->in.arena, json_text(end, member));

	if (id.n && part_index_find(&d->in.of[PART_ELEMENT], id) != PART_NONE) {
		import_name(&d->in, end, member);
		return import_add(&d->in, p, key, id, end);
	}
	return import_add(&d->in, p, key, S("?"), cell) &&
		(id.n ? import_miss(&d->in, end, "there is no such cell")
		      : import_lose(
				&d->in, end ? end : cell, "this end of the flow hangs in the air"));
}

static bool read_flow(struct dragon *d, const struct json *cell)
{
	struct part *p = add_cell(d, cell, PART_IS_FLOW);

	return p && read_end(d, p, cell, "from", S("source")) &&
		read_end(d, p, cell, "to", S("target")) && read_flags(d, p, data_of(d, cell)) &&
		read_threats(d, cell, p->id) && keep_cell(d, p, cell);
}

static void enter_cell(struct dragon *d, isize nth)
{
	import_enter(&d->in, d->path, "cells", nth);
}

static bool read_zones(struct dragon *d, const struct json *cells)
{
	isize nth = 0;

	json_each(cell, cells)
	{
		enter_cell(d, nth++);
		if (kind_of(cell) == PART_IS_ZONE && !read_zone(d, import_open(&d->in, cell)))
			return false;
	}
	return true;
}

/* Which box holds the zone; the cell was read already. */
static bool place_zone(struct dragon *d, const struct json *cell, isize zone)
{
	struct part *p = &d->in.model->of[PART_ZONE].list[zone];
	int box = box_around(d, cell, p->id);

	return box < 0 || import_add(&d->in, p, "in", d->boxes[box].id, cell);
}

/* The object of a diagram that holds its cells. */
static const struct json *cells_in(struct dragon *d, const struct json *diagram)
{
	import_open(&d->in, diagram);
	return d->is_v1 ? import_object(&d->in, diagram, S("diagramJson")) : diagram;
}

/* Boxes first, then what lies in them. */
static bool read_diagram(struct dragon *d, const struct json *diagram)
{
	const struct json *cells;
	isize zone = d->in.model->of[PART_ZONE].count, nth = 0;

	if (!import_list(&d->in, cells_in(d, diagram), S("cells"), &cells))
		return false;
	d->box_count = 0;
	if (!read_zones(d, cells))
		return false;
	json_each(cell, cells)
	{
		enum part_kind kind = kind_of(cell);
		enter_cell(d, nth++);
		if (kind == PART_IS_ZONE) {
			if (!place_zone(d, cell, zone++))
				return false;
		} else if (kind != PART_KINDS && kind != PART_IS_FLOW &&
			!read_element(d, import_open(&d->in, cell), kind)) {
			return false;
		}
	}
	return true;
}

static void enter_diagram(struct dragon *d, isize nth)
{
	d->diagram = nth;
	import_enter(&d->in, S(""), "detail.diagrams", nth);
	if (d->is_v1)
		import_below(&d->in, S("diagramJson"));
	d->path = d->in.path;
}

static bool read_flows(struct dragon *d, const struct json *diagrams)
{
	isize nth = 0;

	if (!import_index(&d->in, PART_ELEMENT))
		return false;
	json_each(diagram, diagrams)
	{
		isize cell_nth = 0;
		enter_diagram(d, nth++);
		json_each(cell, json_member(cells_in(d, diagram), S("cells")))
		{
			enter_cell(d, cell_nth++);
			if (kind_of(cell) == PART_IS_FLOW &&
				!read_flow(d, import_open(&d->in, cell)))
				return false;
		}
	}
	return true;
}

/* Version 1 keeps its cells as its drawing library wrote them, and seldom says that it is one. */
static bool is_version_1(const struct json *root, const struct json *diagrams)
{
	if (str_starts(json_text(root, S("version")), S("1.")))
		return true;
	json_each(diagram, diagrams)
	{
		if (json_member(diagram, S("diagramJson")))
			return true;
	}
	return false;
}

bool dragon_read(struct arena *a, struct err *e, const struct file_source *from, struct model **out)
{
	struct dragon *d = NEW(a, struct dragon, 1);
	const struct json *root = from->root, *diagrams;
	isize nth = 0;

	d->in.quiet = "position size zIndex shape type attrs ports vertices connector router "
		      "labels tools visible width height markup data.type id number modelType "
		      "threatId new port placeholder hasOpenThreats isTrustBoundary "
		      "threatFrequency diagramTop "
		      "angle z smooth $$hashKey ruleId source target protocol status threatTop "
		      "thumbnail diagramType version x y";
	if (!import_begin(&d->in, a, e, MODEL_DRAGON, from))
		return false;
	const struct json *summary = import_object(&d->in, root, S("summary"));
	const struct json *detail = import_object(&d->in, root, S("detail"));
	const struct json *ward = import_object(&d->in, root, S("ward"));
	if (json_text(summary, S("title")).n == 0)
		return import_bad(&d->in, summary ? summary : root, "summary.title is missing");
	if (!import_list(&d->in, detail, S("diagrams"), &diagrams))
		return false;
	if (!diagrams)
		return import_bad(&d->in, root, "detail.diagrams is missing");
	d->is_v1 = is_version_1(root, diagrams);
	if (d->is_v1)
		d->in.model->format = MODEL_DRAGON_1;
	d->in.model->name = import_system(&d->in, summary, S("title"));
	json_each(diagram, diagrams)
	{
		enter_diagram(d, nth++);
		if (!read_diagram(d, diagram))
			return false;
	}
	return read_flows(d, diagrams) &&
		import_finish(
			&d->in, json_member(ward, S("parts")), json_member(ward, S("more")), out);
}
