/* YAML 1.1 as a tree of JSON; yaml.c says what is understood and what is bounded. */
#ifndef THREAT_YAML_H
#define THREAT_YAML_H
#include "base/json.h"

#include "threat/model/model.h"

enum { YAML_BYTES = 4 << 20 }; /* libyaml reads a tenth as fast as we read JSON */

/* The one document of `in`.  NULL: `e` holds ERR_SYNTAX with line and column, or ERR_LIMIT. */
const struct json *yaml_read(struct arena *a, struct err *e, str in) CHECKED;
#endif
