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

void web_site_listens(struct web_site *site, str address)
{
	char name[] = "ward-local-";
	isize n = sizeof name - 1, from = address.n;

	site->is_tcp = address.n > 0;
	while (from > 0 && address.p[from - 1] != ':')
		from--;
	if (!site->is_tcp || address.n - from > (isize)sizeof site->cookie - n - 1)
		return;
	memcpy(site->cookie, name, (size_t)n);
	memcpy(site->cookie + n, address.p + from, (size_t)(address.n - from));
	site->cookie[n + address.n - from] = 0;
}

void web_site_guard(const struct web_site *site, struct http_reply *out)
{
	if (site->is_secure)
		http_reply_header(out, S("Strict-Transport-Security"), S("max-age=31536000"));
}
