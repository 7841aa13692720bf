/*
 * The ledger as one caller may read it.
 *
 * An entry names its record, and its body repeats what the record said: so the list leaves out
 * entries about records that the caller may not see as they stand now, and a body is for those who
 * may read all of the record.  An entry about no record, such as a sign-in, is for who may read the
 * ledger of the whole organization, and for who did it.  The name of a person is for who may see
 * their record; others get the pseudonym.  Pages and the API ask here and nowhere else;
 * ledger_list() knows nobody.
 */
#ifndef KIND_ENTRY_H
#define KIND_ENTRY_H
#include "kind/kind.h"
#include "ledger/ledger.h"
#include "ledger/stranger.h"

/* Whether the caller may know that there is this entry. */
CHECKED bool entry_seen(struct call *c, const struct ledger_row *row);
/* The entry `seq`, when the caller may know of it; ERR_MISSING otherwise.  Its body is emptied, and
   `*withheld` set, when it is not for them. */
CHECKED bool entry_get(struct call *c, int64_t seq, struct ledger_row *out, bool *withheld);
/*
 * At most `limit` entries before `before` (-1: the newest) that the caller may see, newest first,
 * of `object` unless "".  `*more` is what to give as `before` for the next, 0: there are none.
 *
 * Looks at 20 times `limit` entries at most: a page may then be short, or empty, and say that
 * there is more.
 */
CHECKED bool entry_list(struct call *c, str object, int64_t before, isize limit,
	struct ledger_row **out, isize *count, int64_t *more);
/* What a proof of the entry discloses: the body and the record that it wrote.  ERR_MISSING and
   ERR_DENIED as the entry and its body are for the caller. */
CHECKED bool entry_disclose(struct call *c, int64_t seq, struct disclosed *out);
/* The canonical form of the record that the entry wrote or signed, "" when it wrote none.
   ERR_TAMPERED when the revision does not have the hash that was logged. */
CHECKED bool entry_written(struct call *c, const struct ledger_row *row, str *out);
#endif
