/*
 * HTTP/1.1 (RFC 9110, 9112), server side, strictly.  Knows nothing of ward.
 *
 * The parser (http_parse) is a pure function over the bytes so far.  It refuses instead of
 * repairing: missing or second Host, Content-Length with Transfer-Encoding, several or
 * non-digit lengths, folded lines, bare LF, control bytes, a blank before the colon, absolute
 * targets that contradict Host, transfer codings.  Whatever node's parser refuses, we refuse.
 *
 * The server is one event thread and N workers that the caller starts with http_worker().
 * Deadlines are totals: the head within 10 s, a body at 1 kB/s or more after 10 s, the answer
 * taken within 60 s, 30 s of idleness between requests.  Connections are capped in all and per
 * address; head and body leave in one writev.
 */
#ifndef HTTP_HTTP_H
#define HTTP_HTTP_H
#include "base/base.h"

enum http_method { HTTP_GET, HTTP_HEAD, HTTP_POST, HTTP_PUT, HTTP_PATCH, HTTP_DELETE, HTTP_OPTIONS };

enum { HTTP_HEADERS = 64, HTTP_HEAD_BYTES = 16384 };

struct http_header {
	str name, value; /* as sent; names compare by str_eq_fold */
};
struct http_request {
	enum http_method method;
	str target;      /* as sent */
	str path, query; /* path still percent-encoded; query without '?' */
	struct http_header header[HTTP_HEADERS];
	int header_count;
	int64_t content_length; /* -1: none given, no body */
	bool keep_alive, expects_continue;
	str body;
	str peer; /* "127.0.0.1", or "unix" */
};
struct http_reply {
	int status;
	str type; /* Content-Type */
	struct http_header header[24];
	int header_count;
	str body; /* in the call's arena */
	bool close;
};

enum http_parsed { HTTP_MORE, HTTP_WHOLE, HTTP_BAD };
/* Parses a head at the start of `in`.  HTTP_WHOLE: `*used` bytes of head, the body follows.
   HTTP_BAD: `*status` is 400, 413 (body above `body_max`), 414, 417, 431, 501 or 505. */
enum http_parsed http_parse(str in, int64_t body_max, struct http_request *out, isize *used,
	int *status);

/* The value of a header, or "" ; `name` in any case. */
str http_header(const struct http_request *q, str name);
/* The value of cookie `name` (RFC 6265), or "". */
str http_cookie(const struct http_request *q, str name);
/* Adds a header; control bytes in the value are our mistake (asserted). */
void http_reply_header(struct http_reply *r, str name, str value);
/* Writes status line and headers of a reply; Date, Content-Length and Connection too. */
void http_print_head(struct buf *b, const struct http_reply *r, bool keep_alive, bool is_head,
	int64_t now_us);
str http_status_text(int status);

/* Percent-decodes (RFC 3986), '+' stays.  False when malformed, NUL, or not UTF-8. */
CHECKED bool http_unescape(struct arena *a, str s, str *out);

/* Whether a path has the shape of a pattern: "/:REF/edit" has a word that begins with a capital,
   "/records/:kind" one that does not.  `args` get the words. */
bool http_match(str pattern, str path, str *args, int max);

/* ---- form.c: application/x-www-form-urlencoded and multipart/form-data ---- */

struct form_field {
	str name, value;
	str file, type; /* of a file part, else "" */
};
struct form {
	struct form_field *field;
	isize count;
};
CHECKED bool form_parse(struct arena *a, struct err *e, str content_type, str body, struct form *out);
/* A query string, "a=1&b=2". */
CHECKED bool form_parse_query(struct arena *a, struct err *e, str query, struct form *out);
/* The first value of the name, or "". */
str form_value(const struct form *f, str name);

/* ---- server ---- */

struct http_server;
/* One request being answered.  The worker fills `reply`; both live in `arena`. */
struct http_job {
	struct http_request request;
	struct http_reply reply;
	struct arena *arena;
	void *memo; /* the worker's, e.g. between two threads that handle the job */
};
struct http_config {
	int listener;            /* a bound, listening socket */
	int64_t body_max;        /* bytes */
	int connections_max;     /* in all */
	int connections_per_peer;
	int jobs_max;            /* requests being answered at once; above: 503 */
	isize job_arena_bytes;
};
CHECKED bool http_server_start(struct http_server **out, const struct http_config *config,
	struct err *e);
/* The next job, waiting for one; NULL when the server stops.  Any number of threads. */
struct http_job *http_take(struct http_server *s);
/* The job's reply is complete; the job belongs to the server again. */
void http_answer(struct http_server *s, struct http_job *job);
/* Runs the event loop until http_server_stop(), which a signal handler may call. */
void http_server_run(struct http_server *s);
void http_server_stop(struct http_server *s);
#endif
