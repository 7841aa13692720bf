/* The worked example as records: everything is there, and as the mapping says. */
#include "store.h"

#include "demo/demo.h"

static str read_example(struct test_case *t, const char *name)
{
	struct err e = {0};
	str text = S("");

	CHECK(file_read(t->arena, str_fmt(t->arena, "examples/surgerycloud/%s", name), 1 << 20, &text, &e));
	return text;
}

static struct call *load(struct test_case *t, struct demo_report *report)
{
	struct call *c = store_open(t, S("2025-11-01T06:00:00Z"));
	struct demo_files files = {read_example(t, "tables.json"), read_example(t, "extra.json")};

	int64_t began = clock_mono();
	bool ok = demo_load(c, &files, report);
	printf("# loaded in %d ms, arena %td\n", (int)((clock_mono() - began) / 1000), t->arena->peak);
	if (!ok)
		test_fail(t, __FILE__, __LINE__, "not loaded: %s", c->err.text);
	else
		CHECK(store_commit(t, c));
	struct buf b;
	buf_init(&b, t->arena, 1 << 20);
	demo_report_print(&b, report);
	printf("# %.*s\n", STR_ARG(buf_str(&b)));
	return c;
}

TEST(every_row_is_accounted_for, "")
{
	struct demo_report r;
	struct call *c = load(t, &r);

	CHECK_INT(r.rows, 732);
	store_close(t, c);
}

TEST_MAIN()
