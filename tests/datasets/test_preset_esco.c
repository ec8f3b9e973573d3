/* labels: property check */
#include "tests/support/test.h"

#include <sys/stat.h>

#include "datasets/requirements.h"
#include "tests/support/near.h"
#include "tests/support/oom.h"
#include "tests/support/told.h"

#define OCCUPATION "http://data.europa.eu/esco/occupation/"
#define SKILL "http://data.europa.eu/esco/skill/"

static int32_t code_of(const pfc_dataset *ds, const char *dictionary, const char *id) {
  const pfc_dict *dict = pfc_dataset_find_dict(ds, dictionary);
  return dict ? pfc_dict_find(dict, id) : -1;
}

/* Row of a table whose key it is. */
static int64_t row_of(const pfc_dataset *ds, pfc_table_id table, const char *key,
                      const char *id) {
  for (int64_t r = 0; r < ds->tables[table].n_rows; r++)
    if (strcmp(told_cell(ds, table, key, r), id) == 0) return r;
  fail_msg("no row %s", id);
  return -1;
}

/* --- the sample ----------------------------------------------------------------------------
 */

/* By Python's csv module: 91 occupations, 1311 skills (881 skill, 429 knowledge, 1 without
 * type; 42 without description), 1970 relations, of 723 different skills. */
static void the_sample_is_a_framework_without_levels(void **state) {
  (void)state;
  char folder[4096];
  pfc_dataset *ds = NULL;
  pfc_requirements *needs = NULL;
  told t = {0};
  const char *src = getenv("SRC");
  (void)snprintf(folder, sizeof folder, "%s/datasets/samples/esco_ict", src ? src : ".");
  assert_ok(told_import(&t, "esco", folder, 0, &ds, &err));
  assert_string_equal(ds->framework, "ESCO");
  assert_int_equal(t.n, 0);
  assert_int_equal(ds->tables[PFC_ROLES].n_rows, 91);
  assert_int_equal(ds->tables[PFC_COMPETENCIES].n_rows, 1311);
  assert_int_equal(told_count(ds, PFC_COMPETENCIES, "kind", "skill"), 881);
  assert_int_equal(told_count(ds, PFC_COMPETENCIES, "kind", "knowledge"), 429);
  assert_int_equal(told_count(ds, PFC_COMPETENCIES, "description", ""), 42);
  assert_int_equal(ds->tables[PFC_REQUIREMENTS].n_rows, 1970);
  assert_int_equal(ds->tables[PFC_RELATIONS].n_rows, 0);
  assert_null(pfc_dataset_column(ds, PFC_REQUIREMENTS, "level"));

  assert_ok(pfc_requirements_create(ds, &needs, &err));
  assert_int_equal(needs->first[needs->n_roles], 1970);
  uint8_t *is_required = calloc((size_t)needs->n_competencies, 1);
  int n_required = 0;
  assert_non_null(is_required);
  for (int64_t k = 0; k < 1970; k++) {
    assert_nan(needs->at[k].level);
    assert_near(needs->at[k].importance, 1, 0);
    n_required += !is_required[needs->at[k].competency];
    is_required[needs->at[k].competency] = 1;
  }
  assert_int_equal(n_required, 723);
  free(is_required);
  /* The first line of each file. */
  const char *admin = OCCUPATION "0464b062-cea6-4164-b10d-956c61956ae7";
  const char *tools = SKILL "9ef0f3a0-9ce2-4ef1-a987-0366b5cb2dbe";
  const int64_t role = row_of(ds, PFC_ROLES, "role_id", admin);
  assert_string_equal(told_cell(ds, PFC_ROLES, "title", role), "ICT security administrator");
  assert_string_equal(told_cell(ds, PFC_ROLES, "framework_ref", role), admin);
  const int64_t haskell = row_of(ds, PFC_COMPETENCIES, "competency_id",
                                 SKILL "000f1d3d-220f-4789-9c0a-cc742521fb02");
  assert_string_equal(told_cell(ds, PFC_COMPETENCIES, "name", haskell), "Haskell");
  assert_string_equal(told_cell(ds, PFC_COMPETENCIES, "kind", haskell), "knowledge");
  assert_non_null(pfc_requirements_find(needs, code_of(ds, "role", admin),
                                        code_of(ds, "competency", tools)));
  pfc_requirements_destroy(needs);
  pfc_dataset_destroy(ds);
}

/* --- as ESCO's own download has it -----------------------------------------------------------
 */

#define FOLDER "esco_few"
static const char OCCUPATIONS[] =
    "conceptType,conceptUri,iscoGroup,preferredLabel,altLabels\n"
    "Occupation,o/1,2511,analyst,\"one\nanother\"\nOccupation,o/2,2512,developer,\n";
static const char SKILLS[] =
    "conceptType,conceptUri,skillType,reuseLevel,preferredLabel,description\n"
    "K,s/1,skill/competence,cross-sector,draw,To draw\nK,s/2,knowledge,,SQL,\nK,s/3,,,ask,\n";
static const char NEEDS[] =
    "occupationUri,relationType,skillType,skillUri\n"
    "o/1,essential,skill/competence,s/1\no/1,optional,knowledge,s/2\n"
    "o/2,essential,knowledge,s/2\n";
static const char RELATIONS[] =
    "originalSkillUri,originalSkillType,relationType,relatedSkillType,relatedSkillUri\n"
    "s/1,skill/competence,essential,knowledge,s/2\ns/1,skill/competence,optional,,s/3\n";

static const struct {
  const char *name, *text;
} FILES[] = {{"occupations_en.csv", OCCUPATIONS},
             {"skills_en.csv", SKILLS},
             {"occupationSkillRelations_en.csv", NEEDS},
             {"skillSkillRelations_en.csv", RELATIONS}};

/* Of the file of that name with a line more; all others as they are. */
static void write_few(const char *file, const char *more) {
  (void)mkdir(FOLDER, 0755);
  for (int k = 0; k < 4; k++) {
    char path[256], text[2048];
    (void)snprintf(path, sizeof path, FOLDER "/%s", FILES[k].name);
    (void)snprintf(text, sizeof text, "%s%s", FILES[k].text,
                   file && strcmp(FILES[k].name, file) == 0 ? more : "");
    test_write_file(path, text, strlen(text));
  }
}

static void the_download_is_read_under_its_own_names(void **state) {
  (void)state;
  told t = {0};
  pfc_dataset *ds = NULL;
  write_few(NULL, "");
  assert_ok(told_import(&t, "esco", FOLDER, 0, &ds, &err));
  assert_int_equal(ds->tables[PFC_ROLES].n_rows, 2);
  assert_string_equal(told_cell(ds, PFC_ROLES, "title", 1), "developer");
  assert_string_equal(told_cell(ds, PFC_ROLES, "family", 1), "2512");
  assert_string_equal(told_cell(ds, PFC_COMPETENCIES, "kind", 0), "skill");
  assert_string_equal(told_cell(ds, PFC_COMPETENCIES, "kind", 1), "knowledge");
  assert_string_equal(told_cell(ds, PFC_COMPETENCIES, "kind", 2), "");
  assert_int_equal(ds->tables[PFC_REQUIREMENTS].n_rows, 2);
  assert_int_equal(told_count(ds, PFC_REQUIREMENTS, "competency_id", "s/2"), 1);
  told_assert(&t, "occupationSkillRelations_en.csv:1 relationType '' 1 skills are optional");
  /* What is needed for s/1 comes before it. */
  assert_int_equal(ds->tables[PFC_RELATIONS].n_rows, 2);
  assert_string_equal(told_cell(ds, PFC_RELATIONS, "from_competency_id", 0), "s/2");
  assert_string_equal(told_cell(ds, PFC_RELATIONS, "to_competency_id", 0), "s/1");
  assert_string_equal(told_cell(ds, PFC_RELATIONS, "relation", 0), "precedes");
  assert_string_equal(told_cell(ds, PFC_RELATIONS, "from_competency_id", 1), "s/3");
  assert_string_equal(told_cell(ds, PFC_RELATIONS, "relation", 1), "related");
  pfc_dataset_destroy(ds);
}

static void bad_rows_are_reported_and_left_out(void **state) {
  (void)state;
  static const struct {
    const char *file, *more, *told;
  } BAD[] = {
      {"occupationSkillRelations_en.csv", "o/2,needed,,s/1\n",
       "occupationSkillRelations_en.csv:5 relationType 'needed' expected essential or"},
      {"occupationSkillRelations_en.csv", "o/3,essential,,s/1\n",
       "occupationSkillRelations_en.csv:5 role_id 'o/3' expected an id of table roles"},
      {"occupationSkillRelations_en.csv", "o/2,essential,,s/9\n",
       "occupationSkillRelations_en.csv:5 competency_id 's/9' expected an id of table"},
      {"occupationSkillRelations_en.csv", "o/2,essential,,s/2\n",
       "occupationSkillRelations_en.csv:5 role_id 'o/2' expected a new role_id, competency_id"},
      {"occupations_en.csv", "Occupation,o/1,1,again,\n",
       "occupations_en.csv:5 role_id 'o/1' expected a new role_id"},
      {"occupations_en.csv", "Occupation,,1,nameless,\n", "occupations_en.csv:5 role_id ''"},
      {"skills_en.csv", "K,s/4\n", "skills_en.csv:5  '2 cells' as many cells as the header"},
      {"skillSkillRelations_en.csv", "s/1,,,,s/3\n",
       "skillSkillRelations_en.csv:4 relationType '' expected essential or optional"},
  };
  for (size_t i = 0; i < sizeof BAD / sizeof *BAD; i++) {
    told t = {0};
    pfc_dataset *ds = NULL;
    write_few(BAD[i].file, BAD[i].more);
    assert_ok(told_import(&t, "esco", FOLDER, 1, &ds, &err));
    told_assert(&t, BAD[i].told);
    assert_int_equal(ds->tables[PFC_REQUIREMENTS].n_rows, 2);
    pfc_dataset_destroy(ds);
    assert_fails(told_import(&t, "esco", FOLDER, 0, &ds, &err), PFC_EDATA, "rejected");
  }
}

static void missing_files_are_named(void **state) {
  (void)state;
  told t = {0};
  pfc_dataset *ds = NULL;
  write_few(NULL, "");
  (void)remove(FOLDER "/skillSkillRelations_en.csv"); /* one can do without */
  assert_ok(told_import(&t, "esco", FOLDER, 0, &ds, &err));
  assert_int_equal(ds->tables[PFC_RELATIONS].n_rows, 0);
  pfc_dataset_destroy(ds);
  (void)remove(FOLDER "/skills_en.csv");
  (void)remove(FOLDER "/occupationSkillRelations_en.csv");
  assert_fails(told_import(&t, "esco", FOLDER, 0, &ds, &err), PFC_EDATA,
               FOLDER " lacks skills_en.csv, occupationSkillRelations_en.csv (");
  (void)remove(FOLDER "/occupations_en.csv");
  assert_fails(told_import(&t, "esco", FOLDER, 0, &ds, &err), PFC_EDATA,
               FOLDER " lacks occupations.csv, skills.csv, occupation_skill_relations.csv (");
}

static void memory_may_end_anywhere(void **state) {
  (void)state;
  write_few(NULL, "");
  for (long n = 0;; n++) {
    told t = {0};
    pfc_dataset *ds = NULL;
    pfc_error err = PFC_ERROR_INIT;
    oom_after(n);
    const pfc_status st = told_import(&t, "esco", FOLDER, 0, &ds, &err);
    const bool failed = oom_happened();
    oom_after(-1);
    pfc_dataset_destroy(ds);
    assert_int_equal(st, failed ? PFC_ENOMEM : PFC_OK);
    if (!failed) break;
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_sample_is_a_framework_without_levels),
      cmocka_unit_test(the_download_is_read_under_its_own_names),
      cmocka_unit_test(bad_rows_are_reported_and_left_out),
      cmocka_unit_test(missing_files_are_named),
      cmocka_unit_test(memory_may_end_anywhere),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
