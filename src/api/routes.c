/* Every address of the API and its right.  A route without one does not compile. */
#include "api/api_in.h"

#define R(method_, path_, handler_, right_, body_, reply_, name_, query_, summary_)                \
	{                                                                                          \
		.method = HTTP_##method_, .path = S_INIT("/api/v1" path_), .handler = (handler_),  \
		.right = (right_), .body = (body_), .reply = (reply_), .name = S_INIT(name_),      \
		.query = S_INIT(query_), .summary = S_INIT(summary_)                               \
	}

const struct api_route api_routes[] = {
	R(GET, "", api_index, SIGNED_IN, NO_BODY, REPLY_INDEX, "index", "", "What there is"),
	R(GET, "/openapi.json", api_openapi_get, PUBLIC, NO_BODY, REPLY_OPENAPI, "openapi", "",
		"This description"),
	R(GET, "/me", api_me, SIGNED_IN, NO_BODY, REPLY_ME, "me", "", "Who asks, and their rights"),
	R(GET, "/kinds", api_kinds, SIGNED_IN, NO_BODY, REPLY_KINDS, "kinds", "",
		"The kinds of records with their fields, states, moves and links"),
	R(GET, "/search", api_search, CAN_SEARCH_READ, NO_BODY, REPLY_SEARCH, "search", " q ",
		"Records that hold all the words"),

	R(GET, "/sessions", api_sessions, SIGNED_IN, NO_BODY, REPLY_SESSIONS, "sessions",
		" person ", "Where somebody is signed in: oneself, or with session.manage anybody"),
	R(DELETE, "/sessions", api_session_end, CAN_LOG_IN, NO_BODY, REPLY_NOTHING, "session_end",
		" person session ", "End a session, or all"),
	R(GET, "/tokens", api_tokens, CAN_TOKEN_MAKE, NO_BODY, REPLY_TOKENS, "tokens", " person ",
		"Access tokens: one's own, or with user.manage anybody's"),
	R(POST, "/tokens", api_token_make, CAN_TOKEN_MAKE, BODY, REPLY_TOKEN, "token_make", "",
		"Make an access token; its value is in this answer only"),
	R(DELETE, "/tokens", api_token_revoke, CAN_TOKEN_MAKE, NO_BODY, REPLY_NOTHING,
		"token_revoke", " token ", "Revoke an access token"),

	R(GET, "/ledger", api_ledger, CAN_LEDGER_READ, NO_BODY, REPLY_LEDGER, "ledger_list",
		" before object limit ", "Entries, newest first"),
	R(GET, "/ledger/checkpoint", api_ledger_checkpoint, PUBLIC, NO_BODY, REPLY_TEXT,
		"ledger_checkpoint", "", "The newest checkpoint, a C2SP signed note"),
	R(GET, "/ledger/consistency", api_ledger_consistency, PUBLIC, NO_BODY, REPLY_TEXT,
		"ledger_consistency", " old new ",
		"A proof that a later signed log continues an earlier one"),
	R(GET, "/ledger/latest", api_ledger_latest, CAN_LEDGER_READ, NO_BODY, REPLY_TEXT,
		"ledger_latest", " object open ",
		"A proof that no later entry wrote the object; for those who may read all of the "
		"ledger"),
	R(GET, "/ledger/tile/entries/*", api_ledger_entries, CAN_LEDGER_READ, NO_BODY, REPLY_BYTES,
		"ledger_entries", "",
		"Up to 256 entries, a C2SP entry bundle; for those who may read all of the ledger"),
	R(GET, "/ledger/tile/*", api_ledger_tile, PUBLIC, NO_BODY, REPLY_BYTES, "ledger_tile", "",
		"Hashes of the log, a C2SP tile"),
	R(GET, "/ledger/:seq", api_ledger_entry, CAN_LEDGER_READ, NO_BODY, REPLY_ENTRY,
		"ledger_entry", "", "One entry with its leaf and what stands beside it"),
	R(GET, "/ledger/:seq/proof", api_ledger_proof, CAN_LEDGER_READ, NO_BODY, REPLY_PROOF,
		"ledger_proof", " open ",
		"A C2SP tlog-proof that the entry is in the newest checkpoint"),

	R(GET, "/triage", api_triage, CAN_THREAT_READ, NO_BODY, REPLY_TRIAGE, "triage", "",
		"What the rules see in the recorded model, and what was decided about it"),
	R(POST, "/triage/decide", api_triage_decide, CAN_THREAT_WRITE, BODY, REPLY_NOTHING,
		"triage_decide", "", "Decide on findings; all of them or none"),
	R(POST, "/triage/answer", api_triage_answer, CAN_ELEMENT_WRITE, BODY, REPLY_NOTHING,
		"triage_answer", "", "State a fact of parts of the model; of all of them or none"),

	R(GET, "/model", api_model, CAN_THREAT_MODEL_READ, NO_BODY, REPLY_MODEL, "model", "",
		"The model with its picture and what the rules say, as the editor shows it"),
	R(POST, "/model/acts", api_model_acts, CAN_ELEMENT_WRITE, BODY, REPLY_MADE, "model_acts",
		"", "Change the model as the editor does; all acts or none"),
	R(GET, "/model/changes", api_model_changes, CAN_THREAT_MODEL_READ, NO_BODY, REPLY_CHANGES,
		"model_changes", " from to ",
		"What became of the model between two times, and what that does to threats"),
	R(GET, "/model/file", api_model_file, CAN_THREAT_MODEL_READ, NO_BODY, REPLY_TEXT,
		"model_file", " as at ", "The model as a file for other tools"),
	R(GET, "/backlog", api_backlog, CAN_REQUIREMENT_READ, NO_BODY, REPLY_BACKLOG, "backlog", "",
		"Requirements as issues for a tracker"),
	R(POST, "/backlog/import", api_backlog_import, CAN_REQUIREMENT_WRITE, BODY, REPLY_IMPORTED,
		"backlog_import", "", "Take back what the tracker says of them"),

	R(GET, "/:plural", api_list, BY_KIND, NO_BODY, REPLY_LIST, "list", " limit from sort q at ",
		"List"),
	R(POST, "/:plural", api_create, BY_KIND, BODY, REPLY_CREATED, "create", "",
		"Record a new one"),
	R(GET, "/:plural/:REF", api_record, BY_KIND, NO_BODY, REPLY_RECORD, "get", " at rev ",
		"One record"),
	R(PUT, "/:plural/:REF", api_replace, BY_KIND, BODY, REPLY_RECORD, "replace", "",
		"Replace all fields; what is left out becomes empty"),
	R(PATCH, "/:plural/:REF", api_change, BY_KIND, BODY_PATCH, REPLY_RECORD, "change", "",
		"Change some fields (RFC 7396: null empties)"),
	R(POST, "/:plural/:REF/move", api_move, BY_KIND, BODY, REPLY_RECORD, "move", "",
		"Move to another state"),
	R(GET, "/:plural/:REF/history", api_history, BY_KIND, NO_BODY, REPLY_HISTORY, "history",
		" from to ", "Revisions, newest first; with from and to what differs between two"),
	R(GET, "/:plural/:REF/links", api_links, BY_KIND, NO_BODY, REPLY_LINKS, "links", " at ",
		"Links in both directions"),
	R(POST, "/:plural/:REF/links", api_link, BY_KIND, BODY, REPLY_LINK, "link", "",
		"Link this record to another"),
	R(DELETE, "/:plural/:REF/links", api_unlink, BY_KIND, NO_BODY, REPLY_NOTHING, "unlink",
		" type to ", "Remove a link from this record"),
	R(POST, "/:plural/:REF/links/confirm", api_link_confirm, BY_KIND, BODY, REPLY_NOTHING,
		"link_confirm", "", "Confirm a link from this record of which an end changed"),
};
const isize api_route_count = COUNT_OF(api_routes);
