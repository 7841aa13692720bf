/* Every byte in every place where a page may put a value. */
#include "test.h"
#include "web/html.h"

static str written(struct test_case *t, void (*put)(struct buf *, str), str s)
{
	struct buf w;

	buf_init(&w, t->arena, 1 << 16);
	put(&w, s);
	return buf_str(&w);
}

static bool has(str set, char c)
{
	return str_index(set, c) >= 0;
}

TEST(text_escapes_what_begins_a_tag_or_an_entity, "")
{
	for (int b = 0; b < 256; b++) {
		char c = (char)b;
		str one = {&c, 1}, got = written(t, html_text_str, one);
		str want = c == '&' ? S("&amp;")
			: c == '<'  ? S("&lt;")
			: c == '>'  ? S("&gt;")
				    : one;
		CHECK_STR(got, want);
	}
}

TEST(attr_escapes_both_quotes_too, "")
{
	for (int b = 0; b < 256; b++) {
		char c = (char)b;
		str one = {&c, 1}, got = written(t, html_attr_str, one);
		str want = c == '&' ? S("&amp;")
			: c == '<'  ? S("&lt;")
			: c == '>'  ? S("&gt;")
			: c == '"'  ? S("&#34;")
			: c == '\'' ? S("&#39;")
				    : one;
		CHECK_STR(got, want);
	}
}

TEST(parts_of_addresses_keep_unreserved_characters_only, "")
{
	str keep = S("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~");

	for (int b = 0; b < 256; b++) {
		char c = (char)b;
		str got = written(t, html_part_str, (str){&c, 1});
		str want = has(keep, c) ? (str){&c, 1} : str_fmt(t->arena, "%%%02X", (unsigned)b);
		CHECK_STR(got, want);
	}
}

TEST(addresses_hold_no_blank_quote_or_backslash, "")
{
	for (int b = 0; b < 256; b++) {
		char c = (char)b;
		str got = written(t, html_url_str, (str){&c, 1});
		str want = c == ':' ? S("#") : written(t, html_attr_str, (str){&c, 1});
		if (b <= ' ' || b == 0x7f || c == '\\')
			want = str_fmt(t->arena, "%%%02X", (unsigned)b);
		CHECK_STR(got, want);
	}
}

TEST(addresses_keep_known_schemes_and_relative_ones, "")
{
	static const str good[] = {S_INIT("/RSK-1"), S_INIT("#top"), S_INIT("a/b:c"), S_INIT(""),
		S_INIT("http://x"), S_INIT("HTTPS://x"), S_INIT("mailto:a@b.example"),
		S_INIT("tel:+41"), S_INIT("?q=a:b"), S_INIT("#a:b")};

	for (isize i = 0; i < COUNT_OF(good); i++)
		CHECK_STR(written(t, html_url_str, good[i]), good[i]);
}

TEST(addresses_of_any_other_scheme_lead_nowhere, "")
{
	static const str bad[] = {S_INIT("javascript:alert(1)"), S_INIT(" javascript:alert(1)"),
		S_INIT("java\nscript:alert(1)"), S_INIT("\tjavascript:x"), S_INIT("\1https:x"),
		S_INIT("data:text/html,x"), S_INIT("vbscript:x"), S_INIT("file:///etc/passwd"),
		S_INIT("httpx:y"), S_INIT(":"), S_INIT("JaVaScRiPt:x"), S_INIT("blob:x")};

	for (isize i = 0; i < COUNT_OF(bad); i++)
		CHECK_STR(written(t, html_url_str, bad[i]), S("#"));
}

TEST(values_print_by_their_type, "")
{
	struct buf w;
	const char *none = NULL;

	buf_init(&w, t->arena, 1000);
	html_text(&w, INT64_MIN);
	html_text(&w, UINT64_MAX);
	html_text(&w, none);
	html_text(&w, "<");
	html_text(&w, S("<"));
	html_text(&w, html_trusted(S("<br>")));
	html_attr(&w, (uint8_t)255);
	html_attr(&w, "'");
	html_seg(&w, -1);
	html_query(&w, "a b");
	html_url(&w, "x y");
	CHECK_STR(buf_str(&w),
		S("-922337203685477580818446744073709551615&lt;&lt;<br>255&#39;-1"
		  "a%20bx%20y"));
}

TEST_MAIN()
