/* What speaks against it, what has no say, and the gist in a line. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/utf8.h"
#include "cli/explain_tell_internal.h"

/* Of the rows that say for whom it is so many are told. */
enum { MOST_ALLOWING = 3 };

/* --- rules ----------------------------------------------------------------------------------
 */

/* Rows are counted from 1, without the header, as the tables' readers count them. */
static const char *row_text(telling *t, const pfc_rule_fact *f) {
  return told_count(t, f->row + 1);
}

static void tell_eligibility(telling *t, const pfc_rule_fact *f) {
  const char *whom = f->role >= 0 && f->unit >= 0 ? "whom.both"
                     : f->role >= 0               ? "whom.role"
                     : f->unit >= 0               ? "whom.unit"
                                                  : "whom.all";
  SAY(t, f->have != 0 ? "fact.allowed" : "fact.forbidden",
      {"whom", PHRASE(t, whom, {"role", told_name(t, explain_role(t->v, f->role))},
                      {"unit", told_name(t, explain_id(t->v, "unit", f->unit))})},
      {"row", row_text(t, f)});
}

static void tell_prerequisite(telling *t, const pfc_rule_fact *f) {
  if (f->competency >= 0) {
    SAY(t, "fact.level", {"competency", told_name(t, explain_competency(t->v, f->competency))},
        {"level", told_number(t, f->asked, 1)}, {"p", told_percent(t, f->have)},
        {"row", row_text(t, f)});
  } else {
    SAY(t, "fact.before", {"title", told_name(t, explain_intervention(t->v, f->intervention))},
        {"row", row_text(t, f)});
  }
}

static void tell_attempt(telling *t, const pfc_rule_fact *f) {
  const char *key = f->rule == PFC_RULE_COVERED     ? "fact.passed"
                    : f->rule == PFC_RULE_UNDER_WAY ? "fact.running"
                                                    : "fact.began";
  SAY(t, key, {"title", told_name(t, explain_intervention(t->v, f->intervention))},
      {"day", told_day(t, f->day)}, {"have", told_number(t, f->have, 0)},
      {"asked", told_number(t, f->asked, 0)});
}

static void tell_override(telling *t, const pfc_rule_fact *f) {
  SAY(t, f->day == PFC_NO_DATE ? "fact.override" : "fact.override_until",
      {"actor", told_name(t, explain_cell(t->v, PFC_OVERRIDES, "actor", f->row))},
      {"reason", told_name(t, explain_cell(t->v, PFC_OVERRIDES, "reason", f->row))},
      {"day", told_day(t, f->day)}, {"row", row_text(t, f)});
}

static void tell_refusal(telling *t, const pfc_rule_fact *f) {
  const char *reason = explain_cell(t->v, PFC_FEEDBACK, "reason", f->row);
  SAY(t, *reason ? "fact.refused_why" : "fact.refused", {"day", told_day(t, f->day)},
      {"asked", told_number(t, f->asked, 0)}, {"reason", told_name(t, reason)});
}

static void tell_closed(telling *t, const pfc_rule_fact *f) {
  if (f->day == PFC_NO_DATE) {
    tell_plain(t, "fact.closed");
  } else {
    SAY(t, f->day > pfc_scorer_as_of(t->v->s->scorer) ? "fact.opens" : "fact.closes",
        {"day", told_day(t, f->day)});
  }
}

static void tell_bare(telling *t, const pfc_rule_fact *f) {
  char key[64];
  (void)snprintf(key, sizeof key, "fact.%s", pfc_rule_name(f->rule));
  tell_plain(t, key);
}

static void tell_fact(telling *t, const pfc_rule_fact *f) {
  if (f->rule == PFC_RULE_CLOSED) {
    tell_closed(t, f);
  } else if (f->rule == PFC_RULE_FULL && !isnan(f->asked)) {
    SAY(t, "fact.seats", {"taken", told_number(t, f->have, 0)},
        {"seats", told_number(t, f->asked, 0)});
  } else if (f->rule == PFC_RULE_HOURS && !isnan(f->asked)) {
    SAY(t, "fact.hours_left", {"asked", told_number(t, f->asked, 1)},
        {"left", told_number(t, fmax(f->have, 0), 1)});
  } else if (f->row < 0) {
    tell_bare(t, f);
  } else if (f->rule == PFC_RULE_ELIGIBILITY) {
    tell_eligibility(t, f);
  } else if (f->rule == PFC_RULE_PREREQUISITE) {
    tell_prerequisite(t, f);
  } else if (f->rule == PFC_RULE_BLOCKED) {
    tell_override(t, f);
  } else if (f->rule == PFC_RULE_DECLINED) {
    tell_refusal(t, f);
  } else {
    tell_attempt(t, f);
  }
}

static bool allows(const pfc_rule_fact *f) {
  return f->rule == PFC_RULE_ELIGIBILITY && f->row >= 0 && f->have != 0;
}

void tell_rules(telling *t) {
  const pfc_explanation *x = t->v->x;
  int n_allow = 0, n_told = 0;
  if (x->n_facts == 0) tell_plain(t, "rules.none");
  for (int k = 0; k < x->n_facts; k++) n_allow += allows(&x->fact[k]);
  for (int k = 0; k < x->n_facts; k++) {
    const bool is_one_more = allows(&x->fact[k]) && ++n_told > MOST_ALLOWING;
    if (!is_one_more) {
      tell_fact(t, &x->fact[k]);
    } else if (n_told == n_allow) {
      SAY(t, "fact.allowed_more", {"n", told_count(t, n_allow - MOST_ALLOWING)});
    }
  }
}

/* --- not used -------------------------------------------------------------------------------
 */

static pfc_status say_unused(const char *table, const char *column, void *user,
                             pfc_error *err) {
  telling *t = user;
  char full[256];
  (void)err;
  (void)snprintf(full, sizeof full, "%s%s%.150s", table, column ? "." : "",
                 column ? column : "");
  SAY(t, column ? "not_used.column" : "not_used.table", {"name", told_name(t, full)});
  return t->st;
}

void tell_not_used(telling *t) {
  tell_plain(t, "not_used.protected");
  if (t->v->s->bundle->has_time) tell_plain(t, "not_used.exit");
  if (t->st == PFC_OK) t->st = explain_unused(t->v, say_unused, t, t->err);
}

/* --- a line ---------------------------------------------------------------------------------
 */

/* At most `most` characters; what is cut ends in an ellipsis. */
static void cut_characters(char *text, int most) {
  size_t at = 0, kept = 0;
  for (int n = 0; text[at]; n++) {
    const size_t length = pfc_utf8_length(text + at, strlen(text + at));
    if (n == most - 1) kept = at;
    if (n == most) {
      memcpy(text + kept, "…", sizeof "…");
      return;
    }
    at += length > 0 ? length : 1;
  }
}

static pfc_status join(const char *section, const char *sentence, void *user, pfc_error *err) {
  (void)section, (void)err;
  char *text = user;
  const size_t at = strlen(text);
  (void)snprintf(text + at, SENTENCE - at, "%s%s", at ? "; " : "", sentence);
  return PFC_OK;
}

static void tell_standing(telling *t) {
  const pfc_explanation *x = t->v->x;
  if (x->is_must) tell_plain(t, x->must.override_row >= 0 ? "line.forced" : "line.mandate");
  if (!x->is_allowed && !x->is_must && x->n_facts > 0) {
    char key[64];
    (void)snprintf(key, sizeof key, "rule.%s", pfc_rule_name(x->fact[0].rule));
    SAY(t, "line.barred", {"rule", words_template(t->v->w, key)});
  } else if (x->rank == 0 && !x->is_must) {
    tell_plain(t, "line.useless");
  } else if (x->rank > 0) {
    SAY(t, "line.rank", {"rank", told_count(t, x->rank)}, {"n", told_count(t, x->n_ranked)});
  }
}

const char *explain_line(const explain_view *v, char text[SENTENCE]) {
  const pfc_score *score = &v->x->score;
  telling t = {.v = v, .fn = join, .user = text};
  text[0] = '\0';
  tell_standing(&t);
  if (score->gap > 0) {
    const int32_t c = pfc_scorer_catalogue(v->s->scorer)->competency[score->target];
    SAY(&t, "line.gap", {"levels", told_number(&t, score->gap, 1)},
        {"competency", told_name(&t, explain_competency(v, c))});
  }
  if (!isnan(score->p_success))
    SAY(&t, "line.success", {"p", told_percent(&t, score->p_success)});
  if (!isnan(score->quantile_days[1])) {
    SAY(&t, "line.days", {"days", told_number(&t, score->quantile_days[1], 0)});
  }
  if (!isnan(score->accept)) SAY(&t, "line.accept", {"p", told_percent(&t, score->accept)});
  cut_characters(text, LINE_CHARACTERS);
  return text;
}
