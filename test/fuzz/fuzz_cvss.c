/* CVSS vectors on any bytes: the check ends, and a vector that holds is one of a known version. */
#include "call/call.h"
#include "kinds.h"
#include "test.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { FUZZ_ARENA_BYTES = 16 << 20, VECTOR_MAX = 4096 };

static void must(bool holds)
{
	if (!holds)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct arena arena;
	str vector = {(const char *)data, (isize)size};

	if (size > VECTOR_MAX || utf8_check(vector) >= 0)
		return 0;
	if (!arena.size)
		arena_init(&arena, os_reserve(FUZZ_ARENA_BYTES), FUZZ_ARENA_BYTES);
	struct call c = {.arena = &arena, .err = {.arena = &arena}};
	cvss(&c, S("cvss"), vector);
	must(c.err.code == ERR_NONE || (c.err.code == ERR_INVALID && c.err.issues));
	if (c.err.code == ERR_NONE) {
		must(str_starts(vector, S("CVSS:3.")) || str_starts(vector, S("CVSS:4.0/")));
		must(vector.n >= 40 && !str_ends(vector, S("/")) && str_find(vector, S("//")) < 0);
	}
	arena_reset(&arena);
	return 0;
}
