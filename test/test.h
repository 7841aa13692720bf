/*
 * Tests: TAP on standard output, one binary a module, run by prove.
 *
 *	TEST(accept_refuses_residual_above_the_line, "RSK-REQ-07")
 *	{
 *		CHECK_INT(1 + 1, 2);
 *	}
 *
 *	TEST_MAIN()
 *
 * The name is the claim, the tag the requirement it verifies ("" when none).  Tests run in an
 * order drawn anew each time, each with an arena of its own; WARD_TEST_SEED repeats an order, and
 * with WARD_TEST_STOP the first test that fails is the last.  A test whose data is not here calls
 * test_skip(): it did not run, and the summary counts it apart.
 */
#ifndef TEST_H
#define TEST_H
#include "base/base.h"

#include "os/os.h"

struct test_case {
	const char *name, *tag;
	void (*run)(struct test_case *t);
	struct test_case *next;
	struct arena *arena;
	int failures;
	str skipped; /* why it could not do all that it claims; "" when it did */
};
extern struct test_case *test_all;

#define TEST(name_, tag_)                                                                          \
	static void test_##name_(struct test_case *t);                                             \
	static struct test_case entry_##name_ = {                                                  \
		.name = #name_, .tag = tag_, .run = test_##name_};                                 \
	__attribute__((constructor)) static void add_##name_(void)                                 \
	{                                                                                          \
		entry_##name_.next = test_all;                                                     \
		test_all = &entry_##name_;                                                         \
	}                                                                                          \
	static void test_##name_(__attribute__((unused)) struct test_case *t)

void test_fail(struct test_case *t, const char *file, int line, const char *format, ...)
	__attribute__((format(printf, 4, 5)));
/* Says that the test, or a part of it, did not run; the runner reports it as skipped.  Returns
   false. */
bool test_skip(struct test_case *t, const char *format, ...) __attribute__((format(printf, 2, 3)));
int test_main(void);
/* The next of a row of numbers below `n`: random enough for tests, the same for the same state. */
int64_t test_random(uint64_t *state, int64_t n);
/* The bytes of `s`, at most 4096, between two pages that cannot be read: who looks one byte behind
   them dies, without a sanitizer as well.  Holds until the sixteenth call after it. */
str test_edge(str s);
/* Empties the arena and leaves `room` bytes of it to be asked for. */
void test_room(struct arena *a, isize room);

#define TEST_MAIN()                                                                                \
	struct test_case *test_all;                                                                \
	int main(void)                                                                             \
	{                                                                                          \
		return test_main();                                                                \
	}

#define CHECK(condition)                                                                           \
	do                                                                                         \
		if (!(condition))                                                                  \
			test_fail(t, __FILE__, __LINE__, "%s", #condition);                        \
	while (0)
#define CHECK_INT(got, want)                                                                       \
	do {                                                                                       \
		int64_t got_ = (int64_t)(got), want_ = (int64_t)(want);                            \
		if (got_ != want_)                                                                 \
			test_fail(t, __FILE__, __LINE__, "%s is %" PRId64 ", not %" PRId64, #got,  \
				got_, want_);                                                      \
	} while (0)
#define CHECK_STR(got, want)                                                                       \
	do {                                                                                       \
		str got_ = (got), want_ = (want);                                                  \
		if (!str_eq(got_, want_))                                                          \
			test_fail(t, __FILE__, __LINE__, "%s is \"%.*s\", not \"%.*s\"", #got,     \
				STR_ARG(got_), STR_ARG(want_));                                    \
	} while (0)
#endif
