/*
 * Records for tests: drawn at random, and their canonical form.
 *
 * A random record has values that its kind allows, among them letters of several bytes, what HTML,
 * CSV and JSON escape, and empty fields; its references to records name none.
 */
#ifndef TEST_RECORDS_H
#define TEST_RECORDS_H
#include "kind/kind.h"

/* A record of the kind with a title, a reference of its own and any state of its flow. */
struct rec *random_record(struct arena *a, uint64_t *state, const struct kind *k);
/* The canonical form. */
str canonical(struct arena *a, const void *rec);
#endif
