/*
 * Pages: the entrance for browsers.  Decodes, asks the trade, renders; no rules of its own.
 *
 * routes.c holds the one table: method, path, handler, right, form.  web_answer() does the same
 * for every request, in this order: the route, the session, the same-origin and token check of
 * everything that is no GET, the right, then the handler; it renders what went wrong.  A GET
 * changes nothing; it runs on a reading connection.
 *
 * Pages carry a strict Content-Security-Policy and nothing inline; they work without script.
 */
#ifndef WEB_WEB_H
#define WEB_WEB_H
#include "call/call.h"
#include "http/http.h"

/* What the server gives every answer. */
struct web_site {
	str origin;     /* "https://ward.example", what forms must come from; "": Host decides */
	bool is_secure; /* cookies get __Host- and Secure */
	bool is_tcp; /* only loopback names and that of `origin` are answered; a proxy's socket has
			those of the proxy */
	char cookie[24]; /* name of the session's where it is plain */
	bool is_demo;
	str build; /* version */
};

/* Whether the site answers to the Host given: else 421, whatever was asked. */
bool web_site_names(const struct web_site *site, str host);
/* Takes the address people use (`--public-url`): cookies are Secure and answers ask for TLS where
   it begins with https://, and where none is given and a proxy stands in front (a Unix socket).
   ERR_INVALID when it is not "http(s)://host[:port]". */
CHECKED bool web_site_set(struct web_site *site, str public_url, bool is_proxied, struct err *e);
/* Takes the address that is listened to, "127.0.0.1:8080", or "" for a Unix socket. */
void web_site_listens(struct web_site *site, str address);
/* The name of the session's cookie at this site, such as "__Host-ward" or "ward-local-8080":
   cookies know hosts and no ports, so of two that are plain each has a name of its own. */
str web_cookie_name(const struct web_site *site);
/* What every answer of a secure site carries, of pages and API. */
void web_site_guard(const struct web_site *site, struct http_reply *out);

/* The proof of a password, and the hash of a new one, made by a thread of its own before the
   writer runs the handler: Argon2 takes long and must not hold up others.  A call that writes has
   no keeper to ask. */
struct web_proof {
	bool asked, good;
	str person;
	str wait; /* why it was not even tried: too many failures, or too many at once */
	str hash; /* of the password that the form chooses, when it may and does; else "" */
};

/* Whether the request must run on the writer. */
bool web_writes(const struct http_request *q);
/* Whether there is a password to check in the request, and whose turn that takes (serve/turns.h):
   the person's who is signed in, or the address's. */
CHECKED bool web_asks_proof(struct call *c, const struct web_site *site,
	const struct http_request *q, str *turn, bool *is_known);
/* Checks the password in the form of routes that ask for one; on a reading connection.  But for the
   sign-in, it is tried only for a request with a session and its token, and only for the name of
   the session's person: nobody else may cost the time of Argon2, or make somebody wait. */
void web_prove(struct call *c, const struct web_site *site, const struct http_request *q,
	struct web_proof *out);
/* Whether the path is one of those that take no session; its body is small, whoever sends it. */
bool web_is_public(const struct http_request *q);
/* Whether the head has the cookie of a session that is in force: before a large body is read. */
CHECKED bool web_knows(struct call *c, const struct web_site *site, const struct http_request *q);
/* Answers.  True when what the handler wrote shall be kept. */
CHECKED bool web_answer(struct call *c, const struct web_site *site, const struct http_request *q,
	const struct web_proof *proof, struct http_reply *out);
/* An answer without a call: the server is busy, or something failed before there was one. */
void web_answer_plain(struct arena *a, int status, str text, struct http_reply *out);
#endif
