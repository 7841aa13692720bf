/*
 * The difference of two models, and what it does to threats.
 */
#ifndef THREAT_REPORT_DIFF_H
#define THREAT_REPORT_DIFF_H
#include "threat/picture/picture.h"
#include "threat/report/report.h"

/* Parts are the same part when they have the same id.  A flow without an id of its own is also
   found again by its name, when no other flow has it and one end stayed. */
enum diff_what { DIFF_NAME, DIFF_KIND, DIFF_ZONE, DIFF_ENDS, DIFF_PROP };

struct prop_diff {
	struct prop_diff *next;
	enum diff_what what;
	str key;     /* the property: "name", "kind", "in", "ends", or as in the model */
	str was, is; /* values with ", " between them; "" is not stated */
};

struct part_diff {
	enum diff_sign sign;
	const struct part *was, *is; /* NULL: it was not there; it is gone */
	struct prop_diff *props;     /* of a changed one: name, kind, place, then by property */
};

enum threat_turn {
	TURN_OPENED, /* open, and was not */
	TURN_ASKED,  /* a question, and was none */
	TURN_CLOSED, /* mitigated, and was open or a question */
	TURN_GONE,   /* was open or a question, and is not a threat now */
	TURN_COUNT
};

struct threat_diff {
	enum threat_turn turn;
	const struct threat_finding *now;   /* NULL when gone */
	const struct baseline_finding *was; /* NULL when new */
	bool part_is_gone;                  /* the reason why the threat is */
};

struct model_diff {
	const struct model *was, *is;
	const struct findings *now;
	struct part_diff *parts; /* by group; in it by place, then what was removed, by place */
	isize part_count, signs[DIFF_SIGNS];
	struct threat_diff *threats; /* by turn, then by place */
	isize threat_count, turns[TURN_COUNT];
	int32_t *old_to_new[PART_GROUPS]; /* of each part then, its index now or PART_NONE */
};

/* What lies between two models that were judged by the same rules.  Time is in proportion to their
   size times its logarithm.  ERR_LIMIT when the arena is too small. */
CHECKED bool model_diff_make(struct arena *a, struct err *e, const struct findings *was,
	const struct findings *now, struct model_diff *out);
void diff_print_text(struct buf *b, struct arena *scratch, const struct model_diff *d);
void diff_print_json(struct buf *b, struct arena *scratch, const struct model_diff *d);
/* A line of that text without its sign: what was added or removed (`q` NULL), or one change of what
   stayed; and what became of a threat. */
str part_diff_words(struct arena *a, const struct model_diff *d, const struct part_diff *p,
	const struct prop_diff *q);
str threat_diff_words(
	struct arena *a, const struct model_diff *d, const struct threat_diff *t);
/* A comment on a change; at most 60,000 bytes. */
void diff_print_markdown(struct buf *b, struct arena *scratch, const struct model_diff *d);
/* The picture of the newer model with what was removed in it, dashed, and a sign on all that
   differs; badges count what is newly open.  Standalone is a file of its own, else it is part of a
   page and its elements lead to their records.  Fails as layout_make() does. */
CHECKED bool diff_print_svg(struct buf *b, struct arena *a, struct err *e,
	const struct model_diff *d, bool standalone);
#endif
