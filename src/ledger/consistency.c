/* Proofs that one signed log continues another: printed, parsed, checked without a store.  Pure. */
#include "ledger/proof_in.h"
#include "ledger/stranger.h"

void consistency_print(struct buf *b, const struct consistency *p)
{
	buf_fmt(b, "ward-consistency-proof@v1\nold %" PRIu64 "\n", p->old_size);
	proof_print_path(b, &p->path);
	buf_add(b, p->note);
}

bool consistency_parse(struct arena *a, str text, struct consistency *out, struct err *e)
{
	(void)a;
	*out = (struct consistency){0};
	if (text.n > CONSISTENCY_BYTES)
		return FAIL(e, ERR_LIMIT, "the proof is longer than %d bytes", CONSISTENCY_BYTES);
	if (!str_eq(str_cut(&text, '\n'), S("ward-consistency-proof@v1")))
		return err_at(e, 1, 1,
			"this is not a proof of consistency: it does not begin with"
			" ward-consistency-proof@v1");
	if (!proof_parse_number(str_cut(&text, '\n'), S("old "), &out->old_size))
		return err_at(e, 2, 1, "the proof has no size of an older log here");
	if (!proof_parse_path(&text, 3, &out->path, e))
		return false;
	if (text.n == 0)
		return FAIL(e, ERR_SYNTAX, "the proof ends before its checkpoint");
	out->note = text;
	return true;
}

bool consistency_check(struct arena *a, str text, str old_note, const struct verifier_key *keys,
	isize key_count, struct checkpoint *old, struct checkpoint *new, struct err *e)
{
	struct consistency p;

	if (!consistency_parse(a, text, &p, e) ||
		!checkpoint_open(a, old_note, keys, key_count, old, e) ||
		!checkpoint_open(a, p.note, keys, key_count, new, e))
		return false;
	if (!str_eq(old->origin, new->origin))
		return FAIL(e, ERR_INVALID, "the checkpoint is of %.*s, the proof of %.*s",
			STR_ARG(old->origin), STR_ARG(new->origin));
	if (old->size != p.old_size)
		return FAIL(e, ERR_INVALID,
			"the checkpoint is about %" PRIu64 " entries, the proof about %" PRIu64,
			old->size, p.old_size);
	if (!merkle_verify_consistency(old->size, old->root, new->size, new->root, &p.path))
		return FAIL(e, ERR_TAMPERED,
			"the log of %" PRIu64 " entries does not continue the one of %" PRIu64,
			new->size, old->size);
	return true;
}
