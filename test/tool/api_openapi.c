/* Prints the description of the API, for test/shell/openapi.t. */
#include "api/api.h"

#include "os/os.h"

enum { ARENA_BYTES = 256 << 20, DESCRIPTION_MAX = 16 << 20 };

int main(void)
{
	struct arena arena;
	struct buf b;

	arena_init(&arena, os_reserve(ARENA_BYTES), ARENA_BYTES);
	buf_init(&b, &arena, DESCRIPTION_MAX);
	api_openapi(&b);
	bool ok = !b.full && fwrite(b.p, 1, (size_t)b.n, stdout) == (size_t)b.n;
	arena_reset(&arena);
	return ok ? 0 : 70;
}
