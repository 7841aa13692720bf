/* Nothing that is done is late or waits for anybody: the tasks of a person, for each state. */
#include "base/json.h"
#include "store.h"
#include "web/web_in.h"

#define TODAY S("2026-09-30T08:00:00Z")

/* What the kinds declare, written again here. */
static bool is_done(const struct kind *k, int state)
{
	static const char *const done[] = {"action:done", "action:verified", "action:effective",
		"action:closed", "action:dropped", "finding:closed", "decision:decided",
		"decision:in_force", "decision:expired", "decision:revoked", "decision:refused"};
	char word[100];

	snprintf(word, sizeof word, "%.*s:%.*s", STR_ARG(k->name), STR_ARG(k->state[state].name));
	for (isize i = 0; i < COUNT_OF(done); i++)
		if (str_eq(str_of(word), str_of(done[i])))
			return true;
	return false;
}

static bool is_task(struct test_case *t, struct call *c, str ref, bool *late)
{
	struct task *task;
	isize count;

	*late = false;
	CHECK(task_list(c, &task, &count));
	for (isize i = 0; i < count; i++) {
		if (!str_eq(task[i].record.ref, ref))
			continue;
		*late = task[i].is_late;
		return true;
	}
	return false;
}

/* A record of P01 in that state; the day of an action or decision is `day`. */
static str put_one(struct test_case *t, struct call *c, const struct kind *k, int state,
	const char *day, const char *review)
{
	struct rec *rec = kind_new(c->arena, k);
	const struct field *due = kind_field(k, S("due"));

	rec->title = S("One");
	rec->state = state;
	rec->owner = S("P01");
	CHECK(kind_set(c, rec, kind_field(k, S("review_due")), str_of(review)));
	for (int i = 0; i < k->field_count; i++)
		if (k->field[i].required && k->field[i].type == FIELD_ENUM)
			CHECK(kind_set(c, rec, &k->field[i], kind_word(&k->field[i], 1)));
	if (due && due->type == FIELD_DATE)
		CHECK(kind_set(c, rec, due, str_of(day)));
	if (!kind_put(c, rec, S("test.create")))
		test_fail(t, __FILE__, __LINE__, "%.*s: %s %.*s", STR_ARG(k->name), c->err.text,
			c->err.issues ? (int)c->err.issues->text.n : 0,
			c->err.issues ? c->err.issues->text.p : "");
	return rec->ref;
}

static struct call *open_store(struct test_case *t)
{
	struct call *c = store_open(t, TODAY);

	store_put(t, c, "person", "P01", "active", NULL);
	c->who.ref = S("P01");
	return c;
}

TEST(what_is_done_is_nobodys_task, "")
{
	static const int work[] = {KIND_ACTION, KIND_FINDING, KIND_DECISION};
	struct call *c = open_store(t);
	bool late;

	for (isize i = 0; i < COUNT_OF(work); i++) {
		const struct kind *k = &kinds[work[i]];
		for (int s = 0; s < k->state_count; s++) {
			str ref = put_one(t, c, k, s, "2026-09-29", "");
			bool done = is_done(k, s);
			if (is_task(t, c, ref, &late) == done ||
				(kind_finished(k) >> s & 1) != done)
				test_fail(t, __FILE__, __LINE__, "%.*s %.*s", STR_ARG(k->name),
					STR_ARG(k->state[s].name));
			CHECK(late == (!done && k->id == KIND_ACTION));
		}
	}
	store_close(t, c);
}

TEST(on_its_day_nothing_is_late, "")
{
	static const struct {
		const char *day;
		bool is_late;
	} each[] = {{"2026-09-29", true}, {"2026-09-30", false}, {"2026-10-01", false},
		{"", false}};
	struct call *c = open_store(t);
	bool late;

	for (isize i = 0; i < COUNT_OF(each); i++) {
		str ref = put_one(t, c, &kinds[KIND_ACTION], 0, each[i].day, "");
		CHECK(is_task(t, c, ref, &late));
		CHECK(late == each[i].is_late);
	}
	store_close(t, c);
}

static str verb_of_task(struct test_case *t, struct call *c, str ref, int64_t *due)
{
	struct task *task;
	isize count;

	CHECK(task_list(c, &task, &count));
	for (isize i = 0; i < count; i++)
		if (str_eq(task[i].record.ref, ref)) {
			*due = task[i].due;
			return task[i].verb;
		}
	return S("");
}

/* An action that is done, late once, and to be looked at again soon. */
TEST(what_is_done_is_reviewed_and_not_finished_again, "")
{
	struct call *c = open_store(t);
	const struct kind *k = &kinds[KIND_ACTION];
	int64_t due, day = day_of_time(c->now_us);
	bool late;

	str open = put_one(t, c, k, kind_state(k, S("doing")), "2026-09-01", "2026-10-10");
	str done = put_one(t, c, k, kind_state(k, S("done")), "2026-09-01", "2026-10-10");
	CHECK_STR(verb_of_task(t, c, open, &due), S("Finish"));
	CHECK_INT(due, day - 29);
	CHECK_STR(verb_of_task(t, c, done, &due), S("Review"));
	CHECK_INT(due, day + 10);
	CHECK(is_task(t, c, done, &late) && !late);
	store_close(t, c);
}

/* A review is due of what is in force, too, and of nothing behind which nothing follows. */
TEST(what_is_at_an_end_is_not_reviewed, "")
{
	struct call *c = open_store(t);
	const struct kind *k = &kinds[KIND_DECISION];
	bool late;

	for (int s = 0; s < k->state_count; s++) {
		str ref = put_one(t, c, k, s, "", "2026-09-29");
		void *rec;
		CHECK(kind_get(c, k, ref, &rec));
		CHECK(is_task(t, c, ref, &late) == !k->state[s].is_end);
		int64_t day = ((struct rec *)rec)->review_due;
		CHECK(rec_review_is_late(rec, day_of_time(c->now_us)) == !k->state[s].is_end);
		CHECK(!rec_review_is_late(rec, day));
	}
	store_close(t, c);
}

/* Once each, in the order of the kinds and their states, and nothing else. */
TEST(the_words_of_states_are_json, "")
{
	struct err e = {.arena = t->arena};

	for (int only_ended = 0; only_ended < 2; only_ended++) {
		const struct json *list =
			json_parse(t->arena, &e, kind_finished_words(t->arena, only_ended));
		CHECK(list);
		const struct json *word = list->first;
		for (int i = 0; i < kind_count; i++)
			for (int s = 0; s < kinds[i].state_count; s++) {
				const struct state *state = &kinds[i].state[s];
				if (!state->is_end && (only_ended || !state->is_finished))
					continue;
				CHECK_STR(word ? word->text : S(""),
					str_fmt(t->arena, "%.*s:%.*s", STR_ARG(kinds[i].name),
						STR_ARG(state->name)));
				word = word ? word->next : NULL;
			}
		CHECK(!word);
	}
}

TEST_MAIN()
