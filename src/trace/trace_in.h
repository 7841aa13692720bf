/* What the files of trace/ share: the records of the chains and the graph they make. */
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

/* What the chains need of a record; what its layer does not have is 0, DAY_NONE or INT_NONE. */
struct node {
	enum layer layer;
	str ref, title, owner, product;
	struct standing now; /* who may see it; as of now, whatever time the rest is of */
	int state;
	int64_t review_due, since;
	int category;              /* of a threat */
	int applies;               /* of a threat: enum answer */
	bool has_reason;           /* of a threat */
	int domain;                /* of a control */
	int result;                /* of a test */
	int64_t until;             /* acceptance of a risk, validity of evidence: a day */
	struct risk_rated ratings; /* of a risk */
	struct words products;     /* of an element */
};
int layer_kind(enum layer layer);
const struct kind *node_kind(const struct node *n);

/* A link that a chain is made of, or one that only gives its `from` end a source (edge EDGES). */
struct half_link {
	int32_t from, to; /* nodes, as stored; `to` is -1 for a record of no layer */
	int8_t edge;
};

struct slot {
	str ref;
	int32_t node;
};
/* References to nodes: open addressing, at most half full. */
struct index {
	struct slot *slot;
	uint64_t mask;
};

/* The records of all layers and the links between them, whoever may read them. */
struct chain_store {
	struct node *node; /* in no order; a node keeps its number for as long as the store lives */
	int32_t count, room;
	struct half_link *link;
	int32_t link_count, link_room;
	struct index index;
};
/* As of `at_us` (INT64_MAX for now), into `a`. */
CHECKED bool chain_store_load(
	struct call *c, struct arena *a, int64_t at_us, struct chain_store *s);
enum { CHAIN_CHANGES_MAX = 256 };
/* Brings it to where the ledger is: reads again what its entries from `seq` on are about, at most
   CHAIN_CHANGES_MAX of them.  `*moved` when one was about a record or link of chains.  Fails in the
   middle: then the store is of no more use. */
CHECKED bool chain_store_update(
	struct call *c, struct arena *a, int64_t seq, struct chain_store *s, bool *moved);

/* Lower ends of node i: down[start[i]] to down[start[i + 1] - 1], by reference. */
struct edges {
	int32_t *start, *down;
};
struct graph {
	const struct node **node; /* layer after layer, each by reference; none that is over */
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

/* What the caller may read, as of c->at_us. */
CHECKED bool graph_load(struct call *c, struct graph *g);
struct ends graph_ends(const struct graph *g, enum edge e, int32_t node);
bool graph_joined(const struct graph *g, enum edge e, int32_t up, int32_t down);

enum threat_answer { THREAT_OPEN, THREAT_HANDLED, THREAT_NOT_APPLICABLE };
enum threat_answer threat_answer(const struct graph *g, int32_t threat);
/* Accepted today, or closed. */
bool risk_is_accepted(const struct graph *g, int32_t risk);
bool evidence_holds(const struct graph *g, int32_t evidence);
bool test_passed(const struct node *test);
struct brief node_brief(const struct node *n);
/* "" for any; else whether one of the records belongs to the product, or none to any. */
bool of_product(const struct graph *g, str product, const int32_t *node, isize count);
#endif
