/*
 * The keeper, from the side of those who ask: the process that holds the signing key and does the
 * work on passwords.  serve/keeper.c is the process; it may also run as a thread.
 *
 * Fixed-size messages go over socket pairs (SOCK_SEQPACKET), one a channel: channel 0 signs, the
 * others hash and verify passwords, so that two of those (64 MiB each) run at a time and never
 * hold up a signature.  A channel carries one question and its answer at a time; askers wait, but
 * KEEPER_WAITING of those who verify at the most, so that passwords never hold all workers of a
 * server.  Every function is safe to call from any thread.
 */
#ifndef CRYPT_KEEPER_H
#define CRYPT_KEEPER_H
#include "base/base.h"

#include "crypt/crypt.h"

enum {
	KEEPER_CHANNELS = 3,
	KEEPER_WAITING = 1,           /* verifications in line for a channel; more are ERR_BUSY */
	KEEPER_PROOF = 64,            /* hashes of a consistency proof */
	KEEPER_PASSWORD_BYTES = 1024, /* longest password */
	KEEPER_ORIGIN_BYTES = 1024
};

struct keeper;

struct keeper_state {
	str origin;
	struct public_key key;
	uint64_t size; /* last signed; 0 before the first */
	struct sha256 root;
	struct hash_key mark_key; /* secret: what marks entries until they are signed */
};

/* The client over its ends of the pairs, which it owns from now on.  Asks for the key at once. */
CHECKED bool keeper_open(
	struct keeper **out, struct arena *a, const int fd[KEEPER_CHANNELS], struct err *e);
/* Ends the channels; the process sees that and ends. */
void keeper_close(struct keeper *k);

/* The origin and the keys of the log, and what was signed last. */
CHECKED bool keeper_ask_state(struct keeper *k, struct keeper_state *out, struct err *e);
/* Signs the checkpoint of (size, root, at_us) when `proof` shows that it continues what was signed
   last.  ERR_TAMPERED with the reason when not. */
CHECKED bool keeper_ask_sign(struct keeper *k, uint64_t size, struct sha256 root, int64_t at_us,
	const struct sha256 *proof, int count, struct signature *out, struct err *e);
/* ERR_INVALID when the password is empty or too long. */
CHECKED bool keeper_ask_hash(
	struct keeper *k, str password, char out[PASSWORD_HASH_BYTES], struct err *e);
/* `*matches` is false unless everything worked and the password is the right one.  ERR_INVALID as
   above; ERR_BUSY, with what to tell the person, when too many are asked about at once. */
CHECKED bool keeper_ask_verify(
	struct keeper *k, str password, str hash, bool *matches, struct err *e);

/* ---- the messages, for both sides ---- */

enum keeper_verb { KEEPER_STATE = 1, KEEPER_SIGN, KEEPER_HASH, KEEPER_VERIFY };

struct keeper_question {
	uint32_t verb;
	uint32_t count; /* hashes of the proof, or bytes of the password */
	union {
		struct {
			uint64_t size;
			int64_t at_us;
			struct sha256 root, proof[KEEPER_PROOF];
		} sign;
		struct {
			char text[KEEPER_PASSWORD_BYTES];
			char hash[PASSWORD_HASH_BYTES]; /* terminated */
		} password;
	};
};
struct keeper_answer {
	uint32_t code;  /* enum err_code; ERR_NONE: the union holds the answer */
	uint32_t count; /* bytes of the origin */
	union {
		char why[400]; /* terminated; why it was refused */
		struct {
			uint64_t size;
			struct sha256 root;
			struct public_key key;
			struct hash_key mark_key;
			char origin[KEEPER_ORIGIN_BYTES];
		} state;
		struct signature signature;
		char hash[PASSWORD_HASH_BYTES];
		uint8_t matches;
	};
};
/* One message, whole.  False when the other side is gone or speaks otherwise. */
CHECKED bool keeper_send(int fd, const void *message, isize n);
CHECKED bool keeper_receive(int fd, void *message, isize n);
#endif
