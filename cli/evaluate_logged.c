#include "cli/evaluate_logged.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "trainer/off_policy_table.h"

pfc_status evaluate_logged_check(const common *c, const evaluate_logged *e, pfc_error *err) {
  pfc_status st = PFC_OK;
  if (!e->log)
    return pfc_fail(err, PFC_EUSAGE, "--policy is asked about a log; --logged FILE gives one");
  if (c->n_args > 0)
    return pfc_fail(err, PFC_EUSAGE,
                    "--logged judges a log alone, without models and data; '%s' is too much",
                    c->args[0]);
  PFC_TRY(common_reads("-o", c->output, e->log, err));
  PFC_TRY(common_reads("-o", c->output, e->policy, err));
done:
  return st;
}

/* --- what is told --------------------------------------------------------------------------
 */

/* Slots in the order that people give them: numbers by size, the rest as texts. */
typedef struct place {
  const char *name;
  int32_t slot;
} place;

static int by_name(const void *a, const void *b) {
  const char *x = ((const place *)a)->name, *y = ((const place *)b)->name;
  const size_t n = strlen(x), m = strlen(y);
  const bool numbers = strspn(x, "0123456789") == n && strspn(y, "0123456789") == m;
  if (numbers && n != m) return n < m ? -1 : 1;
  return strcmp(x, y);
}

static const char *verdict_of(const pfc_off_policy *o) {
  return o->enough ? "enough" : "not enough evidence";
}

static pfc_status put_estimate(cJSON *to, const char *name, pfc_estimate e, pfc_error *err) {
  pfc_status st = PFC_OK;
  cJSON *json = json_object(to, name, err);
  if (!json) return PFC_ENOMEM;
  PFC_TRY(pfc_json_put_number(json, "value", e.value, err));
  PFC_TRY(pfc_json_put_number(json, "lo", e.lo, err));
  PFC_TRY(pfc_json_put_number(json, "hi", e.hi, err));
done:
  return st;
}

static pfc_status put_slot(cJSON *to, const char *slot, const pfc_off_policy *o,
                           pfc_error *err) {
  pfc_status st = PFC_OK;
  PFC_TRY(pfc_json_put_text(to, "slot", slot, err));
  PFC_TRY(pfc_json_put_number(to, "n", (double)o->n, err));
  PFC_TRY(pfc_json_put_number(to, "clusters", o->n_clusters, err));
  PFC_TRY(put_estimate(to, "logged", o->logged, err));
  PFC_TRY(put_estimate(to, "snips", o->snips, err));
  PFC_TRY(put_estimate(to, "dr", o->dr, err));
  PFC_TRY(put_estimate(to, "switch_dr", o->switch_dr, err));
  PFC_TRY(pfc_json_put_number(to, "ess", o->ess, err));
  PFC_TRY(put_estimate(to, "mean_weight", o->mean_weight, err));
  PFC_TRY(pfc_json_put_number(to, "unsupported", o->unsupported, err));
  PFC_TRY(pfc_json_put_text(to, "verdict", verdict_of(o), err));
  PFC_TRY(pfc_json_put_text(to, "why", o->why, err));
done:
  return st;
}

static const output_column COLUMNS[] = {
    {"slot", COLUMN_TEXT, false},
    {"n", COLUMN_INT, false},
    {"estimate", COLUMN_TEXT, false},
    {"value", COLUMN_REAL, false},
    {"lo", COLUMN_REAL, false},
    {"hi", COLUMN_REAL, false},
    {"ess", COLUMN_REAL, false},
    {"mean_weight", COLUMN_REAL, false},
    {"mean_weight_lo", COLUMN_REAL, true},
    {"mean_weight_hi", COLUMN_REAL, true},
    {"unsupported", COLUMN_REAL, false},
    {"verdict", COLUMN_TEXT, false},
    {"why", COLUMN_TEXT, true},
};
enum { N_COLUMNS = sizeof COLUMNS / sizeof *COLUMNS };

/* Four rows: what the log itself brought, and three estimates. */
static pfc_status put_rows(output *out, const char *slot, const pfc_off_policy *o,
                           pfc_error *err) {
  pfc_status st = PFC_OK;
  static const char *const NAME[] = {"logged", "snips", "dr", "switch_dr"};
  const pfc_estimate of[] = {o->logged, o->snips, o->dr, o->switch_dr};
  for (int k = 0; k < 4; k++) {
    if (k > 1 && isnan(of[k].value)) continue;
    const cell cells[N_COLUMNS] = {
        cell_text(slot),
        cell_int(o->n),
        cell_text(NAME[k]),
        cell_real(of[k].value),
        cell_real(of[k].lo),
        cell_real(of[k].hi),
        cell_real(k > 0 ? o->ess : (double)NAN),
        cell_real(k > 0 ? o->mean_weight.value : (double)NAN),
        cell_real(k > 0 ? o->mean_weight.lo : (double)NAN),
        cell_real(k > 0 ? o->mean_weight.hi : (double)NAN),
        cell_real(k > 0 ? o->unsupported : (double)NAN),
        cell_text(k > 0 ? verdict_of(o) : NULL),
        cell_text(k > 0 ? o->why : NULL),
    };
    PFC_TRY(table_row(out, cells, err));
  }
done:
  return st;
}

static void note(common *c, const char *slot, const pfc_off_policy *o) {
  if (!o->enough) common_note(c, "%s: not enough evidence: %s", slot, o->why);
}

/* A log of one slot is told once. */
static pfc_status tell(common *c, const evaluate_logged *e, const pfc_logged_table *log,
                       const pfc_off_policy *told, pfc_error *err) {
  pfc_status st = PFC_OK;
  const int32_t n = pfc_dict_size(log->slots), n_alone = n > 1 ? n : 0;
  output *out = NULL;
  cJSON *json = NULL;
  place *places = NULL;
  PFC_NEW(places, n);
  for (int32_t k = 0; k < n; k++) places[k] = (place){pfc_dict_text(log->slots, k), k};
  qsort(places, (size_t)n, sizeof *places, by_name);
  PFC_TRY(common_object(c, &json, err));
  PFC_TRY(pfc_json_put_text(json, "logged", e->log, err));
  PFC_TRY(pfc_json_put_text(json, "policy", e->policy ? e->policy : "target", err));
  PFC_TRY(common_table(c, N_COLUMNS, COLUMNS, &out, err));
  cJSON *slots = json_array(json, "slots", err);
  for (int32_t k = 0; slots && k < n_alone; k++) {
    const pfc_off_policy *o = &told[places[k].slot];
    cJSON *to = json_element(slots, err);
    if (!to) goto memory;
    PFC_TRY(put_slot(to, places[k].name, o, err));
    PFC_TRY(put_rows(out, places[k].name, o, err));
    note(c, places[k].name, o);
  }
  cJSON *all = json_object(json, "all", err);
  if (!slots || !all) goto memory;
  PFC_TRY(put_slot(all, "all", &told[n], err));
  PFC_TRY(put_rows(out, "all", &told[n], err));
  note(c, "all", &told[n]);
  PFC_TRY(table_close(out, err));
  PFC_TRY(common_print(c, json, err));
  goto done;
memory:
  st = PFC_ENOMEM;
done:
  pfc_free(places);
  output_destroy(out);
  cJSON_Delete(json);
  return st;
}

pfc_status evaluate_logged_run(common *c, const evaluate_logged *e, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc_logged_table *log = NULL;
  pfc_logged_policy *policy = NULL;
  pfc_off_policy *told = NULL;
  PFC_TRY(pfc_logged_load(e->log, &log, err));
  if (e->policy && strcmp(e->policy, "uniform") == 0) {
    PFC_TRY(pfc_logged_policy_uniform(log, &policy, err));
  } else if (e->policy) {
    PFC_TRY(pfc_logged_policy_load(e->policy, log, &policy, err));
  }
  PFC_NEW(told, (size_t)pfc_dict_size(log->slots) + 1);
  PFC_TRY(pfc_off_policy_of_table(log, policy, &c->settings.off_policy, told, err));
  PFC_TRY(tell(c, e, log, told, err));
done:
  pfc_free(told);
  pfc_logged_policy_destroy(policy);
  pfc_logged_destroy(log);
  return st;
}
