/* labels: property check */
#include "tests/support/test.h"

#include <math.h>
#include <sys/stat.h>

#include "base/date.h"
#include "datasets/catalogue.h"
#include "datasets/features.h"
#include "datasets/history.h"
#include "tests/oracle/oulad_oracle.h"
#include "tests/support/oom.h"
#include "tests/support/told.h"

#define COUNT(a) ((int)(sizeof(a) / sizeof *(a)))

/* --- the sample ----------------------------------------------------------------------------
 */

static pfc_dataset *ds;
static told sample_told;

static const char *sample_folder(void) {
  static char folder[4096];
  const char *src = getenv("SRC");
  (void)snprintf(folder, sizeof folder, "%s/datasets/samples/oulad", src ? src : ".");
  return folder;
}

static int import_sample(void **state) {
  (void)state;
  assert_ok(told_import(&sample_told, "oulad", sample_folder(), 0, &ds, &err));
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

static int32_t day(const char *text) {
  int32_t days = 0;
  assert_true(pfc_date_parse(text, &days));
  return days;
}

/* Day 0 of "AAA/2013J". */
static int32_t start_of(const char *run) {
  char text[16];
  (void)snprintf(text, sizeof text, "%.4s-%s", run + 4, run[8] == 'B' ? "02-01" : "10-01");
  return day(text);
}

/* zcat studentInfo.csv.gz | awk -F, 'NR>1{print $3}' | sort -u | wc -l           28785
 * zcat studentInfo.csv.gz | awk 'NR>1' | wc -l                                   32593
 * zcat courses.csv.gz | awk 'NR>1' | wc -l                                          22
 * zcat studentRegistration.csv.gz | awk -F, 'NR>1&&($5==""||$5>0)' | wc -l       29496
 * zcat studentAssessment.csv.gz | awk -F, 'NR>1&&$5!=""&&$4==0' | wc -l         171831 */
static void every_table_has_its_rows(void **state) {
  (void)state;
  static const struct {
    pfc_table_id table;
    int64_t rows;
  } EXPECTED[] = {{PFC_PEOPLE, 28785},     {PFC_PROTECTED, 28785}, {PFC_COMPETENCIES, 7},
                  {PFC_INTERVENTIONS, 22}, {PFC_TARGETS, 22},      {PFC_ENROLMENTS, 32593},
                  {PFC_EPISODES, 29496},   {PFC_SOURCES, 1},       {PFC_ASSESSMENTS, 171831}};
  for (int i = 0; i < COUNT(EXPECTED); i++) {
    const pfc_table *table = &ds->tables[EXPECTED[i].table];
    assert_int_equal(table->n_rows, EXPECTED[i].rows);
    assert_int_equal(table->origin.rows_rejected, 0);
  }
  assert_true(ds->scale_min == 0 && ds->scale_max == 1);
}

/* { zcat studentRegistration.csv.gz; zcat studentInfo.csv.gz; } | awk -F, 'NF==5{u[$1$2$3]=$5;
 *   next} $12!="final_result"{x=u[$1$2$3]; r=$12; if(x!=""&&x<=0)r="before "r; n[r]++}
 *   END{for(k in n)print k,n[k]}'
 * Pass 12361, Distinction 3024, Fail 7044, Withdrawn 7067, before Withdrawn 3089, before
 * Fail 8 */
static void statuses_follow_the_final_results(void **state) {
  (void)state;
  assert_int_equal(count_of(PFC_ENROLMENTS, "status", "passed"), 12361 + 3024);
  assert_int_equal(count_of(PFC_ENROLMENTS, "status", "failed"), 7044);
  assert_int_equal(count_of(PFC_ENROLMENTS, "status", "dropped"), 7067 + 3089 + 8);
}

static void dates_of_enrolments_agree(void **state) {
  (void)state;
  const int32_t *enrolled = pfc_dataset_dates(ds, PFC_ENROLMENTS, "enrolled_on");
  const int32_t *started = pfc_dataset_dates(ds, PFC_ENROLMENTS, "started_on");
  const int32_t *ended = pfc_dataset_dates(ds, PFC_ENROLMENTS, "ended_on");
  const double *ahead = pfc_dataset_reals(ds, PFC_ENROLMENTS, "x_days_ahead");
  int64_t never = 0, undated = 0, late = 0;
  for (int64_t r = 0; r < ds->tables[PFC_ENROLMENTS].n_rows; r++) {
    assert_true(enrolled[r] != PFC_NO_DATE && ended[r] != PFC_NO_DATE);
    assert_true(enrolled[r] <= ended[r]);
    undated += isnan(ahead[r]);
    if (started[r] == PFC_NO_DATE) {
      never++;
      assert_string_equal(text_at(PFC_ENROLMENTS, "status", r), "dropped");
      continue;
    }
    assert_true(ended[r] > started[r]);
    if (!isnan(ahead[r])) assert_true(ahead[r] == started[r] - enrolled[r]);
    late += started[r] < enrolled[r];
  }
  /* zcat studentRegistration.csv.gz | awk -F, 'NR>1{u+=$5!=""&&$5<=0; e+=$4=="";
   *   l+=$4!=""&&$4>0} END{print u,e,l}' */
  assert_int_equal(never, 3097);
  assert_int_equal(undated, 45);
  assert_int_equal(late, 234);
}

static void presentations_open_and_close(void **state) {
  (void)state;
  const int32_t *opens = pfc_dataset_dates(ds, PFC_INTERVENTIONS, "opens_on");
  const double *weeks = pfc_dataset_reals(ds, PFC_INTERVENTIONS, "weeks");
  const int32_t split = day("2014-02-01");
  pfc_catalogue *cat = NULL;
  assert_ok(pfc_catalogue_create(ds, &cat, &err));
  for (int64_t r = 0; r < ds->tables[PFC_INTERVENTIONS].n_rows; r++) {
    const char *id = text_at(PFC_INTERVENTIONS, "intervention_id", r);
    assert_int_equal(opens[r], start_of(id));
    assert_string_equal(text_at(PFC_INTERVENTIONS, "c_intake", r), id + 8);
    assert_true(weeks[r] * 7 > 233 && weeks[r] * 7 < 270);
    const int32_t code = pfc_dataset_codes(ds, PFC_INTERVENTIONS, "intervention_id")[r];
    assert_int_equal(pfc_catalogue_is_open(cat, code, split), strcmp(id + 4, "2014B") == 0);
  }
  pfc_catalogue_destroy(cat);
}

/* Weights and dates of assessments.csv, by hand: AAA 10, 20, 20 are due by day 117 (50 %);
 * GGG weighs nothing, so 5 of 9 pieces are, the day on which six are due together; FFF/2013B
 * 12.5, 12.5, 25 by day 89. */
static void milestones_are_days_of_the_schedule(void **state) {
  (void)state;
  static const struct {
    const char *id;
    double day;
  } EXPECTED[] = {
      {"AAA/2013J", 117}, {"GGG/2013J", 229}, {"GGG/2014B", 222}, {"FFF/2013B", 89}};
  const double *due = pfc_dataset_reals(ds, PFC_INTERVENTIONS, "x_day_due_45");
  for (int i = 0; i < COUNT(EXPECTED); i++)
    for (int64_t r = 0; r < ds->tables[PFC_INTERVENTIONS].n_rows; r++)
      if (strcmp(text_at(PFC_INTERVENTIONS, "intervention_id", r), EXPECTED[i].id) == 0)
        assert_true(due[r] == EXPECTED[i].day);
}

static void episodes_are_those_of_the_oracle(void **state) {
  (void)state;
  oulad_spell *spells = NULL;
  const int n = oulad_oracle_spells(sample_folder(), &spells);
  assert_int_equal(ds->tables[PFC_EPISODES].n_rows, n);
  const double *duration = pfc_dataset_reals(ds, PFC_EPISODES, "duration_days");
  const int32_t *started = pfc_dataset_dates(ds, PFC_EPISODES, "started_on");
  for (int64_t r = 0; r < n; r++) {
    oulad_spell key;
    const char *run = text_at(PFC_EPISODES, "intervention_id", r);
    (void)snprintf(key.key, sizeof key.key, "%s/%s", run,
                   text_at(PFC_EPISODES, "person_id", r));
    const oulad_spell *found =
        bsearch(&key, spells, (size_t)n, sizeof key, oulad_oracle_by_key);
    assert_non_null(found);
    if (duration[r] != found->duration ||
        strcmp(text_at(PFC_EPISODES, "event", r), found->event) != 0)
      fail_msg("%s: %s after %g days, expected %s after %d", key.key,
               text_at(PFC_EPISODES, "event", r), duration[r], found->event, found->duration);
    assert_true(duration[r] >= 0 && duration[r] <= found->length);
    assert_memory_equal(text_at(PFC_EPISODES, "competency_id", r), run, 3);
    assert_int_equal(started[r], start_of(run));
  }
  free(spells);
}

static void events_are_counted(void **state) {
  (void)state;
  assert_int_equal(count_of(PFC_EPISODES, "event", "proficient"), 17597);
  assert_int_equal(count_of(PFC_EPISODES, "event", "dropped"), 6549);
  assert_int_equal(count_of(PFC_EPISODES, "event", "censored"), 5350);
}

/* Scores stay on the scale of their source, which the framework's 0 to 1 is read from. */
static void scores_are_tests_from_0_to_100(void **state) {
  (void)state;
  const double *level = pfc_dataset_reals(ds, PFC_ASSESSMENTS, "level");
  for (int64_t r = 0; r < ds->tables[PFC_ASSESSMENTS].n_rows; r++)
    assert_true(level[r] >= 0 && level[r] <= 100);
  assert_string_equal(text_at(PFC_SOURCES, "source", 0), "test");
  assert_true(pfc_dataset_reals(ds, PFC_SOURCES, "scale_max")[0] == 100);
  assert_int_equal(pfc_dataset_flags(ds, PFC_SOURCES, "anchor")[0], 1);
}

/* Counted as in every_table_has_its_rows, but of the last presentation of each student:
 * awk -F, 'NR>1{y=substr($2,1,4) ($2~/J/?"10":"02"); if(!($3 in s)||y>=s[$3]){s[$3]=y;
 *   g[$3]=$4; a[$3]=$8; d[$3]=$11; i[$3]=$7}} END{...}' */
static void protected_is_of_the_latest_presentation(void **state) {
  (void)state;
  assert_int_equal(count_of(PFC_PROTECTED, "gender", "F"), 13739);
  assert_int_equal(count_of(PFC_PROTECTED, "age_band", "35-55"), 8497);
  assert_int_equal(count_of(PFC_PROTECTED, "age_band", "55<="), 179);
  assert_int_equal(count_of(PFC_PROTECTED, "disability", "Y"), 2717);
  assert_int_equal(count_of(PFC_PROTECTED, "imd_band", ""), 971);
}

/* Neither as a column nor as a word of any other column. */
static void protected_attributes_are_nowhere_else(void **state) {
  (void)state;
  static const char *const NAMES[] = {"gender", "age", "disab", "imd"};
  static const char *const WORDS[] = {"F", "M", "55<=", "0-35", "35-55", "20-30%", "Y", "N"};
  for (int t = 0; t < PFC_N_TABLES; t++) {
    const pfc_table *table = &ds->tables[t];
    for (int c = 0; c < table->n_columns && t != PFC_PROTECTED; c++) {
      const pfc_column *column = &table->columns[c];
      for (int i = 0; i < COUNT(NAMES); i++) assert_null(strstr(column->name, NAMES[i]));
      for (int i = 0; column->dict && i < COUNT(WORDS); i++)
        assert_int_equal(pfc_dict_find(column->dict, WORDS[i]), -1);
    }
  }
}

/* The features of the first hundred enrolments, by name. */
static void protected_attributes_are_no_features(void **state) {
  (void)state;
  pfc_decision decisions[100];
  pfc_history *h = NULL;
  pfc_catalogue *cat = NULL;
  pfc_lens *lens = NULL;
  pfc_features *f = NULL;
  for (int i = 0; i < 100; i++)
    decisions[i] = (pfc_decision){
        .person = pfc_dataset_codes(ds, PFC_ENROLMENTS, "person_id")[i],
        .intervention = pfc_dataset_codes(ds, PFC_ENROLMENTS, "intervention_id")[i],
        .competency = 0,
        .date = pfc_dataset_dates(ds, PFC_ENROLMENTS, "enrolled_on")[i],
        .enrolment_row = i,
        .episode_row = -1};
  assert_ok(pfc_history_create(ds, &h, &err));
  assert_ok(pfc_catalogue_create(ds, &cat, &err));
  assert_ok(pfc_lens_create(ds, h, cat, NULL, 0, &lens, &err));
  assert_ok(pfc_features_fit(lens, PFC_PLAN_SUCCESS, COUNT(decisions), decisions, &f, &err));
  bool has_region = false;
  for (int i = 0; i < f->n_fields; i++) {
    assert_int_not_equal(f->fields[i].table, PFC_PROTECTED);
    assert_null(strstr(f->fields[i].dict, "protected"));
    has_region |= strcmp(f->fields[i].name, "enrolments.c_region") == 0;
  }
  assert_true(has_region); /* the search above looked at something */
  pfc_features_destroy(f);
  pfc_lens_destroy(lens);
  pfc_catalogue_destroy(cat);
  pfc_history_destroy(h);
}

static void the_user_is_told_what_was_counted(void **state) {
  (void)state;
  static const char *const NOTES[] = {
      "studentRegistration.csv.gz:1 date_registration '' 45 registrations have no day",
      "studentRegistration.csv.gz:1 date_registration '' 16 registrations came after",
      "studentRegistration.csv.gz:1 date_unregistration '' 3097 students un-registered on",
      "studentInfo.csv.gz:1 final_result '' 93 students withdrew on an unknown day",
      "studentInfo.csv.gz:1 final_result '' 8 students have a result although",
      "studentAssessment.csv.gz:1 score '' 173 submissions have no score",
      "studentAssessment.csv.gz:1 is_banked '' 1908 scores are carried over"};
  for (int i = 0; i < COUNT(NOTES); i++) told_assert(&sample_told, NOTES[i]);
  assert_int_equal(sample_told.n, COUNT(NOTES));
}

/* --- a few students of our own
 * ---------------------------------------------------------------- */

#define FOLDER "few"

/* One module, 100 days; coursework 30, 30, 40, of which 45 % is due on day 50. The exam
 * stays out. Students: 1 passes, proficient on day 50 (24 + 18 of 100); 2 had that banked;
 * 3 withdraws on day 40, one day after reaching 40; 4 withdraws on day 20 without; 5 is
 * late: 40 is reached on day 101; 6 never started; 7 has only an exam. */
static const char COURSES[] =
    "code_module,code_presentation,module_presentation_length\nM,2020J,100\n";
static const char ASSESSMENTS[] =
    "code_module,code_presentation,id_assessment,assessment_type,date,weight\n"
    "M,2020J,a,TMA,20,30\nM,2020J,b,TMA,50,30\nM,2020J,c,CMA,,40\nM,2020J,x,Exam,,100\n";
static const char REGISTRATIONS[] =
    "code_module,code_presentation,id_student,date_registration,date_unregistration\n"
    "M,2020J,1,-9,\nM,2020J,2,-9,\nM,2020J,3,,40\nM,2020J,4,5,20\nM,2020J,5,-1,\n"
    "M,2020J,6,,-3\nM,2020J,7,-7,\n";
static const char STUDENTS[] =
    "code_module,code_presentation,id_student,gender,region,highest_education,imd_band,"
    "age_band,num_of_prev_attempts,studied_credits,disability,final_result\n"
    "M,2020J,1,F,R,E,,0-35,0,60,N,Pass\nM,2020J,2,F,R,E,,0-35,1,60,N,Distinction\n"
    "M,2020J,3,M,R,E,,0-35,0,60,N,Withdrawn\nM,2020J,4,M,R,E,,0-35,0,60,N,Withdrawn\n"
    "M,2020J,5,M,R,E,,0-35,0,60,N,Fail\nM,2020J,6,M,R,E,,0-35,0,60,N,Withdrawn\n"
    "M,2020J,7,M,R,E,,0-35,0,60,N,Fail\n";
static const char SCORES[] =
    "id_assessment,id_student,date_submitted,is_banked,score\n"
    "a,1,18,0,80\nb,1,50,0,60\nc,1,60,0,90\na,2,-1,1,70\nb,2,-1,1,70\na,3,20,0,50\n"
    "b,3,39,0,90\na,4,19,0,90\na,5,20,0,\nc,5,101,0,100\nx,7,90,0,100\n";

static void write_text(const char *name, const char *text) {
  char path[256];
  (void)snprintf(path, sizeof path, FOLDER "/%s", name);
  test_write_file(path, text, strlen(text));
}

static void write_few(void) {
  (void)mkdir(FOLDER, 0755);
  write_text("courses.csv", COURSES);
  write_text("assessments.csv", ASSESSMENTS);
  write_text("studentRegistration.csv", REGISTRATIONS);
  write_text("studentInfo.csv", STUDENTS);
  write_text("studentAssessment.csv", SCORES);
}

static void few_students_end_as_said(void **state) {
  (void)state;
  static const struct {
    const char *event;
    double days;
  } EXPECTED[] = {{"proficient", 50}, {"proficient", 0}, {"proficient", 39},
                  {"dropped", 20},    {"censored", 100}, {"censored", 100}};
  told t = {0};
  pfc_dataset *sample = ds;
  write_few();
  assert_ok(told_import(&t, "oulad", FOLDER, 0, &ds, &err));
  assert_int_equal(ds->tables[PFC_EPISODES].n_rows, COUNT(EXPECTED));
  for (int i = 0; i < COUNT(EXPECTED); i++) {
    assert_string_equal(text_at(PFC_EPISODES, "event", i), EXPECTED[i].event);
    assert_true(pfc_dataset_reals(ds, PFC_EPISODES, "duration_days")[i] == EXPECTED[i].days);
  }
  /* Half the weight is due by day 60, but c has no date: 30 + 30 on day 50. */
  assert_true(pfc_dataset_reals(ds, PFC_INTERVENTIONS, "x_day_due_45")[0] == 50);
  const int32_t *ended = pfc_dataset_dates(ds, PFC_ENROLMENTS, "ended_on");
  const int32_t *enrolled = pfc_dataset_dates(ds, PFC_ENROLMENTS, "enrolled_on");
  assert_int_equal(ended[2], day("2020-10-01") + 40);
  assert_int_equal(ended[4], day("2020-10-01") + 100);
  assert_int_equal(enrolled[2], day("2020-10-01"));
  assert_int_equal(enrolled[5], ended[5]); /* unknown, but not after he left */
  assert_int_equal(ds->tables[PFC_ASSESSMENTS].n_rows, 8);
  pfc_dataset_destroy(ds);
  ds = sample;
}

/* Each bad row: the file it is put into, the row, what the user hears of it. */
static const struct {
  const char *file, *header_and_rows, *bad, *told;
} BAD[] = {
    {"courses.csv", COURSES, "N,2020X,90\n",
     "courses.csv:3 code_presentation '2020X' expected a year and B or J"},
    {"courses.csv", COURSES, "N,2020B,0\n",
     "courses.csv:3 module_presentation_length '0' expected a number of days"},
    {"courses.csv", COURSES, "M,2020J,100\n", "courses.csv:3 code_presentation '2020J' this"},
    {"assessments.csv", ASSESSMENTS, "M,2020J,d,TMA,soon,1\n",
     "assessments.csv:6 date 'soon' expected a whole number"},
    {"assessments.csv", ASSESSMENTS, "M,2020J,d,TMA,1,-1\n",
     "assessments.csv:6 weight '-1' expected a number of at least 0"},
    {"assessments.csv", ASSESSMENTS, "M,2020J,a,TMA,1,1\n",
     "assessments.csv:6 id_assessment 'a' the id stands in a row above"},
    {"studentRegistration.csv", REGISTRATIONS, "M,2021J,8,1,\n",
     "studentRegistration.csv:9 code_presentation '2021J' courses.csv has no such"},
    {"studentRegistration.csv", REGISTRATIONS, "M,2020J,8,x,\n",
     "studentRegistration.csv:9 date_registration 'x' expected a whole number"},
    {"studentRegistration.csv", REGISTRATIONS, "M,2020J,8,1,99999\n",
     "studentRegistration.csv:9 date_unregistration '99999' expected a day within"},
    {"studentRegistration.csv", REGISTRATIONS, "M,2020J,1,1,\n",
     "studentRegistration.csv:9 id_student '1' the student's registration stands"},
    {"studentRegistration.csv", REGISTRATIONS, "M,2020J,8,1\n",
     "studentRegistration.csv:9  '4 cells' as many cells as the header has"},
    {"studentInfo.csv", STUDENTS, "M,2020J,8,M,R,E,,0-35,0,60,N,Fail\n",
     "studentInfo.csv:9 id_student '8' studentRegistration.csv has no usable row"},
    {"studentInfo.csv", STUDENTS, "M,2020J,1,M,R,E,,0-35,0,60,N,Fail\n",
     "studentInfo.csv:9 id_student '1' the student stands in a row above"},
    {"studentAssessment.csv", SCORES, "q,1,1,0,50\n",
     "studentAssessment.csv:13 id_assessment 'q' assessments.csv has no such"},
    {"studentAssessment.csv", SCORES, "a,9,1,0,50\n",
     "studentAssessment.csv:13 id_student '9' studentInfo.csv has no such student"},
    {"studentAssessment.csv", SCORES, "a,6,,0,50\n",
     "studentAssessment.csv:13 date_submitted '' expected a whole number"},
    {"studentAssessment.csv", SCORES, "a,6,1,0,101\n",
     "studentAssessment.csv:13 score '101' expected a number from 0 to 100"},
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
    assert_ok(told_import(&t, "oulad", FOLDER, 1, &few, &err));
    told_assert(&t, BAD[i].told);
    assert_int_equal(few->tables[PFC_EPISODES].n_rows, 6);
    pfc_dataset_destroy(few);
    assert_fails(told_import(&t, "oulad", FOLDER, 0, &few, &err), PFC_EDATA, "rejected");
  }
}

static void a_bad_result_costs_the_enrolment(void **state) {
  (void)state;
  char text[2048];
  told t = {0};
  pfc_dataset *few = NULL;
  write_few();
  (void)snprintf(text, sizeof text, "%s", STUDENTS);
  strstr(text, "Pass")[0] = 'G';
  write_text("studentInfo.csv", text);
  assert_ok(told_import(&t, "oulad", FOLDER, 1, &few, &err));
  told_assert(
      &t,
      "studentInfo.csv:2 final_result 'Gass' expected Pass, Distinction, Fail or Withdrawn");
  assert_int_equal(few->tables[PFC_ENROLMENTS].n_rows, 6);
  pfc_dataset_destroy(few);
}

static void missing_files_and_columns_are_named(void **state) {
  (void)state;
  told t = {0};
  pfc_dataset *few = NULL;
  write_few();
  write_text("courses.csv", "code_module,length\nM,100\n");
  assert_fails(told_import(&t, "oulad", FOLDER, 0, &few, &err), PFC_EDATA, "code_presentation");
  (void)remove(FOLDER "/courses.csv");
  (void)remove(FOLDER "/studentInfo.csv");
  assert_fails(told_import(&t, "oulad", FOLDER, 0, &few, &err), PFC_EDATA,
               FOLDER " lacks courses.csv, studentInfo.csv");
  write_few();
  write_text("studentAssessment.csv", "");
  assert_fails(told_import(&t, "oulad", FOLDER, 0, &few, &err), PFC_EDATA, "header row");
}

static void memory_may_end_anywhere(void **state) {
  (void)state;
  write_few();
  for (long n = 0;; n++) {
    told t = {0};
    pfc_dataset *few = NULL;
    pfc_error err = PFC_ERROR_INIT;
    oom_after(n);
    const pfc_status st = told_import(&t, "oulad", FOLDER, 0, &few, &err);
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
      cmocka_unit_test(every_table_has_its_rows),
      cmocka_unit_test(statuses_follow_the_final_results),
      cmocka_unit_test(dates_of_enrolments_agree),
      cmocka_unit_test(presentations_open_and_close),
      cmocka_unit_test(milestones_are_days_of_the_schedule),
      cmocka_unit_test(episodes_are_those_of_the_oracle),
      cmocka_unit_test(events_are_counted),
      cmocka_unit_test(scores_are_tests_from_0_to_100),
      cmocka_unit_test(protected_is_of_the_latest_presentation),
      cmocka_unit_test(protected_attributes_are_nowhere_else),
      cmocka_unit_test(protected_attributes_are_no_features),
      cmocka_unit_test(the_user_is_told_what_was_counted),
      cmocka_unit_test(few_students_end_as_said),
      cmocka_unit_test(bad_rows_are_reported_and_left_out),
      cmocka_unit_test(a_bad_result_costs_the_enrolment),
      cmocka_unit_test(missing_files_and_columns_are_named),
      cmocka_unit_test(memory_may_end_anywhere),
  };
  return cmocka_run_group_tests(tests, import_sample, drop_sample);
}
