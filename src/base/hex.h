/*
 * Bytes as text: hexadecimal, and base64 of RFC 4648 in both alphabets.
 * Decoders take exactly what encoders give: no blanks, no missing padding.
 */
#ifndef BASE_HEX_H
#define BASE_HEX_H
#include "base/buf.h"

void hex_print(struct buf *b, const void *bytes, isize n);
/* Exactly `n` bytes, lower or upper case. */
CHECKED bool hex_parse(str s, void *out, isize n);
/* With padding (RFC 4648, section 4). */
void base64_print(struct buf *b, const void *bytes, isize n);
/* Without padding, safe in addresses (section 5). */
void base64url_print(struct buf *b, const void *bytes, isize n);
/* Decodes section 4's form into `out`, which has room for `room` bytes; false when malformed,
   when a spare bit is set, or when it does not fit.  `*n` is the length. */
CHECKED bool base64_parse(str s, void *out, isize room, isize *n);
#endif
