// labels: property check
/* The rules that walk once over sorted rows, against their plain definitions on random data. */
#include "tests/support/test.h"

#include "base/rng.h"
#include "datasets/quality.h"
#include "tests/support/tables.h"

static pfc_quality *quality_of(const pfc_dataset *ds) {
  pfc_quality *q;
  pfc_quality_settings s;
  pfc_quality_defaults(&s);
  assert_ok(pfc_quality_create(ds, &s, &q, &err));
  return q;
}

static const pfc_quality_finding *finding(const pfc_quality *q, const char *rule) {
  for (int k = 0; k < q->n_findings; k++)
    if (strcmp(q->findings[k].name, rule) == 0) return &q->findings[k];
  fail_msg("there is no rule %s", rule);
  return NULL;
}

enum { N_RATINGS = 400, N_POSITIONS = 120 };

typedef struct said {
  int person, competency, source, day;
  double level;
} said;

/* Mean of what a source said on a day; NaN when nothing. */
static double mean_on(const said *all, const said *like, int source, int day) {
  double sum = 0;
  int n = 0;
  for (int k = 0; k < N_RATINGS; k++) {
    const said *s = &all[k];
    if (s->person != like->person || s->competency != like->competency) continue;
    if (s->source != source || s->day != day) continue;
    sum += s->level;
    n++;
  }
  return n ? sum / n : -1;
}

/* The last day before `day`, and after `after`, on which the source said something; -1. */
static int last_day(const said *all, const said *like, int source, int after, int day) {
  int last = -1;
  for (int d = after + 1; d < day; d++)
    if (mean_on(all, like, source, d) >= 0) last = d;
  return last;
}

/* Is what another source said last, since `before` and until its day, nearer to the low? Of
 * several on that day the one with the highest code speaks. */
static bool is_confirmed(const said *all, const said *at, int before, double high, double low) {
  for (int d = at->day; d > before; d--)
    for (int s = 2; s >= 0; s--) {
      const double level = mean_on(all, at, s, d);
      if (s != at->source && level >= 0) return level <= (high + low) / 2;
    }
  return false;
}

static void falls_agree_with_their_definition(void **state) {
  (void)state;
  pfc_rng rng;
  pfc_rng_init(&rng, test_seed(11), "falls", 0);
  int64_t n = 0, of = 0;
  said all[N_RATINGS];
  pfc_dataset *ds = pfc_dataset_create();
  test_table(ds, PFC_ASSESSMENTS, N_RATINGS,
             "person_id,competency_id,level,source,assessed_on");
  for (int k = 0; k < N_RATINGS; k++) {
    char text[16];
    /* The first three fix the codes: s0 is 0, and so on. */
    all[k] = (said){(int)pfc_rng_below(&rng, 5), (int)pfc_rng_below(&rng, 3),
                    k < 3 ? k : (int)pfc_rng_below(&rng, 3), (int)pfc_rng_below(&rng, 12),
                    (double)pfc_rng_below(&rng, 11) / 2};
    (void)snprintf(text, sizeof text, "p%d", all[k].person);
    test_cell(ds, PFC_ASSESSMENTS, k, "person_id", text);
    (void)snprintf(text, sizeof text, "c%d", all[k].competency);
    test_cell(ds, PFC_ASSESSMENTS, k, "competency_id", text);
    (void)snprintf(text, sizeof text, "s%d", all[k].source);
    test_cell(ds, PFC_ASSESSMENTS, k, "source", text);
    test_number(ds, PFC_ASSESSMENTS, k, "assessed_on", all[k].day);
    test_number(ds, PFC_ASSESSMENTS, k, "level", all[k].level);
  }
  for (int k = 0; k < N_RATINGS; k++) {
    bool is_first = true;
    for (int i = 0; i < k; i++)
      is_first = is_first &&
                 !(all[i].person == all[k].person && all[i].day == all[k].day &&
                   all[i].source == all[k].source && all[i].competency == all[k].competency);
    const int before = last_day(all, &all[k], all[k].source, -1, all[k].day);
    if (!is_first || before < 0) continue;
    const double high = mean_on(all, &all[k], all[k].source, before);
    const double low = mean_on(all, &all[k], all[k].source, all[k].day);
    of++;
    n += high - low > 2 + 1e-6 && !is_confirmed(all, &all[k], before, high, low);
  }
  pfc_quality *q = quality_of(ds);
  assert_int_equal(finding(q, "assessment_level_drop")->of, of);
  assert_int_equal(finding(q, "assessment_level_drop")->n, n);
  assert_true(n > 5 && n < of / 2);
  pfc_quality_destroy(q);
  pfc_dataset_destroy(ds);
}

static void two_roles_agree_with_their_definition(void **state) {
  (void)state;
  pfc_rng rng;
  pfc_rng_init(&rng, test_seed(12), "positions", 0);
  struct {
    int person, role, from, to;
  } all[N_POSITIONS];
  int64_t n = 0;
  pfc_dataset *ds = pfc_dataset_create();
  test_table(ds, PFC_POSITIONS, N_POSITIONS, "person_id,role_id,from,to");
  for (int k = 0; k < N_POSITIONS; k++) {
    char text[16];
    const int from = (int)pfc_rng_below(&rng, 90);
    const bool is_open = pfc_rng_below(&rng, 12) == 0;
    all[k].person = (int)pfc_rng_below(&rng, 25);
    all[k].role = (int)pfc_rng_below(&rng, 3);
    all[k].from = from;
    all[k].to = is_open ? 100000 : from + (int)pfc_rng_below(&rng, 25);
    (void)snprintf(text, sizeof text, "p%d", all[k].person);
    test_cell(ds, PFC_POSITIONS, k, "person_id", text);
    (void)snprintf(text, sizeof text, "r%d", all[k].role);
    test_cell(ds, PFC_POSITIONS, k, "role_id", text);
    test_number(ds, PFC_POSITIONS, k, "from", from);
    if (!is_open) test_number(ds, PFC_POSITIONS, k, "to", all[k].to);
  }
  for (int k = 0; k < N_POSITIONS; k++) {
    bool clashes = false;
    for (int i = 0; i < N_POSITIONS; i++) {
      const bool is_other = all[i].person == all[k].person && all[i].role != all[k].role;
      const bool overlaps =
          all[i].from < all[k].from || (all[i].from == all[k].from && all[k].to > all[k].from);
      clashes = clashes || (is_other && overlaps && all[i].to > all[k].from);
    }
    n += clashes;
  }
  pfc_quality *q = quality_of(ds);
  assert_int_equal(finding(q, "position_two_roles")->of, N_POSITIONS);
  assert_int_equal(finding(q, "position_two_roles")->n, n);
  assert_true(n > 5 && n < N_POSITIONS / 2);
  pfc_quality_destroy(q);
  pfc_dataset_destroy(ds);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(falls_agree_with_their_definition),
      cmocka_unit_test(two_roles_agree_with_their_definition),
  };
  return cmocka_run_group_tests_name("datasets/quality_definitions", tests, NULL, NULL);
}
