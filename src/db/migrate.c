/*
 * The schema's number, its steps, and the store's few settings.
 *
 * A store of an older number is brought to the present one by db_rebuild(): each table whose text
 * is not that of the program is made anew by the program's text and takes over the columns that
 * both have; a column that is new is NULL.  Indexes and triggers are then those of the program.
 */
#include "db/db_in.h"

bool db_setting_put(struct db *db, str name, str value)
{
	return db_exec(db,
		SQL_CHANGE("INSERT INTO setting(name, value) VALUES($1, $2)"
			   " ON CONFLICT(name) DO UPDATE SET value = excluded.value"),
		V(name), V(value));
}

str db_setting(struct db *db, struct arena *a, str name)
{
	struct rows r;
	str value = S("");

	db_query(db, &r, SQL("SELECT value FROM setting WHERE name = $1"), V(name));
	if (rows_next(&r))
		value = str_dup(a, rows_str(&r, 0));
	return rows_done(&r) ? value : S("");
}

/* What each number above 1 brought, in order. */
static const char *const steps[] = {
	"2: every row is vouched for by an entry of the ledger",
	"3: access tokens have a scope; older ones may what their person may",
	"4: areas are counted out of an index",
	"5: entries bear a mark of the keeper until they are signed",
	"6: changes of what was approved are pending revisions",
};
_Static_assert(sizeof steps / sizeof *steps == DB_SCHEMA - 1, "a step for each number above 1");

str db_schema_step(int64_t number)
{
	assert(number > 1 && number <= DB_SCHEMA);
	return str_of(steps[number - 2]);
}

bool db_schema_number(struct db *db, struct arena *a, int64_t *out, struct err *e)
{
	if (!db_begin_read(db, e))
		return false;
	bool is_number = str_int(db_setting(db, a, S("schema")), 1, 1000000, out);
	db_rollback(db);
	if (!is_number)
		return FAIL(e, ERR_TAMPERED, "this folder holds no store of ward");
	if (*out > DB_SCHEMA)
		return FAIL(e, ERR_CONFLICT,
			"this store was made by a newer ward (schema %" PRId64
			", this program knows %d): "
			"install that version; nothing was changed",
			*out, DB_SCHEMA);
	return true;
}

bool db_schema_check(struct db *db, struct arena *a, struct err *e)
{
	int64_t found;

	if (!db_schema_number(db, a, &found, e))
		return false;
	return found == DB_SCHEMA ||
		FAIL(e, ERR_CONFLICT,
			"this store was made by an older ward (schema %" PRId64
			", this program works with %d): make a backup, then start it once with "
			"ward serve, which brings it up to date",
			found, DB_SCHEMA);
}

/* ---- rebuilding ---- */

struct object {
	str type, name, sql;
};
enum { OBJECTS_MAX = 2000, REBUILD_SQL = 64000 };

static isize read_objects(struct db *db, struct arena *a, struct object *out)
{
	struct rows r;
	isize n = 0;

	db_query(db, &r,
		SQL("SELECT type, name, sql FROM sqlite_schema WHERE sql IS NOT NULL"
		    " AND name NOT LIKE 'search%' ORDER BY type DESC, name LIMIT 2000"));
	while (n < OBJECTS_MAX && rows_next(&r))
		out[n++] = (struct object){str_dup(a, rows_str(&r, 0)), str_dup(a, rows_str(&r, 1)),
			str_dup(a, rows_str(&r, 2))};
	return rows_done(&r) ? n : -1;
}

static const struct object *object_find(const struct object *o, isize n, const struct object *like)
{
	for (isize i = 0; i < n; i++)
		if (str_eq(o[i].name, like->name) && str_eq(o[i].type, like->type))
			return &o[i];
	return NULL;
}

/* The columns that a table has in both forms, for INSERT … SELECT. */
static str common_columns(struct db *db, struct arena *a, str table)
{
	struct rows r;
	struct buf b;

	buf_init(&b, a, REBUILD_SQL);
	db_query(db, &r,
		SQL("SELECT n.name FROM pragma_table_info($1) n JOIN pragma_table_info($2) o"
		    " ON o.name = n.name ORDER BY n.cid LIMIT 1000"),
		V(table), V(str_join(a, S("old "), table)));
	while (rows_next(&r))
		buf_fmt(&b, "%s\"%.*s\"", b.n ? ", " : "", STR_ARG(rows_str(&r, 0)));
	return rows_done(&r) ? buf_str(&b) : S("");
}

static bool rebuild_table(struct db *db, struct arena *a, const struct object *want, struct err *e)
{
	str name = want->name;

	if (!db_script(db,
		    str_fmt(a, "ALTER TABLE \"%.*s\" RENAME TO \"old %.*s\"; %.*s;", STR_ARG(name),
			    STR_ARG(name), STR_ARG(want->sql)),
		    e))
		return false;
	str columns = common_columns(db, a, name);
	if (!columns.n)
		return FAIL(e, ERR_FAULT, "the table %.*s has no column of its older form",
			STR_ARG(name));
	return db_script(db,
		str_fmt(a,
			"INSERT INTO \"%.*s\"(%.*s) SELECT %.*s FROM \"old %.*s\" ORDER BY "
			"rowid; DROP TABLE \"old %.*s\";",
			STR_ARG(name), STR_ARG(columns), STR_ARG(columns), STR_ARG(name),
			STR_ARG(name)),
		e);
}

/* Everything but tables is dropped first, so that no index keeps the name of a new one. */
static bool drop_others(
	struct db *db, struct arena *a, const struct object *have, isize n, struct err *e)
{
	for (isize i = 0; i < n; i++)
		if (!str_eq(have[i].type, S("table")) &&
			!db_script(db,
				str_fmt(a, "DROP %.*s \"%.*s\";", STR_ARG(have[i].type),
					STR_ARG(have[i].name)),
				e))
			return false;
	return true;
}

/* Tables that are missing or have another text; or, when there are none of them left, the rest. */
static bool make_objects(struct db *db, struct arena *a, const struct object *have,
	isize have_count, const struct object *want, isize want_count, bool tables, struct err *e)
{
	bool ok = true;

	for (isize i = 0; ok && i < want_count; i++) {
		const struct object *is = object_find(have, have_count, &want[i]);
		if (str_eq(want[i].type, S("table")) != tables)
			continue;
		if (!tables || !is)
			ok = db_script(db, want[i].sql, e);
		else if (!str_eq(is->sql, want[i].sql))
			ok = rebuild_table(db, a, &want[i], e);
	}
	return ok;
}

static bool rebuild(struct db *db, struct db *fresh, struct arena *a, struct err *e)
{
	struct object *have = NEW(a, struct object, OBJECTS_MAX);
	struct object *want = NEW(a, struct object, OBJECTS_MAX);
	isize have_count = read_objects(db, a, have), want_count = read_objects(fresh, a, want);

	return have_count >= 0 && want_count >= 0 && drop_others(db, a, have, have_count, e) &&
		make_objects(db, a, have, have_count, want, want_count, true, e) &&
		make_objects(db, a, have, have_count, want, want_count, false, e);
}

bool db_rebuild(struct db *db, struct db *fresh, struct arena *a, struct err *e)
{
	struct err rest = {0};
	bool ok = db_script(db, S("PRAGMA foreign_keys=OFF; PRAGMA legacy_alter_table=ON;"), e) &&
		db_begin(db, e);

	ok = ok && rebuild(db, fresh, a, e) && db_commit(db);
	if (!ok)
		db_rollback(db);
	return db_script(db, S("PRAGMA foreign_keys=ON; PRAGMA legacy_alter_table=OFF;"), &rest) &&
		ok;
}
