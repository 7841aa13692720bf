/* The backlog out and in: formats, the same file twice, rows that are wrong, nothing half done. */
#include "store.h"
#include "threat/backlog/backlog.h"

#define TODAY S("2026-09-30T08:00:00Z")

static void put(struct test_case *t, struct call *c, const char *kind, const char *ref,
	const char *state, const char *field, const char *value)
{
	struct rec *rec = kind_new(c->arena, kind_by_name(str_of(kind)));

	rec->ref = str_of(ref);
	rec->title = str_fmt(c->arena, "Title of %s", ref);
	rec->state = kind_state(rec->kind, str_of(state));
	CHECK(kind_set(c, rec, kind_field(rec->kind, str_of(field)), str_of(value)));
	if (!kind_put(c, rec, str_fmt(c->arena, "%s.create", kind)))
		test_fail(t, __FILE__, __LINE__, "%s: %s", ref, c->err.text);
}

static struct call *open_backlog(struct test_case *t)
{
	struct call *c = store_open(t, TODAY);

	put(t, c, "threat", "THR-1", "assessed", "category", "tampering");
	put(t, c, "control", "CM-1", "proposed", "domain", "product");
	put(t, c, "requirement", "REQ-1", "agreed", "acceptance", "- refused, \"always\"");
	put(t, c, "requirement", "REQ-2", "open", "statement", "Two");
	put(t, c, "requirement", "REQ-3", "retired", "statement", "Three");
	CHECK(link_add(c, S("REQ-1"), S("refines"), S("CM-1"), S("")));
	CHECK(link_add(c, S("CM-1"), S("counters"), S("THR-1"), S("")));
	CHECK(store_commit(t, c));
	return c;
}

static str exported(struct test_case *t, struct call *c, enum backlog_format format)
{
	struct buf b;

	buf_init(&b, c->arena, 1 << 20);
	CHECK(backlog_export(c, S(""), format, &b));
	return buf_str(&b);
}

static str value(struct test_case *t, struct call *c, const char *ref, const char *field)
{
	struct rec *r = NULL;

	if (!kind_get_any(c, str_of(ref), &r)) {
		test_fail(t, __FILE__, __LINE__, "no %s", ref);
		return S("");
	}
	return kind_value(c->arena, r, kind_field(r->kind, str_of(field)));
}

static int64_t revision(struct test_case *t, struct call *c, const char *ref)
{
	struct rec *r = NULL;

	CHECK(kind_get_any(c, str_of(ref), &r));
	return r ? r->rev : 0;
}

TEST(requirements_go_out_with_acceptance_controls_and_threats, "")
{
	struct call *c = open_backlog(t);

	CHECK_STR(exported(t, c, BACKLOG_CSV),
		S("id,title,requirement,acceptance,verification,priority,product,controls,threats,"
		  "state,key,status,assignee\r\n"
		  "REQ-1,Title of REQ-1,,\"'- refused, \"\"always\"\"\",,,,CM-1 Title of CM-1,"
		  "THR-1 Title of THR-1,agreed,,,\r\n"
		  "REQ-2,Title of REQ-2,Two,,,,,,,open,,,\r\n"));
	str jira = exported(t, c, BACKLOG_JIRA);
	CHECK(str_find(jira, S("[REQ-1] Title of REQ-1,Task,")) > 0);
	CHECK(str_find(jira, S("h3. Acceptance criteria")) > 0);
	str github = exported(t, c, BACKLOG_GITHUB);
	CHECK(str_find(github, S("\"title\":\"[REQ-1] Title of REQ-1\"")) > 0);
	CHECK(str_find(github, S("REQ-3")) < 0);
	store_close(t, c);
}

TEST(each_format_reads_back_and_changes_nothing, "")
{
	struct call *c = open_backlog(t);
	struct backlog_done done;

	for (int f = BACKLOG_CSV; f <= BACKLOG_GITHUB; f++) {
		CHECK(backlog_import(c, S("b"), exported(t, c, (enum backlog_format)f), &done));
		CHECK_INT(done.items, 2);
		CHECK_INT(done.changed, 0);
	}
	store_close(t, c);
}

TEST(what_the_tracker_says_stands_on_the_requirement_once, "")
{
	static const str csv = S_INIT("Issue key,Summary,Status,Assignee\n"
				      "SEC-7,[REQ-1] whatever it is called now,In Progress,ada\n"
				      "SEC-8,\"[REQ-2] two, or\nthree\",Done,\n");
	struct call *c = open_backlog(t);
	struct backlog_done done;

	c->reason = S("weekly");
	CHECK(backlog_import(c, S("jira.csv"), csv, &done));
	CHECK_INT(done.changed, 2);
	CHECK_STR(value(t, c, "REQ-1", "backlog"), S("SEC-7"));
	CHECK_STR(value(t, c, "REQ-1", "backlog_state"), S("In Progress"));
	CHECK_STR(value(t, c, "REQ-1", "backlog_assignee"), S("ada"));
	CHECK_STR(value(t, c, "REQ-2", "backlog_state"), S("Done"));
	CHECK_INT(revision(t, c, "REQ-1"), 2);
	CHECK(backlog_import(c, S("jira.csv"), csv, &done));
	CHECK_INT(done.changed, 0);
	CHECK_INT(revision(t, c, "REQ-1"), 2);
	/* A column that is not there is left alone; an empty cell empties. */
	CHECK(backlog_import(c, S("b.csv"), S("id,status\r\nREQ-1,\r\n"), &done));
	CHECK_STR(value(t, c, "REQ-1", "backlog_state"), S(""));
	CHECK_STR(value(t, c, "REQ-1", "backlog"), S("SEC-7"));
	store_close(t, c);
}

TEST(issues_of_github_are_understood, "")
{
	static const str json =
		S_INIT("[{\"id\":99,\"number\":12,\"title\":\"[REQ-1] x\",\"state\":\"closed\","
		       "\"assignee\":{\"login\":\"ada\"},\"assignees\":[{\"login\":\"ada\"}]},\n"
		       "{\"number\":13,\"title\":\"[REQ-2] y\",\"state\":\"open\","
		       "\"assignee\":null,\"assignees\":[]}]");
	struct call *c = open_backlog(t);
	struct backlog_done done;

	CHECK(backlog_import(c, S("g.json"), json, &done));
	CHECK_INT(done.changed, 2);
	CHECK_STR(value(t, c, "REQ-1", "backlog"), S("#12"));
	CHECK_STR(value(t, c, "REQ-1", "backlog_state"), S("closed"));
	CHECK_STR(value(t, c, "REQ-1", "backlog_assignee"), S("ada"));
	CHECK_STR(value(t, c, "REQ-2", "backlog_assignee"), S(""));
	store_close(t, c);
}

/* Every fault of a file, with its place; the store stays as it was. */
static void refuse(struct test_case *t, struct call *c, str bytes, const char *const *want)
{
	const struct issue *i;
	struct backlog_done done;

	CHECK(!backlog_import(c, S("b"), bytes, &done));
	CHECK_INT(c->err.code, ERR_SYNTAX);
	i = c->err.issues;
	for (; *want; want++, i = i ? i->next : NULL)
		CHECK_STR(i ? i->text : S("no issue"), str_of(*want));
	CHECK(!i);
	store_undo(t, c);
	CHECK_INT(revision(t, c, "REQ-1"), 1);
}

TEST(bad_rows_are_named_and_nothing_is_taken, "")
{
	struct call *c = open_backlog(t);
	struct buf b;

	refuse(t, c,
		S("id,status\nREQ-1,Done\nREQ-9,Done\nCM-1,Done\n\"\",Done\nREQ-2\nREQ-1,Open\n"),
		(const char *const[]){"b:6:1: this row has not as many cells as the head",
			"b:7:1: there is a row before with the id REQ-1",
			"b:3:1: there is no requirement REQ-9",
			"b:4:1: this is not a requirement: CM-1",
			"b:5:1: this row has no id such as REQ-12", NULL});
	refuse(t, c, S("status\nDone\n"),
		(const char *const[]){"b:1:1: the head names neither an id nor a title", NULL});
	refuse(t, c, S("id,what\nREQ-1,Done\n"),
		(const char *const[]){
			"b:1:1: the head names neither key, status nor assignee", NULL});
	refuse(t, c, S(""), (const char *const[]){"b:1:1: the file is empty", NULL});
	refuse(t, c, S("id,status\n\"REQ-1,Done\n"),
		(const char *const[]){"b:2:1: a quoted cell is not closed", NULL});
	refuse(t, c, S("[{\"state\":\"x\"}]"),
		(const char *const[]){"b:1:2: this is not an issue with a title", NULL});
	refuse(t, c, S("{}"),
		(const char *const[]){"b:1:1: a backlog is an array of issues", NULL});
	buf_init(&b, t->arena, 4096);
	buf_add(&b, S("id,title,status\nREQ-1,\"a, b\n c\","));
	for (int i = 0; i < 101; i++)
		buf_char(&b, 'x');
	buf_char(&b, '\n');
	refuse(t, c, buf_str(&b),
		(const char *const[]){
			"b:3:5: this is too long: xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", NULL});
	store_close(t, c);
}

TEST_MAIN()
