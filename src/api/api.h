/*
 * The API: the entrance for programs.  /api/v1 serves the same records as the pages, through the
 * same calls, with the same rights.
 *
 * JSON in and out; errors are application/problem+json (RFC 9457) with the issues that a form
 * would show.  ETag and If-Match carry the revision.  /api/v1/openapi.json describes it all; it
 * is generated from the kinds and the table in routes.c.
 *
 * api_answer() does the same for every request, in this order: the route, who asks, the right,
 * the day asked for, the body, then the handler; it renders what went wrong.  Programs send an
 * access token (ident.h); the session cookie of a browser lets scripts of our own pages read,
 * never write, so that no other site can make a browser write.
 */
#ifndef API_API_H
#define API_API_H
#include "call/call.h"
#include "http/http.h"

/* Whether the request must run on the writer. */
bool api_writes(const struct http_request *q);
/* Whether the head has an access token that is in force: before a large body is read. */
CHECKED bool api_knows(struct call *c, const struct http_request *q);
/* Answers; `cookie` names the one that holds a browser's session at this site.  True when what the
   handler wrote shall be kept. */
CHECKED bool api_answer(
	struct call *c, str cookie, const struct http_request *q, struct http_reply *out);
/* An answer without a call, as a problem: the server is busy, or a commit failed. */
void api_answer_plain(struct arena *a, int status, str text, struct http_reply *out);
/* Writes the description of the API (OpenAPI 3.1, one JSON object), the same bytes each time. */
void api_openapi(struct buf *b);
#endif
