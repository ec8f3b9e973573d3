#include "cli/report.h"

#include <stdio.h>
#include <string.h>

#include "cli/plots.h"
#include "cli/report_internal.h"

static const report_section SECTIONS[] = {
    {"affinity", "Ranking, people with a history",
     "Each person's list is made on a day in the test period, over everything open that day "
     "that "
     "they had not passed yet. What they then started is what the list should have begun "
     "with."},
    {"affinity_new_people", "Ranking, people without a history",
     "The same for people of whom nothing was known but role and attributes."},
    {"profile", "Levels",
     "Ratings of the test period, each predicted as its source and rater would give it, from "
     "what was known before its day."},
    {"success", "Probability of success",
     "Starts in the test period whose result is known, each predicted from what was known that "
     "day."},
    {"accept", "Chance that an offer is accepted",
     "Offers of the test period whose answer is known and that the rules would have made, each "
     "predicted from what was known that day."},
    {"time", "Time to proficiency",
     "Test episodes: from the start to the level aimed at, or to whatever came before it."},
    {"dropped", "Dropping out", "The same episodes, judged by who drops out and when."},
    {"left", "Leaving", "The same episodes, judged by who leaves the organisation and when."},
    {"policy", "What recommendations are worth",
     "On one day of the simulated organisation everybody is led to at most one intervention, "
     "within seats and hours. What that closes of the gaps is counted by the laws the "
     "organisation was made with."},
    {"recovery", "How near the truth",
     "The simulated organisation knows what is true; these figures say how far estimates lie "
     "from it."},
    {"rounds", "The loop, round by round",
     "Recommend, let people respond, learn from it, recommend again."},
};
enum { N_SECTIONS = sizeof SECTIONS / sizeof *SECTIONS };

const report_section *report_sections(int *n) {
  *n = N_SECTIONS;
  return SECTIONS;
}

static bool has_content(const cJSON *json, const report_section *s) {
  const cJSON *part = report_part(json, s->key);
  return part && part->child;
}

/* --- top -------------------------------------------------------------------------------------
 */

static const char *file_name(const char *path) {
  const char *slash = strrchr(path, '/');
  return slash && slash[1] ? slash + 1 : path;
}

static void put_title(markup *m, const cJSON *json, const contestants *c) {
  const char *data = file_name(json_text(json, "dataset"));
  markup_text(m, c->of[0].name);
  if (*data) {
    markup_add(m, " on ");
    markup_text(m, data);
  }
}

static void put_head(markup *m, const cJSON *json, const contestants *c) {
  markup_add(m,
             "<!DOCTYPE html>\n<html xmlns=\"http://www.w3.org/1999/xhtml\" lang=\"en\">\n"
             "<head>\n<meta charset=\"utf-8\"/>\n<meta name=\"viewport\" "
             "content=\"width=device-width, initial-scale=1\"/>\n<title>");
  put_title(m, json, c);
  markup_add(m, " \xC2\xB7 evaluation</title>\n<style>\n%s</style>\n</head>\n<body>\n",
             REPORT_STYLE);
}

static void put_against(markup *m, const contestants *c) {
  if (c->n == 1) return;
  markup_add(m, "<p class=\"lead\">Beside it, on the same rows: ");
  for (int i = 1; i < c->n; i++) {
    markup_add(m, "%s", i > 1 ? ", " : "");
    markup_text(m, c->of[i].name);
  }
  if (c->n_more > 0) markup_add(m, " and %d more, which this page leaves out", c->n_more);
  markup_add(m, ".</p>\n");
}

static void put_navigation(markup *m, const cJSON *json) {
  markup_add(m, "<nav>\n");
  for (int i = 0; i < N_SECTIONS; i++) {
    if (!has_content(json, &SECTIONS[i])) continue;
    markup_add(m, "<a href=\"#%s\">%s</a>\n", SECTIONS[i].key, SECTIONS[i].title);
  }
  markup_add(m,
             "<a href=\"#reading\">How to read this</a>\n<a href=\"#origin\">Where it is "
             "from</a>\n</nav>\n");
}

static void put_top(markup *m, const cJSON *json, const contestants *c) {
  put_head(m, json, c);
  markup_add(m, "<header>\n<p class=\"kicker\">Proficio \xC2\xB7 evaluation</p>\n<h1>");
  put_title(m, json, c);
  markup_add(m,
             "</h1>\n<p class=\"lead\">Judged on rows that it was not trained on, each with "
             "what was known at its time and nothing later.</p>\n");
  put_against(m, c);
  put_navigation(m, json);
  markup_add(m, "</header>\n<main>\n<section id=\"brief\">\n<h2>In brief</h2>\n");
  report_headlines(m, json);
  markup_add(m, "<h3>What to mind</h3>\n");
  report_cautions(m, json);
  markup_add(m, "</section>\n");
}

/* --- sections --------------------------------------------------------------------------------
 */

static void put_caption(markup *m, const plot *p) {
  markup_add(m, "<figcaption>");
  markup_text(m, p->aid);
  markup_add(m, "</figcaption>\n</figure>\n");
}

static pfc_status put_pictures(markup *m, const cJSON *json, const char *section,
                               pfc_error *err) {
  pfc_status st = PFC_OK;
  int n;
  bool is_begun = false;
  markup picture = {0};
  const plot *all = plots_table(&n);
  for (int i = 0; i < n; i++) {
    bool is_drawn = false;
    if (strcmp(all[i].section, section) != 0) continue;
    markup_clear(&picture);
    PFC_TRY(all[i].draw(&all[i], json, &picture, &is_drawn, err));
    PFC_TRY(markup_status(&picture, err));
    if (!is_drawn) continue;
    markup_add(m, "%s<figure%s>\n%s", is_begun ? "" : "<div class=\"figures\">\n",
               all[i].is_wide ? " class=\"wide\"" : "", picture.text);
    is_begun = true;
    put_caption(m, &all[i]);
  }
  if (is_begun) markup_add(m, "</div>\n");
done:
  markup_clear(&picture);
  return st;
}

static pfc_status put_section(markup *m, const cJSON *json, const report_section *s,
                              pfc_error *err) {
  if (!has_content(json, s)) return PFC_OK;
  markup_add(m, "<section id=\"%s\">\n<h2>%s</h2>\n<p>%s</p>\n", s->key, s->title, s->intro);
  const pfc_status st = put_pictures(m, json, s->key, err);
  if (st != PFC_OK) return st;
  if (strcmp(s->key, "policy") == 0) {
    report_policies(m, json);
  } else {
    report_figures(m, json, s->key);
  }
  markup_add(m, "</section>\n");
  return PFC_OK;
}

/* --- reading and origin ----------------------------------------------------------------------
 */

static void put_reading(markup *m) {
  static const char *const AIDS[][2] = {
      {"What an interval means",
       "People are drawn anew from those who were judged, many times, and the figure is "
       "computed "
       "again each time; 95 % of the results lie in the interval. Another year of the same "
       "kind "
       "would give a figure of about that range. Where a simpler model's value lies inside, "
       "the "
       "data do not tell the two apart."},
      {"Better than what?",
       "A figure says little alone. Simpler models stand beside it: what is popular, the base "
       "rate, everybody's curve. A model that is not better than those earns nothing."},
      {"Which way is better",
       "It stands under each figure's name. Triangles say that a difference is more than "
       "chance: "
       "\xE2\x96\xB2 better, \xE2\x96\xBC worse."},
      {"Comparisons",
       "Contestants are judged on the same rows, and a difference is taken within the same "
       "people, which tells far more than two intervals side by side. With many comparisons "
       "some "
       "look real by chance; the p value of Holm accounts for that."},
      {"When not to trust this",
       "When the people judged are not those it will be used for; when test rows were chosen "
       "by "
       "hand; when the world changed since (a new role, a new catalogue); when few rows stand "
       "behind a figure; when models were tried on these same test rows until one looked good. "
       "Ranking figures count what people did start, which managers and habit had a hand in: "
       "they "
       "say how well choices are foreseen, not how much good a recommendation does."},
  };
  markup_add(m, "<section id=\"reading\">\n<h2>How to read this</h2>\n<dl>\n");
  for (size_t i = 0; i < sizeof AIDS / sizeof *AIDS; i++) {
    report_element(m, "dt", AIDS[i][0]);
    report_element(m, "dd", AIDS[i][1]);
  }
  markup_add(m, "</dl>\n</section>\n");
}

pfc_status report_make(const cJSON *json, markup *page, pfc_error *err) {
  contestants c;
  contestants_read(json, &c);
  put_top(page, json, &c);
  for (int i = 0; i < N_SECTIONS; i++) {
    const pfc_status st = put_section(page, json, &SECTIONS[i], err);
    if (st != PFC_OK) return st;
  }
  report_comparisons(page, json);
  put_reading(page);
  report_origin(page, json);
  markup_add(page, "</main>\n</body>\n</html>\n");
  return markup_status(page, err);
}

pfc_status report_write(const cJSON *json, const char *path, pfc_error *err) {
  markup page = {0};
  pfc_status st = report_make(json, &page, err);
  if (st == PFC_OK) st = markup_write(&page, path, err);
  markup_clear(&page);
  return st;
}
