#include "base/json.h"

#include "base/limits.h"
#include "base/utf8.h"

#include <assert.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* An open object or array, with the keys seen so far as an open hash table. */
struct json_level {
	struct json_level *outer;
	bool is_object;
	str *keys;
	isize key_count, slots;
};

void json_place(str in, isize at, int64_t *line, int64_t *column)
{
	isize start = 0;

	*line = 1;
	for (isize i = 0; i < at && i < in.n; i++)
		if (in.p[i] == '\n') {
			++*line;
			start = i + 1;
		}
	*column = at - start + 1;
}

void json_open(struct json_reader *r, struct arena *a, struct err *e, str in)
{
	*r = (struct json_reader){.in = in, .arena = a, .err = e, .want_value = true};
}

static enum json_event bad(struct json_reader *r, isize at, const char *what)
{
	int64_t line, column;

	json_place(r->in, at, &line, &column);
	err_at(r->err, line, column, "%s", what);
	r->done = true;
	return JSON_BAD;
}

static enum json_event too_large(struct json_reader *r)
{
	err_set(r->err, ERR_LIMIT,
		"the JSON text needs more memory than this program gives it, or has more than %d "
		"values",
		LIMIT_JSON_NODES);
	r->done = true;
	return JSON_BAD;
}

static void skip_blanks(struct json_reader *r)
{
	while (r->at < r->in.n && str_index(S(" \t\r\n"), r->in.p[r->at]) >= 0)
		r->at++;
}

static bool hex4(str s, isize at, uint32_t *out)
{
	*out = 0;
	if (at + 4 > s.n)
		return false;
	for (isize i = at; i < at + 4; i++) {
		char c = s.p[i];
		int v = c >= '0' && c <= '9'   ? c - '0'
			: c >= 'a' && c <= 'f' ? c - 'a' + 10
			: c >= 'A' && c <= 'F' ? c - 'A' + 10
					       : -1;
		if (v < 0)
			return false;
		*out = *out << 4 | (uint32_t)v;
	}
	return true;
}

/* The escape at in[at] == '\\', written to `b`.  Returns its length, 0 when it is none. */
static isize unescape(struct buf *b, str in, isize at)
{
	static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
	uint32_t high, low;

	if (at + 1 >= in.n)
		return 0;
	isize plain = str_index((str){from, sizeof from - 1}, in.p[at + 1]);
	if (plain >= 0) {
		buf_char(b, to[plain]);
		return 2;
	}
	if (in.p[at + 1] != 'u' || !hex4(in, at + 2, &high) || high == 0)
		return 0;
	if (high < 0xd800 || high > 0xdfff) {
		utf8_put(b, high);
		return 6;
	}
	if (high > 0xdbff || !str_eq(str_part(in, at + 6, at + 8), S("\\u")))
		return 0;
	if (!hex4(in, at + 8, &low) || low < 0xdc00 || low > 0xdfff)
		return 0;
	utf8_put(b, 0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00));
	return 12;
}

/* The closing quote of the string whose first byte is at `i`; -1 when there is none before a
   control character or the end.  `*plain` tells whether it holds no escape. */
static isize string_end(str in, isize i, bool *plain, isize *stop)
{
	*plain = true;
	for (; i < in.n; i++) {
		unsigned char c = (unsigned char)in.p[i];
		if (c == '"')
			return i;
		if (c < 0x20)
			break;
		if (c == '\\') {
			*plain = false;
			i++;
		}
	}
	*stop = i < in.n ? i : in.n;
	return -1;
}

/* The string at the opening quote; sets r->text. */
static bool read_string(struct json_reader *r)
{
	isize from = r->at + 1, stop = 0;
	bool plain;
	isize end = string_end(r->in, from, &plain, &stop);
	struct buf b;

	if (end < 0) {
		bad(r, stop,
			stop < r->in.n ? "a control character in a string"
				       : "a string is not closed");
		return false;
	}
	str raw = str_part(r->in, from, end);
	isize wrong = utf8_check(raw);
	if (wrong >= 0) {
		bad(r, from + wrong, "the text is not UTF-8");
		return false;
	}
	r->at = end + 1;
	if (plain) {
		r->text = raw;
		return true;
	}
	buf_init(&b, r->arena, raw.n + 1);
	for (isize i = 0; i < raw.n;) {
		isize run = str_index(str_part(raw, i, raw.n), '\\');
		run = run < 0 ? raw.n - i : run;
		buf_add(&b, str_part(raw, i, i + run));
		i += run;
		if (i == raw.n)
			break;
		isize n = unescape(&b, raw, i);
		if (n == 0) {
			bad(r, from + i, "an escape that JSON does not have, or a lone surrogate");
			return false;
		}
		i += n;
	}
	if (b.full) {
		too_large(r);
		return false;
	}
	r->text = buf_str(&b);
	return true;
}

static isize digits_from(str s, isize at)
{
	while (at < s.n && s.p[at] >= '0' && s.p[at] <= '9')
		at++;
	return at;
}

/* The end of the digits at `at`, or -1 when there are none. */
static isize some_digits(str s, isize at)
{
	isize end = digits_from(s, at);

	return end > at ? end : -1;
}

static bool has(str s, isize at, str any)
{
	return at >= 0 && at < s.n && str_index(any, s.p[at]) >= 0;
}

/* The end of the number at `at`, or -1 when there is none. */
static isize number_end(str s, isize at)
{
	isize first = at + has(s, at, S("-"));

	at = some_digits(s, first);
	if (at < 0 || (s.p[first] == '0' && at > first + 1))
		return -1;
	if (has(s, at, S(".")))
		at = some_digits(s, at + 1);
	if (has(s, at, S("eE"))) {
		at++;
		at = some_digits(s, at + has(s, at, S("+-")));
	}
	return at;
}

/* Whether the number, rounded as a double is, is one (RFC 8785, 3.2.2.3; RFC 7493, 2.2).  The
   least that is none has 309 digits: more than SIGNIFICANT decide nothing. */
static bool is_finite(str s)
{
	enum { SIGNIFICANT = 320, PLAIN = 300 };
	char text[SIGNIFICANT + 40] = "0.";
	isize n = 2, mark = 0;
	int64_t power = 0, given = 0;
	bool has_point = false;

	while (mark < s.n && !has(s, mark, S("eE")))
		mark++;
	if (s.n < PLAIN && !has(s, mark, S("eE")))
		return true;
	for (isize i = has(s, 0, S("-")); i < mark; i++) {
		if (s.p[i] == '.') {
			has_point = true;
		} else if (n == 2 && s.p[i] == '0') {
			power -= has_point;
		} else {
			if (n < SIGNIFICANT)
				text[n++] = s.p[i];
			power += !has_point;
		}
	}
	str exponent = str_part(s, mark + 1 + has(s, mark + 1, S("+")), s.n);
	if (exponent.n && !str_int(exponent, -LIMIT_MODEL_BYTES * 2, LIMIT_MODEL_BYTES * 2, &given))
		return n == 2 || str_starts(exponent, S("-"));
	snprintf(text + n, sizeof text - (size_t)n, "e%" PRId64, power + given);
	return isfinite(strtod(text, NULL));
}

static enum json_event read_word(struct json_reader *r, str word, enum json_type type)
{
	if (!str_eq(str_part(r->in, r->at, r->at + word.n), word))
		return bad(r, r->at, "a value was expected");
	r->at += word.n;
	r->type = type;
	r->text = word;
	return JSON_SCALAR;
}

/* A level that was closed serves the next one: millions of small objects take one table.  A large
   table would cost each of them its clearing. */
static struct json_level *take_level(struct json_reader *r)
{
	enum { SLOTS_KEPT = 64 };
	struct json_level *l = r->spare ? r->spare : arena_bulk(r->arena, (isize)sizeof *l);
	struct json_level was = {0};

	if (!l)
		return NULL;
	if (r->spare) {
		was = *l;
		r->spare = l->outer;
	}
	*l = (struct json_level){0};
	if (was.slots && was.slots <= SLOTS_KEPT) {
		l->keys = was.keys;
		l->slots = was.slots;
		memset(l->keys, 0, (size_t)l->slots * sizeof *l->keys);
	}
	return l;
}

static enum json_event open_level(struct json_reader *r, bool is_object)
{
	if (r->depth == LIMIT_JSON_DEPTH)
		return bad(r, r->at, "the JSON text is nested too deeply");
	struct json_level *l = take_level(r);
	if (!l)
		return too_large(r);
	l->outer = r->level;
	l->is_object = is_object;
	r->level = l;
	r->depth++;
	r->at++;
	r->want_value = !is_object;
	return is_object ? JSON_OPEN_OBJECT : JSON_OPEN_ARRAY;
}

static enum json_event read_value(struct json_reader *r)
{
	char c = r->in.p[r->at];

	r->want_value = false;
	r->want_comma = true;
	if (c == '{' || c == '[') {
		enum json_event e = open_level(r, c == '{');
		r->want_comma = false;
		return e;
	}
	if (c == '"') {
		r->type = JSON_STRING;
		return read_string(r) ? JSON_SCALAR : JSON_BAD;
	}
	if (c == 't')
		return read_word(r, S("true"), JSON_TRUE);
	if (c == 'f')
		return read_word(r, S("false"), JSON_FALSE);
	if (c == 'n')
		return read_word(r, S("null"), JSON_NULL);
	isize end = number_end(r->in, r->at);
	if (end < 0)
		return bad(r, r->at, "a value was expected");
	r->text = str_part(r->in, r->at, end);
	if (!is_finite(r->text))
		return bad(r, r->at, "the number is beyond what a double holds");
	r->type = JSON_NUMBER;
	r->at = end;
	return JSON_SCALAR;
}

static bool grow_keys(struct json_reader *r, struct json_level *l)
{
	isize slots = l->slots ? l->slots * 2 : 16;
	str *keys = arena_bulk(r->arena, slots * (isize)sizeof *keys);

	if (!keys)
		return false;
	memset(keys, 0, (size_t)slots * sizeof *keys);
	for (isize i = 0; i < l->slots; i++) {
		if (!l->keys[i].p)
			continue;
		uint64_t h = str_hash(l->keys[i]);
		while (keys[h & (uint64_t)(slots - 1)].p)
			h++;
		keys[h & (uint64_t)(slots - 1)] = l->keys[i];
	}
	l->keys = keys;
	l->slots = slots;
	return true;
}

/* Remembers the key.  False when the level has it already. */
static bool key_is_new(struct json_level *l, str key)
{
	uint64_t h = str_hash(key);

	for (;; h++) {
		str *slot = &l->keys[h & (uint64_t)(l->slots - 1)];
		if (!slot->p) {
			*slot = (str){key.p ? key.p : "", key.n};
			l->key_count++;
			return true;
		}
		if (str_eq(*slot, key))
			return false;
	}
}

static enum json_event read_key(struct json_reader *r)
{
	isize from = r->at;

	if (r->in.p[r->at] != '"')
		return bad(r, r->at, "a key in quotes was expected");
	if (!read_string(r))
		return JSON_BAD;
	if (r->level->key_count * 4 >= r->level->slots * 3 && !grow_keys(r, r->level))
		return too_large(r);
	if (!key_is_new(r->level, r->text))
		return bad(r, from, "the key stands twice in its object");
	skip_blanks(r);
	if (r->at == r->in.n || r->in.p[r->at] != ':')
		return bad(r, r->at, "a colon was expected");
	r->at++;
	r->want_value = true;
	return JSON_KEY;
}

static enum json_event close_level(struct json_reader *r)
{
	struct json_level *closed = r->level;

	r->level = closed->outer;
	closed->outer = r->spare;
	r->spare = closed;
	r->depth--;
	r->at++;
	r->want_comma = true;
	r->want_value = false;
	return JSON_CLOSE;
}

/* Behind the outermost value nothing but blanks may follow. */
static enum json_event at_end(struct json_reader *r)
{
	if (r->at < r->in.n)
		return bad(r, r->at, "there is more after the end of the JSON text");
	r->done = true;
	return JSON_END;
}

/* Takes the comma between two items; false when it is missing or dangles. */
static bool take_comma(struct json_reader *r)
{
	if (r->in.p[r->at] != ',') {
		bad(r, r->at, "a comma or a closing bracket was expected");
		return false;
	}
	r->at++;
	r->want_comma = false;
	r->want_value = !r->level->is_object;
	skip_blanks(r);
	r->from = r->at;
	if (r->at == r->in.n)
		bad(r, r->at, "the JSON text ends too early");
	else if (has(r->in, r->at, S("}]")))
		bad(r, r->at, "a comma stands before a closing bracket");
	return !r->done;
}

/* The bracket at hand, closing what is open. */
static enum json_event close_or_bad(struct json_reader *r)
{
	bool is_object = r->level->is_object;

	if ((r->in.p[r->at] == '}') != is_object || (is_object && r->want_value))
		return bad(r, r->at, "a bracket closes what is not open");
	return close_level(r);
}

enum json_event json_next(struct json_reader *r)
{
	if (r->done)
		return r->err->code ? JSON_BAD : JSON_END;
	skip_blanks(r);
	r->from = r->at;
	if (!r->level && !r->want_value)
		return at_end(r);
	if (r->at == r->in.n)
		return bad(r, r->at, "the JSON text ends too early");
	if (r->level && has(r->in, r->at, S("}]")))
		return close_or_bad(r);
	if (r->want_comma && !take_comma(r))
		return JSON_BAD;
	if (r->level && !r->want_value)
		return read_key(r);
	return read_value(r);
}

static struct json *new_node(struct json_reader *r, str key, isize count)
{
	struct json *j = count < LIMIT_JSON_NODES ? arena_bulk(r->arena, (isize)sizeof *j) : NULL;

	if (!j) {
		too_large(r);
		return NULL;
	}
	*j = (struct json){.from = r->from, .key = key};
	return j;
}

void json_append(struct json *to, struct json **last, struct json *item)
{
	if (*last)
		(*last)->next = item;
	else
		to->first = item;
	*last = item;
	to->count++;
}

const struct json *json_parse(struct arena *a, struct err *e, str in)
{
	struct json *open[LIMIT_JSON_DEPTH + 1] = {0}, *last[LIMIT_JSON_DEPTH + 1] = {0},
					     *root = NULL;
	struct json_reader r;
	str key = S("");
	isize count = 0;
	int depth = 0;

	json_open(&r, a, e, in);
	for (;;) {
		enum json_event event = json_next(&r);
		if (event == JSON_BAD)
			return NULL;
		if (event == JSON_END)
			return root;
		if (event == JSON_KEY) {
			key = r.text;
			continue;
		}
		if (event == JSON_CLOSE) {
			depth--;
			continue;
		}
		struct json *j = new_node(&r, key, count);
		if (!j)
			return NULL;
		key = S("");
		j->nth = count++;
		if (depth == 0)
			root = j;
		else
			json_append(open[depth], &last[depth], j);
		if (event == JSON_SCALAR) {
			j->type = r.type;
			j->text = r.text;
		} else {
			j->type = event == JSON_OPEN_OBJECT ? JSON_OBJECT : JSON_ARRAY;
			open[++depth] = j;
			last[depth] = NULL;
		}
	}
}

isize json_nodes(const struct json *root)
{
	const struct json *last = root;

	while (last->first || last->next)
		last = last->next ? last->next : last->first;
	return last->nth + 1;
}

static void number(struct json *j, isize *count)
{
	j->nth = (*count)++;
	for (struct json *item = j->first; item; item = item->next)
		number(item, count);
}

void json_number(struct json *root)
{
	isize count = 0;

	number(root, &count);
}

const struct json *json_member(const struct json *j, str key)
{
	if (!j || j->type != JSON_OBJECT)
		return NULL;
	json_each(m, j) if (str_eq(m->key, key)) return m;
	return NULL;
}

str json_text(const struct json *j, str key)
{
	const struct json *m = json_member(j, key);

	return m && (m->type == JSON_STRING || m->type == JSON_NUMBER) ? m->text : S("");
}

bool json_int(const struct json *j, int64_t *out)
{
	return j && j->type == JSON_NUMBER && str_int(j->text, INT64_MIN, INT64_MAX, out);
}

bool json_bool(const struct json *j, bool other)
{
	if (j && j->type == JSON_TRUE)
		return true;
	return j && j->type == JSON_FALSE ? false : other;
}
