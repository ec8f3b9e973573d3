// labels: property check
/* How near levels, sources and gaps come to the truth: asked for one by one and held against it
 * by plain sums. */
#include "tests/support/test.h"

#include <math.h>

#include "base/mem.h"
#include "engine/gaps.h"
#include "models/levels.h"
#include "tests/support/figures.h"
#include "tests/support/near.h"
#include "tests/support/oom.h"
#include "tests/support/recovery.h"

static recovery_world w;
static cJSON *json;

static int open_world(void **state) {
  (void)state;
  recovery_open(&w, 250, 60, 0, test_seed(4));
  json = recovery_run(&w);
  return 0;
}

static int close_world(void **state) {
  (void)state;
  cJSON_Delete(json);
  recovery_close(&w);
  return 0;
}

/* --- levels ----------------------------------------------------------------------------------
 */

/* The framework's level that a rating tells. */
static double level_of(int64_t row) {
  const pfc_dataset *ds = w.org.ds;
  const int32_t source = pfc_dataset_codes(ds, PFC_ASSESSMENTS, "source")[row];
  const double level = pfc_dataset_reals(ds, PFC_ASSESSMENTS, "level")[row];
  for (int64_t k = 0; k < ds->tables[PFC_SOURCES].n_rows; k++) {
    if (pfc_dataset_codes(ds, PFC_SOURCES, "source")[k] != source) continue;
    const double min = pfc_dataset_reals(ds, PFC_SOURCES, "scale_min")[k];
    const double max = pfc_dataset_reals(ds, PFC_SOURCES, "scale_max")[k];
    if (!isnan(min) && !isnan(max)) return 7 * (level - min) / (max - min);
  }
  return level;
}

/* Ratings before the day: how many, the latest one (of one day the later row), their mean. */
typedef struct told {
  int32_t n;
  double latest, mean;
} told;

static told ratings_of(int32_t p, int32_t c) {
  const pfc_dataset *ds = w.org.ds;
  const int32_t *person = pfc_dataset_codes(ds, PFC_ASSESSMENTS, "person_id");
  const int32_t *competency = pfc_dataset_codes(ds, PFC_ASSESSMENTS, "competency_id");
  const int32_t *on = pfc_dataset_dates(ds, PFC_ASSESSMENTS, "assessed_on");
  int32_t last = 0;
  told t = {0};
  for (int64_t k = 0; k < ds->tables[PFC_ASSESSMENTS].n_rows; k++) {
    if (person[k] != p || competency[k] != c || on[k] >= ds->split.date) continue;
    const double level = level_of(k);
    if (t.n == 0 || on[k] >= last) {
      t.latest = level;
      last = on[k];
    }
    t.mean += level;
    t.n++;
  }
  t.mean /= t.n;
  return t;
}

static bool is_there(int32_t p, int32_t day) {
  const pfc_truth *t = w.org.truth;
  return pfc_truth_role(t, p, day) >= 0 &&
         (t->left_on[p] == PFC_NO_DATE || t->left_on[p] > day);
}

/* What the profile says of one cell, asked for by itself. */
static pfc_level level_told(const pfc_levels *levels, pfc_levels_person *known, int32_t c) {
  pfc_level level;
  pfc_levels_tell(levels, known, 1, &c, w.org.ds->split.date, &level);
  return level;
}

/* Cells of one number of ratings. */
typedef struct cells {
  errors e;
  double sd, inside;
} cells;

static const cJSON *bin_of(const char *name) {
  const cJSON *item;
  cJSON_ArrayForEach(item, figure_at(json, "level.by_ratings")) {
    if (strcmp(cJSON_GetStringValue(cJSON_GetObjectItem(item, "ratings")), name) == 0)
      return item;
  }
  fail_msg("no bin of %s", name);
  return NULL;
}

static void check_bin(const char *name, const cells *of) {
  const cJSON *bin = bin_of(name);
  const double n = (double)of->e.n;
  assert_near(cJSON_GetNumberValue(cJSON_GetObjectItem(bin, "cells")), n, 0);
  assert_near(cJSON_GetNumberValue(cJSON_GetObjectItem(bin, "rmse")), sqrt(of->e.squares / n),
              1e-9);
  assert_near(cJSON_GetNumberValue(cJSON_GetObjectItem(bin, "sd")), of->sd / n, 1e-9);
  assert_near(cJSON_GetNumberValue(cJSON_GetObjectItem(bin, "coverage")), of->inside / n, 1e-9);
}

static void levels_are_held_against_those_of_the_truth(void **state) {
  (void)state;
  const pfc_truth *t = w.org.truth;
  const int32_t day = w.org.ds->split.date;
  errors latest = {0}, mean = {0};
  cells rated = {0}, unrated = {0}, five = {0};
  pfc_levels *levels = NULL;
  pfc_levels_person *known = NULL;
  pfc_profile profile = {0};
  assert_ok(pfc_bundle_align_profile(w.bundle, w.org.ds, &profile, &err));
  assert_ok(pfc_levels_create(&profile, w.evidence, w.requirements, &levels, &err));
  assert_ok(pfc_levels_person_create(levels, &known, &err));
  for (int32_t p = 0; p < t->n_people; p++) {
    if (!is_there(p, day)) continue;
    const int32_t role = pfc_truth_role(t, p, day);
    assert_ok(pfc_levels_look(levels, p, day, known, &err));
    for (int32_t c = 0; c < t->n_competencies; c++) {
      if (isnan(t->required[(int64_t)role * t->n_competencies + c])) continue;
      const double held = pfc_truth_level(t, p, c, day);
      const told of = ratings_of(p, c);
      const pfc_level level = level_told(levels, known, c);
      const double error = level.mean - held;
      cells *all[] = {of.n > 0 ? &rated : &unrated, of.n == 4 || of.n == 5 ? &five : NULL};
      for (int k = 0; k < 2; k++) {
        if (!all[k]) continue;
        errors_add(&all[k]->e, error);
        all[k]->sd += level.sd;
        all[k]->inside += fabs(error) <= 1.6448536269514722 * level.sd;
      }
      if (of.n == 0) continue;
      errors_add(&latest, of.latest - held);
      errors_add(&mean, of.mean - held);
    }
  }
  errors_check(json, "level.rated", &rated.e);
  errors_check(json, "level.unrated", &unrated.e);
  errors_check(json, "level.rated.latest_rating", &latest);
  errors_check(json, "level.rated.mean_rating", &mean);
  assert_near(figure_value(json, "level.rated.coverage90"), rated.inside / (double)rated.e.n,
              1e-9);
  check_bin("0", &unrated);
  check_bin("4-5", &five);
  assert_near(figure_part(json, "level.rmse", "n"), (double)(rated.e.n + unrated.e.n), 0);
  pfc_levels_person_destroy(known);
  pfc_levels_destroy(levels);
  pfc_profile_clear(&profile);
}

static void ratios_are_those_of_the_errors_beside_them(void **state) {
  (void)state;
  static const char *const RULES[] = {"latest_rating", "highest_source", "mean_rating",
                                      "latest_three"};
  const double rmse = figure_value(json, "level.rated.rmse");
  double best = INFINITY;
  for (int k = 0; k < 4; k++) {
    char name[64];
    (void)snprintf(name, sizeof name, "level.rated.%s.rmse", RULES[k]);
    best = fmin(best, figure_value(json, name));
  }
  assert_near(figure_value(json, "level.rated.improvement"), 1 - rmse / best, 1e-9);
  assert_near(figure_value(json, "level.rated.at_truth.ratio"),
              rmse / figure_value(json, "level.rated.at_truth.rmse"), 1e-9);
  assert_true(figure_part(json, "level.rated.improvement", "lo") <
              figure_part(json, "level.rated.improvement", "hi"));
}

/* --- sources ---------------------------------------------------------------------------------
 */

static void sources_are_held_against_those_of_the_truth(void **state) {
  (void)state;
  const pfc_truth *t = w.org.truth;
  const pfc_dict *words = pfc_dataset_find_dict(w.org.ds, "source");
  double bias = 0, noise = 0;
  for (int32_t s = 0; s < w.bundle->profile.n_sources; s++) {
    const pfc_profile_source *source = &w.bundle->profile.source[s];
    const int32_t at = pfc_dict_find(t->sources, pfc_dict_text(words, s));
    char name[80];
    if (source->n_ratings == 0) continue;
    const double off = source->bias - (double)t->source_bias[at];
    (void)snprintf(name, sizeof name, "sources.by_source.%s.bias", pfc_dict_text(words, s));
    assert_near(figure_value(json, name), source->bias, 1e-9);
    assert_near(figure_part(json, name, "truth"), (double)t->source_bias[at], 1e-9);
    assert_near(figure_part(json, name, "difference"), off, 1e-9);
    assert_near(figure_part(json, name, "n"), (double)source->n_ratings, 0);
    bias = fmax(bias, fabs(off));
    noise = fmax(noise, fabs(source->noise / pfc_truth_source_sd(t, at) - 1));
  }
  assert_near(figure_value(json, "sources.max_bias_error"), bias, 1e-9);
  assert_near(figure_value(json, "sources.max_noise_error"), noise, 1e-9);
}

/* --- effects ---------------------------------------------------------------------------------
 */

static void check_effects(const char *part, bool rated_alone) {
  const pfc_profile *p = &w.bundle->profile;
  const pfc_truth *t = w.org.truth;
  const pfc_dict *words = pfc_dataset_find_dict(w.org.ds, "intervention");
  const pfc_dict *of_model = pfc_bundle_dict(w.bundle, "intervention");
  errors e = {0}, alike = {0};
  double inside = 0, before = 0, pairs = 0, mean[400], held[400];
  char name[80];
  int n = 0;
  for (int32_t i = 0; i < t->n_interventions; i++) {
    const int32_t code = pfc_dict_find(of_model, pfc_dict_text(words, i));
    const int32_t at = pfc_dict_find(t->interventions, pfc_dict_text(words, i));
    double share = p->taught, var = p->sd_programme * p->sd_programme;
    const bool is_rated = code >= 0 && (double)p->programme_var[code] < 0.999 * var;
    if (rated_alone && !is_rated) continue;
    if (code >= 0) pfc_profile_teaches(p, code, &share, &var);
    held[n] = (double)t->effect[at];
    mean[n] = share;
    inside += fabs(share - held[n]) <= 1.6448536269514722 * sqrt(var);
    errors_add(&e, share - held[n]);
    errors_add(&alike, p->taught - held[n]);
    n++;
  }
  for (int i = 0; i < n; i++)
    for (int k = 0; k < n; k++)
      if (held[i] <= 0 && held[k] > 0) {
        before += mean[i] < mean[k] ? 1 : mean[i] > mean[k] ? 0 : 0.5;
        pairs++;
      }
  assert_true(n > 10 && pairs > 10);
  if (!rated_alone) errors_check(json, part, &e);
  (void)snprintf(name, sizeof name, "%s.rmse", part);
  assert_near(figure_value(json, name), sqrt(e.squares / n), 1e-9);
  assert_near(figure_part(json, name, "n"), n, 0);
  (void)snprintf(name, sizeof name, "%s.coverage90", part);
  assert_near(figure_value(json, name), inside / n, 1e-9);
  (void)snprintf(name, sizeof name, "%s.auc_no_good", part);
  assert_near(figure_value(json, name), before / pairs, 1e-9);
  (void)snprintf(name, sizeof name, "%s.taught.rmse", part);
  assert_near(figure_value(json, name), sqrt(alike.squares / n), 1e-9);
}

static void effects_are_held_against_those_of_the_truth(void **state) {
  (void)state;
  check_effects("effects", false);
  check_effects("effects.rated", true);
  const double r = figure_value(json, "effects.correlation");
  assert_true(r > 0.2 && r < 1);
  assert_true(figure_value(json, "effects.rmse") < figure_value(json, "effects.taught.rmse"));
}

/* --- gaps ------------------------------------------------------------------------------------
 */

typedef struct ranked {
  double worth, score;
} ranked;

static int by_score(const void *a, const void *b) {
  const ranked *x = a, *y = b;
  if (x->score != y->score) return x->score < y->score ? 1 : -1;
  return (x > y) - (x < y);
}

static int by_worth(const void *a, const void *b) {
  const ranked *x = a, *y = b;
  return (x->worth < y->worth) - (x->worth > y->worth);
}

static double gain_of_ten(const ranked *r, int n) {
  double sum = 0;
  for (int k = 0; k < n && k < 10; k++) sum += r[k].worth / (log(k + 2) / log(2));
  return sum;
}

/* Of gaps as they are told, one person after the other. */
static void gaps_are_held_against_those_there_are(void **state) {
  (void)state;
  const pfc_truth *t = w.org.truth;
  const int32_t day = w.org.ds->split.date;
  pfc_gap_settings settings;
  pfc_gaps *gaps = NULL;
  pfc_person_gaps *of = NULL;
  double squares = 0, n = 0, ndcg = 0, lists = 0;
  ranked *list = pfc_alloc_array((size_t)t->n_competencies, sizeof *list);
  assert_non_null(list);
  pfc_gap_defaults(&settings);
  settings.as_of = day;
  assert_ok(pfc_gaps_create(w.bundle, w.org.ds, w.history, &settings, &gaps, &err));
  assert_ok(pfc_person_gaps_create(gaps, &of, &err));
  for (int32_t p = 0; p < t->n_people; p++) {
    const int32_t role = pfc_truth_role(t, p, day);
    int m = 0;
    if (!is_there(p, day)) continue;
    assert_ok(pfc_gaps_of(gaps, p, day, of, &err));
    for (int32_t k = 0; k < of->n; k++) {
      const pfc_gap *gap = &of->at[k];
      if (gap->goal != 1 ||
          isnan(t->required[(int64_t)role * t->n_competencies + gap->competency]))
        continue;
      const double held = pfc_truth_level(t, p, gap->competency, day);
      const double short_of = fmax(gap->required - held, 0);
      squares += pow(gap->p_gap - (held < gap->required), 2);
      n++;
      list[m++] = (ranked){gap->importance * short_of, gap->required - gap->level};
    }
    /* Criticality weighs all of one person's gaps alike. */
    qsort(list, (size_t)m, sizeof *list, by_score);
    const double gained = gain_of_ten(list, m);
    qsort(list, (size_t)m, sizeof *list, by_worth);
    if (gain_of_ten(list, m) == 0) continue;
    ndcg += gained / gain_of_ten(list, m);
    lists++;
  }
  assert_near(figure_value(json, "gaps.brier"), squares / n, 1e-9);
  assert_near(figure_part(json, "gaps.brier", "n"), n, 0);
  assert_near(figure_value(json, "gaps.orders.largest_gap.ndcg_at_10"), ndcg / lists, 1e-6);
  assert_near(figure_value(json, "gaps.orders.priority.ndcg_at_10") -
                  figure_value(json, "gaps.orders.largest_gap.ndcg_at_10"),
              figure_value(json, "gaps.orders.largest_gap.priority_more"), 1e-9);
  assert_true(figure_value(json, "gaps.ece") >= 0);
  pfc_person_gaps_destroy(of);
  pfc_gaps_destroy(gaps);
  pfc_free(list);
}

/* --- memory ----------------------------------------------------------------------------------
 */

static pfc_status recover_once(void *user) {
  const recovery_world *little = user;
  cJSON *found = NULL;
  const pfc_status st = pfc_recovery(little->bundle, little->org.ds, little->org.truth,
                                     &little->settings, &found, NULL);
  if (st != PFC_OK) assert_null(found);
  cJSON_Delete(found);
  return st;
}

/* Every allocation of the first ones, then every so many: the fits within, which are walked
 * through where they are tested, come first each time. */
static void memory_is_short(void **state) {
  (void)state;
  recovery_world little;
  int happened = 1;
  recovery_open(&little, 20, 20, 0, 4);
  little.settings.resamples = 2;
  for (long after = 0; happened; after += 1 + after / 6) {
    oom_after(after);
    const pfc_status st = recover_once(&little);
    happened = oom_happened();
    oom_after(-1);
    assert_int_equal(st, happened ? PFC_ENOMEM : PFC_OK);
  }
  recovery_close(&little);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(levels_are_held_against_those_of_the_truth),
      cmocka_unit_test(ratios_are_those_of_the_errors_beside_them),
      cmocka_unit_test(sources_are_held_against_those_of_the_truth),
      cmocka_unit_test(effects_are_held_against_those_of_the_truth),
      cmocka_unit_test(gaps_are_held_against_those_there_are),
      cmocka_unit_test(memory_is_short),
  };
  return cmocka_run_group_tests(tests, open_world, close_world);
}
