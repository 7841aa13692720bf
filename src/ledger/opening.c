/* Openings: the salt and the value behind a commitment of a leaf, and the record whose hash stands
   in such a value.  Pure. */
#include "base/json.h"

#include "crypt/crypt.h"
#include "ledger/stranger.h"

void opening_print(struct buf *b, const struct opening *o)
{
	if (str_eq(o->name, S("record"))) {
		buf_fmt(b, "record %td\n", o->value.n);
	} else {
		buf_fmt(b, "open %.*s ", STR_ARG(o->name));
		base64_print(b, o->salt, SALT_BYTES);
		buf_fmt(b, " %td\n", o->value.n);
	}
	buf_add(b, o->value);
	buf_char(b, '\n');
}

static bool is_name(str s)
{
	for (isize i = 0; i < s.n; i++)
		if (s.p[i] < 'a' || s.p[i] > 'z')
			return false;
	return s.n > 0;
}

/* The value of so many bytes and its line end off the front of `text`. */
static bool take_value(str *text, str bytes, str *out)
{
	int64_t n;

	if (str_starts(bytes, S("0")) || !str_int(bytes, 1, text->n - 1, &n) ||
		text->p[n] != '\n')
		return false;
	*out = str_part(*text, 0, (isize)n);
	*text = str_part(*text, (isize)n + 1, text->n);
	return true;
}

/* One opening off the front of `text`. */
static bool parse_one(str *text, struct opening *out)
{
	str line = str_cut(text, '\n'), word = str_cut(&line, ' ');
	isize n;

	*out = (struct opening){.name = word};
	if (str_eq(word, S("record")))
		return take_value(text, line, &out->value);
	if (!str_eq(word, S("open")))
		return false;
	out->name = str_cut(&line, ' ');
	str salt = str_cut(&line, ' ');
	return is_name(out->name) && !str_eq(out->name, S("record")) &&
		base64_parse(salt, out->salt, SALT_BYTES, &n) && n == SALT_BYTES &&
		take_value(text, line, &out->value);
}

bool opening_parse(str text, struct opening out[OPENINGS_MAX], int *count, struct err *e)
{
	for (*count = 0; text.n; ++*count)
		if (*count == OPENINGS_MAX || !parse_one(&text, &out[*count]))
			return FAIL(e, ERR_SYNTAX, "what the proof opens cannot be read (part %d)",
				*count + 1);
	return true;
}

/* Whether the record has the hash that the body, which was opened before it, says. */
static bool holds_record(struct arena *a, const struct opening *o, int at)
{
	struct err e = {0};
	struct sha256 want, have = sha256(o[at].value);
	str body = opening_value(o, at, S("body"));
	const struct json *j = body.n ? json_parse(a, &e, body) : NULL;
	str hex = json_text(j, S("hash"));

	if (!hex.n)
		hex = json_text(j, S("signs"));
	return hex_parse(hex, want.b, (isize)sizeof want.b) &&
		memcmp(want.b, have.b, sizeof want.b) == 0;
}

bool opening_check(
	struct arena *a, const struct leaf *leaf, const struct opening *o, int count, struct err *e)
{
	for (int i = 0; i < count; i++) {
		const struct hash *want = leaf_part(leaf, o[i].name);
		struct hash have = leaf_commit(o[i].salt, o[i].name, o[i].value);
		bool holds = str_eq(o[i].name, S("record"))
			? holds_record(a, o, i)
			: want && memcmp(want->b, have.b, HASH_BYTES) == 0;
		if (!holds)
			return FAIL(e, ERR_TAMPERED,
				"the part \"%.*s\" that the proof opens is not what was logged",
				STR_ARG(o[i].name));
		if (opening_value(o, i, o[i].name).n)
			return FAIL(e, ERR_TAMPERED, "the part \"%.*s\" is opened twice",
				STR_ARG(o[i].name));
	}
	return true;
}

str opening_value(const struct opening *o, int count, str name)
{
	for (int i = 0; i < count; i++)
		if (str_eq(o[i].name, name))
			return o[i].value;
	return S("");
}
