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

/* ---- vectors made by others ---- */

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

TEST(roots_and_proofs_are_those_of_go, "")
{
	struct hash *leaf = make_leaves(t, BIG), h;
	struct tiles *s = make_tree(t, leaf, BIG);
	struct proof want, got;
	struct err e = {0};
	str text;

	CHECK_INT(s->written, BIG / TILE_WIDTH + BIG / TILE_WIDTH / TILE_WIDTH);
	if (!shared_text(t, "tlog/roots.jsonl", &text))
		return;
	while (text.n) {
		const struct json *j = json_parse(t->arena, &e, str_cut(&text, '\n'));
		CHECK(merkle_root_at(from_tiles, s, (uint64_t)int_in(t, j, S("size")), &h));
		CHECK(equal(h, hash_in(t, j, S("root"))));
	}
	CHECK(shared_text(t, "tlog/inclusion.jsonl", &text));
	while (text.n) {
		const struct json *j = json_parse(t->arena, &e, str_cut(&text, '\n'));
		CHECK(proof_in(j, &want));
		CHECK(merkle_prove_inclusion(from_tiles, s, (uint64_t)int_in(t, j, S("index")),
			(uint64_t)int_in(t, j, S("size")), &got));
		CHECK(equal_proof(&got, &want));
		CHECK(equal(leaf[int_in(t, j, S("index"))], hash_in(t, j, S("leaf"))));
	}
	CHECK(shared_text(t, "tlog/consistency.jsonl", &text));
	while (text.n) {
		const struct json *j = json_parse(t->arena, &e, str_cut(&text, '\n'));
		CHECK(proof_in(j, &want));
		CHECK(merkle_prove_consistency(from_tiles, s, (uint64_t)int_in(t, j, S("old")),
			(uint64_t)int_in(t, j, S("new")), &got));
		CHECK(equal_proof(&got, &want));
	}
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
