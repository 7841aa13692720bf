#include "os/os.h"

#include "base/utf8.h"

#include <unistd.h>

enum { LOG_LINE = 2000, LOG_VALUE = 300, LOG_REQUEST = 32 };

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
