/* The forms of what leaves the ledger: names of tiles, bundles, openings, proofs.  No store. */
#include "ledger/stranger.h"
#include "test.h"

static struct buf *buffer(struct test_case *t)
{
	struct buf *b = NEW(t->arena, struct buf, 1);

	buf_init(b, t->arena, 64 << 20);
	return b;
}

/* ---- tiles ---- */

static struct tile_place random_tile(uint64_t *state)
{
	static const int64_t most[] = {10, 1000, 1001, 1000000, INT64_C(900000000000000)};

	return (struct tile_place){.level = (int)test_random(state, TREE_LEVELS + 1) - 1,
		.index = (uint64_t)test_random(state, most[test_random(state, COUNT_OF(most))]),
		.width = test_random(state, 2) ? TILE_WIDTH
					       : 1 + (int)test_random(state, TILE_WIDTH - 1)};
}

TEST(a_tile_has_one_name, "")
{
	uint64_t state = 1;

	for (int i = 0; i < 5000; i++) {
		struct tile_place want = random_tile(&state), have;
		struct buf *b = buffer(t);
		tile_print(b, &want);
		CHECK(tile_parse(buf_str(b), &have));
		CHECK(have.level == want.level && have.index == want.index &&
			have.width == want.width);
	}
	struct buf *b = buffer(t);
	tile_print(b, &(struct tile_place){0, 1234067, TILE_WIDTH});
	CHECK_STR(buf_str(b), S("0/x001/x234/067"));
	/* As long as a name may be. */
	b = buffer(t);
	tile_print(b, &(struct tile_place){7, UINT64_C(123456789012345), 1});
	CHECK_STR(buf_str(b), S("7/x123/x456/x789/x012/345.p/1"));
	struct tile_place longest;
	CHECK(tile_parse(buf_str(b), &longest));
	CHECK_INT(longest.index, INT64_C(123456789012345));
}

TEST(no_other_name_is_a_tile, "")
{
	static const char *const bad[] = {"", "/", "0", "0/", "0/1", "0/0000", "0/x000/001",
		"0/x001", "0/x001/", "0/001/", "0/001/002", "00/001", "8/001", "-1/001", "+0/001",
		"entries", "entry/001", "0/001.p", "0/001.p/", "0/001.p/0", "0/001.p/256",
		"0/001.p/01", "0/001.p/1/", "0/001.p/1.p/1", "0/00a", "0/X001/002", "0/ 01",
		"0/x001/x002/x003/x004/x005/006", "0/-01", "0/-00", "0/x-01/001", "0/001.p/-1",
		"../0/001", "0/../001", "0//001", "entries/+01"};
	struct tile_place out;

	for (isize i = 0; i < COUNT_OF(bad); i++)
		if (tile_parse(str_of(bad[i]), &out))
			test_fail(t, __FILE__, __LINE__, "\"%s\" is taken for a tile", bad[i]);
}

TEST(a_bundle_is_read_to_its_end_and_no_further, "")
{
	static char longest[UINT16_MAX + 1];
	str rest = {"\0\0\0\2ab\0\3cd", 10}, one = {"x", 1}, leaf;
	struct buf *b = buffer(t);

	CHECK(bundle_next(&rest, &leaf));
	CHECK_INT(leaf.n, 0);
	CHECK(bundle_next(&rest, &leaf));
	CHECK_STR(leaf, S("ab"));
	CHECK_INT(rest.n, 4);
	CHECK(!bundle_next(&rest, &leaf));
	CHECK(!bundle_next(&one, &leaf));
	rest = (str){"\0\0", 2};
	CHECK(bundle_next(&rest, &leaf));
	CHECK_INT(leaf.n + rest.n, 0);
	CHECK(bundle_add(b, (str){longest, UINT16_MAX}));
	CHECK(!bundle_add(b, (str){longest, UINT16_MAX + 1}));
	rest = buf_str(b);
	CHECK(bundle_next(&rest, &leaf));
	CHECK_INT(leaf.n, UINT16_MAX);
	CHECK_INT(rest.n, 0);
}

TEST(a_log_has_the_tiles_of_its_size_and_no_more, "")
{
	for (uint64_t size = 0; size <= 600; size++) {
		struct tile_place t0 = {0, size / 256, (int)(size % 256)};
		struct tile_place entries = {TILE_ENTRIES, size / 256, (int)(size % 256)};
		struct tile_place above = {1, 0, (int)(size / 256)};
		CHECK(!t0.width || tile_is_within(&t0, size));
		CHECK(!entries.width || tile_is_within(&entries, size));
		CHECK(!above.width || tile_is_within(&above, size));
		t0.width++;
		entries.width++;
		above.width++;
		CHECK(!tile_is_within(&t0, size));
		CHECK(!tile_is_within(&entries, size));
		CHECK(!tile_is_within(&above, size));
		t0.index++;
		CHECK(!tile_is_within(&t0, size));
	}
}

/* ---- openings ---- */

#define SALT "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="

TEST(openings_have_one_form, "")
{
	static const struct {
		const char *text;
		int count; /* -1: refused */
	} cases[] = {{"", 0}, {"open body " SALT " 2\n{}\n", 1}, {"open az " SALT " 1\nx\n", 1},
		{"record 1\nx\n", 1}, {"record 9\n123456789\n", 1}, {"record 10\n0123456789\n", 1},
		{"record 1\n\n\n", 1}, {"record 1\nx\nrecord 1\ny\n", 2},
		{"record 1\nx\nrecord 1\nx\nrecord 1\nx\nrecord 1\nx\n", 4},
		{"record 1\nx\nrecord 1\nx\nrecord 1\nx\nrecord 1\nx\nrecord 1\nx\n", -1},
		{"record 1\nx", -1}, {"record 2\nx\n", -1}, {"record 3\nx\n", -1},
		{"record 1\nxy\n", -1}, {"record 0\n\n", -1}, {"record 01\nx\n", -1},
		{"record +1\nx\n", -1}, {"record -1\nx\n", -1}, {"record \nx\n", -1},
		{"record\nx\n", -1}, {"record 1 \nx\n", -1}, {"record :\nx\n", -1},
		{"record 99999999999999999999\nx\n", -1}, {"shut body " SALT " 2\n{}\n", -1},
		{"open  " SALT " 1\nx\n", -1}, {"open Body " SALT " 1\nx\n", -1},
		{"open b{ " SALT " 1\nx\n", -1}, {"open b` " SALT " 1\nx\n", -1},
		{"open record " SALT " 1\nx\n", -1}, {"open body AAAA 1\nx\n", -1},
		{"open body * 1\nx\n", -1}, {"open body " SALT "\nx\n", -1}, {"\n", -1},
		{"open body " SALT " 1\nx\n\n", -1}};

	for (int i = 0; i < COUNT_OF(cases); i++) {
		struct opening o[OPENINGS_MAX];
		struct err e = {0};
		struct buf *b = buffer(t);
		int count;
		buf_add(b, str_of(cases[i].text)); /* ends where the sanitizer watches */
		bool ok = opening_parse(buf_str(b), o, &count, &e);
		if ((ok ? count : -1) != cases[i].count)
			test_fail(t, __FILE__, __LINE__, "\"%s\" gives %d", cases[i].text,
				ok ? count : -1);
	}
}

/* Whatever is opened is read as it was written; a record has no salt. */
TEST(an_opening_that_is_printed_is_read_as_the_same, "")
{
	static const char *const name[] = {"body", "private", "record", "a", "zz"};
	uint64_t state = 3;

	for (int i = 0; i < 300; i++) {
		struct opening want[OPENINGS_MAX], have[OPENINGS_MAX];
		struct buf *b = buffer(t);
		struct err e = {0};
		int count, n = (int)test_random(&state, OPENINGS_MAX + 1);
		for (int k = 0; k < n; k++) {
			char *value = NEW(t->arena, char, 20);
			isize bytes = 1 + (isize)test_random(&state, 20);
			bool has_salt = !str_eq(str_of(name[(i + k) % 5]), S("record"));
			for (isize j = 0; j < bytes; j++)
				value[j] = "x\n 1"[test_random(&state, 4)];
			want[k] = (struct opening){
				.name = str_of(name[(i + k) % 5]), .value = {value, bytes}};
			for (int j = 0; has_salt && j < SALT_BYTES; j++)
				want[k].salt[j] = (uint8_t)test_random(&state, 256);
			opening_print(b, &want[k]);
		}
		CHECK(opening_parse(buf_str(b), have, &count, &e));
		CHECK_INT(count, n);
		for (int k = 0; k < n && !t->failures; k++) {
			CHECK_STR(have[k].name, want[k].name);
			CHECK_STR(have[k].value, want[k].value);
			CHECK(memcmp(have[k].salt, want[k].salt, SALT_BYTES) == 0);
		}
	}
}

/* A leaf is committed to what it says and to nothing else. */
TEST(a_part_without_a_commitment_is_not_opened, "")
{
	struct opening body = {.name = S("body"), .value = S("x")},
		       personal = {.name = S("private"), .value = S("x")},
		       other = {.name = S("other"), .value = S("x")};
	struct leaf leaf = {.has_body = true};
	struct err e = {0}, f = {0}, g = {0}, h = {0};

	CHECK(crypt_init());
	leaf.body = leaf_commit(body.salt, body.name, body.value);
	leaf.personal = leaf_commit(personal.salt, personal.name, personal.value);
	CHECK(opening_check(t->arena, &leaf, &body, 1, &e));
	CHECK(!opening_check(t->arena, &leaf, &personal, 1, &f));
	CHECK(!opening_check(t->arena, &leaf, &other, 1, &g));
	leaf = (struct leaf){.has_personal = true, .personal = leaf.personal, .body = leaf.body};
	CHECK(opening_check(t->arena, &leaf, &personal, 1, &e));
	CHECK(!opening_check(t->arena, &leaf, &body, 1, &h));
}

/* A body with "signs" is of a signature, which is about a record as it stood. */
TEST(a_record_is_opened_under_the_hash_that_was_signed, "")
{
	static const char *const member[] = {"hash", "signs", "other"};

	for (int i = 0; i < 3; i++) {
		struct opening o[2] = {
			{.name = S("body")}, {.name = S("record"), .value = S("foo\n")}};
		struct leaf leaf = {.has_body = true};
		struct err e = {0};
		o[0].value = str_fmt(t->arena,
			"{\"%s\":"
			"\"b5bb9d8014a0f9b1d61e21e796d78dccdf1352f23cd32812f4850b878ae4944c"
			"\"}",
			member[i]);
		leaf.body = leaf_commit(o[0].salt, o[0].name, o[0].value);
		CHECK_INT(opening_check(t->arena, &leaf, o, 2, &e), i < 2);
	}
}

TEST(a_record_is_opened_only_under_the_hash_in_the_body, "")
{
	static const char body[] =
		"{\"hash\":"
		"\"b5bb9d8014a0f9b1d61e21e796d78dccdf1352f23cd32812f4850b878ae4944c"
		"\",\"rev\":1}"; /* of "foo\n" */
	struct opening o[3] = {{.name = S("body"), .value = {body, (isize)sizeof body - 1}},
		{.name = S("record"), .value = S("foo\n")}};
	struct leaf leaf = {.has_body = true};
	struct err e = {0}, f = {0}, g = {0}, h = {0};

	CHECK(crypt_init());
	leaf.body = leaf_commit(o[0].salt, o[0].name, o[0].value);
	CHECK(opening_check(t->arena, &leaf, o, 2, &e));
	CHECK(!opening_check(t->arena, &leaf, o + 1, 1, &f));
	o[2] = o[1];
	CHECK(!opening_check(t->arena, &leaf, o, 3, &g));
	o[1].value = S("bar\n");
	CHECK(!opening_check(t->arena, &leaf, o, 2, &h));
	CHECK_INT(f.code, ERR_TAMPERED);
	CHECK_INT(g.code, ERR_TAMPERED);
	CHECK_INT(h.code, ERR_TAMPERED);
}

/* ---- proofs ---- */

/* A proof of `hashes` hashes about `number`. */
static str proof_text(struct test_case *t, const char *first, const char *number, int hashes)
{
	struct buf *b = buffer(t);

	buf_fmt(b, "%s%s\n", first, number);
	for (int i = 0; i < hashes; i++)
		buf_add(b, S("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n"));
	buf_add(b, S("\nleaf\n\nnote\n"));
	return buf_str(b);
}

TEST(proofs_have_one_form, "")
{
	static const char *const first[] = {"c2sp.org/tlog-proof@v1\nindex ",
		"ward-consistency-proof@v1\nold ", "ward-latest-proof@v1\nindex "};
	static const struct {
		const char *number;
		int hashes;
		bool is_good;
	} cases[] = {{"0", 0, true}, {"1", 1, true}, {"9223372036854775807", 64, true},
		{"9223372036854775808", 1, false}, {"7", 65, false}, {"07", 1, false},
		{"00", 1, false}, {"-7", 1, false}, {"-0", 1, false}, {"+7", 1, false},
		{"", 1, false}, {" 7", 1, false}, {"7 ", 1, false}, {"7\r", 1, false}};

	for (int i = 0; i < 3 * COUNT_OF(cases); i++) {
		str text = proof_text(t, first[i % 3], cases[i / 3].number, cases[i / 3].hashes);
		struct consistency c;
		struct receipt r;
		struct latest p;
		struct err e = {0};
		bool ok = i % 3 == 0 ? receipt_parse(t->arena, text, &r, &e)
			: i % 3 == 1 ? consistency_parse(t->arena, text, &c, &e)
				     : latest_parse(t->arena, text, &p, &e);
		if (ok != cases[i / 3].is_good)
			test_fail(t, __FILE__, __LINE__, "%s%s with %d hashes: %s", first[i % 3],
				cases[i / 3].number, cases[i / 3].hashes, ok ? "taken" : e.text);
	}
}

/* The kinds of proof that this is about, by the number of their first line above. */
static bool parse_proof(struct test_case *t, int kind, str text, struct err *e)
{
	struct consistency c;
	struct latest p;

	return kind == 1 ? consistency_parse(t->arena, text, &c, e)
			 : latest_parse(t->arena, text, &p, e);
}

TEST(a_proof_says_what_it_is_and_is_whole, "")
{
	static const char *const first[] = {
		"", "ward-consistency-proof@v1\nold ", "ward-latest-proof@v1\nindex "};

	for (int kind = 1; kind <= 2; kind++) {
		str text = proof_text(t, first[kind], "7", 1);
		/* The checkpoint of the one begins with what is an entry in the other. */
		isize whole = str_find(text, kind == 1 ? S("leaf") : S("note"));
		for (isize i = 0; i < whole + (kind == 1); i++) {
			struct err e = {0};
			CHECK(!parse_proof(t, kind, str_part(text, 0, i), &e));
			CHECK_INT(e.code, ERR_SYNTAX);
		}
		for (isize i = 0; i < str_index(text, '\n'); i++) {
			struct buf *b = buffer(t);
			struct err e = {0};
			buf_add(b, text);
			b->p[i] ^= 1;
			CHECK(!parse_proof(t, kind, buf_str(b), &e));
			CHECK(str_find(err_text(&e), S("does not begin with ward-")) > 0);
		}
	}
	struct err e = {0}, f = {0};
	struct latest p;
	CHECK(latest_parse(t->arena, S("ward-latest-proof@v1\nindex 0\n\nx\n\nnote"), &p, &e));
	CHECK_STR(p.leaves, S("x\n"));
	CHECK(!latest_parse(t->arena, S("ward-latest-proof@v1\nindex 0\n\n\n\nnote"), &p, &f));
	CHECK_STR(err_text(&f), S("the proof has no entry"));
}

/* What is too long is refused before any of it is read. */
TEST(a_proof_has_a_length_that_is_the_last, "")
{
	static const isize most[] = {0, CONSISTENCY_BYTES, LATEST_BYTES};
	char *room = os_reserve(LATEST_BYTES + 1);

	room[0] = '\n';
	for (int kind = 1; kind <= 2; kind++) {
		struct err e = {0}, f = {0};
		CHECK(!parse_proof(t, kind, (str){room, most[kind]}, &e));
		CHECK_INT(e.code, ERR_SYNTAX);
		CHECK(!parse_proof(t, kind, (str){room, most[kind] + 1}, &f));
		CHECK_INT(f.code, ERR_LIMIT);
	}
}

/* ---- ranges ---- */

/* A tree of equal leaves that fails after so many hashes were read. */
struct failing {
	int rest;
};

static bool read_some(void *from, int level, uint64_t index, struct hash *out)
{
	struct failing *f = from;

	(void)level;
	(void)index;
	*out = merkle_empty();
	return f->rest-- > 0;
}

TEST(a_range_that_cannot_be_read_to_its_end_is_none, "")
{
	CHECK(crypt_init());
	for (uint64_t size = 1; size < 300; size += 7) {
		struct failing all = {INT32_MAX};
		struct proof parts;
		CHECK(range_read(read_some, &all, size, &parts));
		for (int i = 0; i < INT32_MAX - all.rest; i++) {
			struct failing some = {i};
			CHECK(!range_read(read_some, &some, size, &parts));
		}
	}
}

TEST_MAIN()
