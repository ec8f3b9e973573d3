/* Where it stands, what it is worth, what is missing. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/utf8.h"
#include "cli/explain_tell_internal.h"

/* The 95th percentile of a standard normal: nine of ten lie within this many sds. */
static const double Z95 = 1.6448536269514722;

/* --- sentences ------------------------------------------------------------------------------
 */

void tell_sentence(telling *t, const char *key, int n, const slot *slots) {
  char text[SENTENCE];
  t->next = 0;
  if (t->st != PFC_OK) return;
  t->st = t->fn(t->section, words_say(t->v->w, key, n, slots, text), t->user, t->err);
}

void tell_plain(telling *t, const char *key) { tell_sentence(t, key, 0, NULL); }

static char *next_text(telling *t) { return t->text[t->next++ % N_TEXTS]; }

const char *told_number(telling *t, double x, int decimals) {
  return words_number(t->v->w, x, decimals, next_text(t));
}

const char *told_value(telling *t, double x) {
  const double size = fabs(x);
  return told_number(t, x, size >= 1 ? 2 : size >= 0.1 ? 3 : size >= 0.01 ? 4 : 5);
}

const char *told_percent(telling *t, double p) {
  return words_percent(t->v->w, p, next_text(t));
}

const char *told_count(telling *t, int64_t n) {
  char *text = next_text(t);
  (void)snprintf(text, NUMBER_TEXT, "%lld", (long long)n);
  return text;
}

const char *told_name(telling *t, const char *full) {
  char *text = next_text(t);
  (void)snprintf(text, NAME_TEXT, "%.*s", (int)pfc_utf8_cut(full, NAME_TEXT - 1), full);
  return text;
}

const char *told_day(telling *t, int32_t date) {
  if (date == PFC_NO_DATE) return words_template(t->v->w, "no_day");
  return explain_date(date, next_text(t));
}

const char *told_phrase(telling *t, const char *key, int n, const slot *slots) {
  return words_say(t->v->w, key, n, slots, next_text(t));
}

const char *explain_title(const explain_view *v, char text[SENTENCE]) {
  const slot slots[] = {{"title", explain_intervention(v, v->x->intervention)},
                        {"person", explain_id(v, "person", v->x->person)},
                        {"day", v->as_of}};
  return words_say(v->w, v->as_of[0] ? "page" : "page.undated", 3, slots, text);
}

pfc_status explain_tell(const explain_view *v, explain_fn fn, void *user, pfc_error *err) {
  static const struct {
    const char *section;
    void (*tell)(telling *t);
  } SECTIONS[] = {
      {"section.rank", tell_rank},         {"section.rules", tell_rules},
      {"section.value", tell_value},       {"section.gaps", tell_gaps},
      {"section.what_if", tell_what_ifs},  {"section.models", tell_models},
      {"section.evidence", tell_evidence}, {"section.not_used", tell_not_used},
  };
  telling t = {.v = v, .fn = fn, .user = user, .err = err};
  for (size_t k = 0; k < sizeof SECTIONS / sizeof *SECTIONS; k++) {
    t.section = SECTIONS[k].section;
    SECTIONS[k].tell(&t);
  }
  return t.st;
}

/* --- where it stands ------------------------------------------------------------------------
 */

static const char *title(telling *t, int32_t intervention) {
  return told_name(t, explain_intervention(t->v, intervention));
}

static void tell_must(telling *t) {
  const pfc_must *must = &t->v->x->must;
  if (!t->v->x->is_must) return;
  if (must->override_row >= 0) {
    SAY(t, "rank.forced",
        {"actor", told_name(t, explain_cell(t->v, PFC_OVERRIDES, "actor", must->override_row))},
        {"reason",
         told_name(t, explain_cell(t->v, PFC_OVERRIDES, "reason", must->override_row))});
  } else if (must->due_on == PFC_NO_DATE) {
    tell_plain(t, "rank.mandate");
  } else {
    SAY(t, "rank.mandate_due", {"day", told_day(t, must->due_on)});
  }
}

static void tell_neighbours(telling *t) {
  const pfc_explanation *x = t->v->x;
  const double value = x->score.value;
  if (x->rank > 1) {
    SAY(t, "rank.above", {"title", title(t, x->above)},
        {"more", told_value(t, x->above_value - value)});
  }
  if (x->rank > 0 && x->below >= 0) {
    SAY(t, "rank.below", {"title", title(t, x->below)},
        {"less", told_value(t, value - x->below_value)});
  }
  if (x->rank == 0 && x->above >= 0) {
    SAY(t, "rank.best", {"title", title(t, x->above)},
        {"value", told_value(t, x->above_value)});
  }
}

void tell_rank(telling *t) {
  const pfc_explanation *x = t->v->x;
  const char *key = !x->is_allowed ? "rank.barred"
                    : x->rank == 0 ? "rank.useless"
                    : x->rank == 1 ? "rank.first"
                                   : "rank.at";
  tell_must(t);
  SAY(t, key, {"rank", told_count(t, x->rank)}, {"n", told_count(t, x->n_ranked)},
      {"value", told_value(t, x->score.value)});
  tell_neighbours(t);
}

/* --- what it is worth -----------------------------------------------------------------------
 */

static void tell_term(telling *t, const pfc_term *term) {
  const int32_t competency = pfc_scorer_catalogue(t->v->s->scorer)->competency[term->target];
  const char *what = competency < 0 ? words_template(t->v->w, "value.any")
                                    : told_name(t, explain_competency(t->v, competency));
  SAY(t, "value.target", {"competency", what}, {"levels", told_number(t, term->levels, 2)},
      {"worth", told_value(t, term->worth)}, {"success", told_percent(t, term->success)},
      {"discount", told_percent(t, term->discount)}, {"anyway", told_percent(t, term->anyway)},
      {"brings", told_value(t, term->brings)});
}

static void tell_price(telling *t) {
  const pfc_explanation *x = t->v->x;
  const pfc_catalogue *cat = pfc_scorer_catalogue(t->v->s->scorer);
  if (x->price_of_cost > 0) {
    SAY(t, "value.cost", {"cost", told_number(t, cat->cost[x->intervention], 0)},
        {"price", told_value(t, x->price_of_cost)});
  }
  if (x->price_of_hours > 0) {
    SAY(t, "value.hours", {"hours", told_number(t, cat->hours[x->intervention], 1)},
        {"price", told_value(t, x->price_of_hours)});
  }
}

static void tell_times(telling *t) {
  const pfc_score *score = &t->v->x->score;
  if (isnan(score->quantile_days[1])) return;
  SAY(t, "value.time", {"incidence", told_percent(t, score->incidence)},
      {"horizon", told_number(t, t->v->s->horizon_days, 0)},
      {"days", told_number(t, score->quantile_days[1], 0)},
      {"early", told_number(t, score->quantile_days[0], 0)},
      {"late", told_number(t, score->quantile_days[2], 0)});
}

void tell_value(telling *t) {
  const pfc_explanation *x = t->v->x;
  if (x->n_terms == 0) {
    SAY(t, "value.baseline", {"value", told_value(t, x->score.value)});
    return;
  }
  for (int k = 0; k < x->n_terms; k++) tell_term(t, &x->term[k]);
  if (x->score.teaches != 1)
    SAY(t, "value.teaches", {"share", told_percent(t, x->score.teaches)});
  tell_price(t);
  SAY(t, isnan(x->score.accept) ? "value.no_accept" : "value.accept",
      {"accept", told_percent(t, x->score.accept)}, {"value", told_value(t, x->score.value)});
  tell_times(t);
}

/* --- what is missing ------------------------------------------------------------------------
 */

bool is_aimed_at(const explain_view *v, int32_t competency) {
  const pfc_catalogue *cat = pfc_scorer_catalogue(v->s->scorer);
  const int32_t i = v->x->intervention;
  for (int32_t t = cat->first[i]; t < cat->first[i + 1]; t++) {
    if (cat->competency[t] == competency) return competency >= 0;
  }
  return false;
}

static void tell_gap(telling *t, const pfc_gap *gap) {
  const char *key = isnan(gap->level) ? "gap.unknown" : "gap.row";
  SAY(t, key, {"competency", told_name(t, explain_competency(t->v, gap->competency))},
      {"role", told_name(t, explain_role(t->v, gap->role))},
      {"required", told_number(t, gap->required, 1)}, {"level", told_number(t, gap->level, 1)},
      {"low", told_number(t, gap->level - Z95 * gap->level_sd, 1)},
      {"high", told_number(t, gap->level + Z95 * gap->level_sd, 1)},
      {"p", told_percent(t, gap->p_gap)});
  SAY(t, "gap.factors", {"competency", told_name(t, explain_competency(t->v, gap->competency))},
      {"weight", told_number(t, pfc_gap_weight(gap), 2)},
      {"importance", told_number(t, gap->importance, 2)},
      {"criticality", told_number(t, gap->criticality, 2)},
      {"demand", told_number(t, gap->demand, 2)},
      {"compliance", told_number(t, gap->compliance, 2)},
      {"vacancies", told_number(t, gap->vacancies, 2)}, {"goal", told_number(t, gap->goal, 2)});
}

/* Targets that the role does not ask for close no gap. */
static void tell_not_asked(telling *t) {
  const pfc_catalogue *cat = pfc_scorer_catalogue(t->v->s->scorer);
  const int32_t i = t->v->x->intervention;
  for (int32_t k = cat->first[i]; k < cat->first[i + 1]; k++) {
    const int32_t c = cat->competency[k];
    if (c < 0 || t->v->x->gaps->place[c] >= 0) continue;
    SAY(t, "gap.not_asked", {"competency", told_name(t, explain_competency(t->v, c))});
  }
}

void tell_gaps(telling *t) {
  const pfc_person_gaps *gaps = t->v->x->gaps;
  if (!gaps) return;
  if (gaps->n == 0) {
    tell_plain(t, "gap.none");
    return;
  }
  for (int32_t k = 0; k < gaps->n; k++) {
    if (is_aimed_at(t->v, gaps->at[k].competency)) tell_gap(t, &gaps->at[k]);
  }
  tell_not_asked(t);
}
