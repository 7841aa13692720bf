/* Receipts: c2sp.org/tlog-proof@v1, printed, parsed and checked without a store.  Pure. */
#include "crypt/crypt.h"
#include "ledger/proof_in.h"

void proof_print_extra(struct buf *b, str extra)
{
	if (extra.n == 0)
		return;
	buf_add(b, S("extra "));
	base64_print(b, extra.p, extra.n);
	buf_char(b, '\n');
}

void proof_print_path(struct buf *b, const struct proof *p)
{
	for (int i = 0; i < p->count; i++) {
		base64_print(b, p->path[i].b, HASH_BYTES);
		buf_char(b, '\n');
	}
	buf_char(b, '\n');
}

void receipt_print(struct buf *b, const struct receipt *r)
{
	buf_add(b, S("c2sp.org/tlog-proof@v1\n"));
	proof_print_extra(b, r->extra);
	buf_fmt(b, "index %" PRIu64 "\n", r->index);
	proof_print_path(b, &r->path);
	buf_add(b, r->note);
}

static bool proof_parse_extra(struct arena *a, str line, str *out, struct err *e)
{
	str text = str_part(line, S("extra ").n, line.n);
	uint8_t *bytes = arena_bulk(a, text.n + 1);
	isize n;

	if (!bytes)
		return FAIL(e, ERR_LIMIT, "the receipt needs more memory than there is");
	if (!base64_parse(text, bytes, text.n, &n) || n == 0)
		return err_at(e, 2, 7, "the extra data is not base64");
	*out = (str){(const char *)bytes, n};
	return true;
}

bool proof_parse_number(str line, str word, uint64_t *out)
{
	str number = str_part(line, word.n, line.n);
	int64_t v;

	if (!str_starts(line, word) || !str_int(number, 0, INT64_MAX, &v) || number.p[0] == '-' ||
		(number.n > 1 && number.p[0] == '0'))
		return false;
	*out = (uint64_t)v;
	return true;
}

bool proof_parse_path(str *rest, int64_t line_no, struct proof *p, struct err *e)
{
	isize n;

	for (p->count = 0;; line_no++) {
		if (rest->n == 0)
			return err_at(e, line_no, 1, "the receipt ends before its checkpoint");
		str line = str_cut(rest, '\n');
		if (line.n == 0)
			return true;
		if (p->count == PROOF_MAX)
			return err_at(
				e, line_no, 1, "the receipt has more than %d hashes", PROOF_MAX);
		if (!base64_parse(line, p->path[p->count].b, HASH_BYTES, &n) || n != HASH_BYTES)
			return err_at(e, line_no, 1, "this line is not a hash in base64");
		p->count++;
	}
}

bool proof_parse_head(
	struct arena *a, str *text, str first, struct proof_head *out, struct err *e)
{
	int64_t line_no = 2;

	*out = (struct proof_head){0};
	if (!str_eq(str_cut(text, '\n'), first))
		return err_at(e, 1, 1, "this does not begin with %.*s", STR_ARG(first));
	str line = str_cut(text, '\n');
	if (str_starts(line, S("extra "))) {
		if (!proof_parse_extra(a, line, &out->extra, e))
			return false;
		line = str_cut(text, '\n');
		line_no++;
	}
	if (!proof_parse_number(line, S("index "), &out->index))
		return err_at(e, line_no, 1, "there is no index of an entry here");
	return proof_parse_path(text, line_no + 1, &out->path, e);
}

bool receipt_parse(struct arena *a, str text, struct receipt *out, struct err *e)
{
	struct proof_head head;

	*out = (struct receipt){0};
	if (text.n > RECEIPT_BYTES)
		return FAIL(e, ERR_LIMIT, "the receipt is longer than %d bytes", RECEIPT_BYTES);
	if (!proof_parse_head(a, &text, S("c2sp.org/tlog-proof@v1"), &head, e))
		return false;
	if (text.n == 0)
		return FAIL(e, ERR_SYNTAX, "the receipt ends before its checkpoint");
	*out = (struct receipt){
		.index = head.index, .path = head.path, .extra = head.extra, .note = text};
	return true;
}

bool checkpoint_open(struct arena *a, str note, const struct verifier_key *keys, isize key_count,
	struct checkpoint *out, struct err *e)
{
	bool *signed_by = NEW(a, bool, key_count);
	bool by_origin = false;
	str body;

	if (!note_open_by(a, note, keys, key_count, &body, signed_by, e) ||
		!checkpoint_parse(body, out, e))
		return false;
	for (isize i = 0; i < key_count; i++)
		by_origin |= signed_by[i] && str_eq(keys[i].name, out->origin);
	return by_origin ||
		FAIL(e, ERR_TAMPERED, "the checkpoint is not signed by a key of its origin %.*s",
			STR_ARG(out->origin));
}

/* The leaf ends at the first line end, which it cannot contain; what is opened follows. */
static bool split_extra(struct receipt *r, struct err *e)
{
	str rest = r->extra;

	r->leaf = str_cut(&rest, '\n');
	return opening_parse(rest, r->opening, &r->opening_count, e);
}

bool receipt_check(struct arena *a, str text, str leaf, const struct verifier_key *keys,
	isize key_count, struct receipt *out, struct checkpoint *signed_as, struct err *e)
{
	struct leaf read;

	if (!receipt_parse(a, text, out, e) || !split_extra(out, e) ||
		!checkpoint_open(a, out->note, keys, key_count, signed_as, e))
		return false;
	if (leaf.n == 0)
		leaf = out->leaf;
	if (leaf.n == 0)
		return FAIL(e, ERR_INVALID, "the receipt holds no leaf; give the entry it is for");
	if (!merkle_verify_inclusion(
		    merkle_leaf(leaf), out->index, signed_as->size, &out->path, signed_as->root))
		return FAIL(e, ERR_TAMPERED, "entry %" PRIu64 " is not in the log that was signed",
			out->index);
	out->leaf = leaf;
	return out->opening_count == 0 ||
		(leaf_decode(a, leaf, &read, e) &&
			opening_check(a, &read, out->opening, out->opening_count, e));
}
