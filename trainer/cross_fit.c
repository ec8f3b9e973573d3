/* Predictions of rows by fits that saw nothing of their people. */
#include <string.h>

#include "base/mem.h"
#include "base/rng.h"
#include "trainer/train_internal.h"

enum { FOLDS = 5 };

typedef struct crossing {
  const int32_t *person; /* of each row */
  int8_t *fold;          /* of each person */
  float *weight;         /* 1: the row is fitted */
  double *ridge, *w, *told;
} crossing;

static void crossing_clear(crossing *c) {
  pfc_free(c->fold);
  pfc_free(c->weight);
  pfc_free(c->ridge);
  pfc_free(c->w);
  pfc_free(c->told);
}

/* By the names of people, so that who else is there moves nobody to another fold. */
static pfc_status crossing_init(crossing *c, const pfc__training *t, const pfc__ridges *r,
                                int64_t n, pfc_error *err) {
  pfc_status st = PFC_OK;
  const pfc_dict *people = pfc_dataset_find_dict(t->view, "person");
  const int32_t n_people = t->history->n_people;
  PFC_NEW(c->fold, n_people);
  PFC_NEW(c->weight, n);
  PFC_NEW(c->ridge, r->n_columns);
  PFC_NEW(c->w, (size_t)r->n_columns + 1);
  PFC_NEW(c->told, n);
  pfc__ridges_fill(r, c->ridge);
  for (int32_t p = 0; p < n_people; p++) {
    pfc_rng rng;
    pfc_rng_init(&rng, 0, "chance.fold", pfc_rng_id(pfc_dict_text(people, p)));
    c->fold[p] = (int8_t)pfc_rng_below(&rng, FOLDS);
  }
done:
  return st;
}

/* Weighs the rows of one fold 0; do the others hold both results? */
static bool leave_out(crossing *c, const pfc_logit_problem *rows, int fold) {
  int64_t n[2] = {0};
  for (int64_t i = 0; i < rows->x->n_rows; i++) {
    const bool is_in = c->fold[c->person[i]] != fold;
    c->weight[i] = is_in;
    if (is_in) n[rows->y[i] > 0]++;
  }
  return n[0] > 0 && n[1] > 0;
}

static pfc_status fit_others(crossing *c, const pfc_logit_problem *rows, const double *w,
                             double *eta, pfc_error *err) {
  pfc_newton_settings newton;
  pfc_newton_report report;
  pfc_logit_problem others = *rows;
  pfc_newton_defaults(&newton);
  others.ridge = c->ridge;
  others.weight = c->weight;
  memcpy(c->w, w, ((size_t)rows->x->n_cols + 1) * sizeof *w);
  const pfc_status st = pfc_logit_fit(&others, &newton, c->w, &report, err);
  if (st != PFC_OK) return st;
  pfc_logit_predict(rows->x, NULL, c->w, c->told);
  for (int64_t i = 0; i < rows->x->n_rows; i++)
    if (c->weight[i] == 0) eta[i] = c->told[i];
  return PFC_OK;
}

pfc_status pfc__cross_fit(const pfc__training *t, const pfc__ridges *r,
                          const pfc_logit_problem *rows, const int32_t *person, const double *w,
                          double *eta, int *told, pfc_error *err) {
  pfc_status st = PFC_OK;
  crossing c = {.person = person};
  *told = 0;
  PFC_TRY(crossing_init(&c, t, r, rows->x->n_rows, err));
  for (int f = 0; f < FOLDS; f++) {
    if (!leave_out(&c, rows, f)) goto done;
    PFC_TRY(fit_others(&c, rows, w, eta, err));
  }
  *told = 1;
done:
  crossing_clear(&c);
  return st;
}
