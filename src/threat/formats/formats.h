/*
 * Models as files: those of other tools, in and out, ward-formats(7).
 *
 * What one of them says and the model has no word for is kept with its part and written back.
 */
#ifndef THREAT_FORMATS_FORMATS_H
#define THREAT_FORMATS_FORMATS_H
#include "threat/model/model.h"

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
#endif
