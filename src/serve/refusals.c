/* Refusals by the thousand become a handful of entries, and none is forgotten. */
#include "serve/serve_in.h"

#define FOLD_US (INT64_C(600) * 1000000)
#define LOOK_US INT64_C(1000000)

void refusals_open(struct refusals *r)
{
	pthread_mutex_init(&r->mutex, NULL);
}

static bool is_old(const struct refused *p, int64_t now_us)
{
	return now_us - p->since_us > FOLD_US;
}

/* The count of a person: theirs, a free one, or the last, which all others share. */
static struct refused *count_of(struct refusals *r, const struct refusal *what)
{
	struct refused *spare = &r->person[REFUSED_MAX - 1];

	for (int i = REFUSED_MAX - 2; i >= 0; i--) {
		struct refused *p = &r->person[i];
		if (p->count == 0)
			spare = p;
		else if (str_eq(str_of(p->last.ref), str_of(what->ref)))
			return p;
	}
	return spare;
}

bool refusals_count(struct refusals *r, struct refusal *what, int64_t now_us)
{
	bool tells;

	pthread_mutex_lock(&r->mutex);
	struct refused *p = count_of(r, what);
	if (p->count && is_old(p, now_us)) {
		/* Not told of yet: this one's entry tells of it. */
		what->before = p->count - p->told;
		p->count = p->told = 0;
	}
	if (p->count == 0)
		p->since_us = now_us;
	what->count = ++p->count;
	what->is_shared = p == &r->person[REFUSED_MAX - 1];
	tells = p->count <= 4 || (p->count & (p->count - 1)) == 0;
	p->last = *what;
	if (tells)
		p->told = p->count;
	pthread_mutex_unlock(&r->mutex);
	return tells;
}

isize refusals_due(struct refusals *r, int64_t now_us, bool is_end, struct refusal *out, isize max)
{
	isize n = 0;

	if (!is_end && now_us - r->looked_us < LOOK_US)
		return 0;
	r->looked_us = now_us;
	pthread_mutex_lock(&r->mutex);
	for (int i = 0; i < REFUSED_MAX && n < max; i++) {
		struct refused *p = &r->person[i];
		if (p->count == 0 || (!is_end && !is_old(p, now_us)))
			continue;
		if (p->count > p->told)
			out[n++] = p->last;
		p->count = p->told = 0;
	}
	pthread_mutex_unlock(&r->mutex);
	return n;
}
