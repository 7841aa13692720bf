/*
 * Threats: what a system is made of, and what can go wrong with it.
 *
 *	model    zones, elements, interfaces, flows, assets, assumptions, recorded threats
 *	text     the `.ward` format, ward-model(5), in and out
 *	formats  those of other tools, in and out, ward-formats(7); what one of them says and
 *	         the model has no word for is kept with its part and written back
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
	struct prop *kept, *last_kept; /* "x-FORMAT": what a format said and we cannot, as JSON */
	bool made_id; /* the id was made from the ends of the flow, the file has none */

	int32_t zone;     /* of an element; the outer zone of a zone; PART_NONE: unknown */
	int32_t from, to; /* elements, ends of a flow; `from` is the element of an interface */
	bool both_ways;   /* a flow answers on the same connection with content of its own */
	bool detours;     /* a flow passes through a zone that it names */
	bool is_line;     /* a zone drawn as a line only: it encloses nothing */
	bool is_placed; /* an element or a zone that a person put somewhere: */
	int32_t x, y;   /* its left upper corner in pixels of the picture */
	int32_t w, h;   /* of a zone that is placed; what it holds may make it larger */
	bool refs_known; /* somebody said what is carried or held */
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
	bool is_kept;    /* the model has no word for it, but carries it in `kept` */
	bool is_missing; /* it refers to what is not in the file */
};

enum model_format {
	MODEL_TEXT,
	MODEL_DRAGON,
	MODEL_OTM,
	MODEL_TM_LIBRARY,
	MODEL_CYCLONEDX,
	MODEL_DRAGON_1,
	MODEL_COMPOSER,
	MODEL_PYTM,
	MODEL_THREAGILE,
	MODEL_TM7,
	MODEL_FORMATS
};

struct tm7;

struct model {
	enum model_format format;
	str file, name;    /* as given; the system's name */
	struct part whole; /* what is kept of the file as a whole, and nothing else */
	struct parts of[PART_GROUPS];
	const struct tm7 *drawn; /* of that tool: what its templates look at; else NULL */
	struct model_loss *losses, *last_loss;
	isize loss_count;
};

/* Finds the format of `bytes` and reads them as the file called `name`.  What is not one of the
   formats fails with ERR_SYNTAX and says which there are. */
CHECKED bool model_read(struct arena *a, struct err *e, str name, str bytes, struct model **out);
/* The same of a file whose format is known. */
CHECKED bool model_read_as(struct arena *a, struct err *e, enum model_format format, str name,
	str bytes, struct model **out);

/* The files beside a model's own that it names and that these name, each once: Threagile's
   `includes`.  The entrance reads them. */
enum { MODEL_FILES = 100 };
struct model_file {
	str path;             /* from the folder of the model's own file, and never above it */
	int32_t by;           /* which of these names it; PART_NONE: the model's own file */
	struct file_place at; /* where it does */
	str bytes;
};
struct model_files {
	str own; /* path of the model's own file, in its folder */
	struct model_file file[MODEL_FILES];
	int32_t count;
};
/* Adds the files that the file `by` names, whose bytes these are; theirs are "" until the entrance
   has read them.  A path that leads out of the folder, or one too many, is ERR_SYNTAX. */
CHECKED bool model_files_named(
	struct arena *a, struct err *e, int32_t by, str bytes, struct model_files *files);
/* `what` about a file of the list, at the place that names it.  Returns false. */
bool model_file_bad(struct err *e, struct arena *a, const struct model_files *files, int32_t file,
	const char *what);
/* model_read() with the files beside it, or NULL.  What is wrong in one of those is said with its
   path, line and column in the text; the place of the error is where the model names it. */
CHECKED bool model_read_with(struct arena *a, struct err *e, str name, str bytes,
	const struct model_files *beside, struct model **out);

/* "ward", "threat-dragon", "otm": what --to takes and what begins the key of what is kept. */
str model_format_word(enum model_format format);
/* The model in a format, into `out`.  What the format cannot say of it goes in as text, which
   reading it back understands: nothing of a model is lost on the way there and back, and what
   another tool changed meanwhile is taken.  Fails with ERR_INVALID when the format is only read.
   */
CHECKED bool model_write(struct arena *a, struct err *e, const struct model *m,
	enum model_format format, struct buf *out);
/* The same by word, and also "csv", "mermaid", "dot" and "svg", which are not read back. */
CHECKED bool model_export(
	struct arena *a, struct err *e, const struct model *m, str word, struct buf *out);
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
   lines and the rules of `replaces` lines.  One that nobody declares fails like rules_parse.  Rules
   that are linked say the same as before, and faster. */
CHECKED bool rules_link(struct arena *a, struct err *e, struct rules *rules);
isize rules_count(const struct rules *rules);
/* The rules and countermeasures that come with the program, linked, and the words that they and
   models may use.  Runs their examples each time: what judges a model has just shown what it is
   said to do.  A few milliseconds; who judges often keeps them. */
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
	const struct bound *bound; /* of the engine, for the next time; NULL when it was another */
};

/*
 * Every rule against every part that it is about.  Time grows with parts times rules; nothing in it
 * grows faster.  Findings that are not applicable are kept only with `all`.
 * Fails with ERR_LIMIT when the arena is too small for the findings.
 */
CHECKED bool threat_evaluate(struct arena *a, struct err *e, const struct model *m,
	const struct rules *rules, bool all, struct findings **out);
/*
 * What threat_evaluate() would say of `m` with the rules of `was` and with its `all`, in less time
 * the more of `m` says the same as the model of `was`, which the engine evaluated: the rules run
 * only on parts of which they may find something else.  What `was` is about must still be there, as
 * it was then; the result does not need it any more.  Time grows with the model, hardly with rules.
 */
CHECKED bool threat_evaluate_again(struct arena *a, struct err *e, const struct model *m,
	const struct findings *was, struct findings **out);

str outcome_word(enum threat_outcome o); /* "open", "mitigated", "question", "not-applicable" */
CHECKED bool outcome_parse(str word, enum threat_outcome *out);
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

/* ---- what changed since an earlier check ---- */

/* A finding of an earlier check; what did not apply then is not among them. */
struct baseline_finding {
	str id, rule, target, title;
	enum threat_outcome outcome;
	enum threat_class stride;
	int32_t rev; /* of its rule then; 0 when nobody wrote it down */
};

struct baseline {
	str file;
	struct baseline_finding *list; /* by id, each once */
	isize count;
};

/* What `f` says now, for later comparison.  ERR_LIMIT when the arena is too small. */
CHECKED bool baseline_of(
	struct arena *a, struct err *e, const struct findings *f, struct baseline **out);
/* The findings of an earlier state: `bytes` are a model of any format, judged by `rules`, or what
   report_print_json() printed once.  Without rules, for findings of something else, only the
   latter.  Fails as model_read_with() does. */
CHECKED bool baseline_read(struct arena *a, struct err *e, const struct rules *rules, str file,
	str bytes, const struct model_files *beside, struct baseline **out);

/* How one finding stands to the baseline. */
struct finding_change {
	const struct baseline_finding *was; /* NULL: new, or not applicable now */
	bool is_new;
	bool is_worse; /* new, or mitigated < question < open went up */
	bool again;    /* the rule was revised: what was decided about it deserves another look */
};

/* All that a report says; report_make() fills it. */
struct check_report {
	const struct findings *now;
	const struct baseline *base;          /* NULL: there is nothing to compare with */
	struct finding_change *change;        /* one a finding */
	const struct baseline_finding **gone; /* what was worst first, then by id */
	isize gone_count, again_count;
	isize worse[THREAT_IS_OPEN + 1]; /* by the outcome now */
	str path;  /* of the model's file, where relative from the root of its repository */
	str bytes; /* of that file: columns count characters there; "" counts bytes */
};

/* Compares by the id of the findings alone, so that neither names nor places matter.  `base` may
   be NULL.  ERR_LIMIT when there is no room, or an id is longer than LIMIT_PROSE. */
CHECKED bool report_make(struct arena *a, struct err *e, const struct findings *now,
	const struct baseline *base, struct check_report *out);

/*
 * Five forms of one report.  What strangers named is shown with its control characters and marks of
 * direction spelled out, and cut where it is long, but for ids in JSON.  The same report gives the
 * same bytes.  `scratch` is another arena than that of `b`.
 */
/* "file:line:column: warning[rule]: …" a finding, then one line that counts. */
void report_print_text(struct buf *b, struct arena *scratch, const struct check_report *r);
/* {"model":…,"elements":n,"flows":n,"zones":n,"assets":n,"threats":[…]}; DESIGN.md section 13.
   With a baseline every threat has "since", and what is gone follows. */
void report_print_json(struct buf *b, struct arena *scratch, const struct check_report *r);
/* SARIF 2.1.0: open threats as failures and questions as open results; with findings that
   threat_evaluate() kept for `all`, what is mitigated passes. */
void report_print_sarif(
	struct buf *b, struct arena *scratch, const struct check_report *r, bool with_passed);
/* JUnit's XML: a test case a finding. */
void report_print_junit(struct buf *b, struct arena *scratch, const struct check_report *r);
/* A comment on a change; at most 60,000 bytes, worst first. */
void report_print_markdown(struct buf *b, struct arena *scratch, const struct check_report *r);

/* ---- architecture views ---- */

/* The views that a premarket file shows of every system and that follow from the model.  Those of
   security use cases are chosen by people. */
enum architecture_view {
	VIEW_GLOBAL,        /* everything */
	VIEW_MULTI_PATIENT, /* how what many devices share can make them harm their patients */
	VIEW_UPDATE         /* the ways of new software, from its origin to the device */
};
/* "global", "multi-patient", "update"; false for another word. */
CHECKED bool view_parse(str word, enum architecture_view *out);

/* What a view shows: one flag an element, one a flow.  The ends of its flows need no flag. */
struct view_choice {
	bool *element, *flow;
};
/* A choice of nothing. */
CHECKED bool view_choice_make(
	struct arena *a, struct err *e, const struct model *m, struct view_choice *out);
/* Adds nothing to a choice but what the view shows; the choice must be one of nothing. */
void view_choose(const struct model *m, enum architecture_view view, struct view_choice *v);
/* The chosen part of a model, to be drawn: zones, elements and flows without what they carry. */
CHECKED bool view_model(struct arena *a, struct err *e, const struct model *m,
	struct view_choice *v, struct model **out);

/* ---- picture ---- */

struct layout;

/* How many threats a part has, and what their badge says. */
struct badge {
	int32_t count; /* 0: no badge */
	enum { BADGE_PLAIN, BADGE_WARN, BADGE_BAD } tone;
};

/* What became of a thing between two models. */
enum diff_sign { DIFF_SAME, DIFF_ADDED, DIFF_CHANGED, DIFF_REMOVED, DIFF_SIGNS };

struct picture {
	str link;   /* what the address of an element begins with: "/threats/elements/" */
	str picked; /* id of the selected element or "" */
	str id;     /* begins the ids in the SVG, so that a page may hold several; "" is "dfd" */
	const struct badge *element; /* one an element, or NULL */
	const struct badge *flow;    /* one a flow, or NULL */
	/* One a zone, element and flow, all or none; a legend says what the signs mean. */
	const enum diff_sign *zone_sign, *element_sign, *flow_sign;
	bool standalone; /* a file of its own: declares its namespace and carries a plain style */
};

struct box {
	int32_t x, y, w, h;
};

/* Places for all zones, elements and flows.  The same model gives the same places.  Elements and
   zones that a person placed stay where they are; a zone grows to hold what lies in it. */
CHECKED bool layout_make(
	struct arena *a, struct err *e, const struct model *m, struct layout **out);
struct box layout_size(const struct layout *l);
struct box layout_zone(const struct layout *l, isize zone);
struct box layout_element(const struct layout *l, isize element);
/* The diagram; classes are those of assets/ward.css (.zone .node .flow .lab .badge .asset). */
void layout_print_svg(struct buf *b, struct arena *scratch, const struct model *m,
	const struct layout *l, const struct picture *p);

/* ---- the difference of two models ---- */

/* Parts are the same part when they have the same id.  A flow without an id of its own is also
   found again by its name, when no other flow has it and one end stayed. */
enum diff_what { DIFF_NAME, DIFF_KIND, DIFF_ZONE, DIFF_ENDS, DIFF_PROP };

struct prop_diff {
	struct prop_diff *next;
	enum diff_what what;
	str key;     /* the property: "name", "kind", "in", "ends", or as in the model */
	str was, is; /* values with ", " between them; "" is not stated */
};

struct part_diff {
	enum diff_sign sign;
	const struct part *was, *is; /* NULL: it was not there; it is gone */
	struct prop_diff *props;     /* of a changed one: name, kind, place, then by property */
};

enum threat_turn {
	TURN_OPENED, /* open, and was not */
	TURN_ASKED,  /* a question, and was none */
	TURN_CLOSED, /* mitigated, and was open or a question */
	TURN_GONE,   /* was open or a question, and is no threat now */
	TURN_COUNT
};

struct threat_diff {
	enum threat_turn turn;
	const struct threat_finding *now;   /* NULL when gone */
	const struct baseline_finding *was; /* NULL when new */
	bool part_is_gone;                  /* the reason why the threat is */
};

struct model_diff {
	const struct model *was, *is;
	const struct findings *now;
	struct part_diff *parts; /* by group; in it by place, then what was removed, by place */
	isize part_count, signs[DIFF_SIGNS];
	struct threat_diff *threats; /* by turn, then by place */
	isize threat_count, turns[TURN_COUNT];
	int32_t *old_to_new[PART_GROUPS]; /* of each part then, its index now or PART_NONE */
};

/* What lies between two models that were judged by the same rules.  Time is in proportion to their
   size times its logarithm.  ERR_LIMIT when the arena is too small. */
CHECKED bool model_diff_make(struct arena *a, struct err *e, const struct findings *was,
	const struct findings *now, struct model_diff *out);
void diff_print_text(struct buf *b, struct arena *scratch, const struct model_diff *d);
void diff_print_json(struct buf *b, struct arena *scratch, const struct model_diff *d);
/* A line of that text without its sign: what was added or removed (`q` NULL), or one change of what
   stayed; and what became of a threat. */
str part_diff_words(struct arena *a, const struct model_diff *d, const struct part_diff *p,
	const struct prop_diff *q);
str threat_diff_words(
	struct arena *a, const struct model_diff *d, const struct threat_diff *t);
/* A comment on a change; at most 60,000 bytes. */
void diff_print_markdown(struct buf *b, struct arena *scratch, const struct model_diff *d);
/* The picture of the newer model with what was removed in it, dashed, and a sign on all that
   differs; badges count what is newly open.  Standalone is a file of its own, else it is part of a
   page and its elements lead to their records.  Fails as layout_make() does. */
CHECKED bool diff_print_svg(struct buf *b, struct arena *a, struct err *e,
	const struct model_diff *d, bool standalone);
#endif
