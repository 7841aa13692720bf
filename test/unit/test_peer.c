/* Who asks, as a proxy says it. */
#include "http/http_in.h"
#include "test.h"

#include <arpa/inet.h>
#include <netinet/in.h>

enum { LONG_BYTES = 16 << 20 }; /* longer than any stack */

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
	{"for=192.0.2.1, for=\"x, for=203.0.113.9; y\"", true, NULL, NULL},
	{"for=unknown", true, NULL, NULL},
	{"for=\"192.0.2.1", true, NULL, NULL},
	{"for=\"192.0.2.1\\\"\"", true, NULL, NULL},
	{"192.0.2.1", true, NULL, NULL},
	{"", true, NULL, NULL},
	{"0000:0000:0000:0000:0000:ffff:192.168.100.228", false, "192.168.100.228",
		"192.168.100.228"},
	{"0000:0000:0000:0000:0000:ffff:192.168.100.2280", false, NULL, NULL},
	{"192.0.2.1:0", false, "192.0.2.1", "192.0.2.1"},
	{"192.0.2.1:80:80", false, NULL, NULL},
	{"192.0.2.1x:80", false, NULL, NULL},
	{"[2001:db8::1]x80", false, NULL, NULL},
	{"[2001:db8::1]:", false, NULL, NULL},
	{",for=192.0.2.1", true, "192.0.2.1", "192.0.2.1"},
	{"x=y;for=192.0.2.1;by=z", true, "192.0.2.1", "192.0.2.1"},
	{"for=192.0.2.1;,", true, NULL, NULL},
	{"for=192.0.2.1;by=\\", true, NULL, NULL},
	{"for=192.0.2.1;by=\"x", true, NULL, NULL},
	/* A quote within one pair that another closes. */
	{"by=\";for=x192.0.2.1\"", true, NULL, NULL},
	{"for=\"192.0.2.1x;by=\"", true, NULL, NULL},
	{"for=\"", true, NULL, NULL},
	{"for=\"\"", true, NULL, NULL},
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

/* Limits count by these bytes. */
TEST(an_address_is_its_family_and_what_is_counted_of_it, "")
{
	static const unsigned char v4[HTTP_PEER_BYTES] = {4, 192, 0, 2, 1};
	static const unsigned char v6[HTTP_PEER_BYTES] = {6, 0x20, 1, 0xd, 0xb8, 0, 1, 0, 2};
	struct http_peer p;

	CHECK(http_forwarded(S("192.0.2.1"), false, &p));
	CHECK(memcmp(p.address, v4, sizeof v4) == 0);
	CHECK(http_forwarded(S("::ffff:192.0.2.1"), false, &p));
	CHECK(memcmp(p.address, v4, sizeof v4) == 0);
	CHECK(http_forwarded(S("2001:db8:1:2:3:4:5:6"), false, &p));
	CHECK(memcmp(p.address, v6, sizeof v6) == 0);
}

TEST(what_stands_behind_a_value_is_not_read, "")
{
	struct http_peer p;

	CHECK(http_forwarded(str_part(S("for=192.0.2.1\\"), 0, 13), true, &p));
	CHECK(http_forwarded(str_part(S("for=192.0.2.1\""), 0, 13), true, &p));
	CHECK(http_forwarded(str_part(S("for=192.0.2.1,"), 0, 13), true, &p));
	CHECK(http_forwarded(str_part(S("[2001:db8::1]x"), 0, 13), false, &p));
	CHECK(!http_forwarded(S("192.0.2.1\0"), false, &p));
	char *long_one = NEW(t->arena, char, LONG_BYTES);
	memset(long_one, '1', LONG_BYTES);
	CHECK(!http_forwarded((str){long_one, LONG_BYTES}, false, &p));
	CHECK(!http_forwarded(S("192.0.2.1\0:80"), false, &p));
}

TEST(the_other_end_of_a_connection_has_its_address, "")
{
	struct sockaddr_storage from = {.ss_family = AF_UNIX};
	struct sockaddr_in v4 = {.sin_family = AF_INET};
	struct sockaddr_in6 v6 = {.sin6_family = AF_INET6};
	struct http_peer p;

	peer_of_socket(&from, &p);
	CHECK_STR(str_of(p.name), S("unix"));
	CHECK_STR(str_of(p.share), S("unix"));
	CHECK_INT(p.address[0], 0);
	CHECK_INT(inet_pton(AF_INET, "192.0.2.1", &v4.sin_addr), 1);
	memcpy(&from, &v4, sizeof v4);
	peer_of_socket(&from, &p);
	CHECK_STR(str_of(p.name), S("192.0.2.1"));
	CHECK_STR(str_of(p.share), S("192.0.2.1"));
	CHECK_INT(p.address[0], 4);
	CHECK_INT(inet_pton(AF_INET6, "2001:db8:1:2:3::4", &v6.sin6_addr), 1);
	memcpy(&from, &v6, sizeof v6);
	peer_of_socket(&from, &p);
	CHECK_STR(str_of(p.name), S("2001:db8:1:2:3::4"));
	CHECK_STR(str_of(p.share), S("2001:db8:1:2::/64"));
	CHECK_INT(p.address[0], 6);
}

/* A proxy that adds a line of its own adds the last one. */
TEST(the_last_line_of_the_header_counts, "")
{
	struct http_request q = {.header_count = 3};
	struct http_peer p;

	q.header[0] = (struct http_header){S("X-Forwarded-For"), S("203.0.113.9")};
	q.header[1] = (struct http_header){S("x-forwarded-for"), S("192.0.2.1")};
	q.header[2] = (struct http_header){S("Forwarded"), S("for=198.51.100.7")};
	CHECK(peer_of_request(S("X-Forwarded-For"), &q, &p));
	CHECK_STR(str_of(p.name), S("192.0.2.1"));
	CHECK(peer_of_request(S("Forwarded"), &q, &p));
	CHECK_STR(str_of(p.name), S("198.51.100.7"));
	CHECK(!peer_of_request(S(""), &q, &p));
	CHECK(!peer_of_request(S("X-Real-Ip"), &q, &p));
	q.header_count = 1;
	CHECK(peer_of_request(S("X-Forwarded-For"), &q, &p));
	CHECK_STR(str_of(p.name), S("203.0.113.9"));
	CHECK(!peer_of_request(S("Forwarded"), &q, &p));
	q.header_count = 0;
	CHECK(!peer_of_request(S("X-Forwarded-For"), &q, &p));
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
