/* UTF-8 against the table of RFC 3629, each text between two pages that cannot be read. */
#include "base/utf8.h"

#include "test.h"

enum { LAST = 0x10ffff };

static bool is_character(int64_t c)
{
	return c >= 0 && c <= LAST && (c < 0xd800 || c > 0xdfff);
}

/* By the bits of the RFC, section 3, whatever the number. */
static isize encode(int64_t c, int width, char *out)
{
	static const int lead[] = {0, 0, 0xc0, 0xe0, 0xf0};

	for (int k = width - 1; k > 0; k--, c >>= 6)
		out[k] = (char)(0x80 | (c & 0x3f));
	out[0] = (char)(lead[width] | c);
	return width;
}

static int width_of(int64_t c)
{
	return c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
}

TEST(every_character_is_written_read_and_counted, "")
{
	for (int64_t c = 0; c <= LAST + 2; c++) {
		int64_t want = is_character(c) ? c : 0xfffd;
		char text[4], room[8];
		isize n = encode(want, width_of(want), text);
		struct buf b = {.p = room, .cap = 8, .max = 8};
		utf8_put(&b, (uint32_t)c);
		str rest = test_edge(buf_view(&b));
		if (b.n != n || memcmp(room, text, (size_t)n) || utf8_check(rest) != -1 ||
			utf8_count(rest) != 1 || utf8_next(&rest) != want || rest.n)
			test_fail(t, __FILE__, __LINE__, "U+%04X", (unsigned)c);
	}
}

/* Whether it is one character, by trying all widths. */
static bool is_one(const unsigned char *p, isize n)
{
	static const int mask[] = {0, 0x7f, 0x1f, 0x0f, 0x07};
	char again[4];
	int64_t c = p[0] & mask[n];

	for (isize k = 1; k < n; k++)
		c = c << 6 | (p[k] & 0x3f);
	return is_character(c) && width_of(c) == n && encode(c, (int)n, again) == n &&
		memcmp(again, p, (size_t)n) == 0;
}

/* Where the first character does not stand. */
static isize wrong_at(const unsigned char *p, isize n)
{
	for (isize i = 0, k; i < n; i += k) {
		for (k = 1; k <= 4 && k <= n - i && !is_one(p + i, k); k++)
			;
		if (k > 4 || k > n - i)
			return i;
	}
	return -1;
}

static void check_bytes(struct test_case *t, const unsigned char *four, isize count)
{
	for (isize n = 1; n <= count; n++)
		if (utf8_check(test_edge((str){(const char *)four, n})) != wrong_at(four, n))
			test_fail(t, __FILE__, __LINE__, "%02x %02x %02x %02x, %d", four[0],
				four[1], four[2], four[3], (int)n);
}

/* The bytes on both sides of each limit of the table. */
TEST(of_all_bytes_near_a_limit_those_of_the_table_are_taken, "")
{
	static const unsigned char second[] = {0x00, 0x41, 0x7f, 0x80, 0x81, 0x8f, 0x90, 0x9f, 0xa0,
		0xbe, 0xbf, 0xc0, 0xc1, 0xc2, 0xdf, 0xe0, 0xe1, 0xed, 0xf0, 0xf4, 0xf5, 0xff};
	static const unsigned char later[] = {0x41, 0x7f, 0x80, 0xa0, 0xbf, 0xc0, 0xff};

	for (int lead = 0; lead < 256; lead++)
		for (int i = 0; i < COUNT_OF(second); i++) {
			unsigned char four[4] = {(unsigned char)lead, second[i]};
			check_bytes(t, four, 2);
			for (int k = 0; lead >= 0xe0 && k < COUNT_OF(later) * COUNT_OF(later);
				k++) {
				four[2] = later[k % COUNT_OF(later)];
				four[3] = later[k / COUNT_OF(later)];
				check_bytes(t, four, 4);
			}
		}
	CHECK_INT(utf8_check(test_edge(S(""))), -1);
}

/* One character or byte after `before` letters, which are looked at by words of eight. */
TEST(a_character_is_found_wherever_it_stands, "")
{
	for (isize before = 0; before < 20; before++)
		for (isize after = 0; after < 10; after++) {
			char text[40];
			memset(text, 'a', sizeof text);
			encode(0x20ac, 3, text + before);
			str s = test_edge((str){text, before + 3 + after});
			CHECK_INT(utf8_check(s), -1);
			text[before + 1] = 'a';
			s = test_edge((str){text, before + 3 + after});
			CHECK_INT(utf8_check(s), before);
		}
}

TEST(text_has_no_control_but_tab_and_line_feed, "")
{
	for (int c = 0; c < 128; c++) {
		char two[2] = {(char)c, 'a'}, back[2] = {'a', (char)c};
		bool is_text = c == '\t' || c == '\n' || (c >= 0x20 && c != 0x7f);
		CHECK(utf8_is_text(test_edge((str){two, 2})) == is_text);
		CHECK(utf8_is_text(test_edge((str){back, 2})) == is_text);
	}
	CHECK(utf8_is_text(test_edge(S(""))));
	CHECK(!utf8_is_text(test_edge(S("\xff"))) && !utf8_is_text(test_edge(S("a\xff"))));
	CHECK(utf8_is_text(test_edge(S("\xe2\x82\xac"))));
}

enum { CHARACTERS = 12 };

/* Up to CHARACTERS of all widths; `start` has where each begins, and the end. */
static str some_text(uint64_t *random, int64_t count, isize *start)
{
	static const int64_t some[] = {'a', 0xe4, 0x20ac, 0x1f600};
	char text[4 * CHARACTERS];
	isize n = 0;

	for (int64_t i = 0; i < count; i++) {
		int64_t c = some[test_random(random, 4)];
		start[i] = n;
		n += encode(c, width_of(c), text + n);
	}
	start[count] = n;
	return test_edge((str){text, n});
}

TEST(heads_end_between_characters, "")
{
	uint64_t random = 11;

	for (int round = 0; round < 300; round++) {
		isize start[CHARACTERS + 1];
		int64_t count = round % (CHARACTERS + 1);
		str s = some_text(&random, count, start);
		CHECK_INT(utf8_count(s), count);
		for (int64_t k = 0; k <= count + 2; k++)
			CHECK_INT(utf8_head(s, k).n, start[k < count ? k : count]);
		for (isize bytes = 0; bytes <= s.n + 2; bytes++) {
			isize fits = 0;
			for (int64_t k = 0; k <= count; k++)
				fits = start[k] <= bytes ? start[k] : fits;
			str head = utf8_within(s, bytes);
			CHECK(head.n == fits && head.p == s.p);
		}
	}
	CHECK_INT(utf8_head(S("a"), -1).n, 0);
}

/* A text that is cut may be of strangers: of bytes that only go on, nothing begins a character. */
TEST(what_begins_nowhere_has_no_head, "")
{
	char text[4096];

	memset(text, 0x80, sizeof text);
	str s = test_edge((str){text, sizeof text});
	for (isize bytes = 0; bytes < 10; bytes++)
		CHECK_INT(utf8_within(s, bytes).n, 0);
	CHECK_INT(utf8_within(s, s.n).n, 0);
}

TEST_MAIN()
