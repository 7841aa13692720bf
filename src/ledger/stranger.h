/*
 * What somebody outside gets of the ledger, and how it is checked without the store.
 *
 * Four things leave the house: the log itself as static files (C2SP tlog-tiles), receipts that open
 * what an entry is committed to, proofs that a later log continues an earlier one, and proofs that
 * no later entry wrote a record.  Each is checked with the public key of the log alone; nothing in
 * them is believed that is not hashed up to a signed root.
 *
 * tile.c, range.c, opening.c, consistency.c and latest.c are pure: bytes in, bytes out.  prove.c
 * makes the proofs from the store, export.c writes the files, exported.c checks them.
 */
#ifndef LEDGER_STRANGER_H
#define LEDGER_STRANGER_H
#include "ledger/ledger.h"

/* ---- tile.c: names of tiles (C2SP tlog-tiles) ---- */

enum { TILE_ENTRIES = -1 };
/* Tile `index` of a level, or the bundle of the entries below such a tile; its first `width`
   hashes or entries, TILE_WIDTH when it is full. */
struct tile_place {
	int level; /* or TILE_ENTRIES */
	uint64_t index;
	int width;
};
/* "0/x001/234.p/5", "entries/000": what stands behind "tile/".  Takes exactly what tile_print()
   writes. */
CHECKED bool tile_parse(str path, struct tile_place *out);
void tile_print(struct buf *b, const struct tile_place *t);
/* Whether a log of `size` entries has the tile. */
bool tile_is_within(const struct tile_place *t, uint64_t size);
/* An entry as bundles hold it: two bytes of length, the high one first, then the leaf.  Fails on a
   leaf longer than that can say. */
CHECKED bool bundle_add(struct buf *b, str leaf);
/* The next leaf of a bundle; false when it ends early. */
CHECKED bool bundle_next(str *rest, str *leaf);

/* ---- range.c: compact ranges ---- */

/* The first `size` leaves as the roots of the perfect subtrees that they are made of, the largest
   first: all that is needed to go on hashing. */
struct range {
	uint64_t size;
	int count;
	struct hash part[PROOF_MAX];
};
/* The range that a proof gave; false when it has not exactly the hashes that `size` needs. */
CHECKED bool range_begin(struct range *r, uint64_t size, const struct proof *parts);
void range_add(struct range *r, struct hash leaf);
struct hash range_root(const struct range *r);
/* The parts of the first `size` leaves of a tree. */
CHECKED bool range_read(hash_source *source, void *from, uint64_t size, struct proof *out);

/* ---- opening.c: what a commitment of a leaf was made of ---- */

/*
 * A line "open NAME SALT BYTES", then the value and a line end.  The part named "record" is the
 * record itself in canonical form, as it was written or signed: no commitment of the leaf but the
 * hash in the body, which is opened before it, vouches for it; its line is "record BYTES".
 */
void opening_print(struct buf *b, const struct opening *o);
/* All openings of a text, at most OPENINGS_MAX.  Takes exactly what opening_print() writes. */
CHECKED bool opening_parse(str text, struct opening out[OPENINGS_MAX], int *count, struct err *e);
/* ERR_TAMPERED unless the leaf is committed to every one of them, each once. */
CHECKED bool opening_check(struct arena *a, const struct leaf *leaf, const struct opening *o,
	int count, struct err *e);
/* The value of the part `name`; "" when it was not opened. */
str opening_value(const struct opening *o, int count, str name);

/* ---- proof.c ---- */

/* A note whose log itself signed it: a witness alone does not make a checkpoint. */
CHECKED bool checkpoint_open(struct arena *a, str note, const struct verifier_key *keys,
	isize key_count, struct checkpoint *out, struct err *e);

/* ---- consistency.c: that one signed log continues another ---- */

enum { CONSISTENCY_BYTES = 2 * NOTE_BYTES };
/* "ward-consistency-proof@v1", the size of the older log, the hashes (RFC 9162, 2.1.4), and the
   newer checkpoint. */
struct consistency {
	uint64_t old_size;
	struct proof path;
	str note;
};
void consistency_print(struct buf *b, const struct consistency *p);
CHECKED bool consistency_parse(struct arena *a, str text, struct consistency *out, struct err *e);
/* Checks both signatures and that the log of `text` begins with that of `old_note`.  ERR_SYNTAX
   when it is not such a proof, ERR_TAMPERED when it does not hold, ERR_INVALID when it is about
   another checkpoint than the one given. */
CHECKED bool consistency_check(struct arena *a, str text, str old_note,
	const struct verifier_key *keys, isize key_count, struct checkpoint *old,
	struct checkpoint *new, struct err *e);

/* ---- latest.c: that no later entry wrote a record, up to a signed size ---- */

enum { LATEST_BYTES = 256 << 20, LATER_SHOWN = 100 };
/*
 * "ward-latest-proof@v1", optional openings, the index of the entry, the compact range of what lies
 * before it, then the leaf of the entry and of every later one, a line each, and the checkpoint.
 *
 * Proven is: the entry is in the log, and of all entries behind it up to the size that was signed
 * none has the same object and the outcome "ok".  Entries whose object names the same record by
 * another word (link:RSK-12, signature:RSK-12), or that were refused, wrote nothing in it; they are
 * counted and shown, so that whoever checks sees them.  A link that another record has to this one
 * is an entry about that other record.
 */
struct latest {
	uint64_t index;
	struct proof before;
	str extra;  /* openings, or "" */
	str leaves; /* a line each, the first is the entry's */
	str note;
	/* What latest_check() adds. */
	struct leaf leaf;
	struct opening opening[OPENINGS_MAX];
	int opening_count;
	int64_t later; /* entries behind it */
	int64_t near_count;
	struct later {
		uint64_t index;
		str act, object, actor, outcome;
		int64_t at_us;
	} * near; /* those that name the record otherwise; at most LATER_SHOWN of near_count */
};
/* Everything in front of the leaves. */
void latest_print_head(struct buf *b, const struct latest *p);
CHECKED bool latest_parse(struct arena *a, str text, struct latest *out, struct err *e);
CHECKED bool latest_check(struct arena *a, str text, const struct verifier_key *keys,
	isize key_count, struct latest *out, struct checkpoint *signed_as, struct err *e);
/* What an entry with `leaf` is to the one with `object`: it wrote it, or only names the record. */
enum later_kind { LATER_OTHER, LATER_NAMES, LATER_WRITES };

/* ---- prove.c: proofs out of the store ---- */

/* Which parts of an entry a proof opens; the record as it was written, when the caller has it. */
struct disclosed {
	bool body, personal;
	str record; /* its canonical form, or "" */
};
/* C2SP tlog-proof of entry `seq` in the newest checkpoint, with its leaf and what is opened as its
   extra data.  ERR_MISSING when there is no such entry or the part was erased, ERR_BUSY when it is
   not signed yet.  Whether the caller may see the parts is for the caller to ask. */
CHECKED bool ledger_prove(
	struct call *c, int64_t seq, const struct disclosed *open, struct buf *out);
/* The newest entry that wrote `object` ("risk:RSK-12").  ERR_MISSING when there is none. */
CHECKED bool ledger_latest(struct call *c, str object, int64_t *seq);
/* That no later entry wrote the object of `seq`.  At most `suffix` entries may lie behind it, else
   ERR_LIMIT; ERR_INVALID when one of them did. */
CHECKED bool ledger_prove_latest(
	struct call *c, int64_t seq, const struct disclosed *open, int64_t suffix, struct buf *out);
/* That the log signed at `new_size` (0: the newest) continues the one of `old_size`; with
   `old_root` (may be NULL) also that the older one is ours: ERR_TAMPERED when it is not. */
CHECKED bool ledger_prove_consistency(struct call *c, uint64_t old_size,
	const struct hash *old_root, uint64_t new_size, struct buf *out);
/* The bytes of a tile or bundle of the newest signed log.  ERR_MISSING beyond it. */
CHECKED bool ledger_tile(struct call *c, const struct tile_place *t, str *out);

/* ---- export.c and exported.c: the log as static files ---- */

struct export_report {
	uint64_t old_size, size; /* signed before, and now */
	int64_t tiles, bundles;  /* files written */
	str origin;
};
/*
 * Writes checkpoint, tiles and entry bundles of the newest signed log below `folder`, which is made
 * when it is not there; a second time only what is new.  The checkpoint comes last, after the root
 * was computed anew from the leaves.
 *
 * ERR_BUSY when nothing was signed yet, ERR_CONFLICT when the folder holds another log or something
 * else, ERR_TAMPERED when it holds another history of this one or the store does not have the root
 * that was signed.  In the caller's transaction.
 */
CHECKED bool ledger_export(
	struct db *db, struct arena *a, str folder, struct export_report *out, struct err *e);
/* Recomputes an exported log from its entries: every tile, every bundle, the root, the signature.
   ERR_TAMPERED, with the file, when one is not as it must be.  `expected` (may be NULL) is a
   checkpoint known from elsewhere that the log must continue. */
CHECKED bool exported_check(struct arena *a, str folder, const struct verifier_key *keys,
	isize key_count, const struct checkpoint *expected, struct checkpoint *out, struct err *e);
/* Whether a folder looks like an exported log. */
bool exported_is_there(struct arena *a, str folder);
#endif
