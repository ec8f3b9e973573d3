// labels: quality check
/* How often proposals are right: of targets on texts of simulated catalogues, of occupations on
 * alternate titles of O*NET that were held out.
 *
 * Targets: per intervention |first n proposals and true targets| / n, n = min(3, true targets);
 * the mean over interventions of two catalogues (other seeds: PFC_TEST_SEED). With 300
 * interventions its standard error is below 0.01, so a true mean of 0.95, which 20 seeds stay
 * above (docs/SUGGEST.md), misses the bar less than once in 10^9 times.
 *
 * Occupations: titles whose SHA-256, in lower case, is 0 modulo 10 are taken out of the index,
 * under every occupation, and asked for. Nothing was chosen by them; the tenth that is 1 modulo
 * 10 served for that. No chance is in it: the same files give the same figures. */
#include "tests/support/test.h"

#include <ctype.h>

#include "base/digest.h"
#include "base/mem.h"
#include "datasets/import.h"
#include "datasets/simulate.h"
#include "datasets/truth.h"
#include "engine/suggest.h"
#include "tests/support/tables.h"

static char folder[4096];
static pfc_dataset *frame;

static int set_up(void **state) {
  (void)state;
  const char *src = getenv("SRC"), *from = folder;
  pfc_import_settings s;
  (void)snprintf(folder, sizeof folder, "%s/datasets/samples/onet29", src ? src : ".");
  pfc_import_defaults(&s);
  s.preset = "onet";
  assert_ok(pfc_import(&from, 1, &s, &frame, &err));
  return 0;
}

static int tear_down(void **state) {
  (void)state;
  pfc_dataset_destroy(frame);
  return 0;
}

/* --- targets ------------------------------------------------------------------------------ */

/* true_of[intervention * n_competencies + competency] */
typedef struct judged {
  uint8_t *true_of;
  int32_t n_competencies;
  int *n_true, *n_right;
} judged;

static pfc_status judge_target(const pfc_suggestion *s, void *user, pfc_error *err) {
  judged *j = user;
  (void)err;
  const int n = j->n_true[s->item] < 3 ? j->n_true[s->item] : 3;
  if (s->rank <= n) j->n_right[s->item] += j->true_of[s->item * j->n_competencies + s->answer];
  return PFC_OK;
}

static double precision(uint64_t seed) {
  pfc_simulate_settings s;
  pfc_dataset *ds = NULL;
  pfc_truth *truth = NULL;
  pfc_suggest_totals totals;
  assert_ok(pfc_simulate_preset("small", &s, &err));
  s.seed = seed;
  s.n_people = 20;
  s.n_months = 3;
  assert_ok(pfc_simulate(frame, &s, &ds, &truth, &err));
  const int32_t n = pfc_dataset_count(ds, "intervention");
  judged j = {.n_competencies = pfc_dataset_count(ds, "competency")};
  j.true_of = pfc_alloc_array((size_t)n * (size_t)j.n_competencies, 1);
  j.n_true = pfc_alloc_array((size_t)n, sizeof *j.n_true);
  j.n_right = pfc_alloc_array((size_t)n, sizeof *j.n_right);
  const int32_t *item = pfc_dataset_codes(ds, PFC_TARGETS, "intervention_id");
  const int32_t *at = pfc_dataset_codes(ds, PFC_TARGETS, "competency_id");
  for (int64_t r = 0; r < ds->tables[PFC_TARGETS].n_rows; r++) {
    j.true_of[item[r] * j.n_competencies + at[r]] = 1;
    j.n_true[item[r]]++;
  }
  test_empty(ds, PFC_TARGETS);
  assert_ok(pfc_suggest_targets(ds, ds, NULL, judge_target, &j, &totals, &err));
  assert_int_equal(totals.items, n);
  double sum = 0;
  for (int32_t i = 0; i < n; i++)
    sum += (double)j.n_right[i] / (j.n_true[i] < 3 ? j.n_true[i] : 3);
  pfc_free(j.true_of);
  pfc_free(j.n_true);
  pfc_free(j.n_right);
  pfc_truth_destroy(truth);
  pfc_dataset_destroy(ds);
  return sum / n;
}

static void targets_of_simulated_texts_are_found(void **state) {
  (void)state;
  const uint64_t seed = test_seed(1);
  const double p = (precision(seed) + precision(seed + 1000)) / 2;
  print_message("targets: precision@3 %.4f\n", p);
  assert_true(p >= 0.8);
}

/* --- occupations -------------------------------------------------------------------------- */

/* The title in lower case, and its digest modulo ten. */
static int tenth_of(pfc_sha256 *d, const char *title, char lower[512]) {
  char hex[PFC_SHA256_HEX];
  int rest = 0;
  (void)snprintf(lower, 512, "%s", title);
  for (char *c = lower; *c; c++) *c = (char)tolower((unsigned char)*c);
  pfc_sha256_add(d, lower, strlen(lower));
  pfc_sha256_hex(d, hex);
  for (const char *c = hex; *c; c++)
    rest = (rest * 16 + (*c <= '9' ? *c - '0' : *c - 'a' + 10)) % 10;
  return rest;
}

/* Titles held out, by code, and which occupations they are of. */
typedef struct held_out {
  pfc_dict *titles;
  int32_t n, *title, *occupation; /* rows */
  int *n_found;                   /* by title: of its occupations, among five */
} held_out;

static pfc_status judge_role(const pfc_suggestion *s, void *user, pfc_error *err) {
  held_out *h = user;
  (void)err;
  for (int32_t k = 0; k < h->n; k++)
    if (h->title[k] == s->item && h->occupation[k] == s->answer) h->n_found[s->item]++;
  return PFC_OK;
}

/* Moves a tenth of the titles out. */
static void hold_out(pfc_alternate_titles *all, held_out *h) {
  pfc_sha256 *d = pfc_sha256_create();
  int32_t kept = 0;
  h->titles = pfc_dict_create("title");
  h->title = pfc_alloc_array((size_t)all->n, sizeof *h->title);
  h->occupation = pfc_alloc_array((size_t)all->n, sizeof *h->occupation);
  for (int32_t k = 0; k < all->n; k++) {
    char lower[512];
    if (tenth_of(d, all->at[k].title, lower) != 0) {
      all->at[kept++] = all->at[k];
      continue;
    }
    assert_ok(pfc_dict_add(h->titles, lower, strlen(lower), &h->title[h->n], &err));
    h->occupation[h->n++] = all->at[k].role;
    pfc_free(all->at[k].title);
  }
  all->n = kept;
  pfc_sha256_destroy(d);
}

static pfc_dataset *roles_of(const held_out *h) {
  const int32_t n = pfc_dict_size(h->titles);
  pfc_dataset *ds = pfc_dataset_create();
  test_table(ds, PFC_ROLES, n, "role_id,title");
  for (int32_t t = 0; t < n; t++) {
    char id[16];
    (void)snprintf(id, sizeof id, "R%d", (int)t);
    test_cell(ds, PFC_ROLES, t, "role_id", id);
    test_cell(ds, PFC_ROLES, t, "title", pfc_dict_text(h->titles, t));
  }
  return ds;
}

/* Per title the share of its occupations that are among the first five; the mean of it, which a
 * title of many occupations can only lower. */
static void occupations_of_titles_held_out_are_found(void **state) {
  (void)state;
  pfc_alternate_titles all;
  held_out h = {0};
  pfc_suggest_totals totals;
  assert_ok(pfc_alternate_titles_read(folder, frame, &all, &err));
  assert_int_equal(all.n, 55120);
  hold_out(&all, &h);
  pfc_dataset *ds = roles_of(&h);
  const int32_t n = pfc_dict_size(h.titles);
  h.n_found = pfc_alloc_array((size_t)n, sizeof *h.n_found);
  int *n_true = pfc_alloc_array((size_t)n, sizeof *n_true);
  for (int32_t k = 0; k < h.n; k++) n_true[h.title[k]]++;
  assert_ok(pfc_suggest_roles(ds, frame, &all, NULL, judge_role, &h, &totals, &err));
  double share = 0, any = 0, rows = 0;
  for (int32_t t = 0; t < n; t++) {
    share += (double)h.n_found[t] / n_true[t];
    any += h.n_found[t] > 0;
    rows += h.n_found[t];
  }
  print_message(
      "roles: %d titles, recall@5 %.4f; any of its occupations %.4f; of all pairs %.4f\n",
      (int)n, share / n, any / n, rows / h.n);
  assert_true(n > 4000);
  assert_true(share / n >= 0.7);
  pfc_free(n_true);
  pfc_free(h.n_found);
  pfc_free(h.title);
  pfc_free(h.occupation);
  pfc_dict_destroy(h.titles);
  pfc_dataset_destroy(ds);
  pfc_alternate_titles_clear(&all);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(targets_of_simulated_texts_are_found),
      cmocka_unit_test(occupations_of_titles_held_out_are_found),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
