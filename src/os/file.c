#include "os/os.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

static bool fail(struct err *e, const char *what, str path)
{
	enum err_code code = errno == ENOENT || errno == ENOTDIR      ? ERR_MISSING
		: errno == EACCES || errno == EPERM || errno == EROFS ? ERR_DENIED
		: errno == ENAMETOOLONG || errno == ELOOP             ? ERR_INVALID
		: errno == EEXIST                                     ? ERR_CONFLICT
								      : ERR_FAULT;
	const char *why = strerror(errno);

	if (errno == ENOSPC || errno == EDQUOT)
		return FAIL(e, ERR_FAULT, "%s %.*s: the disk is full; make room and try again",
			what, STR_ARG(path));
	return FAIL(e, code, "%s %.*s: %s", what, STR_ARG(path), why);
}

/* Reads to the end, whatever the kind of file. */
static bool read_all(struct arena *a, int fd, str path, isize max, str *out, struct err *e)
{
	isize cap = 65536, n = 0;
	char *p = arena_bulk(a, cap);

	while (p) {
		ssize_t got = read(fd, p + n, (size_t)(cap - n));
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return fail(e, "cannot read", path);
		if (got == 0) {
			*out = (str){p, n};
			return true;
		}
		n += got;
		if (n > max)
			return FAIL(
				e, ERR_LIMIT, "%.*s is larger than %td bytes", STR_ARG(path), max);
		if (n == cap) {
			char *more = arena_bulk(a, cap * 4);
			if (more)
				memcpy(more, p, (size_t)n);
			p = more;
			cap *= 4;
		}
	}
	return FAIL(e, ERR_LIMIT, "%.*s needs more memory than there is", STR_ARG(path));
}

bool file_read(struct arena *a, str path, isize max, str *out, struct err *e)
{
	bool is_stdin = str_eq(path, S("-"));
	int fd = is_stdin ? 0 : open(cstr(a, path), O_RDONLY | O_CLOEXEC);
	struct stat s;
	bool ok;

	if (fd < 0)
		return fail(e, "cannot open", path);
	if (fstat(fd, &s) == 0 && S_ISDIR(s.st_mode)) {
		close(fd);
		return FAIL(e, ERR_INVALID, "%.*s is a folder, not a file", STR_ARG(path));
	}
	ok = read_all(a, fd, path, max, out, e);
	if (!is_stdin)
		close(fd);
	return ok;
}

bool file_read_plain(struct arena *a, str path, isize max, str *out, struct err *e)
{
	struct stat s;

	if (stat(cstr(a, path), &s) == 0 && !S_ISREG(s.st_mode))
		return FAIL(e, ERR_INVALID, "%.*s is not a file", STR_ARG(path));
	return file_read(a, path, max, out, e);
}

bool file_is_below(struct arena *a, str folder, str path)
{
	char *outer = NEW(a, char, PATH_MAX), *inner = NEW(a, char, PATH_MAX);

	if (!realpath(cstr(a, folder), outer) || !realpath(cstr(a, path), inner))
		return false;
	str above = str_eq(str_of(outer), S("/")) ? S("") : str_of(outer), below = str_of(inner);
	return below.n > above.n + 1 && str_starts(below, above) && below.p[above.n] == '/';
}

static bool write_all(int fd, str s)
{
	while (s.n) {
		ssize_t n = write(fd, s.p, (size_t)s.n);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return false;
		s = str_part(s, n, s.n);
	}
	return true;
}

static bool sync_folder_of(struct arena *a, str path)
{
	isize slash = path.n;

	while (slash > 0 && path.p[slash - 1] != '/')
		slash--;
	str folder = slash ? str_part(path, 0, slash) : S(".");
	int fd = open(cstr(a, folder), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return false;
	bool ok = fsync(fd) == 0 || errno == EINVAL;
	close(fd);
	return ok;
}

/* A device or a pipe is written to, never replaced: a rename onto /dev/null as root would take it
   from the whole machine. */
static bool write_special(struct arena *a, str path, str content, int how, struct err *e)
{
	int fd = open(cstr(a, path), O_WRONLY | O_CLOEXEC | how);

	if (fd < 0)
		return fail(e, "cannot write", path);
	bool ok = write_all(fd, content);
	ok = close(fd) == 0 && ok;
	return ok || fail(e, "cannot write", path);
}

/* A new file beside `path`, under a name that nobody can know before: what others put into the
   folder, a link above all, is never followed nor overwritten. */
static int open_temp(struct arena *a, str path, int mode, char **temp)
{
	unsigned long long name;

	if (getrandom(&name, sizeof name, 0) != (ssize_t)sizeof name)
		return -1;
	*temp = cstr(a, str_fmt(a, "%.*s.%016llx.new", STR_ARG(path), name));
	return open(*temp, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, (mode_t)mode);
}

bool file_write(struct arena *a, str path, str content, int mode, struct err *e)
{
	struct stat s, itself;

	if (stat(cstr(a, path), &s) == 0 && S_ISDIR(s.st_mode))
		return FAIL(e, ERR_INVALID, "%.*s is a folder, not a file", STR_ARG(path));
	if (stat(cstr(a, path), &s) == 0 && !S_ISREG(s.st_mode)) {
		bool is_link = lstat(cstr(a, path), &itself) == 0 && S_ISLNK(itself.st_mode);
		/* /dev/stdout is a link, which the machine made. */
		bool is_known = str_starts(path, S("/dev/"));
		if (is_link && !is_known)
			return FAIL(e, ERR_DENIED,
				"%.*s is a link to a pipe or a device, which is not followed",
				STR_ARG(path));
		return write_special(a, path, content, is_known ? 0 : O_NOFOLLOW, e);
	}

	char *temp;
	int fd = open_temp(a, path, mode, &temp);

	if (fd < 0)
		return fail(e, "cannot write", path);
	bool ok = write_all(fd, content) && fsync(fd) == 0;
	ok = close(fd) == 0 && ok;
	if (!ok || rename(temp, cstr(a, path)) < 0 || !sync_folder_of(a, path)) {
		fail(e, "cannot write", path);
		unlink(temp);
		return false;
	}
	return true;
}

/* Not every system and disk has files without a name: else it loses its name at once. */
bool file_nameless(struct arena *a, str folder, int *fd, struct err *e)
{
	*fd = open(cstr(a, folder), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	if (*fd < 0 && (errno == EOPNOTSUPP || errno == EISDIR || errno == ENOENT)) {
		char *path = cstr(a, str_fmt(a, "%.*s/.large-XXXXXX", STR_ARG(folder)));
		*fd = mkostemp(path, O_CLOEXEC);
		if (*fd >= 0)
			unlink(path);
	}
	return *fd >= 0 || fail(e, "cannot make a file in", folder);
}

/* What is made for one reader never takes the room that the store needs to be written. */
static bool has_room(int fd, isize more)
{
	struct statvfs s;

	if (fstatvfs(fd, &s) < 0)
		return true;
	return (int64_t)s.f_bavail - more / (int64_t)s.f_frsize > (int64_t)s.f_blocks / 20;
}

bool file_add(int fd, str bytes, struct err *e)
{
	if (!has_room(fd, bytes.n))
		return FAIL(e, ERR_LIMIT,
			"there is no room on the disk of the server for a file as large as this");
	while (bytes.n) {
		ssize_t n = write(fd, bytes.p, (size_t)bytes.n);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return fail(e, "cannot write", S("a large answer"));
		bytes = str_part(bytes, n, bytes.n);
	}
	return true;
}

bool file_exists(struct arena *a, str path)
{
	struct stat s;

	return stat(cstr(a, path), &s) == 0;
}

bool folder_is_itself(struct arena *a, str path)
{
	struct stat s;

	return lstat(cstr(a, path), &s) == 0 && S_ISDIR(s.st_mode);
}

bool folder_make(struct arena *a, str path, int mode, struct err *e)
{
	if (mkdir(cstr(a, path), (mode_t)mode) < 0)
		return fail(e, "cannot make the folder", path);
	return true;
}

bool folder_temp(struct arena *a, str *out, struct err *e)
{
	const char *base = getenv("TMPDIR");

	if (!base || !*base)
		base = "/tmp";
	char *path = cstr(a, str_fmt(a, "%s/ward-XXXXXX", base));
	if (!mkdtemp(path))
		return fail(e, "cannot make a folder below", str_of(base));
	*out = str_of(path);
	return true;
}

static int remove_one(const char *path, const struct stat *s, int type, struct FTW *place)
{
	(void)s;
	(void)type;
	(void)place;
	return remove(path);
}

bool folder_remove(struct arena *a, str path, struct err *e)
{
	if (nftw(cstr(a, path), remove_one, 16, FTW_DEPTH | FTW_PHYS) < 0)
		return fail(e, "cannot remove", path);
	return true;
}

/* Folders below `path` are walked one after the other from a list, without recursion. */
struct walk {
	struct arena *arena;
	str root;
	str *file, *folder;
	isize files, folders, max;
	bool is_cut;
};

static void close_folder(void *folder)
{
	closedir(folder);
}

static void take_name(struct walk *w, str *list, isize *count, str name)
{
	if (*count == w->max)
		w->is_cut = true;
	else
		list[(*count)++] = name;
}

static bool walk_folder(struct walk *w, str below, struct err *e)
{
	str path = below.n ? str_fmt(w->arena, "%.*s/%.*s", STR_ARG(w->root), STR_ARG(below))
			   : w->root;
	DIR *d = opendir(cstr(w->arena, path));
	struct arena_guard guard;
	struct dirent *entry;

	if (!d)
		return fail(e, "cannot list", path);
	arena_guard(&guard, close_folder, d);
	while ((entry = readdir(d))) {
		str name = str_of(entry->d_name);
		struct stat s;
		if (name.p[0] == '.')
			continue;
		if (fstatat(dirfd(d), entry->d_name, &s, AT_SYMLINK_NOFOLLOW) < 0)
			continue;
		str rel = below.n ? str_fmt(w->arena, "%.*s/%.*s", STR_ARG(below), STR_ARG(name))
				  : str_dup(w->arena, name);
		bool is_folder = S_ISDIR(s.st_mode), is_file = S_ISREG(s.st_mode);
		if (is_folder)
			take_name(w, w->folder, &w->folders, rel);
		else if (is_file)
			take_name(w, w->file, &w->files, rel);
	}
	arena_unguard(&guard);
	closedir(d);
	return true;
}

static int by_name(const void *a, const void *b)
{
	return str_cmp(*(const str *)a, *(const str *)b);
}

bool folder_list(struct arena *a, str path, isize max, str **out, isize *count, struct err *e)
{
	struct walk w = {.arena = a, .root = path, .max = max};

	w.file = NEW(a, str, max);
	w.folder = NEW(a, str, max);
	if (!walk_folder(&w, S(""), e))
		return false;
	for (isize i = 0; i < w.folders; i++)
		if (!walk_folder(&w, w.folder[i], e))
			return false;
	if (w.is_cut)
		return FAIL(e, ERR_LIMIT, "there are more than %td files below %.*s", max,
			STR_ARG(path));
	qsort(w.file, (size_t)w.files, sizeof *w.file, by_name);
	*out = w.file;
	*count = w.files;
	return true;
}
