/*
 * The database port: one set of calls, one SQL text, two engines (SQLite; PostgreSQL to come).
 *
 * Statements are literals.  SQL() reads, SQL_CHANGE() writes whatever an entry of the ledger
 * must vouch for, SQL_LEDGER() writes the ledger's own tables and SQL_FREE() what nothing vouches
 * for: what can be derived, and the few tables of db_free.  Values are bound as $1, $2, …, never
 * printed in:
 *
 *	db_query(db, &rows, SQL("SELECT ref FROM record WHERE kind = $1 ORDER BY ref LIMIT 10"),
 *		V(kind));
 *	while (rows_next(&rows))
 *		use(rows_str(&rows, 0));
 *	return rows_done(&rows);
 *
 * The error is sticky: after the first failure every call fails until the transaction ends,
 * so code reads top-down and checks once, at rows_done() or at db_commit().
 *
 * Every row that SQL_CHANGE() wrote is noted in the row journal (journal.c) until an entry of the
 * ledger takes it.  A commit, or the release of a savepoint, with rows that no entry took is
 * refused: that is our mistake, and it is rolled back and reported as ERR_FAULT.
 *
 * The SQL that holds on both engines is listed in doc/explanation/store.md: times are µs and
 * dates are days in INTEGER columns, flags 0 and 1, an ORDER BY and a LIMIT on every list.
 */
#ifndef DB_DB_H
#define DB_DB_H
#include "base/base.h"

struct db;

enum sql_class { SQL_CLASS_READ, SQL_CLASS_CHANGE, SQL_CLASS_LEDGER, SQL_CLASS_FREE };

/* A bound value, or the statement itself, which is the first of a call's values. */
enum value_type { VALUE_NULL, VALUE_INT, VALUE_TEXT, VALUE_BLOB, VALUE_SQL };
struct value {
	enum value_type type;
	enum sql_class class; /* of a statement */
	int64_t number;
	str text; /* also the bytes of a blob, or the statement */
};

#define SQL_OF(class_, text_)                                                                      \
	((struct value){.type = VALUE_SQL, .class = (class_), .text = S_INIT(text_)})
#define SQL(text)        SQL_OF(SQL_CLASS_READ, text)
/* What a journalled statement ends with, also one of db_built(). */
#define SQL_JOURNALLED   " RETURNING *"
#define SQL_CHANGE(text) SQL_OF(SQL_CLASS_CHANGE, text SQL_JOURNALLED)
#define SQL_LEDGER(text) SQL_OF(SQL_CLASS_LEDGER, text)
#define SQL_FREE(text)   SQL_OF(SQL_CLASS_FREE, text)

struct value db_value_int(int64_t v);
struct value db_value_str(str s);
struct value db_value_blob(const void *bytes, isize n);
#define V(x)         _Generic((x), str : db_value_str, default : db_value_int)(x)
#define V_BLOB(p, n) db_value_blob((p), (n))
#define V_NULL       ((struct value){.type = VALUE_NULL})

struct rows {
	struct db *db;
	void *statement;
	bool failed;
};

/* DB_AUDIT reads only, also in a folder where nothing may be written. */
enum db_mode { DB_CREATE, DB_WRITER, DB_READER, DB_AUDIT };

/* Opens the store at `path`.  The connection and its statements live in `a`, which must outlive
   it.  DB_CREATE fails with ERR_CONFLICT when there is one already; the others fail with
   ERR_MISSING when there is none, ERR_BUSY when it is locked, ERR_FAULT otherwise. */
CHECKED bool db_open(struct db **out, struct arena *a, str path, enum db_mode mode, struct err *e);
void db_close(struct db *db);

/* Gives back the memory that the connection keeps for later; between two transactions. */
void db_trim(struct db *db);
/* Where errors go from now on: the call's. */
void db_report_to(struct db *db, struct err *e);
/* True when nothing failed since the last db_begin(). */
bool db_ok(const struct db *db);

/* One transaction at a time.  A reading one sees one snapshot and never waits; a writing one
   takes the write lock at once (ERR_BUSY when another holds it for long). */
CHECKED bool db_begin_read(struct db *db, struct err *e);
CHECKED bool db_begin(struct db *db, struct err *e);
CHECKED bool db_commit(struct db *db);
/* Ends the transaction, if there is one, and every statement that is being walked. */
void db_rollback(struct db *db);
/* True from when the engine has ended a transaction on its own, with all that was written in it,
   until db_commit(), which then fails, or db_rollback(). */
bool db_is_lost(const struct db *db);
/* True from when the disk failed under a write until the store is opened anew: what the last commit
   left is not known, so nothing more is written (db_begin fails), and reading goes on. */
bool db_is_broken(const struct db *db);
/* From now on a reading transaction may use so much CPU time and so many steps of the engine;
   above, its statement ends with ERR_BUSY. */
void db_limit(struct db *db, int64_t cpu_ms, int64_t steps);
/* A savepoint inside the writer's batch; one level.  db_undo() also ends every statement that is
   being walked. */
CHECKED bool db_save(struct db *db);
CHECKED bool db_release(struct db *db);
void db_undo(struct db *db);

/* db_query(db, &rows, SQL(…), V(…), …): rows to be walked.
   db_exec(db, SQL_CHANGE(…), V(…), …): no rows.
   db_int(db, SQL(…), V(…), …): first column of the first row, 0 when there is none. */
#define DB_ARGS(...)                                                                               \
	(struct value[]){__VA_ARGS__}, COUNT_OF(((struct value[]){__VA_ARGS__}))
#define db_query(db, rows, ...) db_query_values((db), (rows), DB_ARGS(__VA_ARGS__))
#define db_exec(db, ...)        db_exec_values((db), DB_ARGS(__VA_ARGS__))
#define db_int(db, ...)         db_int_values((db), DB_ARGS(__VA_ARGS__))

void db_query_values(struct db *db, struct rows *rows, const struct value *v, isize n);
bool db_exec_values(struct db *db, const struct value *v, isize n);
int64_t db_int_values(struct db *db, const struct value *v, isize n);
/* Rows that the last db_exec changed. */
int64_t db_changed(const struct db *db);

/* A statement put together from constant tables (kind/ only; make tidy holds to it).
   `text` must live as long as the connection. */
struct value db_built(enum sql_class class, str text);
/* The connection's own copy of a built text, the same one for equal texts. */
str db_intern(struct db *db, str text);

bool rows_next(struct rows *r);
bool rows_is_null(const struct rows *r, int column);
int64_t rows_int(const struct rows *r, int column);
/* Views that end with the row; copy what must stay. */
str rows_str(const struct rows *r, int column);
str rows_blob(const struct rows *r, int column);
/* Ends the walk, early too.  False when anything failed since db_begin(). */
CHECKED bool rows_done(struct rows *r);

/* ---- the row journal ---- */

/* The lines of what was written and no entry took yet: "HASH TABLE KEY\n" each. */
str db_written(const struct db *db);
/* An entry took them. */
void db_vouched(struct db *db);
/* Walks all rows of `table` of this store, all columns, in the order of its key. */
void db_table_query(struct db *db, struct rows *rows, str table);
/* The line of the journal for the row that db_table_query() stands on.  False when the table has no
   key or the row is larger than a row may be. */
CHECKED bool db_row_line(struct rows *r, str table, struct buf *line);
/* Walks the same of the one row of a table with one whole number as its key. */
void db_row_query(struct db *db, struct rows *rows, str table, str key_column, int64_t key);
/* Notes all rows of `table` as they stand, as if they had been written: for the entry that states
   anew what an erased part vouched for, or what an older store holds.  False when it failed. */
CHECKED bool db_note_table(struct db *db, str table);
/* After a failure of a reading transaction: goes on with what else can be read. */
void db_go_on(struct db *db);

/* What no entry vouches for, and why; ends with a NULL table.  A NULL column is the whole table. */
struct db_free {
	const char *table, *column, *why;
};
extern const struct db_free db_free[];
/* True when this column is free. */
bool db_is_free(str table, str column);

/* Runs `script` of several statements without values: schema only. */
CHECKED bool db_script(struct db *db, str script, struct err *e);
/* The number of the schema that this program writes, and that of the store.  A larger one is
   ERR_CONFLICT, with what to do; db_schema_check() refuses a smaller one too. */
enum { DB_SCHEMA = 6 };
CHECKED bool db_schema_number(struct db *db, struct arena *a, int64_t *out, struct err *e);
CHECKED bool db_schema_check(struct db *db, struct arena *a, struct err *e);
/* What a number above 1 brought: "2: …". */
str db_schema_step(int64_t number);
/* Brings tables, indexes and triggers of the store to those of `fresh`, in a transaction of its
   own; columns that are new are NULL.  To be followed by the entry that vouches for all rows. */
CHECKED bool db_rebuild(struct db *db, struct db *fresh, struct arena *a, struct err *e);
/* Settings of the store: "schema", "origin", "clock_shift_us", …; "" when there is none. */
CHECKED bool db_setting_put(struct db *db, str name, str value);
str db_setting(struct db *db, struct arena *a, str name);
/* The error of the last call as this engine words it, for the log. */
str db_engine(const struct db *db);
/* Statements prepared so far on this connection: the query count of a page, for its test. */
int64_t db_query_count(const struct db *db);
#endif
