/*
 * CycloneDX 2.0, a draft, in: blueprints (zones, actors, assets, data stores and sets, flows) and
 * the threats of the file.  Everything else of a bill of materials is kept as it is.
 */
#include "threat/formats/cyclonedx_in.h"

struct cyclonedx {
	struct importer in; /* first, so that what is handed an importer finds the rest */
	isize blueprint;
};

/* Keeps what is left, and which blueprint it is in when that is not the first. */
static bool keep(struct importer *in, struct part *p, const struct json *j)
{
	isize nth = ((struct cyclonedx *)in)->blueprint;

	if (nth > 0 && arena_room(in->arena) > LIMIT_REF &&
		!import_add(in, p, "x-cyclonedx.blueprint", str_fmt(in->arena, "%td", nth), j))
		return false;
	return import_keep(in, p, j);
}

static struct part *add(struct importer *in, const struct json *j, enum part_kind kind)
{
	struct part *p = import_part(in, j, kind, S("bom-ref"), S("name"));

	return p && import_copy(in, p, "description", j, S("description")) ? p : NULL;
}

static bool take_zone(struct importer *in, const struct json *j)
{
	return add(in, j, PART_IS_ZONE) != NULL;
}

static bool take_asset(struct importer *in, const struct json *j)
{
	str type = json_text(j, S("type"));
	enum part_kind kind = str_eq(type, S("device")) ? PART_IS_DEVICE
		: str_eq(type, S("actor"))              ? PART_IS_ACTOR
		: str_eq(type, S("data-store"))         ? PART_IS_STORE
							: PART_IS_PROCESS;
	struct part *p = add(in, j, kind);

	if (p && str_eq(type, cyclonedx_asset_type(kind)))
		import_text(in, j, S("type"));
	return p && import_ref(in, p, "in", j, S("zone"), PART_ZONE) && keep(in, p, j);
}

/* A party is a person, an organization or a persona; a bare reference is to one elsewhere. */
static bool take_actor(struct importer *in, const struct json *j)
{
	const struct json *party = import_object(in, j, S("party"));
	str name = import_name(in, import_object(in, party, S("persona")), S("description"));

	if (!name.n)
		name = import_name(in, import_object(in, party, S("person")), S("name"));
	if (!name.n)
		name = import_name(in, import_object(in, party, S("organization")), S("name"));
	struct part *p = add(in, j, PART_IS_ACTOR);
	if (p && !str_eq(name, p->id))
		p->name = name;
	return p && import_ref(in, p, "in", j, S("zone"), PART_ZONE) && keep(in, p, j);
}

/* `type` stays with what is kept: theirs has more words than ours. */
static bool take_store(struct importer *in, const struct json *j)
{
	struct part *p = add(in, j, PART_IS_STORE);

	return p && import_ref(in, p, "in", j, S("zone"), PART_ZONE) &&
		import_add(in, p, "store-type", cyclonedx_store_type(json_text(j, S("type"))), j) &&
		keep(in, p, j);
}

static bool take_set(struct importer *in, const struct json *j)
{
	struct part *p = add(in, j, PART_IS_ASSET);

	return p && import_placements(in, p, j, S("dataStore")) && keep(in, p, j);
}

static bool read_end(
	struct importer *in, struct part *p, const char *key, const struct json *flow, str side)
{
	const struct json *end = json_member(flow, side);
	str id = name_clean(in->arena, json_text(flow, side));

	if (id.n && part_index_find(&in->of[PART_ELEMENT], id) != PART_NONE) {
		import_name(in, flow, side);
		return import_add(in, p, key, id, end);
	}
	return import_add(in, p, key, S("?"), end) &&
		import_miss(
			in, end ? end : flow, "this end of the flow is not part of a blueprint");
}

static bool take_flow(struct importer *in, const struct json *j)
{
	struct part *p = add(in, j, PART_IS_FLOW);
	const struct json *encrypted = json_member(j, S("encrypted")), *protocols;

	if (!p || !read_end(in, p, "from", j, S("source")) ||
		!read_end(in, p, "to", j, S("destination")) ||
		!import_list(in, j, S("protocols"), &protocols))
		return false;
	if (import_flag(in, j, S("bidirectional")) && !import_add(in, p, "both-ways", S("yes"), j))
		return false;
	json_each(word, protocols)
	{
		if (!import_add(in, p, "protocol", import_word(in, word), word))
			return false;
	}
	if (encrypted && (encrypted->type == JSON_TRUE || encrypted->type == JSON_FALSE) &&
		!import_add(in, p, "encryption",
			json_bool(import_take(in, encrypted), false) ? S("yes") : S("none"),
			encrypted))
		return false;
	return keep(in, p, j);
}

static bool take_assumption(struct importer *in, const struct json *j)
{
	str id = import_name(in, j, S("bom-ref"));
	isize nth = in->model->of[PART_ASSUMPTION].count + 1;

	if (arena_room(in->arena) < LIMIT_TEXT)
		return import_no_room(in);
	str text = import_name(in, j, S("description"));
	struct part *p = model_add(in->arena, in->err, in->model, PART_IS_ASSUMPTION,
		id.n ? id : str_fmt(in->arena, "A%td", nth), str_eq(id, text) ? S("") : text,
		import_place(in, j));
	return p && keep(in, p, j);
}

/* ---- threats ---- */

static bool read_categories(struct importer *in, struct part *p, const struct json *threat)
{
	const struct json *list;

	if (!import_list(in, threat, S("categories"), &list))
		return false;
	json_each(one, list)
	{
		if (str_eq(json_text(one, S("taxonomy")), S("STRIDE")) && one->count == 2 &&
			!import_add(in, p, "stride", json_text(import_take(in, one), S("category")),
				one))
			return false;
	}
	return true;
}

/* Whatever has the reference: an element first, as the model resolves it. */
static bool read_affected(struct importer *in, struct part *p, const struct json *threat)
{
	static const enum part_group order[] = {PART_ELEMENT, PART_FLOW, PART_ASSET, PART_ZONE};
	const struct json *list;

	if (!import_list(in, threat, S("affectedAssets"), &list))
		return false;
	json_each(one, list)
	{
		str id = one->type == JSON_STRING ? name_clean(in->arena, one->text) : S("");
		bool found = false;
		for (int i = 0; i < COUNT_OF(order) && id.n; i++)
			found |= part_index_find(&in->of[order[i]], id) != PART_NONE;
		if (found)
			import_take(in, one);
		if (found ? !import_add(in, p, "at", id, one)
			  : !import_miss(in, one, "there is no such part in the blueprints"))
			return false;
	}
	return true;
}

static bool take_threat(struct importer *in, const struct json *j)
{
	str id = import_name(in, j, S("bom-ref"));
	const struct json *mitigations;

	if (!id.n)
		return import_bad(in, j, "this has no bom-ref");
	struct part *p = import_threat(in, j, id, import_name(in, j, S("name")), S(""));
	if (!p || !import_copy(in, p, "description", j, S("description")) ||
		!read_categories(in, p, j) || !read_affected(in, p, j) ||
		!import_list(in, j, S("mitigations"), &mitigations))
		return false;
	json_each(one, mitigations)
	{
		if (one->type == JSON_STRING &&
			!import_add(in, p, "counter", import_take(in, one)->text, one))
			return false;
	}
	return import_keep(in, p, j);
}

/* What stays as it is must at least be something that others can refer to. */
static bool check_ref(struct importer *in, const struct json *j)
{
	return json_text(j, S("bom-ref")).n > 0 || import_bad(in, j, "this has no bom-ref");
}

static bool read_threats(struct importer *in)
{
	static const char *const others[] = {
		"scenarios", "attackPatterns", "attackTrees", "attackPaths", "abuseCases"};
	const struct json *threats = import_object(in, in->root, S("threats"));

	import_enter(in, S(""), "threats", -1);
	if (!import_each(in, threats, "threats", take_threat))
		return false;
	for (int i = 0; i < COUNT_OF(others); i++)
		if (!import_each(in, threats, others[i], check_ref))
			return false;
	in->path = S("");
	return true;
}

/* ---- the file ---- */

static bool take_zones(struct importer *in, const struct json *j)
{
	return import_each(in, j, "zones", take_zone);
}

static bool take_elements(struct importer *in, const struct json *j)
{
	((struct cyclonedx *)in)->blueprint++;
	return import_each(in, j, "actors", take_actor) &&
		import_each(in, j, "assets", take_asset) &&
		import_each(in, j, "dataStores", take_store);
}

/* Zones name their parents, which may come later. */
static bool keep_zones(struct importer *in, const struct json *j, isize *zone)
{
	isize nth = 0;
	str above = in->path;

	json_each(one, json_member(j, S("zones")))
	{
		import_enter(in, above, "zones", nth++);
		if (one->type != JSON_OBJECT)
			continue;
		struct part *p = &in->model->of[PART_ZONE].list[(*zone)++];
		if (!import_ref(in, p, "in", one, S("parent"), PART_ZONE) || !keep(in, p, one))
			return false;
	}
	in->path = above;
	return true;
}

static bool take_rest(struct importer *in, const struct json *j)
{
	((struct cyclonedx *)in)->blueprint++;
	return import_each(in, j, "dataSets", take_set) && import_each(in, j, "flows", take_flow) &&
		import_each(in, j, "assumptions", take_assumption);
}

static bool read_blueprints(struct cyclonedx *c)
{
	struct importer *in = &c->in;
	const struct json *list = json_member(in->root, S("blueprints"));
	isize zone = 0;

	if (!import_each(in, in->root, "blueprints", take_zones) || !import_index(in, PART_ZONE))
		return false;
	c->blueprint = -1;
	json_each(j, list)
	{
		import_enter(in, S(""), "blueprints", ++c->blueprint);
		if (!keep_zones(in, j, &zone))
			return false;
	}
	in->path = S("");
	c->blueprint = -1;
	if (!import_each(in, in->root, "blueprints", take_elements) ||
		!import_index(in, PART_ELEMENT))
		return false;
	c->blueprint = -1;
	return import_each(in, in->root, "blueprints", take_rest) && import_index(in, PART_ASSET) &&
		import_index(in, PART_FLOW);
}

/* A property of the file by name; taken, because it is ours. */
static const struct json *own_property(struct importer *in, str name)
{
	const struct json *list = json_member(in->root, S("properties"));

	if (!list || list->type != JSON_ARRAY)
		return NULL;
	json_each(one, import_open(in, list))
	{
		if (str_eq(json_text(one, S("name")), name))
			return json_member(import_take(in, one), S("value"));
	}
	return NULL;
}

bool cyclonedx_read(
	struct arena *a, struct err *e, const struct file_source *from, struct model **out)
{
	const struct json *root = from->root;
	struct cyclonedx c = {
		.in = {.quiet = "specFormat specVersion serialNumber version $schema"}};
	struct importer *in = &c.in;

	if (!import_begin(in, a, e, MODEL_CYCLONEDX, from))
		return false;
	if (!str_eq(json_text(root, S("specFormat")), S("CycloneDX")) ||
		!str_starts(json_text(root, S("specVersion")), S("2.")))
		return import_bad(in, json_member(root, S("specVersion")),
			"models are read from CycloneDX 2.0, which says specFormat CycloneDX");
	const struct json *blueprints;
	if (!import_list(in, root, S("blueprints"), &blueprints))
		return false;
	if (blueprints && blueprints->first)
		in->model->name = import_system(in, blueprints->first, S("name"));
	return read_blueprints(&c) && read_threats(in) &&
		import_finish(in, own_property(in, cyclonedx_parts),
			own_property(in, cyclonedx_more), out);
}
