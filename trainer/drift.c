#include "trainer/drift.h"

#include <math.h>
#include <stdio.h>

#include "base/json.h"
#include "base/mem.h"
#include "trainer/bootstrap.h"
#include "trainer/drift_internal.h"

/* --- settings ---------------------------------------------------------------------------- */

void pfc_drift_defaults(pfc_drift_settings *s) {
  *s = (pfc_drift_settings){
      .struct_size = sizeof *s,
      .from = PFC_NO_DATE,
      .before_days = 365,
      .alpha = 0.01,
      .resamples = 500,
      .seed = 1,
  };
}

pfc_status pfc_drift_check(const pfc_drift_settings *s, pfc_error *err) {
  if (s->struct_size != sizeof *s)
    return pfc_fail(err, PFC_EUSAGE, "drift settings: call pfc_drift_defaults() first");
  if (s->before_days < 7 || s->before_days > 3650)
    return pfc_fail(err, PFC_EUSAGE, "before_days is %d; 7..3650", s->before_days);
  if (!(s->alpha >= 0.001 && s->alpha <= 0.5))
    return pfc_fail(err, PFC_EUSAGE, "alpha is %g; 0.001..0.5", s->alpha);
  if (s->resamples < 100 || s->resamples > 1000000)
    return pfc_fail(err, PFC_EUSAGE, "resamples is %d; 100..1000000", s->resamples);
  return PFC_OK;
}

/* --- rows -------------------------------------------------------------------------------- */

pfc__drift_row *pfc__drift_add(pfc__drift *d, const char *name, pfc_drift_kind kind,
                               pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc__drift_row *row = NULL;
  PFC_RESERVE(d->rows, d->capacity, d->n_rows + 1);
  row = &d->rows[d->n_rows++];
  *row = (pfc__drift_row){.name = name, .kind = kind, .figure = NAN, .limit = NAN, .p = NAN};
done:
  return st == PFC_OK ? row : NULL;
}

static pfc_status look(pfc__drift *d, pfc_error *err) {
  pfc_status st = PFC_OK;
  if (d->window < 1) goto done;
  PFC_TRY(pfc__drift_doubled(d, err));
  PFC_TRY(pfc__drift_volume(d, err));
  PFC_TRY(pfc__drift_silence(d, err));
  PFC_TRY(pfc__drift_scale(d, err));
  PFC_TRY(pfc__drift_labels(d, err));
  PFC_TRY(pfc__drift_psi(d, err));
  PFC_TRY(pfc__drift_starts(d, err));
  PFC_TRY(pfc__drift_chances(d, err));
done:
  return st;
}

/* --- telling ------------------------------------------------------------------------------ */

static pfc_status put_row(const pfc__drift_row *row, double p, bool alarm, cJSON *rows,
                          pfc_error *err) {
  pfc_status st = PFC_OK;
  cJSON *item = cJSON_CreateObject();
  if (!item || !cJSON_AddItemToArray(rows, item)) {
    cJSON_Delete(item);
    return pfc_fail_memory(err, "report of drift");
  }
  PFC_TRY(pfc_json_put_text(item, "name", row->name, err));
  PFC_TRY(pfc_json_put_text(item, "of", row->of, err));
  PFC_TRY(pfc_json_put_text(item, "kind", row->kind == PFC_DRIFT_FEED ? "feed" : "world", err));
  PFC_TRY(pfc_json_put_number(item, "figure", row->figure, err));
  PFC_TRY(pfc_json_put_number(item, "limit", row->limit, err));
  PFC_TRY(pfc_json_put_number(item, "p", p, err));
  PFC_TRY(pfc_json_put_number(item, "n", (double)row->n, err));
  if (!cJSON_AddBoolToObject(item, "alarm", alarm)) return pfc_fail_memory(err, "alarm");
  PFC_TRY(pfc_json_put_text(item, "note", row->note, err));
done:
  return st;
}

static pfc_status put_days(const pfc__drift *d, cJSON *json, pfc_error *err) {
  pfc_status st = PFC_OK;
  char text[PFC_DATE_TEXT];
  pfc_date_format(d->from, text);
  PFC_TRY(pfc_json_put_text(json, "from", text, err));
  pfc_date_format(d->last, text);
  PFC_TRY(pfc_json_put_text(json, "to", text, err));
  pfc_date_format(d->first, text);
  PFC_TRY(pfc_json_put_text(json, "against", text, err));
  PFC_TRY(pfc_json_put_number(json, "alpha", d->settings->alpha, err));
done:
  return st;
}

/* All p values hold together (Holm); a row without one has kept an error rate of its own. */
static pfc_status tell(const pfc__drift *d, bool *world, bool *feed, cJSON *json,
                       pfc_error *err) {
  pfc_status st = PFC_OK;
  double *p = NULL, *adjusted = NULL;
  cJSON *rows = NULL;
  PFC_NEW(p, d->n_rows);
  PFC_NEW(adjusted, d->n_rows);
  for (int k = 0; k < d->n_rows; k++) p[k] = d->rows[k].p;
  PFC_TRY(pfc_holm(d->n_rows, p, adjusted, err));
  PFC_TRY(put_days(d, json, err));
  if (!(rows = cJSON_AddArrayToObject(json, "rows"))) {
    st = pfc_fail_memory(err, "report of drift");
    goto done;
  }
  for (int k = 0; k < d->n_rows; k++) {
    const pfc__drift_row *row = &d->rows[k];
    const bool alarm = row->beyond && (isnan(p[k]) || adjusted[k] <= d->settings->alpha);
    if (alarm) *(row->kind == PFC_DRIFT_FEED ? feed : world) = true;
    PFC_TRY(put_row(row, adjusted[k], alarm, rows, err));
  }
done:
  pfc_free(p);
  pfc_free(adjusted);
  return st;
}

pfc_status pfc_drift_judge(const pfc_dataset *ds, const pfc_bundle *bundle,
                           const pfc_drift_settings *settings, bool *world, bool *feed,
                           cJSON **json, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc__drift d = {.ds = ds, .bundle = bundle, .settings = settings};
  cJSON *out = NULL;
  *world = *feed = false;
  PFC_TRY(pfc_drift_check(settings, err));
  PFC_TRY(pfc__drift_open(&d, err));
  PFC_TRY(look(&d, err));
  if (!(out = cJSON_CreateObject())) {
    st = pfc_fail_memory(err, "report of drift");
    goto done;
  }
  PFC_TRY(tell(&d, world, feed, out, err));
  *json = out;
  out = NULL;
done:
  cJSON_Delete(out);
  pfc__drift_close(&d);
  return st;
}
