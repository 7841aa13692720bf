/*
 * The index of search against the records: what it holds, and what it answers.
 *
 * The index is derived anew beside the store.  Its texts, the length of each, the sums that ranking
 * divides by and its settings are compared row by row; its words with their places one by one.  The
 * pages of words and the tree over them cannot be compared, because they depend on the order of all
 * writes since the beginning: so each word is looked up as a search would, from both ends and from
 * the middle, and has to be answered with the records that have it.  Words that no record has any
 * more stand in the pages too, with the note that they were taken away; so that these are found,
 * and beginnings of words, the tree has to lead to every page, between the words before it and its
 * first.
 */
#include "kind/kind_in.h"
#include "ledger/ledger.h"

/* A word in more records than this may have a tree of its own over its pages. */
enum {
	MANY_RECORDS = 256,
	EACH_TRIED = 64,
	WORD_ARENA_BYTES = 4 << 20,
	PAGE_WORDS_BYTES = 8 << 20
};

struct search_walk {
	struct db *db, *fresh;
	struct ledger_report *report;
	struct arena words; /* the word that is walked */
	int64_t *record;    /* those that have it, in order */
	isize count, most;
	str word;
	bool differs; /* told once */
};

/* ---- row by row ---- */

static bool is_same_row(const struct rows *a, const struct rows *b, int columns)
{
	for (int i = 1; i < columns; i++)
		if (!str_eq(rows_str(a, i), rows_str(b, i)))
			return false;
	return true;
}

/* The rows of two statements that begin with their key, in its order. */
static void compare_rows(struct search_walk *w, struct value is_sql, struct value should_sql,
	int columns, const char *what)
{
	struct rows is, should;

	db_query_values(w->db, &is, &is_sql, 1);
	db_query_values(w->fresh, &should, &should_sql, 1);
	bool has = rows_next(&is), wants = rows_next(&should);
	while (has || wants) {
		int64_t one = has ? rows_int(&is, 0) : INT64_MAX;
		int64_t two = wants ? rows_int(&should, 0) : INT64_MAX;
		const struct rows *at = has && one <= two ? &is : &should;
		if (one != two || has != wants || !is_same_row(&is, &should, columns))
			ledger_found(w->report, -1, "%s [\"%.*s\"] is not what its record says",
				what, STR_ARG(rows_str(at, 1)));
		bool next_is = has && one <= two, next_should = wants && two <= one;
		has = next_is ? rows_next(&is) : has;
		wants = next_should ? rows_next(&should) : wants;
	}
	bool ok = rows_done(&is);
	(void)(rows_done(&should) && ok);
}

#define ROWS_TEXT                                                                                  \
	"SELECT rowid, ref, kind, title, body,"                                                    \
	" typeof(ref) || typeof(kind) || typeof(title) || typeof(body) FROM search ORDER BY rowid"
/* How many words each text has; ranking weighs by it. */
#define SIZES_TEXT "SELECT d.id, hex(d.sz), typeof(d.sz) FROM search_docsize d ORDER BY d.id"
/* How many there are of each, and the settings. */
#define SUMS_TEXT                                                                                  \
	"SELECT 1, 'sums', hex(block), typeof(block) FROM search_data WHERE id = 1"                \
	" UNION ALL SELECT 2, k, v, typeof(v) FROM search_config ORDER BY 1, 2"

static void compare_all_rows(struct search_walk *w)
{
	compare_rows(w, SQL(ROWS_TEXT), SQL(ROWS_TEXT), 6, "search");
	compare_rows(w, SQL(SIZES_TEXT), SQL(SIZES_TEXT), 3, "search_docsize");
	compare_rows(w, SQL(SUMS_TEXT), SQL(SUMS_TEXT), 4, "search_config");
}

/* ---- word by word ---- */

static void found_word(struct search_walk *w)
{
	if (!w->differs)
		ledger_found(w->report, -1,
			"the search index is not what the records say: it differs at the word "
			"\"%.*s\"",
			STR_ARG(w->word));
	w->differs = true;
}

/* The answer is the records of the word from `first` on, by `step`, at the most `limit`. */
static void check_answer(
	struct search_walk *w, struct rows *r, isize first, isize step, isize limit)
{
	isize n = 0, at = first;
	bool same = true;

	for (; n < limit && rows_next(r); n++, at += step)
		same = same && at >= 0 && at < w->count && rows_int(r, 0) == w->record[at];
	if (n < limit)
		same = same && (step > 0 ? at == w->count : at == -1);
	if (!rows_done(r) || !same)
		found_word(w);
}

/* As a search asks. */
static void ask_word(struct search_walk *w, str match)
{
	struct rows r;

	db_query(w->db, &r,
		SQL("SELECT rowid FROM search WHERE search MATCH $1 ORDER BY rowid LIMIT $2"),
		V(match), V(w->count + 1));
	check_answer(w, &r, 0, 1, w->count + 1);
	if (w->count < MANY_RECORDS)
		return;
	db_query(w->db, &r,
		SQL("SELECT rowid FROM search WHERE search MATCH $1 ORDER BY rowid DESC LIMIT $2"),
		V(match), V(w->count + 1));
	check_answer(w, &r, w->count - 1, -1, w->count + 1);
	for (isize i = 0; i < w->count; i += EACH_TRIED) {
		db_query(w->db, &r,
			SQL("SELECT rowid FROM search WHERE search MATCH $1 AND rowid >= $2"
			    " ORDER BY rowid LIMIT 1"),
			V(match), V(w->record[i]));
		check_answer(w, &r, i, 1, 1);
	}
}

/* The word before is complete; the next one begins. */
static void next_word(struct search_walk *w, str word)
{
	if (w->word.n)
		ask_word(w, str_fmt(&w->words, "\"%.*s\"", STR_ARG(w->word)));
	arena_reset(&w->words);
	w->word = str_dup(&w->words, word);
	w->count = 0;
}

static void take_place(struct search_walk *w, const struct rows *r)
{
	int64_t record = rows_int(r, 1);

	if (!str_eq(w->word, rows_str(r, 0)))
		next_word(w, rows_str(r, 0));
	if (w->count < w->most && (!w->count || w->record[w->count - 1] != record))
		w->record[w->count++] = record;
}

#define WORDS_TEXT "SELECT term, doc, col, \"offset\" FROM temp.word"
#define MAKE_WORDS                                                                                 \
	"CREATE VIRTUAL TABLE IF NOT EXISTS temp.word USING fts5vocab(main, search, instance)"

static bool is_same_place(const struct rows *a, const struct rows *b)
{
	return rows_int(a, 1) == rows_int(b, 1) && rows_int(a, 3) == rows_int(b, 3) &&
		str_eq(rows_str(a, 0), rows_str(b, 0)) && str_eq(rows_str(a, 2), rows_str(b, 2));
}

/* Both indexes give their words in order, and of a word its places. */
static void compare_words(struct search_walk *w)
{
	struct rows is, should;
	bool has, goes_on = true;

	db_query(w->db, &is, SQL(WORDS_TEXT));
	db_query(w->fresh, &should, SQL(WORDS_TEXT));
	while (goes_on && rows_next(&should)) {
		take_place(w, &should);
		has = !w->differs && rows_next(&is);
		if (!w->differs && (!has || !is_same_place(&is, &should)))
			found_word(w);
		goes_on = db_ok(w->db);
	}
	if (goes_on)
		next_word(w, S(""));
	if (!w->differs && rows_next(&is))
		ledger_found(w->report, -1,
			"the search index is not what the records say: it has the word \"%.*s\"",
			STR_ARG(rows_str(&is, 0)));
	bool ok = rows_done(&is);
	(void)(rows_done(&should) && ok);
}

/* ---- the tree over the words ---- */

/*
 * A page of words (fts5_index.c): two numbers of two bytes, the second where the list of places
 * begins that ends the page.  The list has where the first word stands, then how far on each next
 * one.  A word that is not the first is how many bytes it shares with the one before, and the rest.
 */
struct page {
	str bytes, list;
	isize place;
	str word; /* the one taken last */
};

/* SQLite's: seven bits a byte, the high byte first. */
static bool take_number(str *rest, isize *out)
{
	isize n = 0;

	*out = 0;
	do {
		if (n == rest->n || n == 4)
			return false;
		*out = *out << 7 | (rest->p[n] & 0x7f);
	} while (rest->p[n++] & 0x80);
	*rest = str_part(*rest, n, rest->n);
	return true;
}

/* False where it is in no form that the engine writes. */
static bool page_open(struct page *p, str bytes)
{
	const unsigned char *b = (const unsigned char *)bytes.p;

	if (bytes.n < 4 || (b[2] << 8 | b[3]) > bytes.n)
		return false;
	isize end = b[2] << 8 | b[3];
	*p = (struct page){.bytes = str_part(bytes, 0, end), .list = str_part(bytes, end, bytes.n)};
	return true;
}

/* Takes the next word, which must stand behind the one before; `room` is for the two of them. */
static bool page_word(struct page *p, struct buf *room)
{
	bool is_first = p->place == 0;
	isize step, shared = 0, more;

	if (!take_number(&p->list, &step) || step == 0 || p->place + step > p->bytes.n)
		return false;
	p->place += step;
	str rest = str_part(p->bytes, p->place, p->bytes.n), was = p->word;
	if ((!is_first && !take_number(&rest, &shared)) || !take_number(&rest, &more) ||
		shared > was.n || more > rest.n)
		return false;
	isize at = room->n;
	buf_add(room, str_part(was, 0, shared));
	buf_add(room, str_part(rest, 0, more));
	p->word = str_part(buf_str(room), at, room->n);
	return !room->full && (is_first || str_cmp(was, p->word) < 0);
}

struct tree_walk {
	struct search_walk *w;
	struct rows fork; /* of search_idx, in the order of the pages */
	bool has_fork;
	int64_t segment;      /* the one that is walked */
	struct buf last;      /* its last word so far */
	struct arena scratch; /* of a page */
};

static void found_page(struct tree_walk *k, int64_t segment, int64_t page, const char *what)
{
	ledger_found(
		k->w->report, -1, "search_idx [%" PRId64 ",%" PRId64 "] %s", segment, page, what);
}

/* Goes to the fork of this page.  Those of pages before the first of a segment are left over from
   merging, and lead to the first; others point at nothing. */
static bool find_fork(struct tree_walk *k, int64_t segment, int64_t page)
{
	for (; k->has_fork; k->has_fork = rows_next(&k->fork)) {
		int64_t s = rows_int(&k->fork, 0), p = rows_int(&k->fork, 1);
		if (s > segment || (s == segment && p >= page))
			return s == segment && p == page;
		if (s < segment || s == k->segment)
			found_page(k, s, p, "points at no page of words");
	}
	return false;
}

/* The word that leads to a page must lie behind all words before it, and not behind its first. */
static void check_page(struct tree_walk *k, int64_t segment, int64_t number, str bytes)
{
	struct page page;
	struct buf room;

	arena_reset(&k->scratch);
	buf_init(&room, &k->scratch, PAGE_WORDS_BYTES);
	bool is_known = page_open(&page, bytes);
	if (is_known && page.list.n == 0)
		return;
	if (!is_known || !page_word(&page, &room)) {
		found_page(k, segment, number, "leads to a page that cannot be read");
		return;
	}
	bool is_there = find_fork(k, segment, number);
	if (segment != k->segment)
		k->last.n = 0;
	k->segment = segment;
	str lead = is_there ? rows_blob(&k->fork, 2) : S("");
	if (!is_there)
		found_page(k, segment, number, "is missing: nothing leads to its words");
	else if (str_cmp(lead, page.word) > 0 ||
		(k->last.n && str_cmp(lead, buf_str(&k->last)) <= 0))
		found_page(k, segment, number, "does not lead to its words");
	if (is_there)
		k->has_fork = rows_next(&k->fork);
	while (page.list.n && page_word(&page, &room))
		continue;
	if (page.list.n)
		found_page(k, segment, number, "leads to a page that cannot be read");
	k->last.n = 0;
	buf_add(&k->last, page.word);
}

static void check_tree(struct search_walk *w)
{
	struct tree_walk k = {.w = w, .segment = -1};
	struct arena kept;
	struct rows r;

	arena_open(&k.scratch, PAGE_WORDS_BYTES + WORD_ARENA_BYTES);
	arena_open(&kept, WORD_ARENA_BYTES);
	buf_init(&k.last, &kept, 1 << 20);
	db_query(w->db, &k.fork,
		SQL("SELECT segid, pgno >> 1, term FROM search_idx ORDER BY segid, pgno"));
	k.has_fork = rows_next(&k.fork);
	/* A page has its segment in the high bits of its key, and none of those of other things. */
	db_query(w->db, &r,
		SQL("SELECT id >> 37, id & 2147483647, block FROM search_data"
		    " WHERE id >> 37 > 0 AND id >> 31 & 63 = 0 ORDER BY id"));
	while (rows_next(&r))
		check_page(&k, rows_int(&r, 0), rows_int(&r, 1), rows_blob(&r, 2));
	bool ok = rows_done(&r);
	for (; k.has_fork; k.has_fork = rows_next(&k.fork))
		found_page(&k, rows_int(&k.fork, 0), rows_int(&k.fork, 1),
			"points at no page of words");
	ok = rows_done(&k.fork) && ok;
	(void)ok;
	arena_close(&k.scratch);
	arena_close(&kept);
}

/* ---- all of it ---- */

static void told(struct search_walk *w, struct err *e)
{
	if (e->code)
		ledger_found(w->report, -1, "the search index cannot be read: %s", e->text);
	err_clear(e);
	db_go_on(w->db);
	db_go_on(w->fresh);
}

void search_compare(struct db *db, struct db *fresh, struct ledger_report *report)
{
	struct search_walk w = {.db = db, .fresh = fresh, .report = report};
	struct arena records;
	struct err e = {0};

	db_report_to(db, &e);
	db_report_to(fresh, &e);
	w.most = (isize)db_int(fresh, SQL("SELECT count(*) FROM search_docsize"));
	arena_open(&records, (w.most + 1) * (isize)sizeof *w.record + WORD_ARENA_BYTES);
	arena_open(&w.words, WORD_ARENA_BYTES);
	w.record = NEW(&records, int64_t, w.most + 1);
	compare_all_rows(&w);
	told(&w, &e);
	check_tree(&w);
	told(&w, &e);
	if (db_script(db, S(MAKE_WORDS), &e) && db_script(fresh, S(MAKE_WORDS), &e))
		compare_words(&w);
	told(&w, &e);
	arena_close(&w.words);
	arena_close(&records);
}
