/*
 * OWASP Threat Dragon, version 2.  What real files do and its schema does not say: threats stand
 * inside `data` or beside it, a shape is misspelt, flows hang in the air, statuses have two
 * spellings, and membership of a zone is geometry: the smallest box that holds the whole cell.
 */
#include "threat/formats/formats_in.h"

enum { DRAGON_BOXES = 1000 }; /* zones of one diagram; each cell is compared with each */

struct dragon {
	struct importer in;
	struct part_index elements;
	struct {
		int64_t x, y, w, h;
		str id;
	} boxes[DRAGON_BOXES];
	int box_count;
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
	str type = json_text(json_member(cell, S("data")), S("type"));

	for (int i = 0; i < COUNT_OF(words); i++)
		if (str_eq(type, words[i].word) || (type.n == 0 && str_eq(shape, words[i].word)))
			return words[i].kind;
	return PART_KINDS;
}

static str name_of(const struct json *cell)
{
	const struct json *attrs = json_member(cell, S("attrs"));
	str name = json_text(json_member(cell, S("data")), S("name"));

	if (name.n == 0)
		name = json_text(json_member(attrs, S("headerText")), S("text"));
	if (name.n == 0)
		name = json_text(json_member(attrs, S("text")), S("text"));
	return name;
}

/* "Not Applicable", "NotApplicable" -> not-applicable; the rest in lower case. */
static str status_word(struct arena *a, str s)
{
	if (str_eq_fold(s, S("notapplicable")) || str_eq_fold(s, S("not applicable")))
		return S("not-applicable");
	return s.n < LIMIT_REF ? str_lower(a, s) : S("");
}

static bool read_threats(struct dragon *d, const struct json *cell, str target)
{
	const struct json *data = json_member(cell, S("data"));
	const struct json *list = json_member(data, S("threats"));

	if (!list)
		list = json_member(cell, S("threats"));
	if (list && list->type != JSON_ARRAY)
		return list->type == JSON_NULL || import_bad(&d->in, list, "threats is a list");
	json_each(t, list)
	{
		struct part *p = import_threat(&d->in, t, json_text(t, S("title")), target);
		if (!p || !import_add(&d->in, p, "stride", json_text(t, S("type")), t) ||
			!import_add(&d->in, p, "status",
				status_word(d->in.arena, json_text(t, S("status"))), t) ||
			!import_add(&d->in, p, "severity", json_text(t, S("severity")), t) ||
			!import_add(&d->in, p, "description", json_text(t, S("description")), t) ||
			!import_add(&d->in, p, "mitigation", json_text(t, S("mitigation")), t))
			return false;
	}
	return true;
}

/* Boxes that are checked say yes.  Unchecked ones are what the tool writes unasked: unknown. */
static bool read_flags(struct dragon *d, struct part *p, const struct json *data)
{
	static const struct {
		str flag;
		uint32_t kinds;
		const char *key, *value;
	} flags[] = {
		{S_INIT("outOfScope"), ~0u, "out-of-scope", "yes"},
		{S_INIT("isEncrypted"), 1u << PART_IS_FLOW, "encryption", "yes"},
		{S_INIT("isPublicNetwork"), 1u << PART_IS_FLOW, "medium", "internet"},
		{S_INIT("isBidirectional"), 1u << PART_IS_FLOW, "both-ways", "yes"},
		{S_INIT("isEncrypted"), 1u << PART_IS_STORE, "at-rest", "disk"},
		{S_INIT("isALog"), 1u << PART_IS_STORE, "store-type", "log"},
		{S_INIT("isSigned"), 1u << PART_IS_STORE, NULL,
			"a signed store has no counterpart"},
		{S_INIT("storesCredentials"), 1u << PART_IS_STORE, NULL,
			"that credentials are stored is not said by an asset"},
		{S_INIT("storesInventory"), 1u << PART_IS_STORE, NULL, "no counterpart"},
		{S_INIT("providesAuthentication"), 1u << PART_IS_ACTOR, NULL, "no counterpart"},
		{S_INIT("isWebApplication"), 1u << PART_IS_PROCESS, "process-type", "application"},
		{S_INIT("handlesCardPayment"), 1u << PART_IS_PROCESS, NULL, "no counterpart"},
		{S_INIT("handlesGoodsOrServices"), 1u << PART_IS_PROCESS, NULL, "no counterpart"},
	};

	for (int i = 0; i < COUNT_OF(flags); i++) {
		const struct json *flag = json_member(data, flags[i].flag);
		if (!(flags[i].kinds & 1u << p->kind) || !json_bool(flag, false))
			continue;
		if (flags[i].key
				? !import_add(&d->in, p, flags[i].key, str_of(flags[i].value), flag)
				: !import_lose(&d->in, flag, flags[i].value))
			return false;
	}
	str protocol = json_text(data, S("protocol"));
	if (p->kind == PART_IS_FLOW && protocol.n && protocol.n < LIMIT_REF &&
		!import_add(&d->in, p, "protocol", str_lower(d->in.arena, protocol), data))
		return false;
	return import_add(&d->in, p, "description", json_text(data, S("description")), data) &&
		import_add(&d->in, p, "technology", json_text(data, S("privilegeLevel")), data);
}

static struct part *add_cell(struct dragon *d, const struct json *cell, enum part_kind kind)
{
	str id = name_clean(d->in.arena, json_text(cell, S("id")));

	if (id.n == 0) {
		import_bad(&d->in, cell, "a cell of the diagram has no id");
		return NULL;
	}
	return model_add(d->in.arena, d->in.err, d->in.model, kind, id,
		name_clean(d->in.arena, name_of(cell)), import_place(&d->in, cell));
}

static bool read_zone(struct dragon *d, const struct json *cell)
{
	struct part *p = add_cell(d, cell, PART_IS_ZONE);
	const struct json *at = json_member(cell, S("position")),
			  *size = json_member(cell, S("size"));

	if (!p)
		return false;
	if (!at || !size)
		return import_add(&d->in, p, "shape", S("line"), cell) &&
			import_lose(&d->in, cell,
				"a boundary drawn as a line encloses nothing; state the zones of "
				"its sides");
	if (d->box_count == DRAGON_BOXES)
		return FAIL(d->in.err, ERR_LIMIT, "a diagram holds at most %d boundaries",
			DRAGON_BOXES);
	int i = d->box_count++;
	d->boxes[i].x = import_whole(json_member(at, S("x")));
	d->boxes[i].y = import_whole(json_member(at, S("y")));
	d->boxes[i].w = import_whole(json_member(size, S("width")));
	d->boxes[i].h = import_whole(json_member(size, S("height")));
	d->boxes[i].id = p->id;
	return true;
}

/* The smallest box of the diagram that holds the whole cell, or -1. */
static int box_around(const struct dragon *d, const struct json *cell, str self)
{
	const struct json *at = json_member(cell, S("position")),
			  *size = json_member(cell, S("size"));
	int64_t x = import_whole(json_member(at, S("x"))),
		y = import_whole(json_member(at, S("y")));
	int64_t w = import_whole(json_member(size, S("width")));
	int64_t h = import_whole(json_member(size, S("height")));
	int best = -1;

	for (int i = 0; at && size && i < d->box_count; i++) {
		if (str_eq(d->boxes[i].id, self) || x < d->boxes[i].x || y < d->boxes[i].y ||
			x + w > d->boxes[i].x + d->boxes[i].w ||
			y + h > d->boxes[i].y + d->boxes[i].h)
			continue;
		/* Two boxes of one size hold each other; the earlier one is the outer one. */
		bool same = d->boxes[i].w == w && d->boxes[i].h == h;
		if (same && i > 0 && str_cmp(d->boxes[i].id, self) > 0)
			continue;
		if (same && i == 0 && str_cmp(d->boxes[i].id, self) > 0)
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

	return p && (box < 0 || import_add(&d->in, p, "in", d->boxes[box].id, cell)) &&
		read_flags(d, p, json_member(cell, S("data"))) && read_threats(d, cell, p->id);
}

static bool read_end(
	struct dragon *d, struct part *p, const struct json *cell, const char *key, str side)
{
	const struct json *end = json_member(cell, side);
	str id = name_clean(d->in.arena, json_text(end, S("cell")));

	if (id.n && part_index_find(&d->elements, id) != PART_NONE)
		return import_add(&d->in, p, key, id, end);
	return import_add(&d->in, p, key, S("?"), cell) &&
		import_lose(&d->in, end ? end : cell, "this end of the flow hangs in the air");
}

static bool read_flow(struct dragon *d, const struct json *cell)
{
	struct part *p = add_cell(d, cell, PART_IS_FLOW);

	return p && read_end(d, p, cell, "from", S("source")) &&
		read_end(d, p, cell, "to", S("target")) &&
		read_flags(d, p, json_member(cell, S("data"))) && read_threats(d, cell, p->id);
}

/* Boxes first, then what lies in them. */
static bool read_diagram(struct dragon *d, const struct json *diagram)
{
	const struct json *cells = json_member(diagram, S("cells"));
	isize first_zone = d->in.model->of[PART_ZONE].count;

	if (json_member(diagram, S("diagramJson")))
		return import_bad(&d->in, diagram,
			"this diagram is of Threat Dragon 1; open and save it with version 2");
	if (cells && cells->type != JSON_ARRAY)
		return import_bad(&d->in, cells, "cells is a list");
	d->box_count = 0;
	json_each(
		cell, cells) if (kind_of(cell) == PART_IS_ZONE && !read_zone(d, cell)) return false;
	isize zone = first_zone;
	json_each(cell, cells)
	{
		enum part_kind kind = kind_of(cell);
		if (kind == PART_IS_ZONE) {
			struct part *p = &d->in.model->of[PART_ZONE].list[zone++];
			int box = box_around(d, cell, p->id);
			if (box >= 0 && !import_add(&d->in, p, "in", d->boxes[box].id, cell))
				return false;
		} else if (kind == PART_KINDS) {
			if (!import_lose(&d->in, cell,
				    "a cell that is no part of a model, such as a text"))
				return false;
		} else if (kind != PART_IS_FLOW && !read_element(d, cell, kind)) {
			return false;
		}
	}
	return true;
}

bool model_dragon_parse(struct arena *a, struct err *e, str name, str bytes, struct model **out)
{
	struct dragon *d = NEW(a, struct dragon, 1);
	const struct json *root = json_parse(a, e, bytes);

	d->in = (struct importer){.arena = a, .err = e};
	if (!root || !import_begin(&d->in, bytes))
		return false;
	const struct json *summary = json_member(root, S("summary"));
	const struct json *diagrams = json_member(json_member(root, S("detail")), S("diagrams"));
	if (json_text(summary, S("title")).n == 0)
		return import_bad(&d->in, summary ? summary : root, "summary.title is missing");
	if (!diagrams || diagrams->type != JSON_ARRAY)
		return import_bad(&d->in, root, "detail.diagrams is missing");
	d->in.model = model_new(a, name, MODEL_DRAGON);
	d->in.model->name = name_clean(a, json_text(summary, S("title")));
	json_each(diagram, diagrams) if (!read_diagram(d, diagram)) return false;
	if (!part_index_make(a, e, &d->in.model->of[PART_ELEMENT], &d->elements))
		return false;
	json_each(diagram, diagrams) json_each(
		cell, json_member(diagram, S("cells"))) if (kind_of(cell) == PART_IS_FLOW &&
		!read_flow(d, cell)) return false;
	if (!model_finish(a, e, d->in.model))
		return false;
	*out = d->in.model;
	return true;
}
