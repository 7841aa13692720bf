/* Triage: questions first, then what is open, worst first; decisions on several at once. */
#include "pages.h"
#include "web/triage/triage_view.h"

/* ---- what the page asks of its view ---- */

static str url_of(const struct triage_view *v, enum triage_place place, bool by_rule)
{
	struct buf b;

	buf_init(&b, v->call->arena, 4096);
	buf_fmt(&b, "%.*s?show=%.*s&by=%s", STR_ARG(scoped(&v->frame, S("/model/triage"))),
		STR_ARG(triage_place_word(place)), by_rule ? "rule" : "target");
	if (v->of.n) {
		buf_add(&b, S("&of="));
		html_query(&b, v->of);
	}
	return buf_str(&b);
}

str triage_url(const struct triage_view *v, enum triage_place place, bool by_rule)
{
	return url_of(v, place, by_rule);
}

str triage_act_url(const struct triage_view *v, str act)
{
	str list = url_of(v, v->place, v->by_rule), path = str_cut(&list, '?');

	return str_fmt(v->call->arena, "%.*s%.*s?%.*s", STR_ARG(path), STR_ARG(act), STR_ARG(list));
}

static str group_word(const struct triage_question *q)
{
	static const str words[PART_GROUPS] = {[PART_ZONE] = S_INIT("zone"),
		[PART_ASSET] = S_INIT("asset"),
		[PART_ELEMENT] = S_INIT("element"),
		[PART_INTERFACE] = S_INIT("interface"),
		[PART_FLOW] = S_INIT("flow"),
		[PART_ASSUMPTION] = S_INIT("assumption"),
		[PART_THREAT] = S_INIT("threat"),
		[PART_MODEL] = S_INIT("model")};

	return words[q->group];
}

str triage_ask_url(const struct triage_view *v, const struct triage_question *q)
{
	return str_fmt(v->call->arena, "%.*s&ask=%.*s.%.*s",
		STR_ARG(url_of(v, v->place, v->by_rule)), STR_ARG(group_word(q)),
		STR_ARG(q->property));
}

/* By the address, "flow.encryption", or by the form that came back. */
static isize choose_asked(const struct triage_view *v)
{
	str word = form_value(&v->request->query, S("ask")), kept = triage_kept(v, S("property"));
	str group = word.n ? str_cut(&word, '.') : S("");

	for (isize i = 0; i < v->triage->question_count; i++) {
		const struct triage_question *q = &v->triage->question[i];
		if (kept.n ? str_eq(q->property, kept)
			   : str_eq(q->property, word) && str_eq(group_word(q), group))
			return i;
	}
	return 0;
}

str triage_all_url(const struct triage_view *v)
{
	return str_fmt(v->call->arena, "%.*s?show=%.*s",
		STR_ARG(scoped(&v->frame, S("/model/triage"))),
		STR_ARG(triage_place_word(v->place)));
}

str triage_choose_url(const struct triage_view *v, str group)
{
	struct buf b;

	buf_init(&b, v->call->arena, 4096);
	buf_add(&b, url_of(v, v->place, v->by_rule));
	if (v->page > 1)
		buf_fmt(&b, "&page=%" PRId64, v->page);
	buf_add(&b, S("&all="));
	html_query(&b, group);
	return buf_str(&b);
}

bool triage_is_by_hand(const struct triage_item *item)
{
	return item->record && item->record->rule_key.n == 0;
}

str triage_pick_value(const struct triage_view *v, const struct triage_item *item)
{
	return str_fmt(v->call->arena, "%" PRId64 ":%.*s", item->record ? item->record->rec.rev : 0,
		STR_ARG(item->key));
}

str triage_part_value(const struct triage_view *v, const struct triage_part *p)
{
	return str_fmt(v->call->arena, "%" PRId64 ":%.*s", p->rev, STR_ARG(p->ref));
}

/* Whether the form that came back had this one chosen, whatever its revision was. */
static bool was_sent(const struct triage_view *v, str key)
{
	const struct form *form = &v->request->form;

	for (isize i = 0; i < form->count; i++) {
		str sent = form->field[i].value;
		if (!str_eq(form->field[i].name, S("pick")))
			continue;
		(void)str_cut(&sent, ':');
		if (str_eq(sent, key))
			return true;
	}
	return false;
}

bool triage_is_chosen(const struct triage_view *v, const struct triage_group *g, str key)
{
	str all = form_value(&v->request->query, S("all"));

	return (all.n && (str_eq(all, S("*")) || str_eq(all, g->id))) || was_sent(v, key);
}

bool triage_part_chosen(
	const struct triage_view *v, const struct triage_question *q, const struct triage_part *p)
{
	return !str_eq(triage_kept(v, S("property")), q->property) || was_sent(v, p->ref);
}

bool triage_is_answer(const struct triage_view *v, const struct triage_question *q, str word)
{
	const struct form *form = &v->request->form;

	for (isize i = 0; i < form->count; i++)
		if (str_eq(form->field[i].name, S("answer")) &&
			str_eq(form->field[i].value, word) &&
			str_eq(triage_kept(v, S("property")), q->property))
			return true;
	return false;
}

const struct triage_leads_view *triage_leads_of(
	const struct triage_view *v, const struct triage_question *q, isize part)
{
	struct triage_leads_view *l = NEW(v->call->arena, struct triage_leads_view, 1);

	if (q->word_count == 0)
		l->count = triage_leads(v->triage, q, &q->part[part], l->lead);
	return l;
}

str triage_kept(const struct triage_view *v, str name)
{
	return form_value(&v->request->form, name);
}

str triage_place_label(enum triage_place place)
{
	static const str labels[TRIAGE_PLACES] = {S_INIT("Open"), S_INIT("With a question"),
		S_INIT("Look again"), S_INIT("No longer in the model"), S_INIT("Decided"),
		S_INIT("Gone")};

	return labels[place];
}

str triage_property_words(const struct triage_view *v, const struct triage_question *q)
{
	struct buf b;

	buf_init(&b, v->call->arena, 200);
	for (isize i = 0; i < q->property.n; i++)
		buf_char(&b, q->property.p[i] == '-' ? ' ' : q->property.p[i]);
	return buf_str(&b);
}

str triage_level_words(int level)
{
	static const str words[] = {S_INIT("not known"), S_INIT("low"), S_INIT("medium"),
		S_INIT("high"), S_INIT("very high"), S_INIT("anyone")};

	assert(level >= 0 && level < COUNT_OF(words));
	return words[level];
}

str triage_decision_words(const struct triage_item *item)
{
	const struct threat *t = item->record;
	const struct field *f = kind_field(&kinds[KIND_THREAT], S("decision"));

	if (!t)
		return S("");
	return t->decision ? f->set->word[t->decision - 1].label
			   : t->rec.kind->state[t->rec.state].label;
}

bool triage_wrong(const struct triage_view *v, str field)
{
	for (const struct issue *i = v->issues; i; i = i->next)
		if (str_eq(i->field, field))
			return true;
	return false;
}

/* ---- the rows of a page, by group ---- */

struct placed {
	const struct triage_item *item;
	str id;
	isize order, rank; /* of the item, and of the worst one of its group */
};

static int by_id(const void *a, const void *b)
{
	const struct placed *one = a, *two = b;
	int order = str_cmp(one->id, two->id);

	return order ? order : one->order < two->order ? -1 : 1;
}

static int by_rank(const void *a, const void *b)
{
	const struct placed *one = a, *two = b;

	if (one->rank != two->rank)
		return one->rank < two->rank ? -1 : 1;
	return one->order < two->order ? -1 : 1;
}

/* "RULE/TARGET" belongs to its rule; what people wrote down themselves has none. */
static str group_of(const struct triage_view *v, const struct triage_item *item)
{
	str key = item->key;

	if (v->by_rule)
		return triage_is_by_hand(item) ? S("by-hand") : str_cut(&key, '/');
	return item->target.n ? item->target : S("no-target");
}

/* Whether the list is of all parts, or the item is aimed at the one that it is of. */
static bool is_of(const struct triage_view *v, const struct triage_item *item)
{
	bool is = v->of.n == 0 || str_eq(item->target, v->of);

	for (isize i = 0; i < item->part_count && !is; i++)
		is = str_eq(item->part[i]->id, v->of);
	return is;
}

/* The items of the list that is shown: those of one group together, the worst group first. */
static struct placed *place_items(struct triage_view *v)
{
	const struct triage *t = v->triage;
	struct placed *list = NEW(v->call->arena, struct placed, t->tally[v->place] + 1);

	for (isize i = 0; i < t->count; i++) {
		const struct triage_item *item = &t->item[i];
		if (item->place == v->place && is_of(v, item))
			list[v->total++] = (struct placed){item, group_of(v, item), i, i};
	}
	if (v->total == 0)
		return list;
	qsort(list, (size_t)v->total, sizeof *list, by_id);
	for (isize i = 1; i < v->total; i++)
		if (str_eq(list[i].id, list[i - 1].id))
			list[i].rank = list[i - 1].rank;
	qsort(list, (size_t)v->total, sizeof *list, by_rank);
	return list;
}

static void add_row(struct triage_view *v, const struct placed *p)
{
	struct triage_group *g = v->group_count ? &v->group[v->group_count - 1] : NULL;

	if (!g || !str_eq(g->id, p->id)) {
		g = &v->group[v->group_count++];
		*g = (struct triage_group){.id = p->id,
			.from = v->row_count,
			.head = v->by_rule ? p->id : p->item->target_title,
			.note = v->by_rule && p->item->rule ? rule_why(p->item->rule) : p->id};
		if (v->by_rule && triage_is_by_hand(p->item)) {
			g->head = S("Recorded by hand");
			g->note = S("Written down by people, not found by a rule.");
		} else if (!v->by_rule && p->item->target.n == 0) {
			g->head = S("No target");
			g->note = S("Link the threat to what it is aimed at.");
		}
	}
	g->count++;
	v->row[v->row_count++] = p->item;
}

static void add_counters(struct triage_view *v, const struct rule *rule)
{
	const struct countermeasure *m;

	for (isize i = 0; rule && (m = rule_countermeasure(v->triage->rules, rule, i)); i++) {
		bool is_there = v->counter_count == COUNTERS_SHOWN;
		for (isize n = 0; n < v->counter_count && !is_there; n++)
			is_there = v->counter[n] == m;
		if (!is_there)
			v->counter[v->counter_count++] = m;
	}
}

static void make_rows(struct triage_view *v)
{
	struct placed *list = place_items(v);
	isize from = (isize)(v->page - 1) * TRIAGE_ROWS;

	v->row = NEW(v->call->arena, const struct triage_item *, TRIAGE_ROWS);
	v->group = NEW(v->call->arena, struct triage_group, TRIAGE_ROWS);
	for (isize i = from; i < v->total && v->row_count < TRIAGE_ROWS; i++)
		add_row(v, &list[i]);
	for (isize i = 0; i < v->row_count; i++)
		add_counters(v, v->row[i]->rule);
}

/* ---- the page ---- */

static bool read_query(struct call *c, const struct request *q, struct triage_view *v)
{
	str show = form_value(&q->query, S("show")), by = form_value(&q->query, S("by"));
	str done = form_value(&q->query, S("done"));

	v->of = form_value(&q->query, S("of"));
	v->by_rule = str_eq(by, S("rule"));
	if (show.n && !triage_place_parse(show, &v->place))
		return err_issue(&c->err, S("show"), "there is no list %.*s", STR_ARG(show));
	if (by.n && !v->by_rule && !str_eq(by, S("target")))
		return err_issue(&c->err, S("by"), "threats are listed by target or by rule");
	if (!page_read(c, q, &v->page))
		return false;
	if (done.n && !str_int(done, 1, TRIAGE_PICKS, &v->done))
		v->done = 0;
	return true;
}

static bool show(struct call *c, struct request *q, struct http_reply *out)
{
	struct triage_view *v = NEW(c->arena, struct triage_view, 1);
	struct err e = c->err;
	struct triage *t;

	err_clear(&c->err);
	v->call = c;
	v->request = q;
	v->issues = e.issues;
	v->wrong = err_text(&e);
	v->has_error = e.code != ERR_NONE;
	if (!read_query(c, q, v) || !triage_make(c, &t) ||
		!frame_make(c, q, S("Triage"), S("model"), &v->frame))
		return false;
	v->triage = t;
	v->asked = choose_asked(v);
	v->frame.is_error = v->has_error;
	v->may_decide = c->at_us == TIME_NONE && call_could(c, CAN_THREAT_WRITE, q->product);
	v->may_answer = c->at_us == TIME_NONE && call_could_some(c, CAN_ELEMENT_WRITE);
	v->pager_url = url_of(v, v->place, v->by_rule);
	make_rows(v);
	frame_crumb(&v->frame, S("Threat model"), scoped(&v->frame, S("/model")));
	struct buf *b = reply_page(c, out);
	triage_page_html(b, v);
	reply_done(out, b);
	if (v->has_error)
		out->status = e.code == ERR_CONFLICT ? 409 : 422;
	return true;
}

bool web_triage(struct call *c, struct request *q, struct http_reply *out)
{
	if (q->ending.n)
		return FAIL(&c->err, ERR_MISSING, "triage comes as a page; see /api/v1/triage");
	return show(c, q, out);
}

/* ---- acts ---- */

/* Each "pick" of the form: what was chosen, and the revision that was seen. */
static bool read_picks(
	struct call *c, const struct form *form, struct triage_pick **out, isize *count)
{
	*out = NEW(c->arena, struct triage_pick, form->count + 1);
	*count = 0;
	for (isize i = 0; i < form->count; i++) {
		str key = form->field[i].value, rev;
		struct triage_pick *pick = &(*out)[*count];
		if (!str_eq(form->field[i].name, S("pick")))
			continue;
		rev = str_cut(&key, ':');
		if (!str_int(rev, 0, INT64_MAX, &pick->rev) || key.n == 0)
			return FAIL(&c->err, ERR_SYNTAX, "a choice of the form cannot be read");
		pick->key = key;
		++*count;
	}
	return true;
}

/* Back to the list that the form stood below. */
static bool go_back(struct call *c, struct request *q, isize done, struct http_reply *out)
{
	str by = form_value(&q->query, S("by")), list = form_value(&q->query, S("show"));
	str slug = S("");
	struct frame f;
	enum triage_place place = TRIAGE_OPEN;

	if (!frame_make(c, q, S(""), S("model"), &f))
		return false;
	slug = scoped(&f, S("/model/triage"));
	if (list.n && !triage_place_parse(list, &place))
		place = TRIAGE_OPEN;
	struct buf b;
	buf_init(&b, c->arena, 4 * HTTP_TARGET_BYTES);
	buf_fmt(&b, "%.*s?show=%.*s&by=%s&done=%td", STR_ARG(slug),
		STR_ARG(triage_place_word(place)), str_eq(by, S("rule")) ? "rule" : "target", done);
	if (form_value(&q->query, S("of")).n) {
		buf_add(&b, S("&of="));
		html_query(&b, form_value(&q->query, S("of")));
	}
	return reply_redirect(out, b.full ? slug : buf_str(&b));
}

/* What was typed is shown again: nobody types it twice. */
static bool show_again(struct call *c, struct request *q, struct http_reply *out)
{
	if ((c->err.code != ERR_CONFLICT && c->err.code != ERR_INVALID) || !db_ok(c->db))
		return false;
	return show(c, q, out);
}

bool web_triage_decide(struct call *c, struct request *q, struct http_reply *out)
{
	struct triage_pick *pick;
	struct triage_decision d = {.product = q->product,
		.word = form_value(&q->form, S("decision")),
		.to = str_trim(form_value(&q->form, S("to"))),
		.assumption = str_trim(form_value(&q->form, S("assumption"))),
		.if_fails = str_trim(form_value(&q->form, S("if_fails"))),
		.control = str_trim(form_value(&q->form, S("control"))),
		.risk = str_trim(form_value(&q->form, S("risk"))),
		.title = str_trim(form_value(&q->form, S("title"))),
		.owner = str_trim(form_value(&q->form, S("owner")))};

	if (d.control.n == 0)
		d.control = form_value(&q->form, S("counter"));
	if (!read_picks(c, &q->form, &pick, &d.count))
		return false;
	d.pick = pick;
	c->reason = form_value(&q->form, S("reason"));
	return triage_decide(c, &d) ? go_back(c, q, d.count, out) : show_again(c, q, out);
}

bool web_triage_answer(struct call *c, struct request *q, struct http_reply *out)
{
	struct triage_pick *pick;
	isize count, words = 0;
	str *word = NEW(c->arena, str, q->form.count + 1);

	if (!read_picks(c, &q->form, &pick, &count))
		return false;
	for (isize i = 0; i < q->form.count; i++)
		if (str_eq(q->form.field[i].name, S("answer")) && q->form.field[i].value.n)
			word[words++] = q->form.field[i].value;
	c->reason = form_value(&q->form, S("reason"));
	return triage_answer(c, form_value(&q->form, S("property")), word, words,
		       str_trim(form_value(&q->form, S("claim"))), pick, count)
		? go_back(c, q, count, out)
		: show_again(c, q, out);
}
