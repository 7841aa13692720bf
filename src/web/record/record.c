/* One record of any kind: showing, editing, moving, linking, its history. */
#include "pages.h"
#include "web/record/record_view.h"

static str word_arg(const struct request *q, int n)
{
	return q->arg[n];
}

static bool load(struct call *c, const struct request *q, struct rec **out)
{
	return kind_get_any(c, word_arg(q, 0), out);
}

/* ---- show ---- */

static bool load_names(struct call *c, struct record_view *v)
{
	v->names = names_new(c);
	names_add_fields(v->names, v->rec);
	for (isize i = 0; i < v->revision_count && i < REVISIONS_SHOWN; i++)
		names_add(v->names, v->revision[i].by);
	return names_load(v->names);
}

static bool linktype_fits(const struct linktype *t, const struct link *l)
{
	if (!str_eq(t->type, l->type) || t->outgoing != l->outgoing)
		return false;
	for (int i = 0; i < t->kind_count; i++)
		if (t->kinds[i] == l->other.kind->id)
			return true;
	return t->kind_count == 0;
}

str view_link_label(const struct record_view *v, const struct link *l)
{
	const struct kind *k = v->rec->kind;

	for (int i = 0; i < k->link_count; i++)
		if (linktype_fits(&k->link[i], l))
			return k->link[i].label;
	return l->type;
}

bool view_may_link(const struct record_view *v, const struct link *l)
{
	if (v->call->at_us != TIME_NONE)
		return false;
	return l->outgoing ? v->may_edit
			   : call_could(v->call, l->other.kind->can_write, l->other.product);
}

str view_seen(const struct record_view *v, const struct link *l)
{
	struct buf b;

	buf_init(&b, v->call->arena, 64);
	time_print(&b, l->changed);
	return buf_str(&b);
}

static bool record_view_make(
	struct call *c, struct request *q, struct rec *rec, struct record_view *v)
{
	*v = (struct record_view){.call = c, .rec = rec};
	v->may_edit = c->at_us == TIME_NONE && call_could(c, rec->kind->can_write, rec->product);
	if (!kind_history(c, rec->kind, rec->ref, &v->revision, &v->revision_count) ||
		!load_names(c, v) || !record_view_pending(v) ||
		!link_list(c, rec->ref, &v->link, &v->link_count) ||
		!signature_list(c, rec, &v->signature, &v->signature_count))
		return false;
	for (isize i = 0; i < v->link_count && !v->may_link; i++)
		v->may_link = view_may_link(v, &v->link[i]);
	if (!frame_make(c, q, rec->title, rec->kind->area, &v->frame))
		return false;
	frame_crumb(&v->frame, rec->kind->plural,
		str_fmt(c->arena, "/records/%.*s", STR_ARG(rec->kind->name)));
	v->is_product = rec->kind->id == KIND_PRODUCT;
	return true;
}

static bool as_json(struct call *c, const struct rec *rec, struct http_reply *out)
{
	struct buf b;

	buf_init(&b, c->arena, LIMIT_RECORD_BYTES);
	kind_json(&b, rec);
	buf_char(&b, '\n');
	reply_file(out, S("application/json"), buf_str(&b));
	return true;
}

static bool as_csv(struct call *c, const struct rec *rec, struct http_reply *out)
{
	struct buf b;

	buf_init(&b, c->arena, LIMIT_RECORD_BYTES);
	kind_csv_head(&b, rec->kind);
	kind_csv_line(&b, c->arena, rec);
	reply_file(out, S("text/csv; charset=utf-8"), buf_str(&b));
	return true;
}

bool web_record(struct call *c, struct request *q, struct http_reply *out)
{
	struct record_view *v = NEW(c->arena, struct record_view, 1);
	struct rec *rec;

	if (!load(c, q, &rec) || !record_choose(c, q, &rec))
		return false;
	if (str_eq(q->ending, S("json")))
		return as_json(c, rec, out);
	if (str_eq(q->ending, S("csv")))
		return as_csv(c, rec, out);
	if (!record_view_make(c, q, rec, v))
		return false;
	struct buf *b = reply_page(c, out);
	record_page_html(b, v);
	reply_done(out, b);
	return true;
}

/* ---- edit ---- */

/* `name` is the input's in the form sent, `shown` its name in the form that may be shown again.  A
   field that the form does not have stays as it is: browsers leave out boxes without a tick, so
   the page sends an empty field behind each box. */
static bool set_field(struct call *c, const struct form *form, void *rec, const struct field *f,
	str name, str shown)
{
	str value = str_trim(form_value(form, name));

	if (!form_has(form, name))
		return true;
	if (f->type == FIELD_WORDS) {
		edit_read_words(c->arena, value, kind_slot(rec, f));
		return true;
	}
	/* The time of a browser's field has no seconds and no zone; ours is UTC. */
	if (f->type == FIELD_TIME && value.n == 16)
		value = str_fmt(c->arena, "%.*s:00Z", STR_ARG(value));
	const struct issue *before = c->err.last;
	bool ok = kind_set(c, rec, f, value);
	if (!ok && c->err.last != before) {
		c->err.last->field = shown;
		c->err.last->given = value;
	}
	return ok;
}

static bool row_is_empty(const struct field *f, const void *row)
{
	for (int i = 0; i < f->col_count; i++)
		if (!kind_is_empty(row, &f->col[i]))
			return false;
	return true;
}

/* The row as it was, for the columns that the form does not have; a new one is empty. */
static void begin_row(
	struct call *c, const struct field *f, const struct any_rows *old, isize i, char *row)
{
	if (i < old->count)
		memcpy(row, (const char *)old->item + i * f->row_size, (size_t)f->row_size);
	else
		memcpy(row, row_empty(c, f), (size_t)f->row_size);
}

static bool set_rows(struct call *c, const struct form *form, void *rec, const struct field *f)
{
	struct any_rows *rows = kind_slot(rec, f), old = *rows;
	struct edit_view v = {.call = c};
	int64_t given = 0;
	bool all_ok = true;

	if (!form_has(form, f->name))
		return true;
	if (!str_int(form_value(form, f->name), 0, LIMIT_ROWS, &given))
		return err_issue(
			&c->err, f->name, "%.*s: the number of rows is missing", STR_ARG(f->label));
	rows->item = arena_take(c->arena, f->row_size, (isize) _Alignof(max_align_t), (isize)given);
	rows->count = 0;
	for (isize i = 0; i < given; i++) {
		char *row = (char *)rows->item + rows->count * f->row_size;
		bool ok = true;
		begin_row(c, f, &old, i, row);
		for (int n = 0; n < f->col_count; n++)
			ok = set_field(c, form, row, &f->col[n], edit_name(&v, f, i, &f->col[n]),
				     edit_name(&v, f, rows->count, &f->col[n])) &&
				ok;
		rows->count += !ok || !row_is_empty(f, row);
		all_ok = all_ok && ok;
	}
	return all_ok;
}

/* Every field that the form was sent with. */
static bool set_fields(struct call *c, const struct form *form, struct rec *rec)
{
	bool ok = true;

	for (int i = 0; i < rec->kind->field_count; i++) {
		const struct field *f = &rec->kind->field[i];
		if (f->secret && rec->hidden)
			continue;
		if (f->type == FIELD_ROWS)
			ok = set_rows(c, form, rec, f) && ok;
		else
			ok = set_field(c, form, rec, f, f->name, f->name) && ok;
	}
	return ok;
}

/* Takes the form over; when a value cannot be read, says what else is wrong at once. */
static bool take_form(struct call *c, const struct form *form, struct rec *rec)
{
	if (set_fields(c, form, rec))
		return true;
	kind_check_rest(c, rec);
	return false;
}

/* What is there of a record that somebody edits; one that is gone meanwhile is told when it is
   saved. */
static bool load_stored(struct call *c, struct edit_view *v)
{
	void *rec = NULL;

	if (!v->rec->rev || kind_get_rev(c, v->rec->kind, v->rec->ref, v->rec->rev, &rec)) {
		v->stored = rec;
		return true;
	}
	bool is_gone = c->err.code == ERR_MISSING;
	err_clear(&c->err);
	return is_gone;
}

static bool show_form(struct call *c, struct request *q, struct rec *rec, struct http_reply *out)
{
	struct edit_view *v = NEW(c->arena, struct edit_view, 1);
	struct err e = c->err;

	err_clear(&c->err);
	*v = (struct edit_view){.call = c,
		.rec = rec,
		.issues = e.issues,
		.wrong = err_text(&e),
		.reason = form_value(&q->form, kind_reason_name(rec->kind))};
	if (!load_stored(c, v))
		return false;
	v->has_error = v->is_unsaved = e.code != ERR_NONE;
	str title = rec->rev
		? str_fmt(c->arena, "Edit %.*s%s", STR_ARG(rec->ref),
			  rec->base ? ", the pending revision" : "")
		: str_fmt(c->arena, "New %.*s", STR_ARG(str_lower(c->arena, rec->kind->title)));
	if (!frame_make(c, q, title, rec->kind->area, &v->frame))
		return false;
	v->frame.is_error = v->has_error;
	frame_crumb(&v->frame, rec->kind->plural,
		str_fmt(c->arena, "/records/%.*s", STR_ARG(rec->kind->name)));
	if (rec->rev)
		frame_crumb(&v->frame, rec->ref, record_url(c, rec->ref));
	v->is_new_version = rec->rev && rec->kind->state[rec->state].pending;
	struct buf *b = reply_page(c, out);
	edit_page_html(b, v);
	reply_done(out, b);
	out->status = e.code == ERR_CONFLICT ? 409 : v->has_error ? 422 : 200;
	return true;
}

bool web_record_edit(struct call *c, struct request *q, struct http_reply *out)
{
	struct rec *rec, *pending;

	if (!load(c, q, &rec) || !call_may(c, rec->kind->can_write, rec->product) ||
		!pending_get(c, rec, &pending))
		return false;
	return show_form(c, q, pending ? pending : rec, out);
}

/* What was typed, on top of the newer revision: a field that was left alone is theirs. */
static bool rebase(struct call *c, struct rec *mine, const struct rec *theirs)
{
	void *base;

	if (kind_get_rev(c, mine->kind, mine->ref, mine->rev, &base))
		kind_merge(mine, base, theirs);
	else if (c->err.code != ERR_MISSING)
		return false;
	err_clear(&c->err);
	mine->rev = theirs->rev;
	mine->base = theirs->base;
	mine->began = theirs->began;
	mine->state = theirs->state;
	return true;
}

/* 409: what differs, and the form to save what was typed all the same. */
static bool show_conflict(
	struct call *c, struct request *q, struct rec *mine, struct http_reply *out)
{
	struct conflict_view *v = NEW(c->arena, struct conflict_view, 1);
	struct names *names = names_new(c);

	err_clear(&c->err);
	if (!pending_or_current(c, mine->ref, mine->rev, &v->theirs) ||
		!rebase(c, mine, v->theirs))
		return false;
	names_add(names, v->theirs->by);
	if (!compare_make(names, v->theirs, mine, &v->compare) ||
		!frame_make(c, q, S("Somebody else saved first"), mine->kind->area, &v->frame))
		return false;
	v->compare.before_label = "Saved now";
	v->compare.after_label = "What you typed";
	v->compare.has_form = true;
	v->frame.is_error = true;
	frame_crumb(&v->frame, mine->ref, record_url(c, mine->ref));
	v->edit = (struct edit_view){.frame = v->frame,
		.call = c,
		.rec = mine,
		.reason = form_value(&q->form, kind_reason_name(mine->kind)),
		.has_error = true,
		.is_unsaved = true};
	if (!load_stored(c, &v->edit))
		return false;
	struct buf *b = reply_page(c, out);
	conflict_page_html(b, v);
	reply_done(out, b);
	out->status = 409;
	return true;
}

/* To the record; to the list of its kind when it is not, or no longer, for who saved it. */
static bool show_saved(struct call *c, const struct rec *rec, struct http_reply *out)
{
	if (kind_seen(c, rec->ref))
		return reply_redirect(out, record_url(c, rec->ref));
	return c->err.code == ERR_NONE &&
		reply_redirect(out, str_fmt(c->arena, "/records/%.*s", STR_ARG(rec->kind->name)));
}

bool web_record_save(struct call *c, struct request *q, struct http_reply *out)
{
	struct rec *rec;
	int64_t rev;

	if (!str_int(form_value(&q->form, S("rev")), 1, INT64_MAX, &rev))
		rev = 0;
	if (!pending_or_current(c, word_arg(q, 0), rev, &rec) ||
		!call_may(c, rec->kind->can_write, rec->product))
		return false;
	if (!rev)
		return FAIL(&c->err, ERR_SYNTAX, "the form lacks its revision");
	rec->rev = rev;
	c->reason = str_trim(form_value(&q->form, kind_reason_name(rec->kind)));
	bool ok = take_form(c, &q->form, rec);
	if (ok && kind_put(c, rec, str_fmt(c->arena, "%.*s.update", STR_ARG(rec->kind->name))))
		return show_saved(c, rec, out);
	if (c->err.code == ERR_CONFLICT)
		return show_conflict(c, q, rec, out);
	if (c->err.code != ERR_INVALID)
		return false;
	rec->rev = rev;
	return show_form(c, q, rec, out);
}

/* ---- new ---- */

static bool kind_of_path(struct call *c, const struct request *q, const struct kind **out)
{
	*out = kind_by_name(word_arg(q, 0));
	return *out ||
		FAIL(&c->err, ERR_MISSING, "there is no kind of record \"%.*s\"",
			STR_ARG(word_arg(q, 0)));
}

bool web_record_new(struct call *c, struct request *q, struct http_reply *out)
{
	const struct kind *k;

	if (!kind_of_path(c, q, &k) || !call_may_some(c, k->can_write))
		return false;
	struct rec *rec = kind_new(c->arena, k);
	rec->owner = c->who.ref;
	rec->product = form_value(&q->query, S("product"));
	return show_form(c, q, rec, out);
}

bool web_record_create(struct call *c, struct request *q, struct http_reply *out)
{
	const struct kind *k;

	if (!kind_of_path(c, q, &k) || !call_may_some(c, k->can_write))
		return false;
	struct rec *rec = kind_new(c->arena, k);
	c->reason = str_trim(form_value(&q->form, kind_reason_name(k)));
	bool ok = take_form(c, &q->form, rec);
	if (ok && kind_put(c, rec, str_fmt(c->arena, "%.*s.create", STR_ARG(k->name))))
		return show_saved(c, rec, out);
	if (c->err.code != ERR_INVALID)
		return false;
	rec->rev = 0;
	rec->ref = S("");
	return show_form(c, q, rec, out);
}

/* ---- move, link ---- */

bool web_record_move(struct call *c, struct request *q, struct http_reply *out)
{
	struct rec *rec;
	int64_t rev;

	if (!str_int(form_value(&q->form, S("rev")), 1, INT64_MAX, &rev))
		rev = 0;
	if (!pending_or_current(c, word_arg(q, 0), rev, &rec))
		return false;
	if (rev && rev != rec->rev)
		return FAIL(&c->err, ERR_CONFLICT,
			"%.*s changed since you looked at it: look again", STR_ARG(rec->ref));
	if (q->proof && q->proof->asked && !q->proof->good)
		return web_proof_refused(c, q);
	c->reason = str_trim(form_value(&q->form, S("reason")));
	return kind_move(c, rec, kind_state(rec->kind, form_value(&q->form, S("to")))) &&
		reply_redirect(out, record_url(c, rec->ref));
}

/* "treats>" is a link from this record, "treats<" one to it. */
static bool link_ends(
	struct call *c, const struct request *q, str ref, str *from, str *to, str *type)
{
	str given = form_value(&q->form, S("type")),
	    other = str_trim(form_value(&q->form, S("other")));

	if (!str_ends(given, S(">")) && !str_ends(given, S("<")))
		return err_issue(&c->err, S("type"), "choose what the link means");
	bool outgoing = str_ends(given, S(">"));
	*type = str_part(given, 0, given.n - 1);
	*from = outgoing ? ref : other;
	*to = outgoing ? other : ref;
	return other.n || err_issue(&c->err, S("other"), "give the reference of the other record");
}

bool web_record_link(struct call *c, struct request *q, struct http_reply *out)
{
	str ref = word_arg(q, 0), from, to, type;

	return link_ends(c, q, ref, &from, &to, &type) &&
		link_add(c, from, type, to, str_trim(form_value(&q->form, S("note")))) &&
		reply_redirect(out, record_url(c, ref));
}

bool web_record_link_confirm(struct call *c, struct request *q, struct http_reply *out)
{
	str ref = word_arg(q, 0), from, to, type;
	int64_t seen_us;

	if (!link_ends(c, q, ref, &from, &to, &type))
		return false;
	if (!time_parse(form_value(&q->form, S("seen")), &seen_us))
		return FAIL(&c->err, ERR_SYNTAX, "the form lacks when the records were seen");
	return link_confirm(c, from, type, to, seen_us) &&
		reply_redirect(out, record_url(c, ref));
}

bool web_record_unlink(struct call *c, struct request *q, struct http_reply *out)
{
	str ref = word_arg(q, 0), from, to, type;

	return link_ends(c, q, ref, &from, &to, &type) && link_remove(c, from, type, to) &&
		reply_redirect(out, record_url(c, ref));
}
