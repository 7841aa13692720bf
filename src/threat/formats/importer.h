/*
 * What the formats share: reading out of a tree of JSON (YAML becomes one, too), and building one.
 *
 * An importer takes what it understands.  Whatever it did not take when it is done with a part is
 * kept with that part, as one JSON object of the same shape, and listed with its place.  An
 * exporter begins with what was kept and puts the model's words over it.  What the other format
 * cannot say of a model is found by reading the result back, and travels in it as text
 * (supplement.c).
 */
#ifndef THREAT_FORMATS_IMPORTER_H
#define THREAT_FORMATS_IMPORTER_H
#include "base/json.h"

#include "threat/formats/formats.h"
#include "threat/model/build.h"
#include "threat/picture/picture.h"

/* What a file calls a system without a name, where it must call it something. */
extern const str system_unnamed;

/* ---- reading ---- */

/* A file that is being read. */
struct file_source {
	str name, bytes;
	const struct json *root;          /* its tree; NULL for lines of text */
	const struct model_files *beside; /* the files that it names, or NULL */
};

/* Where a zone or an element stands in a drawing of the file, in pixels. */
struct spot_drawn {
	enum part_group group;
	int32_t part, drawing;
	struct box box;
};

/* The number of the first byte of a file beside the model: its nodes are numbered on. */
isize source_begin(const struct file_source *from, int32_t file);
/* Turns an error with a place in file `file` into one with the place where the model names it.
   Returns false. */
bool source_inside(struct err *e, struct arena *a, const struct model_files *files, int32_t file);

struct importer {
	struct arena *arena;
	struct err *err;
	struct model *model;
	const struct file_source *from;
	isize *lines; /* where each line of the file and of those beside it begins */
	isize line_count;
	const struct json *root;
	uint8_t *marks; /* of every node: taken, opened */
	str path;       /* of the part at hand, "components[3]"; "" is the file */
	struct part_index of[PART_GROUPS]; /* by import_index */
	struct spot_drawn *spots;          /* by import_spot */
	isize spot_count, spot_room;
	const char *quiet; /* words about the drawing: kept without being listed */
};

/* Over the tree of a file; makes the model. */
CHECKED bool import_begin(struct importer *in, struct arena *a, struct err *e,
	enum model_format format, const struct file_source *from);
/* Adds what Ward itself put into the file, gives ids that repeat a number, keeps the rest of the
   file and resolves the model. */
CHECKED bool import_finish(
	struct importer *in, const struct json *parts, const struct json *more, struct model **out);
/* Line and column of a value, in logarithmic time. */
struct file_place import_place(const struct importer *in, const struct json *j);
/* The same as an error: "…" at `j`. */
bool import_bad(const struct importer *in, const struct json *j, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
CHECKED bool import_lose(struct importer *in, const struct json *j, const char *what);
/* The same of a reference to what is not in the file. */
CHECKED bool import_miss(struct importer *in, const struct json *j, const char *what);
/* The path of the part that is read next: "name" or "name[nth]" below `above`. */
void import_enter(struct importer *in, str above, const char *name, isize nth);

/* Adds a key to the path. */
void import_below(struct importer *in, str key);

/* The value is understood whole.  Returns it; NULL is fine. */
const struct json *import_take(struct importer *in, const struct json *j);
/* The same of a container of which only some members may be understood. */
const struct json *import_open(struct importer *in, const struct json *j);
/* Member `key`, opened, when it is an object; else NULL. */
const struct json *import_object(struct importer *in, const struct json *j, str key);
/* Member `key`, opened, in *out; NULL when there is none or null.  Anything but a list is an
   error. */
CHECKED bool import_list(
	struct importer *in, const struct json *j, str key, const struct json **out);
/* A string or a number's text, taken; "" when it is neither. */
str import_text(struct importer *in, const struct json *j, str key);
/* A name or an id: cleaned, and taken only when that changed nothing.  That there is none is left,
   for out_title(). */
str import_name(struct importer *in, const struct json *j, str key);
/* The name of the system; the one that we write where there is none is none. */
str import_system(struct importer *in, const struct json *j, str key);
/* True, taken.  A false is left: tools write it unasked. */
bool import_flag(struct importer *in, const struct json *j, str key);
/* The string at `j` in lower case; taken when it was so before. */
str import_word(struct importer *in, const struct json *j);
/* Adds `key=value`; an empty value adds nothing. */
CHECKED bool import_add(
	struct importer *in, struct part *p, const char *key, str value, const struct json *at);
/* Adds the text of member `from` as `key`. */
CHECKED bool import_copy(
	struct importer *in, struct part *p, const char *key, const struct json *j, str from);
/* A part with the id and name that `j` has under these keys; without an id it is an error. */
struct part *import_part(
	struct importer *in, const struct json *j, enum part_kind kind, str id_key, str name_key);
/* A threat that the file records at `target` ("" is nowhere); without an id it gets a number. */
struct part *import_threat(
	struct importer *in, const struct json *at, str id, str name, str target);
/* Keeps what nobody took of `j`, and takes it. */
CHECKED bool import_keep(struct importer *in, struct part *p, const struct json *j);
/* A number of any JSON form, cut to whole ones; 0 when there is none or it is beyond reason. */
int64_t import_whole(const struct json *j);
/* Makes in->of[group], for finding parts by id while the model is being built. */
CHECKED bool import_index(struct importer *in, enum part_group group);
/* Hands the objects of list `key` of `j` to `take`, in->path set for each.  The list may be
   missing; what is not an object in it is left. */
CHECKED bool import_each(struct importer *in, const struct json *j, const char *key,
	bool (*take)(struct importer *in, const struct json *item));
/* Adds the id of a part of `group` that member `from` names; names nobody has are listed. */
CHECKED bool import_ref(struct importer *in, struct part *p, const char *key, const struct json *j,
	str from, enum part_group group);
/* The same of a list of strings. */
CHECKED bool import_refs(struct importer *in, struct part *p, const char *key, const struct json *j,
	str from, enum part_group group);
/* Where data lies: adds the stores that the list `placements` names under `key`.  How they lie
   there is left. */
CHECKED bool import_placements(struct importer *in, struct part *p, const struct json *j, str key);
bool import_no_room(struct importer *in);

/* ---- drawings (drawing.c) ---- */

/* Zone or element `p` has this box in drawing `drawing` of the file. */
CHECKED bool import_spot(
	struct importer *in, const struct part *p, int32_t drawing, struct box box);
/* Places zones and elements of the finished model as they are drawn, when that makes a clear
   picture. */
void import_arrange(struct importer *in);

/* ---- what Ward itself put into a file (supplement.c) ---- */

/* Adds the parts of one text and what the other says more of parts that are there; both may be
   NULL. */
CHECKED bool import_supplement(
	struct importer *in, const struct json *parts, const struct json *more);
struct exporter;
/* What `read`, the written file read back, lacks of x->model: whole parts, and more of others. */
CHECKED bool supplement_find(
	struct exporter *x, const struct model *read, struct buf *parts, struct buf *more);

/* ---- writing ---- */

struct exporter {
	struct arena *arena;
	struct err *err;
	const struct model *model;
	enum model_format format;
	struct json *root;
	struct json spare;         /* what is handed out when there is no room; the error is set */
	struct buf ids;            /* statements that give parts their own ids back */
	str *own_ids[PART_GROUPS]; /* what parts are called in the file, or NULL: by their ids */
	struct part_index elements;
	struct layout *layout; /* for formats with places, or NULL */
	struct box drawn;      /* what the places that were kept cover */
};

/* A list that is added to at its end. */
struct out_list {
	struct json *array, *last;
};

struct json *out_new(struct exporter *x, enum json_type type, str text);
/* What was kept of `p` for the format that is written, or an empty object. */
struct json *out_kept(struct exporter *x, const struct part *p);
/* Member `key`, made when it is missing or of another type. */
struct json *out_get(struct exporter *x, struct json *object, str key, enum json_type type);
void out_set(struct exporter *x, struct json *object, str key, struct json *value);
/* A text that is not empty; what stands there is left when it means the same. */
void out_text(struct exporter *x, struct json *object, str key, str text);
/* The value of `prop` as `key`, when the part has one that is known. */
void out_value(struct exporter *x, struct json *object, str key, const struct part *p, str prop);
void out_word(struct exporter *x, struct json *object, str key, const char *word);
void out_flag(struct exporter *x, struct json *object, str key, bool value);
void out_number(struct exporter *x, struct json *object, str key, int64_t value);
void out_remove(struct json *object, str key);
struct out_list out_list(struct exporter *x, struct json *object, str key);
void out_push(struct exporter *x, struct out_list *list, struct json *value);
/* The name of the system, or the words that stand for none. */
void out_system(struct exporter *x, struct json *object, str key);
/* A new object with one text. */
struct json *out_object(struct exporter *x, str key, str text);
/* The id of the part that a field of struct part points to; "" for PART_NONE. */
str out_ref(const struct exporter *x, enum part_group group, int32_t index);
/* A list of the values of `prop`, before what stood there. */
void out_values(struct exporter *x, struct json *object, str key, const struct part *p, str prop);
/* The name, or the id where a format asks for a name; a part that the file left without a name
   stays without one. */
void out_title(struct exporter *x, struct json *object, str key, const struct part *p);

/* ---- the formats ---- */

/* The model's file with those that it includes merged into its tree.  Fails with ERR_SYNTAX where
   two of them contradict each other, and with ERR_LIMIT. */
CHECKED bool threagile_include(
	struct arena *a, struct err *e, const struct file_source *from, struct file_source *out);

struct format {
	const char *title;
	/* The tree of a file; NULL: the format is lines of text. */
	const struct json *(*parse)(struct arena *a, struct err *e, str bytes);
	bool (*read)(
		struct arena *a, struct err *e, const struct file_source *from, struct model **out);
	/* Builds x->root; NULL: the format is only read. */
	bool (*build)(struct exporter *x);
	/* Puts the two texts of supplement.c into x->root. */
	void (*supplement)(struct exporter *x, str parts, str more);
};
extern const struct format formats[MODEL_FORMATS];

CHECKED bool dragon_read(
	struct arena *a, struct err *e, const struct file_source *from, struct model **out);
CHECKED bool dragon_build(struct exporter *x);
void dragon_supplement(struct exporter *x, str parts, str more);
CHECKED bool otm_read(
	struct arena *a, struct err *e, const struct file_source *from, struct model **out);
CHECKED bool otm_build(struct exporter *x);
void otm_supplement(struct exporter *x, str parts, str more);
CHECKED bool composer_read(
	struct arena *a, struct err *e, const struct file_source *from, struct model **out);
CHECKED bool pytm_read(
	struct arena *a, struct err *e, const struct file_source *from, struct model **out);
CHECKED bool threagile_read(
	struct arena *a, struct err *e, const struct file_source *from, struct model **out);
CHECKED bool tm7_read(
	struct arena *a, struct err *e, const struct file_source *from, struct model **out);
CHECKED bool tmlib_read(
	struct arena *a, struct err *e, const struct file_source *from, struct model **out);
CHECKED bool tmlib_build(struct exporter *x);
void tmlib_supplement(struct exporter *x, str parts, str more);
CHECKED bool cyclonedx_read(
	struct arena *a, struct err *e, const struct file_source *from, struct model **out);
CHECKED bool cyclonedx_build(struct exporter *x);
void cyclonedx_supplement(struct exporter *x, str parts, str more);
#endif
