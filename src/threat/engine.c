/*
 * Rules against a model.  Every property of every part becomes one mask of bits, so that a test is
 * an AND; what nobody stated is an empty mask, and tests over it are neither true nor false.
 */
#include "threat/threat_in.h"

enum truth { NO, PERHAPS, YES };

/* The properties that the engine itself reads or works out, found once. */
enum fact {
	FACT_EXPOSURE,
	FACT_KIND,
	FACT_REACHED_BY,
	FACT_RECEIVES,
	FACT_CONTENT,
	FACT_CLASS,
	FACT_CROSSES_TRUST,
	FACT_CONFIDENTIALITY,
	FACT_INTEGRITY,
	FACT_AVAILABILITY,
	FACT_CARRIES_CLASS,
	FACT_CARRIES_CONFIDENTIALITY,
	FACT_CARRIES_INTEGRITY,
	FACT_CARRIES_AVAILABILITY,
	FACT_HOLDS_CLASS,
	FACT_HOLDS_CONFIDENTIALITY,
	FACT_HOLDS_INTEGRITY,
	FACT_HOLDS_AVAILABILITY,
	FACT_COUNT
};

static const str fact_names[FACT_COUNT] = {S_INIT("exposure"), S_INIT("kind"), S_INIT("reached-by"),
	S_INIT("receives"), S_INIT("content"), S_INIT("class"), S_INIT("crosses-trust"),
	S_INIT("confidentiality"), S_INIT("integrity"), S_INIT("availability"),
	S_INIT("carries-class"), S_INIT("carries-confidentiality"), S_INIT("carries-integrity"),
	S_INIT("carries-availability"), S_INIT("holds-class"), S_INIT("holds-confidentiality"),
	S_INIT("holds-integrity"), S_INIT("holds-availability")};

struct bound {
	struct arena *arena;
	struct err *err;
	const struct model *model;
	const struct vocabulary *v;
	uint64_t *rows[PART_GROUPS];
	int32_t numbers[PART_GROUPS]
		       [FACT_COUNT]; /* of each fact among the group's properties, or -1 */
	const uint64_t *unknown;     /* the row of an element nobody named */
	struct findings *out;
	isize room, note_room;
};

static const str strides[THREAT_COUNT] = {S_INIT("spoofing"), S_INIT("tampering"),
	S_INIT("repudiation"), S_INIT("information-disclosure"), S_INIT("denial-of-service"),
	S_INIT("elevation-of-privilege"), S_INIT("safety"), S_INIT("privacy"), S_INIT("hygiene")};

str stride_word(enum threat_class s)
{
	assert(s < THREAT_COUNT);
	return strides[s];
}

bool stride_parse(str word, enum threat_class *out)
{
	for (int i = 0; i < THREAT_COUNT; i++)
		if (str_eq(word, strides[i])) {
			*out = (enum threat_class)i;
			return true;
		}
	return false;
}

static bool no_room(struct bound *b)
{
	return FAIL(b->err, ERR_LIMIT, "the model has more threats than there is memory for");
}

static uint64_t *row(const struct bound *b, enum part_group g, isize i)
{
	return b->rows[g] + i * b->v->prop_count[g];
}

static bool note(struct bound *b, const struct part *p, const struct prop *q, bool is_value)
{
	struct model_note *list = list_grow(
		b->arena, b->out->notes, b->out->note_count, &b->note_room, (isize)sizeof *list);

	if (!list)
		return no_room(b);
	b->out->notes = list;
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

static uint64_t fact(
	const struct bound *b, enum part_group g, const uint64_t *facts, enum fact name)
{
	int32_t n = b->numbers[g][name];

	return n < 0 ? 0 : facts[n];
}

static void derive(const struct bound *b, enum part_group g, isize i, enum fact name, uint64_t mask)
{
	int32_t n = b->numbers[g][name];

	if (n >= 0)
		row(b, g, i)[n] |= mask;
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
	static const enum fact names[3] = {
		FACT_CARRIES_CONFIDENTIALITY, FACT_CARRIES_INTEGRITY, FACT_CARRIES_AVAILABILITY};
	const struct part *p = &b->model->of[PART_FLOW].list[flow];
	int32_t class_prop = b->numbers[PART_ASSET][FACT_CLASS];

	if (!p->refs_known)
		return;
	if (p->ref_count == 0)
		derive(b, PART_FLOW, flow, FACT_CARRIES_CLASS, MASK_NONE);
	for (int k = 0; k < 3 && p->ref_count == 0; k++)
		derive(b, PART_FLOW, flow, names[k], MASK_NONE);
	for (int32_t i = 0; i < p->ref_count; i++) {
		const struct part *asset = &b->model->of[PART_ASSET].list[p->refs[i]];
		uint64_t class_mask =
			class_prop < 0 ? 0 : row(b, PART_ASSET, p->refs[i])[class_prop];
		derive(b, PART_FLOW, flow, FACT_CARRIES_CLASS,
			class_mask ? class_mask : MASK_PARTLY);
		for (int k = 0; k < 3; k++) {
			uint64_t mask = level_bit(asset->level[k]);
			derive(b, PART_FLOW, flow, names[k], mask ? mask : MASK_PARTLY);
		}
	}
}

static void derive_held(const struct bound *b, isize asset)
{
	static const enum fact names[3] = {
		FACT_HOLDS_CONFIDENTIALITY, FACT_HOLDS_INTEGRITY, FACT_HOLDS_AVAILABILITY};
	const struct part *p = &b->model->of[PART_ASSET].list[asset];
	int32_t class_prop = b->numbers[PART_ASSET][FACT_CLASS];
	uint64_t class_mask = class_prop < 0 ? 0 : row(b, PART_ASSET, asset)[class_prop];

	for (int32_t i = 0; i < p->ref_count; i++) {
		derive(b, PART_ELEMENT, p->refs[i], FACT_HOLDS_CLASS,
			class_mask ? class_mask : MASK_PARTLY);
		for (int k = 0; k < 3; k++)
			derive(b, PART_ELEMENT, p->refs[i], names[k],
				p->level[k] ? level_bit(p->level[k]) : MASK_PARTLY);
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

static void derive_flow(const struct bound *b, isize i)
{
	const struct part *p = &b->model->of[PART_FLOW].list[i];
	const struct part *elements = b->model->of[PART_ELEMENT].list;
	int32_t from = p->from == PART_NONE ? PART_NONE : elements[p->from].zone;
	int32_t to = p->to == PART_NONE ? PART_NONE : elements[p->to].zone;
	uint64_t exposure = level_bit(flow_exposure(b, p));
	bool other_way = part_value(p, S("via")).n > 0;

	/* The words of yes-no stand in this order in the vocabulary. */
	if (other_way || (from != PART_NONE && to != PART_NONE))
		derive(b, PART_FLOW, i, FACT_CROSSES_TRUST, other_way || from != to ? 2 : 1);
	derive(b, PART_FLOW, i, FACT_EXPOSURE, exposure);
	derive_carried(b, i);
	int32_t content = b->numbers[PART_FLOW][FACT_CONTENT];
	for (int side = 0; side < 2; side++) {
		int32_t end = side ? p->from : p->to;
		if (end == PART_NONE)
			continue;
		derive(b, PART_ELEMENT, end, FACT_REACHED_BY, exposure ? exposure : MASK_PARTLY);
		if (side == 0 && content >= 0)
			derive(b, PART_ELEMENT, end, FACT_RECEIVES,
				row(b, PART_FLOW, i)[content] ? row(b, PART_FLOW, i)[content]
							      : MASK_PARTLY);
	}
}

/* What no flow reaches receives nothing.  Once assets say where they are, the rest holds none. */
static void derive_nothing(const struct bound *b)
{
	static const enum fact received[] = {FACT_RECEIVES, FACT_REACHED_BY};
	static const enum fact held[] = {FACT_HOLDS_CLASS, FACT_HOLDS_CONFIDENTIALITY,
		FACT_HOLDS_INTEGRITY, FACT_HOLDS_AVAILABILITY};
	bool assets_placed = false;

	for (isize i = 0; i < b->model->of[PART_ASSET].count; i++)
		assets_placed |= b->model->of[PART_ASSET].list[i].refs_known;
	for (isize i = 0; i < b->model->of[PART_ELEMENT].count; i++) {
		for (int k = 0; k < COUNT_OF(received); k++)
			if (!fact(b, PART_ELEMENT, row(b, PART_ELEMENT, i), received[k]))
				derive(b, PART_ELEMENT, i, received[k], MASK_NONE);
		for (int k = 0; assets_placed && k < COUNT_OF(held); k++)
			if (!fact(b, PART_ELEMENT, row(b, PART_ELEMENT, i), held[k]))
				derive(b, PART_ELEMENT, i, held[k], MASK_NONE);
	}
}

static bool bind(struct bound *b)
{
	const struct model *m = b->model;

	for (int g = 0; g < PART_GROUPS; g++) {
		for (int k = 0; k < FACT_COUNT; k++)
			b->numbers[g][k] =
				vocabulary_prop_find(b->v, (enum part_group)g, fact_names[k]);
		isize bytes =
			((m->of[g].count + 1) * b->v->prop_count[g] + 1) * (isize)sizeof(uint64_t);
		b->rows[g] = arena_bulk(b->arena, bytes);
		if (!b->rows[g])
			return no_room(b);
		memset(b->rows[g], 0, (size_t)bytes);
		for (isize i = 0; i < m->of[g].count; i++) {
			const struct part *p = &m->of[g].list[i];
			for (const struct prop *q = p->props; q; q = q->next)
				if (!bind_prop(b, p, q, row(b, (enum part_group)g, i)))
					return false;
		}
	}
	b->unknown = row(b, PART_ELEMENT, m->of[PART_ELEMENT].count);
	for (isize i = 0; i < m->of[PART_ZONE].count; i++)
		derive(b, PART_ZONE, i, FACT_EXPOSURE, level_bit(zone_exposure(b, (int32_t)i)));
	for (isize i = 0; i < m->of[PART_ELEMENT].count; i++) {
		const struct part *p = &m->of[PART_ELEMENT].list[i];
		derive(b, PART_ELEMENT, i, FACT_EXPOSURE, level_bit(zone_exposure(b, p->zone)));
		derive(b, PART_ELEMENT, i, FACT_KIND, UINT64_C(1) << (p->kind - PART_IS_ACTOR));
	}
	for (isize i = 0; i < m->of[PART_ASSET].count; i++) {
		const int8_t *level = m->of[PART_ASSET].list[i].level;
		derive(b, PART_ASSET, i, FACT_CONFIDENTIALITY, level_bit(level[0]));
		derive(b, PART_ASSET, i, FACT_INTEGRITY, level_bit(level[1]));
		derive(b, PART_ASSET, i, FACT_AVAILABILITY, level_bit(level[2]));
		derive_held(b, i);
	}
	for (isize i = 0; i < m->of[PART_FLOW].count; i++)
		derive_flow(b, i);
	derive_nothing(b);
	return true;
}

/* ---- conditions ---- */

struct target {
	const struct part *part;
	const uint64_t *side[3]; /* by enum rule_side */
};

static enum truth test(const struct rule_code *c, const struct target *t)
{
	uint64_t facts = t->side[c->side][c->prop];

	if (c->op == OP_KNOWN)
		return facts && !(facts & MASK_PARTLY) ? YES : NO;
	uint64_t words = facts & ~(MASK_NONE | MASK_PARTLY | MASK_OTHER);
	if (c->op == OP_ANY ? (words & c->mask) != 0 : words >= c->mask)
		return YES;
	return facts == 0 || (facts & MASK_PARTLY) ? PERHAPS : NO;
}

static enum truth decide(const struct rule_condition *when, const struct target *t)
{
	enum truth stack[RULE_STACK + 1];
	int n = 0;

	for (int32_t i = 0; i < when->count; i++) {
		const struct rule_code *c = &when->code[i];
		if (c->op == OP_NOT) {
			stack[n - 1] = (enum truth)(YES - stack[n - 1]);
		} else if (c->op == OP_AND) {
			n--;
			stack[n - 1] = stack[n] < stack[n - 1] ? stack[n] : stack[n - 1];
		} else if (c->op == OP_OR) {
			n--;
			stack[n - 1] = stack[n] > stack[n - 1] ? stack[n] : stack[n - 1];
		} else {
			stack[n++] = test(c, t);
		}
	}
	assert(n == 1);
	return stack[0];
}

static enum threat_outcome judge(
	const struct rule *r, const struct target *t, struct threat_finding *f)
{
	enum truth when = decide(&r->when, t);
	bool perhaps = when == PERHAPS;

	f->handler = -1;
	f->missing = 0;
	if (when == NO)
		return THREAT_IS_NOT_APPLICABLE;
	for (int32_t i = 0; i < r->handler_count; i++) {
		enum truth handled = decide(&r->handlers[i].when, t);
		if (handled == YES) {
			f->handler = (int16_t)i;
			/* Evidence against what may not even apply is noise. */
			return when == YES ? THREAT_IS_MITIGATED : THREAT_IS_NOT_APPLICABLE;
		}
		perhaps |= handled == PERHAPS;
	}
	if (!perhaps)
		return THREAT_IS_OPEN;
	for (int32_t i = 0; i < r->ask_count; i++) {
		uint64_t facts = t->side[r->asks[i].side][r->asks[i].prop];
		if (facts == 0 || (facts & MASK_PARTLY))
			f->missing |= 1u << i;
	}
	/* A precondition that nobody can decide and that the rule does not ask for is not presumed. */
	return f->missing     ? THREAT_IS_QUESTION
		: when == YES ? THREAT_IS_OPEN
			      : THREAT_IS_NOT_APPLICABLE;
}

/* The highest level in a mask, from 1; 0 when none is known. */
static int8_t highest(uint64_t mask)
{
	mask &= ~(MASK_NONE | MASK_PARTLY | MASK_OTHER);
	return (int8_t)(mask ? 64 - __builtin_clzll(mask) : 0);
}

/* How bad and how likely: fixed by the rule, or from the assets and the exposure. */
static void weigh(const struct bound *b, const struct rule *r, const struct target *t,
	struct threat_finding *f)
{
	static const enum fact carried[] = {
		FACT_CARRIES_CONFIDENTIALITY, FACT_CARRIES_INTEGRITY, FACT_CARRIES_AVAILABILITY};
	static const enum fact held[] = {
		FACT_HOLDS_CONFIDENTIALITY, FACT_HOLDS_INTEGRITY, FACT_HOLDS_AVAILABILITY};
	enum { ERROR_FROM = 12, WARNING_FROM = 4 };

	f->impact = r->impact;
	f->likelihood = r->likelihood;
	if (r->impact_from != IMPACT_FIXED) {
		int k = (int)r->impact_from - (int)IMPACT_CONFIDENTIALITY;
		f->impact = r->group == PART_ASSET
			? t->part->level[k]
			: highest(fact(b, r->group, t->side[SIDE_SELF],
				  r->group == PART_FLOW ? carried[k] : held[k]));
	}
	if (r->likelihood == 0) {
		bool is_interface = r->group == PART_INTERFACE;
		const uint64_t *facts = t->side[is_interface ? SIDE_FROM : SIDE_SELF];
		enum part_group g = is_interface ? PART_ELEMENT : r->group;
		f->likelihood = highest(fact(b, g, facts, FACT_EXPOSURE) |
			(g == PART_ELEMENT ? fact(b, g, facts, FACT_REACHED_BY) : 0));
	}
	/* What is not known is taken as high, so that nothing is played down. */
	int score = (f->impact ? f->impact : 3) * (f->likelihood ? f->likelihood : 3);
	f->level = f->outcome != THREAT_IS_OPEN ? THREAT_NOTE
		: score >= ERROR_FROM           ? THREAT_ERROR
		: score >= WARNING_FROM         ? THREAT_WARNING
						: THREAT_NOTE;
}

/* ---- evaluation ---- */

static struct target target_of(const struct bound *b, enum part_group g, isize i)
{
	const struct part *p = &b->model->of[g].list[i];

	return (struct target){.part = p,
		.side = {row(b, g, i),
			p->from == PART_NONE ? b->unknown : row(b, PART_ELEMENT, p->from),
			p->to == PART_NONE ? b->unknown : row(b, PART_ELEMENT, p->to)}};
}

static bool add_finding(struct bound *b, const struct threat_finding *f)
{
	struct findings *out = b->out;
	struct threat_finding *list =
		list_grow(b->arena, out->list, out->count, &b->room, (isize)sizeof *list);

	if (!list)
		return no_room(b);
	out->list = list;
	list[out->count++] = *f;
	return true;
}

/* Puts `f` into the threat at the end by which the rule collapses; the worst one leads. */
static bool collapse(struct bound *b, const struct rule *r, int32_t *seen, struct threat_finding *f)
{
	int32_t end = r->collapse == COLLAPSE_FROM ? f->part->from : f->part->to;

	f->because = f->part;
	if (end == PART_NONE)
		return add_finding(b, f);
	f->part = &b->model->of[PART_ELEMENT].list[end];
	int32_t at = seen[end];
	struct threat_finding *old = at < b->out->count ? &b->out->list[at] : NULL;
	if (!old || old->rule != r || old->part != f->part) {
		seen[end] = (int32_t)b->out->count;
		return add_finding(b, f);
	}
	int32_t merged = old->merged + 1;
	if (f->outcome > old->outcome || (f->outcome == old->outcome && f->level > old->level))
		*old = *f;
	old->merged = merged;
	return true;
}

static bool run_rule(struct bound *b, const struct rule *r, bool all, int32_t *seen)
{
	const struct parts *parts = &b->model->of[r->group];

	for (isize i = 0; i < parts->count; i++) {
		const struct part *p = &parts->list[i];
		if (!(r->kinds & 1u << p->kind))
			continue;
		struct target t = target_of(b, r->group, i);
		struct threat_finding f = {
			.rule = r, .part = p, .because = p, .stride = r->stride, .merged = 1};
		f.outcome = judge(r, &t, &f);
		if (f.outcome == THREAT_IS_NOT_APPLICABLE && !all)
			continue;
		weigh(b, r, &t, &f);
		if (r->collapse == COLLAPSE_NONE ? !add_finding(b, &f) : !collapse(b, r, seen, &f))
			return false;
	}
	return true;
}

static bool comes_first(const struct threat_finding *a, const struct threat_finding *b)
{
	if (a->part->at.line != b->part->at.line)
		return a->part->at.line < b->part->at.line;
	if (a->part->at.column != b->part->at.column)
		return a->part->at.column < b->part->at.column;
	return a->rule->order <= b->rule->order;
}

/* By place, then by rule; a merge sort of numbers, because the number of findings is a stranger's. */
static bool sort_findings(struct bound *b)
{
	isize n = b->out->count;
	const struct threat_finding *list = b->out->list;
	struct threat_finding *sorted = arena_bulk(b->arena, (n + 1) * (isize)sizeof *sorted);
	int32_t *in = arena_bulk(b->arena, (n + 1) * (isize)sizeof *in);
	int32_t *out = arena_bulk(b->arena, (n + 1) * (isize)sizeof *out);

	if (!sorted || !in || !out)
		return no_room(b);
	for (isize i = 0; i < n; i++)
		in[i] = (int32_t)i;
	for (isize run = 1; run < n; run *= 2) {
		for (isize from = 0; from < n; from += 2 * run) {
			isize middle = from + run < n ? from + run : n;
			isize to = middle + run < n ? middle + run : n, left = from, right = middle;
			for (isize i = from; i < to; i++) {
				bool take = left < middle &&
					(right >= to ||
						comes_first(&list[in[left]], &list[in[right]]));
				out[i] = take ? in[left++] : in[right++];
			}
		}
		int32_t *swap = in;
		in = out;
		out = swap;
	}
	for (isize i = 0; i < n; i++)
		sorted[i] = list[in[i]];
	b->out->list = sorted;
	return true;
}

bool threat_evaluate(struct arena *a, struct err *e, const struct model *m,
	const struct rules *rules, bool all, struct findings **out)
{
	struct bound b = {.arena = a, .err = e, .model = m, .v = rules->vocabulary};
	isize seen_bytes = (m->of[PART_ELEMENT].count + 1) * (isize)sizeof(int32_t);
	int32_t *seen = arena_bulk(a, seen_bytes);

	if (!seen)
		return no_room(&b);
	memset(seen, 0, (size_t)seen_bytes);
	b.out = NEW(a, struct findings, 1);
	b.out->model = m;
	b.out->rules = rules;
	if (!bind(&b))
		return false;
	for (isize i = 0; i < rules->count; i++)
		if (!run_rule(&b, &rules->list[i], all, seen))
			return false;
	if (!sort_findings(&b))
		return false;
	for (isize i = 0; i < b.out->count; i++)
		b.out->tally[b.out->list[i].outcome]++;
	*out = b.out;
	return true;
}

/* ---- the examples of the rules ---- */

static bool example_fails(
	struct err *e, const struct rule *r, const struct rule_example *x, const char *why)
{
	FAIL(e, ERR_SYNTAX, "%.*s:%d:%d: the example of %.*s %s", STR_ARG(r->file), x->at.line,
		x->at.column, STR_ARG(r->name), why);
	e->line = x->at.line;
	e->column = x->at.column;
	return false;
}

static bool check_example(struct arena *a, struct err *e, const struct rules *one,
	const struct rule *r, const struct rule_example *x)
{
	static const char *const broken[] = {"should be open and is not", "should ask and does not",
		"should be silent and is not"};
	str text = str_fmt(a, "%.*s\n%.*s", STR_ARG(r->setting), STR_ARG(x->text));
	struct err inner = {.arena = a};
	struct findings *f;
	struct model *m;
	bool good = false;

	if (!model_text_parse(a, &inner, r->file, text, &m) ||
		!threat_evaluate(a, &inner, m, one, false, &f))
		return example_fails(e, r, x, inner.text);
	if (f->note_count) {
		const struct prop *q = f->notes[0].prop;
		str strange = f->notes[0].is_value ? q->value : q->key;
		return example_fails(e, r, x,
			cstr(a,
				str_fmt(a, "uses %.*s, which the vocabulary lacks",
					STR_ARG(strange))));
	}
	if (x->says == EXAMPLE_FIRES)
		good = f->tally[THREAT_IS_OPEN] > 0;
	else if (x->says == EXAMPLE_ASKS)
		good = f->tally[THREAT_IS_OPEN] == 0 && f->tally[THREAT_IS_QUESTION] > 0;
	else
		good = f->tally[THREAT_IS_OPEN] + f->tally[THREAT_IS_QUESTION] == 0;
	return good || example_fails(e, r, x, broken[x->says]);
}

bool rules_check(struct arena *a, struct err *e, const struct rules *rules)
{
	for (isize i = 0; i < rules->count; i++) {
		const struct rule *r = &rules->list[i];
		for (int32_t k = 0; k < r->example_count; k++) {
			struct arena_mark mark = arena_here(a);
			struct rules one = {.vocabulary = rules->vocabulary,
				.list = &rules->list[i],
				.count = 1};
			bool ok = check_example(a, e, &one, r, &r->examples[k]);
			arena_rewind(a, mark);
			if (!ok)
				return false;
		}
	}
	return true;
}
