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
		"  since %s NOT NULL,\n  expires %s NOT NULL,\n  revoked %s\n%s",
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

static bool log_token(struct call *c, str act, str person, str id, str name)
{
	struct buf b;
	bool first = true;

	buf_init(&b, c->arena, 2000);
	buf_char(&b, '{');
	json_put_key(&b, &first, S("name"));
	json_put_string(&b, name);
	json_put_key(&b, &first, S("token"));
	json_put_string(&b, id);
	buf_char(&b, '}');
	return ledger_append(c,
		&(struct entry){.act = act,
			.outcome = S("ok"),
			.body = buf_str(&b),
			.object = str_fmt(c->arena, "person:%.*s", STR_ARG(person))});
}

/* Acting as somebody else is more than making a token for oneself. */
static bool may_manage(struct call *c, str person)
{
	return call_may_some(c, CAN_TOKEN_MAKE) &&
		(str_eq(person, c->who.ref) || call_may(c, CAN_USER_MANAGE, S("")));
}

bool token_make(struct call *c, str person, str name, int64_t days, str *value)
{
	if (!may_manage(c, person))
		return false;
	if (name.n == 0 || !utf8_is_text(name) || utf8_count(name) > TOKEN_NAME_MAX)
		return err_issue(&c->err, S("name"),
			"say what the token is for, in at most %d characters", TOKEN_NAME_MAX);
	if (days < 1 || days > TOKEN_DAYS_MAX)
		return err_issue(
			&c->err, S("days"), "a token lasts from 1 to %d days", TOKEN_DAYS_MAX);
	if (db_int(c->db, SQL("SELECT count(*) FROM record WHERE ref = $1 AND kind = 'person'"),
		    V(person)) == 0)
		return FAIL(&c->err, ERR_MISSING, "there is no person %.*s", STR_ARG(person));
	*value = str_join(c->arena, mark, token_text(c));
	struct sha256 hash = sha256(*value);
	str id = id_of(c, &hash);
	db_exec(c->db,
		SQL_CHANGE("INSERT INTO api_token(hash, id, person, name, since, expires, revoked)"
			   " VALUES($1, $2, $3, $4, $5, $6, NULL)"),
		V_BLOB(hash.b, (isize)sizeof hash.b), V(id), V(person), V(name), V(c->now_us),
		V(c->now_us + days * DAY_US));
	return db_ok(c->db) && log_token(c, S("token.make"), person, id, name);
}

bool token_find(struct call *c, str value, str *person, str *id)
{
	struct sha256 hash = sha256(value);
	int64_t expires = 0;
	bool revoked = false;
	struct rows r;

	*person = *id = S("");
	if (value.n != mark.n + TOKEN_TEXT || !str_starts(value, mark))
		return FAIL(&c->err, ERR_DENIED, "this is not an access token");
	db_query(c->db, &r,
		SQL("SELECT person, id, expires, revoked FROM api_token WHERE hash = $1"),
		V_BLOB(hash.b, (isize)sizeof hash.b));
	if (rows_next(&r)) {
		*person = str_dup(c->arena, rows_str(&r, 0));
		*id = str_dup(c->arena, rows_str(&r, 1));
		expires = rows_int(&r, 2);
		revoked = !rows_is_null(&r, 3);
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
	return db_ok(c->db) && log_token(c, S("token.revoke"), person, id, name);
}

bool token_list(struct call *c, str person, struct token **out, isize *count)
{
	struct rows r;

	*out = NEW(c->arena, struct token, TOKENS_MAX);
	*count = 0;
	if (!may_manage(c, person))
		return false;
	db_query(c->db, &r,
		SQL("SELECT id, name, since, expires, revoked FROM api_token WHERE person = $1"
		    " ORDER BY since DESC, id LIMIT 200"),
		V(person));
	while (*count < TOKENS_MAX && rows_next(&r)) {
		struct token *t = &(*out)[(*count)++];
		t->id = str_dup(c->arena, rows_str(&r, 0));
		t->name = str_dup(c->arena, rows_str(&r, 1));
		t->since = rows_int(&r, 2);
		t->expires = rows_int(&r, 3);
		t->revoked = rows_is_null(&r, 4) ? TIME_NONE : rows_int(&r, 4);
	}
	return rows_done(&r);
}
