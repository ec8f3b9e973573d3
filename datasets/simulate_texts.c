/* Titles and descriptions of interventions, put together from sentences as catalogues have
 * them. A sentence has places in braces, filled by pfc__sim_title and pfc__sim_description. */
#include <stdio.h>
#include <string.h>

#include "base/utf8.h"
#include "datasets/simulate_catalogue_internal.h"
#include "datasets/simulate_columns_internal.h"

enum { N_WAYS = 3, N_LEVELS = 5, N_AIMS = 4, N_EFFORTS = 3, NAME = 128, LISTED = 512 };

const char *const pfc__sim_providers[PFC__SIM_N_PROVIDERS] = {
    "Northgate Learning", "Calder Institute",   "Fathom Academy",   "Brightwater Training",
    "Open Ridge Online",  "Tessera Skills",     "Harrow & Lyle",    "Meridian Workshops",
    "Quillmark",          "People Development", "Internal Academy", "Line Management"};

/* By kind, in the order of pfc__sim_kinds. */
static const char *const TITLES[PFC__SIM_N_KINDS][N_WAYS] = {
    {"{Level} {first}", "{names}: {level} course", "{first} for {role}"},
    {"{first} in brief", "{Level} {first}, bite by bite", "Quick start: {names}"},
    {"Workshop: {names}", "{first} hands-on", "{Level} {first} workshop"},
    {"Certificate in {first}, {level} level", "Certified: {names}",
     "{Level} certificate in {first}"},
    {"Stretch project: {first}", "Project assignment in {names}", "Stretch: {level} {first}"},
    {"Mentoring in {first}", "Mentor programme: {names}", "A mentor for {level} {first}"},
    {"Coaching: {names}", "One-to-one coaching in {first}", "{Level} {first} with a coach"},
    {"Rotation: {names}", "Rotation into the work of {role}", "Half a year of {first}"},
    {"Wider job: {names}", "New duties in {first}", "Job enlargement: {level} {first}"},
    {"{first} conference", "Days of {names}", "Annual meeting on {first}"},
};
static const char *const OPENINGS[PFC__SIM_N_KINDS][N_WAYS] = {
    {"An online course in {list}.", "Video lessons, exercises and a forum lead through {list}.",
     "This course builds {list}, with tasks taken from the work of {role}."},
    {"Short lessons of ten minutes on {list}.",
     "A handful of small units, to be taken between two meetings: {list}.",
     "Learn a little every day: {list}."},
    {"A workshop in a small group that practises {list}.",
     "Two trainers, cases of your own and much practice in {list}.",
     "Exercises, role plays and feedback on {list}."},
    {"Preparation for an examination in {list}.",
     "A recognised certificate that proves {list}; seminars alternate with self-study.",
     "Those who pass have shown {list} before external examiners."},
    {"A project outside the daily work that asks for {list}.",
     "Take charge of a task slightly too large for you and grow in {list}.",
     "Work on a real problem of the organisation and practise {list} on the way."},
    {"Meet an experienced colleague every other week and learn {list}.",
     "A mentor, usually from among {role}, passes on {list}.",
     "Conversations with somebody who has done it for years, about {list}."},
    {"A coach works with you on {list}.",
     "Individual sessions about situations of your own, for {list}.",
     "Coaching with a plan agreed at the start: {list}."},
    {"Change sides for some months and work where {list} are daily business.",
     "A planned stay in another team that brings {list}.",
     "See the work of {role} from within and acquire {list}."},
    {"Your job takes in duties that call for {list}.",
     "Step by step you take over tasks of {role} and with them {list}.",
     "More responsibility in your own place, and through it {list}."},
    {"Talks and panels about {list}.",
     "The yearly gathering of practitioners; its programme covers {list}.",
     "Lectures, tutorials and conversations on {list}."},
};
static const char *const AIMS[N_AIMS] = {
    "It starts from level {from} and leads to level {to}, {level}.",
    "Bring level {from} in {first}; level {to} is what you leave with.",
    "Meant for people at about level {from} who want to reach level {to} in {first}.",
    "Afterwards you should work at level {to} ({level}) in {first}."};
static const char *const EFFORTS[N_EFFORTS] = {
    "Plan {hours} hours over {weeks}.", "{hours} hours in all, within {weeks}.",
    "It takes {weeks} and about {hours} hours of your time."};
static const char CLOSED[] = "Open to {role} and related roles alone.";
static const char *const MANDATED[] = {
    "Compliance training in {list}. Everybody it concerns has to pass it.",
    "What law and company rules demand: {list}. To be passed by the day it is due."};
static const char *const MANDATED_TITLES[] = {"Compliance: {first}",
                                              "{first}, mandatory training"};
static const char *const LEVELS[N_LEVELS] = {"basic", "intermediate", "proficient", "advanced",
                                             "expert"};

/* --- filling ------------------------------------------------------------------------------ */

/* What stands for the places in braces. */
typedef struct places {
  char first[NAME], names[LISTED], list[LISTED], role[NAME];
  char level[16], Level[16], from[16], to[16], hours[16], weeks[24];
} places;

typedef struct place {
  const char *name, *text;
} place;

static void append(char *text, size_t size, const char *more, size_t n) {
  const size_t used = strlen(text);
  (void)snprintf(text + used, size - used, "%.*s", (int)n, more);
}

/* Appends the sentence; a brace always closes. */
static void fill(char *text, size_t size, const char *sentence, const places *p) {
  const place table[] = {{"first", p->first}, {"names", p->names}, {"list", p->list},
                         {"role", p->role},   {"level", p->level}, {"Level", p->Level},
                         {"from", p->from},   {"to", p->to},       {"hours", p->hours},
                         {"weeks", p->weeks}};
  while (*sentence) {
    const size_t plain = strcspn(sentence, "{");
    append(text, size, sentence, plain);
    sentence += plain;
    if (!*sentence) return;
    const size_t n = strcspn(++sentence, "}");
    for (size_t k = 0; k < sizeof table / sizeof *table; k++)
      if (strncmp(sentence, table[k].name, n) == 0 && table[k].name[n] == '\0')
        append(text, size, table[k].text, strlen(table[k].text));
    sentence += n + 1;
  }
}

static void add_sentence(char *text, size_t size, const char *sentence, const places *p) {
  if (*text) append(text, size, " ", 1);
  fill(text, size, sentence, p);
}

static const char *name_of(const pfc__sim *s, pfc_table_id table, const char *column,
                           int32_t row) {
  const pfc_column *names = pfc_dataset_column(s->ds, table, column);
  return names ? pfc_dict_text(names->dict, names->code[row]) : "";
}

static const char *level_word(double level) {
  const int k = level < 2.75 ? 0 : level < 3.75 ? 1 : level < 4.75 ? 2 : level < 5.75 ? 3 : 4;
  return LEVELS[k];
}

/* Whole characters alone. */
static void copy_name(char to[NAME], const char *name) {
  (void)snprintf(to, NAME, "%.*s", (int)pfc_utf8_cut(name, NAME - 1), name);
}

/* "A", "A and B", "A, B and C" */
static void join(char list[LISTED], int64_t at, int64_t n, const char *item) {
  const char *mark = at == 0 ? "" : at == n - 1 ? " and " : ", ";
  append(list, LISTED, mark, strlen(mark));
  append(list, LISTED, item, strlen(item));
}

static void name_targets(const pfc__sim *s, int32_t i, places *p) {
  const pfc_truth *t = s->truth;
  const int64_t first = t->target_start[i], n = t->target_start[i + 1] - first;
  for (int64_t k = 0; k < n; k++) {
    char name[NAME], item[NAME + 32];
    copy_name(name, name_of(s, PFC_COMPETENCIES, "name", t->target_competency[first + k]));
    if (k == 0) copy_name(p->first, name);
    join(p->names, k, n, name);
    (void)snprintf(item, sizeof item, "%s (to level %g)", name,
                   (double)t->target_to[first + k]);
    join(p->list, k, n, item);
  }
  if (n == 0) return;
  (void)snprintf(p->level, sizeof p->level, "%s", level_word((double)t->target_to[first]));
  (void)snprintf(p->Level, sizeof p->Level, "%s", p->level);
  p->Level[0] = (char)(p->Level[0] - 'a' + 'A');
  (void)snprintf(p->from, sizeof p->from, "%g", (double)t->target_from[first]);
  (void)snprintf(p->to, sizeof p->to, "%g", (double)t->target_to[first]);
}

static places places_of(const pfc__sim *s, int32_t i, const pfc__sim_draft *d) {
  places p = {0};
  copy_name(p.role, name_of(s, PFC_ROLES, "title", d->role));
  (void)snprintf(p.hours, sizeof p.hours, "%g", d->hours);
  (void)snprintf(p.weeks, sizeof p.weeks, "%g week%s", d->weeks, d->weeks == 1 ? "" : "s");
  name_targets(s, i, &p);
  return p;
}

void pfc__sim_title(const pfc__sim *s, int32_t intervention, const pfc__sim_draft *draft,
                    char title[PFC__SIM_TITLE]) {
  const places p = places_of(s, intervention, draft);
  pfc_rng rng = pfc__sim_stream(s, "catalogue.title", (uint64_t)intervention);
  const char *way = s->mandated_family[intervention] != -1
                        ? MANDATED_TITLES[pfc_rng_below(&rng, 2)]
                        : TITLES[s->kind[intervention]][pfc_rng_below(&rng, N_WAYS)];
  *title = '\0';
  fill(title, PFC__SIM_TITLE, way, &p);
}

void pfc__sim_description(const pfc__sim *s, int32_t intervention, const pfc__sim_draft *draft,
                          char description[PFC__SIM_DESCRIPTION]) {
  const places p = places_of(s, intervention, draft);
  pfc_rng rng = pfc__sim_stream(s, "catalogue.description", (uint64_t)intervention);
  const char *opening = s->mandated_family[intervention] != -1
                            ? MANDATED[pfc_rng_below(&rng, 2)]
                            : OPENINGS[s->kind[intervention]][pfc_rng_below(&rng, N_WAYS)];
  *description = '\0';
  add_sentence(description, PFC__SIM_DESCRIPTION, opening, &p);
  add_sentence(description, PFC__SIM_DESCRIPTION, AIMS[pfc_rng_below(&rng, N_AIMS)], &p);
  add_sentence(description, PFC__SIM_DESCRIPTION, EFFORTS[pfc_rng_below(&rng, N_EFFORTS)], &p);
  if (s->only_family[intervention] >= 0)
    add_sentence(description, PFC__SIM_DESCRIPTION, CLOSED, &p);
}
