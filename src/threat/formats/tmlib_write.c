/*
 * OWASP Threat Model Library 1.0.2 out.  Its symbolic names are of small letters, digits and
 * dashes: an id of other signs gets such a name, and the supplement says which id it was.  What
 * the schema asks for and the model does not say gets the value that claims least.
 */
#include "threat/formats/tmlib_in.h"

const struct tmlib_class tmlib_classes[5] = {{S_INIT("pii"), "personal-data"},
	{S_INIT("phi"), "health-data"}, {S_INIT("ip"), "intellectual-property"},
	{S_INIT("cred"), "secret"}, {S_INIT("biz"), "business"}};
const str tmlib_extension = S_INIT("ward.example/model");

str tmlib_store_type(str theirs)
{
	static const str words[] = {S_INIT("sql"), S_INIT("key_value"), S_INIT("document"),
		S_INIT("graph"), S_INIT("time_series")};

	if (str_eq(theirs, S("object")))
		return S("object-store");
	for (int i = 0; i < COUNT_OF(words); i++)
		if (str_eq(theirs, words[i]))
			return S("database");
	return S("");
}

str tmlib_actor_type(str theirs)
{
	static const str words[] = {
		S_INIT("user"), S_INIT("power_user"), S_INIT("administrator"), S_INIT("engineer")};

	if (str_eq(theirs, S("system")))
		return S("system");
	for (int i = 0; i < COUNT_OF(words); i++)
		if (str_eq(theirs, words[i]))
			return S("person");
	return S("");
}

/* ---- symbolic names ---- */

static bool is_symbolic(str id)
{
	for (isize i = 0; i < id.n; i++)
		if (!(id.p[i] >= 'a' && id.p[i] <= 'z') && !(id.p[i] >= '0' && id.p[i] <= '9') &&
			id.p[i] != '-')
			return false;
	return id.n > 0;
}

enum { SYMBOLIC_LONGEST = 80, SYMBOLIC_TRIES = 100 };

/* Letters and digits of the id; with a number where `nth` is not 0. */
static str symbolic(struct exporter *x, str id, isize nth)
{
	str low = str_lower(x->arena, str_part(id, 0, SYMBOLIC_LONGEST));
	char *p = arena_bulk(x->arena, SYMBOLIC_LONGEST + 24);
	isize n = 0;

	if (!p)
		return id;
	for (isize i = 0; i < low.n; i++) {
		bool fits = is_symbolic(str_part(low, i, i + 1));
		if (fits || (n && p[n - 1] != '-'))
			p[n++] = fits ? low.p[i] : '-';
	}
	if (nth || n == 0)
		n += snprintf(p + n, 24, "-%td", nth);
	return (str){p, n};
}

/* Numbers those that would be called like another; an id that fits keeps itself. */
static bool make_unique(struct exporter *x, const struct parts *parts, struct parts *named)
{
	struct part_index index;
	bool again = true;

	for (int tries = 0; again; tries++) {
		again = false;
		if (!part_index_make(x->arena, x->err, named, &index))
			return false;
		if (tries == SYMBOLIC_TRIES)
			return FAIL(x->err, ERR_LIMIT, "ids are too much alike for this format");
		for (isize i = 1; i < named->count; i++) {
			isize at = index.order[i], before = index.order[i - 1];
			if (!str_eq(named->list[at].id, named->list[before].id))
				continue;
			/* The index itself is not to change under our hands. */
			isize which = str_eq(parts->list[at].id, named->list[at].id) ? before : at;
			named->list[which].made_id = again = true;
		}
		for (isize i = 0; i < named->count && again; i++)
			if (named->list[i].made_id) {
				named->list[i].made_id = false;
				named->list[i].id = symbolic(
					x, named->list[i].id, tries * named->count + i + 1);
			}
	}
	return true;
}

static bool name_group(struct exporter *x, enum part_group g)
{
	const struct parts *parts = &x->model->of[g];
	struct parts named = {.count = parts->count};

	x->own_ids[g] = arena_bulk(x->arena, (parts->count + 1) * (isize)sizeof **x->own_ids);
	named.list = arena_bulk(x->arena, (parts->count + 1) * (isize)sizeof *named.list);
	if (!x->own_ids[g] || !named.list || arena_room(x->arena) / LIMIT_TEXT * 8 < parts->count)
		return FAIL(x->err, ERR_LIMIT, "the model needs more memory than there is");
	for (isize i = 0; i < parts->count; i++) {
		str id = parts->list[i].id;
		named.list[i] = (struct part){.id = is_symbolic(id) ? id : symbolic(x, id, 0)};
	}
	if (!make_unique(x, parts, &named))
		return false;
	for (isize i = 0; i < parts->count; i++) {
		const struct part *p = &parts->list[i];
		struct prop own = {.key = S("id"), .value = p->id};
		x->own_ids[g][i] = named.list[i].id;
		if (!str_eq(p->id, named.list[i].id))
			part_print(&x->ids,
				&(struct part){
					.kind = p->kind, .id = named.list[i].id, .props = &own});
	}
	return true;
}

/* ---- parts ---- */

static struct json *begin(struct exporter *x, enum part_group g, isize i)
{
	const struct part *p = &x->model->of[g].list[i];
	struct json *j = out_kept(x, p);

	out_text(x, j, S("symbolic_name"), x->own_ids[g][i]);
	out_title(x, j, S("title"), p);
	out_value(x, j, S("description"), p, S("description"));
	if (!json_member(j, S("description")))
		out_set(x, j, S("description"), out_new(x, JSON_STRING, S("")));
	return j;
}

static struct json *build_element(struct exporter *x, isize i)
{
	const struct part *p = &x->model->of[PART_ELEMENT].list[i];
	struct json *j = begin(x, PART_ELEMENT, i);
	str type = json_text(j, S("type"));

	out_text(x, j, S("trust_zone"), out_ref(x, PART_ZONE, p->zone));
	if (p->kind == PART_IS_ACTOR) {
		str ours = part_value(p, S("actor-type"));
		if (!type.n || !str_eq(tmlib_actor_type(type), ours))
			out_text(x, j, S("type"),
				str_eq(ours, S("person"))           ? S("user")
					: str_eq(ours, S("system")) ? S("system")
								    : S("third_party"));
	} else if (p->kind == PART_IS_STORE) {
		str ours = part_value(p, S("store-type"));
		if (!type.n || !str_eq(tmlib_store_type(type), ours))
			out_text(x, j, S("type"),
				str_eq(ours, S("object-store")) ? S("object") : S("document"));
	} else {
		out_text(x, j, S("parent_component"), out_ref(x, PART_ELEMENT, p->from));
	}
	return j;
}

/* A sensitivity that was kept stays unless its class is gone; a new class brings one. */
static void put_sensitivity(struct exporter *x, struct json *j, const struct part *p)
{
	struct out_list list = out_list(x, j, S("data_sensitivity"));
	struct json *old = list.array->first, *next;

	list.array->first = list.last = NULL;
	for (; old; old = next) {
		bool stays = true;
		next = old->next;
		for (int i = 0; i < COUNT_OF(tmlib_classes); i++)
			if (str_eq(old->text, tmlib_classes[i].theirs))
				stays = part_is(p, S("class"), str_of(tmlib_classes[i].ours));
		if (stays)
			out_push(x, &list, old);
	}
	for (int i = 0; i < COUNT_OF(tmlib_classes); i++) {
		bool is_there = false;
		json_each(word, list.array)
		{
			is_there |= str_eq(word->text, tmlib_classes[i].theirs);
		}
		if (!is_there && part_is(p, S("class"), str_of(tmlib_classes[i].ours)))
			out_push(x, &list, out_new(x, JSON_STRING, tmlib_classes[i].theirs));
	}
}

static struct json *build_set(struct exporter *x, isize i)
{
	const struct part *p = &x->model->of[PART_ASSET].list[i];
	struct json *j = begin(x, PART_ASSET, i);
	struct out_list places = out_list(x, j, S("placements"));
	const struct json *kept = places.array->first;

	places.array->first = places.last = NULL;
	for (int32_t k = 0; k < p->ref_count; k++) {
		const struct part *at = &x->model->of[PART_ELEMENT].list[p->refs[k]];
		str id = out_ref(x, PART_ELEMENT, p->refs[k]);
		struct json *place = out_object(x, S("data_store"), id);
		bool is_encrypted =
			part_value(at, S("at-rest")).n && !part_is(at, S("at-rest"), S("none"));
		if (at->kind != PART_IS_STORE)
			continue;
		for (const struct json *old = kept; old; old = old->next)
			if (str_eq(json_text(old, S("data_store")), id))
				place->first = old->first;
		if (!json_member(place, S("encrypted")))
			out_flag(x, place, S("encrypted"), is_encrypted);
		out_push(x, &places, place);
	}
	put_sensitivity(x, j, p);
	return j;
}

static void put_end(struct exporter *x, struct json *flow, str side, int32_t element)
{
	static const char *const types[PART_KINDS] = {[PART_IS_ACTOR] = "actor",
		[PART_IS_PROCESS] = "component",
		[PART_IS_DEVICE] = "component",
		[PART_IS_STORE] = "data_store"};

	if (element == PART_NONE)
		return;
	enum part_kind kind = x->model->of[PART_ELEMENT].list[element].kind;
	struct json *end = out_object(x, S("type"), str_of(types[kind]));
	out_text(x, end, S("object"), out_ref(x, PART_ELEMENT, element));
	out_set(x, flow, side, end);
}

static bool is_sensitive(const struct part *asset)
{
	return asset->level[0] >= 3 || part_is(asset, S("class"), S("health-data")) ||
		part_is(asset, S("class"), S("personal-data")) ||
		part_is(asset, S("class"), S("secret"));
}

static struct json *build_flow(struct exporter *x, isize i)
{
	const struct part *p = &x->model->of[PART_FLOW].list[i];
	struct json *j = begin(x, PART_FLOW, i);
	str encryption = part_value(p, S("encryption"));
	bool has_sensitive = false;

	put_end(x, j, S("source"), p->from);
	put_end(x, j, S("destination"), p->to);
	for (int32_t k = 0; k < p->ref_count; k++)
		has_sensitive |= is_sensitive(&x->model->of[PART_ASSET].list[p->refs[k]]);
	if (!json_member(j, S("has_sensitive_data")))
		out_flag(x, j, S("has_sensitive_data"), has_sensitive);
	out_flag(x, j, S("encrypted"),
		encryption.n && !str_eq(encryption, S("?")) && !str_eq(encryption, S("none")) &&
			!str_eq(encryption, S("not-needed")));
	return j;
}

static struct json *build_threat(struct exporter *x, isize i, bool *needs_persona)
{
	const struct part *p = &x->model->of[PART_THREAT].list[i];
	struct json *j = begin(x, PART_THREAT, i);
	struct out_list at = {0};

	for (const struct prop *q = p->props; q; q = q->next) {
		int32_t element = str_eq(q->key, S("at")) ? part_index_find(&x->elements, q->value)
							  : PART_NONE;
		if (element == PART_NONE)
			continue;
		if (!at.array)
			at = out_list(x, j, S("components_affected"));
		out_push(x, &at, out_new(x, JSON_STRING, out_ref(x, PART_ELEMENT, element)));
	}
	if (!json_member(j, S("event")))
		out_set(x, j, S("event"), out_new(x, JSON_STRING, S("")));
	if (!json_member(j, S("sources"))) {
		struct out_list sources = out_list(x, j, S("sources"));
		out_push(x, &sources, out_new(x, JSON_STRING, S("adversary")));
	}
	if (!json_member(j, S("threat_persona"))) {
		out_word(x, j, S("threat_persona"), "anybody");
		*needs_persona = true;
	}
	return j;
}

/* ---- the file ---- */

static void put_words(struct exporter *x, struct json *j, const char *const (*words)[2], int count)
{
	for (int i = 0; i < count; i++)
		if (!json_member(j, str_of(words[i][0])))
			out_set(x, j, str_of(words[i][0]),
				out_new(x, JSON_STRING, str_of(words[i][1])));
}

static void put_scope(struct exporter *x)
{
	static const char *const words[][2] = {{"description", ""},
		{"business_criticality", "moderate"}, {"exposure", "external"},
		{"tier", "important"}};
	struct json *scope = out_get(x, x->root, S("scope"), JSON_OBJECT);

	if (!json_member(x->root, S("$schema")))
		out_word(x, x->root, S("$schema"),
			"https://github.com/OWASP/www-project-threat-model-library/blob/v1.0.2/"
			"threat-model.schema.json");
	if (!json_member(x->root, S("version")))
		out_word(x, x->root, S("version"), "1.0");
	out_system(x, scope, S("title"));
	put_words(x, scope, words, COUNT_OF(words));
	out_list(x, scope, S("data_sensitivity"));
}

static void put_persona(struct exporter *x)
{
	static const char *const words[][2] = {{"symbolic_name", "anybody"}, {"title", "Anybody"},
		{"description", "Added by Ward for threats that name no persona."},
		{"skill_level", "engineer"}, {"access_level", "anonymous"},
		{"applicability_to_org", "moderate"}};
	struct out_list personas = out_list(x, x->root, S("threat_personas"));
	struct json *j = out_new(x, JSON_OBJECT, S(""));

	json_each(one, personas.array)
	{
		if (str_eq(json_text(one, S("symbolic_name")), S("anybody")))
			return;
	}
	put_words(x, j, words, COUNT_OF(words));
	out_flag(x, j, S("is_person"), true);
	out_flag(x, j, S("malicious_intent"), true);
	out_push(x, &personas, j);
}

static void put_elements(struct exporter *x)
{
	struct out_list actors = out_list(x, x->root, S("actors"));
	struct out_list components = out_list(x, x->root, S("components"));
	struct out_list stores = out_list(x, x->root, S("data_stores"));

	for (isize i = 0; i < x->model->of[PART_ELEMENT].count; i++) {
		enum part_kind kind = x->model->of[PART_ELEMENT].list[i].kind;
		out_push(x,
			kind == PART_IS_ACTOR           ? &actors
				: kind == PART_IS_STORE ? &stores
							: &components,
			build_element(x, i));
	}
}

/* Assumptions have no name there: the reader counts them. */
static void name_assumption(struct exporter *x, isize i)
{
	const struct part *p = &x->model->of[PART_ASSUMPTION].list[i];
	struct prop own = {.key = S("id"), .value = p->id};
	char nth[24];
	int n = snprintf(nth, sizeof nth, "A%td", i + 1);

	if (!str_eq(p->id, (str){nth, n}))
		part_print(&x->ids,
			&(struct part){
				.kind = PART_IS_ASSUMPTION, .id = (str){nth, n}, .props = &own});
}

static void put_threats(struct exporter *x)
{
	const struct parts *of = x->model->of;
	struct out_list list;
	bool needs_persona = false;

	if (of[PART_ASSUMPTION].count)
		list = out_list(x, x->root, S("assumptions"));
	for (isize i = 0; i < of[PART_ASSUMPTION].count; i++) {
		name_assumption(x, i);
		struct json *j = out_kept(x, &of[PART_ASSUMPTION].list[i]);
		out_title(x, j, S("description"), &of[PART_ASSUMPTION].list[i]);
		if (!json_member(j, S("validity")))
			out_word(x, j, S("validity"), "unconfirmed");
		out_push(x, &list, j);
	}
	if (of[PART_THREAT].count)
		list = out_list(x, x->root, S("threats"));
	for (isize i = 0; i < of[PART_THREAT].count; i++)
		out_push(x, &list, build_threat(x, i, &needs_persona));
	if (needs_persona)
		put_persona(x);
}

bool tmlib_build(struct exporter *x)
{
	static const enum part_group named[] = {
		PART_ZONE, PART_ELEMENT, PART_ASSET, PART_FLOW, PART_THREAT};
	const struct parts *of = x->model->of;

	x->root = out_kept(x, &x->model->whole);
	if (!part_index_make(x->arena, x->err, &of[PART_ELEMENT], &x->elements))
		return false;
	for (int i = 0; i < COUNT_OF(named); i++)
		if (!name_group(x, named[i]))
			return false;
	put_scope(x);
	struct out_list zones = out_list(x, x->root, S("trust_zones"));
	for (isize i = 0; i < of[PART_ZONE].count; i++)
		out_push(x, &zones, begin(x, PART_ZONE, i));
	out_list(x, x->root, S("trust_boundaries"));
	put_elements(x);
	struct out_list sets = out_list(x, x->root, S("data_sets"));
	for (isize i = 0; i < of[PART_ASSET].count; i++)
		out_push(x, &sets, build_set(x, i));
	struct out_list flows = out_list(x, x->root, S("data_flows"));
	for (isize i = 0; i < of[PART_FLOW].count; i++)
		out_push(x, &flows, build_flow(x, i));
	put_threats(x);
	return !x->err->code;
}

void tmlib_supplement(struct exporter *x, str parts, str more)
{
	struct json *extensions = out_get(x, x->root, S("extensions"), JSON_OBJECT);
	struct json *ward = out_new(x, JSON_OBJECT, S(""));

	out_text(x, ward, S("parts"), parts);
	out_text(x, ward, S("more"), more);
	out_set(x, extensions, tmlib_extension, ward);
}
