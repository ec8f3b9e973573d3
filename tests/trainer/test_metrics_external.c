// labels: property check
/* The figures on random rows and corner cases, recomputed by R's survival and by scikit-learn:
 * a test writes rows and figures, a script of theirs compares to 1e-9. Both come from Debian
 * (tests/setup.sh test), so it is Debian's interpreters that are called. */
#include "tests/support/test.h"

#include <math.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/rng.h"
#include "trainer/metrics.h"

enum { N = 60 };

/* Exit status of a script of tests/trainer with up to four arguments; -1: it did not run. */
static int run(const char *program, const char *script, const char *const argument[4]) {
  char path[1000];
  int status = -1;
  (void)snprintf(path, sizeof path, "%s/tests/trainer/%s", getenv("SRC"), script);
  const pid_t child = fork();
  if (child == 0) {
    execl(program, program, path, argument[0], argument[1], argument[2], argument[3],
          (char *)NULL);
    _exit(127);
  }
  if (child < 0 || waitpid(child, &status, 0) != child || !WIFEXITED(status)) return -1;
  return WEXITSTATUS(status);
}

static FILE *create(const char *path, const char *header) {
  FILE *file = fopen(path, "w");
  assert_non_null(file);
  assert_true(fprintf(file, "%s\n", header) > 0);
  return file;
}

/* NaN as both readers know it. */
static void write_figure(FILE *out, int number, const char *figure, double at, double value) {
  if (isnan(value))
    (void)fprintf(out, "%d,%s,%.17g,NaN\n", number, figure, at);
  else
    (void)fprintf(out, "%d,%s,%.17g,%.17g\n", number, figure, at, value);
}

/* --- spells: R ------------------------------------------------------------- */

typedef struct spells {
  double entry[N], time[N], weight[N], risk[N], incidence[N], survival[N];
  int8_t event[N], ended[N];
  pfc_spells s;
} spells;

/* PLAIN: every spell once, from the start, one cause. */
enum { PLAIN, WEIGHTS, CAUSES, ENTRIES, N_KINDS };

/* Days are few, so that events, censoring and entries fall on the same ones. The first spell
 * lasts longest and is censored: G never falls to 0 before. Two days lie side by side, since
 * R's brier moves censoring by half of the shortest distance, however long that is. */
static void draw_spells(spells *x, pfc_rng *rng, int kind) {
  const uint64_t n_days = 2 + pfc_rng_below(rng, 25), n_risks = 1 + pfc_rng_below(rng, 40);
  const int64_t n = 3 + (int64_t)pfc_rng_below(rng, N - 2);
  for (int64_t i = 0; i < n; i++) {
    x->time[i] = (double)(1 + pfc_rng_below(rng, n_days));
    x->entry[i] = kind == ENTRIES ? fmax(0, (double)pfc_rng_below(rng, 20) - 8) : 0;
    x->event[i] = (int8_t)pfc_rng_below(rng, kind >= CAUSES ? 3 : 2);
    x->weight[i] = kind == PLAIN ? 1 : (double)pfc_rng_below(rng, 4) / 3;
    x->risk[i] = (double)pfc_rng_below(rng, n_risks) / (double)n_risks;
    x->incidence[i] = pfc_rng_uniform(rng);
    x->survival[i] = (double)pfc_rng_below(rng, 31) / 30;
  }
  x->weight[0] = 1;
  x->entry[0] = 0;
  x->time[0] = 30;
  x->event[0] = 0;
  x->time[1] = 1;
  x->time[2] = 2;
  for (int64_t i = 0; i < n; i++) x->ended[i] = x->event[i] != 0;
  x->s = (pfc_spells){
      .n = n, .entry = x->entry, .time = x->time, .event = x->event, .weight = x->weight};
}

static void write_spells(FILE *out, int number, const spells *x) {
  for (int64_t i = 0; i < x->s.n; i++)
    (void)fprintf(out, "%d,%.17g,%.17g,%d,%.17g,%.17g,%.17g,%.17g\n", number, x->entry[i],
                  x->time[i], x->event[i], x->weight[i], x->risk[i], x->incidence[i],
                  x->survival[i]);
}

static void write_curves(FILE *out, int number, const pfc_spells *s) {
  static const struct {
    const char *name;
    int censoring, left;
  } CURVES[] = {{"km", 0, 0}, {"km_left", 0, 1}, {"g", 1, 0}, {"g_left", 1, 1}};
  const double days[4] = {1, 3, 8, 40};
  double value[4];
  for (int c = 0; c < 4; c++) {
    assert_ok(pfc_kaplan_meier(s, CURVES[c].censoring, CURVES[c].left, 4, days, value, &err));
    for (int d = 0; d < 4; d++) write_figure(out, number, CURVES[c].name, days[d], value[d]);
  }
  assert_ok(pfc_aalen_johansen(s, 4, days, value, &err));
  for (int d = 0; d < 4; d++) write_figure(out, number, "aj", days[d], value[d]);
}

/* Of a model that predicts Kaplan-Meier for everybody; R's brier knows neither weights nor
 * entries nor causes, and wants something to fit. */
static void write_null_brier(FILE *out, int number, const spells *x, double day) {
  double km, value, incidence[N];
  assert_ok(pfc_kaplan_meier(&x->s, 0, 0, 1, &day, &km, &err));
  for (int64_t i = 0; i < x->s.n; i++) incidence[i] = 1 - km;
  assert_ok(pfc_ipcw_brier(&x->s, day, incidence, &value, &err));
  if (km < 1 && x->s.n > 2) write_figure(out, number, "null_brier", day, value);
}

static void write_scores(FILE *out, int number, const spells *x, int kind) {
  double value, p;
  assert_ok(pfc_concordance(&x->s, x->risk, &value, &err));
  write_figure(out, number, "c", 0, value);
  const double taus[2] = {6, 100};
  for (int t = 0; t < 2 && kind < CAUSES; t++) {
    assert_ok(pfc_ipcw_concordance(&x->s, x->risk, taus[t], &value, &err));
    write_figure(out, number, "uno", taus[t], value);
  }
  for (int day = 2; day <= 10; day += 4) {
    assert_ok(pfc_ipcw_brier(&x->s, day, x->incidence, &value, &err));
    write_figure(out, number, "brier", day, value);
    if (kind == PLAIN) write_null_brier(out, number, x, day);
  }
  if (kind == ENTRIES) return; /* D-calibration has none, and would count who was never seen */
  const int n_bins = 2 + number % 12;
  assert_ok(
      pfc_d_calibration(x->s.n, x->survival, x->ended, x->weight, n_bins, &value, &p, &err));
  write_figure(out, number, "d_statistic", n_bins, value);
  write_figure(out, number, "d_p", n_bins, p);
}

static void survival_says_the_same(void **state) {
  (void)state;
  if (!getenv("SRC")) skip();
  FILE *rows = create("spells.csv", "case,entry,time,event,weight,risk,incidence,survival");
  FILE *results = create("spell_results.csv", "case,figure,at,value");
  pfc_rng rng;
  pfc_rng_init(&rng, test_seed(91), "test.external", 0);
  for (int number = 0; number < 32; number++) {
    spells x;
    draw_spells(&x, &rng, number % N_KINDS);
    if (number == 5) memset(x.event, 0, sizeof x.event);         /* nothing happens */
    if (number == 9) memset(x.event + 1, 1, sizeof x.event - 1); /* nobody else is censored */
    if (number == 13) x.s.n = 1;
    for (int i = 0; i < N && number == 17; i++) x.time[i] = 4; /* all on one day (WEIGHTS) */
    for (int i = 0; i < N; i++) x.ended[i] = x.event[i] != 0;
    write_spells(rows, number, &x);
    write_curves(results, number, &x.s);
    write_scores(results, number, &x, number % N_KINDS);
  }
  assert_int_equal(fclose(rows), 0);
  assert_int_equal(fclose(results), 0);
  const char *const argument[4] = {"spells.csv", "spell_results.csv"};
  assert_int_equal(run("/usr/bin/Rscript", "metrics_survival.R", argument), 0);
}

/* --- rows and lists: scikit-learn ------------------------------------------ */

typedef struct rows {
  int64_t n;
  double p[N], weight[N], number[N], guess[N];
  int8_t y[N];
} rows;

static void draw_rows(rows *x, pfc_rng *rng) {
  x->n = 1 + (int64_t)pfc_rng_below(rng, N);
  const uint64_t n_levels = 1 + pfc_rng_below(rng, 50);
  for (int64_t i = 0; i < x->n; i++) {
    x->p[i] = (double)pfc_rng_below(rng, n_levels + 1) / (double)n_levels; /* 0 and 1 too */
    x->y[i] = (int8_t)pfc_rng_below(rng, 2);
    x->weight[i] = (double)pfc_rng_below(rng, 4) / 3;
    x->number[i] = (double)pfc_rng_below(rng, 20);
    x->guess[i] = (double)pfc_rng_below(rng, 40) / 2;
  }
}

static void write_rows(FILE *out, FILE *results, int number, const rows *x) {
  for (int64_t i = 0; i < x->n; i++)
    (void)fprintf(out, "%d,%.17g,%d,%.17g,%.17g,%.17g\n", number, x->p[i], x->y[i],
                  x->weight[i], x->number[i], x->guess[i]);
  double auc;
  assert_ok(pfc_auc(x->n, x->p, x->y, x->weight, &auc, &err));
  write_figure(results, number, "auc", 0, auc);
  write_figure(results, number, "log_loss", 0, pfc_log_loss(x->n, x->p, x->y, x->weight));
  write_figure(results, number, "brier", 0, pfc_brier(x->n, x->p, x->y, x->weight));
  write_figure(results, number, "mean_gap", 0, pfc_mean_gap(x->n, x->p, x->y, x->weight));
  double slope, intercept;
  assert_ok(pfc_calibration(x->n, x->p, x->y, x->weight, &slope, &intercept, &err));
  write_figure(results, number, "calibration_slope", 0, slope);
  write_figure(results, number, "calibration_intercept", 0, intercept);
  write_figure(results, number, "mae", 0, pfc_mae(x->n, x->guess, x->number, x->weight));
  write_figure(results, number, "rmse", 0, pfc_rmse(x->n, x->guess, x->number, x->weight));
  for (int q = 1; q <= 9; q += 4)
    write_figure(results, number, "pinball", q / 10.0,
                 pfc_pinball(x->n, x->guess, x->number, x->weight, q / 10.0));
  write_figure(results, number, "quantile_coverage", 0,
               pfc_quantile_coverage(x->n, x->guess, x->number, x->weight));
}

/* Of a catalogue of n the first n_ranked stand on the list. */
static void write_list(FILE *out, FILE *results, int number, pfc_rng *rng) {
  const int n = 2 + (int)pfc_rng_below(rng, 40);
  const int n_ranked = number % 3 ? n : (int)pfc_rng_below(rng, (uint64_t)n + 1);
  const uint64_t rarity = 1 + pfc_rng_below(rng, 12);
  uint8_t hit[64];
  int n_relevant = 0;
  for (int j = 0; j < n; j++) {
    n_relevant += hit[j] = pfc_rng_below(rng, rarity) == 0;
    (void)fprintf(out, "%d,%d,%d\n", number, j < n_ranked ? j + 1 : 0, hit[j]);
  }
  static const struct {
    const char *name;
    double (*fn)(int k, int n_ranked, const uint8_t *hit, int n_relevant);
  } FIGURES[] = {{"recall", pfc_recall_at},
                 {"ndcg", pfc_ndcg_at},
                 {"average_precision", pfc_average_precision_at},
                 {"precision", pfc_precision_at},
                 {"hit_rate", pfc_hit_rate_at}};
  for (size_t f = 0; f < sizeof FIGURES / sizeof *FIGURES; f++)
    for (int k = 1; k <= 50; k = 3 * k + 1)
      write_figure(results, number, FIGURES[f].name, k,
                   FIGURES[f].fn(k, n_ranked, hit, n_relevant));
}

static void scikit_learn_says_the_same(void **state) {
  (void)state;
  if (!getenv("SRC")) skip();
  FILE *row_file = create("rows.csv", "case,p,y,weight,number,guess");
  FILE *row_results = create("row_results.csv", "case,figure,at,value");
  FILE *list_file = create("lists.csv", "case,rank,relevant");
  FILE *list_results = create("list_results.csv", "case,figure,at,value");
  pfc_rng rng;
  pfc_rng_init(&rng, test_seed(92), "test.external", 1);
  for (int number = 0; number < 60; number++) {
    rows x;
    draw_rows(&x, &rng);
    if (number == 3) memset(x.y, 0, sizeof x.y);
    if (number == 4) memset(x.y, 1, sizeof x.y);
    for (int i = 0; i < N && number == 5; i++) x.p[i] = 0.5;
    for (int i = 0; i < N && number == 6; i++) x.weight[i] = 0;
    write_rows(row_file, row_results, number, &x);
    write_list(list_file, list_results, number, &rng);
  }
  assert_int_equal(fclose(row_file), 0);
  assert_int_equal(fclose(row_results), 0);
  assert_int_equal(fclose(list_file), 0);
  assert_int_equal(fclose(list_results), 0);
  const char *const argument[4] = {"rows.csv", "row_results.csv", "lists.csv",
                                   "list_results.csv"};
  assert_int_equal(run("/usr/bin/python3", "metrics_sklearn.py", argument), 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(survival_says_the_same),
      cmocka_unit_test(scikit_learn_says_the_same),
  };
  return cmocka_run_group_tests_name("trainer/metrics_external", tests, NULL, NULL);
}
