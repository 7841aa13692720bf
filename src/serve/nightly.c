/*
 * The nightly verification: what ward verify does, once a day, by the running server.
 *
 * A thread of its own at the lowest priority, over a snapshot on a connection that only reads, so
 * that neither pages nor the writer wait for it.  What it found becomes an entry ledger.verified,
 * and while something is wrong every page says so.
 */
#include "crypt/keeper.h"
#include "ident/ident.h"
#include "kind/kind.h"
#include "serve/serve_in.h"

#include <limits.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

enum {
	FIRST_S = 300, /* after the start, when the rush is over */
	DAY_S = 86400,
	AGAIN_S = 3600,
	NIGHTLY_ARENA_BYTES = 512 << 20
};

struct run {
	struct nightly *nightly;
	struct arena *arena;
	bool ok;
};

/* The keys, and what was signed last, which the log must hold. */
static bool read_known(struct nightly *n, struct arena *a, struct ledger_known *out, struct err *e)
{
	struct keeper_state *state = NEW(a, struct keeper_state, 1);

	if (!keeper_ask_state(n->keeper, state, e))
		return false;
	*out = ledger_known(state);
	return true;
}

static void tell(struct nightly *n, const struct ledger_report *r)
{
	if (r->finding_count)
		log_fault("verify.found", KV("first", r->findings->text));
	atomic_store(&n->writer->room.findings,
		(int)(r->finding_count > INT_MAX ? INT_MAX : r->finding_count));
	writer_verified(n->writer, r->finding_count, r->entries, r->rows);
}

static void tell_failure(struct nightly *n, str why)
{
	log_fault("verify.failed", KV("why", why));
	atomic_store(&n->writer->room.findings, -1);
	writer_verified(n->writer, -1, 0, 0);
}

static bool verify_in(struct nightly *n, struct call *c, const struct ledger_known *known,
	struct ledger_report *out)
{
	struct keeper_state *now = NEW(c->arena, struct keeper_state, 1);

	if (!db_begin_read(c->db, &c->err) ||
		!store_verify(c, known, store_schema(c->arena, db_engine(c->db)), out) ||
		!keeper_ask_state(n->keeper, now, &c->err))
		return false;
	ledger_check_memory(out, now->size);
	return true;
}

static void close_store(void *db)
{
	db_close(db);
}

static void verify(void *run)
{
	struct run *u = run;
	struct nightly *n = u->nightly;
	struct call c = {.arena = u->arena, .at_us = TIME_NONE};
	struct ledger_report report;
	struct ledger_known known;
	struct arena_guard guard;

	c.err.arena = u->arena;
	str path = str_fmt(u->arena, "%.*s/ward.db", STR_ARG(n->writer->config->store));
	if (read_known(n, u->arena, &known, &c.err) &&
		db_open(&c.db, u->arena, path, DB_AUDIT, &c.err)) {
		arena_guard(&guard, close_store, c.db);
		u->ok = verify_in(n, &c, &known, &report);
		arena_unguard(&guard);
		db_rollback(c.db);
		db_close(c.db);
	}
	if (u->ok)
		tell(n, &report);
	else
		tell_failure(n, err_text(&c.err));
}

/* False when it is time to end. */
static bool wait_for(struct nightly *n, int64_t seconds)
{
	struct timespec until;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += seconds;
	pthread_mutex_lock(&n->mutex);
	while (!n->stopping && pthread_cond_timedwait(&n->wake, &n->mutex, &until) == 0)
		continue;
	bool goes_on = !n->stopping;
	pthread_mutex_unlock(&n->mutex);
	return goes_on;
}

int64_t nightly_next(bool is_intact)
{
	return is_intact ? DAY_S : AGAIN_S;
}

static void *nightly_run(void *nightly)
{
	struct nightly *n = nightly;
	const char *given = getenv("WARD_VERIFY_AFTER");
	int64_t next = FIRST_S;
	struct arena arena;

	/* Of this thread alone, on Linux. */
	if (setpriority(PRIO_PROCESS, 0, 19))
		log_note("verify.priority", KV("is", S("normal")));
	if (given && !str_int(str_of(given), 1, DAY_S, &next))
		next = FIRST_S;
	while (wait_for(n, next)) {
		arena_open(&arena, NIGHTLY_ARENA_BYTES);
		struct run u = {.nightly = n, .arena = &arena};
		if (arena_run(verify, &u) != ARENA_DONE)
			tell_failure(n, S("it takes more memory than there is"));
		arena_close(&arena);
		next = nightly_next(atomic_load(&n->writer->room.findings) == 0);
	}
	return NULL;
}

bool nightly_start(struct nightly *n, struct writer *w, struct keeper *k)
{
	pthread_condattr_t attr;

	*n = (struct nightly){.writer = w, .keeper = k};
	pthread_mutex_init(&n->mutex, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&n->wake, &attr);
	return pthread_create(&n->thread, NULL, nightly_run, n) == 0;
}

void nightly_stop(struct nightly *n)
{
	pthread_mutex_lock(&n->mutex);
	n->stopping = true;
	pthread_cond_broadcast(&n->wake);
	pthread_mutex_unlock(&n->mutex);
	pthread_join(n->thread, NULL);
}
