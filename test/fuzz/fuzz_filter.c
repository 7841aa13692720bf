/* The input is the filter of a threat type. */
#include "fuzz_template.h"

static void put_escaped(struct buf *b, str s)
{
	for (isize i = 0; i < s.n; i++)
		switch (s.p[i]) {
		case '<':
			buf_add(b, S("&lt;"));
			break;
		case '&':
			buf_add(b, S("&amp;"));
			break;
		default:
			buf_char(b, s.p[i]);
		}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	enum { BYTES = 16 << 20 };
	static struct arena a;
	struct err e = {.arena = &a};
	struct template *t;
	struct buf b;

	if (!a.size)
		arena_init(&a, os_reserve(BYTES), BYTES);
	arena_reset(&a);
	buf_init(&b, &a, LIMIT_RECORD_BYTES);
	buf_add(&b,
		S("<KnowledgeBase><GenericElements><ElementType><ID>GE.P</ID><Attributes>"
		  "<Attribute><Name>x</Name><Mode>Dynamic</Mode><AttributeValues><Value>a</Value>"
		  "</AttributeValues></Attribute></Attributes></ElementType><ElementType>"
		  "<ID>P.Sub</ID><ParentElement>GE.P</ParentElement></ElementType>"
		  "</GenericElements><ThreatTypes><ThreatType><Id>T</Id><GenerationFilters>"
		  "<Include>"));
	put_escaped(&b, (str){(const char *)data, (isize)size});
	buf_add(&b, S("</Include></GenerationFilters></ThreatType></ThreatTypes></KnowledgeBase>"));
	if (b.full)
		return 0;
	if (template_read(&a, &e, buf_str(&b), &t))
		fuzz_evaluate(&a, fuzz_drawing(&a), t);
	else
		assert(e.code == ERR_LIMIT || (e.line > 0 && e.column > 0));
	return 0;
}
