/* Columns and rows of a table of predictions, whatever file they come from. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/number.h"
#include "datasets/predictions_internal.h"

#define SLIP 1e-6 /* what rounding can do to a probability */

/* --- columns ----------------------------------------------------------------------------- */

/* The first name of two that tell the same counts. */
static const struct {
  const char *name;
  pfc__told what;
} NAMES[] = {
    {"person_id", PFC__TOLD_PERSON},
    {"intervention_id", PFC__TOLD_INTERVENTION},
    {"competency_id", PFC__TOLD_COMPETENCY},
    {"competency", PFC__TOLD_COMPETENCY},
    {"date", PFC__TOLD_DATE},
    {"started_on", PFC__TOLD_DATE},
    {"rank", PFC__TOLD_RANK},
    {"score", PFC__TOLD_SCORE},
    {"p_success", PFC__TOLD_SUCCESS},
    {"p10_days", PFC__TOLD_QUANTILE},
    {"p50_days", (pfc__told)(PFC__TOLD_QUANTILE + 1)},
    {"p90_days", (pfc__told)(PFC__TOLD_QUANTILE + 2)},
};
enum { N_NAMES = sizeof NAMES / sizeof *NAMES };

pfc__told pfc__prediction_column(const char *name, double *day) {
  const size_t size = strlen(name), before = strlen("p_by_");
  *day = 0;
  for (int k = 0; k < N_NAMES; k++)
    if (strcmp(NAMES[k].name, name) == 0) return NAMES[k].what;
  if (size < before + 2 || size >= 32) return PFC__N_TOLD;
  if (strncmp(name, "p_by_", before) != 0 || name[size - 1] != 'd') return PFC__N_TOLD;
  if (!pfc_number_parse(name + before, size - before - 1, day)) return PFC__N_TOLD;
  return *day > 0 && isfinite(*day) ? PFC__TOLD_DAY : PFC__N_TOLD;
}

static void take_column(pfc__prediction_table *t, pfc__told what, int at, const char *name) {
  t->column[what] = at;
  (void)snprintf(t->name[what], sizeof *t->name, "%s", name);
}

/* Days stand in ascending order. */
static pfc_status take_day(pfc__prediction_table *t, double day, int at, const char *name,
                           pfc_error *err) {
  pfc_predictions *p = t->p;
  if (p->n_days == PFC_MOST_PREDICTION_DAYS)
    return pfc_fail(err, PFC_EDATA, "%s: more than %d columns p_by_Nd; no more are read",
                    t->path, PFC_MOST_PREDICTION_DAYS);
  int k = p->n_days++;
  for (; k > 0 && p->day[k - 1] >= day; k--) {
    const int before = PFC__TOLD_DAY + k - 1;
    if (p->day[k - 1] == day)
      return pfc_fail(err, PFC_EDATA, "%s: columns %d and %d, '%s' and '%s', are of one day",
                      t->path, t->column[before] + 1, at + 1, t->name[before], name);
    p->day[k] = p->day[k - 1];
    take_column(t, (pfc__told)(before + 1), t->column[before], t->name[before]);
  }
  p->day[k] = day;
  take_column(t, (pfc__told)(PFC__TOLD_DAY + k), at, name);
  return PFC_OK;
}

static bool has(const pfc__prediction_table *t, int what) { return t->column[what] >= 0; }

static int place_of(int n, const char *const *names, const char *name) {
  for (int c = 0; c < n; c++)
    if (strcmp(names[c], name) == 0) return c;
  return -1;
}

/* Spreadsheets of half the world separate cells by semicolons. */
static pfc_status fail_without_person(const pfc__prediction_table *t, int n,
                                      const char *const *names, pfc_error *err) {
  const char *other = n == 1 ? strpbrk(names[0], ";\t|") : NULL;
  if (!other) return pfc_fail(err, PFC_EDATA, "%s: there is no column person_id", t->path);
  return pfc_fail(err, PFC_EDATA,
                  "%s: there is no column person_id; expected cells separated by commas, and "
                  "not by %s",
                  t->path,
                  *other == ';'   ? "semicolons"
                  : *other == '|' ? "bars"
                                  : "tabs");
}

static pfc_status check_columns(const pfc__prediction_table *t, pfc_error *err) {
  int n_quantiles = 0;
  for (int q = 0; q < 3; q++) n_quantiles += has(t, PFC__TOLD_QUANTILE + q);
  if (n_quantiles == 1 || n_quantiles == 2)
    return pfc_fail(err, PFC_EDATA,
                    "%s: of the columns p10_days, p50_days and p90_days one is missing",
                    t->path);
  const bool needs_item =
      has(t, PFC__TOLD_RANK) || has(t, PFC__TOLD_SCORE) || has(t, PFC__TOLD_SUCCESS);
  if (needs_item && !has(t, PFC__TOLD_INTERVENTION))
    return pfc_fail(err, PFC_EDATA, "%s: there is no column intervention_id", t->path);
  if (needs_item || n_quantiles > 0 || t->p->n_days >= 2) return PFC_OK;
  return pfc_fail(err, PFC_EDATA,
                  "%s: no column predicts anything; expected rank or score, p_success, two or "
                  "more of p_by_Nd (p_by_90d), or p10_days, p50_days and p90_days",
                  t->path);
}

pfc_status pfc__predictions_columns(pfc__prediction_table *t, int n, const char *const *names,
                                    pfc_error *err) {
  pfc_status st = PFC_OK;
  double day;
  for (int k = 0; k < PFC__N_TOLD; k++) t->column[k] = -1;
  for (int c = 0; c < n; c++) {
    const pfc__told what = pfc__prediction_column(names[c], &day);
    const int other = place_of(c, names, names[c]);
    if (what == PFC__N_TOLD) continue;
    if (other >= 0)
      return pfc_fail(err, PFC_EDATA, "%s: columns %d and %d are both named '%s'", t->path,
                      other + 1, c + 1, names[c]);
    if (what == PFC__TOLD_DAY) PFC_TRY(take_day(t, day, c, names[c], err));
  }
  for (int k = N_NAMES - 1; k >= 0; k--) {
    const int c = place_of(n, names, NAMES[k].name);
    if (c >= 0) take_column(t, NAMES[k].what, c, NAMES[k].name);
  }
  if (!has(t, PFC__TOLD_PERSON)) return fail_without_person(t, n, names, err);
  PFC_TRY(check_columns(t, err));
done:
  return st;
}

/* --- rows -------------------------------------------------------------------------------- */

static pfc_status grow(void **array, int64_t n_old, int64_t n, size_t size, pfc_error *err) {
  void *moved = pfc_resize_array(*array, (size_t)n_old, (size_t)n, size);
  if (!moved) return pfc_fail_memory(err, "predictions");
  *array = moved;
  return PFC_OK;
}

static bool has_lists(const pfc__prediction_table *t) {
  return has(t, PFC__TOLD_RANK) || has(t, PFC__TOLD_SCORE);
}

/* All arrays by half as much again. */
static pfc_status make_room(pfc__prediction_table *t, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc_predictions *p = t->p;
  const int64_t old = t->capacity, n = old + old / 2 + 64;
  PFC_TRY(grow((void **)&t->line, old, n, sizeof *t->line, err));
  PFC_TRY(grow((void **)&p->person, old, n, sizeof *p->person, err));
  PFC_TRY(grow((void **)&p->intervention, old, n, sizeof *p->intervention, err));
  PFC_TRY(grow((void **)&p->competency, old, n, sizeof *p->competency, err));
  PFC_TRY(grow((void **)&p->date, old, n, sizeof *p->date, err));
  if (has_lists(t)) PFC_TRY(grow((void **)&p->score, old, n, sizeof *p->score, err));
  if (has(t, PFC__TOLD_SUCCESS))
    PFC_TRY(grow((void **)&p->p_success, old, n, sizeof *p->p_success, err));
  if (p->n_days > 0)
    PFC_TRY(grow((void **)&p->incidence, old * p->n_days, n * p->n_days, sizeof(float), err));
  if (has(t, PFC__TOLD_QUANTILE))
    PFC_TRY(grow((void **)&p->quantile_days, old * 3, n * 3, sizeof(double), err));
  t->capacity = n;
done:
  return st;
}

pfc_status pfc__predictions_add_row(pfc__prediction_table *t, int64_t line, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc_predictions *p = t->p;
  const int64_t r = p->n;
  if (r == t->capacity) PFC_TRY(make_room(t, err));
  t->line[r] = line;
  p->person[r] = p->intervention[r] = p->competency[r] = -1;
  p->date[r] = PFC_NO_DATE;
  if (p->score) p->score[r] = NAN;
  if (p->p_success) p->p_success[r] = NAN;
  for (int d = 0; d < p->n_days; d++) p->incidence[r * p->n_days + d] = NAN;
  for (int q = 0; p->quantile_days && q < 3; q++) p->quantile_days[r * 3 + q] = NAN;
  p->n++;
done:
  return st;
}

pfc_status pfc__predictions_fail(const pfc__prediction_table *t, int64_t r, pfc__told what,
                                 const char *text, const char *expected, pfc_error *err) {
  return pfc_fail(err, PFC_EDATA, "%s%s%lld: column %s: '%.100s'; expected %s", t->path,
                  t->is_hdf5 ? ", row " : ":", (long long)t->line[r], t->name[what], text,
                  expected);
}

static pfc_status fail_number(const pfc__prediction_table *t, int64_t r, pfc__told what,
                              double value, const char *expected, pfc_error *err) {
  char text[PFC_NUMBER_TEXT];
  if (isfinite(value)) {
    pfc_number_format(value, text);
  } else {
    (void)snprintf(text, sizeof text, "%s", value > 0 ? "infinity" : "-infinity");
  }
  return pfc__predictions_fail(t, r, what, text, expected, err);
}

pfc_status pfc__predictions_set_id(pfc__prediction_table *t, int64_t r, pfc__told what,
                                   const char *text, pfc_error *err) {
  static const struct {
    const char *dictionary, *expected;
  } IDS[] = {{"person", "the id of a person that the dataset has"},
             {"intervention", "the id of an intervention that the dataset has"},
             {"competency", "the id of a competency that the dataset has, or nothing"}};
  int32_t *code[] = {t->p->person, t->p->intervention, t->p->competency};
  const pfc_dict *dict = pfc_dataset_find_dict(t->ds, IDS[what].dictionary);
  if (*text == '\0') return PFC_OK;
  code[what][r] = dict ? pfc_dict_find(dict, text) : -1;
  if (code[what][r] >= 0) return PFC_OK;
  return pfc__predictions_fail(t, r, what, text, IDS[what].expected, err);
}

pfc_status pfc__predictions_set_date(pfc__prediction_table *t, int64_t r, const char *text,
                                     pfc_error *err) {
  if (*text == '\0' || pfc_date_parse(text, &t->p->date[r])) return PFC_OK;
  return pfc__predictions_fail(t, r, PFC__TOLD_DATE, text,
                               "a date such as 2014-10-01, or nothing", err);
}

/* Within 0 and 1, but for what rounding does. */
static bool as_probability(double value, double *p) {
  *p = fmin(fmax(value, 0), 1);
  return value >= -SLIP && value <= 1 + SLIP;
}

pfc_status pfc__predictions_set_number(pfc__prediction_table *t, int64_t r, pfc__told what,
                                       double value, pfc_error *err) {
  pfc_predictions *p = t->p;
  double probability;
  if (isnan(value)) return PFC_OK;
  switch (what) {
    case PFC__TOLD_RANK:
      p->score[r] = -value;
      if (value >= 1 && value == floor(value) && isfinite(value)) return PFC_OK;
      return fail_number(t, r, what, value, "a whole number from 1, or nothing", err);
    case PFC__TOLD_SCORE: /* the rank, where there is one, is what was shown */
      if (!has(t, PFC__TOLD_RANK)) p->score[r] = value;
      if (isfinite(value)) return PFC_OK;
      return fail_number(t, r, what, value, "a number, or nothing", err);
    case PFC__TOLD_SUCCESS:
      if (as_probability(value, &p->p_success[r])) return PFC_OK;
      return fail_number(t, r, what, value, "a probability, 0 to 1, or nothing", err);
    default:
      break;
  }
  if (what >= PFC__TOLD_DAY) {
    const bool ok = as_probability(value, &probability);
    p->incidence[r * p->n_days + (what - PFC__TOLD_DAY)] = (float)probability;
    if (ok) return PFC_OK;
    return fail_number(t, r, what, value, "a probability, 0 to 1, or nothing", err);
  }
  p->quantile_days[r * 3 + (what - PFC__TOLD_QUANTILE)] = value;
  if (value >= 0 && isfinite(value)) return PFC_OK;
  return fail_number(t, r, what, value, "days, 0 or more, or nothing", err);
}

/* --- what a row tells as a whole --------------------------------------------------------- */

static pfc_status check_incidence(pfc__prediction_table *t, int64_t r, pfc_error *err) {
  pfc_predictions *p = t->p;
  float *told = p->incidence + r * p->n_days;
  int n_told = 0;
  float before = 0;
  for (int d = 0; d < p->n_days; d++) {
    if (isnan(told[d])) continue;
    if ((double)told[d] < (double)before - SLIP)
      return fail_number(t, r, (pfc__told)(PFC__TOLD_DAY + d), (double)told[d],
                         "no less than by an earlier day", err);
    told[d] = before = fmaxf(told[d], before);
    n_told++;
  }
  if (n_told >= 2) p->kinds |= PFC_PREDICTS_INCIDENCE;
  return PFC_OK;
}

static pfc_status check_quantiles(pfc__prediction_table *t, int64_t r, pfc_error *err) {
  pfc_predictions *p = t->p;
  const double *days = p->quantile_days + r * 3;
  for (int q = 1; q < 3; q++) {
    if (isnan(days[q]) != isnan(days[0]))
      return pfc__predictions_fail(t, r,
                                   (pfc__told)(PFC__TOLD_QUANTILE + (isnan(days[0]) ? 0 : q)),
                                   "", "days, as its two companions have", err);
    if (days[q] < days[q - 1])
      return fail_number(t, r, (pfc__told)(PFC__TOLD_QUANTILE + q), days[q],
                         "no less than the quantile before", err);
  }
  if (!isnan(days[0])) p->kinds |= PFC_PREDICTS_QUANTILES;
  return PFC_OK;
}

static pfc_status check_row(pfc__prediction_table *t, int64_t r, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc_predictions *p = t->p;
  const bool success = p->p_success && !isnan(p->p_success[r]);
  if (p->person[r] < 0)
    return pfc__predictions_fail(t, r, PFC__TOLD_PERSON, "", "the id of a person", err);
  if (p->intervention[r] < 0 && (success || (p->score && !isnan(p->score[r]))))
    return pfc__predictions_fail(t, r, PFC__TOLD_INTERVENTION, "", "the id of an intervention",
                                 err);
  if (success) p->kinds |= PFC_PREDICTS_SUCCESS;
  if (p->n_days > 0) PFC_TRY(check_incidence(t, r, err));
  if (p->quantile_days) PFC_TRY(check_quantiles(t, r, err));
done:
  return st;
}

/* --- order ------------------------------------------------------------------------------- */

typedef struct row_key {
  int32_t person, date, intervention, competency;
  int64_t row;
} row_key;

static int by_key(const void *a, const void *b) {
  const row_key *x = a, *y = b;
  if (x->person != y->person) return x->person < y->person ? -1 : 1;
  if (x->date != y->date) return x->date < y->date ? -1 : 1;
  if (x->intervention != y->intervention) return x->intervention < y->intervention ? -1 : 1;
  if (x->competency != y->competency) return x->competency < y->competency ? -1 : 1;
  return (x->row > y->row) - (x->row < y->row);
}

static bool is_same_key(const row_key *a, const row_key *b) {
  return a->person == b->person && a->date == b->date && a->intervention == b->intervention &&
         a->competency == b->competency;
}

/* Bytes tell: a NaN of ours is always the same one. */
static bool is_same(const void *array, size_t size, int64_t a, int64_t b) {
  const char *bytes = array;
  return !array || memcmp(bytes + (size_t)a * size, bytes + (size_t)b * size, size) == 0;
}

static bool tell_the_same(const pfc_predictions *p, int64_t a, int64_t b) {
  return is_same(p->score, sizeof *p->score, a, b) &&
         is_same(p->p_success, sizeof *p->p_success, a, b) &&
         is_same(p->incidence, sizeof *p->incidence * (size_t)p->n_days, a, b) &&
         is_same(p->quantile_days, 3 * sizeof *p->quantile_days, a, b);
}

/* Keys of the rows to be kept, sorted; *n becomes their number. */
static pfc_status drop_repeats(const pfc__prediction_table *t, row_key *keys, int64_t *n,
                               pfc_error *err) {
  int64_t kept = 0;
  for (int64_t i = 0; i < *n; i++) {
    if (kept == 0 || !is_same_key(&keys[kept - 1], &keys[i])) {
      keys[kept++] = keys[i];
    } else if (!tell_the_same(t->p, keys[kept - 1].row, keys[i].row)) {
      return pfc_fail(err, PFC_EDATA,
                      "%s: %ss %lld and %lld tell different things of person '%.60s' and "
                      "intervention '%.60s' on the same date; expected one row",
                      t->path, t->is_hdf5 ? "row" : "line",
                      (long long)t->line[keys[kept - 1].row], (long long)t->line[keys[i].row],
                      pfc_dict_text(pfc_dataset_find_dict(t->ds, "person"), keys[i].person),
                      keys[i].intervention < 0
                          ? ""
                          : pfc_dict_text(pfc_dataset_find_dict(t->ds, "intervention"),
                                          keys[i].intervention));
    }
  }
  *n = kept;
  return PFC_OK;
}

/* The rows of an array in the order of the keys, in memory of that size. */
static pfc_status arrange(void **array, size_t size, int64_t n, const row_key *keys,
                          pfc_error *err) {
  if (!*array) return PFC_OK;
  char *to = pfc_resize_array(NULL, 0, (size_t)n, size);
  if (!to) return pfc_fail_memory(err, "predictions");
  for (int64_t i = 0; i < n; i++)
    memcpy(to + (size_t)i * size, (char *)*array + (size_t)keys[i].row * size, size);
  pfc_free(*array);
  *array = to;
  return PFC_OK;
}

static pfc_status arrange_all(pfc_predictions *p, int64_t n, const row_key *keys,
                              pfc_error *err) {
  pfc_status st = PFC_OK;
  PFC_TRY(arrange((void **)&p->person, sizeof *p->person, n, keys, err));
  PFC_TRY(arrange((void **)&p->intervention, sizeof *p->intervention, n, keys, err));
  PFC_TRY(arrange((void **)&p->competency, sizeof *p->competency, n, keys, err));
  PFC_TRY(arrange((void **)&p->date, sizeof *p->date, n, keys, err));
  PFC_TRY(arrange((void **)&p->score, sizeof *p->score, n, keys, err));
  PFC_TRY(arrange((void **)&p->p_success, sizeof *p->p_success, n, keys, err));
  PFC_TRY(arrange((void **)&p->incidence, sizeof(float) * (size_t)p->n_days, n, keys, err));
  PFC_TRY(arrange((void **)&p->quantile_days, 3 * sizeof(double), n, keys, err));
  p->n = n;
done:
  return st;
}

pfc_status pfc__predictions_finish(pfc__prediction_table *t, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc_predictions *p = t->p;
  row_key *keys = NULL;
  int64_t n = p->n;
  if (has_lists(t)) p->kinds |= PFC_PREDICTS_LISTS;
  PFC_NEW(keys, n);
  for (int64_t r = 0; r < n; r++) {
    PFC_TRY(check_row(t, r, err));
    keys[r] = (row_key){p->person[r], p->date[r], p->intervention[r], p->competency[r], r};
  }
  if (p->kinds == 0) {
    st = pfc_fail(err, PFC_EDATA, "%s: no row predicts anything", t->path);
    goto done;
  }
  qsort(keys, (size_t)n, sizeof *keys, by_key);
  PFC_TRY(drop_repeats(t, keys, &n, err));
  PFC_TRY(arrange_all(p, n, keys, err));
done:
  pfc_free(keys);
  return st;
}
