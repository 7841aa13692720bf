/*
 * AWS threat-composer in: threats as sentences, countermeasures and assumptions, and no diagram.
 * The assets that threats name become assets, to be matched with elements by a person.
 */
#include "threat/formats/importer.h"

static const struct json *linked(struct importer *in, const char *list)
{
	const struct json *j = json_member(in->root, str_of(list));

	return j && j->type == JSON_ARRAY ? j : NULL;
}

static bool take_assumption(struct importer *in, const struct json *j)
{
	struct part *p = import_part(in, j, PART_IS_ASSUMPTION, S("id"), S("content"));

	return p && import_keep(in, p, j);
}

/* "vehicle registration" as an asset of that id; the sentences name them again and again. */
static bool add_assets(struct importer *in)
{
	isize room = 1;

	json_each(t, linked(in, "threats"))
	{
		const struct json *list = json_member(t, S("impactedAssets"));
		room += list ? list->count : 0;
	}
	struct parts all = {.list = arena_bulk(in->arena, room * (isize)sizeof *all.list)};
	struct part_index x;
	if (!all.list)
		return import_no_room(in);
	json_each(t, linked(in, "threats"))
	{
		json_each(name, json_member(t, S("impactedAssets")))
		{
			str id = name->type == JSON_STRING ? name_clean(in->arena, name->text)
							   : S("");
			if (id.n && all.count < room)
				all.list[all.count++] =
					(struct part){.id = id, .at = import_place(in, name)};
		}
	}
	if (!part_index_make(in->arena, in->err, &all, &x))
		return false;
	for (isize i = 0; i < x.count; i++) {
		const struct part *p = &all.list[x.order[i]];
		if ((i == 0 || !str_eq(p->id, all.list[x.order[i - 1]].id)) &&
			!model_add(
				in->arena, in->err, in->model, PART_IS_ASSET, p->id, S(""), p->at))
			return false;
	}
	return import_index(in, PART_ASSET);
}

/* STRIDE letters, priority and the like are pairs of a key and a value. */
static bool read_metadata(struct importer *in, struct part *p, const struct json *threat)
{
	static const str letters[][2] = {{S_INIT("S"), S_INIT("spoofing")},
		{S_INIT("T"), S_INIT("tampering")}, {S_INIT("R"), S_INIT("repudiation")},
		{S_INIT("I"), S_INIT("information-disclosure")},
		{S_INIT("D"), S_INIT("denial-of-service")},
		{S_INIT("E"), S_INIT("elevation-of-privilege")}};
	const struct json *list;

	if (!import_list(in, threat, S("metadata"), &list))
		return false;
	json_each(pair, list)
	{
		str key = json_text(pair, S("key"));
		if (str_eq(key, S("Priority")) &&
			!import_add(in, p, "severity", json_text(import_take(in, pair), S("value")),
				pair))
			return false;
		if (!str_eq(key, S("STRIDE")))
			continue;
		import_take(in, pair);
		json_each(letter, json_member(pair, S("value")))
		{
			for (int i = 0; i < COUNT_OF(letters); i++)
				if (str_eq(letter->text, letters[i][0]) &&
					!import_add(in, p, "stride", letters[i][1], letter))
					return false;
		}
	}
	return true;
}

static str status_word(str theirs)
{
	return str_eq(theirs, S("threatIdentified"))           ? S("open")
		: str_eq(theirs, S("threatResolved"))          ? S("mitigated")
		: str_eq(theirs, S("threatResolvedNotUseful")) ? S("not-applicable")
							       : theirs;
}

static bool take_threat(struct importer *in, const struct json *j)
{
	str id = import_name(in, j, S("id"));
	struct part *p = import_threat(in, j, id, import_name(in, j, S("statement")), S(""));

	return p && import_refs(in, p, "at", j, S("impactedAssets"), PART_ASSET) &&
		import_add(in, p, "status", status_word(import_text(in, j, S("status"))), j) &&
		read_metadata(in, p, j) && import_keep(in, p, j);
}

/* A countermeasure by its text, on every threat that it is linked to. */
static bool add_counters(struct importer *in)
{
	const struct json *list = linked(in, "mitigations");
	struct parts all = {0};
	struct part_index x;

	all.list = arena_bulk(in->arena, ((list ? list->count : 0) + 1) * (isize)sizeof *all.list);
	if (!all.list)
		return import_no_room(in);
	json_each(m, list)
	{
		all.list[all.count++] = (struct part){.id = json_text(m, S("id")),
			.name = name_clean(in->arena, json_text(m, S("content")))};
	}
	if (!part_index_make(in->arena, in->err, &all, &x) || !import_index(in, PART_THREAT))
		return false;
	json_each(link, linked(in, "mitigationLinks"))
	{
		int32_t m = part_index_find(&x, json_text(link, S("mitigationId")));
		int32_t t = part_index_find(&in->of[PART_THREAT], json_text(link, S("linkedId")));
		if (m != PART_NONE && t != PART_NONE &&
			!import_add(in, &in->model->of[PART_THREAT].list[t], "counter",
				all.list[m].name, link))
			return false;
	}
	return true;
}

bool composer_read(
	struct arena *a, struct err *e, const struct file_source *from, struct model **out)
{
	const struct json *root = from->root;
	struct importer in = {.quiet = "schema numericId displayOrder image"};

	if (!import_begin(&in, a, e, MODEL_COMPOSER, from))
		return false;
	in.model->name =
		import_name(&in, import_object(&in, root, S("applicationInfo")), S("name"));
	return import_each(&in, root, "assumptions", take_assumption) && add_assets(&in) &&
		import_each(&in, root, "threats", take_threat) && add_counters(&in) &&
		import_finish(&in, NULL, NULL, out);
}
