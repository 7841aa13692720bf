/*
 * Columns: flows lead to the right where they can, most of them to the next column; the elements of
 * a zone stay near each other, and no column gets much higher than the others.
 *
 * The start is the longest way to each element, flows that close a circle turned around.  Then
 * single elements and whole zones move as long as the sum of what flows, zones and heights cost
 * falls.
 */
#include "threat/picture/layout_in.h"

enum {
	COLUMNS_MAX = 32,
	COST_STEP = 10,  /* of a flow, for each column it goes on */
	COST_ZONE = 4,   /* of a zone, for each column more than one */
	COST_WIDTH = 3,  /* of the picture, for each column */
	COST_HEIGHT = 3, /* times the square of what is too high */
	HEIGHT_MIN = 6,
	SWEEPS = 6,
	WORK = 4000000 /* elements times sweeps times their flows, about */
};

struct columns {
	struct plan *p;
	const struct taste *taste;
	int32_t wanted;           /* columns there may be */
	int32_t *order, *at;      /* items from top to bottom of the tree, and back */
	int32_t *first, *flow_of; /* flows of an item, from its first to that of the next */
	int32_t *in_zone;         /* elements of a zone in a column: zone * COLUMNS_MAX + column */
	int32_t height[COLUMNS_MAX];
	int32_t height_wanted;
};

static const struct part *flow_at(const struct columns *c, int32_t i)
{
	return &c->p->model->of[PART_FLOW].list[i];
}

static bool is_drawn(const struct part *f)
{
	return f->from != PART_NONE && f->to != PART_NONE;
}

/* Which flows begin or end at each element. */
static bool list_flows(struct columns *c)
{
	const struct parts *flows = &c->p->model->of[PART_FLOW];
	int32_t n = c->p->still_count;
	int32_t *filled = plan_room(c->p, n, (isize)sizeof *filled);

	c->first = plan_room(c->p, n + 1, (isize)sizeof *c->first);
	c->flow_of = plan_room(c->p, flows->count * 2, (isize)sizeof *c->flow_of);
	if (!filled || !c->first || !c->flow_of)
		return false;
	for (isize i = 0; i < flows->count; i++)
		if (is_drawn(&flows->list[i])) {
			c->first[flows->list[i].from + 1]++;
			c->first[flows->list[i].to + 1]++;
		}
	for (int32_t i = 0; i < n; i++)
		c->first[i + 1] += c->first[i];
	for (int32_t i = 0; i < flows->count; i++)
		for (int end = 0; end < 2 && is_drawn(&flows->list[i]); end++) {
			int32_t e = end ? flows->list[i].to : flows->list[i].from;
			c->flow_of[c->first[e] + filled[e]++] = i;
		}
	return true;
}

/* ---- the start ---- */

enum { FRESH, ON_THE_WAY, DONE };

/* Walks ahead from `start`; a flow that leads back onto the way there is turned.  `way` holds the
   elements of the way, `next` which flow of an element comes next. */
static void walk(const struct columns *c, int32_t start, int8_t *state, int32_t *way, int32_t *next,
	bool *turned)
{
	int32_t n = 0;

	way[n++] = start;
	state[start] = ON_THE_WAY;
	while (n) {
		int32_t e = way[n - 1];
		if (c->first[e] + next[e] == c->first[e + 1]) {
			state[e] = DONE;
			n--;
			continue;
		}
		int32_t flow = c->flow_of[c->first[e] + next[e]++], to = flow_at(c, flow)->to;
		if (flow_at(c, flow)->from != e || to == e)
			continue;
		if (state[to] == ON_THE_WAY)
			turned[flow] = true;
		else if (state[to] == FRESH) {
			way[n++] = to;
			state[to] = ON_THE_WAY;
		}
	}
}

/* Elements in an order in which every flow, the turned ones turned, leads ahead; their rank is the
   longest way to them. */
static void rank(struct columns *c, const bool *turned, int32_t *waiting, int32_t *queue)
{
	int32_t n = c->p->still_count, count = 0;

	for (int32_t i = 0; i < c->p->model->of[PART_FLOW].count; i++) {
		const struct part *f = flow_at(c, i);
		if (is_drawn(f) && f->from != f->to)
			waiting[turned[i] ? f->from : f->to]++;
	}
	for (int32_t e = 0; e < n; e++)
		if (waiting[e] == 0)
			queue[count++] = e;
	for (int32_t i = 0; i < count; i++)
		for (int32_t k = c->first[queue[i]]; k < c->first[queue[i] + 1]; k++) {
			const struct part *f = flow_at(c, c->flow_of[k]);
			int32_t from = turned[c->flow_of[k]] ? f->to : f->from;
			int32_t to = turned[c->flow_of[k]] ? f->from : f->to;
			if (from != queue[i] || from == to)
				continue;
			if (c->p->items[to].column <= c->p->items[from].column)
				c->p->items[to].column = c->p->items[from].column + 1;
			if (--waiting[to] == 0)
				queue[count++] = to;
		}
	assert(count == n); /* every circle was opened */
}

/* Long ways are folded into the columns there are; the start stands in the middle. */
static void fit(struct columns *c)
{
	int32_t high = 0;

	for (int32_t i = 0; i < c->p->still_count; i++)
		high = c->p->items[i].column > high ? c->p->items[i].column : high;
	for (int32_t i = 0; i < c->p->still_count; i++) {
		int32_t *column = &c->p->items[i].column;
		if (high >= c->wanted)
			*column = (int32_t)((int64_t)*column * c->wanted / (high + 1));
		else
			*column += (c->wanted - 1 - high) / 2;
	}
}

static bool start(struct columns *c)
{
	int32_t n = c->p->still_count;
	int8_t *state = plan_room(c->p, n, (isize)sizeof *state);
	int32_t *way = plan_room(c->p, n, (isize)sizeof *way);
	int32_t *next = plan_room(c->p, n, (isize)sizeof *next);
	int32_t *waiting = plan_room(c->p, n, (isize)sizeof *waiting);
	bool *turned = plan_room(c->p, c->p->model->of[PART_FLOW].count, (isize)sizeof *turned);

	if (!state || !way || !next || !waiting || !turned)
		return false;
	for (int32_t e = 0; e < n; e++) {
		bool begins = true;
		for (int32_t k = c->first[e]; begins && k < c->first[e + 1]; k++)
			begins = flow_at(c, c->flow_of[k])->from == e;
		if (begins && state[e] == FRESH)
			walk(c, e, state, way, next, turned);
	}
	for (int32_t e = 0; e < n; e++)
		if (state[e] == FRESH)
			walk(c, e, state, way, next, turned);
	rank(c, turned, waiting, way);
	fit(c);
	return true;
}

/* ---- moving ---- */

static void count_in(struct columns *c, int32_t item, int32_t by)
{
	const struct tree *t = &c->p->tree;
	int32_t column = c->p->items[item].column;

	c->height[column] += by;
	for (int32_t z = t->parent[item]; z != tree_root(t); z = t->parent[z])
		c->in_zone[(z - t->items) * COLUMNS_MAX + column] += by;
}

static int32_t span(const int32_t *count, int32_t n)
{
	int32_t low = 0, high = n - 1;

	while (low < n && count[low] == 0)
		low++;
	while (high > low && count[high] == 0)
		high--;
	return high > low ? high - low : 0;
}

/* What of the sum changes when the items from place `from` to `to` of the order move together. */
static int64_t cost(const struct columns *c, int32_t from, int32_t to)
{
	const struct tree *t = &c->p->tree;
	int64_t sum = COST_WIDTH * span(c->height, c->wanted);

	for (int32_t i = 0; i < c->wanted; i++) {
		int32_t over = c->height[i] - c->height_wanted;
		sum += over > 0 ? (int64_t)COST_HEIGHT * over * over : 0;
	}
	for (int32_t z = t->parent[c->order[from]]; z != tree_root(t); z = t->parent[z])
		sum += COST_ZONE * span(&c->in_zone[(z - t->items) * COLUMNS_MAX], c->wanted);
	for (int32_t i = from; i <= to; i++)
		for (int32_t k = c->first[c->order[i]]; k < c->first[c->order[i] + 1]; k++) {
			const struct part *f = flow_at(c, c->flow_of[k]);
			int32_t other = c->at[f->from == c->order[i] ? f->to : f->from];
			if (other >= from && other <= to)
				continue;
			int32_t far = c->p->items[f->to].column - c->p->items[f->from].column;
			sum += far == 0   ? c->taste->same
				: far > 0 ? (int64_t)COST_STEP * far
					  : (int64_t)-COST_STEP * far + c->taste->back;
		}
	return sum;
}

static void shift(struct columns *c, int32_t from, int32_t to, int32_t by)
{
	for (int32_t i = from; i <= to; i++) {
		count_in(c, c->order[i], -1);
		c->p->items[c->order[i]].column += by;
		count_in(c, c->order[i], 1);
	}
}

static bool can_shift(const struct columns *c, int32_t from, int32_t to, int32_t by)
{
	for (int32_t i = from; i <= to; i++) {
		int32_t column = c->p->items[c->order[i]].column + by;
		if (column < 0 || column >= c->wanted)
			return false;
	}
	return true;
}

static bool move(struct columns *c, int32_t from, int32_t to)
{
	enum { FAR = 3 };
	int64_t least = cost(c, from, to);
	int32_t best = 0, by = 0;

	for (int32_t try = -FAR; try <= FAR; try++) {
		if (try == 0 || !can_shift(c, from, to, try - by))
			continue;
		shift(c, from, to, try - by);
		by = try;
		int64_t now = cost(c, from, to);
		if (now < least) {
			least = now;
			best = try;
		}
	}
	if (by != best)
		shift(c, from, to, best - by);
	return best != 0;
}

/* The items of the tree in their order; where those of each zone begin and end. */
static bool list_items(struct columns *c, int32_t *begin, int32_t *end)
{
	const struct tree *t = &c->p->tree;
	int32_t n = 0;

	c->order = plan_room(c->p, t->items, (isize)sizeof *c->order);
	c->at = plan_room(c->p, t->items, (isize)sizeof *c->at);
	c->in_zone = plan_room(c->p, t->zones * COLUMNS_MAX, (isize)sizeof *c->in_zone);
	if (!c->order || !c->at || !c->in_zone)
		return false;
	for (int32_t node = tree_root(t); node >= 0; node = tree_next(t, node)) {
		if (node >= t->items) {
			begin[node - t->items] = n;
			continue;
		}
		c->at[node] = n;
		c->order[n++] = node;
		for (int32_t z = t->parent[node]; z >= 0; z = t->parent[z]) {
			end[z - t->items] = n - 1;
			if (z == tree_root(t))
				break;
		}
	}
	return true;
}

static void improve(struct columns *c, const int32_t *begin, const int32_t *end)
{
	const struct tree *t = &c->p->tree;
	isize size = c->p->still_count + c->p->model->of[PART_FLOW].count * 2 + 1;
	bool better = true;

	for (int32_t i = 0; i < t->items; i++)
		count_in(c, i, 1);
	for (int sweep = 0; better && sweep < SWEEPS && sweep * size < WORK; sweep++) {
		better = false;
		for (int32_t i = 0; i < t->items; i++)
			better |= move(c, c->at[i], c->at[i]);
		for (int32_t z = 0; z < t->zones; z++)
			if (t->parent[t->items + z] >= 0 && end[z] > begin[z])
				better |= move(c, begin[z], end[z]);
	}
}

/* Columns without anything go. */
static void close_up(struct columns *c)
{
	int32_t now[COLUMNS_MAX], n = 0;

	for (int32_t i = 0; i < c->wanted; i++) {
		now[i] = n;
		n += c->height[i] > 0;
	}
	for (int32_t i = 0; i < c->p->still_count; i++)
		c->p->items[i].column = now[c->p->items[i].column];
	c->p->columns = n ? n : 1;
}

bool plan_columns(struct plan *p, const struct taste *taste)
{
	struct columns c = {.p = p, .taste = taste, .height_wanted = HEIGHT_MIN};
	int32_t *begin = plan_room(p, p->tree.zones + 1, (isize)sizeof *begin);
	int32_t *end = plan_room(p, p->tree.zones + 1, (isize)sizeof *end);

	while (c.height_wanted * c.height_wanted < p->still_count)
		c.height_wanted++;
	c.wanted = 2 * c.height_wanted < COLUMNS_MAX ? 2 * c.height_wanted : COLUMNS_MAX;
	for (int32_t i = 0; i < p->still_count; i++)
		p->items[i].column = 0;
	if (!begin || !end || !list_items(&c, begin, end) || !list_flows(&c) || !start(&c))
		return false;
	improve(&c, begin, end);
	close_up(&c);
	return true;
}
