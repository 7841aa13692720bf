/*
 * Links: a flow over several columns passes each of those between by an item of its own, so that
 * every link leads to the next column or bends back into the one where it begins.
 */
#include "threat/picture/layout_in.h"

static void add_link(struct plan *p, int32_t flow, int32_t from, int32_t to)
{
	int32_t a = p->items[from].column, b = p->items[to].column;

	p->links[p->link_count++] = (struct link){
		.end = {a <= b ? from : to, a <= b ? to : from},
		.flow = flow,
		.channel = a == b ? a + 1
			: a > b   ? a
				  : b,
		.bend = a == b,
	};
}

/* The links of a flow in its direction, and what passes between them. */
static void add_flow(struct plan *p, int32_t flow, int32_t from, int32_t to, int32_t *next)
{
	int32_t column = p->items[from].column, end = p->items[to].column, at = from;
	int32_t step = column < end ? 1 : -1;

	for (column += step; column != end && column != end + step; column += step) {
		int32_t item = (*next)++;
		p->items[item] = (struct item){.kind = ITEM_PASS, .column = column, .flow = flow};
		p->tree.parent[item] = tree_common(&p->tree, from, to);
		add_link(p, flow, at, item);
		at = item;
	}
	add_link(p, flow, at, to);
}

static int32_t columns_passed(const struct plan *p, const struct part *f)
{
	if (f->from == PART_NONE || f->to == PART_NONE)
		return 0;
	int32_t far = p->items[f->to].column - p->items[f->from].column;
	return far > 1 ? far - 1 : far < -1 ? -far - 1 : 0;
}

/* The tree again, with room for what passes: zones get higher numbers. */
static bool grow(struct plan *p, int32_t passes)
{
	struct tree old = p->tree;
	int32_t items = p->still_count + passes, by = items - old.items;
	struct item *still = p->items;

	p->tree.items = p->item_count = items;
	p->items = plan_room(p, items, (isize)sizeof *p->items);
	p->tree.parent = plan_room(p, items + old.zones, (isize)sizeof *p->tree.parent);
	if (!p->items || !p->tree.parent)
		return false;
	memcpy(p->items, still, (size_t)p->still_count * sizeof *still);
	for (int32_t i = 0; i < old.items + old.zones; i++) {
		int32_t to = i < p->still_count ? i : i + by;
		if (i < p->still_count || i >= old.items)
			p->tree.parent[to] = old.parent[i] < 0 ? -1 : old.parent[i] + by;
	}
	return true;
}

/* Which links meet each item. */
static bool list_links(struct plan *p)
{
	int32_t *filled = plan_room(p, p->item_count, (isize)sizeof *filled);

	p->item_links = plan_room(p, p->item_count + 1, (isize)sizeof *p->item_links);
	p->link_of_item = plan_room(p, p->link_count * 2, (isize)sizeof *p->link_of_item);
	if (!filled || !p->item_links || !p->link_of_item)
		return false;
	for (int32_t i = 0; i < p->link_count * 2; i++)
		p->item_links[p->links[i / 2].end[i % 2] + 1]++;
	for (int32_t i = 0; i < p->item_count; i++)
		p->item_links[i + 1] += p->item_links[i];
	for (int32_t i = 0; i < p->link_count * 2; i++) {
		int32_t item = p->links[i / 2].end[i % 2];
		p->link_of_item[p->item_links[item] + filled[item]++] = i / 2;
	}
	return true;
}

/* From which column to which each zone reaches. */
static bool zone_columns(struct plan *p)
{
	int32_t root = tree_root(&p->tree);

	p->zone_low = plan_room(p, p->tree.zones, (isize)sizeof *p->zone_low);
	p->zone_high = plan_room(p, p->tree.zones, (isize)sizeof *p->zone_high);
	if (!p->zone_low || !p->zone_high)
		return false;
	for (int32_t z = 0; z < p->tree.zones; z++) {
		p->zone_low[z] = p->columns;
		p->zone_high[z] = -1;
	}
	for (int32_t i = 0; i < p->item_count; i++) {
		int32_t column = p->items[i].column;
		for (int32_t up = p->tree.parent[i]; up != root; up = p->tree.parent[up]) {
			int32_t z = up - p->tree.items;
			p->zone_low[z] = column < p->zone_low[z] ? column : p->zone_low[z];
			p->zone_high[z] = column > p->zone_high[z] ? column : p->zone_high[z];
		}
	}
	return true;
}

bool plan_links(struct plan *p)
{
	const struct parts *flows = &p->model->of[PART_FLOW];
	int32_t passes = 0, next = p->still_count;

	for (isize i = 0; i < flows->count; i++)
		passes += columns_passed(p, &flows->list[i]);
	p->link_count = 0;
	p->links = plan_room(p, flows->count + passes, (isize)sizeof *p->links);
	p->flow_links = plan_room(p, flows->count + 1, (isize)sizeof *p->flow_links);
	if (!p->links || !p->flow_links || !grow(p, passes))
		return false;
	for (int32_t i = 0; i < flows->count; i++) {
		const struct part *f = &flows->list[i];
		p->flow_links[i] = p->link_count;
		if (f->from != PART_NONE && f->to != PART_NONE)
			add_flow(p, i, f->from, f->to, &next);
	}
	p->flow_links[flows->count] = p->link_count;
	return list_links(p) && zone_columns(p) && tree_build(p);
}
