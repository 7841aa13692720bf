/*
 * Microsoft Threat Modeling Tool in.  A file is one object graph as XML: drawings of shapes, the
 * threats that the tool generated with what people said of them, and the whole template again.
 *
 * What a shape is stands in its type attribute; what it is called and everything else that people
 * set, in a list of properties (tm7_properties.c).  Zones are geometry, as in the tool: the
 * smallest box that holds the whole shape.
 */
#include "threat/microsoft/tm7.h"

#include "threat/formats/importer.h"
#include "threat/microsoft/template.h"

enum {
	TM7_DRAWINGS = 1000,
	TM7_BOXES = 1000,         /* of one drawing; each shape is compared with each */
	TM7_REACH = 100000 * 1000 /* thousandths of a pixel; what lies farther out lies there */
};

/* A physical component in the template for medical devices. */
static const str medical_component = S_INIT("b7e00c0e-9a91-4c66-a122-d40509745d71");
static const str nowhere = S_INIT("00000000-0000-0000-0000-000000000000");

struct tm7_reader {
	struct importer in;
	struct tm7 *all;
	int32_t drawing;
	int32_t boxes[TM7_BOXES]; /* of the drawing, indexes of shapes */
	int box_count;
};

/* ---- shapes ---- */

static enum part_kind kind_of(const struct json *value)
{
	static const struct {
		str word;
		enum part_kind kind;
	} words[] = {{S_INIT("StencilRectangle"), PART_IS_ACTOR},
		{S_INIT("StencilEllipse"), PART_IS_PROCESS},
		{S_INIT("StencilParallelLines"), PART_IS_STORE},
		{S_INIT("BorderBoundary"), PART_IS_ZONE}, {S_INIT("LineBoundary"), PART_IS_ZONE},
		{S_INIT("Connector"), PART_IS_FLOW}};
	str type = json_text(value, S("@type")), generic = xml_child(value, S("GenericTypeId"));

	type = str_part(type, str_index(type, ':') + 1, type.n);
	for (int i = 0; i < COUNT_OF(words); i++) {
		/* Notes on the drawing have the shape of an element. */
		if (!str_eq(type, words[i].word) || str_eq(generic, S("GE.A")))
			continue;
		bool is_device = words[i].kind == PART_IS_ACTOR || words[i].kind == PART_IS_PROCESS;
		return is_device && str_eq(generic, medical_component) ? PART_IS_DEVICE
								       : words[i].kind;
	}
	return PART_KINDS;
}

static int64_t reach(const struct json *value, str key)
{
	int64_t v;

	if (!xml_thousandths(xml_child(value, key), &v))
		return 0;
	return v > TM7_REACH ? TM7_REACH : v < -TM7_REACH ? -TM7_REACH : v;
}

static struct tm7_point point(const struct json *value, str x, str y)
{
	return (struct tm7_point){reach(value, x), reach(value, y)};
}

static struct tm7_shape *add_shape(
	struct tm7_reader *r, const struct json *value, const struct part *p)
{
	struct tm7 *all = r->all;
	struct tm7_shape *list =
		list_grow(r->in.arena, all->list, all->count, &all->room, (isize)sizeof *list);

	if (!list) {
		import_no_room(&r->in);
		return NULL;
	}
	all->list = list;
	bool is_line = json_member(value, S("SourceX")) != NULL;
	struct tm7_point handle = point(value, S("HandleX"), S("HandleY"));
	struct tm7_shape *s = &list[all->count++];
	*s = (struct tm7_shape){.kind = p->kind == PART_IS_FLOW ? TM7_FLOW
			: p->kind != PART_IS_ZONE               ? TM7_NODE
			: is_line                               ? TM7_WALL
								: TM7_BOX,
		.drawing = r->drawing,
		.part = (int32_t)(p - r->in.model->of[part_group_of(p->kind)].list),
		.id = p->id,
		.type = xml_child(value, S("TypeId")),
		.generic = xml_child(value, S("GenericTypeId")),
		.value = value,
		.at = point(value, S("Left"), S("Top")),
		.size = point(value, S("Width"), S("Height")),
		.source = point(value, S("SourceX"), S("SourceY")),
		.handle = handle,
		.target = point(value, S("TargetX"), S("TargetY")),
		.has_handle = handle.x || handle.y};
	return s;
}

/* A part for a shape, with its name; the pair's key repeats the id. */
static struct part *add_part(
	struct tm7_reader *r, const struct json *pair, const struct json *value)
{
	struct importer *in = &r->in;
	const struct json *key = json_member(pair, S("Key"));
	str id = import_name(in, value, S("Guid"));

	if (id.n == 0) {
		import_bad(in, value, "a shape of the drawing has no Guid");
		return NULL;
	}
	if (key && str_eq(xml_text(key), id))
		import_take(in, key);
	const struct json *properties = import_object(in, value, S("Properties"));
	import_open(in, json_member(properties, S("anyType")));
	return model_add(in->arena, in->err, in->model, kind_of(value), id,
		tm7_name(in, properties), import_place(in, value));
}

/* Keeps what is left of the shape, and in which drawing it is when that is not the first. */
static bool keep_shape(struct tm7_reader *r, struct part *p, const struct json *value)
{
	if (r->drawing > 0) {
		if (arena_room(r->in.arena) < LIMIT_TEXT)
			return import_no_room(&r->in);
		str nth = str_fmt(r->in.arena, "%d", r->drawing);
		if (!import_add(&r->in, p, "x-tm7.drawing", nth, value))
			return false;
	}
	return import_keep(&r->in, p, value);
}

static bool read_spot(struct tm7_reader *r, const struct part *p, const struct tm7_shape *s)
{
	return import_spot(&r->in, p, r->drawing,
		(struct box){(int32_t)(s->at.x / 1000), (int32_t)(s->at.y / 1000),
			(int32_t)(s->size.x / 1000), (int32_t)(s->size.y / 1000)});
}

static bool read_zone(struct tm7_reader *r, const struct json *pair, const struct json *value)
{
	struct part *p = add_part(r, pair, value);
	struct tm7_shape *s = p ? add_shape(r, value, p) : NULL;

	if (!s)
		return false;
	if (s->kind == TM7_WALL) {
		if (!import_add(&r->in, p, "shape", S("line"), value) ||
			!import_lose(&r->in, value,
				"a boundary drawn as a line encloses nothing; state the zones of "
				"its sides"))
			return false;
	} else {
		if (r->box_count == TM7_BOXES)
			return FAIL(r->in.err, ERR_LIMIT, "a drawing holds at most %d boundaries",
				TM7_BOXES);
		r->boxes[r->box_count++] = (int32_t)(s - r->all->list);
		if (!read_spot(r, p, s))
			return false;
	}
	return tm7_properties(&r->in, p, json_member(value, S("Properties"))) &&
		keep_shape(r, p, value);
}

/* ---- what lies in what ---- */

static bool holds(const struct tm7_shape *outer, const struct tm7_shape *inner)
{
	if (outer == inner || inner->at.x < outer->at.x || inner->at.y < outer->at.y ||
		inner->at.x + inner->size.x > outer->at.x + outer->size.x ||
		inner->at.y + inner->size.y > outer->at.y + outer->size.y)
		return false;
	/* Two boxes of one size hold each other; the one that comes first is the outer one. */
	bool same = outer->size.x == inner->size.x && outer->size.y == inner->size.y;
	return !same || outer < inner;
}

/* Says in which zone a shape lies: the smallest box of the drawing that holds the whole of it. */
static bool place_shape(struct tm7_reader *r, struct part *p, const struct tm7_shape *s)
{
	const struct tm7_shape *best = NULL;

	for (int i = 0; i < r->box_count; i++) {
		const struct tm7_shape *box = &r->all->list[r->boxes[i]];
		if (holds(box, s) &&
			(!best || box->size.x * box->size.y < best->size.x * best->size.y))
			best = box;
	}
	return !best || import_add(&r->in, p, "in", best->id, s->value);
}

static bool read_node(struct tm7_reader *r, const struct json *pair, const struct json *value)
{
	struct part *p = add_part(r, pair, value);
	struct tm7_shape *s = p ? add_shape(r, value, p) : NULL;

	if (!s || !place_shape(r, p, s) || !read_spot(r, p, s) ||
		!tm7_properties(&r->in, p, json_member(value, S("Properties"))))
		return false;
	if (str_eq(s->type, S("SE.EI.TMCore.User")) &&
		!import_add(&r->in, p, "actor-type", S("person"), value))
		return false;
	return keep_shape(r, p, value);
}

/* ---- drawings ---- */

/* Hands the shapes of a drawing to `take`, those of Borders first. */
static bool each_shape(struct tm7_reader *r, const struct json *drawing,
	bool (*take)(struct tm7_reader *r, const struct json *pair, const struct json *value))
{
	static const char *const lists[] = {"Borders", "Lines"};
	struct importer *in = &r->in;
	str above = in->path;

	for (int i = 0; i < 2; i++) {
		isize nth = 0;
		const struct json *list = import_object(in, drawing, str_of(lists[i]));
		import_open(in, json_member(list, S("KeyValueOfguidanyType")));
		xml_each(pair, list, S("KeyValueOfguidanyType"))
		{
			const struct json *value = json_member(import_open(in, pair), S("Value"));
			in->path = above;
			import_enter(in, above, lists[i], nth++);
			if (value && value->type == JSON_OBJECT && !take(r, pair, value))
				return false;
		}
	}
	in->path = above;
	return true;
}

static bool take_zone(struct tm7_reader *r, const struct json *pair, const struct json *value)
{
	return kind_of(value) != PART_IS_ZONE || read_zone(r, pair, import_open(&r->in, value));
}

static bool take_node(struct tm7_reader *r, const struct json *pair, const struct json *value)
{
	enum part_kind kind = kind_of(value);

	return kind == PART_KINDS || part_group_of(kind) != PART_ELEMENT ||
		read_node(r, pair, import_open(&r->in, value));
}

static bool read_end(
	struct tm7_reader *r, struct part *p, const struct json *value, const char *key, str member)
{
	str id = name_clean(r->in.arena, xml_child(value, member));

	if (part_index_find(&r->in.of[PART_ELEMENT], id) != PART_NONE)
		return import_add(&r->in, p, key, import_name(&r->in, value, member), value);
	return import_add(&r->in, p, key, S("?"), value) &&
		(id.n && !str_eq(id, nowhere) ? import_miss(&r->in, json_member(value, member),
							"there is no such shape")
					      : import_lose(&r->in, value,
							"this end of the flow hangs in the air"));
}

static bool take_flow(struct tm7_reader *r, const struct json *pair, const struct json *value)
{
	if (kind_of(value) != PART_IS_FLOW)
		return true;
	import_open(&r->in, value);
	struct part *p = add_part(r, pair, value);
	return p && add_shape(r, value, p) && read_end(r, p, value, "from", S("SourceGuid")) &&
		read_end(r, p, value, "to", S("TargetGuid")) &&
		tm7_properties(&r->in, p, json_member(value, S("Properties"))) &&
		keep_shape(r, p, value);
}

/* Zones first, then what lies in them. */
static bool read_drawing(struct tm7_reader *r, const struct json *drawing)
{
	struct importer *in = &r->in;

	r->box_count = 0;
	if (!each_shape(r, drawing, take_zone))
		return false;
	for (int i = 0; i < r->box_count; i++) {
		const struct tm7_shape *s = &r->all->list[r->boxes[i]];
		if (!place_shape(r, &in->model->of[PART_ZONE].list[s->part], s))
			return false;
	}
	return each_shape(r, drawing, take_node);
}

static bool read_drawings(struct tm7_reader *r)
{
	struct importer *in = &r->in;
	const struct json *list = import_open(in, json_member(in->root, S("DrawingSurfaceList")));
	isize nth = 0;

	import_open(in, json_member(list, S("DrawingSurfaceModel")));
	xml_each(drawing, list, S("DrawingSurfaceModel"))
	{
		if (nth == TM7_DRAWINGS)
			return FAIL(in->err, ERR_LIMIT, "a file holds at most %d drawings",
				TM7_DRAWINGS);
		import_enter(in, S("DrawingSurfaceList"), "DrawingSurfaceModel", nth);
		r->drawing = (int32_t)nth++;
		if (!read_drawing(r, import_open(in, drawing)))
			return false;
	}
	if (!import_index(in, PART_ELEMENT))
		return false;
	nth = 0;
	xml_each(drawing, list, S("DrawingSurfaceModel"))
	{
		import_enter(in, S("DrawingSurfaceList"), "DrawingSurfaceModel", nth);
		r->drawing = (int32_t)nth++;
		if (!each_shape(r, drawing, take_flow))
			return false;
	}
	in->path = S("");
	return import_index(in, PART_FLOW);
}

/* ---- recorded threats ---- */

/* A text of the threat: an entry of its properties, or as older files have it beside them. */
static str threat_text(
	struct importer *in, const struct json *threat, str key, const struct json **at)
{
	const struct json *properties = import_object(in, threat, S("Properties"));

	import_open(in, json_member(properties, S("KeyValueOfstringstring")));
	xml_each(pair, properties, S("KeyValueOfstringstring"))
	{
		import_open(in, pair);
		if (!str_eq(xml_child(pair, S("Key")), key))
			continue;
		*at = import_take(in, pair);
		return xml_child(pair, S("Value"));
	}
	*at = json_member(threat, key);
	return import_text(in, threat, key);
}

static str state_word(str state)
{
	static const str words[][2] = {
		{S_INIT("AutoGenerated"), S_INIT("open")},
		{S_INIT("NeedsInvestigation"), S_INIT("needs-investigation")},
		{S_INIT("NotApplicable"), S_INIT("not-applicable")},
		{S_INIT("Mitigated"), S_INIT("mitigated")},
	};

	for (int i = 0; i < COUNT_OF(words); i++)
		if (str_eq(state, words[i][0]))
			return words[i][1];
	return state;
}

/* The flow that a threat is about, or PART_NONE when the drawing has changed under it. */
static int32_t find_flow(struct tm7_reader *r, const struct json *threat)
{
	struct importer *in = &r->in;
	int32_t flow = part_index_find(&in->of[PART_FLOW], xml_child(threat, S("FlowGuid")));

	if (flow == PART_NONE)
		return PART_NONE;
	const struct part *p = &in->model->of[PART_FLOW].list[flow];
	return str_eq(part_value(p, S("from")), xml_child(threat, S("SourceGuid"))) &&
			str_eq(part_value(p, S("to")), xml_child(threat, S("TargetGuid")))
		? flow
		: PART_NONE;
}

/* The tool keeps what people said of a threat when the drawing no longer gives rise to it. */
static bool add_stale(struct tm7_reader *r, struct part *p, const char *why)
{
	struct importer *in = &r->in;

	if (!part_add(in->arena, in->err, p, S("stale"), S("yes"), p->at) ||
		!model_lose(in->arena, in->err, in->model, p->at, p->id, str_of(why)))
		return false;
	in->model->last_loss->is_kept = true;
	return true;
}

static bool read_target(struct tm7_reader *r, struct part *p, const struct json *threat)
{
	struct importer *in = &r->in;

	if (find_flow(r, threat) == PART_NONE)
		return add_stale(r, p, "its flow is gone or joins others now: the threat is stale");
	import_take(in, json_member(threat, S("SourceGuid")));
	import_take(in, json_member(threat, S("TargetGuid")));
	return import_copy(in, p, "at", threat, S("FlowGuid"));
}

static bool read_threat(struct tm7_reader *r, const struct json *threat)
{
	struct importer *in = &r->in;
	const struct json *at, *state = json_member(threat, S("State"));
	str title = threat_text(in, threat, S("Title"), &at);
	struct part *p = import_threat(
		in, threat, import_name(in, threat, S("Id")), name_clean(in->arena, title), S(""));

	if (!p || !read_target(r, p, threat))
		return false;
	str category = threat_text(in, threat, S("UserThreatCategory"), &at);
	if (!import_add(in, p, "stride", category, at))
		return false;
	str description = threat_text(in, threat, S("UserThreatDescription"), &at);
	bool is_handled = str_eq(xml_text(state), S("Mitigated"));
	return import_add(in, p, "description", description, at) &&
		import_copy(in, p, "ref", threat, S("TypeId")) &&
		import_add(
			in, p, "status", state_word(import_text(in, threat, S("State"))), state) &&
		import_copy(in, p, "severity", threat, S("Priority")) &&
		import_copy(
			in, p, is_handled ? "mitigation" : "note", threat, S("StateInformation")) &&
		import_keep(in, p, threat);
}

/* The elements of the list have a name with a hash in it: the tool's, not ours to check. */
static bool read_threats(struct tm7_reader *r)
{
	struct importer *in = &r->in;
	const struct json *list = import_object(in, in->root, S("ThreatInstances"));
	isize nth = 0;

	json_each(group, list)
	{
		if (str_starts(group->key, S("@")))
			continue;
		import_open(in, group);
		xml_each(pair, list, group->key)
		{
			import_open(in, pair);
			import_enter(in, S(""), "ThreatInstances", nth++);
			const struct json *threat = import_object(in, pair, S("Value"));
			/* The key is put together from ids that stand in the threat. */
			import_take(in, json_member(pair, S("Key")));
			if (threat && !read_threat(r, threat))
				return false;
		}
	}
	in->path = S("");
	return true;
}

/* ---- the file ---- */

/* Every line of the assumptions is one. */
static bool read_about(struct tm7_reader *r)
{
	struct importer *in = &r->in;
	const struct json *about = import_object(in, in->root, S("MetaInformation"));
	str rest = import_text(in, about, S("Assumptions"));

	in->model->name = import_system(in, about, S("ThreatModelName"));
	while (rest.n) {
		str line = name_clean(in->arena, str_cut(&rest, '\n'));
		if (line.n == 0)
			continue;
		if (arena_room(in->arena) < LIMIT_TEXT)
			return import_no_room(in);
		str id = str_fmt(in->arena, "A%td", in->model->of[PART_ASSUMPTION].count + 1);
		if (!model_add(in->arena, in->err, in->model, PART_IS_ASSUMPTION, id, line,
			    import_place(in, json_member(about, S("Assumptions")))))
			return false;
	}
	return true;
}

/* The template is as large as all models together and no part of this one. */
static bool leave_template(struct tm7_reader *r)
{
	const struct json *template = json_member(r->in.root, S("KnowledgeBase"));

	return !template ||
		(import_lose(&r->in, import_take(&r->in, template),
			"the template stays in its file; check --template own applies it"));
}

/* A threat whose type no longer applies is stale, too.  A template that cannot be read does not
   keep the model from being read. */
static bool mark_stale(struct tm7_reader *r, struct model *m)
{
	struct importer *in = &r->in;
	struct parts *threats = &m->of[PART_THREAT];
	const struct json *base = json_member(in->root, S("KnowledgeBase"));
	struct err why = {.arena = in->arena};
	struct template *t;

	if (!base || threats->count == 0)
		return true;
	bool *stale = arena_bulk(in->arena, threats->count);
	struct arena_mark mark = arena_here(in->arena);
	if (!stale)
		return import_no_room(in);
	bool ok = template_own(in->arena, &why, m, &t) &&
		template_stale(in->arena, &why, m, t, stale);
	arena_rewind(in->arena, mark);
	if (!ok && arena_room(in->arena) < LIMIT_TEXT)
		return import_no_room(in);
	if (!ok)
		return model_lose(in->arena, in->err, m, import_place(in, base), S("KnowledgeBase"),
			str_fmt(in->arena, "which threats are stale is not known: %s", why.text));
	for (isize i = 0; i < threats->count; i++)
		if (stale[i] &&
			!add_stale(r, &threats->list[i],
				"its type no longer applies to the drawing: the threat is stale"))
			return false;
	return true;
}

static bool is_model(struct err *e, str bytes, const struct json *root)
{
	const char *wrong = NULL;
	int64_t line, column;

	if (str_eq(root->key, S("KnowledgeBase")))
		wrong = "this is a template, not a model: check a model with --template and this "
			"file";
	else if (!str_eq(root->key, S("ThreatModel")))
		wrong = "this XML is not a model of the Threat Modeling Tool";
	else if (!json_member(root, S("DrawingSurfaceList")))
		wrong = "DrawingSurfaceList is missing";
	if (!wrong)
		return true;
	json_place(bytes, root->from, &line, &column);
	return err_at(e, line, column, "%s", wrong);
}

bool tm7_read(struct arena *a, struct err *e, const struct file_source *from, struct model **out)
{
	struct tm7_reader *r = NEW(a, struct tm7_reader, 1);
	const struct json *root = from->root;
	struct model *m;

	r->in.quiet =
		"Guid GenericTypeId TypeId Height Left Top Width StrokeDashArray "
		"StrokeThickness Properties Zoom Header Key @Id @type HandleX HandleY PortSource "
		"PortTarget SourceX SourceY TargetX TargetY DrawingSurfaceGuid FlowGuid "
		"SourceGuid TargetGuid InteractionKey InteractionString ModifiedAt Upgraded "
		"Wide Title UserThreatShortDescription ThreatGenerationEnabled Validations "
		"Version Profile";
	if (!is_model(e, from->bytes, root) || !import_begin(&r->in, a, e, MODEL_TM7, from))
		return false;
	r->all = NEW(a, struct tm7, 1);
	*r->all = (struct tm7){.bytes = from->bytes, .root = root};
	r->in.model->drawn = r->all;
	if (!read_about(r) || !read_drawings(r) || !read_threats(r) || !leave_template(r) ||
		!import_finish(&r->in, NULL, NULL, &m) || !mark_stale(r, m))
		return false;
	*out = m;
	return true;
}
