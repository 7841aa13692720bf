/* Two files, parted by a byte 1: an earlier state and a later one, through every report and the
   difference. */
#include "os/os.h"
#include "threat/report/diff.h"
#include "threat/rules/compiled.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { BYTES = 48 << 20, SCRATCH_BYTES = 8 << 20 };

static const char vocabulary[] =
	"enum yes-no no, yes\nscale exposure own, low, medium, high, anyone\n"
	"property flow encryption yes-no\nproperty flow from text\nproperty flow to text\n"
	"property process in text\nproperty zone exposure text\nderived flow exposure exposure\n";
static const char rule_text[] =
	"rule clear rev 2\n title \"{from} to {to}\"\n stride tampering\n on flow\n"
	" when encryption = no or not known encryption\n handled by encryption = yes "
	"\"encrypted\"\n"
	" ask encryption\n collapse by to\n refs CWE-319\n"
	" fires { process a; flow a -> a encryption=no }\n"
	" silent { process a; flow a -> a encryption=yes }\nend\n";

/* Every form of the report; the JSON must be a baseline against which nothing is new. */
static void report(struct arena *a, struct arena *scratch, const struct rules *rules,
	const struct findings *now, const struct baseline *base)
{
	struct err e = {.arena = a};
	struct check_report r, again;
	struct baseline *read;
	struct buf b;

	if (!report_make(a, &e, now, base, &r))
		return;
	buf_init(&b, a, LIMIT_OUTPUT_BYTES);
	report_print_text(&b, scratch, &r);
	report_print_sarif(&b, scratch, &r, true);
	report_print_junit(&b, scratch, &r);
	assert(b.full || utf8_check(buf_str(&b)) < 0);
	buf_init(&b, a, LIMIT_OUTPUT_BYTES);
	report_print_markdown(&b, scratch, &r);
	assert(b.full || (b.n < 65536 && utf8_check(buf_str(&b)) < 0));
	buf_init(&b, a, LIMIT_OUTPUT_BYTES);
	report_print_json(&b, scratch, &r);
	if (b.full)
		return;
	if (!baseline_read(a, &e, rules, S("json"), buf_str(&b), NULL, &read)) {
		assert(e.code == ERR_LIMIT);
		return;
	}
	if (report_make(a, &e, now, read, &again))
		assert(again.worse[THREAT_IS_OPEN] == 0 && again.gone_count == 0);
}

static void difference(struct arena *a, struct arena *scratch, const struct findings *was,
	const struct findings *now)
{
	struct err e = {.arena = a};
	struct model_diff d;
	struct buf b;

	if (!model_diff_make(a, &e, was, now, &d))
		return;
	buf_init(&b, a, LIMIT_OUTPUT_BYTES);
	diff_print_text(&b, scratch, &d);
	diff_print_json(&b, scratch, &d);
	assert(b.full || utf8_check(buf_str(&b)) < 0);
	buf_init(&b, a, LIMIT_OUTPUT_BYTES);
	diff_print_markdown(&b, scratch, &d);
	assert(b.full || b.n < 65536);
	buf_init(&b, a, LIMIT_OUTPUT_BYTES);
	if (!diff_print_svg(&b, a, &e, &d, true))
		assert(e.code == ERR_LIMIT);
}

static bool judge(struct arena *a, const struct rules *rules, str bytes, struct findings **out)
{
	struct err e = {.arena = a};
	struct model *m;

	return model_read(a, &e, S("f"), bytes, &m) && threat_evaluate(a, &e, m, rules, false, out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct arena a, scratch;
	struct err e = {.arena = &a};
	str new = {(const char *)data, (isize)size}, old = str_cut(&new, 1);
	struct findings *was = NULL, *now = NULL;
	struct baseline *base = NULL;
	struct vocabulary *v;

	if (!a.size) {
		arena_init(&a, os_reserve(BYTES), BYTES);
		arena_init(&scratch, os_reserve(SCRATCH_BYTES), SCRATCH_BYTES);
	}
	arena_reset(&a);
	arena_reset(&scratch);
	if (!vocabulary_parse(&a, &e, S("v"), str_of(vocabulary), &v))
		abort();
	struct rules *rules = rules_new(&a, v);
	if (!rules_parse(&a, &e, S("r"), str_of(rule_text), rules))
		abort();
	if (!baseline_read(&a, &e, rules, S("old"), old, NULL, &base))
		assert(e.code == ERR_LIMIT || (e.line > 0 && e.column > 0));
	if (!judge(&a, rules, new, &now))
		return 0;
	report(&a, &scratch, rules, now, base);
	if (judge(&a, rules, old, &was))
		difference(&a, &scratch, was, now);
	return 0;
}
