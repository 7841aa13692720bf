/*
 * What a stranger gets and checks: proofs of entries, of the latest entry, of consistency, and the
 * log as static files.
 *
 * Making them needs the store.  Checking them needs the public key of the ledger and nothing else;
 * the first line of a file says what it proves.
 */
#include "base/json.h"

#include "cli/cli_in.h"
#include "kind/entry.h"
#include "ledger/stranger.h"

/* ---- what was opened, in words ---- */

static void put_value(struct buf *b, const struct json *v)
{
	if (v->type == JSON_STRING)
		buf_add(b, v->text);
	else
		json_print(b, v, -1);
}

/* The members of an object, a line each. */
static void put_fields(struct buf *b, const struct json *object)
{
	json_each(v, object)
	{
		buf_fmt(b, "  %.*s: ", STR_ARG(v->key));
		put_value(b, v);
		buf_char(b, '\n');
	}
}

/* Revision, state and hash, then the fields that the entry set; the words of a person last. */
static void put_body(struct buf *b, const struct json *body)
{
	const struct json *after = json_member(body, S("after"));
	str hash = json_text(body, S("hash"));

	if (json_member(body, S("rev")))
		buf_fmt(b, "revision %.*s, state %.*s, hash %.*s\n",
			STR_ARG(json_text(body, S("rev"))), STR_ARG(json_text(body, S("state"))),
			STR_ARG(hash.n ? hash : json_text(body, S("signs"))));
	if (!after)
		after = body;
	put_fields(b, after);
	if (after != body && json_text(body, S("words")).n)
		buf_fmt(b, "reason given: %.*s\n", STR_ARG(json_text(body, S("words"))));
}

static bool put_openings(struct cli *c, const struct opening *o, int count)
{
	for (int i = 0; i < count; i++) {
		const struct json *value = json_parse(c->arena, &c->err, o[i].value);
		if (!value)
			return false;
		if (str_eq(o[i].name, S("body"))) {
			put_body(&c->out, value);
		} else if (str_eq(o[i].name, S("record"))) {
			buf_add(&c->out, S("the record as it was:\n"));
			put_fields(&c->out, value);
		} else {
			buf_fmt(&c->out, "%.*s: %.*s\n", STR_ARG(o[i].name), STR_ARG(o[i].value));
		}
	}
	return true;
}

/* ,"opened":{"body":{…}} */
static void put_openings_json(struct buf *b, const struct opening *o, int count)
{
	if (count == 0)
		return;
	buf_add(b, S(",\"opened\":{"));
	for (int i = 0; i < count; i++)
		buf_fmt(b, "%s\"%.*s\":%.*s", i ? "," : "", STR_ARG(o[i].name),
			STR_ARG(o[i].value));
	buf_char(b, '}');
}

static void put_leaf(struct buf *b, const struct leaf *leaf)
{
	buf_fmt(b, "%.*s %.*s by %.*s at ", STR_ARG(leaf->act), STR_ARG(leaf->object),
		STR_ARG(leaf->actor));
	time_print(b, leaf->at_us);
	buf_char(b, '\n');
}

/* ---- checking ---- */

static int check_receipt(struct cli *c, str text, const struct verifier_key *key)
{
	struct receipt receipt;
	struct checkpoint signed_as;
	struct leaf leaf;

	if (!receipt_check(c->arena, text, S(""), key, 1, &receipt, &signed_as, &c->err) ||
		!leaf_decode(c->arena, receipt.leaf, &leaf, &c->err))
		return cli_fail(c);
	if (cli_json(c)) {
		buf_fmt(&c->out,
			"{\"ok\":true,\"entry\":%" PRIu64 ",\"size\":%" PRIu64 ",\"origin\":",
			receipt.index, signed_as.size);
		json_put_string(&c->out, signed_as.origin);
		buf_fmt(&c->out, ",\"leaf\":%.*s", STR_ARG(receipt.leaf));
		put_openings_json(&c->out, receipt.opening, receipt.opening_count);
		buf_add(&c->out, S("}\n"));
		return cli_deliver(c, EXIT_FINE);
	}
	buf_fmt(&c->out, "the proof holds: entry %" PRIu64 " of the %" PRIu64 " that %.*s signed\n",
		receipt.index, signed_as.size, STR_ARG(signed_as.origin));
	put_leaf(&c->out, &leaf);
	if (!put_openings(c, receipt.opening, receipt.opening_count))
		return cli_fail(c);
	return cli_deliver(c, EXIT_FINE);
}

static void put_latest_json(struct buf *b, const struct latest *p, const struct checkpoint *c)
{
	str leaves = p->leaves, leaf = str_cut(&leaves, '\n');

	buf_fmt(b, "{\"ok\":true,\"entry\":%" PRIu64 ",\"size\":%" PRIu64 ",\"origin\":", p->index,
		c->size);
	json_put_string(b, c->origin);
	buf_fmt(b, ",\"later\":%" PRId64 ",\"naming\":%" PRId64 ",\"leaf\":%.*s", p->later,
		p->near_count, STR_ARG(leaf));
	put_openings_json(b, p->opening, p->opening_count);
	buf_add(b, S(",\"names\":["));
	for (int64_t i = 0; i < p->near_count && i < LATER_SHOWN; i++) {
		buf_fmt(b, "%s{\"entry\":%" PRIu64 ",\"act\":", i ? "," : "", p->near[i].index);
		json_put_string(b, p->near[i].act);
		buf_add(b, S(",\"object\":"));
		json_put_string(b, p->near[i].object);
		buf_add(b, S(",\"outcome\":"));
		json_put_string(b, p->near[i].outcome);
		buf_char(b, '}');
	}
	buf_add(b, S("]}\n"));
}

static void put_latest(struct buf *b, const struct latest *p, const struct checkpoint *c)
{
	buf_fmt(b,
		"the proof holds: entry %" PRIu64 " is the last that wrote %.*s, of the %" PRIu64
		" that %.*s signed\n",
		p->index, STR_ARG(p->leaf.object), c->size, STR_ARG(c->origin));
	put_leaf(b, &p->leaf);
}

static void put_near(struct buf *b, const struct latest *p)
{
	buf_fmt(b,
		"%" PRId64 " later entries, %" PRId64 " of them name it and wrote nothing in it\n",
		p->later, p->near_count);
	for (int64_t i = 0; i < p->near_count && i < LATER_SHOWN; i++) {
		const struct later *n = &p->near[i];
		buf_fmt(b, "  entry %" PRIu64 ": %.*s %.*s by %.*s, %.*s, at ", n->index,
			STR_ARG(n->act), STR_ARG(n->object), STR_ARG(n->actor),
			STR_ARG(n->outcome));
		time_print(b, n->at_us);
		buf_char(b, '\n');
	}
}

static int check_latest(struct cli *c, str text, const struct verifier_key *key)
{
	struct latest *p = NEW(c->arena, struct latest, 1);
	struct checkpoint signed_as;

	if (!latest_check(c->arena, text, key, 1, p, &signed_as, &c->err))
		return cli_fail(c);
	if (cli_json(c)) {
		put_latest_json(&c->out, p, &signed_as);
		return cli_deliver(c, EXIT_FINE);
	}
	put_latest(&c->out, p, &signed_as);
	if (!put_openings(c, p->opening, p->opening_count))
		return cli_fail(c);
	put_near(&c->out, p);
	return cli_deliver(c, EXIT_FINE);
}

static int check_consistency(struct cli *c, str text, const struct verifier_key *key)
{
	struct checkpoint old, new;
	str note;

	if (!cli_has(c, S("checkpoint")))
		return cli_usage(c,
			"a proof of consistency is about a checkpoint that you keep: give"
			" it with --checkpoint");
	if (!file_read(c->arena, cli_option(c, S("checkpoint")), NOTE_BYTES, &note, &c->err) ||
		!consistency_check(c->arena, text, note, key, 1, &old, &new, &c->err))
		return cli_fail(c);
	if (cli_json(c)) {
		buf_fmt(&c->out,
			"{\"ok\":true,\"old_size\":%" PRIu64 ",\"size\":%" PRIu64 ",\"origin\":",
			old.size, new.size);
		json_put_string(&c->out, new.origin);
		buf_add(&c->out, S("}\n"));
		return cli_deliver(c, EXIT_FINE);
	}
	buf_fmt(&c->out,
		"the proof holds: the log of %" PRIu64 " entries that %.*s signed begins with the"
		" %" PRIu64 " of your checkpoint\n",
		new.size, STR_ARG(new.origin), old.size);
	return cli_deliver(c, EXIT_FINE);
}

int cli_verify_file(struct cli *c, str file, const struct verifier_key *key)
{
	str text;

	if (!file_read(c->arena, file, LATEST_BYTES, &text, &c->err))
		return cli_fail(c);
	if (str_starts(text, S("ward-consistency-proof@")))
		return check_consistency(c, text, key);
	if (cli_has(c, S("checkpoint")))
		return cli_usage(c,
			"this proof brings its own checkpoint; --checkpoint is for a store,"
			" a log or a proof of consistency");
	if (str_starts(text, S("ward-latest-proof@")))
		return check_latest(c, text, key);
	return check_receipt(c, text, key);
}

int cli_verify_exported(struct cli *c, str folder, const struct verifier_key *key)
{
	struct checkpoint expected = {0}, now;
	bool is_given = cli_has(c, S("checkpoint"));
	str note;

	if (is_given &&
		(!file_read(c->arena, cli_option(c, S("checkpoint")), NOTE_BYTES, &note, &c->err) ||
			!checkpoint_open(c->arena, note, key, 1, &expected, &c->err)))
		return cli_fail(c);
	if (!exported_check(c->arena, folder, key, 1, is_given ? &expected : NULL, &now, &c->err))
		return cli_fail(c);
	if (cli_json(c)) {
		buf_fmt(&c->out, "{\"ok\":true,\"entries\":%" PRIu64 ",\"origin\":", now.size);
		json_put_string(&c->out, now.origin);
		buf_add(&c->out, S("}\n"));
	} else if (!cli_has(c, S("quiet"))) {
		buf_fmt(&c->out, "intact: %" PRIu64 " entries that %.*s signed, root ", now.size,
			STR_ARG(now.origin));
		base64_print(&c->out, now.root.b, HASH_BYTES);
		buf_char(&c->out, '\n');
	}
	return cli_deliver(c, EXIT_FINE);
}

/* ---- prove ---- */

/* "risk:RSK-12" of a reference. */
static bool object_of(struct call *c, str word, str *object)
{
	struct rec *rec;

	if (!kind_get_any(c, word, &rec))
		return false;
	*object = str_fmt(c->arena, "%.*s:%.*s", STR_ARG(rec->kind->name), STR_ARG(rec->ref));
	return true;
}

/* The entry meant: its number, or the newest about a record. */
static bool find_entry(struct call *c, str word, int64_t *seq)
{
	struct ledger_row *row;
	isize count;
	str object;

	if (str_int(word, 0, INT64_MAX, seq))
		return true;
	if (!object_of(c, word, &object) || !ledger_list(c, object, INT64_MAX, 1, &row, &count))
		return false;
	if (count)
		*seq = row[0].seq;
	return count ||
		FAIL(&c->err, ERR_TAMPERED, "the ledger has no entry about %.*s", STR_ARG(word));
}

/* Finds the entry, opens what was asked for, proves. */
static bool prove(struct cli *c, struct call *call)
{
	struct disclosed open = {.body = cli_has(c, S("open")) || cli_has(c, S("open-private")),
		.personal = cli_has(c, S("open-private"))};
	bool is_latest = cli_has(c, S("latest"));
	struct ledger_row row;
	int64_t seq;
	str object;

	if (is_latest ? !object_of(call, c->word[0], &object) || !ledger_latest(call, object, &seq)
		      : !find_entry(call, c->word[0], &seq))
		return false;
	if (open.body &&
		(!ledger_get(call, seq, &row) || !entry_written(call, &row, &open.record)))
		return false;
	return is_latest ? ledger_prove_latest(call, seq, &open, INT64_MAX, &c->out)
			 : ledger_prove(call, seq, &open, &c->out);
}

int command_prove(struct cli *c)
{
	struct cli_store s = {0};

	if (c->word_count != 1)
		return cli_usage(
			c, "name an entry by its number, or a record, as in ward prove RSK-09");
	bool ok = cli_store_open(c, false, &s) && prove(c, &s.call);
	if (!ok && c->err.code == ERR_NONE)
		c->err = s.call.err;
	cli_store_close(&s);
	return ok ? cli_deliver(c, EXIT_FINE) : cli_fail(c);
}

/* ---- ledger export, ledger consistency ---- */

static bool export_log(struct cli *c, struct call *call)
{
	struct export_report r;

	if (!ledger_export(call->db, c->arena, c->word[1], &r, &call->err))
		return false;
	buf_fmt(&c->out,
		"%.*s: %" PRIu64 " entries of %.*s, %" PRIu64 " of them new; %" PRId64
		" tiles and %" PRId64 " bundles written\n",
		STR_ARG(c->word[1]), r.size, STR_ARG(r.origin), r.size - r.old_size, r.tiles,
		r.bundles);
	return true;
}

/* A log by its size, or by a file with its checkpoint. */
static bool read_point(struct cli *c, str word, struct checkpoint *out, bool *has_root)
{
	int64_t size;
	str note;

	*out = (struct checkpoint){0};
	*has_root = !str_int(word, 0, INT64_MAX, &size);
	if (!*has_root) {
		out->size = (uint64_t)size;
		return true;
	}
	return file_read(c->arena, word, NOTE_BYTES, &note, &c->err) &&
		checkpoint_parse(note_text(note), out, &c->err);
}

static bool prove_consistency(struct cli *c, struct call *call)
{
	struct checkpoint old, new = {0};
	bool old_root, new_root;

	if (!read_point(c, c->word[1], &old, &old_root) ||
		(c->word_count == 3 && !read_point(c, c->word[2], &new, &new_root)))
		return false;
	return ledger_prove_consistency(
		call, old.size, old_root ? &old.root : NULL, new.size, &c->out);
}

int command_ledger(struct cli *c)
{
	static const char usage[] =
		"say ward ledger export DIR, ward ledger consistency OLD [NEW] or ward ledger "
		"adopt [WORDS]";
	struct cli_store s = {0};
	bool ok = false;

	if (str_eq(c->word[0], S("adopt")) && c->word_count <= 2)
		return cli_adopt(c);
	bool is_export = str_eq(c->word[0], S("export"));
	if (c->word_count < 2 || c->word_count > (is_export ? 2 : 3) ||
		(!is_export && !str_eq(c->word[0], S("consistency"))))
		return cli_usage(c, usage);
	if (cli_store_open(c, false, &s))
		ok = is_export ? export_log(c, &s.call) : prove_consistency(c, &s.call);
	if (!ok && c->err.code == ERR_NONE)
		c->err = s.call.err;
	cli_store_close(&s);
	return ok ? cli_deliver(c, EXIT_FINE) : cli_fail(c);
}
