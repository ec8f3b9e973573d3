/* What moves the numbers, what would change its place, what all of it rests on. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "cli/explain_tell_internal.h"
#include "models/logistic.h"

/* So many terms of a model are told one by one, and so many assessments of a competency. */
enum { MOST_PARTS = 6, MOST_HEARD = 3 };

/* --- models ---------------------------------------------------------------------------------
 */

static const char *group_words(telling *t, const char *group) {
  char key[64];
  (void)snprintf(key, sizeof key, "group.%.50s", group);
  const char *text = words_template(t->v->w, key);
  return strcmp(text, key) == 0 ? group : text;
}

static const char *part_words(telling *t, const pfc_breakdown *b, const pfc_part *part) {
  char column[256];
  const pfc_bundle *bundle = t->v->s->bundle;
  if (part->kind == PFC_PART_INTERCEPT) return words_template(t->v->w, "part.intercept");
  if (part->kind == PFC_PART_AFFINITY) return words_template(t->v->w, "part.affinity");
  if (part->kind == PFC_PART_CALIBRATION) return words_template(t->v->w, "part.calibration");
  pfc_features_column_name(b->features, bundle->dicts, bundle->n_dicts, part->column, column);
  return PHRASE(t, "part.column", {"group", group_words(t, part->field->group)},
                {"name", told_name(t, column)});
}

/* "+0.42": which way it moves is the point. */
static const char *amount(telling *t, double x) {
  char *text = t->text[t->next++ % N_TEXTS];
  text[0] = x < 0 ? '-' : '+';
  (void)words_number(t->v->w, fabs(x), 2, text + 1);
  return text;
}

static void tell_breakdown(telling *t, const pfc_breakdown *b) {
  char key[64];
  double rest = 0;
  const pfc_catalogue *cat = pfc_scorer_catalogue(t->v->s->scorer);
  const int32_t c = b->target < 0 ? -1 : cat->competency[b->target];
  (void)snprintf(key, sizeof key, "told.%s", pfc_told_name(b->told));
  SAY(t, b->target < 0 ? "model.chance" : "model.cause",
      {"model", words_template(t->v->w, key)}, {"p", told_percent(t, pfc_logistic(b->sum))},
      {"competency", c < 0 ? words_template(t->v->w, "value.any")
                           : told_name(t, explain_competency(t->v, c))},
      {"sum", amount(t, b->sum)});
  for (int k = 0; k < b->n; k++) {
    if (k >= MOST_PARTS) rest += b->part[k].amount;
    if (k >= MOST_PARTS) continue;
    SAY(t, "model.part", {"amount", amount(t, b->part[k].amount)},
        {"what", part_words(t, b, &b->part[k])});
  }
  if (b->n <= MOST_PARTS) return;
  SAY(t, "model.rest", {"amount", amount(t, rest)}, {"n", told_count(t, b->n - MOST_PARTS)});
}

/* Of causes the main target's alone: JSON has those of all. */
void tell_models(telling *t) {
  const pfc_explanation *x = t->v->x;
  for (int k = 0; k < x->n_breakdowns; k++) {
    const pfc_breakdown *b = &x->breakdown[k];
    const bool is_main = b->target < 0 || b->target == x->score.target;
    if (is_main && explain_shows(b)) tell_breakdown(t, b);
  }
}

/* --- what if --------------------------------------------------------------------------------
 */

static const char *condition(telling *t, const pfc_what_if *w) {
  char key[64];
  switch (w->what) {
    case PFC_IF_LEVEL:
      return PHRASE(t, "if.level",
                    {"competency", told_name(t, explain_competency(t->v, w->competency))});
    case PFC_IF_RULE:
      (void)snprintf(key, sizeof key, "rule.%s", pfc_rule_name(w->rule));
      return PHRASE(t, "if.rule", {"rule", words_template(t->v->w, key)});
    case PFC_IF_RULES:
      return words_template(t->v->w, "if.rules");
    case PFC_IF_HOURS:
      return words_template(t->v->w, "if.hours");
    case PFC_IF_ACCEPT:
      return words_template(t->v->w, "if.accept");
  }
  return "";
}

void tell_what_ifs(telling *t) {
  const pfc_explanation *x = t->v->x;
  for (int k = 0; k < x->n_what_ifs; k++) {
    const pfc_what_if *w = &x->what_if[k];
    const bool is_barred = w->rank == 0 && w->value > 0;
    /* What rules keep out has no place that anything but a rule could change. */
    if (is_barred && w->what != PFC_IF_RULE) continue;
    const char *key = is_barred            ? "then.barred"
                      : w->rank == 0       ? "then.out"
                      : w->rank == x->rank ? "then.same"
                                           : "then.rank";
    SAY(t, key, {"if", condition(t, w)}, {"rank", told_count(t, w->rank)},
        {"value", told_value(t, w->value)});
    if (w->what == PFC_IF_LEVEL && w->rank != 1 && w->first >= 0 && w->rank != x->rank) {
      SAY(t, "then.first", {"title", told_name(t, explain_intervention(t->v, w->first))});
    }
  }
}

/* --- evidence -------------------------------------------------------------------------------
 */

static void tell_rating(telling *t, const pfc_heard *h) {
  const bool is_dated = h->day != PFC_NO_DATE && t->v->as_of[0];
  const int32_t today = pfc_scorer_as_of(t->v->s->scorer);
  const char *source = explain_id(t->v, "source", h->source);
  SAY(t, is_dated ? "evidence.rating" : "evidence.undated",
      {"competency", told_name(t, explain_competency(t->v, h->competency))},
      {"level", told_number(t, h->level, 1)},
      {"source", *source ? told_name(t, source) : words_template(t->v->w, "evidence.source")},
      {"day", told_day(t, h->day)}, {"age", told_count(t, is_dated ? today - h->day : 0)},
      {"noise", told_number(t, h->noise, 1)});
}

static void tell_ratings(telling *t, int32_t competency) {
  const pfc_explanation *x = t->v->x;
  int n = 0;
  for (int k = 0; k < x->n_heard; k++) {
    if (x->heard[k].competency == competency && n++ < MOST_HEARD) tell_rating(t, &x->heard[k]);
  }
  if (n > MOST_HEARD) SAY(t, "evidence.more", {"n", told_count(t, n - MOST_HEARD)});
  if (n == 0) {
    SAY(t, "evidence.unrated",
        {"competency", told_name(t, explain_competency(t->v, competency))});
  }
}

static void tell_lessons(telling *t) {
  const pfc_explanation *x = t->v->x;
  for (int k = 0; k < x->n_lessons; k++) {
    const pfc_lesson *l = &x->lesson[k];
    SAY(t, "evidence.lesson",
        {"competency", told_name(t, explain_competency(t->v, l->competency))},
        {"title", told_name(t, explain_intervention(t->v, l->intervention))},
        {"day", told_day(t, l->end)});
  }
}

static void tell_takers(telling *t) {
  const pfc_explanation *x = t->v->x;
  if (x->score.cold & PFC_COLD_PERSON) tell_plain(t, "evidence.newcomer");
  if (x->starts > 0) {
    SAY(t, "evidence.starts", {"starts", told_count(t, x->starts)},
        {"results", told_count(t, x->results)}, {"passes", told_count(t, x->passes)});
  }
  if (x->starts_alike > x->starts) {
    SAY(t, "evidence.alike", {"starts", told_count(t, x->starts_alike)});
  }
  if (x->starts_alike == 0) tell_plain(t, "evidence.nobody");
}

void tell_evidence(telling *t) {
  const pfc_explanation *x = t->v->x;
  const pfc_bundle *b = t->v->s->bundle;
  const pfc_catalogue *cat = pfc_scorer_catalogue(t->v->s->scorer);
  tell_takers(t);
  for (int32_t k = cat->first[x->intervention];
       b->has_profile && k < cat->first[x->intervention + 1]; k++) {
    if (cat->competency[k] >= 0) tell_ratings(t, cat->competency[k]);
  }
  tell_lessons(t);
  for (int32_t k = 0; k < b->n_metrics; k++) {
    const pfc_metric *m = &b->metrics[k];
    SAY(t, "evidence.holdout", {"name", told_name(t, m->name)},
        {"value", told_number(t, m->value, 3)}, {"n", told_count(t, m->n_rows)});
  }
}
