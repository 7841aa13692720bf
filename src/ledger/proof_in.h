/* What the text forms of all proofs share: an opaque line, a number, hashes up to an empty line. */
#ifndef LEDGER_PROOF_IN_H
#define LEDGER_PROOF_IN_H
#include "ledger/stranger.h"

/* The line "extra BASE64"; none when there is nothing to say. */
void proof_print_extra(struct buf *b, str extra);
/* "index 812": the word, then a number without sign or needless zero. */
CHECKED bool proof_parse_number(str line, str word, uint64_t *out);
/* The hashes, a line each, and the empty line behind them. */
void proof_print_path(struct buf *b, const struct proof *p);
CHECKED bool proof_parse_path(str *rest, int64_t line_no, struct proof *p, struct err *e);
/* What receipts and proofs of the latest entry begin with: the line `first`, the extra data if
   there is some, index and path.  `text` is left at what follows; `extra` lives in `a`. */
struct proof_head {
	str extra;
	uint64_t index;
	struct proof path;
};
CHECKED bool proof_parse_head(
	struct arena *a, str *text, str first, struct proof_head *out, struct err *e);
#endif
