/* The syntax of CVSS vectors: which metrics, which values, each once.  Scores come later. */
#include "call/call.h"
#include "kinds.h"

enum { SHOWN_MAX = 20 }; /* bytes of what was given, in messages */

struct cvss_metric {
	str name, values;
	bool required;
};

/* CVSS 3.0 and 3.1 (FIRST): the base is required, the rest may follow. */
static const struct cvss_metric version3[] = {{S_INIT("AV"), S_INIT("NALP"), true},
	{S_INIT("AC"), S_INIT("LH"), true}, {S_INIT("PR"), S_INIT("NLH"), true},
	{S_INIT("UI"), S_INIT("NR"), true}, {S_INIT("S"), S_INIT("UC"), true},
	{S_INIT("C"), S_INIT("HLN"), true}, {S_INIT("I"), S_INIT("HLN"), true},
	{S_INIT("A"), S_INIT("HLN"), true}, {S_INIT("E"), S_INIT("XHFPU"), false},
	{S_INIT("RL"), S_INIT("XUWTO"), false}, {S_INIT("RC"), S_INIT("XCRU"), false},
	{S_INIT("CR"), S_INIT("XHML"), false}, {S_INIT("IR"), S_INIT("XHML"), false},
	{S_INIT("AR"), S_INIT("XHML"), false}, {S_INIT("MAV"), S_INIT("XNALP"), false},
	{S_INIT("MAC"), S_INIT("XLH"), false}, {S_INIT("MPR"), S_INIT("XNLH"), false},
	{S_INIT("MUI"), S_INIT("XNR"), false}, {S_INIT("MS"), S_INIT("XUC"), false},
	{S_INIT("MC"), S_INIT("XNLH"), false}, {S_INIT("MI"), S_INIT("XNLH"), false},
	{S_INIT("MA"), S_INIT("XNLH"), false}};

/* CVSS 4.0: one letter a value but for U (provider urgency), which is checked as words below. */
static const struct cvss_metric version4[] = {{S_INIT("AV"), S_INIT("NALP"), true},
	{S_INIT("AC"), S_INIT("LH"), true}, {S_INIT("AT"), S_INIT("NP"), true},
	{S_INIT("PR"), S_INIT("NLH"), true}, {S_INIT("UI"), S_INIT("NPA"), true},
	{S_INIT("VC"), S_INIT("HLN"), true}, {S_INIT("VI"), S_INIT("HLN"), true},
	{S_INIT("VA"), S_INIT("HLN"), true}, {S_INIT("SC"), S_INIT("HLN"), true},
	{S_INIT("SI"), S_INIT("HLN"), true}, {S_INIT("SA"), S_INIT("HLN"), true},
	{S_INIT("E"), S_INIT("XAPU"), false}, {S_INIT("CR"), S_INIT("XHML"), false},
	{S_INIT("IR"), S_INIT("XHML"), false}, {S_INIT("AR"), S_INIT("XHML"), false},
	{S_INIT("MAV"), S_INIT("XNALP"), false}, {S_INIT("MAC"), S_INIT("XLH"), false},
	{S_INIT("MAT"), S_INIT("XNP"), false}, {S_INIT("MPR"), S_INIT("XNLH"), false},
	{S_INIT("MUI"), S_INIT("XNPA"), false}, {S_INIT("MVC"), S_INIT("XHLN"), false},
	{S_INIT("MVI"), S_INIT("XHLN"), false}, {S_INIT("MVA"), S_INIT("XHLN"), false},
	{S_INIT("MSC"), S_INIT("XHLN"), false}, {S_INIT("MSI"), S_INIT("XHLNS"), false},
	{S_INIT("MSA"), S_INIT("XHLNS"), false}, {S_INIT("S"), S_INIT("XNP"), false},
	{S_INIT("AU"), S_INIT("XNY"), false}, {S_INIT("R"), S_INIT("XAUI"), false},
	{S_INIT("V"), S_INIT("XDC"), false}, {S_INIT("RE"), S_INIT("XLMH"), false},
	{S_INIT("U"), S_INIT(""), false}};

static bool is_urgency(str v)
{
	static const str words[] = {
		S_INIT("X"), S_INIT("Clear"), S_INIT("Green"), S_INIT("Amber"), S_INIT("Red")};

	for (isize i = 0; i < COUNT_OF(words); i++)
		if (str_eq(words[i], v))
			return true;
	return false;
}

static isize find(const struct cvss_metric *table, isize count, str name)
{
	for (isize i = 0; i < count; i++)
		if (str_eq(table[i].name, name))
			return i;
	return -1;
}

static bool bad(struct call *c, str field, const char *why, str what)
{
	return err_issue(&c->err, field, "CVSS vector: %s%.*s", why, STR_ARG(what));
}

/* FIRST, CVSS 4.0, 7: the metrics stand in the order of its table; 3.1, 6: in any. */
static bool check_metrics(struct call *c, str field, str rest, const struct cvss_metric *table,
	isize count, bool in_order)
{
	uint64_t seen = 0;
	isize last = -1;

	if (str_ends(rest, S("/")))
		return bad(c, field, "it ends in a slash", S(""));
	while (rest.n) {
		str value = str_cut(&rest, '/'), name = str_cut(&value, ':');
		isize at = find(table, count, name);
		if (at < 0)
			return bad(c, field, "there is no metric ", str_part(name, 0, SHOWN_MAX));
		if (seen >> at & 1)
			return bad(c, field, "this metric stands twice: ", name);
		if (in_order && at < last)
			return bad(c, field, "this metric is out of order: ", name);
		bool fits = table[at].values.n == 0
			? is_urgency(value)
			: value.n == 1 && str_index(table[at].values, value.p[0]) >= 0;
		if (!fits)
			return bad(c, field, "no value of this metric: ", name);
		seen |= UINT64_C(1) << at;
		last = at;
	}
	for (isize i = 0; i < count; i++)
		if (table[i].required && !(seen >> i & 1))
			return bad(c, field, "this metric is missing: ", table[i].name);
	return true;
}

/* A field check named in kinds/: the vector of version 3.0, 3.1 or 4.0. */
void cvss(struct call *c, str field, str value)
{
	str rest = value, version = str_cut(&rest, '/');
	bool ok;

	if (str_eq(version, S("CVSS:3.1")) || str_eq(version, S("CVSS:3.0")))
		ok = check_metrics(c, field, rest, version3, COUNT_OF(version3), false);
	else if (str_eq(version, S("CVSS:4.0")))
		ok = check_metrics(c, field, rest, version4, COUNT_OF(version4), true);
	else
		ok = bad(c, field, "begins with CVSS:3.1/ or CVSS:4.0/, not ",
			str_part(version, 0, SHOWN_MAX));
	assert(ok || c->err.code != ERR_NONE);
}
