/* The schema's number, and the store's few settings. */
#include "db/db.h"

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

bool db_schema_check(struct db *db, struct arena *a, struct err *e)
{
	int64_t found = 0;

	if (!db_begin_read(db, e))
		return false;
	bool is_number = str_int(db_setting(db, a, S("schema")), 1, 1000000, &found);
	db_rollback(db);
	if (!is_number)
		return FAIL(e, ERR_TAMPERED, "this folder holds no store of ward");
	if (found > DB_SCHEMA)
		return FAIL(e, ERR_CONFLICT,
			"this store was made by a newer ward (schema %" PRId64
			", this program knows %d): "
			"install that version; nothing was changed",
			found, DB_SCHEMA);
	return true;
}
