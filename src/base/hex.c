#include "base/hex.h"

static const char hex_digits[] = "0123456789abcdef";
static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
static const char alphabet_url[] =
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

void hex_print(struct buf *b, const void *bytes, isize n)
{
	const unsigned char *in = bytes;

	for (isize i = 0; i < n; i++) {
		buf_char(b, hex_digits[in[i] >> 4]);
		buf_char(b, hex_digits[in[i] & 15]);
	}
}

static int hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

bool hex_parse(str s, void *out, isize n)
{
	unsigned char *to = out;

	if (s.n != 2 * n)
		return false;
	for (isize i = 0; i < n; i++) {
		int high = hex_value(s.p[2 * i]), low = hex_value(s.p[2 * i + 1]);
		if (high < 0 || low < 0)
			return false;
		to[i] = (unsigned char)(high << 4 | low);
	}
	return true;
}

static void print64(struct buf *b, const unsigned char *in, isize n, const char *digits, bool pad)
{
	for (isize i = 0; i < n; i += 3) {
		isize left = n - i;
		uint32_t v = (uint32_t)in[i] << 16;
		if (left > 1)
			v |= (uint32_t)in[i + 1] << 8;
		if (left > 2)
			v |= in[i + 2];
		buf_char(b, digits[v >> 18]);
		buf_char(b, digits[v >> 12 & 63]);
		if (left > 1)
			buf_char(b, digits[v >> 6 & 63]);
		else if (pad)
			buf_char(b, '=');
		if (left > 2)
			buf_char(b, digits[v & 63]);
		else if (pad)
			buf_char(b, '=');
	}
}

void base64_print(struct buf *b, const void *bytes, isize n)
{
	print64(b, bytes, n, alphabet, true);
}

void base64url_print(struct buf *b, const void *bytes, isize n)
{
	print64(b, bytes, n, alphabet_url, false);
}

static int value64(char c)
{
	isize at = str_index((str){alphabet, 64}, c);

	return (int)at;
}

/* Four characters, `digits` of them before the padding, as a number of 24 bits; -1 when one is
   none of the alphabet, or when a bit past the last byte is set: two texts would mean the same. */
static int32_t group64(str four, isize digits)
{
	int32_t v = 0;

	for (isize k = 0; k < 4; k++) {
		int d = k < digits ? value64(four.p[k]) : 0;
		if (d < 0)
			return -1;
		v = v << 6 | d;
	}
	if ((digits == 2 && (v & 0xffff)) || (digits == 3 && (v & 0xff)))
		return -1;
	return v;
}

bool base64_parse(str s, void *out, isize room, isize *n)
{
	unsigned char *to = out;
	isize pad = 0;

	if (s.n % 4)
		return false;
	while (pad < 2 && pad < s.n && s.p[s.n - 1 - pad] == '=')
		pad++;
	*n = s.n / 4 * 3 - pad;
	if (*n > room)
		return false;
	for (isize i = 0; i < s.n; i += 4) {
		isize digits = i + 4 == s.n ? 4 - pad : 4;
		int32_t v = group64(str_part(s, i, i + 4), digits);
		if (v < 0)
			return false;
		for (isize k = 0; k < digits - 1; k++)
			*to++ = (unsigned char)(v >> (16 - 8 * k));
	}
	return true;
}
