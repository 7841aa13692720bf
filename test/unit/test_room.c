/* A disk that fills is told of before it is full, once a step. */
#include "serve/serve_in.h"
#include "test.h"

#include <sys/statvfs.h>

/* The disk that the program sees in place of the machine's. */
static struct {
	fsblkcnt_t used, room;
} disk;

int statvfs(const char *path, struct statvfs *out)
{
	(void)path;
	*out = (struct statvfs){.f_frsize = 4096,
		.f_blocks = disk.used + disk.room,
		.f_bfree = disk.room,
		.f_bavail = disk.room};
	return 0;
}

int statvfs64(const char *path, struct statvfs64 *out);
int statvfs64(const char *path, struct statvfs64 *out)
{
	return statvfs(path, (struct statvfs *)(void *)out);
}

TEST(each_step_of_a_filling_disk_is_told_once, "LED-REQ-09")
{
	static const struct {
		fsblkcnt_t used;
		bool rises;
		const char *says;
	} days[] = {{10, false, ""}, {79, false, ""}, {80, true, "80 % full"},
		{85, false, "80 % full"}, {91, true, "90 % full"}, {70, false, ""},
		{80, true, "80 % full"}, {99, true, "almost full"}, {100, false, "almost full"}};
	struct room room = {0};
	int64_t now = 1;

	for (isize i = 0; i < COUNT_OF(days); i++, now += 20000000) {
		disk.used = days[i].used;
		disk.room = 100 - days[i].used;
		CHECK_INT(disk_used(t->arena, S("/")), (int)days[i].used);
		CHECK_INT(room_look(&room, t->arena, S("/"), now), days[i].rises);
		str says = str_of(days[i].says);
		CHECK(says.n ? str_find(room_warning(&room), says) >= 0
			     : room_warning(&room).n == 0);
	}
	/* Looked at once in ten seconds. */
	disk.used = 10;
	disk.room = 90;
	CHECK(!room_look(&room, t->arena, S("/"), now - 19999999));
	CHECK(str_find(room_warning(&room), S("almost full")) >= 0);
	atomic_store(&room.is_broken, true);
	CHECK(str_find(room_warning(&room), S("until Ward is restarted")) >= 0);
}

TEST(the_store_is_verified_once_a_day, "LED-REQ-02")
{
	CHECK_INT(nightly_next(true), 24 * 60 * 60);
	CHECK_INT(nightly_next(false), 60 * 60);
}

/* In seconds: how long ago it came round, whether it waits for the keeper, and what that means
   where a server may stand still for 30. */
TEST(a_change_may_take_ten_times_as_long_as_the_keeper, "")
{
	static const struct {
		int ago;
		bool is_at_keeper, hangs;
	} c[] = {{0, false, false}, {0, true, false}, {30, true, false}, {31, true, true},
		{300, false, false}, {301, false, true}};
	struct writer *w = NEW(t->arena, struct writer, 1);
	int64_t now = INT64_C(1000) * 1000000;

	CHECK(!writer_hangs(w, now, 30));
	for (isize i = 0; i < COUNT_OF(c); i++) {
		atomic_store(&w->moved_us, now - c[i].ago * INT64_C(1000000));
		atomic_store(&w->is_at_keeper, c[i].is_at_keeper);
		CHECK_INT(writer_hangs(w, now, 30), c[i].hangs);
	}
}

TEST(connections_leave_room_for_files, "")
{
	static const int64_t each[][2] = {{0, 2}, {40, 2}, {43, 2}, {44, 3}, {64, 18}, {256, 162},
		{1024, 738}, {2707, 2000}, {2708, 2000}, {INT64_C(1) << 40, 2000}};

	for (isize i = 0; i < COUNT_OF(each); i++)
		CHECK_INT(serve_connections(each[i][0]), each[i][1]);
}

TEST_MAIN()
