/* Proofs that no later entry wrote a record: printed, parsed, checked without a store.  Pure. */
#include "ledger/proof_in.h"
#include "ledger/stranger.h"

void latest_print_head(struct buf *b, const struct latest *p)
{
	buf_add(b, S("ward-latest-proof@v1\n"));
	proof_print_extra(b, p->extra);
	buf_fmt(b, "index %" PRIu64 "\n", p->index);
	proof_print_path(b, &p->before);
}

bool latest_parse(struct arena *a, str text, struct latest *out, struct err *e)
{
	struct proof_head head;

	*out = (struct latest){0};
	if (text.n > LATEST_BYTES)
		return FAIL(e, ERR_LIMIT, "the proof is longer than %d bytes", LATEST_BYTES);
	if (!proof_parse_head(a, &text, S("ward-latest-proof@v1"), &head, e))
		return false;
	isize end = str_find(text, S("\n\n"));
	if (end < 0)
		return FAIL(e, ERR_SYNTAX, "the proof ends before its checkpoint");
	if (end == 0)
		return FAIL(e, ERR_SYNTAX, "the proof has no entry");
	*out = (struct latest){.index = head.index,
		.before = head.path,
		.extra = head.extra,
		.leaves = str_part(text, 0, end + 1),
		.note = str_part(text, end + 2, text.n)};
	return true;
}

/* The word of a record in an object: "RSK-12" of "risk:RSK-12". */
static str ref_of(str object)
{
	str_cut(&object, ':');
	return object;
}

static enum later_kind latest_judge(str object, const struct leaf *leaf)
{
	if (str_eq(leaf->object, object))
		return str_eq(leaf->outcome, S("ok")) ? LATER_WRITES : LATER_NAMES;
	return str_eq(ref_of(leaf->object), ref_of(object)) ? LATER_NAMES : LATER_OTHER;
}

/* The leaves are hashed before any of them is read: what was changed on the way is told as such,
   not as something that cannot be read. */
static bool check_root(const struct latest *p, const struct checkpoint *signed_as, struct err *e)
{
	str rest = p->leaves;
	struct range r;

	if (!range_begin(&r, p->index, &p->before))
		return FAIL(e, ERR_TAMPERED,
			"the proof has not the hashes of the %" PRIu64 " entries before its own",
			p->index);
	while (rest.n)
		range_add(&r, merkle_leaf(str_cut(&rest, '\n')));
	struct hash root = range_root(&r);
	if (r.size != signed_as->size || memcmp(root.b, signed_as->root.b, HASH_BYTES))
		return FAIL(e, ERR_TAMPERED,
			"the entries of the proof are not those that %.*s signed",
			STR_ARG(signed_as->origin));
	return true;
}

static void keep_near(struct arena *a, struct latest *p, uint64_t index, const struct leaf *leaf)
{
	if (p->near_count++ >= LATER_SHOWN)
		return;
	p->near[p->near_count - 1] = (struct later){.index = index,
		.act = str_dup(a, leaf->act),
		.object = str_dup(a, leaf->object),
		.actor = str_dup(a, leaf->actor),
		.outcome = str_dup(a, leaf->outcome),
		.at_us = leaf->at_us};
}

static bool check_later(struct arena *a, struct latest *p, str rest, struct err *e)
{
	p->near = NEW(a, struct later, LATER_SHOWN);
	for (uint64_t index = p->index + 1; rest.n; index++, p->later++) {
		struct arena_mark mark = arena_here(a);
		struct leaf leaf;
		if (!leaf_decode(a, str_cut(&rest, '\n'), &leaf, e))
			return false;
		enum later_kind kind = latest_judge(p->leaf.object, &leaf);
		if (kind == LATER_WRITES)
			return FAIL(e, ERR_TAMPERED, "entry %" PRIu64 " wrote %.*s later", index,
				STR_ARG(p->leaf.object));
		if (kind == LATER_NAMES)
			keep_near(a, p, index, &leaf);
		else
			arena_rewind(a, mark);
	}
	return true;
}

bool latest_check(struct arena *a, str text, const struct verifier_key *keys, isize key_count,
	struct latest *out, struct checkpoint *signed_as, struct err *e)
{
	if (!latest_parse(a, text, out, e) ||
		!checkpoint_open(a, out->note, keys, key_count, signed_as, e) ||
		!check_root(out, signed_as, e))
		return false;
	str rest = out->leaves;
	if (!leaf_decode(a, str_cut(&rest, '\n'), &out->leaf, e) ||
		!opening_parse(out->extra, out->opening, &out->opening_count, e) ||
		!opening_check(a, &out->leaf, out->opening, out->opening_count, e))
		return false;
	if (ref_of(out->leaf.object).n == 0 || !str_eq(out->leaf.outcome, S("ok")))
		return FAIL(e, ERR_TAMPERED, "entry %" PRIu64 " wrote no record", out->index);
	return check_later(a, out, rest, e);
}
