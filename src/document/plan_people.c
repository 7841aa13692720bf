/* The security management plan: chapters 2, objectives, and 3, organization. */
#include "document/document_in.h"

/* ---- 2 Objectives ---- */

static const str objective_head[] = {S_INIT("Objective"), S_INIT("What we want"), S_INIT("Measure"),
	S_INIT("Target"), S_INIT("Owner"), S_INIT("Due"), S_INIT("Last evaluation"),
	S_INIT("State")};

static str last_evaluation(struct reading *r, const struct objective *o)
{
	str day = document_day(r, o->judged);
	str note = o->status_note.n ? o->status_note : o->result;

	if (!note.n || !day.n)
		return note;
	return document_text(r->d, "%.*s\non %.*s", STR_ARG(note), STR_ARG(day));
}

static void objective_row(struct reading *r, const struct plan_records *p, struct cell *row,
	const struct objective *o)
{
	struct span s = document_links_to(&p->measures, o->rec.ref);
	str metrics = document_refs_from(r, s, &p->metrics);
	bool is_done =
		o->rec.state == OBJECTIVE_STATE_MET || o->rec.state == OBJECTIVE_STATE_CLOSED;

	row[0].text = o->rec.ref;
	row[1].text = o->rec.title;
	row[2] = document_needed(metrics.n
			? document_text(r->d, "%.*s\n%.*s", STR_ARG(o->measure), STR_ARG(metrics))
			: o->measure);
	row[3] = document_needed(o->target);
	row[4] = document_needed(document_name(r, o->rec.owner));
	row[5] = document_due(r, o->due, o->due_note, is_done);
	row[6] = document_needed(last_evaluation(r, o));
	row[7] = document_marked(document_state(o),
		is_done                                           ? MARK_GOOD
			: o->rec.state == OBJECTIVE_STATE_AT_RISK ? MARK_WARN
			: o->rec.state == OBJECTIVE_STATE_NOT_MET ? MARK_BAD
								  : MARK_NONE);
}

static void fda_objectives(struct reading *r, const struct plan_records *p)
{
	static const str head[] = {S_INIT("Security objective"), S_INIT("Record"),
		S_INIT("Measure"), S_INIT("Target"), S_INIT("Owner"), S_INIT("Due"),
		S_INIT("Last evaluation"), S_INIT("State")};
	const struct wordset *set = kind_field(&kinds[KIND_OBJECTIVE], S("fda_objective"))->set;
	struct block *t = document_table(
		r->d, S("The five security objectives of the FDA"), head, COUNT_OF(head));

	for (int word = 1; word <= set->count; word++) {
		bool found = false;
		for (isize i = 0; i < p->objectives.count; i++) {
			const struct objective *o = p->objectives.item[i];
			if (o->fda_objective != word)
				continue;
			struct cell *row = document_row(r->d, t);
			objective_row(r, p, row, o);
			row[0].text = set->word[word - 1].label;
			row[1].text = document_text(
				r->d, "%.*s %.*s", STR_ARG(o->rec.ref), STR_ARG(o->rec.title));
			found = true;
		}
		if (found)
			continue;
		struct cell *row = document_row(r->d, t);
		row[0].text = set->word[word - 1].label;
		row[1] = document_needed(S(""));
	}
	document_table_end(r->d, t);
}

void document_plan_objectives(struct reading *r, const struct plan_records *p)
{
	struct block *t = NULL;

	document_heading(r->d, 1, S("Security objectives"));
	if (p->plan)
		document_prose(r->d, p->plan->objectives);
	document_heading(r->d, 2, S("The five objectives"));
	document_paragraph(r->d,
		S("The FDA asks of every device authenticity with integrity, authorization, "
		  "availability,"
		  " confidentiality, and secure and timely updates. Each row shows the objective "
		  "that stands for it;"
		  " its target is the criterion of success."));
	fda_objectives(r, p);
	document_heading(r->d, 2, S("Further objectives"));
	for (isize i = 0; i < p->objectives.count; i++) {
		const struct objective *o = p->objectives.item[i];
		if (o->fda_objective)
			continue;
		if (!t)
			t = document_table(r->d,
				S("Further objectives of the products and the organization"),
				objective_head, COUNT_OF(objective_head));
		objective_row(r, p, document_row(r->d, t), o);
	}
	if (t)
		document_table_end(r->d, t);
	else
		document_paragraph(r->d, S("There are none beyond the five."));
}

/* ---- 3 Organization ---- */

static bool grant_holds(const struct reading *r, const struct access_grant *g)
{
	return (g->rec.state == ACCESS_GRANT_STATE_GRANTED ||
		       g->rec.state == ACCESS_GRANT_STATE_REVIEWED) &&
		(g->from == DAY_NONE || g->from <= r->day) &&
		(g->until == DAY_NONE || g->until >= r->day) && document_in_scope(r, g->scope);
}

/* A grant to an identity is shown by the person who owns it. */
static str holder_name(struct reading *r, const struct list *identities, str ref)
{
	const struct identity *i = document_read_find(identities, ref);

	return i && i->rec.owner.n ? document_name(r, i->rec.owner) : document_name(r, ref);
}

static str holders(struct reading *r, const struct list *grants, const struct list *identities,
	str role, bool alternates)
{
	struct joined j;

	document_join_start(r, &j);
	for (isize i = 0; i < grants->count; i++) {
		const struct access_grant *g = grants->item[i];
		if (str_eq(g->role, role) && g->alternate == alternates && grant_holds(r, g))
			document_join_add(&j, holder_name(r, identities, g->identity));
	}
	return document_join_end(r, &j);
}

static bool is_role_shown(const struct role *k)
{
	return k->kind != ROLE_KIND_PRODUCT && k->kind != ROLE_KIND_SYSTEM &&
		k->rec.state != ROLE_STATE_RETIRED;
}

void document_role_table(
	struct reading *r, const struct list *grants, const struct list *identities)
{
	static const str head[] = {S_INIT("Role"), S_INIT("Name"), S_INIT("Held by"),
		S_INIT("Alternate"), S_INIT("Responsibilities"), S_INIT("Authority"),
		S_INIT("Reports to")};
	struct block *t = NULL;

	for (isize i = 0; i < r->roles.count; i++) {
		const struct role *k = r->roles.item[i];
		if (!is_role_shown(k))
			continue;
		if (!t)
			t = document_table(r->d,
				S("Roles, who holds them today, and what they may decide"), head,
				COUNT_OF(head));
		struct cell *row = document_row(r->d, t);
		row[0].text = k->rec.ref;
		row[1].text = k->rec.title;
		row[2] = document_needed(holders(r, grants, identities, k->rec.ref, false));
		row[3] = document_needed(holders(r, grants, identities, k->rec.ref, true));
		row[4] = document_needed(k->responsibilities);
		row[5] = document_needed(k->authorities);
		row[6].text = document_dash(document_name(r, k->reports_to));
	}
	if (t)
		document_table_end(r->d, t);
	else
		document_gap(r->d, S("No role of the organization is recorded."),
			S("Create the roles (security risk manager, development, quality, "
			  "leadership) and grant them."));
}

/* "R-PSL+R-QA" with names. */
static str role_names(struct reading *r, str roles)
{
	struct buf b;

	buf_init(&b, r->c->arena, LIMIT_TEXT);
	while (roles.n) {
		isize end = 0;
		while (end < roles.n && roles.p[end] != '+' && roles.p[end] != '/' &&
			roles.p[end] != ',')
			end++;
		str ref = str_trim(str_part(roles, 0, end));
		buf_add(&b, document_name(r, ref));
		if (end < roles.n)
			buf_add(&b, roles.p[end] == '+' ? S(" and ") : S(" or "));
		roles = str_part(roles, end + 1, roles.n);
	}
	r->d->full |= b.full;
	return buf_view(&b);
}

/* What the roles themselves say, where the criteria say nothing. */
static void acceptance_by_role(struct reading *r)
{
	static const str head[] = {S_INIT("Role"), S_INIT("Name"), S_INIT("Accepts risk up to")};
	struct block *t = NULL;

	for (isize i = 0; i < r->roles.count; i++) {
		const struct role *k = r->roles.item[i];
		if (!is_role_shown(k) || !k->accepts_level.n)
			continue;
		if (!t)
			t = document_table(
				r->d, S("Authority to accept by role"), head, COUNT_OF(head));
		struct cell *row = document_row(r->d, t);
		row[0].text = k->rec.ref;
		row[1].text = k->rec.title;
		row[2].text = k->accepts_level;
	}
	if (t)
		document_table_end(r->d, t);
}

static void acceptance(struct reading *r, const struct plan_records *p)
{
	static const str head[] = {S_INIT("Level of risk"), S_INIT("Who may accept"),
		S_INIT("Controlled"), S_INIT("May be released"), S_INIT("Condition")};
	const struct risk_model *m = p->criteria;

	document_heading(r->d, 2, S("Who may accept which risk"));
	if (!m || !m->acceptance.count) {
		document_gap(r->d, S("No criteria say who may accept a risk of which level."),
			S("Fill in the acceptance table of the risk criteria."));
		acceptance_by_role(r);
		return;
	}
	struct block *t = document_table(r->d,
		document_text(r->d, "Authority to accept by %.*s", STR_ARG(m->rec.ref)), head,
		COUNT_OF(head));
	for (isize i = 0; i < m->acceptance.count; i++) {
		const struct risk_model_acceptance *a = &m->acceptance.item[i];
		struct cell *row = document_row(r->d, t);
		row[0] = document_marked(a->level, document_criteria_mark(p->levels, a->level));
		/* A level that may not be released needs nobody who accepts it. */
		row[1] = a->roles.n || a->release ? document_needed(role_names(r, a->roles))
						  : document_marked(S("Nobody"), MARK_NONE);
		row[2].text = a->controlled ? S("Yes") : S("No");
		row[3].text = a->release ? S("Yes") : S("No");
		row[4].text = document_dash(a->note);
	}
	document_table_end(r->d, t);
}

/* Those told of an activity: who owns the gates that wait for it. */
static str informed(struct reading *r, const struct plan_records *p, str ref)
{
	struct span s = document_links_to(&p->waits_for, ref);
	struct joined j;

	document_join_start(r, &j);
	for (isize i = 0; i < s.count; i++) {
		const struct decision *k = document_read_find(&p->decisions, s.item[i].from);
		str who = !k              ? S("")
			: k->authority.n  ? k->authority
			: k->decided_by.n ? k->decided_by
					  : k->rec.owner;
		if (who.n && str_find(buf_view(&j.text), who) < 0)
			document_join_add(&j, who);
	}
	return document_join_end(r, &j);
}

static void raci(struct reading *r, const struct plan_records *p)
{
	static const str head[] = {S_INIT("Activity"), S_INIT("What"), S_INIT("Responsible"),
		S_INIT("Accountable"), S_INIT("Consulted"), S_INIT("Informed")};
	struct block *t = NULL;
	bool any_consulted = false, any_informed = false;

	document_heading(r->d, 2, S("Who does what"));
	for (isize i = 0; i < p->actions.count; i++) {
		const struct action *a = p->actions.item[i];
		if (a->type != ACTION_TYPE_ACTIVITY)
			continue;
		if (!t) {
			document_paragraph(r->d,
				S("Responsible is who owns the activity, accountable who owns the "
				  "plan, consulted who"
				  " verifies the result or reviews its risks, informed who decides "
				  "the gates that wait for it."));
			t = document_table(r->d, S("Responsible, accountable, consulted, informed"),
				head, COUNT_OF(head));
		}
		struct cell *row = document_row(r->d, t);
		row[0].text = a->rec.ref;
		row[1].text = a->rec.title;
		row[2] = document_needed(a->rec.owner);
		row[3] = document_needed(p->plan ? p->plan->rec.owner : S(""));
		str consulted = a->verified_by.n ? a->verified_by : a->risk_reviewer;
		str told = informed(r, p, a->rec.ref);
		row[4].text = document_dash(consulted);
		row[5].text = document_dash(told);
		any_consulted |= consulted.n > 0;
		any_informed |= told.n > 0;
	}
	if (t)
		document_table_end(r->d, t);
	if (t && !any_consulted)
		document_gap(r->d, S("No activity names whom to consult."),
			S("Enter in the activities who verifies them or reviews their risks."));
	if (t && !any_informed)
		document_gap(r->d, S("No gate says who decides it, so nobody is informed."),
			S("Enter in the gates the authority relied on or the owner."));
	if (!t)
		document_gap(r->d, S("There are no activities to share out."),
			S("Plan the activities of chapter 4."));
}

void document_plan_organization(struct reading *r, const struct plan_records *p)
{
	document_heading(r->d, 1, S("Organization"));
	document_heading(r->d, 2, S("Roles"));
	if (p->plan)
		document_prose(r->d, p->plan->governance);
	if (p->plan)
		document_prose(r->d, p->plan->roles);
	document_role_table(r, &p->grants, &p->identities);
	acceptance(r, p);
	raci(r, p);
}
