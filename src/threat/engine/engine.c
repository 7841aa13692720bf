/*
 * Rules against the facts of one part.  Tests over what nobody stated are neither true nor false.
 */
#include "threat/engine/evaluate_in.h"

enum truth { NO, PERHAPS, YES };

/* ---- conditions ---- */

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
		if (c->op == OP_SKIP_NO || c->op == OP_SKIP_YES) {
			if (stack[n - 1] == (c->op == OP_SKIP_NO ? NO : YES))
				i += c->prop - 1;
		} else if (c->op == OP_NOT) {
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
	/* A precondition that nobody can decide and the rule does not ask for is not presumed. */
	if (when != YES && !(f->missing & r->deciding))
		return THREAT_IS_NOT_APPLICABLE;
	return f->missing ? THREAT_IS_QUESTION : THREAT_IS_OPEN;
}

/* An interface is reached like its element. */
static uint64_t likely_facts(const struct bound *b, const struct rule *r, const struct target *t)
{
	bool is_interface = r->group == PART_INTERFACE;
	const uint64_t *facts = t->side[is_interface ? SIDE_FROM : SIDE_SELF];
	enum part_group g = is_interface ? PART_ELEMENT : r->group;
	uint64_t mask = 0;

	for (int i = 0; i < FACTS_LIKELY; i++)
		mask |= facts_get(b, g, facts, facts_likely[i]);
	return mask;
}

/* How bad and how likely: fixed by the rule, or from the assets and the exposure. */
static void weigh(const struct bound *b, const struct rule *r, const struct target *t,
	struct threat_finding *f)
{
	enum { ERROR_FROM = 12, WARNING_FROM = 4 };

	f->impact = r->impact;
	f->likelihood = r->likelihood;
	if (r->impact_from != IMPACT_FIXED) {
		int k = (int)r->impact_from - (int)IMPACT_CONFIDENTIALITY;
		f->impact = r->group == PART_ASSET
			? t->part->level[k]
			: facts_highest(facts_get(b, r->group, t->side[SIDE_SELF],
				  (enum fact)((r->group == PART_FLOW ? FACT_CARRIES_CONFIDENTIALITY
								     : FACT_HOLDS_CONFIDENTIALITY) +
					  k)));
	}
	if (r->likelihood == 0)
		f->likelihood = facts_highest(likely_facts(b, r, t));
	/* What is not known is taken as high, so that nothing is played down. */
	int score = (f->impact ? f->impact : 3) * (f->likelihood ? f->likelihood : 3);
	f->level = f->outcome != THREAT_IS_OPEN ? THREAT_NOTE
		: score >= ERROR_FROM           ? THREAT_ERROR
		: score >= WARNING_FROM         ? THREAT_WARNING
						: THREAT_NOTE;
}

/* ---- one part ---- */

/* One rule on one part. */
static bool run_rule(struct bound *b, const struct rule *r, const struct target *t)
{
	struct threat_finding f = {
		.rule = r, .part = t->part, .because = t->part, .stride = r->stride, .merged = 1};

	f.outcome = judge(r, t, &f);
	if (f.outcome == THREAT_IS_NOT_APPLICABLE && !b->all)
		return true;
	weigh(b, r, t, &f);
	return seen_add(b, &f);
}

/* Of two rules that see one threat the more exact one speaks, unless the general one sees worse. */
static bool is_replaced(const struct seen *out, isize from, isize at)
{
	const struct threat_finding *general = &out->list[at];

	for (isize i = from; i < out->count; i++) {
		const struct threat_finding *exact = &out->list[i];
		if (exact->outcome == THREAT_IS_NOT_APPLICABLE || exact->outcome < general->outcome)
			continue;
		for (int32_t k = 0; k < exact->rule->replace_count; k++)
			if (exact->rule->replaces[k].number == general->rule->order)
				return true;
	}
	return false;
}

/* Takes the replaced ones out of the findings of one part, which begin at `from`. */
static void drop_replaced(struct seen *out, isize from)
{
	bool any = false, replaced[RULES_COUNT];
	isize kept = from;

	assert(out->count - from <= RULES_COUNT);
	for (isize i = from; i < out->count; i++)
		any |= out->list[i].rule->replace_count > 0;
	for (isize i = from; any && i < out->count; i++)
		replaced[i - from] = is_replaced(out, from, i);
	for (isize i = from; any && i < out->count; i++)
		if (!replaced[i - from])
			out->list[kept++] = out->list[i];
	out->count = any ? kept : out->count;
}

bool engine_run(struct bound *b, const struct target *t)
{
	const struct rules *rules = b->rules;
	isize from = b->seen.count;

	if (rules->sieve && !b->all) {
		const struct sieve *s = &rules->sieve[t->part->kind];
		uint64_t left[SIEVE_WORDS];
		sieve_part(s, t->side, left);
		for (int32_t w = 0; w < s->words; w++)
			for (; left[w]; left[w] &= left[w] - 1)
				if (!run_rule(b, s->rule[w * 64 + __builtin_ctzll(left[w])], t))
					return false;
	} else {
		for (isize i = 0; i < rules->count; i++)
			if (rules->list[i].kinds & 1u << t->part->kind &&
				!run_rule(b, &rules->list[i], t))
				return false;
	}
	drop_replaced(&b->seen, from);
	return true;
}

