#include "trainer/gate.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "trainer/gate_internal.h"

/* --- settings ------------------------------------------------------------------------------
 */

const char *pfc_gate_verdict_name(pfc_gate_verdict v) {
  static const char *const NAMES[] = {"promote", "reject", "undecided"};
  return NAMES[v];
}

void pfc_gate_defaults(pfc_gate_settings *s) {
  *s = (pfc_gate_settings){.struct_size = sizeof *s,
                           .alpha = 0.05,
                           .round = 1,
                           .candidates = 1,
                           .margin = 0.05,
                           .trusted_share = 0.1,
                           .trusted_seed = 1,
                           .slice_from = PFC_NO_DATE,
                           .resamples = 500,
                           .seed = 1};
}

static pfc_status check_range(const char *name, double value, double min, double max,
                              pfc_error *err) {
  if (value >= min && value <= max) return PFC_OK;
  return pfc_fail(err, PFC_EUSAGE, "gate: %s is %g, allowed is %g to %g", name, value, min,
                  max);
}

pfc_status pfc_gate_check(const pfc_gate_settings *s, pfc_error *err) {
  pfc_status st = PFC_OK;
  if (s->struct_size != sizeof *s)
    return pfc_fail(err, PFC_EUSAGE, "gate settings: start from pfc_gate_defaults()");
  PFC_TRY(check_range("alpha", s->alpha, 0.001, 0.5, err));
  PFC_TRY(check_range("round", s->round, 1, 1e6, err));
  PFC_TRY(check_range("candidates", s->candidates, 1, 16, err));
  PFC_TRY(check_range("margin", s->margin, 0, 0.5, err));
  PFC_TRY(check_range("trusted_share", s->trusted_share, 0.01, 0.5, err));
  PFC_TRY(check_range("resamples", s->resamples, 100, 1e6, err));
done:
  return st;
}

/* --- rows ----------------------------------------------------------------------------------
 */

pfc__gate_row *pfc__gate_add(pfc__gate *g, const char *name, const char *slice,
                             pfc_error *err) {
  pfc_status st = PFC_OK;
  PFC_RESERVE(g->rows, g->capacity, g->n + 1);
  pfc__gate_row *row = &g->rows[g->n++];
  const double none = NAN;
  *row = (pfc__gate_row){.slice = slice,
                         .champion = none,
                         .candidate = none,
                         .figure = none,
                         .error = none,
                         .lo = none,
                         .hi = none,
                         .limit = none,
                         .p = none};
  (void)snprintf(row->name, sizeof row->name, "%s", name);
done:
  return st == PFC_OK ? row : NULL;
}

/* --- told ----------------------------------------------------------------------------------
 */

static pfc_status put_row(const pfc__gate_row *row, cJSON *rows, pfc_error *err) {
  static const char *const VERDICTS[] = {"told", "better", "holds", "unclear", "worse"};
  pfc_status st = PFC_OK;
  cJSON *object = cJSON_CreateObject();
  if (!object || !cJSON_AddItemToArray(rows, object)) {
    cJSON_Delete(object);
    return pfc_fail_memory(err, "rows of the gate");
  }
  PFC_TRY(pfc_json_put_text(object, "name", row->name, err));
  PFC_TRY(pfc_json_put_text(object, "slice", row->slice, err));
  PFC_TRY(pfc_json_put_number(object, "champion", row->champion, err));
  PFC_TRY(pfc_json_put_number(object, "candidate", row->candidate, err));
  PFC_TRY(pfc_json_put_number(object, "figure", row->figure, err));
  PFC_TRY(pfc_json_put_number(object, "lo", row->lo, err));
  PFC_TRY(pfc_json_put_number(object, "hi", row->hi, err));
  PFC_TRY(pfc_json_put_number(object, "n", (double)row->n, err));
  PFC_TRY(pfc_json_put_number(object, "limit", row->limit, err));
  if (!cJSON_AddBoolToObject(object, "must", row->role >= PFC__MUST_HOLD))
    return pfc_fail_memory(err, "rows of the gate");
  PFC_TRY(pfc_json_put_text(object, "verdict", VERDICTS[row->verdict], err));
  PFC_TRY(pfc_json_put_text(object, "note", row->note, err));
done:
  return st;
}

static pfc_status tell(const pfc__gate *g, pfc_gate_verdict verdict, cJSON *json,
                       pfc_error *err) {
  pfc_status st = PFC_OK;
  PFC_TRY(pfc_json_put_text(json, "verdict", pfc_gate_verdict_name(verdict), err));
  PFC_TRY(pfc_json_put_number(json, "alpha", g->alpha, err));
  cJSON *rows = cJSON_AddArrayToObject(json, "rows");
  if (!rows) return pfc_fail_memory(err, "rows of the gate");
  for (int64_t i = 0; i < g->n; i++) PFC_TRY(put_row(&g->rows[i], rows, err));
done:
  return st;
}

/* --- all of it -----------------------------------------------------------------------------
 */

static pfc_status judge(pfc__gate *g, pfc_gate_verdict *verdict, pfc_error *err) {
  pfc_status st = PFC_OK;
  PFC_TRY(pfc_gate_check(g->settings, err));
  if (g->settings->slice_from == PFC_NO_DATE)
    return pfc_fail(err, PFC_EUSAGE, "gate: the first day of the newest slice is not given");
  g->alpha = pfc__gate_spend(g->settings->alpha, g->settings->round);
  PFC_TRY(pfc__gate_schema(g, err));
  PFC_TRY(pfc__gate_drift(g, err));
  PFC_TRY(pfc__gate_forward(g, err));
  PFC_TRY(pfc__gate_off_policy(g, err));
  PFC_TRY(pfc__gate_parity(g, err));
  PFC_TRY(pfc__gate_decide(g, verdict, err));
done:
  return st;
}

pfc_status pfc_gate_judge(const pfc_bundle *champion, const pfc_bundle *candidate,
                          const pfc_dataset *ds, const pfc_gate_settings *settings,
                          pfc_gate_verdict *verdict, cJSON **json, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc__gate g = {.champion = champion, .candidate = candidate, .ds = ds, .settings = settings};
  cJSON *out = NULL;
  pfc_gate_verdict v = PFC_UNDECIDED;
  PFC_TRY(judge(&g, &v, err));
  if (!(out = cJSON_CreateObject())) {
    st = pfc_fail_memory(err, "rows of the gate");
    goto done;
  }
  PFC_TRY(tell(&g, v, out, err));
  *verdict = v;
  *json = out;
  out = NULL;
done:
  cJSON_Delete(out);
  pfc_free(g.lost);
  pfc_free(g.rows);
  return st;
}
