/*
 * The language of rules and of the vocabulary: everything that is refused, with its words and its
 * place, and every limit with one more.
 */
#include "test.h"
#include "threat/engine/engine.h"
#include "threat/rules/compiled.h"

#define WORDS                                                                                      \
	"enum yes-no no, yes\nscale level low, medium, high, very-high\n"                          \
	"enum color red, green, blue\nproperty flow from text\nproperty flow to text\n"            \
	"property flow safe yes-no\nproperty flow color list of color\n"                           \
	"derived flow carries-class list of color\nproperty flow weight level\n"                   \
	"property process strength level\nproperty process in text\nproperty interface of text\n"  \
	"derived model assumes yes-no\n"

static const struct vocabulary *words(struct test_case *t)
{
	struct err e = {.arena = t->arena};
	struct vocabulary *v = NULL;

	CHECK(vocabulary_parse(t->arena, &e, S("v"), S(WORDS), &v));
	return v;
}

/* What is said of the rules; "" when they are taken.  A refusal adds nothing. */
static str said_of(struct test_case *t, str text, struct rules **out)
{
	struct rules *rules = rules_new(t->arena, words(t));
	struct err e = {.arena = t->arena};
	bool ok = rules_parse(t->arena, &e, S("f"), text, rules);

	*out = rules;
	CHECK(ok || e.code == ERR_SYNTAX);
	CHECK(ok || (rules_count(rules) == 0 && countermeasures_count(rules) == 0));
	ok = ok && rules_link(t->arena, &e, rules);
	return ok ? S("") : str_dup(t->arena, err_text(&e));
}

struct wrong {
	const char *text, *says;
};

#define HEAD            "rule x\n title \"t\"\n stride tampering\n on flow\n"
#define SHOWN           " fires { a }\n silent { b }\nend\n"
#define RULE            HEAD " when safe\n" SHOWN
#define MORE(line)      HEAD " when safe\n " line "\n" SHOWN
#define WHEN(condition) HEAD " when " condition "\n" SHOWN

static void check_wrong(struct test_case *t, const struct wrong *cases, isize count)
{
	for (isize i = 0; i < count; i++) {
		struct rules *rules;
		str got = said_of(t, str_of(cases[i].text), &rules);
		str want = cases[i].says[0] ? str_fmt(t->arena, "f:%s", cases[i].says) : S("");
		if (!str_eq(got, want))
			test_fail(t, __FILE__, __LINE__, "\"%.*s\", not \"%.*s\", of:\n%s",
				STR_ARG(got), STR_ARG(want), cases[i].text);
	}
}

TEST(what_is_not_a_line_of_a_rule_is_refused_with_its_place, "")
{
	static const struct wrong cases[] = {{RULE, ""},
		{"rules x\n", "1:1: rule, setting or countermeasure was expected, not rules"},
		{"\"rule\" x\n", "1:1: rule, setting or countermeasure was expected, not rule"},
		{"rule\n", "1:5: a rule has a name"}, {"rule \"x\"\n", "1:6: a rule has a name"},
		{"rule x rev 0\n", "1:12: not a revision: 0"},
		{"rule x rev 10000\n", "1:12: not a revision: 10000"},
		{"rule x rev\n", "1:11: not a revision: "},
		{"rule x y\n", "1:8: the line should end before y"},
		{RULE RULE, "9:6: there is a rule of this name already: x"},
		{"rule x\n title t\n", "2:8: a text in quotes was expected, not t"},
		{"rule x\n title \"t\n", "2:8: a text does not end on its line"},
		{"rule x\n title \"t", "2:8: a text does not end on its line"},
		{"rule x\n title \"t\" \"u\"\n", "2:12: the line should end before u"},
		{"rule x\n why t\n", "2:6: a text in quotes was expected, not t"},
		{"rule x\n stride\n", "2:8: not a category: "},
		{"rule x\n on flow, process\n",
			"2:11: a rule is about kinds of one group, not also process"},
		{"rule x\n on flow,\n", "2:10: not a kind of part: "},
		{"rule x\n on process, store, wire\n", "2:21: not a kind of part: wire"},
		{"rule x\n ask safe\n", "2:2: on comes before ask"},
		{"rule x\n when safe\n", "2:2: on, then when, then and lines: when"},
		{HEAD " and safe\n", "5:2: on, then when, then and lines: and"},
		{HEAD " when safe\n when safe\n", "6:2: on, then when, then and lines: when"},
		{HEAD " whenever safe\n", "5:2: a rule has no line that begins with whenever"},
		{MORE("handled safe \"s\""), "6:10: by was expected after handled"},
		{MORE("handled by safe"), "6:17: the evidence in quotes was expected, not "},
		{MORE("handled by safe = yes no"),
			"6:24: the evidence in quotes was expected, not no"},
		{MORE("handled by harmless \"s\""),
			"6:13: the vocabulary has no such property here: harmless"},
		{MORE("ask safe,"), "6:11: the vocabulary has no such property here: "},
		{MORE("ask sa, safe"), "6:6: the vocabulary has no such property here: sa"},
		{MORE("impact huge"), "6:9: not an impact: huge"},
		{MORE("impact carried size"),
			"6:17: not confidentiality, integrity, availability or safety: size"},
		{MORE("impact high likelihood often"), "6:25: not a likelihood: often"},
		{MORE("impact high often"), "6:14: the line should end before often"},
		{MORE("collapse to"), "6:11: a rule on flows may collapse by from or to"},
		{MORE("collapse by side"), "6:14: a rule on flows may collapse by from or to"},
		{"rule x\n on process\n collapse by to\n",
			"3:14: a rule on flows may collapse by from or to"},
		{MORE("treat"), "6:7: a name was expected, not "},
		{MORE("treat a, \"b\""), "6:11: a name was expected, not b"},
		{MORE("replaces a b"), "6:13: the line should end before b"},
		{HEAD " when safe\n fires flow\n", "6:8: { was expected, not flow"},
		{HEAD " when safe\n fires { flow\n", "6:8: the { of this example is not closed"},
		{HEAD " when safe\n fires { a } b\n", "6:14: the line should end before b"},
		{HEAD " when safe\n fires { a\n} b\n", "7:3: the line should end before b"}};

	check_wrong(t, cases, COUNT_OF(cases));
}

TEST(a_rule_without_one_of_its_parts_is_refused, "")
{
	static const struct wrong cases[] = {
		{"rule x\n stride tampering\n on flow\n when safe\n" SHOWN,
			"7:4: a rule has at least title, stride, on and when: x"},
		{"rule x\n title \"\"\n stride tampering\n on flow\n when safe\n" SHOWN,
			"8:4: a rule has at least title, stride, on and when: x"},
		{"rule x\n title \"t\"\n on flow\n when safe\n" SHOWN,
			"7:4: a rule has at least title, stride, on and when: x"},
		{"rule x\n title \"t\"\n stride tampering\nend\n",
			"4:4: a rule has at least title, stride, on and when: x"},
		{HEAD SHOWN, "7:4: a rule has at least title, stride, on and when: x"},
		{HEAD " when safe\n fires { a }\nend\n",
			"7:4: a rule shows an example where it fires and one where it is silent: "
			"x"},
		{HEAD " when safe\n silent { a }\nend\n",
			"7:4: a rule shows an example where it fires and one where it is silent: "
			"x"},
		{HEAD " when safe\n asks { a }\n silent { a }\nend\n", ""},
		{HEAD " when safe\n", "5:11: the rule has no end: x"}};

	check_wrong(t, cases, COUNT_OF(cases));
}

TEST(what_is_not_a_condition_is_refused_with_its_place, "")
{
	static const struct wrong cases[] = {
		{WHEN(""), "5:7: the vocabulary has no such property here: "},
		{WHEN("not"), "5:10: the vocabulary has no such property here: "},
		{WHEN("color"), "5:12: =, in or a value was expected after color"},
		{WHEN("color \"red\""), "5:13: =, in or a value was expected after color"},
		{WHEN("from"), "5:11: =, in or a value was expected after from"},
		{WHEN("from = yes"), "5:14: the vocabulary has no such value here: yes"},
		{WHEN("color ="), "5:14: the vocabulary has no such value here: "},
		{WHEN("color != pink"), "5:16: the vocabulary has no such value here: pink"},
		{WHEN("color in red"), "5:16: ( was expected after in, not red"},
		{WHEN("color in ()"), "5:17: the vocabulary has no such value here: )"},
		{WHEN("color in (red"), "6:2: ) was expected, not fires"},
		{WHEN("color in (red green)"), "5:21: ) was expected, not green"},
		{WHEN("color in (red,)"), "5:21: the vocabulary has no such value here: )"},
		{WHEN("color < red"), "5:13: only a scale has an order: color"},
		{WHEN("from < low"), "5:12: only a scale has an order: from"},
		{WHEN("weight <"), "5:15: the vocabulary has no such value here: "},
		{WHEN("weight > huge"), "5:16: the vocabulary has no such value here: huge"},
		{WHEN("(safe"), "6:2: ) was expected, not fires"},
		{WHEN("safe)"), "5:11: the line should end before )"},
		{WHEN("safe and"), "5:15: the vocabulary has no such property here: "},
		{WHEN("safe or or"), "5:15: the vocabulary has no such property here: or"},
		{WHEN("known"), "5:12: the vocabulary has no such property here: "},
		{WHEN("known safe = yes"), "5:18: the line should end before ="},
		{WHEN("carries size red"),
			"5:7: the vocabulary has no such property here: carries-size"},
		{WHEN("to.safe"), "5:7: the vocabulary has no such property here: to.safe"},
		{WHEN("strength = low"), "5:7: the vocabulary has no such property here: strength"},
		{"rule x\n on interface\n when to.strength = low\n",
			"3:7: only flows have from. and to., only interfaces of.: to.strength"},
		{"rule x\n on process\n when of.strength = low\n",
			"3:7: only flows have from. and to., only interfaces of.: of.strength"},
		{"rule x\n on store\n when strength = low\n",
			"3:7: the vocabulary has no such property here: strength"},
		{"rule x\n title \"t\"\n stride safety\n on interface\n when of.strength = "
		 "low\n" SHOWN,
			""},
		{"rule x\n title \"t\"\n stride safety\n on store, process\n when strength = "
		 "low\n" SHOWN,
			""},
		{WHEN("carries class red and carries-class = red"), ""},
		{WHEN("from.strength >= low and of.strength < high"), ""},
		{WHEN("(safe\n or color in (red,\n\t blue))"), ""},
		{WHEN("color=red and weight>=low"), ""}};

	check_wrong(t, cases, COUNT_OF(cases));
}

#define COUNTER_HEAD "countermeasure c\n title \"t\"\n require \"r\"\n"
#define COUNTER      COUNTER_HEAD " accept \"a\"\n verify test \"v\"\n fda AUTHN\nend\n"

TEST(what_is_not_a_countermeasure_is_refused_with_its_place, "")
{
	static const struct wrong cases[] = {{COUNTER, ""},
		{"countermeasure\n", "1:15: a countermeasure has a name"},
		{"countermeasure \"c\"\n", "1:16: a countermeasure has a name"},
		{COUNTER_HEAD " verify test\n", "4:13: a text in quotes was expected, not "},
		{COUNTER_HEAD " verify \"v\"\n",
			"4:9: not test, analysis, inspection or demonstration: v"},
		{COUNTER_HEAD " verify analysis \"v\"\n fda LOG, CONF, RESIL, UPDATE\n"
			      " accept \"a\"\nend\n",
			""},
		{COUNTER_HEAD " verify inspection \"v\"\n fda AUTHZ, CRYPTO, INTEG\n"
			      " accept \"a\"\n maps \"m\"\nend\n",
			""},
		{COUNTER_HEAD " verify demonstration \"v\"\n accept \"a\"\n fda LOG\nend\n", ""},
		{COUNTER_HEAD " fda LOG, CONF, RESIL, UPDATE, AUTHN\n",
			"4:32: too many control categories: AUTHN"},
		{COUNTER_HEAD " fda LOG,\n", "4:10: not a control category: "},
		{COUNTER_HEAD " fda \"LOG\"\n", "4:6: not a control category: LOG"},
		{"countermeasure c\n require \"r\"\n accept \"a\"\n verify test \"v\"\n fda "
		 "LOG\nend\n",
			"6:4: a countermeasure has title, require, accept, verify and fda: c"},
		{"countermeasure c\n title \"t\"\n accept \"a\"\n verify test \"v\"\n fda "
		 "LOG\nend\n",
			"6:4: a countermeasure has title, require, accept, verify and fda: c"},
		{COUNTER_HEAD " verify test \"v\"\n fda LOG\nend\n",
			"6:4: a countermeasure has title, require, accept, verify and fda: c"},
		{COUNTER_HEAD " accept \"a\"\n fda LOG\nend\n",
			"6:4: a countermeasure has title, require, accept, verify and fda: c"},
		{COUNTER_HEAD " accept \"a\"\n verify test \"v\"\nend\n",
			"6:4: a countermeasure has title, require, accept, verify and fda: c"},
		{COUNTER COUNTER, "8:16: there is a countermeasure of this name already: c"}};

	check_wrong(t, cases, COUNT_OF(cases));
}

/* ---- limits, and one more ---- */

/* A line `count` times within a rule. */
static str repeated(struct test_case *t, const char *line, int count, const char *joint)
{
	struct buf b;

	buf_init(&b, t->arena, LIMIT_RECORD_BYTES);
	for (int i = 0; i < count; i++)
		buf_fmt(&b, "%s%s", i ? joint : "", line);
	return buf_str(&b);
}

static str with_line(struct test_case *t, str line)
{
	return str_fmt(t->arena, HEAD " when safe\n %.*s\n" SHOWN, STR_ARG(line));
}

static str when(struct test_case *t, str condition)
{
	return str_fmt(t->arena, HEAD " when %.*s\n" SHOWN, STR_ARG(condition));
}

/* A string of brackets or words around a test. */
static str nested(struct test_case *t, const char *open, int count, const char *close)
{
	return str_fmt(t->arena, "%.*ssafe%.*s", STR_ARG(repeated(t, open, count, "")),
		STR_ARG(repeated(t, close, count, "")));
}

static str limit_case(struct test_case *t, int which, int more)
{
	switch (which) {
	case 0:
		return with_line(
			t, repeated(t, "handled by safe \"s\"", RULE_HANDLERS + more, "\n "));
	case 1:
		return with_line(t,
			str_fmt(t->arena, "ask %.*s",
				STR_ARG(repeated(t, "safe", RULE_ASKS + more, ", "))));
	case 2:
		return with_line(t, repeated(t, "asks { a }", RULE_EXAMPLES - 2 + more, "\n "));
	case 3:
		return when(t, repeated(t, "safe", RULE_CODE / 3 + more, " and "));
	case 4:
		return when(t, nested(t, "(", RULE_STACK + more, ")"));
	case 5:
		return when(t, nested(t, "not ", RULE_STACK + more, ""));
	case 6:
		return when(t, nested(t, "safe or (", RULE_STACK - 1 + more, ")"));
	default:
		return str_fmt(t->arena, COUNTER_HEAD "%.*s\n verify test \"v\"\n fda LOG\nend\n",
			STR_ARG(repeated(t, " accept \"a\"", COUNTER_ACCEPTS + more, "\n")));
	}
}

TEST(every_limit_of_a_rule_is_taken_and_one_more_refused, "")
{
	static const char *const says[] = {"too many handled by lines",
		"a rule asks for too many facts", "too many examples", "the condition is too long",
		"the condition is nested too deeply", "the condition is nested too deeply",
		"the condition is nested too deeply", "too many accept lines"};

	for (int i = 0; i < COUNT_OF(says); i++) {
		struct rules *rules;
		CHECK_STR(said_of(t, limit_case(t, i, 0), &rules), S(""));
		str got = said_of(t, limit_case(t, i, 1), &rules);
		if (str_find(got, str_of(says[i])) < 0)
			test_fail(t, __FILE__, __LINE__, "%d: \"%.*s\", not \"%s\"", i,
				STR_ARG(got), says[i]);
	}
}

TEST(names_of_others_have_a_limit, "")
{
	for (int more = 0; more < 2; more++) {
		struct buf b, names;
		struct rules *rules;
		buf_init(&b, t->arena, LIMIT_PROSE);
		buf_init(&names, t->arena, LIMIT_PROSE);
		for (int i = 0; i < RULE_TREATS + more; i++) {
			buf_fmt(&names, "%sc%d", i ? ", " : "", i);
			buf_fmt(&b,
				"countermeasure c%d\n title \"t\"\n require \"r\"\n accept \"a\"\n"
				" verify test \"v\"\n fda LOG\nend\n",
				i);
		}
		str line = with_line(t, str_fmt(t->arena, "treat %.*s", STR_ARG(buf_str(&names))));
		str got = said_of(t, str_join(t->arena, line, buf_str(&b)), &rules);
		CHECK_STR(got, more ? S("f:6:32: too many names: c6") : S(""));
		if (more)
			continue;
		const struct rule *r = rule_at(rules, 0);
		CHECK_INT(countermeasures_count(rules), RULE_TREATS);
		for (isize i = 0; i < RULE_TREATS; i++)
			CHECK(rule_countermeasure(rules, r, i) == countermeasure_at(rules, i));
		CHECK(!rule_countermeasure(rules, r, -1));
		CHECK(!rule_countermeasure(rules, r, RULE_TREATS));
		CHECK(countermeasure_find(rules, S("c5")) == countermeasure_at(rules, 5));
		CHECK(!countermeasure_find(rules, S("c6")));
	}
}

TEST(a_set_has_a_thousand_rules_and_four_hundred_countermeasures, "")
{
	for (int kind = 0; kind < 2; kind++)
		for (int more = 0; more < 2; more++) {
			int count = (kind ? COUNTER_COUNT : RULES_COUNT) + more;
			struct rules *rules;
			struct buf b;
			buf_init(&b, t->arena, LIMIT_RECORD_BYTES);
			for (int i = 0; i < count; i++)
				if (kind)
					buf_fmt(&b,
						"countermeasure c%d\n title \"t\"\n require \"r\"\n"
						" accept \"a\"\n verify test \"v\"\n fda "
						"LOG\nend\n",
						i);
				else
					buf_fmt(&b,
						"rule r%d\n title \"t\"\n stride safety\n on flow\n"
						" when safe\n" SHOWN,
						i);
			str got = said_of(t, buf_str(&b), &rules);
			if (more)
				CHECK(str_ends(got,
					kind ? S("too many countermeasures")
					     : S("too many rules")));
			else
				CHECK_STR(got, S(""));
			if (!more)
				CHECK_INT(kind ? countermeasures_count(rules) : rules_count(rules),
					count);
		}
}

/* Rules in a row, each in place of the one before; a rule stands above all that it replaces. */
TEST(rules_replace_each_other_four_times_in_a_row, "")
{
	for (int backwards = 0; backwards < 2; backwards++)
		for (int count = 1; count <= RULE_RANKS + 2; count++) {
			struct rules *rules;
			struct buf b;
			buf_init(&b, t->arena, LIMIT_PROSE);
			for (int k = 0; k < count; k++) {
				int i = backwards ? count - 1 - k : k;
				buf_fmt(&b,
					"rule r%d\n title \"t\"\n stride safety\n on flow\n when "
					"safe\n",
					i);
				if (i)
					buf_fmt(&b, " replaces r%d\n", i - 1);
				buf_add(&b, S(SHOWN));
			}
			str got = said_of(t, buf_str(&b), &rules);
			CHECK((got.n == 0) == (count <= RULE_RANKS + 1));
			for (int i = 0; got.n == 0 && i < count; i++)
				CHECK_INT(rule_find(rules, str_fmt(t->arena, "r%d", i))->rank, i);
		}
}

TEST(a_rule_stands_above_all_that_it_replaces, "")
{
	struct rules *rules;
	str got = said_of(t,
		S("rule d\n title \"t\"\n stride safety\n on flow\n when safe\n replaces a, "
		  "c\n" SHOWN
		  "rule c\n title \"t\"\n stride safety\n on flow\n when safe\n replaces b\n" SHOWN
		  "rule b\n title \"t\"\n stride safety\n on flow\n when safe\n" SHOWN
		  "rule a\n title \"t\"\n stride safety\n on flow\n when safe\n" SHOWN
		  "rule e\n title \"t\"\n stride safety\n on flow\n when safe\n replaces c, "
		  "a\n" SHOWN),
		&rules);

	CHECK_STR(got, S(""));
	CHECK_INT(rule_find(rules, S("a"))->rank, 0);
	CHECK_INT(rule_find(rules, S("c"))->rank, 1);
	CHECK_INT(rule_find(rules, S("d"))->rank, 2);
	CHECK_INT(rule_find(rules, S("e"))->rank, 2);
}

#define OF(name, kind, more)                                                                       \
	"rule " name "\n title \"t\"\n stride safety\n on " kind "\n when " more "\n" SHOWN

TEST(a_rule_replaces_those_about_the_same_parts_that_do_not_collapse, "")
{
	static const struct wrong cases[] = {
		{OF("a", "flow", "safe\n replaces b") OF("b", "process", "strength = low"),
			"6:11: a rule replaces those about the same parts that do not collapse, "
			"not "
			"b"},
		{OF("a", "flow", "safe\n replaces b\n collapse by to") OF("b", "flow", "safe"),
			"6:11: a rule replaces those about the same parts that do not collapse, "
			"not "
			"b"},
		{OF("a", "flow", "safe\n replaces b") OF("b", "flow", "safe\n collapse by from"),
			"6:11: a rule replaces those about the same parts that do not collapse, "
			"not "
			"b"}};

	check_wrong(t, cases, COUNT_OF(cases));
}

/* What stood before a file that is refused stays, and says what it said. */
TEST(a_file_that_is_refused_leaves_what_was_there, "")
{
	struct rules *rules = rules_new(t->arena, words(t));
	struct err e = {.arena = t->arena}, late = {.arena = t->arena}, not_text = {0};

	CHECK(rules_parse(t->arena, &e, S("f"), S(RULE COUNTER), rules));
	CHECK(!rules_parse(t->arena, &late, S("g"),
		S("rule y\n title \"t\"\n stride safety\n on flow\n when safe\n" SHOWN
		  "countermeasure d\n title \"t\"\n require \"r\"\n accept \"a\"\n"
		  " verify test \"v\"\n fda LOG\nend\nnonsense\n"),
		rules));
	CHECK_STR(err_text(&late),
		S("g:16:1: rule, setting or countermeasure was expected, not nonsense"));
	CHECK_INT(late.line, 16);
	CHECK_INT(late.column, 1);
	CHECK(rules_count(rules) == 1 && countermeasures_count(rules) == 1);
	CHECK(!rules_parse(t->arena, &not_text, S("g"), S("# \xff\n"), rules));
	CHECK_STR(err_text(&not_text), S("g:1:1: not UTF-8, or too long"));
	CHECK(rule_find(rules, S("x")) == rule_at(rules, 0) && !rule_find(rules, S("y")));
}

TEST(a_file_has_a_limit, "")
{
	char *text = arena_bulk(t->arena, LIMIT_RECORD_BYTES + 1);

	memset(text, '\n', LIMIT_RECORD_BYTES + 1);
	for (int more = 0; more < 2; more++) {
		struct err e = {.arena = t->arena};
		CHECK(rules_parse(t->arena, &e, S("f"), (str){text, LIMIT_RECORD_BYTES + more},
			      rules_new(t->arena, words(t))) == !more);
	}
}

/* ---- what a rule says is kept and printed ---- */

TEST(a_rule_is_printed_with_all_that_it_says, "")
{
	struct rules *rules;
	struct buf b;
	str got = said_of(t,
		S("# a comment\nsetting { process a }\r\n"
		  "rule x rev 3 # another\n title \"T\"\n why \"W\"\n stride privacy\n on flow\n"
		  " when safe\n and ( color = red\n or weight > low )\n"
		  " handled by safe = no \"H\"\n ask safe, from.strength\n"
		  " impact carried integrity likelihood high\n replaces y\n"
		  " refs  ISO 1, 2 # not this\n treat c , d\n"
		  " fires { a\n b }\n asks { c }\n silent { d }\nend\n"
		  "rule y\n title \"t\"\n stride safety\n on flow\n when safe\n impact high\n" SHOWN
				COUNTER
		  "countermeasure d\n title \"D\"\n require \"R\"\n accept \"A\"\n accept \"B\"\n"
		  " verify analysis \"V\"\n fda LOG, CONF\n maps \"M\"\nend"),
		&rules);

	CHECK_STR(got, S(""));
	buf_init(&b, t->arena, LIMIT_PROSE);
	rule_print(&b, rules, rule_at(rules, 0));
	CHECK_STR(buf_str(&b),
		S("x (revision 3, f:3)\n  T\n  W\n\nkind  privacy\non    flow\nwhen  safe\n"
		  "    and ( color = red\n or weight > low )\nok if H\nasks  safe\n"
		  "asks  from.strength\ninstead of y\nrefs  ISO 1, 2\n"
		  "\ntreat c: t\n  requirement  r\n  accepted if  a\n  verified by  test: v\n"
		  "  FDA          AUTHN\n"
		  "\ntreat d: D\n  requirement  R\n  accepted if  A\n  accepted if  B\n"
		  "  verified by  analysis: V\n  FDA          LOG, CONF\n  see also     M\n"
		  "\nfires  { a\n b }\nasks   { c }\nsilent { d }\n"));
	b.n = 0;
	rule_print(&b, rules, rule_at(rules, 1));
	CHECK_STR(buf_str(&b),
		S("y (revision 1, f:22)\n  t\n\nkind  safety\non    flow\nwhen  safe\n"
		  "\nfires  { a }\nsilent { b }\n"));
	const struct rule *r = rule_at(rules, 0);
	CHECK_INT(r->impact_from, IMPACT_INTEGRITY);
	CHECK_INT(r->likelihood, 4);
	CHECK_STR(r->treat, S("c , d"));
	CHECK_STR(r->setting, S(" process a "));
	CHECK_INT(rule_rev(r), 3);
	CHECK_STR(rule_refs(r), S("ISO 1, 2"));
	CHECK_STR(rule_why(r), S("W"));
	CHECK_STR(rule_title(r), S("T"));
	CHECK_INT(rule_stride(r), THREAT_PRIVACY);
	CHECK_INT(rule_at(rules, 1)->impact, 3);
}

TEST(a_rule_about_several_kinds_names_them, "")
{
	struct rules *rules;
	struct buf b;

	CHECK_STR(said_of(t, S(OF("x", "process, store", "strength = low")), &rules), S(""));
	buf_init(&b, t->arena, LIMIT_PROSE);
	rule_print(&b, rules, rule_at(rules, 0));
	CHECK(str_find(buf_str(&b), S("\non    process, store\n")) > 0);
	CHECK_STR(said_of(t, S(OF("x", "model", "assumes")), &rules), S(""));
	b.n = 0;
	rule_print(&b, rules, rule_at(rules, 0));
	CHECK(str_find(buf_str(&b), S("\non    model\n")) > 0);
}

TEST(impact_and_likelihood_have_their_words, "")
{
	static const struct {
		const char *line;
		enum impact_from from;
		int impact, likelihood;
	} cases[] = {{"impact low", IMPACT_FIXED, 1, 0},
		{"impact very-high likelihood low", IMPACT_FIXED, 4, 2},
		{"impact held confidentiality", IMPACT_CONFIDENTIALITY, 0, 0},
		{"impact held integrity likelihood 5", IMPACT_INTEGRITY, 0, 5},
		{"impact carried availability likelihood exposure", IMPACT_AVAILABILITY, 0, 0},
		{"impact carried safety likelihood medium", IMPACT_SAFETY, 0, 3}};

	for (isize i = 0; i < COUNT_OF(cases); i++) {
		struct rules *rules;
		CHECK_STR(said_of(t, with_line(t, str_of(cases[i].line)), &rules), S(""));
		CHECK_INT(rule_at(rules, 0)->impact_from, cases[i].from);
		CHECK_INT(rule_at(rules, 0)->impact, cases[i].impact);
		CHECK_INT(rule_at(rules, 0)->likelihood, cases[i].likelihood);
	}
}

TEST(every_category_has_its_word, "")
{
	static const char *const word[] = {"spoofing", "tampering", "repudiation",
		"information-disclosure", "denial-of-service", "elevation-of-privilege", "safety",
		"privacy", "hygiene"};
	enum threat_class got;

	for (int i = 0; i < THREAT_COUNT; i++) {
		CHECK_STR(stride_word((enum threat_class)i), str_of(word[i]));
		CHECK(stride_parse(str_of(word[i]), &got) && got == (enum threat_class)i);
	}
	CHECK(!stride_parse(S(""), &got) && !stride_parse(S("spoof"), &got));
}

TEST(rules_are_read_and_linked_or_refused_whatever_memory_there_is, "")
{
	enum { STEP = 16, BYTES = 2 * ARENA_RESERVE };
	const struct vocabulary *v = words(t);
	int refused = 0;
	struct arena a;
	struct buf b;
	bool ok = false;

	buf_init(&b, t->arena, LIMIT_RECORD_BYTES);
	for (int i = 0; i < 20; i++)
		buf_fmt(&b,
			"rule r%d\n title \"t\"\n stride safety\n on flow\n when safe\n" SHOWN
			"countermeasure c%d\n title \"t\"\n require \"r\"\n accept \"a\"\n"
			" verify test \"v\"\n fda LOG\nend\n",
			i, i);
	arena_init(&a, os_reserve(BYTES), BYTES);
	for (isize room = STEP; !ok && room < BYTES / 3; room += STEP) {
		struct err e = {.arena = t->arena};
		test_room(&a, room);
		struct rules *rules = rules_new(&a, v);
		ok = rules_parse(&a, &e, S("f"), buf_str(&b), rules) && rules_link(&a, &e, rules);
		CHECK_INT(e.code, ok ? ERR_NONE : ERR_LIMIT);
		refused += !ok;
	}
	arena_reset(&a);
	CHECK(ok && refused > 100);
}

TEST_MAIN()
