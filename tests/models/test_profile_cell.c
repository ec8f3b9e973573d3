// labels: unit property check
/* One cell: what of the evidence counts, and its dynamics against what they are meant to be:
 * small steps of the mean's equation, lessons drawn at random. */
#include "tests/support/test.h"

#include <math.h>

#include "base/date.h"
#include "models/bundle.h"
#include "models/profile_cell.h"
#include "tests/support/bundle.h"
#include "tests/support/near.h"
#include "tests/support/random_evidence.h"

enum { DATE = 13000, MOST_ROWS = 40, N_ROLES = 6, HALF_LIFE = 700 };

/* One person by hand. */
typedef struct world {
  pfc_bundle *bundle;
  pfc_profile *p;
  pfc_requirements *r;
  int64_t first_seen[2], first_taught[2], first_held[2];
  pfc_seen seen[MOST_ROWS];
  pfc_taught taught[MOST_ROWS];
  pfc_held held[MOST_ROWS];
  int32_t joined[1];
  pfc_evidence e;
} world;

static world *make(uint64_t seed) {
  world *w = calloc(1, sizeof *w);
  assert_non_null(w);
  pfc_rng rng;
  pfc_rng_init(&rng, seed, "cell", 0);
  w->bundle = test_profile_bundle(seed, 1);
  w->p = &w->bundle->profile;
  w->r = test_rated_requirements(&rng, w->p);
  for (int32_t c = 0; c < w->p->n_competencies; c++) w->p->half_life[c] = HALF_LIFE;
  w->joined[0] = PFC_NO_DATE;
  w->held[0] = (pfc_held){PFC_NO_DATE, 2};
  w->first_held[1] = 1;
  w->e = (pfc_evidence){.n_people = 1,
                        .n_competencies = w->p->n_competencies,
                        .n_roles = w->p->n_roles,
                        .n_sources = w->p->n_sources,
                        .n_raters = 4,
                        .scale_max = 5,
                        .ratings_dated = true,
                        .first_seen = w->first_seen,
                        .seen = w->seen,
                        .first_taught = w->first_taught,
                        .taught = w->taught,
                        .first_held = w->first_held,
                        .held = w->held,
                        .joined = w->joined};
  return w;
}

static void unmake(world *w) {
  pfc_requirements_destroy(w->r);
  pfc_bundle_destroy(w->bundle);
  free(w);
}

static void read_cell(const world *w, int32_t date, pfc_cell *cell) {
  pfc_cell_read(w->p, &w->e, w->r, 0, 1, 0, w->first_seen[1], date, cell);
}

/* --- what counts ----------------------------------------------------------------------- */

static void the_latest_ratings_before_the_date_count(void **state) {
  (void)state;
  world *w = make(1);
  pfc_cell cell;
  w->first_seen[1] = 36;
  for (int k = 0; k < 36; k++)
    w->seen[k] = (pfc_seen){1, DATE - 30 + k, k % 3 - 1, k % 2 ? 3 : -1, (float)k, k};
  read_cell(w, DATE, &cell); /* 30 of them are earlier; the first 6 are too many */
  assert_int_equal(cell.n, PFC_CELL_RATINGS);
  assert_int_equal(cell.now, DATE);
  for (int i = 0; i < cell.n; i++) {
    const int k = i + 6;
    assert_int_equal(cell.day[i], DATE - 30 + k);
    assert_near(cell.y[i], k, 0);
    assert_int_equal(cell.source[i], k % 3 - 1);
    /* Raters 1 and 3 of source 0 are known. */
    assert_int_equal(cell.rater[i], k % 2 && k % 3 == 1 ? 1 : -1);
  }
  read_cell(w, DATE - 30, &cell);
  assert_int_equal(cell.n, 0);
  read_cell(w, PFC_NO_DATE, &cell);
  assert_int_equal(cell.n, PFC_CELL_RATINGS);
  assert_near(cell.y[0], 12, 0);
  assert_int_equal(cell.now, DATE + 5);
  unmake(w);
}

static void ratings_without_a_day(void **state) {
  (void)state;
  world *w = make(2);
  pfc_cell cell;
  w->first_seen[1] = 2;
  w->seen[0] = (pfc_seen){1, DATE - 300, 0, -1, 2, 0};
  w->seen[1] = (pfc_seen){1, PFC_NO_DATE, 0, -1, 3, 1};
  read_cell(w, DATE, &cell); /* it may be later than the date */
  assert_int_equal(cell.n, 1);
  read_cell(w, PFC_NO_DATE, &cell);
  assert_int_equal(cell.n, 2);
  assert_int_equal(cell.n_dated, 1);
  assert_int_equal(cell.now, DATE - 300);
  assert_near(cell.decay[0][1], 1, 0);
  pfc_cell_as_of(w->p, DATE - 300 + HALF_LIFE, &cell);
  assert_near(cell.decay[0][1], 0.5, 1e-12);
  pfc_cell_ask(w->p, PFC_NO_DATE, &cell);
  assert_near(cell.decay[2][0], 0.5, 1e-12);
  assert_near(cell.decay[2][1], 1, 0);
  w->seen[0].day = PFC_NO_DATE; /* no day in the table: all count */
  w->e.ratings_dated = false;
  read_cell(w, DATE, &cell);
  assert_int_equal(cell.n, 2);
  assert_int_equal(cell.day[0], DATE);
  unmake(w);
}

static void lessons_count_once_they_have_ended(void **state) {
  (void)state;
  world *w = make(3);
  pfc_cell cell;
  for (int k = 0; k < 8; k++) /* the first of another competency, the last not ended yet */
    w->taught[k] = (pfc_taught){k > 0, k % 3, DATE - 80 + 10 * k, DATE - 70 + 10 * k, 3.5F};
  w->first_taught[1] = 8;
  read_cell(w, DATE, &cell);
  assert_int_equal(cell.n_lessons, PFC_CELL_LESSONS);
  for (int l = 0; l < cell.n_lessons; l++) {
    assert_int_equal(cell.start[l], DATE - 80 + 10 * (l + 3));
    assert_near(cell.until[l], sqrt(10 * 60), 1e-12);
  }
  read_cell(w, DATE + 1, &cell);
  assert_int_equal(cell.start[3], DATE - 10);
  /* One that ends as it begins lasts a day. */
  w->taught[1].end = w->taught[1].start;
  read_cell(w, w->taught[1].end + 1, &cell);
  assert_int_equal(cell.n_lessons, 1);
  assert_near(cell.until[0], sqrt(60), 1e-12);
  read_cell(w, w->taught[1].end, &cell);
  assert_int_equal(cell.n_lessons, 0);
  unmake(w);
}

/* --- the mean -------------------------------------------------------------------------- */

static double of_role(const world *w, int32_t role, double *listed) {
  const pfc_requirement *asks = pfc_requirements_find(w->r, role, 1);
  double mean, var;
  pfc_profile_role_effect(w->p, role, 1, &mean, &var);
  *listed = asks != NULL;
  mean += w->p->competency[1] + w->p->beta[0] + w->p->beta[1] * *listed;
  if (asks && !isnan(asks->level)) mean += w->p->beta[2] * (asks->level - 2.5);
  return mean;
}

/* dM/dt = ln 2 / half-life (R - M) by steps of a twentieth of a day, from the first spell on;
 * so does what is listed. */
static double small_steps(const world *w, int n_spells, int32_t day) {
  enum { STEPS_A_DAY = 20 };
  const double rate = log(2) / HALF_LIFE / STEPS_A_DAY;
  double listed, mean = of_role(w, w->held[0].role, &listed);
  for (int s = 1; s < n_spells && w->held[s].from < day; s++) {
    double asked, R = of_role(w, w->held[s].role, &asked);
    const int32_t end =
        s + 1 < n_spells && w->held[s + 1].from < day ? w->held[s + 1].from : day;
    for (int k = 0; k < (end - w->held[s].from) * STEPS_A_DAY; k++) {
      mean += rate * (R - mean);
      listed += rate * (asked - listed);
    }
  }
  const double days = day - w->joined[0];
  return mean + w->p->beta[3] * listed * exp(-days / w->p->newcomer_days);
}

static void the_mean_follows_the_roles_held(void **state) {
  (void)state;
  const uint64_t first = test_seed(1);
  for (uint64_t seed = first; seed < first + 10; seed++) {
    world *w = make(seed);
    static const int32_t from[] = {11000, 11400, 12100, 12110};
    for (int s = 0; s < 4; s++) w->held[s] = (pfc_held){from[s], (int32_t)((seed + 5 * s) % 6)};
    w->held[2].role = w->held[0].role; /* back to the first */
    w->first_held[1] = 4;
    w->joined[0] = from[0];
    pfc_cell cell;
    pfc_cell_terms terms;
    read_cell(w, DATE, &cell);
    for (int32_t day = 11000; day < 14000; day += 350) {
      pfc_cell_ask(w->p, day, &cell);
      pfc_cell_weigh(w->p, &cell, 0, true, &terms);
      assert_near(terms.base[0], small_steps(w, 4, day), 1e-3);
      double sum = 0;
      for (int r = 0; r < PFC_CELL_ROLES; r++) sum += cell.weight[0][r];
      assert_near(sum, 1, 1e-12);
    }
    read_cell(w, 12100, &cell); /* the third spell is not known yet */
    pfc_cell_ask(w->p, DATE, &cell);
    pfc_cell_weigh(w->p, &cell, 0, true, &terms);
    assert_near(terms.base[0], small_steps(w, 2, DATE), 1e-3);
    unmake(w);
  }
}

static void too_many_spells_leave_the_latest(void **state) {
  (void)state;
  world *w = make(4);
  pfc_cell_roles held;
  double weight[PFC_CELL_ROLES];
  for (int s = 0; s < 7; s++) w->held[s] = (pfc_held){10000 + 100 * s, s % N_ROLES};
  w->first_held[1] = 7;
  pfc_cell_find_roles(&w->e, 0, DATE, &held);
  assert_int_equal(held.n_spells, PFC_CELL_ROLES);
  for (int s = 0; s < 4; s++) {
    assert_int_equal(held.from[s], 10300 + 100 * s);
    assert_int_equal(held.role[held.spell[s]], (s + 3) % N_ROLES);
  }
  pfc_cell_mix(&held, HALF_LIFE, 10500 + HALF_LIFE, weight); /* the last but one began then */
  assert_near(weight[0] + weight[1], 0.5, 1e-12);
  assert_near(weight[3], 1 - pow(0.5, (HALF_LIFE - 100.0) / HALF_LIFE), 1e-12);
  pfc_cell_mix(&held, HALF_LIFE, 9000, weight);
  assert_near(weight[0], 1, 0);
  pfc_cell_mix(&held, HALF_LIFE, PFC_NO_DATE, weight);
  assert_near(weight[3], 1, 0);
  pfc_cell_find_roles(&w->e, 0, 10000, &held); /* nothing is known yet */
  assert_int_equal(held.n, 1);
  assert_int_equal(held.role[0], -1);
  unmake(w);
}

/* --- lessons --------------------------------------------------------------------------- */

typedef struct moments {
  double mean[3], cov[3][3];
} moments;

/* What two lessons of one programme have brought on three days, drawn: arrivals that are the
 * sum of two equal exponential waits, shares of the way which have what is unknown of the
 * programme in common, and forgetting from the start on. */
static moments draw_lessons(const world *w, const int32_t day[3], const double way[2], int n,
                            pfc_rng *rng) {
  const pfc_profile *p = w->p;
  moments m = {{0}, {{0}}};
  for (int k = 0; k < n; k++) {
    const double programme =
        p->taught + p->programme[1] + sqrt((double)p->programme_var[1]) * pfc_rng_normal(rng);
    double brought[3] = {0};
    for (int l = 0; l < 2; l++) {
      const pfc_taught *at = &w->taught[l];
      const double mean_days = sqrt((at->end - at->start) * p->teaching_days);
      const double wait =
          -0.5 * mean_days * (log(1 - pfc_rng_uniform(rng)) + log(1 - pfc_rng_uniform(rng)));
      const double share = programme + p->sd_taught * pfc_rng_normal(rng);
      for (int i = 0; i < 3; i++) {
        const double days = day[i] - at->start;
        brought[i] += days < wait ? 0 : share * way[l] * pow(0.5, days / HALF_LIFE);
      }
    }
    for (int i = 0; i < 3; i++) m.mean[i] += brought[i] / n;
    for (int i = 0; i < 3; i++)
      for (int j = 0; j < 3; j++) m.cov[i][j] += brought[i] * brought[j] / n;
  }
  for (int i = 0; i < 3; i++)
    for (int j = 0; j < 3; j++) m.cov[i][j] -= m.mean[i] * m.mean[j];
  return m;
}

/* 200,000 draws: standard errors of means below 0.003 a unit of way, of covariances below
 * 0.006, and the bounds are five of them. */
static void lessons_bring_what_is_drawn(void **state) {
  (void)state;
  const uint64_t seed = test_seed(1);
  world *w = make(seed);
  const int32_t day[3] = {12030, 12100, 12600};
  pfc_cell cell;
  pfc_cell_terms terms;
  pfc_rng rng;
  pfc_rng_init(&rng, seed, "lessons", 0);
  w->taught[0] = (pfc_taught){1, 1, 12000, 12090, 9};
  w->taught[1] = (pfc_taught){1, 1, 12010, 12070, 8};
  w->first_taught[1] = 2;
  for (int k = 0; k < 3; k++) w->seen[k] = (pfc_seen){1, day[k], 2, -1, 3, k};
  w->first_seen[1] = 3;
  w->p->taught = 0.5;
  w->p->sd_taught = 0.4;
  w->p->programme[1] = -0.2F;
  w->p->programme_var[1] = 0.09F;
  read_cell(w, DATE, &cell);
  pfc_cell_weigh(w->p, &cell, 0.3, false, &terms);
  double listed;
  const double before = of_role(w, 2, &listed) + 0.3;
  const double way[2] = {fmax(9 - before, 0), fmax(8 - before, 0)};
  assert_near(terms.way[0], way[0], 1e-9);
  const moments m = draw_lessons(w, day, way, 200000, &rng);
  const double unit = way[0] + way[1];
  for (int i = 0; i < 3; i++) {
    assert_near(terms.lift[i], m.mean[i], 0.0075 * unit);
    for (int j = 0; j < 3; j++) {
      const double own = 0.04 + 0.16 * pow(0.5, abs(day[i] - day[j]) / (double)HALF_LIFE);
      assert_near(terms.k[i][j] - own, m.cov[i][j], 0.015 * unit * unit / 2);
    }
  }
  unmake(w);
}

/* Where the target is the likely level, half the people are below it: by sd / sqrt(2 pi) on the
 * average of all. A sd of 0.5 above and below, by R: dnorm(1) + pnorm(1), dnorm(1) - pnorm(-1).
 */
static void the_way_is_what_is_missing_on_average(void **state) {
  (void)state;
  world *w = make(7);
  pfc_cell cell;
  pfc_cell_terms terms;
  double listed;
  const double M = of_role(w, 2, &listed), sd = 0.5;
  w->p->sd_cell = 0.3;
  w->p->sd_moving = 0.4;
  w->first_taught[1] = 3;
  for (int l = 0; l < 3; l++)
    w->taught[l] = (pfc_taught){1, 0, 12000 + l, 12090, (float)(M + 0.7 + (l - 1) * sd)};
  read_cell(w, DATE, &cell);
  pfc_cell_weigh(w->p, &cell, 0.7, false, &terms);
  assert_near(terms.way[0], sd * 0.0833154705876854, 1e-6); /* targets are float */
  assert_near(terms.way[1], sd * 0.398942280401433, 1e-6);
  assert_near(terms.way[2], sd * 1.08331547058768, 1e-6);
  w->p->sd_cell = w->p->sd_moving = 0;
  pfc_cell_weigh(w->p, &cell, 0.7, false, &terms);
  assert_near(terms.way[0], 0, 0);
  assert_near(terms.way[2], sd, 1e-6);
  unmake(w);
}

/* d k / d sd_taught^2 is what `lesson` says, and nothing is brought by a target that is held
 * already. */
static void the_slope_of_lessons(void **state) {
  (void)state;
  world *w = make(6);
  pfc_cell cell;
  static pfc_cell_terms a, b;
  w->taught[0] = (pfc_taught){1, 0, 12000, 12090, 9};
  w->taught[1] = (pfc_taught){1, 0, 12300, 12310, 8};
  w->taught[2] = (pfc_taught){1, 0, 12310, 12320, -9};
  w->first_taught[1] = 3;
  for (int k = 0; k < 3; k++) w->seen[k] = (pfc_seen){1, 12050 + 200 * k, 2, -1, 3, k};
  w->first_seen[1] = 3;
  read_cell(w, DATE, &cell);
  pfc_cell_ask(w->p, DATE + 50, &cell);
  pfc_cell_weigh(w->p, &cell, 0, true, &a);
  assert_near(a.way[2], 0, 1e-12);
  const double step = 1e-3;
  w->p->sd_taught = sqrt(w->p->sd_taught * w->p->sd_taught + step);
  pfc_cell_weigh(w->p, &cell, 0, true, &b);
  for (int i = 0; i < 4; i++)
    for (int j = 0; j < 4; j++) {
      assert_near((b.k[i][j] - a.k[i][j]) / step, a.lesson[i][j], 1e-8);
      assert_true(i < 3 || a.lesson[3][j] > 0);
    }
  unmake(w);
}

/* --- ratings --------------------------------------------------------------------------- */

static void ratings_are_weighed_by_their_source(void **state) {
  (void)state;
  world *w = make(8);
  const pfc_profile *p = w->p;
  pfc_cell cell;
  pfc_cell_terms terms;
  w->seen[0] = (pfc_seen){1, 12000, 0, 1, 3, 0};  /* a rater who is known */
  w->seen[1] = (pfc_seen){1, 12000, 0, 0, 3, 0};  /* and one who is not */
  w->seen[2] = (pfc_seen){1, 12700, 1, -1, 3, 0}; /* a source without raters */
  w->seen[3] = (pfc_seen){1, 12700, -1, -1, 3, 0};
  w->first_seen[1] = 4;
  read_cell(w, DATE, &cell);
  pfc_cell_weigh(p, &cell, 0, false, &terms);
  double listed;
  const double M = of_role(w, 2, &listed), stays = 0.04, moves = 0.16;
  const pfc_profile_source *s[] = {&p->source[0], &p->source[0], &p->source[1], &p->unknown};
  for (int i = 0; i < 4; i++) {
    const double leniency = i == 0 ? p->rater[0] : 0;
    const double doubt = i == 0 ? p->rater_var[0] : i == 1 ? 0.0625 : 0;
    assert_near(terms.base[i], M, 1e-6);
    assert_near(terms.offset[i], 2.5 + s[i]->bias + s[i]->slope * (M - 2.5) + leniency, 1e-6);
    for (int j = 0; j < 4; j++) {
      const double k = stays + moves * ((i < 2) == (j < 2) ? 1 : 0.5);
      const double own = i == j ? s[i]->noise * s[i]->noise + doubt : 0;
      assert_near(terms.c[i][j], s[i]->slope * s[j]->slope * k + own, 1e-12);
    }
  }
  unmake(w);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_latest_ratings_before_the_date_count),
      cmocka_unit_test(ratings_without_a_day),
      cmocka_unit_test(lessons_count_once_they_have_ended),
      cmocka_unit_test(the_mean_follows_the_roles_held),
      cmocka_unit_test(too_many_spells_leave_the_latest),
      cmocka_unit_test(lessons_bring_what_is_drawn),
      cmocka_unit_test(the_way_is_what_is_missing_on_average),
      cmocka_unit_test(the_slope_of_lessons),
      cmocka_unit_test(ratings_are_weighed_by_their_source),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
