/* Triage, the backlog and the recorded model as files: what waits for a decision, what was decided
   as work for others, what other tools read. */
#include "threat/triage/triage.h"

#include "cli/cli_in.h"
#include "kind/kind.h"
#include "kinds.h"
#include "threat/backlog/backlog.h"
#include "threat/records/records.h"

enum { BACKLOG_BYTES = 32 << 20 };

static int finish(struct cli_store *s, bool ok, int code)
{
	struct cli *c = s->cli;

	if (!ok && c->err.code == ERR_NONE)
		c->err = s->call.err;
	cli_store_close(s);
	return ok ? cli_deliver(c, code) : cli_fail(c);
}

/* ---- triage ---- */

static void put_questions(struct buf *b, const struct triage *t)
{
	for (isize i = 0; i < t->question_count; i++) {
		const struct triage_question *q = &t->question[i];
		buf_fmt(b, "question  %.*s: %td findings wait;", STR_ARG(q->property), q->findings);
		for (isize n = 0; n < q->part_count; n++)
			buf_fmt(b, " %.*s", STR_ARG(q->part[n].ref));
		buf_char(b, '\n');
	}
}

static void put_list(struct buf *b, const struct triage *t)
{
	static const enum triage_place shown[] = {TRIAGE_OPEN, TRIAGE_AGAIN, TRIAGE_LEAVING};

	put_questions(b, t);
	for (isize n = 0; n < COUNT_OF(shown); n++)
		for (isize i = 0; i < t->count; i++) {
			const struct triage_item *item = &t->item[i];
			if (item->place != shown[n])
				continue;
			buf_fmt(b, "%-9.*s %.*s: %.*s%s%.*s\n",
				STR_ARG(triage_place_word(item->place)), STR_ARG(item->key),
				STR_ARG(item->title), item->again.n ? "; " : "",
				STR_ARG(item->again));
		}
	buf_fmt(b,
		"%td open, %td with a question, %td to look at again, %td no longer in the model, "
		"%td decided\n",
		t->tally[TRIAGE_OPEN], t->tally[TRIAGE_ASKED], t->tally[TRIAGE_AGAIN],
		t->tally[TRIAGE_LEAVING], t->tally[TRIAGE_DECIDED]);
}

/* What --fail-on makes of the state: 1 when something waits. */
static int code_of(const struct triage *t, str fail_on)
{
	bool waits = t->tally[TRIAGE_OPEN] + t->tally[TRIAGE_AGAIN] > 0;

	if (str_eq(fail_on, S("question")))
		waits = waits || t->tally[TRIAGE_ASKED] > 0;
	return fail_on.n && !str_eq(fail_on, S("never")) && waits ? EXIT_FINDINGS : EXIT_FINE;
}

int command_triage(struct cli *c)
{
	str fail_on = cli_option(c, S("fail-on"));
	struct cli_store s;
	struct triage *t;

	if (c->word_count)
		return cli_usage(c, "triage takes no words; see ward help triage");
	if (fail_on.n && !str_eq(fail_on, S("open")) && !str_eq(fail_on, S("question")) &&
		!str_eq(fail_on, S("never")))
		return cli_usage(c, "--fail-on takes open, question or never");
	if (!cli_store_open(c, false, &s) || !triage_make(&s.call, &t))
		return finish(&s, false, EXIT_FAULT);
	if (cli_json(c))
		triage_print_json(&c->out, t);
	else
		put_list(&c->out, t);
	return finish(&s, true, code_of(t, fail_on));
}

/* ---- backlog ---- */

int cli_export_backlog(struct cli *c)
{
	str word = cli_option(c, S("format"));
	enum backlog_format format;
	struct cli_store s;

	if (!backlog_format_parse(cli_has(c, S("csv")) ? S("csv") : word, &format))
		return cli_usage(c, "choose --format csv, --format jira or --format github");
	return finish(&s,
		cli_store_open(c, false, &s) &&
			backlog_export(&s.call, cli_option(c, S("product")), format, &c->out),
		EXIT_FINE);
}

/* ---- the model ---- */

int cli_export_model(struct cli *c)
{
	str word = cli_option(c, S("format"));
	struct cli_store s;
	struct model *m;
	bool ok = cli_store_open(c, false, &s) && call_at(&s.call, cli_option(c, S("at"))) &&
		model_recorded(&s.call, &m) &&
		model_export(c->arena, &s.call.err, m, word.n ? word : S("ward"), &c->out);

	return finish(&s, ok, EXIT_FINE);
}

/* ---- the backlog's way back ---- */

int command_import_backlog(struct cli *c)
{
	struct backlog_done done;
	struct cli_store s;
	str bytes;

	if (c->word_count != 1)
		return cli_usage(c, "name one file, as in ward import-backlog backlog.csv");
	if (!file_read(c->arena, c->word[0], BACKLOG_BYTES, &bytes, &c->err))
		return cli_fail(c);
	bool ok = cli_store_open(c, true, &s);
	if (ok) {
		s.call.reason = cli_option(c, S("reason"));
		ok = backlog_import(&s.call, c->word[0], bytes, &done) && cli_store_commit(&s);
	}
	if (ok)
		buf_fmt(&c->out, "%td items, %td requirements changed\n", done.items, done.changed);
	return finish(&s, ok, EXIT_FINE);
}
