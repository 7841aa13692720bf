/*
 * The limits that somebody outside can reach and several parts keep; ward(1) lists them.
 */
#ifndef BASE_LIMITS_H
#define BASE_LIMITS_H

enum {
	LIMIT_REF = 32,                /* bytes of a reference, "RSK-12" */
	LIMIT_TEXT = 4000,             /* characters of a line of text, unless declared less */
	LIMIT_PROSE = 65536,           /* characters of a long text */
	LIMIT_ROWS = 2000,             /* rows of a table inside a record */
	LIMIT_RECORD_BYTES = 1 << 20,  /* a record as JSON */
	LIMIT_BODY_BYTES = 8 << 20,    /* a request's body */
	LIMIT_FORM_FIELDS = 4000,      /* fields of a form */
	LIMIT_PAGE_ROWS = 100,         /* rows of a list on a page */
	LIMIT_LIST_ROWS = 100000,      /* rows of a list in CSV or JSON */
	LIMIT_LINKS = 5000,            /* links of one record */
	LIMIT_LEAF_BYTES = 4096,       /* a leaf of the ledger */
	LIMIT_JSON_DEPTH = 64,         /* nesting of JSON */
	LIMIT_JSON_NODES = 5000000,    /* values of a JSON text that is read as a whole */
	LIMIT_MODEL_BYTES = 64 << 20,  /* a threat model file */
	LIMIT_MODEL_ELEMENTS = 100000, /* elements, flows, zones and assets of a model, each */
	LIMIT_READ_MS = 5000,          /* CPU time of a request that reads, from its first query */
	LIMIT_READ_STEPS = 500000000,  /* steps of the database engine of such a request */
	LIMIT_SEARCH_WORDS = 16,       /* words of a search */
	LIMIT_OUTPUT_BYTES = 64 << 20, /* a generated document */
	LIMIT_FILE_BYTES = 1 << 30     /* a list as a file */
};
#endif
