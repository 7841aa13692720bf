/*
 * The engine: every rule against every part of a model.
 *
 * Three-valued: not applicable, mitigated (by what), open, or a question.  What judges a model has
 * just shown on its examples that it does what it says.
 */
#ifndef THREAT_ENGINE_ENGINE_H
#define THREAT_ENGINE_ENGINE_H
#include "threat/rules/rules.h"

enum threat_outcome {
	THREAT_IS_NOT_APPLICABLE,
	THREAT_IS_MITIGATED,
	THREAT_IS_QUESTION,
	THREAT_IS_OPEN /* the worst is the largest */
};

enum threat_level { THREAT_NOTE, THREAT_WARNING, THREAT_ERROR };

/* A threat that a rule sees at one target.  Its id, rule name + "/" + target id, stays the same
   when lines move and when names change. */
struct threat_finding {
	const struct rule *rule;
	const struct part *part;    /* the target: an element, a flow, … */
	const struct part *because; /* where a rule collapses: the worst flow; else the target */
	enum threat_outcome outcome;
	enum threat_class stride;
	enum threat_level level;
	int8_t impact, likelihood; /* 1 to 4, 1 to 5; 0 unknown */
	int16_t handler;           /* of the rule, which mitigates; -1 none */
	uint32_t missing;          /* which of the facts that the rule asks for are unknown */
	int32_t merged;            /* how many places are in this one threat, from 1 */
};

/* A word of the model that the vocabulary does not have; such a value matches no rule. */
struct model_note {
	const struct part *part;
	const struct prop *prop;
	bool is_value; /* the value is the strange word, not the key */
};

struct findings {
	const struct model *model;
	const struct rules *rules;
	struct threat_finding *list; /* by place in the file, then by rule */
	isize count;
	isize tally[THREAT_IS_OPEN + 1];
	struct model_note *notes;
	isize note_count;
	const struct bound *bound; /* of the engine, for the next time; NULL when it was another */
};

/*
 * Every rule against every part that it is about.  Time grows with parts times rules; nothing in it
 * grows faster.  Findings that are not applicable are kept only with `all`.
 * Fails with ERR_LIMIT when the arena is too small for the findings.
 */
CHECKED bool threat_evaluate(struct arena *a, struct err *e, const struct model *m,
	const struct rules *rules, bool all, struct findings **out);
/*
 * What threat_evaluate() would say of `m` with the rules of `was` and with its `all`, in less time
 * the more of `m` says the same as the model of `was`, which the engine evaluated: the rules run
 * only on parts of which they may find something else.  What `was` is about must still be there, as
 * it was then; the result does not need it any more.  Time grows with the model, hardly with rules.
 */
CHECKED bool threat_evaluate_again(struct arena *a, struct err *e, const struct model *m,
	const struct findings *was, struct findings **out);

/* The rules and countermeasures that come with the program, linked, and the words that they and
   models may use.  Runs their examples each time: what judges a model has just shown what it is
   said to do.  A few milliseconds; who judges often keeps them. */
CHECKED bool rules_library(
	struct arena *a, struct err *e, const struct vocabulary **words, struct rules **out);
/* Runs the `fires`, `asks` and `silent` examples of every rule; fails on the first that does not
   do what it says. */
CHECKED bool rules_check(struct arena *a, struct err *e, const struct rules *rules);
#endif
