/* Work that ends early, and what happens where nothing can end: while a process starts. */
#include "test.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

static int closed[8], closed_count;

static void close_one(void *what)
{
	closed[closed_count++] = *(int *)what;
}

static void give_up(void *why)
{
	arena_give_up(*(enum arena_end *)why);
}

TEST(work_that_is_given_up_says_why_and_closes_what_it_held, "")
{
	static const enum arena_end ends[] = {ARENA_SPENT, ARENA_NONE_LEFT};

	for (int i = 0; i < 2; i++) {
		enum arena_end why = ends[i];
		CHECK_INT(arena_run(give_up, &why), why);
	}
}

struct held {
	int number[3];
	int take_back; /* of the guards, the newest first */
	bool ends;
};

static void hold(void *what)
{
	struct held *h = what;
	struct arena_guard guard[3];

	for (int i = 0; i < 3; i++)
		arena_guard(&guard[i], close_one, &h->number[i]);
	for (int i = 0; i < h->take_back; i++)
		arena_unguard(&guard[2 - i]);
	if (h->ends)
		arena_give_up(ARENA_SPENT);
	for (int i = h->take_back; i < 3; i++)
		arena_unguard(&guard[2 - i]);
}

TEST(guards_are_closed_newest_first_and_those_taken_back_are_not, "")
{
	for (int back = 0; back <= 3; back++)
		for (int ends = 0; ends < 2; ends++) {
			struct held h = {{1, 2, 3}, back, ends};
			closed_count = 0;
			CHECK_INT(arena_run(hold, &h), ends ? ARENA_SPENT : ARENA_DONE);
			CHECK_INT(closed_count, ends ? 3 - back : 0);
			for (int i = 0; i < closed_count; i++)
				CHECK_INT(closed[i], 3 - back - i);
		}
}

/* Outside any work there is nobody to close for, and nothing is. */
TEST(a_guard_outside_work_is_none, "")
{
	int number = 1;
	struct arena_guard guard;

	closed_count = 0;
	arena_guard(&guard, close_one, &number);
	arena_unguard(&guard);
	enum arena_end why = ARENA_SPENT;
	arena_guard(&guard, close_one, &number);
	CHECK_INT(arena_run(give_up, &why), ARENA_SPENT);
	arena_unguard(&guard);
	CHECK_INT(closed_count, 0);
}

/* In a process of its own: what it says on standard error, and how it ends. */
static str end_of_process(struct test_case *t, bool is_deaf, int *status)
{
	char *said = NEW(t->arena, char, 200);
	int ends[2];
	ssize_t n = 0;

	CHECK(pipe(ends) == 0);
	fflush(stdout);
	pid_t pid = fork();
	if (pid == 0) {
		dup2(is_deaf ? open("/dev/full", O_WRONLY) : ends[1], 2);
		arena_give_up(ARENA_NONE_LEFT);
	}
	close(ends[1]);
	for (ssize_t got; n < 199 && (got = read(ends[0], said + n, (size_t)(199 - n))) > 0;)
		n += got;
	close(ends[0]);
	CHECK(waitpid(pid, status, 0) == pid);
	return (str){said, n};
}

TEST(where_there_is_no_work_the_process_says_so_and_ends, "")
{
	int status;

	CHECK_STR(end_of_process(t, false, &status),
		S("ward: there is not enough memory to start\n"));
	CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
	end_of_process(t, true, &status);
	CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
}

TEST_MAIN()
