/*
 * Where elements stand in the drawings of a file.  Our boxes are wider than those of other tools
 * and zones are drawn around what is in them, so a drawing is stretched until nothing lies on
 * anything else.  Where that cannot be, or much of it has no place, our own layout draws it better.
 */
#include "threat/formats/importer.h"
#include "threat/picture/picture.h"

enum {
	DRAWING_SPOTS = 2000,      /* as many places as a view holds */
	DRAWING_REACH = 100000,    /* as far as they may lie, in pixels */
	DRAWING_GAP = 100,         /* between two drawings */
	DRAWING_ZONE = 40,         /* the least side of a zone with a place */
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
	enum part_group group = part_group_of(p->kind);
	struct spot_drawn *list = list_grow(
		in->arena, in->spots, in->spot_count, &in->spot_room, (isize)sizeof *list);

	if (!list)
		return import_no_room(in);
	in->spots = list;
	list[in->spot_count++] =
		(struct spot_drawn){group, (int32_t)(p - in->model->of[group].list), drawing, box};
	return true;
}

static int by_drawing(const void *a, const void *b)
{
	const struct spot_drawn *x = a, *y = b;

	if (x->drawing != y->drawing)
		return x->drawing < y->drawing ? -1 : 1;
	if (x->group != y->group)
		return x->group < y->group ? -1 : 1;
	return x->part < y->part ? -1 : x->part > y->part;
}

/* The box in the stretched drawing: a zone grows with it, an element has our size around the
   middle of its own. */
static void stretch(const struct spot_drawn *s, int how, int64_t box[4])
{
	int64_t x = s->box.x * stretches[how].x, y = s->box.y * stretches[how].y;
	int64_t w = s->box.w * stretches[how].x, h = s->box.h * stretches[how].y;
	bool is_zone = s->group == PART_ZONE;

	box[0] = is_zone ? x / 100 : (x + w / 2) / 100 - NODE_W / 2;
	box[1] = is_zone ? y / 100 : (y + h / 2) / 100 - NODE_H / 2;
	box[2] = is_zone ? w / 100 : NODE_W;
	box[3] = is_zone ? h / 100 : NODE_H;
}

/* Puts a part at its place from the corner of its drawing, `below` down the picture; false when
   that is too far away.  A zone that is no larger than a line has no place. */
static bool put(struct importer *in, const struct spot_drawn *s, const int64_t box[4], int64_t left,
	int64_t top, int64_t below)
{
	struct part *p = &in->model->of[s->group].list[s->part];
	int64_t x = box[0] - left, y = box[1] - top + below;

	if (x > DRAWING_REACH || y > DRAWING_REACH || box[2] > DRAWING_REACH ||
		box[3] > DRAWING_REACH)
		return false;
	p->is_placed = box[2] >= DRAWING_ZONE && box[3] >= DRAWING_ZONE;
	p->x = (int32_t)x;
	p->y = (int32_t)y;
	p->w = s->group == PART_ZONE ? (int32_t)box[2] : 0;
	p->h = s->group == PART_ZONE ? (int32_t)box[3] : 0;
	return true;
}

/* Puts drawings below each other; false when they reach too far. */
static bool place(struct importer *in, int how)
{
	int64_t below = 0, box[4];

	for (isize first = 0, end; first < in->spot_count; first = end) {
		int64_t left = INT64_MAX, top = INT64_MAX, bottom = INT64_MIN;
		for (end = first;
			end < in->spot_count && in->spots[end].drawing == in->spots[first].drawing;
			end++) {
			stretch(&in->spots[end], how, box);
			left = box[0] < left ? box[0] : left;
			top = box[1] < top ? box[1] : top;
			bottom = box[1] + box[3] > bottom ? box[1] + box[3] : bottom;
		}
		for (isize i = first; i < end; i++) {
			stretch(&in->spots[i], how, box);
			if (!put(in, &in->spots[i], box, left, top, below))
				return false;
		}
		below += bottom - top + ZONE_HEAD + DRAWING_GAP;
	}
	return true;
}

static void displace(struct importer *in, enum part_group group)
{
	for (isize i = 0; i < in->model->of[group].count; i++)
		in->model->of[group].list[i].is_placed = false;
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

/* Whether the picture is clear when the drawings are stretched; it draws the zones where they were,
   or around what is in them. */
static bool is_clear_when(struct importer *in, int how, bool with_zones)
{
	struct arena_mark mark = arena_here(in->arena);
	struct err e = {.arena = in->arena};
	struct layout *l;
	bool ok = place(in, how);

	if (!with_zones)
		displace(in, PART_ZONE);
	ok = ok && layout_make(in->arena, &e, in->model, &l) && is_clear(in->model, l);
	arena_rewind(in->arena, mark);
	return ok;
}

void import_arrange(struct importer *in)
{
	const struct parts *of = in->model->of;
	isize drawn = 0;

	for (isize i = 0; i < in->spot_count; i++)
		drawn += in->spots[i].group == PART_ELEMENT;
	if (drawn == 0 || drawn * 100 < of[PART_ELEMENT].count * DRAWING_SHARE_PERCENT ||
		of[PART_ELEMENT].count + of[PART_ZONE].count > DRAWING_SPOTS)
		return;
	qsort(in->spots, (size_t)in->spot_count, sizeof *in->spots, by_drawing);
	for (int i = 0; i < 2 * COUNT_OF(stretches); i++)
		if (is_clear_when(in, i % COUNT_OF(stretches), i < COUNT_OF(stretches)))
			return;
	displace(in, PART_ELEMENT);
	displace(in, PART_ZONE);
}
