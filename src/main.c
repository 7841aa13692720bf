/* ward: joins the command line with the processes it can start. */
#include "cli/cli.h"
#include "crypt/crypt.h"
#include "serve/serve.h"

static bool serve(str store, int listener, bool one_process, bool is_demo, int64_t clock_shift_us,
	struct err *e)
{
	struct serve_config config = {.store = store, .listener = listener, .one_process = one_process,
		.clock = {clock_shift_us}, .workers = 4};

	config.site.is_demo = is_demo;
	return serve_run(&config, e);
}

int main(int argc, char **argv)
{
	static const struct cli_host host = {.serve = serve};

	if (!crypt_init())
		return 70;
	return cli_main(argc, argv, &host);
}
