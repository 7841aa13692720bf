/* What an editor sends: every act, sent twice, against somebody else's change, and nonsense. */
#include "store.h"
#include "threat/records/records.h"

#define TODAY S("2026-09-30T08:00:00Z")

static bool acts(struct call *c, struct acts_done *done, const char *json)
{
	c->reason = S("drawn");
	return model_act(c, str_of(json), done);
}

static struct rec *record(struct test_case *t, struct call *c, const char *ref)
{
	struct rec *r = NULL;

	CHECK(kind_get_any(c, str_of(ref), &r));
	return r;
}

static str value(struct test_case *t, struct call *c, const char *ref, const char *field)
{
	struct rec *r = record(t, c, ref);

	return kind_value(c->arena, r, kind_field(r->kind, str_of(field)));
}

static const char *const two_and_a_flow =
	"[{\"act\":\"add\",\"as\":\"new:1\",\"uid\":\"u1\",\"kind\":\"zone\","
	"\"fields\":{\"title\":\"Ward\",\"exposure\":2}},"
	"{\"act\":\"add\",\"as\":\"new:2\",\"uid\":\"u2\",\"kind\":\"element\","
	"\"fields\":{\"title\":\"Pump\",\"type\":\"device\",\"zone\":\"new:1\"}},"
	"{\"act\":\"add\",\"as\":\"new:3\",\"uid\":\"u3\",\"kind\":\"element\","
	"\"fields\":{\"title\":\"Nurse\",\"type\":\"actor\"}},"
	"{\"act\":\"add\",\"as\":\"new:4\",\"uid\":\"u4\",\"kind\":\"flow\","
	"\"fields\":{\"title\":\"Sets the rate\",\"from\":\"new:3\",\"to\":\"new:2\"}},"
	"{\"act\":\"place\",\"places\":[[\"new:2\",400,-20],[\"new:3\",0,0]]}]";

TEST(what_is_added_may_be_named_in_the_same_array, "")
{
	struct call *c = store_open(t, TODAY);
	struct acts_done *done = NEW(t->arena, struct acts_done, 1);

	CHECK(acts(c, done, two_and_a_flow));
	CHECK_INT(done->count, 4);
	CHECK_STR(done->made[1].as, S("new:2"));
	CHECK_STR(done->made[1].ref, S("C-1"));
	CHECK_STR(value(t, c, "C-1", "zone"), S("Z-1"));
	CHECK_STR(value(t, c, "F-1", "from"), S("C-2"));
	CHECK_STR(value(t, c, "F-1", "to"), S("C-1"));
	CHECK(store_commit(t, c));
	store_close(t, c);
}

TEST(sending_twice_changes_nothing_more, "")
{
	struct call *c = store_open(t, TODAY);
	struct acts_done *done = NEW(t->arena, struct acts_done, 1);

	CHECK(acts(c, done, two_and_a_flow));
	int64_t size = db_int(c->db, SQL("SELECT count(*) FROM entry"));
	CHECK(acts(c, done, two_and_a_flow));
	CHECK(size > 4);
	CHECK_INT(db_int(c->db, SQL("SELECT count(*) FROM entry")), size);
	CHECK_STR(done->made[3].ref, S("F-1"));
	/* The revision in it is old by then; what it asks for is there. */
	const char *set =
		"[{\"act\":\"set\",\"ref\":\"C-1\",\"rev\":1,\"fields\":{\"title\":\"Pump 3\"}}]";
	CHECK(acts(c, done, set) && acts(c, done, set));
	CHECK_INT(record(t, c, "C-1")->rev, 2);
	const char *gone = "[{\"act\":\"retire\",\"ref\":\"F-1\",\"rev\":1}]";
	CHECK(acts(c, done, gone) && acts(c, done, gone));
	CHECK_INT(record(t, c, "F-1")->rev, 2);
	store_close(t, c);
}

TEST(another_persons_change_is_not_overwritten, "")
{
	struct call *c = store_open(t, TODAY);
	struct acts_done *done = NEW(t->arena, struct acts_done, 1);

	CHECK(acts(c, done, two_and_a_flow));
	CHECK(acts(c, done,
		"[{\"act\":\"set\",\"ref\":\"C-1\",\"rev\":1,\"fields\":{\"title\":\"Mine\"}}]"));
	CHECK(!acts(c, done,
		"[{\"act\":\"set\",\"ref\":\"C-1\",\"rev\":1,\"fields\":{\"title\":\"Yours\"}}]"));
	CHECK_INT(c->err.code, ERR_CONFLICT);
	err_clear(&c->err);
	CHECK(!acts(c, done, "[{\"act\":\"retire\",\"ref\":\"C-2\"}]"));
	CHECK_INT(c->err.code, ERR_CONFLICT);
	err_clear(&c->err);
	CHECK_STR(value(t, c, "C-1", "title"), S("Mine"));
	store_close(t, c);
}

TEST(what_is_in_use_stays, "")
{
	struct call *c = store_open(t, TODAY);
	struct acts_done *done = NEW(t->arena, struct acts_done, 1);
	struct model *m;

	CHECK(acts(c, done, two_and_a_flow));
	CHECK(!acts(c, done, "[{\"act\":\"retire\",\"ref\":\"C-1\",\"rev\":1}]"));
	CHECK_INT(c->err.code, ERR_CONFLICT);
	CHECK(str_find(err_text(&c->err), S("F-1")) > 0);
	err_clear(&c->err);
	CHECK(!acts(c, done, "[{\"act\":\"retire\",\"ref\":\"Z-1\",\"rev\":1}]"));
	err_clear(&c->err);
	CHECK(acts(c, done,
		"[{\"act\":\"retire\",\"ref\":\"F-1\",\"rev\":1},"
		"{\"act\":\"retire\",\"ref\":\"C-1\",\"rev\":1}]"));
	CHECK(model_from_records(c, NULL, &m));
	CHECK_INT(m->of[PART_ELEMENT].count, 1);
	CHECK_INT(m->of[PART_FLOW].count, 0);
	CHECK(acts(c, done,
		"[{\"act\":\"restore\",\"ref\":\"C-1\",\"rev\":2},"
		"{\"act\":\"restore\",\"ref\":\"F-1\",\"rev\":2}]"));
	CHECK(model_from_records(c, NULL, &m));
	CHECK_INT(m->of[PART_FLOW].count, 1);
	store_close(t, c);
}

TEST(elements_stand_where_they_were_put, "")
{
	struct call *c = store_open(t, TODAY);
	struct acts_done *done = NEW(t->arena, struct acts_done, 1);
	const struct view *view;
	struct layout *l;
	struct model *m;

	CHECK(acts(c, done, two_and_a_flow));
	CHECK(diagram_view(c, &view) && view && model_from_records(c, view, &m));
	CHECK(layout_make(c->arena, &c->err, m, &l));
	CHECK_INT(layout_element(l, 0).x, 400);
	CHECK_INT(layout_element(l, 0).y, -20);
	CHECK_INT(layout_element(l, 1).x, 0);
	CHECK(acts(
		c, done, "[{\"act\":\"place\",\"places\":[[\"C-1\",null,null],[\"C-2\",10,20]]}]"));
	CHECK(diagram_view(c, &view) && model_from_records(c, view, &m));
	CHECK(!m->of[PART_ELEMENT].list[0].is_placed);
	CHECK_INT(m->of[PART_ELEMENT].list[1].x, 10);
	CHECK_INT(view->place.count, 1);
	store_close(t, c);
}

TEST(zones_stand_where_they_were_put_with_their_size, "")
{
	struct call *c = store_open(t, TODAY);
	struct acts_done *done = NEW(t->arena, struct acts_done, 1);
	const struct view *view;
	struct layout *l;
	struct model *m = NULL;

	CHECK(acts(c, done, two_and_a_flow));
	CHECK(acts(c, done,
		"[{\"act\":\"add\",\"as\":\"new:1\",\"uid\":\"u9\",\"kind\":\"zone\","
		"\"fields\":{\"title\":\"Shelf\",\"exposure\":1,\"parent\":\"Z-1\"}},"
		"{\"act\":\"place\",\"places\":[[\"new:1\",700,300,200,100]]}]"));
	CHECK(diagram_view(c, &view) && model_from_records(c, view, &m));
	CHECK(m->of[PART_ZONE].list[1].is_placed && !m->of[PART_ZONE].list[0].is_placed);
	CHECK(layout_make(c->arena, &c->err, m, &l));
	struct box shelf = layout_zone(l, 1), ward = layout_zone(l, 0);
	CHECK(shelf.x == 700 && shelf.y == 300 && shelf.w == 200 && shelf.h == 100);
	CHECK(ward.x < 400 && ward.x + ward.w > 900 && ward.y + ward.h > 400);
	CHECK(acts(c, done, "[{\"act\":\"place\",\"places\":[[\"Z-2\",null,null]]}]"));
	CHECK(diagram_view(c, &view) && model_from_records(c, view, &m));
	CHECK(!m->of[PART_ZONE].list[1].is_placed);
	static const char *const bad[] = {"[\"Z-2\",1]", "[\"Z-2\",1,2,3]", "[\"Z-2\",1,null]",
		"[\"Z-2\",1,2,3,null]", "[\"Z-2\",1,2,30,40,5]", "[\"Z-2\",1,2,-5,40]", "[1,2,3]",
		"{}"};
	for (int i = 0; i < COUNT_OF(bad); i++) {
		CHECK(!acts(c, done,
			cstr(t->arena,
				str_fmt(t->arena, "[{\"act\":\"place\",\"places\":[%s]}]",
					bad[i]))));
		CHECK_INT(c->err.code, ERR_INVALID);
		err_clear(&c->err);
	}
	store_close(t, c);
}

TEST(a_zone_does_not_lie_in_itself, "")
{
	struct call *c = store_open(t, TODAY);
	struct acts_done *done = NEW(t->arena, struct acts_done, 1);
	struct model *m;

	CHECK(acts(c, done, two_and_a_flow));
	CHECK(acts(c, done,
		"[{\"act\":\"add\",\"as\":\"new:1\",\"uid\":\"u9\",\"kind\":\"zone\",\"fields\":"
		"{\"title\":\"Shelf\",\"exposure\":1,\"parent\":\"Z-1\"}}]"));
	CHECK(!acts(c, done,
		"[{\"act\":\"set\",\"ref\":\"Z-1\",\"rev\":1,\"fields\":{\"parent\":\"Z-2\"}}]"));
	CHECK_INT(c->err.code, ERR_INVALID);
	CHECK(str_find(c->err.issues->text, S("stands above")) > 0);
	err_clear(&c->err);
	/* Who writes the record another way does not take the picture from everybody. */
	CHECK(db_exec(c->db,
		SQL_FREE("UPDATE zone SET f_parent = 'Z-2' WHERE ref = 'Z-1' AND until IS NULL")));
	CHECK(model_from_records(c, NULL, &m));
	CHECK_INT(m->of[PART_ZONE].count, 2);
	store_close(t, c);
}

static void become(struct call *c, struct grant *g, const char *pattern)
{
	*g = (struct grant){.product = S("")};
	right_match(str_of(pattern), g->right);
	c->who =
		(struct who){.ref = S("P01"), .actor = S("person:1"), .grant = g, .grant_count = 1};
}

TEST(nonsense_is_refused_with_a_sentence, "")
{
	static const struct {
		const char *json;
		enum err_code code;
	} bad[] = {{"", ERR_SYNTAX}, {"{}", ERR_INVALID}, {"[1]", ERR_INVALID},
		{"[{\"act\":\"explode\"}]", ERR_INVALID}, {"[{\"act\":\"add\"}]", ERR_INVALID},
		{"[{\"act\":\"add\",\"kind\":\"element\",\"uid\":\"x\"}]", ERR_INVALID},
		{"[{\"act\":\"add\",\"kind\":\"person\",\"uid\":\"x\",\"fields\":{}}]",
			ERR_INVALID},
		{"[{\"act\":\"add\",\"kind\":\"element\",\"uid\":\"x\",\"fields\":{\"title\":\"a\","
		 "\"type\":\"rocket\"}}]",
			ERR_INVALID},
		{"[{\"act\":\"add\",\"kind\":\"flow\",\"uid\":\"x\",\"fields\":{\"title\":\"a\","
		 "\"from\":\"new:9\",\"to\":\"C-1\"}}]",
			ERR_INVALID},
		{"[{\"act\":\"set\",\"ref\":\"C-99\",\"rev\":1,\"fields\":{}}]", ERR_MISSING},
		{"[{\"act\":\"set\",\"ref\":\"C-1\",\"rev\":1,\"fields\":{\"nothing\":1}}]",
			ERR_INVALID},
		{"[{\"act\":\"set\",\"ref\":\"C-1\",\"rev\":1,\"fields\":[]}]", ERR_INVALID},
		{"[{\"act\":\"place\"}]", ERR_INVALID},
		{"[{\"act\":\"place\",\"places\":[[]]}]", ERR_INVALID},
		{"[{\"act\":\"place\",\"places\":[[\"C-1\",1.5,2]]}]", ERR_INVALID},
		{"[{\"act\":\"place\",\"places\":[[\"C-1\",1e9,2]]}]", ERR_INVALID},
		{"[{\"act\":\"place\",\"places\":[[\"Z-1\",1,2]]}]", ERR_INVALID}};
	struct call *c = store_open(t, TODAY);
	struct acts_done *done = NEW(t->arena, struct acts_done, 1);

	struct grant g;

	CHECK(acts(c, done, two_and_a_flow));
	/* The program itself may name what comes later; people may not. */
	become(c, &g, "*");
	for (isize i = 0; i < COUNT_OF(bad); i++) {
		if (acts(c, done, bad[i].json) || c->err.code != bad[i].code)
			test_fail(t, __FILE__, __LINE__, "%s: %d %s", bad[i].json, (int)c->err.code,
				err_text(&c->err).p);
		err_clear(&c->err);
	}
	store_close(t, c);
}

TEST(without_the_right_nothing_changes, "")
{
	struct call *c = store_open(t, TODAY);
	struct who program = c->who;
	struct acts_done *done = NEW(t->arena, struct acts_done, 1);
	struct grant g;

	CHECK(acts(c, done, two_and_a_flow));
	become(c, &g, "*.read");
	CHECK(!acts(c, done,
		"[{\"act\":\"set\",\"ref\":\"C-1\",\"rev\":1,\"fields\":{\"title\":\"Mine\"}}]"));
	CHECK_INT(c->err.code, ERR_DENIED);
	err_clear(&c->err);
	c->who = program;
	CHECK_STR(value(t, c, "C-1", "title"), S("Pump"));
	store_close(t, c);
}

TEST_MAIN()
