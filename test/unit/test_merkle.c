#include "base/json.h"

#include "ledger/ledger.h"
#include "test.h"

enum { LEAVES = 700, BIG = 70000 };

/* ---- a tree computed as RFC 6962 defines it, by recursion ---- */

static struct hash naive_root(const struct hash *leaf, uint64_t n)
{
	uint64_t k = 1;

	if (n == 0)
		return merkle_empty();
	if (n == 1)
		return leaf[0];
	while (2 * k < n)
		k *= 2;
	struct hash left = naive_root(leaf, k), right = naive_root(leaf + k, n - k);
	return merkle_node(&left, &right);
}

static void naive_path(const struct hash *leaf, uint64_t m, uint64_t n, struct proof *p)
{
	uint64_t k = 1;

	if (n == 1)
		return;
	while (2 * k < n)
		k *= 2;
	if (m < k) {
		naive_path(leaf, m, k, p);
		p->path[p->count++] = naive_root(leaf + k, n - k);
	} else {
		naive_path(leaf + k, m - k, n - k, p);
		p->path[p->count++] = naive_root(leaf, k);
	}
}

static void naive_consistency(
	const struct hash *leaf, uint64_t m, uint64_t n, bool whole, struct proof *p)
{
	uint64_t k = 1;

	if (m == n) {
		if (!whole)
			p->path[p->count++] = naive_root(leaf, n);
		return;
	}
	while (2 * k < n)
		k *= 2;
	if (m <= k) {
		naive_consistency(leaf, m, k, whole, p);
		p->path[p->count++] = naive_root(leaf + k, n - k);
	} else {
		naive_consistency(leaf + k, m - k, n - k, false, p);
		p->path[p->count++] = naive_root(leaf, k);
	}
}

static bool equal(struct hash a, struct hash b)
{
	return memcmp(a.b, b.b, HASH_BYTES) == 0;
}

static bool equal_proof(const struct proof *a, const struct proof *b)
{
	return a->count == b->count &&
		memcmp(a->path, b->path, (size_t)a->count * sizeof *a->path) == 0;
}

/* ---- a store of tiles ---- */

enum { TILES0 = BIG / TILE_WIDTH + 1 };
struct tiles {
	struct edge edge;
	struct hash low[TILES0][TILE_WIDTH], high[2][TILE_WIDTH];
	int64_t written;
};

static bool keep_tile(void *to, int level, uint64_t index, const struct hash tile[TILE_WIDTH],
	const struct hash *root)
{
	struct tiles *s = to;
	struct hash want = merkle_perfect(tile, TILE_WIDTH);

	assert(memcmp(&want, root, sizeof want) == 0);
	assert(level < 2 && index < (level ? 2 : TILES0));
	memcpy(level ? s->high[index] : s->low[index], tile, sizeof s->low[0]);
	s->written++;
	return true;
}

static bool from_tiles(void *from, int level, uint64_t index, struct hash *out)
{
	struct tiles *s = from;
	uint64_t tile = index / TILE_WIDTH, count = s->edge.size >> (8 * level);

	if (index >= count)
		return false;
	*out = tile == count / TILE_WIDTH ? s->edge.tile[level][index % TILE_WIDTH]
		: level                   ? s->high[tile][index % TILE_WIDTH]
					  : s->low[tile][index % TILE_WIDTH];
	return true;
}

static struct hash *make_leaves(struct test_case *t, int count)
{
	struct hash *leaf = NEW(t->arena, struct hash, count);

	for (int i = 0; i < count; i++) {
		char text[32];
		snprintf(text, sizeof text, "leaf-%d", i);
		leaf[i] = merkle_leaf(str_of(text));
	}
	return leaf;
}

static struct tiles *make_tree(struct test_case *t, const struct hash *leaf, int count)
{
	struct tiles *s = NEW(t->arena, struct tiles, 1);

	for (int i = 0; i < count; i++)
		CHECK(edge_add(&s->edge, leaf[i], keep_tile, s));
	return s;
}

TEST(the_edge_has_the_root_of_every_size, "")
{
	struct hash *leaf = make_leaves(t, LEAVES);
	struct edge *edge = NEW(t->arena, struct edge, 1);

	for (int n = 0; n < LEAVES; n++) {
		CHECK(equal(edge_root(edge), naive_root(leaf, (uint64_t)n)));
		CHECK(edge_add(edge, leaf[n], NULL, NULL));
	}
}

TEST(proofs_are_those_of_the_definition_and_hold, "")
{
	struct hash *leaf = make_leaves(t, LEAVES);
	struct tiles *s = make_tree(t, leaf, LEAVES);
	struct hash root, old;

	for (uint64_t n = 1; n <= LEAVES; n += 1 + n / 9) {
		CHECK(merkle_root_at(from_tiles, s, n, &root));
		CHECK(equal(root, naive_root(leaf, n)));
		for (uint64_t m = 0; m < n; m += 1 + n / 13) {
			struct proof got, want = {.count = 0};
			naive_path(leaf, m, n, &want);
			CHECK(merkle_prove_inclusion(from_tiles, s, m, n, &got));
			CHECK(equal_proof(&got, &want));
			CHECK(merkle_verify_inclusion(leaf[m], m, n, &got, root));
			CHECK(!merkle_verify_inclusion(leaf[m], m + 1, n, &got, root) || n == 1);
			CHECK(m == 0 || !merkle_verify_inclusion(leaf[m - 1], m, n, &got, root));

			want.count = 0;
			if (m)
				naive_consistency(leaf, m, n, true, &want);
			CHECK(merkle_prove_consistency(from_tiles, s, m, n, &got));
			CHECK(equal_proof(&got, &want));
			CHECK(merkle_root_at(from_tiles, s, m, &old));
			CHECK(merkle_verify_consistency(m, old, n, root, &got));
			CHECK(m == 0 || !merkle_verify_consistency(m, root, n, root, &got));
			CHECK(!merkle_verify_consistency(m, old, n, leaf[0], &got) || n == 1 ||
				m == 0);
		}
	}
}

TEST(proofs_beyond_the_tree_are_refused, "")
{
	struct hash *leaf = make_leaves(t, 10);
	struct tiles *s = make_tree(t, leaf, 10);
	struct proof p;

	CHECK(!merkle_prove_inclusion(from_tiles, s, 10, 10, &p));
	CHECK(!merkle_prove_inclusion(from_tiles, s, 3, 11, &p));
	CHECK(!merkle_prove_consistency(from_tiles, s, 11, 10, &p));
	CHECK(!merkle_prove_inclusion(from_tiles, s, 0, UINT64_MAX, &p));
	p.count = 65;
	CHECK(!merkle_verify_inclusion(leaf[0], 0, 10, &p, leaf[0]));
	p.count = 0;
	CHECK(!merkle_verify_inclusion(leaf[0], 0, 0, &p, leaf[0]));
}

/* One edge runs ahead and is thrown back, as a writer's is; it must stay a beginning. */
TEST(an_edge_follows_forward_and_back, "")
{
	struct hash *leaf = make_leaves(t, LEAVES);
	struct edge *kept = NEW(t->arena, struct edge, 1), *ahead = NEW(t->arena, struct edge, 1);
	uint32_t random = 7;

	for (int round = 0; round < 400; round++) {
		random = random * 1103515245 + 12345;
		uint64_t step = (random >> 16) % 300, goal = kept->size + step;
		bool is_undone = (random >> 8) % 4 != 0;
		if (goal > LEAVES)
			break;
		for (uint64_t i = kept->size; i < goal; i++)
			CHECK(edge_add(
				ahead, is_undone ? leaf[LEAVES - 1 - i] : leaf[i], NULL, NULL));
		if (is_undone)
			edge_follow(ahead, kept);
		else
			edge_follow(kept, ahead);
		CHECK_INT(ahead->size, kept->size);
		struct hash want = naive_root(leaf, kept->size);
		CHECK(equal(edge_root(kept), want));
		CHECK(equal(edge_root(ahead), want));
	}
	CHECK(kept->size > TILE_WIDTH);
}

/* ---- the limits ---- */

/* A tree of any size whose leaves are all the same: every hash is known without a store. */
static bool uniform(void *from, int level, uint64_t index, struct hash *out)
{
	const struct hash *row = from;

	(void)index;
	assert(level >= 0 && level < TREE_LEVELS);
	*out = row[8 * level];
	return true;
}

/* row[h] is the root of 2^h leaves. */
static struct hash *make_uniform(struct test_case *t)
{
	struct hash *row = NEW(t->arena, struct hash, 65);

	row[0] = merkle_leaf(S("always the same"));
	for (int i = 1; i < 65; i++)
		row[i] = merkle_node(&row[i - 1], &row[i - 1]);
	return row;
}

static const uint64_t largest = UINT64_C(1) << 56;

TEST(the_largest_tree_has_a_root_and_proofs_and_one_leaf_more_has_none, "")
{
	struct hash *row = make_uniform(t), root;
	struct proof p;

	CHECK(merkle_root_at(uniform, row, largest, &root));
	CHECK(equal(root, row[56]));
	CHECK(merkle_prove_inclusion(uniform, row, largest - 1, largest, &p));
	CHECK_INT(p.count, 56);
	CHECK(merkle_verify_inclusion(row[0], largest - 1, largest, &p, root));
	CHECK(merkle_prove_consistency(uniform, row, largest - 1, largest, &p));
	CHECK(merkle_root_at(uniform, row, largest - 1, &root));
	CHECK(merkle_verify_consistency(largest - 1, root, largest, row[56], &p));

	CHECK(!merkle_root_at(uniform, row, largest + 1, &root));
	CHECK(!merkle_prove_inclusion(uniform, row, 0, largest + 1, &p));
	CHECK(!merkle_prove_consistency(uniform, row, 1, largest + 1, &p));
}

TEST(the_edge_grows_to_the_largest_tree, "")
{
	struct hash *row = make_uniform(t), want;
	struct edge *edge = NEW(t->arena, struct edge, 2);

	edge[0].size = largest - 1;
	for (int level = 0; level < TREE_LEVELS - 1; level++)
		for (int i = 0; i < TILE_WIDTH - 1; i++)
			edge[0].tile[level][i] = row[8 * level];
	edge[1] = edge[0];
	CHECK(merkle_root_at(uniform, row, largest - 1, &want));
	CHECK(equal(edge_root(&edge[0]), want));
	CHECK(edge_add(&edge[0], row[0], NULL, NULL));
	CHECK(equal(edge_root(&edge[0]), row[56]));
	edge_follow(&edge[1], &edge[0]);
	CHECK_INT(edge[1].size, largest);
	CHECK(equal(edge_root(&edge[1]), row[56]));
}

static bool refuse_tile(void *to, int level, uint64_t index, const struct hash tile[TILE_WIDTH],
	const struct hash *root)
{
	(void)to, (void)level, (void)index, (void)tile, (void)root;
	return false;
}

TEST(a_tile_that_cannot_be_kept_is_said, "")
{
	struct hash *leaf = make_leaves(t, TILE_WIDTH);
	struct edge *edge = NEW(t->arena, struct edge, 1);

	for (int i = 0; i < TILE_WIDTH - 1; i++)
		CHECK(edge_add(edge, leaf[i], refuse_tile, NULL));
	CHECK(!edge_add(edge, leaf[TILE_WIDTH - 1], refuse_tile, NULL));
}

/* A store that fails at the read number `left`. */
struct failing {
	struct hash *row;
	int left;
};

static bool fails_once(void *from, int level, uint64_t index, struct hash *out)
{
	struct failing *f = from;

	return f->left-- != 0 && uniform(f->row, level, index, out);
}

TEST(a_hash_that_cannot_be_read_is_never_replaced, "")
{
	struct failing f = {.row = make_uniform(t)};
	struct hash root;
	struct proof p;

	for (uint64_t size = 2; size < 40; size++)
		for (uint64_t at = 1; at < size; at++) {
			for (int i = 0, whole = false; !whole; i++) {
				f.left = i;
				whole = merkle_prove_inclusion(fails_once, &f, at, size, &p);
				CHECK_INT(whole, f.left >= 0);
			}
			for (int i = 0, whole = false; !whole; i++) {
				f.left = i;
				whole = merkle_prove_consistency(fails_once, &f, at, size, &p);
				CHECK_INT(whole, f.left >= 0);
			}
			for (int i = 0, whole = false; !whole; i++) {
				f.left = i;
				whole = merkle_root_at(fails_once, &f, size, &root);
				CHECK_INT(whole, f.left >= 0);
			}
		}
}

static bool count_full(void *to, int level, uint64_t index, const struct hash tile[TILE_WIDTH],
	const struct hash *root)
{
	int *full = to;
	struct hash again = merkle_perfect(tile, TILE_WIDTH);

	return index == UINT64_MAX >> 8 * level >> 8 && level == (*full)++ &&
		memcmp(again.b, root->b, sizeof again.b) == 0;
}

/* An edge, and what must not be touched behind its last tile. */
struct last {
	struct edge edge;
	struct hash behind;
};

TEST(the_last_leaf_that_can_be_fills_every_level_and_nothing_behind_it, "")
{
	struct hash *row = make_uniform(t), mark = row[5];
	struct last *x = NEW(t->arena, struct last, 2), *y = x + 1;
	int full = 0;

	x->edge.size = UINT64_MAX;
	x->behind = mark;
	CHECK(edge_add(&x->edge, row[0], count_full, &full));
	CHECK_INT(full, TREE_LEVELS);
	CHECK(x->edge.size == 0);
	CHECK(memcmp(x->behind.b, mark.b, sizeof mark.b) == 0);
	y->edge.size = (UINT64_C(1) << 56) + 1;
	y->edge.tile[0][0] = y->edge.tile[TREE_LEVELS - 1][0] = row[1];
	edge_follow(&x->edge, &y->edge);
	CHECK(x->edge.size == y->edge.size);
	CHECK(memcmp(x->edge.tile[TREE_LEVELS - 1][0].b, row[1].b, sizeof mark.b) == 0);
	CHECK(memcmp(x->behind.b, mark.b, sizeof mark.b) == 0);
}

/* What a caller says of a proof is no more to be believed than what stands in it. */
TEST(a_path_of_any_other_length_than_the_one_is_refused, "")
{
	struct hash *row = make_uniform(t), root;
	struct proof p = {.count = -1};

	CHECK(!merkle_verify_inclusion(row[0], 0, 1, &p, row[0]));
	CHECK(!merkle_verify_consistency(1, row[0], 1, row[0], &p));
	p.count = 0;
	CHECK(merkle_verify_inclusion(row[0], 0, 1, &p, row[0]));
	CHECK(!merkle_verify_inclusion(row[0], 0, 0, &p, row[0]));

	/* The longest that there can be. */
	p.count = PROOF_MAX;
	for (int i = 0; i < PROOF_MAX; i++)
		p.path[i] = row[i];
	CHECK(merkle_verify_inclusion(row[0], 0, UINT64_MAX, &p, row[64]));
	CHECK(merkle_verify_consistency(1, row[0], UINT64_MAX, row[64], &p));

	/* A count of more than there is room for. */
	p.count = PROOF_MAX + 1;
	CHECK(!merkle_verify_inclusion(row[0], 0, UINT64_MAX, &p, row[64]));
	CHECK(!merkle_verify_consistency(1, row[0], UINT64_MAX, row[64], &p));
	CHECK(!merkle_verify_consistency(1, row[0], 1, row[0], &p));

	/* One more hash than the tree is high, and a root that follows from it. */
	p.count = 1;
	root = merkle_node(&p.path[0], &row[0]);
	CHECK(!merkle_verify_inclusion(row[0], 0, 1, &p, root));

	/* One hash less, and the root that would follow. */
	CHECK(merkle_verify_inclusion(row[0], 0, 2, &p, root));
	CHECK(!merkle_verify_inclusion(row[0], 0, 3, &p, root));
	CHECK(merkle_verify_consistency(1, row[0], 2, root, &p));
	CHECK(!merkle_verify_consistency(1, row[0], 3, root, &p));

	/* No leaf stands behind the last one, though the walk up would end well. */
	p.count = 0;
	CHECK(!merkle_verify_inclusion(row[0], 1, 1, &p, row[0]));
}

TEST(a_consistency_proof_with_a_surplus_hash_is_refused, "")
{
	struct hash *leaf = make_leaves(t, 5), old = naive_root(leaf, 3),
		    root = naive_root(leaf, 5);
	struct proof p = {.count = 0};

	naive_consistency(leaf, 3, 5, true, &p);
	CHECK(merkle_verify_consistency(3, old, 5, root, &p));
	p.path[p.count++] = leaf[0];
	old = merkle_node(&leaf[0], &old);
	root = merkle_node(&leaf[0], &root);
	CHECK(!merkle_verify_consistency(3, old, 5, root, &p));
}

/* The newer tree first: each step of the walk would find its hashes, and the roots would fit. */
TEST(no_tree_is_consistent_with_a_smaller_one, "")
{
	struct hash *leaf = make_leaves(t, 3), root = merkle_node(&leaf[0], &leaf[1]);
	struct proof p = {.count = 3, .path = {leaf[0], leaf[1], leaf[2]}};

	root = merkle_node(&root, &leaf[2]);
	CHECK(!merkle_verify_consistency(5, leaf[0], 3, root, &p));
	for (uint64_t old = 2; old < 20; old++)
		for (p.count = 0; p.count < 4; p.count++)
			for (uint64_t size = 0; size < old; size++)
				CHECK(!merkle_verify_consistency(old, leaf[0], size, leaf[0], &p));
}

static struct hash other_than(struct hash h)
{
	h.b[0] ^= 1;
	return h;
}

TEST(trees_of_one_size_need_no_proof_and_the_same_root, "")
{
	struct hash *leaf = make_leaves(t, 9), empty = merkle_empty();
	struct proof p = {.count = 0};

	for (uint64_t n = 0; n < 10; n++) {
		struct hash root = naive_root(leaf, n);
		p.count = 0;
		CHECK(merkle_verify_consistency(n, root, n, root, &p));
		CHECK(!merkle_verify_consistency(n, root, n, other_than(root), &p));
		CHECK(!merkle_verify_consistency(n, other_than(root), n, root, &p));
		CHECK(n > 0 ||
			!merkle_verify_consistency(0, other_than(root), 0, other_than(root), &p));
		CHECK(n == 0 || merkle_verify_consistency(0, empty, n, root, &p));
		CHECK(n == 0 || !merkle_verify_consistency(0, other_than(empty), n, root, &p));
		p.count = 1;
		CHECK(!merkle_verify_consistency(n, root, n, root, &p));
		CHECK(!merkle_verify_consistency(0, empty, n, root, &p));
	}
}

/* ---- vectors ---- */

/* A file of test/data/ledger, which is written from the definition by a program of its own. */
static str own_text(struct test_case *t, const char *name)
{
	struct err e = {0};
	str text = S("");

	CHECK(file_read(
		t->arena, str_fmt(t->arena, "test/data/ledger/%s", name), 1 << 20, &text, &e));
	return text;
}

static bool shared_text(struct test_case *t, const char *name, str *out)
{
	const char *shared = getenv("WARD_SHARED");
	str path =
		str_fmt(t->arena, "%s/conformance/ledger/%s", shared ? shared : "../shared", name);
	struct err e = {0};

	if (!file_exists(t->arena, path)) {
		test_skip(t, "%.*s is not there", STR_ARG(path));
		return false;
	}
	bool ok = file_read(t->arena, path, 8 << 20, out, &e);
	CHECK(ok);
	return ok;
}

static bool hash64(str text, struct hash *out)
{
	isize n;

	return base64_parse(text, out->b, HASH_BYTES, &n) && n == HASH_BYTES;
}

static struct hash hash_in(struct test_case *t, const struct json *j, str key)
{
	struct hash h = {0};

	CHECK(hash64(json_text(j, key), &h));
	return h;
}

static int64_t int_in(struct test_case *t, const struct json *j, str key)
{
	int64_t v = 0;

	CHECK(json_int(json_member(j, key), &v));
	return v;
}

/* False when a hash has not 32 bytes; such a proof cannot even be said. */
static bool proof_in(const struct json *j, struct proof *p)
{
	p->count = 0;
	json_each(item, json_member(j, S("proof"))) if (p->count == PROOF_MAX ||
		!hash64(item->text, &p->path[p->count++])) return false;
	return true;
}

/* A size or index beyond 63 bits cannot be said either. */
static bool number_in(const struct json *j, str key, uint64_t *out)
{
	int64_t v;
	bool ok = json_int(json_member(j, key), &v) && v >= 0;

	*out = ok ? (uint64_t)v : 0;
	return ok;
}

static bool probe_holds(const struct json *j)
{
	struct hash one, two;
	struct proof p;
	uint64_t m, n;

	if (!proof_in(j, &p))
		return false;
	if (str_eq(json_text(j, S("kind")), S("consistency")))
		return hash64(json_text(j, S("root1")), &one) &&
			hash64(json_text(j, S("root2")), &two) && number_in(j, S("size1"), &m) &&
			number_in(j, S("size2"), &n) &&
			merkle_verify_consistency(m, one, n, two, &p);
	return hash64(json_text(j, S("leafHash")), &one) && hash64(json_text(j, S("root")), &two) &&
		number_in(j, S("leafIdx"), &m) && number_in(j, S("treeSize"), &n) &&
		merkle_verify_inclusion(one, m, n, &p, two);
}

/* The probes about subtrees are for a proof that ward neither makes nor takes. */
TEST(probes_of_transparency_dev_are_judged_alike, "")
{
	struct err e = {0};
	int64_t good = 0, bad = 0;
	str text;

	if (!shared_text(t, "merkle/probes.jsonl", &text))
		return;
	while (text.n) {
		const struct json *j = json_parse(t->arena, &e, str_cut(&text, '\n'));
		if (str_starts(json_text(j, S("kind")), S("subtree")))
			continue;
		bool holds = probe_holds(j), want = !json_bool(json_member(j, S("wantErr")), true);
		if (holds != want)
			printf("# %.*s\n", STR_ARG(json_text(j, S("name"))));
		CHECK_INT(holds, want);
		*(want ? &good : &bad) += 1;
	}
	CHECK_INT(good, 4);
	CHECK_INT(bad, 53);
}

/* Each line of the three files is what ward computes.  Returns how many lines there were. */
static int compare_roots(struct test_case *t, struct tiles *s, str text)
{
	struct err e = {0};
	struct hash h;
	int count = 0;

	for (; text.n; count++) {
		const struct json *j = json_parse(t->arena, &e, str_cut(&text, '\n'));
		CHECK(merkle_root_at(from_tiles, s, (uint64_t)int_in(t, j, S("size")), &h));
		CHECK(equal(h, hash_in(t, j, S("root"))));
	}
	return count;
}

static int compare_inclusion(
	struct test_case *t, struct tiles *s, const struct hash *leaf, str text)
{
	struct proof want, got;
	struct err e = {0};
	int count = 0;

	for (; text.n; count++) {
		const struct json *j = json_parse(t->arena, &e, str_cut(&text, '\n'));
		CHECK(proof_in(j, &want));
		CHECK(merkle_prove_inclusion(from_tiles, s, (uint64_t)int_in(t, j, S("index")),
			(uint64_t)int_in(t, j, S("size")), &got));
		CHECK(equal_proof(&got, &want));
		CHECK(equal(leaf[int_in(t, j, S("index"))], hash_in(t, j, S("leaf"))));
	}
	return count;
}

static int compare_consistency(struct test_case *t, struct tiles *s, str text)
{
	struct proof want, got;
	struct err e = {0};
	int count = 0;

	for (; text.n; count++) {
		const struct json *j = json_parse(t->arena, &e, str_cut(&text, '\n'));
		CHECK(proof_in(j, &want));
		CHECK(merkle_prove_consistency(from_tiles, s, (uint64_t)int_in(t, j, S("old")),
			(uint64_t)int_in(t, j, S("new")), &got));
		CHECK(equal_proof(&got, &want));
	}
	return count;
}

TEST(roots_and_proofs_are_those_of_the_written_definition, "")
{
	struct hash *leaf = make_leaves(t, 300);
	struct tiles *s = make_tree(t, leaf, 300);

	CHECK_INT(compare_roots(t, s, own_text(t, "roots.jsonl")), 18);
	CHECK_INT(compare_inclusion(t, s, leaf, own_text(t, "inclusion.jsonl")), 113);
	CHECK_INT(compare_consistency(t, s, own_text(t, "consistency.jsonl")), 131);
}

TEST(roots_and_proofs_are_those_of_go, "")
{
	struct hash *leaf = make_leaves(t, BIG);
	struct tiles *s = make_tree(t, leaf, BIG);
	str text;

	CHECK_INT(s->written, BIG / TILE_WIDTH + BIG / TILE_WIDTH / TILE_WIDTH);
	if (!shared_text(t, "tlog/roots.jsonl", &text))
		return;
	CHECK(compare_roots(t, s, text) > 0);
	CHECK(shared_text(t, "tlog/inclusion.jsonl", &text));
	CHECK(compare_inclusion(t, s, leaf, text) > 0);
	CHECK(shared_text(t, "tlog/consistency.jsonl", &text));
	CHECK(compare_consistency(t, s, text) > 0);
}

TEST(tiles_are_those_of_go, "")
{
	struct hash *leaf = make_leaves(t, BIG);
	struct tiles *s = make_tree(t, leaf, BIG);
	int64_t compared = 0;
	str text;

	if (!shared_text(t, "tlog/tiles-70000.txt", &text))
		return;
	while (text.n) {
		str line = str_cut(&text, '\n'), digest = str_word(&line), path = str_word(&line);
		int64_t level, index, width = TILE_WIDTH;
		struct sha256 want, got;
		if (str_eq(digest, S("#")))
			continue;
		CHECK(hex_parse(digest, want.b, 32));
		CHECK(str_eq(str_cut(&path, '/'), S("tile")));
		CHECK(str_int(str_cut(&path, '/'), 0, 8, &level));
		CHECK(str_int(str_cut(&path, path.n > 3 ? '.' : '/'), 0, BIG, &index));
		if (path.n)
			CHECK(str_starts(path, S("p/")) &&
				str_int(str_part(path, 2, path.n), 1, 255, &width));
		const struct hash *tile = width < TILE_WIDTH ? s->edge.tile[level]
			: level                              ? s->high[index]
							     : s->low[index];
		got = sha256((str){(const char *)tile, width * HASH_BYTES});
		CHECK(memcmp(&got, &want, sizeof got) == 0);
		compared++;
	}
	CHECK(compared >= 5);
}

static str unhex(struct test_case *t, str text)
{
	char *bytes = NEW(t->arena, char, text.n / 2 + 1);

	CHECK(hex_parse(text, bytes, text.n / 2));
	return (str){bytes, text.n / 2};
}

TEST(eight_leaves_of_rfc_6962_have_their_roots, "")
{
	struct edge *edge = NEW(t->arena, struct edge, 1);
	struct err e = {0};
	struct hash root[8];
	int n = 0;
	str text;

	if (!shared_text(t, "merkle/rfc6962-eight-leaves.json", &text))
		return;
	const struct json *j = json_parse(t->arena, &e, text);
	json_each(want, json_member(j, S("roots_hex")))
		CHECK(hex_parse(want->text, root[n++].b, HASH_BYTES));
	CHECK_INT(n, 8);
	n = 0;
	json_each(leaf, json_member(j, S("inputs_hex")))
	{
		CHECK(edge_add(edge, merkle_leaf(unhex(t, leaf->text)), NULL, NULL));
		CHECK(equal(edge_root(edge), root[n++]));
	}
	CHECK_INT(n, 8);
}

TEST_MAIN()
