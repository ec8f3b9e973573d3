/* Internal openings, and who applied. Every promotion and every move was advertised before it,
 * and whoever made it applied and was hired; whoever leaves is looked for afterwards. One to
 * three others of the family (none to two for who has left) applied in vain. */
#include <stdio.h>

#include "datasets/simulate_people_internal.h"

enum { MOST_OTHERS = 3 };

enum { HIRED, REJECTED, N_RESULTS };

typedef struct opening {
  int32_t role, unit, opens_on, closes_on;
} opening;

typedef struct application {
  int32_t opening, person, on, result;
} application;

typedef struct office {
  const pfc__sim *s;
  const pfc__sim_staff *staff;
  opening *openings;
  application *applications;
  int64_t n_openings, n_applications, openings_capacity, applications_capacity;
} office;

static pfc_status apply(office *o, int32_t person, int32_t on, int32_t result, pfc_error *err) {
  pfc_status st = PFC_OK;
  PFC_RESERVE(o->applications, o->applications_capacity, o->n_applications + 1);
  o->applications[o->n_applications++] =
      (application){(int32_t)o->n_openings - 1, person, on, result};
done:
  return st;
}

static int32_t draw_day(const opening *x, pfc_rng *rng) {
  const int32_t days = x->closes_on - x->opens_on + 1;
  return x->opens_on + (int32_t)pfc_rng_below(rng, (uint64_t)days);
}

/* Others of the family who were there on the day on which they applied; no result is known
 * before the opening closes. */
static pfc_status apply_in_vain(office *o, int32_t not_this, int n, pfc_rng *rng,
                                pfc_error *err) {
  pfc_status st = PFC_OK;
  const int32_t last_day = o->s->truth->last_day;
  const opening x = o->openings[o->n_openings - 1];
  int32_t seen[MOST_OTHERS];
  int n_seen = 0;
  for (int k = 0; k < n; k++) {
    const int32_t on = draw_day(&x, rng);
    const int32_t family = o->s->role_family[x.role];
    const int32_t p = on <= last_day ? pfc__sim_colleague(o->s, o->staff, family, on, rng) : -1;
    bool is_new = p >= 0 && p != not_this;
    for (int i = 0; i < n_seen; i++) is_new &= seen[i] != p;
    if (!is_new) continue;
    seen[n_seen++] = p;
    PFC_TRY(apply(o, p, on, x.closes_on <= last_day ? REJECTED : -1, err));
  }
done:
  return st;
}

static pfc_status advertise(office *o, opening x, pfc_error *err) {
  pfc_status st = PFC_OK;
  PFC_RESERVE(o->openings, o->openings_capacity, o->n_openings + 1);
  o->openings[o->n_openings++] = x;
done:
  return st;
}

/* Advertised for two to four weeks, 30 to 89 days before the position began: nobody changes
 * sooner after the last change. */
static pfc_status fill(office *o, int32_t person, int64_t position, pfc_rng *rng,
                       pfc_error *err) {
  pfc_status st = PFC_OK;
  const pfc_truth *t = o->s->truth;
  opening x = {.role = t->position_role[position], .unit = o->s->position_unit[position]};
  x.opens_on =
      t->position_from[position] - 30 - (int32_t)pfc_rng_below(rng, PFC__SIM_SETTLED_DAYS - 30);
  x.closes_on = x.opens_on + 14 + (int32_t)pfc_rng_below(rng, 15);
  PFC_TRY(advertise(o, x, err));
  PFC_TRY(apply(o, person, draw_day(&x, rng), HIRED, err));
  PFC_TRY(apply_in_vain(o, person, 1 + (int)pfc_rng_below(rng, MOST_OTHERS), rng, err));
done:
  return st;
}

/* Advertised for three to six weeks, within a month after somebody left. */
static pfc_status replace(office *o, int32_t person, int64_t position, pfc_rng *rng,
                          pfc_error *err) {
  pfc_status st = PFC_OK;
  const pfc_truth *t = o->s->truth;
  opening x = {.role = t->position_role[position], .unit = o->s->position_unit[position]};
  x.opens_on = t->left_on[person] + 1 + (int32_t)pfc_rng_below(rng, 30);
  x.closes_on = x.opens_on + 21 + (int32_t)pfc_rng_below(rng, 22);
  if (x.opens_on > t->last_day) return PFC_OK;
  PFC_TRY(advertise(o, x, err));
  PFC_TRY(apply_in_vain(o, person, (int)pfc_rng_below(rng, MOST_OTHERS), rng, err));
done:
  return st;
}

static pfc_status draw_all(office *o, pfc_error *err) {
  pfc_status st = PFC_OK;
  const pfc_truth *t = o->s->truth;
  const int32_t *reason = pfc_dataset_codes(o->s->ds, PFC_POSITIONS, "reason");
  for (int32_t p = 0; p < t->n_people; p++) {
    pfc_rng rng = pfc__sim_stream(o->s, "work.openings", (uint64_t)p);
    const int64_t end = t->position_start[p + 1];
    for (int64_t k = t->position_start[p]; k < end; k++)
      if (reason[k] == PFC__SIM_PROMOTION || reason[k] == PFC__SIM_MOVE)
        PFC_TRY(fill(o, p, k, &rng, err));
    if (t->left_on[p] != PFC_NO_DATE) PFC_TRY(replace(o, p, end - 1, &rng, err));
  }
done:
  return st;
}

static pfc_status write_openings(pfc__sim *s, const office *o, pfc_error *err) {
  pfc_status st = PFC_OK;
  int32_t *id, *role, *unit, *opens, *closes;
  const int64_t n = o->n_openings;
  pfc_dict *dict = pfc_dataset_dict(s->ds, "opening");
  if (!dict) return pfc_fail_memory(err, "openings");
  PFC_TRY(pfc__sim_ints(s, PFC_OPENINGS, "opening_id", n, &id, err));
  PFC_TRY(pfc__sim_ints(s, PFC_OPENINGS, "role_id", n, &role, err));
  PFC_TRY(pfc__sim_ints(s, PFC_OPENINGS, "unit_id", n, &unit, err));
  PFC_TRY(pfc__sim_ints(s, PFC_OPENINGS, "opens_on", n, &opens, err));
  PFC_TRY(pfc__sim_ints(s, PFC_OPENINGS, "closes_on", n, &closes, err));
  for (int64_t k = 0; k < n; k++) {
    char text[24];
    const int size = snprintf(text, sizeof text, "O%05d", (int)k + 1);
    PFC_TRY(pfc_dict_add(dict, text, (size_t)size, &id[k], err));
    role[k] = o->openings[k].role;
    unit[k] = o->openings[k].unit;
    opens[k] = o->openings[k].opens_on;
    closes[k] = o->openings[k].closes_on;
  }
done:
  return st;
}

static pfc_status write_applications(pfc__sim *s, const office *o, pfc_error *err) {
  static const char *const RESULTS[N_RESULTS] = {"hired", "rejected"};
  pfc_status st = PFC_OK;
  int32_t *person, *opening_id, *on, *result, code[N_RESULTS]; /* 0, 1: it is new */
  const int64_t n = o->n_applications;
  PFC_TRY(pfc__sim_words(s, "application_result", N_RESULTS, RESULTS, code, err));
  PFC_TRY(pfc__sim_ints(s, PFC_APPLICATIONS, "person_id", n, &person, err));
  PFC_TRY(pfc__sim_ints(s, PFC_APPLICATIONS, "opening_id", n, &opening_id, err));
  PFC_TRY(pfc__sim_ints(s, PFC_APPLICATIONS, "on", n, &on, err));
  PFC_TRY(pfc__sim_ints(s, PFC_APPLICATIONS, "result", n, &result, err));
  for (int64_t k = 0; k < n; k++) {
    person[k] = o->applications[k].person;
    opening_id[k] = o->applications[k].opening;
    on[k] = o->applications[k].on;
    result[k] = o->applications[k].result;
  }
done:
  return st;
}

pfc_status pfc__sim_openings(pfc__sim *s, const pfc__sim_staff *staff, pfc_error *err) {
  pfc_status st = PFC_OK;
  office o = {.s = s, .staff = staff};
  PFC_TRY(draw_all(&o, err));
  PFC_TRY(write_openings(s, &o, err));
  PFC_TRY(write_applications(s, &o, err));
done:
  pfc_free(o.openings);
  pfc_free(o.applications);
  return st;
}
