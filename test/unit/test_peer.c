/* Who asks, as a proxy says it. */
#include "http/http.h"
#include "test.h"

struct said {
	const char *value;
	bool is_standard;
	const char *name, *share; /* NULL: nobody */
};

static const struct said all[] = {
	{"192.0.2.1", false, "192.0.2.1", "192.0.2.1"},
	{"10.0.0.1, 203.0.113.9 , 192.0.2.1", false, "192.0.2.1", "192.0.2.1"},
	{"192.0.2.1:4711", false, "192.0.2.1", "192.0.2.1"},
	{"x, 2001:db8:1:2:3::4", false, "2001:db8:1:2:3::4", "2001:db8:1:2::/64"},
	{"[2001:DB8::1]", false, "2001:db8::1", "2001:db8::/64"},
	{"[2001:db8::1]:65535", false, "2001:db8::1", "2001:db8::/64"},
	{"::ffff:192.0.2.1", false, "192.0.2.1", "192.0.2.1"},
	{"64:ff9b::192.0.2.1", false, "64:ff9b::c000:201", "64:ff9b::/64"},
	{"", false, NULL, NULL},
	{"192.0.2.1,", false, NULL, NULL},
	{"192.0.2.1, unknown", false, NULL, NULL},
	{"192.0.2.1, _hidden", false, NULL, NULL},
	{"192.0.2", false, NULL, NULL},
	{"192.0.2.1.5", false, NULL, NULL},
	{"192.0.2.1:", false, NULL, NULL},
	{"192.0.2.1:65536", false, NULL, NULL},
	{"192.0.2.1:-1", false, NULL, NULL},
	{"192.0.2.1 5", false, NULL, NULL},
	{"[192.0.2.1]", false, NULL, NULL},
	{"[2001:db8::1", false, NULL, NULL},
	{"2001:db8::1]", false, NULL, NULL},
	{"[2001:db8::1]x", false, NULL, NULL},
	{"[2001:db8::1]:x", false, NULL, NULL},
	{"[]", false, NULL, NULL},
	{"fe80::1%eth0", false, NULL, NULL},
	{"1111:2222:3333:4444:5555:6666:7777:8888:9999:aaaa:bbbb", false, NULL, NULL},
	{"for=192.0.2.1", false, NULL, NULL},
	{"for=192.0.2.1", true, "192.0.2.1", "192.0.2.1"},
	{"For=\"[2001:db8:cafe::17]:4711\"", true, "2001:db8:cafe::17", "2001:db8:cafe::/64"},
	{"for=203.0.113.9, proto=https;for=192.0.2.1;by=x", true, "192.0.2.1", "192.0.2.1"},
	{"for=\"x, for=203.0.113.9\", for=192.0.2.1", true, "192.0.2.1", "192.0.2.1"},
	{"for=192.0.2.1, for=\"x, for=203.0.113.9\"", true, NULL, NULL},
	{"for=192.0.2.1, by=x", true, NULL, NULL},
	{"for=192.0.2.1,", true, NULL, NULL},
	{"for=192.0.2.1;for=203.0.113.9", true, NULL, NULL},
	{"for=unknown", true, NULL, NULL},
	{"for=\"192.0.2.1", true, NULL, NULL},
	{"for=\"192.0.2.1\\\"\"", true, NULL, NULL},
	{"192.0.2.1", true, NULL, NULL},
	{"", true, NULL, NULL},
};

TEST(a_proxy_names_the_address_that_it_added_last, "")
{
	for (isize i = 0; i < COUNT_OF(all); i++) {
		struct http_peer p;
		bool is_known = http_forwarded(str_of(all[i].value), all[i].is_standard, &p);
		if (is_known != (all[i].name != NULL))
			test_fail(t, __FILE__, __LINE__, "%s", all[i].value);
		if (is_known && all[i].name) {
			CHECK_STR(str_of(p.name), str_of(all[i].name));
			CHECK_STR(str_of(p.share), str_of(all[i].share));
			CHECK(p.address[0] == 4 || p.address[0] == 6);
		}
	}
}

/* Whatever somebody sends before what the proxy adds changes nothing, but for quotes that hide the
   end; then nobody is named, and never who the sender wants. */
TEST(nobody_chooses_their_own_address, "")
{
	static const char bits[] = "0123456789abcdef.:,;[]\"= for";
	uint32_t random = 1;

	for (int round = 0; round < 20000; round++) {
		char text[40];
		struct http_peer p;
		int n = 0;
		for (; n < (int)(random >> 27); n++) {
			random = random * 1664525 + 1013904223;
			text[n] = bits[(random >> 16) % (sizeof bits - 1)];
		}
		random = random * 1664525 + 1013904223;
		str said = {text, n};
		CHECK(http_forwarded(
			str_fmt(t->arena, "%.*s, 192.0.2.1", STR_ARG(said)), false, &p));
		CHECK_STR(str_of(p.name), S("192.0.2.1"));
		if (http_forwarded(
			    str_fmt(t->arena, "%.*s, for=192.0.2.1", STR_ARG(said)), true, &p))
			CHECK_STR(str_of(p.name), S("192.0.2.1"));
	}
}

TEST_MAIN()
