/*
 * Strings against what somebody would do who looks at each byte: all short words over few letters,
 * each between two pages that cannot be read.
 *
 * Nothing here compares with str_eq(): it is one of those that are tried.
 */
#include "base/utf8.h"

#include "test.h"

#include <spawn.h>
#include <sys/random.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define WITHOUT_RANDOM "WARD_TEST_WITHOUT_RANDOM"

/* The key of str_hash() is drawn before main(): here it is that of the published values, or there
   is none to be had. */
ssize_t getrandom(void *out, size_t n, unsigned flags)
{
	enum { KEY_BYTES = 16 };
	static bool is_drawn;

	if (getenv(WITHOUT_RANDOM))
		return -1;
	if (n != KEY_BYTES || is_drawn)
		return syscall(SYS_getrandom, out, n, flags);
	is_drawn = true;
	for (int i = 0; i < KEY_BYTES; i++)
		((unsigned char *)out)[i] = (unsigned char)i;
	return KEY_BYTES;
}

/* The k-th word over `letters`, the shortest first. */
static str word_at(int64_t k, str letters)
{
	char word[16];
	isize n = 0;

	for (; k > 0; k = (k - 1) / letters.n)
		word[n++] = letters.p[(k - 1) % letters.n];
	return test_edge((str){word, n});
}

/* Words over `letters` of at most `bytes`. */
static int64_t words_of(int64_t letters, int bytes)
{
	int64_t count = 0;

	for (int i = 0; i <= bytes; i++)
		count = count * letters + 1;
	return count;
}

static bool same(str a, str b)
{
	bool is_same = a.n == b.n;

	for (isize i = 0; is_same && i < a.n; i++)
		is_same = a.p[i] == b.p[i];
	return is_same;
}

/* The same bytes at the same place; of nothing, the place does not matter. */
static bool is_part(str part, const char *p, isize n)
{
	return part.n == n && (n == 0 || part.p == p);
}

static bool stands_at(str s, isize at, str what)
{
	return at + what.n <= s.n && same((str){s.p + at, what.n}, what);
}

static isize first_place(str s, str what)
{
	for (isize i = 0; i <= s.n; i++)
		if (stands_at(s, i, what))
			return i;
	return -1;
}

static int order_of(str a, str b)
{
	for (isize i = 0; i < a.n && i < b.n; i++)
		if (a.p[i] != b.p[i])
			return (unsigned char)a.p[i] < (unsigned char)b.p[i] ? -1 : 1;
	return a.n < b.n ? -1 : a.n > b.n;
}

static bool is_cut(str got, str rest, str s, isize at, isize width)
{
	return at < 0 ? is_part(got, s.p, s.n) && rest.n == 0
		      : is_part(got, s.p, at) && is_part(rest, s.p + at + width, s.n - at - width);
}

static bool pair_is_right(str s, str what)
{
	isize at = first_place(s, what);
	int order = str_cmp(s, what);
	str rest = s, head = str_cut_at(&rest, what);

	return str_find(s, what) == at && str_eq(s, what) == same(s, what) &&
		str_starts(s, what) == stands_at(s, 0, what) &&
		str_ends(s, what) == (s.n >= what.n && stands_at(s, s.n - what.n, what)) &&
		(order > 0) - (order < 0) == order_of(s, what) &&
		is_cut(head, rest, s, what.n ? at : -1, what.n);
}

TEST(words_are_found_compared_and_cut_as_by_looking_at_each_byte, "")
{
	const str letters = S("ab\xc3");

	for (int64_t i = 0; i < words_of(letters.n, 5); i++)
		for (int64_t k = 0; k < words_of(letters.n, 3); k++) {
			str s = word_at(i, letters), what = word_at(k, letters);
			if (!pair_is_right(s, what))
				test_fail(t, __FILE__, __LINE__, "\"%.*s\" and \"%.*s\"",
					STR_ARG(s), STR_ARG(what));
		}
}

TEST(one_byte_is_found_and_cut_at, "")
{
	for (int64_t i = 0; i < words_of(3, 5); i++) {
		str s = word_at(i, S("ab,")), rest = s;
		isize at = first_place(s, S(","));
		CHECK_INT(str_index(s, ','), at);
		str head = str_cut(&rest, ',');
		CHECK(is_cut(head, rest, s, at, 1));
	}
}

TEST(a_part_is_clamped_at_both_ends, "")
{
	str s = test_edge(S("abcde"));

	for (isize from = -2; from < 8; from++)
		for (isize to = -2; to < 8; to++) {
			isize first = from < 0 ? 0 : from, last = to > 5 ? 5 : to;
			isize n = first < last ? last - first : 0;
			CHECK(is_part(str_part(s, from, to), s.p + first, n));
		}
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

TEST(blanks_end_words_and_are_trimmed, "")
{
	const str letters = S("a \t\n\r\v");

	for (int64_t i = 0; i < words_of(letters.n, 4); i++) {
		str s = word_at(i, letters), rest = s;
		isize from = 0, to = s.n;
		while (from < s.n && is_blank(s.p[from]))
			from++;
		while (to > from && is_blank(s.p[to - 1]))
			to--;
		CHECK(is_part(str_trim(s), s.p + from, to - from));
		for (to = from; to < s.n && !is_blank(s.p[to]); to++)
			;
		CHECK(is_part(str_word(&rest), s.p + from, to - from));
		CHECK(is_part(rest, s.p + to, s.n - to));
	}
}

static int folded(int c)
{
	return c >= 'A' && c <= 'Z' ? c + 32 : c;
}

TEST(ascii_letters_are_folded_and_no_other_byte, "")
{
	for (int a = 0; a < 256; a++) {
		char one[2] = {'x', (char)a};
		str s = test_edge((str){one, 2}), low = str_lower(t->arena, s);
		CHECK_INT(low.n, 2);
		CHECK_INT((unsigned char)low.p[1], folded(a));
		for (int b = 0; b < 256; b++) {
			char two[2] = {'X', (char)b};
			CHECK(str_eq_fold((str){one, 2}, test_edge((str){two, 2})) ==
				(folded(a) == folded(b)));
		}
		CHECK(!str_eq_fold((str){one, 2}, test_edge((str){one, 1})));
	}
	CHECK(str_eq_fold(test_edge(S("")), test_edge(S(""))));
}

/* Every number near both ends of every range, and every byte where a digit may stand. */
TEST(a_number_is_its_digits_within_its_range_and_nothing_else, "")
{
	int64_t v;

	for (int64_t n = -130; n <= 130; n++) {
		str s = test_edge(str_fmt(t->arena, "%" PRId64, n));
		for (int64_t edge = n - 1; edge <= n + 1; edge++) {
			CHECK(str_int(s, edge, 1000, &v) == (n >= edge));
			CHECK(str_int(s, -1000, edge, &v) == (n <= edge));
		}
		CHECK(str_int(s, INT64_MIN, INT64_MAX, &v) && v == n);
	}
	for (int c = 0; c < 256; c++)
		for (int at = 0; at < 3; at++) {
			char text[] = {'1', '1', '1'};
			text[at] = (char)c;
			bool is_digit = c >= '0' && c <= '9', is_sign = at == 0 && c == '-';
			CHECK(str_int(test_edge((str){text, 3}), -999, 999, &v) ==
				(is_digit || is_sign));
		}
}

TEST(a_number_beyond_64_bits_is_none, "")
{
	static const str none[] = {S_INIT(""), S_INIT("-"), S_INIT("9223372036854775808"),
		S_INIT("-9223372036854775809"), S_INIT("9223372036854775810"),
		S_INIT("92233720368547758070"), S_INIT("18446744073709551617"),
		S_INIT("-18446744073709551617"), S_INIT("100000000000000000000")};
	int64_t v = 7;

	for (isize i = 0; i < COUNT_OF(none); i++)
		CHECK(!str_int(test_edge(none[i]), INT64_MIN, INT64_MAX, &v));
	CHECK_INT(v, 7);
	CHECK(str_int(S("-9223372036854775808"), INT64_MIN, INT64_MAX, &v) && v == INT64_MIN);
	CHECK(str_int(S("9223372036854775807"), INT64_MIN, INT64_MAX, &v) && v == INT64_MAX);
}

/* SipHash-1-3 under the key 00 01 … 0f, of 00 01 …: values of the reference program. */
TEST(str_hash_has_the_published_values, "")
{
	static const struct {
		isize n;
		uint64_t hash;
	} want[] = {{0, 0xabac0158050fc4dc}, {1, 0xc9f49bf37d57ca93}, {2, 0x82cb9b024dc7d44d},
		{3, 0x8bf80ab8e7ddf7fb}, {7, 0xd3927d989bb11140}, {8, 0x369095118d299a8e},
		{9, 0x25a48eb36c063de4}, {15, 0xd320d86d2a519956}, {16, 0xcc4fdd1a7d908b66},
		{17, 0x9cf2689063dbd80c}, {63, 0x9d199062b7bbb3a8}};
	char bytes[64];

	for (int i = 0; i < COUNT_OF(bytes); i++)
		bytes[i] = (char)i;
	for (isize i = 0; i < COUNT_OF(want); i++)
		CHECK(str_hash(test_edge((str){bytes, want[i].n})) == want[i].hash);
}

/* FNV-1a, 64 bits (Fowler, Noll, Vo). */
TEST(str_hash_fixed_has_the_published_values, "")
{
	CHECK(str_hash_fixed(test_edge(S(""))) == 0xcbf29ce484222325);
	CHECK(str_hash_fixed(test_edge(S("a"))) == 0xaf63dc4c8601ec8c);
	CHECK(str_hash_fixed(test_edge(S("foobar"))) == 0x85944171f73967e8);
}

TEST(a_process_without_randomness_does_not_start, "")
{
	char *const argument[] = {(char[]){"test_str"}, NULL};
	char *const environment[] = {(char[]){WITHOUT_RANDOM "=1"}, NULL};
	int status = 0;
	pid_t pid;

	CHECK(posix_spawn(&pid, "/proc/self/exe", NULL, NULL, argument, environment) == 0);
	CHECK(waitpid(pid, &status, 0) == pid);
	CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
}

TEST(copies_are_the_bytes_at_another_place, "")
{
	for (int64_t i = 0; i < words_of(2, 4); i++) {
		str s = word_at(i, S("aB")), again = str_dup(t->arena, s);
		const char *terminated = cstr(t->arena, s);
		CHECK(same(again, s) && (s.n == 0 || again.p != s.p));
		CHECK(same(str_of(terminated), s) && terminated != s.p);
		CHECK(same(str_fmt(t->arena, "%.*s", STR_ARG(s)), s));
		CHECK(same(str_fmt(t->arena, "%.*s!", STR_ARG(s)), str_join(t->arena, s, S("!"))));
		for (int64_t k = 0; k < words_of(2, 2); k++) {
			str two = word_at(k, S("aB")), both = str_join(t->arena, s, two);
			CHECK(both.n == s.n + two.n);
			CHECK(same(str_part(both, 0, s.n), s));
			CHECK(same(str_part(both, s.n, both.n), two));
		}
	}
	CHECK_INT(str_of(NULL).n, 0);
}

/* A wide character that the locale lacks. */
TEST(a_format_that_fails_gives_nothing, "")
{
	CHECK_INT(str_fmt(t->arena, "%ls", (const wchar_t[]){0x10ffff, 0}).n, 0);
}

TEST_MAIN()
