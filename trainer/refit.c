#include "trainer/refit.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "datasets/history.h"
#include "datasets/split.h"
#include "models/predict.h"
#include "trainer/refit_internal.h"
#include "trainer/update.h"

/* --- settings ----------------------------------------------------------------------------- */

void pfc_refit_defaults(pfc_refit_settings *s) {
  *s = (pfc_refit_settings){
      .struct_size = sizeof *s, .full_share = 0.1, .slice_days = 91, .min_new = 50};
  pfc_train_defaults(&s->train);
  pfc_gate_defaults(&s->gate);
}

static pfc_status check_number(const char *name, double value, double min, double max,
                               pfc_error *err) {
  if (value >= min && value <= max) return PFC_OK;
  return pfc_fail(err, PFC_EUSAGE, "%s: %g to %g expected, not %g", name, min, max, value);
}

pfc_status pfc_refit_check(const pfc_refit_settings *s, pfc_error *err) {
  pfc_status st = PFC_OK;
  if (s->struct_size != sizeof *s)
    return pfc_fail(err, PFC_EUSAGE, "refit settings: start from pfc_refit_defaults()");
  PFC_TRY(check_number("method", s->method, PFC_REFIT_AUTO, PFC_REFIT_FULL, err));
  PFC_TRY(check_number("full_share", s->full_share, 0, 1, err));
  PFC_TRY(check_number("slice_days", s->slice_days, 7, 720, err));
  PFC_TRY(check_number("min_new", (double)s->min_new, 1, 1e9, err));
  PFC_TRY(pfc_gate_check(&s->gate, err));
  PFC_TRY(pfc_train_check(&s->train, err));
  if (s->train.baseline.kind)
    st = pfc_fail(err, PFC_EUSAGE, "baseline.kind: a refit is one of models, none expected");
done:
  return st;
}

void pfc_refit_report_clear(pfc_refit_report *r) {
  cJSON_Delete(r->tried);
  r->tried = NULL;
}

/* --- views -------------------------------------------------------------------------------- */

/* What the dataset's own split leaves to training; *own is NULL where that is all of it. */
static pfc_status own_view(const pfc_dataset *ds, pfc_dataset **own, pfc_error *err) {
  *own = NULL;
  if (ds->split.kind == PFC_SPLIT_NONE) return PFC_OK;
  return pfc_split_training_view(ds, own, err);
}

static pfc_status find_slice(const pfc_dataset *ds, int32_t days, int32_t *slice_from,
                             pfc_error *err) {
  pfc_history *history = NULL;
  const pfc_status st = pfc_history_create(ds, &history, err);
  if (st != PFC_OK) return st;
  const int32_t last = pfc_last_day(ds, history);
  pfc_history_destroy(history);
  if (last == PFC_NO_DATE)
    return pfc_fail(err, PFC_EDATA,
                    "nothing in the data has a day, and a model is judged by the newest days");
  *slice_from = last + 1 - days;
  return PFC_OK;
}

pfc_status pfc_refit_slice(const pfc_dataset *ds, const pfc_refit_settings *s,
                           int32_t *slice_from, pfc_error *err) {
  pfc_dataset *own = NULL;
  pfc_status st = own_view(ds, &own, err);
  if (st == PFC_OK) st = find_slice(own ? own : ds, s->slice_days, slice_from, err);
  pfc_dataset_destroy(own);
  return st;
}

static pfc_split trusted_split(const pfc_refit_settings *s) {
  return (pfc_split){.kind = PFC_SPLIT_PERSON,
                     .fraction = s->gate.trusted_share,
                     .seed = s->gate.trusted_seed};
}

/* Of a dataset without a split. */
static pfc_status view_before(const pfc_dataset *ds, const pfc_refit_settings *s,
                              int32_t slice_from, pfc_dataset **view, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc_dataset dated = *ds; /* borrows everything */
  pfc_dataset *before = NULL;
  dated.split = (pfc_split){.kind = PFC_SPLIT_AT, .date = slice_from};
  PFC_TRY(pfc_split_training_view(&dated, &before, err));
  before->split = trusted_split(s);
  PFC_TRY(pfc_split_training_view(before, view, err));
  (*view)->split = before->split;
done:
  pfc_dataset_destroy(before);
  return st;
}

pfc_status pfc_refit_view(const pfc_dataset *ds, const pfc_refit_settings *s,
                          int32_t slice_from, pfc_dataset **view, pfc_error *err) {
  pfc_dataset *own = NULL;
  pfc_status st = own_view(ds, &own, err);
  if (st == PFC_OK) st = view_before(own ? own : ds, s, slice_from, view, err);
  pfc_dataset_destroy(own);
  return st;
}

/* --- candidates --------------------------------------------------------------------------- */

/* A refit in the making. */
typedef struct refitting {
  const pfc_dataset *ds; /* what its own split leaves to training */
  const pfc_bundle *champion;
  const pfc_refit_settings *settings;
  pfc_dataset *view;
  int n;
  pfc_bundle *candidate[PFC__REFIT_MOST];
  const char *method[PFC__REFIT_MOST];
  pfc_train_report models[PFC__REFIT_MOST];
  pfc_refit_report *report;
} refitting;

static pfc_status fit_full(refitting *k, pfc_error *err) {
  pfc_train_settings train = k->settings->train;
  train.progress = train.als.progress = k->settings->progress;
  k->method[k->n] = "full";
  const pfc_status st = pfc_train(k->view, &train, &k->candidate[k->n], &k->models[k->n], err);
  k->n += st == PFC_OK;
  return st;
}

/* The trusted people judge. What they trained would be in the update of a model, too, however
 * little its split tells of it. */
static pfc_status check_updatable(const refitting *k, pfc_error *err) {
  char trusted[PFC_SPLIT_TEXT];
  const pfc_split split = trusted_split(k->settings);
  const char *trained = k->champion->split ? k->champion->split : "";
  pfc_split_describe(&split, trusted);
  if (strcmp(trained, trusted) == 0) return PFC_OK;
  return pfc_fail(
      err, PFC_EUSAGE,
      "the champion cannot be updated: it was trained with split \"%s\", so that the "
      "people who are trusted to judge may have trained it (\"%s\" expected)",
      trained, trusted);
}

static pfc_status fit_update(refitting *k, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc_train_settings train = k->settings->train;
  train.progress = train.als.progress = k->settings->progress;
  k->method[k->n] = "update";
  PFC_TRY(check_updatable(k, err));
  PFC_TRY(pfc_update(k->view, &train, k->champion, &k->candidate[k->n], &k->models[k->n], err));
  k->n++;
done:
  return st;
}

/* Where a champion cannot be updated all is fitted anew, unless an update was asked for. */
static pfc_status fit(refitting *k, pfc_error *err) {
  const pfc_refit_settings *s = k->settings;
  pfc_status st = PFC_OK;
  pfc_error why = PFC_ERROR_INIT;
  if (k->champion && s->method == PFC_REFIT_UPDATE) return fit_update(k, err);
  if (k->champion && s->method == PFC_REFIT_AUTO) {
    st = fit_update(k, &why);
    if (st != PFC_OK && st != PFC_EUSAGE) return pfc_fail(err, st, "%s", why.msg);
    if (st == PFC_OK && k->report->new_share < s->full_share) return PFC_OK;
  }
  return fit_full(k, err);
}

static pfc_status choose(refitting *k, pfc_bundle **candidate, pfc_error *err) {
  pfc_status st = PFC_OK;
  int best = 0;
  if (!(k->report->tried = cJSON_CreateArray())) return pfc_fail_memory(err, "refit");
  PFC_TRY(pfc__refit_choose(k->ds, k->report->slice_from, k->n,
                            (const pfc_bundle *const *)k->candidate, k->method, k->settings,
                            k->report->tried, &best, err));
  k->report->n_candidates = k->n;
  k->report->method = k->method[best];
  k->report->models = k->models[best];
  *candidate = k->candidate[best];
  k->candidate[best] = NULL;
done:
  return st;
}

/* --- is there anything to do? ------------------------------------------------------------- */

static pfc_status count_news(refitting *k, pfc_error *err) {
  int64_t n_all = 0;
  pfc_refit_report *r = k->report;
  const pfc_status st = pfc__refit_count(k->view, k->champion, &r->n_new, &n_all, err);
  r->new_share = n_all > 0 ? (double)r->n_new / (double)n_all : 0;
  return st;
}

/* A champion that knows days of the newest slice cannot be judged on it. */
static bool knows_slice(const refitting *k) {
  char day[PFC_DATE_TEXT], from[PFC_DATE_TEXT];
  pfc_refit_report *r = k->report;
  const int32_t known = k->champion->trained_as_of;
  if (known == PFC_NO_DATE || known < r->slice_from) return false;
  pfc_date_format(known, day);
  pfc_date_format(r->slice_from, from);
  (void)snprintf(r->why, sizeof r->why,
                 "the champion knows the days up to %s, and the newest slice begins on %s", day,
                 from);
  return true;
}

/* Leaves why in the report where there is not. */
static pfc_status look_for_news(refitting *k, pfc_error *err) {
  pfc_refit_report *r = k->report;
  pfc_status st = PFC_OK;
  if (k->champion && knows_slice(k)) return PFC_OK;
  PFC_TRY(count_news(k, err));
  if (k->champion && r->n_new < k->settings->min_new)
    (void)snprintf(r->why, sizeof r->why,
                   "%lld new rows with a result before the newest slice, %lld are asked for",
                   (long long)r->n_new, (long long)k->settings->min_new);
done:
  return st;
}

/* --- all of it ---------------------------------------------------------------------------- */

static pfc_status refit(refitting *k, pfc_bundle **candidate, pfc_error *err) {
  pfc_status st = PFC_OK;
  PFC_TRY(find_slice(k->ds, k->settings->slice_days, &k->report->slice_from, err));
  PFC_TRY(view_before(k->ds, k->settings, k->report->slice_from, &k->view, err));
  PFC_TRY(look_for_news(k, err));
  if (k->report->why[0]) goto done;
  PFC_TRY(fit(k, err));
  PFC_TRY(choose(k, candidate, err));
done:
  return st;
}

pfc_status pfc_refit(const pfc_dataset *ds, const pfc_bundle *champion,
                     const pfc_refit_settings *settings, pfc_bundle **candidate,
                     pfc_refit_report *report, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc_dataset *own = NULL;
  refitting k = {.champion = champion, .settings = settings, .report = report};
  *candidate = NULL;
  *report = (pfc_refit_report){0};
  PFC_TRY(pfc_refit_check(settings, err));
  PFC_TRY(own_view(ds, &own, err));
  k.ds = own ? own : ds;
  PFC_TRY(refit(&k, candidate, err));
done:
  for (int c = 0; c < PFC__REFIT_MOST; c++) pfc_bundle_destroy(k.candidate[c]);
  pfc_dataset_destroy(k.view);
  pfc_dataset_destroy(own);
  if (st != PFC_OK) pfc_refit_report_clear(report);
  return st;
}
