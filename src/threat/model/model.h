/*
 * The model: zones, elements, interfaces, flows, assets, assumptions, recorded threats.
 *
 * Unknown is a value of its own everywhere: a property nobody stated is neither yes nor no, and a
 * rule that needs it asks instead of guessing.  Bytes in, structs and bytes out, all memory from
 * the arena that is given; the same input gives the same output, byte for byte.
 *
 * A model that cannot be read leaves no half of itself behind: the call fails with ERR_SYNTAX, line
 * and column, and the result is not touched.  ERR_LIMIT says that a bound of base/limits.h or the
 * arena was reached.
 */
#ifndef THREAT_MODEL_MODEL_H
#define THREAT_MODEL_MODEL_H
#include "base/base.h"

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
#endif
