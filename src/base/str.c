#include "base/str.h"

#include "base/arena.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/types.h>

str str_of(const char *terminated)
{
	return (str){terminated, terminated ? (isize)strlen(terminated) : 0};
}

bool str_eq(str a, str b)
{
	return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, (size_t)a.n) == 0);
}

int str_cmp(str a, str b)
{
	isize n = a.n < b.n ? a.n : b.n;
	int order = n ? memcmp(a.p, b.p, (size_t)n) : 0;

	return order ? order : (a.n > b.n) - (a.n < b.n);
}

bool str_starts(str s, str head)
{
	return s.n >= head.n && str_eq((str){s.p, head.n}, head);
}

bool str_ends(str s, str tail)
{
	return s.n >= tail.n && str_eq((str){s.p + (s.n - tail.n), tail.n}, tail);
}

isize str_find(str s, str what)
{
	if (what.n == 0)
		return 0;
	for (isize i = 0; i + what.n <= s.n; i++) {
		const char *hit = memchr(s.p + i, what.p[0], (size_t)(s.n - what.n - i + 1));
		if (!hit)
			return -1;
		i = hit - s.p;
		if (memcmp(hit, what.p, (size_t)what.n) == 0)
			return i;
	}
	return -1;
}

isize str_index(str s, char c)
{
	const char *hit = s.n ? memchr(s.p, c, (size_t)s.n) : NULL;

	return hit ? hit - s.p : -1;
}

str str_part(str s, isize from, isize to)
{
	if (to > s.n)
		to = s.n;
	if (from < 0)
		from = 0;
	if (from >= to)
		return (str){s.p, 0};
	return (str){s.p + from, to - from};
}

str str_cut(str *rest, char at)
{
	str head = *rest;
	isize hit = str_index(*rest, at);

	if (hit < 0) {
		*rest = (str){head.p ? head.p + head.n : NULL, 0};
		return head;
	}
	head.n = hit;
	*rest = (str){rest->p + hit + 1, rest->n - hit - 1};
	return head;
}

str str_cut_at(str *rest, str at)
{
	str head = *rest;
	isize hit = at.n ? str_find(*rest, at) : -1;

	if (hit < 0) {
		*rest = (str){head.p ? head.p + head.n : NULL, 0};
		return head;
	}
	head.n = hit;
	*rest = (str){rest->p + hit + at.n, rest->n - hit - at.n};
	return head;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

str str_word(str *rest)
{
	isize from = 0, to;

	while (from < rest->n && is_blank(rest->p[from]))
		from++;
	for (to = from; to < rest->n && !is_blank(rest->p[to]); to++)
		;
	str word = str_part(*rest, from, to);
	*rest = str_part(*rest, to, rest->n);
	return word;
}

str str_trim(str s)
{
	while (s.n && is_blank(s.p[0]))
		s = str_part(s, 1, s.n);
	while (s.n && is_blank(s.p[s.n - 1]))
		s.n--;
	return s;
}

static char fold(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

bool str_eq_fold(str a, str b)
{
	if (a.n != b.n)
		return false;
	for (isize i = 0; i < a.n; i++)
		if (fold(a.p[i]) != fold(b.p[i]))
			return false;
	return true;
}

bool str_int(str s, int64_t min, int64_t max, int64_t *out)
{
	bool minus = s.n > 0 && s.p[0] == '-';
	int64_t v = 0;

	if (s.n == (minus ? 1 : 0))
		return false;
	for (isize i = minus ? 1 : 0; i < s.n; i++) {
		int digit = s.p[i] - '0';
		if (digit < 0 || digit > 9)
			return false;
		/* Negative numbers reach one further than positive ones. */
		if (__builtin_mul_overflow(v, 10, &v) || __builtin_sub_overflow(v, digit, &v))
			return false;
	}
	if (!minus && v == INT64_MIN)
		return false;
	v = minus ? v : -v;
	if (v < min || v > max)
		return false;
	*out = v;
	return true;
}

/* ---- SipHash-1-3 (Aumasson and Bernstein) ---- */

static uint64_t sip_key[2];

/* Before any thread: a process without randomness must not start. */
__attribute__((constructor)) static void draw_key(void)
{
	if (getrandom(sip_key, sizeof sip_key, 0) != (ssize_t)sizeof sip_key)
		abort();
}

static uint64_t turn(uint64_t x, int bits)
{
	return x << bits | x >> (64 - bits);
}

static void sip_round(uint64_t v[4])
{
	v[0] += v[1];
	v[1] = turn(v[1], 13) ^ v[0];
	v[0] = turn(v[0], 32);
	v[2] += v[3];
	v[3] = turn(v[3], 16) ^ v[2];
	v[0] += v[3];
	v[3] = turn(v[3], 21) ^ v[0];
	v[2] += v[1];
	v[1] = turn(v[1], 17) ^ v[2];
	v[2] = turn(v[2], 32);
}

static void sip_word(uint64_t v[4], uint64_t word)
{
	v[3] ^= word;
	sip_round(v);
	v[0] ^= word;
}

uint64_t str_hash(str s)
{
	uint64_t v[4] = {sip_key[0] ^ 0x736f6d6570736575u, sip_key[1] ^ 0x646f72616e646f6du,
		sip_key[0] ^ 0x6c7967656e657261u, sip_key[1] ^ 0x7465646279746573u};
	uint64_t last = (uint64_t)s.n << 56, word;
	isize i = 0;

	for (; i + 8 <= s.n; i += 8) {
		memcpy(&word, s.p + i, sizeof word);
		sip_word(v, word);
	}
	for (int at = 0; i < s.n; i++, at += 8)
		last |= (uint64_t)(unsigned char)s.p[i] << at;
	sip_word(v, last);
	v[2] ^= 0xff;
	for (int n = 0; n < 3; n++)
		sip_round(v);
	return v[0] ^ v[1] ^ v[2] ^ v[3];
}

uint64_t str_hash_fixed(str s)
{
	uint64_t h = 0xcbf29ce484222325u;

	for (isize i = 0; i < s.n; i++) {
		h ^= (unsigned char)s.p[i];
		h *= 0x100000001b3u;
	}
	return h;
}

str str_dup(struct arena *a, str s)
{
	char *p = NEW(a, char, s.n + 1);

	if (s.n)
		memcpy(p, s.p, (size_t)s.n);
	return (str){p, s.n};
}

str str_lower(struct arena *a, str s)
{
	char *p = NEW(a, char, s.n + 1);

	for (isize i = 0; i < s.n; i++)
		p[i] = fold(s.p[i]);
	return (str){p, s.n};
}

str str_upper(struct arena *a, str s)
{
	char *p = NEW(a, char, s.n + 1);

	for (isize i = 0; i < s.n; i++)
		p[i] = s.p[i] >= 'a' && s.p[i] <= 'z' ? (char)(s.p[i] - 'a' + 'A') : s.p[i];
	return (str){p, s.n};
}

str str_join(struct arena *a, str one, str two)
{
	char *p = NEW(a, char, one.n + two.n + 1);

	if (one.n)
		memcpy(p, one.p, (size_t)one.n);
	if (two.n)
		memcpy(p + one.n, two.p, (size_t)two.n);
	return (str){p, one.n + two.n};
}

str str_fmt(struct arena *a, const char *format, ...)
{
	va_list ap;
	char *p;
	int n;

	va_start(ap, format);
	n = vsnprintf(NULL, 0, format, ap);
	va_end(ap);
	if (n <= 0)
		return S("");
	p = NEW(a, char, n + 1);
	va_start(ap, format);
	n = vsnprintf(p, (size_t)n + 1, format, ap);
	va_end(ap);
	return (str){p, n};
}

char *cstr(struct arena *a, str s)
{
	char *p = NEW(a, char, s.n + 1);

	if (s.n)
		memcpy(p, s.p, (size_t)s.n);
	return p;
}
