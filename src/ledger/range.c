/* Compact ranges: the beginning of a tree as few hashes, and how it goes on.  Pure. */
#include "ledger/stranger.h"

static int ones(uint64_t n)
{
	int count = 0;

	for (; n; n &= n - 1)
		count++;
	return count;
}

bool range_begin(struct range *r, uint64_t size, const struct proof *parts)
{
	*r = (struct range){.size = size, .count = ones(size)};
	if (parts->count != r->count)
		return false;
	memcpy(r->part, parts->path, (size_t)r->count * sizeof *r->part);
	return true;
}

void range_add(struct range *r, struct hash leaf)
{
	/* Each one bit at the end of the size is a perfect subtree that the leaf makes whole. */
	for (uint64_t n = r->size; n & 1; n >>= 1)
		leaf = merkle_node(&r->part[--r->count], &leaf);
	assert(r->count < PROOF_MAX);
	r->part[r->count++] = leaf;
	r->size++;
}

struct hash range_root(const struct range *r)
{
	if (r->count == 0)
		return merkle_empty();
	struct hash root = r->part[r->count - 1];
	for (int i = r->count - 2; i >= 0; i--)
		root = merkle_node(&r->part[i], &root);
	return root;
}

bool range_read(hash_source *source, void *from, uint64_t size, struct proof *out)
{
	uint64_t at = 0;

	out->count = 0;
	for (int height = 56; height >= 0; height--) {
		if (!(size >> height & 1))
			continue;
		if (!merkle_subtree(source, from, height, at, &out->path[out->count++]))
			return false;
		at += UINT64_C(1) << height;
	}
	return at == size;
}
