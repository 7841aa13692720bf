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

struct call;

enum { CATALOG_ID_MAX = 28 }; /* bytes of a catalogue's id, so that "FRM-<id>" is a reference */

/* Loads the catalogue or crosswalk `json`; `name` is its file, "catalogs/iso-28000-2022.json".
   vocab.json is passed over.  Fails with ERR_SYNTAX, naming file, line and column, for anything
   that catalogs/README.md does not allow. */
CHECKED bool catalog_load(struct call *c, str name, str json);
/* The reference of a catalogue's framework. */
str catalog_ref(struct arena *a, str id);
#endif
