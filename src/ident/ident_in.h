/* What the files of ident/ share. */
#ifndef IDENT_IDENT_IN_H
#define IDENT_IDENT_IN_H
#include "ident/ident.h"

/* A new random text of TOKEN_TEXT characters; only its hash is stored. */
str token_text(struct call *c);
void token_ddl(struct buf *b, str engine);
#endif
