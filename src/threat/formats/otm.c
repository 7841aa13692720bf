/*
 * Open Threat Model, 0.1 and 0.2, as JSON.  A trust rating t of 0 to 100 is exposure 5 - t/25,
 * rounded; C, I and A of 0 to 100 are the nearest quarter, at least 1.  What was read is kept.
 */
#include "threat/formats/formats_in.h"

struct otm {
	struct importer in;
	struct part_index zones, elements, assets, threats;
	const struct json *root;
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

	type = type.n < LIMIT_TEXT ? str_lower(a, type) : S("");
	return has_word(type, stores)     ? PART_IS_STORE
		: has_word(type, actors)  ? PART_IS_ACTOR
		: has_word(type, devices) ? PART_IS_DEVICE
					  : PART_IS_PROCESS;
}

static struct part *add(struct otm *o, const struct json *j, enum part_kind kind)
{
	str id = name_clean(o->in.arena, json_text(j, S("id")));

	if (id.n == 0) {
		import_bad(&o->in, j, "this has no id");
		return NULL;
	}
	return model_add(o->in.arena, o->in.err, o->in.model, kind, id,
		name_clean(o->in.arena, json_text(j, S("name"))), import_place(&o->in, j));
}

static bool read_zone(struct otm *o, const struct json *j)
{
	static const str words[] = {
		S_INIT("1"), S_INIT("2"), S_INIT("3"), S_INIT("4"), S_INIT("5")};
	struct part *p = add(o, j, PART_IS_ZONE);
	const struct json *rating = json_member(json_member(j, S("risk")), S("trustRating"));

	if (!p)
		return false;
	if (!rating || rating->type != JSON_NUMBER)
		return true;
	int64_t t = import_whole(rating);
	t = t < 0 ? 0 : t > 100 ? 100 : t;
	int64_t exposure = 5 - (t * 2 + 25) / 50;
	return import_add(
		       &o->in, p, "exposure", words[(exposure < 1 ? 1 : exposure) - 1], rating) &&
		import_add(&o->in, p, "trust-rating", rating->text, rating);
}

static bool read_asset(struct otm *o, const struct json *j)
{
	static const struct {
		str member;
		const char *key, *read;
	} sides[] = {{S_INIT("confidentiality"), "c", "read-c"},
		{S_INIT("integrity"), "i", "read-i"}, {S_INIT("availability"), "a", "read-a"}};
	static const str levels[] = {
		S_INIT("low"), S_INIT("medium"), S_INIT("high"), S_INIT("very-high")};
	struct part *p = add(o, j, PART_IS_ASSET);

	if (!p)
		return false;
	for (int k = 0; k < 3; k++) {
		const struct json *v = json_member(json_member(j, S("risk")), sides[k].member);
		if (!v || v->type != JSON_NUMBER)
			continue;
		int64_t level = (import_whole(v) * 2 + 25) / 50;
		level = level < 1 ? 1 : level > 4 ? 4 : level;
		if (!import_add(&o->in, p, sides[k].key, levels[level - 1], v) ||
			!import_add(&o->in, p, sides[k].read, v->text, v))
			return false;
	}
	return true;
}

/* The threats of the file by id, so that many uses stay cheap. */
static bool index_threats(struct otm *o)
{
	const struct json *list = json_member(o->root, S("threats"));
	isize room = list ? list->count : 0;
	struct parts threats = {
		.list = arena_bulk(o->in.arena, (room + 1) * (isize)sizeof(struct part))};

	if (!threats.list)
		return FAIL(o->in.err, ERR_LIMIT, "the file needs more memory than it is given");
	json_each(t, list) threats.list[threats.count++] =
		(struct part){.id = json_text(t, S("id")), .name = json_text(t, S("name"))};
	return part_index_make(o->in.arena, o->in.err, &threats, &o->threats);
}

static str threat_name(struct otm *o, str id)
{
	int32_t found = part_index_find(&o->threats, id);

	return found == PART_NONE ? id : o->threats.parts[found].name;
}

static bool read_threats(struct otm *o, const struct json *j, str target)
{
	const struct json *list = json_member(j, S("threats"));

	json_each(use, list)
	{
		str id = json_text(use, S("threat"));
		struct part *p = import_threat(&o->in, use, threat_name(o, id), target);
		if (!p || !import_add(&o->in, p, "ref", id, use) ||
			!import_add(&o->in, p, "status", json_text(use, S("state")), use))
			return false;
		json_each(m,
			json_member(
				use, S("mitigations"))) if (!import_add(&o->in, p, "counter",
								    json_text(m, S("mitigation")),
								    m)) return false;
	}
	return true;
}

static bool read_component(struct otm *o, const struct json *j)
{
	str type = json_text(j, S("type"));
	struct part *p = add(o, j, kind_of(o->in.arena, type));

	return p && import_add(&o->in, p, "technology", type, j) &&
		import_add(&o->in, p, "description", json_text(j, S("description")), j) &&
		read_threats(o, j, p->id);
}

/* The zone of component `index`, up its parents; "" when there is none. */
static str zone_above(struct otm *o, const struct json **items, int32_t index)
{
	for (int depth = 0; depth < MODEL_DEPTH && index != PART_NONE; depth++) {
		const struct json *parent = json_member(items[index], S("parent"));
		str zone = name_clean(o->in.arena, json_text(parent, S("trustZone")));
		if (zone.n)
			return part_index_find(&o->zones, zone) == PART_NONE ? S("") : zone;
		index = part_index_find(
			&o->elements, name_clean(o->in.arena, json_text(parent, S("component"))));
	}
	return S("");
}

static bool read_component_ends(struct otm *o, const struct json **items, int32_t i)
{
	static const str sides[] = {S_INIT("stored"), S_INIT("processed")};
	struct part *p = &o->in.model->of[PART_ELEMENT].list[i];
	const struct json *parent = json_member(items[i], S("parent"));
	str component = name_clean(o->in.arena, json_text(parent, S("component")));
	str zone = zone_above(o, items, i);

	if (zone.n ? !import_add(&o->in, p, "in", zone, parent)
		   : !import_lose(
			     &o->in, parent ? parent : items[i], "no such zone; it is unknown"))
		return false;
	if (component.n && part_index_find(&o->elements, component) != PART_NONE &&
		!import_add(&o->in, p, "part-of", component, parent))
		return false;
	for (int k = 0; k < 2; k++) {
		json_each(use, json_member(json_member(items[i], S("assets")), sides[k]))
		{
			int32_t asset = use->type == JSON_STRING
				? part_index_find(&o->assets, name_clean(o->in.arena, use->text))
				: PART_NONE;
			if (asset == PART_NONE ? !import_lose(&o->in, use, "no such asset")
					       : !import_add(&o->in,
							 &o->in.model->of[PART_ASSET].list[asset],
							 "at", p->id, use))
				return false;
		}
	}
	return true;
}

static bool read_zone_parent(
	struct otm *o, const struct json **items, const struct json *j, struct part *p)
{
	const struct json *parent = json_member(j, S("parent"));
	str zone = name_clean(o->in.arena, json_text(parent, S("trustZone")));
	str component = name_clean(o->in.arena, json_text(parent, S("component")));

	if (component.n) {
		zone = zone_above(o, items, part_index_find(&o->elements, component));
		if (!import_lose(&o->in, parent,
			    "a zone inside a component lies in the zone of that component"))
			return false;
	}
	if (zone.n && part_index_find(&o->zones, zone) == PART_NONE)
		return import_lose(&o->in, parent, "no such zone; it is unknown");
	return import_add(&o->in, p, "in", zone, parent);
}

static bool read_end(
	struct otm *o, struct part *p, const struct json *flow, const char *key, str side)
{
	const struct json *end = json_member(flow, side);
	str id = name_clean(o->in.arena, json_text(flow, side));

	if (id.n && part_index_find(&o->elements, id) != PART_NONE)
		return import_add(&o->in, p, key, id, end);
	return import_add(&o->in, p, key, S("?"), end) &&
		import_lose(&o->in, end ? end : flow,
			"this end of the flow is no component of the file");
}

static bool read_flow(struct otm *o, const struct json *j)
{
	struct part *p = add(o, j, PART_IS_FLOW);

	if (!p || !read_end(o, p, j, "from", S("source")) ||
		!read_end(o, p, j, "to", S("destination")))
		return false;
	if (json_bool(json_member(j, S("bidirectional")), false) &&
		!import_add(&o->in, p, "both-ways", S("yes"), j))
		return false;
	json_each(use, json_member(j, S("assets")))
	{
		str id = use->type == JSON_STRING ? name_clean(o->in.arena, use->text) : S("");
		bool found = part_index_find(&o->assets, id) != PART_NONE;
		if (found ? !import_add(&o->in, p, "carries", id, use)
			  : !import_lose(&o->in, use, "no such asset"))
			return false;
	}
	return import_add(&o->in, p, "description", json_text(j, S("description")), j) &&
		read_threats(o, j, p->id);
}

static bool read_parts(struct otm *o)
{
	struct model *m = o->in.model;
	const struct json *components = json_member(o->root, S("components"));
	const struct json **items;
	isize n = 0, zone = 0;

	json_each(j, json_member(o->root, S("trustZones"))) if (!read_zone(o, j)) return false;
	json_each(j, json_member(o->root, S("assets"))) if (!read_asset(o, j)) return false;
	json_each(j, components) if (!read_component(o, j)) return false;
	items = arena_bulk(o->in.arena, (m->of[PART_ELEMENT].count + 1) * (isize)sizeof *items);
	if (!items)
		return FAIL(o->in.err, ERR_LIMIT, "the file needs more memory than it is given");
	json_each(j, components) items[n++] = j;
	if (!part_index_make(o->in.arena, o->in.err, &m->of[PART_ZONE], &o->zones) ||
		!part_index_make(o->in.arena, o->in.err, &m->of[PART_ASSET], &o->assets) ||
		!part_index_make(o->in.arena, o->in.err, &m->of[PART_ELEMENT], &o->elements))
		return false;
	json_each(j,
		json_member(o->root,
			S("trustZones"))) if (!read_zone_parent(o, items, j,
						      &m->of[PART_ZONE].list[zone++])) return false;
	for (int32_t i = 0; i < m->of[PART_ELEMENT].count; i++)
		if (!read_component_ends(o, items, i))
			return false;
	json_each(j, json_member(o->root, S("dataflows"))) if (!read_flow(o, j)) return false;
	return true;
}

bool model_otm_parse(struct arena *a, struct err *e, str name, str bytes, struct model **out)
{
	struct otm o = {.in = {.arena = a, .err = e}};

	o.root = json_parse(a, e, bytes);
	if (!o.root || !import_begin(&o.in, bytes))
		return false;
	const struct json *version = json_member(o.root, S("otmVersion"));
	const struct json *project = json_member(o.root, S("project"));
	str number = json_text(o.root, S("otmVersion"));
	if (number.n == 0)
		return import_bad(&o.in, o.root, "otmVersion is missing");
	if (!str_starts(number, S("0.1")) && !str_starts(number, S("0.2")))
		return import_bad(&o.in, version, "OTM is read in its versions 0.1 and 0.2");
	if (!project || project->type != JSON_OBJECT)
		return import_bad(&o.in, project ? project : o.root, "project is missing");
	o.in.model = model_new(a, name, MODEL_OTM);
	o.in.model->name = name_clean(a, json_text(project, S("name")));
	if (!index_threats(&o) || !read_parts(&o) || !model_finish(a, e, o.in.model))
		return false;
	*out = o.in.model;
	return true;
}
