#include "os/os.h"

#include <fcntl.h>
#include <pthread.h>
#include <sys/timex.h>
#include <time.h>
#include <unistd.h>

static int64_t read_us(clockid_t which)
{
	struct timespec t;

	clock_gettime(which, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

int64_t clock_now(const struct clock *c)
{
	return c->given ? c->given->now_us : read_us(CLOCK_REALTIME) + c->shift_us;
}

int64_t clock_mono(void)
{
	return read_us(CLOCK_MONOTONIC);
}

/* ---- what the machine says of its clock ---- */

enum { BOOT_DIGITS = 32 };

/* The same as long as the machine runs: read once, by whoever asks first. */
static char boot_digits[BOOT_DIGITS];
static isize boot_count;
static pthread_once_t boot_once = PTHREAD_ONCE_INIT;

static void read_boot(void)
{
	int fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
	char text[64];
	isize n = 0;

	if (fd < 0)
		return;
	ssize_t got = read(fd, text, sizeof text);
	close(fd);
	for (ssize_t i = 0; i < got && n < BOOT_DIGITS; i++)
		if ((text[i] >= '0' && text[i] <= '9') || (text[i] >= 'a' && text[i] <= 'f'))
			boot_digits[n++] = text[i];
	boot_count = n == BOOT_DIGITS ? n : 0;
}

struct clock_facts clock_look(const struct clock *c)
{
	struct timex kernel = {.modes = 0};
	int state;

	if (c->given)
		return *c->given;
	pthread_once(&boot_once, read_boot);
	state = adjtimex(&kernel);
	return (struct clock_facts){.now_us = clock_now(c),
		.mono_us = read_us(CLOCK_BOOTTIME),
		.boot = {boot_digits, boot_count},
		.is_synchronized = state >= 0 && state != TIME_ERROR};
}
