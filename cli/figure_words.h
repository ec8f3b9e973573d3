/* What figures are called, what they mean and which way is better, in plain words; and what may
 * be said of a difference. */
#ifndef PROFICIO_CLI_FIGURE_WORDS_H
#define PROFICIO_CLI_FIGURE_WORDS_H

#include <cjson/cJSON.h>
#include <stdbool.h>

#include "cli/numeral.h"
#include "cli/plots_data.h"

typedef enum figure_goal { GOAL_NONE, GOAL_HIGHER, GOAL_LOWER, GOAL_NEAR } figure_goal;

typedef struct figure_word {
  const char *key;     /* "recall_at_": a cut-off follows; "ece_by_day.": a day does */
  const char *title;   /* "recall in the first %s" */
  const char *meaning; /* a sentence */
  double target;       /* of GOAL_NEAR */
  figure_goal goal;
  bool is_share; /* read as percent */
} figure_word;

/* By the name within its section, such as "recall_at_10" or "recommended.ece", of which the
 * last part tells; never NULL, but of an unknown name the title is NULL. */
const figure_word *figure_word_of(const char *name);

enum { FIGURE_TITLE = 160 };
/* "recall in the first 10", "calibration error (among the recommended)"; of an unknown name the
 * name itself, underscores as spaces. */
const char *figure_title(const char *name, char title[FIGURE_TITLE]);

/* "higher is better", "nearer 1 is better"; "" of what is neither good nor bad. */
const char *goal_text(const figure_word *word, char text[NUMERAL]);

/* Digits behind the point that the figure, its limits and what stands beside them are told
 * with: as many as the largest of them needs, and a share one where its interval is narrow. */
int figure_decimals(const figure_word *word, const figure *f);

/* A value as its figure is read, in percent or as a number. */
const char *figure_text(const figure_word *word, int decimals, double value,
                        char text[NUMERAL]);

enum { FIGURE_WORDS = 220 };
/* "0.384 (0.351 to 0.412)"; the value alone without an interval. */
const char *figure_words(const figure *f, char text[FIGURE_WORDS]);

/* "itemknn" -> "item neighbours": a policy, or a simpler model beside a figure. What is not
 * known stays as it is, but for underscores. Returns text. */
const char *model_title(const char *key, char text[FIGURE_TITLE]);

/* --- verdicts --------------------------------------------------------------------------------
 */

typedef enum verdict {
  VERDICT_OPEN, /* the data do not tell */
  VERDICT_BETTER,
  VERDICT_WORSE,
  VERDICT_DIFFERENT, /* but nothing says which is better */
} verdict;

/* By how much value is better than other; NaN where neither can be. */
double figure_advantage(const figure_word *word, double value, double other);

/* value beside one that has no interval of its own: open when that lies inside lo to hi. */
verdict verdict_beside(const figure_word *word, const figure *f, double other);

/* A row of "comparisons", of figures or of policies. Texts are borrowed. */
typedef struct comparison {
  const char *figure; /* "affinity.recall_at_10"; of policies "regret", or "": gap closed */
  const char *first, *against;
  bool is_of_policies;
  double difference, lo, hi, p_holm;
  verdict verdict; /* by p_holm where there is one, else by the interval */
} comparison;

/* json: the object that holds the list, for figures that are best near a target. */
void comparison_read(const cJSON *row, const cJSON *json, comparison *c);

#endif
