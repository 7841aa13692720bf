/* Open Threat Model 0.2.0 out. */
#include "threat/formats/otm_in.h"

const struct otm_side otm_sides[3] = {{S_INIT("confidentiality"), "c", "read-c"},
	{S_INIT("integrity"), "i", "read-i"}, {S_INIT("availability"), "a", "read-a"}};
const str otm_levels[4] = {S_INIT("low"), S_INIT("medium"), S_INIT("high"), S_INIT("very-high")};

str otm_rating(int exposure)
{
	static const str ratings[] = {
		S_INIT("100"), S_INIT("75"), S_INIT("50"), S_INIT("25"), S_INIT("0")};

	assert(exposure >= 1 && exposure <= 5);
	return ratings[exposure - 1];
}

str otm_impact(int level)
{
	static const str impacts[] = {S_INIT("25"), S_INIT("50"), S_INIT("75"), S_INIT("100")};

	assert(level >= 1 && level <= 4);
	return impacts[level - 1];
}

/* What is read of a part by its element or flow, in a row: threats, or assets that are held. */
struct chains {
	int32_t *first[PART_GROUPS], *next, *what;
	int32_t count;
};

static bool chains_make(struct exporter *x, struct chains *c, isize links)
{
	c->next = arena_bulk(x->arena, (links + 1) * (isize)sizeof *c->next);
	c->what = arena_bulk(x->arena, (links + 1) * (isize)sizeof *c->what);
	for (int g = 0; g < PART_GROUPS; g++) {
		isize n = x->model->of[g].count + 1;
		c->first[g] = arena_bulk(x->arena, n * (isize)sizeof **c->first);
		if (!c->next || !c->what || !c->first[g])
			return FAIL(x->err, ERR_LIMIT, "the model needs more memory than there is");
		memset(c->first[g], 0xff, (size_t)n * sizeof **c->first);
	}
	return true;
}

static void chain(struct chains *c, enum part_group g, int32_t at, isize what)
{
	c->what[c->count] = (int32_t)what;
	c->next[c->count] = c->first[g][at];
	c->first[g][at] = c->count++;
}

/* ---- threats ---- */

/* The threat that a use names.  The reader calls a use after it, "ref" or "ref~2"; one with an id
   of its own brings a threat of its own. */
static str threat_ref(const struct part *p)
{
	str ref = part_value(p, S("ref"));
	bool is_named =
		ref.n && str_starts(p->id, ref) && (p->id.n == ref.n || p->id.p[ref.n] == '~');

	return is_named ? ref : p->id;
}

/* Countermeasures that were kept stay as they were while the threat names them. */
static void put_mitigations(struct exporter *x, struct json *use, const struct part *p)
{
	struct out_list list = {0};
	struct json *old = NULL;

	if (part_value(p, S("counter")).n == 0 && !json_member(use, S("mitigations")))
		return;
	list = out_list(x, use, S("mitigations"));
	old = list.array->first;
	list.array->first = list.last = NULL;
	for (const struct prop *q = p->props; q; q = q->next) {
		struct json *m = NULL;
		if (!str_eq(q->key, S("counter")))
			continue;
		for (struct json *k = old; k && !m; k = k->next)
			m = str_eq(json_text(k, S("mitigation")), q->value) ? k : NULL;
		struct json *put = out_new(x, JSON_OBJECT, S(""));
		if (m)
			put->first = m->first;
		out_text(x, put, S("mitigation"), q->value);
		out_push(x, &list, put);
	}
}

static void put_threats(
	struct exporter *x, struct json *j, const struct chains *c, enum part_group g, isize i)
{
	struct out_list list = {0};

	for (int32_t at = c->first[g][i]; at >= 0; at = c->next[at]) {
		const struct part *p = &x->model->of[PART_THREAT].list[c->what[at]];
		struct json *use = out_kept(x, p);
		out_text(x, use, S("threat"), threat_ref(p));
		out_value(x, use, S("state"), p, S("status"));
		put_mitigations(x, use, p);
		if (!list.array)
			list = out_list(x, j, S("threats"));
		out_push(x, &list, use);
	}
}

/* The list of threats that the uses name: those that were kept, and the missing ones. */
static bool put_definitions(struct exporter *x)
{
	const struct parts *all = &x->model->of[PART_THREAT];
	struct out_list list = out_list(x, x->root, S("threats"));
	struct parts known = {0};
	struct part_index kept, uses;
	isize room = all->count;

	for (const struct json *j = list.array->first; j; j = j->next)
		room++;
	known.list = arena_bulk(x->arena, (room + 1) * (isize)sizeof *known.list);
	if (!known.list)
		return FAIL(x->err, ERR_LIMIT, "the model needs more memory than there is");
	for (const struct json *j = list.array->first; j; j = j->next)
		known.list[known.count++] = (struct part){.id = json_text(j, S("id"))};
	if (!part_index_make(x->arena, x->err, &known, &kept))
		return false;
	struct parts refs = {.list = known.list + known.count};
	for (isize i = 0; i < all->count; i++)
		refs.list[refs.count++] = (struct part){.id = threat_ref(&all->list[i])};
	if (!part_index_make(x->arena, x->err, &refs, &uses))
		return false;
	for (isize i = 0; i < uses.count; i++) {
		const struct part *p = &all->list[uses.order[i]];
		str ref = threat_ref(p);
		bool is_again = i && str_eq(ref, threat_ref(&all->list[uses.order[i - 1]]));
		if (is_again || p->target == PART_NONE || part_index_find(&kept, ref) != PART_NONE)
			continue;
		struct json *j = out_new(x, JSON_OBJECT, S(""));
		out_text(x, j, S("id"), ref);
		out_title(x, j, S("name"), p);
		out_value(x, j, S("description"), p, S("description"));
		out_push(x, &list, j);
	}
	return true;
}

/* ---- parts ---- */

static struct json *build_zone(struct exporter *x, const struct part *p)
{
	struct json *j = out_kept(x, p);
	str rating = part_value(p, S("trust-rating"));
	const struct json *parent = json_member(j, S("parent"));
	int64_t t = 0;

	out_text(x, j, S("id"), p->id);
	out_title(x, j, S("name"), p);
	out_value(x, j, S("description"), p, S("description"));
	str number = rating;
	bool is_right = p->exposure && str_int(str_cut(&rating, '.'), 0, 100, &t) &&
		(5 - (t * 2 + 25) / 50 == p->exposure || (p->exposure == 1 && t > 87));
	if (p->exposure)
		out_set(x, out_get(x, j, S("risk"), JSON_OBJECT), S("trustRating"),
			out_new(x, JSON_NUMBER, is_right ? number : otm_rating(p->exposure)));
	if (p->zone != PART_NONE && !json_member(parent, S("component")))
		out_text(x, out_get(x, j, S("parent"), JSON_OBJECT), S("trustZone"),
			x->model->of[PART_ZONE].list[p->zone].id);
	return j;
}

static struct json *build_asset(struct exporter *x, const struct part *p)
{
	struct json *j = out_kept(x, p);

	out_text(x, j, S("id"), p->id);
	out_title(x, j, S("name"), p);
	out_value(x, j, S("description"), p, S("description"));
	for (int k = 0; k < 3; k++) {
		str read = part_value(p, str_of(otm_sides[k].read)), whole = read;
		int64_t v = 0;
		if (!p->level[k])
			continue;
		bool is_right = str_int(str_cut(&whole, '.'), 0, 100, &v) &&
			((v * 2 + 25) / 50 == p->level[k] || (p->level[k] == 1 && v < 13));
		out_set(x, out_get(x, j, S("risk"), JSON_OBJECT), otm_sides[k].member,
			out_new(x, JSON_NUMBER, is_right ? read : otm_impact(p->level[k])));
	}
	return j;
}

/* The assets that an element holds; a list that was kept says which of the two it is. */
static void put_held(struct exporter *x, struct json *j, const struct chains *held, isize i)
{
	const struct part *p = &x->model->of[PART_ELEMENT].list[i];
	const struct json *kept = json_member(j, S("assets"));
	struct out_list list = {0};

	for (int32_t at = held->first[PART_ELEMENT][i]; at >= 0; at = held->next[at]) {
		str id = x->model->of[PART_ASSET].list[held->what[at]].id;
		bool is_kept = false;
		for (int k = 0; k < 2 && !is_kept; k++)
			json_each(use, json_member(kept, k ? S("stored") : S("processed")))
			{
				is_kept |= str_eq(use->text, id);
			}
		if (is_kept)
			continue;
		if (!list.array)
			list = out_list(x, out_get(x, j, S("assets"), JSON_OBJECT),
				p->kind == PART_IS_STORE ? S("stored") : S("processed"));
		out_push(x, &list, out_new(x, JSON_STRING, id));
	}
}

static struct json *build_component(struct exporter *x, isize i)
{
	const struct part *p = &x->model->of[PART_ELEMENT].list[i];
	struct json *j = out_kept(x, p);
	struct json *parent = out_get(x, j, S("parent"), JSON_OBJECT);
	str technology = part_value(p, S("technology"));

	out_text(x, j, S("id"), p->id);
	out_title(x, j, S("name"), p);
	out_text(x, j, S("type"), technology.n ? technology : part_kind_word(p->kind));
	out_value(x, j, S("description"), p, S("description"));
	if (p->from != PART_NONE)
		out_text(x, parent, S("component"), x->model->of[PART_ELEMENT].list[p->from].id);
	else if (p->zone != PART_NONE)
		out_text(x, parent, S("trustZone"), x->model->of[PART_ZONE].list[p->zone].id);
	return j;
}

static struct json *build_flow(struct exporter *x, const struct part *p)
{
	struct json *j = out_kept(x, p);
	const struct part *elements = x->model->of[PART_ELEMENT].list;

	out_text(x, j, S("id"), p->id);
	out_title(x, j, S("name"), p);
	out_value(x, j, S("description"), p, S("description"));
	if (p->from != PART_NONE)
		out_text(x, j, S("source"), elements[p->from].id);
	if (p->to != PART_NONE)
		out_text(x, j, S("destination"), elements[p->to].id);
	if (p->both_ways)
		out_flag(x, j, S("bidirectional"), true);
	out_values(x, j, S("assets"), p, S("carries"));
	return j;
}

/* ---- the file ---- */

static bool make_chains(struct exporter *x, struct chains *threats, struct chains *held)
{
	const struct parts *of = x->model->of;
	isize places = 0;

	for (isize i = 0; i < of[PART_ASSET].count; i++)
		places += of[PART_ASSET].list[i].ref_count;
	if (!chains_make(x, threats, of[PART_THREAT].count) || !chains_make(x, held, places))
		return false;
	for (isize i = of[PART_THREAT].count - 1; i >= 0; i--) {
		const struct part *p = &of[PART_THREAT].list[i];
		if (p->target != PART_NONE)
			chain(threats, p->target_group, p->target, i);
	}
	for (isize i = of[PART_ASSET].count - 1; i >= 0; i--)
		for (int32_t k = 0; k < of[PART_ASSET].list[i].ref_count; k++)
			chain(held, PART_ELEMENT, of[PART_ASSET].list[i].refs[k], i);
	return true;
}

/* Everything but what was kept is written, and in the order of the model. */
bool otm_build(struct exporter *x)
{
	const struct parts *of = x->model->of;
	struct chains threats = {0}, held = {0};

	x->root = out_kept(x, &x->model->whole);
	if (!make_chains(x, &threats, &held))
		return false;
	out_word(x, x->root, S("otmVersion"), "0.2.0");
	struct json *project = out_get(x, x->root, S("project"), JSON_OBJECT);
	out_system(x, project, S("name"));
	if (!json_member(project, S("id")))
		out_system(x, project, S("id"));
	out_list(x, x->root, S("representations"));
	struct out_list zones = out_list(x, x->root, S("trustZones"));
	for (isize i = 0; i < of[PART_ZONE].count; i++)
		out_push(x, &zones, build_zone(x, &of[PART_ZONE].list[i]));
	struct out_list assets = out_list(x, x->root, S("assets"));
	for (isize i = 0; i < of[PART_ASSET].count; i++)
		out_push(x, &assets, build_asset(x, &of[PART_ASSET].list[i]));
	struct out_list components = out_list(x, x->root, S("components"));
	for (isize i = 0; i < of[PART_ELEMENT].count; i++) {
		struct json *j = build_component(x, i);
		put_held(x, j, &held, i);
		put_threats(x, j, &threats, PART_ELEMENT, i);
		out_push(x, &components, j);
	}
	struct out_list flows = out_list(x, x->root, S("dataflows"));
	for (isize i = 0; i < of[PART_FLOW].count; i++) {
		struct json *j = build_flow(x, &of[PART_FLOW].list[i]);
		put_threats(x, j, &threats, PART_FLOW, i);
		out_push(x, &flows, j);
	}
	return put_definitions(x) && !x->err->code;
}

void otm_supplement(struct exporter *x, str parts, str more)
{
	struct json *project = out_get(x, x->root, S("project"), JSON_OBJECT);
	struct json *attributes = out_get(x, project, S("attributes"), JSON_OBJECT);
	struct json *ward = out_new(x, JSON_OBJECT, S(""));

	out_text(x, ward, S("parts"), parts);
	out_text(x, ward, S("more"), more);
	out_set(x, attributes, S("ward"), ward);
}
