/* What strangers named, shown to people: every character at the limits of what is hidden. */
#include "base/show.h"
#include "base/utf8.h"

#include "test.h"

static str shown(struct test_case *t, str s, isize max, enum shown_as as)
{
	struct buf b;

	buf_init(&b, t->arena, LIMIT_PROSE);
	show_text(&b, test_edge(s), max, as);
	return buf_str(&b);
}

/* Controls, separators, marks of direction, what takes no room, and noncharacters. */
static bool is_hidden(uint32_t c)
{
	static const uint32_t first[] = {
		0, 0x7f, 0x61c, 0x200b, 0x200e, 0x2028, 0x2060, 0xfdd0, 0xfeff, 0xe0000};
	static const uint32_t last[] = {
		0x1f, 0x9f, 0x61c, 0x200b, 0x200f, 0x202e, 0x206f, 0xfdef, 0xfeff, 0xe0fff};
	bool is_in = (c & 0xffff) >= 0xfffe;

	for (int i = 0; i < COUNT_OF(first); i++)
		is_in |= c >= first[i] && c <= last[i];
	return is_in;
}

TEST(what_nobody_sees_is_shown_by_its_number, "")
{
	for (uint32_t c = 0; c <= 0x10ffff; c +=
		c < 0x3000 || (c > 0xf000 && c < 0x12000) || (c > 0xdff00 && c < 0xe1100) ? 1
											  : 0xff) {
		struct arena_mark mark = arena_here(t->arena);
		struct buf b;
		if (c >= 0xd800 && c <= 0xdfff)
			continue;
		buf_init(&b, t->arena, 20);
		utf8_put(&b, c);
		str plain = buf_str(&b),
		    want = is_hidden(c) ? str_fmt(t->arena, "\\u{%x}", c) : plain;
		CHECK_STR(shown(t, plain, 9, SHOWN_PLAIN), want);
		if (is_hidden(c)) {
			CHECK_STR(shown(t, plain, 9, SHOWN_XML), want);
			CHECK_STR(shown(t, plain, 9, SHOWN_MARKDOWN),
				str_fmt(t->arena, "\\\\u\\{%x\\}", c));
		}
		arena_rewind(t->arena, mark);
	}
	for (uint32_t plane = 0; plane <= 0x10; plane++)
		for (uint32_t c = plane << 16 | 0xfffd; c <= (plane << 16 | 0xffff); c++) {
			struct buf b;
			buf_init(&b, t->arena, 20);
			utf8_put(&b, c);
			CHECK(str_starts(shown(t, buf_str(&b), 9, SHOWN_PLAIN), S("\\u{")) ==
				((c & 0xffff) >= 0xfffe || is_hidden(c)));
		}
}

TEST(marks_of_html_and_markdown_are_escaped, "")
{
	for (int c = 0x20; c < 0x7f; c++) {
		char text[] = {'x', (char)c, 'y'};
		str xml = c == '&' ? S("&amp;")
			: c == '<' ? S("&lt;")
			: c == '>' ? S("&gt;")
			: c == '"' ? S("&quot;")
				   : str_fmt(t->arena, "%c", c);
		bool is_mark = str_index(S("\\`*_{}[]#|~!:$"), (char)c) >= 0;
		CHECK_STR(shown(t, (str){text, 3}, 9, SHOWN_XML),
			str_fmt(t->arena, "x%.*sy", STR_ARG(xml)));
		CHECK_STR(shown(t, (str){text, 3}, 9, SHOWN_MARKDOWN),
			c == '@'
				? S("x@&#8203;y")
				: str_fmt(t->arena, "x%s%.*sy", is_mark ? "\\" : "", STR_ARG(xml)));
		CHECK_STR(shown(t, (str){text, 3}, 9, SHOWN_PLAIN), ((str){text, 3}));
	}
}

/* No name becomes an address: the point of www. is escaped, and no other. */
TEST(the_point_behind_a_w_is_escaped, "")
{
	CHECK_STR(shown(t, S("www.a"), 9, SHOWN_MARKDOWN), S("www\\.a"));
	CHECK_STR(shown(t, S("WWW.a"), 9, SHOWN_MARKDOWN), S("WWW\\.a"));
	CHECK_STR(shown(t, S("v.x.X..w"), 9, SHOWN_MARKDOWN), S("v.x.X..w"));
	CHECK_STR(shown(t, S("."), 9, SHOWN_MARKDOWN), S("."));
	/* Beyond ASCII a character whose low bits are those of a mark is none. */
	CHECK_STR(shown(t, S("\xc4\xa3\xc4\xaa"), 9, SHOWN_MARKDOWN), S("\xc4\xa3\xc4\xaa"));
}

TEST(a_text_is_cut_behind_so_many_characters, "")
{
	const str five = S("a\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80z");
	static const str cut[] = {S_INIT("…"), S_INIT("a…"), S_INIT("a\xc3\xa4…"),
		S_INIT("a\xc3\xa4\xe2\x82\xac…"), S_INIT("a\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80…")};

	for (isize max = 0; max < 8; max++) {
		CHECK_STR(shown(t, five, max, SHOWN_PLAIN), max < 5 ? cut[max] : five);
		CHECK_STR(show_str(t->arena, five, max), max < 5 ? cut[max] : five);
	}
	CHECK_STR(shown(t, S(""), 0, SHOWN_PLAIN), S(""));
}

TEST_MAIN()
