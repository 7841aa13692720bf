/* What the reader and the writer of OTM share. */
#ifndef THREAT_OTM_IN_H
#define THREAT_OTM_IN_H
#include "threat/formats/importer.h"

/* A side of an asset: its member of `risk`, our property, and the one for the number as read. */
struct otm_side {
	str member;
	const char *key, *read;
};
extern const struct otm_side otm_sides[3];
extern const str otm_levels[4];

/* The trust rating that we write for an exposure of 1 to 5, the number for a level of 1 to 4. */
str otm_rating(int exposure);
str otm_impact(int level);
#endif
