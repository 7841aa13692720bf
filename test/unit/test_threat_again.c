/*
 * What an evaluation takes over from the one before: all that an edit leaves as it was, so that it
 * takes less time, and nothing else.  That the findings are the same whatever is taken over:
 * test_threat_reevaluate.
 */
#include "os/asset.h"
#include "test.h"
#include "threat/engine/evaluate_in.h"
#include "threat/formats/formats.h"

static const struct rules *some_rules(struct test_case *t)
{
	const struct asset_file *file = asset_find(S("rules/vocabulary.def"));
	struct err e = {.arena = t->arena};
	struct vocabulary *v = NULL;
	struct rules *rules = NULL;

	if (vocabulary_parse(t->arena, &e, file->name, file->bytes, &v)) {
		rules = rules_new(t->arena, v);
		if (rules_parse(t->arena, &e, S("r"),
			    S("rule r\n title \"x\"\n stride tampering\n on flow\n"
			      " when to.audited = no\n impact high likelihood exposure\n"
			      " fires { flow ? -> ? }\n silent { flow ? -> ? }\nend\n"
			      "rule last\n title \"x\"\n stride tampering\n on flow\n"
			      " when not known from.description\n"
			      " fires { flow ? -> ? }\n silent { flow ? -> ? }\nend\n"),
			    rules) &&
			rules_link(t->arena, &e, rules))
			return rules;
	}
	test_fail(t, __FILE__, __LINE__, "%s", e.text);
	return rules;
}

static struct model *model_of(struct test_case *t, str text)
{
	struct err e = {.arena = t->arena};
	struct model *m = NULL;

	if (!model_read_as(t->arena, &e, MODEL_TEXT, S("m"), text, &m))
		test_fail(t, __FILE__, __LINE__, "%s in %.*s", e.text, STR_ARG(text));
	return m;
}

/* The ids of the parts that are not taken over; the model as a whole is left out. */
static str looked_at_again(struct test_case *t, str then, str now)
{
	const struct rules *rules = some_rules(t);
	struct err e = {.arena = t->arena};
	struct findings *was, *f;
	struct buf b;

	CHECK(threat_evaluate(t->arena, &e, model_of(t, then), rules, false, &was));
	CHECK(threat_evaluate_again(t->arena, &e, model_of(t, now), was, &f));
	struct bound again = *f->bound;
	again.was = was->bound;
	buf_init(&b, t->arena, LIMIT_PROSE);
	for (int g = 0; g < PART_MODEL; g++)
		for (isize i = 0; i < facts_parts(&again, (enum part_group)g)->count; i++) {
			str id = facts_parts(&again, (enum part_group)g)->list[i].id;
			int32_t found = reevaluate_found(&again, (enum part_group)g, i);
			if (found == PART_NONE)
				buf_fmt(&b, "%s%.*s", b.n ? " " : "", STR_ARG(id));
			else
				CHECK_STR(
					facts_parts(again.was, (enum part_group)g)->list[found].id,
					id);
		}
	return buf_str(&b);
}

#define BASE                                                                                       \
	"zone z exposure=3\nzone y exposure=2\nasset x c=1 i=2 at=p1\n"                            \
	"process p1 in=z technology=a audited=no\nprocess p2 in=z\nprocess p3 in=y\n"              \
	"process p4 in=y colour=red\ninterface i of=p2\nflow f1 p1 -> p2\nflow f2 p2 -> p3\n"      \
	"flow f3 p3 -> p3\nflow f4 ? -> p3\nflow f5 p4 -> p3\nassumption s \"S\" fails=\"F\"\n"    \
	"threat t \"T\" at=p1\n"

/* The base with one line in place of another. */
static str with_line(struct test_case *t, const char *old, const char *new)
{
	str rest = S(BASE), before = str_cut_at(&rest, str_of(old));

	return str_fmt(t->arena, "%.*s%s%.*s", STR_ARG(before), new, STR_ARG(rest));
}

TEST(what_an_edit_leaves_as_it_was_is_taken_over, "")
{
	static const struct {
		const char *old, *new, *again;
	} cases[] = {
		/* A part with a word that no list has is noted anew each time. */
		{"", "", "p4"},
		{"technology=a", "technology=b", "p1 p4"},
		{"technology=a ", "", "p1 p4"},
		{"technology=a ", "products=a ", "p1 p4"},
		{" audited=no", " audited=no description=d", "p1 p4 f1"},
		{"technology=a audited=no", "audited=no technology=a", "p1 p4"},
		{"technology=a", "technology=a products=b", "p1 p4"},
		{" audited=no", " audited=no note=n", "p1 p4"},
		{" audited=no", "", "p1 p4 f1"},
		{"audited=no", "audited=yes", "p1 p4 f1"},
		{"process p1", "process p1 \"Name\"", "p4"},
		{"process p1", "store p1", "p1 p4"},
		{"c=1 i=2", "c=2 i=2", "x p1 p4"},
		{"c=1 i=2", "c=1 i=2 owner=o", "x p4"},
		{"colour=red", "colour=blue", "p4"},
		{"colour=red", "technology=c", "p4"},
		{"y exposure=2", "y exposure=4", "y p2 p3 p4 i f1 f2 f3 f4 f5"},
		{"f1 p1 -> p2", "f1 p1 -> p2 protocol=http", "p4 f1"},
		{"f1 p1 -> p2", "f1 p2 -> p1", "p1 p2 p4 f1"},
		{"f4 ? -> p3", "f4 p3 -> ?", "y p4 f4"},
		{"f4 ? -> p3", "f4 p1 -> p3", "y p4 f4"},
		{"interface i", "interface i port=1\ninterface k", "p4 i k"},
		{"process p1", "process p0\nprocess p1", "p0 p4"},
		{"flow f1", "flow f0 p3 -> p3\nflow f1", "p4 f0"},
		{"at=p1\nprocess", "at=p2\nprocess", "x p1 p2 p4"},
		{"fails=\"F\"", "fails=\"G\"", "p4 s"},
		{"\"T\" at=p1", "\"T\" at=p2", "p4 t"},
	};

	for (isize i = 0; i < COUNT_OF(cases); i++) {
		str got = looked_at_again(t, S(BASE), with_line(t, cases[i].old, cases[i].new));
		if (!str_eq(got, str_of(cases[i].again)))
			test_fail(t, __FILE__, __LINE__, "\"%.*s\", not \"%s\": %s to %s",
				STR_ARG(got), cases[i].again, cases[i].old, cases[i].new);
	}
}

/* Of two texts that begin at one place the longer is another one. */
TEST(a_longer_value_is_another_one_wherever_it_stands, "")
{
	const struct rules *rules = some_rules(t);
	struct err e = {.arena = t->arena};
	struct model *then = model_of(t, S("process p technology=x\n"));
	struct model *now = model_of(t, S("process p technology=x\n"));
	struct findings *was, *f;
	const str value = S("value");

	for (isize n = 1; n <= value.n; n++) {
		then->of[PART_ELEMENT].list[0].props->value = str_part(value, 0, 3);
		now->of[PART_ELEMENT].list[0].props->value = str_part(value, 0, n);
		CHECK(threat_evaluate(t->arena, &e, then, rules, false, &was));
		CHECK(threat_evaluate_again(t->arena, &e, now, was, &f));
		CHECK(f->bound->states_same[PART_ELEMENT][0] == (n == 3));
	}
}

static str processes(struct test_case *t, int first, int last, int left_out_from, int left_out_to)
{
	struct buf b;

	buf_init(&b, t->arena, LIMIT_PROSE);
	for (int i = first; i < last; i++)
		if (i < left_out_from || i >= left_out_to)
			buf_fmt(&b, "process p%d\n", i);
	return buf_str(&b);
}

/* Parts stand near where they stood: fifteen may be gone before one, and not sixteen. */
TEST(a_part_is_looked_for_fifteen_places_further, "")
{
	for (int gone = 0; gone < 20; gone++) {
		str again = looked_at_again(
			t, processes(t, 0, 40, 0, 0), processes(t, 0, 40, 5, 5 + gone));
		CHECK((again.n == 0) == (gone <= 15));
	}
	/* The last ones, and those that are new among them. */
	CHECK_STR(looked_at_again(t, processes(t, 0, 3, 0, 0), processes(t, 0, 3, 0, 2)), S(""));
	CHECK_STR(
		looked_at_again(t, processes(t, 1, 3, 0, 0), processes(t, 0, 4, 0, 0)), S("p0 p3"));
	CHECK_STR(
		looked_at_again(t, processes(t, 0, 0, 0, 0), processes(t, 0, 2, 0, 0)), S("p0 p1"));
	CHECK_STR(looked_at_again(t, processes(t, 0, 30, 1, 29), processes(t, 0, 30, 0, 0)),
		str_trim(S("p1 p2 p3 p4 p5 p6 p7 p8 p9 p10 p11 p12 p13 p14 p15 p16 p17 p18 p19 p20 "
			   "p21 p22 p23 p24 p25 p26 p27 p28 ")));
}

TEST_MAIN()
