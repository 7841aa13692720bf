/* Sessions: how long, whose, and what ends them. */
#include "ident/ident.h"
#include "kind/kind.h"
#include "kinds.h"
#include "store.h"
#include "web/web.h"

#define MINUTE INT64_C(60000000)
#define HOUR   (60 * MINUTE)

static struct call *open_store(struct test_case *t)
{
	static const char *const refs[] = {"P1", "P2"};
	struct call *c = store_open(t, S("2026-09-30T08:00:00Z"));

	for (isize i = 0; i < COUNT_OF(refs); i++) {
		struct person *p = kind_new(c->arena, &kinds[KIND_PERSON]);
		p->rec.ref = str_of(refs[i]);
		p->rec.title = str_of(refs[i]);
		p->rec.state = PERSON_STATE_ACTIVE;
		CHECK(kind_put(c, p, S("person.create")));
	}
	CHECK(store_commit(t, c));
	return c;
}

static str sign_in(struct test_case *t, struct call *c, str person, str old)
{
	str token, csrf;

	CHECK(session_open(c, person, old, &token, &csrf));
	return token;
}

static bool works(struct call *c, str token)
{
	struct session s;
	bool ok = session_find(c, token, &s);

	err_clear(&c->err);
	return ok;
}

TEST(a_session_that_is_used_lasts_twelve_hours_and_no_longer, "")
{
	struct call *c = open_store(t);
	str token = sign_in(t, c, S("P1"), S(""));
	int64_t end = c->now_us + SESSION_HOURS * HOUR;

	for (; c->now_us < end - 29 * MINUTE; c->now_us += 29 * MINUTE)
		CHECK(works(c, token));
	CHECK(works(c, token));
	c->now_us = end - 1;
	CHECK(works(c, token));
	c->now_us = end;
	CHECK(!works(c, token));
	store_close(t, c);
}

TEST(a_session_that_nobody_uses_ends_after_half_an_hour, "")
{
	struct call *c = open_store(t);
	str one = sign_in(t, c, S("P1"), S("")), two = sign_in(t, c, S("P1"), S(""));

	CHECK(works(c, one) && works(c, two));
	c->now_us += 20 * MINUTE;
	CHECK(works(c, one));
	c->now_us += 10 * MINUTE - 1;
	CHECK(works(c, two));
	c->now_us += 20 * MINUTE + 1;
	CHECK(!works(c, one));
	CHECK(works(c, two));
	/* Over is over: being refused is no use of it. */
	CHECK(!works(c, one));
	struct session *list;
	isize count;
	CHECK(session_list(c, S("P1"), &list, &count));
	CHECK_INT(count, 1);
	store_close(t, c);
}

/* The ninth of a full set gives up the seat of the one that was idle longest, which then counts as
   used when the process began: none lives longer for it. */
TEST(a_crowd_makes_no_session_last_longer, "")
{
	enum { MANY = 9000 };
	struct call *c = open_store(t);
	str first = sign_in(t, c, S("P1"), S(""));

	CHECK(works(c, first));
	c->now_us += HOUR;
	CHECK(!works(c, first));
	for (int i = 0; i < MANY; i++) {
		struct arena_mark mark = arena_here(c->arena);
		CHECK(works(c, sign_in(t, c, S("P2"), S(""))));
		arena_rewind(c->arena, mark);
	}
	CHECK(!works(c, first));
	store_close(t, c);
}

TEST(a_session_of_a_clock_that_was_ahead_is_over, "")
{
	struct call *c = open_store(t);
	int64_t now = c->now_us;

	c->now_us = now + 400 * DAY_US;
	str ahead = sign_in(t, c, S("P1"), S(""));
	c->now_us = now;
	CHECK(!works(c, ahead));
	str token = sign_in(t, c, S("P1"), S(""));
	CHECK_INT(db_int(c->db, SQL("SELECT count(*) FROM session")), 1);
	c->now_us = now - 30 * 1000000;
	CHECK(works(c, token));
	store_close(t, c);
}

TEST(signing_in_again_ends_what_the_browser_had, "")
{
	struct call *c = open_store(t);
	str one = sign_in(t, c, S("P1"), S("")), other = sign_in(t, c, S("P1"), S(""));
	str two = sign_in(t, c, S("P1"), one);

	CHECK(!works(c, one));
	CHECK(works(c, two) && works(c, other));
	CHECK(store_commit(t, c));
	store_close(t, c);
}

TEST(a_new_password_ends_all_sessions_and_tokens_of_its_person, "")
{
	struct call *c = open_store(t);
	str one = sign_in(t, c, S("P1"), S("")), other = sign_in(t, c, S("P2"), S(""));
	str mine, theirs, person, id, scope;

	CHECK(token_make(c, S("P1"), S("ci"), S("*"), 9, &mine));
	CHECK(token_make(c, S("P2"), S("ci"), S("*"), 9, &theirs));
	CHECK(credential_put(c, S("P1"), S("ada"), S("hash")));
	CHECK(store_commit(t, c));
	CHECK(!works(c, one));
	CHECK(works(c, other));
	CHECK(!token_find(c, mine, &person, &id, &scope));
	err_clear(&c->err);
	CHECK(token_find(c, theirs, &person, &id, &scope));
	store_close(t, c);
}

TEST(sessions_are_listed_and_ended_one_or_all, "")
{
	struct call *c = open_store(t), user = *c;
	str one = sign_in(t, c, S("P1"), S("")), two, three;
	struct session *list;
	isize count;

	c->now_us += MINUTE;
	two = sign_in(t, c, S("P1"), S(""));
	three = sign_in(t, c, S("P2"), S(""));
	CHECK(session_list(c, S("P1"), &list, &count));
	CHECK_INT(count, 2);
	CHECK(list[0].since == c->now_us);
	user.now_us = c->now_us;
	user.who = (struct who){.ref = S("P2")};
	CHECK(!session_end(&user, S("P1"), list[0].id));
	CHECK_INT(user.err.code, ERR_DENIED);
	err_clear(&user.err);
	CHECK(!session_list(&user, S("P1"), &list, &count));
	err_clear(&user.err);
	CHECK(!session_end(&user, S("P2"), S("0123456789ABCDEF")));
	CHECK_INT(user.err.code, ERR_MISSING);
	user.err = (struct err){.arena = user.arena};
	CHECK(works(c, one) && works(c, two) && works(c, three));
	CHECK(session_list(c, S("P1"), &list, &count));
	CHECK(session_end(c, S("P1"), list[0].id));
	CHECK(works(c, one) && !works(c, two));
	CHECK(session_end(c, S("P1"), S("")));
	CHECK(!works(c, one) && works(c, three));
	CHECK(store_commit(t, c));
	store_close(t, c);
}

TEST(a_setup_link_lasts_a_day_and_works_once, "")
{
	struct call *c = open_store(t);
	str first, token;

	CHECK(setup_make(c, &first));
	CHECK(setup_make(c, &token));
	CHECK(!setup_valid(c, first));
	c->now_us += DAY_US - 1;
	CHECK(setup_valid(c, token));
	c->now_us += 1;
	CHECK(!setup_valid(c, token));
	c->now_us -= 1;
	CHECK(setup_use(c, token));
	CHECK(!setup_use(c, token));
	CHECK_INT(c->err.code, ERR_DENIED);
	store_close(t, c);
}

/* Whether the person may do everything everywhere. */
static bool is_administrator(struct call *c, str person)
{
	struct who program = c->who;
	bool ok = ident_load(c, person);

	for (int right = 1; right < RIGHT_COUNT; right++)
		ok = ok && call_could(c, right, S(""));
	c->who = program;
	err_clear(&c->err);
	return ok;
}

TEST(every_setup_link_makes_an_administrator, "")
{
	struct call *c = store_open(t, S("2026-09-30T08:00:00Z"));
	str one, two, three, four;
	void *found;

	CHECK(setup_is_first(c));
	CHECK(setup_person(c, S("Ada"), S("ada"), S("hash"), &one));
	CHECK(!setup_is_first(c));
	CHECK(setup_person(c, S("Ben"), S("ben"), S("hash"), &two));
	CHECK(!str_eq(one, two));
	CHECK(is_administrator(c, one) && is_administrator(c, two));
	CHECK_INT(db_int(c->db, SQL("SELECT count(*) FROM record WHERE kind = 'role'")), 1);

	CHECK(kind_get(c, &kinds[KIND_ROLE], S("R-ADMIN"), &found));
	struct role *role = found;
	role->rec.state = ROLE_STATE_DRAFT; /* what is being revised counts as it was approved */
	CHECK(kind_put(c, role, S("role.update")));
	CHECK(setup_person(c, S("Cleo"), S("cleo"), S("hash"), &three));
	CHECK(is_administrator(c, three));
	CHECK_INT(db_int(c->db, SQL("SELECT count(*) FROM record WHERE kind = 'role'")), 1);
	role->rec.state = ROLE_STATE_RETIRED;
	CHECK(kind_put(c, role, S("role.update")));
	CHECK(!is_administrator(c, one));
	CHECK(setup_person(c, S("Dan"), S("dan"), S("hash"), &four));
	CHECK(is_administrator(c, four));
	CHECK_INT(db_int(c->db, SQL("SELECT count(*) FROM record WHERE kind = 'role'")), 2);
	CHECK(store_commit(t, c));

	CHECK(!setup_person(c, S("Eve"), S("ada"), S("hash"), &one));
	CHECK_INT(c->err.code, ERR_INVALID);
	store_undo(t, c);
	store_close(t, c);
}

TEST(the_public_address_decides_about_cookies, "")
{
	static const struct {
		const char *url;
		bool is_proxied, is_right, is_secure;
	} cases[] = {
		{"", false, true, false},
		{"", true, true, true},
		{"https://ward.example", false, true, true},
		{"https://ward.example/", true, true, true},
		{"http://localhost:8080", true, true, false},
		{"https://[::1]:8443", false, true, true},
		{"ward.example", false, false, false},
		{"https://", false, false, false},
		{"https://ward.example/path", false, false, false},
		{"https://Ward.example", false, false, false},
		{"ftp://ward.example", false, false, false},
		{"https://user@ward.example", false, false, false},
	};

	for (isize i = 0; i < COUNT_OF(cases); i++) {
		struct web_site site = {0};
		struct http_reply reply = {0};
		struct err e = {0};
		CHECK(web_site_set(&site, str_of(cases[i].url), cases[i].is_proxied, &e) ==
			cases[i].is_right);
		if (!cases[i].is_right)
			continue;
		CHECK(site.is_secure == cases[i].is_secure);
		web_site_guard(&site, &reply);
		CHECK_INT(reply.header_count, cases[i].is_secure);
	}
}

TEST_MAIN()
