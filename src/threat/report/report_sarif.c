/*
 * SARIF 2.1.0 (OASIS), the part of it that code scanning services read.
 *
 * Every result has a location and a fingerprint of the finding's id, so that an alert stays the
 * same one when lines move and names change.  Services show every result as an alert, whatever its
 * kind; what is mitigated is therefore left out unless asked for, and what is gone stands in the
 * properties of the run, not among the results.
 */
#include "crypt/crypt.h"
#include "threat/report/report_in.h"
#include "threat/rules/compiled.h"

struct sarif {
	struct buf *b;
	struct arena *scratch;
	const struct check_report *r;
	/* Where the reading of r->bytes stands; findings come by place, so that it is read once. */
	isize at;
	struct file_place place;
	isize character; /* of the line, from 1 */
};

static void put_text(struct buf *b, bool *first, const char *key, str text)
{
	bool inner = true;

	json_put_key(b, first, str_of(key));
	buf_char(b, '{');
	json_put_text(b, &inner, S("text"), text);
	buf_char(b, '}');
}

/* ---- rules ---- */

/* The title of a rule without a target: "[from] cannot tell …". */
static str rule_words(struct arena *a, const struct rule *r)
{
	str rest = r->title;
	struct buf b;

	buf_init(&b, a, LIMIT_PROSE);
	while (rest.n) {
		bool has_slot = str_index(rest, '{') >= 0;
		buf_add(&b, str_cut(&rest, '{'));
		if (!has_slot)
			break;
		str slot = str_cut(&rest, '}');
		buf_char(&b, '[');
		buf_add(&b, str_eq(slot, S("of")) ? S("element") : slot);
		buf_char(&b, ']');
	}
	return buf_str(&b);
}

/* Whether `refs` names `cwe` as a word of its own. */
static bool names(str refs, str cwe)
{
	for (str word = str_word(&refs); word.n; word = str_word(&refs))
		if (str_eq(word, cwe))
			return true;
	return false;
}

/* Whether `word`, which is a part of `refs`, stood in it before. */
static bool is_repeated(str refs, str word)
{
	return names(str_part(refs, 0, word.p - refs.p), word);
}

static bool is_cwe(str word)
{
	int64_t number;

	return str_starts(word, S("CWE-")) && str_int(str_part(word, 4, word.n), 1, 99999, &number);
}

static void put_tags(struct buf *b, struct arena *scratch, bool *first, const struct rule *r)
{
	str refs = r->refs;

	json_put_key(b, first, S("tags"));
	buf_add(b, r->stride == THREAT_HYGIENE ? S("[\"maintainability\",") : S("[\"security\","));
	json_put_string(b, str_fmt(scratch, "stride/%.*s", STR_ARG(stride_word(r->stride))));
	for (str word = str_word(&refs); word.n; word = str_word(&refs)) {
		if (is_repeated(r->refs, word))
			continue;
		buf_char(b, ',');
		if (is_cwe(word))
			json_put_string(b,
				str_fmt(scratch, "external/cwe/cwe-%.*s",
					STR_ARG(str_part(word, 4, word.n))));
		else
			json_put_string(b, word);
	}
	buf_char(b, ']');
}

static void put_relationships(struct buf *b, bool *first, const struct rule *r)
{
	str refs = r->refs;
	bool any = false;

	for (str word = str_word(&refs); word.n; word = str_word(&refs)) {
		if (!is_cwe(word) || is_repeated(r->refs, word))
			continue;
		if (!any)
			json_put_key(b, first, S("relationships"));
		buf_add(b, any ? S(",") : S("["));
		buf_add(b, S("{\"target\":{\"id\":"));
		json_put_string(b, word);
		buf_add(b,
			S(",\"toolComponent\":{\"name\":\"CWE\",\"index\":0}},"
			  "\"kinds\":[\"relevant\"]}"));
		any = true;
	}
	if (any)
		buf_char(b, ']');
}

/* Why, what to build against it, what counts as handled, and where to read on. */
static str rule_help(struct arena *a, const struct rules *rules, const struct rule *r)
{
	struct buf b;

	buf_init(&b, a, LIMIT_PROSE);
	buf_add(&b, r->why.n ? r->why : rule_words(a, r));
	for (int32_t i = 0; i < r->treat_count; i++) {
		const struct countermeasure *c = countermeasure_find(rules, r->treats[i].name);
		buf_fmt(&b, "\nCountermeasure %.*s", STR_ARG(r->treats[i].name));
		if (c)
			buf_fmt(&b, ": %.*s", STR_ARG(c->require));
	}
	for (int32_t i = 0; i < r->handler_count; i++)
		buf_fmt(&b, "\nHandled when: %.*s.", STR_ARG(r->handlers[i].words));
	if (r->refs.n)
		buf_fmt(&b, "\nReferences: %.*s.", STR_ARG(r->refs));
	return buf_str(&b);
}

static void put_rule(
	struct buf *b, struct arena *scratch, const struct rules *rules, const struct rule *r)
{
	str words = rule_words(scratch, r);
	bool first = true, inner = true;

	buf_char(b, '{');
	json_put_text(b, &first, S("id"), r->name);
	put_text(b, &first, "shortDescription", words);
	put_text(b, &first, "fullDescription", r->why.n ? r->why : words);
	put_text(b, &first, "help", rule_help(scratch, rules, r));
	json_put_key(b, &first, S("defaultConfiguration"));
	buf_add(b, S("{\"level\":\"warning\"}"));
	put_relationships(b, &first, r);
	json_put_key(b, &first, S("properties"));
	buf_char(b, '{');
	put_tags(b, scratch, &inner, r);
	json_put_text(b, &inner, S("stride"), stride_word(r->stride));
	json_put_int(b, &inner, S("rev"), r->rev);
	json_put_text(b, &inner, S("treat"), r->treat);
	buf_add(b, S("}}"));
}

/* Whether one of the rules before number `i`, or an earlier word of it, names `cwe` too. */
static bool is_known_cwe(const struct rules *rules, isize i, str cwe)
{
	for (isize k = 0; k < i; k++)
		if (names(rules->list[k].refs, cwe))
			return true;
	return is_repeated(rules->list[i].refs, cwe);
}

static void put_taxa(struct buf *b, const struct rules *rules)
{
	bool any = false;

	for (isize i = 0; i < rules->count; i++) {
		str rest = rules->list[i].refs;
		for (str word = str_word(&rest); word.n; word = str_word(&rest)) {
			if (!is_cwe(word) || is_known_cwe(rules, i, word))
				continue;
			buf_add(b, any ? S(",{\"id\":") : S("{\"id\":"));
			json_put_string(b, word);
			buf_char(b, '}');
			any = true;
		}
	}
}

static void put_tool(const struct sarif *s)
{
	const struct rules *rules = s->r->now->rules;

	buf_add(s->b,
		S("\"tool\":{\"driver\":{\"name\":\"Ward\",\"semanticVersion\":\"" WARD_VERSION
		  "\",\"rules\":["));
	for (isize i = 0; i < rules->count; i++) {
		struct arena_mark mark = arena_here(s->scratch);
		if (i)
			buf_char(s->b, ',');
		put_rule(s->b, s->scratch, rules, &rules->list[i]);
		arena_rewind(s->scratch, mark);
	}
	buf_add(s->b,
		S("],\"supportedTaxonomies\":[{\"name\":\"CWE\",\"index\":0}]}},"
		  "\"taxonomies\":[{\"name\":\"CWE\",\"organization\":\"MITRE\","
		  "\"shortDescription\":{\"text\":\"Common Weakness Enumeration\"},\"taxa\":["));
	put_taxa(s->b, rules);
	buf_add(s->b, S("]}],"));
}

/* ---- places ---- */

/* A path as a URI reference: relative as it stands, absolute as a file: address. */
static void put_address(struct buf *b, str path)
{
	static const char digits[] = "0123456789ABCDEF";

	while (str_starts(path, S("./")))
		path = str_part(path, 2, path.n);
	buf_char(b, '"');
	if (str_starts(path, S("/")))
		buf_add(b, S("file://"));
	for (isize i = 0; i < path.n; i++) {
		unsigned char c = (unsigned char)path.p[i];
		bool plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
			(c >= 'A' && c <= 'Z') || str_index(S("-._~/"), path.p[i]) >= 0;
		if (plain) {
			buf_char(b, path.p[i]);
		} else {
			buf_char(b, '%');
			buf_char(b, digits[c >> 4]);
			buf_char(b, digits[c & 15]);
		}
	}
	buf_char(b, '"');
}

/* Steps on to `to`; false when the file has no such place. */
static bool step_to(struct sarif *s, struct file_place to)
{
	str bytes = s->r->bytes;

	while (s->place.line < to.line) {
		isize end = str_index(str_part(bytes, s->at, bytes.n), '\n');
		if (end < 0)
			return false;
		s->at += end + 1;
		s->place = (struct file_place){s->place.line + 1, 1};
		s->character = 1;
	}
	isize on = to.column - s->place.column;
	if (s->place.line != to.line || on < 0 || on > bytes.n - s->at)
		return false;
	s->character += utf8_count(str_part(bytes, s->at, s->at + on));
	s->at += on;
	s->place = to;
	return true;
}

/* SARIF counts characters, ward bytes.  A statement of .ward text goes on to the end of its line;
   of other formats, where a line may be a whole file, only the beginning is marked. */
static void put_region(struct sarif *s, struct file_place at)
{
	enum { MARKED = 200 };
	bool found = step_to(s, at);
	isize from = found ? s->character : at.column, marked = 1;

	if (found && s->r->now->model->format == MODEL_TEXT) {
		str line = str_part(s->r->bytes, s->at, s->at + MARKED);
		marked = utf8_count(str_trim(str_cut(&line, '\n')));
	}
	buf_fmt(s->b,
		",\"region\":{\"startLine\":%d,\"startColumn\":%td,\"endLine\":%d,"
		"\"endColumn\":%td}",
		at.line, from, at.line, from + (marked > 0 ? marked : 1));
}

static void put_file(const struct sarif *s)
{
	buf_add(s->b, S("{\"physicalLocation\":{\"artifactLocation\":{\"uri\":"));
	put_address(s->b, s->r->path);
	buf_add(s->b, S("}"));
}

static void put_logical(const struct sarif *s, const struct part *p)
{
	bool first = true;

	buf_char(s->b, '{');
	json_put_text(s->b, &first, S("name"), p->id);
	json_put_text(s->b, &first, S("fullyQualifiedName"),
		str_join(s->scratch, str_join(s->scratch, part_kind_word(p->kind), S("/")), p->id));
	json_put_text(s->b, &first, S("decoratedName"),
		show_str(s->scratch, part_title(p), REPORT_TITLE));
	json_put_text(s->b, &first, S("kind"), part_kind_word(p->kind));
	buf_char(s->b, '}');
}

static void put_locations(struct sarif *s, const struct threat_finding *f)
{
	buf_add(s->b, S(",\"locations\":["));
	put_file(s);
	if (f->part->at.line > 0)
		put_region(s, f->part->at);
	buf_add(s->b, S("},\"logicalLocations\":["));
	put_logical(s, f->part);
	buf_add(s->b, S("]}]"));
	if (f->because == f->part)
		return;
	buf_add(s->b, S(",\"relatedLocations\":["));
	put_file(s);
	if (f->because->at.line > 0)
		buf_fmt(s->b, ",\"region\":{\"startLine\":%d}", f->because->at.line);
	buf_add(s->b, S("},\"logicalLocations\":["));
	put_logical(s, f->because);
	buf_add(s->b, S("],\"message\":{\"text\":\"the worst flow\"}}]"));
}

/* ---- results ---- */

/* The first half of SHA-256 of the id: enough to be one of a kind, short enough to read. */
static void put_fingerprints(struct buf *b, str id)
{
	enum { HALF = 16 };
	struct sha256 hash = sha256(id);

	/* The first name is the one that code scanning services match alerts by. */
	buf_add(b, S(",\"partialFingerprints\":{\"primaryLocationLineHash\":\""));
	hex_print(b, hash.b, HALF);
	buf_add(b, S(":1\",\"wardFinding/v1\":\""));
	hex_print(b, hash.b, HALF);
	buf_add(b, S("\"}"));
}

static str message_of(struct arena *a, const struct check_report *r, const struct threat_finding *f)
{
	str by = finding_by(a, f);
	struct buf b;

	buf_init(&b, a, LIMIT_PROSE);
	show_text(&b, finding_title(a, r->now, f), REPORT_TITLE, SHOWN_PLAIN);
	if (f->outcome == THREAT_IS_QUESTION)
		buf_fmt(&b, "? Not known: %.*s", STR_ARG(by));
	else if (by.n)
		buf_fmt(&b, "; handled: %.*s", STR_ARG(by));
	buf_char(&b, '.');
	return buf_str(&b);
}

static void put_properties(
	const struct sarif *s, const struct threat_finding *f, const struct finding_change *c)
{
	bool first = true;

	buf_add(s->b, S(",\"properties\":{"));
	json_put_text(s->b, &first, S("finding"), finding_id(s->scratch, f));
	json_put_text(s->b, &first, S("outcome"), outcome_word(f->outcome));
	json_put_text(s->b, &first, S("stride"), stride_word(f->stride));
	if (f->impact)
		json_put_int(s->b, &first, S("impact"), f->impact);
	if (f->likelihood)
		json_put_int(s->b, &first, S("likelihood"), f->likelihood);
	if (c->was && c->was->outcome != f->outcome)
		json_put_text(s->b, &first, S("was"), outcome_word(c->was->outcome));
	if (c->again) {
		json_put_key(s->b, &first, S("again"));
		buf_add(s->b, S("true"));
	}
	buf_char(s->b, '}');
}

/* Kinds other than "fail" have the level "none" (SARIF 2.1.0, 3.27.10). */
static void put_result(struct sarif *s, isize i)
{
	static const str kinds[] = {
		S_INIT("notApplicable"), S_INIT("pass"), S_INIT("open"), S_INIT("fail")};
	const struct threat_finding *f = &s->r->now->list[i];
	const struct finding_change *c = &s->r->change[i];
	bool is_open = f->outcome == THREAT_IS_OPEN, first = true;

	buf_char(s->b, '{');
	json_put_text(s->b, &first, S("ruleId"), f->rule->name);
	json_put_int(s->b, &first, S("ruleIndex"), f->rule - s->r->now->rules->list);
	json_put_text(s->b, &first, S("kind"), kinds[f->outcome]);
	json_put_text(s->b, &first, S("level"), is_open ? level_word(f->level) : S("none"));
	put_text(s->b, &first, "message", message_of(s->scratch, s->r, f));
	put_locations(s, f);
	put_fingerprints(s->b, finding_id(s->scratch, f));
	if (c->is_new)
		json_put_text(s->b, &first, S("baselineState"), S("new"));
	else if (c->was)
		json_put_text(s->b, &first, S("baselineState"),
			c->again || c->was->outcome != f->outcome ? S("updated") : S("unchanged"));
	put_properties(s, f, c);
	buf_char(s->b, '}');
}

/* Words that no rule knows are remarks about the run, not threats. */
static void put_invocation(const struct sarif *s)
{
	const struct findings *f = s->r->now;

	buf_add(s->b,
		S("\"invocations\":[{\"executionSuccessful\":true,"
		  "\"toolExecutionNotifications\":["));
	for (isize i = 0; i < f->note_count; i++) {
		struct arena_mark mark = arena_here(s->scratch);
		struct buf words;
		bool first = true;
		buf_init(&words, s->scratch, LIMIT_PROSE);
		report_note(&words, &f->notes[i]);
		buf_add(s->b, i ? S(",{") : S("{"));
		json_put_text(s->b, &first, S("level"), S("note"));
		put_text(s->b, &first, "message", buf_str(&words));
		buf_add(s->b, S(",\"locations\":["));
		put_file(s);
		if (f->notes[i].prop->at.line > 0)
			buf_fmt(s->b, ",\"region\":{\"startLine\":%d}", f->notes[i].prop->at.line);
		buf_add(s->b, S("}}]}"));
		arena_rewind(s->scratch, mark);
	}
	buf_add(s->b, S("]}],"));
}

static void put_run_properties(const struct sarif *s)
{
	const struct check_report *r = s->r;

	if (!r->base)
		return;
	buf_add(s->b, S(",\"properties\":{\"baseline\":"));
	json_put_string(s->b, r->base->file);
	buf_add(s->b, S(",\"gone\":["));
	for (isize i = 0; i < r->gone_count; i++) {
		bool first = true;
		buf_add(s->b, i ? S(",{") : S("{"));
		json_put_text(s->b, &first, S("finding"), r->gone[i]->id);
		json_put_text(s->b, &first, S("was"), outcome_word(r->gone[i]->outcome));
		json_put_text(s->b, &first, S("title"), r->gone[i]->title);
		buf_char(s->b, '}');
	}
	buf_add(s->b, S("]}"));
}

void report_print_sarif(
	struct buf *b, struct arena *scratch, const struct check_report *r, bool with_passed)
{
	struct sarif s = {.b = b, .scratch = scratch, .r = r, .place = {1, 1}, .character = 1};
	bool any = false;

	assert(b->arena != scratch);
	buf_add(b,
		S("{\"$schema\":\"https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/"
		  "schemas/sarif-schema-2.1.0.json\",\"version\":\"2.1.0\",\"runs\":[{"));
	put_tool(&s);
	put_invocation(&s);
	buf_add(b,
		S("\"columnKind\":\"unicodeCodePoints\",\"artifacts\":[{\"location\":{\"uri\":"));
	put_address(b, r->path);
	buf_add(b, S("}}],\"results\":["));
	for (isize i = 0; i < r->now->count; i++) {
		struct arena_mark mark = arena_here(scratch);
		if (r->now->list[i].outcome < THREAT_IS_QUESTION && !with_passed)
			continue;
		if (any)
			buf_char(b, ',');
		any = true;
		put_result(&s, i);
		arena_rewind(scratch, mark);
	}
	buf_char(b, ']');
	put_run_properties(&s);
	buf_add(b, S("}]}\n"));
}
