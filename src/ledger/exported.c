/* Checks an exported log: from the entries up, with nothing but the key of the log. */
#include "ledger/export_in.h"

struct reading {
	struct arena *arena;
	struct err *err;
	str folder;
	struct edge edge;
	struct checkpoint now;
	const struct checkpoint *expected;
};

/* A file of the log.  One that is not there is damage, too. */
static bool read_file(struct reading *r, str path, str *out)
{
	struct err e = {.arena = r->arena};

	return file_read(r->arena, path, EXPORT_FILE_BYTES, out, &e) ||
		FAIL(r->err, e.code == ERR_MISSING || e.code == ERR_LIMIT ? ERR_TAMPERED : e.code,
			"%s", e.text);
}

static bool wrong(struct reading *r, str path, const char *why)
{
	return FAIL(r->err, ERR_TAMPERED, "%.*s: %s", STR_ARG(path), why);
}

/* A tile must hold exactly the hashes that its entries have. */
static bool check_hashes(struct reading *r, const struct tile_place *t, const struct hash *want)
{
	struct arena_mark mark = arena_here(r->arena);
	str path = export_path(r->arena, r->folder, t), have;
	str hashes = {(const char *)want, t->width * HASH_BYTES};
	bool ok = read_file(r, path, &have) &&
		(str_eq(have, hashes) || wrong(r, path, "these are not the hashes of the entries"));

	arena_rewind(r->arena, mark);
	return ok;
}

static bool check_full(void *from, int level, uint64_t index, const struct hash tile[TILE_WIDTH],
	const struct hash *root)
{
	(void)root;
	return check_hashes(from, &(struct tile_place){level, index, TILE_WIDTH}, tile);
}

/* The root of a log known from elsewhere, once as many entries were read. */
static bool check_expected(struct reading *r)
{
	const struct checkpoint *want = r->expected;

	if (!want || want->size != r->edge.size)
		return true;
	struct hash root = edge_root(&r->edge);
	return memcmp(root.b, want->root.b, HASH_BYTES) == 0 ||
		FAIL(r->err, ERR_TAMPERED,
			"the first %" PRIu64
			" entries are not those of the checkpoint that was given",
			want->size);
}

static bool check_bundle(struct reading *r, uint64_t index, int width)
{
	struct tile_place t = {TILE_ENTRIES, index, width};
	struct arena_mark mark = arena_here(r->arena);
	str path = export_path(r->arena, r->folder, &t), rest, leaf;
	bool ok = read_file(r, path, &rest);

	for (int i = 0; ok && i < width; i++)
		ok = (bundle_next(&rest, &leaf) || wrong(r, path, "an entry is missing")) &&
			edge_add(&r->edge, merkle_leaf(leaf), check_full, r) && check_expected(r);
	ok = ok && (rest.n == 0 || wrong(r, path, "there is more than its entries"));
	arena_rewind(r->arena, mark);
	return ok;
}

static bool check_log(struct reading *r)
{
	uint64_t size = r->now.size;

	for (uint64_t at = 0; at < size; at += TILE_WIDTH) {
		int width = size - at < TILE_WIDTH ? (int)(size - at) : TILE_WIDTH;
		if (!check_bundle(r, at / TILE_WIDTH, width))
			return false;
	}
	for (int level = 0; level < TREE_LEVELS; level++) {
		uint64_t count = size >> (8 * level);
		struct tile_place t = {level, count / TILE_WIDTH, (int)(count % TILE_WIDTH)};
		if (t.width && !check_hashes(r, &t, r->edge.tile[level]))
			return false;
	}
	struct hash root = edge_root(&r->edge);
	return memcmp(root.b, r->now.root.b, HASH_BYTES) == 0 ||
		FAIL(r->err, ERR_TAMPERED, "the %" PRIu64 " entries are not those that %.*s signed",
			size, STR_ARG(r->now.origin));
}

/* Its own checkpoint, which is damage as well where it cannot be read. */
static bool open_signed(struct reading *r, str path, str note, const struct verifier_key *keys,
	isize key_count)
{
	struct err e = {.arena = r->arena};

	return checkpoint_open(r->arena, note, keys, key_count, &r->now, &e) ||
		wrong(r, path, e.text);
}

bool exported_check(struct arena *a, str folder, const struct verifier_key *keys, isize key_count,
	const struct checkpoint *expected, struct checkpoint *out, struct err *e)
{
	struct reading *r = NEW(a, struct reading, 1);
	str path = str_fmt(a, "%.*s/checkpoint", STR_ARG(folder)), note;

	*r = (struct reading){.arena = a, .err = e, .folder = folder, .expected = expected};
	if (!read_file(r, path, &note) || !open_signed(r, path, note, keys, key_count))
		return false;
	if (expected && !str_eq(expected->origin, r->now.origin))
		return FAIL(e, ERR_INVALID, "the checkpoint given is of %.*s, the log of %.*s",
			STR_ARG(expected->origin), STR_ARG(r->now.origin));
	if (expected && expected->size > r->now.size)
		return FAIL(e, ERR_TAMPERED,
			"the log holds %" PRIu64 " entries, the checkpoint given is about %" PRIu64,
			r->now.size, expected->size);
	*out = r->now;
	return check_log(r);
}

bool exported_is_there(struct arena *a, str folder)
{
	return file_exists(a, str_fmt(a, "%.*s/checkpoint", STR_ARG(folder))) &&
		!file_exists(a, str_fmt(a, "%.*s/ward.db", STR_ARG(folder)));
}
