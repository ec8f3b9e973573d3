/* Units, and the roles and units that people hold over time. A career depends on nobody
 * else's, so that people are drawn in parallel; managers come after (simulate_managers.c). */
#include <stdio.h>

#include "datasets/simulate_people_internal.h"

#define PEOPLE_A_UNIT 40
#define OWN_FAMILY 0.85  /* probability of a unit that leans towards the role's family */
#define PROMOTIONS 0.06  /* a year, of those whose family has a role of a higher zone */
#define MOVES 0.08       /* a year */
#define OTHER_FAMILY 0.3 /* of moves */
#define YEAR_DAYS 365.2425

/* --- families and units ------------------------------------------------------------------ */

/* Families by their number, and roles by family. */
static pfc_status sort_roles(const pfc__sim *s, pfc__sim_careers *c, pfc_error *err) {
  pfc_status st = PFC_OK;
  const int32_t n = s->truth->n_roles;
  int32_t k = 0;
  PFC_NEW(c->family_role, n + 1);
  PFC_NEW(c->role_order, n);
  PFC_NEW(c->place, n);
  PFC_NEW(c->role_weight, n + 1);
  for (int32_t before = -1; k < n; c->n_families++) {
    int32_t family = INT32_MAX;
    for (int32_t r = 0; r < n; r++)
      if (s->role_family[r] > before && s->role_family[r] < family) family = s->role_family[r];
    c->family_role[c->n_families] = k;
    for (int32_t r = 0; r < n; r++) {
      if (s->role_family[r] != family) continue;
      c->place[r] = c->n_families;
      c->role_order[k++] = r;
    }
    before = family;
  }
  c->family_role[c->n_families] = n;
done:
  return st;
}

/* How many hold a role is lognormal; of those that ask for most there are fewer. */
static void weigh_roles(const pfc__sim *s, pfc__sim_careers *c) {
  for (int32_t k = 0; k < s->truth->n_roles; k++) {
    const int32_t role = c->role_order[k];
    const uint64_t id = pfc_rng_id(pfc_dict_text(s->truth->roles, role));
    pfc_rng rng = pfc__sim_stream(s, "people.role", id);
    const double median = s->role_zone[role] >= 5 ? 0.5 : 1;
    c->role_weight[k + 1] = c->role_weight[k] + pfc__sim_lognormal(&rng, median, 0.6);
  }
}

/* One unit for every family, and the rest by the share of people of the family. */
static pfc_status make_units(const pfc__sim *s, pfc__sim_careers *c, pfc_error *err) {
  pfc_status st = PFC_OK;
  const int32_t asked = s->settings->n_people / PEOPLE_A_UNIT;
  const int32_t rest = asked > c->n_families ? asked - c->n_families : 0;
  const double all = c->role_weight[s->truth->n_roles];
  pfc_dict *dict = pfc_dataset_dict(s->ds, "unit");
  if (!dict) return pfc_fail_memory(err, "units");
  c->n_units = c->n_families + rest;
  PFC_NEW(c->family_unit, c->n_families + 1);
  for (int32_t f = 0; f <= c->n_families; f++)
    c->family_unit[f] = f + (int32_t)lround(rest * c->role_weight[c->family_role[f]] / all);
  for (int32_t u = 0; u < c->n_units; u++) {
    char id[16];
    int32_t code;
    const int size = snprintf(id, sizeof id, "U%02d", u + 1);
    PFC_TRY(pfc_dict_add(dict, id, (size_t)size, &code, err));
  }
done:
  return st;
}

/* --- draws ------------------------------------------------------------------------------- */

/* The role at a point of the line on which roles lie with their weights. */
static int32_t role_at(const pfc__sim_careers *c, int32_t n_roles, double x) {
  int32_t low = 0, high = n_roles - 1;
  while (low < high) {
    const int32_t middle = (low + high) / 2;
    if (x < c->role_weight[middle + 1])
      high = middle;
    else
      low = middle + 1;
  }
  return c->role_order[low];
}

static int32_t draw_role(const pfc__sim *s, const pfc__sim_careers *c, pfc_rng *rng) {
  const int32_t n = s->truth->n_roles;
  return role_at(c, n, c->role_weight[n] * pfc_rng_uniform(rng));
}

/* A role of another family; there are two families. */
static int32_t draw_other_role(const pfc__sim *s, const pfc__sim_careers *c, int32_t role,
                               pfc_rng *rng) {
  const int32_t n = s->truth->n_roles, f = c->place[role];
  const double from = c->role_weight[c->family_role[f]];
  const double own = c->role_weight[c->family_role[f + 1]] - from;
  const double x = (c->role_weight[n] - own) * pfc_rng_uniform(rng);
  return role_at(c, n, x < from ? x : x + own);
}

/* A unit for the role, other than `not_this` (-1: any); there is one. */
static int32_t draw_unit(const pfc__sim_careers *c, int32_t role, int32_t not_this,
                         pfc_rng *rng) {
  int32_t first = c->family_unit[c->place[role]];
  int32_t n = c->family_unit[c->place[role] + 1] - first;
  bool excludes = not_this >= first && not_this < first + n;
  if (pfc_rng_uniform(rng) >= OWN_FAMILY || n == excludes) {
    first = 0;
    n = c->n_units;
    excludes = not_this >= 0;
  }
  const int32_t unit = first + (int32_t)pfc_rng_below(rng, (uint64_t)(n - excludes));
  return excludes && unit >= not_this ? unit + 1 : unit;
}

/* A role of the family's next higher zone, -1 none. */
static int32_t draw_promotion(const pfc__sim *s, const pfc__sim_careers *c, int32_t role,
                              pfc_rng *rng) {
  const int32_t f = c->place[role];
  int32_t n = 0, next = -1, zone = INT32_MAX;
  for (int32_t k = c->family_role[f]; k < c->family_role[f + 1]; k++) {
    const int32_t r = c->role_order[k];
    if (s->role_zone[r] <= s->role_zone[role] || s->role_zone[r] > zone) continue;
    if (s->role_zone[r] < zone) n = 0;
    zone = s->role_zone[r];
    /* The n-th of a zone is taken with 1/n: all are as likely in the end. */
    if (pfc_rng_below(rng, (uint64_t)++n) == 0) next = r;
  }
  return next;
}

/* --- careers ------------------------------------------------------------------------------ */

typedef struct post {
  int32_t from, role, unit;
  pfc__sim_reason reason;
} post;

/* What follows a post: the day is exponential, at 6 % a year for a promotion where there is a
 * role to be promoted to and 8 % for a move where there is another unit, from the day on from
 * which the person may change again. Rates count days at risk: of a year in which one changed,
 * three quarters. */
static post draw_next(const pfc__sim *s, const pfc__sim_careers *c, post now, pfc_rng *rng) {
  const int32_t first = s->truth->first_day;
  const int32_t settled = (now.from > first ? now.from : first) + PFC__SIM_SETTLED_DAYS;
  const int32_t higher = draw_promotion(s, c, now.role, rng);
  const double promotions = higher >= 0 ? PROMOTIONS : 0;
  const double moves = c->n_units > 1 ? MOVES : 0;
  const double years = -log1p(-pfc_rng_uniform(rng)) / (promotions + moves);
  post next = {.from = INT32_MAX, .role = now.role, .unit = now.unit};
  if (!(settled + years * YEAR_DAYS <= s->truth->last_day)) return next;
  next.from = settled + (int32_t)(years * YEAR_DAYS);
  if (pfc_rng_uniform(rng) * (promotions + moves) < promotions) {
    next.reason = PFC__SIM_PROMOTION;
    next.role = higher;
    return next;
  }
  next.reason = PFC__SIM_MOVE;
  if (c->n_families > 1 && pfc_rng_uniform(rng) < OTHER_FAMILY)
    next.role = draw_other_role(s, c, now.role, rng);
  next.unit = draw_unit(c, next.role, now.unit, rng);
  return next;
}

/* Writes the posts of a person from place `at` on, unless at < 0; returns how many. */
static int32_t draw_career(const pfc__sim *s, pfc__sim_careers *c, int32_t p, int64_t at) {
  pfc_rng rng = pfc__sim_stream(s, "people.career", (uint64_t)p);
  const int32_t left = s->truth->left_on[p];
  const int32_t end = left == PFC_NO_DATE ? s->truth->last_day + 1 : left;
  post now = {.from = s->hired_on[p], .role = draw_role(s, c, &rng), .reason = PFC__SIM_HIRE};
  int32_t n = 0;
  now.unit = draw_unit(c, now.role, -1, &rng);
  do {
    if (at >= 0) {
      c->from[at + n] = now.from;
      c->role[at + n] = now.role;
      c->unit[at + n] = now.unit;
      c->reason[at + n] = (int8_t)now.reason;
    }
    n++;
    now = draw_next(s, c, now, &rng);
  } while (now.from < end);
  return n;
}

/* Drawn twice, the same both times: to know how many there are, and to keep them. */
static pfc_status draw_careers(const pfc__sim *s, pfc__sim_careers *c, pfc_error *err) {
  pfc_status st = PFC_OK;
  const int32_t n = s->settings->n_people;
  PFC_NEW(c->start, n + 1);
#pragma omp parallel for schedule(static)
  for (int32_t p = 0; p < n; p++) c->start[p + 1] = draw_career(s, c, p, -1);
  for (int32_t p = 0; p < n; p++) c->start[p + 1] += c->start[p];
  PFC_NEW(c->from, c->start[n]);
  PFC_NEW(c->role, c->start[n]);
  PFC_NEW(c->unit, c->start[n]);
  PFC_NEW(c->reason, c->start[n]);
#pragma omp parallel for schedule(static)
  for (int32_t p = 0; p < n; p++) (void)draw_career(s, c, p, c->start[p]);
done:
  return st;
}

pfc_status pfc__sim_careers_draw(const pfc__sim *s, pfc__sim_careers *c, pfc_error *err) {
  pfc_status st = PFC_OK;
  PFC_TRY(sort_roles(s, c, err));
  weigh_roles(s, c);
  PFC_TRY(make_units(s, c, err));
  PFC_TRY(draw_careers(s, c, err));
done:
  return st;
}

void pfc__sim_careers_clear(pfc__sim_careers *c) {
  pfc_free(c->family_role);
  pfc_free(c->family_unit);
  pfc_free(c->role_order);
  pfc_free(c->place);
  pfc_free(c->role_weight);
  pfc_free(c->start);
  pfc_free(c->from);
  pfc_free(c->role);
  pfc_free(c->unit);
  pfc_free(c->reason);
}
