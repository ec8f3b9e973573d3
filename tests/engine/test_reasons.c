// labels: property check
// Reasons against their definition, put together by printf.
#include "tests/support/test.h"

#include <math.h>
#include <string.h>

#include "base/rng.h"
#include "base/utf8.h"
#include "engine/reasons.h"

/* "; " between parts; what does not fit is cut. */
#define PART(text, at, ...)                                                                \
  do {                                                                                     \
    if ((at) > 0 && (at) < 250) (at) += snprintf((text) + (at), 256 - (size_t)(at), "; "); \
    if ((at) < 250) (at) += snprintf((text) + (at), 256 - (size_t)(at), __VA_ARGS__);      \
  } while (0)

static void expected_reason(const pfc_score *s, const char *competency, double horizon,
                            char text[256]) {
  int at = 0;
  text[0] = '\0';
  if (s->gap >= 0.05)
    PART(text, at, "%.1f levels to gain in %.*s", s->gap, (int)pfc_utf8_cut(competency, 80),
         competency);
  if (!isnan(s->p_success)) PART(text, at, "%.0f %% pass", 100 * s->p_success);
  if (!isnan(s->quantile_days[1]))
    PART(text, at, "%.0f %% reach the level within %.0f days, half of them by day %.0f",
         100 * s->incidence, horizon, s->quantile_days[1]);
  if (!isnan(s->accept)) PART(text, at, "%.0f %% likely to be taken up", 100 * s->accept);
  if (s->cold & PFC_COLD_PERSON) PART(text, at, "no history of this person yet");
  if (s->evidence_n > 0)
    PART(text, at, "%lld earlier starts", (long long)s->evidence_n);
  else
    PART(text, at, "nobody has started anything like it yet");
}

/* Missing now and then; mostly a chance, sometimes a tie of what is rounded, or huge. */
static double draw(pfc_rng *rng) {
  switch (pfc_rng_below(rng, 10)) {
    case 0:
      return (double)NAN;
    case 1:
      return (double)pfc_rng_below(rng, 200) / 200;
    case 2:
      return pfc_rng_uniform(rng) * pow(10, (double)pfc_rng_below(rng, 60));
    default:
      return pfc_rng_uniform(rng);
  }
}

/* Random letters of one to three bytes. */
static void draw_name(pfc_rng *rng, char *name, int most) {
  static const char *const LETTERS[] = {"a", "B", " ", "\xC3\xA9", "\xE2\x80\xA6", "&"};
  name[0] = '\0';
  for (int n = (int)pfc_rng_below(rng, (uint64_t)most); n > 0; n--)
    strcat(name, LETTERS[pfc_rng_below(rng, 6)]);
}

static void reasons_read_as_printf_has_them(void **state) {
  (void)state;
  pfc_rng rng;
  pfc_rng_init(&rng, test_seed(76), "test.reasons", 1);
  int n_cut = 0;
  for (int i = 0; i < 50000; i++) {
    char text[256], expected[256], name[400];
    draw_name(&rng, name, 120);
    const pfc_score s = {
        .p_success = draw(&rng),
        .gap = 5 * draw(&rng),
        .incidence = draw(&rng),
        .quantile_days = {1, 180 * draw(&rng), 3},
        .accept = draw(&rng),
        .cold = (int)pfc_rng_below(&rng, 4),
        .evidence_n = (int64_t)pfc_rng_below(&rng, 3) * (int64_t)(pfc_rng_next(&rng) >> 20)};
    const double horizon = pfc_rng_below(&rng, 40) ? 180 : draw(&rng) * 1e60;
    pfc_score_reason(&s, name, horizon, text);
    expected_reason(&s, name, horizon, expected);
    assert_string_equal(text, expected);
    n_cut += strlen(text) == 255;
  }
  assert_true(n_cut > 10); /* ends of the room are looked at too */
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(reasons_read_as_printf_has_them),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
