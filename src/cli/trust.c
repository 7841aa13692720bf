/*
 * The command that shows that nothing was changed in silence.
 *
 * Over a store, verify recomputes the ledger from its leaves, then compares every record as it
 * stands with the newest entry about it, and every row of every table with the entry that wrote it.  It reads one snapshot and writes nothing, so it may run
 * beside a server.  What needs no store is in proof.c.
 */
#include "base/json.h"

#include "cli/cli_in.h"
#include "crypt/crypt.h"
#include "kind/kind.h"
#include "ledger/stranger.h"

enum { KEY_FILE_BYTES = 65536, RECORD_ARENA_BYTES = 64 << 20 };

/* ---- keys and checkpoints ---- */

static str keeper_file(struct cli *c, const char *name)
{
	return str_fmt(c->arena, "%.*s/keeper/%s", STR_ARG(cli_store_folder(c)), name);
}

/* --key is the key itself or a file with it; without it, the one that the store's keeper wrote. */
static bool read_key(struct cli *c, struct verifier_key *out)
{
	str given = cli_option(c, S("key")), text;

	if (given.n && vkey_parse(c->arena, given, out))
		return true;
	str file = given.n ? given : keeper_file(c, "vkey");
	struct err e = {0};
	if (!file_read(c->arena, file, KEY_FILE_BYTES, &text, &e))
		return FAIL(&c->err, e.code == ERR_DENIED ? ERR_DENIED : ERR_MISSING,
			"%s; give the key of the ledger with --key", e.text);
	return vkey_parse(c->arena, str_trim(text), out) ||
		FAIL(&c->err, ERR_SYNTAX,
			"%.*s holds no key such as name+1a2b3c4d+AbC=", STR_ARG(file));
}

/* What the log must hold: the checkpoint of --checkpoint, else what the keeper remembers.  The
   keeper's is read before the store is opened, so that the snapshot cannot be older. */
static bool read_expected(struct cli *c, const struct verifier_key *key, struct checkpoint *out)
{
	str given = cli_option(c, S("checkpoint")), note, text;
	struct err e = {0};

	*out = (struct checkpoint){0};
	if (!given.n) {
		if (!file_read(c->arena, keeper_file(c, "state"), KEY_FILE_BYTES, &note, &e) ||
			!checkpoint_parse(note, out, &e)) {
			*out = (struct checkpoint){0};
			cli_say("not compared with the keeper's memory: %s", e.text);
		}
		return true;
	}
	return file_read(c->arena, given, NOTE_BYTES, &note, &c->err) &&
		note_open(c->arena, note, key, 1, &text, &c->err) &&
		checkpoint_parse(text, out, &c->err);
}

/* ---- records ---- */

/* The records of the store for the verifier; what it reads of one is given up with the next. */
struct record_walk {
	struct call call;
	struct arena arena;
	struct rows rows;
	bool is_walking;
};

static bool find_record(void *from, str object, bool *found, struct hash *out, struct err *e)
{
	struct record_walk *w = from;
	str ref = object;
	const struct kind *k = kind_by_name(str_cut(&ref, ':'));
	struct sha256 hash;
	struct buf canonical;
	void *rec = NULL;

	*found = false;
	if (!k)
		return true;
	arena_reset(&w->arena);
	err_clear(&w->call.err);
	if (!kind_get(&w->call, k, ref, &rec)) {
		bool is_gone = w->call.err.code == ERR_MISSING;
		return is_gone ||
			FAIL(e, w->call.err.code, "%.*s: %s", STR_ARG(object), w->call.err.text);
	}
	buf_init(&canonical, &w->arena, LIMIT_RECORD_BYTES * 4);
	kind_json(&canonical, rec);
	if (canonical.full)
		return FAIL(e, ERR_LIMIT, "%.*s is larger than a record may be", STR_ARG(object));
	hash = sha256(buf_str(&canonical));
	memcpy(out->b, hash.b, sizeof out->b);
	*found = true;
	return true;
}

static bool next_record(void *from, str *object, struct err *e)
{
	struct record_walk *w = from;

	if (!w->is_walking)
		db_query(w->call.db, &w->rows, SQL("SELECT kind, ref FROM record ORDER BY ref"));
	w->is_walking = true;
	arena_reset(&w->arena);
	*object = S("");
	if (rows_next(&w->rows)) {
		*object = str_fmt(&w->arena, "%.*s:%.*s", STR_ARG(rows_str(&w->rows, 0)),
			STR_ARG(rows_str(&w->rows, 1)));
		return true;
	}
	return rows_done(&w->rows) || FAIL(e, ERR_FAULT, "the records cannot be read");
}

/* ---- verify ---- */

static void put_json(struct buf *b, const struct ledger_report *r)
{
	buf_fmt(b,
		"{\"ok\":%s,\"entries\":%" PRId64 ",\"tiles\":%" PRId64 ",\"checkpoints\":%" PRId64
		",\"parts\":%" PRId64 ",\"erased\":%" PRId64 ",\"clock_steps_back\":%" PRId64
		",\"records\":%" PRId64 ",\"rows\":%" PRId64 ",\"finding_count\":%" PRId64 ",\"findings\":[",
		r->finding_count ? "false" : "true", r->entries, r->tiles, r->checkpoints, r->parts,
		r->erased, r->clock_steps_back, r->records, r->rows, r->finding_count);
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
	if (r->finding_count > FINDINGS_MAX)
		buf_fmt(b, "and %" PRId64 " more\n", r->finding_count - FINDINGS_MAX);
	if (cli_has(c, S("quiet")) && !r->finding_count)
		return;
	buf_fmt(b,
		"%s: %" PRId64 " entries, %" PRId64 " tiles, %" PRId64 " checkpoints, %" PRId64
		" parts (%" PRId64 " erased), %" PRId64 " records, %" PRId64 " rows",
		r->finding_count ? "NOT AS IT WAS WRITTEN" : "intact", r->entries, r->tiles,
		r->checkpoints, r->parts, r->erased, r->records, r->rows);
	if (r->finding_count)
		buf_fmt(b, "; %" PRId64 " findings", r->finding_count);
	if (r->clock_steps_back)
		buf_fmt(b, "; the clock went back %" PRId64 " times", r->clock_steps_back);
	if (r->newest.size) {
		buf_fmt(b, "\nsigned up to entry %" PRIu64 " of %.*s, root ", r->newest.size - 1,
			STR_ARG(r->newest.origin));
		base64_print(b, r->newest.root.b, HASH_BYTES);
	}
	buf_char(b, '\n');
}

/* An empty store of this program in memory: its schema is the right one. */
static bool open_fresh(struct cli *c, struct db **out)
{
	return db_open(out, c->arena, S(":memory:"), DB_CREATE, &c->err) &&
		db_script(*out, cli_store_schema(c->arena, db_engine(*out)), &c->err);
}

static int verify_store(struct cli *c)
{
	struct record_walk *walk = NEW(c->arena, struct record_walk, 1);
	struct record_source records = {walk, find_record, next_record, NULL};
	struct ledger_report report;
	struct verifier_key key;
	struct checkpoint expected;
	struct cli_store s = {0};

	if (!read_key(c, &key) || !read_expected(c, &key, &expected) ||
		!open_fresh(c, &records.fresh) || !cli_store_open(c, false, &s)) {
		cli_store_close(&s);
		return cli_fail(c);
	}
	arena_open(&walk->arena, RECORD_ARENA_BYTES);
	walk->call = s.call;
	walk->call.arena = walk->call.err.arena = &walk->arena;
	bool ok = ledger_verify(s.db, c->arena, &key, 1, expected.size ? &expected : NULL, &records,
		&report, &c->err);
	if (!ok && c->err.code == ERR_NONE)
		c->err = s.call.err;
	cli_store_close(&s);
	db_close(records.fresh);
	arena_reset(&walk->arena);
	if (!ok)
		return cli_fail(c);
	if (cli_json(c))
		put_json(&c->out, &report);
	else
		put_report(c, &report);
	return cli_deliver(c, report.finding_count ? EXIT_TAMPERED : EXIT_FINE);
}

int command_verify(struct cli *c)
{
	struct path_facts facts;
	struct verifier_key key;

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
