/* Whom a request counts for, and that nobody's requests hold up those of another. */
#include "site.h"

static str credential(void *who, const struct http_request *q)
{
	(void)who;
	return http_header(q, S("Authorization"));
}

#define ASKED_BY(path, who) TEXT("GET", path, "Connection: close\r\nAuthorization: " who "\r\n")

/* Two people behind one address, and strangers there who make up tokens: none of them keeps both
   workers; and not with a token that is seen for the first time either. */
TEST(nobody_keeps_all_workers_busy, "")
{
	static const str slow[] = {S_INIT(ASKED_BY("/slow", "of ada")),
		S_INIT(ASKED_BY("/slow", "invented")), S_INIT(ASKED_BY("/slow", "of bob"))};
	static const str more[] = {S_INIT(ASKED_BY("/slow", "of ada")),
		S_INIT(ASKED_BY("/slow", "another")), S_INIT(ASKED_BY("/slow", "of bob"))};

	for (isize i = 0; i < COUNT_OF(slow); i++) {
		struct site site;
		int held[2];
		site_open(&site, t, listen_here,
			(struct http_config){
				.jobs_max = 16, .credential = credential, .workers = WORKERS});
		/* Strangers have their address in common with ada, until she was seen once. */
		int seen = i == 1;
		if (seen)
			CHECK_INT(status_of(ask(&site, S(ASKED_BY("/a", "of ada")))), 200);
		held[0] = dial(&site);
		held[1] = dial(&site);
		say(held[0], slow[i]);
		CHECK(wait_for_taken(&site, seen + 1));
		say(held[1], more[i]);
		usleep(50000);
		CHECK_INT(atomic_load(&site.taken), seen + 1);
		CHECK_INT(status_of(ask(&site,
				  i == 0 ? S(ASKED_BY("/b", "of bob"))
					 : S(ASKED_BY("/b", "of ada")))),
			200);
		atomic_store(&site.may_go, true);
		CHECK_INT(status_of(hear(t, held[0])), 200);
		CHECK_INT(status_of(hear(t, held[1])), 200);
		close(held[0]);
		close(held[1]);
		site_close(&site);
	}
}

/* Who has twelve requests in line lets in who has one. */
TEST(everybody_has_turns_of_their_own, "")
{
	struct site site;
	int held[2], mine[12];

	site_open(&site, t, listen_here,
		(struct http_config){.jobs_max = 32, .credential = credential});
	CHECK_INT(status_of(ask(&site, S(ASKED_BY("/a", "of ada")))), 200);
	CHECK_INT(status_of(ask(&site, S(ASKED_BY("/a", "of bob")))), 200);
	for (int i = 0; i < 2; i++) {
		held[i] = dial(&site);
		say(held[i], S(ASKED_BY("/slow", "invented")));
	}
	CHECK(wait_for_taken(&site, 4));
	for (int i = 0; i < 12; i++) {
		mine[i] = dial(&site);
		say(mine[i], S(ASKED_BY("/b", "of ada")));
	}
	usleep(50000);
	int other = dial(&site);
	say(other, S(ASKED_BY("/late", "of bob")));
	usleep(50000);
	atomic_store(&site.may_go, true);
	CHECK_INT(status_of(hear(t, other)), 200);
	/* Of the twelve one is before it, and two are with the other worker at the most. */
	CHECK(atomic_load(&site.late) >= 5 && atomic_load(&site.late) <= 8);
	for (int i = 0; i < 12; i++) {
		CHECK_INT(status_of(hear(t, mine[i])), 200);
		close(mine[i]);
	}
	close(held[0]);
	close(held[1]);
	close(other);
	site_close(&site);
}

static void count(void *who)
{
	atomic_fetch_add((atomic_int *)who, 1);
}

/* It beats while it is idle and while work is done, and not while all workers hang. */
TEST(a_server_whose_workers_hang_does_not_beat, "")
{
	struct site site;
	atomic_int beats = 0;
	int held[3];

	site_open(&site, t, listen_here,
		(struct http_config){.jobs_max = 16,
			.queue_ms = PATIENCE_MS,
			.beat = count,
			.who = &beats,
			.beat_ms = 20,
			.stuck_ms = 300});
	usleep(400000);
	int before = atomic_load(&beats);
	CHECK(before >= 5);
	for (int i = 0; i < 2; i++) {
		held[i] = dial(&site);
		say(held[i], S(TEXT("GET", "/slow", "Connection: close\r\n")));
	}
	CHECK(wait_for_taken(&site, 2));
	/* Nobody waits: whatever they do, nobody misses them. */
	usleep(600000);
	before = atomic_load(&beats);
	usleep(200000);
	CHECK(atomic_load(&beats) > before);
	held[2] = dial(&site);
	say(held[2], S(TEXT("GET", "/a", "Connection: close\r\n")));
	usleep(600000);
	before = atomic_load(&beats);
	usleep(200000);
	CHECK_INT(atomic_load(&beats), before);
	atomic_store(&site.may_go, true);
	for (int i = 0; i < 3; i++) {
		CHECK_INT(status_of(hear(t, held[i])), 200);
		close(held[i]);
	}
	usleep(100000);
	CHECK(atomic_load(&beats) > before);
	site_close(&site);
}

/* Whatever the others put in line before and after, of each of them at most two are given between
   somebody's coming and their turn, when they did not wait yet. */
TEST(a_turn_comes_after_one_of_everybody, "")
{
	enum { CLIENTS = 6, LINE = 64 };
	struct http_turns *turns = NEW(t->arena, struct http_turns, 1);
	struct {
		uint64_t turn;
		int share, passed[CLIENTS];
		bool is_first;
	} line[LINE];
	int count = 0, waiting[CLIENTS] = {0};
	uint64_t state = 7;

	for (int step = 0; step < 20000; step++) {
		int share = (int)test_random(&state, CLIENTS);
		bool comes = count == 0 || (count < LINE && test_random(&state, 2));
		if (comes) {
			memset(&line[count], 0, sizeof line[count]);
			line[count].share = share;
			line[count].is_first = waiting[share]++ == 0;
			line[count++].turn = http_turn(turns, share);
			continue;
		}
		int best = 0;
		for (int i = 1; i < count; i++)
			if (line[i].turn < line[best].turn)
				best = i;
		share = line[best].share;
		for (int i = 0; i < CLIENTS && line[best].is_first; i++)
			CHECK(i == share || line[best].passed[i] <= 2);
		http_turn_given(turns, line[best].turn);
		waiting[share]--;
		count--;
		memmove(&line[best], &line[best + 1], (size_t)(count - best) * sizeof line[0]);
		for (int i = 0; i < count; i++)
			line[i].passed[share]++;
	}
}

TEST_MAIN()
