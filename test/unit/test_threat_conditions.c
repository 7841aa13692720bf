/*
 * Conditions of rules against the logic of three values written plainly, and the sieve against all
 * rules tried: expressions and flows at random.
 */
#include "test.h"
#include "threat/engine/engine.h"
#include "threat/formats/formats.h"
#include "threat/rules/compiled.h"

enum { FACTS = 4, NODES = 40, RULES = 130, FLOWS = 60 };

static const char vocabulary[] =
	"enum yes-no no, yes\nscale level low, medium, high, very-high\nenum color red, green, "
	"blue\n"
	"property flow from text\nproperty flow to text\nproperty flow safe yes-no\n"
	"property flow color list of color\nproperty process strength level\n"
	"property flow weight level\nproperty process in text\n";

static const struct vocabulary *words(struct test_case *t)
{
	struct err e = {.arena = t->arena};
	struct vocabulary *v = NULL;

	CHECK(vocabulary_parse(t->arena, &e, S("v"), str_of(vocabulary), &v));
	return v;
}

/* ---- what the facts of a flow are: bits of words, 0 when nobody stated them ---- */

struct facts {
	unsigned safe, color, weight, strength; /* the last of the element at its end */
	bool is_strange;                        /* a color that no list has, too */
};

static struct facts some_facts(uint64_t *random)
{
	struct facts f = {.safe = 1u << test_random(random, 2) >> test_random(random, 2) * 2,
		.color = (unsigned)test_random(random, 8) * (unsigned)test_random(random, 2),
		.weight = (1u << test_random(random, 4)) * (unsigned)test_random(random, 2),
		.strength = (1u << test_random(random, 4)) * (unsigned)test_random(random, 2),
		.is_strange = test_random(random, 6) == 0};

	f.safe &= 3;
	return f;
}

static void put_some(struct buf *b, const char *key, const char *const word[], int count,
	unsigned bits, bool is_strange)
{
	bool first = true;

	for (int i = 0; i < count; i++)
		if (bits >> i & 1) {
			buf_fmt(b, first ? " %s=%s" : ", %s%s", first ? key : "", word[i]);
			first = false;
		}
	if (is_strange)
		buf_fmt(b, first ? " %s=%s" : ", %s%s", first ? key : "", "pink");
}

static const char *const levels[] = {"low", "medium", "high", "very-high"},
			 *const colors[] = {"red", "green", "blue"},
			 *const yes_no[] = {"no", "yes"};

static void put_flow(struct buf *b, int i, const struct facts *f)
{
	buf_fmt(b, "process p%d", i);
	put_some(b, "strength", levels, 4, f->strength, false);
	buf_fmt(b, "\nflow f%d p%d -> p%d", i, i, i);
	put_some(b, "safe", yes_no, 2, f->safe, false);
	put_some(b, "color", colors, 3, f->color, f->is_strange);
	put_some(b, "weight", levels, 4, f->weight, false);
	buf_char(b, '\n');
}

/* ---- an expression, as text and as what it means ---- */

enum truth { NO, PERHAPS, YES };

struct expression {
	struct buf text;
	const struct facts *facts;
	isize count;
	enum truth *truth; /* for each of the facts */
};

static enum truth not(enum truth a) { return (enum truth)(YES - a); }

static enum truth both(enum truth a, enum truth b)
{
	return a < b ? a : b;
}

static enum truth one_of(bool is_known, bool holds)
{
	return holds ? YES : is_known ? NO : PERHAPS;
}

/* "color in (red, blue)", "color = red", "color != red". */
static void test_color(struct expression *x, uint64_t *random)
{
	unsigned mask = 1 + (unsigned)test_random(random, 7);
	bool is_one = (mask & (mask - 1)) == 0, negates = is_one && test_random(random, 2);

	if (is_one) {
		buf_fmt(&x->text, "color %s %s", negates ? "!=" : "=", colors[__builtin_ctz(mask)]);
	} else {
		bool first = true;
		for (int i = 0; i < 3; i++)
			if (mask >> i & 1) {
				buf_fmt(&x->text, "%s%s", first ? "color in (" : ", ", colors[i]);
				first = false;
			}
		buf_char(&x->text, ')');
	}
	for (isize i = 0; i < x->count; i++) {
		const struct facts *f = &x->facts[i];
		enum truth v = one_of(f->color || f->is_strange, f->color & mask);
		x->truth[i] = negates ? not(v) : v;
	}
}

/* "weight >= high", or the same of the element at the end. */
static void test_level(struct expression *x, uint64_t *random)
{
	static const char *const sign[] = {">=", ">", "<", "<="},
				 *const path[] = {"weight", "from.strength", "to.strength"};
	int s = (int)test_random(random, 4), level = (int)test_random(random, 4);
	int p = (int)test_random(random, 3);

	buf_fmt(&x->text, "%s %s %s", path[p], sign[s], levels[level]);
	for (isize i = 0; i < x->count; i++) {
		unsigned bits = p ? x->facts[i].strength : x->facts[i].weight;
		int has = bits ? __builtin_ctz(bits) : -1;
		bool holds = s == 0 || s == 2 ? has >= level : has > level;
		enum truth v = one_of(bits, bits && holds);
		x->truth[i] = s >= 2 ? not(v) : v;
	}
}

static void test_other(struct expression *x, uint64_t *random)
{
	int which = (int)test_random(random, 4);

	buf_fmt(&x->text, "%s",
		which == 0           ? "safe"
			: which == 1 ? "safe = no"
			: which == 2 ? "known weight"
				     : "known color");
	for (isize i = 0; i < x->count; i++) {
		const struct facts *f = &x->facts[i];
		x->truth[i] = which == 0 ? one_of(f->safe, f->safe & 2)
			: which == 1     ? one_of(f->safe, f->safe & 1)
			: which == 2     ? (f->weight ? YES : NO)
					 : (f->color || f->is_strange ? YES : NO);
	}
}

static void put_expression(struct test_case *t, struct expression *x, uint64_t *random, int depth)
{
	enum truth *left = x->truth;
	int64_t what = test_random(random, depth ? 9 : 5);

	if (what < 2)
		test_color(x, random);
	else if (what < 4)
		test_level(x, random);
	else if (what == 4)
		test_other(x, random);
	if (what <= 4)
		return;
	if (what == 5) {
		buf_add(&x->text, S("not "));
		put_expression(t, x, random, 0);
		for (isize i = 0; i < x->count; i++)
			left[i] = not(left[i]);
		return;
	}
	bool is_and = what == 6 || what == 7;
	buf_add(&x->text, S("("));
	put_expression(t, x, random, depth - 1);
	buf_add(&x->text, is_and ? S(" and ") : S(" or "));
	x->truth = NEW(t->arena, enum truth, x->count);
	put_expression(t, x, random, depth - 1);
	for (isize i = 0; i < x->count; i++)
		left[i] = is_and ? both(left[i], x->truth[i])
				 : not(both(not(left[i]), not(x->truth[i])));
	x->truth = left;
	buf_add(&x->text, S(")"));
}

/* ---- many rules on many flows ---- */

struct world {
	struct facts facts[FLOWS];
	struct expression when[RULES], handled[RULES];
	bool asks[RULES];
	struct rules *rules;
	struct model *model;
};

static struct expression some_expression(struct test_case *t, struct world *w, uint64_t *random)
{
	struct expression x = {
		.facts = w->facts, .count = FLOWS, .truth = NEW(t->arena, enum truth, FLOWS)};

	buf_init(&x.text, t->arena, 4000);
	put_expression(t, &x, random, 3);
	return x;
}

static void make_world(struct test_case *t, struct world *w, uint64_t *random)
{
	struct err e = {.arena = t->arena};
	struct buf b;

	buf_init(&b, t->arena, LIMIT_PROSE);
	for (int i = 0; i < FLOWS; i++) {
		w->facts[i] = some_facts(random);
		put_flow(&b, i, &w->facts[i]);
	}
	CHECK(model_read_as(t->arena, &e, MODEL_TEXT, S("m"), buf_str(&b), &w->model));
	buf_init(&b, t->arena, LIMIT_RECORD_BYTES);
	for (int i = 0; i < RULES; i++) {
		w->when[i] = some_expression(t, w, random);
		w->handled[i] = some_expression(t, w, random);
		w->asks[i] = test_random(random, 2);
		buf_fmt(&b, "rule r%d\n title \"x\"\n stride tampering\n on flow\n when %.*s\n", i,
			STR_ARG(buf_str(&w->when[i].text)));
		buf_fmt(&b, " handled by %.*s \"so\"\n", STR_ARG(buf_str(&w->handled[i].text)));
		if (w->asks[i])
			buf_add(&b, S(" ask safe, color, weight, from.strength, to.strength\n"));
		buf_add(&b, S(" fires { flow ? -> ? }\n silent { flow ? -> ? }\nend\n"));
	}
	w->rules = rules_new(t->arena, words(t));
	if (!rules_parse(t->arena, &e, S("r"), buf_str(&b), w->rules))
		test_fail(t, __FILE__, __LINE__, "%s", e.text);
}

/* ward-rule(5): what nobody can decide is asked for where the rule asks, and else not presumed. */
static enum threat_outcome expected(const struct world *w, int rule, isize flow)
{
	enum truth when = w->when[rule].truth[flow], handled = w->handled[rule].truth[flow];

	if (when == NO || (handled == YES && when != YES))
		return THREAT_IS_NOT_APPLICABLE;
	if (handled == YES)
		return THREAT_IS_MITIGATED;
	if (!w->asks[rule])
		return when == YES ? THREAT_IS_OPEN : THREAT_IS_NOT_APPLICABLE;
	return when == YES && handled == NO ? THREAT_IS_OPEN : THREAT_IS_QUESTION;
}

/* The rule's number, from its name. */
static int number_of(const struct rule *r)
{
	int64_t n = -1;

	return str_int(str_part(r->name, 1, r->name.n), 0, RULES - 1, &n) ? (int)n : -1;
}

static void check_outcomes(struct test_case *t, const struct world *w, const struct findings *f)
{
	isize seen = 0, want = 0;

	for (isize i = 0; i < f->count; i++) {
		int rule = number_of(f->list[i].rule);
		isize flow = f->list[i].part - f->model->of[PART_FLOW].list;
		enum threat_outcome outcome = expected(w, rule, flow);
		seen++;
		if (f->list[i].outcome != outcome)
			test_fail(t, __FILE__, __LINE__, "f%d is %d, not %d: when %.*s", (int)flow,
				(int)f->list[i].outcome, (int)outcome,
				STR_ARG(buf_view(&w->when[rule].text)));
	}
	for (int rule = 0; rule < RULES; rule++)
		for (isize flow = 0; flow < FLOWS; flow++)
			want += expected(w, rule, flow) != THREAT_IS_NOT_APPLICABLE;
	CHECK(want > 500);
	CHECK_INT(seen, want);
}

TEST(conditions_mean_what_they_say_with_the_sieve_and_without, "")
{
	uint64_t random = 23;

	for (int round = 0; round < 6; round++) {
		struct arena_mark mark = arena_here(t->arena);
		struct world *w = NEW(t->arena, struct world, 1);
		struct err e = {.arena = t->arena};
		struct findings *f;
		make_world(t, w, &random);
		CHECK(threat_evaluate(t->arena, &e, w->model, w->rules, false, &f));
		check_outcomes(t, w, f);
		CHECK(rules_link(t->arena, &e, w->rules));
		CHECK(w->rules->sieve != NULL);
		CHECK(threat_evaluate(t->arena, &e, w->model, w->rules, false, &f));
		check_outcomes(t, w, f);
		arena_rewind(t->arena, mark);
	}
}

/* A sieve that lets everything through says the same and is of no use: of rules about one color
   those about the others are left out. */
TEST(a_sieve_leaves_out_rules_about_words_that_are_not_there, "")
{
	const struct vocabulary *v = words(t);
	struct rules *rules = rules_new(t->arena, v);
	struct err e = {.arena = t->arena};
	int16_t color = (int16_t)vocabulary_prop_find(v, PART_FLOW, S("color"));
	struct buf b;

	for (int count = 1; count <= 130; count += count % 64 == 0 || count == 63 ? 1 : 3) {
		buf_init(&b, t->arena, LIMIT_RECORD_BYTES);
		for (int i = 0; i < count; i++)
			buf_fmt(&b,
				"rule r%d\n title \"x\"\n stride tampering\n on flow\n when color "
				"= %s\n"
				" fires { flow ? -> ? }\n silent { flow ? -> ? }\nend\n",
				i, colors[i % 3]);
		rules = rules_new(t->arena, v);
		CHECK(rules_parse(t->arena, &e, S("r"), buf_str(&b), rules));
		CHECK(rules_link(t->arena, &e, rules));
		for (int bit = 0; bit < 3; bit++) {
			uint64_t row[VOCABULARY_PROPS] = {0}, left[SIEVE_WORDS] = {0};
			const uint64_t *const side[3] = {row, row, row};
			int open = 0;
			row[color] = UINT64_C(1) << bit;
			sieve_part(&rules->sieve[PART_IS_FLOW], side, left);
			for (int i = 0; i < SIEVE_WORDS * 64; i++)
				open += (left[i / 64] >> i % 64 & 1) != 0;
			CHECK_INT(open, (count + 2 - bit) / 3);
			CHECK_INT(rules->sieve[PART_IS_FLOW].count, count);
			CHECK_INT(rules->sieve[PART_IS_STORE].count, 0);
		}
	}
}

TEST_MAIN()
