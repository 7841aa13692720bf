/*
 * The layout of a data flow diagram: elements in columns, zones as boxes around them, flows in
 * channels between the columns.  Nothing here depends on anything but the model.
 *
 * A small model is laid out several times, by different tastes in columns, and the one with few
 * crossings on little room is taken; a larger one once.
 */
#include "threat/picture/layout_in.h"

void *plan_room(struct plan *p, isize count, isize size)
{
	void *room = arena_bulk(p->arena, (count + 1) * size);

	if (!room) {
		FAIL(p->err, ERR_LIMIT, "the picture needs more memory than it is given");
		return NULL;
	}
	return memset(room, 0, (size_t)((count + 1) * size));
}

/* ---- what stands somewhere ---- */

/* Zones in the tree that hold nothing get an item, so that they are seen. */
static int32_t count_empty(const struct model *m, bool *holds)
{
	const struct parts *zones = &m->of[PART_ZONE];
	int32_t n = 0;

	for (isize i = 0; i < m->of[PART_ELEMENT].count; i++)
		if (m->of[PART_ELEMENT].list[i].zone != PART_NONE)
			holds[m->of[PART_ELEMENT].list[i].zone] = true;
	for (isize z = 0; z < zones->count; z++)
		if (zones->list[z].zone != PART_NONE)
			holds[zones->list[z].zone] = true;
	for (isize z = 0; z < zones->count; z++)
		n += !holds[z] && !zones->list[z].is_line;
	return n;
}

/* The tree of zones, elements and empty zones.  A zone that is a line only encloses nothing. */
static bool plan_tree(struct plan *p)
{
	const struct parts *zones = &p->model->of[PART_ZONE],
			   *elements = &p->model->of[PART_ELEMENT];
	bool *holds = plan_room(p, zones->count, (isize)sizeof *holds);

	if (!holds)
		return false;
	int32_t next = (int32_t)elements->count, empty = count_empty(p->model, holds);
	struct tree *t = &p->tree;
	t->items = p->item_count = p->still_count = next + empty;
	t->zones = (int32_t)zones->count;
	p->items = plan_room(p, t->items, (isize)sizeof *p->items);
	t->parent = plan_room(p, t->items + t->zones, (isize)sizeof *t->parent);
	if (!p->items || !t->parent)
		return false;
	for (isize i = 0; i < elements->count; i++) {
		int32_t z = elements->list[i].zone;
		t->parent[i] = t->items + (z == PART_NONE ? t->zones : z);
	}
	for (int32_t z = 0; z < t->zones; z++) {
		int32_t outer = zones->list[z].zone;
		t->parent[t->items + z] = zones->list[z].is_line
			? -1
			: t->items + (outer == PART_NONE ? t->zones : outer);
		if (holds[z] || zones->list[z].is_line)
			continue;
		p->items[next].kind = ITEM_EMPTY;
		t->parent[next++] = t->items + z;
	}
	return tree_build(p);
}

static bool make(struct plan *p, const struct taste *taste)
{
	const struct model *m = p->model;
	struct layout *l = NEW(p->arena, struct layout, 1);

	p->l = l;
	l->spots = plan_room(p, m->of[PART_ELEMENT].count, (isize)sizeof *l->spots);
	l->zones = plan_room(p, m->of[PART_ZONE].count, (isize)sizeof *l->zones);
	l->routes = plan_room(p, m->of[PART_FLOW].count, (isize)sizeof *l->routes);
	return l->spots && l->zones && l->routes && plan_tree(p) && plan_columns(p, taste) &&
		plan_links(p) && plan_order(p) && plan_ports(p) && plan_rows(p) && plan_routes(p);
}

/* What a layout costs a reader: a crossing as much as so many pixels of the picture. */
static int64_t cost(const struct plan *p)
{
	enum { CROSSING = 200000 };

	return p->crossings * CROSSING + (int64_t)p->l->width * p->l->height;
}

static bool plan_best(struct plan *p)
{
	static const struct taste tastes[] = {{10, 3}, {16, 3}, {30, 3}};
	enum { TRIED = 80 }; /* elements and flows, up to which each taste is tried */
	isize size = p->model->of[PART_ELEMENT].count + p->model->of[PART_FLOW].count;
	int n = size > TRIED || layout_is_by_hand(p->model) ? 1 : COUNT_OF(tastes);
	struct plan best = *p;

	for (int i = 0; i < n; i++) {
		struct plan now = *p;
		if (!make(&now, &tastes[i]))
			return false;
		if (i == 0 || cost(&now) < cost(&best))
			best = now;
	}
	*p = best;
	return true;
}

/* ---- zones ---- */

static void include(struct box *zone, int32_t left, int32_t top, int32_t right, int32_t bottom)
{
	if (zone->w) {
		left = zone->x < left ? zone->x : left;
		top = zone->y < top ? zone->y : top;
		right = zone->x + zone->w > right ? zone->x + zone->w : right;
		bottom = zone->y + zone->h > bottom ? zone->y + zone->h : bottom;
	}
	*zone = (struct box){left, top, right - left, bottom - top};
}

/* Boxes around what a zone and the zones inside it hold.  Their heights are planned, unless a
   person placed the elements. */
static bool draw_zones(struct plan *p, bool by_hand)
{
	const struct parts *zones = &p->model->of[PART_ZONE];
	int32_t *inner = plan_room(p, zones->count, (isize)sizeof *inner);
	int32_t root = tree_root(&p->tree);

	if (!inner)
		return false;
	for (isize z = 0; z < zones->count; z++) {
		int32_t depth = 0;
		for (int32_t up = (int32_t)z; up != PART_NONE; up = zones->list[up].zone, depth++)
			inner[up] = depth > inner[up] ? depth : inner[up];
	}
	for (int32_t i = 0; i < p->still_count; i++) {
		const struct item *it = &p->items[i];
		struct box b = it->kind == ITEM_ELEMENT
			? p->l->spots[i].box
			: (struct box){p->column_x[it->column], it->y, NODE_W, it->h};
		for (int32_t up = p->tree.parent[i]; up != root; up = p->tree.parent[up]) {
			int32_t z = up - p->tree.items, pad = ZONE_PAD + inner[z] * ZONE_STEP;
			include(&p->l->zones[z], b.x - pad, b.y - ZONE_HEAD - inner[z] * 18,
				b.x + b.w + pad, b.y + b.h + ZONE_PAD + inner[z] * 4);
		}
	}
	for (isize z = 0; z < zones->count && !by_hand; z++)
		if (p->l->zones[z].w) {
			p->l->zones[z].y = p->zone_box[z].y;
			p->l->zones[z].h = p->zone_box[z].h;
		}
	return true;
}

/* ---- labels ---- */

static bool apart(struct box a, struct box b)
{
	return a.x + a.w <= b.x || b.x + b.w <= a.x || a.y + a.h <= b.y || b.y + b.h <= a.y;
}

static bool label_is_free(const struct plan *p, isize flow, struct box label)
{
	for (isize i = 0; i < p->model->of[PART_ELEMENT].count; i++)
		if (!apart(label, p->l->spots[i].box))
			return false;
	for (isize i = 0; i < flow; i++)
		if (p->l->routes[i].drawn && !apart(label, p->l->routes[i].label))
			return false;
	for (isize z = 0; z < p->model->of[PART_ZONE].count; z++) {
		struct box head = p->l->zones[z];
		head.h = ZONE_HEAD / 2;
		head.w = head.w / 2;
		if (!apart(label, head))
			return false;
	}
	return true;
}

/* How many lines of other flows a label would hide. */
static int32_t lines_under(const struct plan *p, isize flow, struct box label)
{
	int32_t n = 0;

	for (isize i = 0; i < p->model->of[PART_FLOW].count; i++) {
		const struct route *r = &p->l->routes[i];
		for (int32_t k = 0; i != flow && k + 1 < r->point_count; k++) {
			struct point a = r->points[k], b = r->points[k + 1];
			struct box line = {a.x < b.x ? a.x : b.x, a.y < b.y ? a.y : b.y, 1, 1};
			line.w += a.x < b.x ? b.x - a.x : a.x - b.x;
			line.h += a.y < b.y ? b.y - a.y : a.y - b.y;
			n += !apart(line, label);
		}
	}
	return n;
}

/* The middle of part `i` of a route, or a third, a quarter… of the way there. */
static struct box label_at(const struct route *r, int32_t i, int32_t part, int32_t width)
{
	enum { LABEL_H = 15 };
	struct point a = r->points[i], b = r->points[i + 1];

	return (struct box){a.x + (b.x - a.x) / part - width / 2,
		a.y + (b.y - a.y) / part - LABEL_H / 2, width, LABEL_H};
}

static int32_t length_of(const struct route *r, int32_t i)
{
	int32_t dx = r->points[i + 1].x - r->points[i].x, dy = r->points[i + 1].y - r->points[i].y;

	return (dx < 0 ? -dx : dx) + (dy < 0 ? -dy : dy);
}

/* What a tool made up as an id tells a reader nothing that the name and the ends do not. */
str layout_label(const struct part *flow)
{
	enum { ID = 14, NAME = 26 };

	if (utf8_count(flow->id) <= ID && !flow->made_id)
		return flow->id;
	return str_trim(utf8_head(flow->name, NAME));
}

/* The label of the flow, where it covers nothing; of several such places in the longest part. */
static void place_label(struct plan *p, isize flow)
{
	enum { LETTER = 7, PARTS = 5, TIP = 16 }; /* a short part needs its tip to be seen */
	struct route *r = &p->l->routes[flow];
	int32_t width =
		(int32_t)utf8_count(layout_label(&p->model->of[PART_FLOW].list[flow])) * LETTER + 6;
	int32_t least = INT32_MAX;
	bool crowded = p->model->of[PART_FLOW].count > LABEL_FLOWS ||
		p->model->of[PART_ELEMENT].count > LABEL_FLOWS ||
		p->model->of[PART_ZONE].count > LABEL_FLOWS;

	for (int32_t part = 2; part <= PARTS && least > 0; part++) {
		int32_t longest = -1;
		for (int32_t i = 0; i + 1 < r->point_count; i++) {
			struct box at = label_at(r, i, part, width);
			int32_t length = length_of(r, i);
			if (!crowded && !label_is_free(p, flow, at))
				continue;
			int32_t hidden = crowded ? 0 : lines_under(p, flow, at);
			hidden += r->points[i].y == r->points[i + 1].y && length < width + TIP;
			if (hidden > least || (hidden == least && length <= longest))
				continue;
			least = hidden;
			longest = length;
			r->label = at;
		}
	}
}

/* The picture reaches as far as its labels, with room for a badge behind them. */
static void include_label(struct layout *l, struct box label)
{
	enum { BADGE = 24 };
	int32_t left = label.x < l->x ? label.x : l->x;
	int32_t end = label.x + label.w + BADGE, right = l->x + l->width;

	l->width = (end > right ? end : right) - left;
	l->x = left;
}

/* In pixels: as planned, or as a person placed it. */
static bool draw(struct plan *p)
{
	bool by_hand = layout_is_by_hand(p->model);

	if (by_hand && !layout_by_hand(p->arena, p->err, p->model, p->l))
		return false;
	if (!draw_zones(p, by_hand))
		return false;
	if (by_hand)
		layout_measure_by_hand(p->model, p->l);
	return true;
}

bool layout_make(struct arena *a, struct err *e, const struct model *m, struct layout **out)
{
	struct plan p = {.arena = a, .err = e, .model = m};

	if (!plan_best(&p) || !draw(&p))
		return false;
	for (isize i = 0; i < m->of[PART_FLOW].count; i++)
		if (p.l->routes[i].drawn) {
			place_label(&p, i);
			include_label(p.l, p.l->routes[i].label);
		}
	*out = p.l;
	return true;
}

struct box layout_size(const struct layout *l)
{
	return (struct box){l->x, l->y, l->width, l->height};
}

struct box layout_zone(const struct layout *l, isize zone)
{
	return l->zones[zone];
}

struct box layout_element(const struct layout *l, isize element)
{
	return l->spots[element].box;
}
