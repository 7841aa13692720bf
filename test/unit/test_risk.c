/* Criteria, the matrix and the syntax of CVSS vectors. */
#include "kind/kind.h"
#include "kinds.h"
#include "risk/risk.h"
#include "store.h"

static bool vector_holds(struct test_case *t, str vector)
{
	struct call c = {.arena = t->arena, .err = {.arena = t->arena}};

	cvss(&c, S("cvss"), vector);
	return c.err.code == ERR_NONE;
}

TEST(cvss_3_takes_the_base_in_any_order_and_nothing_twice, "")
{
	CHECK(vector_holds(t, S("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H")));
	CHECK(vector_holds(t, S("CVSS:3.0/A:H/I:H/C:H/S:U/UI:N/PR:N/AC:L/AV:N/E:P/MAV:X")));
	CHECK(!vector_holds(t, S("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H")));
	CHECK(!vector_holds(t, S("CVSS:3.1/AV:N/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H")));
	CHECK(!vector_holds(t, S("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H/")));
	CHECK(!vector_holds(t, S("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U//C:H/I:H/A:H")));
	CHECK(!vector_holds(t, S("CVSS:3.1/AV:X/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H")));
	CHECK(!vector_holds(t, S("CVSS:3.1/av:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H")));
	CHECK(!vector_holds(t, S("AV:N/AC:L/Au:N/C:P/I:P/A:P")));
	CHECK(!vector_holds(t, S("CVSS:3.1")));
}

TEST(cvss_4_keeps_its_order, "")
{
	CHECK(vector_holds(
		t, S("CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N")));
	CHECK(vector_holds(t,
		S("CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N/E:A/MSI:S/"
		  "U:Amber")));
	CHECK(!vector_holds(
		t, S("CVSS:4.0/AC:L/AV:N/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N")));
	CHECK(!vector_holds(
		t, S("CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N/U:Blue")));
	CHECK(!vector_holds(t, S("CVSS:4.0/AV:N/AC:L/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N")));
}

static void put(struct test_case *t, struct call *c, void *rec, str act)
{
	if (!kind_put(c, rec, act)) {
		test_fail(t, __FILE__, __LINE__, "not stored: %s", c->err.text);
		for (const struct issue *i = c->err.issues; i; i = i->next)
			printf("# %.*s: %.*s\n", STR_ARG(i->field), STR_ARG(i->text));
	}
}

/* Low is controlled, High is not; S1 E1 is Low, S5 E5 High, the other cells have no level. */
static void put_criteria(struct test_case *t, struct call *c)
{
	struct risk_model *m = kind_new(c->arena, &kinds[KIND_RISK_MODEL]);
	static struct risk_model_cell cells[] = {
		{.exploitability = 1, .severity = 1, .level = S_INIT("Low")},
		{.exploitability = 5, .severity = 5, .level = S_INIT("High")}};
	static struct risk_model_acceptance levels[] = {
		{.level = S_INIT("Low"), .rank = 1, .controlled = true, .release = true},
		{.level = S_INIT("High"), .rank = 2}};

	m->rec.title = S("Criteria");
	m->rec.state = RISK_MODEL_STATE_EFFECTIVE;
	m->cell.item = cells;
	m->cell.count = COUNT_OF(cells);
	m->acceptance.item = levels;
	m->acceptance.count = COUNT_OF(levels);
	put(t, c, m, S("risk_model.create"));
}

static void put_risk(
	struct test_case *t, struct call *c, str owner, int64_t before, int64_t after, int state)
{
	struct risk *r = kind_new(c->arena, &kinds[KIND_RISK]);

	r->rec.title = S("A risk");
	r->rec.owner = owner;
	r->rec.state = state;
	r->domain = RISK_DOMAIN_PRODUCT_SECURITY;
	r->inherent_severity = r->inherent_exploitability = before;
	r->residual_severity = r->residual_exploitability = after;
	put(t, c, r, S("risk.create"));
}

TEST(the_matrix_counts_what_is_open_by_the_criteria_in_effect, "RSK-REQ-01")
{
	struct call *c = store_open(t, S("2026-09-30T08:00:00Z"));
	struct person *p = kind_new(c->arena, &kinds[KIND_PERSON]);
	struct risk_matrix m;

	p->rec.title = S("Ada");
	put(t, c, p, S("person.create"));
	CHECK(risk_matrix(c, S(""), RISK_AFTER, &m));
	CHECK_STR(m.criteria.ref, S(""));
	put_criteria(t, c);
	put_risk(t, c, p->rec.ref, 5, 1, RISK_STATE_ACCEPTED);
	put_risk(t, c, p->rec.ref, 5, 5, RISK_STATE_TREATED);
	put_risk(t, c, p->rec.ref, 5, 5, RISK_STATE_CLOSED);
	put_risk(t, c, p->rec.ref, 3, INT_NONE, RISK_STATE_EVALUATED);
	CHECK(risk_matrix(c, S(""), RISK_AFTER, &m));
	CHECK_INT(m.total, 3);
	CHECK_INT(m.above, 1);
	CHECK_INT(m.waiting, 2);
	CHECK_INT(m.cell[1][1].count, 1);
	CHECK_INT(m.cell[5][5].count, 1);
	CHECK_INT(m.cell[1][1].class, RISK_GOOD);
	CHECK_INT(m.cell[5][5].class, RISK_BAD);
	CHECK_INT(m.cell[3][3].class, RISK_CLASS_NONE);
	CHECK_STR(m.cell[5][5].level, S("High"));
	CHECK(risk_matrix(c, S(""), RISK_BEFORE, &m));
	CHECK_INT(m.cell[5][5].count, 2);
	CHECK_INT(m.cell[3][3].count, 1);
	CHECK(risk_matrix(c, S("PRD-9"), RISK_AFTER, &m));
	CHECK_INT(m.total, 0);
	store_close(t, c);
}

TEST(a_risk_whose_treatment_is_not_rated_stands_where_it_was, "RSK-REQ-01")
{
	struct call *c = store_open(t, S("2026-09-30T08:00:00Z"));
	struct person *p = kind_new(c->arena, &kinds[KIND_PERSON]);
	struct risk_matrix m;

	p->rec.title = S("Ada");
	put(t, c, p, S("person.create"));
	put_criteria(t, c);
	put_risk(t, c, p->rec.ref, 1, INT_NONE, RISK_STATE_EVALUATED);
	put_risk(t, c, p->rec.ref, 5, INT_NONE, RISK_STATE_EVALUATED);
	put_risk(t, c, p->rec.ref, 5, INT_NONE, RISK_STATE_EVALUATED);
	put_risk(t, c, p->rec.ref, 5, INT_NONE, RISK_STATE_CLOSED);
	CHECK(risk_matrix(c, S(""), RISK_AFTER, &m));
	CHECK_INT(m.above, 2);
	CHECK_INT(m.cell[5][5].count, 0);
	store_close(t, c);
}

TEST_MAIN()
