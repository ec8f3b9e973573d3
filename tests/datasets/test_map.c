// labels: property check
#include "tests/support/test.h"

#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "datasets/map_internal.h"
#include "datasets/storage.h"
#include "tests/support/countdown.h"
#include "tests/support/dataset.h"
#include "tests/support/folder.h"
#include "tests/support/near.h"

#define COUNT(a) ((int)(sizeof(a) / sizeof *(a)))

static void write_map(const char *json) { test_write_file("map.json", json, strlen(json)); }

static pfc_status import_mapped(pfc_dataset **ds, pfc_error *err) {
  pfc_import_settings s = folder_tolerant();
  s.map = "map.json";
  folder_rejects.n = 0;
  return folder_import(&s, ds, err);
}

/* --- a foreign export is its canonical twin --------------------------------- */

static const char TRAINING[] =
    "\"Personalnr.\";\"Kurs-Nr\";\"Angemeldet\";Beginn;Ende;Ergebnis;Punkte;\"Kosten "
    "\xe2\x82\xac\";"
    "Stand\r\n"
    "0815;K-1;01.02.2023;03.02.2023;28.02.2023;Bestanden;87,5;\"1.250,00\";gebucht\r\n"
    "0816;K-1;01.02.2023;03.02.2023;31.12.9999;Nicht bestanden;40,25;250;gebucht\r\n"
    "0817;\"K;2\";05.02.2023;;;abgemeldet;-;;storniert\r\n"
    "0817;\"K;2\";06.03.2023;07.03.2023;;l\xc3\xa4uft;;0,5;gebucht\r\n";
static const char OLDER[] =
    "Personalnr.;Kurs-Nr;Angemeldet;Beginn;Ende;Ergebnis;Punkte;Kosten \xe2\x82\xac;Stand\n"
    "0815;\"K;2\";11.12.2022;;;unbekannt;;-1.234.567,125;gebucht\n";
static const char MATRIX[] =
    "Employee ID|Assessed|Excel|SQL\n"
    "0815|1/15/2023 3:45 PM|400|\n"
    "0816|12/5/2022 12:05 AM|50|250\n";
static const char STAFF[] = "id\tein\tMann?\n0815\t44927\tja\n0816\t44958,75\tnein\n0817\t\t\n";

static const char MAPPING[] =
    "{\"delimiter\": \";\", \"decimal\": \",\", \"thousands\": \".\", \"date\": \"DD.MM.YYYY\","
    " \"missing\": [\"-\", \"31.12.9999\"],"
    " \"tables\": {"
    "  \"assessments\": ["
    "   {\"file\": \"matrix.txt\", \"delimiter\": \"|\", \"decimal\": \".\", \"thousands\": "
    "\"\","
    "    \"date\": \"M/D/YYYY h:mm AM\", \"skip\": {\"Excel\": [\"\"]},"
    "    \"columns\": {\"person_id\": \"Employee ID\", \"competency_id\": {\"value\": \"XLS\"},"
    "     \"level\": {\"from\": \"Excel\", \"scale\": 0.01}, \"source\": {\"value\": \"test\"},"
    "     \"assessed_on\": \"Assessed\"}},"
    "   {\"file\": \"matrix.txt\", \"delimiter\": \"|\", \"decimal\": \".\","
    "    \"thousands\": \",\", \"date\": \"M/D/YYYY h:mm AM\", \"skip\": {\"SQL\": [\"\"]},"
    "    \"columns\": {\"person_id\": \"Employee ID\", \"competency_id\": {\"value\": \"SQL\"},"
    "     \"level\": {\"from\": \"SQL\", \"scale\": 0.01, \"offset\": 1},"
    "     \"source\": {\"value\": \"test\"}, \"assessed_on\": \"Assessed\"}}],"
    "  \"enrolments\": {\"file\": [\"2023.csv\", \"2022.csv\"],"
    "   \"skip\": {\"Stand\": [\"storniert\"]},"
    "   \"columns\": {\"x_cost\": {\"from\": \"Kosten \xe2\x82\xac\", \"default\": 0},"
    "    \"person_id\": \"Personalnr.\", \"intervention_id\": \"Kurs-Nr\","
    "    \"enrolled_on\": \"Angemeldet\", \"started_on\": \"Beginn\", \"ended_on\": \"Ende\","
    "    \"score\": \"Punkte\", \"c_feed\": {\"value\": \"LMS\"},"
    "    \"status\": {\"from\": \"Ergebnis\", \"words\": {\"Bestanden\": \"passed\","
    "      \"Nicht bestanden\": \"failed\", \"l\xc3\xa4uft\": \"in_progress\","
    "      \"unbekannt\": null}}}},"
    "  \"eligibility\": {\"file\": \"staff.tsv\", \"delimiter\": \"\\t\", \"quote\": \"\","
    "    \"columns\": {\"intervention_id\": {\"value\": \"K-1\"}, \"unit_id\": \"id\","
    "     \"allow\": {\"from\": \"Mann?\", \"words\": {\"ja\": true, \"nein\": 0},"
    "      \"default\": 1}}},"
    "  \"people\": {\"file\": \"staff.tsv\", \"delimiter\": \"\\t\", \"quote\": \"\","
    "    \"date\": \"excel\", \"columns\": {\"person_id\": \"id\", \"hired_on\": \"ein\"}}"
    " }}";

static void write_foreign(void) {
  folder_write("2023.csv", TRAINING);
  folder_write("2022.csv", OLDER);
  folder_write("matrix.txt", MATRIX);
  folder_write("staff.tsv", STAFF);
  write_map(MAPPING);
}

/* The same facts as a person would have typed them in canonical form. 44927 is 1 January
 * 2023 in every spreadsheet. */
static void write_twin(void) {
  folder_write("people.csv", "person_id,hired_on\n0815,2023-01-01\n0816,2023-02-01\n0817,\n");
  folder_write("eligibility.csv",
               "intervention_id,unit_id,allow\nK-1,0815,1\nK-1,0816,0\nK-1,0817,1\n");
  folder_write("assessments.csv",
               "person_id,competency_id,level,source,assessed_on\n"
               "0815,XLS,4,test,2023-01-15\n0816,XLS,0.5,test,2022-12-05\n"
               "0816,SQL,3.5,test,2022-12-05\n");
  folder_write("enrolments.csv",
               "x_cost,person_id,intervention_id,enrolled_on,started_on,ended_on,status,score,"
               "c_feed\n"
               "1250,0815,K-1,2023-02-01,2023-02-03,2023-02-28,passed,87.5,LMS\n"
               "250,0816,K-1,2023-02-01,2023-02-03,,failed,40.25,LMS\n"
               "0.5,0817,K;2,2023-03-06,2023-03-07,,in_progress,,LMS\n"
               "-1234567.125,0815,K;2,2022-12-11,,,,,LMS\n");
}

/* As if it had been read from the files of the other. */
static void take_origin(pfc_dataset *to, const pfc_dataset *from) {
  for (int t = 0; t < PFC_N_TABLES; t++) {
    pfc_provenance *origin = &to->tables[t].origin;
    if (!origin->source) continue;
    pfc_free(origin->source);
    pfc_free(origin->sha256);
    origin->source = pfc_strdup(from->tables[t].origin.source);
    origin->sha256 = pfc_strdup(from->tables[t].origin.sha256);
  }
}

static void assert_same_bytes(const char *a, const char *b) {
  char *text_a, *text_b;
  size_t size_a, size_b;
  assert_ok(pfc_file_read(a, (size_t)1 << 24, &text_a, &size_a, &err));
  assert_ok(pfc_file_read(b, (size_t)1 << 24, &text_b, &size_b, &err));
  assert_int_equal(size_a, size_b);
  assert_memory_equal(text_a, text_b, size_a);
  pfc_free(text_a);
  pfc_free(text_b);
}

/* Same cells, same codes, same counts; and, given the same provenance, the same bytes. */
static void a_foreign_export_is_its_canonical_twin(void **state) {
  pfc_dataset *mapped = NULL, *twin = NULL;
  write_foreign();
  assert_ok(import_mapped(&mapped, &err));
  folder_said("2023.csv", 1, "", "", "1 skipped, as the mapping says");
  folder_said("matrix.txt", 1, "", "", "1 skipped, as the mapping says");
  assert_int_equal(folder_rejects.n, 2);
  (void)folder_begin(state);
  write_twin();
  twin = folder_import_all();
  assert_int_equal(folder_rejects.n, 0);
  take_origin(mapped, twin);
  test_dataset_equal(mapped, twin, true);
  assert_ok(pfc_dataset_save(mapped, "mapped.h5", &err));
  assert_ok(pfc_dataset_save(twin, "twin.h5", &err));
  assert_same_bytes("mapped.h5", "twin.h5");
  pfc_dataset_destroy(mapped);
  pfc_dataset_destroy(twin);
}

static void the_mapping_is_part_of_the_provenance(void **state) {
  (void)state;
  pfc_dataset *ds = NULL;
  write_foreign();
  assert_ok(import_mapped(&ds, &err));
  assert_string_equal(ds->tables[PFC_ENROLMENTS].origin.source, "2023.csv, 2022.csv, map.json");
  assert_int_equal(strlen(ds->tables[PFC_ENROLMENTS].origin.sha256), 3 * 64 + 2 * 2);
  assert_int_equal(ds->tables[PFC_ENROLMENTS].origin.rows_read, 4);
  pfc_dataset_destroy(ds);
}

static void files_have_encodings_of_their_own(void **state) {
  (void)state;
  pfc_dataset *ds = NULL;
  folder_write("old.csv",
               "Nr,Stra\xdf"
               "e\n1,Z\xfc"
               "rich\n");
  folder_write("new.csv",
               "Nr,Stra\xc3\x9f"
               "e\n2,Z\xc3\xbcrich\n");
#define ONE(file, more)                     \
  "{\"file\": \"" file "\"" more            \
  ", \"columns\": {\"person_id\": \"Nr\", " \
  "\"unit_id\": \"Stra\xc3\x9f"             \
  "e\"}}"
  write_map("{\"encoding\": \"latin1\", \"tables\": {\"people\": [" ONE("old.csv", "") ", " ONE(
      "new.csv", ", \"encoding\": \"\"") "]}}");
  assert_ok(import_mapped(&ds, &err));
  assert_int_equal(ds->tables[PFC_PEOPLE].n_rows, 2);
  assert_int_equal(pfc_dataset_count(ds, "unit"), 1);
  assert_string_equal(pfc_dict_text(pfc_dataset_find_dict(ds, "unit"), 0), "Z\xc3\xbcrich");
  pfc_dataset_destroy(ds);
  write_map("{\"encoding\": \"klingon\", \"tables\": {\"people\": " ONE("old.csv", "") "}}");
  assert_fails(import_mapped(&ds, &err), PFC_EUSAGE, "klingon");
#undef ONE
}

static void every_folder_is_read(void **state) {
  (void)state;
  static const char *const SOURCES[] = {FOLDER "2", FOLDER, FOLDER "2/e.csv"};
  pfc_dataset *ds = NULL;
  pfc_import_settings s = folder_tolerant();
  s.map = "map.json";
  write_map(
      "{\"tables\": {\"people\": {\"file\": \"e.csv\", \"columns\": {\"person_id\":"
      " \"Nr\", \"unit_id\": \"u\"}}}}");
  folder_write("e.csv", "Nr,u\n1,b\n2,b\n");
  folder_write("f.csv", "Nr\n9\n");
  test_write_file(FOLDER "2/e.csv", "u,Nr\na,0\n", 9);
  assert_ok(pfc_import(SOURCES, 2, &s, &ds, &err));
  assert_int_equal(ds->tables[PFC_PEOPLE].n_rows, 3);
  assert_string_equal(pfc_dict_text(pfc_dataset_find_dict(ds, "person"), 0), "0");
  pfc_dataset_destroy(ds);
  assert_ok(pfc_import(SOURCES + 2, 1, &s, &ds, &err));
  assert_int_equal(ds->tables[PFC_PEOPLE].n_rows, 1);
  pfc_dataset_destroy(ds);
}

static pfc_status import_once(void *user) {
  (void)user;
  pfc_dataset *ds = NULL;
  const pfc_status st = import_mapped(&ds, NULL);
  if (st != PFC_OK) assert_null(ds);
  pfc_dataset_destroy(ds);
  return st;
}

static void nothing_leaks_without_memory(void **state) {
  (void)state;
  write_foreign();
  assert_true(count_down(import_once, NULL) > 50);
}

/* --- bad cells are told by the names of the source --------------------------- */

static const char SMALL[] =
    "{\"delimiter\": \";\", \"decimal\": \",\", \"thousands\": \".\", \"date\": \"DD.MM.YYYY\","
    "\"tables\": {"
    "\"people\": {\"file\": \"p.csv\", \"columns\": {\"person_id\": \"Nr\"}},"
    "\"enrolments\": {\"file\": \"e.csv\", \"columns\": {"
    " \"person_id\": \"Wer\", \"intervention_id\": \"status\","
    " \"started_on\": \"von\", \"ended_on\": {\"from\": \"bis\", \"date\": \"excel\"},"
    " \"status\": {\"from\": \"Erg\", \"words\": {\"gut\": \"passed\", \"schlecht\": "
    "\"failed\"}},"
    " \"score\": {\"from\": \"Note\"}, \"x_hours\": \"Std\"}},"
    "\"interventions\": {\"file\": \"i.csv\", \"columns\": {\"intervention_id\": \"id\","
    " \"hours\": {\"from\": \"min\", \"scale\": 0.5}, \"seats\": \"Pl\"}}}}";

static void bad_cells_are_told_by_the_names_of_the_source(void **state) {
  (void)state;
  pfc_dataset *ds = NULL;
  write_map(SMALL);
  folder_write("p.csv", "Nr\n1\n2\n2\n9;x\n");
  folder_write("i.csv", "id;min;Pl\na;-5;1\nb;2;3,5\nc;x;\nd;1;1\n");
  folder_write("e.csv",
               "Wer;status;von;bis;Erg;Note;Std\n"
               "1;d;30.02.2023;;gut;1,5;1\n"
               "1;d;2023-02-03;;gut;1,5;1\n"
               "1;d;01.02.2023;tomorrow;gut;1,5;1\n"
               "1;d;01.02.2023;;Gut;1,5;1\n"
               "1;d;01.02.2023;;gut;1.5;1\n"
               "1;d;01.02.2023;;gut;1,5;zwei\n"
               "7;d;01.02.2023;;gut;1,5;1\n"
               "1;d;01.02.2023;44927;gut;1,5;1\n"
               ";d;01.02.2023;;gut;1,5;1\n"
               "1;d;01.02.2023\n"
               "9;d;01.02.2023;;gut;1,5;1\n"
               "1;d;01.02.2023;44959,25;gut;1.234,5;1\n"
               "1;d;01.02.2023;;gut;12-;1\n"
               "1;d;01.02.2023;;gut;1\u00a0234,5;1\n");
  assert_ok(import_mapped(&ds, &err));
  folder_said("p.csv", 4, "Nr", "2", "");
  folder_said("p.csv", 5, "", "9", "expected 1 cells as in the header, found 2");
  folder_said("i.csv", 2, "min", "-5 (scaled: -2.5)", "expected a number of at least 0");
  folder_said("i.csv", 3, "Pl", "3,5", "expected a whole number");
  folder_said("i.csv", 4, "min", "x", "expected a number");
  folder_said("e.csv", 2, "von", "30.02.2023", "expected a date that is written DD.MM.YYYY");
  folder_said("e.csv", 3, "von", "2023-02-03", "DD.MM.YYYY");
  folder_said("e.csv", 4, "bis", "tomorrow", "as Excel's number, like 45292");
  folder_said("e.csv", 5, "Erg", "Gut", "expected a word of the mapping: gut, schlecht");
  folder_said("e.csv", 6, "Note", "1.5", "expected a number like 1.234,5");
  folder_said("e.csv", 7, "Std", "zwei", "expected a number");
  folder_said("e.csv", 8, "Wer", "7", "");
  folder_said("e.csv", 9, "bis", "2023-01-01", ""); /* before it began: found by a check */
  folder_said("e.csv", 10, "Wer", "", "expected a value");
  folder_said("e.csv", 11, "", "1", "expected 7 cells as in the header, found 3");
  folder_said("e.csv", 12, "Wer", "9", "whose row of that id was rejected; mend line 5");
  folder_said("e.csv", 14, "Note", "12-", "a negative number is written -12");
  folder_said("e.csv", 15, "Note", "1\u00a0234,5", "expected a number like 1.234,5");
  assert_int_equal(folder_rejects.n, 18);
  assert_int_equal(ds->tables[PFC_ENROLMENTS].n_rows, 1);
  assert_near(pfc_dataset_reals(ds, PFC_ENROLMENTS, "score")[0], 1234.5, 0);
  assert_int_equal(pfc_dataset_dates(ds, PFC_ENROLMENTS, "ended_on")[0], 44959 - 25569);
  pfc_dataset_destroy(ds);
}

static void files_that_do_not_fit_the_mapping_fail(void **state) {
  (void)state;
  static const struct {
    const char *text, *said;
  } CASES[] = {
      {"Nr;Name;Wer\n",
       "in/e.csv:1: no column 'Nrr', which map.json names for table "
       "enrolments; did you mean 'Nr'?; the file has 3: Nr, Name, Wer"},
      {"Nrr,item\n1,2\n",
       "no column 'Nrr', which map.json names for table enrolments; the "
       "file has 1: Nrr,item"},
      {"Nrr;item;Nrr;Stand\n",
       "in/e.csv:1: column 'Nrr', which map.json names, stands there twice"},
      {"Nrr;item\n", "no column 'Stand', which map.json names"},
      {"", "in/e.csv is empty; expected a line of column names"},
      {"Nrr;item;Stand\n\"1;2;3\n", "in/e.csv:2: column 1"},
  };
  pfc_dataset *ds = NULL;
  write_map(
      "{\"delimiter\": \";\", \"tables\": {\"enrolments\": {\"file\": \"e.csv\", \"columns\":"
      "{\"person_id\": \"Nrr\", \"intervention_id\": \"item\"},"
      "\"skip\": {\"Stand\": [\"x\"]}}}}");
  for (int i = 0; i < COUNT(CASES); i++) {
    folder_write("e.csv", CASES[i].text);
    assert_fails(import_mapped(&ds, &err), PFC_EDATA, CASES[i].said);
  }
  assert_int_equal(unlink(FOLDER "/e.csv"), 0);
  assert_fails(import_mapped(&ds, &err), PFC_EDATA,
               "map.json: table enrolments: no file 'e.csv' (nor 'e.csv.gz') in in");
}

/* --- bad mappings ------------------------------------------------------------ */

#define TABLES(text) "{\"tables\": {" text "}}"
#define ENROLMENTS(text) \
  TABLES("\"enrolments\": {\"file\": \"e.csv\", \"columns\": {" text "}}")
#define BOTH "\"person_id\": \"p\", \"intervention_id\": \"i\""
#define WITH(text) ENROLMENTS(BOTH ", " text)

static const struct {
  const char *json, *said;
} FAULTS[] = {
    {"{", "map.json:1:2: "},
    {"[]", "map.json: expected an object, {...}"},
    {"{}", "map.json: tables: expected an object of tables"},
    {"{\"tables\": {}}", "map.json: tables: expected an object of tables"},
    {"{\"tables\": 3}", "map.json: tables: expected an object of tables"},
    {"{\"table\": {}}",
     "map.json: table: unknown key; did you mean 'tables'? there are tables"},
    {"{\"scale\": 1, \"tables\": {}}", "map.json: scale: unknown key; there are tables"},
    {TABLES("\"enrolment\": {}"),
     "map.json: tables.enrolment: no table has this name; did you "
     "mean 'enrolments'?"},
    {TABLES("\"courses\": {}"), "map.json: tables.courses: no table has this name"},
    {TABLES("\"people\": {}, \"people\": {}"), "map.json:1:27: duplicate key"},
    {TABLES("\"people\": 3"), "map.json: tables.people: expected an object, {...}"},
    {TABLES("\"people\": []"), "map.json: tables.people: expected a source"},
    {TABLES("\"people\": [3]"), "map.json: tables.people.1: expected an object, {...}"},
    {TABLES("\"people\": {\"files\": \"a\"}"),
     "tables.people.files: unknown key; did you mean "
     "'file'?"},
    {TABLES("\"people\": {\"columns\": {}}"),
     "tables.people.file: expected the name of a file"},
    {TABLES("\"people\": {\"file\": 3}"), "tables.people.file: expected a list of texts"},
    {TABLES("\"people\": {\"file\": []}"), "tables.people.file: expected a list of texts"},
    {TABLES("\"people\": {\"file\": [\"a\", \"a\"]}"),
     "tables.people.file: 'a' is listed twice"},
    {TABLES("\"people\": {\"file\": \"a\"}"), "tables.people.columns: expected an object"},
    {TABLES("\"people\": [{\"file\": \"a\", \"columns\": {\"role_id\": \"r\"}}]"),
     "tables.people.1.columns: table people needs person_id too"},
    {ENROLMENTS("\"person\": \"p\""),
     "tables.enrolments.columns.person: table enrolments has no "
     "such column; features are named x_... or c_..."},
    {ENROLMENTS("\"personid\": \"p\""),
     "columns.personid: table enrolments has no such column; "
     "did you mean 'person_id'?"},
    {ENROLMENTS(BOTH ", \"person_id\": \"q\""), "duplicate key"},
    {ENROLMENTS("\"person_id\": 3"),
     "columns.person_id: expected the name of a column of the "
     "source, or {\"from\": NAME}"},
    {ENROLMENTS("\"person_id\": {}"), "columns.person_id: expected the name of a column"},
    {ENROLMENTS("\"person_id\": \"\""), "columns.person_id: expected the name of a column"},
    {WITH("\"score\": {\"form\": \"s\"}"),
     "columns.score.form: unknown key; did you mean 'from'?"},
    {WITH("\"score\": {\"value\": 3, \"from\": \"s\"}"),
     "columns.score.value: a constant stands "
     "alone"},
    {WITH("\"score\": {\"value\": \"three\"}"),
     "columns.score.value: 'three': expected a number"},
    {WITH("\"score\": {\"value\": null}"), "columns.score.value: expected a text or a number"},
    {WITH("\"score\": {\"value\": \"\"}"),
     "columns.score.value: expected a text that is not empty"},
    {WITH("\"status\": {\"value\": \"done\"}"),
     "columns.status.value: 'done': expected one of "
     "enrolled, in_progress, completed"},
    {WITH("\"status\": {\"from\": \"s\", \"words\": {\"a\": \"pased\"}}"),
     "columns.status.words.a: 'pased': expected one of enrolled"},
    {WITH("\"status\": {\"from\": \"s\", \"words\": {}}"),
     "columns.status.words: expected an "
     "object"},
    {WITH("\"status\": {\"from\": \"s\", \"words\": [\"a\"]}"),
     "columns.status.words: expected an "
     "object"},
    {WITH("\"status\": {\"from\": \"s\", \"words\": {\"\": \"passed\"}}"), "say \"default\""},
    {WITH("\"status\": {\"from\": \"s\", \"default\": \"x\"}"),
     "columns.status.default: 'x': "},
    {WITH("\"score\": {\"from\": \"s\", \"words\": {\"a\": 1}}"),
     "columns.score.words: 'score' is "
     "a real; words are for codes"},
    {WITH("\"status\": {\"from\": \"s\", \"scale\": 2}"),
     "columns.status.scale: 'status' is a "
     "code; scale is for numbers"},
    {WITH("\"score\": {\"from\": \"s\", \"offset\": \"2\"}"),
     "columns.score.offset: expected a "
     "number"},
    {WITH("\"score\": {\"from\": \"s\", \"date\": \"iso\"}"),
     "columns.score: 'score' is a real; "
     "date is for dates"},
    {WITH("\"ended_on\": {\"from\": \"s\", \"date\": \"MM.YYYY\"}"),
     "columns.ended_on: the date format 'MM.YYYY' has no day"},
    {WITH("\"ended_on\": {\"from\": \"s\", \"date\": 3}"),
     "columns.ended_on.date: expected a text"},
    {WITH("\"ended_on\": {\"from\": \"s\", \"missing\": \"-\"}"),
     "columns.ended_on.missing: "
     "expected a list of texts"},
    {TABLES("\"enrolments\": {\"file\": \"e.csv\", \"columns\": {" BOTH "}, \"skip\": []}"),
     "tables.enrolments.skip: expected an object"},
    {TABLES("\"enrolments\": {\"file\": \"e.csv\", \"columns\": {" BOTH "}, \"skip\": {\"a\": "
            "\"b\"}}"),
     "tables.enrolments.skip.a: expected a list of texts"},
    {"{\"delimiter\": \";;\", \"tables\": {}}",
     "map.json: delimiter: expected one character of"},
    {"{\"delimiter\": \"a\", \"tables\": {}}",
     "map.json: delimiter: expected one character of"},
    {"{\"delimiter\": \"\", \"tables\": {}}", "map.json: delimiter: expected one character of"},
    {"{\"encoding\": 1, \"tables\": {}}", "map.json: encoding: expected a text like"},
    {"{\"quote\": 1, \"tables\": {}}", "map.json: quote: expected one character of"},
    {"{\"thousands\": \".\", \"tables\": {}}", "map.json: thousands and decimal are both '.'"},
    {"{\"date\": \"YYYY-MM\", \"tables\": {\"enrolments\": {\"file\": \"e\", \"columns\": "
     "{" BOTH ", \"ended_on\": \"s\"}}}}",
     "columns.ended_on: the date format 'YYYY-MM' has no day"},
    {"{\"date\": \"yyyy-MM-DD\", \"tables\": {}}",
     "map.json: date: 'yyyy-MM-DD': a letter or "
     "digit without meaning; expected"},
};

static void bad_mappings_name_the_place(void **state) {
  (void)state;
  pfc_dataset *ds = NULL;
  folder_write("e.csv", "p,i,s\n1,2,3\n");
  for (int i = 0; i < COUNT(FAULTS); i++) {
    write_map(FAULTS[i].json);
    assert_fails(import_mapped(&ds, &err), PFC_EDATA, FAULTS[i].said);
    assert_null(ds);
  }
  write_map(WITH("\"score\": \"s\""));
  assert_ok(import_mapped(&ds, &err)); /* what they are all faults of */
  pfc_dataset_destroy(ds);
  pfc_import_settings s = folder_tolerant();
  s.map = "map.json";
  s.preset = "onet";
  assert_fails(folder_import(&s, &ds, &err), PFC_EUSAGE, "give one of the two");
  s.preset = NULL;
  s.map = "nowhere.json";
  assert_fails(folder_import(&s, &ds, &err), PFC_EIO, "nowhere.json");
}

int main(void) {
#define TEST(f) cmocka_unit_test_setup(f, folder_begin)
  const struct CMUnitTest tests[] = {
      TEST(a_foreign_export_is_its_canonical_twin),
      TEST(the_mapping_is_part_of_the_provenance),
      TEST(files_have_encodings_of_their_own),
      TEST(every_folder_is_read),
      TEST(nothing_leaks_without_memory),
      TEST(bad_cells_are_told_by_the_names_of_the_source),
      TEST(files_that_do_not_fit_the_mapping_fail),
      TEST(bad_mappings_name_the_place),
  };
  return cmocka_run_group_tests_name("datasets/map", tests, NULL, NULL);
}
