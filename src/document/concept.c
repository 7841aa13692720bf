/*
 * The security concept: what wraps up a threat model for a reader, after its three questions:
 * what is being developed, what could go wrong, what is done about it.
 */
#include "document/document_in.h"

static bool read_lists(struct reading *r, struct concept_records *k)
{
	return document_read_all(r, KIND_ZONE, &k->zones) &&

		document_read_all(r, KIND_FLOW, &k->flows) &&
		document_read_all(r, KIND_ASSET, &k->assets) &&
		document_read_all(r, KIND_INTERFACE, &k->interfaces) &&
		document_read_all(r, KIND_THREAT, &k->threats) &&
		document_read_scoped(r, KIND_CONTROL, &k->controls) &&
		document_read_all(r, KIND_REQUIREMENT, &k->every_requirement) &&
		document_read_all(r, KIND_TEST, &k->tests) &&
		document_read_all(r, KIND_EVIDENCE, &k->evidence) &&
		document_read_all(r, KIND_ASSUMPTION, &k->assumptions) &&
		document_read_scoped(r, KIND_RISK, &k->risks) &&
		document_read_all(r, KIND_ACCESS_GRANT, &k->grants) &&
		document_read_all(r, KIND_IDENTITY, &k->identities);
}

static bool read_pairs(struct reading *r, struct concept_records *k)
{
	return document_read_links(r, S("targets"), &k->targets) &&
		document_read_links(r, S("counters"), &k->counters) &&
		document_read_links(r, S("raises"), &k->raises) &&
		document_read_links(r, S("treats"), &k->treats) &&
		document_read_links(r, S("refines"), &k->refines) &&
		document_read_links(r, S("verifies"), &k->verifies) &&
		document_read_links(r, S("carries"), &k->carries) &&
		document_read_links(r, S("resides_in"), &k->resides_in) &&
		document_read_links(r, S("rests_on"), &k->rests_on) &&
		document_read_links(r, S("shows"), &k->shows);
}

/* ---- what of the models belongs to the products ---- */

static bool words_in_scope(const struct reading *r, const struct words *w)
{
	for (isize i = 0; i < w->count; i++)
		if (w->item[i].n && document_in_scope(r, w->item[i]))
			return true;
	return false;
}

/* An element that names products belongs to those; one that names none, to its model's. */
static bool keep_element(const struct reading *r, const void *rec, const void *about)
{
	const struct concept_records *k = about;
	const struct element *e = rec;

	if (e->rec.state == ELEMENT_STATE_RETIRED)
		return false;
	if (e->products.count)
		return words_in_scope(r, &e->products);
	return e->rec.product.n ? document_in_scope(r, e->rec.product)
				: !e->model.n || document_read_find(&k->models, e->model);
}

/* A flow belongs where one of its ends does. */
static bool keep_flow(const struct reading *r, const void *rec, const void *about)
{
	const struct concept_records *k = about;
	const struct flow *f = rec;

	(void)r;
	return f->rec.state != FLOW_STATE_RETIRED &&
		(document_read_find(&k->elements, f->from) ||
			document_read_find(&k->elements, f->to));
}

static bool crosses(const struct flow *f, str zone)
{
	for (isize i = 0; i < f->cross.count; i++)
		if (str_eq(f->cross.item[i].zone, zone))
			return true;
	return false;
}

static bool keep_zone(const struct reading *r, const void *rec, const void *about)
{
	const struct concept_records *k = about;
	const struct zone *z = rec;

	(void)r;
	for (isize i = 0; i < k->elements.count; i++)
		if (str_eq(((const struct element *)k->elements.item[i])->zone, z->rec.ref))
			return true;
	for (isize i = 0; i < k->flows.count; i++)
		if (crosses(k->flows.item[i], z->rec.ref))
			return true;
	return z->rec.state != ZONE_STATE_RETIRED && z->model.n &&
		document_read_find(&k->models, z->model) && z->rec.product.n &&
		document_in_scope(r, z->rec.product);
}

static bool ends_in(struct span s, bool to, const struct list *l)
{
	for (isize i = 0; i < s.count; i++)
		if (document_read_find(l, to ? s.item[i].to : s.item[i].from))
			return true;
	return false;
}

/* Assets that flows carry or elements and zones hold, and those of the products themselves. */
static bool keep_asset(const struct reading *r, const void *rec, const void *about)
{
	const struct concept_records *k = about;
	const struct asset *a = rec;
	struct span homes = document_links_from(&k->resides_in, a->rec.ref);

	if (a->rec.product.n && !document_in_scope(r, a->rec.product))
		return false;
	return a->rec.product.n ||
		ends_in(document_links_to(&k->carries, a->rec.ref), false, &k->flows) ||
		ends_in(homes, true, &k->elements) || ends_in(homes, true, &k->zones);
}

static bool keep_interface(const struct reading *r, const void *rec, const void *about)
{
	const struct concept_records *k = about;

	(void)r;
	return document_read_find(&k->elements, ((const struct interface *)rec)->element) != NULL;
}

static bool keep_threat(const struct reading *r, const void *rec, const void *about)
{
	const struct concept_records *k = about;
	const struct threat *t = rec;
	struct span s = document_links_from(&k->targets, t->rec.ref);

	if (t->rec.state == THREAT_STATE_GONE ||
		(t->rec.product.n && !document_in_scope(r, t->rec.product)))
		return false;
	if (s.count)
		return ends_in(s, true, &k->elements) || ends_in(s, true, &k->flows) ||
			ends_in(s, true, &k->assets) || ends_in(s, true, &k->interfaces) ||
			ends_in(s, true, &k->zones);
	return t->rec.product.n || !t->model.n || document_read_find(&k->models, t->model);
}

/* Controls of a product that answer one of the threats or risks shown, or name the product. */
static bool keep_control(const struct reading *r, const void *rec, const void *about)
{
	const struct concept_records *k = about;
	const struct control *m = rec;

	(void)r;
	if (m->rec.state == CONTROL_STATE_RETIRED)
		return false;
	return ends_in(document_links_from(&k->counters, m->rec.ref), true, &k->threats) ||
		(m->domain == CONTROL_DOMAIN_PRODUCT &&
			(m->rec.product.n ||
				ends_in(document_links_to(&k->refines, m->rec.ref), false,
					&k->requirements)));
}

static bool keep_requirement(const struct reading *r, const void *rec, const void *about)
{
	const struct rec *q = rec;

	(void)about;
	return q->state != REQUIREMENT_STATE_RETIRED && document_in_scope(r, q->product);
}

static bool keep_test(const struct reading *r, const void *rec, const void *about)
{
	const struct concept_records *k = about;
	const struct rec *t = rec;

	(void)r;
	return t->state != TEST_STATE_RETIRED &&
		ends_in(document_links_from(&k->verifies, t->ref), true, &k->requirements);
}

static bool keep_risk(const struct reading *r, const void *rec, const void *about)
{
	const struct concept_records *k = about;
	const struct risk *s = rec;

	(void)r;
	return s->polarity != POLARITY_OPPORTUNITY &&
		(s->rec.product.n ||
			ends_in(document_links_to(&k->raises, s->rec.ref), false, &k->threats));
}

static bool keep_assumption(const struct reading *r, const void *rec, const void *about)
{
	const struct concept_records *k = about;
	const struct assumption *a = rec;

	return a->rec.state != ASSUMPTION_STATE_RETIRED && document_in_scope(r, a->rec.product) &&
		(!a->model.n || document_read_find(&k->models, a->model));
}

/* A model belongs when its product does, or when one of its elements names one of the products. */
static bool keep_model(const struct reading *r, const void *rec, const void *about)
{
	const struct concept_records *k = about;
	const struct threat_model *m = rec;

	if (m->rec.product.n && document_in_scope(r, m->rec.product))
		return true;
	for (isize i = 0; i < k->elements.count; i++) {
		const struct element *e = k->elements.item[i];
		if (str_eq(e->model, m->rec.ref) && words_in_scope(r, &e->products))
			return true;
	}
	return false;
}

/* The same records in a list of its own. */
static bool copy_list(struct reading *r, const struct list *from, struct list *out)
{
	*out = *from;
	out->item = arena_bulk(r->c->arena, (from->count + 1) * (isize)sizeof *out->item);
	if (!out->item)
		return FAIL(&r->c->err, ERR_LIMIT, "the model is too large for a document");
	if (from->count)
		memcpy(out->item, from->item, (size_t)from->count * sizeof *out->item);
	return true;
}

/* Each step rests on what the one before it has kept. */
static bool keep_all(struct reading *r, struct concept_records *k)
{
	document_read_keep(r, &k->models, keep_model, k);
	document_read_keep(r, &k->elements, keep_element, k);
	document_read_keep(r, &k->flows, keep_flow, k);
	document_read_keep(r, &k->zones, keep_zone, k);
	document_read_keep(r, &k->assets, keep_asset, k);
	document_read_keep(r, &k->interfaces, keep_interface, k);
	document_read_keep(r, &k->threats, keep_threat, k);
	if (!copy_list(r, &k->every_requirement, &k->requirements))
		return false;
	document_read_keep(r, &k->requirements, keep_requirement, k);
	document_read_keep(r, &k->controls, keep_control, k);
	document_read_keep(r, &k->tests, keep_test, k);
	document_read_keep(r, &k->risks, keep_risk, k);
	document_read_keep(r, &k->assumptions, keep_assumption, k);
	return true;
}

/* The products that a model is of: its own, and those that its elements name. */
static bool model_products(
	struct reading *r, const struct concept_records *k, const struct rec *m, struct words *out)
{
	isize room = 1;

	*out = (struct words){0};
	if (!m)
		return true;
	for (isize i = 0; i < k->elements.count; i++)
		room += ((const struct element *)k->elements.item[i])->products.count;
	out->item = arena_bulk(r->c->arena, room * (isize)sizeof *out->item);
	if (!out->item)
		return FAIL(&r->c->err, ERR_LIMIT, "the model is too large for a document");
	out->item[out->count++] = m->product;
	for (isize i = 0; i < k->elements.count; i++) {
		const struct element *e = k->elements.item[i];
		for (isize w = 0; str_eq(e->model, m->ref) && w < e->products.count; w++)
			out->item[out->count++] = e->products.item[w];
	}
	return true;
}

bool document_concept(
	struct call *c, str ref, const struct document_facts *facts, struct report *out)
{
	struct concept_records k = {0};
	struct words own;
	struct reading r = {.c = c, .d = out, .day = day_of_time(c->now_us)};

	document_start(out, c->arena, facts);
	out->title = S("Security concept");
	out->state = S("Draft generated from live records");
	if (!document_read_all(&r, KIND_THREAT_MODEL, &k.models) ||
		!document_read_all(&r, KIND_ELEMENT, &k.elements) ||
		!document_read_links(&r, S("covers"), &k.covers))
		return false;
	if (!model_products(&r, &k, document_read_find(&k.models, ref), &own) ||
		!document_read_products(&r, ref, &own, &k.covers))
		return false;
	if (!read_lists(&r, &k) || !read_pairs(&r, &k))
		return false;
	if (!keep_all(&r, &k))
		return false;
	if (k.models.count) {
		const struct rec *m = k.models.item[0];
		out->version = document_text(out, "%.*s %.*s, revision %" PRId64, STR_ARG(m->ref),
			STR_ARG(m->version), m->rev);
	}

	document_concept_system(&r, &k);
	document_concept_threats(&r, &k);
	document_concept_answers(&r, &k);
	document_concept_rest(&r, &k);
	return document_end(out, &c->err);
}
