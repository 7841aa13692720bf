/* What a thread remembers of rules and model says the same as what is read anew. */
#include "store.h"
#include "threat/records/records.h"
#include "threat/triage/triage.h"

TEST(rules_are_loaded_once_a_thread, "")
{
	struct call *c = store_open(t, S("2026-09-30T08:00:00Z"));
	const struct vocabulary *words, *other_words;
	const struct rules *rules, *other;

	c->threats = threat_memory_new(t->arena);
	CHECK(rules_get(c, &words, &rules) && rules_count(rules) > 100);
	CHECK(rules_get(c, &other_words, &other) && other == rules && other_words == words);
	threat_memory_clear(c->threats);
	CHECK(rules_get(c, &words, &rules) && rules_count(rules) > 100);
	threat_memory_clear(c->threats);
	c->threats = NULL;
	CHECK(rules_get(c, &words, &rules) && rules_get(c, &words, &other) && other != rules);
	store_close(t, c);
}

/* ---- a store that changes ---- */

#define TODAY S("2026-09-30T08:00:00Z")
enum { WORK_BYTES = 256 << 20 };

/* Of the test that runs: what a thread keeps, and the arena of a call. */
static struct threat_memory *kept;
static struct arena work;

static void put(struct test_case *t, struct call *c, struct rec *rec, const char *act)
{
	if (!kind_put(c, rec, str_fmt(c->arena, "%.*s.%s", STR_ARG(rec->kind->name), act)))
		test_fail(t, __FILE__, __LINE__, "%.*s: %s %s", STR_ARG(rec->ref), c->err.text,
			c->err.issues ? cstr(c->arena, c->err.issues->text) : "");
	err_clear(&c->err);
}

static void set(struct test_case *t, struct call *c, void *rec, const char *field, str value)
{
	const struct field *f = kind_field(((struct rec *)rec)->kind, str_of(field));

	if (!kind_set(c, rec, f, value))
		test_fail(t, __FILE__, __LINE__, "%s", c->err.text);
}

/* The records of an example, in a store of their own. */
static struct call *open_example(struct test_case *t, const char *path)
{
	struct call *c = store_open(t, TODAY);
	struct model *m;
	isize count;
	str text;

	kept = threat_memory_new(t->arena);
	arena_init(&work, os_reserve(WORK_BYTES), WORK_BYTES);
	c->reason = S("a test");
	if (!file_read(t->arena, str_of(path), LIMIT_MODEL_BYTES, &text, &c->err) ||
		!model_read(t->arena, &c->err, str_of(path), text, &m) ||
		!records_from_model(c, m, str_of(path), S(""), &count))
		test_fail(t, __FILE__, __LINE__, "%s", c->err.text);
	c->arena = c->err.arena = &work;
	return c;
}

static void close_example(struct test_case *t, struct call *c)
{
	c->arena = c->err.arena = t->arena;
	threat_memory_clear(kept);
	arena_reset(&work);
	store_close(t, c);
}

static str findings_of(struct test_case *t, struct call *c)
{
	struct judged j;
	struct buf b;

	buf_init(&b, c->arena, LIMIT_RECORD_BYTES);
	if (!model_judge(c, NULL, &j)) {
		test_fail(t, __FILE__, __LINE__, "%s", c->err.text);
		return S("");
	}
	model_print(&b, j.model);
	for (isize i = 0; i < j.findings->count; i++) {
		const struct threat_finding *f = &j.findings->list[i];
		buf_fmt(&b, "%.*s %d %d %.*s %.*s\n", STR_ARG(finding_id(c->arena, f)),
			(int)f->outcome, (int)f->level,
			STR_ARG(finding_title(c->arena, j.findings, f)),
			STR_ARG(finding_by(c->arena, f)));
	}
	return buf_str(&b);
}

/* Whether memory says what is read anew; how much that is. */
static isize agrees(struct test_case *t, struct call *c)
{
	str read = findings_of(t, c), remembered;
	struct model *m;
	struct buf b;

	c->threats = kept;
	remembered = findings_of(t, c);
	buf_init(&b, c->arena, LIMIT_RECORD_BYTES);
	if (model_from_records(c, NULL, &m))
		model_print(&b, m);
	else
		test_fail(t, __FILE__, __LINE__, "%s", c->err.text);
	CHECK(str_starts(read, buf_str(&b)));
	c->threats = NULL;
	CHECK_STR(remembered, read);
	return read.n;
}

static const int changing[] = {KIND_ZONE, KIND_ASSET, KIND_ELEMENT, KIND_FLOW};

static struct list all_of(struct test_case *t, struct call *c, int kind)
{
	struct query q = {.limit = 1000};
	struct list list = {0};

	if (!kind_list(c, &kinds[kind], &q, &list))
		test_fail(t, __FILE__, __LINE__, "%s", c->err.text);
	return list;
}

static void *any_of(struct test_case *t, struct call *c, int kind, uint64_t *random)
{
	struct list list = all_of(t, c, kind);

	assert(list.count);
	return list.item[test_random(random, list.count)];
}

static void change_fields(struct test_case *t, struct call *c, struct rec *rec, uint64_t *random)
{
	static const char *const properties[] = {
		"[{\"name\":\"authentication\",\"value\":\"none\"}]",
		"[{\"name\":\"audited\",\"value\":\"yes\"},{\"name\":\"at-rest\",\"value\":"
		"\"disk\"}]",
		"[{\"name\":\"protocol\",\"value\":\"http\"}]", "[]"};
	const struct rec *zone = any_of(t, c, KIND_ZONE, random);

	set(t, c, rec, "title", str_fmt(c->arena, "Title %d", (int)test_random(random, 1000)));
	if (rec->kind->id == KIND_ZONE)
		set(t, c, rec, "exposure",
			str_fmt(c->arena, "%d", 1 + (int)test_random(random, 5)));
	else
		set(t, c, rec, "property",
			str_of(properties[test_random(random, COUNT_OF(properties))]));
	if (rec->kind->id == KIND_ELEMENT)
		set(t, c, rec, "zone", zone->ref);
	put(t, c, rec, "update");
}

static void change_link(struct test_case *t, struct call *c, uint64_t *random)
{
	const struct rec *flow = any_of(t, c, KIND_FLOW, random);
	const struct rec *asset = any_of(t, c, KIND_ASSET, random);

	if (!link_add(c, flow->ref, S("carries"), asset->ref, S(""))) {
		err_clear(&c->err);
		CHECK(link_remove(c, flow->ref, S("carries"), asset->ref));
	}
}

static void add_part(struct test_case *t, struct call *c, uint64_t *random)
{
	const struct rec *from = any_of(t, c, KIND_ELEMENT, random);
	const struct rec *to = any_of(t, c, KIND_ELEMENT, random);
	int kind = test_random(random, 2) ? KIND_FLOW : KIND_ELEMENT;
	struct rec *rec = kind_new(c->arena, &kinds[kind]);

	rec->title = S("New");
	rec->ref = str_fmt(c->arena, kind == KIND_FLOW ? "F-%d" : "C-%d",
		(int)(1000 + test_random(random, 100000000)));
	if (kind == KIND_FLOW) {
		set(t, c, rec, "from", from->ref);
		set(t, c, rec, "to", to->ref);
	} else {
		set(t, c, rec, "type", S("process"));
	}
	put(t, c, rec, "create");
}

/* Retires a record, or brings it back. */
static void change_state(struct test_case *t, struct call *c, uint64_t *random)
{
	struct rec *rec = any_of(t, c, changing[test_random(random, 4)], random);
	int retired = kind_state(rec->kind, S("retired"));

	rec->state = rec->state == retired ? retired - 1 : retired;
	put(t, c, rec, "update");
}

static void change(struct test_case *t, struct call *c, uint64_t *random)
{
	struct list views = all_of(t, c, KIND_VIEW);

	c->now_us += 1000000;
	switch (test_random(random, 6)) {
	case 0:
		change_link(t, c, random);
		break;
	case 1:
		add_part(t, c, random);
		break;
	case 2:
		change_state(t, c, random);
		break;
	case 3:
		if (views.count)
			put(t, c, views.item[0], "update");
		break;
	default:
		change_fields(t, c, any_of(t, c, changing[test_random(random, 4)], random), random);
	}
}

TEST(what_is_remembered_is_what_is_read_anew, "")
{
	struct call *c = open_example(t, "examples/models/infusion.ward");
	uint64_t random = 5;

	CHECK(agrees(t, c) > 5000);
	for (int i = 0; i < 50 && !t->failures; i++) {
		for (isize n = test_random(&random, 3); n >= 0; n--)
			change(t, c, &random);
		threat_memory_begin(kept);
		agrees(t, c);
		agrees(t, c);
		arena_reset(&work);
	}
	/* More changes at once than are read one by one. */
	for (int i = 0; i < 300; i++)
		add_part(t, c, &random);
	agrees(t, c);
	close_example(t, c);
}

TEST(what_was_taken_back_is_forgotten, "")
{
	struct call *c = open_example(t, "examples/models/infusion.ward");
	uint64_t random = 9;

	CHECK(store_commit(t, c));
	for (int i = 0; i < 10; i++) {
		threat_memory_begin(kept);
		change_fields(t, c, any_of(t, c, KIND_ELEMENT, &random), &random);
		agrees(t, c);
		store_undo(t, c);
		threat_memory_undone(kept);
		/* As many entries as were taken back. */
		change_fields(t, c, any_of(t, c, KIND_ELEMENT, &random), &random);
		agrees(t, c);
		CHECK(store_commit(t, c));
	}
	close_example(t, c);
}

TEST(who_may_see_less_is_told_less, "")
{
	struct call *c = open_example(t, "examples/models/infusion.ward");
	struct grant some = {.product = S("")}, of_product = {.product = S("P-A")};
	struct rec *rec = kind_new(c->arena, &kinds[KIND_PRODUCT]);
	struct who all = c->who;
	uint64_t random = 3;

	for (int i = 0; i < 2; i++) {
		rec->ref = i ? S("P-B") : S("P-A");
		rec->title = S("A product");
		rec->rev = 0;
		put(t, c, rec, "create");
	}
	right_match(S("*.read"), some.right);
	memcpy(of_product.right, some.right, sizeof some.right);
	some.right[CAN_RESTRICTED_READ / 64] &= ~(UINT64_C(1) << CAN_RESTRICTED_READ % 64);
	for (int i = 0; i < 12; i++) {
		rec = any_of(t, c, changing[1 + i % 3], &random);
		set(t, c, rec, i % 2 ? "classification" : "product",
			i % 2           ? S("restricted")
				: i % 4 ? S("P-A")
					: S("P-B"));
		c->now_us += 1000000;
		put(t, c, rec, "update");
		isize whole = agrees(t, c);
		c->who = (struct who){.ref = S("P01"), .grant = &some, .grant_count = 1};
		isize open = agrees(t, c);
		c->who.grant = &of_product;
		isize one = agrees(t, c);
		c->who.grant_count = 0;
		isize nothing = agrees(t, c);
		c->who = all;
		CHECK(one < whole && nothing < one && (i < 1 || open < whole));
		CHECK_INT(agrees(t, c), whole);
	}
	close_example(t, c);
}

TEST(what_held_at_another_time_is_not_remembered, "")
{
	struct call *c = open_example(t, "examples/models/infusion.ward");
	uint64_t random = 4;
	isize now = agrees(t, c);

	c->at_us = c->now_us + 1000;
	c->now_us += 60000000;
	for (int i = 0; i < 10; i++)
		add_part(t, c, &random);
	CHECK_INT(agrees(t, c), now);
	c->at_us = TIME_NONE;
	CHECK(agrees(t, c) > now);
	close_example(t, c);
}

TEST_MAIN()
