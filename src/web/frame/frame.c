/* What stands around every page: places, product, figures, the state of the ledger. */
#include "ledger/ledger.h"
#include "web/web_in.h"

/* Fifteen places in four groups, all visible at once. */
const struct place nav_places[] = {
	{S_INIT("overview"), S_INIT("Overview"), S_INIT("/"), S_INIT("overview"), S_INIT("o"), 0,
		CAN_OVERVIEW_READ, true},
	{S_INIT("tasks"), S_INIT("My tasks"), S_INIT("/tasks"), S_INIT("tasks"), S_INIT("t"), 0,
		CAN_TASKS_READ, false},
	{S_INIT("model"), S_INIT("Threat model"), S_INIT("/model"), S_INIT("model"), S_INIT("m"), 1,
		CAN_THREAT_MODEL_READ, true},
	{S_INIT("risks"), S_INIT("Risks"), S_INIT("/risks"), S_INIT("risk"), S_INIT("r"), 1,
		CAN_RISK_READ, true},
	{S_INIT("requirements"), S_INIT("Requirements"), S_INIT("/requirements"), S_INIT("req"),
		S_INIT("q"), 1, CAN_REQUIREMENT_READ, true},
	{S_INIT("trace"), S_INIT("Traceability"), S_INIT("/trace"), S_INIT("trace"), S_INIT("y"), 1,
		CAN_TRACE_READ, true},
	{S_INIT("vulnerabilities"), S_INIT("Vulnerabilities"), S_INIT("/vulnerabilities"),
		S_INIT("vuln"), S_INIT("v"), 1, CAN_VULNERABILITY_READ, true},
	{S_INIT("programme"), S_INIT("Programme"), S_INIT("/programme"), S_INIT("prog"),
		S_INIT("p"), 2, CAN_ISSUE_READ, false},
	{S_INIT("readiness"), S_INIT("Readiness"), S_INIT("/readiness"), S_INIT("ready"),
		S_INIT("e"), 2, CAN_READINESS_READ, false},
	{S_INIT("audits"), S_INIT("Audits and reviews"), S_INIT("/audits"), S_INIT("audit"),
		S_INIT("u"), 2, CAN_ASSESSMENT_READ, false},
	{S_INIT("actions"), S_INIT("Actions"), S_INIT("/actions"), S_INIT("action"), S_INIT("a"), 2,
		CAN_ACTION_READ, false},
	{S_INIT("response"), S_INIT("Response"), S_INIT("/response"), S_INIT("resp"), S_INIT("s"),
		2, CAN_INCIDENT_READ, false},
	{S_INIT("documents"), S_INIT("Documents"), S_INIT("/documents"), S_INIT("doc"), S_INIT("d"),
		3, CAN_DOCUMENT_READ, false},
	{S_INIT("people"), S_INIT("People and devices"), S_INIT("/people"), S_INIT("people"),
		S_INIT("i"), 3, CAN_PERSON_READ, false},
	{S_INIT("ledger"), S_INIT("Ledger"), S_INIT("/ledger"), S_INIT("ledger"), S_INIT("l"), 3,
		CAN_LEDGER_READ, false},
	{.key = S_INIT("")},
};

str nav_group_name(int group)
{
	static const str names[] = {S_INIT(""), S_INIT("Product security"),
		S_INIT("Management system"), S_INIT("Record")};

	return names[group];
}

bool nav_shown(const struct frame *f, const struct place *p)
{
	return call_could_some(f->call, p->right);
}

str nav_url(const struct frame *f, const struct place *p)
{
	if (!p->of_product || f->slug.n == 0)
		return p->url;
	if (str_eq(p->url, S("/")))
		return str_fmt(f->call->arena, "/%.*s", STR_ARG(f->slug));
	return str_fmt(f->call->arena, "/%.*s%.*s", STR_ARG(f->slug), STR_ARG(p->url));
}

str scoped(const struct frame *f, str path)
{
	return f->slug.n ? str_fmt(f->call->arena, "/%.*s%.*s", STR_ARG(f->slug), STR_ARG(path))
			 : path;
}

int64_t nav_figure(const struct frame *f, const struct place *p)
{
	if (str_eq(p->key, S("tasks")))
		return f->tasks;
	if (str_eq(p->key, S("vulnerabilities")))
		return f->vulnerabilities;
	return str_eq(p->key, S("actions")) ? f->actions : 0;
}

int64_t nav_late(const struct frame *f, const struct place *p)
{
	return str_eq(p->key, S("tasks")) ? f->tasks_late : 0;
}

/* ---- products ---- */

/* "TheatreLink G2" is theatrelink-g2 in addresses. */
static str slug_of(struct arena *a, str title)
{
	str lower = str_lower(a, title);
	struct buf b;

	buf_init(&b, a, title.n + 8);
	for (isize i = 0; i < lower.n; i++) {
		char ch = lower.p[i];
		bool plain = (ch >= 'a' && ch <= 'z') || (ch >= '0' && ch <= '9');
		bool dash = buf_back(&b, '-');
		if (dash || (!plain && b.n))
			buf_char(&b, '-');
		if (plain)
			buf_char(&b, ch);
	}
	while (buf_back(&b, '-'))
		;
	return buf_str(&b);
}

/* Two products may have one title, and a title may be the name of a page, or have no letter that an
   address can have: then the reference stands for it, which leads to every product. */
static str slug_among(struct call *c, const struct frame *f, const struct product *p)
{
	str slug = slug_of(c->arena, p->rec.title);
	bool is_taken = slug.n == 0 || web_has_place(slug);

	for (isize i = 0; i < f->product_count && !is_taken; i++)
		is_taken = str_eq(f->product[i].slug, slug);
	return is_taken ? str_lower(c->arena, p->rec.ref) : slug;
}

static struct product_choice choice_of(struct call *c, const struct product *p, str slug)
{
	str state = p->rec.kind->state[p->rec.state].label;

	return (struct product_choice){.ref = p->rec.ref,
		.slug = slug,
		.title = p->rec.title,
		.note = p->rec.version.n ? str_fmt(c->arena, "Version %.*s, %.*s",
						   STR_ARG(p->rec.version),
						   STR_ARG(str_lower(c->arena, state)))
					 : state};
}

static bool load_products(struct call *c, struct frame *f)
{
	struct query q = {.limit = PRODUCTS_MAX};
	struct list list;

	if (!kind_list(c, &kinds[KIND_PRODUCT], &q, &list))
		return false;
	f->product_total = list.total;
	for (isize i = 0; i < list.count; i++) {
		f->product[i] = choice_of(c, list.item[i], slug_among(c, f, list.item[i]));
		f->product_count++;
	}
	return true;
}

/* "prd-7" is PRD-7, for whoever may read it; nothing else is. */
static bool find_product(struct call *c, str slug, struct product_choice *out)
{
	void *rec;

	if (!kind_get(c, &kinds[KIND_PRODUCT], str_upper(c->arena, slug), &rec)) {
		if (c->err.code != ERR_MISSING)
			return false;
		err_clear(&c->err);
		return true;
	}
	*out = choice_of(c, rec, slug);
	return true;
}

bool scope_read(struct call *c, struct request *q)
{
	struct frame *f = NEW(c->arena, struct frame, 1);
	str rest = str_part(q->path, 1, q->path.n), slug = str_cut(&rest, '/');

	if (!load_products(c, f))
		return false;
	for (isize i = 0; i < f->product_count; i++)
		if (str_eq(f->product[i].slug, slug))
			q->scope = f->product[i];
	if (q->scope.ref.n == 0 && !find_product(c, slug, &q->scope))
		return false;
	if (q->scope.ref.n)
		q->path = str_fmt(c->arena, "/%.*s", STR_ARG(rest));
	q->product = q->scope.ref;
	return true;
}

static void set_scope(struct frame *f, const struct request *q)
{
	bool is_all = q->product.n == 0;

	f->scope_title = is_all ? S("All products") : q->scope.title;
	f->scope_note = is_all ? S("and the organization") : q->scope.note;
	f->slug = q->scope.slug;
}

/* ---- figures ---- */

/* Open vulnerabilities and findings, of those that the reader may see. */
static bool load_open(struct call *c, struct frame *f)
{
	struct query open = {
		.states = 1u << VULNERABILITY_STATE_REPORTED | 1u << VULNERABILITY_STATE_TRIAGED};
	struct query not_closed = {.states = ~(1u << FINDING_STATE_CLOSED)};

	return kind_tally(c, &kinds[KIND_VULNERABILITY], &open, &f->vulnerabilities) &&
		kind_tally(c, &kinds[KIND_FINDING], &not_closed, &f->actions);
}

static bool load_figures(struct call *c, struct frame *f)
{
	if (!task_list(c, &f->task, &f->tasks))
		return false;
	for (isize i = 0; i < f->tasks; i++)
		f->tasks_late += f->task[i].is_late;
	return load_open(c, f);
}

static bool load_ledger(struct call *c, struct frame *f)
{
	struct checkpoint point;
	int64_t at;
	str note;
	struct buf b;

	if (!ledger_newest(c, &note, &point, &at))
		return false;
	if (note.n == 0) {
		f->foot = S("Ledger without a checkpoint yet");
		return true;
	}
	buf_init(&b, c->arena, 300);
	buf_fmt(&b, "Ledger signed at %" PRIu64 " entries on ", point.size);
	time_print_words(&b, at);
	buf_add(&b, S(", root "));
	hex_print(&b, point.root.b, 4);
	buf_add(&b, S("…"));
	hex_print(&b, point.root.b + 30, 2);
	f->foot = buf_str(&b);
	return true;
}

static str initials_of(struct arena *a, str name)
{
	struct buf b;

	buf_init(&b, a, 40);
	for (str word = str_word(&name); word.n && b.n < 8; word = str_word(&name))
		buf_add(&b, utf8_head(word, 1));
	return buf_str(&b);
}

/* The same address without ?at=. */
static str url_of_now(struct call *c, const struct request *q)
{
	struct buf b;

	buf_init(&b, c->arena, 4 * HTTP_TARGET_BYTES);
	buf_add(&b, q->http->path);
	buf_char(&b, '?');
	for (isize i = 0; i < q->query.count; i++) {
		if (str_eq(q->query.field[i].name, S("at")))
			continue;
		html_query(&b, q->query.field[i].name);
		buf_char(&b, '=');
		html_query(&b, q->query.field[i].value);
		buf_char(&b, '&');
	}
	if (!buf_back(&b, '&'))
		buf_back(&b, '?');
	return buf_str(&b);
}

bool frame_make(struct call *c, struct request *q, str title, str place, struct frame *out)
{
	int64_t at = c->at_us;

	*out = (struct frame){
		.call = c, .request = q, .title = title, .place = place, .csrf = q->session.csrf};
	out->sought = str_eq(place, S("search")) ? form_value(&q->query, S("q")) : S("");
	if (at != TIME_NONE) {
		out->at = time_words(c, at);
		out->now_url = url_of_now(c, q);
	}
	/* The frame is of now, whatever day the page shows. */
	c->at_us = TIME_NONE;
	out->initials = initials_of(c->arena, c->who.name);
	bool ok = load_products(c, out) && load_figures(c, out) && load_ledger(c, out);
	c->at_us = at;
	set_scope(out, q);
	return ok;
}

void frame_crumb(struct frame *f, str name, str url)
{
	assert(f->crumb_count < CRUMBS_MAX);
	f->crumb[f->crumb_count++] = (struct crumb){name, url};
}

str record_url(struct call *c, str ref)
{
	return str_fmt(c->arena, "/%.*s", STR_ARG(ref));
}

str day_words(struct call *c, int64_t day)
{
	struct buf b;

	if (day == DAY_NONE)
		return S("");
	buf_init(&b, c->arena, 40);
	day_print_words(&b, day);
	return buf_str(&b);
}

str time_words(struct call *c, int64_t time_us)
{
	struct buf b;

	if (time_us == TIME_NONE)
		return S("");
	buf_init(&b, c->arena, 40);
	time_print_words(&b, time_us);
	return buf_str(&b);
}
