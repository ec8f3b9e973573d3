/* Decisions to sparse rows, and the strengths of the ridges on their columns. */
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "models/predict.h"
#include "trainer/train_internal.h"

static int encode_row(const pfc_features *f, const pfc_lens *lens, unsigned scopes,
                      const pfc_decision *d, int32_t *col, float *val) {
  int n = 0;
  for (int s = 0; s < PFC_N_SCOPES; s++) {
    if (scopes & (1U << s)) {
      n += pfc_features_encode(f, lens, (pfc_scope)s, d, col + n, val + n);
    }
  }
  return n;
}

pfc_status pfc__encode_rows(const pfc_features *f, const pfc_lens *lens, unsigned scopes,
                            int64_t n, const pfc_decision *d, int extra, const float *dense,
                            pfc_csr *rows, pfc_error *err) {
  pfc_status st = PFC_OK;
  int32_t *col = NULL;
  float *val = NULL;
  const int most = PFC_N_SCOPES * pfc_scratch_entries(f, lens) + extra;
  PFC_NEW(col, most);
  PFC_NEW(val, most);
  PFC_TRY(pfc_csr_init(rows, n, f->n_columns + extra, err));
  for (int64_t i = 0; i < n; i++) {
    int m = encode_row(f, lens, scopes, &d[i], col, val);
    for (int e = 0; e < extra; e++) {
      col[m] = f->n_columns + e;
      val[m++] = dense[i * extra + e];
    }
    PFC_TRY(pfc_csr_append(rows, m, col, val, err));
  }
done:
  pfc_free(col);
  pfc_free(val);
  return st;
}

/* --- ridges ------------------------------------------------------------------------ */

/* Where the search begins, in units of the summed log likelihood. Products of factors are
 * many and weak. The effect of a single intervention is held close to none: it competes
 * with what its competency and attributes say, and says nothing of a new one; its numbers
 * come close to being such an effect. */
static const struct {
  const char *group;
  double strength;
} DEFAULTS[] = {{"intervention", 300}, {"attribute", 300}, {"interaction", 1000}};
static const double DEFAULT_STRENGTH = 10;

static double default_strength(const char *group) {
  for (size_t i = 0; i < sizeof DEFAULTS / sizeof *DEFAULTS; i++) {
    if (strcmp(group, DEFAULTS[i].group) == 0) return DEFAULTS[i].strength;
  }
  return DEFAULT_STRENGTH;
}

/* Groups past the limit share the last one; there are fewer group names than that. */
static int32_t group_index(pfc__ridges *r, const char *name) {
  for (int g = 0; g < r->n_groups; g++) {
    if (strcmp(r->name[g], name) == 0) return g;
  }
  if (r->n_groups == PFC__MAX_GROUPS) return PFC__MAX_GROUPS - 1;
  r->name[r->n_groups] = name;
  r->strength[r->n_groups] = default_strength(name);
  return r->n_groups++;
}

pfc_status pfc__ridges_init(pfc__ridges *r, const pfc_features *f, int extra, pfc_error *err) {
  pfc_status st = PFC_OK;
  *r = (pfc__ridges){.n_columns = f->n_columns + extra};
  PFC_NEW(r->group_of, r->n_columns);
  PFC_NEW(r->field_of, r->n_columns);
  for (int i = 0; i < f->n_fields; i++) {
    const pfc_field *field = &f->fields[i];
    const int32_t group = group_index(r, field->group);
    for (int32_t c = field->first; c < field->first + field->n_columns; c++) {
      r->group_of[c] = group;
      r->field_of[c] = i;
    }
  }
  r->n_fields = f->n_fields;
  for (int e = 0; e < extra; e++) {
    r->group_of[f->n_columns + e] = group_index(r, "interaction");
    r->field_of[f->n_columns + e] = r->n_fields++;
  }
done:
  return st;
}

void pfc__ridges_begin(pfc__ridges *r, int n, const pfc__strength *begin) {
  for (int g = 0; g < r->n_groups; g++) {
    for (int k = 0; k < n; k++)
      if (strcmp(r->name[g], begin[k].group) == 0) r->strength[g] = begin[k].strength;
  }
}

void pfc__ridges_clear(pfc__ridges *r) {
  pfc_free(r->group_of);
  pfc_free(r->field_of);
  *r = (pfc__ridges){0};
}

void pfc__ridges_fill(const pfc__ridges *r, double *ridge) {
  for (int32_t c = 0; c < r->n_columns; c++) ridge[c] = r->strength[r->group_of[c]];
}

bool pfc__is_better(int64_t n, const double *loss, const double *best) {
  double sum = 0, squares = 0;
  for (int64_t i = 0; i < n; i++) {
    const double gain = best[i] - loss[i];
    sum += gain;
    squares += gain * gain;
  }
  const double mean = sum / (double)n, variance = squares / (double)n - mean * mean;
  return mean > sqrt(fmax(variance, 0) / (double)n);
}

/* Tries a third of and three times the strength a group begins with. The grid is narrow, and
 * what is not clearly better stays: one held-out period tells little, and a wide search fits
 * its peculiarities. */
static pfc_status choose_group(pfc__ridges *r, int group, int64_t n_held, pfc__holdout_fn fn,
                               void *user, double *loss[2], pfc_error *err) {
  static const double factor[2] = {1.0 / 3, 3};
  const double begin = r->strength[group];
  double kept = begin;
  for (int f = 0; f < 2; f++) {
    r->strength[group] = begin * factor[f];
    const pfc_status st = fn(r, user, loss[1], err);
    if (st != PFC_OK) return st;
    if (pfc__is_better(n_held, loss[1], loss[0])) {
      double *const better = loss[1];
      loss[1] = loss[0];
      loss[0] = better;
      kept = r->strength[group];
    }
  }
  r->strength[group] = kept;
  return PFC_OK;
}

static double mean_of(int64_t n, const double *value) {
  double sum = 0;
  for (int64_t i = 0; i < n; i++) sum += value[i];
  return sum / (double)n;
}

pfc_status pfc__ridges_choose(pfc__ridges *r, int64_t n_held, pfc__holdout_fn fn, void *user,
                              const pfc_progress *progress, pfc_error *err) {
  pfc_status st = PFC_OK;
  double *loss[2] = {NULL, NULL}; /* of the best so far, of the one on trial */
  char stage[64];
  (void)snprintf(stage, sizeof stage, "%s ridges", r->stage);
  PFC_NEW(loss[0], n_held);
  PFC_NEW(loss[1], n_held);
  PFC_TRY(fn(r, user, loss[0], err));
  for (int g = 0; g < r->n_groups; g++) {
    PFC_TRY(choose_group(r, g, n_held, fn, user, loss, err));
    PFC_TRY(pfc_progress_report(progress, stage, g + 1, r->n_groups, mean_of(n_held, loss[0]),
                                err));
  }
done:
  pfc_free(loss[0]);
  pfc_free(loss[1]);
  return st;
}
