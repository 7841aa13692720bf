/* What the layout and its SVG share. */
#ifndef THREAT_LAYOUT_IN_H
#define THREAT_LAYOUT_IN_H
#include "threat/threat_in.h"

enum {
	NODE_W = 176,
	NODE_H = 62,
	TRACK = 10,       /* between parallel flows */
	CHANNEL_MIN = 96, /* between columns: room for a label */
	GAP_MIN = 78,     /* between rows: room for the name of a zone */
	ZONE_PAD = 16,
	ZONE_HEAD = 46,
	MARGIN = 20,
	ROUTE_POINTS = 6,
	LABEL_FLOWS = 600 /* beyond so many flows, elements or zones, labels are not kept apart */
};

/* The way of a flow, by abstract places first and pixels at the end. */
struct route {
	bool drawn;
	int32_t x[ROUTE_POINTS], y[ROUTE_POINTS];
	int32_t points;
	int32_t channel[2], channel_track[2]; /* vertical parts; channel -1: none */
	int32_t gap, gap_track;               /* the horizontal part between rows; -1: none */
	int8_t side[2];                       /* where it leaves and arrives: -1 left, 1 right */
	int32_t port[2];
	struct box label; /* where its text stands; w 0: none fits, the id is shown at x, y */
	bool label_is_id;
};

struct spot {
	int32_t column, row;
	int32_t ports[2]; /* on the left and the right side */
	struct box box;
};

struct layout {
	int32_t columns, rows;
	int32_t x, y, width, height; /* of the picture; it begins at 0, 0 unless placed by hand */
	struct spot *spots;          /* one an element */
	struct box *zones;           /* one a zone; w 0: not drawn */
	struct route *routes;
};

/* Whether a person placed any element or zone. */
bool layout_is_by_hand(const struct model *m);
/* Puts the elements of a measured layout where they were placed, the others clear of them, and
   draws the flows anew; then, when the zones are drawn around their elements, gives those that
   have a place their own and says how large it all is. */
CHECKED bool layout_by_hand(
	struct arena *a, struct err *e, const struct model *m, struct layout *l);
void layout_measure_by_hand(const struct model *m, struct layout *l);
#endif
