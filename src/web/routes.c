/* Every page and its right.  A route without one does not compile; test/golden/access.txt shows
   each for every role. */
#include "web/web_in.h"

#define R(method_, path_, handler_, right_, form_)                                                 \
	{                                                                                          \
		.method = HTTP_##method_, .path = S_INIT(path_), .handler = (handler_),            \
		.right = (right_), .form = (form_)                                                 \
	}

const struct route web_routes[] = {
	R(GET, "/login", web_sign_in, PUBLIC, NO_FORM),
	R(POST, "/login", web_sign_in_try, PUBLIC, FORM_PASSWORD),
	R(POST, "/logout", web_sign_out, SIGNED_IN, FORM),
	R(GET, "/account", web_account, SIGNED_IN, NO_FORM),
	R(POST, "/account/sessions/end", web_session_end, SIGNED_IN, FORM),
	R(POST, "/account/tokens", web_token_make, CAN_TOKEN_MAKE, FORM),
	R(POST, "/account/tokens/revoke", web_token_revoke, CAN_TOKEN_MAKE, FORM),
	R(GET, "/account/password", web_password, SIGNED_IN, NO_FORM),
	R(POST, "/account/password", web_password_set, SIGNED_IN, FORM_CHANGE),
	R(GET, "/setup", web_setup, PUBLIC, NO_FORM),
	R(POST, "/setup", web_setup_do, PUBLIC, FORM_SETUP),

	R(GET, "/", web_overview, CAN_OVERVIEW_READ, NO_FORM),
	R(GET, "/tasks", web_tasks, CAN_TASKS_READ, NO_FORM),
	R(GET, "/search", web_search, CAN_SEARCH_READ, NO_FORM),
	R(GET, "/model", web_model, CAN_THREAT_MODEL_READ, NO_FORM),
	R(GET, "/model/edit", web_diagram, CAN_THREAT_MODEL_READ, NO_FORM),
	R(GET, "/model/views", web_views, CAN_THREAT_MODEL_READ, NO_FORM),
	R(GET, "/model/views/:view", web_view, CAN_THREAT_MODEL_READ, NO_FORM),
	R(GET, "/model/views/:REF", web_view, CAN_THREAT_MODEL_READ, NO_FORM),
	R(POST, "/model/acts", web_diagram_act, CAN_ELEMENT_WRITE, FORM),
	R(GET, "/model/changes", web_changes, CAN_THREAT_MODEL_READ, NO_FORM),
	R(GET, "/model/file", web_model_file, CAN_THREAT_MODEL_READ, NO_FORM),
	R(GET, "/model/coverage", web_coverage, CAN_THREAT_READ, NO_FORM),
	R(GET, "/model/triage", web_triage, CAN_THREAT_READ, NO_FORM),
	R(GET, "/model/backlog", web_backlog, CAN_REQUIREMENT_READ, NO_FORM),
	R(POST, "/model/backlog/import", web_backlog_import, CAN_REQUIREMENT_WRITE, FORM),
	R(POST, "/model/triage/decide", web_triage_decide, CAN_THREAT_WRITE, FORM),
	R(POST, "/model/triage/answer", web_triage_answer, CAN_ELEMENT_WRITE, FORM),
	R(GET, "/risks", web_risks, CAN_RISK_READ, NO_FORM),
	R(GET, "/trace", web_trace, CAN_TRACE_READ, NO_FORM),
	R(GET, "/readiness", web_readiness, CAN_READINESS_READ, NO_FORM),
	R(GET, "/readiness/:catalog", web_readiness_one, CAN_READINESS_READ, NO_FORM),
	R(GET, "/requirements", web_area, SIGNED_IN, NO_FORM),
	R(GET, "/vulnerabilities", web_area, SIGNED_IN, NO_FORM),
	R(GET, "/programme", web_area, SIGNED_IN, NO_FORM),
	R(GET, "/audits", web_area, SIGNED_IN, NO_FORM),
	R(GET, "/actions", web_area, SIGNED_IN, NO_FORM),
	R(GET, "/response", web_area, SIGNED_IN, NO_FORM),
	R(GET, "/documents", web_area, SIGNED_IN, NO_FORM),
	R(GET, "/people", web_area, SIGNED_IN, NO_FORM),

	R(GET, "/ledger", web_ledger, CAN_LEDGER_READ, NO_FORM),
	R(GET, "/ledger/checkpoint", web_ledger_checkpoint, PUBLIC, NO_FORM),
	R(GET, "/ledger/tile/entries/*", web_ledger_entries, CAN_LEDGER_READ, NO_FORM),
	R(GET, "/ledger/tile/*", web_ledger_tile, PUBLIC, NO_FORM),
	R(GET, "/ledger/:entry", web_ledger_entry, CAN_LEDGER_READ, NO_FORM),
	R(GET, "/ledger/:entry/proof", web_ledger_proof, CAN_LEDGER_READ, NO_FORM),

	R(GET, "/records/:kind", web_records, BY_KIND, NO_FORM),
	R(GET, "/records/:kind/new", web_record_new, BY_KIND, NO_FORM),
	R(POST, "/records/:kind/new", web_record_create, BY_KIND, FORM),
	R(GET, "/:REF", web_record, BY_KIND, NO_FORM),
	R(GET, "/:REF/edit", web_record_edit, BY_KIND, NO_FORM),
	R(POST, "/:REF", web_record_save, BY_KIND, FORM),
	R(POST, "/:REF/move", web_record_move, BY_KIND, FORM_PASSWORD),
	R(POST, "/:REF/withdraw", web_record_withdraw, BY_KIND, FORM),
	R(POST, "/:REF/link", web_record_link, BY_KIND, FORM),
	R(POST, "/:REF/link/confirm", web_record_link_confirm, BY_KIND, FORM),
	R(POST, "/:REF/unlink", web_record_unlink, BY_KIND, FORM),
	R(GET, "/:REF/history", web_record_history, BY_KIND, NO_FORM),
	R(GET, "/:REF/plan", web_plan, CAN_REPORT_MAKE, NO_FORM),
	R(GET, "/:REF/concept", web_concept, CAN_REPORT_MAKE, NO_FORM),
};
const isize web_route_count = COUNT_OF(web_routes);
