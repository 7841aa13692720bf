/*
 * Triage: what the rules see in the recorded model, beside what people decided about it.
 *
 * A finding and the threat record that decides it have one identity, the record's `rule_key`: rule
 * and target, which stay when names and pictures change.  A threat that a person wrote down has
 * none; its reference is its key, and no rule makes it come or go.  A finding without a record
 * waits for a decision, or for a fact that nobody stated.  A decision is asked for again when the
 * rule has been revised since, when an assumption that it rests on was found not to hold, and when
 * a threat that was gone is back.  A record whose rule no longer fires is set aside as "gone" by a
 * person and keeps its history; nothing is ever deleted.
 *
 * Acts are all or nothing within the transaction of the call: who fails here must roll it back.
 * Every change is a revision with its entry in the ledger and the person's reason.
 */
#ifndef THREAT_TRIAGE_H
#define THREAT_TRIAGE_H
#include "threat/engine/engine.h"

struct call;
struct threat;

enum triage_place {
	TRIAGE_OPEN,    /* nobody has decided */
	TRIAGE_ASKED,   /* a fact is missing */
	TRIAGE_AGAIN,   /* decided, and to be looked at again */
	TRIAGE_LEAVING, /* recorded and not set aside as gone, but the rule no longer fires */
	TRIAGE_DECIDED,
	TRIAGE_GONE,
	TRIAGE_PLACES
};

struct triage_item {
	str key; /* rule and target */
	enum triage_place place;
	const struct rule *rule;              /* NULL when the library has none of that name */
	const struct threat_finding *finding; /* NULL: the rule no longer fires, or never did */
	const struct threat *record;          /* NULL: nothing is recorded */
	str title, target, target_title;
	const struct part *const *part; /* of the model, that it is aimed at */
	isize part_count;
	str again;              /* why it is to be looked at again, or "" */
	int safety;             /* worst harm of what it touches, 1 to 4; 0 unknown */
	int impact, likelihood; /* 0 unknown */
	int score;              /* impact times likelihood; what is unknown counts as 3 */
};

/* A part of which a fact is missing. */
struct triage_part {
	str ref, title;
	int64_t rev;
	bool is_unknown; /* somebody said that it is not known yet */
};

/* One fact that is missing of several parts of a group. */
struct triage_question {
	str property;
	enum part_group group;
	const str *word; /* what may be said; none: it follows from records and links */
	isize word_count;
	bool is_list; /* several words may hold at once */
	struct triage_part *part;
	isize part_count;
	isize findings; /* how many wait for it */
};

struct triage {
	const struct findings *findings;
	const struct rules *rules;
	const struct vocabulary *words;
	struct triage_item *item; /* worst first: by safety, then by impact times likelihood */
	isize count;
	isize tally[TRIAGE_PLACES];
	isize mitigated;                  /* findings that the model answers by itself */
	struct triage_question *question; /* those that most findings wait for first */
	isize question_count;
};

/* The state as the caller may see it.  A fixed number of queries. */
CHECKED bool triage_make(struct call *c, struct triage **out);
/* {"questions":[…],"items":[…],"counts":{…}}, with the revisions that acts name. */
void triage_print_json(struct buf *b, const struct triage *t);
str triage_place_word(enum triage_place place); /* "open", "questions", "again", … */
CHECKED bool triage_place_parse(str word, enum triage_place *out);

/* ---- coverage ---- */

/* What was found at a part in one class of STRIDE, and what became of it. */
struct cover_cell {
	int32_t open, asked, handled, away; /* away: decided that it does not apply */
	int32_t by_model;                   /* of the handled: what the model answers by itself */
	bool looked;                        /* a rule of this class looks at parts of this kind */
};
enum { COVER_STRIDE = THREAT_ELEVATION + 1 };
struct cover_row {
	const struct part *part; /* an element, an interface, a flow */
	struct cover_cell cell[COVER_STRIDE];
};
struct cover {
	struct cover_row *row;
	isize count;
	struct cover_cell total[COVER_STRIDE];
};
/* By part and class, of the parts of a product ("" for all).  What the model answers by itself is
   handled.  Other classes than those of STRIDE are left out, as is what is gone. */
CHECKED bool triage_cover(struct call *c, const struct triage *t, str product, struct cover *out);

/* Where a fact that follows from others is stated, for a part of a question without words. */
struct triage_lead {
	str ref;    /* of the record that says it */
	str anchor; /* "field-name" of its form, or "" where it is a link of the record */
	str words;  /* what to say there */
};
enum { TRIAGE_LEADS = 8 };
/* Up to TRIAGE_LEADS of them; the number. */
isize triage_leads(const struct triage *t, const struct triage_question *q,
	const struct triage_part *part, struct triage_lead *out);

/* What somebody saw when they decided: conflicts show by it. */
struct triage_pick {
	str key;     /* of an item; of an answer, the reference of a part */
	int64_t rev; /* of the record, 0 when there was none */
};
enum { TRIAGE_PICKS = 500 };

/*
 *	accept    the threat applies and stays as it is           reason
 *	dismiss   it does not apply                               reason
 *	assume    it does not apply as long as an assumption      assumption, a new record or its
 *	          holds                                           reference; if_fails
 *	transfer  somebody else answers it                        to, reason
 *	mitigate  a control counters it                           control: a reference, the name of
 *	          a countermeasure, or "" for what the rule names first
 *	risk      it is looked at as a risk                       risk: a reference, or "" and the
 *	          new one has title and owner
 *	gone      the rule no longer fires
 *
 * A new control comes with its requirement and acceptance criteria from the catalogue of
 * countermeasures; one that was made from the same entry before is used again.
 */
struct triage_decision {
	str word;
	const struct triage_pick *pick;
	isize count;
	str product; /* of new records, or "" */
	str to, assumption, if_fails, control, risk, title, owner;
};
/* c->reason is the person's.  ERR_CONFLICT when an item is not there any more or was decided by
   somebody else, ERR_INVALID with issues by the names above, "reason" and "pick". */
CHECKED bool triage_decide(struct call *c, const struct triage_decision *d);

/* Says that `property` of the parts is `word`, "?" for what is not known yet.  Other rows of the
   property go.  A part that says so already is left alone.  ERR_CONFLICT, ERR_INVALID. */
CHECKED bool triage_answer(struct call *c, str property, const str *word, isize word_count,
	str claim, const struct triage_pick *part, isize count);
#endif
