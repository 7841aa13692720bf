/* What a path and the machine are: for those who look after a store. */
#include "os/os.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <termios.h>
#include <unistd.h>

#ifndef LANDLOCK_CREATE_RULESET_VERSION
#	define LANDLOCK_CREATE_RULESET_VERSION 1u
#endif

bool path_look(struct arena *a, str path, struct path_facts *out)
{
	struct stat s;

	*out = (struct path_facts){0};
	if (stat(cstr(a, path), &s) < 0)
		return false;
	*out = (struct path_facts){.is_folder = S_ISDIR(s.st_mode),
		.is_ours = s.st_uid == geteuid(),
		.mode = (int)(s.st_mode & 07777),
		.bytes = (int64_t)s.st_size};
	return true;
}

void files_private(void)
{
	umask(077);
}

int64_t disk_room(struct arena *a, str path)
{
	struct statvfs s;

	if (statvfs(cstr(a, path), &s) < 0)
		return -1;
	return (int64_t)s.f_bavail * (int64_t)s.f_frsize;
}

int disk_used(struct arena *a, str path)
{
	struct statvfs s;

	if (statvfs(cstr(a, path), &s) < 0 || s.f_blocks == 0 || s.f_bfree > s.f_blocks)
		return -1;
	uint64_t used = s.f_blocks - s.f_bfree, all = used + s.f_bavail;
	return all ? (int)((used * 100 + all - 1) / all) : 100;
}

int landlock_version(void)
{
	long v = syscall(
		SYS_landlock_create_ruleset, NULL, (size_t)0, LANDLOCK_CREATE_RULESET_VERSION);

	return v > 0 ? (int)v : 0;
}

bool seccomp_is_there(void)
{
	unsigned int action = SECCOMP_RET_KILL_PROCESS;

	return syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0u, &action) == 0;
}

int64_t descriptors_raise(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
		return INT64_MAX;
	if (limit.rlim_cur < limit.rlim_max) {
		limit.rlim_cur = limit.rlim_max;
		(void)!setrlimit(RLIMIT_NOFILE, &limit);
		(void)!getrlimit(RLIMIT_NOFILE, &limit);
	}
	return limit.rlim_cur > INT64_MAX ? INT64_MAX : (int64_t)limit.rlim_cur;
}

/* The locked file, never closed by us: the lock ends with the process.  -1 with the error when it
   cannot be locked. */
static int lock_open(struct arena *a, str path, struct err *e)
{
	int fd = open(cstr(a, path), O_RDWR | O_CREAT | O_CLOEXEC, 0600);

	if (fd < 0) {
		FAIL(e, errno == EACCES || errno == EROFS ? ERR_DENIED : ERR_FAULT,
			"cannot open %.*s: %s", STR_ARG(path), strerror(errno));
		return -1;
	}
	if (flock(fd, LOCK_EX | LOCK_NB) == 0)
		return fd;
	close(fd);
	FAIL(e, ERR_BUSY,
		"another ward writes to this store; stop it (the server, for example) and try "
		"again");
	return -1;
}

bool lock_take(struct arena *a, str path, int *lock, struct err *e)
{
	*lock = lock_open(a, path, e);
	return *lock >= 0;
}

void lock_give(int lock)
{
	close(lock);
}

bool lock_is_free(struct arena *a, str path, struct err *e)
{
	int fd = lock_open(a, path, e);

	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

/* Reads up to the end of the line or of the input. */
static isize read_line(char *p, isize max)
{
	isize n = 0;

	while (n < max) {
		ssize_t got = read(0, p + n, 1);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0 || p[n] == '\n')
			break;
		n++;
	}
	return n;
}

str secret_line(struct arena *a, const char *prompt, isize max)
{
	struct termios before, quiet;
	bool is_terminal = tcgetattr(0, &before) == 0;
	char *p = NEW(a, char, max);

	if (is_terminal) {
		quiet = before;
		quiet.c_lflag &= ~(tcflag_t)ECHO;
		tcsetattr(0, TCSAFLUSH, &quiet);
		fputs(prompt, stderr);
	}
	isize n = read_line(p, max);
	if (is_terminal) {
		tcsetattr(0, TCSAFLUSH, &before);
		fputc('\n', stderr);
	}
	return (str){p, n > 0 && p[n - 1] == '\r' ? n - 1 : n};
}
