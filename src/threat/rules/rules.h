/*
 * Rules: a declarative language, checked word by word against a vocabulary; and the countermeasures
 * that they name.  ward-rule(5).
 */
#ifndef THREAT_RULES_RULES_H
#define THREAT_RULES_RULES_H
#include "threat/model/model.h"

enum threat_class {
	THREAT_SPOOFING,
	THREAT_TAMPERING,
	THREAT_REPUDIATION,
	THREAT_DISCLOSURE,
	THREAT_DENIAL,
	THREAT_ELEVATION,
	THREAT_SAFETY,
	THREAT_PRIVACY,
	THREAT_HYGIENE,
	THREAT_COUNT
};
str stride_word(enum threat_class s);
CHECKED bool stride_parse(str word, enum threat_class *out);

/* ---- vocabulary and rules ---- */

struct rule;
struct vocabulary;
struct rules;

/* The kinds, properties and words that rules and models may use (rules/vocabulary.def). */
CHECKED bool vocabulary_parse(
	struct arena *a, struct err *e, str file, str text, struct vocabulary **out);
/* An empty set of rules that speak `v`. */
struct rules *rules_new(struct arena *a, const struct vocabulary *v);
/* Adds the rules of one file.  A word that the vocabulary lacks, a rule without an example or with
   a name already taken fails with "file:line:column: …" as its text, and adds nothing. */
CHECKED bool rules_parse(struct arena *a, struct err *e, str file, str text, struct rules *rules);
/* Resolves the names that rules use of others, after the last file: the countermeasures of `treat`
   lines and the rules of `replaces` lines.  One that nobody declares fails like rules_parse.  Rules
   that are linked say the same as before, and faster. */
CHECKED bool rules_link(struct arena *a, struct err *e, struct rules *rules);
isize rules_count(const struct rules *rules);
/* Whether rules can use what is said of a part under this name: a property with words. */
bool vocabulary_has_words(const struct vocabulary *v, enum part_kind kind, str name);
/* What may be said of each kind of part: {"process":{"audited":["no","yes"],…},…}.  Properties of
   free text have no words; what the engine works out itself is left out. */
void vocabulary_print_json(struct buf *b, const struct vocabulary *v);

str rule_name(const struct rule *r);
str rule_refs(const struct rule *r);
str rule_why(const struct rule *r);
int32_t rule_rev(const struct rule *r);
str rule_title(const struct rule *r);
enum threat_class rule_stride(const struct rule *r);
const struct rule *rule_at(const struct rules *rules, isize i);
/* NULL when there is none of that name. */
const struct rule *rule_find(const struct rules *rules, str name);
/* The countermeasure that the rule names as its `i`th, from 0; NULL behind the last. */
const struct countermeasure *rule_countermeasure(
	const struct rules *rules, const struct rule *r, isize i);
/* The rule for a person: sentence, reason, what it looks at, what handles it, its countermeasures
   with their requirements, its examples. */
void rule_print(struct buf *b, const struct rules *rules, const struct rule *r);

/* ---- countermeasures ---- */

enum { COUNTER_ACCEPTS = 6, COUNTER_FDA = 4 };

/* What a rule's `treat` line names: what to build, when it is done, and how that is shown. */
struct countermeasure {
	str name, file;
	struct file_place at;
	str title;
	str require; /* the text of the requirement */
	str accept[COUNTER_ACCEPTS];
	int32_t accept_count;
	str method; /* "test", "analysis", "inspection", "demonstration" */
	str verify; /* how, in a sentence */
	/* Of the eight control categories of FDA's premarket guidance, Appendix 1, by the ids of
	   catalogs/fda-security-controls.json. */
	str fda[COUNTER_FDA];
	int32_t fda_count;
	str maps; /* clauses of other standards, or "" */
};

isize countermeasures_count(const struct rules *rules);
const struct countermeasure *countermeasure_at(const struct rules *rules, isize i);
/* NULL when there is none of that name. */
const struct countermeasure *countermeasure_find(const struct rules *rules, str name);
#endif
