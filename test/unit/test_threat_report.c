#include "test.h"
#include "threat/report/diff.h"
#include "threat/rules/compiled.h"

#define VOCABULARY                                                                                 \
	"enum yes-no no, yes\nscale exposure own, low, medium, high, anyone\n"                     \
	"property flow from text\nproperty flow to text\nproperty flow safe yes-no\n"              \
	"property flow seen yes-no\nproperty process in text\nproperty zone exposure text\n"       \
	"derived flow exposure exposure\n"

/* Rule r at revision `rev`; it collapses by the receiver when `collapses`. */
static struct rules *rule(struct test_case *t, int rev, bool collapses)
{
	struct err e = {.arena = t->arena};
	struct vocabulary *v;
	struct rules *rules = NULL;

	if (!vocabulary_parse(t->arena, &e, S("v"), S(VOCABULARY), &v))
		test_fail(t, __FILE__, __LINE__, "%s", e.text);
	rules = rules_new(t->arena, v);
	str text = str_fmt(t->arena,
		"rule r rev %d\n title \"{from} to {to}\"\n stride tampering\n on flow\n when safe "
		"= "
		"no\n"
		" handled by seen = yes \"it is known\"\n ask seen\n%s impact very-high "
		"likelihood "
		"exposure\n treat look\n refs CWE-1 CWE-2 CWE-1 X\n"
		" fires { process a; flow a -> a safe=no seen=no }\n silent { process a }\nend\n",
		rev, collapses ? " collapse by to\n" : "");
	if (!rules_parse(t->arena, &e, S("r"), text, rules))
		test_fail(t, __FILE__, __LINE__, "%s", e.text);
	return rules;
}

static struct findings *judge(struct test_case *t, const struct rules *rules, str model)
{
	struct err e = {.arena = t->arena};
	struct findings *f = NULL;
	struct model *m;

	if (!model_read_as(t->arena, &e, MODEL_TEXT, S("m.ward"), model, &m) ||
		!threat_evaluate(t->arena, &e, m, rules, false, &f))
		test_fail(t, __FILE__, __LINE__, "%s", e.text);
	return f;
}

typedef void print(struct buf *b, struct arena *scratch, const struct check_report *r);

static str printed(struct test_case *t, print *how, const struct check_report *r)
{
	struct arena scratch;
	struct buf b;

	arena_init(&scratch, os_reserve(8 << 20), 8 << 20);
	buf_init(&b, t->arena, LIMIT_OUTPUT_BYTES);
	how(&b, &scratch, r);
	arena_reset(&scratch);
	CHECK(!b.full);
	return buf_str(&b);
}

static void print_sarif(struct buf *b, struct arena *scratch, const struct check_report *r)
{
	report_print_sarif(b, scratch, r, false);
}

static struct check_report compared(
	struct test_case *t, const struct findings *now, const struct baseline *base)
{
	struct err e = {.arena = t->arena};
	struct check_report r = {0};

	if (!report_make(t->arena, &e, now, base, &r))
		test_fail(t, __FILE__, __LINE__, "%s", e.text);
	return r;
}

static struct baseline *baseline(struct test_case *t, const struct rules *rules, str bytes)
{
	struct err e = {.arena = t->arena};
	struct baseline *base = NULL;

	if (!baseline_read(t->arena, &e, rules, S("old"), bytes, NULL, &base))
		test_fail(t, __FILE__, __LINE__, "%s", e.text);
	return base;
}

#define FLOW(id, props) "flow " id " a -> b safe=no " props "\n"
#define ENDS            "process a\nprocess b\n"

TEST(a_finding_is_new_worse_the_same_or_gone_by_its_id, "")
{
	struct rules *rules = rule(t, 1, false);
	struct baseline *base = baseline(t, rules,
		S(ENDS FLOW("same", "seen=no") FLOW("worse", "seen=yes") FLOW("asked", "") FLOW(
			"better", "seen=no") FLOW("gone", "seen=yes") FLOW("away", "seen=no")));
	struct check_report r = compared(t,
		judge(t, rules,
			S("# moved\n" ENDS FLOW("new", "seen=no") FLOW("worse", "seen=no")
					FLOW("same", "seen=no") FLOW("asked", "seen=no")
						FLOW("better", "seen=yes"))),
		base);
	static const struct {
		str id;
		bool is_new, is_worse;
	} want[] = {{S_INIT("new"), true, true}, {S_INIT("worse"), false, true},
		{S_INIT("same"), false, false}, {S_INIT("asked"), false, true},
		{S_INIT("better"), false, false}};

	CHECK_INT(base->count, 6);
	CHECK_INT(r.now->count, COUNT_OF(want));
	for (isize i = 0; i < r.now->count; i++) {
		CHECK_STR(r.now->list[i].part->id, want[i].id);
		CHECK_INT(r.change[i].is_new, want[i].is_new);
		CHECK_INT(r.change[i].is_worse, want[i].is_worse);
		CHECK_INT(r.change[i].was == NULL, want[i].is_new);
		CHECK(!r.change[i].again);
	}
	CHECK_INT(r.worse[THREAT_IS_OPEN], 3);
	CHECK_INT(r.worse[THREAT_IS_QUESTION], 0);
	/* What was worst first. */
	CHECK_INT(r.gone_count, 2);
	CHECK_STR(r.gone[0]->id, S("r/away"));
	CHECK_STR(r.gone[1]->id, S("r/gone"));
}

TEST(a_rule_that_was_revised_asks_for_another_look, "")
{
	struct rules *old = rule(t, 2, false), *new = rule(t, 3, false);
	str model = S(ENDS FLOW("f", "seen=no"));
	struct check_report first = compared(t, judge(t, old, model), NULL);
	str json = printed(t, report_print_json, &first);
	struct check_report again = compared(t, judge(t, new, model), baseline(t, new, json));
	struct check_report same = compared(t, judge(t, old, model), baseline(t, old, json));
	struct check_report back =
		compared(t, judge(t, rule(t, 1, false), model), baseline(t, new, json));

	CHECK(str_find(json, S("\"rev\":2")) > 0);
	CHECK_INT(str_find(json, S("\"since\"")), -1);
	CHECK_INT(again.again_count, 1);
	CHECK_INT(same.again_count, 0);
	CHECK_INT(back.again_count, 0);
	CHECK_INT(again.worse[THREAT_IS_OPEN], 0);
	CHECK(str_find(printed(t, report_print_json, &again),
		      S("\"since\":\"same\",\"again\":true")) > 0);
	CHECK(str_find(printed(t, report_print_text, &again),
		      S("error[r]: look again, the rule changed: a to b (f)\n")) > 0);
	CHECK(str_find(printed(t, report_print_markdown, &again),
		      S("look again: the rule changed")) > 0);
	CHECK(str_find(printed(t, report_print_junit, &again),
		      S("message=\"look again, the rule changed: a to b\"")) > 0);
	str sarif = printed(t, print_sarif, &again);
	CHECK(str_find(sarif, S("\"baselineState\":\"updated\"")) > 0);
	CHECK(str_find(sarif, S("\"again\":true")) > 0);
}

TEST(sarif_names_each_weakness_once_and_the_worst_flow, "")
{
	struct rules *rules = rule(t, 1, true);
	struct check_report r = compared(t,
		judge(t, rules,
			S("zone z exposure=5\nzone o exposure=1\nprocess a in=o\nprocess b in=o\n"
			  "process c in=z\nflow f a -> b safe=no seen=no\n"
			  "flow g c -> b safe=no seen=no\n")),
		NULL);
	str sarif = printed(t, print_sarif, &r);

	CHECK_INT(r.now->count, 1);
	CHECK(str_find(sarif, S("\"taxa\":[{\"id\":\"CWE-1\"},{\"id\":\"CWE-2\"}]")) > 0);
	CHECK(str_find(sarif,
		      S("[\"security\",\"stride/tampering\",\"external/cwe/cwe-1\","
			"\"external/cwe/cwe-2\",\"X\"]")) > 0);
	CHECK(str_find(sarif, S("\"shortDescription\":{\"text\":\"[from] to [to]\"}")) > 0);
	CHECK(str_find(sarif,
		      S("\"relatedLocations\":[{\"physicalLocation\":{\"artifactLocation\":"
			"{\"uri\":\"m.ward\"},\"region\":{\"startLine\":7}}")) > 0);
	CHECK(str_find(sarif, S("\"fullyQualifiedName\":\"flow/g\"")) > 0);
}

TEST(the_worst_come_first_and_fifty_are_enough, "")
{
	struct rules *rules = rule(t, 1, false);
	struct buf b;

	buf_init(&b, t->arena, LIMIT_OUTPUT_BYTES);
	buf_add(&b,
		S("zone low exposure=1\nzone net exposure=5\nprocess a in=low\nprocess b in=low\n"
		  "process c in=net\n"));
	for (int i = 0; i < 80; i++)
		buf_fmt(&b, "flow l%d a -> b safe=no seen=no\n", i);
	buf_add(&b, S("flow last c -> b safe=no seen=no\n"));
	struct check_report r = compared(t, judge(t, rules, buf_str(&b)), NULL);
	str text = printed(t, report_print_markdown, &r);

	str rows = text;
	str_cut_at(&rows, S("|---|---|---|---|---|\n"));
	CHECK(str_starts(rows, S("| error | c to b | tampering | look | last, line 86 |\n")));
	CHECK(str_find(text, S("\n… and 31 more.\n")) > 0);
}

TEST(an_id_beyond_the_limit_is_refused_not_cut, "")
{
	struct err e = {.arena = t->arena};
	struct rules *rules = rule(t, 1, false);
	struct check_report r;
	struct buf b;

	buf_init(&b, t->arena, LIMIT_OUTPUT_BYTES);
	buf_add(&b, S("process a\nprocess b\nflow "));
	for (int i = 0; i <= LIMIT_PROSE; i++)
		buf_char(&b, 'x');
	buf_add(&b, S(" a -> b safe=no seen=no\n"));
	CHECK(!report_make(t->arena, &e, judge(t, rules, buf_str(&b)), NULL, &r));
	CHECK_INT(e.code, ERR_LIMIT);
	CHECK(str_find(err_text(&e), S("line 3: an id of more than 65536 bytes")) >= 0);
}

TEST(a_report_that_is_none_has_a_place, "")
{
	static const struct {
		const char *text;
		int64_t line, column;
		const char *says;
	} cases[] = {
		{"{\"model\":\"m\",\"elements\":1,\n\"threats\":[{}]}", 2, 12,
			"a threat of this report has no id"},
		{"{\"model\":\"m\",\"elements\":1,\"threats\":[\n{\"id\":\"i\",\"rule\":\"r\","
		 "\"target\":\"t\",\"title\":\"x\",\"stride\":\"magic\",\"outcome\":\"open\"}]}",
			2, 56, "this is not a category"},
		{"{\"model\":\"m\",\"elements\":[],\"threats\":[]}", 1, 1, NULL},
		{"# nothing\n", 1, 1, "there is no zone and no element in this file"},
	};

	for (int i = 0; i < COUNT_OF(cases); i++) {
		struct err e = {.arena = t->arena};
		struct baseline *base = NULL;
		CHECK(!baseline_read(t->arena, &e, rule(t, 1, false), S("old"),
			str_of(cases[i].text), NULL, &base));
		CHECK_INT(e.code, ERR_SYNTAX);
		CHECK_INT(e.line, cases[i].line);
		CHECK_INT(e.column, cases[i].column);
		if (cases[i].says)
			CHECK_STR(err_text(&e), str_of(cases[i].says));
		CHECK(base == NULL);
	}
}

/* ---- the difference ---- */

static struct model_diff differ(struct test_case *t, const char *old, const char *new)
{
	struct err e = {.arena = t->arena};
	struct rules *rules = rule(t, 1, false);
	struct model_diff d = {0};

	if (!model_diff_make(
		    t->arena, &e, judge(t, rules, str_of(old)), judge(t, rules, str_of(new)), &d))
		test_fail(t, __FILE__, __LINE__, "%s", e.text);
	return d;
}

TEST(a_flow_without_an_id_is_found_again_by_its_name, "")
{
	struct model_diff d = differ(t, "process a\nprocess b\nprocess c\nflow a -> b \"Upload\"\n",
		"process a\nprocess b\nprocess c\nflow a -> c \"Upload\"\n");

	CHECK_INT(d.part_count, 1);
	CHECK_INT(d.parts[0].props->what, DIFF_ENDS);
	CHECK_STR(d.parts[0].props->was, S("a -> b"));
	CHECK_STR(d.parts[0].props->is, S("a -> c"));
	/* Not when another flow has the name, when both ends are others, or without a name. */
	d = differ(t, "process a\nprocess b\nprocess c\nflow a -> b \"U\"\nflow b -> c \"U\"\n",
		"process a\nprocess b\nprocess c\nflow a -> c \"U\"\n");
	CHECK_INT(d.signs[DIFF_CHANGED], 0);
	CHECK_INT(d.signs[DIFF_REMOVED], 2);
	d = differ(t, "process a\nprocess b\nprocess c\nflow a -> b \"U\"\n",
		"process a\nprocess b\nprocess c\nflow b -> c \"U\"\n");
	CHECK_INT(d.signs[DIFF_CHANGED], 0);
	d = differ(t, "process a\nprocess b\nprocess c\nflow a -> b\n",
		"process a\nprocess b\nprocess c\nflow a -> c\n");
	CHECK_INT(d.signs[DIFF_CHANGED], 0);
}

TEST(threats_turn_by_what_they_were_and_are, "")
{
	struct model_diff d = differ(t,
		ENDS FLOW("opened", "seen=yes") FLOW("asked", "seen=yes") FLOW("unsure", "seen=no")
			FLOW("closed", "seen=no") FLOW("answered", "") FLOW("gone", "seen=no")
				FLOW("fixed", "seen=no"),
		ENDS FLOW("opened", "seen=no") FLOW("asked", "") FLOW("unsure", "")
			FLOW("closed", "seen=yes") FLOW("answered", "seen=yes")
				FLOW("born", "seen=yes") "flow fixed a -> b safe=yes\n");
	static const struct {
		enum threat_turn turn;
		str target;
	} want[] = {{TURN_OPENED, S_INIT("opened")}, {TURN_ASKED, S_INIT("asked")},
		{TURN_ASKED, S_INIT("unsure")}, {TURN_CLOSED, S_INIT("closed")},
		{TURN_CLOSED, S_INIT("answered")}, {TURN_GONE, S_INIT("fixed")},
		{TURN_GONE, S_INIT("gone")}};

	CHECK_INT(d.threat_count, COUNT_OF(want));
	for (isize i = 0; i < d.threat_count; i++) {
		const struct threat_diff *one = &d.threats[i];
		CHECK_INT(one->turn, want[i].turn);
		CHECK_STR(one->now ? one->now->part->id : one->was->target, want[i].target);
	}
	CHECK(!d.threats[5].part_is_gone);
	CHECK(d.threats[6].part_is_gone);
}

TEST(what_was_removed_is_drawn_where_it_lay, "")
{
	struct err e = {.arena = t->arena};
	struct model_diff d = differ(t,
		"zone z \"Z\"\nzone y \"Y\" in=z\nprocess p in=y\nprocess q\nflow f p -> q\n",
		"zone z \"Z\"\nprocess q\n");
	struct buf b;

	buf_init(&b, t->arena, LIMIT_OUTPUT_BYTES);
	CHECK(diff_print_svg(&b, t->arena, &e, &d, true));
	str svg = buf_str(&b);
	CHECK(str_find(svg, S("<rect class=\"zone removed\"")) > 0);
	CHECK(str_find(svg,
		      S("<a href=\"#p\" class=\"removed\" aria-label=\"removed: p Process\"")) > 0);
	CHECK(str_find(svg,
		      S("<a href=\"#f\" class=\"removed\" aria-label=\"removed: f Flow from p to "
			"q\"")) > 0);
	CHECK(str_find(svg, S("<a href=\"#q\" aria-label=\"q Process\"")) > 0);
	/* The newer model itself was not touched. */
	CHECK_INT(d.is->of[PART_ELEMENT].count, 1);
}

TEST_MAIN()
