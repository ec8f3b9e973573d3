// labels: unit check
/* Factors turned back to how they lay. */
#include "tests/support/test.h"

#include <math.h>

#include "base/mem.h"
#include "base/rng.h"
#include "tests/support/countdown.h"
#include "tests/support/near.h"
#include "trainer/als.h"

enum { K = 3, ITEMS = 9, PEOPLE = 4, DRAWS = 30 };

static uint64_t seed;

static int set_up(void **state) {
  (void)state;
  seed = test_seed(82);
  return 0;
}

static float *random_rows(pfc_rng *rng, int n) {
  float *rows = pfc_alloc_array((size_t)n * K, sizeof *rows);
  for (int e = 0; e < n * K; e++) rows[e] = (float)pfc_rng_normal(rng);
  return rows;
}

/* The rotation by three angles about the axes, and, half of the times, a reflection. */
static void random_turn(pfc_rng *rng, double R[K][K]) {
  double Q[K][K] = {{1, 0, 0}, {0, 1, 0}, {0, 0, pfc_rng_below(rng, 2) ? 1 : -1}};
  for (int axis = 0; axis < K; axis++) {
    const int a = (axis + 1) % K, b = (axis + 2) % K;
    const double angle = 6.283 * pfc_rng_uniform(rng), c = cos(angle), s = sin(angle);
    for (int i = 0; i < K; i++) {
      const double x = Q[i][a], y = Q[i][b];
      Q[i][a] = c * x - s * y;
      Q[i][b] = s * x + c * y;
    }
  }
  memcpy(R, Q, sizeof Q);
}

static void turn(int n, float *rows, double R[K][K]) {
  for (int i = 0; i < n; i++) {
    double to[K] = {0};
    for (int a = 0; a < K; a++)
      for (int b = 0; b < K; b++) to[b] += (double)rows[i * K + a] * R[a][b];
    for (int b = 0; b < K; b++) rows[i * K + b] = (float)to[b];
  }
}

static pfc_affinity model(pfc_rng *rng) {
  pfc_affinity m = {.rank = K, .n_people = PEOPLE, .n_items = ITEMS};
  m.people = random_rows(rng, PEOPLE);
  m.items = random_rows(rng, ITEMS);
  m.item_count = pfc_alloc_array(ITEMS, sizeof *m.item_count);
  for (int i = 0; i < ITEMS; i++) m.item_count[i] = 1 + i;
  return m;
}

static float *copy(const float *rows, int n) {
  float *to = pfc_alloc_array((size_t)n * K, sizeof *to);
  memcpy(to, rows, (size_t)n * K * sizeof *to);
  return to;
}

static void a_turn_is_undone(void **state) {
  (void)state;
  pfc_rng rng;
  pfc_rng_init(&rng, seed, "align", 0);
  for (int k = 0; k < DRAWS; k++) {
    pfc_affinity m = model(&rng);
    float *items = copy(m.items, ITEMS), *people = copy(m.people, PEOPLE);
    double R[K][K];
    random_turn(&rng, R);
    turn(ITEMS, m.items, R);
    turn(PEOPLE, m.people, R);
    assert_ok(pfc_als_align(&m, ITEMS, items, m.item_count, &err));
    for (int e = 0; e < ITEMS * K; e++) assert_near((double)m.items[e], (double)items[e], 1e-5);
    for (int e = 0; e < PEOPLE * K; e++)
      assert_near((double)m.people[e], (double)people[e], 1e-5);
    pfc_free(items);
    pfc_free(people);
    pfc_affinity_clear(&m);
  }
}

static double distance(const float *a, const float *b, const int32_t *counts) {
  double sum = 0;
  for (int i = 0; i < ITEMS; i++) {
    for (int f = 0; f < K && counts[i]; f++) {
      const double gap = (double)a[i * K + f] - (double)b[i * K + f];
      sum += gap * gap;
    }
  }
  return sum;
}

/* No other turn of what came out is nearer; items that nobody had taken up have no say; and
 * scores are what they were. */
static void no_other_turn_is_nearer(void **state) {
  (void)state;
  pfc_rng rng;
  pfc_rng_init(&rng, seed, "align", 1);
  for (int k = 0; k < DRAWS; k++) {
    pfc_affinity m = model(&rng);
    float *to = random_rows(&rng, ITEMS), *before = copy(m.items, ITEMS);
    double score = 0, after = 0;
    int32_t seen[ITEMS];
    for (int i = 0; i < ITEMS; i++) seen[i] = i % 4;
    for (int f = 0; f < K; f++) score += (double)m.people[f] * (double)m.items[f];
    assert_ok(pfc_als_align(&m, ITEMS, to, seen, &err));
    for (int f = 0; f < K; f++) after += (double)m.people[f] * (double)m.items[f];
    assert_near(after, score, 1e-5);
    const double best = distance(m.items, to, seen);
    for (int j = 0; j < 20; j++) {
      double R[K][K];
      float *other = copy(before, ITEMS);
      random_turn(&rng, R);
      turn(ITEMS, other, R);
      assert_true(distance(other, to, seen) >= best - 1e-4);
      pfc_free(other);
    }
    pfc_free(to);
    pfc_free(before);
    pfc_affinity_clear(&m);
  }
}

static pfc_status align_once(void *user) {
  pfc_affinity *m = user;
  return pfc_als_align(m, ITEMS, m->items, m->item_count, NULL);
}

static void memory_may_run_out(void **state) {
  (void)state;
  pfc_rng rng;
  pfc_rng_init(&rng, seed, "align", 2);
  pfc_affinity m = model(&rng);
  assert_true(count_down(align_once, &m) > 4);
  pfc_affinity_clear(&m);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_turn_is_undone),
      cmocka_unit_test(no_other_turn_is_nearer),
      cmocka_unit_test(memory_may_run_out),
  };
  return cmocka_run_group_tests_name("trainer/als_align", tests, set_up, NULL);
}
