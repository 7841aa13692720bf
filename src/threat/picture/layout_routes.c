/*
 * Routes: where flows leave and arrive, their vertical parts in tracks between the columns, and
 * everything in pixels.
 *
 * In a channel those that bend back run nearest to their column, short ones inside long ones.
 * Of the others, which cross from column to column, those that go down stand in the order of
 * where they begin, the lowest first, and those that go up the other way round: so two of them
 * cross once where their ends are in different order, and otherwise not at all.
 */
#include "threat/picture/layout_in.h"

/* ---- ports ---- */

struct port_end {
	int32_t item, key, flow, link;
	int8_t side, group, end; /* group: bends up, flows across, bends down */
};

static int by_port(const void *a, const void *b)
{
	const struct port_end *x = a, *y = b;

	if (x->item != y->item)
		return x->item < y->item ? -1 : 1;
	if (x->side != y->side)
		return x->side - y->side;
	if (x->group != y->group)
		return x->group - y->group;
	if (x->key != y->key)
		return x->key < y->key ? -1 : 1;
	if (x->flow != y->flow)
		return (x->flow < y->flow ? -1 : 1) * (x->group == 0 ? -1 : 1);
	return x->end - y->end;
}

static struct port_end port_of(const struct plan *p, int32_t link, int8_t end)
{
	const struct link *l = &p->links[link];
	int32_t item = l->end[end], other = l->end[!end];
	int32_t far = p->position[other] - p->position[item];
	struct port_end e = {.item = item, .flow = l->flow, .link = link, .end = end};

	e.side = l->bend ? l->bend > 0 : end == 0;
	e.group = !l->bend ? 1 : far < 0 ? 0 : 2;
	e.key = e.group == 1 ? p->position[other] : -far;
	return e;
}

/* Bends at the corners, the nearest outermost; between them flows in the order of their other
   ends. */
bool plan_ports(struct plan *p)
{
	struct port_end *ends = plan_room(p, p->link_count * 2, (isize)sizeof *ends);
	int32_t n = 0, elements = (int32_t)p->model->of[PART_ELEMENT].count;

	if (!ends)
		return false;
	for (int32_t i = 0; i < p->link_count; i++) {
		ends[n++] = port_of(p, i, 0);
		ends[n++] = port_of(p, i, 1);
	}
	qsort(ends, (size_t)n, sizeof *ends, by_port);
	for (int32_t i = 0, last; i < n; i = last) {
		for (last = i; last < n && ends[last].item == ends[i].item &&
			ends[last].side == ends[i].side;
			last++)
			p->links[ends[last].link].port[ends[last].end] = last - i;
		if (ends[i].item < elements)
			p->l->spots[ends[i].item].ports[ends[i].side] = last - i;
	}
	for (int32_t i = 0; i < p->still_count; i++) {
		const struct spot *s = &p->l->spots[i < elements ? i : 0];
		int32_t ports = s->ports[0] > s->ports[1] ? s->ports[0] : s->ports[1];
		p->items[i].h =
			i < elements && (ports + 1) * TRACK > NODE_H ? (ports + 1) * TRACK : NODE_H;
	}
	for (int32_t i = 0; i < n; i++) {
		struct link *l = &p->links[ends[i].link];
		if (ends[i].item < elements)
			l->y[ends[i].end] = p->items[ends[i].item].h * (l->port[ends[i].end] + 1) /
				(p->l->spots[ends[i].item].ports[ends[i].side] + 1);
	}
	return true;
}

/* ---- tracks ---- */

/* The highest track in use at each height, over pieces of TRACK pixels: a tree of maxima, so that
   asking and marking take time in proportion to the logarithm of the height. */
struct profile {
	int32_t leaves; /* a power of two */
	int32_t *most;  /* of everything below a node */
	int32_t *whole; /* of what covers all of a node */
};

static int32_t most_between(const struct profile *f, int32_t low, int32_t high)
{
	int32_t most = 0;

	for (int32_t n = low + f->leaves; n > 1; n /= 2)
		most = f->whole[n / 2] > most ? f->whole[n / 2] : most;
	for (int32_t n = high + f->leaves; n > 1; n /= 2)
		most = f->whole[n / 2] > most ? f->whole[n / 2] : most;
	int32_t a = low + f->leaves, b = high + f->leaves + 1;
	for (; a < b; a /= 2, b /= 2) {
		if (a % 2) {
			most = f->most[a] > most ? f->most[a] : most;
			a++;
		}
		if (b % 2) {
			b--;
			most = f->most[b] > most ? f->most[b] : most;
		}
	}
	return most;
}

static void raise(struct profile *f, int32_t node, int32_t to)
{
	f->whole[node] = to > f->whole[node] ? to : f->whole[node];
	for (; node; node /= 2)
		f->most[node] = to > f->most[node] ? to : f->most[node];
}

static void mark_between(struct profile *f, int32_t low, int32_t high, int32_t to)
{
	int32_t a = low + f->leaves, b = high + f->leaves + 1;

	for (; a < b; a /= 2, b /= 2) {
		if (a % 2)
			raise(f, a++, to);
		if (b % 2)
			raise(f, --b, to);
	}
}

static bool profile_make(struct plan *p, struct profile *f)
{
	int32_t pieces = p->l->height / TRACK + 2;

	for (f->leaves = 1; f->leaves < pieces;)
		f->leaves *= 2;
	f->most = plan_room(p, 2 * f->leaves, (isize)sizeof *f->most);
	f->whole = plan_room(p, 2 * f->leaves, (isize)sizeof *f->whole);
	return f->most && f->whole;
}

static void profile_clear(struct profile *f)
{
	memset(f->most, 0, (size_t)(2 * f->leaves) * sizeof *f->most);
	memset(f->whole, 0, (size_t)(2 * f->leaves) * sizeof *f->whole);
}

/* One vertical part. */
struct upright {
	int32_t channel, key, flow, link;
	int8_t group; /* bends of the column to the left, those across, bends of the right one */
};

static int by_track(const void *a, const void *b)
{
	const struct upright *x = a, *y = b;

	if (x->channel != y->channel)
		return x->channel < y->channel ? -1 : 1;
	if (x->group != y->group)
		return x->group - y->group;
	if (x->key != y->key)
		return x->key < y->key ? -1 : 1;
	return x->flow < y->flow ? -1 : x->flow > y->flow;
}

static int32_t end_y(const struct plan *p, const struct link *l, int end)
{
	return p->items[l->end[end]].y + l->y[end];
}

static struct upright upright_of(const struct plan *p, int32_t link)
{
	const struct link *l = &p->links[link];
	int32_t y0 = end_y(p, l, 0), y1 = end_y(p, l, 1);
	struct upright u = {.channel = l->channel, .flow = l->flow, .link = link};

	u.group = l->bend > 0 ? 0 : l->bend < 0 ? 3 : y1 > y0 ? 1 : 2;
	u.key = l->bend ? (y0 < y1 ? y1 - y0 : y0 - y1) : y1 > y0 ? -y0 : y0;
	return u;
}

static int32_t put_tracks(struct plan *p, struct profile *f, const struct upright *u, isize n)
{
	int32_t used = 0;

	profile_clear(f);
	for (isize i = 0; i < n; i++) {
		struct link *l = &p->links[u[i].link];
		int32_t y0 = end_y(p, l, 0), y1 = end_y(p, l, 1);
		int32_t low = (y0 < y1 ? y0 : y1) / TRACK, high = (y0 < y1 ? y1 : y0) / TRACK;
		l->track = most_between(f, low, high);
		mark_between(f, low, high, l->track + 1);
		used = l->track + 1 > used ? l->track + 1 : used;
	}
	return used;
}

/* Tracks of all uprights, counted from the left of their channel; how many each channel has. */
static bool give_tracks(struct plan *p, int32_t *tracks)
{
	struct upright *u = plan_room(p, p->link_count, (isize)sizeof *u);
	struct profile f;
	isize n = 0;

	if (!u || !profile_make(p, &f))
		return false;
	for (int32_t i = 0; i < p->link_count; i++)
		if (p->links[i].bend || end_y(p, &p->links[i], 0) != end_y(p, &p->links[i], 1))
			u[n++] = upright_of(p, i);
	qsort(u, (size_t)n, sizeof *u, by_track);
	for (isize i = 0, last; i < n; i = last) {
		bool across = u[i].group == 1 || u[i].group == 2;
		for (last = i; last < n && u[last].channel == u[i].channel &&
			(u[last].group == u[i].group || (across && u[last].group == 2));
			last++)
			;
		int32_t used = put_tracks(p, &f, &u[i], last - i), before = tracks[u[i].channel];
		for (isize k = i; k < last; k++) {
			int32_t *track = &p->links[u[k].link].track;
			*track = before + (u[i].group == 3 ? used - 1 - *track : *track);
		}
		tracks[u[i].channel] += used;
	}
	return true;
}

/* ---- pixels ---- */

/* At the edges tracks stand next to the zones of the column, elsewhere in the middle. */
static int32_t channel_width(const struct plan *p, const int32_t *tracks, int32_t c)
{
	if (c == 0 || c == p->columns)
		return tracks[c] * TRACK + ZONE_PAD + MARGIN;
	int32_t need = (tracks[c] + 1) * TRACK + 2 * ZONE_PAD + 24;
	return need > CHANNEL_MIN ? need : CHANNEL_MIN;
}

static int32_t first_track(const struct plan *p, const int32_t *tracks, int32_t c, int32_t width)
{
	int32_t span = (tracks[c] - 1) * TRACK;

	if (c == 0)
		return width - ZONE_PAD - TRACK - span;
	return c == p->columns ? ZONE_PAD + TRACK : (width - span) / 2;
}

static void put_columns(struct plan *p, const int32_t *tracks, int32_t *track_x)
{
	int32_t x = 0;

	for (int32_t c = 0; c <= p->columns; c++) {
		int32_t width = channel_width(p, tracks, c);
		track_x[c] = x + first_track(p, tracks, c, width);
		x += width;
		if (c < p->columns)
			p->column_x[c] = x;
		x += NODE_W;
	}
	p->l->width = x - NODE_W;
}

static void add_point(struct route *r, int32_t x, int32_t y)
{
	r->points[r->point_count++] = (struct point){x, y};
}

static int32_t side_x(const struct plan *p, int32_t element, int side)
{
	const struct box *b = &p->l->spots[element].box;

	return b->x + (side > 0 ? b->w : 0);
}

static bool draw_route(struct plan *p, int32_t flow, const int32_t *track_x)
{
	const struct part *f = &p->model->of[PART_FLOW].list[flow];
	struct route *r = &p->l->routes[flow];
	int32_t first = p->flow_links[flow], last = p->flow_links[flow + 1] - 1, at = f->from;

	if (last < first)
		return true;
	r->points = plan_room(p, 2 * (last - first) + 4, (isize)sizeof *r->points);
	if (!r->points)
		return false;
	r->drawn = true;
	for (int32_t i = first; i <= last; i++) {
		const struct link *l = &p->links[i];
		int out = l->end[0] == at ? 0 : 1;
		int32_t y = end_y(p, l, out), far = end_y(p, l, !out);
		int32_t x = track_x[l->channel] + l->track * TRACK;
		if (i == first) {
			r->side[0] = (int8_t)(l->bend ? l->bend : out ? -1 : 1);
			r->port[0] = l->port[out];
			add_point(r, side_x(p, f->from, r->side[0]), y);
		}
		if (l->bend || y != far) {
			add_point(r, x, y);
			add_point(r, x, far);
		}
		if (i == last) {
			r->side[1] = (int8_t)(l->bend ? l->bend : out ? 1 : -1);
			r->port[1] = l->port[!out];
			add_point(r, side_x(p, f->to, r->side[1]), far);
		}
		at = l->end[!out];
	}
	return true;
}

static void put_spots(struct plan *p)
{
	for (isize i = 0; i < p->model->of[PART_ELEMENT].count; i++) {
		const struct item *e = &p->items[i];
		p->l->spots[i].box = (struct box){p->column_x[e->column], e->y, NODE_W, e->h};
	}
}

bool plan_routes(struct plan *p)
{
	int32_t *tracks = plan_room(p, p->columns + 1, (isize)sizeof *tracks);
	int32_t *track_x = plan_room(p, p->columns + 1, (isize)sizeof *track_x);

	p->column_x = plan_room(p, p->columns, (isize)sizeof *p->column_x);
	if (!tracks || !track_x || !p->column_x || !give_tracks(p, tracks))
		return false;
	put_columns(p, tracks, track_x);
	put_spots(p);
	for (int32_t i = 0; i < p->model->of[PART_FLOW].count; i++)
		if (!draw_route(p, i, track_x))
			return false;
	return true;
}
