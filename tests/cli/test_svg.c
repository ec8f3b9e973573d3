// labels: property check
#include "tests/support/near.h"

#include "base/rng.h"
#include "cli/svg.h"
#include "tests/support/picture.h"

/* --- axes ------------------------------------------------------------------------------------
 */

static bool is_round(double step) {
  const double unit = pow(10, floor(log10(step) + 1e-9));
  const double times = step / unit;
  return fabs(times - 1) < 1e-6 || fabs(times - 2) < 1e-6 || fabs(times - 5) < 1e-6;
}

static void assert_fits(double lo, double hi, int n_ticks) {
  svg_axis a = svg_axis_of("x", SVG_NUMBER);
  svg_axis_cover(&a, lo);
  svg_axis_cover(&a, hi);
  assert_true(svg_axis_fit(&a, n_ticks));
  const double slack = 1e-8 * a.step;
  assert_true(a.lo <= lo + slack && a.hi >= hi - slack);
  /* No tick more than the data need. */
  assert_true(a.lo > lo - a.step * 1.001 && a.hi < hi + a.step * 1.001);
  assert_true(is_round(a.step));
  assert_near(a.lo / a.step, round(a.lo / a.step), 1e-6);
  const double n = (a.hi - a.lo) / a.step;
  assert_true(n > 0.5 && n < n_ticks + 2.5);
}

static void ticks_are_round_and_reach_the_data(void **state) {
  (void)state;
  pfc_rng rng;
  pfc_rng_init(&rng, test_seed(1), "axes", 0);
  for (int i = 0; i < 20000; i++) {
    const double size = pow(10, 12 * pfc_rng_uniform(&rng) - 6);
    const double middle = size * pfc_rng_normal(&rng) * (i % 3);
    const double half = size * (0.001 + pfc_rng_uniform(&rng));
    assert_fits(middle - half, middle + half, 3 + i % 6);
  }
}

static void odd_ranges_have_axes_too(void **state) {
  (void)state;
  svg_axis a = svg_axis_of("x", SVG_NUMBER);
  assert_false(svg_axis_fit(&a, 5));
  svg_axis_cover(&a, NAN);
  svg_axis_cover(&a, INFINITY);
  svg_axis_cover(&a, -1e305);
  assert_false(svg_axis_fit(&a, 5));
  const double alone[] = {0, 1, -3.7, 1e-12, 1e12, 1e300, -1e300};
  for (size_t i = 0; i < sizeof alone / sizeof *alone; i++) {
    svg_axis one = svg_axis_of("x", SVG_NUMBER);
    svg_axis_cover(&one, alone[i]);
    assert_true(svg_axis_fit(&one, 5));
    assert_true(one.lo < alone[i] && one.hi > alone[i]);
    assert_true((one.hi - one.lo) / one.step < 8);
  }
  svg_axis wide = svg_axis_of("x", SVG_NUMBER);
  svg_axis_cover(&wide, -1e300);
  svg_axis_cover(&wide, 1e300);
  assert_true(svg_axis_fit(&wide, 5));
  assert_true(isfinite(wide.lo) && isfinite(wide.hi) && isfinite(wide.step));
}

static void days_step_by_weeks_and_months(void **state) {
  (void)state;
  const double CASES[][2] = {{180, 30}, {45, 7}, {365, 60}, {1000, 180}, {7, 1}, {20000, 3650}};
  for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
    svg_axis a = svg_axis_of("days", SVG_DAYS);
    svg_axis_cover(&a, 0);
    svg_axis_cover(&a, CASES[i][0]);
    assert_true(svg_axis_fit(&a, 7));
    assert_near(a.step, CASES[i][1], 1e-9);
  }
}

/* --- a picture -------------------------------------------------------------------------------
 */

static svg_frame make_frame(double x_lo, double x_hi, double y_lo, double y_hi, svg_units y) {
  svg_frame f = {.left = 80, .top = 60, .right = 440, .bottom = 300};
  f.x = svg_axis_of("x < y", SVG_NUMBER);
  f.y = svg_axis_of("share", y);
  svg_axis_cover(&f.x, x_lo);
  svg_axis_cover(&f.x, x_hi);
  svg_axis_cover(&f.y, y_lo);
  svg_axis_cover(&f.y, y_hi);
  assert_true(svg_axis_fit(&f.x, 5) && svg_axis_fit(&f.y, 5));
  return f;
}

static void begin(markup *m) {
  const svg_picture p = {"known", "A < B & \"C\"", "it's", "what\x01 is seen", 460, 340};
  svg_begin(m, &p);
}

static xml_document *end(markup *m) {
  svg_end(m);
  assert_ok(markup_status(m, &err));
  xml_document *d = xml_read(m->text);
  markup_clear(m);
  return d;
}

static void it_tells_what_it_is(void **state) {
  (void)state;
  markup m = {0};
  begin(&m);
  xml_document *d = end(&m);
  const xml_element *root = &d->element[0];
  assert_string_equal(xml_value(root, "xmlns"), "http://www.w3.org/2000/svg");
  assert_string_equal(xml_value(root, "role"), "img");
  assert_string_equal(xml_value(root, "aria-labelledby"), "known-title known-desc");
  assert_string_equal(xml_value(root, "viewBox"), "0 0 460 340");
  assert_string_equal(d->element[1].name, "title");
  assert_string_equal(d->element[1].text, "A < B & \"C\"");
  assert_string_equal(xml_value(&d->element[1], "id"), "known-title");
  assert_string_equal(d->element[2].name, "desc");
  assert_string_equal(d->element[2].text, "what\xEF\xBF\xBD is seen");
  xml_free(d);
}

static void points_lie_where_the_axes_say(void **state) {
  (void)state;
  pfc_rng rng;
  pfc_rng_init(&rng, test_seed(2), "points", 0);
  for (int i = 0; i < 200; i++) {
    const double size = pow(10, 8 * pfc_rng_uniform(&rng) - 3);
    const double x_lo = size * pfc_rng_normal(&rng), x_hi = x_lo + size * (0.2 + i % 5);
    const svg_units units = i % 2 ? SVG_PERCENT : SVG_NUMBER;
    const svg_frame f = make_frame(x_lo, x_hi, 0.1, 0.1 + pfc_rng_uniform(&rng), units);
    const double x = x_lo + (x_hi - x_lo) * pfc_rng_uniform(&rng);
    const double y = f.y.lo + (f.y.hi - f.y.lo) * pfc_rng_uniform(&rng);
    const svg_style s = svg_style_of(i);
    double px, py;
    markup m = {0};
    begin(&m);
    svg_axes(&m, &f);
    svg_point(&m, &f, &s, x, y, "here & there");
    xml_document *d = end(&m);
    const picture_scale xs = picture_axis(d, "x ticks", 0), ys = picture_axis(d, "y ticks", 0);
    const int at = xml_find(d, "g", "point", 0);
    picture_point(d, at, &px, &py);
    /* Labels of the y axis stand 4 below their line; a pixel is the precision. */
    assert_near(picture_value(&xs, px), x, fabs(xs.b));
    assert_near(picture_value(&ys, py + 4), y, fabs(ys.b));
    assert_string_equal(d->element[at + 1].text, "here & there");
    xml_free(d);
  }
}

static int count_in(const char *text, char c) {
  int n = 0;
  for (; *text; text++) n += *text == c;
  return n;
}

static void lines_break_where_nothing_is_known(void **state) {
  (void)state;
  const double x[] = {0, 1, 2, 3, 4, 5}, y[] = {1, 2, NAN, 4, 5, 6};
  const double lo[] = {0, 1, 1, NAN, 4, 5}, hi[] = {2, 3, 3, 5, 6, INFINITY};
  const svg_frame f = make_frame(0, 5, 0, 8, SVG_NUMBER);
  const svg_style s = svg_style_of(0);
  markup m = {0};
  begin(&m);
  svg_line(&m, &f, &s, 6, x, y);
  svg_steps(&m, &f, &s, 6, x, y);
  svg_band(&m, &f, s.colour, true, 6, x, lo, hi);
  svg_line(&m, &f, &s, 1, x, y);
  svg_line(&m, &f, &s, 0, NULL, NULL);
  svg_point(&m, &f, &s, NAN, 1, NULL);
  svg_whisker_y(&m, &f, s.colour, 1, NAN, 2);
  svg_bar(&m, &f, s.colour, 0, 1, 0, NAN, NULL);
  xml_document *d = end(&m);
  assert_int_equal(xml_count(d, "path", NULL), 3);
  const char *line = xml_value(&d->element[xml_find(d, "path", NULL, 0)], "d");
  const char *steps = xml_value(&d->element[xml_find(d, "path", NULL, 1)], "d");
  const char *band = xml_value(&d->element[xml_find(d, "path", NULL, 2)], "d");
  assert_int_equal(count_in(line, 'M'), 2);
  assert_int_equal(count_in(line, 'L'), 3);
  assert_int_equal(count_in(steps, 'H'), 3);
  /* Rows 0 to 2 are one area; rows 3 and 5 lack a limit, row 4 alone is none. */
  assert_int_equal(count_in(band, 'M'), 1);
  assert_int_equal(count_in(band, 'Z'), 1);
  assert_int_equal(xml_count(d, "g", "point"), 0);
  assert_int_equal(xml_count(d, "line", "interval"), 0);
  assert_int_equal(xml_count(d, "g", "bar"), 0);
  xml_free(d);
}

/* By hand: x from 0 to 4 is 80 to 440, 90 a unit; y from 0 to 4 is 300 to 60, 60 a unit. */
static void a_band_in_steps_by_hand(void **state) {
  (void)state;
  const double x[] = {0, 2, 4}, lo[] = {0, 1, 2}, hi[] = {1, 2, 4};
  const svg_frame f = make_frame(0, 4, 0, 4, SVG_NUMBER);
  markup m = {0};
  begin(&m);
  svg_band(&m, &f, "#000000", true, 3, x, lo, hi);
  xml_document *d = end(&m);
  assert_string_equal(xml_value(&d->element[xml_find(d, "path", NULL, 0)], "d"),
                      "M80.00 240.00H260.00L260.00 180.00H440.00L440.00 60.00"
                      "L440.00 180.00V240.00L260.00 240.00V300.00L80.00 300.00Z");
  xml_free(d);
}

/* --- words -----------------------------------------------------------------------------------
 */

static void long_words_are_cut(void **state) {
  (void)state;
  svg_words w = {10, 20, SVG_START, 12, SVG_INK, false, 100};
  markup m = {0};
  begin(&m);
  svg_text(&m, &w, "short");
  svg_text(&m, &w,
           "\xC3\xA4\xC3\xB6\xC3\xBC \xE4\xB8\xAD\xE6\x96\x87 & <many> more characters");
  svg_text(&m, &w, "");
  svg_text(&m, &w, NULL);
  xml_document *d = end(&m);
  const int short_one = xml_find_text(d, "short");
  assert_true(short_one > 0);
  const char *cut = d->element[short_one + 1].text;
  assert_string_equal(d->element[short_one + 1].name, "text");
  assert_string_equal(cut + strlen(cut) - 3, "\xE2\x80\xA6");
  assert_memory_equal(cut, "\xC3\xA4\xC3\xB6\xC3\xBC \xE4\xB8\xAD\xE6\x96\x87 & <", 16);
  assert_true(svg_text_width(cut, 12) <= 100);
  assert_int_equal(d->n, short_one + 2);
  xml_free(d);
}

static void a_legend_stays_within_its_room(void **state) {
  (void)state;
  svg_entry entries[5];
  for (int i = 0; i < 5; i++) {
    entries[i] =
        (svg_entry){.name = i == 3 ? "a name that is so long that it cannot have place "
                                     "in any legend of whatever width there may be"
                                   : "a name of middling length",
                    .style = svg_style_of(i),
                    .has_marker = true};
  }
  assert_int_equal(svg_legend_rows(0, entries, 400), 0);
  assert_int_equal(svg_legend_rows(1, entries, 400), 1);
  assert_int_equal(svg_legend_rows(5, entries, 400), 4);
  markup m = {0};
  begin(&m);
  const int before = 5; /* svg, title, desc, rect, text of the title; the subtitle follows */
  svg_legend(&m, 5, entries, 12, 48, 400);
  xml_document *d = end(&m);
  int n_names = 0;
  for (int i = before + 1; i < d->n; i++) {
    const xml_element *e = &d->element[i];
    if (strcmp(e->name, "text") != 0) continue;
    n_names++;
    assert_true(xml_number(e, "x") + svg_text_width(e->text, 12) <= 413);
    const double y = xml_number(e, "y");
    assert_true(y > 48 && y < 48 + 4 * SVG_LEGEND_ROW);
  }
  assert_int_equal(n_names, 5);
  xml_free(d);
}

static void names_at_ends_do_not_overlap(void **state) {
  (void)state;
  pfc_rng rng;
  pfc_rng_init(&rng, test_seed(3), "labels", 0);
  const svg_frame f = make_frame(0, 5, 0, 10, SVG_NUMBER);
  for (int round = 0; round < 200; round++) {
    svg_entry entries[6];
    double y[6];
    int n = 0;
    for (int i = 0; i < 6; i++) {
      entries[i] = (svg_entry){.name = "name",
                               .style = svg_style_of(i),
                               .y = round % 3 ? 10 * pfc_rng_uniform(&rng) : 0.1 * i};
    }
    entries[5].y = NAN;
    markup m = {0};
    begin(&m);
    svg_end_labels(&m, &f, 6, entries, 120);
    xml_document *d = end(&m);
    for (int i = 0; i < d->n; i++) {
      if (strcmp(d->element[i].text, "name") == 0) y[n++] = xml_number(&d->element[i], "y");
    }
    assert_int_equal(n, 5);
    for (int i = 1; i < n; i++) assert_true(y[i] >= y[i - 1] + 14.99);
    assert_true(y[n - 1] <= f.bottom + 5);
    xml_free(d);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(ticks_are_round_and_reach_the_data),
      cmocka_unit_test(odd_ranges_have_axes_too),
      cmocka_unit_test(days_step_by_weeks_and_months),
      cmocka_unit_test(it_tells_what_it_is),
      cmocka_unit_test(points_lie_where_the_axes_say),
      cmocka_unit_test(lines_break_where_nothing_is_known),
      cmocka_unit_test(a_band_in_steps_by_hand),
      cmocka_unit_test(long_words_are_cut),
      cmocka_unit_test(a_legend_stays_within_its_room),
      cmocka_unit_test(names_at_ends_do_not_overlap),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
