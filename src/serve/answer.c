/* Answers a request through the entrance that its path belongs to; workers and writer alike. */
#include "api/api.h"
#include "serve/serve_in.h"

bool serve_is_api(const struct http_request *q)
{
	return str_starts(q->path, S("/api/"));
}

str serve_credential(const struct serve_config *config, const struct http_request *q)
{
	str header = http_header(q, S("Authorization"));

	if (serve_is_api(q) && header.n)
		return str_eq_fold(str_word(&header), S("Bearer")) ? str_trim(header) : S("");
	return http_cookie(q, web_cookie_name(&config->site));
}

void serve_drop(struct http_job *job)
{
	arena_reset(job->arena);
	http_reply_drop(&job->reply);
	job->memo = NULL;
}

bool serve_answer(const struct serve_config *config, struct call *c, struct http_job *job)
{
	if (serve_is_api(&job->request))
		return api_answer(
			c, web_cookie_name(&config->site), &job->request, &job->reply);
	return web_answer(c, &config->site, &job->request, job->memo, &job->reply);
}

void serve_send(const struct serve_config *config, struct http_server *http, struct http_job *job)
{
	web_site_guard(&config->site, &job->reply);
	http_answer(http, job);
}

void serve_answer_plain(struct http_job *job, int status, str text)
{
	if (serve_is_api(&job->request))
		api_answer_plain(job->arena, status, text, &job->reply);
	else
		web_answer_plain(job->arena, status, text, &job->reply);
}

bool serve_within(struct http_job *job, void (*work)(void *), void *what)
{
	enum arena_end end = arena_run(work, what);

	if (end == ARENA_DONE)
		return true;
	serve_drop(job);
	log_fault_often("memory.spent", KV("path", job->request.path),
		KV("why", end == ARENA_SPENT ? S("request") : S("machine")));
	if (end == ARENA_SPENT)
		serve_answer_plain(job, 413,
			S("This needs more memory than one request may take; ask for less, for "
			  "example for fewer rows, or send less at once."));
	else
		serve_answer_plain(job, 507,
			S("The server has no memory left for this; nothing was changed. Try again "
			  "later, or ask for less."));
	return false;
}

bool serve_is_meant(const struct serve_config *config, struct http_job *job)
{
	if (web_site_names(&config->site, http_header(&job->request, S("Host"))))
		return true;
	serve_answer_plain(job, 421,
		S("This server does not answer to that name. Use the address it was started with, "
		  "or one of its own machine."));
	return false;
}
