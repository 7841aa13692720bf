/* What the chapters of the loader share.  Errors are sticky: each function does nothing once
   l->c->err is set, so that a chapter reads top-down and load.c checks at the end. */
#ifndef DEMO_DEMO_IN_H
#define DEMO_DEMO_IN_H
#include "call/call.h"
#include "demo/demo.h"
#include "kind/kind.h"
#include "kinds.h"

enum {
	DRAFTS_MAX = 4096,
	STEPS_MAX = 16384,
	PENDING_MAX = 8192,
	REFS_MAX = 600,
	DRAFT_INDEX = 3 * DRAFTS_MAX
};

/* A record in the making: as it was first written, and as it stands after the last step planned. */
struct draft {
	struct rec *first, *rec;
	struct step *create, *last;
	struct rec *stored; /* the revision written last */
	isize table;        /* of the report */
};

enum step_type { STEP_PUT, STEP_SIGN, STEP_LINK, STEP_CONFIRM };

/* What is written first at one time: units, people, who write the rest, then what others refer to,
   then later revisions with their signatures, then links. */
enum { RANK_PERSON = 50, RANK_RECORD = 100, RANK_REVISION = 200, RANK_LINK = 300 };

/* One thing that happened, to be written at its time. */
struct step {
	int64_t at_us;
	int rank;
	isize order;
	enum step_type type;
	struct draft *of;
	struct rec *rec;
	str who, why, meaning;
	str link, to, note; /* STEP_LINK: from `of` */
};

/* A link planned, or a cell that names records, resolved when all tables are read. */
struct pending {
	str table, row, column;
	str from, type, to, note;
	bool is_cell, is_reversed;
	int64_t at_us;
	str who;
	isize report;
};

struct signers;

struct loader {
	struct call *c;
	struct demo_report *report;
	const struct json *tables;
	const struct json *row, *next_row;
	str table, name, column, table_who;
	uint64_t used; /* columns of the row that were read */
	int64_t at_us; /* when and by whom the next steps happen */
	str who;
	struct draft **index; /* by hash of the reference */
	struct draft **draft;
	struct step *step;
	struct pending *pending;
	isize draft_count, step_count, pending_count;
};

/* ---- rows and cells ---- */

/* The next row of the present table; false at its end.  Checks that every column of the row before
   was read; sets time and person back to those of the table. */
bool row_next(struct loader *l);
/* The cell of a column, which must be there. */
str cell(struct loader *l, str column);
/* ERR_INVALID that names the place. */
void bad_cell(struct loader *l, const char *format, ...) __attribute__((format(printf, 2, 3)));
bool failed(const struct loader *l);
/* Rows of another table, for what is known only there. */
const struct json *table_rows(struct loader *l, str table);

/* From now on in this row: the day, a time of it, the person or the holder of the role. */
void on_day(struct loader *l, int64_t day);
void at_time(struct loader *l, int64_t at_us);
void by(struct loader *l, str person_or_role);
/* The first holder of a role, or the person; "" when there is none. */
str person_of(struct loader *l, str person_or_role);

/* ---- records ---- */

/* A new record, written now by the present person.  An empty reference gets the kind's prefix and
   the next number. */
struct draft *make(struct loader *l, int kind, str ref);
/* Takes a record of the store for one that others may refer to. */
void adopt(struct loader *l, struct rec *stored);
/* The record of that reference; NULL when there is none. */
struct draft *find(const struct loader *l, str ref);
/* The same, which must be there. */
struct draft *need(struct loader *l, str ref);
/* Another revision, now; what is set from here on belongs to it. */
void revise(struct loader *l, struct draft *d, str why);
/* Sets a field from the words of a cell: dates without a day, enum words or their labels, yes and
   no; "none" and "unknown" are empty where the field is no text. */
void set(struct loader *l, struct draft *d, str field, str value);
/* The same in every revision planned. */
void set_everywhere(struct loader *l, struct draft *d, str field, str value);
void set_int(struct loader *l, struct draft *d, str field, int64_t value);
void set_day(struct loader *l, struct draft *d, str field, int64_t day);
void set_time(struct loader *l, struct draft *d, str field, int64_t at_us);
void set_words(struct loader *l, struct draft *d, str field, struct words words);
void set_state(struct loader *l, struct draft *d, str state);
/* Adds a line to the notes: what the example says that has no field of its own. */
void add_note(struct loader *l, struct draft *d, str label, str words);

struct pair {
	str field, value;
};
#define PAIRS(...)                                                                                 \
	(const struct pair[]){__VA_ARGS__}, COUNT_OF(((const struct pair[]){__VA_ARGS__}))
/* Adds a row to a table of the record; empty values are left out. */
void add_row(struct loader *l, struct draft *d, str field, const struct pair *pair, isize count);

/* A column and the field that holds it as it is. */
struct map {
	str column, field;
};
/* Fills the fields of a map from the row. */
#define FILL(l, d, map) fill((l), (d), (map), COUNT_OF(map))
void fill(struct loader *l, struct draft *d, const struct map *map, isize count);

/* A word of the example and the one of ours. */
struct word_map {
	str from, to;
};
/* The word for a cell that equals or begins with one of the map; an error when none fits. */
#define WORD(l, map, cell) word_for((l), (map), COUNT_OF(map), (cell))
str word_for(struct loader *l, const struct word_map *map, isize count, str cell);

/* A decision of the type, taken on a day by people, who sign it. */
struct draft *decide(struct loader *l, const char *type, str title, str choice, str why,
	const struct signers *s);
/* Signs the present revision of the record, now, in the name of a person. */
void sign(struct loader *l, struct draft *d, str person, str meaning);

/* The last day of a planned activity that is done: when its result was there. */
int64_t activity_day(struct loader *l, str activity);
/* The release with that version; NULL when there is none. */
struct draft *release_of(const struct loader *l, str version);

/* The properties of assets, elements, interfaces and flows, from the example's model file. */
void model_facts(struct loader *l);

/* ---- links ---- */

void link_to(struct loader *l, str from, str type, str to, str note);
/* A link to every record that the cell names; words between are the note. */
void link_cell(struct loader *l, struct draft *from, str type, str cell);
/* The same from every record that the cell names. */
void link_back(struct loader *l, str cell, str type, struct draft *to);

/* ---- cells.c: pure ---- */

/* "", "none", "not applicable", "n/a". */
bool cell_none(str s);
/* "2026-09-30", "2026-09" (the last of the month), also with words after it. */
CHECKED bool cell_day(str s, int64_t *out);
/* "2026-04-02 06:41" or a day. */
CHECKED bool cell_time(str s, int64_t *out);
/* A reference by its form: RSK-01, R-PSL, C15, P04, D1, AUD-1b. */
bool cell_is_ref(str s);
/* The references of a cell in order, ranges written out; what is left of the words is the note. */
struct cell_refs {
	str *ref;
	isize count;
	str note;
};
struct cell_refs cell_refs(struct arena *a, str cell);
/* "E4 S5 Unacceptable". */
struct rating {
	int64_t e, s;
	str level;
};
CHECKED bool cell_rating(str s, struct rating *out);
/* "R-PSL P02 and R-QA P09 2026-09-02", "2025-11-20 by R-CEO", "R-SRM P03 2026-09-01". */
enum { SIGNERS_MAX = 4 };
struct signers {
	struct {
		str role, person;
	} by[SIGNERS_MAX];
	int count;
	int64_t day;
};
CHECKED bool cell_signers(str s, struct signers *out);
/* The number at the start: "92 % (11 of 12)", "12 months". */
CHECKED bool cell_number(str s, int64_t *out);
/* What stands before and after the first " (" … ")"; `*inside` is "" when there is none. */
str cell_parenthesis(str s, str *inside);
/* The same day so many months later, or the last of that month. */
int64_t months_after(int64_t day, int64_t months);
str day_text(struct arena *a, int64_t day);
str time_text(struct arena *a, int64_t at_us);

/* ---- chapters ---- */

typedef void table_loader(struct loader *l);
table_loader table_organization, table_context, table_parties, table_obligations, table_scope,
	table_people, table_roles, table_training, table_objectives, table_metrics, table_products,
	table_releases, table_units, table_zones, table_components, table_interfaces, table_flows,
	table_assets, table_assumptions, table_threats, table_countermeasures, table_requirements,
	table_tests, table_criteria, table_risks, table_hazards, table_views, table_sbom,
	table_vulnerabilities, table_anomalies, table_access, table_identities,
	table_access_reviews, table_suppliers, table_agreements, table_plans, table_activities,
	table_milestones, table_audits, table_nonconformities, table_corrective, table_incident,
	table_events, table_exercises, table_reviews, table_changes, table_documents,
	table_communications, table_advisories, table_deployments, table_submission, table_gaps;
/* The devices that the example gives by a rule only. */
void fleet_complete(struct loader *l);
/* The records of extra.json; its values and links, when all records are there. */
void extra_records(struct loader *l, const struct json *extra);
void extra_values(struct loader *l, const struct json *extra);
#endif
