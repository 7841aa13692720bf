/*
 * Rules against the facts of a model.  Tests over what nobody stated are neither true nor false.
 */
#include "threat/threat_in.h"

enum truth { NO, PERHAPS, YES };

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
	if (r->likelihood == 0) {
		bool is_interface = r->group == PART_INTERFACE;
		const uint64_t *facts = t->side[is_interface ? SIDE_FROM : SIDE_SELF];
		enum part_group g = is_interface ? PART_ELEMENT : r->group;
		f->likelihood = facts_highest(facts_get(b, g, facts, FACT_EXPOSURE) |
			facts_get(b, g, facts, FACT_REACHED_BY) |
			facts_get(b, g, facts, FACT_ENTERED_BY) |
			facts_get(b, g, facts, FACT_OPEN_PATH));
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
	const struct part *p = &facts_parts(b, g)->list[i];

	return (struct target){.part = p,
		.side = {facts_row(b, g, i),
			p->from == PART_NONE ? b->unknown : facts_row(b, PART_ELEMENT, p->from),
			p->to == PART_NONE ? b->unknown : facts_row(b, PART_ELEMENT, p->to)}};
}

static bool add_finding(struct bound *b, const struct threat_finding *f)
{
	struct findings *out = b->out;
	struct threat_finding *list =
		list_grow(b->arena, out->list, out->count, &b->room, (isize)sizeof *list);

	if (!list)
		return facts_no_room(b);
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

/* One rule on one part; `seen` is for rules that collapse. */
static bool run_rule(
	struct bound *b, const struct rule *r, const struct target *t, bool all, int32_t *seen)
{
	struct threat_finding f = {
		.rule = r, .part = t->part, .because = t->part, .stride = r->stride, .merged = 1};
	f.outcome = judge(r, t, &f);
	if (f.outcome == THREAT_IS_NOT_APPLICABLE && !all)
		return true;
	weigh(b, r, t, &f);
	return r->collapse == COLLAPSE_NONE ? add_finding(b, &f) : collapse(b, r, seen, &f);
}

/* Of two rules that see one threat the more exact one speaks, unless the general one sees worse. */
static bool is_replaced(const struct findings *out, isize from, isize at)
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
static void drop_replaced(struct findings *out, isize from)
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

/* A rule, with the test that rules it out for most parts kept beside it: rules are large, and a
   part meets all of its kind. */
struct candidate {
	const struct rule *rule;
	struct rule_code first;
	bool first_decides;
};

/* The rules that look at one kind of part; those that collapse are left out. */
struct candidates {
	struct candidate *list;
	isize count;
};

static struct candidates rules_of(struct arena *a, const struct rules *rules, int kind)
{
	struct candidates k = {.list = NEW(a, struct candidate, rules->count + 1)};

	for (isize i = 0; i < rules->count; i++) {
		const struct rule *r = &rules->list[i];
		if (r->kinds & 1u << kind && r->collapse == COLLAPSE_NONE)
			k.list[k.count++] = (struct candidate){.rule = r,
				.first = r->when.code[0],
				.first_decides = r->first_decides};
	}
	return k;
}

static bool run_candidates(struct bound *b, const struct candidates *mine, const struct target *t,
	bool all, int32_t *seen)
{
	for (isize k = 0; k < mine->count; k++) {
		const struct candidate *c = &mine->list[k];
		if (c->first_decides && !all && test(&c->first, t) == NO)
			continue;
		if (!run_rule(b, c->rule, t, all, seen))
			return false;
	}
	return true;
}

/* Rules one after the other on each part: its facts are read once.  Those that collapse run after
   all parts, each on its own, since what they find belongs to another part. */
static bool run_group(
	struct bound *b, const struct rules *rules, enum part_group g, bool all, int32_t *seen)
{
	struct candidates of[PART_KINDS];
	isize parts = facts_parts(b, g)->count;

	for (int k = 0; k < PART_KINDS; k++)
		if (part_group_of((enum part_kind)k) == g)
			of[k] = rules_of(b->arena, rules, k);
	for (isize i = 0; i < parts; i++) {
		struct target t = target_of(b, g, i);
		isize from = b->out->count;
		if (!run_candidates(b, &of[t.part->kind], &t, all, seen))
			return false;
		drop_replaced(b->out, from);
	}
	for (isize k = 0; k < rules->count; k++) {
		const struct rule *r = &rules->list[k];
		for (isize i = 0; r->group == g && r->collapse != COLLAPSE_NONE && i < parts; i++) {
			struct target t = target_of(b, g, i);
			if (r->kinds & 1u << t.part->kind && !run_rule(b, r, &t, all, seen))
				return false;
		}
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

/* Merges the runs [from, middle) and [middle, to) of `in` into `out`. */
static void merge_runs(const struct threat_finding *list, const int32_t *in, int32_t *out,
	isize from, isize middle, isize to)
{
	isize left = from, right = middle;

	/* Most are in order already: a model is checked from its top down. */
	if (right >= to || comes_first(&list[in[middle - 1]], &list[in[middle]])) {
		memcpy(out + from, in + from, (size_t)(to - from) * sizeof *in);
		return;
	}
	for (isize i = from; i < to; i++) {
		bool take = left < middle &&
			(right >= to || comes_first(&list[in[left]], &list[in[right]]));
		out[i] = take ? in[left++] : in[right++];
	}
}

/* By place, then by rule; a merge sort of numbers, because strangers decide how many there are. */
static bool sort_findings(struct bound *b)
{
	isize n = b->out->count;
	const struct threat_finding *list = b->out->list;
	struct threat_finding *sorted = arena_bulk(b->arena, (n + 1) * (isize)sizeof *sorted);
	int32_t *in = arena_bulk(b->arena, (n + 1) * (isize)sizeof *in);
	int32_t *out = arena_bulk(b->arena, (n + 1) * (isize)sizeof *out);

	if (!sorted || !in || !out)
		return facts_no_room(b);
	for (isize i = 0; i < n; i++)
		in[i] = (int32_t)i;
	for (isize run = 1; run < n; run *= 2) {
		for (isize from = 0; from < n; from += 2 * run) {
			isize middle = from + run < n ? from + run : n;
			isize to = middle + run < n ? middle + run : n;
			merge_runs(list, in, out, from, middle, to);
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
		return facts_no_room(&b);
	memset(seen, 0, (size_t)seen_bytes);
	b.out = NEW(a, struct findings, 1);
	b.out->model = m;
	b.out->rules = rules;
	if (!facts_bind(&b))
		return false;
	for (int g = 0; g < PART_GROUPS; g++)
		if (!run_group(&b, rules, (enum part_group)g, all, seen))
			return false;
	if (!sort_findings(&b))
		return false;
	for (isize i = 0; i < b.out->count; i++)
		b.out->tally[b.out->list[i].outcome]++;
	*out = b.out;
	return true;
}
