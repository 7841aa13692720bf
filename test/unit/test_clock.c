/* What the ledger says of the clock: of a test's own, which is set and slewed as it wants. */
#include "crypt/keeper.h"
#include "ledger/ledger_in.h"
#include "os/os.h"
#include "serve/keeper.h"
#include "serve/serve_in.h"
#include "store.h"

#include <unistd.h>

#define HOUR_US INT64_C(3600000000)
#define BOOT    "0123456789abcdef0123456789abcdef"
#define REBOOT  "fedcba9876543210fedcba9876543210"

/* The newest entry. */
static struct ledger_row newest(struct test_case *t, struct call *c, struct leaf *leaf)
{
	struct ledger_row *row;
	struct err e = {0};
	isize count;

	CHECK(ledger_list(c, S(""), -1, 1, &row, &count));
	CHECK_INT(count, 1);
	CHECK(ledger_get(c, row->seq, row));
	CHECK(leaf_decode(t->arena, row->leaf, leaf, &e));
	return *row;
}

static bool write_at(struct test_case *t, struct call *c, const struct clock_facts *now)
{
	struct entry entry = {.act = S("x.y"), .outcome = S("ok"), .body = S("{}")};
	bool stepped;

	CHECK(ledger_clock(c, now, &stepped));
	CHECK(ledger_append(c, &entry));
	CHECK(store_commit(t, c));
	return stepped;
}

TEST(a_clock_that_is_set_is_an_entry, "")
{
	static const struct {
		int64_t real_us, mono_us; /* what went by since the entry before */
		bool reboots, steps;
	} move[] = {{10, 10, false, false}, {HOUR_US, HOUR_US, false, false},
		{1000000, 0, false, false}, {1000001, 0, false, true}, {0, 1000000, false, false},
		{0, 1000001, false, true}, {-HOUR_US, 5, false, true}, {HOUR_US, 5, false, true},
		{HOUR_US, -5 * HOUR_US, true, false}, {1, 1, false, false}};
	struct call *c = store_open(t, S("2026-09-30T08:00:00Z"));
	struct clock_facts now[COUNT_OF(move) + 1] = {
		{c->now_us, 6 * HOUR_US, S(BOOT), false}};
	struct leaf leaf;

	CHECK(!write_at(t, c, &now[0]));
	for (int i = 0; i < COUNT_OF(move); i++) {
		struct clock_facts *next = &now[i + 1];
		*next = now[i];
		next->now_us += move[i].real_us;
		next->mono_us += move[i].mono_us;
		next->boot = move[i].reboots ? S(REBOOT) : now[i].boot;
		next->is_synchronized = i & 1;
		int64_t before = db_int(c->db, SQL("SELECT count(*) FROM entry"));
		CHECK_INT(write_at(t, c, next), move[i].steps);
		CHECK_INT(db_int(c->db, SQL("SELECT count(*) FROM entry")) - before,
			move[i].steps ? 2 : 1);
		struct ledger_row row = newest(t, c, &leaf);
		CHECK_INT(leaf.at_us, next->now_us);
		CHECK_INT(leaf.mono_us, next->mono_us);
		CHECK_STR(leaf.boot, next->boot);
		CHECK_INT(leaf.is_synchronized, i & 1);
		if (!move[i].steps)
			continue;
		CHECK(ledger_get(c, row.seq - 1, &row));
		CHECK_STR(row.act, S("clock.step"));
		CHECK_STR(row.body, str_fmt(t->arena, "{\"step_us\":%" PRId64 "}",
					    move[i].real_us - move[i].mono_us));
	}
	store_close(t, c);
}

/* Another process goes on where the one before stopped; what was undone is said again. */
TEST(a_step_between_two_openings_and_one_that_was_undone_are_entries, "")
{
	struct call *c = store_open(t, S("2026-09-30T08:00:00Z"));
	struct clock_facts one = {c->now_us, HOUR_US, S(BOOT), true}, two = one;
	bool stepped;

	CHECK(!write_at(t, c, &one));
	db_rollback(c->db);
	CHECK(ledger_open(&c->ledger, t->arena, c->db, &c->err));
	CHECK(db_begin(c->db, &c->err));
	two.now_us -= HOUR_US;
	CHECK(ledger_clock(c, &two, &stepped));
	CHECK(stepped);
	store_undo(t, c);
	CHECK(ledger_clock(c, &two, &stepped));
	CHECK(stepped);
	CHECK(store_commit(t, c));
	CHECK(ledger_clock(c, &two, &stepped));
	CHECK(!stepped);
	store_close(t, c);
}

/* ---- the writer ---- */

static void *run(void *writer)
{
	return writer_run(writer);
}

/* Has one entry written at the time that the clock says, and waits for it. */
static int64_t written_at(struct test_case *t, struct writer *w, struct call *reader)
{
	int64_t before, after, tries = 0;
	struct leaf leaf = {0};

	db_rollback(reader->db);
	CHECK(db_begin_read(reader->db, &reader->err));
	before = db_int(reader->db, SQL("SELECT max(seq) FROM entry"));
	writer_verified(w, 0, 1, 1);
	do {
		usleep(2000);
		db_rollback(reader->db);
		CHECK(db_begin_read(reader->db, &reader->err));
		after = db_int(reader->db, SQL("SELECT max(seq) FROM entry"));
	} while (after == before && tries++ < 10000);
	CHECK(after > before);
	newest(t, reader, &leaf);
	return leaf.at_us;
}

TEST(entries_do_not_stay_in_a_future_that_the_clock_left, "")
{
	struct call *c = store_open(t, S("2026-09-30T08:00:00Z"));
	struct clock_facts now = {c->now_us, HOUR_US, S(BOOT), true};
	struct serve_config config = {.store = store_folder(c), .clock = {.given = &now}};
	struct writer *w = NEW(t->arena, struct writer, 1);
	struct err e = {0};
	pthread_t thread;
	int pid;
	str folder = str_fmt(t->arena, "%.*s/keeper", STR_ARG(store_folder(c)));

	CHECK(write_at(t, c, &now) == false);
	CHECK(keeper_create(t->arena, folder, S("ward.example/test"), &e));
	w->config = &config;
	CHECK(keeper_start(&w->keeper, t->arena, folder, KEEPER_THREAD, &pid, &e));
	CHECK(writer_open(w, &e));
	CHECK_STR(err_text(&e), S(""));
	CHECK_INT(pthread_create(&thread, NULL, run, w), 0);

	int64_t first = written_at(t, w, c);
	CHECK(first >= now.now_us && first < now.now_us + 1000);
	CHECK(written_at(t, w, c) > first); /* the clock stands still, times rise */
	now.now_us += 24 * HOUR_US;
	CHECK(written_at(t, w, c) >= first + 24 * HOUR_US);
	now.now_us -= 24 * HOUR_US;
	now.mono_us += 1000;
	for (int i = 0; i < 3; i++)
		CHECK(written_at(t, w, c) < first + 1000000);
	CHECK_INT(db_int(c->db, SQL("SELECT count(*) FROM entry WHERE act = 'clock.step'")), 2);
	writer_stop(w);
	pthread_join(thread, NULL);
	keeper_close(w->keeper);
	arena_close(&w->scratch);
	arena_close(&w->arena);
	store_close(t, c);
}

TEST(the_machine_says_something_of_its_clock, "")
{
	struct clock real = {0};
	struct clock_facts one = clock_look(&real), two = clock_look(&real);

	CHECK(one.now_us > 0 && two.now_us >= one.now_us);
	CHECK(one.mono_us > 0 && two.mono_us >= one.mono_us);
	CHECK(one.boot.n == 0 || one.boot.n == 32);
	CHECK_STR(one.boot, two.boot);
}

TEST_MAIN()
