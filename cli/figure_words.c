#include "cli/figure_words.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"

static const figure_word WORDS[] = {
    {"recall_at_", "recall in the first %s",
     "Of what people went on to start, the share that stood among the first places of their "
     "list.",
     0, GOAL_HIGHER, true},
    {"precision_at_", "precision in the first %s",
     "Of the first places, the share that was started.", 0, GOAL_HIGHER, true},
    {"hit_rate_at_", "hit rate in the first %s",
     "The share of lists with at least one hit among the first places.", 0, GOAL_HIGHER, true},
    {"ndcg_at_", "NDCG in the first %s",
     "Hits among the first places, those nearer the top counting more; 1 is the perfect order.",
     0, GOAL_HIGHER, false},
    {"mrr", "mean reciprocal rank",
     "One over the place of the first hit, on average; 0.5 is what a hit in second place has.",
     0, GOAL_HIGHER, false},
    {"map", "mean average precision", "How early all hits come, over the whole list.", 0,
     GOAL_HIGHER, false},
    {"novelty_at_", "novelty in the first %s",
     "How little known what is recommended is, in bits: rarely started things have more.", 0,
     GOAL_NONE, false},
    {"diversity_at_", "diversity in the first %s",
     "How little the competencies overlap between places of one list; 0 is all the same.", 0,
     GOAL_NONE, false},
    {"coverage_at_", "coverage in the first %s",
     "The share of all interventions that is recommended to anybody.", 0, GOAL_NONE, true},
    {"gini_at_", "Gini of exposure in the first %s",
     "How unequally places go to interventions: 0 all alike, 1 all places to one.", 0,
     GOAL_NONE, false},
    {"auc", "AUC",
     "The chance that of two rows, one that came out (passed, accepted) and one that did not, "
     "the first had the higher prediction; 0.5 is guessing.",
     0, GOAL_HIGHER, false},
    {"log_loss", "log loss",
     "How surprised the model was by what happened; it punishes "
     "confident mistakes hardest.",
     0, GOAL_LOWER, false},
    {"brier", "Brier score", "Mean squared distance of prediction and outcome.", 0, GOAL_LOWER,
     false},
    {"brier_reliability", "Brier score, reliability",
     "The part of the Brier score that wrong probabilities cost.", 0, GOAL_LOWER, false},
    {"brier_resolution", "Brier score, resolution",
     "The part of the Brier score that telling cases apart earns.", 0, GOAL_HIGHER, false},
    {"brier_uncertainty", "Brier score, uncertainty",
     "What the outcomes themselves leave open; the same for every model.", 0, GOAL_NONE, false},
    {"calibration_slope", "calibration slope",
     "1 is right; below 1 predictions are too extreme, above 1 too timid.", 1, GOAL_NEAR,
     false},
    {"calibration_intercept", "calibration intercept",
     "0 is right; below 0 the model promises too much, above 0 too little.", 0, GOAL_NEAR,
     false},
    {"mean_gap", "mean gap",
     "Mean prediction less mean outcome: how much too much is promised.", 0, GOAL_NEAR, false},
    {"ece", "calibration error",
     "How far predicted probabilities lie from what happens, on average over tenths of the "
     "rows.",
     0, GOAL_LOWER, false},
    {"c_index", "concordance",
     "The chance that of two people the one predicted to be earlier was; 0.5 is guessing.", 0,
     GOAL_HIGHER, false},
    {"c_ipcw", "concordance, corrected for censoring",
     "Concordance that does not depend on how long people were observed; 0.5 is guessing.", 0,
     GOAL_HIGHER, false},
    {"d_calibration", "D-calibration, p value",
     "Small values (below 0.05) say that predicted times are not distributed as real ones.", 0,
     GOAL_NONE, false},
    {"ibs", "integrated Brier score",
     "Squared distance of the predicted curve and what happened, over all days.", 0, GOAL_LOWER,
     false},
    {"nll", "negative log likelihood", "How surprised the model was by what happened.", 0,
     GOAL_LOWER, false},
    {"ece_by_day.", "calibration error by day %s",
     "How far the predicted share done by that day lies from the real one.", 0, GOAL_LOWER,
     false},
    {"interval_coverage", "coverage of p10 to p90",
     "The share of times that lie inside the predicted interval; 80 % is right.", 0.8,
     GOAL_NEAR, true},
    {"interval_score", "interval score, days",
     "Width of the interval p10 to p90 and a fine for times outside it.", 0, GOAL_LOWER, false},
    {"interval_pinball", "pinball loss of p10, p50, p90",
     "Days by which the predicted quantiles miss, each weighed by its side.", 0, GOAL_LOWER,
     false},
    {"gap_closed", "gap closed a person",
     "Risk-weighted skill gap that the recommendation closes, by the true laws.", 0,
     GOAL_HIGHER, false},
    {"gap_closed_per_hour", "gap closed an hour", "The same for each hour of learning.", 0,
     GOAL_HIGHER, false},
    {"effect", "effect, levels", "Levels gained that count towards a requirement.", 0,
     GOAL_HIGHER, false},
    {"regret", "regret", "How much less gap is closed than by the best possible choice.", 0,
     GOAL_LOWER, false},
    {"led", "people led to something", "The share of people who get a recommendation.", 0,
     GOAL_NONE, true},
    {"shortfall", "shortfall", "Risk-weighted skill gap that is left, a person.", 0, GOAL_LOWER,
     false},
    {"worth", "worth", "Risk-weighted skill gap closed a person.", 0, GOAL_HIGHER, false},
    {"rmse", "root mean squared error",
     "How far estimates lie from the truth, or from what was found, typically; large errors "
     "count most.",
     0, GOAL_LOWER, false},
    {"mae", "mean absolute error",
     "How far estimates lie from the truth, or from what was found, on average.", 0, GOAL_LOWER,
     false},
    {"coverage90", "coverage of the 90 % interval",
     "The share that lies inside the interval that should hold 90 %.", 0.9, GOAL_NEAR, true},
    {"pinball", "pinball loss of p05, p50, p95",
     "Levels by which the predicted quantiles miss, each weighed by its side.", 0, GOAL_LOWER,
     false},
    {"improvement.", "error less than that of %s",
     "By which share the root mean squared error is smaller than that of the simple rule.", 0,
     GOAL_HIGHER, true},
    {"improvement", "error less than that of the best simple rule",
     "By which share the root mean squared error is smaller.", 0, GOAL_HIGHER, true},
    {"ratio", "error, as a multiple of that at the truth",
     "1: nothing is lost by having to learn the parameters from ratings.", 1, GOAL_NEAR, false},
    {"priority_more", "what the order by priority has more",
     "NDCG of the order by priority less that of this order.", 0, GOAL_HIGHER, false},
    {"by_source.", "source %s", "Of the ratings of that source alone.", 0, GOAL_NONE, false},
    {"max_bias_error", "largest error of a source's bias, levels",
     "How far the learned bias of a source lies from the true one, at worst.", 0, GOAL_LOWER,
     false},
    {"max_slope_error", "largest error of a source's slope",
     "How far the learned slope of a source lies from the true one, at worst.", 0, GOAL_LOWER,
     false},
    {"max_noise_error", "largest error of a source's noise",
     "The same of the noise, as a share of the true one.", 0, GOAL_LOWER, true},
    {"max_leniency_error", "largest error of leniency, levels",
     "The same of how much the raters of a source differ.", 0, GOAL_LOWER, false},
    {"already_there", "already at the target",
     "The share of episodes that begin at their target.", 0, GOAL_NONE, true},
    {"within_p10_p90", "true times inside p10 to p90",
     "The share of the true distribution that the predicted interval holds; 80 % is right.",
     0.8, GOAL_NEAR, true},
    {"bias", "bias", "How far estimates lie above the truth, on average.", 0, GOAL_NEAR, false},
};

static const figure_word UNKNOWN = {"", NULL, "", 0, GOAL_NONE, false};

/* What is left of a name behind a key that a cut-off or a day follows: NULL when it is another
 * key. */
static const char *rest_of(const char *name, const char *key) {
  const size_t n = strlen(key);
  const bool is_open = n > 0 && (key[n - 1] == '_' || key[n - 1] == '.');
  if (!is_open) return strcmp(name, key) == 0 ? "" : NULL;
  return strncmp(name, key, n) == 0 && name[n] ? name + n : NULL;
}

static const figure_word *find(const char *name) {
  for (size_t i = 0; i < sizeof WORDS / sizeof *WORDS; i++) {
    if (rest_of(name, WORDS[i].key)) return &WORDS[i];
  }
  return NULL;
}

/* Where the figure's own name begins in a path such as "recommended.ece"; its end when no part
 * of it is known. */
static const char *own_name(const char *path) {
  for (;;) {
    if (find(path)) return path;
    const char *dot = strchr(path, '.');
    if (!dot) return path + strlen(path);
    path = dot + 1;
  }
}

const figure_word *figure_word_of(const char *name) {
  const figure_word *word = find(own_name(name));
  return word ? word : &UNKNOWN;
}

static void put_words(const char *words, char text[FIGURE_TITLE]) {
  (void)snprintf(text, FIGURE_TITLE, "%.*s", (int)pfc_utf8_cut(words, FIGURE_TITLE - 1), words);
  for (char *c = text; *c; c++) *c = *c == '_' ? ' ' : *c;
}

/* "recommended." -> " (among the recommended)", "level.at_truth." -> " (level, at truth)" */
static void put_group(const char *path, const char *own, char text[FIGURE_TITLE]) {
  char group[FIGURE_TITLE], words[FIGURE_TITLE];
  size_t at = 0;
  text[0] = '\0';
  if (own == path) return;
  for (const char *c = path; c < own - 1 && at < sizeof group - 2; c++) {
    group[at++] = *c == '.' ? ',' : *c;
    if (*c == '.') group[at++] = ' ';
  }
  group[at] = '\0';
  put_words(strcmp(group, "recommended") == 0 ? "among the recommended" : group, words);
  (void)snprintf(text, FIGURE_TITLE, " (%s)", words);
}

/* Of a figure that has no words: what stands behind the last dot. */
static const char *last_name(const char *path) {
  const char *dot = strrchr(path, '.');
  return dot && dot[1] ? dot + 1 : path;
}

const char *figure_title(const char *name, char title[FIGURE_TITLE]) {
  char group[FIGURE_TITLE], words[FIGURE_TITLE];
  const char *own = own_name(name);
  const figure_word *word = find(own);
  if (!word) own = last_name(name);
  put_group(name, own, group);
  if (!word) {
    put_words(own, words);
    (void)snprintf(title, FIGURE_TITLE, "%.70s%.80s", words, group);
    return title;
  }
  const size_t at = strcspn(word->title, "%");
  (void)snprintf(title, FIGURE_TITLE, "%.*s%.40s%.80s", (int)at, word->title,
                 word->title[at] ? rest_of(own, word->key) : "", group);
  return title;
}

const char *goal_text(const figure_word *word, char text[NUMERAL]) {
  switch (word->goal) {
    case GOAL_HIGHER:
      return "higher is better";
    case GOAL_LOWER:
      return "lower is better";
    case GOAL_NEAR:
      (void)snprintf(text, NUMERAL,
                     word->is_share ? "nearer %g %% is better" : "nearer %g is better",
                     word->is_share ? 100 * word->target : word->target);
      return text;
    case GOAL_NONE:
      break;
  }
  return "";
}

static double largest(const figure *f) {
  double size = fabs(f->value);
  if (fabs(f->lo) > size) size = fabs(f->lo);
  return fabs(f->hi) > size ? fabs(f->hi) : size;
}

int figure_decimals(const figure_word *word, const figure *f) {
  if (!word->is_share) return numeral_decimals(largest(f));
  const double width = f->hi - f->lo;
  return largest(f) < 0.0995 || (width > 0 && width < 0.03) ? 1 : 0;
}

const char *figure_text(const figure_word *word, int decimals, double value,
                        char text[NUMERAL]) {
  return word->is_share ? numeral_percent_fixed(value, decimals, text)
                        : numeral_fixed(value, decimals, text);
}

/* All three with as many digits as the largest needs. */
const char *figure_words(const figure *f, char text[FIGURE_WORDS]) {
  char value[NUMERAL], lo[NUMERAL], hi[NUMERAL];
  if (!isfinite(f->lo) || !isfinite(f->hi)) {
    (void)snprintf(text, FIGURE_WORDS, "%s", numeral_short(f->value, value));
    return text;
  }
  const int decimals = numeral_decimals(fmax(fabs(f->value), fmax(fabs(f->lo), fabs(f->hi))));
  (void)snprintf(text, FIGURE_WORDS, "%s (%s to %s)", numeral_fixed(f->value, decimals, value),
                 numeral_fixed(f->lo, decimals, lo), numeral_fixed(f->hi, decimals, hi));
  return text;
}

const char *model_title(const char *key, char text[FIGURE_TITLE]) {
  static const char *const TITLES[][2] = {
      {"itemknn", "item neighbours"},
      {"ease", "EASE"},
      {"slim", "SLIM"},
      {"oracle", "best possible"},
      {"manager", "managers' habit"},
      {"gap", "largest gap first"},
      {"value", "value (our ranking)"},
      {"kaplan_meier", "Kaplan-Meier"},
      {"recent", "popular lately"},
      {"aalen_johansen", "Aalen-Johansen"},
      {"refit", "refitted"},
      {"frozen", "never refitted"},
  };
  const char *title = key;
  for (size_t i = 0; i < sizeof TITLES / sizeof *TITLES; i++) {
    if (strcmp(TITLES[i][0], key) == 0) title = TITLES[i][1];
  }
  put_words(title, text);
  return text;
}

/* --- verdicts --------------------------------------------------------------------------------
 */

double figure_advantage(const figure_word *word, double value, double other) {
  switch (word->goal) {
    case GOAL_HIGHER:
      return value - other;
    case GOAL_LOWER:
      return other - value;
    case GOAL_NEAR:
      return fabs(other - word->target) - fabs(value - word->target);
    case GOAL_NONE:
      break;
  }
  return (double)NAN;
}

static verdict verdict_of(double by) {
  if (isnan(by)) return VERDICT_DIFFERENT;
  return by > 0 ? VERDICT_BETTER : by < 0 ? VERDICT_WORSE : VERDICT_DIFFERENT;
}

verdict verdict_beside(const figure_word *word, const figure *f, double other) {
  if (!isfinite(f->lo) || !isfinite(f->hi) || !isfinite(other)) return VERDICT_OPEN;
  if (other >= f->lo && other <= f->hi) return VERDICT_OPEN;
  return verdict_of(figure_advantage(word, f->value, other));
}

/* The value of a figure of the contestant of that name. */
static double value_of(const cJSON *json, const char *model, const char *path) {
  const cJSON *other;
  if (strcmp(json_text(json, "model"), model) == 0) return figure_of(json_at(json, path)).value;
  cJSON_ArrayForEach(other, cJSON_GetObjectItemCaseSensitive(json, "against")) {
    if (strcmp(json_text(other, "model"), model) == 0)
      return figure_of(json_at(other, path)).value;
  }
  return (double)NAN;
}

static bool is_decided(const comparison *c) {
  if (isfinite(c->p_holm)) return c->p_holm < 0.05;
  return c->lo > 0 || c->hi < 0;
}

/* What the row itself says is better, "nearer 0.8"; where it says nothing, the figure's words;
 * of policies without a figure it is gap closed. */
static figure_word goal_of(const cJSON *row, const comparison *c) {
  static const char NEARER[] = "nearer ";
  const char *dot = strchr(c->figure, '.'), *better = json_text(row, "better");
  figure_word word = *figure_word_of(*c->figure ? (dot ? dot + 1 : c->figure) : "gap_closed");
  if (strcmp(better, "higher") == 0) word.goal = GOAL_HIGHER;
  if (strcmp(better, "lower") == 0) word.goal = GOAL_LOWER;
  if (strcmp(better, "neither") == 0) word.goal = GOAL_NONE;
  if (strncmp(better, NEARER, sizeof NEARER - 1) == 0) {
    word.goal = GOAL_NEAR;
    word.target = strtod(better + sizeof NEARER - 1, NULL);
  }
  return word;
}

static verdict judge(const cJSON *row, const comparison *c, const cJSON *json) {
  if (!isfinite(c->difference) || !is_decided(c)) return VERDICT_OPEN;
  const figure_word word = goal_of(row, c);
  if (word.goal != GOAL_NEAR) return verdict_of(figure_advantage(&word, c->difference, 0));
  return verdict_of(figure_advantage(&word, value_of(json, c->first, c->figure),
                                     value_of(json, c->against, c->figure)));
}

void comparison_read(const cJSON *row, const cJSON *json, comparison *c) {
  const figure limits = figure_of(row);
  const char *policy = json_text(row, "policy");
  *c = (comparison){.figure = json_text(row, "figure"),
                    .first = *policy ? policy : json_text(row, "model"),
                    .against = json_text(row, "against"),
                    .is_of_policies = *policy != '\0',
                    .lo = limits.lo,
                    .hi = limits.hi};
  c->difference = json_finite(row, "difference");
  c->p_holm = json_finite(row, "p_holm");
  c->verdict = judge(row, c, json);
}
