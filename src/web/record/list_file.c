/* A list as CSV or JSON, record by record; what is too large for memory goes into a file. */
#include "os/os.h"
#include "web/record/list_view.h"

#include <unistd.h>

enum {
	IN_MEMORY = 4 << 20, /* an answer up to this size needs no file */
	PIECE = 1 << 20,     /* written to the file at once */
	PIECE_ROOM = 32 << 20
};

struct list_writer {
	struct call *call;
	bool is_csv, has_file;
	struct arena room; /* of `piece`, which outlives the records */
	struct buf piece;
	int file;
	int64_t file_bytes;
	isize rows;
};

static void close_writer(void *writer)
{
	struct list_writer *w = writer;

	if (w->has_file)
		close(w->file);
	arena_close(&w->room);
}

/* Moves what was written into the file. */
static bool put_away(struct list_writer *w)
{
	struct call *c = w->call;

	if (!w->has_file && !file_nameless(c->arena, c->large, &w->file, &c->err))
		return false;
	w->has_file = true;
	w->file_bytes += w->piece.n;
	if (w->file_bytes > LIMIT_FILE_BYTES)
		return FAIL(&c->err, ERR_LIMIT,
			"this list is larger than a file may be, %d MB; filter it",
			LIMIT_FILE_BYTES >> 20);
	if (!file_add(w->file, buf_str(&w->piece), &c->err))
		return false;
	w->piece.n = 0;
	return true;
}

static bool write_record(void *writer, const void *rec)
{
	struct list_writer *w = writer;
	isize most = w->has_file ? PIECE : IN_MEMORY;

	if (w->is_csv) {
		kind_csv_line(&w->piece, w->call->arena, rec);
	} else {
		if (w->rows)
			buf_add(&w->piece, S(",\n"));
		kind_json(&w->piece, rec);
	}
	w->rows++;
	if (w->piece.full)
		return FAIL(&w->call->err, ERR_LIMIT,
			"this list is too long for one file; filter it");
	return w->piece.n < most || w->call->large.n == 0 || put_away(w);
}

static bool write_list(
	struct list_writer *w, const struct kind *k, const struct query *query, int64_t total)
{
	if (w->is_csv)
		kind_csv_head(&w->piece, k);
	else
		buf_fmt(&w->piece, "{\"kind\":\"%.*s\",\"total\":%" PRId64 ",\"items\":[",
			STR_ARG(k->name), total);
	if (!kind_each(w->call, k, query, write_record, w))
		return false;
	if (!w->is_csv)
		buf_add(&w->piece, S("]}\n"));
	return !w->has_file || put_away(w);
}

static bool fits(struct call *c, int64_t total)
{
	return total <= LIMIT_LIST_ROWS ||
		FAIL(&c->err, ERR_LIMIT,
			"this list has %" PRId64 " rows, and a file has %d at the most; filter it",
			total, LIMIT_LIST_ROWS);
}

bool list_file(struct call *c, const struct request *q, const struct kind *k,
	const struct query *query, struct http_reply *out)
{
	struct list_writer w = {.call = c, .is_csv = str_eq(q->ending, S("csv"))};
	struct arena_guard guard;
	int64_t total;

	if (!w.is_csv && !str_eq(q->ending, S("json")))
		return FAIL(&c->err, ERR_MISSING, "lists come as .csv and .json");
	if (!kind_tally(c, k, query, &total) || !fits(c, total))
		return false;
	arena_open(&w.room, 4 * (isize)LIMIT_OUTPUT_BYTES);
	buf_init(&w.piece, &w.room, c->large.n ? PIECE_ROOM : LIMIT_OUTPUT_BYTES);
	arena_guard(&guard, close_writer, &w);
	bool ok = write_list(&w, k, query, total);
	if (ok)
		reply_file(out, w.is_csv ? S("text/csv; charset=utf-8") : S("application/json"),
			w.has_file ? S("") : str_dup(c->arena, buf_str(&w.piece)));
	if (ok && w.has_file) {
		out->file = w.file;
		out->file_bytes = w.file_bytes;
		w.has_file = false;
	}
	arena_unguard(&guard);
	close_writer(&w);
	return ok;
}
