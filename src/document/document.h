/*
 * Documents: what a reviewer reads, written from live records.
 *
 * A document is a list of blocks (headings, paragraphs, lists, tables, figures, gaps) and knows
 * nothing of its form on paper; html.c prints it as one HTML file, and further printers read the
 * same blocks.  plan.c writes the security management plan of a product, concept.c the security
 * concept that wraps up its threat model.
 *
 * Gaps.  Where a record is missing or a field is empty, the document says so in place, says
 * how to fill it, and lists all gaps at its front.  Nothing is left out in silence.
 *
 * Links.  Blocks hold plain text.  A word in it that is the reference of a record the document
 * has read becomes a link to that record; no other text ever becomes markup.
 *
 * Same records, same facts: same bytes.  Nothing here reads a clock; "late" is judged on the day
 * of the call.  What the caller may not read is not in the document and counts as missing.
 *
 * Memory is the call's arena.  A document that outgrows it is ERR_LIMIT, never a part of one.
 */
#ifndef DOCUMENT_DOCUMENT_H
#define DOCUMENT_DOCUMENT_H
#include "base/base.h"

struct call;

enum {
	DOCUMENT_COLUMNS = 10,    /* columns of a table */
	DOCUMENT_RECORDS = 20000, /* records of one kind that a document takes */
	DOCUMENT_LEVELS = 3       /* depths of headings */
};

/* What the caller knows of the store and the moment; printed on the cover. */
struct document_facts {
	str generator;       /* "Ward 0.1.0" */
	str store;           /* name of the organization or store, "" when not known */
	int64_t made_us;     /* when the document was made */
	int64_t ledger_size; /* entries in the ledger at that moment; 0: not stated */
	str ledger_root;     /* its root hash, as text */
	str link_base;       /* what the address of a record begins with: "/"; "": no links */
	str diagram;         /* data flow diagram: a standalone SVG file; "" when there is none */
	bool diagram_is_too_large; /* then there is none, and the document says why */
	str diagram_alt;     /* the diagram in words */
};

enum block_type {
	BLOCK_HEADING,
	BLOCK_PARAGRAPH,
	BLOCK_LIST,
	BLOCK_TERMS, /* terms with their descriptions */
	BLOCK_TABLE,
	BLOCK_FIGURE,
	BLOCK_GAP
};

/* What a cell says beside its text. */
enum mark {
	MARK_NONE,
	MARK_MISSING, /* empty though it must not be; document_table_end() makes the gap */
	MARK_LATE,
	MARK_GOOD, /* level low, passed, done */
	MARK_NOTE, /* level medium, not finished */
	MARK_WARN, /* level high */
	MARK_BAD   /* level unacceptable, failed */
};

struct cell {
	str text;
	enum mark mark;
	int gap; /* number of the gap that a missing cell belongs to */
};

struct row {
	struct row *next;
	struct cell *cell; /* as many as the table has columns */
};

struct item {
	struct item *next;
	str term; /* of BLOCK_TERMS */
	str text;
	enum mark mark;
};

struct block {
	struct block *next;
	enum block_type type;
	int level;   /* of a heading, from 1 */
	int number;  /* of a table, a figure or a gap, from 1 in the whole document */
	str chapter; /* of a heading: "4.2"; of a gap: the heading it stands under */
	str text;    /* heading, paragraph, caption; of a gap: what is missing */
	str more;    /* of a gap: how to fill it; of a figure: the picture in words */
	str svg;
	struct item *item, **item_end;
	const str *head;
	int columns;
	isize row_count;
	struct row *row, **row_end;
};

struct report {
	struct arena *arena;
	struct document_facts facts;
	str title, product, product_ref, version, state;
	struct block *block, **block_end;
	int chapter[DOCUMENT_LEVELS]; /* counters of the headings */
	str chapter_now;
	int gap_count, table_count, figure_count;
	str *ref; /* references that become links, sorted by document_end() */
	isize ref_count, ref_room;
	bool full;          /* the arena had no room; document_end() fails */
	struct block spare; /* writers without room write here */
	struct cell spare_cell[DOCUMENT_COLUMNS];
	struct item spare_item;
};

/* ---- the two documents ---- */

/* The security management plan of the product `ref`, or of the products that the plan `ref`
   covers.  ERR_MISSING when there is no such product or plan for the caller. */
CHECKED bool document_plan(
	struct call *c, str ref, const struct document_facts *facts, struct report *out);
/* The security concept of the product `ref`, or of the products that the threat model `ref`
   covers. */
CHECKED bool document_concept(
	struct call *c, str ref, const struct document_facts *facts, struct report *out);
/* Prints the document as one HTML file that needs nothing else.  ERR_LIMIT when `b` is full. */
CHECKED bool document_html(struct buf *b, const struct report *d, struct err *e);

/* ---- writing blocks; texts must live as long as the document ---- */

void document_start(struct report *d, struct arena *a, const struct document_facts *facts);
/* Closes the document; ERR_LIMIT when the arena had no room for all of it. */
CHECKED bool document_end(struct report *d, struct err *e);
/* The word `ref` in texts is a record. */
void document_know(struct report *d, str ref);
/* Text as printf makes it; "" when there is no room. */
str document_text(struct report *d, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Numbers itself: the second heading of level 2 in chapter 4 is 4.2. */
void document_heading(struct report *d, int level, str text);
void document_paragraph(struct report *d, str text);
/* A field of prose: paragraphs at empty lines, lists of lines that begin with "- " or "* ". */
void document_prose(struct report *d, str text);
struct block *document_list(struct report *d);
struct block *document_terms(struct report *d);
struct item *document_item(struct report *d, struct block *list, str term, str text);
/* `head` stays the caller's, constant. */
struct block *document_table(struct report *d, str caption, const str *head, int columns);
/* A new row's cells, empty. */
struct cell *document_row(struct report *d, struct block *table);
/* A gap for each column with missing cells that have none yet; rows go by their first cell. */
void document_table_end(struct report *d, struct block *table);
/* `text` says what is missing, `fill` what to do about it.  Returns the gap's number. */
int document_gap(struct report *d, str text, str fill);
void document_figure(struct report *d, str caption, str alt, str svg);
/* The text, or a missing cell when it is empty. */
struct cell document_needed(str text);
struct cell document_marked(str text, enum mark mark);
#endif
