/* What only the files of ledger/ need of each other. */
#ifndef LEDGER_LEDGER_IN_H
#define LEDGER_LEDGER_IN_H
#include "db/db.h"
#include "ledger/ledger.h"

/* Of the part "rows" of one entry: a checkpoint and the journal of a call, which is 64 MiB. */
enum { LEDGER_ROWS_BYTES = 65 << 20 };

/* Hashes of the tree out of the store: full tiles, the entries right of them, and for tiles not
   full yet the roots of those below.  Keeps the tile it read last of each level. */
struct store_source {
	struct db *db;
	struct err *err;
	const struct edge *edge; /* asked first, or NULL */
	struct cached_tile {
		bool is_used;
		uint64_t index;
		bool known[TILE_WIDTH];
		struct hash hash[TILE_WIDTH];
	} cache[TREE_LEVELS];
};
/* The hash_source over it.  ERR_TAMPERED when the store lacks what must be there. */
CHECKED bool store_hash(void *source, int level, uint64_t index, struct hash *out);
/* Reads a full tile and its root; `*found` tells whether there is one.  ERR_TAMPERED when it has
   another size. */
CHECKED bool store_tile(struct db *db, int level, uint64_t index, bool *found,
	struct hash tile[TILE_WIDTH], struct hash *root, struct err *e);
/* The edge of the first `size` entries. */
CHECKED bool store_edge(struct store_source *s, uint64_t size, struct edge *edge);
/* ---- mark.c ---- */

/* What the first mark behind a checkpoint continues; size 0 and the root of no leaves before it. */
struct entry_mark mark_first(
	const struct hash_key *key, str origin, uint64_t size, struct hash root);
/* The mark that the leaf of entry `seq` must bear behind `before`, whatever it bears. */
struct entry_mark mark_next(
	const struct hash_key *key, struct entry_mark before, uint64_t seq, str leaf);
/* Puts the mark into a leaf that was encoded with one. */
void mark_put(struct buf *leaf, struct arena *scratch, const struct entry_mark *mark);
/* Whether the leaf bears this mark. */
bool mark_is(str leaf, const struct entry_mark *mark);

/* The newest checkpoint; its size is 0, and `*note` empty, before the first. */
CHECKED bool store_newest(struct db *db, struct arena *a, str *note, struct checkpoint *out,
	int64_t *at_us, struct err *e);
/* ---- reconcile.c ---- */

/* What the walk over the entries leaves for the reconciliation. */
struct walked {
	int64_t end;     /* behind the last entry */
	uint8_t *spoilt; /* a bit for each entry below `room`, whose part "rows" is not its own */
	int64_t room;
	bool is_cut; /* the walk did not come to its end: of the rest nothing is known */
};
/* Whether nothing that the part "rows" of this entry says may count. */
bool is_spoilt(const struct walked *w, int64_t seq);
/* Every row of the store against the entry that wrote it last, every erasure against its entry, and
   the schema against that of `fresh` (may be NULL).  What it finds stands in the report, and what
   the store fails with, which db_report_to() must lead to `e`, as well. */
void reconcile(struct db *db, struct db *fresh, const struct walked *walked, struct arena *scratch,
	struct ledger_report *r, struct err *e);
/* Whether the object of an entry ledger.erase, "entry:7/body+private", names this part. */
bool erasure_names(str object, int64_t seq, str part);
/* Notes what the store failed with, if it did, and goes on. */
void note_failure(struct db *db, struct err *e, struct ledger_report *r, const char *what);

/* The key of a tile's row. */
int64_t tile_id(int level, uint64_t index);
#endif
