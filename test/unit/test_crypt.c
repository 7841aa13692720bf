#include "base/json.h"

#include "crypt/crypt.h"
#include "test.h"

static str hex(struct test_case *t, const void *bytes, isize n)
{
	struct buf b;

	buf_init(&b, t->arena, 4 * n + 64);
	hex_print(&b, bytes, n);
	return buf_str(&b);
}

/* FIPS 180-4, examples of SHA-256. */
TEST(sha256_has_the_published_digests, "")
{
	struct sha256 h = sha256(S("abc"));
	const str piece[] = {S("a"), S(""), S("bc")};

	CHECK_STR(hex(t, h.b, 32),
		S("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"));
	h = sha256_of(piece, 3);
	CHECK_STR(hex(t, h.b, 32),
		S("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"));
	h = sha256(S(""));
	CHECK_STR(hex(t, h.b, 32),
		S("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"));
	h = sha256(S("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"));
	CHECK_STR(hex(t, h.b, 32),
		S("248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"));
}

/* RFC 4231, cases 2 and 6. */
TEST(hmac_has_the_published_values, "")
{
	char key[131];
	struct sha256 h = hmac_sha256(S("Jefe"), S("what do ya want for nothing?"));

	CHECK_STR(hex(t, h.b, 32),
		S("5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"));
	memset(key, 0xaa, sizeof key);
	h = hmac_sha256((str){key, sizeof key},
		S("Test Using Larger Than Block-Size Key - Hash Key First"));
	CHECK_STR(hex(t, h.b, 32),
		S("60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"));
}

/* RFC 8032, 7.1, test 2. */
TEST(ed25519_signs_as_rfc_8032, "")
{
	struct secret secret;
	struct public_key public;
	struct signature s;

	CHECK(crypt_init());
	CHECK(hex_parse(S("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb"
			  "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c"),
		secret.b, 64));
	memcpy(public.b, secret.b + 32, 32);
	s = sign_detached(&secret, S("r"));
	CHECK_STR(hex(t, s.b, 64),
		S("92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
		  "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"));
	CHECK(sign_verify(&public, S("r"), &s));
	CHECK(!sign_verify(&public, S("s"), &s));
	s.b[63] ^= 1;
	CHECK(!sign_verify(&public, S("r"), &s));
}

TEST(new_keys_differ_and_verify, "")
{
	struct secret one, two;
	struct public_key p, q;

	CHECK(crypt_init());
	sign_keypair(&one, &p);
	sign_keypair(&two, &q);
	struct signature s = sign_detached(&one, S("text"));
	CHECK(sign_verify(&p, S("text"), &s));
	CHECK(!sign_verify(&q, S("text"), &s));
	CHECK(!crypt_equal(&one, &two, sizeof one));
	crypt_wipe(&one, sizeof one);
	crypt_wipe(&two, sizeof two);
	CHECK(crypt_equal(&one, &two, sizeof one));
}

TEST(ed25519_refuses_what_wycheproof_calls_invalid, "")
{
	const char *shared = getenv("WARD_SHARED");
	str path = str_fmt(t->arena, "%s/conformance/ledger/wycheproof/ed25519_test.json",
		shared ? shared : "../shared");
	int64_t valid = 0, invalid = 0;
	struct err e = {0};
	str text;

	CHECK(crypt_init());
	if (!file_exists(t->arena, path)) {
		test_skip(t, "%.*s is not there", STR_ARG(path));
		return;
	}
	CHECK(file_read(t->arena, path, 8 << 20, &text, &e));
	json_each(group, json_member(json_parse(t->arena, &e, text), S("testGroups")))
	{
		struct public_key key;
		CHECK(hex_parse(json_text(json_member(group, S("publicKey")), S("pk")), key.b, 32));
		json_each(test, json_member(group, S("tests")))
		{
			str message = json_text(test, S("msg")), given = json_text(test, S("sig"));
			struct signature s;
			uint8_t *bytes = NEW(t->arena, uint8_t, message.n + 1);
			CHECK(hex_parse(message, bytes, message.n / 2));
			bool holds = given.n == 128 && hex_parse(given, s.b, 64) &&
				sign_verify(&key, (str){(char *)bytes, message.n / 2}, &s);
			bool want = str_eq(json_text(test, S("result")), S("valid"));
			CHECK_INT(holds, want);
			*(want ? &valid : &invalid) += 1;
		}
	}
	CHECK_INT(valid + invalid, 151);
	CHECK(valid > 0 && invalid > 0);
}

TEST(random_bytes_are_as_many_as_asked_for_and_never_the_same, "")
{
	unsigned char one[64], two[64], or [32] = {0};

	CHECK(crypt_init());
	for (int round = 0; round < 20; round++) {
		memset(one, 0x55, sizeof one);
		memset(two, 0x55, sizeof two);
		crypt_random(one, 32);
		crypt_random(two, 32);
		CHECK(memcmp(one, two, 32) != 0);
		for (int i = 0; i < 32; i++) {
			CHECK(one[32 + i] == 0x55);
			or [i] |= one[i];
		}
	}
	for (int i = 0; i < 32; i++)
		CHECK(or [i] != 0);
}

TEST(pieces_are_hashed_as_if_they_were_one, "")
{
	const str text = S("The quick brown fox jumps over the lazy dog");
	struct sha256 want = sha256(text);

	for (isize i = 0; i <= text.n; i++)
		for (isize k = i; k <= text.n; k += 5) {
			const str piece[] = {str_part(text, 0, i), str_part(text, i, k),
				str_part(text, k, text.n)};
			str at = test_edge((str){(const char *)piece, sizeof piece});
			const str *list = (const str *)(const void *)at.p;
			CHECK(crypt_equal(sha256_of(list, 3).b, want.b, sizeof want.b));
			CHECK(!crypt_equal(sha256_of(list, 2).b, want.b, 32) || k == text.n);
		}
}

/* BLAKE2b of "abc" under the key 00 01 … 1f, computed by another program. */
TEST(keyed_hashes_have_the_values_of_blake2b, "")
{
	static const struct {
		isize n;
		const char *digest;
	} cases[] = {{16, "1a64be47e4729d951c302ee543f97cf3"},
		{32, "d63a32d3e44738d7907f964316c241adaba0abfeabc32349677578a15a203f7f"},
		{64,
			"9af0244b7da7fe29d90a89727e06a0c93977ce1ad7edcb76ac0b24142194ea00"
			"c77be4a1d3fededd31d5a593625a508e742fc90d708f8b48a5c246e4e8e42d94"}};
	struct hash_key key;

	CHECK(crypt_init());
	for (int i = 0; i < COUNT_OF(key.b); i++)
		key.b[i] = (uint8_t)i;
	for (isize i = 0; i < COUNT_OF(cases); i++)
		for (int cut = 0; cut <= 3; cut++) {
			const str piece[] = {
				str_part(S("abc"), 0, cut), S(""), str_part(S("abc"), cut, 3)};
			str at = test_edge((str){(const char *)piece, sizeof piece});
			unsigned char out[65];
			memset(out, 0x55, sizeof out);
			hash_keyed(&key, (const str *)(const void *)at.p, 3, out, cases[i].n);
			CHECK_STR(hex(t, out, cases[i].n), str_of(cases[i].digest));
			CHECK_INT(out[cases[i].n], 0x55);
		}
}

TEST(wiped_bytes_are_zero_and_those_behind_them_stay, "")
{
	char bytes[8];

	memset(bytes, 0x55, sizeof bytes);
	crypt_wipe(bytes, 5);
	for (int i = 0; i < 8; i++)
		CHECK_INT(bytes[i], i < 5 ? 0 : 0x55);
	CHECK(crypt_equal("abc", "abd", 2) && !crypt_equal("abc", "abd", 3));
	CHECK(crypt_equal("a", "b", 0));
}

TEST(uuids_carry_time_and_read_back, "")
{
	uint8_t random[UUID_RANDOM_BYTES];
	struct uuid u, v;
	struct buf b;

	memset(random, 0xff, sizeof random);
	/* RFC 9562, A.6: 2022-02-22 19:22:22 UTC is 017F22E2-79B0 in milliseconds. */
	u = uuid_v7(INT64_C(1645557742000000), random);
	buf_init(&b, t->arena, 100);
	uuid_print(&b, u);
	CHECK_STR(buf_str(&b), S("017f22e2-79b0-7fff-bfff-ffffffffffff"));
	CHECK(uuid_parse(buf_str(&b), &v));
	CHECK(memcmp(&u, &v, sizeof u) == 0);
	CHECK(!uuid_parse(S("017f22e2-79b0-7fff-bfff-fffffffffff"), &v));
	CHECK(!uuid_parse(S("017f22e279b0-7fff-bfff-ffffffffffff-"), &v));
	CHECK(!uuid_parse(S("017F22e2-79b0-7fff-bfff-ffffffffffff"), &v));
	CHECK(!uuid_parse(S("017f22e2-79b0-7fff-bfff-fffffffffffg"), &v));
}

/* Any byte in any place: digits and hyphens where they belong, in lower case, are taken. */
TEST(a_uuid_has_one_form, "")
{
	const str right = S("017f22e2-79b0-7abf-bfff-09af09af09af");
	struct uuid u;

	for (isize at = 0; at < right.n; at++)
		for (int c = 0; c < 256; c++) {
			char text[UUID_TEXT_BYTES + 1];
			struct buf b;
			memcpy(text, right.p, UUID_TEXT_BYTES);
			text[at] = (char)c;
			str s = test_edge((str){text, UUID_TEXT_BYTES});
			bool is_digit = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
			bool want = right.p[at] == '-' ? c == '-' : is_digit;
			CHECK(uuid_parse(s, &u) == want);
			if (!want)
				continue;
			buf_init(&b, t->arena, 100);
			uuid_print(&b, u);
			CHECK_STR(buf_str(&b), s);
		}
	for (isize n = 0; n < right.n; n++)
		CHECK(!uuid_parse(test_edge(str_part(right, 0, n)), &u));
	CHECK(!uuid_parse(S("017f22e2-79b0-7abf-bfff-09af09af09af0"), &u));
}

/* 48 bits of milliseconds, in the order of time. */
TEST(uuids_sort_by_their_time, "")
{
	uint8_t random[UUID_RANDOM_BYTES] = {0};

	for (int bit = 0; bit < 43; bit++) {
		int64_t ms = INT64_C(1) << bit;
		struct uuid u = uuid_v7(ms * 1000 + 999, random);
		int64_t got = 0;
		for (int i = 0; i < 6; i++)
			got = got << 8 | u.b[i];
		CHECK_INT(got, ms);
		CHECK_INT(u.b[6], 0x70);
		CHECK_INT(u.b[8], 0x80);
		for (int i = 9; i < 16; i++)
			CHECK_INT(u.b[i], 0);
	}
}

TEST_MAIN()
