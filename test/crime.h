/*
 * A log for tests of verification: with everything in it that verification knows, to be changed
 * behind the program's back.  All that is said of it then is compared, word for word and in order.
 *
 *	struct room r;
 *	room_open(t, &r);
 *	room_try(&r, crimes, COUNT_OF(crimes));
 *	room_close(&r);
 *
 * The log is written once; every crime is done to a copy of its file.  Of its entries
 *
 *	0 to 39     wrote the records R0 to R39
 *	40 to 299   have no part at all, so that a tile becomes full
 *	300         erased entry 20
 *	301         wrote R7 again
 *	302         was a denied attempt on R8
 *	303         says something of R9 without writing it
 *	304 to 306  look like erasures of 21, of itself and of 22, and are none
 *	307, 308    wrote notes and took one away
 *	309         has no part at all
 *	310         is a denied attempt on a record that is not there
 *	311         could have erased entry 24
 *	312 to 318  have bodies that are odd, or wrote R30 again, or name R10 without a body
 *	319, 320    erased the body of 318 and the private part of 316, 323 that of 317
 *	321 to 324  wrote many rows, one without a key, and at times that do not grow
 *
 * and checkpoints are about 270, 310 and all 325.
 */
#ifndef TEST_CRIME_H
#define TEST_CRIME_H
#include "call/call.h"
#include "ledger/ledger_in.h"
#include "test.h"

struct room {
	struct test_case *t;
	str folder, bytes; /* of the file */
	struct db *db, *fresh;
	struct call call;
	struct verifier_key key;
	struct secret secret;
	struct record_source source; /* the table risk */
	struct ledger_report report;
	struct ledger_known
		known; /* the key; no checkpoint and no marks, unless a test adds them */
	bool is_schema_asked;
	int64_t next; /* record */
};

/* What is done, and what is said of it: a line for each finding, the number of its entry or "-" and
   the words; after ten how many more, and the last. */
struct crime {
	const char *sql, *said;
};

void room_open(struct test_case *t, struct room *r);
void room_close(struct room *r);
/* Opens a copy of the store as r->db, and closes it again. */
void room_copy(struct room *r);
void room_drop(struct room *r);
/* Changes it behind the triggers' back. */
void room_tamper(struct room *r, str sql);
/* Verifies it; r->report has what was found. */
void room_verify(struct room *r);
/* Fails unless this was found. */
void room_said(struct room *r, const char *sql, str want);
/* All of it, for each crime. */
void room_try(struct room *r, const struct crime *crime, isize count);
/* A checkpoint signed with the key of the log, whatever it says; and any text as a note. */
str room_checkpoint(struct room *r, uint64_t size, struct hash root, int64_t at_us);
str room_note(struct room *r, str text);
#endif
