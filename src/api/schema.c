/*
 * The schemas of the API: JSON Schema 2020-12, from the fields of the kinds.
 *
 * A kind K gives three: K_fields, what its fields may hold; K, what a write sends; K_record, what
 * an answer holds.  The fields of the envelope stand once, where most kinds have them alike.
 */
#include "api/api_in.h"

void api_put_schema_ref(struct buf *b, str name, const char *tail)
{
	buf_fmt(b, "{\"$ref\":\"#/components/schemas/%.*s%s\"}", STR_ARG(name), tail);
}

/* ---- schemas of fields ---- */

/* Integers beyond 2^53 are not exact in most readers of JSON; such a bound is none. */
static void put_bounds(struct buf *b, const struct field *f)
{
	const int64_t exact = INT64_C(1) << 53;

	if (f->min == 0 && f->max == 0)
		return;
	if (f->min > -exact)
		buf_fmt(b, ",\"minimum\":%" PRId64, f->min);
	if (f->max < exact)
		buf_fmt(b, ",\"maximum\":%" PRId64, f->max);
}

struct envelope;
static void put_properties(
	struct buf *b, const struct envelope *e, const struct field *field, int count);
static void put_required(struct buf *b, const struct field *field, int count);

static void put_rows(struct buf *b, const struct field *f)
{
	buf_fmt(b,
		"\"type\":\"array\",\"maxItems\":%" PRId64
		",\"items\":{\"type\":\"object\",\"properties\":",
		f->max > 0 ? f->max : LIMIT_ROWS);
	put_properties(b, NULL, f->col, f->col_count);
	put_required(b, f->col, f->col_count);
	buf_add(b, S(",\"additionalProperties\":false}"));
}

static void put_type(struct buf *b, const struct field *f)
{
	switch (f->type) {
	case FIELD_TEXT:
	case FIELD_PROSE:
		buf_add(b, S("\"type\":\"string\""));
		if (f->max > 0)
			buf_fmt(b, ",\"maxLength\":%" PRId64, f->max);
		break;
	case FIELD_INT:
		buf_add(b, S("\"type\":\"integer\""));
		put_bounds(b, f);
		break;
	case FIELD_FLAG:
		buf_add(b, S("\"type\":\"boolean\""));
		break;
	case FIELD_DATE:
		buf_add(b, S("\"type\":\"string\",\"format\":\"date\""));
		break;
	case FIELD_TIME:
		buf_add(b, S("\"type\":\"string\",\"format\":\"date-time\""));
		break;
	case FIELD_ENUM:
		buf_fmt(b, "\"$ref\":\"#/components/schemas/words_%.*s\"", STR_ARG(f->set->name));
		break;
	case FIELD_REF:
		buf_add(b, S("\"$ref\":\"#/components/schemas/ref\""));
		break;
	case FIELD_WORDS:
		buf_fmt(b,
			"\"type\":\"array\",\"maxItems\":%d,\"items\":{\"type\":\"string\","
			"\"maxLength\":200}",
			LIMIT_ROWS);
		break;
	case FIELD_ROWS:
		put_rows(b, f);
		break;
	}
}

static str description(struct arena *a, const struct field *f)
{
	struct buf b;

	buf_init(&b, a, 8192);
	buf_add(&b, f->help);
	if (f->unit.n)
		buf_fmt(&b, "%sIn %.*s.", b.n ? " " : "", STR_ARG(f->unit));
	if (f->secret)
		buf_fmt(&b, "%sHidden from those who may not read restricted fields.",
			b.n ? " " : "");
	for (int i = 0; i < f->ref_count; i++)
		buf_fmt(&b, "%s%.*s",
			i             ? " or "
				: b.n ? " Names a "
				      : "Names a ",
			STR_ARG(kinds[f->refs[i]].name));
	if (f->ref_count)
		buf_char(&b, '.');
	return buf_str(&b);
}

static void put_field(struct buf *b, const struct field *f)
{
	bool first = true;

	buf_char(b, '{');
	api_put_text(b, &first, S("title"), f->label);
	api_put_some(b, &first, S("description"), description(b->arena, f));
	buf_char(b, ',');
	put_type(b, f);
	buf_char(b, '}');
}

static bool is_same(const struct field *a, const struct field *b)
{
	bool same = str_eq(a->label, b->label) && str_eq(a->help, b->help) &&
		str_eq(a->unit, b->unit) && a->type == b->type && a->min == b->min &&
		a->max == b->max && a->set == b->set && a->secret == b->secret &&
		a->ref_count == b->ref_count && a->type != FIELD_ROWS;

	for (int i = 0; same && i < a->ref_count; i++)
		same = a->refs[i] == b->refs[i];
	return same;
}

enum { ENVELOPE_MAX = 40, KINDS_MAX = 200 };
/* The fields of the envelope as most kinds have them: those that declare one anew differ. */
struct envelope {
	const struct field *field[ENVELOPE_MAX];
	int count;
};

static const struct field *usual(str name)
{
	const struct field *of[KINDS_MAX], *best = NULL;
	int most = 0;

	assert(kind_count <= KINDS_MAX);
	for (int i = 0; i < kind_count; i++)
		of[i] = kind_field(&kinds[i], name);
	for (int i = 0; i < kind_count; i++) {
		int n = 0;
		for (int k = 0; of[i] && k < kind_count; k++)
			n += of[k] && is_same(of[i], of[k]);
		if (n > most) {
			most = n;
			best = of[i];
		}
	}
	return best;
}

/* The first kind knows the names of them all. */
static void find_envelope(struct envelope *out)
{
	*out = (struct envelope){0};
	for (int i = 0; i < kinds[0].field_count; i++) {
		if (!kinds[0].field[i].is_envelope)
			continue;
		assert(out->count < ENVELOPE_MAX);
		out->field[out->count++] = usual(kinds[0].field[i].name);
	}
}

static bool is_usual(const struct envelope *e, const struct field *f)
{
	for (int i = 0; f->is_envelope && i < e->count; i++)
		if (str_eq(e->field[i]->name, f->name))
			return is_same(e->field[i], f);
	return false;
}

/* Recurses once, into the columns of rows. */
static void put_properties(
	struct buf *b, const struct envelope *e, const struct field *field, int count)
{
	bool first = true;

	buf_char(b, '{');
	for (int i = 0; i < count; i++) {
		const struct field *f = &field[i];
		json_put_key(b, &first, f->name);
		if (e && is_usual(e, f))
			buf_fmt(b, "{\"$ref\":\"#/components/schemas/envelope/properties/%.*s\"}",
				STR_ARG(f->name));
		else
			put_field(b, f);
		if (e)
			buf_char(b, '\n');
	}
	buf_char(b, '}');
}

static void put_envelope(struct buf *b, const struct envelope *e)
{
	bool first = true;

	buf_add(b, S(",\n\"envelope\":{\"type\":\"object\",\"properties\":{"));
	for (int i = 0; i < e->count; i++) {
		json_put_key(b, &first, e->field[i]->name);
		put_field(b, e->field[i]);
		buf_char(b, '\n');
	}
	buf_add(b, S("}}"));
}

static void put_required(struct buf *b, const struct field *field, int count)
{
	int n = 0;

	for (int i = 0; i < count; i++) {
		if (!field[i].required)
			continue;
		buf_add(b, n++ ? S(",") : S(",\"required\":["));
		json_put_string(b, field[i].name);
	}
	if (n)
		buf_char(b, ']');
}

/* ---- schemas of kinds ---- */

static void put_states(struct buf *b, const struct kind *k)
{
	buf_add(b, S("\"state\":{\"enum\":["));
	for (int i = 0; i < k->state_count; i++) {
		buf_add(b, i ? S(",") : S(""));
		json_put_string(b, k->state[i].name);
	}
	buf_add(b, S("]}"));
}

/* A field with the name of a member of the head is meant instead of it. */
static void put_record_schema(struct buf *b, const struct kind *k)
{
	bool has_since = kind_field(k, S("since"));

	buf_fmt(b, ",\n\"%.*s_record\":{\"allOf\":[", STR_ARG(k->name));
	api_put_schema_ref(b, k->name, "_fields");
	buf_add(b, S(",{\"$ref\":\"#/components/schemas/record_head\"}],\"properties\":{"));
	put_states(b, k);
	buf_fmt(b, ",\"@type\":{\"const\":\"%.*s\"}", STR_ARG(k->name));
	if (!has_since)
		buf_add(b, S(",\"since\":{\"format\":\"date-time\"}"));
	buf_fmt(b, "},\"required\":[\"@type\",%s\"ref\",\"state\",\"id\",\"rev\",\"by\"]",
		has_since ? "" : "\"since\",");
	buf_add(b, S(",\"unevaluatedProperties\":false}"));
}

static void put_kind_schemas(struct buf *b, const struct envelope *e, const struct kind *k)
{
	bool first = true;

	buf_fmt(b, ",\n\"%.*s_fields\":{", STR_ARG(k->name));
	api_put_text(b, &first, S("title"), k->title);
	api_put_text(b, &first, S("description"), k->about);
	buf_add(b, S(",\"type\":\"object\",\"properties\":\n"));
	put_properties(b, e, k->field, k->field_count);
	buf_fmt(b, "},\n\"%.*s\":{\"allOf\":[", STR_ARG(k->name));
	api_put_schema_ref(b, k->name, "_fields");
	buf_add(b, S(",{\"$ref\":\"#/components/schemas/write_head\"}]"));
	put_required(b, k->field, k->field_count);
	buf_add(b, S(",\"unevaluatedProperties\":false}"));
	put_record_schema(b, k);
}

static void put_wordset(struct buf *b, const struct wordset *set)
{
	buf_fmt(b, ",\n\"words_%.*s\":{\"enum\":[", STR_ARG(set->name));
	for (int i = 0; i < set->count; i++) {
		buf_add(b, i ? S(",") : S(""));
		json_put_string(b, set->word[i].name);
	}
	buf_add(b, S("]}"));
}

enum { SETS_MAX = 1000 };
struct sets {
	const struct wordset *set[SETS_MAX];
	int count;
};

/* Each set once, in the order of its first use.  Recurses once, into columns. */
static void put_wordsets(struct buf *b, const struct field *field, int count, struct sets *seen)
{
	for (int i = 0; i < count; i++) {
		const struct field *f = &field[i];
		bool known = f->type != FIELD_ENUM;
		for (int n = 0; n < seen->count && !known; n++)
			known = seen->set[n] == f->set;
		if (!known) {
			assert(seen->count < SETS_MAX);
			seen->set[seen->count++] = f->set;
			put_wordset(b, f->set);
		}
		if (f->type == FIELD_ROWS)
			put_wordsets(b, f->col, f->col_count, seen);
	}
}

/* What is the same whatever the kinds are.  For the eye, ' stands for " and ~ for the address of a
   schema. */
static const struct {
	str name, schema;
} fixed_schemas[] = {
	{S_INIT("ref"),
		S_INIT("{'type':'string','maxLength':32,'pattern':'^[A-Z][A-Za-z0-9-]*$'}")},
	{S_INIT("record_head"),
		S_INIT("{'type':'object','properties':{'kind':{'type':'string'},'ref':{'$ref':'~"
		       "ref'},"
		       "'state':{'type':'string'},'id':{'type':'string','format':'uuid'},"
		       "'rev':{'type':'integer','minimum':1},'base':{'type':'integer','minimum':1,"
		       "'description':'Of a pending revision: the one in force that it changes.'},"
		       "'since':{'type':'string'},"
		       "'by':{'type':'string'}}}")},
	{S_INIT("write_head"),
		S_INIT("{'type':'object','description':'What an answer holds may be sent back; "
		       "state "
		       "changes by a move only.','properties':{'reason':{'type':'string',"
		       "'description':'Why; needed when the record is in force. Where the kind has "
		       "a "
		       "field of this name, the header X-Reason.'},'@type':{'type':'string'},"
		       "'ref':{'type':'string'},'state':{'type':'string'},'id':{'type':'string'},"
		       "'rev':{'type':'integer'},'base':{'type':'integer'},'since':{'type':'string'"
		       "},'until':{'type':'string'},"
		       "'by':{'type':'string'},'why':{'type':'string'}}}")},
	{S_INIT("problem_issue"),
		S_INIT("{'type':'object','properties':{'field':{'type':'string'},"
		       "'text':{'type':'string'}},'required':['field','text'],"
		       "'additionalProperties':false}")},
	{S_INIT("problem"),
		S_INIT("{'type':'object','description':'RFC 9457',"
		       "'properties':{'type':{'type':'string','format':'uri'},"
		       "'title':{'type':'string'},'status':{'type':'integer'},"
		       "'detail':{'type':'string'},'instance':{'type':'string'},"
		       "'request':{'type':'string'},'line':{'type':'integer','minimum':1},"
		       "'column':{'type':'integer','minimum':1},'issues':{'type':'array',"
		       "'items':{'$ref':'~problem_issue'}},'current':{'type':'object','description'"
		       ":'With "
		       "412: the record as it stands.'}},'required':['type','title','status',"
		       "'detail'],'additionalProperties':false}")},
	{S_INIT("brief"),
		S_INIT("{'type':'object','properties':{'kind':{'type':'string'},'ref':{'$ref':'~"
		       "ref'},"
		       "'title':{'type':'string'},'state':{'type':'string'},'owner':{'type':'"
		       "string'},"
		       "'product':{'type':'string'},'changed':{'type':'string','format':'date-time'"
		       "}},"
		       "'required':['kind','ref','title','state','changed'],"
		       "'additionalProperties':false}")},
	{S_INIT("search"),
		S_INIT("{'type':'object','properties':{'items':{'type':'array',"
		       "'items':{'$ref':'~brief'}},'more':{'type':'boolean','description':"
		       "'You may read others that match, too: another word finds fewer.'}},"
		       "'required':['items','more'],'additionalProperties':"
		       "false}")},
	{S_INIT("link"),
		S_INIT("{'type':'object','properties':{'type':{'type':'string'},"
		       "'from':{'$ref':'~ref'},'to':{'$ref':'~ref'},'note':{'type':'string'},"
		       "'suspect':{'type':'boolean','description':'An end changed after the link "
		       "was "
		       "confirmed.'},'since':{'type':'string','format':'date-time'},"
		       "'changed':{'type':'string','format':'date-time','description':'When an end "
		       "changed last.'},"
		       "'other':{'$ref':'~brief'}},'required':['type','from','to'],"
		       "'additionalProperties':false}")},
	{S_INIT("links"),
		S_INIT("{'type':'object','properties':{'items':{'type':'array',"
		       "'items':{'$ref':'~link'}}},'required':['items'],'additionalProperties':"
		       "false}")},
	{S_INIT("link_new"),
		S_INIT("{'type':'object','properties':{'type':{'type':'string'},'to':{'$ref':'~ref'"
		       "},"
		       "'note':{'type':'string'},'reason':{'type':'string'}},'required':['type','"
		       "to'],"
		       "'additionalProperties':false}")},
	{S_INIT("link_seen"),
		S_INIT("{'type':'object','properties':{'type':{'type':'string'},'to':{'$ref':'~ref'"
		       "},'seen':{'type':'string','format':'date-time','description':'The member "
		       "changed of the link that was looked at.'},'reason':{'type':'string'}},"
		       "'required':['type','to','seen'],'additionalProperties':false}")},
	{S_INIT("triage"),
		S_INIT("{'type':'object','properties':{'questions':{'type':'array','items':{"
		       "'type':'object','properties':{'property':{'type':'string'},"
		       "'findings':{'type':'integer','minimum':1,'description':'How many wait for "
		       "it.'},'parts':{'type':'array','items':{'type':'object','properties':{"
		       "'ref':{'type':'string'},'rev':{'type':'integer','minimum':0}},'required':["
		       "'ref','rev'],'additionalProperties':false}},'answers':{'type':'array',"
		       "'items':{'type':'string'},'description':'None: it follows from other "
		       "records.'},'several':{'type':'boolean','description':'Several answers may "
		       "hold at once.'}},'required':['property','findings','parts','answers',"
		       "'several'],'additionalProperties':false}},'items':{'type':'array','items':{"
		       "'type':'object','properties':{'id':{'type':'string'},'rev':{'type':"
		       "'integer','minimum':0,'description':'Of the record; 0: there is none.'},"
		       "'place':{'enum':['open','questions','again','leaving','decided','gone']},"
		       "'target':{'type':'string'},'title':{'type':'string'},'safety':{'type':"
		       "'integer','minimum':0,'maximum':4},'impact':{'type':'integer','minimum':0},"
		       "'likelihood':{'type':'integer','minimum':0},'record':{'$ref':'~ref'},"
		       "'state':{'type':'string'},'decision':{'type':'string'},'reason':{'type':"
		       "'string'},'again':{'type':'string','description':'Why it is to be looked "
		       "at "
		       "again.'}},'required':['id','rev','place','target','title','safety','impact'"
		       ","
		       "'likelihood'],'additionalProperties':false}},'counts':{'type':'object'}},"
		       "'required':['questions','items','counts'],'additionalProperties':false}")},
	{S_INIT("triage_decision"),
		S_INIT("{'type':'object','properties':{'decision':{'enum':['accept','dismiss',"
		       "'assume','transfer','mitigate','risk','gone']},'items':{'type':'array',"
		       "'maxItems':500,'items':{'type':'object','properties':{'id':{'type':'string'"
		       "},'rev':{'type':'integer','minimum':0}},'required':['id','rev']}},"
		       "'reason':{'type':'string'},'product':{'type':'string'},'to':{'type':"
		       "'string'},'assumption':{'type':'string','description':'A sentence or a "
		       "reference.'},'if_fails':{'type':'string'},'control':{'type':'string',"
		       "'description':'A reference, a countermeasure of the catalogue, or empty: "
		       "what the rule names first.'},'risk':{'type':'string'},'title':{'type':"
		       "'string'},'owner':{'type':'string'}},'required':['decision','items'],"
		       "'additionalProperties':false}")},
	{S_INIT("triage_answer"),
		S_INIT("{'type':'object','properties':{'property':{'type':'string'},'answers':{"
		       "'type':'array','items':{'type':'string'},'description':'? for what is not "
		       "known yet.'},'parts':{'type':'array','maxItems':500,'items':{'type':"
		       "'object','properties':{'ref':{'type':'string'},'rev':{'type':'integer'}},"
		       "'required':['ref','rev']}},'claim':{'type':'string','description':'What "
		       "shows it.'},'reason':{'type':'string'}},'required':['property','answers',"
		       "'parts'],'additionalProperties':false}")},
	{S_INIT("model"),
		S_INIT("{'type':'object','properties':{'svg':{'type':'string'},'made':{'type':"
		       "'object','additionalProperties':{'$ref':'~ref'}},'parts':{'type':'array',"
		       "'items':{'type':'object','properties':{'kind':{'enum':['zone','element',"
		       "'flow']},'rev':{'type':'integer','minimum':1},'box':{'$ref':'~box'},"
		       "'placed':{'$ref':'~box'},'record':{'type':'object'}},'required':['kind',"
		       "'rev','record'],'additionalProperties':false}},'findings':{'type':'array',"
		       "'items':{'type':'object','properties':{'id':{'type':'string'},'target':{"
		       "'type':'string'},'outcome':{'enum':['open','mitigated','question']},"
		       "'stride':{'type':'string'},'title':{'type':'string'},'by':{'type':'string'"
		       "}},'required':['id','target','outcome','stride','title','by'],"
		       "'additionalProperties':false}},'kinds':{'type':'object'},'copied':{'type':"
		       "'object'},'vocabulary':{'type':'object'}},'required':['svg','made','parts',"
		       "'findings','kinds','copied','vocabulary'],'additionalProperties':false}")},
	{S_INIT("box"),
		S_INIT("{'type':'array','items':{'type':'integer'},'maxItems':4,"
		       "'description':'x, y, width and height in pixels of the picture.'}")},
	{S_INIT("model_acts"),
		S_INIT("{'type':'object','properties':{'acts':{'type':'array','maxItems':500,"
		       "'items':{'type':'object','properties':{'act':{'enum':['add','set','retire',"
		       "'restore','place']},'as':{'type':'string','description':'A name such as "
		       "new:1, by which later acts of the array mean what this one adds.'},'uid':{"
		       "'type':'string','description':'Of what is added: sent twice, it is added "
		       "once.'},'kind':{'enum':['zone','element','flow']},'ref':{'type':'string'},"
		       "'rev':{'type':'integer'},'fields':{'type':'object'},'places':{'type':"
		       "'array','items':{'type':'array','description':'[reference, x, y], of a "
		       "zone "
		       "[reference, x, y, w, h]; nulls take the place away.'}}},'required':['act'],"
		       "'additionalProperties':false}},'reason':{'type':'string'}},'required':["
		       "'acts'],'additionalProperties':false}")},
	{S_INIT("model_changes"),
		S_INIT("{'type':'object','properties':{'old':{'type':'string'},'new':{'type':"
		       "'string'},'added':{'type':'integer'},'changed':{'type':'integer'},'removed'"
		       ":{'type':'integer'},'opened':{'type':'integer'},'asked':{'type':'integer'},"
		       "'closed':{'type':'integer'},'gone':{'type':'integer'},'parts':{'type':"
		       "'array','items':{'type':'object','properties':{'change':{'enum':['added',"
		       "'changed','removed']},'kind':{'type':'string'},'id':{'type':'string'},"
		       "'was':{'type':'string'},'name':{'type':'string'},'properties':{'type':"
		       "'array','items':{'type':'object','properties':{'change':{'type':'string'},"
		       "'property':{'type':'string'},'old':{'type':['string','null']},'new':{"
		       "'type':['string','null']}},'required':['change','property','old','new'],"
		       "'additionalProperties':false}}},'required':['change','kind','id','name',"
		       "'properties'],'additionalProperties':false}},'threats':{'type':'array',"
		       "'items':{'type':'object','properties':{'change':{'enum':['opened','asked',"
		       "'closed','gone']},'id':{'type':'string'},'rule':{'type':'string'},'stride'"
		       ":{'type':'string'},'target':{'type':'string'},'old':{'type':['string',"
		       "'null']},'new':{'type':['string','null']},'by':{'type':'string'},'title':{"
		       "'type':'string'}},'required':['change','id','rule','stride','target','old',"
		       "'new','by','title'],'additionalProperties':false}}},'required':['old','new'"
		       ",'added','changed','removed','opened','asked','closed','gone','parts',"
		       "'threats'],'additionalProperties':false}")},
	{S_INIT("model_made"),
		S_INIT("{'type':'object','properties':{'made':{'type':'object',"
		       "'additionalProperties':{'$ref':'~ref'},'description':'The reference that "
		       "each name of the acts became.'}},'required':['made'],"
		       "'additionalProperties':false}")},
	{S_INIT("backlog"),
		S_INIT("{'type':'array','items':{'type':'object','properties':{'external_id':{"
		       "'$ref':'~ref'},'title':{'type':'string'},'body':{'type':'string'},"
		       "'labels':{'type':'array','items':{'type':'string'}},'key':{'type':'string'}"
		       ",'state':{'type':'string'},'assignees':{'type':'array','items':{'type':"
		       "'string'}}},'required':['external_id','title','body','labels'],"
		       "'additionalProperties':false}}")},
	{S_INIT("backlog_file"),
		S_INIT("{'type':'object','properties':{'file':{'type':'string','description':'Its "
		       "name, for messages.'},'content':{'type':'string','description':'CSV with a "
		       "head, or an array of issues as JSON.'},'reason':{'type':'string'}},"
		       "'required':['content'],'additionalProperties':false}")},
	{S_INIT("backlog_imported"),
		S_INIT("{'type':'object','properties':{'items':{'type':'integer'},'changed':{"
		       "'type':'integer','description':'Requirements of which something "
		       "changed.'}},'required':['items','changed'],'additionalProperties':false}")},
	{S_INIT("withdraw"),
		S_INIT("{'type':'object','properties':{'reason':{'type':'string'}},"
		       "'additionalProperties':false}")},
	{S_INIT("move"),
		S_INIT("{'type':'object','properties':{'to':{'type':'string','description':'The "
		       "state. Moves that ask for a signature are made in the browser.'},"
		       "'reason':{'type':'string'}},'required':['to'],'additionalProperties':"
		       "false}")},
	{S_INIT("record"), S_INIT("{'$ref':'~record_head'}")},
	{S_INIT("patch"),
		S_INIT("{'type':'object','description':'Members of the fields of the kind; null "
		       "empties one (RFC 7396).'}")},
	{S_INIT("history"),
		S_INIT("{'type':'object','properties':{'items':{'type':'array',"
		       "'items':{'type':'object','properties':{'rev':{'type':'integer'},"
		       "'since':{'type':'string','format':'date-time'},'by':{'type':'string'},"
		       "'why':{'type':'string'},'state':{'type':'string'},"
		       "'pending':{'type':'boolean'}},'required':['rev','"
		       "since',"
		       "'by','state'],'additionalProperties':false}},'changes':{'type':'array',"
		       "'items':{'type':'object','properties':{'field':{'type':'string'},"
		       "'label':{'type':'string'},'before':{'type':'string'},"
		       "'after':{'type':'string'}},'required':['field','label','before','after'],"
		       "'additionalProperties':false}}},'required':['items'],"
		       "'additionalProperties':false}")},
	{S_INIT("entry"),
		S_INIT("{'type':'object','properties':{'seq':{'type':'integer','minimum':0},"
		       "'at':{'type':'string','format':'date-time'},'act':{'type':'string'},"
		       "'object':{'type':'string'},'actor':{'type':'string'},'name':{'type':'"
		       "string'},"
		       "'outcome':{'enum':['ok','denied','failed']},'reason':{'type':'string'},"
		       "'hash':{'type':'string','pattern':'^[0-9a-f]{64}$'},'leaf':{'type':'string'"
		       "},"
		       "'body':{'type':'object'}},'required':['seq','at','act','actor','outcome',"
		       "'hash'],'additionalProperties':false}")},
	{S_INIT("entries"),
		S_INIT("{'type':'object','properties':{'items':{'type':'array',"
		       "'items':{'$ref':'~entry'}},'next':{'type':'integer','description':'The "
		       "parameter before of the next page.'}},'required':['items'],"
		       "'additionalProperties':false}")},
	{S_INIT("sessions"),
		S_INIT("{'type':'object','properties':{'items':{'type':'array','items':{'type':"
		       "'object','properties':{'id':{'type':'string'},'since':{'type':'string',"
		       "'format':'date-time'},'until':{'type':'string','format':'date-time',"
		       "'description':'At the latest; half an hour without a request ends it "
		       "sooner.'}},'required':['id','since','until'],'additionalProperties':"
		       "false}}},'required':['items'],'additionalProperties':false}")},
	{S_INIT("tokens"),
		S_INIT("{'type':'object','properties':{'items':{'type':'array','items':{'type':"
		       "'object','properties':{'id':{'type':'string'},'name':{'type':'string'},"
		       "'scope':{'type':'string'},'since':{'type':'string','format':'date-time'},"
		       "'until':{'type':'string','format':'date-time'},'revoked':{'type':"
		       "'string','format':'date-time'}},'required':['id','name','scope','since',"
		       "'until'],'additionalProperties':false}}},'required':['items'],"
		       "'additionalProperties':false}")},
	{S_INIT("token_new"),
		S_INIT("{'type':'object','properties':{'person':{'$ref':'~ref'},'name':{'type':"
		       "'string','maxLength':100,'description':'What it is for.'},'scope':{"
		       "'type':'string','maxLength':500,'description':'Patterns of rights, as in "
		       "a role, and references of products: *.read PRD-1.'},'until':{'type':"
		       "'string','format':'date','description':'The day on which it ends, at most "
		       "366 days from now.'},'reason':{'type':'string'}},'required':['name',"
		       "'scope','until'],'additionalProperties':false}")},
	{S_INIT("token_made"),
		S_INIT("{'type':'object','properties':{'token':{'type':'string'},'scope':{'type':"
		       "'string'},'until':{'type':'string','format':'date-time'}},'required':["
		       "'token','scope','until'],'additionalProperties':false}")},
	{S_INIT("me"),
		S_INIT("{'type':'object','properties':{'person':{'type':'string'},"
		       "'name':{'type':'string'},'grants':{'type':'array','items':{'type':'object',"
		       "'properties':{'product':{'type':'string'},'rights':{'type':'array',"
		       "'items':{'type':'string'}}},'required':['rights'],"
		       "'additionalProperties':false}}},'required':['person','name','grants'],"
		       "'additionalProperties':false}")},
	{S_INIT("kinds"),
		S_INIT("{'type':'object','properties':{'items':{'type':'array',"
		       "'items':{'type':'object','required':['name','prefix','title','plural','"
		       "path',"
		       "'about','area','states','moves','fields','links','clauses']}}},"
		       "'required':['items'],'additionalProperties':false}")},
	{S_INIT("index"),
		S_INIT("{'type':'object','properties':{'version':{'type':'string'},"
		       "'description':{'type':'string'},'kinds':{'type':'string'},"
		       "'records':{'type':'object','additionalProperties':{'type':'string'}}},"
		       "'required':['version','description','kinds','records'],"
		       "'additionalProperties':false}")},
};

static void put_easy(struct buf *b, str text)
{
	for (isize i = 0; i < text.n; i++) {
		if (text.p[i] == '~')
			buf_add(b, S("#/components/schemas/"));
		else
			buf_char(b, text.p[i] == '\'' ? '"' : text.p[i]);
	}
}

void api_put_schemas(struct buf *b)
{
	struct sets *seen = NEW(b->arena, struct sets, 1);
	struct envelope *envelope = NEW(b->arena, struct envelope, 1);

	buf_add(b, S("\"schemas\":{"));
	for (isize i = 0; i < COUNT_OF(fixed_schemas); i++) {
		buf_fmt(b, "%s\n\"%.*s\":", i ? "," : "", STR_ARG(fixed_schemas[i].name));
		put_easy(b, fixed_schemas[i].schema);
	}
	for (int i = 0; i < kind_count; i++)
		put_wordsets(b, kinds[i].field, kinds[i].field_count, seen);
	find_envelope(envelope);
	put_envelope(b, envelope);
	for (int i = 0; i < kind_count; i++)
		put_kind_schemas(b, envelope, &kinds[i]);
	buf_char(b, '}');
}
