/*
 * The vocabulary: lines of
 *
 *	enum NAME a, b, c                 words without an order
 *	scale NAME a, b, c                words from least to most
 *	property KIND, KIND NAME TYPE     TYPE is an enumeration, "list of ENUM", or "text"
 *	derived KIND, KIND NAME TYPE      the same for what the engine works out itself
 */
#include "base/json.h"

#include "threat/rules/compiled.h"

struct vocabulary_reader {
	struct arena *arena;
	struct err *err;
	str file, line;
	int32_t number;
	struct vocabulary *v;
};

static bool wrong(struct vocabulary_reader *r, const char *what, str word)
{
	return FAIL(r->err, ERR_SYNTAX, "%.*s:%d:1: %s%.*s", STR_ARG(r->file), r->number, what,
		STR_ARG(word));
}

int32_t word_find(const struct word_list *l, str word)
{
	for (int32_t i = 0; i < l->count; i++)
		if (str_eq(l->words[i], word))
			return i;
	return -1;
}

/* The names are ours and stand still, so a stranger's keys cannot make a slot longer. */
static int slot_of(str name)
{
	unsigned n = (unsigned)name.n;

	if (n == 0)
		return 0;
	return (int)((n * 37 + (unsigned char)name.p[0] * 7 + (unsigned char)name.p[n / 2] * 3 +
			     (unsigned char)name.p[n - 1]) &
		(VOCABULARY_SLOTS - 1));
}

int32_t vocabulary_prop_find(const struct vocabulary *v, enum part_group group, str name)
{
	int32_t i = v->first[group][slot_of(name)];

	while (i >= 0 && !str_eq(v->props[group][i].name, name))
		i = v->props[group][i].next;
	return i;
}

static int32_t list_find(const struct vocabulary *v, str name)
{
	for (int32_t i = 0; i < v->list_count; i++)
		if (str_eq(v->lists[i].name, name))
			return i;
	return -1;
}

static bool read_enum(struct vocabulary_reader *r, bool is_scale)
{
	str name = str_word(&r->line);

	if (name.n == 0 || list_find(r->v, name) >= 0)
		return wrong(r, "an enumeration without a name, or with one already taken: ", name);
	if (r->v->list_count == VOCABULARY_ENUMS)
		return wrong(r, "too many enumerations", S(""));
	struct word_list *l = &r->v->lists[r->v->list_count++];
	*l = (struct word_list){.name = name, .is_scale = is_scale};
	while (r->line.n) {
		str word = str_trim(str_cut(&r->line, ','));
		if (word.n == 0 || word_find(l, word) >= 0 || l->count == VOCABULARY_WORDS)
			return wrong(r, "an empty or repeated word, or too many of them: ", word);
		l->words[l->count++] = word;
	}
	return l->count > 0 || wrong(r, "an enumeration without words: ", name);
}

static bool read_kinds(struct vocabulary_reader *r, uint32_t *kinds)
{
	*kinds = 0;
	for (;;) {
		str word = str_word(&r->line);
		bool more = str_ends(word, S(","));
		enum part_kind kind;
		if (more)
			word.n--;
		if (!rule_kind_parse(word, &kind))
			return wrong(r, "not a kind: ", word);
		*kinds |= 1u << kind;
		if (!more)
			return true;
	}
}

static bool read_property(struct vocabulary_reader *r, bool is_derived)
{
	uint32_t kinds;

	if (!read_kinds(r, &kinds))
		return false;
	str name = str_word(&r->line), type = str_word(&r->line);
	bool is_list = str_eq(type, S("list"));
	if (is_list) {
		str_word(&r->line);
		type = str_word(&r->line);
	}
	int32_t words = str_eq(type, S("text")) ? -1 : list_find(r->v, type);
	if (name.n == 0 || (words < 0 && !str_eq(type, S("text"))))
		return wrong(r, "not a type: ", type);
	for (int k = 0; k < PART_KINDS; k++) {
		if (!(kinds & 1u << k))
			continue;
		enum part_group g = part_group_of((enum part_kind)k);
		int32_t found = vocabulary_prop_find(r->v, g, name);
		if (found >= 0 && r->v->props[g][found].words != words)
			return wrong(r, "a property of two types: ", name);
		if (found < 0) {
			if (r->v->prop_count[g] == VOCABULARY_PROPS)
				return wrong(r, "too many properties: ", name);
			found = r->v->prop_count[g]++;
			r->v->props[g][found] = (struct vocabulary_prop){.name = name,
				.words = words,
				.is_derived = is_derived,
				.is_list = is_list,
				.next = r->v->first[g][slot_of(name)]};
			r->v->first[g][slot_of(name)] = (int16_t)found;
		}
		r->v->props[g][found].kinds |= 1u << k;
	}
	return true;
}

/* ---- the facts that the engine itself reads or works out ---- */

const enum fact facts_likely[FACTS_LIKELY] = {
	FACT_EXPOSURE, FACT_REACHED_BY, FACT_ENTERED_BY, FACT_OPEN_PATH};

static const str fact_names[FACT_COUNT] = {
	[FACT_EXPOSURE] = S_INIT("exposure"),
	[FACT_KIND] = S_INIT("kind"),
	[FACT_REACHED_BY] = S_INIT("reached-by"),
	[FACT_RECEIVES] = S_INIT("receives"),
	[FACT_OPEN_PATH] = S_INIT("open-path"),
	[FACT_CONTENT] = S_INIT("content"),
	[FACT_CLASS] = S_INIT("class"),
	[FACT_PULLS] = S_INIT("pulls"),
	[FACT_AUDITED] = S_INIT("audited"),
	[FACT_DEVICE_TYPE] = S_INIT("device-type"),
	[FACT_AUTHENTICATION] = S_INIT("authentication"),
	[FACT_PROTOCOL] = S_INIT("protocol"),
	[FACT_ENCRYPTION] = S_INIT("encryption"),
	[FACT_PURPOSE] = S_INIT("purpose"),
	[FACT_CROSSES_TRUST] = S_INIT("crosses-trust"),
	[FACT_CONFIDENTIALITY] = S_INIT("confidentiality"),
	[FACT_INTEGRITY] = S_INIT("integrity"),
	[FACT_AVAILABILITY] = S_INIT("availability"),
	[FACT_SAFETY] = S_INIT("safety"),
	[FACT_CARRIES_CONFIDENTIALITY] = S_INIT("carries-confidentiality"),
	[FACT_CARRIES_INTEGRITY] = S_INIT("carries-integrity"),
	[FACT_CARRIES_AVAILABILITY] = S_INIT("carries-availability"),
	[FACT_CARRIES_SAFETY] = S_INIT("carries-safety"),
	[FACT_HOLDS_CONFIDENTIALITY] = S_INIT("holds-confidentiality"),
	[FACT_HOLDS_INTEGRITY] = S_INIT("holds-integrity"),
	[FACT_HOLDS_AVAILABILITY] = S_INIT("holds-availability"),
	[FACT_HOLDS_SAFETY] = S_INIT("holds-safety"),
	[FACT_CARRIES_CLASS] = S_INIT("carries-class"),
	[FACT_HOLDS_CLASS] = S_INIT("holds-class"),
	[FACT_ENTERED_BY] = S_INIT("entered-by"),
	[FACT_CONTAINS_CLASS] = S_INIT("contains-class"),
	[FACT_ENTRY_AUDITED] = S_INIT("entry-audited"),
	[FACT_ANY_KIND] = S_INIT("any-kind"),
	[FACT_ANY_CLASS] = S_INIT("any-class"),
	[FACT_ANY_DEVICE_TYPE] = S_INIT("any-device-type"),
	[FACT_ANY_CONTENT] = S_INIT("any-content"),
	[FACT_ANY_PURPOSE] = S_INIT("any-purpose"),
	[FACT_ASSUMES] = S_INIT("assumes"),
	[FACT_UNKNOWN] = S_INIT("unknown"),
};

/* What people state is never worked out, and what is worked out nobody states: a property of the
   other sort is not the engine's. */
static void number_facts(struct vocabulary *v, enum part_group g)
{
	for (int k = 0; k < FACT_COUNT; k++) {
		int32_t n = vocabulary_prop_find(v, g, fact_names[k]);
		bool is_ours = n >= 0 && v->props[g][n].is_derived == (k > FACT_PURPOSE);
		v->fact[g][k] = (int16_t)(is_ours ? n : -1);
	}
}

/* Fills what stands below the properties of a vocabulary that is complete. */
static void prepare_facts(struct arena *a, struct vocabulary *v)
{
	for (int g = 0; g < PART_GROUPS; g++) {
		number_facts(v, (enum part_group)g);
		v->derived[g] = NEW(a, int16_t, VOCABULARY_PROPS);
		for (int32_t i = 0; i < v->prop_count[g]; i++)
			if (v->props[g][i].is_derived)
				v->derived[g][v->derived_count[g]++] = (int16_t)i;
	}
	for (int k = 0; k < PART_KINDS; k++) {
		enum part_group g = part_group_of((enum part_kind)k);
		v->blank[k] = NEW(a, uint64_t, VOCABULARY_PROPS);
		for (int32_t i = 0; i < v->prop_count[g]; i++)
			v->blank[k][i] = v->props[g][i].kinds & 1u << k ? 0 : MASK_NONE;
	}
}

bool vocabulary_parse(struct arena *a, struct err *e, str file, str text, struct vocabulary **out)
{
	struct vocabulary_reader r = {.arena = a, .err = e, .file = file};

	r.v = NEW(a, struct vocabulary, 1);
	r.v->lists = NEW(a, struct word_list, VOCABULARY_ENUMS);
	memset(r.v->first, -1, sizeof r.v->first);
	for (int g = 0; g < PART_GROUPS; g++)
		r.v->props[g] = NEW(a, struct vocabulary_prop, VOCABULARY_PROPS);
	while (text.n) {
		r.line = str_cut(&text, '\n');
		r.line = str_cut(&r.line, '#');
		r.number++;
		str word = str_word(&r.line);
		bool ok = true;
		if (word.n == 0)
			continue;
		if (str_eq(word, S("enum")) || str_eq(word, S("scale")))
			ok = read_enum(&r, str_eq(word, S("scale")));
		else if (str_eq(word, S("property")) || str_eq(word, S("derived")))
			ok = read_property(&r, str_eq(word, S("derived")));
		else
			ok = wrong(&r, "a line begins with enum, scale, property or derived, not ",
				word);
		if (!ok)
			return false;
	}
	prepare_facts(a, r.v);
	*out = r.v;
	return true;
}

bool vocabulary_has_words(const struct vocabulary *v, enum part_kind kind, str name)
{
	enum part_group g = part_group_of(kind);
	int32_t i = vocabulary_prop_find(v, g, name);

	return i >= 0 && v->props[g][i].words >= 0 && !v->props[g][i].is_derived &&
		(v->props[g][i].kinds & 1u << kind);
}

static void print_words(struct buf *b, const struct vocabulary *v, const struct vocabulary_prop *p)
{
	const struct word_list *l = p->words < 0 ? NULL : &v->lists[p->words];

	buf_char(b, '[');
	for (int32_t i = 0; l && i < l->count; i++) {
		if (i)
			buf_char(b, ',');
		json_put_string(b, l->words[i]);
	}
	buf_char(b, ']');
}

void vocabulary_print_json(struct buf *b, const struct vocabulary *v)
{
	bool first_kind = true;

	buf_char(b, '{');
	for (int k = 0; k < PART_KINDS; k++) {
		enum part_group g = part_group_of((enum part_kind)k);
		bool first = true;
		json_put_key(b, &first_kind, part_kind_word((enum part_kind)k));
		buf_char(b, '{');
		for (int32_t i = 0; i < v->prop_count[g]; i++) {
			const struct vocabulary_prop *p = &v->props[g][i];
			if (p->is_derived || !(p->kinds & 1u << k))
				continue;
			json_put_key(b, &first, p->name);
			print_words(b, v, p);
		}
		buf_char(b, '}');
	}
	buf_char(b, '}');
}
