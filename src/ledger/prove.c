/* Proofs and tiles out of the store.  What does not hold is not handed out. */
#include "call/call.h"
#include "ledger/ledger_in.h"
#include "ledger/proof_in.h"

static struct store_source *source_of(struct call *c)
{
	struct store_source *source = NEW(c->arena, struct store_source, 1);

	*source = (struct store_source){.db = c->db, .err = &c->err};
	return source;
}

/* Where the source has said why, that stays. */
static bool no_proof(struct call *c)
{
	return FAIL(&c->err, ERR_FAULT, "the proof cannot be made");
}

static bool same(const struct hash *a, const struct hash *b)
{
	return memcmp(a->b, b->b, HASH_BYTES) == 0;
}

/* ---- openings ---- */

/* Adds the opening of a part to which the leaf is committed. */
static bool open_part(struct call *c, int64_t seq, str name, struct buf *out)
{
	struct opening o = {.name = name};
	struct rows r;
	bool found = false;

	db_query(c->db, &r, SQL("SELECT salt, value FROM entry_body WHERE seq = $1 AND part = $2"),
		V(seq), V(name));
	if (rows_next(&r)) {
		str salt = rows_blob(&r, 0);
		o.value = rows_blob(&r, 1);
		found = salt.n == SALT_BYTES && o.value.n > 0;
		if (found) {
			memcpy(o.salt, salt.p, SALT_BYTES);
			opening_print(out, &o);
		}
	}
	if (!rows_done(&r))
		return false;
	return found ||
		FAIL(&c->err, ERR_MISSING, "the part \"%.*s\" of entry %" PRId64 " was erased",
			STR_ARG(name), seq);
}

static bool open_parts(struct call *c, int64_t seq, const struct leaf *leaf,
	const struct disclosed *open, struct buf *out)
{
	struct opening read[OPENINGS_MAX];
	isize from = out->n;
	int count;

	if (open->body && leaf->has_body && !open_part(c, seq, S("body"), out))
		return false;
	if (open->personal && leaf->has_personal && !open_part(c, seq, S("private"), out))
		return false;
	if (open->body && open->record.n)
		opening_print(out, &(struct opening){.name = S("record"), .value = open->record});
	if (out->full)
		return FAIL(&c->err, ERR_LIMIT, "what entry %" PRId64 " holds is too long to open",
			seq);
	str text = str_part(buf_str(out), from, out->n);
	return opening_parse(text, read, &count, &c->err) &&
		opening_check(c->arena, leaf, read, count, &c->err);
}

/* ---- receipts ---- */

/* The entry with its leaf, which must be signed: `last` is the newest checkpoint. */
static bool signed_entry(struct call *c, int64_t seq, const struct checkpoint *last,
	struct ledger_row *row, struct leaf *leaf)
{
	if (!ledger_get(c, seq, row) || !leaf_decode(c->arena, row->leaf, leaf, &c->err))
		return false;
	return (uint64_t)seq < last->size ||
		FAIL(&c->err, ERR_BUSY,
			"entry %" PRId64 " is not signed yet; try again in a second", seq);
}

bool ledger_prove(struct call *c, int64_t seq, const struct disclosed *open, struct buf *out)
{
	struct store_source *source = source_of(c);
	struct receipt receipt = {.index = (uint64_t)seq};
	struct checkpoint last;
	struct ledger_row row;
	struct leaf leaf;
	struct buf extra;
	int64_t at_us;

	if (!ledger_newest(c, &receipt.note, &last, &at_us) ||
		!signed_entry(c, seq, &last, &row, &leaf))
		return false;
	buf_init(&extra, c->arena, RECEIPT_BYTES);
	buf_add(&extra, row.leaf);
	if (open->body || open->personal) {
		buf_char(&extra, '\n');
		if (!open_parts(c, seq, &leaf, open, &extra))
			return false;
	}
	receipt.extra = buf_str(&extra);
	if (!merkle_prove_inclusion(store_hash, source, receipt.index, last.size, &receipt.path))
		return no_proof(c);
	/* A receipt that does not hold must not leave the house. */
	if (!merkle_verify_inclusion(
		    merkle_leaf(row.leaf), receipt.index, last.size, &receipt.path, last.root))
		return FAIL(&c->err, ERR_TAMPERED,
			"entry %" PRId64 " is not the one that was signed", seq);
	receipt_print(out, &receipt);
	return !out->full || FAIL(&c->err, ERR_LIMIT, "the receipt is too long");
}

/* ---- consistency ---- */

bool ledger_checkpoint_of(struct call *c, uint64_t size, str *note, struct checkpoint *out)
{
	int64_t at_us;

	if (size == 0) {
		if (!ledger_newest(c, note, out, &at_us))
			return false;
		return note->n || FAIL(&c->err, ERR_MISSING, "nothing has been signed yet");
	}
	*note = S("");
	struct rows r;
	db_query(c->db, &r, SQL("SELECT note FROM checkpoint WHERE size = $1"), V((int64_t)size));
	if (rows_next(&r))
		*note = str_dup(c->arena, rows_str(&r, 0));
	if (!rows_done(&r))
		return false;
	if (note->n == 0)
		return FAIL(&c->err, ERR_MISSING, "there is no checkpoint of %" PRIu64 " entries",
			size);
	return checkpoint_parse(note_text(*note), out, &c->err);
}

bool ledger_prove_consistency(struct call *c, uint64_t old_size, const struct hash *old_root,
	uint64_t new_size, struct buf *out)
{
	struct store_source *source = source_of(c);
	struct consistency p = {.old_size = old_size};
	struct checkpoint new;
	struct hash root;

	if (!ledger_checkpoint_of(c, new_size, &p.note, &new))
		return false;
	if (old_size > new.size)
		return FAIL(&c->err, ERR_MISSING,
			"the log was signed up to %" PRIu64 " entries, not %" PRIu64, new.size,
			old_size);
	if (!merkle_root_at(store_hash, source, old_size, &root) ||
		!merkle_prove_consistency(store_hash, source, old_size, new.size, &p.path))
		return no_proof(c);
	if (old_root && !same(&root, old_root))
		return FAIL(&c->err, ERR_TAMPERED,
			"the first %" PRIu64
			" entries of this log are not those of that checkpoint",
			old_size);
	if (!merkle_verify_consistency(old_size, root, new.size, new.root, &p.path))
		return FAIL(&c->err, ERR_TAMPERED,
			"the %" PRIu64 " entries of this log are not those that were signed",
			new.size);
	consistency_print(out, &p);
	return !out->full || FAIL(&c->err, ERR_LIMIT, "the proof is too long");
}

/* ---- the latest entry ---- */

bool ledger_latest(struct call *c, str object, int64_t *seq)
{
	struct rows r;

	*seq = -1;
	db_query(c->db, &r,
		SQL("SELECT seq FROM entry WHERE object = $1 AND outcome = 'ok'"
		    " ORDER BY seq DESC LIMIT 1"),
		V(object));
	if (rows_next(&r))
		*seq = rows_int(&r, 0);
	if (!rows_done(&r))
		return false;
	return *seq >= 0 ||
		FAIL(&c->err, ERR_MISSING, "the ledger has no entry that wrote %.*s",
			STR_ARG(object));
}

/* The leaves from the entry on, as the proof holds them, hashed on the way. */
static bool put_leaves(struct call *c, struct range *range, uint64_t size, struct buf *out)
{
	struct rows r;
	bool ok = true;

	db_query(c->db, &r, SQL("SELECT leaf FROM entry WHERE seq >= $1 AND seq < $2 ORDER BY seq"),
		V((int64_t)range->size), V((int64_t)size));
	while (ok && rows_next(&r)) {
		str leaf = rows_blob(&r, 0);
		ok = leaf.n && str_index(leaf, '\n') < 0;
		buf_add(out, leaf);
		buf_char(out, '\n');
		range_add(range, merkle_leaf(leaf));
	}
	if (!rows_done(&r))
		return false;
	buf_char(out, '\n');
	return ok ||
		FAIL(&c->err, ERR_TAMPERED, "entry %" PRIu64 " is not a line of text",
			range->size - 1);
}

/* What the entry must be for the proof to hold. */
static bool may_be_latest(
	struct call *c, int64_t seq, const struct leaf *leaf, uint64_t size, int64_t suffix)
{
	int64_t newest;

	if (!ledger_latest(c, leaf->object, &newest))
		return false;
	if (newest != seq)
		return FAIL(&c->err, ERR_INVALID, "entry %" PRId64 " wrote %.*s later", newest,
			STR_ARG(leaf->object));
	if ((int64_t)size - seq - 1 > suffix)
		return FAIL(&c->err, ERR_LIMIT,
			"%" PRId64 " entries lie behind entry %" PRId64 "; %" PRId64
			" are the most here: use ward prove --latest",
			(int64_t)size - seq - 1, seq, suffix);
	return true;
}

bool ledger_prove_latest(
	struct call *c, int64_t seq, const struct disclosed *open, int64_t suffix, struct buf *out)
{
	struct store_source *source = source_of(c);
	struct latest *p = NEW(c->arena, struct latest, 1);
	struct checkpoint last;
	struct ledger_row row;
	struct range range;
	struct leaf leaf;
	struct buf extra;
	int64_t at_us;

	buf_init(&extra, c->arena, RECEIPT_BYTES);
	if (!ledger_newest(c, &p->note, &last, &at_us) ||
		!signed_entry(c, seq, &last, &row, &leaf) ||
		!may_be_latest(c, seq, &leaf, last.size, suffix) ||
		!open_parts(c, seq, &leaf, open, &extra))
		return false;
	p->extra = buf_str(&extra);
	p->index = (uint64_t)seq;
	if (!range_read(store_hash, source, p->index, &p->before) ||
		!range_begin(&range, p->index, &p->before))
		return no_proof(c);
	latest_print_head(out, p);
	if (!put_leaves(c, &range, last.size, out))
		return false;
	buf_add(out, p->note);
	struct hash root = range_root(&range);
	if (range.size != last.size || !same(&root, &last.root))
		return FAIL(&c->err, ERR_TAMPERED,
			"the %" PRIu64 " entries of this log are not those that were signed",
			last.size);
	return !out->full || FAIL(&c->err, ERR_LIMIT, "the proof is too long");
}

/* ---- tiles ---- */

static bool put_bundle(struct call *c, const struct tile_place *t, struct buf *out)
{
	struct rows r;
	int64_t first = (int64_t)(t->index * TILE_WIDTH), count = 0;
	bool ok = true;

	db_query(c->db, &r,
		SQL("SELECT leaf FROM entry WHERE seq >= $1 AND seq < $2 ORDER BY seq LIMIT 256"),
		V(first), V(first + t->width));
	for (; ok && rows_next(&r); count += ok)
		ok = bundle_add(out, rows_blob(&r, 0));
	if (!rows_done(&r))
		return false;
	return (ok && count == t->width) ||
		FAIL(&c->err, ERR_TAMPERED, "entry %" PRId64 " of the ledger is missing",
			first + count);
}

static bool put_hashes(struct call *c, const struct tile_place *t, struct buf *out)
{
	struct store_source *source = source_of(c);
	struct hash hash;

	for (int i = 0; i < t->width; i++) {
		if (!store_hash(source, t->level, t->index * TILE_WIDTH + (uint64_t)i, &hash))
			return no_proof(c);
		buf_add(out, (str){(const char *)hash.b, HASH_BYTES});
	}
	return true;
}

bool ledger_tile(struct call *c, const struct tile_place *t, str *out)
{
	struct checkpoint last;
	struct buf b;
	int64_t at_us;
	str note;

	if (!ledger_newest(c, &note, &last, &at_us))
		return false;
	if (!tile_is_within(t, last.size))
		return FAIL(&c->err, ERR_MISSING,
			"the log was signed up to %" PRIu64 " entries; this tile lies beyond",
			last.size);
	buf_init(&b, c->arena, TILE_WIDTH * (LIMIT_LEAF_BYTES + 2));
	if (t->level == TILE_ENTRIES ? !put_bundle(c, t, &b) : !put_hashes(c, t, &b))
		return false;
	if (b.full)
		return FAIL(&c->err, ERR_TAMPERED, "an entry is longer than any may be");
	*out = buf_str(&b);
	return true;
}
