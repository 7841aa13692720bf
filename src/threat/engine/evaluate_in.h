/* What the files that judge a model share: its facts, what the rules find in them. */
#ifndef THREAT_EVALUATE_IN_H
#define THREAT_EVALUATE_IN_H
#include "threat/engine/engine.h"
#include "threat/rules/compiled.h"

/* Findings in the order in which they were found. */
struct seen {
	struct threat_finding *list;
	isize count, room;
};

/* A model as masks, one row of properties a part (facts.c), and what was found in it. */
struct bound {
	struct arena *arena;
	struct err *err;
	const struct model *model;
	const struct rules *rules;
	const struct vocabulary *v;
	bool all;           /* what does not apply is kept */
	struct parts whole; /* the model as a part of its own */
	uint64_t *rows[PART_GROUPS];
	const uint64_t *unknown; /* the row of an element nobody named */
	/* Of each part, and behind the last: where its findings begin in `seen`. */
	int32_t *first[PART_GROUPS];
	bool *is_strange[PART_GROUPS]; /* of each part: uses a word that no list has */
	struct seen seen;
	struct findings *out;
	isize note_room;

	/* What was found before in nearly the same model, or NULL. */
	const struct bound *was;
	/* Of each part: its number there, or PART_NONE; whether it states the same; and of an
	   element, whether it looks the same from a flow. */
	int32_t *match[PART_GROUPS];
	bool *states_same[PART_GROUPS];
	bool *same_end;
};

/* ---- facts (facts.c) ---- */

CHECKED bool facts_bind(struct bound *b);
/* The parts of a group; PART_MODEL has one. */
static inline const struct parts *facts_parts(const struct bound *b, enum part_group g)
{
	return g == PART_MODEL ? &b->whole : &b->model->of[g];
}
static inline uint64_t *facts_row(const struct bound *b, enum part_group g, isize i)
{
	return b->rows[g] + i * b->v->prop_count[g];
}
/* A fact in a row of group `g`; 0 when the vocabulary has no such property. */
static inline uint64_t facts_get(
	const struct bound *b, enum part_group g, const uint64_t *row, enum fact name)
{
	int16_t n = b->v->fact[g][name];

	return n < 0 ? 0 : row[n];
}
/* The highest level in a mask, from 1, which is also that of nothing; 0 when none is known. */
int8_t facts_highest(uint64_t mask);

/* ---- one part (engine.c) ---- */

struct target {
	const struct part *part;
	const uint64_t *side[3]; /* by enum rule_side */
};
/* All rules on one part; what they find goes behind what is in b->seen.  It depends on the kind of
   the part, its levels and its rows alone. */
CHECKED bool engine_run(struct bound *b, const struct target *t);

/* ---- what was found (seen.c) ---- */

/* One more finding. */
CHECKED bool seen_add(struct bound *b, const struct threat_finding *f);
/* Fails with ERR_LIMIT. */
bool facts_no_room(struct bound *b);

/* ---- what still holds (reevaluate.c); b->was is there ---- */

/* Finds the parts of the earlier model. */
CHECKED bool reevaluate_match(struct bound *b);
/* Makes the row of a part that states the same as then; false when it does not. */
bool reevaluate_stated(const struct bound *b, enum part_group g, isize i);
/* To be called when all facts are there, before reevaluate_found(). */
CHECKED bool reevaluate_compare_ends(struct bound *b);
/* The number then of a part of which engine_run() would find the same, or PART_NONE. */
int32_t reevaluate_found(const struct bound *b, enum part_group g, isize i);
#endif
