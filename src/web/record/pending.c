/* What is pending beside a record: on its page, with the difference, and on a page of its own. */
#include "pages.h"
#include "web/record/record_view.h"

/* "?rev=pending" of the address. */
bool record_choose(struct call *c, const struct request *q, struct rec **rec)
{
	str rev = form_value(&q->query, S("rev"));
	struct rec *pending;

	if (!str_eq(rev, S("pending")))
		return true;
	if (!pending_get(c, *rec, &pending))
		return false;
	if (!pending)
		return FAIL(&c->err, ERR_MISSING, "%.*s has no pending revision",
			STR_ARG((*rec)->ref));
	*rec = pending;
	return true;
}

/* Opening a second one would be refused. */
static void drop_revisions(struct steps *s)
{
	isize kept = 0;

	for (isize i = 0; i < s->count; i++)
		if (s->rec->kind->state[s->rec->state].pending != s->move[i]->to + 1)
			s->move[kept++] = s->move[i];
	s->count = kept;
}

static void take_steps(struct call *c, const struct rec *rec, struct steps *out)
{
	*out = (struct steps){.rec = rec};
	if (c->at_us == TIME_NONE)
		out->count = kind_moves(c, rec, out->move, MOVES_MAX);
}

/* That it is not in force is said by the card. */
static void drop_state(struct compare *x)
{
	isize kept = 0;

	for (isize i = 0; i < x->count; i++)
		if (compare_field(x, &x->change[i]))
			x->change[kept++] = x->change[i];
	x->count = kept;
}

const struct revision *view_began(const struct record_view *v)
{
	for (isize i = 0; i < v->revision_count; i++)
		if (v->revision[i].rev == v->pending->began)
			return &v->revision[i];
	return NULL;
}

bool record_view_pending(struct record_view *v)
{
	struct call *c = v->call;

	take_steps(c, v->rec, &v->next);
	if (v->rec->base || c->at_us != TIME_NONE)
		return true;
	if (!pending_get(c, v->rec, &v->pending))
		return false;
	if (!v->pending)
		return true;
	drop_revisions(&v->next);
	take_steps(c, v->pending, &v->pending_next);
	const struct revision *began = view_began(v);
	names_add(v->names, v->pending->by);
	if (began)
		names_add(v->names, began->by);
	if (!compare_make(v->names, v->rec, v->pending, &v->pending_change))
		return false;
	drop_state(&v->pending_change);
	v->pending_change.before_label = "In force";
	v->pending_change.after_label = "Pending";
	return true;
}

bool web_record_withdraw(struct call *c, struct request *q, struct http_reply *out)
{
	struct rec *rec;
	int64_t rev;

	if (!str_int(form_value(&q->form, S("rev")), 1, INT64_MAX, &rev))
		rev = 0;
	if (!pending_or_current(c, q->arg[0], rev, &rec) ||
		!call_may(c, rec->kind->can_write, rec->product))
		return false;
	if (!rev)
		return FAIL(&c->err, ERR_SYNTAX, "the form lacks its revision");
	if (!rec->base || rec->rev != rev)
		return FAIL(&c->err, ERR_CONFLICT,
			"the pending revision of %.*s changed since you looked at it: look again",
			STR_ARG(rec->ref));
	c->reason = str_trim(form_value(&q->form, S("reason")));
	return pending_withdraw(c, rec) && reply_redirect(out, record_url(c, rec->ref));
}
