/*
 * The API: the entrance for programs.  /api/v1 serves the same records as the pages, through the
 * same calls, with the same rights.
 *
 * JSON in and out; errors are application/problem+json (RFC 9457) with the issues that a form
 * would show.  ETag and If-Match carry the revision.  /api/v1/openapi.json describes it all; it
 * is generated from the kinds and the table in routes.c.
 */
#ifndef API_API_H
#define API_API_H
#include "call/call.h"
#include "http/http.h"

/* Whether the request must run on the writer. */
bool api_writes(const struct http_request *q);
/* Answers.  True when what the handler wrote shall be kept. */
CHECKED bool api_answer(struct call *c, const struct http_request *q, struct http_reply *out);
#endif
