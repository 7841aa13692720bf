/* ward: joins the command line with the processes it can start. */
#include "cli/cli.h"
#include "crypt/crypt.h"
#include "serve/keeper.h"
#include "serve/serve.h"

#include <signal.h>

static bool serve(const struct cli_serve *s, struct err *e)
{
	struct serve_config config = {
		.store = s->store,
		.listener = s->listener,
		.one_process = s->one_process,
		.clock = {.shift_us = s->shift_us},
		.workers = 4,
		.forwarded = s->forwarded,
		.greeting = s->greeting,
	};

	config.site.is_demo = s->is_demo;
	web_site_listens(&config.site,
		socket_is_unix(s->listener) ? S("") : socket_name(e->arena, s->listener));
	return web_site_set(&config.site, s->public_url, s->is_proxied, e) && serve_run(&config, e);
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
