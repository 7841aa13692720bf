/* Lists: what matches and nothing else, in order, counted. */
#include "kind/kind.h"
#include "kinds.h"
#include "store.h"

static const struct kind *const asset = &kinds[KIND_ASSET];

/* One asset a row, "1" to "8"; their references are. */
static const struct sample {
	const char *title, *location;
	int state, data_kind;
	int64_t review_due, happened_at;
	bool hold;
} samples[] = {{"Lamp", "a", ASSET_STATE_PLANNED, 1, 100, 1000, true},
	{"lamp 100%", "a", ASSET_STATE_IN_USE, 2, 200, 2000, false},
	{"LAMP_x", "b", ASSET_STATE_IN_USE, 0, DAY_NONE, TIME_NONE, false},
	{"a\\b", "no", ASSET_STATE_RETIRED, 2, 100, 1000, true},
	{"Blamper", "", ASSET_STATE_RETIRED, 1, 50, 500, false},
	{"Lam", "c", ASSET_STATE_DISPOSED, 0, 201, 2001, false},
	{"100 lumps", "a", ASSET_STATE_DISPOSED, 0, 199, 1999, false},
	{"x", "a", ASSET_STATE_IN_USE, 0, 101, 1001, true}};

static struct call *open_samples(struct test_case *t)
{
	struct call *c = store_open(t, S("2026-09-30T08:00:00Z"));

	for (isize i = 0; i < COUNT_OF(samples); i++) {
		const struct sample *s = &samples[i];
		struct asset *a = kind_new(c->arena, asset);
		a->rec.title = str_of(s->title);
		a->location = str_of(s->location);
		a->type = 1;
		a->rec.state = s->state;
		a->data_kind = s->data_kind;
		a->rec.review_due = s->review_due;
		a->rec.happened_at = s->happened_at;
		a->rec.legal_hold = s->hold;
		CHECK(kind_put(c, a, S("asset.create")));
	}
	return c;
}

static bool note_ref(void *who, const void *rec)
{
	struct buf *b = who;
	str ref = ((const struct rec *)rec)->ref;

	buf_fmt(b, "%s%.*s", b->n ? " " : "", STR_ARG(str_part(ref, 2, ref.n)));
	return true;
}

static bool take_any(void *who, const void *rec)
{
	return !who && rec;
}

/* The same, told one by one. */
static str each_of(struct test_case *t, struct call *c, const struct query *q)
{
	struct arena scratch;
	struct buf b;

	buf_init(&b, t->arena, 2000);
	arena_open(&scratch, 16 << 20);
	c->arena = &scratch;
	bool ok = kind_each(c, asset, q, note_ref, &b);
	c->arena = t->arena;
	arena_close(&scratch);
	return ok ? buf_str(&b) : S("failed");
}

/* "1 3": the numbers of the records in the list, in its order; total and count agree. */
static str list_of(struct test_case *t, struct call *c, struct query q)
{
	int64_t tally = -1;
	struct list list;
	struct buf b;

	q.limit = q.limit ? q.limit : 100;
	buf_init(&b, c->arena, 2000);
	if (!kind_list(c, asset, &q, &list) || !kind_tally(c, asset, &q, &tally))
		return S("failed");
	CHECK_INT(list.total, tally);
	for (isize i = 0; i < list.count; i++) {
		str ref = ((const struct rec *)list.item[i])->ref;
		buf_fmt(&b, "%s%.*s", i ? " " : "", STR_ARG(str_part(ref, 2, ref.n)));
	}
	CHECK_STR(each_of(t, c, &q), buf_str(&b));
	return buf_str(&b);
}
#define LIST(...) list_of(t, c, (struct query){__VA_ARGS__})

static struct filter where(const char *field, const char *value, bool is_below)
{
	return (struct filter){.field = field ? kind_field(asset, str_of(field)) : NULL,
		.value = str_of(value),
		.is_below = is_below};
}

/* ---- which ---- */

TEST(a_filter_takes_what_it_says, "")
{
	static const struct {
		const char *field, *value, *found;
		bool is_below;
	} cases[] = {{"location", "a", "1 2 7 8", false}, {"location", "", "5", false},
		{"location", "no", "4", false}, {"legal_hold", "yes", "1 4 8", false},
		{"legal_hold", "no", "2 3 5 6 7", false}, {"legal_hold", "", "2 3 5 6 7", false},
		{"data_kind", "", "3 6 7 8", false}, {"review_due", "1970-04-11", "1 4", false},
		{"review_due", "1970-04-11", "5", true}, {"review_due", "", "3", false},
		{"review_due", "nonsense", "", false},
		{"happened_at", "1970-01-01T00:00:00.002000Z", "2", false},
		{"happened_at", "1970-01-01T00:00:00.002000Z", "1 4 5 7 8", true},
		{"happened_at", "nonsense", "", false}, {NULL, "in_use", "2 3 8", false},
		{NULL, "", "", false}};
	struct call *c = open_samples(t);

	for (isize i = 0; i < COUNT_OF(cases); i++)
		CHECK_STR(LIST(.filter = {where(cases[i].field, cases[i].value, cases[i].is_below)},
				  .filter_count = 1),
			str_of(cases[i].found));
	CHECK_STR(LIST(0), S("1 2 3 4 5 6 7 8"));
	/* All of them hold. */
	CHECK_STR(LIST(.filter = {where("location", "a", false), where(NULL, "in_use", false)},
			  .filter_count = 2),
		S("2 8"));
	CHECK_STR(LIST(.filter = {where("location", "a", false), where(NULL, "in_use", false)},
			  .filter_count = 1),
		S("1 2 7 8"));
	struct query full = {.filter_count = QUERY_FILTERS};
	for (int i = 0; i < QUERY_FILTERS; i++)
		full.filter[i] = where("location", i < QUERY_FILTERS - 1 ? "a" : "b", false);
	CHECK_STR(list_of(t, c, full), S(""));
	store_close(t, c);
}

TEST(a_number_is_below_or_is_it, "")
{
	struct call *c = store_open(t, S("2026-09-30T08:00:00Z"));
	const struct kind *k = &kinds[KIND_RISK];
	const struct field *f = kind_field(k, S("current_severity"));
	int64_t n;

	for (int i = 1; i <= 4; i++) {
		struct risk *r = kind_new(c->arena, k);
		r->rec.title = S("Risk");
		r->rec.owner = S("P1");
		r->domain = 1;
		r->current_severity = i;
		CHECK(kind_put(c, r, S("risk.create")));
	}
	struct query q = {.filter = {{.field = f, .value = S("3")}}, .filter_count = 1};
	CHECK(kind_tally(c, k, &q, &n));
	CHECK_INT(n, 1);
	q.filter[0].is_below = true;
	CHECK(kind_tally(c, k, &q, &n));
	CHECK_INT(n, 2);
	q.filter[0].value = S("three");
	CHECK(kind_tally(c, k, &q, &n));
	CHECK_INT(n, 0);
	store_close(t, c);
}

TEST(states_are_taken_as_asked_for, "")
{
	struct call *c = open_samples(t);

	CHECK_STR(LIST(.states = 1u << ASSET_STATE_PLANNED), S("1"));
	CHECK_STR(LIST(.states = 1u << ASSET_STATE_DISPOSED), S("6 7"));
	CHECK_STR(
		LIST(.states = 1u << ASSET_STATE_IN_USE | 1u << ASSET_STATE_PLANNED), S("1 2 3 8"));
	CHECK_STR(LIST(.states = 1u << ASSET_STATE_IN_USE,
			  .filter = {where("location", "a", false)}, .filter_count = 1),
		S("2 8"));
	store_close(t, c);
}

TEST(words_of_the_title_are_found_letter_by_letter, "")
{
	static const struct {
		const char *text, *found;
	} cases[] = {{"lamp", "1 2 3 5"}, {"LAM", "1 2 3 5 6"}, {"100%", "2"}, {"p_", "3"},
		{"\\", "4"}, {"%", "2"}, {"_", "3"}, {"mp", "1 2 3 5 7"}, {"zz", ""}};
	struct call *c = open_samples(t);

	for (isize i = 0; i < COUNT_OF(cases); i++)
		CHECK_STR(LIST(.text = str_of(cases[i].text)), str_of(cases[i].found));
	CHECK_STR(LIST(.text = str_part(S("lampx"), 0, 4)), S("1 2 3 5"));
	CHECK_STR(LIST(.text = S("lamp"), .states = 1u << ASSET_STATE_IN_USE), S("2 3"));
	store_close(t, c);
}

/* ---- order and pages ---- */

TEST(a_list_is_sorted_with_what_is_empty_last, "")
{
	struct call *c = open_samples(t);
	const struct field *due = kind_field(asset, S("review_due"));

	CHECK_STR(LIST(.descending = true), S("8 7 6 5 4 3 2 1"));
	CHECK_STR(LIST(.sort = due), S("5 1 4 8 7 2 6 3"));
	CHECK_STR(LIST(.sort = due, .descending = true), S("6 2 7 8 1 4 5 3"));
	/* By length first: A-10 is behind A-9. */
	struct asset *a = kind_new(c->arena, asset);
	a->rec.title = S("Late");
	a->rec.ref = S("A-10");
	a->type = 1;
	CHECK(kind_put(c, a, S("asset.create")));
	CHECK_STR(LIST(0), S("1 2 3 4 5 6 7 8 10"));
	CHECK_STR(LIST(.descending = true), S("10 8 7 6 5 4 3 2 1"));
	store_close(t, c);
}

TEST(a_page_has_its_rows_and_the_whole_count, "")
{
	struct call *c = open_samples(t);
	static const struct {
		isize from, limit;
		const char *found;
	} cases[] = {{0, 3, "1 2 3"}, {3, 3, "4 5 6"}, {6, 3, "7 8"}, {6, 2, "7 8"}, {7, 1, "8"},
		{8, 3, ""}, {20, 3, ""}, {0, 8, "1 2 3 4 5 6 7 8"}, {0, 9, "1 2 3 4 5 6 7 8"}};

	for (isize i = 0; i < COUNT_OF(cases); i++) {
		struct query q = {.from = cases[i].from, .limit = cases[i].limit};
		struct list list;
		CHECK(kind_list(c, asset, &q, &list));
		CHECK_INT(list.total, COUNT_OF(samples));
		CHECK_STR(list_of(t, c, q), str_of(cases[i].found));
	}
	store_close(t, c);
}

/* Counts up to the hundredth, and then says no. */
static bool count_some(void *who, const void *rec)
{
	int *count = who;

	(void)rec;
	return ++*count < 100;
}

TEST(a_long_list_has_every_record_once, "")
{
	enum { MANY = 150 };
	struct call *c = store_open(t, S("2026-09-30T08:00:00Z"));
	struct query q = {.limit = MANY + 1};
	struct list list;
	int count = 0;

	for (int i = 0; i < MANY; i++) {
		struct asset *a = kind_new(c->arena, asset);
		a->rec.title = S("Thing");
		a->type = 1;
		CHECK(kind_put(c, a, S("asset.create")));
	}
	CHECK(kind_list(c, asset, &q, &list));
	CHECK_INT(list.count, MANY);
	for (isize i = 0; i < list.count; i++)
		CHECK_STR(
			((const struct rec *)list.item[i])->ref, str_fmt(c->arena, "A-%td", i + 1));
	str all = list_of(t, c, q);
	CHECK(str_starts(all, S("1 2 3 ")) && str_ends(all, S(" 149 150")));
	/* Whoever is told of them may end it. */
	CHECK(!kind_each(c, asset, &q, count_some, &count));
	CHECK_INT(count, 100);
	store_close(t, c);
}

/* ---- times ---- */

static void save(struct test_case *t, struct call *c, const char *ref, int state)
{
	void *rec;

	CHECK(kind_get(c, asset, str_of(ref), &rec));
	((struct rec *)rec)->state = state;
	CHECK(kind_put(c, rec, S("asset.update")));
}

TEST(the_past_has_the_revisions_of_then, "REC-REQ-04")
{
	struct call *c = open_samples(t);
	const uint32_t retired = 1u << ASSET_STATE_RETIRED;

	CHECK_STR(LIST(.states = retired), S("4 5"));
	int64_t before = c->now_us;
	save(t, c, "A-1", ASSET_STATE_RETIRED);
	int64_t changed = c->now_us;
	save(t, c, "A-4", ASSET_STATE_IN_USE);
	c->at_us = before;
	CHECK_STR(LIST(.states = retired), S("4 5"));
	CHECK_STR(LIST(0), S("1 2 3 4 5 6 7 8"));
	c->at_us = changed - 1;
	CHECK_STR(LIST(.states = retired), S("4 5"));
	c->at_us = changed;
	CHECK_STR(LIST(.states = retired), S("1 4 5"));
	c->at_us = TIME_NONE;
	CHECK_STR(LIST(.states = retired), S("1 5"));
	c->at_us = db_int(c->db, SQL("SELECT min(since) FROM asset"));
	CHECK_STR(LIST(0), S("1"));
	c->at_us--;
	CHECK_STR(LIST(0), S(""));
	c->at_us = TIME_NONE;
	store_close(t, c);
}

/* ---- for whom ---- */

TEST(lists_go_by_how_a_record_stands_now, "POL-REQ-01")
{
	struct call *c = open_samples(t);
	struct who before = c->who;
	struct grant g = {0};
	void *rec;

	right_match(S("asset.read"), g.right);
	int64_t then = c->now_us;
	CHECK(kind_get(c, asset, S("A-2"), &rec));
	((struct rec *)rec)->classification = CLASSIFICATION_RESTRICTED;
	CHECK(kind_put(c, rec, S("asset.update")));
	c->who = (struct who){.ref = S("P1"), .grant = &g, .grant_count = 1};
	CHECK_STR(LIST(0), S("1 3 4 5 6 7 8"));
	c->at_us = then;
	CHECK_STR(LIST(0), S("1 3 4 5 6 7 8"));
	c->at_us = TIME_NONE;
	c->who = before;
	store_close(t, c);
}

static bool has_no_details(void *who, const void *rec)
{
	(void)who;
	return ((const struct risk *)rec)->details.n == 0;
}

TEST(secret_fields_of_a_list_are_for_who_may_know_them, "POL-REQ-01")
{
	struct call *c = store_open(t, S("2026-09-30T08:00:00Z"));
	struct query q = {.limit = 10};
	struct risk *r = kind_new(c->arena, &kinds[KIND_RISK]);
	struct rec *owner = kind_new(c->arena, &kinds[KIND_PERSON]);
	struct who before = c->who;
	struct grant g = {0};
	struct list list;

	owner->ref = owner->title = S("P1");
	CHECK(kind_put(c, owner, S("person.create")));
	r->rec.title = S("Risk");
	r->rec.owner = S("P1");
	r->domain = 1;
	r->details = S("the secret words");
	CHECK(kind_put(c, r, S("risk.create")));
	right_match(S("risk.read"), g.right);
	c->who = (struct who){.ref = S("P1"), .grant = &g, .grant_count = 1};
	CHECK(kind_list(c, &kinds[KIND_RISK], &q, &list));
	CHECK_STR(((const struct risk *)list.item[0])->details, S("the secret words"));
	c->who.ref = S("P2");
	CHECK(kind_list(c, &kinds[KIND_RISK], &q, &list));
	CHECK_STR(((const struct risk *)list.item[0])->details, S(""));
	CHECK(kind_each(c, &kinds[KIND_RISK], &q, has_no_details, NULL));
	c->who.ref = S("P1");
	CHECK(!kind_each(c, &kinds[KIND_RISK], &q, has_no_details, NULL));
	c->who.ref = S("P2");
	/* A past revision goes by how the record stands, which cannot be read. */
	c->at_us = c->now_us;
	CHECK(store_commit(t, c));
	c->who.is_system = c->who.is_loader = true;
	CHECK(kind_put(c, r, S("risk.update")));
	c->who.is_system = false;
	CHECK(db_exec(c->db, SQL_FREE("UPDATE risk SET f_need_to_know = '[' WHERE until IS NULL")));
	c->at_us = c->now_us - 1;
	CHECK(!kind_list(c, &kinds[KIND_RISK], &q, &list));
	err_clear(&c->err);
	CHECK(!kind_each(c, &kinds[KIND_RISK], &q, has_no_details, NULL));
	c->at_us = TIME_NONE;
	c->who = before;
	store_undo(t, c);
	store_close(t, c);
}

TEST(a_list_that_cannot_be_read_is_not_an_empty_one, "")
{
	struct call *c = open_samples(t);
	struct query q = {.limit = 10};
	struct list list;
	int64_t n;

	CHECK(store_commit(t, c));
	CHECK(db_exec(c->db, SQL_FREE("UPDATE asset SET state = 'nothing' WHERE ref = 'A-3'")));
	CHECK(!kind_list(c, asset, &q, &list));
	CHECK_INT(c->err.code, ERR_TAMPERED);
	err_clear(&c->err);
	CHECK(!kind_each(c, asset, &q, take_any, NULL));
	CHECK_INT(c->err.code, ERR_TAMPERED);
	store_undo(t, c);
	CHECK(!db_exec(c->db, SQL_FREE("DELETE FROM nowhere")));
	err_clear(&c->err);
	CHECK(!kind_list(c, asset, &q, &list));
	CHECK(!kind_tally(c, asset, &q, &n));
	CHECK(!kind_each(c, asset, &q, take_any, NULL));
	store_undo(t, c);
	store_close(t, c);
}

TEST_MAIN()
