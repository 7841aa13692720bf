/*
 * The risk criteria in force: the one place that says which set counts for a risk, and which level
 * it gives to a pair of ratings.  ISO 14971, 4.4; ISO 31000, 6.3.4.
 *
 * For a product count the sets in force that belong to it; when there are none, those that belong
 * to no product.  A set of another product never counts.  Among several the risk's own field
 * `criteria` chooses; when it names none of them, the one with the lowest reference counts.
 *
 * Who asks makes no difference: the sets are read as the program, because a level that depends on
 * the reader is not a level.  What somebody revises counts as it was approved, until it is approved
 * anew or superseded.
 */
#ifndef RISK_CRITERIA_H
#define RISK_CRITERIA_H
#include "base/base.h"

struct call;
struct risk_model;

enum { RISK_SCALE = 5 };

/* The three classes of acceptability, as pages tint them. */
enum risk_class { RISK_CLASS_NONE, RISK_GOOD, RISK_WARN, RISK_BAD };

/* A row of who accepts what. */
struct risk_level {
	str name; /* "Medium" */
	int rank; /* 1 is the lowest; of a row that gives none, its place */
	int colour;
	enum risk_class class;
	str roles; /* who may accept: references; '+' all of, '/' or */
	bool controlled, release;
};
struct criteria {
	str ref, title, product; /* ref "": there are no criteria in force */
	int64_t rev;
	const struct risk_model *model; /* the revision that counts; NULL without one */
	struct risk_level *level;
	int level_count;
	/* [exploitability][severity], from 1: what the matrix says, and the row of it, or NULL. */
	str word[RISK_SCALE + 1][RISK_SCALE + 1];
	const struct risk_level *cell[RISK_SCALE + 1][RISK_SCALE + 1];
	str severity[RISK_SCALE + 1], exploitability[RISK_SCALE + 1]; /* names, from 1 */
};
/* All sets in force as of c->at_us, by reference. */
struct criteria_sets {
	struct criteria *set;
	isize count;
};

/* In one statement.  Fails with what the store says, or ERR_LIMIT above LIMIT_LIST_ROWS sets. */
CHECKED bool criteria_load(struct call *c, struct criteria_sets *out);
/* The set for `product` ("": of what belongs to none); `named` is what the risk names, or "".
   Never NULL: an empty one when none is in force. */
const struct criteria *criteria_for(const struct criteria_sets *sets, str product, str named);
/* NULL when a rating is missing or the matrix has no such cell, or no row for its level. */
const struct risk_level *criteria_level(
	const struct criteria *k, int64_t severity, int64_t exploitability);
/* What the matrix says there, which may be a level without a row; "" for nothing. */
str criteria_word(const struct criteria *k, int64_t severity, int64_t exploitability);
/* The row of the level called `name`, in capitals or not; NULL when there is none. */
const struct risk_level *criteria_row(const struct criteria *k, str name);
#endif
