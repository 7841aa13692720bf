/* A store for tests; see store.h. */
#include "store.h"

#include "crypt/crypt.h"
#include "ident/ident.h"
#include "kind/kind.h"
#include "ledger/ledger.h"

#include <stdarg.h>

struct store {
	struct call call; /* the first member: a call given back is its store */
	str folder;
};

static bool make_tables(struct test_case *t, struct db *db, struct err *e)
{
	return db_script(db, store_schema(t->arena, db_engine(db)), e);
}

struct call *store_open(struct test_case *t, str now)
{
	struct store *s = NEW(t->arena, struct store, 1);
	struct call *c = &s->call;

	c->arena = c->err.arena = t->arena;
	c->who = (struct who){
		.ref = S("system"), .name = S("Ward"), .actor = S("system"), .is_system = true,
		.is_loader = true};
	c->at_us = TIME_NONE;
	CHECK(crypt_init());
	CHECK(time_parse(now, &c->now_us));
	CHECK(folder_temp(t->arena, &s->folder, &c->err));
	CHECK(db_open(&c->db, t->arena, str_fmt(t->arena, "%.*s/ward.db", STR_ARG(s->folder)),
		DB_CREATE, &c->err));
	CHECK(make_tables(t, c->db, &c->err));
	CHECK(ledger_open(&c->ledger, t->arena, c->db, &c->err));
	CHECK(db_begin(c->db, &c->err));
	if (c->err.code)
		test_fail(t, __FILE__, __LINE__, "no store: %s", c->err.text);
	return c;
}

str store_folder(const struct call *c)
{
	return ((const struct store *)c)->folder;
}

bool store_commit(struct test_case *t, struct call *c)
{
	bool ok = c->err.code == ERR_NONE && db_commit(c->db);

	if (ok) {
		ledger_committed(c->ledger);
	} else {
		test_fail(t, __FILE__, __LINE__, "not committed: %s", c->err.text);
		for (const struct issue *i = c->err.issues; i; i = i->next)
			printf("# %.*s: %.*s\n", STR_ARG(i->field), STR_ARG(i->text));
		db_rollback(c->db);
		ledger_rolled_back(c->ledger);
		err_clear(&c->err);
	}
	CHECK(db_begin(c->db, &c->err));
	return ok;
}

void store_undo(struct test_case *t, struct call *c)
{
	db_rollback(c->db);
	ledger_rolled_back(c->ledger);
	err_clear(&c->err);
	CHECK(db_begin(c->db, &c->err));
}

static void set_all(struct test_case *t, struct call *c, struct rec *rec, va_list pairs)
{
	const char *name;

	while ((name = va_arg(pairs, const char *))) {
		const struct field *f = kind_field(rec->kind, str_of(name));
		if (!f || !kind_set(c, rec, f, str_of(va_arg(pairs, const char *)))) {
			test_fail(t, __FILE__, __LINE__, "%.*s: no field %s, or a wrong value",
				STR_ARG(rec->ref), name);
			return;
		}
	}
}

void store_put(struct test_case *t, struct call *c, const char *kind, const char *ref,
	const char *state, ...)
{
	struct rec *rec = kind_new(c->arena, kind_by_name(str_of(kind)));
	va_list pairs;

	rec->ref = rec->title = str_of(ref);
	rec->state = kind_state(rec->kind, str_of(state));
	CHECK(rec->state >= 0);
	va_start(pairs, state);
	set_all(t, c, rec, pairs);
	va_end(pairs);
	if (!kind_put(c, rec, str_fmt(c->arena, "%s.create", kind)))
		test_fail(t, __FILE__, __LINE__, "%s: %s %.*s", ref, c->err.text,
			c->err.issues ? (int)c->err.issues->text.n : 0,
			c->err.issues ? c->err.issues->text.p : "");
}

void store_tie(
	struct test_case *t, struct call *c, const char *from, const char *type, const char *to)
{
	if (!link_add(c, str_of(from), str_of(type), str_of(to), S("")))
		test_fail(t, __FILE__, __LINE__, "%s %s %s: %s", from, type, to, c->err.text);
}

str store_example(struct test_case *t, const char *name)
{
	struct err e = {0};
	str text = S("");

	CHECK(file_read(
		t->arena, str_fmt(t->arena, "examples/surgerycloud/%s", name), 1 << 20, &text, &e));
	return text;
}

void store_close(struct test_case *t, struct call *c)
{
	struct store *s = (struct store *)c;

	db_rollback(c->db);
	db_close(c->db);
	err_clear(&c->err);
	CHECK(folder_remove(t->arena, s->folder, &c->err));
}
