/* What only the files of db/ need of each other. */
#ifndef DB_DB_IN_H
#define DB_DB_IN_H
#include "db/db.h"

#include <sqlite3.h>

enum { KEY_COLUMNS_MAX = 8, ROW_COLUMNS_MAX = 128, TABLE_NAME_MAX = 64 };

/* How the rows of a table are named and digested. */
struct journal_table {
	char name[TABLE_NAME_MAX];
	int key[KEY_COLUMNS_MAX]; /* the columns of the primary key, in its order */
	int key_count, column_count;
	bool is_free[ROW_COLUMNS_MAX]; /* columns that nothing vouches for */
};

/* Looks up the columns of `name`.  False when there is no such table or it has no key. */
CHECKED bool journal_table(sqlite3 *handle, str name, struct journal_table *out);
/* The table that a writing statement writes, and whether it takes rows away; "" when the text does
   not begin as such a statement does. */
str journal_target(str sql, bool *deletes);
/* The key and the digest of the row that `s` stands on, whose columns are those of the table in
   their order.  False when it is larger than a row may be. */
CHECKED bool journal_row(
	sqlite3_stmt *s, const struct journal_table *t, struct buf *key, uint8_t hash[32]);
/* One line of the journal: hash (or "-"), table, key. */
void journal_line(struct buf *b, const struct journal_table *t, str key, const uint8_t *hash);
#endif
