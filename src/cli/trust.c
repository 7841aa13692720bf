/*
 * The command that shows that nothing was changed in silence.
 *
 * Over a store, verify recomputes the ledger from its leaves, then compares every record as it
 * stands with the newest entry about it, and every row of every table with the entry that wrote
 * it.  It reads one snapshot and writes nothing, so it may run beside a server.  What needs no
 * store is in proof.c.
 */
#include "base/json.h"

#include "cli/cli_in.h"
#include "crypt/crypt.h"
#include "crypt/keeper.h"
#include "db/db.h"
#include "ident/ident.h"
#include "kind/kind.h"
#include "ledger/stranger.h"

#include <stdarg.h>
#include <unistd.h>

enum { KEY_FILE_BYTES = 65536 };

/* ---- keys and checkpoints ---- */

static str keeper_file(struct cli *c, const char *name)
{
	return str_fmt(c->arena, "%.*s/keeper/%s", STR_ARG(cli_store_folder(c)), name);
}

static bool parse_key(struct cli *c, str file, str text, struct verifier_key *out, struct err *e)
{
	return vkey_parse(c->arena, str_trim(text), out) ||
		FAIL(e, ERR_SYNTAX, "%.*s holds no key such as name+1a2b3c4d+AbC=", STR_ARG(file));
}

/* --key is the key itself or a file with it; without it, the one that the store's keeper wrote. */
static bool read_key(struct cli *c, struct verifier_key *out)
{
	str given = cli_option(c, S("key")), text;

	if (given.n && vkey_parse(c->arena, given, out))
		return true;
	str file = given.n ? given : keeper_file(c, "vkey");
	struct err e = {0};
	bool ok = given.n ? file_read(c->arena, file, KEY_FILE_BYTES, &text, &e)
			  : file_read_plain(c->arena, file, KEY_FILE_BYTES, &text, &e);
	if (!ok)
		return FAIL(&c->err, e.code == ERR_DENIED ? ERR_DENIED : ERR_MISSING,
			"%s; give the key of the ledger with --key", e.text);
	return parse_key(c, file, text, out, &c->err);
}

/* What of the store's other parts cannot be read: each a finding, and the rest is verified. */
struct missing {
	str text[4];
	int count;
};

static void __attribute__((format(printf, 3, 4)))
miss(struct cli *c, struct missing *m, const char *format, ...)
{
	char text[400];
	va_list ap;

	va_start(ap, format);
	vsnprintf(text, sizeof text, format, ap);
	va_end(ap);
	assert(m->count < COUNT_OF(m->text));
	m->text[m->count++] = str_dup(c->arena, str_of(text));
}

/* The memory of another log, or one that says that nothing was signed, is no memory of this one. */
static bool is_of_key(const struct checkpoint *c, const struct verifier_key *key, struct err *e)
{
	struct hash empty = merkle_empty();

	if (!str_eq(c->origin, key->name))
		return FAIL(e, ERR_TAMPERED, "it is that of another log");
	return c->size > 0 || memcmp(c->root.b, empty.b, HASH_BYTES) == 0 ||
		FAIL(e, ERR_TAMPERED, "its root is not that of a log without entries");
}

/* What the keeper remembers at this moment of the log of `key`. */
static bool read_memory(
	struct cli *c, const struct verifier_key *key, struct checkpoint *out, struct err *e)
{
	str note;

	return file_read_plain(c->arena, keeper_file(c, "state"), KEY_FILE_BYTES, &note, e) &&
		checkpoint_parse(note, out, e) && (!key->name.n || is_of_key(out, key, e));
}

/* The checkpoint of --checkpoint. */
static bool read_given(struct cli *c, struct ledger_known *known)
{
	str given = cli_option(c, S("checkpoint")), note, text;

	return !given.n ||
		(file_read(c->arena, given, NOTE_BYTES, &note, &c->err) &&
			note_open(c->arena, note, &known->key, known->key.name.n > 0, &text,
				&c->err) &&
			checkpoint_parse(text, &known->given, &c->err));
}

/* What the keeper remembers; where that is not to be had, and no checkpoint was given, an older
   copy of the store would pass.  It is read before the store is opened, so that the snapshot cannot
   be older. */
static void read_expected(struct cli *c, struct ledger_known *known, struct missing *m)
{
	struct err e = {0};

	if (read_memory(c, &known->key, &known->expected, &e))
		return;
	known->expected = (struct checkpoint){0};
	if (!known->given.size)
		miss(c, m,
			"the keeper's memory of what it signed cannot be read, so that an older "
			"copy of the store would pass: %s; give a checkpoint that you kept "
			"elsewhere with --checkpoint",
			e.text);
}

/* What the keeper signed last has its row, which nothing else vouches for until the next entry. */
static bool has_expected(struct cli_store *s, const struct checkpoint *c)
{
	return c->size == 0 ||
		db_int(s->db, SQL("SELECT count(*) FROM checkpoint WHERE size = $1"),
			V((int64_t)c->size)) == 1;
}

/* A server that runs beside stores what was signed a moment after it was: asked a second later, in
   another snapshot, it is there. */
static bool await_expected(struct cli_store *s, const struct checkpoint *c)
{
	if (has_expected(s, c))
		return true;
	db_rollback(s->db);
	sleep(1);
	return db_begin_read(s->db, &s->call.err);
}

/* ---- verify ---- */

static void put_json(struct buf *b, const struct ledger_report *r)
{
	buf_fmt(b,
		"{\"ok\":%s,\"entries\":%" PRId64 ",\"tiles\":%" PRId64 ",\"checkpoints\":%" PRId64
		",\"parts\":%" PRId64 ",\"erased\":%" PRId64 ",\"clock_steps_back\":%" PRId64
		",\"records\":%" PRId64 ",\"rows\":%" PRId64 ",\"unsigned\":%" PRId64
		",\"finding_count\":%" PRId64 ",\"findings\":[",
		r->finding_count ? "false" : "true", r->entries, r->tiles, r->checkpoints, r->parts,
		r->erased, r->clock_steps_back, r->records, r->rows, r->unsigned_entries,
		r->finding_count);
	for (const struct ledger_finding *f = r->findings; f; f = f->next) {
		buf_add(b, f == r->findings ? S("\n{") : S(",\n{"));
		if (f->seq >= 0)
			buf_fmt(b, "\"entry\":%" PRId64 ",", f->seq);
		buf_add(b, S("\"text\":"));
		json_put_string(b, f->text);
		buf_char(b, '}');
	}
	buf_add(b, S("],\"checkpoint\":{\"origin\":"));
	json_put_string(b, r->newest.origin);
	buf_fmt(b, ",\"size\":%" PRIu64 ",\"root\":\"", r->newest.size);
	base64_print(b, r->newest.root.b, HASH_BYTES);
	buf_add(b, S("\"}}\n"));
}

static void put_report(struct cli *c, const struct ledger_report *r)
{
	struct buf *b = &c->out;

	for (const struct ledger_finding *f = r->findings; f; f = f->next)
		buf_fmt(b, "%.*s\n", STR_ARG(f->text));
	if (r->kept == FINDINGS_MAX)
		buf_fmt(b, "more than %d findings: the others are counted only\n", FINDINGS_MAX);
	if (cli_has(c, S("quiet")) && !r->finding_count)
		return;
	buf_fmt(b,
		"%s: %" PRId64 " entries, %" PRId64 " tiles, %" PRId64 " checkpoints, %" PRId64
		" parts (%" PRId64 " erased), %" PRId64 " records, %" PRId64 " rows",
		r->finding_count ? "NOT AS IT WAS WRITTEN" : "intact", r->entries, r->tiles,
		r->checkpoints, r->parts, r->erased, r->records, r->rows);
	if (r->finding_count)
		buf_fmt(b, "; %" PRId64 " finding%s", r->finding_count,
			r->finding_count == 1 ? "" : "s");
	if (r->clock_steps_back)
		buf_fmt(b, "; the clock went back %" PRId64 " times", r->clock_steps_back);
	if (r->newest.size) {
		buf_fmt(b, "\nsigned up to entry %" PRIu64 " of %.*s, root ", r->newest.size - 1,
			STR_ARG(r->newest.origin));
		base64_print(b, r->newest.root.b, HASH_BYTES);
	}
	if (r->unsigned_entries)
		buf_fmt(b, "; %" PRId64 " entries behind it are not signed yet",
			r->unsigned_entries);
	buf_char(b, '\n');
}

/* The key that the keeper wrote down for auditors; where it is not to be had, the one that it
   signs with.  Who gave a key of their own is told what is wrong with that. */
static bool read_store_key(struct cli *c, const struct keeper_state *state,
	struct verifier_key *out, struct missing *m)
{
	str file = keeper_file(c, "vkey"), text;
	struct err e = {0};

	if (cli_option(c, S("key")).n)
		return read_key(c, out);
	if (file_read_plain(c->arena, file, KEY_FILE_BYTES, &text, &e) &&
		parse_key(c, file, text, out, &e))
		return true;
	*out = state ? vkey_make(state->origin, &state->key) : (struct verifier_key){0};
	miss(c, m, "the key of the ledger cannot be read%s: %s; give it with --key",
		state ? "" : ", so that no signature was checked", e.text);
	return true;
}

/* What the keeper itself says, or NULL.  Who verifies a copy with a key of their own has none, and
   is told how many entries are not signed. */
static struct keeper_state *ask_keeper(struct cli *c, struct missing *m)
{
	struct keeper_state *state = NEW(c->arena, struct keeper_state, 1);
	struct keeper *keeper;
	struct err e = {.arena = c->arena};
	bool ok = c->host->start_keeper(&keeper, c->arena, keeper_file(c, ""), &e);

	if (ok) {
		ok = keeper_ask_state(keeper, state, &e);
		keeper_close(keeper);
	}
	if (!ok && !cli_option(c, S("key")).n)
		miss(c, m,
			"the keeper does not say what is its own, so that entries at the end "
			"might be anybody's: %s; give the key of the ledger with --key where "
			"there is no keeper",
			e.text);
	return ok ? state : NULL;
}

/* Neither a store nor the keeper of one. */
static bool is_store(struct cli *c)
{
	str folder = cli_store_folder(c);

	return file_exists(c->arena, str_join(c->arena, folder, S("/ward.db"))) ||
		file_exists(c->arena, str_join(c->arena, folder, S("/keeper"))) ||
		FAIL(&c->err, ERR_MISSING, "there is no store at %.*s; make one with ward init",
			STR_ARG(folder));
}

/* All that is known of the log beside the store. */
static bool read_known(struct cli *c, struct ledger_known *known, struct missing *m)
{
	const struct keeper_state *state = ask_keeper(c, m);

	if (!read_store_key(c, state, &known->key, m))
		return false;
	if (state && memcmp(state->key.b, known->key.key, sizeof state->key.b) == 0)
		known->mark_key = &state->mark_key;
	else if (state && !cli_option(c, S("key")).n)
		miss(c, m, "the keeper signs with another key than the one in its file vkey");
	if (!read_given(c, known))
		return false;
	read_expected(c, known, m);
	return true;
}

/* What else than the ledger, the records and the rows is wrong. */
static void find_rest(struct cli *c, struct cli_store *s, const struct ledger_known *known,
	const struct missing *m, struct ledger_report *r)
{
	const struct checkpoint *expected = &known->expected;
	struct checkpoint now;
	struct err e = {0};

	if (s->note.n)
		ledger_found(r, -1, "%.*s", STR_ARG(s->note));
	if (!has_expected(s, expected))
		ledger_found(r, -1,
			"checkpoint %" PRIu64
			" is gone, but the keeper signed it; where a machine stopped in that "
			"moment, serve the store once, which signs again",
			expected->size);
	if (read_memory(c, &known->key, &now, &e))
		ledger_check_memory(r, now.size);
	for (int i = 0; i < m->count; i++)
		ledger_found(r, -1, "%.*s", STR_ARG(m->text[i]));
}

static int deliver_report(struct cli *c, struct cli_store *s, const struct ledger_report *r)
{
	cli_store_close(s);
	if (cli_json(c))
		put_json(&c->out, r);
	else
		put_report(c, r);
	return cli_deliver(c, r->finding_count ? EXIT_TAMPERED : EXIT_FINE);
}

/* A file that is no store any more is a store that was tampered with, whatever the engine says of
   it, and that is the one finding there can be. */
static int fail_unreadable(struct cli *c, struct cli_store *s)
{
	struct ledger_report r = {.arena = c->arena, .end = &r.findings};
	struct err e = c->err.code ? c->err : s->call.err;

	if (e.code == ERR_DENIED || e.code == ERR_BUSY) {
		cli_store_close(s);
		return cli_fail(c);
	}
	err_clear(&c->err);
	ledger_found(&r, -1, "the store cannot be read: %s", e.text);
	return deliver_report(c, s, &r);
}

/* The store alone is gone: what its keeper has signed is missing. */
static int fail_gone(struct cli *c, struct cli_store *s, const struct ledger_known *known)
{
	struct ledger_report r = {.arena = c->arena, .end = &r.findings};

	err_clear(&c->err);
	ledger_found(&r, -1,
		"%.*s/ward.db is gone, but the keeper beside it has signed %" PRIu64 " entries",
		STR_ARG(cli_store_folder(c)), known->expected.size);
	return deliver_report(c, s, &r);
}

/* A store that another version made is for that version to verify; unless what both know alike
   says already that it was changed, which the number itself may have been. */
static bool is_for_another(struct cli *c, struct cli_store *s, const struct ledger_report *r)
{
	if (s->number == DB_SCHEMA || r->finding_count)
		return false;
	db_rollback(s->db);
	return !db_schema_check(s->db, c->arena, &c->err);
}

static int verify_store(struct cli *c)
{
	struct ledger_report report;
	struct ledger_known known = {0};
	struct missing missing = {.count = 0};
	struct cli_store s = {0};

	if (!is_store(c))
		return cli_fail(c);
	if (!read_known(c, &known, &missing))
		return cli_fail(c);
	if (!cli_store_audit(c, &s) || !await_expected(&s, &known.expected))
		return c->err.code == ERR_MISSING ? fail_gone(c, &s, &known)
						  : fail_unreadable(c, &s);
	str schema = store_schema(c->arena, db_engine(s.db));
	bool ok = s.number == DB_SCHEMA
		? store_verify(&s.call, &known, schema, &report)
		: cli_verify_other(c, s.db, s.number, &known, &report);
	if (!ok)
		return fail_unreadable(c, &s);
	find_rest(c, &s, &known, &missing, &report);
	if (is_for_another(c, &s, &report))
		return cli_store_end(&s, false);
	return deliver_report(c, &s, &report);
}

/* What is compared with what, and what is free, from the table that verification asks. */
static int explain(struct cli *c)
{
	buf_add(&c->out, S("What is verified, against what\n"));
	for (const struct ledger_check *k = ledger_checks; k->what; k++)
		buf_fmt(&c->out, "  %s\n    %s\n", k->what, k->against);
	buf_add(&c->out, S("\nWhat is free\n"));
	for (const struct db_free *f = db_free; f->table; f++)
		buf_fmt(&c->out, "  %s%s%s\n    %s\n", f->table, f->column ? "." : "",
			f->column ? f->column : "", f->why);
	return cli_deliver(c, EXIT_FINE);
}

int command_verify(struct cli *c)
{
	struct path_facts facts;
	struct verifier_key key;

	if (cli_has(c, S("explain")))
		return c->word_count ? cli_usage(c, "--explain is about no file") : explain(c);

	if (c->word_count > 1)
		return cli_usage(c, "one file or folder at a time");
	if (!c->word_count)
		return verify_store(c);
	if (!path_look(c->arena, c->word[0], &facts) || !facts.is_folder)
		return read_key(c, &key) ? cli_verify_file(c, c->word[0], &key) : cli_fail(c);
	if (exported_is_there(c->arena, c->word[0]))
		return read_key(c, &key) ? cli_verify_exported(c, c->word[0], &key) : cli_fail(c);
	if (cli_has(c, S("store")) || c->option_count == OPTIONS_MAX)
		return cli_usage(c, "name the store once");
	c->option[c->option_count].name = S("store");
	c->option[c->option_count++].value = c->word[0];
	return verify_store(c);
}
