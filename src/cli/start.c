/* The commands that begin things: init, serve, demo. */
#include "catalog/catalog.h"
#include "cli/cli_in.h"
#include "crypt/keeper.h"
#include "demo/demo.h"
#include "ident/ident.h"
#include "os/asset.h"

#include <unistd.h>

/* Where a new log says it comes from; nobody has to be asked, and it may be chosen. */
static str origin_of(struct cli *c)
{
	str given = cli_option(c, S("origin"));
	uint8_t random[8];
	struct buf b;

	if (given.n)
		return given;
	crypt_random(random, sizeof random);
	buf_init(&b, c->arena, 64);
	buf_add(&b, S("ward.local/"));
	hex_print(&b, random, sizeof random);
	return buf_str(&b);
}

static bool load_catalogs(struct cli_store *s)
{
	const struct asset_file *file;
	isize n = asset_each(S("catalogs/"), &file);

	for (isize i = 0; i < n; i++)
		if (str_ends(file[i].name, S(".json")) &&
			!catalog_load(&s->call, file[i].name, file[i].bytes))
			return false;
	return true;
}

/* ---- the demo ---- */

static const str demo_password = S_INIT("correct horse battery staple");

static bool add_accounts(struct cli_store *s)
{
	char hash[PASSWORD_HASH_BYTES];

	/* Each with a salt of its own, as people have it who choose the same. */
	for (int i = 0; i < demo_account_count; i++)
		if (!keeper_ask_hash(s->keeper, demo_password, hash, &s->call.err) ||
			!credential_put(&s->call, demo_accounts[i].person, demo_accounts[i].sign_in,
			    str_of(hash)))
			return false;
	return true;
}

static bool load_demo(struct cli_store *s, struct demo_report *report)
{
	struct call *c = &s->call;
	const struct asset_file *tables = asset_find(S("examples/surgerycloud/tables.json"));
	const struct asset_file *extra = asset_find(S("examples/surgerycloud/extra.json"));
	struct clock real = {0};

	assert(tables && extra);
	struct demo_files files = {tables->bytes, extra->bytes};
	c->now_us = DEMO_FIRST_DAY * DAY_US;
	c->clock = NULL; /* nothing of the example happened on this machine */
	if (!load_catalogs(s) || !demo_load(c, &files, report))
		return false;
	/* From here on the demo's clock runs with the real one, but from the example's last day. */
	s->shift_us = c->now_us - clock_now(&real);
	return db_setting_put(
		       s->db, S("clock_shift_us"), str_fmt(c->arena, "%" PRId64, s->shift_us)) &&
		db_setting_put(s->db, S("demo"), S("yes")) && add_accounts(s);
}

static bool make_demo(struct cli *c, str folder, struct cli_store *s, struct demo_report *report)
{
	*report = (struct demo_report){0};
	if (!cli_store_create(c, folder, S("ward.example/surgerycloud"), s) ||
		!load_demo(s, report) || !cli_store_commit(s)) {
		if (c->err.code == ERR_NONE)
			c->err = s->call.err;
		return false;
	}
	return true;
}

static void print_demo(struct cli *c, const struct demo_report *report, uint64_t entries,
	int64_t took_us, str address, bool is_kept)
{
	buf_fmt(&c->out,
		"ward " WARD_VERSION
		"  example data: %td records from %td rows, %td links, %" PRIu64
		" ledger entries (%.1f s)\n",
		report->records, report->rows, report->links, entries, (double)took_us / 1e6);
	if (address.n)
		buf_fmt(&c->out, "Open    http://%.*s\n", STR_ARG(address));
	for (int i = 0; i < demo_account_count; i++)
		buf_fmt(&c->out, "%s %-8.*s %.*s\n", i ? "       " : "Sign in",
			STR_ARG(demo_accounts[i].sign_in), STR_ARG(demo_accounts[i].words));
	buf_fmt(&c->out, "        password for all: %.*s%s\n", STR_ARG(demo_password),
		is_kept ? "" : " (this store is deleted on exit)");
	buf_add(&c->out,
		S("Try     1 decide on /RSK-09   2 approve /DOC-14   "
		  "3 ward check examples/surgerycloud/model.ward\n"));
}

int command_demo(struct cli *c)
{
	str listen = cli_option(c, S("listen")), folder;
	struct demo_report *report = NEW(c->arena, struct demo_report, 1);
	int64_t began = clock_mono();
	struct cli_store s;
	int listener;

	if (!socket_listen(listen.n ? listen : S("127.0.0.1:8080"), &listener, &c->err) ||
		!folder_temp(c->arena, &folder, &c->err))
		return cli_fail(c);
	if (!make_demo(c, folder, &s, report)) {
		struct err e = c->err;
		cli_store_close(&s);
		if (folder_remove(c->arena, folder, &c->err))
			c->err = e;
		return cli_fail(c);
	}
	uint64_t entries = ledger_size(s.ledger);
	cli_store_close(&s);
	print_demo(
		c, report, entries, clock_mono() - began, socket_name(c->arena, listener), false);
	buf_add(&c->out, S("Stop    Ctrl+C\n"));
	if (cli_done(c, EXIT_FINE) != EXIT_FINE)
		return EXIT_FAULT;
	bool ok = c->host->serve(
		&(struct cli_serve){.store = folder,
			.listener = listener,
			.public_url = cli_option(c, S("public-url")),
			.is_proxied = str_starts(listen, S("unix:")),
			.one_process = cli_has(c, S("one-process")),
			.is_demo = true,
			.shift_us = s.shift_us},
		&c->err);
	struct err gone = {.arena = c->arena};
	if (!folder_remove(c->arena, folder, &gone))
		cli_say("%s", gone.text);
	return ok ? EXIT_FINE : cli_fail(c);
}

/* ---- init, serve ---- */

static int init_demo(struct cli *c, str folder)
{
	struct demo_report *report = NEW(c->arena, struct demo_report, 1);
	int64_t began = clock_mono();
	struct cli_store s;

	if (!make_demo(c, folder, &s, report)) {
		cli_store_undo(&s);
		return cli_fail(c);
	}
	print_demo(c, report, ledger_size(s.ledger), clock_mono() - began, S(""), true);
	buf_fmt(&c->out, "Next    ward serve --store %.*s\n", STR_ARG(folder));
	cli_store_close(&s);
	return cli_done(c, EXIT_FINE);
}

int command_init(struct cli *c)
{
	str folder = c->word_count ? c->word[0] : cli_store_folder(c), token;
	struct cli_store s = {0};

	if (cli_has(c, S("demo")))
		return init_demo(c, folder);
	bool ok = cli_store_create(c, folder, origin_of(c), &s) && load_catalogs(&s) &&
		setup_make(&s.call, &token) &&
		ledger_append(&s.call,
			&(struct entry){
				.act = S("store.create"), .outcome = S("ok"), .body = S("{}")}) &&
		cli_store_commit(&s);
	if (!ok && c->err.code == ERR_NONE)
		c->err = s.call.err;
	if (!ok) {
		cli_store_undo(&s);
		return cli_fail(c);
	}
	cli_store_close(&s);
	buf_fmt(&c->out,
		"Made the store %.*s.\n\n"
		"Next  ward serve --store %.*s\n"
		"      then open, within a day and once:\n"
		"      http://127.0.0.1:8080/setup?token=%.*s\n",
		STR_ARG(folder), STR_ARG(folder), STR_ARG(token));
	return cli_done(c, EXIT_FINE);
}

/* The key and the records of a store are for the user that Ward runs as: with a folder that others
   may enter, who reads or writes them is not in Ward's hands. */
static bool is_ours_alone(struct cli *c, str folder)
{
	static const str names[] = {S_INIT(""), S_INIT("/ward.db"), S_INIT("/keeper"),
		S_INIT("/keeper/key"), S_INIT("/keeper/state")};
	struct path_facts f;

	for (isize i = 0; i < COUNT_OF(names); i++) {
		str path = str_join(c->arena, folder, names[i]);
		if (path_look(c->arena, path, &f) && f.mode & 077)
			return FAIL(&c->err, ERR_DENIED,
				"%.*s is open to others (%04o): run chmod go= %.*s first",
				STR_ARG(path), (unsigned)f.mode, STR_ARG(path));
	}
	return true;
}

/* "0660": who may use the socket, by its octal mode; -1 for what is none, or not only about
   reading and writing. */
static int socket_mode(str text)
{
	int mode = 0;

	if (text.n < 3 || text.n > 4)
		return -1;
	for (isize i = 0; i < text.n; i++) {
		if (text.p[i] < '0' || text.p[i] > '7')
			return -1;
		mode = mode * 8 + (text.p[i] - '0');
	}
	return (mode & ~0666) || (mode & 0600) != 0600 ? -1 : mode;
}

/* What is wrong with the options of serve; NULL: nothing. */
static const char *judge_serve(struct cli *c)
{
	str forwarded = cli_option(c, S("trust-forwarded")), mode = cli_option(c, S("socket-mode"));

	if (forwarded.n && !str_eq_fold(forwarded, S("X-Forwarded-For")) &&
		!str_eq_fold(forwarded, S("Forwarded")))
		return "--trust-forwarded takes the header that your proxy sets: X-Forwarded-For "
		       "or Forwarded";
	if (mode.n && (socket_mode(mode) < 0 ||
			      !str_starts(cli_option(c, S("listen")), S("unix:"))))
		return "--socket-mode takes who may use the socket of --listen unix:/path: 0660 "
		       "for its group, 0666 for all";
	return NULL;
}

/* Opens the socket, for those whom its mode lets in. */
static bool open_socket(struct cli *c, int *listener)
{
	str listen = cli_option(c, S("listen")), mode = cli_option(c, S("socket-mode"));

	return socket_listen(listen.n ? listen : S("127.0.0.1:8080"), listener, &c->err) &&
		(mode.n == 0 ||
			socket_open_to(c->arena, listen, socket_mode(mode), &c->err));
}

int command_serve(struct cli *c)
{
	str listen = cli_option(c, S("listen"));
	str forwarded = cli_option(c, S("trust-forwarded"));
	const char *wrong = judge_serve(c);
	struct cli_store s = {0};
	int listener;

	if (wrong)
		return cli_usage(c, wrong);
	/* Opened once here, so that what is wrong with the store is said before anything starts and
	   before the socket of a running server is touched. */
	str lock = str_fmt(c->arena, "%.*s/writer.lock", STR_ARG(cli_store_folder(c)));
	bool ok = is_ours_alone(c, cli_store_folder(c)) && cli_store_update(c) &&
		cli_store_open(c, false, &s) && lock_is_free(c->arena, lock, &c->err);
	bool is_demo = ok && str_eq(db_setting(s.db, c->arena, S("demo")), S("yes"));
	cli_store_close(&s);
	if (!ok || !open_socket(c, &listener))
		return cli_fail(c);
	struct cli_serve how = {.store = s.folder,
		.listener = listener,
		.greeting = str_fmt(c->arena, "ward: serving %.*s on http://%.*s (Ctrl+C ends it)",
			STR_ARG(s.folder), STR_ARG(socket_name(c->arena, listener))),
		.public_url = cli_option(c, S("public-url")),
		.forwarded = forwarded,
		.is_proxied = str_starts(listen, S("unix:")),
		.one_process = cli_has(c, S("one-process")),
		.is_demo = is_demo,
		.shift_us = s.shift_us};
	return c->host->serve(&how, &c->err)
		? EXIT_FINE
		: cli_fail(c);
}
