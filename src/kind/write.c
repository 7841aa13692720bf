/* Writing revisions: references, the row, the summary, the words of search, the entry. */
#include "crypt/crypt.h"
#include "kind/kind_in.h"
#include "ledger/ledger.h"

enum { FIELDS_MAX = 100 };

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

/* `changed` is when the content did: a link is looked at again for that, not for a state, an owner
   or a tag. */
static bool put_summary(struct call *c, const struct rec *rec, const struct rec *before)
{
	const struct kind *k = rec->kind;
	int64_t number;
	str prefix = ref_split(rec->ref, &number),
	    class = kind_word(kind_field(k, S("classification")), rec->classification);
	struct value due = rec->review_due == DAY_NONE ? V_NULL : V(rec->review_due);

	if (!before)
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
			   " classification = $6, review_due = $7, changed = coalesce($8, changed)"
			   " WHERE ref = $9"),
		V(rec->rev), V(rec->title), V(k->state[rec->state].name), V(rec->owner),
		V(rec->product), V(class), due,
		content_differs(before, rec, -1) ? V(rec->since) : V_NULL, V(rec->ref));
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
bool log_revision(struct call *c, const struct rec *rec, const struct rec *before, str act)
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
			.object = str_fmt(c->arena, "%.*s:%.*s",
				STR_ARG(rec->base ? S("pending") : rec->kind->name),
				STR_ARG(rec->ref)),
			.outcome = S("ok"),
			.body = buf_str(&body)});
}

bool record_now(struct call *c, const struct rec *rec, int right, struct rec **out)
{
	const struct kind *k = rec->kind;
	struct rows r;

	db_query(c->db, &r, db_built(SQL_CLASS_READ, kind_sql(k)->get), V(rec->ref));
	struct rec *now = rows_next(&r) ? row_record(c, k, &r) : NULL;
	if (!rows_done(&r) || !now)
		return FAIL(&c->err, ERR_MISSING, "there is no %.*s", STR_ARG(rec->ref));
	const struct standing s = record_standing(now);
	if (!standing_seen(c, &s))
		return FAIL(&c->err, ERR_MISSING, "there is no %.*s", STR_ARG(rec->ref));
	if (right && !call_may(c, right, now->product))
		return false;
	if (c->now_us <= now->since)
		c->now_us = now->since + 1;
	*out = now;
	return c->err.code == ERR_NONE;
}

void keep_hidden(struct rec *rec, const void *before)
{
	for (int i = 0; rec->hidden && i < rec->kind->field_count; i++)
		if (rec->kind->field[i].secret)
			field_copy(rec, before, &rec->kind->field[i]);
}

void drop_hidden(struct rec *rec)
{
	for (int i = 0; rec->hidden && i < rec->kind->field_count; i++)
		if (rec->kind->field[i].secret)
			field_clear(rec, &rec->kind->field[i]);
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

/* Revisions of a record are counted together, those in force and the pending ones. */
static int64_t next_revision(struct call *c, const struct rec *rec)
{
	int64_t last = rec->rev;

	if (rec->rev && kind_has_pending(rec->kind)) {
		int64_t pending = pending_newest(c, rec->ref);
		last = pending > last ? pending : last;
	}
	return last + 1;
}

bool record_write(struct call *c, struct rec *rec, const struct rec *before, str act)
{
	const struct kind *k = rec->kind;

	if ((k->guard && !c->who.is_system && !k->guard(c, before, rec)) ||
		!hierarchy_keep(c, rec, before))
		return false;
	if (before &&
		!db_exec(c->db, db_built(SQL_CLASS_CHANGE, kind_sql(k)->close), V(c->now_us),
			V(rec->ref), V(before->rev)))
		return false;
	rec->rev = next_revision(c, rec);
	rec->base = rec->began = 0;
	rec->since = c->now_us;
	rec->until = TIME_NONE;
	rec->by = c->who.ref;
	rec->why = c->reason;
	return put_summary(c, rec, before) && insert_revision(c, rec) && search_put(c, rec) &&
		log_revision(c, rec, before, act);
}

/* ---- saving ---- */

/* Drafts are free; what is in force says why it changes (a move says it by itself). */
static void check_reason(struct call *c, const struct rec *rec, str act)
{
	if (str_ends(act, S(".update")) && rec->kind->state[rec->state].in_force &&
		!c->reason.n && !c->who.is_system)
		err_issue(&c->err, kind_reason_name(rec->kind),
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

static bool create(struct call *c, struct rec *rec, str act)
{
	if (!record_check(c, rec, act) || !rows_keep(c, rec, NULL))
		return false;
	make_id(c, rec);
	return give_ref(c, rec) && ref_is_free(c, rec->ref) && record_write(c, rec, NULL, act);
}

static bool is_same(const struct rec *before, const struct rec *after)
{
	for (int i = 0; i < after->kind->field_count; i++)
		if (!field_is_same(before, after, &after->kind->field[i]))
			return false;
	return before->state == after->state;
}

/* What was approved stays as it is, and the change stands beside it. */
static bool becomes_pending(struct call *c, const struct rec *before, const struct rec *after)
{
	return !c->who.is_loader && before->state == after->state &&
		after->kind->state[after->state].pending &&
		content_differs(before, after, after->state);
}

static bool change(struct call *c, struct rec *rec, const struct rec *before, str act)
{
	if (before->rev != rec->rev)
		return FAIL(&c->err, ERR_CONFLICT,
			"%.*s was saved by somebody else: revision %" PRId64
			" is not the latest, %" PRId64 " is",
			STR_ARG(rec->ref), rec->rev, before->rev);
	if (!record_check(c, rec, act))
		return false;
	keep_hidden(rec, before);
	if (!rows_keep(c, rec, before))
		return false;
	if (str_ends(act, S(".update")) && is_same(before, rec)) {
		rec->since = before->since;
		rec->by = before->by;
		rec->why = before->why;
		return true;
	}
	if (!standing_keep(c, before, rec))
		return false;
	if (becomes_pending(c, before, rec))
		return pending_open(c, rec, before);
	return approval_keep(c, before, rec) && record_write(c, rec, before, act);
}

bool record_check(struct call *c, const struct rec *rec, str act)
{
	check_reason(c, rec, act);
	check_protected(c, rec);
	return kind_check(c, rec);
}

bool kind_put(struct call *c, void *record, str act)
{
	struct rec *rec = record, *now;

	assert(c->ledger && act.n);
	if (!call_may(c, rec->kind->can_write, rec->product))
		return false;
	c->now_us++;
	if (rec->rev == 0)
		return create(c, rec, act);
	if (!record_now(c, rec, rec->kind->can_write, &now))
		return false;
	bool ok = rec->base ? pending_put(c, rec, now, act) : change(c, rec, now, act);
	if (!ok)
		drop_hidden(rec);
	return ok;
}
