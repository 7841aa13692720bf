/* What was found so far, in the order in which it was found. */
#include "threat/engine/evaluate_in.h"

bool facts_no_room(struct bound *b)
{
	return FAIL(b->err, ERR_LIMIT, "the model has more threats than there is memory for");
}

bool seen_add(struct bound *b, const struct threat_finding *f)
{
	struct seen *s = &b->seen;
	struct threat_finding *list =
		list_grow(b->arena, s->list, s->count, &s->room, (isize)sizeof *list);

	if (!list)
		return facts_no_room(b);
	s->list = list;
	list[s->count++] = *f;
	return true;
}
