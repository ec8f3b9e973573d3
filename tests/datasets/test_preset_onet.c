/* labels: property check */
#include "tests/support/test.h"

#include <math.h>
#include <sys/stat.h>

#include "tests/support/near.h"
#include "tests/support/oom.h"
#include "tests/support/told.h"

#define COUNT(a) ((int)(sizeof(a) / sizeof *(a)))

/* --- the sample ----------------------------------------------------------------------------
 */

static pfc_dataset *ds;
static told sample_told;

static int import_sample(void **state) {
  (void)state;
  char folder[4096];
  const char *src = getenv("SRC");
  (void)snprintf(folder, sizeof folder, "%s/datasets/samples/onet29", src ? src : ".");
  assert_ok(told_import(&sample_told, "onet", folder, 0, &ds, &err));
  return 0;
}

static int drop_sample(void **state) {
  (void)state;
  pfc_dataset_destroy(ds);
  return 0;
}

static const char *text_at(pfc_table_id table, const char *column, int64_t row) {
  return told_cell(ds, table, column, row);
}

static int64_t count_of(pfc_table_id table, const char *column, const char *word) {
  return told_count(ds, table, column, word);
}

/* Row of a table by its first key column, and by the second unless it is NULL; -1 none. */
static int64_t row_of(pfc_table_id table, const char *key, const char *id, const char *second,
                      const char *second_id) {
  for (int64_t r = 0; r < ds->tables[table].n_rows; r++)
    if (strcmp(text_at(table, key, r), id) == 0 &&
        (!second || strcmp(text_at(table, second, r), second_id) == 0))
      return r;
  return -1;
}

static int64_t requirement(const char *role, const char *competency) {
  return row_of(PFC_REQUIREMENTS, "role_id", role, "competency_id", competency);
}

static void the_framework_states_its_scale(void **state) {
  (void)state;
  assert_string_equal(ds->framework, "O*NET 29.0");
  assert_near(ds->scale_min, 0, 0);
  assert_near(ds->scale_max, 7, 0);
}

/* zcat 'Occupation Data.txt.gz' | awk 'NR>1' | wc -l                 1016
 * zcat 'Job Zones.txt.gz' | awk 'NR>1' | wc -l                        923 */
static void occupations_are_roles(void **state) {
  (void)state;
  assert_int_equal(ds->tables[PFC_ROLES].n_rows, 1016);
  assert_int_equal(ds->tables[PFC_ROLES].origin.rows_rejected, 0);
  assert_int_equal(pfc_dataset_count(ds, "role_family"), 23);
  const double *zone = pfc_dataset_reals(ds, PFC_ROLES, "x_job_zone");
  int n_zones = 0;
  for (int r = 0; r < 1016; r++) n_zones += !isnan(zone[r]);
  assert_int_equal(n_zones, 923);
  const int64_t chief = row_of(PFC_ROLES, "role_id", "11-1011.00", NULL, NULL);
  assert_string_equal(text_at(PFC_ROLES, "title", chief), "Chief Executives");
  assert_string_equal(text_at(PFC_ROLES, "family", chief), "11");
  assert_near(zone[chief], 5, 0);
}

/* for f in Skills Knowledge 'Work Styles'; do zcat "$f.txt.gz" |
 *   awk -F'\t' 'NR>1{print $2}' | sort -u | wc -l; done            35, 33, 16 */
static void elements_are_competencies(void **state) {
  (void)state;
  assert_int_equal(count_of(PFC_COMPETENCIES, "kind", "skill"), 35);
  assert_int_equal(count_of(PFC_COMPETENCIES, "kind", "knowledge"), 33);
  assert_int_equal(count_of(PFC_COMPETENCIES, "kind", "behavioural"), 16);
  for (int64_t r = 0; r < ds->tables[PFC_COMPETENCIES].n_rows; r++) {
    const char *id = text_at(PFC_COMPETENCIES, "competency_id", r);
    const char *parent = text_at(PFC_COMPETENCIES, "parent_id", r);
    if (!*parent) assert_true(strcmp(id, "1") == 0 || strcmp(id, "2") == 0);
    if (!*parent) continue;
    assert_true(strrchr(id, '.') == id + strlen(parent));
    assert_memory_equal(id, parent, strlen(parent));
    assert_true(strlen(text_at(PFC_COMPETENCIES, "description", r)) > 10);
  }
  const int64_t r = row_of(PFC_COMPETENCIES, "competency_id", "2.B.3.e", NULL, NULL);
  assert_string_equal(text_at(PFC_COMPETENCIES, "name", r), "Programming");
}

static void groups_are_parents_and_nothing_else(void **state) {
  (void)state;
  const pfc_column *parent = pfc_dataset_column(ds, PFC_COMPETENCIES, "parent_id");
  const pfc_column *required = pfc_dataset_column(ds, PFC_REQUIREMENTS, "competency_id");
  for (int64_t r = 0; r < ds->tables[PFC_COMPETENCIES].n_rows; r++) {
    const int32_t code = pfc_dataset_codes(ds, PFC_COMPETENCIES, "competency_id")[r];
    bool is_parent = false, is_required = false;
    for (int64_t q = 0; q < ds->tables[PFC_COMPETENCIES].n_rows; q++)
      is_parent |= parent->code[q] == code;
    for (int64_t q = 0; q < ds->tables[PFC_REQUIREMENTS].n_rows; q++)
      is_required |= required->code[q] == code;
    const bool is_group = strcmp(text_at(PFC_COMPETENCIES, "kind", r), "group") == 0;
    assert_int_equal(is_parent, is_group);
    assert_int_equal(is_required, !is_group);
  }
}

/* for f in Skills Knowledge; do zcat $f.txt.gz; done | awk -F'\t' '
 *   $4=="LV"&&($10!="Y"||$11=="Y"){k[$1 $2]=1; if($11!="Y"){s+=$5; e+=$7}}
 *   $4=="IM"&&$10!="Y"{i[$1 $2]=$5}
 *   END{for(x in k){n++; if(x in i){m++; t+=(i[x]-1)/4}} print n,s,e,m,t}'
 *                                                58603 130531.35 11727.2674 58584 21263.5175
 * zcat 'Work Styles.txt.gz' | awk -F'\t' '
 *   NR>1{n++; s+=7*($5-1)/4; e+=1.75*$7; t+=($5-1)/4} END{print n,s,e,t}'
 *                                                14064 72721.0575 4124.282575 10388.7225 */
static void ratings_are_requirements(void **state) {
  (void)state;
  const double *level = pfc_dataset_reals(ds, PFC_REQUIREMENTS, "level");
  const double *se = pfc_dataset_reals(ds, PFC_REQUIREMENTS, "level_se");
  const double *importance = pfc_dataset_reals(ds, PFC_REQUIREMENTS, "importance");
  double levels = 0, errors = 0, weights = 0;
  int64_t n_weights = 0;
  const int64_t n = ds->tables[PFC_REQUIREMENTS].n_rows;
  for (int64_t r = 0; r < n; r++) {
    levels += level[r];
    errors += isnan(se[r]) ? 0 : se[r];
    if (isnan(importance[r])) continue;
    assert_true(importance[r] >= 0 && importance[r] <= 1);
    weights += importance[r];
    n_weights++;
  }
  assert_int_equal(n, 58603 + 14064);
  assert_near(levels, 130531.35 + 72721.0575, 0.01);
  assert_near(errors, 11727.2674 + 4124.2826, 0.001);
  assert_int_equal(n_weights, 58584 + 14064);
  assert_near(weights, 21263.5175 + 10388.7225, 0.001);
}

static void single_ratings_are_found_again(void **state) {
  (void)state;
  const double *level = pfc_dataset_reals(ds, PFC_REQUIREMENTS, "level");
  const double *se = pfc_dataset_reals(ds, PFC_REQUIREMENTS, "level_se");
  const double *importance = pfc_dataset_reals(ds, PFC_REQUIREMENTS, "importance");
  const int64_t reading = requirement("11-1011.00", "2.A.1.a");
  assert_near(level[reading], 4.62, 1e-12);
  assert_near(se[reading], 0.183, 1e-12);
  assert_near(importance[reading], (4.12 - 1) / 4, 1e-12);
  const int64_t not_relevant = requirement("11-1011.00", "2.B.3.c"); /* level 0.25 */
  assert_near(level[not_relevant], 0, 0);
  assert_nan(se[not_relevant]);
  const int64_t vague_too = requirement("11-3031.03", "2.B.3.m"); /* both marks */
  assert_near(level[vague_too], 0, 0);
  assert_int_equal(requirement("11-3031.00", "2.B.3.a"), -1); /* of low precision */
  const int64_t no_se = requirement("11-1011.03", "2.C.1.a");
  assert_near(level[no_se], 5, 0);
  assert_nan(se[no_se]);
  assert_nan(importance[requirement("23-2093.00", "2.C.2.b")]);
  const int64_t persistence = requirement("11-1011.00", "1.C.1.b"); /* IM 4.76 +- 0.1104 */
  assert_near(level[persistence], 7 * (4.76 - 1) / 4, 1e-12);
  assert_near(se[persistence], 7 * 0.1104 / 4, 1e-12);
  assert_near(importance[persistence], (4.76 - 1) / 4, 1e-12);
}

static void the_user_is_told_what_was_counted(void **state) {
  (void)state;
  static const char *const NOTES[] = {
      "Skills.txt.gz:1 Not Relevant '' 3302 levels are not relevant",
      "Skills.txt.gz:1 Recommend Suppress '' 118 levels are of low precision",
      "Knowledge.txt.gz:1 Not Relevant '' 5939 levels are not relevant",
      "Knowledge.txt.gz:1 Recommend Suppress '' 1051 levels are of low precision",
      "Knowledge.txt.gz:1 Recommend Suppress '' 19 importances are of low precision",
      "Work Styles.txt.gz:1 Scale ID '' 14064 levels are not published"};
  for (int i = 0; i < COUNT(NOTES); i++) told_assert(&sample_told, NOTES[i]);
  assert_int_equal(sample_told.n, COUNT(NOTES));
}

/* --- a few occupations of our own
 * -------------------------------------------------------------- */

#define FOLDER "few"

static const char SCALES[] =
    "Scale ID\tScale Name\tMinimum\tMaximum\nIM\tImportance\t1\t5\n"
    "CX\tContext\t?\t?\nLV\tLevel\t0\t7\n";
static const char MODEL[] =
    "Element ID\tElement Name\tDescription\n2\tAll\tAll of it\n2.A\tBasic\tBasic things\n"
    "2.A.1\tReading\tTo read \"without giving up\", e.g. this\n2.A.2\tUnused\tNot rated\n";
static const char OCCUPATIONS[] =
    "O*NET-SOC Code\tTitle\tDescription\n11-1.00\tA\tDoes\n"
    "12-1.00\tB \"of old\tDoes\n";
static const char ZONES[] = "O*NET-SOC Code\tJob Zone\tDate\n11-1.00\t4\t1\n";
#define RATING_HEADER                                                                         \
  "O*NET-SOC Code\tElement ID\tElement Name\tScale ID\tData Value\tN\tStandard Error\tLower " \
  "CI Bound\tUpper CI Bound\tRecommend Suppress\tNot Relevant\tDate\tDomain Source\n"
static const char SKILLS[] = RATING_HEADER
    "11-1.00\t2.A.1\tReading\tIM\t3\t8\t0.1\t\t\tN\t\t1\tAnalyst\n"
    "11-1.00\t2.A.1\tReading\tLV\t2.5\t8\t0.2\t\t\tN\tN\t1\tAnalyst\n"
    "12-1.00\t2.A.1\tReading\tIM\t5\t8\t0.1\t\t\tN\t\t1\tAnalyst\n";

#define STYLE_HEADER                                                                          \
  "O*NET-SOC Code\tElement ID\tElement Name\tScale ID\tData Value\tN\tStandard Error\tLower " \
  "CI Bound\tUpper CI Bound\tRecommend Suppress\tDate\tDomain Source\n"
static const char STYLES[] = STYLE_HEADER
    "11-1.00\t2.A.2\tUnused\tIM\t3\t8\t0.1\t\t\tN\t1\tIncumbent\n"
    "12-1.00\t2.A.2\tUnused\tIM\t5\tn/a\tn/a\tn/a\tn/a\tn/a\t1\tExpert\n";

static void write_text(const char *name, const char *text) {
  char path[256];
  (void)snprintf(path, sizeof path, FOLDER "/%s", name);
  test_write_file(path, text, strlen(text));
}

static void write_few(void) {
  (void)mkdir(FOLDER, 0755);
  write_text("Scales Reference.txt", SCALES);
  write_text("Content Model Reference.txt", MODEL);
  write_text("Occupation Data.txt", OCCUPATIONS);
  write_text("Job Zones.txt", ZONES);
  write_text("Skills.txt", SKILLS);
  write_text("Knowledge.txt", RATING_HEADER);
  (void)remove(FOLDER "/Work Styles.txt");
}

static void quotes_are_text(void **state) {
  (void)state;
  told t = {0};
  pfc_dataset *sample = ds;
  write_few();
  assert_ok(told_import(&t, "onet", FOLDER, 0, &ds, &err));
  assert_string_equal(text_at(PFC_ROLES, "title", 1), "B \"of old");
  const int64_t r = row_of(PFC_COMPETENCIES, "competency_id", "2.A.1", NULL, NULL);
  assert_string_equal(text_at(PFC_COMPETENCIES, "description", r),
                      "To read \"without giving up\", e.g. this");
  assert_int_equal(ds->tables[PFC_COMPETENCIES].n_rows, 3);
  assert_int_equal(ds->tables[PFC_REQUIREMENTS].n_rows, 1);
  assert_string_equal(ds->framework, "O*NET"); /* no Read Me says which */
  told_assert(&t, "Skills.txt:1 Scale ID '' 1 ratings have an importance but no level");
  pfc_dataset_destroy(ds);
  ds = sample;
}

/* One row a rating; "n/a" is an empty cell; a vague importance gives no level. */
static void work_styles_are_read_when_there(void **state) {
  (void)state;
  told t = {0};
  pfc_dataset *sample = ds;
  char text[2048];
  write_few();
  (void)snprintf(text, sizeof text, "%s%s", STYLES,
                 "12-1.00\t2.A.1\tReading\tIM\t4\t8\t0.1\t\t\tY\t1\tIncumbent\n");
  write_text("Work Styles.txt", text);
  assert_ok(told_import(&t, "onet", FOLDER, 0, &ds, &err));
  assert_int_equal(ds->tables[PFC_REQUIREMENTS].n_rows, 3);
  assert_int_equal(count_of(PFC_COMPETENCIES, "kind", "behavioural"), 1);
  const double *se = pfc_dataset_reals(ds, PFC_REQUIREMENTS, "level_se");
  const double *level = pfc_dataset_reals(ds, PFC_REQUIREMENTS, "level");
  const int64_t first = requirement("11-1.00", "2.A.2"),
                second = requirement("12-1.00", "2.A.2");
  assert_near(level[first], 3.5, 1e-12);
  assert_near(se[first], 0.175, 1e-12);
  assert_near(level[second], 7, 1e-12);
  assert_nan(se[second]);
  told_assert(&t, "Work Styles.txt:1 Scale ID '' 2 levels are not published");
  told_assert(&t, "Work Styles.txt:1 Recommend Suppress '' 1 levels are of low precision");
  pfc_dataset_destroy(ds);
  ds = sample;
}

/* Each bad row: the file it is put into, the row, what the user hears of it. */
static const struct {
  const char *file, *header_and_rows, *bad, *told;
} BAD[] = {
    {"Skills.txt", SKILLS, "12-1.00\t2.A.1\tR\tXX\t3\t\t\t\t\t\t\t\t\n",
     "Skills.txt:5 Scale ID 'XX' expected LV (level) or IM"},
    {"Skills.txt", SKILLS, "12-1.00\t2.A.1\tR\tLV\t7.5\t\t\t\t\t\t\t\t\n",
     "Skills.txt:5 Data Value '7.5' expected a number within the scale"},
    {"Skills.txt", SKILLS, "12-1.00\t2.A.1\tR\tIM\t3\t\t\t\t\t\t\t\t\n",
     "Skills.txt:5 Scale ID 'IM' this rating of the occupation stands in a row above"},
    {"Skills.txt", SKILLS, "12-1.00\t2.A.1\tR\tLV\t3\t\tsmall\t\t\t\t\t\t\n",
     "Skills.txt:5 Standard Error 'small' expected a number"},
    {"Skills.txt", SKILLS, "12-1.00\t\tR\tLV\t3\t\t\t\t\t\t\t\t\n",
     "Skills.txt:5 Element ID '' expected the ids"},
    {"Skills.txt", SKILLS, "12-1.00\t2.A.1\n",
     "Skills.txt:5  '2 cells' as many cells as the header has"},
    {"Skills.txt", SKILLS, "13-1.00\t2.A.1\tR\tLV\t3\t\t\t\t\t\t\t\t\n",
     "Skills.txt:5 role_id '13-1.00' expected an id of table roles"},
    {"Skills.txt", SKILLS, "12-1.00\t2.Z\tR\tLV\t3\t\t\t\t\t\t\t\t\n",
     "Skills.txt:5 competency_id '2.Z' expected an id of table competencies"},
    {"Work Styles.txt", STYLE_HEADER, "12-1.00\t2.A.2\tR\tLV\t3\t\t\t\t\t\t\t\n",
     "Work Styles.txt:2 Scale ID 'LV' expected IM (importance)"},
    {"Work Styles.txt", STYLE_HEADER, "12-1.00\t2.A.2\tR\tIM\t6\t\t\t\t\t\t\t\n",
     "Work Styles.txt:2 Data Value '6' expected a number within the scale"},
    {"Job Zones.txt", ZONES, "12-1.00\thigh\t1\n", "Job Zones.txt:3 Job Zone 'high' expected"},
    {"Occupation Data.txt", OCCUPATIONS, "11-1.00\tC\tDoes\n",
     "Occupation Data.txt:4 role_id '11-1.00' expected a new role_id"},
    {"Content Model Reference.txt", MODEL, "2.A\tBasic\tAgain\n",
     "Content Model Reference.txt:6 Element ID '2.A' the element stands in a row above"},
};

static void bad_rows_are_reported_and_left_out(void **state) {
  (void)state;
  for (int i = 0; i < COUNT(BAD); i++) {
    char text[2048];
    told t = {0};
    pfc_dataset *few = NULL;
    write_few();
    (void)snprintf(text, sizeof text, "%s%s", BAD[i].header_and_rows, BAD[i].bad);
    write_text(BAD[i].file, text);
    assert_ok(told_import(&t, "onet", FOLDER, 1, &few, &err));
    told_assert(&t, BAD[i].told);
    assert_int_equal(few->tables[PFC_REQUIREMENTS].n_rows, 1);
    pfc_dataset_destroy(few);
    assert_fails(told_import(&t, "onet", FOLDER, 0, &few, &err), PFC_EDATA, "rejected");
  }
}

static void missing_files_and_scales_are_named(void **state) {
  (void)state;
  told t = {0};
  pfc_dataset *few = NULL;
  write_few();
  write_text("Scales Reference.txt", "Scale ID\tMinimum\tMaximum\nIM\t1\t5\n");
  assert_fails(told_import(&t, "onet", FOLDER, 0, &few, &err), PFC_EDATA, "lacks the scale LV");
  write_text("Scales Reference.txt", "Scale ID\tMinimum\tMaximum\nIM\t5\t1\nLV\t0\t7\n");
  assert_fails(told_import(&t, "onet", FOLDER, 0, &few, &err), PFC_EDATA,
               "scale IM goes from '5'");
  (void)remove(FOLDER "/Skills.txt");
  (void)remove(FOLDER "/Knowledge.txt");
  (void)remove(FOLDER "/Job Zones.txt"); /* one can do without */
  assert_fails(told_import(&t, "onet", FOLDER, 0, &few, &err), PFC_EDATA,
               FOLDER " lacks Skills.txt, Knowledge.txt (");
}

static void memory_may_end_anywhere(void **state) {
  (void)state;
  write_few();
  write_text("Work Styles.txt", STYLES);
  for (long n = 0;; n++) {
    told t = {0};
    pfc_dataset *few = NULL;
    pfc_error err = PFC_ERROR_INIT;
    oom_after(n);
    const pfc_status st = told_import(&t, "onet", FOLDER, 0, &few, &err);
    const bool failed = oom_happened();
    oom_after(-1);
    pfc_dataset_destroy(few);
    if (!failed) {
      assert_int_equal(st, PFC_OK);
      break;
    }
    assert_int_equal(st, PFC_ENOMEM);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_framework_states_its_scale),
      cmocka_unit_test(occupations_are_roles),
      cmocka_unit_test(elements_are_competencies),
      cmocka_unit_test(groups_are_parents_and_nothing_else),
      cmocka_unit_test(ratings_are_requirements),
      cmocka_unit_test(single_ratings_are_found_again),
      cmocka_unit_test(the_user_is_told_what_was_counted),
      cmocka_unit_test(quotes_are_text),
      cmocka_unit_test(work_styles_are_read_when_there),
      cmocka_unit_test(bad_rows_are_reported_and_left_out),
      cmocka_unit_test(missing_files_and_scales_are_named),
      cmocka_unit_test(memory_may_end_anywhere),
  };
  return cmocka_run_group_tests(tests, import_sample, drop_sample);
}
