/* The engine, on every kind: what goes in comes out, and what is refused leaves no trace. */
#include "kind/kind.h"
#include "kinds.h"
#include "ledger/ledger.h"
#include "records.h"
#include "store.h"
#include "test.h"

enum { ROUNDS = 8 };

TEST(every_kind_reads_back_the_json_it_writes, "REC-REQ-01")
{
	uint64_t state = (uint64_t)clock_mono();

	for (int i = 0; i < kind_count * ROUNDS; i++) {
		struct arena_mark mark = arena_here(t->arena);
		const struct kind *k = &kinds[i % kind_count];
		struct call c = {.arena = t->arena, .err.arena = t->arena};
		struct rec *one = random_record(t->arena, &state, k), *two = kind_new(t->arena, k);
		str text = canonical(t->arena, one);
		const struct json *j = json_parse(t->arena, &c.err, text);
		CHECK(j && kind_json_decode(&c, two, j));
		two->ref = one->ref;
		two->state = one->state;
		CHECK_STR(canonical(t->arena, two), text);
		arena_rewind(t->arena, mark);
	}
}

TEST(every_kind_reads_back_the_csv_it_writes, "REC-REQ-01")
{
	uint64_t state = (uint64_t)clock_mono();

	for (int i = 0; i < kind_count * ROUNDS; i++) {
		struct arena_mark mark = arena_here(t->arena);
		const struct kind *k = &kinds[i % kind_count];
		struct call c = {.arena = t->arena, .err.arena = t->arena};
		struct rec *one = random_record(t->arena, &state, k), *two = kind_new(t->arena, k);
		struct words head, cells;
		int64_t line = 1;
		struct buf b;
		buf_init(&b, t->arena, LIMIT_RECORD_BYTES);
		kind_csv_head(&b, k);
		kind_csv_line(&b, t->arena, one);
		str rest = buf_str(&b);
		CHECK(csv_next(t->arena, &c.err, &rest, &line, &head));
		CHECK(csv_next(t->arena, &c.err, &rest, &line, &cells));
		CHECK_INT(rest.n, 0);
		CHECK_INT(head.count, cells.count);
		for (isize n = 2; n < head.count; n++)
			CHECK(kind_set(&c, two, kind_field(k, head.item[n]), cells.item[n]));
		two->ref = cells.item[0];
		two->state = kind_state(k, cells.item[1]);
		CHECK_STR(canonical(t->arena, two), canonical(t->arena, one));
		arena_rewind(t->arena, mark);
	}
}

TEST(every_kind_comes_back_from_the_store_as_it_went_in, "REC-REQ-02")
{
	uint64_t state = (uint64_t)clock_mono();
	struct call *c = store_open(t, S("2026-09-30T08:00:00Z"));

	for (int i = 0; i < kind_count; i++) {
		struct rec *one = random_record(t->arena, &state, &kinds[i]);
		void *two;
		/* What is protected names who may see it. */
		one->need_to_know = (struct words){.item = NEW(t->arena, str, 1), .count = 1};
		one->need_to_know.item[0] = S("P1");
		if (!kind_put(c, one, S("test.create")))
			test_fail(t, __FILE__, __LINE__, "%.*s: %s", STR_ARG(kinds[i].name),
				c->err.text);
		CHECK_INT(one->rev, 1);
		if (!kind_get(c, &kinds[i], one->ref, &two)) {
			test_fail(t, __FILE__, __LINE__, "%.*s: %s", STR_ARG(kinds[i].name),
				c->err.text);
			err_clear(&c->err);
			continue;
		}
		CHECK_STR(canonical(t->arena, two), canonical(t->arena, one));
		err_clear(&c->err);
	}
	store_close(t, c);
}

/* ---- revisions ---- */

static struct asset *new_asset(struct call *c, const char *title)
{
	struct asset *a = kind_new(c->arena, &kinds[KIND_ASSET]);

	a->rec.title = str_of(title);
	a->type = 1;
	return a;
}

TEST(a_stale_save_is_refused_and_leaves_no_trace, "REC-REQ-03")
{
	struct call *c = store_open(t, S("2026-09-30T08:00:00Z"));
	struct asset *mine = new_asset(c, "Report");
	void *theirs;

	CHECK(kind_put(c, mine, S("asset.create")));
	CHECK(kind_get(c, &kinds[KIND_ASSET], mine->rec.ref, &theirs));
	((struct rec *)theirs)->title = S("Report, theirs");
	CHECK(kind_put(c, theirs, S("asset.update")));
	uint64_t entries = ledger_size(c->ledger);
	int64_t count = db_int(c->db, SQL("SELECT count(*) FROM entry"));
	mine->rec.title = S("Report, mine");
	CHECK(!kind_put(c, mine, S("asset.update")));
	CHECK_INT(c->err.code, ERR_CONFLICT);
	err_clear(&c->err);
	CHECK_INT(ledger_size(c->ledger), entries);
	CHECK_INT(db_int(c->db, SQL("SELECT count(*) FROM entry")), count);
	store_close(t, c);
}

TEST(a_past_time_shows_the_revision_of_then, "REC-REQ-04")
{
	struct call *c = store_open(t, S("2026-09-30T08:00:00Z"));
	struct asset *a = new_asset(c, "First name");
	void *then;

	CHECK(kind_put(c, a, S("asset.create")));
	int64_t between = a->rec.since;
	c->now_us += 1000000;
	a->rec.title = S("Second name");
	CHECK(kind_put(c, a, S("asset.update")));
	c->at_us = between;
	CHECK(kind_get(c, &kinds[KIND_ASSET], a->rec.ref, &then));
	CHECK_STR(((struct rec *)then)->title, S("First name"));
	c->at_us = between - 1;
	CHECK(!kind_get(c, &kinds[KIND_ASSET], a->rec.ref, &then));
	CHECK_INT(c->err.code, ERR_MISSING);
	err_clear(&c->err);
	store_close(t, c);
}

TEST(all_wrong_fields_are_named_at_once, "REC-REQ-05")
{
	struct call *c = store_open(t, S("2026-09-30T08:00:00Z"));
	struct risk *r = kind_new(c->arena, &kinds[KIND_RISK]);
	int n = 0;

	r->inherent_severity = 9;
	r->rec.product = S("PRD-404");
	c->who.is_system = false;
	c->who.grant =
		&(struct grant){.right = {~UINT64_C(0), ~UINT64_C(0), ~UINT64_C(0), ~UINT64_C(0),
					~UINT64_C(0), ~UINT64_C(0), ~UINT64_C(0), ~UINT64_C(0)}};
	c->who.grant_count = 1;
	CHECK(!kind_put(c, r, S("risk.create")));
	CHECK_INT(c->err.code, ERR_INVALID);
	for (const struct issue *i = c->err.issues; i; i = i->next)
		n++;
	CHECK(n >= 4); /* title, domain, owner, severity, product */
	err_clear(&c->err);
	c->who.is_system = c->who.is_loader = true;
	store_close(t, c);
}

/* ---- rights ---- */

static void only(struct call *c, struct grant *g, const char *pattern, str product)
{
	*g = (struct grant){.product = product};
	right_match(str_of(pattern), g->right);
	c->who = (struct who){.ref = S("P01"),
		.name = S("Ada"),
		.actor = S("person:1"),
		.grant = g,
		.grant_count = 1};
}

TEST(lists_counts_and_search_hide_what_may_not_be_read, "POL-REQ-01")
{
	struct call *c = store_open(t, S("2026-09-30T08:00:00Z"));
	struct query q = {.limit = 10};
	struct asset *open = new_asset(c, "Open thing"), *shut = new_asset(c, "Shut thing");
	struct hits hit;
	struct grant g;
	struct list list;
	void *rec;

	shut->rec.classification = CLASSIFICATION_RESTRICTED;
	CHECK(kind_put(c, open, S("asset.create")) && kind_put(c, shut, S("asset.create")));
	struct who before = c->who;
	only(c, &g, "asset.read", S(""));
	CHECK(kind_list(c, &kinds[KIND_ASSET], &q, &list));
	CHECK_INT(list.total, 1);
	CHECK_INT(list.count, 1);
	CHECK(kind_search(c, S("thing"), &hit));
	CHECK_INT(hit.count, 1);
	CHECK(!hit.more);
	CHECK(!kind_get(c, &kinds[KIND_ASSET], shut->rec.ref, &rec));
	CHECK_INT(c->err.code, ERR_MISSING);
	err_clear(&c->err);
	open->rec.title = S("Written without the right");
	CHECK(!kind_put(c, open, S("asset.update")));
	CHECK_INT(c->err.code, ERR_DENIED);
	CHECK_INT(c->denied, CAN_ASSET_WRITE);
	err_clear(&c->err);
	only(c, &g, "risk.*", S(""));
	CHECK(kind_list(c, &kinds[KIND_ASSET], &q, &list));
	CHECK_INT(list.total, 0);
	c->who = before;
	store_close(t, c);
}

struct walked {
	struct test_case *t;
	const struct list *list;
	isize count, stop_at;
};

static bool compare(void *walked, const void *rec)
{
	struct walked *w = walked;
	struct test_case *t = w->t;
	struct buf one, two;

	if (w->count == w->stop_at)
		return false;
	buf_init(&one, t->arena, LIMIT_RECORD_BYTES);
	buf_init(&two, t->arena, LIMIT_RECORD_BYTES);
	kind_json(&one, rec);
	kind_json(&two, w->list->item[w->count++]);
	CHECK_STR(buf_str(&one), buf_str(&two));
	return true;
}

/* One by one as together, for who may see all and for who may not; and it gives memory back. */
TEST(a_walk_meets_the_records_of_the_list, "")
{
	struct call *c = store_open(t, S("2026-09-30T08:00:00Z"));
	struct grant g;
	struct list list;

	for (int i = 0; i < 30; i++) {
		struct asset *asset =
			new_asset(c, cstr(c->arena, str_fmt(c->arena, "Thing %d", 97 * i % 30)));
		if (i % 3 == 0)
			asset->rec.classification = CLASSIFICATION_RESTRICTED;
		CHECK(kind_put(c, asset, S("asset.create")));
	}
	struct who before = c->who;
	for (int i = 0; i < 2; i++) {
		struct query q = {.limit = 18,
			.from = 1,
			.sort = kind_field(&kinds[KIND_ASSET], S("title")),
			.descending = i == 1};
		if (i)
			only(c, &g, "asset.read", S(""));
		CHECK(kind_list(c, &kinds[KIND_ASSET], &q, &list));
		CHECK_INT(list.count, 18);
		struct walked w = {.t = t, .list = &list, .stop_at = -1};
		CHECK(kind_each(c, &kinds[KIND_ASSET], &q, compare, &w));
		CHECK_INT(w.count, 18);
		w = (struct walked){.t = t, .list = &list, .stop_at = 4};
		CHECK(!kind_each(c, &kinds[KIND_ASSET], &q, compare, &w));
		CHECK_INT(w.count, 4);
	}
	c->who = before;
	store_close(t, c);
}

TEST(a_grant_for_one_product_shows_what_belongs_to_none, "POL-REQ-03")
{
	struct call *c = store_open(t, S("2026-09-30T08:00:00Z"));
	struct query q = {.limit = 10};
	struct grant g;
	struct list list;

	CHECK(kind_put(c, new_asset(c, "Of the organization"), S("asset.create")));
	struct who before = c->who;
	only(c, &g, "asset.read", S("PRD-1"));
	CHECK(kind_list(c, &kinds[KIND_ASSET], &q, &list));
	CHECK_INT(list.total, 1);
	CHECK_INT(list.count, 1);
	c->who = before;
	store_close(t, c);
}

TEST(a_right_less_never_allows_more, "POL-REQ-02")
{
	struct call c = {.arena = t->arena, .err.arena = t->arena};
	uint64_t state = (uint64_t)clock_mono();

	for (int round = 0; round < 200; round++) {
		struct grant all = {0}, less;
		for (int i = 0; i < 20; i++) {
			int right = 1 + (int)test_random(&state, RIGHT_COUNT - 1);
			all.right[right / 64] |= UINT64_C(1) << (right % 64);
		}
		less = all;
		int gone = 1 + (int)test_random(&state, RIGHT_COUNT - 1);
		less.right[gone / 64] &= ~(UINT64_C(1) << (gone % 64));
		for (int right = 1; right < RIGHT_COUNT; right++) {
			c.who = (struct who){.grant = &less, .grant_count = 1};
			bool with_less = call_could(&c, right, S(""));
			c.who.grant = &all;
			CHECK(!with_less || call_could(&c, right, S("")));
			CHECK(!with_less || right != gone);
		}
	}
}

/* ---- flows ---- */

TEST(a_second_person_is_asked_for_and_signatures_need_proof, "REC-REQ-06")
{
	struct call *c = store_open(t, S("2026-09-30T08:00:00Z"));
	struct role *r = kind_new(c->arena, &kinds[KIND_ROLE]);
	struct grant g;

	r->rec.title = S("Reviewer");
	r->responsibilities = S("Reviews");
	struct who before = c->who;
	only(c, &g, "role.*", S(""));
	CHECK(kind_put(c, r, S("role.create")));
	CHECK(!kind_move(c, r, ROLE_STATE_EFFECTIVE));
	CHECK_INT(c->err.code, ERR_DENIED);
	err_clear(&c->err);
	c->who.ref = S("P02");
	CHECK(!kind_move(c, r, ROLE_STATE_EFFECTIVE));
	CHECK_INT(c->err.code, ERR_INVALID); /* not signed */
	err_clear(&c->err);
	c->signs = true;
	CHECK(kind_move(c, r, ROLE_STATE_EFFECTIVE));
	CHECK_INT(r->rec.state, ROLE_STATE_EFFECTIVE);
	struct signed_by *signature;
	isize count;
	CHECK(signature_list(c, &r->rec, &signature, &count));
	CHECK_INT(count, 1);
	CHECK_INT(signature[0].rev, r->rec.rev);
	CHECK(!kind_move(c, r, ROLE_STATE_DRAFT + 5));
	CHECK_INT(c->err.code, ERR_CONFLICT);
	err_clear(&c->err);
	c->who = before;
	store_close(t, c);
}

TEST(what_could_not_be_read_is_said_once_and_the_rest_too, "")
{
	struct call *c = store_open(t, S("2026-09-30T08:00:00Z"));
	struct risk *r = kind_new(c->arena, &kinds[KIND_RISK]);
	int count = 0;

	kind_check_rest(c, r);
	CHECK_INT(c->err.code, ERR_NONE);
	CHECK(!err_issue(&c->err, S("title"), "the title cannot be read"));
	kind_check_rest(c, r);
	CHECK(!err_issue(&c->err, S("late"), "found later"));
	for (const struct issue *i = c->err.issues; i; i = i->next) {
		CHECK(count == 0 || !str_eq(i->field, S("title")));
		count++;
	}
	CHECK(count > 2);
	CHECK_INT(c->err.issue_count, count);
	CHECK_STR(c->err.last->field, S("late"));
	store_close(t, c);
}

TEST(links_take_only_what_is_declared, "REC-REQ-07")
{
	struct call *c = store_open(t, S("2026-09-30T08:00:00Z"));
	struct asset *a = new_asset(c, "Thing");
	struct threat *threat = kind_new(c->arena, &kinds[KIND_THREAT]);
	struct link *link;
	isize count;

	threat->rec.title = S("Stolen");
	threat->category = 1;
	CHECK(kind_put(c, a, S("asset.create")) && kind_put(c, threat, S("threat.create")));
	CHECK(link_add(c, threat->rec.ref, S("targets"), a->rec.ref, S("at rest")));
	CHECK(!link_add(c, threat->rec.ref, S("targets"), a->rec.ref, S("")));
	CHECK_INT(c->err.code, ERR_CONFLICT);
	err_clear(&c->err);
	CHECK(!link_add(c, a->rec.ref, S("targets"), threat->rec.ref, S("")));
	CHECK_INT(c->err.code, ERR_INVALID);
	err_clear(&c->err);
	CHECK(link_list(c, a->rec.ref, &link, &count));
	CHECK_INT(count, 1);
	CHECK(!link[0].outgoing);
	CHECK(link_remove(c, threat->rec.ref, S("targets"), a->rec.ref));
	CHECK(link_list(c, a->rec.ref, &link, &count));
	CHECK_INT(count, 0);
	store_close(t, c);
}

TEST(a_link_is_suspect_until_somebody_who_saw_the_change_confirms_it, "")
{
	struct call *c = store_open(t, S("2026-09-30T08:00:00Z"));
	struct asset *a = new_asset(c, "Thing");
	struct threat *threat = kind_new(c->arena, &kinds[KIND_THREAT]);
	struct link *link, *back;
	str targets = S("targets");
	isize count;

	threat->rec.title = S("Stolen");
	threat->category = 1;
	CHECK(kind_put(c, a, S("asset.create")) && kind_put(c, threat, S("threat.create")));
	str from = threat->rec.ref, to = a->rec.ref;
	CHECK(!link_confirm(c, from, targets, to, c->now_us));
	CHECK_INT(c->err.code, ERR_MISSING);
	err_clear(&c->err);
	CHECK(link_add(c, from, targets, to, S("at rest")));
	CHECK(link_list(c, from, &link, &count) && !link[0].suspect);
	CHECK(!link_confirm(c, from, targets, to, c->now_us));
	CHECK_INT(c->err.code, ERR_CONFLICT);
	err_clear(&c->err);
	/* Either end makes it suspect, seen from either. */
	a->rec.title = S("Another thing");
	CHECK(kind_put(c, a, S("asset.update")));
	CHECK(link_list(c, from, &link, &count) && link[0].suspect);
	CHECK(link_list(c, to, &back, &count) && back[0].suspect);
	CHECK_INT(back[0].changed, link[0].changed);
	CHECK(!link_confirm(c, from, targets, to, link[0].changed - 1));
	CHECK_INT(c->err.code, ERR_CONFLICT);
	err_clear(&c->err);
	int64_t entries = db_int(c->db, SQL("SELECT count(*) FROM entry"));
	CHECK(link_confirm(c, from, targets, to, link[0].changed));
	CHECK_INT(db_int(c->db, SQL("SELECT count(*) FROM entry")), entries + 1);
	CHECK(link_list(c, to, &back, &count) && !back[0].suspect);
	CHECK_INT(count, 1);
	CHECK_STR(back[0].note, S("at rest"));
	CHECK_INT(back[0].since, link[0].since);
	CHECK(store_commit(t, c));
	store_close(t, c);
}

/* ---- search ---- */

/* Each holds "lamp", every hundredth in its title. */
static bool put_lamps(struct call *c, int count)
{
	for (int i = 0; i < count; i++) {
		struct arena_mark mark = arena_here(c->arena);
		struct asset *a = new_asset(c, i % 100 ? "Thing" : "Lamp");
		a->description = S("Stands beside the lamp.");
		if (!kind_put(c, a, S("asset.create")))
			return false;
		arena_rewind(c->arena, mark);
	}
	return true;
}

TEST(what_very_many_records_have_is_found_by_title_first_and_said_to_be_a_part, "")
{
	struct call *c = store_open(t, S("2026-09-30T08:00:00Z"));
	struct hits hit;
	struct grant g;

	CHECK(put_lamps(c, SEARCH_ROWS));
	CHECK(kind_search(c, S("lamp"), &hit));
	CHECK_INT(hit.count, SEARCH_ROWS);
	CHECK(!hit.more);
	CHECK(put_lamps(c, SEARCH_RANKED - SEARCH_ROWS));
	for (int round = 0; round < 2; round++) {
		CHECK(kind_search(c, S("lamp"), &hit));
		CHECK_INT(hit.count, SEARCH_ROWS);
		CHECK(hit.more);
		for (int i = 0; i < SEARCH_RANKED / 100; i++)
			CHECK_STR(hit.item[i].title, S("Lamp"));
		CHECK_STR(hit.item[SEARCH_ROWS - 1].title, S("Thing"));
		for (int i = 1; i < SEARCH_ROWS; i++)
			CHECK(!str_eq(hit.item[i].ref, hit.item[i - 1].ref));
		/* One more than are ranked. */
		CHECK(round || put_lamps(c, 1));
	}
	struct who before = c->who;
	only(c, &g, "risk.read", S(""));
	CHECK(kind_search(c, S("lamp"), &hit));
	CHECK_INT(hit.count, 0);
	CHECK(!hit.more);
	c->who = before;
	store_close(t, c);
}

TEST_MAIN()
