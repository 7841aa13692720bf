/* Sessions: how long, whose, and what ends them. */
#include "ident/ident_in.h"
#include "kind/kind.h"
#include "kinds.h"
#include "ledger/ledger.h"
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

	/* Whoever has none is told so. */
	if (!ok && c->err.code != ERR_DENIED)
		abort();
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
	c->now_us = now - 60 * 1000000;
	CHECK(works(c, token));
	c->now_us--;
	CHECK(!works(c, token));
	store_close(t, c);
}

static int64_t session_count(struct call *c)
{
	return db_int(c->db, SQL("SELECT count(*) FROM session"));
}

/* What is over, or of the future, goes when somebody signs in; nothing else does. */
TEST(signing_in_clears_what_is_over_to_the_microsecond, "")
{
	for (int later = 0; later < 2; later++) {
		struct call *c = open_store(t);
		int64_t began = c->now_us;
		sign_in(t, c, S("P1"), S(""));
		c->now_us = began + SESSION_HOURS * HOUR - later;
		sign_in(t, c, S("P2"), S(""));
		CHECK_INT(session_count(c), 1 + later);
		c->now_us -= MINUTE + 1 - later;
		sign_in(t, c, S("P2"), S(""));
		CHECK_INT(session_count(c), 1 + 2 * later);
		store_close(t, c);
	}
}

static int64_t entries(struct call *c, const char *act)
{
	return db_int(c->db,
		SQL("SELECT count(*) FROM entry WHERE act = $1 AND object = 'person:P1'"
		    " AND outcome = 'ok'"),
		V(str_of(act)));
}

TEST(signing_out_ends_that_session_alone_and_is_told, "")
{
	struct call *c = open_store(t);
	str one = sign_in(t, c, S("P1"), S("")), two = sign_in(t, c, S("P1"), S(""));
	struct session s;

	CHECK(!str_eq(one, two));
	CHECK_INT(entries(c, "session.open"), 2);
	CHECK(session_find(c, one, &s));
	CHECK_STR(s.person, S("P1"));
	CHECK_INT(s.csrf.n, TOKEN_TEXT);
	CHECK(!str_eq(s.csrf, one));
	CHECK_INT(s.expires - s.since, SESSION_HOURS * HOUR);
	c->who.ref = S("P1");
	CHECK(session_close(c, one));
	c->who.ref = S("system");
	CHECK_INT(entries(c, "session.close"), 1);
	CHECK(!works(c, one) && works(c, two));
	CHECK(session_end(c, S("P1"), S("")));
	CHECK_INT(entries(c, "session.close"), 2);
	CHECK(credential_put(c, S("P1"), S("ada"), S("hash")));
	CHECK_INT(entries(c, "credential.set"), 1);
	store_close(t, c);
}

TEST(tokens_of_sessions_are_drawn, "")
{
	struct call *c = open_store(t);
	str seen[64];

	for (isize i = 0; i < COUNT_OF(seen); i++) {
		seen[i] = token_text(c);
		CHECK_INT(seen[i].n, TOKEN_TEXT);
		for (isize k = 0; k < i; k++)
			CHECK(!str_eq(seen[i], seen[k]));
	}
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
	/* Under one's own name nobody else's. */
	CHECK(!session_end(&user, S("P2"), list[0].id));
	CHECK_INT(user.err.code, ERR_MISSING);
	user.err = (struct err){.arena = user.arena};
	CHECK(!session_end(&user, S("P1"), S("")));
	CHECK_INT(user.err.code, ERR_DENIED);
	user.err = (struct err){.arena = user.arena};
	CHECK(works(c, one) && works(c, two) && works(c, three));
	CHECK(session_end(c, S("P1"), list[0].id));
	CHECK(works(c, one) && !works(c, two));
	CHECK(session_end(c, S("P1"), S("")));
	CHECK(!works(c, one) && works(c, three));
	CHECK(store_commit(t, c));
	store_close(t, c);
}

TEST(two_hundred_sessions_in_force_are_listed_newest_first, "")
{
	struct call *c = open_store(t);
	struct session *list;
	isize count;

	for (int i = 0; i < SESSIONS_MAX + 1; i++) {
		sign_in(t, c, S("P1"), S(""));
		c->now_us++;
	}
	CHECK(session_list(c, S("P1"), &list, &count));
	CHECK_INT(count, SESSIONS_MAX);
	for (isize i = 0; i < count; i++) {
		CHECK_INT(list[i].since, c->now_us - 1 - i);
		CHECK_INT(list[i].id.n, 16);
	}
	/* Those of a clock that was ahead are not in force. */
	c->now_us -= MINUTE + SESSIONS_MAX + 2;
	CHECK(session_list(c, S("P1"), &list, &count));
	CHECK_INT(count, 0);
	store_close(t, c);
}

/* ---- credentials ---- */

TEST(a_name_is_found_with_its_own_person_and_hash, "")
{
	struct call *c = open_store(t);
	str person, hash;

	CHECK(credential_put(c, S("P1"), S("ada"), S("hash 1")));
	CHECK(credential_put(c, S("P2"), S("bob"), S("hash 2")));
	CHECK(credential_find(c, S("bob"), S("192.0.2.1"), &person, &hash));
	CHECK_STR(person, S("P2"));
	CHECK_STR(hash, S("hash 2"));
	CHECK(credential_put(c, S("P2"), S("ben"), S("hash 3")));
	CHECK(credential_find(c, S("ben"), S("192.0.2.1"), &person, &hash));
	CHECK_STR(hash, S("hash 3"));
	CHECK(credential_find(c, S("bob"), S("192.0.2.1"), &person, &hash));
	CHECK_INT(person.n + hash.n, 0);
	CHECK(credential_find(c, S("ada"), S("192.0.2.1"), &person, &hash));
	CHECK_STR(hash, S("hash 1"));
	store_close(t, c);
}

TEST(nobody_takes_the_name_of_somebody_else, "")
{
	struct call *c = open_store(t);
	str person, hash;

	CHECK(credential_put(c, S("P1"), S("ada"), S("hash")));
	CHECK(credential_free(c, S("P1"), S("ada")));
	CHECK(credential_free(c, S("P2"), S("bob")));
	CHECK(!credential_free(c, S("P2"), S("ada")));
	CHECK_INT(c->err.code, ERR_INVALID);
	CHECK_STR(c->err.issues->field, S("sign_in"));
	err_clear(&c->err);
	CHECK(!credential_put(c, S("P2"), S("ada"), S("other")));
	CHECK_INT(c->err.code, ERR_INVALID);
	err_clear(&c->err);
	CHECK(credential_find(c, S("ada"), S("192.0.2.1"), &person, &hash));
	CHECK_STR(person, S("P1"));
	CHECK_STR(hash, S("hash"));
	store_close(t, c);
}

static struct person *person_of(struct test_case *t, struct call *c, str ref)
{
	void *found = NULL;

	CHECK(kind_get(c, &kinds[KIND_PERSON], ref, &found));
	return found;
}

TEST(the_name_to_sign_in_with_is_the_passwords_or_else_the_records, "")
{
	struct call *c = open_store(t);
	struct person *p = person_of(t, c, S("P1"));
	str name;

	CHECK(!credential_name(c, S("P1"), &name));
	CHECK_INT(c->err.code, ERR_INVALID);
	err_clear(&c->err);
	p->sign_in = S("ada");
	CHECK(kind_put(c, p, S("person.update")));
	CHECK(credential_put(c, S("P2"), S("bob"), S("hash")));
	CHECK(credential_name(c, S("P1"), &name));
	CHECK_STR(name, S("ada"));
	CHECK(credential_name(c, S("P2"), &name));
	CHECK_STR(name, S("bob"));
	CHECK(credential_put(c, S("P1"), S("lovelace"), S("hash")));
	CHECK(credential_name(c, S("P1"), &name));
	CHECK_STR(name, S("lovelace"));
	CHECK(!credential_name(c, S("P404"), &name));
	CHECK_INT(c->err.code, ERR_MISSING);
	err_clear(&c->err);
	store_close(t, c);
}

/* When it was revoked, and not when somebody changed a password later. */
TEST(a_new_password_leaves_what_was_revoked_as_it_was, "")
{
	struct call *c = open_store(t);
	struct token *list;
	isize count;
	str value, person, id, scope;

	CHECK(token_make(c, S("P1"), S("ci"), S("*"), 9, &value));
	CHECK(token_find(c, value, &person, &id, &scope));
	CHECK(token_revoke(c, id));
	int64_t then = c->now_us;
	c->now_us += HOUR;
	CHECK(credential_put(c, S("P1"), S("ada"), S("hash")));
	CHECK(token_list(c, S("P1"), &list, &count));
	CHECK_INT(list[0].revoked, then);
	store_close(t, c);
}

static bool is_taken(struct call *c, str password)
{
	bool ok = password_check(c, S("password"), password, S("somebody.long"));

	err_clear(&c->err);
	return ok;
}

TEST(a_password_has_12_to_128_characters_of_utf_8, "")
{
	struct call *c = open_store(t);
	struct buf b;

	/* Two bytes each. */
	buf_init(&b, c->arena, 1000);
	for (int i = 0; i <= PASSWORD_MAX; i++)
		buf_fmt(&b, "\xc3%c", 0x80 + i * i % 59);
	for (int n = 0; n <= PASSWORD_MAX + 1; n++)
		if (is_taken(c, str_part(buf_str(&b), 0, 2 * n)) !=
			(n >= PASSWORD_MIN && n <= PASSWORD_MAX))
			test_fail(t, __FILE__, __LINE__, "%d characters", n);
	CHECK(!is_taken(c, S("\xfflong enough otherwise")));
	CHECK(!is_taken(c, S("long enough otherwise\xff")));
	CHECK(!is_taken(c, S("passwordpassword")));
	store_close(t, c);
}

/* ---- setup links ---- */

TEST(a_setup_link_lasts_a_day_and_works_once, "")
{
	struct call *c = open_store(t);
	str first, token;

	CHECK(setup_make(c, &first));
	CHECK(setup_make(c, &token));
	CHECK(!setup_valid(c, first) && !setup_valid(c, S("")));
	CHECK(!setup_use(c, first));
	CHECK_INT(c->err.code, ERR_DENIED);
	err_clear(&c->err);
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
	CHECK_STR(((struct person *)person_of(t, c, one))->rec.title, S("Ada"));
	CHECK_STR(person_of(t, c, one)->sign_in, S("ada"));
	CHECK(kind_get(c, &kinds[KIND_ROLE], S("R-ADMIN"), &found));
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

	/* Refused or not, whoever answers goes on as who they are, and not as the program. */
	struct who nobody = {.ref = S("")}, program = c->who;
	int64_t records = db_int(c->db, SQL("SELECT count(*) FROM record"));
	c->who = nobody;
	CHECK(!setup_person(c, S(""), S("eve"), S("hash"), &one));
	CHECK_INT(c->err.code, ERR_INVALID);
	CHECK_INT(db_int(c->db, SQL("SELECT count(*) FROM record")), records);
	err_clear(&c->err);
	CHECK(!setup_person(c, S("Eve"), S("ada"), S("hash"), &one));
	CHECK_INT(c->err.code, ERR_INVALID);
	CHECK(!c->who.is_system && c->who.ref.n == 0);
	c->who = program;
	store_undo(t, c);
	c->who = nobody;
	CHECK(setup_person(c, S("Fay"), S("fay"), S("hash"), &one));
	CHECK(!c->who.is_system && c->who.ref.n == 0);
	c->who = program;
	CHECK(is_administrator(c, one));
	store_close(t, c);
}

/* A role in force under each of the references, with each of the rights. */
TEST(a_setup_link_takes_no_role_for_the_administrators_that_is_less, "")
{
	for (int i = 0; i < 4; i++) {
		struct call *c = store_open(t, S("2026-09-30T08:00:00Z"));
		struct role *role = kind_new(c->arena, &kinds[KIND_ROLE]);
		str one;
		role->rec.ref = i & 1 ? S("R-ADMIN") : S("R-OTHER");
		role->rec.title = S("Some role");
		role->rec.state = ROLE_STATE_EFFECTIVE;
		role->rights = (struct words){(str[]){i & 2 ? S("*") : S("risk.*")}, 1};
		CHECK(kind_put(c, role, S("role.create")));
		CHECK(setup_person(c, S("Ada"), S("ada"), S("hash"), &one));
		CHECK(is_administrator(c, one));
		CHECK_INT(db_int(c->db, SQL("SELECT count(*) FROM record WHERE kind = 'role'")),
			i == 3 ? 1 : 2);
		CHECK_INT(db_int(c->db,
				  SQL("SELECT count(*) FROM access_grant"
				      " WHERE f_role = 'R-ADMIN'")),
			i != 1);
		CHECK(store_commit(t, c));
		store_close(t, c);
	}
}

/* Each table that the ledger vouches for, once, and the number of the schema. */
TEST(a_store_brought_up_to_date_says_so_for_each_table, "")
{
	struct call *c = open_store(t);
	int64_t vouched = 0;
	struct rows r;

	sign_in(t, c, S("P1"), S(""));
	db_query(c->db, &r,
		SQL("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name"
		    " LIMIT 2000"));
	while (rows_next(&r))
		vouched += ledger_vouches(rows_str(&r, 0));
	CHECK(rows_done(&r));
	CHECK(vouched > 50);
	CHECK(store_migrate(c, DB_SCHEMA - 1));
	CHECK_INT(db_int(c->db, SQL("SELECT count(*) FROM entry WHERE act = 'store.migrate'")),
		vouched);
	CHECK_INT(db_int(c->db,
			  SQL("SELECT count(*) FROM entry e JOIN entry_body b ON b.seq = e.seq AND"
			      " b.part = 'body' JOIN entry_body x ON x.seq = e.seq AND x.part ="
			      " 'rows'"
			      " WHERE e.act = 'store.migrate' AND instr(b.value, $1) > 0"),
			  V(str_fmt(c->arena, "{\"from\":%d,\"table\":\"session\",\"to\":%d}",
				  DB_SCHEMA - 1, DB_SCHEMA))),
		1);
	CHECK_INT(db_int(c->db,
			  SQL("SELECT count(*) FROM setting WHERE name = 'schema' AND value = $1"),
			  V(str_fmt(c->arena, "%d", DB_SCHEMA))),
		1);
	CHECK(store_commit(t, c));
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
