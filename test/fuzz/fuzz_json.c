/* Any bytes as JSON: what is taken has a canonical form that is read again as itself. */
#include "base/json.h"

#include "base/utf8.h"
#include "os/os.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { FUZZ_ARENA_BYTES = 64 << 20, TEXT_MAX = 8 << 20 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct arena arena;
	struct err e = {0};
	struct buf once, twice;
	const struct json *j;

	if (!arena.size)
		arena_init(&arena, os_reserve(FUZZ_ARENA_BYTES), FUZZ_ARENA_BYTES);
	arena_reset(&arena);
	e.arena = &arena;
	if (size > LIMIT_RECORD_BYTES)
		return 0;
	j = json_parse(&arena, &e, (str){(const char *)data, (isize)size});
	if (!j) {
		assert(e.code == ERR_SYNTAX || e.code == ERR_LIMIT);
		assert(utf8_check(err_text(&e)) < 0);
		return 0;
	}
	buf_init(&once, &arena, TEXT_MAX);
	buf_init(&twice, &arena, TEXT_MAX);
	json_canonical(&once, &arena, j);
	j = json_parse(&arena, &e, buf_str(&once));
	assert(j);
	json_canonical(&twice, &arena, j);
	assert(str_eq(buf_str(&once), buf_str(&twice)));
	return 0;
}
