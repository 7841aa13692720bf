/* Access tokens: how programs say on whose behalf they ask. */
#include "base/json.h"

#include "crypt/crypt.h"
#include "ident/ident_in.h"
#include "kinds.h"
#include "ledger/ledger.h"

enum { ID_BYTES = 8, TOKEN_NAME_MAX = 100 };

/* People paste tokens into the wrong places; scanners for secrets know one by its beginning. */
static const str mark = S_INIT("ward_");

void token_ddl(struct buf *b, str engine)
{
	bool lite = str_eq(engine, S("sqlite"));
	const char *i = lite ? "INTEGER" : "BIGINT", *x = lite ? "BLOB" : "BYTEA";

	buf_fmt(b,
		"CREATE TABLE api_token(\n  hash %s PRIMARY KEY,\n  id TEXT NOT NULL UNIQUE,\n"
		"  person TEXT NOT NULL REFERENCES record(ref),\n  name TEXT NOT NULL,\n"
		"  since %s NOT NULL,\n  expires %s NOT NULL,\n  revoked %s,\n"
		"  scope TEXT\n%s",
		x, i, i, i, lite ? ") STRICT;\n" : ");\n");
}

/* What a token is called where its value must not stand: the beginning of its hash. */
static str id_of(struct call *c, const struct sha256 *hash)
{
	struct buf b;

	buf_init(&b, c->arena, 2 * ID_BYTES);
	hex_print(&b, hash->b, ID_BYTES);
	return buf_str(&b);
}

/* `scope` is "" where none is given or taken. */
static bool log_token(struct call *c, str act, str person, str id, str name, str scope)
{
	struct buf b;
	bool first = true;

	buf_init(&b, c->arena, 2000);
	buf_char(&b, '{');
	json_put_key(&b, &first, S("name"));
	json_put_string(&b, name);
	if (scope.n) {
		json_put_key(&b, &first, S("scope"));
		json_put_string(&b, scope);
	}
	json_put_key(&b, &first, S("token"));
	json_put_string(&b, id);
	buf_char(&b, '}');
	return ledger_append(c,
		&(struct entry){.act = act,
			.outcome = S("ok"),
			.body = buf_str(&b),
			.object = str_fmt(c->arena, "person:%.*s", STR_ARG(person))});
}

/* What somebody else came in with is seen and ended by who manages users. */
static bool may_manage(struct call *c, str person)
{
	return call_may_some(c, CAN_TOKEN_MAKE) &&
		(str_eq(person, c->who.ref) || call_may(c, CAN_USER_MANAGE, S("")));
}

/* A token sees and does what its person may, in their name: nobody makes one for somebody else. */
static bool may_make(struct call *c, str person)
{
	if (!call_may_some(c, CAN_TOKEN_MAKE))
		return false;
	return c->who.is_system || str_eq(person, c->who.ref) ||
		FAIL(&c->err, ERR_DENIED,
			"a token acts as its person: %.*s makes it, or who owns the files of the "
			"store does with ward user token",
			STR_ARG(person));
}

/*
 * A scope is words: patterns of rights, as in a role, and references of products (capitals).  "*"
 * is all that the person may; "*.read PRD-1" reads what belongs to one product.
 */
static bool is_product(str word)
{
	return word.p[0] >= 'A' && word.p[0] <= 'Z';
}

static bool check_scope(struct call *c, str scope)
{
	bool any = false;

	if (scope.n > TOKEN_SCOPE_MAX)
		return err_issue(&c->err, S("scope"), "the scope has more than %d characters",
			TOKEN_SCOPE_MAX);
	for (str rest = scope, word = str_word(&rest); word.n; word = str_word(&rest)) {
		bool is_right = right_is_named(word);
		any = any || is_right;
		if (is_product(word) ? db_int(c->db,
					       SQL("SELECT count(*) FROM record WHERE ref = $1 AND"
						   " kind = 'product'"),
					       V(word)) == 0
				     : !is_right)
			return err_issue(&c->err, S("scope"),
				"\"%.*s\" is neither a right nor a product", STR_ARG(word));
	}
	return any ||
		err_issue(&c->err, S("scope"), "say what the token may do, for example *.read");
}

void token_narrow(struct call *c, str scope)
{
	uint64_t set[RIGHT_WORDS] = {0};
	const struct grant *had = c->who.grant;
	isize count = c->who.grant_count, products = 0, n = 0;
	str *product = NEW(c->arena, str, scope.n + 1);

	for (str word = str_word(&scope); word.n; word = str_word(&scope)) {
		if (is_product(word))
			product[products++] = word;
		else
			right_match(word, set);
	}
	/* Without products each grant stays where it is; with them it is cut to what it covers. */
	struct grant *now = NEW(c->arena, struct grant, count * (products + 1) + 1);
	for (isize i = 0; i < count; i++)
		for (isize k = 0; k < (products ? products : 1); k++) {
			if (products && had[i].product.n && !str_eq(had[i].product, product[k]))
				continue;
			now[n] = had[i];
			if (products)
				now[n].product = product[k];
			for (int w = 0; w < RIGHT_WORDS; w++)
				now[n].right[w] &= set[w];
			n++;
		}
	c->who.is_system = false;
	c->who.grant = now;
	c->who.grant_count = n;
}

bool token_load(struct call *c, str value)
{
	str person, id, scope;

	if (!token_find(c, value, &person, &id, &scope) || !ident_enter(c, person, WAY_TOKEN))
		return false;
	token_narrow(c, scope);
	c->who.session = id;
	c->who.scope = scope;
	return true;
}

static bool has_word(str words, str wanted)
{
	for (str word = str_word(&words); word.n; word = str_word(&words))
		if (str_eq(word, wanted))
			return true;
	return false;
}

/* Whether a scope has nothing that the other lacks; one without products is for all of them. */
static bool is_within(str part, str whole)
{
	uint64_t mine[RIGHT_WORDS] = {0}, theirs[RIGHT_WORDS] = {0}, more = 0;
	bool bound = false, is_bound = false, ok = true;

	for (str rest = whole, word = str_word(&rest); word.n; word = str_word(&rest)) {
		bound = bound || is_product(word);
		right_match(word, theirs);
	}
	for (str rest = part, word = str_word(&rest); word.n; word = str_word(&rest)) {
		if (is_product(word)) {
			is_bound = true;
			ok = ok && (!bound || has_word(whole, word));
		} else {
			right_match(word, mine);
		}
	}
	for (int i = 0; i < RIGHT_WORDS; i++)
		more |= mine[i] & ~theirs[i];
	return ok && !more && (is_bound || !bound);
}

/* What an access token makes stays within itself, in scope and time. */
static bool check_maker(struct call *c, str scope, int64_t expires)
{
	if (c->who.scope.n == 0)
		return true;
	if (!is_within(scope, c->who.scope))
		return FAIL(&c->err, ERR_DENIED,
			"an access token cannot make one that may do more than itself");
	return expires <= db_int(c->db, SQL("SELECT expires FROM api_token WHERE id = $1"),
				  V(c->who.session)) ||
		FAIL(&c->err, ERR_DENIED,
			"an access token cannot make one that lasts longer than itself");
}

bool token_make(struct call *c, str person, str name, str scope, int64_t days, str *value)
{
	int64_t expires = 0;

	if (!may_make(c, person))
		return false;
	if (name.n == 0 || !utf8_is_text(name) || utf8_count(name) > TOKEN_NAME_MAX)
		return err_issue(&c->err, S("name"),
			"say what the token is for, in at most %d characters", TOKEN_NAME_MAX);
	if (!check_scope(c, scope))
		return false;
	if (days < 1 || days > TOKEN_DAYS_MAX)
		return err_issue(
			&c->err, S("days"), "a token lasts from 1 to %d days", TOKEN_DAYS_MAX);
	expires = c->now_us + days * DAY_US;
	if (!check_maker(c, scope, expires))
		return false;
	if (db_int(c->db, SQL("SELECT count(*) FROM record WHERE ref = $1 AND kind = 'person'"),
		    V(person)) == 0)
		return FAIL(&c->err, ERR_MISSING, "there is no person %.*s", STR_ARG(person));
	*value = str_join(c->arena, mark, token_text(c));
	struct sha256 hash = sha256(*value);
	str id = id_of(c, &hash);
	db_exec(c->db,
		SQL_CHANGE("INSERT INTO api_token(hash, id, person, name, since, expires, revoked,"
			   " scope) VALUES($1, $2, $3, $4, $5, $6, NULL, $7)"),
		V_BLOB(hash.b, (isize)sizeof hash.b), V(id), V(person), V(name), V(c->now_us),
		V(expires), V(scope));
	return db_ok(c->db) && log_token(c, S("token.make"), person, id, name, scope);
}

bool token_find(struct call *c, str value, str *person, str *id, str *scope)
{
	struct sha256 hash = sha256(value);
	int64_t expires = 0;
	bool revoked = false;
	struct rows r;

	*person = *id = *scope = S("");
	if (value.n != mark.n + TOKEN_TEXT || !str_starts(value, mark))
		return FAIL(&c->err, ERR_DENIED, "this is not an access token");
	db_query(c->db, &r,
		SQL("SELECT person, id, expires, revoked, scope FROM api_token WHERE hash = $1"),
		V_BLOB(hash.b, (isize)sizeof hash.b));
	if (rows_next(&r)) {
		*person = str_dup(c->arena, rows_str(&r, 0));
		*id = str_dup(c->arena, rows_str(&r, 1));
		expires = rows_int(&r, 2);
		revoked = !rows_is_null(&r, 3);
		/* Tokens that are older than scopes may what their person may. */
		*scope = rows_is_null(&r, 4) ? S("*") : str_dup(c->arena, rows_str(&r, 4));
	}
	if (!rows_done(&r))
		return false;
	if (id->n == 0 || revoked)
		return FAIL(&c->err, ERR_DENIED, "the access token is not valid, or was revoked");
	return expires > c->now_us ||
		FAIL(&c->err, ERR_DENIED, "the access token has expired; make a new one");
}

bool token_revoke(struct call *c, str id)
{
	str person = S(""), name = S("");
	struct rows r;

	db_query(c->db, &r,
		SQL("SELECT person, name FROM api_token WHERE id = $1 AND revoked IS NULL"), V(id));
	if (rows_next(&r)) {
		person = str_dup(c->arena, rows_str(&r, 0));
		name = str_dup(c->arena, rows_str(&r, 1));
	}
	if (!rows_done(&r) || !may_manage(c, person))
		return false;
	if (person.n == 0)
		return FAIL(&c->err, ERR_MISSING, "there is no access token %.*s in force",
			STR_ARG(id));
	db_exec(c->db, SQL_CHANGE("UPDATE api_token SET revoked = $1 WHERE id = $2"), V(c->now_us),
		V(id));
	return db_ok(c->db) && log_token(c, S("token.revoke"), person, id, name, S(""));
}

bool token_list(struct call *c, str person, struct token **out, isize *count)
{
	struct rows r;

	*out = NEW(c->arena, struct token, TOKENS_MAX);
	*count = 0;
	if (!may_manage(c, person))
		return false;
	db_query(c->db, &r,
		SQL("SELECT id, name, since, expires, revoked, scope FROM api_token WHERE person = "
		    "$1"
		    " ORDER BY since DESC, id LIMIT 200"),
		V(person));
	while (rows_next(&r)) {
		assert(*count < TOKENS_MAX);
		struct token *t = &(*out)[(*count)++];
		t->id = str_dup(c->arena, rows_str(&r, 0));
		t->name = str_dup(c->arena, rows_str(&r, 1));
		t->since = rows_int(&r, 2);
		t->expires = rows_int(&r, 3);
		t->scope = rows_is_null(&r, 5) ? S("*") : str_dup(c->arena, rows_str(&r, 5));
		t->revoked = rows_is_null(&r, 4) ? TIME_NONE : rows_int(&r, 4);
	}
	return rows_done(&r);
}
