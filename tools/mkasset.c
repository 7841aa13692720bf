/*
 * mkasset: puts files into the program.
 *
 *	mkasset OUT FOLDER…          writes OUT/assets.S, and what it includes to OUT/asset/
 *
 * Every regular file below the folders (one that does not exist is skipped), named by its path,
 * sorted.  Bytes come by .incbin, which is fast to build and the same every time.  Files below
 * assets/ get an address with the hash of their content and a gzip form; in style sheets,
 * url(x) of another asset is rewritten to its address, so that it too may be cached for ever.
 * The layout of the table is struct asset_file of src/os/asset.h.
 */
#include <dirent.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <zlib.h>

enum { FILES_MAX = 4000, PATH_BYTES = 600, FILE_MAX = 64 << 20, PLACE_BYTES = PATH_BYTES + 64 };

struct file {
	char name[PATH_BYTES];
	char from[PLACE_BYTES], gzip[PLACE_BYTES]; /* what .incbin reads; gzip "" when none */
	char hash[17];
};

static struct file files[FILES_MAX];
static int count;

static void __attribute__((noreturn)) stop(const char *name, const char *why)
{
	fprintf(stderr, "mkasset: %s: %s\n", name, why);
	exit(1);
}

static unsigned char *read_whole(const char *path, size_t *n)
{
	FILE *f = fopen(path, "rb");
	struct stat s;
	unsigned char *p;

	if (!f || fstat(fileno(f), &s) != 0)
		stop(path, "cannot be read");
	if (s.st_size > FILE_MAX)
		stop(path, "is larger than an asset may be");
	p = malloc((size_t)s.st_size + 1);
	if (!p)
		stop(path, "no memory");
	*n = fread(p, 1, (size_t)s.st_size, f);
	p[*n] = 0;
	if (*n != (size_t)s.st_size || fclose(f) != 0)
		stop(path, "cannot be read whole");
	return p;
}

static void write_whole(const char *path, const unsigned char *p, size_t n)
{
	FILE *f = fopen(path, "wb");

	if (!f || fwrite(p, 1, n, f) != n || fclose(f) != 0)
		stop(path, "cannot be written");
}

static bool has_suffix(const char *name, const char *suffix)
{
	size_t n = strlen(name), m = strlen(suffix);

	return n >= m && strcmp(name + n - m, suffix) == 0;
}

static bool is_served(const struct file *f)
{
	return strncmp(f->name, "assets/", 7) == 0;
}

static const char *media_type(const char *name)
{
	static const char *const known[][2] = {
		{".css", "text/css; charset=utf-8"},
		{".js", "text/javascript; charset=utf-8"},
		{".svg", "image/svg+xml"},
		{".png", "image/png"},
		{".woff2", "font/woff2"},
		{".json", "application/json"},
		{".md", "text/markdown; charset=utf-8"},
		{".txt", "text/plain; charset=utf-8"},
	};

	for (size_t i = 0; i < sizeof known / sizeof *known; i++)
		if (has_suffix(name, known[i][0]))
			return known[i][1];
	return "application/octet-stream";
}

static void walk(const char *path)
{
	DIR *d = opendir(path);
	struct dirent *e;

	if (!d)
		return;
	while ((e = readdir(d))) {
		char name[PATH_BYTES];
		struct stat s;
		int n = snprintf(name, sizeof name, "%s/%s", path, e->d_name);
		if (e->d_name[0] == '.' || has_suffix(e->d_name, "~"))
			continue;
		if (n >= (int)sizeof name || strpbrk(name, "\"\\\n"))
			stop(path, "holds a name that is too long or has a quote in it");
		if (lstat(name, &s) != 0)
			stop(name, "cannot be read");
		if (S_ISDIR(s.st_mode))
			walk(name);
		if (!S_ISREG(s.st_mode))
			continue;
		if (count == FILES_MAX)
			stop(name, "is one asset too many");
		strcpy(files[count++].name, name);
	}
	closedir(d);
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct file *)a)->name, ((const struct file *)b)->name);
}

/* FNV-1a over the content: it tells versions apart; it need not resist anyone. */
static void hash(struct file *f, const unsigned char *p, size_t n)
{
	uint64_t h = 0xcbf29ce484222325u;

	for (size_t i = 0; i < n; i++)
		h = (h ^ p[i]) * 0x100000001b3u;
	snprintf(f->hash, sizeof f->hash, "%016" PRIx64, h);
}

static void compress_to(struct file *f, const char *path, const unsigned char *p, size_t n)
{
	z_stream z = {.next_in = (unsigned char *)(uintptr_t)p, .avail_in = (uInt)n};
	unsigned char *out;
	size_t room;

	if (deflateInit2(&z, 9, Z_DEFLATED, 15 + 16, 9, Z_DEFAULT_STRATEGY) != Z_OK)
		stop(f->name, "cannot be compressed");
	room = deflateBound(&z, (uLong)n);
	out = malloc(room);
	if (!out)
		stop(f->name, "no memory");
	z.next_out = out;
	z.avail_out = (uInt)room;
	if (deflate(&z, Z_FINISH) != Z_STREAM_END)
		stop(f->name, "cannot be compressed");
	if (z.total_out < n) {
		write_whole(path, out, z.total_out);
		snprintf(f->gzip, sizeof f->gzip, "%s", path);
	}
	deflateEnd(&z);
	free(out);
}

static struct file *find(const char *name)
{
	for (int i = 0; i < count; i++)
		if (strcmp(files[i].name, name) == 0)
			return &files[i];
	return NULL;
}

/* Rewrites url(fonts/x.woff2) in a style sheet; url(#…) and url(data:…) stay. */
static unsigned char *rewrite(const struct file *f, unsigned char *css, size_t *n)
{
	char *text, *at = (char *)css, *hit, name[PATH_BYTES];
	size_t bytes;
	FILE *out = open_memstream(&text, &bytes);

	if (!out)
		stop(f->name, "no memory");
	while ((hit = strstr(at, "url("))) {
		char *target = hit + 4, *end = strchr(target, ')');
		struct file *other;
		if (!end)
			stop(f->name, "has a url( without )");
		fwrite(at, 1, (size_t)(target - at), out);
		at = target;
		if (*target == '#' || strncmp(target, "data:", 5) == 0)
			continue;
		snprintf(name, sizeof name, "assets/%.*s", (int)(end - target), target);
		other = find(name);
		if (!other || !other->hash[0])
			stop(f->name, "has a url() of something that is not an asset");
		fprintf(out, "/a/%s/%s", other->hash, name + 7);
		at = end;
	}
	fputs(at, out);
	fclose(out);
	free(css);
	*n = bytes;
	return (unsigned char *)text;
}

static void prepare(struct file *f, const char *folder, int number)
{
	char path[PLACE_BYTES];
	size_t n;
	unsigned char *p = read_whole(f->name, &n);

	strcpy(f->from, f->name);
	if (is_served(f) && has_suffix(f->name, ".css")) {
		p = rewrite(f, p, &n);
		snprintf(f->from, sizeof f->from, "%s/%d.css", folder, number);
		write_whole(f->from, p, n);
	}
	hash(f, p, n);
	if (is_served(f)) {
		snprintf(path, sizeof path, "%s/%d.gz", folder, number);
		compress_to(f, path, p, n);
	}
	free(p);
}

static void print_text(FILE *s, int i, const char *what, const char *text)
{
	fprintf(s, ".L%s%d:\t.ascii \"%s\"\n.L%s%dend:\n", what, i, text, what, i);
}

static void print_data(FILE *s, int i)
{
	const struct file *f = &files[i];
	char url[PATH_BYTES + 32] = "";

	if (is_served(f))
		snprintf(url, sizeof url, "/a/%s/%s", f->hash, f->name + 7);
	print_text(s, i, "name", f->name);
	fprintf(s, ".Lbytes%d:\t.incbin \"%s\"\n.Lbytes%dend:\n", i, f->from, i);
	fprintf(s, ".Lgzip%d:", i);
	if (f->gzip[0])
		fprintf(s, "\t.incbin \"%s\"", f->gzip);
	fprintf(s, "\n.Lgzip%dend:\n", i);
	print_text(s, i, "hash", f->hash);
	print_text(s, i, "url", url);
	print_text(s, i, "type", media_type(f->name));
}

static void print_all(FILE *s)
{
	static const char *const part[] = {"name", "bytes", "gzip", "hash", "url", "type"};

	fprintf(s, "/* Written by tools/mkasset. */\n\t.section .rodata\n");
	for (int i = 0; i < count; i++)
		print_data(s, i);
	/* Pointers are set by the loader, then the section is read-only. */
	fprintf(s, "\t.section .data.rel.ro,\"aw\"\n\t.balign 8\n\t.globl ward_assets\n"
		"ward_assets:\n");
	for (int i = 0; i < count; i++)
		for (size_t k = 0; k < sizeof part / sizeof *part; k++)
			fprintf(s, "\t.quad .L%s%d, .L%s%dend - .L%s%d\n", part[k], i, part[k], i,
				part[k], i);
	fprintf(s, "\t.globl ward_asset_count\nward_asset_count:\n\t.quad %d\n", count);
	fprintf(s, "\t.section .note.GNU-stack,\"\",%%progbits\n");
}

int main(int argc, char **argv)
{
	char folder[PATH_BYTES], path[PATH_BYTES];
	FILE *s;

	if (argc < 2 || strlen(argv[1]) > PATH_BYTES - 32) {
		fprintf(stderr, "usage: mkasset OUT FOLDER...\n");
		return 2;
	}
	snprintf(folder, sizeof folder, "%.500s/asset", argv[1]);
	mkdir(argv[1], 0777);
	mkdir(folder, 0777);
	for (int i = 2; i < argc; i++)
		walk(argv[i]);
	qsort(files, (size_t)count, sizeof *files, by_name);
	/* Style sheets last: they name the addresses of the others. */
	for (int css = 0; css < 2; css++)
		for (int i = 0; i < count; i++)
			if (has_suffix(files[i].name, ".css") == (css == 1))
				prepare(&files[i], folder, i);
	snprintf(path, sizeof path, "%.500s/assets.S", argv[1]);
	s = fopen(path, "w");
	if (!s)
		stop(path, "cannot be written");
	print_all(s);
	if (ferror(s) || fclose(s) != 0)
		stop(path, "cannot be written");
	return 0;
}
