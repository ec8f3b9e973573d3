#include "datasets/catalogue.h"

#include <math.h>

#include "base/mem.h"
#include "datasets/columns_internal.h"

static pfc_status alloc_interventions(pfc_catalogue *cat, pfc_error *err) {
  pfc_status st = PFC_OK;
  const int32_t n = cat->n_interventions;
  PFC_NEW(cat->first, n + 1);
  PFC_NEW(cat->row, n);
  PFC_NEW(cat->opens_on, n);
  PFC_NEW(cat->closes_on, n);
  PFC_NEW(cat->recurs_months, n);
  PFC_NEW(cat->cost, n);
  PFC_NEW(cat->hours, n);
  PFC_NEW(cat->weeks, n);
  for (int32_t i = 0; i < n; i++) {
    cat->row[i] = -1;
    cat->opens_on[i] = PFC_NO_DATE;
    cat->closes_on[i] = PFC_NO_DATE;
    cat->cost[i] = NAN;
    cat->hours[i] = NAN;
    cat->weeks[i] = NAN;
  }
done:
  return st;
}

static void read_interventions(pfc_catalogue *cat, const pfc_dataset *ds) {
  const pfc_table_id t = PFC_INTERVENTIONS;
  const int32_t *id = pfc_dataset_codes(ds, t, "intervention_id");
  const int32_t *opens = pfc_dataset_dates(ds, t, "opens_on");
  const int32_t *closes = pfc_dataset_dates(ds, t, "closes_on");
  const pfc_column *recurs = pfc_dataset_column(ds, t, "recurs_months");
  const pfc_column *cost = pfc_dataset_column(ds, t, "cost");
  const pfc_column *hours = pfc_dataset_column(ds, t, "hours");
  const pfc_column *weeks = pfc_dataset_column(ds, t, "weeks");
  for (int64_t r = 0; id && r < ds->tables[t].n_rows; r++) {
    const int32_t i = id[r];
    if (i < 0) continue;
    cat->row[i] = r;
    cat->opens_on[i] = pfc__date_at(opens, r);
    cat->closes_on[i] = pfc__date_at(closes, r);
    const double months = pfc__number_at(recurs, r);
    cat->recurs_months[i] = months >= 1 ? (int32_t)months : 0;
    cat->cost[i] = pfc__number_at(cost, r);
    cat->hours[i] = pfc__number_at(hours, r);
    cat->weeks[i] = pfc__number_at(weeks, r);
  }
}

/* Sets first[i + 1] to the number of rows of table targets that name i, and turns
 * that into offsets in which an intervention without any has one place. */
static void count_targets(pfc_catalogue *cat, const int32_t *intervention, int64_t n) {
  for (int64_t r = 0; intervention && r < n; r++)
    if (intervention[r] >= 0) cat->first[intervention[r] + 1]++;
  for (int32_t i = 0; i < cat->n_interventions; i++) {
    if (cat->first[i + 1] == 0) cat->first[i + 1] = 1;
    cat->first[i + 1] += cat->first[i];
  }
  cat->n_targets = cat->first[cat->n_interventions];
}

static pfc_status read_targets(pfc_catalogue *cat, const pfc_dataset *ds, pfc_error *err) {
  pfc_status st = PFC_OK;
  int32_t *next = NULL;
  const int64_t n = ds->tables[PFC_TARGETS].n_rows;
  const int32_t *intervention = pfc_dataset_codes(ds, PFC_TARGETS, "intervention_id");
  const int32_t *competency = pfc_dataset_codes(ds, PFC_TARGETS, "competency_id");
  const pfc_column *from = pfc_dataset_column(ds, PFC_TARGETS, "from_level");
  const pfc_column *to = pfc_dataset_column(ds, PFC_TARGETS, "to_level");
  if (n > INT32_MAX - cat->n_interventions)
    return pfc_fail(err, PFC_EDATA, "targets: %lld rows are too many", (long long)n);

  count_targets(cat, intervention, n);
  PFC_NEW(cat->intervention, cat->n_targets);
  PFC_NEW(cat->competency, cat->n_targets);
  PFC_NEW(cat->from_level, cat->n_targets);
  PFC_NEW(cat->to_level, cat->n_targets);
  PFC_NEW(next, cat->n_interventions);
  for (int32_t i = 0; i < cat->n_interventions; i++) {
    next[i] = cat->first[i];
    for (int32_t k = cat->first[i]; k < cat->first[i + 1]; k++) {
      cat->intervention[k] = i;
      cat->competency[k] = -1;
      cat->from_level[k] = NAN;
      cat->to_level[k] = NAN;
    }
  }
  for (int64_t r = 0; intervention && r < n; r++) {
    if (intervention[r] < 0) continue;
    const int32_t k = next[intervention[r]]++;
    cat->competency[k] = pfc__code_at(competency, r);
    cat->from_level[k] = pfc__number_at(from, r);
    cat->to_level[k] = pfc__number_at(to, r);
  }
done:
  pfc_free(next);
  return st;
}

pfc_status pfc_catalogue_create(const pfc_dataset *ds, pfc_catalogue **cat, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc_catalogue *c = NULL;
  *cat = NULL;
  PFC_NEW(c, 1);
  c->n_interventions = pfc_dataset_count(ds, "intervention");
  PFC_TRY(alloc_interventions(c, err));
  read_interventions(c, ds);
  PFC_TRY(read_targets(c, ds, err));
  *cat = c;
  c = NULL;
done:
  pfc_catalogue_destroy(c);
  return st;
}

void pfc_catalogue_destroy(pfc_catalogue *cat) {
  if (!cat) return;
  pfc_free(cat->first);
  pfc_free(cat->intervention);
  pfc_free(cat->competency);
  pfc_free(cat->from_level);
  pfc_free(cat->to_level);
  pfc_free(cat->row);
  pfc_free(cat->opens_on);
  pfc_free(cat->closes_on);
  pfc_free(cat->recurs_months);
  pfc_free(cat->cost);
  pfc_free(cat->hours);
  pfc_free(cat->weeks);
  pfc_free(cat);
}

int32_t pfc_catalogue_target(const pfc_catalogue *cat, int32_t intervention,
                             int32_t competency) {
  if (intervention < 0) return -1;
  for (int32_t t = cat->first[intervention]; t < cat->first[intervention + 1]; t++) {
    if (cat->competency[t] == competency) return t;
  }
  return cat->first[intervention];
}

bool pfc_catalogue_is_open(const pfc_catalogue *cat, int32_t intervention, int32_t date) {
  const int32_t opens = cat->opens_on[intervention], closes = cat->closes_on[intervention];
  const int32_t recurs = cat->recurs_months[intervention];
  if (date == PFC_NO_DATE) return true;
  if (opens != PFC_NO_DATE && date < opens) return false;
  if (closes == PFC_NO_DATE || date <= closes) return true;
  if (recurs == 0) return false;
  if (opens == PFC_NO_DATE) return true; /* again and again, and never seen shut before */
  int day;
  const int64_t passed = pfc_date_month(date, &day) - pfc_date_month(opens, &day);
  int64_t runs = passed / recurs;
  if (pfc_date_add_months(opens, runs * recurs) > date) runs--;
  return date <= pfc_date_add_months(closes, runs * recurs);
}

/* Does one of done's targets reach level in the competency? An unknown level of the
 * target asks for nothing more than the competency. */
static bool reaches(const pfc_catalogue *cat, int32_t done, int32_t competency, double level) {
  for (int32_t k = cat->first[done]; k < cat->first[done + 1]; k++)
    if (cat->competency[k] == competency && (isnan(level) || cat->to_level[k] >= level))
      return true;
  return false;
}

bool pfc_catalogue_is_mature(const pfc_catalogue *cat, int32_t intervention, int32_t start,
                             int32_t today) {
  const double weeks = cat->weeks[intervention];
  if (isnan(weeks) || start == PFC_NO_DATE || today == PFC_NO_DATE) return true;
  return start + 7 * weeks <= today;
}

bool pfc_catalogue_covers(const pfc_catalogue *cat, int32_t done, int32_t i) {
  if (done == i) return true;
  for (int32_t k = cat->first[i]; k < cat->first[i + 1]; k++)
    if (cat->competency[k] < 0 || !reaches(cat, done, cat->competency[k], cat->to_level[k]))
      return false;
  return true;
}
