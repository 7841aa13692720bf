/*
 * Failures of the disk on purpose: the n-th write or fsync of this process fails, and so do those
 * after it, until fault_off().
 *
 * A program that includes this has functions of its own in place of libc's, which libward.a and
 * SQLite then call: nothing of it is in what users run.  Memory fails by arena_fail_at().
 */
#ifndef TEST_FAULTS_H
#define TEST_FAULTS_H
#include "base/base.h"

#include <errno.h>
#include <sys/syscall.h>
#include <unistd.h>

enum fault { FAULT_WRITE, FAULT_FSYNC, FAULTS };
static struct {
	enum fault kind;
	int64_t in; /* 0: none */
	int why;    /* errno */
	bool happened;
} fault;

static void fault_at(enum fault kind, int64_t n, int why)
{
	fault.kind = kind;
	fault.in = n;
	fault.why = why;
	fault.happened = false;
}

static bool fault_off(void)
{
	fault.in = 0;
	return fault.happened;
}

static bool fault_is_due(enum fault kind)
{
	if (fault.in == 0 || fault.kind != kind)
		return false;
	if (fault.in > 1) {
		fault.in--;
		return false;
	}
	fault.happened = true;
	errno = fault.why;
	return true;
}

/* The names and types are libc's. */
ssize_t pwrite(int fd, const void *p, size_t n, off_t at);
ssize_t pwrite64(int fd, const void *p, size_t n, off_t at);
int fsync(int fd);
int fdatasync(int fd);

ssize_t pwrite(int fd, const void *p, size_t n, off_t at)
{
	return fault_is_due(FAULT_WRITE) ? -1 : syscall(SYS_pwrite64, fd, p, n, at);
}

ssize_t pwrite64(int fd, const void *p, size_t n, off_t at)
{
	return pwrite(fd, p, n, at);
}

ssize_t write(int fd, const void *p, size_t n)
{
	return fd > 2 && fault_is_due(FAULT_WRITE) ? -1 : syscall(SYS_write, fd, p, n);
}

int fsync(int fd)
{
	return fault_is_due(FAULT_FSYNC) ? -1 : (int)syscall(SYS_fsync, fd);
}

int fdatasync(int fd)
{
	return fault_is_due(FAULT_FSYNC) ? -1 : (int)syscall(SYS_fdatasync, fd);
}
#endif
