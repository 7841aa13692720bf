/* A log, and what is said of it after a crime; see crime.h. */
#include "crime.h"

enum { WRITES = 40, FILLED = 300, SHOWN = 10, FILE_BYTES = 16 << 20, TEXT_BYTES = 1 << 20 };
static const int64_t start_us = INT64_C(1790000000000000);

/* ---- the log ---- */

static struct db *make_store(struct room *r, const char *name)
{
	struct db *db = NULL;
	struct err e = {0};
	struct test_case *t = r->t;
	struct buf ddl;

	CHECK(db_open(&db, t->arena, str_fmt(t->arena, "%.*s/%s", STR_ARG(r->folder), name),
		DB_CREATE, &e));
	buf_init(&ddl, t->arena, 20000);
	ledger_ddl(&ddl, S("sqlite"));
	buf_add(&ddl,
		S("CREATE TABLE risk(ref TEXT PRIMARY KEY, hash TEXT NOT NULL) STRICT;"
		  "CREATE TABLE note(k INTEGER PRIMARY KEY, v TEXT) STRICT;"
		  "CREATE TABLE many(k INTEGER PRIMARY KEY) STRICT;"
		  "CREATE TABLE loose(k TEXT PRIMARY KEY, v TEXT);"
		  "CREATE TABLE sign_in_failure(k TEXT PRIMARY KEY) STRICT;"
		  "CREATE TABLE search_x(k TEXT PRIMARY KEY) STRICT;"));
	CHECK(db_script(db, buf_str(&ddl), &e));
	CHECK_STR(err_text(&e), S(""));
	return db;
}

static void append(
	struct room *r, const char *act, const char *object, const char *outcome, const char *body)
{
	struct test_case *t = r->t;

	r->call.now_us += 1000;
	CHECK(ledger_append(&r->call,
		&(struct entry){.act = str_of(act),
			.object = str_of(object),
			.outcome = str_of(outcome),
			.reason = S("why"),
			.body = str_of(body)}));
}

/* The hash of a record, as hexadecimal digits of one kind. */
static const char *digits(struct room *r, char digit)
{
	char *s = arena_bulk(r->t->arena, HASH_BYTES * 2 + 1);

	memset(s, digit, HASH_BYTES * 2);
	s[HASH_BYTES * 2] = 0;
	return s;
}

static void write_risk(struct room *r, int number, char digit)
{
	struct test_case *t = r->t;
	str ref = str_fmt(t->arena, "R%d", number);
	const char *hash = digits(r, digit);

	CHECK(db_exec(r->db,
		SQL_CHANGE("INSERT INTO risk(ref, hash) VALUES ($1, $2)"
			   " ON CONFLICT(ref) DO UPDATE SET hash = excluded.hash"),
		V(ref), V(str_of(hash))));
	append(r, "risk.update", cstr(t->arena, str_fmt(t->arena, "risk:%.*s", STR_ARG(ref))), "ok",
		cstr(t->arena, str_fmt(t->arena, "{\"rev\":1,\"hash\":\"%s\"}", hash)));
}

str room_note(struct room *r, str text)
{
	struct signature s = sign_detached(&r->secret, text);
	struct buf b;

	buf_init(&b, r->t->arena, NOTE_BYTES);
	buf_add(&b, text);
	note_sign_line(&b, &r->key, s.b);
	return buf_str(&b);
}

str room_checkpoint(struct room *r, uint64_t size, struct hash root, int64_t at_us)
{
	struct checkpoint c = {.origin = r->key.name, .size = size, .root = root, .at_us = at_us};
	struct buf b;

	buf_init(&b, r->t->arena, NOTE_BYTES);
	checkpoint_print(&b, &c);
	return room_note(r, buf_str(&b));
}

static struct hash root_of(struct room *r)
{
	struct edge *edge = NEW(r->t->arena, struct edge, 1);
	struct test_case *t = r->t;
	struct rows rows;

	db_query(r->db, &rows, SQL("SELECT leaf FROM entry ORDER BY seq"));
	while (rows_next(&rows))
		CHECK(edge_add(edge, merkle_leaf(rows_blob(&rows, 0)), NULL, NULL));
	CHECK(rows_done(&rows));
	return edge_root(edge);
}

/* Commits, signs what there is, and begins anew. */
static void sign_log(struct room *r)
{
	struct test_case *t = r->t;
	uint64_t size;

	CHECK(db_commit(r->db));
	ledger_committed(r->call.ledger);
	size = ledger_size(r->call.ledger);
	CHECK(db_begin(r->db, &r->call.err));
	CHECK(db_exec(r->db,
		SQL_LEDGER("INSERT INTO checkpoint(size, note, at)"
			   " VALUES ($1, $2, $3)"),
		V((int64_t)size), V(room_checkpoint(r, size, root_of(r), r->call.now_us)),
		V(r->call.now_us)));
	CHECK(db_commit(r->db));
	CHECK(ledger_open(&r->call.ledger, t->arena, r->db, &r->call.err));
	CHECK(db_begin(r->db, &r->call.err));
}

/* Entry `seq` is erased by the next one, which states anew what it vouched for. */
static void erase(struct room *r, int64_t seq)
{
	struct test_case *t = r->t;

	CHECK(db_note_table(r->db, S("risk")));
	append(r, "ledger.erase",
		cstr(t->arena, str_fmt(t->arena, "entry:%" PRId64 "/body+private+rows", seq)), "ok",
		"");
	CHECK(db_exec(r->db,
		SQL_LEDGER("INSERT INTO erasure(seq, part, by_seq) SELECT seq, part,"
			   " (SELECT max(seq) FROM entry) FROM entry_body"
			   " WHERE seq = $1"),
		V(seq)));
	CHECK(db_exec(r->db, SQL_LEDGER("DELETE FROM entry_body WHERE seq = $1"), V(seq)));
}

/* One part of an entry, and nothing is stated anew. */
static void erase_part(struct room *r, int64_t seq, str part)
{
	struct test_case *t = r->t;

	append(r, "ledger.erase",
		cstr(t->arena, str_fmt(t->arena, "entry:%" PRId64 "/%.*s", seq, STR_ARG(part))),
		"ok", "");
	CHECK(db_exec(r->db,
		SQL_LEDGER("INSERT INTO erasure(seq, part, by_seq)"
			   " SELECT $1, $2, max(seq) FROM entry"),
		V(seq), V(part)));
	CHECK(db_exec(r->db, SQL_LEDGER("DELETE FROM entry_body WHERE seq = $1 AND part = $2"),
		V(seq), V(part)));
}

static void write_note(struct room *r, int64_t key, const char *text)
{
	struct test_case *t = r->t;

	CHECK(db_exec(r->db, SQL_CHANGE("INSERT INTO note(k, v) VALUES ($1, $2)"), V(key),
		V(str_of(text))));
}

/* Bodies in which a hash stands where it means nothing, and parts that are erased alone. */
static void write_bodies(struct room *r)
{
	struct test_case *t = r->t;
	const char *a = digits(r, 'a'), *b = digits(r, 'b');

	r->call.who.name = S("Ada Example");
	CHECK(db_exec(r->db,
		SQL_CHANGE("INSERT INTO risk(ref, hash) VALUES ('B1', $1), ('B2', $1)"),
		V(str_of(a))));
	append(r, "risk.look", "risk:B1", "ok", "{\"hash\":\"zz\"}");
	append(r, "risk.update", "risk:B2", "ok",
		cstr(t->arena, str_fmt(t->arena, "{\"rev\":\"%s\",\"hash\":\"%s\"}", b, a)));
	append(r, "risk.update", "risk:B1", "ok",
		cstr(t->arena,
			str_fmt(t->arena, "{\"x\":{\"hash\":\"%s\"},\"hash\":\"%s\"}", b, a)));
	append(r, "risk.look", "risk:B4", "ok", "{\"hash\"");
	append(r, "risk.look", "risk:B6", "ok", "{\"state\":\"open\"}"); /* 316 */
	append(r, "risk.touch", "risk:R10", "ok", "");
	write_risk(r, 30, 'b'); /* 318 */
	erase_part(r, 318, S("body"));
	erase_part(r, 316, S("private"));
}

/* More rows than the smallest journal has room for, and one whose key is NULL; times that are the
   same, and one that is a microsecond before. */
static void write_rows(struct room *r)
{
	struct test_case *t = r->t;

	for (int i = 0; i < 1100; i++)
		CHECK(db_exec(r->db, SQL_CHANGE("INSERT INTO many(k) VALUES ($1)"), V(i)));
	append(r, "note.add", "", "ok", "");
	CHECK(db_exec(r->db, SQL_CHANGE("INSERT INTO loose(k, v) VALUES (NULL, 'x')")));
	append(r, "note.add", "", "ok", "");
	r->call.now_us -= 1000;
	erase_part(r, 317, S("private"));
	r->call.now_us -= 1001;
	append(r, "night", "", "ok", ""); /* 324 */
}

/* What stands behind the first 300; the numbers are those of the entries. */
static void write_rest(struct room *r)
{
	struct test_case *t = r->t;

	erase(r, 20); /* 300 */
	write_risk(r, 7, 'b');
	append(r, "risk.update", "risk:R8", "denied",
		cstr(t->arena, str_fmt(t->arena, "{\"hash\":\"%s\"}", digits(r, 'b'))));
	append(r, "risk.update", "risk:R9", "ok", "{\"state\":\"open\"}");
	append(r, "ledger.erase", "entry:21/private", "denied", "{}"); /* 304 */
	append(r, "ledger.erase", "entry:305/private", "ok", "{}");
	append(r, "risk.look", "entry:22/private", "ok", "{}"); /* 306 */
	for (int i = 1; i <= 3; i++)
		write_note(r, i, "a note");
	append(r, "note.add", "", "ok", "");
	CHECK(db_exec(r->db, SQL_CHANGE("DELETE FROM note WHERE k = $1"), V(2)));
	append(r, "note.remove", "", "ok", "");
	r->call.who.name = S("");
	append(r, "night", "", "ok", ""); /* 309: nothing but the leaf */
	sign_log(r);                      /* of 310; 310 vouches for it */
	append(r, "risk.update", "risk:denied", "denied",
		cstr(t->arena, str_fmt(t->arena, "{\"hash\":\"%s\"}", digits(r, 'a'))));
	append(r, "ledger.erase", "entry:24/body+private", "ok", "{}"); /* 311 */
	write_bodies(r);
	write_rows(r);
	sign_log(r);
}

/* ---- records, as the kind engine shows them ---- */

static bool find_risk(void *from, str object, bool *found, struct hash *out, struct err *e)
{
	struct room *r = from;
	struct rows rows;
	bool ok = true;

	db_query(r->db, &rows, SQL("SELECT hash FROM risk WHERE 'risk:' || ref = $1"), V(object));
	if ((*found = rows_next(&rows)))
		ok = hex_parse(rows_str(&rows, 0), out->b, HASH_BYTES);
	return rows_done(&rows) && (ok || FAIL(e, ERR_FAULT, "the hash is not a hash"));
}

static bool next_risk(void *from, str *object, struct err *e)
{
	struct room *r = from;
	struct rows rows;

	(void)e;
	*object = S("");
	db_query(r->db, &rows,
		SQL("SELECT 'risk:' || ref FROM risk ORDER BY ref LIMIT 1 OFFSET $1"),
		V(r->next++));
	if (rows_next(&rows))
		*object = str_dup(r->call.arena, rows_str(&rows, 0));
	return rows_done(&rows);
}

/* ---- opening ---- */

void room_open(struct test_case *t, struct room *r)
{
	struct public_key public;
	struct err e = {0};

	*r = (struct room){.t = t, .source = {r, find_risk, next_risk, NULL}};
	CHECK(crypt_init());
	sign_keypair(&r->secret, &public);
	r->key = r->known.key = vkey_make(S("ward.example/verify"), &public);
	CHECK(folder_temp(t->arena, &r->folder, &e));
	r->fresh = make_store(r, "fresh");
	r->db = make_store(r, "store");
	r->call = (struct call){.arena = t->arena,
		.db = r->db,
		.who = {.name = S("Ada Example"), .actor = S("person:7")},
		.now_us = start_us};
	r->call.err.arena = t->arena;
	CHECK(ledger_open(&r->call.ledger, t->arena, r->db, &r->call.err));
	CHECK(db_begin(r->db, &r->call.err));
	for (int i = 0; i < WRITES; i++)
		write_risk(r, i, 'a');
	r->call.who.name = S("");
	for (int i = WRITES; i < FILLED; i++) {
		append(r, "night", "", "ok", "");
		if (i == 269)
			sign_log(r);
	}
	r->call.who.name = S("Ada Example");
	write_rest(r);
	CHECK(db_commit(r->db));
	CHECK_STR(err_text(&r->call.err), S(""));
	db_close(r->db);
	CHECK(file_read(
		t->arena, str_join(t->arena, r->folder, S("/store")), FILE_BYTES, &r->bytes, &e));
	CHECK_STR(err_text(&e), S(""));
}

void room_close(struct room *r)
{
	struct test_case *t = r->t;
	struct err e = {0};

	db_close(r->fresh);
	CHECK(folder_remove(t->arena, r->folder, &e));
}

/* ---- a crime, and what is said of it ---- */

void room_copy(struct room *r)
{
	struct test_case *t = r->t;
	str path = str_join(t->arena, r->folder, S("/copy"));
	struct err e = {0};

	CHECK(file_write(t->arena, path, r->bytes, 0600, &e));
	CHECK(db_open(&r->db, t->arena, path, DB_WRITER, &e));
	CHECK_STR(err_text(&e), S(""));
}

void room_drop(struct room *r)
{
	static const char *const left[] = {"copy", "copy-wal", "copy-shm"};
	struct test_case *t = r->t;
	struct err e = {0};

	db_close(r->db);
	for (int i = 0; i < COUNT_OF(left); i++) {
		str path = str_fmt(t->arena, "%.*s/%s", STR_ARG(r->folder), left[i]);
		CHECK(!file_exists(t->arena, path) || folder_remove(t->arena, path, &e));
	}
}

/* Behind the triggers' back. */
void room_tamper(struct room *r, str sql)
{
	struct test_case *t = r->t;
	struct err e = {0};

	if (!r->is_schema_asked)
		CHECK(db_script(r->db,
			S("DROP TRIGGER entry_not_updated; DROP TRIGGER entry_not_deleted;"
			  " DROP TRIGGER tile_not_updated; DROP TRIGGER tile_not_deleted;"
			  " DROP TRIGGER checkpoint_not_updated;"
			  " DROP TRIGGER checkpoint_not_deleted; PRAGMA foreign_keys=OFF;"),
			&e));
	CHECK(db_script(r->db, sql, &e));
	CHECK_STR(err_text(&e), S(""));
}

void room_verify(struct room *r)
{
	struct test_case *t = r->t;
	struct err e = {0};

	r->next = 0;
	r->source.fresh = r->is_schema_asked ? r->fresh : NULL;
	CHECK(db_begin_read(r->db, &e));
	CHECK(ledger_verify(r->db, t->arena, &r->known, &r->source, &r->report, &e));
	db_rollback(r->db);
	CHECK_STR(err_text(&e), S(""));
}

static void print_finding(struct buf *b, const struct ledger_finding *f)
{
	if (f->seq < 0)
		buf_add(b, S("-"));
	else
		buf_fmt(b, "%" PRId64, f->seq);
	buf_fmt(b, " %.*s\n", STR_ARG(f->text));
}

/* The first findings and the last, a line each: the number of the entry, or "-", and the words. */
static str room_findings(struct room *r)
{
	const struct ledger_finding *f = r->report.findings;
	struct buf b;

	buf_init(&b, r->t->arena, TEXT_BYTES);
	for (int shown = 0; f && shown < SHOWN; shown++, f = f->next)
		print_finding(&b, f);
	if (f)
		buf_fmt(&b, "and %" PRId64 " more, the last:\n", r->report.finding_count - SHOWN);
	for (; f; f = f->next)
		if (!f->next)
			print_finding(&b, f);
	return buf_str(&b);
}

void room_said(struct room *r, const char *sql, str want)
{
	struct test_case *t = r->t;
	str have = room_findings(r);

	if (str_eq(have, want))
		return;
	test_fail(t, __FILE__, __LINE__, "after %s", sql);
	while (have.n || want.n) {
		str is = str_cut(&have, '\n'), should = str_cut(&want, '\n');
		printf("# %.*s\n# not: %.*s\n", STR_ARG(is), STR_ARG(should));
	}
}

void room_try(struct room *r, const struct crime *crime, isize count)
{
	for (isize i = 0; i < count; i++) {
		struct arena_mark mark = arena_here(r->t->arena);
		room_copy(r);
		room_tamper(r, str_of(crime[i].sql));
		room_verify(r);
		room_said(r, crime[i].sql, str_of(crime[i].said));
		room_drop(r);
		arena_rewind(r->t->arena, mark);
	}
}
