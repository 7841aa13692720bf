/* The records and links of the chains, loaded at once. */
#include "trace/trace_in.h"

struct slot {
	str ref;
	int32_t node;
};
/* References to nodes: open addressing, at most half full. */
struct index {
	struct slot *slot;
	uint64_t mask;
};

static const int layer_kind[LAYERS] = {KIND_THREAT, KIND_RISK, KIND_CONTROL, KIND_REQUIREMENT,
	KIND_TEST, KIND_EVIDENCE, KIND_ELEMENT, KIND_FLOW};

struct edge_rule {
	str type;
	enum layer up, down;
	bool from_is_up;
};
static const struct edge_rule edge_rule[EDGES] = {
	[EDGE_RISKS] = {S_INIT("raises"), LAYER_THREAT, LAYER_RISK, true},
	[EDGE_COUNTERS] = {S_INIT("counters"), LAYER_THREAT, LAYER_CONTROL, false},
	[EDGE_TREATS] = {S_INIT("treats"), LAYER_RISK, LAYER_CONTROL, false},
	[EDGE_REQUIREMENTS] = {S_INIT("refines"), LAYER_CONTROL, LAYER_REQUIREMENT, false},
	[EDGE_TESTS] = {S_INIT("verifies"), LAYER_REQUIREMENT, LAYER_TEST, false},
	[EDGE_EVIDENCE] = {S_INIT("shows"), LAYER_TEST, LAYER_EVIDENCE, false},
	[EDGE_TARGETS] = {S_INIT("targets"), LAYER_THREAT, LAYER_ELEMENT, true}};

static bool is_over(enum layer layer, int state)
{
	switch (layer) {
	case LAYER_THREAT:
		return state == THREAT_STATE_GONE;
	case LAYER_CONTROL:
		return state == CONTROL_STATE_RETIRED;
	case LAYER_REQUIREMENT:
		return state == REQUIREMENT_STATE_RETIRED;
	case LAYER_TEST:
		return state == TEST_STATE_RETIRED;
	case LAYER_ELEMENT:
		return state == ELEMENT_STATE_RETIRED;
	case LAYER_FLOW:
		return state == FLOW_STATE_RETIRED;
	case LAYER_RISK:
	case LAYER_EVIDENCE:
	case LAYERS:
		break;
	}
	return false;
}

static bool load_nodes(struct call *c, unsigned layers, struct graph *g)
{
	struct query all = {.limit = LIMIT_LIST_ROWS};
	struct list list[LAYERS] = {{0}};
	isize total = 0;

	for (int i = 0; i < LAYERS; i++) {
		if (!(layers & LAYER_BIT(i)))
			continue;
		if (!kind_list(c, &kinds[layer_kind[i]], &all, &list[i]))
			return false;
		total += list[i].count;
	}
	g->node = NEW(c->arena, const struct rec *, total + 1);
	g->has_source = NEW(c->arena, bool, total + 1);
	for (int i = 0; i < LAYERS; i++) {
		g->first[i] = g->count;
		for (isize n = 0; n < list[i].count; n++) {
			const struct rec *r = list[i].item[n];
			if (!is_over((enum layer)i, r->state))
				g->node[g->count++] = r;
		}
	}
	g->first[LAYERS] = g->count;
	return true;
}

static struct slot *slot_of(const struct index *x, str ref)
{
	uint64_t i = str_hash(ref) & x->mask;

	while (x->slot[i].ref.n && !str_eq(x->slot[i].ref, ref))
		i = (i + 1) & x->mask;
	return &x->slot[i];
}

static void make_index(struct call *c, const struct graph *g, struct index *x)
{
	uint64_t size = 16;

	while (size < (uint64_t)g->count * 2)
		size *= 2;
	x->slot = NEW(c->arena, struct slot, (isize)size);
	x->mask = size - 1;
	for (int32_t i = 0; i < g->count; i++)
		*slot_of(x, g->node[i]->ref) = (struct slot){g->node[i]->ref, i};
}

/* -1 when the caller may not read it, it is over, or of no layer loaded. */
static int32_t node_of(const struct index *x, str ref)
{
	const struct slot *s = slot_of(x, ref);

	return s->ref.n ? s->node : -1;
}

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
	isize count, max;
};

/* Links from the lower end to the upper one also say that the lower one has a source; so do two
   types that are no part of a chain. */
static void take_link(
	struct graph *g, const struct index *x, const struct rows *r, struct found_list *out)
{
	str type = rows_str(r, 0);
	int32_t from = node_of(x, rows_str(r, 1)), to = node_of(x, rows_str(r, 2));

	if (from >= 0 && in_layer(g, LAYER_REQUIREMENT, from) &&
		(str_eq(type, S("satisfies")) || str_eq(type, S("part_of"))))
		g->has_source[from] = true;
	for (int e = 0; e < EDGES; e++) {
		const struct edge_rule *rule = &edge_rule[e];
		if (!str_eq(type, rule->type))
			continue;
		int32_t up = rule->from_is_up ? from : to, down = rule->from_is_up ? to : from;
		if (down >= 0 && in_layer(g, rule->down, down))
			g->has_source[down] = true;
		if (fits(g, rule, up, down))
			out->item[out->count++] = (struct found){e, up, down};
	}
}

/*
 * Links are read here as pairs and not with link_list_type(), which makes a brief of each end: the
 * records are loaded already, and a link counts only when both ends are among them, so rights are
 * those of kind_list().
 */
static bool read_links(
	struct call *c, struct graph *g, const struct index *x, struct found_list *out)
{
	struct rows r;
	int64_t at = c->at_us == TIME_NONE ? INT64_MAX : c->at_us;

	out->max = (isize)db_int(c->db,
		SQL("SELECT count(*) FROM link WHERE type IN ('raises', 'counters', 'treats', "
		    "'refines',"
		    " 'verifies', 'shows', 'targets', 'satisfies', 'part_of') AND since <= $1"
		    " AND (until IS NULL OR until > $1)"),
		V(at));
	if (!db_ok(c->db))
		return false;
	if (out->max > TRACE_LINKS_MAX)
		return FAIL(&c->err, ERR_LIMIT, "more than %d links: more than this page takes",
			TRACE_LINKS_MAX);
	out->item = NEW(c->arena, struct found, out->max + 1);
	db_query(c->db, &r,
		SQL("SELECT type, from_ref, to_ref FROM link WHERE type IN ('raises', 'counters', "
		    "'treats',"
		    " 'refines', 'verifies', 'shows', 'targets', 'satisfies', 'part_of') AND since "
		    "<= $1"
		    " AND (until IS NULL OR until > $1)"
		    " ORDER BY length(from_ref), from_ref, length(to_ref), to_ref LIMIT 400000"),
		V(at));
	for (isize n = 0; n < out->max && rows_next(&r); n++)
		take_link(g, x, &r, out);
	return rows_done(&r);
}

/* A stable distribution by the upper end: the lower ends keep the order of the statement. */
static void make_edges(struct call *c, struct graph *g, const struct found_list *all, int edge)
{
	struct edges *e = &g->edge[edge];
	int32_t total = 0;

	e->start = NEW(c->arena, int32_t, g->count + 2);
	for (isize i = 0; i < all->count; i++)
		if (all->item[i].edge == edge)
			e->start[all->item[i].up + 2]++;
	for (int32_t i = 0; i < g->count; i++) {
		total += e->start[i + 2];
		e->start[i + 2] = total;
	}
	e->down = NEW(c->arena, int32_t, total + 1);
	for (isize i = 0; i < all->count; i++)
		if (all->item[i].edge == edge)
			e->down[e->start[all->item[i].up + 1]++] = all->item[i].down;
}

bool graph_load(struct call *c, unsigned layers, struct graph *g)
{
	struct found_list found = {0};
	struct index x;

	*g = (struct graph){.today = day_of_time(c->at_us == TIME_NONE ? c->now_us : c->at_us)};
	if (!load_nodes(c, layers, g))
		return false;
	make_index(c, g, &x);
	if (!read_links(c, g, &x, &found))
		return false;
	for (int e = 0; e < EDGES; e++)
		make_edges(c, g, &found, e);
	return true;
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
	const struct risk *r = (const struct risk *)g->node[risk];

	if (r->rec.state == RISK_STATE_CLOSED)
		return true;
	return r->rec.state == RISK_STATE_ACCEPTED &&
		(r->acceptance_until == DAY_NONE || r->acceptance_until >= g->today);
}

enum threat_answer threat_answer(const struct graph *g, int32_t threat)
{
	const struct threat *t = (const struct threat *)g->node[threat];
	struct ends risks = graph_ends(g, EDGE_RISKS, threat);
	bool is_out = t->rec.state == THREAT_STATE_NOT_APPLICABLE || t->applies == ANSWER_NO;
	bool accepted = risks.count > 0;

	if (is_out && str_trim(t->reason).n)
		return THREAT_NOT_APPLICABLE;
	if (t->rec.state == THREAT_STATE_ANSWERED || t->rec.state == THREAT_STATE_CLOSED ||
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
	const struct evidence *e = (const struct evidence *)g->node[evidence];

	return (e->rec.state == EVIDENCE_STATE_SUBMITTED ||
		       e->rec.state == EVIDENCE_STATE_REVIEWED ||
		       e->rec.state == EVIDENCE_STATE_ACCEPTED) &&
		(e->valid_until == DAY_NONE || e->valid_until >= g->today);
}

bool test_passed(const struct test *t)
{
	return t->result == TEST_RESULT_PASS || t->result == TEST_RESULT_PASS_WITH_FINDINGS;
}

struct brief rec_brief(const struct rec *r)
{
	return (struct brief){.kind = r->kind,
		.ref = r->ref,
		.title = r->title,
		.state = r->kind->state[r->state].label,
		.owner = r->owner,
		.product = r->product,
		.review_due = r->review_due,
		.changed = r->since};
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
