/* What writing and checking exported logs share. */
#ifndef LEDGER_EXPORT_IN_H
#define LEDGER_EXPORT_IN_H
#include "ledger/stranger.h"
#include "os/os.h"

/* A full bundle of the longest entries is the largest file of all. */
enum { EXPORT_FILE_BYTES = TILE_WIDTH * (LIMIT_LEAF_BYTES + 2) };
/* "FOLDER/tile/0/x001/234.p/5" */
str export_path(struct arena *a, str folder, const struct tile_place *t);
#endif
