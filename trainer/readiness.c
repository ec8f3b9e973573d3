#include "trainer/readiness.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "trainer/offers.h"
#include "trainer/train_internal.h"

const char *pfc_verdict_name(pfc_verdict verdict) {
  static const char *const NAMES[] = {"cannot", "warning", "ready"};
  return NAMES[verdict];
}

void pfc_readiness_defaults(pfc_readiness_settings *s) {
  *s = (pfc_readiness_settings){.struct_size = sizeof *s, .events_per_variable = 10};
}

pfc_status pfc_readiness_check(const pfc_readiness_settings *s, pfc_error *err) {
  if (s->struct_size != sizeof *s)
    return pfc_fail(err, PFC_EUSAGE, "readiness settings: start from pfc_readiness_defaults()");
  if (!(s->events_per_variable >= 0 && s->events_per_variable <= 1000))
    return pfc_fail(err, PFC_EUSAGE, "events_per_variable: 0 to 1000 expected, not %g",
                    s->events_per_variable);
  return PFC_OK;
}

/* --- words --------------------------------------------------------------------------- */

static void PFC_PRINTF(2, 3) warn(pfc_ready_model *m, const char *fmt, ...) {
  va_list args;
  if (m->n_warnings == PFC_READY_WARNINGS) return;
  va_start(args, fmt);
  (void)vsnprintf(m->warning[m->n_warnings++], PFC_READY_TEXT, fmt, args);
  va_end(args);
}

/* Adds to what would change the verdict, after a semicolon where something stands there. */
static void PFC_PRINTF(2, 3) change(pfc_ready_model *m, const char *fmt, ...) {
  va_list args;
  size_t at = strlen(m->change);
  at += (size_t)snprintf(m->change + at, PFC_READY_TEXT - at, "%s", at ? "; " : "");
  if (at >= PFC_READY_TEXT) return;
  va_start(args, fmt);
  (void)vsnprintf(m->change + at, PFC_READY_TEXT - at, fmt, args);
  va_end(args);
}

static void refuse(pfc_ready_model *m, const pfc_train_note *note) {
  m->verdict = PFC_CANNOT;
  (void)snprintf(m->reason, sizeof m->reason, "%s", note->text);
}

/* --- events per variable ------------------------------------------------------------------ */

static void count_columns(pfc_ready_model *m, const pfc_features *f) {
  m->n_columns = f->n_columns;
  for (int k = 0; k < f->n_fields; k++) {
    if (f->fields[k].what != PFC_WHAT_ID) m->n_variables += f->fields[k].n_columns;
  }
}

/* A fit of few events on many variables finds what is not there. The level of 10 goes back to
 * Peduzzi et al., J Clin Epidemiol 49:1373 (1996), for fits without a penalty; it is a rule
 * of thumb, not a limit (Riley et al., BMJ 368:m441, 2020), and a ridge needs fewer. */
static void judge_events(const pfc_readiness_settings *s, pfc_ready_model *m,
                         const pfc_ready_events *e) {
  if (m->n_variables == 0 || e->per_variable >= s->events_per_variable) return;
  const double needed = ceil(s->events_per_variable * m->n_variables);
  warn(m,
       "%lld %s on %d variables are %.1f a variable, fewer than %g: the ridge holds "
       "coefficients small, but expect less on new data than the fit promises",
       (long long)e->n, e->name, m->n_variables, e->per_variable, s->events_per_variable);
  change(m, "%.0f more that are %s, or fewer x_ and c_ columns", needed - (double)e->n,
         e->name);
}

static void add_events(pfc_ready_model *m, const char *name, int64_t n) {
  m->events[m->n_events++] = (pfc_ready_events){
      name, n, m->n_variables > 0 ? (double)n / m->n_variables : (double)NAN};
}

static void add_fact(pfc_ready_model *m, const char *name, int64_t n, int64_t of) {
  m->facts[m->n_facts++] = (pfc_ready_fact){name, n, of};
}

/* --- profile ----------------------------------------------------------------------------- */

static void warn_profile(const pfc__profile_rows *rows, pfc_ready_model *m) {
  char doubts[PFC_READY_TEXT];
  const int32_t n_people = rows->evidence->n_people, n_none = n_people - rows->n_people;
  pfc__profile_doubts(rows, doubts, sizeof doubts);
  if (doubts[0]) {
    warn(m, "%s", doubts);
    if (rows->n_anchors == 0) {
      change(m, "a source with anchor 1 in table sources, whose levels are taken as they are");
    } else {
      change(m, "assessments by an anchor of whom the others rated, in the same competencies");
    }
  }
  if (n_none > n_people / 2) {
    warn(m,
         "%d of %d people (%.0f%%) have no rating: they get what their role makes likely, with "
         "the interval that goes with it",
         n_none, n_people, 100.0 * n_none / n_people);
    change(m, "assessments of more people");
  }
}

static pfc_status survey_profile(const pfc__training *t, const pfc_readiness_settings *s,
                                 pfc_ready_model *m, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc__profile_rows rows = {0};
  pfc_train_note note = {0};
  (void)s;
  PFC_TRY(pfc__profile_rows_init(t, &rows, err));
  m->n_rows = rows.n_ratings;
  add_events(m, "cells", rows.n_cells);
  add_events(m, "sources", rows.n_sources);
  add_events(m, "people without a rating", rows.evidence->n_people - rows.n_people);
  if (pfc__profile_refuses(t, &rows, &note)) {
    refuse(m, &note);
    change(m,
           "needs at least %d assessments whose levels differ and lie on the scale; there are "
           "%lld",
           t->settings->profile.min_ratings, (long long)rows.n_ratings);
  } else {
    warn_profile(&rows, m);
  }
done:
  pfc__profile_rows_clear(&rows);
  return st;
}

/* --- affinity ---------------------------------------------------------------------------- */

/* How many interventions anybody has taken up, and how many people took up two or more. */
static pfc_status count_choices(const pfc_csr *conf, int64_t *n_items, int64_t *n_people,
                                pfc_error *err) {
  pfc_status st = PFC_OK;
  uint8_t *taken = NULL;
  *n_items = *n_people = 0;
  PFC_NEW(taken, conf->n_cols);
  for (int64_t p = 0; p < conf->n_rows; p++) {
    *n_people += conf->start[p + 1] - conf->start[p] > 1;
    for (int64_t k = conf->start[p]; k < conf->start[p + 1]; k++) taken[conf->col[k]] = 1;
  }
  for (int32_t i = 0; i < conf->n_cols; i++) *n_items += taken[i];
done:
  pfc_free(taken);
  return st;
}

static pfc_status survey_affinity(const pfc__training *t, const pfc_readiness_settings *s,
                                  pfc_ready_model *m, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc_csr conf = {0};
  pfc_train_note note = {0};
  int64_t n_items, n_people;
  (void)s;
  PFC_TRY(pfc__affinity_rows(t, &conf, err));
  m->n_rows = conf.start[conf.n_rows];
  if (pfc__affinity_refuses(t, m->n_rows, &note)) {
    refuse(m, &note);
    const int64_t n = t->history->first_attempt[t->history->n_people];
    if (n == 0) change(m, "needs at least 1 enrolment among the training rows; there are 0");
    if (n > 0)
      change(m, "needs train.affinity.weights that give the enrolments there are a weight");
    goto done;
  }
  PFC_TRY(count_choices(&conf, &n_items, &n_people, err));
  if (n_items == 1) {
    warn(m, "only one intervention was ever taken up: there is nothing to rank");
    change(m, "enrolments in a second intervention");
  } else if (n_people == 0) {
    warn(m,
         "nobody took up two different interventions: tastes relate nothing, lists follow "
         "attributes and popularity");
    change(m, "people with two or more interventions");
  }
done:
  pfc_csr_clear(&conf);
  return st;
}

/* --- success ----------------------------------------------------------------------------- */

/* Starts that do not count as labelled: of unknown result, and too recent. */
static void count_unlabelled(const pfc__training *t, int64_t *n_open, int64_t *n_recent) {
  const pfc_history *h = t->history;
  *n_open = *n_recent = 0;
  for (int64_t a = 0; a < h->first_attempt[h->n_people]; a++) {
    const pfc_attempt *at = &h->attempts[a];
    if (!at->started) continue;
    const int32_t date = h->dated ? at->start : PFC_NO_DATE;
    const bool is_mature = pfc_catalogue_is_mature(t->cat, at->intervention, date, t->today);
    *n_open += at->result < 0;
    *n_recent += at->result >= 0 && !is_mature;
  }
}

static void change_success(const pfc__training *t, const pfc__labelled *l, pfc_ready_model *m) {
  const int32_t needed = t->settings->success_min_rows;
  int64_t n_open, n_recent;
  count_unlabelled(t, &n_open, &n_recent);
  if (l->n < needed) {
    change(m,
           "needs at least %d started enrolments that passed, failed or dropped, of both "
           "outcomes; there are %lld that passed and %lld that did not",
           needed, (long long)l->n_passed, (long long)(l->n - l->n_passed));
  } else if (l->n_passed == l->n) {
    change(m, "needs at least 1 started enrolment with status failed or dropped; there are 0");
  } else {
    change(m, "needs at least 1 started enrolment with status passed; there are 0");
  }
  if (n_open > 0)
    change(m, "%lld starts have a status that tells no result (in_progress, completed, none)",
           (long long)n_open);
  if (n_recent > 0)
    change(m, "%lld have a result, but began too late to have ended by their weeks",
           (long long)n_recent);
}

static pfc_status survey_success(const pfc__training *t, const pfc_readiness_settings *s,
                                 pfc_ready_model *m, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc__labelled l = {0};
  pfc_features *features = NULL;
  pfc_train_note note = {0};
  PFC_TRY(pfc__success_rows(t, &l, err));
  m->n_rows = l.n;
  if (pfc__success_refuses(t, &l, &note)) {
    refuse(m, &note);
    change_success(t, &l, m);
  } else {
    PFC_TRY(pfc_features_fit(t->lens, PFC_PLAN_SUCCESS, l.n, l.d, &features, err));
    count_columns(m, features);
  }
  add_events(m, "passed", l.n_passed);
  add_events(m, "failed or dropped", l.n - l.n_passed);
  judge_events(s, m, &m->events[l.n_passed > l.n - l.n_passed]);
done:
  pfc_features_destroy(features);
  pfc__labelled_clear(&l);
  return st;
}

/* --- accept ------------------------------------------------------------------------------ */

/* What became of the feedback on its way to the rows. */
static void tell_offers(const pfc_offers *o, pfc_ready_model *m) {
  const int64_t n_offers = o->n_shown + o->n_unasked;
  if (n_offers == 0) return;
  add_fact(m, "offers shown", o->n_shown, 0);
  add_fact(m, "offers without an answer", o->n_unanswered, o->n_shown);
  add_fact(m, "answers without an offer", o->n_unasked, n_offers);
  add_fact(m, "mandated or overridden", o->n_told, n_offers);
  add_fact(m, "offers that the rules would not have made", o->n_barred, o->n + o->n_barred);
  if (o->n_unanswered == 0) return;
  (void)snprintf(m->remark, sizeof m->remark,
                 o->silent_no
                     ? "silence counts as declined: %lld offers had time for an answer"
                     : "silence tells nothing: too few of the offers that had time for "
                       "an answer have none (%lld)",
                 (long long)o->n_silent);
}

static pfc_status survey_accept(const pfc__training *t, const pfc_readiness_settings *s,
                                pfc_ready_model *m, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc__labelled l = {0};
  pfc_offers offers = {0};
  pfc_features *features = NULL;
  pfc_train_note note = {0};
  PFC_TRY(pfc__accept_rows(t, &l, &offers, err));
  m->n_rows = l.n;
  tell_offers(&offers, m);
  if (pfc__accept_refuses(t, &l, &note)) {
    refuse(m, &note);
    change(m,
           "needs at least %d offers with an answer in table feedback (shown, then accepted or "
           "declined), of both kinds; there are %lld accepted and %lld declined",
           t->settings->accept_min_rows, (long long)l.n_passed, (long long)(l.n - l.n_passed));
  } else {
    PFC_TRY(pfc_features_fit(t->lens, PFC_PLAN_ACCEPT, l.n, l.d, &features, err));
    count_columns(m, features);
  }
  add_events(m, "accepted", l.n_passed);
  add_events(m, "declined", l.n - l.n_passed);
  judge_events(s, m, &m->events[l.n_passed > l.n - l.n_passed]);
done:
  pfc_features_destroy(features);
  pfc__labelled_clear(&l);
  return st;
}

/* --- time -------------------------------------------------------------------------------- */

static pfc_status encode_episodes(const pfc__training *t, const pfc_episodes *episodes,
                                  pfc_ready_model *m, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc_decision *d = NULL;
  pfc_features *features = NULL;
  PFC_NEW(d, episodes->n);
  for (int64_t i = 0; i < episodes->n; i++) d[i] = pfc__episode_decision(&episodes->at[i]);
  PFC_TRY(pfc_features_fit(t->lens, PFC_PLAN_TIME, episodes->n, d, &features, err));
  count_columns(m, features);
done:
  pfc_features_destroy(features);
  pfc_free(d);
  return st;
}

/* Episodes are derived from three things: say which of them is missing. */
static void change_derived(const pfc__training *t, pfc_ready_model *m) {
  const pfc_history *h = t->history;
  int64_t n_starts = 0, n_ratings = 0, n_levels = 0;
  for (int64_t a = 0; a < h->first_attempt[h->n_people]; a++)
    n_starts += h->attempts[a].started && h->attempts[a].start != PFC_NO_DATE;
  for (int64_t k = 0; k < h->first_rating[h->n_people]; k++)
    n_ratings += !h->ratings[k].self && h->ratings[k].date != PFC_NO_DATE;
  for (int32_t k = 0; k < t->cat->n_targets; k++)
    n_levels += t->cat->competency[k] >= 0 && !isnan(t->cat->to_level[k]);
  change(m,
         "there is no table episodes, so they are derived: from dated starts (%lld), "
         "targets with a to_level (%lld) and dated assessments by others than the person "
         "(%lld), of which one at or above the target ends an episode",
         (long long)n_starts, (long long)n_levels, (long long)n_ratings);
}

static void change_time(const pfc__training *t, const pfc_episodes *episodes,
                        int64_t n_proficient, pfc_ready_model *m) {
  int64_t n_long = 0;
  for (int64_t i = 0; i < episodes->n; i++)
    n_long += !(episodes->at[i].duration_days <= PFC_HAZARD_MAX_DAYS);
  if (n_long > 0)
    change(m, "needs a duration_days of at most %d in %lld rows", PFC_HAZARD_MAX_DAYS,
           (long long)n_long);
  if (n_proficient < t->settings->time_min_events)
    change(m, "needs at least %d episodes that end in proficiency; there are %lld",
           t->settings->time_min_events, (long long)n_proficient);
  if (t->view->tables[PFC_EPISODES].n_rows == 0) change_derived(t, m);
}

static void judge_cause(const pfc__training *t, const pfc_readiness_settings *s,
                        pfc_ready_model *m, pfc_cause cause) {
  const pfc_ready_events *e = &m->events[cause];
  if (e->n >= t->settings->time_min_events) {
    judge_events(s, m, e);
  } else if (e->n > 0) {
    warn(m,
         "only %lld episodes are %s, fewer than %d: no risk of its own is fitted for that, "
         "they count as lost from sight",
         (long long)e->n, e->name, t->settings->time_min_events);
    change(m, "%lld more that are %s", (long long)t->settings->time_min_events - e->n, e->name);
  }
}

/* Who was found below a level and took nothing that aims at it: what an intervention is held
 * against. */
static pfc_status tell_controls(const pfc__training *t, pfc_ready_model *m, pfc_error *err) {
  static const char lead[] = "without an intervention: ";
  char text[PFC_READY_TEXT - sizeof lead];
  pfc__controls c = {0};
  const pfc_status st = pfc__controls_init(t, &c, err);
  if (st == PFC_OK) {
    add_fact(m, "controls found below a level twice", c.list->n, 0);
    add_fact(m, "controls who reached it", c.n_events, c.list->n);
    add_fact(m, "starts that lack what most controls lack", c.n_alike, c.n_treated);
    if (!pfc__anyway_refuses(t, &c, text, sizeof text))
      (void)snprintf(text, sizeof text, "a chance to get there is fitted on the controls");
    (void)snprintf(m->remark, sizeof m->remark, "%s%s", lead, text);
  }
  pfc_episodes_destroy(c.list);
  return st;
}

static pfc_status survey_time(const pfc__training *t, const pfc_readiness_settings *s,
                              pfc_ready_model *m, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc_episodes *episodes = NULL;
  pfc_train_note note = {0};
  int64_t n[PFC_N_CAUSES] = {0};
  PFC_TRY(pfc_episodes_create(t->view, t->history, &episodes, err));
  for (int64_t i = 0; i < episodes->n; i++)
    if (episodes->at[i].event != PFC_CENSORED) n[episodes->at[i].event]++;
  m->n_rows = episodes->n;
  const bool cannot = pfc__time_refuses(t, episodes, &note);
  if (!cannot) PFC_TRY(encode_episodes(t, episodes, m, err));
  for (int c = 0; c < PFC_N_CAUSES; c++) add_events(m, pfc_cause_name((pfc_cause)c), n[c]);
  if (cannot) {
    refuse(m, &note);
    change_time(t, episodes, n[PFC_PROFICIENT], m);
    goto done;
  }
  for (int c = 0; c < PFC_N_CAUSES; c++) judge_cause(t, s, m, (pfc_cause)c);
  PFC_TRY(tell_controls(t, m, err));
done:
  pfc_episodes_destroy(episodes);
  return st;
}

/* --- all of it --------------------------------------------------------------------------- */

static const struct {
  unsigned bit;
  const char *name;
  pfc_status (*survey)(const pfc__training *, const pfc_readiness_settings *, pfc_ready_model *,
                       pfc_error *);
} MODELS[] = {
    {PFC_TRAIN_PROFILE, "profile", survey_profile},
    {PFC_TRAIN_AFFINITY, "affinity", survey_affinity},
    {PFC_TRAIN_SUCCESS, "success", survey_success},
    {PFC_TRAIN_ACCEPT, "accept", survey_accept},
    {PFC_TRAIN_TIME, "time", survey_time},
};
enum { N_MODELS = sizeof MODELS / sizeof *MODELS };

pfc_status pfc_readiness_assess(const pfc_dataset *ds, const pfc_train_settings *train,
                                const pfc_readiness_settings *s, pfc_readiness *r,
                                pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc__training t = {.settings = train};
  *r = (pfc_readiness){0};
  PFC_TRY(pfc_train_check(train, err));
  PFC_TRY(pfc_readiness_check(s, err));
  PFC_TRY(pfc__world_init(&t, ds, err));
  for (int k = 0; k < N_MODELS; k++) {
    if (!(train->models & MODELS[k].bit)) continue;
    pfc_ready_model *m = &r->models[r->n_models++];
    *m = (pfc_ready_model){.model = MODELS[k].name, .bit = MODELS[k].bit, .verdict = PFC_READY};
    PFC_TRY(MODELS[k].survey(&t, s, m, err));
    if (m->verdict == PFC_READY && m->n_warnings > 0) m->verdict = PFC_WARNED;
    PFC_TRY(pfc_progress_report(&train->progress, "readiness", k + 1, N_MODELS, NAN, err));
  }
done:
  pfc__world_clear(&t);
  return st;
}
