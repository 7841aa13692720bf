/* What the page of triage shows. */
#ifndef WEB_TRIAGE_VIEW_H
#define WEB_TRIAGE_VIEW_H
#include "threat/triage/triage.h"
#include "web/web_in.h"

enum { QUESTIONS_SHOWN = 60, PARTS_SHOWN = 60, COUNTERS_SHOWN = 50, TRIAGE_ROWS = 50 };

/* Findings at one target, or of one rule. */
struct triage_group {
	str id, head, note;
	isize from, count; /* in the rows */
};
struct triage_view {
	struct frame frame;
	struct call *call;
	const struct request *request;
	const struct triage *triage;
	enum triage_place place; /* of the list that is shown */
	bool by_rule, may_decide, may_answer;
	const struct triage_item **row; /* of this page */
	isize row_count, total;
	struct triage_group *group;
	isize group_count;
	isize asked; /* the question that is unfolded: the one asked for, or the first */
	int64_t page;
	str of; /* the list is only of threats aimed at this part, or "" */
	str pager_url;
	const struct countermeasure *counter[COUNTERS_SHOWN]; /* that rules of the rows name */
	isize counter_count;
	int64_t done; /* how many the act before decided or answered; 0: none */
	bool has_error;
	const struct issue *issues;
	str wrong;
};
/* The page with another list, order or choice. */
str triage_url(const struct triage_view *v, enum triage_place place, bool by_rule);
/* The page that unfolds another question. */
str triage_ask_url(const struct triage_view *v, const struct triage_question *q);
/* Where a form goes that comes back to this list: "/answer", "/decide". */
str triage_act_url(const struct triage_view *v, str act);
/* The list without the choice of one part. */
str triage_all_url(const struct triage_view *v);
str triage_choose_url(const struct triage_view *v, str group);
/* Whether a person wrote the threat down and no rule found it. */
bool triage_is_by_hand(const struct triage_item *item);
/* "3:rule/target": what a checkbox sends, and whether it is on. */
str triage_pick_value(const struct triage_view *v, const struct triage_item *item);
bool triage_is_chosen(const struct triage_view *v, const struct triage_group *g, str key);
str triage_part_value(const struct triage_view *v, const struct triage_part *p);
bool triage_part_chosen(
	const struct triage_view *v, const struct triage_question *q, const struct triage_part *p);
bool triage_is_answer(const struct triage_view *v, const struct triage_question *q, str word);
/* What was typed when the form came back. */
str triage_kept(const struct triage_view *v, str name);
str triage_place_label(enum triage_place place);
/* Where the fact of a question without words is stated, for its `part`th part. */
struct triage_leads_view {
	struct triage_lead lead[TRIAGE_LEADS];
	isize count;
};
const struct triage_leads_view *triage_leads_of(
	const struct triage_view *v, const struct triage_question *q, isize part);
/* "limits load" of limits-load; "element", "flow" … */
str triage_property_words(const struct triage_view *v, const struct triage_question *q);
str triage_level_words(int level);
/* What the decision of an item was, for people; "" when there is none. */
str triage_decision_words(const struct triage_item *item);
/* Whether a reason is in place: who decides is asked for words. */
bool triage_wrong(const struct triage_view *v, str field);
#endif
