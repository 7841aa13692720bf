#include "test.h"
#include "threat/report/report.h"
#include "threat/rules/compiled.h"

#define VOCABULARY                                                                                 \
	"enum yes-no no, yes\nscale level low, medium, high, very-high\n"                          \
	"scale exposure own, low, medium, high, anyone\nenum color red, green, blue\n"             \
	"property flow from text\nproperty flow to text\nproperty flow safe yes-no\n"              \
	"property flow color list of color\nproperty process in text\n"                            \
	"property flow carries text\nderived flow carries-confidentiality level\n"                 \
	"property process strength level\nproperty zone exposure text\n"

static const struct vocabulary *words(struct test_case *t)
{
	struct err e = {.arena = t->arena};
	struct vocabulary *v = NULL;

	CHECK(vocabulary_parse(t->arena, &e, S("v"), S(VOCABULARY), &v));
	return v;
}

/* The outcome of a rule with these lines on `flow a -> b` with `props`. */
static enum threat_outcome outcome_of(struct test_case *t, const char *lines, const char *props)
{
	struct err e = {.arena = t->arena};
	struct rules *rules = rules_new(t->arena, words(t));
	struct model *m;
	struct findings *f;

	str text = str_fmt(t->arena,
		"rule r\n title \"x\"\n stride tampering\n on flow\n%s fires { flow ? -> ? }\n"
		" silent { flow ? -> ? }\nend\n",
		lines);
	str model =
		str_fmt(t->arena, "process a strength=medium\nprocess b\nflow a -> b %s\n", props);
	if (!rules_parse(t->arena, &e, S("r"), text, rules) ||
		!model_read_as(t->arena, &e, MODEL_TEXT, S("m"), model, &m) ||
		!threat_evaluate(t->arena, &e, m, rules, true, &f)) {
		test_fail(t, __FILE__, __LINE__, "%s", e.text);
		return THREAT_IS_NOT_APPLICABLE;
	}
	CHECK_INT(f->count, 1);
	return f->list[0].outcome;
}

TEST(unknown_is_neither_yes_nor_no, "")
{
	const char *safe = " when color = red\n handled by safe = yes \"it is safe\"\n ask safe\n";

	CHECK_INT(outcome_of(t, safe, "color=blue"), THREAT_IS_NOT_APPLICABLE);
	CHECK_INT(outcome_of(t, safe, "color=red safe=yes"), THREAT_IS_MITIGATED);
	CHECK_INT(outcome_of(t, safe, "color=red safe=no"), THREAT_IS_OPEN);
	CHECK_INT(outcome_of(t, safe, "color=red"), THREAT_IS_QUESTION);
	CHECK_INT(outcome_of(t, safe, "color=red safe=?"), THREAT_IS_QUESTION);
	CHECK_INT(outcome_of(t, safe, "safe=yes"), THREAT_IS_NOT_APPLICABLE);
	CHECK_INT(outcome_of(t, " when color = red\n handled by safe \"s\"\n", "color=red"),
		THREAT_IS_OPEN);
	CHECK_INT(outcome_of(t, " when not color = red\n", "color=red"), THREAT_IS_NOT_APPLICABLE);
	CHECK_INT(outcome_of(t, " when not color = red\n", "color=green, blue"), THREAT_IS_OPEN);
	CHECK_INT(outcome_of(t, " when color in (red, green) or safe\n", "color=red"),
		THREAT_IS_OPEN);
	CHECK_INT(outcome_of(t, " when color in (red, green) and safe\n", "color=blue"),
		THREAT_IS_NOT_APPLICABLE);
	CHECK_INT(outcome_of(t, " when from.strength >= medium\n", ""), THREAT_IS_OPEN);
	CHECK_INT(outcome_of(t, " when from.strength > medium\n", ""), THREAT_IS_NOT_APPLICABLE);
	CHECK_INT(outcome_of(t, " when from.strength < high\n and from.strength <= medium\n", ""),
		THREAT_IS_OPEN);
	CHECK_INT(outcome_of(t, " when to.strength >= low\n ask to.strength\n", ""),
		THREAT_IS_QUESTION);
	CHECK_INT(outcome_of(t, " when not known to.strength\n", ""), THREAT_IS_OPEN);
	/* A word that the vocabulary lacks matches nothing, and is known. */
	CHECK_INT(outcome_of(t, " when color != red\n", "color=pink"), THREAT_IS_OPEN);
}

TEST(strange_words_in_rules_are_errors_with_a_place, "")
{
	static const struct {
		const char *text, *says;
	} cases[] = {
		{"rule x\n title \"t\"\n on flow\n when colour = red\nend\n",
			"f.rule:4:7: the vocabulary has no such property here: colour"},
		{"rule x\n on flow\n when color = pink\nend\n",
			"f.rule:3:15: the vocabulary has no such value here: pink"},
		{"rule x\n on flow\n when color >= red\nend\n",
			"f.rule:3:13: only a scale has an order: color"},
		{"rule x\n on wire\n", "f.rule:2:5: not a kind of part: wire"},
		{"rule x\n on process\n when from.strength = low\nend\n",
			"f.rule:3:7: only flows have from. and to., only interfaces of.: "
			"from.strength"},
		{"rule x\n title \"t\"\n stride tampering\n on flow\n when safe\nend\n",
			"f.rule:6:4: a rule shows an example where it fires and one where it is "
			"silent: x"},
		{"rule x\n title \"t\"\n", "f.rule:2:11: the rule has no end: x"},
		{"rule x\n stride magic\n", "f.rule:2:9: not a category: magic"},
		{"rule x\n on flow\n when (safe\nend\n", "f.rule:4:1: ) was expected, not end"},
		{"rule x\n bad 1\n", "f.rule:2:2: on comes before bad"},
	};

	for (int i = 0; i < COUNT_OF(cases); i++) {
		struct err e = {.arena = t->arena};
		struct rules *rules = rules_new(t->arena, words(t));
		CHECK(!rules_parse(t->arena, &e, S("f.rule"), str_of(cases[i].text), rules));
		CHECK_STR(err_text(&e), str_of(cases[i].says));
		CHECK_INT(rules_count(rules), 0);
	}
}

TEST(an_example_that_does_not_hold_is_an_error, "")
{
	struct err e = {.arena = t->arena};
	struct rules *rules = rules_new(t->arena, words(t));

	CHECK(rules_parse(t->arena, &e, S("f.rule"),
		S("rule r\n title \"t\"\n stride safety\n on flow\n when safe = no\n"
		  " fires { process a; flow a -> a safe=yes }\n silent { process a }\nend\n"),
		rules));
	CHECK(!rules_check(t->arena, &e, rules));
	CHECK_STR(err_text(&e), S("f.rule:6:8: the example of r should be open and is not"));
}

/* Reads `text` as rules over the vocabulary above; a failure's text into `says`. */
static struct rules *rules_of(struct test_case *t, const char *text, str *says)
{
	struct err e = {.arena = t->arena};
	struct rules *rules = rules_new(t->arena, words(t));
	bool ok = rules_parse(t->arena, &e, S("f.rule"), str_of(text), rules) &&
		rules_link(t->arena, &e, rules);

	*says = ok ? S("") : str_dup(t->arena, err_text(&e));
	return ok ? rules : NULL;
}

#define RULE(name, more)                                                                           \
	"rule " name "\n title \"t\"\n stride tampering\n on flow\n when safe = no\n " more        \
	"\n fires { flow ? -> ? safe=no }\n silent { flow ? -> ? safe=yes }\nend\n"
#define COUNTER(name)                                                                              \
	"countermeasure " name "\n title \"t\"\n require \"r\"\n accept \"a\"\n"                   \
	" verify test \"v\"\n fda AUTHN\nend\n"

TEST(names_of_others_are_found_or_named_with_their_place, "")
{
	static const struct {
		const char *text, *says;
	} cases[] = {
		{RULE("a", "treat one, two") COUNTER("one") COUNTER("two"), ""},
		{RULE("a", "treat one, two") COUNTER("one"),
			"f.rule:6:13: there is no countermeasure two"},
		{RULE("a", "replaces b") RULE("b", ""), ""},
		{RULE("a", "replaces c"), "f.rule:6:11: there is no rule c"},
		{RULE("a", "replaces b") RULE("b", "replaces a"),
			"f.rule:6:11: rules replace each other in a circle, or too many in a row, "
			"at b"},
		{RULE("a", "replaces a"),
			"f.rule:6:11: rules replace each other in a circle, or too "
			"many in a row, at a"},
		{RULE("a", "replaces b\n collapse by to") RULE("b", ""),
			"f.rule:6:11: a rule replaces those about the same parts that do not "
			"collapse, not b"},
		{COUNTER("one") COUNTER("one"),
			"f.rule:8:16: there is a countermeasure of this name already: one"},
		{"countermeasure x\n title \"t\"\nend\n",
			"f.rule:3:4: a countermeasure has title, require, accept, verify and fda: "
			"x"},
		{"countermeasure x\n fda SECRECY\n", "f.rule:2:6: not a control category: SECRECY"},
		{"countermeasure x\n verify hope \"v\"\n",
			"f.rule:2:9: not test, analysis, inspection or demonstration: hope"},
		{"countermeasure x\n title \"t\"\n",
			"f.rule:2:11: the countermeasure has no end: x"},
		{"countermeasure x\n cost 1\n",
			"f.rule:2:2: a countermeasure has no line that begins with cost"},
	};

	for (int i = 0; i < COUNT_OF(cases); i++) {
		str says;
		rules_of(t, cases[i].text, &says);
		CHECK_STR(says, str_of(cases[i].says));
	}
}

TEST(the_more_exact_rule_speaks_unless_the_general_one_sees_worse, "")
{
	static const struct {
		const char *props, *ids;
	} cases[] = {{"safe=no color=red", "exact/x "},
		{"safe=no color=green", "general/x exact/x "},
		{"safe=no color=blue", "general/x "}};
	struct err e = {.arena = t->arena};
	str says;
	struct rules *rules = rules_of(t,
		"rule general\n title \"t\"\n stride tampering\n on flow\n when safe = no\n"
		" fires { flow ? -> ? safe=no }\n silent { flow ? -> ? safe=yes }\nend\n"
		"rule exact\n title \"t\"\n stride tampering\n on flow\n when color in (red, "
		"green)\n"
		" handled by color = green \"green\"\n replaces general\n"
		" fires { flow ? -> ? color=red }\n silent { flow ? -> ? color=blue }\nend\n",
		&says);

	CHECK(rules != NULL);
	for (int i = 0; rules && i < COUNT_OF(cases); i++) {
		struct model *m;
		struct findings *f;
		struct buf b;
		buf_init(&b, t->arena, LIMIT_TEXT);
		str text = str_fmt(t->arena, "process a\nflow x a -> a %s\n", cases[i].props);
		CHECK(model_read(t->arena, &e, S("m"), text, &m));
		CHECK(threat_evaluate(t->arena, &e, m, rules, false, &f));
		for (isize k = 0; k < f->count; k++)
			buf_fmt(&b, "%.*s ", STR_ARG(finding_id(t->arena, &f->list[k])));
		CHECK_STR(buf_str(&b), str_of(cases[i].ids));
	}
}

static struct rules *shipped(struct test_case *t)
{
	struct err e = {.arena = t->arena};
	const struct vocabulary *v;
	struct rules *rules = NULL;

	if (!rules_library(t->arena, &e, &v, &rules))
		test_fail(t, __FILE__, __LINE__, "%s", e.text);
	return rules;
}

/* Whether the asset behind `flows` flows without proof, the first one from outside, is seen; the
   flows stand in the file from its end to its beginning, or the other way round. */
static bool path_is_seen(struct test_case *t, const struct rules *rules, int flows, bool backwards)
{
	struct err e = {.arena = t->arena};
	struct findings *f;
	struct model *m;
	struct buf b;

	buf_init(&b, t->arena, LIMIT_PROSE);
	buf_fmt(&b,
		"zone net exposure=5\nzone in exposure=1\nactor E0 in=net\n"
		"asset x c=4 i=4 at=E%d\n",
		flows);
	for (int i = 1; i <= flows; i++)
		buf_fmt(&b, "process E%d in=in\n", i);
	for (int i = 0; i < flows; i++) {
		int at = backwards ? flows - 1 - i : i;
		buf_fmt(&b, "flow E%d -> E%d authentication=none\n", at, at + 1);
	}
	if (!model_read(t->arena, &e, S("m"), buf_str(&b), &m) ||
		!threat_evaluate(t->arena, &e, m, rules, false, &f))
		test_fail(t, __FILE__, __LINE__, "%s", e.text);
	for (isize i = 0; !e.code && i < f->count; i++)
		if (str_eq(finding_id(t->arena, &f->list[i]), S("reachable-without-proof/x")))
			return true;
	return false;
}

TEST(paths_without_proof_are_followed_for_eight_flows, "")
{
	const struct rules *rules = shipped(t);

	for (int backwards = 0; backwards < 2; backwards++) {
		CHECK(path_is_seen(t, rules, 1, backwards));
		CHECK(path_is_seen(t, rules, 8, backwards));
		CHECK(!path_is_seen(t, rules, 9, backwards));
	}
}

static struct findings *surgerycloud(struct test_case *t, str *text)
{
	struct err e = {.arena = t->arena};
	struct model *m;
	struct findings *f = NULL;

	if (!file_read(t->arena, S("examples/surgerycloud/model.ward"), LIMIT_RECORD_BYTES, text,
		    &e) ||
		!model_read(t->arena, &e, S("model.ward"), *text, &m) ||
		!threat_evaluate(t->arena, &e, m, shipped(t), false, &f))
		test_fail(t, __FILE__, __LINE__, "%s", e.text);
	return f;
}

TEST(surgerycloud_has_its_true_findings_and_no_others, "")
{
	static const char *const open[] = {"service-port-unguarded/IF-11",
		"dormant-interface/IF-18", "unencrypted-inside-zone/F19", "deprecated-protocol/F20",
		"unauthenticated-command/F26", "unencrypted-inside-zone/F26",
		"update-during-therapy/C15"};
	str text;
	struct findings *f = surgerycloud(t, &text);

	if (!f)
		return;
	CHECK_INT(f->model->of[PART_ZONE].count, 8);
	CHECK_INT(f->model->of[PART_ELEMENT].count, 27); /* 26 components and the person on call */
	CHECK_INT(f->model->of[PART_FLOW].count, 30);
	CHECK_INT(f->model->of[PART_ASSET].count, 22);
	CHECK_INT(f->note_count, 0);
	CHECK_INT(f->tally[THREAT_IS_OPEN], COUNT_OF(open));
	for (isize i = 0; i < f->count; i++) {
		bool expected = f->list[i].outcome != THREAT_IS_OPEN;
		for (int k = 0; k < COUNT_OF(open); k++)
			expected |= str_eq(finding_id(t->arena, &f->list[i]), str_of(open[k]));
		if (!expected)
			test_fail(t, __FILE__, __LINE__, "%.*s is open",
				STR_ARG(finding_id(t->arena, &f->list[i])));
	}
}

TEST(one_changed_fact_changes_the_threats_it_should, "")
{
	str text;
	struct findings *before = surgerycloud(t, &text), *after = NULL;
	struct err e = {.arena = t->arena};
	struct model *m;
	str rest = text, head = str_cut_at(&rest, S("flow F10 "));
	str line = str_cut(&rest, '\n'), tail = rest;
	str one = str_cut_at(&line, S("protocol=https, tls1.3")), two = line;

	str_cut_at(&two, S("encryption=tls"));
	str changed =
		str_fmt(t->arena, "%.*sflow F10 %.*s encryption=none authentication=none%.*s\n%.*s",
			STR_ARG(head), STR_ARG(one), STR_ARG(two), STR_ARG(tail));
	if (!before || !model_read(t->arena, &e, S("m"), changed, &m) ||
		!threat_evaluate(t->arena, &e, m, before->rules, false, &after)) {
		test_fail(t, __FILE__, __LINE__, "%s", e.text);
		return;
	}
	CHECK(after->tally[THREAT_IS_OPEN] > before->tally[THREAT_IS_OPEN]);
	for (isize i = 0; i < after->count; i++) {
		bool is_new = after->list[i].outcome == THREAT_IS_OPEN;
		for (isize k = 0; k < before->count; k++)
			if (after->list[i].rule == before->list[k].rule &&
				str_eq(after->list[i].part->id, before->list[k].part->id) &&
				before->list[k].outcome == THREAT_IS_OPEN)
				is_new = false;
		if (is_new)
			CHECK_STR(after->list[i].part->id, S("F10"));
	}
}

TEST(the_json_of_a_check_has_its_shape, "")
{
	struct err e = {.arena = t->arena};
	struct rules *rules = rules_new(t->arena, words(t));
	struct findings *f;
	struct model *m;
	struct check_report r;
	struct arena scratch;
	struct buf b, lines;

	CHECK(rules_parse(t->arena, &e, S("f"),
		S("rule r rev 2\n title \"{from} to {to}\"\n stride tampering\n on flow\n when "
		  "safe = no\n"
		  " impact very-high likelihood high\n"
		  " fires { flow ? -> ? safe=no }\n silent { process a }\nend\n"),
		rules));
	CHECK(model_read_as(t->arena, &e, MODEL_TEXT, S("m.ward"),
		S("system \"S\"\nprocess a \"A\"\nprocess b\nflow a -> b safe=no\n"), &m));
	CHECK(threat_evaluate(t->arena, &e, m, rules, false, &f));
	buf_init(&b, t->arena, LIMIT_PROSE);
	buf_init(&lines, t->arena, LIMIT_PROSE);
	CHECK(report_make(t->arena, &e, f, NULL, &r));
	arena_init(&scratch, os_reserve(4 << 20), 4 << 20);
	report_print_json(&b, &scratch, &r);
	report_print_text(&lines, &scratch, &r);
	arena_reset(&scratch);
	CHECK_STR(buf_str(&b),
		S("{\"model\":\"S\",\"elements\":2,\"flows\":1,\"zones\":0,\"assets\":0,"
		  "\"threats\":["
		  "{\"id\":\"r/a->b\",\"rule\":\"r\",\"rev\":2,"
		  "\"stride\":\"tampering\",\"target\":\"a->b\","
		  "\"outcome\":\"open\",\"by\":\"\",\"title\":\"A to b\"}]}\n"));
	CHECK_STR(buf_str(&lines),
		S("m.ward:4:1: error[r]: A to b (a->b)\n"
		  "1 open, 0 questions, 0 mitigated (2 elements, 1 flows, 1 rules)\n"));
}

TEST_MAIN()
