/* Criteria, levels, the matrix, and the syntax of CVSS vectors. */
#include "risk/risk.h"
#include "store.h"

/* ---- criteria and levels ---- */

static void store(struct test_case *t, struct call *c, void *rec, const char *ref, str state)
{
	struct rec *r = rec;

	r->ref = r->title = str_of(ref);
	if (state.n)
		r->state = kind_state(r->kind, state);
	assert(r->state >= 0);
	if (!kind_put(c, r, S("test.create")))
		test_fail(t, __FILE__, __LINE__, "%s: %s", ref, c->err.text);
}

static void store_criteria(struct test_case *t, struct call *c, const char *ref, str state)
{
	static struct risk_model_scale scale[] = {
		{.dimension = RISK_DIMENSION_SEVERITY, .level = 1, .label = S_INIT("negligible")},
		{.dimension = RISK_DIMENSION_SEVERITY, .level = 5, .label = S_INIT("catastrophic")},
		{.dimension = RISK_DIMENSION_EXPLOITABILITY, .level = 5, .label = S_INIT("very high")},
		{.dimension = RISK_DIMENSION_PROBABILITY, .level = 1, .label = S_INIT("rare")}};
	/* Exploitability and severity are told apart: the table is not symmetric. */
	static struct risk_model_cell cell[] = {{.exploitability = 1, .severity = 1, .level = S_INIT("Low")},
		{.exploitability = 2, .severity = 3, .level = S_INIT("Medium")},
		{.exploitability = 3, .severity = 2, .level = S_INIT("Low")},
		{.exploitability = 5, .severity = 5, .level = S_INIT("Unacceptable")},
		{.exploitability = 4, .severity = 4, .level = S_INIT("No such level")}};
	static struct risk_model_acceptance level[] = {
		{.level = S_INIT("Low"), .rank = 1, .controlled = true, .release = true},
		{.level = S_INIT("Medium"), .rank = 2, .controlled = true, .release = true},
		{.level = S_INIT("Unacceptable"), .rank = INT_NONE}};
	struct risk_model *m = kind_new(c->arena, &kinds[KIND_RISK_MODEL]);

	m->scale = (struct risk_model_scale_rows){scale, COUNT_OF(scale)};
	m->cell = (struct risk_model_cell_rows){cell, COUNT_OF(cell)};
	m->acceptance = (struct risk_model_acceptance_rows){level, COUNT_OF(level)};
	store(t, c, m, ref, state);
}

static str level_name(const struct criteria *k, int64_t severity, int64_t exploitability)
{
	const struct risk_level *l = criteria_level(k, severity, exploitability);

	return l ? l->name : S("-");
}

TEST(criteria_are_the_effective_ones_and_name_levels, "")
{
	struct call *c = store_open(t, S("2026-09-30T08:00:00Z"));
	struct criteria k;

	CHECK(criteria_load(c, &k));
	CHECK_INT(k.ref.n, 0);
	CHECK_STR(level_name(&k, 1, 1), S("-"));
	store_criteria(t, c, "CRI-1", S("draft"));
	CHECK(criteria_load(c, &k));
	CHECK_INT(k.ref.n, 0);
	store_criteria(t, c, "CRI-2", S("effective"));
	CHECK(criteria_load(c, &k));
	CHECK_STR(k.ref, S("CRI-2"));
	CHECK_INT(k.level_count, 3);
	CHECK_STR(k.severity[5], S("catastrophic"));
	CHECK_STR(k.severity[1], S("negligible"));
	CHECK_STR(k.exploitability[5], S("very high"));
	CHECK_STR(level_name(&k, 3, 2), S("Medium"));
	CHECK_STR(level_name(&k, 2, 3), S("Low"));
	/* No cell, an unknown level, and ratings off the scale have none. */
	CHECK_STR(level_name(&k, 2, 2), S("-"));
	CHECK_STR(level_name(&k, 4, 4), S("-"));
	CHECK_STR(level_name(&k, 0, 1), S("-"));
	CHECK_STR(level_name(&k, 6, 5), S("-"));
	CHECK_STR(level_name(&k, INT_NONE, 1), S("-"));
	CHECK_STR(level_name(&k, 1, INT64_MAX), S("-"));
	store_close(t, c);
}

TEST(levels_have_a_rank_and_a_tint, "")
{
	struct call *c = store_open(t, S("2026-09-30T08:00:00Z"));
	struct criteria k;

	store_criteria(t, c, "CRI-1", S("effective"));
	CHECK(criteria_load(c, &k));
	CHECK_STR(risk_class_word(criteria_level(&k, 1, 1)->class), S("good"));
	CHECK_STR(risk_class_word(criteria_level(&k, 3, 2)->class), S("warn"));
	CHECK_STR(risk_class_word(criteria_level(&k, 5, 5)->class), S("bad"));
	CHECK_STR(risk_class_word(RISK_CLASS_NONE), S(""));
	CHECK_INT(criteria_level(&k, 5, 5)->rank, 3); /* its place, where no rank is given */
	CHECK(!criteria_level(&k, 5, 5)->release);
	store_close(t, c);
}

/* ---- the matrix ---- */

static void store_risk(struct test_case *t, struct call *c, const char *ref, str state, str product,
	int before, int after)
{
	struct risk *r = kind_new(c->arena, &kinds[KIND_RISK]);

	r->domain = RISK_DOMAIN_PRODUCT_SECURITY;
	r->rec.owner = S("P01");
	r->rec.product = product;
	if (before) {
		r->inherent_severity = before / 10;
		r->inherent_exploitability = before % 10;
	}
	if (after) {
		r->residual_severity = after / 10;
		r->residual_exploitability = after % 10;
	}
	store(t, c, r, ref, state);
}

static struct call *open_risks(struct test_case *t)
{
	struct call *c = store_open(t, S("2026-09-30T08:00:00Z"));

	store_criteria(t, c, "CRI-1", S("effective"));
	store(t, c, kind_new(c->arena, &kinds[KIND_PERSON]), "P01", S(""));
	store(t, c, kind_new(c->arena, &kinds[KIND_PRODUCT]), "PRD-1", S(""));
	store(t, c, kind_new(c->arena, &kinds[KIND_PRODUCT]), "PRD-2", S(""));
	store_risk(t, c, "RSK-1", S("accepted"), S("PRD-1"), 55, 11);
	store_risk(t, c, "RSK-2", S("treated"), S("PRD-1"), 55, 32);
	store_risk(t, c, "RSK-3", S("treated"), S("PRD-2"), 55, 55);
	store_risk(t, c, "RSK-4", S("identified"), S(""), 0, 0);
	return c;
}

TEST(the_matrix_counts_before_and_after_treatment, "")
{
	struct call *c = open_risks(t);
	struct risk_matrix m;

	CHECK(risk_matrix(c, S(""), RISK_BEFORE, &m));
	CHECK_INT(m.cell[5][5].count, 3);
	CHECK_INT(m.cell[1][1].count, 0);
	CHECK(risk_matrix(c, S(""), RISK_AFTER, &m));
	CHECK_INT(m.cell[5][5].count, 1);
	CHECK_INT(m.cell[1][1].count, 1);
	CHECK_INT(m.cell[3][2].count, 1);
	CHECK_INT(m.cell[2][3].count, 0);
	CHECK_STR(m.cell[3][2].level, S("Medium"));
	CHECK_STR(m.cell[2][2].level, S(""));
	CHECK_INT(m.total, 4);
	CHECK_INT(m.above, 1);
	CHECK_INT(m.waiting, 3);
	CHECK(risk_matrix(c, S("PRD-1"), RISK_AFTER, &m));
	CHECK_INT(m.total, 2);
	CHECK_INT(m.above, 0);
	CHECK_INT(m.waiting, 1);
	store_close(t, c);
}

TEST(a_risk_whose_treatment_is_not_rated_stands_where_it_was, "")
{
	struct call *c = open_risks(t);
	struct risk_matrix m;

	store_risk(t, c, "RSK-5", S("evaluated"), S("PRD-1"), 55, 0);
	CHECK(risk_matrix(c, S("PRD-1"), RISK_AFTER, &m));
	CHECK_INT(m.above, 1);
	CHECK_INT(m.cell[5][5].count, 0);
	/* Closed as not relevant: it is above no line any more. */
	store_risk(t, c, "RSK-6", S("closed"), S("PRD-1"), 55, 0);
	CHECK(risk_matrix(c, S("PRD-1"), RISK_AFTER, &m));
	CHECK_INT(m.above, 1);
	store_close(t, c);
}

TEST(risks_that_may_not_be_read_are_not_counted, "")
{
	struct call *c = open_risks(t);
	struct grant g = {.product = S("PRD-2")};
	struct risk_matrix m;

	right_match(S("*.read"), g.right);
	c->who = (struct who){.ref = S("P01"), .grant = &g, .grant_count = 1};
	CHECK(risk_matrix(c, S(""), RISK_AFTER, &m));
	CHECK_INT(m.total, 2); /* of the product, and of none */
	CHECK_INT(m.above, 1);
	memset(g.right, 0, sizeof g.right);
	CHECK(risk_matrix(c, S(""), RISK_AFTER, &m));
	CHECK_INT(m.total, 0);
	CHECK_INT(m.above, 0);
	store_close(t, c);
}

/* ---- CVSS ---- */

static str cvss_says(struct test_case *t, str vector)
{
	struct call c = {.arena = t->arena, .err = {.arena = t->arena}};

	cvss(&c, S("cvss"), vector);
	if (c.err.code == ERR_NONE)
		return S("");
	CHECK_INT(c.err.code, ERR_INVALID);
	CHECK_STR(c.err.issues->field, S("cvss"));
	return c.err.issues->text;
}

#define BASE3 "AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"
#define BASE4 "AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N"

TEST(cvss_vectors_of_three_versions_are_taken, "")
{
	static const str good[] = {S_INIT("CVSS:3.0/" BASE3), S_INIT("CVSS:3.1/" BASE3),
		S_INIT("CVSS:3.1/S:C/C:L/I:L/A:N/AV:P/AC:H/PR:L/UI:R"), /* in any order */
		S_INIT("CVSS:3.1/" BASE3 "/E:P/RL:O/RC:C"),
		S_INIT("CVSS:3.1/" BASE3 "/CR:H/IR:M/AR:L/MAV:A/MAC:H/MPR:H/MUI:R/MS:C/MC:N/MI:L/MA:X"),
		S_INIT("CVSS:4.0/" BASE4), S_INIT("CVSS:4.0/" BASE4 "/E:A/U:Amber"),
		S_INIT("CVSS:4.0/" BASE4 "/MSI:S/MSA:S/S:P/AU:Y/R:I/V:C/RE:H/U:X")};

	for (isize i = 0; i < COUNT_OF(good); i++)
		CHECK_STR(cvss_says(t, good[i]), S(""));
}

TEST(cvss_vectors_that_are_wrong_are_refused_with_the_metric, "")
{
	static const struct {
		str vector, words;
	} wrong[] = {{S_INIT(""), S_INIT("begins with")}, {S_INIT(BASE3), S_INIT("begins with")},
		{S_INIT("CVSS:2.0/" BASE3), S_INIT("begins with")},
		{S_INIT("cvss:3.1/" BASE3), S_INIT("begins with")},
		{S_INIT("CVSS:3.1"), S_INIT("missing: AV")}, {S_INIT("CVSS:3.1/"), S_INIT("missing: AV")},
		{S_INIT("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H"), S_INIT("missing: A")},
		{S_INIT("CVSS:3.1/" BASE3 "/AV:N"), S_INIT("twice: AV")},
		{S_INIT("CVSS:3.1/" BASE3 "/E:A"), S_INIT("no value of this metric: E")},
		{S_INIT("CVSS:3.1/" BASE3 "/AT:N"), S_INIT("there is no metric AT")},
		{S_INIT("CVSS:3.1/AV:X/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"), S_INIT("metric: AV")},
		{S_INIT("CVSS:3.1/AV:n/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"), S_INIT("metric: AV")},
		{S_INIT("CVSS:3.1/AV:NA/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"), S_INIT("metric: AV")},
		{S_INIT("CVSS:3.1/AV/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"), S_INIT("metric: AV")},
		{S_INIT("CVSS:3.1/" BASE3 "/"), S_INIT("slash")},
		{S_INIT("CVSS:3.1//" BASE3), S_INIT("there is no metric ")},
		{S_INIT("CVSS:3.1/" BASE3 "/E:P:P"), S_INIT("metric: E")},
		{S_INIT("CVSS:4.0/" BASE3), S_INIT("")},
		{S_INIT("CVSS:4.0/" BASE4 "/U:amber"), S_INIT("metric: U")},
		{S_INIT("CVSS:4.0/" BASE4 "/E:F"), S_INIT("metric: E")},
		{S_INIT("CVSS:4.0/" BASE4 "/VC:H"), S_INIT("twice: VC")}};

	for (isize i = 0; i < COUNT_OF(wrong); i++) {
		str says = cvss_says(t, wrong[i].vector);
		if (says.n == 0 || str_find(says, wrong[i].words) < 0)
			test_fail(t, __FILE__, __LINE__, "%.*s: \"%.*s\"", STR_ARG(wrong[i].vector),
				STR_ARG(says));
	}
}

TEST_MAIN()
