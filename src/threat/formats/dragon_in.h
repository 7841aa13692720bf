/* What the reader and the writer of Threat Dragon share. */
#ifndef THREAT_DRAGON_IN_H
#define THREAT_DRAGON_IN_H
#include "threat/formats/importer.h"

/* A box to check in the tool, and the property that says the same. */
struct dragon_flag {
	str flag;
	uint32_t kinds; /* bits of enum part_kind */
	const char *key, *value;
};
extern const struct dragon_flag dragon_flags[];
extern const int dragon_flag_count;

/* "tm.Process", "process": how the tool calls a kind; "" for what it does not draw. */
str dragon_type(enum part_kind kind, bool is_line);
str dragon_shape(enum part_kind kind, bool is_line);
/* "Open", "Mitigated", "NotApplicable" for our words; else the word itself. */
str dragon_status(str word);
#endif
