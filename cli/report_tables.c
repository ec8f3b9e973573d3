/* Tables of figures and of comparisons. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "cli/report_internal.h"

enum { PATH = 160, MAX_TOLD = 64 };

static bool is_figure(const cJSON *item) { return cJSON_HasObjectItem(item, "value"); }

static void walk(const char *prefix, const cJSON *object, report_figure_fn fn, void *user) {
  const cJSON *item;
  cJSON_ArrayForEach(item, object) {
    char path[PATH];
    if (!cJSON_IsObject(item) || strcmp(item->string, "baselines") == 0 ||
        strcmp(item->string, "curves") == 0)
      continue;
    const int n =
        snprintf(path, sizeof path, "%s%s%s", prefix, *prefix ? "." : "", item->string);
    if (n < 0 || (size_t)n >= sizeof path) continue;
    if (is_figure(item)) {
      fn(path, item, user);
    } else {
      walk(path, item, fn, user);
    }
  }
}

void report_each_figure(const cJSON *object, report_figure_fn fn, void *user) {
  if (cJSON_IsObject(object)) walk("", object, fn, user);
}

const cJSON *report_part(const cJSON *json, const char *section) {
  const cJSON *part = json_at(json, section), *other;
  cJSON_ArrayForEach(other, json_at(json, "against")) {
    if (!part) part = json_at(other, section);
  }
  return part;
}

void report_element(markup *m, const char *tag, const char *words) {
  markup_add(m, "<%s>", tag);
  markup_text(m, words);
  markup_add(m, "</%s>\n", tag);
}

/* --- a figure and its interval as a small picture --------------------------------------------
 */

enum { SPARK_WIDTH = 136, SPARK_EDGE = 6 };

typedef struct spark {
  double lo, hi; /* of what it shows */
} spark;

static void reach(spark *s, double value) {
  if (!isfinite(value) || fabs(value) > 1e300) return;
  s->lo = fmin(s->lo, value);
  s->hi = fmax(s->hi, value);
}

static double place(const spark *s, double value) {
  const double room = SPARK_WIDTH - 2.0 * SPARK_EDGE;
  return SPARK_EDGE + room * ((value - s->lo) / (s->hi - s->lo));
}

/* The interval as a line, the value as a dot, simpler models as upright strokes: each row on
 * its own scale, for the numbers stand beside it. */
static void draw_spark(markup *m, const figure *f, const cJSON *baselines) {
  const cJSON *item;
  spark s = {f->value, f->value};
  reach(&s, f->lo);
  reach(&s, f->hi);
  cJSON_ArrayForEach(item, baselines) {
    if (cJSON_IsNumber(item)) reach(&s, item->valuedouble);
  }
  if (!isfinite(f->value) || !(s.hi > s.lo)) return;
  markup_add(m, "<svg width=\"%d\" height=\"20\" viewBox=\"0 0 %d 20\" aria-hidden=\"true\">",
             SPARK_WIDTH, SPARK_WIDTH);
  if (isfinite(f->lo) && isfinite(f->hi)) {
    markup_add(m,
               "<line x1=\"%.1f\" y1=\"10\" x2=\"%.1f\" y2=\"10\" stroke=\"#0072b2\" "
               "stroke-width=\"2.5\"/>",
               place(&s, f->lo), place(&s, f->hi));
  }
  cJSON_ArrayForEach(item, baselines) {
    if (!cJSON_IsNumber(item) || !isfinite(item->valuedouble)) continue;
    const double at = place(&s, item->valuedouble);
    markup_add(m,
               "<line x1=\"%.1f\" y1=\"3\" x2=\"%.1f\" y2=\"17\" stroke=\"#1a1a1a\" "
               "stroke-width=\"1.6\"/>",
               at, at);
  }
  markup_add(m, "<circle cx=\"%.1f\" cy=\"10\" r=\"4\" fill=\"#0072b2\"/></svg>",
             place(&s, f->value));
}

/* --- figures ---------------------------------------------------------------------------------
 */

typedef struct figure_table {
  markup *m;
  const contestants *c;
  const char *section;
  int n_told; /* words whose meaning stands in a row above */
  const figure_word *told[MAX_TOLD];
} figure_table;

/* recall_at_5 below recall_at_2 needs no second explanation. */
static bool is_told(figure_table *t, const figure_word *word) {
  for (int i = 0; i < t->n_told; i++) {
    if (t->told[i] == word) return true;
  }
  if (t->n_told < MAX_TOLD) t->told[t->n_told++] = word;
  return false;
}

static const char *sign_of(verdict v) {
  switch (v) {
    case VERDICT_BETTER:
      return "better";
    case VERDICT_WORSE:
      return "worse";
    case VERDICT_DIFFERENT:
    case VERDICT_OPEN:
      break;
  }
  return "open";
}

static void put_value(markup *m, const figure_word *word, const figure *f) {
  char value[NUMERAL], lo[NUMERAL], hi[NUMERAL];
  const int decimals = figure_decimals(word, f);
  markup_add(m, "<td class=\"number\">%s", figure_text(word, decimals, f->value, value));
  if (isfinite(f->lo) && isfinite(f->hi)) {
    markup_add(m, "<br/><small>%s to %s</small>", figure_text(word, decimals, f->lo, lo),
               figure_text(word, decimals, f->hi, hi));
  }
  markup_add(m, "</td>\n");
}

/* A triangle alone on a line belongs to nothing. */
#define NO_BREAK "\xC2\xA0"

/* "popularity 0.181", in the colour of the verdict. */
static void put_baselines(markup *m, const figure_word *word, const figure *f,
                          const cJSON *baselines) {
  const cJSON *item;
  char value[NUMERAL], title[FIGURE_TITLE];
  bool is_first = true;
  markup_add(m, "<td class=\"beside\">");
  cJSON_ArrayForEach(item, baselines) {
    if (!cJSON_IsNumber(item)) continue;
    const verdict v = verdict_beside(word, f, item->valuedouble);
    markup_add(m, "%s<span class=\"%s\">", is_first ? "" : "<br/>", sign_of(v));
    markup_text(m, model_title(item->string, title));
    markup_add(m, " %s%s</span>",
               figure_text(word, figure_decimals(word, f), item->valuedouble, value),
               v == VERDICT_BETTER  ? NO_BREAK "\xE2\x96\xB2"
               : v == VERDICT_WORSE ? NO_BREAK "\xE2\x96\xBC"
                                    : "");
    is_first = false;
  }
  markup_add(m, "</td>\n");
}

static void put_row_head(markup *m, const char *path, const figure_word *word,
                         bool has_meaning) {
  char title[FIGURE_TITLE], goal[NUMERAL];
  markup_add(m, "<tr><th scope=\"row\">");
  markup_text(m, figure_title(path, title));
  if (word->title && has_meaning) {
    const char *direction = goal_text(word, goal);
    markup_add(m, "<small>");
    markup_text(m, word->meaning);
    markup_add(m, "%s%s%s</small>", *direction ? " (" : "", direction, *direction ? ")" : "");
  }
  markup_add(m, "</th>\n");
}

static void put_figure(const char *path, const cJSON *item, void *user) {
  figure_table *t = user;
  const figure_word *word = figure_word_of(path);
  const figure f = figure_of(json_at(json_at(t->c->of[0].json, t->section), path));
  const cJSON *baselines = json_at(item, "baselines");
  char n[NUMERAL];
  put_row_head(t->m, path, word, !is_told(t, word));
  put_value(t->m, word, &f);
  markup_add(t->m, "<td class=\"picture\">");
  draw_spark(t->m, &f, baselines);
  markup_add(t->m, "</td>\n");
  put_baselines(t->m, word, &f, baselines);
  for (int i = 1; i < t->c->n; i++) {
    const cJSON *part = json_at(t->c->of[i].json, t->section);
    if (!part) continue;
    const figure other = figure_of(json_at(part, path));
    put_value(t->m, word, &other);
  }
  markup_add(t->m, "<td class=\"number\">%s</td></tr>\n",
             numeral_fixed(json_finite(item, "n"), 0, n));
}

static void count(const char *path, const cJSON *item, void *user) {
  int *n = user;
  (void)path;
  (void)item;
  ++*n;
}

void report_figures(markup *m, const cJSON *json, const char *section) {
  contestants c;
  int n = 0;
  const cJSON *object = report_part(json, section);
  report_each_figure(object, count, &n);
  if (n == 0) return;
  contestants_read(json, &c);
  markup_add(m,
             "<div class=\"scroll\"><table class=\"judged\">\n<thead><tr><th "
             "scope=\"col\">Figure</th><th scope=\"col\" class=\"number\">");
  markup_text(m, c.n > 1 ? c.of[0].name : "Value, 95 % interval");
  markup_add(m, "</th><th scope=\"col\">Interval</th><th scope=\"col\">Simpler models</th>");
  for (int i = 1; i < c.n; i++) {
    if (!json_at(c.of[i].json, section)) continue;
    markup_add(m, "<th scope=\"col\" class=\"number\">");
    markup_text(m, c.of[i].name);
    markup_add(m, "</th>");
  }
  markup_add(m, "<th scope=\"col\" class=\"number\">n</th></tr></thead>\n<tbody>\n");
  figure_table t = {.m = m, .c = &c, .section = section};
  report_each_figure(object, put_figure, &t);
  markup_add(m, "</tbody></table></div>\n");
}

/* --- policies --------------------------------------------------------------------------------
 */

static void put_policy_value(markup *m, const char *key, const cJSON *policy) {
  const cJSON *item = json_at(policy, key);
  const figure_word *word = figure_word_of(key);
  const figure f = cJSON_IsNumber(item)
                       ? (figure){item->valuedouble, (double)NAN, (double)NAN, (double)NAN}
                       : figure_of(item);
  put_value(m, word, &f);
}

void report_policies(markup *m, const cJSON *json) {
  static const char *const KEYS[] = {"gap_closed", "regret", "gap_closed_per_hour", "effect",
                                     "led"};
  enum { N_KEYS = sizeof KEYS / sizeof *KEYS };
  char title[FIGURE_TITLE];
  const cJSON *policy, *all = json_at(json, "policy.policies");
  if (!all || !all->child) return;
  markup_add(m, "<div class=\"scroll\"><table>\n<thead><tr><th scope=\"col\">Policy</th>");
  for (int k = 0; k < N_KEYS; k++) {
    markup_add(m, "<th scope=\"col\" class=\"number\">%s</th>", figure_title(KEYS[k], title));
  }
  markup_add(m, "</tr></thead>\n<tbody>\n");
  cJSON_ArrayForEach(policy, all) {
    markup_add(m, "<tr><th scope=\"row\">");
    markup_text(m, model_title(policy->string, title));
    markup_add(m, "</th>\n");
    for (int k = 0; k < N_KEYS; k++) put_policy_value(m, KEYS[k], policy);
    markup_add(m, "</tr>\n");
  }
  markup_add(m, "</tbody></table></div>\n<dl>\n");
  for (int k = 0; k < N_KEYS; k++) {
    report_element(m, "dt", figure_title(KEYS[k], title));
    report_element(m, "dd", figure_word_of(KEYS[k])->meaning);
  }
  markup_add(m, "</dl>\n");
}

/* --- comparisons -----------------------------------------------------------------------------
 */

static const char *verdict_words(verdict v) {
  switch (v) {
    case VERDICT_BETTER:
      return "better";
    case VERDICT_WORSE:
      return "worse";
    case VERDICT_DIFFERENT:
      return "different";
    case VERDICT_OPEN:
      break;
  }
  return "not told apart";
}

static void put_p(markup *m, double p) {
  char text[NUMERAL];
  const bool is_small = p < 0.001;
  markup_add(m, "<td class=\"number\">%s%s</td>", is_small ? "&lt; " : "",
             numeral_fixed(is_small ? 0.001 : p, 3, text));
}

static void put_comparison(markup *m, const cJSON *row, const cJSON *json) {
  comparison c;
  char words[FIGURE_WORDS], n[NUMERAL], title[FIGURE_TITLE];
  comparison_read(row, json, &c);
  const figure f = {c.difference, c.lo, c.hi, (double)NAN};
  markup_add(m, "<tr><td><code>");
  markup_text(m, *c.figure ? c.figure : "policy.gap_closed");
  markup_add(m, "</code></td><td class=\"name\">");
  markup_text(m, c.is_of_policies ? model_title(c.first, title) : c.first);
  markup_add(m, "</td><td class=\"name\">");
  markup_text(m, c.is_of_policies ? model_title(c.against, title) : c.against);
  markup_add(m, "</td><td class=\"number\">%s</td>", figure_words(&f, words));
  put_p(m, json_finite(row, "p"));
  put_p(m, c.p_holm);
  markup_add(m, "<td class=\"number\">%s</td><td class=\"%s\">%s</td></tr>\n",
             numeral_fixed(json_finite(row, "n"), 0, n), sign_of(c.verdict),
             verdict_words(c.verdict));
}

void report_comparisons(markup *m, const cJSON *json) {
  const cJSON *row;
  const cJSON *const lists[] = {json_at(json, "comparisons"),
                                json_at(json, "policy.comparisons")};
  if (cJSON_GetArraySize(lists[0]) + cJSON_GetArraySize(lists[1]) == 0) return;
  markup_add(m,
             "<section id=\"comparisons\">\n<h2>Every comparison</h2>\n"
             "<p>Differences are first less second, on the same people. The last p value takes "
             "account of how many comparisons of figures, or of policies, there are (Holm); "
             "below 0.05 a difference counts as "
             "real.</p>\n<div class=\"scroll\"><table>\n<thead><tr><th "
             "scope=\"col\">Figure</th><th scope=\"col\">First</th><th "
             "scope=\"col\">Second</th><th scope=\"col\" class=\"number\">Difference, 95 %% "
             "interval</th><th scope=\"col\" class=\"number\">p</th><th scope=\"col\" "
             "class=\"number\">p, Holm</th><th scope=\"col\" class=\"number\">n</th><th "
             "scope=\"col\">First is</th></tr></thead>\n<tbody>\n");
  for (int i = 0; i < 2; i++) {
    cJSON_ArrayForEach(row, lists[i]) put_comparison(m, row, json);
  }
  markup_add(m, "</tbody></table></div>\n</section>\n");
}
