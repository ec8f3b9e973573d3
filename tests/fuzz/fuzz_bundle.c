// labels: fuzz check
/* The reader of models, behind seal and HDF5: an edited file is refused with a message, or is
 * a bundle that can be described and saved again. An input is a script of edits
 * (tests/fuzz/edit.h) to the file made here. */
#include "models/bundle_internal.h"
#include "models/describe.h"
#include "tests/fuzz/edit.h"

enum { RANK = 2, N_IDS = 3 };

static void *array(int64_t n, size_t size) {
  void *p = pfc_alloc_array((size_t)n, size);
  HOLDS(p);
  return p;
}

static float *floats(int64_t n) {
  float *x = array(n, sizeof *x);
  for (int64_t i = 0; i < n; i++) x[i] = 0.25f * (float)(i % 9 - 4);
  return x;
}

static double *doubles(int64_t n) {
  double *x = array(n, sizeof *x);
  for (int64_t i = 0; i < n; i++) x[i] = 0.5 * (double)(i % 7 - 3);
  return x;
}

static pfc_dict *dict(const char *name) {
  pfc_dict *d = pfc_dict_create(name);
  HOLDS(d);
  for (int i = 0; i < N_IDS; i++) {
    char text[40];
    int32_t code;
    (void)snprintf(text, sizeof text, "%s %d", name, i);
    HOLDS(pfc_dict_add(d, text, strlen(text), &code, NULL) == PFC_OK);
  }
  return d;
}

/* One column an id, and a number that may be missing. */
static pfc_features *features(const char *id) {
  pfc_features *f = array(1, sizeof *f);
  f->n_fields = 2;
  f->n_columns = N_IDS + 2;
  f->fields = array(2, sizeof *f->fields);
  f->fields[0] = (pfc_field){.name = pfc_strdup(id),
                             .group = pfc_strdup(id),
                             .table = -1,
                             .column = pfc_strdup(""),
                             .dict = pfc_strdup(id),
                             .n_columns = N_IDS,
                             .n_codes = N_IDS,
                             .column_of = array(N_IDS, sizeof(int32_t))};
  for (int32_t i = 0; i < N_IDS; i++) f->fields[0].column_of[i] = i - (i == 2 ? 3 : 0);
  f->fields[1] = (pfc_field){.name = pfc_strdup("people.x_age"),
                             .group = pfc_strdup("number"),
                             .kind = PFC_FIELD_NUMBER,
                             .what = PFC_WHAT_LOG,
                             .table = PFC_PEOPLE,
                             .column = pfc_strdup("x_age"),
                             .dict = pfc_strdup(""),
                             .first = N_IDS,
                             .n_columns = 2,
                             .mean = 1,
                             .sd = 0.5,
                             .has_missing = true};
  return f;
}

static void add_affinity(pfc_bundle *b) {
  pfc_affinity *m = &b->affinity;
  b->has_affinity = true;
  *m = (pfc_affinity){.rank = RANK, .n_people = N_IDS, .n_items = N_IDS, .alpha0 = 0.1};
  m->person_features = features("person");
  m->item_features = features("intervention");
  m->item_count = array(N_IDS, sizeof *m->item_count);
  m->people = floats((int64_t)N_IDS * RANK);
  m->items = floats((int64_t)N_IDS * RANK);
  m->person_prior = floats((int64_t)m->person_features->n_columns * RANK);
  m->item_prior = floats((int64_t)m->item_features->n_columns * RANK);
}

static void add_chance(pfc_chance *m, bool *has) {
  *has = true;
  *m = (pfc_chance){
      .rank = RANK, .calibration = PFC_BETA_IDENTITY, .base_rate = 0.5, .n_rows = 9};
  m->features = features("person");
  m->coef = doubles(m->features->n_columns);
  m->theta = doubles(RANK);
}

static void add_time(pfc_bundle *b) {
  pfc_hazard *m = &b->time;
  b->has_time = true;
  *m = (pfc_hazard){.tick_days = 1, .horizon_days = 30, .n_groups = 1, .n_competencies = N_IDS};
  m->features = features("competency");
  m->group_of = array(N_IDS, sizeof *m->group_of);
  m->group_of[1] = -1;
  for (int r = 0; r < 2; r++) {
    m->clock[r] = (pfc_clock){.column = pfc_strdup(""), .n_bins = 2, .edge = doubles(3)};
    for (int i = 0; i < 3; i++) m->clock[r].edge[i] = 10 * i;
    m->baseline[r] = doubles(pfc_hazard_n_baseline(m, (pfc_cause)r));
    m->coef[r] = doubles(m->features->n_columns);
  }
}

/* One item a row. */
static void add_rows(pfc_csr *m) {
  HOLDS(pfc_csr_init(m, N_IDS, N_IDS, NULL) == PFC_OK);
  for (int32_t i = 0; i < N_IDS; i++) {
    const float one = 1;
    HOLDS(pfc_csr_append(m, 1, &i, &one, NULL) == PFC_OK);
  }
}

static void add_baseline(pfc_bundle *b) {
  pfc_baseline *m = &b->baseline;
  b->has_baseline = true;
  *m = (pfc_baseline){.kind = PFC_BASELINE_MANAGER, .n_items = N_IDS, .shrinkage = 10};
  m->count = array(N_IDS, sizeof *m->count);
  add_rows(&m->by_role);
  add_rows(&m->by_manager);
}

static int32_t *codes(int64_t n) {
  int32_t *x = array(n, sizeof *x);
  for (int32_t i = 0; i < n; i++) x[i] = i;
  return x;
}

static float *ones(int64_t n) {
  float *x = array(n, sizeof *x);
  for (int64_t i = 0; i < n; i++) x[i] = 1;
  return x;
}

static void add_profile(pfc_bundle *b) {
  pfc_profile *m = &b->profile;
  const pfc_profile_source plain = {.slope = 1, .noise = 0.5, .leniency = 0.1};
  b->has_profile = true;
  *m = (pfc_profile){.n_competencies = N_IDS, .n_roles = N_IDS, .n_sources = N_IDS};
  m->rank = RANK;
  m->scale_max = 5;
  m->newcomer_days = m->teaching_days = m->half_life_days = 100;
  m->sd_person = m->sd_competency = m->sd_role = m->sd_cell = m->sd_moving = 0.3;
  m->n_role_effects = m->n_raters = N_IDS;
  m->half_life = ones(N_IDS);
  m->competency = floats(N_IDS);
  m->competency_var = ones(N_IDS);
  m->factor = floats((int64_t)N_IDS * RANK);
  m->factor_cov = ones((int64_t)N_IDS * RANK * RANK);
  m->factor_sd = ones(RANK);
  m->effect_role = codes(N_IDS);
  m->effect_competency = codes(N_IDS);
  m->effect = floats(N_IDS);
  m->effect_var = ones(N_IDS);
  m->source = array(N_IDS, sizeof *m->source);
  for (int i = 0; i < N_IDS; i++) m->source[i] = plain;
  m->unknown = plain;
  m->rater_source = codes(N_IDS);
  m->rater_code = codes(N_IDS);
  m->rater = floats(N_IDS);
  m->rater_var = ones(N_IDS);
}

static pfc_bundle *make(void) {
  static const char *const names[] = {"person", "intervention", "competency",
                                      "role",   "source",       "rater"};
  pfc_bundle *b = pfc_bundle_create();
  HOLDS(b);
  b->n_dicts = 6;
  b->dicts = array(6, sizeof *b->dicts);
  for (int i = 0; i < 6; i++) b->dicts[i] = dict(names[i]);
  add_affinity(b);
  add_chance(&b->success, &b->has_success);
  add_chance(&b->accept, &b->has_accept);
  add_time(b);
  add_profile(b);
  add_baseline(b);
  b->n_certificates = b->n_metrics = 1;
  b->certificates = array(1, sizeof *b->certificates);
  b->certificates[0] = (pfc_certificate){.model = pfc_strdup("affinity"), .n_rows = 9};
  b->metrics = array(1, sizeof *b->metrics);
  b->metrics[0] = (pfc_metric){.name = pfc_strdup("time.holdout_nll"), .n_rows = 9};
  b->settings = pfc_strdup("{\"rank\":2}");
  return b;
}

/* Every model, as small as it gets. */
static const edit_image *intact(void) {
  static edit_image image;
  if (image.n > 0) return &image;
  pfc_error err = PFC_ERROR_INIT;
  pfc_bundle *b = make();
  if (pfc_bundle_save(b, "fuzz-bundle.h5", &err) != PFC_OK)
    (void)fprintf(stderr, "%s\n", err.msg);
  HOLDS(err.status == PFC_OK);
  pfc_bundle_destroy(b);
  edit_take(&image, "fuzz-bundle.h5");
  return &image;
}

/* What commands do with a model, but for the scores. */
static void use(const pfc_bundle *b) {
  cJSON *json = NULL;
  pfc_error err = PFC_ERROR_INIT;
  const pfc_status st = pfc_bundle_describe(b, &json, &err);
  HOLDS(st == PFC_OK || st == PFC_EFORMAT);
  cJSON_Delete(json);
  HOLDS(pfc_bundle_save(b, "fuzz-again.h5", &err) == PFC_OK);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  pfc_error err = PFC_ERROR_INIT;
  hid_t file = edit_open(intact(), data, size);
  pfc_bundle *b = pfc_bundle_create();
  const pfc_status st = pfc__bundle_read(file, b, &err);
  holds_error(st, &err);
  HOLDS(st == PFC_OK || (st == PFC_EFORMAT && size > 0));
  if (st == PFC_OK) use(b);
  pfc_bundle_destroy(b);
  HOLDS(H5Fget_obj_count(file, H5F_OBJ_ALL) == 1);
  HOLDS(H5Fclose(file) >= 0);
  return 0;
}
