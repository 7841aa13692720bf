/* What the files of ident/ share. */
#ifndef IDENT_IDENT_IN_H
#define IDENT_IDENT_IN_H
#include "ident/ident.h"

/* A new random text of TOKEN_TEXT characters; only its hash is stored. */
str token_text(struct call *c);
void token_ddl(struct buf *b, str engine);
/* Notes that the session (its hash, of 32 bytes) is used now; false when it was idle too long. */
CHECKED bool idle_use(const uint8_t *id, int64_t since_us, int64_t now_us);
#endif
