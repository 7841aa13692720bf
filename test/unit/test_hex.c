/* Bytes as text and back: whatever is taken is what would be written. */
#include "base/hex.h"

#include "test.h"

static int digit_of(int c)
{
	return c >= '0' && c <= '9'    ? c - '0'
		: c >= 'a' && c <= 'f' ? c - 'a' + 10
		: c >= 'A' && c <= 'F' ? c - 'A' + 10
				       : -1;
}

TEST(two_hexadecimal_digits_are_a_byte_and_nothing_else_is, "")
{
	for (int high = 0; high < 256; high++)
		for (int low = 0; low < 256; low++) {
			const char two[] = {(char)high, (char)low};
			unsigned char got = 0;
			bool is_byte = digit_of(high) >= 0 && digit_of(low) >= 0;
			CHECK(hex_parse(test_edge((str){two, 2}), &got, 1) == is_byte);
			CHECK(!is_byte || got == digit_of(high) * 16 + digit_of(low));
		}
}

TEST(hexadecimal_text_has_two_digits_a_byte, "")
{
	unsigned char bytes[5] = {0x00, 0x9a, 0xbf, 0xc0, 0xff}, back[6];
	struct buf b;

	for (isize n = 0; n <= 5; n++) {
		buf_init(&b, t->arena, 100);
		hex_print(&b, test_edge((str){(char *)bytes, n}).p, n);
		CHECK_STR(buf_str(&b), str_part(S("009abfc0ff"), 0, 2 * n));
		memset(back, 0x77, sizeof back);
		CHECK(hex_parse(buf_str(&b), back, n));
		CHECK(memcmp(back, bytes, (size_t)n) == 0 && back[n] == 0x77);
	}
	CHECK(!hex_parse(S("abc"), back, 1) && !hex_parse(S("a"), back, 1));
	CHECK(!hex_parse(S("abcd"), back, 1) && !hex_parse(S(""), back, 1));
	CHECK(!hex_parse(S("a"), back, 0));
}

static str printed(struct test_case *t, void (*print)(struct buf *, const void *, isize), str bytes)
{
	struct buf b;

	buf_init(&b, t->arena, 100);
	print(&b, bytes.p, bytes.n);
	return buf_str(&b);
}

/* RFC 4648, 10; and the two letters that differ. */
TEST(base64_has_the_published_values, "")
{
	static const str bytes[] = {S_INIT(""), S_INIT("f"), S_INIT("fo"), S_INIT("foo"),
		S_INIT("foob"), S_INIT("fooba"), S_INIT("foobar"), S_INIT("\xfb\xef\xff")};
	static const str padded[] = {S_INIT(""), S_INIT("Zg=="), S_INIT("Zm8="), S_INIT("Zm9v"),
		S_INIT("Zm9vYg=="), S_INIT("Zm9vYmE="), S_INIT("Zm9vYmFy"), S_INIT("++//")};
	static const str bare[] = {S_INIT(""), S_INIT("Zg"), S_INIT("Zm8"), S_INIT("Zm9v"),
		S_INIT("Zm9vYg"), S_INIT("Zm9vYmE"), S_INIT("Zm9vYmFy"), S_INIT("--__")};

	for (isize i = 0; i < COUNT_OF(bytes); i++) {
		CHECK_STR(printed(t, base64_print, test_edge(bytes[i])), padded[i]);
		CHECK_STR(printed(t, base64url_print, test_edge(bytes[i])), bare[i]);
	}
}

TEST(all_bytes_come_back_and_fit_exactly, "")
{
	uint64_t random = 5;

	for (int round = 0; round < 3000; round++) {
		char bytes[12], back[13];
		isize n = round % COUNT_OF(bytes), got = -1;
		for (isize i = 0; i < n; i++)
			bytes[i] = (char)test_random(&random, 256);
		str text = test_edge(printed(t, base64_print, (str){bytes, n}));
		memset(back, 0x77, sizeof back);
		CHECK(base64_parse(text, back, n, &got));
		CHECK_INT(got, n);
		CHECK(memcmp(back, bytes, (size_t)n) == 0 && back[n] == 0x77);
		CHECK(n == 0 || !base64_parse(text, back, n - 1, &got));
		CHECK(text.n == 0 || !base64_parse(str_part(text, 0, text.n - 1), back, 12, &got));
	}
}

/* All texts of one and two groups over letters of every sort. */
TEST(what_is_taken_as_base64_is_what_would_be_written, "")
{
	static const char letters[] = "AQgw9z/+=-@\x80";
	enum { LETTERS = sizeof letters - 1, FOUR = LETTERS * LETTERS * LETTERS * LETTERS };
	isize taken = 0;

	for (int64_t i = 0; i < 2 * FOUR; i++) {
		char text[8] = {'A', '=', '=', '='}, bytes[6];
		isize n = i < FOUR ? 4 : 8, got;
		for (int64_t k = 0, rest = i; k < 4; k++, rest /= LETTERS)
			text[n - 1 - k] = letters[rest % LETTERS];
		if (n == 8)
			memcpy(text, i % 2 ? "AAAA" : "AA==", 4);
		str s = test_edge((str){text, n});
		if (!base64_parse(s, bytes, sizeof bytes, &got))
			continue;
		taken++;
		CHECK(str_eq(printed(t, base64_print, (str){bytes, got}), s));
		arena_reset(t->arena);
	}
	CHECK(taken > 5000);
}

TEST(no_byte_but_the_sixty_four_is_a_letter_of_base64, "")
{
	static const char alphabet[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

	for (int c = 0; c < 256; c++)
		for (int at = 0; at < 4; at++) {
			char text[4] = {'A', 'A', 'A', 'A'};
			unsigned char out[3];
			isize n;
			text[at] = (char)c;
			const char *hit = c ? memchr(alphabet, c, 64) : NULL;
			bool ok = base64_parse(test_edge((str){text, 4}), out, 3, &n);
			CHECK(ok == (hit != NULL || (c == '=' && at == 3)));
			if (hit)
				CHECK_INT(out[0] << 16 | out[1] << 8 | out[2],
					(hit - alphabet) << (18 - 6 * at));
		}
}

TEST_MAIN()
