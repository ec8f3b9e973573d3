/* What the fits of hazards share: spells of a training view, encoded, with the curves of their
 * targets (trainer/train_time.c, trainer/train_anyway.c). */
#ifndef PROFICIO_TRAINER_TRAIN_SPELLS_H
#define PROFICIO_TRAINER_TRAIN_SPELLS_H

#include "trainer/hazard_fit.h"
#include "trainer/train_internal.h"

typedef struct pfc__spells {
  pfc__training *t;
  const char *stage; /* of progress */
  int64_t n;
  const pfc_episode *spell; /* ordered by start */
  int32_t *target;          /* of each spell: catalogue target, cat->n_targets unknown */
  pfc_csr x;
  double *ridge;     /* of the columns */
  double span;       /* longest duration */
  double *clock_day; /* scratch: the day of each target on the clock in use */
} pfc__spells;

/* Orders the episodes, which are borrowed, encodes them by the plan, and sets features, tick,
 * groups and number of rows of an empty model. d holds t and stage alone. To be cleared even
 * when this failed. */
PFC_MUST_USE pfc_status pfc__spells_prepare(pfc__spells *d, pfc_feature_plan plan,
                                            pfc_episodes *episodes, pfc_hazard *m,
                                            pfc_error *err);
void pfc__spells_clear(pfc__spells *d);

/* Of the first n spells. */
int64_t pfc__spells_events(const pfc__spells *d, int64_t n, pfc_cause cause);

/* Fits a cause of m on the first n spells, on the clock of that column of interventions, "" for
 * days since the start; progress: NULL for none. */
PFC_MUST_USE pfc_status pfc__spells_fit(pfc__spells *d, int64_t n, pfc_cause cause,
                                        const char *column, pfc_hazard *m,
                                        const pfc_progress *progress, pfc_newton_report *report,
                                        pfc_error *err);

/* One cause's problem on the first n spells, and all that it points to but features, spells and
 * the model. */
typedef struct pfc__cause_fit {
  pfc_hazard_problem problem;
  pfc_csr x;
  pfc_curve *curves;
  int32_t n_curves;
  int32_t (*link)[2];
  double *link_weight, *baseline_ridge;
} pfc__cause_fit;
/* On the clock that m->clock[cause] and d->clock_day describe; other causes of m are known. To
 * be closed even when this failed. */
PFC_MUST_USE pfc_status pfc__cause_fit_open(pfc__cause_fit *f, const pfc__spells *d, int64_t n,
                                            pfc_cause cause, const pfc_hazard *m,
                                            pfc_error *err);
void pfc__cause_fit_close(pfc__cause_fit *f);

/* Sets d->clock_day of every target by a clock that is known. */
void pfc__spells_set_clock(pfc__spells *d, const pfc_clock *clock);

/* Catalogue target of every spell, and the longest of them; d holds t, n and spells. */
PFC_MUST_USE pfc_status pfc__spells_place(pfc__spells *d, pfc_error *err);

/* m->posterior[cause], which was fitted last: of the spells that are told for good. */
PFC_MUST_USE pfc_status pfc__spells_know(const pfc__spells *d, pfc_cause cause, pfc_hazard *m,
                                         pfc_error *err);

/* By what a spell is known in any dataset. Of a control (of_target 0) the intervention is only
 * whose target was drawn for it, and may be another one tomorrow. */
uint64_t pfc__spell_key(const pfc__training *t, pfc_sha256 *digest, const pfc_episode *spell,
                        bool of_target);

/* Old enough to be told for good: it began `horizon` days ago or earlier, whatever has come of
 * it since. Of those that began yesterday whoever has arrived is known and nobody who has not,
 * and what is found by a later look may lie before the last one, so that a young spell that is
 * told to have had no event so far is told too much. Without days nothing waits. */
bool pfc__spell_is_ripe(const pfc__training *t, const pfc_episode *spell, double horizon);
/* How many of the spells are: the first ones. */
int64_t pfc__spells_ripe(const pfc__spells *d, double horizon);

/* How far the first n spells were told; those that name no person are known to no other dataset
 * and left out. ledger is empty before. */
PFC_MUST_USE pfc_status pfc__spells_ledger(const pfc__spells *d, int64_t n, bool of_target,
                                           pfc_ledger *ledger, pfc_error *err);

/* Frees what was fitted of a cause, which is then absent. */
void pfc__spells_drop(pfc_hazard *m, pfc_cause cause);

/* Minus log likelihood of each spell but the first `from` under a cause, on the clock fitted
 * last, given that nothing had happened by its entry; other exits censor. m holds this cause
 * alone, and a horizon; what lies beyond it is not told. loss[n]. */
PFC_MUST_USE pfc_status pfc__spells_losses(const pfc__spells *d, int64_t from, pfc_cause cause,
                                           const pfc_hazard *m, double *loss, pfc_error *err);

/* One curve a target, to the end of the follow-up, on the clock fitted last; the last one for
 * unknown targets. curves[n_targets + 1], to be cleared even when this failed. */
PFC_MUST_USE pfc_status pfc__spells_curves(const pfc__spells *d, const pfc_hazard *m,
                                           pfc_cause cause, pfc_curve *curves, pfc_error *err);

/* Dates the event of each control by the look that found it. */
void pfc__date_by_looks(pfc_episodes *controls);

/* Fits what comes anyway beside the time model, which is there, or says in text why the data do
 * not carry it (trainer/train_anyway.c). */
PFC_MUST_USE pfc_status pfc__train_anyway(pfc__training *t, char *text, size_t size,
                                          pfc_error *err);

#endif
