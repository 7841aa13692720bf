/* Tables 1 to 5: the organization, its issues, parties, obligations and scopes. */
#include "demo/demo_in.h"

/* "Jena (head office), Porto (cloud operations)": ends of items are "), " or the end. */
static str next_item(str *rest, str *inside)
{
	str item = str_cut_at(rest, S("), "));

	if (str_index(item, '(') >= 0 && !str_ends(item, S(")")))
		item.n++; /* the parenthesis that the cut took */
	return cell_parenthesis(item, inside);
}

static void add_sites(struct loader *l, str sites)
{
	str inside;

	while (sites.n) {
		str name = next_item(&sites, &inside);
		struct draft *d = make(l, KIND_UNIT, S(""));
		set(l, d, S("title"), name);
		set(l, d, S("type"), S("site"));
		set(l, d, S("parent"), S("UNT-1"));
		set(l, d, S("purpose"), inside);
	}
}

/* Items that hold commas inside their parentheses. */
static struct words split_items(struct arena *a, str s)
{
	struct words w = {.item = NEW(a, str, s.n + 1)};

	while (s.n) {
		str item = str_cut_at(&s, S("), "));
		w.item[w.count++] = s.n ? str_join(a, item, S(")")) : item;
	}
	return w;
}

void table_organization(struct loader *l)
{
	static const struct map fields[] = {{S_INIT("name"), S_INIT("title")},
		{S_INIT("what it does"), S_INIT("purpose")},
		{S_INIT("domain"), S_INIT("domain_name")}, {S_INIT("markets"), S_INIT("markets")}};
	struct draft *d = make(l, KIND_UNIT, S("UNT-1"));
	int64_t number = 0;

	set(l, d, S("type"), S("entity"));
	while (row_next(l)) {
		str field = cell(l, S("field")), value = cell(l, S("value"));
		bool known = false;
		for (isize i = 0; i < COUNT_OF(fields); i++)
			if (str_eq(fields[i].column, field)) {
				set(l, d, fields[i].field, value);
				known = true;
			}
		if (str_eq(field, S("people")) && cell_number(value, &number)) {
			set_int(l, d, S("headcount"), number);
			add_note(l, d, S("People"), value);
		} else if (str_eq(field, S("sites"))) {
			add_sites(l, value);
		} else if (str_eq(field, S("management systems"))) {
			set_words(l, d, S("systems"), split_items(l->c->arena, value));
		} else if (str_starts(field, S("as-of date"))) {
			if (!cell_day(value, &number) || number != DEMO_LAST_DAY)
				bad_cell(l, "the example is of another day than the demo");
		} else if (!known) {
			bad_cell(l, "\"%.*s\" is not known here", STR_ARG(field));
		}
	}
}

/* ---- context ---- */

/* MAPPING: the category follows from the text; the example has no column for it. */
static const struct word_map categories[] = {{S_INIT("Ransomware"), S_INIT("technological")},
	{S_INIT("FDA"), S_INIT("legal")}, {S_INIT("Hospitals run"), S_INIT("technological")},
	{S_INIT("One silicon"), S_INIT("supply_chain")}, {S_INIT("Surgeons"), S_INIT("social")},
	{S_INIT("Cyber Resilience"), S_INIT("legal")},
	{S_INIT("Product security team"), S_INIT("resources")},
	{S_INIT("Cloud operations moved"), S_INIT("structure")},
	{S_INIT("Infusa 3"), S_INIT("technological")},
	{S_INIT("Safety and security"), S_INIT("structure")},
	{S_INIT("Climate"), S_INIT("environmental")},
	{S_INIT("Hospital groups"), S_INIT("economic")}};

void table_context(struct loader *l)
{
	static const struct map fields[] = {{S_INIT("side"), S_INIT("side")},
		{S_INIT("issue"), S_INIT("title")}, {S_INIT("effect"), S_INIT("effect")},
		{S_INIT("owner"), S_INIT("owner")}, {S_INIT("reviewed"), S_INIT("reviewed")}};
	int64_t day = 0;

	while (row_next(l)) {
		if (!cell_day(cell(l, S("reviewed")), &day))
			bad_cell(l, "this is not a date");
		on_day(l, day);
		by(l, cell(l, S("owner")));
		struct draft *d = make(l, KIND_ISSUE, cell(l, S("id")));
		FILL(l, d, fields);
		set(l, d, S("category"), WORD(l, categories, cell(l, S("issue"))));
		set(l, d, S("review_class"), S("b"));
		set_day(l, d, S("review_due"), months_after(day, 12));
		set_state(l, d, S("monitored"));
	}
}

/* ---- parties ---- */

static const struct word_map party_types[] = {{S_INIT("data subject"), S_INIT("patient")},
	{S_INIT("user"), S_INIT("user")}, {S_INIT("customer"), S_INIT("customer")},
	{S_INIT("authority"), S_INIT("regulator")}, {S_INIT("partner"), S_INIT("partner")},
	{S_INIT("reporter"), S_INIT("security_community")},
	{S_INIT("employee body"), S_INIT("employees")}, {S_INIT("finance"), S_INIT("finance")},
	{S_INIT("owner"), S_INIT("owner")}};

/* What a party needs is an obligation of its own, taken on, in part, or not. */
static void add_need(struct loader *l, struct draft *party, str needs, str taken_on)
{
	struct draft *d = make(l, KIND_OBLIGATION, S(""));

	set(l, d, S("title"), str_join(l->c->arena, S("Needs of: "), party->rec->title));
	set(l, d, S("source_type"), S("stated_need"));
	set(l, d, S("source"), party->rec->title);
	set(l, d, S("party"), party->rec->ref);
	set(l, d, S("requirement"), needs);
	set(l, d, S("owner"), party->rec->owner);
	set(l, d, S("applicable"), S("yes"));
	set(l, d, S("addressed"), taken_on);
	set(l, d, S("coverage"),
		str_eq(taken_on, S("yes"))          ? S("met")
			: str_eq(taken_on, S("no")) ? S("not_met")
						    : S("partly"));
	set_state(l, d, str_eq(taken_on, S("no")) ? S("assessed") : S("in_force"));
	link_to(l, party->rec->ref, S("states"), d->rec->ref, S(""));
}

void table_parties(struct loader *l)
{
	static const struct map fields[] = {{S_INIT("party"), S_INIT("title")},
		{S_INIT("needs and expectations"), S_INIT("needs")},
		{S_INIT("taken on"), S_INIT("taken_on")},
		{S_INIT("relationship owner"), S_INIT("owner")}};

	while (row_next(l)) {
		by(l, cell(l, S("relationship owner")));
		struct draft *d = make(l, KIND_PARTY, cell(l, S("id")));
		FILL(l, d, fields);
		set(l, d, S("type"), WORD(l, party_types, cell(l, S("kind"))));
		set_state(l, d, S("active"));
		add_need(l, d, cell(l, S("needs and expectations")), cell(l, S("taken on")));
	}
}

/* ---- obligations ---- */

static const struct word_map sources[] = {{S_INIT("FD&C Act"), S_INIT("law")},
	{S_INIT("FDA premarket guidance"), S_INIT("guidance")},
	{S_INIT("21 CFR"), S_INIT("regulation")}, {S_INIT("MDR"), S_INIT("regulation")},
	{S_INIT("GDPR"), S_INIT("regulation")}, {S_INIT("HIPAA"), S_INIT("regulation")},
	{S_INIT("ISO"), S_INIT("standard")}, {S_INIT("IEC"), S_INIT("standard")},
	{S_INIT("NIS2"), S_INIT("law")}, {S_INIT("Contract"), S_INIT("contract")}};
static const struct word_map coverages[] = {{S_INIT("partly met"), S_INIT("partly")},
	{S_INIT("met"), S_INIT("met")}, {S_INIT("being set up"), S_INIT("being_set_up")},
	{S_INIT("certified"), S_INIT("certified")}};

/* The framework of a catalogue, when the store has the catalogues. */
static void cite(struct loader *l, struct draft *from, str catalogue)
{
	bool any = false;

	for (isize i = 0; i < l->draft_count && !cell_none(catalogue); i++) {
		const struct rec *rec = l->draft[i]->rec;
		if (rec->kind->id != KIND_FRAMEWORK)
			continue;
		any = true;
		if (str_eq(((const struct framework *)rec)->catalogue, catalogue)) {
			link_to(l, from->rec->ref, S("cites"), rec->ref, S(""));
			return;
		}
	}
	if (any)
		bad_cell(l, "there is no framework for the catalogue %.*s", STR_ARG(catalogue));
}

void table_obligations(struct loader *l)
{
	static const struct map fields[] = {{S_INIT("source"), S_INIT("title")},
		{S_INIT("source"), S_INIT("source")},
		{S_INIT("what it asks in short"), S_INIT("requirement")},
		{S_INIT("applies to"), S_INIT("applies_to")}};

	while (row_next(l)) {
		struct draft *d = make(l, KIND_OBLIGATION, cell(l, S("id")));
		str to = cell(l, S("applies to"));
		FILL(l, d, fields);
		set(l, d, S("source_type"), WORD(l, sources, cell(l, S("source"))));
		set(l, d, S("applicable"), S("yes"));
		set(l, d, S("coverage"), WORD(l, coverages, cell(l, S("status"))));
		set_state(l, d, S("in_force"));
		cite(l, d, cell(l, S("catalogue")));
		if (str_eq(to, S("organization")))
			link_to(l, d->rec->ref, S("covers"), S("UNT-1"), S(""));
		else
			link_cell(l, d, S("covers"), to);
	}
}

/* ---- scope ---- */

static const struct word_map scopes[] = {{S_INIT("Security management system"), S_INIT("system")},
	{S_INIT("Security management plan"), S_INIT("plan")},
	{S_INIT("Threat model"), S_INIT("assessment")}};

struct draft *decide(
	struct loader *l, const char *type, str title, str choice, str why, const struct signers *s)
{
	struct draft *d = make(l, KIND_DECISION, S(""));

	set(l, d, S("title"), title);
	set(l, d, S("type"), str_of(type));
	set(l, d, S("choice"), choice);
	set(l, d, S("rationale"), why);
	set_day(l, d, S("decided_on"), s->day);
	for (int i = 0; i < s->count; i++) {
		str person = s->by[i].person.n ? s->by[i].person : person_of(l, s->by[i].role);
		if (i == 0) {
			set(l, d, S("decided_by"), person);
			set(l, d, S("authority"), s->by[i].role);
		}
		add_row(l, d, S("approver"),
			PAIRS({S("role"), s->by[i].role}, {S("person"), person},
				{S("on"), day_text(l->c->arena, s->day)}));
		sign(l, d, person, S("decide"));
	}
	set_state(l, d, S("in_force"));
	return d;
}

/* What is in the scope: records named, or products whose names the words contain. */
static void cover(struct loader *l, struct draft *d, str includes)
{
	if (str_find(includes, S("All sites")) >= 0)
		link_to(l, d->rec->ref, S("covers"), S("UNT-1"), S("all sites"));
	/* The parts of a threat model belong to the model, which the scope bounds. */
	if (str_find(includes, S("PRD-")) >= 0)
		link_cell(l, d, S("covers"), includes);
	json_each(product,
		table_rows(l, S("products"))) if (str_find(includes,
							  json_text(product, S("product"))) >= 0)
		link_to(l, d->rec->ref, S("covers"), json_text(product, S("id")), S(""));
}

static void bound(struct loader *l, struct draft *d)
{
	if (str_ends(d->rec->title, S("TM-1")))
		link_to(l, d->rec->ref, S("covers"), S("TM-1"), S(""));
	else if (str_starts(d->rec->title, S("Security management plan")))
		link_to(l, d->rec->ref, S("covers"), S("PLN-1"), S(""));
}

void table_scope(struct loader *l)
{
	static const struct map fields[] = {{S_INIT("scope"), S_INIT("title")},
		{S_INIT("includes"), S_INIT("includes")},
		{S_INIT("includes"), S_INIT("boundaries")}};
	struct signers s;

	while (row_next(l)) {
		str why = cell(l, S("excludes with reason")), what = str_cut_at(&why, S(": "));
		if (!cell_signers(cell(l, S("approved")), &s) || s.day == DAY_NONE) {
			bad_cell(l, "this is not a date by somebody");
			return;
		}
		on_day(l, s.day);
		struct draft *d = make(l, KIND_SCOPE, cell(l, S("id")));
		FILL(l, d, fields);
		set(l, d, S("of"), WORD(l, scopes, cell(l, S("scope"))));
		set_state(l, d, S("in_review"));
		cover(l, d, cell(l, S("includes")));
		bound(l, d);
		by(l, s.by[0].role);
		struct draft *decision = decide(l, "exclusion",
			str_fmt(l->c->arena, "Left out of %.*s: %.*s", STR_ARG(d->rec->ref),
				STR_ARG(what)),
			str_join(l->c->arena, S("Left out: "), what), why, &s);
		link_to(l, decision->rec->ref, S("concerns"), d->rec->ref, S(""));
		add_row(l, decision, S("subject"), PAIRS({S("record"), d->rec->ref}));
		set(l, d, S("exclusions"), S("listed"));
		add_row(l, d, S("exclusion"),
			PAIRS({S("what"), what}, {S("why"), why},
				{S("decision"), decision->rec->ref}));
		revise(l, d, S("approved"));
		set_day(l, d, S("approved"), s.day);
		set(l, d, S("approved_by"), s.by[0].role);
		set_day(l, d, S("from"), s.day);
		set_state(l, d, S("effective"));
		sign(l, d, l->who, S("approve the scope"));
	}
}
