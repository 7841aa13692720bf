/*
 * Risks: criteria, the matrix, what is above the line.  ISO 14971, ISO 31000, ISO 28000 8.3.
 *
 * Acceptance is a table that the organization sets and signs, never a product of numbers: a cell
 * of the matrix (exploitability by severity, 1 to 5 each) names a level, a level has a rank, says
 * who may accept it and whether it counts as controlled.  Exploitability, not probability: for
 * security risk FDA does not accept the latter.
 */
#ifndef RISK_RISK_H
#define RISK_RISK_H
#include "base/base.h"

#include "risk/criteria.h"

struct call;
struct risk;

enum risk_stage_shown { RISK_BEFORE, RISK_AFTER };
struct risk_cell {
	int64_t count;
	enum risk_class class;
	str level;
};
struct risk_matrix {
	struct criteria_sets sets;
	struct criteria criteria; /* for the product, or for what belongs to none */
	struct risk_cell cell[RISK_SCALE + 1][RISK_SCALE + 1]; /* [severity][exploitability] */
	int64_t total;
	int64_t above;   /* not controlled after treatment, or before it while that is not rated */
	int64_t waiting; /* treated, open or not yet accepted */
};
/* Counts of the risks that are not closed and that the caller may read; `product` "" for all.
   Each is judged by the criteria of its own product; the cells are named by those of `product`. */
CHECKED bool risk_matrix(
	struct call *c, str product, enum risk_stage_shown stage, struct risk_matrix *out);
/* The level of a risk before or after treatment; NULL when not rated. */
const struct risk_level *risk_level_of(
	const struct criteria_sets *sets, const struct risk *r, enum risk_stage_shown stage);
str risk_class_word(enum risk_class class); /* "good", "warn", "bad", "" : the tint */
#endif
