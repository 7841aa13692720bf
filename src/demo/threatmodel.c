/* Tables 14 to 20 and 27: the threat model TM-1 with its parts and views. */
#include "demo/demo_in.h"

/* The last day of a planned activity that is done: when its result was there. */
int64_t activity_day(struct loader *l, str activity)
{
	int64_t day;

	json_each(row,
		table_rows(l, S("activities"))) if (str_eq(json_text(row, S("id")), activity) &&
		str_eq(json_text(row, S("state")), S("done")) &&
		cell_day(json_text(row, S("due")), &day)) return day;
	bad_cell(l, "%.*s is not an activity that was done", STR_ARG(activity));
	return DEMO_FIRST_DAY;
}

/* The first session made the model; DOC-05 holds its second version, and table_documents its
   approval. */
static void make_model(struct loader *l)
{
	on_day(l, activity_day(l, S("ACT-05")));
	struct draft *d = make(l, KIND_THREAT_MODEL, S("TM-1"));
	set(l, d, S("title"), S("Threat model TM-1: SurgeryCloud, TheatreLink G2 and Infusa 3"));
	set(l, d, S("product"), S("PRD-1"));
	set(l, d, S("owner"), S("R-SA"));
	set(l, d, S("version"), S("1.0"));
	set(l, d, S("method"), S("STRIDE"));
	set(l, d, S("model_scope"), S("Zones Z1 to Z8 and all flows F01 to F30"));
	set_state(l, d, S("in_review"));
}

/* Parts of the model were there after the first session. */
static struct draft *make_part(struct loader *l, int kind, const char *state)
{
	on_day(l, activity_day(l, S("ACT-05")));
	struct draft *d = make(l, kind, cell(l, S("id")));
	set(l, d, S("model"), S("TM-1"));
	set_state(l, d, str_of(state));
	return d;
}

void table_zones(struct loader *l)
{
	static const struct map fields[] = {{S_INIT("zone"), S_INIT("title")},
		{S_INIT("exposure 1 to 5"), S_INIT("exposure")},
		{S_INIT("who controls it"), S_INIT("controller")},
		{S_INIT("assumption"), S_INIT("assumption")}};

	make_model(l);
	while (row_next(l)) {
		struct draft *d = make_part(l, KIND_ZONE, "active");
		FILL(l, d, fields);
	}
}

static const struct word_map element_types[] = {{S_INIT("function"), S_INIT("process")},
	{S_INIT("service"), S_INIT("process")}, {S_INIT("gateway"), S_INIT("process")},
	{S_INIT("application"), S_INIT("process")}, {S_INIT("database"), S_INIT("store")},
	{S_INIT("storage"), S_INIT("store")}, {S_INIT("external system"), S_INIT("actor")},
	{S_INIT("device"), S_INIT("device")}, {S_INIT("hardware"), S_INIT("device")}};

void table_components(struct loader *l)
{
	static const struct map fields[] = {{S_INIT("component"), S_INIT("title")},
		{S_INIT("zone"), S_INIT("zone")}, {S_INIT("kind"), S_INIT("shape")},
		{S_INIT("technology"), S_INIT("technology")},
		{S_INIT("class (IEC 81001-5-1)"), S_INIT("class")}};

	while (row_next(l)) {
		struct draft *d = make_part(l, KIND_ELEMENT, "active");
		struct cell_refs products = cell_refs(l->c->arena, cell(l, S("products")));
		FILL(l, d, fields);
		set(l, d, S("type"), WORD(l, element_types, cell(l, S("kind"))));
		set_words(l, d, S("products"), (struct words){products.ref, products.count});
		if (products.count == 1)
			set(l, d, S("product"), products.ref[0]);
	}
}

/* By the name of the interface or the port. */
static const struct word_map media[] = {{S_INIT("USB"), S_INIT("usb")},
	{S_INIT("SDI"), S_INIT("video")}, {S_INIT("Serial"), S_INIT("serial")},
	{S_INIT("Wi-Fi"), S_INIT("wifi")}, {S_INIT("Bluetooth"), S_INIT("ble")},
	{S_INIT("Internal bus"), S_INIT("bus")}, {S_INIT("Keypad"), S_INIT("person")},
	{S_INIT(""), S_INIT("")}};

static str interface_use(str shipped, str used_for)
{
	if (str_find(used_for, S("dormant")) >= 0)
		return S("dormant");
	if (str_starts(used_for, S("none")) || str_starts(shipped, S("disabled")))
		return S("disabled");
	return S("used");
}

void table_interfaces(struct loader *l)
{
	static const struct map fields[] = {{S_INIT("interface"), S_INIT("title")},
		{S_INIT("component"), S_INIT("element")},
		{S_INIT("port or connector"), S_INIT("port")},
		{S_INIT("direction"), S_INIT("direction")},
		{S_INIT("state as shipped"), S_INIT("shipped")},
		{S_INIT("used for"), S_INIT("purpose")}};

	while (row_next(l)) {
		struct draft *d = make_part(l, KIND_INTERFACE, "active");
		FILL(l, d, fields);
		set(l, d, S("use"),
			interface_use(cell(l, S("state as shipped")), cell(l, S("used for"))));
		set(l, d, S("medium"), WORD(l, media, cell(l, S("interface"))));
	}
}

/* ---- assets ---- */

static const struct asset_words {
	str cell, data, type;
} asset_words[] = {
	{S_INIT("health data, pseudonymous"), S_INIT("health_pseudonymous"), S_INIT("information")},
	{S_INIT("health data possible"), S_INIT("health_possible"), S_INIT("information")},
	{S_INIT("health data"), S_INIT("health"), S_INIT("information")},
	{S_INIT("safety data"), S_INIT("safety"), S_INIT("information")},
	{S_INIT("safety function"), S_INIT("safety_function"), S_INIT("function")},
	{S_INIT("secret"), S_INIT("secret"), S_INIT("information")},
	{S_INIT("log"), S_INIT("log"), S_INIT("information")},
	{S_INIT("code"), S_INIT("code"), S_INIT("software")},
	{S_INIT("intellectual property"), S_INIT("intellectual"), S_INIT("information")},
	{S_INIT("infrastructure"), S_INIT("infrastructure"), S_INIT("equipment")},
	{S_INIT("configuration"), S_INIT("configuration"), S_INIT("information")},
	{S_INIT("personal data"), S_INIT("personal"), S_INIT("information")},
	{S_INIT("business record"), S_INIT("business"), S_INIT("information")},
	{S_INIT("intangible"), S_INIT("intangible"), S_INIT("intangible")},
};
static const struct word_map levels4[] = {{S_INIT("1"), S_INIT("low")},
	{S_INIT("2"), S_INIT("medium")}, {S_INIT("3"), S_INIT("high")},
	{S_INIT("4"), S_INIT("very_high")}};

static void classify(struct loader *l, struct draft *d, str kind)
{
	for (isize i = 0; i < COUNT_OF(asset_words); i++) {
		if (!str_eq(asset_words[i].cell, kind))
			continue;
		bool personal = str_starts(kind, S("health")) || str_starts(kind, S("personal"));
		set(l, d, S("data_kind"), asset_words[i].data);
		set(l, d, S("type"), asset_words[i].type);
		set(l, d, S("personal_data"), personal ? S("yes") : S("no"));
		return;
	}
	bad_cell(l, "\"%.*s\" is not known here", STR_ARG(kind));
}

void table_assets(struct loader *l)
{
	while (row_next(l)) {
		str where = cell(l, S("where"));
		struct draft *d = make(l, KIND_ASSET, cell(l, S("id")));
		classify(l, d, cell(l, S("data kind")));
		set(l, d, S("title"), cell(l, S("asset")));
		set(l, d, S("owner"), cell(l, S("owner")));
		set(l, d, S("confidentiality"), WORD(l, levels4, cell(l, S("C"))));
		set(l, d, S("integrity"), WORD(l, levels4, cell(l, S("I"))));
		set(l, d, S("availability"), WORD(l, levels4, cell(l, S("A"))));
		set_state(l, d, S("in_use"));
		(void)cell(l, S("where"));
		if (str_eq(where, S("organization")))
			link_to(l, d->rec->ref, S("resides_in"), S("UNT-1"), S(""));
		else if (str_eq(where, S("this system")))
			set(l, d, S("location"), where);
		else
			link_cell(l, d, S("resides_in"), where);
	}
}

/* ---- flows ---- */

/* A flow that ends on a person ends on an actor of the model that stands for them. */
static str end_of(struct loader *l, str ref)
{
	if (ref.n == 0 || ref.p[0] != 'P')
		return ref;
	struct draft *d = make(l, KIND_ELEMENT, S("C27"));
	set(l, d, S("title"), S("On-call person"));
	set(l, d, S("model"), S("TM-1"));
	set(l, d, S("type"), S("actor"));
	set(l, d, S("shape"), S("person"));
	set(l, d, S("zone"), S("Z1"));
	set_state(l, d, S("active"));
	add_note(l, d, S("Stands for"), ref);
	return d->rec->ref;
}

/* Whether the words say that it is there: in part, when it depends on the version. */
static str is_there(str words)
{
	if (str_starts(words, S("none")))
		return S("no");
	return str_find(words, S(", none (")) >= 0 ? S("partly") : S("yes");
}

static void add_crossings(struct loader *l, struct draft *d, str zones)
{
	struct cell_refs refs = cell_refs(l->c->arena, zones);

	for (isize i = 0; i < refs.count; i++)
		add_row(l, d, S("cross"), PAIRS({S("zone"), refs.ref[i]}));
}

void table_flows(struct loader *l)
{
	static const struct map fields[] = {{S_INIT("carries"), S_INIT("carries_text")},
		{S_INIT("kind"), S_INIT("content")},
		{S_INIT("protocol and version"), S_INIT("protocol")},
		{S_INIT("port"), S_INIT("port")},
		{S_INIT("authentication"), S_INIT("authentication")},
		{S_INIT("encryption"), S_INIT("encryption")}};

	while (row_next(l)) {
		struct draft *d = make_part(l, KIND_FLOW, "active");
		str carries = cell(l, S("carries")), port = cell(l, S("port")),
		    asset = str_word(&carries);
		str from = cell(l, S("from")), to = end_of(l, cell(l, S("to")));
		FILL(l, d, fields);
		set(l, d, S("from"), from);
		set(l, d, S("to"), to);
		set(l, d, S("title"),
			str_fmt(l->c->arena, "%.*s to %.*s: %.*s",
				STR_ARG(need(l, from)->rec->title),
				STR_ARG(need(l, to)->rec->title), STR_ARG(cell(l, S("carries")))));
		set(l, d, S("is_authenticated"), is_there(cell(l, S("authentication"))));
		set(l, d, S("is_encrypted"), is_there(cell(l, S("encryption"))));
		add_crossings(l, d, cell(l, S("crosses")));
		if (cell_is_ref(asset)) {
			(void)cell(l, S("carries"));
			link_to(l, d->rec->ref, S("carries"), asset, str_trim(carries));
		}
		if (cell_is_ref(port))
			set(l, d, S("interface"), port);
	}
	model_facts(l);
}

void table_assumptions(struct loader *l)
{
	static const struct map fields[] = {{S_INIT("assumption"), S_INIT("title")},
		{S_INIT("if it fails"), S_INIT("if_fails")}};

	while (row_next(l)) {
		struct draft *d = make_part(l, KIND_ASSUMPTION, "stated");
		FILL(l, d, fields);
		link_to(l, S("TM-1"), S("rests_on"), d->rec->ref, S(""));
	}
}

/* ---- threats ---- */

/* The second session was about the drug library; the incident raised two more (INC-1). */
static void found_when(struct loader *l, str ref, str target)
{
	static const str library[] = {S_INIT("A04"), S_INIT("F15"), S_INIT("F16"), S_INIT("C26")};

	json_each(event, table_rows(l, S("incident")))
	{
		int64_t at;
		if (str_eq(json_text(event, S("kind")), S("learning")) &&
			str_find(json_text(event, S("event")), ref) >= 0 &&
			cell_time(json_text(event, S("time (UTC)")), &at)) {
			at_time(l, at);
			by(l, json_text(event, S("by")));
			return;
		}
	}
	on_day(l, activity_day(l, S("ACT-05")));
	for (isize i = 0; i < COUNT_OF(library); i++)
		if (str_find(target, library[i]) >= 0)
			on_day(l, activity_day(l, S("ACT-06")));
}

/* The version 2.0 of the model, which holds the answers, was approved on this day. */
static int64_t model_day(struct loader *l)
{
	int64_t day;

	json_each(row, table_rows(l, S("documents"))) if (str_ends(json_text(row, S("document")),
								  S("TM-1")) &&
		cell_day(json_text(row, S("approved on")), &day)) return day;
	bad_cell(l, "no document holds the threat model");
	return DEMO_FIRST_DAY;
}

/* Countermeasures answer a threat, and by that the risk that it raises. */
static void link_threat(struct loader *l, struct draft *d)
{
	str risk, controls;

	link_cell(l, d, S("targets"), cell(l, S("target")));
	controls = cell(l, S("countermeasures"));
	link_back(l, controls, S("counters"), d);
	risk = cell(l, S("risk"));
	link_cell(l, d, S("raises"), risk);
	if (cell_is_ref(risk))
		link_back(l, controls, S("treats"), need(l, risk));
}

void table_threats(struct loader *l)
{
	static const struct map fields[] = {
		{S_INIT("threat"), S_INIT("title")}, {S_INIT("category"), S_INIT("category")}};
	static const struct map answer[] = {{S_INIT("applies"), S_INIT("applies")},
		{S_INIT("reason or note"), S_INIT("reason")}};
	int64_t approved = 0;

	while (row_next(l)) {
		approved = approved ? approved : model_day(l);
		found_when(l, cell(l, S("id")), cell(l, S("target")));
		struct draft *d = make(l, KIND_THREAT, cell(l, S("id")));
		FILL(l, d, fields);
		set(l, d, S("model"), S("TM-1"));
		set_day(l, d, S("first_seen"), day_of_time(l->at_us));
		link_threat(l, d);
		on_day(l, approved);
		by(l, S("R-SA"));
		revise(l, d, S("answered in version 2.0 of the model"));
		FILL(l, d, answer);
		if (str_eq(cell(l, S("applies")), S("no")))
			set_state(l, d, S("not_applicable"));
		else
			set_state(l, d,
				cell(l, S("countermeasures")).n ? S("answered") : S("assessed"));
	}
}

/* ---- views ---- */

static const struct word_map view_types[] = {{S_INIT("Global"), S_INIT("global")},
	{S_INIT("Multi-patient"), S_INIT("multi_patient")}, {S_INIT("Update"), S_INIT("update")},
	{S_INIT("Use case"), S_INIT("use_case")}};

void table_views(struct loader *l)
{
	static const struct map fields[] = {{S_INIT("view"), S_INIT("title")},
		{S_INIT("shows"), S_INIT("shows_text")}, {S_INIT("version"), S_INIT("version")},
		{S_INIT("reviewed"), S_INIT("reviewed")}};
	int64_t day;

	while (row_next(l)) {
		if (!cell_day(cell(l, S("reviewed")), &day))
			bad_cell(l, "this is not a date");
		on_day(l, day);
		struct draft *d = make(l, KIND_VIEW, cell(l, S("id")));
		FILL(l, d, fields);
		set(l, d, S("model"), S("TM-1"));
		set(l, d, S("type"), WORD(l, view_types, cell(l, S("view"))));
		set_state(l, d, S("approved"));
		str shows = cell(l, S("shows"));
		/* A view of a countermeasure shows no part of the model; its words stay text. */
		if (!str_starts(shows, S("CM-")))
			link_cell(l, d, S("depicts"), shows);
		if (str_find(shows, S("all flows")) >= 0)
			json_each(flow, table_rows(l, S("flows"))) link_to(
				l, d->rec->ref, S("depicts"), json_text(flow, S("id")), S(""));
	}
}
