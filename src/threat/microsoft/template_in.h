/* What the files of the template engine share. */
#ifndef THREAT_TEMPLATE_IN_H
#define THREAT_TEMPLATE_IN_H
#include "threat/microsoft/tm7.h"
#include "threat/microsoft/template.h"
#include "threat/rules/compiled.h"

enum filter_op { FILTER_IS, FILTER_CROSSES, FILTER_VALUE, FILTER_AND, FILTER_OR, FILTER_NOT };
enum filter_side { FILTER_SOURCE, FILTER_TARGET, FILTER_FLOW, FILTER_SIDES };

/* One word of a filter in reverse Polish order. */
struct filter_code {
	uint8_t op, side;
	int32_t number; /* of the type, or of the attribute; -1: nobody declares it */
	str text;       /* the type, or the value */
};

struct filter {
	struct filter_code *code;
	int32_t count; /* 0: empty, which is false */
};

/* A value that a type fixes or declares for an attribute that a filter looks at. */
struct type_value {
	struct type_value *next;
	int32_t attribute;
	bool is_static;
	str value;
};

struct element_type {
	str id, name;
	str parent_id;
	int32_t parent; /* PART_NONE: none, or not in the template */
	const struct json *json;
	struct type_value *values;
};

struct threat_type {
	str id;
	struct filter include, exclude;
};

struct template
{
	struct element_type *types;
	isize type_count, type_room;
	const struct element_type **order;   /* by id */
	str attributes[TEMPLATE_ATTRIBUTES]; /* those that filters look at */
	isize attribute_count;
	struct threat_type *threats;
	isize threat_count, threat_room;
	struct rules *rules; /* one for each threat type, with what is printed of it */
};

/* What filters are compiled for; the attributes that they look at are collected. */
/* The filter that is being compiled; one reader serves one after the other. */
struct scanner {
	struct filter_reader *r;
	str text, word; /* the word at hand; "" at the end */
	isize at, from; /* behind the word, and where it begins */
	bool is_quoted;
	int depth;
	struct filter_code code[TEMPLATE_CODE];
	int32_t count;
	const char *why; /* what is wrong, once something is */
};

/* What filters are compiled for; the attributes that they look at are added to the template. */
struct filter_reader {
	struct arena *arena;
	struct err *err;
	struct template *template;
	struct scanner scanner;
};
/* Compiles one filter; what it cannot read is at *column of it, from 1, for the reason *why.
   ERR_LIMIT is set where there is no memory, and *column is 0. */
CHECKED bool filter_compile(
	struct filter_reader *r, str text, struct filter *out, isize *column, const char **why);
/* The number of a type or attribute of the template, or PART_NONE. */
int32_t template_type_find(const struct template *t, str id);
int32_t template_attribute_find(const struct template *t, str name);
#endif
