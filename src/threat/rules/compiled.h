/*
 * Rules and their vocabulary as the engine reads them.
 *
 * An enumeration is a mask of bits, a condition a few instructions over masks, and a sieve says for
 * the facts of one part which rules can have something to say of it.
 */
#ifndef THREAT_RULES_COMPILED_H
#define THREAT_RULES_COMPILED_H
#include "threat/rules/rules.h"

enum {
	RULES_COUNT = 1000,    /* rules in one set */
	RULE_CODE = 96,        /* instructions of one condition */
	RULE_STACK = 32,       /* depth of one condition */
	RULE_HANDLERS = 12,    /* `handled by` lines */
	RULE_ASKS = 12,        /* facts a rule asks for */
	RULE_EXAMPLES = 12,    /* of each rule */
	RULE_TREATS = 6,       /* countermeasures that a rule names */
	RULE_REPLACES = 6,     /* more general rules in whose place a rule stands */
	RULE_RANKS = 4,        /* of rules that replace each other in a row */
	RULE_REACH = 8,        /* flows in a row that the engine follows without proof */
	COUNTER_COUNT = 400,   /* countermeasures in one set */
	VOCABULARY_WORDS = 60, /* of one enumeration: bits of a mask, less the marks below */
	VOCABULARY_ENUMS = 64,
	VOCABULARY_PROPS = 120, /* of one group */
	VOCABULARY_SLOTS = 256  /* of the index of one group; a power of two */
};

/* ---- vocabulary: enumerations are masks of bits ---- */

/* Known to be none of the words; some of several facts unknown; a word that no list has. */
#define MASK_NONE   (UINT64_C(1) << 63)
#define MASK_PARTLY (UINT64_C(1) << 62)
#define MASK_OTHER  (UINT64_C(1) << 61)

/* The properties that the engine itself reads, up to FACT_PURPOSE, and those it works out. */
enum fact {
	FACT_CONTENT,
	FACT_CLASS,
	FACT_PULLS,
	FACT_AUDITED,
	FACT_DEVICE_TYPE,
	FACT_AUTHENTICATION,
	FACT_PROTOCOL,
	FACT_ENCRYPTION,
	FACT_PURPOSE,
	FACT_EXPOSURE,
	FACT_KIND,
	FACT_REACHED_BY,
	FACT_RECEIVES,
	FACT_OPEN_PATH,
	FACT_CROSSES_TRUST,
	FACT_CONFIDENTIALITY, /* the four sides of an asset, in this order three times */
	FACT_INTEGRITY,
	FACT_AVAILABILITY,
	FACT_SAFETY,
	FACT_CARRIES_CONFIDENTIALITY,
	FACT_CARRIES_INTEGRITY,
	FACT_CARRIES_AVAILABILITY,
	FACT_CARRIES_SAFETY,
	FACT_HOLDS_CONFIDENTIALITY,
	FACT_HOLDS_INTEGRITY,
	FACT_HOLDS_AVAILABILITY,
	FACT_HOLDS_SAFETY,
	FACT_CARRIES_CLASS,
	FACT_HOLDS_CLASS,
	FACT_ENTERED_BY,
	FACT_CONTAINS_CLASS,
	FACT_ENTRY_AUDITED,
	FACT_ANY_KIND,
	FACT_ANY_CLASS,
	FACT_ANY_DEVICE_TYPE,
	FACT_ANY_CONTENT,
	FACT_ANY_PURPOSE,
	FACT_ASSUMES,
	FACT_UNKNOWN,
	FACT_COUNT
};

/* From where an attacker can reach a part. */
enum { FACTS_LIKELY = 4 };
extern const enum fact facts_likely[FACTS_LIKELY];

struct word_list {
	str name;
	bool is_scale;
	int32_t count;
	str words[VOCABULARY_WORDS];
};

struct vocabulary_prop {
	str name;
	uint32_t kinds; /* bits of enum part_kind */
	int32_t words;  /* index of its enumeration, or -1: any text, only known or unknown */
	bool is_derived, is_list;
	int16_t next; /* in the same slot, or -1 */
};

struct vocabulary {
	struct word_list *lists;
	int32_t list_count;
	struct vocabulary_prop *props[PART_GROUPS];
	int32_t prop_count[PART_GROUPS];
	int16_t first[PART_GROUPS][VOCABULARY_SLOTS]; /* properties by name, or -1 */
	int16_t fact[PART_GROUPS][FACT_COUNT];        /* the engine's own among them, or -1 */
	int16_t *derived[PART_GROUPS];                /* the numbers of those that nobody states */
	int32_t derived_count[PART_GROUPS];
	/* A row of masks of a part of which nothing is known but what its kind cannot have, which
	   nobody need be asked for. */
	uint64_t *blank[PART_KINDS];
};

/* The kinds that rules and vocabulary speak of: those of a model, and the model as a whole. */
CHECKED bool rule_kind_parse(str word, enum part_kind *out);
/* The number of a property of `group`, or -1. */
int32_t vocabulary_prop_find(const struct vocabulary *v, enum part_group group, str name);
/* The bit of a word in an enumeration, or -1. */
int32_t word_find(const struct word_list *l, str word);

/* ---- rules ---- */

/* ---- rules, compiled ---- */

/* The first three test and push; those that skip leave what they look at where it is. */
enum rule_op { OP_ANY, OP_AT_LEAST, OP_KNOWN, OP_AND, OP_OR, OP_NOT, OP_SKIP_NO, OP_SKIP_YES };
enum rule_side { SIDE_SELF, SIDE_FROM, SIDE_TO };

struct rule_code {
	uint8_t op, side;
	int16_t prop;  /* of a skip: how many instructions further */
	uint64_t mask; /* OP_ANY: any of these bits; OP_AT_LEAST: the lowest bit that counts */
};

struct rule_condition {
	struct rule_code *code;
	int32_t count;
};

struct rule_handler {
	struct rule_condition when;
	str words;
};

struct rule_example {
	enum { EXAMPLE_FIRES, EXAMPLE_ASKS, EXAMPLE_SILENT } says;
	str text;
	struct file_place at;
};

/* One fact a rule asks for: a property of the target or of an end of it. */
struct rule_ask {
	str name;
	int16_t prop;
	uint8_t side;
};

/* A name of something that may stand in another file; rules_link finds it. */
struct rule_name {
	str name;
	struct file_place at;
	int32_t number; /* of the rule or the countermeasure */
};

enum impact_from {
	IMPACT_FIXED,
	IMPACT_CONFIDENTIALITY,
	IMPACT_INTEGRITY,
	IMPACT_AVAILABILITY,
	IMPACT_SAFETY
};
enum rule_collapse { COLLAPSE_NONE, COLLAPSE_FROM, COLLAPSE_TO };

struct rule {
	str name, title, why, treat, refs, file;
	struct file_place at;
	int32_t rev, order;
	int32_t rank; /* above all the rules that it replaces */
	enum threat_class stride;
	bool has_stride;
	uint32_t kinds; /* bits of enum part_kind, all of one group */
	enum part_group group;
	struct rule_condition when;
	str when_text; /* as written */
	struct rule_handler handlers[RULE_HANDLERS];
	struct rule_ask asks[RULE_ASKS];
	struct rule_example examples[RULE_EXAMPLES];
	struct rule_name treats[RULE_TREATS], replaces[RULE_REPLACES];
	int32_t handler_count, ask_count, example_count, treat_count, replace_count;
	uint32_t deciding; /* which of the asked facts the precondition looks at */
	enum rule_collapse collapse;
	enum impact_from impact_from;
	int8_t impact, likelihood; /* fixed; likelihood 0: the exposure */
	str setting;
};

struct rules {
	const struct vocabulary *vocabulary;
	struct rule *list;
	isize count, room;
	struct countermeasure *counters;
	isize counter_count, counter_room;
	const struct sieve *sieve; /* one a kind of part; NULL before rules_link() */
	/* A row of elements: the facts that rules look at from a flow or an interface; likewise. */
	const uint64_t *at_ends;
};

/* ---- which rules the facts of a part leave (sieve.c) ---- */

enum { SIEVE_WORDS = (RULES_COUNT + 63) / 64 };

/* The rules that one property leaves, as sets of bits: one set for each bit that its mask may
   have; what nobody stated counts as known in part. */
struct sieve_gate {
	uint8_t side;
	int16_t prop;
	uint64_t *left; /* [64][words] */
};

struct sieve {
	const struct rule **rule; /* of this kind of part, in their order */
	int32_t count, words;
	struct sieve_gate *gate;
	int32_t gate_count;
};

CHECKED bool sieve_make(struct arena *a, struct err *e, struct rules *rules);
/* The rules that may have something to say of a part with these facts, by enum rule_side: all that
   do, and few that do not.  `left` has room for SIEVE_WORDS words. */
void sieve_part(const struct sieve *s, const uint64_t *const side[3], uint64_t *left);
#endif
