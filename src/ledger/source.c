/* Hashes of the tree out of the store. */
#include "ledger/ledger_in.h"

int64_t tile_id(int level, uint64_t index)
{
	assert(level >= 0 && level < TREE_LEVELS && index < UINT64_C(1) << 56);
	return (int64_t)((uint64_t)level << 56 | index);
}

bool store_tile(struct db *db, int level, uint64_t index, bool *found, struct hash tile[TILE_WIDTH],
	struct hash *root, struct err *e)
{
	struct rows r;
	bool whole = true;

	*found = false;
	db_query(db, &r, SQL("SELECT hashes, root FROM tile WHERE id = $1"),
		V(tile_id(level, index)));
	if (rows_next(&r)) {
		str bytes = rows_blob(&r, 0);
		str top = rows_blob(&r, 1);
		whole = bytes.n == TILE_WIDTH * HASH_BYTES && top.n == HASH_BYTES;
		if (whole) {
			memcpy(tile, bytes.p, (size_t)bytes.n);
			memcpy(root->b, top.p, HASH_BYTES);
		}
		*found = whole;
	}
	if (!rows_done(&r))
		return false;
	return whole ||
		FAIL(e, ERR_TAMPERED, "tile %d/%" PRIu64 " of the ledger is cut short", level,
			index);
}

/* The entries of a tile that is not full yet. */
static bool load_entries(struct store_source *s, struct cached_tile *c)
{
	struct rows r;
	int64_t first = (int64_t)(c->index * TILE_WIDTH);

	db_query(s->db, &r,
		SQL("SELECT seq, hash FROM entry WHERE seq >= $1 AND seq < $2 ORDER BY seq LIMIT "
		    "256"),
		V(first), V(first + TILE_WIDTH));
	while (rows_next(&r)) {
		int64_t slot = rows_int(&r, 0) - first;
		str hash = rows_blob(&r, 1);
		if (hash.n != HASH_BYTES)
			continue;
		memcpy(c->hash[slot].b, hash.p, HASH_BYTES);
		c->known[slot] = true;
	}
	return rows_done(&r);
}

/* Makes the cache of `level` be about tile `index`. */
static bool turn_to(struct store_source *s, int level, uint64_t index)
{
	struct cached_tile *c = &s->cache[level];
	struct hash root;
	bool found;

	if (c->is_used && c->index == index)
		return true;
	*c = (struct cached_tile){.index = index};
	if (!store_tile(s->db, level, index, &found, c->hash, &root, s->err))
		return false;
	if (found)
		memset(c->known, true, sizeof c->known);
	else if (level == 0 && !load_entries(s, c))
		return false;
	c->is_used = true;
	return true;
}

/* The root of the full tile below, where the tile itself is not full yet.  It is stored beside the
   tile: to hash 255 tiles for one proof would take 20 ms. */
static bool climb(struct store_source *s, int level, uint64_t index, struct hash *out)
{
	struct rows r;
	bool found = false;

	db_query(s->db, &r, SQL("SELECT root FROM tile WHERE id = $1"),
		V(tile_id(level - 1, index)));
	if (rows_next(&r)) {
		str root = rows_blob(&r, 0);
		found = root.n == HASH_BYTES;
		if (found)
			memcpy(out->b, root.p, HASH_BYTES);
	}
	if (!rows_done(&r))
		return false;
	return found ||
		FAIL(s->err, ERR_TAMPERED, "tile %d/%" PRIu64 " of the ledger is missing",
			level - 1, index);
}

bool store_hash(void *source, int level, uint64_t index, struct hash *out)
{
	struct store_source *s = source;
	struct cached_tile *c = &s->cache[level];
	int slot = (int)(index % TILE_WIDTH);

	if (s->edge) {
		uint64_t count = s->edge->size >> (8 * level);
		if (index < count && index / TILE_WIDTH == count / TILE_WIDTH) {
			*out = s->edge->tile[level][slot];
			return true;
		}
	}
	if (!turn_to(s, level, index / TILE_WIDTH))
		return false;
	if (!c->known[slot]) {
		if (level == 0)
			return FAIL(s->err, ERR_TAMPERED,
				"entry %" PRIu64 " of the ledger is missing", index);
		if (!climb(s, level, index, &c->hash[slot]))
			return false;
		c->known[slot] = true;
	}
	*out = c->hash[slot];
	return true;
}

bool store_edge(struct store_source *s, uint64_t size, struct edge *edge)
{
	edge->size = size;
	for (int level = 0; level < TREE_LEVELS; level++) {
		uint64_t count = size >> (8 * level), base = count / TILE_WIDTH * TILE_WIDTH;
		for (uint64_t i = base; i < count; i++)
			if (!store_hash(s, level, i, &edge->tile[level][i - base]))
				return false;
	}
	return true;
}
