#include "engine/latest_ratings.h"

#include <string.h>

#include "base/mem.h"

enum { LATEST = 3 }; /* ratings that make a level */

/* Sum and number of levels. */
typedef struct mean {
  double sum;
  int64_t n;
} mean;

typedef struct requirement {
  int32_t competency;
  double level, importance;
  mean held; /* by people of the role */
} requirement;

struct pfc_latest {
  const pfc_history *history;
  int32_t as_of;
  int32_t n_roles, n_competencies;
  int64_t *first;   /* n_roles + 1 */
  requirement *row; /* by role */
  mean *held;       /* n_competencies: by anybody */
};

static double mean_of(const mean *m) { return m->n > 0 ? m->sum / (double)m->n : (double)NAN; }

/* --- requirements
 * ----------------------------------------------------------------------------- */

static pfc_status read_requirements(pfc_latest *g, const pfc_dataset *ds, pfc_error *err) {
  pfc_status st = PFC_OK;
  const int32_t *role = pfc_dataset_codes(ds, PFC_REQUIREMENTS, "role_id");
  const int32_t *competency = pfc_dataset_codes(ds, PFC_REQUIREMENTS, "competency_id");
  const double *level = pfc_dataset_reals(ds, PFC_REQUIREMENTS, "level");
  const double *importance = pfc_dataset_reals(ds, PFC_REQUIREMENTS, "importance");
  const int64_t n = role && competency && level ? ds->tables[PFC_REQUIREMENTS].n_rows : 0;
  PFC_NEW(g->first, (size_t)g->n_roles + 1);
  PFC_NEW(g->row, n);
  for (int64_t k = 0; k < n; k++) g->first[role[k] + 1]++;
  for (int32_t r = 0; r < g->n_roles; r++) g->first[r + 1] += g->first[r];
  for (int64_t k = 0; k < n; k++) {
    const double weight = importance && !isnan(importance[k]) ? importance[k] : 1;
    g->row[g->first[role[k]]++] =
        (requirement){.competency = competency[k], .level = level[k], .importance = weight};
  }
  /* Each first has moved on to the next role's: move them back. */
  memmove(g->first + 1, g->first, (size_t)g->n_roles * sizeof *g->first);
  g->first[0] = 0;
done:
  return st;
}

/* --- levels ---------------------------------------------------------------------------- */

/* The person's ratings in what is required before the day, the latest first. */
static void collect_ratings(const pfc_latest *g, int32_t person, int32_t date, pfc_need *need) {
  int64_t from = 0;
  const int64_t to = pfc_history_ratings(g->history, person, date, &from);
  for (int64_t k = to; k > from; k--) {
    const pfc_rating *r = &g->history->ratings[k - 1];
    pfc_need *at = &need[r->competency];
    if (isnan(at->required) || at->n[r->self] == LATEST) continue;
    at->sum[r->self] += r->level;
    at->n[r->self]++;
  }
}

/* Others' word before the person's own; NaN unrated. */
static double rated_level(const pfc_need *need) {
  const int who = need->n[0] == 0;
  return need->n[who] > 0 ? need->sum[who] / need->n[who] : (double)NAN;
}

/* What the role asks for and what was rated before the day; false when nothing is required. */
static bool look_at(const pfc_latest *g, int32_t person, int32_t role, int32_t date,
                    pfc_need *need) {
  if (role < 0 || g->first[role] == g->first[role + 1]) return false;
  for (int32_t c = 0; c < g->n_competencies; c++)
    need[c] = (pfc_need){.required = (double)NAN, .level = (double)NAN, .importance = 1};
  for (int64_t k = g->first[role]; k < g->first[role + 1]; k++) {
    const requirement *row = &g->row[k];
    need[row->competency].required = row->level;
    need[row->competency].importance = row->importance;
  }
  collect_ratings(g, person, date, need);
  return true;
}

static void add_level(mean *m, double level) {
  m->sum += level;
  m->n++;
}

/* What people hold of what their roles ask for, for those who were never rated in it. */
static pfc_status find_means(pfc_latest *g, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc_need *need = NULL;
  PFC_NEW(need, g->n_competencies);
  for (int32_t p = 0; p < g->history->n_people; p++) {
    const int32_t role = pfc_history_role(g->history, p, g->as_of);
    if (!look_at(g, p, role, g->as_of, need)) continue;
    for (int64_t k = g->first[role]; k < g->first[role + 1]; k++) {
      requirement *row = &g->row[k];
      const double level = rated_level(&need[row->competency]);
      if (isnan(level)) continue;
      add_level(&row->held, level);
      add_level(&g->held[row->competency], level);
    }
  }
done:
  pfc_free(need);
  return st;
}

pfc_status pfc_latest_create(const pfc_dataset *ds, const pfc_history *h, int32_t as_of,
                             pfc_latest **out, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc_latest *g = NULL;
  PFC_NEW(g, 1);
  g->history = h;
  g->as_of = as_of;
  g->n_roles = pfc_dataset_count(ds, "role");
  g->n_competencies = pfc_dataset_count(ds, "competency");
  PFC_NEW(g->held, g->n_competencies);
  PFC_TRY(read_requirements(g, ds, err));
  PFC_TRY(find_means(g, err));
  *out = g;
  g = NULL;
done:
  pfc_latest_destroy(g);
  return st;
}

void pfc_latest_destroy(pfc_latest *g) {
  if (!g) return;
  pfc_free(g->first);
  pfc_free(g->row);
  pfc_free(g->held);
  pfc_free(g);
}

/* Ratings, and where there are none what others hold. */
static bool fill_needs(const pfc_latest *g, int32_t person, int32_t role, int32_t date,
                       pfc_need *need) {
  if (!look_at(g, person, role, date, need)) return false;
  for (int64_t k = g->first[role]; k < g->first[role + 1]; k++) {
    pfc_need *at = &need[g->row[k].competency];
    at->level = rated_level(at);
    if (isnan(at->level)) at->level = mean_of(&g->row[k].held);
    if (isnan(at->level)) at->level = mean_of(&g->held[g->row[k].competency]);
  }
  return true;
}

bool pfc_latest_of(const pfc_latest *g, int32_t person, pfc_need *need) {
  return fill_needs(g, person, pfc_history_role(g->history, person, g->as_of), g->as_of, need);
}

bool pfc_latest_at(const pfc_latest *g, int32_t person, int32_t date, pfc_need *need) {
  const int32_t day_before = date == PFC_NO_DATE ? date : date - 1;
  return fill_needs(g, person, pfc_history_role(g->history, person, day_before), date, need);
}
