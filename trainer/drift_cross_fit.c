/* Telling rows of people by fits that saw none of theirs. */
#include <string.h>

#include "base/mem.h"
#include "base/rng.h"
#include "trainer/drift_internal.h"
#include "trainer/logit.h"

enum { FOLDS = 5 };

typedef struct crossing {
  int8_t *fold;  /* of people */
  float *weight; /* of rows: 1 fitted */
  double *w, *told;
} crossing;

static void crossing_clear(crossing *c) {
  pfc_free(c->fold);
  pfc_free(c->weight);
  pfc_free(c->w);
  pfc_free(c->told);
}

/* By the names of people, so that who else is there moves nobody to another fold. */
static pfc_status crossing_init(crossing *c, const pfc__drift *d, const pfc__judgeable *rows,
                                pfc_error *err) {
  pfc_status st = PFC_OK;
  const pfc_dict *people = pfc_dataset_find_dict(d->ds, "person");
  PFC_NEW(c->fold, d->n_people);
  PFC_NEW(c->weight, rows->n);
  PFC_NEW(c->told, rows->n);
  PFC_NEW(c->w, (size_t)rows->x->n_cols + 1);
  for (int32_t p = 0; p < d->n_people; p++) {
    pfc_rng rng;
    pfc_rng_init(&rng, 0, "drift.fold", pfc_rng_id(pfc_dict_text(people, p)));
    c->fold[p] = (int8_t)pfc_rng_below(&rng, FOLDS);
  }
done:
  return st;
}

/* Do the rows that the others are fitted to hold both results? */
static bool leave_out(crossing *c, const pfc__judgeable *rows, int fold, bool of_reference) {
  int64_t n[2] = {0};
  for (int64_t i = 0; i < rows->n; i++) {
    const bool is_in =
        c->fold[rows->person[i]] != fold && (i < rows->n_before || !of_reference);
    c->weight[i] = is_in;
    if (is_in) n[rows->y[i] > 0]++;
  }
  return n[0] > 0 && n[1] > 0;
}

pfc_status pfc__drift_cross_fit(const pfc__drift *d, const pfc__judgeable *rows,
                                bool of_reference, double *eta, bool *told, pfc_error *err) {
  pfc_status st = PFC_OK;
  crossing c = {0};
  pfc_newton_settings newton;
  pfc_newton_report report;
  pfc_newton_defaults(&newton);
  *told = false;
  PFC_TRY(crossing_init(&c, d, rows, err));
  const pfc_logit_problem problem = {
      .x = rows->x, .y = rows->y, .weight = c.weight, .ridge = rows->ridge};
  for (int fold = 0; fold < FOLDS; fold++) {
    if (!leave_out(&c, rows, fold, of_reference)) goto done;
    PFC_TRY(pfc_logit_fit(&problem, &newton, c.w, &report, err));
    pfc_logit_predict(rows->x, NULL, c.w, c.told);
    for (int64_t i = 0; i < rows->n; i++)
      if (c.fold[rows->person[i]] == fold) eta[i] = c.told[i];
  }
  *told = true;
done:
  crossing_clear(&c);
  return st;
}
