#include "test.h"
#include "web/web.h"

TEST(a_loopback_server_answers_to_loopback_and_its_own_name_alone, "")
{
	static const char *const ours[] = {"127.0.0.1:8080", "127.0.0.1", "127.8.9.10:1",
		"localhost", "LocalHost:8080", "[::1]", "[::1]:8080", "ward.example",
		"Ward.Example", ""};
	static const char *const others[] = {"evil.example", "evil.example:8080",
		"127.0.0.1.evil.example", "127.evil.example", "127.0.0", "127.0.0.1.",
		"127.0.0.256", "127.0.0.1.1", "localhost.evil.example", "evil-localhost",
		"[::2]:8080", "::1", "[::1", "10.0.0.1", "0.0.0.0:8080", "ward.example:444",
		"ward.example.evil", "2130706433", "127.1", ":8080", "localhost:8080:1",
		"user@localhost"};
	struct web_site site = {.origin = S("https://ward.example"), .is_tcp = true};

	for (isize i = 0; i < COUNT_OF(ours); i++)
		if (!web_site_names(&site, str_of(ours[i])))
			test_fail(t, __FILE__, __LINE__, "%s is refused", ours[i]);
	for (isize i = 0; i < COUNT_OF(others); i++)
		if (web_site_names(&site, str_of(others[i])))
			test_fail(t, __FILE__, __LINE__, "%s is answered", others[i]);
	site.origin = S("");
	CHECK(!web_site_names(&site, S("ward.example")) && web_site_names(&site, S("localhost:1")));
	/* Whoever reaches a Unix socket is the proxy, which knows its own names. */
	site.is_tcp = false;
	CHECK(web_site_names(&site, S("ward.example")));
}

TEST_MAIN()
