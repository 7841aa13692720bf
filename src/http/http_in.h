/* What only the files of http/ need. */
#ifndef HTTP_HTTP_IN_H
#define HTTP_HTTP_IN_H
#include "http/http.h"

#include <pthread.h>
#include <stdatomic.h>
#include <sys/socket.h>

/* http_unescape() into `p`, which has room for s.n bytes; with `is_form` '+' is a blank and every
   line end becomes LF. */
CHECKED bool http_decode(char *p, str s, bool is_form, str *out);
/* Makes LF of CRLF and CR, in place; returns the length left. */
isize http_fold_lines(char *p, isize n);
/* A token of RFC 9110, 5.6.2: a method, a header's name. */
bool http_is_token(str s);

/*
 * ---- the server ----
 *
 * server.c has the event loop; queue.c the two lists through which jobs go to the workers and come
 * back; conn.c the life of one connection.  All of a connection is the event thread's.  Of a
 * slot the worker has `job` between http_take() and http_answer(), the event thread the rest.
 *
 * Connections are known by number, never by address, and an event carries the generation of its
 * connection: one that arrives after its connection was closed and its place given away is
 * recognized.
 */
enum conn_state {
	CONN_FREE,
	CONN_HEAD,   /* idle, or the head is arriving */
	CONN_BODY,   /* the body is arriving */
	CONN_WAIT,   /* the request is whole, but every job is taken */
	CONN_JOB,    /* a worker has the request */
	CONN_ANSWER, /* the answer is leaving */
	CONN_LINGER  /* said all; what still comes is dropped, until the client closes */
};

/* What has still to be sent.  `block` is ours, of `block_n` bytes, where no slot holds the text. */
struct leaving {
	str head, body;
	char *block;
	isize block_n;
	int file;
	isize file_n; /* 0: none */
};

struct conn {
	int fd;
	enum conn_state state;
	uint32_t generation;
	bool may_read, may_write; /* edge-triggered: until the system says EAGAIN */
	bool has_ended;           /* the client sends no more */
	bool is_idle;             /* between two requests */
	bool keeps_alive;         /* after this answer */
	int64_t deadline;         /* µs, monotonic */
	int64_t body_from;        /* when the body began */
	uint64_t wait_number; /* in CONN_WAIT: who came first */
	struct slot *slot; /* from CONN_JOB, or a large body's beginning, to the answer's end */
	char *in;          /* HTTP_HEAD_BYTES: head, small body, and what follows */
	isize in_n, in_peak;
	isize parsed_n;        /* bytes of `in` that the parser has seen */
	isize head_n, whole_n; /* bytes of the request's head, and of its part of `in` */
	isize body_n;          /* bytes of a large body, in the slot */
	isize sent_n, dropped_n;
	isize due_n;        /* must have been sent by the deadline */
	isize queued_n;     /* bytes that the system held for the client when that was set */
	struct leaving out; /* an answer that waits for a slow reader, without a slot */
	struct http_peer peer; /* who asks: of this connection, or as its proxy says */
	struct http_peer own;  /* of the connection */
	int share; /* of who asks, from the head on */
	bool is_known;
	int next_free;
};

struct slot {
	struct http_job job;
	struct arena arena;
	int conn;
	int counted;     /* the share among whose jobs it is counted */
	bool is_running; /* a worker is busy with it */
	uint64_t turn;
	bool is_upload; /* its body is still arriving */
	char *body;     /* of a large body, in the arena */
	char *head;     /* HTTP_REPLY_HEAD_BYTES for the answer's head */
	struct slot *next; /* in the list of free, or of finished jobs */
};

/* Credentials that were found to be somebody's, by their hash; a newcomer takes the place of who
   was there, whom a worker finds again. */
enum { KNOWN = 8192 };
struct known {
	uint64_t credential; /* 0: none */
	int share;
};

struct http_server {
	struct http_config config;
	struct arena arena;
	int epoll, wake; /* wake: an eventfd */
	int64_t now;     /* µs, monotonic, of this round */
	uint32_t mark;   /* of this start, in the numbers of requests */
	uint64_t taken;  /* requests that workers took */
	int64_t next_due;
	int64_t accept_from; /* not before this time, after we ran out of descriptors */
	int64_t stop_by;     /* 0: not stopping */
	struct conn *conn;
	char *in_block, *head_block;          /* of all connections, of all slots */
	int conn_count, free_conn, used_conn; /* used_conn: numbers below this were in use once */
	struct slot *slots, *free_slot;
	int upload_count;
	uint16_t jobs_of_share[HTTP_SHARES + 1];
	struct known known[KNOWN];
	int waiting_count;  /* connections in CONN_WAIT */
	uint64_t wait_last; /* number of the last that began to wait */
	isize leaving_n;           /* bytes of all answers that wait for slow readers */
	isize files_n;             /* and of all that are files */
	bool has_pieces;           /* some of them can be sent now */
	struct http_request spare; /* where a head is parsed when no job is free */
	char scrap[HTTP_HEAD_BYTES];

	atomic_bool must_stop;
	pthread_mutex_t lock; /* of what follows */
	pthread_cond_t has_work;
	struct slot **queue; /* who came first first */
	int queue_count;
	int idle_count;    /* workers that wait for a job */
	int64_t last_take; /* µs, when a worker took one, or the first came into an empty line */
	struct http_turns turns;
	uint16_t running_of_share[HTTP_SHARES + 1];
	struct slot *finished;
	bool is_closed; /* workers go */
};

/* One round of the event loop: waits for what happens next, or for a deadline, and does what is to
   be done (server.c). */
void server_round(struct http_server *s);
/* How long a round that begins now may wait: until what is due first, or until the next beat;
   not at all while pieces of files can be sent. */
int server_wait_ms(const struct http_server *s, int64_t now);
/* Whether an accept() that failed so will fail again until somebody gives something back. */
bool server_is_short(int error);
/* Takes over the socket of a new client; false when the system refuses, the socket is the
   caller's then.  The caller has looked at the caps. */
CHECKED bool conn_open(struct http_server *s, int fd, const struct http_peer *peer);
/* Who stands at the other end (peer.c). */
void peer_of_socket(const struct sockaddr_storage *from, struct http_peer *out);
/* Who asks, in the header that the configuration names; false when it does not say. */
CHECKED bool peer_of_request(str header, const struct http_request *q, struct http_peer *out);
/* ---- share.c ---- */

/* Finds for whom the request of a connection counts. */
void share_find(struct http_server *s, struct conn *c, const struct http_request *q);
/* Remembers whose credential the answered request had. */
void share_learn(struct http_server *s, const struct http_job *job);

/* Sends a whole answer of our own, as far as the system takes it at once. */
bool conn_send_refusal(int fd, int status, bool is_head);
/* What epoll said about connection `i`. */
void conn_event(struct http_server *s, int i, uint32_t events);
/* Sends a piece of each answer that is a file and whose reader takes more. */
void conn_go_on(struct http_server *s);
/* Gives free jobs to the connections that wait for one, who came first first. */
void conn_serve_waiting(struct http_server *s);
/* The worker has answered. */
void conn_answer(struct http_server *s, struct slot *slot);
/* The deadline has passed. */
void conn_expire(struct http_server *s, struct conn *c);
void conn_close(struct http_server *s, struct conn *c);
/* Whether requests wait and no worker takes one: all of them hang (queue.c). */
bool queue_is_stuck(struct http_server *s);
/* Gives the request to the workers (queue.c). */
void queue_put(struct http_server *s, struct slot *slot);
#endif
