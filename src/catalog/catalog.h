/*
 * Catalogues: what laws, standards, guidance and practices ask for, and how much of it the store
 * shows.
 *
 * The files are in catalogs/ (its README has the schema) and travel inside the program.  Each
 * becomes a record: a catalogue the framework FRM-<id> with its requirements as rows, a crosswalk
 * a mapping with a row a pair.  Loading is strict and can be repeated: a file that did not change
 * writes nothing, a file that changed writes a revision.
 *
 * Readiness is worked out, never stored.  A requirement names the kinds of evidence that show it;
 * evidence.c says which records show a kind of evidence, in which state and with which fields
 * filled.  It looks for the kind of evidence alone: whether the record found is the right one for
 * the requirement is for a person to judge, in an assessment.
 *
 * Whether evidence exists is the same answer for everybody; which records it is, is told only to
 * those who may read them.  All of it holds for c->at_us when that is set.
 */
#ifndef CATALOG_CATALOG_H
#define CATALOG_CATALOG_H
#include "base/base.h"

#include "kind/kind.h"

struct call;
struct mapping;

enum { CATALOG_ID_MAX = 28 }; /* bytes of a catalogue's id, so that "FRM-<id>" is a reference */

/* Loads the catalogue or crosswalk `json`; `name` is its file, "catalogs/iso-28000-2022.json".
   vocab.json is passed over.  Fails with ERR_SYNTAX, naming file, line and column, for anything
   that catalogs/README.md does not allow. */
CHECKED bool catalog_load(struct call *c, str name, str json);
/* The reference of a catalogue's framework. */
str catalog_ref(struct arena *a, str id);

/* ---- readiness ---- */

enum {
	CATALOG_MAX = 100,    /* catalogues listed */
	EVIDENCE_RECORDS = 5, /* records named for a kind of evidence */
};

enum readiness_state {
	READY_INFO,   /* a heading: nothing to meet */
	READY_GAP,    /* no evidence of any kind asked for */
	READY_PARTLY, /* some kinds */
	READY_MET,    /* every kind */
};

struct evidence_line {
	str kind, detail; /* "risk", "security risk file" */
	bool is_shown;
	const struct brief *record; /* that the caller may read; may be none though it is shown */
	isize record_count;
};

struct readiness_entry {
	str id, parent, title, text, question; /* of the catalogue; parent "" at the top */
	int level, phase;                      /* enum requirement_level, enum phase */
	int depth;                             /* 0 at the top */
	enum readiness_state state;
	const struct evidence_line *line;
	isize line_count;
};

/* A catalogue in one line; total is met + partly + gap, headings left out. */
struct readiness_bar {
	str id, ref, title, edition;
	isize met, partly, gap, total;
};

struct readiness {
	struct readiness_bar bar;
	str issuer, notes, url;
	int kind; /* enum framework_kind */
	const struct readiness_entry *entry;
	isize entry_count;
};

/* Every requirement of a catalogue, in order, with what shows it.  ERR_MISSING without one. */
CHECKED bool readiness(struct call *c, str catalog_id, struct readiness *out);
/* The bars of the five catalogues of the overview, in its order; those not loaded are left out. */
CHECKED bool readiness_summary(struct call *c, struct readiness_bar *out, isize max, isize *count);
/* The bars of every catalogue, by id. */
CHECKED bool catalog_list(struct call *c, struct readiness_bar *out, isize max, isize *count);
/* The crosswalk between two catalogues; `*backwards` when it is the one from `to` to `from`, whose
   relations then read from right to left.  NULL when there is none. */
CHECKED bool crosswalk_find(
	struct call *c, str from, str to, const struct mapping **out, bool *backwards);
#endif
