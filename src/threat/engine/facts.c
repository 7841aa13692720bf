/*
 * What is known of a model: every property of every part as one mask of bits, so that a test is an
 * AND; what nobody stated is an empty mask.  What follows from several parts is worked out here.
 */
#include "threat/engine/evaluate_in.h"

enum { LEVELS = 4 }; /* sides of an asset, as in struct part */

int8_t facts_highest(uint64_t mask)
{
	if (mask == MASK_NONE)
		return 1;
	mask &= ~(MASK_NONE | MASK_PARTLY | MASK_OTHER);
	return (int8_t)(mask ? 64 - __builtin_clzll(mask) : 0);
}

static bool note(struct bound *b, const struct part *p, const struct prop *q, bool is_value)
{
	enum part_group g = part_group_of(p->kind);
	struct model_note *list = list_grow(
		b->arena, b->out->notes, b->out->note_count, &b->note_room, (isize)sizeof *list);

	if (!list)
		return facts_no_room(b);
	b->out->notes = list;
	b->is_strange[g][p - b->model->of[g].list] = true;
	list[b->out->note_count++] =
		(struct model_note){.part = p, .prop = q, .is_value = is_value};
	return true;
}

static bool bind_prop(struct bound *b, const struct part *p, const struct prop *q, uint64_t *masks)
{
	enum part_group g = part_group_of(p->kind);
	int32_t n = vocabulary_prop_find(b->v, g, q->key);

	if (n < 0)
		return note(b, p, q, false);
	const struct vocabulary_prop *vp = &b->v->props[g][n];
	if (vp->is_derived || str_eq(q->value, S("?")))
		return true;
	if (vp->words < 0) {
		masks[n] |= 1;
		return true;
	}
	int32_t bit = word_find(&b->v->lists[vp->words], q->value);
	if (bit < 0) {
		masks[n] |= MASK_OTHER;
		return note(b, p, q, true);
	}
	masks[n] |= UINT64_C(1) << bit;
	return true;
}

static uint64_t fact(const struct bound *b, enum part_group g, isize i, enum fact name)
{
	return facts_get(b, g, facts_row(b, g, i), name);
}

static void derive(const struct bound *b, enum part_group g, isize i, enum fact name, uint64_t mask)
{
	int32_t n = b->v->fact[g][name];

	if (n >= 0)
		facts_row(b, g, i)[n] |= mask;
}

/* What is not known of one of several makes them known in part only. */
static uint64_t or_partly(uint64_t mask)
{
	return mask ? mask : MASK_PARTLY;
}

static uint64_t level_bit(int8_t level)
{
	return level ? UINT64_C(1) << (level - 1) : 0;
}

static int8_t zone_exposure(const struct bound *b, int32_t zone)
{
	const struct part *zones = b->model->of[PART_ZONE].list;

	/* A zone that says nothing is as exposed as the one around it. */
	while (zone != PART_NONE && zones[zone].exposure == 0)
		zone = zones[zone].zone;
	return zone == PART_NONE ? 0 : zones[zone].exposure;
}

/* What the assets in p->refs add to the properties "carries-…" of a flow. */
static void derive_carried(const struct bound *b, isize flow)
{
	const struct part *p = &b->model->of[PART_FLOW].list[flow];

	if (!p->refs_known)
		return;
	if (p->ref_count == 0)
		derive(b, PART_FLOW, flow, FACT_CARRIES_CLASS, MASK_NONE);
	for (int k = 0; k < LEVELS && p->ref_count == 0; k++)
		derive(b, PART_FLOW, flow, (enum fact)(FACT_CARRIES_CONFIDENTIALITY + k),
			MASK_NONE);
	for (int32_t i = 0; i < p->ref_count; i++) {
		const struct part *asset = &b->model->of[PART_ASSET].list[p->refs[i]];
		derive(b, PART_FLOW, flow, FACT_CARRIES_CLASS,
			or_partly(fact(b, PART_ASSET, p->refs[i], FACT_CLASS)));
		for (int k = 0; k < LEVELS; k++)
			derive(b, PART_FLOW, flow, (enum fact)(FACT_CARRIES_CONFIDENTIALITY + k),
				or_partly(level_bit(asset->level[k])));
	}
}

static void derive_held(const struct bound *b, isize asset)
{
	const struct part *p = &b->model->of[PART_ASSET].list[asset];
	uint64_t class_mask = or_partly(fact(b, PART_ASSET, asset, FACT_CLASS));

	for (int32_t i = 0; i < p->ref_count; i++) {
		int32_t zone = b->model->of[PART_ELEMENT].list[p->refs[i]].zone;
		derive(b, PART_ELEMENT, p->refs[i], FACT_HOLDS_CLASS, class_mask);
		if (zone != PART_NONE)
			derive(b, PART_ZONE, zone, FACT_CONTAINS_CLASS, class_mask);
		for (int k = 0; k < LEVELS; k++)
			derive(b, PART_ELEMENT, p->refs[i],
				(enum fact)(FACT_HOLDS_CONFIDENTIALITY + k),
				or_partly(level_bit(p->level[k])));
	}
}

/* The flow's exposure is that of the most exposed zone on its way. */
static int8_t flow_exposure(const struct bound *b, const struct part *p)
{
	const struct part *elements = b->model->of[PART_ELEMENT].list;
	int8_t most = p->exposure;

	for (int side = 0; side < 2; side++) {
		int32_t end = side ? p->to : p->from;
		int8_t here = end == PART_NONE ? 0 : zone_exposure(b, elements[end].zone);
		most = here > most ? here : most;
	}
	return most;
}

/* What enters a zone over its border, and whether the element that takes it keeps a record. */
static void derive_entry(const struct bound *b, isize flow, uint64_t exposure)
{
	const struct part *p = &b->model->of[PART_FLOW].list[flow];
	int32_t zone = b->model->of[PART_ELEMENT].list[p->to].zone;

	derive(b, PART_ZONE, zone, FACT_ENTERED_BY, or_partly(exposure));
	derive(b, PART_ZONE, zone, FACT_ENTRY_AUDITED,
		or_partly(fact(b, PART_ELEMENT, p->to, FACT_AUDITED)));
}

static void derive_flow(const struct bound *b, isize i)
{
	const struct part *p = &b->model->of[PART_FLOW].list[i];
	const struct part *elements = b->model->of[PART_ELEMENT].list;
	int32_t from = p->from == PART_NONE ? PART_NONE : elements[p->from].zone;
	int32_t to = p->to == PART_NONE ? PART_NONE : elements[p->to].zone;
	uint64_t exposure = level_bit(flow_exposure(b, p));
	bool crosses = p->detours || from != to;

	/* The words of yes-no stand in this order in the vocabulary. */
	if (p->detours || (from != PART_NONE && to != PART_NONE))
		derive(b, PART_FLOW, i, FACT_CROSSES_TRUST, crosses ? 2 : 1);
	derive(b, PART_FLOW, i, FACT_EXPOSURE, exposure);
	derive_carried(b, i);
	if (crosses && to != PART_NONE)
		derive_entry(b, i, exposure);
	/* Who fetches is who receives. */
	int receiver = fact(b, PART_FLOW, i, FACT_PULLS) & 2 ? 1 : 0;
	for (int side = 0; side < 2; side++) {
		int32_t end = side ? p->from : p->to;
		if (end == PART_NONE)
			continue;
		derive(b, PART_ELEMENT, end, FACT_REACHED_BY, or_partly(exposure));
		if (side == receiver)
			derive(b, PART_ELEMENT, end, FACT_RECEIVES,
				or_partly(fact(b, PART_FLOW, i, FACT_CONTENT)));
	}
}

/* What no flow reaches receives nothing.  Once assets say where they are, the rest holds none. */
static void derive_nothing(const struct bound *b)
{
	static const enum fact received[] = {FACT_RECEIVES, FACT_REACHED_BY};
	static const enum fact held[] = {FACT_HOLDS_CLASS, FACT_HOLDS_CONFIDENTIALITY,
		FACT_HOLDS_INTEGRITY, FACT_HOLDS_AVAILABILITY, FACT_HOLDS_SAFETY};
	bool assets_placed = false;

	for (isize i = 0; i < b->model->of[PART_ASSET].count; i++)
		assets_placed |= b->model->of[PART_ASSET].list[i].refs_known;
	for (isize i = 0; i < b->model->of[PART_ELEMENT].count; i++) {
		for (int k = 0; k < COUNT_OF(received); k++)
			if (!fact(b, PART_ELEMENT, i, received[k]))
				derive(b, PART_ELEMENT, i, received[k], MASK_NONE);
		for (int k = 0; assets_placed && k < COUNT_OF(held); k++)
			if (!fact(b, PART_ELEMENT, i, held[k]))
				derive(b, PART_ELEMENT, i, held[k], MASK_NONE);
	}
	for (isize i = 0; i < b->model->of[PART_ZONE].count; i++) {
		if (!fact(b, PART_ZONE, i, FACT_ENTERED_BY))
			derive(b, PART_ZONE, i, FACT_ENTERED_BY, MASK_NONE);
		if (assets_placed && !fact(b, PART_ZONE, i, FACT_CONTAINS_CLASS))
			derive(b, PART_ZONE, i, FACT_CONTAINS_CLASS, MASK_NONE);
	}
}

/* ---- paths without proof ---- */

/* A flow that says "none" or a default password is one that anybody at its beginning may use. */
static uint64_t proofless_mask(const struct bound *b)
{
	static const str words[] = {S_INIT("none"), S_INIT("default-password")};
	int32_t n = b->v->fact[PART_FLOW][FACT_AUTHENTICATION];
	int32_t list = n < 0 ? -1 : b->v->props[PART_FLOW][n].words;
	uint64_t mask = 0;

	for (int i = 0; list >= 0 && i < COUNT_OF(words); i++) {
		int32_t bit = word_find(&b->v->lists[list], words[i]);
		mask |= bit < 0 ? 0 : UINT64_C(1) << bit;
	}
	return mask;
}

/* A flow without proof, and how exposed it is by itself. */
struct way {
	int32_t from, to;
	int8_t exposure;
};

/* Those whose ends are known, in their order. */
static isize find_ways(const struct bound *b, struct way *way)
{
	const struct parts *flows = &b->model->of[PART_FLOW];
	uint64_t proofless = proofless_mask(b);
	isize count = 0;

	for (isize i = 0; i < flows->count; i++) {
		const struct part *p = &flows->list[i];
		if (p->from != PART_NONE && p->to != PART_NONE &&
			(fact(b, PART_FLOW, i, FACT_AUTHENTICATION) & proofless))
			way[count++] = (struct way){p->from, p->to,
				facts_highest(fact(b, PART_FLOW, i, FACT_EXPOSURE))};
	}
	return count;
}

/* One more flow of every path in `from` makes `to`; false when no path grew. */
static bool lengthen_paths(const struct way *way, isize count, const int8_t *from, int8_t *to)
{
	bool grew = false;

	for (isize i = 0; i < count; i++) {
		int8_t here = way[i].exposure;
		here = from[way[i].from] > here ? from[way[i].from] : here;
		grew |= here > to[way[i].to];
		to[way[i].to] = here > to[way[i].to] ? here : to[way[i].to];
	}
	return grew;
}

/* The path of an element, and the worst of those that hold an asset. */
static void derive_open_paths(const struct bound *b, const int8_t *path)
{
	const struct parts *assets = &b->model->of[PART_ASSET];

	for (isize i = 0; i < b->model->of[PART_ELEMENT].count; i++)
		derive(b, PART_ELEMENT, i, FACT_OPEN_PATH,
			path[i] ? level_bit(path[i]) : MASK_NONE);
	for (isize i = 0; i < assets->count; i++) {
		const struct part *p = &assets->list[i];
		if (!p->refs_known)
			continue;
		derive(b, PART_ASSET, i, FACT_OPEN_PATH, MASK_NONE);
		for (int32_t k = 0; k < p->ref_count; k++)
			derive(b, PART_ASSET, i, FACT_OPEN_PATH, level_bit(path[p->refs[k]]));
	}
}

/*
 * The worst exposure from which flows without any proof lead to each element, and to the assets it
 * holds; at most RULE_REACH of them in a row.  A flow that nobody described ends a path: its own
 * rules ask for it.
 */
static bool derive_paths(struct bound *b)
{
	isize count = b->model->of[PART_ELEMENT].count, ways;
	int8_t *path = arena_bulk(b->arena, count + 1), *longer = arena_bulk(b->arena, count + 1);
	struct way *way =
		arena_bulk(b->arena, (b->model->of[PART_FLOW].count + 1) * (isize)sizeof *way);

	if (!path || !longer || !way)
		return facts_no_room(b);
	memset(path, 0, (size_t)count + 1);
	ways = find_ways(b, way);
	for (int hop = 0; hop < RULE_REACH; hop++) {
		memcpy(longer, path, (size_t)count);
		bool grew = lengthen_paths(way, ways, path, longer);
		int8_t *swap = path;
		path = longer;
		longer = swap;
		if (!grew)
			break;
	}
	derive_open_paths(b, path);
	return true;
}

/* ---- the model as a whole ---- */

/* How much of what every rule needs is not stated: zones of elements; protocol, authentication,
   encryption and load of flows.  Words of a scale of four: up to a tenth, a third, two thirds. */
static uint64_t unknown_share(const struct bound *b)
{
	static const enum fact asked[] = {FACT_PROTOCOL, FACT_AUTHENTICATION, FACT_ENCRYPTION};
	const struct parts *elements = &b->model->of[PART_ELEMENT];
	const struct parts *flows = &b->model->of[PART_FLOW];
	isize total = elements->count + flows->count * (COUNT_OF(asked) + 1), missing = 0;

	for (isize i = 0; i < elements->count; i++)
		missing += elements->list[i].zone == PART_NONE;
	for (isize i = 0; i < flows->count; i++) {
		missing += !flows->list[i].refs_known;
		for (int k = 0; k < COUNT_OF(asked); k++)
			missing += b->v->fact[PART_FLOW][asked[k]] >= 0 &&
				!fact(b, PART_FLOW, i, asked[k]);
	}
	return total == 0                  ? MASK_NONE
		: missing <= total / 10    ? 1
		: missing <= total / 3     ? 2
		: missing <= total * 2 / 3 ? 4
					   : 8;
}

static void derive_whole(const struct bound *b)
{
	static const struct {
		enum part_group group;
		enum fact name[2], of[2];
	} unions[] = {{PART_ELEMENT, {FACT_ANY_KIND, FACT_ANY_DEVICE_TYPE},
			      {FACT_KIND, FACT_DEVICE_TYPE}},
		{PART_ASSET, {FACT_ANY_CLASS, FACT_ANY_CLASS}, {FACT_CLASS, FACT_CLASS}},
		{PART_FLOW, {FACT_ANY_CONTENT, FACT_ANY_PURPOSE}, {FACT_CONTENT, FACT_PURPOSE}}};

	for (int u = 0; u < COUNT_OF(unions); u++) {
		uint64_t mask[2] = {MASK_NONE, MASK_NONE};
		for (isize i = 0; i < b->model->of[unions[u].group].count; i++)
			for (int k = 0; k < 2; k++)
				mask[k] |= fact(b, unions[u].group, i, unions[u].of[k]);
		for (int k = 0; k < 2; k++)
			derive(b, PART_MODEL, 0, unions[u].name[k], mask[k]);
	}
	derive(b, PART_MODEL, 0, FACT_ASSUMES, b->model->of[PART_ASSUMPTION].count ? 2 : 1);
	derive(b, PART_MODEL, 0, FACT_UNKNOWN, unknown_share(b));
}

/* ---- all of it ---- */

static bool bind_part(struct bound *b, enum part_group g, isize i)
{
	const struct part *p = &facts_parts(b, g)->list[i];
	size_t bytes = (size_t)b->v->prop_count[g] * sizeof(uint64_t);

	if (b->was && reevaluate_stated(b, g, i))
		return true;
	memcpy(facts_row(b, g, i), b->v->blank[p->kind], bytes);
	for (const struct prop *q = p->props; q; q = q->next)
		if (!bind_prop(b, p, q, facts_row(b, g, i)))
			return false;
	return true;
}

static bool bind_group(struct bound *b, enum part_group g)
{
	isize count = facts_parts(b, g)->count;
	isize row_bytes = b->v->prop_count[g] * (isize)sizeof(uint64_t);

	/* The row behind the last is that of a part nobody named: all of it is unknown. */
	b->rows[g] = arena_bulk(b->arena, (count + 1) * row_bytes);
	b->is_strange[g] = arena_bulk(b->arena, count + 1);
	if (!b->rows[g] || !b->is_strange[g])
		return facts_no_room(b);
	memset(facts_row(b, g, count), 0, (size_t)row_bytes);
	memset(b->is_strange[g], 0, (size_t)count + 1);
	for (isize i = 0; i < count; i++)
		if (!bind_part(b, g, i))
			return false;
	return true;
}

bool facts_bind(struct bound *b)
{
	const struct model *m = b->model;

	b->whole = (struct parts){.list = NEW(b->arena, struct part, 1), .count = 1};
	b->whole.list[0] = (struct part){.kind = PART_IS_MODEL,
		.id = S("model"),
		.name = m->name,
		.at = {1, 1},
		.zone = PART_NONE,
		.from = PART_NONE,
		.to = PART_NONE,
		.target = PART_NONE};
	if (b->was && !reevaluate_match(b))
		return false;
	for (int g = 0; g < PART_GROUPS; g++)
		if (!bind_group(b, (enum part_group)g))
			return false;
	b->unknown = facts_row(b, PART_ELEMENT, m->of[PART_ELEMENT].count);
	for (isize i = 0; i < m->of[PART_ZONE].count; i++)
		derive(b, PART_ZONE, i, FACT_EXPOSURE, level_bit(zone_exposure(b, (int32_t)i)));
	for (isize i = 0; i < m->of[PART_ELEMENT].count; i++) {
		const struct part *p = &m->of[PART_ELEMENT].list[i];
		derive(b, PART_ELEMENT, i, FACT_EXPOSURE, level_bit(zone_exposure(b, p->zone)));
		derive(b, PART_ELEMENT, i, FACT_KIND, UINT64_C(1) << (p->kind - PART_IS_ACTOR));
	}
	for (isize i = 0; i < m->of[PART_ASSET].count; i++) {
		for (int k = 0; k < LEVELS; k++)
			derive(b, PART_ASSET, i, (enum fact)(FACT_CONFIDENTIALITY + k),
				level_bit(m->of[PART_ASSET].list[i].level[k]));
		derive_held(b, i);
	}
	for (isize i = 0; i < m->of[PART_FLOW].count; i++)
		derive_flow(b, i);
	derive_nothing(b);
	derive_whole(b);
	return derive_paths(b);
}
