/*
 * Where elements stand in the drawings of a file.  Our boxes are wider than those of other tools
 * and zones are drawn around what is in them, so a drawing is stretched until nothing lies on
 * anything else.  Where that cannot be, or much of it has no place, our own layout draws it better.
 */
#include "threat/formats/formats_in.h"
#include "threat/layout_in.h"

enum {
	DRAWING_SPOTS = 2000,      /* as many places as a view holds */
	DRAWING_REACH = 100000,    /* as far as they may lie, in pixels */
	DRAWING_GAP = 100,         /* between two drawings */
	DRAWING_APART = 40,        /* between elements beside each other: room for an arrow */
	DRAWING_SHARE_PERCENT = 90 /* of the elements that must have a place */
};

/* How far a drawing is stretched, in percent. */
static const struct {
	int64_t x, y;
} stretches[] = {
	{100, 100}, {125, 100}, {150, 100}, {175, 100}, {175, 125}, {200, 125}, {200, 150}};

bool import_spot(struct importer *in, const struct part *p, int32_t drawing, struct box box)
{
	isize element = p - in->model->of[PART_ELEMENT].list;
	struct spot_drawn *list = list_grow(
		in->arena, in->spots, in->spot_count, &in->spot_room, (isize)sizeof *list);

	if (!list)
		return import_no_room(in);
	in->spots = list;
	list[in->spot_count++] = (struct spot_drawn){(int32_t)element, drawing, box};
	return true;
}

static int by_drawing(const void *a, const void *b)
{
	const struct spot_drawn *x = a, *y = b;

	if (x->drawing != y->drawing)
		return x->drawing < y->drawing ? -1 : 1;
	return x->element < y->element ? -1 : x->element > y->element;
}

static struct part *part_of(struct importer *in, const struct spot_drawn *s)
{
	return &in->model->of[PART_ELEMENT].list[s->element];
}

static int64_t left_of(const struct spot_drawn *s, int64_t percent)
{
	return ((int64_t)s->box.x * 2 + s->box.w) * percent / 200 - NODE_W / 2;
}

static int64_t top_of(const struct spot_drawn *s, int64_t percent)
{
	return ((int64_t)s->box.y * 2 + s->box.h) * percent / 200 - NODE_H / 2;
}

/* Puts drawings below each other, the middle of each element where it is in its drawing; false when
   they reach too far. */
static bool place(struct importer *in, int64_t percent_x, int64_t percent_y)
{
	int64_t below = 0;

	for (isize first = 0, end; first < in->spot_count; first = end) {
		int64_t left = INT64_MAX, top = INT64_MAX, bottom = 0;
		for (end = first;
			end < in->spot_count && in->spots[end].drawing == in->spots[first].drawing;
			end++) {
			int64_t x = left_of(&in->spots[end], percent_x),
				y = top_of(&in->spots[end], percent_y);
			left = x < left ? x : left;
			top = y < top ? y : top;
		}
		for (isize i = first; i < end; i++) {
			struct part *p = part_of(in, &in->spots[i]);
			int64_t x = left_of(&in->spots[i], percent_x) - left,
				y = top_of(&in->spots[i], percent_y) - top + below;
			if (x > DRAWING_REACH || y > DRAWING_REACH)
				return false;
			p->is_placed = true;
			p->x = (int32_t)x;
			p->y = (int32_t)y;
			bottom = y > bottom ? y : bottom;
		}
		below = bottom + NODE_H + ZONE_HEAD + DRAWING_GAP;
	}
	return true;
}

static bool meet(struct box a, struct box b, int32_t apart)
{
	return a.x < b.x + b.w + apart && b.x < a.x + a.w + apart && a.y < b.y + b.h &&
		b.y < a.y + a.h;
}

/* Whether zone `inner`, which may be none, lies in `outer` or is it. */
static bool is_inside(const struct model *m, int32_t inner, int32_t outer)
{
	while (inner != PART_NONE && inner != outer)
		inner = m->of[PART_ZONE].list[inner].zone;
	return inner == outer;
}

static bool zone_is_clear(const struct model *m, const struct layout *l, int32_t zone)
{
	struct box box = layout_zone(l, zone);

	if (box.w == 0)
		return true;
	for (int32_t i = 0; i < m->of[PART_ELEMENT].count; i++)
		if (!is_inside(m, m->of[PART_ELEMENT].list[i].zone, zone) &&
			meet(box, layout_element(l, i), 0))
			return false;
	for (int32_t i = 0; i < zone; i++)
		if (layout_zone(l, i).w && !is_inside(m, i, zone) && !is_inside(m, zone, i) &&
			meet(box, layout_zone(l, i), 0))
			return false;
	return true;
}

/* Whether the picture shows everything apart from everything else. */
static bool is_clear(const struct model *m, const struct layout *l)
{
	for (isize i = 0; i < m->of[PART_ELEMENT].count; i++)
		for (isize k = 0; k < i; k++)
			if (meet(layout_element(l, i), layout_element(l, k), DRAWING_APART))
				return false;
	for (int32_t i = 0; i < m->of[PART_ZONE].count; i++)
		if (!zone_is_clear(m, l, i))
			return false;
	return true;
}

void import_arrange(struct importer *in)
{
	const struct parts *elements = &in->model->of[PART_ELEMENT];
	struct arena_mark mark = arena_here(in->arena);
	bool ok = false;

	if (in->spot_count == 0 || elements->count > DRAWING_SPOTS ||
		in->model->of[PART_ZONE].count > DRAWING_SPOTS ||
		in->spot_count * 100 < elements->count * DRAWING_SHARE_PERCENT)
		return;
	qsort(in->spots, (size_t)in->spot_count, sizeof *in->spots, by_drawing);
	for (int i = 0; i < COUNT_OF(stretches) && !ok; i++) {
		struct err e = {.arena = in->arena};
		struct layout *l;
		ok = place(in, stretches[i].x, stretches[i].y) &&
			layout_make(in->arena, &e, in->model, &l) && is_clear(in->model, l);
		arena_rewind(in->arena, mark);
	}
	for (isize i = 0; !ok && i < elements->count; i++)
		elements->list[i].is_placed = false;
}
