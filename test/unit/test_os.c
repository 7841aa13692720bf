/* Lists of files are whole; a log cannot be flooded; a file without a name leaves none behind. */
#include "os/os.h"
#include "test.h"

#include <sys/stat.h>
#include <unistd.h>

static str new_folder(struct test_case *t)
{
	struct err e = {.arena = t->arena};
	str folder = S("");

	CHECK(folder_temp(t->arena, &folder, &e));
	return folder;
}

TEST(a_part_of_a_folder_is_never_taken_for_the_whole, "")
{
	struct err e = {.arena = t->arena};
	str folder = new_folder(t), *files;
	isize count;

	for (int i = 0; i < 5; i++)
		CHECK(file_write(t->arena, str_fmt(t->arena, "%.*s/%d", STR_ARG(folder), i), S("x"),
			0600, &e));
	CHECK(folder_list(t->arena, folder, 5, &files, &count, &e));
	CHECK_INT(count, 5);
	CHECK(!folder_list(t->arena, folder, 4, &files, &count, &e));
	CHECK_INT(e.code, ERR_LIMIT);
	err_clear(&e);
	CHECK(folder_remove(t->arena, folder, &e));
}

/* 1,000 lines become 11, and the last says how many there were; another event has its own count. */
TEST(what_strangers_cause_is_logged_a_few_times, "")
{
	int written = 0;

	int quiet = dup(2);
	CHECK(freopen("/dev/null", "w", stderr) != NULL);
	for (int i = 0; i < 1000; i++)
		written += log_note_often("test.often", KV("n", S("x")));
	bool other = log_note_often("test.other", KV("n", S("x")));
	dup2(quiet, 2);
	close(quiet);
	CHECK_INT(written, 11);
	CHECK(other);
}

TEST(a_file_without_a_name_is_written_and_gone, "")
{
	struct err e = {.arena = t->arena};
	str folder = new_folder(t), *files;
	char back[8];
	isize count;
	int fd;

	CHECK(file_nameless(t->arena, folder, &fd, &e));
	CHECK(file_add(fd, S("abc"), &e) && file_add(fd, S("def"), &e));
	CHECK_INT(pread(fd, back, sizeof back, 0), 6);
	CHECK_STR(((str){back, 6}), S("abcdef"));
	CHECK(folder_list(t->arena, folder, 5, &files, &count, &e));
	CHECK_INT(count, 0);
	close(fd);
	CHECK(folder_remove(t->arena, folder, &e));
}

/* Whatever mask the shell had that started it. */
TEST(a_socket_is_for_its_user_until_told_otherwise, "")
{
	struct err e = {.arena = t->arena};
	str folder = new_folder(t), address = str_fmt(t->arena, "unix:%.*s/s", STR_ARG(folder));
	struct path_facts f;
	mode_t mask = umask(0);
	int fd;

	CHECK(socket_listen(address, &fd, &e));
	CHECK_INT(umask(mask), 0);
	CHECK(path_look(t->arena, str_part(address, 5, address.n), &f));
	CHECK_INT(f.mode, 0600);
	close(fd);
	CHECK(folder_remove(t->arena, folder, &e));
}

TEST(a_socket_lets_in_whom_its_mode_names, "")
{
	struct err e = {.arena = t->arena};
	str folder = new_folder(t), address = str_fmt(t->arena, "unix:%.*s/s", STR_ARG(folder));
	struct path_facts f;
	int fd;

	files_private();
	CHECK(socket_listen(address, &fd, &e));
	CHECK(path_look(t->arena, str_part(address, 5, address.n), &f));
	CHECK_INT(f.mode & 077, 0);
	CHECK(socket_open_to(t->arena, address, 0660, &e));
	CHECK(path_look(t->arena, str_part(address, 5, address.n), &f));
	CHECK_INT(f.mode, 0660);
	CHECK(!socket_open_to(t->arena, S("127.0.0.1:1"), 0660, &e));
	CHECK_INT(e.code, ERR_INVALID);
	err_clear(&e);
	close(fd);
	CHECK(folder_remove(t->arena, folder, &e));
}

TEST_MAIN()
