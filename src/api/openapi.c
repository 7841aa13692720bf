/*
 * The description of the API, OpenAPI 3.1 (JSON Schema 2020-12), from the kinds and the table of
 * routes.  The same bytes each time; a thing a line, so that differences can be read.
 *
 * Addresses of lists and records are written out for every kind, since their
 * schemas differ; what is below a record is described once.
 */
#include "api/api_in.h"

static void put_ref(struct buf *b, str kind, str name)
{
	buf_fmt(b, "{\"$ref\":\"#/components/%.*s/%.*s\"}", STR_ARG(kind), STR_ARG(name));
}

/* ---- parameters ---- */

static const struct {
	str key, name, in, schema, text;
	bool required;
} parameters[] = {
	{S_INIT("ref"), S_INIT("ref"), S_INIT("path"),
		S_INIT("{\"$ref\":\"#/components/schemas/ref\"}"),
		S_INIT("Reference of the record."), true},
	{S_INIT("seq"), S_INIT("seq"), S_INIT("path"),
		S_INIT("{\"type\":\"integer\",\"minimum\":0}"), S_INIT("Number of the entry."),
		true},
	{S_INIT("tile"), S_INIT("tile"), S_INIT("path"),
		S_INIT("{\"type\":\"string\",\"pattern\":"
		       "\"^([0-7]/)?(x[0-9]{3}/)*[0-9]{3}(\\\\.p/[0-9]{1,3})?$\"}"),
		S_INIT("Name of the tile as in C2SP tlog-tiles, with its slashes: 0/x001/234, or "
		       "0/067.p/5; of entries without the level."),
		true},
	{S_INIT("old"), S_INIT("old"), S_INIT("query"),
		S_INIT("{\"type\":\"integer\",\"minimum\":0}"),
		S_INIT("Size of the older checkpoint."), true},
	{S_INIT("new"), S_INIT("new"), S_INIT("query"),
		S_INIT("{\"type\":\"integer\",\"minimum\":1}"),
		S_INIT("Size of the newer checkpoint; the newest when left out."), false},
	{S_INIT("open"), S_INIT("open"), S_INIT("query"), S_INIT("{\"type\":\"boolean\"}"),
		S_INIT("Whether the proof says what was written; for those who may read it."),
		false},
	{S_INIT("limit"), S_INIT("limit"), S_INIT("query"),
		S_INIT("{\"type\":\"integer\",\"minimum\":1,\"maximum\":1000,\"default\":100}"),
		S_INIT("Items wanted."), false},
	{S_INIT("from"), S_INIT("from"), S_INIT("query"),
		S_INIT("{\"type\":\"integer\",\"minimum\":0}"), S_INIT("Items to leave out."),
		false},
	{S_INIT("sort"), S_INIT("sort"), S_INIT("query"), S_INIT("{\"type\":\"string\"}"),
		S_INIT("A field, with - in front for descending."), false},
	{S_INIT("q"), S_INIT("q"), S_INIT("query"), S_INIT("{\"type\":\"string\"}"),
		S_INIT("Words to look for; in a list, in the title."), false},
	{S_INIT("at"), S_INIT("at"), S_INIT("query"), S_INIT("{\"type\":\"string\"}"),
		S_INIT("As it stood then: a date, a time, or the number of a ledger entry."),
		false},
	{S_INIT("rev"), S_INIT("rev"), S_INIT("query"),
		S_INIT("{\"oneOf\":[{\"type\":\"integer\",\"minimum\":1},"
		       "{\"const\":\"pending\"}]}"),
		S_INIT("That revision; or the pending one, beside what is in force."), false},
	{S_INIT("rev_from"), S_INIT("from"), S_INIT("query"),
		S_INIT("{\"type\":\"integer\",\"minimum\":1}"), S_INIT("Revision to compare with."),
		false},
	{S_INIT("rev_to"), S_INIT("to"), S_INIT("query"),
		S_INIT("{\"type\":\"integer\",\"minimum\":1}"), S_INIT("Revision to compare."),
		false},
	{S_INIT("time_from"), S_INIT("from"), S_INIT("query"), S_INIT("{\"type\":\"string\"}"),
		S_INIT("The end of this day, a time, or the number of a ledger entry; a month "
		       "before the later model when left out."),
		false},
	{S_INIT("time_to"), S_INIT("to"), S_INIT("query"), S_INIT("{\"type\":\"string\"}"),
		S_INIT("The same of the later model; now when left out."), false},
	{S_INIT("as"), S_INIT("as"), S_INIT("query"),
		S_INIT("{\"enum\":[\"ward\",\"threat-dragon\",\"otm\",\"tm-library\","
		       "\"cyclonedx\",\"csv\",\"mermaid\",\"dot\",\"svg\"],"
		       "\"default\":\"ward\"}"),
		S_INIT("The format of the file."), false},
	{S_INIT("filter"), S_INIT("filter"), S_INIT("query"),
		S_INIT("{\"type\":\"object\",\"additionalProperties\":{\"type\":\"string\"},"
		       "\"maxProperties\":8}"),
		S_INIT("Fields of the kind, or state, and the values they must have; empty: not "
		       "filled."),
		false},
	{S_INIT("before"), S_INIT("before"), S_INIT("query"),
		S_INIT("{\"type\":\"integer\",\"minimum\":0}"),
		S_INIT("Entries with a lower number."), false},
	{S_INIT("object"), S_INIT("object"), S_INIT("query"), S_INIT("{\"type\":\"string\"}"),
		S_INIT("Entries about this, such as risk:RSK-12."), false},
	{S_INIT("person"), S_INIT("person"), S_INIT("query"),
		S_INIT("{\"$ref\":\"#/components/schemas/ref\"}"),
		S_INIT("Whose; the caller's own when left out."), false},
	{S_INIT("session"), S_INIT("session"), S_INIT("query"), S_INIT("{\"type\":\"string\"}"),
		S_INIT("The id of a session, or all."), true},
	{S_INIT("token"), S_INIT("token"), S_INIT("query"), S_INIT("{\"type\":\"string\"}"),
		S_INIT("The id of an access token, never its value."), true},
	{S_INIT("type"), S_INIT("type"), S_INIT("query"), S_INIT("{\"type\":\"string\"}"),
		S_INIT("Type of the link."), true},
	{S_INIT("to"), S_INIT("to"), S_INIT("query"),
		S_INIT("{\"$ref\":\"#/components/schemas/ref\"}"), S_INIT("The other record."),
		true},
	{S_INIT("if_match"), S_INIT("If-Match"), S_INIT("header"), S_INIT("{\"type\":\"string\"}"),
		S_INIT("The ETag of the revision that was changed."), true},
	{S_INIT("if_still"), S_INIT("If-Match"), S_INIT("header"), S_INIT("{\"type\":\"string\"}"),
		S_INIT("The ETag of the revision that was looked at."), false},
	{S_INIT("x_reason"), S_INIT("X-Reason"), S_INIT("header"), S_INIT("{\"type\":\"string\"}"),
		S_INIT("Why, for the ledger."), false},
};

static void put_plural_parameter(struct buf *b)
{
	buf_add(b,
		S("\"plural\":{\"name\":\"plural\",\"in\":\"path\",\"required\":true,\"schema\":{"
		  "\"enum\":["));
	for (int i = 0; i < kind_count; i++) {
		buf_add(b, i ? S(",") : S(""));
		json_put_string(b, api_plural(b->arena, &kinds[i]));
	}
	buf_add(b, S("]}}"));
}

static void put_parameters(struct buf *b)
{
	buf_add(b, S("\"parameters\":{\n"));
	put_plural_parameter(b);
	for (isize i = 0; i < COUNT_OF(parameters); i++) {
		bool first = true;
		buf_fmt(b, ",\n\"%.*s\":{", STR_ARG(parameters[i].key));
		api_put_text(b, &first, S("name"), parameters[i].name);
		api_put_text(b, &first, S("in"), parameters[i].in);
		api_put_text(b, &first, S("description"), parameters[i].text);
		if (parameters[i].required)
			api_put_bool(b, &first, S("required"), true);
		if (str_eq(parameters[i].key, S("filter")))
			buf_add(b, S(",\"style\":\"form\",\"explode\":true"));
		json_put_key(b, &first, S("schema"));
		buf_add(b, parameters[i].schema);
		buf_char(b, '}');
	}
	buf_char(b, '}');
}

static void put_parameter(struct buf *b, bool *first, str key)
{
	buf_add(b, *first ? S("") : S(","));
	*first = false;
	put_ref(b, S("parameters"), key);
}

/* "from" and "to" are rows of a list, revisions of a history, the other end of a link. */
static str parameter_key(const struct api_route *r, str name)
{
	if (r->reply == REPLY_HISTORY)
		return str_eq(name, S("from")) ? S("rev_from") : S("rev_to");
	if (r->reply == REPLY_CHANGES)
		return str_eq(name, S("from")) ? S("time_from") : S("time_to");
	return name;
}

static bool is_write(const struct api_route *r)
{
	return r->method != HTTP_GET;
}

static void put_operation_parameters(struct buf *b, const struct api_route *r, const struct kind *k)
{
	str query = r->query;
	bool first = true;

	buf_add(b, S(",\"parameters\":["));
	if (!k && str_find(r->path, S(":plural")) >= 0)
		put_parameter(b, &first, S("plural"));
	if (str_find(r->path, S(":REF")) >= 0)
		put_parameter(b, &first, S("ref"));
	if (str_find(r->path, S(":seq")) >= 0)
		put_parameter(b, &first, S("seq"));
	if (str_ends(r->path, S("/*")))
		put_parameter(b, &first, S("tile"));
	for (str word = str_word(&query); word.n; word = str_word(&query))
		put_parameter(b, &first, parameter_key(r, word));
	if (r->reply == REPLY_LIST)
		put_parameter(b, &first, S("filter"));
	if (r->method == HTTP_PUT || r->method == HTTP_PATCH)
		put_parameter(b, &first, S("if_match"));
	if (r->handler == api_move)
		put_parameter(b, &first, S("if_still"));
	if (is_write(r))
		put_parameter(b, &first, S("x_reason"));
	buf_char(b, ']');
}

/* ---- operations ---- */

static str reply_schema(const struct api_route *r)
{
	switch (r->reply) {
	case REPLY_INDEX:
		return S("index");
	case REPLY_ME:
		return S("me");
	case REPLY_KINDS:
		return S("kinds");
	case REPLY_HISTORY:
		return S("history");
	case REPLY_LINKS:
		return S("links");
	case REPLY_LINK:
		return S("link");
	case REPLY_SEARCH:
		return S("search");
	case REPLY_TRIAGE:
		return S("triage");
	case REPLY_MODEL:
		return S("model");
	case REPLY_CHANGES:
		return S("model_changes");
	case REPLY_MADE:
		return S("model_made");
	case REPLY_BACKLOG:
		return S("backlog");
	case REPLY_IMPORTED:
		return S("backlog_imported");
	case REPLY_SESSIONS:
		return S("sessions");
	case REPLY_TOKENS:
		return S("tokens");
	case REPLY_TOKEN:
		return S("token_made");
	case REPLY_LEDGER:
		return S("entries");
	case REPLY_ENTRY:
		return S("entry");
	case REPLY_RECORD:
	case REPLY_CREATED:
		return S("record");
	case REPLY_OPENAPI:
	case REPLY_LIST:
	case REPLY_NOTHING:
	case REPLY_TEXT:
	case REPLY_PROOF:
	case REPLY_BYTES:
		break;
	}
	return S("");
}

static void put_content(struct buf *b, const struct api_route *r, const struct kind *k)
{
	if (r->reply == REPLY_TEXT || r->reply == REPLY_PROOF) {
		buf_add(b, S(",\"content\":{\"text/plain\":{\"schema\":{\"type\":\"string\"}}}"));
		return;
	}
	if (r->reply == REPLY_BYTES) {
		buf_add(b, S(",\"content\":{\"application/octet-stream\":{}}"));
		return;
	}
	buf_add(b, S(",\"content\":{\"application/json\":{\"schema\":"));
	if (r->reply == REPLY_LIST) {
		buf_fmt(b,
			"{\"type\":\"object\",\"properties\":{\"kind\":{\"const\":\"%.*s\"},"
			"\"total\":{\"type\":"
			"\"integer\"},\"next\":{\"type\":\"string\"},\"items\":{\"type\":\"array\","
			"\"items\":",
			STR_ARG(k->name));
		api_put_schema_ref(b, k->name, "_record");
		buf_add(b,
			S("}},\"required\":[\"kind\",\"total\",\"items\"],\"additionalProperties\":"
			  "false}"));
	} else if (k) {
		api_put_schema_ref(b, k->name, "_record");
	} else if (reply_schema(r).n) {
		api_put_schema_ref(b, reply_schema(r), "");
	} else {
		buf_add(b, S("{\"type\":\"object\"}"));
	}
	buf_add(b, S("}}"));
}

static void put_responses(struct buf *b, const struct api_route *r, const struct kind *k)
{
	bool makes = r->reply == REPLY_CREATED || r->reply == REPLY_LINK ||
		r->reply == REPLY_TOKEN;
	int status = makes ? 201 : r->reply == REPLY_NOTHING ? 204 : 200;

	buf_fmt(b, ",\"responses\":{\"%d\":{\"description\":\"%.*s\"", status,
		STR_ARG(http_status_text(status)));
	if (r->reply == REPLY_RECORD || r->reply == REPLY_CREATED)
		buf_fmt(b, ",\"headers\":{\"ETag\":{\"$ref\":\"#/components/headers/ETag\"}%s}",
			r->reply == REPLY_CREATED
				? ",\"Location\":{\"$ref\":\"#/components/headers/Location\"}"
				: "");
	if (status != 204)
		put_content(b, r, k);
	buf_char(b, '}');
	if (r->handler == api_record)
		buf_add(b, S(",\"304\":{\"description\":\"Not Modified\"}"));
	buf_add(b,
		S(",\"4XX\":{\"$ref\":\"#/components/responses/problem\"},"
		  "\"5XX\":{\"$ref\":\"#/components/responses/problem\"}}"));
}

/* What a body holds that is not a record. */
static str body_schema(const struct api_route *r)
{
	static const struct {
		api_handler *handler;
		str schema;
	} bodies[] = {{api_move, S_INIT("move")}, {api_withdraw, S_INIT("withdraw")},
		{api_link_confirm, S_INIT("link_seen")},
		{api_triage_decide, S_INIT("triage_decision")},
		{api_triage_answer, S_INIT("triage_answer")},
		{api_model_acts, S_INIT("model_acts")},
		{api_backlog_import, S_INIT("backlog_file")},
		{api_token_make, S_INIT("token_new")}};

	for (isize i = 0; i < COUNT_OF(bodies); i++)
		if (bodies[i].handler == r->handler)
			return bodies[i].schema;
	return r->body == BODY_PATCH ? S("patch") : S("link_new");
}

static void put_body(struct buf *b, const struct api_route *r, const struct kind *k)
{
	if (r->body == NO_BODY)
		return;
	buf_fmt(b, ",\"requestBody\":{\"required\":true,\"content\":{\"%s\":{\"schema\":",
		r->body == BODY_PATCH ? "application/merge-patch+json" : "application/json");
	if (k && r->body == BODY)
		api_put_schema_ref(b, k->name, "");
	else
		api_put_schema_ref(b, body_schema(r), "");
	buf_add(b, S("}}}"));
}

static str right_of(const struct api_route *r, const struct kind *k)
{
	if (r->right == BY_KIND && k)
		return right_name(is_write(r) ? k->can_write : k->can_read);
	if (r->right == BY_KIND)
		return is_write(r) ? S("KIND.write") : S("KIND.read");
	return r->right > 0 ? right_name(r->right) : S("");
}

static void put_operation(struct buf *b, const struct api_route *r, const struct kind *k)
{
	static const char *const method[] = {[HTTP_GET] = "get",
		[HTTP_HEAD] = "head",
		[HTTP_POST] = "post",
		[HTTP_PUT] = "put",
		[HTTP_PATCH] = "patch",
		[HTTP_DELETE] = "delete",
		[HTTP_OPTIONS] = "options"};
	struct arena *a = b->arena;
	bool first = true;

	buf_fmt(b, "\"%s\":{", method[r->method]);
	api_put_text(b, &first, S("operationId"),
		k ? str_fmt(a, "%.*s_%.*s", STR_ARG(k->name), STR_ARG(r->name)) : r->name);
	api_put_text(b, &first, S("summary"),
		k ? str_fmt(a, "%.*s: %.*s", STR_ARG(k->plural), STR_ARG(r->summary)) : r->summary);
	api_put_some(b, &first, S("x-right"), right_of(r, k));
	if (r->right == PUBLIC)
		buf_add(b, S(",\"security\":[]"));
	else if (is_write(r))
		buf_add(b, S(",\"security\":[{\"token\":[]}]"));
	put_operation_parameters(b, r, k);
	put_body(b, r, k);
	put_responses(b, r, k);
	buf_char(b, '}');
}

/* ---- paths ---- */

/* "/api/v1/risks/{ref}" for a kind, "/api/v1/{plural}/{ref}/links" for all. */
static str path_of(struct arena *a, str pattern, const struct kind *k)
{
	struct buf b;

	buf_init(&b, a, 400);
	str_cut(&pattern, '/');
	while (pattern.n) {
		str word = str_cut(&pattern, '/');
		buf_char(&b, '/');
		if (k && str_eq(word, S(":plural")))
			buf_add(&b, api_plural(a, k));
		else if (str_starts(word, S(":")))
			buf_fmt(&b, "{%.*s}", STR_ARG(str_lower(a, str_part(word, 1, word.n))));
		else
			buf_add(&b, str_eq(word, S("*")) ? S("{tile}") : word);
	}
	return buf_str(&b);
}

/* All methods of the address that route `from` is the first of. */
static void put_path(struct buf *b, bool *first, isize from, const struct kind *k)
{
	str pattern = api_routes[from].path;
	bool one = true;

	buf_add(b, *first ? S("\n") : S(",\n"));
	*first = false;
	json_put_string(b, path_of(b->arena, pattern, k));
	buf_add(b, S(":{\n"));
	for (isize i = from; i < api_route_count; i++) {
		if (!str_eq(api_routes[i].path, pattern))
			continue;
		buf_add(b, one ? S("") : S(",\n"));
		one = false;
		put_operation(b, &api_routes[i], k);
	}
	buf_char(b, '}');
}

static bool is_first(isize at)
{
	for (isize i = 0; i < at; i++)
		if (str_eq(api_routes[i].path, api_routes[at].path))
			return false;
	return true;
}

static void put_paths(struct buf *b)
{
	bool first = true;

	buf_add(b, S("\"paths\":{"));
	for (isize i = 0; i < api_route_count; i++) {
		str path = api_routes[i].path;
		if (!is_first(i))
			continue;
		if (!str_ends(path, S("/:plural")) && !str_ends(path, S("/:REF"))) {
			put_path(b, &first, i, NULL);
			continue;
		}
		for (int k = 0; k < kind_count; k++)
			put_path(b, &first, i, &kinds[k]);
	}
	buf_char(b, '}');
}

void api_openapi(struct buf *b)
{
	buf_add(b,
		S("{\"openapi\":\"3.1.0\",\n\"info\":{\"title\":\"Ward\",\"version\":"
		  "\"" WARD_VERSION "\",\"description\":\"Records, links, history and the ledger. "
		  "Every write is an entry of"
		  " the ledger. Revisions are entity tags: GET gives ETag, PUT and PATCH need "
		  "If-Match.\"},\n"
		  "\"security\":[{\"token\":[]},{\"session\":[]}],\n"));
	put_paths(b);
	buf_add(b,
		S(",\n\"components\":{\n"
		  "\"securitySchemes\":{\"token\":{\"type\":\"http\",\"scheme\":\"bearer\"},"
		  "\"session\":{\"type\":\"apiKey\",\"in\":\"cookie\",\"name\":\"__Host-ward\","
		  "\"description\":\"The browser's session: reading only.\"}},\n"
		  "\"headers\":{\"ETag\":{\"description\":\"The "
		  "revision.\",\"schema\":{\"type\":\"string\"}},"
		  "\"Location\":{\"description\":\"The new "
		  "record.\",\"schema\":{\"type\":\"string\"}}},\n"
		  "\"responses\":{\"problem\":{\"description\":\"What went wrong\",\"content\":{"
		  "\"application/problem+json\":{\"schema\":{\"$ref\":\"#/components/schemas/"
		  "problem\"}}}}},\n"));
	put_parameters(b);
	buf_add(b, S(",\n"));
	api_put_schemas(b);
	buf_add(b, S("}}\n"));
}
