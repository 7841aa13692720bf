/* The part "rows" of an entry: which rows of the store it vouches for.  Pure. */
#include "ledger/ledger.h"

bool row_line_next(str *rest, struct row_line *out, bool *bad)
{
	isize n;

	*bad = false;
	if (rest->n == 0)
		return false;
	str line = str_cut(rest, '\n'), hash = str_cut(&line, ' ');
	*out = (struct row_line){.is_gone = str_eq(hash, S("-"))};
	out->table = str_cut(&line, ' ');
	out->key = line;
	*bad = (!out->is_gone &&
		       (!base64_parse(hash, out->hash.b, HASH_BYTES, &n) || n != HASH_BYTES)) ||
		out->table.n == 0 || !str_starts(line, S("[")) || !str_ends(line, S("]"));
	return !*bad;
}
