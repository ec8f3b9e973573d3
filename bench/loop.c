/* Worlds, and their rounds. */
#include "bench/loop.h"

#include <math.h>

#include "base/mem.h"
#include "bench/loop_internal.h"
#include "datasets/respond.h"
#include "trainer/truth_match.h"

#define DAYS_A_MONTH (365.2425 / 12)

/* --- settings ----------------------------------------------------------------------------- */

void pfc_loop_defaults(pfc_loop_settings *s) {
  *s = (pfc_loop_settings){.struct_size = sizeof *s,
                           .rounds = 6,
                           .days = 91,
                           .horizon_days = 365,
                           .resamples = 2000,
                           .seed = 1};
  const pfc_status known = pfc_simulate_preset("small", &s->organisation, NULL);
  (void)known;
  pfc_train_defaults(&s->train);
  pfc_refit_defaults(&s->challenge);
}

static pfc_status check_range(const char *name, int32_t value, int32_t min, int32_t max,
                              pfc_error *err) {
  if (value >= min && value <= max) return PFC_OK;
  return pfc_fail(err, PFC_EUSAGE, "%s is %d, allowed is %d to %d", name, (int)value, (int)min,
                  (int)max);
}

pfc_status pfc_loop_check(const pfc_loop_settings *s, pfc_error *err) {
  pfc_status st = PFC_OK;
  if (s->struct_size != sizeof *s)
    return pfc_fail(err, PFC_EUSAGE, "loop settings: begin with pfc_loop_defaults()");
  PFC_TRY(check_range("rounds", s->rounds, 1, 40, err));
  PFC_TRY(check_range("days", s->days, 7, PFC_TRUTH_DAYS, err));
  PFC_TRY(check_range("horizon_days", s->horizon_days, 1, PFC_TRUTH_DAYS, err));
  PFC_TRY(check_range("resamples", s->resamples, 0, 1000000, err));
  PFC_TRY(pfc_simulate_check(&s->organisation, err));
  PFC_TRY(pfc_train_check(&s->train, err));
  PFC_TRY(pfc_refit_check(&s->challenge, err));
done:
  return st;
}

/* --- worlds ------------------------------------------------------------------------------- */

/* An organisation under one policy, as it stands when a round begins. */
typedef struct world {
  pfc_dataset *ds; /* NULL until the first round is over: as the organisation was drawn */
  pfc_truth *truth;
  pfc_bundle *bundle; /* of this world; NULL: the first one */
} world;

typedef struct course {
  pfc__loop *loop;
  pfc_dataset *ds; /* as drawn */
  pfc_truth *truth;
  pfc_bundle *first; /* model */
  pfc_truth_match match;
  world worlds[PFC__LOOP_POLICIES];
} course;

static void course_clear(course *c) {
  for (int k = 0; k < PFC__LOOP_POLICIES; k++) {
    pfc_dataset_destroy(c->worlds[k].ds);
    pfc_truth_destroy(c->worlds[k].truth);
    pfc_bundle_destroy(c->worlds[k].bundle);
  }
  pfc_bundle_destroy(c->first);
  pfc_truth_match_clear(&c->match);
  pfc_dataset_destroy(c->ds);
  pfc_truth_destroy(c->truth);
}

/* The history of the organisation ends where the rounds begin; what it goes on with after that,
 * careers apart, each world lives anew. */
static pfc_status draw(course *c, const pfc_dataset *frame, pfc_error *err) {
  pfc__loop *l = c->loop;
  const pfc_loop_settings *s = l->settings;
  pfc_simulate_settings org = s->organisation;
  const int32_t span = s->rounds * s->days;
  org.n_months += (int32_t)ceil(span / DAYS_A_MONTH);
  l->first_day = org.last_day + 1 - span;
  l->drift_on = s->drift ? l->first_day + s->rounds / 2 * s->days : PFC_NO_DATE;
  org.drift_on = l->drift_on;
  org.progress = s->progress;
  const pfc_status st = pfc_simulate(frame, &org, &c->ds, &c->truth, err);
  if (st != PFC_OK) return st;
  c->ds->split = (pfc_split){.kind = PFC_SPLIT_AT, .date = l->first_day};
  l->n_people = pfc_dataset_count(c->ds, "person");
  return PFC_OK;
}

/* Where people and criticality stand in the truth, which is the same in all worlds. */
static pfc_status match(course *c, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc_history *history = NULL;
  pfc_catalogue *cat = NULL;
  PFC_TRY(pfc_history_create(c->ds, &history, err));
  PFC_TRY(pfc_catalogue_create(c->ds, &cat, err));
  PFC_TRY(pfc_truth_match_init(&c->match, history, cat, c->truth, err));
done:
  pfc_history_destroy(history);
  pfc_catalogue_destroy(cat);
  return st;
}

/* --- models --------------------------------------------------------------------------------
 */

static pfc_status train_anew(const pfc_dataset *ds, const pfc_train_settings *settings,
                             const pfc_bundle *old, void *user, pfc_bundle **bundle,
                             pfc_error *err) {
  pfc_train_report report;
  (void)old;
  (void)user;
  return pfc_train(ds, settings, bundle, &report, err);
}

/* The model that leads in this world in this round: *bundle is borrowed. */
static pfc_status learn(course *c, int policy, int32_t round, const pfc_dataset *ds,
                        const pfc_policy_problem *problem, const pfc_bundle **bundle,
                        pfc_error *err) {
  static const pfc_baseline_kind KINDS[PFC__LOOP_POLICIES] = {
      [PFC__LOOP_GAP] = PFC_BASELINE_GAP,
      [PFC__LOOP_POPULARITY] = PFC_BASELINE_POPULARITY,
      [PFC__LOOP_RANDOM] = PFC_BASELINE_RANDOM};
  const pfc_loop_settings *s = c->loop->settings;
  pfc_train_settings train = s->train;
  pfc_bundle **own = &c->worlds[policy].bundle, *next = NULL;
  const bool is_baseline = KINDS[policy] != PFC_BASELINE_NONE;
  const bool learns = is_baseline || (policy == PFC__LOOP_REFIT && round > 0);
  const bool is_ours = s->refit && !is_baseline;
  *bundle = *own ? *own : c->first;
  if (!learns) return PFC_OK;
  train.baseline.kind = KINDS[policy];
  train.seed = s->seed + (uint64_t)round; /* chance is another one in each round */
  const pfc_refit_fn refit = is_ours ? s->refit : train_anew;
  const pfc_status st =
      s->gated && !is_baseline
          ? pfc__loop_challenge(c->loop, round, ds, problem, *bundle, &next, err)
          : refit(ds, &train, *bundle, s->refit_user, &next, err);
  if (st != PFC_OK || !next) return st;
  pfc_bundle_destroy(*own);
  *bundle = *own = next;
  return PFC_OK;
}

/* --- rounds ---------------------------------------------------------------------------------
 */

static pfc_status record(pfc__loop *l, pfc__loop_record *to, const pfc_policy_problem *problem,
                         const int32_t *assigned, const int32_t *best, pfc_error *err) {
  pfc_status st = PFC_OK;
  PFC_NEW(to->there, l->n_people);
  PFC_NEW(to->worth, l->n_people);
  PFC_NEW(to->hours, l->n_people);
  PFC_NEW(to->best, l->n_people);
  PFC_NEW(to->lacking, l->n_people);
  for (int32_t p = 0; p < problem->n_people; p++) {
    const int64_t at = (int64_t)p * problem->n_items;
    const int32_t person = problem->person[p];
    to->there[person] = 1;
    if (best[p] >= 0) to->best[person] = (double)problem->worth[at + best[p]];
    if (assigned[p] < 0) continue;
    to->worth[person] = (double)problem->worth[at + assigned[p]];
    to->hours[person] = (double)problem->hours[at + assigned[p]];
    to->n_led++;
  }
done:
  return st;
}

pfc_status pfc__loop_assign(const pfc__loop *l, const pfc_bundle *bundle, const pfc_dataset *ds,
                            const pfc_policy_problem *problem, bool is_worth, int32_t *assigned,
                            pfc_error *err) {
  pfc_status st = PFC_OK;
  float *score = NULL;
  PFC_NEW(score, (size_t)problem->n_people * (size_t)problem->n_items);
  const pfc_policy_scores wanted = {.value = score};
  PFC_TRY(pfc_policy_score(bundle, ds, problem, &wanted, err));
  PFC_TRY(pfc_policy_assign(problem, score, is_worth ? 0 : -HUGE_VAL, l->settings->seed,
                            assigned, err));
done:
  pfc_free(score);
  return st;
}

/* The world after the round. */
static pfc_status live(course *c, world *w, const pfc_policy_problem *problem,
                       const int32_t *assigned, pfc_error *err) {
  pfc_status st = PFC_OK;
  const pfc_loop_settings *s = c->loop->settings;
  pfc_lead *leads = NULL;
  pfc_dataset *ds = NULL;
  pfc_truth *truth = NULL;
  pfc_round round = {.day = problem->day, .n_days = s->days, .seed = s->seed};
  PFC_NEW(leads, problem->n_people);
  for (int32_t p = 0; p < problem->n_people; p++)
    if (assigned[p] >= 0) leads[round.n++] = (pfc_lead){problem->person[p], assigned[p]};
  round.leads = leads;
  PFC_TRY(pfc_respond(w->ds ? w->ds : c->ds, w->truth ? w->truth : c->truth, &round, &ds,
                      &truth, err));
  pfc_dataset_destroy(w->ds);
  pfc_truth_destroy(w->truth);
  w->ds = ds;
  w->truth = truth;
done:
  pfc_free(leads);
  return st;
}

/* What a person lacks of what the role asks for, weighed as worth is (trainer/policy.h). */
static double shortfall(const course *c, const pfc_truth *t, int32_t person, int32_t day) {
  const int32_t row = c->match.person[person], role = pfc_truth_role(t, row, day);
  double sum = 0;
  for (int32_t k = 0; role >= 0 && k < t->n_competencies; k++) {
    const int64_t at = (int64_t)role * t->n_competencies + k;
    const double required = (double)t->required[at], importance = (double)t->importance[at];
    if (isnan(required) || isnan(importance)) continue;
    const double less = required - pfc_truth_level(t, row, k, day);
    if (less > 0) sum += c->match.criticality[role] * importance * less;
  }
  return sum;
}

static void record_end(const course *c, const pfc_truth *truth, int32_t day,
                       pfc__loop_record *to) {
#pragma omp parallel for schedule(dynamic, 32)
  for (int32_t p = 0; p < c->loop->n_people; p++)
    if (to->there[p] > 0) to->lacking[p] = shortfall(c, truth, p, day);
}

static pfc_status play(course *c, int policy, int32_t round, pfc_error *err) {
  pfc_status st = PFC_OK;
  const pfc_loop_settings *s = c->loop->settings;
  world *w = &c->worlds[policy];
  const pfc_dataset *ds = w->ds ? w->ds : c->ds;
  const pfc_truth *truth = w->truth ? w->truth : c->truth;
  const pfc_bundle *bundle = NULL;
  pfc__loop_record *to = pfc__loop_record_of(c->loop, round, policy);
  pfc_policy_problem *problem = NULL;
  int32_t *assigned = NULL, *best = NULL;
  double slack;
  PFC_TRY(pfc_policy_problem_create(ds, truth, c->loop->first_day + round * s->days,
                                    s->horizon_days, 0, s->seed, &problem, err));
  PFC_TRY(learn(c, policy, round, ds, problem, &bundle, err));
  PFC_NEW(assigned, problem->n_people);
  PFC_NEW(best, problem->n_people);
  const bool is_worth = policy != PFC__LOOP_POPULARITY && policy != PFC__LOOP_RANDOM;
  PFC_TRY(pfc__loop_assign(c->loop, bundle, ds, problem, is_worth, assigned, err));
  PFC_TRY(pfc_policy_oracle(problem, best, &slack, err));
  PFC_TRY(record(c->loop, to, problem, assigned, best, err));
  PFC_TRY(live(c, w, problem, assigned, err));
  record_end(c, w->truth, problem->day + s->days, to);
done:
  pfc_policy_problem_destroy(problem);
  pfc_free(assigned);
  pfc_free(best);
  return st;
}

static pfc_status play_all(course *c, pfc_error *err) {
  pfc_status st = PFC_OK;
  const pfc_loop_settings *s = c->loop->settings;
  const int64_t total = (int64_t)s->rounds * PFC__LOOP_POLICIES;
  pfc_train_settings train = s->train;
  train.seed = s->seed;
  PFC_TRY(s->gated ? pfc__loop_first(c->loop, c->ds, &c->first, err)
                   : train_anew(c->ds, &train, NULL, NULL, &c->first, err));
  for (int64_t k = 0; k < total; k++) {
    PFC_TRY(pfc_progress_report(&s->progress, "rounds", k, total, (double)NAN, err));
    PFC_TRY(play(c, (int)(k % PFC__LOOP_POLICIES), (int32_t)(k / PFC__LOOP_POLICIES), err));
  }
done:
  return st;
}

static void records_free(pfc__loop *l) {
  for (int64_t k = 0; l->records && k < (int64_t)l->settings->rounds * PFC__LOOP_POLICIES;
       k++) {
    pfc_free(l->records[k].there);
    pfc_free(l->records[k].worth);
    pfc_free(l->records[k].hours);
    pfc_free(l->records[k].best);
    pfc_free(l->records[k].lacking);
  }
  pfc_free(l->records);
}

pfc_status pfc_loop_run(const pfc_dataset *frame, const pfc_loop_settings *settings,
                        cJSON **json, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc__loop loop = {.settings = settings};
  course c = {.loop = &loop};
  PFC_TRY(pfc_loop_check(settings, err));
  PFC_NEW(loop.records, (size_t)settings->rounds * PFC__LOOP_POLICIES);
  PFC_NEW(loop.decisions, settings->rounds);
  PFC_TRY(draw(&c, frame, err));
  PFC_TRY(match(&c, err));
  PFC_TRY(play_all(&c, err));
  PFC_TRY(pfc__loop_tell(&loop, json, err));
done:
  course_clear(&c);
  records_free(&loop);
  pfc_free(loop.decisions);
  return st;
}
