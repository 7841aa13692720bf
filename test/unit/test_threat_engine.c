/* How bad a finding is, which of several speaks, and how much of a model is not stated. */
#include "os/asset.h"
#include "test.h"
#include "threat/engine/engine.h"
#include "threat/model/model.h"
#include "threat/report/report.h"
#include "threat/rules/compiled.h"

static const struct vocabulary *words(struct test_case *t)
{
	const struct asset_file *file = asset_find(S("rules/vocabulary.def"));
	struct err e = {.arena = t->arena};
	struct vocabulary *v = NULL;

	if (!vocabulary_parse(t->arena, &e, file->name, file->bytes, &v))
		test_fail(t, __FILE__, __LINE__, "%s", e.text);
	return v;
}

/* The findings of one rule, on the parts and with the lines given, about a model. */
static struct findings *find(struct test_case *t, const char *on, str lines, str model)
{
	struct err e = {.arena = t->arena};
	struct rules *rules = rules_new(t->arena, words(t));
	struct findings *f;
	struct model *m;

	const char *part = str_eq(str_of(on), S("flow")) ? "flow ? -> ?" : "process ?";
	str text = str_fmt(t->arena,
		"rule r\n title \"x\"\n stride tampering\n on %s\n%.*s fires { %s }\n"
		" silent { %s }\nend\n",
		on, STR_ARG(lines), part, part);
	if (!rules_parse(t->arena, &e, S("r"), text, rules) || !rules_link(t->arena, &e, rules) ||
		!model_read_as(t->arena, &e, MODEL_TEXT, S("m"), model, &m) ||
		!threat_evaluate(t->arena, &e, m, rules, false, &f)) {
		test_fail(t, __FILE__, __LINE__, "%s", err_text(&e).p);
		return NEW(t->arena, struct findings, 1);
	}
	return f;
}

static enum threat_level level_of(int64_t impact, int64_t likelihood)
{
	int64_t score = impact * likelihood;

	return score >= 12 ? THREAT_ERROR : score >= 4 ? THREAT_WARNING : THREAT_NOTE;
}

TEST(how_bad_times_how_likely_is_an_error_from_12_and_a_warning_from_4, "")
{
	static const char *const impact[] = {"low", "medium", "high", "very-high"};

	for (int i = 1; i <= 4; i++)
		for (int k = 1; k <= 5; k++) {
			str lines = str_fmt(t->arena,
				" when protocol = http\n impact %s likelihood %d\n", impact[i - 1],
				k);
			const struct findings *f = find(t, "flow", lines,
				S("process a\nprocess b\nflow a -> b protocol=http\n"));
			CHECK_INT(f->count, 1);
			CHECK_INT(f->count ? f->list[0].level : 0, level_of(i, k));
		}
}

TEST(what_is_carried_and_where_it_stands_rate_a_finding, "")
{
	for (int c = 0; c <= 4; c++)
		for (int exposure = 0; exposure <= 5; exposure++) {
			struct buf b;
			buf_init(&b, t->arena, 400);
			if (exposure)
				buf_fmt(&b, "zone z exposure=%d\n", exposure);
			buf_fmt(&b, "process a%s\nprocess b%s\n", exposure ? " in=z" : "",
				exposure ? " in=z" : "");
			if (c)
				buf_fmt(&b, "asset x c=%d i=1 at=a\n", c);
			buf_fmt(&b, "flow a -> b protocol=http%s\n", c ? " carries=x" : "");
			const struct findings *f = find(t, "flow",
				S(" when protocol = http\n impact carried confidentiality "
				  "likelihood "
				  "exposure\n"),
				buf_str(&b));
			CHECK_INT(f->count, 1);
			/* What nobody stated counts as high. */
			if (f->count)
				CHECK_INT(f->list[0].level,
					level_of(c ? c : 3, exposure ? exposure : 3));
		}
}

/* From where an attacker may come: the worst of the zone, of the flows at the element, and of a
   path without proof; an interface is reached like its element. */
TEST(the_worst_way_to_an_element_says_how_likely_a_finding_is, "")
{
	static const struct {
		const char *flows;
		int likelihood;
	} cases[] = {{"", 1}, {"flow m -> e\n", 3}, {"flow e -> m\n", 3}, {"flow f -> n\n", 1},
		{"flow f -> n authentication=none\nflow n -> e authentication=none\n", 5},
		{"flow f -> n authentication=token\nflow n -> e authentication=none\n", 1}};
	static const char *const on[] = {"process", "interface"},
				 *const test[] = {"audited = yes", "of.audited = yes"};

	for (int i = 0; i < 2; i++)
		for (isize k = 0; k < COUNT_OF(cases); k++) {
			const struct findings *f = find(t, on[i],
				str_fmt(t->arena, " when %s\n impact high likelihood exposure\n",
					test[i]),
				str_fmt(t->arena,
					"zone far exposure=5\nzone mid exposure=3\n"
					"zone near exposure=1\nprocess f in=far\nprocess m in=mid\n"
					"process n in=near\nprocess e in=near audited=yes\n"
					"interface i of=e\n%s",
					cases[k].flows));
			CHECK_INT(f->count, 1);
			CHECK_INT(f->count ? f->list[0].likelihood : 0, cases[k].likelihood);
		}
}

/* What is known to be nothing is the least there is; what is not known is taken as high. */
TEST(nothing_is_less_than_what_is_not_known, "")
{
	static const struct {
		const char *on, *when, *model;
		int impact, likelihood;
	} cases[] = {{"process", "not known note", "process e\n", 0, 1},
		{"process", "not known note", "asset x at=e\nprocess e\nprocess f\n", 0, 1},
		{"flow", "protocol = http", "process a\nflow a -> a protocol=http carries=none\n",
			1, 0},
		{"flow", "protocol = http", "process a\nflow a -> a protocol=http\n", 0, 0}};

	for (isize i = 0; i < COUNT_OF(cases); i++) {
		bool is_flow = str_eq(str_of(cases[i].on), S("flow"));
		const struct findings *f = find(t, cases[i].on,
			str_fmt(t->arena, " when %s\n impact %s likelihood exposure\n",
				cases[i].when,
				is_flow ? "carried confidentiality" : "held integrity"),
			str_of(cases[i].model));
		CHECK(f->count > 0);
		if (!f->count)
			continue;
		CHECK_INT(f->list[0].impact, cases[i].impact);
		CHECK_INT(f->list[0].likelihood, cases[i].likelihood);
	}
}

/* What two rules say of one flow, of which the second replaces the first: "general exact". */
static str both_say(struct test_case *t, const char *props, bool all)
{
	struct err e = {.arena = t->arena};
	struct rules *rules = rules_new(t->arena, words(t));
	struct findings *f;
	struct model *m;
	struct buf b;

	str text = str_fmt(t->arena, "process a\nprocess b\nflow a -> b %s\n", props);
	CHECK(rules_parse(t->arena, &e, S("r"),
		S("rule general\n title \"x\"\n stride tampering\n on flow\n when protocol = http\n"
		  " fires { flow ? -> ? }\n silent { flow ? -> ? }\nend\n"
		  "rule exact\n title \"x\"\n stride tampering\n on flow\n when protocol = http\n"
		  " handled by encryption = tls \"tls\"\n ask encryption\n replaces general\n"
		  " fires { flow ? -> ? }\n silent { flow ? -> ? }\nend\n"),
		rules));
	CHECK(rules_link(t->arena, &e, rules));
	CHECK(model_read_as(t->arena, &e, MODEL_TEXT, S("m"), text, &m));
	CHECK(threat_evaluate(t->arena, &e, m, rules, all, &f));
	buf_init(&b, t->arena, 100);
	for (isize i = 0; i < f->count; i++)
		buf_fmt(&b, "%.*s ", STR_ARG(f->list[i].rule->name));
	return buf_str(&b);
}

TEST(no_open_threat_hides_behind_a_question_or_a_handled_one, "")
{
	for (int all = 0; all < 2; all++) {
		CHECK_STR(both_say(t, "protocol=http encryption=none", all), S("exact "));
		CHECK_STR(both_say(t, "protocol=http", all), S("general exact "));
		CHECK_STR(both_say(t, "protocol=http encryption=tls", all), S("general exact "));
		CHECK_STR(both_say(t, "protocol=https", all), all ? S("general exact ") : S(""));
	}
}

/* Three flows to one end, in every order: the worst one speaks, and all three are counted. */
TEST(of_findings_at_one_end_the_worst_speaks_and_all_are_counted, "")
{
	static const int order[6][3] = {
		{1, 2, 4}, {1, 4, 2}, {2, 1, 4}, {2, 4, 1}, {4, 1, 2}, {4, 2, 1}};

	for (int i = 0; i < 6; i++) {
		struct buf b;
		buf_init(&b, t->arena, 600);
		buf_add(&b,
			S("process a\nprocess b\nasset x1 c=1 at=a\nasset x2 c=2 at=a\n"
			  "asset x4 c=4 at=a\n"));
		for (int k = 0; k < 3; k++)
			buf_fmt(&b, "flow f%d a -> b protocol=http carries=x%d\n", order[i][k],
				order[i][k]);
		const struct findings *f = find(t, "flow",
			S(" when protocol = http\n collapse by to\n impact carried confidentiality "
			  "likelihood medium\n"),
			buf_str(&b));
		CHECK_INT(f->count, 1);
		if (!f->count)
			continue;
		CHECK_STR(f->list[0].part->id, S("b"));
		CHECK_STR(f->list[0].because->id, S("f4"));
		CHECK_INT(f->list[0].level, THREAT_ERROR);
		CHECK_INT(f->list[0].merged, 3);
	}
}

TEST(of_equal_findings_at_one_end_the_first_speaks, "")
{
	const struct findings *f = find(t, "flow", S(" when protocol = http\n collapse by to\n"),
		S("process a\nprocess b\nflow f1 a -> b protocol=http\n"
		  "flow f2 a -> b protocol=http\n"));

	CHECK_INT(f->count, 1);
	CHECK_STR(f->list[0].because->id, S("f1"));
	CHECK_INT(f->list[0].merged, 2);
}

/* What two rules say that collapse by `one` and by `two`: "one/b 3 …". */
static str collapsed(struct test_case *t, const char *one, const char *two)
{
#define COLLAPSES                                                                                  \
	"rule %s\n title \"x\"\n stride tampering\n on flow\n when protocol = http\n"              \
	" collapse by %s\n fires { flow ? -> ? }\n silent { flow ? -> ? }\nend\n"
	struct rules *rules = rules_new(t->arena, words(t));
	struct err e = {.arena = t->arena};
	struct findings *f = NULL;
	struct model *m;
	struct buf b;

	CHECK(rules_parse(t->arena, &e, S("r"),
		str_fmt(t->arena, COLLAPSES COLLAPSES, "one", one, "two", two), rules));
	CHECK(rules_link(t->arena, &e, rules));
	CHECK(model_read_as(t->arena, &e, MODEL_TEXT, S("m"),
		S("process a\nprocess b\nprocess c\nflow f1 a -> b protocol=http\n"
		  "flow f2 c -> b protocol=http\nflow f3 a -> b protocol=http\n"
		  "flow f4 ? -> ? protocol=http\n"),
		&m));
	CHECK(threat_evaluate(t->arena, &e, m, rules, false, &f));
	buf_init(&b, t->arena, 2000);
	for (isize k = 0; k < f->count; k++)
		buf_fmt(&b, "%s%.*s/%.*s %d", k ? " " : "", STR_ARG(f->list[k].rule->name),
			STR_ARG(f->list[k].part->id), f->list[k].merged);
	return buf_str(&b);
}

/* Two rules see the same flows; an end that nobody named is nobody's. */
TEST(each_rule_collapses_what_it_found_itself, "")
{
	CHECK_STR(collapsed(t, "from", "from"),
		S("one/a 2 two/a 2 one/c 1 two/c 1 one/f4 1 two/f4 1"));
	CHECK_STR(collapsed(t, "from", "to"), S("one/a 2 two/b 3 one/c 1 one/f4 1 two/f4 1"));
	CHECK_STR(collapsed(t, "to", "from"), S("two/a 2 one/b 3 two/c 1 one/f4 1 two/f4 1"));
	CHECK_STR(collapsed(t, "to", "to"), S("one/b 3 two/b 3 one/f4 1 two/f4 1"));
}

static int64_t place_of(const struct threat_finding *f)
{
	return (int64_t)f->part->at.line * 10000 + f->part->at.column;
}

/* Parts of all groups, anywhere in their file, several at one place. */
static void scatter(struct model *m, uint64_t *random, int64_t lines)
{
	for (int g = 0; g < PART_GROUPS; g++)
		for (isize i = 0; i < m->of[g].count; i++)
			m->of[g].list[i].at =
				(struct file_place){1 + (int32_t)test_random(random, lines),
					1 + (int32_t)test_random(random, lines)};
}

/* By place, then by rule, then as the parts stand: what is read from above. */
TEST(findings_stand_in_the_order_of_the_file_and_of_the_rules, "")
{
	struct rules *rules = rules_new(t->arena, words(t));
	struct err e = {.arena = t->arena};
	static const char *const kinds[] = {
		"flow", "threat", "zone", "process", "asset", "interface", "flow", "process"};
	uint64_t random = 5;
	struct buf b;

	buf_init(&b, t->arena, LIMIT_PROSE);
	for (int i = 0; i < COUNT_OF(kinds); i++)
		buf_fmt(&b,
			"rule r%d\n title \"x\"\n stride tampering\n on %s\n when not known note\n"
			" fires { flow ? -> ? }\n silent { flow ? -> ? }\nend\n",
			i, kinds[i]);
	CHECK(rules_parse(t->arena, &e, S("r"), buf_str(&b), rules));
	for (int round = 0; round < 400; round++) {
		struct arena_mark mark = arena_here(t->arena);
		struct findings *f;
		struct model *m;
		int parts = 1 + round % 7;
		buf_init(&b, t->arena, LIMIT_PROSE);
		for (int i = 0; i < parts; i++)
			buf_fmt(&b,
				"zone z%d\nprocess p%d\nasset a%d\nflow f%d p%d -> p%d\n"
				"interface i%d of=p%d\nthreat t%d \"T\" at=p%d\n",
				i, i, i, i, i, i, i, i, i, i);
		CHECK(model_read_as(t->arena, &e, MODEL_TEXT, S("m"), buf_str(&b), &m));
		scatter(m, &random, 1 + round % 12);
		CHECK(threat_evaluate(t->arena, &e, m, rules, false, &f));
		CHECK_INT(f->count, 8 * parts);
		for (isize i = 1; i < f->count; i++) {
			const struct threat_finding *one = &f->list[i - 1], *two = one + 1;
			int64_t by = place_of(two) - place_of(one);
			by = by ? by : two->rule - one->rule;
			CHECK(by ? by > 0 : one->part < two->part);
		}
		arena_rewind(t->arena, mark);
	}
}

/* An open one speaks before a question, and that before a handled one, however little they are. */
TEST(of_findings_at_one_end_the_one_that_asks_for_most_speaks, "")
{
	static const char *const flow[] = {"flow f0 a -> b protocol=http encryption=tls\n",
		"flow f1 a -> b protocol=http\n", "flow f2 a -> b protocol=http encryption=none\n"};
	static const char *const weight[] = {
		"impact very-high likelihood 5", "impact low likelihood 1"};

	for (int one = 0; one < 3; one++)
		for (int two = 0; two < 3; two++)
			for (int w = 0; w < 2 && one != two; w++) {
				int most = one > two ? one : two;
				const struct findings *f = find(t, "flow",
					str_fmt(t->arena,
						" when protocol = http\n handled by encryption = "
						"tls "
						"\"tls\"\n ask encryption\n collapse by to\n %s\n",
						weight[w]),
					str_fmt(t->arena, "process a\nprocess b\n%s%s", flow[one],
						flow[two]));
				CHECK_INT(f->count, 1);
				CHECK_STR(f->list[0].because->id, str_fmt(t->arena, "f%d", most));
				CHECK_INT(f->list[0].outcome, THREAT_IS_MITIGATED + most);
				CHECK_INT(f->list[0].merged, 2);
			}
}

/* The share of thirty elements that stand in no zone: up to a tenth, a third, two thirds. */
TEST(the_share_that_is_not_stated_ends_at_a_tenth_a_third_and_two_thirds, "")
{
	static const char *const word[] = {"few", "some", "many", "most"};
	const int first[] = {0, 4, 11, 21};

	for (int missing = 0; missing <= 30; missing++)
		for (int w = 0; w < 4; w++) {
			struct buf b;
			buf_init(&b, t->arena, 2000);
			buf_add(&b, S("zone z exposure=1\n"));
			for (int i = 0; i < 30; i++)
				buf_fmt(&b, "process p%d%s\n", i, i < missing ? "" : " in=z");
			const struct findings *f = find(t, "model",
				str_fmt(t->arena, " when unknown >= %s\n", word[w]), buf_str(&b));
			CHECK_INT(f->count, missing >= first[w]);
		}
}

TEST(a_question_mark_is_not_known, "")
{
	static const struct {
		const char *flow;
		isize count;
	} want[] = {{"", 0}, {"protocol=?", 0}, {"protocol=http", 1}, {"protocol=http, tls1.3", 1}};

	for (isize i = 0; i < COUNT_OF(want); i++) {
		const struct findings *f = find(t, "flow", S(" when known protocol\n"),
			str_fmt(t->arena, "process a\nprocess b\nflow a -> b %s\n", want[i].flow));
		CHECK_INT(f->count, want[i].count);
	}
}

/* Of two assets one says nothing: what is carried is known in part, and that is not known. */
TEST(what_is_known_in_part_is_not_known, "")
{
	static const char *const carries[] = {"x", "x, y", "y"};

	for (int i = 0; i < 3; i++) {
		const struct findings *f =
			find(t, "flow", S(" when known carries-confidentiality\n"),
				str_fmt(t->arena,
					"process a\nprocess b\nasset x c=2 at=a\nasset y i=1 at=a\n"
					"flow a -> b carries=%s\n",
					carries[i]));
		CHECK_INT(f->count, i == 0);
	}
}

TEST_MAIN()
