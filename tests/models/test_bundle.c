#include "tests/support/test.h"

#include <hdf5.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/digest.h"
#include "base/file.h"
#include "base/h5.h"
#include "base/mem.h"
#include "models/bundle.h"
#include "tests/support/bundle.h"
#include "tests/support/oom.h"

enum { MANY_PEOPLE = 40000 }; /* their factors fill more than one block of a seal */

static char *read_file(const char *path, size_t *size) {
  char *bytes = NULL;
  assert_ok(pfc_file_read(path, (size_t)1 << 30, &bytes, size, &err));
  return bytes;
}

static void assert_same_file(const char *a, const char *b) {
  size_t size_a, size_b;
  char *bytes_a = read_file(a, &size_a), *bytes_b = read_file(b, &size_b);
  assert_int_equal(size_a, size_b);
  assert_memory_equal(bytes_a, bytes_b, size_a);
  pfc_free(bytes_a);
  pfc_free(bytes_b);
}

/* Saves, loads, compares, and saves what was loaded: the same bytes. */
static void round_trip(const pfc_bundle *b) {
  pfc_bundle *loaded = NULL;
  assert_ok(pfc_bundle_save(b, "a.h5", &err));
  assert_ok(pfc_bundle_load("a.h5", &loaded, &err));
  test_bundle_compare(b, loaded);
  assert_ok(pfc_bundle_save(loaded, "b.h5", &err));
  assert_same_file("a.h5", "b.h5");
  pfc_bundle_destroy(loaded);
}

static void what_is_saved_is_loaded(void **state) {
  (void)state;
  for (uint64_t seed = 0; seed < 5; seed++) {
    pfc_bundle *b = test_bundle(seed, 30 + (int32_t)seed);
    round_trip(b);
    pfc_bundle_destroy(b);
  }
  pfc_bundle *large = test_bundle(7, MANY_PEOPLE);
  round_trip(large);
  pfc_bundle_destroy(large);
}

static void models_may_be_absent(void **state) {
  (void)state;
  pfc_bundle *b = test_bundle(1, 30);
  test_bundle_drop_chances(b);
  round_trip(b);
  test_bundle_drop_affinity(b);
  round_trip(b);
  pfc_bundle_destroy(b);
  b = pfc_bundle_create();
  round_trip(b);
  pfc_bundle_destroy(b);
}

static void no_factors(void **state) {
  (void)state;
  pfc_bundle *b = test_bundle(2, 30);
  test_bundle_drop_affinity(b);
  b->success.rank = b->accept.rank = 0;
  pfc_posterior_clear(&b->success.posterior); /* told of factor weights, too */
  pfc_posterior_clear(&b->accept.posterior);
  round_trip(b);
  pfc_bundle_destroy(b);
}

/* What a later fit begins with, any of it unknown. */
static void beginnings_may_be_absent(void **state) {
  (void)state;
  pfc_bundle *b = test_bundle(2, 30);
  pfc_ledger_clear(&b->success.ledger);
  pfc_strengths_clear(&b->accept.strengths);
  pfc_posterior_clear(&b->time.posterior[PFC_DROPPED]);
  round_trip(b);
  pfc_strengths_clear(&b->time.strengths);
  pfc_ledger_clear(&b->anyway.ledger);
  round_trip(b);
  pfc_bundle_destroy(b);
}

static void beginnings_that_do_not_fit_are_not_saved(void **state) {
  (void)state;
  pfc_bundle *b = test_bundle(2, 30);
  pfc_posterior *p = &b->success.posterior;
  const double was = p->diagonal[0];
  p->diagonal[0] = 0;
  assert_fails(pfc_bundle_save(b, "a.h5", &err), PFC_EUSAGE, "/success/posterior/diagonal");
  p->diagonal[0] = was;
  p->n--;
  assert_fails(pfc_bundle_save(b, "a.h5", &err), PFC_EUSAGE, "coefficients");
  p->n++;
  p->full[1] = p->full[0];
  assert_fails(pfc_bundle_save(b, "a.h5", &err), PFC_EUSAGE, "/success/posterior/");
  p->full[1] = 3;
  p->precision[2] = -1;
  assert_fails(pfc_bundle_save(b, "a.h5", &err), PFC_EUSAGE, "/success/posterior/precision");
  p->precision[2] = 1;
  b->time.ledger.key[3] = b->time.ledger.key[2];
  assert_fails(pfc_bundle_save(b, "a.h5", &err), PFC_EUSAGE, "/time/ledger/key");
  b->time.ledger.key[3]++;
  b->accept.strengths.at[1].value = 0;
  assert_fails(pfc_bundle_save(b, "a.h5", &err), PFC_EUSAGE, "/accept/strengths/strength");
  b->accept.strengths.at[1].value = 1;
  round_trip(b);
  pfc_bundle_destroy(b);
}

static void long_texts(void **state) {
  (void)state;
  enum { LONG = 300000 }; /* more than an object header holds */
  pfc_bundle *b = test_bundle(2, 30);
  pfc_free(b->settings);
  b->settings = pfc_alloc_array(LONG + 1, 1);
  memset(b->settings, 'x', LONG);
  round_trip(b);
  pfc_bundle_destroy(b);
}

static void same_bundle_same_bytes(void **state) {
  (void)state;
  pfc_bundle *b = test_bundle(3, 3000), *again = test_bundle(3, 3000);
  assert_ok(pfc_bundle_save(b, "a.h5", &err));
  sleep(1); /* times of HDF5 objects count seconds */
  assert_ok(pfc_bundle_save(again, "other name.h5", &err));
  assert_same_file("a.h5", "other name.h5");
  pfc_bundle_destroy(b);
  pfc_bundle_destroy(again);
}

static void version_is_the_digest_of_the_file(void **state) {
  (void)state;
  char hex[PFC_SHA256_HEX];
  pfc_bundle *b = test_bundle(4, 30), *loaded = NULL;
  assert_string_equal(b->version, "");
  assert_ok(pfc_bundle_save(b, "a.h5", &err));
  assert_ok(pfc_bundle_load("a.h5", &loaded, &err));
  assert_ok(pfc_sha256_file("a.h5", hex, &err));
  assert_int_equal(strlen(loaded->version), 16);
  assert_memory_equal(loaded->version, hex, 16);
  pfc_bundle_destroy(b);
  pfc_bundle_destroy(loaded);
}

/* An array lies where a map of the file finds it. */
static void assert_mapped(hid_t file, const char *path, const float *expected, size_t n) {
  size_t size;
  const hid_t set = H5Dopen2(file, path, H5P_DEFAULT);
  const haddr_t offset = H5Dget_offset(set);
  char *bytes = read_file("a.h5", &size);
  assert_int_equal(offset % 4096, 0);
  assert_true(offset + n * sizeof *expected <= size);
  assert_memory_equal(bytes + offset, expected, n * sizeof *expected);
  pfc_free(bytes);
  H5Dclose(set);
}

static void large_arrays_can_be_mapped(void **state) {
  (void)state;
  pfc_bundle *b = test_bundle(5, MANY_PEOPLE);
  assert_ok(pfc_bundle_save(b, "a.h5", &err));
  hid_t file = -1;
  assert_ok(pfc_h5_open("a.h5", &file, &err));
  assert_mapped(file, "/affinity/people", b->affinity.people,
                (size_t)MANY_PEOPLE * (size_t)b->affinity.rank);
  assert_ok(pfc_h5_close(&file, &err));
  pfc_bundle_destroy(b);
}

/* Exit status of a Python program of ours with two arguments, -1 when it did not run. It
 * is Debian's Python, since h5py comes from Debian; another one in PATH may lack it. */
static int run_python(const char *script, const char *first, const char *second) {
  int status = -1;
  const pid_t child = fork();
  if (child == 0) {
    execlp("/usr/bin/python3", "python3", script, first, second, (char *)NULL);
    _exit(127);
  }
  if (child < 0 || waitpid(child, &status, 0) != child || !WIFEXITED(status)) return -1;
  return WEXITSTATUS(status);
}

static void h5py_reads_what_we_write(void **state) {
  (void)state;
  const char *source = getenv("SRC");
  if (!source) skip();
  char script[1000];
  (void)snprintf(script, sizeof script, "%s/tests/models/read_with_h5py.py", source);
  pfc_bundle *b = test_bundle(9, 3000);
  assert_ok(pfc_bundle_save(b, "a.h5", &err));
  assert_int_equal(run_python(script, "a.h5", pfc_dict_text(b->dicts[0], 0)), 0);
  pfc_bundle_destroy(b);
}

/* --- what cannot be saved leaves what was there ----------------------------- */

typedef struct wrong {
  void (*make)(pfc_bundle *b);
  const char *message;
} wrong;

static void not_finite(pfc_bundle *b) { b->affinity.people[5] = 0.0f / 0.0f; }
static void scalar_not_finite(pfc_bundle *b) { b->success.intercept = 1.0 / 0.0; }
static void no_rank(pfc_bundle *b) { b->affinity.rank = 0; }
static void edges_fall(pfc_bundle *b) { b->time.clock[1].edge[2] = b->time.clock[1].edge[1]; }
static void no_bins(pfc_bundle *b) { b->time.clock[1].n_bins = 0; }
static void no_horizon(pfc_bundle *b) { b->time.horizon_days = 0; }
static void no_such_group(pfc_bundle *b) { b->time.group_of[1] = b->time.n_groups; }
static void no_such_scope(pfc_bundle *b) { b->success.features->fields[6].scope = 77; }
static void scopes_out_of_order(pfc_bundle *b) { b->success.features->fields[6].scope = 0; }
static void no_such_column(pfc_bundle *b) { b->time.features->fields[1].column_of[0] = 0; }
static void no_scale(pfc_bundle *b) { b->time.features->fields[2].sd = 0; }
static void no_features(pfc_bundle *b) {
  pfc_features_destroy(b->success.features);
  b->success.features = NULL;
}
static void no_coefficients(pfc_bundle *b) {
  pfc_free(b->success.coef);
  b->success.coef = NULL;
}
static void rank_without_factors(pfc_bundle *b) { test_bundle_drop_affinity(b); }
static void rank_of_other_factors(pfc_bundle *b) { b->success.rank--; }
static void codes_negative(pfc_bundle *b) { b->time.features->fields[1].n_codes = -1; }
static void not_utf8(pfc_bundle *b) { b->certificates[1].model[0] = '\xff'; }

static void dict_is_a_path(pfc_bundle *b) {
  pfc_dict_destroy(b->dicts[3]);
  b->dicts[3] = pfc_dict_create("../c_region");
}

static void dict_twice(pfc_bundle *b) {
  pfc_dict_destroy(b->dicts[3]);
  b->dicts[3] = pfc_dict_create("person");
}

static void dict_too_small(pfc_bundle *b) {
  pfc_dict_destroy(b->dicts[0]);
  b->dicts[0] = pfc_dict_create("person");
}

static void dict_missing(pfc_bundle *b) { pfc_dict_destroy(b->dicts[--b->n_dicts]); }

static const wrong WRONGS[] = {
    {not_finite, "/affinity/people"},
    {scalar_not_finite, "intercept"},
    {no_rank, "rank"},
    {dict_too_small, "/dictionary/person"},
    {dict_missing, "/dictionary/c_region"},
    {dict_is_a_path, "../c_region"},
    {dict_twice, "'person'"},
    {edges_fall, "/time/dropped/bin_edges_days"},
    {no_bins, "/time/dropped: attribute 'n_bins'"},
    {no_horizon, "horizon_days"},
    {no_such_group, "/time/group_of_competency"},
    {no_such_scope, "/success/features/fields/scope"},
    {scopes_out_of_order, "/success/features/fields/scope"},
    {no_such_column, "/time/features/column_of"},
    {no_scale, "/time/features/fields/sd"},
    {no_features, "/success/features"},
    {no_coefficients, "/success/coefficients"},
    {rank_without_factors, "/success"},
    {rank_of_other_factors, "/success"},
    {codes_negative, "/time/features/column_of"},
    {not_utf8, "/certificates/model"},
};

static void wrong_bundles_are_refused(void **state) {
  (void)state;
  for (size_t i = 0; i < sizeof WRONGS / sizeof WRONGS[0]; i++) {
    test_write_file("kept.h5", "kept", 4);
    pfc_bundle *b = test_bundle(6, 30);
    WRONGS[i].make(b);
    assert_fails(pfc_bundle_save(b, "kept.h5", &err), PFC_EUSAGE, WRONGS[i].message);
    pfc_bundle_destroy(b);
    size_t size;
    char *bytes = read_file("kept.h5", &size);
    assert_string_equal(bytes, "kept");
    pfc_free(bytes);
  }
}

static void fewer_people_than_the_dictionary_has(void **state) {
  (void)state;
  pfc_bundle *b = test_bundle(6, 30);
  b->affinity.n_people = 29;
  round_trip(b);
  pfc_bundle_destroy(b);
}

static void folders_that_are_not_there(void **state) {
  (void)state;
  pfc_bundle *b = pfc_bundle_create(), *loaded = NULL;
  assert_fails(pfc_bundle_save(b, "no/such/a.h5", &err), PFC_EIO, "no/such/a.h5");
  assert_fails(pfc_bundle_load("no/such/a.h5", &loaded, &err), PFC_EIO, "no/such/a.h5");
  assert_null(loaded);
  pfc_bundle_destroy(b);
  pfc_bundle_destroy(NULL);
}

/* --- memory that runs out ---------------------------------------------------- */

static pfc_status save_and_load(const pfc_bundle *b, bool load, pfc_error *err) {
  pfc_bundle *loaded = NULL;
  const pfc_status st =
      load ? pfc_bundle_load("a.h5", &loaded, err) : pfc_bundle_save(b, "a.h5", err);
  pfc_bundle_destroy(loaded);
  return st;
}

static void memory_may_run_out_anywhere(void **state) {
  (void)state;
  pfc_bundle *b = test_bundle(8, 3);
  test_bundle_drop_chances(b);
  test_bundle_drop_affinity(b);
  for (int load = 0; load <= 1; load++) {
    pfc_status st = PFC_ENOMEM;
    for (long n = 0; st != PFC_OK; n += 3) {
      pfc_error err = PFC_ERROR_INIT;
      oom_after(n);
      st = save_and_load(b, load, &err);
      if (st != PFC_OK && (st != PFC_ENOMEM || !oom_happened()))
        fail_msg("allocation %ld: status %d, %s", n, st, err.msg);
    }
  }
  oom_after(-1);
  pfc_bundle_destroy(b);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(what_is_saved_is_loaded),
      cmocka_unit_test(models_may_be_absent),
      cmocka_unit_test(no_factors),
      cmocka_unit_test(beginnings_may_be_absent),
      cmocka_unit_test(beginnings_that_do_not_fit_are_not_saved),
      cmocka_unit_test(long_texts),
      cmocka_unit_test(same_bundle_same_bytes),
      cmocka_unit_test(version_is_the_digest_of_the_file),
      cmocka_unit_test(large_arrays_can_be_mapped),
      cmocka_unit_test(h5py_reads_what_we_write),
      cmocka_unit_test(wrong_bundles_are_refused),
      cmocka_unit_test(fewer_people_than_the_dictionary_has),
      cmocka_unit_test(folders_that_are_not_there),
      cmocka_unit_test(memory_may_run_out_anywhere),
  };
  return cmocka_run_group_tests_name("models/bundle", tests, NULL, NULL);
}
