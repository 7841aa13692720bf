/* What the reader and the writer of CycloneDX share. */
#ifndef THREAT_CYCLONEDX_IN_H
#define THREAT_CYCLONEDX_IN_H
#include "threat/formats/importer.h"

/* Our word for a type of data store of theirs, "" when there is none. */
str cyclonedx_store_type(str theirs);
/* The type of an asset that we write for a kind; "" for what is not an asset there. */
str cyclonedx_asset_type(enum part_kind kind);
/* Names of the properties of the file that hold what is ours. */
extern const str cyclonedx_parts, cyclonedx_more;
#endif
