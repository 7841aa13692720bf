/* The gate: what grants give, against looking at each of them. */
#include "call/call.h"
#include "kinds.h"
#include "store.h"

enum { GRANTS = 4, TEAMS = 3, NAMES = 4 };

/* "" is a product that a grant may have, too: then it is for all. */
static const str products[NAMES] = {S_INIT(""), S_INIT("PRD-1"), S_INIT("PRD-2"), S_INIT("PRD-3")};
static const str names[NAMES] = {S_INIT(""), S_INIT("R-1"), S_INIT("R-2"), S_INIT("T-1")};

struct caller {
	struct call c;
	struct grant grant[GRANTS + 1];
	str team[TEAMS + 1];
};

/* Few rights, so that they meet often; behind each list stands one more, which is not theirs. */
static void draw(struct test_case *t, uint64_t *state, struct caller *out)
{
	*out = (struct caller){.c = {.arena = t->arena, .err.arena = t->arena}};
	for (int i = 0; i <= GRANTS; i++) {
		struct grant *g = &out->grant[i];
		g->product = products[test_random(state, NAMES)];
		g->role = names[test_random(state, NAMES)];
		for (int right = 1; right < RIGHT_COUNT; right += 60)
			if (test_random(state, 2))
				g->right[right / 64] |= UINT64_C(1) << (right % 64);
	}
	for (int i = 0; i <= TEAMS; i++)
		out->team[i] = names[1 + test_random(state, NAMES - 1)];
	out->c.who = (struct who){.ref = names[test_random(state, NAMES)],
		.grant = out->grant,
		.grant_count = (isize)test_random(state, GRANTS + 1),
		.team = out->team,
		.team_count = (isize)test_random(state, TEAMS + 1)};
}

static bool covers(const struct grant *g, str product)
{
	return g->product.n == 0 || str_eq(g->product, product);
}

static bool has(const struct grant *g, int right)
{
	return g->right[right / 64] >> (right % 64) & 1;
}

static void check_right(struct test_case *t, struct caller *x, int right, str product)
{
	struct call *c = &x->c;
	bool could = false, some = false;

	for (isize i = 0; i < c->who.grant_count; i++) {
		some |= has(&x->grant[i], right);
		could |= has(&x->grant[i], right) && covers(&x->grant[i], product);
	}
	CHECK_INT(call_could(c, right, product), could);
	CHECK_INT(call_could_some(c, right), some);
	CHECK_INT(call_may_some(c, right), some);
	CHECK_INT(c->err.code, some ? ERR_NONE : ERR_DENIED);
	CHECK_INT(c->denied, some ? 0 : right);
	err_clear(&c->err);
	c->denied = 0;
	CHECK_INT(call_may(c, right, product), could);
	CHECK_INT(c->err.code, could ? ERR_NONE : ERR_DENIED);
	CHECK_INT(c->denied, could ? 0 : right);
	CHECK_STR(c->denied_at, could ? S("") : product);
	err_clear(&c->err);
	c->denied = 0;
	c->denied_at = S("");
}

static void check_scope(struct test_case *t, struct caller *x, int right)
{
	const str *product;
	bool all, everywhere = false;
	isize n = call_scope(&x->c, right, &all, &product), want = 0;

	for (isize i = 0; i < x->c.who.grant_count; i++)
		everywhere |= has(&x->grant[i], right) && x->grant[i].product.n == 0;
	CHECK_INT(all, everywhere);
	for (isize i = 0; i < x->c.who.grant_count && !everywhere; i++)
		if (has(&x->grant[i], right)) {
			CHECK(want < n && str_eq(product[want], x->grant[i].product));
			want++;
		}
	CHECK_INT(n, want);
}

static void check_name(struct test_case *t, struct caller *x, str name, str product)
{
	bool holds = false, is = name.n && str_eq(name, x->c.who.ref);

	for (isize i = 0; i < x->c.who.grant_count; i++)
		holds |= name.n && str_eq(x->grant[i].role, name) && covers(&x->grant[i], product);
	for (isize i = 0; i < x->c.who.team_count; i++)
		is |= str_eq(x->team[i], name);
	CHECK_INT(call_holds(&x->c, name, product), holds);
	CHECK_INT(call_is(&x->c, name, product), is || holds);
}

TEST(a_caller_has_what_a_grant_of_theirs_gives_and_nothing_more, "POL-REQ-02")
{
	uint64_t state = (uint64_t)clock_mono();
	static struct caller x;

	for (int round = 0; round < 300; round++) {
		struct arena_mark mark = arena_here(t->arena);
		draw(t, &state, &x);
		for (int right = 1; right < RIGHT_COUNT; right += 60) {
			check_scope(t, &x, right);
			for (int i = 0; i < NAMES; i++)
				check_right(t, &x, right, products[i]);
		}
		for (int i = 0; i < NAMES * NAMES; i++)
			check_name(t, &x, names[i % NAMES], products[i / NAMES]);
		arena_rewind(t->arena, mark);
	}
}

TEST(the_program_itself_has_every_right_everywhere, "POL-REQ-02")
{
	struct call c = {.arena = t->arena, .err.arena = t->arena, .who.is_system = true};
	const str *product;
	bool all;

	for (int right = 1; right < RIGHT_COUNT; right++) {
		CHECK(call_could(&c, right, S("")) && call_could(&c, right, S("PRD-1")));
		CHECK(call_could_some(&c, right) && call_may_some(&c, right));
		CHECK(call_may(&c, right, S("PRD-1")));
		CHECK_INT(call_scope(&c, right, &all, &product), 0);
		CHECK(all);
	}
	CHECK(!call_is(&c, S(""), S("")) && !call_holds(&c, S("R-1"), S("")));
}

TEST(a_refusal_says_what_is_missing_and_the_first_is_remembered, "")
{
	struct grant g = {.product = S("PRD-1")};
	struct call c = {
		.arena = t->arena, .err.arena = t->arena, .who = {.grant = &g, .grant_count = 1}};
	static const char said[] = "you may not do this: it needs the right \"risk.write\"";

	CHECK(!call_may(&c, CAN_RISK_WRITE, S("PRD-2")));
	CHECK_STR(err_text(&c.err), str_fmt(t->arena, "%s for PRD-2", said));
	err_clear(&c.err);
	CHECK(!call_may(&c, CAN_RISK_WRITE, S("")));
	CHECK_STR(err_text(&c.err), str_of(said));
	err_clear(&c.err);
	right_match(S("risk.write"), g.right);
	CHECK(!call_may(&c, CAN_RISK_WRITE, S("")));
	CHECK_STR(err_text(&c.err), str_fmt(t->arena, "%s for more than single products", said));
	err_clear(&c.err);
	CHECK(!call_may_some(&c, CAN_RISK_READ));
	CHECK_STR(err_text(&c.err), S("you may not do this: it needs the right \"risk.read\""));
	CHECK_INT(c.denied, CAN_RISK_WRITE);
	CHECK_STR(c.denied_at, S("PRD-2"));
}

/* ---- patterns ---- */

static bool is_matched(str pattern, int right)
{
	uint64_t set[RIGHT_WORDS] = {0};

	right_match(pattern, set);
	return set[right / 64] >> (right % 64) & 1;
}

/* Each right by its whole name, and by each beginning and end with a star between. */
TEST(a_pattern_names_the_rights_that_its_parts_begin_and_end, "POL-REQ-02")
{
	for (int right = 1; right < RIGHT_COUNT; right++) {
		struct arena_mark mark = arena_here(t->arena);
		str name = right_name(right);
		uint64_t set[RIGHT_WORDS] = {0}, want[RIGHT_WORDS] = {0};
		right_match(name, set);
		want[right / 64] |= UINT64_C(1) << (right % 64);
		CHECK(memcmp(set, want, sizeof set) == 0);
		for (isize i = 0; i <= name.n; i++) {
			str head = str_part(name, 0, i), tail = str_part(name, i, name.n);
			CHECK(is_matched(
				str_fmt(t->arena, "%.*s*%.*s", STR_ARG(head), STR_ARG(tail)),
				right));
			/* Each part as it is, and not only as long. */
			CHECK(i == 0 ||
				!is_matched(
					str_fmt(t->arena, "?%.*s*%.*s",
						STR_ARG(str_part(head, 1, head.n)), STR_ARG(tail)),
					right));
			CHECK(i == name.n ||
				!is_matched(str_fmt(t->arena, "%.*s*%.*s?", STR_ARG(head),
						    STR_ARG(str_part(tail, 0, tail.n - 1))),
					right));
			/* A letter does not count for both parts. */
			str more = str_part(name, i ? i - 1 : 0, name.n);
			CHECK(i == 0 ||
				!is_matched(str_fmt(t->arena, "%.*s*%.*s", STR_ARG(head),
						    STR_ARG(more)),
					right));
			CHECK(!is_matched(
				str_fmt(t->arena, "%.*s*%.*s?", STR_ARG(head), STR_ARG(tail)),
				right));
			CHECK(!is_matched(
				str_fmt(t->arena, "?%.*s*%.*s", STR_ARG(head), STR_ARG(tail)),
				right));
		}
		CHECK(is_matched(S("*"), right) && !is_matched(S(""), right));
		arena_rewind(t->arena, mark);
	}
	uint64_t set[RIGHT_WORDS] = {0};
	right_match(S("*"), set);
	CHECK(!(set[0] & 1));
	for (int right = RIGHT_COUNT; right < RIGHT_WORDS * 64; right++)
		CHECK(!(set[right / 64] >> (right % 64) & 1));
}

/* ---- times ---- */

TEST(a_time_is_a_day_a_time_or_an_entry, "REC-REQ-04")
{
	struct call *c = store_open(t, S("2026-09-30T08:00:00Z"));
	struct asset *a = kind_new(c->arena, &kinds[KIND_ASSET]);
	int64_t at;

	a->rec.title = S("Thing");
	a->type = 1;
	CHECK(kind_put(c, a, S("asset.create")));
	int64_t first = c->now_us;
	a->rec.body = S("Another");
	CHECK(kind_put(c, a, S("asset.update")));
	CHECK(call_at(c, S("0")));
	CHECK_INT(c->at_us, first);
	CHECK(call_at(c, S("1")));
	CHECK_INT(c->at_us, c->now_us);
	CHECK(call_at(c, S("")));
	CHECK_INT(c->at_us, TIME_NONE);
	CHECK(time_parse(S("2026-09-30T23:59:59.999999Z"), &at));
	CHECK(call_at(c, S("2026-09-30")));
	CHECK_INT(c->at_us, at);
	CHECK(call_at(c, S("2026-09-30T23:59:59.999999Z")));
	CHECK_INT(c->at_us, at);
	CHECK(!call_at(c, S("2")));
	CHECK_INT(c->err.code, ERR_MISSING);
	err_clear(&c->err);
	CHECK(!call_at(c, S("soon")));
	CHECK_STR(c->err.issues->field, S("at"));
	err_clear(&c->err);
	CHECK(!call_at(c, S("-1")));
	CHECK_INT(c->err.code, ERR_INVALID);
	err_clear(&c->err);
	c->at_us = TIME_NONE;
	store_close(t, c);
}

TEST_MAIN()
