/* What the candidate's lists would be worth, by offers that chance had a part in. Where nothing
 * was explored there is little to go by, and the row is advice. */
#include <math.h>
#include <stdio.h>

#include "trainer/gate_internal.h"
#include "trainer/off_policy_feedback.h"

static const double EXPLORE = 0.1; /* share of chance that `recommend --explore` begins with */

static void fill(const pfc__gate *g, const pfc_off_policy_judged *told, pfc__gate_row *row) {
  const pfc_off_policy_difference *d = &told->difference;
  const double width = d->snips.hi - d->snips.lo;
  row->champion = d->a.snips.value;
  row->candidate = d->b.snips.value;
  row->figure = d->snips.value;
  row->error = width / (2 * 1.959963984540054);
  row->limit = -g->settings->margin * fabs(row->champion);
  row->role = d->enough ? PFC__CAN_REFUSE : PFC__FOR_THE_RECORD;
}

pfc_status pfc__gate_off_policy(pfc__gate *g, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc_off_policy_settings s;
  pfc_off_policy_judged told = {0};
  pfc_off_policy_defaults(&s);
  if (!pfc_dataset_column(g->ds, PFC_FEEDBACK, "propensity")) return PFC_OK;
  PFC_TRY(pfc_off_policy_judge(g->champion, g->candidate, g->ds, g->settings->slice_from,
                               EXPLORE, &s, &told, err));
  pfc__gate_row *row = pfc__gate_add(g, "off_policy.snips", "newest", err);
  if (!row) return PFC_ENOMEM;
  const int64_t n = told.n_decisions + told.n_unknown + told.n_overridden;
  row->n = told.n_decisions;
  if (told.n_decisions > 0) fill(g, &told, row);
  (void)snprintf(row->note, sizeof row->note, "%.120s%soverridden %.3g %% of %lld",
                 told.difference.why, told.difference.why[0] ? "; " : "",
                 n > 0 ? 100 * (double)told.n_overridden / (double)n : 0, (long long)n);
done:
  return st;
}
