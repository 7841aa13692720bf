/*
 * The monitor: binds nothing itself, holds the socket it was given, starts keeper and server,
 * starts a server anew when it dies.  It parses no stranger's byte.
 */
#include "crypt/keeper.h"
#include "serve/keeper.h"
#include "serve/serve_in.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum { SERVE_ARENA_BYTES = 64 << 20, RESTARTS_MAX = 10, RESTART_WINDOW_US = 60 * 1000000 };

enum { DESCRIPTORS_LEAST = 64 };
#define SPACE_LEAST (INT64_C(256) << 20)
#define SPACE_MOST  (INT64_C(4) << 30)

/* What a server says by its exit code. */
enum { EXIT_STOPPED = 0, EXIT_FAILED = 1, EXIT_KEEPER_DIED = 3 };

/* Waits for the end of the keeper.  Without it nobody signs in and nothing is signed, so that the
   server ends as well. */
struct keeper_watch {
	int pid;
	atomic_bool is_ending, has_died;
};

static void *watch_keeper(void *watch)
{
	struct keeper_watch *w = watch;

	while (waitpid(w->pid, NULL, 0) < 0 && errno == EINTR)
		;
	if (!atomic_load(&w->is_ending)) {
		atomic_store(&w->has_died, true);
		kill(getpid(), SIGTERM);
	}
	return NULL;
}

static bool run_here(const struct serve_config *config, enum keeper_how how, struct arena *a,
	bool *keeper_died, struct err *e)
{
	struct keeper_watch w = {0};
	struct keeper *keeper;
	pthread_t thread;
	str folder = str_fmt(a, "%.*s/keeper", STR_ARG(config->store));

	if (!keeper_start(&keeper, a, folder, how, &w.pid, e))
		return false;
	if (w.pid > 0 && pthread_create(&thread, NULL, watch_keeper, &w))
		return FAIL(e, ERR_FAULT, "cannot start a thread");
	bool ok = server_run(config, keeper, a, e);
	atomic_store(&w.is_ending, true);
	keeper_close(keeper);
	if (w.pid > 0)
		pthread_join(thread, NULL);
	*keeper_died = atomic_load(&w.has_died);
	return ok;
}

/* What a server that could not start leaves for the monitor. */
struct last_word {
	enum err_code code;
	char text[sizeof((struct err *)NULL)->text];
};

/* The signals that the monitor waits for.  They stay blocked in it: one that comes while it does
   something else waits for it to look. */
static sigset_t awaited(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGCHLD);
	return set;
}

/* The child's own process: keeper and server.  Its exit code tells the monitor whether it failed,
   the pipe, which takes one word without waiting, why.  It never outlives the monitor. */
static void run_child(const struct serve_config *config, struct arena *a, int tell, pid_t monitor)
{
	struct err e = {.arena = a};
	struct last_word word = {0};
	bool keeper_died = false;
	sigset_t set = awaited();

	if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) < 0 || getppid() != monitor)
		_exit(EXIT_FAILED);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	bool ok = run_here(config, KEEPER_PROCESS, a, &keeper_died, &e);
	if (keeper_died)
		_exit(EXIT_KEEPER_DIED);
	if (ok)
		_exit(EXIT_STOPPED);
	word.code = e.code;
	memcpy(word.text, e.text, sizeof word.text);
	_exit(write(tell, &word, sizeof word) == (ssize_t)sizeof word ? EXIT_FAILED : 2);
}

static bool fail_as(int heard, struct err *e)
{
	struct last_word word;

	if (read(heard, &word, sizeof word) != (ssize_t)sizeof word || word.code == ERR_NONE)
		return FAIL(e, ERR_FAULT, "the server could not start");
	return FAIL(e, word.code, "%s", word.text);
}

/* What the monitor has seen of the server's count.  It counts its own looks instead of time: when
   it was stopped with all the others, or the machine slept, nothing hangs. */
struct pulse {
	atomic_uint *beats;
	unsigned last;
	int looks, most; /* looks in a row that saw no new beat */
	bool has_begun;  /* while it starts, a server does not count */
};

static void pulse_begin(struct pulse *p)
{
	p->looks = 0;
	p->has_begun = false;
	p->last = atomic_load(p->beats);
}

static bool pulse_has_stopped(struct pulse *p)
{
	unsigned now = atomic_load(p->beats);

	p->has_begun |= now != p->last;
	p->looks = now == p->last ? p->looks + 1 : 0;
	p->last = now;
	return p->has_begun && p->looks >= p->most;
}

static int hung_after(void)
{
	const char *given = getenv("WARD_HUNG_AFTER");
	int64_t seconds;

	return given && str_int(str_of(given), 2, HUNG_TICKS_MOST, &seconds) ? (int)seconds
									     : HUNG_TICKS;
}

/* Waits for the end of the child, and passes on that it shall end; `stop_asked` stays true once it
   was asked for. */
static void wait_for(struct pulse *p, pid_t child, int *status, bool *stop_asked)
{
	const struct timespec second = {.tv_sec = 1};
	sigset_t set = awaited();

	pulse_begin(p);
	while (waitpid(child, status, WNOHANG) == 0) {
		int number = sigtimedwait(&set, NULL, &second);
		if (number < 0 && errno == EAGAIN && !*stop_asked && pulse_has_stopped(p)) {
			log_fault("server.hung", KV("then", S("it is killed and started anew")));
			/* One that is stopped takes no other signal. */
			kill(child, SIGKILL);
		}
		if (number < 0 || number == SIGCHLD)
			continue;
		*stop_asked = true;
		kill(child, SIGTERM);
	}
}

static void tell_death(struct arena *a, int status)
{
	if (WIFEXITED(status))
		log_fault("keeper.died", KV("then", S("server and keeper are started anew")));
	else
		log_fault("server.died", KV("signal", str_fmt(a, "%d", WTERMSIG(status))));
}

static bool watch(
	struct serve_config *config, const int pipe[2], struct arena *a, struct err *e)
{
	struct pulse pulse = {.beats = config->beats, .most = config->hung_after};
	int64_t first = clock_mono();
	int restarts = 0, status = 0;
	bool stop_asked = false;
	pid_t self = getpid();

	for (;;) {
		pid_t child = fork();
		if (child < 0)
			return FAIL(e, ERR_FAULT, "cannot start a process");
		if (child == 0)
			run_child(config, a, pipe[1], self);
		config->greeting = S("");
		wait_for(&pulse, child, &status, &stop_asked);
		if (stop_asked || (WIFEXITED(status) && WEXITSTATUS(status) == EXIT_STOPPED))
			return true;
		if (WIFEXITED(status) && WEXITSTATUS(status) != EXIT_KEEPER_DIED)
			return fail_as(pipe[0], e);
		if (clock_mono() - first > RESTART_WINDOW_US) {
			first = clock_mono();
			restarts = 0;
		}
		if (++restarts > RESTARTS_MAX)
			return FAIL(
				e, ERR_FAULT, "the server died %d times within a minute", restarts);
		tell_death(a, status);
	}
}

/* What cannot work is said before anything serves. */
static bool check_room(struct err *e)
{
	int64_t files = descriptors_raise(), space = os_space();

	if (files < DESCRIPTORS_LEAST)
		return FAIL(e, ERR_LIMIT,
			"a server needs %d open files at least, and may have %" PRId64
			" here (ulimit -n, LimitNOFILE=)",
			DESCRIPTORS_LEAST, files);
	if (space < SPACE_MOST)
		os_share_heap();
	if (space < SPACE_LEAST)
		return FAIL(e, ERR_LIMIT,
			"a server needs %d MiB of address space at least, and may have %" PRId64
			" here (ulimit -v, LimitAS=)",
			(int)(SPACE_LEAST >> 20), space >> 20);
	return true;
}

bool serve_run(const struct serve_config *config, struct err *e)
{
	struct arena arena;
	sigset_t set = awaited();
	bool keeper_died;
	int words[2];

	if (!check_room(e))
		return false;
	arena_open(&arena, SERVE_ARENA_BYTES);
	if (config->one_process)
		return run_here(config, KEEPER_THREAD, &arena, &keeper_died, e);
	sigprocmask(SIG_BLOCK, &set, NULL);
	if (pipe2(words, O_CLOEXEC | O_NONBLOCK) < 0)
		return FAIL(e, ERR_FAULT, "cannot make a pipe: %s", strerror(errno));
	struct serve_config own = *config;
	own.beats = os_shared_counter();
	own.hung_after = hung_after();
	if (!own.beats)
		return FAIL(e, ERR_FAULT, "there is no memory to start");
	return watch(&own, words, &arena, e);
}
