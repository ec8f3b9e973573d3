#include "models/lent_levels.h"
#include "tests/oracle/score_oracle.h"

#include <math.h>
#include <string.h>

#include "base/mem.h"
#include "models/predict.h"
#include "tests/support/test.h"

enum {
  ENTRIES = 4096,    /* more columns than a row of these tests has */
  STEPS = 8,         /* of a day */
  FIRST_STEPS = 200, /* of the first two days, in which much may come */
};

static void open_levels(score_oracle *o) {
  assert_ok(pfc_bundle_align_profile(o->bundle, o->ds, &o->profile, &err));
  assert_ok(pfc_evidence_create(o->ds, o->history, &o->evidence, &err));
  assert_ok(pfc_requirements_create(o->ds, &o->requirements, &err));
  assert_ok(pfc_levels_create(&o->profile, o->evidence, o->requirements, &o->levels, &err));
  assert_ok(pfc_levels_person_create(o->levels, &o->known, &err));
}

void score_oracle_open(score_oracle *o, const pfc_bundle *bundle, const pfc_dataset *ds,
                       const pfc_scorer_settings *settings) {
  *o = (score_oracle){.bundle = bundle, .ds = ds, .settings = *settings};
  o->as_of = settings->as_of;
  assert_ok(pfc_history_create(ds, &o->history, &err));
  assert_ok(pfc_catalogue_create(ds, &o->cat, &err));
  assert_ok(
      pfc_lens_create(ds, o->history, o->cat, bundle->dicts, bundle->n_dicts, &o->lens, &err));
  assert_ok(pfc_lend_bundle(bundle, ds, o->history, o->lens, &err));
  if (bundle->has_affinity)
    assert_ok(
        pfc_fold_create(&bundle->affinity, o->lens, o->history, o->cat, 1, &o->fold, &err));
  if (bundle->has_profile) open_levels(o);
  o->col = pfc_alloc_array(ENTRIES, sizeof *o->col);
  o->val = pfc_alloc_array(ENTRIES, sizeof *o->val);
  assert_true(o->col && o->val);
}

void score_oracle_close(score_oracle *o) {
  pfc_levels_person_destroy(o->known);
  pfc_levels_destroy(o->levels);
  pfc_requirements_destroy(o->requirements);
  pfc_evidence_destroy(o->evidence);
  pfc_profile_clear(&o->profile);
  pfc_fold_destroy(o->fold);
  pfc_lens_destroy(o->lens);
  pfc_catalogue_destroy(o->cat);
  pfc_history_destroy(o->history);
  pfc_free(o->col);
  pfc_free(o->val);
}

/* --- time -------------------------------------------------------------------------------- */

/* One target's hazards: odds a tick of each cause on a day. */
typedef struct hazards {
  const pfc_hazard *m;
  int32_t group;
  double zero[PFC_N_CAUSES]; /* day since the start at which the clock stands at 0 */
  double shift[PFC_N_CAUSES];
} hazards;

static hazards hazards_of(const score_oracle *o, const pfc_hazard *m, int32_t person,
                          int32_t target) {
  hazards h = {.m = m, .group = -1};
  const int32_t i = o->cat->intervention[target], c = o->cat->competency[target];
  const int32_t code = c < 0 ? -1 : pfc_lens_code(o->lens, "competency", c);
  if (code >= 0 && code < h.m->n_competencies) h.group = h.m->group_of[code];
  for (int r = 0; r < PFC_N_CAUSES; r++) {
    const char *column = h.m->clock[r].column;
    if (!column || !*column) continue;
    const double *day = pfc_dataset_reals(o->ds, PFC_INTERVENTIONS, column);
    const double at = day && o->cat->row[i] >= 0 ? day[o->cat->row[i]] : NAN;
    h.zero[r] = isnan(at) ? h.m->clock[r].typical_day : at;
  }
  const pfc_decision d = {person, i, c, o->as_of, -1, -1};
  pfc_hazard_shift(h.m, o->lens, &d, o->col, o->val, h.shift);
  return h;
}

static double odds(const hazards *h, int cause, double day) {
  const pfc_clock *clock = &h->m->clock[cause];
  if (!h->m->baseline[cause]) return 0;
  int bin = clock->n_bins - 1;
  while (bin > 0 && day - h->zero[cause] <= clock->edge[bin]) bin--;
  double eta = h->m->baseline[cause][bin] + h->shift[cause];
  if (h->group >= 0) eta += h->m->baseline[cause][clock->n_bins * (1 + h->group) + bin];
  return exp(eta);
}

/* The next day on which something changes: a step, an edge of any cause's bins, a day that is
 * asked for, the end. */
static double next_day(const score_oracle *o, const hazards *h, double day) {
  const int steps = day < 2 ? FIRST_STEPS : STEPS;
  double next = fmin((floor(day * steps + 1e-6) + 1) / steps, h->m->horizon_days);
  for (int r = 0; r < PFC_N_CAUSES; r++) {
    for (int e = 1; e < h->m->clock[r].n_bins; e++) {
      const double edge = h->zero[r] + h->m->clock[r].edge[e];
      if (edge > day + 1e-9 && edge < next) next = edge;
    }
  }
  for (int i = 0; i < 2; i++) {
    const double by = o->settings.by_days[i];
    if (by > day + 1e-9 && by < next) next = by;
  }
  return next;
}

/* Calls itself over the days: incidence by each, and what is asked on the way. */
typedef struct walk {
  double day, alive, incidence[PFC_N_CAUSES], discounted, p_by[2];
  double quantile[3], whole; /* incidence by the horizon, once it is known */
} walk;

static void step(const score_oracle *o, const hazards *h, walk *w) {
  static const double share[3] = {0.1, 0.5, 0.9};
  const double to = next_day(o, h, w->day), middle = (w->day + to) / 2;
  double each[PFC_N_CAUSES], total = 0;
  for (int r = 0; r < PFC_N_CAUSES; r++) total += each[r] = odds(h, r, middle);
  const double stay = pow(1 + total, -(to - w->day) / h->m->tick_days);
  const double before = w->incidence[PFC_PROFICIENT];
  for (int r = 0; r < PFC_N_CAUSES && total > 0; r++)
    w->incidence[r] += w->alive * (1 - stay) * each[r] / total;
  const double now = w->incidence[PFC_PROFICIENT];
  w->alive *= stay;
  w->discounted += (now - before) * exp(-o->settings.discount_per_day * middle);
  for (int i = 0; i < 2; i++)
    if (to <= o->settings.by_days[i] + 1e-9) w->p_by[i] = now;
  for (int q = 0; q < 3 && w->whole > 0; q++) {
    const double wanted = share[q] * w->whole;
    if (!(before < wanted && now >= wanted)) continue;
    const double part = (wanted - before) / (now - before); /* (1 - stay^u) / (1 - stay) */
    w->quantile[q] = w->day + (to - w->day) * log1p(-part * (1 - stay)) / log(stay);
  }
  w->day = to;
}

/* Twice: quantiles ask for shares of what the first walk found. */
static walk outlook(const score_oracle *o, const pfc_hazard *m, int32_t person,
                    int32_t target) {
  const hazards h = hazards_of(o, m, person, target);
  walk w = {0};
  for (int round = 0; round < 2; round++) {
    const double whole = w.incidence[PFC_PROFICIENT];
    w = (walk){.alive = 1, .whole = whole, .quantile = {NAN, NAN, NAN}};
    while (w.day < h.m->horizon_days - 1e-9) step(o, &h, &w);
  }
  w.discounted = w.whole > 0 ? w.discounted / w.whole : 0;
  return w;
}

/* --- the other models -------------------------------------------------------------------- */

/* As Kull, Silva Filho and Flach write it, of the probability itself. */
static double calibrated(const pfc_beta *m, double eta) {
  const double p = 1 / (1 + exp(-eta)), q = 1 / (1 + exp(eta));
  return 1 / (1 + exp(-m->c) * pow(q, m->b) / pow(p, m->a));
}

static double chance(const score_oracle *o, const pfc_chance *m, int32_t person, int32_t i,
                     const float *x) {
  const pfc_decision d = {person, i, -1, o->as_of, -1, -1};
  const float *y = o->fold ? pfc_fold_item(o->fold, i) : NULL;
  const double eta = pfc_chance_eta(m, o->lens, &d, x, y, o->col, o->val);
  return calibrated(&m->calibration, eta);
}

/* Share of the way to its targets that it carries: never more than all of it. */
static double share_of(const score_oracle *o, int32_t i) {
  const pfc_profile *p = &o->bundle->profile;
  const char *name = pfc_dict_text(pfc_dataset_find_dict(o->ds, "intervention"), i);
  const pfc_dict *known = pfc_bundle_dict(o->bundle, "intervention");
  if (!o->bundle->has_profile) return 1;
  for (int32_t k = 0; known && k < p->n_interventions; k++)
    if (!strcmp(pfc_dict_text(known, k), name)) return p->taught + (double)p->programme[k];
  return p->taught;
}

static void take_up(const score_oracle *o, int32_t i, const float *x, pfc_score *s,
                    double *error) {
  const pfc_affinity *m = &o->bundle->affinity;
  const float *y = pfc_fold_item(o->fold, i);
  double dot = 0, sizes = 0;
  for (int32_t f = 0; f < m->rank; f++) {
    dot += (double)x[f] * (double)y[f];
    sizes += fabs((double)x[f] * (double)y[f]);
  }
  *error = 1e-6 * sizes;
  s->affinity = dot;
  s->accept = calibrated(&m->accept_calibration, m->accept_slope * dot + m->accept_intercept);
}

/* --- facts ------------------------------------------------------------------------------- */

static int is_before(const score_oracle *o, const pfc_attempt *a) {
  if (!o->history->dated || o->as_of == PFC_NO_DATE) return 1;
  return a->start != PFC_NO_DATE && a->start < o->as_of;
}

static int aims_at(const pfc_catalogue *cat, int32_t i, int32_t competency) {
  for (int32_t t = 0; t < cat->n_targets; t++)
    if (cat->intervention[t] == i && cat->competency[t] == competency) return 1;
  return 0;
}

/* Earlier starts of the intervention itself (competency -1) or of all that aim at one. */
static int64_t count_starts(const score_oracle *o, int32_t i, int32_t competency) {
  int64_t n = 0;
  const pfc_history *h = o->history;
  for (int64_t k = 0; k < h->first_attempt[h->n_people]; k++) {
    const pfc_attempt *a = &h->attempts[k];
    if (!a->started || !is_before(o, a)) continue;
    n += competency < 0 ? a->intervention == i : aims_at(o->cat, a->intervention, competency);
  }
  return n;
}

static int has_history(const score_oracle *o, int32_t person) {
  const pfc_history *h = o->history;
  for (int64_t k = h->first_attempt[person]; k < h->first_attempt[person + 1]; k++)
    if (is_before(o, &h->attempts[k])) return 1;
  return 0;
}

static void describe(const score_oracle *o, int32_t person, int32_t i, pfc_score *s) {
  s->evidence_n = count_starts(o, i, -1);
  s->cold = (has_history(o, person) ? 0 : PFC_COLD_PERSON) |
            (s->evidence_n ? 0 : PFC_COLD_INTERVENTION);
  for (int32_t t = o->cat->first[i]; t < o->cat->first[i + 1]; t++) {
    if (o->cat->competency[t] < 0) continue;
    const int64_t n = count_starts(o, i, o->cat->competency[t]);
    if (n > s->evidence_n) s->evidence_n = n;
  }
}

/* --- gaps --------------------------------------------------------------------------------- */

/* Row of table requirements, -1 none. */
static int64_t requirement(const score_oracle *o, int32_t role, int32_t competency) {
  const int32_t *roles = pfc_dataset_codes(o->ds, PFC_REQUIREMENTS, "role_id");
  const int32_t *competencies = pfc_dataset_codes(o->ds, PFC_REQUIREMENTS, "competency_id");
  for (int64_t k = 0; role >= 0 && k < o->ds->tables[PFC_REQUIREMENTS].n_rows; k++)
    if (roles[k] == role && (competency == -2 || competencies[k] == competency)) return k;
  return -1;
}

static double teaches(const score_oracle *o, int32_t i) {
  const double share = share_of(o, i);
  return share > 1 ? 1 : share < -1 ? -1 : share;
}

/* What is missing of `asked` on a level, less what is once a lesson has carried it a share of
 * the way to `to`, or thrown it back. */
static double closed_at(double level, double bottom, double asked, double to, double share) {
  const double way = level < to ? to - level : 0;
  double after = level + share * way;
  if (after < bottom) after = bottom;
  return (asked > level ? asked - level : 0) - (asked > after ? asked - after : 0);
}

static double below(const pfc_level *level, double x) {
  return 0.5 * erfc((level->mean - x) / level->sd * sqrt(0.5));
}

/* Its expectation, by parts: what it is at the top of the scale, less the integral of its slope
 * times P(level < x) up to there, since levels are cut to the scale. It is straight between
 * corners, and where the level is known well P climbs between those around its mean. */
static double closed(const pfc_level *level, double bottom, double top, double asked, double to,
                     double share) {
  const double mean = level->mean, sd = level->sd;
  const double corner[] = {to,
                           asked,
                           (asked - share * to) / (1 - share),
                           (bottom - share * to) / (1 - share),
                           mean - 8 * sd,
                           mean - 3 * sd,
                           mean,
                           mean + 3 * sd,
                           mean + 8 * sd};
  const int n_corners = sizeof corner / sizeof *corner;
  double sum = closed_at(top, bottom, asked, to, share), from = bottom;
  while (from < top) {
    double next = top;
    for (int k = 0; k < n_corners; k++)
      if (corner[k] > from && corner[k] < next) next = corner[k];
    const int n = 400;
    double area = 0;
    for (int k = 0; k <= n; k++)
      area += (k == 0 || k == n ? 1
               : k % 2          ? 4
                                : 2) *
              below(level, from + (next - from) * k / n);
    sum -= (closed_at(next, bottom, asked, to, share) -
            closed_at(from, bottom, asked, to, share)) *
           area / n / 3;
    from = next;
  }
  return sum;
}

/* What is closed of the gap, NaN when nothing is required of the person at all. Importance is
 * the only factor of a company that tells no other. */
static double gap_of(const score_oracle *o, int32_t person, int32_t target, double *weight) {
  const int32_t eve = o->as_of == PFC_NO_DATE ? o->as_of : o->as_of - 1;
  const int32_t role = pfc_history_role(o->history, person, eve);
  const int32_t c = o->cat->competency[target];
  const int64_t row = requirement(o, role, c);
  *weight = 1;
  if (requirement(o, role, -2) < 0) return NAN;
  if (c < 0 || row < 0) return 0;
  const double asked = pfc_dataset_reals(o->ds, PFC_REQUIREMENTS, "level")[row];
  const double *importance = pfc_dataset_reals(o->ds, PFC_REQUIREMENTS, "importance");
  if (importance && !isnan(importance[row])) *weight = importance[row];
  const double share = teaches(o, o->cat->intervention[target]);
  if (!o->levels) return share;
  pfc_level level;
  assert_ok(pfc_levels_look(o->levels, person, o->as_of, o->known, &err));
  pfc_levels_tell(o->levels, o->known, 1, &c, PFC_NO_DATE, &level);
  const double to = o->cat->to_level[target];
  return closed(&level, o->ds->scale_min, o->ds->scale_max, asked, isnan(to) ? asked : to,
                share);
}

/* --- all of it --------------------------------------------------------------------------- */

/* Reaching the level without the intervention, discounted. */
static double anyway(const score_oracle *o, int32_t person, int32_t target) {
  if (!o->bundle->has_anyway || o->cat->competency[target] < 0) return 0;
  const walk w = outlook(o, &o->bundle->anyway, person, target);
  return w.whole * w.discounted;
}

/* Adds what a target brings; the one that brings most is the main one. */
static double bring(const score_oracle *o, int32_t person, int32_t target, double *most,
                    pfc_score *s) {
  double passes = s->p_success, discount = 1;
  walk w = {.p_by = {NAN, NAN}, .quantile = {NAN, NAN, NAN}};
  w.incidence[PFC_PROFICIENT] = NAN;
  if (o->bundle->has_time) {
    w = outlook(o, &o->bundle->time, person, target);
    discount = w.discounted;
    if (isnan(passes)) passes = w.incidence[PFC_PROFICIENT];
  }
  if (isnan(passes)) passes = 1;
  double weight;
  const double told = gap_of(o, person, target, &weight), gap = isnan(told) ? s->teaches : told;
  const double otherwise = anyway(o, person, target);
  const double adds = weight * gap * passes * discount * (1 - otherwise);
  s->gap_closed += gap * passes;
  if (adds > *most) {
    *most = adds;
    s->target = target;
    s->gap = told;
    s->discount = discount;
    s->anyway = otherwise;
    s->incidence = w.incidence[PFC_PROFICIENT];
    for (int k = 0; k < 2; k++) s->p_by[k] = w.p_by[k];
    for (int k = 0; k < 3; k++) s->quantile_days[k] = w.quantile[k];
  }
  return adds;
}

pfc_score score_oracle_pair(const score_oracle *o, int32_t person, int32_t i,
                            double *affinity_error) {
  float x[512] = {0};
  int64_t n_items;
  const pfc_decision d = {person, -1, -1, o->as_of, -1, -1};
  pfc_score s = {
      .intervention = i, .accept = NAN, .affinity = NAN, .p_success = NAN, .gap = NAN};
  *affinity_error = 0;
  if (o->fold) {
    assert_ok(pfc_fold_person(o->fold, 0, &d, x, &n_items, &err));
    take_up(o, i, x, &s, affinity_error);
  }
  if (o->bundle->has_accept) s.accept = chance(o, &o->bundle->accept, person, i, x);
  if (o->bundle->has_success) s.p_success = chance(o, &o->bundle->success, person, i, x);
  s.teaches = teaches(o, i);
  describe(o, person, i, &s);
  double sum = 0, most = -INFINITY;
  for (int32_t t = o->cat->first[i]; t < o->cat->first[i + 1]; t++)
    sum += bring(o, person, t, &most, &s);
  const double cost = o->cat->cost[i], hours = o->cat->hours[i];
  if (!isnan(cost)) s.price += o->settings.cost_weight * cost;
  if (!isnan(hours)) s.price += o->settings.hour_price * hours;
  s.value = (isnan(s.accept) ? 1 : s.accept) * (sum - s.price);
  return s;
}

/* Is every competency of i among done's, at i's level or above? */
static int covers(const pfc_catalogue *cat, int32_t done, int32_t i) {
  if (done == i) return 1;
  for (int32_t t = cat->first[i]; t < cat->first[i + 1]; t++) {
    int reached = 0;
    for (int32_t k = cat->first[done]; k < cat->first[done + 1]; k++)
      reached |= cat->competency[t] >= 0 && cat->competency[k] == cat->competency[t] &&
                 (isnan(cat->to_level[t]) || cat->to_level[k] >= cat->to_level[t]);
    if (!reached) return 0;
  }
  return 1;
}

int score_oracle_allows(const score_oracle *o, int32_t person, int32_t i) {
  const pfc_history *h = o->history;
  if (o->settings.include_closed) return 1;
  for (int64_t k = h->first_attempt[person]; k < h->first_attempt[person + 1]; k++) {
    const pfc_attempt *a = &h->attempts[k];
    const int is_known = o->as_of == PFC_NO_DATE || a->known < o->as_of;
    if (is_before(o, a) && a->result == 1 && is_known && covers(o->cat, a->intervention, i))
      return 0;
  }
  return 1;
}
