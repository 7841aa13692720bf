/*
 * Rules whose examples do not hold, or that cannot be read, judge nothing.
 *
 * The files of the program are replaced here by those of each test.
 */
#include "os/asset.h"
#include "test.h"
#include "threat/engine/engine.h"

static struct asset_file files[] = {
	{.name = S_INIT("rules/vocabulary.def")}, {.name = S_INIT("rules/z.rule")}};
static isize file_count = COUNT_OF(files);

const struct asset_file *asset_find(str name)
{
	for (isize i = 0; i < COUNT_OF(files); i++)
		if (str_eq(files[i].name, name))
			return &files[i];
	return NULL;
}

isize asset_each(str prefix, const struct asset_file **first)
{
	*first = files;
	return str_eq(prefix, S("rules/")) ? file_count : 0;
}

#define WORDS                                                                                      \
	"enum yes-no no, yes\nproperty process safe yes-no\nproperty process calm yes-no\n"        \
	"property process in text\n"

/* What is said of a library of these rules; "" when it is there. */
static str library_says(struct test_case *t, str words, str rules)
{
	struct err e = {.arena = t->arena};
	const struct vocabulary *v;
	struct rules *out;

	files[0].bytes = words;
	files[1].bytes = rules;
	if (!rules_library(t->arena, &e, &v, &out)) {
		CHECK_INT(e.code, ERR_SYNTAX);
		return str_dup(t->arena, err_text(&e));
	}
	CHECK_INT(rules_count(out), file_count - 1);
	return S("");
}

/* One rule, with an example of each sort of which one is `says { text }`. */
static str rule_with(struct test_case *t, const char *says, const char *text)
{
	static const struct {
		const char *says, *text;
	} right[] = {{"fires", "process a safe=no calm=no"}, {"asks", "process a calm=no"},
		{"silent", "process a safe=yes"}};
	struct buf b;

	buf_init(&b, t->arena, LIMIT_PROSE);
	buf_add(&b,
		S("rule r\n title \"t\"\n stride safety\n on process\n when safe = no\n"
		  " handled by calm \"it is calm\"\n ask safe, calm\n"));
	for (isize i = 0; i < COUNT_OF(right); i++) {
		bool is_it = str_eq(str_of(says), str_of(right[i].says));
		buf_fmt(&b, " %s { %s }\n", right[i].says, is_it ? text : right[i].text);
	}
	buf_add(&b, S("end\n"));
	return buf_str(&b);
}

TEST(an_example_says_what_comes_of_it, "")
{
	static const char *const broken[] = {"should be open and is not", "should ask and does not",
		"should be silent and is not"};
	static const char *const says[] = {"fires", "asks", "silent"};
	static const struct {
		const char *text;
		bool holds[3]; /* for each word of `says` */
	} cases[] = {
		{"process a safe=no calm=no", {true, false, false}},
		{"process a calm=no", {false, true, false}},
		{"process a safe=no", {false, true, false}},
		{"process a safe=no calm=yes", {false, false, true}},
		{"process a safe=yes", {false, false, true}},
		{"process a safe=no calm=no; process b calm=no", {true, false, false}},
		{"process a safe=yes; process b calm=no", {false, true, false}},
		{"process a safe=yes; process b safe=no calm=no", {true, false, false}},
	};

	for (isize i = 0; i < COUNT_OF(cases); i++)
		for (int k = 0; k < 3; k++) {
			str got = library_says(t, S(WORDS), rule_with(t, says[k], cases[i].text));
			str want =
				str_fmt(t->arena, "rules/z.rule:%d:%d: the example of r %s", 8 + k,
					k == 0           ? 8
						: k == 1 ? 7
							 : 9,
					broken[k]);
			CHECK_STR(got, cases[i].holds[k] ? S("") : want);
		}
}

TEST(an_example_with_words_of_nobody_or_that_is_no_model_is_wrong, "")
{
	static const struct {
		const char *text, *says;
	} cases[] = {
		{"process a safe=no calm=no colour=red",
			"rules/z.rule:8:8: the example of r uses colour, which the vocabulary "
			"lacks"},
		{"process a safe=no calm=no; process b calm=often",
			"rules/z.rule:8:8: the example of r uses often, which the vocabulary "
			"lacks"},
		{"wire a",
			"rules/z.rule:8:8: the example of r a line begins with system, zone, "
			"asset, actor, process, store, device, interface, flow, assumption or "
			"threat, not: wire"},
		{"process a in=nowhere safe=no calm=no",
			"rules/z.rule:8:8: the example of r there is no zone nowhere"},
	};

	for (isize i = 0; i < COUNT_OF(cases); i++)
		CHECK_STR(library_says(t, S(WORDS), rule_with(t, "fires", cases[i].text)),
			str_of(cases[i].says));
}

TEST(a_library_is_read_whole_or_not_at_all, "")
{
	str right = rule_with(t, "", "");

	CHECK_STR(library_says(t, S(WORDS), right), S(""));
	CHECK_STR(library_says(t, S(WORDS "words\n"), right),
		S("rules/vocabulary.def:5:1: a line begins with enum, scale, property or derived, "
		  "not words"));
	CHECK_STR(library_says(t, S(WORDS), str_join(t->arena, right, S("ruler\n"))),
		S("rules/z.rule:12:1: rule, setting or countermeasure was expected, not ruler"));
	CHECK_STR(library_says(t, S(WORDS),
			  str_fmt(t->arena, "%.*s treat it\nend\n",
				  STR_ARG(str_part(right, 0, right.n - 4)))),
		S("rules/z.rule:11:8: there is no countermeasure it"));
	/* Without any rule the words are read all the same. */
	file_count = 1;
	CHECK_STR(library_says(t, S(WORDS), S("")), S(""));
	CHECK_STR(library_says(t, S("words\n"), S("")),
		S("rules/vocabulary.def:1:1: a line begins with enum, scale, property or derived, "
		  "not words"));
	file_count = 2;
}

TEST(an_error_of_an_example_has_its_place, "")
{
	struct err e = {.arena = t->arena};
	const struct vocabulary *v;
	struct rules *out;

	files[1].bytes = rule_with(t, "asks", "process a");
	files[0].bytes = S(WORDS);
	CHECK(rules_library(t->arena, &e, &v, &out));
	/* What an example takes is given back. */
	isize used = t->arena->used;
	CHECK(rules_check(t->arena, &e, out));
	CHECK_INT(t->arena->used, used);
	files[1].bytes = rule_with(t, "asks", "process a safe=yes");
	CHECK(!rules_library(t->arena, &e, &v, &out));
	CHECK_INT(e.line, 9);
	CHECK_INT(e.column, 7);
}

TEST_MAIN()
