/*
 * What strangers named, shown to people: on a terminal, in XML, in Markdown.
 *
 * Characters that move the cursor, turn the direction of writing or cannot be seen are spelled
 * out, as in \u{202e}, so that no name forges a line or reads as another one.
 */
#ifndef BASE_SHOW_H
#define BASE_SHOW_H
#include "base/base.h"

enum shown_as { SHOWN_PLAIN, SHOWN_XML, SHOWN_MARKDOWN };

/* The first `max` characters of `s`, with … when there are more, escaped for where they go. */
void show_text(struct buf *b, str s, isize max, enum shown_as as);
/* The same, plain, as a string. */
str show_str(struct arena *a, str s, isize max);
#endif
