/*
 * Files and folders: whole or not at all, and what is said of what the disk refuses.
 *
 * open(), read(), write(), fsync(), close() and rename() stand here in place of libc's, so that a
 * test says which of them fails and how.
 */
#include "os/os.h"
#include "test.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

enum call_of {
	NO_CALL,
	OPEN,
	OPEN_FOLDER,
	READ,
	WRITE,
	FSYNC,
	FSYNC_FOLDER,
	CLOSE,
	RENAME,
	GETRANDOM,
	OPENDIR, /* of a folder whose name ends in "-shut" */
	TMPFILE,
	MKOSTEMP, /* and TMPFILE before it */
	WRITE_NOTHING,
	FSTATVFS
};

static struct {
	enum call_of call;
	int why;     /* errno, or EINTR: once */
	isize piece; /* how many bytes at a time, 0: all */
	int fsyncs, folder_fsyncs;
	ino_t folder; /* the one synced last */
	struct statvfs disk;
} plan;

static bool is_due(enum call_of call)
{
	if (plan.call != call)
		return false;
	if (plan.why == EINTR)
		plan.call = NO_CALL;
	errno = plan.why;
	return true;
}

static bool is_folder(int fd)
{
	struct stat s;

	if (fstat(fd, &s) != 0 || !S_ISDIR(s.st_mode))
		return false;
	plan.folder = s.st_ino;
	return true;
}

int open(const char *path, int flags, ...)
{
	va_list ap;

	va_start(ap, flags);
	bool is_nameless = (flags & O_TMPFILE) == O_TMPFILE;
	mode_t mode = flags & O_CREAT || is_nameless ? va_arg(ap, mode_t) : 0;
	va_end(ap);
	if (is_nameless && plan.call == MKOSTEMP) {
		errno = EOPNOTSUPP;
		return -1;
	}
	if (is_nameless && is_due(TMPFILE))
		return -1;
	if (!is_nameless && is_due(flags & O_DIRECTORY ? OPEN_FOLDER : OPEN))
		return -1;
	return (int)syscall(SYS_openat, AT_FDCWD, path, flags, mode);
}

ssize_t read(int fd, void *p, size_t n)
{
	if (is_due(READ))
		return -1;
	if (plan.piece && n > (size_t)plan.piece)
		n = (size_t)plan.piece;
	return syscall(SYS_read, fd, p, n);
}

ssize_t write(int fd, const void *p, size_t n)
{
	if (fd > 2 && is_due(WRITE))
		return -1;
	if (fd > 2 && is_due(WRITE_NOTHING))
		return 0;
	if (fd > 2 && plan.piece && n > (size_t)plan.piece)
		n = (size_t)plan.piece;
	return syscall(SYS_write, fd, p, n);
}

int fsync(int fd)
{
	bool folder = is_folder(fd);

	plan.fsyncs += !folder;
	plan.folder_fsyncs += folder;
	return is_due(folder ? FSYNC_FOLDER : FSYNC) ? -1 : (int)syscall(SYS_fsync, fd);
}

int close(int fd)
{
	bool fails = fd > 2 && !is_folder(fd) && is_due(CLOSE);
	int result = (int)syscall(SYS_close, fd);

	return fails ? -1 : result;
}

int rename(const char *from, const char *to)
{
	return is_due(RENAME) ? -1 : (int)syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0);
}

ssize_t getrandom(void *p, size_t n, unsigned flags);
ssize_t getrandom(void *p, size_t n, unsigned flags)
{
	return is_due(GETRANDOM) ? -1 : syscall(SYS_getrandom, p, n, flags);
}

int mkostemp(char *path, int flags)
{
	if (is_due(MKOSTEMP))
		return -1;
	memcpy(path + str_of(path).n - 6, "abcdef", 6);
	return (int)syscall(SYS_openat, AT_FDCWD, path, O_RDWR | O_CREAT | O_EXCL | flags, 0600);
}

int fstatvfs(int fd, struct statvfs *out)
{
	(void)fd;
	*out = plan.disk;
	return is_due(FSTATVFS) ? -1 : 0;
}

DIR *opendir(const char *path)
{
	if (str_ends(str_of(path), S("-shut")) && is_due(OPENDIR))
		return NULL;
	long fd = syscall(SYS_openat, AT_FDCWD, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
	return fd < 0 ? NULL : fdopendir((int)fd);
}

static void fails_at(enum call_of call, int why)
{
	memset(&plan, 0, sizeof plan);
	plan.call = call;
	plan.why = why;
	plan.disk = (struct statvfs){.f_bavail = 1000, .f_frsize = 1, .f_blocks = 1000};
}

/* A new folder; the test removes it. */
static str new_folder(struct test_case *t)
{
	struct err e = {.arena = t->arena};
	str folder = S("");

	fails_at(NO_CALL, 0);
	if (!folder_temp(t->arena, &folder, &e))
		test_fail(t, __FILE__, __LINE__, "%s", e.text);
	return folder;
}

static void remove_folder(struct test_case *t, str folder)
{
	struct err e = {.arena = t->arena};

	fails_at(NO_CALL, 0);
	if (!folder_remove(t->arena, folder, &e))
		test_fail(t, __FILE__, __LINE__, "%s", e.text);
}

static str in(struct test_case *t, str folder, const char *name)
{
	return str_fmt(t->arena, "%.*s/%s", STR_ARG(folder), name);
}

/* Names in a folder, hidden ones too. */
static int entries_of(struct test_case *t, str folder)
{
	DIR *d = opendir(cstr(t->arena, folder));
	int count = 0;

	while (d && readdir(d))
		count++;
	if (d)
		closedir(d);
	return count - 2;
}

static int next_descriptor(void)
{
	int fd = dup(2);

	syscall(SYS_close, fd);
	return fd;
}

static str bytes_of(struct test_case *t, isize n)
{
	char *p = NEW(t->arena, char, n + 1);

	for (isize i = 0; i < n; i++)
		p[i] = (char)('a' + i % 23 + i / 1000 % 3);
	return (str){p, n};
}

static str content_of(struct test_case *t, str path)
{
	struct err e = {.arena = t->arena};
	str out = S("?");

	fails_at(NO_CALL, 0);
	CHECK(file_read(t->arena, path, 8 << 20, &out, &e));
	return out;
}

TEST(a_file_comes_back_whole_up_to_its_limit, "")
{
	static const isize sizes[] = {
		0, 1, 65535, 65536, 65537, 131072, 262143, 262144, 262145, 1 << 20, (1 << 20) + 1};
	str folder = new_folder(t), path = in(t, folder, "f");
	int next = next_descriptor();

	for (isize i = 0; i < COUNT_OF(sizes); i++)
		for (int piece = 0; piece < 2; piece++) {
			struct err e = {.arena = t->arena}, late = {.arena = t->arena};
			str want = bytes_of(t, sizes[i]), got;
			fails_at(NO_CALL, 0);
			plan.piece = piece ? 4099 : 0;
			CHECK(file_write(t->arena, path, want, 0600, &e));
			CHECK(file_read(t->arena, path, sizes[i], &got, &e));
			CHECK(got.n == want.n && memcmp(got.p, want.p, (size_t)want.n) == 0);
			if (sizes[i] == 0)
				continue;
			CHECK(!file_read(t->arena, path, sizes[i] - 1, &got, &late));
			CHECK_INT(late.code, ERR_LIMIT);
			CHECK_STR(err_text(&late),
				str_fmt(t->arena, "%.*s is larger than %td bytes", STR_ARG(path),
					sizes[i] - 1));
		}
	CHECK_INT(next_descriptor(), next);
	remove_folder(t, folder);
}

TEST(every_error_of_the_system_has_its_code, "")
{
	static const struct {
		int why;
		enum err_code code;
	} cases[] = {{ENOENT, ERR_MISSING}, {ENOTDIR, ERR_MISSING}, {EACCES, ERR_DENIED},
		{EPERM, ERR_DENIED}, {EROFS, ERR_DENIED}, {ENAMETOOLONG, ERR_INVALID},
		{ELOOP, ERR_INVALID}, {EEXIST, ERR_CONFLICT}, {EIO, ERR_FAULT}, {ENOSPC, ERR_FAULT},
		{EDQUOT, ERR_FAULT}};

	for (isize i = 0; i < COUNT_OF(cases); i++) {
		struct err e = {.arena = t->arena};
		str got;
		fails_at(OPEN, cases[i].why);
		CHECK(!file_read(t->arena, S("/dev/null"), 10, &got, &e));
		CHECK_INT(e.code, cases[i].code);
		bool is_full = cases[i].why == ENOSPC || cases[i].why == EDQUOT;
		CHECK_STR(err_text(&e),
			is_full ? S("cannot open /dev/null: the disk is full; make room and try "
				    "again")
				: str_fmt(t->arena, "cannot open /dev/null: %s",
					  strerror(cases[i].why)));
	}
	fails_at(NO_CALL, 0);
}

TEST(reading_goes_on_after_a_signal_and_ends_at_an_error, "")
{
	str folder = new_folder(t), path = in(t, folder, "f"), got;
	struct err good = {.arena = t->arena}, bad = {.arena = t->arena}, e = {.arena = t->arena};
	int next = next_descriptor();

	CHECK(file_write(t->arena, path, S("content"), 0600, &good));
	fails_at(READ, EINTR);
	CHECK(file_read(t->arena, path, 100, &got, &good));
	CHECK_STR(got, S("content"));
	fails_at(READ, EIO);
	CHECK(!file_read(t->arena, path, 100, &got, &bad));
	CHECK_INT(bad.code, ERR_FAULT);
	CHECK(str_starts(err_text(&bad), S("cannot read ")));
	fails_at(NO_CALL, 0);
	CHECK(!file_read(t->arena, folder, 100, &got, &e));
	CHECK_INT(e.code, ERR_INVALID);
	CHECK(str_ends(err_text(&e), S(" is a folder, not a file")));
	CHECK_INT(next_descriptor(), next);
	remove_folder(t, folder);
}

TEST(standard_input_is_read_and_stays_open, "")
{
	str folder = new_folder(t), path = in(t, folder, "f"), got;
	struct err e = {.arena = t->arena};
	int was = dup(0);

	CHECK(file_write(t->arena, path, S("typed"), 0600, &e));
	int fd = open(cstr(t->arena, path), O_RDONLY);
	CHECK(dup2(fd, 0) == 0);
	syscall(SYS_close, fd);
	CHECK(file_read(t->arena, S("-"), 100, &got, &e));
	CHECK_STR(got, S("typed"));
	CHECK(fcntl(0, F_GETFD) >= 0);
	dup2(was, 0);
	syscall(SYS_close, was);
	remove_folder(t, folder);
}

TEST(a_file_without_memory_for_it_is_refused, "")
{
	enum { BYTES = 2 * ARENA_RESERVE };
	str folder = new_folder(t), path = in(t, folder, "f"), got;
	struct err e = {.arena = t->arena};
	struct arena a;

	CHECK(file_write(t->arena, path, bytes_of(t, 70000), 0600, &e));
	arena_init(&a, os_reserve(BYTES), BYTES);
	for (isize room = 1000; room < 300000; room += 99000) {
		struct err late = {.arena = t->arena};
		test_room(&a, room);
		CHECK(!file_read(&a, path, 1 << 20, &got, &late));
		CHECK_INT(late.code, ERR_LIMIT);
		CHECK(str_ends(err_text(&late), S(" needs more memory than there is")));
	}
	test_room(&a, 400000);
	CHECK(file_read(&a, path, 1 << 20, &got, &e) && got.n == 70000);
	arena_reset(&a);
	remove_folder(t, folder);
}

/* ---- writing ---- */

TEST(a_file_is_replaced_whole_and_with_its_mode, "")
{
	str folder = new_folder(t), path = in(t, folder, "f");
	struct err e = {.arena = t->arena};
	struct stat s;

	umask(0);
	for (int mode = 0600; mode <= 0644; mode += 044) {
		plan.fsyncs = plan.folder_fsyncs = 0;
		CHECK(file_write(t->arena, path, bytes_of(t, 5000 - mode), mode, &e));
		CHECK(content_of(t, path).n == 5000 - mode);
		CHECK(stat(cstr(t->arena, path), &s) == 0 && (s.st_mode & 0777) == (mode_t)mode);
		CHECK_INT(entries_of(t, folder), 1);
	}
	plan.fsyncs = plan.folder_fsyncs = 0;
	CHECK(file_write(t->arena, path, S("x"), 0600, &e));
	CHECK(plan.fsyncs == 1 && plan.folder_fsyncs == 1);
	CHECK(stat(cstr(t->arena, folder), &s) == 0 && plan.folder == s.st_ino);
	remove_folder(t, folder);
}

/* Whoever runs without standard input gets 0 as a descriptor like any other. */
TEST(descriptor_0_is_one_like_the_others, "")
{
	str folder = new_folder(t), path = in(t, folder, "f"), got;
	struct err e = {.arena = t->arena};
	int was = dup(0);

	syscall(SYS_close, 0);
	CHECK(file_write(t->arena, path, S("content"), 0600, &e));
	CHECK(file_read(t->arena, path, 100, &got, &e));
	CHECK_STR(got, S("content"));
	CHECK(mkfifo(cstr(t->arena, in(t, folder, "pipe")), 0600) == 0);
	int reader = open(cstr(t->arena, in(t, folder, "pipe")), O_RDONLY | O_NONBLOCK);
	int other = dup(reader);
	if (reader == 0)
		syscall(SYS_close, reader);
	CHECK(file_write(t->arena, in(t, folder, "pipe"), S("x"), 0600, &e));
	CHECK_STR(err_text(&e), S(""));
	syscall(SYS_close, other);
	dup2(was, 0);
	syscall(SYS_close, was);
	remove_folder(t, folder);
}

/* Whichever step fails, what stood there stands there still, or the new whole; nothing else. */
TEST(a_write_that_fails_leaves_what_was_there, "")
{
	static const enum call_of steps[] = {
		OPEN, WRITE, FSYNC, CLOSE, RENAME, OPEN_FOLDER, FSYNC_FOLDER, GETRANDOM};
	str folder = new_folder(t), path = in(t, folder, "f");
	int next = next_descriptor();

	for (isize i = 0; i < COUNT_OF(steps); i++) {
		struct err good = {.arena = t->arena}, e = {.arena = t->arena};
		fails_at(NO_CALL, 0);
		CHECK(file_write(t->arena, path, S("old"), 0600, &good));
		fails_at(steps[i], EIO);
		CHECK(!file_write(t->arena, path, S("new"), 0600, &e));
		CHECK_INT(e.code, ERR_FAULT);
		CHECK_STR(err_text(&e),
			str_fmt(t->arena, "cannot write %.*s: Input/output error", STR_ARG(path)));
		bool is_late = steps[i] == OPEN_FOLDER || steps[i] == FSYNC_FOLDER;
		CHECK_STR(content_of(t, path), is_late ? S("new") : S("old"));
		CHECK_INT(entries_of(t, folder), 1);
		CHECK_INT(next_descriptor(), next);
	}
	remove_folder(t, folder);
}

TEST(writing_goes_on_after_a_signal_and_where_folders_are_not_synced, "")
{
	str folder = new_folder(t), path = in(t, folder, "f");
	struct err e = {.arena = t->arena};

	fails_at(WRITE, EINTR);
	CHECK(file_write(t->arena, path, S("content"), 0600, &e));
	CHECK_STR(content_of(t, path), S("content"));
	fails_at(FSYNC_FOLDER, EINVAL);
	CHECK(file_write(t->arena, path, S("other"), 0600, &e));
	CHECK_STR(content_of(t, path), S("other"));
	remove_folder(t, folder);
}

/* A path without a folder is in this one. */
TEST(a_bare_name_is_written_here, "")
{
	str folder = new_folder(t);
	struct err e = {.arena = t->arena};
	char *here = NEW(t->arena, char, 4096);

	CHECK(getcwd(here, 4096) && chdir(cstr(t->arena, folder)) == 0);
	plan.folder_fsyncs = 0;
	CHECK(file_write(t->arena, S("bare"), S("x"), 0600, &e));
	CHECK_INT(plan.folder_fsyncs, 1);
	CHECK(file_exists(t->arena, S("bare")) && !file_exists(t->arena, S("bar")));
	CHECK(chdir(here) == 0);
	CHECK_STR(content_of(t, in(t, folder, "bare")), S("x"));
	remove_folder(t, folder);
}

TEST(devices_and_pipes_are_written_to_and_stay, "")
{
	str folder = new_folder(t), pipe_path = in(t, folder, "pipe");
	struct err e = {.arena = t->arena}, late = {.arena = t->arena};
	char got[16] = {0};
	struct stat s;

	CHECK(mkfifo(cstr(t->arena, pipe_path), 0600) == 0);
	int reader = open(cstr(t->arena, pipe_path), O_RDONLY | O_NONBLOCK);
	CHECK(file_write(t->arena, pipe_path, S("through"), 0600, &e));
	CHECK(read(reader, got, sizeof got) == 7 && memcmp(got, "through", 7) == 0);
	CHECK(stat(cstr(t->arena, pipe_path), &s) == 0 && S_ISFIFO(s.st_mode));
	/* A device of our own, where we may make one: that of the machine is not for tests. */
	if (mknod(cstr(t->arena, in(t, folder, "null")), S_IFCHR | 0600, makedev(1, 3)) == 0) {
		CHECK(file_write(t->arena, in(t, folder, "null"), S("x"), 0600, &e));
		CHECK(stat(cstr(t->arena, in(t, folder, "null")), &s) == 0);
		CHECK(S_ISCHR(s.st_mode));
		CHECK(unlink(cstr(t->arena, in(t, folder, "null"))) == 0);
	}
	int next = next_descriptor();
	for (int i = 0; i < 3; i++) {
		struct err bad = {.arena = t->arena};
		fails_at(i == 0 ? OPEN : i == 1 ? WRITE : CLOSE, EIO);
		CHECK(!file_write(t->arena, pipe_path, S("x"), 0600, &bad));
		CHECK_STR(err_text(&bad),
			str_fmt(t->arena, "cannot write %.*s: Input/output error",
				STR_ARG(pipe_path)));
		CHECK_INT(next_descriptor(), next);
	}
	fails_at(NO_CALL, 0);
	CHECK(!file_write(t->arena, folder, S("x"), 0600, &late));
	CHECK_INT(late.code, ERR_INVALID);
	CHECK_INT(entries_of(t, folder), 1);
	syscall(SYS_close, reader);
	remove_folder(t, folder);
}

/* A link is replaced; what it leads to is not touched. */
TEST(a_link_is_replaced_not_followed, "")
{
	str folder = new_folder(t), link = in(t, folder, "link"), far = in(t, folder, "far");
	struct err e = {.arena = t->arena};
	struct stat s;

	CHECK(file_write(t->arena, far, S("far"), 0600, &e));
	CHECK(symlink(cstr(t->arena, far), cstr(t->arena, link)) == 0);
	CHECK(file_write(t->arena, link, S("near"), 0600, &e));
	CHECK_STR(content_of(t, far), S("far"));
	CHECK_STR(content_of(t, link), S("near"));
	CHECK(lstat(cstr(t->arena, link), &s) == 0 && S_ISREG(s.st_mode));
	remove_folder(t, folder);
}

/* Somebody's link to somebody's pipe would take what is written, or hold the writer up. */
TEST(a_link_to_a_pipe_is_refused, "")
{
	str folder = new_folder(t), link = in(t, folder, "link"), pipe = in(t, folder, "pipe");
	struct err e = {.arena = t->arena};
	struct stat s;

	CHECK(mkfifo(cstr(t->arena, pipe), 0600) == 0);
	CHECK(symlink(cstr(t->arena, pipe), cstr(t->arena, link)) == 0);
	CHECK(!file_write(t->arena, link, S("near"), 0600, &e));
	CHECK_INT(e.code, ERR_DENIED);
	CHECK(lstat(cstr(t->arena, link), &s) == 0 && S_ISLNK(s.st_mode));
	CHECK(folder_is_itself(t->arena, folder) && !folder_is_itself(t->arena, link));
	err_clear(&e);
	remove_folder(t, folder);
}

/* The links below /dev are the machine's: one that leads to a file is written through. */
TEST(what_the_machine_links_is_written_through, "")
{
	str folder = new_folder(t), far = in(t, folder, "far");
	struct err e = {.arena = t->arena};

	CHECK(file_write(t->arena, far, S(""), 0600, &e));
	int fd = open(cstr(t->arena, far), O_RDWR);
	CHECK(file_write(
		t->arena, str_fmt(t->arena, "/dev/fd/%d", fd), S("said"), 0600, &e));
	CHECK_STR(err_text(&e), S(""));
	CHECK_STR(content_of(t, far), S("said"));
	close(fd);
	remove_folder(t, folder);
}

/* ---- files without a name ---- */

/* What is written to it comes back, no folder has it, and it ends with its descriptor. */
static void check_nameless(struct test_case *t, str folder, int want_fd)
{
	struct err e = {.arena = t->arena};
	char got[16] = {0};
	int fd = -1;

	errno = ENOENT;
	CHECK(file_nameless(t->arena, folder, &fd, &e));
	CHECK_INT(fd, want_fd);
	CHECK_INT(entries_of(t, folder), 0);
	CHECK(fcntl(fd, F_GETFD) == FD_CLOEXEC);
	CHECK(file_add(fd, S("one "), &e) && file_add(fd, S("two"), &e));
	CHECK(lseek(fd, 0, SEEK_SET) == 0 && read(fd, got, sizeof got) == 7);
	CHECK(memcmp(got, "one two", 7) == 0);
	syscall(SYS_close, fd);
}

TEST(a_file_without_a_name_is_in_no_folder, "")
{
	static const int why[] = {0, EOPNOTSUPP, EISDIR, ENOENT};
	str folder = new_folder(t);

	for (isize i = 0; i < COUNT_OF(why); i++)
		for (int is_closed = 0; is_closed < 2; is_closed++) {
			int was = dup(0);
			fails_at(why[i] ? TMPFILE : NO_CALL, why[i]);
			if (is_closed)
				syscall(SYS_close, 0);
			check_nameless(t, folder, is_closed ? 0 : next_descriptor());
			dup2(was, 0);
			syscall(SYS_close, was);
		}
	remove_folder(t, folder);
}

TEST(a_file_without_a_name_that_cannot_be_made_is_refused, "")
{
	static const struct {
		enum call_of call;
		int why;
		enum err_code code;
	} cases[] = {{TMPFILE, EACCES, ERR_DENIED}, {TMPFILE, EIO, ERR_FAULT},
		{MKOSTEMP, EACCES, ERR_DENIED}, {MKOSTEMP, EIO, ERR_FAULT}};
	str folder = new_folder(t);
	int next = next_descriptor(), fd;

	for (isize i = 0; i < COUNT_OF(cases); i++) {
		struct err e = {.arena = t->arena};
		fails_at(cases[i].call, cases[i].why);
		CHECK(!file_nameless(t->arena, folder, &fd, &e));
		CHECK_INT(e.code, cases[i].code);
		CHECK_STR(err_text(&e),
			str_fmt(t->arena, "cannot make a file in %.*s: %s", STR_ARG(folder),
				strerror(cases[i].why)));
		CHECK_INT(entries_of(t, folder), 0);
		CHECK_INT(next_descriptor(), next);
	}
	remove_folder(t, folder);
}

/* A twentieth of the disk stays blocks for the store. */
TEST(what_is_added_leaves_a_twentieth_of_the_disk, "")
{
	str folder = new_folder(t);
	struct err e = {.arena = t->arena};
	int fd = -1;

	CHECK(file_nameless(t->arena, folder, &fd, &e));
	for (int blocks = 100; blocks < 125; blocks++)
		for (int size = 1; size < 4; size += 2) {
			struct err late = {.arena = t->arena};
			fails_at(NO_CALL, 0);
			plan.disk = (struct statvfs){.f_bavail = (fsblkcnt_t)blocks,
				.f_frsize = (unsigned long)size,
				.f_blocks = 2000};
			bool fits = blocks - 12 / size > 100;
			CHECK(file_add(fd, S("twelve bytes"), &late) == fits);
			CHECK_INT(late.code, fits ? ERR_NONE : ERR_LIMIT);
		}
	/* A disk that says nothing of itself is tried. */
	fails_at(FSTATVFS, ENOSYS);
	plan.disk = (struct statvfs){.f_frsize = 1, .f_blocks = 2000};
	CHECK(file_add(fd, S("x"), &e));
	syscall(SYS_close, fd);
	remove_folder(t, folder);
}

TEST(adding_goes_on_after_a_signal_and_ends_at_an_error, "")
{
	static const enum call_of calls[] = {WRITE, WRITE_NOTHING};
	str folder = new_folder(t);
	struct err e = {.arena = t->arena};
	int fd = -1;

	CHECK(file_nameless(t->arena, folder, &fd, &e));
	fails_at(WRITE, EINTR);
	CHECK(file_add(fd, S("content"), &e));
	fails_at(NO_CALL, 0);
	plan.piece = 2;
	CHECK(file_add(fd, S(" more"), &e));
	CHECK_INT(lseek(fd, 0, SEEK_CUR), 12);
	for (isize i = 0; i < COUNT_OF(calls); i++) {
		struct err late = {.arena = t->arena};
		fails_at(calls[i], EIO);
		CHECK(!file_add(fd, S("x"), &late));
		CHECK_STR(err_text(&late), S("cannot write a large answer: Input/output error"));
	}
	fails_at(NO_CALL, 0);
	CHECK(file_add(fd, S(""), &e));
	syscall(SYS_close, fd);
	remove_folder(t, folder);
}

/* ---- folders ---- */

TEST(what_lies_below_a_folder_is_told_by_where_links_lead, "")
{
	str folder = new_folder(t), a = in(t, folder, "a"), ab = in(t, folder, "ab");
	struct err e = {.arena = t->arena};

	CHECK(folder_make(t->arena, a, 0700, &e) && folder_make(t->arena, ab, 0700, &e));
	CHECK(file_write(t->arena, in(t, folder, "a/f"), S("x"), 0600, &e));
	CHECK(file_write(t->arena, in(t, folder, "ab/f"), S("x"), 0600, &e));
	CHECK(symlink(cstr(t->arena, ab), cstr(t->arena, in(t, folder, "a/out"))) == 0);
	CHECK(file_is_below(t->arena, a, in(t, folder, "a/f")));
	CHECK(file_is_below(t->arena, folder, in(t, folder, "a/f")));
	CHECK(file_is_below(t->arena, S("/"), in(t, folder, "a/f")));
	CHECK(file_is_below(t->arena, a, in(t, folder, "ab/../a/f")));
	CHECK(!file_is_below(t->arena, a, in(t, folder, "ab/f")));
	CHECK(folder_make(t->arena, in(t, folder, "b"), 0700, &e));
	CHECK(file_write(t->arena, in(t, folder, "b/f"), S("x"), 0600, &e));
	CHECK(!file_is_below(t->arena, a, in(t, folder, "b/f")));
	CHECK(!file_is_below(t->arena, a, in(t, folder, "a/out/f")));
	CHECK(!file_is_below(t->arena, a, in(t, folder, "a/../ab/f")));
	CHECK(!file_is_below(t->arena, a, a));
	CHECK(!file_is_below(t->arena, ab, a));
	CHECK(!file_is_below(t->arena, a, in(t, folder, "a/none")));
	CHECK(!file_is_below(t->arena, in(t, folder, "none"), in(t, folder, "a/f")));
	CHECK(!file_is_below(t->arena, S("/"), S("/")));
	remove_folder(t, folder);
}

TEST(folders_are_made_with_their_mode_and_once, "")
{
	str folder = new_folder(t), path = in(t, folder, "new");
	struct err e = {.arena = t->arena}, again = {.arena = t->arena}, none = {.arena = t->arena};
	struct stat s;

	umask(0);
	CHECK(folder_make(t->arena, path, 0750, &e));
	CHECK(stat(cstr(t->arena, path), &s) == 0 && (s.st_mode & 0777) == 0750);
	CHECK(!folder_make(t->arena, path, 0750, &again));
	CHECK_INT(again.code, ERR_CONFLICT);
	CHECK(!folder_make(t->arena, in(t, folder, "no/new"), 0750, &none));
	CHECK_INT(none.code, ERR_MISSING);
	remove_folder(t, folder);
}

TEST(temporary_folders_stand_where_the_system_wants_them, "")
{
	str folder = new_folder(t), one, two;
	struct err e = {.arena = t->arena}, bad = {.arena = t->arena};
	const char *was = getenv("TMPDIR");
	char *kept = was ? cstr(t->arena, str_of(was)) : NULL;

	setenv("TMPDIR", cstr(t->arena, folder), 1);
	CHECK(folder_temp(t->arena, &one, &e) && folder_temp(t->arena, &two, &e));
	CHECK(str_starts(one, in(t, folder, "ward-")) && !str_eq(one, two));
	CHECK_INT(entries_of(t, folder), 2);
	setenv("TMPDIR", cstr(t->arena, in(t, folder, "none")), 1);
	CHECK(!folder_temp(t->arena, &one, &bad));
	CHECK_STR(err_text(&bad),
		str_fmt(t->arena,
			"cannot make a folder below %.*s/none: No such file or "
			"directory",
			STR_ARG(folder)));
	for (int i = 0; i < 2; i++) {
		if (i)
			unsetenv("TMPDIR");
		else
			setenv("TMPDIR", "", 1);
		CHECK(folder_temp(t->arena, &one, &e));
		CHECK(str_starts(one, S("/tmp/ward-")));
		CHECK(folder_remove(t->arena, one, &e));
	}
	if (kept)
		setenv("TMPDIR", kept, 1);
	remove_folder(t, folder);
}

TEST(a_folder_is_removed_with_all_in_it_and_links_not_followed, "")
{
	str folder = new_folder(t), gone = in(t, folder, "gone"), stays = in(t, folder, "stays");
	struct err e = {.arena = t->arena}, none = {.arena = t->arena};

	CHECK(folder_make(t->arena, gone, 0700, &e) && folder_make(t->arena, stays, 0700, &e));
	CHECK(folder_make(t->arena, in(t, folder, "gone/in"), 0700, &e));
	CHECK(file_write(t->arena, in(t, folder, "gone/in/f"), S("x"), 0600, &e));
	CHECK(file_write(t->arena, in(t, folder, "gone/.hidden"), S("x"), 0600, &e));
	CHECK(file_write(t->arena, in(t, folder, "stays/f"), S("x"), 0600, &e));
	CHECK(symlink(cstr(t->arena, stays), cstr(t->arena, in(t, folder, "gone/link"))) == 0);
	CHECK(folder_remove(t->arena, gone, &e));
	CHECK(!file_exists(t->arena, gone) && file_exists(t->arena, in(t, folder, "stays/f")));
	CHECK(!folder_remove(t->arena, gone, &none));
	CHECK_INT(none.code, ERR_MISSING);
	remove_folder(t, folder);
}

/* "a b/c …" of what is listed; "?" when it fails. */
static str listed(struct test_case *t, str folder, isize max)
{
	struct err e = {.arena = t->arena};
	struct buf b;
	isize count;
	str *list;

	if (!folder_list(t->arena, folder, max, &list, &count, &e))
		return S("?");
	CHECK(count <= max);
	buf_init(&b, t->arena, LIMIT_PROSE);
	for (isize i = 0; i < count; i++)
		buf_fmt(&b, "%s%.*s", i ? " " : "", STR_ARG(list[i]));
	return buf_str(&b);
}

TEST(regular_files_below_a_folder_are_listed_in_order, "")
{
	static const char *const files[] = {"z", "a", "m/2", "m/1", "m/n/x", ".hidden", "m/.no"};
	str folder = new_folder(t);
	struct err e = {.arena = t->arena};
	int next = next_descriptor();

	CHECK(folder_make(t->arena, in(t, folder, "m"), 0700, &e));
	CHECK(folder_make(t->arena, in(t, folder, "m/n"), 0700, &e));
	CHECK(folder_make(t->arena, in(t, folder, ".m"), 0700, &e));
	for (isize i = 0; i < COUNT_OF(files); i++)
		CHECK(file_write(t->arena, in(t, folder, files[i]), S("x"), 0600, &e));
	CHECK(file_write(t->arena, in(t, folder, ".m/f"), S("x"), 0600, &e));
	CHECK(symlink("a", cstr(t->arena, in(t, folder, "link"))) == 0);
	CHECK(symlink("m", cstr(t->arena, in(t, folder, "links"))) == 0);
	CHECK(mkfifo(cstr(t->arena, in(t, folder, "pipe")), 0600) == 0);
	CHECK_STR(listed(t, folder, 100), S("a m/1 m/2 m/n/x z"));
	CHECK_STR(listed(t, folder, 5), S("a m/1 m/2 m/n/x z"));
	CHECK_STR(listed(t, folder, 4), S("?"));
	CHECK_STR(listed(t, folder, 0), S("?"));
	CHECK_STR(listed(t, in(t, folder, "m"), 10), S("1 2 n/x"));
	CHECK_STR(listed(t, in(t, folder, "none"), 10), S("?"));
	CHECK_STR(listed(t, in(t, folder, "a"), 10), S("?"));
	CHECK_INT(next_descriptor(), next);
	remove_folder(t, folder);
}

/* As many folders are looked into as files may be listed; a list is whole or refused. */
TEST(folders_have_the_same_limit_as_files, "")
{
	static const char *const names[] = {"a", "b", "c", "d"};
	str folder = new_folder(t);
	struct err e = {.arena = t->arena};

	for (isize i = 0; i < COUNT_OF(names); i++)
		CHECK(folder_make(t->arena, in(t, folder, names[i]), 0700, &e));
	CHECK(file_write(t->arena, in(t, folder, "d/f"), S("x"), 0600, &e));
	CHECK_STR(listed(t, folder, 4), S("d/f"));
	CHECK_STR(listed(t, folder, 3), S("?"));
	remove_folder(t, folder);
}

TEST(a_folder_that_cannot_be_opened_ends_the_list, "")
{
	str folder = new_folder(t);
	struct err e = {.arena = t->arena}, late = {.arena = t->arena};
	isize count;
	str *list;

	CHECK(folder_make(t->arena, in(t, folder, "a-shut"), 0700, &e));
	CHECK(file_write(t->arena, in(t, folder, "f"), S("x"), 0600, &e));
	CHECK_STR(listed(t, folder, 9), S("f"));
	fails_at(OPENDIR, EACCES);
	CHECK(!folder_list(t->arena, folder, 9, &list, &count, &late));
	CHECK_INT(late.code, ERR_DENIED);
	CHECK_STR(err_text(&late),
		str_fmt(t->arena, "cannot list %.*s/a-shut: Permission denied", STR_ARG(folder)));
	remove_folder(t, folder);
}

struct listing {
	struct arena *arena;
	str folder;
	isize max;
};

static void list_it(void *what)
{
	struct listing *l = what;
	struct err e = {0};
	isize count;
	str *list;

	(void)!folder_list(l->arena, l->folder, l->max, &list, &count, &e);
}

/* Work that ends in the middle, because there is no memory for a name, closes what it opened. */
TEST(a_list_without_memory_closes_its_folder, "")
{
	enum { BYTES = 2 * ARENA_RESERVE, NAMES = 20 };
	str folder = new_folder(t);
	struct err e = {.arena = t->arena};
	struct arena a;
	int next = next_descriptor();

	for (int i = 0; i < NAMES; i++)
		CHECK(file_write(t->arena,
			str_fmt(t->arena, "%.*s/a-name-of-which-twenty-are-too-long-%d",
				STR_ARG(folder), i),
			S("x"), 0600, &e));
	arena_init(&a, os_reserve(BYTES), BYTES);
	for (isize left = 0; left < 1000; left += 40) {
		struct listing l = {&a, folder, (BYTES - left) / 2 / (isize)sizeof(str)};
		enum arena_end end = arena_run(list_it, &l);
		CHECK(end == ARENA_SPENT || left > 600);
		CHECK_INT(next_descriptor(), next);
		arena_reset(&a);
	}
	remove_folder(t, folder);
}

TEST(only_files_are_read_where_a_pipe_would_be_waited_for, "")
{
	str folder = new_folder(t), pipe = in(t, folder, "pipe"), file = in(t, folder, "file");
	struct err e = {.arena = t->arena};
	str text;

	fails_at(NO_CALL, 0);
	CHECK(mkfifo(cstr(t->arena, pipe), 0600) == 0);
	CHECK(file_write(t->arena, file, S("text"), 0600, &e));
	CHECK(file_read_plain(t->arena, file, 100, &text, &e));
	CHECK_STR(text, S("text"));
	CHECK(!file_read_plain(t->arena, pipe, 100, &text, &e));
	CHECK_INT(e.code, ERR_INVALID);
	CHECK_STR(err_text(&e), str_fmt(t->arena, "%.*s is not a file", STR_ARG(pipe)));
	err_clear(&e);
	CHECK(!file_read_plain(t->arena, in(t, folder, "none"), 100, &text, &e));
	CHECK_INT(e.code, ERR_MISSING);
	remove_folder(t, folder);
}

TEST_MAIN()
