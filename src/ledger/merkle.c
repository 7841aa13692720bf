/* RFC 6962 trees over 256-wide tiles, and the checks of RFC 9162.  Pure. */
#include "crypt/crypt.h"
#include "ledger/ledger.h"

_Static_assert(sizeof(struct hash) == sizeof(struct sha256), "a hash is a SHA-256");

static struct hash hash_of(struct sha256 h)
{
	struct hash out;

	memcpy(out.b, h.b, HASH_BYTES);
	return out;
}

static bool same(const struct hash *a, const struct hash *b)
{
	return memcmp(a->b, b->b, HASH_BYTES) == 0;
}

struct hash merkle_leaf(str leaf)
{
	const str piece[] = {{"", 1}, leaf};

	return hash_of(sha256_of(piece, 2));
}

struct hash merkle_node(const struct hash *left, const struct hash *right)
{
	char bytes[1 + 2 * HASH_BYTES] = {1};

	memcpy(bytes + 1, left->b, HASH_BYTES);
	memcpy(bytes + 1 + HASH_BYTES, right->b, HASH_BYTES);
	return hash_of(sha256((str){bytes, sizeof bytes}));
}

struct hash merkle_empty(void)
{
	return hash_of(sha256(S("")));
}

struct hash merkle_perfect(const struct hash *hash, int count)
{
	struct hash row[TILE_WIDTH / 2];

	assert(count >= 1 && count <= TILE_WIDTH && (count & (count - 1)) == 0);
	if (count == 1)
		return hash[0];
	for (int i = 0; i < count / 2; i++)
		row[i] = merkle_node(&hash[2 * i], &hash[2 * i + 1]);
	for (int n = count / 4; n >= 1; n /= 2)
		for (int i = 0; i < n; i++)
			row[i] = merkle_node(&row[2 * i], &row[2 * i + 1]);
	return row[0];
}

/* ---- the edge ---- */

bool edge_add(struct edge *edge, struct hash leaf, tile_sink *sink, void *to)
{
	uint64_t at = edge->size++;

	for (int level = 0; level < TREE_LEVELS; level++) {
		edge->tile[level][at % TILE_WIDTH] = leaf;
		if (at % TILE_WIDTH != TILE_WIDTH - 1)
			return true;
		leaf = merkle_perfect(edge->tile[level], TILE_WIDTH);
		if (sink && !sink(to, level, at / TILE_WIDTH, edge->tile[level], &leaf))
			return false;
		at /= TILE_WIDTH;
	}
	return true;
}

/* The perfect subtrees of the edge from the smallest, which is the rightmost. */
struct hash edge_root(const struct edge *edge)
{
	struct hash root = merkle_empty();
	bool is_first = true;

	for (int level = 0; level < TREE_LEVELS; level++) {
		int count = (int)(edge->size >> (8 * level) & (TILE_WIDTH - 1));
		for (int width = 1; width <= count; width *= 2) {
			if (!(count & width))
				continue;
			int from = count / (2 * width) * 2 * width;
			struct hash left = merkle_perfect(&edge->tile[level][from], width);
			root = is_first ? left : merkle_node(&left, &root);
			is_first = false;
		}
	}
	return root;
}

void edge_follow(struct edge *to, const struct edge *from)
{
	for (int level = 0; level < TREE_LEVELS; level++) {
		uint64_t have = to->size >> (8 * level), want = from->size >> (8 * level);
		if (have == want)
			break;
		bool same_tile = have / TILE_WIDTH == want / TILE_WIDTH;
		uint64_t first = same_tile ? have % TILE_WIDTH : 0, end = want % TILE_WIDTH;
		if (first < end)
			memcpy(&to->tile[level][first], &from->tile[level][first],
				(size_t)(end - first) * sizeof(struct hash));
	}
	to->size = from->size;
}

/* ---- proofs ---- */

/* Trees beyond this are refused, so that no index or path can overflow. */
static const uint64_t size_max = UINT64_C(1) << 56;

bool merkle_subtree(hash_source *source, void *s, int height, uint64_t from, struct hash *out)
{
	struct hash row[TILE_WIDTH / 2];
	int level = height / 8, width = 1 << height % 8;
	uint64_t first = from >> (8 * level);

	for (int i = 0; i < width; i++)
		if (!source(s, level, first + (uint64_t)i, &row[i]))
			return false;
	*out = merkle_perfect(row, width);
	return true;
}

/* The highest power of two that is at most n, as an exponent. */
static int log2_of(uint64_t n)
{
	int height = 0;

	while (n >>= 1)
		height++;
	return height;
}

/* MTH(D[from:end]) of RFC 6962, where `from` is a multiple of the largest subtree inside. */
static bool range_hash(hash_source *source, void *s, uint64_t from, uint64_t end, struct hash *out)
{
	struct hash part[64];
	int count = 0;

	assert(from < end);
	while (from < end) {
		int height = log2_of(end - from);
		if (!merkle_subtree(source, s, height, from, &part[count++]))
			return false;
		from += UINT64_C(1) << height;
	}
	*out = part[--count];
	while (count--)
		*out = merkle_node(&part[count], out);
	return true;
}

bool merkle_root_at(hash_source *source, void *from, uint64_t size, struct hash *out)
{
	if (size == 0) {
		*out = merkle_empty();
		return true;
	}
	return size <= size_max && range_hash(source, from, 0, size, out);
}

static void reverse(struct proof *p)
{
	for (int i = 0, k = p->count - 1; i < k; i++, k--) {
		struct hash swap = p->path[i];
		p->path[i] = p->path[k];
		p->path[k] = swap;
	}
}

/* The largest power of two smaller than n > 1. */
static uint64_t split_of(uint64_t n)
{
	return UINT64_C(1) << log2_of(n - 1);
}

bool merkle_prove_inclusion(
	hash_source *source, void *from, uint64_t index, uint64_t size, struct proof *out)
{
	uint64_t low = 0, end = size;

	out->count = 0;
	if (index >= size || size > size_max)
		return false;
	while (end - low > 1) {
		uint64_t middle = low + split_of(end - low);
		struct hash *sibling = &out->path[out->count++];
		if (index < middle) {
			if (!range_hash(source, from, middle, end, sibling))
				return false;
			end = middle;
		} else {
			if (!range_hash(source, from, low, middle, sibling))
				return false;
			low = middle;
		}
	}
	reverse(out);
	return true;
}

bool merkle_prove_consistency(
	hash_source *source, void *from, uint64_t old_size, uint64_t size, struct proof *out)
{
	uint64_t low = 0, end = size;

	out->count = 0;
	if (old_size > size || size > size_max)
		return false;
	if (old_size == 0)
		return true;
	while (old_size != end) {
		uint64_t middle = low + split_of(end - low);
		struct hash *part = &out->path[out->count++];
		if (old_size <= middle) {
			if (!range_hash(source, from, middle, end, part))
				return false;
			end = middle;
		} else {
			if (!range_hash(source, from, low, middle, part))
				return false;
			low = middle;
		}
	}
	/* When the old tree is itself the leftmost subtree, the checker has its root already. */
	if (low > 0 && !range_hash(source, from, low, end, &out->path[out->count++]))
		return false;
	reverse(out);
	return true;
}

/* RFC 9162: both numbers move up until the first is odd.  It is not zero: it was odd, or the same
   as the last, which is not. */
static void climb(uint64_t *first, uint64_t *last)
{
	assert(*first);
	while (!(*first & 1)) {
		*first >>= 1;
		*last >>= 1;
	}
}

bool merkle_verify_inclusion(
	struct hash leaf, uint64_t index, uint64_t size, const struct proof *p, struct hash root)
{
	uint64_t first = index, last = size - 1;

	if (index >= size || p->count < 0 || p->count > PROOF_MAX)
		return false;
	for (int i = 0; i < p->count; i++) {
		if (last == 0)
			return false;
		if (first & 1 || first == last) {
			leaf = merkle_node(&p->path[i], &leaf);
			climb(&first, &last);
		} else {
			leaf = merkle_node(&leaf, &p->path[i]);
		}
		first >>= 1;
		last >>= 1;
	}
	return last == 0 && same(&leaf, &root);
}

/* The walk of RFC 9162, 2.1.4.2, from the first hash on. */
static bool walk_consistency(uint64_t first, uint64_t last, struct hash start,
	const struct hash *path, int count, const struct hash *old_root, const struct hash *root)
{
	struct hash old = start, new = start;

	for (int i = 0; i < count; i++) {
		if (last == 0)
			return false;
		if (first & 1 || first == last) {
			old = merkle_node(&path[i], &old);
			new = merkle_node(&path[i], &new);
			climb(&first, &last);
		} else {
			new = merkle_node(&new, &path[i]);
		}
		first >>= 1;
		last >>= 1;
	}
	return last == 0 && same(&old, old_root) && same(&new, root);
}

bool merkle_verify_consistency(uint64_t old_size, struct hash old_root, uint64_t size,
	struct hash root, const struct proof *p)
{
	struct hash empty = merkle_empty();
	uint64_t first = old_size - 1, last = size - 1;

	if (old_size > size || p->count < 0 || p->count > PROOF_MAX)
		return false;
	if (size == 0 && !same(&root, &empty))
		return false;
	if (old_size == size)
		return p->count == 0 && same(&old_root, &root);
	if (old_size == 0)
		return p->count == 0 && same(&old_root, &empty);
	if (p->count == 0)
		return false;
	while (first & 1) {
		first >>= 1;
		last >>= 1;
	}
	if ((old_size & (old_size - 1)) == 0)
		return walk_consistency(first, last, old_root, p->path, p->count, &old_root, &root);
	return walk_consistency(
		first, last, p->path[0], p->path + 1, p->count - 1, &old_root, &root);
}
