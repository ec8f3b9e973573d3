/* Offers and their answers, out of table feedback.
 *
 * An offer is a row `shown`, or an answer that no offer precedes. Its answer is the first row
 * `accepted`, `started` or `completed` (yes) or `declined` (no) of that person and intervention
 * from then on, before it is shown again. Silence is a no where it is a kind of answer: where
 * at least a quarter of the offers that had time to be answered were not; an offer has had time
 * after 60 days, or after as many as 95 % of all answers took. Otherwise nobody knows what
 * silence means, and the offer does not count. Left out are what a mandate requires of the role
 * or unit held (told, not offered) and what was overridden. */
#ifndef PROFICIO_TRAINER_OFFERS_H
#define PROFICIO_TRAINER_OFFERS_H

#include "base/error.h"
#include "datasets/features.h"
#include "datasets/history.h"
#include "engine/rules.h"
#include "models/bundle.h"

typedef struct pfc_offer {
  pfc_decision d; /* at no competency, on the day of the offer: sees what precedes it */
  int8_t accepted;
  int64_t row; /* in table feedback, of the offer */
} pfc_offer;

typedef struct pfc_offers {
  int64_t n, n_accepted;
  pfc_offer *at;    /* by day, then row */
  int64_t n_silent; /* offers that had time and no answer */
  int64_t n_barred; /* offers against the rules, which were left out */
  /* Of the table, whatever became of them: rows shown; of these, without an answer; answers
   * that no offer precedes; offers and answers left out as mandated or overridden. */
  int64_t n_shown, n_unanswered, n_unasked, n_told;
  int32_t silent_no; /* 1: these are among the offers, as declined */
} pfc_offers;

/* Owned by the caller. ds is the one of the history, whole or a training view: answers after
 * its end are not in it. */
PFC_API PFC_MUST_USE pfc_status pfc_offers_create(const pfc_history *h, pfc_offers **offers,
                                                  pfc_error *err);

/* Leaves out the offers that the rules would not have let through on their day, as known then:
 * a prerequisite not passed, or a level that is asked for held with too little probability (by
 * the bundle's profile; without one the latest rating by others tells, and no rating nothing),
 * or as much under way as leaves no time for more. Whoever could not begin had to decline,
 * whatever the offer's appeal, and is recommended no such thing either. Once, before the offers
 * are used; settings: whose prerequisite_p and most_under_way count. */
PFC_API PFC_MUST_USE pfc_status pfc_offers_bar(pfc_offers *offers, const pfc_history *h,
                                               const pfc_bundle *bundle,
                                               const pfc_rule_settings *settings,
                                               pfc_error *err);

/* The offers of the whole history that stand in test rows of its dataset's split, for models to
 * be judged on: those of pfc_offers_create that pfc_offers_bar lets through by the default
 * rules and, so that they are the same for every model, by ratings. None where enrolments have
 * no days. Owned by the caller. */
PFC_API PFC_MUST_USE pfc_status pfc_offers_judged(const pfc_history *h, pfc_offers **offers,
                                                  pfc_error *err);
/* The share of such offers that was accepted, of all rows of a training view; 0.5: none. */
PFC_API PFC_MUST_USE pfc_status pfc_offers_rate(const pfc_history *h, double *rate,
                                                pfc_error *err);

PFC_API void pfc_offers_destroy(pfc_offers *offers); /* NULL is allowed */

#endif
