// labels: unit property check
/* Posterior levels against one dense Gaussian over all that was seen of a person, and by hand
 * where a formula is short. */
#include "tests/support/test.h"

#include <math.h>

#include "base/date.h"
#include "base/mem.h"
#include "models/bundle.h"
#include "models/levels.h"
#include "tests/oracle/levels_oracle.h"
#include "tests/support/bundle.h"
#include "tests/support/countdown.h"
#include "tests/support/near.h"
#include "tests/support/random_evidence.h"

enum { DATE = 13500, N_PEOPLE = 12, MOST_COMPETENCIES = 8 };

typedef struct world {
  pfc_bundle *bundle;
  pfc_profile *p;
  pfc_evidence *e;
  pfc_requirements *r;
  pfc_levels *l;
  pfc_levels_person *known;
} world;

static void open_levels(world *w) {
  assert_ok(pfc_levels_create(w->p, w->e, w->r, &w->l, &err));
  assert_ok(pfc_levels_person_create(w->l, &w->known, &err));
}

static void close_levels(world *w) {
  pfc_levels_person_destroy(w->known);
  pfc_levels_destroy(w->l);
  w->known = NULL;
  w->l = NULL;
}

static world make(uint64_t seed, int32_t rank, const test_rated *what) {
  world w = {0};
  pfc_rng rng;
  pfc_rng_init(&rng, seed, "levels", 0);
  w.bundle = test_profile_bundle(seed, rank);
  w.p = &w.bundle->profile;
  w.e = test_rated_evidence(&rng, w.p, what);
  w.r = test_rated_requirements(&rng, w.p);
  open_levels(&w);
  return w;
}

static void unmake(world *w) {
  close_levels(w);
  pfc_evidence_destroy(w->e);
  pfc_requirements_destroy(w->r);
  pfc_bundle_destroy(w->bundle);
}

static pfc_level tell(world *w, int32_t competency, int32_t day) {
  pfc_level level;
  pfc_levels_tell(w->l, w->known, 1, &competency, day, &level);
  return level;
}

static void look(world *w, int32_t person, int32_t date) {
  assert_ok(pfc_levels_look(w->l, person, date, w->known, &err));
}

/* Everything about competencies and roles is known. */
static void take_doubt_away(pfc_profile *p) {
  const size_t n = (size_t)p->n_competencies, k = (size_t)p->rank;
  memset(p->competency_var, 0, sizeof *p->competency_var * n);
  memset(p->factor_cov, 0, sizeof *p->factor_cov * n * k * k);
  memset(p->effect_var, 0, sizeof *p->effect_var * (size_t)p->n_role_effects);
  p->sd_role = 1e-9;
}

/* --- the oracle ------------------------------------------------------------------------ */

static const test_rated MUCH = {N_PEOPLE, 20, 4, 4, true};

static void agree(world *w, int32_t day) {
  double mean[MOST_COMPETENCIES], sd[MOST_COMPETENCIES];
  int n_seen = 0, n_taught = 0;
  for (int32_t person = 0; person < N_PEOPLE; person++) {
    levels_oracle(w->p, w->e, w->r, person, DATE, day, mean, sd);
    look(w, person, DATE);
    for (int32_t c = 0; c < w->p->n_competencies; c++) {
      const pfc_level level = tell(w, c, day);
      assert_near(level.mean, mean[c], 1e-8);
      assert_near(level.sd, sd[c], 1e-8);
      n_seen += level.n_ratings;
    }
    n_taught += (int)(w->e->first_taught[person + 1] - w->e->first_taught[person]);
  }
  assert_true(n_seen > N_PEOPLE && n_taught > 0);
}

static void exact_where_competencies_are_known(void **state) {
  (void)state;
  const uint64_t first = test_seed(1);
  for (uint64_t seed = first; seed < first + 8; seed++) {
    world w = make(seed, (int32_t)(seed % 4), &MUCH);
    take_doubt_away(w.p);
    close_levels(&w); /* what holds for everybody was made of the other numbers */
    open_levels(&w);
    agree(&w, DATE);
    agree(&w, DATE + 400);
    unmake(&w);
  }
}

static void mean_field_where_they_are_not(void **state) {
  (void)state;
  const uint64_t first = test_seed(100);
  for (uint64_t seed = first; seed < first + 8; seed++) {
    world w = make(seed, (int32_t)(seed % 5), &MUCH);
    agree(&w, DATE + (int32_t)(seed % 2) * 1000);
    unmake(&w);
  }
}

/* --- by hand --------------------------------------------------------------------------- */

/* One person, one competency of one role, as simple as can be. */
enum { HALF_LIFE = 500 };

static world plain(int n_ratings, const pfc_seen *ratings) {
  world w = make(3, 0, &(test_rated){1, 4, 0, 0, true});
  pfc_profile *p = w.p;
  take_doubt_away(p);
  p->beta[0] = 2;
  p->beta[1] = p->beta[2] = p->beta[3] = 0;
  memset(p->competency, 0, sizeof *p->competency * (size_t)p->n_competencies);
  for (int32_t c = 0; c < p->n_competencies; c++) p->half_life[c] = HALF_LIFE;
  p->sd_person = 0.4;
  p->sd_cell = 0.3;
  p->sd_moving = 0.5;
  p->source[1] = (pfc_profile_source){.bias = 0.3, .slope = 0.8, .noise = 0.25};
  w.e->first_seen[1] = n_ratings;
  if (n_ratings > 0) memcpy(w.e->seen, ratings, sizeof *ratings * (size_t)n_ratings);
  close_levels(&w);
  open_levels(&w);
  return w;
}

static void nobody_rated_is_the_prior(void **state) {
  (void)state;
  world w = plain(0, NULL);
  look(&w, 0, DATE);
  const pfc_level level = tell(&w, 2, DATE);
  assert_near(level.mean, 2, 1e-12);
  assert_near(level.sd, sqrt(0.16 + 0.09 + 0.25), 1e-9);
  assert_int_equal(level.n_ratings, 0);
  assert_int_equal(level.latest_day, PFC_NO_DATE);
  unmake(&w);
}

/* y = 2.5 + 0.3 + 0.8 (L - 2.5) + noise: the level's variance of 0.5 is shrunk by what the
 * rating says. */
static void one_rating_pulls_as_far_as_its_source_can_be_trusted(void **state) {
  (void)state;
  const pfc_seen seen = {
      .competency = 1, .day = DATE - 1, .source = 1, .rater = -1, .level = 4};
  world w = plain(1, &seen);
  look(&w, 0, DATE);
  const pfc_level level = tell(&w, 1, DATE - 1);
  const double v = 0.5, gain = 0.8 * v / (0.64 * v + 0.0625);
  assert_near(level.mean, 2 + gain * (4 - (2.5 + 0.3 + 0.8 * (2 - 2.5))), 1e-9);
  assert_near(level.sd, sqrt(v - gain * 0.8 * v), 1e-9);
  assert_int_equal(level.n_ratings, 1);
  assert_int_equal(level.latest_day, DATE - 1);
  /* Another competency learns of it by the person's own effect alone. */
  const double share = 0.8 * 0.16 / (0.64 * v + 0.0625);
  assert_near(tell(&w, 3, DATE - 1).mean, 2 + share * 1.6, 1e-9);
  assert_near(tell(&w, 3, DATE - 1).sd, sqrt(v - share * 0.8 * 0.16), 1e-9);
  unmake(&w);
}

/* After one half-life half of what moved is left. */
static void ratings_age_by_the_half_life(void **state) {
  (void)state;
  const pfc_seen seen = {
      .competency = 1, .day = DATE - 1, .source = 1, .rater = -1, .level = 4};
  world w = plain(1, &seen);
  look(&w, 0, DATE);
  const pfc_level level = tell(&w, 1, DATE - 1 + HALF_LIFE);
  const double v = 0.5, shared = 0.16 + 0.09 + 0.25 / 2;
  const double gain = 0.8 * shared / (0.64 * v + 0.0625);
  assert_near(level.mean, 2 + gain * 1.6, 1e-9);
  assert_near(level.sd, sqrt(v - gain * 0.8 * shared), 1e-9);
  unmake(&w);
}

static void whom_nobody_can_trust_changes_nothing(void **state) {
  (void)state;
  const pfc_seen seen = {
      .competency = 1, .day = DATE - 1, .source = 1, .rater = -1, .level = 5};
  world w = plain(1, &seen);
  w.p->source[1].noise = 1e6;
  look(&w, 0, DATE);
  const pfc_level level = tell(&w, 1, DATE);
  assert_near(level.mean, 2, 1e-9);
  assert_near(level.sd, sqrt(0.5), 1e-9);
  unmake(&w);
}

/* The rater's own leniency, known to 0.1; one never seen has that of the source's raters. */
static void leniency_of_known_and_unknown_raters(void **state) {
  (void)state;
  pfc_seen seen = {.competency = 1, .day = DATE - 1, .source = 0, .rater = 3, .level = 4};
  const double v = 0.5;
  for (int known = 0; known < 2; known++) {
    seen.rater = known ? 3 : 2;
    world w = plain(1, &seen);
    w.p->source[0] = (pfc_profile_source){.slope = 1, .noise = 0.25, .leniency = 0.4};
    w.p->rater[1] = 0.6F;
    w.p->rater_var[1] = 0.01F;
    look(&w, 0, DATE);
    const double lenient = known ? w.p->rater[1] : 0, doubt = known ? w.p->rater_var[1] : 0.16;
    const double gain = v / (v + 0.0625 + doubt);
    assert_near(tell(&w, 1, DATE - 1).mean, 2 + gain * (2 - lenient), 1e-9);
    unmake(&w);
  }
}

/* --- properties ------------------------------------------------------------------------ */

static void a_later_day_never_knows_more(void **state) {
  (void)state;
  const uint64_t first = test_seed(40);
  for (uint64_t seed = first; seed < first + 6; seed++) {
    world w = make(seed, 3, &(test_rated){N_PEOPLE, 20, 0, 1, true});
    for (int32_t person = 0; person < N_PEOPLE; person++) {
      look(&w, person, DATE);
      for (int32_t c = 0; c < w.p->n_competencies; c++) {
        double before = 0;
        for (int32_t day = DATE; day < DATE + 9000; day += 1000) {
          const double sd = tell(&w, c, day).sd;
          assert_true(sd >= before - 1e-12);
          before = sd;
        }
      }
    }
    unmake(&w);
  }
}

/* Ratings of one day, in another order. */
static void order_does_not_matter(void **state) {
  (void)state;
  world w = make(9, 2, &(test_rated){N_PEOPLE, 20, 4, 3, true});
  for (int64_t k = 0; k < w.e->first_seen[N_PEOPLE]; k++) w.e->seen[k].day = 12000;
  double mean[N_PEOPLE][MOST_COMPETENCIES], sd[N_PEOPLE][MOST_COMPETENCIES];
  for (int pass = 0; pass < 2; pass++) {
    for (int32_t person = 0; person < N_PEOPLE; person++) {
      look(&w, person, DATE);
      for (int32_t c = 0; c < w.p->n_competencies; c++) {
        const pfc_level level = tell(&w, c, DATE);
        if (pass) assert_near(level.mean, mean[person][c], 1e-10);
        if (pass) assert_near(level.sd, sd[person][c], 1e-10);
        mean[person][c] = level.mean;
        sd[person][c] = level.sd;
      }
      /* turned round within each competency */
      for (int64_t a = w.e->first_seen[person]; a < w.e->first_seen[person + 1]; a++)
        for (int64_t b = a + 1; b < w.e->first_seen[person + 1]; b++)
          if (w.e->seen[a].competency == w.e->seen[b].competency) {
            const pfc_seen kept = w.e->seen[a];
            w.e->seen[a] = w.e->seen[b];
            w.e->seen[b] = kept;
          }
    }
  }
  unmake(&w);
}

/* What is dated on the day of the decision or later says nothing. */
static void the_future_is_not_seen(void **state) {
  (void)state;
  world w = make(21, 2, &MUCH);
  double before[N_PEOPLE][MOST_COMPETENCIES];
  int n_later = 0;
  for (int pass = 0; pass < 2; pass++) {
    for (int32_t person = 0; person < N_PEOPLE; person++) {
      look(&w, person, 12000);
      for (int32_t c = 0; c < w.p->n_competencies; c++) {
        const double mean = tell(&w, c, 12500).mean;
        if (pass) assert_near(mean, before[person][c], 0);
        before[person][c] = mean;
      }
    }
    for (int64_t k = 0; k < w.e->first_seen[N_PEOPLE]; k++)
      if (w.e->seen[k].day >= 12000) w.e->seen[k].level = 0, n_later++;
    for (int64_t k = 0; k < w.e->first_taught[N_PEOPLE]; k++)
      if (w.e->taught[k].end >= 12000) w.e->taught[k].to_level = 5;
    for (int64_t k = 0; k < w.e->first_held[N_PEOPLE]; k++)
      if (w.e->held[k].from >= 12000) w.e->held[k].role = 0;
  }
  assert_true(n_later > 10);
  unmake(&w);
}

/* Without any day a rating is as of the day that is asked for. */
static void ratings_without_days_do_not_age(void **state) {
  (void)state;
  const pfc_seen seen = {
      .competency = 1, .day = PFC_NO_DATE, .source = 1, .rater = -1, .level = 4};
  world w = plain(1, &seen);
  w.e->ratings_dated = false;
  const double v = 0.5, gain = 0.8 * v / (0.64 * v + 0.0625);
  close_levels(&w);
  open_levels(&w);
  look(&w, 0, PFC_NO_DATE);
  assert_near(tell(&w, 1, PFC_NO_DATE).mean, 2 + gain * 1.6, 1e-9);
  assert_near(tell(&w, 1, DATE + 5000).mean, 2 + gain * 1.6, 1e-9);
  look(&w, 0, DATE); /* as of then: it ages afterwards */
  assert_near(tell(&w, 1, DATE).mean, 2 + gain * 1.6, 1e-9);
  assert_true(tell(&w, 1, DATE + HALF_LIFE).mean < 2 + gain * 1.5);
  assert_int_equal(tell(&w, 1, DATE).n_ratings, 1);
  unmake(&w);
}

/* As of the day after the evidence, where no day is told. */
static void now_is_the_day_after_the_evidence(void **state) {
  (void)state;
  world w = make(33, 2, &MUCH);
  int32_t latest = 0;
  for (int64_t k = 0; k < w.e->first_seen[N_PEOPLE]; k++)
    if (w.e->seen[k].day > latest) latest = w.e->seen[k].day;
  for (int64_t k = 0; k < w.e->first_taught[N_PEOPLE]; k++)
    if (w.e->taught[k].end > latest) latest = w.e->taught[k].end;
  for (int64_t k = 0; k < w.e->first_held[N_PEOPLE]; k++)
    if (w.e->held[k].from > latest) latest = w.e->held[k].from;
  for (int32_t person = 0; person < N_PEOPLE; person++) {
    for (int32_t c = 0; c < w.p->n_competencies; c++) {
      look(&w, person, PFC_NO_DATE);
      const pfc_level open = tell(&w, c, PFC_NO_DATE);
      look(&w, person, latest + 1);
      const pfc_level dated = tell(&w, c, latest + 1);
      assert_near(open.mean, dated.mean, 0);
      assert_near(open.sd, dated.sd, 0);
    }
  }
  unmake(&w);
}

/* A covariance that is none: told, not a level made of it. */
static void numbers_without_solution_are_told(void **state) {
  (void)state;
  const pfc_seen seen = {
      .competency = 1, .day = DATE - 1, .source = 1, .rater = -1, .level = 4};
  world w = plain(1, &seen);
  w.p->source[1].noise = INFINITY;
  assert_fails(pfc_levels_look(w.l, 0, DATE, w.known, &err), PFC_ENUMERIC, "no solution");
  unmake(&w);
}

/* --- memory ---------------------------------------------------------------------------- */

static pfc_status look_at_somebody(void *user) {
  const world *w = user;
  pfc_levels *l = NULL;
  pfc_levels_person *known = NULL;
  pfc_level level;
  const int32_t competency = 0;
  pfc_status st = pfc_levels_create(w->p, w->e, w->r, &l, NULL);
  if (st == PFC_OK) st = pfc_levels_person_create(l, &known, NULL);
  for (int32_t person = 0; person < N_PEOPLE && st == PFC_OK; person++)
    st = pfc_levels_look(l, person, DATE, known, NULL);
  if (st == PFC_OK) pfc_levels_tell(l, known, 1, &competency, DATE, &level);
  pfc_levels_person_destroy(known);
  pfc_levels_destroy(l);
  return st;
}

static void memory_may_run_out(void **state) {
  (void)state;
  world w = make(2, 2, &MUCH);
  assert_true(count_down(look_at_somebody, &w) >= 5);
  pfc_levels_destroy(NULL);
  pfc_levels_person_destroy(NULL);
  unmake(&w);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(exact_where_competencies_are_known),
      cmocka_unit_test(mean_field_where_they_are_not),
      cmocka_unit_test(nobody_rated_is_the_prior),
      cmocka_unit_test(one_rating_pulls_as_far_as_its_source_can_be_trusted),
      cmocka_unit_test(ratings_age_by_the_half_life),
      cmocka_unit_test(whom_nobody_can_trust_changes_nothing),
      cmocka_unit_test(leniency_of_known_and_unknown_raters),
      cmocka_unit_test(a_later_day_never_knows_more),
      cmocka_unit_test(order_does_not_matter),
      cmocka_unit_test(the_future_is_not_seen),
      cmocka_unit_test(ratings_without_days_do_not_age),
      cmocka_unit_test(now_is_the_day_after_the_evidence),
      cmocka_unit_test(numbers_without_solution_are_told),
      cmocka_unit_test(memory_may_run_out),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
