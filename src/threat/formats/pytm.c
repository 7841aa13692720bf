/*
 * pytm in: the JSON that it writes (`--json`) and the one that it reads.  The program itself is
 * never run.  Everything is called by its name; names of flows repeat.  A control that is not set
 * is false there, which says nothing.
 */
#include "threat/formats/importer.h"

/* A boundary may name one that comes later: all first, then who lies in whom. */
static bool take_boundary(struct importer *in, const struct json *j)
{
	struct part *p = import_part(in, j, PART_IS_ZONE, S("name"), S("name"));

	return p && import_copy(in, p, "description", j, S("description"));
}

static bool read_parents(struct importer *in)
{
	isize nth = 0, zone = 0;

	json_each(j, json_member(in->root, S("boundaries")))
	{
		import_enter(in, S(""), "boundaries", nth++);
		if (j->type != JSON_OBJECT)
			continue;
		struct part *p = &in->model->of[PART_ZONE].list[zone++];
		import_flag(in, j, S("inScope"));
		if (!import_ref(in, p, "in", j, S("inBoundary"), PART_ZONE) ||
			!import_keep(in, p, j))
			return false;
	}
	in->path = S("");
	return true;
}

/* "SECRET" and "Classification.SECRET" are the same. */
static str last_word(str s)
{
	str head = str_cut(&s, '.');

	return s.n ? s : head;
}

static bool take_data(struct importer *in, const struct json *j)
{
	static const str levels[][2] = {{S_INIT("PUBLIC"), S_INIT("low")},
		{S_INIT("RESTRICTED"), S_INIT("medium")}, {S_INIT("SENSITIVE"), S_INIT("high")},
		{S_INIT("SECRET"), S_INIT("very-high")},
		{S_INIT("TOP_SECRET"), S_INIT("very-high")}};
	struct part *p = import_part(in, j, PART_IS_ASSET, S("name"), S("name"));
	const struct json *class = json_member(j, S("classification"));
	str word = last_word(json_text(j, S("classification")));

	if (!p || !import_copy(in, p, "description", j, S("description")))
		return false;
	for (int i = 0; i < COUNT_OF(levels); i++)
		if (str_eq(word, levels[i][0]) &&
			!import_add(in, p, "c", levels[i][1], import_take(in, class)))
			return false;
	if (import_flag(in, j, S("isPII")) && !import_add(in, p, "class", S("personal-data"), j))
		return false;
	if (import_flag(in, j, S("isCredentials")) && !import_add(in, p, "class", S("secret"), j))
		return false;
	return import_refs(in, p, "at", j, S("processedBy"), PART_ELEMENT) && import_keep(in, p, j);
}

static enum part_kind kind_of(str class)
{
	static const struct {
		str class;
		enum part_kind kind;
	} words[] = {{S_INIT("Actor"), PART_IS_ACTOR}, {S_INIT("ExternalEntity"), PART_IS_ACTOR},
		{S_INIT("Datastore"), PART_IS_STORE}};

	for (int i = 0; i < COUNT_OF(words); i++)
		if (str_eq(class, words[i].class))
			return words[i].kind;
	return PART_IS_PROCESS;
}

/* What of its controls we have a word for. */
static bool read_controls(struct importer *in, struct part *p, const struct json *j)
{
	static const struct {
		str control;
		uint32_t kinds;
		const char *key, *value;
	} words[] = {
		{S_INIT("isEncryptedAtRest"), 1u << PART_IS_STORE, "at-rest", "disk"},
		{S_INIT("isEncrypted"), 1u << PART_IS_FLOW, "encryption", "yes"},
		{S_INIT("usesVPN"), 1u << PART_IS_FLOW, "encryption", "vpn"},
		{S_INIT("usesMFA"), 1u << PART_IS_ACTOR, "second-factor", "yes"},
		{S_INIT("hasAccessControl"), 1u << PART_IS_PROCESS, "checks-roles", "yes"},
		{S_INIT("sanitizesInput"), 1u << PART_IS_PROCESS, "validates-input", "yes"},
		{S_INIT("handlesResourceConsumption"), 1u << PART_IS_PROCESS, "limits-load", "yes"},
	};
	const struct json *controls = import_object(in, j, S("controls"));
	const struct json *scope = json_member(j, S("inScope"));

	for (int i = 0; i < COUNT_OF(words); i++)
		if (words[i].kinds & 1u << p->kind && import_flag(in, controls, words[i].control) &&
			!import_add(in, p, words[i].key, str_of(words[i].value), controls))
			return false;
	if (!scope || scope->type == JSON_TRUE) {
		import_take(in, scope);
		return true;
	}
	return scope->type != JSON_FALSE ||
		import_add(in, p, "out-of-scope", S("yes"), import_take(in, scope));
}

static bool take_element(struct importer *in, const struct json *j)
{
	enum part_kind kind = kind_of(json_text(j, S("__class__")));
	struct part *p = import_part(in, j, kind, S("name"), S("name"));

	return p && import_ref(in, p, "in", j, S("inBoundary"), PART_ZONE) &&
		import_copy(in, p, "technology", j, S("OS")) &&
		import_copy(in, p, "description", j, S("description")) && read_controls(in, p, j) &&
		import_keep(in, p, j);
}

static bool read_end(
	struct importer *in, struct part *p, const char *key, const struct json *j, str side)
{
	isize before = in->model->loss_count;

	if (!import_ref(in, p, key, j, side, PART_ELEMENT))
		return false;
	if (part_value(p, str_of(key)).n)
		return true;
	return import_add(in, p, key, S("?"), j) &&
		(in->model->loss_count > before ||
			import_miss(in, j, "this end of the flow is missing"));
}

static bool take_flow(struct importer *in, const struct json *j)
{
	struct part *p = import_part(in, j, PART_IS_FLOW, S("name"), S("name"));
	const struct json *protocol = json_member(j, S("protocol"));
	const struct json *port = json_member(j, S("dstPort"));

	if (!p || !read_end(in, p, "from", j, S("source")) ||
		!read_end(in, p, "to", j, S("sink")) ||
		!import_refs(in, p, "carries", j, S("data"), PART_ASSET))
		return false;
	if (port && port->type == JSON_NUMBER && import_whole(port) >= 0 &&
		!import_add(in, p, "port", import_take(in, port)->text, port))
		return false;
	return import_add(in, p, "protocol", import_word(in, protocol), protocol) &&
		import_copy(in, p, "note", j, S("note")) &&
		import_copy(in, p, "description", j, S("description")) && read_controls(in, p, j) &&
		import_keep(in, p, j);
}

/* A finding repeats the whole text of its rule; the number alone is not unique to it. */
static bool take_finding(struct importer *in, const struct json *j)
{
	str target = name_clean(in->arena, json_text(j, S("target")));
	struct part *p = import_threat(in, j, S(""), import_name(in, j, S("description")), S(""));
	bool is_known = part_index_find(&in->of[PART_ELEMENT], target) != PART_NONE ||
		part_index_find(&in->of[PART_FLOW], target) != PART_NONE ||
		part_index_find(&in->of[PART_ZONE], target) != PART_NONE;

	if (!p)
		return false;
	if (target.n && !is_known &&
		!import_miss(in, json_member(j, S("target")), "there is no such part in the file"))
		return false;
	if (is_known && !import_add(in, p, "at", import_name(in, j, S("target")), j))
		return false;
	return import_copy(in, p, "ref", j, S("threat_id")) &&
		import_copy(in, p, "severity", j, S("severity")) &&
		import_copy(in, p, "description", j, S("details")) &&
		import_copy(in, p, "mitigation", j, S("mitigations")) && import_keep(in, p, j);
}

bool pytm_read(struct arena *a, struct err *e, const struct file_source *from, struct model **out)
{
	const struct json *root = from->root;
	struct importer in = {
		.quiet = "controls levels overrides sourceFiles severity inputs outputs "
			 "findings maxClassification minTLSVersion tlsVersion port "
			 "srcPort dstPort order __class__ isOrdered mergeResponses "
			 "onDuplicates threatsFile colormap ignoreUnused data carriedBy "
			 "credentialsLife classification"};

	if (!import_begin(&in, a, e, MODEL_PYTM, from))
		return false;
	in.model->name = import_name(&in, root, S("name"));
	if (!import_each(&in, root, "boundaries", take_boundary) || !import_index(&in, PART_ZONE) ||
		!read_parents(&in) || !import_each(&in, root, "elements", take_element) ||
		!import_index(&in, PART_ELEMENT) || !import_each(&in, root, "data", take_data) ||
		!import_index(&in, PART_ASSET) || !import_each(&in, root, "flows", take_flow) ||
		!model_number(a, e, &in.model->of[PART_FLOW], false) ||
		!import_index(&in, PART_FLOW))
		return false;
	/* What it writes has the elements twice: as they are, and sorted into two lists. */
	if (json_member(root, S("elements"))) {
		import_take(&in, json_member(root, S("actors")));
		import_take(&in, json_member(root, S("assets")));
	}
	return import_each(&in, root, "findings", take_finding) &&
		import_finish(&in, NULL, NULL, out);
}
