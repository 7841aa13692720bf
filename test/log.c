/* A log for tests; see log.h. */
#include "log.h"

void log_open(struct test_case *t, struct log *l, str origin)
{
	struct public_key public;
	struct err e = {0};
	struct buf ddl;

	CHECK(crypt_init());
	sign_keypair(&l->secret, &public);
	l->key = vkey_make(origin, &public);
	CHECK(folder_temp(t->arena, &l->folder, &e));
	CHECK(db_open(&l->db, t->arena, str_fmt(t->arena, "%.*s/store", STR_ARG(l->folder)),
		DB_CREATE, &e));
	buf_init(&ddl, t->arena, 20000);
	ledger_ddl(&ddl, S("sqlite"));
	buf_add(&ddl, S("CREATE TABLE risk(ref TEXT PRIMARY KEY, hash TEXT NOT NULL) STRICT;"));
	CHECK(db_script(l->db, buf_str(&ddl), &e));
	CHECK(ledger_open(&l->ledger, t->arena, l->db, &e));
	CHECK_STR(err_text(&e), S(""));
	l->call = (struct call){.arena = t->arena,
		.db = l->db,
		.ledger = l->ledger,
		.who = {.name = S("Ada Example"), .actor = S("person:7")},
		.now_us = INT64_C(1790000000000000)};
	l->call.err.arena = t->arena;
}

void log_close(struct test_case *t, struct log *l)
{
	struct err e = {0};

	db_close(l->db);
	CHECK(folder_remove(t->arena, l->folder, &e));
}

bool log_append(struct log *l, str act, str object, str outcome)
{
	l->call.now_us++;
	return ledger_append(&l->call,
		&(struct entry){.act = act,
			.object = object,
			.outcome = outcome,
			.body = S("{\"rev\":3,\"hash\":\"00\",\"state\":\"accepted\"}")});
}

/* `count` entries about RSK-0 … RSK-(risks - 1), one after the other. */
void log_append_many(struct test_case *t, struct log *l, int count, int risks)
{
	CHECK(db_begin(l->db, &l->call.err));
	for (int i = 0; i < count; i++)
		CHECK(log_append(
			l, S("risk.update"), str_fmt(t->arena, "risk:RSK-%d", i % risks), S("ok")));
	CHECK(db_commit(l->db));
	ledger_committed(l->ledger);
}

str log_checkpoint(struct test_case *t, const struct log *l, const struct checkpoint *c)
{
	struct signature s;
	struct buf b;

	buf_init(&b, t->arena, NOTE_BYTES);
	checkpoint_print(&b, c);
	s = sign_detached(&l->secret, buf_str(&b));
	note_sign_line(&b, &l->key, s.b);
	return buf_str(&b);
}

/* Signs what there is, whatever was signed before; returns the note. */
str log_sign(struct test_case *t, struct log *l)
{
	struct edge *edge = NEW(t->arena, struct edge, 1);
	struct checkpoint c = {.origin = l->key.name};
	struct rows r;
	str note;

	CHECK(db_begin(l->db, &l->call.err));
	db_query(l->db, &r, SQL("SELECT leaf FROM entry ORDER BY seq"));
	while (rows_next(&r))
		CHECK(edge_add(edge, merkle_leaf(rows_blob(&r, 0)), NULL, NULL));
	CHECK(rows_done(&r));
	c.size = edge->size;
	c.root = edge_root(edge);
	note = log_checkpoint(t, l, &c);
	CHECK(db_exec(l->db,
		SQL_LEDGER("INSERT INTO checkpoint(size, note, at) VALUES ($1, $2, 0)"),
		V((int64_t)c.size), V(note)));
	CHECK(db_commit(l->db));
	return note;
}

void log_tamper(struct test_case *t, struct log *l, str sql)
{
	struct err e = {0};

	CHECK(db_script(l->db,
		str_join(t->arena,
			S("DROP TRIGGER IF EXISTS entry_not_updated;"
			  " DROP TRIGGER IF EXISTS checkpoint_not_deleted;"),
			sql),
		&e));
	CHECK_STR(err_text(&e), S(""));
}

struct buf *log_buffer(struct test_case *t)
{
	struct buf *b = NEW(t->arena, struct buf, 1);

	buf_init(b, t->arena, 64 << 20);
	return b;
}
