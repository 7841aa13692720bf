/* What the files of api/ share. */
#ifndef API_API_IN_H
#define API_API_IN_H
#include "base/json.h"

#include "api/api.h"
#include "ident/ident.h"
#include "kind/kind.h"
#include "kinds.h"

enum {
	API_ROWS = 100,      /* of a list, unless `limit` says otherwise */
	API_ROWS_MAX = 1000, /* the most that `limit` may say */
	API_ARGS = 2         /* words of a path that stand for ":name" */
};

struct api_route;
/* One request, decoded. */
struct api_request {
	const struct http_request *http;
	str cookie; /* name of the session's */
	const struct api_route *route;
	str path; /* decoded */
	str arg[API_ARGS];
	struct form query;
	const struct kind *kind; /* of a BY_KIND route */
	const struct json *body; /* an object; NULL for routes without a body */
	int status;        /* of the problem, where the code of the error says too little; or 0 */
	str allow;         /* with 405 */
	bool bad_token;    /* with 401: there was a token */
	const void *newer; /* with 412: the record as it stands, or NULL */
};

/* BODY_PATCH also takes application/merge-patch+json (RFC 7396). */
enum body_column { NO_BODY, BODY, BODY_PATCH };
/* What the answer holds, for its type and its schema. */
enum reply_column {
	REPLY_INDEX,
	REPLY_OPENAPI,
	REPLY_ME,
	REPLY_KINDS,
	REPLY_LIST,
	REPLY_RECORD,
	REPLY_CREATED, /* 201, with Location */
	REPLY_HISTORY,
	REPLY_LINKS,
	REPLY_LINK,
	REPLY_NOTHING, /* 204 */
	REPLY_SEARCH,
	REPLY_TRIAGE,
	REPLY_MODEL,
	REPLY_CHANGES,
	REPLY_MADE,
	REPLY_BACKLOG,
	REPLY_IMPORTED,
	REPLY_SESSIONS,
	REPLY_TOKENS,
	REPLY_TOKEN, /* 201 */
	REPLY_LEDGER,
	REPLY_ENTRY,
	REPLY_TEXT, /* text/plain */
	REPLY_PROOF, /* text/plain */
	REPLY_BYTES /* application/octet-stream */
};

typedef bool api_handler(struct call *c, struct api_request *q, struct http_reply *out);
struct api_route {
	enum http_method method;
	str path; /* "/api/v1/:plural/:REF"; a word in capitals is a reference */
	api_handler *handler;
	int right; /* enum right, or PUBLIC, SIGNED_IN, BY_KIND: the kind's read or write right */
	enum body_column body;
	enum reply_column reply;
	str name, summary; /* for openapi.json */
	str query;         /* parameters it knows, " a b "; lists also take fields of the kind */
};
extern const struct api_route api_routes[];
extern const isize api_route_count;

api_handler api_index, api_openapi_get, api_me, api_kinds, api_search;
api_handler api_list, api_create, api_record, api_replace, api_change, api_move, api_withdraw,
	api_history,
	api_links, api_link, api_unlink, api_link_confirm;
api_handler api_triage, api_triage_decide, api_triage_answer;
api_handler api_model, api_model_acts, api_model_changes, api_model_file;
api_handler api_backlog, api_backlog_import;
api_handler api_sessions, api_session_end, api_tokens, api_token_make, api_token_revoke;
api_handler api_ledger, api_ledger_entry, api_ledger_proof, api_ledger_checkpoint,
	api_ledger_consistency, api_ledger_latest, api_ledger_tile, api_ledger_entries;

/* ---- requests ---- */

/* Fails with a status of its own: 401, 405, 412 … */
#define API_FAIL(c, q, status_, code, ...)                                                         \
	((q)->status = (status_), FAIL(&(c)->err, (code), __VA_ARGS__))

/* The parameter `name` as a number within [min, max], `other` when it is not given. */
CHECKED bool api_number(struct call *c, const struct api_request *q, str name, int64_t min,
	int64_t max, int64_t other, int64_t *out);
/* Issues for every member of the body that is not one of " a b ", or is no text. */
CHECKED bool api_members(struct call *c, const struct json *body, str known);
/* The reason of a write, from the body or the header X-Reason, into c->reason. */
CHECKED bool api_reason(struct call *c, const struct api_request *q);

/* ---- answers ---- */

/* Begins an answer in JSON, or ends it: 413 when it became too large. */
struct buf *api_reply(struct call *c, struct http_reply *out);
CHECKED bool api_done(struct call *c, struct http_reply *out, const struct buf *b);
/* A text, such as a proof. */
bool api_text(struct http_reply *out, str text);
/* The headers of every answer. */
void api_headers(struct http_reply *out);
/* What went wrong, as a problem; c->err keeps its code only. */
void api_problem(struct call *c, struct api_request *q, struct http_reply *out);

void api_put_text(struct buf *b, bool *first, str key, str value);
/* The member unless the value is empty. */
void api_put_some(struct buf *b, bool *first, str key, str value);
void api_put_int(struct buf *b, bool *first, str key, int64_t value);
void api_put_bool(struct buf *b, bool *first, str key, bool value);
void api_put_time(struct buf *b, bool *first, str key, int64_t time_us);
/* A record: its head, its fields that are not empty, then id, rev, since and by.  Where a kind
   declares a field "since", the field is meant. */
void api_put_record(struct buf *b, struct arena *a, const void *rec);
/* {"kind":…,"ref":…,"title":…,"state":…,…} */
void api_put_brief(struct buf *b, const struct brief *brief);
/* The word of the state that has this label. */
str api_state_word(const struct kind *k, str label);
/* "threat-models": the plural of a kind as a word of a path. */
str api_plural(struct arena *a, const struct kind *k);
/* Whether fields of this type can be compared and sorted by in a list. */
bool api_can_filter(const struct field *f);

/* ---- the description ---- */

/* {"$ref":…} to schema `name` with `tail` behind it. */
void api_put_schema_ref(struct buf *b, str name, const char *tail);
/* The member "schemas" of its components. */
void api_put_schemas(struct buf *b);
#endif
