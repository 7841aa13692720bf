/*
 * The server: HTTP threads and workers.  It parses strangers' bytes and holds no keys.
 *
 * A worker answers reads on its own connection; what changes anything goes to the writer, after
 * the worker had a password checked where the route asks for one.
 */
#include "api/api.h"
#include "crypt/keeper.h"
#include "serve/serve_in.h"
#include "serve/turns.h"
#include "threat/records/records.h"
#include "trace/trace.h"

#include <signal.h>

enum {
	WORKERS_MAX = 16,
	WORKER_ARENA_BYTES = 64 << 20,
	PROVER_ARENA_BYTES = 8 << 20,
	JOB_ARENA_BYTES = 384 << 20,
	JOBS_MAX = 128,
	CONNECTIONS_MOST = 2000,
	DESCRIPTORS_OWN = 40, /* the store for each worker, the log, pipes, the loop */
	IDLE_MS = 60000,
	PROVERS = KEEPER_CHANNELS - 1 /* as many as the keeper does at a time */
};

/* With less address space nothing is kept between requests. */
#define KEEP_FROM (INT64_C(1) << 30)

/* Of all arenas together; with stacks, the engine's caches and what it maps of the store the server
   stays within 4 GiB of address space. */
static const int64_t memory_max = INT64_C(2) << 30;

struct worker {
	struct server *server;
	struct db *db;
	struct trace_memory *memory;
	struct threat_memory *threats;
	struct arena arena;
	pthread_t thread;
};

struct server {
	const struct serve_config *config;
	struct http_server *http;
	struct keeper *keeper;
	struct writer writer;
	struct nightly nightly;
	struct worker worker[WORKERS_MAX];
	struct turns *turns; /* who waits for a prover */
	struct worker prover[PROVERS];
	struct worker door; /* the event thread's look at who sends a large body */
	pthread_t writer_thread;
	bool keeps_nothing; /* between requests */
};

static struct call *make_call(struct worker *w, struct http_job *job)
{
	struct call *c = NEW(job->arena, struct call, 1);

	c->arena = c->err.arena = job->arena;
	c->db = w->db;
	c->memory = w->memory;
	c->threats = w->threats;
	trace_memory_begin(w->memory);
	threat_memory_begin(w->threats);
	c->keeper = w->server->keeper;
	c->request = str_of(job->number);
	c->address = job->request.peer;
	c->now_us = clock_now(&w->server->config->clock);
	c->at_us = TIME_NONE;
	c->large = w->server->config->store;
	c->warning = room_warning(&w->server->writer.room);
	return c;
}

/* One job on its worker. */
struct one {
	struct worker *worker;
	struct http_job *job;
	bool ok;
	bool asks_proof, is_known; /* a password is to be checked; of somebody signed in */
	str turn;
	str person; /* whose credential the request has */
};

/* What the writer needs beside the request; whether a password is to be checked first. */
static void prepare(void *one)
{
	struct one *o = one;
	struct worker *w = o->worker;
	struct call *c = make_call(w, o->job);

	o->job->memo = NEW(o->job->arena, struct web_proof, 1);
	o->ok = true;
	if (serve_is_api(&o->job->request))
		return;
	o->ok = db_begin_read(w->db, &c->err);
	o->asks_proof = o->ok &&
		web_asks_proof(
			c, &w->server->config->site, &o->job->request, &o->turn, &o->is_known);
}

/* The waiting after failures is looked at now, not when the request came: those that stood in line
   together must not all be tried. */
static void make_proof(void *one)
{
	struct one *o = one;
	struct worker *w = o->worker;
	struct call *c = make_call(w, o->job);
	struct web_proof *proof = NEW(o->job->arena, struct web_proof, 1);

	o->job->memo = proof;
	o->ok = db_begin_read(w->db, &c->err);
	if (o->ok)
		web_prove(c, &w->server->config->site, &o->job->request, proof);
}

static void answer_read(void *one)
{
	struct one *o = one;
	struct worker *w = o->worker;
	struct call *c = make_call(w, o->job);

	if (!db_begin_read(w->db, &c->err)) {
		serve_answer_plain(o->job, 503, err_text(&c->err));
		return;
	}
	if (serve_answer(w->server->config, c, o->job) && c->err.code == ERR_FAULT)
		log_fault("read.failed", KV("path", o->job->request.path),
			KV("why", err_text(&c->err)));
	if (c->denied)
		writer_refusal(&w->server->writer, c, o->job->request.path);
}

/* Memories may have been built by half when the work ended early. */
static bool run_within(struct one *o, void (*work)(void *))
{
	bool done = serve_within(o->job, work, o);

	db_rollback(o->worker->db);
	if (!done) {
		trace_memory_clear(o->worker->memory);
		threat_memory_clear(o->worker->threats);
	}
	return done;
}

/* True when the job is the writer's from now on; else it is answered. */
static bool to_writer(struct server *s, const struct one *o)
{
	http_let_go(s->http, o->job);
	if (o->ok && writer_push(&s->writer, o->job))
		return true;
	serve_answer_plain(o->job, 503, S("The server is busy; try again in a moment."));
	return false;
}

/* For whom there is no room in line, which may be another job than the one that came.  The page
   that it asked for says so. */
static void turn_away(struct server *s, struct http_job *job)
{
	struct web_proof *proof = job->memo;

	proof->asked = true;
	proof->wait = S("too many passwords are being checked; try again in a moment");
	if (!to_writer(s, &(struct one){.job = job, .ok = true}))
		http_answer(s->http, job);
}

/* True when the job is somebody else's from now on; else it is answered. */
static bool pass_on(struct worker *w, struct http_job *job)
{
	struct one o = {.worker = w, .job = job};

	if (!run_within(&o, prepare))
		return false;
	if (!o.asks_proof)
		return to_writer(w->server, &o);
	http_let_go(w->server->http, job);
	struct http_job *refused = turns_put(w->server->turns, job, o.turn, o.is_known);
	if (refused)
		turn_away(w->server, refused);
	return true;
}

/* Passwords are checked here, not on the workers: Argon2 takes as long as thousands of pages. */
static void *prove(void *worker)
{
	struct worker *w = worker;
	struct http_job *job;

	while ((job = turns_take(w->server->turns))) {
		struct one o = {.worker = w, .job = job};
		log_request(str_of(job->number));
		if (!run_within(&o, make_proof) || !to_writer(w->server, &o))
			http_answer(w->server->http, job);
		log_request(S(""));
		db_trim(w->db);
	}
	db_close(w->db);
	return NULL;
}

/* Whose the credential in the head is, with two look-ups by key; "" when it is nobody's. */
static void identify(void *one)
{
	struct one *o = one;
	const struct http_request *q = &o->job->request;
	struct call *c = make_call(o->worker, o->job);

	if (!db_begin_read(o->worker->db, &c->err))
		return;
	if (serve_is_api(q) && http_header(q, S("Authorization")).n ? api_knows(c, q)
		: web_knows(c, &o->worker->server->config->site, q))
		o->person = c->who.ref;
}

/* False when the job waits for a turn of its person: it is somebody else's then. */
static bool claim(struct worker *w, struct http_job *job)
{
	struct one o = {.worker = w, .job = job};

	if (job->is_known || serve_credential(w->server->config, &job->request).n == 0)
		return true;
	struct arena_mark mark = arena_here(job->arena);
	bool done = arena_run(identify, &o) == ARENA_DONE;
	db_rollback(w->db);
	bool mine = !done || o.person.n == 0 || http_claim(w->server->http, job, o.person);
	if (mine)
		arena_rewind(job->arena, mark);
	return mine;
}

/* True when the job is somebody else's from now on; else it is answered. */
static bool handle(struct worker *w, struct http_job *job)
{
	if (!serve_is_meant(w->server->config, job))
		return false;
	if (!claim(w, job))
		return true;
	if (serve_is_api(&job->request) ? api_writes(&job->request) : web_writes(&job->request))
		return pass_on(w, job);
	run_within(&(struct one){.worker = w, .job = job}, answer_read);
	return false;
}

/* What was kept for the next request goes back to the machine: nobody asked for a while, or there
   is so little address space that what one worker keeps is missing to all. */
static void rest(struct worker *w)
{
	trace_memory_clear(w->memory);
	threat_memory_clear(w->threats);
	db_trim(w->db);
	os_trim();
}

static void *work(void *worker)
{
	bool is_idle;
	struct worker *w = worker;
	struct http_job *job;

	while ((job = http_take_within(w->server->http, IDLE_MS, &is_idle)) || is_idle) {
		if (is_idle) {
			rest(w);
			continue;
		}
		log_request(str_of(job->number));
		if (!handle(w, job))
			serve_send(w->server->config, w->server->http, job);
		log_request(S(""));
		if (w->server->keeps_nothing)
			rest(w);
	}
	trace_memory_clear(w->memory);
	threat_memory_clear(w->threats);
	db_close(w->db);
	return NULL;
}

static bool open_worker(struct server *s, struct worker *w, isize arena_bytes, struct err *e)
{
	w->server = s;
	arena_open(&w->arena, arena_bytes);
	w->memory = trace_memory_new(&w->arena);
	w->threats = threat_memory_new(&w->arena);
	str path = str_fmt(&w->arena, "%.*s/ward.db", STR_ARG(s->config->store));
	if (!db_open(&w->db, &w->arena, path, DB_READER, e))
		return false;
	db_limit(w->db, LIMIT_READ_MS, LIMIT_READ_STEPS);
	return true;
}

/* Asks the head alone, with two look-ups by key; the call lives in the door's own arena. */
struct visitor {
	struct worker *door;
	const struct http_request *request;
	int status; /* that refuses the body, or 0 */
	int *share;
};

static void look_at(void *visitor)
{
	struct visitor *v = visitor;
	struct worker *w = v->door;
	struct call *c = NEW(&w->arena, struct call, 1);

	c->arena = c->err.arena = &w->arena;
	c->db = w->db;
	c->now_us = clock_now(&w->server->config->clock);
	c->at_us = TIME_NONE;
	if (!db_begin_read(w->db, &c->err))
		return;
	bool is_known = serve_is_api(v->request)
		? api_knows(c, v->request)
		: web_knows(c, &w->server->config->site, v->request);
	v->status = is_known ? 0 : 401;
	if (is_known)
		*v->share = http_share_of(c->who.ref);
}

static str credential(void *server, const struct http_request *q)
{
	return serve_credential(((struct server *)server)->config, q);
}

static void beat(void *server)
{
	struct server *s = server;

	if (!writer_hangs(&s->writer, clock_mono(), s->config->hung_after))
		atomic_fetch_add(s->config->beats, 1);
}

int serve_connections(int64_t descriptors)
{
	int64_t room = (descriptors - DESCRIPTORS_OWN) * 3 / 4;

	return room > CONNECTIONS_MOST ? CONNECTIONS_MOST : room < 2 ? 2 : (int)room;
}

static int judge_upload(void *server, const struct http_request *q, int *share)
{
	struct worker *w = &((struct server *)server)->door;
	struct visitor v = {.door = w, .request = q, .status = 503, .share = share};
	struct arena_mark mark = arena_here(&w->arena);

	/* Signing in and setting up take a few hundred bytes, from anybody. */
	if (!serve_is_api(q) && web_is_public(q))
		return 413;
	bool done = arena_run(look_at, &v) == ARENA_DONE;
	db_rollback(w->db);
	arena_rewind(&w->arena, mark);
	return done ? v.status : 503;
}

/* Only the event loop's eventfd is touched by the handler: http_server_stop() allows that. */
static struct http_server *stopped_by_signal;

static void on_signal(int number)
{
	(void)number;
	if (stopped_by_signal)
		http_server_stop(stopped_by_signal);
}

static void catch_signals(struct http_server *http)
{
	struct sigaction a = {.sa_handler = on_signal};

	stopped_by_signal = http;
	sigaction(SIGINT, &a, NULL);
	sigaction(SIGTERM, &a, NULL);
	sigaction(SIGHUP, &a, NULL);
	a.sa_handler = SIG_IGN;
	sigaction(SIGPIPE, &a, NULL);
}

/* An older copy of the store beside a keeper that has signed more: what is entered now would take
   numbers that are signed already, and could never be signed. */
static bool check_age(struct writer *w, struct err *e)
{
	struct keeper_state state;
	uint64_t size = ledger_size(w->ledger);

	if (!keeper_ask_state(w->keeper, &state, e))
		return false;
	return state.size <= size ||
		FAIL(e, ERR_TAMPERED,
			"the store ends with entry %" PRIu64 ", but its keeper has signed %" PRIu64
			": this ward.db is older than the keeper's folder; bring back the newer "
			"one, or both from the same copy",
			size, state.size);
}

static bool open_all(struct server *s, int count, struct err *e)
{
	for (int i = 0; i < count; i++)
		if (!open_worker(s, &s->worker[i], WORKER_ARENA_BYTES, e))
			return false;
	for (int i = 0; i < PROVERS; i++)
		if (!open_worker(s, &s->prover[i], PROVER_ARENA_BYTES, e))
			return false;
	return open_worker(s, &s->door, WORKER_ARENA_BYTES, e);
}

static bool start_threads(struct server *s, int count, struct err *e)
{
	bool ok = pthread_create(&s->writer_thread, NULL, writer_run, &s->writer) == 0;

	for (int i = 0; ok && i < count; i++)
		ok = pthread_create(&s->worker[i].thread, NULL, work, &s->worker[i]) == 0;
	for (int i = 0; ok && i < PROVERS; i++)
		ok = pthread_create(&s->prover[i].thread, NULL, prove, &s->prover[i]) == 0;
	if (!ok || !nightly_start(&s->nightly, &s->writer, s->keeper))
		return FAIL(e, ERR_FAULT, "there is no memory to start a thread");
	return true;
}

static void join_threads(struct server *s, int count)
{
	nightly_stop(&s->nightly);
	for (int i = 0; i < count; i++)
		pthread_join(s->worker[i].thread, NULL);
	turns_close(s->turns);
	for (int i = 0; i < PROVERS; i++)
		pthread_join(s->prover[i].thread, NULL);
	writer_stop(&s->writer);
	pthread_join(s->writer_thread, NULL);
	db_close(s->door.db);
}

bool server_run(
	const struct serve_config *config, struct keeper *keeper, struct arena *a, struct err *e)
{
	struct server *s = NEW(a, struct server, 1);
	int count = config->workers < WORKERS_MAX ? config->workers : WORKERS_MAX;
	int connections = serve_connections(descriptors_raise());

	*s = (struct server){
		.config = config, .keeper = keeper, .keeps_nothing = os_space() < KEEP_FROM};
	arena_budget(memory_max);
	s->writer.config = config;
	s->writer.keeper = keeper;
	s->turns = turns_open(a);
	if (!writer_open(&s->writer, e) || !check_age(&s->writer, e) || !open_all(s, count, e))
		return false;
	if (!http_server_start(&s->http,
		    &(struct http_config){.listener = config->listener,
			    .body_max = LIMIT_BODY_BYTES,
			    .connections_max = connections,
			    .connections_per_peer = connections / 2,
			    .jobs_max = JOBS_MAX,
			    .judge_upload = judge_upload,
			    .credential = credential,
			    .workers = count,
			    .beat = config->beats ? beat : NULL,
			    .beat_ms = BEAT_MS,
			    .forwarded = config->forwarded,
			    .who = s,
			    .job_arena_bytes = JOB_ARENA_BYTES},
		    e))
		return false;
	s->writer.server = s->http;
	catch_signals(s->http);
	if (!start_threads(s, count, e))
		return false;
	if (config->greeting.n)
		fprintf(stderr, "%.*s\n", STR_ARG(config->greeting));
	http_server_run(s->http);
	join_threads(s, count);
	return true;
}
