/*
 * HTTP/1.1 (RFC 9110, 9112), server side, strictly.  Knows nothing of ward.
 *
 * The parser (http_parse) is a pure function over the bytes so far.  It refuses instead of
 * repairing: missing or second Host, Content-Length with Transfer-Encoding, several or
 * non-digit lengths, folded lines, bare LF, control bytes, a blank before the colon, absolute
 * targets that contradict Host, transfer codings.  Whatever node's parser refuses, we refuse;
 * test/shell/http_node.t compares the two.
 *
 * The server is one event thread, http_server_run(), and any number of workers that the caller
 * starts and that loop over http_take() and http_answer().  The event thread never runs a
 * handler, a worker never touches a socket.  Deadlines are totals: the head within 10 s, a body
 * at 16 kB/s or more after 10 s, 40 kB of the answer taken in each 10 s, 30 s of idleness between
 * requests.
 * Connections are capped in all and per address; head and body leave in one system call.
 * Requests of one connection are answered one after the other, in their order.
 *
 * A request that fits into HTTP_HEAD_BYTES with its body takes no job before it is whole.  A
 * larger body lies in the job's arena, whole (larger uploads than `body_max` need another
 * way).  It is read only when `judge_upload` says from the head that its sender may: else its
 * status, 401 or 413, is the answer at once.  Requests whose body is still arriving take half of
 * the jobs at most, and an eighth for one person, so that slow senders cannot keep the others out.
 *
 * An answer that the system does not take at once leaves its job: what is left waits in memory of
 * its connection, one answer a connection, `leaving_max` bytes in all and a quarter of that for
 * one client.  Above that the connection is cut.  Slow readers therefore never hold a job.
 * An answer that is a file waits there; above `files_max` it is 503.
 * While every job is taken, or three quarters by one client, a request that is whole stands in
 * line in its connection's buffer; the client that has the fewest jobs is served first.
 *
 * One client is one person, where a worker has found whose the session or token of the head is
 * (http_claim), and else one address: a credential that a stranger makes up opens no share.
 * Before the workers every client has turns of its own, so that the second request of one stands
 * behind the first of every other, and one client keeps all workers but one busy at the most.
 *
 * Addresses are those of connections, or those that the proxy of a site puts into the header
 * `forwarded`.
 */
#ifndef HTTP_HTTP_H
#define HTTP_HTTP_H
#include "base/base.h"

enum http_method {
	HTTP_GET,
	HTTP_HEAD,
	HTTP_POST,
	HTTP_PUT,
	HTTP_PATCH,
	HTTP_DELETE,
	HTTP_OPTIONS
};

enum {
	HTTP_HEADERS = 64,
	HTTP_HEAD_BYTES = 16384, /* request line and headers, with the empty line */
	HTTP_TARGET_BYTES = 8192,
	HTTP_REPLY_HEADERS = 24,
	HTTP_REPLY_HEAD_BYTES = 32768
};

struct http_header {
	str name, value; /* as sent, UTF-8, no control bytes but tab; names fold (str_eq_fold) */
};
struct http_request {
	enum http_method method;
	str target;      /* as sent */
	str path, query; /* path still percent-encoded; query without '?' */
	struct http_header header[HTTP_HEADERS];
	int header_count;
	int64_t content_length; /* -1: none given, no body */
	bool keep_alive, expects_continue;
	str body; /* any bytes; whoever reads it checks it */
	str peer; /* "127.0.0.1", or "unix" */
	str share; /* what is counted as one client: the address, of IPv6 its /64 */
};
struct http_reply {
	int status;
	str type; /* Content-Type */
	struct http_header header[HTTP_REPLY_HEADERS];
	int header_count;
	str body; /* in the job's arena, or of the program's text */
	/* A body too large for memory, instead of `body`: a file of `file_bytes`, from its
	   beginning, which the server closes.  0 bytes: none. */
	int file;
	int64_t file_bytes;
	bool close;
};
/* Closes the file of an answer that is not sent. */
void http_reply_drop(struct http_reply *r);

enum http_parsed { HTTP_MORE, HTTP_WHOLE, HTTP_BAD };
/*
 * Parses a head at the start of `in`; `out` holds views into `in`.
 *
 * HTTP_WHOLE: `*used` bytes of head, the body of `content_length` bytes follows.
 * HTTP_MORE: right so far, not over.  HTTP_BAD: `*status` says why:
 *	400	malformed or ambiguous, as above; a second Content-Type, Authorization or
 *		Expect; Content-Length with Transfer-Encoding
 *	413	the body is above `body_max`
 *	414	the target is above HTTP_TARGET_BYTES
 *	417	Expect is not 100-continue
 *	431	the head is above HTTP_HEAD_BYTES, or has more than HTTP_HEADERS headers
 *	501	a method not listed above, a transfer coding
 *	505	a version other than 1.1 and 1.0
 * HTTP/1.0 may lack Host and is never kept alive.  After HTTP_BAD the connection is of no use.
 */
enum http_parsed http_parse(
	str in, int64_t body_max, struct http_request *out, isize *used, int *status);

/*
 * The address that a proxy added last to X-Forwarded-For, or to Forwarded (RFC 7239) with
 * `is_standard`: what stands before it was sent by whoever asks, and may say anything.  Ports are
 * left out; an IPv4 address within IPv6 is IPv4.  False when there is none in it.
 */
enum { HTTP_PEER_TEXT = 56, HTTP_PEER_BYTES = 17 };
struct http_peer {
	char name[HTTP_PEER_TEXT], share[HTTP_PEER_TEXT]; /* as in a request */
	unsigned char address[HTTP_PEER_BYTES]; /* of the share: family (4, 6; 0: Unix), bytes */
};
CHECKED bool http_forwarded(str value, bool is_standard, struct http_peer *out);

/* The value of a header, or "" ; `name` in any case. */
str http_header(const struct http_request *q, str name);
/* The value of cookie `name` (RFC 6265), or "". */
str http_cookie(const struct http_request *q, str name);
/* Adds a header.  Control bytes in the value, a name that is not a token and more than
   HTTP_REPLY_HEADERS are our mistake (asserted), and so are Date, Connection, Content-Length,
   Content-Type and Transfer-Encoding, which http_print_head writes or nobody does. */
void http_reply_header(struct http_reply *r, str name, str value);
/* Writes status line, Date, Content-Type (unless empty), Content-Length (not with 204 and 304,
   which have no body) and the headers of the reply; "Connection: close" unless kept alive.
   The head that answers HEAD is the same. */
void http_print_head(struct buf *b, const struct http_reply *r, bool keep_alive, int64_t now_us);
str http_status_text(int status);
/* The status that tells of an error: 422 for ERR_INVALID, 409 for ERR_CONFLICT, … */
int http_status_of(enum err_code code);

/* Percent-decodes (RFC 3986), '+' stays.  False when malformed, NUL, not UTF-8, or when the
   arena has no room. */
CHECKED bool http_unescape(struct arena *a, str s, str *out);

/* Whether a path has the shape of a pattern: "/:REF/edit" has a word that begins with a capital,
   "/records/:kind" one that does not; "*" at the end is all that follows, and not nothing.  `args`
   get the words. */
bool http_match(str pattern, str path, str *args, int max);

/*
 * ---- form.c: application/x-www-form-urlencoded and multipart/form-data (RFC 7578) ----
 *
 * At most LIMIT_FORM_FIELDS fields, else ERR_LIMIT; what is malformed gives ERR_SYNTAX with the
 * byte as column.  Names and values are UTF-8 without NUL; line ends of values (CRLF, CR) come
 * back as LF, since browsers send every one as CRLF.  The content of a file is left as it was
 * sent: any bytes, to be judged by whoever takes it.  A file input in which nobody chose a file
 * is a field with an empty value and an empty `file`.
 */

struct form_field {
	str name, value;
	str file, type; /* of a file part, else "" */
};
struct form {
	struct form_field *field;
	isize count;
	/* Where the first field of a name stands, plus one, by the hash of the name; NULL: not
	   made. */
	const uint16_t *first;
	uint64_t first_mask;
};
CHECKED bool form_parse(
	struct arena *a, struct err *e, str content_type, str body, struct form *out);
/* A query string, "a=1&b=2". */
CHECKED bool form_parse_query(struct arena *a, struct err *e, str query, struct form *out);
/* The first value of the name, or "". */
str form_value(const struct form *f, str name);
/* Whether the form was sent with a field of that name, empty or not. */
bool form_has(const struct form *f, str name);

/* ---- server ---- */

/*
 * Turns of those who wait in one line, so that no number of requests of one client holds up the
 * first of another.  A client is a number below HTTP_SHARES, a keyed hash of person or address: two
 * may share one, which nobody can bring about.  HTTP_NOBODY are those whom nothing tells apart.
 * Not safe for several threads at once.
 */
enum { HTTP_SHARES = 4096, HTTP_NOBODY = HTTP_SHARES };
struct http_turns {
	uint64_t now; /* the latest that was given */
	uint64_t last[HTTP_SHARES + 1];
};
/* The turn of a newcomer: one after the last that this client waits for.  Whoever has the lowest is
   next; of the same, who came first. */
uint64_t http_turn(struct http_turns *t, int share);
/* That it is this one's turn. */
void http_turn_given(struct http_turns *t, uint64_t turn);

struct http_server;
/* One request being answered.  The worker fills `reply`.  The request's texts and the arena are
   the job's until http_answer(). */
enum { HTTP_NUMBER_TEXT = 24 };
struct http_job {
	/* Of this request alone, over restarts too: eight hexadecimal digits of the server's start,
	   a dash, and a count. */
	char number[HTTP_NUMBER_TEXT];
	struct http_request request;
	struct http_reply reply;
	struct arena *arena;
	void *memo; /* the worker's, e.g. between two threads that handle the job */
	int share;     /* for whom it counts */
	bool is_known; /* that is a person; else http_claim() may say who */
};
/* Times in milliseconds; 0 stands for the value in brackets. */
struct http_config {
	int listener;             /* a bound, listening socket; stays the caller's */
	int64_t body_max;         /* bytes */
	int connections_max;      /* in all; above, idle ones make room, or it is 503 */
	int connections_per_peer; /* per IPv4 address or IPv6 /64; not for Unix sockets */
	int jobs_max;             /* requests being answered at once; more stand in line */
	/* Whether the sender of this head may send a body larger than HTTP_HEAD_BYTES: 0, or the
	   status that refuses it; called in the event thread, where it may take microseconds.
	   NULL: everybody may.  `*share` becomes that of the person (http_share_of), so that an
	   upload counts for whoever sends it from its first byte on, whatever the address. */
	int (*judge_upload)(void *who, const struct http_request *q, int *share);
	void *who;
	/* The text of a head by which somebody is known, a session's or a token's, or ""; called in
	   the event thread.  NULL: clients are addresses. */
	str (*credential)(void *who, const struct http_request *q);
	int workers; /* that take jobs: one client has all but one of them; 0: all */
	/* Called in the event thread in every round, once in beat_ms at least, unless requests
	   wait and no worker has taken one for stuck_ms; or NULL. */
	void (*beat)(void *who);
	int beat_ms;  /* [5000] */
	int stuck_ms; /* [60000] */
	/* The header in which a proxy in front says who asks, "X-Forwarded-For" or "Forwarded";
	   "": none, such headers are ignored. */
	str forwarded;
	isize leaving_max;        /* bytes of answers that wait for slow readers [256 MiB] */
	isize files_max; /* of answers that are files; of one client a quarter [4 GiB] */
	isize job_arena_bytes;    /* at least body_max + 2 * ARENA_RESERVE */
	int head_ms;   /* from the first byte, or from accepting, to the whole head [10000] */
	int body_ms;   /* after this, at least body_rate bytes per second [10000] */
	int body_rate; /* [16000] */
	int answer_ms; /* in each such time the client takes answer_rate × its seconds [30000] */
	int answer_rate; /* bytes per second [4000] */
	int queue_ms;  /* while every job is taken; then 503 [5000] */
	int idle_ms;   /* between requests [30000] */
	int linger_ms; /* until the client closes after our last answer [2000] */
	int stop_ms;   /* from http_server_stop() until unfinished requests are cut [5000] */
};
/* Makes a server; nothing happens before http_server_run().  ERR_INVALID, ERR_FAULT. */
CHECKED bool http_server_start(
	struct http_server **out, const struct http_config *config, struct err *e);
/* The next job, waiting for one; NULL when the server stops.  Any number of threads. */
struct http_job *http_take(struct http_server *s);
/* The same, but NULL with *is_idle when none came within `ms`: time to give back what is kept for
   the next one. */
struct http_job *http_take_within(struct http_server *s, int ms, bool *is_idle);
/* The share that a person's requests count for, wherever they come from. */
int http_share_of(str person);
/* The credential of the job's head is that of `person`: it counts for them, and so do later ones
   with the same.  False when they keep as many workers busy as they may: the job has gone back
   into the line, and the worker takes another. */
CHECKED bool http_claim(struct http_server *s, struct http_job *job, str person);
/* The worker is about to pass the job on to another thread, which answers it: before that, since it
   no longer keeps a worker busy, and may be answered at once. */
void http_let_go(struct http_server *s, struct http_job *job);
/* The job's reply is complete; the job belongs to the server again. */
void http_answer(struct http_server *s, struct http_job *job);
/* Runs the event loop until http_server_stop(): then it accepts nothing more, answers what has
   begun, lets the workers go and returns, within stop_ms. */
void http_server_run(struct http_server *s);
/* May be called from a signal handler and from any thread, more than once. */
void http_server_stop(struct http_server *s);
/* Gives up what the server holds, but not the listener.  After run() has returned and the last
   worker has got its NULL. */
void http_server_close(struct http_server *s);
#endif
