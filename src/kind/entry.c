/* What stands beside an entry of the ledger: who may read it, and the record that it is about. */
#include "base/json.h"

#include "crypt/crypt.h"
#include "kind/kind_in.h"

bool kind_may_open(struct call *c, str object)
{
	struct err before = c->err;
	struct rec *rec;
	str about = object;

	str_cut(&about, ':');
	if (about.n == 0 || about.p[0] < 'A' || about.p[0] > 'Z')
		return true;
	bool ok = kind_get_any(c, about, &rec) && !rec->hidden;
	c->err = before;
	return ok;
}

/* The record of an object at a revision, in canonical form. */
static bool canonical_of(struct call *c, str ref, int64_t rev, str *out)
{
	struct buf canonical;
	struct rec *now;
	void *then;

	if (!kind_get_any(c, ref, &now) || !kind_get_rev(c, now->kind, ref, rev, &then))
		return false;
	buf_init(&canonical, c->arena, LIMIT_RECORD_BYTES);
	kind_json(&canonical, then);
	*out = buf_str(&canonical);
	return !canonical.full ||
		FAIL(&c->err, ERR_LIMIT, "%.*s is larger than a record may be", STR_ARG(ref));
}

bool kind_written(struct call *c, str object, str body, str *out)
{
	const struct json *j = body.n ? json_parse(c->arena, &c->err, body) : NULL;
	str hex = json_text(j, S("hash"));
	struct sha256 want, have;
	int64_t rev;

	*out = S("");
	if (!hex.n)
		hex = json_text(j, S("signs"));
	str_cut(&object, ':');
	if (!hex.n || !object.n || !hex_parse(hex, want.b, (isize)sizeof want.b) ||
		!json_int(json_member(j, S("rev")), &rev))
		return c->err.code == ERR_NONE;
	if (!canonical_of(c, object, rev, out))
		return false;
	have = sha256(*out);
	return memcmp(want.b, have.b, sizeof want.b) == 0 ||
		FAIL(&c->err, ERR_TAMPERED, "revision %" PRId64 " of %.*s is not as it was logged",
			rev, STR_ARG(object));
}
