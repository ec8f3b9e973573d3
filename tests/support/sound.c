#include "models/lent_levels.h"
#include "tests/support/sound.h"

#include <math.h>

#include "base/mem.h"
#include "engine/recommend.h"
#include "models/levels.h"
#include "models/predict.h"
#include "tests/support/bundle.h"
#include "tests/support/figures.h"
#include "tests/support/scoring.h"
#include "tests/support/test.h"

#define SLACK 1e-9 /* sums of probabilities in double */

static void check(int holds, const char *what, double value) {
  if (!holds) fail_msg("%s is %.17g", what, value);
}

static void check_probability(double p, const char *what) { check(p >= 0 && p <= 1, what, p); }

/* --- bundles ---------------------------------------------------------------------------- */

static void check_floats(int64_t n, const float *x, const char *what, sound_tally *t) {
  for (int64_t i = 0; i < n; i++) check(isfinite(x[i]), what, (double)x[i]);
  t->numbers += n;
}

static void check_doubles(int64_t n, const double *x, const char *what, sound_tally *t) {
  for (int64_t i = 0; i < n; i++) check(isfinite(x[i]), what, x[i]);
  t->numbers += n;
}

static void check_features(const pfc_features *f, sound_tally *t) {
  for (int k = 0; k < f->n_fields; k++) {
    check(isfinite(f->fields[k].mean), f->fields[k].name, f->fields[k].mean);
    check(isfinite(f->fields[k].sd) && f->fields[k].sd > 0, f->fields[k].name, f->fields[k].sd);
    t->numbers += 2;
  }
}

static void check_calibration(const pfc_beta *m) {
  check(isfinite(m->a) && m->a >= 0, "a of a calibration", m->a);
  check(isfinite(m->b) && m->b >= 0, "b of a calibration", m->b);
  check(isfinite(m->c), "c of a calibration", m->c);
}

static void check_affinity(const pfc_affinity *m, sound_tally *t) {
  const double scalars[] = {m->alpha0,         m->lambda,       m->nu,
                            m->kappa_people,   m->kappa_items,  m->weights.registered,
                            m->weights.passed, m->accept_slope, m->accept_intercept};
  const int64_t k = m->rank;
  check_doubles(sizeof scalars / sizeof *scalars, scalars, "a scalar of affinity", t);
  check_calibration(&m->accept_calibration);
  check_floats(m->n_people * k, m->people, "a person's factor", t);
  check_floats(m->n_items * k, m->items, "an item's factor", t);
  check_floats(m->person_features->n_columns * k, m->person_prior, "a prior of people", t);
  check_floats(m->item_features->n_columns * k, m->item_prior, "a prior of items", t);
  check_features(m->person_features, t);
  check_features(m->item_features, t);
}

static void check_chance(const pfc_chance *m, sound_tally *t) {
  const double scalars[] = {m->intercept, m->base_rate};
  check_doubles(sizeof scalars / sizeof *scalars, scalars, "a scalar of a chance", t);
  check_calibration(&m->calibration);
  check_probability(m->base_rate, "base rate");
  check_doubles(m->features->n_columns, m->coef, "a coefficient of a chance", t);
  check_doubles(m->rank, m->theta, "a factor weight of a chance", t);
  check_features(m->features, t);
}

static void check_time(const pfc_hazard *m, sound_tally *t) {
  check(isfinite(m->tick_days) && m->tick_days > 0, "tick_days", m->tick_days);
  check(isfinite(m->horizon_days) && m->horizon_days > 0, "horizon_days", m->horizon_days);
  for (int r = 0; r < PFC_N_CAUSES; r++) {
    if (!m->baseline[r]) continue;
    check_doubles(pfc_hazard_n_baseline(m, (pfc_cause)r), m->baseline[r], "a baseline", t);
    check_doubles(m->features->n_columns, m->coef[r], "a coefficient of time", t);
    check_doubles(m->clock[r].n_bins + 1, m->clock[r].edge, "a bin's edge", t);
  }
  check_features(m->features, t);
}

static void check_profile(const pfc_profile *m, sound_tally *t) {
  const double scalars[] = {m->newcomer_days, m->taught,        m->sd_taught, m->teaching_days,
                            m->sd_person,     m->sd_competency, m->sd_role,   m->sd_cell,
                            m->sd_moving,     m->half_life_days};
  const int64_t n = m->n_competencies, k = m->rank;
  check_doubles(PFC_PROFILE_FIXED, m->beta, "a coefficient of the mean level", t);
  check_doubles(sizeof scalars / sizeof *scalars, scalars, "a number of the profile", t);
  check_floats(n, m->competency, "a competency's level", t);
  check_floats(n * k, m->factor, "a factor of the profile", t);
  check_floats(n * k * k, m->factor_cov, "its covariance", t);
  check_floats(m->n_role_effects, m->effect, "the effect of a role", t);
  check_floats(m->n_raters, m->rater, "a rater's leniency", t);
  for (int32_t s = 0; s < m->n_sources; s++) {
    const pfc_profile_source *at = &m->source[s];
    const double numbers[] = {at->bias, at->slope, at->noise, at->leniency};
    check_doubles(4, numbers, "a source", t);
    check(at->slope > 0 && at->noise > 0, "slope or noise of a source", at->slope);
  }
}

void sound_numbers(const pfc_bundle *b, sound_tally *t) {
  if (b->has_affinity) check_affinity(&b->affinity, t);
  if (b->has_success) check_chance(&b->success, t);
  if (b->has_accept) check_chance(&b->accept, t);
  if (b->has_time) check_time(&b->time, t);
  if (b->has_anyway) check_time(&b->anyway, t);
  if (b->has_profile) check_profile(&b->profile, t);
  for (int32_t c = 0; c < b->n_certificates; c++)
    check(isfinite(b->certificates[c].objective) && isfinite(b->certificates[c].gradient),
          b->certificates[c].model, b->certificates[c].objective);
  for (int32_t m = 0; m < b->n_metrics; m++)
    check(isfinite(b->metrics[m].value), b->metrics[m].name, b->metrics[m].value);
}

void sound_bundle(const pfc_bundle *b, sound_tally *t) {
  static const char path[] = "sound.h5";
  pfc_bundle *loaded = NULL;
  sound_numbers(b, t);
  assert_ok(pfc_bundle_save(b, path, &err));
  assert_ok(pfc_bundle_load(path, &loaded, &err));
  test_bundle_compare(b, loaded);
  pfc_bundle_destroy(loaded);
}

/* --- predictions ------------------------------------------------------------------------ */

static void check_time_told(const pfc_score *s, const pfc_hazard *m) {
  const double *q = s->quantile_days;
  check_probability(s->incidence, "incidence");
  check(s->p_by[0] >= 0 && s->p_by[0] <= s->p_by[1] + SLACK, "p_by[0]", s->p_by[0]);
  check(s->p_by[1] <= s->incidence + SLACK, "p_by[1]", s->p_by[1]);
  if (s->incidence == 0) {
    check(isnan(q[0]) && isnan(q[1]) && isnan(q[2]), "quantile without incidence", q[1]);
    return;
  }
  check(q[0] >= 0 && q[0] <= q[1], "p10", q[0]);
  check(q[1] <= q[2], "p50", q[1]);
  check(q[2] <= m->horizon_days * (1 + SLACK), "p90", q[2]);
}

static void check_score(const pfc_score *s, const pfc_bundle *b) {
  if (b->has_affinity) {
    check(isfinite(s->affinity), "affinity", s->affinity);
  } else {
    check(isnan(s->affinity), "affinity without a model", s->affinity);
  }
  if (b->has_affinity || b->has_accept) {
    check_probability(s->accept, "accept");
  } else {
    check(isnan(s->accept), "accept without a model", s->accept);
  }
  if (b->has_success) {
    check_probability(s->p_success, "p_success");
  } else {
    check(isnan(s->p_success), "p_success without a model", s->p_success);
  }
  if (b->has_time && b->time.baseline[PFC_PROFICIENT]) {
    check_time_told(s, &b->time);
  } else if (!b->has_time) {
    check(isnan(s->incidence) && isnan(s->quantile_days[1]), "time without a model",
          s->incidence);
  }
  check(isfinite(s->value), "value", s->value);
  check(isfinite(s->gap_closed), "gap_closed", s->gap_closed); /* harm makes it less than 0 */
}

/* What a list must not be. */
typedef struct listener {
  pfc_rank_by by;
  sound_tally *tally;
} listener;

static double key_of(const pfc_choice *c, pfc_rank_by by) {
  return by == PFC_RANK_AFFINITY ? c->score.affinity : c->adds;
}

static pfc_status take_list(const pfc_list *list, void *user, pfc_error *err) {
  (void)err;
  const listener *l = user;
  const pfc_choice *at = list->at;
  for (int j = 0; j < list->n; j++) {
    const double key = key_of(&at[j], l->by);
    check(isfinite(key) || at[j].why != PFC_FOR_VALUE, "what a list is ordered by", key);
    for (int i = 0; i < j; i++) {
      const double before = key_of(&at[i], l->by);
      if (at[i].why == PFC_FOR_VALUE)
        check(before >= key - 1e-9 * (1 + fabs(key)), "a worse one further up", before);
      if (at[i].score.intervention == at[j].score.intervention)
        fail_msg("person %d is told twice of the same", (int)list->person);
    }
  }
  l->tally->lists++;
  return PFC_OK;
}

static void check_lists(const pfc_bundle *b, const scored *s, sound_tally *t) {
  int32_t *people = pfc_alloc_array((size_t)s->n_people, sizeof *people);
  assert_non_null(people);
  for (int32_t p = 0; p < s->n_people; p++) people[p] = p;
  for (int by = 0; by < 2; by++) {
    pfc_recommend_settings settings;
    pfc_recommend_defaults(&settings);
    settings.choice.top = 3;
    settings.choice.rank_by = by ? PFC_RANK_AFFINITY : PFC_RANK_VALUE;
    if (by && !b->has_affinity) continue;
    listener l = {settings.choice.rank_by, t};
    assert_ok(
        pfc_recommend(s->scorer, s->n_people, people, &settings, take_list, &l, NULL, &err));
  }
  pfc_free(people);
}

/* Incidences of all causes and survival at some days of one decision. */
static void check_curves_of(const pfc_hazard *m, const pfc_target_curves *curves,
                            int32_t target, const double shift[PFC_N_CAUSES], sound_tally *t) {
  enum { N = 9 };
  double day[N], F[PFC_N_CAUSES][N], survival[N];
  for (int i = 0; i < N; i++) day[i] = m->horizon_days * i / (N - 1);
  for (int r = 0; r < PFC_N_CAUSES; r++)
    pfc_hazard_incidence(m, &curves->curve[target], curves->levels[target], shift, (pfc_cause)r,
                         N, day, F[r], survival);
  for (int i = 0; i < N; i++) {
    double sum = survival[i];
    check_probability(survival[i], "survival");
    for (int r = 0; r < PFC_N_CAUSES; r++) {
      check_probability(F[r][i], "incidence of a cause");
      check(i == 0 || F[r][i] >= F[r][i - 1], "an incidence that falls", F[r][i]);
      sum += F[r][i];
    }
    check(fabs(sum - 1) <= SLACK, "sum of all incidences and survival", sum);
  }
  t->curves++;
}

static void check_curves(const pfc_bundle *b, const pfc_dataset *ds, const scored *s,
                         sound_tally *t) {
  pfc_history *h = NULL;
  pfc_lens *lens = NULL;
  pfc_target_curves *curves = NULL;
  const pfc_catalogue *cat = pfc_scorer_catalogue(s->scorer);
  assert_ok(pfc_history_create(ds, &h, &err));
  assert_ok(pfc_lens_create(ds, h, cat, b->dicts, b->n_dicts, &lens, &err));
  assert_ok(pfc_lend_bundle(b, ds, h, lens, &err));
  assert_ok(pfc_target_curves_create(&b->time, ds, lens, cat, &curves, &err));
  const size_t entries = (size_t)pfc_scratch_entries(b->time.features, lens);
  int32_t *col = pfc_alloc_array(entries, sizeof *col);
  float *val = pfc_alloc_array(entries, sizeof *val);
  assert_true(col && val);
  for (int32_t p = 0; p < s->n_people; p += 1 + s->n_people / 8) {
    for (int32_t k = 0; k < cat->n_targets; k += 1 + cat->n_targets / 8) {
      const pfc_decision d = {
          p, cat->intervention[k], cat->competency[k], pfc_scorer_as_of(s->scorer), -1, -1};
      double shift[PFC_N_CAUSES];
      pfc_hazard_shift(&b->time, lens, &d, col, val, shift);
      check_doubles(PFC_N_CAUSES, shift, "a shift", t);
      check_curves_of(&b->time, curves, k, shift, t);
    }
  }
  pfc_free(col);
  pfc_free(val);
  pfc_target_curves_destroy(curves);
  pfc_lens_destroy(lens);
  pfc_history_destroy(h);
}

/* Of everybody in everything, now: a level and how sure it is. */
static void check_levels(const pfc_bundle *b, const pfc_dataset *ds, sound_tally *t) {
  pfc_profile profile;
  pfc_history *h = NULL;
  pfc_evidence *evidence = NULL;
  pfc_requirements *requirements = NULL;
  pfc_levels *levels = NULL;
  pfc_levels_person *known = NULL;
  assert_ok(pfc_bundle_align_profile(b, ds, &profile, &err));
  assert_ok(pfc_history_create(ds, &h, &err));
  assert_ok(pfc_evidence_create(ds, h, &evidence, &err));
  assert_ok(pfc_requirements_create(ds, &requirements, &err));
  assert_ok(pfc_levels_create(&profile, evidence, requirements, &levels, &err));
  assert_ok(pfc_levels_person_create(levels, &known, &err));
  for (int32_t p = 0; p < h->n_people; p++) {
    assert_ok(pfc_levels_look(levels, p, PFC_NO_DATE, known, &err));
    for (int32_t c = 0; c < evidence->n_competencies; c++) {
      pfc_level level;
      pfc_levels_tell(levels, known, 1, &c, PFC_NO_DATE, &level);
      check(isfinite(level.mean), "a level", level.mean);
      check(isfinite(level.sd) && level.sd > 0, "the sd of a level", level.sd);
      t->levels++;
    }
  }
  pfc_levels_person_destroy(known);
  pfc_levels_destroy(levels);
  pfc_requirements_destroy(requirements);
  pfc_evidence_destroy(evidence);
  pfc_history_destroy(h);
  pfc_profile_clear(&profile);
}

void sound_predictions(const pfc_bundle *b, const pfc_dataset *ds, sound_tally *t) {
  if (b->has_profile) check_levels(b, ds, t);
  if (pfc_dataset_count(ds, "intervention") == 0) return;
  pfc_scorer_settings settings;
  pfc_scorer_defaults(&settings);
  settings.cost_weight = 2;
  scored s = scoring_run(b, ds, &settings);
  for (int64_t i = 0; i < (int64_t)s.n_people * s.n; i++) check_score(&s.scores[i], b);
  t->scores += (int64_t)s.n_people * s.n;
  check_lists(b, &s, t);
  if (b->has_time) check_curves(b, ds, &s, t);
  scoring_clear(&s);
}

/* --- evaluations ------------------------------------------------------------------------ */

/* Figures that are shares or probabilities; others are only finite. */
static int is_share(const char *name) {
  static const char *const SHARES[] = {"auc",       "brier",  "ece",  "mrr",
                                       "map",       "recall", "ndcg", "coverage",
                                       "c_index",   "ibs",    "gini", "interval_coverage",
                                       "ece_by_day"};
  for (size_t i = 0; i < sizeof SHARES / sizeof *SHARES; i++)
    if (strncmp(name, SHARES[i], strlen(SHARES[i])) == 0) return 1;
  return 0;
}

/* null is a figure that is not defined. Brier scores weighted by the inverse probability of
 * censoring can exceed 1 on few rows; what they may not be is negative. */
static void check_figures(const cJSON *at, const char *figure, sound_tally *t) {
  for (const cJSON *child = at->child; child; child = child->next) {
    const int part = !strcmp(child->string, "value") || !strcmp(child->string, "lo") ||
                     !strcmp(child->string, "hi") || !strcmp(child->string, "n") ||
                     !strcmp(child->string, "baselines");
    if (cJSON_IsObject(child)) check_figures(child, part ? figure : child->string, t);
    if (!cJSON_IsNumber(child)) continue;
    check(isfinite(child->valuedouble), figure, child->valuedouble);
    if (is_share(figure) && strcmp(child->string, "n") != 0) {
      check(child->valuedouble >= -SLACK, figure, child->valuedouble);
      if (strncmp(figure, "ibs", 3) != 0)
        check(child->valuedouble <= 1 + SLACK, figure, child->valuedouble);
    }
    t->figures++;
  }
}

void sound_evaluation(const pfc_bundle *b, const pfc_dataset *ds, sound_tally *t) {
  const pfc_evaluate_settings settings = figures_settings(8);
  cJSON *json = NULL;
  assert_ok(figures_judge(b, ds, &settings, &json, &err));
  check_figures(json, "", t);
  cJSON_Delete(json);
}
