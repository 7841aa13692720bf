/* Forms: urlencoded and multipart, whole in memory, refused rather than repaired. */
#include "http/http_in.h"

enum {
	BOUNDARY_MAX = 70,      /* RFC 2046, 5.1.1 */
	PART_HEADERS = 8,       /* of one part; browsers send two */
	PART_LINE_BYTES = 4096, /* one header of a part */
};

/* Room for `count` fields, or false with ERR_LIMIT. */
static bool take_fields(struct arena *a, struct err *e, isize count, struct form *out)
{
	*out = (struct form){0};
	if (count > LIMIT_FORM_FIELDS)
		return FAIL(e, ERR_LIMIT, "the form has more than %d fields", LIMIT_FORM_FIELDS);
	out->field = arena_bulk(a, (count + 1) * (isize)sizeof *out->field);
	return out->field || FAIL(e, ERR_LIMIT, "the form is larger than this server takes");
}

/* ---- a=1&b=2 ---- */

static isize count_pieces(str s)
{
	isize count = 0;

	while (s.n)
		count += str_cut(&s, '&').n > 0;
	return count;
}

static bool decode_piece(struct arena *a, struct err *e, str piece, isize at, str *out)
{
	char *p = arena_bulk(a, piece.n + 1);

	if (!p)
		return FAIL(e, ERR_LIMIT, "the form is larger than this server takes");
	return http_decode(p, piece, true, out) ||
		err_at(e, 1, at + 1, "the form holds text that is not UTF-8 or is badly escaped");
}

bool form_parse_query(struct arena *a, struct err *e, str query, struct form *out)
{
	str rest = query;

	if (!take_fields(a, e, count_pieces(query), out))
		return false;
	while (rest.n) {
		isize at = query.n - rest.n;
		str value = str_cut(&rest, '&'), name;
		if (value.n == 0)
			continue;
		name = str_cut(&value, '=');
		struct form_field *f = &out->field[out->count++];
		*f = (struct form_field){.file = S(""), .type = S("")};
		if (!decode_piece(a, e, name, at, &f->name) ||
			!decode_piece(a, e, value, at, &f->value))
			return false;
	}
	return true;
}

/* ---- multipart/form-data ---- */

struct multipart {
	struct arena *arena;
	struct err *err;
	str body, rest; /* rest: not yet read */
	str mark;       /* CRLF, two dashes, the boundary */
};

static bool malformed(struct multipart *m, const char *what)
{
	return err_at(m->err, 1, m->body.n - m->rest.n + 1, "the form is malformed: %s", what);
}

/* The value of a parameter, `"` to `"` or a token; false when there is none or it is malformed.
   Browsers escape a quotation mark as %22, so that none stands inside the quotes. */
static bool cut_value(str *rest, str *out)
{
	isize end;

	if (str_starts(*rest, S("\""))) {
		*rest = str_part(*rest, 1, rest->n);
		end = str_index(*rest, '"');
		if (end < 0)
			return false;
		*out = str_part(*rest, 0, end);
		*rest = str_part(*rest, end + 1, rest->n);
		return true;
	}
	str tail = *rest, head = str_cut(&tail, ';');
	*out = str_cut(&head, ' ');
	*rest = str_part(*rest, out->n, rest->n);
	return http_is_token(*out);
}

/* Cuts `; name=value` off `*rest`. */
static bool cut_parameter(str *rest, str *name, str *value)
{
	isize equals;

	*rest = str_trim(*rest);
	if (!str_starts(*rest, S(";")))
		return false;
	*rest = str_trim(str_part(*rest, 1, rest->n));
	equals = str_index(*rest, '=');
	/* Without one the name is empty, which is no token. */
	*name = str_part(*rest, 0, equals);
	*rest = str_part(*rest, equals + 1, rest->n);
	return http_is_token(*name) && cut_value(rest, value);
}

/* Cuts `*value` before its first parameter: returns the kind, leaves "; name=value…". */
static str cut_kind(str *value)
{
	str rest = *value, kind = str_cut(&rest, ';');

	*value = str_part(*value, kind.n, value->n);
	return str_trim(kind);
}

/* `form-data; name="a"; filename="b"`.  filename* is refused (RFC 7578, 4.2), as is a second
   name: another reader could take the other one. */
static bool parse_disposition(struct multipart *m, str value, struct form_field *f, bool *is_file)
{
	bool has_name = false;
	str key, text;

	if (!str_eq_fold(cut_kind(&value), S("form-data")))
		return malformed(m, "a part is not form-data");
	while (value.n) {
		if (!cut_parameter(&value, &key, &text))
			return malformed(m, "Content-Disposition cannot be read");
		if (str_eq_fold(key, S("name")) && !has_name) {
			f->name = text;
			has_name = true;
		} else if (str_eq_fold(key, S("filename")) && !*is_file) {
			f->file = text;
			*is_file = true;
		} else {
			return malformed(m, "Content-Disposition has a parameter too many");
		}
	}
	return has_name || malformed(m, "a part has no name");
}

static bool is_plain_coding(str s)
{
	return str_eq_fold(s, S("7bit")) || str_eq_fold(s, S("8bit")) ||
		str_eq_fold(s, S("binary"));
}

/* The headers of a part, up to and with the empty line. */
static bool parse_part_head(struct multipart *m, struct form_field *f, bool *is_file)
{
	bool has_disposition = false;

	for (int i = 0; i <= PART_HEADERS; i++) {
		isize end = str_find(str_part(m->rest, 0, PART_LINE_BYTES), S("\r\n"));
		if (end < 0)
			return malformed(m, "a header of a part does not end");
		str value = str_part(m->rest, 0, end);
		if (value.n == 0) {
			m->rest = str_part(m->rest, 2, m->rest.n);
			return has_disposition || malformed(m, "a part has no Content-Disposition");
		}
		str name = str_cut(&value, ':');
		value = str_trim(value);
		if (!http_is_token(name) || !utf8_is_text(value))
			return malformed(m, "a header of a part cannot be read");
		if (str_eq_fold(name, S("Content-Disposition"))) {
			if (has_disposition || !parse_disposition(m, value, f, is_file))
				return malformed(m, "a part has two names");
			has_disposition = true;
		} else if (str_eq_fold(name, S("Content-Type"))) {
			f->type = value;
		} else if (str_eq_fold(name, S("Content-Transfer-Encoding")) &&
			!is_plain_coding(value)) {
			return malformed(m, "a part is encoded; send it as it is");
		}
		m->rest = str_part(m->rest, end + 2, m->rest.n);
	}
	return malformed(m, "a part has too many headers");
}

/* Every line end as LF; a copy only where that changes something. */
static bool fold_lines(struct arena *a, str *s)
{
	if (str_index(*s, '\r') < 0)
		return true;
	char *p = arena_bulk(a, s->n);
	if (!p)
		return false;
	memcpy(p, s->p, (size_t)s->n);
	*s = (str){p, http_fold_lines(p, s->n)};
	return true;
}

static bool parse_part(struct multipart *m, struct form_field *f)
{
	bool is_file = false;

	*f = (struct form_field){.name = S(""), .file = S(""), .type = S("")};
	if (!parse_part_head(m, f, &is_file))
		return false;
	isize end = str_find(m->rest, m->mark);
	if (end < 0)
		return malformed(m, "the last part does not end");
	f->value = str_part(m->rest, 0, end);
	if (f->file.n == 0) {
		if (utf8_check(f->value) >= 0 || str_index(f->value, 0) >= 0)
			return malformed(m, "the value of a field is not UTF-8");
		f->type = S("");
		if (!fold_lines(m->arena, &f->value))
			return FAIL(m->err, ERR_LIMIT, "the form is larger than this server takes");
	} else if (f->type.n == 0) {
		f->type = S("application/octet-stream");
	}
	m->rest = str_part(m->rest, end + m->mark.n, m->rest.n);
	return true;
}

/* At least the number of parts; counted no further than they may be. */
static isize count_parts(const struct multipart *m)
{
	str rest = m->body;
	isize count = 0;

	/* Every part ends with a mark, and something follows the last: two dashes. */
	str_cut_at(&rest, m->mark);
	for (; rest.n && count <= LIMIT_FORM_FIELDS; count++)
		str_cut_at(&rest, m->mark);
	return count;
}

static bool parse_multipart(struct multipart *m, struct form *out)
{
	str first = str_part(m->mark, 2, m->mark.n);

	if (!take_fields(m->arena, m->err, count_parts(m), out))
		return false;
	if (!str_starts(m->body, first))
		return malformed(m, "it does not begin with its boundary");
	m->rest = str_part(m->body, first.n, m->body.n);
	while (str_starts(m->rest, S("\r\n"))) {
		m->rest = str_part(m->rest, 2, m->rest.n);
		if (!parse_part(m, &out->field[out->count]))
			return false;
		out->count++;
	}
	if (!str_eq(m->rest, S("--")) && !str_eq(m->rest, S("--\r\n")))
		return malformed(m, "text follows a boundary");
	return true;
}

/* The boundary of `; boundary=…`, or false. */
static bool find_boundary(str parameters, str *out)
{
	str name, value;
	bool has_one = false;

	*out = S("");
	while (parameters.n) {
		if (!cut_parameter(&parameters, &name, &value))
			return false;
		if (str_eq_fold(name, S("boundary"))) {
			if (has_one)
				return false;
			*out = value;
			has_one = true;
		}
	}
	return out->n > 0 && out->n <= BOUNDARY_MAX && utf8_is_text(*out);
}

static bool parse_any(
	struct arena *a, struct err *e, str content_type, str body, struct form *out)
{
	str parameters = content_type, boundary;
	str kind = cut_kind(&parameters);

	*out = (struct form){0};
	if (str_eq_fold(kind, S("application/x-www-form-urlencoded")))
		return form_parse_query(a, e, body, out);
	if (!str_eq_fold(kind, S("multipart/form-data")))
		return err_at(e, 1, 1,
			"send the form as application/x-www-form-urlencoded "
			"or multipart/form-data");
	if (!find_boundary(parameters, &boundary))
		return err_at(e, 1, 1, "the form's Content-Type names no boundary");
	struct multipart m = {.arena = a, .err = e, .body = body, .rest = body};
	m.mark = str_fmt(a, "\r\n--%.*s", STR_ARG(boundary));
	return parse_multipart(&m, out);
}

/* Handlers ask for each field of a record by its name, and a form has thousands: without this the
   work would grow with their product. */
static void index_names(struct arena *a, struct form *f)
{
	enum { FEW = 16 };
	uint64_t slots = 2 * FEW;
	uint16_t *first;

	_Static_assert(LIMIT_FORM_FIELDS < UINT16_MAX, "a number of a field fits");
	while (slots < 2 * (uint64_t)f->count)
		slots *= 2;
	if (f->count < FEW || !(first = arena_bulk(a, (isize)(slots * sizeof *first))))
		return;
	memset(first, 0, slots * sizeof *first);
	f->first = first;
	f->first_mask = slots - 1;
	for (isize i = 0; i < f->count; i++) {
		uint64_t h = str_hash(f->field[i].name);
		while (first[h & f->first_mask] &&
			!str_eq(f->field[first[h & f->first_mask] - 1].name, f->field[i].name))
			h++;
		if (!first[h & f->first_mask])
			first[h & f->first_mask] = (uint16_t)(i + 1);
	}
}

/* The first field of the name, or NULL. */
static const struct form_field *find_field(const struct form *f, str name)
{
	if (f->first) {
		for (uint64_t h = str_hash(name);; h++) {
			int at = f->first[h & f->first_mask];
			if (!at)
				return NULL;
			if (str_eq(f->field[at - 1].name, name))
				return &f->field[at - 1];
		}
	}
	for (isize i = 0; i < f->count; i++)
		if (str_eq(f->field[i].name, name))
			return &f->field[i];
	return NULL;
}

bool form_parse(
	struct arena *a, struct err *e, str content_type, str body, struct form *out)
{
	if (!parse_any(a, e, content_type, body, out))
		return false;
	index_names(a, out);
	return true;
}

bool form_has(const struct form *f, str name)
{
	return find_field(f, name) != NULL;
}

str form_value(const struct form *f, str name)
{
	const struct form_field *field = find_field(f, name);

	return field ? field->value : S("");
}
