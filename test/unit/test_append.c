/* Appending to the ledger, opening it and reading it; see log.h. */
#include "log.h"
#include "os/os.h"

static struct log *open_small(struct test_case *t, int count)
{
	struct log *l = NEW(t->arena, struct log, 1);

	log_open(t, l, S("ward.example/append"));
	if (count)
		log_append_many(t, l, count, 3);
	return l;
}

/* Appends in a transaction of its own; false leaves nothing. */
static bool append(struct test_case *t, struct log *l, const struct entry *e)
{
	CHECK(db_begin(l->db, &l->call.err));
	bool ok = ledger_append(&l->call, e);
	if (!ok) {
		db_rollback(l->db);
		ledger_rolled_back(l->ledger);
		return false;
	}
	CHECK(db_commit(l->db));
	ledger_committed(l->ledger);
	return true;
}

/* A part of the newest entry; "" when there is none. */
static str part(struct test_case *t, struct log *l, str name)
{
	struct rows r;
	str value = S("");

	CHECK(db_begin_read(l->db, &l->call.err));
	db_query(l->db, &r,
		SQL("SELECT value FROM entry_body WHERE part = $1 AND seq = (SELECT max(seq)"
		    " FROM entry)"),
		V(name));
	if (rows_next(&r))
		value = str_dup(t->arena, rows_blob(&r, 0));
	CHECK(rows_done(&r));
	db_rollback(l->db);
	return value;
}

/* ---- what is written ---- */

TEST(the_private_part_says_who_and_from_where_and_no_more, "")
{
	static const struct entry plain = {.act = S_INIT("x.y"), .outcome = S_INIT("ok")};
	struct log *l = open_small(t, 0);

	for (int i = 0; i < 8; i++) {
		struct entry e = plain;
		l->call.who.name = i & 1 ? S("Ada \"A\"") : S("");
		l->call.address = i & 2 ? S("192.0.2.1") : S("");
		e.personal = i & 4 ? S("[1]") : S("");
		CHECK(append(t, l, &e));
		str want = str_fmt(t->arena, "%s%s%s%s%s", i & 2 ? "\"address\":\"192.0.2.1\"" : "",
			i & 2 && i & 5 ? "," : "", i & 4 ? "\"detail\":[1]" : "",
			i & 4 && i & 1 ? "," : "", i & 1 ? "\"name\":\"Ada \\\"A\\\"\"" : "");
		CHECK_STR(part(t, l, S("private")),
			i ? str_fmt(t->arena, "{%.*s}", STR_ARG(want)) : S(""));
		CHECK_STR(part(t, l, S("body")), S(""));
	}
	log_close(t, l);
}

/* A salt that could be guessed would let whoever has the leaf try what was in it. */
TEST(salts_and_numbers_of_entries_are_drawn_anew, "")
{
	struct log *l = open_small(t, 20);
	struct rows r;

	CHECK(db_begin_read(l->db, &l->call.err));
	CHECK_INT(db_int(l->db, SQL("SELECT count(DISTINCT salt) FROM entry_body")), 40);
	CHECK_INT(db_int(l->db,
			  SQL("SELECT count(*) FROM entry_body WHERE salt = zeroblob(32)"
			      " OR length(salt) <> 32")),
		0);
	db_query(l->db, &r, SQL("SELECT leaf FROM entry ORDER BY seq"));
	struct uuid last = {0};
	while (rows_next(&r)) {
		struct leaf leaf;
		struct err e = {0};
		CHECK(leaf_decode(t->arena, rows_blob(&r, 0), &leaf, &e));
		/* All but the time. */
		CHECK(memcmp((char *)&last + 8, (char *)&leaf.id + 8, sizeof last - 8) != 0);
		last = leaf.id;
	}
	CHECK(rows_done(&r));
	db_rollback(l->db);
	log_close(t, l);
}

/* The longest leaf that there may be, and one byte more. */
TEST(a_leaf_may_be_as_long_as_its_limit_and_no_longer, "")
{
	struct entry e = {.act = S("x.y"), .outcome = S("ok")};
	char *text = NEW(t->arena, char, LIMIT_LEAF_BYTES);
	struct log *l = open_small(t, 0);

	memset(text, 'x', LIMIT_LEAF_BYTES);
	for (e.reason = (str){text, 1}; e.reason.n < LIMIT_LEAF_BYTES; e.reason.n++)
		if (e.reason.n == 1 || e.reason.n > 3500)
			if (!append(t, l, &e))
				break;
	CHECK_INT(l->call.err.code, ERR_LIMIT);
	err_clear(&l->call.err);
	CHECK(db_begin_read(l->db, &l->call.err));
	CHECK_INT(db_int(l->db, SQL("SELECT max(length(leaf)) FROM entry")), LIMIT_LEAF_BYTES);
	CHECK_INT(
		db_int(l->db, SQL("SELECT count(*) FROM entry")), (int64_t)ledger_size(l->ledger));
	db_rollback(l->db);
	log_close(t, l);
}

TEST(words_about_a_person_that_are_too_long_are_refused, "")
{
	char *text = arena_bulk(t->arena, LIMIT_RECORD_BYTES);
	struct log *l = open_small(t, 0);
	struct entry e = {.act = S("x.y"), .outcome = S("ok")};

	memset(text, '1', LIMIT_RECORD_BYTES);
	e.personal = (str){text, LIMIT_RECORD_BYTES};
	CHECK(!append(t, l, &e));
	CHECK_INT(l->call.err.code, ERR_LIMIT);
	CHECK_STR(err_text(&l->call.err), S("the personal part of the entry is too long"));
	log_close(t, l);
}

/* What went wrong before, or goes wrong in any table, leaves no entry behind. */
TEST(an_entry_is_written_whole_or_not_at_all, "")
{
	static const char *const sql[] = {"", "ALTER TABLE entry RENAME TO x;",
		"ALTER TABLE entry_body RENAME TO x;", "ALTER TABLE tile RENAME TO x;"};
	static const struct entry whole = {.act = S_INIT("x.y"),
		.outcome = S_INIT("ok"),
		.body = S_INIT("{}"),
		.personal = S_INIT("{}")};

	for (int i = 0; i < COUNT_OF(sql); i++) {
		struct arena_mark mark = arena_here(t->arena);
		struct log *l = open_small(t, 255);
		struct err e = {0};
		CHECK(!*sql[i] || db_script(l->db, str_of(sql[i]), &e));
		CHECK(db_begin(l->db, &l->call.err));
		if (!*sql[i])
			(void)!FAIL(&l->call.err, ERR_INVALID, "before");
		CHECK(!ledger_append(&l->call, &whole));
		CHECK_INT(l->call.err.code, *sql[i] ? ERR_FAULT : ERR_INVALID);
		db_rollback(l->db);
		ledger_rolled_back(l->ledger);
		CHECK_INT(ledger_size(l->ledger), 255);
		log_close(t, l);
		arena_rewind(t->arena, mark);
	}
}

/* ---- rows that an entry vouches for ---- */

static void open_again(struct test_case *t, struct log *l)
{
	CHECK(ledger_open(&l->ledger, t->arena, l->db, &l->call.err));
	l->call.ledger = l->ledger;
}

/* The first entry behind a checkpoint vouches for it, in front of what it wrote; the next does not,
   nor does it state anew what the one before had written. */
TEST(the_first_entry_behind_a_checkpoint_vouches_for_it, "")
{
	static const struct entry plain = {.act = S_INIT("x.y"), .outcome = S_INIT("ok")};
	struct log *l = open_small(t, 5);

	CHECK_STR(part(t, l, S("rows")), S(""));
	log_sign(t, l);
	open_again(t, l);
	CHECK(db_begin(l->db, &l->call.err));
	CHECK(db_exec(l->db, SQL_CHANGE("INSERT INTO risk(ref, hash) VALUES ('R', 'x')")));
	CHECK(ledger_append(&l->call, &plain));
	CHECK(db_commit(l->db));
	ledger_committed(l->ledger);
	str rows = part(t, l, S("rows")), first = str_cut(&rows, '\n');
	CHECK(str_ends(first, S(" checkpoint [5]")));
	CHECK(str_ends(rows, S(" risk [\"R\"]\n")));
	CHECK(append(t, l, &plain));
	CHECK_STR(part(t, l, S("rows")), S(""));
	log_close(t, l);
}

TEST(a_checkpoint_that_is_gone_is_vouched_for_by_nobody, "")
{
	static const char *const sql[] = {
		"DELETE FROM checkpoint;", "ALTER TABLE checkpoint RENAME TO x;"};
	static const struct entry plain = {.act = S_INIT("x.y"), .outcome = S_INIT("ok")};

	for (int i = 0; i < COUNT_OF(sql); i++) {
		struct log *l = open_small(t, 5);
		log_sign(t, l);
		open_again(t, l);
		log_tamper(t, l, str_of(sql[i]));
		CHECK(!append(t, l, &plain));
		CHECK_INT(l->call.err.code, i ? ERR_FAULT : ERR_TAMPERED);
		CHECK(i ||
			str_eq(err_text(&l->call.err),
				S("the checkpoint of 5 entries is gone; run ward verify")));
		log_close(t, l);
	}
}

/* ---- opening ---- */

/* What is done to a log of 300 entries, signed at 300 unless it says otherwise. */
static const struct {
	const char *sql;
	enum err_code code;
	const char *said;
} openings[] = {{"", ERR_NONE, ""},
	{"UPDATE entry SET leaf = x'00' WHERE seq = 299", ERR_NONE, ""}, /* for verification */
	{"DELETE FROM entry WHERE seq = 299", ERR_TAMPERED,
		"the ledger has 299 entries, but its checkpoint is about 300"},
	{"DELETE FROM checkpoint; DELETE FROM entry WHERE seq = 299", ERR_NONE, ""},
	{"DELETE FROM entry WHERE seq = 298", ERR_TAMPERED, "entry 298 of the ledger is missing"},
	{"UPDATE entry SET hash = zeroblob(32) WHERE seq = 298", ERR_TAMPERED,
		"the first 300 entries of the ledger are not those that were signed"},
	{"DELETE FROM checkpoint; UPDATE entry SET hash = zeroblob(32) WHERE seq = 298", ERR_NONE,
		""},
	{"DELETE FROM tile", ERR_TAMPERED, "tile 0/0 of the ledger is missing"},
	{"UPDATE checkpoint SET note = 'x'", ERR_SYNTAX, ""},
	{"ALTER TABLE entry RENAME TO x", ERR_FAULT, "the store failed"},
	{"ALTER TABLE tile RENAME TO x", ERR_FAULT, "the store failed"},
	{"ALTER TABLE checkpoint RENAME TO x", ERR_FAULT, "the store failed"},
	{"ALTER TABLE entry RENAME COLUMN leaf TO x", ERR_FAULT, "the store failed"}};

TEST(a_log_opens_only_where_it_is_the_one_that_was_signed, "")
{
	for (int i = 0; i < COUNT_OF(openings); i++) {
		struct arena_mark mark = arena_here(t->arena);
		struct log *l = open_small(t, 300);
		struct ledger *again = NULL;
		struct err e = {0};
		log_sign(t, l);
		log_tamper(t, l,
			str_fmt(t->arena,
				"PRAGMA foreign_keys=OFF; DROP TRIGGER entry_not_deleted;"
				" DROP TRIGGER tile_not_deleted; DROP TRIGGER "
				"checkpoint_not_updated;"
				" %s;",
				openings[i].sql));
		bool ok = ledger_open(&again, t->arena, l->db, &e);
		if (ok != (again != NULL) || e.code != openings[i].code ||
			!str_starts(err_text(&e), str_of(openings[i].said)))
			test_fail(t, __FILE__, __LINE__, "%s: %s, code %d", openings[i].sql, e.text,
				(int)e.code);
		CHECK_INT(ok, openings[i].code == ERR_NONE);
		/* The transaction of its own has ended. */
		err_clear(&e);
		CHECK(db_begin(l->db, &e));
		db_rollback(l->db);
		log_close(t, l);
		arena_rewind(t->arena, mark);
	}
}

TEST(the_newest_checkpoint_is_told_or_that_there_is_none, "")
{
	struct log *l = open_small(t, 3);
	struct hash none = merkle_empty();
	struct checkpoint c;
	int64_t at_us;
	str note;

	CHECK(db_begin_read(l->db, &l->call.err));
	CHECK(ledger_newest(&l->call, &note, &c, &at_us));
	CHECK_STR(note, S(""));
	CHECK_INT(c.size, 0);
	CHECK_INT(at_us, TIME_NONE);
	CHECK(memcmp(c.root.b, none.b, HASH_BYTES) == 0);
	db_rollback(l->db);
	log_sign(t, l);
	log_append_many(t, l, 4, 3);
	str newest = log_sign(t, l);
	CHECK(db_begin_read(l->db, &l->call.err));
	CHECK(ledger_newest(&l->call, &note, &c, &at_us));
	CHECK_STR(note, newest);
	CHECK_INT(c.size, 7);
	CHECK_INT(at_us, 0);
	db_rollback(l->db);
	log_close(t, l);
}

/* ---- reading ---- */

static void check_list(
	struct test_case *t, struct log *l, const char *object, int64_t before, isize limit)
{
	struct ledger_row *row;
	isize count, n = 0;
	int64_t from = before < 0 || before > 20 ? 20 : before;

	CHECK(ledger_list(&l->call, str_of(object), before, limit, &row, &count));
	for (int64_t seq = from - 1; seq >= 0 && n < limit; seq--) {
		str name = str_fmt(t->arena, "risk:RSK-%d", (int)(seq % 3));
		if (*object && !str_eq(name, str_of(object)))
			continue;
		if (n < count) {
			struct hash hash = merkle_leaf(row[n].leaf);
			CHECK_INT(row[n].seq, seq);
			CHECK_STR(row[n].object, name);
			CHECK_STR(row[n].name, S("Ada Example"));
			CHECK_STR(row[n].body, S(""));
			CHECK(memcmp(row[n].hash.b, hash.b, HASH_BYTES) == 0);
		}
		n++;
	}
	CHECK_INT(count, n);
}

/* Of twenty entries about three records: from anywhere, so many, of one record or all. */
TEST(a_list_is_the_newest_before_a_place, "")
{
	static const char *const object[] = {
		"", "risk:RSK-0", "risk:RSK-1", "risk:RSK-2", "risk:RSK-3", "risk"};
	static const isize limit[] = {0, 1, 2, 7, 20, 21};
	struct log *l = open_small(t, 20);

	CHECK(db_begin_read(l->db, &l->call.err));
	for (int i = 0; i < COUNT_OF(object); i++)
		for (int k = 0; k < COUNT_OF(limit); k++)
			for (int64_t before = -1; before <= 21; before++)
				check_list(t, l, object[i], before, limit[k]);
	CHECK_STR(err_text(&l->call.err), S(""));
	db_rollback(l->db);
	log_close(t, l);
}

TEST(an_entry_is_read_with_its_body_or_is_missing, "")
{
	struct log *l = open_small(t, 5);
	struct ledger_row row = {.seq = -7};

	CHECK(db_begin_read(l->db, &l->call.err));
	for (int64_t seq = 0; seq < 5; seq++) {
		CHECK(ledger_get(&l->call, seq, &row));
		CHECK_INT(row.seq, seq);
		CHECK_STR(row.body, S("{\"rev\":3,\"hash\":\"00\",\"state\":\"accepted\"}"));
		CHECK_STR(row.name, S("Ada Example"));
		CHECK_INT(row.at, INT64_C(1790000000000001) + seq);
	}
	row.seq = -7;
	CHECK(!ledger_get(&l->call, 5, &row));
	CHECK_INT(l->call.err.code, ERR_MISSING);
	CHECK_INT(row.seq, -7);
	err_clear(&l->call.err);
	CHECK(!ledger_get(&l->call, -1, &row));
	db_rollback(l->db);
	log_close(t, l);
}

TEST(what_cannot_be_read_is_not_said_to_be_missing, "")
{
	struct log *l = open_small(t, 5);
	struct ledger_row row, *list;
	struct err e = {0};
	isize count;

	CHECK(db_script(l->db, S("ALTER TABLE entry_body RENAME TO x;"), &e));
	CHECK(db_begin_read(l->db, &l->call.err));
	CHECK(!ledger_get(&l->call, 1, &row));
	CHECK_INT(l->call.err.code, ERR_FAULT);
	err_clear(&l->call.err);
	db_go_on(l->db);
	CHECK(!ledger_list(&l->call, S(""), -1, 5, &list, &count));
	CHECK_INT(l->call.err.code, ERR_FAULT);
	err_clear(&l->call.err);
	db_rollback(l->db);
	CHECK(db_script(l->db, S("ALTER TABLE checkpoint RENAME TO y;"), &e));
	CHECK(db_begin_read(l->db, &l->call.err));
	struct checkpoint c;
	int64_t at_us;
	str note;
	CHECK(!ledger_newest(&l->call, &note, &c, &at_us));
	CHECK_INT(l->call.err.code, ERR_FAULT);
	db_rollback(l->db);
	log_close(t, l);
}

/* ---- the clock ---- */

/* Two looks at the clock, with an entry at the first and perhaps one of a machine that does not say
   which start this is: by how much the second is off, and whether that is told. */
static const struct {
	int boot_bytes;
	bool says_nothing_between;
	int64_t off_us;
	bool is_told;
} looks[] = {{8, false, 0, false}, {8, false, CLOCK_STEP_US, false},
	{8, false, CLOCK_STEP_US + 1, true}, {8, false, -CLOCK_STEP_US, false},
	{8, false, -CLOCK_STEP_US - 1, true}, {8, true, CLOCK_STEP_US + 1, true},
	{0, false, CLOCK_STEP_US + 1, false}, {39, false, CLOCK_STEP_US + 1, true},
	{40, false, CLOCK_STEP_US + 1, false}};

TEST(a_clock_that_steps_by_more_than_a_second_is_told, "")
{
	static const struct entry plain = {.act = S_INIT("x.y"), .outcome = S_INIT("ok")};
	char boot[40];

	memset(boot, 'b', sizeof boot);
	for (int i = 0; i < COUNT_OF(looks); i++) {
		struct log *l = open_small(t, 0);
		struct clock_facts first = {.now_us = INT64_C(1790000000000000),
			.mono_us = 5000,
			.boot = {boot, looks[i].boot_bytes}};
		struct clock_facts between = first, second = first;
		bool stepped;
		between.boot = S("");
		second.now_us += 100 + looks[i].off_us;
		second.mono_us += 100;
		CHECK(db_begin(l->db, &l->call.err));
		CHECK(ledger_clock(&l->call, &first, &stepped) && !stepped);
		CHECK(ledger_append(&l->call, &plain));
		if (looks[i].says_nothing_between) {
			CHECK(ledger_clock(&l->call, &between, &stepped) && !stepped);
			CHECK(ledger_append(&l->call, &plain));
		}
		CHECK(ledger_clock(&l->call, &second, &stepped));
		CHECK_INT(stepped, looks[i].is_told);
		CHECK_INT(l->call.now_us, second.now_us);
		db_rollback(l->db);
		log_close(t, l);
	}
}

/* What the newest entry says counts, not an older one. */
TEST(a_step_is_measured_from_the_newest_entry, "")
{
	static const struct entry plain = {.act = S_INIT("x.y"), .outcome = S_INIT("ok")};
	struct log *l = open_small(t, 0);
	struct clock_facts clock = {
		.now_us = INT64_C(1790000000000000), .mono_us = 5000, .boot = S("b")};
	bool stepped;

	for (int i = 0; i < 3; i++) {
		CHECK(db_begin(l->db, &l->call.err));
		CHECK(ledger_clock(&l->call, &clock, &stepped));
		CHECK_INT(stepped, i == 1);
		CHECK(ledger_append(&l->call, &plain));
		CHECK(db_commit(l->db));
		ledger_committed(l->ledger);
		clock.now_us += 100 + (i == 0 ? 10 * CLOCK_STEP_US : 0);
		clock.mono_us += 100;
		open_again(t, l);
	}
	log_close(t, l);
}

TEST_MAIN()
