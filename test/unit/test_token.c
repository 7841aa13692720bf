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
	str value, person, id, scope;

	CHECK(token_make(c, S("P1"), S("build server"), S("*"), 2, &value));
	CHECK_INT(value.n, S("ward_").n + TOKEN_TEXT);
	CHECK(token_find(c, value, &person, &id, &scope));
	CHECK_STR(person, S("P1"));
	CHECK_INT(id.n, 16);
	c->now_us += 2 * DAY_US - 1;
	CHECK(token_find(c, value, &person, &id, &scope));
	c->now_us += 1;
	CHECK(!token_find(c, value, &person, &id, &scope));
	CHECK_INT(code_of(c), ERR_DENIED);
	CHECK(!token_find(c, str_part(value, 0, value.n - 1), &person, &id, &scope));
	CHECK_INT(code_of(c), ERR_DENIED);
	CHECK(!token_find(c, S(""), &person, &id, &scope));
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

	CHECK(token_make(c, S("P1"), S("x"), S("*"), 1, &value));
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
	str one, two, person, id, scope;

	CHECK(token_make(c, S("P1"), S("one"), S("*"), 1, &one));
	CHECK(token_make(c, S("P1"), S("two"), S("*"), 1, &two));
	CHECK(token_find(c, one, &person, &id, &scope));
	CHECK(token_revoke(c, id));
	CHECK(store_commit(t, c));
	CHECK(!token_revoke(c, id));
	CHECK_INT(code_of(c), ERR_MISSING);
	CHECK(!token_find(c, one, &person, &id, &scope));
	CHECK_INT(code_of(c), ERR_DENIED);
	CHECK(token_find(c, two, &person, &id, &scope));
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

	CHECK(!token_make(c, S("P1"), S(""), S("*"), 1, &value));
	CHECK_INT(code_of(c), ERR_INVALID);
	CHECK(!token_make(c, S("P1"), S("a\nb\1"), S("*"), 1, &value));
	CHECK_INT(code_of(c), ERR_INVALID);
	CHECK(!token_make(c, S("P1"), S("x"), S("*"), 0, &value));
	CHECK_INT(code_of(c), ERR_INVALID);
	CHECK(!token_make(c, S("P1"), S("x"), S("*"), TOKEN_DAYS_MAX + 1, &value));
	CHECK_INT(code_of(c), ERR_INVALID);
	CHECK(token_make(c, S("P1"), S("x"), S("*"), TOKEN_DAYS_MAX, &value));
	CHECK(!token_make(c, S("P404"), S("x"), S("*"), 1, &value));
	CHECK_INT(code_of(c), ERR_MISSING);
	store_close(t, c);
}

TEST(who_may_make_tokens_does_not_become_somebody_else, "")
{
	struct call *c = open_store(t), user = *c;
	struct grant grant = {.product = S("")};
	struct token *list;
	isize count;
	str value, theirs, person, id, scope;

	CHECK(token_make(c, S("P1"), S("x"), S("*"), 1, &theirs));
	CHECK(token_find(c, theirs, &person, &id, &scope));
	user.who = (struct who){.ref = S("P2"), .grant = &grant, .grant_count = 1};
	CHECK(!token_make(&user, S("P2"), S("own"), S("*"), 1, &value));
	CHECK_INT(code_of(&user), ERR_DENIED);
	right_match(S("token.make"), grant.right);
	CHECK(token_make(&user, S("P2"), S("own"), S("*"), 1, &value));
	CHECK(!token_make(&user, S("P1"), S("stolen"), S("*"), 1, &value));
	CHECK_INT(code_of(&user), ERR_DENIED);
	CHECK(!token_list(&user, S("P1"), &list, &count));
	CHECK_INT(code_of(&user), ERR_DENIED);
	CHECK(!token_revoke(&user, id));
	CHECK_INT(code_of(&user), ERR_DENIED);
	right_match(S("user.manage"), grant.right);
	CHECK(token_revoke(&user, id));
	store_close(t, c);
}

static bool is_within(const struct call *part, const struct call *whole)
{
	static const str products[] = {S_INIT(""), S_INIT("PRD-1"), S_INIT("PRD-2")};

	for (int right = 1; right < RIGHT_COUNT; right++)
		for (isize i = 0; i < COUNT_OF(products); i++)
			if (call_could(part, right, products[i]) &&
				!call_could(whole, right, products[i]))
				return false;
	return true;
}

/* Whatever somebody holds and whatever the scope: a token has nothing its person does not have, all
   that both have, and nothing outside the scope. */
TEST(a_token_has_what_both_person_and_scope_have, "")
{
	static const char *const words[] = {"*", "*.read", "risk.*", "risk.write", "token.make",
		"user.manage", "PRD-1", "PRD-2", "finding.read"};
	struct call *c = open_store(t);
	uint64_t state = 7;

	for (int round = 0; round < 2000; round++) {
		struct arena_mark mark = arena_here(c->arena);
		struct grant held[3] = {{.product = S("")}, {.product = S("PRD-1")},
			{.product = S("PRD-2")}};
		struct call whole = *c, part;
		uint64_t set[RIGHT_WORDS] = {0};
		bool in[3] = {false};
		int bits = (int)test_random(&state, 512);
		int scope_bits = (int)test_random(&state, 512);
		struct buf b;
		buf_init(&b, c->arena, 200);
		for (int i = 0; i < 9; i++) {
			if (bits >> i & 1)
				right_match(str_of(words[i]), held[test_random(&state, 3)].right);
			if (!(scope_bits >> i & 1))
				continue;
			buf_fmt(&b, "%s ", words[i]);
			right_match(str_of(words[i]), set);
			in[1] |= i == 6;
			in[2] |= i == 7;
		}
		whole.who = (struct who){.ref = S("P1"), .grant = held, .grant_count = 3};
		part = whole;
		token_narrow(&part, buf_str(&b));
		CHECK(is_within(&part, &whole));
		for (int right = 1; right < RIGHT_COUNT; right++)
			for (int k = 0; k < 3; k++) {
				str product = held[k].product;
				bool wide = !in[1] && !in[2];
				bool may = call_could(&whole, right, product) &&
					(set[right / 64] >> (right % 64) & 1) && (wide || in[k]);
				CHECK(call_could(&part, right, product) == may);
			}
		arena_rewind(c->arena, mark);
	}
	c->who.is_system = true;
	token_narrow(c, S("*"));
	CHECK(!call_could_some(c, CAN_RISK_READ));
	store_close(t, c);
}

TEST(a_scope_names_rights_and_products_that_exist, "")
{
	static const char *const bad[] = {"", "  ", "PRD-1", "risk.wrote", "*.read PRD-404",
		"*.read P1", "*.read x"};
	struct call *c = open_store(t);
	struct product *product = kind_new(c->arena, &kinds[KIND_PRODUCT]);
	str value, person, id, scope;

	product->rec.ref = S("PRD-1");
	product->rec.title = S("One");
	CHECK(kind_put(c, product, S("product.create")));
	for (isize i = 0; i < COUNT_OF(bad); i++) {
		CHECK(!token_make(c, S("P1"), S("x"), str_of(bad[i]), 1, &value));
		CHECK_INT(code_of(c), ERR_INVALID);
	}
	CHECK(token_make(c, S("P1"), S("x"), S("*.read PRD-1"), 1, &value));
	CHECK(token_find(c, value, &person, &id, &scope));
	CHECK_STR(scope, S("*.read PRD-1"));
	CHECK_INT(db_int(c->db,
			  SQL("SELECT count(*) FROM entry_body WHERE CAST(value AS TEXT) LIKE"
			      " '%\"scope\":\"*.read PRD-1\"%'")),
		1);
	/* A token of a store that knew no scopes yet may what its person may. */
	CHECK(db_exec(c->db, SQL_CHANGE("UPDATE api_token SET scope = NULL")));
	CHECK(token_find(c, value, &person, &id, &scope));
	CHECK_STR(scope, S("*"));
	store_close(t, c);
}

TEST(a_name_of_a_hundred_characters_is_the_longest, "")
{
	struct call *c = open_store(t);
	char name[101];
	str value;

	memset(name, 'n', sizeof name);
	CHECK(token_make(c, S("P1"), (str){name, 100}, S("*"), 1, &value));
	CHECK(!token_make(c, S("P1"), (str){name, 101}, S("*"), 1, &value));
	CHECK_INT(code_of(c), ERR_INVALID);
	store_close(t, c);
}

TEST_MAIN()
