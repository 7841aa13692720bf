/*
 * Identity: who asks.  People sign in with a name and a password (Argon2id, checked by the
 * keeper); a session is a random token whose hash is stored; what a person may do comes from
 * their access grants in force today and the roles these name.
 *
 * There is no default account.  A new store holds one setup token, shown once; who presents it
 * makes an administrator, the first or one more.  Failed sign-ins are counted by name and slow
 * down; they never lock anybody out for good (a lock would be a weapon).
 */
#ifndef IDENT_IDENT_H
#define IDENT_IDENT_H
#include "call/call.h"

enum {
	SESSION_HOURS = 12, /* after the sign-in, whatever happens */
	SESSIONS_MAX = 200,
	PASSWORD_MIN = 12, /* characters; NIST SP 800-63B asks for length, not for mixture */
	PASSWORD_MAX = 128,
	SIGN_IN_MAX = 64, /* characters of a name; nobody has a longer one */
	SIGN_IN_FREE = 5, /* failures before the waiting begins */
	TOKEN_TEXT = 43   /* 32 bytes in base64url */
};

/* What a store of this program consists of, as SQL for the engine named: the tables of every
   module, in one place. */
str store_schema(struct arena *a, str engine);
/* Brings an older store up to date, in the call's writing transaction and after db_rebuild(): one
   entry "store.migrate" for each table vouches for its rows as they stand. */
CHECKED bool store_migrate(struct call *c, int64_t from);
/* The tables of this module, for the engine named. */
void ident_ddl(struct buf *b, str engine);

/* The one pseudonym of the person whose record has this id (16 bytes): "person:0193…-…".  Whoever
   writes entries on somebody's behalf takes it from here. */
str ident_actor(struct arena *a, str id);

/* Fills c->who with the person, the rights and roles they have on the day of c->now_us, and their
   teams.  ERR_DENIED when the person has left or is unknown. */
CHECKED bool ident_load(struct call *c, str person);
/* The same for who comes in from outside, at each request: what their record says counts now.
   ERR_DENIED too without a sign-in name; by the web without "May sign in by web"; by a token with
   neither that nor "May use access tokens". */
enum way { WAY_WEB, WAY_TOKEN };
CHECKED bool ident_enter(struct call *c, str person, enum way way);

/*
 * Conditions of SQL: that the revision `g` of a grant, and `r` of a role, is the one that counts,
 * and that the grant covers the day $2.
 *
 * While somebody revises a grant or a role, the revision that was approved goes on counting until
 * the next one is approved or the record ends: otherwise one person could take rights away, or
 * change them, by opening a draft.
 */
#define GRANT_COUNTS                                                                               \
	"g.state IN ('granted', 'reviewed') AND g.rev = (SELECT max(x.rev) FROM access_grant x"    \
	" WHERE x.ref = g.ref AND x.state IN ('granted', 'reviewed', 'revoked', 'refused'))"       \
	" AND (g.f_from IS NULL OR g.f_from <= $2) AND (g.f_until IS NULL OR g.f_until >= $2)"
#define ROLE_COUNTS                                                                                \
	"r.state = 'effective' AND r.rev = (SELECT max(y.rev) FROM role y WHERE y.ref = r.ref"     \
	" AND y.state IN ('effective', 'retired'))"
/* And that, of those two, the grant reaches the product $3. */
#define COVERS_PRODUCT                                                                             \
	"(g.f_scope IS NULL OR g.f_scope = '' OR g.f_scope = $3)"                                  \
	" AND (r.f_product IS NULL OR r.f_product = '' OR r.f_product = $3)"

/* A session that nobody uses for so long is over. */
#define SESSION_IDLE_US (INT64_C(30) * 60 * 1000000)
struct session {
	str id; /* what the list calls it: 16 digits of its hash */
	str person, csrf;
	int64_t since, expires;
};
/* The session of a cookie's token, which it uses; ERR_DENIED when there is none or it is over:
   ended, SESSION_HOURS old, idle for SESSION_IDLE_US, or made by a clock that was ahead. */
CHECKED bool session_find(struct call *c, str token, struct session *out);
/* Opens a session for `person`, with an entry in the ledger; `*token` goes into the cookie.  `old`
   is the token of the cookie so far, or "": that session ends. */
CHECKED bool session_open(struct call *c, str person, str old, str *token, str *csrf);
CHECKED bool session_close(struct call *c, str token);
/* The sessions of a person that are in force, newest first; and ending one, or all
   with "": the next request of each is refused.  Somebody else's take session.manage. */
CHECKED bool session_list(struct call *c, str person, struct session **out, isize *count);
CHECKED bool session_end(struct call *c, str person, str id);

/*
 * The stored hash for a sign-in name; "" and "" when there is none (still verify something, so
 * that time does not tell).  ERR_LIMIT while the name must wait, as tried from this address: after
 * SIGN_IN_FREE failures 1, 2, 4 … seconds, 15 minutes at most; an hour without a failure ends it.
 * From other addresses the name does not wait, until it failed a hundred times in a row from
 * wherever: then it is tried once in 15 minutes from all but the eight addresses where it was right
 * last, within 30 days.  Names that nobody can have are counted, and wait,
 * together.
 */
enum { SIGN_IN_PAIRS_MAX = 4096 };
/* `from` of a try within a session, before its id: it waits for its own failures alone. */
#define CREDENTIAL_SESSION "session "
CHECKED bool credential_find(struct call *c, str sign_in, str from, str *person, str *hash);
/* Notes a failed sign-in.  The ledger is told of many together; the store keeps the counts of
   SIGN_IN_PAIRS_MAX names and addresses, for a day, and of as many names, for 30 days, and all as
   MACs only. */
CHECKED bool credential_failed(struct call *c, str sign_in, str from);
/* Ends the waiting of the name from this address, which is known from now on: the password was
   right. */
CHECKED bool credential_worked(struct call *c, str sign_in, str from);
/* The name somebody signs in with: of their password, or before they have one as their record says.
   ERR_MISSING for nobody, ERR_INVALID when there is none yet. */
CHECKED bool credential_name(struct call *c, str person, str *sign_in);
/* An issue of "sign_in" when somebody else than `person` signs in with this name. */
CHECKED bool credential_free(struct call *c, str person, str sign_in);
/* Sets the password, and ends all sessions and access tokens of the person.  ERR_INVALID when the
   name is empty, longer than SIGN_IN_MAX, or somebody else's. */
CHECKED bool credential_put(struct call *c, str person, str sign_in, str hash);
/* Issues under `field` when the password is too short, too long or made of few common pieces. */
CHECKED bool password_check(struct call *c, str field, str password, str sign_in);

/*
 * Access tokens, for programs.  A token acts as its person, with those of their rights of the day
 * that are in its scope.  Its value is shown once, when it is made; the store holds its SHA-256.
 * `id` names it from then on: the first 16 hexadecimal digits of that hash.  Making, listing and
 * revoking need token.make, and for somebody else user.manage too.  What a token makes has no
 * larger scope and no later end than itself: one that leaked does not outgrow its revocation.
 */
enum { TOKEN_DAYS_MAX = 366, TOKENS_MAX = 200, TOKEN_SCOPE_MAX = 500 };
struct token {
	str id, name, scope;
	int64_t since, expires, revoked; /* revoked: TIME_NONE while it is in force */
};
/* Makes a token that lasts `days`, with an entry "token.make"; `name` says what it is for.  `scope`
   is words: patterns of rights and references of products, "*.read PRD-1".
   ERR_DENIED, ERR_INVALID, ERR_MISSING. */
CHECKED bool token_make(
	struct call *c, str person, str name, str scope, int64_t days, str *value);
/* Whose token this is, its id and its scope.  ERR_DENIED when it is unknown, over or revoked. */
CHECKED bool token_find(struct call *c, str value, str *person, str *id, str *scope);
/* Takes from the caller all that is not in the scope; nothing is ever added. */
void token_narrow(struct call *c, str scope);
/* Makes the caller who this token stands for: its person, narrowed.  ERR_DENIED. */
CHECKED bool token_load(struct call *c, str value);
/* Ends a token, with an entry "token.revoke".  ERR_MISSING when none is in force with this id. */
CHECKED bool token_revoke(struct call *c, str id);
/* The tokens of a person, newest first. */
CHECKED bool token_list(struct call *c, str person, struct token **out, isize *count);

/* A new one-time token for the setup page, valid for a day. */
CHECKED bool setup_make(struct call *c, str *token);
/* True when the token is the one in force; `setup_use` also ends it. */
bool setup_valid(struct call *c, str token);
CHECKED bool setup_use(struct call *c, str token);
/* Whether nobody has a password yet: the link makes the first administrator. */
bool setup_is_first(struct call *c);
/* Writes a person and a grant of the administrator's role, which is made when it is not in force.
   Nobody in the store is asked: whoever may make a setup link has the machine. */
CHECKED bool setup_person(struct call *c, str name, str sign_in, str hash, str *ref);
#endif
