/* Making and opening stores for commands. */
#include "cli/cli_in.h"
#include "crypt/keeper.h"
#include "ident/ident.h"
#include "kind/kind.h"

/* From this number on a store has entries that vouch for its rows. */
enum { SCHEMA_OF_ROWS = 2 };

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
	struct clock clock = {.shift_us = s->shift_us};

	s->clock = clock_look(&clock);
	s->call = (struct call){.arena = c->arena,
		.db = s->db,
		.ledger = s->ledger,
		.keeper = s->keeper,
		.entrance = FROM_CLI,
		.now_us = s->clock.now_us,
		.clock = &s->clock,
		.at_us = TIME_NONE};
	s->call.err.arena = c->arena;
	s->call.who = (struct who){.ref = S("system"),
		.name = S("Command line"),
		.actor = S("system"),
		.is_system = true};
}

static bool make_schema(struct cli *c, struct db *db)
{
	return db_begin(db, &c->err) &&
		db_script(db, store_schema(c->arena, db_engine(db)), &c->err) && db_commit(db);
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
		!ledger_open(&out->ledger, a, out->db, &c->err) ||
		!ledger_keep(out->ledger, a, out->db, out->keeper, &c->err))
		return false;
	make_call(c, out);
	db_report_to(out->db, &out->call.err);
	/* The first entry vouches for the settings too. */
	return db_begin(out->db, &out->call.err) &&
		db_setting_put(
			out->db, S("schema"), str_fmt(c->arena, "%d", DB_SCHEMA)) &&
		db_setting_put(out->db, S("origin"), origin);
}

/* Tables, indexes and triggers as this program makes them. */
static bool rebuild(struct cli *c, struct db *db)
{
	struct db *fresh;

	if (!db_open(&fresh, c->arena, S(""), DB_CREATE, &c->err))
		return false;
	bool ok = db_script(fresh, store_schema(c->arena, db_engine(fresh)), &c->err) &&
		db_rebuild(db, fresh, c->arena, &c->err);
	db_close(fresh);
	return ok;
}

/* In the transaction that is open: the entries that vouch for what the older store holds. */
static bool migrate(struct cli_store *s, int64_t from)
{
	if (from == DB_SCHEMA)
		return true;
	db_report_to(s->db, &s->call.err);
	if (!store_migrate(&s->call, from) || !cli_store_commit(s))
		return false;
	cli_say("brought the store up to date:");
	for (int64_t n = from + 1; n <= DB_SCHEMA; n++)
		cli_say("schema %.*s", STR_ARG(db_schema_step(n)));
	return db_begin(s->db, &s->call.err);
}

/* Whether an entry wrote the setting `schema` as it stands.  A number that somebody set back would
   have all that was changed vouched for anew, by the bringing up to date of an older store. */
static bool schema_is_logged(struct cli *c, struct db *db, bool *out)
{
	struct rows r;
	struct buf line;
	bool has_any = false, is_known = false;

	buf_init(&line, c->arena, LIMIT_PROSE);
	if (!db_begin_read(db, &c->err))
		return false;
	db_table_query(db, &r, S("setting"));
	while (rows_next(&r))
		if (str_eq(rows_str(&r, 0), S("schema")))
			(void)!db_row_line(&r, S("setting"), &line);
	bool ok = rows_done(&r);
	str whole = str_trim(buf_str(&line)), key = whole;
	str_cut(&key, ' ');
	db_query(db, &r, SQL("SELECT value FROM entry_body WHERE part = 'rows' ORDER BY seq DESC"));
	while (!is_known && rows_next(&r)) {
		str lines = rows_blob(&r, 0);
		has_any = true;
		if (key.n == 0 || str_find(lines, key) < 0)
			continue;
		is_known = true;
		*out = str_find(lines, whole) >= 0;
	}
	ok = rows_done(&r) && ok;
	db_rollback(db);
	/* Before schema 2 nothing was vouched for by rows. */
	if (!is_known)
		*out = !has_any;
	return ok;
}

static bool check_number(struct cli *c, struct db *db, int64_t *number)
{
	bool is_logged = true;

	if (!db_schema_number(db, c->arena, number, &c->err))
		return false;
	if (*number == DB_SCHEMA || *number < 1)
		return true;
	if (!schema_is_logged(c, db, &is_logged))
		return false;
	return is_logged ||
		FAIL(&c->err, ERR_TAMPERED,
			"the store says that its schema is %" PRId64
			", but no entry of the ledger wrote that",
			*number);
}

/* An audit goes on where the number of the schema is not to be had or not what an entry wrote, and
   has one finding more. */
static bool audit_number(struct cli *c, struct cli_store *s)
{
	int64_t number = DB_SCHEMA;
	bool is_logged = false;
	struct err why = {.arena = c->arena}, *mine = &c->err;
	bool is_store, is_number = db_schema_number(s->db, c->arena, &number, &why);

	s->number = DB_SCHEMA;
	if (is_number && number == DB_SCHEMA)
		return true;
	if (is_number || why.code == ERR_CONFLICT) {
		if (schema_is_logged(c, s->db, &is_logged) && is_logged) {
			s->number = number;
			return true;
		}
		s->note = str_fmt(c->arena,
			"the store says that its schema is %" PRId64
			", but no entry of the ledger wrote that",
			number);
		err_clear(mine);
		return true;
	}
	is_store = db_begin_read(s->db, mine) &&
		db_int(s->db, SQL("SELECT count(*) FROM sqlite_schema WHERE name = 'entry'"));
	db_rollback(s->db);
	err_clear(mine);
	s->note = str_fmt(c->arena, "the number of the schema cannot be read: %s", why.text);
	if (is_store)
		return true;
	*mine = why;
	return false;
}

bool cli_verify_other(struct cli *c, struct db *db, int64_t number,
	const struct ledger_known *known, struct ledger_report *out)
{
	const struct record_source rows_alone = {0};
	bool has_rows = number >= SCHEMA_OF_ROWS && number <= DB_SCHEMA;

	return ledger_verify(db, c->arena, known, has_rows ? &rows_alone : NULL, out, &c->err);
}

/* Bringing a store up to date vouches for all that it holds: it has to be what its own entries say,
   and the number of its schema is one of those. */
static bool check_older(struct cli *c, struct cli_store *s, int64_t number)
{
	struct keeper_state *state = NEW(c->arena, struct keeper_state, 1);
	struct ledger_report report = {0};
	struct ledger_known known;

	if (!keeper_ask_state(s->keeper, state, &c->err) || !db_begin_read(s->db, &c->err))
		return false;
	known = ledger_known(state);
	bool ok = cli_verify_other(c, s->db, number, &known, &report);
	db_rollback(s->db);
	return ok && (report.finding_count == 0 ||
			     FAIL(&c->err, ERR_TAMPERED,
				     "the store is not as its entries say, and is not brought "
				     "up to date: %.*s",
				     STR_ARG(report.findings->text)));
}

/* What the keeper did not mark is refused before anything is written on top of it, bringing up to
   date too, which would vouch for it. */
static bool open_to_write(struct cli *c, struct cli_store *s, int64_t number)
{
	struct arena *a = c->arena;
	struct ledger_tail tail;

	s->has_lock = lock_take(a, path_in(c, s->folder, "writer.lock"), &s->lock, &c->err);
	if (!s->has_lock ||
		!c->host->start_keeper(&s->keeper, a, path_in(c, s->folder, "keeper"), &c->err) ||
		!ledger_open(&s->ledger, a, s->db, &c->err) ||
		!ledger_keep(s->ledger, a, s->db, s->keeper, &c->err))
		return false;
	tail = ledger_tail(s->ledger);
	if (s->is_adopting && number != DB_SCHEMA)
		return FAIL(&c->err, ERR_CONFLICT,
			"this store was made by an older ward: serve and stop it once with that "
			"program, which signs what it wrote");
	return (s->is_adopting || ledger_refuse_unmarked(&tail, &c->err)) &&
		(number == DB_SCHEMA || (check_older(c, s, number) && rebuild(c, s->db)));
}

static bool open_mode(struct cli *c, enum db_mode mode, bool is_adopting, struct cli_store *out)
{
	struct arena *a = c->arena;
	bool writes = mode == DB_WRITER;
	int64_t number = 0;

	*out = (struct cli_store){
		.cli = c, .folder = cli_store_folder(c), .is_adopting = is_adopting};
	if (!db_open(&out->db, a, path_in(c, out->folder, "ward.db"), mode, &c->err))
		return false;
	if (mode == DB_AUDIT ? !audit_number(c, out)
			     : !check_number(c, out->db, &number) ||
				(!writes && !db_schema_check(out->db, a, &c->err)))
		return false;
	if (writes && !open_to_write(c, out, number))
		return false;
	make_call(c, out);
	if (writes ? !db_begin(out->db, &c->err) : !db_begin_read(out->db, &c->err))
		return false;
	str shift = db_setting(out->db, a, S("clock_shift_us"));
	if (shift.n && str_int(shift, INT64_MIN, INT64_MAX, &out->shift_us))
		make_call(c, out);
	if (writes && !migrate(out, number))
		return false;
	db_report_to(out->db, &out->call.err);
	bool stepped;
	return !writes || ledger_clock(&out->call, &out->clock, &stepped);
}

bool cli_store_update(struct cli *c)
{
	struct cli_store s = {.cli = c, .folder = cli_store_folder(c)};
	str path = path_in(c, s.folder, "ward.db");
	int64_t number = DB_SCHEMA;

	if (!db_open(&s.db, c->arena, path, DB_READER, &c->err))
		return false;
	bool ok = db_schema_number(s.db, c->arena, &number, &c->err);
	db_close(s.db);
	if (!ok || number == DB_SCHEMA)
		return ok;
	ok = cli_store_open(c, true, &s);
	if (!ok && c->err.code == ERR_NONE)
		c->err = s.call.err;
	cli_store_close(&s);
	return ok;
}

bool cli_store_open(struct cli *c, bool to_write, struct cli_store *out)
{
	return open_mode(c, to_write ? DB_WRITER : DB_READER, false, out);
}

bool cli_store_adopt(struct cli *c, struct cli_store *out)
{
	return open_mode(c, DB_WRITER, true, out);
}

bool cli_store_audit(struct cli *c, struct cli_store *out)
{
	return open_mode(c, DB_AUDIT, false, out);
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
	if (s->has_lock)
		lock_give(s->lock);
	s->has_lock = false;
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
