/* Tables 34, 35, 39 to 41 and 45 to 48: suppliers, agreements, audits and what follows from them,
   the management review, changes, documents, communications. */
#include "demo/demo_in.h"

/* ---- suppliers ---- */

static void evaluate(struct loader *l, struct draft *supplier, str evaluated, str result)
{
	int64_t day;

	if (str_eq(evaluated, S("never"))) {
		add_note(l, supplier, S("Evaluation"), result);
		return;
	}
	if (!cell_day(evaluated, &day)) {
		bad_cell(l, "neither a date nor never");
		return;
	}
	on_day(l, day);
	struct draft *d = make(l, KIND_ASSESSMENT, S(""));
	set(l, d, S("title"),
		str_join(l->c->arena, S("Supplier evaluation: "), supplier->rec->title));
	set(l, d, S("type"), S("supplier"));
	set(l, d, S("party"), supplier->rec->ref);
	set(l, d, S("auditor"), l->who);
	set_day(l, d, S("from"), day);
	set_day(l, d, S("until"), day);
	set_day(l, d, S("reported"), day);
	set(l, d, S("result"), result);
	set(l, d, S("conclusion"), result);
	set_state(l, d, S("reported"));
	link_to(l, d->rec->ref, S("covers"), supplier->rec->ref, S(""));
	if (day > DEMO_FIRST_DAY)
		revise(l, supplier, S("evaluated"));
	set_day(l, supplier, S("rated"), day);
}

void table_suppliers(struct loader *l)
{
	static const struct map fields[] = {{S_INIT("supplier (invented)"), S_INIT("title")},
		{S_INIT("provides"), S_INIT("provides")}, {S_INIT("criticality"), S_INIT("tier")},
		{S_INIT("security terms"), S_INIT("security_terms")}};

	while (row_next(l)) {
		struct draft *d = make(l, KIND_PARTY, cell(l, S("id")));
		FILL(l, d, fields);
		set(l, d, S("type"), S("supplier"));
		set(l, d, S("owner"), S("R-SUP"));
		set_state(l, d, S("active"));
		str result = cell(l, S("result"));
		evaluate(l, d, cell(l, S("last evaluation")), result);
	}
}

void table_agreements(struct loader *l)
{
	static const struct map fields[] = {{S_INIT("with"), S_INIT("party")},
		{S_INIT("holds"), S_INIT("summary")}, {S_INIT("until"), S_INIT("valid_until")}};

	while (row_next(l)) {
		str with = cell(l, S("with")), kind = cell(l, S("kind"));
		struct draft *d = make(l, KIND_DOCUMENT, cell(l, S("id")));
		FILL(l, d, fields);
		set(l, d, S("title"),
			str_fmt(l->c->arena, "Agreement with %.*s: %.*s",
				STR_ARG(need(l, with)->rec->title), STR_ARG(kind)));
		set(l, d, S("type"), S("agreement"));
		set(l, d, S("owner"), S("R-SUP"));
		set_state(l, d, S("effective"));
		link_to(l, d->rec->ref, S("agrees"), with, S(""));
	}
}

/* ---- audits ---- */

static const struct word_map grades[] = {{S_INIT("minor"), S_INIT("minor")},
	{S_INIT("major"), S_INIT("major")}, {S_INIT("opportunity"), S_INIT("opportunity")}};

/* "AUD-1b" is a further row of AUD-1. */
static str audit_of(str ref)
{
	char last = ref.n ? ref.p[ref.n - 1] : '0';

	return last >= 'a' && last <= 'z' ? str_part(ref, 0, ref.n - 1) : ref;
}

static str party_named(struct loader *l, str words)
{
	json_each(party, table_rows(l, S("suppliers")))
	{
		str name = json_text(party, S("supplier (invented)"));
		if (str_starts(name, words))
			return json_text(party, S("id"));
	}
	bad_cell(l, "no supplier is called %.*s", STR_ARG(words));
	return S("");
}

static struct draft *add_audit(struct loader *l, str ref)
{
	str title = cell(l, S("audit")), when = cell(l, S("date"));
	bool planned = str_starts(when, S("planned "));
	int64_t day;

	if (!cell_day(planned ? str_part(when, 8, when.n) : when, &day)) {
		bad_cell(l, "this is not a date");
		return NULL;
	}
	on_day(l, planned ? DEMO_LAST_DAY : day);
	by(l, cell(l, S("auditor")));
	struct draft *d = make(l, KIND_ASSESSMENT, ref);
	set(l, d, S("title"), title);
	set(l, d, S("type"), S("audit"));
	set(l, d, S("criteria"), cell(l, S("criteria")));
	set(l, d, S("auditor"), l->who);
	set_day(l, d, planned ? S("due") : S("from"), day);
	link_to(l, S("PGM-1"), S("schedules"), ref, S(""));
	if (str_starts(title, S("Supplier: "))) {
		str party = party_named(l, str_part(title, 10, title.n));
		set(l, d, S("party"), party);
		link_to(l, ref, S("covers"), party, S(""));
	}
	set_state(l, d, planned ? S("planned") : S("reported"));
	if (!planned) {
		set_day(l, d, S("until"), day);
		set_day(l, d, S("reported"), day);
	}
	return d;
}

/* What the row found: the nonconformity that it names, or a finding of its own. */
static void add_finding(struct loader *l, struct draft *audit)
{
	str text = cell(l, S("finding")), grade = cell(l, S("grade")),
	    action = cell(l, S("action"));
	bool is_known = str_starts(action, S("NC-"));

	if (str_eq(text, S("none yet")))
		return;
	struct draft *d = is_known ? need(l, action) : make(l, KIND_FINDING, S(""));
	grade = cell_none(grade) ? S("strength") : WORD(l, grades, grade);
	if (is_known) {
		/* The finding was written before this table; all its revisions have the grade. */
		set_everywhere(l, d, S("grade"), grade);
	} else {
		set(l, d, S("title"), text);
		set(l, d, S("grade"), grade);
		set_day(l, d, S("found"), day_of_time(audit->create->at_us));
		set(l, d, S("found_in"), audit->rec->ref);
		set(l, d, S("owner"), audit->rec->ref.n ? S("R-QA") : S(""));
		set_state(l, d, cell_none(action) ? S("closed") : S("action_agreed"));
		link_to(l, d->rec->ref, S("follows_from"), audit->rec->ref, S(""));
		if (!cell_none(action))
			link_to(l, action, S("resolves"), d->rec->ref, S(""));
	}
	add_row(l, audit, S("item"),
		PAIRS({S("looked_at"), text}, {S("result"), grade}, {S("finding"), d->rec->ref}));
}

void table_audits(struct loader *l)
{
	struct draft *audit = NULL;

	while (row_next(l)) {
		str ref = cell(l, S("id"));
		(void)cell(l, S("audit"));
		(void)cell(l, S("criteria"));
		(void)cell(l, S("auditor"));
		(void)cell(l, S("date"));
		if (str_eq(ref, audit_of(ref)))
			audit = add_audit(l, ref);
		else if (audit)
			at_time(l, audit->create->at_us);
		if (!audit || !str_eq(audit_of(ref), audit->rec->ref)) {
			bad_cell(l, "this row belongs to no audit");
			return;
		}
		by(l, cell(l, S("auditor")));
		add_finding(l, audit);
	}
}

/* ---- nonconformities and corrective actions ---- */

/* "closed 2026-08-20": the day on which a nonconformity was closed; DAY_NONE when it is open. */
static int64_t closed_on(str state)
{
	int64_t day;

	return str_starts(state, S("closed ")) && cell_day(str_part(state, 7, state.n), &day)
		? day
		: DAY_NONE;
}

void table_nonconformities(struct loader *l)
{
	static const struct map fields[] = {{S_INIT("what"), S_INIT("title")},
		{S_INIT("requirement"), S_INIT("requirement")},
		{S_INIT("found by"), S_INIT("found_in")}, {S_INIT("date"), S_INIT("found")},
		{S_INIT("correction"), S_INIT("correction")}, {S_INIT("cause"), S_INIT("cause")},
		{S_INIT("similar cases"), S_INIT("similar_note")}};
	int64_t day;

	while (row_next(l)) {
		str state = cell(l, S("state")), requirement = cell(l, S("requirement"));
		if (!cell_day(cell(l, S("date")), &day)) {
			bad_cell(l, "this is not a date");
			return;
		}
		on_day(l, day);
		struct draft *d = make(l, KIND_FINDING, cell(l, S("id")));
		FILL(l, d, fields);
		set(l, d, S("catalogue"), str_word(&requirement));
		set(l, d, S("owner"), S("R-QA"));
		/* The table of audits gives those of audits their grade. */
		set(l, d, S("grade"), S("minor"));
		set(l, d, S("similar"), S("yes"));
		add_note(l, d, S("State"), state);
		link_cell(l, d, S("follows_from"), cell(l, S("found by")));
		(void)cell(l, S("state"));
		if (closed_on(state) != DAY_NONE) {
			set_state(l, d, S("causes_known"));
			on_day(l, closed_on(state));
			revise(l, d, S("closed"));
			set_state(l, d, S("closed"));
		} else if (str_starts(state, S("open until effect"))) {
			set_state(l, d, S("implemented"));
		} else if (str_eq(state, S("open"))) {
			set_state(l, d, S("causes_known"));
		} else {
			bad_cell(l, "\"%.*s\" is not known here", STR_ARG(state));
		}
	}
}

/* A day that the words name, "visit 2026-09-03 found it working"; else that of the nonconformity's
   closing, else when it was due. */
static int64_t closing_day(struct loader *l, str words, str what_for, int64_t due)
{
	int64_t day;

	for (str word = str_word(&words); word.n; word = str_word(&words))
		if (cell_day(word, &day))
			return day;
	json_each(nc,
		table_rows(l, S("nonconformities"))) if (str_eq(json_text(nc, S("id")), what_for) &&
		closed_on(json_text(nc, S("state"))) !=
			DAY_NONE) return closed_on(json_text(nc, S("state")));
	return due;
}

static void tie_action(struct loader *l, struct draft *d, str what_for)
{
	for (str ref = str_word(&what_for); ref.n; ref = str_word(&what_for)) {
		if (str_starts(ref, S("NC-")))
			link_to(l, d->rec->ref, S("resolves"), ref, S(""));
		else
			link_to(l, d->rec->ref, S("addresses"), audit_of(ref), S(""));
	}
}

/* "yes, 2026-06-18" or "not yet": then the action began with its nonconformity. */
static int64_t read_risk_review(struct loader *l, str *result, str what_for)
{
	str text = cell(l, S("risk reviewed before"));
	int64_t day = DAY_NONE;

	*result = S("done");
	if (str_starts(text, S("yes, ")) && cell_day(str_part(text, 5, text.n), &day))
		return day;
	if (!str_eq(text, S("not yet")))
		bad_cell(l, "neither yes nor not yet");
	*result = S("missing");
	on_day(l,
		day_of_time(
			need(l, what_for)->create ? need(l, what_for)->create->at_us : l->at_us));
	return DAY_NONE;
}

static void finish_action(struct loader *l, struct draft *d, str state, str effect, str what_for)
{
	const struct action *a = (const struct action *)d->rec;
	int64_t closed;

	if (str_eq(state, S("open"))) {
		set_state(l, d, S("doing"));
		return;
	}
	set_state(l, d, S("risk_reviewed"));
	on_day(l, a->due);
	by(l, a->rec.owner);
	revise(l, d, S("done"));
	set_day(l, d, S("done_on"), a->due);
	set_state(l, d, S("done"));
	if (str_starts(state, S("done")))
		return;
	if (!str_eq(state, S("closed")))
		bad_cell(l, "\"%.*s\" is not known here", STR_ARG(state));
	closed = closing_day(l, effect, what_for, a->due);
	on_day(l, closed);
	by(l, S("R-QA"));
	revise(l, d, S("effective"));
	set(l, d, S("effect_result"), S("effective"));
	set(l, d, S("effect_note"), effect);
	set_state(l, d, S("closed"));
}

void table_corrective(struct loader *l)
{
	static const struct map fields[] = {{S_INIT("action"), S_INIT("title")},
		{S_INIT("action"), S_INIT("what")}, {S_INIT("owner"), S_INIT("owner")},
		{S_INIT("due"), S_INIT("due")},
		{S_INIT("effectiveness check"), S_INIT("effect_criterion")}};
	str review;

	while (row_next(l)) {
		str what_for = cell(l, S("for")), first = what_for, state = cell(l, S("state"));
		first = str_word(&first);
		int64_t reviewed = read_risk_review(l, &review, audit_of(first));
		if (reviewed != DAY_NONE)
			on_day(l, reviewed);
		struct draft *d = make(l, KIND_ACTION, cell(l, S("id")));
		FILL(l, d, fields);
		set(l, d, S("type"), S("corrective"));
		set(l, d, S("risk_review"), review);
		set_day(l, d, S("risk_reviewed"), reviewed);
		tie_action(l, d, what_for);
		add_note(l, d, S("State"), state);
		finish_action(l, d, state, cell(l, S("effectiveness check")), first);
	}
}

/* ---- management review ---- */

/* What a decision of the review becomes: something to do, or something decided. */
static const struct word_map outputs[] = {{S_INIT("OBJ-05 target kept"), S_INIT("decision")},
	{S_INIT("CM-22 funded"), S_INIT("decision")},
	{S_INIT("CA-1 continues"), S_INIT("decision")}, {S_INIT("approved"), S_INIT("decision")},
	{S_INIT(""), S_INIT("action")}};

static str add_output(struct loader *l, str shown, str text)
{
	bool is_decision = str_eq(WORD(l, outputs, text), S("decision"));

	if (cell_none(text))
		return S("");
	if (is_decision) {
		struct signers s = {.count = 1, .day = day_of_time(l->at_us)};
		s.by[0].role = S("R-CEO");
		s.by[0].person = person_of(l, S("R-CEO"));
		struct draft *d = decide(l, "review_decision",
			str_fmt(l->c->arena, "%.*s: %.*s", STR_ARG(shown), STR_ARG(text)), text,
			shown, &s);
		link_to(l, d->rec->ref, S("concerns"), S("MRV-1"), S(""));
		return d->rec->ref;
	}
	struct draft *d = make(l, KIND_ACTION, S(""));
	set(l, d, S("title"), str_fmt(l->c->arena, "%.*s: %.*s", STR_ARG(shown), STR_ARG(text)));
	set(l, d, S("type"), S("review_output"));
	set(l, d, S("what"), text);
	set(l, d, S("owner"), S("R-CEO"));
	set_state(l, d, S("approved"));
	link_to(l, d->rec->ref, S("follows_from"), S("MRV-1"), S(""));
	return d->rec->ref;
}

/* "Management review MRV-1 of 2026-07-02" is the title of the table. */
void table_reviews(struct loader *l)
{
	str title = json_text(json_member(l->tables, S("reviews")), S("title"));
	int64_t day;

	if (!cell_day(str_part(title, title.n - 10, title.n), &day)) {
		bad_cell(l, "the title of the table has no date");
		return;
	}
	on_day(l, day);
	struct draft *d = make(l, KIND_REVIEW, S("MRV-1"));
	set(l, d, S("title"), title);
	set_day(l, d, S("on"), day);
	set(l, d, S("chair"), S("R-CEO"));
	set(l, d, S("owner"), S("R-CEO"));
	set_state(l, d, S("outputs_tracked"));
	while (row_next(l)) {
		on_day(l, day);
		by(l, S("R-CEO"));
		str part = cell(l, S("input (9.3.2)")), mark = str_word(&part),
		    shown = cell(l, S("shown"));
		str decision = cell(l, S("decision"));
		struct cell_refs named = cell_refs(l->c->arena, shown);
		add_row(l, d, S("input"),
			PAIRS({S("letter"), str_part(mark, 0, 1)},
				{S("part"),
					str_fmt(l->c->arena, "%.*s %.*s", STR_ARG(mark),
						STR_ARG(str_trim(part)))},
				{S("shown"), shown}, {S("decision"), decision},
				{S("output"), add_output(l, shown, decision)},
				{S("as_of"), time_text(l->c->arena, day * DAY_US)}));
		for (isize i = 0; i < named.count; i++)
			if (find(l, named.ref[i]))
				link_to(l, S("MRV-1"), S("concerns"), named.ref[i], mark);
	}
}

/* ---- changes ---- */

static const struct word_map triggers[] = {{S_INIT("Remove SSH"), S_INIT("e_infrastructure")},
	{S_INIT("Move record system"), S_INIT("e_infrastructure")},
	{S_INIT("New cloud region"), S_INIT("e_infrastructure")},
	{S_INIT("Replace network stack"), S_INIT("e_infrastructure")},
	{S_INIT("New contractor"), S_INIT("f_suppliers")},
	{S_INIT("Change color"), S_INIT("none")}};

/* "done in 2.6.0" was done with the release; else all that is known is that it is done now. */
static void finish_change(struct loader *l, struct draft *d, str state)
{
	isize at = str_find(state, S("done in "));
	struct draft *release = at >= 0 ? release_of(l, str_part(state, at + 8, state.n)) : NULL;

	if (str_starts(state, S("approved"))) {
		set_state(l, d, S("approved"));
		set(l, d, S("plan"), state);
		return;
	}
	if (!str_starts(state, S("done")))
		bad_cell(l, "\"%.*s\" is not known here", STR_ARG(state));
	set_state(l, d, S("assessed"));
	if (release)
		at_time(l, release->create->at_us);
	else
		on_day(l, DEMO_LAST_DAY);
	revise(l, d, S("done"));
	set_state(l, d, S("implemented"));
	set(l, d, S("done_in"), release ? release->rec->version : S(""));
}

void table_changes(struct loader *l)
{
	static const struct map fields[] = {{S_INIT("change"), S_INIT("title")},
		{S_INIT("security impact"), S_INIT("security_impact")},
		{S_INIT("reviewed by"), S_INIT("risk_reviewer")}};
	int64_t day;

	while (row_next(l)) {
		str reviewed = cell(l, S("risk review before")), state = cell(l, S("state"));
		bool is_done = cell_day(reviewed, &day);
		on_day(l, is_done ? day : DEMO_LAST_DAY);
		by(l, cell(l, S("reviewed by")));
		struct draft *d = make(l, KIND_CHANGE, cell(l, S("id")));
		FILL(l, d, fields);
		set(l, d, S("planned"), S("planned"));
		set(l, d, S("trigger"), WORD(l, triggers, cell(l, S("change"))));
		(void)cell(l, S("risk review before"));
		set(l, d, S("risk_review"),
			is_done                               ? S("done")
				: str_eq(reviewed, S("none")) ? S("missing")
							      : S("not_needed"));
		if (is_done)
			set_day(l, d, S("risk_reviewed"), day);
		else
			set(l, d, S("risk_review_note"), reviewed);
		add_note(l, d, S("State"), state);
		finish_change(l, d, state);
	}
}

/* ---- documents ---- */

static const struct word_map document_types[] = {{S_INIT("Audit programme"), S_INIT("plan")},
	{S_INIT("MDS2"), S_INIT("disclosure_statement")},
	{S_INIT("Record of processing"), S_INIT("record_of_processing")},
	{S_INIT("Statement of applicability"), S_INIT("record")},
	{S_INIT("Customer security guide"), S_INIT("manual")},
	{S_INIT("Secure coding standard"), S_INIT("instruction")},
	{S_INIT("Threat model"), S_INIT("report")}, {S_INIT("Security concept"), S_INIT("report")},
	{S_INIT("Privacy impact"), S_INIT("report")}};

static str document_type(struct loader *l, str title)
{
	if (str_find(title, S("policy")) >= 0)
		return S("policy");
	if (str_find(title, S("procedure")) >= 0)
		return S("procedure");
	if (str_find(title, S(" plan")) >= 0)
		return S("plan");
	return WORD(l, document_types, title);
}

/* The version of the threat model that the document holds is approved with it. */
static void approve_model(
	struct loader *l, const struct draft *document, str approvers, int64_t day)
{
	struct draft *model = find(l, S("TM-1"));

	if (!model || !str_ends(document->rec->title, S("TM-1")))
		return;
	link_to(l, document->rec->ref, S("governs"), S("TM-1"), S(""));
	revise(l, model, S("approved"));
	set(l, model, S("version"), document->rec->version);
	set_day(l, model, S("reviewed"), day);
	set_day(l, model, S("review_due"),
		((const struct document *)document->rec)->rec.review_due);
	set_state(l, model, S("approved"));
	for (str person = str_word(&approvers); person.n; person = str_word(&approvers)) {
		add_row(l, model, S("approval"),
			PAIRS({S("version"), document->rec->version}, {S("by"), person},
				{S("on"), day_text(l->c->arena, day)}));
		sign(l, model, person, S("approve the threat model"));
	}
}

static void make_programme(struct loader *l, const struct draft *document, int64_t until)
{
	struct date end = date_of(until);

	if (!str_starts(document->rec->title, S("Audit programme")))
		return;
	struct draft *d = make(l, KIND_PROGRAMME, S("PGM-1"));
	set(l, d, S("title"), document->rec->title);
	set(l, d, S("type"), S("audit"));
	set(l, d, S("owner"), S("R-AUD"));
	set_day(l, d, S("from"), day_of((struct date){end.year, 1, 1}));
	set_day(l, d, S("until"), until);
	set_state(l, d, S("running"));
	link_to(l, document->rec->ref, S("reports"), S("PGM-1"), S(""));
}

static void approve_document(struct loader *l, struct draft *d, str approvers, int64_t day)
{
	str all = approvers;

	by(l, str_word(&approvers));
	revise(l, d, S("approved"));
	set_day(l, d, S("approved"), day);
	set_day(l, d, S("effective_on"), day);
	set_state(l, d, S("effective"));
	add_row(l, d, S("issue"),
		PAIRS({S("version"), d->rec->version}, {S("on"), day_text(l->c->arena, day)},
			{S("author"), ((const struct document *)d->rec)->author},
			{S("approved_by"), all}, {S("approved"), day_text(l->c->arena, day)}));
	for (str rest = all, person = str_word(&rest); person.n; person = str_word(&rest))
		sign(l, d, person, S("approve the document"));
	approve_model(l, d, all, day);
}

/* Written by its author on the day of its approval, which is all that is known. */
void table_documents(struct loader *l)
{
	static const struct map fields[] = {{S_INIT("document"), S_INIT("title")},
		{S_INIT("version"), S_INIT("version")}, {S_INIT("author"), S_INIT("author")},
		{S_INIT("author"), S_INIT("owner")}, {S_INIT("next review"), S_INIT("review_due")}};
	int64_t day, until;

	while (row_next(l)) {
		str when = cell(l, S("approved on")), approvers = cell(l, S("approved by"));
		bool is_draft = !cell_day(when, &day);
		if (is_draft && !str_eq(when, S("draft")))
			bad_cell(l, "neither a date nor a draft");
		on_day(l, is_draft ? DEMO_LAST_DAY : day);
		by(l, cell(l, S("author")));
		struct draft *d = make(l, KIND_DOCUMENT, cell(l, S("id")));
		FILL(l, d, fields);
		set(l, d, S("type"), document_type(l, cell(l, S("document"))));
		set_state(l, d, is_draft ? S("draft") : S("in_review"));
		if (is_draft)
			continue;
		approve_document(l, d, approvers, day);
		if (cell_day(cell(l, S("next review")), &until))
			make_programme(l, d, until);
	}
}

void table_communications(struct loader *l)
{
	static const struct map fields[] = {{S_INIT("on what"), S_INIT("title")},
		{S_INIT("when"), S_INIT("trigger")}, {S_INIT("with whom"), S_INIT("audience")},
		{S_INIT("how"), S_INIT("how")}, {S_INIT("sensitivity"), S_INIT("sensitivity")},
		{S_INIT("owner"), S_INIT("owner")}};

	while (row_next(l)) {
		by(l, cell(l, S("owner")));
		struct draft *d = make(l, KIND_COMMUNICATION, cell(l, S("id")));
		FILL(l, d, fields);
		set(l, d, S("speaker"), cell(l, S("owner")));
		set_state(l, d, S("effective"));
	}
}
