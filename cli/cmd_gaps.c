#include <math.h>
#include <string.h>

#include "base/number.h"
#include "cli/gap_report.h"
#include "cli/absorbed.h"

enum { KEY_BY = AFTER_PEOPLE, KEY_UNCOVERED, KEY_TOP, KEY_MIN_P_GAP, KEY_AFFECTED, KEY_AHEAD };
enum { MOST_MONTHS = 120, MOST_DAYS = 3650, MOST_ROWS = 1000000, MOST_AFFECTED = 1000 };
static const double DAYS_PER_MONTH = 365.25 / 12;

typedef struct gaps_options {
  people_asked people;
  bool by_is_given, uncovered;
  pfc_gap_by by;
  double top, min_p_gap, affected, ahead; /* NaN: not given */
} gaps_options;

static pfc_status take_by(gaps_options *o, const char *arg, pfc_error *err) {
  static const char *const WORDS[] = {"unit", "role", "competency", "unit,competency",
                                      "role,competency"};
  for (int k = 0; k < 5; k++) {
    if (strcmp(arg, WORDS[k]) != 0) continue;
    o->by = (pfc_gap_by)k;
    o->by_is_given = true;
    return PFC_OK;
  }
  return pfc_fail(err, PFC_EUSAGE,
                  "--by: unit, role, competency, unit,competency or role,competency expected, "
                  "not '%.100s'",
                  arg);
}

/* A number from `least` to `most`, whole where they are. */
static pfc_status take_number(const char *option, const char *arg, double least, double most,
                              double *to, pfc_error *err) {
  const bool whole = most > 1;
  if (pfc_number_parse(arg, strlen(arg), to) && *to >= least && *to <= most &&
      (!whole || *to == floor(*to))) {
    return PFC_OK;
  }
  return pfc_fail(err, PFC_EUSAGE, "%s: a %snumber from %g to %g expected, not '%.100s'",
                  option, whole ? "whole " : "", least, most, arg);
}

static pfc_status take(int key, const char *arg, void *own, pfc_error *err) {
  gaps_options *o = own;
  switch (key) {
    case KEY_BY:
      return take_by(o, arg, err);
    case KEY_UNCOVERED:
      o->uncovered = true;
      return PFC_OK;
    case KEY_TOP:
      return take_number("--top", arg, 1, MOST_ROWS, &o->top, err);
    case KEY_MIN_P_GAP:
      return take_number("--min-p-gap", arg, 0, 1, &o->min_p_gap, err);
    case KEY_AFFECTED:
      return take_number("--affected", arg, 1, MOST_AFFECTED, &o->affected, err);
    case KEY_AHEAD:
      return take_number("--ahead", arg, 0, MOST_MONTHS, &o->ahead, err);
    default:
      return people_take(&o->people, key, arg, err);
  }
}

static const struct argp_option OPTIONS[] = {
    PEOPLE_OPTION_PERSON,
    PEOPLE_OPTION_ALL,
    PEOPLE_OPTION_FILE,
    {"by", KEY_BY, "GROUPS", 0,
     "roll up by unit, role, competency, unit,competency or role,competency", 0},
    {"uncovered", KEY_UNCOVERED, NULL, 0,
     "the gaps that nothing in the catalogue addresses, by competency and level", 0},
    {"top", KEY_TOP, "N", 0, "the first N of each person, or of the groups [all]", 0},
    {"min-p-gap", KEY_MIN_P_GAP, "P", 0, "leave out what is missed with a lower chance [0]", 0},
    {"affected", KEY_AFFECTED, "N", 0,
     "with groups: the N people of each with the highest priority", 0},
    {"ahead", KEY_AHEAD, "MONTHS", 0, "levels and requirements so many months later [0]", 0},
    {0},
};

static pfc_status check_options(const common *c, pfc_error *err) {
  const gaps_options *o = c->own;
  const int lists = people_ways(&o->people), groups = o->by_is_given + o->uncovered;
  if (c->n_args == 1) {
    return pfc_fail(err, PFC_EUSAGE,
                    "MODEL and DATA expected: levels come from a model's profile; `proficio "
                    "train %s -o model.h5` fits one",
                    c->args[0]);
  }
  if (lists + groups != 1) {
    return pfc_fail(err, PFC_EUSAGE,
                    "say what to tell: --person ID, --all, --people FILE, --by GROUPS or "
                    "--uncovered, one of them");
  }
  if (groups && !isnan(o->min_p_gap)) {
    return pfc_fail(err, PFC_EUSAGE, "--min-p-gap is for lists of people");
  }
  if (lists && !isnan(o->affected)) {
    return pfc_fail(err, PFC_EUSAGE, "--affected is for groups: --by or --uncovered");
  }
  return PFC_OK;
}

static pfc_status load(gap_report *r, pfc_error *err) {
  pfc_status st = PFC_OK;
  common *c = r->c;
  PFC_TRY(pfc_bundle_load(c->args[0], &r->bundle, err));
  if (!r->bundle->has_profile) {
    return pfc_fail(err, PFC_EDATA,
                    "%s holds no profile, hence tells no levels: train it on data with ratings "
                    "(table assessments); `proficio check` says what they lack",
                    c->args[0]);
  }
  PFC_TRY(absorbed_load(c, c->args[1], &r->ds, err));
  if (r->ds->tables[PFC_REQUIREMENTS].n_rows == 0) {
    return pfc_fail(err, PFC_EDATA,
                    "%s says of no role what it asks for: without table requirements nothing "
                    "can be missing",
                    c->args[1]);
  }
done:
  return st;
}

/* People must all be known to the dataset by now. */
static pfc_status begin(gap_report *r, pfc_error *err) {
  pfc_status st = PFC_OK;
  const gaps_options *o = r->c->own;
  common *c = r->c;
  pfc_gap_settings *how = &c->settings.scorer.gaps;
  how->as_of = c->as_of;
  if (!isnan(o->ahead)) {
    how->ahead_days = (int32_t)fmin(round(o->ahead * DAYS_PER_MONTH), MOST_DAYS);
  }
  r->top = isnan(o->top) ? 0 : (int32_t)o->top;
  r->min_p_gap = isnan(o->min_p_gap) ? 0 : o->min_p_gap;
  r->to_read = output_format_resolve(c->format, c->output) == OUTPUT_TABLE;
  PFC_TRY(pfc_history_create(r->ds, &r->history, err));
  PFC_TRY(pfc_gaps_create(r->bundle, r->ds, r->history, how, &r->gaps, err));
  PFC_TRY(pfc_precedence_create(r->ds, &r->precedence, err));
  r->people = pfc_dataset_find_dict(r->ds, "person");
  r->units = pfc_dataset_find_dict(r->ds, "unit");
  r->roles = pfc_dataset_find_dict(r->ds, "role");
  r->competencies = pfc_dataset_find_dict(r->ds, "competency");
  if (r->bundle->profile.relative) {
    common_note(c, "no source is an anchor: levels mean something beside each other alone");
  }
done:
  return st;
}

static void report_clear(gap_report *r) {
  pfc_precedence_destroy(r->precedence);
  pfc_gaps_destroy(r->gaps);
  pfc_history_destroy(r->history);
  pfc_dataset_destroy(r->ds);
  pfc_bundle_destroy(r->bundle);
}

static pfc_status tell_groups(const gap_report *r, const gaps_options *o, pfc_error *err) {
  pfc_gap_map_settings how = r->c->settings.gap_map;
  how.by = o->uncovered ? PFC_GAPS_UNCOVERED : o->by;
  how.n_affected = isnan(o->affected) ? 0 : (int32_t)o->affected;
  how.progress = progress_of(&r->c->progress);
  return gap_groups(r, &how, err);
}

static pfc_status run(common *c, pfc_error *err) {
  const gaps_options *o = c->own;
  pfc_status st = PFC_OK;
  gap_report r = {.c = c};
  code_list people = {0};
  PFC_TRY(check_options(c, err));
  PFC_TRY(common_reads("-o", c->output, o->people.file, err));
  PFC_TRY(load(&r, err));
  PFC_TRY(people_choose(c, r.ds, &o->people, &people, err));
  PFC_TRY(begin(&r, err));
  if (people_ways(&o->people)) {
    PFC_TRY(gap_lists(&r, &people, err));
  } else {
    PFC_TRY(tell_groups(&r, o, err));
  }
done:
  code_list_clear(&people);
  report_clear(&r);
  return st;
}

static const command_spec SPEC = {
    .name = "gaps",
    .args = "MODEL DATA",
    .min_args = 1,
    .max_args = 2,
    .doc =
        "Tells what people miss of what their roles ask for, ranked by what it puts at risk: "
        "for each person, or rolled up so that no small group can be read off. docs/GAPS.md "
        "tells how to read it.",
    .example =
        "  proficio gaps model.h5 data.h5 --person P017 --top 10\n"
        "  proficio gaps model.h5 data.h5 --all -o gaps.csv\n"
        "  proficio gaps model.h5 data.h5 --by unit,competency --top 20\n"
        "  proficio gaps model.h5 data.h5 --uncovered\n",
    .takes = TAKES_FORMAT | TAKES_AS_OF | TABLE_TO_O | TABLE_IS_ALL,
    .output_doc = "the table [standard output]",
    .setting_groups = {"gaps.", "feedback."},
    .options = OPTIONS,
    .take = take,
    .run = run,
};

int cmd_gaps(int argc, char **argv) {
  const double none = (double)NAN;
  gaps_options o = {.top = none, .min_p_gap = none, .affected = none, .ahead = none};
  return common_main(&SPEC, argc, argv, &o);
}
