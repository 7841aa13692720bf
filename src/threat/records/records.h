/*
 * The threat model as the store holds it: zones, elements, flows and assets that are records, read
 * and written.  The files of threat/ that know records; the rest is pure.
 */
#ifndef THREAT_RECORDS_H
#define THREAT_RECORDS_H
#include "threat/report/diff.h"

struct call;
struct view;

/* Room for what a thread remembers, in `a`; it belongs to one thread (call->threats) and lives as
   long as that.  Reserves address space; memory is taken as it is needed. */
struct threat_memory *threat_memory_new(struct arena *a);
/* A new call: what it will see may be taken back. */
void threat_memory_begin(struct threat_memory *m);
/* What this call saw was taken back: it is forgotten, when something was. */
void threat_memory_undone(struct threat_memory *m);
/* Forgets everything; needed before `a` ends. */
void threat_memory_clear(struct threat_memory *m);
/* The rules of the program and their words, from memory or, without one, loaded for this call. */
CHECKED bool rules_get(struct call *c, const struct vocabulary **words, const struct rules **out);

/* What the caller may read and is not retired, as of c->at_us, with the elements where `view` has
   them (NULL: nowhere).  A fixed number of queries, and with a memory those that what changed since
   the last call needs.  A flow without one of its ends is left out. */
CHECKED bool model_from_records(struct call *c, const struct view *view, struct model **out);

/* That model, and what the rules say of it. */
struct judged {
	struct model *model;
	struct findings *findings;
	const struct vocabulary *words;
	const struct rules *rules;
};
/* With a memory, those who may see every record of the model share what was found last: only what
   an edit since may have changed is judged anew.  Lives as long as the call, unless that writes and
   asks again; so do the words of what model_from_records() gives. */
CHECKED bool model_judge(struct call *c, const struct view *view, struct judged *out);
/* The first view of a type (VIEW_TYPE_...) that is not superseded; NULL when there is none for the
   caller. */
CHECKED bool view_of_type(struct call *c, int type, const struct view **out);
/* The one that says where the parts of the data flow diagram stand. */
CHECKED bool diagram_view(struct call *c, const struct view **out);

struct view_place;
/* Puts elements in that view, which is made when there is none, and takes those whose x is
   INT_NONE out of it.  Nothing is written when nothing changes. */
CHECKED bool diagram_place(struct call *c, const struct view_place *places, isize count);

/* The model as a file holds it: named after the first threat model, with the threats that people
   recorded, each with its state as other tools call it; as of c->at_us.  It refers to nothing of
   the diagram's places, so that the same records give the same file. */
CHECKED bool model_recorded(struct call *c, struct model **out);
struct model_diff;
/* What became of the recorded model between two times in the words of call_at(), and what the rules
   of today say of both; in places of the diagram of each time.  `to` "" is what the call shows;
   `*from` "" becomes the day a month before that.  ERR_INVALID when the first is the later one. */
CHECKED bool model_changes(struct call *c, str *from, str to, struct model_diff *out);

enum { ACTS_MAX = 500 };
/* What was added: the name the editor gave it and the reference it got. */
struct act_made {
	str as, ref;
};
struct acts_done {
	struct act_made made[ACTS_MAX];
	isize count;
};
/*
 * Changes of the model as an editor makes them, a JSON array, all of them or none:
 *
 *	{"act":"add","as":"new:1","uid":"…","kind":"element","fields":{…}}
 *	{"act":"set","ref":"C-01","rev":3,"fields":{"title":"…"}}
 *	{"act":"retire","ref":"F-07","rev":2}      {"act":"restore","ref":"F-07","rev":3}
 *	{"act":"place","places":[["C-01",120,80],["C-02",null,null]]}
 *	{"act":"place","places":[["Z-1",0,0,400,300]]}
 *
 * Kinds are zone, element and flow; "new:1" stands for what the same array added.  Sending an
 * array twice changes nothing more: an added part is known by its uid, a set that changes nothing
 * is done.
 * ERR_CONFLICT when a record has another revision, or is still in use; ERR_SYNTAX, ERR_INVALID with
 * issues; ERR_DENIED.  Every change is a revision with its entry in the ledger.
 */
CHECKED bool model_act(struct call *c, str json, struct acts_done *out);
struct json;
/* The same of what was read already; NULL is not an array. */
CHECKED bool model_act_json(struct call *c, const struct json *acts, struct acts_done *out);
/* The state that an editor shows, one JSON object: "svg", the picture; "parts", the zones, elements
   and flows with their revisions, their boxes in it and the places that people gave them;
   "findings" of the rules; "made", what `done` added.  Without `done` also what stays the same
   while somebody draws: the fields of the kinds and the words of the rules. */
CHECKED bool model_state_print(struct call *c, struct buf *b, const struct acts_done *done);

/*
 * Writes the parts of `m` as new records with their links, in the caller's transaction, and how
 * many into `*count`.  `source` says where they come from (a file with its hash) and stands in
 * each; `product` is "" or the reference of the product that they belong to, which then gets a
 * threat model that holds them.  What a record has no field for goes into its notes; what was kept
 * for other formats stays in the file.  What is placed is placed in the diagram's view,
 * below what it shows, unless there are elements that our own layout draws.
 *
 * Fails with ERR_SYNTAX and the place when the file refers to what it does not hold, or a flow has
 * an end that nobody knows; with ERR_CONFLICT when records of this source are there; and as writing
 * records does.  The caller rolls back.
 */
CHECKED bool records_from_model(
	struct call *c, const struct model *m, str source, str product, isize *count);
#endif
