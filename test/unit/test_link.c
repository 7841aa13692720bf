/* Links: what is declared and nothing else, each with its own history, for who sees both ends. */
#include "kind/kind.h"
#include "kinds.h"
#include "ledger/ledger.h"
#include "records.h"
#include "store.h"

static const char noon[] = "2026-09-30T12:00:00Z";

static str new_record(struct test_case *t, struct call *c, enum kind_id id, const char *title)
{
	uint64_t state = 1;
	struct rec *r = random_record(c->arena, &state, &kinds[id]);

	r->ref = S("");
	r->title = str_of(title);
	if (!kind_field(&kinds[id], S("owner"))->required)
		r->owner = S("");
	if (!kind_field(&kinds[id], S("product"))->required)
		r->product = S("");
	r->classification = 0;
	r->state = 0;
	r->need_to_know = (struct words){.item = NEW(c->arena, str, 1), .count = 1};
	r->need_to_know.item[0] = S("P1");
	if (!kind_put(c, r, S("test.create")))
		test_fail(t, __FILE__, __LINE__, "%.*s: %s", STR_ARG(kinds[id].name), c->err.text);
	return r->ref;
}

static void touch(struct test_case *t, struct call *c, str ref)
{
	static int64_t count;
	struct rec *r;

	CHECK(kind_get_any(c, ref, &r));
	r->body = str_fmt(c->arena, "Text %" PRId64, ++count);
	CHECK(kind_put(c, r, S("test.change")));
}

/* Three assets, and links "depends_on" among them as told: "12 13" from the first to the others. */
struct net {
	struct call *c;
	str ref[4]; /* from 1 */
};

static struct net new_net(struct test_case *t, const char *links)
{
	struct net n = {.c = store_open(t, str_of(noon))};
	str rest = str_of(links);

	for (int i = 1; i < 4; i++)
		n.ref[i] = new_record(t, n.c, KIND_ASSET, "Thing");
	for (str word = str_word(&rest); word.n; word = str_word(&rest))
		CHECK(link_add(n.c, n.ref[word.p[0] - '0'], S("depends_on"), n.ref[word.p[1] - '0'],
			S("")));
	return n;
}

/* "12 13": what links there are among the three, by type "depends_on". */
static str links_of(struct net *n)
{
	struct link *link;
	struct buf b;
	isize count;

	buf_init(&b, n->c->arena, 1000);
	if (!link_list_type(n->c, S("depends_on"), &link, &count))
		return S("failed");
	for (isize i = 0; i < count; i++)
		for (int from = 1; from < 4; from++)
			for (int to = 1; to < 4; to++)
				if (str_eq(link[i].from, n->ref[from]) &&
					str_eq(link[i].to, n->ref[to]))
					buf_fmt(&b, "%s%d%d", b.n ? " " : "", from, to);
	return buf_str(&b);
}

static void check_refused(struct test_case *t, int line, struct call *c, bool done, int code)
{
	if (done || (int)c->err.code != code)
		test_fail(t, __FILE__, line, "done %d, code %d, not %d: %s", done, (int)c->err.code,
			code, c->err.text);
	err_clear(&c->err);
}
#define CHECK_REFUSED(done, code) check_refused(t, __LINE__, c, (done), (code))

static bool is_suspect(struct test_case *t, struct call *c, str from, str type, str to)
{
	struct link *link;
	isize count;

	CHECK(link_list(c, from, &link, &count));
	for (isize i = 0; i < count; i++)
		if (link[i].outgoing && str_eq(link[i].type, type) && str_eq(link[i].to, to))
			return link[i].suspect;
	CHECK(false && "no such link");
	return false;
}

/* ---- what may be linked ---- */

/* Whether the declaration of `from` lets it have a link `type` to `to`. */
static bool is_declared(const struct kind *from, str type, const struct kind *to)
{
	bool found = false;

	for (const struct linktype *l = from->link; l < from->link + from->link_count; l++) {
		bool fits = l->kind_count == 0;
		for (const int *id = l->kinds; id < l->kinds + l->kind_count; id++)
			fits |= *id == to->id;
		found |= l->outgoing && str_eq(l->type, type) && fits;
	}
	return found;
}

static bool is_tree(const struct kind *k, str type)
{
	bool is = false;

	for (int i = 0; i < k->link_count; i++)
		is |= str_eq(k->link[i].type, type) && k->link[i].is_tree;
	return is;
}

/* A link type of one kind against every kind at its other end, both ways round. */
static void check_type(struct test_case *t, struct call *c, const str *ref, int one, str type)
{
	for (int other = 0; other < kind_count; other++)
		for (int way = 0; way < 2; way++) {
			int from = way ? other : one, to = way ? one : other;
			/* To itself: test_hierarchy.c. */
			if (from == to && is_tree(&kinds[from], type))
				continue;
			bool is = is_declared(&kinds[from], type, &kinds[to]);
			bool done = link_add(c, ref[from], type, ref[to], S(""));
			/* A kind may declare both directions. */
			if (done != is && c->err.code != ERR_CONFLICT)
				test_fail(t, __FILE__, __LINE__, "%.*s %.*s %.*s: %d",
					STR_ARG(kinds[from].name), STR_ARG(type),
					STR_ARG(kinds[to].name), done);
			if (!is)
				CHECK_STR(c->err.issues ? c->err.issues->field : S(""), S("type"));
			err_clear(&c->err);
			if (one == other)
				break;
		}
}

TEST(every_kind_has_the_links_that_are_declared_and_no_others, "REC-REQ-07")
{
	struct call *c = store_open(t, str_of(noon));
	str *ref = NEW(t->arena, str, kind_count);

	for (int i = 0; i < kind_count; i++)
		ref[i] = new_record(t, c, (enum kind_id)i, "Thing");
	for (int i = 0; i < kind_count; i++)
		for (int n = 0; n < kinds[i].link_count; n++) {
			struct arena_mark mark = arena_here(t->arena);
			check_type(t, c, ref, i, kinds[i].link[n].type);
			arena_rewind(t->arena, mark);
		}
	store_close(t, c);
}

TEST(a_link_that_is_there_is_not_made_twice, "REC-REQ-07")
{
	struct net n = new_net(t, "12");
	struct call *c = n.c;
	str type = S("depends_on");

	CHECK_REFUSED(link_add(c, n.ref[1], type, n.ref[2], S("")), ERR_CONFLICT);
	CHECK(link_add(c, n.ref[1], type, n.ref[3], S("")));
	CHECK(link_add(c, n.ref[3], type, n.ref[2], S("")));
	CHECK(link_remove(c, n.ref[1], type, n.ref[2]));
	CHECK(link_add(c, n.ref[1], type, n.ref[2], S("")));
	/* Another type between the two is another link. */
	str control = new_record(t, c, KIND_CONTROL, "Lock");
	CHECK(link_add(c, control, S("protects"), n.ref[1], S("")));
	CHECK(link_add(c, control, S("uses"), n.ref[1], S("")));
	CHECK_STR(links_of(&n), S("12 13 32"));
	store_close(t, c);
}

TEST(a_note_is_a_text_of_at_most_its_characters, "")
{
	struct net n = new_net(t, "");
	struct call *c = n.c;
	struct link *link;
	struct buf b;
	isize count;

	buf_init(&b, c->arena, 2 * LIMIT_TEXT + 8);
	for (int i = 0; i < LIMIT_TEXT; i++)
		buf_add(&b, S("\xc3\xa9"));
	str most = buf_str(&b);
	CHECK(link_add(c, n.ref[1], S("depends_on"), n.ref[2], most));
	CHECK(link_list(c, n.ref[1], &link, &count));
	CHECK_STR(link[0].note, most);
	buf_char(&b, 'x');
	CHECK_REFUSED(link_add(c, n.ref[1], S("depends_on"), n.ref[3], buf_str(&b)), ERR_INVALID);
	CHECK_REFUSED(link_add(c, n.ref[1], S("depends_on"), n.ref[3], S("a\x01")), ERR_INVALID);
	store_close(t, c);
}

/* ---- who may ---- */

static void become(struct call *c, struct grant *g, const char *patterns)
{
	str rest = str_of(patterns);

	*g = (struct grant){0};
	for (str word = str_word(&rest); word.n; word = str_word(&rest))
		right_match(word, g->right);
	c->who =
		(struct who){.ref = S("P01"), .actor = S("person:1"), .grant = g, .grant_count = 1};
}

typedef bool link_verb(struct call *c, str from, str to);

static bool add(struct call *c, str from, str to)
{
	return link_add(c, from, S("depends_on"), to, S(""));
}

static bool drop(struct call *c, str from, str to)
{
	return link_remove(c, from, S("depends_on"), to);
}

static bool confirm(struct call *c, str from, str to)
{
	return link_confirm(c, from, S("depends_on"), to, INT64_MAX);
}

TEST(a_link_is_written_by_who_sees_both_ends_and_may_write_the_first, "POL-REQ-01")
{
	struct net n = new_net(t, "12");
	static link_verb *const verbs[] = {add, drop, confirm};
	struct call *c = n.c;
	struct grant g;
	struct asset *shut = kind_new(c->arena, &kinds[KIND_ASSET]);

	shut->rec.title = S("Shut");
	shut->type = 1;
	shut->rec.classification = CLASSIFICATION_RESTRICTED;
	CHECK(kind_put(c, shut, S("asset.create")));
	CHECK(add(c, shut->rec.ref, n.ref[1]) && add(c, n.ref[1], shut->rec.ref));
	touch(t, c, n.ref[2]);
	CHECK(store_commit(t, c));
	struct who before = c->who;
	for (isize i = 0; i < COUNT_OF(verbs); i++) {
		become(c, &g, "asset.read");
		CHECK_REFUSED(verbs[i](c, n.ref[1], n.ref[2]), ERR_DENIED);
		CHECK_INT(c->denied, CAN_ASSET_WRITE);
		become(c, &g, "asset.*");
		CHECK_REFUSED(verbs[i](c, shut->rec.ref, n.ref[1]), ERR_MISSING);
		CHECK_REFUSED(verbs[i](c, n.ref[1], shut->rec.ref), ERR_INVALID);
		CHECK_REFUSED(verbs[i](c, S("A-404"), n.ref[1]), ERR_MISSING);
		CHECK_REFUSED(verbs[i](c, n.ref[1], S("A-404")), ERR_INVALID);
	}
	CHECK_STR(links_of(&n), S("12"));
	CHECK(is_suspect(t, c, n.ref[1], S("depends_on"), n.ref[2]));
	c->who = before;
	store_close(t, c);
}

TEST(an_end_that_is_not_for_the_caller_is_left_out, "POL-REQ-01")
{
	struct net n = new_net(t, "12 31");
	struct call *c = n.c;
	struct link *link;
	struct grant g;
	isize count;
	struct rec *shut;

	CHECK(kind_get_any(c, n.ref[2], &shut));
	shut->classification = CLASSIFICATION_RESTRICTED;
	CHECK(kind_put(c, shut, S("asset.update")));
	CHECK(link_list(c, n.ref[1], &link, &count));
	CHECK_INT(count, 2);
	struct who before = c->who;
	become(c, &g, "asset.read");
	CHECK(link_list(c, n.ref[1], &link, &count));
	CHECK_INT(count, 1);
	CHECK_STR(link[0].from, n.ref[3]);
	CHECK_STR(link[0].other.ref, n.ref[3]);
	CHECK_STR(links_of(&n), S("31"));
	c->who = before;
	store_close(t, c);
}

/* ---- what is logged ---- */

static void check_logged(
	struct test_case *t, int line, struct call *c, str act, str object, str body)
{
	struct ledger_row row = {0};

	int64_t seq = db_int(c->db, SQL("SELECT max(seq) FROM entry"));

	if (!ledger_get(c, seq, &row) || !str_eq(row.act, act) || !str_eq(row.object, object) ||
		!str_eq(row.body, body))
		test_fail(t, __FILE__, line, "%.*s of %.*s: %.*s", STR_ARG(row.act),
			STR_ARG(row.object), STR_ARG(row.body));
}
#define CHECK_LOGGED(act, body) check_logged(t, __LINE__, c, S(act), object, S(body))

TEST(the_ledger_says_what_became_of_a_link, "")
{
	struct net n = new_net(t, "");
	struct call *c = n.c;
	str object = str_fmt(c->arena, "link:%.*s", STR_ARG(n.ref[1]));

	CHECK_STR(n.ref[2], S("A-2"));
	CHECK(add(c, n.ref[1], n.ref[2]));
	CHECK_LOGGED("link.add", "{\"type\":\"depends_on\",\"to\":\"A-2\"}");
	touch(t, c, n.ref[2]);
	c->reason = S("looked at \"both\"");
	CHECK(confirm(c, n.ref[1], n.ref[2]));
	CHECK_LOGGED("link.confirm",
		"{\"type\":\"depends_on\",\"to\":\"A-2\","
		"\"words\":\"looked at \\\"both\\\"\"}");
	CHECK(drop(c, n.ref[1], n.ref[2]));
	CHECK_LOGGED("link.remove",
		"{\"type\":\"depends_on\",\"to\":\"A-2\","
		"\"words\":\"looked at \\\"both\\\"\"}");
	CHECK(link_add(c, n.ref[1], S("depends_on"), n.ref[3], S("at night")));
	CHECK_LOGGED("link.add",
		"{\"type\":\"depends_on\",\"to\":\"A-3\",\"note\":\"at night\","
		"\"words\":\"looked at \\\"both\\\"\"}");
	CHECK(store_commit(t, c));
	store_close(t, c);
}

/* ---- one link and its neighbours ---- */

/* Every link that shares two of the three: type, from and to. */
static bool add_neighbours(struct net *n, str threat, str control)
{
	struct call *c = n->c;

	return add(c, n->ref[1], n->ref[2]) && add(c, n->ref[1], n->ref[3]) &&
		add(c, n->ref[3], n->ref[2]) && link_add(c, control, S("uses"), n->ref[2], S("")) &&
		link_add(c, control, S("protects"), n->ref[2], S("")) &&
		link_add(c, threat, S("targets"), n->ref[2], S(""));
}

static int64_t count_current(struct call *c)
{
	return db_int(c->db, SQL("SELECT count(*) FROM link WHERE until IS NULL"));
}

TEST(a_link_is_removed_alone_and_not_twice, "")
{
	struct net n = new_net(t, "");
	struct call *c = n.c;
	str threat = new_record(t, c, KIND_THREAT, "Theft"), type = S("depends_on");
	str control = new_record(t, c, KIND_CONTROL, "Lock");

	CHECK(add_neighbours(&n, threat, control));
	/* Two that are no longer there. */
	CHECK(drop(c, n.ref[1], n.ref[2]) && add(c, n.ref[1], n.ref[2]));
	int64_t first = db_int(c->db, SQL("SELECT min(until) FROM link"));
	CHECK(drop(c, n.ref[1], n.ref[2]));
	CHECK_INT(count_current(c), 5);
	CHECK_INT(db_int(c->db, SQL("SELECT min(until) FROM link")), first);
	CHECK_REFUSED(drop(c, n.ref[1], n.ref[2]), ERR_MISSING);
	CHECK_REFUSED(link_remove(c, n.ref[1], S("protects"), n.ref[3]), ERR_MISSING);
	CHECK_REFUSED(link_remove(c, n.ref[2], type, n.ref[3]), ERR_MISSING);
	CHECK_REFUSED(link_remove(c, n.ref[3], type, n.ref[1]), ERR_MISSING);
	CHECK(link_remove(c, control, S("uses"), n.ref[2]));
	CHECK_INT(count_current(c), 4);
	CHECK_STR(links_of(&n), S("13 32"));
	store_close(t, c);
}

TEST(a_link_is_confirmed_alone, "")
{
	struct net n = new_net(t, "");
	struct call *c = n.c;
	str threat = new_record(t, c, KIND_THREAT, "Theft"), type = S("depends_on");
	str control = new_record(t, c, KIND_CONTROL, "Lock");

	CHECK(add_neighbours(&n, threat, control));
	CHECK(drop(c, n.ref[1], n.ref[2]) && add(c, n.ref[1], n.ref[2]));
	CHECK_REFUSED(confirm(c, n.ref[2], n.ref[1]), ERR_MISSING);
	touch(t, c, n.ref[2]);
	touch(t, c, n.ref[3]);
	CHECK(is_suspect(t, c, n.ref[1], type, n.ref[2]));
	CHECK(confirm(c, n.ref[1], n.ref[2]));
	CHECK(!is_suspect(t, c, n.ref[1], type, n.ref[2]));
	CHECK(is_suspect(t, c, n.ref[1], type, n.ref[3]));
	CHECK(is_suspect(t, c, n.ref[3], type, n.ref[2]));
	CHECK(is_suspect(t, c, control, S("uses"), n.ref[2]));
	/* Seen as it is now, and not before. */
	int64_t changed =
		db_int(c->db, SQL("SELECT changed FROM record WHERE ref = $1"), V(n.ref[2]));
	CHECK_REFUSED(link_confirm(c, control, S("uses"), n.ref[2], changed - 1), ERR_CONFLICT);
	CHECK(link_confirm(c, control, S("uses"), n.ref[2], changed));
	CHECK(is_suspect(t, c, control, S("protects"), n.ref[2]));
	CHECK(is_suspect(t, c, threat, S("targets"), n.ref[2]));
	/* What was confirmed of a link that ended stays as it was. */
	CHECK_INT(db_int(c->db, SQL("SELECT count(*) FROM link WHERE confirmed > until")), 0);
	touch(t, c, n.ref[1]);
	CHECK(drop(c, n.ref[1], n.ref[2]));
	CHECK_REFUSED(confirm(c, n.ref[1], n.ref[2]), ERR_MISSING);
	CHECK_REFUSED(link_confirm(c, n.ref[1], S("uses"), n.ref[3], INT64_MAX), ERR_MISSING);
	CHECK_REFUSED(confirm(c, n.ref[3], n.ref[1]), ERR_MISSING);
	store_close(t, c);
}

/* ---- times ---- */

TEST(the_past_has_the_links_of_then, "REC-REQ-04")
{
	struct net n = new_net(t, "12 23");
	struct call *c = n.c;
	struct link *link;
	isize count;

	CHECK(link_list(c, n.ref[1], &link, &count));
	int64_t since = link[0].since;
	CHECK(drop(c, n.ref[1], n.ref[2]));
	int64_t until = db_int(c->db, SQL("SELECT until FROM link WHERE until IS NOT NULL"));
	const struct {
		int64_t at_us;
		isize count;
		const char *all;
	} cases[] = {{since - 1, 0, ""}, {since, 1, "12"}, {until - 1, 1, "12 23"},
		{until, 0, "23"}, {TIME_NONE, 0, "23"}};
	for (isize i = 0; i < COUNT_OF(cases); i++) {
		c->at_us = cases[i].at_us;
		CHECK(link_list(c, n.ref[1], &link, &count));
		CHECK_INT(count, cases[i].count);
		CHECK_STR(links_of(&n), str_of(cases[i].all));
	}
	c->at_us = TIME_NONE;
	store_close(t, c);
}

/* In one microsecond, or with a clock that was set back, what comes later is later. */
TEST(a_link_is_after_what_it_follows_whatever_the_clock_says, "")
{
	struct net n = new_net(t, "");
	struct call *c = n.c;
	str type = S("depends_on");
	int64_t early = c->now_us - 3600 * INT64_C(1000000);

	c->now_us = early;
	CHECK(add(c, n.ref[1], n.ref[2]) && add(c, n.ref[1], n.ref[3]));
	CHECK(!is_suspect(t, c, n.ref[1], type, n.ref[2]));
	touch(t, c, n.ref[2]);
	/* The same microsecond as the change. */
	CHECK(!is_suspect(t, c, n.ref[1], type, n.ref[3]));
	CHECK(is_suspect(t, c, n.ref[1], type, n.ref[2]));
	c->now_us = early;
	CHECK(confirm(c, n.ref[1], n.ref[2]));
	CHECK(!is_suspect(t, c, n.ref[1], type, n.ref[2]));
	CHECK_REFUSED(confirm(c, n.ref[1], n.ref[2]), ERR_CONFLICT);
	/* Just as the record changes again. */
	int64_t confirmed = db_int(c->db, SQL("SELECT max(confirmed) FROM link"));
	c->now_us = confirmed - 1;
	touch(t, c, n.ref[1]);
	CHECK_INT(db_int(c->db, SQL("SELECT max(changed) FROM record")), confirmed);
	CHECK(is_suspect(t, c, n.ref[1], type, n.ref[2]));
	CHECK(confirm(c, n.ref[1], n.ref[2]));
	int64_t since = db_int(c->db, SQL("SELECT min(since) FROM link"));
	c->now_us = since - 1;
	CHECK(drop(c, n.ref[1], n.ref[2]));
	c->now_us = early;
	CHECK(drop(c, n.ref[1], n.ref[3]));
	CHECK_INT(db_int(c->db, SQL("SELECT count(*) FROM link WHERE until = since + 1")), 2);
	store_close(t, c);
}

TEST(a_link_is_suspect_when_one_of_its_own_ends_changed, "")
{
	struct net n = new_net(t, "12 13");
	struct call *c = n.c;
	struct link *link;
	isize count;

	touch(t, c, n.ref[3]);
	CHECK(link_list(c, n.ref[2], &link, &count));
	CHECK_INT(count, 1);
	CHECK(!link[0].suspect && !link[0].outgoing);
	CHECK(link_list(c, n.ref[1], &link, &count));
	CHECK_INT(count, 2);
	CHECK(!link[0].suspect && link[1].suspect && link[0].outgoing);
	touch(t, c, n.ref[2]);
	CHECK(link_list(c, n.ref[2], &link, &count));
	CHECK(link[0].suspect);
	CHECK_INT(link[0].changed,
		db_int(c->db, SQL("SELECT changed FROM record WHERE ref = $1"), V(n.ref[2])));
	store_close(t, c);
}

/* ---- long lists ---- */

/* `count` assets "A-1" …, which the summary alone knows. */
static void many_assets(struct test_case *t, struct call *c, int count)
{
	CHECK(db_exec(c->db,
		SQL_FREE("INSERT INTO record(ref, id, kind, prefix, number, rev, title, state, "
			 "owner, "
			 "product, classification, review_due, changed) WITH RECURSIVE n(i) AS "
			 "(SELECT "
			 "1 UNION ALL SELECT i + 1 FROM n WHERE i < $1) SELECT 'A-' || i, CAST(i "
			 "AS BLOB), "
			 "'asset', 'A', i, 1, 'Thing', 'identified', '', '', '', NULL, 1 FROM n"),
		V(count)));
}

TEST(links_of_one_record_end_at_their_limit, "")
{
	struct call *c = store_open(t, str_of(noon));
	struct link *link;
	isize count;

	many_assets(t, c, LIMIT_LINKS + 2);
	CHECK(db_exec(c->db,
		SQL_FREE("INSERT INTO link(from_ref, type, to_ref, since, until, note, by_actor, "
			 "confirmed) SELECT 'A-1', 'depends_on', ref, 1, NULL, ref, '', 2 FROM "
			 "record"
			 " WHERE ref <> 'A-1'")));
	CHECK(link_list(c, S("A-1"), &link, &count));
	CHECK_INT(count, LIMIT_LINKS);
	for (isize i = 0; i < count; i++) {
		CHECK_STR(link[i].to, str_fmt(t->arena, "A-%td", i + 2));
		CHECK_STR(link[i].note, link[i].to);
	}
	store_close(t, c);
}

TEST(links_of_one_type_are_told_whole_or_not_at_all, "")
{
	enum { MOST = 100000 };
	struct call *c = store_open(t, str_of(noon));
	struct link *link;
	isize count;

	many_assets(t, c, 400);
	CHECK(db_exec(c->db,
		SQL_FREE("INSERT INTO link(from_ref, type, to_ref, since, until, note, by_actor, "
			 "confirmed) SELECT a.ref, 'depends_on', b.ref, 1, NULL, '', '', 2 FROM "
			 "record a"
			 ", record b ORDER BY a.number, b.number LIMIT $1"),
		V(MOST)));
	CHECK(link_list_type(c, S("depends_on"), &link, &count));
	CHECK_INT(count, MOST);
	CHECK_STR(link[MOST - 1].from, S("A-250"));
	CHECK_STR(link[MOST - 1].to, S("A-400"));
	CHECK(db_exec(c->db,
		SQL_FREE("INSERT INTO link(from_ref, type, to_ref, since, until, note, by_actor, "
			 "confirmed) VALUES('A-400', 'depends_on', 'A-1', 1, NULL, '', '', 2)")));
	CHECK(!link_list_type(c, S("depends_on"), &link, &count));
	CHECK_INT(c->err.code, ERR_LIMIT);
	err_clear(&c->err);
	CHECK(link_list_type(c, S("uses"), &link, &count));
	CHECK_INT(count, 0);
	store_close(t, c);
}

/* The links that begin at `ref`, found by looking at each. */
static void check_first(struct test_case *t, const struct link *link, isize count, str ref)
{
	isize want = 0;

	while (want < count &&
		(link[want].from.n < ref.n ||
			(link[want].from.n == ref.n && str_cmp(link[want].from, ref) < 0)))
		want++;
	CHECK_INT(link_first_from(link, count, ref), want);
}

TEST(the_first_link_of_a_record_is_found_by_halves, "")
{
	struct link link[40];
	uint64_t state = (uint64_t)clock_mono();

	for (int round = 0; round < 200; round++) {
		isize count = (isize)test_random(&state, COUNT_OF(link));
		int64_t at = test_random(&state, 200);
		for (isize i = 0; i < count; i++) {
			link[i] = (struct link){.from = str_fmt(t->arena, "A-%d", (int)at)};
			at += test_random(&state, 3) * test_random(&state, 30);
		}
		for (int i = 0; i < 20; i++)
			check_first(t, link, count,
				str_fmt(t->arena, "A-%d", (int)test_random(&state, 1200)));
		for (isize i = 0; i < count; i++)
			check_first(t, link, count, link[i].from);
	}
}

TEST(a_store_that_cannot_be_read_has_not_no_links, "")
{
	struct net n = new_net(t, "12");
	struct call *c = n.c;
	struct link *link;
	isize count;

	CHECK(!db_exec(c->db, SQL_FREE("DELETE FROM nowhere")));
	CHECK_INT(c->err.code, ERR_FAULT);
	CHECK(!link_list(c, n.ref[1], &link, &count));
	CHECK(!link_list_type(c, S("depends_on"), &link, &count));
	CHECK(!add(c, n.ref[2], n.ref[1]) && !drop(c, n.ref[1], n.ref[2]));
	CHECK(!confirm(c, n.ref[1], n.ref[2]));
	store_undo(t, c);
	store_close(t, c);
}

TEST_MAIN()
