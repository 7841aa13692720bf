/*
 * Order: who stands above whom.
 *
 * Two links cross exactly when the order of
 * their ends says so; where they run in pixels cannot change that (layout_routes.c keeps to it).
 * The search is that of layered drawings (Sugiyama, Tagawa, Toda 1981): everything goes to the mean
 * of what it is linked to, several times; then everything is sifted, that is, tried in each place
 * among its siblings (Matuszewski, Schoenfeld, Molitor 1999).
 */
#include "threat/picture/layout_in.h"

enum {
	MEANS = 8,        /* rounds of the mean */
	SIFTS = 8,        /* rounds of sifting, as long as one helps */
	WINDOW = 40,      /* places to each side that are tried */
	PAIRS_MAX = 1024, /* items of one zone times those of another that are compared */
	WORK = 20000,     /* pairs of links looked at while sifting */
	COUNTED = 3000,   /* with more links, orders are not compared */
	CROSSING = 100000 /* a crossing outweighs so many positions of length */
};

struct order {
	struct plan *p;
	int32_t *item_at;         /* by position */
	int32_t *size;            /* items of a node */
	int32_t *moved;           /* room for the items of one node */
	int32_t *column_first;    /* where the items of a column begin in the next two */
	int32_t *column_count;    /* items numbered so far in each column */
	int32_t *column_rank;     /* of an item in its column, from the top */
	int32_t (*ends_above)[2]; /* links that begin left and right above that rank */
	int32_t *channel_first, *in_channel;
	int64_t work;
};

/* ---- positions ---- */

static void number(struct order *o)
{
	const struct tree *t = &o->p->tree;
	int32_t at = 0;

	for (int32_t node = tree_root(&o->p->tree); node >= 0; node = tree_next(t, node))
		if (node < t->items) {
			o->item_at[at] = node;
			o->p->position[node] = at++;
		}
}

static int32_t first_position(const struct order *o, int32_t node)
{
	const struct tree *t = &o->p->tree;

	while (node >= t->items)
		node = t->kids[t->first[node - t->items]];
	return o->p->position[node];
}

static int32_t bends_between(const struct order *o, const struct link *l, int side)
{
	const struct plan *p = o->p;
	int32_t a = l->end[0], b = l->end[1];
	int32_t first = o->column_first[p->items[a].column];
	int32_t low = o->column_rank[a] < o->column_rank[b] ? a : b, high = low == a ? b : a;

	return a == b ? 0
		      : o->ends_above[first + o->column_rank[high]][side] -
			o->ends_above[first + o->column_rank[low] + 1][side];
}

/* Bends take the side on which fewer links begin between their ends. */
static void choose_bends(struct order *o)
{
	struct plan *p = o->p;

	memset(o->column_count, 0, (size_t)p->columns * sizeof *o->column_count);
	for (int32_t at = 0; at < p->item_count; at++) {
		int32_t item = o->item_at[at], column = p->items[item].column, ends[2] = {0, 0};
		int32_t rank = o->column_count[column]++;
		int32_t(*above)[2] = &o->ends_above[o->column_first[column] + rank];
		o->column_rank[item] = rank;
		for (int32_t k = p->item_links[item]; k < p->item_links[item + 1]; k++) {
			const struct link *l = &p->links[p->link_of_item[k]];
			if (!l->bend)
				ends[l->end[0] == item]++;
		}
		above[1][0] = above[0][0] + ends[0];
		above[1][1] = above[0][1] + ends[1];
	}
	for (int32_t i = 0; i < p->link_count; i++) {
		struct link *l = &p->links[i];
		if (!l->bend)
			continue;
		l->bend = bends_between(o, l, 0) < bends_between(o, l, 1) ? -1 : 1;
		l->channel = p->items[l->end[0]].column + (l->bend > 0);
	}
}

/* ---- crossings ---- */

static bool within(int32_t x, int32_t a, int32_t b)
{
	return a < b ? x > a && x < b : x > b && x < a;
}

/* Whether of two bends each has one end within the other. */
static bool interlaced(int32_t a0, int32_t a1, int32_t b0, int32_t b1)
{
	bool b0_in = within(b0, a0, a1), b1_in = within(b1, a0, a1);

	return (b0_in || b1_in) && (within(a0, b0, b1) || within(a1, b0, b1)) && b0_in != b1_in;
}

static bool cross(const struct plan *p, const struct link *a, const struct link *b)
{
	const int32_t *at = p->position;

	if (a->channel != b->channel)
		return false;
	int32_t a0 = at[a->end[0]], a1 = at[a->end[1]], b0 = at[b->end[0]], b1 = at[b->end[1]];
	if (!a->bend && !b->bend)
		return (a0 < b0 && a1 > b1) || (a0 > b0 && a1 < b1);
	if (!a->bend)
		return within(b->bend > 0 ? a0 : a1, b0, b1);
	if (!b->bend)
		return within(a->bend > 0 ? b0 : b1, a0, a1);
	return a->bend == b->bend && interlaced(a0, a1, b0, b1);
}

/* Whether a link runs through a zone that holds neither of its ends: from above it to below it,
   between two of its columns.  `begin` and `end` are the positions of what the zone holds. */
static bool runs_through(
	const struct plan *p, const struct link *l, int32_t zone, int32_t begin, int32_t end)
{
	int32_t a = p->position[l->end[0]], b = p->position[l->end[1]];
	int32_t above = a < b ? a : b, below = a < b ? b : a;

	return !l->bend && l->channel > p->zone_low[zone] && l->channel <= p->zone_high[zone] &&
		above < begin && below >= end;
}

static int64_t far(int32_t a, int32_t b)
{
	return a < b ? b - a : a - b;
}

/* The links of each channel in a row. */
static void sort_by_channel(struct order *o)
{
	const struct plan *p = o->p;

	memset(o->channel_first, 0, (size_t)(p->columns + 2) * sizeof *o->channel_first);
	for (int32_t i = 0; i < p->link_count; i++)
		o->channel_first[p->links[i].channel + 1]++;
	for (int32_t c = 0; c <= p->columns; c++)
		o->channel_first[c + 1] += o->channel_first[c];
	for (int32_t i = p->link_count; i-- > 0;)
		o->in_channel[--o->channel_first[p->links[i].channel + 1]] = i;
}

/* After that, channel c begins where c + 1 did: sorting moved each beginning to the front. */
static int64_t count_crossings(struct order *o)
{
	const struct plan *p = o->p;
	int64_t sum = 0;

	sort_by_channel(o);
	for (int32_t c = 0; c <= p->columns; c++) {
		int32_t begin = o->channel_first[c + 1];
		int32_t end = c < p->columns ? o->channel_first[c + 2] : p->link_count;
		for (int32_t i = begin; i < end; i++)
			for (int32_t k = begin; k < i; k++)
				sum += cross(p, &p->links[o->in_channel[i]],
					&p->links[o->in_channel[k]]);
	}
	for (int32_t z = 0; z < p->tree.zones; z++) {
		int32_t node = p->tree.items + z;
		if (p->tree.parent[node] < 0 || p->zone_low[z] == p->zone_high[z])
			continue;
		int32_t begin = first_position(o, node), end = begin + o->size[node];
		for (int32_t i = 0; i < p->link_count; i++)
			sum += runs_through(p, &p->links[i], z, begin, end);
	}
	return sum;
}

static void count_all(struct order *o)
{
	struct plan *p = o->p;

	p->crossings = p->link_count <= COUNTED ? count_crossings(o) : 0;
	p->length = 0;
	for (int32_t i = 0; i < p->link_count; i++)
		p->length += far(p->position[p->links[i].end[0]], p->position[p->links[i].end[1]]);
}

/* ---- means ---- */

struct mean {
	int64_t of;
	int32_t node, slot;
};

static int by_mean(const void *a, const void *b)
{
	const struct mean *x = a, *y = b;

	if (x->of != y->of)
		return x->of < y->of ? -1 : 1;
	return x->slot - y->slot;
}

/* For each node, where that stands which its items are linked to outside of it. */
static void add_means(const struct order *o, int64_t *sum, int32_t *count)
{
	const struct plan *p = o->p;

	for (int32_t i = 0; i < p->link_count; i++) {
		const int32_t *end = p->links[i].end;
		int32_t top = end[0] == end[1] ? end[0] : tree_common(&p->tree, end[0], end[1]);
		for (int side = 0; side < 2; side++)
			for (int32_t n = end[side]; n != top; n = p->tree.parent[n]) {
				sum[n] += p->position[end[!side]];
				count[n]++;
			}
	}
}

static void sort_by_means(struct order *o, struct mean *means, int64_t *sum, int32_t *count)
{
	enum { PARTS = 1024 };
	struct tree *t = &o->p->tree;
	int32_t nodes = tree_root(&o->p->tree);

	memset(sum, 0, (size_t)nodes * sizeof *sum);
	memset(count, 0, (size_t)nodes * sizeof *count);
	add_means(o, sum, count);
	for (int32_t in = 0; in <= t->zones; in++) {
		int32_t *kids = &t->kids[t->first[in]], n = t->count[in];
		for (int32_t i = 0; i < n; i++) {
			int32_t first = kids[i];
			while (first >= t->items)
				first = t->kids[t->first[first - t->items]];
			int64_t own = o->p->position[first] * (int64_t)PARTS;
			means[i] = (struct mean){
				.of = count[kids[i]] ? sum[kids[i]] * PARTS / count[kids[i]] : own,
				.node = kids[i],
				.slot = i};
		}
		qsort(means, (size_t)n, sizeof *means, by_mean);
		for (int32_t i = 0; i < n; i++) {
			kids[i] = means[i].node;
			t->slot[kids[i]] = i;
		}
	}
	number(o);
	choose_bends(o);
	count_all(o);
}

static bool is_better(const struct plan *p, int64_t crossings, int64_t length)
{
	return p->crossings < crossings || (p->crossings == crossings && p->length < length);
}

static void keep(
	const struct plan *p, int32_t *kids, int32_t *slot, int64_t *crossings, int64_t *length)
{
	memcpy(kids, p->tree.kids, (size_t)tree_root(&p->tree) * sizeof *kids);
	memcpy(slot, p->tree.slot, (size_t)tree_root(&p->tree) * sizeof *slot);
	*crossings = p->crossings;
	*length = p->length;
}

/* Rounds of the mean; the best of them stays. */
static bool find_means(struct order *o)
{
	struct plan *p = o->p;
	int32_t nodes = tree_root(&p->tree);
	struct mean *means = plan_room(p, nodes, (isize)sizeof *means);
	int64_t *sum = plan_room(p, nodes, (isize)sizeof *sum), crossings, length;
	int32_t *count = plan_room(p, nodes, (isize)sizeof *count);
	int32_t *kids = plan_room(p, nodes, (isize)sizeof *kids);
	int32_t *slot = plan_room(p, nodes, (isize)sizeof *slot);

	if (!means || !sum || !count || !kids || !slot)
		return false;
	number(o);
	choose_bends(o);
	count_all(o);
	keep(p, kids, slot, &crossings, &length);
	for (int round = 0; round < MEANS; round++) {
		sort_by_means(o, means, sum, count);
		if (is_better(p, crossings, length))
			keep(p, kids, slot, &crossings, &length);
	}
	memcpy(p->tree.kids, kids, (size_t)nodes * sizeof *kids);
	memcpy(p->tree.slot, slot, (size_t)nodes * sizeof *slot);
	number(o);
	choose_bends(o);
	return true;
}

/* ---- sifting ---- */

static int64_t cost_of_links(const struct order *o, int32_t item, int32_t other)
{
	const struct plan *p = o->p;
	int64_t sum = 0;

	if (p->items[item].column != p->items[other].column)
		return 0;
	for (int32_t i = p->item_links[item]; i < p->item_links[item + 1]; i++)
		for (int32_t k = p->item_links[other]; k < p->item_links[other + 1]; k++)
			sum += cross(
				p, &p->links[p->link_of_item[i]], &p->links[p->link_of_item[k]]);
	return sum;
}

/* How many links of the items between two positions run through a zone beside them. */
static int64_t count_through(
	const struct order *o, int32_t begin, int32_t end, int32_t node, int32_t zone_begin)
{
	const struct plan *p = o->p;
	int32_t zone = node - p->tree.items;
	int64_t sum = 0;

	if (zone < 0 || p->zone_low[zone] == p->zone_high[zone])
		return 0;
	for (int32_t i = begin; i < end; i++)
		for (int32_t k = p->item_links[o->item_at[i]]; k < p->item_links[o->item_at[i] + 1];
			k++)
			sum += runs_through(p, &p->links[p->link_of_item[k]], zone, zone_begin,
				zone_begin + o->size[node]);
	return sum;
}

/* What the order of two neighbours decides: crossings of their links with each other and with their
   zones, and how long those are. */
static int64_t cost_between(struct order *o, int32_t above, int32_t below, int32_t begin)
{
	const struct plan *p = o->p;
	int32_t middle = begin + o->size[above], end = middle + o->size[below];
	int64_t sum = CROSSING *
		(count_through(o, begin, middle, below, middle) +
			count_through(o, middle, end, above, begin));

	for (int32_t i = begin; i < middle; i++)
		for (int32_t k = middle; k < end; k++)
			sum += CROSSING * cost_of_links(o, o->item_at[i], o->item_at[k]);
	for (int32_t i = begin; i < end; i++)
		for (int32_t k = p->item_links[o->item_at[i]]; k < p->item_links[o->item_at[i] + 1];
			k++) {
			const int32_t *ends = p->links[p->link_of_item[k]].end;
			sum += far(p->position[ends[0]], p->position[ends[1]]);
		}
	o->work += (int64_t)(middle - begin) * (end - middle) + (end - begin);
	return sum;
}

/* Swaps the kid at `slot` with the next one; says how much worse that makes it. */
static int64_t swap(struct order *o, int32_t parent, int32_t slot)
{
	struct tree *t = &o->p->tree;
	int32_t *kids = &t->kids[t->first[parent - t->items] + slot];
	int32_t a = kids[0], b = kids[1];
	int32_t begin = first_position(o, a), middle = begin + o->size[a],
		end = middle + o->size[b];
	int64_t before = cost_between(o, a, b, begin);

	memcpy(o->moved, &o->item_at[begin], (size_t)o->size[a] * sizeof *o->moved);
	memmove(&o->item_at[begin], &o->item_at[middle], (size_t)o->size[b] * sizeof *o->item_at);
	memcpy(&o->item_at[begin + o->size[b]], o->moved, (size_t)o->size[a] * sizeof *o->moved);
	for (int32_t i = begin; i < end; i++)
		o->p->position[o->item_at[i]] = i;
	kids[0] = b;
	kids[1] = a;
	t->slot[a] = slot + 1;
	t->slot[b] = slot;
	return cost_between(o, b, a, begin) - before;
}

/* Tries the kid at each place within the window and leaves it at the best: whether it moved. */
static bool sift(struct order *o, int32_t parent, int32_t node)
{
	const struct tree *t = &o->p->tree;
	const int32_t *kids = &t->kids[t->first[parent - t->items]];
	int32_t n = t->count[parent - t->items], from = t->slot[node], best = from, at = from;
	int32_t low = from > WINDOW ? from - WINDOW : 0;
	int32_t high = from + WINDOW < n - 1 ? from + WINDOW : n - 1;
	int64_t cost = 0, least = 0;

	while (at < high && o->size[node] * o->size[kids[at + 1]] <= PAIRS_MAX) {
		cost += swap(o, parent, at++);
		if (cost < least) {
			least = cost;
			best = at;
		}
	}
	while (at > low && o->size[node] * o->size[kids[at - 1]] <= PAIRS_MAX) {
		cost += swap(o, parent, --at);
		if (cost < least) {
			least = cost;
			best = at;
		}
	}
	while (at < best)
		swap(o, parent, at++);
	while (at > best)
		swap(o, parent, --at);
	return best != from;
}

static bool sift_all(struct order *o)
{
	const struct tree *t = &o->p->tree;
	bool moved = false;

	for (int32_t node = 0; node < tree_root(&o->p->tree); node++)
		if (t->parent[node] >= 0 && o->work < WORK)
			moved |= sift(o, t->parent[node], node);
	return moved;
}

static bool make_room(struct order *o)
{
	struct plan *p = o->p;
	int32_t nodes = tree_root(&p->tree) + 1;

	o->item_at = plan_room(p, p->item_count, (isize)sizeof *o->item_at);
	o->moved = plan_room(p, p->item_count, (isize)sizeof *o->moved);
	o->size = plan_room(p, nodes, (isize)sizeof *o->size);
	o->column_first = plan_room(p, p->columns + 1, (isize)sizeof *o->column_first);
	o->column_count = plan_room(p, p->columns, (isize)sizeof *o->column_count);
	o->column_rank = plan_room(p, p->item_count, (isize)sizeof *o->column_rank);
	o->ends_above = plan_room(p, p->item_count + p->columns + 1, (isize)sizeof *o->ends_above);
	o->channel_first = plan_room(p, p->columns + 2, (isize)sizeof *o->channel_first);
	o->in_channel = plan_room(p, p->link_count, (isize)sizeof *o->in_channel);
	p->position = plan_room(p, p->item_count, (isize)sizeof *p->position);
	if (!o->channel_first || !o->in_channel || !o->item_at || !o->moved || !o->size ||
		!o->column_first || !o->column_count || !o->column_rank || !o->ends_above ||
		!p->position)
		return false;
	for (int32_t i = 0; i < p->item_count; i++) {
		for (int32_t up = i; up != tree_root(&p->tree); up = p->tree.parent[up])
			o->size[up]++;
		o->column_first[p->items[i].column + 1]++;
	}
	/* One place more each: what stands above the end of a column. */
	for (int32_t c = 0; c < p->columns; c++)
		o->column_first[c + 1] += o->column_first[c] + 1;
	return true;
}

bool plan_order(struct plan *p)
{
	struct order o = {.p = p};

	if (!make_room(&o) || !find_means(&o))
		return false;
	for (int round = 0; round < SIFTS && o.work < WORK && sift_all(&o); round++)
		choose_bends(&o);
	choose_bends(&o);
	count_all(&o);
	return true;
}
