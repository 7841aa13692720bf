/*
 * ward ledger adopt: somebody answers for entries that bear no mark of the keeper.
 *
 * Whoever can write the file of the store, but has no key, may put entries behind the last signed
 * tree, with the rows that they vouch for.  Nothing tells them from entries of a writer whose marks
 * were lost, so nothing is signed until a person has looked at them.  Without words the command
 * shows them; with words, which go into the entry ledger.adopt, it has them signed.  What anything
 * but the marks speaks against is never adopted.
 */
#include "base/json.h"

#include "cli/cli_in.h"
#include "crypt/keeper.h"
#include "ident/ident.h"
#include "kind/kind.h"

enum { SHOWN_MAX = 1000 };

static bool show(struct cli *c, struct cli_store *s, const struct ledger_tail *tail)
{
	struct rows r;

	db_query(s->db, &r,
		SQL("SELECT seq, at, act, object, actor, outcome FROM entry WHERE seq >= $1"
		    " ORDER BY seq LIMIT $2"),
		V(tail->first), V(SHOWN_MAX));
	while (rows_next(&r)) {
		buf_fmt(&c->out, "entry %" PRId64 ": %.*s %.*s by %.*s, %.*s, at ", rows_int(&r, 0),
			STR_ARG(rows_str(&r, 2)), STR_ARG(rows_str(&r, 3)),
			STR_ARG(rows_str(&r, 4)), STR_ARG(rows_str(&r, 5)));
		time_print(&c->out, rows_int(&r, 1));
		buf_char(&c->out, '\n');
	}
	return rows_done(&r);
}

/* Whether all else is as it was written, marks aside. */
static bool check_rest(struct cli *c, struct cli_store *s)
{
	struct keeper_state *state = NEW(c->arena, struct keeper_state, 1);
	struct ledger_report report;

	if (!keeper_ask_state(s->keeper, state, &s->call.err))
		return false;
	struct ledger_known known = ledger_known(state);
	known.mark_key = NULL;
	if (!store_verify(&s->call, &known, store_schema(c->arena, db_engine(s->db)), &report))
		return false;
	return report.finding_count == 0 ||
		FAIL(&s->call.err, ERR_TAMPERED,
			"more than the marks is wrong, and nothing was adopted: %.*s; run ward "
			"verify",
			STR_ARG(report.findings->text));
}

static bool adopt(struct cli *c, struct cli_store *s, const struct ledger_tail *tail)
{
	struct buf body;
	bool first = true;

	ledger_adopt(s->ledger);
	buf_init(&body, c->arena, LIMIT_RECORD_BYTES);
	buf_char(&body, '{');
	json_put_key(&body, &first, S("entries"));
	buf_int(&body, tail->unmarked);
	json_put_key(&body, &first, S("first"));
	buf_int(&body, tail->first);
	json_put_key(&body, &first, S("words"));
	json_put_string(&body, c->word[1]);
	buf_char(&body, '}');
	if (body.full)
		return FAIL(&s->call.err, ERR_LIMIT, "the words are too long");
	return ledger_append(&s->call,
		&(struct entry){
			.act = S("ledger.adopt"), .outcome = S("ok"), .body = buf_str(&body)});
}

int cli_adopt(struct cli *c)
{
	struct cli_store s;
	bool ok = cli_store_adopt(c, &s);
	struct ledger_tail tail = ok ? ledger_tail(s.ledger) : (struct ledger_tail){0};

	if (ok && tail.unmarked == 0) {
		buf_add(&c->out,
			S("every entry behind the last signed tree bears the mark of the "
			  "keeper\n"));
		return cli_store_end(&s, true);
	}
	ok = ok && show(c, &s, &tail) && check_rest(c, &s);
	if (ok && c->word_count == 1) {
		cli_store_close(&s);
		cli_say("%" PRId64 " entries bear no mark of the keeper; to have them signed, say "
			"why they are yours: ward ledger adopt WORDS",
			tail.unmarked);
		return cli_done(c, EXIT_TAMPERED);
	}
	ok = ok && adopt(c, &s, &tail);
	if (ok)
		buf_fmt(&c->out, "adopted: %" PRId64 " entries are signed\n", tail.unmarked);
	return cli_store_end(&s, ok);
}
