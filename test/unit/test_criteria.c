/*
 * Criteria and the matrix over random sets and ratings, against the rules in their plainest words.
 * What the scale does not have, as only a damaged store can, counts nowhere.
 */
#include "kind/kind.h"
#include "kinds.h"
#include "risk/risk.h"
#include "store.h"

enum { ROUNDS = 12, RISKS = 20, LEVELS = 5, CELLS = 30, SCALES = 12 };

struct drawn {
	struct test_case *t;
	struct call *c;
	uint64_t seed;
	struct risk_model *model;
	int64_t rating[RISKS][4]; /* severity and exploitability, before and after */
	int state[RISKS];
};

static void put(struct drawn *d, void *record)
{
	struct rec *rec = record;

	d->c->reason = S("test");
	if (!kind_put(d->c, rec, str_fmt(d->c->arena, "%.*s.update", STR_ARG(rec->kind->name))))
		test_fail(d->t, __FILE__, __LINE__, "%s", d->c->err.text);
}

/* 0 to 6, or now and then no number at all. */
static int64_t draw_rating(struct drawn *d)
{
	int64_t n = test_random(&d->seed, 8);

	return n == 7 ? INT_NONE : n;
}

static void draw_model(struct drawn *d)
{
	static const int dimension[] = {
		RISK_DIMENSION_SEVERITY, RISK_DIMENSION_EXPLOITABILITY, RISK_DIMENSION_PROBABILITY};
	struct risk_model *m = kind_new(d->c->arena, &kinds[KIND_RISK_MODEL]);

	m->rec.ref = m->rec.title = S("CRI-1");
	m->rec.state = RISK_MODEL_STATE_EFFECTIVE;
	m->acceptance.item = NEW(d->c->arena, struct risk_model_acceptance, LEVELS);
	m->cell.item = NEW(d->c->arena, struct risk_model_cell, CELLS);
	m->scale.item = NEW(d->c->arena, struct risk_model_scale, SCALES);
	m->acceptance.count = LEVELS;
	m->cell.count = CELLS;
	m->scale.count = SCALES;
	for (int i = 0; i < LEVELS; i++)
		m->acceptance.item[i] = (struct risk_model_acceptance){
			.level = str_fmt(d->c->arena, "Level %d", i),
			.rank = test_random(&d->seed, 2) ? INT_NONE : 1 + test_random(&d->seed, 3),
			.controlled = test_random(&d->seed, 2),
			.release = test_random(&d->seed, 2),
			.roles = str_fmt(d->c->arena, "R-%d", i)};
	for (int i = 0; i < CELLS; i++)
		m->cell.item[i] = (struct risk_model_cell){
			.exploitability = 1 + test_random(&d->seed, RISK_SCALE),
			.severity = 1 + test_random(&d->seed, RISK_SCALE),
			/* In other capitals, and of the last there is no row. */
			.level = str_fmt(
				d->c->arena, "LEVEL %d", (int)test_random(&d->seed, LEVELS + 1))};
	for (int i = 0; i < SCALES; i++)
		m->scale.item[i] =
			(struct risk_model_scale){.dimension = dimension[test_random(&d->seed, 3)],
				.level = 1 + test_random(&d->seed, RISK_SCALE),
				.label = str_fmt(d->c->arena, "label %d", i)};
	put(d, m);
	d->model = m;
}

/* The last cell, by one of its two, and the last name leave the scale, by either end. */
static void damage(struct drawn *d, bool severity, bool above)
{
	struct test_case *t = d->t;
	int64_t off = above ? RISK_SCALE + 1 : 0;
	struct risk_model_cell *cell = &d->model->cell.item[CELLS - 1];

	cell->severity = severity ? off : 2;
	cell->exploitability = severity ? 3 : off;
	d->model->scale.item[SCALES - 1].level = off;
	CHECK(db_exec(d->c->db,
		SQL_CHANGE("UPDATE risk_model SET"
			   " f_cell = json_set(f_cell, '$[29].severity', $1,"
			   " '$[29].exploitability', $2),"
			   " f_scale = json_set(f_scale, '$[11].level', $3)"),
		V(cell->severity), V(cell->exploitability), V(off)));
}

static void draw_risks(struct drawn *d)
{
	static const int states[] = {
		RISK_STATE_EVALUATED, RISK_STATE_TREATED, RISK_STATE_ACCEPTED, RISK_STATE_CLOSED};
	struct test_case *t = d->t;

	for (int i = 0; i < RISKS; i++) {
		struct risk *r = kind_new(d->c->arena, &kinds[KIND_RISK]);
		r->rec.ref = r->rec.title = str_fmt(d->c->arena, "RSK-%d", i + 1);
		r->rec.owner = S("P1");
		r->rec.state = d->state[i] = states[test_random(&d->seed, 4)];
		r->domain = RISK_DOMAIN_PRODUCT_SECURITY;
		put(d, r);
		for (int k = 0; k < 4; k++)
			d->rating[i][k] = draw_rating(d);
		/* Where there is none the column stays NULL. */
		CHECK(db_exec(d->c->db,
			SQL_CHANGE("UPDATE risk SET f_inherent_severity = nullif($2, $6),"
				   " f_inherent_exploitability = nullif($3, $6),"
				   " f_residual_severity = nullif($4, $6),"
				   " f_residual_exploitability = nullif($5, $6) WHERE ref = $1"),
			V(r->rec.ref), V(d->rating[i][0]), V(d->rating[i][1]), V(d->rating[i][2]),
			V(d->rating[i][3]), V(INT_NONE)));
	}
}

/* ---- the rules ---- */

static bool on_scale(int64_t n)
{
	return n == 1 || n == 2 || n == 3 || n == 4 || n == 5;
}

/* The cell that counts: the last of those that say these two; NULL when none does. */
static const struct risk_model_cell *cell_at(const struct drawn *d, int64_t s, int64_t e)
{
	const struct risk_model_cell *found = NULL;

	for (int i = 0; i < CELLS && on_scale(s) && on_scale(e); i++)
		if (d->model->cell.item[i].severity == s &&
			d->model->cell.item[i].exploitability == e)
			found = &d->model->cell.item[i];
	return found;
}

/* The number of the row, or -1. */
static int level_at(const struct drawn *d, int64_t s, int64_t e)
{
	const struct risk_model_cell *cell = cell_at(d, s, e);
	int n = cell ? cell->level.p[cell->level.n - 1] - '0' : LEVELS;

	return n < LEVELS ? n : -1;
}

static void check_level(
	struct test_case *t, const struct drawn *d, const struct risk_level *have, int row)
{
	CHECK_INT(have != NULL, row >= 0);
	if (!have || row < 0)
		return;
	const struct risk_model_acceptance *want = &d->model->acceptance.item[row];
	int64_t rank = want->rank == INT_NONE ? row + 1 : want->rank;
	CHECK_STR(have->name, want->level);
	CHECK_STR(have->roles, want->roles);
	CHECK_INT(have->rank, rank);
	CHECK_INT(have->release, want->release);
	CHECK_INT(have->class, !want->controlled ? RISK_BAD : rank <= 1 ? RISK_GOOD : RISK_WARN);
}

/* The names of the levels: the last row for a place counts. */
static void check_scales(struct test_case *t, const struct drawn *d, const struct criteria *k)
{
	for (int level = 0; level <= RISK_SCALE; level++) {
		str severity = S(""), exploitability = S("");
		for (int i = 0; i < SCALES; i++) {
			const struct risk_model_scale *x = &d->model->scale.item[i];
			if (level == 0 || x->level != level)
				continue;
			if (x->dimension == RISK_DIMENSION_SEVERITY)
				severity = x->label;
			if (x->dimension == RISK_DIMENSION_EXPLOITABILITY)
				exploitability = x->label;
		}
		CHECK_STR(k->severity[level], severity);
		CHECK_STR(k->exploitability[level], exploitability);
	}
}

static void check_criteria(struct test_case *t, const struct drawn *d, const struct criteria *k)
{
	for (int64_t s = -1; s <= RISK_SCALE + 1; s++)
		for (int64_t e = -1; e <= RISK_SCALE + 1; e++) {
			const struct risk_model_cell *cell = cell_at(d, s, e);
			int row = level_at(d, s, e);
			check_level(t, d, criteria_level(k, s, e), row);
			CHECK_STR(criteria_word(k, s, e),
				!cell              ? S("")
					: row >= 0 ? d->model->acceptance.item[row].level
						   : cell->level);
		}
	for (int i = 0; i <= RISK_SCALE; i++)
		CHECK(!k->cell[i][0] && !k->cell[0][i] && !k->word[i][0].n && !k->word[0][i].n);
	check_scales(t, d, k);
	CHECK_INT(k->level_count, LEVELS);
	check_level(t, d, criteria_row(k, S("LEVEL 4")), 4);
	CHECK(!criteria_row(k, S("Level 5")) && !criteria_row(k, S("Level")));
}

static void check_matrix(struct test_case *t, const struct drawn *d, enum risk_stage_shown stage)
{
	int64_t above = 0, waiting = 0, total = 0, count[RISK_SCALE + 1][RISK_SCALE + 1] = {{0}};
	struct risk_matrix m;

	CHECK(risk_matrix(d->c, S(""), stage, &m));
	for (int i = 0; i < RISKS; i++) {
		const int64_t *r = d->rating[i], *shown = stage == RISK_BEFORE ? r : r + 2;
		int row = level_at(d, r[2], r[3]);
		struct risk one = {.inherent_severity = r[0],
			.inherent_exploitability = r[1],
			.residual_severity = r[2],
			.residual_exploitability = r[3]};
		check_level(
			t, d, risk_level_of(&m.sets, &one, stage), level_at(d, shown[0], shown[1]));
		if (d->state[i] == RISK_STATE_CLOSED)
			continue;
		if (row < 0)
			row = level_at(d, r[0], r[1]);
		total++;
		waiting += d->state[i] != RISK_STATE_ACCEPTED;
		above += row >= 0 && !d->model->acceptance.item[row].controlled;
		if (on_scale(shown[0]) && on_scale(shown[1]))
			count[shown[0]][shown[1]]++;
	}
	CHECK_INT(m.total, total);
	CHECK_INT(m.waiting, waiting);
	CHECK_INT(m.above, above);
	for (int s = 0; s <= RISK_SCALE; s++)
		for (int e = 0; e <= RISK_SCALE; e++) {
			int row = level_at(d, s, e);
			CHECK_INT(m.cell[s][e].count, count[s][e]);
			CHECK_STR(m.cell[s][e].level,
				row < 0 ? S("") : d->model->acceptance.item[row].level);
			CHECK_INT(m.cell[s][e].class,
				row < 0 ? RISK_CLASS_NONE
					: criteria_level(&m.criteria, s, e)->class);
		}
	check_criteria(t, d, &m.criteria);
}

TEST(criteria_and_matrix_say_what_the_set_says, "RSK-REQ-01")
{
	struct call *c = store_open(t, S("2026-09-30T08:00:00Z"));
	struct person *p = kind_new(c->arena, &kinds[KIND_PERSON]);
	struct drawn d = {.t = t, .c = c, .seed = (uint64_t)clock_mono()};

	printf("# seed %" PRIu64 "\n", d.seed);
	p->rec.ref = p->rec.title = S("P1");
	put(&d, p);
	CHECK(store_commit(t, c));
	for (int round = 0; round < ROUNDS && !t->failures; round++) {
		draw_model(&d);
		draw_risks(&d);
		if (round % 3)
			damage(&d, round / 3 % 2, round % 3 == 1);
		check_matrix(t, &d, RISK_BEFORE);
		check_matrix(t, &d, RISK_AFTER);
		store_undo(t, c);
	}
	store_close(t, c);
}

/* A level that depends on what could be read just now is not a level. */
TEST(criteria_that_cannot_be_read_are_an_error_and_not_none, "RSK-REQ-01")
{
	static const char *const sql[] = {
		"ALTER TABLE risk_model RENAME TO x", "ALTER TABLE risk RENAME TO x"};
	struct call *c = store_open(t, S("2026-09-30T08:00:00Z"));
	struct criteria_sets sets;
	struct risk_matrix m;

	for (int i = 0; i < COUNT_OF(sql); i++) {
		CHECK(db_script(c->db, str_of(sql[i]), &c->err));
		CHECK(!risk_matrix(c, S(""), RISK_AFTER, &m));
		CHECK_INT(c->err.code, ERR_FAULT);
		err_clear(&c->err);
		db_go_on(c->db);
		CHECK_INT(criteria_load(c, &sets), i == 1);
		CHECK(c->who.is_system); /* who asks is who asked before */
		store_undo(t, c);
	}
	store_close(t, c);
}

TEST(a_class_has_a_word, "")
{
	CHECK_STR(risk_class_word(RISK_GOOD), S("good"));
	CHECK_STR(risk_class_word(RISK_WARN), S("warn"));
	CHECK_STR(risk_class_word(RISK_BAD), S("bad"));
	CHECK_STR(risk_class_word(RISK_CLASS_NONE), S(""));
}

TEST_MAIN()
