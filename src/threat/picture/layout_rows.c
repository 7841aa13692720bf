/*
 * Rows: how high each item stands, in pixels.
 *
 * Everything begins as high as its order allows.  Then items and whole zones move towards the
 * height at which their flows run straight, as far as those above and below leave room; a zone is
 * never higher than what it holds needs.  In the end flows that only pass take the height of the
 * part before, where nothing is in the way.
 */
#include "threat/picture/layout_in.h"

enum {
	ROUNDS = 12,
	GAP_ELEMENTS = 28,
	GAP_MIXED = 18, /* between an element and a flow that passes */
	GAP_FLOWS = 12,
	GAP_ZONES = 24,
	GAP_NESTED = 8, /* between the lower edges of a zone and of the one in it */
	NOWHERE = 1 << 30
};

/* The edge of a zone or an item, in one column. */
enum edge_kind { EVENT_OPEN, EVENT_ITEM, EVENT_CLOSE };
struct event {
	enum edge_kind what;
	int32_t node;
	int32_t above, below; /* the next events of the column; -1: none */
};

struct rows {
	struct plan *p;
	struct event *events;
	int32_t count, *of_node; /* the first event of an item, or of the opening of a zone */
	int32_t *closing;        /* the first event of its end */
	int32_t *steps;          /* nodes from top to bottom; ~node is the end of a zone */
	int32_t step_count;
	int32_t *limit; /* of a zone: how far its edge might go */
	int32_t *wishes, *last;
};

static struct box *zone_of(const struct rows *r, int32_t node)
{
	return &r->p->zone_box[node - r->p->tree.items];
}

static int32_t low_column(const struct rows *r, int32_t node)
{
	return r->p->zone_low[node - r->p->tree.items];
}

static int32_t columns_of(const struct rows *r, int32_t node)
{
	return r->p->zone_high[node - r->p->tree.items] - low_column(r, node) + 1;
}

/* ---- events ---- */

static void add_event(struct rows *r, enum edge_kind what, int32_t node, int32_t column)
{
	int32_t above = r->last[column];

	if (above >= 0)
		r->events[above].below = r->count;
	r->events[r->count] =
		(struct event){.what = what, .node = node, .above = above, .below = -1};
	r->last[column] = r->count++;
}

static void add_edge(struct rows *r, enum edge_kind what, int32_t node)
{
	for (int32_t i = 0; i < columns_of(r, node); i++)
		add_event(r, what, node, low_column(r, node) + i);
}

static void add_ends(struct rows *r, int32_t node, int32_t next)
{
	const struct tree *t = &r->p->tree;
	int32_t root = tree_root(t);

	/* What ends here: `node` and all around it that do not hold what comes next. */
	for (int32_t up = node < t->items ? t->parent[node] : node; up != root;
		up = t->parent[up]) {
		if (next >= 0 && t->parent[next] == up)
			return;
		r->closing[up - t->items] = r->count;
		add_edge(r, EVENT_CLOSE, up);
		r->steps[r->step_count++] = ~up;
	}
}

static bool make_room(struct rows *r)
{
	struct plan *p = r->p;
	const struct tree *t = &p->tree;
	int32_t edges = 0;

	for (int32_t z = 0; z < t->zones; z++)
		if (p->zone_high[z] >= 0)
			edges += p->zone_high[z] - p->zone_low[z] + 1;
	r->events = plan_room(p, t->items + 2 * edges, (isize)sizeof *r->events);
	r->of_node = plan_room(p, tree_root(t), (isize)sizeof *r->of_node);
	r->closing = plan_room(p, t->zones, (isize)sizeof *r->closing);
	r->limit = plan_room(p, t->zones, (isize)sizeof *r->limit);
	r->steps = plan_room(p, t->items + 2 * t->zones, (isize)sizeof *r->steps);
	r->wishes = plan_room(p, p->link_count * 2, (isize)sizeof *r->wishes);
	r->last = plan_room(p, p->columns, (isize)sizeof *r->last);
	p->zone_box = plan_room(p, t->zones, (isize)sizeof *p->zone_box);
	return r->events && r->of_node && r->closing && r->limit && r->steps && r->wishes &&
		r->last && p->zone_box;
}

static void list_events(struct rows *r)
{
	struct plan *p = r->p;
	const struct tree *t = &p->tree;

	for (int32_t i = 0; i < p->columns; i++)
		r->last[i] = -1;
	for (int32_t node = tree_next(t, tree_root(t)); node >= 0;) {
		int32_t next = tree_next(t, node);
		r->of_node[node] = r->count;
		r->steps[r->step_count++] = node;
		if (node < t->items)
			add_event(r, EVENT_ITEM, node, p->items[node].column);
		else
			add_edge(r, EVENT_OPEN, node);
		if (node < t->items || next < 0 || t->parent[next] != node)
			add_ends(r, node, next);
		node = next;
	}
}

/* ---- distances ---- */

static bool is_pass(const struct rows *r, const struct event *e)
{
	return e->what == EVENT_ITEM && r->p->items[e->node].kind == ITEM_PASS;
}

static int32_t gap(const struct rows *r, const struct event *above, const struct event *below)
{
	const struct tree *t = &r->p->tree;

	if (above->what == EVENT_OPEN)
		return t->parent[above->node] == tree_root(t) ? ZONE_HEAD : ZONE_HEAD_INNER;
	if (is_pass(r, above) && is_pass(r, below))
		return GAP_FLOWS;
	if (below->what == EVENT_CLOSE)
		return above->what == EVENT_CLOSE ? GAP_NESTED
			: is_pass(r, above)       ? GAP_FLOWS
						  : ZONE_PAD;
	if (is_pass(r, above) || is_pass(r, below))
		return above->what == EVENT_CLOSE || below->what == EVENT_OPEN ? GAP_FLOWS
									       : GAP_MIXED;
	return above->what == EVENT_ITEM && below->what == EVENT_ITEM ? GAP_ELEMENTS : GAP_ZONES;
}

static int32_t upper_edge(const struct rows *r, const struct event *e)
{
	if (e->what == EVENT_ITEM)
		return r->p->items[e->node].y;
	struct box *z = zone_of(r, e->node);
	return e->what == EVENT_OPEN ? z->y : z->y + z->h;
}

static int32_t lower_edge(const struct rows *r, const struct event *e)
{
	return upper_edge(r, e) + (e->what == EVENT_ITEM ? r->p->items[e->node].h : 0);
}

/* How high the event may go.  The zone around it follows: its edge is where it might be. */
static int32_t limit_above(const struct rows *r, int32_t event)
{
	const struct event *e = &r->events[event];

	if (e->above < 0)
		return -NOWHERE;
	const struct event *above = &r->events[e->above];
	return (above->what == EVENT_OPEN ? r->limit[above->node - r->p->tree.items]
					  : lower_edge(r, above)) +
		gap(r, above, e);
}

static int32_t limit_below(const struct rows *r, int32_t event)
{
	const struct event *e = &r->events[event];

	if (e->below < 0)
		return NOWHERE;
	const struct event *below = &r->events[e->below];
	return (below->what == EVENT_CLOSE ? r->limit[below->node - r->p->tree.items]
					   : upper_edge(r, below)) -
		gap(r, e, below);
}

/* The edges of a zone, close around what it holds. */
static void fit_zone(struct rows *r, int32_t node)
{
	int32_t top = NOWHERE, bottom = -NOWHERE;
	int32_t open = r->of_node[node], close = r->closing[node - r->p->tree.items];

	for (int32_t i = 0; i < columns_of(r, node); i++) {
		const struct event *o = &r->events[open + i], *c = &r->events[close + i];
		if (o->below == close + i)
			continue; /* nothing of it is in this column */
		const struct event *first = &r->events[o->below], *last = &r->events[c->above];
		int32_t y = upper_edge(r, first) - gap(r, o, first);
		int32_t end = lower_edge(r, last) + gap(r, last, c);
		top = y < top ? y : top;
		bottom = end > bottom ? end : bottom;
	}
	zone_of(r, node)->y = top;
	zone_of(r, node)->h = bottom - top;
}

/* As high as the order allows. */
static void start(struct rows *r)
{
	for (int32_t i = 0; i < r->step_count; i++) {
		int32_t node = r->steps[i];
		if (node < 0) {
			fit_zone(r, ~node);
			continue;
		}
		int32_t y = MARGIN, columns = node < r->p->tree.items ? 1 : columns_of(r, node);
		for (int32_t k = 0; k < columns; k++) {
			int32_t high = limit_above(r, r->of_node[node] + k);
			y = high > y ? high : y;
		}
		if (node < r->p->tree.items)
			r->p->items[node].y = y;
		else
			r->limit[node - r->p->tree.items] = y;
	}
}

/* ---- wishes ---- */

static int by_number(const void *a, const void *b)
{
	int32_t x = *(const int32_t *)a, y = *(const int32_t *)b;

	return x < y ? -1 : x > y;
}

/* How far `node` would move down so that half of its flows come from above and half from below. */
static int32_t wish(const struct rows *r, int32_t node)
{
	const struct plan *p = r->p;
	const struct tree *t = &p->tree;
	int32_t n = 0, last = tree_last(t, node), from = node;

	while (from >= t->items)
		from = t->kids[t->first[from - t->items]];
	int32_t low = p->position[from], high = p->position[last];
	for (int32_t item = from; item >= 0; item = item == last ? -1 : tree_next(t, item)) {
		if (item >= t->items)
			continue;
		for (int32_t k = p->item_links[item]; k < p->item_links[item + 1]; k++) {
			const struct link *l = &p->links[p->link_of_item[k]];
			int side = l->end[0] == item ? 0 : 1;
			int32_t other = l->end[!side];
			if (p->position[other] >= low && p->position[other] <= high)
				continue;
			r->wishes[n++] =
				p->items[other].y + l->y[!side] - p->items[item].y - l->y[side];
		}
	}
	if (n == 0)
		return 0;
	qsort(r->wishes, (size_t)n, sizeof *r->wishes, by_number);
	if (n % 2)
		return r->wishes[n / 2];
	/* Between two: straight for the nearer one. */
	int32_t a = r->wishes[n / 2 - 1], b = r->wishes[n / 2];
	return a > 0 ? a : b < 0 ? b : -a < b ? a : b;
}

static void shift(struct rows *r, int32_t node, int32_t by)
{
	const struct tree *t = &r->p->tree;
	int32_t last = tree_last(t, node);

	for (int32_t n = node; by != 0 && n >= 0; n = n == last ? -1 : tree_next(t, n)) {
		if (n < t->items)
			r->p->items[n].y += by;
		else
			zone_of(r, n)->y += by;
	}
}

/* What may move up does so: from top to bottom. */
static void move_up(struct rows *r)
{
	for (int32_t i = 0; i < r->step_count; i++) {
		int32_t node = r->steps[i];
		if (node < 0) {
			fit_zone(r, ~node);
			continue;
		}
		bool is_zone = node >= r->p->tree.items;
		int32_t high = -NOWHERE, by = wish(r, node);
		for (int32_t k = 0; k < (is_zone ? columns_of(r, node) : 1); k++) {
			int32_t limit = limit_above(r, r->of_node[node] + k);
			high = limit > high ? limit : high;
		}
		int32_t y = is_zone ? zone_of(r, node)->y : r->p->items[node].y;
		if (is_zone)
			r->limit[node - r->p->tree.items] = high;
		if (by < 0 && high < y)
			shift(r, node, by > high - y ? by : high - y);
	}
}

/* What may move down does so: from bottom to top. */
static void move_down(struct rows *r)
{
	for (int32_t i = r->step_count; i-- > 0;) {
		int32_t node = r->steps[i];
		bool is_zone = node < 0 || node >= r->p->tree.items;
		if (node >= 0 && is_zone) {
			fit_zone(r, node);
			continue;
		}
		node = node < 0 ? ~node : node;
		int32_t low = NOWHERE, by = wish(r, node);
		for (int32_t k = 0; k < (is_zone ? columns_of(r, node) : 1); k++) {
			int32_t limit = limit_below(r,
				(is_zone ? r->closing[node - r->p->tree.items] : r->of_node[node]) +
					k);
			low = limit < low ? limit : low;
		}
		int32_t end = is_zone ? zone_of(r, node)->y + zone_of(r, node)->h
				      : r->p->items[node].y + r->p->items[node].h;
		if (is_zone)
			r->limit[node - r->p->tree.items] = low;
		if (by > 0 && low > end)
			shift(r, node, by < low - end ? by : low - end);
	}
}

/* ---- the end ---- */

static int32_t held(int32_t y, int32_t low, int32_t high)
{
	return y < low ? low : y > high ? high : y;
}

/* A flow keeps its height from one column to the next, where there is room for it. */
static void pull(struct rows *r, int32_t flow)
{
	struct plan *p = r->p;
	int32_t first = p->flow_links[flow], end = p->flow_links[flow + 1];
	const struct part *f = &p->model->of[PART_FLOW].list[flow];
	int32_t y = 0;

	if (end - first < 2)
		return;
	const struct link *l = &p->links[first];
	y = p->items[f->from].y + l->y[l->end[0] == f->from ? 0 : 1];
	for (int32_t i = first; i + 1 < end; i++) {
		const struct link *a = &p->links[i], *b = &p->links[i + 1];
		int32_t item = a->end[0] == b->end[1] ? a->end[0] : a->end[1];
		const struct event *e = &r->events[r->of_node[item]];
		int32_t low = e->above < 0
			? -NOWHERE
			: lower_edge(r, &r->events[e->above]) + gap(r, &r->events[e->above], e);
		int32_t high = e->below < 0
			? NOWHERE
			: upper_edge(r, &r->events[e->below]) - gap(r, e, &r->events[e->below]);
		if (low <= high)
			p->items[item].y = held(y, low, high);
		y = p->items[item].y;
	}
}

/* The picture begins at its margin. */
static void measure(struct rows *r)
{
	struct plan *p = r->p;
	int32_t top = NOWHERE, bottom = 0;

	for (int32_t i = 0; i < p->item_count; i++)
		top = p->items[i].y < top ? p->items[i].y : top;
	for (int32_t z = 0; z < p->tree.zones; z++)
		if (p->zone_high[z] >= 0 && p->zone_box[z].y < top)
			top = p->zone_box[z].y;
	for (int32_t i = 0; i < p->item_count; i++) {
		p->items[i].y += MARGIN - top;
		int32_t end = p->items[i].y + p->items[i].h;
		bottom = end > bottom ? end : bottom;
	}
	for (int32_t z = 0; z < p->tree.zones; z++) {
		struct box *b = &p->zone_box[z];
		b->y += MARGIN - top;
		if (p->zone_high[z] >= 0)
			bottom = b->y + b->h > bottom ? b->y + b->h : bottom;
	}
	p->l->height = bottom + MARGIN;
}

bool plan_rows(struct plan *p)
{
	struct rows r = {.p = p};

	if (!make_room(&r))
		return false;
	list_events(&r);
	start(&r);
	for (int round = 0; round < ROUNDS; round++) {
		move_down(&r);
		move_up(&r);
	}
	for (int32_t i = 0; i < p->model->of[PART_FLOW].count; i++)
		pull(&r, i);
	measure(&r);
	return true;
}
