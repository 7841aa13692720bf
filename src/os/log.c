#include "os/os.h"

#include "base/utf8.h"

#include <pthread.h>
#include <unistd.h>

enum { LOG_LINE = 2000, LOG_VALUE = 300, LOG_REQUEST = 32, OFTEN_EVENTS = 16, OFTEN_PAIRS = 6 };
#define OFTEN_US (INT64_C(600) * 1000000)

/* Quoted, with control bytes and quotes escaped: a value can never look like a second pair. */
static isize put_value(char *to, isize room, str v)
{
	static const char hex[] = "0123456789abcdef";
	isize n = 0;

	v = utf8_within(v, LOG_VALUE);
	to[n++] = '"';
	for (isize i = 0; i < v.n && n < room - 6; i++) {
		unsigned char c = (unsigned char)v.p[i];
		if (c == '"' || c == '\\') {
			to[n++] = '\\';
			to[n++] = (char)c;
		} else if (c < 0x20 || c == 0x7f) {
			to[n++] = '\\';
			to[n++] = 'x';
			to[n++] = hex[c >> 4];
			to[n++] = hex[c & 15];
		} else {
			to[n++] = (char)c;
		}
	}
	to[n++] = '"';
	return n;
}

static _Thread_local char request[LOG_REQUEST];

void log_request(str number)
{
	isize n = number.n < LOG_REQUEST ? number.n : LOG_REQUEST - 1;

	if (n)
		memcpy(request, number.p, (size_t)n);
	request[n] = 0;
}

void log_event(const char *level, const char *event, const struct log_pair *pair, isize count)
{
	char line[LOG_LINE];
	isize n = snprintf(line, sizeof line, "ward: %s event=%s", level, event);

	if (request[0])
		n += snprintf(line + n, LOG_REQUEST + 8, " req=%s", request);
	for (isize i = 0; i < count && n < LOG_LINE - LOG_VALUE * 4 - 60; i++) {
		n += snprintf(line + n, 40, " %.30s=", pair[i].key);
		n += put_value(line + n, LOG_LINE - n - 2, pair[i].value);
	}
	line[n++] = '\n';
	/* One write, so that lines of several processes do not mix. */
	if (write(2, line, (size_t)n) < 0)
		return;
}

/* How often an event came since `since_us`, this time with it.  Events beyond OFTEN_EVENTS are
   counted together with the last. */
static int64_t count_often(const char *event)
{
	static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
	static struct {
		const char *event;
		int64_t since_us, count;
	} seen[OFTEN_EVENTS];
	int64_t now = clock_mono(), count;
	int i = 0;

	pthread_mutex_lock(&mutex);
	while (i < OFTEN_EVENTS - 1 && seen[i].event &&
		!str_eq(str_of(seen[i].event), str_of(event)))
		i++;
	if (!seen[i].event || now - seen[i].since_us > OFTEN_US) {
		seen[i].event = event;
		seen[i].since_us = now;
		seen[i].count = 0;
	}
	count = ++seen[i].count;
	pthread_mutex_unlock(&mutex);
	return count;
}

bool log_often(const char *level, const char *event, const struct log_pair *pair, isize count)
{
	struct log_pair all[OFTEN_PAIRS];
	int64_t seen = count_often(event);
	char text[24];

	assert(count < OFTEN_PAIRS);
	if (seen > 4 && (seen & (seen - 1)) != 0)
		return false;
	for (isize i = 0; i < count; i++)
		all[i] = pair[i];
	snprintf(text, sizeof text, "%" PRId64, seen);
	all[count] = (struct log_pair){"seen", str_of(text)};
	log_event(level, event, all, count + 1);
	return true;
}
