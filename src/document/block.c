/* The one document model: blocks, put together in an arena. */
#include "document/document.h"

#include <stdarg.h>

enum { REFS_FIRST = 256, GAP_NAMES = 12 };

/* Zeroed room, or NULL after noting that the document is not whole. */
static void *take(struct report *d, isize bytes)
{
	void *p = d->full ? NULL : arena_bulk(d->arena, bytes);

	if (p)
		memset(p, 0, (size_t)bytes);
	else
		d->full = true;
	return p;
}

void document_start(struct report *d, struct arena *a, const struct document_facts *facts)
{
	*d = (struct report){.arena = a, .facts = *facts};
	d->block_end = &d->block;
}

static int ref_order(const void *a, const void *b)
{
	return str_cmp(*(const str *)a, *(const str *)b);
}

bool document_end(struct report *d, struct err *e)
{
	if (d->full)
		return FAIL(e, ERR_LIMIT,
			"the document is larger than this server makes; ask for one product");
	if (d->ref_count)
		qsort(d->ref, (size_t)d->ref_count, sizeof *d->ref, ref_order);
	return true;
}

void document_know(struct report *d, str ref)
{
	if (d->ref_count == d->ref_room) {
		isize room = d->ref_room ? d->ref_room * 2 : REFS_FIRST;
		str *more = take(d, room * (isize)sizeof *more);
		if (!more)
			return;
		if (d->ref_count)
			memcpy(more, d->ref, (size_t)d->ref_count * sizeof *more);
		d->ref = more;
		d->ref_room = room;
	}
	if (ref.n)
		d->ref[d->ref_count++] = ref;
}

str document_text(struct report *d, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	int n = vsnprintf(NULL, 0, format, ap);
	va_end(ap);
	char *p = n > 0 ? take(d, n + 1) : NULL;
	if (!p)
		return S("");
	va_start(ap, format);
	vsnprintf(p, (size_t)n + 1, format, ap);
	va_end(ap);
	return (str){p, n};
}

static struct block *add(struct report *d, enum block_type type, str text)
{
	struct block *b = take(d, sizeof *b);

	if (!b) {
		d->spare = (struct block){0};
		b = &d->spare;
	} else {
		*d->block_end = b;
		d->block_end = &b->next;
	}
	b->type = type;
	b->text = text;
	b->row_end = &b->row;
	b->item_end = &b->item;
	return b;
}

void document_heading(struct report *d, int level, str text)
{
	assert(level >= 1 && level <= DOCUMENT_LEVELS);
	struct block *b = add(d, BLOCK_HEADING, text);
	str number = S("");

	d->chapter[level - 1]++;
	for (int i = level; i < DOCUMENT_LEVELS; i++)
		d->chapter[i] = 0;
	for (int i = 0; i < level; i++)
		number = document_text(d, "%.*s%s%d", STR_ARG(number), i ? "." : "", d->chapter[i]);
	b->level = level;
	b->chapter = d->chapter_now = number;
}

void document_paragraph(struct report *d, str text)
{
	if (text.n)
		add(d, BLOCK_PARAGRAPH, text);
}

static bool is_item(str line)
{
	return str_starts(line, S("- ")) || str_starts(line, S("* "));
}

void document_prose(struct report *d, str text)
{
	while (text.n) {
		str part = str_trim(str_cut_at(&text, S("\n\n")));
		str rest = part, lines = part;
		while (rest.n && !is_item(str_trim(rest)) && str_index(rest, '\n') >= 0 &&
			!is_item(str_part(rest, str_index(rest, '\n') + 1, rest.n)))
			str_cut(&rest, '\n');
		if (!is_item(rest))
			str_cut(&rest, '\n');
		lines.n = part.n - rest.n;
		document_paragraph(d, str_trim(lines));
		struct block *list = rest.n ? document_list(d) : NULL;
		while (list && rest.n) {
			str line = str_trim(str_cut(&rest, '\n'));
			document_item(d, list, S(""),
				is_item(line) ? str_trim(str_part(line, 2, line.n)) : line);
		}
	}
}

struct block *document_list(struct report *d)
{
	return add(d, BLOCK_LIST, S(""));
}

struct block *document_terms(struct report *d)
{
	return add(d, BLOCK_TERMS, S(""));
}

struct item *document_item(struct report *d, struct block *list, str term, str text)
{
	struct item *i = take(d, sizeof *i);

	assert(list->type == BLOCK_LIST || list->type == BLOCK_TERMS);
	if (!i) {
		d->spare_item = (struct item){0};
		return &d->spare_item;
	}
	i->term = term;
	i->text = text;
	*list->item_end = i;
	list->item_end = &i->next;
	return i;
}

struct block *document_table(struct report *d, str caption, const str *head, int columns)
{
	struct block *b = add(d, BLOCK_TABLE, caption);

	assert(columns > 0 && columns <= DOCUMENT_COLUMNS);
	b->number = ++d->table_count;
	b->head = head;
	b->columns = columns;
	return b;
}

struct cell *document_row(struct report *d, struct block *table)
{
	isize cells = table->columns * (isize)sizeof(struct cell);
	struct row *r = take(d, sizeof *r);

	assert(table->type == BLOCK_TABLE);
	if (r)
		r->cell = take(d, cells);
	if (!r || !r->cell) {
		memset(d->spare_cell, 0, sizeof d->spare_cell);
		return d->spare_cell;
	}
	*table->row_end = r;
	table->row_end = &r->next;
	table->row_count++;
	return r->cell;
}

/* The rows in which the column is missing, by their first cells: "ACT-03, ACT-07 and 4 more". */
static str missing_rows(struct report *d, struct block *table, int column, isize *count)
{
	struct buf b;

	*count = 0;
	buf_init(&b, d->arena, LIMIT_TEXT);
	for (struct row *r = table->row; r; r = r->next) {
		if (r->cell[column].mark != MARK_MISSING || r->cell[column].gap)
			continue;
		if (++*count > GAP_NAMES)
			continue;
		buf_fmt(&b, "%s%.*s", *count > 1 ? ", " : "", STR_ARG(r->cell[0].text));
	}
	if (*count > GAP_NAMES)
		buf_fmt(&b, " and %td more", *count - GAP_NAMES);
	d->full |= b.full;
	return buf_view(&b);
}

void document_table_end(struct report *d, struct block *table)
{
	for (int column = 0; column < table->columns && !d->full; column++) {
		isize count;
		str rows = missing_rows(d, table, column, &count);
		if (!count)
			continue;
		str head = table->head[column];
		int gap = document_gap(d,
			document_text(d, "\342\200\234%.*s\342\200\235 is not filled in for %.*s.",
				STR_ARG(head), STR_ARG(rows)),
			count == 1 ? S("Open the record and fill in the field or link what is "
				       "missing.")
				   : S("Open each record and fill in the field or link what is "
				       "missing."));
		for (struct row *r = table->row; r; r = r->next)
			if (r->cell[column].mark == MARK_MISSING && !r->cell[column].gap)
				r->cell[column].gap = gap;
	}
}

int document_gap(struct report *d, str text, str fill)
{
	struct block *b = add(d, BLOCK_GAP, text);

	b->more = fill;
	b->chapter = d->chapter_now;
	return b->number = ++d->gap_count;
}

void document_figure(struct report *d, str caption, str alt, str svg)
{
	struct block *b = add(d, BLOCK_FIGURE, caption);

	b->number = ++d->figure_count;
	b->more = alt;
	b->svg = svg;
}

struct cell document_needed(str text)
{
	return (struct cell){.text = text, .mark = str_trim(text).n ? MARK_NONE : MARK_MISSING};
}

struct cell document_marked(str text, enum mark mark)
{
	return (struct cell){.text = text, .mark = mark};
}
