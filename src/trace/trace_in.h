/* What the files of trace/ share: the records of a chain as a graph. */
#ifndef TRACE_TRACE_IN_H
#define TRACE_TRACE_IN_H
#include "call/call.h"
#include "kinds.h"
#include "trace/trace.h"

enum layer {
	LAYER_THREAT,
	LAYER_RISK,
	LAYER_CONTROL,
	LAYER_REQUIREMENT,
	LAYER_TEST,
	LAYER_EVIDENCE,
	LAYER_ELEMENT,
	LAYER_FLOW,
	LAYERS
};
#define LAYER_BIT(layer) (1u << (layer))

/* Links, named from the upper end to the lower one, whichever way they are stored. */
enum edge {
	EDGE_RISKS,        /* of a threat */
	EDGE_COUNTERS,     /* controls of a threat */
	EDGE_TREATS,       /* controls of a risk */
	EDGE_REQUIREMENTS, /* of a control */
	EDGE_TESTS,        /* of a requirement */
	EDGE_EVIDENCE,     /* of a test */
	EDGE_TARGETS,      /* elements and flows of a threat */
	EDGES
};

/* Lower ends of node i: down[start[i]] to down[start[i + 1] - 1], by reference. */
struct edges {
	int32_t *start, *down;
};
struct graph {
	const struct rec **node; /* layer after layer, each by reference */
	int32_t count;
	int32_t first[LAYERS + 1];
	bool *has_source; /* of a node: something above it, seen or not */
	struct edges edge[EDGES];
	int64_t today;
};
struct ends {
	const int32_t *node;
	int32_t count;
};

/* The records of the layers named (LAYER_BIT) that are not over, and the links between them. */
CHECKED bool graph_load(struct call *c, unsigned layers, struct graph *g);
struct ends graph_ends(const struct graph *g, enum edge e, int32_t node);
bool graph_joined(const struct graph *g, enum edge e, int32_t up, int32_t down);

enum threat_answer { THREAT_OPEN, THREAT_HANDLED, THREAT_NOT_APPLICABLE };
/* Needs threats, risks and controls. */
enum threat_answer threat_answer(const struct graph *g, int32_t threat);
/* Accepted today, or closed. */
bool risk_is_accepted(const struct graph *g, int32_t risk);
bool evidence_holds(const struct graph *g, int32_t evidence);
bool test_passed(const struct test *t);
struct brief rec_brief(const struct rec *r);
/* "" for any; else whether one of the records belongs to the product, or none to any. */
bool of_product(const struct graph *g, str product, const int32_t *node, isize count);
#endif
