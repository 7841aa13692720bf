/* What people decide in triage, as records: threats, controls, requirements, assumptions, risks. */
#include "call/call.h"
#include "kind/kind.h"
#include "kinds.h"
#include "threat/records/records.h"
#include "threat/rules/compiled.h"
#include "threat/rules/rules.h"
#include "threat/triage/triage.h"

/* What becomes of a threat. */
enum { MAKES_NOTHING, MAKES_ASSUMPTION, MAKES_CONTROL, MAKES_RISK };
struct verdict {
	str word, state;
	int decision; /* enum threat_decision, 0: none */
	int applies, makes;
	bool wants_reason;
};
static const struct verdict verdicts[] = {
	{S_INIT("accept"), S_INIT("answered"), THREAT_DECISION_ACCEPT, ANSWER_YES, MAKES_NOTHING,
		true},
	{S_INIT("dismiss"), S_INIT("not_applicable"), THREAT_DECISION_DISMISS, ANSWER_NO,
		MAKES_NOTHING, true},
	{S_INIT("assume"), S_INIT("not_applicable"), THREAT_DECISION_ASSUME, ANSWER_NO,
		MAKES_ASSUMPTION, false},
	{S_INIT("transfer"), S_INIT("answered"), THREAT_DECISION_TRANSFER, ANSWER_YES,
		MAKES_NOTHING, true},
	{S_INIT("mitigate"), S_INIT("answered"), THREAT_DECISION_MITIGATE, ANSWER_YES,
		MAKES_CONTROL, false},
	{S_INIT("risk"), S_INIT("assessed"), THREAT_DECISION_RISK, ANSWER_YES, MAKES_RISK, false},
	{S_INIT("gone"), S_INIT("gone"), 0, 0, MAKES_NOTHING, false},
};

/* A control that this decision made or found, by the countermeasure it came from. */
struct made {
	const struct countermeasure *from;
	str control, requirement;
};
enum { MADE_MAX = 100 };

struct deciding {
	struct call *call;
	const struct triage_decision *d;
	const struct verdict *verdict;
	struct triage *state;
	const struct triage_item **item; /* one a pick */
	str given;                       /* the person's own words, "" when they gave none */
	str other;                       /* the assumption or the risk */
	struct made made[MADE_MAX];
	int made_count;
};

/* ---- before anything is written ---- */

static const struct verdict *find_verdict(str word)
{
	for (isize i = 0; i < COUNT_OF(verdicts); i++)
		if (str_eq(verdicts[i].word, word))
			return &verdicts[i];
	return NULL;
}

static const struct triage_item *find_item(const struct triage *t, str key)
{
	for (isize i = 0; i < t->count; i++)
		if (str_eq(t->item[i].key, key))
			return &t->item[i];
	return NULL;
}

static bool check_pick(struct deciding *w, isize at)
{
	const struct triage_pick *pick = &w->d->pick[at];
	const struct triage_item *item = find_item(w->state, pick->key);
	struct err *e = &w->call->err;
	bool leaves = str_eq(w->verdict->word, S("gone"));

	if (!item)
		return FAIL(e, ERR_CONFLICT, "%.*s is not in the model any more: look again",
			STR_ARG(pick->key));
	if ((item->record ? item->record->rec.rev : 0) != pick->rev)
		return FAIL(e, ERR_CONFLICT,
			"%.*s was decided by somebody else since you looked at it: look again",
			STR_ARG(pick->key));
	if (leaves != (item->place == TRIAGE_LEAVING || item->place == TRIAGE_GONE))
		return FAIL(e, ERR_CONFLICT,
			leaves ? "%.*s is still in the model"
			       : "%.*s: the rule no longer fires; set the threat aside as gone",
			STR_ARG(pick->key));
	for (isize i = 0; i < at; i++)
		if (w->item[i] == item)
			return err_issue(e, S("pick"), "%.*s is chosen twice", STR_ARG(pick->key));
	w->item[at] = item;
	return true;
}

/* What the words of the form lack; every issue, not the first. */
static bool check_words(struct deciding *w)
{
	const struct triage_decision *d = w->d;
	struct err *e = &w->call->err;

	if (w->verdict->wants_reason && w->given.n == 0)
		err_issue(e, S("reason"), "Reason: this decision needs one");
	if (w->verdict->decision == THREAT_DECISION_TRANSFER && d->to.n == 0)
		err_issue(e, S("to"), "Transferred to: say who takes it over");
	if (w->verdict->makes == MAKES_ASSUMPTION && d->assumption.n == 0)
		err_issue(e, S("assumption"), "Assumption: say what is taken for granted");
	if (w->verdict->makes == MAKES_RISK && d->risk.n == 0 && d->title.n == 0)
		err_issue(e, S("title"), "Risk: give it a title, or the reference of one");
	if (d->count == 0)
		err_issue(e, S("pick"), "choose at least one threat");
	if (d->count > TRIAGE_PICKS)
		err_issue(e, S("pick"), "more than %d threats at once", TRIAGE_PICKS);
	return e->code == ERR_NONE;
}

/* ---- records that stand beside threats ---- */

/* The reference when it is one of the kind; false when it is none, with an issue. */
static bool find_named(struct deciding *w, str ref, int kind, str field, str *out)
{
	struct rec *rec;

	if (!kind_get_any(w->call, ref, &rec)) {
		if (w->call->err.code != ERR_MISSING)
			return false;
		err_clear(&w->call->err);
		return err_issue(&w->call->err, field, "there is no %.*s", STR_ARG(ref));
	}
	*out = rec->ref;
	return rec->kind->id == kind ||
		err_issue(&w->call->err, field, "%.*s is not a record of kind %.*s", STR_ARG(ref),
			STR_ARG(kinds[kind].name));
}

/* Whether the words are a reference such as "ASM-3". */
static bool is_reference(str words, int kind)
{
	str number = words, prefix = str_cut(&number, '-');
	int64_t n;

	return str_eq(prefix, kinds[kind].prefix) && str_int(number, 0, INT32_MAX, &n);
}

static bool link_once(struct call *c, str from, str type, str to)
{
	if (db_int(c->db,
		    SQL("SELECT count(*) FROM link WHERE from_ref = $1 AND type = $2"
			" AND to_ref = $3 AND until IS NULL"),
		    V(from), V(type), V(to)))
		return true;
	return db_ok(c->db) && link_add(c, from, type, to, S(""));
}

static void *new_record(struct deciding *w, int kind, str title)
{
	struct rec *rec = kind_new(w->call->arena, &kinds[kind]);

	rec->title = utf8_head(title, 300);
	rec->product = w->d->product;
	if (!w->call->who.is_system)
		rec->owner = w->call->who.ref;
	return rec;
}

static bool put_new(struct deciding *w, struct rec *rec)
{
	return kind_put(
		w->call, rec, str_fmt(w->call->arena, "%.*s.create", STR_ARG(rec->kind->name)));
}

static bool make_assumption(struct deciding *w)
{
	const struct triage_decision *d = w->d;

	if (is_reference(d->assumption, KIND_ASSUMPTION))
		return find_named(w, d->assumption, KIND_ASSUMPTION, S("assumption"), &w->other);
	struct assumption *a = new_record(w, KIND_ASSUMPTION, d->assumption);
	a->if_fails = d->if_fails;
	a->basis = w->given;
	if (!put_new(w, &a->rec))
		return false;
	w->other = a->rec.ref;
	return true;
}

static bool make_risk(struct deciding *w)
{
	const struct triage_decision *d = w->d;

	if (d->risk.n)
		return find_named(w, d->risk, KIND_RISK, S("risk"), &w->other);
	struct risk *r = new_record(w, KIND_RISK, d->title);
	r->domain = RISK_DOMAIN_PRODUCT_SECURITY;
	r->polarity = POLARITY_THREAT;
	if (d->owner.n)
		r->rec.owner = d->owner;
	r->event = w->item[0]->title;
	r->scenario = w->item[0]->rule ? rule_why(w->item[0]->rule) : S("");
	if (!put_new(w, &r->rec))
		return false;
	w->other = r->rec.ref;
	return true;
}

/* ---- controls of the catalogue ---- */

/* FDA's eight categories, as the catalogue and as records name them. */
static int fda_category(const struct countermeasure *from)
{
	static const struct {
		str id;
		int word;
	} known[] = {{S_INIT("AUTHN"), FDA_CATEGORY_AUTHENTICATION},
		{S_INIT("AUTHZ"), FDA_CATEGORY_AUTHORIZATION},
		{S_INIT("CRYPTO"), FDA_CATEGORY_CRYPTOGRAPHY},
		{S_INIT("INTEG"), FDA_CATEGORY_INTEGRITY},
		{S_INIT("CONF"), FDA_CATEGORY_CONFIDENTIALITY},
		{S_INIT("LOG"), FDA_CATEGORY_LOGGING}, {S_INIT("RESIL"), FDA_CATEGORY_RESILIENCY},
		{S_INIT("UPDATE"), FDA_CATEGORY_UPDATES}};

	for (isize i = 0; i < COUNT_OF(known) && from->fda_count; i++)
		if (str_eq(known[i].id, from->fda[0]))
			return known[i].word;
	return 0;
}

static str catalogue_name(struct call *c, const struct countermeasure *from)
{
	return str_fmt(c->arena, "countermeasure %.*s", STR_ARG(from->name));
}

/* One that was made from the same entry for the same product, with its requirement. */
static bool find_made(struct deciding *w, struct made *m)
{
	struct call *c = w->call;
	struct rows r;

	db_query(c->db, &r,
		SQL("SELECT t.ref, (SELECT max(l.from_ref) FROM link l JOIN record q"
		    " ON q.ref = l.from_ref AND q.kind = 'requirement' WHERE l.type = 'refines'"
		    " AND l.to_ref = t.ref AND l.until IS NULL) FROM control t"
		    " WHERE t.until IS NULL AND t.f_reference = $1"
		    " AND COALESCE(t.f_product, '') = $2 AND t.state <> 'retired'"
		    " ORDER BY length(t.ref), t.ref LIMIT 1"),
		V(catalogue_name(c, m->from)), V(w->d->product));
	if (rows_next(&r)) {
		m->control = str_dup(c->arena, rows_str(&r, 0));
		m->requirement = str_dup(c->arena, rows_str(&r, 1));
	}
	return rows_done(&r);
}

static bool make_requirement(struct deciding *w, struct made *m)
{
	struct requirement *r = new_record(w, KIND_REQUIREMENT, m->from->title);
	struct buf b;

	buf_init(&b, w->call->arena, LIMIT_PROSE);
	for (int32_t i = 0; i < m->from->accept_count; i++)
		buf_fmt(&b, "- %.*s\n", STR_ARG(m->from->accept[i]));
	if (m->from->verify.n)
		buf_fmt(&b, "\nShown by %.*s: %.*s\n", STR_ARG(m->from->method),
			STR_ARG(m->from->verify));
	r->statement = m->from->require;
	r->acceptance = str_trim(buf_str(&b));
	r->fda_category = fda_category(m->from);
	r->verification = kind_word_find(
		kind_field(&kinds[KIND_REQUIREMENT], S("verification"))->set, m->from->method);
	r->reference = utf8_head(m->from->maps, 200);
	r->rationale = w->item[0]->title;
	if (!put_new(w, &r->rec) || !link_add(w->call, r->rec.ref, S("refines"), m->control, S("")))
		return false;
	m->requirement = r->rec.ref;
	return true;
}

static bool make_control(struct deciding *w, struct made *m)
{
	struct control *k = new_record(w, KIND_CONTROL, m->from->title);

	k->domain = CONTROL_DOMAIN_PRODUCT;
	k->effect = CONTROL_EFFECT_PREVENT;
	k->fda_category = fda_category(m->from);
	k->description = m->from->require;
	k->test_method = m->from->verify;
	k->reference = catalogue_name(w->call, m->from);
	if (!put_new(w, &k->rec))
		return false;
	m->control = k->rec.ref;
	return make_requirement(w, m);
}

static bool control_from(
	struct deciding *w, const struct countermeasure *from, const struct made **out)
{
	for (int i = 0; i < w->made_count; i++)
		if (w->made[i].from == from) {
			*out = &w->made[i];
			return true;
		}
	if (w->made_count == MADE_MAX)
		return FAIL(&w->call->err, ERR_LIMIT, "more than %d controls at once", MADE_MAX);
	struct made *m = &w->made[w->made_count];
	*m = (struct made){.from = from};
	if (!find_made(w, m) || (m->control.n == 0 && !make_control(w, m)))
		return false;
	w->made_count++;
	*out = m;
	return true;
}

/* The control of one threat: a record, an entry of the catalogue, or what its rule names first. */
static bool choose_control(
	struct deciding *w, const struct triage_item *item, const struct made **out)
{
	const struct countermeasure *from;
	str name = w->d->control;
	struct made *m;

	if (is_reference(name, KIND_CONTROL)) {
		m = NEW(w->call->arena, struct made, 1);
		*out = m;
		return find_named(w, name, KIND_CONTROL, S("control"), &m->control);
	}
	from = name.n        ? countermeasure_find(w->state->rules, name)
		: item->rule ? rule_countermeasure(w->state->rules, item->rule, 0)
			     : NULL;
	if (!from && name.n)
		return err_issue(&w->call->err, S("control"),
			"Control: there is no control or countermeasure %.*s", STR_ARG(name));
	if (!from)
		return err_issue(&w->call->err, S("control"),
			"Control: nothing names a countermeasure for %.*s; choose a control",
			STR_ARG(item->key));
	return control_from(w, from, out);
}

/* What the requirement applies to, when it is something that requirements can apply to. */
static bool apply_to(struct deciding *w, const struct made *m, const struct triage_item *item)
{
	struct brief b;

	if (m->requirement.n == 0)
		return true;
	if (!kind_brief(w->call, item->target, &b))
		return w->call->err.code == ERR_NONE;
	bool fits = b.kind->id == KIND_ELEMENT || b.kind->id == KIND_FLOW ||
		b.kind->id == KIND_INTERFACE || b.kind->id == KIND_ZONE;
	return !fits || link_once(w->call, m->requirement, S("applies_to"), item->target);
}

/* ---- threats ---- */

static bool link_target(struct deciding *w, str threat, const struct part *part)
{
	static const int targets[] = {
		KIND_ELEMENT, KIND_FLOW, KIND_ASSET, KIND_INTERFACE, KIND_ZONE};
	struct brief b;

	if (!kind_brief(w->call, part->id, &b))
		return w->call->err.code == ERR_NONE;
	for (isize i = 0; i < COUNT_OF(targets); i++)
		if (b.kind->id == targets[i])
			return link_add(w->call, threat, S("targets"), part->id, S(""));
	return true;
}

static str first_model(struct call *c)
{
	struct query q = {.limit = 1};
	struct list list;
	const struct kind *k = &kinds[KIND_THREAT_MODEL];

	if (!call_could_some(c, k->can_read) || !kind_list(c, k, &q, &list) || !list.count)
		return S("");
	return ((const struct rec *)list.item[0])->ref;
}

static void set_rule(struct call *c, struct threat *t, const struct triage_item *item)
{
	if (!item->rule)
		return;
	t->rule = str_fmt(
		c->arena, "%.*s rev %d", STR_ARG(rule_name(item->rule)), rule_rev(item->rule));
	if (item->finding && item->impact)
		t->impact = item->impact;
	if (item->finding && item->likelihood)
		t->likelihood = item->likelihood;
}

static bool make_threat(struct deciding *w, const struct triage_item *item, struct threat **out)
{
	struct call *c = w->call;
	struct threat *t = new_record(w, KIND_THREAT, item->title);
	str refs = rule_refs(item->rule);

	t->category = kind_word_find(kind_field(&kinds[KIND_THREAT], S("category"))->set,
		stride_word(item->finding->stride));
	t->scenario = rule_why(item->rule);
	t->model = first_model(c);
	t->rule_key = item->key;
	t->first_seen = day_of_time(c->now_us);
	t->weaknesses.item = NEW(c->arena, str, refs.n + 1);
	for (str word = str_word(&refs); word.n; word = str_word(&refs))
		t->weaknesses.item[t->weaknesses.count++] = word;
	set_rule(c, t, item);
	*out = t;
	if (c->err.code != ERR_NONE || !put_new(w, &t->rec) ||
		!link_target(w, t->rec.ref, item->finding->part))
		return false;
	return item->finding->because == item->finding->part ||
		link_target(w, t->rec.ref, item->finding->because);
}

static bool has_move(const struct rec *rec, int to)
{
	for (int i = 0; i < rec->kind->move_count; i++)
		if (rec->kind->move[i].from == rec->state && rec->kind->move[i].to == to)
			return true;
	return false;
}

/* To the state of the verdict, by way of "assessed" where the flow asks for that. */
static bool move_threat(struct deciding *w, struct threat *t)
{
	int to = kind_state(t->rec.kind, w->verdict->state);

	if (t->rec.state == to)
		return kind_put(w->call, t, S("threat.update"));
	if (!has_move(&t->rec, to) && !kind_move(w->call, t, THREAT_STATE_ASSESSED))
		return false;
	return kind_move(w->call, t, to);
}

static bool link_decision(struct deciding *w, const struct triage_item *item, str threat)
{
	const struct made *m = NULL;

	switch (w->verdict->makes) {
	case MAKES_ASSUMPTION:
		return link_once(w->call, threat, S("rests_on"), w->other);
	case MAKES_RISK:
		return link_once(w->call, threat, S("raises"), w->other);
	case MAKES_CONTROL:
		return choose_control(w, item, &m) &&
			link_once(w->call, m->control, S("counters"), threat) &&
			apply_to(w, m, item);
	default:
		return true;
	}
}

static bool decide_one(struct deciding *w, const struct triage_item *item)
{
	struct threat *t;

	if (item->record)
		t = kind_copy(w->call->arena, &kinds[KIND_THREAT], item->record);
	else if (!make_threat(w, item, &t))
		return false;
	if (!link_decision(w, item, t->rec.ref))
		return false;
	if (w->verdict->decision) {
		t->decision = w->verdict->decision;
		t->applies = w->verdict->applies;
		t->reason = w->call->reason;
		t->transferred_to =
			w->verdict->decision == THREAT_DECISION_TRANSFER ? w->d->to : S("");
		set_rule(w->call, t, item);
	}
	return move_threat(w, t);
}

/* What the history says when the person gave no words of their own. */
static str reason_of(struct deciding *w)
{
	struct arena *a = w->call->arena;

	if (w->given.n)
		return w->given;
	if (w->verdict->makes == MAKES_ASSUMPTION)
		return str_fmt(a, "Rests on an assumption: %.*s", STR_ARG(w->d->assumption));
	if (w->verdict->makes == MAKES_CONTROL)
		return S("Mitigated by a control");
	if (w->verdict->makes == MAKES_RISK)
		return S("Raised as a risk");
	return S("The rule no longer fires");
}

bool triage_decide(struct call *c, const struct triage_decision *d)
{
	struct deciding *w = NEW(c->arena, struct deciding, 1);

	w->call = c;
	w->d = d;
	w->given = str_trim(c->reason);
	w->verdict = find_verdict(d->word);
	if (!w->verdict)
		return err_issue(&c->err, S("decision"), "Decision: choose one");
	if (!check_words(w) || !triage_make(c, &w->state))
		return false;
	w->item = NEW(c->arena, const struct triage_item *, d->count + 1);
	for (isize i = 0; i < d->count; i++)
		if (!check_pick(w, i))
			return false;
	c->reason = reason_of(w);
	if ((w->verdict->makes == MAKES_ASSUMPTION && !make_assumption(w)) ||
		(w->verdict->makes == MAKES_RISK && !make_risk(w)))
		return false;
	for (isize i = 0; i < d->count; i++)
		if (!decide_one(w, w->item[i]))
			return false;
	return true;
}

/* ---- answers ---- */

struct answering {
	struct call *call;
	const struct vocabulary *words;
	str property, claim;
	const str *word;
	isize word_count;
};

static enum part_kind kind_of_part(const struct rec *rec)
{
	enum part_kind kind;

	switch (rec->kind->id) {
	case KIND_FLOW:
		return PART_IS_FLOW;
	case KIND_INTERFACE:
		return PART_IS_INTERFACE;
	case KIND_ASSET:
		return PART_IS_ASSET;
	case KIND_ZONE:
		return PART_IS_ZONE;
	default:
		return part_kind_parse(
			       kind_value(NULL, rec, kind_field(rec->kind, S("type"))), &kind)
			? kind
			: PART_IS_PROCESS;
	}
}

static bool check_answer(struct answering *w, const struct rec *rec)
{
	enum part_kind kind = kind_of_part(rec);
	enum part_group g = part_group_of(kind);
	struct err *e = &w->call->err;
	int32_t n = vocabulary_prop_find(w->words, g, w->property);

	if (!vocabulary_has_words(w->words, kind, w->property))
		return err_issue(e, S("property"), "%.*s says nothing of %.*s", STR_ARG(rec->ref),
			STR_ARG(w->property));
	const struct vocabulary_prop *p = &w->words->props[g][n];
	if (w->word_count > 1 && !p->is_list)
		return err_issue(
			e, S("answer"), "%.*s: only one of these can hold", STR_ARG(w->property));
	for (isize i = 0; i < w->word_count; i++) {
		bool is_open = str_eq(w->word[i], S("?"));
		if (is_open ? w->word_count > 1
			    : word_find(&w->words->lists[p->words], w->word[i]) < 0)
			return err_issue(e, S("answer"), "%.*s is not an answer to %.*s",
				STR_ARG(w->word[i]), STR_ARG(w->property));
	}
	return true;
}

/* Replaces the rows of the property by one a word. */
static bool set_property(struct answering *w, struct rec *rec)
{
	const struct field *f = kind_field(rec->kind, S("property"));
	struct any_rows *rows = kind_slot(rec, f);
	struct arena *a = w->call->arena;
	const char *old = rows->item;
	char *list = arena_take(
		a, f->row_size, (isize) _Alignof(max_align_t), rows->count + w->word_count);
	isize kept = 0;

	for (isize i = 0; i < rows->count; i++)
		if (!str_eq(kind_value(a, old + i * f->row_size, &f->col[0]), w->property))
			memcpy(list + kept++ * f->row_size, old + i * f->row_size,
				(size_t)f->row_size);
	for (isize i = 0; i < w->word_count; i++, kept++) {
		char *row = list + kept * f->row_size;
		if (!kind_set(w->call, row, &f->col[0], w->property) ||
			!kind_set(w->call, row, &f->col[1], w->word[i]) ||
			!kind_set(w->call, row, &f->col[2], w->claim))
			return false;
	}
	rows->item = list;
	rows->count = kept;
	return true;
}

static bool answer_one(struct answering *w, const struct triage_pick *pick)
{
	struct call *c = w->call;
	struct change *change;
	struct rec *rec, *wanted;

	if (!kind_get_any(c, pick->key, &rec))
		return false;
	if (!kind_field(rec->kind, S("property")))
		return err_issue(
			&c->err, S("pick"), "%.*s is not part of a model", STR_ARG(pick->key));
	if (rec->rev != pick->rev)
		return FAIL(&c->err, ERR_CONFLICT,
			"%.*s changed since you looked at it: look again", STR_ARG(pick->key));
	wanted = kind_copy(c->arena, rec->kind, rec);
	if (!check_answer(w, rec) || !set_property(w, wanted))
		return false;
	if (kind_diff(c->arena, rec, wanted, &change) == 0)
		return true;
	return kind_put(c, wanted, str_fmt(c->arena, "%.*s.update", STR_ARG(rec->kind->name)));
}

bool triage_answer(struct call *c, str property, const str *word, isize word_count, str claim,
	const struct triage_pick *part, isize count)
{
	struct answering w = {.call = c,
		.property = property,
		.claim = claim,
		.word = word,
		.word_count = word_count};
	const struct rules *rules;

	if (word_count == 0)
		err_issue(&c->err, S("answer"), "Answer: choose one");
	if (count == 0)
		err_issue(&c->err, S("pick"), "choose at least one part");
	if (count > TRIAGE_PICKS)
		err_issue(&c->err, S("pick"), "more than %d parts at once", TRIAGE_PICKS);
	if (c->err.code != ERR_NONE || !rules_get(c, &w.words, &rules))
		return false;
	c->reason = str_trim(c->reason);
	if (c->reason.n == 0)
		c->reason = str_fmt(c->arena, "Answered in triage: %.*s is %.*s", STR_ARG(property),
			STR_ARG(word[0]));
	for (isize i = 0; i < count; i++)
		if (!answer_one(&w, &part[i]))
			return false;
	return true;
}
