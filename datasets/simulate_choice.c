#include "datasets/simulate_choice_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "datasets/columns_internal.h"

enum {
  ROOMY = 4, /* roles with requirements that a family drawn should have */
  LIST = 4 * PFC__SIM_FAMILIES,
  UNKNOWN_ZONE = 3,
};

int32_t pfc__sim_group(const char *family) {
  if (strlen(family) != 2 || strspn(family, "0123456789") != 2) return -1;
  return 10 * (family[0] - '0') + family[1] - '0';
}

int32_t pfc__sim_zone(const pfc_dataset *frame, int32_t role) {
  const double zone = pfc__number_at(pfc_dataset_column(frame, PFC_ROLES, "x_job_zone"), role);
  return zone >= 1 && zone <= 5 ? (int32_t)zone : UNKNOWN_ZONE;
}

/* A role with requirements. Order by family, then at random: the key is drawn for the role's
 * own id, so that what else the framework holds does not move it. */
typedef struct candidate {
  int32_t family, zone, role;
  uint64_t key;
} candidate;

typedef struct pool {
  int32_t n;
  candidate *candidates;                /* by family */
  int32_t start[PFC__SIM_FAMILIES + 1]; /* of each family in them */
  int32_t n_families;
  int32_t family[PFC__SIM_FAMILIES]; /* those the organisation has */
} pool;

static int32_t size_of(const pool *p, int32_t family) {
  return p->start[family + 1] - p->start[family];
}

/* --- what there is ---------------------------------------------------------------------- */

static int by_family_and_key(const void *a, const void *b) {
  const candidate *x = a, *y = b;
  if (x->family != y->family) return x->family < y->family ? -1 : 1;
  if (x->key != y->key) return x->key < y->key ? -1 : 1;
  return (x->role > y->role) - (x->role < y->role);
}

/* has[role]: some competency is required at some level. */
static void find_required(const pfc_dataset *frame, uint8_t *has) {
  const int32_t *role = pfc_dataset_codes(frame, PFC_REQUIREMENTS, "role_id");
  for (int64_t r = 0; r < frame->tables[PFC_REQUIREMENTS].n_rows; r++) has[role[r]] = 1;
}

static candidate candidate_of(const pfc__sim *s, int32_t role) {
  const pfc_dataset *frame = s->frame;
  const pfc_column *family = pfc_dataset_column(frame, PFC_ROLES, "family");
  const char *id = pfc_dict_text(pfc_dataset_find_dict(frame, "role"), role);
  pfc_rng rng = pfc__sim_stream(s, "frame.role", pfc_rng_id(id));
  return (candidate){.family = pfc__sim_group(pfc_dict_text(family->dict, family->code[role])),
                     .zone = pfc__sim_zone(frame, role),
                     .role = role,
                     .key = pfc_rng_next(&rng)};
}

/* Two of a family's first roles stand in different zones, if any do. */
static void mix_zones(candidate *of_family, int32_t n) {
  for (int32_t k = 1; k < n; k++) {
    if (of_family[k].zone == of_family[0].zone) continue;
    const candidate moved = of_family[k];
    of_family[k] = of_family[1];
    of_family[1] = moved;
    return;
  }
}

static pfc_status collect(const pfc__sim *s, pool *p, pfc_error *err) {
  pfc_status st = PFC_OK;
  uint8_t *has = NULL;
  const int32_t n_roles = (int32_t)s->frame->tables[PFC_ROLES].n_rows;
  PFC_NEW(has, pfc_dataset_count(s->frame, "role"));
  PFC_NEW(p->candidates, n_roles);
  find_required(s->frame, has);
  for (int32_t r = 0; r < n_roles; r++) {
    p->candidates[p->n] = candidate_of(s, r);
    p->n += has[r] && p->candidates[p->n].family >= 0;
  }
  qsort(p->candidates, (size_t)p->n, sizeof *p->candidates, by_family_and_key);
  for (int32_t k = 0; k < p->n; k++) p->start[p->candidates[k].family + 1]++;
  for (int32_t f = 0; f < PFC__SIM_FAMILIES; f++) {
    p->start[f + 1] += p->start[f];
    mix_zones(p->candidates + p->start[f], size_of(p, f));
  }
done:
  pfc_free(has);
  return st;
}

/* --- families --------------------------------------------------------------------------- */

static void list_families(const pool *p, char list[LIST]) {
  char *end = list;
  *end = '\0';
  for (int32_t f = 0; f < PFC__SIM_FAMILIES; f++)
    if (size_of(p, f) > 0)
      end += snprintf(end, LIST - (size_t)(end - list), "%s%02d", end > list ? "," : "", f);
}

static void add_family(pool *p, int32_t family) {
  for (int32_t k = 0; k < p->n_families; k++)
    if (p->family[k] == family) return;
  p->family[p->n_families++] = family;
}

/* "15,13" */
static pfc_status read_families(pool *p, const char *text, pfc_error *err) {
  for (const char *at = text;; at++) {
    char name[8];
    const size_t size = strcspn(at, ",");
    (void)snprintf(name, sizeof name, "%.*s", size < 7 ? (int)size : 7, at);
    const int32_t family = pfc__sim_group(name);
    if (family < 0 || size_of(p, family) == 0) {
      char list[LIST];
      list_families(p, list);
      return pfc_fail(err, PFC_EUSAGE,
                      "family '%.*s' is not one of the framework that has roles with "
                      "requirements: %s",
                      size < 60 ? (int)size : 60, at, list);
    }
    add_family(p, family);
    at += size;
    if (!*at) return PFC_OK;
  }
}

/* As many as fit the number of roles; then more, until there are roles enough. Small families
 * come last. */
static void draw_families(const pfc__sim *s, pool *p) {
  const int32_t n_roles = s->settings->n_roles;
  candidate order[PFC__SIM_FAMILIES];
  pfc_rng rng = pfc__sim_stream(s, "frame.families", 0);
  const int32_t few = n_roles < 9 ? (n_roles + 2) / 3 : 3 + n_roles / 15;
  const int32_t wanted = few + (n_roles < 9 ? 0 : (int32_t)pfc_rng_below(&rng, 3));
  for (int32_t f = 0; f < PFC__SIM_FAMILIES; f++) {
    rng = pfc__sim_stream(s, "frame.family", (uint64_t)f);
    order[f] =
        (candidate){.family = size_of(p, f) < ROOMY, .role = f, .key = pfc_rng_next(&rng)};
  }
  qsort(order, PFC__SIM_FAMILIES, sizeof *order, by_family_and_key);
  for (int32_t k = 0, roles = 0; k < PFC__SIM_FAMILIES; k++) {
    const int32_t f = order[k].role;
    if (size_of(p, f) == 0) continue;
    if (p->n_families >= wanted && roles >= n_roles) return;
    add_family(p, f);
    roles += size_of(p, f);
  }
}

static pfc_status check_enough(const pfc__sim *s, const pool *p, pfc_error *err) {
  int32_t roles = 0;
  for (int32_t k = 0; k < p->n_families; k++) roles += size_of(p, p->family[k]);
  if (roles >= s->settings->n_roles) return PFC_OK;
  return pfc_fail(err, PFC_EUSAGE,
                  "roles is %d, but the framework has %d with requirements in %s",
                  (int)s->settings->n_roles, (int)roles,
                  s->settings->families ? "these families" : "all its families");
}

/* --- the choice ------------------------------------------------------------------------- */

static int ascending(const void *a, const void *b) {
  const int32_t x = *(const int32_t *)a, y = *(const int32_t *)b;
  return (x > y) - (x < y);
}

/* Families take turns. */
static void take_turns(const pool *p, int32_t n_roles, int32_t *chosen) {
  int32_t n = 0;
  for (int32_t turn = 0; n < n_roles; turn++) {
    for (int32_t k = 0; k < p->n_families && n < n_roles; k++) {
      const int32_t f = p->family[k];
      if (turn < size_of(p, f)) chosen[n++] = p->candidates[p->start[f] + turn].role;
    }
  }
  qsort(chosen, (size_t)n, sizeof *chosen, ascending);
}

pfc_status pfc__sim_choose(const pfc__sim *s, int32_t *chosen, pfc_error *err) {
  pfc_status st = PFC_OK;
  pool p = {0};
  PFC_TRY(collect(s, &p, err));
  if (s->settings->families) {
    PFC_TRY(read_families(&p, s->settings->families, err));
  } else {
    draw_families(s, &p);
  }
  PFC_TRY(check_enough(s, &p, err));
  take_turns(&p, s->settings->n_roles, chosen);
done:
  pfc_free(p.candidates);
  return st;
}
