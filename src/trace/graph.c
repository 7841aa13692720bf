/* The chains as a graph: what one caller may read of the records and links. */
#include "trace/trace_in.h"

enum { MEMORY_BYTES = 256 << 20 };

struct edge_rule {
	enum layer up, down;
	bool from_is_up;
};
static const struct edge_rule edge_rule[EDGES] = {[EDGE_RISKS] = {LAYER_THREAT, LAYER_RISK, true},
	[EDGE_COUNTERS] = {LAYER_THREAT, LAYER_CONTROL, false},
	[EDGE_TREATS] = {LAYER_RISK, LAYER_CONTROL, false},
	[EDGE_REQUIREMENTS] = {LAYER_CONTROL, LAYER_REQUIREMENT, false},
	[EDGE_TESTS] = {LAYER_REQUIREMENT, LAYER_TEST, false},
	[EDGE_EVIDENCE] = {LAYER_TEST, LAYER_EVIDENCE, false},
	[EDGE_TARGETS] = {LAYER_THREAT, LAYER_ELEMENT, true}};

static bool is_over(const struct node *n)
{
	switch (n->layer) {
	case LAYER_THREAT:
		return n->state == THREAT_STATE_GONE;
	case LAYER_CONTROL:
		return n->state == CONTROL_STATE_RETIRED;
	case LAYER_REQUIREMENT:
		return n->state == REQUIREMENT_STATE_RETIRED;
	case LAYER_TEST:
		return n->state == TEST_STATE_RETIRED;
	case LAYER_ELEMENT:
		return n->state == ELEMENT_STATE_RETIRED;
	case LAYER_FLOW:
		return n->state == FLOW_STATE_RETIRED;
	case LAYER_RISK:
	case LAYER_EVIDENCE:
	case LAYERS:
		break;
	}
	return false;
}

/* ---- nodes ---- */

/* By layer, then by reference as people count: THR-9 before THR-10. */
static int by_reference(const void *a, const void *b)
{
	const struct node *x = *(const struct node *const *)a, *y = *(const struct node *const *)b;

	if (x->layer != y->layer)
		return x->layer < y->layer ? -1 : 1;
	if (x->ref.n != y->ref.n)
		return x->ref.n < y->ref.n ? -1 : 1;
	return str_cmp(x->ref, y->ref);
}

static bool may_see(const struct call *c, const struct node *n)
{
	return standing_seen(c, &n->now);
}

/* Those that are not over, of `all` when that has them in order already, else of the store. */
static void pick_nodes(const struct chain_store *s, const struct graph *all,
	const struct call *reader, struct graph *g)
{
	int32_t count = all ? all->count : s->count;

	for (int32_t i = 0; i < count; i++) {
		const struct node *n = all ? all->node[i] : &s->node[i];
		if (!is_over(n) && (!reader || may_see(reader, n)))
			g->node[g->count++] = n;
	}
	if (!all)
		qsort(g->node, (size_t)g->count, sizeof *g->node, by_reference);
}

/* `reader` NULL sees all.  place[i] is where node i of the store went, -1: nowhere. */
static bool make_nodes(struct call *c, struct arena *a, const struct chain_store *s,
	const struct graph *all, const struct call *reader, struct graph *g, int32_t **place)
{
	g->node = arena_bulk(a, (s->count + 1) * (isize)sizeof(struct node *));
	g->has_source = arena_bulk(a, s->count + 1);
	*place = arena_bulk(c->arena, (s->count + 1) * (isize)sizeof **place);
	if (!g->node || !g->has_source || !*place)
		return FAIL(&c->err, ERR_LIMIT, "more records than fit in memory here");
	memset(g->has_source, 0, (size_t)s->count + 1);
	for (int32_t i = 0; i < s->count; i++)
		(*place)[i] = -1;
	pick_nodes(s, all, reader, g);
	for (int32_t i = 0; i < g->count; i++) {
		(*place)[g->node[i] - s->node] = i;
		g->first[g->node[i]->layer + 1] = i + 1;
	}
	for (int i = 1; i <= LAYERS; i++)
		if (g->first[i] < g->first[i - 1])
			g->first[i] = g->first[i - 1];
	return true;
}

/* ---- edges ---- */

static bool in_layer(const struct graph *g, enum layer layer, int32_t node)
{
	return node >= g->first[layer] && node < g->first[layer + 1];
}

static bool fits(const struct graph *g, const struct edge_rule *rule, int32_t up, int32_t down)
{
	if (!in_layer(g, rule->up, up))
		return false;
	return in_layer(g, rule->down, down) ||
		(rule->down == LAYER_ELEMENT && in_layer(g, LAYER_FLOW, down));
}

struct found {
	int32_t edge, up, down;
};
struct found_list {
	struct found *item;
	int32_t count;
};

/* Links from the lower end to the upper one also say that the lower one has a source; so do two
   types that are not part of a chain. */
static void take_link(
	struct graph *g, const int32_t *place, const struct half_link *l, struct found_list *out)
{
	int32_t from = place[l->from], to = l->to < 0 ? -1 : place[l->to];

	if (l->edge == EDGES) {
		if (from >= 0 && in_layer(g, LAYER_REQUIREMENT, from))
			g->has_source[from] = true;
		return;
	}
	const struct edge_rule *rule = &edge_rule[l->edge];
	int32_t up = rule->from_is_up ? from : to, down = rule->from_is_up ? to : from;
	if (down >= 0 && in_layer(g, rule->down, down))
		g->has_source[down] = true;
	if (fits(g, rule, up, down))
		out->item[out->count++] = (struct found){l->edge, up, down};
}

/* By the lower end, so that the distribution by upper end leaves each list in order. */
static void sort_by_down(struct found_list *all, struct found *sorted, int32_t *start, int32_t n)
{
	memset(start, 0, ((size_t)n + 1) * sizeof *start);
	for (int32_t i = 0; i < all->count; i++)
		start[all->item[i].down + 1]++;
	for (int32_t i = 0; i < n; i++)
		start[i + 1] += start[i];
	for (int32_t i = 0; i < all->count; i++)
		sorted[start[all->item[i].down]++] = all->item[i];
	all->item = sorted;
}

static bool make_edge(
	struct call *c, struct arena *a, struct graph *g, const struct found_list *all, int edge)
{
	struct edges *e = &g->edge[edge];
	int32_t total = 0;

	e->start = arena_bulk(a, (g->count + 2) * (isize)sizeof *e->start);
	if (e->start)
		memset(e->start, 0, ((size_t)g->count + 2) * sizeof *e->start);
	for (int32_t i = 0; e->start && i < all->count; i++)
		if (all->item[i].edge == edge) {
			e->start[all->item[i].up + 2]++;
			total++;
		}
	e->down = arena_bulk(a, (total + 1) * (isize)sizeof *e->down);
	if (!e->start || !e->down)
		return FAIL(&c->err, ERR_LIMIT, "more links than fit in memory here");
	for (int32_t i = 0; i < g->count; i++)
		e->start[i + 2] += e->start[i + 1];
	for (int32_t i = 0; i < all->count; i++)
		if (all->item[i].edge == edge)
			e->down[e->start[all->item[i].up + 1]++] = all->item[i].down;
	return true;
}

static bool make_edges(struct call *c, struct arena *a, const struct chain_store *s,
	const int32_t *place, struct graph *g)
{
	isize bytes = (s->link_count + 1) * (isize)sizeof(struct found);
	struct found_list found = {arena_bulk(c->arena, bytes), 0};
	struct found *sorted = arena_bulk(c->arena, bytes);
	int32_t *start = arena_bulk(c->arena, (g->count + 1) * (isize)sizeof *start);

	if (!found.item || !sorted || !start)
		return FAIL(&c->err, ERR_LIMIT, "more links than fit in memory here");
	for (int32_t i = 0; i < s->link_count; i++)
		take_link(g, place, &s->link[i], &found);
	sort_by_down(&found, sorted, start, g->count);
	for (int e = 0; e < EDGES; e++)
		if (!make_edge(c, a, g, &found, e))
			return false;
	return true;
}

/* The graph into `a`, what is only needed on the way into the arena of the call. */
static bool make_graph(struct call *c, struct arena *a, const struct chain_store *s,
	const struct graph *all, const struct call *reader, struct graph *g)
{
	int32_t *place;

	*g = (struct graph){0};
	return make_nodes(c, a, s, all, reader, g, &place) && make_edges(c, a, s, place, g);
}

/* ---- what a thread remembers ---- */

enum { READERS_MAX = 8 };

/* The graph of those who may see what `who` may: see reader_key(). */
struct reader {
	str who;
	struct graph graph;
};

struct trace_memory {
	struct arena records, graphs;
	struct chain_store store;
	struct graph whole; /* for those who may read everything */
	struct reader reader[READERS_MAX];
	int reader_count;
	int64_t size;    /* of the ledger that this is the state of; 0: of none */
	bool is_current; /* was brought up in this call */
	isize loaded;    /* bytes of records after they were read as a whole */
};

struct trace_memory *trace_memory_new(struct arena *a)
{
	struct trace_memory *m = NEW(a, struct trace_memory, 1);

	arena_open(&m->records, MEMORY_BYTES);
	arena_open(&m->graphs, MEMORY_BYTES);
	return m;
}

void trace_memory_begin(struct trace_memory *m)
{
	m->is_current = false;
}

static void forget_graphs(struct trace_memory *m)
{
	arena_reset(&m->graphs);
	m->reader_count = 0;
}

void trace_memory_clear(struct trace_memory *m)
{
	m->size = 0;
	m->is_current = false;
	arena_reset(&m->records);
	forget_graphs(m);
}

/* Records read anew leave waste behind: the whole is read again when it is most of the memory. */
static bool is_worn(const struct trace_memory *m, int64_t size)
{
	return m->size == 0 || size < m->size || size - m->size > CHAIN_CHANGES_MAX ||
		m->records.used > m->loaded * 2 + ARENA_RESERVE;
}

static bool bring_up(struct call *c, struct trace_memory *m)
{
	int64_t size, was = m->size;
	bool ok;

	if (m->is_current)
		return true;
	size = db_int(c->db, SQL("SELECT max(seq) + 1 FROM entry"));
	if (!db_ok(c->db))
		return false;
	m->is_current = true;
	if (size == was && size)
		return true;
	bool all = is_worn(m, size), moved = true;
	m->size = 0;
	m->is_current = false;
	if (all) {
		forget_graphs(m);
		arena_reset(&m->records);
		ok = chain_store_load(c, &m->records, INT64_MAX, &m->store);
		m->loaded = m->records.used;
	} else {
		ok = chain_store_update(c, &m->records, was, &m->store, &moved);
	}
	if (moved)
		forget_graphs(m);
	if (!ok || (moved && !make_graph(c, &m->graphs, &m->store, NULL, NULL, &m->whole)))
		return false;
	m->size = size;
	m->is_current = true;
	return true;
}

static bool sees_all(struct call *c)
{
	const str *product;
	bool all;

	call_scope(c, CAN_RESTRICTED_READ, &all, &product);
	for (int i = 0; all && i < LAYERS; i++)
		call_scope(c, kinds[layer_kind((enum layer)i)].can_read, &all, &product);
	return all;
}

static void put_sized(struct buf *b, str s)
{
	buf_int(b, s.n);
	buf_char(b, ' ');
	buf_add(b, s);
}

/* All that standing_seen() goes by of the one who asks, as this request found it: equal keys see
   the same records. */
static str reader_key(struct call *c)
{
	const struct who *w = &c->who;
	struct buf b;

	buf_init(&b, c->arena, INT32_MAX);
	buf_char(&b, w->is_system ? 's' : 'p');
	put_sized(&b, w->ref);
	buf_int(&b, w->grant_count);
	for (isize i = 0; i < w->grant_count; i++) {
		const struct grant *g = &w->grant[i];
		put_sized(&b, (str){(const char *)g->right, (isize)sizeof g->right});
		put_sized(&b, g->role);
		put_sized(&b, g->product);
	}
	buf_int(&b, w->team_count);
	for (isize i = 0; i < w->team_count; i++)
		put_sized(&b, w->team[i]);
	return buf_str(&b);
}

/* The first readers since the ledger moved are remembered; whoever comes later gets their own. */
static bool reader_graph(struct call *c, struct trace_memory *m, struct graph *g)
{
	str who = reader_key(c);

	for (int i = 0; i < m->reader_count; i++)
		if (str_eq(m->reader[i].who, who)) {
			*g = m->reader[i].graph;
			return true;
		}
	if (m->reader_count == READERS_MAX || arena_room(&m->graphs) < MEMORY_BYTES / 2)
		return make_graph(c, c->arena, &m->store, &m->whole, c, g);
	if (!make_graph(c, &m->graphs, &m->store, &m->whole, c, g))
		return false;
	m->reader[m->reader_count++] = (struct reader){str_dup(&m->graphs, who), *g};
	return true;
}

bool graph_load(struct call *c, struct graph *g)
{
	int64_t day = day_of_time(c->at_us == TIME_NONE ? c->now_us : c->at_us);
	struct chain_store store;
	bool ok;

	if (!c->memory || c->at_us != TIME_NONE)
		ok = chain_store_load(
			     c, c->arena, c->at_us == TIME_NONE ? INT64_MAX : c->at_us, &store) &&
			make_graph(c, c->arena, &store, NULL, c, g);
	else if (!bring_up(c, c->memory))
		ok = false;
	else if (sees_all(c)) {
		*g = c->memory->whole;
		ok = true;
	} else {
		ok = reader_graph(c, c->memory, g);
	}
	g->today = day;
	return ok;
}

struct ends graph_ends(const struct graph *g, enum edge e, int32_t node)
{
	const struct edges *x = &g->edge[e];

	assert(node >= 0 && node < g->count);
	return (struct ends){x->down + x->start[node], x->start[node + 1] - x->start[node]};
}

bool graph_joined(const struct graph *g, enum edge e, int32_t up, int32_t down)
{
	struct ends ends = graph_ends(g, e, up);

	for (int32_t i = 0; i < ends.count; i++)
		if (ends.node[i] == down)
			return true;
	return false;
}

/* ---- what the records say ---- */

/* A closed risk was accepted before, or found not relevant. */
bool risk_is_accepted(const struct graph *g, int32_t risk)
{
	const struct node *r = g->node[risk];

	if (r->state == RISK_STATE_CLOSED)
		return true;
	return r->state == RISK_STATE_ACCEPTED && (r->until == DAY_NONE || r->until >= g->today);
}

enum threat_answer threat_answer(const struct graph *g, int32_t threat)
{
	const struct node *t = g->node[threat];
	struct ends risks = graph_ends(g, EDGE_RISKS, threat);
	bool is_out = t->state == THREAT_STATE_NOT_APPLICABLE || t->applies == ANSWER_NO;
	bool accepted = risks.count > 0;

	if (is_out && t->has_reason)
		return THREAT_NOT_APPLICABLE;
	if (t->state == THREAT_STATE_ANSWERED || t->state == THREAT_STATE_CLOSED ||
		graph_ends(g, EDGE_COUNTERS, threat).count)
		return THREAT_HANDLED;
	for (int32_t i = 0; i < risks.count; i++) {
		if (graph_ends(g, EDGE_TREATS, risks.node[i]).count)
			return THREAT_HANDLED;
		accepted &= risk_is_accepted(g, risks.node[i]);
	}
	return accepted ? THREAT_HANDLED : THREAT_OPEN;
}

bool evidence_holds(const struct graph *g, int32_t evidence)
{
	const struct node *e = g->node[evidence];

	return (e->state == EVIDENCE_STATE_SUBMITTED || e->state == EVIDENCE_STATE_REVIEWED ||
		       e->state == EVIDENCE_STATE_ACCEPTED) &&
		(e->until == DAY_NONE || e->until >= g->today);
}

bool test_passed(const struct node *t)
{
	return t->result == TEST_RESULT_PASS || t->result == TEST_RESULT_PASS_WITH_FINDINGS;
}

struct brief node_brief(const struct node *n)
{
	const struct kind *k = node_kind(n);

	return (struct brief){.kind = k,
		.ref = n->ref,
		.title = n->title,
		.state = k->state[n->state].label,
		.owner = n->owner,
		.product = n->product,
		.review_due = n->review_due,
		.changed = n->since};
}

bool of_product(const struct graph *g, str product, const int32_t *node, isize count)
{
	bool is_bound = false;

	if (product.n == 0)
		return true;
	for (isize i = 0; i < count; i++) {
		if (node[i] < 0)
			continue;
		if (str_eq(g->node[node[i]]->product, product))
			return true;
		is_bound |= g->node[node[i]]->product.n > 0;
	}
	return !is_bound;
}
