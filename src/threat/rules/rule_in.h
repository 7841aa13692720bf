/* What the files that read rules share: words, conditions, the blocks of a file. */
#ifndef THREAT_RULE_IN_H
#define THREAT_RULE_IN_H
#include "threat/rules/compiled.h"

struct rule_reader {
	struct arena *arena;
	struct err *err;
	str file, in;
	isize at, line_start;
	int32_t line;
	struct rules *rules;
	struct rule rule;
	struct countermeasure counter;
	str setting;
	bool in_rule, in_counter, failed;
	/* The token: a word, a text in quotes, one sign, or the end of the line (empty). */
	str token;
	bool is_text;
	struct file_place token_at;
	struct rule_code code[RULE_CODE];
	int32_t code_count, depth, nesting, nots;
};

/* ---- words (rule_words.c) ---- */

/* The first thing wrong with a file, with "file:line:column: " in front; always false. */
bool rule_wrong(struct rule_reader *r, const char *what, str word);
/* To the next token of the line. */
void rule_step(struct rule_reader *r);
bool rule_is(const struct rule_reader *r, str word);
/* Steps over `word` when the reader stands on it. */
bool rule_accept(struct rule_reader *r, str word);
bool rule_line_ends(const struct rule_reader *r);
CHECKED bool rule_read_text(struct rule_reader *r, str *out);
/* Everything up to the end of the line, as it stands. */
CHECKED bool rule_read_rest(struct rule_reader *r, str *out);
/* Names with commas between them, behind those already in `list`. */
CHECKED bool rule_read_names(
	struct rule_reader *r, struct rule_name *list, int32_t limit, int32_t *count);

/* ---- conditions (rule_condition.c) ---- */

/* One condition, joined by `and` with the one that stands in `c` already. */
CHECKED bool rule_read_condition(struct rule_reader *r, struct rule_condition *c);
/* "prop", "from.prop", "carries prop" and so on: its side and number into `c`, its whole name into
   `name`; NULL when the vocabulary has none. */
const struct vocabulary_prop *rule_read_path(struct rule_reader *r, struct rule_code *c, str *name);

/* ---- countermeasures (countermeasures.c) ---- */

CHECKED bool counter_begin(struct rule_reader *r);
CHECKED bool counter_read_line(struct rule_reader *r);
#endif
