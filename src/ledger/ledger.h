/*
 * The ledger: every change is an entry of a transparency log, in the same transaction.
 *
 * A C2SP tiled log: RFC 6962 hashing, 256-wide tiles, signed-note checkpoints (Ed25519).  The
 * leaf is stored and served verbatim, an RFC 8785 object without personal data; what was
 * changed stands beside it as parts under salted commitments, so that it can be erased while
 * the tree still verifies.  Only full tiles are stored; the right edge lives in memory and is
 * rebuilt at start.
 *
 * merkle.c, note.c, leaf.c and proof.c are pure.  ledger.c appends and reads, source.c feeds
 * proofs from the store, verify.c recomputes everything, signer.c holds the key and the memory of
 * what it signed.  What leaves the house, and how it is checked there, is in stranger.h.
 *
 * The columns act, object, actor, outcome, reason and at of an entry repeat its leaf, so that lists
 * need not read leaves; verification compares them.  Order is the index, never the clock.
 */
#ifndef LEDGER_LEDGER_H
#define LEDGER_LEDGER_H
#include "base/base.h"

#include "crypt/crypt.h"

struct call;
struct clock_facts;
struct db;
struct keeper;
struct keeper_state;
struct ledger;

enum { HASH_BYTES = 32, TILE_WIDTH = 256, TREE_LEVELS = 8, SALT_BYTES = 32, SIGNATURE_BYTES = 64 };

struct hash {
	uint8_t b[HASH_BYTES];
};

/* ---- merkle.c: RFC 6962 ---- */

struct hash merkle_leaf(str leaf);
struct hash merkle_node(const struct hash *left, const struct hash *right);

/* The root of a tree without leaves. */
struct hash merkle_empty(void);
/* The root of a perfect tree of `count` hashes, a power of two up to TILE_WIDTH. */
struct hash merkle_perfect(const struct hash *hash, int count);

/* The right edge of a tree: the hashes of the rightmost, not yet full tile of each level.  What
   stands in a tile beyond its part of `size` means nothing. */
struct edge {
	uint64_t size;
	struct hash tile[TREE_LEVELS][TILE_WIDTH];
};
/* Called for each tile that became full, with its root; false ends the adding. */
typedef bool tile_sink(void *to, int level, uint64_t index, const struct hash tile[TILE_WIDTH],
	const struct hash *root);
CHECKED bool edge_add(struct edge *edge, struct hash leaf, tile_sink *sink, void *to);
struct hash edge_root(const struct edge *edge);
/* Makes `to` equal to `from`.  One must be a beginning of the other; then it costs what lies
   between them, not the 64 KiB of a copy. */
void edge_follow(struct edge *to, const struct edge *from);

/* Reads hash `index` of level `level * 8` (leaf hashes are level 0), from tiles or the edge. */
typedef bool hash_source(void *from, int level, uint64_t index, struct hash *out);
enum { PROOF_MAX = 64 };
struct proof {
	struct hash path[PROOF_MAX];
	int count;
};
/* The root of the first `size` leaves.  Like the two below, false when the source fails or the size
   is beyond 2^56. */
CHECKED bool merkle_root_at(hash_source *source, void *from, uint64_t size, struct hash *out);
/* The root of the 2^height leaves from `first` on, a multiple of their number. */
CHECKED bool merkle_subtree(
	hash_source *source, void *from, int height, uint64_t first, struct hash *out);
CHECKED bool merkle_prove_inclusion(
	hash_source *source, void *from, uint64_t index, uint64_t size, struct proof *out);
CHECKED bool merkle_prove_consistency(
	hash_source *source, void *from, uint64_t old_size, uint64_t size, struct proof *out);
/* RFC 9162, 2.1.3.2 and 2.1.4.2: true when the proof holds. */
CHECKED bool merkle_verify_inclusion(
	struct hash leaf, uint64_t index, uint64_t size, const struct proof *p, struct hash root);
CHECKED bool merkle_verify_consistency(uint64_t old_size, struct hash old_root, uint64_t size,
	struct hash root, const struct proof *p);

/* ---- note.c: C2SP signed-note and tlog-checkpoint ---- */

enum { NOTE_BYTES = 65536, NOTE_SIGNATURES = 100 };
struct verifier_key {
	str name;      /* the origin */
	uint8_t id[4]; /* SHA-256(name ‖ LF ‖ 0x01 ‖ key), first four bytes */
	uint8_t key[32];
};
struct checkpoint {
	str origin;
	uint64_t size;
	struct hash root;
	int64_t at_us; /* when it was signed, in the extension line "at 2026-…Z"; 0: does not say */
};
/* True when a key may have this name: not empty, no Unicode space, no plus. */
bool key_name_check(str name);
/* The key of an origin, with its id. */
struct verifier_key vkey_make(str name, const struct public_key *key);
/* "name+hexid+base64(0x01 ‖ key)". */
CHECKED bool vkey_parse(struct arena *a, str text, struct verifier_key *out);
void vkey_print(struct buf *b, const struct verifier_key *key);
void checkpoint_print(struct buf *b, const struct checkpoint *c);
/* Adds the blank line and the signature line. */
void note_sign_line(
	struct buf *b, const struct verifier_key *key, const uint8_t signature[SIGNATURE_BYTES]);
/* Opens a note: at least one good signature of a known key, none bad of a known one (C2SP
   signed-note).  `*text` is the signed text. */
CHECKED bool note_open(struct arena *a, str note, const struct verifier_key *keys, isize key_count,
	str *text, struct err *e);
/* The same, and which keys signed. */
CHECKED bool note_open_by(struct arena *a, str note, const struct verifier_key *keys,
	isize key_count, str *text, bool *signed_by, struct err *e);
/* The text of a note, whoever signed it; for what we stored ourselves. */
str note_text(str note);
/* The signed text of a checkpoint; other extension lines are allowed and ignored. */
CHECKED bool checkpoint_parse(str text, struct checkpoint *out, struct err *e);

/* ---- leaf.c ---- */

/* SHA-256("ward/part/1" ‖ 0 ‖ salt ‖ u32 len(name) ‖ name ‖ u32 len(value) ‖ value), lengths with
   the high byte first. */
struct hash leaf_commit(const uint8_t salt[SALT_BYTES], str name, str value);

#define LEAF_MONO_MAX INT64_C(9007199254740991) /* 2^53 - 1, exact for every reader of JSON */

/* What a writer that has its key from the keeper puts into the leaf; see mark.c. */
enum { MARK_BYTES = 16 };
struct entry_mark {
	uint8_t b[MARK_BYTES];
};

/* What is hashed into the tree.  Members that are empty are left out. */
struct leaf {
	str act, object, actor, outcome, reason;
	str node, request, session;
	int64_t at_us;
	/* What the machine says of its clock: which start of the machine ("": not known), µs since
	   that, and whether the kernel called the clock synchronized. */
	str boot;
	int64_t mono_us;
	bool is_synchronized;
	struct uuid id;
	struct entry_mark mark;
	bool has_mark, has_body, has_personal, has_rows;
	struct hash body, personal, rows; /* commitments of the parts "body", "private", "rows" */
};
/* What the leaf commits to under the name of a part, or NULL. */
const struct hash *leaf_part(const struct leaf *leaf, str name);
/* RFC 8785: sorted members, shortest escapes, strings and whole numbers.  At most LIMIT_LEAF_BYTES:
   give a buf with that maximum and look at `full`. */
void leaf_encode(struct buf *b, const struct leaf *l);
/* Takes exactly what leaf_encode() writes.  The texts are views into `text` where nothing was
   escaped. */
CHECKED bool leaf_decode(struct arena *a, str text, struct leaf *out, struct err *e);

struct entry {
	str act;      /* "risk.update" */
	str object;   /* "risk:RSK-12", or "" */
	str outcome;  /* "ok", "denied", "failed" */
	str reason;   /* a code or reference for the leaf; free words go into the body */
	str body;     /* JSON: rev, hash, before, after, words; committed to, not in the leaf */
	str personal; /* JSON: what is personal: name, address, words of a person; or "" */
};

/* ---- proof.c: c2sp.org/tlog-proof@v1 ---- */

enum { RECEIPT_BYTES = 8 << 20, OPENINGS_MAX = 4 };
/* The salt and the value behind a commitment of a leaf; stranger.h has more of it. */
struct opening {
	str name, value;
	uint8_t salt[SALT_BYTES];
};
/* That a leaf is in a log whose checkpoint somebody signed. */
struct receipt {
	uint64_t index;
	struct proof path;
	str extra; /* ours: the leaf, not trusted but hashed; then a line end and what is opened */
	str note;
	/* What receipt_check() adds. */
	str leaf;
	struct opening opening[OPENINGS_MAX];
	int opening_count;
};
void receipt_print(struct buf *b, const struct receipt *r);
CHECKED bool receipt_parse(struct arena *a, str text, struct receipt *out, struct err *e);
/* Checks signature, origin, path and what is opened, without any store.  `leaf` "" takes the leaf
   of the receipt.  ERR_SYNTAX when it is not a receipt, ERR_TAMPERED when it does not hold. */
CHECKED bool receipt_check(struct arena *a, str text, str leaf, const struct verifier_key *keys,
	isize key_count, struct receipt *out, struct checkpoint *signed_as, struct err *e);

/* ---- ledger.c ---- */

/* The tables of the ledger for the engine named, "sqlite" or "postgres". */
void ledger_ddl(struct buf *b, str engine);
/* Opens the log of the store, rebuilding the edge from its tiles and last entries.
   ERR_TAMPERED when they contradict the last checkpoint.  In a transaction of its own. */
CHECKED bool ledger_open(struct ledger **out, struct arena *a, struct db *db, struct err *e);
/* From now on every entry bears a mark made with the key of this keeper, and only then anything is
   signed.  Looks at what stands behind the newest checkpoint, which a run that was killed may have
   left.  ERR_TAMPERED when that checkpoint is not of this keeper.  In a transaction of its own. */
CHECKED bool ledger_keep(
	struct ledger *l, struct arena *a, struct db *db, struct keeper *k, struct err *e);
/* The entries that no signature covers yet. */
struct ledger_tail {
	int64_t entries;
	int64_t unmarked, first; /* how many bear no mark of the keeper, and the first of them */
};
/* The same look, in the caller's transaction, for those who only read. */
CHECKED bool ledger_tail_look(
	struct db *db, struct arena *a, struct keeper *k, struct ledger_tail *out, struct err *e);
/* What ledger_keep() found: those without a mark, and what follows them, are not signed. */
struct ledger_tail ledger_tail(const struct ledger *l);
/* ERR_TAMPERED, with what to do, when there are entries without a mark. */
CHECKED bool ledger_refuse_unmarked(const struct ledger_tail *tail, struct err *e);
/* Somebody answers for them: the next checkpoint covers them.  To be followed by the entry that
   says who. */
void ledger_adopt(struct ledger *l);
/* Appends one entry in the call's write transaction.  The edge follows at ledger_committed().
   It vouches for every row written since the last entry (its part "rows" has their hashes), so it
   comes after the writes of the change.
   The caller's name and address go into the private part, beside e->personal; the leaf has what
   c->clock says of the clock.  ERR_LIMIT when the leaf would
   pass LIMIT_LEAF_BYTES. */
CHECKED bool ledger_append(struct call *c, const struct entry *e);
/* Gives the call its time, and what the machine says of it, which must live as long as the call.
   When the clock was set by more than CLOCK_STEP_US since the entry before, in the same run of the
   machine, the entry "clock.step" says by how much, and `*stepped` is true. */
#define CLOCK_STEP_US INT64_C(1000000)
CHECKED bool ledger_clock(struct call *c, const struct clock_facts *now, bool *stepped);
/* After COMMIT returned; and after a rollback (to the savepoint, or whole). */
void ledger_committed(struct ledger *l);
void ledger_saved(struct ledger *l);  /* a savepoint begins: what is staged so far stays */
void ledger_undone(struct ledger *l); /* back to the savepoint */
void ledger_rolled_back(struct ledger *l);
uint64_t ledger_size(const struct ledger *l);
/* Asks the keeper to sign the present size and stores the checkpoint, when there is something
   new to sign.  In a transaction of its own, between two others.  ERR_TAMPERED when the newest
   entries do not have the hashes of the edge, the keeper knows another history, or entries bear no
   mark of it.  Does ledger_keep() first where nobody did. */
CHECKED bool ledger_checkpoint(struct ledger *l, struct db *db, struct keeper *k, struct arena *a,
	int64_t now_us, struct err *e);

struct ledger_row {
	int64_t seq; /* from 0 */
	str leaf, act, object, actor, outcome, reason;
	str name, body; /* from the parts; "" when there is none, it was erased, or in a list */
	int64_t at;
	struct hash hash;
};
/* Entries before `before` (or the newest), newest first; of `object` unless "".  Without bodies,
   which ledger_get() reads. */
CHECKED bool ledger_list(struct call *c, str object, int64_t before, isize limit,
	struct ledger_row **out, isize *count);
CHECKED bool ledger_get(struct call *c, int64_t seq, struct ledger_row *out);
/* When a server verified the store last, and how that ended; TIME_NONE: never. */
struct ledger_verified {
	int64_t at_us;
	bool is_whole;
	bool is_done; /* else it could not be verified to the end */
};
CHECKED bool ledger_last_verified(struct call *c, struct ledger_verified *out);
/* In words: "intact". */
const char *ledger_verified_words(const struct ledger_verified *v);
/* The entry that says so, for the writer of a server; `findings` below 0: it could not be done. */
CHECKED bool ledger_note_verified(struct call *c, int64_t findings, int64_t entries, int64_t rows);
/* The newest checkpoint: its note, or "" before the first. */
CHECKED bool ledger_newest(struct call *c, str *note, struct checkpoint *out, int64_t *at_us);
/* The checkpoint of `size`, or of 0 the newest; ERR_MISSING when there is none. */
CHECKED bool ledger_checkpoint_of(
	struct call *c, uint64_t size, str *note, struct checkpoint *out);

/* ---- verify.c ---- */

/* How the records are asked for what the ledger says of them.  An entry of outcome "ok" whose body
   has a member "hash" (hexadecimal) writes its object; `find` sets `*found` and, when there is one,
   the SHA-256 of the canonical form of `object` ("risk:RSK-12") as it stands; `next`, which may be
   NULL, names all records one after the other, in any order, until it sets an empty object.
   False, with `e` set, when what is stored cannot be read: that is a finding, and the walk goes on.
   Both run inside the walk of other statements. */
struct record_source {
	void *from;
	bool (*find)(void *from, str object, bool *found, struct hash *out, struct err *e);
	bool (*next)(void *from, str *object, struct err *e);
	struct db *fresh; /* an empty store of this program, with the right schema; or NULL */
	/* The same for a revision, "rev" in the body of its entry; or NULL.  A forgery that is
	   written over stands in the next entry's rows; only the hash of its own time tells. */
	bool (*find_revision)(void *from, str object, int64_t rev, bool *found, struct hash *out,
		struct err *e);
};

/* What is known of a log from elsewhere. */
struct ledger_known {
	struct verifier_key key;         /* name "": none, and signatures are not checked */
	struct checkpoint given;         /* kept elsewhere: the log must hold it; size 0: none */
	struct checkpoint expected;      /* of the keeper's memory, as well */
	const struct hash_key *mark_key; /* of the keeper; NULL: marks cannot be checked */
};

/* What its keeper knows, which must live as long. */
struct ledger_known ledger_known(const struct keeper_state *state);

/* So many findings are kept in all, and about each part of the store. */
enum { FINDINGS_MAX = 20000, FINDINGS_OF_PART = 200 };
struct ledger_finding {
	struct ledger_finding *next;
	int64_t seq; /* the entry it is about, or -1 */
	str text;
};
struct ledger_report {
	int64_t entries, tiles, checkpoints, parts, erased, clock_steps_back, records, rows;
	int64_t unsigned_entries; /* behind the newest checkpoint */
	int64_t finding_count; /* all of them, kept or not */
	struct ledger_finding *findings, **end;
	int64_t kept;
	char part[120]; /* what the findings are about now, or "" */
	int64_t part_count;
	struct checkpoint newest; /* the newest whose signature is good; size 0 when none */
	struct arena *arena;
};
/* From now on findings are about `part`, "the entries"; NULL: about none in particular.  So many of
   one part are kept that no flood hides those of another; how many more there are is said. */
void ledger_findings_of(struct ledger_report *r, const char *part);
/* Adds a finding; bytes that are no text become question marks. */
void ledger_found(struct ledger_report *r, int64_t seq, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* What verification compares with what, in words; ends with NULL.  What is free is db_free. */
struct ledger_check {
	const char *what, *against;
};
extern const struct ledger_check ledger_checks[];

/* True when the rows of this table of a store are vouched for by entries. */
bool ledger_vouches(str table);

/* ---- rows.c ---- */

/* One line of the part "rows" of an entry: that a row was written, or taken away. */
struct row_line {
	bool is_gone;
	struct hash hash;
	str table, key; /* the key as JSON */
};
/* Takes the next line of `*rest`; false at the end, or with `*bad` where it is in no form. */
bool row_line_next(str *rest, struct row_line *out, bool *bad);

/* Recomputes everything from the leaves: hashes, tiles, roots and signatures of all checkpoints,
   the columns, the commitments of the parts, and with `records` (may be NULL) that every record is
   as its newest entry says, and every row of every table as the entry that wrote it last says.
   Erased parts are accepted where an entry says who erased them.

   Reads inside the caller's transaction.  Whatever is wrong, unreadable bytes too, stands in the
   report, and the walk goes on to the end.  False only when memory runs out. */
CHECKED bool ledger_verify(struct db *db, struct arena *a, const struct ledger_known *known,
	const struct record_source *records, struct ledger_report *out, struct err *e);
/* A finding where the keeper, asked after the store was read, remembers fewer entries than were
   signed.  It writes down what it signs before the store has it, so that an older memory was put
   back, with which it would sign another continuation. */
void ledger_check_memory(struct ledger_report *r, uint64_t remembered);

/* ---- signer.c: what the keeper knows; one at a time a folder ---- */

/* Signs checkpoints by the rules of a witness: never a smaller tree than before, never one that is
   not proven to extend it, and never before it has written down what it signs. */
struct signer {
	str folder;
	struct verifier_key key;
	struct secret secret;
	struct checkpoint last; /* last signed; size 0 before the first */
};
/* Makes the folder (0700) with a new key, an empty memory (0600), and the file "vkey".
   ERR_CONFLICT when there is a key, ERR_INVALID when the origin cannot be the name of one. */
CHECKED bool signer_create(struct arena *a, str folder, str origin, struct err *e);
/* ERR_TAMPERED when the key is there and the memory is not. */
CHECKED bool signer_open(struct signer *out, struct arena *a, str folder, struct err *e);
void signer_close(struct signer *s);
/* The key that marks entries until they are signed (mark.c), made from the signing key: the same
   in every run, so that what a run that was killed left behind is known by the next. */
struct hash_key signer_mark_key(const struct signer *s);
/* ERR_TAMPERED, with the reason, when the rules forbid it.  Takes a little of `a` each time. */
CHECKED bool signer_sign(struct signer *s, struct arena *a, uint64_t size, struct hash root,
	int64_t at_us, const struct proof *from_last, struct signature *out, struct err *e);
#endif
