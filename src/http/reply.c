/* Replies: status line and headers. */
#include "http/http_in.h"

#include <unistd.h>

str http_status_text(int status)
{
	static const struct {
		int status;
		str text;
	} known[] = {
		{100, S_INIT("Continue")},
		{200, S_INIT("OK")},
		{201, S_INIT("Created")},
		{202, S_INIT("Accepted")},
		{204, S_INIT("No Content")},
		{206, S_INIT("Partial Content")},
		{301, S_INIT("Moved Permanently")},
		{302, S_INIT("Found")},
		{303, S_INIT("See Other")},
		{304, S_INIT("Not Modified")},
		{307, S_INIT("Temporary Redirect")},
		{308, S_INIT("Permanent Redirect")},
		{400, S_INIT("Bad Request")},
		{401, S_INIT("Unauthorized")},
		{403, S_INIT("Forbidden")},
		{404, S_INIT("Not Found")},
		{405, S_INIT("Method Not Allowed")},
		{406, S_INIT("Not Acceptable")},
		{408, S_INIT("Request Timeout")},
		{409, S_INIT("Conflict")},
		{410, S_INIT("Gone")},
		{412, S_INIT("Precondition Failed")},
		{413, S_INIT("Content Too Large")},
		{414, S_INIT("URI Too Long")},
		{415, S_INIT("Unsupported Media Type")},
		{417, S_INIT("Expectation Failed")},
		{421, S_INIT("Misdirected Request")},
		{422, S_INIT("Unprocessable Content")},
		{428, S_INIT("Precondition Required")},
		{429, S_INIT("Too Many Requests")},
		{431, S_INIT("Request Header Fields Too Large")},
		{500, S_INIT("Internal Server Error")},
		{501, S_INIT("Not Implemented")},
		{503, S_INIT("Service Unavailable")},
		{505, S_INIT("HTTP Version Not Supported")},
		{507, S_INIT("Insufficient Storage")},
	};

	for (isize i = 0; i < COUNT_OF(known); i++)
		if (known[i].status == status)
			return known[i].text;
	/* The text may be empty (RFC 9112, 4). */
	return S("");
}

int http_status_of(enum err_code code)
{
	switch (code) {
	case ERR_NONE:
		return 200;
	case ERR_INVALID:
		return 422;
	case ERR_SYNTAX:
		return 400;
	case ERR_DENIED:
		return 403;
	case ERR_MISSING:
		return 404;
	case ERR_CONFLICT:
		return 409;
	case ERR_LIMIT:
		return 413;
	case ERR_BUSY:
		return 503;
	case ERR_TAMPERED:
	case ERR_FAULT:
		return 500;
	}
	return 500;
}

/* A line break in a value would begin a header, or a body, of a stranger's choice. */
static bool is_value(str s)
{
	for (isize i = 0; i < s.n; i++)
		if (((unsigned char)s.p[i] < 0x20 && s.p[i] != '\t') || s.p[i] == 0x7f)
			return false;
	return true;
}

static bool is_ours(str name)
{
	static const str ours[] = {
		S_INIT("Date"),
		S_INIT("Connection"),
		S_INIT("Content-Length"),
		S_INIT("Content-Type"),
		S_INIT("Transfer-Encoding"),
	};

	for (isize i = 0; i < COUNT_OF(ours); i++)
		if (str_eq_fold(ours[i], name))
			return true;
	return false;
}

void http_reply_header(struct http_reply *r, str name, str value)
{
	assert(http_is_token(name) && !is_ours(name));
	assert(is_value(value));
	assert(r->header_count < HTTP_REPLY_HEADERS);
	r->header[r->header_count++] = (struct http_header){name, value};
}

void http_reply_drop(struct http_reply *r)
{
	if (r->file_bytes)
		close(r->file);
	r->file_bytes = 0;
}

/* "Sun, 06 Nov 1994 08:49:37 GMT" (RFC 9110, 5.6.7). */
static void print_date(struct buf *b, int64_t now_us)
{
	static const char *const days[] = {"Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"};
	static const char *const months[] = {
		"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
	int64_t day = day_of_time(now_us), second = (now_us - day * DAY_US) / 1000000;
	struct date d = date_of(day);

	/* Day 0, 1970-01-01, was a Thursday. */
	buf_fmt(b, "%s, %02d %s %04d %02d:%02d:%02d GMT", days[(day % 7 + 7) % 7], d.day,
		months[d.month - 1], d.year, (int)(second / 3600), (int)(second / 60 % 60),
		(int)(second % 60));
}

static void print_header(struct buf *b, str name, str value)
{
	buf_add(b, name);
	buf_add(b, S(": "));
	buf_add(b, value);
	buf_add(b, S("\r\n"));
}

void http_print_head(struct buf *b, const struct http_reply *r, bool keep_alive, int64_t now_us)
{
	bool has_no_body = r->status == 204 || r->status == 304;

	assert(r->status >= 200 && r->status <= 599);
	assert(!has_no_body || (r->body.n == 0 && r->file_bytes == 0));
	assert(is_value(r->type));
	buf_add(b, S("HTTP/1.1 "));
	buf_int(b, r->status);
	buf_char(b, ' ');
	buf_add(b, http_status_text(r->status));
	buf_add(b, S("\r\nDate: "));
	print_date(b, now_us);
	buf_add(b, S("\r\n"));
	if (r->type.n)
		print_header(b, S("Content-Type"), r->type);
	if (!has_no_body) {
		buf_add(b, S("Content-Length: "));
		buf_int(b, r->file_bytes ? r->file_bytes : r->body.n);
		buf_add(b, S("\r\n"));
	}
	if (!keep_alive)
		print_header(b, S("Connection"), S("close"));
	for (int i = 0; i < r->header_count; i++)
		print_header(b, r->header[i].name, r->header[i].value);
	buf_add(b, S("\r\n"));
}
