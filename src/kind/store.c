/* Reading and writing revisions. */
#include "crypt/crypt.h"
#include "kind/kind_in.h"
#include "ledger/ledger.h"

enum { FIELDS_MAX = 100 };

/* ---- reading ---- */

/* Whoever reads has put nothing in: what is wrong here is not an issue of theirs. */
static bool load_rows(struct call *c, void *rec, const struct field *f, str stored)
{
	struct err before = c->err;

	c->err = (struct err){.arena = c->arena};
	bool ok = kind_set(c, rec, f, stored);
	c->err = before;
	return ok;
}

static void load_field(
	struct call *c, void *rec, const struct field *f, const struct rows *r, int at)
{
	if (rows_is_null(r, at))
		return;
	switch (f->type) {
	case FIELD_INT:
	case FIELD_DATE:
	case FIELD_TIME:
		*(int64_t *)kind_slot(rec, f) = rows_int(r, at);
		break;
	case FIELD_FLAG:
		*(bool *)kind_slot(rec, f) = rows_int(r, at) != 0;
		break;
	case FIELD_ENUM:
		*(int *)kind_slot(rec, f) = kind_word_find(f->set, rows_str(r, at));
		break;
	case FIELD_TEXT:
	case FIELD_PROSE:
	case FIELD_REF:
		*(str *)kind_slot(rec, f) = str_dup(c->arena, rows_str(r, at));
		break;
	case FIELD_WORDS:
	case FIELD_ROWS:
		if (!load_rows(c, rec, f, str_dup(c->arena, rows_str(r, at))))
			FAIL(&c->err, ERR_TAMPERED, "the stored %.*s cannot be read",
				STR_ARG(f->label));
		break;
	}
}

void *row_record(struct call *c, const struct kind *k, const struct rows *r)
{
	struct rec *rec = kind_new(c->arena, k);
	str id = rows_blob(r, 1);

	rec->ref = str_dup(c->arena, rows_str(r, 0));
	/* What a file holds is from outside: damage is told, and ends nobody's process. */
	if (id.n == (isize)sizeof rec->id)
		memcpy(rec->id.b, id.p, sizeof rec->id);
	else
		FAIL(&c->err, ERR_TAMPERED, "%.*s is damaged in the store; run ward verify",
			STR_ARG(rec->ref));
	rec->rev = rows_int(r, 2);
	rec->since = rows_int(r, 3);
	rec->until = rows_is_null(r, 4) ? TIME_NONE : rows_int(r, 4);
	rec->by = str_dup(c->arena, rows_str(r, 5));
	rec->why = str_dup(c->arena, rows_str(r, 6));
	rec->state = kind_state(k, rows_str(r, 7));
	if (rec->state < 0) {
		FAIL(&c->err, ERR_TAMPERED, "%.*s is damaged in the store; run ward verify",
			STR_ARG(rec->ref));
		rec->state = 0;
	}
	for (int i = 0; i < k->field_count; i++)
		load_field(c, rec, &k->field[i], r, REC_COLUMNS + i);
	return rec;
}

bool record_hide(struct call *c, struct rec *r)
{
	struct standing now;
	bool has_secret = false;

	for (int i = 0; i < r->kind->field_count; i++)
		has_secret |= r->kind->field[i].secret;
	if (!has_secret || c->who.is_system)
		return true;
	if (!standing_of(c, r, &now))
		return false;
	if (standing_known(c, &now))
		return true;
	for (int i = 0; i < r->kind->field_count; i++)
		if (r->kind->field[i].secret) {
			field_clear(r, &r->kind->field[i]);
			r->hidden = true;
		}
	return true;
}

static bool fetch(struct call *c, const struct kind *k, struct rows *r, str ref, void **out)
{
	struct standing now;

	*out = rows_next(r) ? row_record(c, k, r) : NULL;
	if (!rows_done(r))
		return false;
	if (c->err.code)
		return false;
	if (!*out || !standing_of(c, *out, &now) || !standing_seen(c, &now))
		return FAIL(&c->err, ERR_MISSING, "there is no %.*s", STR_ARG(ref));
	return record_hide(c, *out);
}

bool kind_get(struct call *c, const struct kind *k, str ref, void **out)
{
	const struct kind_sql *s = kind_sql(k);
	struct rows r;

	if (c->at_us == TIME_NONE)
		db_query(c->db, &r, db_built(SQL_CLASS_READ, s->get), V(ref));
	else
		db_query(c->db, &r, db_built(SQL_CLASS_READ, s->get_at), V(ref), V(c->at_us));
	return fetch(c, k, &r, ref, out);
}

bool kind_get_rev(struct call *c, const struct kind *k, str ref, int64_t rev, void **out)
{
	struct rows r;

	db_query(c->db, &r, db_built(SQL_CLASS_READ, kind_sql(k)->get_rev), V(ref), V(rev));
	return fetch(c, k, &r, ref, out);
}

bool kind_get_any(struct call *c, str ref, struct rec **out)
{
	const struct kind *k = kind_of_ref(c, ref);
	void *rec = NULL;

	if (!k)
		return FAIL(&c->err, ERR_MISSING, "there is no %.*s", STR_ARG(ref));
	bool ok = kind_get(c, k, ref, &rec);
	*out = rec;
	return ok;
}

bool kind_history(
	struct call *c, const struct kind *k, str ref, struct revision **out, isize *count)
{
	enum { REVISIONS_MAX = 1000 };
	struct rows r;

	struct standing now;

	*out = NEW(c->arena, struct revision, REVISIONS_MAX);
	*count = 0;
	if (!standing_load(c, k, ref, &now) || !standing_seen(c, &now))
		return FAIL(&c->err, ERR_MISSING, "there is no %.*s", STR_ARG(ref));
	db_query(c->db, &r, db_built(SQL_CLASS_READ, kind_sql(k)->history), V(ref));
	while (rows_next(&r)) {
		struct revision *v = &(*out)[(*count)++];
		int state = kind_state(k, rows_str(&r, 4));
		v->rev = rows_int(&r, 0);
		v->since = rows_int(&r, 1);
		v->by = str_dup(c->arena, rows_str(&r, 2));
		v->why = str_dup(c->arena, rows_str(&r, 3));
		v->state = state >= 0 ? k->state[state].label : S("");
	}
	return rows_done(&r);
}

/* ---- writing ---- */

/* "RSK-12" is RSK and 12; "P04" is P and 4; "R-PSL" is R-PSL without a number.  A reference begins
   with a letter. */
static str ref_split(str ref, int64_t *number)
{
	isize n = ref.n;

	while (ref.p[n - 1] >= '0' && ref.p[n - 1] <= '9')
		n--;
	if (!str_int(str_part(ref, n, ref.n), 0, 999999999, number))
		*number = INT_NONE;
	if (ref.p[n - 1] == '-')
		n--;
	return str_part(ref, 0, n);
}

static bool ref_is_good(str ref)
{
	if (ref.n > LIMIT_REF || ref.p[0] < 'A' || ref.p[0] > 'Z')
		return false;
	for (isize i = 1; i < ref.n; i++) {
		char ch = ref.p[i];
		bool letter = (ch >= 'A' && ch <= 'Z') || (ch >= 'a' && ch <= 'z');
		if (!letter && !(ch >= '0' && ch <= '9') && ch != '-')
			return false;
	}
	return true;
}

static bool give_ref(struct call *c, struct rec *rec)
{
	if (rec->ref.n)
		return ref_is_good(rec->ref) ||
			err_issue(&c->err, S("ref"), "\"%.*s\" is not a reference",
				STR_ARG(rec->ref));
	int64_t last = db_int(c->db,
		SQL("SELECT number FROM record WHERE prefix = $1 AND number IS NOT NULL"
		    " ORDER BY number DESC LIMIT 1"),
		V(rec->kind->prefix));
	rec->ref = str_fmt(c->arena, "%.*s-%" PRId64, STR_ARG(rec->kind->prefix), last + 1);
	return true;
}

static struct value store_value(struct call *c, const void *rec, const struct field *f)
{
	if (kind_is_empty(rec, f))
		return V_NULL;
	switch (f->type) {
	case FIELD_INT:
	case FIELD_DATE:
	case FIELD_TIME:
		return V(field_number(rec, f));
	case FIELD_FLAG:
		return V(1);
	case FIELD_TEXT:
	case FIELD_PROSE:
	case FIELD_REF:
	case FIELD_ENUM:
	case FIELD_WORDS:
	case FIELD_ROWS:
		return V(kind_value(c->arena, rec, f));
	}
	assert(false && "field type");
	return V_NULL;
}

static bool insert_revision(struct call *c, const struct rec *rec)
{
	const struct kind *k = rec->kind;
	struct value v[REC_COLUMNS + FIELDS_MAX];

	assert(k->field_count <= FIELDS_MAX);
	v[0] = db_built(SQL_CLASS_CHANGE, kind_sql(k)->insert);
	v[1] = V(rec->ref);
	v[2] = V_BLOB(rec->id.b, (isize)sizeof rec->id.b);
	v[3] = V(rec->rev);
	v[4] = V(rec->since);
	v[5] = V(rec->by);
	v[6] = V(rec->why);
	v[7] = V(k->state[rec->state].name);
	for (int i = 0; i < k->field_count; i++)
		v[REC_COLUMNS + i] = store_value(c, rec, &k->field[i]);
	return db_exec_values(c->db, v, REC_COLUMNS + k->field_count);
}

static bool put_summary(struct call *c, const struct rec *rec)
{
	const struct kind *k = rec->kind;
	int64_t number;
	str prefix = ref_split(rec->ref, &number),
	    class = kind_word(kind_field(k, S("classification")), rec->classification);
	struct value due = rec->review_due == DAY_NONE ? V_NULL : V(rec->review_due);

	if (rec->rev == 1)
		return db_exec(c->db,
			SQL_CHANGE(
				"INSERT INTO record(ref, id, kind, prefix, number, rev, title, "
				"state, owner,"
				" product, classification, review_due, changed)"
				" VALUES($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)"),
			V(rec->ref), V_BLOB(rec->id.b, (isize)sizeof rec->id.b), V(k->name),
			V(prefix), number == INT_NONE ? V_NULL : V(number), V(rec->rev),
			V(rec->title), V(k->state[rec->state].name), V(rec->owner), V(rec->product),
			V(class), due, V(rec->since));
	return db_exec(c->db,
		SQL_CHANGE("UPDATE record SET rev = $1, title = $2, state = $3, owner = $4, "
			   "product = $5,"
			   " classification = $6, review_due = $7, changed = $8 WHERE ref = $9"),
		V(rec->rev), V(rec->title), V(k->state[rec->state].name), V(rec->owner),
		V(rec->product), V(class), due, V(rec->since), V(rec->ref));
}

static void put_values(struct buf *b, const void *rec, const void *other)
{
	const struct kind *k = ((const struct rec *)rec)->kind;
	bool first = true;

	buf_char(b, '{');
	for (int i = 0; i < k->field_count; i++) {
		const struct field *f = &k->field[i];
		struct buf one, two;
		if (kind_is_empty(rec, f))
			continue;
		if (other && !kind_is_empty(other, f)) {
			buf_init(&one, b->arena, LIMIT_RECORD_BYTES);
			buf_init(&two, b->arena, LIMIT_RECORD_BYTES);
			field_json(&one, rec, f);
			field_json(&two, other, f);
			if (str_eq(buf_str(&one), buf_str(&two)))
				continue;
		}
		json_put_key(b, &first, f->name);
		field_json(b, rec, f);
	}
	buf_char(b, '}');
}

/* The body of an entry about a record is its revision, the hash of its canonical
   form, what was there before, what is there now, and the words of the person. */
static bool log_revision(struct call *c, const struct rec *rec, const void *before, str act)
{
	struct buf canonical, body;
	struct sha256 hash;

	buf_init(&canonical, c->arena, LIMIT_RECORD_BYTES);
	kind_json(&canonical, rec);
	if (canonical.full)
		return FAIL(&c->err, ERR_LIMIT, "the record is larger than %d bytes",
			LIMIT_RECORD_BYTES);
	hash = sha256(buf_str(&canonical));
	buf_init(&body, c->arena, 4 * LIMIT_RECORD_BYTES);
	buf_fmt(&body, "{\"rev\":%" PRId64 ",\"hash\":\"", rec->rev);
	hex_print(&body, hash.b, (isize)sizeof hash.b);
	buf_add(&body, S("\",\"state\":"));
	json_put_string(&body, rec->kind->state[rec->state].name);
	if (before) {
		buf_add(&body, S(",\"before\":"));
		put_values(&body, before, rec);
	}
	buf_add(&body, S(",\"after\":"));
	put_values(&body, rec, before);
	if (c->reason.n) {
		buf_add(&body, S(",\"words\":"));
		json_put_string(&body, c->reason);
	}
	buf_char(&body, '}');
	return ledger_append(c,
		&(struct entry){.act = act,
			.object = str_fmt(
				c->arena, "%.*s:%.*s", STR_ARG(rec->kind->name), STR_ARG(rec->ref)),
			.outcome = S("ok"),
			.body = buf_str(&body)});
}

/* Closes the revision that the caller started from.  Somebody else's save in between shows as no
   row to close. */
static bool close_before(struct call *c, struct rec *rec, void **before)
{
	const struct kind *k = rec->kind;
	struct rows r;

	db_query(c->db, &r, db_built(SQL_CLASS_READ, kind_sql(k)->get), V(rec->ref));
	*before = rows_next(&r) ? row_record(c, k, &r) : NULL;
	if (!rows_done(&r) || !*before)
		return FAIL(&c->err, ERR_MISSING, "there is no %.*s", STR_ARG(rec->ref));
	const struct rec *was = *before;
	if (was->rev != rec->rev)
		return FAIL(&c->err, ERR_CONFLICT,
			"%.*s was saved by somebody else: revision %" PRId64
			" is not the latest, %" PRId64 " is",
			STR_ARG(rec->ref), rec->rev, was->rev);
	const struct standing now = record_standing(was);
	if (!standing_seen(c, &now))
		return FAIL(&c->err, ERR_MISSING, "there is no %.*s", STR_ARG(rec->ref));
	if (!call_may(c, k->can_write, was->product))
		return false;
	if (c->now_us <= was->since)
		c->now_us = was->since + 1;
	return db_exec(c->db, db_built(SQL_CLASS_CHANGE, kind_sql(k)->close), V(c->now_us),
		V(rec->ref), V(rec->rev));
}

/* Who could not see the secret fields saves the record as if they had not been touched. */
static void keep_hidden(struct rec *rec, const void *before)
{
	for (int i = 0; rec->hidden && i < rec->kind->field_count; i++)
		if (rec->kind->field[i].secret)
			field_copy(rec, before, &rec->kind->field[i]);
}

static void make_id(struct call *c, struct rec *rec)
{
	uint8_t random[UUID_RANDOM_BYTES];

	crypt_random(random, (isize)sizeof random);
	struct uuid id = uuid_v7(c->now_us, random);
	memcpy(rec->id.b, id.b, sizeof rec->id.b);
}

static bool ref_is_free(struct call *c, str ref)
{
	return !db_int(c->db, SQL("SELECT count(*) FROM record WHERE ref = $1"), V(ref)) ||
		err_issue(&c->err, S("ref"), "%.*s is taken", STR_ARG(ref));
}

/* Drafts are free; what is in force says why it changes (a move says it by itself). */
static void check_reason(struct call *c, const struct rec *rec, str act)
{
	if (str_ends(act, S(".update")) && rec->kind->state[rec->state].in_force &&
		!c->reason.n && !c->who.is_system)
		err_issue(&c->err, S("reason"),
			"Reason: this record is in force; say why it changes");
}

/* What nobody may see is lost to everybody. */
static void check_protected(struct call *c, const struct rec *rec)
{
	const struct standing s = record_standing(rec);

	if (!c->who.is_system && s.is_protected && s.owner.n == 0 && s.need_to_know.count == 0)
		err_issue(&c->err, S("need_to_know"),
			"Need to know: name who may see it, since it is protected");
}

/* The rules about what was there before. */
static bool check_before(struct call *c, struct rec *rec, const struct rec *before)
{
	return (!before || (standing_keep(c, before, rec) && approval_keep(c, before, rec))) &&
		(!rec->kind->guard || c->who.is_system || rec->kind->guard(c, before, rec));
}

bool kind_put(struct call *c, void *record, str act)
{
	struct rec *rec = record;
	void *before = NULL;

	assert(c->ledger && act.n);
	if (!call_may(c, rec->kind->can_write, rec->product))
		return false;
	check_reason(c, rec, act);
	check_protected(c, rec);
	if (!kind_check(c, rec))
		return false;
	c->now_us++;
	if (rec->rev == 0) {
		make_id(c, rec);
		if (!give_ref(c, rec) || !ref_is_free(c, rec->ref))
			return false;
	} else {
		if (!close_before(c, rec, &before))
			return false;
		keep_hidden(rec, before);
	}
	if (!check_before(c, rec, before))
		return false;
	rec->rev++;
	rec->since = c->now_us;
	rec->until = TIME_NONE;
	rec->by = c->who.ref;
	rec->why = c->reason;
	return put_summary(c, rec) && insert_revision(c, rec) && search_put(c, rec) &&
		log_revision(c, rec, before, act);
}
