/* Which names the server answers to.  A page of another site may point a name of its own to the
   loopback address (DNS rebinding): its requests arrive with that name, and get nothing. */
#include "web/web.h"

/* The name without its port: "[::1]:8080" gives "[::1]". */
static str name_of(str host)
{
	isize colon = host.n;

	while (colon > 0 && host.p[colon - 1] >= '0' && host.p[colon - 1] <= '9')
		colon--;
	return colon > 1 && host.p[colon - 1] == ':' ? str_part(host, 0, colon - 1) : host;
}

/* "127.0.0.1", all of 127.0.0.0/8 as numbers, "[::1]" and "localhost". */
static bool is_loopback(str name)
{
	str rest = name;
	int64_t number;

	if (str_eq_fold(name, S("localhost")) || str_eq(name, S("[::1]")))
		return true;
	if (!str_eq(str_cut(&rest, '.'), S("127")))
		return false;
	for (int i = 0; i < 3; i++)
		if (!str_int(str_cut(&rest, '.'), 0, 255, &number))
			return false;
	return rest.n == 0 && !str_ends(name, S("."));
}

bool web_site_names(const struct web_site *site, str host)
{
	isize scheme = str_find(site->origin, S("://"));

	/* No browser leaves it out. */
	if (host.n == 0 || !site->is_tcp)
		return true;
	if (is_loopback(name_of(host)))
		return true;
	return scheme >= 0 &&
		str_eq_fold(str_part(site->origin, scheme + 3, site->origin.n), host);
}
