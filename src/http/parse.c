/* The request parser: a pure function that refuses instead of repairing. */
#include "http/http_in.h"

/* What is read while the head is being parsed. */
struct head {
	struct http_request *q;
	int *status;
	int64_t body_max;
	bool is_http_1_0, has_host, has_length, has_coding, has_close;
	bool has_type, has_authorization, has_expect;
	str host, authority; /* the latter of an absolute target */
};

static bool refuse(struct head *h, int status)
{
	*h->status = status;
	return false;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_alnum(char c)
{
	return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_one_of(str set, char c)
{
	return str_index(set, c) >= 0;
}

/* Letters, digits and what is in `more`. */
static bool has_only(str s, str more)
{
	for (isize i = 0; i < s.n; i++)
		if (!is_alnum(s.p[i]) && !is_one_of(more, s.p[i]))
			return false;
	return true;
}

bool http_is_token(str s)
{
	return s.n > 0 && has_only(s, S("!#$%&'*+-.^_`|~"));
}

static bool parse_method(struct head *h, str s)
{
	static const str names[] = {
		[HTTP_GET] = S_INIT("GET"),
		[HTTP_HEAD] = S_INIT("HEAD"),
		[HTTP_POST] = S_INIT("POST"),
		[HTTP_PUT] = S_INIT("PUT"),
		[HTTP_PATCH] = S_INIT("PATCH"),
		[HTTP_DELETE] = S_INIT("DELETE"),
		[HTTP_OPTIONS] = S_INIT("OPTIONS"),
	};

	if (!http_is_token(s))
		return refuse(h, 400);
	for (int i = 0; i < COUNT_OF(names); i++)
		if (str_eq(s, names[i])) {
			h->q->method = (enum http_method)i;
			return true;
		}
	return refuse(h, 501);
}

static bool parse_version(struct head *h, str s)
{
	if (str_eq(s, S("HTTP/1.1")))
		return true;
	h->is_http_1_0 = str_eq(s, S("HTTP/1.0"));
	if (h->is_http_1_0)
		return true;
	bool has_form = s.n == 8 && str_starts(s, S("HTTP/")) && is_digit(s.p[5]) &&
		s.p[6] == '.' && is_digit(s.p[7]);
	return refuse(h, has_form ? 505 : 400);
}

static bool is_folded_head(str s, str head)
{
	return str_eq_fold(str_part(s, 0, head.n), head);
}

/* Of the bytes that RFC 3986 does not allow, those pass that browsers send unescaped.  A fragment
   never travels, and a backslash, which browsers turn into '/', would mean different things to
   different readers. */
static bool is_target(str s)
{
	return has_only(s, S("!$%&'()*+,-./:;=?@[]^_`{|}~"));
}

/* Cuts "http://host:80" off `*rest`, or "https:…"; false when there is none. */
static bool cut_authority(str *rest, str *authority)
{
	isize from;

	if (is_folded_head(*rest, S("http://")))
		from = 7;
	else if (is_folded_head(*rest, S("https://")))
		from = 8;
	else
		return false;
	str tail = str_part(*rest, from, rest->n), head = str_cut(&tail, '/');
	*authority = str_cut(&head, '?');
	*rest = str_part(*rest, from + authority->n, rest->n);
	return authority->n > 0;
}

/* Origin-form, "OPTIONS *", or absolute-form, whose authority is compared with Host later. */
static bool parse_target(struct head *h, str s)
{
	struct http_request *q = h->q;
	str rest = s;

	if (s.n > HTTP_TARGET_BYTES)
		return refuse(h, 414);
	if (!is_target(s))
		return refuse(h, 400);
	q->target = s;
	if (str_eq(s, S("*"))) {
		q->path = s;
		return q->method == HTTP_OPTIONS || refuse(h, 400);
	}
	if (!str_starts(s, S("/")) && !cut_authority(&rest, &h->authority))
		return refuse(h, 400);
	q->path = str_cut(&rest, '?');
	q->query = rest;
	if (q->path.n == 0)
		q->path = S("/");
	return true;
}

static bool parse_request_line(struct head *h, str line)
{
	/* A blank too many falls to the version, one too few leaves it empty: neither is one. */
	str version = line, method = str_cut(&version, ' '), target = str_cut(&version, ' ');

	/* The version is judged before the target, whose form depends on it. */
	return parse_method(h, method) && parse_version(h, version) && parse_target(h, target);
}

/* The line is not over: refuse it already when it can never be right. */
static bool check_cut_request_line(struct head *h, str line)
{
	str rest = line, method = str_cut(&rest, ' ');

	if (method.n == line.n)
		return line.n == 0 || http_is_token(line) || refuse(h, 400);
	if (!parse_method(h, method))
		return false;
	if (rest.n > HTTP_TARGET_BYTES + S(" HTTP/1.1\r").n)
		return refuse(h, 414);
	return true;
}

/* A host name or address with an optional port, without the user's name (RFC 9110, 7.2). */
static bool is_host(str s)
{
	isize end = s.n;
	str name, port;

	while (end > 0 && is_digit(s.p[end - 1]))
		end--;
	bool has_port = end > 0 && s.p[end - 1] == ':';
	name = has_port ? str_part(s, 0, end - 1) : s;
	port = has_port ? str_part(s, end, s.n) : S("");
	if (name.n == 0 || port.n > 5)
		return false;
	if (name.p[0] != '[')
		return has_only(name, S("-._~"));
	return name.n > 2 && name.p[name.n - 1] == ']' &&
		has_only(str_part(name, 1, name.n - 1), S(":."));
}

static bool take_length(struct head *h, str value)
{
	if (h->has_length || value.n == 0)
		return refuse(h, 400);
	h->has_length = true;
	for (isize i = 0; i < value.n; i++)
		if (!is_digit(value.p[i]))
			return refuse(h, 400);
	/* Above body_max is decided at the end: 400 for an ambiguous length goes first. */
	if (!str_int(value, 0, INT64_MAX, &h->q->content_length))
		h->q->content_length = INT64_MAX;
	return true;
}

static void take_connection(struct head *h, str value)
{
	while (value.n) {
		str option = str_trim(str_cut(&value, ','));
		if (str_eq_fold(option, S("close")))
			h->has_close = true;
	}
}

static bool take_expect(struct head *h, str value)
{
	if (!str_eq_fold(value, S("100-continue")))
		return refuse(h, 417);
	h->q->expects_continue = true;
	return true;
}

/* `seen` twice is refused: two readers could take different ones. */
static bool once(struct head *h, bool *seen)
{
	if (*seen)
		return refuse(h, 400);
	*seen = true;
	return true;
}

/* Headers that decide where the message ends, or who speaks. */
static bool weigh_header(struct head *h, str name, str value)
{
	if (str_eq_fold(name, S("Host"))) {
		h->host = value;
		return once(h, &h->has_host) && (is_host(value) || refuse(h, 400));
	}
	if (str_eq_fold(name, S("Content-Length")))
		return take_length(h, value);
	if (str_eq_fold(name, S("Transfer-Encoding")))
		h->has_coding = true;
	else if (str_eq_fold(name, S("Connection")))
		take_connection(h, value);
	else if (str_eq_fold(name, S("Expect")))
		return once(h, &h->has_expect) && take_expect(h, value);
	else if (str_eq_fold(name, S("Content-Type")))
		return once(h, &h->has_type);
	else if (str_eq_fold(name, S("Authorization")))
		return once(h, &h->has_authorization);
	return true;
}

static bool parse_header(struct head *h, str line)
{
	struct http_request *q = h->q;
	isize colon = str_index(line, ':');
	str name = str_part(line, 0, colon), value;

	/* No colon, no name; a folded line begins with a blank, which is not a token either. */
	if (!http_is_token(name))
		return refuse(h, 400);
	value = str_trim(str_part(line, colon + 1, line.n));
	for (isize i = 0; i < value.n; i++) {
		unsigned char c = (unsigned char)value.p[i];
		if ((c < 0x20 && c != '\t') || c == 0x7f)
			return refuse(h, 400);
	}
	if (utf8_check(value) >= 0)
		return refuse(h, 400);
	if (q->header_count == HTTP_HEADERS)
		return refuse(h, 431);
	q->header[q->header_count++] = (struct http_header){name, value};
	return weigh_header(h, name, value);
}

/* What only the whole head can tell. */
static bool judge(struct head *h)
{
	struct http_request *q = h->q;

	if (!h->has_host && !h->is_http_1_0)
		return refuse(h, 400);
	if (h->authority.n && !str_eq_fold(h->authority, h->host))
		return refuse(h, 400);
	if (h->has_coding)
		return refuse(h, h->has_length ? 400 : 501);
	if (q->content_length > h->body_max)
		return refuse(h, 413);
	/* RFC 9110, 10.1.1: an expectation of HTTP/1.0 is ignored. */
	q->expects_continue = q->expects_continue && !h->is_http_1_0;
	q->keep_alive = !h->is_http_1_0 && !h->has_close;
	return true;
}

/* Cuts a line that ends with CRLF off `*rest`.  HTTP_MORE when its end is not there yet,
   HTTP_BAD when a CR or LF stands alone: others take it for a line's end, or do not. */
static enum http_parsed cut_line(str *rest, str *line)
{
	isize lf = str_index(*rest, '\n'), cr = str_index(*rest, '\r');

	if (lf < 0) {
		*line = *rest;
		return cr >= 0 && cr != rest->n - 1 ? HTTP_BAD : HTTP_MORE;
	}
	if (cr < 0 || cr != lf - 1)
		return HTTP_BAD;
	*line = str_part(*rest, 0, cr);
	*rest = str_part(*rest, lf + 1, rest->n);
	return HTTP_WHOLE;
}

static enum http_parsed parse_head(struct head *h, str in, isize *used)
{
	str rest = in, line;
	bool is_first = true;

	for (;;) {
		enum http_parsed end = cut_line(&rest, &line);
		if (end == HTTP_BAD) {
			*h->status = 400;
			return HTTP_BAD;
		}
		if (end == HTTP_MORE)
			return is_first && !check_cut_request_line(h, line) ? HTTP_BAD : HTTP_MORE;
		if (!is_first && line.n == 0)
			break;
		if (is_first ? !parse_request_line(h, line) : !parse_header(h, line))
			return HTTP_BAD;
		is_first = false;
	}
	*used = in.n - rest.n;
	return judge(h) ? HTTP_WHOLE : HTTP_BAD;
}

enum http_parsed http_parse(
	str in, int64_t body_max, struct http_request *out, isize *used, int *status)
{
	struct head h = {.q = out, .status = status, .body_max = body_max};
	enum http_parsed verdict;

	assert(body_max >= 0);
	out->method = HTTP_GET;
	out->target = out->path = out->query = out->body = out->peer = S("");
	out->header_count = 0;
	out->content_length = -1;
	out->keep_alive = out->expects_continue = false;
	*used = 0;
	*status = 0;
	verdict = parse_head(&h, str_part(in, 0, HTTP_HEAD_BYTES), used);
	if (verdict == HTTP_MORE && in.n >= HTTP_HEAD_BYTES) {
		*status = 431;
		verdict = HTTP_BAD;
	}
	assert((verdict == HTTP_BAD) == (*status != 0));
	assert(verdict != HTTP_WHOLE || (*used > 0 && *used <= HTTP_HEAD_BYTES));
	return verdict;
}

str http_header(const struct http_request *q, str name)
{
	for (int i = 0; i < q->header_count; i++)
		if (str_eq_fold(q->header[i].name, name))
			return q->header[i].value;
	return S("");
}

str http_cookie(const struct http_request *q, str name)
{
	for (int i = 0; i < q->header_count; i++) {
		str rest = q->header[i].value;
		if (!str_eq_fold(q->header[i].name, S("Cookie")))
			continue;
		while (rest.n) {
			str value = str_trim(str_cut(&rest, ';'));
			str key = str_cut(&value, '=');
			if (!str_eq(key, name))
				continue;
			/* RFC 6265, 4.1.1: a value may stand in quotes. */
			if (value.n >= 2 && value.p[0] == '"' && value.p[value.n - 1] == '"')
				value = str_part(value, 1, value.n - 1);
			return value;
		}
	}
	return S("");
}

static int hex_digit(char c)
{
	if (is_digit(c))
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* The byte of "%41…" at the start of `s`, or a negative number. */
static int escaped_byte(str s)
{
	/* -1 for either digit leaves all of it negative. */
	return s.n < 3 ? -1 : hex_digit(s.p[1]) * 16 | hex_digit(s.p[2]);
}

bool http_decode(char *p, str s, bool is_form, str *out)
{
	isize n = 0;

	for (isize i = 0; i < s.n; i++) {
		char c = s.p[i];
		if (c == '%') {
			int byte = escaped_byte(str_part(s, i, s.n));
			if (byte < 0)
				return false;
			c = (char)byte;
			i += 2;
		} else if (is_form && c == '+') {
			c = ' ';
		}
		if (c == 0)
			return false;
		p[n++] = c;
	}
	*out = (str){p, is_form ? http_fold_lines(p, n) : n};
	return utf8_check(*out) < 0;
}

isize http_fold_lines(char *p, isize n)
{
	isize to = 0;
	char before = 0;

	for (isize i = 0; i < n; i++) {
		char c = p[i];
		if (c != '\n' || before != '\r')
			p[to++] = c == '\r' ? '\n' : c;
		before = c;
	}
	return to;
}

bool http_unescape(struct arena *a, str s, str *out)
{
	char *p = arena_bulk(a, s.n + 1);

	return p && http_decode(p, s, false, out);
}
