/* What the files of cli/ share. */
#ifndef CLI_CLI_IN_H
#define CLI_CLI_IN_H
#include "call/call.h"
#include "cli/cli.h"
#include "ledger/ledger.h"
#include "os/os.h"

enum {
	EXIT_FINE = 0,
	EXIT_FINDINGS = 1,
	EXIT_USAGE = 2,
	EXIT_INPUT = 3,
	EXIT_DENIED = 4,
	EXIT_TAMPERED = 5,
	EXIT_BUSY = 6,
	EXIT_FAULT = 70
};

enum { OPTIONS_MAX = 24, WORDS_MAX = 64 };

/* One run of the program. */
struct cli {
	const struct cli_host *host;
	struct arena *arena;
	struct err err;
	str word[WORDS_MAX]; /* what is not an option, after the command */
	int word_count;
	struct {
		str name, value;
	} option[OPTIONS_MAX];
	int option_count;
	struct buf out; /* standard output */
};

typedef int command_run(struct cli *c);
struct command {
	str name, group, usage, summary;
	str options; /* names it takes, separated by blanks; those with a value end in '=' */
	command_run *run;
	str help;
};
extern const struct command commands[];
extern const int command_count;
/* NULL when there is none of that name. */
const struct command *command_find(str name);
/* Says that there is no such command, and which was probably meant; it is never run. */
int cli_unknown(str name);

/* The few options that have a letter. */
struct cli_letter {
	char letter;
	str name;
};
extern const struct cli_letter cli_letters[];
extern const int cli_letter_count;
/* Whether an option as it was typed, "--at" or "-o", takes a value where a command takes it. */
bool cli_takes_value(str arg);
/* Takes the arguments behind the command into c->option and c->word; EXIT_USAGE, said, when one is
   wrong. */
int cli_read_words(struct cli *c, const struct command *command, int argc, char **argv);

/* The value of --name; "" when it was not given. */
str cli_option(const struct cli *c, str name);
bool cli_has(const struct cli *c, str name);
/* The place of the word of --name among `words`; *out stays when the option was not given.  Another
   word is an error that names them. */
CHECKED bool cli_choose(struct cli *c, str name, const str *words, int count, int *out);
/* Prints the error on standard error; returns its exit code. */
int cli_fail(struct cli *c);
int cli_usage(struct cli *c, const char *why);
void cli_say(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* Writes c->out to standard output and returns `code`; EXIT_FAULT when that fails. */
int cli_done(struct cli *c, int code);
/* The same to the file of -o, when it was given. */
int cli_deliver(struct cli *c, int code);
bool cli_json(const struct cli *c);

/* ---- store.c: a store opened by one command, alone or beside a server ---- */

struct cli_store {
	struct cli *cli;
	struct db *db;
	struct ledger *ledger;
	struct keeper *keeper;
	struct call call; /* of the system; the person at the terminal owns the files */
	struct clock_facts clock; /* what the call says of its time */
	str folder;
	int64_t shift_us;
	int lock; /* held while it is open to write */
	bool has_lock;
	str note;         /* of cli_store_audit(): what is wrong with the number of its schema */
	int64_t number;   /* of cli_store_audit(): the number of its schema, of whatever version */
	bool is_adopting; /* entries that bear no mark are somebody's to answer for */
	bool made, made_folder, had_keys; /* cli_store_create(): what is new, what was there */
};
/* --store DIR, or WARD_STORE, or ./ward-store. */
str cli_store_folder(struct cli *c);
CHECKED bool cli_store_create(struct cli *c, str folder, str origin, struct cli_store *out);
CHECKED bool cli_store_open(struct cli *c, bool to_write, struct cli_store *out);
/* To write, also where entries at the end bear no mark of the keeper, which are refused else. */
CHECKED bool cli_store_adopt(struct cli *c, struct cli_store *out);
/* Brings a store that an older program made up to date; nothing to do for one of this program. */
CHECKED bool cli_store_update(struct cli *c);
/* To read what may be damaged, also where nothing may be written, or another version made it. */
CHECKED bool cli_store_audit(struct cli *c, struct cli_store *out);
/* Verifies what does not depend on the version that made the store: its log, and the rows by it
   where `number` is not a newer schema's. */
CHECKED bool cli_verify_other(struct cli *c, struct db *db, int64_t number,
	const struct ledger_known *known, struct ledger_report *out);
/* Commits what was written and has it signed. */
CHECKED bool cli_store_commit(struct cli_store *s);
void cli_store_close(struct cli_store *s);
/* Commits when `ok`, closes, prints what was written or the error; returns the exit code. */
int cli_store_end(struct cli_store *s, bool ok);
/* The same of a command that only read, with its output to the file of -o when it was given. */
int cli_store_deliver(struct cli_store *s, bool ok);
/* Closes a store that could not be made whole and removes what was made of it. */
void cli_store_undo(struct cli_store *s);

/* ---- adopt.c ---- */

/* ward ledger adopt: somebody answers for entries that bear no mark of the keeper. */
int cli_adopt(struct cli *c);

/* ---- proof.c: what leaves the house, checked without it ---- */

struct verifier_key;
/* Checks a proof in a file, or a log as static files; prints what it proves and returns the exit
   code. */
int cli_verify_file(struct cli *c, str file, const struct verifier_key *key);
int cli_verify_exported(struct cli *c, str folder, const struct verifier_key *key);

/* ---- model.c: models in files ---- */

struct baseline;
struct findings;
struct model;
struct rules;
/* The one file that the command names, or "" for the one that a repository keeps. */
CHECKED bool cli_one_file(struct cli *c, str *given);
/* The model in `given`: a file, "-", a folder that holds one, or "" for this folder; and the bytes
   it was read from.  An error names file, line and column. */
CHECKED bool cli_model_read(struct cli *c, str given, struct model **out, str *bytes);
/* SHA-256 of those bytes, followed by those of the files that the model includes. */
struct sha256;
CHECKED bool cli_model_digest(struct cli *c, str given, struct sha256 *out);
/* cli_model_read() where a file without any zone and element must not pass in silence. */
CHECKED bool cli_system_read(struct cli *c, str given, struct model **out, str *bytes);
/* Puts file and place before the text of an error about the model; returns false. */
bool cli_model_place(struct err *e, struct arena *a, str file);
/* An earlier state: a model, or what check printed as JSON. */
CHECKED bool cli_baseline_read(
	struct cli *c, str given, const struct rules *rules, struct baseline **out);
/* Says on standard error what the importer could not take over, unless --quiet. */
void cli_say_losses(struct cli *c, const struct model *m);
/* What the rules say of a model; with --template, what the filters of that template say. */
CHECKED bool cli_evaluate(
	struct cli *c, const struct model *m, const struct rules *rules, struct findings **out);
/* Scratch for what is printed piece by piece; arena_reset() gives it up. */
void cli_scratch_init(struct arena *a);

command_run command_init, command_serve, command_demo, command_help, command_version;
command_run command_check, command_diff, command_render, command_convert, command_import;
command_run command_show, command_list, command_search, command_history, command_export;
command_run command_status, command_report, command_readiness, command_trace;
command_run command_triage, command_import_backlog;
/* "ward export backlog", "ward export model" */
int cli_export_backlog(struct cli *c);
int cli_export_model(struct cli *c);
command_run command_verify, command_prove, command_ledger;
command_run command_user, command_doctor, command_completion;
#endif
