#include "os/os.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

union address {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
	struct sockaddr_un local;
};

static bool copy_text(char *to, isize room, str from)
{
	if (from.n >= room)
		return false;
	memcpy(to, from.p, (size_t)from.n);
	to[from.n] = 0;
	return true;
}

/* "127.0.0.1:8080" or "[::1]:8080".  Without TLS nothing but loopback is offered: a password
   would travel in clear. */
static bool parse_tcp(str text, union address *out, socklen_t *size, struct err *e)
{
	isize colon = text.n;
	char host[64];
	int64_t port;

	while (colon > 0 && text.p[colon - 1] != ':')
		colon--;
	str name = str_part(text, 0, colon - 1);
	if (colon == 0 || !str_int(str_part(text, colon, text.n), 0, 65535, &port))
		return FAIL(e, ERR_INVALID, "%.*s is not an address; give one like 127.0.0.1:8080",
			STR_ARG(text));
	if (str_eq(name, S("localhost")))
		name = S("127.0.0.1");
	if (str_starts(name, S("[")) && str_ends(name, S("]")) &&
		copy_text(host, sizeof host, str_part(name, 1, name.n - 1)) &&
		inet_pton(AF_INET6, host, &out->v6.sin6_addr) == 1) {
		out->v6.sin6_family = AF_INET6;
		out->v6.sin6_port = htons((uint16_t)port);
		*size = sizeof out->v6;
		if (IN6_IS_ADDR_LOOPBACK(&out->v6.sin6_addr))
			return true;
	} else if (copy_text(host, sizeof host, name) &&
		inet_pton(AF_INET, host, &out->v4.sin_addr) == 1) {
		out->v4.sin_family = AF_INET;
		out->v4.sin_port = htons((uint16_t)port);
		*size = sizeof out->v4;
		if (ntohl(out->v4.sin_addr.s_addr) >> 24 == 127)
			return true;
	} else {
		return FAIL(e, ERR_INVALID, "%.*s is not an address; give one like 127.0.0.1:8080",
			STR_ARG(text));
	}
	return FAIL(e, ERR_INVALID,
		"%.*s is not loopback: without TLS passwords would travel in clear; "
		"listen on 127.0.0.1 or unix:/path behind a proxy",
		STR_ARG(text));
}

/* A socket that nobody listens on any more is left over and makes room; one that answers, and any
   other file, stays where it is. */
static void clear_socket(const union address *a, socklen_t size)
{
	struct stat s;

	if (lstat(a->local.sun_path, &s) < 0 || !S_ISSOCK(s.st_mode))
		return;
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return;
	if (connect(fd, &a->any, size) < 0 && errno == ECONNREFUSED)
		unlink(a->local.sun_path);
	close(fd);
}

bool socket_listen(str text, int *out, struct err *e)
{
	union address a = {0};
	socklen_t size = 0;
	int one = 1;

	if (str_starts(text, S("unix:"))) {
		a.local.sun_family = AF_UNIX;
		size = sizeof a.local;
		if (!copy_text(
			    a.local.sun_path, sizeof a.local.sun_path, str_part(text, 5, text.n)))
			return FAIL(e, ERR_INVALID, "the path of the socket is too long");
		clear_socket(&a, size);
	} else if (!parse_tcp(text, &a, &size, e)) {
		return false;
	}
	int fd = socket(a.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return FAIL(e, ERR_FAULT, "cannot make a socket: %s", strerror(errno));
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
	/* A socket is for its own user from the first moment, whatever the mask of the shell. */
	mode_t mask = umask(0177);
	bool is_bound = bind(fd, &a.any, size) == 0;
	umask(mask);
	if (!is_bound || listen(fd, 512) < 0) {
		int why = errno;
		close(fd);
		if (why == EADDRINUSE)
			return FAIL(e, ERR_BUSY,
				"%.*s is in use by another program; choose another place",
				STR_ARG(text));
		return FAIL(
			e, ERR_FAULT, "cannot listen on %.*s: %s", STR_ARG(text), strerror(why));
	}
	*out = fd;
	return true;
}

bool socket_open_to(struct arena *a, str address, int mode, struct err *e)
{
	if (!str_starts(address, S("unix:")))
		return FAIL(e, ERR_INVALID, "only a Unix socket has a mode");
	if (chmod(cstr(a, str_part(address, 5, address.n)), (mode_t)mode) < 0)
		return FAIL(e, ERR_FAULT, "cannot set the mode of %.*s: %s", STR_ARG(address),
			strerror(errno));
	return true;
}

bool socket_is_unix(int fd)
{
	union address a = {0};
	socklen_t size = sizeof a;

	return getsockname(fd, &a.any, &size) == 0 && a.any.sa_family == AF_UNIX;
}

str socket_name(struct arena *arena, int fd)
{
	union address a = {0};
	socklen_t size = sizeof a;
	char host[64];

	if (getsockname(fd, &a.any, &size) < 0)
		return S("");
	if (a.any.sa_family == AF_INET && inet_ntop(AF_INET, &a.v4.sin_addr, host, sizeof host))
		return str_fmt(arena, "%s:%d", host, ntohs(a.v4.sin_port));
	if (a.any.sa_family == AF_INET6 && inet_ntop(AF_INET6, &a.v6.sin6_addr, host, sizeof host))
		return str_fmt(arena, "[%s]:%d", host, ntohs(a.v6.sin6_port));
	return str_fmt(arena, "unix:%s", a.local.sun_path);
}
