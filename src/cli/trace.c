/* The commands that work something out over the store: readiness, trace. */
#include "trace/trace.h"

#include "base/json.h"

#include "catalog/catalog.h"
#include "cli/cli_in.h"

/* ---- readiness ---- */

static void put_bar_json(struct buf *b, const struct readiness_bar *r)
{
	bool first = true;

	buf_char(b, '{');
	json_put_text(b, &first, S("id"), r->id);
	json_put_text(b, &first, S("ref"), r->ref);
	json_put_text(b, &first, S("title"), r->title);
	buf_fmt(b, ",\"met\":%td,\"partly\":%td,\"gap\":%td,\"total\":%td", r->met, r->partly,
		r->gap, r->total);
}

static bool list_bars(struct cli *c, struct call *call)
{
	struct readiness_bar *bar = NEW(c->arena, struct readiness_bar, CATALOG_MAX);
	bool json = cli_json(c);
	isize count;

	if (!catalog_list(call, bar, CATALOG_MAX, &count))
		return false;
	buf_add(&c->out, json ? S("{\"items\":[") : S("  met partly  gaps  catalogue\n"));
	for (isize i = 0; i < count; i++) {
		if (!json) {
			buf_fmt(&c->out, "%5td %6td %5td  %-28.*s %.*s\n", bar[i].met,
				bar[i].partly, bar[i].gap, STR_ARG(bar[i].id),
				STR_ARG(bar[i].title));
			continue;
		}
		buf_add(&c->out, i ? S(",\n") : S("\n"));
		put_bar_json(&c->out, &bar[i]);
		buf_char(&c->out, '}');
	}
	buf_add(&c->out, json ? S("]}\n") : S(""));
	return true;
}

static str state_word(enum readiness_state state)
{
	static const str words[] = {S_INIT("info"), S_INIT("gap"), S_INIT("partly"), S_INIT("met")};

	assert(state <= READY_MET);
	return words[state];
}

static void put_entry_json(struct buf *b, const struct readiness_entry *e)
{
	bool first = true;

	buf_char(b, '{');
	json_put_text(b, &first, S("id"), e->id);
	json_put_text(b, &first, S("title"), e->title);
	json_put_text(b, &first, S("state"), state_word(e->state));
	buf_add(b, S(",\"evidence\":["));
	for (isize i = 0; i < e->line_count; i++) {
		first = true;
		buf_add(b, i ? S(",{") : S("{"));
		json_put_text(b, &first, S("kind"), e->line[i].kind);
		json_put_text(b, &first, S("detail"), e->line[i].detail);
		buf_fmt(b, ",\"shown\":%s,\"records\":[", e->line[i].is_shown ? "true" : "false");
		for (isize n = 0; n < e->line[i].record_count; n++) {
			buf_add(b, n ? S(",") : S(""));
			json_put_string(b, e->line[i].record[n].ref);
		}
		buf_add(b, S("]}"));
	}
	buf_add(b, S("]}"));
}

static void put_entry_text(struct buf *b, const struct readiness_entry *e)
{
	buf_fmt(b, "%-7.*s %-14.*s %.*s\n", STR_ARG(state_word(e->state)), STR_ARG(e->id),
		STR_ARG(e->title));
	for (isize i = 0; i < e->line_count; i++) {
		const struct evidence_line *line = &e->line[i];
		buf_fmt(b, "          %s %.*s%s%.*s", line->is_shown ? "shown by" : "needs",
			STR_ARG(line->kind), line->detail.n ? ": " : "", STR_ARG(line->detail));
		for (isize n = 0; n < line->record_count; n++)
			buf_fmt(b, "%s%.*s", n ? ", " : " -> ", STR_ARG(line->record[n].ref));
		buf_char(b, '\n');
	}
}

static bool list_entries(struct cli *c, struct call *call, str id)
{
	struct readiness *r = NEW(c->arena, struct readiness, 1);
	bool json = cli_json(c), only_gaps = cli_has(c, S("gaps")), first = true;

	if (!readiness(call, id, r))
		return false;
	if (json) {
		put_bar_json(&c->out, &r->bar);
		buf_add(&c->out, S(",\"items\":["));
	} else {
		buf_fmt(&c->out, "%.*s: %td met, %td partly, %td gaps of %td\n\n",
			STR_ARG(r->bar.title), r->bar.met, r->bar.partly, r->bar.gap, r->bar.total);
	}
	for (isize i = 0; i < r->entry_count; i++) {
		const struct readiness_entry *e = &r->entry[i];
		if (only_gaps && e->state != READY_GAP && e->state != READY_PARTLY)
			continue;
		if (!json) {
			put_entry_text(&c->out, e);
			continue;
		}
		buf_add(&c->out, first ? S("\n") : S(",\n"));
		first = false;
		put_entry_json(&c->out, e);
	}
	buf_add(&c->out, json ? S("]}\n") : S(""));
	return true;
}

int command_readiness(struct cli *c)
{
	struct cli_store s;

	if (c->word_count > 1)
		return cli_usage(c, "one catalogue at a time; without one, all are listed");
	return cli_store_deliver(&s,
		cli_store_open(c, false, &s) &&
			(c->word_count ? list_entries(c, &s.call, c->word[0])
				       : list_bars(c, &s.call)));
}

/* ---- trace ---- */

static void put_step_json(struct buf *b, bool *first, str key, const struct brief *step)
{
	if (step->kind)
		json_put_text(b, first, key, step->ref);
}

static void put_chain_json(struct buf *b, const struct chain *row)
{
	bool first = true;

	buf_char(b, '{');
	put_step_json(b, &first, S("threat"), &row->threat);
	put_step_json(b, &first, S("risk"), &row->risk);
	put_step_json(b, &first, S("control"), &row->control);
	put_step_json(b, &first, S("requirement"), &row->requirement);
	put_step_json(b, &first, S("test"), &row->test);
	put_step_json(b, &first, S("evidence"), &row->evidence);
	json_put_key(b, &first, S("whole"));
	buf_add(b, row->where == CHAIN_WHOLE ? S("true") : S("false"));
	if (row->words.n)
		json_put_text(b, &first, S("why"), row->words);
	buf_char(b, '}');
}

static void put_chain_text(struct buf *b, const struct chain *row)
{
	const struct brief *step[] = {&row->threat, &row->risk, &row->control, &row->requirement,
		&row->test, &row->evidence};

	for (isize i = 0; i < COUNT_OF(step); i++) {
		str ref = step[i]->kind ? step[i]->ref : S("-");
		buf_fmt(b, "%-10.*s ", STR_ARG(ref));
	}
	buf_fmt(b, "%.*s\n", STR_ARG(row->words.n ? row->words : S("whole")));
}

static bool list_chains(struct cli *c, struct call *call)
{
	bool json = cli_json(c), only_broken = cli_has(c, S("broken"));
	struct chain_query all = {.product = c->word_count ? c->word[0] : S(""),
		.only_broken = only_broken,
		.limit = TRACE_ROWS_MAX};
	struct trace_counts counts;
	struct chain *row;
	isize count;

	if (!trace_chains(call, &all, &row, &count, &counts))
		return false;
	if (json)
		buf_fmt(&c->out,
			"{\"chains\":%" PRId64 ",\"whole\":%" PRId64 ",\"broken\":%" PRId64
			",\"items\":[",
			counts.chains, counts.whole, counts.broken);
	else
		buf_add(&c->out,
			S("THREAT     RISK       CONTROL    REQUIREM.  TEST       EVIDENCE   WHERE "
			  "IT "
			  "BREAKS\n"));
	for (isize i = 0; i < count; i++) {
		if (!json) {
			put_chain_text(&c->out, &row[i]);
			continue;
		}
		buf_add(&c->out, i ? S(",\n") : S("\n"));
		put_chain_json(&c->out, &row[i]);
	}
	if (json)
		buf_add(&c->out, S("]}\n"));
	else
		buf_fmt(&c->out, "%" PRId64 " chains, %" PRId64 " whole, %" PRId64 " broken\n",
			counts.chains, counts.whole, counts.broken);
	return true;
}

int command_trace(struct cli *c)
{
	struct cli_store s;

	if (c->word_count > 1)
		return cli_usage(c, "one product at a time; without one, all chains are listed");
	return cli_store_deliver(&s, cli_store_open(c, false, &s) && list_chains(c, &s.call));
}
