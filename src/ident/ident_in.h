/* What the files of ident/ share. */
#ifndef IDENT_IDENT_IN_H
#define IDENT_IDENT_IN_H
#include "ident/ident.h"

/* A new random text of TOKEN_TEXT characters; only its hash is stored. */
str token_text(struct call *c);
/* Whether a password is made of so few common pieces that it is among the first that are tried. */
bool password_is_easy(struct arena *a, str password, str sign_in);
/* A MAC of the two texts, with a key that ends with the process. */
str sign_in_mac(struct call *c, str name, str from);

/* ---- brake.c: a name that many try is tried slowly, wherever they are ---- */

/* When the name may be tried next from there; 0: now. */
CHECKED bool brake_look(struct call *c, str name, str from, int64_t *until_us);
CHECKED bool brake_failed(struct call *c, str name);
/* The failures in a row are over, and the place is known. */
CHECKED bool brake_worked(struct call *c, str name, str from);
/* Old counts go, and those above SIGN_IN_PAIRS_MAX names. */
CHECKED bool brake_forget(struct call *c);

void token_ddl(struct buf *b, str engine);
/* Whether the session (its hash, of 32 bytes) was idle too long; and noting that it is used now,
   false when it was. */
CHECKED bool idle_over(const uint8_t *id, int64_t since_us, int64_t now_us);
CHECKED bool idle_use(const uint8_t *id, int64_t since_us, int64_t now_us);
#endif
