/* Tables 36 to 38 and 42 to 44: plans, activities, gates, the incident, events, exercises. */
#include "demo/demo_in.h"

/* ---- plans ---- */

static const struct word_map plan_types[] = {{S_INIT("PLN-1"), S_INIT("product_security")},
	{S_INIT("PLN-6"), S_INIT("protection")}, {S_INIT("PLN-"), S_INIT("response")}};

/* The document of the same name, "Incident response plan PLN-2" or "Site security plan Porto". */
static str document_of(struct loader *l, str ref, str title)
{
	json_each(row, table_rows(l, S("documents")))
	{
		str name = json_text(row, S("document"));
		if (str_eq(name, title) || (str_starts(name, title) && str_ends(name, ref)))
			return json_text(row, S("id"));
	}
	return S("");
}

static void exercise_plan(struct loader *l, struct draft *d, str exercised)
{
	int64_t day;
	str note;

	if (!cell_day(exercised, &day)) {
		if (!str_eq(exercised, S("never")) && !cell_none(exercised))
			bad_cell(l, "neither a date nor never");
		return;
	}
	on_day(l, day);
	if (day > DEMO_FIRST_DAY)
		revise(l, d, S("exercised"));
	set_day(l, d, S("exercised"), day);
	(void)cell_parenthesis(exercised, &note);
	set(l, d, S("exercise_note"), note);
}

/* The plan has its document from the day of that on. */
static void write_down(struct loader *l, struct draft *d, str document)
{
	const struct draft *written = document.n ? need(l, document) : NULL;

	if (!written || failed(l))
		return;
	if (written->create->at_us > d->last->at_us) {
		at_time(l, written->create->at_us);
		revise(l, d, S("written down"));
	}
	set(l, d, S("document"), document);
}

void table_plans(struct loader *l)
{
	static const struct map fields[] = {{S_INIT("plan"), S_INIT("title")},
		{S_INIT("activation threshold"), S_INIT("threshold")},
		{S_INIT("holder"), S_INIT("owner")}};

	while (row_next(l)) {
		str ref = cell(l, S("id")), document = document_of(l, ref, cell(l, S("plan")));
		by(l, cell(l, S("holder")));
		struct draft *d = make(l, KIND_PLAN, ref);
		FILL(l, d, fields);
		set(l, d, S("type"), WORD(l, plan_types, ref));
		if (document.n)
			link_to(l, document, S("governs"), ref, S(""));
		set_state(l, d, S("effective"));
		exercise_plan(l, d, cell(l, S("last exercised")));
		write_down(l, d, document);
	}
}

/* ---- activities ---- */

static const struct word_map activity_states[] = {{S_INIT("done"), S_INIT("done")},
	{S_INIT("in work"), S_INIT("doing")}, {S_INIT("running"), S_INIT("doing")},
	{S_INIT("overdue"), S_INIT("approved")}, {S_INIT("planned"), S_INIT("approved")}};

/* "report RPT-1": a document that is planned and has no row of its own. */
static void plan_document(struct loader *l, const struct draft *activity, str deliverable)
{
	if (!str_starts(deliverable, S("report RPT-")))
		return;
	struct draft *d = make(l, KIND_DOCUMENT, str_part(deliverable, 7, deliverable.n));
	set(l, d, S("title"), activity->rec->title);
	set(l, d, S("type"), S("report"));
	set(l, d, S("owner"), activity->rec->owner);
	set(l, d, S("author"), activity->rec->owner);
	set_state(l, d, S("draft"));
	link_to(l, activity->rec->ref, S("addresses"), d->rec->ref, S("planned deliverable"));
}

void table_activities(struct loader *l)
{
	static const struct map fields[] = {{S_INIT("activity"), S_INIT("title")},
		{S_INIT("deliverable"), S_INIT("deliverable")}, {S_INIT("owner"), S_INIT("owner")},
		{S_INIT("phase"), S_INIT("phase")},
		{S_INIT("why it matters to patients"), S_INIT("rationale")}};
	int64_t due;

	while (row_next(l)) {
		struct draft *d = make(l, KIND_ACTION, cell(l, S("id")));
		str when = cell(l, S("due")), words = cell(l, S("state")),
		    state = WORD(l, activity_states, words);
		FILL(l, d, fields);
		set(l, d, S("type"), S("activity"));
		if (cell_day(when, &due))
			set_day(l, d, S("due"), due);
		else
			set(l, d, S("recurrence"), when);
		link_to(l, S("PLN-1"), S("schedules"), d->rec->ref, S(""));
		plan_document(l, d, cell(l, S("deliverable")));
		if (!str_eq(state, S("done"))) {
			set_state(l, d, state);
			continue;
		}
		set_state(l, d, S("doing"));
		on_day(l, due);
		by(l, d->rec->owner);
		revise(l, d, S("done"));
		set_day(l, d, S("done_on"), due);
		set(l, d, S("done_note"),
			str_join(l->c->arena, S("Deliverable: "), cell(l, S("deliverable"))));
		set_state(l, d, state);
	}
}

void table_milestones(struct loader *l)
{
	static const struct map fields[] = {{S_INIT("gate"), S_INIT("title")},
		{S_INIT("needs"), S_INIT("conditions")}, {S_INIT("date"), S_INIT("due")}};
	int64_t day;

	while (row_next(l)) {
		str state = cell(l, S("state"));
		struct draft *d = make(l, KIND_DECISION, cell(l, S("id")));
		FILL(l, d, fields);
		set(l, d, S("type"), S("gate"));
		set_state(l, d, S("proposed"));
		link_cell(l, d, S("waits_for"), cell(l, S("needs")));
		link_to(l, S("PLN-1"), S("schedules"), d->rec->ref, S(""));
		if (str_eq(state, S("open")))
			continue;
		(void)cell(l, S("state"));
		if (!str_eq(state, S("passed")) || !cell_day(cell(l, S("date")), &day)) {
			bad_cell(l, "neither open nor passed on a day");
			return;
		}
		on_day(l, day);
		revise(l, d, S("passed"));
		set(l, d, S("choice"), S("The gate is passed."));
		set_day(l, d, S("decided_on"), day);
		set_state(l, d, S("decided"));
	}
}

/* ---- the incident ---- */

static const struct log_words {
	str cell, kind, state; /* the state that this brings the incident to, or "" */
} log_words[] = {
	{S_INIT("detection"), S_INIT("fact"), S_INIT("reported")},
	{S_INIT("triage"), S_INIT("decision"), S_INIT("triaged")},
	{S_INIT("information"), S_INIT("fact"), S_INIT("")},
	{S_INIT("analysis"), S_INIT("fact"), S_INIT("")},
	{S_INIT("decision"), S_INIT("decision"), S_INIT("responding")},
	{S_INIT("containment"), S_INIT("action"), S_INIT("contained")},
	{S_INIT("communication"), S_INIT("message"), S_INIT("")},
	{S_INIT("action"), S_INIT("action"), S_INIT("")},
	{S_INIT("recovery"), S_INIT("action"), S_INIT("recovering")},
	{S_INIT("learning"), S_INIT("decision"), S_INIT("reviewed")},
	{S_INIT("closure"), S_INIT("decision"), S_INIT("closed")},
};

static const struct log_words *log_word(struct loader *l, str kind)
{
	for (isize i = 0; i < COUNT_OF(log_words); i++)
		if (str_eq(log_words[i].cell, kind))
			return &log_words[i];
	bad_cell(l, "\"%.*s\" is not known here", STR_ARG(kind));
	return &log_words[0];
}

/* The states only go forward; a decision taken while the incident is contained is one more. */
static void advance(struct loader *l, struct draft *d, str state)
{
	int to = state.n ? kind_state(d->rec->kind, state) : -1;

	if (to > d->rec->state)
		set_state(l, d, state);
}

/* The interim measure stands until it was withdrawn; where it was not, its note says so. */
static void temporary(struct loader *l, struct draft *d, str event, int64_t at)
{
	struct incident *i = (struct incident *)d->rec;

	if (str_starts(event, S("Interim measure: ")))
		add_row(l, d, S("temporary"),
			PAIRS({S("what"), str_part(event, 17, event.n)},
				{S("since"), time_text(l->c->arena, at)}));
	if (!str_starts(event, S("Temporary ")) || i->temporary.count == 0)
		return;
	/* The rows of the revision before stay as they are. */
	struct incident_temporary *copy =
		NEW(l->c->arena, struct incident_temporary, i->temporary.count);
	memcpy(copy, i->temporary.item, sizeof *copy * (size_t)i->temporary.count);
	i->temporary.item = copy;
	copy[0].removed = at;
	copy[0].note = event;
}

static void first_entry(struct loader *l, struct draft *d, str event, int64_t at)
{
	set(l, d, S("title"),
		str_find(event, S(": ")) > 0
			? str_part(event, str_find(event, S(": ")) + 2, event.n)
			: event);
	set(l, d, S("class"), S("incident"));
	set(l, d, S("lead"), S("R-PSL"));
	set(l, d, S("owner"), S("R-PSL"));
	set_time(l, d, S("happened_at"), at);
	set_time(l, d, S("detected"), at);
	link_to(l, d->rec->ref, S("affects"), S("PRD-2"), S(""));
	link_to(l, d->rec->ref, S("activates"), S("PLN-2"), S("the threshold was met"));
}

static void note_entry(struct loader *l, struct draft *d, str event, str kind, int64_t at)
{
	isize severity = str_find(event, S("severity "));
	struct cell_refs named = cell_refs(l->c->arena, event);

	if (severity >= 0)
		set(l, d, S("severity"), str_part(event, severity + 9, event.n));
	if (str_eq(kind, S("triage")))
		set_time(l, d, S("reported"), at);
	if (str_eq(kind, S("containment")))
		set_time(l, d, S("contained"), at);
	if (str_starts(event, S("Fix released")))
		set_time(l, d, S("recovered"), at);
	if (str_eq(kind, S("closure")))
		set_time(l, d, S("ended"), at);
	if (str_starts(event, S("Review: ")))
		set(l, d, S("lessons"), event);
	for (isize i = 0; i < named.count; i++) {
		if (str_starts(named.ref[i], S("THR-")))
			link_to(l, d->rec->ref, S("involves"), named.ref[i],
				S("raised by the review"));
		if (str_eq(kind, S("action")) && str_starts(named.ref[i], S("PLN-")))
			link_to(l, d->rec->ref, S("activates"), named.ref[i], S(""));
	}
	temporary(l, d, event, at);
}

/* One record; each entry of the log is a revision of its own, written at its time.  The first was
   written when the incident was opened. */
void table_incident(struct loader *l)
{
	struct draft *d = NULL;
	int64_t at;

	while (row_next(l)) {
		str event = cell(l, S("event")), who = cell(l, S("by")), kind = cell(l, S("kind"));
		const struct log_words *w = log_word(l, kind);
		if (!cell_time(cell(l, S("time (UTC)")), &at)) {
			bad_cell(l, "this is not a time");
			return;
		}
		at_time(l, at);
		if (str_starts(who, S("P")))
			by(l, who);
		if (!d) {
			d = make(l, KIND_INCIDENT, S("INC-1"));
			first_entry(l, d, event, at);
		} else {
			revise(l, d, S(""));
		}
		(void)cell(l, S("by"));
		add_row(l, d, S("log"),
			PAIRS({S("at"), time_text(l->c->arena, at)}, {S("kind"), w->kind},
				{S("text"), event}, {S("by"), who},
				{S("written"), time_text(l->c->arena, l->at_us)}));
		note_entry(l, d, event, kind, at);
		advance(l, d, w->state);
	}
}

/* ---- events ---- */

/* MAPPING: the class follows from the text. */
static const struct word_map event_classes[] = {{S_INIT("Phishing"), S_INIT("near_miss")},
	{S_INIT("Laptop"), S_INIT("incident")}, {S_INIT("False alarm"), S_INIT("false_alarm")},
	{S_INIT("Visitor"), S_INIT("near_miss")},
	{S_INIT("Researcher report"), S_INIT("incident")}};

void table_events(struct loader *l)
{
	static const struct map fields[] = {{S_INIT("event"), S_INIT("title")},
		{S_INIT("event"), S_INIT("description")}, {S_INIT("decision"), S_INIT("decision")},
		{S_INIT("date"), S_INIT("happened_at")}};
	int64_t day;

	while (row_next(l)) {
		if (!cell_day(cell(l, S("date")), &day)) {
			bad_cell(l, "this is not a date");
			return;
		}
		on_day(l, day);
		struct draft *d = make(l, KIND_INCIDENT, cell(l, S("id")));
		FILL(l, d, fields);
		set(l, d, S("class"), WORD(l, event_classes, cell(l, S("event"))));
		set(l, d, S("owner"), S("R-PSL"));
		/* Only what was decided to be over is closed; an acknowledged report is at work. */
		set_state(l, d,
			str_starts(cell(l, S("decision")), S("acknowledged")) ? S("triaged")
									      : S("closed"));
	}
}

/* ---- exercises ---- */

void table_exercises(struct loader *l)
{
	static const struct map fields[] = {
		{S_INIT("scenario"), S_INIT("title")}, {S_INIT("scenario"), S_INIT("scenario")}};
	int64_t day;

	while (row_next(l)) {
		str when = cell(l, S("date")), result = cell(l, S("result"));
		bool planned = str_starts(when, S("planned "));
		if (!cell_day(planned ? str_part(when, 8, when.n) : when, &day)) {
			bad_cell(l, "this is not a date");
			return;
		}
		on_day(l, planned ? DEMO_LAST_DAY : day);
		struct draft *d = make(l, KIND_EXERCISE, cell(l, S("id")));
		FILL(l, d, fields);
		set_day(l, d, planned ? S("planned_for") : S("on"), day);
		if (!planned)
			set(l, d, S("result"), result);
		set_state(l, d, planned ? S("planned") : S("evaluated"));
		link_cell(l, d, S("covers"), cell(l, S("plan")));
	}
}
