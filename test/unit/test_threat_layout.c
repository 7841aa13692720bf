#include "test.h"
#include "threat/formats/formats.h"
#include "threat/model/model.h"
#include "threat/picture/layout_in.h"

static struct model *example(struct test_case *t)
{
	struct err e = {.arena = t->arena};
	struct model *m = NULL;
	str text;

	if (!file_read(t->arena, S("examples/surgerycloud/model.ward"), LIMIT_RECORD_BYTES, &text,
		    &e) ||
		!model_read(t->arena, &e, S("model.ward"), text, &m))
		test_fail(t, __FILE__, __LINE__, "%s", e.text);
	return m;
}

static bool apart(struct box a, struct box b)
{
	return a.x + a.w <= b.x || b.x + b.w <= a.x || a.y + a.h <= b.y || b.y + b.h <= a.y;
}

static bool inside(struct box in, struct box out)
{
	return in.x >= out.x && in.y >= out.y && in.x + in.w <= out.x + out.w &&
		in.y + in.h <= out.y + out.h;
}

static void check_boxes(struct test_case *t, const struct model *m, const struct layout *l)
{
	const struct parts *elements = &m->of[PART_ELEMENT], *zones = &m->of[PART_ZONE];

	for (isize i = 0; i < elements->count; i++) {
		CHECK(inside(layout_element(l, i), layout_size(l)));
		for (isize k = i + 1; k < elements->count; k++)
			CHECK(apart(layout_element(l, i), layout_element(l, k)));
		for (isize z = 0; z < zones->count; z++) {
			int32_t up = elements->list[i].zone;
			while (up != PART_NONE && up != (int32_t)z)
				up = zones->list[up].zone;
			if (up == (int32_t)z)
				CHECK(inside(layout_element(l, i), layout_zone(l, z)));
			else
				CHECK(apart(layout_element(l, i), layout_zone(l, z)));
		}
	}
	for (isize z = 0; z < zones->count; z++)
		for (isize y = z + 1; y < zones->count; y++)
			if (zones->list[z].zone == PART_NONE && zones->list[y].zone == PART_NONE)
				CHECK(apart(layout_zone(l, z), layout_zone(l, y)));
}

TEST(nothing_lies_on_anything_else, "")
{
	struct err e = {.arena = t->arena};
	struct model *m = example(t);
	struct layout *l;

	CHECK(layout_make(t->arena, &e, m, &l));
	check_boxes(t, m, l);
	CHECK(model_read_as(t->arena, &e, MODEL_TEXT, S("m"),
		S("zone a\nzone b in a\nzone c in b\nzone d\nprocess p in a\nprocess q in "
		  "b\nprocess r in c\n"
		  "process s in c\nprocess lost\nflow p -> q\nflow q -> r\nflow r -> s\nflow s -> "
		  "p\n"
		  "flow lost -> s\nflow p -> p\nflow ? -> p\n"),
		&m));
	CHECK(layout_make(t->arena, &e, m, &l));
	check_boxes(t, m, l);
}

/* A flow begins and ends at its elements, runs level and upright in turn, and through no other. */
static void check_route(struct test_case *t, const struct model *m, const struct layout *l, isize i)
{
	const struct part *f = &m->of[PART_FLOW].list[i];
	const struct route *r = &l->routes[i];

	CHECK(r->drawn == (f->from != PART_NONE && f->to != PART_NONE));
	for (int32_t k = 0; k + 1 < r->point_count; k++) {
		struct point a = r->points[k], b = r->points[k + 1];
		struct box line = {a.x < b.x ? a.x : b.x, a.y < b.y ? a.y : b.y, 1, 1};
		line.w += a.x < b.x ? b.x - a.x : a.x - b.x;
		line.h += a.y < b.y ? b.y - a.y : a.y - b.y;
		CHECK((a.x == b.x) != (a.y == b.y));
		CHECK(inside(line, layout_size(l)));
		for (int32_t e = 0; e < m->of[PART_ELEMENT].count; e++)
			CHECK(e == f->from || e == f->to || apart(line, layout_element(l, e)));
	}
	if (!r->drawn)
		return;
	struct point first = r->points[0], last = r->points[r->point_count - 1];
	struct box from = layout_element(l, f->from), to = layout_element(l, f->to);
	CHECK(first.x == (r->side[0] > 0 ? from.x + from.w : from.x));
	CHECK(first.y > from.y && first.y < from.y + from.h);
	CHECK(last.x == (r->side[1] > 0 ? to.x + to.w : to.x));
	CHECK(last.y > to.y && last.y < to.y + to.h);
}

static uint32_t draw_lot(uint32_t *state, uint32_t below)
{
	*state = *state * 1664525u + 1013904223u;
	return (*state >> 8) % below;
}

/* Zones in zones, some empty or a line only; flows to and fro, to themselves, and from nowhere. */
static void write_any_model(struct buf *b, uint32_t *state)
{
	uint32_t zones = draw_lot(state, 9), elements = 1 + draw_lot(state, 30);
	uint32_t flows = draw_lot(state, 60);

	for (uint32_t i = 0; i < zones; i++) {
		buf_fmt(b, "zone z%u", i);
		if (i && draw_lot(state, 2))
			buf_fmt(b, " in z%u", draw_lot(state, i));
		buf_add(b, S("\n"));
	}
	for (uint32_t i = 0; i < elements; i++) {
		buf_fmt(b, "process e%u", i);
		if (zones && draw_lot(state, 5))
			buf_fmt(b, " in z%u", draw_lot(state, zones));
		buf_add(b, S("\n"));
	}
	for (uint32_t i = 0; i < flows; i++) {
		if (draw_lot(state, 20) == 0)
			buf_fmt(b, "flow f%u ? -> e%u\n", i, draw_lot(state, elements));
		else
			buf_fmt(b, "flow f%u e%u -> e%u\n", i, draw_lot(state, elements),
				draw_lot(state, elements));
	}
}

TEST(any_model_is_drawn_without_anything_on_anything_else, "")
{
	enum { MODELS = 200 };
	uint32_t state = 20261121;

	for (int i = 0; i < MODELS; i++) {
		struct arena_mark mark = arena_here(t->arena);
		struct err e = {.arena = t->arena};
		struct layout *l;
		struct model *m;
		struct buf b;
		buf_init(&b, t->arena, LIMIT_RECORD_BYTES);
		write_any_model(&b, &state);
		CHECK(model_read_as(t->arena, &e, MODEL_TEXT, S("m"), buf_str(&b), &m));
		CHECK(layout_make(t->arena, &e, m, &l));
		check_boxes(t, m, l);
		for (isize z = 0; z < m->of[PART_ZONE].count; z++)
			CHECK(layout_zone(l, z).w > 0 && layout_zone(l, z).h > 0);
		for (isize f = 0; f < m->of[PART_FLOW].count; f++)
			check_route(t, m, l, f);
		arena_rewind(t->arena, mark);
	}
}

TEST(what_a_person_placed_stays_and_the_rest_keeps_clear_of_it, "")
{
	struct err e = {.arena = t->arena};
	struct model *m = example(t);
	struct parts *elements = &m->of[PART_ELEMENT];
	struct layout *l;

	for (isize i = 0; i < elements->count; i += 2) {
		elements->list[i].is_placed = true;
		elements->list[i].x = (int32_t)(i * 137 - 900);
		elements->list[i].y = (int32_t)(i % 6 * 150 - 300);
	}
	CHECK(layout_make(t->arena, &e, m, &l));
	for (isize i = 0; i < elements->count; i++) {
		struct box box = layout_element(l, i);
		CHECK(inside(box, layout_size(l)));
		if (elements->list[i].is_placed)
			CHECK(box.x == elements->list[i].x && box.y == elements->list[i].y);
		for (isize k = 0; !elements->list[i].is_placed && k < elements->count; k++)
			CHECK(k == i || apart(box, layout_element(l, k)));
		for (int32_t z = elements->list[i].zone; z != PART_NONE;
			z = m->of[PART_ZONE].list[z].zone)
			CHECK(inside(box, layout_zone(l, z)));
	}
}

static void put_zone(struct part *zone, struct box at)
{
	zone->is_placed = true;
	zone->x = at.x;
	zone->y = at.y;
	zone->w = at.w;
	zone->h = at.h;
}

static bool same(struct box a, struct box b)
{
	return a.x == b.x && a.y == b.y && a.w == b.w && a.h == b.h;
}

TEST(a_zone_with_a_place_keeps_it_and_grows_around_what_it_holds, "")
{
	static const struct box places[] = {
		{1000, 0, 300, 400}, {1020, 60, 300, 100}, {0, 120, 900, 400}};
	struct err e = {.arena = t->arena};
	struct layout *l;
	struct model *m;

	CHECK(model_read_as(t->arena, &e, MODEL_TEXT, S("m"),
		S("zone a\nzone b in a\nzone c\nprocess p in a\nprocess q in c\nprocess r\n"
		  "flow p -> q\n"),
		&m));
	struct part *p = &m->of[PART_ELEMENT].list[0];
	for (int z = 0; z < COUNT_OF(places); z++)
		put_zone(&m->of[PART_ZONE].list[z], places[z]);
	p->is_placed = true;
	p->x = 1250;
	p->y = 50;
	CHECK(layout_make(t->arena, &e, m, &l));
	struct box a = layout_zone(l, 0), b = layout_zone(l, 1), c = layout_zone(l, 2);
	CHECK_INT(a.x, 1000);
	CHECK_INT(a.y + a.h, 400);
	CHECK(inside(layout_element(l, 0), a) && inside(b, a));
	CHECK(same(b, places[1]));
	CHECK(same(c, places[2]) && inside(layout_element(l, 1), c));
	CHECK(apart(layout_element(l, 2), a));
	CHECK(apart(layout_element(l, 2), c));
	for (int z = 0; z < COUNT_OF(places); z++)
		CHECK(inside(layout_zone(l, z), layout_size(l)));
	/* Nothing but zones is placed: what lies in one is put there all the same. */
	p->is_placed = false;
	CHECK(layout_make(t->arena, &e, m, &l));
	CHECK(inside(layout_element(l, 0), layout_zone(l, 0)));
}

TEST(the_same_model_gives_the_same_picture, "")
{
	struct picture p = {.link = S("/threats/elements/"), .picked = S("C15"), .id = S("")};
	struct err e = {.arena = t->arena};
	str prints[2];

	for (int i = 0; i < 2; i++) {
		struct model *m = example(t);
		struct layout *l;
		struct buf b;
		CHECK(layout_make(t->arena, &e, m, &l));
		buf_init(&b, t->arena, LIMIT_OUTPUT_BYTES);
		layout_print_svg(&b, t->arena, m, l, &p);
		prints[i] = buf_str(&b);
	}
	CHECK_STR(prints[0], prints[1]);
	CHECK(str_find(prints[0], S("<a href=\"/threats/elements/C15\" class=\"picked\"")) > 0);
	CHECK(str_find(prints[0], S("role=\"group\" aria-labelledby=\"dfd-t dfd-d\"")) > 0);
}

TEST(a_stranger_cannot_write_markup, "")
{
	struct picture p = {.link = S("#"), .picked = S("")};
	struct err e = {.arena = t->arena};
	struct model *m;
	struct layout *l;
	struct buf b;

	CHECK(model_read_as(t->arena, &e, MODEL_TEXT, S("m"),
		S("process '<x>\"&' \"</title><script>\"\nzone z \"<b>\"\n"
		  "process y \"exe\u202egnp\uffff\"\n"),
		&m));
	CHECK(layout_make(t->arena, &e, m, &l));
	buf_init(&b, t->arena, LIMIT_OUTPUT_BYTES);
	layout_print_svg(&b, t->arena, m, l, &p);
	CHECK_INT(str_find(buf_str(&b), S("<script>")), -1);
	CHECK_INT(str_find(buf_str(&b), S("<x>")), -1);
	CHECK(str_find(buf_str(&b), S("#%3Cx%3E%22%26")) > 0);
	/* A name is not read backwards, and the file stays XML. */
	CHECK(str_find(buf_str(&b), S("exe\\u{202e}gnp\\u{ffff}")) > 0);
}

TEST_MAIN()
