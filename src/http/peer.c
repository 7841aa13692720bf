/* Who asks: the other end of a connection, or who a proxy says it is. */
#include "http/http_in.h"

#include <arpa/inet.h>
#include <netinet/in.h>

static void name_v4(const void *bytes, struct http_peer *out)
{
	out->address[0] = 4;
	memcpy(out->address + 1, bytes, 4);
	inet_ntop(AF_INET, bytes, out->name, sizeof out->name);
	memcpy(out->share, out->name, sizeof out->share);
}

/* What is counted as one client is the /64 that a site has at least. */
static void name_v6(const struct in6_addr *ip, struct http_peer *out)
{
	struct in6_addr net = {0};

	if (IN6_IS_ADDR_V4MAPPED(ip)) {
		name_v4(ip->s6_addr + 12, out);
		return;
	}
	out->address[0] = 6;
	memcpy(out->address + 1, ip->s6_addr, 8);
	inet_ntop(AF_INET6, ip, out->name, sizeof out->name);
	memcpy(net.s6_addr, ip->s6_addr, 8);
	char text[INET6_ADDRSTRLEN];
	inet_ntop(AF_INET6, &net, text, sizeof text);
	snprintf(out->share, sizeof out->share, "%s/64", text);
}

void peer_of_socket(const struct sockaddr_storage *from, struct http_peer *out)
{
	*out = (struct http_peer){.name = "unix", .share = "unix"};
	if (from->ss_family == AF_INET)
		name_v4(&((const struct sockaddr_in *)(const void *)from)->sin_addr, out);
	else if (from->ss_family == AF_INET6)
		name_v6(&((const struct sockaddr_in6 *)(const void *)from)->sin6_addr, out);
}

/* ---- what a proxy says ---- */

static bool is_port(str s)
{
	int64_t port;

	return str_int(s, 0, 65535, &port);
}

/* The address as the system has it; false when it is none of that family. */
static bool read_as(int family, str s, void *ip)
{
	char text[INET6_ADDRSTRLEN];

	if (s.n > (isize)sizeof text - 1 || !utf8_is_text(s))
		return false;
	memcpy(text, s.p, (size_t)s.n);
	text[s.n] = 0;
	return inet_pton(family, text, ip) == 1;
}

static bool read_v4(str s, struct http_peer *out)
{
	struct in_addr ip;

	if (!read_as(AF_INET, s, &ip))
		return false;
	name_v4(&ip, out);
	return true;
}

static bool read_v6(str s, struct http_peer *out)
{
	struct in6_addr ip;

	if (!read_as(AF_INET6, s, &ip))
		return false;
	name_v6(&ip, out);
	return true;
}

/* "[2001:db8::1]" or "[2001:db8::1]:4711". */
static bool read_bracketed(str s, struct http_peer *out)
{
	str rest = str_part(s, 1, s.n), host = str_cut(&rest, ']');

	if (host.n + 2 > s.n)
		return false;
	if (rest.n && (rest.p[0] != ':' || !is_port(str_part(rest, 1, rest.n))))
		return false;
	return read_v6(host, out);
}

/* "192.0.2.1", "192.0.2.1:4711", "2001:db8::1", or one in brackets. */
static bool read_address(str s, struct http_peer *out)
{
	str rest = s, host;

	if (str_starts(s, S("[")))
		return read_bracketed(s, out);
	if (read_v4(s, out) || read_v6(s, out))
		return true;
	host = str_cut(&rest, ':');
	return is_port(rest) && read_v4(host, out);
}

/* Where the last `at` outside quotes stands; -1 when a quote has no end or escapes something. */
static isize last_outside(str s, char at)
{
	isize found = s.n;
	bool is_quoted = false;

	for (isize i = 0; i < s.n; i++) {
		if (s.p[i] == '\\')
			return -1;
		is_quoted ^= s.p[i] == '"';
		if (s.p[i] == at && !is_quoted)
			found = i;
	}
	return is_quoted ? -1 : found;
}

/* The value of "for" in the last element of Forwarded, without its quotes; "" when there is none,
   or more than one. */
static str last_for(str value)
{
	isize at = last_outside(value, ',');
	str element = at < value.n ? str_part(value, at + 1, value.n) : value, found = S("");

	if (at < 0)
		return found;
	/* An address has no semicolon, so that a quoted one only spoils its own pair. */
	while (element.n) {
		str pair = str_trim(str_cut(&element, ';')), rest = pair;
		str name = str_cut(&rest, '=');
		if (!str_eq_fold(name, S("for")))
			continue;
		if (found.n)
			return S("");
		found = rest;
	}
	if (str_starts(found, S("\"")) && str_ends(found, S("\"")))
		found = str_part(found, 1, found.n - 1);
	return found;
}

bool http_forwarded(str value, bool is_standard, struct http_peer *out)
{
	str last = value;

	*out = (struct http_peer){.name = ""};
	if (is_standard)
		return read_address(last_for(value), out);
	for (str rest = value; rest.n;)
		last = str_cut(&rest, ',');
	if (str_ends(value, S(",")))
		return false;
	return read_address(str_trim(last), out);
}

/* The last line of several: the proxy's. */
bool peer_of_request(str header, const struct http_request *q, struct http_peer *out)
{
	for (int i = q->header_count - 1; i >= 0; i--)
		if (str_eq_fold(q->header[i].name, header))
			return http_forwarded(
				q->header[i].value, str_eq_fold(header, S("Forwarded")), out);
	return false;
}
