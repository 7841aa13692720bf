/*
 * OWASP Threat Model Library 1.0 in.  Zones are flat there, boundaries are pairs of zones, and
 * everything has a symbolic name.  Controls name the threats that they counter.
 */
#include "threat/formats/tmlib_in.h"

static struct part *add(struct importer *in, const struct json *j, enum part_kind kind)
{
	struct part *p = import_part(in, j, kind, S("symbolic_name"), S("title"));

	return p && import_copy(in, p, "description", j, S("description")) ? p : NULL;
}

static bool take_zone(struct importer *in, const struct json *j)
{
	struct part *p = add(in, j, PART_IS_ZONE);

	return p && import_keep(in, p, j);
}

/* `type` stays with what is kept: theirs has more words than ours. */
static bool take_actor(struct importer *in, const struct json *j)
{
	struct part *p = add(in, j, PART_IS_ACTOR);

	return p && import_ref(in, p, "in", j, S("trust_zone"), PART_ZONE) &&
		import_add(in, p, "actor-type", tmlib_actor_type(json_text(j, S("type"))), j) &&
		import_keep(in, p, j);
}

static bool take_component(struct importer *in, const struct json *j)
{
	struct part *p = add(in, j, PART_IS_PROCESS);

	return p && import_ref(in, p, "in", j, S("trust_zone"), PART_ZONE);
}

static bool take_store(struct importer *in, const struct json *j)
{
	struct part *p = add(in, j, PART_IS_STORE);

	return p && import_ref(in, p, "in", j, S("trust_zone"), PART_ZONE) &&
		import_add(in, p, "store-type", tmlib_store_type(json_text(j, S("type"))), j) &&
		import_keep(in, p, j);
}

/* Placements say whether they are encrypted, too: kept as they are. */
static bool take_set(struct importer *in, const struct json *j)
{
	struct part *p = add(in, j, PART_IS_ASSET);

	if (!p)
		return false;
	json_each(word, json_member(j, S("data_sensitivity")))
	{
		for (int i = 0; i < COUNT_OF(tmlib_classes); i++)
			if (word->type == JSON_STRING &&
				str_eq(word->text, tmlib_classes[i].theirs) &&
				!import_add(in, p, "class", str_of(tmlib_classes[i].ours), word))
				return false;
	}
	return import_placements(in, p, j, S("data_store")) && import_keep(in, p, j);
}

static bool read_end(
	struct importer *in, struct part *p, const char *key, const struct json *flow, str side)
{
	const struct json *end = import_object(in, flow, side);
	str id = name_clean(in->arena, json_text(end, S("object")));

	if (part_index_find(&in->of[PART_ELEMENT], id) == PART_NONE)
		return import_add(in, p, key, S("?"), end) &&
			import_miss(
				in, end ? end : flow, "this end of the flow is not in the file");
	import_take(in, end);
	return import_add(in, p, key, id, end);
}

static bool take_flow(struct importer *in, const struct json *j)
{
	struct part *p = add(in, j, PART_IS_FLOW);
	const struct json *encrypted = json_member(j, S("encrypted"));

	if (!p || !read_end(in, p, "from", j, S("source")) ||
		!read_end(in, p, "to", j, S("destination")))
		return false;
	if (encrypted && (encrypted->type == JSON_TRUE || encrypted->type == JSON_FALSE) &&
		!import_add(in, p, "encryption",
			json_bool(import_take(in, encrypted), false) ? S("yes") : S("none"),
			encrypted))
		return false;
	return import_keep(in, p, j);
}

static bool take_assumption(struct importer *in, const struct json *j)
{
	isize nth = in->model->of[PART_ASSUMPTION].count + 1;

	if (arena_room(in->arena) < LIMIT_TEXT)
		return import_no_room(in);
	struct part *p = model_add(in->arena, in->err, in->model, PART_IS_ASSUMPTION,
		str_fmt(in->arena, "A%td", nth), import_name(in, j, S("description")),
		import_place(in, j));
	return p && import_keep(in, p, j);
}

static bool take_threat(struct importer *in, const struct json *j)
{
	str id = import_name(in, j, S("symbolic_name"));
	struct part *p = import_threat(in, j, id, import_name(in, j, S("title")), S(""));

	return p && import_copy(in, p, "description", j, S("description")) &&
		import_refs(in, p, "at", j, S("components_affected"), PART_ELEMENT) &&
		import_keep(in, p, j);
}

/* A control stays with the file; the threats that it counters learn its name. */
static bool take_control(struct importer *in, const struct json *j)
{
	str id = name_clean(in->arena, json_text(j, S("symbolic_name")));

	json_each(threat, json_member(j, S("threats")))
	{
		int32_t found = part_index_find(&in->of[PART_THREAT],
			threat->type == JSON_STRING ? name_clean(in->arena, threat->text) : S(""));
		if (found != PART_NONE && id.n &&
			!import_add(
				in, &in->model->of[PART_THREAT].list[found], "counter", id, threat))
			return false;
	}
	return true;
}

/* Whose part a component is, once all are known. */
static bool read_parents(struct importer *in, const struct json *root, isize first)
{
	isize nth = 0;

	json_each(j, json_member(root, S("components")))
	{
		import_enter(in, S(""), "components", nth++);
		if (j->type != JSON_OBJECT)
			continue;
		struct part *p = &in->model->of[PART_ELEMENT].list[first++];
		if (!import_ref(in, p, "part-of", j, S("parent_component"), PART_ELEMENT) ||
			!import_keep(in, p, j))
			return false;
	}
	in->path = S("");
	return true;
}

bool tmlib_read(struct arena *a, struct err *e, const struct file_source *from, struct model **out)
{
	const struct json *root = from->root;
	struct importer in = {.quiet = "$schema version"};

	if (!import_begin(&in, a, e, MODEL_TM_LIBRARY, from))
		return false;
	in.model->name = import_system(&in, import_object(&in, root, S("scope")), S("title"));
	const struct json *ward =
		import_object(&in, import_object(&in, root, S("extensions")), tmlib_extension);
	if (!import_each(&in, root, "trust_zones", take_zone) || !import_index(&in, PART_ZONE) ||
		!import_each(&in, root, "actors", take_actor))
		return false;
	isize first = in.model->of[PART_ELEMENT].count;
	return import_each(&in, root, "components", take_component) &&
		import_each(&in, root, "data_stores", take_store) &&
		import_index(&in, PART_ELEMENT) && read_parents(&in, root, first) &&
		import_each(&in, root, "data_sets", take_set) &&
		import_each(&in, root, "data_flows", take_flow) &&
		import_each(&in, root, "assumptions", take_assumption) &&
		import_each(&in, root, "threats", take_threat) && import_index(&in, PART_THREAT) &&
		import_each(&in, root, "controls", take_control) &&
		import_finish(
			&in, json_member(ward, S("parts")), json_member(ward, S("more")), out);
}
