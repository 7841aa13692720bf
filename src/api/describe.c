/* What there is: the index, who asks, and the kinds as their declarations say. */
#include "api/api_in.h"

bool api_openapi_get(struct call *c, struct api_request *q, struct http_reply *out)
{
	struct buf *b = api_reply(c, out);

	(void)q;
	api_openapi(b);
	return api_done(c, out, b);
}

bool api_index(struct call *c, struct api_request *q, struct http_reply *out)
{
	struct buf *b = api_reply(c, out);
	bool first = true;

	(void)q;
	buf_char(b, '{');
	api_put_text(b, &first, S("version"), S(WARD_VERSION));
	api_put_text(b, &first, S("description"), S("/api/v1/openapi.json"));
	api_put_text(b, &first, S("kinds"), S("/api/v1/kinds"));
	json_put_key(b, &first, S("records"));
	buf_char(b, '{');
	first = true;
	for (int i = 0; i < kind_count; i++) {
		if (!call_could_some(c, kinds[i].can_read))
			continue;
		str path =
			str_fmt(c->arena, "/api/v1/%.*s", STR_ARG(api_plural(c->arena, &kinds[i])));
		api_put_text(b, &first, kinds[i].name, path);
	}
	buf_add(b, S("}}\n"));
	return api_done(c, out, b);
}

/* ---- who asks ---- */

static void put_grant(struct buf *b, const struct grant *g)
{
	bool first = true;

	buf_char(b, '{');
	api_put_some(b, &first, S("product"), g->product);
	json_put_key(b, &first, S("rights"));
	buf_char(b, '[');
	first = true;
	for (int i = 1; i < RIGHT_COUNT; i++) {
		if (!(g->right[i / 64] >> (i % 64) & 1))
			continue;
		buf_add(b, first ? S("") : S(","));
		json_put_string(b, right_name(i));
		first = false;
	}
	buf_add(b, S("]}"));
}

bool api_me(struct call *c, struct api_request *q, struct http_reply *out)
{
	struct buf *b = api_reply(c, out);
	bool first = true;

	(void)q;
	buf_char(b, '{');
	api_put_text(b, &first, S("person"), c->who.ref);
	api_put_text(b, &first, S("name"), c->who.name);
	json_put_key(b, &first, S("grants"));
	buf_char(b, '[');
	for (isize i = 0; i < c->who.grant_count; i++) {
		buf_add(b, i ? S(",\n") : S("\n"));
		put_grant(b, &c->who.grant[i]);
	}
	buf_add(b, S("]}\n"));
	return api_done(c, out, b);
}

/* ---- kinds ---- */

static str type_word(enum field_type type)
{
	static const str words[] = {[FIELD_TEXT] = S_INIT("text"),
		[FIELD_PROSE] = S_INIT("prose"),
		[FIELD_INT] = S_INIT("int"),
		[FIELD_FLAG] = S_INIT("flag"),
		[FIELD_DATE] = S_INIT("date"),
		[FIELD_TIME] = S_INIT("time"),
		[FIELD_ENUM] = S_INIT("enum"),
		[FIELD_REF] = S_INIT("ref"),
		[FIELD_WORDS] = S_INIT("words"),
		[FIELD_ROWS] = S_INIT("rows")};

	return words[type];
}

static void put_kinds(struct buf *b, bool *first, str key, const int *id, int count)
{
	json_put_key(b, first, key);
	buf_char(b, '[');
	for (int i = 0; i < count; i++) {
		buf_add(b, i ? S(",") : S(""));
		json_put_string(b, kinds[id[i]].name);
	}
	buf_char(b, ']');
}

static void put_word_list(struct buf *b, const struct wordset *set)
{
	buf_char(b, '[');
	for (int i = 0; i < set->count; i++) {
		bool first = true;
		buf_add(b, i ? S(",{") : S("{"));
		api_put_text(b, &first, S("name"), set->word[i].name);
		api_put_text(b, &first, S("label"), set->word[i].label);
		buf_char(b, '}');
	}
	buf_char(b, ']');
}

/* Recurses once, into the columns of rows. */
static void put_fields(struct buf *b, const struct field *field, int count)
{
	buf_char(b, '[');
	for (int i = 0; i < count; i++) {
		const struct field *f = &field[i];
		bool first = true;
		buf_add(b, i ? S(",\n{") : S("\n{"));
		api_put_text(b, &first, S("name"), f->name);
		api_put_text(b, &first, S("label"), f->label);
		api_put_text(b, &first, S("type"), type_word(f->type));
		api_put_some(b, &first, S("help"), f->help);
		api_put_some(b, &first, S("unit"), f->unit);
		api_put_bool(b, &first, S("required"), f->required);
		api_put_bool(b, &first, S("secret"), f->secret);
		if (f->min || f->max) {
			api_put_int(b, &first, S("min"), f->min);
			api_put_int(b, &first, S("max"), f->max);
		}
		if (f->type == FIELD_ENUM) {
			json_put_key(b, &first, S("words"));
			put_word_list(b, f->set);
		}
		if (f->ref_count)
			put_kinds(b, &first, S("kinds"), f->refs, f->ref_count);
		if (f->type == FIELD_ROWS) {
			json_put_key(b, &first, S("columns"));
			put_fields(b, f->col, f->col_count);
		}
		buf_char(b, '}');
	}
	buf_char(b, ']');
}

static void put_states(struct buf *b, const struct kind *k)
{
	buf_char(b, '[');
	for (int i = 0; i < k->state_count; i++) {
		bool first = true;
		buf_add(b, i ? S(",{") : S("{"));
		api_put_text(b, &first, S("name"), k->state[i].name);
		api_put_text(b, &first, S("label"), k->state[i].label);
		api_put_bool(b, &first, S("in_force"), k->state[i].in_force);
		api_put_bool(b, &first, S("end"), k->state[i].is_end);
		buf_char(b, '}');
	}
	buf_char(b, ']');
}

static void put_move(struct buf *b, const struct kind *k, const struct move *m)
{
	bool first = true;

	buf_char(b, '{');
	api_put_text(b, &first, S("from"), k->state[m->from].name);
	api_put_text(b, &first, S("to"), k->state[m->to].name);
	api_put_text(b, &first, S("label"), m->label);
	api_put_text(b, &first, S("right"), right_name(m->right ? m->right : k->can_write));
	api_put_bool(b, &first, S("second_person"), m->second_person);
	api_put_some(b, &first, S("signed"), m->meaning);
	json_put_key(b, &first, S("requires"));
	buf_char(b, '[');
	for (int i = 0; i < m->require_count; i++) {
		buf_add(b, i ? S(",") : S(""));
		json_put_string(b, k->field[m->requires[i]].name);
	}
	buf_add(b, S("]}"));
}

static void put_links(struct buf *b, const struct kind *k)
{
	buf_char(b, '[');
	for (int i = 0; i < k->link_count; i++) {
		bool first = true;
		buf_add(b, i ? S(",{") : S("{"));
		api_put_text(b, &first, S("type"), k->link[i].type);
		api_put_text(b, &first, S("label"), k->link[i].label);
		api_put_bool(b, &first, S("outgoing"), k->link[i].outgoing);
		put_kinds(b, &first, S("kinds"), k->link[i].kinds, k->link[i].kind_count);
		buf_char(b, '}');
	}
	buf_char(b, ']');
}

static void put_clauses(struct buf *b, const struct kind *k)
{
	buf_char(b, '[');
	for (int i = 0; i < k->clause_count; i++) {
		bool first = true;
		buf_add(b, i ? S(",{") : S("{"));
		api_put_text(b, &first, S("catalog"), k->clause[i].catalog);
		api_put_text(b, &first, S("id"), k->clause[i].id);
		buf_char(b, '}');
	}
	buf_char(b, ']');
}

static void put_kind(struct call *c, struct buf *b, const struct kind *k)
{
	str path = str_fmt(c->arena, "/api/v1/%.*s", STR_ARG(api_plural(c->arena, k)));
	bool first = true;

	buf_char(b, '{');
	api_put_text(b, &first, S("name"), k->name);
	api_put_text(b, &first, S("prefix"), k->prefix);
	api_put_text(b, &first, S("title"), k->title);
	api_put_text(b, &first, S("plural"), k->plural);
	api_put_text(b, &first, S("path"), path);
	api_put_text(b, &first, S("about"), k->about);
	api_put_text(b, &first, S("area"), k->area);
	json_put_key(b, &first, S("states"));
	put_states(b, k);
	json_put_key(b, &first, S("moves"));
	buf_char(b, '[');
	for (int i = 0; i < k->move_count; i++) {
		buf_add(b, i ? S(",\n") : S("\n"));
		put_move(b, k, &k->move[i]);
	}
	buf_char(b, ']');
	json_put_key(b, &first, S("fields"));
	put_fields(b, k->field, k->field_count);
	json_put_key(b, &first, S("links"));
	put_links(b, k);
	json_put_key(b, &first, S("clauses"));
	put_clauses(b, k);
	buf_char(b, '}');
}

bool api_kinds(struct call *c, struct api_request *q, struct http_reply *out)
{
	struct buf *b = api_reply(c, out);

	(void)q;
	buf_add(b, S("{\"items\":["));
	for (int i = 0; i < kind_count; i++) {
		buf_add(b, i ? S(",\n") : S("\n"));
		put_kind(c, b, &kinds[i]);
	}
	buf_add(b, S("]}\n"));
	return api_done(c, out, b);
}
