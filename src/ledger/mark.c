/*
 * Marks: what tells an entry that this log's writer made from one that somebody put into the file.
 *
 * Between its commit and the next checkpoint no signature covers an entry, and after a crash that
 * may be long.  So the writer, which has a key from the keeper, puts a mark into each leaf: a keyed
 * hash of the mark before it, the index, and the leaf with zeros where its mark goes.  The first
 * mark behind a checkpoint continues from the origin, size and root of that checkpoint.  A mark is
 * therefore good at one place of one history only: an entry that is moved, changed, left out or
 * taken from another copy spoils its own and all behind it.  What cannot be told is that the last
 * entries were cut off before anything signed them.
 *
 * Once signed, marks no longer mean anything; being in the leaf, they stay as they are.  Pure.
 */
#include "ledger/ledger_in.h"

#define MARK_MEMBER ",\"mark\":\""
enum { MARK_CHARS = 24 }; /* base64 of MARK_BYTES */

/* A number with its high byte first. */
static str number(char bytes[8], uint64_t v)
{
	for (int i = 0; i < 8; i++)
		bytes[i] = (char)(v >> (56 - 8 * i));
	return (str){bytes, 8};
}

struct entry_mark mark_first(
	const struct hash_key *key, str origin, uint64_t size, struct hash root)
{
	char bytes[8];
	const str piece[] = {S("ward/mark/first\0"), number(bytes, size),
		{(const char *)root.b, HASH_BYTES}, origin};
	struct entry_mark out;

	hash_keyed(key, piece, COUNT_OF(piece), out.b, MARK_BYTES);
	return out;
}

/* Where the characters of the mark stand; -1 when the leaf has none.  In a string the quotes have a
   backslash before them, so that no text looks like the member. */
static isize mark_place(str leaf)
{
	isize at = str_find(leaf, S(MARK_MEMBER));

	if (at < 0)
		return -1;
	at += (isize)sizeof MARK_MEMBER - 1;
	return at <= leaf.n - MARK_CHARS ? at : -1;
}

struct entry_mark mark_next(
	const struct hash_key *key, struct entry_mark before, uint64_t seq, str leaf)
{
	isize at = mark_place(leaf);
	str head = at < 0 ? leaf : str_part(leaf, 0, at);
	str tail = at < 0 ? S("") : str_part(leaf, at + MARK_CHARS, leaf.n);
	char bytes[8];
	const str piece[] = {S("ward/mark/next\0"), number(bytes, seq),
		{(const char *)before.b, MARK_BYTES}, head, S("AAAAAAAAAAAAAAAAAAAAAA=="), tail};
	struct entry_mark out;

	hash_keyed(key, piece, COUNT_OF(piece), out.b, MARK_BYTES);
	return out;
}

void mark_put(struct buf *leaf, struct arena *scratch, const struct entry_mark *mark)
{
	struct arena_mark here = arena_here(scratch);
	isize at = mark_place(buf_str(leaf));
	struct buf b;

	assert(at > 0);
	buf_init(&b, scratch, MARK_CHARS);
	base64_print(&b, mark->b, MARK_BYTES);
	assert(b.n == MARK_CHARS && !b.full);
	memcpy(leaf->p + at, b.p, MARK_CHARS);
	arena_rewind(scratch, here);
}

bool mark_is(str leaf, const struct entry_mark *mark)
{
	isize at = mark_place(leaf), n;
	struct entry_mark is;

	return at > 0 && base64_parse(str_part(leaf, at, at + MARK_CHARS), is.b, MARK_BYTES, &n) &&
		n == MARK_BYTES && crypt_equal(is.b, mark->b, MARK_BYTES);
}
