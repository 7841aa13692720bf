/* What mkasset put into the program is what lies in the tree. */
#include "os/asset.h"
#include "test.h"

#include <zlib.h>

TEST(every_asset_has_the_bytes_of_its_file, "")
{
	const struct asset_file *list;
	isize count = asset_each(S(""), &list);
	struct err e = {0};
	str bytes;

	CHECK(count > 4);
	for (isize i = 0; i < count; i++) {
		CHECK(i == 0 || str_cmp(list[i - 1].name, list[i].name) < 0);
		CHECK(asset_find(list[i].name) == &list[i]);
		CHECK_INT(list[i].hash.n, 16);
		if (str_ends(list[i].name, S(".css")))
			continue;
		CHECK(file_read(t->arena, list[i].name, 64 << 20, &bytes, &e));
		CHECK(str_eq(list[i].bytes, bytes));
	}
}

TEST(gzip_of_an_asset_is_smaller_and_unpacks_to_it, "")
{
	const struct asset_file *a = asset_find(S("assets/ward.css"));
	isize room = a->bytes.n + 1;
	char *out = NEW(t->arena, char, room);
	z_stream z = {.next_in = (unsigned char *)(uintptr_t)a->gzip.p,
		.avail_in = (uInt)a->gzip.n,
		.next_out = (unsigned char *)out,
		.avail_out = (uInt)room};

	CHECK(a->gzip.n > 0 && a->gzip.n < a->bytes.n);
	CHECK_INT(inflateInit2(&z, 15 + 16), Z_OK);
	CHECK_INT(inflate(&z, Z_FINISH), Z_STREAM_END);
	CHECK_STR(((str){out, (isize)z.total_out}), a->bytes);
	inflateEnd(&z);
}

TEST(weights_are_within_the_budget, "DESIGN 12")
{
	CHECK(asset_find(S("assets/ward.css"))->gzip.n <= 8192);
	CHECK(asset_find(S("assets/ward.js"))->gzip.n <= 10240);
}

TEST(style_sheet_names_the_font_by_its_address, "")
{
	str css = asset_find(S("assets/ward.css"))->bytes;
	str url = asset_url(S("assets/fonts/inter-latin.woff2"));

	CHECK(str_find(css, url) > 0);
	CHECK(str_find(css, S("url(fonts/")) < 0);
	CHECK(asset_by_url(url) == asset_find(S("assets/fonts/inter-latin.woff2")));
}

/* SIL Open Font License 1.1, condition 2: each copy holds the notice and the licence. */
TEST(the_font_comes_with_its_licence, "")
{
	const struct asset_file *licence = asset_find(S("assets/fonts/OFL.txt"));

	CHECK(licence);
	str text = licence ? licence->bytes : S("");
	CHECK(str_find(text, S("Copyright 2016 The Inter Project Authors")) >= 0);
	CHECK(str_find(text, S("SIL OPEN FONT LICENSE Version 1.1")) > 0);
	CHECK(str_find(text, S("PERMISSION & CONDITIONS")) > 0);
	CHECK(str_ends(text, S("OTHER DEALINGS IN THE FONT SOFTWARE.\n")));
}

TEST(addresses_of_other_content_or_names_find_nothing, "")
{
	CHECK(!asset_by_url(S("/a/0000000000000000/ward.css")));
	CHECK(!asset_by_url(S("/a/ward.css")));
	CHECK(!asset_by_url(S("")));
	CHECK(!asset_find(S("assets/none")));
	CHECK(!asset_find(S("")));
	CHECK_STR(asset_find(S("assets/ward.js"))->type, S("text/javascript; charset=utf-8"));
}

TEST_MAIN()
