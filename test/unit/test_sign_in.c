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
		CHECK(credential_failed(c, name));
}

/* As a page sees it: "found", "unknown", "waits". */
static const char *look_up(struct call *c, str name)
{
	str person, hash;
	bool ok = credential_find(c, name, &person, &hash);
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

TEST_MAIN()
