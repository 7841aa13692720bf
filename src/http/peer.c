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

static bool is_v4_with_port(str s)
{
	isize dot = str_index(s, '.');

	return dot >= 0 && str_index(s, ':') > dot;
}

static bool is_port(str s)
{
	int64_t port;

	return str_int(s, 0, 65535, &port);
}

/* "192.0.2.1", "192.0.2.1:4711", "2001:db8::1", "[2001:db8::1]", "[2001:db8::1]:4711": what stands
   before the port, without brackets; "" when it is none of these. */
static str host_of(str s)
{
	str rest = s, host;

	if (str_starts(s, S("["))) {
		str_cut(&rest, '[');
		host = str_cut(&rest, ']');
		if (host.n + 2 > s.n)
			return S("");
		if (rest.n && (rest.p[0] != ':' || !is_port(str_part(rest, 1, rest.n))))
			return S("");
		return host;
	}
	if (!is_v4_with_port(s))
		return s;
	host = str_cut(&rest, ':');
	return is_port(rest) ? host : S("");
}

static bool read_address(str s, struct http_peer *out)
{
	char text[INET6_ADDRSTRLEN];
	bool is_bracketed = str_starts(s, S("["));
	str host = host_of(s);
	struct in6_addr ip;
	struct in_addr ip4;

	if (host.n == 0 || host.n >= (isize)sizeof text || str_index(host, 0) >= 0)
		return false;
	memcpy(text, host.p, (size_t)host.n);
	text[host.n] = 0;
	if (!is_bracketed && inet_pton(AF_INET, text, &ip4) == 1)
		name_v4(&ip4, out);
	else if (inet_pton(AF_INET6, text, &ip) == 1)
		name_v6(&ip, out);
	return out->address[0] != 0;
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
	if (found.n >= 2 && found.p[0] == '"' && found.p[found.n - 1] == '"')
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
	for (int i = q->header_count - 1; header.n && i >= 0; i--)
		if (str_eq_fold(q->header[i].name, header))
			return http_forwarded(
				q->header[i].value, str_eq_fold(header, S("Forwarded")), out);
	return false;
}
