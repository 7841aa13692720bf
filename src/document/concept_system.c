/* The security concept: chapters 1, what is being developed, and 2, what could go wrong. */
#include "document/document_in.h"

/* ---- 1 What is being developed ---- */

static void models(struct reading *r, const struct concept_records *k)
{
	static const str head[] = {S_INIT("Model"), S_INIT("Version"), S_INIT("State"),
		S_INIT("Method"), S_INIT("Scope"), S_INIT("Reviewed")};

	document_heading(r->d, 2, S("Threat model"));
	if (!k->models.count) {
		document_gap(r->d, S("The product has no threat model."),
			S("Create one, or import the model file of the product."));
		return;
	}
	struct block *t = document_table(
		r->d, S("Threat models this concept rests on"), head, COUNT_OF(head));
	for (isize i = 0; i < k->models.count; i++) {
		const struct threat_model *m = k->models.item[i];
		struct cell *row = document_row(r->d, t);
		row[0].text = m->rec.ref;
		row[1] = document_needed(m->rec.version);
		row[2].text = document_state(m);
		row[3] = document_needed(m->method);
		row[4] = document_needed(m->model_scope.n ? m->model_scope : m->rec.title);
		row[5] = document_needed(document_day(r, m->reviewed));
	}
	document_table_end(r->d, t);
}

static void diagram(struct reading *r, bool elements)
{
	document_heading(r->d, 2, S("Data flow diagram"));
	if (r->d->facts.diagram.n)
		document_figure(r->d,
			S("Elements in their trust zones, and the flows between them"),
			r->d->facts.diagram_alt, r->d->facts.diagram);
	else if (r->d->facts.diagram_is_too_large)
		document_gap(r->d, S("The model is too large to be drawn as one diagram."),
			S("The tables that follow hold all of it; draw its parts as views."));
	else
		document_gap(r->d, S("There is no data flow diagram."),
			elements ? S("Draw it from the threat model and make the document again.")
				 : S("Record zones, elements and flows; the diagram is drawn from "
				     "them."));
}

static void zones(struct reading *r, const struct concept_records *k)
{
	static const str head[] = {S_INIT("Zone"), S_INIT("Name"), S_INIT("Exposure"),
		S_INIT("Who controls it"), S_INIT("Assumption")};

	document_heading(r->d, 2, S("Trust zones"));
	if (!k->zones.count) {
		document_gap(r->d, S("No trust zone is recorded."),
			S("Create the zones and put each element in one."));
		return;
	}
	struct block *t = document_table(r->d,
		S("Trust zones; exposure 1 is ours alone, 5 is open to anybody"), head,
		COUNT_OF(head));
	for (isize i = 0; i < k->zones.count; i++) {
		const struct zone *z = k->zones.item[i];
		struct cell *row = document_row(r->d, t);
		str rests = document_refs_to(
			r, document_links_from(&k->rests_on, z->rec.ref), &k->assumptions);
		row[0].text = z->rec.ref;
		row[1].text = z->rec.title;
		row[2] = document_marked(document_int(r, z->exposure),
			z->exposure >= 5           ? MARK_WARN
				: z->exposure == 4 ? MARK_NOTE
						   : MARK_NONE);
		row[3] = document_needed(z->controller);
		row[4].text = document_dash(z->assumption.n ? z->assumption : rests);
	}
	document_table_end(r->d, t);
}

static str ref_name(struct reading *r, const struct list *l, str ref)
{
	const struct rec *rec = document_read_find(l, ref);

	return rec ? document_text(r->d, "%.*s %.*s", STR_ARG(ref), STR_ARG(rec->title)) : ref;
}

static void elements(struct reading *r, const struct concept_records *k)
{
	static const str head[] = {S_INIT("Component"), S_INIT("Name"), S_INIT("Type"),
		S_INIT("Zone"), S_INIT("Technology"), S_INIT("Responsibility")};

	document_heading(r->d, 2, S("Components"));
	if (!k->elements.count) {
		document_gap(r->d, S("No component is recorded."),
			S("Create the elements of the threat model."));
		return;
	}
	struct block *t = document_table(
		r->d, S("Components of the system and what they talk to"), head, COUNT_OF(head));
	for (isize i = 0; i < k->elements.count; i++) {
		const struct element *e = k->elements.item[i];
		struct cell *row = document_row(r->d, t);
		str shape = document_word(e, S("shape"));
		row[0].text = e->rec.ref;
		row[1].text = e->rec.title;
		row[2].text = shape.n ? shape : document_word(e, S("type"));
		row[3] = document_needed(ref_name(r, &k->zones, e->zone));
		row[4].text = document_dash(e->technology);
		row[5].text = e->out_of_scope
			? document_text(r->d, "Out of scope: %.*s", STR_ARG(e->out_of_scope_reason))
			: document_dash(document_word(e, S("class")));
	}
	document_table_end(r->d, t);
}

/* What the sender or the channel is protected with; a plain "no" is shown as such. */
static struct cell protection(str text, int answer)
{
	if (answer == ANSWER_NO)
		return document_marked(text.n ? text : S("None"), MARK_BAD);
	if (answer == ANSWER_PARTLY || answer == ANSWER_UNKNOWN)
		return document_marked(text.n             ? text
				: answer == ANSWER_PARTLY ? S("Partly")
							  : S("Unknown"),
			MARK_NOTE);
	return document_needed(text.n ? text : answer == ANSWER_YES ? S("Yes") : text);
}

static str zones_crossed(struct reading *r, const struct flow *f)
{
	struct joined j;

	document_join_start(r, &j);
	for (isize i = 0; i < f->cross.count; i++)
		document_join_add(&j, f->cross.item[i].zone);
	return document_join_end(r, &j);
}

static void flows(struct reading *r, const struct concept_records *k)
{
	static const str head[] = {S_INIT("Flow"), S_INIT("From"), S_INIT("To"), S_INIT("Carries"),
		S_INIT("Protocol"), S_INIT("Authentication"), S_INIT("Encryption"),
		S_INIT("Zones crossed")};

	document_heading(r->d, 2, S("Data flows"));
	if (!k->flows.count) {
		document_gap(r->d, S("No data flow is recorded."),
			S("Create the flows of the threat model."));
		return;
	}
	struct block *t =
		document_table(r->d, S("Data flows with their protection"), head, COUNT_OF(head));
	for (isize i = 0; i < k->flows.count; i++) {
		const struct flow *f = k->flows.item[i];
		struct cell *row = document_row(r->d, t);
		str assets = document_refs_to(
			r, document_links_from(&k->carries, f->rec.ref), &k->assets);
		row[0].text = f->rec.ref;
		row[1].text = ref_name(r, &k->elements, f->from);
		row[2].text = ref_name(r, &k->elements, f->to);
		row[3] = document_needed(!f->carries_text.n ? assets
				: assets.n && str_find(f->carries_text, assets) < 0
				? document_text(r->d, "%.*s\n%.*s", STR_ARG(assets),
					  STR_ARG(f->carries_text))
				: f->carries_text);
		row[4] = document_needed(f->protocol);
		row[5] = protection(f->authentication, f->is_authenticated);
		row[6] = protection(f->encryption, f->is_encrypted);
		row[7].text = document_dash(zones_crossed(r, f));
	}
	document_table_end(r->d, t);
}

static void assets(struct reading *r, const struct concept_records *k)
{
	static const str head[] = {S_INIT("Asset"), S_INIT("Name"), S_INIT("Kind of data"),
		S_INIT("Confidentiality"), S_INIT("Integrity"), S_INIT("Availability"),
		S_INIT("Where"), S_INIT("Owner")};

	document_heading(r->d, 2, S("Assets"));
	if (!k->assets.count) {
		document_gap(r->d, S("No asset is recorded."),
			S("Create the assets, rate them, and link them to the flows that carry "
			  "them."));
		return;
	}
	struct block *t =
		document_table(r->d, S("Assets and what they need"), head, COUNT_OF(head));
	for (isize i = 0; i < k->assets.count; i++) {
		const struct asset *a = k->assets.item[i];
		struct cell *row = document_row(r->d, t);
		str where =
			document_refs_to(r, document_links_from(&k->resides_in, a->rec.ref), NULL);
		row[0].text = a->rec.ref;
		row[1].text = a->rec.title;
		row[2].text = document_dash(document_word(a, S("data_kind")));
		row[3] = document_needed(document_word(a, S("confidentiality")));
		row[4] = document_needed(document_word(a, S("integrity")));
		row[5] = document_needed(document_word(a, S("availability")));
		row[6].text = document_dash(where.n ? where : a->location);
		row[7] = document_needed(a->rec.owner);
	}
	document_table_end(r->d, t);
}

static void interfaces(struct reading *r, const struct concept_records *k)
{
	static const str head[] = {S_INIT("Interface"), S_INIT("Name"), S_INIT("Component"),
		S_INIT("Port"), S_INIT("Direction"), S_INIT("As shipped"), S_INIT("Used for")};

	document_heading(r->d, 2, S("Interfaces"));
	if (!k->interfaces.count) {
		document_gap(r->d, S("No interface is recorded."),
			S("Record every port, connector and radio of the components, dormant ones "
			  "too."));
		return;
	}
	struct block *t =
		document_table(r->d, S("Ports, connectors and radios"), head, COUNT_OF(head));
	for (isize i = 0; i < k->interfaces.count; i++) {
		const struct interface *f = k->interfaces.item[i];
		struct cell *row = document_row(r->d, t);
		row[0].text = f->rec.ref;
		row[1].text = f->rec.title;
		row[2].text = f->element;
		row[3] = document_needed(f->port);
		row[4].text = document_dash(document_word(f, S("direction")));
		row[5] = document_needed(f->shipped);
		row[6].text = document_dash(f->purpose);
	}
	document_table_end(r->d, t);
}

void document_concept_system(struct reading *r, const struct concept_records *k)
{
	document_heading(r->d, 1, S("What is being developed"));
	document_heading(r->d, 2, S("Products"));
	document_product_table(r);
	models(r, k);
	diagram(r, k->elements.count > 0);
	zones(r, k);
	elements(r, k);
	flows(r, k);
	interfaces(r, k);
	assets(r, k);
}

/* ---- 2 What could go wrong ---- */

static bool risk_is_accepted(const struct concept_records *k, str threat)
{
	struct span s = document_links_from(&k->raises, threat);

	for (isize i = 0; i < s.count; i++) {
		const struct risk *risk = document_read_find(&k->risks, s.item[i].to);
		if (risk && risk->rec.state == RISK_STATE_ACCEPTED)
			return true;
	}
	return false;
}

static bool is_applicable(const struct threat *t)
{
	return t->applies != ANSWER_NO && t->rec.state != THREAT_STATE_NOT_APPLICABLE;
}

static bool is_answered(const struct concept_records *k, const struct threat *t)
{
	struct span s = document_links_to(&k->counters, t->rec.ref);

	for (isize i = 0; i < s.count; i++)
		if (document_read_find(&k->controls, s.item[i].from))
			return true;
	return risk_is_accepted(k, t->rec.ref);
}

static struct cell applies_cell(const struct threat *t)
{
	if (!is_applicable(t))
		return document_marked(S("No"), MARK_NONE);
	if (t->applies == ANSWER_YES)
		return document_marked(S("Yes"), MARK_NONE);
	if (t->applies == 0)
		return document_needed(S(""));
	return document_marked(document_word(t, S("applies")), MARK_NOTE);
}

static void threat_row(struct reading *r, const struct concept_records *k, struct cell *row,
	const struct threat *t)
{
	struct span counters = document_links_to(&k->counters, t->rec.ref);

	row[0].text = t->rec.ref;
	row[1].text = t->scenario.n && !str_eq(t->scenario, t->rec.title)
		? document_text(r->d, "%.*s\n%.*s", STR_ARG(t->rec.title), STR_ARG(t->scenario))
		: t->rec.title;
	row[2] = document_needed(
		document_refs_to(r, document_links_from(&k->targets, t->rec.ref), NULL));
	row[3] = applies_cell(t);
	/* The reason must be given where a threat is said not to apply. */
	row[4] = is_applicable(t) ? document_marked(document_dash(t->reason), MARK_NONE)
				  : document_needed(t->reason);
	row[5].text = document_dash(document_refs_from(r, counters, &k->controls));
	row[6].text = document_dash(
		document_refs_to(r, document_links_from(&k->raises, t->rec.ref), &k->risks));
}

static void threats_of(struct reading *r, const struct concept_records *k, int category, str label)
{
	static const str head[] = {S_INIT("Threat"), S_INIT("What"), S_INIT("Target"),
		S_INIT("Applies"), S_INIT("Reason or note"), S_INIT("Countermeasures"),
		S_INIT("Risk")};
	struct block *t = NULL;

	for (isize i = 0; i < k->threats.count; i++) {
		const struct threat *one = k->threats.item[i];
		if (one->category != category)
			continue;
		if (!t) {
			document_heading(r->d, 2, label);
			t = document_table(r->d,
				document_text(r->d, "Threats: %.*s", STR_ARG(label)), head,
				COUNT_OF(head));
		}
		threat_row(r, k, document_row(r->d, t), one);
	}
	if (t) {
		document_table_end(r->d, t);
	} else if (category <= STRIDE_ELEVATION_OF_PRIVILEGE) {
		document_heading(r->d, 2, label);
		document_gap(r->d,
			document_text(r->d, "No threat of the category \"%.*s\" is recorded.",
				STR_ARG(label)),
			S("Look for threats of this category, and record those that do not apply "
			  "with the reason."));
	}
}

static void threat_counts(
	struct reading *r, const struct concept_records *k, const struct wordset *set)
{
	static const str head[] = {S_INIT("Category"), S_INIT("Threats"), S_INIT("Apply"),
		S_INIT("Answered"), S_INIT("Do not apply")};
	struct block *t = document_table(r->d, S("Threats by category"), head, COUNT_OF(head));

	for (int category = 1; category <= set->count; category++) {
		int64_t all = 0, apply = 0, answered = 0;
		for (isize i = 0; i < k->threats.count; i++) {
			const struct threat *one = k->threats.item[i];
			if (one->category != category)
				continue;
			all++;
			apply += is_applicable(one);
			answered += is_applicable(one) && is_answered(k, one);
		}
		if (!all && category > STRIDE_ELEVATION_OF_PRIVILEGE)
			continue;
		struct cell *row = document_row(r->d, t);
		row[0].text = set->word[category - 1].label;
		row[1].text = document_int(r, all);
		row[2].text = document_int(r, apply);
		row[3] = document_marked(
			document_int(r, answered), answered < apply ? MARK_NOTE : MARK_NONE);
		row[4].text = document_int(r, all - apply);
	}
	document_table_end(r->d, t);
}

static void unanswered(struct reading *r, const struct concept_records *k)
{
	struct joined j;

	document_join_start(r, &j);
	for (isize i = 0; i < k->threats.count; i++) {
		const struct threat *one = k->threats.item[i];
		if (is_applicable(one) && !is_answered(k, one))
			document_join_add(&j, one->rec.ref);
	}
	str refs = document_join_end(r, &j);
	if (refs.n)
		document_gap(r->d,
			document_text(r->d,
				"Applicable threats without a countermeasure or an accepted risk: "
				"%.*s.",
				STR_ARG(refs)),
			S("Link a countermeasure to each threat, or have the risk that it raises "
			  "accepted."));
}

void document_concept_threats(struct reading *r, const struct concept_records *k)
{
	const struct wordset *set = kind_field(&kinds[KIND_THREAT], S("category"))->set;

	document_heading(r->d, 1, S("What could go wrong"));
	if (!k->threats.count) {
		document_gap(r->d, S("No threat is recorded."),
			S("Hold a threat modeling session, or run the rules over the model and "
			  "decide on what they find."));
		return;
	}
	document_heading(r->d, 2, S("Overview"));
	threat_counts(r, k, set);
	unanswered(r, k);
	for (int category = 1; category <= set->count; category++)
		threats_of(r, k, category, set->word[category - 1].label);
}
