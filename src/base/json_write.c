#include "base/json.h"
#include "base/utf8.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void json_put_string(struct buf *b, str s)
{
	static const char hex[] = "0123456789abcdef";
	static const char from[] = "\"\\\b\f\n\r\t", to[] = "\"\\bfnrt";
	isize run = 0;

	buf_char(b, '"');
	for (isize i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];
		if (c >= 0x20 && c != '"' && c != '\\')
			continue;
		buf_add(b, str_part(s, run, i));
		run = i + 1;
		isize plain = str_index((str){from, sizeof from - 1}, (char)c);
		buf_char(b, '\\');
		if (plain >= 0) {
			buf_char(b, to[plain]);
		} else {
			buf_add(b, S("u00"));
			buf_char(b, hex[c >> 4]);
			buf_char(b, hex[c & 15]);
		}
	}
	buf_add(b, str_part(s, run, s.n));
	buf_char(b, '"');
}

void json_put_key(struct buf *b, bool *first, str key)
{
	if (!*first)
		buf_char(b, ',');
	*first = false;
	json_put_string(b, key);
	buf_char(b, ':');
}

void json_put_text(struct buf *b, bool *first, str key, str value)
{
	json_put_key(b, first, key);
	json_put_string(b, value);
}

void json_put_int(struct buf *b, bool *first, str key, int64_t value)
{
	json_put_key(b, first, key);
	buf_int(b, value);
}

/* RFC 8785, 3.2.3: keys in the order of their UTF-16 code units.  That differs from the order of
   bytes only where surrogates (characters from U+10000) meet U+E000 to U+FFFF. */
static int utf16_order(str a, str b)
{
	while (a.n && b.n) {
		uint32_t x = utf8_next(&a), y = utf8_next(&b);
		if (x == y)
			continue;
		uint32_t x16 = x < 0x10000 ? x : 0xd800 + ((x - 0x10000) >> 10);
		uint32_t y16 = y < 0x10000 ? y : 0xd800 + ((y - 0x10000) >> 10);
		if (x16 != y16)
			return x16 < y16 ? -1 : 1;
		return x < y ? -1 : 1;
	}
	return (a.n > 0) - (b.n > 0);
}

static int member_order(const void *a, const void *b)
{
	const struct json *const *x = a, *const *y = b;

	return utf16_order((*x)->key, (*y)->key);
}

/* A decimal number: its digits without zeros at the end, and where the point stands. */
struct decimal {
	char digits[24];
	isize count;
	int point;
};

static bool reads_as(const char *text, double v)
{
	double read = strtod(text, NULL);

	return !(read < v) && !(read > v);
}

/* The next larger number of as many digits; false where it ends with a zero, which has been tried
   with fewer digits. */
static bool next_up(char *text)
{
	return ++strchr(text, 'e')[-1] <= '9';
}

/* The shortest digits that read back as the same double, of several the nearest.  Below a power
   of two doubles lie closer: there the nearest may be another's while the next one up is ours. */
static struct decimal shortest(double v)
{
	struct decimal d = {.count = 0};
	char text[40], up[40];
	const char *p = text;

	for (int precision = 0; precision < 17; precision++) {
		snprintf(text, sizeof text, "%.*e", precision, v);
		if (reads_as(text, v))
			break;
		memcpy(up, text, sizeof up);
		if (next_up(up) && reads_as(up, v)) {
			p = up;
			break;
		}
	}
	for (; *p != 'e'; p++)
		if (*p != '.')
			d.digits[d.count++] = *p;
	d.point = atoi(p + 1) + 1;
	return d;
}

static void put_zeros(struct buf *b, isize count)
{
	for (isize i = 0; i < count; i++)
		buf_char(b, '0');
}

/* Laid out as ECMAScript does: plain between 1e-6 and 1e21, else with an exponent. */
static void put_decimal(struct buf *b, const struct decimal *d)
{
	str digits = {d->digits, d->count};

	if (d->point > 0 && d->point <= 21) {
		buf_add(b, str_part(digits, 0, d->point));
		put_zeros(b, d->point - d->count);
		if (d->count > d->point) {
			buf_char(b, '.');
			buf_add(b, str_part(digits, d->point, d->count));
		}
	} else if (d->point > -6 && d->point <= 0) {
		buf_add(b, S("0."));
		put_zeros(b, -d->point);
		buf_add(b, digits);
	} else {
		buf_char(b, d->digits[0]);
		if (d->count > 1) {
			buf_char(b, '.');
			buf_add(b, str_part(digits, 1, d->count));
		}
		buf_fmt(b, "e%s%d", d->point > 0 ? "+" : "-", abs(d->point - 1));
	}
}

/* RFC 8785, 3.2.2.3.  Integers that a double holds exactly keep their digits. */
static void put_number(struct buf *b, struct arena *scratch, str text)
{
	int64_t whole;

	if (str_int(text, -9007199254740991, 9007199254740991, &whole)) {
		buf_int(b, whole);
		return;
	}
	struct arena_mark mark = arena_here(scratch);
	double v = strtod(cstr(scratch, text), NULL);
	arena_rewind(scratch, mark);
	/* Whoever reads JSON refuses what is not a double. */
	assert(isfinite(v));
	if (v < 0)
		buf_char(b, '-');
	struct decimal d = shortest(fabs(v));
	put_decimal(b, &d);
}

static void put_object(struct buf *b, struct arena *scratch, const struct json *j)
{
	const struct json **sorted = NEW(scratch, const struct json *, j->count + 1);
	bool first = true;
	isize n = 0;

	json_each(m, j) sorted[n++] = m;
	qsort(sorted, (size_t)n, sizeof *sorted, member_order);
	buf_char(b, '{');
	for (isize i = 0; i < n; i++) {
		json_put_key(b, &first, sorted[i]->key);
		json_canonical(b, scratch, sorted[i]);
	}
	buf_char(b, '}');
}

/* Recurses as deep as the tree, which json_parse holds to LIMIT_JSON_DEPTH. */
void json_canonical(struct buf *b, struct arena *scratch, const struct json *j)
{
	assert(j);
	switch (j->type) {
	case JSON_NULL:
		buf_add(b, S("null"));
		break;
	case JSON_FALSE:
		buf_add(b, S("false"));
		break;
	case JSON_TRUE:
		buf_add(b, S("true"));
		break;
	case JSON_NUMBER:
		put_number(b, scratch, j->text);
		break;
	case JSON_STRING:
		json_put_string(b, j->text);
		break;
	case JSON_ARRAY:
		buf_char(b, '[');
		json_each(item, j)
		{
			if (item != j->first)
				buf_char(b, ',');
			json_canonical(b, scratch, item);
		}
		buf_char(b, ']');
		break;
	case JSON_OBJECT:
		put_object(b, scratch, j);
		break;
	}
}

static void new_line(struct buf *b, int indent)
{
	buf_char(b, '\n');
	for (int i = 0; i < indent; i++)
		buf_char(b, '\t');
}

void json_print(struct buf *b, const struct json *j, int indent)
{
	bool is_object = j->type == JSON_OBJECT, first = true;

	if (j->type == JSON_STRING) {
		json_put_string(b, j->text);
		return;
	}
	if (!is_object && j->type != JSON_ARRAY) {
		buf_add(b, j->text);
		return;
	}
	buf_char(b, is_object ? '{' : '[');
	json_each(item, j)
	{
		if (!first)
			buf_char(b, ',');
		first = false;
		if (indent >= 0)
			new_line(b, indent + 1);
		if (is_object) {
			json_put_string(b, item->key);
			buf_add(b, indent >= 0 ? S(": ") : S(":"));
		}
		json_print(b, item, indent >= 0 ? indent + 1 : -1);
	}
	if (indent >= 0 && j->first)
		new_line(b, indent);
	buf_char(b, is_object ? '}' : ']');
}
