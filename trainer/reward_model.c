#include "trainer/reward_model.h"

#include <math.h>
#include <stdbool.h>

#include "base/mem.h"
#include "base/rng.h"
#include "trainer/logit.h"

/* Log odds of slots and actions lie within 0.7 of each other, two thirds of them. */
#define RIDGE 2.0

struct pfc_reward_model {
  int32_t n_slots, n_actions;
  double *w; /* PFC_REWARD_FITS x (n_slots + n_actions + 1): slots, actions, intercept */
};

static int32_t width(const pfc_reward_model *m) { return m->n_slots + m->n_actions + 1; }

int pfc_reward_model_fit_of(int64_t cluster) {
  pfc_rng rng;
  pfc_rng_init(&rng, 0, "reward.fold", (uint64_t)cluster);
  return (int)pfc_rng_below(&rng, PFC_REWARD_FITS);
}

static pfc_status check(const pfc_rewarded *log, pfc_error *err) {
  if (log->n < 1) return pfc_fail(err, PFC_EUSAGE, "no decisions were logged");
  for (int64_t i = 0; i < log->n; i++) {
    const double r = log->reward[i];
    if (!(r >= 0 && r <= 1))
      return pfc_fail(err, PFC_EUSAGE, "row %lld: reward %g; 0 to 1", (long long)i, r);
  }
  return PFC_OK;
}

typedef struct fitting {
  pfc_csr x;
  float *y, *weight;
  double *ridge;
  uint8_t *fold;
} fitting;

static void fitting_clear(fitting *f) {
  pfc_csr_clear(&f->x);
  pfc_free(f->y);
  pfc_free(f->weight);
  pfc_free(f->ridge);
  pfc_free(f->fold);
}

/* PFC_EUSAGE for a slot or an action out of range comes from the matrix. */
static pfc_status fitting_init(fitting *f, const pfc_rewarded *log, pfc_error *err) {
  pfc_status st = PFC_OK;
  const int32_t d = log->n_slots + log->n_actions;
  PFC_NEW(f->y, log->n);
  PFC_NEW(f->weight, log->n);
  PFC_NEW(f->ridge, d);
  PFC_NEW(f->fold, log->n);
  PFC_TRY(pfc_csr_init(&f->x, log->n, d, err));
  for (int32_t j = 0; j < d; j++) f->ridge[j] = RIDGE;
  for (int64_t i = 0; i < log->n; i++) {
    const int32_t col[] = {log->slot ? log->slot[i] : 0, log->n_slots + log->action[i]};
    const float one[] = {1, 1};
    f->y[i] = (float)log->reward[i];
    f->fold[i] = (uint8_t)pfc_reward_model_fit_of(log->cluster ? log->cluster[i] : i);
    PFC_TRY(pfc_csr_append(&f->x, 2, col, one, err));
  }
done:
  return st;
}

/* Rewards that are all alike have no finite odds: half a reward of each kind is added then. */
static pfc_status fit_without(fitting *f, int fold, double *w, pfc_error *err) {
  const int64_t n = f->x.n_rows;
  const int32_t d = f->x.n_cols;
  pfc_newton_settings newton;
  pfc_newton_report report;
  double sum = 0, rows = 0;
  for (int64_t i = 0; i < n; i++) {
    const bool is_in = f->fold[i] != fold;
    f->weight[i] = is_in;
    rows += is_in;
    if (is_in) sum += (double)f->y[i];
  }
  if (sum <= 0 || sum >= rows) {
    w[d] = log((sum + 0.5) / (rows - sum + 0.5));
    return PFC_OK;
  }
  const pfc_logit_problem problem = {
      .x = &f->x, .y = f->y, .weight = f->weight, .ridge = f->ridge};
  pfc_newton_defaults(&newton);
  return pfc_logit_fit(&problem, &newton, w, &report, err);
}

pfc_status pfc_reward_model_fit(const pfc_rewarded *log, pfc_reward_model **model,
                                pfc_error *err) {
  pfc_status st = PFC_OK;
  fitting f = {0};
  pfc_reward_model *m = NULL;
  PFC_TRY(check(log, err));
  PFC_TRY(fitting_init(&f, log, err));
  PFC_NEW(m, 1);
  m->n_slots = log->n_slots;
  m->n_actions = log->n_actions;
  PFC_NEW(m->w, PFC_REWARD_FITS * (size_t)width(m));
  for (int k = 0; k < PFC_REWARD_FITS; k++)
    PFC_TRY(fit_without(&f, k, m->w + (int64_t)k * width(m), err));
  *model = m;
  m = NULL;
done:
  fitting_clear(&f);
  pfc_reward_model_destroy(m);
  return st;
}

void pfc_reward_model_destroy(pfc_reward_model *m) {
  if (!m) return;
  pfc_free(m->w);
  pfc_free(m);
}

double pfc_reward_model_expected(const pfc_reward_model *m, int fit, int32_t slot,
                                 int32_t action) {
  const double *w = m->w + (int64_t)fit * width(m);
  return 1 / (1 + exp(-(w[m->n_slots + m->n_actions] + w[slot] + w[m->n_slots + action])));
}
