/*
 * XML 1.0 as a tree of JSON, so that importers of XML read, mark and keep as those of JSON do.
 *
 *	<a x="1">t</a>          {"@x":"1","#text":"t"}, and "t" alone without attributes
 *	<a><b>1</b><b>2</b></a> {"b":["1","2"]}; with one <b>, {"b":"1"}
 *	<a i:nil="true"/>       null
 *
 * Prefixes of names and declarations of namespaces are left out, and so is space between elements.
 * A document type is refused where it begins: no entity is ever declared, let alone expanded.
 */
#ifndef THREAT_XML_H
#define THREAT_XML_H
#include "base/json.h"

#include "threat/model/model.h"

enum {
	XML_DEPTH = 30,      /* elements in elements; the tree is at most twice as deep */
	XML_NODES = 1 << 20, /* elements and attributes of one file */
	XML_ATTRIBUTES = 32, /* of one element */
	XML_MEMBERS = 200,   /* different names below one element */
	XML_NAME_BYTES = 200 /* of an element or attribute */
};

/* The element around everything; its name is the node's key.  NULL: `e` holds ERR_SYNTAX with line
   and column, or ERR_LIMIT. */
const struct json *xml_read(struct arena *a, struct err *e, str in) CHECKED;
/* The first child called `name` and the next of the same name; NULL when there is none. */
const struct json *xml_first(const struct json *parent, str name);
const struct json *xml_next(const struct json *item);
/* The text of an element, whether or not it has attributes; "" when it has none. */
str xml_text(const struct json *j);
/* The text of the child called `name`. */
str xml_child(const struct json *j, str name);
/* A decimal number in thousandths, cut; false when it is none or beyond a million. */
CHECKED bool xml_thousandths(str s, int64_t *out);

#define xml_each(item, parent, name)                                                               \
	for (const struct json *item = xml_first(parent, name); item; item = xml_next(item))
#endif
