/*
 * Zones become blocks of rows in columns, ordered so that flows are short; elements stand in their
 * zone's rows near what they talk to; flows run in channels between columns and gaps between rows,
 * each in a track of its own.  Nothing here depends on anything but the model.
 */
#include "threat/layout_in.h"

struct block {
	int32_t zone;              /* a zone without an outer one, or PART_NONE */
	int32_t first, count;      /* of `order` */
	int32_t column, row, span; /* columns it takes */
	int32_t height;            /* rows */
};

struct work {
	struct arena *arena;
	struct err *err;
	const struct model *model;
	struct layout *l;
	struct block *blocks;
	int32_t block_count;
	int32_t *order;    /* elements, by block */
	int32_t *block_of; /* of an element */
	int32_t *column_w, *column_x, *row_h, *row_y;
	int32_t *channel_tracks, *gap_tracks;
};

static void *room_for(struct work *w, isize count, isize size)
{
	void *p = arena_bulk(w->arena, (count + 1) * size);

	if (!p) {
		FAIL(w->err, ERR_LIMIT, "the picture needs more memory than it is given");
		return NULL;
	}
	return memset(p, 0, (size_t)((count + 1) * size));
}

static int32_t outermost(const struct parts *zones, int32_t zone)
{
	while (zone != PART_NONE && zones->list[zone].zone != PART_NONE)
		zone = zones->list[zone].zone;
	return zone;
}

/* Lists of what lies in a zone, of numbers plus one; 0 ends a list.  The zone behind the last one
   holds the elements that lie in none. */
struct members {
	int32_t *head, *next;           /* elements of a zone itself */
	int32_t *zone_head, *zone_next; /* zones within an outermost one */
};

/* Lists are built from the end, so that inner zones, which come later, stand after outer ones. */
static void list_members(const struct work *w, const struct members *in)
{
	const struct parts *zones = &w->model->of[PART_ZONE],
			   *elements = &w->model->of[PART_ELEMENT];

	for (isize i = elements->count; i-- > 0;) {
		int32_t z = elements->list[i].zone == PART_NONE ? (int32_t)zones->count
								: elements->list[i].zone;
		in->next[i] = in->head[z];
		in->head[z] = (int32_t)i + 1;
	}
	for (isize z = zones->count; z-- > 0;) {
		int32_t top = outermost(zones, (int32_t)z);
		if (top == (int32_t)z)
			continue;
		in->zone_next[z] = in->zone_head[top];
		in->zone_head[top] = (int32_t)z + 1;
	}
}

/* The block of an outermost zone, its elements from place `at` of the order; returns the place
   behind them. */
static int32_t add_block(struct work *w, const struct members *in, int32_t z, int32_t at)
{
	struct block *b = &w->blocks[w->block_count];
	bool is_zone = z < w->model->of[PART_ZONE].count;

	*b = (struct block){.zone = is_zone ? z : PART_NONE, .first = at};
	for (int32_t inner = z + 1; inner;
		inner = inner == z + 1 ? in->zone_head[z] : in->zone_next[inner - 1])
		for (int32_t e = in->head[inner - 1]; e; e = in->next[e - 1]) {
			w->block_of[e - 1] = w->block_count;
			w->order[at++] = e - 1;
		}
	b->count = at - b->first;
	w->block_count++;
	return at;
}

/* Elements sorted by their block, nested zones together, by counting per zone: linear. */
static bool make_blocks(struct work *w)
{
	const struct parts *zones = &w->model->of[PART_ZONE];
	isize n = w->model->of[PART_ELEMENT].count, lists = zones->count + 1;
	struct members in = {
		.head = room_for(w, lists, (isize)sizeof *in.head),
		.next = room_for(w, n, (isize)sizeof *in.next),
		.zone_head = room_for(w, lists, (isize)sizeof *in.zone_head),
		.zone_next = room_for(w, lists, (isize)sizeof *in.zone_next),
	};
	int32_t at = 0;

	w->blocks = room_for(w, lists, (isize)sizeof *w->blocks);
	w->order = room_for(w, n, (isize)sizeof *w->order);
	w->block_of = room_for(w, n, (isize)sizeof *w->block_of);
	if (!in.head || !in.next || !in.zone_head || !in.zone_next || !w->blocks || !w->order ||
		!w->block_of)
		return false;
	list_members(w, &in);
	for (int32_t z = 0; z < zones->count; z++)
		if (zones->list[z].zone == PART_NONE && !zones->list[z].is_line)
			at = add_block(w, &in, z, at);
	if (in.head[zones->count])
		add_block(w, &in, (int32_t)zones->count, at);
	return true;
}

/* ---- order of the blocks: swaps that shorten the flows ---- */

static int64_t length_of(const struct work *w, const int32_t *pair, const int32_t *place)
{
	int64_t sum = 0;

	for (int32_t a = 0; a < w->block_count; a++)
		for (int32_t b = a + 1; b < w->block_count; b++) {
			int32_t far = place[a] - place[b];
			sum += (int64_t)pair[a * w->block_count + b] * (far < 0 ? -far : far);
		}
	return sum;
}

static bool order_blocks(struct work *w, int32_t *place)
{
	enum { BLOCKS_ORDERED = 24, SWEEPS = 20 };
	int32_t n = w->block_count;
	int32_t *pair = n <= BLOCKS_ORDERED ? room_for(w, n * n, (isize)sizeof *pair) : NULL;

	for (int32_t i = 0; i < n; i++)
		place[i] = i;
	if (n > BLOCKS_ORDERED)
		return true;
	if (!pair)
		return false;
	for (isize i = 0; i < w->model->of[PART_FLOW].count; i++) {
		const struct part *f = &w->model->of[PART_FLOW].list[i];
		if (f->from == PART_NONE || f->to == PART_NONE)
			continue;
		int32_t a = w->block_of[f->from], b = w->block_of[f->to];
		pair[(a < b ? a : b) * n + (a < b ? b : a)]++;
	}
	bool better = true;
	for (int sweep = 0; better && sweep < SWEEPS; sweep++) {
		better = false;
		for (int32_t a = 0; a < n; a++)
			for (int32_t b = a + 1; b < n; b++) {
				int64_t before = length_of(w, pair, place);
				int32_t swap = place[a];
				place[a] = place[b];
				place[b] = swap;
				if (length_of(w, pair, place) < before) {
					better = true;
					continue;
				}
				place[b] = place[a];
				place[a] = swap;
			}
	}
	return true;
}

/* The rows of a picture that is about as high as it is wide. */
static int32_t rows_wanted(const struct work *w)
{
	enum { ROWS_MIN = 4 };
	int32_t rows = ROWS_MIN, total = 0;

	for (int32_t i = 0; i < w->block_count; i++)
		total += w->blocks[i].count ? w->blocks[i].count : 1;
	while ((int64_t)rows * rows < total)
		rows++;
	return rows;
}

/* Fills columns from the left; a block that is too tall spreads over several. */
static bool place_blocks(struct work *w)
{
	int32_t *place = room_for(w, w->block_count, (isize)sizeof *place);
	int32_t *at = room_for(w, w->block_count, (isize)sizeof *at);
	int32_t rows = rows_wanted(w), column = 0, row = 0, span = 1;

	if (!place || !at || !order_blocks(w, place))
		return false;
	for (int32_t i = 0; i < w->block_count; i++)
		at[place[i]] = i;
	for (int32_t i = 0; i < w->block_count; i++) {
		struct block *b = &w->blocks[at[i]];
		int32_t count = b->count ? b->count : 1;
		b->span = (count + rows - 1) / rows;
		b->height = (count + b->span - 1) / b->span;
		if (row && (row + b->height > rows || b->span > 1 || span > 1)) {
			column += span;
			row = 0;
			span = 1;
		}
		b->column = column;
		b->row = row;
		row += b->height;
		span = b->span > span ? b->span : span;
		w->l->rows = row > w->l->rows ? row : w->l->rows;
	}
	w->l->columns = w->block_count ? column + span : 1;
	return true;
}

static void place_elements(struct work *w)
{
	for (int32_t i = 0; i < w->block_count; i++) {
		const struct block *b = &w->blocks[i];
		for (int32_t k = 0; k < b->count; k++) {
			struct spot *s = &w->l->spots[w->order[b->first + k]];
			s->column = b->column + k / b->height;
			s->row = b->row + k % b->height;
		}
	}
}

/* Elements of a zone without inner zones, by the mean place of what they talk to. */
static bool sort_elements(struct work *w)
{
	enum { SWEEPS = 4, ZONE_SORTED = 200 };
	const struct parts *elements = &w->model->of[PART_ELEMENT];
	int64_t *sum = room_for(w, elements->count, (isize)sizeof *sum);
	int32_t *degree = room_for(w, elements->count, (isize)sizeof *degree);

	if (!sum || !degree)
		return false;
	for (int sweep = 0; sweep < SWEEPS; sweep++) {
		memset(sum, 0, (size_t)elements->count * sizeof *sum);
		memset(degree, 0, (size_t)elements->count * sizeof *degree);
		for (isize i = 0; i < w->model->of[PART_FLOW].count; i++) {
			const struct part *f = &w->model->of[PART_FLOW].list[i];
			if (f->from == PART_NONE || f->to == PART_NONE)
				continue;
			const struct spot *a = &w->l->spots[f->from], *b = &w->l->spots[f->to];
			sum[f->from] += b->row * 100 + b->column;
			sum[f->to] += a->row * 100 + a->column;
			degree[f->from]++;
			degree[f->to]++;
		}
		for (int32_t i = 0; i < w->block_count; i++) {
			const struct block *b = &w->blocks[i];
			if (b->count > ZONE_SORTED)
				continue;
			for (int32_t k = b->first + 1; k < b->first + b->count; k++) {
				for (int32_t j = k; j > b->first; j--) {
					int32_t one = w->order[j - 1], two = w->order[j];
					int64_t mean1 = degree[one] ? sum[one] / degree[one] : 0;
					int64_t mean2 = degree[two] ? sum[two] / degree[two] : 0;
					bool together = elements->list[one].zone ==
						elements->list[two].zone;
					if (!together || mean1 <= mean2)
						break;
					w->order[j - 1] = two;
					w->order[j] = one;
				}
			}
		}
		place_elements(w);
	}
	return true;
}

/* ---- routes ---- */

/* Which channels and which gap a flow uses.  Channel c lies left of column c. */
static void plan_route(const struct work *w, const struct part *f, struct route *r)
{
	const struct spot *a = &w->l->spots[f->from], *b = &w->l->spots[f->to];

	r->drawn = true;
	r->gap = r->channel[1] = -1;
	if (a->column == b->column) {
		r->side[0] = r->side[1] = f->from == f->to || a->row <= b->row ? 1 : -1;
		r->channel[0] = a->column + (r->side[0] > 0);
		return;
	}
	bool right = b->column > a->column;
	r->side[0] = right ? 1 : -1;
	r->side[1] = right ? -1 : 1;
	r->channel[0] = right ? a->column + 1 : a->column;
	int32_t last = right ? b->column : b->column + 1;
	if (last == r->channel[0])
		return;
	r->channel[1] = last;
	/* The gap above the lower end, so that the way leads there and not past it. */
	r->gap = b->row >= a->row ? b->row : b->row + 1;
}

static int32_t abstract_y(const struct work *w, const struct route *r, int32_t element, int end)
{
	return w->l->spots[element].row * 1000 + 100 + r->port[end];
}

/* Ports of one side in the order of the far ends, so that flows do not cross at the door. */
static bool assign_ports(struct work *w)
{
	enum { HUB = 64 };
	const struct parts *flows = &w->model->of[PART_FLOW];
	isize n = w->model->of[PART_ELEMENT].count * 2;
	int32_t *head = room_for(w, n, (isize)sizeof *head);
	int32_t *next = room_for(w, flows->count * 2, (isize)sizeof *next);

	if (!head || !next)
		return false;
	for (int32_t i = 0; i < flows->count * 2; i++) {
		const struct part *f = &flows->list[i / 2];
		struct route *r = &w->l->routes[i / 2];
		if (!r->drawn)
			continue;
		int32_t self = i % 2 ? f->to : f->from, key = self * 2 + (r->side[i % 2] > 0);
		int32_t count = w->l->spots[self].ports[r->side[i % 2] > 0]++;
		const struct spot *far = &w->l->spots[i % 2 ? f->from : f->to];
		int32_t rank = 0;
		for (int32_t o = head[key]; o && count < HUB; o = next[o - 1]) {
			struct route *other = &w->l->routes[(o - 1) / 2];
			const struct part *g = &flows->list[(o - 1) / 2];
			const struct spot *there = &w->l->spots[(o - 1) % 2 ? g->from : g->to];
			if (there->row > far->row ||
				(there->row == far->row && there->column > far->column))
				other->port[(o - 1) % 2]++;
			else
				rank++;
		}
		r->port[i % 2] = count < HUB ? rank : count;
		next[i] = head[key];
		head[key] = i + 1;
	}
	return true;
}

struct stretch {
	int32_t line, from, to, route, which;
};

static bool stretch_first(const struct stretch *a, const struct stretch *b)
{
	if (a->line != b->line)
		return a->line < b->line;
	if (a->from != b->from)
		return a->from < b->from;
	return a->route < b->route;
}

static struct stretch *sort_stretches(struct work *w, struct stretch *in, isize n)
{
	struct stretch *out = room_for(w, n, (isize)sizeof *out);

	for (isize run = 1; out && run < n; run *= 2) {
		for (isize from = 0; from < n; from += 2 * run) {
			isize middle = from + run < n ? from + run : n;
			isize to = middle + run < n ? middle + run : n, left = from, right = middle;
			for (isize i = from; i < to; i++) {
				bool take = left < middle &&
					(right >= to || stretch_first(&in[left], &in[right]));
				out[i] = take ? in[left++] : in[right++];
			}
		}
		struct stretch *swap = in;
		in = out;
		out = swap;
	}
	return out ? in : NULL;
}

/* Parallel stretches on one line get tracks; `tracks[line]` is how many. */
static bool assign_tracks(
	struct work *w, struct stretch *s, isize n, int32_t *tracks, bool channels)
{
	enum { TRACKS = 400 };
	int32_t ends[TRACKS];
	int32_t line = -1, used = 0;

	s = sort_stretches(w, s, n);
	if (!s)
		return false;
	for (isize i = 0; i < n; i++) {
		if (s[i].line != line) {
			line = s[i].line;
			used = 0;
		}
		int32_t t = 0;
		while (t < used && ends[t] >= s[i].from)
			t++;
		if (t == TRACKS)
			t--;
		used = t == used ? used + 1 : used;
		ends[t] = s[i].to;
		struct route *r = &w->l->routes[s[i].route];
		if (channels)
			r->channel_track[s[i].which] = t;
		else
			r->gap_track = t;
		tracks[line] = used > tracks[line] ? used : tracks[line];
	}
	return true;
}

static void put_stretch(
	struct stretch *s, int32_t line, int32_t a, int32_t b, int32_t route, int32_t which)
{
	*s = (struct stretch){line, a < b ? a : b, a < b ? b : a, route, which};
}

static bool route_flows(struct work *w)
{
	const struct parts *flows = &w->model->of[PART_FLOW];
	struct stretch *s = room_for(w, flows->count * 2, (isize)sizeof *s);
	isize n = 0;

	for (int32_t i = 0; i < flows->count; i++)
		if (flows->list[i].from != PART_NONE && flows->list[i].to != PART_NONE)
			plan_route(w, &flows->list[i], &w->l->routes[i]);
	if (!s || !assign_ports(w))
		return false;
	for (int32_t i = 0; i < flows->count; i++) {
		const struct route *r = &w->l->routes[i];
		if (r->drawn && r->gap >= 0)
			put_stretch(&s[n++], r->gap, r->channel[0], r->channel[1], i, 0);
	}
	if (!assign_tracks(w, s, n, w->gap_tracks, false))
		return false;
	n = 0;
	for (int32_t i = 0; i < flows->count; i++) {
		const struct part *f = &flows->list[i];
		const struct route *r = &w->l->routes[i];
		if (!r->drawn)
			continue;
		int32_t a = abstract_y(w, r, f->from, 0), b = abstract_y(w, r, f->to, 1);
		int32_t gap = r->gap * 1000 - 500 + r->gap_track;
		put_stretch(&s[n++], r->channel[0], a, r->gap < 0 ? b : gap, i, 0);
		if (r->gap >= 0)
			put_stretch(&s[n++], r->channel[1], gap, b, i, 1);
	}
	return assign_tracks(w, s, n, w->channel_tracks, true);
}

/* ---- pixels ---- */

static int32_t channel_width(const struct work *w, int32_t c)
{
	int32_t need = (w->channel_tracks[c] + 1) * TRACK + 2 * ZONE_PAD + 24;
	bool is_edge = c == 0 || c == w->l->columns;

	if (is_edge)
		return (w->channel_tracks[c] + 1) * TRACK + ZONE_PAD + MARGIN;
	return need > CHANNEL_MIN ? need : CHANNEL_MIN;
}

static int32_t gap_height(const struct work *w, int32_t g)
{
	int32_t tracks = w->gap_tracks[g] * TRACK;

	if (g == w->l->rows)
		return tracks + ZONE_PAD + MARGIN;
	return (g == 0 ? ZONE_HEAD + MARGIN : GAP_MIN) + tracks;
}

static void measure(struct work *w)
{
	struct layout *l = w->l;
	int32_t x = 0, y = 0;

	for (isize i = 0; i < w->model->of[PART_ELEMENT].count; i++) {
		const struct spot *s = &l->spots[i];
		int32_t ports = s->ports[0] > s->ports[1] ? s->ports[0] : s->ports[1];
		int32_t h = (ports + 1) * TRACK > NODE_H ? (ports + 1) * TRACK : NODE_H;
		w->row_h[s->row] = h > w->row_h[s->row] ? h : w->row_h[s->row];
	}
	for (int32_t c = 0; c < l->columns; c++) {
		x += channel_width(w, c);
		w->column_x[c] = x;
		x += NODE_W;
	}
	for (int32_t r = 0; r < l->rows; r++) {
		y += gap_height(w, r);
		w->row_y[r] = y;
		w->row_h[r] = w->row_h[r] ? w->row_h[r] : NODE_H;
		y += w->row_h[r];
	}
	l->width = x + channel_width(w, l->columns);
	l->height = y + gap_height(w, l->rows);
	for (isize i = 0; i < w->model->of[PART_ELEMENT].count; i++) {
		struct spot *s = &l->spots[i];
		int32_t ports = s->ports[0] > s->ports[1] ? s->ports[0] : s->ports[1];
		int32_t h = (ports + 1) * TRACK > NODE_H ? (ports + 1) * TRACK : NODE_H;
		s->box = (struct box){w->column_x[s->column],
			w->row_y[s->row] + (w->row_h[s->row] - h) / 2, NODE_W, h};
	}
}

static int32_t channel_x(const struct work *w, int32_t c, int32_t track)
{
	int32_t end = c < w->l->columns ? w->column_x[c] : w->l->width - MARGIN + ZONE_PAD;
	int32_t begin = c ? w->column_x[c - 1] + NODE_W : MARGIN - ZONE_PAD;
	int32_t span = (w->channel_tracks[c] - 1) * TRACK;

	return (begin + end - span) / 2 + track * TRACK;
}

/* The two sides are a little apart, so that a flow that leaves and another that arrives across the
   channel at the same height do not read as one. */
static int32_t port_y(const struct spot *s, int side, int32_t port)
{
	return s->box.y + s->box.h * (port + 1) / (s->ports[side > 0] + 1) + (side > 0 ? -4 : 4);
}

static void add_point(struct route *r, int32_t x, int32_t y)
{
	r->x[r->points] = x;
	r->y[r->points++] = y;
}

static void draw_routes(struct work *w)
{
	for (isize i = 0; i < w->model->of[PART_FLOW].count; i++) {
		const struct part *f = &w->model->of[PART_FLOW].list[i];
		struct route *r = &w->l->routes[i];
		if (!r->drawn)
			continue;
		const struct spot *a = &w->l->spots[f->from], *b = &w->l->spots[f->to];
		int32_t ya = port_y(a, r->side[0], r->port[0]),
			yb = port_y(b, r->side[1], r->port[1]);
		int32_t x1 = channel_x(w, r->channel[0], r->channel_track[0]);
		if (r->gap < 0 && a->column != b->column && yb - ya <= 8 && ya - yb <= 8)
			ya = yb = (ya + yb) / 2;
		add_point(r, a->box.x + (r->side[0] > 0 ? a->box.w : 0), ya);
		add_point(r, x1, ya);
		if (r->gap >= 0) {
			int32_t x2 = channel_x(w, r->channel[1], r->channel_track[1]);
			int32_t bottom =
				r->gap < w->l->rows ? w->row_y[r->gap] : w->l->height - MARGIN + 4;
			int32_t y = bottom - 12 - r->gap_track * TRACK;
			add_point(r, x1, y);
			add_point(r, x2, y);
			add_point(r, x2, yb);
		} else {
			add_point(r, x1, yb);
		}
		add_point(r, b->box.x + (r->side[1] > 0 ? b->box.w : 0), yb);
	}
}

/* Boxes around the elements of a zone and of the zones inside it. */
static bool draw_zones(struct work *w)
{
	const struct parts *zones = &w->model->of[PART_ZONE];
	int32_t *inner = room_for(w, zones->count, (isize)sizeof *inner);

	if (!inner)
		return false;
	for (isize z = 0; z < zones->count; z++) {
		int32_t depth = 0;
		for (int32_t up = (int32_t)z; up != PART_NONE; up = zones->list[up].zone, depth++)
			inner[up] = depth > inner[up] ? depth : inner[up];
	}
	for (isize i = 0; i < w->model->of[PART_ELEMENT].count; i++) {
		struct box e = w->l->spots[i].box;
		for (int32_t z = w->model->of[PART_ELEMENT].list[i].zone; z != PART_NONE;
			z = zones->list[z].zone) {
			struct box *b = &w->l->zones[z];
			int32_t pad = ZONE_PAD + inner[z] * 6;
			int32_t left = e.x - pad, top = e.y - ZONE_HEAD - inner[z] * 18;
			int32_t right = e.x + e.w + pad,
				bottom = e.y + e.h + ZONE_PAD + inner[z] * 4;
			if (b->w) {
				left = b->x < left ? b->x : left;
				top = b->y < top ? b->y : top;
				right = b->x + b->w > right ? b->x + b->w : right;
				bottom = b->y + b->h > bottom ? b->y + b->h : bottom;
			}
			*b = (struct box){left, top, right - left, bottom - top};
		}
	}
	for (int32_t i = 0; i < w->block_count; i++) {
		const struct block *b = &w->blocks[i];
		if (b->count == 0 && b->zone != PART_NONE)
			w->l->zones[b->zone] = (struct box){w->column_x[b->column] - ZONE_PAD,
				w->row_y[b->row] - ZONE_HEAD, NODE_W + 2 * ZONE_PAD,
				NODE_H + ZONE_HEAD + ZONE_PAD};
	}
	return true;
}

/* ---- labels ---- */

static bool apart(struct box a, struct box b)
{
	return a.x + a.w <= b.x || b.x + b.w <= a.x || a.y + a.h <= b.y || b.y + b.h <= a.y;
}

static bool label_is_free(const struct work *w, isize flow, struct box label)
{
	for (isize i = 0; i < w->model->of[PART_ELEMENT].count; i++)
		if (!apart(label, w->l->spots[i].box))
			return false;
	for (isize i = 0; i < flow; i++)
		if (w->l->routes[i].drawn && !apart(label, w->l->routes[i].label))
			return false;
	for (isize z = 0; z < w->model->of[PART_ZONE].count; z++) {
		struct box head = w->l->zones[z];
		head.h = ZONE_HEAD / 2;
		head.w = head.w / 2;
		if (!apart(label, head))
			return false;
	}
	return true;
}

/* The id of the flow in the middle of its longest part that has room, over it where it is level. */
static void place_label(struct work *w, isize flow)
{
	enum { LABEL_H = 15, LETTER = 7 };
	struct route *r = &w->l->routes[flow];
	str text = w->model->of[PART_FLOW].list[flow].id;
	int32_t width = (int32_t)utf8_count(text) * LETTER + 6;
	bool crowded = w->model->of[PART_FLOW].count > LABEL_FLOWS ||
		w->model->of[PART_ELEMENT].count > LABEL_FLOWS ||
		w->model->of[PART_ZONE].count > LABEL_FLOWS;

	for (int pass = 0; pass < 4; pass++) {
		int32_t best = -1;
		for (int32_t i = 0; i + 1 < r->points; i++) {
			int32_t dx = r->x[i + 1] - r->x[i], dy = r->y[i + 1] - r->y[i];
			int32_t length = (dx < 0 ? -dx : dx) + (dy < 0 ? -dy : dy);
			int32_t part =
				pass + 2; /* the middle, a third, a quarter, a fifth of the way */
			struct box at = {r->x[i] + dx / part - width / 2,
				r->y[i] + dy / part - LABEL_H / 2, width, LABEL_H};
			if (length > best && (crowded || label_is_free(w, flow, at))) {
				best = length;
				r->label = at;
			}
		}
		if (best >= 0)
			return;
	}
}

/* Widths and heights of the grid's lines, and the tracks between them. */
static bool make_grid(struct work *w)
{
	isize lines = (w->l->columns > w->l->rows ? w->l->columns : w->l->rows) + 2;

	w->column_w = room_for(w, lines, (isize)sizeof *w->column_w);
	w->column_x = room_for(w, lines, (isize)sizeof *w->column_x);
	w->row_h = room_for(w, lines, (isize)sizeof *w->row_h);
	w->row_y = room_for(w, lines, (isize)sizeof *w->row_y);
	w->channel_tracks = room_for(w, lines, (isize)sizeof *w->channel_tracks);
	w->gap_tracks = room_for(w, lines, (isize)sizeof *w->gap_tracks);
	return w->column_w && w->column_x && w->row_h && w->row_y && w->channel_tracks &&
		w->gap_tracks;
}

/* In pixels: along the grid, or as a person placed it. */
static bool draw(struct work *w)
{
	if (!layout_is_by_hand(w->model)) {
		draw_routes(w);
		return draw_zones(w);
	}
	if (!layout_by_hand(w->arena, w->err, w->model, w->l) || !draw_zones(w))
		return false;
	layout_measure_by_hand(w->model, w->l);
	return true;
}

bool layout_make(struct arena *a, struct err *e, const struct model *m, struct layout **out)
{
	struct work w = {.arena = a, .err = e, .model = m, .l = NEW(a, struct layout, 1)};
	isize elements = m->of[PART_ELEMENT].count;

	w.l->spots = room_for(&w, elements, (isize)sizeof *w.l->spots);
	w.l->zones = room_for(&w, m->of[PART_ZONE].count, (isize)sizeof *w.l->zones);
	w.l->routes = room_for(&w, m->of[PART_FLOW].count, (isize)sizeof *w.l->routes);
	if (!w.l->spots || !w.l->zones || !w.l->routes || !make_blocks(&w) || !place_blocks(&w))
		return false;
	place_elements(&w);
	if (!make_grid(&w) || !sort_elements(&w) || !route_flows(&w))
		return false;
	measure(&w);
	if (!draw(&w))
		return false;
	for (isize i = 0; i < m->of[PART_FLOW].count; i++)
		if (w.l->routes[i].drawn)
			place_label(&w, i);
	*out = w.l;
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
