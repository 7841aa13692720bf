/* extra.json: what the rules need to judge and the tables do not hold.
 *
 *	{"records": [{"kind", "ref", "state", "day", "by", "fields": {…}, "links": [{"type", "to", "note"}]}],
 *	 "values":  [{"ref", "fields": {…}}],
 *	 "links":   [{"from", "type", "to", "note"}]}
 *
 * Fields are those of the kind, as JSON; values are set in every revision of a record of the tables.
 */
#include "demo/demo_in.h"

static const struct kind *kind_named(struct loader *l, str name)
{
	const struct kind *k = kind_by_name(name);

	if (!k)
		bad_cell(l, "there is no kind %.*s", STR_ARG(name));
	return k;
}

static void decode(struct loader *l, struct rec *rec, const struct json *fields)
{
	struct call *c = l->c;

	if (failed(l) || kind_json_decode(c, rec, fields))
		return;
	const struct issue *i = c->err.issues;
	str text = str_dup(c->arena, i ? i->text : err_text(&c->err));
	err_clear(&c->err);
	bad_cell(l, "%.*s", STR_ARG(text));
}

static void read_links(struct loader *l, str from, const struct json *links)
{
	json_each(link, links) link_to(l, from.n ? from : json_text(link, S("from")),
		json_text(link, S("type")), json_text(link, S("to")), json_text(link, S("note")));
}

static void read_record(struct loader *l, const struct json *item)
{
	const struct kind *k = kind_named(l, json_text(item, S("kind")));
	str day = json_text(item, S("day")), who = json_text(item, S("by"));
	int64_t at = DEMO_FIRST_DAY;

	if (!k || (day.n && !day_parse(day, &at))) {
		bad_cell(l, "no kind, or no day");
		return;
	}
	on_day(l, at);
	by(l, who.n ? who : S("P03"));
	struct draft *d = make(l, k->id, json_text(item, S("ref")));
	decode(l, d->rec, json_member(item, S("fields")));
	set_state(l, d, json_text(item, S("state")));
	read_links(l, d->rec->ref, json_member(item, S("links")));
}

void extra_records(struct loader *l, const struct json *extra)
{
	l->column = S("records");
	json_each(item, json_member(extra, S("records")))
	{
		l->name = json_text(item, S("ref"));
		read_record(l, item);
	}
}

void extra_values(struct loader *l, const struct json *extra)
{
	l->column = S("values");
	json_each(item, json_member(extra, S("values")))
	{
		l->name = json_text(item, S("ref"));
		const struct draft *d = need(l, l->name);
		for (isize i = 0; i < l->step_count && !failed(l); i++)
			if (l->step[i].type == STEP_PUT && l->step[i].of == d)
				decode(l, l->step[i].rec, json_member(item, S("fields")));
	}
	on_day(l, DEMO_FIRST_DAY);
	by(l, S("P03"));
	read_links(l, S(""), json_member(extra, S("links")));
}
