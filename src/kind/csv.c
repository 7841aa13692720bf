/* Records as CSV (RFC 4180), safe to open in a spreadsheet. */
#include "kind/kind_in.h"

/* A cell that begins like this would be run as a formula by spreadsheets. */
static bool is_formula(str s)
{
	return s.n && str_index(S("=+-@\t\r"), s.p[0]) >= 0;
}

void csv_put(struct buf *b, str s)
{
	bool plain = true;

	for (isize i = 0; i < s.n && plain; i++)
		plain = str_index(S(",\"\r\n"), s.p[i]) < 0;
	if (plain && !is_formula(s) && !str_starts(s, S("'"))) {
		buf_add(b, s);
		return;
	}
	buf_char(b, '"');
	if (is_formula(s) || str_starts(s, S("'")))
		buf_char(b, '\'');
	for (isize i = 0; i < s.n; i++) {
		if (s.p[i] == '"')
			buf_char(b, '"');
		buf_char(b, s.p[i]);
	}
	buf_char(b, '"');
}

void kind_csv_head(struct buf *b, const struct kind *k)
{
	buf_add(b, S("ref,state"));
	for (int i = 0; i < k->field_count; i++) {
		buf_char(b, ',');
		csv_put(b, k->field[i].name);
	}
	buf_add(b, S("\r\n"));
}

void kind_csv_line(struct buf *b, struct arena *scratch, const void *rec)
{
	const struct rec *r = rec;

	csv_put(b, r->ref);
	buf_char(b, ',');
	csv_put(b, r->kind->state[r->state].name);
	for (int i = 0; i < r->kind->field_count; i++) {
		buf_char(b, ',');
		csv_put(b, kind_value(scratch, rec, &r->kind->field[i]));
	}
	buf_add(b, S("\r\n"));
}

struct csv_place {
	struct arena *arena;
	struct err *err;
	str *rest;
	int64_t *line;
};

static bool quoted_cell(struct csv_place *p, str *out)
{
	int64_t opened = *p->line;
	struct buf b;

	buf_init(&b, p->arena, LIMIT_RECORD_BYTES);
	*p->rest = str_part(*p->rest, 1, p->rest->n);
	for (isize i = 0; i < p->rest->n; i++) {
		char ch = p->rest->p[i];
		if (ch == '\n')
			++*p->line;
		if (ch != '"') {
			buf_char(&b, ch);
			continue;
		}
		if (i + 1 < p->rest->n && p->rest->p[i + 1] == '"') {
			buf_char(&b, '"');
			i++;
			continue;
		}
		*p->rest = str_part(*p->rest, i + 1, p->rest->n);
		if (b.full)
			return FAIL(p->err, ERR_LIMIT, "a cell of line %" PRId64 " is too long",
				opened);
		if (p->rest->n && str_index(S(",\r\n"), p->rest->p[0]) < 0)
			return err_at(p->err, *p->line, 1, "text follows a closing quote");
		*out = buf_str(&b);
		return true;
	}
	return err_at(p->err, opened, 1, "a quoted cell is not closed");
}

static bool plain_cell(struct csv_place *p, str *out)
{
	isize n = 0;

	while (n < p->rest->n && str_index(S(",\r\n"), p->rest->p[n]) < 0) {
		if (p->rest->p[n] == '"')
			return err_at(
				p->err, *p->line, 1, "a quote inside a cell that is not quoted");
		n++;
	}
	*out = str_part(*p->rest, 0, n);
	*p->rest = str_part(*p->rest, n, p->rest->n);
	return true;
}

bool csv_next(struct arena *a, struct err *e, str *rest, int64_t *line, struct words *cells)
{
	enum { CELLS_MAX = 400 };
	struct csv_place p = {a, e, rest, line};

	if (rest->n == 0)
		return false;
	*cells = (struct words){.item = NEW(a, str, CELLS_MAX)};
	for (;;) {
		str cell;
		if (cells->count == CELLS_MAX)
			return FAIL(e, ERR_LIMIT, "line %" PRId64 " has more than %d cells", *line,
				CELLS_MAX);
		bool ok = rest->n && rest->p[0] == '"' ? quoted_cell(&p, &cell)
						       : plain_cell(&p, &cell);
		if (!ok)
			return false;
		/* The apostrophe that csv_put() set before what looks like a formula. */
		if (str_starts(cell, S("'")))
			cell = str_part(cell, 1, cell.n);
		cells->item[cells->count++] = cell;
		if (!str_starts(*rest, S(",")))
			break;
		*rest = str_part(*rest, 1, rest->n);
	}
	if (str_starts(*rest, S("\r")))
		*rest = str_part(*rest, 1, rest->n);
	if (str_starts(*rest, S("\n")))
		*rest = str_part(*rest, 1, rest->n);
	else if (rest->n)
		return err_at(e, *line, 1, "a line ends with a carriage return alone");
	++*line;
	return true;
}
