/*
 * The ledger: every change is an entry of a transparency log, in the same transaction.
 *
 * A C2SP tiled log: RFC 6962 hashing, 256-wide tiles, signed-note checkpoints (Ed25519).  The
 * leaf is stored and served verbatim, an RFC 8785 object without personal data; what was
 * changed stands beside it as parts under salted commitments, so that it can be erased while
 * the tree still verifies.  Only full tiles are stored; the right edge lives in memory and is
 * rebuilt at start.
 *
 * merkle.c, note.c, leaf.c, proof.c and verify.c are pure.  ledger.c appends and reads.
 */
#ifndef LEDGER_LEDGER_H
#define LEDGER_LEDGER_H
#include "base/base.h"

struct call;
struct db;
struct keeper;
struct ledger;

enum { HASH_BYTES = 32, TILE_WIDTH = 256, TREE_LEVELS = 8, SALT_BYTES = 32, SIGNATURE_BYTES = 64 };

struct hash {
	uint8_t b[HASH_BYTES];
};

/* ---- merkle.c: RFC 6962 ---- */

struct hash merkle_leaf(str leaf);
struct hash merkle_node(const struct hash *left, const struct hash *right);

/* The right edge of a tree: the hashes of the rightmost, not yet full tile of each level. */
struct edge {
	uint64_t size;
	struct hash tile[TREE_LEVELS][TILE_WIDTH];
};
/* Called for each tile that became full. */
typedef bool tile_sink(void *to, int level, uint64_t index, const struct hash tile[TILE_WIDTH]);
CHECKED bool edge_add(struct edge *edge, struct hash leaf, tile_sink *sink, void *to);
struct hash edge_root(const struct edge *edge);

/* Reads hash `index` of level `level * 8` (leaf hashes are level 0), from tiles or the edge. */
typedef bool hash_source(void *from, int level, uint64_t index, struct hash *out);
enum { PROOF_MAX = 64 };
struct proof {
	struct hash path[PROOF_MAX];
	int count;
};
CHECKED bool merkle_prove_inclusion(hash_source *source, void *from, uint64_t index, uint64_t size,
	struct proof *out);
CHECKED bool merkle_prove_consistency(hash_source *source, void *from, uint64_t old_size,
	uint64_t size, struct proof *out);
/* RFC 9162, 2.1.3.2 and 2.1.4.2: true when the proof holds. */
CHECKED bool merkle_verify_inclusion(struct hash leaf, uint64_t index, uint64_t size,
	const struct proof *p, struct hash root);
CHECKED bool merkle_verify_consistency(uint64_t old_size, struct hash old_root, uint64_t size,
	struct hash root, const struct proof *p);

/* ---- note.c: C2SP signed-note and tlog-checkpoint ---- */

struct verifier_key {
	str name;      /* the origin */
	uint8_t id[4]; /* SHA-256(name ‖ LF ‖ 0x01 ‖ key), first four bytes */
	uint8_t key[32];
};
struct checkpoint {
	str origin;
	uint64_t size;
	struct hash root;
};
/* "name+hexid+base64(0x01 ‖ key)". */
CHECKED bool vkey_parse(struct arena *a, str text, struct verifier_key *out);
void vkey_print(struct buf *b, const struct verifier_key *key);
void checkpoint_print(struct buf *b, const struct checkpoint *c);
/* Adds the blank line and the signature line. */
void note_sign_line(struct buf *b, const struct verifier_key *key,
	const uint8_t signature[SIGNATURE_BYTES]);
/* Opens a note: at least one good signature of a known key, none bad of a known one (C2SP
   signed-note).  `*text` is the signed text. */
CHECKED bool note_open(struct arena *a, str note, const struct verifier_key *keys, isize key_count,
	str *text, struct err *e);
CHECKED bool checkpoint_parse(str text, struct checkpoint *out, struct err *e);

/* ---- leaf.c ---- */

/* SHA-256("ward/part/1" ‖ 0 ‖ salt ‖ u32 len(name) ‖ name ‖ u32 len(value) ‖ value). */
struct hash leaf_commit(const uint8_t salt[SALT_BYTES], str name, str value);

struct entry {
	str act;     /* "risk.update" */
	str object;  /* "risk:RSK-12", or "" */
	str outcome; /* "ok", "denied", "failed" */
	str reason;  /* a code or reference for the leaf; free words go into the body */
	str body;    /* JSON: rev, hash, before, after, words; committed to, not in the leaf */
	str personal;/* JSON: what is personal: name, address, words of a person; or "" */
};

/* ---- ledger.c ---- */

/* Opens the log of the store, rebuilding the edge from its tiles and last entries.
   ERR_TAMPERED when they contradict the last checkpoint. */
CHECKED bool ledger_open(struct ledger **out, struct arena *a, struct db *db, struct err *e);
/* Appends one entry in the call's write transaction.  The edge follows at ledger_committed(). */
CHECKED bool ledger_append(struct call *c, const struct entry *e);
/* After COMMIT returned; and after a rollback (to the savepoint, or whole). */
void ledger_committed(struct ledger *l);
void ledger_saved(struct ledger *l);  /* a savepoint begins: what is staged so far stays */
void ledger_undone(struct ledger *l); /* back to the savepoint */
void ledger_rolled_back(struct ledger *l);
uint64_t ledger_size(const struct ledger *l);
/* Asks the keeper to sign the present size and stores the checkpoint, when there is something
   new to sign.  In a transaction of its own. */
CHECKED bool ledger_checkpoint(struct ledger *l, struct db *db, struct keeper *k, struct arena *a,
	int64_t now_us, struct err *e);

struct ledger_row {
	int64_t seq; /* from 0 */
	str leaf, act, object, actor, outcome, reason, name, body;
	int64_t at;
	struct hash hash;
};
/* Entries before `before` (or the newest), newest first; of `object` unless "". */
CHECKED bool ledger_list(struct call *c, str object, int64_t before, isize limit,
	struct ledger_row **out, isize *count);
CHECKED bool ledger_get(struct call *c, int64_t seq, struct ledger_row *out);
/* The newest checkpoint: its note, or "" before the first. */
CHECKED bool ledger_newest(struct call *c, str *note, struct checkpoint *out, int64_t *at_us);
/* C2SP tlog-proof of entry `seq` in the newest checkpoint that holds it. */
CHECKED bool ledger_prove(struct call *c, int64_t seq, struct buf *out);
#endif
