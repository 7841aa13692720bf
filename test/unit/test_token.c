/* Access tokens: made once, found by their value, listed without it, ended. */
#include "crypt/crypt.h"
#include "ident/ident.h"
#include "kind/kind.h"
#include "kinds.h"
#include "store.h"

static void put_person(struct test_case *t, struct call *c, str ref)
{
	struct person *person = kind_new(c->arena, &kinds[KIND_PERSON]);

	person->rec.ref = ref;
	person->rec.title = ref;
	person->rec.state = PERSON_STATE_ACTIVE;
	CHECK(kind_put(c, person, S("person.create")));
}

static struct call *open_store(struct test_case *t)
{
	struct call *c = store_open(t, S("2026-09-30T08:00:00Z"));

	put_person(t, c, S("P1"));
	put_person(t, c, S("P2"));
	CHECK(store_commit(t, c));
	return c;
}

/* The error's code, which is forgotten. */
static enum err_code code_of(struct call *c)
{
	enum err_code code = c->err.code;

	err_clear(&c->err);
	return code;
}

TEST(a_token_names_its_person_until_it_is_over, "")
{
	struct call *c = open_store(t);
	str value, person, id;

	CHECK(token_make(c, S("P1"), S("build server"), 2, &value));
	CHECK_INT(value.n, S("ward_").n + TOKEN_TEXT);
	CHECK(token_find(c, value, &person, &id));
	CHECK_STR(person, S("P1"));
	CHECK_INT(id.n, 16);
	c->now_us += 2 * DAY_US - 1;
	CHECK(token_find(c, value, &person, &id));
	c->now_us += 1;
	CHECK(!token_find(c, value, &person, &id));
	CHECK_INT(code_of(c), ERR_DENIED);
	CHECK(!token_find(c, str_part(value, 0, value.n - 1), &person, &id));
	CHECK_INT(code_of(c), ERR_DENIED);
	CHECK(!token_find(c, S(""), &person, &id));
	CHECK_INT(code_of(c), ERR_DENIED);
	CHECK(store_commit(t, c));
	store_close(t, c);
}

TEST(the_store_keeps_the_hash_and_never_the_value, "")
{
	struct call *c = open_store(t);
	struct token *list;
	isize count;
	str value;

	CHECK(token_make(c, S("P1"), S("x"), 1, &value));
	struct sha256 hash = sha256(value);
	CHECK_INT(db_int(c->db, SQL("SELECT count(*) FROM api_token WHERE hash = $1"),
			  V_BLOB(hash.b, (isize)sizeof hash.b)),
		1);
	CHECK_INT(db_int(c->db,
			  SQL("SELECT count(*) FROM api_token WHERE id = $1 OR name = $1 OR person "
			      "= $1"),
			  V(value)),
		0);
	CHECK_INT(db_int(c->db, SQL("SELECT count(*) FROM entry_body WHERE instr(value, $1) > 0"),
			  V_BLOB(value.p, value.n)),
		0);
	CHECK(token_list(c, S("P1"), &list, &count));
	CHECK_INT(count, 1);
	CHECK_STR(list[0].name, S("x"));
	CHECK_INT(list[0].expires - list[0].since, DAY_US);
	CHECK(list[0].revoked == TIME_NONE);
	store_close(t, c);
}

TEST(a_revoked_token_is_nobody, "")
{
	struct call *c = open_store(t);
	str one, two, person, id;

	CHECK(token_make(c, S("P1"), S("one"), 1, &one));
	CHECK(token_make(c, S("P1"), S("two"), 1, &two));
	CHECK(token_find(c, one, &person, &id));
	CHECK(token_revoke(c, id));
	CHECK(store_commit(t, c));
	CHECK(!token_revoke(c, id));
	CHECK_INT(code_of(c), ERR_MISSING);
	CHECK(!token_find(c, one, &person, &id));
	CHECK_INT(code_of(c), ERR_DENIED);
	CHECK(token_find(c, two, &person, &id));
	CHECK_INT(db_int(c->db,
			  SQL("SELECT count(*) FROM entry WHERE act = 'token.make'"
			      " AND object = 'person:P1'")),
		2);
	CHECK_INT(db_int(c->db, SQL("SELECT count(*) FROM entry WHERE act = 'token.revoke'")), 1);
	store_close(t, c);
}

TEST(what_cannot_be_a_token_is_told, "")
{
	struct call *c = open_store(t);
	str value;

	CHECK(!token_make(c, S("P1"), S(""), 1, &value));
	CHECK_INT(code_of(c), ERR_INVALID);
	CHECK(!token_make(c, S("P1"), S("a\nb\1"), 1, &value));
	CHECK_INT(code_of(c), ERR_INVALID);
	CHECK(!token_make(c, S("P1"), S("x"), 0, &value));
	CHECK_INT(code_of(c), ERR_INVALID);
	CHECK(!token_make(c, S("P1"), S("x"), TOKEN_DAYS_MAX + 1, &value));
	CHECK_INT(code_of(c), ERR_INVALID);
	CHECK(token_make(c, S("P1"), S("x"), TOKEN_DAYS_MAX, &value));
	CHECK(!token_make(c, S("P404"), S("x"), 1, &value));
	CHECK_INT(code_of(c), ERR_MISSING);
	store_close(t, c);
}

TEST(who_may_make_tokens_does_not_become_somebody_else, "")
{
	struct call *c = open_store(t), user = *c;
	struct grant grant = {.product = S("")};
	struct token *list;
	isize count;
	str value, theirs, person, id;

	CHECK(token_make(c, S("P1"), S("x"), 1, &theirs));
	CHECK(token_find(c, theirs, &person, &id));
	user.who = (struct who){.ref = S("P2"), .grant = &grant, .grant_count = 1};
	CHECK(!token_make(&user, S("P2"), S("own"), 1, &value));
	CHECK_INT(code_of(&user), ERR_DENIED);
	right_match(S("token.make"), grant.right);
	CHECK(token_make(&user, S("P2"), S("own"), 1, &value));
	CHECK(!token_make(&user, S("P1"), S("stolen"), 1, &value));
	CHECK_INT(code_of(&user), ERR_DENIED);
	CHECK(!token_list(&user, S("P1"), &list, &count));
	CHECK_INT(code_of(&user), ERR_DENIED);
	CHECK(!token_revoke(&user, id));
	CHECK_INT(code_of(&user), ERR_DENIED);
	right_match(S("user.manage"), grant.right);
	CHECK(token_revoke(&user, id));
	store_close(t, c);
}

TEST_MAIN()
