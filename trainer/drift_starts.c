/* Can newest starts be told from earlier ones by who starts what? */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "datasets/features.h"
#include "trainer/drift_internal.h"
#include "trainer/train_internal.h"

static const double LIMIT = 0.6; /* area, where no stretch of the reference came above it */
static const double RIDGE = 10;
/* So heavy that the column tells nothing. */
static const double OUT = 1e12;
enum { LEAST_ROWS = 50 };

typedef struct starts {
  int64_t n, n_before;
  pfc_decision *d; /* by day */
  int32_t *person;
  float *y; /* 1 newest */
  int8_t *is_new;
  double *eta, *ridge;
  pfc_lens *lens;
  pfc_features *features;
  pfc_csr x;
} starts;

static void starts_clear(starts *s) {
  pfc_free(s->d);
  pfc_free(s->person);
  pfc_free(s->y);
  pfc_free(s->is_new);
  pfc_free(s->eta);
  pfc_free(s->ridge);
  pfc_csr_clear(&s->x);
  pfc_features_destroy(s->features);
  pfc_lens_destroy(s->lens);
}

/* Ids that come and go, and what only grows, tell the day and nothing else. */
static bool is_clock(const pfc_field *f) {
  return strcmp(f->group, "person") == 0 || strcmp(f->group, "intervention") == 0 ||
         strcmp(f->group, "count") == 0;
}

static pfc_status encode(const pfc__drift *d, starts *s, pfc_error *err) {
  pfc_status st = PFC_OK;
  const unsigned scopes = 1U << PFC_SCOPE_PERSON | 1U << PFC_SCOPE_TARGET;
  PFC_TRY(pfc_lens_create(d->ds, d->history, d->cat, NULL, 0, &s->lens, err));
  PFC_TRY(pfc_features_fit(s->lens, PFC_PLAN_SUCCESS, s->n, s->d, &s->features, err));
  PFC_TRY(pfc__encode_rows(s->features, s->lens, scopes, s->n, s->d, 0, NULL, &s->x, err));
  PFC_NEW(s->ridge, s->features->n_columns);
  for (int k = 0; k < s->features->n_fields; k++) {
    const pfc_field *f = &s->features->fields[k];
    for (int32_t c = f->first; c < f->first + f->n_columns; c++)
      s->ridge[c] = is_clock(f) ? OUT : RIDGE;
  }
done:
  return st;
}

/* Starts of table enrolments, by day. */
static pfc_status read(const pfc__drift *d, starts *s, pfc_error *err) {
  pfc_status st = PFC_OK;
  const pfc__facts *f = &d->facts[0];
  const int32_t *item = pfc_dataset_codes(d->ds, PFC_ENROLMENTS, "intervention_id");
  const int64_t first = pfc__facts_from(f, d->first);
  PFC_NEW(s->d, f->n - first);
  PFC_NEW(s->person, f->n - first);
  PFC_NEW(s->y, f->n - first);
  PFC_NEW(s->is_new, f->n - first);
  PFC_NEW(s->eta, f->n - first);
  for (int64_t i = first; i < f->n; i++) {
    if (!item || item[f->row[i]] < 0) continue;
    s->n_before += f->day[i] < d->from;
    s->person[s->n] = f->person[i];
    s->d[s->n++] = (pfc_decision){f->person[i], item[f->row[i]], -1, f->day[i], f->row[i], -1};
  }
done:
  return st;
}

/* Area by which starts of the days low .. high - 1 are told from the others of the first n. */
static pfc_status tell_apart(const pfc__drift *d, starts *s, int64_t n, int32_t low,
                             int32_t high, pfc__area *area, pfc_error *err) {
  pfc_status st = PFC_OK;
  bool told = false;
  pfc_csr x = s->x;
  x.n_rows = n;
  *area = (pfc__area){NAN, NAN, 0};
  for (int64_t i = 0; i < n; i++)
    s->y[i] = s->is_new[i] = s->d[i].date >= low && s->d[i].date < high;
  const pfc__judgeable rows = {n, n, s->person, s->y, &x, s->ridge};
  PFC_TRY(pfc__drift_cross_fit(d, &rows, false, s->eta, &told, err));
  if (!told) goto done;
  PFC_TRY(pfc__people_auc(n, s->eta, s->is_new, s->person, d->n_people, area, err));
done:
  return st;
}

/* The stretch of the reference that can be told best from the rest of it. */
static pfc_status best_before(const pfc__drift *d, starts *s, double *most, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc__area area;
  *most = 0;
  for (int32_t to = d->from; to - d->window >= d->first; to -= d->window) {
    PFC_TRY(tell_apart(d, s, s->n_before, to - d->window, to, &area, err));
    if (area.value > *most) *most = area.value;
  }
done:
  return st;
}

pfc_status pfc__drift_starts(pfc__drift *d, pfc_error *err) {
  pfc_status st = PFC_OK;
  starts s = {0};
  pfc__area area;
  double most;
  PFC_TRY(read(d, &s, err));
  if (s.n_before < LEAST_ROWS || s.n - s.n_before < LEAST_ROWS) goto done;
  PFC_TRY(encode(d, &s, err));
  PFC_TRY(best_before(d, &s, &most, err));
  PFC_TRY(tell_apart(d, &s, s.n, d->from, d->last + 1, &area, err));
  if (isnan(area.value)) goto done;
  pfc__drift_row *row = pfc__drift_add(d, "classifier", PFC_DRIFT_WORLD, err);
  if (!row) {
    st = PFC_ENOMEM;
    goto done;
  }
  (void)snprintf(row->of, sizeof row->of, "enrolments");
  row->figure = area.value;
  row->limit = fmax(LIMIT, most);
  row->beyond = row->figure > row->limit;
  row->n = s.n - s.n_before;
  row->p = pfc__student_tail((area.value - 0.5) / area.se, area.n_people - 1.0);
  (void)snprintf(
      row->note, sizeof row->note,
      "newest starts are told from earlier ones with an AUC of %.3f, stretches before "
      "from the rest with %.3f at most",
      area.value, most);
done:
  starts_clear(&s);
  return st;
}
