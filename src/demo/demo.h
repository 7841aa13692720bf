/*
 * The demo: the worked example SurgeryCloud as records, so that a new store has something to show.
 *
 * The example is one file of 52 tables with 732 rows (examples/surgerycloud/tables.json), dated as
 * seen on 2026-09-30, and one beside it (extra.json) with what the tables do not hold: processes,
 * teams, resources, strategies.  Everything in both is invented.  A chapter of this folder follows
 * one group of tables.
 *
 * Nothing is dropped in silence: a table, a row's column or a cell that the loader does not
 * understand, a reference to a record that is not there, and a word that no enum has end the
 * loading with an error that names table, row and column.
 *
 * Time.  The loader plans everything that ever happened to every record, sorts it by day and
 * writes it in that order with the call's clock stepped along: a risk is written when it was found
 * and again when it was rated and accepted.  `?at=2026-03-01` then shows the store of that day.
 * What the example dates before DEMO_FIRST_DAY, or does not date, is written on that day.  The last
 * of the clock is the example's last day, where the demo runs on.
 *
 * Who.  Each revision is written in the name of the person that the example names for it; what is
 * older than the people is written by the program.  All of it happens in the caller's transaction.
 */
#ifndef DEMO_DEMO_H
#define DEMO_DEMO_H
#include "base/base.h"

struct call;

enum { DEMO_TABLES_MAX = 64 };

/* The texts of tables.json and extra.json. */
struct demo_files {
	str tables, extra;
};

/* What one table of the example became. */
struct demo_table {
	str name;
	isize rows, records, links;
};

struct demo_report {
	struct demo_table table[DEMO_TABLES_MAX];
	isize table_count;
	isize rows, records, revisions, links, signatures;
};

/* "2025-11-01" and "2026-09-30". */
#define DEMO_FIRST_DAY INT64_C(20393)
#define DEMO_LAST_DAY  INT64_C(20726)

/*
 * Loads the example into an empty store, in the caller's open writing transaction; c->who must be
 * the program itself.  Leaves c->now_us on the evening of DEMO_LAST_DAY, and c->who as it was.
 *
 * Fails with ERR_SYNTAX when a file is not JSON, with ERR_INVALID, naming table, row and column,
 * when the example holds something that the loader does not know, or with what the store says.
 * Roll back then.
 */
CHECKED bool demo_load(struct call *c, const struct demo_files *files, struct demo_report *out);

/* People who can sign in to the demo.  The caller, who can ask the keeper, stores the hashes. */
struct demo_account {
	str sign_in, person;
	str words; /* what to try as this person */
};
extern const struct demo_account demo_accounts[];
extern const int demo_account_count;
#endif
