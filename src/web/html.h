/*
 * Escapers of compiled pages.  tools/mkpage chooses one by the place where a value stands;
 * nobody chooses by hand:
 *
 *	html_text   between tags, and in <title> and <textarea>
 *	html_attr   in a quoted attribute
 *	html_url    at the start of an attribute that holds an address: relative, "/…", "#…",
 *	            http, https, mailto and tel pass; any other scheme becomes "#"
 *	html_seg    further on in an address: one segment of a path, a '/' in it is escaped
 *	html_query  behind the '?' or '#' of an address
 *
 * A value is a str, a C string (NULL prints nothing), an integer, or, between tags only, a
 * struct html: HTML that was escaped already.  Any other type does not compile; a bool does
 * not, so that nobody is shown "1".  A str can become a struct html only through
 * html_trusted(), which make tidy allows in src/web, src/threat/svg and src/document alone.
 */
#ifndef WEB_HTML_H
#define WEB_HTML_H
#include "base/base.h"

struct html {
	str s;
};

/* Vouches that `s` is HTML in which every outside value was escaped for its place. */
struct html html_trusted(str s);

#define HTML_OUT(w, x, put, put_z, ...)                                                            \
	_Generic((x), __VA_ARGS__ str: put, const char *: put_z, char *: put_z, short: html_int,   \
		int: html_int, long: html_int, long long: html_int, unsigned char: html_uint,      \
		unsigned short: html_uint, unsigned: html_uint, unsigned long: html_uint,          \
		unsigned long long: html_uint)(w, x)
#define html_text(w, x) HTML_OUT(w, x, html_text_str, html_text_z, struct html : html_add, )
#define html_attr(w, x) HTML_OUT(w, x, html_attr_str, html_attr_z, )
#define html_url(w, x)  HTML_OUT(w, x, html_url_str, html_url_z, )
/* Both keep only the unreserved characters of RFC 3986, which no part of an address treats. */
#define html_seg(w, x)   HTML_OUT(w, x, html_part_str, html_part_z, )
#define html_query(w, x) HTML_OUT(w, x, html_part_str, html_part_z, )

void html_text_str(struct buf *w, str s);
void html_text_z(struct buf *w, const char *s);
void html_attr_str(struct buf *w, str s);
void html_attr_z(struct buf *w, const char *s);
void html_url_str(struct buf *w, str s);
void html_url_z(struct buf *w, const char *s);
void html_part_str(struct buf *w, str s);
void html_part_z(struct buf *w, const char *s);
void html_int(struct buf *w, int64_t v);
void html_uint(struct buf *w, uint64_t v);
void html_add(struct buf *w, struct html h);
#endif
