/* The leaf of an entry: RFC 8785 JSON with a fixed set of members, and commitments.  Pure. */
#include "base/json.h"

#include "crypt/crypt.h"
#include "ledger/ledger.h"

struct hash leaf_commit(const uint8_t salt[SALT_BYTES], str name, str value)
{
	char name_size[4], value_size[4];
	struct hash out;

	assert(name.n <= INT32_MAX && value.n <= INT32_MAX);
	for (int i = 0; i < 4; i++) {
		name_size[i] = (char)(name.n >> (24 - 8 * i));
		value_size[i] = (char)(value.n >> (24 - 8 * i));
	}
	const str piece[] = {S("ward/part/1\0"), {(const char *)salt, SALT_BYTES}, {name_size, 4},
		name, {value_size, 4}, value};
	struct sha256 h = sha256_of(piece, COUNT_OF(piece));
	memcpy(out.b, h.b, HASH_BYTES);
	return out;
}

const struct hash *leaf_part(const struct leaf *leaf, str name)
{
	if (str_eq(name, S("body")))
		return leaf->has_body ? &leaf->body : NULL;
	if (str_eq(name, S("private")))
		return leaf->has_personal ? &leaf->personal : NULL;
	if (str_eq(name, S("rows")))
		return leaf->has_rows ? &leaf->rows : NULL;
	return NULL;
}

/* ---- writing ---- */

static void put_text(struct buf *b, bool *first, str key, str value)
{
	if (value.n == 0)
		return;
	json_put_key(b, first, key);
	json_put_string(b, value);
}

static void put_bytes(struct buf *b, bool *first, str key, const void *bytes, isize n)
{
	json_put_key(b, first, key);
	buf_char(b, '"');
	base64_print(b, bytes, n);
	buf_char(b, '"');
}

static void put_hash(struct buf *b, bool *first, str key, const struct hash *h)
{
	put_bytes(b, first, key, h->b, HASH_BYTES);
}

static void put_clock(struct buf *b, bool *first, const struct leaf *l)
{
	bool first_fact = true;

	if (l->boot.n == 0)
		return;
	json_put_key(b, first, S("clock"));
	buf_char(b, '{');
	put_text(b, &first_fact, S("boot"), l->boot);
	buf_fmt(b, ",\"mono\":%" PRId64 ",\"sync\":%s}", l->mono_us,
		l->is_synchronized ? "true" : "false");
}

/* The order of the members is the sorted one of RFC 8785; leaf_decode() reads in the same. */
void leaf_encode(struct buf *b, const struct leaf *l)
{
	bool first = true;

	buf_char(b, '{');
	put_text(b, &first, S("act"), l->act);
	put_text(b, &first, S("actor"), l->actor);
	json_put_key(b, &first, S("at"));
	buf_char(b, '"');
	time_print(b, l->at_us);
	buf_char(b, '"');
	if (l->has_body)
		put_hash(b, &first, S("body"), &l->body);
	put_clock(b, &first, l);
	json_put_key(b, &first, S("id"));
	buf_char(b, '"');
	uuid_print(b, l->id);
	buf_char(b, '"');
	if (l->has_mark)
		put_bytes(b, &first, S("mark"), l->mark.b, MARK_BYTES);
	put_text(b, &first, S("node"), l->node);
	put_text(b, &first, S("object"), l->object);
	put_text(b, &first, S("outcome"), l->outcome);
	if (l->has_personal)
		put_hash(b, &first, S("private"), &l->personal);
	put_text(b, &first, S("reason"), l->reason);
	put_text(b, &first, S("req"), l->request);
	if (l->has_rows)
		put_hash(b, &first, S("rows"), &l->rows);
	put_text(b, &first, S("sid"), l->session);
	json_put_key(b, &first, S("v"));
	buf_add(b, S("1}"));
}

/* ---- reading ---- */

/* The rest of a leaf; `bad` once something was not as leaf_encode() writes it. */
struct scan {
	struct arena *arena;
	str rest;
	bool first, bad;
};

static bool take(struct scan *s, str what)
{
	if (!str_starts(s->rest, what))
		return false;
	s->rest = str_part(s->rest, what.n, s->rest.n);
	return true;
}

/* True when the next member is `key`; then its value follows. */
static bool take_key(struct scan *s, str key)
{
	str before = s->rest;

	if ((s->first || take(s, S(","))) && take(s, S("\"")) && take(s, key) &&
		take(s, S("\":"))) {
		s->first = false;
		return true;
	}
	s->rest = before;
	return false;
}

/* A string with escapes must read back as it would be written, or two leaves meant the same. */
static str unescape(struct scan *s, str quoted)
{
	struct err e = {0};
	struct buf again;
	const struct json *j = json_parse(s->arena, &e, quoted);

	if (!j || j->type != JSON_STRING) {
		s->bad = true;
		return S("");
	}
	buf_init(&again, s->arena, LIMIT_LEAF_BYTES);
	json_put_string(&again, j->text);
	s->bad |= again.full || !str_eq(buf_str(&again), quoted);
	return j->text;
}

static str take_string(struct scan *s)
{
	bool is_escaped = false;
	isize i = 1;

	if (s->rest.n < 2 || s->rest.p[0] != '"') {
		s->bad = true;
		return S("");
	}
	for (; i < s->rest.n && s->rest.p[i] != '"'; i++) {
		s->bad |= (unsigned char)s->rest.p[i] < 0x20;
		if (s->rest.p[i] == '\\') {
			is_escaped = true;
			i++;
		}
	}
	if (i >= s->rest.n) {
		s->bad = true;
		return S("");
	}
	str quoted = str_part(s->rest, 0, i + 1);
	s->rest = str_part(s->rest, i + 1, s->rest.n);
	return is_escaped ? unescape(s, quoted) : str_part(quoted, 1, i);
}

/* A member that is left out when empty. */
static str take_text(struct scan *s, str key)
{
	if (!take_key(s, key))
		return S("");
	str value = take_string(s);
	s->bad |= value.n == 0;
	return value;
}

static bool take_bytes(struct scan *s, str key, void *out, isize want)
{
	isize n;

	if (!take_key(s, key))
		return false;
	s->bad |= !base64_parse(take_string(s), out, want, &n) || n != want;
	return true;
}

static bool take_hash(struct scan *s, str key, struct hash *out)
{
	return take_bytes(s, key, out->b, HASH_BYTES);
}

static int64_t take_time(struct scan *s)
{
	int64_t at_us = 0;
	struct buf again;

	if (!take_key(s, S("at"))) {
		s->bad = true;
		return 0;
	}
	str text = take_string(s);
	if (!time_parse(text, &at_us)) {
		s->bad = true;
		return 0;
	}
	/* Fewer decimals would be the same time in another text. */
	struct arena_mark mark = arena_here(s->arena);
	buf_init(&again, s->arena, 64);
	time_print(&again, at_us);
	s->bad |= !str_eq(buf_str(&again), text);
	arena_rewind(s->arena, mark);
	return at_us;
}

/* Up to LEAF_MONO_MAX, without leading zeros. */
static int64_t take_number(struct scan *s)
{
	int64_t value = 0;
	isize n = 0;

	while (n < s->rest.n && s->rest.p[n] >= '0' && s->rest.p[n] <= '9')
		n++;
	str digits = str_part(s->rest, 0, n);
	s->bad |= !str_int(digits, 0, LEAF_MONO_MAX, &value) ||
		(n > 1 && str_starts(digits, S("0")));
	s->rest = str_part(s->rest, n, s->rest.n);
	return value;
}

/* Leaves of older versions, and of examples, have none. */
static void take_clock(struct scan *s, struct leaf *out)
{
	if (!take_key(s, S("clock")))
		return;
	s->bad |= !take(s, S("{\"boot\":"));
	out->boot = take_string(s);
	s->bad |= out->boot.n == 0 || !take(s, S(",\"mono\":"));
	out->mono_us = take_number(s);
	out->is_synchronized = take(s, S(",\"sync\":true}"));
	s->bad |= !out->is_synchronized && !take(s, S(",\"sync\":false}"));
}

bool leaf_decode(struct arena *a, str text, struct leaf *out, struct err *e)
{
	struct scan s = {.arena = a, .rest = text, .first = true};

	*out = (struct leaf){0};
	if (text.n > LIMIT_LEAF_BYTES)
		return FAIL(e, ERR_LIMIT, "the leaf is longer than %d bytes", LIMIT_LEAF_BYTES);
	s.bad = utf8_check(text) >= 0 || !take(&s, S("{"));
	out->act = take_text(&s, S("act"));
	out->actor = take_text(&s, S("actor"));
	out->at_us = take_time(&s);
	out->has_body = take_hash(&s, S("body"), &out->body);
	take_clock(&s, out);
	s.bad |= !take_key(&s, S("id")) || !uuid_parse(take_string(&s), &out->id);
	out->has_mark = take_bytes(&s, S("mark"), out->mark.b, MARK_BYTES);
	out->node = take_text(&s, S("node"));
	out->object = take_text(&s, S("object"));
	out->outcome = take_text(&s, S("outcome"));
	out->has_personal = take_hash(&s, S("private"), &out->personal);
	out->reason = take_text(&s, S("reason"));
	out->request = take_text(&s, S("req"));
	out->has_rows = take_hash(&s, S("rows"), &out->rows);
	out->session = take_text(&s, S("sid"));
	if (s.bad || !take_key(&s, S("v")) || !take(&s, S("1}")) || s.rest.n)
		return FAIL(e, ERR_SYNTAX, "at byte %td the leaf is not in the form of version 1",
			text.n - s.rest.n + 1);
	return true;
}
