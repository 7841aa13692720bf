/* The state of triage: findings and threat records, joined by their identity. */
#include "call/call.h"
#include "kind/kind.h"
#include "kinds.h"
#include "threat/model/model.h"
#include "threat/records/records.h"
#include "threat/model/build.h"
#include "threat/report/finding.h"
#include "threat/rules/compiled.h"
#include "threat/rules/rules.h"
#include "threat/triage/triage.h"

enum { HARM_MAX = 4, UNKNOWN_COUNTS = 3 };

struct asked;
struct joining {
	struct call *call;
	struct triage *out;
	const struct threat **record; /* those with an identity, by it */
	isize record_count;
	const struct threat **by_hand; /* those without one: no rule found them */
	isize by_hand_count;
	bool *is_met;      /* a finding met the record */
	const str *shaken; /* references of threats of which an assumption does not hold */
	isize shaken_count;
	int *element_harm; /* one an element of the model */
	isize room;
	struct asked *asked[PART_GROUPS][VOCABULARY_PROPS];
};

static const str places[TRIAGE_PLACES] = {S_INIT("open"), S_INIT("questions"), S_INIT("again"),
	S_INIT("leaving"), S_INIT("decided"), S_INIT("gone")};

str triage_place_word(enum triage_place place)
{
	assert(place < TRIAGE_PLACES);
	return places[place];
}

bool triage_place_parse(str word, enum triage_place *out)
{
	for (int i = 0; i < TRIAGE_PLACES; i++)
		if (str_eq(word, places[i])) {
			*out = (enum triage_place)i;
			return true;
		}
	return false;
}

/* ---- records ---- */

static int by_key(const void *a, const void *b)
{
	const struct threat *one = *(const struct threat *const *)a;
	const struct threat *two = *(const struct threat *const *)b;
	int order = str_cmp(one->rule_key, two->rule_key);

	return order ? order : str_cmp(one->rec.ref, two->rec.ref);
}

static bool load_records(struct joining *j)
{
	struct query q = {.limit = LIMIT_LIST_ROWS};
	struct call *c = j->call;
	struct list list = {0};

	if (call_could_some(c, kinds[KIND_THREAT].can_read) &&
		!kind_list(c, &kinds[KIND_THREAT], &q, &list))
		return false;
	j->record = NEW(c->arena, const struct threat *, list.count + 1);
	j->by_hand = NEW(c->arena, const struct threat *, list.count + 1);
	for (isize i = 0; i < list.count; i++) {
		const struct threat *one = list.item[i];
		if (one->rule_key.n)
			j->record[j->record_count++] = one;
		else
			j->by_hand[j->by_hand_count++] = one;
	}
	qsort(j->record, (size_t)j->record_count, sizeof *j->record, by_key);
	j->is_met = NEW(c->arena, bool, j->record_count + 1);
	return true;
}

/* The index of the first record with this identity, -1 when there is none. */
static isize find_record(const struct joining *j, str key)
{
	isize from = 0, to = j->record_count;

	while (from < to) {
		isize middle = from + (to - from) / 2;
		if (str_cmp(j->record[middle]->rule_key, key) < 0)
			from = middle + 1;
		else
			to = middle;
	}
	return from < j->record_count && str_eq(j->record[from]->rule_key, key) ? from : -1;
}

static bool load_shaken(struct joining *j)
{
	struct link *link;
	isize count;

	if (!link_list_type(j->call, S("rests_on"), &link, &count))
		return false;
	str *shaken = NEW(j->call->arena, str, count + 1);
	str failed = kinds[KIND_ASSUMPTION].state[ASSUMPTION_STATE_FAILED].label;
	for (isize i = 0; i < count; i++)
		if (link[i].other.kind->id == KIND_ASSUMPTION &&
			str_eq(link[i].other.state, failed))
			shaken[j->shaken_count++] = link[i].from;
	j->shaken = shaken;
	return true;
}

/* ---- harm ---- */

static void raise_to(int *harm, int64_t level)
{
	int step = level > HARM_MAX ? HARM_MAX : (int)level;

	if (level != INT_NONE && step > *harm)
		*harm = step;
}

static bool load_harm(struct joining *j)
{
	const struct model *m = j->out->findings->model;
	struct query q = {.limit = LIMIT_LIST_ROWS};
	struct list list = {0};

	j->element_harm = NEW(j->call->arena, int, m->of[PART_ELEMENT].count + 1);
	if (call_could_some(j->call, kinds[KIND_ELEMENT].can_read) &&
		!kind_list(j->call, &kinds[KIND_ELEMENT], &q, &list))
		return false;
	for (isize i = 0; i < list.count; i++) {
		const struct element *e = list.item[i];
		int32_t at =
			e->safety == INT_NONE ? PART_NONE : model_find(m, PART_ELEMENT, e->rec.ref);
		if (at != PART_NONE)
			raise_to(&j->element_harm[at], e->safety);
	}
	for (isize i = 0; i < m->of[PART_ASSET].count; i++) {
		const struct part *asset = &m->of[PART_ASSET].list[i];
		for (int32_t n = 0; n < asset->ref_count; n++)
			raise_to(&j->element_harm[asset->refs[n]], asset->level[3]);
	}
	return true;
}

/* The worst harm of what a part holds, carries or ends on. */
static int harm_of(const struct joining *j, const struct part *p)
{
	const struct model *m = j->out->findings->model;
	enum part_group g = part_group_of(p->kind);
	int harm = 0;

	if (g == PART_ELEMENT)
		return j->element_harm[p - m->of[PART_ELEMENT].list];
	if (g == PART_ASSET)
		return p->level[3];
	if (g != PART_FLOW && g != PART_INTERFACE)
		return 0;
	for (int32_t i = 0; g == PART_FLOW && i < p->ref_count; i++)
		raise_to(&harm, m->of[PART_ASSET].list[p->refs[i]].level[3]);
	if (p->from != PART_NONE)
		raise_to(&harm, j->element_harm[p->from]);
	if (p->to != PART_NONE)
		raise_to(&harm, j->element_harm[p->to]);
	return harm;
}

/* ---- items ---- */

static bool no_room(struct joining *j)
{
	return FAIL(&j->call->err, ERR_LIMIT, "there are more threats than there is memory for");
}

static struct triage_item *add_item(struct joining *j)
{
	struct triage *t = j->out;
	struct triage_item *list =
		list_grow(j->call->arena, t->item, t->count, &j->room, (isize)sizeof *list);

	if (!list)
		return NULL;
	t->item = list;
	list[t->count] = (struct triage_item){0};
	return &list[t->count++];
}

/* The revision of the rule that the decision was made by: "NAME rev 3"; 0 when not said. */
static int64_t decided_rev(const struct threat *record)
{
	str rest = record->rule, word;
	int64_t rev = 0;

	(void)str_cut_at(&rest, S(" rev "));
	word = str_trim(rest);
	return str_int(word, 0, INT32_MAX, &rev) ? rev : 0;
}

static bool is_shaken(const struct joining *j, const struct threat *record)
{
	for (isize i = 0; i < j->shaken_count; i++)
		if (str_eq(j->shaken[i], record->rec.ref))
			return true;
	return false;
}

/* Why a decision is asked for again; "" when it stands. */
static str why_again(const struct joining *j, const struct threat *record, const struct rule *rule)
{
	int64_t rev = decided_rev(record);

	if (record->rec.state == THREAT_STATE_GONE)
		return S("It was gone and is back");
	if (is_shaken(j, record))
		return S("An assumption that it rests on does not hold");
	if (rev == 0)
		return S("Nothing says by which revision of the rule it was decided");
	if (rev < rule->rev)
		return str_fmt(j->call->arena,
			"The rule was revised: decided by revision %" PRId64 ", now %d", rev,
			rule->rev);
	return S("");
}

static enum triage_place place_of(const struct joining *j, const struct threat_finding *f,
	const struct threat *record, str *why)
{
	*why = S("");
	/* What the model answers by itself needs no decision, and takes none back. */
	if (f->outcome == THREAT_IS_MITIGATED && record->rec.state == THREAT_STATE_IDENTIFIED)
		return TRIAGE_LEAVING;
	if (f->outcome == THREAT_IS_MITIGATED && record->rec.state == THREAT_STATE_GONE)
		return TRIAGE_GONE;
	if (record && record->rec.state != THREAT_STATE_IDENTIFIED) {
		*why = why_again(j, record, f->rule);
		return why->n ? TRIAGE_AGAIN : TRIAGE_DECIDED;
	}
	return f->outcome == THREAT_IS_QUESTION ? TRIAGE_ASKED : TRIAGE_OPEN;
}

static int counted(int level)
{
	return level ? level : UNKNOWN_COUNTS;
}

static bool take_finding(struct joining *j, const struct threat_finding *f)
{
	struct arena *a = j->call->arena;
	str key = finding_id(a, f), why;
	isize at = find_record(j, key);
	const struct threat *record = at >= 0 ? j->record[at] : NULL;

	if (at >= 0)
		j->is_met[at] = true;
	j->out->mitigated += f->outcome == THREAT_IS_MITIGATED;
	if (f->outcome == THREAT_IS_MITIGATED && !record)
		return true;
	enum triage_place place = place_of(j, f, record, &why);
	struct triage_item *item = add_item(j);
	if (!item)
		return no_room(j);
	int harm = harm_of(j, f->part), because = harm_of(j, f->because);
	*item = (struct triage_item){.key = key,
		.place = place,
		.rule = f->rule,
		.finding = f,
		.record = record,
		.title = finding_title(a, j->out->findings, f),
		.target = f->part->id,
		.target_title = part_title(f->part),
		.part = &f->part,
		.part_count = 1,
		.again = why,
		.safety = harm > because ? harm : because,
		.impact = f->impact,
		.likelihood = f->likelihood};
	item->score = counted(item->impact) * counted(item->likelihood);
	return true;
}

/* What the rules no longer see. */
static bool take_left(struct joining *j, const struct threat *record)
{
	str target = record->rule_key, rule = str_cut(&target, '/');
	struct triage_item *item = add_item(j);

	if (!item)
		return no_room(j);
	*item = (struct triage_item){.key = record->rule_key,
		.place = record->rec.state == THREAT_STATE_GONE ? TRIAGE_GONE : TRIAGE_LEAVING,
		.rule = rule_find(j->out->rules, rule),
		.record = record,
		.title = record->rec.title,
		.target = target,
		.target_title = target,
		.again = S(""),
		.impact = record->impact == INT_NONE ? 0 : (int)record->impact,
		.likelihood = record->likelihood == INT_NONE ? 0 : (int)record->likelihood};
	item->score = counted(item->impact) * counted(item->likelihood);
	return true;
}

/* ---- threats that people wrote down themselves ---- */

/* A link to what a threat is aimed at, in the order of its `from`. */
struct aims {
	const struct link *link;
	isize count;
	struct part_index parts[PART_GROUPS];
};

static bool load_aims(struct joining *j, struct aims *out)
{
	const struct model *m = j->out->findings->model;
	struct link *link;

	for (int g = 0; g < PART_GROUPS; g++)
		if (!part_index_make(j->call->arena, &j->call->err, &m->of[g], &out->parts[g]))
			return false;
	if (!link_list_type(j->call, S("targets"), &link, &out->count))
		return false;
	out->link = link;
	return true;
}

static const struct part *aimed_at(const struct joining *j, const struct aims *aims, str ref)
{
	static const enum part_group groups[] = {
		PART_ELEMENT, PART_FLOW, PART_INTERFACE, PART_ASSET, PART_ZONE};

	for (int i = 0; i < COUNT_OF(groups); i++) {
		int32_t at = part_index_find(&aims->parts[groups[i]], ref);
		if (at != PART_NONE)
			return &j->out->findings->model->of[groups[i]].list[at];
	}
	return NULL;
}

/* Nobody decided about it while it waits to be assessed, or was assessed and nothing more. */
static enum triage_place place_by_hand(
	const struct joining *j, const struct threat *record, str *why)
{
	int state = record->rec.state;
	bool is_new = state == THREAT_STATE_IDENTIFIED ||
		(state == THREAT_STATE_ASSESSED && !record->decision);

	if (state == THREAT_STATE_GONE)
		return TRIAGE_GONE;
	if (is_new)
		return TRIAGE_OPEN;
	if (is_shaken(j, record))
		*why = S("An assumption that it rests on does not hold");
	return why->n ? TRIAGE_AGAIN : TRIAGE_DECIDED;
}

/* Under what it is aimed at first; the worst harm of all that it is aimed at counts. */
static bool take_by_hand(struct joining *j, const struct aims *aims, const struct threat *record)
{
	struct triage_item *item = add_item(j);

	if (!item)
		return no_room(j);
	*item = (struct triage_item){.key = record->rec.ref,
		.record = record,
		.title = record->rec.title,
		.target = S(""),
		.target_title = S(""),
		.again = S(""),
		.impact = record->impact == INT_NONE ? 0 : (int)record->impact,
		.likelihood = record->likelihood == INT_NONE ? 0 : (int)record->likelihood};
	item->place = place_by_hand(j, record, &item->again);
	item->score = counted(item->impact) * counted(item->likelihood);
	isize first = link_first_from(aims->link, aims->count, record->rec.ref), end = first;
	while (end < aims->count && str_eq(aims->link[end].from, record->rec.ref))
		end++;
	const struct part **parts = NEW(j->call->arena, const struct part *, end - first + 1);
	for (isize i = first; i < end; i++) {
		const struct part *part = aimed_at(j, aims, aims->link[i].to);
		if (item->target.n == 0) {
			item->target = aims->link[i].to;
			item->target_title = aims->link[i].other.title;
		}
		if (!part)
			continue;
		raise_to(&item->safety, harm_of(j, part));
		parts[item->part_count++] = part;
	}
	item->part = parts;
	return true;
}

static bool take_all_by_hand(struct joining *j)
{
	struct aims aims = {0};

	if (j->by_hand_count == 0)
		return true;
	if (!load_aims(j, &aims))
		return false;
	for (isize i = 0; i < j->by_hand_count; i++)
		if (!take_by_hand(j, &aims, j->by_hand[i]))
			return false;
	return true;
}

static int by_weight(const void *a, const void *b)
{
	const struct triage_item *one = a, *two = b;

	if (one->safety != two->safety)
		return two->safety - one->safety;
	if (one->score != two->score)
		return two->score - one->score;
	return str_cmp(one->key, two->key);
}

/* ---- questions ---- */

/* The part and the property that would answer: of a flow's assets, what the assets say. */
struct missing {
	const struct part *part;
	enum part_group group;
	const struct vocabulary_prop *prop;
};

/* A question being put together: which parts are in it is known without searching. */
struct asked {
	struct triage_question q;
	isize room;
	bool *is_in;
};

static struct asked *asked_new(struct joining *j, const struct missing *m)
{
	const struct triage *t = j->out;
	struct asked *new = NEW(j->call->arena, struct asked, 1);
	isize parts = t->findings->model->of[m->group].count;

	new->is_in = arena_bulk(j->call->arena, parts);
	if (!new->is_in)
		return NULL;
	memset(new->is_in, 0, (size_t)parts);
	new->q = (struct triage_question){
		.property = m->prop->name, .group = m->group, .is_list = m->prop->is_list};
	if (!m->prop->is_derived && m->prop->words >= 0) {
		new->q.word = t->words->lists[m->prop->words].words;
		new->q.word_count = t->words->lists[m->prop->words].count;
	}
	return new;
}

static bool ask_part(struct joining *j, const struct missing *m, bool *is_new)
{
	isize number = m->prop - j->out->words->props[m->group];
	isize at = m->part - j->out->findings->model->of[m->group].list;
	struct asked **asked = &j->asked[m->group][number];

	if (!*asked)
		*asked = asked_new(j, m);
	if (!*asked)
		return no_room(j);
	/* One finding may ask two parts for the same fact, and waits once. */
	struct triage_question *q = &(*asked)->q;
	q->findings += *is_new;
	*is_new = false;
	if ((*asked)->is_in[at])
		return true;
	struct triage_part *list = list_grow(
		j->call->arena, q->part, q->part_count, &(*asked)->room, (isize)sizeof *list);
	if (!list)
		return no_room(j);
	q->part = list;
	(*asked)->is_in[at] = true;
	list[q->part_count++] = (struct triage_part){.ref = m->part->id,
		.title = part_title(m->part),
		.is_unknown = str_eq(part_value(m->part, m->prop->name), S("?"))};
	return true;
}

/* "carries class" is known when each asset carried says its class. */
static bool ask_assets(struct joining *j, const struct missing *m, bool *is_new)
{
	const struct model *model = j->out->findings->model;
	int32_t n = vocabulary_prop_find(j->out->words, PART_ASSET, S("class"));
	bool is_class = str_eq(m->prop->name, S("carries-class"));

	if (!is_class || n < 0 || m->part->ref_count == 0)
		return ask_part(j, m, is_new);
	for (int32_t i = 0; i < m->part->ref_count; i++) {
		const struct part *asset = &model->of[PART_ASSET].list[m->part->refs[i]];
		struct missing of_asset = {asset, PART_ASSET, &j->out->words->props[PART_ASSET][n]};
		str said = part_value(asset, S("class"));
		if ((said.n == 0 || str_eq(said, S("?"))) && !ask_part(j, &of_asset, is_new))
			return false;
	}
	return true;
}

static bool take_question(struct joining *j, const struct threat_finding *f)
{
	const struct part *elements = j->out->findings->model->of[PART_ELEMENT].list;

	for (int32_t i = 0; i < f->rule->ask_count; i++) {
		const struct rule_ask *ask = &f->rule->asks[i];
		bool is_new = true;
		struct missing m = {f->because, f->rule->group, NULL};
		if (!(f->missing & 1u << i) || m.group == PART_MODEL)
			continue;
		if (ask->side != SIDE_SELF) {
			int32_t end = ask->side == SIDE_FROM ? f->because->from : f->because->to;
			if (end == PART_NONE)
				continue;
			m.part = &elements[end];
			m.group = PART_ELEMENT;
		}
		m.prop = &j->out->words->props[m.group][ask->prop];
		if (m.prop->is_derived ? !ask_assets(j, &m, &is_new) : !ask_part(j, &m, &is_new))
			return false;
	}
	return true;
}

static int by_findings(const void *a, const void *b)
{
	const struct triage_question *one = a, *two = b;

	if (one->findings != two->findings)
		return one->findings < two->findings ? 1 : -1;
	if (one->group != two->group)
		return (int)one->group - (int)two->group;
	return str_cmp(one->property, two->property);
}

static void collect_questions(struct joining *j)
{
	struct triage *t = j->out;

	t->question = NEW(j->call->arena, struct triage_question, PART_GROUPS * VOCABULARY_PROPS);
	for (int g = 0; g < PART_GROUPS; g++)
		for (int n = 0; n < VOCABULARY_PROPS; n++)
			if (j->asked[g][n])
				t->question[t->question_count++] = j->asked[g][n]->q;
	if (t->question_count)
		qsort(t->question, (size_t)t->question_count, sizeof *t->question, by_findings);
}

struct revisions {
	struct triage_pick *item; /* by reference */
	isize count, room;
};

static int64_t revision_of(const struct revisions *all, str ref)
{
	isize from = 0, to = all->count;

	while (from < to) {
		isize middle = from + (to - from) / 2;
		if (str_cmp(all->item[middle].key, ref) < 0)
			from = middle + 1;
		else
			to = middle;
	}
	return from < all->count && str_eq(all->item[from].key, ref) ? all->item[from].rev : 0;
}

/* The revisions that somebody who answers has seen. */
static bool load_revisions(struct joining *j)
{
	struct revisions all = {0};
	struct rows r;

	db_query(j->call->db, &r,
		SQL("SELECT ref, rev FROM record WHERE kind IN"
		    " ('element', 'flow', 'interface', 'asset', 'zone') ORDER BY ref LIMIT "
		    "400000"));
	while (rows_next(&r)) {
		struct triage_pick *list = list_grow(
			j->call->arena, all.item, all.count, &all.room, (isize)sizeof *list);
		if (!list)
			return no_room(j);
		all.item = list;
		list[all.count++] = (struct triage_pick){
			str_dup(j->call->arena, rows_str(&r, 0)), rows_int(&r, 1)};
	}
	for (isize i = 0; i < j->out->question_count; i++)
		for (isize n = 0; n < j->out->question[i].part_count; n++) {
			struct triage_part *p = &j->out->question[i].part[n];
			p->rev = revision_of(&all, p->ref);
		}
	return rows_done(&r);
}

/* ---- all of it ---- */

static bool evaluate(struct joining *j)
{
	struct judged judged;

	if (!model_judge(j->call, NULL, &judged))
		return false;
	j->out->findings = judged.findings;
	j->out->rules = judged.rules;
	j->out->words = judged.words;
	return true;
}

static bool join(struct joining *j)
{
	const struct findings *all = j->out->findings;

	for (isize i = 0; i < all->count; i++)
		if (!take_finding(j, &all->list[i]))
			return false;
	for (isize i = 0; i < j->record_count; i++)
		if (!j->is_met[i] && !take_left(j, j->record[i]))
			return false;
	if (!take_all_by_hand(j))
		return false;
	for (isize i = 0; i < j->out->count; i++) {
		const struct triage_item *item = &j->out->item[i];
		j->out->tally[item->place]++;
		if (item->place == TRIAGE_ASKED && !take_question(j, item->finding))
			return false;
	}
	return true;
}

bool triage_make(struct call *c, struct triage **out)
{
	struct joining *j = NEW(c->arena, struct joining, 1);

	j->call = c;
	j->out = NEW(c->arena, struct triage, 1);
	if (!evaluate(j) || !load_records(j) || !load_shaken(j) || !load_harm(j) || !join(j))
		return false;
	if (j->out->count)
		qsort(j->out->item, (size_t)j->out->count, sizeof *j->out->item, by_weight);
	collect_questions(j);
	if (!load_revisions(j))
		return false;
	*out = j->out;
	return true;
}
