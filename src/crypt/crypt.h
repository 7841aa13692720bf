/*
 * Cryptography: thin typed wrappers over libcrypto (SHA-256) and libsodium (Ed25519, Argon2id,
 * random).  No algorithm of our own.  Secrets live in struct secret: never printed, compared in
 * constant time, wiped when done.
 */
#ifndef CRYPT_CRYPT_H
#define CRYPT_CRYPT_H
#include "base/base.h"

/* Must be called once before anything else here. */
CHECKED bool crypt_init(void);

struct sha256 {
	uint8_t b[32];
};
struct sha256 sha256(str bytes);
/* Over pieces; no copy. */
struct sha256 sha256_of(const str *pieces, isize count);
/* HMAC-SHA-256. */
struct sha256 hmac_sha256(str key, str bytes);
/* BLAKE2b with a key (RFC 7693), `n` bytes from 16 to 64, over pieces: what nobody makes without
   the key. */
struct hash_key {
	uint8_t b[32];
};
void hash_keyed(const struct hash_key *key, const str *pieces, isize count, void *out, isize n);

/* `n` bytes from the system's generator. */
void crypt_random(void *out, isize n);
bool crypt_equal(const void *a, const void *b, isize n); /* constant time */
void crypt_wipe(void *p, isize n);

struct secret {
	uint8_t b[64];
};
struct public_key {
	uint8_t b[32];
};
struct signature {
	uint8_t b[64];
};
/* Ed25519 (RFC 8032).  `secret` is the seed followed by the public key. */
void sign_keypair(struct secret *secret, struct public_key *public);
struct signature sign_detached(const struct secret *secret, str bytes);
bool sign_verify(const struct public_key *public, str bytes, const struct signature *s);

enum { PASSWORD_HASH_BYTES = 128 };
/* Argon2id (RFC 9106) with 64 MiB and 3 passes, as libsodium's text form, terminated.  Takes about
   0.2 s of CPU: only the keeper calls it, two at a time.  False when memory is short. */
CHECKED bool password_hash(str password, char out[PASSWORD_HASH_BYTES]);
/* False for every hash with other parameters than ours, which a stranger could choose to exhaust
   memory. */
CHECKED bool password_verify(str password, str hash);

/* RFC 9562, version 7: the first 48 bits are milliseconds since 1970, so that they sort by time. */
struct uuid {
	uint8_t b[16];
};
enum { UUID_RANDOM_BYTES = 10, UUID_TEXT_BYTES = 36 };
struct uuid uuid_v7(int64_t now_us, const uint8_t random[UUID_RANDOM_BYTES]);
/* "0193…-…": lower case, 36 bytes. */
void uuid_print(struct buf *b, struct uuid u);
/* Exactly that form, lower case, any version. */
CHECKED bool uuid_parse(str s, struct uuid *out);
#endif
