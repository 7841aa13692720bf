/*
 * What the files of the layout share.
 *
 *	layout          the order of the work, and the labels
 *	layout_tree     zones, elements and the passing points of flows as one ordered tree
 *	layout_columns  which column each element stands in
 *	layout_links    flows cut into links from one column to the next
 *	layout_order    who stands above whom, so that few flows cross
 *	layout_rows     how high each stands, so that flows run straight
 *	layout_routes   the ways of the flows between the columns, and the boxes of zones
 *	layout_hand     the same where a person placed elements
 */
#ifndef THREAT_LAYOUT_IN_H
#define THREAT_LAYOUT_IN_H
#include "threat/picture/picture.h"

enum {
	TRACK = 10,       /* between parallel flows */
	CHANNEL_MIN = 96, /* between columns: room for a label */
	ZONE_PAD = 16,
	ZONE_STEP = 6,  /* a zone with zones in it keeps so much more from its elements */
	ZONE_HEAD_INNER = 30,
	MARGIN = 20,
	LABEL_FLOWS = 600 /* beyond so many flows, elements or zones, labels are not kept apart */
};

struct point {
	int32_t x, y;
};

/* The way of a flow. */
struct route {
	bool drawn;
	struct point *points;
	int32_t point_count;
	int8_t side[2];   /* where it leaves and arrives: -1 left, 1 right */
	int32_t port[2];  /* its place among the flows of that side, from the top */
	struct box label; /* where its text stands; w 0: none fits */
};

struct spot {
	int32_t ports[2]; /* on the left and the right side */
	struct box box;
};

struct layout {
	int32_t x, y, width, height; /* of the picture; it begins at 0, 0 unless placed by hand */
	struct spot *spots;          /* one an element */
	struct box *zones;           /* one a zone; w 0: not drawn */
	struct route *routes;
};

/* ---- the plan from which a layout is made ---- */

/*
 * Nodes of the tree, by number: first the items, which are leaves, then the zones, then the root.
 * The children of a node stand in the order from top to bottom; so what belongs to a zone stands
 * together in every column, and a zone is above another in all columns or in none.
 */
struct tree {
	int32_t items, zones;
	int32_t *parent;        /* of every node but the root; -1: not in the tree */
	int32_t *kids;          /* all children, those of one node in a row */
	int32_t *first, *count; /* of the kids of a zone or the root: by node - items */
	int32_t *slot;          /* of a node among its parent's kids */
};

/* What takes a place in a column: an element, an empty zone, or a flow that passes. */
struct item {
	enum { ITEM_ELEMENT, ITEM_EMPTY, ITEM_PASS } kind;
	int32_t column;
	int32_t flow; /* that passes */
	int32_t y, h; /* upper edge and height in pixels */
};

/* A part of a flow, from one column to the next, or from an item back into its own column. */
struct link {
	int32_t end[2]; /* items: the left and the right one; of a bend the ones of flow order */
	int32_t flow;
	int32_t channel; /* c lies left of column c */
	int8_t bend;     /* -1: in the channel left of its column, 1: right of it, 0: it crosses */
	int32_t port[2]; /* among those of the item's side, from the top */
	int32_t y[2];    /* of the ends, below the upper edge of the item */
	int32_t track;   /* from the left of the channel; of what is level: none */
};

struct plan {
	struct arena *arena;
	struct err *err;
	const struct model *model;
	struct layout *l;
	struct tree tree;
	struct item *items;              /* the elements, the empty zones, what passes */
	int32_t item_count, still_count; /* those that are not flows that pass */
	int32_t columns;
	struct link *links; /* those of one flow in a row, in its direction */
	int32_t link_count;
	int32_t *flow_links;                /* the first link of each flow; one more than flows */
	int32_t *item_links, *link_of_item; /* where those of an item begin, and them */
	int32_t *position;                  /* of an item in the whole tree, from the top */
	int64_t crossings, length;          /* of this order; length in positions */
	int32_t *zone_low, *zone_high;      /* columns of a zone; low > high: nowhere */
	struct box *zone_box;               /* y and h of a zone */
	int32_t *column_x;
};

/* Zeroed room for `count` things, or NULL and ERR_LIMIT. */
void *plan_room(struct plan *p, isize count, isize size);

/* How columns are chosen: what a flow within a column and one to the left cost, where one to the
   next column costs 10. */
struct taste {
	int32_t same, back;
};

/* Builds the tree over p->items by the parents in tree.parent, in the order of numbers. */
CHECKED bool tree_build(struct plan *p);
int32_t tree_root(const struct tree *t);
/* The innermost node that holds both. */
int32_t tree_common(const struct tree *t, int32_t a, int32_t b);
/* The node after `node` from top to bottom, parents first; -1 after the last. */
int32_t tree_next(const struct tree *t, int32_t node);
/* The last node within `node`, itself when it has no children. */
int32_t tree_last(const struct tree *t, int32_t node);

/* Puts the elements and empty zones into columns. */
CHECKED bool plan_columns(struct plan *p, const struct taste *taste);
/* Adds the links between the columns, with what passes, and how far zones reach. */
CHECKED bool plan_links(struct plan *p);
/* Finds an order with few crossings. */
CHECKED bool plan_order(struct plan *p);
/* Which flow meets an element above which, and how high that makes the elements. */
CHECKED bool plan_ports(struct plan *p);
/* y of items and zones. */
CHECKED bool plan_rows(struct plan *p);
/* Pixels: spots and routes of the layout, and its size. */
CHECKED bool plan_routes(struct plan *p);

/* What stands at a flow: its id where it has a short one of its own, else its name, or "". */
str layout_label(const struct part *flow);

/* Whether a person placed any element or zone. */
bool layout_is_by_hand(const struct model *m);
/* Puts the elements of a measured layout where they were placed, the others clear of them, and
   draws the flows anew; then, when the zones are drawn around their elements, gives those that
   have a place their own and says how large it all is. */
CHECKED bool layout_by_hand(
	struct arena *a, struct err *e, const struct model *m, struct layout *l);
void layout_measure_by_hand(const struct model *m, struct layout *l);
#endif
