/* The one-shot calls below are the fastest that libcrypto has for short inputs:
   a fetched EVP costs 1.7 times as much a tree node, the one-shot EVP four times. */
#define OPENSSL_SUPPRESS_DEPRECATED
/* In this order, because libsodium's headers name functions that base.h poisons. */
/* clang-format off */
#include <openssl/sha.h>
#include <sodium.h>

#include "crypt/crypt.h"
/* clang-format on */

_Static_assert(sizeof(struct secret) == crypto_sign_SECRETKEYBYTES, "libsodium's secret key");
_Static_assert(sizeof(struct public_key) == crypto_sign_PUBLICKEYBYTES, "libsodium's public key");
_Static_assert(sizeof(struct signature) == crypto_sign_BYTES, "libsodium's signature");
_Static_assert(PASSWORD_HASH_BYTES == crypto_pwhash_argon2id_STRBYTES, "libsodium's text form");

enum { PASSWORD_PASSES = 3, PASSWORD_MEMORY_BYTES = 64 << 20 };

bool crypt_init(void)
{
	return sodium_init() >= 0;
}

struct sha256 sha256(str bytes)
{
	return sha256_of(&bytes, 1);
}

struct sha256 sha256_of(const str *pieces, isize count)
{
	struct sha256 out;
	SHA256_CTX state;

	SHA256_Init(&state);
	for (isize i = 0; i < count; i++)
		if (pieces[i].n)
			SHA256_Update(&state, pieces[i].p, (size_t)pieces[i].n);
	SHA256_Final(out.b, &state);
	return out;
}

struct sha256 hmac_sha256(str key, str bytes)
{
	struct sha256 out;
	crypto_auth_hmacsha256_state state;

	crypto_auth_hmacsha256_init(&state, (const uint8_t *)key.p, (size_t)key.n);
	crypto_auth_hmacsha256_update(&state, (const uint8_t *)bytes.p, (size_t)bytes.n);
	crypto_auth_hmacsha256_final(&state, out.b);
	crypt_wipe(&state, sizeof state);
	return out;
}

void hash_keyed(const struct hash_key *key, const str *pieces, isize count, void *out, isize n)
{
	crypto_generichash_state state;

	assert(n >= (isize)crypto_generichash_BYTES_MIN &&
		n <= (isize)crypto_generichash_BYTES_MAX);
	crypto_generichash_init(&state, key->b, sizeof key->b, (size_t)n);
	for (isize i = 0; i < count; i++)
		if (pieces[i].n)
			crypto_generichash_update(
				&state, (const uint8_t *)pieces[i].p, (size_t)pieces[i].n);
	crypto_generichash_final(&state, out, (size_t)n);
	crypt_wipe(&state, sizeof state);
}

void crypt_random(void *out, isize n)
{
	assert(n >= 0);
	randombytes_buf(out, (size_t)n);
}

bool crypt_equal(const void *a, const void *b, isize n)
{
	assert(n >= 0);
	return sodium_memcmp(a, b, (size_t)n) == 0;
}

void crypt_wipe(void *p, isize n)
{
	assert(n >= 0);
	sodium_memzero(p, (size_t)n);
}

void sign_keypair(struct secret *secret, struct public_key *public)
{
	crypto_sign_keypair(public->b, secret->b);
}

struct signature sign_detached(const struct secret *secret, str bytes)
{
	struct signature s;

	crypto_sign_detached(
		s.b, NULL, (const uint8_t *)bytes.p, (unsigned long long)bytes.n, secret->b);
	return s;
}

bool sign_verify(const struct public_key *public, str bytes, const struct signature *s)
{
	return crypto_sign_verify_detached(
		       s->b, (const uint8_t *)bytes.p, (unsigned long long)bytes.n, public->b) == 0;
}

bool password_hash(str password, char out[PASSWORD_HASH_BYTES])
{
	return crypto_pwhash_argon2id_str(out, password.p, (unsigned long long)password.n,
		       PASSWORD_PASSES, PASSWORD_MEMORY_BYTES) == 0;
}

bool password_verify(str password, str hash)
{
	char text[PASSWORD_HASH_BYTES] = {0};

	if (hash.n >= PASSWORD_HASH_BYTES ||
		!str_starts(hash, S("$argon2id$v=19$m=65536,t=3,p=1$")))
		return false;
	memcpy(text, hash.p, (size_t)hash.n);
	return crypto_pwhash_argon2id_str_verify(
		       text, password.p, (unsigned long long)password.n) == 0;
}

struct uuid uuid_v7(int64_t now_us, const uint8_t random[UUID_RANDOM_BYTES])
{
	struct uuid u;
	uint64_t ms = (uint64_t)(now_us / 1000);

	assert(now_us >= 0);
	for (int i = 0; i < 6; i++)
		u.b[i] = (uint8_t)(ms >> (40 - 8 * i));
	memcpy(u.b + 6, random, UUID_RANDOM_BYTES);
	u.b[6] = (uint8_t)(0x70 | (u.b[6] & 0x0f));
	u.b[8] = (uint8_t)(0x80 | (u.b[8] & 0x3f));
	return u;
}

/* Bytes between the hyphens of a printed UUID. */
static const int uuid_group[] = {4, 2, 2, 2, 6};

void uuid_print(struct buf *b, struct uuid u)
{
	const uint8_t *p = u.b;

	for (int i = 0; i < COUNT_OF(uuid_group); i++) {
		if (i)
			buf_char(b, '-');
		hex_print(b, p, uuid_group[i]);
		p += uuid_group[i];
	}
}

bool uuid_parse(str s, struct uuid *out)
{
	uint8_t *p = out->b;

	if (s.n != UUID_TEXT_BYTES)
		return false;
	for (isize i = 0; i < s.n; i++)
		if (s.p[i] >= 'A' && s.p[i] <= 'F')
			return false;
	for (int i = 0; i < COUNT_OF(uuid_group); i++) {
		if (i && *s.p != '-')
			return false;
		s = str_part(s, i > 0, s.n);
		if (!hex_parse(str_part(s, 0, 2 * uuid_group[i]), p, uuid_group[i]))
			return false;
		s = str_part(s, 2 * uuid_group[i], s.n);
		p += uuid_group[i];
	}
	return s.n == 0;
}
