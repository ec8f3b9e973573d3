#include "tests/oracle/oulad_oracle.h"

#include <zlib.h>

#include "tests/support/test.h"

#define MAX_ID 4000000 /* no student or assessment has a larger number */
#define MAX_ROWS 200000
#define NEVER 1000000

typedef struct course {
  char run[20]; /* "AAA/2013J" */
  int length;
  double weight; /* of its coursework */
} course;

typedef struct work {
  char run[20];
  double weight;
  int is_exam;
} work;

typedef struct score {
  int assessment, day, next; /* next: another score of the same student, 0 none */
  double value;
} score;

typedef struct oracle {
  course courses[64];
  int n_courses;
  work *works;         /* by id */
  score *scores;       /* from 1 */
  int n_scores, *head; /* by student: the first score */
  oulad_spell *spells;
  int n_spells;
} oracle;

typedef void row_fn(oracle *o, char **cell);

static void each_row(oracle *o, const char *folder, const char *name, row_fn *fn) {
  char path[4096], line[1024];
  (void)snprintf(path, sizeof path, "%s/%s.csv.gz", folder, name);
  gzFile f = gzopen(path, "rb");
  if (!f) fail_msg("cannot read %s", path);
  for (int n = 0; gzgets(f, line, sizeof line); n++) {
    char *cell[16], *rest = line;
    line[strcspn(line, "\r\n")] = '\0';
    for (int c = 0; c < 16; c++) cell[c] = rest ? strsep(&rest, ",") : "";
    if (n > 0) fn(o, cell);
  }
  (void)gzclose(f);
}

static course *find_course(oracle *o, const char *run) {
  for (int i = 0; i < o->n_courses; i++)
    if (strcmp(o->courses[i].run, run) == 0) return &o->courses[i];
  fail_msg("no course %s", run);
  return NULL;
}

static void take_course(oracle *o, char **cell) {
  course *c = &o->courses[o->n_courses++];
  (void)snprintf(c->run, sizeof c->run, "%s/%s", cell[0], cell[1]);
  c->length = atoi(cell[2]);
}

static void take_work(oracle *o, char **cell) {
  work *w = &o->works[atoi(cell[2])];
  (void)snprintf(w->run, sizeof w->run, "%s/%s", cell[0], cell[1]);
  w->is_exam = strcmp(cell[3], "Exam") == 0;
  w->weight = atof(cell[5]);
  if (strcmp(cell[0], "GGG") == 0) w->weight = 1; /* the module that gives no weights */
  if (!w->is_exam) find_course(o, w->run)->weight += w->weight;
}

static void take_score(oracle *o, char **cell) {
  const int student = atoi(cell[1]);
  if (!*cell[4]) return;
  o->scores[++o->n_scores] =
      (score){atoi(cell[0]), atoi(cell[2]), o->head[student], atof(cell[4])};
  o->head[student] = o->n_scores;
}

static double coursework_by(const oracle *o, const char *run, int student, int day) {
  double sum = 0;
  for (int i = o->head[student]; i; i = o->scores[i].next) {
    const work *w = &o->works[o->scores[i].assessment];
    if (strcmp(w->run, run) != 0 || w->is_exam || o->scores[i].day > day) continue;
    sum += o->scores[i].value * w->weight;
  }
  return sum;
}

static void take_registration(oracle *o, char **cell) {
  oulad_spell s = {.event = "censored"};
  char run[20];
  (void)snprintf(run, sizeof run, "%s/%s", cell[0], cell[1]);
  (void)snprintf(s.key, sizeof s.key, "%s/%s", run, cell[2]);
  const course *c = find_course(o, run);
  const int leaves = *cell[4] ? atoi(cell[4]) : NEVER;
  s.length = c->length;
  if (leaves <= 0) return;
  for (s.duration = 0; s.duration <= c->length; s.duration++) {
    if (coursework_by(o, run, atoi(cell[2]), s.duration) >= 40 * c->weight) {
      s.event = "proficient";
      break;
    }
    if (s.duration == leaves) s.event = "dropped";
    if (s.duration == leaves || s.duration == c->length) break;
  }
  o->spells[o->n_spells++] = s;
}

int oulad_oracle_by_key(const void *a, const void *b) {
  return strcmp(((const oulad_spell *)a)->key, ((const oulad_spell *)b)->key);
}

int oulad_oracle_spells(const char *folder, oulad_spell **spells) {
  oracle o = {.works = calloc(MAX_ID, sizeof(work)),
              .scores = calloc(MAX_ROWS, sizeof(score)),
              .head = calloc(MAX_ID, sizeof(int)),
              .spells = calloc(MAX_ROWS, sizeof(oulad_spell))};
  assert_true(o.works && o.scores && o.head && o.spells);
  each_row(&o, folder, "courses", take_course);
  each_row(&o, folder, "assessments", take_work);
  each_row(&o, folder, "studentAssessment", take_score);
  each_row(&o, folder, "studentRegistration", take_registration);
  qsort(o.spells, (size_t)o.n_spells, sizeof *o.spells, oulad_oracle_by_key);
  free(o.works);
  free(o.scores);
  free(o.head);
  *spells = o.spells;
  return o.n_spells;
}
