/* The program from outside: how long commands take and how much memory an idle server holds. */
#include "bench.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

enum { ARENA = 16 << 20, ROUNDS = 21, START_MS = 5000, FAMILY = 16, PROC_BYTES = 16384 };

struct test_case *test_all; /* the fixture brings the runner along */

/* The program with nothing to read and nowhere to write; -1 when it does not start. */
static pid_t start(const char *const *argv)
{
	posix_spawn_file_actions_t files;
	pid_t pid;

	posix_spawn_file_actions_init(&files);
	for (int fd = 0; fd < 3; fd++)
		posix_spawn_file_actions_addopen(&files, fd, "/dev/null", O_RDWR, 0);
	int code = posix_spawn(&pid, argv[0], &files, NULL, (char **)(uintptr_t)argv, environ);
	posix_spawn_file_actions_destroy(&files);
	return code ? -1 : pid;
}

static bool command(const char *figure, const char *const *argv, int worst, double budget)
{
	double ms[ROUNDS];
	struct rusage use;
	int status;

	for (int i = 0; i < ROUNDS; i++) {
		if (wait4(start(argv), &status, 0, &use) < 0 || !WIFEXITED(status) ||
			WEXITSTATUS(status) > worst) {
			fprintf(stderr, "%s %s failed\n", argv[0], argv[1]);
			return false;
		}
		ms[i] = (double)(use.ru_utime.tv_sec + use.ru_stime.tv_sec) * 1e3 +
			(double)(use.ru_utime.tv_usec + use.ru_stime.tv_usec) / 1e3;
	}
	at_most(figure, median(ms, ROUNDS), budget, "ms CPU");
	return true;
}

/* A file of /proc, which says of itself that it is empty. */
static str proc_read(struct arena *a, pid_t pid, const char *file)
{
	char *text = NEW(a, char, PROC_BYTES);
	int fd = open(str_fmt(a, "/proc/%d/%s", (int)pid, file).p, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? 0 : read(fd, text, PROC_BYTES - 1);

	if (fd >= 0)
		close(fd);
	return str_of(n < 0 ? "" : text);
}

/* A member of /proc/PID/smaps_rollup or status in KiB; 0 when there is none. */
static int64_t memory_kib(struct arena *a, pid_t pid, const char *file, str name)
{
	str text = proc_read(a, pid, file);
	int64_t kib = 0;

	isize at = str_find(text, name);
	for (at = at < 0 ? text.n : at + name.n; at < text.n && text.p[at] != '\n'; at++)
		if (text.p[at] >= '0' && text.p[at] <= '9')
			kib = kib * 10 + (text.p[at] - '0');
	return kib;
}

/* The children of a process. */
static int children(struct arena *a, pid_t pid, pid_t *out, int max)
{
	str text = proc_read(a, pid, str_fmt(a, "task/%d/children", (int)pid).p);
	int64_t number = 0;
	int count = 0;

	for (isize i = 0; i < text.n && count < max; i++) {
		if (text.p[i] >= '0' && text.p[i] <= '9') {
			number = number * 10 + (text.p[i] - '0');
		} else if (number) {
			out[count++] = (pid_t)number;
			number = 0;
		}
	}
	return count;
}

static bool idle(struct arena *a, const char *ward)
{
	pid_t all[FAMILY];
	int64_t rss = 0, pss = 0, largest = 0;
	struct err e = {.arena = a};
	str folder;

	if (!folder_temp(a, &folder, &e))
		return false;
	/* str_fmt ends its text with a zero. */
	const char *store = str_fmt(a, "%.*s/store", STR_ARG(folder)).p;
	int status;
	if (waitpid(start((const char *[]){ward, "init", store, "--demo", NULL}), &status, 0) < 0 ||
		status != 0)
		return fprintf(stderr, "ward init --demo failed\n") < 0;
	all[0] = start(
		(const char *[]){ward, "serve", "--store", store, "--listen", "127.0.0.1:0", NULL});
	int count = 1;
	for (int waited = 0; count < 2 && waited < START_MS; waited += 50) {
		usleep(50000);
		count = 1 + children(a, all[0], all + 1, FAMILY - 1);
	}
	usleep(1500000); /* the first checkpoint is signed a second after the start */
	count = 1;
	for (int i = 0; i < count; i++) {
		count += children(a, all[i], all + count, FAMILY - count);
		int64_t own = memory_kib(a, all[i], "status", S("VmRSS:"));
		rss += own;
		pss += memory_kib(a, all[i], "smaps_rollup", S("\nPss:"));
		largest = own > largest ? own : largest;
	}
	kill(all[0], SIGTERM);
	waitpid(all[0], &status, 0);
	if (count < 2 || !largest)
		return fprintf(stderr, "the server did not start\n") < 0;
	at_most("idle server: processes", count, 0, "");
	at_most("idle server, demo store: resident, the server's process", (double)largest / 1024,
		20, "MiB");
	at_most("idle server: all processes, shared pages counted once", (double)pss / 1024, 0,
		"MiB");
	at_most("idle server: all processes, resident added up", (double)rss / 1024, 0, "MiB");
	return folder_remove(a, folder, &e);
}

int main(void)
{
	const char *given = getenv("WARD"), *ward = given ? given : "build/release/ward";
	struct arena a;

	arena_init(&a, os_reserve(ARENA), ARENA);
	return command("ward --version", (const char *[]){ward, "--version", NULL}, 0, 3) &&
			command("ward check on SurgeryCloud",
				(const char *[]){
					ward, "check", "examples/surgerycloud/model.ward", NULL},
				1, 20) &&
			idle(&a, ward)
		? 0
		: 1;
}
