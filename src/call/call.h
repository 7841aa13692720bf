/*
 * A call: one request, whoever makes it: a page, the API, the command line, a timer.
 *
 * It carries who asks, the time, the arena, the transaction and the first error.  Code below
 * the entrances never reads the clock, the environment or a global; it has the call.
 *
 * call_may() is the only gate.  Pages, API, commands and jobs ask it and nothing else; lists
 * ask call_scope() for the same decision as a condition.
 *
 * A grant for one product gives its rights on what belongs to that product.  What belongs to no
 * product is the organization's: it takes a grant without a product to write it, to move it or to
 * read what is restricted of it; the rest of it may be read by whoever may read such records at
 * all (a policy holds for every product).  kind/visible.h says who sees which record.
 */
#ifndef CALL_CALL_H
#define CALL_CALL_H
#include "base/base.h"

#include "db/db.h"

struct ledger;
struct keeper;
struct trace_memory;
struct threat_memory;
struct clock_facts;

enum { RIGHT_WORDS = 8 }; /* 512 rights */

/* One active grant: a role and its rights within a product, or everywhere when product is "". */
struct grant {
	uint64_t right[RIGHT_WORDS];
	str role, product;
};

struct who {
	str ref;     /* "P02"; "" for nobody; "system" for the program itself */
	str name;    /* for people */
	str post;    /* what they are in the organization, or "" */
	str actor;   /* permanent pseudonym, as the ledger names it: "person:<uuid>" */
	str session; /* hash of the session id, or "" */
	str scope;   /* of the access token that asks; "" when none does */
	struct grant *grant;
	isize grant_count;
	const str
		*team; /* references of the teams with a seat for the person, or a role of theirs */
	isize team_count;
	bool is_system; /* init, imports, jobs: every right */
	bool is_loader; /* the example, catalogues: bring what was approved elsewhere */
};

enum entrance { FROM_WEB, FROM_API, FROM_CLI, FROM_JOB };

struct call {
	struct arena *arena;
	struct err err;
	struct db *db;
	struct ledger *ledger;       /* NULL when the call may only read */
	struct keeper *keeper;       /* NULL when there is none to ask */
	/* What its thread remembers of the chains, and of rules and model, or NULL. */
	struct trace_memory *memory;
	struct threat_memory *threats;
	struct who who;
	enum entrance entrance;
	int64_t now_us; /* the time of this call */
	/* What the machine says of its clock then, for entries; NULL: the time is an example's. */
	const struct clock_facts *clock;
	int64_t at_us;  /* show the store as of then; TIME_NONE: now */
	str reason;     /* given by the person for this change, or "" */
	bool signs;     /* the caller proved again who they are, for a signature */
	str request;    /* number of the request, on every log line and entry */
	str address;    /* where it came from, for the private part of entries, or "" */
	str large;      /* folder for answers too large for memory, or "" */
	str warning;    /* what everybody signed in should know of this server, or "" */
	int denied;     /* right that was refused, for the entry about it; 0: none */
	str denied_at;  /* what it was refused for */
};

/* What stands in the right column of a route beside an enum right. */
enum right_column { PUBLIC = -1, SIGNED_IN = -2, BY_KIND = -3 };

/* True when the caller has `right` (enum right) for what belongs to `product`, or with "" for what
   belongs to none, which takes a grant without a product.  Otherwise sets ERR_DENIED, remembers the
   refusal for the ledger, and returns false. */
CHECKED bool call_may(struct call *c, int right, str product);
/* The same question without an error: what buttons to show. */
bool call_could(const struct call *c, int right, str product);
/* Whether the caller has `right` for any product at all: the door of a page or a list, behind which
   each record is asked for. */
CHECKED bool call_may_some(struct call *c, int right);
bool call_could_some(const struct call *c, int right);
/* Whether the caller holds the role for `product` or everywhere; "" takes everywhere. */
bool call_holds(const struct call *c, str role, str product);
/* Whether `ref` names the caller where a record of `product` is meant: the person, a role that they
   hold for that product or everywhere, a team of theirs. */
bool call_is(const struct call *c, str ref, str product);
/* The products for which the caller has `right`: `*all` when everywhere, else `count` of them. */
isize call_scope(const struct call *c, int right, bool *all, const str **product);
/* Sets c->at_us from what was asked for: "2026-03-01" (its end), a time, the number of a ledger
   entry, or "" for now.  An issue of "at", or ERR_MISSING for an entry that is not there. */
CHECKED bool call_at(struct call *c, str at);
/* The name of a right: "risk.accept". */
str right_name(int right);
/* Rights that a pattern of a role names: "risk.accept", "risk.*", "*.read", "*". */
void right_match(str pattern, uint64_t set[RIGHT_WORDS]);
/* Whether it names one at least. */
bool right_is_named(str pattern);
#endif
