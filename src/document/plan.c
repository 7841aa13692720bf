/*
 * The security management plan: what is read for it, and chapters 1 to 3.
 *
 * The order of chapters is that of the security management plan practice: purpose and scope,
 * objectives, organization, activities, risk integration, tools, schedule; then its inputs and
 * the signatures on the record.
 */
#include "document/document_in.h"

static bool read_work(struct reading *r, struct plan_records *p)
{
	return document_read_all(r, KIND_SCOPE, &p->scopes) &&
		document_read_scoped(r, KIND_RELEASE, &p->releases) &&
		document_read_scoped(r, KIND_PROCESS, &p->processes) &&
		document_read_all(r, KIND_OBJECTIVE, &p->objectives) &&
		document_read_all(r, KIND_METRIC, &p->metrics) &&
		document_read_all(r, KIND_ACCESS_GRANT, &p->grants) &&
		document_read_all(r, KIND_IDENTITY, &p->identities) &&
		document_read_scoped(r, KIND_ACTION, &p->actions) &&
		document_read_scoped(r, KIND_DECISION, &p->decisions);
}

static bool read_rest(struct reading *r, struct plan_records *p)
{
	return document_read_scoped(r, KIND_RISK_MODEL, &p->models) &&
		document_read_scoped(r, KIND_RISK, &p->risks) &&
		document_read_scoped(r, KIND_HAZARD, &p->hazards) &&
		document_read_scoped(r, KIND_DOCUMENT, &p->documents) &&
		document_read_scoped(r, KIND_CHANGE, &p->changes) &&
		document_read_scoped(r, KIND_THREAT_MODEL, &p->threat_models) &&
		document_read_scoped(r, KIND_ASSET, &p->assets) &&
		document_read_all(r, KIND_TEST, &p->tests);
}

static bool read_pairs(struct reading *r, struct plan_records *p)
{
	return document_read_links(r, S("schedules"), &p->schedules) &&
		document_read_links(r, S("waits_for"), &p->waits_for) &&
		document_read_links(r, S("causes"), &p->causes) &&
		document_read_links(r, S("uses"), &p->uses) &&
		document_read_links(r, S("measures"), &p->measures);
}

static bool covers_one(const struct reading *r, const struct pairs *covers, str ref)
{
	struct span s = document_links_from(covers, ref);

	for (isize i = 0; i < s.count; i++)
		if (document_read_find(&r->products, s.item[i].to))
			return true;
	return false;
}

/* By its product, by what it covers, or by what its scope covers. */
static bool plan_concerns(
	const struct reading *r, const struct plan_records *p, const struct plan *k)
{
	struct span s = document_links_to(&p->covers, k->rec.ref);

	if (k->rec.product.n)
		return document_in_scope(r, k->rec.product);
	for (isize i = 0; i < s.count; i++)
		if (covers_one(r, &p->covers, s.item[i].from))
			return true;
	return covers_one(r, &p->covers, k->rec.ref);
}

/* The product security plan named, or the first that concerns the products and still holds. */
static void pick_plan(struct reading *r, struct plan_records *p, str ref)
{
	const struct plan *named = document_read_find(&p->plans, ref);

	p->plan = named;
	for (isize i = 0; i < p->plans.count && !p->plan; i++) {
		const struct plan *k = p->plans.item[i];
		if (k->type == PLAN_TYPE_PRODUCT_SECURITY &&
			k->rec.state != PLAN_STATE_SUPERSEDED && plan_concerns(r, p, k))
			p->plan = k;
	}
}

/* A risk of the products: not those of suppliers or of the organization, which have no product. */
static bool keep_risk(const struct reading *r, const void *rec, const void *about)
{
	const struct risk *k = rec;

	(void)r, (void)about;
	return (k->domain == RISK_DOMAIN_PRODUCT_SECURITY || k->rec.product.n) &&
		k->polarity != POLARITY_OPPORTUNITY;
}

static bool keep_objective(const struct reading *r, const void *rec, const void *about)
{
	const struct plan_records *p = about;
	const struct objective *o = rec;
	struct span s = document_links_from(&p->covers, o->rec.ref);
	bool names_product = false;

	for (isize i = 0; i < s.count; i++) {
		names_product |= document_read_find(&r->products, s.item[i].to) != NULL;
		if (document_in_scope(r, s.item[i].to))
			return true;
	}
	return !names_product &&
		(o->rec.product.n ? document_in_scope(r, o->rec.product) : s.count == 0);
}

static void plan_approval(
	struct reading *r, const struct plan_records *p, const struct signed_by *sign, isize count)
{
	static const str head[] = {
		S_INIT("Signed by"), S_INIT("Meaning"), S_INIT("Revision"), S_INIT("Time")};
	bool is_current = false;

	document_heading(r->d, 1, S("Approval"));
	if (p->plan && count) {
		struct block *t = document_table(
			r->d, S("Signatures on the plan's record"), head, COUNT_OF(head));
		for (isize i = 0; i < count; i++) {
			struct cell *row = document_row(r->d, t);
			struct buf b;
			buf_init(&b, r->c->arena, LIMIT_REF * 2);
			time_print_words(&b, sign[i].at);
			row[0].text = document_text(
				r->d, "%.*s %.*s", STR_ARG(sign[i].signer), STR_ARG(sign[i].name));
			row[1].text = sign[i].meaning;
			row[2].text = document_int(r, sign[i].rev);
			row[3].text = document_text(r->d, "%.*s UTC", STR_ARG(buf_str(&b)));
			is_current |= sign[i].rev == p->plan->rec.rev;
		}
		document_table_end(r->d, t);
	}
	if (p->plan && !is_current)
		document_gap(r->d,
			document_text(r->d, "Revision %" PRId64 " of %.*s is not signed.",
				p->plan->rec.rev, STR_ARG(p->plan->rec.ref)),
			S("Send the plan to review and have it approved; author and approver are "
			  "different people."));
	if (!p->plan)
		document_gap(r->d, S("There is no plan record that could be approved."),
			S("Create a plan of type product security that covers the product."));
}

static void plan_purpose(struct reading *r, const struct plan_records *p);

bool document_plan(struct call *c, str ref, const struct document_facts *facts, struct report *out)
{
	struct plan_records p = {0};
	struct reading r = {.c = c, .d = out, .day = day_of_time(c->now_us)};
	struct signed_by *sign = NULL;
	isize count = 0;

	document_start(out, c->arena, facts);
	out->title = S("Security management plan");
	out->state = S("Draft generated from live records");
	if (!document_read_all(&r, KIND_PLAN, &p.plans) ||
		!document_read_links(&r, S("covers"), &p.covers))
		return false;
	const struct plan *named = document_read_find(&p.plans, ref);
	str own = named ? named->rec.product : S("");
	if (!document_read_products(
		    &r, ref, &(struct words){.item = &own, .count = own.n > 0}, &p.covers))
		return false;
	pick_plan(&r, &p, ref);
	if (!read_work(&r, &p) || !read_rest(&r, &p) || !read_pairs(&r, &p))
		return false;
	if (p.plan && !signature_list(c, &p.plan->rec, &sign, &count))
		return false;
	document_read_keep(&r, &p.risks, keep_risk, NULL);
	document_read_keep(&r, &p.objectives, keep_objective, &p);
	p.levels = criteria_for(&r.criteria, r.product[0], S(""));
	p.criteria = document_read_find(&p.models, p.levels->ref) ? p.levels->model : NULL;
	if (p.plan)
		out->version = document_text(out, "%.*s%s%.*s, revision %" PRId64,
			STR_ARG(p.plan->rec.version), p.plan->rec.version.n ? ", " : "",
			STR_ARG(p.plan->rec.ref), p.plan->rec.rev);

	plan_purpose(&r, &p);
	document_plan_objectives(&r, &p);
	document_plan_organization(&r, &p);
	document_plan_activities(&r, &p);
	document_plan_risk(&r, &p);
	document_plan_tools(&r, &p);
	document_plan_schedule(&r, &p);
	document_plan_inputs(&r, &p);
	plan_approval(&r, &p, sign, count);
	return document_end(out, &c->err);
}

/* ---- 1 Purpose and scope ---- */

void document_product_table(struct reading *r)
{
	static const str head[] = {S_INIT("Product"), S_INIT("Name"), S_INIT("Version"),
		S_INIT("Safety class"), S_INIT("Cyber device"), S_INIT("Intended use"),
		S_INIT("Supported until")};
	struct block *t = document_table(r->d, S("Products covered"), head, COUNT_OF(head));

	for (isize i = 0; i < r->products.count; i++) {
		const struct product *k = r->products.item[i];
		struct cell *row = document_row(r->d, t);
		row[0].text = k->rec.ref;
		row[1].text = k->rec.title;
		row[2] = document_needed(k->rec.version);
		row[3] = document_needed(document_word(k, S("safety_class")));
		row[4].text = k->is_cyber ? k->cyber_reason.n
				? document_text(r->d, "Yes: %.*s", STR_ARG(k->cyber_reason))
				: S("Yes")
					  : S("No");
		row[5] = document_needed(k->intended_use.n ? k->intended_use : k->description);
		row[6] = document_needed(document_day(r, k->support_until));
	}
	document_table_end(r->d, t);
}

static void releases(struct reading *r, const struct plan_records *p)
{
	static const str head[] = {S_INIT("Release"), S_INIT("Product"), S_INIT("Version"),
		S_INIT("Released"), S_INIT("State"), S_INIT("Supported until")};

	document_heading(r->d, 2, S("Releases"));
	if (!p->releases.count) {
		document_gap(r->d, S("No release of the product is recorded."),
			S("Create a release with its version, date and bill of materials."));
		return;
	}
	struct block *t =
		document_table(r->d, S("Releases in the plan's scope"), head, COUNT_OF(head));
	for (isize i = 0; i < p->releases.count; i++) {
		const struct release *k = p->releases.item[i];
		struct cell *row = document_row(r->d, t);
		row[0].text = k->rec.ref;
		row[1].text = k->rec.product;
		row[2] = document_needed(k->rec.version);
		row[3].text = document_dash(document_day(r, k->released));
		row[4].text = document_state(k);
		row[5].text = document_dash(document_day(r, k->supported_until));
	}
	document_table_end(r->d, t);
}

static void exclusions(struct reading *r, const struct scope *s)
{
	static const str head[] = {S_INIT("Left out"), S_INIT("Why"), S_INIT("Decision")};

	if (s->exclusion.count == 0) {
		if (s->exclusions == EXCLUSIONS_NONE)
			document_paragraph(r->d, S("Nothing is left out."));
		else
			document_gap(r->d,
				document_text(r->d, "%.*s does not say what is left out.",
					STR_ARG(s->rec.ref)),
				S("List the exclusions with their reasons, or state that there are "
				  "none."));
		return;
	}
	struct block *t =
		document_table(r->d, document_text(r->d, "Exclusions of %.*s", STR_ARG(s->rec.ref)),
			head, COUNT_OF(head));
	for (isize i = 0; i < s->exclusion.count; i++) {
		struct cell *row = document_row(r->d, t);
		row[0].text = s->exclusion.item[i].what;
		row[1] = document_needed(s->exclusion.item[i].why);
		row[2] = document_needed(s->exclusion.item[i].decision);
	}
	document_table_end(r->d, t);
}

static void term(struct reading *r, struct block *terms, str name, str text)
{
	if (text.n)
		document_item(r->d, terms, name, text);
}

static void one_scope(struct reading *r, const struct scope *s)
{
	struct block *t = document_terms(r->d);

	term(r, t, S("Scope"),
		document_text(r->d, "%.*s %.*s", STR_ARG(s->rec.ref), STR_ARG(s->rec.title)));
	term(r, t, S("Purpose"), s->purpose);
	term(r, t, S("Boundaries"), s->boundaries);
	term(r, t, S("Includes"), s->includes);
	term(r, t, S("Interfaces"), s->interfaces);
	term(r, t, S("From outside"), s->external);
	if (s->approved != DAY_NONE || s->approved_by.n)
		term(r, t, S("Approved"),
			document_text(r->d, "%.*s%s%.*s", STR_ARG(document_day(r, s->approved)),
				s->approved_by.n ? " by " : "",
				STR_ARG(document_name(r, s->approved_by))));
	exclusions(r, s);
}

/* A scope of the plan: linked to it or to one of its products, or said to be a plan's scope. */
static bool is_scope_of(
	const struct reading *r, const struct plan_records *p, const struct scope *s)
{
	if (s->rec.state == SCOPE_STATE_SUPERSEDED)
		return false;
	if (p->plan && document_links_has(&p->covers, s->rec.ref, p->plan->rec.ref))
		return true;
	if (s->of != SCOPE_OF_PLAN)
		return false;
	struct span to = document_links_from(&p->covers, s->rec.ref);
	for (isize i = 0; i < to.count; i++)
		if (document_in_scope(r, to.item[i].to))
			return true;
	return to.count == 0 && document_in_scope(r, s->rec.product);
}

static void phases(struct reading *r, const struct plan_records *p)
{
	static const str head[] = {S_INIT("Phase"), S_INIT("Activities")};
	const struct field *f = kind_field(&kinds[KIND_ACTION], S("phase"));
	struct block *t = NULL;

	document_heading(r->d, 2, S("Phases of the life cycle"));
	for (int phase = 1; phase <= f->set->count; phase++) {
		struct joined j;
		document_join_start(r, &j);
		for (isize i = 0; i < p->actions.count; i++) {
			const struct action *a = p->actions.item[i];
			if (a->type == ACTION_TYPE_ACTIVITY && a->phase == phase)
				document_join_add(&j, a->rec.ref);
		}
		str refs = document_join_end(r, &j);
		if (!refs.n)
			continue;
		if (!t)
			t = document_table(r->d, S("Phases in which the plan has activities"), head,
				COUNT_OF(head));
		struct cell *row = document_row(r->d, t);
		row[0].text = f->set->word[phase - 1].label;
		row[1].text = refs;
	}
	if (!t)
		document_gap(r->d, S("No activity names a phase of the life cycle."),
			S("Give the plan's activities a phase."));
}

static void interfaces(struct reading *r, const struct plan_records *p)
{
	static const str head[] = {
		S_INIT("Process"), S_INIT("Name"), S_INIT("Purpose"), S_INIT("Performed by")};
	static const struct {
		str name, words;
	} joins[] = {
		{S_INIT("quality management"), S_INIT("quality|qms|document control")},
		{S_INIT("safety risk management"), S_INIT("safety|risk management|14971")},
		{S_INIT("complaint handling"), S_INIT("complaint")},
		{S_INIT("corrective action"), S_INIT("corrective|capa|nonconform|improvement")},
		{S_INIT("suppliers"), S_INIT("supplier|supply|purchas")},
	};
	struct joined all, missing;

	document_heading(r->d, 2, S("Interfaces to other processes"));
	document_join_start(r, &all);
	if (p->plan)
		document_prose(r->d, p->plan->interdependencies);
	if (p->plan)
		document_join_add(&all, p->plan->interdependencies);
	for (isize i = 0; i < p->scopes.count; i++)
		if (is_scope_of(r, p, p->scopes.item[i]))
			document_join_add(
				&all, ((const struct scope *)p->scopes.item[i])->interfaces);
	if (p->processes.count) {
		struct block *t = document_table(
			r->d, S("Processes the plan works with"), head, COUNT_OF(head));
		for (isize i = 0; i < p->processes.count; i++) {
			const struct process *k = p->processes.item[i];
			struct cell *row = document_row(r->d, t);
			row[0].text = k->rec.ref;
			row[1].text = k->rec.title;
			row[2] = document_needed(k->purpose);
			row[3].text = document_dash(document_name(
				r, k->performed_by.n ? k->performed_by : k->rec.owner));
			document_join_add(&all, k->rec.title);
			document_join_add(&all, k->purpose);
		}
		document_table_end(r->d, t);
	}
	str text = document_join_end(r, &all);
	document_join_start(r, &missing);
	for (isize i = 0; i < COUNT_OF(joins); i++)
		if (!document_has_word(r, text, joins[i].words))
			document_join_add(&missing, joins[i].name);
	str names = document_join_end(r, &missing);
	if (names.n)
		document_gap(r->d,
			document_text(r->d, "No interface is described to: %.*s.", STR_ARG(names)),
			S("Describe it in the scope's interfaces, or record the process with its "
			  "purpose."));
}

static void plan_purpose(struct reading *r, const struct plan_records *p)
{
	isize scopes = 0;

	document_heading(r->d, 1, S("Purpose and scope"));
	document_heading(r->d, 2, S("Purpose"));
	if (p->plan && p->plan->purpose.n)
		document_prose(r->d, p->plan->purpose);
	else
		document_gap(r->d,
			p->plan ? document_text(r->d, "%.*s states no purpose.",
					  STR_ARG(p->plan->rec.ref))
				: S("No security management plan is recorded for the product."),
			p->plan ? S("Fill in the plan's purpose.")
				: S("Create a plan of type product security that covers the "
				    "product."));
	document_heading(r->d, 2, S("Products"));
	document_product_table(r);
	releases(r, p);
	document_heading(r->d, 2, S("Scope and exclusions"));
	if (p->plan)
		document_prose(r->d, p->plan->plan_scope);
	for (isize i = 0; i < p->scopes.count; i++)
		if (is_scope_of(r, p, p->scopes.item[i])) {
			one_scope(r, p->scopes.item[i]);
			scopes++;
		}
	if (!scopes)
		document_gap(r->d, S("No scope record covers the plan."),
			S("Create a scope of a plan and link it to the plan with \"covers\"."));
	phases(r, p);
	interfaces(r, p);
}
