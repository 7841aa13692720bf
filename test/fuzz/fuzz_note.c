/* Signed notes, checkpoints and verifier keys from strangers. */
#include "ledger/ledger.h"
#include "os/os.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { FUZZ_ARENA_BYTES = 16 << 20 };
static struct arena arena;

/* A note that opens was signed, so its text is the one known; a checkpoint that parses prints as it
   was but for its extension lines. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char known[] =
		"example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k";
	str in = {(const char *)data, (isize)size}, text;
	struct verifier_key key, other;
	struct checkpoint c;
	struct err e = {0}, f = {0};
	struct buf b;

	if (!arena.size)
		arena_init(&arena, os_reserve(FUZZ_ARENA_BYTES), FUZZ_ARENA_BYTES);
	arena_reset(&arena);
	if (!crypt_init() || !vkey_parse(&arena, str_of(known), &key))
		abort();
	if (note_open(&arena, in, &key, 1, &text, &e)) {
		if (!str_eq(text, S("This is an example message.\n")))
			abort();
	} else if (e.code == ERR_NONE) {
		abort();
	}
	buf_init(&b, &arena, 1 << 20);
	if (checkpoint_parse(in, &c, &f)) {
		checkpoint_print(&b, &c);
		if (!str_starts(in, buf_str(&b)))
			abort();
	} else if (f.code == ERR_NONE) {
		abort();
	}
	b.n = 0;
	if (vkey_parse(&arena, in, &other)) {
		vkey_print(&b, &other);
		if (!str_eq_fold(buf_str(&b), in))
			abort();
	}
	return 0;
}
