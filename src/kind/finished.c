/*
 * When the work that a record asks for is done.
 *
 * kinds/ declares it, state by state: "finished" where others may still look at what was done,
 * "end" where nothing follows.  What is finished is neither late nor anybody's task, however old
 * its day.
 */
#include "kind/kind_in.h"

#include "base/json.h"

uint32_t kind_ended(const struct kind *k)
{
	uint32_t ended = 0;

	for (int i = 0; i < k->state_count; i++)
		ended |= (uint32_t)k->state[i].is_end << i;
	return ended;
}

uint32_t kind_finished(const struct kind *k)
{
	uint32_t finished = kind_ended(k);

	for (int i = 0; i < k->state_count; i++)
		finished |= (uint32_t)k->state[i].is_finished << i;
	return finished;
}

bool rec_is_finished(const struct rec *rec)
{
	return kind_finished(rec->kind) >> rec->state & 1;
}

bool rec_review_is_late(const struct rec *rec, int64_t today)
{
	return day_is_past(rec->review_due, today) && !(kind_ended(rec->kind) >> rec->state & 1);
}

str kind_finished_words(struct arena *a, bool only_ended)
{
	bool is_first = true;
	struct buf b;

	buf_init(&b, a, 16 << 10);
	buf_char(&b, '[');
	for (int i = 0; i < KIND_COUNT; i++) {
		const struct kind *k = &kinds[i];
		uint32_t states = only_ended ? kind_ended(k) : kind_finished(k);
		for (int s = 0; s < k->state_count; s++) {
			if (!(states >> s & 1))
				continue;
			buf_fmt(&b, "%s\"%.*s:%.*s\"", is_first ? "" : ",", STR_ARG(k->name),
				STR_ARG(k->state[s].name));
			is_first = false;
		}
	}
	buf_char(&b, ']');
	return buf_str(&b);
}
