#include "base/err.h"

#include "base/utf8.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>

/* What does not fit is cut between two characters: the text goes into JSON and the log. */
static void print_text(char *to, isize room, const char *format, va_list ap)
{
	if (vsnprintf(to, (size_t)room, format, ap) >= room)
		to[utf8_within(str_of(to), room - 1).n] = 0;
}

static void write_text(struct err *e, enum err_code code, const char *format, va_list ap)
{
	e->code = code;
	print_text(e->text, sizeof e->text, format, ap);
}

bool err_set(struct err *e, enum err_code code, const char *format, ...)
{
	va_list ap;

	assert(code != ERR_NONE);
	if (e->code == ERR_NONE) {
		va_start(ap, format);
		write_text(e, code, format, ap);
		va_end(ap);
	}
	return false;
}

bool err_at(struct err *e, int64_t line, int64_t column, const char *format, ...)
{
	va_list ap;

	if (e->code == ERR_NONE) {
		va_start(ap, format);
		write_text(e, ERR_SYNTAX, format, ap);
		va_end(ap);
		e->line = line;
		e->column = column;
	}
	return false;
}

bool err_issue(struct err *e, str field, const char *format, ...)
{
	enum { ISSUE_TEXT = 400 };
	char text[ISSUE_TEXT];
	va_list ap;

	assert(e->arena);
	va_start(ap, format);
	print_text(text, sizeof text, format, ap);
	va_end(ap);
	if (e->issue_count < ISSUES_MAX) {
		struct issue *issue = NEW(e->arena, struct issue, 1);
		issue->field = str_dup(e->arena, field);
		issue->text = str_dup(e->arena, str_of(text));
		*(e->last ? &e->last->next : &e->issues) = issue;
		e->last = issue;
		e->issue_count++;
	}
	return err_set(e, ERR_INVALID, "%s", text);
}

void err_clear(struct err *e)
{
	*e = (struct err){.arena = e->arena};
}

str err_text(const struct err *e)
{
	return str_of(e->text);
}
