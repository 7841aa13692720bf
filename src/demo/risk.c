/* Tables 21 to 26: countermeasures, requirements, tests, criteria, risks, hazards. */
#include "demo/demo_in.h"

/* ---- countermeasures ---- */

static const struct word_map effects[] = {{S_INIT("preventive"), S_INIT("prevent")},
	{S_INIT("detective"), S_INIT("detect")}, {S_INIT("corrective"), S_INIT("correct")}};

/* The release with that version; NULL when there is none. */
struct draft *release_of(const struct loader *l, str version)
{
	for (isize i = 0; i < l->draft_count; i++) {
		const struct rec *rec = l->draft[i]->rec;
		if (rec->kind->id == KIND_RELEASE && str_eq(rec->version, version))
			return l->draft[i];
	}
	return NULL;
}

/* "implemented", "implemented in 3.1.4", "partly", "planned 2026-12". */
static void set_control_state(struct loader *l, struct draft *d, str state)
{
	str word = str_word(&state);
	int64_t day;

	state = str_trim(state);
	if (str_eq(word, S("partly"))) {
		set(l, d, S("is_partly"), S("yes"));
		set_state(l, d, S("implementing"));
	} else if (str_eq(word, S("planned")) && cell_day(state, &day)) {
		set_day(l, d, S("planned_for"), day);
		set_state(l, d, S("planned"));
	} else if (str_eq(word, S("implemented")) && state.n == 0) {
		set_state(l, d, S("operating"));
	} else if (str_eq(word, S("implemented")) && str_starts(state, S("in "))) {
		str version = str_part(state, 3, state.n);
		struct draft *release = release_of(l, version);
		set(l, d, S("implemented_in"), version);
		set_state(l, d, S("implementing"));
		if (release) {
			at_time(l, release->create->at_us);
			revise(l, d, S("released"));
		}
		set_state(l, d, S("operating"));
	} else {
		bad_cell(l, "\"%.*s\" is not known here", STR_ARG(word));
	}
}

void table_countermeasures(struct loader *l)
{
	static const struct map fields[] = {{S_INIT("countermeasure"), S_INIT("title")},
		{S_INIT("category (FDA)"), S_INIT("fda_category")}};

	while (row_next(l)) {
		on_day(l, activity_day(l, S("ACT-05")));
		struct draft *d = make(l, KIND_CONTROL, cell(l, S("id")));
		FILL(l, d, fields);
		set(l, d, S("domain"), S("product"));
		set(l, d, S("effect"), WORD(l, effects, cell(l, S("kind"))));
		set_control_state(l, d, cell(l, S("state")));
	}
}

/* ---- requirements ---- */

/* The day of the last test that verifies the requirement; DAY_NONE when none does. */
static int64_t tested_on(struct loader *l, str requirement)
{
	int64_t last = DAY_NONE, day;

	json_each(test, table_rows(l, S("tests")))
	{
		str verifies = json_text(test, S("verifies"));
		for (str ref = str_word(&verifies); ref.n; ref = str_word(&verifies))
			if (str_eq(ref, requirement) &&
				cell_day(json_text(test, S("date")), &day) &&
				(last == DAY_NONE || day > last))
				last = day;
	}
	return last;
}

void table_requirements(struct loader *l)
{
	static const struct map fields[] = {{S_INIT("product"), S_INIT("product")},
		{S_INIT("requirement"), S_INIT("title")},
		{S_INIT("requirement"), S_INIT("statement")},
		{S_INIT("acceptance criterion"), S_INIT("acceptance")},
		{S_INIT("category (FDA)"), S_INIT("fda_category")},
		{S_INIT("backlog"), S_INIT("backlog")}};

	while (row_next(l)) {
		on_day(l, activity_day(l, S("ACT-03")));
		struct draft *d = make(l, KIND_REQUIREMENT, cell(l, S("id")));
		str from = cell(l, S("from"));
		FILL(l, d, fields);
		(void)cell(l, S("from"));
		link_cell(l, d, S("refines"), from);
		str state = cell(l, S("state"));
		int64_t tested = tested_on(l, d->rec->ref);
		if (tested == DAY_NONE) {
			set_state(l, d, state);
			continue;
		}
		set_state(l, d, S("agreed"));
		on_day(l, tested);
		by(l, S("R-TST"));
		revise(l, d, S("tested"));
		set_state(l, d, state);
	}
}

/* ---- tests ---- */

static const struct word_map test_results[] = {
	{S_INIT("pass with findings"), S_INIT("pass_with_findings")},
	{S_INIT("pass"), S_INIT("pass")}, {S_INIT("fail"), S_INIT("fail")}};

static str test_type(str method)
{
	if (str_find(method, S("penetration test")) >= 0)
		return S("penetration");
	if (str_find(method, S("static analysis")) >= 0)
		return S("static");
	return str_find(method, S("fuzzing")) >= 0 ? S("fuzz") : S("requirement");
}

/* Who tested: a person, or "external NAME (invented)", a supplier. */
static str tester(struct loader *l, str who)
{
	if (cell_is_ref(who))
		return who;
	json_each(party, table_rows(l, S("suppliers")))
	{
		str name = json_text(party, S("supplier (invented)"));
		if (str_starts(who, S("external ")) && str_find(who, name) == 9)
			return json_text(party, S("id"));
	}
	bad_cell(l, "nobody is called %.*s", STR_ARG(who));
	return S("");
}

static str add_evidence(
	struct loader *l, const struct draft *test, str verifies, str who, int64_t day)
{
	struct draft *d = make(l, KIND_EVIDENCE, S(""));

	set(l, d, S("title"),
		str_fmt(l->c->arena, "Result of %.*s: %.*s", STR_ARG(test->rec->ref),
			STR_ARG(test->rec->title)));
	set(l, d, S("type"), S("test_report"));
	set(l, d, S("claim"), str_fmt(l->c->arena, "%.*s passed", STR_ARG(test->rec->ref)));
	set(l, d, S("source"), test->rec->ref);
	if (str_starts(who, S("P")))
		set(l, d, S("collected_by"), who);
	set_time(l, d, S("collected"), day * DAY_US);
	set_state(l, d, S("accepted"));
	link_to(l, d->rec->ref, S("shows"), test->rec->ref, S(""));
	link_cell(l, d, S("shows"), verifies);
	return d->rec->ref;
}

void table_tests(struct loader *l)
{
	static const struct map fields[] = {{S_INIT("method"), S_INIT("title")},
		{S_INIT("method"), S_INIT("method")}, {S_INIT("level"), S_INIT("level")},
		{S_INIT("date"), S_INIT("last_run")}};
	int64_t day;

	while (row_next(l)) {
		str result = WORD(l, test_results, cell(l, S("result"))),
		    verifies = cell(l, S("verifies"));
		str who = tester(l, cell(l, S("by"))), evidence = S("");
		if (!cell_day(cell(l, S("date")), &day)) {
			bad_cell(l, "this is not a date");
			return;
		}
		on_day(l, day);
		if (str_starts(who, S("P")))
			by(l, who);
		struct draft *d = make(l, KIND_TEST, cell(l, S("id")));
		FILL(l, d, fields);
		set(l, d, S("type"), test_type(cell(l, S("method"))));
		set(l, d, S("result"), result);
		if (!str_starts(who, S("P")))
			set(l, d, S("independence"), cell(l, S("by")));
		set_state(l, d, S("run"));
		(void)cell(l, S("verifies"));
		link_cell(l, d, S("verifies"), verifies);
		if (!str_eq(result, S("fail")))
			evidence = add_evidence(l, d, verifies, who, day);
		add_row(l, d, S("run"),
			PAIRS({S("on"), day_text(l->c->arena, day)}, {S("result"), result},
				{S("by"), who}, {S("evidence"), evidence}));
	}
}

/* ---- criteria ---- */

static const struct word_map dimensions[] = {{S_INIT("Severity"), S_INIT("severity")},
	{S_INIT("Exploitability"), S_INIT("exploitability")},
	{S_INIT("Probability"), S_INIT("probability")}};

/* The level that the criteria give to a pair of ratings. */
static str level_of(const struct draft *criteria, int64_t e, int64_t s)
{
	const struct risk_model *m = (const struct risk_model *)criteria->rec;

	for (isize i = 0; i < m->cell.count; i++)
		if (m->cell.item[i].exploitability == e && m->cell.item[i].severity == s)
			return m->cell.item[i].level;
	return S("");
}

void table_criteria(struct loader *l)
{
	static const str columns[] = {
		S_INIT("1"), S_INIT("2"), S_INIT("3"), S_INIT("4"), S_INIT("5")};
	struct draft *d = make(l, KIND_RISK_MODEL, S("CRI-1"));

	set(l, d, S("title"), S("Risk scales and matrix"));
	set(l, d, S("owner"), S("R-SRM"));
	set(l, d, S("domain"), S("product_security"));
	set(l, d, S("method"), S("matrix"));
	set_state(l, d, S("effective"));
	while (row_next(l)) {
		str name = cell(l, S("scale"));
		bool is_cell = str_starts(name, S("Matrix E"));
		str dimension = is_cell ? S("") : WORD(l, dimensions, name);
		for (isize i = 0; i < COUNT_OF(columns); i++) {
			str text = cell(l, columns[i]), meaning = text,
			    label = str_cut_at(&meaning, S(": "));
			if (is_cell)
				add_row(l, d, S("cell"),
					PAIRS({S("exploitability"), str_part(name, 8, 9)},
						{S("severity"), columns[i]}, {S("level"), text}));
			else
				add_row(l, d, S("scale"),
					PAIRS({S("dimension"), dimension}, {S("level"), columns[i]},
						{S("label"), label}, {S("meaning"), meaning}));
		}
	}
}

/* ---- hazards ---- */

void table_hazards(struct loader *l)
{
	static const struct map fields[] = {{S_INIT("hazard"), S_INIT("title")},
		{S_INIT("hazardous situation"), S_INIT("situation")},
		{S_INIT("harm"), S_INIT("harm")}, {S_INIT("S"), S_INIT("severity")},
		{S_INIT("P without attack"), S_INIT("probability")}};

	while (row_next(l)) {
		struct draft *d = make(l, KIND_HAZARD, cell(l, S("id")));
		FILL(l, d, fields);
		set(l, d, S("owner"), S("R-CMO"));
		set_state(l, d, S("evaluated"));
		link_back(l, cell(l, S("security causes")), S("causes"), d);
	}
}

/* ---- risks ---- */

static void rate(struct loader *l, struct draft *d, const char *stage, const struct rating *r)
{
	static const char *const sides[] = {"severity", "exploitability"};
	str word = str_of(stage);

	for (int i = 0; i < 2; i++)
		set_int(l, d, str_fmt(l->c->arena, "%.*s_%s", STR_ARG(word), sides[i]),
			i ? r->e : r->s);
	add_row(l, d, S("rating"),
		PAIRS({S("at"), time_text(l->c->arena, l->at_us)}, {S("stage"), word},
			{S("severity"), str_fmt(l->c->arena, "%d", (int)r->s)},
			{S("exploitability"), str_fmt(l->c->arena, "%d", (int)r->e)},
			{S("level"), r->level}, {S("by"), l->who}, {S("criteria"), S("CRI-1")}));
}

/* The rating of a cell; its class must be the one that the criteria give. */
static struct rating rating_of(struct loader *l, str column)
{
	struct rating r = {0};

	if (!cell_rating(cell(l, column), &r))
		bad_cell(l, "this is not a rating");
	else if (!str_eq(level_of(need(l, S("CRI-1")), r.e, r.s), r.level))
		bad_cell(l, "the criteria give another class");
	return r;
}

/* What lowered the risk: being harder to exploit, or harming less. */
static str treatment_of(const struct rating *before, const struct rating *after)
{
	if (after->e < before->e)
		return S("likelihood");
	return after->s < before->s ? S("consequence") : S("");
}

static void accept_risk(struct loader *l, struct draft *d, str level, str accepted)
{
	struct signers s;

	if (!cell_signers(accepted, &s) || s.day == DAY_NONE) {
		bad_cell(l, "this is not an acceptance");
		return;
	}
	on_day(l, s.day);
	by(l, s.by[0].person);
	revise(l, d, S("residual risk accepted"));
	set_state(l, d, S("accepted"));
	for (int i = 0; i < s.count; i++)
		sign(l, d, s.by[i].person, S("accept the residual risk"));
	struct draft *decision = decide(l, "risk_acceptance",
		str_join(l->c->arena, S("Acceptance of "), d->rec->ref),
		S("The residual risk is accepted."),
		str_fmt(l->c->arena, "After control the risk is %.*s.", STR_ARG(level)), &s);
	set(l, decision, S("level"), level);
	set(l, decision, S("product"), d->rec->product);
	add_row(l, decision, S("subject"), PAIRS({S("record"), d->rec->ref}));
	link_to(l, decision->rec->ref, S("concerns"), d->rec->ref, S(""));
}

void table_risks(struct loader *l)
{
	static const struct map fields[] = {{S_INIT("risk"), S_INIT("title")},
		{S_INIT("risk"), S_INIT("scenario")}, {S_INIT("owner"), S_INIT("owner")},
		{S_INIT("multi-patient"), S_INIT("multi_patient")}};

	while (row_next(l)) {
		struct rating before = rating_of(l, S("before")), after = rating_of(l, S("after"));
		str product = cell(l, S("product")), accepted;
		bool whole = str_eq(product, S("organization"));
		on_day(l, whole ? DEMO_FIRST_DAY : activity_day(l, S("ACT-05")));
		struct draft *d = make(l, KIND_RISK, cell(l, S("id")));
		FILL(l, d, fields);
		set(l, d, S("domain"), whole ? S("organization") : S("product_security"));
		set(l, d, S("product"), whole ? S("") : product);
		set(l, d, S("polarity"), S("threat"));
		set(l, d, S("criteria"), S("CRI-1"));
		rate(l, d, "inherent", &before);
		set_state(l, d, S("evaluated"));
		link_cell(l, d, S("threatens"), cell(l, S("assets")));
		link_cell(l, d, S("causes"), cell(l, S("hazards")));
		on_day(l, activity_day(l, S("ACT-08")));
		revise(l, d, S("assessed after control"));
		rate(l, d, "current", &after);
		rate(l, d, "residual", &after);
		set(l, d, S("treatment"), treatment_of(&before, &after));
		set_int(l, d, S("iteration"), 1);
		set_state(l, d, S("treated"));
		accepted = cell(l, S("accepted by"));
		if (!str_eq(accepted, S("open")))
			accept_risk(l, d, after.level, accepted);
	}
}
