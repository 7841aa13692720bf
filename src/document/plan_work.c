/* The security management plan: chapters 4, activities; 6, tools; 7, schedule; 8, inputs. */
#include "document/document_in.h"

/* ---- 4 Activities ---- */

enum group {
	GROUP_REQUIREMENTS,
	GROUP_REVIEWS,
	GROUP_MODELING,
	GROUP_ASSESSMENTS,
	GROUP_VERIFICATION,
	GROUP_POSTMARKET,
	GROUP_OTHER
};

/* The six groups of the practice; a tag puts an activity in one, else its words do. */
static const struct {
	str title, tag, words;
} groups[] = {
	[GROUP_REQUIREMENTS] = {S_INIT("Security requirements"), S_INIT("requirements"),
		S_INIT("requirement")},
	[GROUP_REVIEWS] = {S_INIT("Architecture and design reviews"), S_INIT("reviews"),
		S_INIT("review|inspection")},
	[GROUP_MODELING] = {S_INIT("Threat modeling"), S_INIT("threat-modeling"),
		S_INIT("threat model|data flow")},
	[GROUP_ASSESSMENTS] = {S_INIT("Risk assessments"), S_INIT("assessments"),
		S_INIT("risk assess|risk management|risk report|evaluation")},
	[GROUP_VERIFICATION] = {S_INIT("Verification and validation"), S_INIT("verification"),
		S_INIT("test|fuzz|penetration|verif|validat")},
	[GROUP_POSTMARKET] = {S_INIT("After release"), S_INIT("postmarket"), S_INIT("")},
	[GROUP_OTHER] = {S_INIT("Further activities"), S_INIT(""), S_INIT("")},
};

/* The phase decides first: what happens after release is not a design review. */
static enum group group_of(struct reading *r, const struct action *a)
{
	static const enum group by_words[] = {GROUP_MODELING, GROUP_VERIFICATION, GROUP_ASSESSMENTS,
		GROUP_REVIEWS, GROUP_REQUIREMENTS};

	for (int g = 0; g < GROUP_OTHER; g++)
		if (document_has_tag(&a->rec, groups[g].tag))
			return (enum group)g;
	if (a->phase == PHASE_POSTMARKET || a->phase == PHASE_OPERATE || a->phase == PHASE_RETIRE)
		return GROUP_POSTMARKET;
	if (a->phase == PHASE_VERIFY)
		return GROUP_VERIFICATION;
	if (a->phase == PHASE_GOVERN || a->phase == PHASE_EVALUATE || a->phase == PHASE_IMPROVE)
		return GROUP_OTHER;
	for (isize i = 0; i < COUNT_OF(by_words); i++)
		if (document_has_word(r, a->rec.title, groups[by_words[i]].words))
			return by_words[i];
	return GROUP_OTHER;
}

static void activity_row(struct reading *r, struct cell *row, const struct action *a)
{
	bool is_done = rec_is_finished(&a->rec);

	row[0].text = a->rec.ref;
	row[1].text = a->rec.title;
	row[2] = document_needed(a->rec.owner);
	row[3] = document_needed(document_word(a, S("phase")));
	row[4] = document_due(r, a->due, a->recurrence, is_done);
	row[5] = document_marked(document_state(a), is_done ? MARK_GOOD : MARK_NONE);
	row[6] = document_needed(a->deliverable);
	row[7] = document_needed(a->rationale);
}

static void activity_group(struct reading *r, const struct plan_records *p, enum group g)
{
	static const str head[] = {S_INIT("Activity"), S_INIT("What"), S_INIT("Owner"),
		S_INIT("Phase"), S_INIT("Due"), S_INIT("State"), S_INIT("Deliverable"),
		S_INIT("Why it matters to patients")};
	struct block *t = NULL;

	for (isize i = 0; i < p->actions.count; i++) {
		const struct action *a = p->actions.item[i];
		if (a->type != ACTION_TYPE_ACTIVITY || group_of(r, a) != g)
			continue;
		if (!t) {
			document_heading(r->d, 2, groups[g].title);
			t = document_table(r->d, groups[g].title, head, COUNT_OF(head));
		}
		activity_row(r, document_row(r->d, t), a);
	}
	if (t) {
		document_table_end(r->d, t);
	} else if (g != GROUP_OTHER) {
		document_heading(r->d, 2, groups[g].title);
		document_gap(r->d,
			document_text(r->d, "No activity is planned for: %.*s.",
				STR_ARG(groups[g].title)),
			document_text(r->d, "Create an activity; the tag \"%.*s\" puts it here.",
				STR_ARG(groups[g].tag)));
	}
}

void document_plan_activities(struct reading *r, const struct plan_records *p)
{
	document_heading(r->d, 1, S("Activities and deliverables"));
	document_paragraph(r->d,
		document_text(r->d,
			"Six groups of activities carry the plan. What is late is judged on %.*s. "
			"An activity stands in"
			" the group that its tag names, else in the one that its phase and title "
			"suggest.",
			STR_ARG(document_day(r, r->day))));
	for (int g = 0; g <= GROUP_OTHER; g++)
		activity_group(r, p, (enum group)g);
}

/* ---- 6 Tools and methods ---- */

static void methods(struct reading *r, const struct plan_records *p)
{
	static const str head[] = {S_INIT("Record"), S_INIT("For"), S_INIT("Method"),
		S_INIT("Version"), S_INIT("Why")};
	struct block *t = NULL;

	document_heading(r->d, 2, S("Methods"));
	if (p->threat_models.count || p->criteria)
		t = document_table(
			r->d, S("Methods of modeling and scoring"), head, COUNT_OF(head));
	for (isize i = 0; i < p->threat_models.count; i++) {
		const struct threat_model *m = p->threat_models.item[i];
		struct cell *row = document_row(r->d, t);
		row[0].text = m->rec.ref;
		row[1].text = S("Threat modeling");
		row[2] = document_needed(m->method);
		row[3] = document_needed(m->rules.n
				? document_text(r->d, "rules %.*s", STR_ARG(m->rules))
				: m->rec.version);
		row[4].text = document_dash(m->method_reason);
	}
	if (p->criteria) {
		struct cell *row = document_row(r->d, t);
		row[0].text = p->criteria->rec.ref;
		row[1].text = S("Risk scoring");
		row[2] = document_needed(document_word(p->criteria, S("method")));
		row[3].text = document_dash(p->criteria->rec.version);
		row[4].text = document_dash(p->criteria->policy);
	}
	if (t)
		document_table_end(r->d, t);
	if (!p->threat_models.count)
		document_gap(r->d, S("No method of threat modeling is recorded."),
			S("Create the product's threat model and name its method and rules."));
	if (!p->criteria)
		document_gap(r->d, S("No method of scoring risks is recorded."),
			S("Create the risk criteria."));
}

static bool is_tool(const struct plan_records *p, const struct asset *a)
{
	return document_has_tag(&a->rec, S("tool")) ||
		(p->plan && document_links_has(&p->uses, p->plan->rec.ref, a->rec.ref));
}

/* Tools that tests name, each once. */
static str test_tools(struct reading *r, const struct plan_records *p)
{
	struct joined j;

	document_join_start(r, &j);
	for (isize i = 0; i < p->tests.count; i++) {
		const struct test *k = p->tests.item[i];
		if (k->tool.n && document_in_scope(r, k->rec.product) &&
			str_find(buf_view(&j.text), k->tool) < 0)
			document_join_add(&j, k->tool);
	}
	return document_join_end(r, &j);
}

static void tools(struct reading *r, const struct plan_records *p)
{
	static const str head[] = {S_INIT("Tool"), S_INIT("Name"), S_INIT("Version"),
		S_INIT("Kept by"), S_INIT("What for")};
	struct block *t = NULL;
	str named = test_tools(r, p);

	document_heading(r->d, 2, S("Tools"));
	if (p->plan)
		document_prose(r->d, p->plan->tools);
	for (isize i = 0; i < p->assets.count; i++) {
		const struct asset *a = p->assets.item[i];
		if (!is_tool(p, a))
			continue;
		if (!t)
			t = document_table(r->d, S("Tools"), head, COUNT_OF(head));
		struct cell *row = document_row(r->d, t);
		row[0].text = a->rec.ref;
		row[1].text = a->rec.title;
		row[2] = document_needed(a->rec.version);
		row[3] = document_needed(
			document_name(r, a->custodian.n ? a->custodian : a->rec.owner));
		row[4].text = document_dash(a->description);
	}
	if (t)
		document_table_end(r->d, t);
	if (named.n)
		document_paragraph(
			r->d, document_text(r->d, "Tests are run with: %.*s.", STR_ARG(named)));
	if (!t && !named.n && (!p->plan || !p->plan->tools.n))
		document_gap(r->d,
			S("No tool for testing, modeling or scoring is recorded, nor how it was "
			  "validated."),
			S("Fill in the plan's \"Tools and methods\", name the tool in each test, "
			  "or record tools as assets"
			  " with the tag \"tool\"."));
}

static const str document_head[] = {S_INIT("Document"), S_INIT("Name"), S_INIT("Type"),
	S_INIT("Version"), S_INIT("State"), S_INIT("Review due")};

static void document_cells(struct reading *r, struct cell *row, const struct document *k)
{
	row[0].text = k->rec.ref;
	row[1].text = k->rec.title;
	row[2].text = document_dash(document_word(k, S("type")));
	row[3] = document_needed(k->rec.version);
	row[4].text = document_state(k);
	row[5] = document_due(r, k->rec.review_due, S(""), false);
}

static bool document_is_gone(const struct document *k)
{
	return k->rec.state >= DOCUMENT_STATE_SUPERSEDED &&
		k->rec.state != DOCUMENT_STATE_CHANGES_REQUESTED;
}

void document_plan_tools(struct reading *r, const struct plan_records *p)
{
	struct block *t = NULL;

	document_heading(r->d, 1, S("Tools and methods"));
	methods(r, p);
	tools(r, p);
	document_heading(r->d, 2, S("Procedures"));
	for (isize i = 0; i < p->documents.count; i++) {
		const struct document *k = p->documents.item[i];
		if ((k->type != DOCUMENT_TYPE_PROCEDURE && k->type != DOCUMENT_TYPE_INSTRUCTION &&
			    k->type != DOCUMENT_TYPE_POLICY) ||
			document_is_gone(k))
			continue;
		if (!t)
			t = document_table(r->d, S("Policies, procedures and instructions in use"),
				document_head, COUNT_OF(document_head));
		document_cells(r, document_row(r->d, t), k);
	}
	if (t)
		document_table_end(r->d, t);
	else
		document_gap(r->d, S("No procedure or instruction is recorded."),
			S("Record the security risk procedure and the instructions that the "
			  "activities follow."));
}

/* ---- 7 Schedule ---- */

static bool gate_is_passed(const struct decision *k)
{
	return k->rec.state == DECISION_STATE_DECIDED || k->rec.state == DECISION_STATE_IN_FORCE;
}

/* Do the words name nothing but what the links name already? */
static bool says_only_links(struct span s, str words)
{
	for (str word = str_word(&words); word.n; word = str_word(&words)) {
		bool found = false;
		for (isize i = 0; i < s.count; i++)
			found |= str_eq(s.item[i].to, word);
		if (!found)
			return false;
	}
	return true;
}

/* What a gate waits for, a line each, with its state.  `*open` counts what is not done; what
   repeats for ever does not make a passed gate wrong. */
static str conditions(
	struct reading *r, const struct plan_records *p, const struct decision *k, int *open)
{
	struct span s = document_links_from(&p->waits_for, k->rec.ref);
	struct buf b;

	*open = 0;
	buf_init(&b, r->c->arena, LIMIT_PROSE);
	for (isize i = 0; i < s.count; i++) {
		const struct action *a = document_read_find(&p->actions, s.item[i].to);
		if (b.n)
			buf_char(&b, '\n');
		buf_add(&b, s.item[i].to);
		if (a)
			buf_fmt(&b, " %.*s: %.*s", STR_ARG(a->rec.title),
				STR_ARG(document_state(a)));
		*open += a && !rec_is_finished(&a->rec) && !(gate_is_passed(k) && a->recurrence.n);
	}
	if (!says_only_links(s, k->conditions))
		buf_fmt(&b, "%s%.*s", b.n ? "\n" : "", STR_ARG(k->conditions));
	r->d->full |= b.full;
	return buf_view(&b);
}

static void gates(struct reading *r, const struct plan_records *p)
{
	static const str head[] = {S_INIT("Gate"), S_INIT("Name"), S_INIT("Conditions"),
		S_INIT("Planned for"), S_INIT("State")};
	struct block *t = NULL;

	document_heading(r->d, 2, S("Milestones and gates"));
	for (isize i = 0; i < p->decisions.count; i++) {
		const struct decision *k = p->decisions.item[i];
		int open;
		if (k->type != DECISION_TYPE_GATE)
			continue;
		if (!t)
			t = document_table(r->d, S("Gates with their conditions as they stand"),
				head, COUNT_OF(head));
		struct cell *row = document_row(r->d, t);
		bool passed = gate_is_passed(k);
		row[0].text = k->rec.ref;
		row[1].text = k->rec.title;
		row[2] = document_needed(conditions(r, p, k, &open));
		row[3] =
			document_due(r, k->due != DAY_NONE ? k->due : k->decided_on, S(""), passed);
		str on = passed ? document_day(r, k->decided_on) : S("");
		row[4] = passed
			? document_marked(
				  document_text(r->d, "Passed%s%.*s", on.n ? " " : "", STR_ARG(on)),
				  open ? MARK_WARN : MARK_GOOD)
			: document_marked(open ? document_text(r->d, "%.*s, %d condition%s open",
							 STR_ARG(document_state(k)), open,
							 open == 1 ? "" : "s")
					       : document_state(k),
				  MARK_NOTE);
	}
	if (t)
		document_table_end(r->d, t);
	else
		document_gap(r->d, S("No gate is planned."),
			S("Create decisions of type gate, with a date and links to what they wait "
			  "for."));
}

static int by_due(const void *a, const void *b)
{
	const struct action *x = *(void *const *)a, *y = *(void *const *)b;

	if (x->due != y->due)
		return x->due < y->due ? -1 : 1;
	return x->rec.ref.n != y->rec.ref.n ? (x->rec.ref.n < y->rec.ref.n ? -1 : 1)
					    : str_cmp(x->rec.ref, y->rec.ref);
}

static bool keep_dated(const struct reading *r, const void *rec, const void *about)
{
	const struct action *a = rec;

	(void)r, (void)about;
	return a->type == ACTION_TYPE_ACTIVITY && a->due != DAY_NONE && !rec_is_finished(&a->rec);
}

static void due_dates(struct reading *r, const struct plan_records *p)
{
	static const str head[] = {S_INIT("Activity"), S_INIT("What"), S_INIT("Due"),
		S_INIT("Owner"), S_INIT("Deliverable"), S_INIT("State")};
	struct list open = {.count = p->actions.count};

	document_heading(r->d, 2, S("What is due next"));
	open.item = arena_bulk(r->c->arena, (open.count + 1) * (isize)sizeof *open.item);
	if (!open.item) {
		r->d->full = true;
		return;
	}
	if (open.count)
		memcpy(open.item, p->actions.item, (size_t)open.count * sizeof *open.item);
	document_read_keep(r, &open, keep_dated, NULL);
	if (!open.count) {
		document_paragraph(r->d, S("No open activity has a date of its own."));
		return;
	}
	qsort(open.item, (size_t)open.count, sizeof *open.item, by_due);
	struct block *t = document_table(
		r->d, S("Open activities with a date, the earliest first"), head, COUNT_OF(head));
	for (isize i = 0; i < open.count; i++) {
		const struct action *a = open.item[i];
		struct cell *row = document_row(r->d, t);
		row[0].text = a->rec.ref;
		row[1].text = a->rec.title;
		row[2] = document_due(r, a->due, S(""), false);
		row[3].text = document_dash(a->rec.owner);
		row[4].text = document_dash(a->deliverable);
		row[5].text = document_state(a);
	}
	document_table_end(r->d, t);
}

static void timeline(struct reading *r, const struct plan_records *p)
{
	static const str head[] = {
		S_INIT("Activity"), S_INIT("Start"), S_INIT("End"), S_INIT("After")};

	if (!p->plan || !p->plan->timeline.count)
		return;
	document_heading(r->d, 2, S("Timeline"));
	struct block *t = document_table(r->d, S("Timeline of the plan"), head, COUNT_OF(head));
	for (isize i = 0; i < p->plan->timeline.count; i++) {
		const struct plan_timeline *k = &p->plan->timeline.item[i];
		struct cell *row = document_row(r->d, t);
		row[0].text = k->what;
		row[1] = document_needed(document_day(r, k->from));
		row[2] = document_needed(document_day(r, k->until));
		row[3].text = document_dash(k->after);
	}
	document_table_end(r->d, t);
}

void document_plan_schedule(struct reading *r, const struct plan_records *p)
{
	document_heading(r->d, 1, S("Schedule"));
	gates(r, p);
	due_dates(r, p);
	timeline(r, p);
}

/* ---- 8 Inputs ---- */

/* A document is the input that its tag names, or whose words its title has. */
static const struct {
	str title, tag, words, without;
} inputs[] = {
	{S_INIT("Development plan"), S_INIT("input-development-plan"),
		S_INIT("development plan|project plan"), S_INIT("")},
	{S_INIT("User needs"), S_INIT("input-user-needs"),
		S_INIT("user need|stakeholder need|user requirement"), S_INIT("")},
	{S_INIT("Change impact assessment"), S_INIT("input-change-impact"),
		S_INIT("change impact|impact of change"), S_INIT("")},
	{S_INIT("Safety risk management plan"), S_INIT("input-safety-plan"),
		S_INIT("risk management plan|safety risk plan"),
		S_INIT("security risk management plan")},
	{S_INIT("Security risk procedure or product security policy"), S_INIT("input-procedure"),
		S_INIT("security risk procedure|product security policy"), S_INIT("")},
};

static bool is_input(struct reading *r, const struct document *k, isize i)
{
	if (document_is_gone(k))
		return false;
	return document_has_tag(&k->rec, inputs[i].tag) ||
		(document_has_word(r, k->rec.title, inputs[i].words) &&
			!document_has_word(r, k->rec.title, inputs[i].without));
}

static void input_changes(struct reading *r, const struct plan_records *p)
{
	static const str head[] = {
		S_INIT("Change"), S_INIT("What"), S_INIT("State"), S_INIT("Owner")};

	if (!p->changes.count)
		return;
	document_heading(r->d, 2, S("Changes considered"));
	struct block *t =
		document_table(r->d, S("Changes that touch the products"), head, COUNT_OF(head));
	for (isize i = 0; i < p->changes.count; i++) {
		const struct rec *k = p->changes.item[i];
		struct cell *row = document_row(r->d, t);
		row[0].text = k->ref;
		row[1].text = k->title;
		row[2].text = document_state(k);
		row[3].text = document_dash(document_name(r, k->owner));
	}
	document_table_end(r->d, t);
}

void document_plan_inputs(struct reading *r, const struct plan_records *p)
{
	static const str head[] = {S_INIT("Input"), S_INIT("Document"), S_INIT("Version"),
		S_INIT("State"), S_INIT("Approved"), S_INIT("Review due")};

	document_heading(r->d, 1, S("Inputs"));
	struct block *t =
		document_table(r->d, S("What the plan was written from"), head, COUNT_OF(head));
	for (isize i = 0; i < COUNT_OF(inputs); i++) {
		bool found = false;
		for (isize at = 0; at < p->documents.count; at++) {
			const struct document *k = p->documents.item[at];
			if (!is_input(r, k, i))
				continue;
			struct cell *row = document_row(r->d, t);
			row[0].text = inputs[i].title;
			row[1].text = document_text(
				r->d, "%.*s %.*s", STR_ARG(k->rec.ref), STR_ARG(k->rec.title));
			row[2] = document_needed(k->rec.version);
			row[3].text = document_state(k);
			row[4] = document_needed(document_day(r, k->approved));
			row[5] = document_due(r, k->rec.review_due, S(""), false);
			found = true;
		}
		if (found)
			continue;
		struct cell *row = document_row(r->d, t);
		row[0].text = inputs[i].title;
		row[1] = document_marked(S(""), MARK_MISSING);
		row[1].gap = document_gap(r->d,
			document_text(r->d, "The input \"%.*s\" has no document.",
				STR_ARG(inputs[i].title)),
			document_text(r->d,
				"Record the document with its version; the tag \"%.*s\" marks it.",
				STR_ARG(inputs[i].tag)));
		row[2].text = row[3].text = row[4].text = row[5].text = document_dash(S(""));
	}
	document_table_end(r->d, t);
	input_changes(r, p);
}
