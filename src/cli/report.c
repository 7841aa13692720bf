/* The commands that say how things stand: status, report. */
#include "base/json.h"

#include "cli/cli_in.h"
#include "document/document.h"
#include "kind/kind.h"
#include "kinds.h"
#include "risk/risk.h"

enum { NAMED = 3 };

/* ---- status ---- */

struct due {
	str ref;
	int64_t day;
};

struct status {
	int64_t today;
	int64_t late, reviews, above, waiting, risks;
	struct due late_first[NAMED], next[NAMED];
	isize late_named, next_named;
	uint64_t entries, signed_size;
	int64_t signed_at;
	struct ledger_verified verified;
};

/* The list is sorted by the day on which they are due. */
static bool count_actions(struct call *c, struct status *s)
{
	const struct kind *k = &kinds[KIND_ACTION];
	struct query q = {.sort = kind_field(k, S("due")), .limit = LIMIT_LIST_ROWS};
	struct list list;

	assert(q.sort);
	if (!kind_list(c, k, &q, &list))
		return false;
	for (isize i = 0; i < list.count; i++) {
		const struct action *a = list.item[i];
		if (a->due == DAY_NONE || rec_is_finished(&a->rec))
			continue;
		struct due due = {a->rec.ref, a->due};
		if (!day_is_past(a->due, s->today)) {
			if (s->next_named < NAMED)
				s->next[s->next_named++] = due;
			continue;
		}
		s->late++;
		if (s->late_named < NAMED)
			s->late_first[s->late_named++] = due;
	}
	return true;
}

static bool count_rest(struct call *c, struct status *s)
{
	struct risk_matrix *m = NEW(c->arena, struct risk_matrix, 1);
	struct checkpoint newest;
	str note;

	if (!risk_matrix(c, S(""), RISK_AFTER, m))
		return false;
	s->above = m->above;
	s->waiting = m->waiting;
	s->risks = m->total;
	s->reviews = db_int(c->db,
		SQL("SELECT count(*) FROM record WHERE review_due < $1"
		    " AND kind || ':' || state NOT IN (SELECT value FROM json_each($2))"),
		V(s->today), V(kind_finished_words(c->arena, true)));
	s->entries = (uint64_t)db_int(c->db, SQL("SELECT count(*) FROM entry"));
	if (!ledger_newest(c, &note, &newest, &s->signed_at))
		return false;
	s->signed_size = newest.size;
	return db_ok(c->db);
}

static void put_dues(struct buf *b, const struct due *due, isize n)
{
	for (isize i = 0; i < n; i++) {
		buf_fmt(b, "%s%.*s on ", i ? ", " : "", STR_ARG(due[i].ref));
		day_print_words(b, due[i].day);
	}
}

static void status_text(struct buf *b, const struct status *s)
{
	buf_fmt(b, "Late       %" PRId64 " actions past their day", s->late);
	buf_add(b, s->late ? S(": ") : S(""));
	put_dues(b, s->late_first, s->late_named);
	buf_fmt(b, "%s\n", s->late > s->late_named ? ", ..." : "");
	buf_fmt(b, "Reviews    %" PRId64 " records past their review\n", s->reviews);
	buf_fmt(b, "Above      %" PRId64 " of %" PRId64 " risks above the line after treatment\n",
		s->above, s->risks);
	buf_fmt(b, "Undecided  %" PRId64 " risks wait for a decision\n", s->waiting);
	buf_add(b, S("Next       "));
	put_dues(b, s->next, s->next_named);
	buf_add(b, s->next_named ? S("\n") : S("nothing is due\n"));
	buf_fmt(b, "Ledger     %" PRIu64 " entries, %" PRIu64 " signed", s->entries,
		s->signed_size);
	if (s->signed_size) {
		buf_add(b, S(", last on "));
		time_print_words(b, s->signed_at);
	}
	buf_add(b, S("\nVerified   "));
	if (s->verified.at_us == TIME_NONE) {
		buf_add(b, S("never by a server; see ward verify\n"));
		return;
	}
	time_print_words(b, s->verified.at_us);
	buf_fmt(b, ", %s%s\n", ledger_verified_words(&s->verified),
		s->verified.is_whole ? "" : "; run ward verify");
}

static void verified_json(struct buf *b, const struct ledger_verified *v)
{
	if (v->at_us == TIME_NONE)
		return;
	buf_add(b, S(",\"verified\":{\"at\":\""));
	time_print(b, v->at_us);
	buf_fmt(b, "\",\"intact\":%s}", v->is_whole ? "true" : "false");
}

static void dues_json(struct buf *b, const char *key, const struct due *due, isize n)
{
	buf_fmt(b, ",\"%s\":[", key);
	for (isize i = 0; i < n; i++) {
		buf_fmt(b, "%s{\"ref\":\"%.*s\",\"due\":\"", i ? "," : "", STR_ARG(due[i].ref));
		day_print(b, due[i].day);
		buf_add(b, S("\"}"));
	}
	buf_char(b, ']');
}

static void status_json(struct buf *b, const struct status *s)
{
	buf_fmt(b,
		"{\"actions_late\":%" PRId64 ",\"reviews_late\":%" PRId64 ",\"risks\":%" PRId64
		",\"risks_above\":%" PRId64 ",\"risks_undecided\":%" PRId64,
		s->late, s->reviews, s->risks, s->above, s->waiting);
	dues_json(b, "late", s->late_first, s->late_named);
	dues_json(b, "next", s->next, s->next_named);
	buf_fmt(b, ",\"entries\":%" PRIu64 ",\"entries_signed\":%" PRIu64, s->entries,
		s->signed_size);
	verified_json(b, &s->verified);
	buf_add(b, S("}\n"));
}

int command_status(struct cli *c)
{
	struct status status = {0};
	struct cli_store s;

	bool ok = cli_store_open(c, false, &s);
	if (ok) {
		status.today = day_of_time(s.call.now_us);
		ok = count_actions(&s.call, &status) && count_rest(&s.call, &status) &&
			ledger_last_verified(&s.call, &status.verified);
	}
	if (!ok && c->err.code == ERR_NONE)
		c->err = s.call.err;
	cli_store_close(&s);
	if (!ok)
		return cli_fail(c);
	if (cli_json(c))
		status_json(&c->out, &status);
	else
		status_text(&c->out, &status);
	return cli_done(c, EXIT_FINE);
}

/* ---- report ---- */

static bool gather_facts(struct cli *c, struct call *call, struct document_facts *out)
{
	struct checkpoint newest;
	struct buf root;
	int64_t at_us;
	str note;

	*out = (struct document_facts){.generator = S("Ward " WARD_VERSION),
		.store = db_setting(call->db, c->arena, S("origin")),
		.made_us = call->now_us};
	if (!ledger_newest(call, &note, &newest, &at_us))
		return false;
	if (newest.size) {
		buf_init(&root, c->arena, 2 * HASH_BYTES);
		base64_print(&root, newest.root.b, HASH_BYTES);
		out->ledger_size = (int64_t)newest.size;
		out->ledger_root = buf_str(&root);
	}
	return true;
}

int command_report(struct cli *c)
{
	struct report *report = NEW(c->arena, struct report, 1);
	struct document_facts facts;
	struct cli_store s;
	bool is_plan = c->word_count && str_eq(c->word[0], S("plan"));

	if (c->word_count != 2 || (!is_plan && !str_eq(c->word[0], S("concept"))))
		return cli_usage(c,
			"name a report and a product, as in ward report plan PRD-1 -o plan.html");
	bool ok = cli_store_open(c, false, &s) && gather_facts(c, &s.call, &facts) &&
		(is_plan ? document_plan : document_concept)(&s.call, c->word[1], &facts, report) &&
		document_html(&c->out, report, &s.call.err);
	if (!ok && c->err.code == ERR_NONE)
		c->err = s.call.err;
	cli_store_close(&s);
	if (!ok)
		return cli_fail(c);
	if (!cli_has(c, S("quiet")))
		cli_say("%d gaps are marked in the document", report->gap_count);
	return cli_deliver(c, EXIT_FINE);
}
