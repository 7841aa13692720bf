/* What stands in the cells of the example.  Nothing here knows a record. */
#include "demo/demo_in.h"

bool cell_none(str s)
{
	return s.n == 0 || str_eq(s, S("none")) || str_eq(s, S("not applicable")) ||
		str_eq(s, S("n/a"));
}

static bool month_parse(str s, int64_t *out)
{
	int64_t year, month;

	if (s.n < 7 || s.p[4] != '-' || (s.n > 7 && s.p[7] != ' ' && s.p[7] != ','))
		return false;
	if (!str_int(str_part(s, 0, 4), 1900, 2100, &year) ||
		!str_int(str_part(s, 5, 7), 1, 12, &month))
		return false;
	*out = day_of((struct date){(int)year, (int)month, month_days((int)year, (int)month)});
	return true;
}

bool cell_day(str s, int64_t *out)
{
	if (s.n > 10 && s.p[10] != ' ' && s.p[10] != ',')
		return false;
	return day_parse(str_part(s, 0, 10), out) || month_parse(s, out);
}

bool cell_time(str s, int64_t *out)
{
	int64_t day, hour, minute;

	if (!cell_day(s, &day))
		return false;
	*out = day * DAY_US;
	if (s.n == 10 || s.n == 7)
		return true;
	if (s.n != 16 || s.p[13] != ':' || !str_int(str_part(s, 11, 13), 0, 23, &hour) ||
		!str_int(str_part(s, 14, 16), 0, 59, &minute))
		return false;
	*out += (hour * 60 + minute) * 60 * INT64_C(1000000);
	return true;
}

static bool is_upper(char c)
{
	return c >= 'A' && c <= 'Z';
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Where the digits at the end of a reference begin; its length when there are none. */
static isize digits_at(str s)
{
	isize n = s.n;

	while (n > 0 && is_digit(s.p[n - 1]))
		n--;
	return n;
}

/* Capitals; then a hyphen or not; then digits with at most one small letter, or capitals. */
bool cell_is_ref(str s)
{
	isize n = 0, head, digits;
	bool hyphen;

	while (n < s.n && is_upper(s.p[n]))
		n++;
	head = n;
	hyphen = n < s.n && s.p[n] == '-';
	n += hyphen;
	if (head == 0 || n == s.n)
		return false;
	if (hyphen && is_upper(s.p[n])) {
		while (n < s.n && is_upper(s.p[n]))
			n++;
		return n == s.n;
	}
	for (digits = n; n < s.n && is_digit(s.p[n]); n++)
		;
	if (n == digits || (!hyphen && head > 2))
		return false;
	return n == s.n || (n == s.n - 1 && s.p[n] >= 'a' && s.p[n] <= 'z');
}

/* Adds what lies between two references of one prefix, and the last. */
static bool add_range(struct arena *a, struct cell_refs *out, str from, str to)
{
	isize n = digits_at(from), m = digits_at(to);
	int64_t low, high;

	if (!str_eq(str_part(from, 0, n), str_part(to, 0, m)) ||
		!str_int(str_part(from, n, from.n), 0, 99999, &low) ||
		!str_int(str_part(to, m, to.n), low, 99999, &high))
		return false;
	for (int64_t i = low + 1; i <= high && out->count < REFS_MAX; i++)
		out->ref[out->count++] =
			str_fmt(a, "%.*s%0*" PRId64, (int)n, from.p, (int)(from.n - n), i);
	return true;
}

static str without_stop(str word)
{
	while (word.n &&
		(word.p[word.n - 1] == ',' || word.p[word.n - 1] == ';' ||
			word.p[word.n - 1] == ')' || word.p[word.n - 1] == '.'))
		word.n--;
	while (word.n && word.p[0] == '(')
		word = str_part(word, 1, word.n);
	return word;
}

struct cell_refs cell_refs(struct arena *a, str text)
{
	struct cell_refs out = {.ref = NEW(a, str, REFS_MAX)};
	struct buf words;
	bool range = false;

	buf_init(&words, a, LIMIT_PROSE);
	for (str word = str_word(&text); word.n; word = str_word(&text)) {
		str ref = without_stop(word);
		if (cell_is_ref(ref) && out.count < REFS_MAX) {
			if (!range || !add_range(a, &out, out.ref[out.count - 1], ref))
				out.ref[out.count++] = ref;
			range = false;
		} else if (str_eq(word, S("to")) && out.count) {
			range = true;
		} else {
			if (words.n)
				buf_char(&words, ' ');
			buf_add(&words, word);
			range = false;
		}
	}
	out.note = buf_str(&words);
	return out;
}

bool cell_rating(str s, struct rating *out)
{
	str e = str_word(&s), impact = str_word(&s);

	out->level = str_trim(s);
	return e.n == 2 && e.p[0] == 'E' && str_int(str_part(e, 1, 2), 1, 5, &out->e) &&
		impact.n == 2 && impact.p[0] == 'S' &&
		str_int(str_part(impact, 1, 2), 1, 5, &out->s) && out->level.n;
}

bool cell_signers(str s, struct signers *out)
{
	*out = (struct signers){.day = DAY_NONE};
	for (str word = str_word(&s); word.n; word = str_word(&s)) {
		if (str_eq(word, S("and")) || str_eq(word, S("by")))
			continue;
		if (is_digit(word.p[0])) {
			if (!cell_day(word, &out->day))
				return false;
		} else if (!cell_is_ref(word)) {
			return false;
		} else if (word.p[0] == 'P' && out->count &&
			out->by[out->count - 1].person.n == 0) {
			out->by[out->count - 1].person = word;
		} else if (out->count < SIGNERS_MAX) {
			out->by[out->count].role = word.p[0] == 'P' ? S("") : word;
			out->by[out->count++].person = word.p[0] == 'P' ? word : S("");
		}
	}
	return out->count > 0;
}

bool cell_number(str s, int64_t *out)
{
	isize n = 0;

	while (n < s.n && is_digit(s.p[n]))
		n++;
	return str_int(str_part(s, 0, n), 0, INT64_MAX, out);
}

str cell_parenthesis(str s, str *inside)
{
	isize open = str_find(s, S(" ("));

	*inside = S("");
	if (open < 0 || !str_ends(s, S(")")))
		return s;
	*inside = str_part(s, open + 2, s.n - 1);
	return str_part(s, 0, open);
}

int64_t months_after(int64_t day, int64_t months)
{
	struct date d = date_of(day);
	int64_t month = d.month - 1 + months;

	d.year += (int)(month / 12);
	d.month = (int)(month % 12) + 1;
	if (d.day > month_days(d.year, d.month))
		d.day = month_days(d.year, d.month);
	return day_of(d);
}

str day_text(struct arena *a, int64_t day)
{
	struct buf b;

	buf_init(&b, a, 16);
	day_print(&b, day);
	return buf_str(&b);
}

str time_text(struct arena *a, int64_t at_us)
{
	struct buf b;

	buf_init(&b, a, 40);
	time_print(&b, at_us);
	return buf_str(&b);
}
