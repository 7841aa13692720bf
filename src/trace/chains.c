/* The chains: every path through the graph, then the rows that were asked for. */
#include "trace/trace_in.h"

enum { PATH = LAYER_EVIDENCE + 1 };

/* A path in the making; -1 where there is no record. */
struct path {
	int32_t node[PATH];
	enum chain_break given; /* what it is called however it goes on, or CHAIN_WHOLE */
};
/* Where one ended. */
struct ended {
	int32_t node[PATH];
	enum chain_break where;
};
struct walk {
	const struct graph *g;
	str product;
	bool *seen; /* controls and requirements that a path held */
	struct arena *arena;
	struct ended *path; /* in the order they were walked */
	isize count, room;
	bool full;
};

static const struct path nothing = {{-1, -1, -1, -1, -1, -1}, CHAIN_WHOLE};

/* "no decision", "test failed", …; "" for CHAIN_WHOLE. */
static str chain_word(enum chain_break where)
{
	static const str words[CHAIN_BREAKS] = {[CHAIN_WHOLE] = S_INIT(""),
		[CHAIN_NO_DECISION] = S_INIT("no decision"),
		[CHAIN_NO_CONTROL] = S_INIT("no control"),
		[CHAIN_TEST_FAILED] = S_INIT("test failed"),
		[CHAIN_NO_REQUIREMENT] = S_INIT("no requirement"),
		[CHAIN_NO_TEST] = S_INIT("no test"),
		[CHAIN_NOT_TESTED] = S_INIT("not tested yet"),
		[CHAIN_NO_EVIDENCE] = S_INIT("no evidence"),
		[CHAIN_NO_SOURCE] = S_INIT("requirement without source"),
		[CHAIN_CONTROL_ALONE] = S_INIT("control without threat or risk")};

	assert(where >= 0 && where < CHAIN_BREAKS);
	return words[where];
}

static void add_path(struct walk *w, const struct path *p, enum chain_break where)
{
	if (w->count == w->room) {
		isize room = w->room * 2 + 256;
		struct ended *more = arena_bulk(w->arena, room * (isize)sizeof *more);
		if (!more || w->count >= TRACE_ROWS_MAX) {
			w->full = true;
			return;
		}
		if (w->count)
			memcpy(more, w->path, (size_t)w->count * sizeof *more);
		w->path = more;
		w->room = room;
	}
	memcpy(w->path[w->count].node, p->node, sizeof p->node);
	w->path[w->count++].where = where;
}

static void end_path(struct walk *w, const struct path *p, enum chain_break where)
{
	if (p->given != CHAIN_WHOLE)
		where = p->given;
	if (of_product(w->g, w->product, p->node, PATH))
		add_path(w, p, where);
}

static void walk_test(struct walk *w, struct path p, int32_t test)
{
	const struct node *t = w->g->node[test];
	struct ends ends = graph_ends(w->g, EDGE_EVIDENCE, test);
	bool held = false;

	p.node[LAYER_TEST] = test;
	if (!test_passed(t)) {
		end_path(w, &p,
			t->result == TEST_RESULT_FAIL ? CHAIN_TEST_FAILED : CHAIN_NOT_TESTED);
		return;
	}
	for (int32_t i = 0; i < ends.count; i++) {
		if (!evidence_holds(w->g, ends.node[i]))
			continue;
		p.node[LAYER_EVIDENCE] = ends.node[i];
		end_path(w, &p, CHAIN_WHOLE);
		held = true;
	}
	if (!held)
		end_path(w, &p, CHAIN_NO_EVIDENCE);
}

static void walk_requirement(struct walk *w, struct path p, int32_t requirement)
{
	struct ends tests = graph_ends(w->g, EDGE_TESTS, requirement);

	p.node[LAYER_REQUIREMENT] = requirement;
	w->seen[requirement] = true;
	for (int32_t i = 0; i < tests.count; i++)
		walk_test(w, p, tests.node[i]);
	if (tests.count == 0)
		end_path(w, &p, CHAIN_NO_TEST);
}

static void walk_control(struct walk *w, struct path p, int32_t control)
{
	struct ends requirements = graph_ends(w->g, EDGE_REQUIREMENTS, control);

	p.node[LAYER_CONTROL] = control;
	w->seen[control] = true;
	for (int32_t i = 0; i < requirements.count; i++)
		walk_requirement(w, p, requirements.node[i]);
	if (requirements.count == 0)
		end_path(w, &p, CHAIN_NO_REQUIREMENT);
}

/* A threat or one of its risks that nothing answers. */
static void end_unanswered(struct walk *w, const struct path *p)
{
	int32_t risk = p->node[LAYER_RISK];

	if (risk >= 0 && risk_is_accepted(w->g, risk))
		end_path(w, p, CHAIN_WHOLE);
	else if (threat_answer(w->g, p->node[LAYER_THREAT]) == THREAT_OPEN)
		end_path(w, p, CHAIN_NO_DECISION);
	else
		end_path(w, p, CHAIN_NO_CONTROL);
}

/* Controls of the threat that treat its risk; else those that treat it; else, when none does, those
   of the threat. */
static void walk_risk(struct walk *w, struct path p, int32_t threat, int32_t risk)
{
	struct ends counters = graph_ends(w->g, EDGE_COUNTERS, threat);
	struct ends treats = graph_ends(w->g, EDGE_TREATS, risk);
	bool found = false;

	p.node[LAYER_RISK] = risk;
	for (int32_t i = 0; i < counters.count; i++)
		if (treats.count == 0 || graph_joined(w->g, EDGE_TREATS, risk, counters.node[i])) {
			walk_control(w, p, counters.node[i]);
			found = true;
		}
	for (int32_t i = 0; !found && i < treats.count; i++)
		walk_control(w, p, treats.node[i]);
	if (!found && treats.count == 0)
		end_unanswered(w, &p);
}

/* Whether walk_risk() put the control beside one of the threat's risks. */
static bool stands_with_risk(const struct graph *g, struct ends risks, int32_t control)
{
	for (int32_t i = 0; i < risks.count; i++)
		if (graph_ends(g, EDGE_TREATS, risks.node[i]).count == 0 ||
			graph_joined(g, EDGE_TREATS, risks.node[i], control))
			return true;
	return false;
}

static void walk_threat(struct walk *w, int32_t threat)
{
	struct ends risks = graph_ends(w->g, EDGE_RISKS, threat);
	struct ends counters = graph_ends(w->g, EDGE_COUNTERS, threat);
	struct path p = nothing;

	p.node[LAYER_THREAT] = threat;
	if (threat_answer(w->g, threat) == THREAT_NOT_APPLICABLE) {
		end_path(w, &p, CHAIN_WHOLE);
		return;
	}
	for (int32_t i = 0; i < risks.count; i++)
		walk_risk(w, p, threat, risks.node[i]);
	for (int32_t i = 0; i < counters.count; i++)
		if (!stands_with_risk(w->g, risks, counters.node[i]))
			walk_control(w, p, counters.node[i]);
	if (risks.count == 0 && counters.count == 0)
		end_unanswered(w, &p);
}

static bool is_of_products(const struct graph *g, int32_t control)
{
	return g->node[control]->domain == CONTROL_DOMAIN_PRODUCT;
}

/* Controls in products that no threat led to: with the risks they treat, or on their own. */
static void walk_other_controls(struct walk *w, bool *by_threat)
{
	const struct graph *g = w->g;
	struct path p = nothing;

	for (int32_t r = g->first[LAYER_RISK]; r < g->first[LAYER_RISK + 1]; r++) {
		struct ends treats = graph_ends(g, EDGE_TREATS, r);
		p.node[LAYER_RISK] = r;
		for (int32_t i = 0; i < treats.count; i++)
			if (is_of_products(g, treats.node[i]) && !by_threat[treats.node[i]])
				walk_control(w, p, treats.node[i]);
	}
	p = nothing;
	for (int32_t k = g->first[LAYER_CONTROL]; k < g->first[LAYER_CONTROL + 1]; k++) {
		p.given = g->has_source[k] ? CHAIN_WHOLE : CHAIN_CONTROL_ALONE;
		if (!w->seen[k] && is_of_products(g, k))
			walk_control(w, p, k);
	}
}

static void walk_other_requirements(struct walk *w)
{
	const struct graph *g = w->g;
	struct path p = nothing;

	for (int32_t q = g->first[LAYER_REQUIREMENT]; q < g->first[LAYER_REQUIREMENT + 1]; q++) {
		p.given = g->has_source[q] ? CHAIN_WHOLE : CHAIN_NO_SOURCE;
		if (!w->seen[q])
			walk_requirement(w, p, q);
	}
}

static void walk_all(struct call *c, struct walk *w)
{
	const struct graph *g = w->g;
	bool *by_threat = NEW(c->arena, bool, g->count + 1);

	w->seen = NEW(c->arena, bool, g->count + 1);
	for (int32_t t = g->first[LAYER_THREAT]; t < g->first[LAYER_THREAT + 1]; t++)
		walk_threat(w, t);
	memcpy(by_threat, w->seen, (size_t)g->count * sizeof *by_threat);
	walk_other_controls(w, by_threat);
	walk_other_requirements(w);
}

static void count_breaks(const struct walk *w, struct trace_counts *counts)
{
	for (isize i = 0; i < w->count; i++)
		counts->by_break[w->path[i].where]++;
	counts->chains = w->count;
	counts->whole = counts->by_break[CHAIN_WHOLE];
	counts->broken = counts->chains - counts->whole;
}

static void put_brief(
	const struct graph *g, const struct ended *p, enum layer layer, struct brief *out)
{
	if (p->node[layer] >= 0)
		*out = node_brief(g->node[p->node[layer]]);
}

static void put_row(const struct graph *g, const struct ended *p, struct chain *row)
{
	put_brief(g, p, LAYER_THREAT, &row->threat);
	put_brief(g, p, LAYER_RISK, &row->risk);
	put_brief(g, p, LAYER_CONTROL, &row->control);
	put_brief(g, p, LAYER_REQUIREMENT, &row->requirement);
	put_brief(g, p, LAYER_TEST, &row->test);
	put_brief(g, p, LAYER_EVIDENCE, &row->evidence);
	row->where = p->where;
	row->words = chain_word(p->where);
}

/* The broken ones take the first places, in the order of the enum; the whole ones follow. */
static void put_rows(const struct walk *w, const struct trace_counts *counts, isize from,
	struct chain *row, isize count)
{
	isize place[CHAIN_BREAKS], next = 0;

	for (int i = 1; i <= CHAIN_BREAKS; i++) {
		place[i % CHAIN_BREAKS] = next;
		next += (isize)counts->by_break[i % CHAIN_BREAKS];
	}
	for (isize i = 0; i < w->count; i++) {
		isize at = place[w->path[i].where]++;
		if (at >= from && at < from + count)
			put_row(w->g, &w->path[i], &row[at - from]);
	}
}

bool trace_chains(struct call *c, const struct chain_query *q, struct chain **out, isize *count,
	struct trace_counts *counts)
{
	struct graph g;
	struct walk w = {.g = &g, .product = q->product, .arena = c->arena};

	assert(q->from >= 0 && q->limit >= 0);
	*out = NULL;
	*count = 0;
	*counts = (struct trace_counts){0};
	if (!graph_load(c, &g))
		return false;
	walk_all(c, &w);
	if (w.full)
		return FAIL(&c->err, ERR_LIMIT, "more than %td chains: choose a product", w.count);
	count_breaks(&w, counts);
	isize rows = (isize)(q->only_broken ? counts->broken : counts->chains) - q->from;
	rows = rows < 0 ? 0 : rows < q->limit ? rows : q->limit;
	if (rows * (isize)sizeof **out > arena_room(c->arena))
		return FAIL(
			&c->err, ERR_LIMIT, "%td chains are more than fit: choose a product", rows);
	*out = NEW(c->arena, struct chain, rows + 1);
	put_rows(&w, counts, q->from, *out, rows);
	*count = rows;
	return true;
}
