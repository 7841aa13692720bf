/* The state of triage for programs. */
#include "base/json.h"

#include "kind/kind.h"
#include "kinds.h"
#include "threat/triage/triage.h"

static void put_record(struct buf *b, bool *first, const struct threat *t)
{
	json_put_text(b, first, S("record"), t->rec.ref);
	json_put_text(b, first, S("state"), t->rec.kind->state[t->rec.state].name);
	if (t->decision)
		json_put_text(b, first, S("decision"),
			kind_word(kind_field(t->rec.kind, S("decision")), t->decision));
	if (t->reason.n)
		json_put_text(b, first, S("reason"), t->reason);
}

static void put_item(struct buf *b, const struct triage_item *item)
{
	bool first = true;

	buf_char(b, '{');
	json_put_text(b, &first, S("id"), item->key);
	buf_fmt(b, ",\"rev\":%" PRId64, item->record ? item->record->rec.rev : 0);
	json_put_text(b, &first, S("place"), triage_place_word(item->place));
	json_put_text(b, &first, S("target"), item->target);
	json_put_text(b, &first, S("title"), item->title);
	buf_fmt(b, ",\"safety\":%d,\"impact\":%d,\"likelihood\":%d", item->safety, item->impact,
		item->likelihood);
	if (item->record)
		put_record(b, &first, item->record);
	if (item->again.n)
		json_put_text(b, &first, S("again"), item->again);
	buf_char(b, '}');
}

static void put_question(struct buf *b, const struct triage_question *q)
{
	bool first = true;

	buf_char(b, '{');
	json_put_text(b, &first, S("property"), q->property);
	buf_fmt(b, ",\"findings\":%td,\"parts\":[", q->findings);
	for (isize i = 0; i < q->part_count; i++) {
		bool first_of_part = true;
		buf_add(b, i ? S(",{") : S("{"));
		json_put_text(b, &first_of_part, S("ref"), q->part[i].ref);
		buf_fmt(b, ",\"rev\":%" PRId64 "}", q->part[i].rev);
	}
	buf_add(b, S("],\"answers\":["));
	for (isize i = 0; i < q->word_count; i++) {
		buf_add(b, i ? S(",") : S(""));
		json_put_string(b, q->word[i]);
	}
	buf_fmt(b, "],\"several\":%s}", q->is_list ? "true" : "false");
}

void triage_print_json(struct buf *b, const struct triage *t)
{
	buf_add(b, S("{\"questions\":["));
	for (isize i = 0; i < t->question_count; i++) {
		buf_add(b, i ? S(",\n") : S("\n"));
		put_question(b, &t->question[i]);
	}
	buf_add(b, S("],\"items\":["));
	for (isize i = 0; i < t->count; i++) {
		buf_add(b, i ? S(",\n") : S("\n"));
		put_item(b, &t->item[i]);
	}
	buf_add(b, S("],\"counts\":{"));
	for (int i = 0; i < TRIAGE_PLACES; i++)
		buf_fmt(b, "%s\"%.*s\":%td", i ? "," : "",
			STR_ARG(triage_place_word((enum triage_place)i)), t->tally[i]);
	buf_add(b, S("}}\n"));
}
