#include "web/html.h"

struct html html_trusted(str s)
{
	return (struct html){s};
}

void html_add(struct buf *w, struct html h)
{
	buf_add(w, h.s);
}

void html_int(struct buf *w, int64_t v)
{
	buf_int(w, v);
}

void html_uint(struct buf *w, uint64_t v)
{
	buf_fmt(w, "%" PRIu64, v);
}

/* What stands for `c` between tags, or in an attribute of either quote; "" for itself. */
static str entity(char c, bool in_attr)
{
	switch (c) {
	case '&':
		return S("&amp;");
	case '<':
		return S("&lt;");
	case '>':
		return S("&gt;");
	case '"':
		return in_attr ? S("&#34;") : S("");
	case '\'':
		return in_attr ? S("&#39;") : S("");
	default:
		return S("");
	}
}

/* Runs of plain bytes are copied whole: most text has none that needs an entity. */
static void escape(struct buf *w, str s, bool in_attr)
{
	isize from = 0;

	for (isize i = 0; i < s.n; i++) {
		str e = entity(s.p[i], in_attr);
		if (!e.n)
			continue;
		buf_add(w, str_part(s, from, i));
		buf_add(w, e);
		from = i + 1;
	}
	buf_add(w, str_part(s, from, s.n));
}

void html_text_str(struct buf *w, str s)
{
	escape(w, s, false);
}

void html_attr_str(struct buf *w, str s)
{
	escape(w, s, true);
}

static void percent(struct buf *w, char c)
{
	static const char digit[] = "0123456789ABCDEF";
	unsigned char u = (unsigned char)c;

	buf_char(w, '%');
	buf_char(w, digit[u >> 4]);
	buf_char(w, digit[u & 15]);
}

static bool is_unreserved(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
		c == '-' || c == '.' || c == '_' || c == '~';
}

void html_part_str(struct buf *w, str s)
{
	for (isize i = 0; i < s.n; i++)
		if (is_unreserved(s.p[i]))
			buf_char(w, s.p[i]);
		else
			percent(w, s.p[i]);
}

/*
 * Browsers drop blanks and control bytes around and inside a scheme ("java\nscript:"), so a
 * colon before the first '/', '?' or '#' must follow exactly one of the schemes we know.
 */
static bool is_safe_url(str s)
{
	static const str known[] = {
		S_INIT("http"), S_INIT("https"), S_INIT("mailto"), S_INIT("tel")};
	isize end = 0;

	while (end < s.n && str_index(S(":/?#"), s.p[end]) < 0)
		end++;
	if (end == s.n || s.p[end] != ':')
		return true;
	for (isize i = 0; i < COUNT_OF(known); i++)
		if (str_eq_fold(str_part(s, 0, end), known[i]))
			return true;
	return false;
}

void html_url_str(struct buf *w, str s)
{
	if (!is_safe_url(s)) {
		buf_char(w, '#');
		return;
	}
	for (isize i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] <= ' ' || s.p[i] == 0x7f || s.p[i] == '\\')
			percent(w, s.p[i]);
		else
			escape(w, str_part(s, i, i + 1), true);
}

void html_text_z(struct buf *w, const char *s)
{
	html_text_str(w, str_of(s));
}

void html_attr_z(struct buf *w, const char *s)
{
	html_attr_str(w, str_of(s));
}

void html_url_z(struct buf *w, const char *s)
{
	html_url_str(w, str_of(s));
}

void html_part_z(struct buf *w, const char *s)
{
	html_part_str(w, str_of(s));
}
