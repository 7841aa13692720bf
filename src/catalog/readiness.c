/* Readiness: what a catalogue asks for against what the store has. */
#include "catalog/catalog_in.h"

enum { LINES_MAX = 40 }; /* of one entry; what stands behind them is not looked at */

/* Cuts the next "kind: detail" off the `expects` of a requirement; false at the end. */
static bool evidence_next(str *rest, str *word, str *detail)
{
	if (rest->n == 0)
		return false;
	*detail = str_cut_at(rest, S("; "));
	*word = str_cut_at(detail, S(": "));
	return true;
}

static enum readiness_state judged(isize shown, isize asked)
{
	if (asked == 0)
		return READY_INFO;
	return shown == asked ? READY_MET : shown ? READY_PARTLY : READY_GAP;
}

static void count_state(struct readiness_bar *bar, enum readiness_state state)
{
	bar->met += state == READY_MET;
	bar->partly += state == READY_PARTLY;
	bar->gap += state == READY_GAP;
	bar->total += state != READY_INFO;
}

/* ---- one catalogue, with everything ---- */

static void judge_entry(
	struct call *c, struct shown_list *list, str expects, struct readiness_entry *e)
{
	str rest = expects, word, detail;
	struct evidence_line *line;
	isize n = 0, shown = 0;

	while (n < LINES_MAX && evidence_next(&rest, &word, &detail))
		n++;
	e->line = line = NEW(c->arena, struct evidence_line, n);
	rest = expects;
	for (e->line_count = 0; e->line_count < n && evidence_next(&rest, &word, &detail); line++) {
		const struct shown *found = evidence_get(c, list, word);
		*line = (struct evidence_line){
			word, detail, found->is_shown, found->record, found->record_count};
		shown += found->is_shown;
		e->line_count++;
	}
	e->state = judged(shown, n);
}

static int depth_of(const struct readiness_entry *entry, isize at)
{
	for (isize i = at - 1; i >= 0 && entry[at].parent.n; i--)
		if (str_eq(entry[i].id, entry[at].parent))
			return entry[i].depth + 1;
	return 0;
}

static void judge_all(struct call *c, const struct framework *f, struct readiness *out)
{
	struct shown_list *list = NEW(c->arena, struct shown_list, 1);
	struct readiness_entry *entry = NEW(c->arena, struct readiness_entry, f->requirement.count);

	list->with_records = true;
	for (isize i = 0; i < f->requirement.count; i++) {
		const struct framework_requirement *q = &f->requirement.item[i];
		entry[i] = (struct readiness_entry){.id = q->entry,
			.parent = q->parent,
			.title = q->heading,
			.text = q->text,
			.question = q->question,
			.level = q->level,
			.phase = q->phase};
		entry[i].depth = depth_of(entry, i);
		if (q->assessable)
			judge_entry(c, list, q->expects, &entry[i]);
		count_state(&out->bar, entry[i].state);
	}
	out->entry = entry;
	out->entry_count = f->requirement.count;
}

bool readiness(struct call *c, str catalog_id, struct readiness *out)
{
	void *rec;

	if (!kind_get(c, &kinds[KIND_FRAMEWORK], catalog_ref(c->arena, catalog_id), &rec))
		return false;
	const struct framework *f = rec;
	*out = (struct readiness){.bar = {.id = f->catalogue,
					  .ref = f->rec.ref,
					  .title = f->rec.title,
					  .edition = f->edition},
		.issuer = f->issuer,
		.notes = f->rec.body,
		.url = f->url,
		.kind = f->kind};
	judge_all(c, f, out);
	return db_ok(c->db) && c->err.code == ERR_NONE;
}

/* ---- bars ---- */

static enum readiness_state judge_text(struct call *c, struct shown_list *list, str expects)
{
	str word, detail;
	isize asked = 0, shown = 0;

	while (asked < LINES_MAX && evidence_next(&expects, &word, &detail)) {
		asked++;
		shown += evidence_get(c, list, word)->is_shown;
	}
	return judged(shown, asked);
}

/* Reads only what the bar needs out of the stored rows, without building the record: in each,
   whether it can be assessed stands before what it expects.  The words looked up live in `rows`,
   which must outlive `list`. */
static bool judge_rows(struct call *c, struct shown_list *list, str rows, struct readiness_bar *bar)
{
	struct json_reader r;
	enum json_event event;
	bool is_assessed = false;
	str key = S("");

	json_open(&r, c->arena, &c->err, rows);
	while ((event = json_next(&r)) > JSON_END) {
		if (event == JSON_OPEN_OBJECT)
			is_assessed = false;
		else if (event == JSON_KEY)
			key = r.text;
		else if (event == JSON_SCALAR && str_eq(key, S("assessable")))
			is_assessed = r.type == JSON_TRUE;
		else if (event == JSON_SCALAR && is_assessed && str_eq(key, S("expects")))
			count_state(bar, judge_text(c, list, r.text));
	}
	return event == JSON_END;
}

static bool is_wanted(str id, const str *wanted, isize n)
{
	for (isize i = 0; i < n; i++)
		if (str_eq(wanted[i], id))
			return true;
	return n == 0;
}

/* The rows of a catalogue are long: those not wanted are not even read from the disk. */
static bool read_frameworks(struct call *c, const str *wanted, isize n, struct readiness_bar *out,
	str *requirements, isize max, isize *count)
{
	int64_t at = c->at_us == TIME_NONE ? INT64_MAX : c->at_us;
	struct rows r;

	db_query(c->db, &r,
		SQL("SELECT f_catalogue, ref, f_title, f_edition, f_requirement FROM framework"
		    " WHERE f_catalogue IS NOT NULL AND since <= $1"
		    " AND (until IS NULL OR until > $1) ORDER BY f_catalogue, ref LIMIT 1000"),
		V(at));
	while (*count < max && rows_next(&r)) {
		str id = rows_str(&r, 0);
		/* Of two with one name the first counts. */
		if (!is_wanted(id, wanted, n) || (*count && str_eq(out[*count - 1].id, id)) ||
			!kind_seen(c, rows_str(&r, 1)))
			continue;
		out[*count] = (struct readiness_bar){.id = str_dup(c->arena, id),
			.ref = str_dup(c->arena, rows_str(&r, 1)),
			.title = str_dup(c->arena, rows_str(&r, 2)),
			.edition = str_dup(c->arena, rows_str(&r, 3))};
		requirements[(*count)++] = str_dup(c->arena, rows_str(&r, 4));
	}
	return rows_done(&r);
}

/* Bars of the catalogues wanted (all when none is named), by their names. */
static bool read_bars(struct call *c, const str *wanted, isize n, struct readiness_bar *out,
	isize max, isize *count)
{
	struct shown_list *list = NEW(c->arena, struct shown_list, 1);
	str *requirements = NEW(c->arena, str, max);

	*count = 0;
	if (!call_may_some(c, CAN_FRAMEWORK_READ) ||
		!read_frameworks(c, wanted, n, out, requirements, max, count))
		return false;
	for (isize i = 0; i < *count; i++)
		if (requirements[i].n && !judge_rows(c, list, requirements[i], &out[i]))
			return false;
	return db_ok(c->db);
}

bool readiness_summary(struct call *c, struct readiness_bar *out, isize max, isize *count)
{
	static const str overview[] = {S_INIT("fda-premarket-2025"), S_INIT("iso-28000-2022"),
		S_INIT("iso-14971-2019"), S_INIT("iec-81001-5-1"),
		S_INIT("iso-27001-2022-annex-a")};

	struct readiness_bar *bar = NEW(c->arena, struct readiness_bar, COUNT_OF(overview));
	isize n;

	*count = 0;
	if (!read_bars(c, overview, COUNT_OF(overview), bar, COUNT_OF(overview), &n))
		return false;
	for (isize k = 0; k < COUNT_OF(overview); k++)
		for (isize i = 0; i < n && *count < max; i++)
			if (str_eq(bar[i].id, overview[k]))
				out[(*count)++] = bar[i];
	return true;
}

bool catalog_list(struct call *c, struct readiness_bar *out, isize max, isize *count)
{
	return read_bars(c, NULL, 0, out, max, count);
}

/* ---- crosswalks ---- */

static bool find_crosswalk(struct call *c, str from, str to, const struct mapping **out)
{
	str ref = S("");
	struct rows r;
	void *rec = NULL;

	db_query(c->db, &r,
		SQL("SELECT ref FROM mapping WHERE until IS NULL AND f_source = $1 AND f_target = "
		    "$2"
		    " ORDER BY ref LIMIT 1"),
		V(catalog_ref(c->arena, from)), V(catalog_ref(c->arena, to)));
	if (rows_next(&r))
		ref = str_dup(c->arena, rows_str(&r, 0));
	if (!rows_done(&r) || (ref.n && !kind_get(c, &kinds[KIND_MAPPING], ref, &rec)))
		return false;
	*out = rec;
	return true;
}

bool crosswalk_find(struct call *c, str from, str to, const struct mapping **out, bool *backwards)
{
	*backwards = false;
	if (!find_crosswalk(c, from, to, out))
		return false;
	if (*out)
		return true;
	if (!find_crosswalk(c, to, from, out))
		return false;
	*backwards = *out != NULL;
	return true;
}
