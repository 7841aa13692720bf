/* The ledger as one caller may read it: no entry about what is not for them, and none lost. */
#include "crypt/crypt.h"
#include "kind/entry.h"
#include "kinds.h"
#include "records.h"
#include "store.h"

enum { SHOWN = 3, HIDDEN = 2, RECORDS = SHOWN + HIDDEN };

/* Three assets for everybody and two that are restricted, in turns: A-1 shown, A-2 hidden, … */
struct world {
	struct call *c;
	struct who program;
	struct grant grant;
	str ref[RECORDS];
};

static bool is_hidden(int i)
{
	return i % 2 == 1;
}

/* "asset.test" of "asset:A-1": of that record, and not of who did it. */
static str act_on(struct call *c, str object)
{
	str rest = object, head = str_cut(&rest, ':');

	return str_fmt(c->arena, "%.*s.test", STR_ARG(head));
}

/* An entry about the record of the object, when it names one. */
static str append(struct test_case *t, struct call *c, str object, str body)
{
	str act = act_on(c, object);

	CHECK(ledger_append(c,
		&(struct entry){.act = act, .object = object, .outcome = S("ok"), .body = body}));
	return object;
}

static bool is_seen(struct call *c, str object)
{
	str act = act_on(c, object);

	return entry_seen(c, &(struct ledger_row){.act = act, .object = object});
}

static void append_about(struct test_case *t, struct world *w, int i)
{
	append(t, w->c, i < 0 ? S("") : str_fmt(w->c->arena, "asset:%.*s", STR_ARG(w->ref[i])),
		S(""));
}

static struct world new_world(struct test_case *t)
{
	struct world w = {.c = store_open(t, S("2026-09-30T08:00:00Z"))};

	w.program = w.c->who;
	for (int i = 0; i < RECORDS; i++) {
		struct asset *a = kind_new(w.c->arena, &kinds[KIND_ASSET]);
		a->rec.title = S("Thing");
		a->type = 1;
		a->rec.classification = is_hidden(i) ? CLASSIFICATION_RESTRICTED : 0;
		CHECK(kind_put(w.c, a, S("asset.create")));
		w.ref[i] = a->rec.ref;
	}
	return w;
}

/* Who reads assets, incidents and the ledger, and nothing restricted. */
static void become_reader(struct world *w)
{
	w->grant = (struct grant){0};
	right_match(S("asset.read"), w->grant.right);
	right_match(S("incident.read"), w->grant.right);
	right_match(S("ledger.read"), w->grant.right);
	w->c->who = (struct who){
		.ref = S("P1"), .actor = S("person:1"), .grant = &w->grant, .grant_count = 1};
}

static int64_t newest(struct call *c)
{
	return db_int(c->db, SQL("SELECT max(seq) FROM entry"));
}

/* ---- lists ---- */

/* The entries before `before` that the reader may know of, found one by one. */
static isize expected(struct world *w, str object, int64_t before, int64_t *out)
{
	struct rows r;
	isize n = 0;

	db_query(w->c->db, &r,
		SQL("SELECT seq, object FROM entry WHERE seq < $1 ORDER BY seq DESC"),
		V(before < 0 ? INT64_MAX : before));
	while (rows_next(&r)) {
		str about = rows_str(&r, 1);
		bool hidden = false;
		for (int i = 0; i < RECORDS; i++)
			hidden |= is_hidden(i) && str_ends(about, w->ref[i]);
		if (!hidden && (!object.n || str_eq(object, about)))
			out[n++] = rows_int(&r, 0);
	}
	bool ok = rows_done(&r);
	assert(ok);
	return n;
}

/* Page by page to the end: the same entries in the same order, and no page short without need. */
static void check_pages(struct test_case *t, struct world *w, str object, isize limit)
{
	int64_t want[200], more = -1;
	isize total = expected(w, object, -1, want), at = 0, pages = 0, n;
	struct ledger_row *row;

	do {
		CHECK(entry_list(w->c, object, more, limit, &row, &n, &more));
		CHECK(n <= limit);
		for (isize i = 0; i < n; i++, at++)
			CHECK(at < total && row[i].seq == want[at]);
		/* With so few entries no page looks at 20 times its limit and finds too little. */
		CHECK(n == limit || more == 0);
		CHECK(n < limit || more == row[n - 1].seq || more == 0);
	} while (more && ++pages < 200);
	CHECK_INT(at, total);
	CHECK_INT(more, 0);
}

TEST(a_list_has_every_entry_for_the_reader_and_no_other, "POL-REQ-01")
{
	uint64_t state = (uint64_t)clock_mono();
	struct world w = new_world(t);

	for (int i = 0; i < 40; i++)
		append_about(t, &w, (int)test_random(&state, RECORDS + 1) - 1);
	become_reader(&w);
	for (isize limit = 3; limit < 60; limit++) {
		struct arena_mark mark = arena_here(t->arena);
		check_pages(t, &w, S(""), limit);
		for (int i = 0; i < RECORDS; i++)
			check_pages(
				t, &w, str_fmt(t->arena, "asset:%.*s", STR_ARG(w.ref[i])), limit);
		arena_rewind(t->arena, mark);
	}
	CHECK_INT(w.c->err.code, ERR_NONE);
	w.c->who = w.program;
	store_close(t, w.c);
}

TEST(the_end_of_a_list_is_said_with_its_last_page, "")
{
	struct world w = new_world(t);
	str object = str_fmt(t->arena, "asset:%.*s", STR_ARG(w.ref[2]));
	struct ledger_row *row;
	int64_t more;
	isize n;

	for (int i = 0; i < 3; i++)
		append_about(t, &w, 2);
	/* Four entries of it. */
	CHECK(entry_list(w.c, object, -1, 5, &row, &n, &more));
	CHECK_INT(n, 4);
	CHECK_INT(more, 0);
	CHECK(entry_list(w.c, object, -1, 3, &row, &n, &more));
	CHECK_INT(n, 3);
	CHECK_INT(more, row[2].seq);
	CHECK(entry_list(w.c, object, more, 3, &row, &n, &more));
	CHECK_INT(n, 1);
	CHECK_INT(more, 0);
	CHECK(entry_list(w.c, S(""), 0, 3, &row, &n, &more));
	CHECK_INT(n, 0);
	CHECK_INT(more, 0);
	store_close(t, w.c);
}

TEST(a_page_looks_at_twenty_times_its_limit_and_says_where_it_stopped, "")
{
	struct world w = new_world(t);
	struct ledger_row *row;
	int64_t more;
	isize n;

	int64_t last = newest(w.c);
	append_about(t, &w, 0);
	for (int i = 0; i < 41; i++)
		append_about(t, &w, 1);
	become_reader(&w);
	CHECK(entry_list(w.c, S(""), -1, 2, &row, &n, &more));
	CHECK_INT(n, 0);
	CHECK_INT(more, last + 1 + 41 - 39);
	CHECK(entry_list(w.c, S(""), more, 2, &row, &n, &more));
	CHECK_INT(n, 2);
	CHECK_INT(row[0].seq, last + 1);
	CHECK_INT(row[1].seq, last);
	w.c->who = w.program;
	store_close(t, w.c);
}

/* ---- one entry ---- */

static str body_of(struct world *w, int64_t seq, bool *withheld)
{
	struct ledger_row row;

	if (!entry_get(w->c, seq, &row, withheld)) {
		*withheld = false;
		err_clear(&w->c->err);
		return S("none");
	}
	return row.body;
}

/* What is no reference is about no record, and for whoever reads the ledger. */
TEST(an_object_that_names_no_record_hides_nothing, "POL-REQ-01")
{
	static const char *const open[] = {
		"", "setting", "setting:origin", "x:@1", "x:[1", "x:1", "x:"};
	static const char *const shut[] = {"asset:A-404", "zone:Z-404", "link:A-404", "x:A"};
	struct world w = new_world(t);
	bool withheld;

	become_reader(&w);
	for (isize i = 0; i < COUNT_OF(open); i++) {
		CHECK(is_seen(w.c, str_of(open[i])));
		append(t, w.c, str_of(open[i]), S("{\"x\":1}"));
		CHECK_STR(body_of(&w, newest(w.c), &withheld), S("{\"x\":1}"));
		CHECK(!withheld);
	}
	for (isize i = 0; i < COUNT_OF(shut); i++) {
		CHECK(!is_seen(w.c, str_of(shut[i])));
		append(t, w.c, str_of(shut[i]), S("{\"x\":1}"));
		CHECK_STR(body_of(&w, newest(w.c), &withheld), S("none"));
	}
	CHECK_INT(w.c->err.code, ERR_NONE);
	w.c->who = w.program;
	store_close(t, w.c);
}

/* Whose entry it is, and of which act, of a hidden record and of none. */
TEST(an_act_is_about_a_record_or_of_who_did_it, "POL-REQ-01")
{
	struct world w = new_world(t);
	str hidden = w.ref[1];
	const struct {
		const char *act, *head, *actor;
		bool by_reader, by_others;
	} cases[] = {{"asset.update", "asset", "person:1", false, false},
		{"link.add", "link", "person:1", false, false},
		{"kind.anew", "link", "person:1", false, false},
		{"sign", "signature", "person:1", false, false},
		{"session.open", "asset", "person:1", true, true},
		{"session.open", "asset", "person:2", true, false},
		{"store.migrate", "setting", "person:1", true, true},
		{"store.migrate", "setting", "person:2", true, false}};

	for (isize i = 0; i < COUNT_OF(cases); i++) {
		struct ledger_row row = {.act = str_of(cases[i].act),
			.actor = str_of(cases[i].actor),
			.object = str_fmt(t->arena, "%s:%.*s", cases[i].head, STR_ARG(hidden))};
		become_reader(&w);
		CHECK_INT(entry_seen(w.c, &row), cases[i].by_reader);
		w.grant = (struct grant){0};
		right_match(S("asset.read"), w.grant.right);
		CHECK_INT(entry_seen(w.c, &row), cases[i].by_others);
		/* Nobody is nobody's actor. */
		w.c->who.ref = S("");
		CHECK(!entry_seen(w.c, &row));
	}
	w.c->who = w.program;
	store_close(t, w.c);
}

TEST(an_entry_about_what_is_hidden_is_not_there, "POL-REQ-01")
{
	struct world w = new_world(t);
	struct ledger_row row;
	bool withheld;

	append_about(t, &w, 1);
	become_reader(&w);
	CHECK(!entry_get(w.c, newest(w.c), &row, &withheld));
	CHECK_INT(w.c->err.code, ERR_MISSING);
	err_clear(&w.c->err);
	CHECK(!entry_get(w.c, newest(w.c) + 1, &row, &withheld));
	CHECK_INT(w.c->err.code, ERR_MISSING);
	err_clear(&w.c->err);
	w.c->who = w.program;
	store_close(t, w.c);
}

/* An incident for everybody, whose secret field is for its owner. */
static int64_t put_incident(struct test_case *t, struct world *w, str *ref)
{
	uint64_t state = 1;
	struct incident *x =
		(struct incident *)random_record(w->c->arena, &state, &kinds[KIND_INCIDENT]);

	x->rec.ref = S("");
	x->rec.product = S("");
	x->rec.owner = S("P9");
	x->rec.classification = 0;
	x->rec.need_to_know.count = 0;
	x->details = S("the secret words");
	CHECK(kind_put(w->c, x, S("incident.create")));
	*ref = x->rec.ref;
	return newest(w->c);
}

TEST(a_body_is_for_who_may_read_all_of_the_record, "POL-REQ-01")
{
	struct world w = new_world(t);
	struct disclosed open;
	bool withheld;
	str ref;
	int64_t seq = put_incident(t, &w, &ref);

	append(t, w.c, str_fmt(t->arena, "incident:%.*s", STR_ARG(ref)), S(""));
	become_reader(&w);
	CHECK_STR(body_of(&w, seq, &withheld), S(""));
	CHECK(withheld);
	/* Where there was nothing, nothing is withheld. */
	CHECK_STR(body_of(&w, seq + 1, &withheld), S(""));
	CHECK(!withheld);
	CHECK(!entry_disclose(w.c, seq, &open));
	CHECK_INT(w.c->err.code, ERR_DENIED);
	err_clear(&w.c->err);
	w.c->who.ref = S("P9");
	CHECK(str_find(body_of(&w, seq, &withheld), S("the secret words")) >= 0);
	CHECK(!withheld);
	/* Of whatever time the page is. */
	w.c->at_us = 1;
	CHECK(str_find(body_of(&w, seq, &withheld), S("the secret words")) >= 0);
	CHECK_INT(w.c->at_us, 1);
	CHECK(is_seen(w.c, str_fmt(t->arena, "incident:%.*s", STR_ARG(ref))));
	CHECK_INT(w.c->at_us, 1);
	w.c->at_us = TIME_NONE;
	CHECK(entry_disclose(w.c, seq, &open));
	CHECK(open.body && !open.personal && str_find(open.record, S("the secret words")) >= 0);
	w.c->who = w.program;
	store_close(t, w.c);
}

TEST(the_body_of_a_link_is_for_who_sees_both_ends, "POL-REQ-01")
{
	struct world w = new_world(t);
	static const char *const type = "depends_on";
	bool withheld;

	CHECK(link_add(w.c, w.ref[0], str_of(type), w.ref[1], S("")));
	int64_t to_hidden = newest(w.c);
	CHECK(link_add(w.c, w.ref[0], str_of(type), w.ref[2], S("")));
	int64_t to_shown = newest(w.c);
	append(t, w.c, str_fmt(t->arena, "link:%.*s", STR_ARG(w.ref[0])), S("{\"type\":\"x\"}"));
	/* Another object may name what it likes. */
	append(t, w.c, str_fmt(t->arena, "asset:%.*s", STR_ARG(w.ref[0])), S("{\"to\":\"A-404\"}"));
	become_reader(&w);
	CHECK_STR(body_of(&w, to_hidden, &withheld), S(""));
	CHECK(withheld);
	CHECK_STR(body_of(&w, to_shown, &withheld),
		str_fmt(t->arena, "{\"type\":\"depends_on\",\"to\":\"%.*s\"}", STR_ARG(w.ref[2])));
	CHECK(!withheld);
	CHECK_STR(body_of(&w, to_shown + 1, &withheld), S(""));
	CHECK(withheld);
	CHECK_STR(body_of(&w, to_shown + 2, &withheld), S("{\"to\":\"A-404\"}"));
	CHECK(!withheld);
	w.c->who = w.program;
	store_close(t, w.c);
}

/* ---- names ---- */

enum { PEOPLE = 70 };

/* More people than are remembered at a time; every third is not for the reader. */
static bool is_shut(int i)
{
	return i % 3 == 0;
}

static str actor_of(struct arena *a, const struct rec *r)
{
	struct uuid id;
	struct buf b;

	memcpy(id.b, r->id.b, sizeof id.b);
	buf_init(&b, a, 100);
	buf_add(&b, S("person:"));
	uuid_print(&b, id);
	return buf_str(&b);
}

static void append_by(struct test_case *t, struct world *w, str actor, str name)
{
	w->c->who = (struct who){.ref = S("P1"), .name = name, .actor = actor};
	append(t, w->c, S(""), S(""));
	w->c->who = w->program;
}

static str put_person(struct test_case *t, struct world *w, int i)
{
	struct rec *p = kind_new(w->c->arena, &kinds[KIND_PERSON]);

	p->ref = str_fmt(w->c->arena, "P%d", 100 + i);
	p->title = p->ref;
	p->classification = is_shut(i) ? CLASSIFICATION_RESTRICTED : 0;
	CHECK(kind_put(w->c, p, S("person.create")));
	return actor_of(w->c->arena, p);
}

TEST(a_name_is_for_who_sees_the_person, "POL-REQ-01")
{
	struct world w = new_world(t);
	struct ledger_row *row, one;
	str actor[PEOPLE];
	int64_t more;
	bool withheld;
	isize n;

	for (int i = 0; i < PEOPLE; i++)
		actor[i] = put_person(t, &w, i);
	int64_t first = newest(w.c) + 1;
	for (int i = 0; i < 2 * PEOPLE; i++)
		append_by(t, &w, actor[i % PEOPLE], str_fmt(t->arena, "Name %d", i % PEOPLE));
	become_reader(&w);
	right_match(S("person.read"), w.grant.right);
	w.c->who.actor = actor[3]; /* their own name, whatever became of it */
	CHECK(entry_list(w.c, S(""), -1, 2 * PEOPLE, &row, &n, &more));
	CHECK_INT(n, 2 * PEOPLE);
	for (isize i = 0; i < n; i++) {
		int who = (int)(row[i].seq - first) % PEOPLE;
		str want = is_shut(who) && who != 3 ? S("") : str_fmt(t->arena, "Name %d", who);
		CHECK_STR(row[i].name, want);
		CHECK(entry_get(w.c, row[i].seq, &one, &withheld));
		CHECK_STR(one.name, want);
	}
	w.c->who = w.program;
	store_close(t, w.c);
}

TEST(a_name_without_a_person_is_not_shown, "POL-REQ-01")
{
	struct world w = new_world(t);
	struct ledger_row row;
	bool withheld;
	void *rec;

	CHECK(kind_get(w.c, &kinds[KIND_ASSET], w.ref[0], &rec));
	const struct {
		str actor;
		bool shown;
	} cases[] = {{S("job"), true}, {S("person:nobody"), false},
		{S("person:019a3e6e-3000-7000-8000-000000000000"), false},
		{actor_of(t->arena, rec), false}, {S("person:1"), true}};
	for (isize i = 0; i < COUNT_OF(cases); i++) {
		append_by(t, &w, cases[i].actor, S("Somebody"));
		become_reader(&w);
		right_match(S("person.read"), w.grant.right);
		CHECK(entry_get(w.c, newest(w.c), &row, &withheld));
		CHECK_STR(row.name, cases[i].shown ? S("Somebody") : S(""));
		w.c->who = w.program;
	}
	store_close(t, w.c);
}

/* ---- what an entry wrote ---- */

static bool written(struct world *w, str object, str body, str *out)
{
	struct ledger_row row = {.act = S("asset.update"), .object = object, .body = body};

	return entry_written(w->c, &row, out);
}

static void check_written(
	struct test_case *t, struct world *w, str object, str body, const char *want)
{
	str out = S("?");

	CHECK(written(w, object, body, &out));
	CHECK_STR(out, str_of(want));
	CHECK_INT(w->c->err.code, ERR_NONE);
}

TEST(what_an_entry_wrote_is_shown_as_it_was_logged, "")
{
	struct world w = new_world(t);
	struct ledger_row row;
	str out, object = str_fmt(t->arena, "asset:%.*s", STR_ARG(w.ref[0]));
	void *rec;

	CHECK(kind_get(w.c, &kinds[KIND_ASSET], w.ref[0], &rec));
	str first = canonical(t->arena, rec);
	CHECK(ledger_get(w.c, 0, &row));
	CHECK_STR(row.object, object);
	((struct rec *)rec)->title = S("Renamed");
	CHECK(kind_put(w.c, rec, S("asset.update")) && kind_sign(w.c, rec, S("seen")));
	CHECK(entry_written(w.c, &row, &out));
	CHECK_STR(out, first);
	struct ledger_row sign, update;
	CHECK(ledger_get(w.c, newest(w.c), &sign) && ledger_get(w.c, newest(w.c) - 1, &update));
	CHECK(entry_written(w.c, &update, &out));
	CHECK_STR(out, canonical(t->arena, rec));
	CHECK(entry_written(w.c, &sign, &out));
	CHECK_STR(out, canonical(t->arena, rec));
	/* Another revision than the one that was hashed. */
	str other =
		str_fmt(t->arena, "{\"rev\":2,%.*s", STR_ARG(str_part(row.body, 9, row.body.n)));
	CHECK(!written(&w, object, other, &out));
	CHECK_INT(w.c->err.code, ERR_TAMPERED);
	err_clear(&w.c->err);
	str gone = str_fmt(t->arena, "{\"rev\":7,%.*s", STR_ARG(str_part(row.body, 9, row.body.n)));
	CHECK(!written(&w, object, gone, &out));
	CHECK_INT(w.c->err.code, ERR_MISSING);
	err_clear(&w.c->err);
	CHECK(!written(&w, S("asset:A-404"), row.body, &out));
	CHECK_INT(w.c->err.code, ERR_MISSING);
	err_clear(&w.c->err);
	/* These wrote none. */
	check_written(t, &w, S("setting:x"), row.body, "");
	check_written(t, &w, S("x"), row.body, "");
	check_written(t, &w, object, S(""), "");
	check_written(t, &w, object, S("{\"rev\":1}"), "");
	check_written(t, &w, object, S("{\"rev\":1,\"hash\":\"00\"}"), "");
	check_written(t, &w, object,
		str_fmt(t->arena, "{\"x\":1,%.*s", STR_ARG(str_part(row.body, 9, row.body.n))), "");
	CHECK(!written(&w, object, S("{"), &out));
	CHECK_INT(w.c->err.code, ERR_SYNTAX);
	err_clear(&w.c->err);
	store_close(t, w.c);
}

TEST(a_store_that_cannot_be_read_has_not_no_entries, "")
{
	struct world w = new_world(t);
	struct ledger_row *row, one;
	struct disclosed open;
	bool withheld;
	int64_t more;
	isize n;

	become_reader(&w);
	/* The entries can be read, what they are about cannot. */
	CHECK(store_commit(t, w.c));
	CHECK(db_exec(w.c->db, SQL_FREE("ALTER TABLE record RENAME COLUMN owner TO other")));
	CHECK(!entry_list(w.c, S(""), -1, 3, &row, &n, &more));
	store_undo(t, w.c);
	CHECK(!db_exec(w.c->db, SQL_FREE("DELETE FROM nowhere")));
	CHECK(!entry_list(w.c, S(""), -1, 3, &row, &n, &more));
	CHECK(!entry_get(w.c, 0, &one, &withheld));
	CHECK(!entry_disclose(w.c, 0, &open));
	store_undo(t, w.c);
	w.c->who = w.program;
	store_close(t, w.c);
}

TEST_MAIN()
