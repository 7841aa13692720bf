/*
 * A store for tests: a new one in a temporary folder, and a call that writes to it.
 *
 *	struct call *c = store_open(t, S("2026-09-30T08:00:00Z"));
 *	... kind_put(c, &risk->rec, S("risk.create")) ...
 *	CHECK(store_commit(t, c));
 *
 * The call is the program itself (who.is_system), a writing transaction is open, and everything
 * lives in the test's arena.  End with store_close(), which removes the folder.
 */
#ifndef TEST_STORE_H
#define TEST_STORE_H
#include "call/call.h"
#include "kind/kind.h"
#include "kinds.h"
#include "test.h"

/* A new store with every table, its ledger open, at the time given (RFC 3339), in a transaction. */
struct call *store_open(struct test_case *t, str now);
/* Where it lies; the file is ward.db. */
str store_folder(const struct call *c);
/* Commits and begins the next transaction; false, with the reason noted, when it was refused. */
bool store_commit(struct test_case *t, struct call *c);
/* Undoes what was not committed and begins anew, without error: after a refusal. */
void store_undo(struct test_case *t, struct call *c);
/* Stores a record: kind, reference, which is its title too, state, then pairs of field and value
   until NULL.  What cannot be is a failure of the test, as in the two below. */
void store_put(struct test_case *t, struct call *c, const char *kind, const char *ref,
	const char *state, ...) __attribute__((sentinel));
/* Links two records. */
void store_tie(
	struct test_case *t, struct call *c, const char *from, const char *type, const char *to);
/* A file of the worked example. */
str store_example(struct test_case *t, const char *name);
/* Ends the transaction, closes the store and removes its folder. */
void store_close(struct test_case *t, struct call *c);
#endif
