/* What a new store begins with: the administrator's role, and those who hold it by a setup link. */
#include "ident/ident.h"
#include "kind/kind.h"
#include "kinds.h"
#include "ledger/ledger.h"

enum { SCHEMA_BYTES = 1 << 20 };

str store_schema(struct arena *a, str engine)
{
	struct buf b;

	buf_init(&b, a, SCHEMA_BYTES);
	buf_add(&b,
		S("CREATE TABLE setting(name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;\n"));
	kind_ddl(&b, engine);
	ledger_ddl(&b, engine);
	ident_ddl(&b, engine);
	assert(!b.full);
	return buf_str(&b);
}

static bool migrate_table(struct call *c, str table, int64_t from)
{
	str body = str_fmt(c->arena, "{\"from\":%" PRId64 ",\"table\":\"%.*s\",\"to\":%d}", from,
		STR_ARG(table), DB_SCHEMA);

	return db_note_table(c->db, table) &&
		ledger_append(c,
			&(struct entry){
				.act = S("store.migrate"), .outcome = S("ok"), .body = body});
}

bool store_migrate(struct call *c, int64_t from)
{
	enum { TABLES_MAX = 1000 };
	str *table = NEW(c->arena, str, TABLES_MAX);
	isize count = 0;
	struct rows r;

	db_query(c->db, &r,
		SQL("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name"
		    " LIMIT 1000"));
	while (rows_next(&r)) {
		assert(count < TABLES_MAX);
		table[count++] = str_dup(c->arena, rows_str(&r, 0));
	}
	if (!rows_done(&r) ||
		!db_setting_put(c->db, S("schema"), str_fmt(c->arena, "%d", DB_SCHEMA)))
		return false;
	for (isize i = 0; i < count; i++)
		if (ledger_vouches(table[i]) && !migrate_table(c, table[i], from))
			return false;
	return true;
}

/* The role of every administrator before, while it is in force and may do everything: a setup link
   that gives less would open nothing. */
static bool has_role(struct call *c)
{
	return db_int(c->db,
		       SQL("SELECT count(*) FROM role r WHERE r.ref = 'R-ADMIN'"
			   " AND r.f_rights LIKE '%\"*\"%' AND " ROLE_COUNTS)) > 0;
}

/* Takes R-ADMIN, or makes it; when it is retired or may no longer do everything, makes a role under
   the next reference that is free. */
static bool put_role(struct call *c, str *ref)
{
	struct role *role = kind_new(c->arena, &kinds[KIND_ROLE]);
	bool is_taken =
		db_int(c->db, SQL("SELECT count(*) FROM record WHERE ref = 'R-ADMIN'")) > 0;

	*ref = S("R-ADMIN");
	if (has_role(c) || !db_ok(c->db))
		return db_ok(c->db);
	role->rec.ref = is_taken ? S("") : *ref;
	role->rec.title = S("Administrator");
	role->responsibilities =
		S("Sets up people, roles and grants; nothing stands above this role.");
	role->rights = (struct words){.item = NEW(c->arena, str, 1), .count = 1};
	role->rights.item[0] = S("*");
	role->rec.state = ROLE_STATE_EFFECTIVE;
	bool ok = kind_put(c, role, S("role.create"));
	*ref = role->rec.ref;
	return ok;
}

bool setup_is_first(struct call *c)
{
	return db_int(c->db, SQL("SELECT count(*) FROM credential")) == 0;
}

/* As the program, which may write what nobody in the store may. */
static bool put_administrator(struct call *c, str name, str sign_in, str hash, str *ref)
{
	struct person *person = kind_new(c->arena, &kinds[KIND_PERSON]);
	struct access_grant *grant = kind_new(c->arena, &kinds[KIND_ACCESS_GRANT]);
	bool is_first = setup_is_first(c);
	str role;

	person->rec.title = name;
	person->rec.state = PERSON_STATE_ACTIVE;
	person->sign_in = sign_in;
	person->sign_in_web = true;
	if (!kind_put(c, person, S("person.create")) || !put_role(c, &role))
		return false;
	grant->rec.title = str_fmt(c->arena, "%.*s is administrator", STR_ARG(name));
	grant->rec.state = ACCESS_GRANT_STATE_GRANTED;
	grant->identity = person->rec.ref;
	grant->role = role;
	grant->from = day_of_time(c->now_us);
	grant->reason = is_first ? S("First account of the store, made with the setup link.")
				 : S("A further administrator, made with a setup link.");
	*ref = person->rec.ref;
	return kind_put(c, grant, S("access_grant.create")) &&
		credential_put(c, person->rec.ref, sign_in, hash);
}

bool setup_person(struct call *c, str name, str sign_in, str hash, str *ref)
{
	struct who before = c->who;

	c->who = (struct who){
		.ref = S("system"), .name = S("Setup"), .actor = S("system"), .is_system = true};
	bool ok = put_administrator(c, name, sign_in, hash, ref);
	/* Refused or not: whoever answers goes on as who they are. */
	c->who = before;
	return ok;
}
