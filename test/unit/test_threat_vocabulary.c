/* The vocabulary: what it refuses, its limits, and what may be said of each kind of part. */
#include "test.h"
#include "threat/rules/compiled.h"

/* What is said of the text; "" when it is taken. */
static str said_of(struct test_case *t, str text, struct vocabulary **out)
{
	struct err e = {.arena = t->arena};

	if (vocabulary_parse(t->arena, &e, S("v"), text, out))
		return S("");
	CHECK_INT(e.code, ERR_SYNTAX);
	return str_dup(t->arena, err_text(&e));
}

TEST(what_is_not_a_line_of_a_vocabulary_is_refused_with_its_line, "")
{
	static const struct {
		const char *text, *says;
	} cases[] = {{"", ""}, {"# only this\n\n  \t\n", ""}, {"enum a x\nscale b x # y, y\n", ""},
		{"enum a x\n\nscales b x\n",
			"v:3:1: a line begins with enum, scale, property or derived, not scales"},
		{"enum\n", "v:1:1: an enumeration without a name, or with one already taken: "},
		{"enum a x\nscale a y\n",
			"v:2:1: an enumeration without a name, or with one already taken: a"},
		{"enum a\n", "v:1:1: an enumeration without words: a"},
		{"enum a x, , y\n", "v:1:1: an empty or repeated word, or too many of them: "},
		{"enum a x, y, x\n", "v:1:1: an empty or repeated word, or too many of them: x"},
		{"property wire x text\n", "v:1:1: not a kind: wire"},
		{"property flow, wire x text\n", "v:1:1: not a kind: wire"},
		{"property\n", "v:1:1: not a kind: "}, {"property flow\n", "v:1:1: not a type: "},
		{"property flow x\n", "v:1:1: not a type: "},
		{"property flow x color\n", "v:1:1: not a type: color"},
		{"property flow x list of color\n", "v:1:1: not a type: color"},
		{"enum a x\nproperty actor p a\nproperty store p text\n",
			"v:3:1: a property of two types: p"},
		{"enum a x\nenum b x\nproperty actor, store p a\nderived store p b\n",
			"v:4:1: a property of two types: p"},
		{"enum a x\nproperty actor p a\nproperty flow p text\nproperty store p a\n", ""},
		{"property flow x list of text\nderived model y text\n", ""}};
	struct vocabulary *v;

	for (isize i = 0; i < COUNT_OF(cases); i++)
		CHECK_STR(said_of(t, str_of(cases[i].text), &v), str_of(cases[i].says));
}

static str counted(struct test_case *t, const char *head, const char *format, int count)
{
	struct buf b;

	buf_init(&b, t->arena, LIMIT_RECORD_BYTES);
	buf_fmt(&b, "%s", head);
	for (int i = 0; i < count; i++) {
		str rest = str_of(format), before = str_cut(&rest, '%');
		buf_fmt(&b, "%.*s%d%.*s", STR_ARG(before), i, STR_ARG(rest));
	}
	return buf_str(&b);
}

TEST(every_limit_of_a_vocabulary_is_taken_and_one_more_refused, "")
{
	static const struct {
		const char *head, *line, *says;
		int limit;
	} cases[] = {{"", "enum e% x\n", "too many enumerations", VOCABULARY_ENUMS},
		{"enum e w", ", x%", "an empty or repeated word, or too many of them: x59",
			VOCABULARY_WORDS - 1},
		{"", "property flow p% text\n", "too many properties: p120", VOCABULARY_PROPS}};
	struct vocabulary *v;

	for (isize i = 0; i < COUNT_OF(cases); i++) {
		str most = counted(t, cases[i].head, cases[i].line, cases[i].limit);
		str more = counted(t, cases[i].head, cases[i].line, cases[i].limit + 1);
		CHECK_STR(said_of(t, most, &v), S(""));
		CHECK(str_ends(said_of(t, more, &v), str_of(cases[i].says)));
	}
	/* Another group has room of its own. */
	CHECK_STR(said_of(t, counted(t, "property zone z text\n", "property flow p% text\n", 120),
			  &v),
		S(""));
}

/* Each property is found by its name in its group, whatever else there is. */
TEST(properties_are_found_by_name_and_group, "")
{
	struct vocabulary *v;

	CHECK_STR(said_of(t, counted(t, "", "property flow p% text\n", 120), &v), S(""));
	for (int i = 0; i < 120; i++)
		CHECK_INT(vocabulary_prop_find(v, PART_FLOW, str_fmt(t->arena, "p%d", i)), i);
	CHECK_INT(vocabulary_prop_find(v, PART_FLOW, S("p120")), -1);
	CHECK_INT(vocabulary_prop_find(v, PART_FLOW, S("")), -1);
	CHECK_INT(vocabulary_prop_find(v, PART_ZONE, S("p1")), -1);
}

#define SMALL                                                                                      \
	"enum color red, \"green\"\nenum yes-no no, yes\nproperty flow color list of color\n"      \
	"property flow note text\nderived flow exposure color\nproperty actor, store safe "        \
	"yes-no\n"                                                                                 \
	"property process safe yes-no\nproperty actor name text\nderived model unknown color\n"

TEST(what_may_be_said_of_each_kind_is_told, "")
{
	struct vocabulary *v;
	struct buf b;

	CHECK_STR(said_of(t, S(SMALL), &v), S(""));
	buf_init(&b, t->arena, LIMIT_PROSE);
	vocabulary_print_json(&b, v);
	CHECK_STR(buf_str(&b),
		S("{\"zone\":{},\"asset\":{},\"actor\":{\"safe\":[\"no\",\"yes\"],\"name\":[]},"
		  "\"process\":{\"safe\":[\"no\",\"yes\"]},\"store\":{\"safe\":[\"no\",\"yes\"]},"
		  "\"device\":{},\"interface\":{},"
		  "\"flow\":{\"color\":[\"red\",\"\\\"green\\\"\"],\"note\":[]},"
		  "\"assumption\":{},\"threat\":{},\"model\":{}}"));
}

TEST(properties_with_words_are_those_that_people_state, "")
{
	struct vocabulary *v;

	CHECK_STR(said_of(t, S(SMALL), &v), S(""));
	CHECK(vocabulary_has_words(v, PART_IS_FLOW, S("color")));
	CHECK(!vocabulary_has_words(v, PART_IS_FLOW, S("note")));
	CHECK(!vocabulary_has_words(v, PART_IS_FLOW, S("exposure")));
	CHECK(!vocabulary_has_words(v, PART_IS_FLOW, S("size")));
	CHECK(!vocabulary_has_words(v, PART_IS_ZONE, S("color")));
	CHECK(vocabulary_has_words(v, PART_IS_ACTOR, S("safe")));
	CHECK(vocabulary_has_words(v, PART_IS_PROCESS, S("safe")));
	CHECK(!vocabulary_has_words(v, PART_IS_DEVICE, S("safe")));
}

/* What a kind cannot have is known to be none; the rest is unknown. */
TEST(a_blank_part_lacks_what_its_kind_cannot_have, "")
{
	struct vocabulary *v;

	CHECK_STR(said_of(t, S(SMALL), &v), S(""));
	int32_t safe = vocabulary_prop_find(v, PART_ELEMENT, S("safe"));
	int32_t name = vocabulary_prop_find(v, PART_ELEMENT, S("name"));
	CHECK(v->blank[PART_IS_ACTOR][safe] == 0 && v->blank[PART_IS_ACTOR][name] == 0);
	CHECK(v->blank[PART_IS_STORE][safe] == 0 && v->blank[PART_IS_STORE][name] == MASK_NONE);
	CHECK(v->blank[PART_IS_DEVICE][safe] == MASK_NONE);
	CHECK_INT(v->derived_count[PART_FLOW], 1);
	CHECK_INT(v->derived[PART_FLOW][0], vocabulary_prop_find(v, PART_FLOW, S("exposure")));
	CHECK_INT(v->fact[PART_FLOW][FACT_EXPOSURE], v->derived[PART_FLOW][0]);
	CHECK_INT(v->fact[PART_ELEMENT][FACT_EXPOSURE], -1);
}

TEST(words_are_found_in_their_enumeration, "")
{
	struct vocabulary *v;

	CHECK_STR(said_of(t, S("scale s a, b, c\nenum e c\n"), &v), S(""));
	CHECK_INT(v->list_count, 2);
	CHECK(v->lists[0].is_scale && !v->lists[1].is_scale);
	CHECK_INT(word_find(&v->lists[0], S("a")), 0);
	CHECK_INT(word_find(&v->lists[0], S("c")), 2);
	CHECK_INT(word_find(&v->lists[1], S("c")), 0);
	CHECK_INT(word_find(&v->lists[1], S("a")), -1);
}

TEST_MAIN()
