// labels: property check
#include "tests/support/test.h"

#include <math.h>

#include "base/rng.h"
#include "tests/support/countdown.h"
#include "tests/support/tables.h"
#include "trainer/evaluate_time_internal.h"

enum { N = 20000 };

typedef struct drawn {
  pfc_dataset *ds;
  pfc_episode *at;
  double *true_time, *time;
} drawn;

/* Exponential times of mean 100, looked at on days 40 apart from a random one on and lost sight
 * of at a random day below 300. */
static void draw(drawn *d, uint64_t seed) {
  pfc_rng rng;
  pfc_rng_init(&rng, seed, "test.place", 0);
  d->ds = test_random_dataset(1, 5, 0);
  d->at = calloc(N, sizeof *d->at);
  d->true_time = calloc(N, sizeof *d->true_time);
  d->time = calloc(N, sizeof *d->time);
  for (int64_t i = 0; i < N; i++) {
    const double comes = -100 * log(1 - pfc_rng_uniform(&rng)),
                 lost = 300 * pfc_rng_uniform(&rng);
    const double first = 40 * pfc_rng_uniform(&rng);
    double looked = first;
    while (looked < comes) looked += 40;
    pfc_episode *e = &d->at[i];
    *e = (pfc_episode){.person = -1,
                       .intervention = -1,
                       .competency = -1,
                       .start = (int32_t)i,
                       .last_below_days = NAN,
                       .duration_days = looked,
                       .event = PFC_PROFICIENT};
    d->true_time[i] = comes;
    e->last_below_days = fmax(0, looked - 40);
    if (looked > lost) {
      /* Nothing is known after the last look. */
      const double seen = first > lost ? 0 : first + 40 * floor((lost - first) / 40);
      *e = (pfc_episode){.person = -1,
                         .start = (int32_t)i,
                         .duration_days = fmax(seen, 0.5),
                         .last_below_days = NAN,
                         .event = PFC_CENSORED};
    }
  }
}

static void forget(drawn *d) {
  pfc_dataset_destroy(d->ds);
  free(d->at);
  free(d->true_time);
  free(d->time);
}

/* Placed days lie in their intervals, and within them they are spread as the true ones are: the
 * share that comes before the middle of its interval is that of the truth to 4 standard errors
 * of the difference, and the mean day too. About one run in 10,000 fails. */
static void placed_days_are_spread_as_true_ones_are(void **state) {
  (void)state;
  drawn d = {0};
  draw(&d, test_seed(61));
  assert_ok(pfc__place_events(d.ds, N, d.at, d.time, &err));
  double n = 0, early = 0, early_true = 0, sum = 0, squares = 0;
  for (int64_t i = 0; i < N; i++) {
    const pfc_episode *e = &d.at[i];
    if (e->event != PFC_PROFICIENT) {
      assert_float_equal(d.time[i], e->duration_days, 0);
      continue;
    }
    assert_true(d.time[i] > e->last_below_days && d.time[i] <= e->duration_days);
    const double middle = (e->last_below_days + e->duration_days) / 2;
    const double difference = d.time[i] - d.true_time[i];
    n++;
    early += d.time[i] <= middle;
    early_true += d.true_time[i] <= middle;
    sum += difference;
    squares += difference * difference;
  }
  assert_true(n > 5000);
  assert_true(fabs(early - early_true) < 4 * sqrt(n / 2));
  assert_true(fabs(sum) < 4 * sqrt(squares) + 0.02 * n);
  forget(&d);
}

static void order_and_company_of_rows_change_little(void **state) {
  (void)state;
  drawn d = {0};
  double *turned;
  draw(&d, 5);
  turned = calloc(N, sizeof *turned);
  assert_ok(pfc__place_events(d.ds, N, d.at, d.time, &err));
  for (int64_t i = 0; i < N / 2; i++) {
    const pfc_episode e = d.at[i];
    d.at[i] = d.at[N - 1 - i];
    d.at[N - 1 - i] = e;
  }
  assert_ok(pfc__place_events(d.ds, N, d.at, turned, &err));
  for (int64_t i = 0; i < N; i++) assert_float_equal(turned[N - 1 - i], d.time[i], 1e-6);
  free(turned);
  forget(&d);
}

static void exact_events_stay_and_nothing_is_no_fault(void **state) {
  (void)state;
  double time[3] = {0};
  pfc_dataset *ds = pfc_dataset_create();
  const pfc_episode at[3] = {
      {.person = -1, .duration_days = 10, .last_below_days = NAN, .event = PFC_PROFICIENT},
      {.person = -1, .duration_days = 20, .last_below_days = NAN, .event = PFC_LEFT},
      {.person = -1,
       .duration_days = 20,
       .last_below_days = 20 - 1e-9,
       .event = PFC_PROFICIENT},
  };
  assert_ok(pfc__place_events(ds, 3, at, time, &err));
  assert_true(time[0] == 10 && time[1] == 20 && time[2] == 20);
  assert_ok(pfc__place_events(ds, 0, NULL, NULL, &err));
  pfc_dataset_destroy(ds);
}

static pfc_status place(void *user) {
  drawn *d = user;
  return pfc__place_events(d->ds, 100, d->at, d->time, NULL);
}

static void short_memory_is_survived(void **state) {
  (void)state;
  drawn d = {0};
  draw(&d, 6);
  assert_true(count_down(place, &d) > 0);
  forget(&d);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(placed_days_are_spread_as_true_ones_are),
      cmocka_unit_test(order_and_company_of_rows_change_little),
      cmocka_unit_test(exact_events_stay_and_nothing_is_no_fault),
      cmocka_unit_test(short_memory_is_survived),
  };
  return cmocka_run_group_tests_name("trainer/evaluate_place", tests, NULL, NULL);
}
