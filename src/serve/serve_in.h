/* What the files of serve/ share. */
#ifndef SERVE_SERVE_IN_H
#define SERVE_SERVE_IN_H
#include "ledger/ledger.h"
#include "serve/serve.h"

#include <pthread.h>
#include <stdatomic.h>

enum { QUEUE_MAX = 1024, BATCH_MAX = 256, BATCH_US = 20000, CHECKPOINT_US = 1000000 };

/* The monitor looks once a second; a server that has not counted for so many looks hangs.  What
   WARD_HUNG_AFTER says instead is for tests. */
enum { BEAT_MS = 1000, HUNG_TICKS = 30, HUNG_TICKS_MOST = 3600 };

/* A refusal to be entered in the ledger: reads happen where nothing can be written. */
struct refusal {
	struct who who;
	char ref[LIMIT_REF + 1], actor[80], product[LIMIT_REF + 1], path[120];
	char number[40], address[64]; /* of the request */
	int right;
	/* The how manieth of this person in ten minutes; how many of an earlier time are told of
	   with it. */
	int64_t count, before;
	bool is_shared; /* counted are several people, this one the last of them */
};

/* ---- refusals.c: a person's refusals are told together ---- */

/*
 * Somebody who asks for what they may not see, thousands of times a minute, must not fill a ledger
 * that nothing is ever removed from.  Of a person the first four of ten minutes become entries,
 * then each power of two, and when the time is over, or the server ends, the rest: 10,000 make 16
 * entries, and the counts in them tell of all.  Whose count finds no place among REFUSED_MAX is
 * counted together with the others of whom that is so.
 */
enum { REFUSED_MAX = 256 };
struct refused {
	int64_t since_us, count, told;
	struct refusal last;
};
struct refusals {
	pthread_mutex_t mutex;
	int64_t looked_us; /* the writer's */
	struct refused person[REFUSED_MAX];
};
void refusals_open(struct refusals *r);
/* Counts one, from any thread, and fills what->count and what->before; whether it is to be told. */
CHECKED bool refusals_count(struct refusals *r, struct refusal *what, int64_t now_us);
/* What was not told of people whose time is over, or of all at the end; each with its count. */
isize refusals_due(struct refusals *r, int64_t now_us, bool is_end, struct refusal *out, isize max);

/* Work for the writer: a request to run, or a refusal, a filling disk or a
   verification to note. */
struct work {
	struct http_job *job; /* NULL: something to note */
	uint64_t turn;
	bool is_filling, is_verified;
	int64_t findings, entries, rows; /* what the nightly verification found, and looked at */
	struct refusal refusal;
};

/* ---- room.c: the writer looks, everybody reads ---- */

struct room {
	atomic_int step; /* percent of the disk that is used: 80, 90, 95; 0: less */
	atomic_bool is_broken;
	atomic_bool is_unsigned; /* the last try to sign failed */
	atomic_bool is_unmarked; /* there are entries that this keeper did not mark */
	atomic_int findings;     /* of the last verification; below 0: it could not be done */
	int64_t looked_us;
};
/* Looks, once in ten seconds; true when the disk has reached another step, which the log tells. */
bool room_look(struct room *r, struct arena *scratch, str folder, int64_t now_us);
/* A sentence for every page, "" when all is well. */
str room_warning(const struct room *r);

struct writer {
	const struct serve_config *config;
	struct http_server *server;
	struct keeper *keeper;
	struct db *db;
	struct ledger *ledger;
	struct arena arena, scratch;
	struct threat_memory *threats;
	pthread_mutex_t mutex;
	pthread_cond_t some;
	struct work queue[QUEUE_MAX]; /* who came first first */
	isize count;
	struct http_turns turns;
	bool stopping;
	int64_t last_us, signed_us, asked_us;
	struct refusals refusals;
	struct refusal due[REFUSED_MAX];
	struct room room;
	atomic_llong moved_us; /* when it last came round, or began to wait for the keeper */
	atomic_bool is_at_keeper;
};

/* ---- nightly.c ---- */

struct nightly {
	struct writer *writer;
	struct keeper *keeper;
	pthread_t thread;
	pthread_mutex_t mutex;
	pthread_cond_t wake;
	bool stopping;
};
/* Verifies the store once a day until nightly_stop(); false when no thread can be had.  The first
   time is five minutes after the start, or WARD_VERIFY_AFTER seconds. */
CHECKED bool nightly_start(struct nightly *n, struct writer *w, struct keeper *k);
void nightly_stop(struct nightly *n);
/* Seconds until the next one: a day; an hour when it could not be done, or something was found. */
int64_t nightly_next(bool is_intact);
/* Notes what a verification found, as an entry. */
void writer_verified(struct writer *w, int64_t findings, int64_t entries, int64_t rows);

CHECKED bool writer_open(struct writer *w, struct err *e);
/* Whether it has not come round for ten times as long as a server may not move, because one change
   may take long, or has waited for the keeper for as long as that. */
bool writer_hangs(const struct writer *w, int64_t now_us, int hung_after);
/* Queues a request; false when the queue is full (503). */
bool writer_push(struct writer *w, struct http_job *job);
void writer_refusal(struct writer *w, const struct call *c, str path);
void *writer_run(void *writer);
void writer_stop(struct writer *w);

/* Serves until a signal, with a keeper that somebody started.  Everything lives in `a`. */
CHECKED bool server_run(
	const struct serve_config *config, struct keeper *keeper, struct arena *a, struct err *e);
/* ---- answer.c ---- */

/* Whether the request is for the API, else for the pages. */
bool serve_is_api(const struct http_request *q);
/* How many connections a server takes that may have `descriptors` open files: those that it needs
   for itself are left, and a quarter of the rest for what answers stand in. */
int serve_connections(int64_t descriptors);
/* The token in a head by which its sender is known, of the API or of a session; "" without. */
str serve_credential(const struct serve_config *config, const struct http_request *q);
/* Gives up what was made for a job so far. */
void serve_drop(struct http_job *job);
/* Runs the request of a job through the entrance its path belongs to. */
bool serve_answer(const struct serve_config *config, struct call *c, struct http_job *job);
/* Runs work(what), which answers `job` out of its arena.  False when there was no memory for it:
   the arena was given up and the job is answered with 413 (more than one request may have) or 507
   (the machine has none). */
CHECKED bool serve_within(struct http_job *job, void (*work)(void *), void *what);
/* True when the request names this server in Host; else it is answered with 421. */
CHECKED bool serve_is_meant(const struct serve_config *config, struct http_job *job);
/* Sends the answer of a job, whichever it became, with what the site asks of browsers. */
void serve_send(const struct serve_config *config, struct http_server *http, struct http_job *job);
/* An answer without a call, in the form of the entrance. */
void serve_answer_plain(struct http_job *job, int status, str text);
#endif
