/* Checks of what single fields hold: identifiers, and names of rights. */
#include "call/call.h"
#include "kinds.h"

/* GS1 General Specifications, 7.9: weights 3 and 1 from the right. */
static bool gs1_check_digit(str digits)
{
	int sum = 0;

	for (isize i = 0; i < digits.n - 1; i++) {
		int weight = (digits.n - 1 - i) % 2 ? 3 : 1;
		sum += (digits.p[i] - '0') * weight;
	}
	return (10 - sum % 10) % 10 == digits.p[digits.n - 1] - '0';
}

/* A device identifier of GS1 (GTIN-14, with its check digit), HIBCC ("+…") or ICCBBA ("=…"). */
void udi_di(struct call *c, str field, str value)
{
	bool digits = value.n > 0;

	for (isize i = 0; i < value.n; i++)
		digits &= value.p[i] >= '0' && value.p[i] <= '9';
	if (digits && value.n == 14) {
		if (!gs1_check_digit(value))
			err_issue(&c->err, field, "the check digit of this GTIN is wrong");
		return;
	}
	if (value.n > 5 && (value.p[0] == '+' || value.p[0] == '='))
		return;
	err_issue(&c->err, field, "give a GTIN of 14 digits, or a HIBCC or ICCBBA identifier");
}

void right_pattern(struct call *c, str field, str value)
{
	if (!right_is_named(value))
		err_issue(&c->err, field, "there is no right \"%.*s\"", STR_ARG(value));
}
