/* Chains from threat to evidence: every way to break, whole ones, rights, products, time. */
#include "demo/demo.h"
#include "store.h"
#include "trace/trace.h"

#define TODAY S("2026-09-30T08:00:00Z")

static void put_threat(struct test_case *t, struct call *c, const char *ref, const char *state)
{
	store_put(t, c, "threat", ref, state, "category", "tampering", "applies", "yes", NULL);
}

static void put_control(struct test_case *t, struct call *c, const char *ref)
{
	store_put(t, c, "control", ref, "operating", "domain", "product", NULL);
}

/* What a thread would remember of the store of the test: every answer is asked for with it too. */
static struct trace_memory *kept;

/* A store with the owner of its risks. */
static struct call *open_empty(struct test_case *t)
{
	struct call *c = store_open(t, TODAY);

	kept = trace_memory_new(t->arena);
	store_put(t, c, "person", "P01", "active", NULL);
	return c;
}

/* THR-1 > RSK-1 > CM-1 > REQ-1 > TST-1 > EVD-1, all linked and in order. */
static struct call *open_whole(struct test_case *t)
{
	struct call *c = open_empty(t);

	put_threat(t, c, "THR-1", "answered");
	store_put(t, c, "risk", "RSK-1", "treated", "domain", "product_security", "owner", "P01",
		NULL);
	put_control(t, c, "CM-1");
	store_put(t, c, "requirement", "REQ-1", "verified", NULL);
	store_put(t, c, "test", "TST-1", "run", "result", "pass", NULL);
	store_put(t, c, "evidence", "EVD-1", "accepted", NULL);
	store_tie(t, c, "THR-1", "raises", "RSK-1");
	store_tie(t, c, "CM-1", "counters", "THR-1");
	store_tie(t, c, "CM-1", "treats", "RSK-1");
	store_tie(t, c, "REQ-1", "refines", "CM-1");
	store_tie(t, c, "TST-1", "verifies", "REQ-1");
	store_tie(t, c, "EVD-1", "shows", "TST-1");
	return c;
}

static void close_store(struct test_case *t, struct call *c)
{
	trace_memory_clear(kept);
	store_close(t, c);
}

static struct rec *current(struct test_case *t, struct call *c, const char *ref)
{
	struct rec *r = NULL;

	if (!kind_get_any(c, str_of(ref), &r)) {
		test_fail(t, __FILE__, __LINE__, "%s: %s", ref, c->err.text);
		fflush(stdout);
		abort();
	}
	return r;
}

/* Another revision with one field set anew. */
static void change(
	struct test_case *t, struct call *c, const char *ref, const char *field, const char *value)
{
	struct rec *r = current(t, c, ref);

	CHECK(kind_set(c, r, kind_field(r->kind, str_of(field)), str_of(value)));
	CHECK(kind_put(c, r, S("test.update")));
}

static void set_state(struct test_case *t, struct call *c, const char *ref, const char *state)
{
	struct rec *r = current(t, c, ref);

	r->state = kind_state(r->kind, str_of(state));
	CHECK(r->state >= 0);
	CHECK(kind_put(c, r, S("test.update")));
}

static str part(struct brief b, str none)
{
	return b.kind ? b.ref : none;
}

/* The chains as lines "THR-1 RSK-1 CM-1 REQ-1 TST-1 EVD-1: words", '-' for what is missing. */
static str read_chains(struct test_case *t, struct call *c, const char *product)
{
	struct trace_counts counts;
	struct chain *list;
	struct buf b;
	isize n;

	buf_init(&b, c->arena, 1 << 16);
	CHECK(trace_chains(c,
		&(struct chain_query){.product = str_of(product), .limit = TRACE_ROWS_MAX}, &list,
		&n, &counts));
	CHECK_INT(counts.chains, n);
	CHECK_INT(counts.whole + counts.broken, n);
	for (isize i = 0; i < n; i++) {
		const struct brief *at[] = {&list[i].threat, &list[i].risk, &list[i].control,
			&list[i].requirement, &list[i].test, &list[i].evidence};
		for (isize k = 0; k < COUNT_OF(at); k++) {
			buf_add(&b, k ? S(" ") : i ? S("\n") : S(""));
			buf_add(&b, part(*at[k], S("-")));
		}
		buf_add(&b, S(": "));
		buf_add(&b, list[i].words);
		CHECK((list[i].words.n == 0) == (list[i].where == CHAIN_WHOLE));
		CHECK((i >= counts.broken) == (list[i].where == CHAIN_WHOLE));
	}
	return buf_str(&b);
}

/* The same, and that what is remembered agrees with what is read anew. */
static str chains_of(struct test_case *t, struct call *c, const char *product)
{
	str read = read_chains(t, c, product);

	c->memory = kept;
	trace_memory_begin(kept);
	CHECK_STR(read_chains(t, c, product), read);
	c->memory = NULL;
	return read;
}

#define WHOLE "THR-1 RSK-1 CM-1 REQ-1 TST-1 EVD-1: "

/* ---- every way to break, and its repair ---- */

TEST(a_chain_with_every_link_is_whole, "")
{
	struct call *c = open_whole(t);

	CHECK_STR(chains_of(t, c, ""), S(WHOLE));
	close_store(t, c);
}

TEST(an_empty_store_has_no_chain, "")
{
	struct call *c = open_empty(t);
	int64_t shown = -1, total = -1, open = -1, applying;

	CHECK_STR(chains_of(t, c, ""), S(""));
	CHECK(control_evidence(c, S(""), &shown, &total) &&
		threats_undecided(c, S(""), &open, &applying));
	CHECK_INT(shown, 0);
	CHECK_INT(total, 0);
	CHECK_INT(open, 0);
	close_store(t, c);
}

TEST(evidence_that_does_not_hold_breaks_the_chain, "")
{
	struct call *c = open_whole(t);
	static const char *const states[] = {"requested", "rejected", "expired"};

	for (isize i = 0; i < COUNT_OF(states); i++) {
		set_state(t, c, "EVD-1", states[i]);
		CHECK_STR(chains_of(t, c, ""), S("THR-1 RSK-1 CM-1 REQ-1 TST-1 -: no evidence"));
	}
	set_state(t, c, "EVD-1", "submitted");
	CHECK_STR(chains_of(t, c, ""), S(WHOLE));
	change(t, c, "EVD-1", "valid_until", "2026-09-29");
	CHECK_STR(chains_of(t, c, ""), S("THR-1 RSK-1 CM-1 REQ-1 TST-1 -: no evidence"));
	change(t, c, "EVD-1", "valid_until", "2026-09-30");
	CHECK_STR(chains_of(t, c, ""), S(WHOLE));
	CHECK(link_remove(c, S("EVD-1"), S("shows"), S("TST-1")));
	CHECK_STR(chains_of(t, c, ""), S("THR-1 RSK-1 CM-1 REQ-1 TST-1 -: no evidence"));
	close_store(t, c);
}

TEST(a_test_breaks_the_chain_unless_it_passed, "")
{
	struct call *c = open_whole(t);

	change(t, c, "TST-1", "result", "fail");
	CHECK_STR(chains_of(t, c, ""), S("THR-1 RSK-1 CM-1 REQ-1 TST-1 -: test failed"));
	change(t, c, "TST-1", "result", "blocked");
	CHECK_STR(chains_of(t, c, ""), S("THR-1 RSK-1 CM-1 REQ-1 TST-1 -: not tested yet"));
	change(t, c, "TST-1", "result", "");
	CHECK_STR(chains_of(t, c, ""), S("THR-1 RSK-1 CM-1 REQ-1 TST-1 -: not tested yet"));
	change(t, c, "TST-1", "result", "pass_with_findings");
	CHECK_STR(chains_of(t, c, ""), S(WHOLE));
	set_state(t, c, "TST-1", "retired");
	CHECK_STR(chains_of(t, c, ""), S("THR-1 RSK-1 CM-1 REQ-1 - -: no test"));
	close_store(t, c);
}

TEST(what_is_retired_or_gone_is_left_out, "")
{
	struct call *c = open_whole(t);

	set_state(t, c, "REQ-1", "retired");
	CHECK_STR(chains_of(t, c, ""), S("THR-1 RSK-1 CM-1 - - -: no requirement"));
	set_state(t, c, "CM-1", "retired");
	CHECK_STR(chains_of(t, c, ""), S("THR-1 RSK-1 - - - -: no control"));
	set_state(t, c, "THR-1", "gone");
	CHECK_STR(chains_of(t, c, ""), S(""));
	close_store(t, c);
}

TEST(a_threat_needs_a_decision, "")
{
	struct call *c = open_empty(t);
	int64_t open = 0, applying;

	store_put(t, c, "threat", "THR-1", "identified", "category", "spoofing", NULL);
	put_threat(t, c, "THR-2", "assessed");
	put_threat(t, c, "THR-3", "answered");
	store_put(t, c, "threat", "THR-4", "not_applicable", "category", "spoofing", NULL);
	store_put(t, c, "threat", "THR-5", "not_applicable", "category", "spoofing", "reason",
		"no radio", NULL);
	store_put(t, c, "threat", "THR-6", "assessed", "category", "spoofing", "applies", "no",
		"reason", "no radio", NULL);
	CHECK_STR(chains_of(t, c, ""),
		S("THR-1 - - - - -: no decision\nTHR-2 - - - - -: no decision\n"
		  "THR-4 - - - - -: no decision\nTHR-3 - - - - -: no control\n"
		  "THR-5 - - - - -: \nTHR-6 - - - - -: "));
	CHECK(threats_undecided(c, S(""), &open, &applying));
	CHECK_INT(open, 3);
	close_store(t, c);
}

TEST(an_accepted_risk_decides_until_its_day, "")
{
	struct call *c = open_empty(t);
	int64_t open = -1, applying;

	put_threat(t, c, "THR-1", "assessed");
	store_put(t, c, "risk", "RSK-1", "treated", "domain", "product_security", "owner", "P01",
		NULL);
	store_tie(t, c, "THR-1", "raises", "RSK-1");
	CHECK_STR(chains_of(t, c, ""), S("THR-1 RSK-1 - - - -: no decision"));
	set_state(t, c, "RSK-1", "accepted");
	CHECK_STR(chains_of(t, c, ""), S("THR-1 RSK-1 - - - -: "));
	change(t, c, "RSK-1", "acceptance_until", "2026-09-30");
	CHECK_STR(chains_of(t, c, ""), S("THR-1 RSK-1 - - - -: "));
	change(t, c, "RSK-1", "acceptance_until", "2026-09-29");
	CHECK_STR(chains_of(t, c, ""), S("THR-1 RSK-1 - - - -: no decision"));
	change(t, c, "RSK-1", "acceptance_until", "");

	/* Of two risks both must be accepted. */
	store_put(t, c, "risk", "RSK-2", "treated", "domain", "product_security", "owner", "P01",
		NULL);
	store_tie(t, c, "THR-1", "raises", "RSK-2");
	CHECK_STR(
		chains_of(t, c, ""), S("THR-1 RSK-2 - - - -: no decision\nTHR-1 RSK-1 - - - -: "));
	CHECK(threats_undecided(c, S(""), &open, &applying));
	CHECK_INT(open, 1);
	close_store(t, c);
}

TEST(controls_and_requirements_that_answer_nothing_are_found, "")
{
	struct call *c = open_whole(t);

	put_control(t, c, "CM-2");
	store_put(t, c, "control", "CM-3", "operating", "domain", "governance", NULL);
	store_put(t, c, "requirement", "REQ-2", "implemented", NULL);
	store_put(t, c, "requirement", "REQ-3", "open", NULL);
	store_tie(t, c, "REQ-3", "part_of", "REQ-1");
	CHECK_STR(chains_of(t, c, ""),
		S("- - - REQ-3 - -: no test\n- - - REQ-2 - -: requirement without source\n"
		  "- - CM-2 - - -: control without threat or risk\n" WHOLE));
	/* A control that only treats a risk stands with it. */
	store_put(t, c, "risk", "RSK-2", "treated", "domain", "product_security", "owner", "P01",
		NULL);
	store_tie(t, c, "CM-2", "treats", "RSK-2");
	store_tie(t, c, "REQ-2", "refines", "CM-2");
	store_tie(t, c, "TST-1", "verifies", "REQ-2");
	store_tie(t, c, "TST-1", "verifies", "REQ-3");
	CHECK_STR(chains_of(t, c, ""),
		S(WHOLE "\n- RSK-2 CM-2 REQ-2 TST-1 EVD-1: \n- - - REQ-3 TST-1 EVD-1: "));
	close_store(t, c);
}

/* ---- paths ---- */

TEST(each_distinct_path_is_one_row_in_order_of_reference, "")
{
	struct call *c = open_whole(t);

	store_put(t, c, "evidence", "EVD-2", "reviewed", NULL);
	store_put(t, c, "test", "TST-10", "run", "result", "fail", NULL);
	store_put(t, c, "test", "TST-2", "planned", NULL);
	store_tie(t, c, "EVD-2", "shows", "TST-1");
	store_tie(t, c, "TST-10", "verifies", "REQ-1");
	store_tie(t, c, "TST-2", "verifies", "REQ-1");
	CHECK_STR(chains_of(t, c, ""),
		S("THR-1 RSK-1 CM-1 REQ-1 TST-10 -: test failed\n"
		  "THR-1 RSK-1 CM-1 REQ-1 TST-2 -: not tested yet\n" WHOLE
		  "\nTHR-1 RSK-1 CM-1 REQ-1 TST-1 EVD-2: "));
	close_store(t, c);
}

TEST(controls_stand_with_the_risk_that_they_treat, "")
{
	struct call *c = open_empty(t);

	put_threat(t, c, "THR-1", "answered");
	put_threat(t, c, "THR-2", "answered");
	put_threat(t, c, "THR-3", "answered");
	store_put(t, c, "risk", "RSK-1", "treated", "domain", "product_security", "owner", "P01",
		NULL);
	put_control(t, c, "CM-1");
	put_control(t, c, "CM-2");
	store_tie(t, c, "THR-1", "raises", "RSK-1");
	store_tie(t, c, "THR-2", "raises", "RSK-1");
	store_tie(t, c, "THR-3", "raises", "RSK-1");
	store_tie(t, c, "CM-1", "counters", "THR-1");
	/* Nothing treats the risk: the control of the threat stands beside it. */
	CHECK_STR(chains_of(t, c, ""),
		S("THR-2 RSK-1 - - - -: no control\nTHR-3 RSK-1 - - - -: no control\n"
		  "THR-1 RSK-1 CM-1 - - -: no requirement\n"
		  "- - CM-2 - - -: control without threat or risk"));
	/* One that treats the risk answers the threats that have no control of their own; the one
	   that does not treat it stands with its threat alone. */
	store_tie(t, c, "CM-2", "counters", "THR-2");
	store_tie(t, c, "CM-2", "treats", "RSK-1");
	CHECK_STR(chains_of(t, c, ""),
		S("THR-1 RSK-1 CM-2 - - -: no requirement\n"
		  "THR-1 - CM-1 - - -: no requirement\n"
		  "THR-2 RSK-1 CM-2 - - -: no requirement\n"
		  "THR-3 RSK-1 CM-2 - - -: no requirement"));
	close_store(t, c);
}

/* ---- product, rights, time ---- */

TEST(a_product_sees_its_rows_and_those_of_none, "")
{
	struct call *c = open_whole(t);
	int64_t shown, total, open, applying;

	store_put(t, c, "product", "PRD-1", "on_market", NULL);
	store_put(t, c, "product", "PRD-2", "on_market", NULL);
	CHECK_STR(chains_of(t, c, "PRD-1"), S(WHOLE));
	change(t, c, "REQ-1", "product", "PRD-2");
	put_threat(t, c, "THR-2", "assessed");
	change(t, c, "THR-2", "product", "PRD-1");
	CHECK_STR(chains_of(t, c, "PRD-1"), S("THR-2 - - - - -: no decision"));
	CHECK_STR(chains_of(t, c, "PRD-2"), S(WHOLE));
	CHECK_STR(chains_of(t, c, ""), S("THR-2 - - - - -: no decision\n" WHOLE));
	CHECK(threats_undecided(c, S("PRD-1"), &open, &applying));
	CHECK_INT(open, 1);
	CHECK(threats_undecided(c, S("PRD-2"), &open, &applying));
	CHECK_INT(open, 0);
	CHECK(control_evidence(c, S("PRD-1"), &shown, &total));
	CHECK_INT(total, 0);
	CHECK(control_evidence(c, S("PRD-2"), &shown, &total));
	CHECK_INT(shown, 1);
	CHECK_INT(total, 1);
	close_store(t, c);
}

static void only(struct call *c, struct grant *g, const char *const *patterns, str product)
{
	*g = (struct grant){.product = product};
	for (; *patterns; patterns++)
		right_match(str_of(*patterns), g->right);
	c->who = (struct who){.ref = S("P01"),
		.name = S("Ada"),
		.actor = S("person:1"),
		.grant = g,
		.grant_count = 1};
}

TEST(what_may_not_be_read_is_not_in_the_rows, "")
{
	struct call *c = open_whole(t);
	struct grant g;
	struct trace_around around;

	only(c, &g,
		(const char *const[]){"threat.read", "control.read", "requirement.read",
			"test.read", "evidence.read", NULL},
		S(""));
	CHECK_STR(chains_of(t, c, ""), S("THR-1 - CM-1 REQ-1 TST-1 EVD-1: "));
	/* Without threats and risks a control is not called alone: it has a source, just not for
	   you. */
	only(c, &g,
		(const char *const[]){
			"control.read", "requirement.read", "test.read", "evidence.read", NULL},
		S(""));
	CHECK_STR(chains_of(t, c, ""), S("- - CM-1 REQ-1 TST-1 EVD-1: "));
	only(c, &g, (const char *const[]){"requirement.read", "test.read", NULL}, S(""));
	CHECK_STR(chains_of(t, c, ""), S("- - - REQ-1 TST-1 -: no evidence"));
	/* What lies behind a record that may not be read stays hidden too. */
	only(c, &g, (const char *const[]){"threat.read", "requirement.read", "test.read", NULL},
		S(""));
	CHECK(trace_of(c, S("TST-1"), &around));
	CHECK_INT(around.up_count, 1);
	CHECK_STR(around.up[0].ref, S("REQ-1"));
	CHECK(!trace_of(c, S("RSK-1"), &around));
	CHECK_INT(c->err.code, ERR_MISSING);
	err_clear(&c->err);
	only(c, &g, (const char *const[]){"person.read", NULL}, S(""));
	CHECK_STR(chains_of(t, c, ""), S(""));
	close_store(t, c);
}

TEST(the_past_is_shown_as_it_was, "")
{
	struct call *c = open_whole(t);
	int64_t before = c->now_us, shown, total;

	CHECK(time_parse(S("2026-10-07T08:00:00Z"), &c->now_us));
	change(t, c, "TST-1", "result", "fail");
	CHECK(link_remove(c, S("CM-1"), S("treats"), S("RSK-1")));
	CHECK_STR(chains_of(t, c, ""), S("THR-1 RSK-1 CM-1 REQ-1 TST-1 -: test failed"));
	CHECK(control_evidence(c, S(""), &shown, &total));
	CHECK_INT(shown, 0);
	c->at_us = before;
	CHECK_STR(chains_of(t, c, ""), S(WHOLE));
	CHECK(control_evidence(c, S(""), &shown, &total));
	CHECK_INT(shown, 1);
	c->at_us = before - DAY_US;
	CHECK_STR(chains_of(t, c, ""), S(""));
	c->at_us = TIME_NONE;
	close_store(t, c);
}

/* Any change at all: what is brought up to date from the ledger equals what is read anew, for those
   who may read everything and for those who may not. */
static void change_anything(struct test_case *t, struct call *c, uint64_t *seed)
{
	static const char *const prefix[] = {"THR", "RSK", "CM", "REQ", "TST"};
	static const char *const type[] = {"raises", "treats", "refines", "verifies"};
	int layer = (int)test_random(seed, 4);
	str ref[2];

	for (int i = 0; i < 2; i++)
		ref[i] = str_fmt(
			c->arena, "%s-%d", prefix[layer + i], (int)test_random(seed, 9) + 1);
	if (test_random(seed, 3)) {
		str from = ref[layer != 0], to = ref[layer == 0];
		if (!link_add(c, from, str_of(type[layer]), to, S(""))) {
			err_clear(&c->err);
			CHECK(link_remove(c, from, str_of(type[layer]), to));
		}
		return;
	}
	struct rec *rec = current(t, c, cstr(c->arena, ref[test_random(seed, 2)]));
	rec->state = (int)test_random(seed, rec->kind->state_count);
	rec->classification =
		test_random(seed, 4) ? CLASSIFICATION_INTERNAL : CLASSIFICATION_RESTRICTED;
	CHECK(kind_put(c, rec, S("test.update")));
}

static void put_nine_of_each(struct test_case *t, struct call *c)
{
	for (int i = 2; i <= 9; i++) {
		put_threat(t, c, str_fmt(c->arena, "THR-%d", i).p, "assessed");
		store_put(t, c, "risk", str_fmt(c->arena, "RSK-%d", i).p, "treated", "domain",
			"product_security", "owner", "P01", NULL);
		put_control(t, c, str_fmt(c->arena, "CM-%d", i).p);
		store_put(t, c, "requirement", str_fmt(c->arena, "REQ-%d", i).p, "verified", NULL);
		store_put(t, c, "test", str_fmt(c->arena, "TST-%d", i).p, "run", "result", "pass",
			NULL);
	}
}

TEST(what_is_remembered_is_what_is_there, "")
{
	struct call *c = open_whole(t);
	struct who everything = c->who;
	struct grant g;
	uint64_t seed = 0x5eed;

	c->reason = S("to see whether it is noticed");
	put_nine_of_each(t, c);
	for (int i = 0; i < 300; i++) {
		change_anything(t, c, &seed);
		if (i % 5)
			continue;
		chains_of(t, c, "");
		only(c, &g,
			(const char *const[]){"threat.read", "control.read", "risk.read",
				"requirement.read", NULL},
			S(""));
		chains_of(t, c, "");
		c->who = everything;
	}
	close_store(t, c);
}

/* ---- around one record ---- */

static str refs_of(struct call *c, const struct brief *list, isize count)
{
	struct buf b;

	buf_init(&b, c->arena, 4096);
	for (isize i = 0; i < count; i++) {
		buf_add(&b, i ? S(" ") : S(""));
		buf_add(&b, list[i].ref);
	}
	return buf_str(&b);
}

TEST(both_directions_of_a_record_nearest_first, "")
{
	struct call *c = open_whole(t);
	struct trace_around a;

	CHECK(trace_of(c, S("CM-1"), &a));
	CHECK_STR(refs_of(c, a.up, a.up_count), S("RSK-1 THR-1"));
	CHECK_STR(refs_of(c, a.down, a.down_count), S("REQ-1 TST-1 EVD-1"));
	CHECK(trace_of(c, S("THR-1"), &a));
	CHECK_INT(a.up_count, 0);
	CHECK_STR(refs_of(c, a.down, a.down_count), S("CM-1 RSK-1 REQ-1 TST-1 EVD-1"));
	CHECK(trace_of(c, S("EVD-1"), &a));
	CHECK_STR(refs_of(c, a.up, a.up_count), S("TST-1 REQ-1 CM-1 RSK-1 THR-1"));
	CHECK_INT(a.down_count, 0);
	CHECK(!a.is_cut);
	CHECK(!trace_of(c, S("CM-404"), &a));
	CHECK_INT(c->err.code, ERR_MISSING);
	err_clear(&c->err);
	close_store(t, c);
}

TEST(more_around_a_record_than_fit_is_cut_and_said, "")
{
	struct call *c = open_whole(t);
	struct trace_around a;

	for (int i = 2; i <= TRACE_OF_MAX + 2; i++) {
		const char *ref = cstr(c->arena, str_fmt(c->arena, "REQ-%d", i));
		store_put(t, c, "requirement", ref, "open", NULL);
		store_tie(t, c, ref, "refines", "CM-1");
	}
	CHECK(trace_of(c, S("CM-1"), &a));
	CHECK_INT(a.down_count, TRACE_OF_MAX);
	CHECK(a.is_cut);
	CHECK_STR(a.down[0].ref, S("REQ-1"));
	close_store(t, c);
}

/* ---- controls shown to work ---- */

static void check_controls(
	struct test_case *t, struct call *c, int64_t shown_want, int64_t total_want)
{
	int64_t shown, total;

	CHECK(control_evidence(c, S(""), &shown, &total));
	CHECK_INT(shown, shown_want);
	CHECK_INT(total, total_want);
}

TEST(a_control_is_shown_when_each_requirement_is, "")
{
	struct call *c = open_whole(t);

	store_put(t, c, "control", "CM-2", "operating", "domain", "governance", NULL);
	store_put(t, c, "control", "CM-3", "planned", "domain", "product", NULL);
	check_controls(t, c, 1, 1);
	store_put(t, c, "requirement", "REQ-2", "implemented", NULL);
	store_tie(t, c, "REQ-2", "refines", "CM-1");
	check_controls(t, c, 0, 1);
	store_tie(t, c, "TST-1", "verifies", "REQ-2");
	check_controls(t, c, 1, 1);
	store_put(t, c, "test", "TST-2", "run", "result", "fail", NULL);
	store_tie(t, c, "TST-2", "verifies", "REQ-2");
	check_controls(t, c, 0, 1);
	change(t, c, "TST-2", "result", "blocked");
	check_controls(t, c, 1, 1);
	set_state(t, c, "EVD-1", "expired");
	check_controls(t, c, 0, 1);
	close_store(t, c);
}

/* ---- the worked example: what was planted in it is found ---- */

static bool has_line(str text, str line)
{
	while (text.n)
		if (str_starts(str_cut(&text, '\n'), line))
			return true;
	return false;
}

TEST(the_gaps_planted_in_the_example_are_found, "")
{
	struct call *c = store_open(t, S("2025-11-01T06:00:00Z"));
	struct demo_files files = {store_example(t, "tables.json"), store_example(t, "extra.json")};
	struct demo_report report;
	struct trace_counts n;
	struct chain *list;
	isize count;
	int64_t open, applying;

	kept = trace_memory_new(t->arena);
	CHECK(demo_load(c, &files, &report));
	int64_t began = clock_mono();
	str all = chains_of(t, c, "");
	printf("# chains in %d us\n", (int)(clock_mono() - began));
	CHECK(has_line(all, S("THR-41 RSK-29 - - - -: no decision")));
	CHECK(has_line(all, S("THR-42 - - - - -: no decision")));
	CHECK(has_line(all, S("THR-20 RSK-18 CM-27 REQ-27 TST-27 -: test failed")));
	CHECK(has_line(all, S("THR-27 RSK-13 CM-31 REQ-38 - -: no test")));
	CHECK(has_line(all, S("THR-15 RSK-14 CM-22 REQ-39 - -: no test")));
	CHECK(has_line(all, S("- - - REQ-40 - -: requirement without source")));
	CHECK(threats_undecided(c, S(""), &open, &applying));
	CHECK_INT(open, 2);
	CHECK(trace_chains(c, &(struct chain_query){.product = S(""), .limit = TRACE_ROWS_MAX},
		&list, &count, &n));
	CHECK_INT(n.by_break[CHAIN_NO_DECISION], 2);
	CHECK_INT(n.by_break[CHAIN_TEST_FAILED], 2); /* THR-20 and THR-37 */
	CHECK_INT(n.by_break[CHAIN_NO_TEST], 3);     /* THR-15; THR-27 and THR-28 */
	CHECK_INT(n.by_break[CHAIN_NO_CONTROL], 0);
	CHECK_INT(n.by_break[CHAIN_NO_EVIDENCE], 0);
	CHECK_INT(n.by_break[CHAIN_NO_SOURCE], 1);
	for (isize i = 0; i < n.broken; i++)
		printf("# %.*s %.*s %.*s: %.*s\n", STR_ARG(list[i].threat.ref),
			STR_ARG(list[i].control.ref), STR_ARG(list[i].requirement.ref),
			STR_ARG(list[i].words));
	close_store(t, c);
}

TEST_MAIN()
