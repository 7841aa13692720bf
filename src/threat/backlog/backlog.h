/*
 * Requirements as items of a backlog, and what became of the items.
 *
 * Out go the requirements that are not retired, each with its acceptance criteria, its controls and
 * the threats they counter.  The reference of a requirement is its id everywhere: a column of its
 * own, and "[REQ-12]" at the head of every title, because trackers keep titles.
 *
 *	csv      a line each, for spreadsheets and for reading back
 *	jira     the columns that Jira's import of CSV asks for
 *	github   a JSON array; each object is the body of "create an issue"
 *
 * Back comes what the tracker says: the key of the item, its state, who works on it.  They stand on
 * the requirement; whether it is met stays a decision of a person.  The same file twice changes
 * nothing more.
 */
#ifndef THREAT_BACKLOG_H
#define THREAT_BACKLOG_H
#include "base/base.h"

struct call;

enum backlog_format { BACKLOG_CSV, BACKLOG_JIRA, BACKLOG_GITHUB };
CHECKED bool backlog_format_parse(str word, enum backlog_format *out); /* "csv", "jira", "github" */

/* What the caller may read; of one product, or of all when it is "". */
CHECKED bool backlog_export(struct call *c, str product, enum backlog_format format, struct buf *b);

struct backlog_done {
	isize items, changed;
};
/*
 * Reads a file of any of the formats, as exported or as the tracker gave it back: CSV with a head
 * (id or a title that begins with it; key, status, assignee), or an array of issues.  Columns that
 * the file lacks are left alone; an empty cell empties.
 *
 * backlog_read only reads, and says how many items there are; backlog_import also finds the
 * requirements and writes: all or nothing.  ERR_SYNTAX with an issue a bad row,
 * "FILE:LINE:COLUMN: …"; nothing was written then.  Each requirement that changes is a revision
 * with c->reason.
 */
CHECKED bool backlog_read(struct arena *a, struct err *e, str file, str bytes, isize *items);
CHECKED bool backlog_import(struct call *c, str file, str bytes, struct backlog_done *out);
#endif
