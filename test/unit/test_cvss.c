/* Every value of every metric of CVSS 3.1 and 4.0, as the tables of FIRST have them. */
#include "call/call.h"
#include "kinds.h"
#include "test.h"

/* "NAME:values", required ones first up to "|". */
static const char *const version3[] = {"AV:NALP", "AC:LH", "PR:NLH", "UI:NR", "S:UC", "C:HLN",
	"I:HLN", "A:HLN", "|", "E:XHFPU", "RL:XUWTO", "RC:XCRU", "CR:XHML", "IR:XHML", "AR:XHML",
	"MAV:XNALP", "MAC:XLH", "MPR:XNLH", "MUI:XNR", "MS:XUC", "MC:XNLH", "MI:XNLH", "MA:XNLH",
	NULL};
static const char *const version4[] = {"AV:NALP", "AC:LH", "AT:NP", "PR:NLH", "UI:NPA", "VC:HLN",
	"VI:HLN", "VA:HLN", "SC:HLN", "SI:HLN", "SA:HLN", "|", "E:XAPU", "CR:XHML", "IR:XHML",
	"AR:XHML", "MAV:XNALP", "MAC:XLH", "MAT:XNP", "MPR:XNLH", "MUI:XNPA", "MVC:XHLN",
	"MVI:XHLN", "MVA:XHLN", "MSC:XHLN", "MSI:XHLNS", "MSA:XHLNS", "S:XNP", "AU:XNY", "R:XAUI",
	"V:XDC", "RE:XLMH", NULL};

struct version {
	str head;
	const char *const *metric;
	bool in_order;
};
static const struct version versions[] = {{S_INIT("CVSS:3.0"), version3, false},
	{S_INIT("CVSS:3.1"), version3, false}, {S_INIT("CVSS:4.0"), version4, true}};

static bool accepts(struct test_case *t, str vector)
{
	struct call c = {.arena = t->arena, .err = {.arena = t->arena}};

	cvss(&c, S("cvss"), vector);
	return c.err.code == ERR_NONE;
}

/* The first value of every required metric; of the metric number `at` the value `value` instead,
   also when it is not required; none when `value` is empty. */
static str vector_with(struct test_case *t, const struct version *v, int at, str value)
{
	struct buf b;
	bool required = true;

	buf_init(&b, t->arena, 400);
	buf_add(&b, v->head);
	for (int i = 0; v->metric[i]; i++) {
		str values = str_of(v->metric[i]), name = str_cut(&values, ':');
		required = required && name.p[0] != '|';
		if (name.p[0] == '|' || (i != at && !required) || (i == at && !value.n))
			continue;
		buf_char(&b, '/');
		buf_add(&b, name);
		buf_char(&b, ':');
		buf_add(&b, i == at ? value : str_part(values, 0, 1));
	}
	return buf_str(&b);
}

TEST(each_metric_takes_its_values_and_no_other, "")
{
	for (isize k = 0; k < COUNT_OF(versions); k++)
		for (int i = 0; versions[k].metric[i]; i++) {
			str values = str_of(versions[k].metric[i]);
			if (str_eq(str_cut(&values, ':'), S("|")))
				continue;
			for (int letter = ' '; letter < 0x7f; letter++) {
				char one = (char)letter;
				bool want = str_index(values, one) >= 0;
				str vector = vector_with(t, &versions[k], i, (str){&one, 1});
				if (one == '/' || one == ':')
					continue;
				if (accepts(t, vector) != want)
					printf("# %.*s\n", STR_ARG(vector));
				CHECK_INT(accepts(t, vector), want);
			}
			char two[2] = {values.p[0], values.p[0]};
			CHECK(!accepts(t, vector_with(t, &versions[k], i, (str){two, 2})));
		}
}

TEST(each_metric_of_the_base_is_required, "")
{
	for (isize k = 0; k < COUNT_OF(versions); k++) {
		CHECK(accepts(t, vector_with(t, &versions[k], -1, S(""))));
		for (int i = 0; versions[k].metric[i][0] != '|'; i++) {
			str without = vector_with(t, &versions[k], i, S(""));
			str empty = vector_with(t, &versions[k], i, S("/"));
			CHECK(!accepts(t, without));
			CHECK(!accepts(t, empty));
		}
	}
}

/* Each pair of neighbours changed, and the first metric moved to the end. */
TEST(order_counts_in_version_4_only, "")
{
	for (isize k = 0; k < COUNT_OF(versions); k++) {
		str whole = vector_with(t, &versions[k], -1, S("")), rest = whole;
		str head = str_cut(&rest, '/'), before = head;
		while (rest.n) {
			str one = str_cut(&rest, '/'), after = rest, two = str_cut(&after, '/');
			if (!two.n)
				break;
			str swapped = str_fmt(t->arena, "%.*s/%.*s/%.*s%s%.*s", STR_ARG(before),
				STR_ARG(two), STR_ARG(one), after.n ? "/" : "", STR_ARG(after));
			CHECK_INT(accepts(t, swapped), !versions[k].in_order);
			before = str_fmt(t->arena, "%.*s/%.*s", STR_ARG(before), STR_ARG(one));
		}
		rest = whole;
		str_cut(&rest, '/');
		str first = str_cut(&rest, '/');
		CHECK_INT(accepts(t,
				  str_fmt(t->arena, "%.*s/%.*s/%.*s", STR_ARG(head), STR_ARG(rest),
					  STR_ARG(first))),
			!versions[k].in_order);
		CHECK(!accepts(t, str_fmt(t->arena, "%.*s/%.*s", STR_ARG(whole), STR_ARG(first))));
		CHECK(!accepts(t,
			str_fmt(t->arena, "%.*s/%.*s/%.*s", STR_ARG(head), STR_ARG(first),
				STR_ARG(str_part(whole, head.n + 1, whole.n)))));
		CHECK(!accepts(t, str_join(t->arena, whole, S("/"))));
		CHECK(!accepts(t, str_join(t->arena, whole, S("/ZZ:X"))));
	}
}

TEST(the_urgency_of_a_provider_is_a_word, "")
{
	static const char *const good[] = {"X", "Clear", "Green", "Amber", "Red"};
	static const char *const wrong[] = {"", "C", "clear", "Blue", "Redd", "XX"};
	str whole = vector_with(t, &versions[2], -1, S(""));

	for (isize i = 0; i < COUNT_OF(good); i++)
		CHECK(accepts(t, str_fmt(t->arena, "%.*s/U:%s", STR_ARG(whole), good[i])));
	for (isize i = 0; i < COUNT_OF(wrong); i++)
		CHECK(!accepts(t, str_fmt(t->arena, "%.*s/U:%s", STR_ARG(whole), wrong[i])));
}

TEST(other_versions_and_none_are_refused, "")
{
	str whole = vector_with(t, &versions[1], -1, S("")), rest = whole;

	str_cut(&rest, '/');
	CHECK(!accepts(t, rest));
	CHECK(!accepts(t, str_fmt(t->arena, "CVSS:2.0/%.*s", STR_ARG(rest))));
	CHECK(!accepts(t, str_fmt(t->arena, "cvss:3.1/%.*s", STR_ARG(rest))));
	CHECK(!accepts(t, S("CVSS:3.1")));
	rest = vector_with(t, &versions[2], -1, S(""));
	str_cut(&rest, '/');
	CHECK(!accepts(t, str_fmt(t->arena, "CVSS:4.1/%.*s", STR_ARG(rest))));
	CHECK(!accepts(t, S("CVSS:4.0/")));
	CHECK(!accepts(t, S("")));
}

TEST_MAIN()
