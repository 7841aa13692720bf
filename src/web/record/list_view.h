/* What the pages of lists show. */
#ifndef WEB_LIST_VIEW_H
#define WEB_LIST_VIEW_H
#include "web/web_in.h"

enum { COLUMNS_MAX = 6, SELECTS_MAX = 4, AREA_KINDS = 24 };

struct list_view {
	struct frame frame;
	struct call *call;
	const struct kind *kind;
	struct list list;
	const struct field *column[COLUMNS_MAX];
	int column_count;
	const struct field *filter[SELECTS_MAX]; /* shown as selects */
	int filter_count;
	const struct form *query;
	int64_t page;
	str page_url, sort_url, file_url, csv_url, json_url, query_text, sort;
	bool may_create;
};
/* Fills what the address says; the list itself is the caller's. */
CHECKED bool list_view_make(
	struct call *c, struct request *q, const struct kind *k, struct list_view *v);
/* Filters, sort and page of the address. */
CHECKED bool list_query(
	struct call *c, const struct request *q, const struct kind *k, struct query *out);
/* The list as the file that the ending names, record by record: what is too large for memory is
   written to a file.  ERR_LIMIT above LIMIT_LIST_ROWS or LIMIT_FILE_BYTES, or without room. */
CHECKED bool list_file(struct call *c, const struct request *q, const struct kind *k,
	const struct query *query, struct http_reply *out);
str list_filter_value(const struct list_view *v, str name);
str list_cell(const struct list_view *v, const void *rec, const struct field *f);
bool list_is_late(const struct list_view *v, const void *rec);

struct area_kind {
	const struct kind *kind;
	int64_t count, late;
};
struct area_view {
	struct frame frame;
	struct call *call;
	struct area_kind kind[AREA_KINDS];
	int kind_count;
};
str area_url(const struct area_view *v, const struct kind *k);
/* Counts what the list of each kind shows this reader, with `product` or all of them. */
CHECKED bool area_tally(struct call *c, struct area_view *v, str product);

struct search_view {
	struct frame frame;
	struct call *call;
	str words;
	struct hits found;
};
struct tasks_view {
	struct frame frame;
	struct call *call;
};
#endif
