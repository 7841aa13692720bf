/* The log as static files: written, added to, checked; see log.h. */
#include "log.h"

#include <unistd.h>

static str exported(struct test_case *t, struct log *l)
{
	return str_fmt(t->arena, "%.*s/log", STR_ARG(l->folder));
}

static bool export_to(struct log *l, str folder, struct export_report *out, struct err *e)
{
	if (!db_begin_read(l->db, e))
		return false;
	bool ok = ledger_export(l->db, l->call.arena, folder, out, e);
	db_rollback(l->db);
	return ok;
}

/* What was exported in steps is what is exported at once, and every size in between holds. */
TEST(an_export_in_steps_is_the_export_at_once, "")
{
	static const int sizes[] = {1, 100, 255, 256, 257, 511, 512, 513, 700};
	struct log l = {0};
	int64_t tiles = 0, bundles = 0;
	struct export_report r;
	struct checkpoint c;
	struct err e = {0};
	uint64_t before = 0;

	log_open(t, &l, S("ward.example/stranger"));
	str folder = exported(t, &l);
	CHECK(!export_to(&l, folder, &r, &e));
	CHECK_INT(e.code, ERR_BUSY);
	err_clear(&e);
	for (int i = 0; i < COUNT_OF(sizes); i++) {
		log_append_many(t, &l, sizes[i] - (int)ledger_size(l.ledger), 9);
		log_sign(t, &l);
		log_append_many(t, &l, 1, 9); /* not signed: must not go out */
		CHECK(export_to(&l, folder, &r, &e));
		CHECK_INT(r.old_size, before);
		CHECK_INT(r.size, sizes[i]);
		before = r.size;
		tiles += r.tiles;
		bundles += r.bundles;
		CHECK(exported_check(t->arena, folder, &l.key, 1, NULL, &c, &e));
		CHECK_STR(err_text(&e), S(""));
		CHECK_INT(c.size, r.size);
		CHECK(export_to(&l, folder, &r, &e));
		CHECK_INT(r.tiles + r.bundles, 0);
	}
	str once = str_fmt(t->arena, "%.*s/once", STR_ARG(l.folder));
	str *files;
	isize count;
	CHECK(folder_list(t->arena, folder, 1000, &files, &count, &e));
	CHECK_INT(count, tiles + bundles + 1);
	for (isize i = 0; i < count; i++) {
		bundles -= str_starts(files[i], S("tile/entries/"));
		CHECK(!str_ends(files[i], S("/0"))); /* a part of nothing */
	}
	CHECK_INT(bundles, 0);
	CHECK(export_to(&l, once, &r, &e));
	CHECK(folder_list(t->arena, once, 1000, &files, &count, &e));
	for (isize i = 0; i < count; i++) {
		str a, b;
		CHECK(file_read(t->arena,
			str_fmt(t->arena, "%.*s/%.*s", STR_ARG(once), STR_ARG(files[i])), 2 << 20,
			&a, &e));
		CHECK(file_read(t->arena,
			str_fmt(t->arena, "%.*s/%.*s", STR_ARG(folder), STR_ARG(files[i])), 2 << 20,
			&b, &e));
		CHECK(str_eq(a, b));
	}
	CHECK_STR(err_text(&e), S(""));
	log_close(t, &l);
}

TEST(nothing_is_written_over_another_log, "")
{
	struct log l = {0}, other = {0}, fork = {0};
	struct export_report r;
	struct err e = {0}, f = {0}, g = {0};

	log_open(t, &l, S("ward.example/one"));
	log_open(t, &other, S("ward.example/two"));
	log_open(t, &fork, S("ward.example/one"));
	log_append_many(t, &l, 300, 9);
	log_append_many(t, &other, 300, 9);
	log_append_many(t, &fork, 400, 8);
	log_sign(t, &l);
	log_sign(t, &other);
	log_sign(t, &fork);
	str folder = exported(t, &l);
	CHECK(export_to(&l, folder, &r, &e));
	CHECK(!export_to(&other, folder, &r, &f));
	CHECK_INT(f.code, ERR_CONFLICT);
	CHECK(!export_to(&fork, folder, &r, &g));
	CHECK_INT(g.code, ERR_TAMPERED);
	struct checkpoint c;
	CHECK(exported_check(t->arena, folder, &l.key, 1, NULL, &c, &e));
	CHECK_STR(err_text(&e), S(""));
	log_close(t, &l);
	log_close(t, &other);
	log_close(t, &fork);
}

TEST(a_store_that_was_changed_is_not_exported, "")
{
	struct log l = {0};
	struct export_report r;
	struct checkpoint c;
	struct err e = {0}, f = {0};

	log_open(t, &l, S("ward.example/stranger"));
	log_append_many(t, &l, 300, 9);
	log_sign(t, &l);
	log_tamper(t, &l, S("UPDATE entry SET leaf = CAST('{\"v\":1}' AS BLOB) WHERE seq = 299;"));
	str folder = exported(t, &l);
	CHECK(!export_to(&l, folder, &r, &e));
	CHECK_INT(e.code, ERR_TAMPERED);
	CHECK(!exported_check(t->arena, folder, &l.key, 1, NULL, &c, &f));
	log_close(t, &l);
}

/* Each file of an exported log, with a bit flipped, a byte too few, a byte too many, or gone. */
TEST(a_damaged_export_is_refused, "")
{
	struct log l = {0};
	struct export_report r;
	struct checkpoint c;
	struct err e = {0};
	uint64_t state = 4;
	isize count;
	str *files;

	log_open(t, &l, S("ward.example/stranger"));
	log_append_many(t, &l, 600, 9);
	log_sign(t, &l);
	str folder = exported(t, &l);
	CHECK(export_to(&l, folder, &r, &e));
	CHECK(folder_list(t->arena, folder, 1000, &files, &count, &e));
	for (isize i = 0; i < count * 4; i++) {
		str path = str_fmt(t->arena, "%.*s/%.*s", STR_ARG(folder), STR_ARG(files[i / 4])),
		    whole;
		CHECK(file_read(t->arena, path, 2 << 20, &whole, &e));
		struct buf *b = log_buffer(t);
		buf_add(b, str_part(whole, 0, whole.n - (i % 4 == 1)));
		if (i % 4 == 0)
			b->p[test_random(&state, b->n)] ^= (char)(1 << test_random(&state, 7));
		if (i % 4 == 2)
			buf_char(b, 'x');
		if (i % 4 == 3)
			CHECK(folder_remove(t->arena, path, &e));
		else
			CHECK(file_write(t->arena, path, buf_str(b), 0644, &e));
		struct err f = {0};
		if (exported_check(t->arena, folder, &l.key, 1, NULL, &c, &f))
			test_fail(t, __FILE__, __LINE__, "%.*s damaged (%td) is taken",
				STR_ARG(files[i / 4]), i % 4);
		CHECK_INT(f.code, ERR_TAMPERED);
		CHECK(file_write(t->arena, path, whole, 0644, &e));
	}
	CHECK(exported_check(t->arena, folder, &l.key, 1, NULL, &c, &e));
	CHECK_STR(err_text(&e), S(""));
	log_close(t, &l);
}

TEST(an_export_holds_the_checkpoint_that_somebody_kept, "")
{
	struct log l = {0}, fork = {0}, other = {0};
	struct checkpoint kept, forked, foreign, more, c;
	struct export_report r;
	struct err e = {0}, f = {0}, g = {0}, h = {0}, k = {0};

	log_open(t, &l, S("ward.example/one"));
	log_open(t, &fork, S("ward.example/one"));
	log_open(t, &other, S("ward.example/two"));
	fork.key = l.key;
	fork.secret = l.secret;
	log_append_many(t, &l, 300, 9);
	log_append_many(t, &fork, 300, 8);
	log_append_many(t, &other, 300, 9);
	CHECK(checkpoint_open(t->arena, log_sign(t, &l), &l.key, 1, &kept, &e));
	CHECK(checkpoint_open(t->arena, log_sign(t, &fork), &l.key, 1, &forked, &e));
	CHECK(checkpoint_open(t->arena, log_sign(t, &other), &other.key, 1, &foreign, &e));
	log_append_many(t, &l, 100, 9);
	CHECK(checkpoint_open(t->arena, log_sign(t, &l), &l.key, 1, &more, &e));
	str folder = exported(t, &l);
	CHECK(export_to(&l, folder, &r, &e));
	CHECK(exported_check(t->arena, folder, &l.key, 1, &kept, &c, &e));
	CHECK(exported_check(t->arena, folder, &l.key, 1, &more, &c, &e));
	CHECK_STR(err_text(&e), S(""));
	CHECK(!exported_check(t->arena, folder, &l.key, 1, &forked, &c, &f));
	CHECK_INT(f.code, ERR_TAMPERED);
	CHECK(!exported_check(t->arena, folder, &l.key, 1, &foreign, &c, &g));
	CHECK_INT(g.code, ERR_INVALID);
	struct checkpoint changed = more;
	struct err m = {0};
	changed.root.b[0] ^= 1;
	CHECK(!exported_check(t->arena, folder, &l.key, 1, &changed, &c, &m));
	CHECK_INT(m.code, ERR_TAMPERED);
	more.size++;
	CHECK(!exported_check(t->arena, folder, &l.key, 1, &more, &c, &h));
	CHECK_INT(h.code, ERR_TAMPERED);
	CHECK(folder_remove(t->arena, str_join(t->arena, folder, S("/tile/0/000")), &e));
	CHECK(!exported_check(t->arena, folder, &l.key, 1, NULL, &c, &k));
	CHECK_INT(k.code, ERR_TAMPERED);
	log_close(t, &l);
	log_close(t, &fork);
	log_close(t, &other);
}

/* What stands in the folder and does not belong to this log; `file` is put there. */
static const struct {
	const char *file, *content;
	enum err_code code;
	int count; /* entries of the log; 0: 300 */
} strange[] = {{"tile/entries/000", "", ERR_TAMPERED, 256},
	{"tile/0/000", "another tile", ERR_TAMPERED, 256},
	{"checkpoint", "not a note", ERR_CONFLICT, 0}, {"checkpoint", "", ERR_CONFLICT, 0},
	{"tile/0/000", "another tile", ERR_TAMPERED, 0}, {"tile/entries/000", "", ERR_TAMPERED, 0},
	{"tile/0/001.p/44", "another tile", ERR_TAMPERED, 0},
	{"tile/1/000.p/1", "another tile", ERR_TAMPERED, 0},
	{"tile/entries/001.p/44", "", ERR_TAMPERED, 0}, {"checkpoint", NULL, ERR_LIMIT, 0},
	{"tile/0/000", NULL, ERR_TAMPERED, 0}, {"tile", "a file, not a folder", ERR_FAULT, 0}};

static void check_strange(struct test_case *t, struct log *l, int number)
{
	str folder = str_fmt(t->arena, "%.*s/log", STR_ARG(l->folder)), have;
	str path = str_fmt(t->arena, "%.*s/%s", STR_ARG(folder), strange[number].file);
	str content = str_of(strange[number].content ? strange[number].content : "");
	struct export_report r;
	struct err e = {0}, f = {0};

	if (!strange[number].content)
		content = (str){arena_bulk(t->arena, 3 << 20), 3 << 20};
	for (isize k = folder.n; k < path.n; k++)
		if (path.p[k] == '/')
			CHECK(folder_make(t->arena, str_part(path, 0, k), 0755, &e));
	CHECK(file_write(t->arena, path, content, 0644, &e));
	CHECK_STR(err_text(&e), S(""));
	CHECK(!export_to(l, folder, &r, &f));
	if (strange[number].code == ERR_FAULT)
		CHECK(f.code != ERR_NONE && f.code != ERR_TAMPERED);
	else
		CHECK(f.code == strange[number].code || !strange[number].content);
	CHECK(file_read(t->arena, path, 4 << 20, &have, &e));
	CHECK(str_eq(have, content));
}

TEST(what_stands_in_the_folder_is_never_written_over, "")
{
	for (int i = 0; i < COUNT_OF(strange); i++) {
		struct arena_mark mark = arena_here(t->arena);
		struct log l = {0};
		log_open(t, &l, S("ward.example/stranger"));
		log_append_many(t, &l, strange[i].count ? strange[i].count : 300, 9);
		log_sign(t, &l);
		check_strange(t, &l, i);
		log_close(t, &l);
		arena_rewind(t->arena, mark);
	}
}

/* The key of the log was badly guarded: a checkpoint about more entries than there are. */
TEST(a_checkpoint_that_says_too_much_is_not_exported, "")
{
	struct log l = {0};
	struct export_report r;
	struct checkpoint c;
	struct err e = {0}, f = {0};

	log_open(t, &l, S("ward.example/stranger"));
	log_append_many(t, &l, 10, 9);
	CHECK(checkpoint_open(t->arena, log_sign(t, &l), &l.key, 1, &c, &e));
	c.size++;
	CHECK(db_begin(l.db, &e));
	CHECK(db_exec(l.db, SQL_LEDGER("INSERT INTO checkpoint(size, note, at) VALUES ($1, $2, 0)"),
		V((int64_t)c.size), V(log_checkpoint(t, &l, &c))));
	CHECK(db_commit(l.db));
	CHECK(!export_to(&l, exported(t, &l), &r, &f));
	CHECK_INT(f.code, ERR_TAMPERED);
	log_close(t, &l);
}

/* Nothing is written for a note that is none. */
TEST(a_checkpoint_in_no_form_is_not_exported, "")
{
	struct log l = {0};
	struct export_report r;
	struct err e = {0};

	log_open(t, &l, S("ward.example/stranger"));
	log_append_many(t, &l, 10, 9);
	log_sign(t, &l);
	log_tamper(
		t, &l, S("DROP TRIGGER checkpoint_not_updated; UPDATE checkpoint SET note = 'x';"));
	CHECK(!export_to(&l, exported(t, &l), &r, &e));
	CHECK_INT(e.code, ERR_SYNTAX);
	CHECK(!file_exists(t->arena, exported(t, &l)));
	log_close(t, &l);
}

/* A store that cannot be read is not one that was changed. */
TEST(entries_that_cannot_be_read_are_not_called_forged, "")
{
	struct log l = {0};
	struct export_report r;
	struct err e = {0}, f = {0};

	log_open(t, &l, S("ward.example/stranger"));
	log_append_many(t, &l, 10, 9);
	log_sign(t, &l);
	log_tamper(t, &l, S("ALTER TABLE entry RENAME TO x;"));
	CHECK(db_begin_read(l.db, &e));
	CHECK(!ledger_export(l.db, t->arena, exported(t, &l), &r, &f));
	CHECK_INT(e.code, ERR_FAULT);
	CHECK_STR(err_text(&f), S(""));
	db_rollback(l.db);
	log_close(t, &l);
}

/* A store put back: the folder knows more than was signed. */
TEST(an_export_that_holds_more_is_told_how_much, "")
{
	struct log l = {0};
	struct export_report r;
	struct err e = {0}, f = {0};

	log_open(t, &l, S("ward.example/stranger"));
	log_append_many(t, &l, 10, 9);
	log_sign(t, &l);
	log_append_many(t, &l, 10, 9);
	log_sign(t, &l);
	str folder = exported(t, &l);
	CHECK(export_to(&l, folder, &r, &e));
	log_tamper(t, &l, S("DELETE FROM checkpoint WHERE size = 20;"));
	CHECK(!export_to(&l, folder, &r, &f));
	CHECK_INT(f.code, ERR_TAMPERED);
	CHECK(str_ends(err_text(&f), S(" holds 20 entries; this log was signed up to 10 only")));
	log_close(t, &l);
}

/* The store lacks what was exported before, cannot be read, or has entries that are too long. */
TEST(a_store_that_lacks_something_is_not_exported, "")
{
	static const struct {
		const char *sql, *said;
	} lacks[] = {{"DROP TRIGGER entry_not_deleted; PRAGMA foreign_keys=OFF;"
		      " DELETE FROM entry WHERE seq = 299;",
			     "entry 299 of the ledger is missing"},
		{"DROP TRIGGER tile_not_deleted; DELETE FROM tile;",
			"tile 0/0 of the ledger is missing"},
		{"ALTER TABLE entry RENAME TO x;", ""},
		{"UPDATE entry SET leaf = zeroblob(65536) WHERE seq = 310;",
			"an entry is longer than any may be"},
		{"UPDATE entry SET leaf = zeroblob(65535) WHERE seq > 300;",
			"an entry is longer than any may be"}};

	for (int i = 0; i < COUNT_OF(lacks); i++) {
		struct arena_mark mark = arena_here(t->arena);
		struct export_report r;
		struct log l = {0};
		struct err e = {0}, f = {0};
		log_open(t, &l, S("ward.example/stranger"));
		log_append_many(t, &l, 300, 9);
		log_sign(t, &l);
		str folder = exported(t, &l);
		CHECK(export_to(&l, folder, &r, &e));
		log_append_many(t, &l, 60, 9);
		log_sign(t, &l);
		log_tamper(t, &l, str_of(lacks[i].sql));
		if (i == COUNT_OF(lacks) - 1) { /* signed like that: the last bundle is too long */
			log_tamper(t, &l, S("DELETE FROM checkpoint WHERE size = 360;"));
			log_sign(t, &l);
		}
		CHECK(db_begin_read(l.db, &e));
		CHECK(!ledger_export(l.db, t->arena, folder, &r, &f));
		CHECK_STR(err_text(&f), str_of(lacks[i].said));
		CHECK_INT(e.code != ERR_NONE, !*lacks[i].said);
		db_rollback(l.db);
		log_close(t, &l);
		arena_rewind(t->arena, mark);
	}
}

/* Files that fit each other, and the checkpoint of another history of as many entries. */
TEST(a_checkpoint_of_another_history_does_not_hold, "")
{
	struct log l = {0}, fork = {0};
	struct export_report r;
	struct checkpoint c;
	struct err e = {0}, f = {0};

	log_open(t, &l, S("ward.example/one"));
	log_open(t, &fork, S("ward.example/one"));
	fork.key = l.key;
	fork.secret = l.secret;
	log_append_many(t, &l, 10, 9);
	log_append_many(t, &fork, 10, 8);
	log_sign(t, &l);
	str folder = exported(t, &l);
	CHECK(export_to(&l, folder, &r, &e));
	CHECK(file_write(t->arena, str_join(t->arena, folder, S("/checkpoint")), log_sign(t, &fork),
		0644, &e));
	CHECK(!exported_check(t->arena, folder, &l.key, 1, NULL, &c, &f));
	CHECK_INT(f.code, ERR_TAMPERED);
	CHECK_STR(err_text(&f), S("the 10 entries are not those that ward.example/one signed"));
	log_close(t, &l);
	log_close(t, &fork);
}

/* What cannot be read is not called changed; what is far too long is. */
TEST(a_file_of_an_export_that_is_a_folder_is_no_forgery, "")
{
	struct log l = {0};
	struct export_report r;
	struct checkpoint c;
	struct err e = {0}, f = {0};

	log_open(t, &l, S("ward.example/stranger"));
	log_append_many(t, &l, 10, 9);
	log_sign(t, &l);
	str folder = exported(t, &l), path = str_join(t->arena, folder, S("/tile/0/000.p/10"));
	CHECK(export_to(&l, folder, &r, &e));
	str longest = {arena_bulk(t->arena, 3 << 20), 3 << 20};
	struct err g = {0};
	CHECK(file_write(t->arena, path, longest, 0644, &e));
	CHECK(!exported_check(t->arena, folder, &l.key, 1, NULL, &c, &g));
	CHECK_INT(g.code, ERR_TAMPERED);
	CHECK(folder_remove(t->arena, path, &e));
	CHECK(folder_make(t->arena, path, 0755, &e));
	CHECK(!exported_check(t->arena, folder, &l.key, 1, NULL, &c, &f));
	CHECK(f.code != ERR_NONE && f.code != ERR_TAMPERED);
	CHECK_STR(err_text(&e), S(""));
	log_close(t, &l);
}

/* Nothing is written where a link leads. */
TEST(an_export_stays_in_its_folder, "")
{
	struct log l = {0};
	struct export_report r;
	struct err e = {0};
	str *files;
	isize count;

	log_open(t, &l, S("ward.example/stranger"));
	log_append_many(t, &l, 300, 9);
	log_sign(t, &l);
	str folder = exported(t, &l), far = str_join(t->arena, l.folder, S("/far"));
	str tile = str_join(t->arena, folder, S("/tile"));
	CHECK(folder_make(t->arena, far, 0755, &e));
	CHECK(file_exists(t->arena, folder) || folder_make(t->arena, folder, 0755, &e));
	CHECK(symlink(cstr(t->arena, far), cstr(t->arena, tile)) == 0);
	CHECK(!export_to(&l, folder, &r, &e));
	CHECK_INT(e.code, ERR_CONFLICT);
	err_clear(&e);
	CHECK(folder_list(t->arena, far, 10, &files, &count, &e));
	CHECK_INT(count, 0);
	log_close(t, &l);
}

TEST(a_folder_with_a_checkpoint_and_no_store_is_an_export, "")
{
	struct log l = {0};
	struct err e = {0};

	log_open(t, &l, S("ward.example/stranger"));
	CHECK(!exported_is_there(t->arena, l.folder));
	CHECK(file_write(
		t->arena, str_join(t->arena, l.folder, S("/checkpoint")), S("x"), 0644, &e));
	CHECK(exported_is_there(t->arena, l.folder));
	CHECK(file_write(t->arena, str_join(t->arena, l.folder, S("/ward.db")), S("x"), 0644, &e));
	CHECK(!exported_is_there(t->arena, l.folder));
	log_close(t, &l);
}

TEST_MAIN()
