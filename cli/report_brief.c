/* The top of the page: what matters most, and what to mind. */
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/report_internal.h"

enum { WORDS = 512 };

/* --- headline figures --------------------------------------------------------------------- */

/* figure: its name within the section; one that ends in '_' stands for the cut-off nearest 10.
 */
typedef struct headline {
  const char *section, *figure, *name, *says;
  bool is_compared; /* with simpler models */
  const char *best; /* path of what the best possible choice has; NULL: nobody knows */
} headline;

static const headline HEADLINES[] = {
    {"affinity", "recall_at_", "Ranking, people with a history",
     "of what people started next stood in the first %s of their list", true, NULL},
    {"affinity_new_people", "recall_at_", "Ranking, people without a history",
     "of what people started next stood in the first %s of their list", true, NULL},
    {"profile", "coverage90", "Levels",
     "of ratings lay inside the interval that should hold 90 %", false, NULL},
    {"success", "auc", "Telling who will pass",
     "is how often the one who passed had the higher prediction than one who did not; guessing "
     "has 0.5",
     true, NULL},
    {"success", "ece", "Probabilities of success",
     "lies, on average, between what is predicted and what happens; 0 is right", false, NULL},
    {"accept", "auc", "Telling which offers are accepted",
     "is how often the accepted one had the higher prediction than one that was not; guessing "
     "has 0.5",
     true, NULL},
    {"time", "c_index", "Telling who is proficient first",
     "is how often the one who was proficient earlier was predicted to be; guessing has 0.5",
     true, NULL},
    {"time", "interval_coverage", "Intervals of time",
     "of times lay inside the predicted p10 to p90; 80 % is right", true, NULL},
    {"policy.policies.value", "gap_closed", "Gap closed, by the true laws",
     "of risk-weighted gap a person, in the simulated organisation; the best possible choice: ",
     false, "policy.policies.oracle.gap_closed"},
};
enum { N_HEADLINES = sizeof HEADLINES / sizeof *HEADLINES };

/* The figure of a headline, and its whole name; NULL when there is none with a value. */
static const cJSON *find_headline(const cJSON *json, const headline *h,
                                  char name[FIGURE_TITLE]) {
  const cJSON *item, *found = NULL, *section = json_at(json, h->section);
  const size_t n = strlen(h->figure);
  double nearest = INFINITY;
  cJSON_ArrayForEach(item, section) {
    const bool is_open = h->figure[n - 1] == '_';
    if (is_open ? strncmp(item->string, h->figure, n) != 0
                : strcmp(item->string, h->figure) != 0)
      continue;
    const double distance = is_open ? fabs(strtod(item->string + n, NULL) - 10) : 0;
    if (distance >= nearest || !isfinite(figure_of(item).value)) continue;
    nearest = distance;
    found = item;
    (void)snprintf(name, FIGURE_TITLE, "%.*s", FIGURE_TITLE - 1, item->string);
  }
  return found;
}

/* The simpler model that does best. */
static const cJSON *best_baseline(const figure_word *word, const cJSON *figure_json) {
  const cJSON *item, *best = NULL;
  cJSON_ArrayForEach(item, json_at(figure_json, "baselines")) {
    if (!cJSON_IsNumber(item) || !isfinite(item->valuedouble)) continue;
    if (!best || figure_advantage(word, item->valuedouble, best->valuedouble) > 0) best = item;
  }
  return best;
}

static void put_verdict(markup *m, const figure_word *word, const figure *f,
                        const cJSON *baseline) {
  char value[NUMERAL], title[FIGURE_TITLE];
  const verdict v = verdict_beside(word, f, baseline->valuedouble);
  const bool has_limits = isfinite(f->lo) && isfinite(f->hi);
  const char *says = v == VERDICT_BETTER  ? "better than"
                     : v == VERDICT_WORSE ? "worse than"
                     : has_limits         ? "no clear difference from"
                                          : "beside it:";
  markup_add(m, "<p class=\"verdict %s\">%s ",
             v == VERDICT_BETTER  ? "better"
             : v == VERDICT_WORSE ? "worse"
                                  : "open",
             says);
  markup_text(m, model_title(baseline->string, title));
  markup_add(m, ", %s</p>\n",
             figure_text(word, figure_decimals(word, f), baseline->valuedouble, value));
}

/* "%s" in what it says is the cut-off. */
static void put_says(markup *m, const cJSON *json, const headline *h, const char *name) {
  char best[NUMERAL];
  const char *gap = strstr(h->says, "%s");
  markup_add(m, "<p class=\"says\">");
  if (gap) {
    markup_words(m, h->says, (size_t)(gap - h->says));
    markup_text(m, name + strlen(h->figure));
  }
  markup_text(m, gap ? gap + 2 : h->says);
  if (h->best) {
    markup_text(m, numeral_short(figure_of(json_at(json, h->best)).value, best));
  }
  markup_add(m, "</p>\n");
}

static void put_card(markup *m, const cJSON *json, const headline *h, const char *name,
                     const cJSON *item) {
  char value[NUMERAL], lo[NUMERAL], hi[NUMERAL];
  const figure f = figure_of(item);
  const figure_word *word = figure_word_of(name);
  const int decimals = figure_decimals(word, &f);
  const cJSON *baseline = h->is_compared ? best_baseline(word, item) : NULL;
  markup_add(m, "<li><p class=\"name\">");
  markup_text(m, h->name);
  markup_add(m, "</p>\n<p class=\"value\">%s", figure_text(word, decimals, f.value, value));
  if (isfinite(f.lo) && isfinite(f.hi)) {
    markup_add(m, " <span class=\"limits\">%s to %s</span>",
               figure_text(word, decimals, f.lo, lo), figure_text(word, decimals, f.hi, hi));
  }
  markup_add(m, "</p>\n");
  put_says(m, json, h, name);
  if (baseline) put_verdict(m, word, &f, baseline);
  markup_add(m, "</li>\n");
}

void report_headlines(markup *m, const cJSON *json) {
  char name[FIGURE_TITLE];
  bool is_begun = false;
  for (int i = 0; i < N_HEADLINES; i++) {
    const cJSON *item = find_headline(json, &HEADLINES[i], name);
    if (!item) continue;
    if (!is_begun) markup_add(m, "<ul class=\"cards\">\n");
    is_begun = true;
    put_card(m, json, &HEADLINES[i], name, item);
  }
  if (is_begun) markup_add(m, "</ul>\n");
}

/* --- what to mind ----------------------------------------------------------------------------
 */

/* Items of a list that begins with the first of them. */
typedef struct cautions {
  markup *m;
  int n;
} cautions;

static void caution(cautions *list, const char *fmt, ...) PFC_PRINTF(2, 3);
static void caution(cautions *list, const char *fmt, ...) {
  char words[WORDS];
  va_list args;
  va_start(args, fmt);
  (void)vsnprintf(words, sizeof words, fmt, args);
  va_end(args);
  if (list->n++ == 0) markup_add(list->m, "<ul class=\"cautions\">\n");
  report_element(list->m, "li", words);
}

/* Headline figures that a simpler model has as well or better. */
static void mind_baselines(cautions *list, const cJSON *json) {
  char name[FIGURE_TITLE], title[FIGURE_TITLE], simpler[FIGURE_TITLE];
  for (int i = 0; i < N_HEADLINES; i++) {
    const headline *h = &HEADLINES[i];
    const cJSON *item = h->is_compared ? find_headline(json, h, name) : NULL;
    if (!item) continue;
    const figure f = figure_of(item);
    const figure_word *word = figure_word_of(name);
    const cJSON *baseline = best_baseline(word, item);
    if (!baseline || !isfinite(f.lo)) continue;
    const verdict v = verdict_beside(word, &f, baseline->valuedouble);
    if (v == VERDICT_BETTER) continue;
    caution(list, "%s: %s is %s %s. %s", h->name, figure_title(name, title),
            v == VERDICT_WORSE ? "worse than that of" : "not told apart from that of",
            model_title(baseline->string, simpler),
            v == VERDICT_WORSE ? "The simpler model would do better here."
                               : "The simpler model may do as well.");
  }
}

/* A figure that should be `target` and whose interval says that it is not. */
typedef struct expectation {
  const char *path;
  double target;
  const char *below, *above;
} expectation;

static void mind_targets(cautions *list, const cJSON *json) {
  static const expectation EXPECTED[] = {
      {"success.calibration_slope", 1,
       "Probabilities of success are too extreme: high ones should be lower, low ones higher",
       "Probabilities of success are too timid: high ones should be higher, low ones lower"},
      {"success.mean_gap", 0, "Success is promised too rarely",
       "Success is promised too often"},
      {"success.recommended.mean_gap", 0,
       "Of what is recommended, success is promised too rarely",
       "Of what is recommended, success is promised too often: the list picks what was "
       "overestimated"},
      {"time.interval_coverage", 0.8, "Intervals of time are too narrow",
       "Intervals of time are wider than they need to be"},
  };
  for (size_t i = 0; i < sizeof EXPECTED / sizeof *EXPECTED; i++) {
    const expectation *e = &EXPECTED[i];
    const figure f = figure_of(json_at(json, e->path));
    const char *dot = strchr(e->path, '.') + 1;
    char title[FIGURE_TITLE], words[FIGURE_WORDS];
    if (!isfinite(f.lo) || !isfinite(f.hi) || (f.lo <= e->target && f.hi >= e->target))
      continue;
    caution(list, "%s (%s %s, where %g is right).", f.value < e->target ? e->below : e->above,
            figure_title(dot, title), figure_words(&f, words), e->target);
  }
}

typedef struct extent {
  double n;          /* most rows of any figure */
  bool has_interval; /* any figure has one */
} extent;

static void measure(const char *path, const cJSON *item, void *user) {
  extent *e = user;
  const figure f = figure_of(item);
  (void)path;
  if (f.n > e->n) e->n = f.n;
  e->has_interval = e->has_interval || isfinite(f.lo);
}

static void mind_sizes(cautions *list, const cJSON *json) {
  int n_sections;
  char n[NUMERAL];
  bool has_interval = false, has_any = false;
  const report_section *sections = report_sections(&n_sections);
  for (int i = 0; i < n_sections; i++) {
    extent e = {0, false};
    report_each_figure(json_at(json, sections[i].key), measure, &e);
    has_interval = has_interval || e.has_interval;
    has_any = has_any || e.n > 0;
    if (!(e.n > 0) || e.n >= 200) continue;
    caution(list, "%s rests on %s rows only: intervals are wide, and may be too narrow still.",
            sections[i].title, numeral_fixed(e.n, 0, n));
  }
  if (has_any && !has_interval) {
    caution(list,
            "There are no intervals: nothing tells what is chance. Evaluate again with "
            "resamples.");
  }
}

static void mind_comparisons(cautions *list, const cJSON *json) {
  const cJSON *row;
  int n = 0, n_worse = 0;
  cJSON_ArrayForEach(row, json_at(json, "comparisons")) {
    comparison c;
    comparison_read(row, json, &c);
    n++;
    n_worse += c.verdict == VERDICT_WORSE;
  }
  /* p values of a bootstrap are no smaller than 2 / (resamples + 1), and Holm multiplies the
   * smallest by their number. */
  const double resamples = json_finite(json_at(json, "test.settings.evaluate"), "resamples");
  if (resamples > 0 && 2.0 * n / (resamples + 1) >= 0.05) {
    caution(list,
            "Among %d comparisons none can come out as real with %g resamples: at least %d "
            "would be needed (--resamples).",
            n, resamples, 40 * n);
  }
  if (n_worse > 0) {
    caution(list, "In %d of %d comparisons with the other contestants this one is worse.",
            n_worse, n);
  }
}

static void mind_absence(cautions *list, const cJSON *json) {
  static const char *const NEEDED[][2] = {{"affinity", "how well it ranks"},
                                          {"success", "probabilities of success"},
                                          {"time", "time to proficiency"}};
  for (size_t i = 0; i < sizeof NEEDED / sizeof *NEEDED; i++) {
    if (json_at(json, NEEDED[i][0])) continue;
    caution(list, "Not judged: %s. There is no such model, or no row to judge it on.",
            NEEDED[i][1]);
  }
  if (json_at(json, "policy")) {
    caution(list,
            "What policies are worth was counted in a simulated organisation, by its own "
            "laws; a real one has others.");
  }
}

void report_cautions(markup *m, const cJSON *json) {
  cautions list = {m, 0};
  mind_baselines(&list, json);
  mind_targets(&list, json);
  mind_comparisons(&list, json);
  mind_sizes(&list, json);
  mind_absence(&list, json);
  if (list.n > 0) {
    markup_add(m, "</ul>\n");
  } else {
    markup_add(m,
               "<p>Nothing in these figures asks for caution beyond what stands under "
               "\xE2\x80\x9CHow to read this\xE2\x80\x9D.</p>\n");
  }
}
