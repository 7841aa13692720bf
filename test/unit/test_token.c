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

static void put_product(struct test_case *t, struct call *c, const char *ref)
{
	struct product *product = kind_new(c->arena, &kinds[KIND_PRODUCT]);

	product->rec.ref = str_of(ref);
	product->rec.title = S("One");
	CHECK(kind_put(c, product, S("product.create")));
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
	CHECK_INT(db_int(c->db, SQL("SELECT count(*) FROM api_token")), 0);
	CHECK(token_make(c, S("P1"), S("x"), S("*"), TOKEN_DAYS_MAX, &value));
	put_product(t, c, "PRD-1");
	CHECK(!token_make(c, S("PRD-1"), S("x"), S("*"), 1, &value));
	CHECK_INT(code_of(c), ERR_MISSING);
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
	CHECK(!token_list(&user, S("P2"), &list, &count));
	CHECK_INT(code_of(&user), ERR_DENIED);
	right_match(S("token.make"), grant.right);
	CHECK(token_list(&user, S("P2"), &list, &count) && count == 0);
	CHECK(token_make(&user, S("P2"), S("own"), S("*"), 1, &value));
	CHECK(!token_make(&user, S("P1"), S("stolen"), S("*"), 1, &value));
	CHECK_INT(code_of(&user), ERR_DENIED);
	CHECK_INT(db_int(c->db, SQL("SELECT count(*) FROM api_token")), 2);
	CHECK(!token_list(&user, S("P1"), &list, &count));
	CHECK_INT(code_of(&user), ERR_DENIED);
	CHECK(!token_revoke(&user, id));
	CHECK_INT(code_of(&user), ERR_DENIED);
	right_match(S("user.manage"), grant.right);
	CHECK(!token_make(&user, S("P1"), S("stolen"), S("*"), 1, &value));
	CHECK_INT(code_of(&user), ERR_DENIED);
	CHECK(token_list(&user, S("P1"), &list, &count) && count == 1);
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
		/* The fourth is not counted. */
		struct grant held[4] = {{.product = S(""), .role = S("R-1")},
			{.product = S("PRD-1"), .role = S("R-1")},
			{.product = S("PRD-2"), .role = S("R-1")}, {.product = S("")}};
		struct call whole = *c, part;
		uint64_t set[RIGHT_WORDS] = {0};
		bool in[3] = {false};
		int bits = (int)test_random(&state, 512);
		int scope_bits = (int)test_random(&state, 512);
		struct buf b;
		buf_init(&b, c->arena, 200);
		right_match(S("*"), held[3].right);
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
		for (isize i = 0; i < part.who.grant_count; i++)
			CHECK_STR(part.who.grant[i].role, S("R-1"));
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
	str value, person, id, scope;

	put_product(t, c, "PRD-1");
	for (isize i = 0; i < COUNT_OF(bad); i++) {
		CHECK(!token_make(c, S("P1"), S("x"), str_of(bad[i]), 1, &value));
		CHECK_INT(code_of(c), ERR_INVALID);
		CHECK_INT(db_int(c->db, SQL("SELECT count(*) FROM api_token")), 0);
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

/* A scope of "*" and blanks, `n` bytes in all. */
static str long_scope(struct call *c, isize n)
{
	char *p = NEW(c->arena, char, n);

	memset(p, ' ', (size_t)n);
	p[0] = '*';
	return (str){p, n};
}

TEST(every_right_and_every_product_may_be_a_scope_of_500_bytes, "")
{
	struct call *c = open_store(t);
	str value;

	put_product(t, c, "A-1");
	put_product(t, c, "Z-1");
	for (int i = 1; i < RIGHT_COUNT; i++)
		CHECK(token_make(c, S("P1"), S("x"), right_name(i), 1, &value));
	CHECK(token_make(c, S("P1"), S("x"), S("*.read A-1 Z-1"), 1, &value));
	CHECK(token_make(c, S("P1"), S("x"), long_scope(c, TOKEN_SCOPE_MAX), 1, &value));
	CHECK(!token_make(c, S("P1"), S("x"), long_scope(c, TOKEN_SCOPE_MAX + 1), 1, &value));
	CHECK_INT(code_of(c), ERR_INVALID);
	store_close(t, c);
}

/* The body of the last entry. */
static str last_body(struct call *c)
{
	str body = S("");
	struct rows r;

	db_query(c->db, &r,
		SQL("SELECT value FROM entry_body WHERE part = 'body' ORDER BY seq DESC LIMIT 1"));
	if (rows_next(&r))
		body = str_dup(c->arena, rows_blob(&r, 0));
	return rows_done(&r) ? body : S("");
}

TEST(the_entry_of_a_token_has_its_name_its_id_and_when_made_its_scope, "")
{
	struct call *c = open_store(t);
	str value, person, id, scope;

	CHECK(token_make(c, S("P1"), S("build \"server\""), S("*.read"), 1, &value));
	CHECK(token_find(c, value, &person, &id, &scope));
	CHECK_STR(last_body(c),
		str_fmt(c->arena,
			"{\"name\":\"build \\\"server\\\"\",\"scope\":\"*.read\","
			"\"token\":\"%.*s\"}",
			STR_ARG(id)));
	struct sha256 hash = sha256(value);
	struct buf start;
	buf_init(&start, c->arena, 16);
	hex_print(&start, hash.b, 8);
	CHECK_STR(id, buf_str(&start));
	CHECK(token_revoke(c, id));
	CHECK_STR(last_body(c),
		str_fmt(c->arena, "{\"name\":\"build \\\"server\\\"\",\"token\":\"%.*s\"}",
			STR_ARG(id)));
	store_close(t, c);
}

static void check_refused(struct test_case *t, struct call *c, str value, str why)
{
	str person, id, scope;

	CHECK(!token_find(c, value, &person, &id, &scope));
	CHECK_INT(c->err.code, ERR_DENIED);
	CHECK_STR(str_of(c->err.text), why);
	err_clear(&c->err);
}

TEST(who_presents_a_token_is_told_what_is_wrong_with_it, "")
{
	const str none = S("this is not an access token");
	const str ended = S("the access token is not valid, or was revoked");
	struct call *c = open_store(t);
	str value, person, id, scope;

	CHECK(token_make(c, S("P1"), S("x"), S("*"), 1, &value));
	CHECK(token_find(c, value, &person, &id, &scope));
	check_refused(t, c, S(""), none);
	check_refused(t, c, str_part(value, 0, value.n - 1), none);
	check_refused(t, c, str_join(c->arena, value, S("x")), none);
	check_refused(t, c, str_join(c->arena, S("WARD_"), str_part(value, 5, value.n)), none);
	char *other = cstr(c->arena, value);
	other[value.n - 1] = other[value.n - 1] == 'A' ? 'B' : 'A';
	check_refused(t, c, str_of(other), ended);
	CHECK(token_revoke(c, id));
	check_refused(t, c, value, ended);
	CHECK(token_make(c, S("P1"), S("x"), S("*"), 1, &value));
	c->now_us += DAY_US;
	check_refused(t, c, value, S("the access token has expired; make a new one"));
	store_close(t, c);
}

TEST(tokens_are_listed_of_one_person_newest_first_and_two_hundred, "")
{
	struct call *c = open_store(t);
	struct token *list;
	isize count;
	str value;

	for (int i = 0; i < TOKENS_MAX + 2; i++) {
		str name = str_fmt(c->arena, "token %d", i);
		CHECK(token_make(c, i ? S("P1") : S("P2"), name, S("*.read"), 1, &value));
		c->now_us++;
	}
	CHECK(token_list(c, S("P1"), &list, &count));
	CHECK_INT(count, TOKENS_MAX);
	for (isize i = 0; i < count; i++)
		CHECK_STR(list[i].name, str_fmt(c->arena, "token %d", (int)(TOKENS_MAX + 1 - i)));
	CHECK(token_list(c, S("P2"), &list, &count));
	CHECK_INT(count, 1);
	CHECK_STR(list[0].name, S("token 0"));
	CHECK_STR(list[0].scope, S("*.read"));
	CHECK(token_revoke(c, list[0].id));
	CHECK(token_list(c, S("P2"), &list, &count));
	CHECK_INT(list[0].revoked, c->now_us);
	store_close(t, c);
}

/* ---- tokens by tokens ---- */

static const str scope_words[] = {S_INIT("*"), S_INIT("*.read"), S_INIT("risk.*"),
	S_INIT("risk.read"), S_INIT("token.make"), S_INIT("asset.read"), S_INIT("PRD-1"),
	S_INIT("PRD-2")};

static str draw_scope(struct call *c, uint64_t *random)
{
	struct buf b;
	int count = 1 + (int)test_random(random, 5), with_right = (int)test_random(random, count);

	buf_init(&b, c->arena, 200);
	/* In any order, and with one right at least: else it is no scope. */
	for (int i = 0; i < count; i++) {
		int first = i == with_right ? 1 : test_random(random, 8) ? 1 : 0;
		int end = i == with_right ? 6 : COUNT_OF(scope_words);
		str word = scope_words[first + test_random(random, end - first)];
		buf_fmt(&b, "%.*s ", STR_ARG(word));
	}
	return buf_str(&b);
}

/* Somebody who may do everything, as far as the scope goes. */
static struct call narrowed(struct call *c, str scope)
{
	static struct grant all = {.product = S_INIT("")};
	struct call part = *c;

	right_match(S("*"), all.right);
	part.who = (struct who){.ref = S("P1"), .grant = &all, .grant_count = 1};
	token_narrow(&part, scope);
	return part;
}

/* What leaked does not outgrow its revocation: by no words, by no product, by no time. */
TEST(a_token_makes_none_that_may_do_more_than_itself, "")
{
	struct call *c = open_store(t);
	uint64_t random = 9;
	int taken = 0;

	put_product(t, c, "PRD-1");
	put_product(t, c, "PRD-2");
	CHECK(store_commit(t, c));
	for (int round = 0; round < 1000; round++) {
		struct arena_mark mark = arena_here(c->arena);
		str mine = draw_scope(c, &random), asked = draw_scope(c, &random);
		str value, id, person, scope;
		CHECK(token_make(c, S("P1"), S("x"), mine, 1, &value));
		CHECK(token_find(c, value, &person, &id, &scope));
		struct call maker = narrowed(c, S("*")), whole = narrowed(c, mine);
		struct call part = narrowed(c, asked);
		maker.who.scope = mine;
		maker.who.session = id;
		bool ok = token_make(&maker, S("P1"), S("y"), asked, 1, &value);
		if (ok != is_within(&part, &whole))
			test_fail(t, __FILE__, __LINE__, "%.*s makes %.*s: %d", STR_ARG(mine),
				STR_ARG(asked), ok);
		CHECK_INT(maker.err.code, ok ? ERR_NONE : ERR_DENIED);
		taken += ok;
		store_undo(t, c);
		arena_rewind(c->arena, mark);
	}
	CHECK(taken > 50 && taken < 950);
	store_close(t, c);
}

TEST(a_token_makes_none_that_lasts_longer_than_itself, "")
{
	struct call *c = open_store(t);
	str value, other, person, id, scope;

	/* There are others, which last shorter and longer. */
	CHECK(token_make(c, S("P1"), S("x"), S("*"), 1, &other));
	CHECK(token_make(c, S("P1"), S("x"), S("*"), 5, &value));
	CHECK(token_make(c, S("P1"), S("x"), S("*"), 9, &other));
	CHECK(token_find(c, value, &person, &id, &scope));
	struct call maker = narrowed(c, S("*"));
	maker.who.scope = scope;
	maker.who.session = id;
	CHECK(token_make(&maker, S("P1"), S("y"), S("*"), 5, &other));
	CHECK(!token_make(&maker, S("P1"), S("y"), S("*"), 6, &other));
	CHECK_INT(code_of(&maker), ERR_DENIED);
	CHECK_INT(db_int(c->db, SQL("SELECT count(*) FROM api_token WHERE name = 'y'")), 1);
	maker.now_us++;
	CHECK(!token_make(&maker, S("P1"), S("y"), S("*"), 5, &other));
	CHECK_INT(code_of(&maker), ERR_DENIED);
	CHECK_INT(db_int(c->db, SQL("SELECT count(*) FROM api_token WHERE name = 'y'")), 1);
	store_close(t, c);
}

TEST(who_comes_with_a_token_is_its_person_within_its_scope, "")
{
	struct call *c = open_store(t);
	struct person *person = kind_new(c->arena, &kinds[KIND_PERSON]);
	struct role *role = kind_new(c->arena, &kinds[KIND_ROLE]);
	struct access_grant *grant = kind_new(c->arena, &kinds[KIND_ACCESS_GRANT]);
	str value;

	person->rec = (struct rec){.kind = person->rec.kind, .ref = S("P3"), .title = S("Ada"),
		.state = PERSON_STATE_ACTIVE};
	person->sign_in = S("ada");
	person->sign_in_cli = true;
	CHECK(kind_put(c, person, S("person.create")));
	role->rec.ref = role->rec.title = S("R-1");
	role->rec.state = ROLE_STATE_EFFECTIVE;
	role->rights = (struct words){(str[]){S("risk.*")}, 1};
	CHECK(kind_put(c, role, S("role.create")));
	grant->rec.title = S("one");
	grant->rec.state = ACCESS_GRANT_STATE_GRANTED;
	grant->identity = S("P3");
	grant->role = S("R-1");
	CHECK(kind_put(c, grant, S("access_grant.create")));
	CHECK(token_make(c, S("P3"), S("x"), S("*.read"), 1, &value));
	struct call user = *c;
	CHECK(token_load(&user, value));
	CHECK_STR(user.who.ref, S("P3"));
	CHECK_STR(user.who.scope, S("*.read"));
	CHECK_INT(user.who.session.n, 16);
	CHECK(!user.who.is_system);
	CHECK(call_could(&user, CAN_RISK_READ, S("")));
	CHECK(!call_could(&user, CAN_RISK_WRITE, S("")));
	CHECK(!call_could(&user, CAN_ASSET_READ, S("")));
	CHECK(!token_load(&user, S("ward_")));
	CHECK_INT(code_of(&user), ERR_DENIED);
	store_close(t, c);
}

TEST_MAIN()
