/*
 * A log for tests of what leaves the house.  No keeper signs it, so that any history can be signed.
 */
#ifndef TEST_LOG_H
#define TEST_LOG_H
#include "call/call.h"
#include "db/db.h"
#include "ledger/stranger.h"
#include "test.h"

/* A ledger in a store, and the key that signs it; no keeper, so that any history can be signed. */
struct log {
	str folder;
	struct db *db;
	struct ledger *ledger;
	struct call call;
	struct verifier_key key;
	struct secret secret;
};

void log_open(struct test_case *t, struct log *l, str origin);
void log_close(struct test_case *t, struct log *l);
/* Appends an entry with a body, in the transaction that is open. */
bool log_append(struct log *l, str act, str object, str outcome);
/* Appends `count` entries about RSK-0 to RSK-(risks - 1), one after the other, and commits. */
void log_append_many(struct test_case *t, struct log *l, int count, int risks);
/* A checkpoint signed with the key of the log, whatever it says. */
str log_checkpoint(struct test_case *t, const struct log *l, const struct checkpoint *c);
/* Signs what there is, whatever was signed before; returns the note. */
str log_sign(struct test_case *t, struct log *l);
/* Changes the store behind the triggers' back. */
void log_tamper(struct test_case *t, struct log *l, str sql);
struct buf *log_buffer(struct test_case *t);
#endif
