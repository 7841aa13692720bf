/* What the files that judge a model share: its facts, what the rules find in them. */
#ifndef THREAT_EVALUATE_IN_H
#define THREAT_EVALUATE_IN_H
#include "threat/threat_in.h"

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
	const struct vocabulary *v;
	bool all;           /* what does not apply is kept */
	struct parts whole; /* the model as a part of its own */
	uint64_t *rows[PART_GROUPS];
	const uint64_t *unknown;   /* the row of an element nobody named */
	int32_t *end[PART_GROUPS]; /* of each part, where its findings end in `seen` */
	struct seen seen;
	struct findings *out;
	isize note_room;
};

/* ---- facts (facts.c) ---- */

CHECKED bool facts_bind(struct bound *b);
/* Fails with ERR_LIMIT. */
bool facts_no_room(struct bound *b);
/* The parts of a group; PART_MODEL has one. */
const struct parts *facts_parts(const struct bound *b, enum part_group g);
uint64_t *facts_row(const struct bound *b, enum part_group g, isize i);
/* A fact in a row of group `g`; 0 when the vocabulary has no such property. */
uint64_t facts_get(const struct bound *b, enum part_group g, const uint64_t *row, enum fact name);
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
/* One more finding (evaluate.c). */
CHECKED bool seen_add(struct bound *b, const struct threat_finding *f);
#endif
