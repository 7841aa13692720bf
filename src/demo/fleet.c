/* Table 13 and its rule: fielded units, each with the identity it signs in with. */
#include "demo/demo_in.h"

/* The hospital's party, by the words the site begins with. */
static const struct word_map hospitals_known[] = {{S_INIT("St. Aldric"), S_INIT("PTY-03")},
	{S_INIT("Lindmark"), S_INIT("PTY-04")}, {S_INIT(""), S_INIT("")}};

/* A unit as its product, serial, site and version say; it was registered on the first day, and what
   was seen of it later is its second revision. */
struct fielded {
	str ref, product, serial, site, installed, last_seen, certificate;
};

static void add_identity(struct loader *l, const struct fielded *u, const struct rec *product)
{
	struct draft *d = make(l, KIND_IDENTITY, S(""));

	set(l, d, S("title"), u->serial);
	set(l, d, S("kind"), S("device"));
	set(l, d, S("device"), u->ref);
	set(l, d, S("product"), u->product);
	set(l, d, S("owner"), S("R-DEV"));
	set(l, d, S("authenticates"), S("certificate"));
	add_row(l, d, S("identifier"), PAIRS({S("scheme"), S("serial")}, {S("value"), u->serial}));
	add_row(l, d, S("identifier"),
		PAIRS({S("scheme"), S("udi")},
			{S("value"), ((const struct product *)product)->udi_di}));
	add_row(l, d, S("credential"),
		PAIRS({S("kind"), S("certificate")}, {S("until"), u->certificate}));
	set_state(l, d, S("active"));
}

static void add_device(struct loader *l, const struct fielded *u)
{
	const struct rec *product = need(l, u->product)->rec;
	struct draft *release = release_of(l, u->installed);
	int64_t seen;

	if (!release || !cell_day(u->last_seen, &seen)) {
		bad_cell(l, "%.*s has no release or was never seen", STR_ARG(u->ref));
		return;
	}
	struct draft *d = make(l, KIND_DEVICE, u->ref);
	set(l, d, S("title"),
		str_fmt(l->c->arena, "%.*s %.*s", STR_ARG(product->title), STR_ARG(u->serial)));
	set(l, d, S("product"), u->product);
	set(l, d, S("serial"), u->serial);
	set(l, d, S("udi_di"), ((const struct product *)product)->udi_di);
	set(l, d, S("site"), u->site);
	set(l, d, S("party"), WORD(l, hospitals_known, u->site));
	set_state(l, d, S("in_service"));
	add_identity(l, u, product);
	on_day(l, seen);
	revise(l, d, S("seen"));
	set(l, d, S("installed"), u->installed);
	set(l, d, S("release"), release->rec->ref);
	set_day(l, d, S("last_seen"), seen);
	set(l, d, S("certificate_until"), u->certificate);
	on_day(l, DEMO_FIRST_DAY);
}

void table_units(struct loader *l)
{
	while (row_next(l)) {
		struct fielded u = {.ref = cell(l, S("id")),
			.product = cell(l, S("product")),
			.serial = cell(l, S("serial")),
			.site = cell(l, S("site")),
			.installed = cell(l, S("installed version")),
			.last_seen = cell(l, S("last seen")),
			.certificate = cell(l, S("certificate until"))};
		add_device(l, &u);
	}
}

/* ---- the rule ---- */

/* MAPPING section 4: units of each version in all, samples included. */
static struct version {
	str version, product;
	int count;
} const versions[] = {
	{S_INIT("2.6.0"), S_INIT("PRD-2"), 45},
	{S_INIT("2.5.2"), S_INIT("PRD-2"), 29},
	{S_INIT("2.4.9"), S_INIT("PRD-2"), 12},
	{S_INIT("3.1.4"), S_INIT("PRD-3"), 168},
	{S_INIT("3.0.9"), S_INIT("PRD-3"), 242},
};
/* The three of the samples and six more, in turn. */
static const str hospitals[] = {S_INIT("St. Aldric"), S_INIT("Lindmark"), S_INIT("Port Sefton"),
	S_INIT("Halden Bay Hospital"), S_INIT("Marisol Clinic"), S_INIT("Greywater General"),
	S_INIT("Tannfeld Hospital"), S_INIT("Saint Orla"), S_INIT("Corvane Medical Centre")};

enum { SERIALS_MAX = 1200, WEEK = 7, ROOMS = 12 };

struct fleet {
	bool taken[2][SERIALS_MAX]; /* of gateways from 000101, of pumps from 010001 */
	int next[2];
	int number; /* of the next device */
};

static const int64_t serial_first[2] = {101, 10001};
static const str serial_head[2] = {S_INIT("TL2"), S_INIT("IN3")};

static int count_version(const struct loader *l, struct fleet *f, str version)
{
	int n = 0;

	for (isize i = 0; i < l->draft_count; i++) {
		const struct device *d = (const struct device *)l->draft[i]->rec;
		int64_t serial;
		if (d->rec.kind->id != KIND_DEVICE)
			continue;
		n += str_eq(d->installed, version);
		int pump = str_starts(d->serial, S("IN3")) ? 1 : 0;
		if (str_int(str_part(d->serial, 4, d->serial.n), serial_first[pump],
			    serial_first[pump] + SERIALS_MAX - 1, &serial))
			f->taken[pump][serial - serial_first[pump]] = true;
	}
	return n;
}

static void add_generated(struct loader *l, struct fleet *f, const struct version *v)
{
	int pump = str_eq(v->product, S("PRD-3")) ? 1 : 0, turn = f->number - 13;
	struct date end = {2027, 1 + turn % 12, 1 + turn % 28};
	str hospital = hospitals[turn % COUNT_OF(hospitals)];

	while (f->taken[pump][f->next[pump]])
		f->next[pump]++;
	assert(f->next[pump] < SERIALS_MAX - 1);
	struct fielded u = {.product = v->product, .installed = v->version};
	u.ref = str_fmt(l->c->arena, "DEV-%03d", f->number++);
	u.serial = str_fmt(l->c->arena, "%.*s-%06d", STR_ARG(serial_head[pump]),
		(int)(serial_first[pump] + f->next[pump]++));
	u.site = str_fmt(l->c->arena, "%.*s %s %d", STR_ARG(hospital), pump ? "ward" : "OR",
		1 + turn / 9 % ROOMS);
	u.last_seen = day_text(l->c->arena, DEMO_LAST_DAY - turn % WEEK);
	u.certificate = day_text(l->c->arena, day_of(end));
	add_device(l, &u);
}

void fleet_complete(struct loader *l)
{
	struct fleet *f = NEW(l->c->arena, struct fleet, 1);
	int missing[COUNT_OF(versions)];

	f->number = 13;
	for (isize i = 0; i < COUNT_OF(versions); i++)
		missing[i] = versions[i].count - count_version(l, f, versions[i].version);
	for (isize i = 0; i < COUNT_OF(versions); i++)
		for (int n = 0; n < missing[i] && !failed(l); n++)
			add_generated(l, f, &versions[i]);
}
