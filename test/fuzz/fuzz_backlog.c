/* The file of a tracker as any bytes: bounded, and every fault has its place. */
#include "test.h"
#include "threat/backlog/backlog.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { FUZZ_ARENA_BYTES = 256 << 20 };

static void must(bool holds)
{
	if (!holds)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct arena arena;
	struct err e = {0};
	isize items;

	if (!arena.size)
		arena_init(&arena, os_reserve(FUZZ_ARENA_BYTES), FUZZ_ARENA_BYTES);
	e.arena = &arena;
	if (backlog_read(&arena, &e, S("b"), (str){(const char *)data, (isize)size}, &items)) {
		must(items >= 0 && items <= LIMIT_LIST_ROWS);
		must(e.code == ERR_NONE && e.issue_count == 0);
	} else {
		must(e.code == ERR_SYNTAX || e.code == ERR_LIMIT);
		for (const struct issue *i = e.issues; i; i = i->next)
			must(str_starts(i->text, S("b:")));
	}
	arena_reset(&arena);
	return 0;
}
