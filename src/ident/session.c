/* Sessions, credentials, and the token of a setup link. */
#include "crypt/crypt.h"
#include "ident/ident.h"
#include "ident/ident_in.h"
#include "kind/kind.h"
#include "kinds.h"
#include "ledger/ledger.h"

#include <pthread.h>

enum { TOKEN_BYTES = 32, HOUR_S = 3600, SECOND_US = 1000000 };

#define SESSION_US ((int64_t)SESSION_HOURS * HOUR_S * SECOND_US)
/* Clocks that are set right by a moment end nobody's session. */
#define CLOCK_SLACK_US (INT64_C(60) * SECOND_US)

/* Refusals within this time are told of together. */
#define FOLD_US (INT64_C(600) * SECOND_US)

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

/* What lists call a session: the beginning of its hash, from which nobody gets to its token. */
static str session_name(struct call *c, str id)
{
	struct buf b;

	assert(id.n >= 8);
	buf_init(&b, c->arena, 16);
	hex_print(&b, (const uint8_t *)id.p, 8);
	return buf_str(&b);
}

/* A session of the future was made while the clock was ahead: it would outlive its time. */
static bool is_in_force(const struct session *s, int64_t now_us)
{
	return s->expires > now_us && s->since <= now_us + CLOCK_SLACK_US;
}

bool session_find(struct call *c, str token, struct session *out)
{
	struct sha256 id = sha256(token);
	struct rows r;
	bool found = false;

	*out = (struct session){.id = session_name(c, (str){(char *)id.b, (isize)sizeof id.b})};
	db_query(c->db, &r, SQL("SELECT person, csrf, since, expires FROM session WHERE id = $1"),
		V_BLOB(id.b, (isize)sizeof id.b));
	if (rows_next(&r)) {
		out->person = str_dup(c->arena, rows_str(&r, 0));
		out->csrf = str_dup(c->arena, rows_str(&r, 1));
		out->since = rows_int(&r, 2);
		out->expires = rows_int(&r, 3);
		found = is_in_force(out, c->now_us);
	}
	if (!rows_done(&r))
		return false;
	return (found && idle_use(id.b, out->since, c->now_us)) ||
		FAIL(&c->err, ERR_DENIED, "your session has ended: sign in again");
}

static bool log_session(struct call *c, str act, str object, str outcome)
{
	return ledger_append(c,
		&(struct entry){.act = act, .object = object, .outcome = outcome, .body = S("{}")});
}

/* What is over, or of the future, and what the same browser was signed in with before. */
static bool clear_sessions(struct call *c, str old)
{
	struct sha256 id = sha256(old);

	return db_exec(c->db, SQL_CHANGE("DELETE FROM session WHERE expires <= $1 OR since > $2"),
		       V(c->now_us), V(c->now_us + CLOCK_SLACK_US)) &&
		db_exec(c->db, SQL_CHANGE("DELETE FROM session WHERE id = $1"),
			V_BLOB(id.b, (isize)sizeof id.b));
}

bool session_open(struct call *c, str person, str old, str *token, str *csrf)
{
	*token = token_text(c);
	*csrf = token_text(c);
	struct sha256 id = sha256(*token);

	if (!clear_sessions(c, old))
		return false;
	db_exec(c->db,
		SQL_CHANGE("INSERT INTO session(id, person, csrf, since, expires) VALUES($1, $2, "
			   "$3, $4, $5)"),
		V_BLOB(id.b, (isize)sizeof id.b), V(person), V(*csrf), V(c->now_us),
		V(c->now_us + SESSION_US));
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

/* Whose sessions somebody may see and end: their own, and everybody's with session.manage. */
static bool may_see(struct call *c, str person)
{
	return str_eq(person, c->who.ref) || call_may(c, CAN_SESSION_MANAGE, S(""));
}

bool session_list(struct call *c, str person, struct session **out, isize *count)
{
	struct rows r;

	*out = NEW(c->arena, struct session, SESSIONS_MAX);
	*count = 0;
	if (!may_see(c, person))
		return false;
	db_query(c->db, &r,
		SQL("SELECT id, since, expires FROM session WHERE person = $1"
		    " ORDER BY since DESC, id LIMIT 200"),
		V(person));
	while (rows_next(&r)) {
		assert(*count < SESSIONS_MAX);
		struct session *s = &(*out)[*count];
		*s = (struct session){.id = session_name(c, rows_blob(&r, 0)),
			.person = person,
			.since = rows_int(&r, 1),
			.expires = rows_int(&r, 2)};
		*count += is_in_force(s, c->now_us) &&
			!idle_over((const uint8_t *)rows_blob(&r, 0).p, s->since, c->now_us);
	}
	return rows_done(&r);
}

/* The whole hash of the session that the list calls `id`; "" when there is none. */
static bool whole_id(struct call *c, str person, str id, str *out)
{
	struct rows r;

	*out = S("");
	db_query(c->db, &r,
		SQL("SELECT id FROM session WHERE person = $1 ORDER BY since DESC, id LIMIT 200"),
		V(person));
	while (rows_next(&r))
		if (str_eq(session_name(c, rows_blob(&r, 0)), id))
			*out = str_dup(c->arena, rows_blob(&r, 0));
	return rows_done(&r);
}

static bool end_one(struct call *c, str person, str id)
{
	str whole;

	if (!whole_id(c, person, id, &whole))
		return false;
	if (!whole.n)
		return FAIL(&c->err, ERR_MISSING, "there is no such session any more");
	return db_exec(c->db, SQL_CHANGE("DELETE FROM session WHERE id = $1"),
		V_BLOB(whole.p, whole.n));
}

bool session_end(struct call *c, str person, str id)
{
	if (!may_see(c, person))
		return false;
	bool ok = id.n ? end_one(c, person, id)
		       : db_exec(c->db, SQL_CHANGE("DELETE FROM session WHERE person = $1"),
				 V(person));
	return ok &&
		log_session(c, S("session.close"),
			str_fmt(c->arena, "person:%.*s", STR_ARG(person)), S("ok"));
}

/* ---- credentials ---- */

/* After SIGN_IN_FREE failures the pair waits 1, 2, 4 … seconds, 15 minutes at most. */
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

static pthread_once_t pair_once = PTHREAD_ONCE_INIT;
static char pair_secret[TOKEN_BYTES];

static void make_pair_secret(void)
{
	crypt_random(pair_secret, TOKEN_BYTES);
}

/*
 * What is counted: a name as tried from one address, so that a stranger makes nobody wait but
 * those who share an address with them.
 *
 * What was typed as a name may be a password in the wrong field.  The store therefore has a MAC of
 * it only, with a key that ends with the process: nobody can try words against a copy.
 */
str sign_in_mac(struct call *c, str name, str from)
{
	str text = str_fmt(c->arena, "%td:%.*s%.*s", name.n, STR_ARG(name), STR_ARG(from));
	struct buf b;

	pthread_once(&pair_once, make_pair_secret);
	struct sha256 mac = hmac_sha256((str){pair_secret, TOKEN_BYTES}, text);
	buf_init(&b, c->arena, 64);
	base64url_print(&b, mac.b, (isize)sizeof mac.b);
	return buf_str(&b);
}

static str pair_of(struct call *c, str sign_in, str from)
{
	return sign_in_mac(c, name_of(sign_in), from);
}

bool credential_find(struct call *c, str sign_in, str from, str *person, str *hash)
{
	struct rows r;
	int64_t until = 0, braked_until;

	*person = *hash = S("");
	if (!brake_look(c, name_of(sign_in), from, &braked_until))
		return false;
	db_query(c->db, &r, SQL("SELECT failures, last FROM sign_in_failure WHERE sign_in = $1"),
		V(pair_of(c, sign_in, from)));
	if (rows_next(&r))
		until = rows_int(&r, 1) + wait_us(rows_int(&r, 0));
	if (!rows_done(&r))
		return false;
	if (until < braked_until)
		until = braked_until;
	if (until > c->now_us)
		return FAIL(&c->err, ERR_LIMIT,
			"too many failed tries for this name; wait %" PRId64 " seconds",
			(until - c->now_us) / SECOND_US + 1);
	db_query(c->db, &r, SQL("SELECT person, hash FROM credential WHERE sign_in = $1"),
		V(name_of(sign_in)));
	if (rows_next(&r)) {
		*person = str_dup(c->arena, rows_str(&r, 0));
		*hash = str_dup(c->arena, rows_str(&r, 1));
	}
	return rows_done(&r);
}

/* Old counts go, and the oldest of too many: a stranger invents names without end. */
static bool forget_failures(struct call *c)
{
	db_exec(c->db, SQL_FREE("DELETE FROM sign_in_failure WHERE last < $1 AND sign_in NOT LIKE"
			 " '%:%'"),
		V(c->now_us - DAY_US));
	db_exec(c->db,
		SQL_FREE("DELETE FROM sign_in_failure WHERE sign_in NOT LIKE '%:%' AND last <"
			 " (SELECT last FROM sign_in_failure WHERE sign_in NOT LIKE '%:%'"
			 " ORDER BY last DESC LIMIT 1 OFFSET $1)"),
		V((int64_t)SIGN_IN_PAIRS_MAX - 1));
	return brake_forget(c);
}

/*
 * Counts a failure among those of everybody, and tells the ledger of the first four of ten minutes
 * and then of each power of two: 10,000 make 16 entries.  An entry has the count so far; the first
 * of a later time has what was counted before it, so that none is lost.
 */
static bool note_failure(struct call *c)
{
	const str all = S("all"); /* shorter than any MAC */
	int64_t count = 0, since = 0, before = 0;
	struct rows r;

	db_query(c->db, &r, SQL("SELECT failures, last FROM sign_in_failure WHERE sign_in = $1"),
		V(all));
	if (rows_next(&r)) {
		count = rows_int(&r, 0);
		since = rows_int(&r, 1);
	}
	if (!rows_done(&r))
		return false;
	if (c->now_us - since > FOLD_US || since > c->now_us) {
		before = count;
		count = 0;
		since = c->now_us;
	}
	count++;
	if (count % 64 == 1 && !forget_failures(c))
		return false;
	db_exec(c->db,
		SQL_FREE("INSERT INTO sign_in_failure(sign_in, failures, last) VALUES($1, $2, $3)"
			 " ON CONFLICT(sign_in) DO UPDATE SET failures = excluded.failures,"
			 " last = excluded.last"),
		V(all), V(count), V(since));
	if (!db_ok(c->db))
		return false;
	/* Of the first four only three is no power of two. */
	if (count != 3 && (count & (count - 1)))
		return true;
	/* The name that was typed is personal (or a password typed in the wrong field). */
	return ledger_append(c,
		&(struct entry){.act = S("session.refused"),
			.outcome = S("denied"),
			.body = str_fmt(c->arena,
				"{\"before\":%" PRId64 ",\"refused\":%" PRId64 "}", before,
				count)});
}

bool credential_failed(struct call *c, str sign_in, str from)
{
	db_exec(c->db,
		SQL_FREE("INSERT INTO sign_in_failure(sign_in, failures, last) VALUES($1, 1, $2)"
			 " ON CONFLICT(sign_in) DO UPDATE SET failures = CASE WHEN"
			 " sign_in_failure.last < $3 THEN 1 ELSE sign_in_failure.failures + 1 END,"
			 " last = excluded.last"),
		V(pair_of(c, sign_in, from)), V(c->now_us),
		V(c->now_us - INT64_C(3600) * SECOND_US));
	return db_ok(c->db) && brake_failed(c, name_of(sign_in)) && note_failure(c);
}

bool credential_worked(struct call *c, str sign_in, str from)
{
	return db_exec(c->db, SQL_FREE("DELETE FROM sign_in_failure WHERE sign_in = $1"),
		       V(pair_of(c, sign_in, from))) &&
		brake_worked(c, name_of(sign_in), from);
}

bool credential_name(struct call *c, str person, str *sign_in)
{
	void *rec;
	struct rows r;

	*sign_in = S("");
	db_query(c->db, &r, SQL("SELECT sign_in FROM credential WHERE person = $1"), V(person));
	if (rows_next(&r))
		*sign_in = str_dup(c->arena, rows_str(&r, 0));
	if (!rows_done(&r) || sign_in->n)
		return sign_in->n;
	if (!kind_get(c, &kinds[KIND_PERSON], person, &rec))
		return false;
	*sign_in = ((const struct person *)rec)->sign_in;
	return sign_in->n ||
		err_issue(&c->err, S("fresh"), "the record of %.*s has no name to sign in with yet",
			STR_ARG(person));
}

bool credential_free(struct call *c, str person, str sign_in)
{
	return db_int(c->db,
		       SQL("SELECT count(*) FROM credential WHERE sign_in = $1 AND person <> $2"),
		       V(sign_in), V(person)) == 0 ||
		err_issue(&c->err, S("sign_in"), "somebody else signs in as %.*s",
			STR_ARG(sign_in));
}

bool credential_put(struct call *c, str person, str sign_in, str hash)
{
	if (name_of(sign_in).n == 0)
		return err_issue(&c->err, S("sign_in"), "the sign-in name needs 1 to %d characters",
			SIGN_IN_MAX);
	if (!credential_free(c, person, sign_in))
		return false;
	/* Who knew the old password may have left a session or a token behind. */
	db_exec(c->db, SQL_CHANGE("DELETE FROM session WHERE person = $1"), V(person));
	db_exec(c->db,
		SQL_CHANGE(
			"UPDATE api_token SET revoked = $1 WHERE person = $2 AND revoked IS NULL"),
		V(c->now_us), V(person));
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

bool password_check(struct call *c, str field, str password, str sign_in)
{
	if (utf8_check(password) >= 0 || utf8_count(password) < PASSWORD_MIN)
		return err_issue(
			&c->err, field, "the password needs at least %d characters", PASSWORD_MIN);
	if (utf8_count(password) > PASSWORD_MAX)
		return err_issue(
			&c->err, field, "the password has more than %d characters", PASSWORD_MAX);
	if (password_is_easy(c->arena, password, sign_in))
		return err_issue(&c->err, field,
			"this password is among the first that are tried; choose another");
	return true;
}

/* ---- setup links ---- */

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
