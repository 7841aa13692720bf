/*
 * The signed log as static files (C2SP tlog-tiles).
 *
 * Every tile that is written is computed from the leaves, not copied from the store, and the
 * checkpoint is written last, when the root so computed is the one that was signed: whoever finds a
 * checkpoint finds all that belongs to it.
 */
#include "ledger/export_in.h"
#include "ledger/ledger_in.h"

struct writing {
	struct db *db;
	struct arena *arena;
	struct err *err;
	str folder;
	struct edge edge;
	struct buf bundle;
	uint64_t end; /* entries that are signed */
	struct export_report *report;
};

str export_path(struct arena *a, str folder, const struct tile_place *t)
{
	struct buf b;

	buf_init(&b, a, folder.n + 100);
	buf_add(&b, folder);
	buf_add(&b, S("/tile/"));
	tile_print(&b, t);
	assert(!b.full);
	return buf_str(&b);
}

static bool make_folder(struct arena *a, str path, struct err *e)
{
	return file_exists(a, path) || folder_make(a, path, 0755, e);
}

/* Below the folder that somebody named, links lead to where nobody meant to write. */
static bool make_below(struct arena *a, str path, struct err *e)
{
	return folder_is_itself(a, path) || folder_make(a, path, 0755, e);
}

/* Makes the folders that `path`, which lies below `folder`, needs. */
static bool make_folders(struct writing *w, str path)
{
	for (isize i = w->folder.n + 1; i < path.n; i++)
		if (path.p[i] == '/' && !make_below(w->arena, str_part(path, 0, i), w->err))
			return false;
	return true;
}

/* Writes a file, or finds it as it should be.  What is there and is something else is not ours to
   replace. */
static bool put_file(struct writing *w, const struct tile_place *t, str content)
{
	struct arena_mark mark = arena_here(w->arena);
	str path = export_path(w->arena, w->folder, t), there = S("");
	bool ok = true;

	if (file_exists(w->arena, path)) {
		ok = file_read(w->arena, path, EXPORT_FILE_BYTES, &there, w->err) &&
			(str_eq(there, content) ||
				FAIL(w->err, ERR_TAMPERED,
					"%.*s is not what this log has there; export into an empty "
					"folder",
					STR_ARG(path)));
	} else {
		ok = make_folders(w, path) && file_write(w->arena, path, content, 0644, w->err);
		w->report->tiles += t->level != TILE_ENTRIES;
		w->report->bundles += t->level == TILE_ENTRIES;
	}
	arena_rewind(w->arena, mark);
	return ok;
}

static bool put_tile(void *to, int level, uint64_t index, const struct hash tile[TILE_WIDTH],
	const struct hash *root)
{
	(void)root;
	return put_file(to, &(struct tile_place){level, index, TILE_WIDTH},
		(str){(const char *)tile, TILE_WIDTH * HASH_BYTES});
}

static bool too_long(struct writing *w)
{
	return FAIL(w->err, ERR_TAMPERED, "an entry is longer than any may be");
}

static bool put_bundle(struct writing *w, int width)
{
	struct tile_place t = {TILE_ENTRIES, (w->edge.size - 1) / TILE_WIDTH, width};

	if (w->bundle.full)
		return too_long(w);
	bool ok = put_file(w, &t, buf_str(&w->bundle));
	w->bundle.n = 0;
	return ok;
}

/* The leaves from the edge to the end of what is signed; bundles and tiles as they become full. */
static bool put_leaves(struct writing *w)
{
	struct rows r;
	bool ok = true;

	db_query(w->db, &r, SQL("SELECT leaf FROM entry WHERE seq >= $1 AND seq < $2 ORDER BY seq"),
		V((int64_t)w->edge.size), V((int64_t)w->end));
	while (ok && rows_next(&r)) {
		str leaf = rows_blob(&r, 0);
		ok = (bundle_add(&w->bundle, leaf) || too_long(w)) &&
			edge_add(&w->edge, merkle_leaf(leaf), put_tile, w) &&
			(w->edge.size % TILE_WIDTH || put_bundle(w, TILE_WIDTH));
	}
	return rows_done(&r) && ok;
}

/* What is not full at the size that was signed. */
static bool put_partial(struct writing *w)
{
	for (int level = 0; level < TREE_LEVELS; level++) {
		uint64_t count = w->edge.size >> (8 * level);
		int width = (int)(count % TILE_WIDTH);
		struct tile_place t = {level, count / TILE_WIDTH, width};
		if (width &&
			!put_file(w, &t,
				(str){(const char *)w->edge.tile[level], width * HASH_BYTES}))
			return false;
	}
	int rest = (int)(w->edge.size % TILE_WIDTH);
	return rest == 0 || put_bundle(w, rest);
}

/* What was exported before: ours, and part of what is signed now; or nothing yet. */
static bool read_before(
	struct writing *w, const struct checkpoint *now, struct store_source *source)
{
	str path = str_fmt(w->arena, "%.*s/checkpoint", STR_ARG(w->folder)), note;
	struct checkpoint before;
	struct hash root;
	struct err e = {0};

	if (!file_exists(w->arena, path))
		return true;
	if (!file_read(w->arena, path, NOTE_BYTES, &note, w->err))
		return false;
	if (!checkpoint_parse(note_text(note), &before, &e))
		return FAIL(w->err, ERR_CONFLICT,
			"%.*s is not a checkpoint; export into an empty folder", STR_ARG(path));
	if (!str_eq(before.origin, now->origin))
		return FAIL(w->err, ERR_CONFLICT, "%.*s holds the log %.*s, not %.*s",
			STR_ARG(w->folder), STR_ARG(before.origin), STR_ARG(now->origin));
	if (before.size > now->size)
		return FAIL(w->err, ERR_TAMPERED,
			"%.*s holds %" PRIu64 " entries; this log was signed up to %" PRIu64
			" only",
			STR_ARG(w->folder), before.size, now->size);
	if (!merkle_root_at(store_hash, source, before.size, &root))
		return false;
	w->report->old_size = before.size;
	return memcmp(root.b, before.root.b, HASH_BYTES) == 0 ||
		FAIL(w->err, ERR_TAMPERED, "%.*s holds another history of %.*s", STR_ARG(w->folder),
			STR_ARG(before.origin));
}

/* Everything but the checkpoint. */
static bool put_log(struct writing *w, const struct checkpoint *now, struct store_source *source)
{
	uint64_t from = w->report->old_size / TILE_WIDTH * TILE_WIDTH;

	if (!store_edge(source, from, &w->edge) || !put_leaves(w))
		return false;
	struct hash root = edge_root(&w->edge);
	if (w->edge.size != now->size || memcmp(root.b, now->root.b, HASH_BYTES))
		return FAIL(w->err, ERR_TAMPERED,
			"the %" PRIu64 " entries of this log are not those that were signed",
			now->size);
	return put_partial(w);
}

bool ledger_export(
	struct db *db, struct arena *a, str folder, struct export_report *out, struct err *e)
{
	struct store_source *source = NEW(a, struct store_source, 1);
	struct writing *w = NEW(a, struct writing, 1);
	struct checkpoint now;
	int64_t at_us;
	str note;

	*out = (struct export_report){0};
	*source = (struct store_source){.db = db, .err = e};
	*w = (struct writing){.db = db, .arena = a, .err = e, .folder = folder, .report = out};
	buf_init(&w->bundle, a, EXPORT_FILE_BYTES);
	if (!store_newest(db, a, &note, &now, &at_us, e))
		return false;
	if (note.n == 0)
		return FAIL(e, ERR_BUSY, "nothing has been signed yet");
	out->size = w->end = now.size;
	out->origin = now.origin;
	if (!make_folder(a, folder, e) || !read_before(w, &now, source) ||
		!put_log(w, &now, source))
		return false;
	return file_write(a, str_fmt(a, "%.*s/checkpoint", STR_ARG(folder)), note, 0644, e);
}
