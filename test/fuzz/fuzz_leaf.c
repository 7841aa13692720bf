/* Leaves, as a store that was tampered with may hold them. */
#include "ledger/ledger.h"
#include "os/os.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { FUZZ_ARENA_BYTES = 16 << 20 };
static struct arena arena;

/* A leaf that is taken is exactly what we would have written. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	str in = {(const char *)data, (isize)size};
	struct err e = {0};
	struct leaf l;
	struct buf b;

	if (!arena.size)
		arena_init(&arena, os_reserve(FUZZ_ARENA_BYTES), FUZZ_ARENA_BYTES);
	arena_reset(&arena);
	if (!leaf_decode(&arena, in, &l, &e)) {
		if (e.code == ERR_NONE)
			abort();
		return 0;
	}
	buf_init(&b, &arena, LIMIT_LEAF_BYTES);
	leaf_encode(&b, &l);
	if (b.full || !str_eq(buf_str(&b), in))
		abort();
	return 0;
}
