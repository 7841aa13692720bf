/*
 * The drawings of a Microsoft Threat Modeling Tool file, as its own threat templates see them:
 * shapes with types, attributes and places.  The model has no word for most of that.
 */
#ifndef THREAT_TM7_H
#define THREAT_TM7_H
#include "threat/formats/xml.h"

enum tm7_kind { TM7_NODE, TM7_BOX, TM7_FLOW, TM7_WALL };

/* In thousandths of a pixel; y grows downwards. */
struct tm7_point {
	int64_t x, y;
};

struct tm7_shape {
	enum tm7_kind kind;
	int32_t drawing; /* from 0 */
	int32_t part;    /* its index in the group of the model that it belongs to */
	str id, type, generic;
	const struct json *value;                /* the element of the file */
	struct tm7_point at, size;               /* of nodes and boxes */
	struct tm7_point source, handle, target; /* of flows and walls; the line meets all three */
	bool has_handle;
};

/* What a model read from such a file carries along; by drawing, in the order of the file. */
struct tm7 {
	str bytes; /* of the file, for places */
	const struct json *root;
	struct tm7_shape *list;
	isize count, room;
};

/* An attribute as it was set for one shape: the value that is selected. */
struct tm7_attribute {
	str name;  /* what filters call it; "" for headings and the name */
	str label; /* "Running As" */
	str value;
	bool is_static;  /* the type of the shape says so */
	bool is_heading; /* of a group of attributes, and first of all the name of the type */
	bool is_first;   /* of a list: the value that stands there until somebody chooses */
};
void tm7_attribute_read(const struct json *property, struct tm7_attribute *out);

struct importer;
/* The name in the properties of a shape, taken when it needs no cleaning; "" when there is none. */
str tm7_name(struct importer *in, const struct json *properties);
/* Says of `p` what its properties mean, and lists what was chosen that means nothing here. */
CHECKED bool tm7_properties(struct importer *in, struct part *p, const struct json *properties);
#endif
