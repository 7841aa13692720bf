/* CycloneDX 2.0, a draft, out. */
#include "threat/formats/cyclonedx_in.h"

enum { BLUEPRINTS_MAX = 100 };

const str cyclonedx_parts = S_INIT("ward:parts"), cyclonedx_more = S_INIT("ward:more");

str cyclonedx_store_type(str theirs)
{
	static const str words[][2] = {
		{S_INIT("relational"), S_INIT("database")},
		{S_INIT("document"), S_INIT("database")},
		{S_INIT("key-value"), S_INIT("database")},
		{S_INIT("graph"), S_INIT("database")},
		{S_INIT("column-family"), S_INIT("database")},
		{S_INIT("time-series"), S_INIT("database")},
		{S_INIT("object"), S_INIT("object-store")},
		{S_INIT("file"), S_INIT("files")},
		{S_INIT("message-queue"), S_INIT("queue")},
		{S_INIT("event-log"), S_INIT("log")},
	};

	for (int i = 0; i < COUNT_OF(words); i++)
		if (str_eq(theirs, words[i][0]))
			return words[i][1];
	return S("");
}

str cyclonedx_asset_type(enum part_kind kind)
{
	return kind == PART_IS_DEVICE     ? S("device")
		: kind == PART_IS_PROCESS ? S("process")
					  : S("");
}

/* The blueprints, and the lists of each that parts are put into. */
enum list { ZONES, ACTORS, ASSETS, STORES, SETS, FLOWS, ASSUMPTIONS, LISTS };

struct blueprints {
	struct out_list list;
	struct json **each;
	struct out_list (*of)[LISTS];
	isize count;
};

static void new_blueprint(struct exporter *x, struct blueprints *b)
{
	struct json *j = out_new(x, JSON_OBJECT, S(""));

	out_system(x, j, S("name"));
	struct out_list types = out_list(x, j, S("modelTypes"));
	out_push(x, &types, out_new(x, JSON_STRING, S("data-flow")));
	out_push(x, &b->list, j);
	b->each[b->count++] = j;
}

static bool open_blueprints(struct exporter *x, struct blueprints *b)
{
	b->list = out_list(x, x->root, S("blueprints"));
	b->each = NEW(x->arena, struct json *, BLUEPRINTS_MAX);
	b->of = arena_bulk(x->arena, BLUEPRINTS_MAX * (isize)sizeof *b->of);
	if (!b->of)
		return FAIL(x->err, ERR_LIMIT, "the model needs more memory than there is");
	memset(b->of, 0, BLUEPRINTS_MAX * sizeof *b->of);
	for (struct json *j = b->list.array->first; j && b->count < BLUEPRINTS_MAX - 1; j = j->next)
		b->each[b->count++] = j;
	if (b->count == 0)
		new_blueprint(x, b);
	out_system(x, b->each[0], S("name"));
	return !x->err->code;
}

static void put(struct exporter *x, struct blueprints *b, const struct part *p, enum list which,
	struct json *j)
{
	static const char *const names[LISTS] = {
		"zones", "actors", "assets", "dataStores", "dataSets", "flows", "assumptions"};
	int64_t nth = 0;

	for (const struct prop *q = p->kept; q; q = q->next)
		if (str_eq(q->key, S("x-cyclonedx.blueprint")) &&
			!str_int(q->value, 0, BLUEPRINTS_MAX - 1, &nth))
			nth = 0;
	while (nth >= b->count && !x->err->code)
		new_blueprint(x, b);
	if (x->err->code)
		return;
	struct out_list *list = &b->of[nth][which];
	if (!list->array)
		*list = out_list(x, b->each[nth], str_of(names[which]));
	out_push(x, list, j);
}

/* ---- parts ---- */

static struct json *begin(struct exporter *x, const struct part *p)
{
	struct json *j = out_kept(x, p);

	out_text(x, j, S("bom-ref"), p->id);
	out_title(x, j, S("name"), p);
	out_value(x, j, S("description"), p, S("description"));
	return j;
}

static void put_type(struct exporter *x, struct json *j, const char *word)
{
	if (!json_member(j, S("type")))
		out_word(x, j, S("type"), word);
}

/* An actor has no name of its own but that of its party. */
static struct json *build_actor(struct exporter *x, const struct part *p)
{
	struct json *j = out_kept(x, p);
	const struct json *kept = json_member(j, S("party"));

	out_text(x, j, S("bom-ref"), p->id);
	out_value(x, j, S("description"), p, S("description"));
	if (kept && kept->type == JSON_STRING)
		return j;
	struct json *party = out_get(x, j, S("party"), JSON_OBJECT);
	if (!json_member(party, S("roles"))) {
		struct out_list roles = out_list(x, party, S("roles"));
		out_push(x, &roles, out_object(x, S("name"), S("actor")));
	}
	if (json_member(party, S("person")))
		out_title(x, out_get(x, party, S("person"), JSON_OBJECT), S("name"), p);
	else if (json_member(party, S("organization")))
		out_title(x, out_get(x, party, S("organization"), JSON_OBJECT), S("name"), p);
	else if (!json_member(party, S("system")))
		out_title(x, out_get(x, party, S("persona"), JSON_OBJECT), S("description"), p);
	return j;
}

static struct json *build_store(struct exporter *x, const struct part *p)
{
	static const str words[][2] = {{S_INIT("object-store"), S_INIT("object")},
		{S_INIT("files"), S_INIT("file")}, {S_INIT("queue"), S_INIT("message-queue")},
		{S_INIT("log"), S_INIT("event-log")}};
	struct json *j = begin(x, p);
	str ours = part_value(p, S("store-type"));
	const struct json *type = json_member(j, S("type"));

	if (type && str_eq(cyclonedx_store_type(json_text(j, S("type"))), ours))
		return j;
	for (int i = 0; i < COUNT_OF(words); i++)
		if (str_eq(ours, words[i][0]))
			out_text(x, j, S("type"), words[i][1]);
	if (json_member(j, S("type")) == type)
		out_set(x, j, S("type"),
			out_object(x, S("name"), ours.n ? ours : S("unspecified")));
	return j;
}

static void put_element(struct exporter *x, struct blueprints *b, const struct part *p)
{
	bool is_actor = p->kind == PART_IS_ACTOR, is_store = p->kind == PART_IS_STORE;
	const struct json *kept = out_kept(x, p);
	/* An actor or a store may have been written as an asset of that type. */
	bool is_asset = (is_actor && str_eq(json_text(kept, S("type")), S("actor"))) ||
		(is_store && str_eq(json_text(kept, S("type")), S("data-store")));
	struct json *j = is_actor && !is_asset ? build_actor(x, p)
		: is_store && !is_asset        ? build_store(x, p)
					       : begin(x, p);

	if (!is_actor && !is_store && !json_member(j, S("componentRef")))
		out_text(x, j, S("type"),
			json_member(j, S("type")) ? S("") : cyclonedx_asset_type(p->kind));
	out_text(x, j, S("zone"), out_ref(x, PART_ZONE, p->zone));
	put(x, b, p, is_asset ? ASSETS : is_actor ? ACTORS : is_store ? STORES : ASSETS, j);
}

static struct json *build_set(struct exporter *x, const struct part *p)
{
	struct json *j = begin(x, p);
	const struct json *kept = json_member(j, S("placements"));
	struct out_list places = {0};

	kept = kept ? kept->first : NULL;
	out_remove(j, S("placements"));
	for (int32_t k = 0; k < p->ref_count; k++) {
		str id = out_ref(x, PART_ELEMENT, p->refs[k]);
		struct json *place = out_object(x, S("dataStore"), id);
		for (const struct json *old = kept; old; old = old->next)
			if (str_eq(json_text(old, S("dataStore")), id))
				place->first = old->first;
		if (!places.array)
			places = out_list(x, j, S("placements"));
		out_push(x, &places, place);
	}
	if (!json_member(j, S("description")))
		out_title(x, j, S("description"), p);
	return j;
}

/* A protocol that was kept in other letters stays so. */
static void put_protocols(struct exporter *x, struct json *j, const struct part *p)
{
	const struct json *kept = json_member(j, S("protocols"));
	struct out_list list = {0};

	out_remove(j, S("protocols"));
	for (const struct prop *q = p->props; q; q = q->next) {
		str word = q->value;
		if (!str_eq(q->key, S("protocol")) || str_eq(word, S("?")))
			continue;
		json_each(old, kept)
		{
			word = str_eq_fold(old->text, word) ? old->text : word;
		}
		if (!list.array)
			list = out_list(x, j, S("protocols"));
		out_push(x, &list, out_new(x, JSON_STRING, word));
	}
}

static struct json *build_flow(struct exporter *x, const struct part *p)
{
	struct json *j = begin(x, p);
	str encryption = part_value(p, S("encryption"));

	put_type(x, j, "data");
	out_text(x, j, S("source"), out_ref(x, PART_ELEMENT, p->from));
	out_text(x, j, S("destination"), out_ref(x, PART_ELEMENT, p->to));
	if (p->both_ways)
		out_flag(x, j, S("bidirectional"), true);
	if (encryption.n && !str_eq(encryption, S("?")))
		out_flag(x, j, S("encrypted"),
			!str_eq(encryption, S("none")) && !str_eq(encryption, S("not-needed")));
	put_protocols(x, j, p);
	return j;
}

static struct json *build_threat(struct exporter *x, const struct part *p)
{
	static const char *const words[] = {"spoofing", "tampering", "repudiation",
		"information-disclosure", "denial-of-service", "elevation-of-privilege"};
	struct json *j = begin(x, p);

	for (int i = 0; i < COUNT_OF(words); i++) {
		if (!part_is(p, S("stride"), str_of(words[i])))
			continue;
		struct out_list list = out_list(x, j, S("categories"));
		struct json *one = out_object(x, S("taxonomy"), S("STRIDE"));
		out_word(x, one, S("category"), words[i]);
		out_push(x, &list, one);
	}
	out_values(x, j, S("affectedAssets"), p, S("at"));
	out_values(x, j, S("mitigations"), p, S("counter"));
	return j;
}

/* ---- the file ---- */

static void put_parts(struct exporter *x, struct blueprints *b)
{
	const struct parts *of = x->model->of;

	for (isize i = 0; i < of[PART_ZONE].count; i++) {
		const struct part *p = &of[PART_ZONE].list[i];
		struct json *j = begin(x, p);
		put_type(x, j, "trust");
		out_text(x, j, S("parent"), out_ref(x, PART_ZONE, p->zone));
		put(x, b, p, ZONES, j);
	}
	for (isize i = 0; i < of[PART_ELEMENT].count; i++)
		put_element(x, b, &of[PART_ELEMENT].list[i]);
	for (isize i = 0; i < of[PART_ASSET].count; i++)
		put(x, b, &of[PART_ASSET].list[i], SETS, build_set(x, &of[PART_ASSET].list[i]));
	for (isize i = 0; i < of[PART_FLOW].count; i++)
		put(x, b, &of[PART_FLOW].list[i], FLOWS, build_flow(x, &of[PART_FLOW].list[i]));
	for (isize i = 0; i < of[PART_ASSUMPTION].count; i++) {
		const struct part *p = &of[PART_ASSUMPTION].list[i];
		struct json *j = out_kept(x, p);
		out_text(x, j, S("bom-ref"), p->id);
		out_title(x, j, S("description"), p);
		put(x, b, p, ASSUMPTIONS, j);
	}
}

bool cyclonedx_build(struct exporter *x)
{
	const struct parts *threats = &x->model->of[PART_THREAT];
	struct blueprints b = {0};

	x->root = out_kept(x, &x->model->whole);
	out_word(x, x->root, S("specFormat"), "CycloneDX");
	if (!json_member(x->root, S("specVersion")))
		out_word(x, x->root, S("specVersion"), "2.0");
	if (!open_blueprints(x, &b))
		return false;
	put_parts(x, &b);
	if (threats->count) {
		struct json *all = out_get(x, x->root, S("threats"), JSON_OBJECT);
		struct out_list list = out_list(x, all, S("threats"));
		for (isize i = 0; i < threats->count; i++)
			out_push(x, &list, build_threat(x, &threats->list[i]));
	}
	return !x->err->code;
}

void cyclonedx_supplement(struct exporter *x, str parts, str more)
{
	struct out_list list = out_list(x, x->root, S("properties"));
	struct json *first = out_object(x, S("name"), cyclonedx_parts);
	struct json *second = out_object(x, S("name"), cyclonedx_more);

	out_text(x, first, S("value"), parts);
	out_text(x, second, S("value"), more);
	if (parts.n)
		out_push(x, &list, first);
	if (more.n)
		out_push(x, &list, second);
}
