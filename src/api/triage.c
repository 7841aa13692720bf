/* Triage for programs: the state, decisions on findings, answers to questions. */
#include "threat/triage/triage.h"

#include "api/api_in.h"

bool api_triage(struct call *c, struct api_request *q, struct http_reply *out)
{
	struct triage *t;

	(void)q;
	if (!triage_make(c, &t))
		return false;
	struct buf *b = api_reply(c, out);
	triage_print_json(b, t);
	return api_done(c, out, b);
}

/* Members of the body: texts, but for the arrays named, which are read by themselves. */
static bool check_members(struct call *c, const struct json *body, str known, str array)
{
	bool ok = true;

	json_each(m, body)
	{
		str rest = known, arrays = array;
		bool is_text = false, is_array = false;
		for (str word = str_word(&rest); word.n; word = str_word(&rest))
			is_text |= str_eq(word, m->key);
		for (str word = str_word(&arrays); word.n; word = str_word(&arrays))
			is_array |= str_eq(word, m->key);
		if (!is_text && !is_array)
			ok = err_issue(&c->err, m->key, "there is no member \"%.*s\" here",
				STR_ARG(m->key));
		else if (m->type != (is_array ? JSON_ARRAY : JSON_STRING))
			ok = err_issue(&c->err, m->key,
				is_array ? "an array was expected" : "a text was expected");
	}
	return ok;
}

/* [{"id":…,"rev":…},…] or with "ref". */
static bool read_picks(struct call *c, const struct json *body, str member, str name,
	struct triage_pick **out, isize *count)
{
	const struct json *list = json_member(body, member);

	*count = 0;
	*out = NEW(c->arena, struct triage_pick, TRIAGE_PICKS);
	json_each(one, list)
	{
		const struct json *rev = json_member(one, S("rev"));
		struct triage_pick *pick = &(*out)[*count];
		if (*count == TRIAGE_PICKS)
			return err_issue(&c->err, member, "more than %d at once", TRIAGE_PICKS);
		pick->key = json_text(one, name);
		if (pick->key.n == 0 || !rev || !json_int(rev, &pick->rev))
			return err_issue(
				&c->err, member, "each has %.*s and rev, a number", STR_ARG(name));
		++*count;
	}
	return true;
}

static bool nothing(struct http_reply *out)
{
	out->status = 204;
	api_headers(out);
	return true;
}

bool api_triage_decide(struct call *c, struct api_request *q, struct http_reply *out)
{
	const struct json *body = q->body;
	struct triage_pick *pick;
	struct triage_decision d = {.word = json_text(body, S("decision")),
		.product = json_text(body, S("product")),
		.to = json_text(body, S("to")),
		.assumption = json_text(body, S("assumption")),
		.if_fails = json_text(body, S("if_fails")),
		.control = json_text(body, S("control")),
		.risk = json_text(body, S("risk")),
		.title = json_text(body, S("title")),
		.owner = json_text(body, S("owner"))};

	if (!check_members(c, body,
		    S("decision product to assumption if_fails control risk title owner reason"),
		    S("items")) ||
		!api_reason(c, q) || !read_picks(c, body, S("items"), S("id"), &pick, &d.count))
		return false;
	d.pick = pick;
	return triage_decide(c, &d) && nothing(out);
}

bool api_triage_answer(struct call *c, struct api_request *q, struct http_reply *out)
{
	enum { ANSWERS_MAX = 60 };
	const struct json *body = q->body, *answers = json_member(body, S("answers"));
	struct triage_pick *pick;
	isize count, words = 0;
	str *word = NEW(c->arena, str, ANSWERS_MAX);

	if (!check_members(c, body, S("property claim reason"), S("answers parts")) ||
		!api_reason(c, q) || !read_picks(c, body, S("parts"), S("ref"), &pick, &count))
		return false;
	json_each(one, answers)
	{
		if (words == ANSWERS_MAX || one->type != JSON_STRING)
			return err_issue(&c->err, S("answers"), "answers are a few words");
		word[words++] = one->text;
	}
	return triage_answer(c, json_text(body, S("property")), word, words,
		       json_text(body, S("claim")), pick, count) &&
		nothing(out);
}
