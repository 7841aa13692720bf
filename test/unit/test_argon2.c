/* Passwords, which cost a fifth of a second each. */
/* In this order, because libsodium's headers name functions that base.h poisons. */
/* clang-format off */
#include <dlfcn.h>
#include <sodium.h>

#include "crypt/crypt.h"
#include "test.h"
/* clang-format on */

static bool has_no_randomness;

/* Instead of libsodium's, which asks the system for randomness. */
int sodium_init(void)
{
	void *found = dlsym(RTLD_NEXT, "sodium_init");
	int (*init)(void);

	memcpy(&init, &found, sizeof init);
	return has_no_randomness ? -1 : init();
}

TEST(without_libsodium_there_is_no_cryptography, "")
{
	CHECK(crypt_init() && crypt_init());
	has_no_randomness = true;
	CHECK(!crypt_init());
	has_no_randomness = false;
	CHECK(crypt_init());
}

TEST(passwords_are_verified_and_nothing_else_is, "")
{
	char hash[PASSWORD_HASH_BYTES], other[PASSWORD_HASH_BYTES];

	CHECK(crypt_init());
	CHECK(password_hash(S("correct horse battery"), hash));
	CHECK(str_starts(str_of(hash), S("$argon2id$v=19$m=65536,t=3,p=1$")));
	CHECK(password_verify(S("correct horse battery"), test_edge(str_of(hash))));
	CHECK(!password_verify(S("correct horse batterz"), str_of(hash)));
	CHECK(!password_verify(S(""), str_of(hash)));
	CHECK(password_hash(S("correct horse battery"), other));
	CHECK(!str_eq(str_of(hash), str_of(other)));
}

/* Right ones of other parameters would cost whatever a stranger wrote into them. */
TEST(hashes_of_other_parameters_are_refused_though_they_are_right, "")
{
	static const struct {
		unsigned long long passes;
		size_t bytes;
	} cases[] = {{1, 8192}, {3, 1 << 20}, {1, 64 << 20}};
	const str password = S("correct horse battery");
	char hash[crypto_pwhash_argon2id_STRBYTES];

	CHECK(crypt_init());
	for (isize i = 0; i < COUNT_OF(cases); i++) {
		CHECK(crypto_pwhash_argon2id_str(hash, password.p, (unsigned long long)password.n,
			      cases[i].passes, cases[i].bytes) == 0);
		CHECK(crypto_pwhash_argon2id_str_verify(
			      hash, password.p, (unsigned long long)password.n) == 0);
		CHECK(!password_verify(password, str_of(hash)));
	}
	CHECK(!password_verify(S("a"), S("")));
	CHECK(!password_verify(S("a"), S("$argon2id$v=19$m=65536,t=3,p=1$")));
}

/* What is longer than any hash is not copied anywhere. */
TEST(a_hash_has_a_length, "")
{
	str head = S("$argon2id$v=19$m=65536,t=3,p=1$");
	char text[4096];

	memset(text, 'A', sizeof text);
	memcpy(text, head.p, (size_t)head.n);
	for (isize n = head.n; n <= (isize)sizeof text; n += n < 140 ? 1 : 97)
		CHECK(!password_verify(S("a"), test_edge((str){text, n})));
	CHECK(!password_verify(S("a"), test_edge((str){text, sizeof text})));
}

TEST_MAIN()
