// labels: property check
#include "tests/support/near.h"

#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "cli/plots.h"
#include "tests/support/countdown.h"
#include "tests/support/judged.h"
#include "tests/support/picture.h"

#define DIR_NAME "pictures"

/* Reads the object from a text; draws the picture of that name; NULL when there is none. */
static xml_document *draw(const cJSON *json, const char *name) {
  int n;
  const plot *all = plots_table(&n);
  xml_document *d = NULL;
  for (int i = 0; i < n; i++) {
    bool is_drawn = false;
    markup m = {0};
    if (strcmp(all[i].name, name) != 0) continue;
    assert_ok(all[i].draw(&all[i], json, &m, &is_drawn, &err));
    assert_ok(markup_status(&m, &err));
    assert_int_equal(is_drawn, m.size > 0);
    if (is_drawn) d = xml_read(m.text);
    markup_clear(&m);
    return d;
  }
  fail_msg("no picture %s", name);
  return d;
}

static xml_document *draw_text(const char *text, const char *name) {
  cJSON *json = cJSON_Parse(text);
  assert_non_null(json);
  xml_document *d = draw(json, name);
  cJSON_Delete(json);
  return d;
}

static xml_document *draw_judged(const char *name) {
  cJSON *json = judged();
  xml_document *d = draw(json, name);
  cJSON_Delete(json);
  assert_non_null(d);
  return d;
}

/* Is a point at this value on the picture's first axes, within a pixel? */
static bool has_point(const xml_document *d, int axis, double x, double y) {
  const picture_scale xs = picture_axis(d, "x ticks", axis), ys = picture_axis(d, "y ticks", 0);
  for (int n = 0, at; (at = xml_find(d, "g", "point", n)) >= 0; n++) {
    double px, py;
    picture_point(d, at, &px, &py);
    const double dx = (picture_value(&xs, px) - x) / xs.b;
    const double dy = (picture_value(&ys, py + 4) - y) / ys.b;
    if (fabs(dx) < 1 && fabs(dy) < 1) return true;
  }
  return false;
}

/* --- everything ------------------------------------------------------------------------------
 */

static void everything_is_drawn(void **state) {
  (void)state;
  int n;
  const plot *all = plots_table(&n);
  for (int i = 0; i < n; i++) {
    /* Only the first contestant is judged on these. */
    const bool is_alone = strstr(all[i].name, "comparisons_") &&
                          !strstr(
                              "comparisons_affinity comparisons_success comparisons_time "
                              "comparisons_policy",
                              all[i].name);
    cJSON *json = judged();
    xml_document *d = draw(json, all[i].name);
    cJSON_Delete(json);
    if (is_alone) {
      assert_null(d);
      continue;
    }
    if (!d) fail_msg("%s was not drawn", all[i].name);
    char id[80];
    (void)snprintf(id, sizeof id, "%s-title", all[i].name);
    assert_string_equal(xml_value(&d->element[1], "id"), id);
    assert_string_equal(d->element[2].text, all[i].aid);
    xml_free(d);
  }
}

/* Nothing may stand beyond the edge of the paper. */
static void assert_inside(const xml_document *d) {
  static const char *const ACROSS[] = {"x", "x1", "x2", "cx"}, *const DOWN[] = {"y", "y1", "y2",
                                                                                "cy"};
  const double width = xml_number(&d->element[0], "width");
  const double height = xml_number(&d->element[0], "height");
  for (int i = 1; i < d->n; i++) {
    const xml_element *e = &d->element[i];
    const bool is_turned = e->parent >= 0 && xml_value(&d->element[e->parent], "transform");
    if (is_turned) continue;
    for (int k = 0; k < 4; k++) {
      if (xml_value(e, ACROSS[k])) {
        const double at = xml_number(e, ACROSS[k]);
        if (!(at >= 0 && at <= width)) fail_msg("%s: %s=%g", e->name, ACROSS[k], at);
      }
      if (xml_value(e, DOWN[k])) {
        const double at = xml_number(e, DOWN[k]);
        if (!(at >= 0 && at <= height)) fail_msg("%s: %s=%g", e->name, DOWN[k], at);
      }
    }
  }
}

static void spoiled_objects_break_nothing(void **state) {
  (void)state;
  const uint64_t seed = test_seed(1);
  int n, n_drawn = 0;
  const plot *all = plots_table(&n);
  for (uint64_t round = 0; round < 150; round++) {
    cJSON *json = judged();
    judged_spoil(json, seed * 1000 + round);
    for (int i = 0; i < n; i++) {
      xml_document *d = draw(json, all[i].name);
      if (!d) continue;
      assert_inside(d);
      n_drawn++;
      xml_free(d);
    }
    cJSON_Delete(json);
  }
  /* Nor do they stop pictures that they do not touch. */
  assert_true(n_drawn > 500);
}

static void nothing_to_see_is_not_drawn(void **state) {
  (void)state;
  static const char *const EMPTY[] = {
      "{}",
      "[]",
      "null",
      "{\"success\":null,\"rounds\":[],\"policy\":{\"policies\":{}},\"comparisons\":[]}",
      "{\"success\":{\"curves\":{\"reliability\":[],\"lift\":[]}},"
      "\"affinity\":{\"curves\":{\"lorenz\":{\"items\":[],\"exposure\":[]}}},"
      "\"time\":{\"curves\":{\"incidence\":{\"days\":[],\"predicted\":[]}}}}",
      "{\"success\":{\"curves\":{\"reliability\":[{\"p\":null,\"observed\":0.5}],"
      "\"lift\":[{\"decile\":1,\"lift\":null}]}},\"rounds\":[{\"round\":1,\"policies\":"
      "{\"refit\":{\"regret\":{\"value\":null}}}}]}",
  };
  int n;
  const plot *all = plots_table(&n);
  for (size_t e = 0; e < sizeof EMPTY / sizeof *EMPTY; e++) {
    for (int i = 0; i < n; i++) assert_null(draw_text(EMPTY[e], all[i].name));
  }
}

/* --- each at its place -----------------------------------------------------------------------
 */

static void reliability_by_hand(void **state) {
  (void)state;
  xml_document *d = draw_judged("reliability");
  assert_int_equal(xml_count(d, "g", "point"), 6);
  assert_int_equal(xml_count(d, "line", "interval"), 6);
  assert_true(has_point(d, 0, 0.25, 0.3));
  assert_true(has_point(d, 0, 0.5, 0.45));
  assert_true(has_point(d, 0, 0.75, 0.8));
  assert_false(has_point(d, 0, 0.5, 0.5));
  /* The interval of the bin at 50 %, from 35 % to 55 %. */
  const picture_scale xs = picture_axis(d, "x ticks", 0), ys = picture_axis(d, "y ticks", 0);
  bool found = false;
  for (int n = 0, at; (at = xml_find(d, "line", "interval", n)) >= 0; n++) {
    const xml_element *e = &d->element[at];
    found = found || (fabs(picture_value(&xs, xml_number(e, "x1")) - 0.5) < 0.003 &&
                      fabs(picture_value(&ys, xml_number(e, "y1") + 4) - 0.35) < 0.005 &&
                      fabs(picture_value(&ys, xml_number(e, "y2") + 4) - 0.55) < 0.005);
  }
  assert_true(found);
  assert_true(xml_find_text(d, "predicted 50\xE2\x80\xAF%, observed 45\xE2\x80\xAF%, n 80") >
              0);
  /* Names as they are, without folders. */
  assert_true(xml_find_text(d, "<new> & \"b\xC3\xA4st\".h5") > 0);
  assert_true(xml_find_text(d, "old.h5") > 0);
  /* Bins are half way between their means, those at the ends as far beyond: each 0.25 wide. */
  double width = 0;
  assert_int_equal(xml_count(d, "g", "bar"), 3);
  for (int i = 0; i < d->n; i++) {
    const int parent = d->element[i].parent;
    if (parent < 0 || !xml_is(&d->element[parent], "g", "bar")) continue;
    if (strcmp(d->element[i].name, "rect") == 0) width += xml_number(&d->element[i], "width");
  }
  assert_near(width * xs.b, 0.75, 0.005);
  xml_free(d);
}

/* The same picture of other rows: neither's points stand in the other. */
static void reliability_of_acceptance(void **state) {
  (void)state;
  xml_document *d = draw_judged("reliability_accept");
  assert_int_equal(xml_count(d, "g", "point"), 2);
  assert_true(has_point(d, 0, 0.3, 0.2));
  assert_true(has_point(d, 0, 0.6, 0.7));
  assert_true(xml_find_text(d, "predicted chance of acceptance") > 0);
  assert_true(xml_find_text(d, "share that was accepted") > 0);
  /* Half way between the bins' means, as far beyond: 15 % to 45 %. */
  assert_true(xml_find_text(d, "120 offers, about 15\xE2\x80\xAF% to 45\xE2\x80\xAF%") > 0);
  xml_free(d);
}

static void alone_lift_is_bars(void **state) {
  (void)state;
  cJSON *json = judged();
  cJSON_DeleteItemFromObject(json, "against");
  xml_document *d = draw(json, "lift");
  cJSON_Delete(json);
  const picture_scale ys = picture_axis(d, "y ticks", 0);
  const double expected[] = {1.5, 0.5};
  for (int n = 0; n < 2; n++) {
    const int bar = xml_find(d, "g", "bar", n);
    const xml_element *rect = &d->element[bar + 2];
    assert_near(picture_value(&ys, xml_number(rect, "y") + 4), expected[n], 0.01);
    const double foot = xml_number(rect, "y") + xml_number(rect, "height");
    assert_near(picture_value(&ys, foot + 4), 0, 0.01);
  }
  assert_true(xml_find_text(d, "1.50") > 0);
  assert_true(xml_find_text(d, "tenth 1: 1.50 times the average, n 80") > 0);
  xml_free(d);
  d = draw_judged("lift");
  assert_int_equal(xml_count(d, "g", "bar"), 0);
  assert_int_equal(xml_count(d, "g", "point"), 4);
  xml_free(d);
}

static void incidence_ends_at_its_last_day(void **state) {
  (void)state;
  xml_document *d = draw_judged("incidence_time");
  const picture_scale xs = picture_axis(d, "x ticks", 0), ys = picture_axis(d, "y ticks", 0);
  /* Paths: swatches of the legend, band, steps, two predictions. */
  int last = -1;
  for (int n = 0, at; (at = xml_find(d, "path", NULL, n)) >= 0; n++) last = at;
  const char *line = xml_value(&d->element[last], "d");
  const char *end = strrchr(line, 'L');
  double x, y;
  assert_int_equal(sscanf(end, "L%lf %lf", &x, &y), 2);
  assert_near(picture_value(&xs, x), 90, 0.5);
  assert_near(picture_value(&ys, y + 4), 0.3, 0.003);
  xml_free(d);
}

static void comparisons_point_to_their_side(void **state) {
  (void)state;
  xml_document *d = draw_judged("comparisons_affinity");
  double x[3], y[3];
  assert_int_equal(xml_count(d, "g", "point"), 3);
  for (int n = 0; n < 3; n++) picture_point(d, xml_find(d, "g", "point", n), &x[n], &y[n]);
  const int none = xml_find_text(d, "no difference");
  const double middle = xml_number(&d->element[none], "x");
  /* Each on its own scale, the farther end of the interval at the edge of 232 / 2. */
  assert_near(x[0] - middle, 116 * 0.05 / 0.08, 1);
  assert_near(x[1] - middle, 116 * 0.04 / 0.07, 1);
  assert_near(x[2] - middle, -116 * 0.01 / 0.04, 1);
  assert_true(y[0] < y[1] && y[1] < y[2]);
  /* Higher recall is better, a higher Gini worse where the row says so; an interval across zero
   * tells nothing. */
  const char *const colours[] = {"#0072B2", "#D55E00", "#8a8a8a"};
  for (int n = 0; n < 3; n++) {
    assert_string_equal(xml_value(&d->element[xml_find(d, "g", "point", n)], "fill"),
                        colours[n]);
  }
  assert_true(xml_find_text(d, "mean reciprocal rank") > 0);
  assert_true(xml_find_text(d, "+0.050 (0.020 to 0.080)") > 0);
  xml_free(d);
}

/* 0.5 is farther from 1 than 0.9 is: the difference of -0.4 is a loss. And a difference that is
 * one by its own interval, but not among many, tells nothing. */
static void targets_and_many_comparisons_count(void **state) {
  (void)state;
  xml_document *d = draw_judged("comparisons_success");
  assert_string_equal(xml_value(&d->element[xml_find(d, "g", "point", 0)], "fill"), "#D55E00");
  xml_free(d);
  d = draw_judged("comparisons_time");
  assert_string_equal(xml_value(&d->element[xml_find(d, "g", "point", 0)], "fill"), "#8a8a8a");
  xml_free(d);
}

static void policies_stand_from_the_best_down(void **state) {
  (void)state;
  xml_document *d = draw_judged("policies");
  const picture_scale gap = picture_axis(d, "x ticks", 0),
                      regret = picture_axis(d, "x ticks", 1);
  static const double GAPS[] = {0.1, 0.07, 0.02}, REGRETS[] = {0, 0.03, 0.08};
  double row = 0;
  for (int i = 0; i < 3; i++) {
    double x, y;
    picture_point(d, xml_find(d, "g", "point", 2 * i), &x, &y);
    assert_near(picture_value(&gap, x), GAPS[i], 0.001);
    assert_true(y > row);
    row = y;
    picture_point(d, xml_find(d, "g", "point", 2 * i + 1), &x, &y);
    assert_near(picture_value(&regret, x), REGRETS[i], 0.001);
    assert_near(y, row, 0.01);
  }
  assert_true(xml_find_text(d, "best possible") < xml_find_text(d, "value (our ranking)"));
  xml_free(d);
}

/* 90 % of a normal lie within 1.645 standard deviations: 0.5 gives a bar of 0.8225, an error of
 * 0.4 a diamond at 0.658. A group without cells is left out. */
static void levels_by_hand(void **state) {
  (void)state;
  xml_document *d = draw_judged("level_by_evidence");
  const picture_scale ys = picture_axis(d, "y ticks", 0);
  static const double HALF[] = {0.8225, 0.41125}, NEED[] = {0.658, 0.4935};
  assert_int_equal(xml_count(d, "g", "bar"), 2);
  assert_int_equal(xml_count(d, "g", "point"), 2);
  for (int i = 0; i < 2; i++) {
    double x, y;
    const xml_element *rect = &d->element[xml_find(d, "g", "bar", i) + 2];
    assert_near(picture_value(&ys, xml_number(rect, "y") + 4), HALF[i], 0.005);
    picture_point(d, xml_find(d, "g", "point", i), &x, &y);
    assert_near(picture_value(&ys, y + 4), NEED[i], 0.005);
    assert_near(x, xml_number(rect, "x") + xml_number(rect, "width") / 2, 0.5);
  }
  assert_true(xml_find_text(d, "93 %") > 0);
  assert_true(xml_find_text(d,
                            "0 ratings: \xC2\xB1"
                            "0.82, 93 % inside, n 900") > 0);
  xml_free(d);
}

static void rounds_are_whole_numbers(void **state) {
  (void)state;
  xml_document *d = draw_judged("regret_by_round");
  assert_int_equal(picture_axis(d, "x ticks", 0).n_ticks, 3);
  assert_true(has_point(d, 0, 1, 0.06));
  assert_true(has_point(d, 0, 3, 0.04));
  assert_true(has_point(d, 0, 3, 0.08));
  assert_true(xml_find_text(d, "refitted") > 0);
  xml_free(d);
  /* Less regret is better. */
  d = draw_text(
      "{\"comparisons\":[{\"figure\":\"regret\",\"policy\":\"refit\",\"against\":"
      "\"frozen\",\"difference\":-0.02,\"lo\":-0.03,\"hi\":-0.01,\"p_holm\":0.01}]}",
      "comparisons_rounds");
  assert_string_equal(xml_value(&d->element[xml_find(d, "g", "point", 0)], "fill"), "#0072B2");
  assert_true(xml_find_text(d, "regret: refitted, against never refitted") > 0);
  xml_free(d);
}

/* A model that ranks only may stand first, and one that predicts as well beside it. */
static void the_first_need_not_have_all(void **state) {
  (void)state;
  static const char *const PICTURES[] = {"reliability", "lift", "incidence_time", "exposure"};
  static const char *const SECTIONS[] = {"success", "success", "time", "affinity"};
  for (int i = 0; i < 4; i++) {
    cJSON *json = judged();
    cJSON_DeleteItemFromObject(json, SECTIONS[i]);
    xml_document *d = draw(json, PICTURES[i]);
    assert_non_null(d);
    xml_free(d);
    cJSON_Delete(json);
  }
}

/* --- contestants ----------------------------------------------------------------------------
 */

static void files_of_one_name_are_told_apart(void **state) {
  (void)state;
#define ONE "\"success\":{\"curves\":{\"reliability\":[{\"p\":0.5,\"observed\":0.5}]}}"
  static const char TEXT[] =
      "{\"model\":\"a/m.h5\"," ONE ",\"against\":[{\"model\":\"x/b/m.h5\"," ONE
      "},"
      "{\"model\":\"nothing.h5\"},{\"model\":\"d.h5\"," ONE "},{\"model\":\"e.h5\"," ONE
      "},{\"model\":\"f.h5\"," ONE "},{\"model\":\"g.h5\"," ONE "},{\"model\":\"h.h5\"," ONE
      "}]}";
  xml_document *d = draw_text(TEXT, "reliability");
  /* Who has no such figures has no place in the legend. */
  assert_true(xml_find_text(d, "nothing.h5") < 0);
  assert_true(xml_find_text(d, "a/m.h5") > 0);
  assert_true(xml_find_text(d, "b/m.h5") > 0);
  assert_true(xml_find_text(d, "f.h5") > 0);
  assert_true(xml_find_text(d, "g.h5") < 0);
  assert_true(xml_find_text(d, "and 2 more, not drawn") > 0);
  assert_int_equal(xml_count(d, "g", "point"), 5);
  xml_free(d);
}

/* --- files -----------------------------------------------------------------------------------
 */

static char *read_picture(const char *name) {
  char path[200];
  char *text = NULL;
  size_t size;
  (void)snprintf(path, sizeof path, DIR_NAME "/%s.svg", name);
  assert_ok(pfc_file_read(path, 1 << 20, &text, &size, &err));
  return text;
}

static void pictures_are_files(void **state) {
  (void)state;
  int n = 0, n_again = 0;
  cJSON *json = judged();
  assert_ok(plots_write(json, DIR_NAME, &n, &err));
  assert_int_equal(n, 14);
  char *first = read_picture("reliability");
  assert_ok(plots_write(json, DIR_NAME, &n_again, &err));
  char *second = read_picture("reliability");
  assert_string_equal(first, second);
  pfc_free(first);
  pfc_free(second);
  /* What there is no more to see goes, what is somebody else's stays. */
  test_write_file(DIR_NAME "/other.svg", "mine", 4);
  cJSON_DeleteItemFromObject(json, "success");
  cJSON_DeleteItemFromObject(json, "against");
  assert_ok(plots_write(json, DIR_NAME, &n, &err));
  assert_int_equal(n, 12);
  assert_int_not_equal(access(DIR_NAME "/reliability.svg", F_OK), 0);
  assert_int_equal(access(DIR_NAME "/other.svg", F_OK), 0);
  test_write_file("a_file", "x", 1);
  assert_fails(plots_write(json, "a_file", &n, &err), PFC_EIO, "a_file");
  assert_fails(plots_write(json, "no/such/folder", &n, &err), PFC_EIO, "no/such/folder");
  cJSON_Delete(json);
}

static pfc_status write_all(void *user) {
  int n;
  return plots_write(user, DIR_NAME, &n, NULL);
}

static void short_memory_is_told(void **state) {
  (void)state;
  cJSON *json = judged();
  assert_true(count_down(write_all, json) > 20);
  cJSON_Delete(json);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(everything_is_drawn),
      cmocka_unit_test(spoiled_objects_break_nothing),
      cmocka_unit_test(nothing_to_see_is_not_drawn),
      cmocka_unit_test(reliability_by_hand),
      cmocka_unit_test(reliability_of_acceptance),
      cmocka_unit_test(alone_lift_is_bars),
      cmocka_unit_test(incidence_ends_at_its_last_day),
      cmocka_unit_test(comparisons_point_to_their_side),
      cmocka_unit_test(targets_and_many_comparisons_count),
      cmocka_unit_test(policies_stand_from_the_best_down),
      cmocka_unit_test(levels_by_hand),
      cmocka_unit_test(rounds_are_whole_numbers),
      cmocka_unit_test(the_first_need_not_have_all),
      cmocka_unit_test(files_of_one_name_are_told_apart),
      cmocka_unit_test(pictures_are_files),
      cmocka_unit_test(short_memory_is_told),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
