/* Receipts from strangers. */
#include "ledger/ledger.h"
#include "os/os.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { FUZZ_ARENA_BYTES = 16 << 20 };
static struct arena arena;

/* A receipt that parses prints as it was. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	str in = {(const char *)data, (isize)size};
	struct err e = {0}, f = {0};
	struct checkpoint c;
	struct receipt r;
	struct buf b;

	if (!arena.size)
		arena_init(&arena, os_reserve(FUZZ_ARENA_BYTES), FUZZ_ARENA_BYTES);
	arena_reset(&arena);
	if (!crypt_init())
		abort();
	buf_init(&b, &arena, 1 << 20);
	if (receipt_parse(&arena, in, &r, &e)) {
		receipt_print(&b, &r);
		if (!str_eq(buf_str(&b), in))
			abort();
	} else if (e.code == ERR_NONE) {
		abort();
	}
	/* No key is known: nothing may hold. */
	if (receipt_check(&arena, in, S(""), NULL, 0, &r, &c, &f) || f.code == ERR_NONE)
		abort();
	return 0;
}
