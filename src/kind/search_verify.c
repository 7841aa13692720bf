/*
 * The index of search against the records: what it holds, and what it answers.
 *
 * The index is derived anew beside the store.  Its texts, the length of each, the sums that ranking
 * divides by and its settings are compared row by row; its words with their places one by one.  The
 * pages of words and the tree over them cannot be compared, because they depend on the order of all
 * writes since the beginning: so both indexes are asked for each word that stands in a page, as a
 * search asks, jumping from record to record; forwards alone, as no search goes backwards (SQLite
 * 3.40 leaves out records then that are there).  Words that no record has any more stand there too,
 * with the note that they were taken away, and are answered with nothing.  So that these are found,
 * and beginnings of words, the tree has to lead to every page, between the words before it and its
 * first.
 */
#include "kind/kind_in.h"
#include "ledger/ledger.h"

/* The engine takes no longer word, and puts a byte before each. */
enum { WORD_BYTES = 32768 + 1 };

/* What cannot be read is noted for told(); everything is walked to its end. */
struct search_walk {
	struct db *db, *fresh;
	struct ledger_report *report;
	bool differs; /* at a word; told once */
};

/* What cannot be read is told, but not as if it were not there. */
static bool is_read(const struct search_walk *w)
{
	return db_ok(w->db) && db_ok(w->fresh);
}

/* ---- row by row ---- */

#define TEXTS                                                                                      \
	"SELECT rowid, ref, typeof(ref) || typeof(kind) || typeof(title) || typeof(body)"          \
	" || hex(ref) || ' ' || hex(kind) || ' ' || hex(title) || ' ' || hex(body)"                \
	" FROM search ORDER BY rowid"
/* How many words each text has; ranking weighs by it. */
#define SIZES "SELECT id, id, typeof(sz) || hex(sz) FROM search_docsize ORDER BY id"
/* How many there are of each, and the settings. */
#define SUMS                                                                                       \
	"SELECT 1, 'sums', typeof(block) || hex(block) FROM search_data WHERE id = 1"              \
	" UNION ALL SELECT 2, 'settings',"                                                         \
	" group_concat(typeof(k) || hex(k) || typeof(v) || hex(v)) FROM search_config ORDER BY 1"

/* The rows of both: a number, by which they are in order, a name, and what has to be the same. */
static void compare_rows(struct search_walk *w, struct value sql, const char *what)
{
	struct rows is, should;

	db_query_values(w->db, &is, &sql, 1);
	db_query_values(w->fresh, &should, &sql, 1);
	bool has = rows_next(&is), wants = rows_next(&should);
	while (has || wants) {
		/* Above 0 where only the store has it, below where only the records do. */
		int order = has - wants;
		if (order == 0)
			order = (rows_int(&is, 0) < rows_int(&should, 0)) -
				(rows_int(&is, 0) > rows_int(&should, 0));
		bool is_same = order == 0 && str_eq(rows_str(&is, 2), rows_str(&should, 2));
		if (!is_same && is_read(w))
			ledger_found(w->report, -1, "%s [\"%.*s\"] is not what its record says",
				what, STR_ARG(rows_str(order < 0 ? &should : &is, 1)));
		has = order < 0 ? has : rows_next(&is);
		wants = order > 0 ? wants : rows_next(&should);
	}
}

/* ---- word by word ---- */

#define MAKE_PLACES                                                                                \
	"CREATE VIRTUAL TABLE IF NOT EXISTS temp.place USING fts5vocab(main, search, instance)"

/* The rows of both in their order: what has to be the same, and the word. */
static void compare_words(struct search_walk *w, const struct value *v, isize n)
{
	struct rows is, should;
	bool has, wants;

	db_query_values(w->db, &is, v, n);
	db_query_values(w->fresh, &should, v, n);
	do {
		has = rows_next(&is);
		wants = rows_next(&should);
		bool is_same =
			has == wants && (!has || str_eq(rows_str(&is, 0), rows_str(&should, 0)));
		if (!is_same && !w->differs && is_read(w))
			ledger_found(w->report, -1,
				"the search index is not what the records say: it differs at the "
				"word \"%.*s\"",
				STR_ARG(rows_str(wants ? &should : &is, 1)));
		w->differs = w->differs || !is_same;
	} while (has || wants);
}

/* As a search asks.  To find what has the word twice, the engine walks one list of records, and
   jumps in another to each of them. */
static void ask_word(struct search_walk *w, str word)
{
	struct value asked = SQL("SELECT rowid, $1 FROM search WHERE search MATCH"
				 " '\"' || $1 || '\" AND \"' || $1 || '\"' ORDER BY rowid");

	compare_words(w, (struct value[]){asked, V(word)}, 2);
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
};

/* SQLite's: seven bits a byte, the high byte first. */
static bool take_number(str *rest, isize *out)
{
	*out = 0;
	for (isize n = 0; n < rest->n && n < 4; n++) {
		*out = *out << 7 | (rest->p[n] & 0x7f);
		if (rest->p[n] & 0x80)
			continue;
		*rest = str_part(*rest, n + 1, rest->n);
		return true;
	}
	return false;
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

/* Puts the next word, which must stand behind the one before, in the place of that. */
static bool page_word(struct page *p, struct buf *word)
{
	bool is_first = p->place == 0;
	isize step, shared = 0, more;

	if (!take_number(&p->list, &step) || step == 0)
		return false;
	p->place += step;
	str rest = str_part(p->bytes, p->place, p->bytes.n);
	if ((!is_first && !take_number(&rest, &shared)) || !take_number(&rest, &more) ||
		shared > word->n || more > rest.n || shared + more > WORD_BYTES)
		return false;
	str end = str_part(rest, 0, more), was = str_part(buf_view(word), shared, word->n);
	if (str_cmp(was, end) >= 0)
		return false;
	word->n = shared;
	buf_add(word, end);
	return true;
}

struct tree_walk {
	struct search_walk *w;
	struct rows fork; /* of search_idx, in the order of their words */
	bool has_fork;
	int64_t segment; /* the one that is walked */
	struct buf word; /* its last so far */
};

/* A page has its segment in the high bits of its key, and none of those of other things. */
#define PAGES                                                                                      \
	"SELECT id, block FROM search_data WHERE id >> 37 > 0 AND id >> 31 & 63 = 0 ORDER BY id"
/* The low bit says that the records of its last word have a tree of their own. */
#define FORKS                                                                                      \
	"SELECT CASE WHEN typeof(segid) || typeof(pgno) || typeof(term) = 'integerintegerblob'"    \
	" AND (pgno & 1) = EXISTS(SELECT 1 FROM search_data"                                       \
	" WHERE id = ((segid << 37) | (1 << 36) | (pgno >> 1)))"                                   \
	" THEN (segid << 37) | (pgno >> 1) ELSE 0 END, term FROM search_idx ORDER BY segid, term"

static void found_page(struct tree_walk *k, int64_t id, const char *what)
{
	ledger_found(k->w->report, -1, "search_idx [%" PRId64 ",%" PRId64 "] %s", id >> 37,
		id & INT32_MAX, what);
}

/* Goes to the fork of this page.  Those of pages before the first of a segment are left over from
   merging, and lead to the first; others point at nothing. */
static bool find_fork(struct tree_walk *k, int64_t id)
{
	for (; k->has_fork; k->has_fork = rows_next(&k->fork)) {
		int64_t at = rows_int(&k->fork, 0);
		if (at >= id)
			return at == id;
		if (at >> 37 != id >> 37 || at >> 37 == k->segment)
			found_page(k, at, "points at no page of words");
	}
	return false;
}

/* The word that leads to a page must lie behind all words before it, and not behind its first. */
static void check_page(struct tree_walk *k, int64_t id, str bytes)
{
	struct page page = {0};

	bool is_known = page_open(&page, bytes);
	if (is_known && page.list.n == 0)
		return;
	bool has_fork = find_fork(k, id);
	if (id >> 37 != k->segment)
		k->word.n = 0;
	k->segment = id >> 37;
	str lead = has_fork ? rows_blob(&k->fork, 1) : S("");
	bool leads = has_fork && (k->word.n == 0 || str_cmp(lead, buf_view(&k->word)) > 0);
	is_known = page_word(&page, &k->word);
	leads = leads && str_cmp(lead, buf_view(&k->word)) <= 0;
	for (; is_known; is_known = page_word(&page, &k->word)) {
		ask_word(k->w, str_part(buf_view(&k->word), 1, k->word.n));
		if (page.list.n == 0)
			break;
	}
	if (!is_known)
		found_page(k, id, "leads to a page that cannot be read");
	else if (!leads)
		found_page(k, id, "does not lead to the words of its page");
	if (has_fork)
		k->has_fork = rows_next(&k->fork);
}

static void check_tree(struct search_walk *w)
{
	struct tree_walk k = {.w = w};
	struct rows r;

	buf_init(&k.word, w->report->arena, WORD_BYTES);
	db_query(w->db, &k.fork, SQL(FORKS));
	k.has_fork = rows_next(&k.fork);
	db_query(w->db, &r, SQL(PAGES));
	while (rows_next(&r))
		check_page(&k, rows_int(&r, 0), rows_blob(&r, 1));
	find_fork(&k, INT64_MAX);
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
	struct value places = SQL("SELECT doc || ' ' || col || ' ' || \"offset\" || ' ' || term,"
				  " term FROM temp.place");
	struct search_walk w = {.db = db, .fresh = fresh, .report = report};
	struct err e = {0};

	db_report_to(db, &e);
	db_report_to(fresh, &e);
	compare_rows(&w, SQL(TEXTS), "search");
	told(&w, &e);
	compare_rows(&w, SQL(SIZES), "search_docsize");
	told(&w, &e);
	compare_rows(&w, SQL(SUMS), "search_config");
	told(&w, &e);
	check_tree(&w);
	told(&w, &e);
	if (db_script(db, S(MAKE_PLACES), &e) && db_script(fresh, S(MAKE_PLACES), &e))
		compare_words(&w, &places, 1);
	told(&w, &e);
}
