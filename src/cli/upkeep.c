/* The commands that look after a store: user, doctor, completion. */
#include "base/json.h"

#include "cli/cli_in.h"
#include "crypt/keeper.h"
#include "ident/ident.h"
#include "kind/kind.h"
#include "kinds.h"

#include <stdarg.h>

/* ---- user ---- */

enum { TOKEN_DAYS = 90 };

static int user_setup(struct cli *c)
{
	struct cli_store s;
	str token;
	bool ok = cli_store_open(c, true, &s) && setup_make(&s.call, &token) &&
		ledger_append(&s.call,
			&(struct entry){
				.act = S("setup.issue"), .outcome = S("ok"), .body = S("{}")});

	if (ok)
		buf_fmt(&c->out,
			"Start the server, then open, within a day and once:\n"
			"  http://127.0.0.1:8080/setup?token=%.*s\n",
			STR_ARG(token));
	return cli_store_end(&s, ok);
}

static int user_list(struct cli *c)
{
	struct cli_store s;
	struct rows r;
	bool ok = cli_store_open(c, false, &s), first = true;

	if (ok) {
		db_query(s.db, &r,
			SQL("SELECT c.sign_in, c.person, r.title, c.changed FROM credential c"
			    " JOIN record r ON r.ref = c.person ORDER BY c.sign_in LIMIT 100000"));
		buf_add(&c->out, cli_json(c) ? S("{\"items\":[") : S(""));
		for (; rows_next(&r); first = false) {
			if (!cli_json(c)) {
				buf_fmt(&c->out, "%-16.*s %-8.*s %.*s, password of ",
					STR_ARG(rows_str(&r, 0)), STR_ARG(rows_str(&r, 1)),
					STR_ARG(rows_str(&r, 2)));
				day_print_words(&c->out, day_of_time(rows_int(&r, 3)));
				buf_char(&c->out, '\n');
				continue;
			}
			buf_add(&c->out, first ? S("\n{\"sign_in\":") : S(",\n{\"sign_in\":"));
			json_put_string(&c->out, rows_str(&r, 0));
			buf_add(&c->out, S(",\"person\":"));
			json_put_string(&c->out, rows_str(&r, 1));
			buf_add(&c->out, S(",\"name\":"));
			json_put_string(&c->out, rows_str(&r, 2));
			buf_char(&c->out, '}');
		}
		ok = rows_done(&r);
		buf_add(&c->out, cli_json(c) ? S("]}\n") : S(""));
	}
	if (!ok && c->err.code == ERR_NONE)
		c->err = s.call.err;
	cli_store_close(&s);
	return ok ? cli_done(c, EXIT_FINE) : cli_fail(c);
}

/* The person with that sign-in name, whether they have a password yet or not. */
static bool find_person(struct call *c, str sign_in, str *person)
{
	const struct kind *k = &kinds[KIND_PERSON];
	struct query q = {.filter = {{.field = kind_field(k, S("sign_in")), .value = sign_in}},
		.filter_count = 1,
		.limit = 1};
	struct list list;
	struct rows r;

	*person = S("");
	db_query(c->db, &r, SQL("SELECT person FROM credential WHERE sign_in = $1"), V(sign_in));
	if (rows_next(&r))
		*person = str_dup(c->arena, rows_str(&r, 0));
	if (!rows_done(&r) || (!person->n && !kind_list(c, k, &q, &list)))
		return false;
	if (!person->n && list.count)
		*person = ((const struct rec *)list.item[0])->ref;
	return person->n ||
		FAIL(&c->err, ERR_MISSING, "nobody signs in as %.*s; see ward user list",
			STR_ARG(sign_in));
}

/* A new password ends the sessions and tokens that the old one opened (credential_put). */
static int user_password(struct cli *c)
{
	str sign_in = c->word[1], person, password;
	char hash[PASSWORD_HASH_BYTES];
	struct cli_store s;

	if (!cli_store_open(c, true, &s) || !find_person(&s.call, sign_in, &person))
		return cli_store_end(&s, false);
	password = secret_line(c->arena, "New password: ", KEEPER_PASSWORD_BYTES);
	bool ok = password_check(&s.call, S("password"), password, sign_in) &&
		keeper_ask_hash(s.keeper, password, hash, &s.call.err) &&
		credential_put(&s.call, person, sign_in, str_of(hash));
	crypt_wipe((void *)(uintptr_t)password.p, password.n);
	if (ok)
		buf_fmt(&c->out,
			"%.*s has a new password, is signed out everywhere and has no access "
			"tokens any more\n",
			STR_ARG(sign_in));
	return cli_store_end(&s, ok);
}

/* An access token for a program that acts as this person; its value is printed once. */
static int user_token(struct cli *c)
{
	str name = cli_option(c, S("name")), given = cli_option(c, S("rights")), person, value;
	str may = given.n ? given : cli_has(c, S("read-only")) ? S("*.read") : S("*");
	str scope = str_fmt(
		c->arena, "%.*s %.*s", STR_ARG(may), STR_ARG(cli_option(c, S("product"))));
	struct cli_store s;
	int64_t days = TOKEN_DAYS;

	if (!name.n)
		return cli_usage(c, "say with --name what the token is for");
	if (cli_has(c, S("rights")) && (cli_has(c, S("read-only")) || !given.n))
		return cli_usage(c, "--rights takes patterns such as '*.read', and no --read-only");
	if (cli_has(c, S("days")) && !str_int(cli_option(c, S("days")), 1, TOKEN_DAYS_MAX, &days))
		return cli_usage(c, "--days takes a number from 1 to 366");
	bool ok = cli_store_open(c, true, &s) && find_person(&s.call, c->word[1], &person) &&
		token_make(&s.call, person, name, str_trim(scope), days, &value);
	if (ok)
		buf_fmt(&c->out, "%.*s\n", STR_ARG(value));
	return cli_store_end(&s, ok);
}

/* What a person's programs may come in with, so that one that leaked can be found and ended. */
static int user_tokens(struct cli *c)
{
	struct token *token;
	struct cli_store s;
	isize count = 0;
	str person;

	bool ok = cli_store_open(c, false, &s) && find_person(&s.call, c->word[1], &person) &&
		token_list(&s.call, person, &token, &count);
	for (isize i = 0; ok && i < count; i++) {
		const struct token *t = &token[i];
		bool over = t->revoked != TIME_NONE;
		buf_fmt(&c->out, "%.*s  %-24.*s  %s ", STR_ARG(t->id), STR_ARG(t->name),
			over ? "revoked" : "until  ");
		time_print(&c->out, over ? t->revoked : t->expires);
		buf_fmt(&c->out, "  %.*s\n", STR_ARG(t->scope));
	}
	return cli_store_deliver(&s, ok);
}

static int user_revoke(struct cli *c)
{
	struct cli_store s;

	bool ok = cli_store_open(c, true, &s) && token_revoke(&s.call, c->word[1]);
	if (ok)
		buf_fmt(&c->out, "%.*s no longer works\n", STR_ARG(c->word[1]));
	return cli_store_end(&s, ok);
}

int command_user(struct cli *c)
{
	str verb = c->word_count ? c->word[0] : S("");

	if (str_eq(verb, S("setup")) && c->word_count == 1)
		return user_setup(c);
	if (str_eq(verb, S("list")) && c->word_count == 1)
		return user_list(c);
	if (str_eq(verb, S("password")) && c->word_count == 2)
		return user_password(c);
	if (str_eq(verb, S("token")) && c->word_count == 2)
		return user_token(c);
	if (str_eq(verb, S("tokens")) && c->word_count == 2)
		return user_tokens(c);
	if (str_eq(verb, S("revoke")) && c->word_count == 2)
		return user_revoke(c);
	return cli_usage(c,
		"say ward user setup, list, password NAME, token NAME, tokens NAME or revoke ID");
}

/* ---- doctor ---- */

/* Entries that stay unsigned this long mean that nobody signs. */
#define LATE_US INT64_C(3600000000)

enum health { HEALTH_FINE, HEALTH_WARNING, HEALTH_BAD, HEALTH_FACT };

struct doctor {
	struct cli *cli;
	struct buf *out;
	bool json, first;
	int bad;
};

static void __attribute__((format(printf, 4, 5)))
report(struct doctor *d, enum health health, const char *name, const char *format, ...)
{
	static const char *const words[] = {"fine", "warning", "bad", "fact"};
	char text[400];
	va_list ap;

	va_start(ap, format);
	vsnprintf(text, sizeof text, format, ap);
	va_end(ap);
	d->bad += health == HEALTH_BAD;
	if (!d->json) {
		buf_fmt(d->out, "%-8s %-12s %s\n", words[health], name, text);
		return;
	}
	buf_fmt(d->out, "%s\n{\"health\":\"%s\",\"name\":\"%s\",\"text\":", d->first ? "" : ",",
		words[health], name);
	json_put_string(d->out, str_of(text));
	buf_char(d->out, '}');
	d->first = false;
}

static void look_at_path(struct doctor *d, str folder, const char *name, bool is_folder)
{
	struct cli *c = d->cli;
	str path = *name ? str_fmt(c->arena, "%.*s/%s", STR_ARG(folder), name) : folder;
	struct path_facts f;
	const char *label = is_folder ? "folder" : "file";

	if (!path_look(c->arena, path, &f))
		report(d, HEALTH_BAD, label, "%.*s is missing or may not be looked at",
			STR_ARG(path));
	else if (f.is_folder != is_folder)
		report(d, HEALTH_BAD, label, "%.*s is not a %s", STR_ARG(path), label);
	else if (f.mode & 077)
		report(d, HEALTH_BAD, label, "%.*s is open to others (%04o); chmod go= it",
			STR_ARG(path), (unsigned)f.mode);
	else if (!f.is_ours)
		report(d, HEALTH_WARNING, label, "%.*s belongs to another user", STR_ARG(path));
	else
		report(d, HEALTH_FINE, label, "%.*s (%04o)", STR_ARG(path), (unsigned)f.mode);
}

static void look_at_disk(struct doctor *d, str folder)
{
	enum { WARN_MIB = 1024, BAD_MIB = 64, WARN_PERCENT = 80, BAD_PERCENT = 95 };
	struct path_facts f = {0};
	str file = str_fmt(d->cli->arena, "%.*s/ward.db", STR_ARG(folder));
	int64_t room = disk_room(d->cli->arena, folder) >> 20;

	if (!path_look(d->cli->arena, file, &f))
		f.bytes = 0;
	int used = disk_used(d->cli->arena, folder);
	report(d,
		room < BAD_MIB || used >= BAD_PERCENT             ? HEALTH_BAD
			: room < WARN_MIB || used >= WARN_PERCENT ? HEALTH_WARNING
								  : HEALTH_FINE,
		"disk", "%" PRId64 " MiB free, %d %% used; the store has %" PRId64 " MiB", room,
		used, f.bytes >> 20);
}

static void look_at_ledger(struct doctor *d, struct cli_store *s)
{
	struct checkpoint newest;
	int64_t at_us;
	str note;

	if (!ledger_newest(&s->call, &note, &newest, &at_us)) {
		report(d, HEALTH_BAD, "ledger", "%s", s->call.err.text);
		return;
	}
	int64_t size = db_int(s->db, SQL("SELECT count(*) FROM entry"));
	int64_t behind = size - (int64_t)newest.size, age = s->call.now_us - at_us;
	if (!newest.size)
		report(d, size ? HEALTH_BAD : HEALTH_FINE, "ledger",
			"%" PRId64 " entries, none signed", size);
	else
		report(d, behind && age > LATE_US ? HEALTH_BAD : HEALTH_FINE, "ledger",
			"%" PRId64 " entries, %" PRId64 " not signed; last signed %" PRId64
			" minutes ago",
			size, behind, age / 60000000);
	if (at_us > s->call.now_us)
		report(d, HEALTH_WARNING, "clock", "the newest signature is of the future");
}

/* A copy of the store from before has fewer entries than its keeper has signed; a memory from
   before says fewer than the store has signatures of. */
static void look_at_age(struct doctor *d, struct cli_store *s, struct keeper *keeper)
{
	struct keeper_state *state = NEW(d->cli->arena, struct keeper_state, 1);
	struct err e = {.arena = d->cli->arena};
	int64_t size = db_int(s->db, SQL("SELECT count(*) FROM entry"));
	int64_t is_signed = db_int(s->db, SQL("SELECT max(size) FROM checkpoint"));

	if (!keeper_ask_state(keeper, state, &e))
		report(d, HEALTH_BAD, "keeper", "%s", e.text);
	else if ((int64_t)state->size < is_signed)
		report(d, HEALTH_BAD, "keeper",
			"it remembers that it signed %" PRIu64 " entries, but %" PRId64
			" were signed: its memory was put back; run ward verify",
			state->size, is_signed);
	else if ((int64_t)state->size > size)
		report(d, HEALTH_BAD, "keeper",
			"it has signed %" PRIu64 " entries, and this ward.db ends after %" PRId64
			": it is an older copy",
			state->size, size);
}

/* Whether the keeper made the entries that nothing signs yet. */
static void look_at_tail(struct doctor *d, struct cli_store *s, str folder)
{
	struct cli *c = d->cli;
	struct ledger_tail tail;
	struct keeper *keeper;
	struct err e = {.arena = c->arena};
	str path = str_fmt(c->arena, "%.*s/keeper", STR_ARG(folder));

	if (!c->host->start_keeper(&keeper, c->arena, path, &e)) {
		report(d, HEALTH_BAD, "keeper", "%s", e.text);
		return;
	}
	look_at_age(d, s, keeper);
	if (!ledger_tail_look(s->db, c->arena, keeper, &tail, &s->call.err))
		report(d, HEALTH_BAD, "marks", "%s", s->call.err.text);
	else if (!ledger_refuse_unmarked(&tail, &e))
		report(d, HEALTH_BAD, "marks", "%s", e.text);
	else
		report(d, HEALTH_FINE, "marks",
			"the keeper's, on all %" PRId64 " entries not signed", tail.entries);
	keeper_close(keeper);
}

/* When a server verified the store last, and how that ended. */
static void look_at_verification(struct doctor *d, struct cli_store *s)
{
	struct ledger_verified v;

	if (!ledger_last_verified(&s->call, &v)) {
		report(d, HEALTH_BAD, "verified", "%s", s->call.err.text);
		return;
	}
	if (v.at_us == TIME_NONE) {
		report(d, HEALTH_FACT, "verified", "never by a server; see ward verify");
		return;
	}
	int64_t hours = (s->call.now_us - v.at_us) / INT64_C(3600000000);
	report(d, v.is_whole ? HEALTH_FINE : HEALTH_BAD, "verified", "%" PRId64 " hours ago, %s%s",
		hours, ledger_verified_words(&v), v.is_whole ? "" : "; run ward verify");
}

/* What the kernel offers; the processes do not confine themselves yet. */
static void look_at_machine(struct doctor *d)
{
	int landlock = landlock_version();

	report(d, HEALTH_FACT, "landlock",
		landlock ? "version %d, not used yet" : "not offered (%d)", landlock);
	report(d, HEALTH_FACT, "seccomp", "%s",
		seccomp_is_there() ? "offered, not used yet" : "not offered");
}

int command_doctor(struct cli *c)
{
	struct doctor d = {.cli = c, .out = &c->out, .json = cli_json(c), .first = true};
	str folder = cli_store_folder(c);
	struct cli_store s;

	buf_add(&c->out, d.json ? S("{\"items\":[") : S(""));
	report(&d, HEALTH_FACT, "ward", "version %s, schema %d", WARD_VERSION, (int)DB_SCHEMA);
	look_at_path(&d, folder, "", true);
	look_at_path(&d, folder, "ward.db", false);
	look_at_path(&d, folder, "keeper", true);
	look_at_path(&d, folder, "keeper/key", false);
	look_at_path(&d, folder, "keeper/state", false);
	look_at_disk(&d, folder);
	if (cli_store_open(c, false, &s)) {
		report(&d, HEALTH_FINE, "store", "opens; schema %.*s",
			STR_ARG(db_setting(s.db, c->arena, S("schema"))));
		look_at_ledger(&d, &s);
		look_at_tail(&d, &s, folder);
		look_at_verification(&d, &s);
	} else {
		report(&d, HEALTH_BAD, "store", "%s", c->err.text);
	}
	cli_store_close(&s);
	look_at_machine(&d);
	buf_add(&c->out, d.json ? S("\n]}\n") : S(""));
	return cli_done(c, d.bad ? EXIT_FINDINGS : EXIT_FINE);
}

/* ---- completion ---- */

/* "--store --json", of one command. */
static void put_options(struct buf *b, const struct command *command)
{
	str list = command->options;

	for (str word = str_word(&list); word.n; word = str_word(&list))
		buf_fmt(b, " --%.*s", STR_ARG(str_part(word, 0, word.n - str_ends(word, S("=")))));
}

static void put_names(struct buf *b)
{
	for (int i = 0; i < command_count; i++)
		buf_fmt(b, "%s%.*s", i ? " " : "", STR_ARG(commands[i].name));
}

static void complete_bash(struct buf *b)
{
	buf_add(b,
		S("_ward() {\n\tlocal word=${COMP_WORDS[COMP_CWORD]} words=\n"
		  "\tif [ \"$COMP_CWORD\" = 1 ]; then\n\t\twords=\""));
	put_names(b);
	buf_add(b, S("\"\n\telif [[ $word = -* ]]; then\n\t\tcase ${COMP_WORDS[1]} in\n"));
	for (int i = 0; i < command_count; i++) {
		buf_fmt(b, "\t\t%.*s) words=\"", STR_ARG(commands[i].name));
		put_options(b, &commands[i]);
		buf_add(b, S(" --help\" ;;\n"));
	}
	buf_add(b,
		S("\t\tesac\n\telse\n\t\tCOMPREPLY=($(compgen -f -- \"$word\"))\n\t\treturn\n\tfi\n"
		  "\tCOMPREPLY=($(compgen -W \"$words\" -- \"$word\"))\n}\n"
		  "complete -o filenames -F _ward ward\n"));
}

/* Inside single quotes of a shell. */
static void put_quoted(struct buf *b, str s)
{
	for (isize i = 0; i < s.n; i++)
		if (s.p[i] == '\'')
			buf_add(b, S("'\\''"));
		else
			buf_char(b, s.p[i]);
}

static void complete_zsh(struct buf *b)
{
	buf_add(b,
		S("#compdef ward\n_ward() {\n\tlocal -a names\n\tif (( CURRENT == 2 )); then\n"
		  "\t\tnames=(\n"));
	for (int i = 0; i < command_count; i++) {
		buf_fmt(b, "\t\t\t'%.*s:", STR_ARG(commands[i].name));
		put_quoted(b, commands[i].summary);
		buf_add(b, S("'\n"));
	}
	buf_add(b,
		S("\t\t)\n\t\t_describe command names\n\t\treturn\n\tfi\n\tcase $words[2] in\n"));
	for (int i = 0; i < command_count; i++) {
		buf_fmt(b, "\t%.*s) names=(", STR_ARG(commands[i].name));
		put_options(b, &commands[i]);
		buf_add(b, S(" --help) ;;\n"));
	}
	buf_add(b,
		S("\tesac\n\tif [[ $PREFIX = -* ]]; then compadd -- $names; else _files; fi\n}\n"
		  "_ward \"$@\"\n"));
}

static void complete_fish(struct buf *b)
{
	for (int i = 0; i < command_count; i++) {
		const struct command *one = &commands[i];
		str list = one->options;
		buf_fmt(b, "complete -c ward -f -n __fish_use_subcommand -a %.*s -d '",
			STR_ARG(one->name));
		put_quoted(b, one->summary);
		buf_add(b, S("'\n"));
		for (str word = str_word(&list); word.n; word = str_word(&list)) {
			bool with_value = str_ends(word, S("="));
			buf_fmt(b,
				"complete -c ward -n '__fish_seen_subcommand_from %.*s' -l "
				"%.*s%s\n",
				STR_ARG(one->name), STR_ARG(str_part(word, 0, word.n - with_value)),
				with_value ? " -r" : "");
		}
	}
}

int command_completion(struct cli *c)
{
	str shell = c->word_count == 1 ? c->word[0] : S("");

	if (str_eq(shell, S("bash")))
		complete_bash(&c->out);
	else if (str_eq(shell, S("zsh")))
		complete_zsh(&c->out);
	else if (str_eq(shell, S("fish")))
		complete_fish(&c->out);
	else
		return cli_usage(c, "name the shell: bash, zsh or fish");
	return cli_done(c, EXIT_FINE);
}
