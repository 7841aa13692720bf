/* What the graph says in numbers: controls shown to work, threats undecided. */
#include "trace/trace_in.h"

static bool has_evidence(const struct graph *g, int32_t test)
{
	struct ends ends = graph_ends(g, EDGE_EVIDENCE, test);

	for (int32_t i = 0; i < ends.count; i++)
		if (evidence_holds(g, ends.node[i]))
			return true;
	return false;
}

static bool requirement_is_shown(const struct graph *g, int32_t requirement)
{
	struct ends tests = graph_ends(g, EDGE_TESTS, requirement);
	bool shown = false;

	for (int32_t i = 0; i < tests.count; i++) {
		const struct node *t = g->node[tests.node[i]];
		if (t->result == TEST_RESULT_FAIL)
			return false;
		shown |= test_passed(t) && has_evidence(g, tests.node[i]);
	}
	return shown;
}

/* A control belongs to its product, or where it names none to those of its requirements. */
static bool control_is_of(
	const struct graph *g, int32_t control, struct ends requirements, str product)
{
	return g->node[control]->product.n
		? of_product(g, product, &control, 1)
		: of_product(g, product, requirements.node, requirements.count);
}

bool control_evidence(struct call *c, str product, int64_t *shown, int64_t *total)
{
	struct graph g;

	*shown = *total = 0;
	if (!graph_load(c, &g))
		return false;
	for (int32_t k = g.first[LAYER_CONTROL]; k < g.first[LAYER_CONTROL + 1]; k++) {
		const struct node *x = g.node[k];
		struct ends requirements = graph_ends(&g, EDGE_REQUIREMENTS, k);
		if (x->state != CONTROL_STATE_OPERATING || x->domain != CONTROL_DOMAIN_PRODUCT ||
			!control_is_of(&g, k, requirements, product))
			continue;
		bool all = requirements.count > 0;
		for (int32_t i = 0; all && i < requirements.count; i++)
			all = requirement_is_shown(&g, requirements.node[i]);
		*shown += all;
		*total += 1;
	}
	return true;
}

/* A threat belongs to its product, or where it names none to those of its risks. */
static bool threat_is_of(const struct graph *g, int32_t threat, str product)
{
	struct ends risks = graph_ends(g, EDGE_RISKS, threat);

	return g->node[threat]->product.n ? of_product(g, product, &threat, 1)
					  : of_product(g, product, risks.node, risks.count);
}

bool threats_undecided(struct call *c, str product, int64_t *open, int64_t *total)
{
	struct graph g;

	*open = *total = 0;
	if (!graph_load(c, &g))
		return false;
	for (int32_t t = g.first[LAYER_THREAT]; t < g.first[LAYER_THREAT + 1]; t++) {
		if (!threat_is_of(&g, t, product))
			continue;
		enum threat_answer answer = threat_answer(&g, t);
		*open += answer == THREAT_OPEN;
		*total += answer != THREAT_NOT_APPLICABLE;
	}
	return true;
}

bool trace_ratings(struct call *c, str product, const struct risk_rated **out, isize *count)
{
	struct risk_rated *list;
	struct graph g;

	*count = 0;
	if (!graph_load(c, &g))
		return false;
	int32_t begin = g.first[LAYER_RISK], end = g.first[LAYER_RISK + 1];
	*out = list = NEW(c->arena, struct risk_rated, end - begin + 1);
	for (int32_t i = begin; i < end; i++)
		if (product.n == 0 || str_eq(g.node[i]->product, product))
			list[(*count)++] = g.node[i]->ratings;
	return true;
}
