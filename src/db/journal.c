/*
 * The row journal: what a transaction wrote, row by row, for the entry that vouches for it.
 *
 * A line is
 *
 *	HASH SP TABLE SP KEY LF
 *
 * HASH is the SHA-256 of the whole row in base64, or "-" for a row that was taken away.  KEY is
 * the primary key as a JSON array (blobs in hexadecimal).  The row is digested as the name of its
 * table and then every column in the order of the table, each with its type and length before it,
 * so that no two rows have the same bytes.
 *
 * The lines need no salt of their own: they are a part of the entry, under its salted commitment,
 * and go with that part when it is erased.
 */
#include "crypt/crypt.h"
#include "db/db_in.h"

enum { ROW_BYTES_MAX = 16 << 20 };

const struct db_free db_free[] = {
	{"sign_in_failure", NULL,
		"counts failed sign-ins by name and address, to make guessing slow; it gives "
		"nobody a right, and "
		"an entry for each would let a stranger fill the disk"},
	{"search_data", "block",
		"pages of the index of words: how they are laid out depends on the order of all "
		"writes; every word is looked up instead, and its records and places compared"},
	{"search_idx", "term",
		"where a page of words begins: any text between its first word and the last of the "
		"page before does the same; every word is looked up instead"},
	{"file", NULL,
		"the order of rows and pages, counters in the header, and room that nothing stands "
		"in: no statement reads them; the engine checks its pages"},
	{NULL, NULL, NULL},
};

bool db_is_free(str table, str column)
{
	for (const struct db_free *f = db_free; f->table; f++)
		if (str_eq(table, str_of(f->table)) &&
			(!f->column || str_eq(column, str_of(f->column))))
			return true;
	return false;
}

static str column_text(sqlite3_stmt *s, int at)
{
	const void *p = sqlite3_column_type(s, at) == SQLITE_BLOB
		? sqlite3_column_blob(s, at)
		: (const void *)sqlite3_column_text(s, at);

	return (str){p, p ? sqlite3_column_bytes(s, at) : 0};
}

static void take_column(struct journal_table *t, sqlite3_stmt *s)
{
	int at = t->column_count++, place = sqlite3_column_int(s, 1);

	t->is_free[at] = db_is_free(str_of(t->name), column_text(s, 0));
	if (place >= 1 && place <= KEY_COLUMNS_MAX) {
		t->key[place - 1] = at;
		t->key_count += 1;
	}
}

bool journal_table(sqlite3 *handle, str name, struct journal_table *out)
{
	static const char text[] = "SELECT name, pk FROM pragma_table_info(?1) ORDER BY cid";
	sqlite3_stmt *s;

	*out = (struct journal_table){.key_count = 0};
	if (name.n >= TABLE_NAME_MAX)
		return false;
	memcpy(out->name, name.p, (size_t)name.n);
	if (sqlite3_prepare_v2(handle, text, -1, &s, NULL) != SQLITE_OK)
		return false;
	sqlite3_bind_text(s, 1, name.p, (int)name.n, SQLITE_TRANSIENT);
	while (sqlite3_step(s) == SQLITE_ROW && out->column_count < ROW_COLUMNS_MAX)
		take_column(out, s);
	return sqlite3_finalize(s) == SQLITE_OK && out->key_count > 0;
}

static str first_name(str rest)
{
	isize n = 0;

	if (str_starts(rest, S("\""))) {
		rest = str_part(rest, 1, rest.n);
		return str_cut(&rest, '"');
	}
	while (n < rest.n && rest.p[n] != ' ' && rest.p[n] != '(')
		n++;
	return str_part(rest, 0, n);
}

str journal_target(str sql, bool *deletes)
{
	static const str begin[] = {
		S_INIT("INSERT INTO "), S_INIT("UPDATE "), S_INIT("DELETE FROM ")};

	for (int i = 0; i < COUNT_OF(begin); i++) {
		if (!str_starts(sql, begin[i]))
			continue;
		*deletes = i == 2;
		return first_name(str_part(sql, begin[i].n, sql.n));
	}
	return S("");
}

/* ---- a row as bytes ---- */

static void put_number(struct buf *b, uint64_t v)
{
	char bytes[8];

	for (int i = 0; i < 8; i++)
		bytes[i] = (char)(v >> (56 - 8 * i));
	buf_add(b, (str){bytes, 8});
}

static void put_sized(struct buf *b, char type, str bytes)
{
	buf_char(b, type);
	put_number(b, (uint64_t)bytes.n);
	buf_add(b, bytes);
}

static void put_column(struct buf *b, sqlite3_stmt *s, int at)
{
	double real;
	uint64_t bits;

	switch (sqlite3_column_type(s, at)) {
	case SQLITE_NULL:
		buf_char(b, 'n');
		return;
	case SQLITE_INTEGER:
		buf_char(b, 'i');
		put_number(b, (uint64_t)sqlite3_column_int64(s, at));
		return;
	case SQLITE_FLOAT:
		real = sqlite3_column_double(s, at);
		memcpy(&bits, &real, sizeof bits);
		buf_char(b, 'r');
		put_number(b, bits);
		return;
	case SQLITE_BLOB:
		put_sized(b, 'b', column_text(s, at));
		return;
	default:
		put_sized(b, 't', column_text(s, at));
	}
}

/* A string of JSON, whatever the bytes: what is not plain ASCII or UTF-8 is escaped by its byte. */
static void put_quoted(struct buf *b, str s)
{
	bool is_utf8 = utf8_check(s) < 0;

	buf_char(b, '"');
	for (isize i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];
		if (c == '"' || c == '\\')
			buf_fmt(b, "\\%c", c);
		else if (c < 0x20 || c == 0x7f || (c > 0x7f && !is_utf8))
			buf_fmt(b, "\\u%04x", c);
		else
			buf_char(b, (char)c);
	}
	buf_char(b, '"');
}

static void put_key(struct buf *b, sqlite3_stmt *s, int at)
{
	str bytes;

	switch (sqlite3_column_type(s, at)) {
	case SQLITE_NULL:
		buf_add(b, S("null"));
		return;
	case SQLITE_INTEGER:
		buf_int(b, sqlite3_column_int64(s, at));
		return;
	case SQLITE_BLOB:
		bytes = column_text(s, at);
		buf_char(b, '"');
		hex_print(b, bytes.p, bytes.n);
		buf_char(b, '"');
		return;
	default:
		put_quoted(b, column_text(s, at));
	}
}

bool journal_row(sqlite3_stmt *s, const struct journal_table *t, struct buf *key, uint8_t hash[32])
{
	int count = sqlite3_data_count(s);
	struct buf b;

	buf_char(key, '[');
	for (int i = 0; i < t->key_count; i++) {
		if (i)
			buf_char(key, ',');
		put_key(key, s, t->key[i]);
	}
	buf_char(key, ']');
	struct arena_mark mark = arena_here(key->arena);
	buf_init(&b, key->arena, ROW_BYTES_MAX);
	put_sized(&b, 'T', str_of(t->name));
	for (int i = 0; i < count; i++)
		if (i >= ROW_COLUMNS_MAX || !t->is_free[i])
			put_column(&b, s, i);
	struct sha256 h = sha256(buf_view(&b));
	memcpy(hash, h.b, sizeof h.b);
	arena_rewind(key->arena, mark);
	return !b.full && !key->full;
}

void journal_line(struct buf *b, const struct journal_table *t, str key, const uint8_t *hash)
{
	if (hash)
		base64_print(b, hash, 32);
	else
		buf_char(b, '-');
	buf_char(b, ' ');
	buf_add(b, str_of(t->name));
	buf_char(b, ' ');
	buf_add(b, key);
	buf_char(b, '\n');
}
