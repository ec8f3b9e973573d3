#include "bench/onehot_internal.h"

#include <math.h>

#include "base/mem.h"
#include "base/rng.h"

enum { FEWEST_CATEGORIES = 3, MOST_FIELDS = 64 };

/* Spread of the effects: a predictor of a few fields has a standard deviation near 1. */
static const double EFFECT = 0.3;

/* first[f] .. first[f + 1] - 1 are the columns of field f. */
static void lay_out_fields(int n_fields, int32_t largest, int32_t *first) {
  first[0] = 0;
  for (int f = 0; f < n_fields; f++) {
    const double share = n_fields > 1 ? (double)f / (n_fields - 1) : 1;
    const double n = FEWEST_CATEGORIES * pow((double)largest / FEWEST_CATEGORIES, share);
    first[f + 1] = first[f] + (int32_t)round(n);
  }
}

static pfc_status add_rows(pfc__onehot *o, int n_fields, const int32_t *first,
                           const double *effect, uint64_t seed, pfc_error *err) {
  pfc_status st = PFC_OK;
  int32_t col[MOST_FIELDS];
  float val[MOST_FIELDS];
  const int64_t n_rows = o->x.max_rows;
  for (int64_t i = 0; i < n_rows; i++) {
    pfc_rng rng;
    pfc_rng_init(&rng, seed, "bench.onehot", (uint64_t)i);
    for (int f = 0; f < n_fields; f++) {
      const double u = pfc_rng_uniform(&rng);
      col[f] = first[f] + (int32_t)((first[f + 1] - first[f]) * u * u * u);
      val[f] = 1;
      o->eta[i] += effect[col[f]];
    }
    PFC_TRY(pfc_csr_append(&o->x, n_fields, col, val, err));
  }
done:
  return st;
}

pfc_status pfc__onehot_init(pfc__onehot *o, int32_t n_rows, int n_fields, int32_t largest,
                            uint64_t seed, pfc_error *err) {
  pfc_status st = PFC_OK;
  int32_t first[MOST_FIELDS + 1];
  double *effect = NULL;
  *o = (pfc__onehot){0};
  lay_out_fields(n_fields, largest, first);
  const int32_t d = first[n_fields];
  PFC_TRY(pfc_csr_init(&o->x, n_rows, d, err));
  PFC_NEW(o->field, d);
  PFC_NEW(o->ridge, d);
  PFC_NEW(o->eta, n_rows);
  PFC_NEW(effect, d);
  for (int f = 0; f < n_fields; f++) {
    for (int32_t j = first[f]; j < first[f + 1]; j++) {
      pfc_rng rng;
      pfc_rng_init(&rng, seed, "bench.effect", (uint64_t)j);
      o->field[j] = f;
      o->ridge[j] = 1;
      effect[j] = EFFECT * pfc_rng_normal(&rng);
    }
  }
  PFC_TRY(add_rows(o, n_fields, first, effect, seed, err));
done:
  pfc_free(effect);
  return st;
}

void pfc__onehot_clear(pfc__onehot *o) {
  pfc_csr_clear(&o->x);
  pfc_free(o->field);
  pfc_free(o->ridge);
  pfc_free(o->eta);
}

double pfc__onehot_bytes(const pfc__onehot *o) {
  const pfc_csr *x = &o->x;
  const double entry = sizeof *x->col + sizeof *x->val;
  const double row = sizeof *x->start + sizeof(double);
  return entry * (double)x->start[x->n_rows] + row * (double)x->n_rows;
}
