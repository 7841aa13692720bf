/* Tables 6 to 8 and 31 to 33: people, roles, training, access, identities, access reviews. */
#include "demo/demo_in.h"

const struct demo_account demo_accounts[] = {
	{S_INIT("tomas"), S_INIT("P02"),
		S_INIT("Head of product security: vulnerabilities, incidents, most of the "
		       "writing")},
	{S_INIT("mei"), S_INIT("P05"),
		S_INIT("Security architect: the threat model, requirements, controls")},
	{S_INIT("hanna"), S_INIT("P09"),
		S_INIT("Quality manager: documents, findings, signatures")},
	{S_INIT("auditor"), S_INIT("P15"),
		S_INIT("Internal auditor: reads everything with its ledger, writes audits")},
};
const int demo_account_count = COUNT_OF(demo_accounts);

static str sign_in_of(str person)
{
	for (int i = 0; i < demo_account_count; i++)
		if (str_eq(demo_accounts[i].person, person))
			return demo_accounts[i].sign_in;
	return S("");
}

/* ---- people ---- */

static str site_of(struct loader *l, str name)
{
	for (isize i = 0; i < l->draft_count; i++) {
		const struct rec *rec = l->draft[i]->rec;
		if (rec->kind->id == KIND_UNIT && str_starts(rec->title, name))
			return rec->ref;
	}
	bad_cell(l, "there is no site %.*s", STR_ARG(name));
	return S("");
}

static void add_clearance(struct loader *l, struct draft *person, str clearance)
{
	str word = str_word(&clearance);
	int64_t day;

	if (cell_none(word))
		return;
	if (!str_eq(word, S("checked")) || !cell_day(str_trim(clearance), &day)) {
		bad_cell(l, "this is not a clearance");
		return;
	}
	struct draft *d = make(l, KIND_QUALIFICATION, S(""));
	set(l, d, S("title"), str_join(l->c->arena, S("Clearance of "), person->rec->title));
	set(l, d, S("type"), S("clearance"));
	set(l, d, S("person"), person->rec->ref);
	set(l, d, S("basis"), S("check"));
	set_day(l, d, S("from"), day);
	set_state(l, d, S("valid"));
}

/* "Site reliability engineer (left 2026-06-30)" */
static void leave(struct loader *l, struct draft *d, str left)
{
	int64_t day;

	if (!str_starts(left, S("left ")) || !cell_day(str_part(left, 5, left.n), &day)) {
		bad_cell(l, "\"%.*s\" is not known here", STR_ARG(left));
		return;
	}
	on_day(l, day);
	by(l, S("R-HR"));
	revise(l, d, S("left"));
	set_day(l, d, S("until"), day);
	set_state(l, d, S("left"));
}

void table_people(struct loader *l)
{
	static const struct map fields[] = {
		{S_INIT("name"), S_INIT("title")}, {S_INIT("started"), S_INIT("from")}};

	while (row_next(l)) {
		str left, post = cell_parenthesis(cell(l, S("post")), &left),
			  ref = cell(l, S("id"));
		struct draft *d = make(l, KIND_PERSON, ref);
		str accounts = cell(l, S("accounts"));
		FILL(l, d, fields);
		set(l, d, S("post"), post);
		set(l, d, S("employment"), S("staff"));
		set(l, d, S("unit"), S("UNT-1"));
		set(l, d, S("site"), site_of(l, cell(l, S("site"))));
		set(l, d, S("sign_in"), sign_in_of(ref));
		set(l, d, S("sign_in_web"), str_find(accounts, S("web")) >= 0 ? S("yes") : S("no"));
		set(l, d, S("sign_in_cli"), str_find(accounts, S("cli")) >= 0 ? S("yes") : S("no"));
		set_state(l, d, S("active"));
		add_clearance(l, d, cell(l, S("clearance")));
		if (left.n)
			leave(l, d, left);
	}
}

/* ---- roles ---- */

/* What an authority says about accepting risks.  No role accepts the unacceptable: the criteria
   allow its reduction only. */
static const struct word_map levels[] = {{S_INIT("Accepts risk of any level"), S_INIT("High")},
	{S_INIT("Accepts risk level Medium"), S_INIT("Medium")},
	{S_INIT("Accepts risk level Low"), S_INIT("Low")}};

/* Everybody reads every kind of record; the ledger and what is restricted need a right of their
   own, so that "*.read" would be too much. */
static const str base_rights = S_INIT("log_in search.read tasks.read overview.read trace.read"
				      " readiness.read report.make");
/* What a role may do beside reading, by its responsibility and authority. */
static const struct word_map role_rights[] = {
	{S_INIT("R-CEO"),
		S_INIT("decision.* objective.* review.* scope.* resource.* unit.* risk.accept"
		       " document.approve plan.approve role.* risk_model.approve change.approve "
		       "restricted.read")},
	{S_INIT("R-SRM"),
		S_INIT("risk.* risk_model.* hazard.write control.* action.* decision.* objective.*"
		       " obligation.* issue.* party.* scope.* plan.* process.* strategy.* metric.* "
		       "threat.write"
		       " threat_model.approve assumption.write asset.write change.* review.write "
		       "evidence.*"
		       " programme.write communication.write resource.write")},
	{S_INIT("R-PSL"),
		S_INIT("*.write risk.accept incident.* plan.* vex.publish disclosure.publish"
		       " message.clear release.approve control.operate action.approve "
		       "change.approve"
		       " decision.decide ledger.read"
		       " restricted.read user.manage session.manage token.make")},
	{S_INIT("R-SA"),
		S_INIT("threat_model.* zone.* element.* interface.* flow.* asset.* assumption.*"
		       " threat.* view.* control.* requirement.* risk.write test.write "
		       "evidence.write"
		       " action.write document.write")},
	{S_INIT("R-SE"),
		S_INIT("threat.write element.write flow.write interface.write vulnerability.*"
		       " component.* sbom.* vex.write anomaly.* control.write requirement.write "
		       "test.write"
		       " evidence.write action.write")},
	{S_INIT("R-DEV"),
		S_INIT("release.* sbom.* component.* anomaly.* product.write requirement.write"
		       " control.write change.* action.write evidence.write test.write "
		       "document.approve"
		       " document.write")},
	{S_INIT("R-PO"),
		S_INIT("product.* requirement.write objective.write issue.write party.write"
		       " obligation.write access_policy.write action.write")},
	{S_INIT("R-QA"),
		S_INIT("document.* finding.* assessment.* programme.* evidence.* action.* process.*"
		       " change.* campaign.* competence.* qualification.* deliverable.* "
		       "obligation.write"
		       " review.write metric.write risk.accept risk_model.approve decision.*")},
	{S_INIT("R-RA"),
		S_INIT("deliverable.* obligation.* message.* disclosure.write document.*"
		       " framework.* mapping.*")},
	{S_INIT("R-CMO"),
		S_INIT("hazard.* risk.write decision.write threat_model.approve")},
	{S_INIT("R-OPS"),
		S_INIT("incident.* identity.* access_grant.* access_policy.* device.* exercise.*"
		       " campaign.write control.write control.operate evidence.write action.write "
		       "change.write"
		       " plan.activate document.write user.manage session.manage")},
	{S_INIT("R-SVC"),
		S_INIT("device.* incident.write message.write communication.write party.write"
		       " action.write plan.activate")},
	{S_INIT("R-AUD"),
		S_INIT("ledger.read finding.write assessment.* restricted.read")},
	{S_INIT("R-SUP"),
		S_INIT("party.* assessment.* resource.write document.write action.write")},
	{S_INIT("R-DPO"),
		S_INIT("document.write process.write incident.write obligation.write message.write"
		       " restricted.read")},
	{S_INIT("R-HR"),
		S_INIT("person.* qualification.* competence.* campaign.* role.write"
		       " access_grant.write unit.write restricted.read")},
	{S_INIT("R-TST"),
		S_INIT("test.* evidence.write requirement.* finding.write anomaly.write"
		       " action.write")},
};

static void give_rights(struct loader *l, struct draft *role)
{
	enum { RIGHTS_MAX = 200 };
	struct words w = {.item = NEW(l->c->arena, str, RIGHTS_MAX)};
	str text[2] = {base_rights, WORD(l, role_rights, role->rec->ref)};

	for (int i = 0; i < 2; i++)
		for (str word = str_word(&text[i]); word.n && w.count < RIGHTS_MAX;
			word = str_word(&text[i]))
			w.item[w.count++] = word;
	for (int i = 0; i < kind_count && w.count < RIGHTS_MAX; i++)
		w.item[w.count++] = right_name(kinds[i].can_read);
	set_words(l, role, S("rights"), w);
}

static void grant(struct loader *l, const struct draft *role, str people, bool alternate)
{
	if (cell_none(people))
		return;
	for (str person = str_word(&people); person.n; person = str_word(&people)) {
		struct draft *d = make(l, KIND_ACCESS_GRANT, S(""));
		const struct rec *holder = need(l, person)->rec;
		set(l, d, S("title"),
			str_fmt(l->c->arena, "%.*s: %.*s%s", STR_ARG(role->rec->title),
				STR_ARG(holder->title), alternate ? " (alternate)" : ""));
		set(l, d, S("identity"), person);
		set(l, d, S("role"), role->rec->ref);
		set(l, d, S("alternate"), alternate ? S("yes") : S("no"));
		set(l, d, S("reason"),
			alternate ? S("Stands in for the holder") : S("Holds the role"));
		/* An alternate gets the rights when they stand in: until then the grant waits.  So
		   the auditor, who is the alternate of the quality manager, approves nothing. */
		set_state(l, d, alternate ? S("requested") : S("granted"));
		if (!alternate)
			set_day(l, d, S("from"), DEMO_FIRST_DAY);
	}
}

void table_roles(struct loader *l)
{
	static const struct map fields[] = {{S_INIT("role"), S_INIT("title")},
		{S_INIT("responsibility"), S_INIT("responsibilities")},
		{S_INIT("authority"), S_INIT("authorities")}};

	while (row_next(l)) {
		struct draft *d = make(l, KIND_ROLE, cell(l, S("id")));
		str authority = cell(l, S("authority"));
		FILL(l, d, fields);
		set(l, d, S("kind"), S("organization"));
		if (str_starts(authority, S("Accepts risk ")))
			set(l, d, S("accepts_level"), WORD(l, levels, authority));
		give_rights(l, d);
		set_state(l, d, S("effective"));
		grant(l, d, cell(l, S("held by")), false);
		grant(l, d, cell(l, S("alternate")), true);
	}
}

/* ---- training ---- */

struct course {
	struct draft *campaign, *competence;
	int64_t done, months;
	str roles, missing, missing_note;
	/* The one named is overdue: theirs is the date, the others did it again in time. */
	bool is_due;
};

static void assign(struct loader *l, struct course *t, str person, str role)
{
	bool is_missing = str_eq(person, t->missing);
	int64_t done = t->is_due && !is_missing ? months_after(t->done, t->months) : t->done;
	bool is_done = !is_missing || t->is_due;
	str on = day_text(l->c->arena, done),
	    due = t->months
		? day_text(l->c->arena, is_done ? months_after(done, t->months) : t->done)
		: S("");

	add_row(l, t->campaign, S("assignment"),
		PAIRS({S("person"), person}, {S("role"), role}, {S("due"), due},
			{S("done"), is_done ? on : S("")},
			{S("note"), is_missing ? t->missing_note : S("")}));
	if (!is_done)
		return;
	struct draft *d = make(l, KIND_QUALIFICATION, S(""));
	set(l, d, S("title"),
		str_fmt(l->c->arena, "%.*s: %.*s", STR_ARG(t->competence->rec->title),
			STR_ARG(need(l, person)->rec->title)));
	set(l, d, S("type"), S("competence"));
	set(l, d, S("person"), person);
	set(l, d, S("competence"), t->competence->rec->ref);
	set(l, d, S("basis"), S("training"));
	set_day(l, d, S("from"), done);
	set(l, d, S("until"), due);
	set_state(l, d, t->is_due && is_missing ? S("expired") : S("valid"));
}

static void need_competence(struct loader *l, struct course *t, str role)
{
	add_row(l, t->competence, S("needed"), PAIRS({S("role"), role}));
	link_to(l, role, S("needs_competence"), t->competence->rec->ref, S(""));
}

/* Everybody for "all", who holds any role for "all who sign", else who holds the roles named. */
static void assign_all(struct loader *l, struct course *t)
{
	if (str_eq(t->roles, S("all"))) {
		json_each(person, table_rows(l, S("people")))
			assign(l, t, json_text(person, S("id")), S(""));
		return;
	}
	bool signers = str_eq(t->roles, S("all who sign"));
	struct words roles = {0};
	struct cell_refs named = cell_refs(l->c->arena, t->roles);
	roles = (struct words){named.ref, named.count};
	json_each(role, table_rows(l, S("roles")))
	{
		str ref = json_text(role, S("id")), people = json_text(role, S("held by"));
		bool wanted = signers;
		for (isize i = 0; i < roles.count; i++)
			wanted |= str_eq(roles.item[i], ref);
		if (!wanted)
			continue;
		if (!signers)
			need_competence(l, t, ref);
		for (str person = str_word(&people); person.n; person = str_word(&people))
			assign(l, t, person, ref);
	}
}

static void read_missing(struct loader *l, struct course *t, str text)
{
	*t = (struct course){.campaign = t->campaign,
		.competence = t->competence,
		.done = t->done,
		.months = t->months,
		.roles = t->roles,
		.missing = S(""),
		.missing_note = S("")};
	if (cell_none(text))
		return;
	t->missing_note = text;
	t->missing = str_word(&text);
	t->is_due = str_starts(text, S("overdue"));
	if (!cell_is_ref(t->missing))
		bad_cell(l, "this names nobody");
}

void table_training(struct loader *l)
{
	struct course t;

	while (row_next(l)) {
		str interval = cell(l, S("interval"));
		if (!cell_day(cell(l, S("last done")), &t.done)) {
			bad_cell(l, "this is not a date");
			return;
		}
		if (!cell_number(interval, &t.months)) {
			t.months = 0;
			if (!str_eq(interval, S("once")))
				bad_cell(l, "this is not an interval");
		}
		t.roles = cell(l, S("for roles"));
		on_day(l, t.done);
		t.competence = make(l, KIND_COMPETENCE, S(""));
		set(l, t.competence, S("title"), cell(l, S("course")));
		set_state(l, t.competence, S("effective"));
		t.campaign = make(l, KIND_CAMPAIGN, cell(l, S("id")));
		read_missing(l, &t, cell(l, S("missing")));
		set(l, t.campaign, S("title"), cell(l, S("course")));
		set(l, t.campaign, S("type"), S("training"));
		set(l, t.campaign, S("audience"), t.roles);
		set_day(l, t.campaign, S("done"), t.done);
		if (t.months) {
			set_int(l, t.competence, S("refresh"), t.months);
			set_int(l, t.campaign, S("interval"), t.months);
			set_day(l, t.campaign, S("due"), months_after(t.done, t.months));
		}
		set_state(l, t.campaign, t.missing.n ? S("running") : S("closed"));
		link_to(l, t.campaign->rec->ref, S("covers"), t.competence->rec->ref, S(""));
		if (t.is_due)
			on_day(l, months_after(t.done, t.months));
		assign_all(l, &t);
		/* Who did it again did so later than the course was first held. */
		if (t.is_due)
			t.campaign->create->at_us = t.competence->create->at_us = l->at_us;
	}
}

/* ---- access matrix ---- */

static const struct word_map medical_roles[] = {{S_INIT("Surgeon"), S_INIT("clinician")},
	{S_INIT("Nurse"), S_INIT("clinician")}, {S_INIT("Pharmacist"), S_INIT("clinician")},
	{S_INIT("Biomedical"), S_INIT("technician")},
	{S_INIT("Hospital admin"), S_INIT("administrator")},
	{S_INIT("Maintenance"), S_INIT("contractor")}, {S_INIT("Patient"), S_INIT("patient")},
	{S_INIT("Vantrova"), S_INIT("none")}};

/* "change in window with consent": what and, after the first condition, when. */
static void add_rule(struct loader *l, struct draft *policy, str role, str object, str may)
{
	static const str conditions[] = {S_INIT(" with consent"), S_INIT(" without consent"),
		S_INIT(" in window"), S_INIT(", not "), S_INIT(" (")};
	isize at = may.n;

	for (isize i = 0; i < COUNT_OF(conditions); i++) {
		isize hit = str_find(may, conditions[i]);
		if (hit >= 0 && hit < at)
			at = hit;
	}
	str condition = str_part(may, at, may.n);
	if (str_starts(condition, S(",")))
		condition = str_part(condition, 1, condition.n);
	add_row(l, policy, S("rule"),
		PAIRS({S("role"), role}, {S("object"), object}, {S("may"), str_part(may, 0, at)},
			{S("condition"), str_trim(condition)}));
}

void table_access(struct loader *l)
{
	static const str objects[] = {S_INIT("reports"), S_INIT("drug library"),
		S_INIT("therapy settings"), S_INIT("device configuration"), S_INIT("diagnostics"),
		S_INIT("audit log"), S_INIT("firmware")};
	struct draft *policy = make(l, KIND_ACCESS_POLICY, S("POL-1"));

	set(l, policy, S("title"), S("Access matrix of the products"));
	set_state(l, policy, S("effective"));
	for (int i = 1; i <= 3; i++)
		link_to(l, S("POL-1"), S("governs"), str_fmt(l->c->arena, "PRD-%d", i), S(""));
	while (row_next(l)) {
		str name = cell(l, S("role in the product"));
		struct draft *d = make(l, KIND_ROLE, S(""));
		set(l, d, S("title"), name);
		set(l, d, S("kind"), S("product"));
		set(l, d, S("medical_role"), WORD(l, medical_roles, name));
		set(l, d, S("purpose"),
			S("A role of users in the products, by the access matrix."));
		set_state(l, d, S("effective"));
		link_to(l, S("POL-1"), S("governs"), d->rec->ref, S(""));
		for (isize i = 0; i < COUNT_OF(objects); i++) {
			str may = cell(l, objects[i]);
			if (!cell_none(may))
				add_rule(l, policy, name, objects[i], may);
		}
	}
}

/* ---- identities ---- */

static const struct word_map identity_kinds[] = {{S_INIT("service"), S_INIT("service")},
	{S_INIT("device class"), S_INIT("device_class")},
	{S_INIT("emergency"), S_INIT("emergency")}, {S_INIT("integration"), S_INIT("integration")}};
static const struct word_map credential_kinds[] = {{S_INIT("managed identity"), S_INIT("managed")},
	{S_INIT("key in signing module"), S_INIT("key")},
	{S_INIT("certificate"), S_INIT("certificate")},
	{S_INIT("two sealed tokens"), S_INIT("token")},
	{S_INIT("client credentials"), S_INIT("shared_secret")},
	{S_INIT("static key"), S_INIT("key")}};
/* Days between rotations; after use and never have none. */
static const struct word_map rotations[] = {{S_INIT("24 h"), S_INIT("1")},
	{S_INIT("12 months"), S_INIT("365")}, {S_INIT("6 months"), S_INIT("182")},
	{S_INIT("after use"), S_INIT("")}, {S_INIT("never"), S_INIT("0")}};

static void person_identity(struct loader *l, const struct json *person)
{
	str ref = json_text(person, S("id")), name = sign_in_of(ref);
	struct draft *d = make(l, KIND_IDENTITY, S(""));

	set(l, d, S("title"), json_text(person, S("name")));
	set(l, d, S("kind"), S("person"));
	set(l, d, S("person"), ref);
	set(l, d, S("owner"), ref);
	set(l, d, S("purpose"),
		str_join(l->c->arena, S("Accounts: "), json_text(person, S("accounts"))));
	if (name.n)
		add_row(l, d, S("identifier"),
			PAIRS({S("scheme"), S("username")}, {S("value"), name}));
	set_state(l, d, S("active"));
}

void table_identities(struct loader *l)
{
	static const struct map fields[] = {{S_INIT("identity"), S_INIT("title")},
		{S_INIT("authenticates with"), S_INIT("authenticates")},
		{S_INIT("rotates"), S_INIT("rotates")}};

	while (row_next(l)) {
		struct draft *d = make(l, KIND_IDENTITY, cell(l, S("id")));
		str kind = WORD(l, identity_kinds, cell(l, S("kind"))), owner = cell(l, S("owner"));
		str how = cell(l, S("authenticates with"));
		FILL(l, d, fields);
		set(l, d, S("kind"), kind);
		set(l, d, S("is_template"), str_eq(kind, S("device_class")) ? S("yes") : S("no"));
		set(l, d, S("break_glass"), str_eq(kind, S("emergency")) ? S("yes") : S("no"));
		if (!str_eq(owner, S("nobody")))
			set(l, d, S("owner"), owner);
		add_row(l, d, S("credential"),
			PAIRS({S("kind"), WORD(l, credential_kinds, how)}, {S("name"), how},
				{S("every"), WORD(l, rotations, cell(l, S("rotates")))}));
		set_state(l, d, S("active"));
	}
	json_each(person, table_rows(l, S("people"))) person_identity(l, person);
}

/* ---- access reviews ---- */

/* "2026 Q3": its first day. */
static bool quarter(str s, int64_t *first)
{
	int64_t year, number;

	if (s.n != 7 || s.p[5] != 'Q' || !str_int(str_part(s, 0, 4), 2000, 2100, &year) ||
		!str_int(str_part(s, 6, 7), 1, 4, &number))
		return false;
	*first = day_of((struct date){(int)year, (int)(number * 3 - 2), 1});
	return true;
}

/* "P18 still active, revoked 2026-09-26, left 2026-06-30": a right of somebody who had left. */
static void late_right(struct loader *l, str place, str note)
{
	str rest = note, person = str_word(&rest);
	isize at = str_find(rest, S("revoked "));
	int64_t day;

	if (!cell_is_ref(person) || at < 0)
		return;
	if (!cell_day(str_part(rest, at + 8, at + 18), &day)) {
		bad_cell(l, "no day of revocation");
		return;
	}
	int64_t reviewed = l->at_us;
	const struct person *p = (const struct person *)need(l, person)->first;
	on_day(l, DEMO_FIRST_DAY);
	struct draft *d = make(l, KIND_ACCESS_GRANT, S(""));
	set(l, d, S("title"),
		str_fmt(l->c->arena, "%.*s: %.*s", STR_ARG(place), STR_ARG(p->rec.title)));
	set(l, d, S("identity"), person);
	set(l, d, S("role"), S("R-OPS"));
	set(l, d, S("resource"), place);
	set_day(l, d, S("from"), p->from);
	set(l, d, S("reason"), S("Rights in the system that the access review saw"));
	set_state(l, d, S("granted"));
	at_time(l, reviewed);
	revise(l, d, S("found by the access review"));
	set_day(l, d, S("until"), day);
	set_day(l, d, S("revoked_on"), day);
	set_day(l, d, S("last_review"), day);
	set(l, d, S("revoke_reason"), note);
	set_state(l, d, S("revoked"));
}

void table_access_reviews(struct loader *l)
{
	static const struct map fields[] = {{S_INIT("system"), S_INIT("system")},
		{S_INIT("period"), S_INIT("period")}, {S_INIT("rights seen"), S_INIT("seen")},
		{S_INIT("revoked"), S_INIT("revoked")}, {S_INIT("note"), S_INIT("result")}};
	int64_t first = DEMO_FIRST_DAY, done = DEMO_FIRST_DAY;

	while (row_next(l)) {
		str period = cell(l, S("period")), reviewer = cell(l, S("reviewer"));
		str place = cell(l, S("system")), note = cell(l, S("note"));
		if (!quarter(period, &first))
			bad_cell(l, "this is not a quarter");
		on_day(l, first);
		if (cell_is_ref(reviewer))
			by(l, reviewer);
		struct draft *d = make(l, KIND_CAMPAIGN, cell(l, S("id")));
		set(l, d, S("title"),
			str_fmt(l->c->arena, "Access review: %.*s, %.*s", STR_ARG(place),
				STR_ARG(period)));
		set(l, d, S("type"), S("access_review"));
		set(l, d, S("system"), place);
		set(l, d, S("period"), period);
		/* A hospital's administrator is not a person of ours; the hospital is a party. */
		set(l, d, S("reviewer"), cell_is_ref(reviewer) ? reviewer : S("PTY-03"));
		set_state(l, d, S("running"));
		if (!cell_day(cell(l, S("done")), &done)) {
			if (!str_starts(note, S("due ")))
				bad_cell(l, "neither done nor due");
			set(l, d, S("due"), str_part(note, 4, note.n));
			FILL(l, d, fields);
			continue;
		}
		on_day(l, done);
		revise(l, d, S("done"));
		FILL(l, d, fields);
		set_day(l, d, S("done"), done);
		set_state(l, d, S("closed"));
		late_right(l, place, note);
	}
}
