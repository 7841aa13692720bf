/*
 * The tree of a plan: built by counting, walked without a stack.
 */
#include "threat/picture/layout_in.h"

int32_t tree_root(const struct tree *t)
{
	return t->items + t->zones;
}

bool tree_build(struct plan *p)
{
	struct tree *t = &p->tree;
	int32_t nodes = t->items + t->zones, inner = t->zones + 1, at = 0;
	int32_t *filled = plan_room(p, inner, (isize)sizeof *filled);

	t->kids = plan_room(p, nodes, (isize)sizeof *t->kids);
	t->slot = plan_room(p, nodes + 1, (isize)sizeof *t->slot);
	t->first = plan_room(p, inner, (isize)sizeof *t->first);
	t->count = plan_room(p, inner, (isize)sizeof *t->count);
	if (!filled || !t->kids || !t->slot || !t->first || !t->count)
		return false;
	for (int32_t i = 0; i < nodes; i++)
		if (t->parent[i] >= 0)
			t->count[t->parent[i] - t->items]++;
	for (int32_t i = 0; i < inner; i++) {
		t->first[i] = at;
		at += t->count[i];
	}
	for (int32_t i = 0; i < nodes; i++) {
		if (t->parent[i] < 0)
			continue;
		int32_t in = t->parent[i] - t->items;
		t->slot[i] = filled[in];
		t->kids[t->first[in] + filled[in]++] = i;
	}
	return true;
}

static int32_t kid(const struct tree *t, int32_t node, int32_t slot)
{
	return t->kids[t->first[node - t->items] + slot];
}

int32_t tree_next(const struct tree *t, int32_t node)
{
	int32_t root = tree_root(t);

	if (node >= t->items && t->count[node - t->items])
		return kid(t, node, 0);
	while (node != root) {
		int32_t up = t->parent[node];
		if (t->slot[node] + 1 < t->count[up - t->items])
			return kid(t, up, t->slot[node] + 1);
		node = up;
	}
	return -1;
}

int32_t tree_last(const struct tree *t, int32_t node)
{
	while (node >= t->items && t->count[node - t->items])
		node = kid(t, node, t->count[node - t->items] - 1);
	return node;
}

/* MODEL_DEPTH bounds the ways up. */
int32_t tree_common(const struct tree *t, int32_t a, int32_t b)
{
	int32_t root = tree_root(t);

	for (int32_t up = t->parent[a]; up != root; up = t->parent[up])
		for (int32_t other = t->parent[b]; other != root; other = t->parent[other])
			if (up == other)
				return up;
	return root;
}
