/*
 * The command line: the entrance for terminals and scripts.
 *
 * commands.c holds the one table from which come parsing, help and completion.  Data goes to
 * standard output, all else to standard error.  Exit codes: 0 fine, 1 findings, 2 wrong usage or
 * values, 3 input unreadable, 4 not permitted, not found or not reachable, 5 integrity failure,
 * 6 conflict or busy, 70 our fault.
 */
#ifndef CLI_CLI_H
#define CLI_CLI_H
#include "base/base.h"

struct keeper;

/* What is served, and how. */
struct cli_serve {
	str store;      /* folder */
	str public_url; /* the address people use, or "" */
	str greeting;   /* said on standard error when it serves, or "" */
	str forwarded;  /* the header in which a proxy says who asks, or "" */
	int listener;
	bool is_proxied, one_process, is_demo;
	int64_t shift_us; /* of the clock */
};

/* What a layer above gives the command line. */
struct cli_host {
	/* Serves a store until a signal; prints the greeting and nothing else. */
	bool (*serve)(const struct cli_serve *s, struct err *e);
	/* Starts the keeper of a store as a process; see serve/keeper.h. */
	bool (*start_keeper)(struct keeper **out, struct arena *a, str folder, struct err *e);
};

int cli_main(int argc, char **argv, const struct cli_host *host);
#endif
