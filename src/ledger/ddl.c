/* The tables of the ledger.  The triggers stop our own mistakes, not an attacker. */
#include "ledger/ledger.h"

static const char *const kept[] = {"entry", "tile", "checkpoint"};

static void put_tables(struct buf *b, const char *integer, const char *blob, const char *end)
{
	buf_fmt(b,
		"CREATE TABLE entry(seq %s PRIMARY KEY, at %s NOT NULL, act TEXT NOT NULL,"
		" object TEXT NOT NULL, actor TEXT NOT NULL, outcome TEXT NOT NULL,"
		" reason TEXT NOT NULL, leaf %s NOT NULL, hash %s NOT NULL)%s;\n",
		integer, integer, blob, blob, end);
	buf_add(b, S("CREATE INDEX entry_object ON entry(object, seq);\n"));
	buf_fmt(b,
		"CREATE TABLE entry_body(seq %s NOT NULL REFERENCES entry(seq), part TEXT NOT NULL,"
		" salt %s NOT NULL, value %s NOT NULL, PRIMARY KEY(seq, part))%s;\n",
		integer, blob, blob, end);
	buf_fmt(b,
		"CREATE TABLE tile(id %s PRIMARY KEY, root %s NOT NULL, hashes %s NOT NULL)%s;\n",
		integer, blob, blob, end);
	buf_fmt(b,
		"CREATE TABLE checkpoint(size %s PRIMARY KEY, note TEXT NOT NULL, at %s NOT "
		"NULL)%s;\n",
		integer, integer, end);
	buf_fmt(b,
		"CREATE TABLE cosignature(size %s NOT NULL REFERENCES checkpoint(size),"
		" key TEXT NOT NULL, line TEXT NOT NULL, PRIMARY KEY(size, key))%s;\n",
		integer, end);
	buf_fmt(b,
		"CREATE TABLE anchor(size %s NOT NULL REFERENCES checkpoint(size),"
		" kind TEXT NOT NULL, token %s NOT NULL, PRIMARY KEY(size, kind))%s;\n",
		integer, blob, end);
	buf_fmt(b,
		"CREATE TABLE erasure(seq %s NOT NULL REFERENCES entry(seq), part TEXT NOT NULL,"
		" by_seq %s NOT NULL REFERENCES entry(seq), PRIMARY KEY(seq, part))%s;\n",
		integer, integer, end);
}

void ledger_ddl(struct buf *b, str engine)
{
	bool is_sqlite = str_eq(engine, S("sqlite"));

	assert(is_sqlite || str_eq(engine, S("postgres")));
	if (is_sqlite) {
		put_tables(b, "INTEGER", "BLOB", " STRICT");
	} else {
		put_tables(b, "BIGINT", "BYTEA", "");
		buf_add(b,
			S("CREATE FUNCTION ledger_kept() RETURNS trigger LANGUAGE plpgsql AS"
			  " $$ BEGIN RAISE EXCEPTION 'the ledger is never changed'; END $$;\n"));
	}
	for (int i = 0; i < COUNT_OF(kept); i++) {
		if (!is_sqlite) {
			buf_fmt(b,
				"CREATE TRIGGER %s_kept BEFORE UPDATE OR DELETE ON %s FOR EACH ROW"
				" EXECUTE FUNCTION ledger_kept();\n",
				kept[i], kept[i]);
			continue;
		}
		buf_fmt(b,
			"CREATE TRIGGER %s_not_updated BEFORE UPDATE ON %s"
			" BEGIN SELECT RAISE(ABORT, 'the ledger is never changed'); END;\n",
			kept[i], kept[i]);
		buf_fmt(b,
			"CREATE TRIGGER %s_not_deleted BEFORE DELETE ON %s"
			" BEGIN SELECT RAISE(ABORT, 'the ledger is never changed'); END;\n",
			kept[i], kept[i]);
	}
}
