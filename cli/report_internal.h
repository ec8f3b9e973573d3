/* What the parts of the page share. */
#ifndef PROFICIO_CLI_REPORT_INTERNAL_H
#define PROFICIO_CLI_REPORT_INTERNAL_H

#include "cli/figure_words.h"
#include "cli/report.h"

/* A part of the object that has a part of the page. */
typedef struct report_section {
  const char *key;
  const char *title;
  const char *intro;
} report_section;
const report_section *report_sections(int *n);

/* Called for every figure below an object: an object with a "value", however deep it stands;
 * baselines and curves are none. path: "recall_at_10", "ece_by_day.90". */
typedef void (*report_figure_fn)(const char *path, const cJSON *figure, void *user);
void report_each_figure(const cJSON *object, report_figure_fn fn, void *user);

/* A section of the first contestant who has it, for the first of all may lack a model that
 * another has; NULL when nobody has. */
const cJSON *report_part(const cJSON *json, const char *section);

extern const char REPORT_STYLE[];

/* "<TAG>words</TAG>", the words escaped. */
void report_element(markup *m, const char *tag, const char *words);

/* Headline figures as cards; nothing when there are none. */
void report_headlines(markup *m, const cJSON *json);
/* What whoever reads should mind. */
void report_cautions(markup *m, const cJSON *json);
/* All figures of a section, those of other contestants beside them. */
void report_figures(markup *m, const cJSON *json, const char *section);
/* Policies and their figures. */
void report_policies(markup *m, const cJSON *json);
/* Every comparison with its p values. */
void report_comparisons(markup *m, const cJSON *json);
/* Models, data, settings. */
void report_origin(markup *m, const cJSON *json);

#endif
