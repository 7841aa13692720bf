/* The log over the store: opening, appending, checkpoints, reading, proving. */
#include "ledger/ledger.h"

#include "base/json.h"

#include "call/call.h"
#include "crypt/keeper.h"
#include "ledger/ledger_in.h"
#include "os/os.h"

_Static_assert(sizeof(struct hash) == sizeof(struct sha256), "a hash is a SHA-256");

/* Three edges: what is committed, what stood at the savepoint, what is staged.  Each is a beginning
   of the next, so that edge_follow() between them is cheap. */
/* By how much the clock was ahead of the time since the machine started, when an entry was made. */
struct pace {
	char boot[40]; /* terminated; "": not known */
	int64_t ahead_us;
};

/* How the entries behind the newest checkpoint are marked, once there is a key. */
struct marking {
	bool is_on;
	struct hash_key key;
	struct entry_mark committed, saved, staged; /* of the newest entry, as of the edges */
	struct ledger_tail found;                   /* by ledger_keep() */
};

struct ledger {
	struct edge committed, saved, staged;
	struct marking marks;
	struct pace pace, staged_pace; /* of the newest entry that is committed; that is staged */
	uint64_t signed_size; /* of the newest checkpoint; the entry with that index takes it */
};

/* ---- opening ---- */

bool store_newest(struct db *db, struct arena *a, str *note, struct checkpoint *out,
	int64_t *at_us, struct err *e)
{
	struct rows r;

	*note = S("");
	*out = (struct checkpoint){.root = merkle_empty()};
	*at_us = TIME_NONE;
	db_query(db, &r, SQL("SELECT note, at FROM checkpoint ORDER BY size DESC LIMIT 1"));
	if (rows_next(&r)) {
		*note = str_dup(a, rows_str(&r, 0));
		*at_us = rows_int(&r, 1);
	}
	if (!rows_done(&r))
		return false;
	return note->n == 0 || checkpoint_parse(note_text(*note), out, e);
}

static bool agrees(struct store_source *s, uint64_t size, const struct checkpoint *last)
{
	struct hash root;

	if (last->size > size)
		return FAIL(s->err, ERR_TAMPERED,
			"the ledger has %" PRIu64 " entries, but its checkpoint is about %" PRIu64,
			size, last->size);
	if (!merkle_root_at(store_hash, s, last->size, &root))
		return false;
	if (memcmp(root.b, last->root.b, HASH_BYTES))
		return FAIL(s->err, ERR_TAMPERED,
			"the first %" PRIu64
			" entries of the ledger are not those that were signed",
			last->size);
	return true;
}

static void pace_set(struct pace *p, str boot, int64_t ahead_us)
{
	if (boot.n == 0 || boot.n >= (isize)sizeof p->boot)
		return;
	memcpy(p->boot, boot.p, (size_t)boot.n);
	p->boot[boot.n] = 0;
	p->ahead_us = ahead_us;
}

/* A leaf that cannot be read is for verification to find. */
static bool read_pace(struct ledger *l, struct arena *a, struct db *db, uint64_t size)
{
	struct leaf leaf = {0};
	struct err e = {0};
	struct rows r;

	db_query(db, &r, SQL("SELECT leaf FROM entry WHERE seq = $1"), V((int64_t)size - 1));
	if (rows_next(&r) && leaf_decode(a, rows_blob(&r, 0), &leaf, &e))
		pace_set(&l->pace, leaf.boot, leaf.at_us - leaf.mono_us);
	l->staged_pace = l->pace;
	return rows_done(&r);
}

static bool open_in(struct ledger *l, struct arena *a, struct db *db, struct err *e)
{
	struct store_source *source = NEW(a, struct store_source, 1);
	struct checkpoint last;
	int64_t at_us;
	str note;

	*source = (struct store_source){.db = db, .err = e};
	uint64_t size = (uint64_t)db_int(db, SQL("SELECT max(seq) + 1 FROM entry"));
	if (!db_ok(db) || !store_edge(source, size, &l->committed) ||
		!store_newest(db, a, &note, &last, &at_us, e) || !agrees(source, size, &last) ||
		!read_pace(l, a, db, size))
		return false;
	l->saved = l->staged = l->committed;
	l->signed_size = last.size;
	return true;
}

bool ledger_open(struct ledger **out, struct arena *a, struct db *db, struct err *e)
{
	struct ledger *l = NEW(a, struct ledger, 1);

	if (!db_begin_read(db, e))
		return false;
	bool ok = open_in(l, a, db, e);
	db_rollback(db);
	if (ok)
		*out = l;
	return ok;
}

/* ---- marks ---- */

/* What the newest checkpoint says, when it is of this keeper. */
static bool newest_of(struct db *db, struct arena *a, const struct keeper_state *state,
	struct checkpoint *out, struct err *e)
{
	struct verifier_key key = vkey_make(state->origin, &state->key);
	str note, text;
	int64_t at_us;

	if (!store_newest(db, a, &note, out, &at_us, e))
		return false;
	return out->size == 0 || note_open(a, note, &key, 1, &text, e);
}

/* What stands behind `last`, and in `*mark` what the next entry continues.  A mark that does not
   fit is counted, and those behind it are judged by the one that it should have been. */
static bool look_at_tail(struct db *db, const struct keeper_state *state,
	const struct checkpoint *last, struct entry_mark *mark, struct ledger_tail *out)
{
	struct rows r;

	*out = (struct ledger_tail){.first = -1};
	*mark = mark_first(&state->mark_key, state->origin, last->size, last->root);
	db_query(db, &r, SQL("SELECT seq, leaf FROM entry WHERE seq >= $1 ORDER BY seq"),
		V((int64_t)last->size));
	while (rows_next(&r)) {
		int64_t seq = rows_int(&r, 0);
		str leaf = rows_blob(&r, 1);
		*mark = mark_next(&state->mark_key, *mark, (uint64_t)seq, leaf);
		out->entries++;
		if (mark_is(leaf, mark))
			continue;
		out->first = out->unmarked++ ? out->first : seq;
	}
	return rows_done(&r);
}

bool ledger_tail_look(
	struct db *db, struct arena *a, struct keeper *k, struct ledger_tail *out, struct err *e)
{
	struct keeper_state state;
	struct checkpoint last;
	struct entry_mark mark;

	return keeper_ask_state(k, &state, e) && newest_of(db, a, &state, &last, e) &&
		look_at_tail(db, &state, &last, &mark, out);
}

static bool keep_in(
	struct ledger *l, struct arena *a, struct db *db, struct keeper *k, struct err *e)
{
	struct marking *m = &l->marks;
	struct keeper_state state;
	struct checkpoint last;

	if (!keeper_ask_state(k, &state, e) || !newest_of(db, a, &state, &last, e) ||
		!look_at_tail(db, &state, &last, &m->committed, &m->found))
		return false;
	m->saved = m->staged = m->committed;
	m->key = state.mark_key;
	m->is_on = true;
	return true;
}

bool ledger_keep(struct ledger *l, struct arena *a, struct db *db, struct keeper *k, struct err *e)
{
	assert(l->committed.size == l->staged.size);
	if (!db_begin_read(db, e))
		return false;
	bool ok = keep_in(l, a, db, k, e);
	db_rollback(db);
	return ok;
}

struct ledger_tail ledger_tail(const struct ledger *l)
{
	return l->marks.found;
}

bool ledger_refuse_unmarked(const struct ledger_tail *tail, struct err *e)
{
	return tail->unmarked == 0 ||
		FAIL(e, ERR_TAMPERED,
			"%" PRId64 " entries behind the last signed tree, from entry %" PRId64
			" on, bear no mark of this keeper: who can write the file may have put "
			"them there; see ward ledger adopt, or bring back a backup",
			tail->unmarked, tail->first);
}

void ledger_adopt(struct ledger *l)
{
	l->marks.found = (struct ledger_tail){.first = -1};
}

/* ---- appending ---- */

static bool write_tile(void *to, int level, uint64_t index, const struct hash tile[TILE_WIDTH],
	const struct hash *root)
{
	struct db *db = to;

	return db_exec(db, SQL_LEDGER("INSERT INTO tile(id, root, hashes) VALUES ($1, $2, $3)"),
		V(tile_id(level, index)), V_BLOB(root->b, HASH_BYTES),
		V_BLOB(tile, TILE_WIDTH * HASH_BYTES));
}

/* A value under its salted commitment; nothing when it is empty. */
struct part {
	str name, value;
	uint8_t salt[SALT_BYTES];
};

static bool part_commit(struct part *p, struct hash *out)
{
	if (p->value.n == 0)
		return false;
	crypt_random(p->salt, SALT_BYTES);
	*out = leaf_commit(p->salt, p->name, p->value);
	return true;
}

static bool part_write(struct db *db, int64_t seq, const struct part *p)
{
	return p->value.n == 0 ||
		db_exec(db,
			SQL_LEDGER("INSERT INTO entry_body(seq, part, salt, value)"
				   " VALUES ($1, $2, $3, $4)"),
			V(seq), V(p->name), V_BLOB(p->salt, SALT_BYTES),
			V_BLOB(p->value.p, p->value.n));
}

static bool names_somebody(const struct call *c, str detail)
{
	return c->who.name.n || c->address.n || detail.n;
}

/* What tells of people: {"address":"…","detail":…,"name":"…"}. */
static str personal_of(const struct call *c, str detail)
{
	str name = c->who.name;
	struct buf b;
	bool first = true;

	if (!names_somebody(c, detail))
		return S("");
	buf_init(&b, c->arena, LIMIT_RECORD_BYTES);
	buf_char(&b, '{');
	if (c->address.n) {
		json_put_key(&b, &first, S("address"));
		json_put_string(&b, c->address);
	}
	if (detail.n) {
		json_put_key(&b, &first, S("detail"));
		buf_add(&b, detail);
	}
	if (name.n) {
		json_put_key(&b, &first, S("name"));
		json_put_string(&b, name);
	}
	buf_char(&b, '}');
	return b.full ? S("") : buf_str(&b);
}

static struct leaf leaf_of(const struct call *c, const struct entry *e)
{
	static const struct clock_facts none;
	const struct clock_facts *clock = c->clock ? c->clock : &none;
	uint8_t random[UUID_RANDOM_BYTES];

	crypt_random(random, sizeof random);
	return (struct leaf){.act = e->act,
		.object = e->object,
		.actor = c->who.actor,
		.outcome = e->outcome,
		.reason = e->reason,
		.node = S("n1"),
		.request = c->request,
		.session = c->who.session,
		.at_us = c->now_us,
		.boot = clock->boot,
		.mono_us = clock->mono_us,
		.is_synchronized = clock->is_synchronized,
		.id = uuid_v7(c->now_us, random)};
}

/* The lines of the rows that this entry vouches for: what the call wrote since the last one, and
   the checkpoint that stands right before it. */
static bool rows_of(struct call *c, struct part *out)
{
	const struct ledger *l = c->ledger;
	struct rows r;
	struct buf b;

	out->value = db_written(c->db);
	if (l->signed_size == 0 || l->staged.size != l->signed_size)
		return true;
	buf_init(&b, c->arena, LEDGER_ROWS_BYTES);
	db_row_query(c->db, &r, S("checkpoint"), S("size"), (int64_t)l->signed_size);
	bool ok = rows_next(&r) && db_row_line(&r, S("checkpoint"), &b);
	if (!rows_done(&r))
		return false;
	if (!ok)
		return FAIL(&c->err, ERR_TAMPERED,
			"the checkpoint of %" PRIu64 " entries is gone; run ward verify",
			l->signed_size);
	buf_add(&b, out->value);
	out->value = buf_str(&b);
	return true;
}

bool ledger_append(struct call *c, const struct entry *e)
{
	struct part body = {.name = S("body"), .value = e->body};
	struct part personal = {.name = S("private"), .value = personal_of(c, e->personal)};
	struct part rows = {.name = S("rows")};
	struct marking *marks = &c->ledger->marks;
	struct leaf leaf = leaf_of(c, e);
	struct entry_mark mark = {{0}};
	struct buf b;

	assert(c->ledger && e->act.n && e->outcome.n);
	if (c->err.code || !rows_of(c, &rows))
		return false;
	if (personal.value.n == 0 && names_somebody(c, e->personal))
		return FAIL(&c->err, ERR_LIMIT, "the personal part of the entry is too long");
	leaf.has_body = part_commit(&body, &leaf.body);
	leaf.has_personal = part_commit(&personal, &leaf.personal);
	leaf.has_rows = part_commit(&rows, &leaf.rows);
	leaf.has_mark = marks->is_on;
	buf_init(&b, c->arena, LIMIT_LEAF_BYTES);
	leaf_encode(&b, &leaf);
	if (b.full)
		return FAIL(&c->err, ERR_LIMIT,
			"the entry of the ledger would pass %d bytes: shorten"
			" the reason",
			LIMIT_LEAF_BYTES);

	struct edge *edge = &c->ledger->staged;
	int64_t seq = (int64_t)edge->size;
	if (marks->is_on) {
		mark = mark_next(&marks->key, marks->staged, edge->size, buf_str(&b));
		mark_put(&b, c->arena, &mark);
	}
	struct hash hash = merkle_leaf(buf_str(&b));
	if (!db_exec(c->db,
		       SQL_LEDGER("INSERT INTO entry(seq, at, act, object, actor, outcome, reason,"
				  " leaf, hash) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)"),
		       V(seq), V(leaf.at_us), V(leaf.act), V(leaf.object), V(leaf.actor),
		       V(leaf.outcome), V(leaf.reason), V_BLOB(b.p, b.n),
		       V_BLOB(hash.b, HASH_BYTES)) ||
		!part_write(c->db, seq, &body) || !part_write(c->db, seq, &personal) ||
		!part_write(c->db, seq, &rows) || !edge_add(edge, hash, write_tile, c->db))
		return false;
	db_vouched(c->db);
	marks->staged = mark;
	if (c->clock)
		pace_set(&c->ledger->staged_pace, c->clock->boot,
			c->clock->now_us - c->clock->mono_us);
	return true;
}

/* ---- the clock ---- */

bool ledger_clock(struct call *c, const struct clock_facts *now, bool *stepped)
{
	const struct pace *was = &c->ledger->staged_pace;
	int64_t step_us = now->now_us - now->mono_us - was->ahead_us;

	assert(now->mono_us >= 0);
	c->now_us = now->now_us;
	c->clock = now;
	*stepped = now->boot.n && str_eq(now->boot, str_of(was->boot)) &&
		(step_us > CLOCK_STEP_US || step_us < -CLOCK_STEP_US);
	if (!*stepped)
		return true;
	return ledger_append(c,
		&(struct entry){.act = S("clock.step"),
			.outcome = S("ok"),
			.body = str_fmt(c->arena, "{\"step_us\":%" PRId64 "}", step_us)});
}

void ledger_committed(struct ledger *l)
{
	l->pace = l->staged_pace;
	l->marks.committed = l->marks.saved = l->marks.staged;
	edge_follow(&l->committed, &l->staged);
	edge_follow(&l->saved, &l->staged);
}

void ledger_saved(struct ledger *l)
{
	l->marks.saved = l->marks.staged;
	edge_follow(&l->saved, &l->staged);
}

void ledger_undone(struct ledger *l)
{
	l->marks.staged = l->marks.saved;
	edge_follow(&l->staged, &l->saved);
}

void ledger_rolled_back(struct ledger *l)
{
	l->staged_pace = l->pace;
	l->marks.staged = l->marks.saved = l->marks.committed;
	edge_follow(&l->staged, &l->committed);
	edge_follow(&l->saved, &l->committed);
}

uint64_t ledger_size(const struct ledger *l)
{
	return l->committed.size;
}

/* ---- checkpoints ---- */

/* Before signing, the leaves of the newest tile are read back and hashed anew: a flipped bit in
   memory or on the way to the disk must not be signed (it ended the log Yeti 2022). */
static bool check_newest(struct db *db, struct store_source *s, uint64_t size, struct err *e)
{
	uint64_t first = (size - 1) / TILE_WIDTH * TILE_WIDTH, at = first;
	struct hash want, have;
	struct rows r;
	bool ok = true;

	db_query(db, &r, SQL("SELECT leaf FROM entry WHERE seq >= $1 ORDER BY seq LIMIT 256"),
		V((int64_t)first));
	while (ok && rows_next(&r)) {
		have = merkle_leaf(rows_blob(&r, 0));
		ok = at < size && store_hash(s, 0, at, &want) &&
			memcmp(have.b, want.b, HASH_BYTES) == 0;
		at += ok;
	}
	if (!rows_done(&r))
		return false;
	return (ok && at == size) ||
		FAIL(e, ERR_TAMPERED,
			"entry %" PRIu64 " is not what was written; nothing is signed", at);
}

static bool sign(struct keeper *k, const struct keeper_state *state, const struct checkpoint *c,
	const struct proof *proof, struct buf *note, struct err *e)
{
	struct verifier_key key = vkey_make(state->origin, &state->key);
	struct sha256 root, path[KEEPER_PROOF];
	struct signature signature;

	memcpy(root.b, c->root.b, HASH_BYTES);
	memcpy(path, proof->path, sizeof path);
	if (!keeper_ask_sign(k, c->size, root, c->at_us, path, proof->count, &signature, e))
		return false;
	checkpoint_print(note, c);
	if (!sign_verify(&state->key, buf_str(note), &signature))
		return FAIL(e, ERR_FAULT, "the keeper's signature does not hold; restart ward");
	note_sign_line(note, &key, signature.b);
	assert(!note->full); /* a name is short; see signer_create() */
	return true;
}

/* True with `*note` empty when there is nothing new.  `*next_mark` is what the entry behind the
   checkpoint continues. */
static bool make_checkpoint(struct ledger *l, struct db *db, struct keeper *k, struct arena *a,
	int64_t now_us, struct buf *note, struct entry_mark *next_mark, struct err *e)
{
	struct store_source *source = NEW(a, struct store_source, 1);
	struct checkpoint next = {.size = l->committed.size, .at_us = now_us}, last;
	struct keeper_state state;
	struct proof proof = {.count = 0};
	int64_t at_us;
	str before;

	*source = (struct store_source){.db = db, .err = e, .edge = &l->committed};
	if (!store_newest(db, a, &before, &last, &at_us, e))
		return false;
	if (last.size == next.size)
		return true;
	if (!ledger_refuse_unmarked(&l->marks.found, e) || !keeper_ask_state(k, &state, e) ||
		!check_newest(db, source, next.size, e))
		return false;
	next.origin = state.origin;
	next.root = edge_root(&l->committed);
	*next_mark = mark_first(&l->marks.key, next.origin, next.size, next.root);
	/* A keeper that signed more than there is refuses, and says why. */
	if (state.size <= next.size &&
		!merkle_prove_consistency(store_hash, source, state.size, next.size, &proof))
		return FAIL(e, ERR_FAULT, "the proof for the checkpoint cannot be made");
	return sign(k, &state, &next, &proof, note, e);
}

bool ledger_checkpoint(struct ledger *l, struct db *db, struct keeper *k, struct arena *a,
	int64_t now_us, struct err *e)
{
	struct entry_mark next_mark;
	struct buf note;

	assert(l->committed.size == l->staged.size);
	buf_init(&note, a, NOTE_BYTES);
	if ((!l->marks.is_on && !ledger_keep(l, a, db, k, e)) || !db_begin(db, e))
		return false;
	if (!make_checkpoint(l, db, k, a, now_us, &note, &next_mark, e) || note.n == 0) {
		db_rollback(db);
		return e->code == ERR_NONE;
	}
	if (!db_exec(db, SQL_LEDGER("INSERT INTO checkpoint(size, note, at) VALUES ($1, $2, $3)"),
		    V((int64_t)l->committed.size), V(buf_str(&note)), V(now_us))) {
		db_rollback(db);
		return false;
	}
	if (!db_commit(db))
		return false;
	l->signed_size = l->committed.size;
	l->marks.committed = l->marks.saved = l->marks.staged = next_mark;
	return true;
}

/* ---- reading ---- */

/* A body may have a megabyte: a list leaves it out. */
#define ROW_WITH(body)                                                                             \
	"SELECT e.seq, e.at, e.act, e.object, e.actor, e.outcome, e.reason, e.leaf, e.hash,"       \
	" p.value, " body " FROM entry e"                                                          \
	" LEFT JOIN entry_body p ON p.seq = e.seq AND p.part = 'private'"
#define ROW_COLUMNS ROW_WITH("NULL")
#define ROW_WHOLE                                                                                  \
	ROW_WITH("b.value") " LEFT JOIN entry_body b ON b.seq = e.seq AND b.part = 'body'"

static str name_in(struct arena *a, str personal)
{
	struct err e = {0};

	return personal.n ? json_text(json_parse(a, &e, personal), S("name")) : S("");
}

static void read_row(const struct rows *r, struct arena *a, struct ledger_row *out)
{
	str hash = rows_blob(r, 8);

	*out = (struct ledger_row){.seq = rows_int(r, 0),
		.at = rows_int(r, 1),
		.act = str_dup(a, rows_str(r, 2)),
		.object = str_dup(a, rows_str(r, 3)),
		.actor = str_dup(a, rows_str(r, 4)),
		.outcome = str_dup(a, rows_str(r, 5)),
		.reason = str_dup(a, rows_str(r, 6)),
		.leaf = str_dup(a, rows_blob(r, 7)),
		.name = name_in(a, str_dup(a, rows_blob(r, 9))),
		.body = str_dup(a, rows_blob(r, 10))};
	if (hash.n == HASH_BYTES)
		memcpy(out->hash.b, hash.p, HASH_BYTES);
}

bool ledger_list(struct call *c, str object, int64_t before, isize limit, struct ledger_row **out,
	isize *count)
{
	struct ledger_row *row = NEW(c->arena, struct ledger_row, limit);
	struct rows r;

	assert(limit >= 0 && limit <= LIMIT_LIST_ROWS);
	if (before < 0)
		before = INT64_MAX;
	if (object.n)
		db_query(c->db, &r,
			SQL(ROW_COLUMNS
				" WHERE e.object = $1 AND e.seq < $2 ORDER BY e.seq DESC LIMIT $3"),
			V(object), V(before), V(limit));
	else
		db_query(c->db, &r,
			SQL(ROW_COLUMNS " WHERE e.seq < $1 ORDER BY e.seq DESC LIMIT $2"),
			V(before), V(limit));
	*out = row;
	for (*count = 0; *count < limit && rows_next(&r); ++*count)
		read_row(&r, c->arena, &row[*count]);
	return rows_done(&r);
}

bool ledger_get(struct call *c, int64_t seq, struct ledger_row *out)
{
	struct rows r;
	bool found;

	db_query(c->db, &r, SQL(ROW_WHOLE " WHERE e.seq = $1"), V(seq));
	if ((found = rows_next(&r)))
		read_row(&r, c->arena, out);
	if (!rows_done(&r))
		return false;
	return found || FAIL(&c->err, ERR_MISSING, "the ledger has no entry %" PRId64, seq);
}

bool ledger_newest(struct call *c, str *note, struct checkpoint *out, int64_t *at_us)
{
	return store_newest(c->db, c->arena, note, out, at_us, &c->err);
}

/* ---- verifications by a server ---- */

/* An object of its own, so that the newest is found without looking through the others. */
static const str verification = S_INIT("ledger:verification");

bool ledger_note_verified(struct call *c, int64_t findings, int64_t entries, int64_t rows)
{
	return ledger_append(c,
		&(struct entry){
			.act = findings < 0 ? S("ledger.unverified") : S("ledger.verified"),
			.object = verification,
			.outcome = findings ? S("failed") : S("ok"),
			.body = str_fmt(c->arena,
				"{\"entries\":%" PRId64 ",\"findings\":%" PRId64
				",\"rows\":%" PRId64 "}",
				entries, findings, rows)});
}

bool ledger_last_verified(struct call *c, struct ledger_verified *out)
{
	struct rows r;

	*out = (struct ledger_verified){.at_us = TIME_NONE};
	db_query(c->db, &r,
		SQL("SELECT at, outcome, act FROM entry WHERE object = $1 ORDER BY seq DESC LIMIT "
		    "1"),
		V(verification));
	if (rows_next(&r))
		*out = (struct ledger_verified){rows_int(&r, 0), str_eq(rows_str(&r, 1), S("ok")),
			str_eq(rows_str(&r, 2), S("ledger.verified"))};
	return rows_done(&r);
}

const char *ledger_verified_words(const struct ledger_verified *v)
{
	return v->is_whole ? "intact" : v->is_done ? "NOT AS IT WAS WRITTEN" : "not to the end";
}
