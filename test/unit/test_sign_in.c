/* Names and passwords: what is found, what is counted, and who waits. */
#include "ident/ident.h"
#include "kind/kind.h"
#include "kinds.h"
#include "store.h"

enum { NAME_ROOM = SIGN_IN_MAX + 40 };

/* A name of `n` characters of two bytes each. */
static str name_of(struct arena *a, int n)
{
	struct buf b;

	buf_init(&b, a, 2 * NAME_ROOM);
	for (int i = 0; i < n; i++)
		buf_add(&b, S("\xc3\xa9"));
	return buf_str(&b);
}

static struct call *open_store(struct test_case *t, str *person)
{
	struct call *c = store_open(t, S("2026-09-30T08:00:00Z"));
	struct person *p = kind_new(c->arena, &kinds[KIND_PERSON]);

	p->rec.title = S("Ada");
	p->rec.state = PERSON_STATE_ACTIVE;
	CHECK(kind_put(c, p, S("person.create")));
	*person = p->rec.ref;
	return c;
}

static void fail_often(struct test_case *t, struct call *c, str name)
{
	for (int i = 0; i < SIGN_IN_FREE; i++)
		CHECK(credential_failed(c, name, S("192.0.2.1")));
}

/* As a page sees it: "found", "unknown", "waits". */
static const char *look_up(struct call *c, str name)
{
	str person, hash;
	bool ok = credential_find(c, name, S("192.0.2.1"), &person, &hash);
	const char *seen = !ok ? "waits" : hash.n ? "found" : "unknown";

	err_clear(&c->err);
	return seen;
}
#define CHECK_SEEN(name, word) CHECK_STR(str_of(look_up(c, name)), S(word))

TEST(the_longest_name_waits_like_any_other, "")
{
	str person, longest = name_of(t->arena, SIGN_IN_MAX);
	struct call *c = open_store(t, &person);

	CHECK(credential_put(c, person, longest, S("hash")));
	CHECK_SEEN(longest, "found");
	fail_often(t, c, longest);
	CHECK_SEEN(longest, "waits");
	CHECK_SEEN(name_of(t->arena, SIGN_IN_MAX - 1), "unknown");
	store_close(t, c);
}

TEST(a_name_that_is_too_long_is_an_unknown_one, "")
{
	str person, longest = name_of(t->arena, SIGN_IN_MAX);
	str longer = name_of(t->arena, SIGN_IN_MAX + 1);
	struct call *c = open_store(t, &person);

	CHECK(!credential_put(c, person, longer, S("hash")));
	CHECK_INT(c->err.code, ERR_INVALID);
	err_clear(&c->err);
	CHECK(!credential_put(c, person, S(""), S("hash")));
	CHECK_INT(c->err.code, ERR_INVALID);
	err_clear(&c->err);
	CHECK(credential_put(c, person, longest, S("hash")));
	CHECK_SEEN(longer, "unknown");
	fail_often(t, c, longer);
	CHECK_SEEN(longer, "waits");
	CHECK_SEEN(name_of(t->arena, NAME_ROOM), "waits");
	CHECK_SEEN(longest, "found");
	store_close(t, c);
}

static bool waits_at(struct call *c, str name, str from)
{
	str person, hash;
	bool ok = credential_find(c, name, from, &person, &hash);

	err_clear(&c->err);
	return !ok;
}

TEST(a_stranger_makes_nobody_wait_elsewhere, "")
{
	str person;
	struct call *c = open_store(t, &person);

	CHECK(credential_put(c, person, S("ada"), S("hash")));
	for (int i = 0; i < 99; i++)
		CHECK(credential_failed(c, S("ada"), S("203.0.113.9")));
	CHECK(waits_at(c, S("ada"), S("203.0.113.9")));
	CHECK(!waits_at(c, S("ada"), S("192.0.2.1")));
	CHECK(credential_worked(c, S("ada"), S("203.0.113.9")));
	CHECK(!waits_at(c, S("ada"), S("203.0.113.9")));
	store_close(t, c);
}

/* NIST SP 800-63B, 5.2.2: from however many addresses.  Not where the owner is. */
TEST(after_a_hundred_failures_in_a_row_a_name_is_braked, "")
{
	static const char *const names[] = {"ada", "nobody at all"};
	const str home = S("192.0.2.1"), abroad = S("192.0.2.77");
	str person;
	struct call *c = open_store(t, &person);

	CHECK(credential_put(c, person, S("ada"), S("hash")));
	CHECK(credential_worked(c, S("ada"), home));
	for (int k = 0; k < 2; k++)
		for (int i = 0; i < 100; i++) {
			CHECK(!waits_at(c, str_of(names[k]), abroad));
			CHECK(credential_failed(c, str_of(names[k]),
				str_fmt(t->arena, "2001:db8:0:%d::/64", i)));
		}
	for (int k = 0; k < 2; k++)
		CHECK(waits_at(c, str_of(names[k]), abroad));
	CHECK(!waits_at(c, S("ada"), home));
	CHECK(!waits_at(c, S("somebody else"), abroad));
	c->now_us += INT64_C(901) * 1000000;
	CHECK(!waits_at(c, S("ada"), abroad));
	CHECK(credential_failed(c, S("ada"), abroad));
	CHECK(waits_at(c, S("ada"), S("192.0.2.78")));
	/* The row is over when the owner comes in. */
	CHECK(credential_worked(c, S("ada"), home));
	CHECK(!waits_at(c, S("ada"), S("192.0.2.78")));
	store_close(t, c);
}

/* Inventing names does not push out what is braked, and known places are few and pass. */
TEST(what_the_brake_keeps_is_bounded, "")
{
	const str home = S("192.0.2.1");
	str person;
	struct call *c = open_store(t, &person);
	struct arena_mark mark = arena_here(c->arena);

	CHECK(credential_put(c, person, S("ada"), S("hash")));
	for (int i = 0; i < 20; i++) {
		c->now_us++;
		CHECK(credential_worked(c, S("ada"), str_fmt(t->arena, "192.0.2.%d", i + 1)));
	}
	CHECK_INT(db_int(c->db,
			  SQL("SELECT count(*) FROM sign_in_failure WHERE sign_in LIKE 'known:%'")),
		8);
	for (int i = 0; i < 100; i++)
		CHECK(credential_failed(c, S("ada"), S("203.0.113.9")));
	CHECK(waits_at(c, S("ada"), home));
	CHECK(!waits_at(c, S("ada"), S("192.0.2.20")));
	for (int i = 0; i < 6000; i++) {
		CHECK(credential_failed(c, str_fmt(c->arena, "name %d", i), S("203.0.113.9")));
		c->now_us++;
		if (i % 100 == 99)
			arena_rewind(c->arena, mark);
	}
	CHECK(waits_at(c, S("ada"), home));
	CHECK(!waits_at(c, S("ada"), S("192.0.2.20")));
	c->now_us += INT64_C(31) * DAY_US;
	for (int i = 0; i < 100; i++)
		CHECK(credential_failed(c, S("ada"), S("203.0.113.9")));
	CHECK(waits_at(c, S("ada"), S("192.0.2.20")));
	store_close(t, c);
}

TEST(an_hour_without_a_failure_ends_the_waiting, "")
{
	const str from = S("192.0.2.1");
	str person;
	struct call *c = open_store(t, &person);

	for (int i = 0; i < 20; i++)
		CHECK(credential_failed(c, S("ada"), from));
	c->now_us += INT64_C(3700) * 1000000;
	CHECK(credential_failed(c, S("ada"), from));
	CHECK(!waits_at(c, S("ada"), from));
	store_close(t, c);
}

/* However many fail, and whatever they call themselves: a handful of entries that count them all,
   a bounded table, and no name in it. */
TEST(refused_sign_ins_are_counted_and_folded, "")
{
	str person;
	struct call *c = open_store(t, &person);
	int64_t before = db_int(c->db, SQL("SELECT count(*) FROM entry"));
	struct arena_mark mark = arena_here(c->arena);

	for (int i = 0; i < 10000; i++) {
		CHECK(credential_failed(c, str_fmt(c->arena, "name %d", i), S("203.0.113.9")));
		c->now_us++;
		if (i % 100 == 99)
			arena_rewind(c->arena, mark);
	}
	int64_t entries = db_int(c->db, SQL("SELECT count(*) FROM entry")) - before;
	CHECK(entries >= 4 && entries <= 20);
	CHECK(db_int(c->db, SQL("SELECT count(*) FROM sign_in_failure")) <=
		2 * (SIGN_IN_PAIRS_MAX + 66));
	CHECK_INT(db_int(c->db,
			  SQL("SELECT count(*) FROM sign_in_failure WHERE sign_in LIKE 'name %'")),
		0);
	c->now_us += INT64_C(700) * 1000000;
	CHECK(credential_failed(c, S("ada"), S("203.0.113.9")));
	CHECK_INT(db_int(c->db, SQL("SELECT count(*) FROM entry")) - before, entries + 1);
	CHECK_INT(db_int(c->db,
			  SQL("SELECT count(*) FROM entry_body WHERE CAST(value AS TEXT) LIKE"
			      " '%\"before\":10000%'")),
		1);
	store_close(t, c);
}

/* How long the pair waits after `failures`, in seconds. */
static int64_t wait_of(struct test_case *t, int failures)
{
	const str from = S("192.0.2.7");
	str person;
	struct call *c = open_store(t, &person);

	for (int i = 0; i < failures; i++)
		CHECK(credential_failed(c, S("ada"), from));
	int64_t began = c->now_us, low = 0, high = 2000;
	while (low < high) {
		int64_t middle = (low + high) / 2;
		c->now_us = began + middle * 1000000;
		if (waits_at(c, S("ada"), from))
			low = middle + 1;
		else
			high = middle;
	}
	store_close(t, c);
	return low;
}

TEST(the_wait_doubles_from_the_fifth_failure_up_to_a_quarter_of_an_hour, "")
{
	int64_t wait = 1;

	CHECK_INT(wait_of(t, SIGN_IN_FREE - 1), 0);
	for (int failures = SIGN_IN_FREE; failures < SIGN_IN_FREE + 12; failures++, wait *= 2)
		CHECK_INT(wait_of(t, failures), wait < 900 ? wait : 900);
	CHECK_INT(wait_of(t, 40), 900);
	CHECK_INT(wait_of(t, 400), 900);
}

static bool is_taken(struct call *c, const char *password)
{
	bool ok = password_check(c, S("password"), str_of(password), S("somebody.long"));

	err_clear(&c->err);
	return ok;
}

TEST(a_password_has_its_length_and_is_not_the_first_that_is_tried, "")
{
	static const char *const bad[] = {"", "elevenchars", "password1234", "PASSWORD1234",
		"123456789012", "somebody.long", "Somebody.Long", "aaaaaaaaaaaaaaaa",
		"abcabcabcabcabc", "abcdefghijklmnop", "98765432109876", "somebody.long1",
		"1somebody.long!", "qwertyuiopasdf", "Passw\xff" "rd-of-bytes"};
	static const char *const good[] = {"twelve chars", "correct horse battery staple",
		"\xc3\xa9\xc3\xa8\xc3\xa7 trois mots", "a long enough sentence"};
	str person;
	struct call *c = open_store(t, &person);
	char long_one[130];

	for (isize i = 0; i < COUNT_OF(bad); i++)
		CHECK(!is_taken(c, bad[i]));
	for (isize i = 0; i < COUNT_OF(good); i++)
		CHECK(is_taken(c, good[i]));
	for (int i = 0; i < 129; i++)
		long_one[i] = "the quick brown fox "[i * i % 20];
	long_one[128] = 0;
	CHECK(is_taken(c, long_one));
	long_one[128] = 'x';
	long_one[129] = 0;
	CHECK(!is_taken(c, long_one));
	store_close(t, c);
}

TEST_MAIN()
