/* What handlers read of a request. */
#include "api/api_in.h"

bool api_number(struct call *c, const struct api_request *q, str name, int64_t min, int64_t max,
	int64_t other, int64_t *out)
{
	str given = form_value(&q->query, name);

	*out = other;
	if (given.n == 0 || str_int(given, min, max, out))
		return true;
	return err_issue(
		&c->err, name, "give a whole number from %" PRId64 " to %" PRId64, min, max);
}

bool api_members(struct call *c, const struct json *body, str known)
{
	enum { MEMBERS_MAX = 100 };
	bool ok = true;

	if (body->count > MEMBERS_MAX)
		return err_issue(&c->err, S(""), "more than %d members", MEMBERS_MAX);
	json_each(m, body)
	{
		str rest = known;
		bool is_known = false;
		for (str word = str_word(&rest); word.n; word = str_word(&rest))
			is_known |= str_eq(word, m->key);
		if (!is_known)
			ok = err_issue(&c->err, m->key, "there is no member \"%.*s\" here",
				STR_ARG(m->key));
		else if (m->type != JSON_STRING)
			ok = err_issue(&c->err, m->key, "a text was expected");
	}
	return ok;
}

bool api_reason(struct call *c, const struct api_request *q)
{
	const struct json *member = q->body ? json_member(q->body, S("reason")) : NULL;
	str reason = http_header(q->http, S("X-Reason"));

	if (member && !(q->kind && kind_field(q->kind, S("reason")))) {
		if (member->type != JSON_STRING && member->type != JSON_NULL)
			return err_issue(&c->err, S("reason"), "a text was expected");
		reason = member->text;
	}
	c->reason = str_trim(reason);
	if (!utf8_is_text(c->reason) || utf8_count(c->reason) > LIMIT_TEXT)
		return err_issue(&c->err, S("reason"),
			"the reason is longer than %d characters or holds control characters",
			LIMIT_TEXT);
	return true;
}
