/* Failed sign-ins to the microsecond: what is counted, told, forgotten, and who is known where. */
#include "crypt/crypt.h"
#include "ident/ident_in.h"
#include "kind/kind.h"
#include "kinds.h"
#include "store.h"

#define SECOND INT64_C(1000000)
#define HERE   S("192.0.2.1")
#define THERE  S("203.0.113.9")

static struct call *open_store(struct test_case *t)
{
	return store_open(t, S("2026-09-30T08:00:00Z"));
}

static void fail(struct test_case *t, struct call *c, str name, str from, int times)
{
	for (int i = 0; i < times; i++)
		CHECK(credential_failed(c, name, from));
}

static bool waits_at(struct call *c, str name, str from)
{
	str person, hash;
	bool ok = credential_find(c, name, from, &person, &hash);

	err_clear(&c->err);
	return !ok;
}

/* ---- what the ledger is told ---- */

/* The bodies of the entries about refusals, one a line. */
static str told(struct call *c)
{
	struct buf b;
	struct rows r;

	buf_init(&b, c->arena, 10000);
	db_query(c->db, &r,
		SQL("SELECT b.value FROM entry e JOIN entry_body b ON b.seq = e.seq AND b.part ="
		    " 'body' WHERE e.act = 'session.refused' ORDER BY e.seq LIMIT 100"));
	while (rows_next(&r)) {
		buf_add(&b, rows_blob(&r, 0));
		buf_char(&b, '\n');
	}
	return rows_done(&r) ? buf_str(&b) : S("");
}

TEST(the_first_four_of_ten_minutes_and_each_power_of_two_are_told, "")
{
	struct call *c = open_store(t);
	int64_t began = c->now_us;
	struct buf want;

	buf_init(&want, t->arena, 10000);
	fail(t, c, S("ada"), HERE, 70);
	for (int count = 1; count <= 64; count = count < 4 ? count + 1 : count * 2)
		buf_fmt(&want, "{\"before\":0,\"refused\":%d}\n", count);
	CHECK_STR(told(c), buf_str(&want));
	c->now_us = began + 600 * SECOND;
	fail(t, c, S("ada"), HERE, 1);
	CHECK_STR(told(c), buf_str(&want));
	c->now_us++;
	fail(t, c, S("ada"), HERE, 1);
	buf_add(&want, S("{\"before\":71,\"refused\":1}\n"));
	CHECK_STR(told(c), buf_str(&want));
	/* A clock that was set back begins anew, and loses none. */
	c->now_us--;
	fail(t, c, S("bob"), HERE, 2);
	buf_add(&want, S("{\"before\":1,\"refused\":1}\n{\"before\":0,\"refused\":2}\n"));
	CHECK_STR(told(c), buf_str(&want));
	store_close(t, c);
}

/* ---- how long is waited ---- */

/* Strangers who try a name, also from its owner's own address, do not hold up who is signed in; a
   session that somebody else has got hold of waits for itself. */
TEST(who_is_signed_in_waits_for_their_own_failures_alone, "")
{
	struct call *c = open_store(t);
	str session = S(CREDENTIAL_SESSION "0123456789abcdef");

	fail(t, c, S("ada"), HERE, 150);
	CHECK(waits_at(c, S("ada"), HERE) && waits_at(c, S("ada"), THERE));
	CHECK(!waits_at(c, S("ada"), session));
	fail(t, c, S("ada"), session, 10);
	CHECK(waits_at(c, S("ada"), session));
	CHECK(!waits_at(c, S("ada"), S(CREDENTIAL_SESSION "fedcba9876543210")));
	store_close(t, c);
}

TEST(an_hour_without_a_failure_is_more_than_an_hour, "")
{
	for (int later = 0; later < 2; later++) {
		struct call *c = open_store(t);
		fail(t, c, S("ada"), HERE, 20);
		c->now_us += 3600 * SECOND + later;
		CHECK(!waits_at(c, S("ada"), HERE));
		fail(t, c, S("ada"), HERE, 1);
		CHECK_INT(waits_at(c, S("ada"), HERE), !later);
		store_close(t, c);
	}
}

/* A name waits for what ends last: the row of one address, or of all. */
TEST(a_braked_name_waits_a_quarter_of_an_hour_from_its_last_failure, "")
{
	struct call *c = open_store(t);
	int64_t began = c->now_us;

	fail(t, c, S("ada"), THERE, 99);
	CHECK(!waits_at(c, S("ada"), HERE));
	c->now_us++;
	fail(t, c, S("ada"), S("203.0.113.10"), 1);
	c->now_us = began + 900 * SECOND;
	CHECK(waits_at(c, S("ada"), HERE) && waits_at(c, S("ada"), THERE));
	c->now_us++;
	CHECK(!waits_at(c, S("ada"), HERE) && !waits_at(c, S("ada"), THERE));
	store_close(t, c);
}

TEST(the_row_is_over_when_the_owner_comes_in, "")
{
	struct call *c = open_store(t);

	fail(t, c, S("ada"), THERE, 100);
	CHECK(waits_at(c, S("ada"), HERE) && waits_at(c, S("ada"), S("192.0.2.9")));
	CHECK(credential_worked(c, S("ada"), HERE));
	CHECK(!waits_at(c, S("ada"), HERE) && !waits_at(c, S("ada"), S("192.0.2.9")));
	/* Where the failures came from goes on waiting for them. */
	CHECK(waits_at(c, S("ada"), THERE));
	store_close(t, c);
}

TEST(who_waits_goes_on_waiting_whatever_others_do, "")
{
	struct call *c = open_store(t);

	fail(t, c, S("cat"), HERE, 10);
	fail(t, c, S("dan"), THERE, 100);
	for (int i = 0; i < 200; i++)
		fail(t, c, str_fmt(t->arena, "name %d", i), HERE, 1);
	CHECK(credential_worked(c, S("ada"), HERE));
	CHECK(credential_worked(c, S("ada"), THERE));
	CHECK(waits_at(c, S("cat"), HERE));
	CHECK(!waits_at(c, S("cat"), THERE));
	CHECK(waits_at(c, S("dan"), HERE) && waits_at(c, S("dan"), THERE));
	CHECK(!waits_at(c, S("ada"), HERE) && !waits_at(c, S("ada"), THERE));
	store_close(t, c);
}

/* ---- where a name is known ---- */

TEST(a_place_is_known_for_thirty_days, "")
{
	for (int early = 0; early < 2; early++) {
		struct call *c = open_store(t);
		CHECK(credential_worked(c, S("ada"), HERE));
		c->now_us += 30 * DAY_US - early;
		fail(t, c, S("ada"), THERE, 100);
		CHECK_INT(waits_at(c, S("ada"), HERE), !early);
		store_close(t, c);
	}
}

static str place(struct call *c, int number)
{
	return str_fmt(c->arena, "192.0.2.%d", number);
}

TEST(the_places_of_a_name_are_its_own_eight_last, "")
{
	struct call *c = open_store(t);

	CHECK(credential_worked(c, S("bob"), HERE));
	for (int i = 1; i <= 9; i++) {
		c->now_us++;
		CHECK(credential_worked(c, S("ada"), place(c, i)));
	}
	for (int i = 1; i <= 9; i++) {
		c->now_us++;
		CHECK(credential_worked(c, S("cat"), place(c, 100 + i)));
	}
	c->now_us++;
	CHECK(credential_worked(c, S("ada"), place(c, 9)));
	fail(t, c, S("ada"), THERE, 100);
	fail(t, c, S("bob"), THERE, 100);
	fail(t, c, S("cat"), THERE, 100);
	CHECK(!waits_at(c, S("bob"), HERE));
	for (int i = 1; i <= 9; i++) {
		CHECK_INT(waits_at(c, S("ada"), place(c, i)), i == 1);
		CHECK_INT(waits_at(c, S("cat"), place(c, 100 + i)), i == 1);
		CHECK(waits_at(c, S("cat"), place(c, i)));
	}
	store_close(t, c);
}

/* ---- what is forgotten ---- */

static void put(struct test_case *t, struct call *c, str key, int64_t failures, int64_t last)
{
	CHECK(db_exec(c->db,
		SQL_FREE("INSERT INTO sign_in_failure(sign_in, failures, last) VALUES($1, $2, $3)"),
		V(key), V(failures), V(last)));
}

static bool is_kept(struct call *c, str key)
{
	return db_int(c->db, SQL("SELECT count(*) FROM sign_in_failure WHERE sign_in = $1"),
		       V(key)) == 1;
}

TEST(counts_are_kept_for_a_day_and_names_for_thirty, "")
{
	struct call *c = open_store(t);
	int64_t now = c->now_us;

	put(t, c, S("pair"), 1, now - DAY_US);
	put(t, c, S("old pair"), 1, now - DAY_US - 1);
	put(t, c, S("name:1"), 1, now - 30 * DAY_US);
	put(t, c, S("name:2"), 1, now - 30 * DAY_US - 1);
	put(t, c, S("known:1:1"), 0, now - 30 * DAY_US);
	put(t, c, S("known:1:2"), 0, now - 30 * DAY_US - 1);
	fail(t, c, S("ada"), HERE, 1);
	CHECK(is_kept(c, S("pair")) && !is_kept(c, S("old pair")));
	CHECK(is_kept(c, S("name:1")) && !is_kept(c, S("name:2")));
	CHECK(is_kept(c, S("known:1:1")) && !is_kept(c, S("known:1:2")));
	store_close(t, c);
}

/* The newest pairs stay, and the names that were tried most; what is known stays beside both. */
TEST(pairs_and_names_have_their_number, "")
{
	enum { MANY = 5000 };
	struct call *c = open_store(t);

	for (int i = 1; i <= MANY; i++) {
		struct arena_mark mark = arena_here(c->arena);
		put(t, c, str_fmt(c->arena, "pair %d", i), 1, c->now_us - i);
		put(t, c, str_fmt(c->arena, "name:%d", i), 1 + i, c->now_us - i);
		arena_rewind(c->arena, mark);
	}
	put(t, c, S("known:1:1"), 0, c->now_us - 29 * DAY_US);
	fail(t, c, S("ada"), HERE, 1);
	CHECK_INT(db_int(c->db,
			  SQL("SELECT count(*) FROM sign_in_failure WHERE sign_in NOT LIKE '%:%'"
			      " AND sign_in <> 'all'")),
		SIGN_IN_PAIRS_MAX);
	CHECK(is_kept(c, S("pair 1")) && is_kept(c, S("pair 4095")));
	CHECK(!is_kept(c, S("pair 4096")));
	CHECK_INT(
		db_int(c->db,
			SQL("SELECT count(*) FROM sign_in_failure WHERE sign_in LIKE 'name:%'")),
		SIGN_IN_PAIRS_MAX);
	CHECK(is_kept(c, S("name:5000")) && is_kept(c, S("name:905")));
	CHECK(!is_kept(c, S("name:904")));
	CHECK(is_kept(c, S("known:1:1")));
	store_close(t, c);
}

/* What was typed as a name may be a password: nobody can try words against a copy of the store. */
TEST(what_is_stored_of_a_name_takes_the_key_of_the_process, "")
{
	static const char zeros[32];
	struct call *c = open_store(t);
	struct buf b;

	buf_init(&b, c->arena, 64);
	struct sha256 mac = hmac_sha256((str){zeros, sizeof zeros}, S("3:ada192.0.2.1"));
	base64url_print(&b, mac.b, sizeof mac.b);
	str stored = sign_in_mac(c, S("ada"), HERE);
	CHECK_INT(stored.n, TOKEN_TEXT);
	CHECK(!str_eq(stored, buf_str(&b)));
	CHECK_STR(sign_in_mac(c, S("ada"), HERE), stored);
	CHECK(!str_eq(sign_in_mac(c, S("ada1"), S("92.0.2.1")), stored));
	fail(t, c, S("ada"), HERE, 1);
	CHECK(is_kept(c, stored));
	store_close(t, c);
}

TEST_MAIN()
