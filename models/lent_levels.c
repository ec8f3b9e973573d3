#include "models/lent_levels.h"

#include <math.h>
#include <omp.h>
#include <stdbool.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/par.h"
#include "datasets/requirements.h"

/* One thread's: whom it looked at last. */
typedef struct looking {
  pfc_levels_person *known;
  int32_t person, date;
  bool is_told; /* the numbers allowed a solution */
} looking;

typedef struct answer {
  int32_t person, date, competency;
  double mean, sd; /* NaN: nothing can be told */
} answer;

struct pfc_lent_levels {
  const pfc_levels *levels;
  int n_threads;
  looking *looking;
  int64_t n_answers;
  answer *answers; /* by person, date, competency; each once */

  pfc_profile profile; /* what follows is empty where it is the caller's */
  pfc_evidence *evidence;
  pfc_requirements *requirements;
  pfc_levels *own;
};

static void destroy(void *user) {
  pfc_lent_levels *lent = user;
  if (!lent) return;
  for (int t = 0; lent->looking && t < lent->n_threads; t++)
    pfc_levels_person_destroy(lent->looking[t].known);
  pfc_free(lent->looking);
  pfc_free(lent->answers);
  pfc_levels_destroy(lent->own);
  pfc_requirements_destroy(lent->requirements);
  pfc_evidence_destroy(lent->evidence);
  pfc_profile_clear(&lent->profile);
  pfc_free(lent);
}

/* --- one level -------------------------------------------------------------------------- */

static answer work_out(const pfc_lent_levels *lent, looking *own, int32_t person, int32_t date,
                       int32_t competency) {
  answer at = {person, date, competency, NAN, NAN};
  pfc_level level;
  if (own->person != person || own->date != date) {
    own->is_told = pfc_levels_look(lent->levels, person, date, own->known, NULL) == PFC_OK;
    own->person = person;
    own->date = date;
  }
  if (!own->is_told) return at;
  pfc_levels_tell(lent->levels, own->known, 1, &competency, date, &level);
  at.mean = level.mean;
  at.sd = level.sd;
  return at;
}

static int compare(const void *a, const void *b) {
  const answer *x = a, *y = b;
  if (x->person != y->person) return x->person < y->person ? -1 : 1;
  if (x->date != y->date) return x->date < y->date ? -1 : 1;
  return (x->competency > y->competency) - (x->competency < y->competency);
}

static answer ask(const pfc_lent_levels *lent, int32_t person, int32_t date,
                  int32_t competency) {
  const answer key = {.person = person, .date = date, .competency = competency};
  const answer *known = NULL;
  if (lent->n_answers > 0)
    known = bsearch(&key, lent->answers, (size_t)lent->n_answers, sizeof key, compare);
  if (known) return *known;
  return work_out(lent, &lent->looking[omp_get_thread_num()], person, date, competency);
}

static double tell_held(void *user, int32_t person, int32_t competency, int32_t date) {
  return ask(user, person, date, competency).mean;
}

static double tell_lacking(void *user, int32_t person, int32_t competency, int32_t date,
                           double required) {
  const pfc_lent_levels *lent = user;
  const pfc_profile *p = pfc_levels_profile(lent->levels);
  const answer at = ask(lent, person, date, competency);
  if (isnan(at.mean)) return NAN;
  return pfc_level_shortfall(at.mean, at.sd, required, p->scale_min, p->scale_max);
}

/* --- many of them ----------------------------------------------------------------------- */

typedef struct asking {
  int64_t n, room;
  answer *at;
} asking;

static pfc_status add(asking *list, const pfc_decision *d, int32_t competency, pfc_error *err) {
  pfc_status st = PFC_OK;
  if (competency < 0) return PFC_OK;
  PFC_RESERVE(list->at, list->room, list->n + 1);
  list->at[list->n++] = (answer){d->person, d->date, competency, NAN, NAN};
done:
  return st;
}

/* What it aims at: all of the intervention's targets, or one. */
static pfc_status add_decision(asking *list, const pfc_catalogue *cat, const pfc_decision *d,
                               pfc_error *err) {
  pfc_status st = PFC_OK;
  if (d->person < 0 || d->intervention < 0) return PFC_OK;
  if (d->competency >= 0) return add(list, d, d->competency, err);
  for (int32_t t = cat->first[d->intervention]; t < cat->first[d->intervention + 1]; t++)
    PFC_TRY(add(list, d, cat->competency[t], err));
done:
  return st;
}

static void keep_distinct(asking *list) {
  int64_t kept = 0;
  if (list->n > 0) qsort(list->at, (size_t)list->n, sizeof *list->at, compare);
  for (int64_t i = 0; i < list->n; i++)
    if (kept == 0 || compare(&list->at[i], &list->at[kept - 1]) != 0)
      list->at[kept++] = list->at[i];
  list->n = kept;
}

typedef struct working {
  const pfc_lent_levels *lent;
  answer *at;
} working;

static pfc_status fill(int thread, int64_t i, void *user, pfc_error *err) {
  (void)err;
  const working *of = user;
  answer *at = &of->at[i];
  *at = work_out(of->lent, &of->lent->looking[thread], at->person, at->date, at->competency);
  return PFC_OK;
}

pfc_status pfc_lent_levels_expect(pfc_lent_levels *lent, const pfc_catalogue *cat, int64_t n,
                                  const pfc_decision *d, pfc_error *err) {
  pfc_status st = PFC_OK;
  asking list = {0};
  for (int64_t i = 0; i < n; i++) PFC_TRY(add_decision(&list, cat, &d[i], err));
  keep_distinct(&list);
  working of = {lent, list.at};
  PFC_TRY(pfc_par_each(list.n, 64, 1, fill, &of, err));
  pfc_free(lent->answers);
  lent->answers = list.at;
  lent->n_answers = list.n;
  list.at = NULL;
done:
  pfc_free(list.at);
  return st;
}

/* --- lending ------------------------------------------------------------------------------ */

static pfc_status open_looks(pfc_lent_levels *lent, pfc_error *err) {
  pfc_status st = PFC_OK;
  lent->n_threads = pfc_par_threads();
  PFC_NEW(lent->looking, lent->n_threads);
  for (int t = 0; t < lent->n_threads; t++) {
    lent->looking[t].person = -1;
    PFC_TRY(pfc_levels_person_create(lent->levels, &lent->looking[t].known, err));
  }
done:
  return st;
}

static pfc_status read_evidence(pfc_lent_levels *lent, const pfc_profile *profile,
                                const pfc_dataset *ds, const pfc_history *h, pfc_error *err) {
  pfc_status st = PFC_OK;
  PFC_TRY(pfc_evidence_create(ds, h, &lent->evidence, err));
  PFC_TRY(pfc_requirements_create(ds, &lent->requirements, err));
  PFC_TRY(pfc_levels_create(profile, lent->evidence, lent->requirements, &lent->own, err));
  lent->levels = lent->own;
  PFC_TRY(open_looks(lent, err));
done:
  return st;
}

static void lend(pfc_lent_levels *lent, pfc_lens *lens) {
  const pfc_lens_levels levels = {tell_held, tell_lacking, destroy, lent};
  pfc_lens_lend(lens, &levels);
}

pfc_status pfc_lend_levels(const pfc_levels *levels, pfc_lens *lens, pfc_lent_levels **out,
                           pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc_lent_levels *lent = NULL;
  PFC_NEW(lent, 1);
  lent->levels = levels;
  PFC_TRY(open_looks(lent, err));
  lend(lent, lens);
  if (out) *out = lent;
  lent = NULL;
done:
  destroy(lent);
  return st;
}

pfc_status pfc_lend_profile(const pfc_profile *profile, const pfc_dataset *ds,
                            const pfc_history *h, pfc_lens *lens, pfc_lent_levels **out,
                            pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc_lent_levels *lent = NULL;
  PFC_NEW(lent, 1);
  PFC_TRY(read_evidence(lent, profile, ds, h, err));
  lend(lent, lens);
  if (out) *out = lent;
  lent = NULL;
done:
  destroy(lent);
  return st;
}

pfc_status pfc_lend_bundle(const pfc_bundle *b, const pfc_dataset *ds, const pfc_history *h,
                           pfc_lens *lens, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc_lent_levels *lent = NULL;
  if (!b->has_profile) return PFC_OK;
  PFC_NEW(lent, 1);
  PFC_TRY(pfc_bundle_align_profile(b, ds, &lent->profile, err));
  PFC_TRY(read_evidence(lent, &lent->profile, ds, h, err));
  lend(lent, lens);
  lent = NULL;
done:
  destroy(lent);
  return st;
}
