/* What the files of web/ share. */
#ifndef WEB_WEB_IN_H
#define WEB_WEB_IN_H
#include "ident/ident.h"
#include "kind/kind.h"
#include "kinds.h"
#include "web/html.h"
#include "web/web.h"

/* One request, decoded. */
struct request {
	const struct http_request *http;
	const struct web_site *site;
	const struct web_proof *proof;
	str path;          /* without the ending, decoded */
	str ending;        /* "csv", "json", "svg", "html" or "" */
	str arg[3];        /* the words of the path that stand for ":name" */
	struct form query, form;
	struct session session;
	str product;       /* scope: ref of the product, or "" for all */
	int64_t query_start;
};

enum right_column { PUBLIC = -1, SIGNED_IN = -2, BY_KIND = -3 };
enum form_column { NO_FORM, FORM, FORM_PASSWORD };

typedef bool web_handler(struct call *c, struct request *q, struct http_reply *out);
struct route {
	enum http_method method;
	str path; /* "/:ref/edit"; a first word in capitals is a reference, in lower case a place */
	web_handler *handler;
	int right; /* enum right, or PUBLIC, SIGNED_IN, BY_KIND (the handler asks for the kind's) */
	enum form_column form;
};
extern const struct route web_routes[];
extern const isize web_route_count;

/* ---- frame of a page ---- */

struct crumb {
	str name, url;
};
struct frame {
	struct call *call;
	const struct request *request;
	str title;        /* "Risks" */
	str place;        /* the place of the navigation that is current: "risks" */
	struct crumb crumb[3];
	int crumb_count;
	str csrf;
	str scope_title, scope_note; /* product shown, or "All products" */
	str scope_path;   /* "/PRD-1" prefix or "" */
	int64_t tasks, tasks_late, vulnerabilities, actions; /* figures in the navigation */
	str at;           /* "30 Sep 2026 12:00" when the page shows the past, or "" */
	str foot;         /* state of the ledger, in words */
	str root;         /* first and last digits of the newest root */
	bool print_only;
};
/* Fills the frame for the caller: figures, scope, ledger. */
CHECKED bool frame_make(struct call *c, struct request *q, str title, str place, struct frame *out);

enum { PAGE_BYTES = 4 << 20 };
/* Begins the answer as a page: the buffer to render into. */
struct buf *reply_page(struct call *c, struct http_reply *out);
void reply_done(struct http_reply *out, const struct buf *b);
/* 303 to a path of ours. */
bool reply_redirect(struct call *c, struct http_reply *out, str path);
void reply_file(struct http_reply *out, str type, str name, str body);

/* The words of an address: filters, sort, page; from the query of a list. */
CHECKED bool list_query(struct call *c, const struct request *q, const struct kind *k,
	struct query *out);
#endif
