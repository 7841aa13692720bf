/* Schema and statements of the kinds, put together once from their descriptors. */
#include "kind/kind_in.h"

#include <pthread.h>
#include <stdatomic.h>

enum { KIND_MAX = 128, SQL_ARENA_BYTES = 16 << 20, SQL_TEXT_MAX = 64000 };

/* ---- schema ---- */

struct types {
	const char *integer, *text, *blob, *end;
};

static struct types types_of(str engine)
{
	if (str_eq(engine, S("sqlite")))
		return (struct types){"INTEGER", "TEXT", "BLOB", ") STRICT;\n"};
	return (struct types){"BIGINT", "TEXT", "BYTEA", ");\n"};
}

static const char *column_type(const struct field *f, const struct types *t)
{
	switch (f->type) {
	case FIELD_INT:
	case FIELD_FLAG:
	case FIELD_DATE:
	case FIELD_TIME:
		return t->integer;
	case FIELD_TEXT:
	case FIELD_PROSE:
	case FIELD_ENUM:
	case FIELD_REF:
	case FIELD_WORDS:
	case FIELD_ROWS:
		return t->text;
	}
	assert(false && "field type");
	return t->text;
}

static void put_kind(struct buf *b, const struct kind *k, const struct types *t)
{
	buf_fmt(b,
		"CREATE TABLE \"%.*s\"(\n  ref %s NOT NULL REFERENCES record(ref),\n  id %s NOT "
		"NULL,\n"
		"  rev %s NOT NULL,\n  since %s NOT NULL,\n  until %s,\n  by_actor %s NOT NULL,\n"
		"  why %s NOT NULL,\n  state %s NOT NULL",
		STR_ARG(k->name), t->text, t->blob, t->integer, t->integer, t->integer, t->text,
		t->text, t->text);
	for (int i = 0; i < k->field_count; i++) {
		const struct field *f = &k->field[i];
		buf_fmt(b, ",\n  \"f_%.*s\" %s", STR_ARG(f->name), column_type(f, t));
		if (f->type == FIELD_REF)
			buf_add(b, S(" REFERENCES record(ref) DEFERRABLE INITIALLY DEFERRED"));
	}
	buf_fmt(b, ",\n  PRIMARY KEY(ref, rev)\n%s", t->end);
	buf_fmt(b,
		"CREATE UNIQUE INDEX \"%.*s_current\" ON \"%.*s\"(ref) WHERE until IS NULL;\n"
		"CREATE INDEX \"%.*s_order\" ON \"%.*s\"(length(ref), ref) WHERE until IS NULL;\n",
		STR_ARG(k->name), STR_ARG(k->name), STR_ARG(k->name), STR_ARG(k->name));
}

void kind_ddl(struct buf *b, str engine)
{
	struct types t = types_of(engine);

	buf_fmt(b,
		"CREATE TABLE record(\n  ref %s PRIMARY KEY,\n  id %s NOT NULL UNIQUE,\n"
		"  kind %s NOT NULL,\n  prefix %s NOT NULL,\n  number %s,\n  rev %s NOT NULL,\n"
		"  title %s NOT NULL,\n  state %s NOT NULL,\n  owner %s NOT NULL,\n"
		"  product %s NOT NULL,\n  classification %s NOT NULL,\n  review_due %s,\n"
		"  changed %s NOT NULL\n%s",
		t.text, t.blob, t.text, t.text, t.integer, t.integer, t.text, t.text, t.text,
		t.text, t.text, t.integer, t.integer, t.end);
	buf_add(b,
		S("CREATE INDEX record_kind ON record(kind, product, review_due);\n"
		  "CREATE INDEX record_prefix ON record(prefix, number);\n"
		  "CREATE INDEX record_owner ON record(owner, review_due);\n"));
	buf_fmt(b,
		"CREATE TABLE link(\n  from_ref %s NOT NULL REFERENCES record(ref),\n  type %s NOT "
		"NULL,\n"
		"  to_ref %s NOT NULL REFERENCES record(ref),\n  since %s NOT NULL,\n  until %s,\n"
		"  note %s NOT NULL,\n  by_actor %s NOT NULL,\n  confirmed %s NOT NULL,\n"
		"  PRIMARY KEY(from_ref, type, to_ref, since)\n%s",
		t.text, t.text, t.text, t.integer, t.integer, t.text, t.text, t.integer, t.end);
	buf_add(b,
		S("CREATE UNIQUE INDEX link_current ON link(from_ref, type, to_ref) WHERE until IS "
		  "NULL;\n"
		  "CREATE INDEX link_to ON link(to_ref);\n"
		  "CREATE INDEX link_type ON link(type);\n"));
	buf_fmt(b,
		"CREATE TABLE signature(\n  ref %s NOT NULL REFERENCES record(ref),\n  rev %s NOT "
		"NULL,\n"
		"  signer %s NOT NULL,\n  name %s NOT NULL,\n  meaning %s NOT NULL,\n"
		"  hash %s NOT NULL,\n  at %s NOT NULL,\n  PRIMARY KEY(ref, rev, signer, "
		"meaning)\n%s",
		t.text, t.integer, t.text, t.text, t.text, t.blob, t.integer, t.end);
	buf_fmt(b,
		"CREATE TABLE pending(\n  ref %s NOT NULL REFERENCES record(ref),\n"
		"  rev %s NOT NULL,\n  began %s NOT NULL,\n  base %s NOT NULL,\n  became %s,\n"
		"  since %s NOT NULL,\n  until %s,\n  by_actor %s NOT NULL,\n  why %s NOT NULL,\n"
		"  state %s NOT NULL,\n  content %s NOT NULL,\n  PRIMARY KEY(ref, rev)\n%s",
		t.text, t.integer, t.integer, t.integer, t.integer, t.integer, t.integer, t.text,
		t.text, t.text, t.text, t.end);
	buf_add(b,
		S("CREATE UNIQUE INDEX pending_current ON pending(ref) WHERE until IS NULL;\n"));
	for (int i = 0; i < kind_count; i++)
		put_kind(b, &kinds[i], &t);
	if (str_eq(engine, S("sqlite")))
		buf_add(b,
			S("CREATE VIRTUAL TABLE search USING fts5(ref UNINDEXED, kind UNINDEXED, "
			  "title, "
			  "body, tokenize='unicode61 remove_diacritics 2');\n"));
	else
		buf_add(b,
			S("CREATE TABLE search(ref TEXT PRIMARY KEY, kind TEXT NOT NULL, title "
			  "TEXT NOT "
			  "NULL, body TEXT NOT NULL);\n"));
}

/* ---- statements ---- */

static str text_of(struct arena *a, struct buf *b)
{
	assert(!b->full);
	return str_dup(a, buf_str(b));
}

static str columns_text(struct arena *a, const struct kind *k)
{
	struct buf b;

	buf_init(&b, a, SQL_TEXT_MAX);
	buf_add(&b, S("SELECT t.ref, t.id, t.rev, t.since, t.until, t.by_actor, t.why, t.state"));
	for (int i = 0; i < k->field_count; i++)
		buf_fmt(&b, ", t.\"f_%.*s\"", STR_ARG(k->field[i].name));
	buf_fmt(&b, " FROM \"%.*s\" t", STR_ARG(k->name));
	return text_of(a, &b);
}

static str insert_text(struct arena *a, const struct kind *k)
{
	struct buf b;

	buf_init(&b, a, SQL_TEXT_MAX);
	buf_fmt(&b, "INSERT INTO \"%.*s\"(ref, id, rev, since, until, by_actor, why, state",
		STR_ARG(k->name));
	for (int i = 0; i < k->field_count; i++)
		buf_fmt(&b, ", \"f_%.*s\"", STR_ARG(k->field[i].name));
	buf_add(&b, S(") VALUES($1, $2, $3, $4, NULL, $5, $6, $7"));
	for (int i = 0; i < k->field_count; i++)
		buf_fmt(&b, ", $%d", i + REC_COLUMNS);
	buf_add(&b, S(")" SQL_JOURNALLED));
	return text_of(a, &b);
}

static str *above_texts(struct arena *a, const struct kind *k)
{
	str *out = NEW(a, str, k->field_count + 1);

	for (int i = 0; i < k->field_count; i++) {
		str name = k->field[i].name;
		if (k->field[i].is_tree)
			out[i] = str_fmt(a,
				"WITH RECURSIVE up(ref) AS (VALUES($1) UNION SELECT t.\"f_%.*s\""
				" FROM up JOIN \"%.*s\" t ON t.ref = up.ref AND t.until IS NULL"
				" WHERE t.\"f_%.*s\" IS NOT NULL)"
				" SELECT count(*) FROM up WHERE ref = $2",
				STR_ARG(name), STR_ARG(k->name), STR_ARG(name));
	}
	return out;
}

static str standing_text(struct arena *a, const struct kind *k)
{
	bool has = kind_field(k, S("is_protected")) != NULL;

	return str_fmt(a,
		"SELECT \"f_product\", \"f_owner\", \"f_classification\", \"f_need_to_know\", %s"
		" FROM \"%.*s\" WHERE ref = $1 AND until IS NULL",
		has ? "\"f_is_protected\"" : "NULL", STR_ARG(k->name));
}

static str secrets_text(struct arena *a, const struct kind *k)
{
	struct buf b;
	bool any = false;

	buf_init(&b, a, SQL_TEXT_MAX);
	buf_fmt(&b, "SELECT count(*) FROM \"%.*s\" WHERE ref = $1 AND (", STR_ARG(k->name));
	for (int i = 0; i < k->field_count; i++)
		if (k->field[i].secret) {
			buf_fmt(&b, "%s\"f_%.*s\" IS NOT NULL", any ? " OR " : "",
				STR_ARG(k->field[i].name));
			any = true;
		}
	buf_char(&b, ')');
	return any ? text_of(a, &b) : S("");
}

static struct kind_sql built[KIND_MAX];
static pthread_mutex_t built_lock = PTHREAD_MUTEX_INITIALIZER;
static atomic_bool is_built;

static void unlock(void *lock)
{
	pthread_mutex_unlock(lock);
}

/* Runs once, before the first use; afterwards the table is constant. */
static void build_all(struct arena *a)
{
	assert(kind_count <= KIND_MAX);
	for (int i = 0; i < kind_count; i++) {
		const struct kind *k = &kinds[i];
		struct kind_sql *s = &built[i];
		s->columns = columns_text(a, k);
		s->insert = insert_text(a, k);
		s->close = str_fmt(a,
			"UPDATE \"%.*s\" SET until = $1 WHERE ref = $2 AND rev = $3 AND until IS "
			"NULL" SQL_JOURNALLED,
			STR_ARG(k->name));
		s->get = str_fmt(
			a, "%.*s WHERE t.ref = $1 AND t.until IS NULL", STR_ARG(s->columns));
		s->get_at = str_fmt(a,
			"%.*s WHERE t.ref = $1 AND t.since <= $2 AND (t.until IS NULL OR t.until > "
			"$2)",
			STR_ARG(s->columns));
		s->get_rev =
			str_fmt(a, "%.*s WHERE t.ref = $1 AND t.rev = $2", STR_ARG(s->columns));
		s->get_before = str_fmt(a,
			"%.*s WHERE t.ref = $1 AND t.rev < $2 ORDER BY t.rev DESC LIMIT 1",
			STR_ARG(s->columns));
		s->above = above_texts(a, k);
		s->standing = standing_text(a, k);
		s->secrets = secrets_text(a, k);
		s->history = str_fmt(a,
			"SELECT rev, since, by_actor, why, state, 0 FROM \"%.*s\" WHERE ref = $1"
			" UNION ALL SELECT rev, since, by_actor, why, state, 1 FROM pending"
			" WHERE ref = $1 ORDER BY rev DESC LIMIT 1000",
			STR_ARG(k->name));
	}
}

const struct kind_sql *kind_sql(const struct kind *k)
{
	static struct arena arena;
	struct arena_guard guard;

	if (atomic_load_explicit(&is_built, memory_order_acquire))
		return &built[k->id];
	pthread_mutex_lock(&built_lock);
	/* Not pthread_once(): work that ends early for want of memory must let the next try. */
	arena_guard(&guard, unlock, &built_lock);
	if (!atomic_load(&is_built)) {
		if (arena.size)
			arena_reset(&arena);
		else
			arena_open(&arena, SQL_ARENA_BYTES);
		build_all(&arena);
		atomic_store(&is_built, true);
	}
	arena_unguard(&guard);
	unlock(&built_lock);
	return &built[k->id];
}
