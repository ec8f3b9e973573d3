/* What is left of a chance's fit beside its coefficients: how sure they are, and which rows
 * they have seen. */
#include <math.h>
#include <string.h>

#include "base/mem.h"
#include "base/par.h"
#include "base/digest.h"
#include "models/logistic.h"
#include "trainer/train_chance.h"

/* --- rows --------------------------------------------------------------------------------- */

typedef struct naming {
  const pfc_dict *people, *interventions;
  const pfc_decision *d;
  uint64_t *keys;
  pfc_sha256 **digest; /* one a thread */
} naming;

static pfc_status name_row(int thread, int64_t i, void *user, pfc_error *err) {
  (void)err;
  const naming *of = user;
  const pfc_decision *d = &of->d[i];
  of->keys[i] = pfc_ledger_key(of->digest[thread], pfc_dict_text(of->people, d->person),
                               pfc_dict_text(of->interventions, d->intervention), "", d->date);
  return PFC_OK;
}

pfc_status pfc__chance_keys(const pfc__training *t, int64_t n, const pfc_decision *d,
                            uint64_t *keys, pfc_error *err) {
  pfc_status st = PFC_OK;
  const int n_threads = pfc_par_threads();
  naming of = {pfc_dataset_find_dict(t->view, "person"),
               pfc_dataset_find_dict(t->view, "intervention"), d, keys, NULL};
  PFC_NEW(of.digest, n_threads);
  for (int k = 0; k < n_threads; k++) {
    if (!(of.digest[k] = pfc_sha256_create())) {
      st = pfc_fail_memory(err, "digest");
      goto done;
    }
  }
  PFC_TRY(pfc_par_each(n, 256, 1, name_row, &of, err));
done:
  for (int k = 0; of.digest && k < n_threads; k++) pfc_sha256_destroy(of.digest[k]);
  pfc_free(of.digest);
  return st;
}

static pfc_status keep_rows(const pfc__chance_fit *fit, pfc_chance *m, pfc_error *err) {
  pfc_status st = PFC_OK;
  const pfc_ledger none = {0};
  pfc_ledger rows = {.n = fit->n};
  PFC_NEW(rows.key, fit->n);
  PFC_NEW(rows.days, fit->n);
  memcpy(rows.key, fit->keys, (size_t)fit->n * sizeof *fit->keys);
  PFC_TRY(pfc_ledger_join(fit->earlier ? fit->earlier : &none, &rows, &m->ledger, err));
done:
  pfc_ledger_clear(&rows);
  return st;
}

/* --- precision ------------------------------------------------------------------------------
 */

void pfc__posterior_rescale(pfc_posterior *p, int32_t first, int32_t n, const double *unit) {
  double *at = p->precision;
  for (int32_t a = 0; a < p->n_full; a++) {
    const int32_t i = p->full[a] - first;
    const double by = i >= 0 && i < n ? unit[i] : 1;
    for (int32_t b = 0; b <= a; b++) {
      const int32_t j = p->full[b] - first;
      *at++ *= by * (j >= 0 && j < n ? unit[j] : 1);
    }
  }
  for (int32_t k = 0; k < n; k++) p->diagonal[first + k] *= unit[k] * unit[k];
}

/* Effects of single people meet no other of their kind in a row. */
static void mark_people(const pfc_features *f, uint8_t *is_single) {
  for (int k = 0; k < f->n_fields; k++) {
    const pfc_field *field = &f->fields[k];
    if (field->what != PFC_WHAT_ID || strcmp(field->group, "person") != 0) continue;
    memset(is_single + field->first, 1, (size_t)field->n_columns);
  }
}

static pfc_status keep_precision(const pfc__chance_fit *fit, pfc_chance *m, pfc_error *err) {
  pfc_status st = PFC_OK;
  const int64_t n = fit->x->n_rows;
  double *weight = NULL;
  uint8_t *is_single = NULL;
  PFC_NEW(weight, n);
  PFC_NEW(is_single, (size_t)fit->x->n_cols + 1);
  mark_people(m->features, is_single);
  pfc_logit_predict(fit->x, NULL, fit->w, weight);
  for (int64_t i = 0; i < n; i++)
    weight[i] = pfc_logistic(weight[i]) * pfc_logistic(-weight[i]);
  PFC_TRY(pfc_posterior_fit(fit->x, weight, true, fit->prior, fit->ridge, is_single,
                            &m->posterior, err));
  pfc__posterior_rescale(&m->posterior, m->features->n_columns, m->rank, fit->rms);
done:
  pfc_free(weight);
  pfc_free(is_single);
  return st;
}

pfc_status pfc__chance_keep(const pfc__chance_fit *fit, pfc_chance *m, pfc_error *err) {
  pfc_status st = PFC_OK;
  const int32_t d = m->features->n_columns;
  PFC_NEW(m->coef, d);
  PFC_NEW(m->theta, m->rank);
  memcpy(m->coef, fit->w, (size_t)d * sizeof *fit->w);
  for (int32_t f = 0; f < m->rank; f++) m->theta[f] = fit->w[d + f] / fit->rms[f];
  m->intercept = fit->w[d + m->rank];
  PFC_TRY(keep_precision(fit, m, err));
  PFC_TRY(keep_rows(fit, m, err));
done:
  return st;
}
