#include "http/http.h"

static bool is_word(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
		c == '-' || c == '_';
}

bool http_match(str pattern, str path, str *args, int max)
{
	int n = 0;

	for (;;) {
		str want = str_cut(&pattern, '/'), have = str_cut(&path, '/');
		if (str_starts(want, S(":"))) {
			/* ":REF" takes words that begin with a capital, ":name" the others. */
			bool wants_capital = want.n > 1 && want.p[1] >= 'A' && want.p[1] <= 'Z';
			if (have.n == 0 || n == max)
				return false;
			if ((have.p[0] >= 'A' && have.p[0] <= 'Z') != wants_capital)
				return false;
			for (isize i = 0; i < have.n; i++)
				if (!is_word(have.p[i]))
					return false;
			args[n++] = have;
		} else if (!str_eq(want, have)) {
			return false;
		}
		if (pattern.n == 0 && path.n == 0)
			return true;
		if (pattern.n == 0 || path.n == 0)
			return false;
	}
}
