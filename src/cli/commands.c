/* The table of commands, and the run of one. */
#include "cli/cli_in.h"

#define COMMAND(name_, group_, usage_, summary_, options_, run_, help_)                            \
	{                                                                                          \
		.name = S_INIT(name_), .group = S_INIT(group_), .usage = S_INIT(usage_),           \
		.summary = S_INIT(summary_), .options = S_INIT(options_), .run = (run_),           \
		.help = S_INIT(help_)                                                              \
	}

/* The help of a command begins with examples, a line each; what follows an empty line is text. */
const struct command commands[] = {
	COMMAND("init", "start", "[DIR] [--demo] [--origin NAME]",
		"make a store; prints the one-time address for the first administrator",
		"demo origin= store=", command_init,
		"ward init /srv/ward\nward init --demo /tmp/try\n"),
	COMMAND("serve", "start",
		"[--store DIR] [--listen ADDR] [--public-url URL]\n"
		"       [--trust-forwarded HEADER] [--socket-mode MODE]",
		"serve pages and API",
		"store= listen= public-url= one-process trust-forwarded= socket-mode=",
		command_serve,
		"ward serve --store /srv/ward\nward serve --listen unix:/run/ward.sock "
		"--public-url https://ward.example --trust-forwarded X-Forwarded-For\n"),
	COMMAND("demo", "start", "[--listen ADDR] [--public-url URL]",
		"serve a throw-away store with the worked example",
		"listen= public-url= one-process", command_demo,
		"ward demo --listen 127.0.0.1:9000\n"),
	COMMAND("status", "start", "[--store DIR] [--json]", "six lines: what is late, open, next",
		"store= json format=", command_status, "ward status --store /srv/ward\n"),
	COMMAND("check", "model",
		"[FILE] [--baseline OLD] [--format F] [--fail-on LEVEL] [--all]\n"
		"       [--template own|TB7] [-o FILE]\n"
		"       ward check --explain RULE",
		"what can go wrong with the system in a model file",
		"format= json all baseline= template= fail-on= explain= output= quiet",
		command_check,
		"ward check security/model.ward\nward check model.json --format json\n"
		"ward check - --fail-on question <model.ward\n"
		"ward check --baseline old.ward --fail-on new-open --format markdown\n"
		"ward check device.tm7 --template own\n"
		"ward check --explain label-as-proof\n\n"
		"Reads .ward text and the formats of ward-formats(7).  Without FILE: "
		"security/model.ward, then\n"
		"model.ward.  F is text, json, sarif, junit or markdown.  OLD is an earlier "
		"model, or what\n"
		"--format json printed; findings are then new, as before, or gone.  Exit code 1 "
		"when a threat\n"
		"is open; --fail-on says when: open, question, new-open, new-question, never.\n"),
	COMMAND("diff", "model",
		"OLD NEW [--format text|json|markdown|svg] [-o FILE]\n"
		"       ward diff --from DAY [--to DAY] [--store DIR] [--format F] [-o FILE]",
		"what lies between two models, and what it does to threats",
		"format= json from= to= store= output= quiet", command_diff,
		"ward diff old.ward security/model.ward\n"
		"git show main:security/model.ward | ward diff - security/model.ward\n"
		"ward diff old.ward new.ward --format svg -o changes.svg\n"
		"ward diff --from 2026-03-01 --store /srv/ward\n\n"
		"With --from, the recorded model at the end of that day (or a time, or the number "
		"of a ledger\n"
		"entry) beside the one of --to, or of now.\n"
		"Parts are the same when their ids are.  A report, not a gate: the exit code is 0 "
		"whether\n"
		"models differ or not; ward check --baseline is the gate.\n"),
	COMMAND("render", "model", "[FILE] [--view NAME] [-o FILE]",
		"the data flow diagram of a model as SVG", "view= output= quiet", command_render,
		"ward render security/model.ward -o model.svg\n"
		"ward render security/model.ward --view update -o update.svg\n\n"
		"Views of a premarket file: global, multi-patient, update.\n"),
	COMMAND("convert", "model", "FILE [--to FORMAT] [-o FILE]", "a model in another format",
		"to= output= out= quiet", command_convert,
		"ward convert threat-dragon.json -o security/model.ward\n"
		"ward convert security/model.ward --to threat-dragon --out model.json\n"
		"ward convert security/model.ward --to mermaid\n\n"
		"FORMAT is ward (the default), otm, threat-dragon, tm-library, cyclonedx, csv,\n"
		"mermaid, dot or svg.  What cannot be taken over is listed on standard error, with "
		"its\nplace.\n"),
	COMMAND("import", "model", "FILE [--dry-run [--json]] [--product REF]",
		"the parts of a model file as records of the store, or what they would be",
		"dry-run json format= output= store= product= quiet", command_import,
		"ward import threat-dragon.json --dry-run\nward import model.otm --dry-run --json\n"
		"ward import model.otm --product PRD-1 --store /srv/ward\n\n"
		"With --dry-run nothing is written and no store is needed: it says what the file "
		"holds and\nwhat has no counterpart.  Without, all parts become records or none; "
		"a file that refers\nto what it does not hold is refused.  Stop the server "
		"first: one program writes at a time.\n"),
	COMMAND("show", "record", "REF [--at DATE | --pending] [--json]", "a record with its links",
		"store= at= pending json format= output=", command_show,
		"ward show RSK-09\nward show RSK-09 --at 2026-03-01 --json\n\n"
		"--pending shows what is pending beside what is in force.\n"),
	COMMAND("list", "record", "KIND [NAME=VALUE]... [--json|--csv]", "the records of a kind",
		"store= at= filter= sort= descending text= limit= json csv format= output=",
		command_list,
		"ward list risks\nward list risk state=treated owner=P02\n"
		"ward list action --sort due --limit 10\n\n"
		"KIND is a name (risk), a title (risks) or a prefix (RSK).  NAME is a field or "
		"state; all\n"
		"filters must hold; an empty value finds records in which the field is not "
		"filled.\n"),
	COMMAND("search", "record", "WORD...", "records that contain the words",
		"store= json format= limit= output=", command_search,
		"ward search infusion pump\n"),
	COMMAND("history", "record", "REF [--json]",
		"every revision of a record and what it changed",
		"store= json format= output=", command_history, "ward history RSK-09\n"),
	COMMAND("export", "record",
		"KIND --format csv|json | backlog --format csv|jira|github |\n"
		"       model [--format FORMAT] [-o FILE]",
		"all records of a kind, requirements as a backlog, or the recorded model",
		"store= at= filter= json csv format= product= output=", command_export,
		"ward export risks --format csv -o risks.csv\n"
		"ward export backlog --format jira --product PRD-1 -o backlog.csv\n"
		"ward export model --at 2026-03-01 -o march.ward\n\n"
		"The model comes in the formats of ward convert; ward is the default.\n"),
	COMMAND("import-backlog", "record", "FILE [--reason WORDS]",
		"take over what a tracker says of the backlog's items",
		"store= reason= output= quiet", command_import_backlog,
		"ward import-backlog backlog.csv\nward import-backlog issues.json\n\n"
		"Takes CSV with the columns id (or a title that begins with \"[REQ-12]\"), key, "
		"status and\n"
		"assignee, Jira's names for them, or issues as GitHub's API gives them.  All rows "
		"or none;\n"
		"a row that is wrong is named with line and column.  The same file twice changes "
		"nothing.\n"),
	COMMAND("triage", "record", "[--fail-on open|question|never] [--json]",
		"what the rules see in the recorded model and nobody has decided",
		"store= json format= fail-on= output=", command_triage,
		"ward triage --store /srv/ward\nward triage --json --fail-on open\n\n"
		"Decisions are made on the page /model/triage, or over the API.\n"),
	COMMAND("report", "record", "plan|concept PRODUCT [-o FILE]",
		"the security management plan or the security concept of a product, as HTML",
		"store= output= quiet", command_report,
		"ward report plan PRD-1 -o plan.html\nward report concept PRD-1 -o concept.html\n\n"
		"Written from the records as they stand; what is missing is marked and listed.\n"),
	COMMAND("readiness", "record", "[CATALOGUE] [--gaps] [--json]",
		"what a law or standard asks for, and which records show it",
		"store= gaps json format= output=", command_readiness,
		"ward readiness\nward readiness iso-28000-2022 --gaps\n"),
	COMMAND("trace", "record", "[PRODUCT] [--broken] [--json]",
		"the chains from threat to evidence, broken ones first",
		"store= broken json format= output=", command_trace,
		"ward trace PRD-1\nward trace --broken --json\n"),
	COMMAND("verify", "trust",
		"[FILE|DIR] [--checkpoint FILE] [--key VKEY|FILE] [--json] | --explain",
		"recompute the whole ledger and compare every record with it",
		"store= json format= checkpoint= key= quiet output= explain", command_verify,
		"ward verify --store /srv/ward\nward verify --checkpoint paper.txt\n"
		"ward verify RSK-09.tlog-proof --key vkey\n"
		"ward verify new.proof --checkpoint paper.txt --key vkey\n"
		"ward verify exported/ --key vkey\n\n"
		"Works while the store is served and changes nothing.  Exit code 5 when anything "
		"is off,\n"
		"missing or cannot be read.  --explain says what is compared with what, and what "
		"is free.\n"
		"What ward prove and ward ledger wrote is checked without any store, with the key "
		"of the\n"
		"ledger (its file keeper/vkey).\n"),
	COMMAND("prove", "trust", "ENTRY|REF [--open | --open-private] [--latest] [-o FILE]",
		"a proof that an entry is in the signed ledger, or that none came after it",
		"store= output= open open-private latest", command_prove,
		"ward prove 812 -o 812.tlog-proof\nward prove RSK-09 --open -o RSK-09.tlog-proof\n"
		"ward prove RSK-09 --latest --open -o RSK-09.latest\n\n"
		"Of a record, the newest entry about it.  With --open the proof says what was "
		"written; with\n"
		"--open-private also by which person.  With --latest it shows that no later entry, "
		"up to what\n"
		"is signed, wrote the record; it holds the leaves of all later entries.  Check "
		"with ward\nverify FILE --key VKEY.\n"),
	COMMAND("ledger", "trust", "export DIR | consistency OLD [NEW] [-o FILE] | adopt [WORDS]",
		"the signed ledger as static files; proofs that one continues another; its end",
		"store= output=", command_ledger,
		"ward ledger export /srv/www/log\n"
		"ward ledger consistency paper.txt -o since-paper.proof\n"
		"ward ledger consistency 4000 -o since-4000.proof\n"
		"ward ledger adopt 'the disk was moved while it ran'\n\n"
		"The files are a C2SP tlog-tiles log: checkpoint, tiles and entries.  A second "
		"export adds\n"
		"what is new.  OLD and NEW are a size or a file with a checkpoint; NEW is the "
		"newest unless\n"
		"given.  Check with ward verify FILE --checkpoint OLD --key VKEY.  Adopt shows "
		"entries that\n"
		"bear no mark of the keeper, which are not signed; with words somebody answers for "
		"them.\n"),
	COMMAND("user", "trust",
		"setup | list | password NAME | token NAME --name X | tokens NAME | "
		"revoke ID",
		"accounts: a new one-time address, who can sign in, passwords and tokens",
		"store= json format= name= days= read-only rights= product=", command_user,
		"ward user setup\nward user list\nward user password ada <password.txt\n"
		"ward user token ada --name ci --days 30 --rights '*.read finding.write' --product "
		"PRD-1\n"
		"ward user tokens ada\nward user revoke 0123456789abcdef\n\n"
		"The password is read from standard input, without echo on a terminal.  The token "
		"is for\n"
		"programs and may what its person may, unless --read-only or --rights says less.  "
		"It lasts 90\n"
		"days unless --days says otherwise, and is printed once.  Stop the server first, "
		"but for list\n"
		"and tokens: one program writes at a time.\n"),
	COMMAND("doctor", "keep", "[--store DIR] [--json]", "look at the store and the machine",
		"store= json format=", command_doctor, "ward doctor --store /srv/ward\n"),
	COMMAND("completion", "keep", "bash|zsh|fish", "a completion script for the shell", "",
		command_completion,
		"ward completion bash >/etc/bash_completion.d/ward\n"
		"ward completion fish >~/.config/fish/completions/ward.fish\n"),
	COMMAND("help", "keep", "[COMMAND]", "this text, or that of a command", "", command_help,
		""),
	COMMAND("version", "keep", "", "the version", "", command_version, ""),
};
const int command_count = COUNT_OF(commands);

enum { CLI_ARENA_BYTES = 1 << 30, OUT_MAX = 256 << 20 };

/* ---- the run ---- */

const struct command *command_find(str name)
{
	for (int i = 0; i < command_count; i++)
		if (str_eq(commands[i].name, name))
			return &commands[i];
	return NULL;
}

/* Where the command stands: options may come before it ("ward --store X verify"), as with other
   programs, each with its value. */
static int command_place(int argc, char **argv)
{
	static const str own[] = {S_INIT("--version"), S_INIT("--help"), S_INIT("-h")};
	int i = 1;

	for (; i < argc && argv[i][0] == '-'; i++) {
		str arg = str_of(argv[i]);
		for (int k = 0; k < COUNT_OF(own); k++)
			if (str_eq(arg, own[k]))
				return i;
		i += cli_takes_value(arg);
	}
	return i < argc ? i : 1;
}

/* The same words with the command first. */
static char **command_first(struct cli *c, int argc, char **argv)
{
	int at = command_place(argc, argv);
	char **out = NEW(c->arena, char *, argc + 1);

	out[0] = argv[0];
	for (int i = 1, n = 2; i < argc; i++)
		if (i == at)
			out[1] = argv[i];
		else
			out[n++] = argv[i];
	return out;
}

static int run(struct cli *c, int argc, char **argv)
{
	str name = argc > 1 ? str_of(argv[1]) : S("help");
	const struct command *command = command_find(name);

	if (str_eq(name, S("--version")))
		return command_version(c);
	if (str_eq(name, S("--help")) || str_eq(name, S("-h")))
		return command_help(c);
	if (utf8_check(name) >= 0)
		return cli_usage(c, "the command is not UTF-8");
	if (!command)
		return cli_unknown(name);
	for (int i = 2; i < argc && !str_eq(str_of(argv[i]), S("--")); i++)
		if (str_eq(str_of(argv[i]), S("--help")) || str_eq(str_of(argv[i]), S("-h"))) {
			c->word[c->word_count++] = name;
			return command_help(c);
		}
	int code = argc > 2 ? cli_read_words(c, command, argc - 2, argv + 2) : EXIT_FINE;
	return code ? code : command->run(c);
}

/* The command line of one process. */
struct given {
	int argc, code;
	char **argv;
	const struct cli_host *host;
	struct arena arena;
};

static void run_within(void *given)
{
	struct given *g = given;

	arena_open(&g->arena, CLI_ARENA_BYTES);
	struct cli *c = NEW(&g->arena, struct cli, 1);
	c->host = g->host;
	c->arena = c->err.arena = &g->arena;
	buf_init(&c->out, &g->arena, OUT_MAX);
	g->code = run(c, g->argc, g->argc > 1 ? command_first(c, g->argc, g->argv) : g->argv);
}

/* What ends early has printed nothing yet, and the store undoes what was not committed. */
int cli_main(int argc, char **argv, const struct cli_host *host)
{
	struct given g = {.argc = argc, .argv = argv, .host = host};

	arena_budget(CLI_ARENA_BYTES);
	switch (arena_run(run_within, &g)) {
	case ARENA_DONE:
		break;
	case ARENA_SPENT:
		cli_say("this needs more memory than a command may take (%d MiB); nothing was "
			"changed: give it less at once",
			CLI_ARENA_BYTES >> 20);
		g.code = EXIT_USAGE;
		break;
	case ARENA_NONE_LEFT:
		cli_say("this machine, or a limit on this process, gives no more memory; nothing "
			"was changed: try again when there is more");
		g.code = EXIT_BUSY;
		break;
	}
	arena_close(&g.arena);
	return g.code;
}
