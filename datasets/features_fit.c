/* Choosing columns and scales from training decisions. */
#include <float.h>
#include <math.h>
#include <string.h>

#include "base/mem.h"
#include "datasets/features_internal.h"

/* What the training decisions hold of one field. */
typedef struct tally {
  bool is_missing; /* somewhere */
  uint8_t *seen;   /* PFC_FIELD_ONEHOT: of each model code */
  int32_t n_codes; /* model codes of the dictionary */
  double weight;   /* PFC_FIELD_NUMBER: of the known values ... */
  double unit;     /* ... a power of two, the largest of them or more ... */
  double mean, m2; /* ... in it: their mean and sum of squared deviations ... */
  double lowest, highest;
} tally;

static pfc_status open_tallies(const pfc_lens *lens, const pfc_field *fields, int n_fields,
                               tally *tallies, pfc_error *err) {
  pfc_status st = PFC_OK;
  for (int k = 0; k < n_fields; k++) {
    tallies[k].lowest = INFINITY;
    tallies[k].highest = -INFINITY;
    if (fields[k].kind != PFC_FIELD_ONEHOT) continue;
    tallies[k].n_codes = pfc__lens_map(lens, fields[k].dict)->model_size;
    PFC_NEW(tallies[k].seen, tallies[k].n_codes);
  }
done:
  return st;
}

/* Sums go on in a unit in which x is no larger than 1: squares of what a double holds need
 * not fit into one. A power of two changes no digit. */
static void fit_unit(tally *t, double x) {
  int exponent;
  if (fabs(x) <= t->unit) return;
  (void)frexp(x, &exponent);
  const double unit = ldexp(1, exponent <= DBL_MAX_EXP - 1 ? exponent : DBL_MAX_EXP - 1);
  t->mean *= t->unit / unit;
  t->m2 *= t->unit / unit * (t->unit / unit);
  t->unit = unit;
}

/* Weighted mean and variance in one pass (West, CACM 22(9), 1979). */
static void add_number(tally *t, double value, double weight) {
  if (isnan(value)) {
    t->is_missing = true;
    return;
  }
  fit_unit(t, value);
  const double x = t->unit > 0 ? value / t->unit : 0, step = x - t->mean;
  t->weight += weight;
  t->mean += step * weight / t->weight;
  t->m2 += weight * step * (x - t->mean);
  t->lowest = fmin(t->lowest, value);
  t->highest = fmax(t->highest, value);
}

static void add_code(tally *t, int32_t code) {
  if (code < 0 || code >= t->n_codes) {
    t->is_missing = true;
  } else {
    t->seen[code] = 1;
  }
}

static void observe(const pfc_field *f, const pfc__moment *m, const pfc__aim *aim,
                    double weight, tally *t) {
  if (f->kind == PFC_FIELD_ONEHOT) {
    add_code(t, pfc__field_code(f, m, aim));
  } else {
    add_number(t, pfc__field_number(f, m, aim), weight);
  }
}

static void observe_decision(const pfc_lens *lens, const pfc_decision *d,
                             const pfc_field *fields, int n_fields, tally *tallies) {
  pfc__moment m;
  pfc__moment_look(lens, d, true, &m);
  const int n_aims = pfc__n_aims(lens, d);
  for (int k = 0; k < n_fields; k++) {
    const int n = pfc__field_varies(&fields[k]) ? n_aims : 1;
    for (int j = 0; j < n; j++) {
      const pfc__aim aim = pfc__aim_at(lens, d, j);
      observe(&fields[k], &m, &aim, 1.0 / n, &tallies[k]);
    }
  }
}

static int32_t count_seen(const tally *t) {
  int32_t n = 0;
  for (int32_t c = 0; c < t->n_codes; c++) n += t->seen[c];
  return n;
}

/* A column for each category seen; none when all rows are of the same one. */
static pfc_status settle_onehot(pfc_field *f, const tally *t, int32_t first, pfc_error *err) {
  pfc_status st = PFC_OK;
  const int32_t n = count_seen(t);
  if (n == 0 || (n == 1 && !t->is_missing)) return PFC_OK;
  PFC_NEW(f->column_of, t->n_codes);
  f->n_codes = t->n_codes;
  for (int32_t c = 0; c < t->n_codes; c++)
    f->column_of[c] = t->seen[c] ? first + f->n_columns++ : -1;
done:
  return st;
}

/* Counts of a cell or a pair are nearly always 0 and must stay so: they are divided by
 * their root mean square and not centred. */
static void settle_number(pfc_field *f, const tally *t) {
  if (!(t->lowest < t->highest)) return;
  const bool is_count = f->what == PFC_WHAT_ATTEMPTS || f->what == PFC_WHAT_WINS;
  const double variance = t->m2 / t->weight;
  if (is_count && pfc__scope_is_sparse(f->scope)) {
    f->mean = 0;
    f->sd = sqrt(variance + t->mean * t->mean) * t->unit;
  } else {
    f->mean = t->mean * t->unit;
    f->sd = sqrt(variance) * t->unit;
    f->has_missing = t->is_missing;
  }
  if (f->sd >= DBL_MIN) f->n_columns = f->has_missing ? 2 : 1;
}

/* Gives columns to the fields that vary and drops the others. Whatever happens, each of
 * the n_fields is either whole or empty. */
static pfc_status settle(pfc_features *f, const tally *tallies, int n_fields, pfc_error *err) {
  pfc_status st = PFC_OK;
  f->n_fields = 0;
  for (int k = 0; k < n_fields; k++) {
    pfc_field field = f->fields[k];
    f->fields[k] = (pfc_field){0};
    if (field.kind == PFC_FIELD_NUMBER) {
      settle_number(&field, &tallies[k]);
    } else {
      st = settle_onehot(&field, &tallies[k], f->n_columns, err);
    }
    if (st == PFC_OK && field.n_columns > 0) {
      field.first = f->n_columns;
      f->n_columns += field.n_columns;
      f->fields[f->n_fields++] = field;
    } else {
      pfc__field_clear(&field);
    }
    if (st != PFC_OK) break;
  }
  return st;
}

pfc_status pfc_features_fit(const pfc_lens *lens, pfc_feature_plan plan, int64_t n,
                            const pfc_decision *decisions, pfc_features **features,
                            pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc_features *f = NULL;
  tally *tallies = NULL;
  int n_fields = 0;
  *features = NULL;
  PFC_NEW(f, 1);
  PFC_TRY(pfc__fields_list(lens, plan, &f->fields, &n_fields, err));
  PFC_NEW(tallies, n_fields);
  PFC_TRY(open_tallies(lens, f->fields, n_fields, tallies, err));
  for (int64_t k = 0; k < n; k++)
    observe_decision(lens, &decisions[k], f->fields, n_fields, tallies);
  PFC_TRY(settle(f, tallies, n_fields, err));
  *features = f;
  f = NULL;
done:
  for (int k = 0; tallies && k < n_fields; k++) pfc_free(tallies[k].seen);
  pfc_free(tallies);
  for (int k = 0; f && k < n_fields; k++) pfc__field_clear(&f->fields[k]);
  if (f) f->n_fields = 0;
  pfc_features_destroy(f);
  return st;
}

void pfc_features_destroy(pfc_features *features) {
  if (!features) return;
  for (int k = 0; k < features->n_fields; k++) pfc__field_clear(&features->fields[k]);
  pfc_free(features->fields);
  pfc_free(features);
}
