/* Updating hazards: spells that the last fit had not been told, or not to their end, with what
 * it knew as their prior. Clocks, bins, groups and the horizon are what they were. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "datasets/controls.h"
#include "trainer/train_spells.h"
#include "trainer/update_internal.h"

/* Precision of a column whose group the old fit did not have. */
static const double DEFAULT_STRENGTH = 10;

/* One hazard, from old to new. */
typedef struct renewal {
  pfc__training *t;
  const pfc_hazard *old;
  pfc_hazard *m;
  const char *name; /* of the model: of its certificates */
  bool of_target;   /* as of pfc__spell_key */
  pfc__spells d;
  pfc_ledger told; /* how far the spells are told now */
  int32_t *from;   /* of the columns */
  int64_t n_begun; /* spells that old knew nothing of */
} renewal;

static void renewal_clear(renewal *r) {
  pfc__spells_clear(&r->d);
  pfc_ledger_clear(&r->told);
  pfc_free(r->from);
}

/* --- spells ------------------------------------------------------------------------------- */

/* What is left of a spell of which `days` were told; false: nothing. An event of the last of
 * these days took place in a tick that was told as none. Nobody asks what comes beyond the
 * horizon. */
static bool cut(pfc_episode *at, double days, const pfc_hazard *old) {
  if (days < 0 || days >= old->horizon_days) return false;
  if (at->duration_days <= days) {
    if (at->event == PFC_CENSORED) return false;
    days = fmax(at->duration_days - old->tick_days, at->duration_days / 2);
  }
  at->entry_days = fmax(at->entry_days, days);
  return true;
}

/* Leaves what old was not told and is old enough. Spells that name nobody cannot be told from
 * those that it was: they are left to a full fit. */
static pfc_status drop_absorbed(renewal *r, pfc_episodes *episodes, pfc_error *err) {
  pfc_status st = PFC_OK;
  int64_t n = 0;
  pfc_sha256 *digest = pfc_sha256_create();
  if (!digest) return pfc_fail_memory(err, "ledger");
  for (int64_t i = 0; i < episodes->n; i++) {
    pfc_episode at = episodes->at[i];
    if (at.person < 0 || !pfc__spell_is_ripe(r->t, &at, r->old->horizon_days)) continue;
    const int64_t known =
        pfc_ledger_find(&r->old->ledger, pfc__spell_key(r->t, digest, &at, r->of_target));
    if (known >= 0 && !cut(&at, (double)r->old->ledger.days[known], r->old)) continue;
    r->n_begun += known < 0;
    episodes->at[n++] = at;
  }
  episodes->n = n;
  r->d.n = n;
  r->d.spell = episodes->at;
  PFC_TRY(pfc__spells_place(&r->d, err));
  PFC_TRY(pfc__spells_ledger(&r->d, r->d.n, r->of_target, &r->told, err));
done:
  pfc_sha256_destroy(digest);
  return st;
}

static pfc_status encode(renewal *r, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc__spells *d = &r->d;
  pfc_decision *decision = NULL;
  PFC_NEW(decision, d->n);
  for (int64_t i = 0; i < d->n; i++) decision[i] = pfc__episode_decision(&d->spell[i]);
  if (r->t->levels)
    PFC_TRY(pfc_lent_levels_expect(r->t->levels, r->t->cat, d->n, decision, err));
  PFC_TRY(pfc_features_extend(r->old->features, r->t->lens, d->n, decision, &r->m->features,
                              &r->from, err));
  PFC_TRY(pfc__encode_rows(r->m->features, r->t->lens, (1U << PFC_N_SCOPES) - 1, d->n, decision,
                           0, NULL, &d->x, err));
done:
  pfc_free(decision);
  return st;
}

/* --- what stays --------------------------------------------------------------------------- */

static pfc_status take_clock(const pfc_clock *old, pfc_clock *clock, pfc_error *err) {
  pfc_status st = PFC_OK;
  const int32_t n_edges = old->n_bins + 1;
  if (!(clock->column = pfc_strdup(old->column ? old->column : "")))
    return pfc_fail_memory(err, "clock");
  PFC_NEW(clock->edge, n_edges);
  memcpy(clock->edge, old->edge, sizeof *old->edge * (size_t)n_edges);
  clock->typical_day = old->typical_day;
  clock->n_bins = old->n_bins;
done:
  return st;
}

/* Groups, clocks and coefficients of old; competencies that are new have no deviation of their
 * own, columns that are new no effect yet. */
static pfc_status take_old(renewal *r, pfc_error *err) {
  pfc_status st = PFC_OK;
  const pfc_hazard *old = r->old;
  pfc_hazard *m = r->m;
  m->tick_days = old->tick_days;
  m->horizon_days = old->horizon_days;
  m->n_groups = old->n_groups;
  m->n_competencies = pfc_dataset_count(r->t->view, "competency");
  PFC_NEW(m->group_of, m->n_competencies);
  for (int32_t c = 0; c < m->n_competencies; c++)
    m->group_of[c] = c < old->n_competencies ? old->group_of[c] : -1;
  for (int cause = 0; cause < PFC_N_CAUSES; cause++) {
    if (!old->baseline[cause]) continue;
    PFC_TRY(take_clock(&old->clock[cause], &m->clock[cause], err));
    const int32_t n_baseline = pfc_hazard_n_baseline(old, (pfc_cause)cause);
    PFC_NEW(m->baseline[cause], n_baseline);
    PFC_NEW(m->coef[cause], m->features->n_columns);
    memcpy(m->baseline[cause], old->baseline[cause], sizeof(double) * (size_t)n_baseline);
    for (int32_t c = 0; c < m->features->n_columns; c++)
      m->coef[cause][c] = r->from[c] >= 0 ? old->coef[cause][r->from[c]] : 0;
  }
  for (int32_t g = 0; g < old->strengths.n; g++)
    PFC_TRY(pfc_strengths_add(&m->strengths, old->strengths.at[g].group,
                              old->strengths.at[g].value, err));
done:
  return st;
}

/* --- one cause ---------------------------------------------------------------------------- */

/* The old posterior, in the columns of now. */
static pfc_status open_prior(const renewal *r, pfc_cause cause, pfc_posterior *prior,
                             pfc_error *err) {
  pfc_status st = PFC_OK;
  const pfc_features *f = r->m->features;
  const int32_t n_baseline = pfc_hazard_n_baseline(r->m, cause), n = n_baseline + f->n_columns;
  int32_t *from = NULL;
  double *fresh = NULL;
  PFC_NEW(from, n);
  PFC_NEW(fresh, n);
  for (int32_t b = 0; b < n_baseline; b++) from[b] = b;
  for (int32_t c = 0; c < f->n_columns; c++)
    from[n_baseline + c] = r->from[c] >= 0 ? n_baseline + r->from[c] : -1;
  for (int k = 0; k < f->n_fields; k++) {
    const pfc_field *field = &f->fields[k];
    const double of = pfc_strengths_of(&r->old->strengths, field->group, DEFAULT_STRENGTH);
    for (int32_t c = 0; c < field->n_columns; c++) fresh[n_baseline + field->first + c] = of;
  }
  PFC_TRY(pfc_posterior_remap(&r->old->posterior[cause], n, from, fresh, prior, err));
done:
  pfc_free(from);
  pfc_free(fresh);
  return st;
}

static pfc_status certify(const renewal *r, pfc_cause cause, const pfc_newton_report *report,
                          pfc_error *err) {
  char name[32];
  (void)snprintf(name, sizeof name, r->of_target ? "%s.%s" : "%s", r->name,
                 pfc_cause_name(cause));
  return pfc__certify(r->t->bundle, name, r->d.n, report->steps, report->value,
                      report->gradient, report->converged, err);
}

static pfc_status fit_cause(renewal *r, pfc_cause cause, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc_hazard *m = r->m;
  pfc__cause_fit f = {0};
  pfc_posterior prior = {0};
  pfc_newton_report report;
  pfc_hazard_fit_settings settings;
  double *mean = NULL;
  pfc__spells_set_clock(&r->d, &m->clock[cause]);
  PFC_TRY(pfc__cause_fit_open(&f, &r->d, r->d.n, cause, m, err));
  PFC_TRY(open_prior(r, cause, &prior, err));
  const size_t n_baseline = (size_t)f.problem.n_baseline;
  PFC_NEW(mean, prior.n);
  memcpy(mean, m->baseline[cause], n_baseline * sizeof *mean);
  memcpy(mean + n_baseline, m->coef[cause], ((size_t)prior.n - n_baseline) * sizeof *mean);
  f.problem.prior = &prior;
  f.problem.prior_mean = mean;
  pfc_hazard_fit_defaults(&settings);
  settings.newton.stage = r->name;
  settings.newton.progress = &r->t->settings->progress;
  PFC_TRY(pfc_hazard_fit(&f.problem, cause, &settings, m->baseline[cause], m->coef[cause],
                         &report, err));
  PFC_TRY(pfc_hazard_posterior(&f.problem, cause, m->baseline[cause], m->coef[cause],
                               &m->posterior[cause], err));
  PFC_TRY(certify(r, cause, &report, err));
done:
  pfc__cause_fit_close(&f);
  pfc_posterior_clear(&prior);
  pfc_free(mean);
  return st;
}

/* --- one hazard --------------------------------------------------------------------------- */

/* As in training: proficiency last, when what else could have ended a spell is known. */
static const pfc_cause ORDER[PFC_N_CAUSES] = {PFC_DROPPED, PFC_LEFT, PFC_PROFICIENT};

static pfc_status fit_causes(renewal *r, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc_hazard *m = r->m;
  PFC_TRY(encode(r, err));
  PFC_TRY(take_old(r, err));
  m->n_rows = r->old->n_rows + r->n_begun;
  for (int i = 0; i < PFC_N_CAUSES; i++) {
    const pfc_cause cause = ORDER[i];
    m->n_events[cause] = r->old->n_events[cause] + pfc__spells_events(&r->d, r->d.n, cause);
    if (m->baseline[cause]) PFC_TRY(fit_cause(r, cause, err));
  }
  PFC_TRY(pfc_ledger_join(&r->old->ledger, &r->told, &m->ledger, err));
done:
  return st;
}

/* r->m from r->old and what is new in the episodes. */
static pfc_status renew(renewal *r, pfc_episodes *episodes, pfc_error *err) {
  pfc_status st = PFC_OK;
  PFC_TRY(drop_absorbed(r, episodes, err));
  if (r->d.n == 0)
    PFC_TRY(pfc_hazard_copy(r->old, r->m, err));
  else
    PFC_TRY(fit_causes(r, err));
done:
  return st;
}

static pfc_status update_anyway(pfc__training *t, const pfc_bundle *old, int64_t *n,
                                pfc_error *err) {
  pfc_status st = PFC_OK;
  static const int64_t MOST = 200000; /* controls, as in training */
  pfc_episodes *controls = NULL;
  char text[200] = "";
  renewal r = {.t = t, .old = &old->anyway, .m = &t->bundle->anyway, .name = "anyway"};
  r.d = (pfc__spells){.t = t, .stage = r.name};
  if (!old->has_anyway) return pfc__train_anyway(t, text, sizeof text, err);
  PFC_TRY(pfc_controls_create(t->view, t->history, t->cat, MOST, &controls, err));
  pfc__date_by_looks(controls);
  PFC_TRY(renew(&r, controls, err));
  t->bundle->has_anyway = true;
  *n = r.d.n;
done:
  renewal_clear(&r);
  pfc_episodes_destroy(controls);
  return st;
}

pfc_status pfc__update_time(pfc__training *t, const pfc_bundle *old, pfc_train_note *note,
                            pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc_episodes *episodes = NULL;
  int64_t n_controls = 0;
  renewal r = {
      .t = t, .old = &old->time, .m = &t->bundle->time, .name = "time", .of_target = true};
  r.d = (pfc__spells){.t = t, .stage = r.name};
  PFC_TRY(pfc_episodes_create(t->view, t->history, &episodes, err));
  PFC_TRY(renew(&r, episodes, err));
  t->bundle->has_time = true;
  PFC_TRY(update_anyway(t, old, &n_controls, err));
  note->trained = 1;
  note->n_rows = r.d.n;
  (void)snprintf(note->text, sizeof note->text,
                 "%lld spells that are new or went on, %lld of them new; anyway: %lld",
                 (long long)r.d.n, (long long)r.n_begun, (long long)n_controls);
done:
  renewal_clear(&r);
  pfc_episodes_destroy(episodes);
  return st;
}
