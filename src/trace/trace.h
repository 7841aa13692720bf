/*
 * Traceability: from the threat to the evidence, and where that breaks.
 *
 *	threat raises risk;  control counters threat;  control treats risk;
 *	requirement refines control;  test verifies requirement;  evidence shows test
 *
 * Everything here is computed from records and links when it is asked for and never stored.  It
 * sees what the caller may read, as of c->at_us, and judges by that alone.  What is over is left
 * out: threats that are no longer in the model, retired controls, requirements and tests.
 *
 * Evidence counts when it was submitted, reviewed or accepted and has not run out; an acceptance of
 * a risk counts until its day.  "pass with findings" is a pass.
 *
 * The number of statements is fixed (one a kind, one for all links); time and memory grow with the
 * records and links.  A thread that answers many calls keeps what it read (struct trace_memory):
 * then one statement asks where the ledger is, and only what its new entries are about is read
 * again.
 */
#ifndef TRACE_TRACE_H
#define TRACE_TRACE_H
#include "kind/kind.h"

enum {
	TRACE_LINKS_MAX = 400000, /* links of the types above in a store */
	TRACE_ROWS_MAX = 50000,   /* chains */
	TRACE_OF_MAX = 64,        /* records up, and down, from one */
	TRACE_OF_STEPS = 6        /* links up, and down, from one */
};

/* Where a chain breaks, worst first. */
enum chain_break {
	CHAIN_WHOLE,
	CHAIN_NO_DECISION, /* a threat nobody countered, accepted or found not to apply */
	CHAIN_NO_CONTROL,  /* a threat said to be answered, or a risk, without control */
	CHAIN_TEST_FAILED,
	CHAIN_NO_REQUIREMENT,
	CHAIN_NO_TEST,
	CHAIN_NOT_TESTED, /* a test that was not run, or was blocked */
	CHAIN_NO_EVIDENCE,
	CHAIN_NO_SOURCE,     /* a requirement from no control and no obligation, part of no other */
	CHAIN_CONTROL_ALONE, /* a control in a product that answers no threat and no risk */
	CHAIN_BREAKS
};

/* One path.  A record that is missing has kind NULL; `words` is "" when the chain is whole. */
struct chain {
	struct brief threat, risk, control, requirement, test, evidence;
	enum chain_break where;
	str words;
};
struct trace_counts {
	int64_t chains, whole, broken;
	int64_t by_break[CHAIN_BREAKS];
};


/* Room for what a thread remembers, in `a`; it belongs to one thread (call->memory) and lives as
   long as that.  Reserves address space; memory is taken as records are read. */
struct trace_memory *trace_memory_new(struct arena *a);
/* A new call, and with it a new snapshot of the store: the next question asks where the ledger
   is. */
void trace_memory_begin(struct trace_memory *m);
/* Forgets everything; needed before `a` ends. */
void trace_memory_clear(struct trace_memory *m);

struct chain_query {
	str product; /* "" for all */
	bool only_broken;
	isize from, limit; /* rows to leave out, rows wanted */
};
/*
 * One row for each distinct path, those from threats first, then product controls that no threat
 * led to, then requirements that no control led to.  Broken ones come first, by what is worse, then
 * by reference.  `counts` are of all rows, whichever were asked for.
 *
 * A control stands with a risk of its threat when it treats it; controls that only treat the risk
 * stand there when none that counters the threat does.  A threat that does not apply, with its
 * reason, and one whose risk is accepted without control are whole.
 *
 * With a product, those rows of which a record belongs to it, or none belongs to any.
 *
 * Fails with ERR_LIMIT above the limits, or with what the store says.
 */
CHECKED bool trace_chains(struct call *c, const struct chain_query *q, struct chain **out,
	isize *count, struct trace_counts *counts);

/* What leads to a record and what follows from it. */
struct trace_around {
	struct brief *up, *down; /* nearest first, then by reference */
	isize up_count, down_count;
	bool is_cut; /* there are more than TRACE_OF_MAX in a direction */
};
/*
 * Both directions from `ref` along the links above, each record once.  A record that may not be
 * read hides what lies behind it.  Links are as of c->at_us; titles and states are those of now.
 * Fails with ERR_MISSING when there is no `ref` for this caller.
 */
CHECKED bool trace_of(struct call *c, str ref, struct trace_around *out);

/* Controls of products in operation, and how many of them are shown to work: they have a
   requirement, and each of their requirements has a test that passed with evidence and none that
   failed. */
CHECKED bool control_evidence(struct call *c, str product, int64_t *shown, int64_t *total);
/* Of the threats that apply, those without control and acceptance that nobody called answered. */
CHECKED bool threats_undecided(struct call *c, str product, int64_t *open, int64_t *total);

/* How a risk is rated, 1 to 5 each; INT_NONE where it is not yet. */
struct risk_rated {
	int state; /* of the risk: RISK_STATE_… */
	int64_t inherent_severity, inherent_exploitability;
	int64_t residual_severity, residual_exploitability;
	str product, criteria; /* whose criteria count, and which it names */
};
/* Of all risks that the caller may read; with a product, of those that belong to it. */
CHECKED bool trace_ratings(
	struct call *c, str product, const struct risk_rated **out, isize *count);
#endif
