/*
 * What of an earlier evaluation holds for a model that came of the earlier one by some edits.
 *
 * Two things are taken over, each where what it depends on is the same: what is stated of a part,
 * as masks, where the part states the same; and what the rules found in a part, where its kind, its
 * levels and its facts are the same, and of its ends those facts that a rule looks at.  Facts that
 * follow from several parts are worked out anew, so that nothing must be known of how they do.
 */
#include "threat/engine/evaluate_in.h"

enum { LOOK_AHEAD = 16 };

/* Who edits a model keeps most of its words where they are. */
static bool same_words(str a, str b)
{
	return (a.p == b.p && a.n == b.n) || str_eq(a, b);
}

/* Parts are the same part when they have the same id.  Most stand where they stood; a part that is
   not found nearby counts as new, which costs time and changes nothing. */
static bool match_group(struct bound *b, enum part_group g)
{
	const struct parts *now = facts_parts(b, g), *then = facts_parts(b->was, g);
	isize next = 0;

	b->match[g] = arena_bulk(b->arena, (now->count + 1) * (isize)sizeof *b->match[g]);
	b->states_same[g] = arena_bulk(b->arena, now->count + 1);
	if (!b->match[g] || !b->states_same[g])
		return facts_no_room(b);
	for (isize i = 0; i < now->count; i++) {
		isize at = next, end = next + LOOK_AHEAD;
		end = end < then->count ? end : then->count;
		while (at < end && !same_words(now->list[i].id, then->list[at].id))
			at++;
		b->match[g][i] = at < end ? (int32_t)at : PART_NONE;
		next = at < end ? at + 1 : next;
	}
	return true;
}

bool reevaluate_match(struct bound *b)
{
	for (int g = 0; g < PART_GROUPS; g++)
		if (!match_group(b, (enum part_group)g))
			return false;
	return true;
}

static bool same_props(const struct prop *p, const struct prop *q)
{
	for (; p && q && p != q; p = p->next, q = q->next)
		if (!same_words(p->key, q->key) || !same_words(p->value, q->value))
			return false;
	return p == q;
}

bool reevaluate_stated(const struct bound *b, enum part_group g, isize i)
{
	int32_t then = b->match[g][i];
	const struct part *p = &facts_parts(b, g)->list[i], *q = NULL;

	if (then != PART_NONE && !b->was->is_strange[g][then])
		q = &facts_parts(b->was, g)->list[then];
	b->states_same[g][i] = q && p->kind == q->kind && same_props(p->props, q->props);
	if (!b->states_same[g][i])
		return false;
	uint64_t *row = facts_row(b, g, i);
	memcpy(row, facts_row(b->was, g, then), (size_t)b->v->prop_count[g] * sizeof *row);
	for (int32_t k = 0; k < b->v->derived_count[g]; k++)
		row[b->v->derived[g][k]] = b->v->blank[p->kind][b->v->derived[g][k]];
	return true;
}

/* Whether what is worked out about a part differs: all that can, of one that states the same. */
static bool derived_differ(const struct bound *b, enum part_group g, isize i)
{
	const uint64_t *now = facts_row(b, g, i), *old = facts_row(b->was, g, b->match[g][i]);
	uint64_t differs = 0;

	for (int32_t k = 0; k < b->v->derived_count[g]; k++)
		differs |= now[b->v->derived[g][k]] ^ old[b->v->derived[g][k]];
	return differs;
}

/* Whether an element looks the same from a flow or an interface. */
static bool looks_same(const struct bound *b, isize i)
{
	const uint64_t *looks = b->rules->at_ends, *now = facts_row(b, PART_ELEMENT, i), *old;
	int32_t then = b->match[PART_ELEMENT][i];
	uint64_t differs = 0;

	if (then == PART_NONE)
		return false;
	old = facts_row(b->was, PART_ELEMENT, then);
	for (int32_t k = 0; k < b->v->prop_count[PART_ELEMENT]; k++)
		differs |= (now[k] ^ old[k]) & (looks ? looks[k] : ~UINT64_C(0));
	return !differs;
}

bool reevaluate_compare_ends(struct bound *b)
{
	isize count = b->model->of[PART_ELEMENT].count;

	b->same_end = arena_bulk(b->arena, count + 1);
	if (!b->same_end)
		return facts_no_room(b);
	for (isize i = 0; i < count; i++)
		b->same_end[i] =
			(b->states_same[PART_ELEMENT][i] && !derived_differ(b, PART_ELEMENT, i)) ||
			looks_same(b, i);
	return true;
}

static bool same_end(const struct bound *b, int32_t now, int32_t then)
{
	if (now == PART_NONE || then == PART_NONE)
		return now == then;
	return b->match[PART_ELEMENT][now] == then && b->same_end[now];
}

int32_t reevaluate_found(const struct bound *b, enum part_group g, isize i)
{
	int32_t then = b->match[g][i];

	if (!b->states_same[g][i])
		return PART_NONE;
	const struct part *p = &facts_parts(b, g)->list[i];
	const struct part *q = &facts_parts(b->was, g)->list[then];
	bool same = same_end(b, p->from, q->from) && same_end(b, p->to, q->to) &&
		memcmp(p->level, q->level, sizeof p->level) == 0 && !derived_differ(b, g, i);
	return same ? then : PART_NONE;
}
