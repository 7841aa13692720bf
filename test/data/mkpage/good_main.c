/* Renders good_all.html with values that want escaping; mkpage.t compares what is printed. */
#include "os/os.h"
#include "pages.h"

int main(void)
{
	static const struct thing item[] = {
		{S_INIT("R/1?"), S_INIT("A&B <\"'>"), S_INIT("java\nscript:alert(1)")},
		{S_INIT("R-2"), S_INIT("</textarea>"), S_INIT("https://x.example/a b?c=d&e")},
		{S_INIT(".."), S_INIT("é"), S_INIT("/plain#x")},
	};
	struct arena a;
	struct buf w;

	arena_init(&a, os_reserve(8 << 20), 8 << 20);
	buf_init(&w, &a, 1 << 20);
	list_html(&w, item, COUNT_OF(item));
	fwrite(w.p, 1, (size_t)w.n, stdout);
	return 0;
}
