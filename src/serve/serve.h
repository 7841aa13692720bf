/*
 * The processes of a running ward: one file a process.
 *
 *	monitor.c  binds the socket, starts and restarts the others; parses no stranger's byte
 *	server.c   HTTP threads, workers with a reading connection each
 *	writer.c   the one thread that writes: group commit, savepoint a request
 *	nightly.c  verifies the store once a day and says what it found
 *	keeper.c   holds the signing key, checks passwords; no network
 *
 * The server counts its rounds; where it counts none for HUNG_TICKS seconds in which the monitor
 * itself was awake, it hangs, is killed and started anew.  Work on the writer is not watched.
 *
 * They hold together.  When the keeper dies, the server ends and the monitor starts both anew; when
 * the server dies, the keeper sees its sockets end; when the monitor dies, the system kills the
 * server.  A signal to all of them at once ends the server in order, and the keeper after it.
 */
#ifndef SERVE_SERVE_H
#define SERVE_SERVE_H
#include "call/call.h"
#include "http/http.h"
#include "os/os.h"
#include "web/web.h"

struct serve_config {
	str store;        /* folder */
	int listener;     /* bound socket */
	bool one_process; /* no fork: for debugging and sanitizers */
	struct web_site site;
	struct clock clock;
	int workers;
	str greeting;       /* said once on standard error when it serves, or "" */
	atomic_uint *beats; /* counted while the server is alive; NULL: nobody watches */
	int hung_after;     /* seconds without one after which the monitor ends it */
	str forwarded; /* the header in which a proxy in front says who asks, or "" */
};

/* Serves until SIGINT or SIGTERM. */
CHECKED bool serve_run(const struct serve_config *config, struct err *e);
#endif
