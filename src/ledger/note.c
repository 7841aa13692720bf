/* C2SP signed notes, verifier keys and checkpoints.  Pure. */
#include "crypt/crypt.h"
#include "ledger/ledger.h"

enum { TYPE_ED25519 = 0x01, SIGNED_BYTES = 4 + SIGNATURE_BYTES, SIGNATURE_LINE = 8192 };

static bool is_space(uint32_t c)
{
	return (c >= 0x09 && c <= 0x0d) || c == ' ' || c == 0x85 || c == 0xa0 || c == 0x1680 ||
		(c >= 0x2000 && c <= 0x200a) || c == 0x2028 || c == 0x2029 || c == 0x202f ||
		c == 0x205f || c == 0x3000;
}

bool key_name_check(str name)
{
	if (name.n == 0 || utf8_check(name) >= 0 || str_index(name, '+') >= 0)
		return false;
	while (name.n)
		if (is_space(utf8_next(&name)))
			return false;
	return true;
}

struct verifier_key vkey_make(str name, const struct public_key *key)
{
	struct verifier_key out = {.name = name};
	const str piece[] = {name, S("\n\x01"), {(const char *)key->b, sizeof key->b}};
	struct sha256 id = sha256_of(piece, COUNT_OF(piece));

	memcpy(out.id, id.b, sizeof out.id);
	memcpy(out.key, key->b, sizeof out.key);
	return out;
}

bool vkey_parse(struct arena *a, str text, struct verifier_key *out)
{
	str name = str_cut(&text, '+'), id = str_cut(&text, '+');
	struct public_key key;
	uint8_t bytes[1 + sizeof key.b], given[4];
	isize n;

	if (!key_name_check(name) || !hex_parse(id, given, sizeof given) ||
		!base64_parse(text, bytes, sizeof bytes, &n) || n != (isize)sizeof bytes ||
		bytes[0] != TYPE_ED25519)
		return false;
	memcpy(key.b, bytes + 1, sizeof key.b);
	*out = vkey_make(str_dup(a, name), &key);
	return memcmp(out->id, given, sizeof given) == 0;
}

void vkey_print(struct buf *b, const struct verifier_key *key)
{
	uint8_t bytes[1 + sizeof key->key] = {TYPE_ED25519};

	memcpy(bytes + 1, key->key, sizeof key->key);
	buf_add(b, key->name);
	buf_char(b, '+');
	hex_print(b, key->id, sizeof key->id);
	buf_char(b, '+');
	base64_print(b, bytes, sizeof bytes);
}

void note_sign_line(
	struct buf *b, const struct verifier_key *key, const uint8_t signature[SIGNATURE_BYTES])
{
	uint8_t bytes[SIGNED_BYTES];

	memcpy(bytes, key->id, sizeof key->id);
	memcpy(bytes + sizeof key->id, signature, SIGNATURE_BYTES);
	buf_add(b, S("\n— "));
	buf_add(b, key->name);
	buf_char(b, ' ');
	base64_print(b, bytes, sizeof bytes);
	buf_char(b, '\n');
}

/* ---- opening ---- */

/* Where the last empty line of a note begins, or -1. */
static isize last_blank(str note)
{
	for (isize i = note.n - 2; i >= 0; i--)
		if (note.p[i] == '\n' && note.p[i + 1] == '\n')
			return i;
	return -1;
}

str note_text(str note)
{
	return str_part(note, 0, last_blank(note) + 1);
}

static bool has_control(str s)
{
	for (isize i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] < 0x20 && s.p[i] != '\n')
			return true;
	return false;
}

/* One line "— name base64(id ‖ signature)"; `bytes` has room for SIGNATURE_LINE. */
static bool signature_parse(str line, str *name, uint8_t *bytes, isize *n)
{
	if (!str_starts(line, S("— ")))
		return false;
	line = str_part(line, S("— ").n, line.n);
	*name = str_cut(&line, ' ');
	return key_name_check(*name) && base64_parse(line, bytes, SIGNATURE_LINE, n) && *n > 4;
}

static isize key_find(const struct verifier_key *keys, isize count, str name, const uint8_t *id)
{
	for (isize i = 0; i < count; i++)
		if (str_eq(keys[i].name, name) && memcmp(keys[i].id, id, sizeof keys[i].id) == 0)
			return i;
	return -1;
}

static bool signature_holds(const struct verifier_key *key, str text, const uint8_t *bytes, isize n)
{
	struct signature signature;
	struct public_key public;

	if (n != SIGNED_BYTES)
		return false;
	memcpy(signature.b, bytes + 4, SIGNATURE_BYTES);
	memcpy(public.b, key->key, sizeof public.b);
	return sign_verify(&public, text, &signature);
}

/* Judges the signature lines one after the other; a key's second signature is ignored. */
static bool open_lines(str lines, str text, const struct verifier_key *keys, isize key_count,
	bool *signed_by, struct err *e)
{
	uint8_t bytes[SIGNATURE_LINE];
	isize n, good = 0;

	for (int count = 1; lines.n; count++) {
		str name;
		if (count > NOTE_SIGNATURES)
			return FAIL(e, ERR_LIMIT, "the note has more than %d signatures",
				NOTE_SIGNATURES);
		if (!signature_parse(str_cut(&lines, '\n'), &name, bytes, &n))
			return FAIL(e, ERR_SYNTAX, "line %d of the signatures is not a signature",
				count);
		isize key = key_find(keys, key_count, name, bytes);
		if (key < 0 || signed_by[key])
			continue;
		if (!signature_holds(&keys[key], text, bytes, n))
			return FAIL(e, ERR_TAMPERED, "the signature of %.*s does not hold",
				STR_ARG(name));
		signed_by[key] = true;
		good++;
	}
	return good > 0 || FAIL(e, ERR_TAMPERED, "no key that is known here has signed the note");
}

bool note_open_by(struct arena *a, str note, const struct verifier_key *keys, isize key_count,
	str *text, bool *signed_by, struct err *e)
{
	isize blank;

	(void)a;
	for (isize i = 0; i < key_count; i++)
		signed_by[i] = false;
	if (note.n > NOTE_BYTES)
		return FAIL(e, ERR_LIMIT, "the note is longer than %d bytes", NOTE_BYTES);
	if (utf8_check(note) >= 0 || has_control(note))
		return FAIL(e, ERR_SYNTAX, "the note is not plain text in UTF-8");
	blank = last_blank(note);
	if (blank < 0)
		return FAIL(e, ERR_SYNTAX, "the note has no empty line before its signatures");
	str lines = str_part(note, blank + 2, note.n);
	if (!str_ends(lines, S("\n")))
		return FAIL(e, ERR_SYNTAX, "the note does not end with a whole signature line");
	*text = str_part(note, 0, blank + 1);
	return open_lines(lines, *text, keys, key_count, signed_by, e);
}

bool note_open(struct arena *a, str note, const struct verifier_key *keys, isize key_count,
	str *text, struct err *e)
{
	return note_open_by(a, note, keys, key_count, text, NEW(a, bool, key_count), e);
}

/* ---- checkpoints ---- */

void checkpoint_print(struct buf *b, const struct checkpoint *c)
{
	buf_add(b, c->origin);
	buf_fmt(b, "\n%" PRIu64 "\n", c->size);
	base64_print(b, c->root.b, HASH_BYTES);
	buf_char(b, '\n');
	if (c->at_us == 0)
		return;
	buf_add(b, S("at "));
	time_print(b, c->at_us);
	buf_char(b, '\n');
}

/* A time in the form of checkpoint_print(); any other line is somebody else's extension. */
static void take_extension(struct checkpoint *c, str line)
{
	int64_t at_us;

	if (str_starts(line, S("at ")) && time_parse(str_part(line, 3, line.n), &at_us))
		c->at_us = at_us;
}

bool checkpoint_parse(str text, struct checkpoint *out, struct err *e)
{
	struct checkpoint c = {0};
	int64_t size;
	isize n;

	if (!str_ends(text, S("\n")))
		return err_at(e, 1, 1, "the checkpoint does not end with a whole line");
	c.origin = str_cut(&text, '\n');
	if (c.origin.n == 0)
		return err_at(e, 1, 1, "the checkpoint has no origin");
	str line = str_cut(&text, '\n');
	if (!str_int(line, 0, INT64_MAX, &size) || line.p[0] == '-' || line.p[0] == '+' ||
		(line.n > 1 && line.p[0] == '0'))
		return err_at(e, 2, 1, "the size of the checkpoint is not a number");
	c.size = (uint64_t)size;
	line = str_cut(&text, '\n');
	if (!base64_parse(line, c.root.b, HASH_BYTES, &n) || n != HASH_BYTES)
		return err_at(e, 3, 1, "the root of the checkpoint is not a hash in base64");
	for (int at = 4; text.n; at++) {
		line = str_cut(&text, '\n');
		if (line.n == 0)
			return err_at(e, at, 1, "the checkpoint has an empty line");
		take_extension(&c, line);
	}
	*out = c;
	return true;
}
