/* The runner behind test.h: TAP, in an order drawn anew each time. */
#include "test.h"

#include <assert.h>
#include <stdarg.h>
#include <sys/mman.h>

enum { TEST_ARENA_BYTES = 256 << 20, EDGES = 16, PAGE = 4096 };

void test_fail(struct test_case *t, const char *file, int line, const char *format, ...)
{
	char text[1000];
	va_list ap;

	va_start(ap, format);
	vsnprintf(text, sizeof text, format, ap);
	va_end(ap);
	printf("# %s:%d: %s\n", file, line, text);
	t->failures++;
}

bool test_skip(struct test_case *t, const char *format, ...)
{
	char text[1000];
	va_list ap;

	va_start(ap, format);
	vsnprintf(text, sizeof text, format, ap);
	va_end(ap);
	if (!t->skipped.n)
		t->skipped = str_dup(t->arena, str_of(text));
	return false;
}

static void print_result(const struct test_case *t, int number)
{
	printf("%sok %d %s", t->failures ? "not " : "", number, t->name);
	if (t->skipped.n && !t->failures)
		printf(" # SKIP %.*s", STR_ARG(t->skipped));
	else if (t->tag[0])
		printf(" # %s", t->tag);
	putchar('\n');
	fflush(stdout);
}

int64_t test_random(uint64_t *state, int64_t n)
{
	*state = *state * 6364136223846793005u + 1442695040888963407u;
	return (int64_t)(*state >> 33) % n;
}

str test_edge(str s)
{
	static char *page[EDGES];
	static int next;
	char **at = &page[next++ % EDGES];

	assert(s.n <= PAGE);
	if (!*at) {
		char *three = mmap(
			NULL, 3 * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		assert(three != MAP_FAILED);
		assert(mprotect(three + PAGE, PAGE, PROT_READ | PROT_WRITE) == 0);
		*at = three + PAGE;
	}
	char *p = *at + PAGE - s.n;
	if (s.n)
		memcpy(p, s.p, (size_t)s.n);
	return (str){p, s.n};
}

void test_room(struct arena *a, isize room)
{
	arena_reset(a);
	a->used = a->size - ARENA_RESERVE - room;
}

int test_main(void)
{
	const char *given = getenv("WARD_TEST_SEED");
	uint64_t seed = (uint64_t)clock_mono(), state;
	struct test_case *order[1000];
	struct arena arena;
	int count = 0, failed = 0;
	int64_t parsed;

	if (given && str_int(str_of(given), 0, INT64_MAX, &parsed))
		seed = (uint64_t)parsed;
	state = seed;
	for (struct test_case *t = test_all; t; t = t->next)
		order[count++] = t;
	for (int i = count - 1; i > 0; i--) {
		int other = (int)test_random(&state, i + 1);
		struct test_case *swap = order[i];
		order[i] = order[other];
		order[other] = swap;
	}
	/* An abort must not swallow what was said before it. */
	setvbuf(stdout, NULL, _IOLBF, 0);
	arena_init(&arena, os_reserve(TEST_ARENA_BYTES), TEST_ARENA_BYTES);
	printf("1..%d\n# seed %" PRIu64 "\n", count, seed);
	for (int i = 0; i < count; i++) {
		arena_reset(&arena);
		order[i]->arena = &arena;
		order[i]->skipped = S("");
		order[i]->run(order[i]);
		failed += order[i]->failures > 0;
		print_result(order[i], i + 1);
		if (failed && getenv("WARD_TEST_STOP"))
			break;
	}
	arena_reset(&arena);
	return failed ? 1 : 0;
}
