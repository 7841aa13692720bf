/* Architecture views: what each shows, and that what it leaves out is not needed. */
#include "test.h"
#include "threat/formats/formats.h"
#include "threat/model/view.h"

static const char *const ward =
	"zone cloud exposure=3\nzone room exposure=4\nzone lost exposure=5\n"
	"asset limits class=safety-data c=1 i=4 a=3\nasset report class=health-data c=4 i=3 a=2\n"
	"actor nurse in=room\nactor builder\nprocess library in=cloud\nprocess reports in=cloud\n"
	"process updates in=cloud\nprocess gateway in=room\ndevice pump in=room\n"
	"device display in=room\ndevice lonely in=lost\n"
	"flow f1 library -> gateway \"Limits\" carries=limits content=data\n"
	"flow f2 gateway -> pump \"Limits\" carries=limits content=data\n"
	"flow f3 nurse -> library \"Edits\" carries=limits content=data\n"
	"flow f4 pump -> reports \"Report\" carries=report content=data\n"
	"flow f5 builder -> updates \"Package\" content=code\n"
	"flow f6 updates -> pump \"Package\" content=code\n"
	"flow f7 pump -> display \"Order\" content=command\n"
	"flow f8 nurse -> reports \"Command\" content=command\n"
	"flow f9 ? -> pump \"From anywhere\" content=code\n";

/* The ids of a group, " a b ". */
static str ids(struct test_case *t, const struct model *m, enum part_group group)
{
	struct buf b;

	buf_init(&b, t->arena, 4000);
	for (isize i = 0; i < m->of[group].count; i++) {
		buf_add(&b, i ? S(" ") : S(""));
		buf_add(&b, m->of[group].list[i].id);
	}
	return buf_str(&b);
}

static struct model *view_of(struct test_case *t, enum architecture_view view)
{
	struct err e = {.arena = t->arena};
	struct model *m = NULL, *part = NULL;
	struct view_choice choice;

	CHECK(model_read(t->arena, &e, S("m.ward"), str_of(ward), &m));
	CHECK(view_choice_make(t->arena, &e, m, &choice));
	view_choose(m, view, &choice);
	if (!view_model(t->arena, &e, m, &choice, &part))
		test_fail(t, __FILE__, __LINE__, "%s", e.text);
	return part;
}

TEST(the_global_view_shows_everything_that_can_be_drawn, "")
{
	struct model *m = view_of(t, VIEW_GLOBAL);

	CHECK_INT(m->of[PART_ELEMENT].count, 9);
	CHECK_INT(m->of[PART_FLOW].count, 9);
}

TEST(updates_are_shown_from_their_origin_to_the_device, "")
{
	struct model *m = view_of(t, VIEW_UPDATE);

	CHECK_STR(ids(t, m, PART_FLOW), S("f5 f6"));
	CHECK_STR(ids(t, m, PART_ELEMENT), S("builder updates pump"));
	CHECK_STR(ids(t, m, PART_ZONE), S("cloud room"));
}

TEST(many_patients_are_harmed_through_what_is_shared, "")
{
	struct model *m = view_of(t, VIEW_MULTI_PATIENT);

	/* Not the report, nor the order between two devices of one patient, nor the command that
	   reaches no device. */
	CHECK_STR(ids(t, m, PART_FLOW), S("f1 f2 f3 f5 f6"));
	CHECK_STR(ids(t, m, PART_ELEMENT), S("nurse builder library updates gateway pump"));
}

TEST(only_three_views_have_names, "")
{
	enum architecture_view v;

	CHECK(view_parse(S("multi-patient"), &v) && v == VIEW_MULTI_PATIENT);
	CHECK(!view_parse(S("use-case"), &v) && !view_parse(S(""), &v));
}

TEST_MAIN()
