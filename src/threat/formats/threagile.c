/*
 * Threagile in, as YAML: 0.9 to master, in the spellings of each.  Things are keyed by their titles
 * and referred to by their ids; a link belongs to the asset it begins at and has no id, so it is
 * called after both.  Where a list is meant, there may be nothing.
 */
#include "threat/formats/importer.h"

/* "Web Traffic" is web-traffic, as Threagile itself makes ids of titles. */
static str slug(struct importer *in, str head, str title)
{
	isize room = head.n + 1 + title.n;
	char *p = arena_bulk(in->arena, room + 1);
	isize n = 0;

	if (!p)
		return S("");
	if (head.n) {
		memcpy(p, head.p, (size_t)head.n);
		p[head.n] = '>';
		n = head.n + 1;
	}
	for (isize i = 0; i < title.n; i++) {
		char c = title.p[i];
		bool is_upper = c >= 'A' && c <= 'Z';
		bool is_word = is_upper || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
			((unsigned char)c & 0x80);
		if (is_word)
			p[n++] = is_upper ? (char)(c + 32) : c;
		else if (n && p[n - 1] != '-')
			p[n++] = '-';
	}
	return (str){p, n};
}

/* True, and the other words that YAML readers of Go take for it. */
static bool is_true(struct importer *in, const struct json *j, str key)
{
	const struct json *m = json_member(j, key);
	bool is_word = m && m->type == JSON_STRING &&
		(str_eq_fold(m->text, S("yes")) || str_eq_fold(m->text, S("on")));

	if (is_word)
		import_take(in, m);
	return is_word || import_flag(in, j, key);
}

/* Every value of a mapping by title, which is its key.  The mapping may be missing or null. */
static bool each(struct importer *in, const struct json *j, const char *key,
	bool (*take)(struct importer *in, const struct json *item))
{
	const struct json *map = json_member(j, str_of(key));
	str above = in->path;

	if (!map || map->type == JSON_NULL)
		return true;
	if (map->type != JSON_OBJECT)
		return import_bad(in, map, "this is a mapping of titles");
	import_open(in, map);
	json_each(item, map)
	{
		import_enter(in, above, key, -1);
		import_below(in, item->key);
		if (item->type != JSON_OBJECT)
			return import_bad(in, item, "what a title stands for is a mapping");
		if (!take(in, import_open(in, item)))
			return false;
	}
	in->path = above;
	return true;
}

static struct part *add(struct importer *in, const struct json *j, enum part_kind kind)
{
	str id = import_name(in, j, S("id")), name = name_clean(in->arena, j->key);

	if (id.n == 0)
		id = slug(in, S(""), j->key);
	if (id.n == 0) {
		import_bad(in, j, "this has neither an id nor a title");
		return NULL;
	}
	struct part *p = model_add(in->arena, in->err, in->model, kind, id,
		str_eq(id, name) ? S("") : name, import_place(in, j));
	return p && import_copy(in, p, "description", j, S("description")) ? p : NULL;
}

/* ---- data ---- */

static bool take_data(struct importer *in, const struct json *j)
{
	static const str words[][2] = {{S_INIT("public"), S_INIT("1")},
		{S_INIT("internal"), S_INIT("2")}, {S_INIT("restricted"), S_INIT("3")},
		{S_INIT("confidential"), S_INIT("4")},
		{S_INIT("strictly-confidential"), S_INIT("4")}, {S_INIT("archive"), S_INIT("1")},
		{S_INIT("operational"), S_INIT("2")}, {S_INIT("important"), S_INIT("3")},
		{S_INIT("critical"), S_INIT("4")}, {S_INIT("mission-critical"), S_INIT("4")}};
	static const char *const sides[][2] = {
		{"confidentiality", "c"}, {"integrity", "i"}, {"availability", "a"}};
	struct part *p = add(in, j, PART_IS_ASSET);

	if (!p)
		return false;
	for (int k = 0; k < 3; k++) {
		const struct json *v = json_member(j, str_of(sides[k][0]));
		str word = json_text(j, str_of(sides[k][0]));
		for (int i = 0; i < COUNT_OF(words); i++)
			if (str_eq(word, words[i][0]) &&
				!import_add(in, p, sides[k][1], words[i][1], v))
				return false;
	}
	return import_keep(in, p, j);
}

/* ---- technical assets ---- */

static bool read_technology(struct importer *in, struct part *p, const struct json *j)
{
	const struct json *list;

	if (!import_copy(in, p, "technology", j, S("technology")) ||
		!import_list(in, j, S("technologies"), &list))
		return false;
	json_each(word, list)
	{
		if (word->type == JSON_STRING &&
			!import_add(in, p, "technology", import_take(in, word)->text, word))
			return false;
	}
	return true;
}

/* How what it stores is encrypted; an actor stores nothing of ours. */
static bool read_encryption(struct importer *in, struct part *p, const struct json *j)
{
	const struct json *encryption = json_member(j, S("encryption"));
	str word = json_text(j, S("encryption"));

	if (p->kind == PART_IS_ACTOR || !word.n)
		return true;
	if (str_eq(word, S("none")))
		return import_add(in, p, "at-rest", import_take(in, encryption)->text, encryption);
	return import_add(in, p, "at-rest",
		str_eq(word, S("transparent")) ? S("disk") : S("record"), encryption);
}

static enum part_kind kind_of(str type)
{
	return str_eq(type, S("external-entity")) ? PART_IS_ACTOR
		: str_eq(type, S("datastore"))    ? PART_IS_STORE
						  : PART_IS_PROCESS;
}

static bool take_asset(struct importer *in, const struct json *j)
{
	str type = json_text(j, S("type"));
	enum part_kind kind = kind_of(type);
	bool is_human = json_bool(json_member(j, S("used_as_client_by_human")), false);
	struct part *p = add(in, j, kind);

	if (!p || !read_technology(in, p, j))
		return false;
	if (kind != PART_IS_PROCESS || str_eq(type, S("process")))
		import_text(in, j, S("type"));
	if (kind == PART_IS_ACTOR && is_human && !import_add(in, p, "actor-type", S("person"), j))
		return false;
	if (is_true(in, j, S("out_of_scope")) && !import_add(in, p, "out-of-scope", S("yes"), j))
		return false;
	return read_encryption(in, p, j);
}

/* The assets that it holds, once both are known. */
static bool read_held(struct importer *in, const struct json *j, str id)
{
	static const str sides[] = {S_INIT("data_assets_stored"), S_INIT("data_assets_processed")};

	for (int k = 0; k < 2; k++) {
		const struct json *list;
		if (!import_list(in, j, sides[k], &list))
			return false;
		json_each(use, list)
		{
			int32_t found = use->type == JSON_STRING
				? part_index_find(&in->of[PART_ASSET], use->text)
				: PART_NONE;
			if (found == PART_NONE) {
				if (!import_miss(in, use, "there is no such data asset"))
					return false;
				continue;
			}
			struct part *held = &in->model->of[PART_ASSET].list[found];
			import_take(in, use);
			if (!part_is(held, S("at"), id) && !import_add(in, held, "at", id, use))
				return false;
		}
	}
	return true;
}

/* ---- links ---- */

/* "sql-access-protocol-encrypted" is sql and encrypted. */
static bool read_protocol(struct importer *in, struct part *p, const struct json *j)
{
	static const str names[][2] = {{S_INIT("sql-access-protocol"), S_INIT("sql")},
		{S_INIT("jdbc"), S_INIT("sql")}, {S_INIT("odbc"), S_INIT("sql")},
		{S_INIT("ws"), S_INIT("websocket")}, {S_INIT("wss"), S_INIT("websocket")},
		{S_INIT("smtp"), S_INIT("email")}, {S_INIT("ssh-tunnel"), S_INIT("ssh")},
		{S_INIT("nosql-access-protocol"), S_INIT("nosql-access-protocol")}};
	const struct json *protocol = json_member(j, S("protocol"));
	str word = json_text(j, S("protocol")), tail = S("-encrypted");
	bool is_encrypted = str_ends(word, tail) || str_eq(word, S("wss"));

	if (str_ends(word, tail))
		word = str_part(word, 0, word.n - tail.n);
	for (int i = 0; i < COUNT_OF(names); i++)
		if (str_eq(word, names[i][0]))
			word = names[i][1];
	return import_add(in, p, "protocol", word, protocol) &&
		(!is_encrypted || import_add(in, p, "encryption", S("yes"), protocol));
}

static bool read_authentication(struct importer *in, struct part *p, const struct json *j)
{
	static const str words[][2] = {{S_INIT("none"), S_INIT("none")},
		{S_INIT("credentials"), S_INIT("password")},
		{S_INIT("session-id"), S_INIT("token")}, {S_INIT("token"), S_INIT("token")},
		{S_INIT("client-certificate"), S_INIT("client-certificate")},
		{S_INIT("two-factor"), S_INIT("second-factor")}};
	const struct json *word = json_member(j, S("authentication"));

	for (int i = 0; i < COUNT_OF(words); i++)
		if (str_eq(json_text(j, S("authentication")), words[i][0]))
			return import_add(
				in, p, "authentication", words[i][1], import_take(in, word));
	return true;
}

static bool read_target(struct importer *in, struct part *p, const struct json *j)
{
	const struct json *target = json_member(j, S("target"));
	str to = name_clean(in->arena, json_text(j, S("target")));

	if (part_index_find(&in->of[PART_ELEMENT], to) != PART_NONE)
		return import_add(in, p, "to", import_name(in, j, S("target")), target);
	return import_add(in, p, "to", S("?"), target) &&
		import_miss(in, target ? target : j, "there is no such technical asset");
}

static bool read_data(struct importer *in, struct part *p, const struct json *j)
{
	const struct json *received = json_member(j, S("data_assets_received"));

	if (received && received->count && !import_add(in, p, "both-ways", S("yes"), received))
		return false;
	return import_refs(in, p, "carries", j, S("data_assets_sent"), PART_ASSET) &&
		import_refs(in, p, "carries", j, S("data_assets_received"), PART_ASSET);
}

static bool read_link(struct importer *in, const struct json *j, str from)
{
	str id = slug(in, from, j->key);

	if (!id.n)
		return import_no_room(in);
	struct part *p = model_add(in->arena, in->err, in->model, PART_IS_FLOW, id,
		name_clean(in->arena, j->key), import_place(in, j));
	if (!p || !import_add(in, p, "from", from, j) || !read_target(in, p, j))
		return false;
	if (is_true(in, j, S("vpn")) && !import_add(in, p, "encryption", S("vpn"), j))
		return false;
	return read_protocol(in, p, j) && read_authentication(in, p, j) &&
		import_copy(in, p, "description", j, S("description")) && read_data(in, p, j) &&
		import_keep(in, p, j);
}

/* The links of every asset, and what is left of the asset itself. */
static bool read_links(struct importer *in)
{
	isize nth = 0;

	json_each(j, json_member(in->root, S("technical_assets")))
	{
		const struct json *links = json_member(j, S("communication_links"));
		import_enter(in, S(""), "technical_assets", -1);
		import_below(in, j->key);
		str above = in->path, id = in->model->of[PART_ELEMENT].list[nth].id;
		if (links && links->type != JSON_OBJECT && links->type != JSON_NULL)
			return import_bad(in, links, "this is a mapping of titles");
		import_open(in, links);
		json_each(link, links)
		{
			in->path = above;
			import_below(in, link->key);
			if (link->type != JSON_OBJECT)
				return import_bad(in, link, "what a title stands for is a mapping");
			if (!read_link(in, import_open(in, link), id))
				return false;
		}
		in->path = above;
		if (!read_held(in, j, id) ||
			!import_keep(in, &in->model->of[PART_ELEMENT].list[nth++], j))
			return false;
	}
	in->path = S("");
	return true;
}

/* ---- boundaries ---- */

static bool take_boundary(struct importer *in, const struct json *j)
{
	return add(in, j, PART_IS_ZONE) != NULL;
}

/* The boundary lists what is inside; the model says where a thing is. */
static bool read_inside(
	struct importer *in, const struct json *j, str zone, const char *key, enum part_group group)
{
	const struct json *list;

	if (!import_list(in, j, str_of(key), &list))
		return false;
	json_each(one, list)
	{
		int32_t found = one->type == JSON_STRING
			? part_index_find(&in->of[group], one->text)
			: PART_NONE;
		struct part *p = found == PART_NONE ? NULL : &in->model->of[group].list[found];
		bool is_taken = p && part_value(p, S("in")).n > 0;
		if (!p || is_taken) {
			if (!import_miss(in, one,
				    p ? "this lies inside another boundary already"
				      : "there is nothing of this id to lie inside"))
				return false;
			continue;
		}
		if (!import_add(in, p, "in", zone, import_take(in, one)))
			return false;
	}
	return true;
}

static bool read_boundaries(struct importer *in)
{
	isize nth = 0;

	json_each(j, json_member(in->root, S("trust_boundaries")))
	{
		struct part *p = &in->model->of[PART_ZONE].list[nth++];
		import_enter(in, S(""), "trust_boundaries", -1);
		import_below(in, j->key);
		if (!read_inside(in, j, p->id, "technical_assets_inside", PART_ELEMENT) ||
			!read_inside(in, j, p->id, "trust_boundaries_nested", PART_ZONE) ||
			!import_keep(in, p, j))
			return false;
	}
	in->path = S("");
	return true;
}

/* ---- risks that people wrote down ---- */

/* Titles hold markup, such as <b>; a name is text. */
static str without_markup(struct importer *in, str s)
{
	char *p = arena_bulk(in->arena, s.n + 1);
	isize n = 0;
	bool in_tag = false;

	for (isize i = 0; p && i < s.n; i++) {
		bool opens = s.p[i] == '<' && str_index(str_part(s, i, s.n), '>') > 0;
		in_tag = in_tag || opens;
		if (!in_tag)
			p[n++] = s.p[i];
		in_tag = in_tag && s.p[i] != '>';
	}
	return p ? name_clean(in->arena, (str){p, n}) : S("");
}

static bool read_risk(struct importer *in, const struct json *j, const struct json *category)
{
	const struct json *asset = json_member(j, S("most_relevant_technical_asset"));
	struct part *p = import_threat(in, j, S(""), without_markup(in, j->key), S(""));

	return p && import_add(in, p, "ref", json_text(category, S("id")), category) &&
		import_add(in, p, "stride", json_text(category, S("stride")), category) &&
		import_copy(in, p, "severity", j, S("severity")) &&
		(!asset || asset->type == JSON_NULL ||
			import_ref(in, p, "at", j, S("most_relevant_technical_asset"),
				PART_ELEMENT)) &&
		import_keep(in, p, j);
}

/* The category itself stays with the file. */
static bool take_category(struct importer *in, const struct json *j)
{
	const struct json *risks = json_member(j, S("risks_identified"));

	if (risks && risks->type != JSON_OBJECT && risks->type != JSON_NULL)
		return import_bad(in, risks, "this is a mapping of titles");
	import_open(in, risks);
	json_each(risk, risks)
	{
		if (risk->type != JSON_OBJECT)
			return import_bad(in, risk, "what a title stands for is a mapping");
		if (!read_risk(in, import_open(in, risk), j))
			return false;
	}
	return true;
}

/* "category@asset@…": what was decided about a risk that Threagile found; it may stand for many. */
static bool take_tracking(struct importer *in, const struct json *j)
{
	str rest = j->key, category = str_cut(&rest, '@'), asset = str_cut(&rest, '@');
	struct part *p = import_threat(in, j, name_clean(in->arena, j->key), S(""), S(""));
	bool is_known = part_index_find(&in->of[PART_ELEMENT], asset) != PART_NONE;

	return p && import_add(in, p, "ref", category, j) &&
		import_copy(in, p, "status", j, S("status")) &&
		import_copy(in, p, "note", j, S("justification")) &&
		(!is_known || import_add(in, p, "at", asset, j)) && import_keep(in, p, j);
}

bool threagile_read(
	struct arena *a, struct err *e, const struct file_source *from, struct model **out)
{
	struct file_source whole;
	struct importer in = {
		.quiet = "id tags confidentiality integrity availability protocol size "
			 "machine usage diagram_tweak_order diagram_tweak_weight "
			 "diagram_tweak_constraint images includes"};

	if (!threagile_include(a, e, from, &whole) ||
		!import_begin(&in, a, e, MODEL_THREAGILE, &whole))
		return false;
	const struct json *root = in.root;
	in.model->name = import_name(&in, root, S("title"));
	return each(&in, root, "trust_boundaries", take_boundary) && import_index(&in, PART_ZONE) &&
		each(&in, root, "data_assets", take_data) && import_index(&in, PART_ASSET) &&
		each(&in, root, "technical_assets", take_asset) &&
		import_index(&in, PART_ELEMENT) && read_boundaries(&in) && read_links(&in) &&
		each(&in, root, "individual_risk_categories", take_category) &&
		import_each(&in, root, "custom_risk_categories", take_category) &&
		each(&in, root, "risk_tracking", take_tracking) &&
		import_finish(&in, NULL, NULL, out);
}
