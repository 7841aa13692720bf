/* What the API calls kinds, and which of their fields a list may be filtered by. */
#include "api/api_in.h"

str api_plural(struct arena *a, const struct kind *k)
{
	str lower = str_lower(a, k->plural);
	struct buf b;

	buf_init(&b, a, 100);
	for (isize i = 0; i < lower.n; i++)
		buf_char(&b, lower.p[i] == ' ' ? '-' : lower.p[i]);
	return buf_str(&b);
}

/* A secret field must not be found out by asking for its value. */
bool api_can_filter(const struct field *f)
{
	return !f->secret && f->type != FIELD_PROSE && f->type != FIELD_WORDS &&
		f->type != FIELD_ROWS;
}
