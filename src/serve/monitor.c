/*
 * The monitor: binds nothing itself, holds the socket it was given, starts keeper and server,
 * starts a server anew when it dies.  It parses no stranger's byte.
 */
#include "crypt/keeper.h"
#include "serve/keeper.h"
#include "serve/serve_in.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

enum { SERVE_ARENA_BYTES = 64 << 20, RESTARTS_MAX = 10, RESTART_WINDOW_US = 60 * 1000000 };

static volatile sig_atomic_t stop_asked;

static void on_stop(int number)
{
	(void)number;
	stop_asked = 1;
}

static bool run_here(
	const struct serve_config *config, enum keeper_how how, struct arena *a, struct err *e)
{
	struct keeper *keeper;
	int pid;
	str folder = str_fmt(a, "%.*s/keeper", STR_ARG(config->store));

	if (!keeper_start(&keeper, a, folder, how, &pid, e))
		return false;
	bool ok = server_run(config, keeper, a, e);
	keeper_close(keeper);
	if (pid > 0)
		waitpid(pid, NULL, 0);
	return ok;
}

/* What a server that could not start leaves for the monitor. */
struct last_word {
	enum err_code code;
	char text[sizeof((struct err *)NULL)->text];
};

/* The child's own process: keeper and server.  Its exit code tells the monitor whether it failed,
   the pipe, which takes one word without waiting, why. */
static void run_child(const struct serve_config *config, struct arena *a, int tell)
{
	struct err e = {.arena = a};
	struct last_word word = {0};

	signal(SIGINT, SIG_DFL);
	signal(SIGTERM, SIG_DFL);
	if (run_here(config, KEEPER_PROCESS, a, &e))
		_exit(0);
	word.code = e.code;
	memcpy(word.text, e.text, sizeof word.text);
	_exit(write(tell, &word, sizeof word) == (ssize_t)sizeof word ? 1 : 2);
}

static bool fail_as(int heard, struct err *e)
{
	struct last_word word;

	if (read(heard, &word, sizeof word) != (ssize_t)sizeof word || word.code == ERR_NONE)
		return FAIL(e, ERR_FAULT, "the server could not start");
	return FAIL(e, word.code, "%s", word.text);
}

static void wait_for(pid_t child, int *status)
{
	while (waitpid(child, status, 0) < 0 && errno == EINTR)
		if (stop_asked)
			kill(child, SIGTERM);
}

static bool watch(
	const struct serve_config *config, const int pipe[2], struct arena *a, struct err *e)
{
	int64_t first = clock_mono();
	int restarts = 0, status = 0;

	for (;;) {
		pid_t child = fork();
		if (child < 0)
			return FAIL(e, ERR_FAULT, "cannot start a process");
		if (child == 0)
			run_child(config, a, pipe[1]);
		wait_for(child, &status);
		if (stop_asked || (WIFEXITED(status) && WEXITSTATUS(status) == 0))
			return true;
		if (WIFEXITED(status))
			return fail_as(pipe[0], e);
		if (clock_mono() - first > RESTART_WINDOW_US) {
			first = clock_mono();
			restarts = 0;
		}
		if (++restarts > RESTARTS_MAX)
			return FAIL(
				e, ERR_FAULT, "the server died %d times within a minute", restarts);
		log_fault("server.died", KV("signal", str_fmt(a, "%d", WTERMSIG(status))));
	}
}

bool serve_run(const struct serve_config *config, struct err *e)
{
	struct arena arena;
	struct sigaction on = {.sa_handler = on_stop};
	int words[2];

	arena_open(&arena, SERVE_ARENA_BYTES);
	if (config->one_process)
		return run_here(config, KEEPER_THREAD, &arena, e);
	sigaction(SIGINT, &on, NULL);
	sigaction(SIGTERM, &on, NULL);
	if (pipe2(words, O_CLOEXEC | O_NONBLOCK) < 0)
		return FAIL(e, ERR_FAULT, "cannot make a pipe: %s", strerror(errno));
	return watch(config, words, &arena, e);
}
