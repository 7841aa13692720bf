/* What the chapters of a document share: the records read, found by reference, and their links. */
#ifndef DOCUMENT_DOCUMENT_IN_H
#define DOCUMENT_DOCUMENT_IN_H
#include "call/call.h"
#include "document/document.h"
#include "kinds.h"
#include "risk/criteria.h"

enum { SCOPE_PRODUCTS = 64, LINK_SCRATCH_BYTES = 24 << 20 };

struct pair {
	str from, to, note;
};
/* All links of one type, in two orders: references as lists are sorted. */
struct pairs {
	struct pair *by_from, *by_to;
	isize count;
};
struct span {
	const struct pair *item;
	isize count;
};

/* One document being written. */
struct reading {
	struct call *c;
	struct report *d;
	int64_t day; /* "late" is judged on it */
	str product[SCOPE_PRODUCTS];
	int product_count;
	struct list products; /* those the document is about */
	struct list roles, people;
	struct criteria_sets criteria; /* in force, of any product */
	struct arena scratch; /* where links are listed; given up after each type */
	void *scratch_block;
};

/* ---- reading; two statements a kind, one a type of link, however many records ---- */

/* All records of the kind that the caller may read; their references become links.  ERR_LIMIT
   when there are more than DOCUMENT_RECORDS. */
CHECKED bool document_read_all(struct reading *r, int kind, struct list *out);
/* The same, without those of products that the document is not about. */
CHECKED bool document_read_scoped(struct reading *r, int kind, struct list *out);
CHECKED bool document_read_links(struct reading *r, str type, struct pairs *out);
/* Sets what the document is about: the product `ref`, or the products `own` that the record `ref`
   names and those that it covers, itself or by its scope; and their parts. */
CHECKED bool document_read_products(
	struct reading *r, str ref, const struct words *own, const struct pairs *covers);
/* Removes from the list what `keep` refuses. */
typedef bool keep_record(const struct reading *r, const void *rec, const void *about);
void document_read_keep(struct reading *r, struct list *l, keep_record *keep, const void *about);

bool document_in_scope(const struct reading *r, str product);
/* The record `ref` of the list; NULL when it is not in it. */
void *document_read_find(const struct list *l, str ref);
struct span document_links_from(const struct pairs *p, str ref);
struct span document_links_to(const struct pairs *p, str ref);
bool document_links_has(const struct pairs *p, str from, str to);

/* ---- words for people ---- */

/* "R-SRM Security risk manager": a role or a person by reference and name. */
str document_name(struct reading *r, str ref);
/* The ends of links that `l` holds (all of them when NULL), "RSK-01, RSK-04". */
str document_refs_to(struct reading *r, struct span s, const struct list *l);
str document_refs_from(struct reading *r, struct span s, const struct list *l);
/* "30 Sep 2026", "" for DAY_NONE. */
str document_day(struct reading *r, int64_t day);
/* The day, marked as late when it is over and the thing is not done. */
struct cell document_due(struct reading *r, int64_t day, str rhythm, bool is_done);
str document_int(struct reading *r, int64_t v);
/* The label of an enum's word or of a state. */
str document_word(const void *rec, str field);
str document_state(const void *rec);
str document_dash(str s);
/* Does the text hold one of the words, which are parted by "|"?  ASCII letters are folded. */
bool document_has_word(struct reading *r, str text, str words);
bool document_has_tag(const struct rec *rec, str tag);
/* Joins texts that are not empty with ", ". */
struct joined {
	struct buf text;
};
void document_join_start(struct reading *r, struct joined *j);
void document_join_add(struct joined *j, str s);
str document_join_end(struct reading *r, struct joined *j);

/* ---- risk levels by the criteria ---- */

/* The criteria that count for the risk. */
const struct criteria *document_criteria_of(const struct reading *r, const struct risk *risk);
enum mark document_criteria_mark(const struct criteria *k, str level);
/* "E4 S5 Unacceptable", marked by the level of the risk's criteria; missing when not rated. */
struct cell document_rating(
	struct reading *r, const struct risk *risk, int64_t exploitability, int64_t severity);
/* One row a risk: title, owner, before, after, state.  What is not rated becomes a gap. */
void document_risk_table(struct reading *r, const struct list *risks, str caption);

/* ---- chapters of the plan ---- */

struct plan_records {
	const struct plan *plan; /* NULL: there is none, itself a gap */
	struct list plans, scopes, releases, processes, objectives, metrics, grants, identities,
		actions, decisions, models, risks, hazards, documents, changes, threat_models,
		assets, tests;
	struct pairs covers, schedules, waits_for, causes, uses, measures;
	/* By which the product's risks are judged; and their text, NULL when there is none, or none
	   that the reader may read. */
	const struct criteria *levels;
	const struct risk_model *criteria;
};

void document_plan_objectives(struct reading *r, const struct plan_records *p);
void document_plan_organization(struct reading *r, const struct plan_records *p);
void document_plan_activities(struct reading *r, const struct plan_records *p);
void document_plan_risk(struct reading *r, const struct plan_records *p);
void document_plan_tools(struct reading *r, const struct plan_records *p);
void document_plan_schedule(struct reading *r, const struct plan_records *p);
void document_plan_inputs(struct reading *r, const struct plan_records *p);
void document_product_table(struct reading *r);
/* Roles of the organization with their holders and alternates on the day. */
void document_role_table(
	struct reading *r, const struct list *grants, const struct list *identities);

/* ---- chapters of the concept ---- */

struct concept_records {
	struct list every_requirement; /* of any product */
	struct list models, zones, elements, flows, assets, interfaces, threats, controls,
		requirements, tests, evidence, assumptions, risks, grants,
		identities;
	struct pairs covers, targets, counters, raises, treats, refines, verifies, carries,
		resides_in, rests_on, shows;
};

void document_concept_system(struct reading *r, const struct concept_records *k);
void document_concept_threats(struct reading *r, const struct concept_records *k);
void document_concept_answers(struct reading *r, const struct concept_records *k);
void document_concept_rest(struct reading *r, const struct concept_records *k);
#endif
