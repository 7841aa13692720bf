/*
 * The writer: the one thread that changes the store.
 *
 * Requests queue, each client with turns of its own; the writer opens one transaction, runs
 * each inside a savepoint, commits once and answers all (group commit).  No timer waits while it
 * is idle: one waiting request commits at once.  A batch ends at BATCH_MAX requests or after
 * BATCH_US of work, so that nobody's change waits for more than one long one of somebody else.
 */
#include "crypt/keeper.h"
#include "kinds.h"
#include "serve/serve_in.h"
#include "threat/records/records.h"

#include <errno.h>
#include <time.h>

enum { WRITER_ARENA_BYTES = 256 << 20, IDLE_US = 60000000, KEEPER_US = 10000000, PATIENCE = 10 };

bool writer_open(struct writer *w, struct err *e)
{
	str path;

	arena_open(&w->arena, WRITER_ARENA_BYTES);
	arena_open(&w->scratch, WRITER_ARENA_BYTES);
	w->threats = threat_memory_new(&w->arena);
	pthread_mutex_init(&w->mutex, NULL);
	refusals_open(&w->refusals);
	pthread_condattr_t attr;
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&w->some, &attr);
	path = str_fmt(&w->arena, "%.*s/ward.db", STR_ARG(w->config->store));
	str lock = str_fmt(&w->arena, "%.*s/writer.lock", STR_ARG(w->config->store));
	/* The edge of the ledger is in our memory: a second writer would fork it. */
	int held;
	if (!lock_take(&w->arena, lock, &held, e) ||
		!db_open(&w->db, &w->arena, path, DB_WRITER, e) ||
		!ledger_open(&w->ledger, &w->arena, w->db, e) ||
		!ledger_keep(w->ledger, &w->arena, w->db, w->keeper, e))
		return false;
	atomic_store(&w->room.is_unmarked, ledger_tail(w->ledger).unmarked > 0);
	return true;
}

/* ---- the queue ---- */

static bool push(struct writer *w, const struct work *work)
{
	bool ok;

	pthread_mutex_lock(&w->mutex);
	ok = w->count < QUEUE_MAX && !w->stopping;
	if (ok) {
		w->queue[w->count] = *work;
		w->queue[w->count++].turn =
			http_turn(&w->turns, work->job ? work->job->share : HTTP_NOBODY);
	}
	pthread_cond_signal(&w->some);
	pthread_mutex_unlock(&w->mutex);
	return ok;
}

bool writer_push(struct writer *w, struct http_job *job)
{
	return push(w, &(struct work){.job = job});
}

static void keep(char *to, isize room, str s)
{
	isize n = s.n < room ? s.n : room - 1;

	if (n)
		memcpy(to, s.p, (size_t)n);
	to[n] = 0;
}

/* The call's arena is gone when the writer gets to it: what is noted is copied. */
void writer_refusal(struct writer *w, const struct call *c, str path)
{
	struct work work = {.refusal.right = c->denied};

	keep(work.refusal.ref, sizeof work.refusal.ref, c->who.ref);
	keep(work.refusal.actor, sizeof work.refusal.actor, c->who.actor);
	keep(work.refusal.product, sizeof work.refusal.product, c->denied_at);
	keep(work.refusal.path, sizeof work.refusal.path, path);
	keep(work.refusal.number, sizeof work.refusal.number, c->request);
	keep(work.refusal.address, sizeof work.refusal.address, c->address);
	if (!refusals_count(&w->refusals, &work.refusal, clock_mono()))
		return;
	if (!push(w, &work))
		log_fault("refusal.lost", KV("who", c->who.ref), KV("path", path));
}

/* Takes out whose turn it is; false when nobody waits. */
static bool take_next(struct writer *w, struct work *out)
{
	isize best = 0;

	for (isize i = 1; i < w->count; i++)
		if (w->queue[i].turn < w->queue[best].turn)
			best = i;
	if (w->count == 0)
		return false;
	*out = w->queue[best];
	w->count--;
	memmove(&w->queue[best], &w->queue[best + 1],
		(size_t)(w->count - best) * sizeof w->queue[0]);
	http_turn_given(&w->turns, out->turn);
	return true;
}

/* Waits for work, a second at the most: then it is time to sign what is new. */
static bool take(struct writer *w, struct work *out)
{
	struct timespec until;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec++;
	pthread_mutex_lock(&w->mutex);
	while (w->count == 0 && !w->stopping)
		if (pthread_cond_timedwait(&w->some, &w->mutex, &until) == ETIMEDOUT)
			break;
	bool some = take_next(w, out);
	pthread_mutex_unlock(&w->mutex);
	return some;
}

static bool take_more(struct writer *w, struct work *out)
{
	pthread_mutex_lock(&w->mutex);
	bool some = take_next(w, out);
	pthread_mutex_unlock(&w->mutex);
	return some;
}

void writer_stop(struct writer *w)
{
	pthread_mutex_lock(&w->mutex);
	w->stopping = true;
	pthread_cond_broadcast(&w->some);
	pthread_mutex_unlock(&w->mutex);
}

/* ---- the batch ---- */

/* The clock as it is now.  Recorded times rise while it is only slewed; where it was set back by
   more, staying ahead of it would be untrue for as long as it was wrong. */
static struct clock_facts next_moment(struct writer *w)
{
	struct clock_facts now = clock_look(&w->config->clock);

	if (now.now_us <= w->last_us && now.now_us >= w->last_us - CLOCK_STEP_US)
		now.now_us = w->last_us + 1;
	w->last_us = now.now_us;
	return now;
}

/* A call of the program itself. */
static struct call *own_call(struct writer *w)
{
	struct call *c = NEW(&w->scratch, struct call, 1);
	struct clock_facts *now = NEW(&w->scratch, struct clock_facts, 1);

	*now = next_moment(w);
	c->arena = c->err.arena = &w->scratch;
	c->db = w->db;
	c->ledger = w->ledger;
	c->who = (struct who){.ref = S("system"), .actor = S("system"), .is_system = true};
	c->now_us = now->now_us;
	c->clock = now;
	c->at_us = TIME_NONE;
	return c;
}

static bool note_refusal(struct writer *w, const struct refusal *r)
{
	struct call *c = own_call(w);
	struct buf body;
	bool first = true;

	c->who = (struct who){.ref = str_of(r->ref), .actor = str_of(r->actor)};
	c->request = str_of(r->number);
	c->address = str_of(r->address);
	buf_init(&body, c->arena, 2000);
	buf_char(&body, '{');
	json_put_key(&body, &first, S("right"));
	json_put_string(&body, right_name(r->right));
	json_put_key(&body, &first, S("path"));
	json_put_string(&body, str_of(r->path));
	json_put_key(&body, &first, S("refused"));
	buf_fmt(&body, "%" PRId64, r->count);
	if (r->is_shared)
		buf_add(&body, S(",\"several\":true"));
	if (r->before) {
		json_put_key(&body, &first, S("before"));
		buf_fmt(&body, "%" PRId64, r->before);
	}
	buf_char(&body, '}');
	return ledger_append(c,
		&(struct entry){.act = S("access.denied"),
			.outcome = S("denied"),
			.object =
				r->product[0] ? str_fmt(c->arena, "product:%s", r->product) : S(""),
			.body = buf_str(&body)});
}

/* That the store was verified, and whether it was as it was written. */
static bool note_verified(struct writer *w, const struct work *work)
{
	return ledger_note_verified(own_call(w), work->findings, work->entries, work->rows);
}

void writer_verified(struct writer *w, int64_t findings, int64_t entries, int64_t rows)
{
	if (!push(w,
		    &(struct work){.is_verified = true,
			    .findings = findings,
			    .entries = entries,
			    .rows = rows}))
		log_fault("verify.lost", KV("why", S("the queue is full")));
}

static bool run_job(struct writer *w, struct http_job *job)
{
	struct call *c = NEW(job->arena, struct call, 1);
	struct clock_facts *now = NEW(job->arena, struct clock_facts, 1);

	*now = next_moment(w);
	c->arena = c->err.arena = job->arena;
	c->db = w->db;
	c->ledger = w->ledger;
	c->threats = w->threats;
	c->warning = room_warning(&w->room);
	threat_memory_begin(w->threats);
	c->request = str_of(job->number);
	c->address = job->request.peer;
	c->now_us = now->now_us;
	c->clock = now;
	c->at_us = TIME_NONE;
	db_report_to(w->db, &c->err);
	bool kept = serve_answer(w->config, c, job);
	/* A record that was saved while the clock ran ahead keeps its time to itself. */
	if (c->now_us > w->last_us && c->now_us <= w->last_us + CLOCK_STEP_US)
		w->last_us = c->now_us;
	if (c->denied)
		writer_refusal(w, c, job->request.path);
	return kept;
}

/* While there still is room for it. */
static bool note_filling(struct writer *w)
{
	struct call *c = own_call(w);

	return ledger_append(c,
		&(struct entry){.act = S("storage.filling"),
			.outcome = S("ok"),
			.body = str_fmt(c->arena, "{\"percent\":%d}", atomic_load(&w->room.step))});
}

/* One piece of work inside its savepoint. */
struct writing {
	struct writer *writer;
	struct work *work;
	bool kept;
};

static void run_writing(void *writing)
{
	struct writing *u = writing;
	struct work *work = u->work;

	if (work->job)
		u->kept = run_job(u->writer, work->job);
	else
		u->kept = work->is_filling  ? note_filling(u->writer)
			: work->is_verified ? note_verified(u->writer, work)
					    : note_refusal(u->writer, &work->refusal);
}

/* Its memory may have ended in the middle: what it wrote is undone then, the others' stays. */
static bool run_within(struct writing *u)
{
	if (u->work->job)
		return serve_within(u->work->job, run_writing, u);
	return arena_run(run_writing, u) == ARENA_DONE;
}

static void run_one(struct writer *w, struct work *work)
{
	struct writing u = {.writer = w, .work = work};

	log_request(work->job ? str_of(work->job->number) : S(""));
	if (!db_save(w->db))
		return;
	ledger_saved(w->ledger);
	bool done = run_within(&u);
	if (done && u.kept && db_release(w->db))
		return;
	db_undo(w->db);
	ledger_undone(w->ledger);
	if (!done)
		threat_memory_clear(w->threats);
	threat_memory_undone(w->threats);
	/* The handler said yes, the store said no: the answer must not claim otherwise. */
	if (done && u.kept && work->job)
		serve_answer_plain(
			work->job, 500, S("This could not be saved; nothing was changed."));
}

/* Nobody is told that something is stored which may not be. */
static void fail_batch(struct writer *w, struct work *work, isize n, const struct err *e)
{
	ledger_rolled_back(w->ledger);
	db_rollback(w->db);
	threat_memory_clear(w->threats);
	atomic_store(&w->room.is_broken, db_is_broken(w->db));
	log_fault("commit.failed", KV("why", err_text(e)));
	for (isize i = 0; i < n; i++) {
		if (!work[i].job)
			continue;
		serve_drop(work[i].job);
		serve_answer_plain(work[i].job,
			e->code == ERR_BUSY || db_is_broken(w->db) ? 503 : 500, err_text(e));
	}
}

/* Once a transaction, before everything else in it. */
static void look_at_clock(void *writer)
{
	struct writer *w = writer;
	struct call *c = own_call(w);
	bool stepped;

	if (!ledger_clock(c, c->clock, &stepped))
		log_fault("clock.step", KV("why", err_text(&c->err)));
	else if (stepped)
		log_note("clock.step", KV("entry", S("written")));
}

/* Commits what the `n` pieces of work wrote, and answers. */
static void end_batch(struct writer *w, bool ok, struct work *work, isize n, struct err *e)
{
	log_request(S(""));
	db_report_to(w->db, e);
	if (ok && db_commit(w->db))
		ledger_committed(w->ledger);
	else
		fail_batch(w, work, n, e);
	for (isize i = 0; i < n; i++)
		if (work[i].job)
			serve_send(w->config, w->server, work[i].job);
}

static bool begin_batch(struct writer *w, struct err *e)
{
	if (!db_begin(w->db, e))
		return false;
	return arena_run(look_at_clock, w) == ARENA_DONE ||
		FAIL(e, ERR_LIMIT, "there is no memory for this");
}

/* The first piece of work was taken; as many more as a batch may have are taken one by one, so that
   whose turn it is decides until the end. */
static void run_queued(struct writer *w, struct work *work)
{
	struct err e = {.arena = &w->scratch};
	int64_t until = clock_mono() + BATCH_US;
	bool ok = begin_batch(w, &e);
	isize n = 1;

	if (ok)
		run_one(w, &work[0]);
	/* A transaction that the engine has ended takes what came before with it. */
	while (ok && n < BATCH_MAX && clock_mono() < until && !db_is_lost(w->db) &&
		take_more(w, &work[n]))
		run_one(w, &work[n++]);
	end_batch(w, ok, work, n, &e);
}

static void run_notes(struct writer *w, struct work *work, isize n)
{
	struct err e = {.arena = &w->scratch};
	bool ok = begin_batch(w, &e);

	for (isize i = 0; ok && i < n && !db_is_lost(w->db); i++)
		run_one(w, &work[i]);
	end_batch(w, ok, work, n, &e);
}

bool writer_hangs(const struct writer *w, int64_t now_us, int hung_after)
{
	int64_t moved = atomic_load(&w->moved_us);
	int64_t limit = hung_after * INT64_C(1000000) *
		(atomic_load(&w->is_at_keeper) ? 1 : PATIENCE);

	return moved && now_us - moved > limit;
}

static void go_to_keeper(struct writer *w, bool is_there)
{
	atomic_store(&w->moved_us, clock_mono());
	atomic_store(&w->is_at_keeper, is_there);
}

static void make_checkpoint(void *writer)
{
	struct writer *w = writer;
	struct err e = {.arena = &w->scratch};

	go_to_keeper(w, true);
	bool ok = ledger_checkpoint(
		w->ledger, w->db, w->keeper, &w->scratch, next_moment(w).now_us, &e);
	go_to_keeper(w, false);

	atomic_store(&w->room.is_unsigned, !ok);
	if (!ok)
		log_fault("checkpoint.failed", KV("why", err_text(&e)));
}

static void sign(struct writer *w)
{
	int64_t now = clock_mono();

	if (now - w->signed_us < CHECKPOINT_US || db_is_broken(w->db))
		return;
	w->signed_us = now;
	if (arena_run(make_checkpoint, w) == ARENA_DONE)
		return;
	db_rollback(w->db);
	log_fault("checkpoint.failed", KV("why", S("no memory")));
}

/* A keeper that is there and does not answer lets nobody sign in: when there is nothing to sign, it
   is asked all the same. */
static void look_at_keeper(struct writer *w)
{
	struct err e = {.arena = &w->scratch};
	struct keeper_state state;
	int64_t now = clock_mono();

	if (now - w->asked_us < KEEPER_US)
		return;
	w->asked_us = now;
	go_to_keeper(w, true);
	if (!keeper_ask_state(w->keeper, &state, &e))
		log_fault("keeper.failed", KV("why", err_text(&e)));
	go_to_keeper(w, false);
}

/* Refusals that were counted and not told of yet. */
static void tell_refusals(struct writer *w, bool is_end)
{
	isize n = refusals_due(&w->refusals, clock_mono(), is_end, w->due, REFUSED_MAX);

	if (n == 0)
		return;
	struct work *work = NEW(&w->scratch, struct work, n);
	for (isize i = 0; i < n; i++)
		work[i].refusal = w->due[i];
	run_notes(w, work, n);
}

void *writer_run(void *writer)
{
	struct writer *w = writer;
	struct work *work = NEW(&w->arena, struct work, BATCH_MAX);
	int64_t busy_us = 0; /* when it last wrote; 0: rests since */

	for (;;) {
		atomic_store(&w->moved_us, clock_mono());
		if (take(w, work)) {
			run_queued(w, work);
			busy_us = clock_mono();
		}
		tell_refusals(w, false);
		sign(w);
		look_at_keeper(w);
		if (busy_us && clock_mono() - busy_us > IDLE_US) {
			threat_memory_clear(w->threats);
			db_trim(w->db);
			busy_us = 0;
		}
		if (room_look(&w->room, &w->scratch, w->config->store, clock_mono()))
			push(w, &(struct work){.is_filling = true});
		arena_reset(&w->scratch);
		pthread_mutex_lock(&w->mutex);
		bool over = w->stopping && w->count == 0;
		pthread_mutex_unlock(&w->mutex);
		if (over)
			break;
	}
	tell_refusals(w, true);
	w->signed_us = 0;
	sign(w);
	threat_memory_clear(w->threats);
	db_close(w->db);
	return NULL;
}
