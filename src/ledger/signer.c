/*
 * The signer: a key and the memory of what it signed last.
 *
 * The folder holds "key" (origin and secret), "vkey" (for auditors) and "state" (the text of the
 * checkpoint last signed).  The state is written and synced before a signature leaves; it must
 * never be restored from a backup, or the one rule that stops forks and rollbacks is gone.
 */
#include "ledger/ledger.h"
#include "os/os.h"

enum { SIGNER_FILE_BYTES = 4096, SIGNER_FOLDER_MODE = 0700, SIGNER_FILE_MODE = 0600 };

static str path_of(struct arena *a, str folder, const char *name)
{
	return str_fmt(a, "%.*s/%s", STR_ARG(folder), name);
}

static bool state_write(struct arena *a, str folder, const struct checkpoint *c, struct err *e)
{
	struct buf b;

	buf_init(&b, a, SIGNER_FILE_BYTES);
	checkpoint_print(&b, c);
	assert(!b.full);
	return file_write(a, path_of(a, folder, "state"), buf_str(&b), SIGNER_FILE_MODE, e);
}

bool signer_create(struct arena *a, str folder, str origin, struct err *e)
{
	struct checkpoint none = {.origin = origin, .root = merkle_empty()};
	struct secret secret;
	struct public_key public;
	struct buf key, vkey;

	if (!key_name_check(origin) || !utf8_is_text(origin) || origin.n > LIMIT_TEXT / 4)
		return FAIL(e, ERR_INVALID,
			"\"%.*s\" cannot name a log: use a short name without blanks and plus "
			"signs",
			STR_ARG(origin));
	if (file_exists(a, path_of(a, folder, "key")))
		return FAIL(e, ERR_CONFLICT, "there is a key in %.*s already", STR_ARG(folder));
	sign_keypair(&secret, &public);
	struct verifier_key v = vkey_make(origin, &public);
	buf_init(&vkey, a, SIGNER_FILE_BYTES);
	vkey_print(&vkey, &v);
	buf_char(&vkey, '\n');
	buf_init(&key, a, SIGNER_FILE_BYTES);
	buf_add(&key, S("ward-keeper-1\n"));
	buf_add(&key, origin);
	buf_char(&key, '\n');
	base64_print(&key, secret.b, sizeof secret.b);
	buf_char(&key, '\n');
	/* The key comes last: a folder with a key and no state is refused. */
	bool ok = folder_make(a, folder, SIGNER_FOLDER_MODE, e) &&
		state_write(a, folder, &none, e) &&
		file_write(a, path_of(a, folder, "vkey"), buf_str(&vkey), SIGNER_FILE_MODE, e) &&
		file_write(a, path_of(a, folder, "key"), buf_str(&key), SIGNER_FILE_MODE, e);
	crypt_wipe(&secret, sizeof secret);
	crypt_wipe(key.p, key.cap);
	return ok;
}

static bool key_read(struct signer *s, struct arena *a, str folder, struct err *e)
{
	struct public_key public;
	str text, rest;
	isize n;

	if (!file_read_plain(a, path_of(a, folder, "key"), SIGNER_FILE_BYTES, &text, e))
		return false;
	rest = text;
	bool ok = str_eq(str_cut(&rest, '\n'), S("ward-keeper-1"));
	str origin = str_dup(a, str_cut(&rest, '\n'));
	ok = ok && key_name_check(origin) &&
		base64_parse(str_cut(&rest, '\n'), s->secret.b, sizeof s->secret.b, &n) &&
		n == (isize)sizeof s->secret.b && rest.n == 0;
	if (!ok)
		return FAIL(e, ERR_TAMPERED, "the key in %.*s cannot be read", STR_ARG(folder));
	memcpy(public.b, s->secret.b + sizeof public.b, sizeof public.b);
	s->key = vkey_make(origin, &public);
	return true;
}

bool signer_open(struct signer *out, struct arena *a, str folder, struct err *e)
{
	struct signer s = {.folder = str_dup(a, folder)};
	struct err inner = {0};
	str text;

	if (!key_read(&s, a, folder, e))
		return false;
	if (!file_read_plain(a, path_of(a, folder, "state"), SIGNER_FILE_BYTES, &text, &inner) ||
		!checkpoint_parse(text, &s.last, &inner) || !str_eq(s.last.origin, s.key.name)) {
		crypt_wipe(&s.secret, sizeof s.secret);
		return FAIL(e, ERR_TAMPERED,
			"the memory of what was signed, %.*s/state, is missing or not of this key",
			STR_ARG(folder));
	}
	s.last.origin = s.key.name;
	*out = s;
	return true;
}

struct hash_key signer_mark_key(const struct signer *s)
{
	const str piece[] = {S("ward/mark/1\0"), s->key.name};
	struct hash_key seed, out;

	memcpy(seed.b, s->secret.b, sizeof seed.b);
	hash_keyed(&seed, piece, COUNT_OF(piece), out.b, sizeof out.b);
	crypt_wipe(&seed, sizeof seed);
	return out;
}

void signer_close(struct signer *s)
{
	crypt_wipe(s, sizeof *s);
}

static bool may_follow(const struct signer *s, uint64_t size, struct hash root,
	const struct proof *from_last, struct err *e)
{
	const struct checkpoint *last = &s->last;

	if (size < last->size)
		return FAIL(e, ERR_TAMPERED,
			"the ledger has %" PRIu64 " entries, but %" PRIu64 " were signed: %" PRIu64
			" are missing; was an older backup restored?",
			size, last->size, last->size - size);
	if (!merkle_verify_consistency(last->size, last->root, size, root, from_last))
		return FAIL(e, ERR_TAMPERED,
			"the ledger of %" PRIu64 " entries does not continue the one of %" PRIu64
			" that was signed",
			size, last->size);
	return true;
}

bool signer_sign(struct signer *s, struct arena *a, uint64_t size, struct hash root, int64_t at_us,
	const struct proof *from_last, struct signature *out, struct err *e)
{
	struct checkpoint next = {
		.origin = s->key.name, .size = size, .root = root, .at_us = at_us};
	struct buf b;

	if (!may_follow(s, size, root, from_last, e))
		return false;
	if (size > s->last.size && !state_write(a, s->folder, &next, e))
		return false;
	s->last = next;
	buf_init(&b, a, SIGNER_FILE_BYTES);
	checkpoint_print(&b, &next);
	assert(!b.full);
	*out = sign_detached(&s->secret, buf_str(&b));
	return true;
}
