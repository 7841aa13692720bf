/* Sessions, credentials, and the first administrator's token. */
#include "crypt/crypt.h"
#include "ident/ident.h"
#include "ident/ident_in.h"
#include "kind/kind.h"
#include "kinds.h"
#include "ledger/ledger.h"

enum { TOKEN_BYTES = 32, HOUR_S = 3600, SECOND_US = 1000000 };

void ident_ddl(struct buf *b, str engine)
{
	bool lite = str_eq(engine, S("sqlite"));
	const char *i = lite ? "INTEGER" : "BIGINT", *x = lite ? "BLOB" : "BYTEA";
	const char *end = lite ? ") STRICT;\n" : ");\n";

	buf_fmt(b,
		"CREATE TABLE credential(\n  person TEXT PRIMARY KEY REFERENCES record(ref),\n"
		"  sign_in TEXT NOT NULL UNIQUE,\n  hash TEXT NOT NULL,\n  changed %s NOT NULL\n%s",
		i, end);
	buf_fmt(b,
		"CREATE TABLE session(\n  id %s PRIMARY KEY,\n  person TEXT NOT NULL,\n"
		"  csrf TEXT NOT NULL,\n  since %s NOT NULL,\n  expires %s NOT NULL\n%s",
		x, i, i, end);
	buf_fmt(b,
		"CREATE TABLE sign_in_failure(\n  sign_in TEXT PRIMARY KEY,\n  failures %s NOT "
		"NULL,\n"
		"  last %s NOT NULL\n%s",
		i, i, end);
	buf_fmt(b, "CREATE TABLE setup_token(\n  hash %s PRIMARY KEY,\n  expires %s NOT NULL\n%s",
		x, i, end);
	token_ddl(b, engine);
}

str token_text(struct call *c)
{
	uint8_t bytes[TOKEN_BYTES];
	struct buf b;

	crypt_random(bytes, TOKEN_BYTES);
	buf_init(&b, c->arena, 64);
	base64url_print(&b, bytes, TOKEN_BYTES);
	return buf_str(&b);
}

/* ---- sessions ---- */

bool session_find(struct call *c, str token, struct session *out)
{
	struct sha256 id = sha256(token);
	struct rows r;
	bool found = false;

	*out = (struct session){0};
	if (token.n != TOKEN_TEXT)
		return FAIL(&c->err, ERR_DENIED, "sign in first");
	db_query(c->db, &r, SQL("SELECT person, csrf, since, expires FROM session WHERE id = $1"),
		V_BLOB(id.b, (isize)sizeof id.b));
	if (rows_next(&r)) {
		out->person = str_dup(c->arena, rows_str(&r, 0));
		out->csrf = str_dup(c->arena, rows_str(&r, 1));
		out->since = rows_int(&r, 2);
		out->expires = rows_int(&r, 3);
		found = out->expires > c->now_us;
	}
	if (!rows_done(&r))
		return false;
	return found || FAIL(&c->err, ERR_DENIED, "your session has ended: sign in again");
}

static bool log_session(struct call *c, str act, str object, str outcome)
{
	return ledger_append(c,
		&(struct entry){.act = act, .object = object, .outcome = outcome, .body = S("{}")});
}

bool session_open(struct call *c, str person, str *token, str *csrf)
{
	*token = token_text(c);
	*csrf = token_text(c);
	struct sha256 id = sha256(*token);
	int64_t expires = c->now_us + (int64_t)SESSION_HOURS * HOUR_S * SECOND_US;

	db_exec(c->db, SQL_CHANGE("DELETE FROM session WHERE expires < $1"), V(c->now_us));
	db_exec(c->db,
		SQL_FREE("DELETE FROM sign_in_failure WHERE sign_in IN"
			  " (SELECT sign_in FROM credential WHERE person = $1)"),
		V(person));
	db_exec(c->db,
		SQL_CHANGE("INSERT INTO session(id, person, csrf, since, expires) VALUES($1, $2, "
			  "$3, $4, $5)"),
		V_BLOB(id.b, (isize)sizeof id.b), V(person), V(*csrf), V(c->now_us), V(expires));
	return db_ok(c->db) &&
		log_session(c, S("session.open"), str_fmt(c->arena, "person:%.*s", STR_ARG(person)),
			S("ok"));
}

bool session_close(struct call *c, str token)
{
	struct sha256 id = sha256(token);

	db_exec(c->db, SQL_CHANGE("DELETE FROM session WHERE id = $1"),
		V_BLOB(id.b, (isize)sizeof id.b));
	return db_ok(c->db) &&
		log_session(c, S("session.close"),
			str_fmt(c->arena, "person:%.*s", STR_ARG(c->who.ref)), S("ok"));
}

/* ---- credentials ---- */

/* After SIGN_IN_FREE failures the name waits 2, 4, 8 … seconds, 15 minutes at most. */
static int64_t wait_us(int64_t failures)
{
	int64_t s = 1;

	for (int64_t i = SIGN_IN_FREE; i < failures && s < 900; i++)
		s *= 2;
	return failures < SIGN_IN_FREE ? 0 : (s < 900 ? s : 900) * SECOND_US;
}

/* The one rule for finding and counting: what is too long to be anybody's name is the empty one,
   which nobody has either.  Cut short, it would be somebody else's. */
static str name_of(str sign_in)
{
	return utf8_count(sign_in) <= SIGN_IN_MAX ? sign_in : S("");
}

bool credential_find(struct call *c, str sign_in, str *person, str *hash)
{
	str name = name_of(sign_in);
	struct rows r;
	int64_t until = 0;

	*person = *hash = S("");
	db_query(c->db, &r, SQL("SELECT failures, last FROM sign_in_failure WHERE sign_in = $1"),
		V(name));
	if (rows_next(&r))
		until = rows_int(&r, 1) + wait_us(rows_int(&r, 0));
	if (!rows_done(&r))
		return false;
	if (until > c->now_us)
		return FAIL(&c->err, ERR_LIMIT,
			"too many failed tries for this name; wait %" PRId64 " seconds",
			(until - c->now_us) / SECOND_US + 1);
	db_query(c->db, &r, SQL("SELECT person, hash FROM credential WHERE sign_in = $1"), V(name));
	if (rows_next(&r)) {
		*person = str_dup(c->arena, rows_str(&r, 0));
		*hash = str_dup(c->arena, rows_str(&r, 1));
	}
	return rows_done(&r);
}

bool credential_failed(struct call *c, str sign_in)
{
	db_exec(c->db,
		SQL_FREE("INSERT INTO sign_in_failure(sign_in, failures, last) VALUES($1, 1, $2)"
			  " ON CONFLICT(sign_in) DO UPDATE SET failures = sign_in_failure.failures "
			  "+ 1,"
			  " last = excluded.last"),
		V(name_of(sign_in)), V(c->now_us));
	/* The name that was typed is personal (or a password typed in the wrong field). */
	return db_ok(c->db) && log_session(c, S("session.refused"), S(""), S("denied"));
}

bool credential_put(struct call *c, str person, str sign_in, str hash)
{
	if (name_of(sign_in).n == 0)
		return err_issue(&c->err, S("sign_in"), "the sign-in name needs 1 to %d characters",
			SIGN_IN_MAX);
	db_exec(c->db,
		SQL_CHANGE("INSERT INTO credential(person, sign_in, hash, changed) VALUES($1, $2, "
			   "$3, $4)"
			   " ON CONFLICT(person) DO UPDATE SET sign_in = excluded.sign_in,"
			   " hash = excluded.hash, changed = excluded.changed"),
		V(person), V(sign_in), V(hash), V(c->now_us));
	return db_ok(c->db) &&
		log_session(c, S("credential.set"),
			str_fmt(c->arena, "person:%.*s", STR_ARG(person)), S("ok"));
}

/* A handful that meet the length; the long list comes with the identity issue. */
static bool is_common(str password)
{
	static const str worst[] = {S_INIT("123456789012"), S_INIT("password1234"),
		S_INIT("qwertyuiop12"), S_INIT("passwordpassword"), S_INIT("administrator"),
		S_INIT("111111111111"), S_INIT("letmeinletmein"), S_INIT("iloveyouiloveyou")};

	for (isize i = 0; i < COUNT_OF(worst); i++)
		if (str_eq_fold(worst[i], password))
			return true;
	return false;
}

bool password_check(struct call *c, str field, str password, str sign_in)
{
	if (utf8_check(password) >= 0 || utf8_count(password) < PASSWORD_MIN)
		return err_issue(
			&c->err, field, "the password needs at least %d characters", PASSWORD_MIN);
	if (utf8_count(password) > PASSWORD_MAX)
		return err_issue(
			&c->err, field, "the password has more than %d characters", PASSWORD_MAX);
	if (is_common(password) || str_eq_fold(password, sign_in))
		return err_issue(&c->err, field,
			"this password is among the first that are tried; choose another");
	return true;
}

/* ---- the first administrator ---- */

bool setup_make(struct call *c, str *token)
{
	*token = token_text(c);
	struct sha256 hash = sha256(*token);

	db_exec(c->db, SQL_CHANGE("DELETE FROM setup_token"));
	return db_exec(c->db, SQL_CHANGE("INSERT INTO setup_token(hash, expires) VALUES($1, $2)"),
		V_BLOB(hash.b, (isize)sizeof hash.b), V(c->now_us + DAY_US));
}

bool setup_valid(struct call *c, str token)
{
	struct sha256 hash = sha256(token);

	return db_int(c->db,
		       SQL("SELECT count(*) FROM setup_token WHERE hash = $1 AND expires > $2"),
		       V_BLOB(hash.b, (isize)sizeof hash.b), V(c->now_us)) == 1;
}

bool setup_use(struct call *c, str token)
{
	if (!setup_valid(c, token))
		return FAIL(&c->err, ERR_DENIED,
			"this setup link is not valid any more; make a new one with ward user "
			"setup");
	return db_exec(c->db, SQL_CHANGE("DELETE FROM setup_token"));
}
