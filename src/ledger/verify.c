/*
 * Verification: everything recomputed from the leaves.
 *
 * Three cursors walk side by side: entries, parts and checkpoints, each in order of its index, so
 * that memory stays the same however long the log is.  A finding names the entry where it can.
 */
#include "base/json.h"

#include "crypt/keeper.h"
#include "ledger/ledger_in.h"

#include <stdarg.h>

struct walk {
	struct db *db;
	struct arena *arena;
	struct err *err;
	struct ledger_report *report;
	const struct ledger_known *known;
	const struct record_source *records;
	struct edge *edge;
	struct rows parts, checkpoints;
	bool has_part, has_checkpoint; /* the cursor stands on a row */
	bool is_broken;                /* an entry is missing: roots cannot be computed any more */
	int64_t last_us;
	struct walked walked;
	/* Behind the newest checkpoint, once the walk has passed it. */
	int64_t newest_size, unmarked, first_unmarked;
	bool is_marking;
	struct entry_mark mark; /* of the entry before */
};

struct ledger_known ledger_known(const struct keeper_state *state)
{
	struct ledger_known known = {.key = vkey_make(state->origin, &state->key),
		.expected = {.origin = state->origin, .size = state->size},
		.mark_key = &state->mark_key};

	memcpy(known.expected.root.b, state->root.b, HASH_BYTES);
	return known;
}

/* Damaged bytes of the store may stand in a finding, and a long one may be cut in a character. */
static str clean(struct arena *a, const char *text)
{
	str s = str_dup(a, str_of(text));
	char *p = (char *)(uintptr_t)s.p;

	for (isize bad = utf8_check(s); bad >= 0; bad = utf8_check(s))
		p[bad] = '?';
	for (isize i = 0; i < s.n; i++)
		if ((unsigned char)p[i] < 0x20)
			p[i] = '?';
	return s;
}

static void keep(struct ledger_report *r, int64_t seq, const char *text)
{
	if (r->kept == FINDINGS_MAX)
		return;
	r->kept++;
	struct ledger_finding *f = NEW(r->arena, struct ledger_finding, 1);
	*f = (struct ledger_finding){.seq = seq, .text = clean(r->arena, text)};
	*r->end = f;
	r->end = &f->next;
}

void ledger_found(struct ledger_report *r, int64_t seq, const char *format, ...)
{
	char text[400];
	va_list ap;

	r->finding_count++;
	if (r->part[0] && ++r->part_count > FINDINGS_OF_PART)
		return;
	va_start(ap, format);
	vsnprintf(text, sizeof text, format, ap);
	va_end(ap);
	keep(r, seq, text);
}

void ledger_findings_of(struct ledger_report *r, const char *part)
{
	char text[200];

	if (r->part_count > FINDINGS_OF_PART) {
		snprintf(text, sizeof text, "%s: %" PRId64 " more of the kind", r->part,
			r->part_count - FINDINGS_OF_PART);
		keep(r, -1, text);
	}
	snprintf(r->part, sizeof r->part, "%s", part ? part : "");
	r->part_count = 0;
}

void ledger_check_memory(struct ledger_report *r, uint64_t remembered)
{
	if (remembered < r->newest.size)
		ledger_found(r, -1,
			"the keeper remembers that it signed %" PRIu64 " entries, but %" PRIu64
			" were signed: its memory was put back",
			remembered, r->newest.size);
}

static bool is_hash(str bytes, const struct hash *h)
{
	return bytes.n == HASH_BYTES && memcmp(bytes.p, h->b, HASH_BYTES) == 0;
}

/* ---- tiles ---- */

/* A full tile of the recomputed tree against the one stored. */
static bool check_tile(void *to, int level, uint64_t index, const struct hash tile[TILE_WIDTH],
	const struct hash *root)
{
	struct walk *w = to;
	struct hash stored[TILE_WIDTH], top;
	struct err e = {0};
	bool is_there;
	int slot = 0;

	w->report->tiles++;
	if (!store_tile(w->db, level, index, &is_there, stored, &top, &e)) {
		if (!e.code)
			return false;
		ledger_found(w->report, -1, "%s", e.text);
		return true;
	}
	if (!is_there) {
		ledger_found(w->report, -1, "tile %d/%" PRIu64 " is missing", level, index);
		return true;
	}
	while (slot < TILE_WIDTH && memcmp(stored[slot].b, tile[slot].b, HASH_BYTES) == 0)
		slot++;
	if (slot < TILE_WIDTH)
		ledger_found(w->report, level ? -1 : (int64_t)index * TILE_WIDTH + slot,
			"tile %d/%" PRIu64 " differs from the entries at hash %d", level, index,
			slot);
	else if (memcmp(top.b, root->b, HASH_BYTES))
		ledger_found(w->report, -1, "tile %d/%" PRIu64 " has another root than its hashes",
			level, index);
	return true;
}

/* ---- parts ---- */

/* A part that is gone is fine when an entry of the ledger says that it was erased. */
static bool check_erased(struct walk *w, int64_t seq, str part)
{
	struct rows r;
	bool is_erased = false;

	db_query(w->db, &r,
		SQL("SELECT b.act, b.object FROM erasure x JOIN entry b ON b.seq = x.by_seq AND "
		    "b.outcome = 'ok'"
		    " WHERE x.seq = $1 AND x.part = $2 AND x.by_seq > x.seq ORDER BY x.by_seq "
		    "LIMIT 1"),
		V(seq), V(part));
	if (rows_next(&r))
		is_erased = str_eq(rows_str(&r, 0), S("ledger.erase")) &&
			erasure_names(rows_str(&r, 1), seq, part);
	if (!rows_done(&r))
		return false;
	if (is_erased)
		w->report->erased++;
	else
		ledger_found(w->report, seq,
			"entry %" PRId64 ": its part \"%.*s\" is gone, and no entry erased it", seq,
			STR_ARG(part));
	return true;
}

/* Entries with a number far beyond their count are as spoilt as those without one. */
enum { SPOILT_SLACK = 1 << 16 };

static void make_room_for_spoilt(struct walk *w)
{
	int64_t room = db_int(w->db, SQL("SELECT count(*) FROM entry")) * 2 + SPOILT_SLACK;

	w->walked.spoilt = NEW(w->report->arena, uint8_t, room / 8 + 1);
	w->walked.room = room;
}

static void spoil(struct walk *w, int64_t seq)
{
	if ((uint64_t)seq < (uint64_t)w->walked.room)
		w->walked.spoilt[seq / 8] |= (uint8_t)(1 << seq % 8);
}

bool is_spoilt(const struct walked *w, int64_t seq)
{
	if ((uint64_t)seq < (uint64_t)w->room)
		return w->spoilt[seq / 8] >> seq % 8 & 1;
	return seq < 0 || !w->is_cut;
}

enum { PART_BODY, PART_PRIVATE, PART_ROWS, PARTS };
static const str part_name[PARTS] = {S_INIT("body"), S_INIT("private"), S_INIT("rows")};

static void spoil_rows(struct walk *w, int64_t seq, int part)
{
	if (part == PART_ROWS)
		spoil(w, seq);
}

/* One row of entry_body against the leaf; ticks off what it finds. */
static void check_part(struct walk *w, int64_t seq, const struct leaf *leaf, bool has[PARTS])
{
	str part = rows_str(&w->parts, 1), salt = rows_blob(&w->parts, 2);
	int which = 0;

	while (which < PARTS && !str_eq(part, part_name[which]))
		which++;
	const struct hash *want = leaf_part(leaf, part);
	w->report->parts++;
	if (which < PARTS)
		has[which] = true;
	if (!want || salt.n != SALT_BYTES) {
		spoil_rows(w, seq, which);
		ledger_found(w->report, seq,
			"entry %" PRId64 " has a part that its leaf does not know", seq);
		return;
	}
	struct hash have = leaf_commit((const uint8_t *)salt.p, part, rows_blob(&w->parts, 3));
	if (memcmp(have.b, want->b, HASH_BYTES) == 0)
		return;
	spoil_rows(w, seq, which);
	ledger_found(w->report, seq, "entry %" PRId64 ": its part \"%.*s\" was changed", seq,
		STR_ARG(part));
}

static void found_stray(struct walk *w)
{
	spoil(w, rows_int(&w->parts, 0));
	ledger_found(w->report, rows_int(&w->parts, 0), "a part belongs to no entry");
}

/* All parts of entry `seq`; the cursor moves on to the next entry. */
static bool check_parts(struct walk *w, int64_t seq, const struct leaf *leaf)
{
	bool has[PARTS] = {false};

	while (w->has_part && rows_int(&w->parts, 0) <= seq) {
		if (rows_int(&w->parts, 0) < seq)
			found_stray(w);
		else
			check_part(w, seq, leaf, has);
		w->has_part = rows_next(&w->parts);
	}
	for (int i = 0; i < PARTS; i++)
		if (leaf_part(leaf, part_name[i]) && !has[i] && !check_erased(w, seq, part_name[i]))
			return false;
	return true;
}

/* ---- entries ---- */

/* The columns that lists show repeat the leaf. */
static void check_columns(
	struct walk *w, const struct rows *r, int64_t seq, const struct leaf *leaf)
{
	const str in_leaf[] = {leaf->act, leaf->object, leaf->actor, leaf->outcome, leaf->reason};
	static const char *const name[] = {"act", "object", "actor", "outcome", "reason"};

	for (int i = 0; i < COUNT_OF(in_leaf); i++)
		if (!str_eq(rows_str(r, 4 + i), in_leaf[i]))
			ledger_found(w->report, seq,
				"entry %" PRId64 ": its column \"%s\" is not as in its leaf", seq,
				name[i]);
	if (rows_int(r, 3) != leaf->at_us)
		ledger_found(
			w->report, seq, "entry %" PRId64 ": its time is not as in its leaf", seq);
	if (leaf->at_us < w->last_us)
		w->report->clock_steps_back++;
	w->last_us = leaf->at_us;
}

/* The mark that the entry must bear; where keys to check it are to be had. */
static void check_mark(struct walk *w, int64_t seq, str leaf)
{
	if (!w->is_marking || w->is_broken)
		return;
	w->mark = mark_next(w->known->mark_key, w->mark, (uint64_t)seq, leaf);
	if (mark_is(leaf, &w->mark))
		return;
	w->first_unmarked = w->unmarked++ ? w->first_unmarked : seq;
}

/* From here on no signature covers an entry. */
static void begin_marks(struct walk *w, const struct hash *root)
{
	if (!w->known->mark_key || (int64_t)w->edge->size != w->newest_size)
		return;
	w->is_marking = true;
	w->mark = mark_first(w->known->mark_key, w->known->key.name, w->edge->size, *root);
}

/* Entries have the numbers from 0 on.  Behind one that is missing there is no tree to compare with,
   but all else is.  False for a number that is none. */
static bool check_place(struct walk *w, int64_t seq)
{
	if (seq < 0) {
		ledger_found(
			w->report, seq, "entry %" PRId64 " has a number that no entry has", seq);
		return false;
	}
	if (seq != w->walked.end) {
		ledger_found(w->report, w->walked.end,
			"entry %" PRId64 " is missing; the next one is %" PRId64
			", and from there on nothing is compared with the tree",
			w->walked.end, seq);
		w->is_broken = true;
	}
	w->walked.end = seq + 1;
	return true;
}

/* The tree continues with the hash stored, so that one changed leaf is one finding. */
static bool check_entry(struct walk *w, const struct rows *r)
{
	int64_t seq = rows_int(r, 0);
	bool has_place = check_place(w, seq);
	str text = rows_blob(r, 1), stored = rows_blob(r, 2);
	struct hash hash = merkle_leaf(text);
	struct err e = {0};
	struct leaf leaf;

	w->report->entries++;
	if (!is_hash(stored, &hash)) {
		spoil(w, seq);
		ledger_found(w->report, seq,
			"entry %" PRId64 " was changed: its leaf has another hash", seq);
		if (stored.n == HASH_BYTES)
			memcpy(hash.b, stored.p, HASH_BYTES);
	}
	if (!leaf_decode(w->arena, text, &leaf, &e)) {
		spoil(w, seq);
		ledger_found(w->report, seq, "entry %" PRId64 ": %s", seq, e.text);
		leaf = (struct leaf){.at_us = w->last_us};
	} else {
		check_columns(w, r, seq, &leaf);
	}
	check_mark(w, seq, text);
	if (!check_parts(w, seq, &leaf))
		return false;
	return !has_place || w->is_broken || edge_add(w->edge, hash, check_tile, w);
}

/* ---- checkpoints ---- */

/* Behind the text, what is stored has the one line of our signature: lines of other keys, which a
   note may have elsewhere, would be somebody's to put there. */
static bool is_bare(str note, str text)
{
	str lines = str_part(note, text.n + 1, note.n);

	str_cut(&lines, '\n');
	return lines.n == 0;
}

/* Where no key is known, which is for the caller to tell, what was signed is compared all the
   same. */
static bool open_note(struct walk *w, str note, str *text, struct err *e)
{
	const struct verifier_key *key = &w->known->key;

	if (key->name.n == 0) {
		*text = note_text(note);
		return true;
	}
	if (!note_open(w->arena, note, key, 1, text, e))
		return false;
	return is_bare(note, *text) ||
		FAIL(e, ERR_TAMPERED, "its note has more than the signature of this log");
}

static void check_note(struct walk *w, int64_t size, str note, int64_t at_us)
{
	struct hash root = edge_root(w->edge);
	struct checkpoint c;
	struct err e = {0};
	str text;

	w->report->checkpoints++;
	if (!open_note(w, note, &text, &e) || !checkpoint_parse(text, &c, &e)) {
		ledger_found(w->report, -1, "checkpoint %" PRId64 ": %s", size, e.text);
		return;
	}
	if (c.size != (uint64_t)size) {
		ledger_found(w->report, -1, "checkpoint %" PRId64 " is about %" PRIu64 " entries",
			size, c.size);
		return;
	}
	if (memcmp(c.root.b, root.b, HASH_BYTES)) {
		ledger_found(w->report, -1,
			"checkpoint %" PRId64
			": the entries before it are not those that were signed",
			size);
		return;
	}
	if (c.at_us && c.at_us != at_us) {
		ledger_found(w->report, -1,
			"checkpoint %" PRId64 ": its time is not the one that was signed", size);
		return;
	}
	if (w->known->key.name.n == 0)
		return;
	c.origin = str_dup(w->report->arena, c.origin);
	w->report->newest = c;
	begin_marks(w, &root);
}

/* A checkpoint that the log must hold, when the edge is at its size. */
static void check_known(struct walk *w, const struct checkpoint *c, const char *which)
{
	struct hash root;

	if (c->size == 0 || c->size != w->edge->size)
		return;
	root = edge_root(w->edge);
	if (memcmp(root.b, c->root.b, HASH_BYTES))
		ledger_found(w->report, -1, "the first %" PRIu64 " entries are not those of %s",
			c->size, which);
}

static void check_end(struct walk *w, const struct checkpoint *c, const char *which)
{
	if (c->size > w->edge->size)
		ledger_found(w->report, -1,
			"%" PRIu64 " entries are missing at the end: %s is about %" PRIu64,
			c->size - w->edge->size, which, c->size);
}

/* Checkpoints about the present size of the edge. */
static void check_notes(struct walk *w)
{
	if (w->is_broken)
		return;
	while (w->has_checkpoint && rows_int(&w->checkpoints, 0) <= (int64_t)w->edge->size) {
		check_note(w, rows_int(&w->checkpoints, 0), rows_str(&w->checkpoints, 1),
			rows_int(&w->checkpoints, 2));
		w->has_checkpoint = rows_next(&w->checkpoints);
	}
	check_known(w, &w->known->given, "a checkpoint known from elsewhere");
	check_known(w, &w->known->expected, "a checkpoint that the keeper signed");
}

/* ---- the walk ---- */

static bool walk_entries(struct walk *w)
{
	struct rows r;
	struct hash none = merkle_empty();
	bool ok = true;

	w->newest_size = db_int(w->db, SQL("SELECT max(size) FROM checkpoint"));
	begin_marks(w, &none);
	check_notes(w);
	db_query(w->db, &r,
		SQL("SELECT seq, leaf, hash, at, act, object, actor, outcome, reason FROM entry"
		    " ORDER BY seq"));
	while (ok && rows_next(&r)) {
		struct arena_mark mark = arena_here(w->arena);
		ok = check_entry(w, &r);
		if (ok)
			check_notes(w);
		arena_rewind(w->arena, mark);
	}
	return rows_done(&r) && ok;
}

/* Nobody but the writer, which has its key from the keeper, makes a mark. */
static void check_unmarked(struct walk *w)
{
	struct ledger_report *r = w->report;

	r->unsigned_entries = r->entries - (int64_t)r->newest.size;
	if (w->unmarked)
		ledger_found(r, w->first_unmarked,
			"%" PRId64 " entries behind the last signed tree, from entry %" PRId64
			" on, bear no mark of this keeper",
			w->unmarked, w->first_unmarked);
}

/* What is left on the cursors after the last entry should not be there. */
static bool check_rest(struct walk *w)
{
	for (; w->has_part; w->has_part = rows_next(&w->parts))
		found_stray(w);
	if (w->is_broken)
		return db_ok(w->db);
	if (w->has_checkpoint)
		ledger_found(w->report, -1,
			"a checkpoint is about %" PRId64 " entries, but there are %" PRIu64,
			rows_int(&w->checkpoints, 0), w->edge->size);
	check_end(w, &w->known->given, "a checkpoint known from elsewhere");
	check_end(w, &w->known->expected, "a checkpoint that the keeper signed");
	int64_t tiles = db_int(w->db, SQL("SELECT count(*) FROM tile"));
	if (tiles > w->report->tiles)
		ledger_found(w->report, -1, "there are %" PRId64 " tiles too many",
			tiles - w->report->tiles);
	return db_ok(w->db);
}

static bool walk_log(struct walk *w)
{
	db_query(w->db, &w->parts,
		SQL("SELECT seq, part, salt, value FROM entry_body ORDER BY seq, part"));
	db_query(
		w->db, &w->checkpoints, SQL("SELECT size, note, at FROM checkpoint ORDER BY size"));
	w->has_part = rows_next(&w->parts);
	w->has_checkpoint = rows_next(&w->checkpoints);
	bool ok = walk_entries(w) && check_rest(w);
	check_unmarked(w);
	ok = rows_done(&w->parts) && ok;
	return rows_done(&w->checkpoints) && ok;
}

/* ---- records against the log ---- */

/* What the body of an entry says of the record that it wrote. */
struct said {
	int64_t rev; /* 0: it does not say */
	struct hash hash;
};

/* False when the body has no member "hash".  It stands near the beginning, so that large bodies are
   not read to their end. */
static bool said_in(struct arena *a, str body, struct said *out)
{
	enum { OTHER, IS_REV, IS_HASH } next = OTHER;
	struct err e = {0};
	struct json_reader r;

	*out = (struct said){0};
	json_open(&r, a, &e, body);
	for (;;) {
		switch (json_next(&r)) {
		case JSON_BAD:
		case JSON_END:
			return false;
		case JSON_KEY:
			next = r.depth != 1                 ? OTHER
				: str_eq(r.text, S("hash")) ? IS_HASH
				: str_eq(r.text, S("rev"))  ? IS_REV
							    : OTHER;
			break;
		case JSON_SCALAR:
			if (next == IS_HASH)
				return hex_parse(r.text, out->hash.b, HASH_BYTES);
			if (next == IS_REV)
				(void)!str_int(r.text, 1, INT64_MAX, &out->rev);
			break;
		case JSON_OPEN_OBJECT:
		case JSON_OPEN_ARRAY:
		case JSON_CLOSE:
			next = OTHER;
			break;
		}
	}
}

/* An older revision, which the next one left as it was. */
static void compare_revision(struct walk *w, int64_t seq, str object, const struct said *said)
{
	const struct record_source *records = w->records;
	struct hash now;
	bool is_there;

	if (!records->find_revision || !said->rev)
		return;
	if (!records->find_revision(records->from, object, said->rev, &is_there, &now, w->err)) {
		ledger_found(w->report, seq, "%.*s, revision %" PRId64 ", cannot be read: %s",
			STR_ARG(object), said->rev, w->err->text);
		err_clear(w->err);
		db_go_on(w->db);
	} else if (!is_there || memcmp(now.b, said->hash.b, HASH_BYTES)) {
		ledger_found(w->report, seq,
			"%.*s, revision %" PRId64 ", is not as entry %" PRId64 " wrote it",
			STR_ARG(object), said->rev, seq);
	}
}

static void compare(struct walk *w, const struct record_source *records, int64_t seq, str object,
	const struct hash *logged)
{
	struct hash now;
	bool is_there;

	w->report->records++;
	if (!records->find(records->from, object, &is_there, &now, w->err)) {
		ledger_found(
			w->report, seq, "%.*s cannot be read: %s", STR_ARG(object), w->err->text);
		err_clear(w->err);
		db_go_on(w->db);
		return;
	}
	if (!is_there)
		ledger_found(w->report, seq, "%.*s is gone, but entry %" PRId64 " wrote it",
			STR_ARG(object), seq);
	else if (memcmp(now.b, logged->b, HASH_BYTES))
		ledger_found(w->report, seq, "%.*s is not as entry %" PRId64 " wrote it",
			STR_ARG(object), seq);
}

/* For each object that the log wrote, its newest hash against the record, and the others against
   their revisions.  Where one was erased, nothing can be said. */
static bool check_written(struct walk *w, const struct record_source *records)
{
	struct buf done;
	struct rows r;

	buf_init(&done, w->arena, LIMIT_LEAF_BYTES);
	db_query(w->db, &r,
		SQL("SELECT e.object, e.seq, b.value FROM entry e"
		    " LEFT JOIN entry_body b ON b.seq = e.seq AND b.part = 'body'"
		    " LEFT JOIN erasure x ON x.seq = e.seq AND x.part = 'body'"
		    " WHERE e.object <> '' AND e.outcome = 'ok'"
		    " AND (b.seq IS NOT NULL OR x.seq IS NOT NULL) ORDER BY e.object, e.seq DESC"));
	while (rows_next(&r)) {
		struct said said;
		str object = rows_str(&r, 0);
		bool is_newest = !str_eq(object, buf_str(&done));
		bool is_erased = rows_is_null(&r, 2);
		struct arena_mark mark = arena_here(w->arena);
		bool has_hash = said_in(w->arena, rows_blob(&r, 2), &said);
		arena_rewind(w->arena, mark);
		if (!has_hash && !is_erased)
			continue;
		if (!is_newest) {
			compare_revision(w, rows_int(&r, 1), object, &said);
			continue;
		}
		done.n = 0;
		buf_add(&done, object);
		if (!is_erased)
			compare(w, records, rows_int(&r, 1), object, &said.hash);
	}
	return rows_done(&r);
}

/* Whether the log ever wrote this object. */
static bool is_written(struct walk *w, str object, bool *out)
{
	struct said said;
	struct rows r;

	*out = false;
	db_query(w->db, &r,
		SQL("SELECT b.value, x.by_seq FROM entry e"
		    " LEFT JOIN entry_body b ON b.seq = e.seq AND b.part = 'body'"
		    " LEFT JOIN erasure x ON x.seq = e.seq AND x.part = 'body'"
		    " WHERE e.object = $1 AND e.outcome = 'ok' ORDER BY e.seq DESC"),
		V(object));
	while (!*out && rows_next(&r)) {
		struct arena_mark mark = arena_here(w->arena);
		*out = !rows_is_null(&r, 1) || said_in(w->arena, rows_blob(&r, 0), &said);
		arena_rewind(w->arena, mark);
	}
	return rows_done(&r);
}

static bool check_unwritten(struct walk *w, const struct record_source *records)
{
	for (;;) {
		bool written;
		str object = S("");
		if (!records->next(records->from, &object, w->err))
			return false;
		if (object.n == 0)
			return true;
		if (!is_written(w, object, &written))
			return false;
		if (!written)
			ledger_found(w->report, -1, "%.*s is in the store, but no entry wrote it",
				STR_ARG(object));
	}
}

/* What the engine finds in its pages: an index that lacks a row, a page that is no page. */
static void check_pages(struct walk *w)
{
	struct rows r;

	db_query(w->db, &r, SQL("PRAGMA integrity_check"));
	while (rows_next(&r))
		if (!str_eq(rows_str(&r, 0), S("ok")))
			ledger_found(w->report, -1, "the file of the store is damaged: %.*s",
				STR_ARG(rows_str(&r, 0)));
	if (!rows_done(&r))
		return;
}

/* ---- the stages ---- */

static void verify_log(void *walk)
{
	struct walk *w = walk;

	w->walked.is_cut = true;
	make_room_for_spoilt(w);
	w->walked.is_cut = !walk_log(w);
}

static void verify_written(void *walk)
{
	struct walk *w = walk;

	(void)check_written(w, w->records);
}

static void verify_unwritten(void *walk)
{
	struct walk *w = walk;

	(void)check_unwritten(w, w->records);
}

static void verify_rows(void *walk)
{
	struct walk *w = walk;

	reconcile(w->db, w->records->fresh, &w->walked, w->arena, w->report, w->err);
}

static void verify_pages(void *walk)
{
	check_pages(walk);
}

/* What a stranger made too large for memory is a finding, and the next stage goes on. */
static void run_stage(struct walk *w, void (*work)(void *), const char *what)
{
	arena_reset(w->arena);
	ledger_findings_of(w->report, what);
	if (arena_run(work, w) != ARENA_DONE) {
		ledger_findings_of(w->report, NULL);
		ledger_found(w->report, -1,
			"%s cannot be verified to the end: it takes more memory than there is",
			what);
		db_rollback(w->db);
		err_clear(w->err);
		(void)!db_begin_read(w->db, w->err);
	}
	note_failure(w->db, w->err, w->report, what);
	ledger_findings_of(w->report, NULL);
}

bool ledger_verify(struct db *db, struct arena *a, const struct ledger_known *known,
	const struct record_source *records, struct ledger_report *out, struct err *e)
{
	enum { SCRATCH_BYTES = 16 << 20 };
	struct arena scratch;
	struct err failure = {0};
	struct walk w = {.db = db,
		.report = out,
		.known = known,
		.records = records,
		.err = &failure,
		.arena = &scratch,
		.edge = NEW(a, struct edge, 1),
		.last_us = -INT64_MAX};
	char *block = arena_bulk(a, SCRATCH_BYTES);

	if (!block)
		return FAIL(e, ERR_LIMIT, "verification needs more memory than there is");
	*out = (struct ledger_report){.arena = a, .end = &out->findings};
	/* Scratch of its own: findings stay while the rest of an entry is given back. */
	arena_init(&scratch, block, SCRATCH_BYTES);
	db_report_to(db, &failure);
	run_stage(&w, verify_log, "the ledger");
	if (records && records->find)
		run_stage(&w, verify_written, "the newest entry of each record");
	if (records && records->next)
		run_stage(&w, verify_unwritten, "the list of records");
	if (records)
		run_stage(&w, verify_rows, "the rows");
	run_stage(&w, verify_pages, "the file");
	db_report_to(db, e);
	arena_reset(&scratch);
	return true;
}
