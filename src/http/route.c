#include "http/http.h"

static bool is_capital(char c)
{
	return c >= 'A' && c <= 'Z';
}

static bool is_word(char c)
{
	return (c >= 'a' && c <= 'z') || is_capital(c) || (c >= '0' && c <= '9') || c == '-' ||
		c == '_';
}

/* ":REF" takes words that begin with a capital, ":name" the others. */
static bool takes(str want, str have)
{
	assert(want.n > 1);
	bool wants_capital = is_capital(want.p[1]);
	if (have.n == 0 || is_capital(have.p[0]) != wants_capital)
		return false;
	for (isize i = 0; i < have.n; i++)
		if (!is_word(have.p[i]))
			return false;
	return true;
}

bool http_match(str pattern, str path, str *args, int max)
{
	int n = 0;

	for (;;) {
		if (str_eq(pattern, S("*"))) {
			if (n == max || path.n == 0)
				return false;
			args[n] = path;
			return true;
		}
		str want = str_cut(&pattern, '/'), have = str_cut(&path, '/');
		if (str_starts(want, S(":"))) {
			if (n == max || !takes(want, have))
				return false;
			args[n++] = have;
		} else if (!str_eq(want, have)) {
			return false;
		}
		/* Where the path is over first, the next word of the pattern finds nothing. */
		if (pattern.n == 0)
			return path.n == 0;
	}
}
