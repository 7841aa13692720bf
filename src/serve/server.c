/*
 * The server: HTTP threads and workers.  It parses strangers' bytes and holds no keys.
 *
 * A worker answers reads on its own connection; what changes anything goes to the writer, after
 * the worker had a password checked where the route asks for one.
 */
#include "api/api.h"
#include "crypt/keeper.h"
#include "serve/serve_in.h"
#include "threat/records/records.h"
#include "trace/trace.h"

#include <signal.h>

enum {
	WORKERS_MAX = 16,
	WORKER_ARENA_BYTES = 64 << 20,
	JOB_ARENA_BYTES = 128 << 20,
	JOBS_MAX = 128
};

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
	struct worker worker[WORKERS_MAX];
	pthread_t writer_thread;
};

static bool is_api(const struct http_request *q)
{
	return str_starts(q->path, S("/api/"));
}

bool serve_answer(const struct serve_config *config, struct call *c, struct http_job *job)
{
	if (is_api(&job->request))
		return api_answer(c, &job->request, &job->reply);
	return web_answer(c, &config->site, &job->request, job->memo, &job->reply);
}

void serve_answer_plain(struct http_job *job, int status, str text)
{
	if (is_api(&job->request))
		api_answer_plain(job->arena, status, text, &job->reply);
	else
		web_answer_plain(job->arena, status, text, &job->reply);
}

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
	c->now_us = clock_now(&w->server->config->clock);
	c->at_us = TIME_NONE;
	return c;
}

/* A proof is made on the worker: Argon2 takes as long as thousands of writes. */
static bool prepare(struct worker *w, struct http_job *job)
{
	struct call *c = make_call(w, job);
	struct web_proof *proof = NEW(job->arena, struct web_proof, 1);

	job->memo = proof;
	if (is_api(&job->request))
		return true;
	if (!db_begin_read(w->db, &c->err))
		return false;
	web_prove(c, &w->server->config->site, &job->request, proof);
	db_rollback(w->db);
	return true;
}

static void answer_read(struct worker *w, struct http_job *job)
{
	struct call *c = make_call(w, job);

	if (!db_begin_read(w->db, &c->err)) {
		serve_answer_plain(job, 503, err_text(&c->err));
		return;
	}
	if (serve_answer(w->server->config, c, job) && c->err.code == ERR_FAULT)
		log_fault(
			"read.failed", KV("path", job->request.path), KV("why", err_text(&c->err)));
	db_rollback(w->db);
	if (c->denied)
		writer_refusal(&w->server->writer, c, job->request.path);
}

static void *work(void *worker)
{
	struct worker *w = worker;
	struct http_job *job;

	while ((job = http_take(w->server->http))) {
		bool writes = is_api(&job->request) ? api_writes(&job->request)
						    : web_writes(&job->request);
		if (writes && prepare(w, job) && writer_push(&w->server->writer, job))
			continue;
		if (writes)
			serve_answer_plain(
				job, 503, S("The server is busy; try again in a moment."));
		else
			answer_read(w, job);
		http_answer(w->server->http, job);
	}
	trace_memory_clear(w->memory);
	threat_memory_clear(w->threats);
	db_close(w->db);
	return NULL;
}

static bool open_worker(struct server *s, struct worker *w, struct err *e)
{
	w->server = s;
	arena_init(&w->arena, os_reserve(WORKER_ARENA_BYTES), WORKER_ARENA_BYTES);
	w->memory = trace_memory_new(&w->arena);
	w->threats = threat_memory_new(&w->arena);
	str path = str_fmt(&w->arena, "%.*s/ward.db", STR_ARG(s->config->store));
	return db_open(&w->db, &w->arena, path, DB_READER, e);
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
	a.sa_handler = SIG_IGN;
	sigaction(SIGPIPE, &a, NULL);
}

bool server_run(
	const struct serve_config *config, struct keeper *keeper, struct arena *a, struct err *e)
{
	struct server *s = NEW(a, struct server, 1);
	int count = config->workers < WORKERS_MAX ? config->workers : WORKERS_MAX;

	*s = (struct server){.config = config, .keeper = keeper};
	s->writer.config = config;
	s->writer.keeper = keeper;
	if (!writer_open(&s->writer, e))
		return false;
	for (int i = 0; i < count; i++)
		if (!open_worker(s, &s->worker[i], e))
			return false;
	if (!http_server_start(&s->http,
		    &(struct http_config){.listener = config->listener,
			    .body_max = LIMIT_BODY_BYTES,
			    .connections_max = 2000,
			    .connections_per_peer = 1000,
			    .jobs_max = JOBS_MAX,
			    .job_arena_bytes = JOB_ARENA_BYTES},
		    e))
		return false;
	s->writer.server = s->http;
	catch_signals(s->http);
	if (pthread_create(&s->writer_thread, NULL, writer_run, &s->writer))
		return FAIL(e, ERR_FAULT, "cannot start a thread");
	for (int i = 0; i < count; i++)
		if (pthread_create(&s->worker[i].thread, NULL, work, &s->worker[i]))
			return FAIL(e, ERR_FAULT, "cannot start a thread");
	http_server_run(s->http);
	for (int i = 0; i < count; i++)
		pthread_join(s->worker[i].thread, NULL);
	writer_stop(&s->writer);
	pthread_join(s->writer_thread, NULL);
	return true;
}
