/*
 * The ledger against its floor: one row with the same 320 bytes in a plain table of the same store,
 * the same number a transaction, synchronous as ever.  Rounds of both take turns, so that a busy
 * machine hits both; figures are medians of rounds.
 */
#include "ledger/ledger.h"

#include "bench.h"
#include "crypt/crypt.h"
#include "serve/keeper.h"

#include <sys/syscall.h>
#include <unistd.h>

enum { ARENA = 512 << 20, EVENT = 320, ROUNDS = 7, VERIFIED = 20000 };

struct test_case *test_all; /* the fixture brings the runner along */

struct store {
	struct call call;
	str folder, path;
	struct arena work; /* of a batch */
	int64_t plain;     /* rows of the floor */
};

/* How often the engine waited for the disk: these stand before those of the C library. */
static int64_t barriers;
int fsync(int fd);
int fdatasync(int fd);
int fsync(int fd)
{
	barriers++;
	return (int)syscall(SYS_fsync, fd);
}
int fdatasync(int fd)
{
	barriers++;
	return (int)syscall(SYS_fdatasync, fd);
}

/* Entries bear marks, as they do wherever there is a keeper. */
static bool keep(struct store *s, struct arena *a)
{
	str folder = str_fmt(a, "%.*s/keeper", STR_ARG(s->folder));
	struct call *c = &s->call;
	struct keeper *k;
	int pid;

	return keeper_create(a, folder, S("ward.example/bench"), &c->err) &&
		keeper_start(&k, a, folder, KEEPER_THREAD, &pid, &c->err) &&
		ledger_keep(c->ledger, a, c->db, k, &c->err);
}

static bool store_make(struct store *s, struct arena *a)
{
	struct call *c = &s->call;
	struct buf b;

	arena_init(&s->work, os_reserve(ARENA), ARENA);
	c->arena = &s->work;
	c->err.arena = a;
	c->who = (struct who){.ref = S("P02"),
		.name = S("Ada Example"),
		.actor = S("person:0199f3a0-7c3e-7d11-8a51-0242ac120002")};
	c->now_us = INT64_C(1790000000000000);
	c->at_us = TIME_NONE;
	if (!crypt_init() || !folder_temp(a, &s->folder, &c->err))
		return false;
	s->path = str_fmt(a, "%.*s/ward.db", STR_ARG(s->folder));
	buf_init(&b, a, 1 << 20);
	ledger_ddl(&b, S("sqlite"));
	buf_add(&b,
		S("CREATE TABLE plain(seq INTEGER PRIMARY KEY, at INTEGER NOT NULL,"
		  " act TEXT NOT NULL, object TEXT NOT NULL, actor TEXT NOT NULL,"
		  " body TEXT NOT NULL) STRICT;"
		  "CREATE INDEX plain_object ON plain(object, seq);"));
	return db_open(&c->db, a, s->path, DB_CREATE, &c->err) &&
		db_script(c->db, buf_str(&b), &c->err) &&
		ledger_open(&c->ledger, a, c->db, &c->err) && keep(s, a);
}

/* One event: 320 bytes of JSON about one of a thousand risks. */
static void event(char body[EVENT + 1], char object[32], int64_t n)
{
	int head = snprintf(body, EVENT, "{\"rev\":%d,\"after\":{\"title\":\"", (int)(n % 97));

	for (int i = head; i < EVENT - 3; i++)
		body[i] = (char)('a' + (n * 31 + i * i) % 26);
	snprintf(body + EVENT - 3, 4, "\"}}");
	snprintf(object, 32, "risk:RSK-%d", (int)(n % 1000));
}

static bool batch(struct store *s, int size, bool is_ledger)
{
	struct call *c = &s->call;
	char body[EVENT + 1], object[32];
	bool ok;

	if (!db_begin(c->db, &c->err))
		return false;
	for (int i = 0; i < size; i++) {
		int64_t n = is_ledger ? (int64_t)ledger_size(c->ledger) + i : ++s->plain;
		event(body, object, n);
		c->now_us++;
		ok = is_ledger
			? ledger_append(c,
				  &(struct entry){.act = S("risk.update"),
					  .object = str_of(object),
					  .outcome = S("ok"),
					  .body = str_of(body)})
			: db_exec(c->db,
				  SQL_FREE("INSERT INTO plain(seq, at, act, object, actor, body)"
					    " VALUES ($1, $2, $3, $4, $5, $6)"),
				  V(n), V(c->now_us), V(S("risk.update")), V(str_of(object)),
				  V(c->who.actor), V(str_of(body)));
		if (!ok)
			return false;
	}
	ok = db_commit(c->db);
	if (is_ledger)
		ledger_committed(c->ledger);
	arena_reset(&s->work);
	return ok;
}

struct round {
	double cpu_us, wall_us; /* an entry */
};

static bool run_round(struct store *s, int batches, int size, bool is_ledger, struct round *out)
{
	int64_t wall = clock_mono(), cpu = cpu_ns();

	for (int i = 0; i < batches; i++)
		if (!batch(s, size, is_ledger))
			return false;
	out->cpu_us = (double)(cpu_ns() - cpu) / 1000 / batches / size;
	out->wall_us = (double)(clock_mono() - wall) / batches / size;
	return true;
}

/* The share of the floor's speed, in CPU and on the clock, at one size of group. */
static bool compare(struct store *s, int size, int batches, double floor, double budget_us)
{
	double cpu[ROUNDS], ratio[ROUNDS], cpu_ratio[ROUNDS];
	struct round plain, ledger;
	char figure[100];
	int64_t waits = 0;

	for (int i = 0; i < ROUNDS; i++) {
		if (!run_round(s, batches, size, false, &plain))
			return false;
		int64_t before = barriers;
		if (!run_round(s, batches, size, true, &ledger))
			return false;
		waits += barriers - before;
		cpu[i] = ledger.cpu_us;
		ratio[i] = plain.wall_us / ledger.wall_us;
		cpu_ratio[i] = plain.cpu_us / ledger.cpu_us;
	}
	snprintf(figure, sizeof figure, "ledger, groups of %d: speed against plain rows", size);
	at_least(figure, median(ratio, ROUNDS), floor, "x");
	snprintf(figure, sizeof figure, "ledger, groups of %d: the same in CPU", size);
	at_most(figure, median(cpu_ratio, ROUNDS), 0, "x");
	snprintf(
		figure, sizeof figure, "ledger, groups of %d: CPU an entry, commit included", size);
	at_most(figure, median(cpu, ROUNDS), budget_us, "us");
	snprintf(figure, sizeof figure, "ledger, groups of %d: barriers a commit", size);
	at_most(figure, (double)waits / (ROUNDS * batches), 1.02, "");
	return true;
}

/* What the file grows by; pages of its log come back at the next checkpoint of SQLite. */
static bool bytes(struct store *s, int size, int batches, double budget)
{
	struct rows r;
	char figure[100];
	int64_t pages[2] = {0, 0};

	for (int n = 0; n < 2; n++) {
		for (int i = 0; n == 1 && i < batches; i++)
			if (!batch(s, size, true))
				return false;
		if (!db_begin_read(s->call.db, &s->call.err))
			return false;
		db_query(s->call.db, &r,
			SQL("SELECT page_count * page_size FROM"
			    " pragma_page_count(), pragma_page_size()"));
		if (rows_next(&r))
			pages[n] = rows_int(&r, 0);
		if (!rows_done(&r))
			return false;
		db_rollback(s->call.db);
	}
	snprintf(figure, sizeof figure, "ledger, groups of %d: bytes of the store an event", size);
	at_most(figure, (double)(pages[1] - pages[0]) / batches / size, budget, "B");
	return true;
}

static bool verify(struct store *s, struct arena *a)
{
	struct call *c = &s->call;
	struct ledger_report report;
	double us[3];

	while (ledger_size(c->ledger) < VERIFIED)
		if (!batch(s, 256, true))
			return false;
	for (int i = 0; i < COUNT_OF(us); i++) {
		if (!db_begin_read(c->db, &c->err))
			return false;
		int64_t t0 = cpu_ns();
		if (!ledger_verify(c->db, a, &(struct ledger_known){0}, NULL, &report, &c->err))
			return false;
		us[i] = (double)(cpu_ns() - t0) / 1000 / (double)report.entries;
		db_rollback(c->db);
		if (report.finding_count) {
			fprintf(stderr, "verify found %d faults\n", (int)report.finding_count);
			return false;
		}
	}
	at_most("ledger: verifying an entry with its commitments", median(us, COUNT_OF(us)), 0.8,
		"us");
	return true;
}

int main(void)
{
	static struct store s;
	struct arena a;

	arena_init(&a, os_reserve(ARENA), ARENA);
	bool ok = store_make(&s, &a) && batch(&s, 256, true) && batch(&s, 256, false) &&
		compare(&s, 1, 60, 0.65, 16) && compare(&s, 64, 8, 0.60, 12) &&
		compare(&s, 256, 4, 0.80, 12) && bytes(&s, 1, 100, 10000) &&
		bytes(&s, 64, 20, 1600) && verify(&s, &a);
	if (!ok)
		fprintf(stderr, "ledger: %s\n", s.call.err.text);
	db_close(s.call.db);
	struct err e = {.arena = &a};
	return folder_remove(&a, s.folder, &e) && ok ? 0 : 1;
}
