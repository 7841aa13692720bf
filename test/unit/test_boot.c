/*
 * What is made of what the machine says of its clock.
 *
 * The name of this start and the state of the kernel's clock come from the test: open() and
 * adjtimex() stand here in place of libc's.  A process reads the name once, so each case has one of
 * its own.
 */
#include "os/os.h"
#include "test.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <sys/syscall.h>
#include <sys/timex.h>
#include <sys/wait.h>
#include <unistd.h>

static const char *boot_file; /* instead of the kernel's; NULL: there is none */
static int kernel_state;

int open(const char *path, int flags, ...)
{
	va_list ap;

	va_start(ap, flags);
	int mode = flags & O_CREAT ? va_arg(ap, int) : 0;
	va_end(ap);
	if (str_ends(str_of(path), S("/boot_id"))) {
		if (!boot_file) {
			errno = ENOENT;
			return -1;
		}
		path = boot_file;
	}
	return (int)syscall(SYS_openat, AT_FDCWD, path, flags, mode);
}

int adjtimex(struct timex *t)
{
	(void)t;
	return kernel_state;
}

static bool facts_are(const char *boot)
{
	struct clock real = {0};
	int next = dup(2);

	close(next);
	struct clock_facts one = clock_look(&real), two = clock_look(&real);
	int after = dup(2);
	bool is_given_back = after == next;
	close(after);
	return is_given_back && str_eq(one.boot, str_of(boot)) && str_eq(two.boot, one.boot);
}

/* In a process of its own, which holds no descriptor 0 when `is_closed`. */
static bool boot_is(struct test_case *t, str text, const char *boot, bool is_closed)
{
	struct err e = {.arena = t->arena};
	int status = -1;
	str folder;

	CHECK(folder_temp(t->arena, &folder, &e));
	str path = str_fmt(t->arena, "%.*s/boot", STR_ARG(folder));
	CHECK(file_write(t->arena, path, text, 0600, &e));
	fflush(stdout);
	pid_t pid = fork();
	if (pid == 0) {
		boot_file = text.n ? cstr(t->arena, path) : NULL;
		if (is_closed)
			close(0);
		_exit(facts_are(boot) ? 0 : 1);
	}
	CHECK(pid > 0 && waitpid(pid, &status, 0) == pid);
	CHECK(folder_remove(t->arena, folder, &e));
	return status == 0;
}

#define DIGITS "0123456789abcdef0123456789abcdef"

TEST(a_start_is_named_by_the_first_32_digits, "")
{
	static const struct {
		str text;
		const char *boot;
	} cases[] = {{S_INIT("01234567-89ab-cdef-0123-456789abcdef\n"), DIGITS},
		{S_INIT(DIGITS), DIGITS}, {S_INIT(DIGITS "0123"), DIGITS},
		{S_INIT("0/1:2`3g4@5A6F789abcdef-0123456789abcdef"), DIGITS},
		{S_INIT("0123456789abcdef0123456789abcde\n"), ""}, {S_INIT("\n"), ""},
		{S_INIT(""), ""}};

	for (isize i = 0; i < COUNT_OF(cases); i++)
		for (int is_closed = 0; is_closed < 2; is_closed++)
			if (!boot_is(t, cases[i].text, cases[i].boot, is_closed))
				test_fail(t, __FILE__, __LINE__, "of \"%.*s\"",
					STR_ARG(cases[i].text));
}

TEST(a_clock_is_synchronized_when_the_kernel_says_so, "")
{
	static const struct {
		int state;
		bool is_synchronized;
	} cases[] = {{TIME_OK, true}, {TIME_INS, true}, {TIME_DEL, true}, {TIME_OOP, true},
		{TIME_WAIT, true}, {TIME_ERROR, false}, {-1, false}};
	for (isize i = 0; i < COUNT_OF(cases); i++) {
		int status = -1;
		fflush(stdout);
		pid_t pid = fork();
		if (pid == 0) {
			struct clock real = {0};
			kernel_state = cases[i].state;
			_exit(clock_look(&real).is_synchronized != cases[i].is_synchronized);
		}
		CHECK(pid > 0 && waitpid(pid, &status, 0) == pid);
		CHECK_INT(status, 0);
	}
}

TEST(a_clock_is_shifted_or_given_whole, "")
{
	const struct clock_facts given = {5, 6, S(DIGITS), true};
	struct clock real = {0}, ahead = {.shift_us = INT64_C(3600000000)},
		     tests = {.shift_us = 7, .given = &given};
	int64_t now = clock_now(&real), later = clock_now(&ahead);

	/* 2020 to 2100: seconds have their microseconds. */
	CHECK(now > INT64_C(1577836800000000) && now < INT64_C(4102444800000000));
	CHECK(later - now >= ahead.shift_us && later - now < ahead.shift_us + 60000000);
	CHECK_INT(clock_now(&tests), 5);
	struct clock_facts facts = clock_look(&tests);
	CHECK(facts.now_us == 5 && facts.mono_us == 6 && facts.is_synchronized);
	CHECK_STR(facts.boot, S(DIGITS));
	int64_t mono = clock_mono();
	usleep(1100);
	CHECK(clock_mono() - mono >= 1000 && clock_mono() - mono < 60000000);
}

TEST_MAIN()
