/* Hashes of the tree out of the store: from tiles, entries and the edge, and what is said when the
   store lacks them or holds others. */
#include "crime.h"

enum { ENTRIES = 325 };

/* What the hashes must be. */
struct want {
	struct hash leaf[ENTRIES], tile;
	struct edge edge;
};

static bool keep_tile(void *to, int level, uint64_t index, const struct hash tile[TILE_WIDTH],
	const struct hash *root)
{
	struct want *w = to;

	(void)tile;
	w->tile = *root;
	return level == 0 && index == 0;
}

static struct want *compute(struct test_case *t, struct room *r)
{
	struct want *w = NEW(t->arena, struct want, 1);
	struct rows rows;
	int n = 0;

	CHECK(db_begin_read(r->db, &r->call.err));
	db_query(r->db, &rows, SQL("SELECT leaf FROM entry ORDER BY seq"));
	while (rows_next(&rows)) {
		w->leaf[n] = merkle_leaf(rows_blob(&rows, 0));
		CHECK(edge_add(&w->edge, w->leaf[n], keep_tile, w));
		n++;
	}
	CHECK(rows_done(&rows));
	CHECK_INT(n, ENTRIES);
	db_rollback(r->db);
	return w;
}

static bool same(const struct hash *a, const struct hash *b)
{
	return memcmp(a->b, b->b, HASH_BYTES) == 0;
}

static struct store_source *new_source(struct test_case *t, struct room *r, struct err *e)
{
	struct store_source *s = NEW(t->arena, struct store_source, 1);

	*s = (struct store_source){.db = r->db, .err = e};
	return s;
}

TEST(every_hash_is_the_same_from_tiles_entries_and_the_edge, "")
{
	struct edge *edge = NEW(t->arena, struct edge, 1);
	struct edge *beginning = NEW(t->arena, struct edge, 1);
	struct err e = {0};
	struct hash have;
	struct room r;

	room_open(t, &r);
	room_copy(&r);
	struct want *w = compute(t, &r);
	struct store_source *s = new_source(t, &r, &e);
	CHECK(db_begin_read(r.db, &e));
	for (int with_edge = 0; with_edge < 2; with_edge++) {
		s->edge = with_edge ? &w->edge : NULL;
		/* Up and down, so that the tile that was read last is often another. */
		for (uint64_t i = 0; i < ENTRIES; i++) {
			uint64_t k = i % 2 ? ENTRIES - i : i;
			CHECK(store_hash(s, 0, k, &have) && same(&have, &w->leaf[k]));
			CHECK(store_hash(s, 1, 0, &have) && same(&have, &w->tile));
		}
	}
	CHECK(store_edge(s, ENTRIES, edge));
	CHECK_INT(edge->size, ENTRIES);
	struct hash a = edge_root(edge), b = edge_root(&w->edge);
	CHECK(same(&a, &b));
	CHECK(store_edge(s, 256, beginning));
	a = edge_root(beginning);
	CHECK(same(&a, &w->tile));
	CHECK(!store_edge(s, ENTRIES + 1, edge));
	db_rollback(r.db);
	room_drop(&r);
	room_close(&r);
}

/* Beyond what the edge holds it is not asked. */
TEST(the_edge_is_asked_for_its_own_part_only, "")
{
	struct err e = {0};
	struct hash have, wrong = {{1}};
	struct room r;

	room_open(t, &r);
	room_copy(&r);
	struct want *w = compute(t, &r);
	struct store_source *s = new_source(t, &r, &e);
	struct edge *edge = NEW(t->arena, struct edge, 1);
	for (int level = 0; level < TREE_LEVELS; level++)
		for (int i = 0; i < TILE_WIDTH; i++)
			edge->tile[level][i] = wrong;
	edge->size = 300;
	s->edge = edge;
	CHECK(db_begin_read(r.db, &e));
	for (uint64_t i = 0; i < ENTRIES; i++) {
		CHECK(store_hash(s, 0, i, &have));
		CHECK_INT(same(&have, &wrong), i >= 256 && i < 300);
		CHECK_INT(same(&have, &w->leaf[i]), i < 256 || i >= 300);
	}
	CHECK(store_hash(s, 1, 0, &have) && same(&have, &wrong));
	edge->size = 255;
	CHECK(store_hash(s, 1, 0, &have) && same(&have, &w->tile));
	db_rollback(r.db);
	room_drop(&r);
	room_close(&r);
}

/* Asked for a hash of a level; "" when it is given all the same, and right. */
static const struct {
	const char *sql;
	int level;
	uint64_t index;
	const char *said;
} lacks[] = {
	{"SELECT 1", 0, 325, "entry 325 of the ledger is missing"},
	{"SELECT 1", 1, 1, "tile 0/1 of the ledger is missing"},
	{"SELECT 1", 2, 0, "tile 1/0 of the ledger is missing"},
	{"DELETE FROM entry WHERE seq = 300", 0, 300, "entry 300 of the ledger is missing"},
	{"DELETE FROM entry WHERE seq = 300", 0, 299, ""},
	{"UPDATE entry SET hash = substr(hash, 1, 31) WHERE seq = 300", 0, 300,
		"entry 300 of the ledger is missing"},
	{"UPDATE tile SET hashes = substr(hashes, 33)", 0, 7,
		"tile 0/0 of the ledger is cut short"},
	{"UPDATE tile SET root = substr(root, 2)", 0, 7, "tile 0/0 of the ledger is cut short"},
	{"UPDATE tile SET root = substr(root, 2)", 1, 0, "tile 0/0 of the ledger is missing"},
	{"DELETE FROM entry WHERE seq = 5", 0, 5, ""}, /* the tile has it */
	{"DELETE FROM tile", 1, 0, "tile 0/0 of the ledger is missing"},
	{"DELETE FROM tile", 0, 255, ""},
	{"DELETE FROM tile; DELETE FROM entry WHERE seq = 5", 0, 0, ""},
	{"DELETE FROM tile; DELETE FROM entry WHERE seq = 5", 0, 5,
		"entry 5 of the ledger is missing"},
	{"DELETE FROM tile; DELETE FROM entry WHERE seq = 5", 0, 255, ""},
	{"ALTER TABLE tile RENAME TO x", 0, 7, "the store failed: no such table: tile"},
	{"ALTER TABLE tile RENAME TO x", 0, 300, "the store failed: no such table: tile"},
	{"ALTER TABLE tile RENAME TO x", 1, 0, "the store failed: no such table: tile"},
	{"ALTER TABLE tile RENAME COLUMN hashes TO x", 1, 0,
		"the store failed: no such column: hashes"},
	{"ALTER TABLE entry RENAME TO x", 0, 300, "the store failed: no such table: entry"},
};

TEST(what_the_store_lacks_is_said_and_never_made_up, "")
{
	struct room r;

	room_open(t, &r);
	for (int i = 0; i < COUNT_OF(lacks); i++) {
		struct arena_mark mark = arena_here(t->arena);
		struct err e = {0}, store = {0};
		struct hash have = {{0}};
		room_copy(&r);
		struct want *w = compute(t, &r);
		room_tamper(&r, str_of(lacks[i].sql));
		struct store_source *s = new_source(t, &r, &e);
		CHECK(db_begin_read(r.db, &store));
		bool is_failure = str_starts(str_of(lacks[i].said), S("the store failed"));
		/* Asked twice: what failed once is not remembered as found. */
		for (int k = 0; k < 2; k++) {
			bool ok = store_hash(s, lacks[i].level, lacks[i].index, &have);
			CHECK_STR(err_text(&e), is_failure ? S("") : str_of(lacks[i].said));
			CHECK_STR(err_text(&store), is_failure ? str_of(lacks[i].said) : S(""));
			CHECK_INT(ok, !*lacks[i].said);
			CHECK(!ok || same(&have, &w->leaf[lacks[i].index]));
			err_clear(&e);
			err_clear(&store);
			db_go_on(r.db);
		}
		db_rollback(r.db);
		room_drop(&r);
		arena_rewind(t->arena, mark);
	}
	room_close(&r);
}

TEST_MAIN()
