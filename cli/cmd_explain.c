#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "cli/explain_report.h"
#include "cli/markup.h"
#include "cli/people.h"

enum {
  KEY_PERSON = OWN_KEY,
  KEY_INTERVENTION,
  KEY_DECISION,
  KEY_LOG,
  KEY_GOAL,
  KEY_FORM,
  KEY_LANG,
  KEY_TEMPLATES,
};

typedef enum form { FORM_TABLE, FORM_JSON, FORM_LINE } form;

typedef struct explain_options {
  const char *person, *intervention, *decision, *log, *goal, *templates;
  form form;
  words_lang lang;
} explain_options;

static pfc_status take_form(explain_options *o, const char *arg, pfc_error *err) {
  static const char *const FORMS[] = {"table", "json", "line"};
  for (int k = 0; k < 3; k++) {
    if (strcmp(arg, FORMS[k]) != 0) continue;
    o->form = (form)k;
    return PFC_OK;
  }
  return pfc_fail(err, PFC_EUSAGE, "--format: table, json or line expected, not '%.100s'", arg);
}

static pfc_status take(int key, const char *arg, void *own, pfc_error *err) {
  explain_options *o = own;
  switch (key) {
    case KEY_PERSON:
      o->person = arg;
      return PFC_OK;
    case KEY_INTERVENTION:
      o->intervention = arg;
      return PFC_OK;
    case KEY_DECISION:
      o->decision = arg;
      return PFC_OK;
    case KEY_LOG:
      o->log = arg;
      return PFC_OK;
    case KEY_GOAL:
      o->goal = arg;
      return PFC_OK;
    case KEY_TEMPLATES:
      o->templates = arg;
      return PFC_OK;
    case KEY_FORM:
      return take_form(o, arg, err);
    default:
      if (words_lang_parse(arg, &o->lang)) return PFC_OK;
      return pfc_fail(err, PFC_EUSAGE, "--lang: en or de expected, not '%.100s'", arg);
  }
}

static const struct argp_option OPTIONS[] = {
    {"person", KEY_PERSON, "ID", 0, "for this person", 0},
    {"intervention", KEY_INTERVENTION, "ID", 0, "why this intervention", 0},
    {"decision", KEY_DECISION, "ID", 0,
     "the decision of that id instead, with --log or --person", 0},
    {"log", KEY_LOG, "FILE", 0, "the decision log that `recommend --log` wrote", 0},
    {"goal", KEY_GOAL, "ROLE", 0,
     "as `recommend --goal`: the goal role, whatever people's own is", 0},
    {"format", KEY_FORM, "table|json|line", 0,
     "sentences, everything as an object, or a line of 120 characters [table]", 0},
    {"lang", KEY_LANG, "en|de", 0, "language of the sentences [en]", 0},
    {"templates", KEY_TEMPLATES, "FILE", 0, "sentences of one's own (JSON), instead of --lang",
     0},
    {0},
};

/* --- which pair -----------------------------------------------------------------------------
 */

static pfc_status check_options(const common *c, pfc_error *err) {
  const explain_options *o = c->own;
  const char *wrong = NULL;
  if (!o->decision && !(o->person && o->intervention)) {
    wrong = "say what to explain: --person ID and --intervention ID, or --decision ID";
  } else if (o->decision && o->intervention) {
    wrong = "--decision says which intervention: leave --intervention out";
  } else if (o->decision && !o->person == !o->log) {
    wrong = "--decision needs --log FILE, or else --person ID: one of them";
  } else if (o->log && !o->decision) {
    wrong = "--log is for --decision";
  } else if (o->log && c->as_of != PFC_NO_DATE) {
    wrong = "the log tells the day: leave --as-of out";
  } else if (o->log && o->goal) {
    wrong = "the log tells the goal: leave --goal out";
  }
  if (wrong) return pfc_fail(err, PFC_EUSAGE, "%s", wrong);
  pfc_status st = common_reads("-o", c->output, o->log, err);
  if (st == PFC_OK) st = common_reads("-o", c->output, o->templates, err);
  return st;
}

/* The pair to be explained. */
typedef struct pair {
  int32_t person, intervention;
} pair;

static pfc_status set_goal(common *c, const scoring *s, const char *role, pfc_error *err) {
  if (!role || !role[0]) return PFC_OK;
  return role_code(s->ds, role, &c->settings.scorer.gaps.goal_role, err);
}

static pfc_status find_in_log(common *c, const scoring *s, pair *p, pfc_error *err) {
  pfc_status st = PFC_OK;
  const explain_options *o = c->own;
  decision_logged found = {0};
  PFC_TRY(decision_find(o->log, o->decision, &found, err));
  if (strcmp(found.model_version, s->bundle->version) != 0) {
    st = pfc_fail(err, PFC_EDATA,
                  "decision %.100s was made by model %.100s, and %s is %s: name the model that "
                  "made it",
                  o->decision, found.model_version, c->args[0], s->bundle->version);
    goto done;
  }
  if (found.at[0] && !pfc_date_parse(found.at, &c->as_of)) {
    st = pfc_fail(err, PFC_EDATA, "%s: decision %.100s: 'at' is no date: '%.100s'", o->log,
                  o->decision, found.at);
    goto done;
  }
  PFC_TRY(set_goal(c, s, found.goal, err));
  PFC_TRY(known_person_code(s->ds, found.person, &p->person, err));
  PFC_TRY(intervention_code(s->ds, found.intervention, &p->intervention, err));
done:
  decision_logged_clear(&found);
  return st;
}

/* Whom and what, as far as the command line and the log tell; intervention -1: not yet. */
static pfc_status find_pair(common *c, const scoring *s, pair *p, pfc_error *err) {
  pfc_status st = PFC_OK;
  const explain_options *o = c->own;
  *p = (pair){-1, -1};
  if (o->log) return find_in_log(c, s, p, err);
  PFC_TRY(set_goal(c, s, o->goal, err));
  PFC_TRY(known_person_code(s->ds, o->person, &p->person, err));
  if (o->intervention)
    PFC_TRY(intervention_code(s->ds, o->intervention, &p->intervention, err));
done:
  return st;
}

/* Names the decision; of the person's alone, tries which of the interventions it was. */
static pfc_status name_decision(explain_view *v, pair *p, pfc_error *err) {
  const explain_options *o = v->c->own;
  const char *version = v->s->bundle->version;
  const char *person = pfc_dict_text(v->s->people, p->person);
  const int32_t n = pfc_dict_size(v->s->interventions);
  pfc_sha256 *digest = pfc_sha256_create();
  if (!digest) return pfc_fail_memory(err, "digest");
  bool is_found = false;
  for (int32_t i = 0; i < n && !is_found; i++) {
    if (p->intervention >= 0 && i != p->intervention) continue;
    const char *id = decision_id(digest, version, person, pfc_dict_text(v->s->interventions, i),
                                 v->as_of, v->id);
    is_found = !o->decision || strcmp(id, o->decision) == 0;
    if (is_found) p->intervention = i;
  }
  pfc_sha256_destroy(digest);
  if (is_found) return PFC_OK;
  return pfc_fail(
      err, PFC_EDATA,
      "no decision of model %s for %.100s on %s has the id '%.100s': another model, "
      "day (--as-of) or person?",
      version, person, v->as_of[0] ? v->as_of : "no day", o->decision);
}

/* --- telling --------------------------------------------------------------------------------
 */

typedef struct page {
  const words *w;
  const char *section;
  markup text;
} page;

static pfc_status add_sentence(const char *section, const char *sentence, void *user,
                               pfc_error *err) {
  page *to = user;
  (void)err;
  if (!to->section || strcmp(section, to->section) != 0) {
    markup_add(&to->text, "\n%s\n", words_template(to->w, section));
  }
  to->section = section;
  markup_add(&to->text, "%s%s\n", sentence[0] == ' ' ? "    " : "  ", sentence);
  return PFC_OK;
}

static pfc_status add_json(cJSON *json, page *to, pfc_error *err) {
  char *text = cJSON_Print(json);
  if (!text) return pfc_fail_memory(err, "report");
  markup_add(&to->text, "%s\n", text);
  cJSON_free(text);
  return PFC_OK;
}

static pfc_status fill_page(const explain_view *v, cJSON *json, page *to, pfc_error *err) {
  const explain_options *o = v->c->own;
  char text[SENTENCE];
  if (o->form == FORM_JSON) return add_json(json, to, err);
  if (o->form == FORM_LINE) {
    markup_add(&to->text, "%s\n", explain_line(v, text));
    return PFC_OK;
  }
  markup_add(&to->text, "%s\n", explain_title(v, text));
  return explain_tell(v, add_sentence, to, err);
}

static pfc_status print_page(const common *c, const page *p, pfc_error *err) {
  if (c->output) return markup_write(&p->text, c->output, err);
  if (c->json) return PFC_OK;
  const pfc_status st = markup_status(&p->text, err);
  if (st == PFC_OK) (void)fwrite(p->text.text, 1, p->text.size, stdout);
  return st; /* whether all of it went out common_main looks */
}

static pfc_status tell(common *c, const explain_view *v, pfc_error *err) {
  pfc_status st = PFC_OK;
  cJSON *json = NULL;
  page p = {.w = v->w};
  PFC_TRY(common_object(c, &json, err));
  PFC_TRY(explain_put(v, json, err));
  PFC_TRY(fill_page(v, json, &p, err));
  PFC_TRY(print_page(c, &p, err));
  PFC_TRY(common_print(c, json, err));
done:
  markup_clear(&p.text);
  cJSON_Delete(json);
  return st;
}

static pfc_status explain(common *c, const scoring *s, const words *w, pair p, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc_explainer *e = NULL;
  pfc_explanation x;
  explain_view v = {.c = c, .s = s, .w = w, .x = &x};
  explain_date(pfc_scorer_as_of(s->scorer), v.as_of);
  PFC_TRY(name_decision(&v, &p, err));
  PFC_TRY(pfc_explainer_create(s->scorer, &e, err));
  PFC_TRY(pfc_explain(e, p.person, p.intervention, &x, err));
  PFC_TRY(tell(c, &v, err));
done:
  pfc_explainer_destroy(e);
  return st;
}

static pfc_status run(common *c, pfc_error *err) {
  const explain_options *o = c->own;
  pfc_status st = PFC_OK;
  scoring s = {0};
  words w = {.lang = o->lang};
  pair p;
  PFC_TRY(check_options(c, err));
  if (o->templates) PFC_TRY(words_load(&w, o->templates, err));
  PFC_TRY(scoring_load(c, &s, err));
  PFC_TRY(find_pair(c, &s, &p, err));
  PFC_TRY(scoring_begin(c, &s, 1, err));
  PFC_TRY(explain(c, &s, &w, p, err));
done:
  words_clear(&w);
  scoring_clear(&s);
  return st;
}

static const command_spec SPEC = {
    .name = "explain",
    .args = "MODEL DATA",
    .min_args = 2,
    .max_args = 2,
    .doc =
        "Tells why an intervention stands where it stands for a person: every number taken "
        "apart into terms that add up, what would change its place, what it rests on, which "
        "rules speak against it, and what had no say. docs/EXPLAIN.md tells how to read it.",
    .example =
        "  proficio explain model.h5 data.h5 --person P017 --intervention C042\n"
        "  proficio explain model.h5 data.h5 --decision 1f0c... --log decisions.jsonl\n",
    .takes = TAKES_AS_OF,
    .output_doc = "the explanation [standard output]",
    .setting_groups = {"value.", "rules.", "gaps.", "feedback."},
    .options = OPTIONS,
    .take = take,
    .run = run,
};

int cmd_explain(int argc, char **argv) {
  explain_options o = {0};
  return common_main(&SPEC, argc, argv, &o);
}
