/* What the pages know of the address people use, from the configuration and in this one place. */
#include "web/web.h"

static bool is_host(str host)
{
	const str allowed = S("abcdefghijklmnopqrstuvwxyz0123456789.-:[]");

	for (isize i = 0; i < host.n; i++)
		if (str_index(allowed, host.p[i]) < 0)
			return false;
	return host.n > 0 && host.n <= 255;
}

bool web_site_set(struct web_site *site, str public_url, bool is_proxied, struct err *e)
{
	str rest = public_url;
	bool tls = str_starts(rest, S("https://"));

	if (public_url.n == 0) {
		/* Nobody but a proxy reaches a Unix socket, and what a proxy is for is TLS. */
		site->is_secure = is_proxied;
		return true;
	}
	if (str_ends(rest, S("/")))
		rest.n--;
	site->origin = rest;
	rest = tls                               ? str_part(rest, 8, rest.n)
		: str_starts(rest, S("http://")) ? str_part(rest, 7, rest.n)
						 : S("");
	if (!is_host(rest))
		return FAIL(e, ERR_INVALID,
			"the public address is like https://ward.example, in lower case and "
			"without a path");
	site->is_secure = tls;
	return true;
}

void web_site_guard(const struct web_site *site, struct http_reply *out)
{
	if (site->is_secure)
		http_reply_header(out, S("Strict-Transport-Security"), S("max-age=31536000"));
}
