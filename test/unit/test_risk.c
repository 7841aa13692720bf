/* Criteria, the matrix and the syntax of CVSS vectors. */
#include "document/document.h"
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

/* ---- which set counts: matrix, acceptance and plan over random sets, products and readers ---- */

enum { SETS = 6, RISKS = 8, ROUNDS = 20, PLAN_BYTES = 64 << 20 };

struct drawn {
	struct test_case *t;
	struct call *c;
	uint64_t seed;
	struct risk_model *set[SETS];
	bool counts[SETS];
	struct risk *risk[RISKS];
};

/* "" or PRD-1 to PRD-3. */
static str draw_product(struct drawn *d)
{
	int64_t n = test_random(&d->seed, 4);

	return n ? str_fmt(d->c->arena, "PRD-%" PRId64, n) : S("");
}

/* Pending, and approved by nobody. */
static void revise_set(struct drawn *d, const struct risk_model *m)
{
	struct who program = d->c->who;
	static struct grant everything;
	struct risk_model *after = kind_copy(d->c->arena, &kinds[KIND_RISK_MODEL], m);

	right_match(S("*"), everything.right);
	d->c->who = (struct who){
		.ref = S("P1"), .actor = S("person:1"), .grant = &everything, .grant_count = 1};
	d->c->reason = S("revised");
	after->cell.count = after->acceptance.count = 0;
	put(d->t, d->c, after, S("risk_model.update"));
	if (!after->rec.base)
		test_fail(d->t, __FILE__, __LINE__, "the change is in force");
	d->c->who = program;
}

/* One cell, S3 E3; its level is called after the set, in small letters in the matrix. */
static void draw_set(struct drawn *d, int i)
{
	struct risk_model *m = kind_new(d->c->arena, &kinds[KIND_RISK_MODEL]);
	struct risk_model_cell *cell = NEW(d->c->arena, struct risk_model_cell, 1);
	struct risk_model_acceptance *row = NEW(d->c->arena, struct risk_model_acceptance, 1);
	int64_t fate = test_random(&d->seed, 4);

	m->rec.ref = str_fmt(d->c->arena, "CRI-%d", i + 1);
	m->rec.title = m->rec.ref;
	m->rec.product = draw_product(d);
	m->rec.state = fate == 0 ? RISK_MODEL_STATE_DRAFT : RISK_MODEL_STATE_EFFECTIVE;
	*cell = (struct risk_model_cell){.exploitability = 3,
		.severity = 3,
		.level = str_fmt(d->c->arena, "level of cri-%d.", i + 1)};
	*row = (struct risk_model_acceptance){
		.level = str_fmt(d->c->arena, "Level of CRI-%d.", i + 1),
		.rank = INT_NONE,
		.controlled = test_random(&d->seed, 2)};
	m->cell.item = cell;
	m->cell.count = 1;
	m->acceptance.item = row;
	m->acceptance.count = 1;
	put(d->t, d->c, m, S("risk_model.create"));
	if (fate == 1)
		revise_set(d, m);
	if (fate == 2) {
		m->rec.state = RISK_MODEL_STATE_SUPERSEDED;
		put(d->t, d->c, m, S("risk_model.update"));
	}
	d->set[i] = m;
	d->counts[i] = fate == 1 || fate == 3;
}

static void draw_risk(struct drawn *d, int i)
{
	struct risk *r = kind_new(d->c->arena, &kinds[KIND_RISK]);
	int64_t named = test_random(&d->seed, SETS + 1);

	r->rec.ref = str_fmt(d->c->arena, "RSK-%d", i + 1);
	r->rec.title = r->rec.ref;
	r->rec.owner = S("P1");
	r->rec.product = draw_product(d);
	r->rec.state = RISK_STATE_TREATED;
	r->domain = RISK_DOMAIN_PRODUCT_SECURITY;
	r->criteria = named ? d->set[named - 1]->rec.ref : S("");
	r->inherent_severity = r->inherent_exploitability = 3;
	r->residual_severity = r->residual_exploitability = 3;
	put(d->t, d->c, r, S("risk.create"));
	d->risk[i] = r;
}

/* The rule in its plainest words: the number of the set, or -1. */
static int expected(const struct drawn *d, const struct risk *r)
{
	for (int pass = 0; pass < 4; pass++) {
		str product = pass < 2 ? r->rec.product : S("");
		for (int i = 0; i < SETS; i++)
			if (d->counts[i] && str_eq(d->set[i]->rec.product, product) &&
				(pass % 2 || str_eq(d->set[i]->rec.ref, r->criteria)))
				return i;
	}
	return -1;
}

static bool accepts_by(struct drawn *d, const struct risk *r, int set)
{
	struct call *c = d->c;

	bool accepted = risk_may_accept(c, r);
	const struct issue *issue = c->err.issues;
	str want = set < 0 ? S("there are no risk criteria in effect")
			   : str_fmt(c->arena, "the residual level is Level of CRI-%d., ", set + 1);
	bool ok = !accepted && issue && str_starts(issue->text, want);
	err_clear(&c->err);
	return ok;
}

/* What the plan says of the risk that waits for a decision. */
static bool find_in_plan(struct drawn *d, const struct risk *r, int set)
{
	const struct document_facts facts = {.generator = S("test")};
	struct report report;

	if (!document_plan(d->c, r->rec.product, &facts, &report)) {
		printf("# no plan: %s\n", d->c->err.text);
		err_clear(&d->c->err);
		return false;
	}
	str want = set < 0 ? S("E3 S3\n")
			   : str_fmt(d->c->arena, "E3 S3\nLevel of CRI-%d.", set + 1);
	for (const struct block *b = report.block; b; b = b->next) {
		if (b->type != BLOCK_TABLE ||
			!str_eq(b->text, S("Risks that nobody has accepted yet")))
			continue;
		for (const struct row *row = b->row; row; row = row->next)
			if (str_eq(row->cell[0].text, r->rec.ref))
				return str_eq(row->cell[3].text, want);
	}
	return false;
}

/* A plan takes much room, which is given back. */
static bool plan_says(struct drawn *d, const struct risk *r, int set)
{
	struct arena *before = d->c->arena, room;

	arena_open(&room, PLAN_BYTES);
	d->c->arena = &room;
	bool ok = find_in_plan(d, r, set);
	d->c->arena = before;
	arena_close(&room);
	return ok;
}

/* Every path gives each risk the same level, whoever asks. */
static void check_paths(struct test_case *t, struct drawn *d)
{
	struct risk_matrix m;
	int64_t above = 0, seen = 0;

	CHECK(risk_matrix(d->c, S(""), RISK_AFTER, &m));
	for (int i = 0; i < RISKS; i++) {
		const struct risk *r = d->risk[i];
		int set = expected(d, r);
		const struct risk_level *l = risk_level_of(&m.sets, r, RISK_AFTER);
		CHECK((l != NULL) == (set >= 0));
		CHECK(!l || l == criteria_row(criteria_for(&m.sets, r->rec.product,
						     r->criteria), l->name));
		CHECK(!l || str_eq(l->name, d->set[set]->acceptance.item[0].level));
		CHECK(accepts_by(d, r, set));
		if (!call_could(d->c, CAN_RISK_READ, r->rec.product) && r->rec.product.n)
			continue;
		seen++;
		above += set >= 0 && !d->set[set]->acceptance.item[0].controlled;
		CHECK(!r->rec.product.n || plan_says(d, r, set));
	}
	CHECK_INT(m.above, above);
	CHECK_INT(m.total, seen);
}

TEST(one_rule_says_which_criteria_count, "RSK-REQ-01")
{
	uint64_t seed = (uint64_t)clock_mono();

	printf("# seed %" PRIu64 "\n", seed);
	for (int round = 0; round < ROUNDS && !t->failures; round++) {
		struct drawn d = {.t = t, .seed = seed + (uint64_t)round};
		d.c = store_open(t, S("2026-09-30T08:00:00Z"));
		for (int i = 1; i <= 3; i++) {
			struct product *p = kind_new(d.c->arena, &kinds[KIND_PRODUCT]);
			p->rec.ref = p->rec.title = str_fmt(d.c->arena, "PRD-%d", i);
			put(t, d.c, p, S("product.create"));
		}
		for (int i = 0; i < SETS; i++)
			draw_set(&d, i);
		for (int i = 0; i < RISKS; i++)
			draw_risk(&d, i);
		struct who program = d.c->who;
		check_paths(t, &d);
		/* Reads what belongs to one product only, and criteria perhaps not at all. */
		struct grant some = {.product = str_fmt(d.c->arena, "PRD-%d", 1 + round % 3)};
		right_match(round % 2 ? S("*.read") : S("risk.*"), some.right);
		right_match(S("product.read"), some.right);
		right_match(S("plan.read"), some.right);
		d.c->who = (struct who){
			.ref = S("P2"), .actor = S("P2"), .grant = &some, .grant_count = 1};
		check_paths(t, &d);
		d.c->who = program;
		store_close(t, d.c);
	}
}

TEST_MAIN()
