/* The port on SQLite: WAL, synchronous=FULL, foreign keys, statements kept prepared. */
#include "db/db_in.h"
#include "os/os.h"

#include <errno.h>
#include <time.h>
#include <sys/stat.h>
#include <unistd.h>

enum { STATEMENTS_MAX = 1024, BUSY_MS = 5000, SQL_MAX = 16384, PARAMS_MAX = 128, INTERN_MAX = 128 };
enum { STEPS_A_LOOK = 1000, TABLES_MAX = 256, JOURNAL_BYTES = 64 << 20 };

#define MAP_THE_FILE "PRAGMA mmap_size=268435456"
#define MAP_FROM     (INT64_C(3) << 30)

/* A prepared statement, found by the address of its text: every text is a constant. */
struct statement {
	const char *text;
	sqlite3_stmt *handle;
	bool in_use;
	uint8_t param
		[PARAMS_MAX]; /* where $1, $2, … went: SQLite numbers them by first appearance */
	int param_count;
	const struct journal_table *table; /* whose rows are journalled, or NULL */
	bool deletes;
};

struct db {
	sqlite3 *handle;
	struct err *err, silent;
	struct statement *statement; /* STATEMENTS_MAX */
	isize statement_count;
	struct arena *arena;
	str intern[INTERN_MAX];
	char *intern_room[INTERN_MAX];
	isize intern_count, intern_next;
	int64_t queries;
	bool in_transaction, failed;
	bool lost;   /* the engine has ended the transaction on its own */
	bool broken; /* the disk failed under a write */
	int64_t cpu_ms_max, steps_max; /* of a reading transaction; 0: no limit */
	int64_t cpu_until, steps_left;
	bool saved;
	/* What was written and no entry of the ledger took yet. */
	struct arena journal_arena;
	struct buf written;
	struct journal_table *table; /* TABLES_MAX */
	isize table_count;
};

struct value db_value_int(int64_t v)
{
	return (struct value){.type = VALUE_INT, .number = v};
}

struct value db_value_str(str s)
{
	return (struct value){.type = VALUE_TEXT, .text = s};
}

struct value db_value_blob(const void *bytes, isize n)
{
	return (struct value){.type = VALUE_BLOB, .text = {bytes, n}};
}

struct value db_built(enum sql_class class, str text)
{
	return (struct value){.type = VALUE_SQL, .class = class, .text = text};
}

/* Where a file may not grow, because the disk is full or a limit is reached, the engine often says
   no more than that a write failed. */
static bool is_full(int code)
{
	return code == SQLITE_IOERR_WRITE || code == SQLITE_IOERR_TRUNCATE ||
		code == SQLITE_IOERR_SHMOPEN || code == SQLITE_IOERR_SHMSIZE;
}

/* Whether the last write to the store's file or its log found no room.  sqlite3_system_errno() is
   of whatever the engine did last, which after a commit is not the write. */
static bool found_no_room(struct db *db)
{
	sqlite3_file *file[2] = {NULL, NULL};

	sqlite3_file_control(db->handle, "main", SQLITE_FCNTL_FILE_POINTER, &file[0]);
	sqlite3_file_control(db->handle, "main", SQLITE_FCNTL_JOURNAL_POINTER, &file[1]);
	for (int i = 0; i < 2; i++) {
		int why = 0;
		if (file[i] && file[i]->pMethods)
			file[i]->pMethods->xFileControl(
				file[i], SQLITE_FCNTL_LAST_ERRNO, &why);
		if (why == ENOSPC || why == EDQUOT || why == EFBIG)
			return true;
	}
	return false;
}

/* After a write or fsync that failed for another reason than room nobody knows what the disk holds;
   the pages may be gone from the cache as if they had been written, so a retry proves nothing. */
static bool is_broken(struct db *db, int code)
{
	switch (code) {
	case SQLITE_IOERR_FSYNC:
	case SQLITE_IOERR_DIR_FSYNC:
		return true;
	case SQLITE_IOERR_WRITE:
	case SQLITE_IOERR_TRUNCATE:
		return !found_no_room(db);
	default:
		return false;
	}
}

static bool fail_broken(struct db *db)
{
	db->failed = true;
	return FAIL(db->err, ERR_FAULT,
		"the disk failed while the store was written: whether the last changes were saved "
		"is not certain; nothing more is written until ward is restarted, reading goes on; "
		"look at the disk, then run ward verify");
}

static bool fail_lost(struct db *db)
{
	db->failed = true;
	return FAIL(db->err, ERR_FAULT,
		"the store gave up the changes of this moment: nothing was saved; make room on the "
		"disk and try again");
}

/* Words for the engine's codes that a person can act on; the rest is a fault with its text. */
static bool fail_code(struct db *db, int code)
{
	db->failed = true;
	db->lost |= db->in_transaction && sqlite3_get_autocommit(db->handle);
	if (db->in_transaction && is_broken(db, code)) {
		db->broken = true;
		return fail_broken(db);
	}
	if (code == SQLITE_IOERR_NOMEM)
		code = SQLITE_NOMEM;
	switch (is_full(code) ? SQLITE_FULL : code & 0xff) {
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return FAIL(db->err, ERR_BUSY,
			"another program holds the store; wait until it is done, or end it, and "
			"try again");
	case SQLITE_FULL:
		return FAIL(db->err, ERR_FAULT,
			"the disk is full or takes no more: nothing was saved; make room and try "
			"again");
	case SQLITE_READONLY:
	case SQLITE_PERM:
		return FAIL(db->err, ERR_FAULT,
			"the store may not be written; check who owns its folder");
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
		return FAIL(db->err, ERR_TAMPERED,
			"the store's file is damaged; run ward verify, then restore a backup");
	case SQLITE_NOMEM:
		return FAIL(db->err, ERR_BUSY,
			"the machine has no memory left for this; try again later, or ask for "
			"less");
	case SQLITE_INTERRUPT:
		return FAIL(db->err, ERR_BUSY,
			"this takes longer than one request may; ask for less, for example for "
			"fewer rows or a narrower choice");
	case SQLITE_CONSTRAINT:
		return FAIL(db->err, ERR_FAULT, "the store refused a row: %s",
			sqlite3_errmsg(db->handle));
	default:
		return FAIL(db->err, ERR_FAULT, "the store failed: %s", sqlite3_errmsg(db->handle));
	}
}

static bool run(struct db *db, const char *sql)
{
	int code = sqlite3_exec(db->handle, sql, NULL, NULL, NULL);

	return code == SQLITE_OK || fail_code(db, code);
}

/* Each connection maps what it reads of the file; where the address space is not for that, nine of
   them would leave nothing to anybody once the file is large. */
static bool map_file(struct db *db)
{
	return os_space() < MAP_FROM || run(db, MAP_THE_FILE);
}

static bool configure(struct db *db, enum db_mode mode)
{
	sqlite3_busy_timeout(db->handle, BUSY_MS);
	sqlite3_extended_result_codes(db->handle, 1);
	sqlite3_db_config(db->handle, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	return (mode == DB_READER || mode == DB_AUDIT || run(db, "PRAGMA journal_mode=WAL")) &&
		run(db, "PRAGMA synchronous=FULL") && run(db, "PRAGMA foreign_keys=ON") &&
		run(db, "PRAGMA trusted_schema=OFF") && run(db, "PRAGMA cell_size_check=ON") &&
		map_file(db) && run(db, "PRAGMA cache_size=-8000") &&
		run(db, "PRAGMA temp_store=MEMORY");
}

/* How a store is opened that may lie on a read-only disk, one after the other: beside a server;
   with a log (WAL) that is read without the file of shared memory, which cannot be made; and a file
   that nobody writes. */
static const struct {
	const char *before, *after, *vfs, *pragma;
} audits[] = {
	{"", "", NULL, "PRAGMA locking_mode=NORMAL"},
	{"", "", "unix-none", "PRAGMA locking_mode=EXCLUSIVE"},
	{"file:", "?immutable=1", NULL, "PRAGMA locking_mode=NORMAL"},
};

/* A path as part of a URI: only what is plain stays as it is. */
static void put_path(struct buf *b, str path)
{
	for (isize i = 0; i < path.n; i++) {
		unsigned char c = (unsigned char)path.p[i];
		if (c == '?' || c == '#' || c == '%' || c <= ' ')
			buf_fmt(b, "%%%02x", c);
		else
			buf_char(b, (char)c);
	}
}

/* What is not yet in the file stands beside it: who reads the file alone reads another store. */
static bool has_log(struct arena *a, str path)
{
	static const char *const endings[] = {"-journal", "-wal"};
	struct stat st;

	for (isize i = 0; i < COUNT_OF(endings); i++)
		if (stat(cstr(a, str_join(a, path, str_of(endings[i]))), &st) == 0 &&
			st.st_size > 0)
			return true;
	return false;
}

/* The engine's code; the last one when all ways fail. */
static int open_audit(struct db *db, struct arena *a, str path)
{
	int code = SQLITE_CANTOPEN;

	for (int i = 0; i < COUNT_OF(audits) && code != SQLITE_OK; i++) {
		bool is_uri = audits[i].before[0] != 0;
		if (is_uri && has_log(a, path))
			return SQLITE_CANTOPEN;
		struct buf b;
		buf_init(&b, a, 8 * path.n + 100);
		buf_add(&b, str_of(audits[i].before));
		if (is_uri)
			put_path(&b, path);
		else
			buf_add(&b, path);
		buf_add(&b, str_of(audits[i].after));
		code = sqlite3_open_v2(cstr(a, buf_str(&b)), &db->handle,
			SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE | SQLITE_OPEN_READONLY |
				(is_uri ? SQLITE_OPEN_URI : 0),
			audits[i].vfs);
		if (code == SQLITE_OK)
			code = sqlite3_exec(db->handle, audits[i].pragma, NULL, NULL, NULL);
		if (code == SQLITE_OK)
			code = sqlite3_exec(db->handle, "SELECT count(*) FROM sqlite_schema", NULL,
				NULL, NULL);
		if (code != SQLITE_OK && i + 1 < COUNT_OF(audits))
			sqlite3_close(db->handle);
	}
	return code;
}

static int open_handle(struct db *db, struct arena *a, str path, enum db_mode mode)
{
	if (mode == DB_AUDIT)
		return open_audit(db, a, path);
	return sqlite3_open_v2(cstr(a, path), &db->handle,
		SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE | SQLITE_OPEN_READWRITE |
			(mode == DB_CREATE ? SQLITE_OPEN_CREATE : 0),
		NULL);
}

/* A pipe would be waited for without end. */
static bool is_plain(const char *name)
{
	struct stat s;

	return stat(name, &s) == 0 && S_ISREG(s.st_mode);
}

bool db_open(struct db **out, struct arena *a, str path, enum db_mode mode, struct err *e)
{
	char *name = cstr(a, path);
	struct db *db = NEW(a, struct db, 1);
	bool exists = access(name, F_OK) == 0;

	if (mode == DB_CREATE && exists)
		return FAIL(e, ERR_CONFLICT, "%s exists already", name);
	if (mode != DB_CREATE && !exists)
		return FAIL(
			e, ERR_MISSING, "there is no store at %s; make one with ward init", name);
	if (exists && !is_plain(name))
		return FAIL(e, ERR_TAMPERED, "%s is not a file", name);
	db->err = e;
	db->arena = a;
	db->statement = NEW(a, struct statement, STATEMENTS_MAX);
	db->table = NEW(a, struct journal_table, TABLES_MAX);
	int code = open_handle(db, a, path, mode);
	if (code == SQLITE_CANTOPEN && mode == DB_AUDIT && has_log(a, path))
		return FAIL(e, ERR_TAMPERED,
			"beside the file lies a log of changes (-journal or -wal) that cannot be "
			"read here: the file alone is not the store");
	bool ok = code == SQLITE_OK ? configure(db, mode) : fail_code(db, code);
	if (!ok || (mode == DB_READER && !run(db, "PRAGMA query_only=ON"))) {
		sqlite3_close(db->handle);
		if (mode == DB_CREATE)
			unlink(name);
		return false;
	}
	db->err = &db->silent;
	*out = db;
	return true;
}

void db_close(struct db *db)
{
	/* What the log of a disk that failed holds is for the next start to read. */
	if (db->broken)
		sqlite3_db_config(db->handle, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
	for (isize i = 0; i < db->statement_count; i++)
		sqlite3_finalize(db->statement[i].handle);
	sqlite3_close(db->handle);
	if (db->journal_arena.size)
		arena_close(&db->journal_arena);
}

void db_trim(struct db *db)
{
	assert(!db->in_transaction);
	sqlite3_db_release_memory(db->handle);
	/* What of the file was looked at stays mapped otherwise. */
	sqlite3_exec(db->handle, "PRAGMA mmap_size=0", NULL, NULL, NULL);
	if (os_space() >= MAP_FROM)
		sqlite3_exec(db->handle, MAP_THE_FILE, NULL, NULL, NULL);
}

void db_report_to(struct db *db, struct err *e)
{
	db->err = e;
}

bool db_ok(const struct db *db)
{
	return !db->failed;
}

str db_engine(const struct db *db)
{
	(void)db;
	return S("sqlite");
}

int64_t db_query_count(const struct db *db)
{
	return db->queries;
}

/* ---- transactions ---- */

static void finish(struct statement *s)
{
	sqlite3_reset(s->handle);
	sqlite3_clear_bindings(s->handle);
	s->in_use = false;
}

static bool begin(struct db *db, const char *how, struct err *e)
{
	assert(!db->in_transaction);
	db->err = e;
	db->failed = db->saved = db->lost = false;
	db_vouched(db);
	db->in_transaction = run(db, how);
	return db->in_transaction;
}

static int64_t cpu_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return t.tv_sec * INT64_C(1000) + t.tv_nsec / 1000000;
}

/* Called by the engine every STEPS_A_LOOK steps; what is not 0 ends the statement. */
static int is_over(void *connection)
{
	struct db *db = connection;

	db->steps_left -= STEPS_A_LOOK;
	return db->steps_left < 0 || cpu_ms() > db->cpu_until;
}

void db_limit(struct db *db, int64_t most_ms, int64_t steps)
{
	assert(most_ms > 0 && steps > 0);
	db->cpu_ms_max = most_ms;
	db->steps_max = steps;
}

bool db_begin_read(struct db *db, struct err *e)
{
	if (db->cpu_ms_max) {
		db->cpu_until = cpu_ms() + db->cpu_ms_max;
		db->steps_left = db->steps_max;
		sqlite3_progress_handler(db->handle, STEPS_A_LOOK, is_over, db);
	}
	return begin(db, "BEGIN", e);
}

bool db_begin(struct db *db, struct err *e)
{
	db->err = e;
	if (db->broken)
		return fail_broken(db);
	return begin(db, "BEGIN IMMEDIATE", e);
}

bool db_is_lost(const struct db *db)
{
	return db->lost;
}

bool db_is_broken(const struct db *db)
{
	return db->broken;
}

/* Statements that nobody walks to their end any more: their work was ended. */
static void end_statements(struct db *db)
{
	for (isize i = 0; i < db->statement_count; i++)
		if (db->statement[i].in_use)
			finish(&db->statement[i]);
}

/* The engine may have ended the transaction without a statement of ours failing. */
static bool is_lost(struct db *db)
{
	db->lost |= sqlite3_get_autocommit(db->handle) != 0;
	return db->lost;
}

/* False, and refused, when something was written that no entry took. */
static bool is_vouched(struct db *db)
{
	if (db->written.n == 0)
		return true;
	db->failed = true;
	return FAIL(db->err, ERR_FAULT,
		"a change without a ledger entry was refused; nothing was saved (this is our "
		"mistake)");
}

bool db_commit(struct db *db)
{
	assert(db->in_transaction && !db->saved);
	if (db->failed && db->broken)
		fail_broken(db);
	else if (is_lost(db))
		fail_lost(db);
	if (db->failed || !is_vouched(db) || !run(db, "COMMIT")) {
		db_rollback(db);
		return false;
	}
	db->in_transaction = false;
	return true;
}

void db_rollback(struct db *db)
{
	if (!db->in_transaction)
		return;
	end_statements(db);
	sqlite3_exec(db->handle, "ROLLBACK", NULL, NULL, NULL);
	db->in_transaction = db->saved = db->lost = false;
	db_vouched(db);
	db->failed = true;
	db->err = &db->silent;
}

bool db_save(struct db *db)
{
	assert(db->in_transaction && !db->saved);
	if (is_lost(db))
		return fail_lost(db);
	if (!is_vouched(db))
		return false;
	db->failed = false;
	if (!run(db, "SAVEPOINT one"))
		return false;
	db->saved = true;
	return true;
}

bool db_release(struct db *db)
{
	assert(db->saved);
	if (is_lost(db))
		return fail_lost(db);
	if (db->failed || !is_vouched(db))
		return false;
	if (!run(db, "RELEASE one"))
		return false;
	db->saved = false;
	return true;
}

void db_undo(struct db *db)
{
	assert(db->saved);
	end_statements(db);
	db->saved = false;
	db_vouched(db);
	/* A savepoint of a transaction that is over would begin a new one, to be kept alone. */
	if (is_lost(db))
		return;
	if (sqlite3_exec(db->handle, "ROLLBACK TO one", NULL, NULL, NULL) != SQLITE_OK ||
		sqlite3_exec(db->handle, "RELEASE one", NULL, NULL, NULL) != SQLITE_OK)
		db->lost = true;
	db->failed = db->lost || db->broken;
}

/* ---- statements ---- */

/* SQLite takes "$2" for a name, numbered by first appearance; the map undoes that. */
static void map_parameters(struct statement *s)
{
	char name[16];

	s->param_count = sqlite3_bind_parameter_count(s->handle);
	for (int n = 1; n < PARAMS_MAX; n++) {
		snprintf(name, sizeof name, "$%d", n);
		s->param[n] = (uint8_t)sqlite3_bind_parameter_index(s->handle, name);
	}
}

static bool is_walked(const struct db *db, const char *text)
{
	for (isize i = 0; i < db->statement_count; i++)
		if (db->statement[i].text == text && db->statement[i].in_use)
			return true;
	return false;
}

/* ---- the row journal ---- */

str db_written(const struct db *db)
{
	return buf_str(&db->written);
}

void db_vouched(struct db *db)
{
	if (!db->written.n && !db->written.full)
		return;
	arena_reset(&db->journal_arena);
	buf_init(&db->written, &db->journal_arena, JOURNAL_BYTES);
}

/* What is known of a table, looked up once a connection: the schema stays as it is under it. */
static const struct journal_table *table_of(struct db *db, str name)
{
	for (isize i = 0; i < db->table_count; i++)
		if (str_eq(str_of(db->table[i].name), name))
			return &db->table[i];
	if (db->table_count == TABLES_MAX ||
		!journal_table(db->handle, name, &db->table[db->table_count]))
		return NULL;
	return &db->table[db->table_count++];
}

static bool note_row(struct db *db, sqlite3_stmt *handle, const struct journal_table *t, bool gone)
{
	struct buf key;
	uint8_t hash[32];

	if (!db->journal_arena.size) {
		arena_open(&db->journal_arena, JOURNAL_BYTES);
		buf_init(&db->written, &db->journal_arena, JOURNAL_BYTES);
	}
	buf_init(&key, &db->journal_arena, SQL_MAX);
	if (!journal_row(handle, t, &key, hash))
		return FAIL(db->err, ERR_LIMIT, "the record is larger than a row may be");
	journal_line(&db->written, t, buf_str(&key), gone ? NULL : hash);
	return !db->written.full ||
		FAIL(db->err, ERR_LIMIT, "one change writes more rows than this program takes");
}

/* Runs the statement and notes the rows that it gives back. */
static void step_all(struct db *db, struct statement *s)
{
	int code = sqlite3_step(s->handle);

	for (; code == SQLITE_ROW; code = sqlite3_step(s->handle))
		if (s->table && !note_row(db, s->handle, s->table, s->deletes)) {
			db->failed = true;
			return;
		}
	if (code != SQLITE_DONE)
		fail_code(db, code);
}

void db_go_on(struct db *db)
{
	db->failed = false;
}

void db_table_query(struct db *db, struct rows *rows, str table)
{
	char text[256];

	snprintf(text, sizeof text, "SELECT * FROM \"%.*s\"", STR_ARG(table));
	db_query(db, rows, db_built(SQL_CLASS_READ, db_intern(db, str_of(text))));
}

void db_row_query(struct db *db, struct rows *rows, str table, str key_column, int64_t key)
{
	char text[256];

	snprintf(text, sizeof text, "SELECT * FROM \"%.*s\" WHERE \"%.*s\" = $1", STR_ARG(table),
		STR_ARG(key_column));
	db_query(db, rows, db_built(SQL_CLASS_READ, db_intern(db, str_of(text))), V(key));
}

bool db_note_table(struct db *db, str table)
{
	const struct journal_table *t = table_of(db, table);
	struct rows r;

	if (!t)
		return !(db->failed = true);
	db_table_query(db, &r, table);
	while (rows_next(&r))
		if (!note_row(db, ((struct statement *)r.statement)->handle, t, false))
			db->failed = true;
	return rows_done(&r);
}

bool db_row_line(struct rows *r, str table, struct buf *line)
{
	const struct statement *s = r->statement;
	const struct journal_table *t = table_of(r->db, table);
	struct buf key;
	uint8_t hash[32];

	assert(s && s->in_use);
	if (!t)
		return false;
	buf_init(&key, line->arena, SQL_MAX);
	if (!journal_row(s->handle, t, &key, hash))
		return false;
	journal_line(line, t, buf_str(&key), hash);
	return !line->full;
}

/* Ends the statements of a text that is about to be replaced.  The others stay where they are:
   whoever walks one has its address. */
static void forget(struct db *db, const char *text)
{
	for (isize i = 0; i < db->statement_count; i++)
		if (db->statement[i].text == text) {
			sqlite3_finalize(db->statement[i].handle);
			db->statement[i] = (struct statement){0};
		}
}

/* Where a new statement goes: the place of one that was forgotten, or behind the last. */
static struct statement *free_statement(struct db *db)
{
	for (isize i = 0; i < db->statement_count; i++)
		if (!db->statement[i].text)
			return &db->statement[i];
	assert(db->statement_count < STATEMENTS_MAX);
	return &db->statement[db->statement_count++];
}

/* Lists have few shapes; a stranger who tries all of them pays with preparing anew. */
str db_intern(struct db *db, str text)
{
	isize at;

	if (text.n >= SQL_MAX)
		arena_give_up(ARENA_SPENT);
	for (isize i = 0; i < db->intern_count; i++)
		if (str_eq(db->intern[i], text))
			return db->intern[i];
	at = db->intern_count < INTERN_MAX ? db->intern_count : db->intern_next++ % INTERN_MAX;
	/* Built queries nest a few deep, never INTERN_MAX. */
	while (db->intern_room[at] && is_walked(db, db->intern_room[at]))
		at = db->intern_next++ % INTERN_MAX;
	if (!db->intern_room[at])
		db->intern_room[at] = NEW(db->arena, char, SQL_MAX);
	else
		forget(db, db->intern_room[at]);
	memcpy(db->intern_room[at], text.p, (size_t)text.n);
	db->intern[at] = (str){db->intern_room[at], text.n};
	db->intern_count += at == db->intern_count;
	return db->intern[at];
}

static struct statement *prepare(struct db *db, const struct value *sql)
{
	struct statement *s = NULL;
	int code;

	for (isize i = 0; i < db->statement_count; i++)
		if (db->statement[i].text == sql->text.p && !db->statement[i].in_use)
			return &db->statement[i];
	assert(sql->type == VALUE_SQL && sql->text.n < SQL_MAX);
	s = free_statement(db);
	code = sqlite3_prepare_v3(db->handle, sql->text.p, (int)sql->text.n,
		SQLITE_PREPARE_PERSISTENT, &s->handle, NULL);
	if (code != SQLITE_OK) {
		*s = (struct statement){0};
		fail_code(db, code);
		return NULL;
	}
	/* A statement of the wrong class would slip past the rule that changes are logged. */
	assert((sql->class == SQL_CLASS_READ) == (sqlite3_stmt_readonly(s->handle) != 0));
	s->text = sql->text.p;
	s->deletes = false;
	s->table = NULL;
	if (sql->class == SQL_CLASS_CHANGE) {
		s->table = table_of(db, journal_target(sql->text, &s->deletes));
		assert(s->table && sqlite3_column_count(s->handle) == s->table->column_count);
	}
	map_parameters(s);
	return s;
}

static int bind_one(sqlite3_stmt *h, int at, const struct value *v)
{
	switch (v->type) {
	case VALUE_NULL:
		return sqlite3_bind_null(h, at);
	case VALUE_INT:
		return sqlite3_bind_int64(h, at, v->number);
	case VALUE_TEXT:
		return sqlite3_bind_text64(h, at, v->text.p ? v->text.p : "", (uint64_t)v->text.n,
			SQLITE_TRANSIENT, SQLITE_UTF8);
	case VALUE_BLOB:
		return sqlite3_bind_blob64(
			h, at, v->text.p ? v->text.p : "", (uint64_t)v->text.n, SQLITE_TRANSIENT);
	case VALUE_SQL:
		break;
	}
	return SQLITE_MISUSE;
}

static struct statement *start(struct db *db, const struct value *v, isize n)
{
	struct statement *s;

	assert(n >= 1 && n <= PARAMS_MAX);
	if (db->failed || db->lost || !(s = prepare(db, &v[0])))
		return NULL;
	assert(s->param_count == n - 1);
	for (int i = 1; i < n; i++) {
		int code = bind_one(s->handle, s->param[i], &v[i]);
		if (code != SQLITE_OK) {
			fail_code(db, code);
			return NULL;
		}
	}
	s->in_use = true;
	db->queries++;
	return s;
}

bool db_exec_values(struct db *db, const struct value *v, isize n)
{
	struct statement *s = start(db, v, n);

	if (!s)
		return false;
	step_all(db, s);
	finish(s);
	return !db->failed;
}

void db_query_values(struct db *db, struct rows *rows, const struct value *v, isize n)
{
	*rows = (struct rows){.db = db, .statement = start(db, v, n)};
	rows->failed = !rows->statement;
}

int64_t db_int_values(struct db *db, const struct value *v, isize n)
{
	struct rows r;
	int64_t out = 0;

	db_query_values(db, &r, v, n);
	if (rows_next(&r))
		out = rows_int(&r, 0);
	return rows_done(&r) ? out : 0;
}

int64_t db_changed(const struct db *db)
{
	return sqlite3_changes64(db->handle);
}

bool rows_next(struct rows *r)
{
	struct statement *s = r->statement;

	if (r->failed || !s)
		return false;
	int code = sqlite3_step(s->handle);
	if (code == SQLITE_ROW)
		return true;
	if (code != SQLITE_DONE)
		r->failed = !fail_code(r->db, code);
	finish(s);
	r->statement = NULL;
	return false;
}

static sqlite3_stmt *row_of(const struct rows *r)
{
	const struct statement *s = r->statement;

	assert(s && s->in_use);
	return s->handle;
}

bool rows_is_null(const struct rows *r, int column)
{
	return sqlite3_column_type(row_of(r), column) == SQLITE_NULL;
}

int64_t rows_int(const struct rows *r, int column)
{
	return sqlite3_column_int64(row_of(r), column);
}

str rows_str(const struct rows *r, int column)
{
	const unsigned char *p = sqlite3_column_text(row_of(r), column);

	return (str){(const char *)p, p ? sqlite3_column_bytes(row_of(r), column) : 0};
}

str rows_blob(const struct rows *r, int column)
{
	const void *p = sqlite3_column_blob(row_of(r), column);

	return (str){p, p ? sqlite3_column_bytes(row_of(r), column) : 0};
}

bool rows_done(struct rows *r)
{
	if (r->statement) {
		finish(r->statement);
		r->statement = NULL;
	}
	return !r->failed && !r->db->failed;
}

bool db_script(struct db *db, str script, struct err *e)
{
	struct err *before = db->err;
	const char *rest = script.p, *end = script.p + script.n;
	bool ok = true;

	db->err = e;
	while (ok && rest < end) {
		sqlite3_stmt *s = NULL;
		int code = sqlite3_prepare_v2(db->handle, rest, (int)(end - rest), &s, &rest);
		if (code == SQLITE_OK && s) {
			code = sqlite3_step(s);
			sqlite3_finalize(s);
		}
		if (code != SQLITE_OK && code != SQLITE_DONE && code != SQLITE_ROW)
			ok = fail_code(db, code);
		if (!s && code == SQLITE_OK)
			break;
	}
	db->err = before;
	return ok;
}
