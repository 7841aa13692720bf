/*
 * Rules against a model: facts, then the rules of each part, then those findings that belong to
 * another part, all in the order in which people read the model.
 */
#include "threat/engine/evaluate_in.h"

static struct target target_of(const struct bound *b, enum part_group g, isize i)
{
	const struct part *p = &facts_parts(b, g)->list[i];

	return (struct target){.part = p,
		.side = {facts_row(b, g, i),
			p->from == PART_NONE ? b->unknown : facts_row(b, PART_ELEMENT, p->from),
			p->to == PART_NONE ? b->unknown : facts_row(b, PART_ELEMENT, p->to)}};
}

/* As much room as the earlier findings took. */
static bool seen_reserve(struct bound *b)
{
	b->seen.room = b->was->seen.room;
	b->seen.list = arena_bulk(b->arena, b->seen.room * (isize)sizeof *b->seen.list);
	return b->seen.list || facts_no_room(b);
}

/* What the rules found in part `i` of the earlier model, as found in `p`. */
static bool take_over(struct bound *b, enum part_group g, int32_t i, const struct part *p)
{
	for (int32_t k = b->was->first[g][i]; k < b->was->first[g][i + 1]; k++) {
		struct threat_finding f = b->was->seen.list[k];
		f.part = f.because = p;
		if (!seen_add(b, &f))
			return false;
	}
	return true;
}

/* All rules on each part: its facts are read once. */
static bool run_group(struct bound *b, enum part_group g)
{
	isize parts = facts_parts(b, g)->count;

	b->first[g] = arena_bulk(b->arena, (parts + 1) * (isize)sizeof *b->first[g]);
	if (!b->first[g])
		return facts_no_room(b);
	for (isize i = 0; i < parts; i++) {
		struct target t = target_of(b, g, i);
		int32_t then = b->was ? reevaluate_found(b, g, i) : PART_NONE;
		b->first[g][i] = (int32_t)b->seen.count;
		if (then == PART_NONE ? !engine_run(b, &t) : !take_over(b, g, then, t.part))
			return false;
	}
	b->first[g][parts] = (int32_t)b->seen.count;
	return true;
}

/* ---- rules that collapse ---- */

/* Puts `f` into the threat at the end by which its rule collapses; the worst one leads.  `leader`
   has, of each element, the last threat that begins there. */
static bool merge(struct bound *b, struct threat_finding f, int32_t *leader)
{
	int32_t end = f.rule->collapse == COLLAPSE_FROM ? f.part->from : f.part->to;

	if (end == PART_NONE)
		return seen_add(b, &f);
	f.part = &b->model->of[PART_ELEMENT].list[end];
	struct threat_finding *old = &b->seen.list[leader[end]];
	if (old->rule != f.rule || old->part != f.part) {
		leader[end] = (int32_t)b->seen.count;
		return seen_add(b, &f);
	}
	int32_t merged = old->merged + 1;
	/* Only what is open is more than a note. */
	if (f.outcome > old->outcome || f.level > old->level)
		*old = f;
	old->merged = merged;
	return true;
}

/* Adds, behind the findings of parts, what those make that belong to another part; rule after rule,
   so that one threat of each rule at a time begins at an element. */
static bool collapse(struct bound *b)
{
	const struct rules *rules = b->rules;
	isize bytes = (b->model->of[PART_ELEMENT].count + 1) * (isize)sizeof(int32_t);
	isize own = b->seen.count, count = 0;
	int32_t *leader = arena_bulk(b->arena, bytes);
	int32_t *later = arena_bulk(b->arena, (own + 1) * (isize)sizeof *later);

	if (!leader || !later)
		return facts_no_room(b);
	memset(leader, 0, (size_t)bytes);
	for (isize i = 0; i < own; i++)
		if (b->seen.list[i].rule->collapse != COLLAPSE_NONE)
			later[count++] = (int32_t)i;
	for (isize r = 0; r < rules->count; r++)
		for (isize i = 0; rules->list[r].collapse != COLLAPSE_NONE && i < count; i++)
			if (b->seen.list[later[i]].rule == &rules->list[r] &&
				!merge(b, b->seen.list[later[i]], leader))
				return false;
	return true;
}

/* ---- order ---- */

struct ranking {
	const struct part *part;
	int64_t place;
	int32_t *rank; /* of the part, among the places of all */
};

/* Merges the runs [from, middle) and [middle, to) of `in` into `out`. */
static void merge_runs(
	const struct ranking *in, struct ranking *out, isize from, isize middle, isize to)
{
	isize left = from, right = middle;

	for (isize i = from; i < to; i++) {
		bool take = left < middle && (right >= to || in[left].place <= in[right].place);
		out[i] = take ? in[left++] : in[right++];
	}
}

static isize run_end(const struct ranking *list, isize from, isize n)
{
	isize i = from + 1;

	while (i < n && list[i - 1].place <= list[i].place)
		i++;
	return i < n ? i : n;
}

/* By merging the runs that are there: a model is mostly in order, and who writes one that is not
   makes it no slower than n log n.  Returns the sorted one of both. */
static struct ranking *sort_places(struct ranking *in, struct ranking *out, isize n)
{
	while (run_end(in, 0, n) < n) {
		for (isize from = 0; from < n;) {
			isize middle = run_end(in, from, n);
			isize to = middle < n ? run_end(in, middle, n) : n;
			merge_runs(in, out, from, middle, to);
			from = to;
		}
		struct ranking *swap = in;
		in = out;
		out = swap;
	}
	return in;
}

/* Numbers the places of all parts from 0; those at one place share theirs. */
static bool rank_places(struct bound *b, int32_t *rank[PART_GROUPS], isize *ranks)
{
	isize n = 0, all = 0;

	for (int g = 0; g < PART_GROUPS; g++)
		all += facts_parts(b, (enum part_group)g)->count;
	int32_t *number = arena_bulk(b->arena, all * (isize)sizeof *number);
	struct ranking *list = arena_bulk(b->arena, all * (isize)sizeof *list);
	struct ranking *other = arena_bulk(b->arena, all * (isize)sizeof *other);
	if (!number || !list || !other)
		return facts_no_room(b);
	/* The model as a whole stands in its first line. */
	for (int k = 0; k < PART_GROUPS; k++) {
		enum part_group g = (enum part_group)((PART_MODEL + k) % PART_GROUPS);
		const struct parts *parts = facts_parts(b, g);
		rank[g] = number + n;
		for (isize i = 0; i < parts->count; i++) {
			struct file_place at = parts->list[i].at;
			list[n] = (struct ranking){&parts->list[i],
				(int64_t)at.line * (INT64_C(1) << 32) + at.column, number + n};
			n++;
		}
	}
	list = sort_places(list, other, n);
	*ranks = 0;
	for (isize i = 0; i < n; i++) {
		*ranks += i == 0 || list[i].place != list[i - 1].place;
		*list[i].rank = (int32_t)*ranks - 1;
	}
	return true;
}

/* One pass of a sort by digits: `in` into `out`, those with the same key as they stood.  `start`
   has one place more than there are keys. */
static void distribute(const int32_t *in, int32_t *out, isize n, const int32_t *key, int32_t *start,
	isize keys)
{
	memset(start, 0, (size_t)(keys + 1) * sizeof *start);
	for (isize i = 0; i < n; i++)
		start[key[in[i]] + 1]++;
	for (isize k = 0; k < keys; k++)
		start[k + 1] += start[k];
	for (isize i = 0; i < n; i++)
		out[start[key[in[i]]]++] = in[i];
}

/* Of each finding, the ranks of its place and of its rule; and the numbers of those that are shown,
   into `at`: all but those of the first `own` that are in the threats behind them. */
static isize rank_findings(const struct bound *b, isize own, int32_t *const rank[PART_GROUPS],
	int32_t *by_place, int32_t *by_rule, int32_t *at)
{
	const struct threat_finding *list = b->seen.list;
	isize shown = 0;

	for (int g = 0; g < PART_GROUPS; g++)
		for (isize i = 0; i < facts_parts(b, (enum part_group)g)->count; i++)
			for (int32_t k = b->first[g][i]; k < b->first[g][i + 1]; k++)
				by_place[k] = rank[g][i];
	for (isize i = own; i < b->seen.count; i++) {
		enum part_group g = part_group_of(list[i].part->kind);
		by_place[i] = rank[g][list[i].part - facts_parts(b, g)->list];
	}
	for (isize i = 0; i < b->seen.count; i++) {
		by_rule[i] = (int32_t)(list[i].rule - b->rules->list);
		if (i >= own || list[i].rule->collapse == COLLAPSE_NONE)
			at[shown++] = (int32_t)i;
	}
	return shown;
}

/* The findings by place, then by rule, then as they were found. */
static bool arrange(struct bound *b, isize own)
{
	isize n = b->seen.count, rules = b->rules->count, ranks = 0;
	int32_t *rank[PART_GROUPS];

	if (!rank_places(b, rank, &ranks))
		return false;
	isize keys = ranks > rules ? ranks : rules;
	int32_t *at = arena_bulk(b->arena, (4 * n + keys + 1) * (isize)sizeof *at);
	struct threat_finding *list = arena_bulk(b->arena, (n + 1) * (isize)sizeof *list);
	if (!at || !list)
		return facts_no_room(b);
	int32_t *other = at + n, *by_rule = other + n, *by_place = by_rule + n;
	int32_t *start = by_place + n;
	isize shown = rank_findings(b, own, rank, by_place, by_rule, at);
	distribute(at, other, shown, by_rule, start, rules);
	distribute(other, at, shown, by_place, start, ranks);
	for (isize i = 0; i < shown; i++) {
		list[i] = b->seen.list[at[i]];
		b->out->tally[list[i].outcome]++;
	}
	b->out->list = list;
	b->out->count = shown;
	return true;
}

static bool evaluate(struct bound *b, struct findings **out)
{
	b->out = NEW(b->arena, struct findings, 1);
	b->out->model = b->model;
	b->out->rules = b->rules;
	b->out->bound = b;
	if (!facts_bind(b) || (b->was && (!reevaluate_compare_ends(b) || !seen_reserve(b))))
		return false;
	for (int g = 0; g < PART_GROUPS; g++)
		if (!run_group(b, (enum part_group)g))
			return false;
	isize own = b->seen.count;
	if (!collapse(b) || !arrange(b, own))
		return false;
	*out = b->out;
	/* What is kept for the next time must not lead to what this time was only lent. */
	b->was = NULL;
	b->arena = NULL;
	b->err = NULL;
	return true;
}

bool threat_evaluate(struct arena *a, struct err *e, const struct model *m,
	const struct rules *rules, bool all, struct findings **out)
{
	struct bound *b = NEW(a, struct bound, 1);

	*b = (struct bound){.arena = a,
		.err = e,
		.model = m,
		.rules = rules,
		.v = rules->vocabulary,
		.all = all};
	return evaluate(b, out);
}

bool threat_evaluate_again(struct arena *a, struct err *e, const struct model *m,
	const struct findings *was, struct findings **out)
{
	struct bound *b = NEW(a, struct bound, 1);

	assert(was->bound);
	*b = (struct bound){.arena = a,
		.err = e,
		.model = m,
		.rules = was->rules,
		.v = was->rules->vocabulary,
		.all = was->bound->all,
		.was = was->bound};
	return evaluate(b, out);
}
