/* Tables 29, 30, 49 and 51: vulnerabilities, anomalies, disclosure cases, the premarket package. */
#include "demo/demo_in.h"

/* ---- vulnerabilities ---- */

static const struct word_map vulnerability_sources[] = {
	{S_INIT("composition scan"), S_INIT("composition_scan")},
	{S_INIT("advisory"), S_INIT("advisory")}, {S_INIT("researcher"), S_INIT("researcher")},
	{S_INIT("penetration test"), S_INIT("penetration_test")},
	{S_INIT("security test"), S_INIT("security_test")},
	{S_INIT("own analysis"), S_INIT("own_analysis")},
	{S_INIT("customer question"), S_INIT("customer")}};
static const struct word_map decisions[] = {
	{S_INIT("controlled, regular"), S_INIT("controlled_cycle")},
	{S_INIT("controlled"), S_INIT("controlled")},
	{S_INIT("uncontrolled"), S_INIT("uncontrolled")}, {S_INIT("none"), S_INIT("none")},
	{S_INIT(""), S_INIT("")}};
/* Where the status leads: "closed with statement" is of what does not affect us. */
static const struct word_map vulnerability_states[] = {{S_INIT("fixed in"), S_INIT("fixed")},
	{S_INIT("mitigated"), S_INIT("fixed")}, {S_INIT("closed"), S_INIT("closed")},
	{S_INIT("open"), S_INIT("in_work")}};

/* One row while its parts are made. */
struct finding_row {
	struct draft *d;
	str ref, component, product_words, decision, status, state;
	int64_t found;
};

/* The releases whose versions the words name, in the order of the table of releases. */
static bool names(str words, str version)
{
	for (str rest = words, word = str_word(&rest); word.n; word = str_word(&rest)) {
		while (word.n && (word.p[word.n - 1] == ',' || word.p[word.n - 1] == ':'))
			word.n--;
		if (str_eq(word, version))
			return true;
	}
	return false;
}

static bool is_fixed_in(str words, str version)
{
	isize at = str_find(words, version);

	for (isize i = 0; at > 0 && i < 4; i++) {
		static const str before[] = {S_INIT("fixed in "), S_INIT("removed in "),
			S_INIT("not in "), S_INIT("until ")};
		if (at >= before[i].n && str_eq(str_part(words, at - before[i].n, at), before[i]))
			return true;
	}
	return false;
}

/* Whether the release holds the component: by its bill of materials, or as an element of its
   product. */
static bool holds(struct loader *l, const struct rec *release, str component)
{
	const struct draft *d = find(l, component);

	if (!d)
		return false;
	if (d->rec->kind->id == KIND_COMPONENT)
		return str_eq(((const struct component *)d->rec)->sbom,
			((const struct release *)release)->sbom);
	const struct words products = ((const struct element *)d->rec)->products;
	for (isize i = 0; i < products.count; i++)
		if (str_eq(products.item[i], release->product))
			return true;
	return false;
}

static void add_vex(struct loader *l, const struct finding_row *v, const struct rec *release)
{
	struct draft *d = make(l, KIND_VEX, S(""));
	bool fixed = is_fixed_in(v->status, release->version) ||
		is_fixed_in(v->product_words, release->version);
	str status = S("affected"), words = v->product_words;

	if (str_starts(words, S("not affected")))
		status = S("not_affected");
	else if (str_starts(words, S("under investigation")))
		status = S("under_investigation");
	else if (fixed)
		status = S("fixed");
	set(l, d, S("title"),
		str_fmt(l->c->arena, "%.*s in %.*s", STR_ARG(v->d->rec->title),
			STR_ARG(release->title)));
	set(l, d, S("vulnerability"), v->ref);
	set(l, d, S("release"), release->ref);
	set(l, d, S("product"), release->product);
	if (str_starts(v->component, S("SW-")) && holds(l, release, v->component))
		set(l, d, S("component"), v->component);
	set(l, d, S("status"), status);
	if (str_eq(status, S("not_affected")))
		set(l, d, S("justification"),
			str_find(words, S("not present")) >= 0
				? S("component_not_present")
				: S("vulnerable_code_not_in_execute_path"));
	set(l, d, S("impact"), words);
	if (str_eq(status, S("affected")))
		set(l, d, S("controlled"),
			str_starts(v->decision, S("controlled")) ? S("yes") : S("no"));
	isize at = str_find(v->decision, S("planned "));
	if (at >= 0)
		set(l, d, S("target_release"), str_part(v->decision, at + 8, v->decision.n));
	set(l, d, S("response"), v->decision);
	set_day(l, d, S("analysed"), day_of_time(l->at_us));
	set_state(l, d, str_eq(status, S("under_investigation")) ? S("draft") : S("published"));
}

/* MAPPING: a statement for each release named; for none named, each supported release that holds
   the component.  What is not present in any is stated for all. */
static void add_statements(struct loader *l, const struct finding_row *v)
{
	bool named = false, anywhere = cell_none(v->component);
	isize count = l->draft_count;
	int64_t now = l->at_us;

	for (int pass = 0; pass < 2 && !named; pass++)
		for (isize i = 0; i < count; i++) {
			const struct draft *d = l->draft[i];
			const struct rec *r = d->rec;
			if (r->kind->id != KIND_RELEASE)
				continue;
			bool is_named = names(v->product_words, r->version) ||
				names(v->decision, r->version) || names(v->status, r->version);
			bool is_held = r->state != RELEASE_STATE_SUPERSEDED &&
				(anywhere || holds(l, r, v->component));
			if (pass == 0 ? !is_named : !is_held)
				continue;
			named |= pass == 0;
			at_time(l, now > d->create->at_us ? now : d->create->at_us);
			add_vex(l, v, r);
		}
	at_time(l, now);
}

/* When the fix was out: the release that the status names, or the day it gives. */
static void close_it(struct loader *l, const struct finding_row *v)
{
	isize count = l->draft_count;

	for (isize i = 0; i < count; i++) {
		const struct draft *d = l->draft[i];
		if (d->rec->kind->id != KIND_RELEASE || !is_fixed_in(v->status, d->rec->version))
			continue;
		at_time(l, d->create->at_us > l->at_us ? d->create->at_us : l->at_us);
		revise(l, v->d, S("fixed"));
		set_day(l, v->d, S("fixed"), day_of_time(l->at_us));
		set(l, v->d, S("fixed_in"), d->rec->version);
		link_to(l, d->rec->ref, S("fixes"), v->ref, S(""));
	}
}

static void tie(struct loader *l, const struct finding_row *v, str found_by)
{
	str why, test = S("");

	if (!cell_none(v->component))
		link_to(l, v->ref, S("affects"), v->component, S(""));
	for (why = found_by; why.n && !cell_is_ref(test);)
		test = str_word(&why);
	if (cell_is_ref(test))
		link_to(l, v->ref, S("found_by"), test, S(""));
}

static str title_of(struct loader *l, str identifier, str component)
{
	const struct draft *d = cell_none(component) ? NULL : need(l, component);

	return d ? str_fmt(l->c->arena, "%.*s in %.*s", STR_ARG(identifier), STR_ARG(d->rec->title))
		 : identifier;
}

static void assess(struct loader *l, struct finding_row *v)
{
	static const struct map fields[] = {{S_INIT("CVSS 3.1 base"), S_INIT("score")},
		{S_INIT("in our product"), S_INIT("effect")},
		{S_INIT("decision"), S_INIT("decision_note")},
		{S_INIT("status"), S_INIT("status_note")}};
	str vector = cell(l, S("vector")), score = cell(l, S("CVSS 3.1 base"));

	FILL(l, v->d, fields);
	if (score.n == 0) {
		/* Nobody has judged it yet; a decision without a score would be made up. */
		set_state(l, v->d, S("reported"));
		add_statements(l, v);
		return;
	}
	revise(l, v->d, S("assessed"));
	set(l, v->d, S("cvss"), str_join(l->c->arena, S("CVSS:3.1/"), vector));
	set_day(l, v->d, S("triaged"), v->found);
	set(l, v->d, S("decision"), WORD(l, decisions, v->decision));
	if (str_starts(v->decision, S("controlled")) || str_starts(v->decision, S("uncontrolled")))
		set(l, v->d, S("controlled"), v->decision.p[0] == 'c' ? S("yes") : S("no"));
	set_state(l, v->d, S("assessed"));
	add_statements(l, v);
	close_it(l, v);
	set_state(l, v->d, v->state);
}

void table_vulnerabilities(struct loader *l)
{
	while (row_next(l)) {
		struct finding_row v = {.ref = cell(l, S("id")),
			.component = cell(l, S("component")),
			.product_words = cell(l, S("in our product")),
			.decision = cell(l, S("decision")),
			.status = cell(l, S("status"))};
		str found_by = cell(l, S("found by")), identifier = cell(l, S("identifier"));
		v.state = WORD(l, vulnerability_states, v.status);
		if (!cell_day(cell(l, S("found")), &v.found)) {
			bad_cell(l, "this is not a date");
			return;
		}
		on_day(l, v.found);
		v.d = make(l, KIND_VULNERABILITY, v.ref);
		set(l, v.d, S("title"), title_of(l, identifier, v.component));
		set(l, v.d, S("identifier"), identifier);
		set(l, v.d, S("source"), WORD(l, vulnerability_sources, found_by));
		set(l, v.d, S("source_note"), found_by);
		set_day(l, v.d, S("found"), v.found);
		set(l, v.d, S("exploited"), cell(l, S("known exploited")));
		set_state(l, v.d, S("reported"));
		tie(l, &v, found_by);
		assess(l, &v);
	}
}

/* ---- anomalies ---- */

void table_anomalies(struct loader *l)
{
	static const struct map fields[] = {{S_INIT("anomaly"), S_INIT("title")},
		{S_INIT("weakness class"), S_INIT("weakness")},
		{S_INIT("decision"), S_INIT("decision_note")}};

	while (row_next(l)) {
		str text = cell(l, S("security assessment")), decision = cell(l, S("decision"));
		struct draft *release = need(l, S("REL-03"));
		if (failed(l))
			return;
		at_time(l, release->create->at_us);
		struct draft *d = make(l, KIND_ANOMALY, cell(l, S("id")));
		bool is_assessed = !str_eq(text, S("none yet"));
		FILL(l, d, fields);
		set(l, d, S("release"), S("REL-03"));
		set(l, d, S("product"), release->rec->product);
		set(l, d, S("assessment_text"), is_assessed ? text : S(""));
		if (str_starts(decision, S("fix in ")))
			set(l, d, S("target"), str_part(decision, 7, decision.n));
		set(l, d, S("decision"), str_starts(decision, S("fix")) ? S("fix") : decision);
		set_state(l, d, is_assessed ? S("decided") : S("open"));
	}
}

/* ---- disclosure ---- */

static void publish(struct loader *l, struct draft *d)
{
	struct draft *m = make(l, KIND_MESSAGE, S(""));

	set(l, m, S("title"), str_join(l->c->arena, S("Advisory "), d->rec->title));
	set(l, m, S("direction"), S("out"));
	set(l, m, S("type"), S("advisory"));
	set_time(l, m, S("at"), l->at_us);
	set(l, m, S("sensitivity"), S("public"));
	set_state(l, m, S("sent"));
	link_to(l, m->rec->ref, S("announces"), d->rec->ref, S(""));
}

/* What happened on a day of the case, when it did. */
static bool advance(struct loader *l, struct draft *d, str column, const char *state)
{
	str text = cell(l, column);
	int64_t day;

	if (cell_none(text))
		return false;
	if (!cell_day(text, &day)) {
		bad_cell(l, "this is not a date");
		return false;
	}
	on_day(l, day);
	revise(l, d, str_of(state));
	set_day(l, d, column, day);
	set_state(l, d, str_of(state));
	return true;
}

static void check_days(struct loader *l, const struct disclosure *d, str days)
{
	int64_t n;

	if (str_eq(days, S("open")) ? d->fixed != DAY_NONE
				    : !cell_number(days, &n) || d->fixed == DAY_NONE ||
				d->fixed - d->received != n)
		bad_cell(l, "not the days from receipt to fix");
}

void table_advisories(struct loader *l)
{
	int64_t day;

	while (row_next(l)) {
		str vulnerability,
			identifier = cell_parenthesis(cell(l, S("about")), &vulnerability);
		str reporter = cell(l, S("reported by"));
		if (!cell_day(cell(l, S("received")), &day)) {
			bad_cell(l, "this is not a date");
			return;
		}
		on_day(l, day);
		struct draft *d = make(l, KIND_DISCLOSURE, cell(l, S("id")));
		set(l, d, S("title"),
			str_fmt(l->c->arena, "%.*s (%.*s)", STR_ARG(identifier),
				STR_ARG(vulnerability)));
		set(l, d, S("identifier"), identifier);
		set(l, d, S("vulnerability"), vulnerability);
		set(l, d, S("reporter"), reporter);
		set_day(l, d, S("received"), day);
		if (str_find(reporter, S("thanked")) >= 0)
			set(l, d, S("credit"), reporter);
		link_to(l, d->rec->ref, S("discloses"), vulnerability, S(""));
		(void)advance(l, d, S("acknowledged"), "acknowledged");
		(void)advance(l, d, S("fixed"), "fixed");
		if (advance(l, d, S("published"), "published"))
			publish(l, d);
		check_days(l, (const struct disclosure *)d->rec, cell(l, S("days")));
	}
}

/* ---- the premarket package ---- */

static const struct word_map deliverable_states[] = {{S_INIT("planned"), S_INIT("planned")},
	{S_INIT("ready"), S_INIT("ready")}, {S_INIT("in work"), S_INIT("in_work")},
	{S_INIT("two of three"), S_INIT("in_work")}};

void table_submission(struct loader *l)
{
	while (row_next(l)) {
		str title = cell(l, S("deliverable")), ref = str_word(&title),
		    from = cell(l, S("from"));
		struct cell_refs named = cell_refs(l->c->arena, from);
		on_day(l, DEMO_LAST_DAY);
		struct draft *d = make(l, KIND_DELIVERABLE, ref);
		set(l, d, S("title"), str_trim(title));
		set(l, d, S("catalogue"), S("fda-deliverables"));
		set(l, d, S("package"), S("PRD-2 and PRD-3"));
		set(l, d, S("made_from"), from);
		link_cell(l, d, S("draws_on"), from);
		for (isize i = 0; i < named.count; i++)
			if (str_starts(named.ref[i], S("DOC-")) &&
				((struct deliverable *)d->rec)->document.n == 0)
				set(l, d, S("document"), named.ref[i]);
		if (str_eq(ref, S("D1")))
			set(l, d, S("document"), S("RPT-1"));
		set(l, d, S("state_text"), cell(l, S("state")));
		set_state(l, d, WORD(l, deliverable_states, cell(l, S("state"))));
	}
}

/* Expected results of checks, and never records; the tests hold the checks to them. */
void table_gaps(struct loader *l)
{
	while (row_next(l)) {
		if (!cell(l, S("id")).n || !cell(l, S("gap")).n || !cell(l, S("where")).n ||
			!cell(l, S("how it shows")).n)
			bad_cell(l, "a gap has four filled columns");
	}
}
