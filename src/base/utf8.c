#include "base/utf8.h"

#include <assert.h>
#include <string.h>

/* Bytes of the character that starts at s.p[i], or 0 when none does. */
static isize width_at(str s, isize i)
{
	unsigned char c = (unsigned char)s.p[i], low = 0x80, high = 0xbf;
	isize n;

	if (c < 0x80)
		return 1;
	if (c < 0xc2 || c > 0xf4)
		return 0;
	n = c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
	if (n > s.n - i)
		return 0;
	/* The second byte excludes overlong forms, surrogates and what is above U+10FFFF. */
	if (c == 0xe0)
		low = 0xa0;
	else if (c == 0xed)
		high = 0x9f;
	else if (c == 0xf0)
		low = 0x90;
	else if (c == 0xf4)
		high = 0x8f;
	for (isize k = 1; k < n; k++) {
		unsigned char d = (unsigned char)s.p[i + k];
		if (d < low || d > high)
			return 0;
		low = 0x80;
		high = 0xbf;
	}
	return n;
}

/* Where the first byte stands that is not ASCII, at the earliest at `i` and to a word: most texts
   have none. */
static isize skip_ascii(str s, isize i)
{
	uint64_t word;

	for (; i + (isize)sizeof word <= s.n; i += (isize)sizeof word) {
		memcpy(&word, s.p + i, sizeof word);
		if (word & UINT64_C(0x8080808080808080))
			break;
	}
	return i;
}

isize utf8_check(str s)
{
	for (isize i = skip_ascii(s, 0); i < s.n; i = skip_ascii(s, i)) {
		isize n = width_at(s, i);
		if (n == 0)
			return i;
		i += n;
	}
	return -1;
}

bool utf8_is_text(str s)
{
	for (isize i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];
		if (c == 0x7f || (c < 0x20 && c != '\t' && c != '\n'))
			return false;
	}
	return utf8_check(s) < 0;
}

void utf8_put(struct buf *b, uint32_t c)
{
	if (c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
		c = 0xfffd;
	if (c < 0x80) {
		buf_char(b, (char)c);
	} else if (c < 0x800) {
		buf_char(b, (char)(0xc0 | c >> 6));
		buf_char(b, (char)(0x80 | (c & 0x3f)));
	} else if (c < 0x10000) {
		buf_char(b, (char)(0xe0 | c >> 12));
		buf_char(b, (char)(0x80 | (c >> 6 & 0x3f)));
		buf_char(b, (char)(0x80 | (c & 0x3f)));
	} else {
		buf_char(b, (char)(0xf0 | c >> 18));
		buf_char(b, (char)(0x80 | (c >> 12 & 0x3f)));
		buf_char(b, (char)(0x80 | (c >> 6 & 0x3f)));
		buf_char(b, (char)(0x80 | (c & 0x3f)));
	}
}

uint32_t utf8_next(str *rest)
{
	static const unsigned char lead[] = {0, 0x7f, 0x1f, 0x0f, 0x07};
	isize n = width_at(*rest, 0);
	uint32_t c;

	assert(n > 0);
	c = (unsigned char)rest->p[0] & lead[n];
	for (isize k = 1; k < n; k++)
		c = c << 6 | ((unsigned char)rest->p[k] & 0x3f);
	*rest = str_part(*rest, n, rest->n);
	return c;
}

isize utf8_count(str s)
{
	isize count = 0;

	for (isize i = 0; i < s.n; i++)
		count += ((unsigned char)s.p[i] & 0xc0) != 0x80;
	return count;
}

str utf8_head(str s, isize count)
{
	str rest = s;

	while (rest.n && count-- > 0)
		utf8_next(&rest);
	return str_part(s, 0, s.n - rest.n);
}

str utf8_within(str s, isize bytes)
{
	isize n = s.n < bytes ? s.n : bytes, lead = n - 1;

	while (lead > 0 && ((unsigned char)s.p[lead] & 0xc0) == 0x80)
		lead--;
	s = str_part(s, 0, n);
	return n > 0 && width_at(s, lead) == 0 ? str_part(s, 0, lead) : s;
}
