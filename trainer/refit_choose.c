/* The better of the candidates, by the forward test on the newest slice. */
#include <math.h>

#include "base/json.h"
#include "trainer/evaluate.h"
#include "trainer/refit_internal.h"

/* What is added up: minus the log probability of each result, answer and end. */
static const struct {
  const char *section, *figure;
} PARTS[] = {{"success", "log_loss"}, {"accept", "log_loss"}, {"time", "nll"}};
enum { N_PARTS = sizeof PARTS / sizeof *PARTS };

static const cJSON *figures_of(const cJSON *told, int candidate) {
  if (candidate == 0) return told;
  return cJSON_GetArrayItem(cJSON_GetObjectItemCaseSensitive(told, "against"), candidate - 1);
}

/* A figure and on how many rows; false: there is none. */
static bool read_part(const cJSON *told, int candidate, int part, double *mean, double *n) {
  const cJSON *section =
      cJSON_GetObjectItemCaseSensitive(figures_of(told, candidate), PARTS[part].section);
  const cJSON *figure = cJSON_GetObjectItemCaseSensitive(section, PARTS[part].figure);
  const cJSON *value = cJSON_GetObjectItemCaseSensitive(figure, "value");
  const cJSON *rows = cJSON_GetObjectItemCaseSensitive(figure, "n");
  if (!cJSON_IsNumber(value) || !cJSON_IsNumber(rows)) return false;
  *mean = value->valuedouble;
  *n = rows->valuedouble;
  return isfinite(*mean);
}

/* Only what all of them tell can be compared. */
static bool all_tell(const cJSON *told, int n, int part) {
  double mean, rows;
  for (int k = 0; k < n; k++)
    if (!read_part(told, k, part, &mean, &rows)) return false;
  return true;
}

static pfc_status tell(const cJSON *told, int n, int k, const char *method, cJSON *tried,
                       double *loss, pfc_error *err) {
  pfc_status st = PFC_OK;
  double sum = 0, all = 0;
  cJSON *row = cJSON_CreateObject();
  if (!row || !cJSON_AddItemToArray(tried, row)) {
    cJSON_Delete(row);
    return pfc_fail_memory(err, "refit");
  }
  PFC_TRY(pfc_json_put_text(row, "method", method, err));
  for (int p = 0; p < N_PARTS; p++) {
    double mean = NAN, rows = 0;
    if (!read_part(told, k, p, &mean, &rows)) continue;
    PFC_TRY(pfc_json_put_number(row, PARTS[p].section, mean, err));
    if (!all_tell(told, n, p)) continue;
    sum += mean * rows;
    all += rows;
  }
  *loss = all > 0 ? sum / all : (double)NAN;
  PFC_TRY(pfc_json_put_number(row, "loss", *loss, err));
  PFC_TRY(pfc_json_put_number(row, "rows", all, err));
done:
  return st;
}

pfc_status pfc__refit_choose(const pfc_dataset *ds, int32_t slice_from, int n,
                             const pfc_bundle *const *candidate, const char *const *method,
                             const pfc_refit_settings *s, cJSON *tried, int *best,
                             pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc_evaluate_settings judging;
  pfc_contestant who[PFC__REFIT_MOST] = {{0}};
  pfc_dataset slice = *ds; /* borrows everything */
  double least = INFINITY;
  cJSON *told = NULL;
  pfc_evaluate_defaults(&judging);
  judging.lists = false;
  judging.resamples = 0;
  judging.progress = s->progress;
  slice.split = (pfc_split){.kind = PFC_SPLIT_AT, .date = slice_from};
  for (int k = 0; k < n; k++) who[k] = (pfc_contestant){method[k], candidate[k], NULL};
  if (n > 1) PFC_TRY(pfc_evaluate(n, who, &slice, &judging, &told, err));
  *best = 0;
  for (int k = 0; k < n; k++) {
    double loss;
    PFC_TRY(tell(told, n, k, method[k], tried, &loss, err));
    if (!(loss < least)) continue;
    least = loss;
    *best = k;
  }
done:
  cJSON_Delete(told);
  return st;
}
