/* What only the files of catalog/ need. */
#ifndef CATALOG_CATALOG_IN_H
#define CATALOG_CATALOG_IN_H
#include "call/call.h"
#include "catalog/catalog.h"
#include "kind/kind.h"
#include "kinds.h"

/* The number of a kind of evidence, -1 when the word is none. */
int evidence_find(str word);
#endif
