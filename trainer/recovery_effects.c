/* What programmes are told to teach against what they teach. */
#include <math.h>

#include "base/mem.h"
#include "trainer/metrics.h"
#include "trainer/recovery_internal.h"

enum { CORRELATION, RMSE, BIAS, SLOPE, COVERAGE, AUC, N_FIGURES };
static const char *const NAMES[N_FIGURES] = {"correlation", "rmse",       "bias",
                                             "slope",       "coverage90", "auc_no_good"};

typedef struct programmes {
  int64_t n;
  double *told, *sd, *held; /* share of the way that it carries */
  double *taught;           /* what is told where all are taken to be alike */
  double *fault;            /* - told: by which those that do no good should stand first */
  int8_t *no_good;          /* it teaches nothing, or harms */
  int32_t *self;            /* owner of the row: the intervention itself */
} programmes;

static pfc_status programmes_init(programmes *p, int32_t most, pfc_error *err) {
  pfc_status st = PFC_OK;
  PFC_NEW(p->told, most);
  PFC_NEW(p->sd, most);
  PFC_NEW(p->held, most);
  PFC_NEW(p->taught, most);
  PFC_NEW(p->fault, most);
  PFC_NEW(p->no_good, most);
  PFC_NEW(p->self, most);
done:
  return st;
}

static void programmes_clear(programmes *p) {
  pfc_free(p->told);
  pfc_free(p->sd);
  pfc_free(p->held);
  pfc_free(p->taught);
  pfc_free(p->fault);
  pfc_free(p->no_good);
  pfc_free(p->self);
}

static bool is_rated(const pfc_profile *p, int32_t i) {
  return p->programme_var[i] < 0.999 * p->sd_programme * p->sd_programme;
}

static void list(const pfc__recovery *r, bool rated_alone, programmes *p) {
  for (int32_t i = 0; i < r->profile.n_interventions; i++) {
    const int32_t at = r->match.intervention[i];
    if (at < 0 || (rated_alone && !is_rated(&r->profile, i))) continue;
    double mean, var;
    pfc_profile_teaches(&r->profile, i, &mean, &var);
    p->told[p->n] = mean;
    p->fault[p->n] = -mean;
    p->sd[p->n] = sqrt(var);
    p->taught[p->n] = r->profile.taught;
    p->held[p->n] = (double)r->truth->effect[at];
    p->no_good[p->n] = p->held[p->n] <= 0;
    p->self[p->n++] = i;
  }
}

typedef struct moments {
  double told, held; /* means */
  double told2, held2, both;
} moments;

static moments find_moments(const programmes *p, const double *weight) {
  moments m = {0};
  double n = 0;
  for (int64_t i = 0; i < p->n; i++) {
    const double w = weight ? weight[i] : 1;
    n += w;
    m.told += w * p->told[i];
    m.held += w * p->held[i];
  }
  m.told /= n;
  m.held /= n;
  for (int64_t i = 0; i < p->n; i++) {
    const double w = (weight ? weight[i] : 1) / n, x = p->told[i] - m.told,
                 y = p->held[i] - m.held;
    m.told2 += w * x * x;
    m.held2 += w * y * y;
    m.both += w * x * y;
  }
  return m;
}

static double share_inside(const programmes *p, const double *weight) {
  double n = 0, inside = 0;
  for (int64_t i = 0; i < p->n; i++) {
    const double w = weight ? weight[i] : 1;
    n += w;
    inside += w * (fabs(p->told[i] - p->held[i]) <= 1.6448536269514722 * p->sd[i]);
  }
  return inside / n;
}

static pfc_status find_figures(const double *weight, void *user, double *value,
                               pfc_error *err) {
  const programmes *p = user;
  const moments m = find_moments(p, weight);
  /* Where all are told alike nothing is parted from anything. */
  value[CORRELATION] = m.told2 > 0 ? m.both / sqrt(m.told2 * m.held2) : (double)NAN;
  value[RMSE] = pfc_rmse(p->n, p->told, p->held, weight);
  value[BIAS] = m.told - m.held;
  value[SLOPE] = m.told2 > 0 ? m.both / m.told2 : (double)NAN;
  value[COVERAGE] = share_inside(p, weight);
  return pfc_auc(p->n, p->fault, p->no_good, weight, &value[AUC], err);
}

static pfc_status find_rmse_alike(const double *weight, void *user, double *value,
                                  pfc_error *err) {
  (void)err;
  const programmes *p = user;
  *value = pfc_rmse(p->n, p->taught, p->held, weight);
  return PFC_OK;
}

static pfc_status put(const pfc__recovery *r, bool rated_alone, cJSON *object, pfc_error *err) {
  pfc_status st = PFC_OK;
  programmes p = {0};
  cJSON *objects[N_FIGURES], *alike = NULL;
  static const char *const RMSE_ALIKE[] = {"rmse"};
  PFC_TRY(programmes_init(&p, r->profile.n_interventions, err));
  list(r, rated_alone, &p);
  const pfc_owned rows = {p.n, p.self, r->profile.n_interventions};
  for (int k = 0; k < N_FIGURES; k++) objects[k] = object;
  PFC_TRY(pfc__put_figures(r, &rows, N_FIGURES, find_figures, &p, NAMES, objects, err));
  PFC_TRY(pfc__put_part(object, "taught", &alike, err));
  PFC_TRY(pfc__put_figures(r, &rows, 1, find_rmse_alike, &p, RMSE_ALIKE, &alike, err));
done:
  programmes_clear(&p);
  return st;
}

pfc_status pfc__recover_effects(const pfc__recovery *r, cJSON *object, pfc_error *err) {
  pfc_status st = PFC_OK;
  cJSON *rated = NULL;
  PFC_TRY(put(r, false, object, err));
  PFC_TRY(pfc__put_part(object, "rated", &rated, err));
  PFC_TRY(put(r, true, rated, err));
done:
  return st;
}
