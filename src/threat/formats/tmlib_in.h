/* What the reader and the writer of the OWASP Threat Model Library share. */
#ifndef THREAT_TMLIB_IN_H
#define THREAT_TMLIB_IN_H
#include "threat/formats/importer.h"

/* A sensitivity of theirs and the class of ours. */
struct tmlib_class {
	str theirs;
	const char *ours;
};
extern const struct tmlib_class tmlib_classes[5];

/* The name under which their `extensions` hold what is ours. */
extern const str tmlib_extension;
/* Our word for a type of theirs, "" when there is none. */
str tmlib_store_type(str theirs);
str tmlib_actor_type(str theirs);
#endif
