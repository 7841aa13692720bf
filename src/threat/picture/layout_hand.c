/*
 * The layout of a diagram that a person arranged: what was placed stays where it is, what is new
 * goes below the others of its zone and clear of the zones of others, and flows take the straight
 * way between the sides that face each other.  The picture has no fixed origin then: its area
 * begins where its content does.
 */
#include "threat/picture/layout_in.h"

enum { APART = 24, HAND_LABEL = 34, HAND_BELOW = 39 };

struct hand {
	struct arena *arena;
	struct err *err;
	const struct model *model;
	struct layout *l;
	struct box *settled; /* of the elements that have their place */
	isize settled_count;
};

bool layout_is_by_hand(const struct model *m)
{
	for (isize i = 0; i < m->of[PART_ELEMENT].count; i++)
		if (m->of[PART_ELEMENT].list[i].is_placed)
			return true;
	for (isize i = 0; i < m->of[PART_ZONE].count; i++)
		if (m->of[PART_ZONE].list[i].is_placed)
			return true;
	return false;
}

static bool overlap(struct box a, struct box b)
{
	return a.x < b.x + b.w + APART && b.x < a.x + a.w + APART && a.y < b.y + b.h + APART &&
		b.y < a.y + a.h + APART;
}

/* ---- elements ---- */

static struct box place_of(const struct part *p)
{
	return (struct box){p->x, p->y, p->w, p->h};
}

/* Below what is already in its zone, or at the head of a zone that has a place; where the automatic
   layout has it when neither is there. */
static void begin_below(const struct hand *h, int32_t zone, struct box *box)
{
	const struct part *elements = h->model->of[PART_ELEMENT].list;
	bool found = false;

	for (isize i = 0; zone != PART_NONE && i < h->model->of[PART_ELEMENT].count; i++) {
		struct box other = h->l->spots[i].box;
		if (!elements[i].is_placed || elements[i].zone != zone)
			continue;
		box->x = found && box->x < other.x ? box->x : other.x;
		box->y = found && box->y > other.y + other.h + HAND_BELOW
			? box->y
			: other.y + other.h + HAND_BELOW;
		found = true;
	}
	if (found || zone == PART_NONE || !h->model->of[PART_ZONE].list[zone].is_placed)
		return;
	box->x = h->model->of[PART_ZONE].list[zone].x + ZONE_PAD;
	box->y = h->model->of[PART_ZONE].list[zone].y + ZONE_HEAD;
}

/* Whether `zone` is `outer` or lies in it, however deep. */
static bool lies_in(const struct parts *zones, int32_t zone, int32_t outer)
{
	while (zone != PART_NONE && zone != outer)
		zone = zones->list[zone].zone;
	return zone == outer;
}

/* The first placed zone of others that a box runs into; PART_NONE when it is clear of them. */
static int32_t foreign_zone(const struct hand *h, struct box box, int32_t zone)
{
	const struct parts *zones = &h->model->of[PART_ZONE];

	for (int32_t z = 0; z < zones->count; z++)
		if (zones->list[z].is_placed && overlap(box, place_of(&zones->list[z])) &&
			!lies_in(zones, zone, z))
			return z;
	return PART_NONE;
}

static void settle(struct hand *h, isize element)
{
	struct box *box = &h->l->spots[element].box;
	int32_t zone = h->model->of[PART_ELEMENT].list[element].zone, other = 0;

	begin_below(h, zone, box);
	/* Down only: so it ends, at the latest below everything. */
	while (other != PART_NONE) {
		for (isize i = 0; i < h->settled_count; i++)
			if (overlap(*box, h->settled[i])) {
				box->y = h->settled[i].y + h->settled[i].h + APART;
				i = -1;
			}
		other = foreign_zone(h, *box, zone);
		if (other != PART_NONE)
			box->y = h->model->of[PART_ZONE].list[other].y +
				h->model->of[PART_ZONE].list[other].h + APART;
	}
	h->settled[h->settled_count++] = *box;
}

static void place_all(struct hand *h)
{
	const struct parts *elements = &h->model->of[PART_ELEMENT];

	for (isize i = 0; i < elements->count; i++) {
		if (!elements->list[i].is_placed)
			continue;
		h->l->spots[i].box.x = elements->list[i].x;
		h->l->spots[i].box.y = elements->list[i].y;
		h->settled[h->settled_count++] = h->l->spots[i].box;
	}
	for (isize i = 0; i < elements->count; i++)
		if (!elements->list[i].is_placed)
			settle(h, i);
}

/* ---- flows ---- */

/* One end of a flow, for the order of the ends on a side of an element. */
struct flow_end {
	int32_t element, flow, other_y;
	int8_t side, end;
};

static int by_side(const void *a, const void *b)
{
	const struct flow_end *x = a, *y = b;

	if (x->element != y->element)
		return x->element < y->element ? -1 : 1;
	if (x->side != y->side)
		return x->side - y->side;
	if (x->other_y != y->other_y)
		return x->other_y < y->other_y ? -1 : 1;
	if (x->flow != y->flow)
		return x->flow < y->flow ? -1 : 1;
	return x->end - y->end;
}

static void choose_sides(const struct hand *h, const struct part *f, struct route *r)
{
	struct box a = h->l->spots[f->from].box, b = h->l->spots[f->to].box;

	r->side[0] = r->side[1] = 1;
	if (a.x + a.w + APART <= b.x)
		r->side[1] = -1;
	else if (b.x + b.w + APART <= a.x)
		r->side[0] = -1;
}

static struct flow_end end_of(const struct hand *h, isize flow, int end)
{
	const struct part *f = &h->model->of[PART_FLOW].list[flow];
	int32_t element = end ? f->to : f->from, other = end ? f->from : f->to;

	return (struct flow_end){.element = element,
		.flow = (int32_t)flow,
		.other_y = h->l->spots[other].box.y,
		.side = h->l->routes[flow].side[end],
		.end = (int8_t)end};
}

static void give_ports(const struct hand *h, struct flow_end *ends, isize n)
{
	qsort(ends, (size_t)n, sizeof *ends, by_side);
	for (isize i = 0, last; i < n; i = last) {
		for (last = i; last < n && ends[last].element == ends[i].element &&
			ends[last].side == ends[i].side;
			last++)
			h->l->routes[ends[last].flow].port[ends[last].end] = (int32_t)(last - i);
		h->l->spots[ends[i].element].ports[ends[i].side > 0] = (int32_t)(last - i);
	}
}

static int32_t port_y(const struct spot *s, int side, int32_t port)
{
	return s->box.y + s->box.h * (port + 1) / (s->ports[side > 0] + 1);
}

/* Across, up or down, across: parallel flows turn a little apart from each other. */
static void draw_route(const struct hand *h, const struct part *f, struct route *r)
{
	const struct spot *a = &h->l->spots[f->from], *b = &h->l->spots[f->to];
	int32_t ya = port_y(a, r->side[0], r->port[0]), yb = port_y(b, r->side[1], r->port[1]);
	int32_t xa = a->box.x + (r->side[0] > 0 ? a->box.w : 0),
		xb = b->box.x + (r->side[1] > 0 ? b->box.w : 0);
	int32_t turn = (r->port[0] % 5 - 2) * TRACK;
	int32_t x = r->side[0] == r->side[1] ? (xa > xb ? xa : xb) + HAND_LABEL + turn
					     : (xa + xb) / 2 + turn;

	r->point_count = 4;
	r->points[0] = (struct point){xa, ya};
	r->points[1] = (struct point){x, ya};
	r->points[2] = (struct point){x, yb};
	r->points[3] = (struct point){xb, yb};
}

static bool draw_flows(struct hand *h)
{
	const struct parts *flows = &h->model->of[PART_FLOW];
	struct flow_end *ends = arena_bulk(h->arena, (flows->count + 1) * 2 * (isize)sizeof *ends);
	isize n = 0;

	if (!ends)
		return FAIL(h->err, ERR_LIMIT, "the picture needs more memory than it is given");
	for (isize i = 0; i < flows->count; i++) {
		if (!h->l->routes[i].drawn)
			continue;
		choose_sides(h, &flows->list[i], &h->l->routes[i]);
		ends[n++] = end_of(h, i, 0);
		ends[n++] = end_of(h, i, 1);
	}
	give_ports(h, ends, n);
	for (isize i = 0; i < flows->count; i++)
		if (h->l->routes[i].drawn)
			draw_route(h, &flows->list[i], &h->l->routes[i]);
	return true;
}

bool layout_by_hand(struct arena *a, struct err *e, const struct model *m, struct layout *l)
{
	struct hand h = {.arena = a, .err = e, .model = m, .l = l};

	h.settled = arena_bulk(a, (m->of[PART_ELEMENT].count + 1) * (isize)sizeof *h.settled);
	if (!h.settled)
		return FAIL(e, ERR_LIMIT, "the picture needs more memory than it is given");
	place_all(&h);
	return draw_flows(&h);
}

/* ---- the area ---- */

static void include(struct box *area, struct box b)
{
	int32_t right = area->x + area->w, bottom = area->y + area->h;

	if (b.w == 0 && b.h == 0)
		return;
	if (area->w == 0) {
		*area = b;
		return;
	}
	right = b.x + b.w > right ? b.x + b.w : right;
	bottom = b.y + b.h > bottom ? b.y + b.h : bottom;
	area->x = b.x < area->x ? b.x : area->x;
	area->y = b.y < area->y ? b.y : area->y;
	area->w = right - area->x;
	area->h = bottom - area->y;
}

static struct box around(struct box b, int32_t side, int32_t head)
{
	return (struct box){b.x - side, b.y - head, b.w + 2 * side, b.h + head + side};
}

/* A zone with a place keeps it and grows where its content needs more; so do those around it. */
static void keep_zones(const struct model *m, struct layout *l)
{
	enum { INNER_SIDE = 10, INNER_HEAD = 42 };
	const struct parts *zones = &m->of[PART_ZONE], *elements = &m->of[PART_ELEMENT];

	for (isize z = 0; z < zones->count; z++)
		if (zones->list[z].is_placed)
			l->zones[z] = place_of(&zones->list[z]);
	for (isize i = 0; i < elements->count; i++) {
		int32_t z = elements->list[i].zone;
		if (z != PART_NONE && zones->list[z].is_placed)
			include(&l->zones[z], around(l->spots[i].box, ZONE_PAD, ZONE_HEAD));
	}
	for (isize z = 0; z < zones->count; z++) {
		struct box b = l->zones[z];
		bool has_place = zones->list[z].is_placed;
		for (int32_t up = zones->list[z].zone; up != PART_NONE && b.w;
			up = zones->list[up].zone) {
			has_place = has_place || zones->list[up].is_placed;
			if (has_place)
				include(&l->zones[up], around(b, INNER_SIDE, INNER_HEAD));
			b = l->zones[up];
		}
	}
}

void layout_measure_by_hand(const struct model *m, struct layout *l)
{
	struct box area = {0, 0, 0, 0};

	keep_zones(m, l);

	for (isize i = 0; i < m->of[PART_ELEMENT].count; i++)
		include(&area, l->spots[i].box);
	for (isize i = 0; i < m->of[PART_ZONE].count; i++)
		include(&area, l->zones[i]);
	for (isize i = 0; i < m->of[PART_FLOW].count; i++)
		for (int32_t n = 0; l->routes[i].drawn && n < l->routes[i].point_count; n++)
			include(&area,
				(struct box){
					l->routes[i].points[n].x, l->routes[i].points[n].y, 1, 1});
	l->x = area.x - MARGIN;
	l->y = area.y - MARGIN;
	l->width = area.w + 2 * MARGIN;
	l->height = area.h + 2 * MARGIN;
}
