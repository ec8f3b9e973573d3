#include "tests/support/bundle_internal.h"

#include "base/date.h"
#include "base/mem.h"
#include "base/rng.h"
#include "tests/support/test.h"

enum { RANK = 8, N_ITEMS = 24, N_COMPETENCIES = 5, N_REGIONS = 4, N_BINS = 6, N_GROUPS = 2 };
enum { N_ROLES = 6, N_FITTED = 10, N_PEOPLE = 30, N_LEDGER = 7, MOST_FULL = 20 };

/* --- random parts ----------------------------------------------------------- */

void *test__array(int64_t n, size_t size) {
  void *p = pfc_alloc_array((size_t)n, size);
  assert_non_null(p);
  return p;
}

float *test__floats(pfc_rng *rng, int64_t n) {
  float *x = test__array(n, sizeof *x);
  for (int64_t i = 0; i < n; i++) x[i] = (float)pfc_rng_normal(rng);
  return x;
}

static double *doubles(pfc_rng *rng, int64_t n) {
  double *x = test__array(n, sizeof *x);
  for (int64_t i = 0; i < n; i++) x[i] = pfc_rng_normal(rng);
  return x;
}

pfc_dict *test__dict(const char *name, int32_t n) {
  pfc_dict *d = pfc_dict_create(name);
  assert_non_null(d);
  for (int32_t i = 0; i < n; i++) {
    char text[64];
    int32_t code;
    const int size =
        snprintf(text, sizeof text, i % 3 ? "%s %d" : "%s \xc3\xa9 no. %d", name, i);
    assert_ok(pfc_dict_add(d, text, (size_t)size, &code, &err));
  }
  return d;
}

/* --- features --------------------------------------------------------------- */

static const struct {
  const char *name, *group;
  pfc_scope scope;
  pfc_field_kind kind;
  pfc_field_what what;
  int table;
  const char *column, *dict;
} FIELDS[] = {
    {"person", "person", PFC_SCOPE_PERSON, PFC_FIELD_ONEHOT, PFC_WHAT_ID, -1, "", "person"},
    {"people.c_region", "category", PFC_SCOPE_PERSON, PFC_FIELD_ONEHOT, PFC_WHAT_COLUMN,
     PFC_PEOPLE, "c_region", "c_region"},
    {"people.x_age", "number", PFC_SCOPE_PERSON, PFC_FIELD_NUMBER, PFC_WHAT_COLUMN, PFC_PEOPLE,
     "x_age", ""},
    {"intervention", "intervention", PFC_SCOPE_TARGET, PFC_FIELD_ONEHOT, PFC_WHAT_ID, -1, "",
     "intervention"},
    {"interventions.hours", "number", PFC_SCOPE_TARGET, PFC_FIELD_NUMBER, PFC_WHAT_LOG,
     PFC_INTERVENTIONS, "hours", ""},
    {"wins competency", "count", PFC_SCOPE_CELL, PFC_FIELD_NUMBER, PFC_WHAT_WINS, -1, "", ""},
    {"attempts item", "count", PFC_SCOPE_PAIR, PFC_FIELD_NUMBER, PFC_WHAT_ATTEMPTS, -1, "", ""},
};

static void fill_onehot(pfc_field *f, pfc_rng *rng, int32_t n_codes) {
  f->n_codes = n_codes;
  f->column_of = test__array(n_codes, sizeof *f->column_of);
  for (int32_t code = 0; code < n_codes; code++) {
    const int seen = pfc_rng_below(rng, 4) > 0;
    f->column_of[code] = seen ? f->first + f->n_columns : -1;
    f->n_columns += seen;
  }
}

static pfc_features *features(const pfc_bundle *b, pfc_rng *rng) {
  const int n = (int)(sizeof FIELDS / sizeof FIELDS[0]);
  pfc_features *out = test__array(1, sizeof *out);
  out->n_fields = n;
  out->fields = test__array(n, sizeof *out->fields);
  for (int i = 0; i < n; i++) {
    pfc_field *f = &out->fields[i];
    f->name = pfc_strdup(FIELDS[i].name);
    f->group = pfc_strdup(FIELDS[i].group);
    f->scope = FIELDS[i].scope;
    f->kind = FIELDS[i].kind;
    f->what = FIELDS[i].what;
    f->table = FIELDS[i].table;
    f->column = pfc_strdup(FIELDS[i].column);
    f->dict = pfc_strdup(FIELDS[i].dict);
    f->first = out->n_columns;
    if (f->kind == PFC_FIELD_ONEHOT) {
      fill_onehot(f, rng, pfc_dict_size(pfc_bundle_dict(b, f->dict)));
    } else {
      f->mean = pfc_rng_normal(rng);
      f->sd = 0.1 + pfc_rng_uniform(rng);
      f->has_missing = i % 2 == 0;
      f->n_columns = 1 + f->has_missing;
    }
    out->n_columns += f->n_columns;
  }
  return out;
}

/* --- models ----------------------------------------------------------------- */

static void fill_affinity(pfc_bundle *b, pfc_rng *rng, int32_t n_people) {
  pfc_affinity *m = &b->affinity;
  b->has_affinity = true;
  m->rank = RANK;
  m->n_people = n_people;
  m->n_items = N_ITEMS;
  m->alpha0 = 0.01;
  m->lambda = 0.05;
  m->nu = 0.75;
  m->kappa_people = 2;
  m->kappa_items = 3;
  m->weights = (pfc_affinity_weights){0.5, 1, 1.5, 365};
  m->person_features = features(b, rng);
  m->item_features = features(b, rng);
  m->item_count = test__array(N_ITEMS, sizeof *m->item_count);
  for (int32_t i = 0; i < N_ITEMS; i++) m->item_count[i] = (int32_t)pfc_rng_below(rng, 100);
  m->people = test__floats(rng, (int64_t)n_people * RANK);
  m->items = test__floats(rng, (int64_t)N_ITEMS * RANK);
  m->person_prior = test__floats(rng, (int64_t)m->person_features->n_columns * RANK);
  m->item_prior = test__floats(rng, (int64_t)m->item_features->n_columns * RANK);
  m->accept_slope = pfc_rng_normal(rng);
  m->accept_intercept = pfc_rng_normal(rng);
  m->accept_calibration = (pfc_beta){0.8, 1.2, 0.1};
}

/* Every other coefficient is kept whole, as far as they go. */
static void fill_posterior(pfc_rng *rng, int32_t n, pfc_posterior *p) {
  p->n = n;
  p->n_full = n / 2 < MOST_FULL ? n / 2 : MOST_FULL;
  p->full = test__array(p->n_full, sizeof *p->full);
  p->precision = doubles(rng, (int64_t)p->n_full * (p->n_full + 1) / 2);
  p->diagonal = test__array(n, sizeof *p->diagonal);
  for (int32_t j = 0; j < n; j++) p->diagonal[j] = 1 + pfc_rng_uniform(rng);
  for (int32_t k = 0, end = 0; k < p->n_full; k++, end += k + 1) {
    p->full[k] = 2 * k + 1;
    p->diagonal[2 * k + 1] = 0;
    p->precision[end] = 10 + pfc_rng_uniform(rng);
  }
}

static void fill_ledger(pfc_rng *rng, pfc_ledger *l) {
  l->n = N_LEDGER;
  l->key = test__array(N_LEDGER, sizeof *l->key);
  l->days = test__floats(rng, N_LEDGER);
  for (int i = 0; i < N_LEDGER; i++)
    l->key[i] = (UINT64_MAX / N_LEDGER) * (uint64_t)i + pfc_rng_below(rng, 1000);
}

static void fill_strengths(pfc_strengths *s) {
  assert_ok(pfc_strengths_add(s, "person", 10, &err));
  assert_ok(pfc_strengths_add(s, "interaction", 1000, &err));
}

static void fill_chance(pfc_bundle *b, pfc_rng *rng, pfc_chance *m) {
  m->features = features(b, rng);
  m->intercept = pfc_rng_normal(rng);
  m->coef = doubles(rng, m->features->n_columns);
  m->rank = RANK;
  m->theta = doubles(rng, RANK);
  m->calibration = (pfc_beta){1.1, 0.9, -0.2};
  m->base_rate = 0.625;
  m->n_rows = 123456;
  fill_strengths(&m->strengths);
  fill_posterior(rng, m->features->n_columns + RANK + 1, &m->posterior);
  fill_ledger(rng, &m->ledger);
}

static void fill_clock(pfc_clock *clock, pfc_rng *rng, int cause) {
  clock->column = pfc_strdup(cause == PFC_DROPPED ? "x_day_due_1" : "");
  clock->typical_day = cause == PFC_DROPPED ? 40 : 0;
  clock->n_bins = N_BINS + cause;
  clock->edge = test__array(clock->n_bins + 1, sizeof *clock->edge);
  for (int32_t i = 0; i <= clock->n_bins; i++)
    clock->edge[i] = 30 * i - clock->typical_day + pfc_rng_uniform(rng);
}

static void fill_hazard(pfc_bundle *b, pfc_rng *rng, pfc_hazard *m, int n_causes) {
  m->features = features(b, rng);
  m->tick_days = 0.5;
  m->horizon_days = 180;
  m->n_groups = N_GROUPS;
  m->n_competencies = N_COMPETENCIES;
  m->group_of = test__array(N_COMPETENCIES, sizeof *m->group_of);
  for (int32_t c = 0; c < N_COMPETENCIES; c++) m->group_of[c] = c % (N_GROUPS + 1) - 1;
  for (int r = 0; r < n_causes; r++) {
    fill_clock(&m->clock[r], rng, r);
    m->n_events[r] = 100 + r;
    m->baseline[r] = doubles(rng, pfc_hazard_n_baseline(m, (pfc_cause)r));
    m->coef[r] = doubles(rng, m->features->n_columns);
    fill_posterior(rng, pfc_hazard_n_baseline(m, (pfc_cause)r) + m->features->n_columns,
                   &m->posterior[r]);
  }
  m->n_rows = 4321;
  fill_strengths(&m->strengths);
  fill_ledger(rng, &m->ledger);
}

static void fill_certificates(pfc_bundle *b, pfc_rng *rng) {
  static const char *const models[] = {"affinity", "success", "time.proficient"};
  b->n_certificates = 3;
  b->certificates = test__array(b->n_certificates, sizeof *b->certificates);
  for (int32_t i = 0; i < b->n_certificates; i++) {
    b->certificates[i] = (pfc_certificate){.model = pfc_strdup(models[i]),
                                           .n_rows = 1000 + i,
                                           .iterations = 10 + i,
                                           .objective = pfc_rng_normal(rng),
                                           .gradient = 1e-9 * pfc_rng_uniform(rng),
                                           .converged = i % 2};
  }
}

static void fill_metrics(pfc_bundle *b, pfc_rng *rng) {
  static const char *const names[] = {"success.holdout_log_loss", "time.holdout_nll"};
  b->n_metrics = 2;
  b->metrics = test__array(b->n_metrics, sizeof *b->metrics);
  for (int32_t i = 0; i < b->n_metrics; i++) {
    b->metrics[i] = (pfc_metric){pfc_strdup(names[i]), 200 + i, pfc_rng_normal(rng)};
  }
}

void test__fill_provenance(pfc_bundle *b, uint64_t seed) {
  memset(b->data_sha256, 'a', sizeof b->data_sha256 - 1);
  b->feedback_head =
      pfc_strdup("12-bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb");
  b->split = pfc_strdup("at 2014-10-01");
  b->settings = pfc_strdup("{\"rank\":8,\"note\":\"caf\xc3\xa9\"}");
  b->build = pfc_strdup("proficio 0.1.0");
  b->blas = pfc_strdup("OpenBLAS 0.3.21 Zen");
  b->seed = UINT64_MAX - seed;
  assert_true(pfc_date_from_ymd(2014, 9, 30, &b->trained_as_of));
}

pfc_bundle *test_bundle(uint64_t seed, int32_t n_people) {
  pfc_rng rng;
  pfc_rng_init(&rng, seed, "test bundle", 0);
  pfc_bundle *b = pfc_bundle_create();
  assert_non_null(b);
  b->n_dicts = 4;
  b->dicts = test__array(b->n_dicts, sizeof *b->dicts);
  b->dicts[0] = test__dict("person", n_people);
  b->dicts[1] = test__dict("intervention", N_ITEMS);
  b->dicts[2] = test__dict("competency", N_COMPETENCIES);
  b->dicts[3] = test__dict("c_region", N_REGIONS);
  fill_affinity(b, &rng, n_people);
  b->has_success = b->has_accept = b->has_time = b->has_anyway = true;
  fill_chance(b, &rng, &b->success);
  fill_hazard(b, &rng, &b->time, PFC_LEFT);
  fill_certificates(b, &rng);
  fill_metrics(b, &rng);
  fill_chance(b, &rng, &b->accept);
  fill_hazard(b, &rng, &b->anyway, PFC_PROFICIENT + 1);
  test__fill_provenance(b, seed);
  return b;
}

/* Rows with some items of N_ITEMS each, every third with none. */
static void fill_rows(pfc_csr *m, pfc_rng *rng, int32_t n_rows) {
  assert_ok(pfc_csr_init(m, n_rows, N_ITEMS, &err));
  for (int32_t r = 0; r < n_rows; r++) {
    int32_t col[N_ITEMS];
    float val[N_ITEMS];
    int n = 0;
    for (int32_t i = 0; i < N_ITEMS && r % 3 != 2; i++) {
      if (pfc_rng_below(rng, 4) > 0) continue;
      col[n] = i;
      val[n++] = (float)pfc_rng_uniform(rng);
    }
    assert_ok(pfc_csr_append(m, n, col, val, &err));
  }
}

static void fill_ease(pfc_baseline *m, pfc_rng *rng) {
  m->n_fitted = N_FITTED;
  m->fitted = test__array(N_FITTED, sizeof *m->fitted);
  for (int32_t f = 0; f < N_FITTED; f++) m->fitted[f] = 1 + 2 * f;
  m->ease = test__floats(rng, N_FITTED * N_FITTED);
}

pfc_bundle *test_baseline_bundle(uint64_t seed, pfc_baseline_kind kind) {
  pfc_rng rng;
  pfc_rng_init(&rng, seed, "test baseline", 0);
  pfc_bundle *b = pfc_bundle_create();
  assert_non_null(b);
  pfc_baseline *m = &b->baseline;
  b->n_dicts = 3;
  b->dicts = test__array(b->n_dicts, sizeof *b->dicts);
  b->dicts[0] = test__dict("person", N_PEOPLE);
  b->dicts[1] = test__dict("intervention", N_ITEMS);
  b->dicts[2] = test__dict("role", N_ROLES);
  b->has_baseline = true;
  *m = (pfc_baseline){.kind = kind, .n_items = N_ITEMS, .shrinkage = 7.5};
  m->weights = (pfc_affinity_weights){1, 0.5, 2, 45};
  m->count = test__array(N_ITEMS, sizeof *m->count);
  for (int32_t i = 0; i < N_ITEMS; i++) m->count[i] = (double)pfc_rng_below(&rng, 100);
  if (kind == PFC_BASELINE_POPULARITY || kind == PFC_BASELINE_RECENT ||
      kind == PFC_BASELINE_MANAGER)
    fill_rows(&m->by_role, &rng, N_ROLES);
  if (kind == PFC_BASELINE_MANAGER) fill_rows(&m->by_manager, &rng, N_PEOPLE);
  if (kind == PFC_BASELINE_ITEMKNN) fill_rows(&m->neighbours, &rng, N_ITEMS);
  if (kind == PFC_BASELINE_EASE) fill_ease(m, &rng);
  test__fill_provenance(b, seed);
  return b;
}

void test_bundle_drop_affinity(pfc_bundle *b) {
  pfc_affinity_clear(&b->affinity);
  b->has_affinity = false;
}

void test_bundle_drop_chances(pfc_bundle *b) {
  pfc_chance_clear(&b->success);
  pfc_chance_clear(&b->accept);
  b->has_success = b->has_accept = false;
}

/* --- comparing -------------------------------------------------------------- */

static void compare_fields(const pfc_field *a, const pfc_field *b) {
  assert_string_equal(a->name, b->name);
  assert_string_equal(a->group, b->group);
  assert_string_equal(a->column, b->column);
  assert_string_equal(a->dict, b->dict);
  SAME_MEMBER(a, b, scope);
  SAME_MEMBER(a, b, kind);
  SAME_MEMBER(a, b, what);
  SAME_MEMBER(a, b, table);
  SAME_MEMBER(a, b, first);
  SAME_MEMBER(a, b, n_columns);
  SAME_MEMBER(a, b, n_codes);
  SAME(a->column_of, b->column_of, a->n_codes);
  SAME_MEMBER(a, b, mean);
  SAME_MEMBER(a, b, sd);
  SAME_MEMBER(a, b, has_missing);
}

static void compare_features(const pfc_features *a, const pfc_features *b) {
  assert_int_equal(a->n_columns, b->n_columns);
  assert_int_equal(a->n_fields, b->n_fields);
  for (int i = 0; i < a->n_fields; i++) compare_fields(&a->fields[i], &b->fields[i]);
}

static void compare_affinity(const pfc_affinity *a, const pfc_affinity *b) {
  SAME_MEMBER(a, b, rank);
  SAME_MEMBER(a, b, n_people);
  SAME_MEMBER(a, b, n_items);
  SAME_MEMBER(a, b, alpha0);
  SAME_MEMBER(a, b, lambda);
  SAME_MEMBER(a, b, nu);
  SAME_MEMBER(a, b, kappa_people);
  SAME_MEMBER(a, b, kappa_items);
  SAME_MEMBER(a, b, weights);
  compare_features(a->person_features, b->person_features);
  compare_features(a->item_features, b->item_features);
  SAME(a->item_count, b->item_count, a->n_items);
  SAME(a->people, b->people, (int64_t)a->n_people * a->rank);
  SAME(a->items, b->items, (int64_t)a->n_items * a->rank);
  SAME(a->person_prior, b->person_prior, (int64_t)a->person_features->n_columns * a->rank);
  SAME(a->item_prior, b->item_prior, (int64_t)a->item_features->n_columns * a->rank);
  SAME_MEMBER(a, b, accept_slope);
  SAME_MEMBER(a, b, accept_intercept);
  SAME_MEMBER(a, b, accept_calibration);
}

static void compare_posterior(const pfc_posterior *a, const pfc_posterior *b) {
  SAME_MEMBER(a, b, n);
  SAME_MEMBER(a, b, n_full);
  SAME(a->full, b->full, a->n_full);
  SAME(a->precision, b->precision, (int64_t)a->n_full * (a->n_full + 1) / 2);
  SAME(a->diagonal, b->diagonal, a->n);
}

static void compare_beginnings(const pfc_strengths *a, const pfc_strengths *b,
                               const pfc_ledger *l, const pfc_ledger *m) {
  assert_int_equal(a->n, b->n);
  for (int32_t g = 0; g < a->n; g++) {
    assert_string_equal(a->at[g].group, b->at[g].group);
    assert_true(a->at[g].value == b->at[g].value);
  }
  SAME_MEMBER(l, m, n);
  SAME(l->key, m->key, l->n);
  SAME(l->days, m->days, l->n);
}

static void compare_chance(const pfc_chance *a, const pfc_chance *b) {
  compare_features(a->features, b->features);
  SAME_MEMBER(a, b, intercept);
  SAME(a->coef, b->coef, a->features->n_columns);
  SAME_MEMBER(a, b, rank);
  SAME(a->theta, b->theta, a->rank);
  SAME_MEMBER(a, b, calibration);
  SAME_MEMBER(a, b, base_rate);
  SAME_MEMBER(a, b, n_rows);
  compare_posterior(&a->posterior, &b->posterior);
  compare_beginnings(&a->strengths, &b->strengths, &a->ledger, &b->ledger);
}

/* No text is stored as the empty one. */
static void compare_texts(const char *a, const char *b) {
  assert_string_equal(a ? a : "", b ? b : "");
}

static void compare_causes(const pfc_hazard *a, const pfc_hazard *b, pfc_cause r) {
  const pfc_clock *c = &a->clock[r], *d = &b->clock[r];
  assert_int_equal(!a->baseline[r], !b->baseline[r]);
  assert_int_equal(!a->coef[r], !b->coef[r]);
  if (!a->baseline[r]) return;
  compare_texts(c->column, d->column);
  SAME_MEMBER(c, d, typical_day);
  SAME_MEMBER(c, d, n_bins);
  SAME(c->edge, d->edge, c->n_bins + 1);
  SAME(a->baseline[r], b->baseline[r], pfc_hazard_n_baseline(a, r));
  SAME(a->coef[r], b->coef[r], a->features->n_columns);
  compare_posterior(&a->posterior[r], &b->posterior[r]);
}

static void compare_time(const pfc_hazard *a, const pfc_hazard *b) {
  compare_features(a->features, b->features);
  SAME_MEMBER(a, b, tick_days);
  SAME_MEMBER(a, b, horizon_days);
  SAME_MEMBER(a, b, n_groups);
  SAME_MEMBER(a, b, n_competencies);
  SAME(a->group_of, b->group_of, a->n_competencies);
  SAME_MEMBER(a, b, n_rows);
  SAME(a->n_events, b->n_events, PFC_N_CAUSES);
  for (int r = 0; r < PFC_N_CAUSES; r++) compare_causes(a, b, (pfc_cause)r);
  compare_beginnings(&a->strengths, &b->strengths, &a->ledger, &b->ledger);
}

static void compare_rows(const pfc_csr *a, const pfc_csr *b) {
  SAME_MEMBER(a, b, n_rows);
  SAME_MEMBER(a, b, n_cols);
  assert_int_equal(!a->start, !b->start);
  if (!a->start) return;
  SAME(a->start, b->start, a->n_rows + 1);
  SAME(a->col, b->col, a->start[a->n_rows]);
  SAME(a->val, b->val, a->start[a->n_rows]);
}

static void compare_baseline(const pfc_baseline *a, const pfc_baseline *b) {
  SAME_MEMBER(a, b, kind);
  SAME_MEMBER(a, b, n_items);
  SAME_MEMBER(a, b, shrinkage);
  SAME_MEMBER(a, b, weights);
  SAME_MEMBER(a, b, n_fitted);
  SAME(a->count, b->count, a->n_items);
  compare_rows(&a->by_role, &b->by_role);
  compare_rows(&a->by_manager, &b->by_manager);
  compare_rows(&a->neighbours, &b->neighbours);
  SAME(a->fitted, b->fitted, a->n_fitted);
  SAME(a->ease, b->ease, (int64_t)a->n_fitted * a->n_fitted);
}

static void compare_dicts(const pfc_bundle *a, const pfc_bundle *b) {
  assert_int_equal(a->n_dicts, b->n_dicts);
  for (int32_t i = 0; i < a->n_dicts; i++) {
    const pfc_dict *d = a->dicts[i], *e = b->dicts[i];
    assert_string_equal(pfc_dict_name(d), pfc_dict_name(e));
    assert_int_equal(pfc_dict_size(d), pfc_dict_size(e));
    for (int32_t code = 0; code < pfc_dict_size(d); code++) {
      assert_string_equal(pfc_dict_text(d, code), pfc_dict_text(e, code));
      assert_int_equal(pfc_dict_find(e, pfc_dict_text(d, code)), code);
    }
  }
}

static void compare_certificates(const pfc_bundle *a, const pfc_bundle *b) {
  assert_int_equal(a->n_certificates, b->n_certificates);
  for (int32_t i = 0; i < a->n_certificates; i++) {
    const pfc_certificate *c = &a->certificates[i], *d = &b->certificates[i];
    assert_string_equal(c->model, d->model);
    SAME_MEMBER(c, d, n_rows);
    SAME_MEMBER(c, d, iterations);
    SAME_MEMBER(c, d, objective);
    SAME_MEMBER(c, d, gradient);
    SAME_MEMBER(c, d, converged);
  }
}

static void compare_metrics(const pfc_bundle *a, const pfc_bundle *b) {
  assert_int_equal(a->n_metrics, b->n_metrics);
  for (int32_t i = 0; i < a->n_metrics; i++) {
    const pfc_metric *c = &a->metrics[i], *d = &b->metrics[i];
    assert_string_equal(c->name, d->name);
    SAME_MEMBER(c, d, n_rows);
    SAME_MEMBER(c, d, value);
  }
}

void test_bundle_compare(const pfc_bundle *a, const pfc_bundle *b) {
  assert_int_equal(a->has_affinity, b->has_affinity);
  assert_int_equal(a->has_success, b->has_success);
  assert_int_equal(a->has_accept, b->has_accept);
  assert_int_equal(a->has_time, b->has_time);
  assert_int_equal(a->has_anyway, b->has_anyway);
  assert_int_equal(a->has_profile, b->has_profile);
  assert_int_equal(a->has_baseline, b->has_baseline);
  if (a->has_affinity) compare_affinity(&a->affinity, &b->affinity);
  if (a->has_success) compare_chance(&a->success, &b->success);
  if (a->has_accept) compare_chance(&a->accept, &b->accept);
  if (a->has_time) compare_time(&a->time, &b->time);
  if (a->has_anyway) compare_time(&a->anyway, &b->anyway);
  if (a->has_profile) test__compare_profile(&a->profile, &b->profile);
  if (a->has_baseline) compare_baseline(&a->baseline, &b->baseline);
  compare_dicts(a, b);
  compare_certificates(a, b);
  compare_metrics(a, b);
  assert_string_equal(a->data_sha256, b->data_sha256);
  compare_texts(a->feedback_head, b->feedback_head);
  compare_texts(a->split, b->split);
  compare_texts(a->settings, b->settings);
  compare_texts(a->build, b->build);
  compare_texts(a->blas, b->blas);
  SAME_MEMBER(a, b, seed);
  SAME_MEMBER(a, b, trained_as_of);
}
