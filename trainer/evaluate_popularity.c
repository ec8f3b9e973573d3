/* Popularity of interventions, beside which every list is judged. */
#include "base/mem.h"
#include "trainer/evaluate_internal.h"

/* What nobody has started yet gets the mean of the interventions that share a competency with
 * it. */
static void place_unstarted(const pfc_catalogue *cat, const double *sum, const double *members,
                            double *popularity) {
  for (int32_t i = 0; i < cat->n_interventions; i++) {
    if (popularity[i] > 0) continue;
    double total = 0, n = 0;
    for (int32_t t = cat->first[i]; t < cat->first[i + 1]; t++) {
      const int32_t c = cat->competency[t];
      if (c < 0 || members[c] == 0) continue;
      total += sum[c];
      n += members[c];
    }
    if (n > 0) popularity[i] = total / n;
  }
}

pfc_status pfc__popularity(const pfc__evaluation *e, double *popularity, pfc_error *err) {
  pfc_status st = PFC_OK;
  const pfc_history *h = e->training_history;
  const pfc_catalogue *cat = e->cat;
  const int32_t n_competencies = pfc_dataset_count(e->ds, "competency");
  double *sum = NULL, *members = NULL;
  PFC_NEW(sum, n_competencies);
  PFC_NEW(members, n_competencies);
  for (int64_t a = 0; a < h->first_attempt[h->n_people]; a++) {
    if (h->attempts[a].started) popularity[h->attempts[a].intervention]++;
  }
  for (int32_t t = 0; t < cat->n_targets; t++) {
    const double starts = popularity[cat->intervention[t]];
    if (cat->competency[t] < 0 || starts == 0) continue;
    sum[cat->competency[t]] += starts;
    members[cat->competency[t]]++;
  }
  place_unstarted(cat, sum, members, popularity);
done:
  pfc_free(sum);
  pfc_free(members);
  return st;
}
