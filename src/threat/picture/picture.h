/*
 * The picture: a deterministic layered layout of a model, and its SVG.
 */
#ifndef THREAT_PICTURE_PICTURE_H
#define THREAT_PICTURE_PICTURE_H
#include "threat/model/model.h"

/* What became of a thing between two models. */
enum diff_sign { DIFF_SAME, DIFF_ADDED, DIFF_CHANGED, DIFF_REMOVED, DIFF_SIGNS };

struct layout;

/* How many threats a part has, and what their badge says. */
struct badge {
	int32_t count; /* 0: no badge */
	enum { BADGE_PLAIN, BADGE_WARN, BADGE_BAD } tone;
};

struct picture {
	str link;   /* what the address of an element begins with: "/threats/elements/" */
	str picked; /* id of the selected element or "" */
	str id;     /* begins the ids in the SVG, so that a page may hold several; "" is "dfd" */
	const struct badge *element; /* one an element, or NULL */
	const struct badge *flow;    /* one a flow, or NULL */
	/* One a zone, element and flow, all or none; a legend says what the signs mean. */
	const enum diff_sign *zone_sign, *element_sign, *flow_sign;
	bool standalone; /* a file of its own: declares its namespace and carries a plain style */
};

enum {
	NODE_W = 176, /* of an element */
	NODE_H = 62,
	ZONE_HEAD = 46 /* of a zone in no other, which says its exposure too */
};
struct box {
	int32_t x, y, w, h;
};

/* Places for all zones, elements and flows.  The same model gives the same places.  Elements and
   zones that a person placed stay where they are; a zone grows to hold what lies in it. */
CHECKED bool layout_make(
	struct arena *a, struct err *e, const struct model *m, struct layout **out);
struct box layout_size(const struct layout *l);
struct box layout_zone(const struct layout *l, isize zone);
struct box layout_element(const struct layout *l, isize element);
/* The diagram; classes are those of assets/ward.css (.zone .node .flow .lab .badge .asset). */
void layout_print_svg(struct buf *b, struct arena *scratch, const struct model *m,
	const struct layout *l, const struct picture *p);
#endif
