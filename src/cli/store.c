/* Making and opening stores for commands. */
#include "cli/cli_in.h"
#include "crypt/keeper.h"
#include "ident/ident.h"
#include "kind/kind.h"

str cli_store_folder(struct cli *c)
{
	const char *named = getenv("WARD_STORE");
	str given = cli_option(c, S("store"));

	if (given.n)
		return given;
	return named && *named ? str_of(named) : S("ward-store");
}

static str path_in(struct cli *c, str folder, const char *name)
{
	return str_fmt(c->arena, "%.*s/%s", STR_ARG(folder), name);
}

static void make_call(struct cli *c, struct cli_store *s)
{
	struct clock clock = {s->shift_us};

	s->call = (struct call){.arena = c->arena,
		.db = s->db,
		.ledger = s->ledger,
		.keeper = s->keeper,
		.entrance = FROM_CLI,
		.now_us = clock_now(&clock),
		.at_us = TIME_NONE};
	s->call.err.arena = c->arena;
	s->call.who = (struct who){.ref = S("system"),
		.name = S("Command line"),
		.actor = S("system"),
		.is_system = true};
}

str cli_store_schema(struct arena *a, str engine)
{
	struct buf b;

	buf_init(&b, a, 1 << 20);
	buf_add(&b,
		S("CREATE TABLE setting(name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;\n"));
	kind_ddl(&b, engine);
	ledger_ddl(&b, engine);
	ident_ddl(&b, engine);
	assert(!b.full);
	return buf_str(&b);
}

static bool make_schema(struct cli *c, struct db *db)
{
	return db_begin(db, &c->err) &&
		db_script(db, cli_store_schema(c->arena, db_engine(db)), &c->err) && db_commit(db);
}

bool cli_store_create(struct cli *c, str folder, str origin, struct cli_store *out)
{
	struct arena *a = c->arena;

	*out = (struct cli_store){.cli = c, .folder = folder};
	files_private();
	bool is_new = !file_exists(a, folder);
	out->had_keys = file_exists(a, path_in(c, folder, "keeper"));
	if (is_new && !folder_make(a, folder, 0700, &c->err))
		return false;
	out->made_folder = is_new;
	if (!db_open(&out->db, a, path_in(c, folder, "ward.db"), DB_CREATE, &c->err))
		return false;
	out->made = true;
	if (!make_schema(c, out->db) ||
		!signer_create(a, path_in(c, folder, "keeper"), origin, &c->err) ||
		!c->host->start_keeper(&out->keeper, a, path_in(c, folder, "keeper"), &c->err) ||
		!ledger_open(&out->ledger, a, out->db, &c->err))
		return false;
	make_call(c, out);
	db_report_to(out->db, &out->call.err);
	/* The first entry vouches for the settings too. */
	return db_begin(out->db, &out->call.err) &&
		db_setting_put(
			out->db, S("schema"), str_fmt(c->arena, "%d", DB_SCHEMA)) &&
		db_setting_put(out->db, S("origin"), origin);
}

bool cli_store_open(struct cli *c, bool to_write, struct cli_store *out)
{
	struct arena *a = c->arena;

	*out = (struct cli_store){.cli = c, .folder = cli_store_folder(c)};
	if (!db_open(&out->db, a, path_in(c, out->folder, "ward.db"),
		    to_write ? DB_WRITER : DB_READER, &c->err) ||
		!db_schema_check(out->db, a, &c->err))
		return false;
	if (to_write &&
		(!lock_take(a, path_in(c, out->folder, "writer.lock"), &c->err) ||
			!c->host->start_keeper(
				&out->keeper, a, path_in(c, out->folder, "keeper"), &c->err) ||
			!ledger_open(&out->ledger, a, out->db, &c->err)))
		return false;
	make_call(c, out);
	if (to_write ? !db_begin(out->db, &c->err) : !db_begin_read(out->db, &c->err))
		return false;
	str shift = db_setting(out->db, a, S("clock_shift_us"));
	if (shift.n && str_int(shift, INT64_MIN, INT64_MAX, &out->shift_us))
		make_call(c, out);
	db_report_to(out->db, &out->call.err);
	return true;
}

bool cli_store_commit(struct cli_store *s)
{
	struct call *c = &s->call;

	if (!db_commit(s->db)) {
		ledger_rolled_back(s->ledger);
		return false;
	}
	ledger_committed(s->ledger);
	db_report_to(s->db, &c->err);
	return ledger_checkpoint(s->ledger, s->db, s->keeper, c->arena, c->now_us, &c->err);
}

void cli_store_close(struct cli_store *s)
{
	if (s->db) {
		db_rollback(s->db);
		db_close(s->db);
	}
	if (s->keeper)
		keeper_close(s->keeper);
}

int cli_store_end(struct cli_store *s, bool ok)
{
	struct cli *c = s->cli;

	ok = ok && cli_store_commit(s);
	if (!ok && c->err.code == ERR_NONE)
		c->err = s->call.err;
	cli_store_close(s);
	return ok ? cli_done(c, EXIT_FINE) : cli_fail(c);
}

int cli_store_deliver(struct cli_store *s, bool ok)
{
	struct cli *c = s->cli;

	if (!ok && c->err.code == ERR_NONE)
		c->err = s->call.err;
	cli_store_close(s);
	return ok ? cli_deliver(c, EXIT_FINE) : cli_fail(c);
}

void cli_store_undo(struct cli_store *s)
{
	static const char *const names[] = {"keeper", "ward.db-wal", "ward.db-shm", "ward.db"};
	struct cli *c = s->cli;
	struct err e = {.arena = c->arena};
	bool ok = true;

	cli_store_close(s);
	if (s->made_folder)
		ok = folder_remove(c->arena, s->folder, &e);
	for (isize i = s->had_keys; i < COUNT_OF(names) && s->made && !s->made_folder; i++) {
		str path = path_in(c, s->folder, names[i]);
		ok = (!file_exists(c->arena, path) || folder_remove(c->arena, path, &e)) && ok;
	}
	if (!ok)
		cli_say("%s", e.text);
}
