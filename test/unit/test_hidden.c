/*
 * Nobody is shown a word of a record that is not for them, on any address.
 *
 * The worked example gets a word of its own in every text of every record, in the reasons of its
 * revisions and in the notes of its links; then a third of the records becomes restricted.  Three
 * readers who have every right but that one follow every link from every address of the tables of
 * routes, guess the addresses of what is hidden, and send every form.  Each word in an answer must
 * be of a record that the reader may see, by a rule written here anew.
 *
 * Each run draws other addresses.  WARD_HIDDEN=all asks every one (minutes); WARD_HIDDEN_SEED draws
 * those of an earlier run again.
 */
#include "api.h"
#include "api/api_in.h"
#include "demo/demo.h"
#include "ident/ident.h"
#include "kind/entry.h"
#include "ledger/ledger.h"
#include "store.h"
#include "web/web_in.h"

#include <stdlib.h>

enum {
	PLANTS = 6000,
	ADDRESSES = 1 << 17, /* places of a table that stays half empty */
	SHAPES = 1 << 16,
	WORK_BYTES = 128 << 20,
	PER_SHAPE = 4, /* addresses asked that differ in references and numbers only */
	PARTS = 16,    /* one of so many addresses is asked, drawn anew each time */
	TOLD_MAX = 60,
	DIGITS = 6
};

struct plant {
	const struct kind *kind;
	str ref, product;
	bool is_restricted, is_protected, is_planted;
};
struct shape {
	str key;
	int count;
};
struct reader {
	str ref, product, cookie, csrf, token;
	bool knows; /* restricted.read for the product */
};
struct crawl {
	struct test_case *t;
	struct call *store;
	struct arena work; /* of one answer */
	struct plant *plant;
	int plants;
	uint64_t seed;
	int64_t between_us; /* after the words came, before records were restricted */
	const struct reader *reader;
	str *queue;
	isize asked, queued;
	str *seen;
	struct shape *shape;
	int answers, refusals, forms, words, told, shapes;
};

/* ---- planting ---- */

static str word_of(struct arena *a, char kind, int n)
{
	return str_fmt(a, "z%c%06dx", kind, n);
}

static str planted(struct call *c, const struct field *f, int n, str old)
{
	str text = str_fmt(c->arena, "%.*s plantedword %.*s",
		STR_ARG(word_of(c->arena, f->secret ? 's' : 'q', n)), STR_ARG(old));
	isize most = f->max > 0 && f->max < 20000 ? (isize)f->max : 20000;

	return text.n <= most ? text : word_of(c->arena, f->secret ? 's' : 'q', n);
}

static void plant_field(struct call *c, void *rec, const struct field *f, int n);

/* What a new row needs besides its texts. */
static void fill_required(struct call *c, void *row, const struct field *f)
{
	if (!f->required)
		return;
	if (f->type == FIELD_INT)
		*(int64_t *)kind_slot(row, f) = f->min > 0 ? f->min : 1;
	else if (f->type == FIELD_DATE)
		*(int64_t *)kind_slot(row, f) = day_of_time(c->now_us);
	else if (f->type == FIELD_TIME)
		*(int64_t *)kind_slot(row, f) = c->now_us;
	else if (f->type == FIELD_ENUM)
		*(int *)kind_slot(row, f) = 1;
	else if (f->type == FIELD_REF)
		*(str *)kind_slot(row, f) =
			f->ref_count && f->refs[0] == KIND_ROLE ? S("R-PSL") : S("P01");
}

static void clear_cell(void *row, const struct field *f)
{
	if (f->type == FIELD_INT || f->type == FIELD_DATE || f->type == FIELD_TIME)
		*(int64_t *)kind_slot(row, f) = INT_NONE;
}

static void plant_rows(struct call *c, void *rec, const struct field *f, int n)
{
	struct any_rows *rows = kind_slot(rec, f);

	if (rows->count == 0) {
		rows->item = arena_bulk(c->arena, f->row_size);
		memset(rows->item, 0, (size_t)f->row_size);
		rows->count = 1;
		for (int i = 0; i < f->col_count; i++) {
			clear_cell(rows->item, &f->col[i]);
			fill_required(c, rows->item, &f->col[i]);
		}
	}
	for (isize r = 0; r < rows->count; r++)
		for (int i = 0; i < f->col_count; i++)
			plant_field(c, (char *)rows->item + r * f->row_size, &f->col[i], n);
}

static void plant_field(struct call *c, void *rec, const struct field *f, int n)
{
	if (f->check || f->ref_count)
		return;
	if (f->type == FIELD_TEXT || f->type == FIELD_PROSE) {
		str *text = kind_slot(rec, f);
		if (f->max == 0 || f->max > DIGITS + 2)
			*text = planted(c, f, n, *text);
	} else if (f->type == FIELD_WORDS) {
		struct words *w = kind_slot(rec, f);
		str *item = NEW(c->arena, str, w->count + 1);
		item[0] = word_of(c->arena, f->secret ? 's' : 'q', n);
		for (isize i = 0; i < w->count; i++)
			item[i + 1] = w->item[i];
		*w = (struct words){item, w->count + 1};
	} else if (f->type == FIELD_ROWS) {
		plant_rows(c, rec, f, n);
	}
}

static bool put(struct crawl *x, struct rec *rec, int n)
{
	struct call *c = x->store;

	c->reason = str_fmt(c->arena, "%.*s reason", STR_ARG(word_of(c->arena, 'q', n)));
	bool saved = db_save(c->db);
	assert(saved);
	ledger_saved(c->ledger);
	if (kind_put(c, rec, str_fmt(c->arena, "%.*s.update", STR_ARG(rec->kind->name))) &&
		db_release(c->db))
		return true;
	printf("# %.*s: %s\n", STR_ARG(rec->ref), c->err.text);
	for (const struct issue *i = c->err.issues; i; i = i->next)
		printf("# %.*s: %.*s\n", STR_ARG(i->field), STR_ARG(i->text));
	db_undo(c->db);
	ledger_undone(c->ledger);
	err_clear(&c->err);
	return false;
}

/* Every record of the example, by reference. */
static void list_plants(struct crawl *x)
{
	struct test_case *t = x->t;
	struct rows r;

	x->plant = NEW(t->arena, struct plant, PLANTS);
	db_query(x->store->db, &r, SQL("SELECT kind, ref FROM record ORDER BY ref LIMIT 6000"));
	while (rows_next(&r))
		x->plant[x->plants++] = (struct plant){.kind = kind_by_name(rows_str(&r, 0)),
			.ref = str_dup(t->arena, rows_str(&r, 1))};
	CHECK(rows_done(&r));
	CHECK(x->plants > 1000 && x->plants < PLANTS);
}

static int plant_of(const struct crawl *x, str ref)
{
	for (int i = 0; i < x->plants; i++)
		if (str_eq(x->plant[i].ref, ref))
			return i;
	return -1;
}

static struct rec *current(struct crawl *x, int n)
{
	struct test_case *t = x->t;
	struct rec *rec = NULL;

	CHECK(kind_get_any(x->store, x->plant[n].ref, &rec));
	return rec;
}

/* The words come while the record may be read by many. */
static void plant_words(struct crawl *x)
{
	for (int n = 0; n < x->plants; n++) {
		struct rec *rec = current(x, n);
		for (int i = 0; rec && i < rec->kind->field_count; i++)
			plant_field(x->store, rec, &rec->kind->field[i], n);
		x->plant[n].is_planted = rec && put(x, rec, n);
	}
}

/* The notes of links say both ends: whoever reads one must see both. */
static void plant_notes(struct crawl *x)
{
	struct call *c = x->store;
	struct test_case *t = x->t;

	for (int n = 0; n < x->plants; n += 2) {
		struct link *link;
		isize count;
		CHECK(link_list(c, x->plant[n].ref, &link, &count));
		for (isize i = 0; i < count && i < 40; i++) {
			int other = plant_of(x, link[i].other.ref);
			if (!link[i].outgoing || other < 0)
				continue;
			str note =
				str_fmt(c->arena, "%.*s %.*s", STR_ARG(word_of(c->arena, 'q', n)),
					STR_ARG(word_of(c->arena, 'q', other)));
			c->reason = note;
			CHECK(link_remove(c, link[i].from, link[i].type, link[i].to) &&
				link_add(c, link[i].from, link[i].type, link[i].to, note));
			err_clear(&c->err);
			break;
		}
	}
}

/* A third is restricted.  What decides is read back from the record that is there then. */
static void restrict_some(struct crawl *x)
{
	for (int n = 0; n < x->plants; n++) {
		struct plant *p = &x->plant[n];
		struct rec *rec = current(x, n);
		const struct field *f = kind_field(p->kind, S("is_protected"));
		if (!rec)
			continue;
		rec->classification = n % 3 ? CLASSIFICATION_INTERNAL : CLASSIFICATION_RESTRICTED;
		if (f)
			*(bool *)kind_slot(rec, f) = n % 4 == 0;
		put(x, rec, n);
		rec = current(x, n);
		p->product = rec->product;
		p->is_restricted = rec->classification == CLASSIFICATION_RESTRICTED;
		p->is_protected = f && *(bool *)kind_slot(rec, f);
	}
}

/* Signed after the names became words. */
static void sign_some(struct crawl *x)
{
	struct call *c = x->store;
	struct test_case *t = x->t;
	struct who program = c->who;
	int signer = 0;

	for (int n = 0; n < x->plants; n += 5) {
		struct rec *rec = current(x, n);
		do
			signer = (signer + 1) % x->plants;
		while (x->plant[signer].kind->id != KIND_PERSON);
		const struct rec *person = current(x, signer);
		c->who = (struct who){.ref = person->ref,
			.name = person->title,
			.is_system = true,
			.actor = ident_actor(c->arena,
				(str){(const char *)person->id.b, (isize)sizeof person->id.b})};
		CHECK(kind_sign(c, rec, S("seen")));
	}
	c->who = program;
}

/* ---- readers ---- */

/* Every right but restricted.read, for one product or everywhere. */
static void add_reader(struct crawl *x, struct reader *r, int i)
{
	struct call *c = x->store;
	struct test_case *t = x->t;
	struct role *role = kind_new(c->arena, &kinds[KIND_ROLE]);
	struct person *person = kind_new(c->arena, &kinds[KIND_PERSON]);
	struct access_grant *grant = kind_new(c->arena, &kinds[KIND_ACCESS_GRANT]);
	str secret;

	r->ref = str_fmt(c->arena, "P90%d", i);
	person->rec.ref = person->rec.title = person->sign_in = r->ref;
	person->rec.state = PERSON_STATE_ACTIVE;
	person->sign_in_web = true;
	role->rec.ref = role->rec.title = str_fmt(c->arena, "R-READER%d", i);
	role->rec.state = ROLE_STATE_EFFECTIVE;
	role->rights.item = NEW(c->arena, str, RIGHT_COUNT);
	for (int n = 1; n < RIGHT_COUNT; n++)
		if (n != CAN_RESTRICTED_READ || r->knows)
			role->rights.item[role->rights.count++] = right_name(n);
	grant->rec.ref = grant->rec.title = str_fmt(c->arena, "GRA-90%d", i);
	grant->rec.state = ACCESS_GRANT_STATE_GRANTED;
	grant->identity = r->ref;
	grant->role = role->rec.ref;
	grant->scope = r->product;
	api_test_put(t, c, person);
	api_test_put(t, c, role);
	api_test_put(t, c, grant);
	CHECK(session_open(c, r->ref, S(""), &secret, &r->csrf));
	r->cookie = str_fmt(t->arena, "ward-local=%.*s", STR_ARG(secret));
	CHECK(token_make(c, r->ref, S("crawl"), S("*"), 30, &r->token));
	CHECK(c->err.code == ERR_NONE);
}

/* ---- what must be ---- */

static bool in_scope(const struct reader *r, str product)
{
	return r->product.n == 0 || str_eq(r->product, product);
}

static bool must_know(const struct reader *r, const struct plant *p)
{
	return r->knows && !p->is_protected && in_scope(r, p->product);
}

static bool must_see(const struct reader *r, const struct plant *p)
{
	if (p->product.n && !in_scope(r, p->product))
		return false;
	return (!p->is_restricted && !p->is_protected) || must_know(r, p);
}

/* ---- addresses ---- */

static bool is_upper(char ch)
{
	return ch >= 'A' && ch <= 'Z';
}
static bool is_digit(char ch)
{
	return ch >= '0' && ch <= '9';
}

/* The address with every reference as its letters and every number as N. */
static str shape_of(struct arena *a, str target)
{
	struct buf b;

	buf_init(&b, a, target.n + 1);
	for (isize i = 0; i < target.n; i++) {
		if (is_digit(target.p[i]) && (i == 0 || !is_digit(target.p[i - 1])))
			buf_char(&b, 'N');
		else if (!is_digit(target.p[i]))
			buf_char(&b, target.p[i]);
	}
	return buf_str(&b);
}

/* Room for the text in a table of texts; its place, or that of the same text. */
static isize place_of(const str *table, isize size, str s)
{
	isize at = (isize)(str_hash_fixed(s) % (uint64_t)size);

	while (table[at].n && !str_eq(table[at], s))
		at = (at + 1) % size;
	return at;
}

static bool is_popular(struct crawl *x, str target)
{
	str key = shape_of(&x->work, target);
	isize at = (isize)(str_hash_fixed(key) % SHAPES);
	int most = getenv("WARD_HIDDEN") ? 1000000 : PER_SHAPE;

	while (x->shape[at].key.n && !str_eq(x->shape[at].key, key))
		at = (at + 1) % SHAPES;
	if (!x->shape[at].key.n) {
		x->shape[at].key = str_dup(x->t->arena, key);
		x->shapes++;
		assert(x->shapes < SHAPES / 2);
	}
	return x->shape[at].count++ >= most;
}

/* Takes an address up, unless it was before or many like it were. */
static void want(struct crawl *x, str target)
{
	isize at;

	if (target.n < 1 || target.p[0] != '/' || str_starts(target, S("/a/")) ||
		str_starts(target, S("/logout")))
		return;
	target = str_cut(&target, '#');
	assert(x->queued < ADDRESSES / 2 - 1);
	at = place_of(x->seen, ADDRESSES, target);
	if (x->seen[at].n || is_popular(x, target) ||
		(!getenv("WARD_HIDDEN") && test_random(&x->seed, PARTS)))
		return;
	x->seen[at] = str_dup(x->t->arena, target);
	x->queue[x->queued++] = x->seen[at];
}

/* ---- what comes back ---- */

/* Of addresses that differ in references and numbers only, one. */
static void tell(struct crawl *x, str how, str target, const struct plant *p, str near)
{
	str key = str_fmt(
		&x->work, "told %.*s %.*s", STR_ARG(how), STR_ARG(shape_of(&x->work, target)));
	char line[200] = {0};

	if (is_popular(x, key) || is_popular(x, key) || x->told++ >= TOLD_MAX)
		return;
	for (isize i = 0; i < near.n && i < 199; i++)
		line[i] = near.p[i] == '\n' ? ' ' : near.p[i];
	test_fail(x->t, __FILE__, __LINE__, "%.*s for \"%.*s\": %.*s %.*s shows %.*s: %s",
		STR_ARG(x->reader->ref), STR_ARG(x->reader->product), STR_ARG(how), STR_ARG(target),
		STR_ARG(p->ref), line);
}

/* The first words of somebody else's record in the text, told with the address. */
static void look(struct crawl *x, str how, str target, str text)
{
	for (isize i = 0; i + DIGITS + 3 <= text.n; i++) {
		int64_t n;
		if (text.p[i] != 'z' || (text.p[i + 1] != 'q' && text.p[i + 1] != 's') ||
			text.p[i + 2 + DIGITS] != 'x' ||
			!str_int(str_part(text, i + 2, i + 2 + DIGITS), 0, x->plants - 1, &n))
			continue;
		const struct plant *p = &x->plant[n];
		bool may =
			must_see(x->reader, p) && (text.p[i + 1] == 'q' || must_know(x->reader, p));
		x->words++;
		if (!may)
			tell(x, how, target, p,
				str_part(text, i > 80 ? i - 80 : 0,
					i + 40 < text.n ? i + 40 : text.n));
	}
}

static void answer(
	struct crawl *x, enum http_method method, str target, str body, struct http_reply *out)
{
	static const struct web_site site = {
		.origin = S_INIT("http://127.0.0.1:8080"), .build = S_INIT("test")};
	struct call *c = NEW(&x->work, struct call, 1);
	struct http_request *q = NEW(&x->work, struct http_request, 1);
	str rest = target, path = str_cut(&rest, '?');

	*q = (struct http_request){.method = method,
		.target = target,
		.path = path,
		.query = rest,
		.body = body,
		.content_length = body.n,
		.peer = S("127.0.0.1"),
		.header = {{S("Host"), S("127.0.0.1:8080")}, {S("Cookie"), x->reader->cookie},
			{S("Content-Type"), S("application/x-www-form-urlencoded")}},
		.header_count = body.n ? 3 : 2};
	*c = (struct call){.arena = &x->work,
		.db = x->store->db,
		.now_us = x->store->now_us,
		.at_us = TIME_NONE,
		.ledger = method == HTTP_GET ? NULL : x->store->ledger};
	c->err.arena = c->arena;
	db_report_to(c->db, &c->err);
	bool saved = db_save(c->db);
	assert(saved);
	ledger_saved(x->store->ledger);
	bool kept = str_starts(path, S("/api/")) ? api_answer(c, S("ward-local"), q, out)
						 : web_answer(c, &site, q, NULL, out);
	(void)kept;
	db_undo(c->db);
	ledger_undone(x->store->ledger);
	db_report_to(c->db, &x->store->err);
	x->answers++;
	x->refusals += out->status >= 400;
}

static str unescaped(struct arena *a, str s)
{
	struct buf b;

	buf_init(&b, a, s.n + 1);
	while (s.n) {
		bool is_amp = str_starts(s, S("&amp;"));
		buf_char(&b, s.p[0]);
		s = str_part(s, is_amp ? 5 : 1, s.n);
	}
	return buf_str(&b);
}

/* What stands between `before` and the next double quote; moves on behind it. */
static bool next_quoted(str *rest, str before, str *out)
{
	isize at = str_find(*rest, before);

	if (at < 0)
		return false;
	*rest = str_part(*rest, at + before.n, rest->n);
	*out = str_cut(rest, '"');
	return true;
}

static void follow(struct crawl *x, str body)
{
	static const str marks[] = {S_INIT(" href=\""), S_INIT(" src=\""), S_INIT(" data-src=\""),
		S_INIT("<form method=\"get\" action=\""), S_INIT("\":\"/api"),
		S_INIT(" action=\"")};

	for (isize i = 0; i < COUNT_OF(marks); i++) {
		str rest = body, found;
		while (next_quoted(&rest, marks[i], &found)) {
			if (str_ends(marks[i], S("/api")))
				found = str_join(&x->work, S("/api"), found);
			want(x, unescaped(&x->work, found));
		}
	}
}

/* ---- forms ---- */

static void put_pair(struct buf *b, str name, str value)
{
	static const char digits[] = "0123456789ABCDEF";

	if (b->n)
		buf_char(b, '&');
	buf_add(b, name);
	buf_char(b, '=');
	for (isize i = 0; i < value.n; i++) {
		unsigned char ch = (unsigned char)value.p[i];
		if (is_digit((char)ch) || is_upper((char)ch) || (ch >= 'a' && ch <= 'z')) {
			buf_char(b, (char)ch);
			continue;
		}
		buf_char(b, '%');
		buf_char(b, digits[ch >> 4]);
		buf_char(b, digits[ch & 15]);
	}
}

static str attribute(struct crawl *x, str tag, str name)
{
	str value = S("");

	(void)next_quoted(&tag, str_fmt(&x->work, " %.*s=\"", STR_ARG(name)), &value);
	return unescaped(&x->work, value);
}

/* The last choice, which a careful form does not begin with. */
static str last_option(struct crawl *x, str select)
{
	str found = S(""), value;

	while (next_quoted(&select, S("<option value=\""), &value))
		found = value;
	return unescaped(&x->work, found);
}

/* One field of a form: `tag` up to its ">", `inner` up to its end. */
static void put_field(struct crawl *x, struct buf *b, str tag, str inner)
{
	str name = attribute(x, tag, S("name")), value = attribute(x, tag, S("value"));

	if (str_starts(tag, S("textarea")))
		value = unescaped(&x->work, inner);
	else if (str_starts(tag, S("select")))
		value = last_option(x, inner);
	if (str_eq(name, S("csrf")))
		value = x->reader->csrf;
	if (str_eq(name, S("reason")))
		value = S("tried");
	if (name.n)
		put_pair(b, name, value);
}

static str read_form(struct crawl *x, str form)
{
	struct buf b;

	buf_init(&b, &x->work, 1 << 20);
	for (str rest = form; rest.n;) {
		str inner, tag;
		str_cut(&rest, '<');
		inner = rest;
		tag = str_cut(&inner, '>');
		str end = str_starts(tag, S("textarea")) ? S("</textarea>") : S("</select>");
		isize at = str_find(inner, end);
		if (str_starts(tag, S("input")) || str_starts(tag, S("button")))
			put_field(x, &b, tag, S(""));
		else if (at >= 0 &&
			(str_starts(tag, S("textarea")) || str_starts(tag, S("select"))))
			put_field(x, &b, tag, str_part(inner, 0, at));
	}
	return buf_str(&b);
}

static void send_forms(struct crawl *x, str page)
{
	str rest = page, target;

	while (next_quoted(&rest, S("<form method=\"post\" action=\""), &target)) {
		struct http_reply out = {0};
		isize end = str_find(rest, S("</form>"));
		str shape = str_join(&x->work, S("POST "), target);
		target = unescaped(&x->work, target);
		if (end < 0 || str_starts(target, S("/logout")) || is_popular(x, shape))
			continue;
		answer(x, HTTP_POST, target, read_form(x, str_part(rest, 0, end)), &out);
		look(x, S("POST"), target, out.body);
		x->forms++;
	}
}

/* ---- where it begins ---- */

/* What is asked of an address: of a record, of a list, or elsewhere. */
enum { OF_RECORD = 1, OF_LIST = 2, ELSEWHERE = 4 };
static const struct {
	int of;
	str query;
} samples[] = {{OF_RECORD | OF_LIST | ELSEWHERE, S_INIT("")},
	{OF_LIST | ELSEWHERE, S_INIT("?q=plantedword")}, {OF_LIST, S_INIT("?sort=title")},
	{OF_RECORD, S_INIT("?rev=1")}, {OF_RECORD, S_INIT("?rev=2")},
	{OF_RECORD, S_INIT("?from=1&to=2")}, {ELSEWHERE, S_INIT("?object=person:P01")},
	{ELSEWHERE, S_INIT("?person=P01")}, {ELSEWHERE, S_INIT("?open=1")},
	{ELSEWHERE, S_INIT("?gaps=1&broken=1&show=all")}, {ELSEWHERE, S_INIT("?for=csv&as=otm")},
	{ELSEWHERE, S_INIT("?before=4000&limit=200")}};

static int of_path(str path)
{
	if (str_find(path, S(":REF")) >= 0)
		return OF_RECORD;
	return str_find(path, S(":kind")) >= 0 || str_find(path, S(":plural")) >= 0 ? OF_LIST
										    : ELSEWHERE;
}

/* The addresses of one route with `word` for its first ":name". */
static void want_route(struct crawl *x, str path, str word, str ref, str end)
{
	int of = of_path(path);
	struct buf b;

	buf_init(&b, &x->work, 500);
	for (str rest = str_part(path, 1, path.n); rest.n;) {
		str part = str_cut(&rest, '/');
		buf_char(&b, '/');
		if (str_eq(part, S(":REF")))
			buf_add(&b, ref);
		else if (part.n && part.p[0] == ':')
			buf_add(&b, word);
		else
			buf_add(&b, part);
	}
	buf_add(&b, end);
	for (isize i = 0; i < COUNT_OF(samples); i++)
		if (samples[i].of & of)
			want(x, str_join(&x->work, buf_str(&b), samples[i].query));
	if (of == ELSEWHERE && str_find(path, S("/:")) >= 0)
		return;
	buf_add(&b, S("?at="));
	time_print(&b, x->between_us);
	want(x, buf_str(&b));
}

/* Of each kind some of what is hidden and of what is not, for the routes of records. */
static void want_records(struct crawl *x, str path, bool is_api)
{
	int taken[KIND_COUNT][2] = {{0}};

	for (int n = 0; n < x->plants; n++) {
		const struct plant *p = &x->plant[n];
		int *count = &taken[p->kind->id][must_see(x->reader, p)];
		if (++*count > (of_path(path) == OF_RECORD ? 2 : 1))
			continue;
		str word = is_api ? api_plural(&x->work, p->kind) : p->kind->name;
		want_route(x, path, word, p->ref, S(""));
		if (!is_api && *count == 1) {
			want_route(x, path, word, p->ref, S(".json"));
			want_route(x, path, word, p->ref, S(".csv"));
		}
	}
}

static void want_path(struct crawl *x, str path, bool is_api)
{
	enum { ENTRIES = 60 };
	int64_t entries = (int64_t)ledger_size(x->store->ledger);

	if (of_path(path) != ELSEWHERE) {
		want_records(x, path, is_api);
	} else if (str_find(path, S("/:entry")) >= 0 || str_find(path, S("/:seq")) >= 0) {
		for (int i = 0; i < ENTRIES; i++)
			want_route(x, path,
				str_fmt(&x->work, "%" PRId64, test_random(&x->seed, entries)),
				S(""), S(""));
	} else {
		want_route(x, path, S("iso-14971-2019"), S("PRD-1"), S(""));
		want_route(x, path, S("update"), S("PRD-1"), S(".csv"));
	}
}

static void want_all(struct crawl *x)
{
	for (isize i = 0; i < web_route_count; i++)
		if (web_routes[i].method == HTTP_GET && web_routes[i].right != PUBLIC)
			want_path(x, web_routes[i].path, false);
	for (isize i = 0; i < api_route_count; i++)
		if (api_routes[i].method == HTTP_GET && api_routes[i].right != PUBLIC)
			want_path(x, api_routes[i].path, true);
}

/* Nothing is signed here, so nothing is proven. */
static bool is_proof(str target)
{
	return str_find(target, S("/proof")) > 0 || str_find(target, S("/ledger/latest")) > 0;
}

static void crawl(struct crawl *x, const struct reader *r)
{
	struct test_case *t = x->t;

	x->reader = r;
	x->asked = x->queued = x->shapes = 0;
	x->answers = x->refusals = x->forms = x->words = 0;
	memset(x->seen, 0, ADDRESSES * sizeof *x->seen);
	memset(x->shape, 0, SHAPES * sizeof *x->shape);
	want_all(x);
	while (x->asked < x->queued) {
		struct http_reply out = {0};
		str target = x->queue[x->asked++];
		answer(x, HTTP_GET, target, S(""), &out);
		if (out.status >= 500 && !(out.status == 503 && is_proof(target)))
			test_fail(t, __FILE__, __LINE__, "%.*s: %d", STR_ARG(target), out.status);
		look(x, S("GET"), target, out.body);
		for (int i = 0; i < out.header_count; i++)
			look(x, S("header"), target, out.header[i].value);
		if (!str_starts(target, S("/api/")))
			send_forms(x, out.body);
		follow(x, out.body);
		arena_reset(&x->work);
	}
	printf("# %.*s \"%.*s\"%s: %d answers, %d refused, %d forms, %d words\n", STR_ARG(r->ref),
		STR_ARG(r->product), r->knows ? " knows" : "", x->answers, x->refusals, x->forms,
		x->words);
	/* It went somewhere, and read something. */
	CHECK(x->answers > 300 && x->words > 5000 && x->forms > 5);
}

static void open_crawl(struct test_case *t, struct crawl *x)
{
	struct call *c = store_open(t, S("2026-09-30T08:00:00Z"));
	struct demo_report report = {0};
	struct demo_files files;

	*x = (struct crawl){.t = t, .store = c};
	x->queue = NEW(t->arena, str, ADDRESSES / 2);
	x->seen = NEW(t->arena, str, ADDRESSES);
	x->shape = NEW(t->arena, struct shape, SHAPES);
	arena_open(&x->work, WORK_BYTES);
	CHECK(file_read(
		c->arena, S("examples/surgerycloud/tables.json"), 8 << 20, &files.tables, &c->err));
	CHECK(file_read(
		c->arena, S("examples/surgerycloud/extra.json"), 8 << 20, &files.extra, &c->err));
	CHECK(demo_load(c, &files, &report));
}

TEST(nobody_is_shown_a_word_of_what_is_not_theirs, "POL-REQ-02")
{
	struct reader readers[] = {{.product = S("PRD-1")}, {.product = S("")},
		{.product = S("PRD-1"), .knows = true}};
	struct crawl *x = NEW(t->arena, struct crawl, 1);

	open_crawl(t, x);
	const char *given = getenv("WARD_HIDDEN_SEED");
	x->seed = given ? strtoull(given, NULL, 10) : (uint64_t)clock_mono();
	printf("# WARD_HIDDEN_SEED=%" PRIu64 "\n", x->seed);
	list_plants(x);
	plant_words(x);
	plant_notes(x);
	sign_some(x);
	x->between_us = x->store->now_us;
	x->store->now_us += 2 * DAY_US;
	restrict_some(x);
	for (int i = 0; i < COUNT_OF(readers); i++)
		add_reader(x, &readers[i], i);
	CHECK(store_commit(t, x->store));
	for (int i = 0; i < COUNT_OF(readers); i++)
		crawl(x, &readers[i]);
	arena_close(&x->work);
	store_close(t, x->store);
}

TEST_MAIN()
