/* Training the hazard of reaching a level anyway: people who were seen below it and started
 * nothing that aims at it. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/rng.h"
#include "datasets/controls.h"
#include "trainer/train_spells.h"

static const int64_t MOST = 200000; /* controls: more tell nothing new and take longer */

/* --- do controls resemble those who start? --------------------------------------------------
 */

/* What the person lacked of a level by the last look of others before a day; NaN: no look. */
static double gap_before(const pfc_history *h, int32_t person, int32_t competency, double level,
                         int32_t day) {
  int64_t from;
  for (int64_t k = pfc_history_ratings(h, person, day, &from) - 1; k >= from; k--) {
    const pfc_rating *r = &h->ratings[k];
    if (r->competency == competency && !r->self && r->date != PFC_NO_DATE)
      return level - r->level;
  }
  return NAN;
}

static int ascending(const void *a, const void *b) {
  const double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

/* The middle eight tenths of what controls lack. */
static pfc_status usual_gaps(const pfc__training *t, const pfc_episodes *controls,
                             double usual[2], pfc_error *err) {
  pfc_status st = PFC_OK;
  double *gap = NULL;
  const int64_t n = controls->n;
  usual[0] = usual[1] = NAN;
  PFC_NEW(gap, n);
  for (int64_t i = 0; i < n; i++) {
    const pfc_episode *at = &controls->at[i];
    const int32_t target = pfc_catalogue_target(t->cat, at->intervention, at->competency);
    gap[i] =
        gap_before(t->history, at->person, at->competency, t->cat->to_level[target], at->start);
  }
  qsort(gap, (size_t)n, sizeof *gap, ascending);
  if (n > 0) {
    usual[0] = gap[n / 10];
    usual[1] = gap[n - 1 - n / 10];
  }
done:
  pfc_free(gap);
  return st;
}

pfc_status pfc__controls_init(const pfc__training *t, pfc__controls *c, pfc_error *err) {
  pfc_status st = PFC_OK;
  const pfc_history *h = t->history;
  const pfc_catalogue *cat = t->cat;
  double usual[2];
  *c = (pfc__controls){0};
  PFC_TRY(pfc_controls_create(t->view, h, cat, MOST, &c->list, err));
  for (int64_t i = 0; i < c->list->n; i++)
    c->n_events += c->list->at[i].event == PFC_PROFICIENT;
  PFC_TRY(usual_gaps(t, c->list, usual, err));
  for (int32_t p = 0; p < h->n_people; p++) {
    for (int64_t k = h->first_attempt[p]; k < h->first_attempt[p + 1]; k++) {
      const pfc_attempt *a = &h->attempts[k];
      if (!a->started || a->start == PFC_NO_DATE) continue;
      for (int32_t i = cat->first[a->intervention]; i < cat->first[a->intervention + 1]; i++) {
        const double gap = gap_before(h, p, cat->competency[i], cat->to_level[i], a->start);
        c->n_treated += gap > 0;
        c->n_alike += gap > 0 && gap >= usual[0] && gap <= usual[1];
      }
    }
  }
done:
  return st;
}

/* --- how much may it tell people apart? -----------------------------------------------------
 * Few controls reach a level, and what tells them apart by chance would tell others apart
 * wrongly. So everything but the curve of time that all share is pulled to none, as hard as
 * controls of other people want it, up to one curve for all. */

enum { FOLDS = 5, RUNGS = 6 };
#define ALL_ALIKE 1e9 /* leaves nothing */
/* Times the ridges of the time model. */
static const double PULL[RUNGS] = {1, 4, 16, 64, 256, ALL_ALIKE};

typedef struct ladder {
  pfc__spells *d;
  const pfc_hazard *m; /* features, tick, groups */
  int8_t *fold;        /* of each person */
  double *ridge;       /* of the columns, unpulled; d's are pulled */
  double *loss;        /* scratch: of spells */
  double *total[RUNGS];
} ladder;

static void ladder_clear(ladder *l) {
  pfc_free(l->fold);
  pfc_free(l->ridge);
  pfc_free(l->loss);
  for (int k = 0; k < RUNGS; k++) pfc_free(l->total[k]);
}

static pfc_status ladder_init(ladder *l, pfc__spells *d, const pfc_hazard *m, pfc_error *err) {
  pfc_status st = PFC_OK;
  const int32_t n_people = d->t->history->n_people, n_columns = d->x.n_cols;
  const pfc_dict *people = pfc_dataset_find_dict(d->t->view, "person");
  *l = (ladder){.d = d, .m = m};
  PFC_NEW(l->fold, n_people);
  PFC_NEW(l->ridge, n_columns);
  PFC_NEW(l->loss, d->n);
  for (int k = 0; k < RUNGS; k++) PFC_NEW(l->total[k], n_people);
  for (int32_t c = 0; c < n_columns; c++) l->ridge[c] = d->ridge[c];
  for (int32_t p = 0; p < n_people; p++) {
    pfc_rng rng;
    pfc_rng_init(&rng, 0, "anyway.fold", pfc_rng_id(pfc_dict_text(people, p)));
    l->fold[p] = (int8_t)pfc_rng_below(&rng, FOLDS);
  }
done:
  return st;
}

static void pull(const ladder *l, pfc__spells *d, double times) {
  for (int32_t c = 0; c < d->x.n_cols; c++) d->ridge[c] = times * l->ridge[c];
}

static void part_clear(pfc__spells *part, pfc_episode *spell) {
  part->ridge = part->clock_day = NULL; /* borrowed */
  pfc__spells_clear(part);
  pfc_free(spell);
}

/* The spells with those of a fold last; *n: of the others. */
static pfc_status part_init(const ladder *l, int fold, pfc__spells *part, pfc_episode **spell,
                            int64_t *n, pfc_error *err) {
  pfc_status st = PFC_OK;
  const pfc__spells *d = l->d;
  *part = *d;
  part->target = NULL;
  part->x = (pfc_csr){0};
  part->spell = NULL;
  PFC_NEW(*spell, d->n);
  part->spell = *spell;
  PFC_NEW(part->target, d->n);
  PFC_TRY(pfc_csr_init(&part->x, d->n, d->x.n_cols, err));
  part->n = 0;
  for (int held = 0; held < 2; held++) {
    for (int64_t i = 0; i < d->n; i++) {
      const int64_t e = d->x.start[i];
      if ((l->fold[d->spell[i].person] == fold) != held) continue;
      (*spell)[part->n] = d->spell[i];
      part->target[part->n++] = d->target[i];
      PFC_TRY(pfc_csr_append(&part->x, (int)(d->x.start[i + 1] - e), d->x.col + e, d->x.val + e,
                             err));
    }
    if (!held) *n = part->n;
  }
done:
  return st;
}

/* What each rung makes of the people of a fold, fitted on all others. */
static pfc_status try_fold(ladder *l, int fold, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc__spells part = {0};
  pfc_episode *spell = NULL;
  int64_t n = 0;
  pfc_newton_report report;
  pfc_hazard trial = *l->m; /* borrows everything but the cause it fits */
  trial.horizon_days = l->d->span;
  PFC_TRY(part_init(l, fold, &part, &spell, &n, err));
  if (pfc__spells_events(&part, n, PFC_PROFICIENT) == 0) goto done;
  for (int k = 0; k < RUNGS; k++) {
    pull(l, &part, PULL[k]);
    PFC_TRY(pfc__spells_fit(&part, n, PFC_PROFICIENT, "", &trial, NULL, &report, err));
    PFC_TRY(pfc__spells_losses(&part, n, PFC_PROFICIENT, &trial, l->loss, err));
    for (int64_t i = n; i < part.n; i++) l->total[k][spell[i].person] += l->loss[i];
    pfc__spells_drop(&trial, PFC_PROFICIENT);
  }
done:
  pfc__spells_drop(&trial, PFC_PROFICIENT);
  part_clear(&part, spell);
  return st;
}

/* The hardest pull that no softer one beats by more than the standard error, people being what
 * is drawn. */
static pfc_status choose_pull(pfc__spells *d, const pfc_hazard *m, double *chosen,
                              pfc_error *err) {
  pfc_status st = PFC_OK;
  ladder l = {0};
  const int32_t n_people = d->t->history->n_people;
  int best = 0, k = RUNGS - 1;
  double sum[RUNGS] = {0};
  PFC_TRY(ladder_init(&l, d, m, err));
  for (int f = 0; f < FOLDS; f++) {
    PFC_TRY(try_fold(&l, f, err));
    PFC_TRY(pfc_progress_report(&d->t->settings->progress, "anyway ridges", f + 1, FOLDS, NAN,
                                err));
  }
  for (int r = 0; r < RUNGS; r++) {
    for (int32_t p = 0; p < n_people; p++) sum[r] += l.total[r][p];
    if (sum[r] <= sum[best]) best = r;
  }
  while (k > best && pfc__is_better(n_people, l.total[best], l.total[k])) k--;
  pull(&l, d, PULL[k]);
  *chosen = PULL[k];
  PFC_TRY(
      pfc__record_metric(d->t->bundle, "anyway.holdout_nll", d->n, sum[k] / (double)d->n, err));
done:
  ladder_clear(&l);
  return st;
}

/* What is left of what was pulled to none: nothing. */
static void level_out(pfc_hazard *m) {
  for (int32_t c = 0; c < m->features->n_columns; c++) m->coef[PFC_PROFICIENT][c] = 0;
}

/* One curve of time for all competencies: deviations, each smoothed on its own, would bend
 * what all share where nothing differs. */
static void share_curve(pfc_hazard *m) {
  m->n_groups = 0;
  for (int32_t c = 0; c < m->n_competencies; c++) m->group_of[c] = -1;
}

/* Dates an event by the look that found it. Most are found on the first look of their spell:
 * they came since the start, on a day that nobody knows, and the likeliest curve heaps them on
 * the first days, when all are still followed. Of people twice found too low that may be true,
 * of those below the level it is not. */
void pfc__date_by_looks(pfc_episodes *controls) {
  for (int64_t i = 0; i < controls->n; i++) controls->at[i].last_below_days = NAN;
}

/* --- the fit --------------------------------------------------------------------------------
 */

pfc_status pfc__train_anyway(pfc__training *t, char *text, size_t size, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc__controls controls = {0};
  pfc__spells d = {.t = t, .stage = "anyway"};
  pfc_hazard *m = &t->bundle->anyway;
  pfc_newton_report report;
  double pulled = 1;
  PFC_TRY(pfc__controls_init(t, &controls, err));
  if (pfc__anyway_refuses(t, &controls, text, size)) goto done;
  pfc__date_by_looks(controls.list);
  PFC_TRY(pfc__spells_prepare(&d, PFC_PLAN_ANYWAY, controls.list, m, err));
  share_curve(m);
  /* It is held against what comes within the horizon of the time model. */
  m->horizon_days = fmin(t->bundle->time.horizon_days, d.span);
  m->n_events[PFC_PROFICIENT] = controls.n_events;
  PFC_TRY(choose_pull(&d, m, &pulled, err));
  PFC_TRY(
      pfc__spells_fit(&d, d.n, PFC_PROFICIENT, "", m, &t->settings->progress, &report, err));
  PFC_TRY(pfc__spells_know(&d, PFC_PROFICIENT, m, err));
  PFC_TRY(
      pfc__spells_ledger(&d, pfc__spells_ripe(&d, m->horizon_days), false, &m->ledger, err));
  for (int32_t g = 0; g < m->strengths.n; g++) m->strengths.at[g].value *= pulled;
  if (pulled == ALL_ALIKE) level_out(m);
  PFC_TRY(pfc__certify(t->bundle, "anyway", d.n, report.steps, report.value, report.gradient,
                       report.converged, err));
  t->bundle->has_anyway = true;
  (void)snprintf(text, size, "%lld of %lld controls reached the level%s",
                 (long long)controls.n_events, (long long)d.n,
                 pulled == ALL_ALIKE ? ", one chance for all" : "");
done:
  pfc__spells_clear(&d);
  pfc_episodes_destroy(controls.list);
  return st;
}
