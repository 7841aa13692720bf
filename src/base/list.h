/*
 * Lists that grow: an array in an arena, twice as long each time it is full.
 *
 * What is left behind by a move is given back with the arena.  For lists whose length a
 * stranger chooses: no room is a result, not the end.
 */
#ifndef BASE_LIST_H
#define BASE_LIST_H
#include "base/arena.h"

/* Room for one more thing of `size` bytes behind `count` of them; moves the list when it must, and
   `*room` counts what fits then.  NULL when the arena has no room. */
void *list_grow(struct arena *a, void *list, isize count, isize *room, isize size);
#endif
