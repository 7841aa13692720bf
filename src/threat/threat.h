/*
 * Threats: what a system is made of, and what can go wrong with it.
 *
 *	model    zones, elements, interfaces, flows, assets, assumptions, recorded threats
 *	text     the `.ward` format, ward-model(5), in and out
 *	formats  Threat Dragon v2 and OTM in; what could not be mapped is listed with its place
 *	rules    a declarative language, checked word by word against a vocabulary
 *	engine   three-valued: not applicable, mitigated (by what), open, or a question
 *	picture  a deterministic layered layout and its SVG
 *
 * Everything here is pure: bytes in, structs and bytes out, all memory from the arena that is
 * given.  Nothing is read from a disk or a clock, and the same input gives the same output, byte
 * for byte.  Unknown is a value of its own everywhere: a property nobody stated is neither yes
 * nor no, and a rule that needs it asks instead of guessing.
 *
 * A model that cannot be read leaves no half of itself behind: the call fails with ERR_SYNTAX, line
 * and column, and the result is not touched.  ERR_LIMIT says that a bound of base/limits.h or the
 * arena was reached.
 */
#ifndef THREAT_THREAT_H
#define THREAT_THREAT_H
#include "base/base.h"

/* ---- the model ---- */

/* Where something stands in its file, from 1 in bytes; line 0 when it has no place. */
struct file_place {
	int32_t line, column;
};

/* One value of a property.  A list is several of them in a row with one key; the value "?" says
   that the fact is known to be unknown. */
struct prop {
	str key, value;
	struct file_place at;
	struct prop *next;
};

enum part_group {
	PART_ZONE,
	PART_ASSET,
	PART_ELEMENT,
	PART_INTERFACE,
	PART_FLOW,
	PART_ASSUMPTION,
	PART_THREAT,
	PART_MODEL, /* of rules only: what is said of the model as a whole */
	PART_GROUPS
};

enum part_kind {
	PART_IS_ZONE,
	PART_IS_ASSET,
	PART_IS_ACTOR, /* a person or a system outside our control */
	PART_IS_PROCESS,
	PART_IS_STORE,
	PART_IS_DEVICE,
	PART_IS_INTERFACE,
	PART_IS_FLOW,
	PART_IS_ASSUMPTION,
	PART_IS_THREAT,
	PART_IS_MODEL,
	PART_KINDS
};

enum { PART_NONE = -1 }; /* an index that points nowhere: unknown */

/* One thing of a model.  What its file said stands in `props`; what follows from it and is needed
   often is resolved into the fields below them. */
struct part {
	enum part_kind kind;
	str id, name; /* the name is "" when there is none */
	struct file_place at;
	struct prop *props, *last;
	bool made_id; /* the id was made from the ends of the flow, the file has none */

	int32_t zone;     /* of an element; the outer zone of a zone; PART_NONE: unknown */
	int32_t from, to; /* elements, ends of a flow; `from` is the element of an interface */
	bool both_ways;   /* a flow answers on the same connection with content of its own */
	bool is_line;     /* a zone drawn as a line only: it encloses nothing */
	bool is_placed;   /* an element that a person put somewhere: its left upper corner */
	int32_t x, y;     /* in pixels of the picture */
	bool refs_known;  /* somebody said what is carried or held */
	/* Of a zone, 1 ours alone to 5 anyone, or the worst a flow passes; 0 unknown. */
	int8_t exposure;
	/* Of an asset: confidentiality, integrity, availability, and how badly a patient is harmed
	   when it is wrong or missing; 1 to 4, 0 unknown. */
	int8_t level[4];
	int32_t *refs;                /* a flow: assets carried; an asset: elements that hold it */
	int32_t ref_count;            /* of them */
	enum part_group target_group; /* of a recorded threat */
	int32_t target;               /* index there, or PART_NONE */
};

struct parts {
	struct part *list;
	isize count, room;
};

/* What an importer could not map: said, never dropped in silence. */
struct model_loss {
	struct model_loss *next;
	struct file_place at;
	str path; /* "detail.diagrams[0].cells[4]" */
	str what;
};

enum model_format { MODEL_TEXT, MODEL_DRAGON, MODEL_OTM };

struct model {
	enum model_format format;
	str file, name; /* as given; the system's name */
	struct parts of[PART_GROUPS];
	struct model_loss *losses, *last_loss;
	isize loss_count;
};

/* Finds the format of `bytes` and reads them as the file called `name`.  What is not one of the
   formats fails with ERR_SYNTAX and says which there are. */
CHECKED bool model_read(struct arena *a, struct err *e, str name, str bytes, struct model **out);
/* The three formats one by one. */
CHECKED bool model_text_parse(
	struct arena *a, struct err *e, str name, str bytes, struct model **out);
CHECKED bool model_dragon_parse(
	struct arena *a, struct err *e, str name, str bytes, struct model **out);
CHECKED bool model_otm_parse(
	struct arena *a, struct err *e, str name, str bytes, struct model **out);
/* The model as `.ward` text; reading it back and printing again gives the same bytes. */
void model_print(struct buf *b, const struct model *m);

/* The index of `id` in `group`, or PART_NONE; takes time in proportion to the group. */
int32_t model_find(const struct model *m, enum part_group group, str id);
/* The first value of a property; "" when it is not there. */
str part_value(const struct part *p, str key);
/* "process", "flow", … and back; false for a word that is none. */
str part_kind_word(enum part_kind kind);
CHECKED bool part_kind_parse(str word, enum part_kind *out);
enum part_group part_group_of(enum part_kind kind);
/* The name, or the id where there is none. */
str part_title(const struct part *p);

/* ---- vocabulary and rules ---- */

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
   lines and the rules of `replaces` lines.  One that nobody declares fails like rules_parse. */
CHECKED bool rules_link(struct err *e, struct rules *rules);
isize rules_count(const struct rules *rules);
/* The rules and countermeasures that come with the program, linked, and the words that they and
   models may use. */
CHECKED bool rules_library(
	struct arena *a, struct err *e, const struct vocabulary **words, struct rules **out);
/* Whether rules can use what is said of a part under this name: a property with words. */
bool vocabulary_has_words(const struct vocabulary *v, enum part_kind kind, str name);
/* What may be said of each kind of part: {"process":{"audited":["no","yes"],…},…}.  Properties of
   free text have no words; what the engine works out itself is left out. */
void vocabulary_print_json(struct buf *b, const struct vocabulary *v);
/* Runs the `fires`, `asks` and `silent` examples of every rule; fails on the first that does not
   do what it says. */
CHECKED bool rules_check(struct arena *a, struct err *e, const struct rules *rules);

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

/* ---- evaluation ---- */

enum threat_outcome {
	THREAT_IS_NOT_APPLICABLE,
	THREAT_IS_MITIGATED,
	THREAT_IS_QUESTION,
	THREAT_IS_OPEN /* the worst is the largest */
};

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

enum threat_level { THREAT_NOTE, THREAT_WARNING, THREAT_ERROR };

struct rule;

/* A threat that a rule sees at one target.  Its id, rule name + "/" + target id, stays the same
   when lines move and when names change. */
struct threat_finding {
	const struct rule *rule;
	const struct part *part;    /* the target: an element, a flow, … */
	const struct part *because; /* where a rule collapses: the worst flow; else the target */
	enum threat_outcome outcome;
	enum threat_class stride;
	enum threat_level level;
	int8_t impact, likelihood; /* 1 to 4, 1 to 5; 0 unknown */
	int16_t handler;           /* of the rule, which mitigates; -1 none */
	uint32_t missing;          /* which of the facts that the rule asks for are unknown */
	int32_t merged;            /* how many places are in this one threat, from 1 */
};

/* A word of the model that the vocabulary does not have; such a value matches no rule. */
struct model_note {
	const struct part *part;
	const struct prop *prop;
	bool is_value; /* the value is the strange word, not the key */
};

struct findings {
	const struct model *model;
	const struct rules *rules;
	struct threat_finding *list; /* by place in the file, then by rule */
	isize count;
	isize tally[THREAT_IS_OPEN + 1];
	struct model_note *notes;
	isize note_count;
};

/*
 * Every rule against every part that it is about.  Time grows with parts times rules; nothing in it
 * grows faster.  Findings that are not applicable are kept only with `all`.
 * Fails with ERR_LIMIT when the arena is too small for the findings.
 */
CHECKED bool threat_evaluate(struct arena *a, struct err *e, const struct model *m,
	const struct rules *rules, bool all, struct findings **out);

str outcome_word(enum threat_outcome o); /* "open", "mitigated", "question", "not-applicable" */
str stride_word(enum threat_class s);
str level_word(enum threat_level l); /* "note", "warning", "error" */
CHECKED bool stride_parse(str word, enum threat_class *out);
str finding_id(struct arena *a, const struct threat_finding *f);
/* The sentence of the rule with the names of this target in it. */
str finding_title(struct arena *a, const struct findings *all, const struct threat_finding *f);
/* Mitigated: the evidence, in the rule's words.  Question: the facts that are missing. */
str finding_by(struct arena *a, const struct threat_finding *f);
str rule_name(const struct rule *r);
str rule_refs(const struct rule *r);
str rule_treat(const struct rule *r);
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

/* "file:line:column: warning[rule]: …" a finding, then one line that counts. */
void findings_print_text(struct buf *b, struct arena *scratch, const struct findings *f);
/* {"model":…,"elements":n,"flows":n,"zones":n,"assets":n,"threats":[…]}; DESIGN.md section 13. */
void findings_print_json(struct buf *b, struct arena *scratch, const struct findings *f);

/* ---- picture ---- */

struct layout;

/* How many threats a part has, and what their badge says. */
struct badge {
	int32_t count; /* 0: no badge */
	enum { BADGE_PLAIN, BADGE_WARN, BADGE_BAD } tone;
};

struct picture {
	str link;   /* what the address of an element begins with: "/threats/elements/" */
	str picked; /* id of the selected element or "" */
	str id;     /* begins the ids in the SVG, so that a page may hold several; "" is "dfd" */
	const struct badge *element; /* one an element, or NULL */
	const struct badge *flow;    /* one a flow, or NULL */
	bool standalone; /* a file of its own: declares its namespace and carries a plain style */
};

struct box {
	int32_t x, y, w, h;
};

/* Places for all zones, elements and flows.  The same model gives the same places.  Elements that a
   person placed stay where they are. */
CHECKED bool layout_make(
	struct arena *a, struct err *e, const struct model *m, struct layout **out);
struct box layout_size(const struct layout *l);
struct box layout_zone(const struct layout *l, isize zone);
struct box layout_element(const struct layout *l, isize element);
/* The diagram; classes are those of assets/ward.css (.zone .node .flow .lab .badge .asset). */
void layout_print_svg(struct buf *b, struct arena *scratch, const struct model *m,
	const struct layout *l, const struct picture *p);
#endif
