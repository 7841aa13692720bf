/* What strangers named, shown to people. */
#include "base/show.h"

/* Controls, separators of lines, marks of direction, what takes no room, and noncharacters. */
static bool is_hidden(uint32_t c)
{
	static const uint32_t ranges[][2] = {{0, 0x1f}, {0x7f, 0x9f}, {0x61c, 0x61c},
		{0x200b, 0x200b}, {0x200e, 0x200f}, {0x2028, 0x202e}, {0x2060, 0x206f},
		{0xfdd0, 0xfdef}, {0xfeff, 0xfeff}, {0xe0000, 0xe0fff}};

	for (isize i = 0; i < COUNT_OF(ranges); i++)
		if (c >= ranges[i][0] && c <= ranges[i][1])
			return true;
	return (c & 0xfffe) == 0xfffe;
}

static void put_xml(struct buf *b, uint32_t c)
{
	if (c == '&')
		buf_add(b, S("&amp;"));
	else if (c == '<')
		buf_add(b, S("&lt;"));
	else if (c == '>')
		buf_add(b, S("&gt;"));
	else if (c == '"')
		buf_add(b, S("&quot;"));
	else
		utf8_put(b, c);
}

/* Besides marks of Markdown and HTML: no name calls a person (@), links an issue (#) or becomes an
   address (: and the point of www.). */
static void put_markdown(struct buf *b, uint32_t c, uint32_t before)
{
	if (c == '@') {
		buf_add(b, S("@&#8203;"));
		return;
	}
	if ((c < 0x80 && str_index(S("\\`*_{}[]#|~!:$"), (char)c) >= 0) ||
		(c == '.' && (before == 'w' || before == 'W')))
		buf_char(b, '\\');
	put_xml(b, c);
}

void show_text(struct buf *b, str s, isize max, enum shown_as as)
{
	uint32_t before = 0;

	for (isize n = 0; s.n; n++) {
		if (n == max) {
			buf_add(b, S("…"));
			return;
		}
		uint32_t c = utf8_next(&s);
		if (is_hidden(c))
			buf_fmt(b, as == SHOWN_MARKDOWN ? "\\\\u\\{%x\\}" : "\\u{%x}", c);
		else if (as == SHOWN_PLAIN)
			utf8_put(b, c);
		else if (as == SHOWN_XML)
			put_xml(b, c);
		else
			put_markdown(b, c, before);
		before = c;
	}
}

str show_str(struct arena *a, str s, isize max)
{
	struct buf b;

	buf_init(&b, a, LIMIT_PROSE);
	show_text(&b, s, max, SHOWN_PLAIN);
	return buf_str(&b);
}
