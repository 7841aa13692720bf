/* Search over the words of every record, and what a record shows of itself elsewhere. */
#include "crypt/crypt.h"
#include "kind/kind_in.h"
#include "ledger/ledger.h"

enum { SEARCH_TEXT = 4 * LIMIT_RECORD_BYTES };

static void add_words(struct buf *b, const void *rec, const struct field *f)
{
	if (kind_is_empty(rec, f))
		return;
	if (f->type == FIELD_TEXT || f->type == FIELD_PROSE) {
		buf_add(b, field_text(rec, f));
		buf_char(b, '\n');
	} else if (f->type == FIELD_WORDS || f->type == FIELD_ENUM) {
		buf_add(b, kind_value_words(b->arena, rec, f));
		buf_char(b, '\n');
	} else if (f->type == FIELD_ROWS) {
		const struct any_rows *rows = kind_slot(rec, f);
		for (isize i = 0; i < rows->count; i++)
			for (int n = 0; n < f->col_count; n++)
				add_words(
					b, (const char *)rows->item + i * f->row_size, &f->col[n]);
	}
}

/* The random half of the record's id: a number that finds the row without a scan. */
static int64_t search_key(const struct rec *r)
{
	uint64_t key = 0;

	for (int i = 8; i < 16; i++)
		key = key << 8 | r->id.b[i];
	return (int64_t)(key & INT64_MAX);
}

/* Secret fields stay out: a hit must not leak what a page would hide. */
static bool put_row(struct call *c, struct db *db, const struct rec *r)
{
	struct buf b;

	buf_init(&b, c->arena, SEARCH_TEXT);
	for (int i = 0; i < r->kind->field_count; i++)
		if (!r->kind->field[i].secret)
			add_words(&b, r, &r->kind->field[i]);
	return db_exec(db,
		SQL_FREE("INSERT INTO search(rowid, ref, kind, title, body) VALUES($1, $2, $3, "
			 "$4, $5)"),
		V(search_key(r)), V(r->ref), V(r->kind->name),
		V(str_fmt(c->arena, "%.*s %.*s", STR_ARG(r->ref), STR_ARG(r->title))),
		V(buf_str(&b)));
}

bool search_put(struct call *c, const struct rec *r)
{
	if (r->rev > 1)
		db_exec(c->db, SQL_FREE("DELETE FROM search WHERE rowid = $1"), V(search_key(r)));
	return put_row(c, c->db, r);
}

/* ---- verification ---- */

bool search_expect(struct call *c, struct db *fresh, const void *record)
{
	return put_row(c, fresh, record);
}

/* The summary of a record says how it stands but for need_to_know and protection, which only its
   kind's table has: it is asked where they decide. */
static bool brief_seen(struct call *c, const struct brief *b, str ref, str classification)
{
	struct standing now = {.kind = b->kind, .product = b->product, .owner = b->owner};

	if (!b->kind || !standing_seen(c, &now))
		return false;
	bool is_open = classification.n == 0 || str_eq(classification, S("public")) ||
		str_eq(classification, S("internal")) || str_eq(classification, S("confidential"));
	if (is_open && !kind_field(b->kind, S("is_protected")))
		return true;
	return standing_load(c, b->kind, ref, &now) && standing_seen(c, &now);
}

bool row_brief(struct call *c, const struct rows *r, int at, struct brief *out)
{
	const struct kind *k = kind_by_name(rows_str(r, at));
	int state = k ? kind_state(k, rows_str(r, at + 3)) : -1;

	*out = (struct brief){.kind = k};
	out->owner = str_dup(c->arena, rows_str(r, at + 4));
	out->product = str_dup(c->arena, rows_str(r, at + 5));
	out->ref = str_dup(c->arena, rows_str(r, at + 1));
	if (!brief_seen(c, out, out->ref, rows_str(r, at + 6)))
		return false;
	out->title = str_dup(c->arena, rows_str(r, at + 2));
	out->state = state >= 0 ? k->state[state].label : S("");
	out->review_due = rows_is_null(r, at + 7) ? DAY_NONE : rows_int(r, at + 7);
	out->changed = rows_int(r, at + 8);
	return true;
}

bool kind_brief(struct call *c, str ref, struct brief *out)
{
	struct rows r;
	bool found = false;

	db_query(c->db, &r,
		SQL("SELECT kind, ref, title, state, owner, product, classification, review_due, "
		    "changed"
		    " FROM record WHERE ref = $1"),
		V(ref));
	if (rows_next(&r))
		found = row_brief(c, &r, 0, out);
	return rows_done(&r) && found;
}

/* Words as FTS5 takes them: each quoted, and open at its end. */
static str match_text(struct arena *a, str words)
{
	struct buf b;

	buf_init(&b, a, 4 * words.n + 64);
	for (str word = str_word(&words); word.n; word = str_word(&words)) {
		buf_add(&b, b.n ? S(" \"") : S("\""));
		for (isize i = 0; i < word.n; i++) {
			if (word.p[i] == '"')
				buf_char(&b, '"');
			buf_char(&b, word.p[i]);
		}
		buf_add(&b, S("\"*"));
	}
	return buf_str(&b);
}

/* Each word costs the engine a walk of its own. */
static bool check_words(struct call *c, str words)
{
	bool inside = false;
	int count = 0;

	for (isize i = 0; i < words.n; i++) {
		unsigned char ch = (unsigned char)words.p[i];
		bool is_letter = ch >= 0x80 || (ch >= '0' && ch <= '9') ||
			((ch | 0x20) >= 'a' && (ch | 0x20) <= 'z');
		count += is_letter && !inside;
		inside = is_letter;
	}
	return count <= LIMIT_SEARCH_WORDS ||
		FAIL(&c->err, ERR_LIMIT, "a search takes %d words at the most; these are %d",
			LIMIT_SEARCH_WORDS, count);
}

#define HITS                                                                                       \
	"SELECT r.kind, r.ref, r.title, r.state, r.owner, r.product, r.classification,"            \
	" r.review_due, r.changed FROM search s JOIN record r ON r.ref = s.ref"                    \
	" WHERE search MATCH $1"

/* Takes what is for the caller; one more than fits only says that there is more. */
static bool take_hits(struct call *c, struct rows *r, struct hits *out)
{
	struct brief b;

	while (!out->more && rows_next(r)) {
		if (!row_brief(c, r, 0, &b))
			continue;
		out->more = out->count == SEARCH_ROWS;
		if (!out->more)
			out->item[out->count++] = b;
	}
	return rows_done(r);
}

static bool hits_of(struct call *c, str match, struct hits *out)
{
	struct rows r;

	db_query(c->db, &r, SQL(HITS " LIMIT 10000"), V(match));
	return take_hits(c, &r, out);
}

/* To rank is to weigh each record that matches: 0.6 s for 100,000.  Where the best are a small part
   of what nobody can read through, those that have the words in their title come first. */
static bool hits_unranked(struct call *c, str match, struct hits *out)
{
	str title = str_fmt(c->arena, "{title} : (%.*s)", STR_ARG(match));

	return hits_of(c, title, out) &&
		(out->more ||
			hits_of(c,
				str_fmt(c->arena, "(%.*s) NOT (%.*s)", STR_ARG(match),
					STR_ARG(title)),
				out));
}

bool kind_search(struct call *c, str words, struct hits *out)
{
	struct rows r;

	*out = (struct hits){0};
	if (!check_words(c, words))
		return false;
	str match = match_text(c->arena, words);
	out->item = NEW(c->arena, struct brief, SEARCH_ROWS);
	if (match.n == 0)
		return true;
	int64_t matches = db_int(c->db,
		SQL("SELECT count(*) FROM (SELECT rowid FROM search WHERE search MATCH $1"
		    " LIMIT 2001) x"),
		V(match));
	if (matches > SEARCH_RANKED)
		return hits_unranked(c, match, out);
	db_query(c->db, &r, SQL(HITS " ORDER BY bm25(search, 0, 0, 8, 1), r.ref LIMIT 2000"),
		V(match));
	return take_hits(c, &r, out);
}

bool kind_briefs(struct call *c, const str *refs, isize n, struct brief *out)
{
	enum { BATCH = 16 };
	struct rows r;

	for (isize from = 0; from < n; from += BATCH) {
		str ref[BATCH];
		for (isize i = 0; i < BATCH; i++)
			ref[i] = from + i < n ? refs[from + i] : S("");
		db_query(c->db, &r,
			SQL("SELECT kind, ref, title, state, owner, product, classification, "
			    "review_due,"
			    " changed FROM record WHERE ref IN ($1, $2, $3, $4, $5, $6, $7, $8, "
			    "$9, $10, $11,"
			    " $12, $13, $14, $15, $16) ORDER BY ref LIMIT 16"),
			V(ref[0]), V(ref[1]), V(ref[2]), V(ref[3]), V(ref[4]), V(ref[5]), V(ref[6]),
			V(ref[7]), V(ref[8]), V(ref[9]), V(ref[10]), V(ref[11]), V(ref[12]),
			V(ref[13]), V(ref[14]), V(ref[15]));
		while (rows_next(&r)) {
			struct brief b;
			if (!row_brief(c, &r, 0, &b))
				continue;
			for (isize i = from; i < n && i < from + BATCH; i++)
				if (str_eq(refs[i], b.ref))
					out[i] = b;
		}
		if (!rows_done(&r))
			return false;
	}
	return true;
}
