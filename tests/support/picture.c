#include "tests/support/near.h"

#include "tests/support/picture.h"

double picture_number(const char *label) {
  char digits[64];
  size_t n = 0;
  bool is_percent = false;
  for (const char *c = label; *c && n < sizeof digits - 1; c++) {
    if (strncmp(c, "\xE2\x88\x92", 3) == 0) digits[n++] = '-';
    is_percent = is_percent || *c == '%';
    if (strchr("0123456789.e+-", *c)) digits[n++] = *c;
  }
  digits[n] = '\0';
  char *end = NULL;
  const double value = strtod(digits, &end);
  if (end == digits || *end) fail_msg("'%s' is no number", label);
  return is_percent ? value / 100 : value;
}

static int first_label(const xml_document *d, int group) {
  for (int i = group + 1; i < d->n; i++) {
    if (d->element[i].parent == group) return i;
  }
  fail_msg("an axis without labels");
  return -1;
}

picture_scale picture_axis(const xml_document *d, const char *of, int n) {
  picture_scale s = {0};
  const char *key = *of == 'x' ? "x" : "y";
  const int group = xml_find(d, "g", of, n);
  if (group < 0) fail_msg("no axis '%s'", of);
  const int first = first_label(d, group);
  int last = first;
  while (last + 1 < d->n && d->element[last + 1].parent == group) last++;
  s.n_ticks = last - first + 1;
  assert_true(s.n_ticks >= 2);
  const double p0 = xml_number(&d->element[first], key),
               p1 = xml_number(&d->element[last], key);
  const double v0 = picture_number(d->element[first].text);
  const double v1 = picture_number(d->element[last].text);
  s.b = (v1 - v0) / (p1 - p0);
  s.a = v0 - s.b * p0;
  for (int i = first; i <= last; i++) {
    const double v = picture_number(d->element[i].text);
    assert_near(xml_number(&d->element[i], key), (v - s.a) / s.b, 0.5);
  }
  return s;
}

double picture_value(const picture_scale *s, double position) { return s->a + s->b * position; }

void picture_point(const xml_document *d, int i_group, double *x, double *y) {
  for (int i = i_group + 1; i < d->n; i++) {
    const xml_element *e = &d->element[i];
    if (e->parent != i_group || strcmp(e->name, "title") == 0) continue;
    if (strcmp(e->name, "circle") == 0) {
      *x = xml_number(e, "cx");
      *y = xml_number(e, "cy");
    } else if (strcmp(e->name, "rect") == 0) {
      *x = xml_number(e, "x") + xml_number(e, "width") / 2;
      *y = xml_number(e, "y") + xml_number(e, "height") / 2;
    } else {
      /* Diamonds and triangles begin at their tip, 5.2 above the middle, or below it. */
      const char *path = xml_value(e, "d");
      char *end = NULL;
      *x = strtod(path + 1, &end);
      *y = strtod(end, &end);
      *y += strstr(end, "-8.6") ? -5.2 : 5.2;
    }
    return;
  }
  fail_msg("a point without a shape");
}
