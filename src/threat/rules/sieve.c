/*
 * Which rules can say anything of a part, without running them: from each precondition follows that
 * some properties have one of some words, and most parts do not have them.
 *
 * What follows is worked out from the compiled conditions.  It may be less than what they ask for,
 * never more, so that a rule that is left out would have found nothing.
 */
#include "threat/rules/compiled.h"

enum { NEEDS = 8 };

/* One of these bits is in the mask of the property, or the condition does not hold. */
struct need {
	uint8_t side;
	int16_t prop;
	uint64_t mask;
};

/* All of them, each about another property; those beyond NEEDS are forgotten. */
struct needs {
	struct need item[NEEDS];
	int count;
};

/* Of two needs of one property the first is kept: a list of words may meet one with one word and
   the other with another. */
static void add_need(struct needs *n, struct need need)
{
	for (int i = 0; i < n->count; i++)
		if (n->item[i].side == need.side && n->item[i].prop == need.prop)
			return;
	if (n->count < NEEDS)
		n->item[n->count++] = need;
}

/* What `a or b` needs: a property that both need, with a word of one or the other. */
static struct needs either(const struct needs *a, const struct needs *b)
{
	struct needs out = {.count = 0};

	for (int i = 0; i < a->count; i++)
		for (int k = 0; k < b->count; k++)
			if (a->item[i].side == b->item[k].side &&
				a->item[i].prop == b->item[k].prop)
				add_need(&out,
					(struct need){a->item[i].side, a->item[i].prop,
						a->item[i].mask | b->item[k].mask});
	return out;
}

/* `unknown` is MASK_PARTLY where a rule may ask for what is not known, else nothing. */
static struct need need_of(const struct rule_code *c, uint64_t unknown)
{
	struct need n = {.side = c->side, .prop = c->prop};

	if (c->op == OP_KNOWN)
		n.mask = ~MASK_PARTLY;
	else if (c->op == OP_ANY)
		n.mask = c->mask | unknown;
	else
		n.mask = (~(c->mask - 1) & ~(MASK_NONE | MASK_PARTLY | MASK_OTHER)) | unknown;
	return n;
}

/* Runs the precondition on needs instead of facts. */
static struct needs needs_of(const struct rule *r)
{
	struct needs stack[RULE_STACK + 1];
	/* What cannot be decided speaks only where the rule asks for what it lacks. */
	uint64_t unknown = r->deciding ? MASK_PARTLY : 0;
	int n = 0;

	for (int32_t i = 0; i < r->when.count; i++) {
		const struct rule_code *c = &r->when.code[i];
		if (c->op <= OP_KNOWN) {
			stack[n].count = 0;
			add_need(&stack[n++], need_of(c, unknown));
		} else if (c->op == OP_NOT) {
			stack[n - 1].count = 0;
		} else if (c->op == OP_AND) {
			n--;
			for (int k = 0; k < stack[n].count; k++)
				add_need(&stack[n - 1], stack[n].item[k]);
		} else if (c->op == OP_OR) {
			n--;
			stack[n - 1] = either(&stack[n - 1], &stack[n]);
		}
	}
	assert(n == 1);
	return stack[0];
}

static struct sieve_gate *gate_of(struct sieve *s, const struct need *need)
{
	for (int32_t i = 0; i < s->gate_count; i++)
		if (s->gate[i].side == need->side && s->gate[i].prop == need->prop)
			return &s->gate[i];
	struct sieve_gate *g = &s->gate[s->gate_count++];
	*g = (struct sieve_gate){.side = need->side, .prop = need->prop};
	return g;
}

/* Every bit of a new gate leaves all rules; then each rule takes itself out of what it does not
   need. */
static bool fill_gate(struct arena *a, struct sieve *s, struct sieve_gate *g, int32_t rule,
	const struct need *need)
{
	isize bytes = 64 * s->words * (isize)sizeof *g->left;

	if (!g->left) {
		g->left = arena_bulk(a, bytes);
		if (!g->left)
			return false;
		memset(g->left, 0xff, (size_t)bytes);
	}
	for (int bit = 0; bit < 64; bit++)
		if (!(need->mask >> bit & 1))
			g->left[bit * s->words + rule / 64] &= ~(UINT64_C(1) << rule % 64);
	return true;
}

static bool fill_sieve(struct arena *a, const struct rules *rules, int kind, struct sieve *s)
{
	for (isize i = 0; i < rules->count; i++)
		s->count += (rules->list[i].kinds & 1u << kind) != 0;
	s->words = (s->count + 63) / 64;
	s->rule = NEW(a, const struct rule *, s->count + 1);
	s->gate = NEW(a, struct sieve_gate, s->count * NEEDS + 1);
	s->count = 0;
	for (isize i = 0; i < rules->count; i++) {
		if (!(rules->list[i].kinds & 1u << kind))
			continue;
		struct needs n = needs_of(&rules->list[i]);
		for (int k = 0; k < n.count; k++)
			if (!fill_gate(a, s, gate_of(s, &n.item[k]), s->count, &n.item[k]))
				return false;
		s->rule[s->count++] = &rules->list[i];
	}
	return true;
}

static void mark(const struct rule_condition *c, uint64_t *row)
{
	for (int32_t i = 0; i < c->count; i++)
		if (c->code[i].op <= OP_KNOWN && c->code[i].side != SIDE_SELF)
			row[c->code[i].prop] = ~UINT64_C(0);
}

/* Marks, in a row of elements, the facts that rules look at from a flow or an interface. */
static void sieve_mark_ends(const struct rules *rules, uint64_t *row)
{
	for (isize k = 0; k < rules->count; k++) {
		const struct rule *r = &rules->list[k];
		mark(&r->when, row);
		for (int32_t i = 0; i < r->handler_count; i++)
			mark(&r->handlers[i].when, row);
		for (int32_t i = 0; i < r->ask_count; i++)
			if (r->asks[i].side != SIDE_SELF)
				row[r->asks[i].prop] = ~UINT64_C(0);
	}
	for (int i = 0; i < FACTS_LIKELY; i++) {
		int16_t n = rules->vocabulary->fact[PART_ELEMENT][facts_likely[i]];
		if (n >= 0)
			row[n] = ~UINT64_C(0);
	}
}

bool sieve_make(struct arena *a, struct err *e, struct rules *rules)
{
	struct sieve *sieve = NEW(a, struct sieve, PART_KINDS);

	for (int k = 0; k < PART_KINDS; k++)
		if (!fill_sieve(a, rules, k, &sieve[k]))
			return FAIL(e, ERR_LIMIT,
				"the rules need more memory than they are given");
	rules->sieve = sieve;
	uint64_t *at_ends = NEW(a, uint64_t, VOCABULARY_PROPS);
	sieve_mark_ends(rules, at_ends);
	rules->at_ends = at_ends;
	return true;
}

void sieve_part(const struct sieve *s, const uint64_t *const side[3], uint64_t *left)
{
	for (int32_t w = 0; w < s->words; w++)
		left[w] = ~UINT64_C(0);
	if (s->count % 64)
		left[s->words - 1] = (UINT64_C(1) << s->count % 64) - 1;
	for (int32_t i = 0; i < s->gate_count; i++) {
		const struct sieve_gate *g = &s->gate[i];
		uint64_t facts = side[g->side][g->prop];
		uint64_t open[SIEVE_WORDS];
		for (int32_t w = 0; w < s->words; w++)
			open[w] = 0;
		if (!facts)
			facts = MASK_PARTLY;
		for (; facts; facts &= facts - 1) {
			const uint64_t *of_bit = &g->left[__builtin_ctzll(facts) * s->words];
			for (int32_t w = 0; w < s->words; w++)
				open[w] |= of_bit[w];
		}
		for (int32_t w = 0; w < s->words; w++)
			left[w] &= open[w];
	}
}
