/*
 * Prints what every role of the worked example may do: each route of the pages and the API, then
 * each kind (r read, w write).  test/golden/access.txt is its output; a change to it is read by a
 * second person.
 */
#include "api/api_in.h"
#include "demo/demo.h"
#include "kinds.h"
#include "store.h"
#include "web/web_in.h"

enum { ROLES = 40, ARENA = 512 << 20 };

static struct {
	str ref;
	struct grant grant;
} role[ROLES];
static int roles;

struct test_case *test_all; /* the fixture brings the runner along */

static void read_roles(struct call *c)
{
	struct query q = {.limit = ROLES};
	struct list list;

	q.filter[0] = (struct filter){
		.field = kind_field(&kinds[KIND_ROLE], S("kind")), .value = S("organization")};
	q.filter_count = 1;
	if (!kind_list(c, &kinds[KIND_ROLE], &q, &list))
		return;
	for (isize i = 0; i < list.count; i++) {
		const struct role *r = list.item[i];
		role[roles].ref = r->rec.ref;
		for (isize n = 0; n < r->rights.count; n++)
			right_match(r->rights.item[n], role[roles].grant.right);
		roles++;
	}
}

static bool may(int n, int right)
{
	return role[n].grant.right[right / 64] >> (right % 64) & 1;
}

static void print_route(const char *method, str path, int right)
{
	printf("%-6s %-28.*s ", method, STR_ARG(path));
	if (right == PUBLIC)
		printf("anybody\n");
	else if (right == SIGNED_IN)
		printf("anybody who is signed in\n");
	else if (right == BY_KIND)
		printf("as the kind says\n");
	else {
		printf("%.*s:", STR_ARG(right_name(right)));
		for (int n = 0; n < roles; n++)
			if (may(n, right))
				printf(" %.*s", STR_ARG(role[n].ref));
		printf("\n");
	}
}

static const char *access_word(int n, const struct kind *k)
{
	return may(n, k->can_write) ? "rw" : may(n, k->can_read) ? "r" : "-";
}

static void print_kinds(void)
{
	printf("\n%-16s", "kind");
	for (int n = 0; n < roles; n++)
		printf(" %5.*s", STR_ARG(str_part(role[n].ref, 2, 7)));
	printf("\n");
	for (int i = 0; i < kind_count; i++) {
		printf("%-16.*s", STR_ARG(kinds[i].name));
		for (int n = 0; n < roles; n++)
			printf(" %5s", access_word(n, &kinds[i]));
		printf("\n");
	}
}

int main(void)
{
	static const char *const methods[] = {
		"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"};
	struct test_case t = {.name = "access"};
	struct demo_report report = {0};
	struct demo_files files;
	struct err e = {0};
	struct arena a;

	arena_init(&a, os_reserve(ARENA), ARENA);
	t.arena = &a;
	struct call *c = store_open(&t, S("2025-11-01T08:00:00Z"));
	if (!file_read(&a, S("examples/surgerycloud/tables.json"), 8 << 20, &files.tables, &e) ||
		!file_read(&a, S("examples/surgerycloud/extra.json"), 8 << 20, &files.extra, &e) ||
		!demo_load(c, &files, &report)) {
		fprintf(stderr, "%s%s\n", e.text, c->err.text);
		return 1;
	}
	read_roles(c);
	for (isize i = 0; i < web_route_count; i++)
		print_route(methods[web_routes[i].method], web_routes[i].path, web_routes[i].right);
	for (isize i = 0; i < api_route_count; i++)
		print_route(methods[api_routes[i].method], api_routes[i].path, api_routes[i].right);
	print_kinds();
	store_close(&t, c);
	arena_reset(&a);
	return t.failures > 0;
}
