/*
 * Open Threat Model, 0.1 and 0.2, as JSON or YAML.  A trust rating t of 0 to 100 is exposure 5 -
 * t/25, rounded; C, I and A of 0 to 100 are the nearest quarter, at least 1.  A number that is not
 * the one we would write for it is kept as trust-rating, read-c, read-i or read-a.
 */
#include "threat/formats/otm_in.h"

enum { OTM_REACH = 1000000000 }; /* pixels; what lies farther out has no place */

struct otm {
	struct importer in;
	struct part_index threats;
	const struct json *root, **zones; /* the zones of the file in its order */
};

static bool has_word(str type, const char *const *words)
{
	for (; *words; words++)
		if (str_find(type, str_of(*words)) >= 0)
			return true;
	return false;
}

/* OTM's component types are free words; these are the ones seen. */
static enum part_kind kind_of(struct arena *a, str type)
{
	static const char *const stores[] = {"database", "-db", "db-", "sql", "s3", "bucket",
		"storage", "queue", "-mq", "store", "volume", "dynamo", "redis", NULL};
	static const char *const actors[] = {"actor", "human", "person", "user", NULL};
	static const char *const devices[] = {"iot", "device", "sensor", "plc", NULL};

	enum part_kind kind;

	if (part_kind_parse(type, &kind) && part_group_of(kind) == PART_ELEMENT)
		return kind;
	type = type.n < LIMIT_TEXT && arena_room(a) > LIMIT_TEXT ? str_lower(a, type) : S("");
	return has_word(type, stores)     ? PART_IS_STORE
		: has_word(type, actors)  ? PART_IS_ACTOR
		: has_word(type, devices) ? PART_IS_DEVICE
					  : PART_IS_PROCESS;
}

static struct part *add(struct otm *o, const struct json *j, enum part_kind kind)
{
	return import_part(&o->in, import_open(&o->in, j), kind, S("id"), S("name"));
}

static bool read_zone(struct otm *o, const struct json *j)
{
	static const str words[] = {
		S_INIT("1"), S_INIT("2"), S_INIT("3"), S_INIT("4"), S_INIT("5")};
	struct part *p = add(o, j, PART_IS_ZONE);
	const struct json *rating =
		json_member(import_object(&o->in, j, S("risk")), S("trustRating"));

	if (!p || !import_copy(&o->in, p, "description", j, S("description")))
		return false;
	if (!rating || rating->type != JSON_NUMBER)
		return true;
	int64_t t = import_whole(import_take(&o->in, rating));
	t = t < 0 ? 0 : t > 100 ? 100 : t;
	int64_t exposure = 5 - (t * 2 + 25) / 50;
	exposure = exposure < 1 ? 1 : exposure;
	/* The number itself is of interest where ours would be another. */
	bool is_ours = str_eq(rating->text, otm_rating((int)exposure));
	return import_add(&o->in, p, "exposure", words[exposure - 1], rating) &&
		(is_ours || import_add(&o->in, p, "trust-rating", rating->text, rating));
}

static bool read_asset(struct otm *o, const struct json *j)
{
	struct part *p = add(o, j, PART_IS_ASSET);
	const struct json *risk = import_object(&o->in, j, S("risk"));

	if (!p || !import_copy(&o->in, p, "description", j, S("description")))
		return false;
	for (int k = 0; k < 3; k++) {
		const struct otm_side *side = &otm_sides[k];
		const struct json *v = json_member(risk, side->member);
		if (!v || v->type != JSON_NUMBER)
			continue;
		int64_t level = (import_whole(import_take(&o->in, v)) * 2 + 25) / 50;
		level = level < 1 ? 1 : level > 4 ? 4 : level;
		if (!import_add(&o->in, p, side->key, otm_levels[level - 1], v))
			return false;
		if (!str_eq(v->text, otm_impact((int)level)) &&
			!import_add(&o->in, p, side->read, v->text, v))
			return false;
	}
	return import_keep(&o->in, p, j);
}

/* The threats of the file by id, so that many uses stay cheap. */
static bool index_threats(struct otm *o)
{
	const struct json *list = json_member(o->root, S("threats"));
	isize room = list ? list->count : 0;
	struct parts threats = {
		.list = arena_bulk(o->in.arena, (room + 1) * (isize)sizeof(struct part))};

	if (!threats.list)
		return import_no_room(&o->in);
	json_each(t, list)
	{
		threats.list[threats.count++] =
			(struct part){.id = json_text(t, S("id")), .name = json_text(t, S("name"))};
	}
	return part_index_make(o->in.arena, o->in.err, &threats, &o->threats);
}

static str threat_name(struct otm *o, str id)
{
	int32_t found = part_index_find(&o->threats, id);

	return found == PART_NONE ? id : o->threats.parts[found].name;
}

/* The names of the countermeasures; with their states they are kept as a whole. */
static bool read_mitigations(struct otm *o, struct part *p, const struct json *use)
{
	const struct json *list = json_member(use, S("mitigations"));

	if (list && list->type != JSON_ARRAY)
		return true;
	json_each(m, list)
	{
		if (!import_add(&o->in, p, "counter", json_text(m, S("mitigation")), m))
			return false;
	}
	return true;
}

static bool read_threats(struct otm *o, const struct json *j, str target)
{
	const struct json *list;
	str above = o->in.path;
	isize nth = 0;

	if (!import_list(&o->in, j, S("threats"), &list))
		return false;
	json_each(use, list)
	{
		import_enter(&o->in, above, "threats", nth++);
		if (use->type != JSON_OBJECT)
			continue;
		str ref = import_text(&o->in, use, S("threat"));
		struct part *p = import_threat(&o->in, use, name_clean(o->in.arena, ref),
			name_clean(o->in.arena, threat_name(o, ref)), target);
		if (!p || !import_add(&o->in, p, "ref", ref, use) ||
			!import_copy(&o->in, p, "status", use, S("state")) ||
			!read_mitigations(o, p, use) || !import_keep(&o->in, p, use))
			return false;
	}
	o->in.path = above;
	return true;
}

static bool read_component(struct otm *o, const struct json *j)
{
	str type = json_text(j, S("type"));
	enum part_kind kind = kind_of(o->in.arena, type);
	struct part *p = add(o, j, kind);

	if (!p)
		return false;
	import_text(&o->in, j, S("type"));
	return (str_eq(type, part_kind_word(kind)) ||
		       import_add(&o->in, p, "technology", type, j)) &&
		import_copy(&o->in, p, "description", j, S("description")) &&
		read_threats(o, j, p->id);
}

/* The zone of component `index`, up its parents; "" when there is none. */
static str zone_above(struct otm *o, const struct json **items, int32_t index)
{
	for (int depth = 0; depth < MODEL_DEPTH && index != PART_NONE; depth++) {
		const struct json *parent = json_member(items[index], S("parent"));
		str zone = name_clean(o->in.arena, json_text(parent, S("trustZone")));
		if (zone.n)
			return part_index_find(&o->in.of[PART_ZONE], zone) == PART_NONE ? S("")
											: zone;
		index = part_index_find(&o->in.of[PART_ELEMENT],
			name_clean(o->in.arena, json_text(parent, S("component"))));
	}
	return S("");
}

/* An asset that the component holds.  Stores hold what is stored, others what is processed; where a
   file says it the other way round, the list is kept, too. */
static bool read_held(struct otm *o, const struct json *component, struct part *p, str side)
{
	const struct json *list;
	bool is_stored = str_eq(side, S("stored"));
	bool is_usual = is_stored == (p->kind == PART_IS_STORE);

	if (!import_list(&o->in, import_object(&o->in, component, S("assets")), side, &list))
		return false;
	json_each(use, list)
	{
		str id = use->type == JSON_STRING ? name_clean(o->in.arena, use->text) : S("");
		int32_t asset = part_index_find(&o->in.of[PART_ASSET], id);
		if (asset == PART_NONE) {
			if (!import_miss(&o->in, use, "no such asset"))
				return false;
			continue;
		}
		struct part *held = &o->in.model->of[PART_ASSET].list[asset];
		if (is_usual)
			import_take(&o->in, use);
		if (!part_is(held, S("at"), p->id) && !import_add(&o->in, held, "at", p->id, use))
			return false;
	}
	return true;
}

/* The representation of a part in drawing `drawing`, or its first with a place. */
static const struct json *drawn_in(const struct json *part, str drawing)
{
	json_each(r, json_member(part, S("representations")))
	{
		bool is_it = !drawing.n || str_eq(json_text(r, S("representation")), drawing);
		if (is_it && json_member(r, S("position")))
			return r;
	}
	return NULL;
}

/* Which of the drawings of the file `id` is. */
static int32_t drawing_of(const struct otm *o, str id)
{
	int32_t nth = 0;

	json_each(r, json_member(o->root, S("representations")))
	{
		if (str_eq(json_text(r, S("id")), id))
			return nth;
		nth++;
	}
	return nth;
}

/* The part around another. */
static const struct json *parent_of(
	const struct otm *o, const struct json **items, const struct json *part)
{
	const struct json *parent = json_member(part, S("parent"));
	int32_t component = part_index_find(&o->in.of[PART_ELEMENT],
			name_clean(o->in.arena, json_text(parent, S("component")))),
		zone = part_index_find(&o->in.of[PART_ZONE],
			name_clean(o->in.arena, json_text(parent, S("trustZone"))));

	return component != PART_NONE ? items[component]
		: zone != PART_NONE   ? o->zones[zone]
				      : NULL;
}

/* Where a zone or a component is drawn: places count from the part around it. */
static bool read_spot(
	struct otm *o, const struct json **items, const struct json *part, const struct part *p)
{
	const struct json *own = drawn_in(part, S("")), *r = own;
	str drawing = json_text(own, S("representation"));
	int64_t x = 0, y = 0;

	for (int depth = 0; r && depth < MODEL_DEPTH; depth++) {
		const struct json *at = json_member(r, S("position"));
		x += import_whole(json_member(at, S("x")));
		y += import_whole(json_member(at, S("y")));
		part = parent_of(o, items, part);
		r = drawn_in(part, drawing);
	}
	const struct json *size = json_member(own, S("size"));
	if (!own || x < -OTM_REACH || x > OTM_REACH || y < -OTM_REACH || y > OTM_REACH)
		return true;
	return import_spot(&o->in, p, drawing_of(o, drawing),
		(struct box){(int32_t)x, (int32_t)y,
			(int32_t)import_whole(json_member(size, S("width"))),
			(int32_t)import_whole(json_member(size, S("height")))});
}

static bool read_component_ends(struct otm *o, const struct json **items, int32_t i)
{
	struct part *p = &o->in.model->of[PART_ELEMENT].list[i];
	const struct json *parent = import_object(&o->in, items[i], S("parent"));
	str component = name_clean(o->in.arena, json_text(parent, S("component")));
	str zone = zone_above(o, items, i);

	import_enter(&o->in, S(""), "components", i);
	if (zone.n && !import_add(&o->in, p, "in", zone, parent))
		return false;
	if (!zone.n && parent && !import_miss(&o->in, parent, "no such zone; it is unknown"))
		return false;
	if (component.n && part_index_find(&o->in.of[PART_ELEMENT], component) != PART_NONE) {
		import_name(&o->in, parent, S("component"));
		if (!import_add(&o->in, p, "part-of", component, parent))
			return false;
	} else if (zone.n) {
		import_name(&o->in, parent, S("trustZone"));
	}
	return read_held(o, items[i], p, S("stored")) &&
		read_held(o, items[i], p, S("processed")) && import_keep(&o->in, p, items[i]);
}

static bool read_zone_parent(
	struct otm *o, const struct json **items, const struct json *j, struct part *p)
{
	const struct json *parent = import_object(&o->in, j, S("parent"));
	str zone = name_clean(o->in.arena, json_text(parent, S("trustZone")));
	str component = name_clean(o->in.arena, json_text(parent, S("component")));

	if (component.n) {
		zone = zone_above(o, items, part_index_find(&o->in.of[PART_ELEMENT], component));
		if (!import_lose(&o->in, parent,
			    "a zone inside a component lies in the zone of that component"))
			return false;
	}
	if (zone.n && part_index_find(&o->in.of[PART_ZONE], zone) == PART_NONE)
		return import_miss(&o->in, parent, "no such zone; it is unknown") &&
			import_keep(&o->in, p, j);
	if (zone.n && !component.n)
		import_name(&o->in, parent, S("trustZone"));
	return import_add(&o->in, p, "in", zone, parent) && import_keep(&o->in, p, j);
}

static bool read_end(
	struct otm *o, struct part *p, const struct json *flow, const char *key, str side)
{
	const struct json *end = json_member(flow, side);
	str id = name_clean(o->in.arena, json_text(flow, side));

	if (id.n && part_index_find(&o->in.of[PART_ELEMENT], id) != PART_NONE) {
		import_name(&o->in, flow, side);
		return import_add(&o->in, p, key, id, end);
	}
	return import_add(&o->in, p, key, S("?"), end) &&
		import_miss(&o->in, end ? end : flow,
			"this end of the flow is not a component of the file");
}

static bool read_carried(struct otm *o, struct part *p, const struct json *j)
{
	const struct json *list;

	if (!import_list(&o->in, j, S("assets"), &list))
		return false;
	json_each(use, list)
	{
		str id = use->type == JSON_STRING ? name_clean(o->in.arena, use->text) : S("");
		bool found = part_index_find(&o->in.of[PART_ASSET], id) != PART_NONE;
		if (found)
			import_take(&o->in, use);
		if (found ? !import_add(&o->in, p, "carries", id, use)
			  : !import_miss(&o->in, use, "no such asset"))
			return false;
	}
	return true;
}

static bool read_flow(struct otm *o, const struct json *j)
{
	struct part *p = add(o, j, PART_IS_FLOW);

	if (!p || !read_end(o, p, j, "from", S("source")) ||
		!read_end(o, p, j, "to", S("destination")))
		return false;
	if (import_flag(&o->in, j, S("bidirectional")) &&
		!import_add(&o->in, p, "both-ways", S("yes"), j))
		return false;
	return read_carried(o, p, j) &&
		import_copy(&o->in, p, "description", j, S("description")) &&
		read_threats(o, j, p->id) && import_keep(&o->in, p, j);
}

/* Every object of a list of the file, by `take`. */
static bool each(struct otm *o, const char *key, bool (*take)(struct otm *o, const struct json *j))
{
	const struct json *list;
	isize nth = 0;

	if (!import_list(&o->in, o->root, str_of(key), &list))
		return false;
	json_each(j, list)
	{
		import_enter(&o->in, S(""), key, nth++);
		if (!take(o, j))
			return false;
	}
	return true;
}

static bool read_parts(struct otm *o)
{
	struct model *m = o->in.model;
	const struct json **items;
	isize n = 0, zone = 0;

	if (!each(o, "trustZones", read_zone) || !each(o, "assets", read_asset) ||
		!each(o, "components", read_component))
		return false;
	items = arena_bulk(o->in.arena, (m->of[PART_ELEMENT].count + 1) * (isize)sizeof *items);
	if (!items)
		return import_no_room(&o->in);
	json_each(j, json_member(o->root, S("components"))) items[n++] = j;
	o->zones = arena_bulk(o->in.arena, (m->of[PART_ZONE].count + 1) * (isize)sizeof *o->zones);
	if (!o->zones)
		return import_no_room(&o->in);
	n = 0;
	json_each(j, json_member(o->root, S("trustZones"))) o->zones[n++] = j;
	if (!import_index(&o->in, PART_ZONE) || !import_index(&o->in, PART_ASSET) ||
		!import_index(&o->in, PART_ELEMENT))
		return false;
	json_each(j, json_member(o->root, S("trustZones")))
	{
		import_enter(&o->in, S(""), "trustZones", zone);
		struct part *p = &m->of[PART_ZONE].list[zone++];
		if (!read_spot(o, items, j, p) || !read_zone_parent(o, items, j, p))
			return false;
	}
	for (int32_t i = 0; i < m->of[PART_ELEMENT].count; i++)
		if (!read_component_ends(o, items, i) ||
			!read_spot(o, items, items[i], &m->of[PART_ELEMENT].list[i]))
			return false;
	return each(o, "dataflows", read_flow);
}

bool otm_read(struct arena *a, struct err *e, const struct file_source *from, struct model **out)
{
	const struct json *root = from->root;
	struct otm o = {.in = {.quiet = "representations position size representation id tags"}};

	if (!import_begin(&o.in, a, e, MODEL_OTM, from))
		return false;
	o.root = root;
	const struct json *version = json_member(root, S("otmVersion"));
	const struct json *project = json_member(root, S("project"));
	str number = json_text(root, S("otmVersion"));
	if (number.n == 0)
		return import_bad(&o.in, root, "otmVersion is missing");
	if (!str_starts(number, S("0.1")) && !str_starts(number, S("0.2")))
		return import_bad(&o.in, version, "OTM is read in its versions 0.1 and 0.2");
	if (!project || project->type != JSON_OBJECT)
		return import_bad(&o.in, project ? project : root, "project is missing");
	import_take(&o.in, version);
	import_open(&o.in, project);
	o.in.model->name = import_system(&o.in, project, S("name"));
	const struct json *ward =
		import_object(&o.in, import_object(&o.in, project, S("attributes")), S("ward"));
	return index_threats(&o) && read_parts(&o) &&
		import_finish(
			&o.in, json_member(ward, S("parts")), json_member(ward, S("more")), out);
}
