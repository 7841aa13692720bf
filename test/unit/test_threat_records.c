/* A model becomes records, all of it or nothing, and the records are the model again. */
#include "store.h"
#include "threat/records/records.h"

static struct model *read_model(struct test_case *t, str text)
{
	struct err e = {.arena = t->arena};
	struct model *m = NULL;

	if (!model_read(t->arena, &e, S("m.ward"), text, &m))
		test_fail(t, __FILE__, __LINE__, "%s", e.text);
	return m;
}

static int64_t records(struct call *c)
{
	return db_int(c->db, SQL("SELECT count(*) FROM record"));
}

TEST(a_model_becomes_records_and_is_read_from_them_again, "")
{
	struct call *c = store_open(t, S("2026-09-30T08:00:00Z"));
	struct model *
		again = NULL,
	       *m = read_model(t,
		       S("system Pump\nzone in \"Inside\" exposure=1 in=out note=n\n"
			 "zone out \"Outside\" exposure=5\nzone dark\n"
			 "asset lib \"Library\" c=high i=very-high class=safety-data at=pump, out\n"
			 "device part in=in part-of=pump\n"
			 "device pump \"Pump\" in=in technology=\"RTOS, C\" secure-boot=yes "
			 "x-otm='{\"tags\":[]}'\n"
			 "interface usb of=pump port=A direction=in connector=usb\n"
			 "flow f pump <-> part \"Talk\" protocol=can, mqtt carries=lib "
			 "content=command\n"
			 "assumption A1 \"Nobody opens it\" fails=\"all\"\n"
			 "threat T1 \"Taken\" at=pump, f stride=\"Information disclosure\" "
			 "status=open\n"
			 "threat T2 at=lib stride=unheard\n"));
	isize count = 0;
	int64_t before = records(c);

	if (!m)
		return;
	if (!records_from_model(c, m, S("m.ward, SHA-256 0"), S(""), &count)) {
		test_fail(t, __FILE__, __LINE__, "%s %s", c->err.text,
			c->err.issues ? cstr(t->arena, c->err.issues->text) : "");
		return;
	}
	CHECK_INT(count, 11);
	CHECK_INT(records(c) - before, 11);
	CHECK(store_commit(t, c));
	CHECK(model_from_records(c, NULL, &again));
	if (!again)
		return;
	const struct part *zones = again->of[PART_ZONE].list;
	CHECK_INT(again->of[PART_ELEMENT].count, 2);
	/* The outer zone came first. */
	CHECK_STR(zones[0].name, S("Outside"));
	CHECK_INT(zones[1].zone, 0);
	/* An exposure that nobody states is the worst. */
	CHECK_INT(zones[2].exposure, 5);
	const struct part *pump = &again->of[PART_ELEMENT].list[0];
	CHECK_STR(pump->name, S("Pump"));
	CHECK_STR(part_value(pump, S("secure-boot")), S("yes"));
	CHECK_INT(again->of[PART_ASSET].list[0].level[1], 4);
	CHECK_INT(again->of[PART_ASSET].list[0].ref_count, 1);
	const struct part *f = &again->of[PART_FLOW].list[0];
	CHECK(f->from == 0 && f->to == 1 && f->ref_count == 1);
	CHECK(part_value(f, S("protocol")).n > 0);
	struct link *links;
	isize link_count;
	CHECK(link_list_type(c, S("targets"), &links, &link_count) && link_count == 3);
	/* The same file again is refused. */
	CHECK(!records_from_model(c, m, S("m.ward, SHA-256 0"), S(""), &count));
	CHECK_INT(c->err.code, ERR_CONFLICT);
	store_undo(t, c);
	store_close(t, c);
}

TEST(the_recorded_model_is_a_file_and_has_a_past, "")
{
	struct call *c = store_open(t, S("2026-09-30T08:00:00Z"));
	struct model *again, *m = read_model(t,
		S("system Pump\nzone in exposure=1\nprocess a in=in\nprocess b in=in\n"
		  "flow f a -> b carries=lib\nasset lib c=high\n"
		  "threat T1 \"Taken\" at=f stride=disclosure\n"));
	str before = S("2026-09-30"), after = S("2026-10-01"), none = S("");
	struct model_diff d;
	struct buf b;
	isize count;

	if (!m || !records_from_model(c, m, S("m.ward"), S(""), &count) || !store_commit(t, c))
		return;
	c->now_us += DAY_US;
	CHECK(model_act(c, S("[{\"act\":\"retire\",\"ref\":\"F-1\",\"rev\":1},"
			     "{\"act\":\"set\",\"ref\":\"C-2\",\"rev\":1,\"fields\":{"
			     "\"title\":\"Beta\"}}]"),
		NEW(t->arena, struct acts_done, 1)));
	CHECK(store_commit(t, c));
	/* As it was; the flow and the threat against it are there. */
	CHECK(call_at(c, before));
	CHECK(model_recorded(c, &again));
	CHECK_INT(again->of[PART_FLOW].count, 1);
	CHECK_INT(again->of[PART_THREAT].count, 1);
	CHECK_STR(part_value(&again->of[PART_THREAT].list[0], S("at")), S("F-1"));
	CHECK_STR(part_value(&again->of[PART_THREAT].list[0], S("status")), S("open"));
	buf_init(&b, t->arena, LIMIT_PROSE);
	model_print(&b, again);
	CHECK(str_find(buf_str(&b), S("\nflow F-1 C-1 -> C-2 ")) >= 0);
	/* What came between, whatever the call itself looks at. */
	CHECK(model_changes(c, &before, after, &d));
	CHECK(c->at_us < c->now_us);
	CHECK_INT(d.signs[DIFF_REMOVED], 1);
	CHECK_INT(d.signs[DIFF_CHANGED], 1);
	CHECK_INT(d.signs[DIFF_ADDED], 0);
	CHECK_STR(part_diff_words(t->arena, &d, &d.parts[0], d.parts[0].props),
		S("process C-2 \"Beta\": renamed, was \"b\""));
	CHECK(model_changes(c, &before, S(""), &d));
	CHECK_INT(d.part_count, 0);
	CHECK(!model_changes(c, &after, before, &d));
	CHECK_INT(c->err.code, ERR_INVALID);
	err_clear(&c->err);
	c->at_us = TIME_NONE;
	CHECK(model_changes(c, &after, S(""), &d));
	CHECK_INT(d.part_count + d.threat_count, 0);
	CHECK(model_changes(c, &none, S(""), &d));
	CHECK_STR(none, S("2026-09-01"));
	CHECK(d.signs[DIFF_ADDED] > 0);
	CHECK(model_recorded(c, &again));
	CHECK_INT(again->of[PART_FLOW].count, 0);
	store_close(t, c);
}

TEST(a_model_that_cannot_be_records_leaves_none, "")
{
	static const struct {
		str name, text;
		const char *reason;
	} cases[] = {
		{S_INIT("m.ward"), S_INIT("process a\nzone z\nflow f a -> ?\n"), "nobody knows"},
		{S_INIT("m.ward"), S_INIT("interface i port=1\n"), "of which element"},
		{S_INIT("m.otm"),
			S_INIT("{\"otmVersion\":\"0.2.0\",\"project\":{},\"components\":[{\"id\":"
			       "\"a\","
			       "\"parent\":{\"trustZone\":\"gone\"}}]}"),
			"no such zone"},
	};
	struct call *c = store_open(t, S("2026-09-30T08:00:00Z"));
	int64_t before = records(c);

	for (isize i = 0; i < COUNT_OF(cases); i++) {
		struct err e = {.arena = t->arena};
		struct model *m = NULL;
		isize count = -1;
		CHECK(model_read(t->arena, &e, cases[i].name, cases[i].text, &m));
		if (!m)
			continue;
		CHECK(!records_from_model(c, m, S("m"), S(""), &count));
		CHECK(c->err.code == ERR_SYNTAX && c->err.line > 0 && count == -1);
		if (str_find(err_text(&c->err), str_of(cases[i].reason)) < 0)
			test_fail(t, __FILE__, __LINE__, "%td: %s", i, c->err.text);
		store_undo(t, c);
		CHECK_INT(records(c), before);
	}
	store_close(t, c);
}

#define DRAWN(one, two)                                                                            \
	"{\"summary\":{\"title\":\"P\"},\"detail\":{\"diagrams\":[{\"cells\":["                    \
	"{\"id\":\"" one "\",\"shape\":\"process\",\"data\":{\"name\":\"A\"},"                     \
	"\"position\":{\"x\":20,\"y\":10},\"size\":{\"width\":176,\"height\":62}},"                \
	"{\"id\":\"z" one "\",\"shape\":\"trust-boundary-box\",\"data\":{},\"position\":"          \
	"{\"x\":700,\"y\":10},\"size\":{\"width\":300,\"height\":200}},"                           \
	"{\"id\":\"" two "\",\"shape\":\"store\",\"data\":{\"name\":\"B\"},"                       \
	"\"position\":{\"x\":420,\"y\":110},\"size\":{\"width\":176,\"height\":62}}]}]}}"

static void import(struct test_case *t, struct call *c, const char *name, str text)
{
	struct err e = {.arena = t->arena};
	struct model *m = NULL;
	isize count = 0;

	CHECK(model_read(t->arena, &e, str_of(name), text, &m));
	CHECK(m && records_from_model(c, m, str_of(name), S(""), &count) && store_commit(t, c));
}

static void stands(struct test_case *t, const struct part *p, int x, int y)
{
	CHECK(p->is_placed);
	CHECK_INT(p->x, x);
	CHECK_INT(p->y, y);
}

/* What was drawn looks the same in the diagram; what comes later stands below it. */
TEST(drawings_become_places_of_the_diagram, "")
{
	struct call *c = store_open(t, S("2026-09-30T08:00:00Z"));
	const struct view *view = NULL;
	struct model *m = NULL;

	import(t, c, "one.json", S(DRAWN("a", "b")));
	import(t, c, "two.json", S(DRAWN("c", "d")));
	import(t, c, "three.ward", S("process loose\n"));
	CHECK(diagram_view(c, &view) && view && view->place.count == 6);
	CHECK(model_from_records(c, view, &m));
	CHECK_INT(m ? m->of[PART_ELEMENT].count : 0, 5);
	if (!m)
		return;
	const struct part *p = m->of[PART_ELEMENT].list, *z = m->of[PART_ZONE].list;
	stands(t, &z[0], 680, 0);
	CHECK_INT(z[0].w, 300);
	CHECK_INT(z[0].h, 200);
	CHECK(z[1].y > z[0].y + z[0].h);
	stands(t, &p[0], 0, 0);
	stands(t, &p[1], 400, 100);
	stands(t, &p[2], 0, z[1].y);
	stands(t, &p[3], 400, z[1].y + 100);
	CHECK(!p[4].is_placed);
	store_close(t, c);
}

TEST(a_diagram_that_nobody_arranged_stays_so, "")
{
	struct call *c = store_open(t, S("2026-09-30T08:00:00Z"));
	const struct view *view = NULL;

	import(t, c, "m.ward", S("process loose\n"));
	import(t, c, "d.json", S(DRAWN("a", "b")));
	CHECK(diagram_view(c, &view) && !view);
	store_close(t, c);
}

TEST(the_records_of_a_product_get_a_threat_model, "")
{
	struct call *c = store_open(t, S("2026-09-30T08:00:00Z"));
	struct rec *product = kind_new(t->arena, kind_by_name(S("product")));
	struct model *m = read_model(t, S("system Pump\nzone z exposure=2\n"));
	isize count = 0;
	void *zone = NULL;

	product->title = S("Pump");
	product->ref = S("PRD-7");
	CHECK(kind_put(c, product, S("product.create")));
	CHECK(m && records_from_model(c, m, S("m"), S("PRD-7"), &count));
	CHECK_INT(count, 2);
	CHECK(kind_get(c, kind_by_name(S("zone")), S("Z-1"), &zone));
	if (zone)
		CHECK_STR(((struct rec *)zone)->product, S("PRD-7"));
	/* A product has to be there. */
	CHECK(!records_from_model(c, m, S("other"), S("PRD-9"), &count));
	CHECK_INT(c->err.code, ERR_MISSING);
	store_undo(t, c);
	store_close(t, c);
}

TEST(a_flow_keeps_the_zone_that_it_passes_through, "")
{
	struct call *c = store_open(t, S("2026-09-30T08:00:00Z"));
	struct model *m = read_model(t,
		S("zone net exposure=5\nzone in exposure=1\nprocess a in=in\nprocess b in=in\n"
		  "flow f a -> b via=net\n"));
	isize count;

	CHECK(m && records_from_model(c, m, S("m.ward"), S(""), &count));
	CHECK(model_from_records(c, NULL, &m));
	const struct part *f = &m->of[PART_FLOW].list[0];
	CHECK_INT(f->exposure, 5);
	CHECK(f->detours);
	store_close(t, c);
}

TEST(words_that_somebody_typed_do_not_break_the_model, "")
{
	struct call *c = store_open(t, S("2026-09-30T08:00:00Z"));
	struct model *m = read_model(
		t, S("zone z exposure=1\nprocess a in=z\nasset x c=2 at=a\nflow f a -> a\n"));
	static const char *const kind[] = {"element", "asset", "flow"};
	struct query q = {.limit = 1};
	struct list list;
	isize count;

	CHECK(m && records_from_model(c, m, S("m.ward"), S(""), &count));
	c->reason = S("typed");
	for (int i = 0; i < COUNT_OF(kind); i++) {
		const struct kind *k = kind_by_name(str_of(kind[i]));
		CHECK(kind_list(c, k, &q, &list) && list.count == 1);
		struct rec *rec = list.item[0];
		CHECK(kind_set(c, rec, kind_field(k, S("property")),
			S("[{\"name\":\"via\",\"value\":\"nowhere\"},"
			  "{\"name\":\"in\",\"value\":\"nowhere\"},"
			  "{\"name\":\"part-of\",\"value\":\"nothing\"},"
			  "{\"name\":\"at\",\"value\":\"nothing\"},"
			  "{\"name\":\"carries\",\"value\":\"nothing\"},"
			  "{\"name\":\"from\",\"value\":\"nothing\"},"
			  "{\"name\":\"c\",\"value\":\"much\"}]")));
		c->now_us += 1000000;
		CHECK(kind_put(c, rec, S("test.update")));
	}
	CHECK(model_from_records(c, NULL, &m));
	CHECK_INT(c->err.code, ERR_NONE);
	if (c->err.code == ERR_NONE) {
		CHECK_INT(m->of[PART_ELEMENT].list[0].zone, 0);
		CHECK_INT(m->of[PART_ASSET].list[0].level[0], 2);
		CHECK_INT(m->of[PART_FLOW].list[0].from, 0);
	}
	store_close(t, c);
}

TEST_MAIN()
