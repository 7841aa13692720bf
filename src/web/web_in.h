/* What the files of web/ share. */
#ifndef WEB_WEB_IN_H
#define WEB_WEB_IN_H
#include "ident/ident.h"
#include "kind/kind.h"
#include "kinds.h"
#include "web/html.h"
#include "web/web.h"

/* A product whose records alone are shown; `slug` is the first word of their addresses. */
struct product_choice {
	str ref, slug, title, note;
};

/* One request, decoded. */
struct request {
	const struct http_request *http;
	const struct web_site *site;
	const struct web_proof *proof;
	str path;   /* without the ending, decoded */
	str ending; /* "csv", "json", "svg", "html" or "" */
	str arg[3]; /* the words of the path that stand for ":name" */
	struct form query, form;
	struct session session;
	str product; /* scope: ref of the product, or "" for all */
	struct product_choice scope;
	bool keeps;  /* what was written stays although the answer is a refusal */
};

/* FORM_PASSWORD proves who somebody is, FORM_SETUP chooses a password with the token of a link, and
   FORM_CHANGE does the first and then chooses one. */
enum form_column { NO_FORM, FORM, FORM_PASSWORD, FORM_SETUP, FORM_CHANGE };

typedef bool web_handler(struct call *c, struct request *q, struct http_reply *out);
struct route {
	enum http_method method;
	str path; /* "/:ref/edit"; a first word in capitals is a reference, in lower case a place */
	web_handler *handler;
	int right; /* enum right, or PUBLIC, SIGNED_IN, BY_KIND (the handler asks for the kind's) */
	enum form_column form;
};
extern const struct route web_routes[];
extern const isize web_route_count;

/* ---- frame of a page ---- */

/* One of the places of the navigation. */
struct place {
	str key, name, url, icon, letter; /* `letter`: "g r" goes to it */
	int group;                        /* 0 … 3 */
	int right;
	bool of_product; /* its address has the product in front */
};
extern const struct place nav_places[];

struct crumb {
	str name, url;
};
enum { PRODUCTS_MAX = 40, CRUMBS_MAX = 3 };
struct frame {
	struct call *call;
	const struct request *request;
	str title, place;
	struct crumb crumb[CRUMBS_MAX];
	int crumb_count;
	str csrf, initials, sought;
	struct product_choice product[PRODUCTS_MAX];
	isize product_count;
	int64_t product_total;
	str scope_title, scope_note, slug; /* of the product shown, slug "" for all */
	struct task *task;                 /* what waits for the caller */
	isize tasks, tasks_late;
	int64_t vulnerabilities, actions;
	str at, now_url;
	str foot;
	bool is_error;
};
/* Fills the frame for the caller: products, figures, state of the ledger. */
CHECKED bool frame_make(struct call *c, struct request *q, str title, str place, struct frame *out);
void frame_crumb(struct frame *f, str name, str url);
/* Sets q->product when the first word of the path is a product's slug, and takes it off. */
CHECKED bool scope_read(struct call *c, struct request *q);
str nav_group_name(int group);
bool nav_shown(const struct frame *f, const struct place *p);
str nav_url(const struct frame *f, const struct place *p);
int64_t nav_figure(const struct frame *f, const struct place *p);
int64_t nav_late(const struct frame *f, const struct place *p);
/* A path below the product shown: "/surgerycloud/risks", or "/risks". */
str scoped(const struct frame *f, str path);

enum { PAGE_BYTES = 4 << 20 };
/* Begins the answer as a page: the buffer to render into. */
struct buf *reply_page(struct call *c, struct http_reply *out);
void reply_done(struct http_reply *out, const struct buf *b);
/* 303 to a path of ours. */
bool reply_redirect(struct http_reply *out, str path);
/* A file to look at or keep: its type and bytes. */
void reply_file(struct http_reply *out, str type, str body);
/* Lets caches keep an answer for good: those on the way too, or the reader's alone. */
void reply_keep(struct http_reply *out, bool by_all);

/* ---- tasks.c ---- */

struct task {
	struct brief record;
	str verb;    /* "Review", "Finish", "Decide on" */
	int64_t due; /* day, or DAY_NONE */
	bool is_late;
};
/* What waits for the caller or a role they hold, latest first. */
CHECKED bool task_list(struct call *c, struct task **out, isize *count);

/* ---- handlers ---- */

web_handler web_sign_in, web_sign_in_try, web_sign_out, web_setup, web_setup_do, web_account,
	web_session_end, web_token_make, web_token_revoke, web_password, web_password_set;
web_handler web_overview, web_tasks, web_search, web_area, web_risks, web_model, web_trace,
	web_readiness, web_readiness_one, web_ledger, web_ledger_entry, web_ledger_proof,
	web_ledger_checkpoint, web_ledger_tile,
	web_ledger_entries, web_diagram, web_diagram_act, web_views, web_view,
	web_coverage, web_triage, web_triage_decide, web_triage_answer, web_backlog,
	web_backlog_import, web_changes, web_model_file;
web_handler web_records, web_record_new, web_record_create, web_record, web_record_edit,
	web_record_save, web_record_move, web_record_link, web_record_unlink,
	web_record_link_confirm, web_record_withdraw, web_record_history, web_plan, web_concept;

/* ---- pieces that several pages show ---- */

/* "/RSK-12" of a reference. */
str record_url(struct call *c, str ref);
/* "30 Sep 2026", or "" for none. */
str day_words(struct call *c, int64_t day);
str time_words(struct call *c, int64_t time_us);
/* The value of the session's cookie, or "". */
str web_cookie(const struct request *q);
/* Whether addresses begin with this word. */
bool web_has_place(str word);
/* The page of a list that the address asks for, from 1 on; 1 when it does not say. */
CHECKED bool page_read(struct call *c, const struct request *q, int64_t *page);
/* Whether name and password of the form could be right at all: neither empty nor too long. */
bool web_could_prove(const struct request *q);
/* Says why name and password of the form prove nothing; false.  A wrong password counts as at the
   sign-in: a signature is no way around its waiting, and none to make others wait, because only
   one's own name is tried. */
bool web_proof_refused(struct call *c, struct request *q);
/* Whether the new password of the form was hashed before the writer's turn; else an issue of
   `field`. */
bool web_fresh_hash(struct call *c, const struct request *q, str field);
#endif
