/* ward: joins the command line with the processes it can start. */
#include "cli/cli.h"
#include "crypt/crypt.h"
#include "serve/keeper.h"
#include "serve/serve.h"

#include <signal.h>

static bool serve(str store, int listener, bool one_process, bool is_demo, int64_t clock_shift_us,
	str forwarded, struct err *e)
{
	struct serve_config config = {
		.store = store,
		.listener = listener,
		.one_process = one_process,
		.clock = {clock_shift_us},
		.workers = 4,
		.forwarded = forwarded,
	};

	config.site.is_demo = is_demo;
	config.site.is_tcp = !socket_is_unix(listener);
	return serve_run(&config, e);
}

static bool start_keeper(struct keeper **out, struct arena *a, str folder, struct err *e)
{
	int pid;

	return keeper_start(out, a, folder, KEEPER_PROCESS, &pid, e);
}

int main(int argc, char **argv)
{
	/* A file that may not grow is an error that is told, not the end of the process. */
	signal(SIGXFSZ, SIG_IGN);
	static const struct cli_host host = {.serve = serve, .start_keeper = start_keeper};

	if (!crypt_init())
		return 70;
	return cli_main(argc, argv, &host);
}
