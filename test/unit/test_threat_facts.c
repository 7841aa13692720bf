/*
 * What the engine works out of a model, fact by fact, and what it does without memory for it.
 *
 * Each case is a small model and what is then known of each part of one group: its words, "none"
 * (known to be none of them), "part" (of some places only), "other" (a word that no list has), or
 * "?" where nothing is known.
 */
#include "os/asset.h"
#include "test.h"
#include "threat/engine/evaluate_in.h"
#include "threat/formats/formats.h"

static const struct vocabulary *shipped_words(struct test_case *t)
{
	const struct asset_file *file = asset_find(S("rules/vocabulary.def"));
	struct err e = {.arena = t->arena};
	struct vocabulary *v = NULL;

	if (!vocabulary_parse(t->arena, &e, file->name, file->bytes, &v))
		test_fail(t, __FILE__, __LINE__, "%s", e.text);
	return v;
}

static void put_words(struct buf *b, const struct word_list *l, uint64_t mask)
{
	isize from = b->n;

	for (int32_t i = 0; l && i < l->count; i++)
		if (mask >> i & 1)
			buf_fmt(b, "+%.*s", STR_ARG(l->words[i]));
	if (!l && mask & 1)
		buf_add(b, S("+stated"));
	if (mask & MASK_NONE)
		buf_add(b, S("+none"));
	if (mask & MASK_PARTLY)
		buf_add(b, S("+part"));
	if (mask & MASK_OTHER)
		buf_add(b, S("+other"));
	if (b->n == from)
		buf_add(b, S("+?"));
	b->p[from] = '=';
}

static struct findings *judged(
	struct test_case *t, const struct vocabulary *v, const struct rules *rules, str text)
{
	struct err e = {.arena = t->arena};
	struct findings *f = NULL;
	struct model *m;

	if (!model_read_as(t->arena, &e, MODEL_TEXT, S("m"), text, &m) ||
		!threat_evaluate(
			t->arena, &e, m, rules ? rules : rules_new(t->arena, v), false, &f))
		test_fail(t, __FILE__, __LINE__, "%s in %.*s", e.text, STR_ARG(text));
	return f;
}

/* "a=low b=?": the fact of every part of the group, in their order. */
static str facts_of(struct test_case *t, const struct vocabulary *v, str model, enum part_group g,
	const char *name)
{
	const struct findings *f = judged(t, v, NULL, model);
	int32_t n = vocabulary_prop_find(v, g, str_of(name));
	struct buf b;

	buf_init(&b, t->arena, LIMIT_PROSE);
	for (isize i = 0; f && n >= 0 && i < facts_parts(f->bound, g)->count; i++) {
		int32_t words = v->props[g][n].words;
		buf_fmt(&b, "%s%.*s", i ? " " : "", STR_ARG(facts_parts(f->bound, g)->list[i].id));
		put_words(&b, words < 0 ? NULL : &v->lists[words], facts_row(f->bound, g, i)[n]);
	}
	return buf_str(&b);
}

struct known {
	enum part_group group;
	const char *fact, *says;
};

static void check_all(struct test_case *t, const struct vocabulary *v, const char *model,
	const struct known *want, isize count)
{
	for (isize i = 0; i < count; i++) {
		str got = facts_of(t, v, str_of(model), want[i].group, want[i].fact);
		if (!str_eq(got, str_of(want[i].says)))
			test_fail(t, __FILE__, __LINE__, "%s: \"%.*s\", not \"%s\"", want[i].fact,
				STR_ARG(got), want[i].says);
	}
}

TEST(what_is_stated_is_known_by_its_words, "")
{
	static const struct known want[] = {
		{PART_FLOW, "protocol", "f=http+tls1.3 g=? h=? i=http+other"},
		{PART_FLOW, "carries", "f=? g=? h=stated i=?"},
		{PART_FLOW, "exposure", "f=? g=? h=? i=?"},
		{PART_ELEMENT, "audited", "a=yes b=? c=none"},
		{PART_ELEMENT, "secure-boot", "a=none b=none c=none"},
		{PART_ELEMENT, "kind", "a=process b=store c=actor"}};
	const struct vocabulary *v = shipped_words(t);

	check_all(t, v,
		"process a audited=yes kind=device\nstore b\nactor c\n"
		"flow f a -> b protocol=http, tls1.3\nflow g a -> b protocol=?\n"
		"flow h a -> b carries=none\nflow i a -> b protocol=http, smoke exposure=high\n",
		want, COUNT_OF(want));
}

TEST(strange_words_are_noted_with_their_part, "")
{
	enum { STRANGE = 40 };
	struct buf b;

	buf_init(&b, t->arena, LIMIT_PROSE);
	for (int i = 0; i < STRANGE; i++)
		buf_fmt(&b, "process p%d %s\n", i, i % 2 ? "colour=red" : "audited=often");
	const struct findings *f = judged(t, shipped_words(t), NULL, buf_str(&b));
	CHECK_INT(f->note_count, STRANGE);
	for (isize i = 0; i < f->note_count; i++) {
		CHECK(f->notes[i].part == &f->model->of[PART_ELEMENT].list[i]);
		CHECK(f->notes[i].prop == f->notes[i].part->props);
		CHECK_INT(f->notes[i].is_value, i % 2 == 0);
	}
}

TEST(a_zone_that_says_nothing_is_as_exposed_as_the_one_around_it, "")
{
	static const struct known want[] = {
		{PART_ZONE, "exposure", "x=medium y=medium z=own v=own w=?"},
		{PART_ELEMENT, "exposure", "a=medium b=medium c=own d=own e=? f=?"}};

	check_all(t, shipped_words(t),
		"zone x exposure=3\nzone y in=x\nzone z in=y exposure=1\nzone v in=z\nzone w\n"
		"process a in=x\nprocess b in=y\nprocess c in=z\nprocess d in=v\nprocess e in=w\n"
		"process f\n",
		want, COUNT_OF(want));
}

#define ZONES                                                                                      \
	"zone far exposure=5\nzone near exposure=1\nzone dark\nzone calm exposure=2\n"             \
	"process f in=far audited=yes\nprocess n in=near audited=no\nprocess u in=dark\n"          \
	"process o\n"

TEST(a_flow_is_as_exposed_as_the_worst_zone_on_its_way, "")
{
	static const struct known want[] = {
		{PART_FLOW, "exposure",
			"f1=anyone f2=anyone f3=own f4=own f5=? f6=anyone f7=own f8=anyone f9=own "
			"f10=own f11=? f12=own f13=anyone f14=anyone"},
		{PART_FLOW, "crosses-trust",
			"f1=yes f2=yes f3=no f4=yes f5=no f6=yes f7=? f8=yes f9=? f10=? f11=? "
			"f12=? f13=yes f14=yes"}};

	check_all(t, shipped_words(t),
		ZONES "flow f1 f -> n\nflow f2 n -> f\nflow f3 n -> n\nflow f4 n -> u\n"
		      "flow f5 u -> u\nflow f6 n -> n via=far\nflow f7 o -> n\n"
		      "flow f8 f -> f via=near\nflow f9 ? -> n\nflow f10 n -> o\n"
		      "flow f11 ? -> ?\nflow f12 n -> ?\nflow f13 n -> o via=far\n"
		      "flow f14 ? -> n via=far\n",
		want, COUNT_OF(want));
}

TEST(a_zone_is_entered_by_what_crosses_its_border, "")
{
	static const struct {
		const char *flow, *entered, *audited;
	} cases[] = {{"", "far=none near=none dark=none calm=none", "far=? near=? dark=? calm=?"},
		{"flow f1 f -> n\n", "far=none near=anyone dark=none calm=none",
			"far=? near=no dark=? calm=?"},
		{"flow f1 n -> f\n", "far=anyone near=none dark=none calm=none",
			"far=yes near=? dark=? calm=?"},
		{"flow f1 n -> n\n", "far=none near=none dark=none calm=none",
			"far=? near=? dark=? calm=?"},
		{"flow f1 n -> n via=far\n", "far=none near=anyone dark=none calm=none",
			"far=? near=no dark=? calm=?"},
		{"flow f1 n -> u\nflow f2 f -> u\n", "far=none near=none dark=own+anyone calm=none",
			"far=? near=? dark=part calm=?"},
		{"flow f1 ? -> u\n", "far=none near=none dark=part calm=none",
			"far=? near=? dark=part calm=?"},
		{"flow f1 n -> o\nflow f2 n -> ?\n", "far=none near=none dark=none calm=none",
			"far=? near=? dark=? calm=?"}};
	const struct vocabulary *v = shipped_words(t);

	for (isize i = 0; i < COUNT_OF(cases); i++) {
		str text = str_join(t->arena, S(ZONES), str_of(cases[i].flow));
		CHECK_STR(facts_of(t, v, text, PART_ZONE, "entered-by"), str_of(cases[i].entered));
		CHECK_STR(
			facts_of(t, v, text, PART_ZONE, "entry-audited"), str_of(cases[i].audited));
	}
}

TEST(an_element_is_reached_by_its_flows_and_receives_what_comes, "")
{
	static const struct {
		const char *flow, *reached, *receives;
	} cases[] = {{"", "f=none n=none u=none o=none", "f=none n=none u=none o=none"},
		{"flow f1 f -> n content=data\n", "f=anyone n=anyone u=none o=none",
			"f=none n=data u=none o=none"},
		{"flow f1 f -> n content=data pulls=yes\n", "f=anyone n=anyone u=none o=none",
			"f=data n=none u=none o=none"},
		{"flow f1 f -> n content=data pulls=no\n", "f=anyone n=anyone u=none o=none",
			"f=none n=data u=none o=none"},
		{"flow f1 f -> n\n", "f=anyone n=anyone u=none o=none",
			"f=none n=part u=none o=none"},
		{"flow f1 u -> o content=code\nflow f2 n -> o content=command\n",
			"f=none n=own u=part o=own+part", "f=none n=none u=none o=command+code"},
		{"flow f1 ? -> n content=data\n", "f=none n=own u=none o=none",
			"f=none n=data u=none o=none"},
		{"flow f1 n -> ? content=data pulls=yes\n", "f=none n=own u=none o=none",
			"f=none n=data u=none o=none"},
		{"flow f1 n -> ? content=data\n", "f=none n=own u=none o=none",
			"f=none n=none u=none o=none"}};
	const struct vocabulary *v = shipped_words(t);

	for (isize i = 0; i < COUNT_OF(cases); i++) {
		str text = str_join(t->arena, S(ZONES), str_of(cases[i].flow));
		CHECK_STR(
			facts_of(t, v, text, PART_ELEMENT, "reached-by"), str_of(cases[i].reached));
		CHECK_STR(
			facts_of(t, v, text, PART_ELEMENT, "receives"), str_of(cases[i].receives));
	}
}

TEST(a_flow_carries_what_its_assets_are, "")
{
	static const struct known want[] = {
		{PART_ASSET, "confidentiality", "x=low y=? w=very-high"},
		{PART_ASSET, "integrity", "x=medium y=? w=?"},
		{PART_ASSET, "availability", "x=high y=? w=?"},
		{PART_ASSET, "safety", "x=very-high y=? w=low"},
		{PART_FLOW, "carries-class",
			"f1=code f2=part f3=code+part f4=none f5=? f6=? f7=secret+code+log"},
		{PART_FLOW, "carries-confidentiality",
			"f1=low f2=part f3=low+part f4=none f5=? f6=? f7=low+very-high"},
		{PART_FLOW, "carries-integrity",
			"f1=medium f2=part f3=medium+part f4=none f5=? f6=? f7=medium+part"},
		{PART_FLOW, "carries-availability",
			"f1=high f2=part f3=high+part f4=none f5=? f6=? f7=high+part"},
		{PART_FLOW, "carries-safety",
			"f1=very-high f2=part f3=very-high+part f4=none f5=? f6=? "
			"f7=low+very-high"}};

	check_all(t, shipped_words(t),
		"process a\nprocess b\nasset x class=code c=1 i=2 a=3 s=4\nasset y\n"
		"asset w class=log, secret c=4 s=1\n"
		"flow f1 a -> b carries=x\nflow f2 a -> b carries=y\nflow f3 a -> b carries=x, y\n"
		"flow f4 a -> b carries=none\nflow f5 a -> b\nflow f6 a -> b carries=?\n"
		"flow f7 a -> b carries=x, w\n",
		want, COUNT_OF(want));
}

#define PLACES "zone z\nprocess a in=z\nprocess b\nprocess c in=z\nprocess d\n"

TEST(an_element_holds_the_assets_that_are_at_it, "")
{
	static const struct known want[] = {
		{PART_ELEMENT, "holds-class", "a=code+part b=code c=none d=none"},
		{PART_ELEMENT, "holds-confidentiality", "a=low+part b=low c=none d=none"},
		{PART_ELEMENT, "holds-integrity", "a=medium+part b=medium c=none d=none"},
		{PART_ELEMENT, "holds-availability", "a=high+part b=high c=none d=none"},
		{PART_ELEMENT, "holds-safety", "a=very-high+part b=very-high c=none d=none"},
		{PART_ZONE, "contains-class", "z=code+part"}};
	static const struct known nowhere[] = {
		{PART_ELEMENT, "holds-class", "a=none b=none c=none d=none"},
		{PART_ZONE, "contains-class", "z=none"}};
	static const struct known not_said[] = {{PART_ELEMENT, "holds-class", "a=? b=? c=? d=?"},
		{PART_ELEMENT, "holds-safety", "a=? b=? c=? d=?"},
		{PART_ZONE, "contains-class", "z=?"}};
	const struct vocabulary *v = shipped_words(t);

	check_all(t, v,
		PLACES
		"asset x class=code c=1 i=2 a=3 s=4 at=a, b\nasset y at=a\nasset w class=log\n",
		want, COUNT_OF(want));
	check_all(t, v, PLACES "asset x class=code at=none\n", nowhere, COUNT_OF(nowhere));
	check_all(t, v, PLACES "asset x class=code\n", not_said, COUNT_OF(not_said));
	check_all(t, v, PLACES "asset x class=code at=?\n", not_said, COUNT_OF(not_said));
	check_all(t, v, PLACES, not_said, COUNT_OF(not_said));
}

#define CHAIN                                                                                      \
	"zone far exposure=4\nzone near exposure=1\nzone dark\nprocess a in=far\n"                 \
	"process b in=near\nprocess c in=near\nprocess d in=near\nprocess e in=dark\n"

/* A path is as exposed as the worst flow in it, and ends where a flow asks for proof. */
TEST(paths_without_proof_lead_from_the_worst_place, "")
{
	static const struct {
		const char *flows, *path;
	} cases[] = {{"", "a=none b=none c=none d=none e=none"},
		{"flow a -> b authentication=none\n", "a=none b=high c=none d=none e=none"},
		{"flow a -> b authentication=default-password\n",
			"a=none b=high c=none d=none e=none"},
		{"flow a -> b authentication=password, none\n",
			"a=none b=high c=none d=none e=none"},
		{"flow a -> b authentication=password\n", "a=none b=none c=none d=none e=none"},
		{"flow a -> b\n", "a=none b=none c=none d=none e=none"},
		{"flow b -> c authentication=none\n", "a=none b=none c=own d=none e=none"},
		{"flow a -> b authentication=none\nflow b -> c authentication=none\n"
		 "flow c -> d authentication=none\n",
			"a=none b=high c=high d=high e=none"},
		{"flow c -> d authentication=none\nflow b -> c authentication=none\n"
		 "flow a -> b authentication=none\n",
			"a=none b=high c=high d=high e=none"},
		{"flow a -> b authentication=none\nflow b -> c authentication=token\n"
		 "flow c -> d authentication=none\n",
			"a=none b=high c=none d=own e=none"},
		{"flow ? -> b authentication=none\nflow a -> ? authentication=none\n",
			"a=none b=none c=none d=none e=none"},
		{"flow e -> e authentication=none\n", "a=none b=none c=none d=none e=none"},
		{"flow a -> b authentication=none\nflow b -> a authentication=none\n"
		 "flow d -> b authentication=none\n",
			"a=high b=high c=none d=none e=none"}};
	const struct vocabulary *v = shipped_words(t);

	for (isize i = 0; i < COUNT_OF(cases); i++)
		CHECK_STR(facts_of(t, v, str_join(t->arena, S(CHAIN), str_of(cases[i].flows)),
				  PART_ELEMENT, "open-path"),
			str_of(cases[i].path));
}

TEST(an_asset_is_reached_where_it_is_held, "")
{
	static const struct known want[] = {
		{PART_ASSET, "open-path", "x=high+none y=own+high+none v=none w=? u=none"}};

	check_all(t, shipped_words(t),
		CHAIN "asset x at=b\nasset y at=a, b, d\nasset v at=a\nasset w\nasset u at=none\n"
		      "flow a -> b authentication=none\nflow c -> d authentication=none\n",
		want, COUNT_OF(want));
}

TEST(the_whole_is_what_occurs_in_it, "")
{
	static const struct known want[] = {{PART_MODEL, "any-kind", "model=actor+device+none"},
		{PART_MODEL, "any-device-type", "model=medical+none"},
		{PART_MODEL, "any-class", "model=code+log+none"},
		{PART_MODEL, "any-content", "model=command+none"},
		{PART_MODEL, "any-purpose", "model=therapy+alarm+none"},
		{PART_MODEL, "assumes", "model=yes"}};
	static const struct known nothing[] = {{PART_MODEL, "any-kind", "model=none"},
		{PART_MODEL, "any-device-type", "model=none"},
		{PART_MODEL, "any-class", "model=none"}, {PART_MODEL, "any-content", "model=none"},
		{PART_MODEL, "any-purpose", "model=none"}, {PART_MODEL, "assumes", "model=no"},
		{PART_MODEL, "unknown", "model=none"}};
	const struct vocabulary *v = shipped_words(t);

	check_all(t, v,
		"actor a\ndevice b device-type=medical\ndevice c\nasset x class=code\n"
		"asset y class=log\nflow f a -> b content=command purpose=therapy\n"
		"flow g a -> b purpose=alarm\nassumption s \"It is so\"\n",
		want, COUNT_OF(want));
	check_all(t, v, "system \"S\"\n", nothing, COUNT_OF(nothing));
}

/* The shares of facts that are not stated, of as many as there may be. */
TEST(what_is_not_stated_is_counted_over_elements_and_flows, "")
{
	static const char *const fact[] = {
		"carries=none", "protocol=http", "authentication=none", "encryption=none"};
	const struct vocabulary *v = shipped_words(t);
	uint64_t random = 3;

	for (int round = 0; round < 300; round++) {
		int elements = 1 + round % 3, flows = (int)test_random(&random, 4), missing = 0;
		int total = elements + 4 * flows;
		int64_t of_ten = test_random(&random, 11);
		struct buf b;
		buf_init(&b, t->arena, LIMIT_PROSE);
		buf_add(&b, S("zone z\n"));
		for (int i = 0; i < elements; i++) {
			bool is_said = test_random(&random, 10) >= of_ten;
			missing += !is_said;
			buf_fmt(&b, "process p%d%s\n", i, is_said ? " in=z" : "");
		}
		for (int i = 0; i < flows; i++) {
			buf_fmt(&b, "flow f%d p0 -> p0", i);
			for (int k = 0; k < COUNT_OF(fact); k++) {
				bool is_said = test_random(&random, 10) >= of_ten;
				missing += !is_said;
				buf_fmt(&b, " %s", is_said ? fact[k] : "");
			}
			buf_char(&b, '\n');
		}
		CHECK_STR(facts_of(t, v, buf_str(&b), PART_MODEL, "unknown"),
			missing * 10 <= total              ? S("model=few")
				: missing * 3 <= total     ? S("model=some")
				: missing * 3 <= total * 2 ? S("model=many")
							   : S("model=most"));
	}
}

/* Of an element that nobody named nothing is known, whatever follows of those that are there. */
TEST(an_end_that_nobody_named_is_unknown, "")
{
	const struct vocabulary *v = shipped_words(t);
	const struct findings *f = judged(t, v, NULL,
		S("zone z exposure=3\nprocess a in=z audited=yes\nasset x class=code c=1 at=a\n"
		  "flow a -> ? content=data authentication=none\nflow ? -> a\n"));

	for (int32_t k = 0; k < v->prop_count[PART_ELEMENT]; k++)
		CHECK(f->bound->unknown[k] == 0);
}

/* ---- a vocabulary that lacks what the engine works with ---- */

/* `first` stands before all others. */
static const struct vocabulary *small_words(
	struct test_case *t, const char *first, const char *more)
{
	struct err e = {.arena = t->arena};
	struct vocabulary *v = NULL;
	str text = str_fmt(t->arena, "%s%s%s", first,
		"enum yes-no no, yes\nscale share few, some, many, most\n"
		"scale exposure own, low, medium, high, anyone\nproperty flow from text\n"
		"property flow to text\nproperty process in text\nproperty zone exposure text\n"
		"derived process open-path exposure\n"
		"derived model unknown share\n",
		more);

	if (!vocabulary_parse(t->arena, &e, S("v"), text, &v))
		test_fail(t, __FILE__, __LINE__, "%s", e.text);
	return v;
}

TEST(what_the_vocabulary_lacks_is_not_missed_in_a_model, "")
{
	static const struct {
		const char *words, *share;
	} cases[] = {{"", "model=some"}, {"property flow encryption text\n", "model=many"},
		{"property flow authentication text\n", "model=many"},
		{"enum way some, none\nproperty flow authentication way\n"
		 "derived flow exposure exposure\n",
			"model=many"}};
	const struct known path[] = {{PART_ELEMENT, "open-path", "a=none b=none"}},
			   stated[] = {{PART_ELEMENT, "open-path", "a=none b=medium"}};
	const char *model = "zone z exposure=3\nprocess a in=z\nprocess b in=z\n"
			    "flow a -> b authentication=none\n";

	for (isize i = 0; i < COUNT_OF(cases); i++) {
		const struct vocabulary *v = small_words(t, "", cases[i].words);
		CHECK_STR(facts_of(t, v, S("zone z\nprocess a in=z\nflow a -> a\n"), PART_MODEL,
				  "unknown"),
			str_of(cases[i].share));
		check_all(t, v, model, i == 3 ? stated : path, 1);
	}
	/* The first property, of the first words, is one like the others. */
	const struct vocabulary *first =
		small_words(t, "enum way some, none\nproperty flow authentication way\n",
			"derived flow exposure exposure\n");
	check_all(t, first, model, stated, 1);
	CHECK_STR(facts_of(t, first, S("zone z\nprocess a in=z\nflow a -> a\n"), PART_MODEL,
			  "unknown"),
		S("model=many"));
}

/* What people state is not what the engine works out, whatever the vocabulary calls it. */
TEST(a_fact_of_the_other_sort_is_not_the_engines, "")
{
	const struct vocabulary *v = small_words(t, "",
		"property process reached-by exposure\nderived flow content yes-no\n"
		"derived process receives yes-no\n");

	CHECK_STR(facts_of(t, v, S("zone z exposure=3\nprocess a in=z\nflow a -> a content=yes\n"),
			  PART_ELEMENT, "reached-by"),
		S("a=?"));
	CHECK_STR(
		facts_of(t, v, S("process a\nflow a -> a content=yes\n"), PART_ELEMENT, "receives"),
		S("a=part"));
}

/* ---- without memory ---- */

/* Rules on everything of a kind, of which the last collapses when it is about flows. */
static struct rules *rules_on(struct test_case *t, const char *kind, int count)
{
	struct rules *rules = rules_new(t->arena, shipped_words(t));
	struct err e = {.arena = t->arena};
	bool is_flow = str_eq(str_of(kind), S("flow"));
	struct buf b;

	buf_init(&b, t->arena, LIMIT_PROSE);
	for (int i = 0; i < count; i++)
		buf_fmt(&b,
			"rule r%d\n title \"x\"\n stride tampering\n on %s\n when not known "
			"note\n%s"
			" fires { process ? }\n silent { process ? }\nend\n",
			i, kind, is_flow && i == count - 1 ? " collapse by to\n" : "");
	if (!rules_parse(t->arena, &e, S("r"), buf_str(&b), rules) ||
		!rules_link(t->arena, &e, rules))
		test_fail(t, __FILE__, __LINE__, "%s", e.text);
	return rules;
}

/* From `first` to `last` processes that say something under `key`, and as many flows from one to
   itself. */
static str some_parts(struct test_case *t, const char *key, int first, int last, int flows)
{
	struct buf b;

	buf_init(&b, t->arena, LIMIT_PROSE);
	buf_add(&b, S("zone z exposure=3\n"));
	for (int i = first; i < last; i++)
		buf_fmt(&b, "process p%d in=z %s=%d\n", i, key, i);
	for (int i = 0; i < flows; i++)
		buf_fmt(&b, "flow f%d p%d -> p%d authentication=none\n", i,
			first + i % (last - first), first + i % (last - first));
	/* Not where its group stands, so that places have to be sorted. */
	buf_add(&b, S("asset x class=code c=1 at=z\n"));
	return buf_str(&b);
}

/* One part that says many things which nobody has a word for. */
static str one_strange_part(struct test_case *t)
{
	struct buf b;

	buf_init(&b, t->arena, LIMIT_PROSE);
	buf_add(&b, S("process p"));
	for (int i = 0; i < 40; i++)
		buf_fmt(&b, " strange%d=1", i);
	return buf_str(&b);
}

/* From nothing to what is needed, STEP bytes more each time: how often it was refused. */
static int refusals(struct test_case *t, const struct findings *now, const struct findings *was)
{
	enum { STEP = 16, BYTES = 2 * ARENA_RESERVE };
	struct arena a;
	int refused = 0;
	bool ok = false;

	arena_init(&a, os_reserve(BYTES), BYTES);
	for (isize room = STEP; !ok && room < BYTES / 4; room += STEP, refused += !ok) {
		struct err e = {.arena = t->arena};
		struct findings *f = NULL;
		test_room(&a, room);
		ok = was ? threat_evaluate_again(&a, &e, now->model, was, &f)
			 : threat_evaluate(&a, &e, now->model, now->rules, false, &f);
		CHECK_INT(e.code, ok ? ERR_NONE : ERR_LIMIT);
		CHECK(!ok || (f->count == now->count && f->note_count == now->note_count));
	}
	CHECK(ok);
	arena_reset(&a);
	return refused;
}

/* Models of many parts and few findings, of few parts and many, and of findings that only move to
   another part: each piece of memory is once the one that is missing. */
TEST(a_model_is_judged_or_refused_whatever_memory_there_is, "")
{
	static const struct {
		const char *kind;
		int rules, last, flows; /* processes and flows */
	} cases[] = {{"process", 2, 20, 20}, {"process", 0, 30, 0}, {"process", 20, 1, 0},
		{"flow", 4, 1, 32}, {"flow", 1, 20, 20}};

	for (isize i = 0; i < COUNT_OF(cases); i++) {
		const struct rules *rules = rules_on(t, cases[i].kind, cases[i].rules);
		int last = cases[i].last, flows = cases[i].flows;
		const struct findings *now =
			judged(t, NULL, rules, some_parts(t, "colour", 0, last, flows));
		const struct findings *was =
			judged(t, NULL, rules, some_parts(t, "colour", 0, last, flows));
		CHECK(refusals(t, now, NULL) > 30);
		CHECK(refusals(t, now, was) > 30);
	}
	const struct findings *strange =
		judged(t, NULL, rules_on(t, "process", 0), one_strange_part(t));
	CHECK_INT(strange->note_count, 40);
	CHECK(refusals(t, strange, NULL) > 30);
	/* New parts before those that were there: the list grows with what is taken over. */
	const struct rules *rules = rules_on(t, "process", 16);
	const struct findings *few = judged(t, NULL, rules, some_parts(t, "technology", 4, 6, 0));
	const struct findings *many = judged(t, NULL, rules, some_parts(t, "technology", 0, 6, 0));
	const struct findings *none = judged(t, NULL, rules, some_parts(t, "technology", 0, 0, 0));
	CHECK_INT(many->count, 6 * 16);
	CHECK(refusals(t, many, few) > 30);
	CHECK(refusals(t, none, many) > 30);
}

TEST_MAIN()
