/* The figures of spells against R 4.2.2 with survival 3.5-3, on rows that both can make. */
#include "tests/support/test.h"

#include "tests/support/near.h"
#include "trainer/metrics.h"

/* library(survival); i <- 0:199
 * time <- (i*37) %% 53 + 1; entry <- ifelse(i %% 4 == 0 & (i*11) %% 20 < time, (i*11) %% 20, 0)
 * event <- (i*i + i) %% 5 %% 3; w <- 1 + i %% 3; risk <- ((i*29) %% 41) / 41 */
enum { N = 200 };
static double entry[N], time[N], weight[N], risk[N];
static int8_t event[N];
static const double DAYS[3] = {5, 20, 40};
static const pfc_spells PLAIN = {N, NULL, time, event, NULL};
static const pfc_spells WEIGHTED = {N, NULL, time, event, weight};
static const pfc_spells LATE = {N, entry, time, event, weight};

static int make_rows(void **state) {
  (void)state;
  for (int i = 0; i < N; i++) {
    time[i] = (i * 37) % 53 + 1;
    entry[i] = i % 4 == 0 && (i * 11) % 20 < time[i] ? (i * 11) % 20 : 0;
    event[i] = (int8_t)((i * i + i) % 5 % 3);
    weight[i] = 1 + i % 3;
    risk[i] = (i * 29) % 41 / 41.0;
  }
  return 0;
}

static double concordance_of(const pfc_spells *s) {
  double c = -1;
  assert_ok(pfc_concordance(s, risk, &c, &err));
  return c;
}

/* concordance(Surv(time, event == 1) ~ risk, reverse = TRUE)$concordance
 * concordance(Surv(time, event == 1) ~ risk, weights = w, reverse = TRUE)$concordance
 * concordance(Surv(ifelse(entry > 0, entry, -1), time, event == 1) ~ risk, weights = w,
 *   reverse = TRUE)$concordance */
static void concordance(void **state) {
  (void)state;
  assert_near(concordance_of(&PLAIN), 0.524321796071094, 1e-14);
  assert_near(concordance_of(&WEIGHTED), 0.513886473009799, 1e-14);
  assert_near(concordance_of(&LATE), 0.511299262959128, 1e-14);
}

/* summary(survfit(Surv(entry, time, event > 0) ~ 1, weights = w), times = c(5, 20, 40))$surv
 * summary(survfit(Surv(entry, time, factor(event)) ~ 1, weights = w, id = i),
 *   times = c(5, 20, 40))$pstate[, 2] */
static void curves(void **state) {
  (void)state;
  const double survival[3] = {0.922604490960881, 0.739003782166099, 0.436281023477104};
  const double incidence[3] = {0.017821689855271, 0.103893984501100, 0.201960790155085};
  double v[3];
  assert_ok(pfc_kaplan_meier(&LATE, 0, 0, 3, DAYS, v, &err));
  for (int d = 0; d < 3; d++) assert_near(v[d], survival[d], 1e-14);
  assert_ok(pfc_aalen_johansen(&LATE, 3, DAYS, v, &err));
  for (int d = 0; d < 3; d++) assert_near(v[d], incidence[d], 1e-14);
}

/* Half a day apart, censoring follows the events of its day and entries the rest:
 *   G <- survfit(Surv(ifelse(entry > 0, entry + .5, -1), time + .5 * (event == 0),
 *     event == 0) ~ 1, weights = w)
 *   g <- function(t) sapply(t, function(x) summary(G, times = max(x, -.9),
 *     extend = TRUE)$surv)
 *   g(c(5, 20, 40) - .25)
 *   for (day in c(5, 20, 40)) {
 *     Ge <- ifelse(entry > 0, g(entry + .5), 1); ended <- event > 0 & time <= day
 *     W <- ifelse(ended, Ge / g(time - .25), ifelse(time >= day, Ge / g(day - .25), 0))
 *     k <- entry < day; F <- risk * day / 60
 *     print(sum((w * W * ((ended & event == 1) - F)^2)[k]) / sum(w[k])) } */
static void censoring(void **state) {
  (void)state;
  const double uncensored[3] = {0.975514951141028, 0.828172855812426, 0.582197193619364};
  const double brier[3] = {0.017358395493240, 0.099892330179042, 0.207445010493323};
  double v[3], incidence[N];
  assert_ok(pfc_kaplan_meier(&LATE, 1, 1, 3, DAYS, v, &err));
  for (int d = 0; d < 3; d++) {
    assert_near(v[d], uncensored[d], 1e-14);
    for (int i = 0; i < N; i++) incidence[i] = risk[i] * DAYS[d] / 60;
    double b;
    assert_ok(pfc_ipcw_brier(&LATE, DAYS[d], incidence, &b, &err));
    assert_near(b, brier[d], 1e-14);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(concordance),
      cmocka_unit_test(curves),
      cmocka_unit_test(censoring),
  };
  return cmocka_run_group_tests_name("trainer/metrics_reference", tests, make_rows, NULL);
}
