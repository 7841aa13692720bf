/* Verification of the tree, its parts and the records, one crime at a time; see crime.h. */
#include "crime.h"

#include <sqlite3.h>

TEST(a_log_as_it_was_written_has_no_findings, "LED-REQ-02")
{
	struct room r;

	room_open(t, &r);
	room_copy(&r);
	r.is_schema_asked = true;
	room_verify(&r);
	room_said(&r, "nothing", S(""));
	CHECK_INT(r.report.finding_count, 0);
	CHECK_INT(r.report.entries, 325);
	CHECK_INT(r.report.tiles, 1);
	CHECK_INT(r.report.checkpoints, 3);
	CHECK_INT(r.report.parts, 160);
	CHECK_INT(r.report.erased, 6);
	CHECK_INT(r.report.records, 40);
	CHECK_INT(r.report.rows, 1148);
	CHECK_INT(r.report.clock_steps_back, 1);
	CHECK_INT(r.report.newest.size, 325);
	room_drop(&r);
	room_close(&r);
}

TEST(entries_are_as_their_leaves_say, "LED-REQ-02")
{
	static const struct crime crimes[] = {
		{"UPDATE entry SET act = 'x' WHERE seq = 5",
			"5 entry 5: its column \"act\" is not as in its leaf\n"},
		{"UPDATE entry SET object = 'risk:R4' WHERE seq = 5",
			"5 entry 5: its column \"object\" is not as in its leaf\n"
			"- risk:R5 is in the store, but no entry wrote it\n"},
		{"UPDATE entry SET actor = 'x' WHERE seq = 5",
			"5 entry 5: its column \"actor\" is not as in its leaf\n"},
		{"UPDATE entry SET outcome = 'failed' WHERE seq = 302",
			"302 entry 302: its column \"outcome\" is not as in its leaf\n"},
		{"UPDATE entry SET reason = '' WHERE seq = 5",
			"5 entry 5: its column \"reason\" is not as in its leaf\n"},
		{"UPDATE entry SET at = at - 1 WHERE seq = 5",
			"5 entry 5: its time is not as in its leaf\n"},
		{"UPDATE entry SET hash = substr(hash, 1, 31) WHERE seq = 309",
			"309 entry 309 was changed: its leaf has another hash\n"},
		{"UPDATE entry SET hash = CAST(hash || x'00' AS BLOB) WHERE seq = 309",
			"309 entry 309 was changed: its leaf has another hash\n"},
		{"UPDATE entry SET hash = (SELECT hash FROM entry WHERE seq = 308)"
		 " WHERE seq = 309",
			"309 entry 309 was changed: its leaf has another hash\n"
			"- checkpoint 310: the entries before it are not those that were signed\n"
			"- checkpoint 325: the entries before it are not those that were signed\n"},
		{"UPDATE entry SET leaf = CAST(leaf || x'20' AS BLOB) WHERE seq = 5",
			"5 entry 5 was changed: its leaf has another hash\n"
			"5 entry 5: at byte 352 the leaf is not in the form of version 1\n"
			"5 entry 5 has a part that its leaf does not know\n"
			"5 entry 5 has a part that its leaf does not know\n"
			"5 entry 5 has a part that its leaf does not know\n"},
		{"DELETE FROM entry WHERE seq = 12",
			"12 entry 12 is missing; the next one is 13, and from there on "
			"nothing is compared with the tree\n"
			"12 a part belongs to no entry\n"
			"12 a part belongs to no entry\n"
			"12 a part belongs to no entry\n"
			"- risk:R12 is in the store, but no entry wrote it\n"},
		{"DELETE FROM entry WHERE seq = 0",
			"0 entry 0 is missing; the next one is 1, and from there on "
			"nothing is compared with the tree\n"
			"0 a part belongs to no entry\n"
			"0 a part belongs to no entry\n"
			"0 a part belongs to no entry\n"
			"- risk:R0 is in the store, but no entry wrote it\n"},
		{"UPDATE entry SET seq = 325 WHERE seq = 324",
			"324 entry 324 is missing; the next one is 325, and from there on nothing "
			"is compared with the tree\n"
			"324 a part belongs to no entry\n"
			"325 entry 325: its part \"private\" is gone, and no entry erased it\n"
			"- checkpoint [325] is in the store, but no entry wrote it\n"},
		{"INSERT INTO entry SELECT -1, at, act, object, actor, outcome, reason, leaf, hash"
		 " FROM entry WHERE seq = 324",
			"- entry -1 has a number that no entry has\n"
			"- entry -1: its part \"private\" is gone, and no entry erased it\n"},
		{"UPDATE entry SET hash = zeroblob(32) WHERE seq = 307",
			"307 entry 307 was changed: its leaf has another hash\n"
			"- checkpoint 310: the entries before it are not those that were signed\n"
			"- checkpoint 325: the entries before it are not those that were signed\n"
			"- note [1] is in the store, but no entry wrote it\n"
			"- note [3] is in the store, but no entry wrote it\n"},
	};
	struct room r;

	room_open(t, &r);
	room_try(&r, crimes, COUNT_OF(crimes));
	room_close(&r);
}

TEST(parts_are_those_that_the_leaf_knows, "LED-REQ-02")
{
	static const struct crime crimes[] = {
		{"UPDATE entry_body SET value = x'7b7d' WHERE seq = 5 AND part = 'body'",
			"5 entry 5: its part \"body\" was changed\n"
			"- risk:R5 is in the store, but no entry wrote it\n"},
		{"UPDATE entry_body SET salt = zeroblob(32) WHERE seq = 5 AND part = 'private'",
			"5 entry 5: its part \"private\" was changed\n"},
		{"UPDATE entry_body SET salt = substr(salt, 1, 31)"
		 " WHERE seq = 5 AND part = 'private'",
			"5 entry 5 has a part that its leaf does not know\n"},
		{"UPDATE entry_body SET salt = CAST(salt || x'00' AS BLOB) WHERE seq = 5 AND part "
		 "= 'private'",
			"5 entry 5 has a part that its leaf does not know\n"},
		{"DELETE FROM entry_body WHERE seq = 5 AND part = 'body'",
			"5 entry 5: its part \"body\" is gone, and no entry erased it\n"
			"- risk:R5 is in the store, but no entry wrote it\n"},
		{"DELETE FROM entry_body WHERE seq = 5 AND part = 'private'",
			"5 entry 5: its part \"private\" is gone, and no entry erased it\n"},
		{"DELETE FROM entry_body WHERE seq = 5 AND part = 'rows'",
			"5 entry 5: its part \"rows\" is gone, and no entry erased it\n"},
		{"INSERT INTO entry_body VALUES(5, 'other', zeroblob(32), x'00')",
			"5 entry 5 has a part that its leaf does not know\n"},
		{"UPDATE entry_body SET part = 'other' WHERE seq = 5 AND part = 'rows'",
			"5 entry 5 has a part that its leaf does not know\n"
			"5 entry 5: its part \"rows\" is gone, and no entry erased it\n"},
		{"INSERT INTO entry_body VALUES(309, 'body', zeroblob(32), x'00'),"
		 " (309, 'private', zeroblob(32), x'00'), (309, 'rows', zeroblob(32), x'00')",
			"309 entry 309 has a part that its leaf does not know\n"
			"309 entry 309 has a part that its leaf does not know\n"
			"309 entry 309 has a part that its leaf does not know\n"},
		{"INSERT INTO entry_body VALUES(-1, 'body', zeroblob(32), x'00')",
			"- a part belongs to no entry\n"},
		{"INSERT INTO entry_body VALUES(325, 'body', zeroblob(32), x'00')",
			"325 a part belongs to no entry\n"},
		{"INSERT INTO entry_body VALUES(999, 'body', zeroblob(32), x'00')",
			"999 a part belongs to no entry\n"},
	};
	struct room r;

	room_open(t, &r);
	room_try(&r, crimes, COUNT_OF(crimes));
	room_close(&r);
}

TEST(a_part_is_gone_only_where_an_entry_erased_it, "LED-REQ-02")
{
	static const struct crime crimes[] = {
		{"DELETE FROM erasure WHERE seq = 20 AND part = 'private'",
			"20 entry 20: its part \"private\" is gone, and no entry erased it\n"},
		{"DELETE FROM erasure WHERE seq = 20",
			"20 entry 20: its part \"body\" is gone, and no entry erased it\n"
			"20 entry 20: its part \"private\" is gone, and no entry erased it\n"
			"20 entry 20: its part \"rows\" is gone, and no entry erased it\n"
			"- risk:R20 is in the store, but no entry wrote it\n"},
		{"UPDATE erasure SET by_seq = 301 WHERE seq = 20",
			"20 entry 20: its part \"body\" is gone, and no entry erased it\n"
			"20 entry 20: its part \"private\" is gone, and no entry erased it\n"
			"20 entry 20: its part \"rows\" is gone, and no entry erased it\n"
			"20 erasure [20,\"body\"]: no entry says that this was erased\n"
			"20 erasure [20,\"private\"]: no entry says that this was erased\n"
			"20 erasure [20,\"rows\"]: no entry says that this was erased\n"},
		{"UPDATE erasure SET by_seq = 311 WHERE seq = 20",
			"20 entry 20: its part \"body\" is gone, and no entry erased it\n"
			"20 entry 20: its part \"private\" is gone, and no entry erased it\n"
			"20 entry 20: its part \"rows\" is gone, and no entry erased it\n"
			"20 erasure [20,\"body\"]: no entry says that this was erased\n"
			"20 erasure [20,\"private\"]: no entry says that this was erased\n"
			"20 erasure [20,\"rows\"]: no entry says that this was erased\n"},
		{"UPDATE erasure SET by_seq = 999 WHERE seq = 20",
			"20 entry 20: its part \"body\" is gone, and no entry erased it\n"
			"20 entry 20: its part \"private\" is gone, and no entry erased it\n"
			"20 entry 20: its part \"rows\" is gone, and no entry erased it\n"
			"20 erasure [20,\"body\"]: no entry says that this was erased\n"
			"20 erasure [20,\"private\"]: no entry says that this was erased\n"
			"20 erasure [20,\"rows\"]: no entry says that this was erased\n"},
		{"INSERT INTO erasure VALUES(5, 'private', 300)",
			"5 erasure [5,\"private\"]: no entry says that this was erased\n"},
		{"INSERT INTO erasure VALUES(21, 'private', 304);"
		 " DELETE FROM entry_body WHERE seq = 21 AND part = 'private'",
			"21 entry 21: its part \"private\" is gone, and no entry erased it\n"
			"21 erasure [21,\"private\"]: no entry says that this was erased\n"},
		{"INSERT INTO erasure VALUES(22, 'private', 306);"
		 " DELETE FROM entry_body WHERE seq = 22 AND part = 'private'",
			"22 entry 22: its part \"private\" is gone, and no entry erased it\n"
			"22 erasure [22,\"private\"]: no entry says that this was erased\n"},
		{"INSERT INTO erasure VALUES(305, 'private', 305);"
		 " DELETE FROM entry_body WHERE seq = 305 AND part = 'private'",
			"305 entry 305: its part \"private\" is gone, and no entry erased it\n"
			"305 erasure [305,\"private\"]: no entry says that this was erased\n"},
		{"INSERT INTO erasure VALUES(24, 'private', 311)",
			"24 erasure [24,\"private\"]: what it says was erased is there\n"},
		{"INSERT INTO erasure VALUES(24, 'private', 311);"
		 " DELETE FROM entry_body WHERE seq = 24 AND part = 'private'",
			""},
		{"INSERT INTO erasure VALUES(24, 'body', 311);"
		 " DELETE FROM entry_body WHERE seq = 24 AND part = 'private'",
			"24 entry 24: its part \"private\" is gone, and no entry erased it\n"
			"24 erasure [24,\"body\"]: what it says was erased is there\n"},
	};
	struct room r;

	room_open(t, &r);
	room_try(&r, crimes, COUNT_OF(crimes));
	room_close(&r);
}

TEST(tiles_and_checkpoints_are_those_of_the_entries, "LED-REQ-02")
{
	static const struct crime crimes[] = {
		{"UPDATE tile SET hashes = CAST(substr(hashes, 1, 8160) || zeroblob(32) AS BLOB)",
			"255 tile 0/0 differs from the entries at hash 255\n"},
		{"UPDATE tile SET hashes = CAST(zeroblob(32) || substr(hashes, 33) AS BLOB)",
			"0 tile 0/0 differs from the entries at hash 0\n"},
		{"UPDATE tile SET hashes = substr(hashes, 2)",
			"- tile 0/0 of the ledger is cut short\n"},
		{"UPDATE tile SET hashes = CAST(hashes || x'00' AS BLOB)",
			"- tile 0/0 of the ledger is cut short\n"},
		{"UPDATE tile SET root = substr(root, 2)",
			"- tile 0/0 of the ledger is cut short\n"},
		{"UPDATE tile SET root = zeroblob(32)",
			"- tile 0/0 has another root than its hashes\n"},
		{"DELETE FROM tile", "- tile 0/0 is missing\n"},
		{"INSERT INTO tile SELECT 1, root, hashes FROM tile",
			"- there are 1 tiles too many\n"},
		{"INSERT INTO tile SELECT id + 7, root, hashes FROM tile UNION"
		 " SELECT id + 8, root, hashes FROM tile",
			"- there are 2 tiles too many\n"},
		{"DELETE FROM checkpoint",
			"270 checkpoint [270] is gone, but entry 270 wrote it\n"
			"310 checkpoint [310] is gone, but entry 310 wrote it\n"},
		{"UPDATE checkpoint SET size = 271 WHERE size = 270",
			"- checkpoint 271 is about 270 entries\n"
			"- checkpoint [271] is in the store, but no entry wrote it\n"
			"270 checkpoint [270] is gone, but entry 270 wrote it\n"},
		{"UPDATE checkpoint SET at = at + 1 WHERE size = 270",
			"- checkpoint 270: its time is not the one that was signed\n"
			"270 checkpoint [270] is not as entry 270 wrote it\n"},
		{"UPDATE checkpoint SET note = replace(note, '310', '309') WHERE size = 310",
			"- checkpoint 310: the signature of ward.example/verify does not hold\n"
			"310 checkpoint [310] is not as entry 310 wrote it\n"},
		{"UPDATE checkpoint SET note = note || (SELECT substr(note, instr(note, char(10, "
		 "10))"
		 " + 2) FROM checkpoint WHERE size = 270) WHERE size = 310",
			"- checkpoint 310: its note has more than the signature of this log\n"
			"310 checkpoint [310] is not as entry 310 wrote it\n"},
		{"UPDATE checkpoint SET note = 'x' WHERE size = 325",
			"- checkpoint 325: the note has no empty line before its signatures\n"},
		{"UPDATE checkpoint SET note = (SELECT note FROM checkpoint WHERE size = 270)"
		 " WHERE size = 325",
			"- checkpoint 325 is about 270 entries\n"},
		{"INSERT INTO checkpoint SELECT 999, note, at FROM checkpoint WHERE size = 325",
			"- a checkpoint is about 999 entries, but there are 325\n"
			"- checkpoint [999] is in the store, but no entry wrote it\n"},
		{"INSERT INTO checkpoint SELECT -1, note, at FROM checkpoint WHERE size = 325",
			"- checkpoint -1 is about 325 entries\n"
			"- checkpoint [-1] is in the store, but no entry wrote it\n"},
	};
	struct room r;

	room_open(t, &r);
	room_try(&r, crimes, COUNT_OF(crimes));
	room_close(&r);
}

/* Then signatures are not checked, and what was signed is compared all the same. */
TEST(without_a_key_what_was_signed_is_compared_all_the_same, "LED-REQ-02")
{
	struct room r;
	struct verifier_key none = {0};

	room_open(t, &r);
	r.known.key = none;
	room_copy(&r);
	room_verify(&r);
	room_said(&r, "no key", S(""));
	CHECK_INT(r.report.newest.size, 0);
	room_drop(&r);
	room_copy(&r);
	room_tamper(&r, S("UPDATE checkpoint SET note = (SELECT note FROM checkpoint"
			  " WHERE size = 270) WHERE size = 325"));
	room_verify(&r);
	room_said(&r, "no key, another note", S("- checkpoint 325 is about 270 entries\n"));
	room_drop(&r);
	room_close(&r);
}

/* What only who has the key can write, or whoever it is that guards the key badly. */
TEST(a_checkpoint_that_is_signed_says_what_is_so, "LED-REQ-02")
{
	struct room r;
	struct hash root = merkle_empty(), zero = {{0}};
	static const char *const said[] = {
		"- checkpoint [0] is in the store, but no entry wrote it\n",
		"- checkpoint 0: the entries before it are not those that were signed\n"
		"- checkpoint [0] is in the store, but no entry wrote it\n",
		"- checkpoint [0] is in the store, but no entry wrote it\n",
		"- checkpoint 0: its time is not the one that was signed\n"
		"- checkpoint [0] is in the store, but no entry wrote it\n",
		"- checkpoint 0: the size of the checkpoint is not a number\n"
		"- checkpoint [0] is in the store, but no entry wrote it\n"};

	room_open(t, &r);
	const str note[] = {room_checkpoint(&r, 0, root, 77), room_checkpoint(&r, 0, zero, 77),
		room_checkpoint(&r, 0, root, 0), room_checkpoint(&r, 0, root, 78),
		room_note(&r, S("ward.example/verify\nnot a number\n"))};
	for (int i = 0; i < COUNT_OF(note); i++) {
		room_copy(&r);
		room_tamper(&r,
			str_fmt(t->arena, "INSERT INTO checkpoint VALUES(0, '%.*s', 77);",
				STR_ARG(note[i])));
		room_verify(&r);
		room_said(&r, "a checkpoint of nothing", str_of(said[i]));
		CHECK_INT(r.report.checkpoints, 4);
		CHECK_INT(r.report.newest.size, 325);
		room_drop(&r);
	}
	room_close(&r);
}

/* A checkpoint known from elsewhere about the first, about all and about more. */
TEST(the_log_holds_the_checkpoint_known_from_elsewhere, "LED-REQ-02")
{
	static const uint64_t size[] = {270, 325, 326, 400};
	static const char *const said[] = {
		"- the first 270 entries are not those of a checkpoint that the keeper signed\n",
		"- the first 325 entries are not those of a checkpoint that the keeper signed\n",
		"- 1 entries are missing at the end: a checkpoint that the keeper signed is about "
		"326\n",
		"- 75 entries are missing at the end: a checkpoint that the keeper signed is about "
		"400\n"};
	struct room r;

	room_open(t, &r);
	room_copy(&r);
	room_verify(&r);
	r.known.expected = r.report.newest;
	room_verify(&r);
	room_said(&r, "nothing, the newest known", S(""));
	for (int i = 0; i < COUNT_OF(size); i++) {
		r.known.expected = (struct checkpoint){.size = size[i]};
		room_verify(&r);
		room_said(&r, "nothing, another known", str_of(said[i]));
	}
	r.known.given = (struct checkpoint){.size = 270};
	room_verify(&r);
	room_said(&r, "nothing, two others known",
		S("- the first 270 entries are not those of a checkpoint known from elsewhere\n"
		  "- 75 entries are missing at the end: a checkpoint that the keeper signed is "
		  "about 400\n"));
	r.known.expected = (struct checkpoint){0};
	r.known.given = (struct checkpoint){.size = 326};
	room_verify(&r);
	room_said(&r, "nothing, a longer one known",
		S("- 1 entries are missing at the end: a checkpoint known from elsewhere is about "
		  "326\n"));
	r.known.given = (struct checkpoint){0};
	room_drop(&r);
	/* Behind an entry that is missing nothing of the tree is compared any more. */
	room_copy(&r);
	room_tamper(&r, S("DELETE FROM entry WHERE seq = 200"));
	r.known.expected = (struct checkpoint){.size = 200};
	room_verify(&r);
	room_said(&r, "an entry is missing where another is known",
		S("- the first 200 entries are not those of a checkpoint that the keeper signed\n"
		  "200 entry 200 is missing; the next one is 201, and from there on nothing is "
		  "compared with the tree\n"));
	room_drop(&r);
	room_close(&r);
}

/* Each mark goes on from the one before. */
TEST(marks_are_looked_for_up_to_an_entry_that_is_missing, "LED-REQ-02")
{
	struct hash_key key = {{1}};
	struct room r;

	room_open(t, &r);
	r.known.mark_key = &key;
	room_copy(&r);
	room_tamper(&r,
		S("DELETE FROM checkpoint WHERE size = 325; DELETE FROM entry_body WHERE seq = 312;"
		  " DELETE FROM entry WHERE seq = 312"));
	room_verify(&r);
	room_said(&r, "an entry is missing among those not signed",
		S("312 entry 312 is missing; the next one is 313, and from there on nothing is "
		  "compared with the tree\n"
		  "310 2 entries behind the last signed tree, from entry 310 on, bear no mark of "
		  "this keeper\n"
		  "- risk [\"B1\"] is in the store, but no entry wrote it\n"
		  "- risk [\"B2\"] is in the store, but no entry wrote it\n"));
	room_drop(&r);
	room_close(&r);
}

/* With its hash, so that only its form is wrong. */
TEST(a_leaf_in_no_form_that_is_known_is_found, "LED-REQ-02")
{
	struct hash hash = merkle_leaf(S("{}"));
	struct room r;
	struct buf b;

	room_open(t, &r);
	buf_init(&b, t->arena, 100);
	hex_print(&b, hash.b, HASH_BYTES);
	room_copy(&r);
	room_tamper(&r,
		str_fmt(t->arena, "UPDATE entry SET leaf = x'7b7d', hash = x'%.*s' WHERE seq = 323",
			STR_ARG(buf_str(&b))));
	room_verify(&r);
	room_said(&r, "a leaf became {}",
		S("323 entry 323: at byte 2 the leaf is not in the form of version 1\n"
		  "323 entry 323 has a part that its leaf does not know\n"
		  "- checkpoint 325: the entries before it are not those that were signed\n"));
	CHECK_INT(r.report.clock_steps_back, 1);
	CHECK_INT(r.report.newest.size, 310);
	room_drop(&r);
	room_close(&r);
}

/* What no statement of Ward can do to the file. */
static void damage(struct room *r, const char *sql)
{
	str path = str_join(r->t->arena, r->folder, S("/copy"));
	struct test_case *t = r->t;
	struct err e = {0};
	sqlite3 *raw = NULL;

	room_copy(r);
	db_close(r->db);
	CHECK_INT(sqlite3_open(cstr(t->arena, path), &raw), SQLITE_OK);
	CHECK_INT(sqlite3_exec(raw, "PRAGMA writable_schema=ON", NULL, NULL, NULL), SQLITE_OK);
	CHECK_INT(sqlite3_exec(raw, sql, NULL, NULL, NULL), SQLITE_OK);
	CHECK_INT(sqlite3_close(raw), SQLITE_OK);
	CHECK(db_open(&r->db, t->arena, path, DB_WRITER, &e));
	CHECK_STR(err_text(&e), S(""));
}

TEST(an_index_that_lacks_rows_is_damage, "LED-REQ-02")
{
	struct room r;

	room_open(t, &r);
	damage(&r,
		"DROP INDEX entry_object;"
		" CREATE INDEX entry_object ON entry(object, seq) WHERE seq <> 0;"
		" UPDATE sqlite_schema SET sql = replace(sql, ' WHERE seq <> 0', '')"
		" WHERE name = 'entry_object'");
	room_verify(&r);
	/* In which order the engine says it depends on its version. */
	const struct ledger_finding *f = r.report.findings;
	CHECK_INT(r.report.finding_count, 3);
	CHECK_STR(f->text, S("risk:R0 is in the store, but no entry wrote it"));
	bool is_first = str_find(f->next->text, S("row 1 missing")) >= 0;
	CHECK_STR((is_first ? f->next : f->next->next)->text,
		S("the file of the store is damaged: row 1 missing from index entry_object"));
	CHECK_STR((is_first ? f->next->next : f->next)->text,
		S("the file of the store is damaged: wrong # of entries in index entry_object"));
	room_drop(&r);
	room_close(&r);
}

/* The pages of another table: what cannot be read of one is said, and the others are read. */
TEST(a_table_whose_pages_are_of_another_is_said, "LED-REQ-02")
{
	struct room r;

	room_open(t, &r);
	damage(&r,
		"UPDATE sqlite_schema SET rootpage = (SELECT rootpage FROM sqlite_schema WHERE "
		"name ="
		" 'entry_object') WHERE name = 'note'");
	room_verify(&r);
	const struct ledger_finding *f = r.report.findings;
	CHECK(str_starts(f->text, S("table note cannot be read to the end: ")));
	for (int i = 1; i <= 3; i += 2) {
		f = f->next;
		CHECK_STR(
			f->text, str_fmt(t->arena, "note [%d] is gone, but entry 307 wrote it", i));
	}
	/* How the engine words it depends on its version. */
	f = f->next;
	CHECK(str_starts(f->text, S("the file of the store is damaged: ")));
	CHECK(!f->next || str_starts(f->next->text, S("the file ")));
	room_drop(&r);
	room_close(&r);
}

/* ---- what the rows of an entry are worth ---- */

TEST(rows_count_of_entries_that_are_known_to_have_written_them, "LED-REQ-02")
{
	uint8_t bits[] = {0x81, 0x01};
	struct walked w = {.spoilt = bits, .room = 16, .end = 16};
	static const bool spoilt[] = {1, 0, 0, 0, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0, 0, 0};

	for (int cut = 0; cut < 2; cut++) {
		w.is_cut = cut;
		CHECK(is_spoilt(&w, -1));
		for (int i = 0; i < COUNT_OF(spoilt); i++)
			CHECK_INT(is_spoilt(&w, i), spoilt[i]);
		/* Beyond what was walked there is nothing, unless the walk could not get there. */
		CHECK_INT(is_spoilt(&w, 16), !cut);
		CHECK_INT(is_spoilt(&w, INT64_MAX), !cut);
	}
}

#define NOTE_9 "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA= note [9]"

/* Lines that nobody committed to are no excuse for a row, whose entry they are said to be of. */
TEST(lines_that_the_leaf_does_not_know_vouch_for_nothing, "LED-REQ-02")
{
	static const struct crime crime[] = {
		{"INSERT INTO note VALUES(9, 'x'); INSERT INTO entry_body SELECT -1, part, salt,"
		 " value FROM entry_body WHERE seq = 307 AND part = 'rows'",
			"- a part belongs to no entry\n"
			"- note [9] is in the store, but no entry wrote it\n"},
		{"INSERT INTO entry_body SELECT 9223372036854775807, part, salt, value"
		 " FROM entry_body WHERE seq = 307 AND part = 'rows'",
			"9223372036854775807 a part belongs to no entry\n"},
		{"INSERT INTO note VALUES(9, 'x'); INSERT INTO entry_body VALUES(324, 'rows',"
		 " zeroblob(32), CAST('" NOTE_9 "' AS BLOB))",
			"324 entry 324 has a part that its leaf does not know\n"
			"- note [9] is in the store, but no entry wrote it\n"},
		{"UPDATE entry_body SET value = CAST('" NOTE_9 "' AS BLOB) WHERE seq = 0"
		 " AND part = 'rows'",
			"0 entry 0: its part \"rows\" was changed\n"},
		{"INSERT INTO note VALUES(9, 'x'); INSERT INTO entry_body VALUES(400, 'rows',"
		 " zeroblob(32), CAST('" NOTE_9 "' AS BLOB))",
			"400 a part belongs to no entry\n"
			"- note [9] is in the store, but no entry wrote it\n"},
	};
	struct room r;

	room_open(t, &r);
	room_try(&r, crime, COUNT_OF(crime));
	room_close(&r);
}

/* ---- the report ---- */

TEST(a_finding_is_a_line_of_text, "")
{
	static const char given[] = "\xff\xc3\x28 a\nb\x1f \x7f~\xe2\x82";
	struct ledger_report r = {.arena = t->arena};
	char longest[500];

	r.end = &r.findings;
	ledger_found(&r, 7, "%s", given);
	CHECK_STR(r.findings->text, S("?\?( a?b? \x7f~?\?"));
	CHECK_INT(r.findings->seq, 7);
	memset(longest, 'x', sizeof longest);
	memcpy(longest + 397, "\xe2\x82\xac", 3); /* a character that the end cuts in two */
	longest[499] = 0;
	ledger_found(&r, -1, "%s", longest);
	CHECK_INT(r.findings->next->text.n, 399);
	CHECK_STR(str_part(r.findings->next->text, 396, 399), S("x?\?"));
	ledger_found(&r, -1, "%s", "\n");
	CHECK_STR(r.findings->next->next->text, S("?"));
	ledger_found(&r, -1, "%s", "");
	CHECK_STR(r.findings->next->next->next->text, S(""));
}

TEST(so_many_findings_are_kept_and_all_are_counted, "")
{
	struct ledger_report r = {.arena = t->arena};
	int kept = 0;

	r.end = &r.findings;
	for (int i = 0; i < FINDINGS_MAX + 2; i++)
		ledger_found(&r, i, "one of many");
	for (const struct ledger_finding *f = r.findings; f; f = f->next)
		CHECK_INT(f->seq, kept++);
	CHECK_INT(kept, FINDINGS_MAX);
	CHECK_INT(r.finding_count, FINDINGS_MAX + 2);
}

TEST(no_flood_about_one_part_hides_the_findings_of_another, "")
{
	struct ledger_report r = {.arena = t->arena};
	const struct ledger_finding *f;
	int n = 0;

	r.end = &r.findings;
	ledger_findings_of(&r, "one table");
	for (int i = 0; i < FINDINGS_OF_PART + 7; i++)
		ledger_found(&r, i, "one of many");
	ledger_findings_of(&r, "another");
	for (int i = 0; i < FINDINGS_OF_PART; i++)
		ledger_found(&r, -1, "another");
	ledger_findings_of(&r, NULL);
	CHECK_INT(r.finding_count, 2 * FINDINGS_OF_PART + 7);
	for (f = r.findings; f && n < FINDINGS_OF_PART; f = f->next)
		CHECK_INT(f->seq, n++);
	CHECK_STR(f->text, S("one table: 7 more of the kind"));
	for (f = f->next, n = 0; f; f = f->next, n++)
		CHECK_STR(f->text, S("another"));
	CHECK_INT(n, FINDINGS_OF_PART);
}

/* ---- a stage for which there is no memory ---- */

static bool (*find_as_ever)(void *from, str object, bool *found, struct hash *out, struct err *e);
static int finds_left;

static bool find_until_spent(void *from, str object, bool *found, struct hash *out, struct err *e)
{
	if (finds_left-- == 0)
		arena_give_up(ARENA_SPENT);
	return find_as_ever(from, object, found, out, e);
}

/* The next stage goes on. */
TEST(a_stage_that_takes_too_much_memory_is_a_finding, "LED-REQ-02")
{
	struct room r;

	room_open(t, &r);
	room_copy(&r);
	room_tamper(&r, S("UPDATE note SET v = 'another' WHERE k = 1"));
	find_as_ever = r.source.find;
	r.source.find = find_until_spent;
	finds_left = 3;
	room_verify(&r);
	room_said(&r, "there is no memory for the fourth record",
		S("- the newest entry of each record cannot be verified to the end: it takes more "
		  "memory than there is\n"
		  "307 note [1] is not as entry 307 wrote it\n"));
	room_drop(&r);
	room_close(&r);
}

TEST(of_the_log_so_many_findings_are_kept_as_of_each_part, "LED-REQ-02")
{
	struct room r;
	int n = 0;

	room_open(t, &r);
	room_copy(&r);
	room_tamper(&r, S("UPDATE entry SET actor = actor || 'x'"));
	room_verify(&r);
	for (const struct ledger_finding *f = r.report.findings; f; f = f->next, n++)
		CHECK_INT(str_starts(f->text, S("the ledger: ")), n == FINDINGS_OF_PART);
	CHECK(n > FINDINGS_OF_PART);
	room_drop(&r);
	room_close(&r);
}

/* ---- records ---- */

/* Without records nothing is asked but the tree; without a list of them, nothing for its end. */
TEST(records_are_asked_for_only_where_there_are_some, "")
{
	struct record_source none = {0};
	struct room r;
	struct err e = {0};

	room_open(t, &r);
	room_copy(&r);
	room_tamper(&r,
		S("UPDATE note SET v = 'x'; INSERT INTO risk VALUES('R999', 'x');"
		  "UPDATE risk SET hash = 'x' WHERE ref = 'R17'"));
	CHECK(db_begin_read(r.db, &e));
	CHECK(ledger_verify(r.db, t->arena, &r.known, NULL, &r.report, &e));
	room_said(&r, "crimes outside of the tree", S(""));
	CHECK(ledger_verify(r.db, t->arena, &r.known, &none, &r.report, &e));
	CHECK(str_starts(r.report.findings->text, S("note [")));
	none = r.source;
	none.next = NULL;
	CHECK(ledger_verify(r.db, t->arena, &r.known, &none, &r.report, &e));
	CHECK_STR(r.report.findings->text, S("risk:R17 cannot be read: the hash is not a hash"));
	CHECK(str_starts(r.report.findings->next->text, S("note [")));
	CHECK_STR(err_text(&e), S(""));
	/* From then on what fails is the caller's again. */
	(void)db_int(r.db, SQL("SELECT 1 FROM nothing"));
	CHECK_INT(e.code, ERR_FAULT);
	db_rollback(r.db);
	room_drop(&r);
	room_close(&r);
}

TEST(records_are_as_their_newest_entry_says, "LED-REQ-02")
{
	static const struct crime crimes[] = {
		{"UPDATE risk SET hash = replace(hash, 'a', 'c') WHERE ref = 'R17'",
			"17 risk:R17 is not as entry 17 wrote it\n"
			"300 risk [\"R17\"] is not as entry 300 wrote it\n"},
		{"UPDATE risk SET hash = replace(hash, 'b', 'a') WHERE ref = 'R7'",
			"301 risk:R7 is not as entry 301 wrote it\n"
			"301 risk [\"R7\"] is not as entry 301 wrote it\n"},
		{"UPDATE risk SET hash = 'x' WHERE ref = 'R17'",
			"17 risk:R17 cannot be read: the hash is not a hash\n"
			"300 risk [\"R17\"] is not as entry 300 wrote it\n"},
		{"DELETE FROM risk WHERE ref = 'R18'",
			"18 risk:R18 is gone, but entry 18 wrote it\n"
			"300 risk [\"R18\"] is gone, but entry 300 wrote it\n"},
		{"DELETE FROM risk WHERE ref = 'R7'",
			"301 risk:R7 is gone, but entry 301 wrote it\n"
			"301 risk [\"R7\"] is gone, but entry 301 wrote it\n"},
		{"INSERT INTO risk SELECT 'R999', hash FROM risk WHERE ref = 'R1'",
			"- risk:R999 is in the store, but no entry wrote it\n"
			"- risk [\"R999\"] is in the store, but no entry wrote it\n"},
		{"INSERT INTO risk SELECT 'denied', hash FROM risk WHERE ref = 'R1'",
			"- risk:denied is in the store, but no entry wrote it\n"
			"- risk [\"denied\"] is in the store, but no entry wrote it\n"},
		{"UPDATE risk SET hash = replace(hash, 'a', 'c') WHERE ref = 'R20'",
			"300 risk [\"R20\"] is not as entry 300 wrote it\n"},
		{"DELETE FROM risk WHERE ref = 'R20'",
			"300 risk [\"R20\"] is gone, but entry 300 wrote it\n"},
		{"INSERT INTO risk SELECT 'B6', hash FROM risk WHERE ref = 'R1'",
			"- risk:B6 is in the store, but no entry wrote it\n"
			"- risk [\"B6\"] is in the store, but no entry wrote it\n"},
		{"INSERT INTO risk SELECT 'B3', hash FROM risk WHERE ref = 'R1'",
			"- risk:B3 is in the store, but no entry wrote it\n"
			"- risk [\"B3\"] is in the store, but no entry wrote it\n"},
		{"UPDATE risk SET hash = replace(hash, 'a', 'c') WHERE ref = 'R10'",
			"10 risk:R10 is not as entry 10 wrote it\n"
			"300 risk [\"R10\"] is not as entry 300 wrote it\n"},
		{"UPDATE risk SET hash = replace(hash, 'b', 'c') WHERE ref = 'R30'",
			"318 risk [\"R30\"] is not as entry 318 wrote it\n"},
		{"INSERT INTO erasure VALUES(24, 'body', 311);"
		 " UPDATE risk SET hash = replace(hash, 'a', 'c') WHERE ref = 'R24'",
			"24 risk:R24 is not as entry 24 wrote it\n"
			"300 risk [\"R24\"] is not as entry 300 wrote it\n"
			"24 erasure [24,\"body\"]: what it says was erased is there\n"},
		{"UPDATE risk SET ref = 'R999' WHERE ref = 'R8'",
			"8 risk:R8 is gone, but entry 8 wrote it\n"
			"- risk:R999 is in the store, but no entry wrote it\n"
			"- risk [\"R999\"] is in the store, but no entry wrote it\n"
			"300 risk [\"R8\"] is gone, but entry 300 wrote it\n"},
	};
	struct room r;

	room_open(t, &r);
	room_try(&r, crimes, COUNT_OF(crimes));
	room_close(&r);
}

/* A table that is gone is not read; what can be read of the others is. */
static const struct crime unreadable[] = {
	{"DELETE FROM many; ALTER TABLE entry RENAME TO x",
		"- the ledger cannot be read to the end: the store failed: no such table: entry\n"
		"- the newest entry of each record cannot be read to the end: the store failed: no "
		"such table: entry\n"
		"- the list of records cannot be read to the end: the store failed: no such table: "
		"entry\n"
		"- checkpoint [325] is in the store, but no entry wrote it\n"
		"- x [0] is in the store, but no entry wrote it\n"
		"- x [1] is in the store, but no entry wrote it\n"
		"- x [2] is in the store, but no entry wrote it\n"
		"- x [3] is in the store, but no entry wrote it\n"
		"- x [4] is in the store, but no entry wrote it\n"
		"- x [5] is in the store, but no entry wrote it\n"
		"and 1420 more, the last:\n"
		"- table erasure cannot be read to the end: the store failed: no such table: "
		"entry\n"},
	{"DELETE FROM many; ALTER TABLE entry_body RENAME TO x",
		"- the ledger cannot be read to the end: the store failed: no such table: "
		"entry_body\n"
		"- the newest entry of each record cannot be read to the end: the store failed: no "
		"such table: entry_body\n"
		"- the list of records cannot be read to the end: the store failed: no such table: "
		"entry_body\n"
		"- the row journal cannot be read to the end: the store failed: no such table: "
		"entry_body\n"
		"- the row journal cannot be read to the end: the store failed: no such table: "
		"entry_body\n"
		"- checkpoint [270] is in the store, but no entry wrote it\n"
		"- checkpoint [310] is in the store, but no entry wrote it\n"
		"- checkpoint [325] is in the store, but no entry wrote it\n"
		"- loose [null] is in the store, but no entry wrote it\n"
		"- note [1] is in the store, but no entry wrote it\n"
		"and 205 more, the last:\n"
		"- table erasure cannot be read to the end: the store failed: no such table: "
		"entry_body\n"},
	{"ALTER TABLE tile RENAME TO x",
		"- the ledger cannot be read to the end: the store failed: no such table: "
		"tile\n"
		"- checkpoint [325] is in the store, but no entry wrote it\n"
		"- x [0] is in the store, but no entry wrote it\n"},
	{"ALTER TABLE checkpoint RENAME TO x",
		"- the ledger cannot be read to the end: the store failed: no such table: "
		"checkpoint\n"
		"- x [270] is in the store, but no entry wrote it\n"
		"- x [310] is in the store, but no entry wrote it\n"
		"- x [325] is in the store, but no entry wrote it\n"
		"270 checkpoint [270] is gone, but entry 270 wrote it\n"
		"310 checkpoint [310] is gone, but entry 310 wrote it\n"},
	{"ALTER TABLE erasure RENAME TO x",
		"- the ledger cannot be read to the end: the store failed: no such table: erasure\n"
		"- the newest entry of each record cannot be read to the end: the store failed: no "
		"such table: erasure\n"
		"- the list of records cannot be read to the end: the store failed: no such table: "
		"erasure\n"
		"- checkpoint [325] is in the store, but no entry wrote it\n"
		"- x [20,\"body\"] is in the store, but no entry wrote it\n"
		"- x [20,\"private\"] is in the store, but no entry wrote it\n"
		"- x [20,\"rows\"] is in the store, but no entry wrote it\n"
		"- x [318,\"body\"] is in the store, but no entry wrote it\n"
		"- x [316,\"private\"] is in the store, but no entry wrote it\n"
		"- x [317,\"private\"] is in the store, but no entry wrote it\n"
		"and 1 more, the last:\n"
		"- table erasure cannot be read to the end: the store failed: no such table: "
		"erasure\n"},
	{"ALTER TABLE risk RENAME TO x",
		"314 risk:B1 cannot be read: the store failed: no such table: risk\n"
		"313 risk:B2 cannot be read: the store failed: no such table: risk\n"
		"0 risk:R0 cannot be read: the store failed: no such table: risk\n"
		"1 risk:R1 cannot be read: the store failed: no such table: risk\n"
		"10 risk:R10 cannot be read: the store failed: no such table: risk\n"
		"11 risk:R11 cannot be read: the store failed: no such table: risk\n"
		"12 risk:R12 cannot be read: the store failed: no such table: risk\n"
		"13 risk:R13 cannot be read: the store failed: no such table: risk\n"
		"14 risk:R14 cannot be read: the store failed: no such table: risk\n"
		"15 risk:R15 cannot be read: the store failed: no such table: risk\n"
		"and 115 more, the last:\n"
		"318 risk [\"R30\"] is gone, but entry 318 wrote it\n"},
	{"ALTER TABLE risk RENAME COLUMN hash TO x",
		"314 risk:B1 cannot be read: the store failed: no such column: hash\n"
		"313 risk:B2 cannot be read: the store failed: no such column: hash\n"
		"0 risk:R0 cannot be read: the store failed: no such column: hash\n"
		"1 risk:R1 cannot be read: the store failed: no such column: hash\n"
		"10 risk:R10 cannot be read: the store failed: no such column: hash\n"
		"11 risk:R11 cannot be read: the store failed: no such column: hash\n"
		"12 risk:R12 cannot be read: the store failed: no such column: hash\n"
		"13 risk:R13 cannot be read: the store failed: no such column: hash\n"
		"14 risk:R14 cannot be read: the store failed: no such column: hash\n"
		"15 risk:R15 cannot be read: the store failed: no such column: hash\n"
		"and 30 more, the last:\n"
		"9 risk:R9 cannot be read: the store failed: no such column: hash\n"},
};

TEST(what_cannot_be_read_is_said_with_its_place, "LED-REQ-02")
{
	struct room r;

	room_open(t, &r);
	room_try(&r, unreadable, COUNT_OF(unreadable));
	room_close(&r);
}

TEST(verification_that_has_no_room_says_so, "")
{
	struct arena small;
	struct room r;
	struct err e = {0};

	room_open(t, &r);
	room_copy(&r);
	arena_open(&small, 4 << 20);
	CHECK(db_begin_read(r.db, &e));
	CHECK(!ledger_verify(r.db, &small, &r.known, NULL, &r.report, &e));
	CHECK_INT(e.code, ERR_LIMIT);
	db_rollback(r.db);
	arena_close(&small);
	room_drop(&r);
	room_close(&r);
}

TEST_MAIN()
