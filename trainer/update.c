#include "trainer/update.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "datasets/split.h"
#include "trainer/update_internal.h"

/* Levels of people are read from their evidence by the profile whenever they are asked for: it
 * need not be fitted for new ones. What it has not seen gets the prior of its kind. */
static pfc_status update_profile(pfc__training *t, const pfc_bundle *old, pfc_train_note *note,
                                 pfc_error *err) {
  pfc_status st = PFC_OK;
  PFC_TRY(pfc_bundle_align_profile(old, t->view, &t->bundle->profile, err));
  t->bundle->has_profile = true;
  PFC_TRY(pfc_lend_profile(&t->bundle->profile, t->view, t->history, t->lens, &t->levels, err));
  note->trained = 1;
  (void)snprintf(note->text, sizeof note->text, "as it was");
done:
  return st;
}

/* --- the models, one after the other ------------------------------------------------------ */

static const struct {
  unsigned bit;
  const char *name;
  size_t has; /* offset of the bool */
  pfc_status (*update)(pfc__training *, const pfc_bundle *, pfc_train_note *, pfc_error *);
  pfc_status (*train)(pfc__training *, pfc_train_note *, pfc_error *);
} MODELS[] = {
    {PFC_TRAIN_PROFILE, "profile", offsetof(pfc_bundle, has_profile), update_profile,
     pfc__train_profile},
    {PFC_TRAIN_AFFINITY, "affinity", offsetof(pfc_bundle, has_affinity), pfc__update_affinity,
     pfc__train_affinity},
    {PFC_TRAIN_SUCCESS, "success", offsetof(pfc_bundle, has_success), pfc__update_success,
     pfc__train_success},
    {PFC_TRAIN_ACCEPT, "accept", offsetof(pfc_bundle, has_accept), pfc__update_accept,
     pfc__train_accept},
    {PFC_TRAIN_TIME, "time", offsetof(pfc_bundle, has_time), pfc__update_time, pfc__train_time},
};
enum { N_MODELS = sizeof MODELS / sizeof *MODELS };

static bool has(const pfc_bundle *b, int model) {
  return *(const bool *)(const void *)((const char *)b + MODELS[model].has);
}

static pfc_status update_models(pfc__training *t, const pfc_bundle *old,
                                pfc_train_report *report, pfc_error *err) {
  pfc_status st = PFC_OK;
  for (int m = 0; m < N_MODELS; m++) {
    if (!has(old, m) && !(t->settings->models & MODELS[m].bit)) continue;
    pfc_train_note *note = &report->notes[report->n_notes++];
    *note = (pfc_train_note){.model = MODELS[m].name};
    if (has(old, m))
      PFC_TRY(MODELS[m].update(t, old, note, err));
    else
      PFC_TRY(MODELS[m].train(t, note, err));
    if (!note->trained && (t->settings->require & MODELS[m].bit))
      return pfc_fail(err, PFC_EDATA, "%s cannot be trained: %s", note->model, note->text);
  }
  if (t->bundle->has_affinity && !old->has_affinity) PFC_TRY(pfc__calibrate_affinity(t, err));
done:
  return st;
}

/* --- what may be updated ------------------------------------------------------------------ */

static pfc_status refuse(const char *model, pfc_error *err) {
  return pfc_fail(
      err, PFC_EUSAGE,
      "the model's %s does not tell how sure it is of its coefficients: it is of an "
      "older version or was too large; train in full",
      model);
}

/* Each of its causes has a posterior of its own. */
static bool tells_how_sure(const pfc_hazard *m) {
  for (int cause = 0; cause < PFC_N_CAUSES; cause++)
    if (m->baseline[cause] && m->posterior[cause].n == 0) return false;
  return true;
}

static pfc_status check_old(const pfc_bundle *old, pfc_error *err) {
  if (old->has_baseline)
    return pfc_fail(err, PFC_EUSAGE, "the model is a baseline, which is trained, not updated");
  if (old->has_success && old->success.posterior.n == 0) return refuse("success", err);
  if (old->has_accept && old->accept.posterior.n == 0) return refuse("accept", err);
  if (old->has_time && !tells_how_sure(&old->time)) return refuse("time", err);
  if (old->has_anyway && !tells_how_sure(&old->anyway)) return refuse("anyway", err);
  return PFC_OK;
}

/* What the old fit chose is not chosen again. */
static void take_choices(const pfc_bundle *old, pfc_train_settings *s) {
  const pfc_affinity *m = &old->affinity;
  if (!old->has_affinity) return;
  s->weights = m->weights;
  s->als.rank = m->rank;
  s->als.alpha0 = m->alpha0;
  s->als.lambda = m->lambda;
  s->als.nu = m->nu;
  s->als.kappa_people = m->kappa_people;
  s->als.kappa_items = m->kappa_items;
}

/* --- the record --------------------------------------------------------------------------- */

static bool is_certified(const pfc_bundle *b, const char *model) {
  for (int32_t i = 0; i < b->n_certificates; i++)
    if (strcmp(b->certificates[i].model, model) == 0) return true;
  return false;
}

static bool is_measured(const pfc_bundle *b, const char *name) {
  for (int32_t i = 0; i < b->n_metrics; i++)
    if (strcmp(b->metrics[i].name, name) == 0) return true;
  return false;
}

/* Fits that were not made again, and figures by which what still holds was chosen. */
static pfc_status carry_records(const pfc_bundle *old, pfc_bundle *b, pfc_error *err) {
  pfc_status st = PFC_OK;
  for (int32_t i = 0; i < old->n_certificates; i++) {
    const pfc_certificate *c = &old->certificates[i];
    if (is_certified(b, c->model)) continue;
    PFC_TRY(pfc__certify(b, c->model, c->n_rows, c->iterations, c->objective, c->gradient,
                         c->converged, err));
  }
  for (int32_t i = 0; i < old->n_metrics; i++) {
    const pfc_metric *m = &old->metrics[i];
    if (!is_measured(b, m->name))
      PFC_TRY(pfc__record_metric(b, m->name, m->n_rows, m->value, err));
  }
done:
  return st;
}

/* --- all of it ---------------------------------------------------------------------------- */

static pfc_status open_world(pfc__training *t, const pfc_dataset *ds, const pfc_bundle *old,
                             pfc_error *err) {
  pfc_status st = PFC_OK;
  PFC_TRY(pfc_split_training_view(ds, &t->view, err));
  PFC_TRY(pfc_dataset_recode(t->view, old->n_dicts, old->dicts, err));
  PFC_TRY(pfc__world_read(t, err));
  if (!(t->bundle = pfc_bundle_create())) st = pfc_fail_memory(err, "bundle");
done:
  return st;
}

pfc_status pfc_update(const pfc_dataset *ds, const pfc_train_settings *settings,
                      const pfc_bundle *old, pfc_bundle **bundle, pfc_train_report *report,
                      pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc_train_settings own = *settings;
  pfc__training t = {.settings = &own};
  *report = (pfc_train_report){0};
  PFC_TRY(pfc_train_check(settings, err));
  if (settings->baseline.kind)
    return pfc_fail(err, PFC_EUSAGE, "baseline.kind: a baseline is trained, not updated");
  PFC_TRY(check_old(old, err));
  take_choices(old, &own);
  PFC_TRY(open_world(&t, ds, old, err));
  PFC_TRY(update_models(&t, old, report, err));
  PFC_TRY(carry_records(old, t.bundle, err));
  PFC_TRY(pfc__keep_provenance(&t, ds, err));
  *bundle = t.bundle;
  t.bundle = NULL;
done:
  pfc__world_clear(&t);
  return st;
}
