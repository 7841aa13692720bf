/*
 * The world: clock, randomness, files, sockets, processes.  What tests replace.
 *
 * Only os/ may hold #ifdef and system calls; errors come back as sentences that say what to do.
 */
#ifndef OS_OS_H
#define OS_OS_H
#include "base/base.h"

#include <stdatomic.h>

/* A time and what the machine says of its clock then. */
struct clock_facts {
	int64_t now_us;       /* as clock_now() */
	int64_t mono_us;      /* since the machine started, its sleep included */
	str boot;             /* names this start of the machine, 32 hex digits; "": not known */
	bool is_synchronized; /* the kernel says so */
};

/* A clock that runs `shift_us` ahead of the system's (the demo's runs from its own day).
   Real stores have 0.  Where a test has `given` facts, the clock says those. */
struct clock {
	int64_t shift_us;
	const struct clock_facts *given;
};
int64_t clock_now(const struct clock *c); /* µs since 1970, UTC */
int64_t clock_mono(void);                 /* µs, monotonic, since boot */
struct clock_facts clock_look(const struct clock *c);

/* Address space of `bytes`, committed as touched, for arenas of long life.  Never NULL. */
void *os_reserve(isize bytes);
/* Gives pages of a reserved block back to the system beyond its first `keep` bytes. */
void os_release(void *block, isize keep, isize bytes);
/* Gives back to the system what libraries have freed. */
void os_trim(void);
/* As os_reserve(), for things whose number strangers choose: NULL when there is none. */
void *os_reserve_some(isize bytes);
/* A counter that this process and those it forks have in common; NULL: no memory. */
atomic_uint *os_shared_counter(void);
/* The address space that this process may have, in bytes; INT64_MAX: as much as there is. */
int64_t os_space(void);
/* All threads share one heap of the C library from now on: else each reserves 64 MiB. */
void os_share_heap(void);
void os_unreserve(void *block, isize bytes);

/* Reads a whole file of at most `max` bytes.  ERR_MISSING, ERR_LIMIT, ERR_DENIED, ERR_FAULT. */
CHECKED bool file_read(struct arena *a, str path, isize max, str *out, struct err *e);
/* The same of a regular file alone: a pipe in its place could be waited for without end. */
CHECKED bool file_read_plain(struct arena *a, str path, isize max, str *out, struct err *e);
/* Writes a file whole or not at all: temporary file, fsync, rename, fsync of the folder.  A device
   or a pipe that stands there is written to and stays what it is. */
CHECKED bool file_write(struct arena *a, str path, str content, int mode, struct err *e);
/* A file in `folder` that has no name, and ends with its descriptor: for what is too large for
   memory.  ERR_FAULT, ERR_DENIED. */
CHECKED bool file_nameless(struct arena *a, str folder, int *fd, struct err *e);
/* Adds to such a file.  ERR_LIMIT when less than a twentieth of the disk would stay free. */
CHECKED bool file_add(int fd, str bytes, struct err *e);
bool file_exists(struct arena *a, str path);
/* Whether a folder stands at `path` itself, and not a link to one. */
bool folder_is_itself(struct arena *a, str path);
/* Whether there is something at `path` that lies below `folder` once all links are followed. */
bool file_is_below(struct arena *a, str folder, str path);
CHECKED bool folder_make(struct arena *a, str path, int mode, struct err *e);
/* A new folder under the system's place for temporary files. */
CHECKED bool folder_temp(struct arena *a, str *out, struct err *e);
/* Removes a folder and what is in it; symbolic links are removed, not followed. */
CHECKED bool folder_remove(struct arena *a, str path, struct err *e);
/* The regular files below `path`, sorted, relative.  ERR_LIMIT when there are more than `max` of
   them, or of folders: a part is never taken for the whole. */
CHECKED bool folder_list(
	struct arena *a, str path, isize max, str **out, isize *count, struct err *e);

/* What stands at a path; false when there is nothing or it may not be asked. */
struct path_facts {
	bool is_folder, is_ours;
	int mode; /* permission bits, 0700 */
	int64_t bytes;
};
bool path_look(struct arena *a, str path, struct path_facts *out);
/* From now on new files are ours alone, whatever mode their maker asks for. */
void files_private(void);
/* Bytes free for us on the disk of `path`; -1 when unknown. */
int64_t disk_room(struct arena *a, str path);
/* Percent of the disk of `path` that is used, of what we may use; -1 when unknown. */
int disk_used(struct arena *a, str path);
/* Version of Landlock that the kernel offers, 0 without; whether it can filter system calls. */
int landlock_version(void);
bool seccomp_is_there(void);
/* As many descriptors as this process may have: Ward bounds its connections itself.  Returns how
   many that is. */
int64_t descriptors_raise(void);
/* Makes this process the only one that holds the file `path`, until it ends or gives `*lock` back.
   ERR_BUSY when another one does. */
CHECKED bool lock_take(struct arena *a, str path, int *lock, struct err *e);
void lock_give(int lock);
/* Fails as lock_take() would, and holds nothing. */
CHECKED bool lock_is_free(struct arena *a, str path, struct err *e);
/* The first line of standard input, at most `max` bytes; on a terminal asked for without echo. */
str secret_line(struct arena *a, const char *prompt, isize max);

/* A listening TCP socket on "127.0.0.1:8080", "[::1]:0", or a Unix socket "unix:/path".
   Addresses beyond loopback are refused with ERR_INVALID (no TLS yet). */
CHECKED bool socket_listen(str address, int *out, struct err *e);
/* Lets those whom `mode` names use a Unix socket, by its address: a proxy has a user of its own.
   ERR_INVALID for another address. */
CHECKED bool socket_open_to(struct arena *a, str address, int mode, struct err *e);
/* Whether it is a Unix socket. */
bool socket_is_unix(int fd);
/* The address bound, "127.0.0.1:43121". */
str socket_name(struct arena *a, int fd);

/* One line on standard error: logfmt, the event a literal, values escaped, secrets never. */
struct log_pair {
	const char *key;
	str value;
};
void log_event(const char *level, const char *event, const struct log_pair *pair, isize count);
/* The same for what strangers can bring about, thousands of times a minute: of an event the first
   four of ten minutes are written, then each power of two, with how many there were in "seen".
   Whether it was written. */
bool log_often(const char *level, const char *event, const struct log_pair *pair, isize count);
/* From now on every line of this thread has req=NUMBER, until the next number or "". */
void log_request(str number);
#define LOG_PAIRS(...)                                                                             \
	(const struct log_pair[]){__VA_ARGS__}, COUNT_OF(((struct log_pair[]){__VA_ARGS__}))
#define log_note(event, ...)  log_event("note", event, LOG_PAIRS(__VA_ARGS__))
#define log_fault(event, ...) log_event("fault", event, LOG_PAIRS(__VA_ARGS__))
#define log_note_often(event, ...)  log_often("note", event, LOG_PAIRS(__VA_ARGS__))
#define log_fault_often(event, ...) log_often("fault", event, LOG_PAIRS(__VA_ARGS__))
#define KV(key, value)                                                                             \
	{                                                                                          \
		key, value                                                                         \
	}
#endif
