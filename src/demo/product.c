/* Tables 9 to 13, 28 and 50: objectives, metrics, products, releases, units, components. */
#include "demo/demo_in.h"

/* ---- objectives ---- */

/* The five of the FDA's guidance are the first five of the example. */
static const struct word_map fda_objectives[] = {{S_INIT("Authenticity"), S_INIT("authenticity")},
	{S_INIT("Authorization"), S_INIT("authorization")},
	{S_INIT("Availability"), S_INIT("availability")},
	{S_INIT("Confidentiality"), S_INIT("confidentiality")},
	{S_INIT("Secure and timely"), S_INIT("updatability")}};

static bool is_fda(str objective)
{
	for (isize i = 0; i < COUNT_OF(fda_objectives); i++)
		if (str_starts(objective, fda_objectives[i].from))
			return true;
	return false;
}

/* Days are to be few, shares many. */
static str judge(str measure, str target, str status, int64_t due)
{
	int64_t is = 0, wanted = 0;
	bool few = str_find(measure, S("days")) >= 0;

	if (str_eq(status, S("met")))
		return S("met");
	if (!cell_number(status, &is) || !cell_number(target, &wanted))
		return S("on_track");
	if (few ? is <= wanted : is >= wanted)
		return S("on_track");
	return due != DAY_NONE && due < DEMO_LAST_DAY ? S("not_met") : S("at_risk");
}

static void cover_products(struct loader *l, struct draft *d, str text)
{
	if (str_eq(text, S("organization")))
		link_to(l, d->rec->ref, S("covers"), S("UNT-1"), S(""));
	else if (str_eq(text, S("all")))
		link_cell(l, d, S("covers"), S("PRD-1 to PRD-3"));
	else
		link_cell(l, d, S("covers"), text);
}

void table_objectives(struct loader *l)
{
	static const struct map fields[] = {{S_INIT("objective"), S_INIT("title")},
		{S_INIT("measure"), S_INIT("measure")}, {S_INIT("target"), S_INIT("target")},
		{S_INIT("owner"), S_INIT("owner")}};
	int64_t due;

	while (row_next(l)) {
		str title = cell(l, S("objective")), when = cell(l, S("due"));
		str status = cell(l, S("status on 2026-09-30"));
		struct draft *d = make(l, KIND_OBJECTIVE, cell(l, S("id")));
		FILL(l, d, fields);
		if (is_fda(title))
			set(l, d, S("fda_objective"), WORD(l, fda_objectives, title));
		if (!cell_day(when, &due))
			due = DAY_NONE;
		set_day(l, d, S("due"), due);
		set(l, d, S("due_note"), due == DAY_NONE ? when : S(""));
		set_state(l, d, S("agreed"));
		cover_products(l, d, cell(l, S("product or unit")));
		on_day(l, DEMO_LAST_DAY);
		by(l, cell(l, S("owner")));
		revise(l, d, S("judged"));
		set(l, d, S("status_note"), status);
		set_day(l, d, S("judged"), DEMO_LAST_DAY);
		set_state(l, d, judge(cell(l, S("measure")), cell(l, S("target")), status, due));
	}
}

/* ---- metrics ---- */

/* MAPPING: three objectives are measured by rows of this table. */
static const struct measures {
	str metric, objective, target, target_is;
} measures[] = {
	{S_INIT("Mean days patch to 90 percent of gateways"), S_INIT("OBJ-05"), S_INIT("45"),
		S_INIT("maximum")},
	{S_INIT("Share patched"), S_INIT("OBJ-06"), S_INIT("90"), S_INIT("minimum")},
	{S_INIT("Mean days identification to patch, uncontrolled"), S_INIT("OBJ-07"), S_INIT("30"),
		S_INIT("maximum")},
};

static void tie_to_objective(struct loader *l, struct draft *d, str metric)
{
	for (isize i = 0; i < COUNT_OF(measures); i++) {
		if (!str_starts(metric, measures[i].metric))
			continue;
		const struct rec *objective = need(l, measures[i].objective)->rec;
		set(l, d, S("target"), measures[i].target);
		set(l, d, S("target_is"), measures[i].target_is);
		set(l, d, S("owner"), objective->owner);
		link_to(l, d->rec->ref, S("measures"), objective->ref, S(""));
	}
}

void table_metrics(struct loader *l)
{
	static const str months[] = {S_INIT("2026-04"), S_INIT("2026-05"), S_INIT("2026-06"),
		S_INIT("2026-07"), S_INIT("2026-08"), S_INIT("2026-09")};
	int64_t day = 0;

	while (row_next(l)) {
		str name = cell(l, S("metric"));
		struct draft *d = NULL;
		for (isize i = 0; i < COUNT_OF(months); i++) {
			if (!cell_day(months[i], &day))
				bad_cell(l, "this is not a month");
			on_day(l, day);
			if (d) {
				revise(l, d, S(""));
			} else {
				d = make(l, KIND_METRIC, S(""));
				set(l, d, S("title"), name);
				set_int(l, d, S("measured_every"), 1);
				set_day(l, d, S("since"), day_of((struct date){2026, 4, 1}));
				set(l, d, S("unit_of_measure"),
					str_find(name, S("percent")) >= 0 &&
							str_find(name, S("days")) < 0
						? S("%")
						: str_find(name, S("days")) >= 0 ? S("days")
										 : S(""));
				set_state(l, d, S("active"));
				tie_to_objective(l, d, name);
			}
			add_row(l, d, S("measurement"),
				PAIRS({S("period"), months[i]}, {S("value"), cell(l, months[i])},
					{S("recorded"), time_text(l->c->arena, l->at_us)}));
		}
	}
}

/* ---- products ---- */

static const struct word_map product_kinds[] = {{S_INIT("Cloud service"), S_INIT("service")},
	{S_INIT("Operating room gateway"), S_INIT("device")},
	{S_INIT("Networked infusion pump"), S_INIT("device")},
	{S_INIT("Camera stand accessory"), S_INIT("accessory")}};

void table_products(struct loader *l)
{
	static const struct map fields[] = {{S_INIT("product"), S_INIT("title")},
		{S_INIT("kind"), S_INIT("description")}, {S_INIT("kind"), S_INIT("intended_use")},
		{S_INIT("current version"), S_INIT("version")},
		{S_INIT("support until"), S_INIT("support_until")}};

	while (row_next(l)) {
		str kind = cell(l, S("kind")), class = cell(l, S("software class"));
		str why = cell(l, S("cyber device")), cyber = str_cut_at(&why, S(": "));
		str udi = cell(l, S("UDI-DI (GS1)"));
		struct draft *d = make(l, KIND_PRODUCT, cell(l, S("id")));
		FILL(l, d, fields);
		set(l, d, S("kind"), WORD(l, product_kinds, kind));
		set(l, d, S("is_medical"),
			str_find(kind, S("not a medical device")) >= 0 ? S("no") : S("yes"));
		set(l, d, S("is_cyber"), cyber);
		set(l, d, S("cyber_reason"), why);
		set(l, d, S("safety_class"),
			cell_none(class) ? S("none") : str_part(class, class.n - 1, class.n));
		if (!cell_none(udi))
			set(l, d, S("udi_di"), udi);
		set_state(l, d, S("on_market"));
	}
}

/* ---- releases ---- */

static const struct word_map release_states[] = {{S_INIT("in service"), S_INIT("released")},
	{S_INIT("superseded"), S_INIT("superseded")},
	{S_INIT("rolling out"), S_INIT("rolling_out")}, {S_INIT("in field"), S_INIT("released")}};

/* "SBOM-2b, rebuilt 2026-06-24": the file is younger than the release. */
static void add_sbom(struct loader *l, struct draft *release, str cell_text, int64_t released)
{
	int64_t was = l->at_us, made = released;
	str ref = str_cut_at(&cell_text, S(", ")), rebuilt = cell_text;

	if (rebuilt.n &&
		(!str_starts(rebuilt, S("rebuilt ")) || !cell_day(str_part(rebuilt, 8, 18), &made)))
		bad_cell(l, "\"%.*s\" is not known here", STR_ARG(rebuilt));
	on_day(l, made);
	struct draft *d = make(l, KIND_SBOM, ref);
	set(l, d, S("title"),
		str_join(l->c->arena, S("Bill of materials of "), release->rec->title));
	set(l, d, S("release"), release->rec->ref);
	set_time(l, d, S("made"), made * DAY_US);
	add_note(l, d, S("Made"), rebuilt);
	set_state(l, d, S("complete"));
	revise(l, release, S("has its bill of materials"));
	set(l, release, S("sbom"), ref);
	at_time(l, was);
}

/* The day of the next release of the same product, when the state says that there is one. */
static int64_t superseded_on(struct loader *l, const struct json *row, int64_t released)
{
	int64_t best = DAY_NONE, day;

	json_each(other, table_rows(l, S("releases"))) if (str_eq(json_text(other, S("product")),
								   json_text(row, S("product"))) &&
		cell_day(json_text(other, S("date")), &day) && day > released &&
		(best == DAY_NONE || day < best)) best = day;
	return best;
}

void table_releases(struct loader *l)
{
	static const struct map fields[] = {{S_INIT("product"), S_INIT("product")},
		{S_INIT("version"), S_INIT("version")}, {S_INIT("date"), S_INIT("released")},
		{S_INIT("signature"), S_INIT("signature")}};
	int64_t day;

	while (row_next(l)) {
		str words = cell(l, S("state")), state = WORD(l, release_states, words);
		const struct rec *product = need(l, cell(l, S("product")))->rec;
		if (!cell_day(cell(l, S("date")), &day)) {
			bad_cell(l, "this is not a date");
			return;
		}
		on_day(l, day);
		struct draft *d = make(l, KIND_RELEASE, cell(l, S("id")));
		set(l, d, S("title"),
			str_fmt(l->c->arena, "%.*s %.*s", STR_ARG(product->title),
				STR_ARG(cell(l, S("version")))));
		FILL(l, d, fields);
		set(l, d, S("deployment"), words);
		set_day(l, d, S("supported_until"),
			((const struct product *)product)->support_until);
		set_state(l, d, str_eq(state, S("superseded")) ? S("released") : state);
		add_sbom(l, d, cell(l, S("sbom")), day);
		if (!str_eq(state, S("superseded")))
			continue;
		on_day(l, superseded_on(l, l->row, day));
		revise(l, d, S("superseded"));
		set_state(l, d, state);
	}
}

/* ---- components ---- */

/* The supplier with that name, "Brightfern Imaging (invented)" without its note. */
static str party_of(struct loader *l, str name)
{
	str inside;

	name = cell_parenthesis(name, &inside);
	json_each(party,
		table_rows(
			l, S("suppliers"))) if (str_eq(json_text(party, S("supplier (invented)")),
							name)) return json_text(party, S("id"));
	return S("");
}

void table_sbom(struct loader *l)
{
	static const struct map fields[] = {{S_INIT("component"), S_INIT("title")},
		{S_INIT("version"), S_INIT("version")},
		{S_INIT("supplier"), S_INIT("supplier_name")},
		{S_INIT("identifier"), S_INIT("purl")}, {S_INIT("licence"), S_INIT("licence")},
		{S_INIT("end of support"), S_INIT("end_of_support")}};
	static const struct word_map support[] = {{S_INIT("maintained"), S_INIT("maintained")},
		{S_INIT("no longer maintained"), S_INIT("not_maintained")},
		{S_INIT("unknown"), S_INIT("unknown")}};

	while (row_next(l)) {
		struct draft *sbom = need(l, cell(l, S("sbom")));
		if (failed(l))
			return;
		/* The release had the component before a bill that was made late says so. */
		at_time(l, need(l, ((const struct sbom *)sbom->rec)->release)->create->at_us);
		struct draft *d = make(l, KIND_COMPONENT, cell(l, S("id")));
		FILL(l, d, fields);
		set(l, d, S("supplier"), party_of(l, cell(l, S("supplier"))));
		set(l, d, S("support"), WORD(l, support, cell(l, S("support level"))));
		set(l, d, S("end_unknown"),
			str_eq(cell(l, S("end of support")), S("unknown")) ? S("yes") : S("no"));
		set_state(l, d, S("in_use"));
		if (sbom->create->at_us > l->at_us) {
			at_time(l, sbom->create->at_us);
			revise(l, d, S("in the bill of materials"));
		}
		set(l, d, S("sbom"), cell(l, S("sbom")));
		/* The minimum elements: an entry without version, supplier and identifier is a
		   gap. */
		if (!cell(l, S("version")).n || !cell(l, S("supplier")).n ||
			!cell(l, S("identifier")).n)
			set(l, sbom, S("completeness"), S("incomplete"));
	}
}

/* ---- deployments ---- */

/* Computed from the devices; what is kept are the shares after 30, 60 and 90 days. */
void table_deployments(struct loader *l)
{
	static const str after[] = {S_INIT("30 days"), S_INIT("60 days"), S_INIT("90 days")};
	static const int64_t days[] = {30, 60, 90};
	struct draft *d = NULL;
	int64_t released, units, last = DEMO_FIRST_DAY;

	while (row_next(l)) {
		str ref = cell(l, S("release")), name = ref;
		ref = str_word(&name);
		struct draft *release = need(l, ref);
		if (failed(l))
			return;
		struct release *r = (struct release *)release->rec;
		if (!cell_day(cell(l, S("released")), &released) || released != r->released)
			bad_cell(l, "the release is of another day");
		if (!cell_number(cell(l, S("fielded units")), &units))
			bad_cell(l, "this is not a number");
		set_int(l, need(l, r->rec.product), S("fleet"), units);
		set(l, release, S("deployment"),
			str_fmt(l->c->arena, "%.*s, %.*s", STR_ARG(r->deployment),
				STR_ARG(cell(l, S("2026-09-30")))));
		for (isize i = 0; i < COUNT_OF(after); i++) {
			str share = cell(l, after[i]);
			if (str_eq(share, S("not reached")))
				continue;
			last = released + days[i] > last ? released + days[i] : last;
			if (!d) {
				on_day(l, released + days[i]);
				d = make(l, KIND_METRIC, S(""));
				set(l, d, S("title"),
					S("Time to field: share of units with a release"));
				set(l, d, S("unit_of_measure"), S("%"));
				set_state(l, d, S("active"));
			}
			str value = str_word(&share);
			add_row(l, d, S("measurement"),
				PAIRS({S("period"),
					      str_fmt(l->c->arena, "%.*s, %.*s", STR_ARG(ref),
						      STR_ARG(after[i]))},
					{S("value"), value},
					{S("recorded"),
						time_text(l->c->arena,
							(released + days[i]) * DAY_US)}));
		}
	}
	/* One record, imported when the last share was known. */
	if (d)
		d->create->at_us = last * DAY_US;
}
