// labels: property check
#include "tests/support/near.h"

#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "cli/figure_words.h"
#include "cli/report.h"
#include "tests/support/countdown.h"
#include "tests/support/judged.h"
#include "tests/support/xml.h"

static xml_document *make(const cJSON *json) {
  markup m = {0};
  assert_ok(report_make(json, &m, &err));
  xml_document *d = xml_read(m.text);
  markup_clear(&m);
  return d;
}

static xml_document *make_judged(void) {
  cJSON *json = judged();
  xml_document *d = make(json);
  cJSON_Delete(json);
  return d;
}

static bool has_text(const xml_document *d, const char *part) {
  for (int i = 0; i < d->n; i++) {
    if (strstr(d->element[i].text, part)) return true;
  }
  return false;
}

/* --- the page --------------------------------------------------------------------------------
 */

static void it_needs_nothing_from_elsewhere(void **state) {
  (void)state;
  xml_document *d = make_judged();
  for (int i = 0; i < d->n; i++) {
    const xml_element *e = &d->element[i];
    static const char *const FETCHING[] = {"script", "link",  "img", "iframe",
                                           "object", "image", "use"};
    for (size_t k = 0; k < sizeof FETCHING / sizeof *FETCHING; k++) {
      assert_string_not_equal(e->name, FETCHING[k]);
    }
    for (int a = 0; a < e->n_attributes; a++) {
      assert_false(strncmp(e->key[a], "on", 2) == 0);
      assert_string_not_equal(e->key[a], "src");
      if (strcmp(e->key[a], "xmlns") != 0) assert_null(strstr(e->value[a], "://"));
    }
    if (strcmp(e->name, "style") == 0) {
      assert_null(strstr(e->text, "url("));
      assert_null(strstr(e->text, "@import"));
    }
  }
  xml_free(d);
}

static void links_lead_somewhere(void **state) {
  (void)state;
  int n_links = 0;
  xml_document *d = make_judged();
  for (int i = 0; i < d->n; i++) {
    const char *to = xml_value(&d->element[i], "href");
    bool found = false;
    if (!to) continue;
    n_links++;
    assert_int_equal(*to, '#');
    for (int j = 0; j < d->n && !found; j++) {
      const char *id = xml_value(&d->element[j], "id");
      found = id && strcmp(id, to + 1) == 0;
    }
    if (!found) fail_msg("nothing is called %s", to);
  }
  assert_int_equal(n_links, 12);
  xml_free(d);
}

static void all_of_it_is_told(void **state) {
  (void)state;
  xml_document *d = make_judged();
  static const char *const TOLD[] = {
      "<new> & \"b\xC3\xA4st\".h5 on data & more.h5",
      /* a figure, its name, what it means, which way is better */
      "mean reciprocal rank", "0.250", "0.200 to 0.300", "(higher is better)",
      "(nearer 1 is better)", "(nearer 80 % is better)", "mean gap (among the recommended)",
      "calibration error by day 90", "popularity 0.180",
      /* the other contestant's */
      "old.h5", "0.900",
      /* policies, comparisons, origin */
      "best possible", "value (our ranking)", "affinity.mrr", "0.050 (0.020 to 0.080)", "00ff",
      "12ab", "34cd", "train.affinity.rank = 16", "models = affinity, success",
      "root mean squared error (level)"};
  for (size_t i = 0; i < sizeof TOLD / sizeof *TOLD; i++) {
    if (!has_text(d, TOLD[i])) fail_msg("not told: %s", TOLD[i]);
  }
  xml_free(d);
}

static void pictures_have_a_caption(void **state) {
  (void)state;
  xml_document *d = make_judged();
  assert_int_equal(xml_count(d, "figcaption", NULL), xml_count(d, "figure", NULL));
  assert_int_equal(xml_count(d, "figure", NULL), 14);
  xml_free(d);
}

static void the_headline_is_the_cut_off_next_to_10(void **state) {
  (void)state;
  xml_document *d = make_judged();
  const int card = xml_find(d, "p", "value", 0);
  assert_string_equal(d->element[card].text, "40\xE2\x80\xAF% ");
  assert_string_equal(d->element[card + 2].text,
                      "of what people started next stood in the first 10 of their list");
  /* Popularity lies at 46 %, above the interval that ends at 45 %. */
  assert_string_equal(d->element[card + 3].text, "worse than popularity, 46\xE2\x80\xAF%");
  assert_string_equal(xml_value(&d->element[card + 3], "class"), "verdict worse");
  assert_true(has_text(d, "better than base rate, 0.500"));
  xml_free(d);
}

/* --- what to mind ----------------------------------------------------------------------------
 */

static void assert_minds(const cJSON *json, const char *words, bool expected) {
  xml_document *d = make(json);
  if (has_text(d, words) != expected) fail_msg("%s: %s", expected ? "not told" : "told", words);
  xml_free(d);
}

/* section.figure.key */
static void set(cJSON *json, const char *section, const char *name, const char *key,
                double value) {
  cJSON *holder = cJSON_GetObjectItem(cJSON_GetObjectItem(json, section), name);
  assert_true(cJSON_ReplaceItemInObject(holder, key, cJSON_CreateNumber(value)));
}

static void cautions_follow_the_figures(void **state) {
  (void)state;
  cJSON *json = judged();
  assert_minds(json, "success are too extreme", true);
  assert_minds(json, "the list picks what was overestimated", true);
  assert_minds(json, "Success is promised too", false);
  assert_minds(json, "Intervals of time are", false);
  assert_minds(json, "In 2 of 5 comparisons", true);
  assert_minds(json, "rows only", false);
  assert_minds(json, "There are no intervals", false);
  assert_minds(json, "Not judged", false);
  assert_minds(json, "in a simulated organisation, by its own laws", true);
  set(json, "success", "calibration_slope", "hi", 1.1);
  assert_minds(json, "success are too extreme", false);
  set(json, "success", "mean_gap", "lo", 0.005);
  assert_minds(json, "Success is promised too often", true);
  set(json, "time", "interval_coverage", "hi", 0.79);
  set(json, "time", "interval_coverage", "value", 0.75);
  assert_minds(json, "Intervals of time are too narrow", true);
  cJSON_DeleteItemFromObject(json, "success");
  assert_minds(json, "Not judged: probabilities of success", true);
  cJSON_Delete(json);
}

static void few_resamples_are_told(void **state) {
  (void)state;
  static const struct {
    double resamples;
    bool is_told;
  } CASES[] = {{100, true}, {198, true}, {200, false}, {10000, false}, {0, false}};
  /* Five comparisons: 5 * 2 / (R + 1) < 0.05 from R = 200 on. */
  for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
    cJSON *json = judged(), *test = cJSON_AddObjectToObject(json, "test");
    cJSON *settings = cJSON_AddObjectToObject(test, "settings");
    (void)cJSON_AddNumberToObject(cJSON_AddObjectToObject(settings, "evaluate"), "resamples",
                                  CASES[i].resamples);
    assert_minds(json, "at least 200 would be needed", CASES[i].is_told);
    cJSON_Delete(json);
  }
}

static void no_intervals_and_few_rows(void **state) {
  (void)state;
  cJSON *json = cJSON_Parse(
      "{\"affinity\":{\"recall_at_3\":{\"value\":0.5,\"lo\":null,"
      "\"hi\":null,\"n\":12,\"baselines\":{\"popularity\":0.4}}}}");
  assert_minds(json, "There are no intervals", true);
  assert_minds(json, "Ranking, people with a history rests on 12 rows only", true);
  assert_minds(json, "beside it: popularity, 40", true);
  assert_minds(json, "in the first 3 of their list", true);
  assert_minds(json, "Not judged: time to proficiency", true);
  cJSON_Delete(json);
}

/* --- odd objects -----------------------------------------------------------------------------
 */

static void spoiled_objects_break_nothing(void **state) {
  (void)state;
  const uint64_t seed = test_seed(1);
  for (uint64_t round = 0; round < 40; round++) {
    cJSON *json = judged();
    judged_spoil(json, seed * 1000 + round);
    xml_free(make(json));
    cJSON_Delete(json);
  }
  static const char *const EMPTY[] = {"{}", "[]", "null", "1", "[[],{}]"};
  for (size_t i = 0; i < sizeof EMPTY / sizeof *EMPTY; i++) {
    cJSON *json = cJSON_Parse(EMPTY[i]);
    xml_free(make(json));
    cJSON_Delete(json);
  }
}

static void many_contestants_have_a_page(void **state) {
  (void)state;
  cJSON *json = judged(), *against = cJSON_GetObjectItem(json, "against");
  for (int i = 0; i < 14; i++) {
    (void)cJSON_AddItemToArray(against, cJSON_Duplicate(against->child, true));
  }
  assert_minds(json, "and 10 more, which this page leaves out", true);
  cJSON_Delete(json);
}

static pfc_status write_page(void *user) { return report_write(user, "page.html", NULL); }

static void the_same_bytes_or_none(void **state) {
  (void)state;
  char *first = NULL, *second = NULL;
  size_t size = 0;
  cJSON *json = judged();
  (void)unlink("page.html");
  assert_true(count_down(write_page, json) > 10);
  assert_ok(pfc_file_read("page.html", 1 << 22, &first, &size, &err));
  assert_ok(report_write(json, "page.html", &err));
  assert_ok(pfc_file_read("page.html", 1 << 22, &second, &size, &err));
  assert_string_equal(first, second);
  assert_fails(report_write(json, "nowhere/page.html", &err), PFC_EIO, "nowhere/page.html");
  pfc_free(first);
  pfc_free(second);
  cJSON_Delete(json);
}

/* --- words -----------------------------------------------------------------------------------
 */

static void titles_tell_cut_off_and_group(void **state) {
  (void)state;
  static const char *const CASES[][2] = {
      {"recall_at_10", "recall in the first 10"},
      {"mrr", "mean reciprocal rank"},
      {"ece_by_day.90", "calibration error by day 90"},
      {"recommended.ece", "calibration error (among the recommended)"},
      {"at_truth.auc", "AUC (at truth)"},
      {"level.at_truth.bias", "bias (level, at truth)"},
      {"time.by_day.90", "90 (time, by day)"},
      {"rated.rmse", "root mean squared error (rated)"},
      {"recall_at_", "recall at "},
      {"something_new.by_week", "by week (something new)"},
      {"", ""},
  };
  char title[FIGURE_TITLE];
  for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
    assert_string_equal(figure_title(CASES[i][0], title), CASES[i][1]);
  }
}

static void verdicts_by_hand(void **state) {
  (void)state;
  const figure f = {0.5, 0.4, 0.6, 100}, none = {0.5, NAN, NAN, 100};
  static const struct {
    const char *figure;
    double other;
    verdict expected;
  } CASES[] = {
      {"mrr", 0.39, VERDICT_BETTER},          {"mrr", 0.4, VERDICT_OPEN},
      {"mrr", 0.61, VERDICT_WORSE},           {"log_loss", 0.61, VERDICT_BETTER},
      {"log_loss", 0.39, VERDICT_WORSE},      {"calibration_slope", 0.61, VERDICT_WORSE},
      {"mean_gap", 0.61, VERDICT_BETTER},     {"novelty_at_10", 0.2, VERDICT_DIFFERENT},
      {"unheard_of", 0.2, VERDICT_DIFFERENT},
  };
  for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
    const figure_word *word = figure_word_of(CASES[i].figure);
    assert_int_equal(verdict_beside(word, &f, CASES[i].other), CASES[i].expected);
    assert_int_equal(verdict_beside(word, &none, CASES[i].other), VERDICT_OPEN);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(it_needs_nothing_from_elsewhere),
      cmocka_unit_test(links_lead_somewhere),
      cmocka_unit_test(all_of_it_is_told),
      cmocka_unit_test(pictures_have_a_caption),
      cmocka_unit_test(the_headline_is_the_cut_off_next_to_10),
      cmocka_unit_test(cautions_follow_the_figures),
      cmocka_unit_test(few_resamples_are_told),
      cmocka_unit_test(no_intervals_and_few_rows),
      cmocka_unit_test(spoiled_objects_break_nothing),
      cmocka_unit_test(many_contestants_have_a_page),
      cmocka_unit_test(the_same_bytes_or_none),
      cmocka_unit_test(titles_tell_cut_off_and_group),
      cmocka_unit_test(verdicts_by_hand),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
