/* Who may see a record, by the table of kind/visible.c: as a function, and as a list. */
#include "kind/kind.h"
#include "kinds.h"
#include "store.h"

enum { RECORDS = 60, GRANTS = 3, TEAMS = 2, NAMED = 2, CALLERS = 200 };

static const str products[] = {S_INIT(""), S_INIT("PRD-1"), S_INIT("PRD-2")};
static const str names[] = {
	S_INIT(""), S_INIT("P1"), S_INIT("P2"), S_INIT("R-1"), S_INIT("R-2"), S_INIT("TEA-1")};

static struct call *open_store(struct test_case *t)
{
	return store_open(t, S("2026-09-30T08:00:00Z"));
}

static str draw_name(uint64_t *state, int first, int last)
{
	return names[first + test_random(state, last - first + 1)];
}

/* ---- records and callers ---- */

static struct message *draw_record(struct call *c, uint64_t *state)
{
	struct message *m = kind_new(c->arena, &kinds[KIND_MESSAGE]);

	m->rec.title = S("Report");
	m->type = m->direction = 1;
	m->is_protected = test_random(state, 3) == 0;
	m->rec.owner = draw_name(state, 0, COUNT_OF(names) - 1);
	m->rec.product = products[test_random(state, COUNT_OF(products))];
	m->rec.classification = (int)test_random(state, CLASSIFICATION_RESTRICTED + 1);
	m->rec.need_to_know.item = NEW(c->arena, str, NAMED + 1);
	m->rec.need_to_know.count = (isize)test_random(state, NAMED + 1);
	for (int i = 0; i <= NAMED; i++)
		m->rec.need_to_know.item[i] = draw_name(state, 1, COUNT_OF(names) - 1);
	return m;
}

/* Behind each list stands one more, which is not the caller's. */
static void draw_caller(struct call *c, uint64_t *state)
{
	struct grant *grant = NEW(c->arena, struct grant, GRANTS + 1);
	str *team = NEW(c->arena, str, TEAMS + 1);

	for (int i = 0; i <= GRANTS; i++) {
		grant[i].role = draw_name(state, 3, 5);
		if (test_random(state, 4) == 0)
			grant[i].role = S("");
		grant[i].product = products[test_random(state, COUNT_OF(products))];
		if (test_random(state, 2))
			right_match(S("message.read"), grant[i].right);
		if (test_random(state, 4) == 0)
			right_match(S("restricted.read"), grant[i].right);
	}
	for (int i = 0; i <= TEAMS; i++)
		team[i] = draw_name(state, 1, COUNT_OF(names) - 1);
	c->who = (struct who){.ref = draw_name(state, 0, 2),
		.grant = grant,
		.grant_count = (isize)test_random(state, GRANTS + 1),
		.team = team,
		.team_count = (isize)test_random(state, TEAMS + 1)};
}

/* ---- the rule, anew ---- */

static bool has(const struct call *c, int right, str product, bool of_any)
{
	for (isize i = 0; i < c->who.grant_count; i++) {
		const struct grant *g = &c->who.grant[i];
		if ((g->right[right / 64] >> (right % 64) & 1) &&
			(of_any || g->product.n == 0 || str_eq(g->product, product)))
			return true;
	}
	return false;
}

static bool answers_to(const struct call *c, str name, str product)
{
	bool is = str_eq(c->who.ref, name);

	for (isize i = 0; i < c->who.grant_count; i++)
		is |= str_eq(c->who.grant[i].role, name) &&
			(c->who.grant[i].product.n == 0 ||
				str_eq(c->who.grant[i].product, product));
	for (isize i = 0; i < c->who.team_count; i++)
		is |= str_eq(c->who.team[i], name);
	return is && name.n;
}

static bool knows(const struct call *c, const struct message *m)
{
	bool named = answers_to(c, m->rec.owner, m->rec.product);

	for (isize i = 0; i < m->rec.need_to_know.count; i++)
		named |= answers_to(c, m->rec.need_to_know.item[i], m->rec.product);
	return named || (!m->is_protected && has(c, CAN_RESTRICTED_READ, m->rec.product, false));
}

static bool sees(const struct call *c, const struct message *m)
{
	bool is_shut = m->is_protected || m->rec.classification == CLASSIFICATION_RESTRICTED;

	return has(c, CAN_MESSAGE_READ, m->rec.product, m->rec.product.n == 0) &&
		(!is_shut || knows(c, m));
}

/* ---- the two ---- */

static void check_caller(struct test_case *t, struct call *c, struct message **m)
{
	struct query q = {.limit = RECORDS + 1};
	struct list list;
	isize at = 0;

	CHECK(kind_list(c, &kinds[KIND_MESSAGE], &q, &list));
	for (int i = 0; i < RECORDS; i++) {
		struct standing s = record_standing(&m[i]->rec);
		bool seen = sees(c, m[i]), seen_by_ref = kind_seen(c, m[i]->rec.ref);
		bool listed = at < list.count &&
			str_eq(((struct rec *)list.item[at])->ref, m[i]->rec.ref);
		CHECK_INT(standing_seen(c, &s), seen);
		CHECK_INT(standing_known(c, &s), knows(c, m[i]));
		CHECK_INT(seen_by_ref, seen);
		CHECK_INT(listed, seen);
		at += listed;
	}
	CHECK_INT(at, list.count);
	CHECK_INT(c->err.code, ERR_NONE);
}

TEST(a_list_has_the_records_that_the_table_gives, "POL-REQ-02")
{
	uint64_t state = (uint64_t)clock_mono();
	struct call *c = open_store(t);
	struct message *m[RECORDS];
	struct who program = c->who;
	struct arena scratch;

	for (int i = 0; i < RECORDS; i++) {
		m[i] = draw_record(c, &state);
		CHECK(kind_put(c, m[i], S("message.create")));
	}
	/* Not in the arena where the connection keeps its statements. */
	arena_open(&scratch, 64 << 20);
	for (int i = 0; i < CALLERS; i++) {
		c->arena = c->err.arena = &scratch;
		draw_caller(c, &state);
		check_caller(t, c, m);
		arena_reset(&scratch);
	}
	c->arena = c->err.arena = t->arena;
	arena_close(&scratch);
	c->who = program;
	for (int i = 0; i < RECORDS; i++) {
		struct standing s = record_standing(&m[i]->rec);
		CHECK(standing_seen(c, &s) && standing_known(c, &s));
		CHECK(kind_seen(c, m[i]->rec.ref));
	}
	struct query q = {.limit = RECORDS + 1};
	int64_t n;
	CHECK(kind_tally(c, &kinds[KIND_MESSAGE], &q, &n));
	CHECK_INT(n, RECORDS);
	store_close(t, c);
}

/* ---- what is damaged ---- */

static void become(struct call *c, const char *ref, const char *patterns)
{
	static struct grant g;
	str rest = str_of(patterns);

	g = (struct grant){0};
	for (str word = str_word(&rest); word.n; word = str_word(&rest))
		right_match(word, g.right);
	c->who = (struct who){
		.ref = str_of(ref), .actor = S("person:1"), .grant = &g, .grant_count = 1};
	c->reason = S("said");
}

/* Of the past, which goes by what the store says of now. */
TEST(a_standing_that_is_not_known_hides_the_record, "POL-REQ-02")
{
	struct call *c = open_store(t);
	struct who program = c->who;
	struct asset *a = kind_new(c->arena, &kinds[KIND_ASSET]);
	struct revision *list;
	isize count;
	static const struct {
		const char *who;
		bool seen;
	} cases[] = {{"P1", false}, {"7", true}, {"true", false}, {"", false}};

	a->rec.title = S("Thing");
	a->type = 1;
	CHECK(kind_put(c, a, S("asset.create")));
	CHECK(db_exec(c->db,
		SQL_FREE("UPDATE asset SET f_classification = 'unheard_of', "
			 "f_need_to_know = '[true,\"7\",5]'")));
	for (isize i = 0; i < COUNT_OF(cases); i++) {
		become(c, cases[i].who, "asset.read");
		CHECK_INT(kind_history(c, &kinds[KIND_ASSET], a->rec.ref, &list, &count),
			cases[i].seen);
		err_clear(&c->err);
	}
	become(c, "5", "asset.read");
	CHECK(!kind_history(c, &kinds[KIND_ASSET], a->rec.ref, &list, &count));
	err_clear(&c->err);
	c->who = program;
	CHECK(kind_history(c, &kinds[KIND_ASSET], a->rec.ref, &list, &count));
	CHECK(!kind_history(c, &kinds[KIND_ASSET], S("A-404"), &list, &count));
	err_clear(&c->err);
	CHECK(db_exec(c->db, SQL_FREE("UPDATE asset SET f_need_to_know = '['")));
	CHECK(!kind_history(c, &kinds[KIND_ASSET], a->rec.ref, &list, &count));
	CHECK_INT(c->err.code, ERR_SYNTAX);
	store_undo(t, c);
	store_close(t, c);
}

TEST(a_record_is_found_by_its_own_reference, "")
{
	struct call *c = open_store(t);
	struct asset *a = kind_new(c->arena, &kinds[KIND_ASSET]);
	struct message *m = kind_new(c->arena, &kinds[KIND_MESSAGE]);
	struct rec *rec;

	a->rec.title = m->rec.title = S("Thing");
	a->type = m->type = m->direction = 1;
	CHECK(kind_put(c, a, S("asset.create")) && kind_put(c, m, S("message.create")));
	CHECK(kind_get_any(c, a->rec.ref, &rec) && rec->kind == &kinds[KIND_ASSET]);
	CHECK(kind_get_any(c, m->rec.ref, &rec) && rec->kind == &kinds[KIND_MESSAGE]);
	CHECK(!kind_get_any(c, S("A-404"), &rec));
	CHECK_INT(c->err.code, ERR_MISSING);
	err_clear(&c->err);
	CHECK(!db_exec(c->db, SQL_FREE("DELETE FROM nowhere")));
	err_clear(&c->err);
	CHECK(!kind_seen(c, a->rec.ref));
	store_undo(t, c);
	store_close(t, c);
}

/* ---- who decides who knows ---- */

static void put_named(struct test_case *t, struct call *c)
{
	static const struct {
		enum kind_id kind;
		const char *ref;
	} named[] = {{KIND_PERSON, "P1"}, {KIND_PERSON, "P2"}, {KIND_PERSON, "P3"},
		{KIND_PERSON, "P4"}, {KIND_PRODUCT, "PRD-1"}};

	for (isize i = 0; i < COUNT_OF(named); i++) {
		struct rec *r = kind_new(c->arena, &kinds[named[i].kind]);
		r->ref = r->title = str_of(named[i].ref);
		CHECK(kind_put(c, r, S("test.create")));
	}
}

/* One change of what decides who knows; 0 changes nothing of it. */
static void alter(struct call *c, struct rec *r, int how)
{
	struct words *w = &r->need_to_know;

	w->item = NEW(c->arena, str, 4);
	w->item[0] = S("P2");
	w->item[1] = S("P3");
	w->item[2] = w->item[3] = S("P1"); /* behind the list */
	w->count = 2;
	if (how == 0)
		r->body = S("Else");
	else if (how == 1)
		r->product = S("PRD-1");
	else if (how == 2)
		r->owner = S("P1");
	else if (how == 3)
		r->classification = CLASSIFICATION_INTERNAL;
	else if (how == 4)
		w->item[0] = S("P4");
	else if (how == 5)
		w->item[1] = S("P1");
	else if (how == 6)
		w->count = 1;
	else if (how == 7)
		w->item[w->count++] = S("P1");
	else if (how == 8)
		w->count = 0;
}
enum { CHANGES = 9 };

static struct vulnerability *new_vulnerability(struct test_case *t, struct call *c, bool secret)
{
	struct vulnerability *v = kind_new(c->arena, &kinds[KIND_VULNERABILITY]);

	v->rec.title = S("Hole");
	v->rec.owner = S("P4");
	v->details = secret ? S("the secret words") : S("");
	alter(c, &v->rec, 0);
	if (!kind_put(c, v, S("vulnerability.create")))
		test_fail(t, __FILE__, __LINE__, "%s", c->err.text);
	return v;
}

static void check_alter(struct test_case *t, struct call *c, int how, bool secret, const char *who,
	const char *patterns)
{
	struct who program = c->who;
	struct vulnerability *v = new_vulnerability(t, c, secret);
	bool knows_it =
		str_eq(str_of(who), S("P2")) || str_find(str_of(patterns), S("restricted")) >= 0;
	void *rec;

	become(c, who, patterns);
	CHECK(kind_get(c, v->rec.kind, v->rec.ref, &rec));
	alter(c, rec, how);
	bool ok = kind_put(c, rec, S("vulnerability.update"));
	if (ok != (how == 0 || !secret || knows_it))
		test_fail(t, __FILE__, __LINE__, "%s, change %d, secret %d: %d %s", who, how,
			secret, ok, c->err.text);
	CHECK(ok || c->err.code == ERR_DENIED);
	err_clear(&c->err);
	c->who = program;
}

TEST(who_knows_a_secret_decides_who_else_does, "POL-REQ-02")
{
	struct call *c = open_store(t);

	put_named(t, c);
	for (int how = 0; how < CHANGES; how++)
		for (int secret = 0; secret < 2; secret++) {
			check_alter(t, c, how, secret, "P1", "vulnerability.*");
			check_alter(t, c, how, secret, "P2", "vulnerability.*");
			check_alter(t, c, how, secret, "P1", "vulnerability.* restricted.read");
		}
	store_close(t, c);
}

TEST_MAIN()
