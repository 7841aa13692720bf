/*
 * The form of a record: what it does not have stays as it is, whatever the kind and the field; and
 * what the page shows, sent back as a browser would, changes nothing.
 */
#include "api.h"
#include "demo/demo.h"
#include "ident/ident.h"
#include "ledger/ledger.h"
#include "web/record/record_view.h"
#include "web/web.h"

enum { FORM_BYTES = 1 << 20 };

static const struct web_site site = {
	.origin = S_INIT("http://127.0.0.1:8080"), .build = S_INIT(WARD_VERSION)};

struct browser {
	struct test_case *t;
	struct call *store;
	str cookie, csrf;
};

static bool open_browser(struct test_case *t, struct browser *b)
{
	struct demo_report report = {0};
	struct demo_files files;
	struct call *c = store_open(t, S("2026-09-30T08:00:00Z"));
	str token;

	*b = (struct browser){.t = t, .store = c};
	if (!file_read(c->arena, S("examples/surgerycloud/tables.json"), 8 << 20, &files.tables,
		    &c->err) ||
		!file_read(c->arena, S("examples/surgerycloud/extra.json"), 8 << 20, &files.extra,
			&c->err) ||
		!demo_load(c, &files, &report))
		return false;
	api_test_join(t, c, S("P999"), S("*"), S(""));
	if (!session_open(c, S("P999"), S(""), &token, &b->csrf))
		return false;
	b->cookie = str_fmt(c->arena, "ward-local=%.*s", STR_ARG(token));
	return store_commit(t, c);
}

/* In the store's open transaction, as the writer does it in a savepoint. */
static struct http_reply ask(struct browser *b, enum http_method method, str path, str body)
{
	struct http_request q = {.method = method,
		.target = path,
		.path = path,
		.body = body,
		.header = {{S("Cookie"), b->cookie}, {S("Host"), S("127.0.0.1:8080")},
			{S("Content-Type"), S("application/x-www-form-urlencoded")}},
		.header_count = 3,
		.content_length = body.n,
		.peer = S("127.0.0.1")};
	struct call *c = NEW(b->t->arena, struct call, 1);
	struct http_reply out;

	*c = *b->store;
	c->err = (struct err){.arena = b->t->arena};
	c->who = (struct who){.ref = S("")};
	db_report_to(c->db, &c->err);
	bool saved = db_save(c->db);
	assert(saved);
	ledger_saved(c->ledger);
	if (!web_answer(c, &site, &q, NULL, &out) || !db_release(c->db)) {
		db_undo(c->db);
		ledger_undone(c->ledger);
	}
	db_report_to(c->db, &b->store->err);
	b->store->now_us = c->now_us + 1000000;
	return out;
}

static void put_pair(struct buf *b, str name, str value)
{
	static const char digits[] = "0123456789ABCDEF";

	if (b->n)
		buf_char(b, '&');
	buf_add(b, name);
	buf_char(b, '=');
	for (isize i = 0; i < value.n; i++) {
		unsigned char ch = (unsigned char)value.p[i];
		bool plain = (ch >= '0' && ch <= '9') || (ch >= 'A' && ch <= 'Z') ||
			(ch >= 'a' && ch <= 'z');
		if (plain) {
			buf_char(b, (char)ch);
			continue;
		}
		buf_char(b, '%');
		buf_char(b, digits[ch >> 4]);
		buf_char(b, digits[ch & 15]);
	}
}

static struct rec *current(struct browser *b, str ref)
{
	struct call *c = b->store;
	struct rec *rec = NULL;

	db_report_to(c->db, &c->err);
	return kind_get_any(c, ref, &rec) ? rec : NULL;
}

/* What the record says, without who and when. */
static str said(struct browser *b, str ref)
{
	struct rec *rec = current(b, ref);
	struct buf out;

	buf_init(&out, b->t->arena, LIMIT_RECORD_BYTES);
	if (!rec)
		return S("gone");
	for (int i = 0; i < rec->kind->field_count; i++) {
		const struct field *f = &rec->kind->field[i];
		buf_fmt(&out, "%.*s: ", STR_ARG(f->name));
		if (!kind_is_empty(rec, f))
			buf_add(&out, kind_value(b->t->arena, rec, f));
		buf_char(&out, '\n');
	}
	return str_dup(b->t->arena, buf_str(&out));
}

static void begin_form(struct browser *b, struct buf *form, const struct rec *rec)
{
	buf_init(form, b->t->arena, FORM_BYTES);
	put_pair(form, S("csrf"), b->csrf);
	put_pair(form, S("rev"), str_fmt(b->t->arena, "%" PRId64, rec->rev));
	put_pair(form, kind_reason_name(rec->kind), S("tried by a test"));
}

/* As the page puts it into an input. */
static str shown(struct browser *b, const void *rec, const struct field *f)
{
	return f->type == FIELD_WORDS ? edit_words(b->t->arena, kind_slot(rec, f))
				      : kind_value(b->t->arena, rec, f);
}

/* A random part of the fields, with the values that they have. */
static void put_some(struct browser *b, struct buf *form, struct rec *rec, uint64_t *random)
{
	for (int i = 0; i < rec->kind->field_count; i++) {
		const struct field *f = &rec->kind->field[i];
		if (test_random(random, 2))
			continue;
		if (f->type != FIELD_ROWS) {
			put_pair(form, f->name, shown(b, rec, f));
			continue;
		}
		const struct any_rows *rows = kind_slot(rec, f);
		put_pair(form, f->name, str_fmt(b->t->arena, "%td", rows->count));
		for (isize r = 0; r < rows->count; r++)
			for (int n = 0; n < f->col_count; n++)
				if (test_random(random, 2))
					put_pair(form,
						str_fmt(b->t->arena, "%.*s.%td.%.*s",
							STR_ARG(f->name), r,
							STR_ARG(f->col[n].name)),
						shown(b, (const char *)rows->item + r * f->row_size,
							&f->col[n]));
	}
}

/* The first line in which two of said() differ. */
static void check_same(struct browser *b, str ref, str after, str before)
{
	while (after.n || before.n) {
		str now = str_cut(&after, '\n'), was = str_cut(&before, '\n');
		if (str_eq(now, was))
			continue;
		test_fail(b->t, __FILE__, __LINE__, "%.*s: \"%.*s\" was \"%.*s\"", STR_ARG(ref),
			STR_ARG(now), STR_ARG(was));
		return;
	}
}

static str save(struct browser *b, str ref, const struct buf *form, int *status)
{
	struct http_reply out =
		ask(b, HTTP_POST, str_fmt(b->t->arena, "/%.*s", STR_ARG(ref)), buf_str(form));

	*status = out.status;
	return said(b, ref);
}

/* The first record of each kind that can be saved as it stands. */
static bool example_of(struct browser *b, const struct kind *k, str *ref)
{
	struct query q = {.limit = 20};
	struct list list;

	db_report_to(b->store->db, &b->store->err);
	if (!kind_list(b->store, k, &q, &list))
		return false;
	for (isize i = 0; i < list.count; i++) {
		struct rec *rec = list.item[i];
		struct buf form;
		int status;
		begin_form(b, &form, rec);
		save(b, rec->ref, &form, &status);
		*ref = rec->ref;
		if (status == 303)
			return true;
	}
	return false;
}

TEST(a_form_without_a_field_leaves_the_field_alone, "")
{
	struct browser b;
	uint64_t random = (uint64_t)clock_mono();
	int tried = 0;

	printf("# seed of the forms %" PRIu64 "\n", random);
	CHECK(open_browser(t, &b));
	for (int k = 0; k < kind_count; k++) {
		struct buf form;
		int status;
		str ref;
		if (!example_of(&b, &kinds[k], &ref))
			continue;
		tried++;
		str before = said(&b, ref);
		for (int n = 0; n < 6; n++) {
			struct rec *rec = current(&b, ref);
			begin_form(&b, &form, rec);
			if (n)
				put_some(&b, &form, rec, &random);
			str after = save(&b, ref, &form, &status);
			if (status != 303)
				test_fail(t, __FILE__, __LINE__, "%.*s: status is %d",
					STR_ARG(ref), status);
			check_same(&b, ref, after, before);
		}
	}
	/* Nearly all kinds of the example can be saved as they stand. */
	CHECK(tried > kind_count * 3 / 4);
	printf("# %d of %d kinds\n", tried, kind_count);
	store_close(t, b.store);
}

TEST(a_box_without_a_tick_is_no_when_the_form_has_it, "")
{
	const struct field *f = kind_field(&kinds[KIND_RISK], S("multi_patient"));
	struct browser b;
	struct buf form;
	int status;

	CHECK(open_browser(t, &b));
	begin_form(&b, &form, current(&b, S("RSK-09")));
	put_pair(&form, f->name, S("yes"));
	put_pair(&form, f->name, S(""));
	save(&b, S("RSK-09"), &form, &status);
	CHECK_INT(status, 303);
	CHECK(!kind_is_empty(current(&b, S("RSK-09")), f));
	begin_form(&b, &form, current(&b, S("RSK-09")));
	save(&b, S("RSK-09"), &form, &status);
	CHECK(!kind_is_empty(current(&b, S("RSK-09")), f));
	begin_form(&b, &form, current(&b, S("RSK-09")));
	put_pair(&form, f->name, S(""));
	save(&b, S("RSK-09"), &form, &status);
	CHECK(kind_is_empty(current(&b, S("RSK-09")), f));
	struct http_reply page = ask(&b, HTTP_GET, S("/RSK-09/edit"), S(""));
	CHECK(str_find(page.body, S("name=\"multi_patient\" value=\"\">")) > 0);
	store_close(t, b.store);
}

TEST(a_list_of_words_comes_back_from_its_input, "")
{
	static const char letters[] = "ab,\" \xc3\xa4";
	uint64_t random = (uint64_t)clock_mono();

	for (int n = 0; n < 5000; n++) {
		struct words in = {.item = NEW(t->arena, str, 5)}, out;
		in.count = (isize)test_random(&random, 5);
		for (isize i = 0; i < in.count; i++) {
			struct buf b;
			buf_init(&b, t->arena, 100);
			buf_char(&b, 'x');
			for (int64_t k = test_random(&random, 6); k > 0; k--) {
				int64_t at = test_random(&random, 6);
				buf_add(&b, (str){letters + at, at == 5 ? 2 : 1});
			}
			buf_char(&b, 'y');
			in.item[i] = buf_str(&b);
		}
		edit_read_words(t->arena, edit_words(t->arena, &in), &out);
		CHECK_INT(out.count, in.count);
		for (isize i = 0; i < in.count && i < out.count; i++)
			CHECK_STR(out.item[i], in.item[i]);
	}
}

TEST_MAIN()
