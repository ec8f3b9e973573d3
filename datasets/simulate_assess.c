/* Assessments: a person's true level, seen through a source:
 *
 *   rating = level + bias + (slope - 1) (level - 3.5) + leniency of the rater + noise,
 *
 * noise and leniency normal, cut at 1.5 standard deviations, then moved from 0..7 to the
 * source's own scale, rounded and held within it. People are reviewed once a year; managers and
 * peers rate in between, good performers more often; tests come at the end of interventions,
 * and a second look some months later. What a level was between two looks nobody knows. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "datasets/simulate_assess_internal.h"
#include "datasets/truth_internal.h"

enum { SELF, MANAGER, PEER, REVIEW, TEST, CERTIFICATE, N_SOURCES };
_Static_assert((int)N_SOURCES == (int)PFC__SIM_SOURCES, "as many as the header says");

static const struct source {
  const char *name;
  double min, max, step; /* of its own scale */
  double bias, slope, noise, leniency;
  int anchor;
} SOURCES[N_SOURCES] = {
    {"self", 1, 5, 0.5, 0.35, 0.75, 0.55, 0.30, 0},
    {"manager", 0, 7, 0.5, 0.15, 0.85, 0.45, 0.35, 0},
    {"peer", 0, 7, 0.5, 0.10, 0.80, 0.50, 0.30, 0},
    {"review", 0, 7, 0.25, 0.00, 0.95, 0.35, 0.10, 0},
    {"test", 0, 100, 1, 0.00, 1.00, 0.30, 0.00, 1},
    {"certificate", 0, 7, 0.5, 0.10, 1.00, 0.30, 0.00, 0},
};

static const double TOP = 7, MIDDLE = 3.5; /* of the framework's scale */
static const double CUT = 1.5;             /* of noise and leniency, standard deviations */
static const double BIAS_RATING = -0.3;    /* what `bias` costs in the eyes of others, levels */
static const double DRIFT_MANAGER = 0.4;   /* managers grow more generous, levels */

/* How often in a year, and how many competencies at once. */
enum { REVIEWED = 8, RATED = 4, PEER_RATED = 3 };
static const double SELF_SHARE = 0.6; /* of reviews that come with a self-assessment */
static const double MANAGER_A_YEAR = 0.6, PEER_A_YEAR = 0.5;
static const double COVERAGE = 0.5;    /* logarithm of a rate, for each level above what the
                                          role asks for */
static const double SECOND_LOOK = 0.5; /* share of finished interventions with one */
static const double HIDING = 0.8;      /* hard: who is below is looked at less often */
enum { CERTIFICATE_DAYS = 730 };       /* for which one is valid */

/* A rater sees all people with the same eyes, whoever asks and when. */
static double leniency(const pfc__sim *s, int32_t source, int32_t rater) {
  if (SOURCES[source].leniency == 0) return 0;
  const uint64_t id = (uint64_t)(uint32_t)rater * N_SOURCES + (uint64_t)source;
  pfc_rng rng;
  pfc_rng_init(&rng, s->truth->seed, "assessments.leniency", id);
  return SOURCES[source].leniency * pfc__sim_normal_within(&rng, CUT);
}

static float on_scale(const struct source *from, double level) {
  const double scaled = from->min + (from->max - from->min) * level / TOP;
  const double rounded = from->step * round(scaled / from->step);
  return (float)fmin(fmax(rounded, from->min), from->max);
}

static bool is_named(int32_t source) {
  return source == SELF || source == MANAGER || source == PEER;
}

static pfc_status rate(const pfc__sim *s, int32_t person, int32_t competency, int32_t source,
                       int32_t rater, int32_t day, pfc_rng *rng, pfc__ratings *out,
                       pfc_error *err) {
  pfc_status st = PFC_OK;
  const struct source *from = &SOURCES[source];
  const pfc_truth *t = s->truth;
  const double level = pfc_truth_level(t, person, competency, day);
  const bool human = source == MANAGER || source == PEER || source == REVIEW;
  double seen = level + from->bias + (from->slope - 1) * (level - MIDDLE) +
                leniency(s, source, rater) + from->noise * pfc__sim_normal_within(rng, CUT);
  if (human && t->group[person]) seen += BIAS_RATING * t->bias;
  if (source == MANAGER && t->drift_on != PFC_NO_DATE && day >= t->drift_on)
    seen += DRIFT_MANAGER;
  PFC_RESERVE(out->row, out->capacity, out->n + 1);
  out->row[out->n++] = (pfc__rating){
      .person = person,
      .competency = competency,
      .source = source,
      .rater = is_named(source) ? rater : -1,
      .day = day,
      .valid_until = source == CERTIFICATE ? day + CERTIFICATE_DAYS : PFC_NO_DATE,
      .level = on_scale(from, seen),
  };
done:
  return st;
}

/* Standard deviation of a standard normal draw that is cut at +-CUT. */
static double sd_within(void) {
  const double density = exp(-CUT * CUT / 2) / sqrt(2 * M_PI);
  return sqrt(1 - 2 * CUT * density / erf(CUT / M_SQRT2));
}

/* Which of the simulator's sources a truth speaks of; NULL: none. */
static const struct source *find_source(const pfc_truth *t, int32_t source) {
  const char *name = pfc_dict_text(t->sources, source);
  for (int k = 0; k < N_SOURCES; k++)
    if (strcmp(SOURCES[k].name, name) == 0) return &SOURCES[k];
  return NULL;
}

double pfc_truth_source_leniency_sd(const pfc_truth *t, int32_t source) {
  const struct source *from = find_source(t, source);
  const bool named = from && is_named((int32_t)(from - SOURCES));
  return named ? sd_within() * (double)t->source_leniency[source] : 0;
}

/* A uniform error of one step's width has the variance step^2 / 12. */
double pfc_truth_source_sd(const pfc_truth *t, int32_t source) {
  const struct source *from = find_source(t, source);
  const double step = from ? TOP * from->step / (from->max - from->min) : 0;
  const double drawn = sd_within() * (double)t->source_noise[source];
  const bool named = from && is_named((int32_t)(from - SOURCES));
  const double unnamed = named ? 0 : sd_within() * (double)t->source_leniency[source];
  return sqrt(drawn * drawn + unnamed * unnamed + step * step / 12);
}

/* --- looks at what the role asks for ------------------------------------------------------ */

/* `many` different competencies of the role's core, the more important the likelier. */
static int draw_core(const pfc__sim *s, int32_t role, int many, pfc_rng *rng, int32_t *chosen) {
  int32_t left[PFC__SIM_CORE];
  int n = 0, n_left = 0;
  for (int k = 0; k < PFC__SIM_CORE; k++) {
    const int32_t c = s->core[(int64_t)role * PFC__SIM_CORE + k];
    if (c >= 0) left[n_left++] = c;
  }
  while (n < many && n_left > 0) {
    const double u = pfc_rng_uniform(rng);
    const int at = (int)(u * u * n_left); /* leans to the front, where importance is */
    chosen[n++] = left[at];
    for (int k = at; k + 1 < n_left; k++) left[k] = left[k + 1];
    n_left--;
  }
  return n;
}

/* Mean of level less what the role asks for, over its core. */
static double fit(const pfc__sim *s, int32_t person, int32_t role, int32_t day) {
  const pfc_truth *t = s->truth;
  double sum = 0;
  int n = 0;
  for (int k = 0; k < PFC__SIM_CORE; k++) {
    const int32_t c = s->core[(int64_t)role * PFC__SIM_CORE + k];
    if (c < 0) continue;
    sum += pfc_truth_level(t, person, c, day) -
           (double)t->required[(int64_t)role * t->n_competencies + c];
    n++;
  }
  return n > 0 ? sum / n : 0;
}

static pfc_status look(const pfc__sim *s, int32_t person, int32_t source, int32_t rater,
                       int many, int32_t day, pfc_rng *rng, pfc__ratings *out, pfc_error *err) {
  int32_t chosen[PFC__SIM_CORE];
  const int32_t role = pfc_truth_role(s->truth, person, day);
  if (role < 0 || rater < 0) return PFC_OK;
  const int n = draw_core(s, role, many, rng, chosen);
  for (int k = 0; k < n; k++) {
    const pfc_status st = rate(s, person, chosen[k], source, rater, day, rng, out, err);
    if (st != PFC_OK) return st;
  }
  return PFC_OK;
}

static int32_t manager_on(const pfc__sim *s, int32_t person, int32_t day) {
  const pfc_truth *t = s->truth;
  int32_t manager = -1;
  for (int64_t k = t->position_start[person]; k < t->position_start[person + 1]; k++) {
    if (t->position_from[k] > day) break;
    manager = s->position_manager[k];
  }
  return manager;
}

/* Raters of a panel carry no name: the unit's. */
static int32_t panel_of(const pfc__sim *s, int32_t person) { return s->unit[person]; }

pfc_status pfc__sim_assess_year(const pfc__sim *s, int32_t person, int32_t first, int32_t last,
                                pfc_rng *rng, pfc__ratings *out, pfc_error *err) {
  pfc_status st = PFC_OK;
  const int32_t span = last - first + 1;
  const int32_t review = first + (int32_t)pfc_rng_below(rng, (uint64_t)span);
  const int32_t role = pfc_truth_role(s->truth, person, review);
  const double above = role < 0 ? 0 : fit(s, person, role, review);
  const double rate_of = exp(COVERAGE * fmin(fmax(above, -3), 3)) * span / 365.0;
  const bool hides = s->settings->hard && above < -0.5 && pfc_rng_uniform(rng) < HIDING;
  if (hides) goto done;
  if (span > 180) {
    PFC_TRY(look(s, person, REVIEW, panel_of(s, person), REVIEWED, review, rng, out, err));
    if (pfc_rng_uniform(rng) < SELF_SHARE)
      PFC_TRY(look(s, person, SELF, person, REVIEWED, review, rng, out, err));
  }
  if (pfc_rng_uniform(rng) < 1 - exp(-MANAGER_A_YEAR * rate_of)) {
    const int32_t day = first + (int32_t)pfc_rng_below(rng, (uint64_t)span);
    const int32_t manager = manager_on(s, person, day);
    PFC_TRY(look(s, person, MANAGER, manager, RATED, day, rng, out, err));
  }
  if (pfc_rng_uniform(rng) < 1 - exp(-PEER_A_YEAR * rate_of)) {
    const int32_t day = first + (int32_t)pfc_rng_below(rng, (uint64_t)span);
    const int32_t peer = (int32_t)pfc_rng_below(rng, (uint64_t)s->truth->n_people);
    PFC_TRY(look(s, person, PEER, peer, PEER_RATED, day, rng, out, err));
  }
done:
  return st;
}

/* --- looks at what was taught ----------------------------------------------------------------
 */

/* Finished enrolments of people, from table enrolments. */
typedef struct finished {
  int64_t *start; /* n_people + 1 rows of the table, which has people in order */
  const int32_t *intervention, *ended_on, *status;
  int32_t passed, failed;
} finished;

static pfc_status finished_init(finished *f, const pfc__sim *s, pfc_error *err) {
  pfc_status st = PFC_OK;
  const pfc_dict *status = pfc_dataset_find_dict(s->ds, "status");
  const int32_t *person = pfc_dataset_codes(s->ds, PFC_ENROLMENTS, "person_id");
  const int64_t n = s->ds->tables[PFC_ENROLMENTS].n_rows;
  PFC_NEW(f->start, (size_t)s->truth->n_people + 1);
  for (int64_t row = 0; row < n; row++) f->start[person[row] + 1]++;
  for (int32_t p = 0; p < s->truth->n_people; p++) f->start[p + 1] += f->start[p];
  f->intervention = pfc_dataset_codes(s->ds, PFC_ENROLMENTS, "intervention_id");
  f->ended_on = pfc_dataset_dates(s->ds, PFC_ENROLMENTS, "ended_on");
  f->status = pfc_dataset_codes(s->ds, PFC_ENROLMENTS, "status");
  f->passed = pfc_dict_find(status, "passed");
  f->failed = pfc_dict_find(status, "failed");
done:
  return st;
}

static bool is_there(const pfc__sim *s, int32_t person, int32_t day) {
  const int32_t left_on = s->truth->left_on[person];
  return day <= s->truth->last_day && (left_on == PFC_NO_DATE || day <= left_on);
}

static pfc_status assess_targets(const pfc__sim *s, int32_t person, int32_t i, int32_t source,
                                 int32_t rater, int32_t day, pfc_rng *rng, pfc__ratings *out,
                                 pfc_error *err) {
  const pfc_truth *t = s->truth;
  if (!is_there(s, person, day) || rater < 0) return PFC_OK;
  for (int64_t k = t->target_start[i]; k < t->target_start[i + 1]; k++) {
    const pfc_status st =
        rate(s, person, t->target_competency[k], source, rater, day, rng, out, err);
    if (st != PFC_OK) return st;
  }
  return PFC_OK;
}

static bool certifies(const pfc__sim *s, int32_t i) {
  return strcmp(pfc__sim_kinds[s->kind[i]].name, "certification") == 0;
}

pfc_status pfc__sim_assess_finished(const pfc__sim *s, int32_t person, int32_t i, int32_t end,
                                    bool passed, pfc_rng *rng, pfc__ratings *out,
                                    pfc_error *err) {
  pfc_status st = PFC_OK;
  const bool tested = pfc_rng_uniform(rng) < pfc__sim_kinds[s->kind[i]].test;
  const bool again = pfc_rng_uniform(rng) < SECOND_LOOK;
  const int32_t later = end + 30 + (int32_t)pfc_rng_below(rng, 150);
  if (tested) PFC_TRY(assess_targets(s, person, i, TEST, 0, end, rng, out, err));
  if (certifies(s, i) && passed)
    PFC_TRY(assess_targets(s, person, i, CERTIFICATE, 0, end, rng, out, err));
  if (again) {
    const int32_t source = pfc_rng_uniform(rng) < 0.5 ? TEST : MANAGER;
    const int32_t rater = source == TEST ? 0 : manager_on(s, person, later);
    PFC_TRY(assess_targets(s, person, i, source, rater, later, rng, out, err));
  }
done:
  return st;
}

/* --- all of it
 * ---------------------------------------------------------------------------------- */

static int by_day(const void *a, const void *b) {
  const pfc__rating *x = a, *y = b;
  if (x->day != y->day) return x->day < y->day ? -1 : 1;
  if (x->competency != y->competency) return x->competency < y->competency ? -1 : 1;
  if (x->source != y->source) return x->source < y->source ? -1 : 1;
  return (x->rater > y->rater) - (x->rater < y->rater);
}

void pfc__sim_sort_ratings(pfc__ratings *r) {
  int64_t n = 0;
  if (r->n > 0) qsort(r->row, (size_t)r->n, sizeof *r->row, by_day);
  for (int64_t k = 0; k < r->n; k++) {
    if (n == 0 || by_day(&r->row[n - 1], &r->row[k]) != 0) r->row[n++] = r->row[k];
  }
  r->n = n;
}

static pfc_status assess_person(const pfc__sim *s, int32_t person, const finished *f,
                                pfc__ratings *out, pfc_error *err) {
  pfc_status st = PFC_OK;
  const pfc_truth *t = s->truth;
  pfc_rng rng = pfc__sim_stream(s, "assessments", (uint64_t)person);
  const int32_t from = s->hired_on[person] > t->first_day ? s->hired_on[person] : t->first_day;
  int32_t last = t->last_day;
  if (t->left_on[person] != PFC_NO_DATE && t->left_on[person] < last) last = t->left_on[person];
  for (int32_t first = from; first <= last; first += PFC__SIM_YEAR) {
    const int32_t end = first + PFC__SIM_YEAR - 1 < last ? first + PFC__SIM_YEAR - 1 : last;
    PFC_TRY(pfc__sim_assess_year(s, person, first, end, &rng, out, err));
  }
  for (int64_t row = f->start[person]; row < f->start[person + 1]; row++) {
    const bool passed = f->status[row] == f->passed;
    if (passed || f->status[row] == f->failed)
      PFC_TRY(pfc__sim_assess_finished(s, person, f->intervention[row], f->ended_on[row],
                                       passed, &rng, out, err));
  }
  pfc__sim_sort_ratings(out);
done:
  return st;
}

typedef struct all_ratings {
  const pfc__sim *s;
  const finished *finished;
  pfc__ratings *each; /* n_people */
} all_ratings;

static pfc_status assess_one(int32_t person, void *user, pfc_error *err) {
  const all_ratings *a = user;
  return assess_person(a->s, person, a->finished, &a->each[person], err);
}

pfc_status pfc__sim_source_words(pfc__sim *s, int32_t *code, pfc_error *err) {
  const char *names[N_SOURCES];
  for (int k = 0; k < N_SOURCES; k++) names[k] = SOURCES[k].name;
  return pfc__sim_words(s, "source", N_SOURCES, names, code, err);
}

static pfc_status tell_sources(pfc__sim *s, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc_truth *t = s->truth;
  double *min = NULL, *max = NULL;
  int8_t *anchor = NULL;
  int32_t *name = NULL;
  t->n_sources = N_SOURCES;
  PFC_NEW(t->source_bias, N_SOURCES);
  PFC_NEW(t->source_slope, N_SOURCES);
  PFC_NEW(t->source_noise, N_SOURCES);
  PFC_NEW(t->source_leniency, N_SOURCES);
  PFC_NEW(min, N_SOURCES);
  PFC_NEW(max, N_SOURCES);
  PFC_NEW(anchor, N_SOURCES);
  PFC_NEW(name, N_SOURCES);
  PFC_TRY(pfc__sim_source_words(s, name, err));
  for (int k = 0; k < N_SOURCES; k++) {
    const struct source *from = &SOURCES[k];
    int32_t code;
    PFC_TRY(pfc_dict_add(t->sources, from->name, strlen(from->name), &code, err));
    t->source_bias[k] = (float)from->bias;
    t->source_slope[k] = (float)from->slope;
    t->source_noise[k] = (float)from->noise;
    t->source_leniency[k] = (float)from->leniency;
    min[k] = from->min;
    max[k] = from->max;
    anchor[k] = (int8_t)from->anchor;
  }
  PFC__SIM_TAKE(s, PFC_SOURCES, "source", PFC_CODE, "source", N_SOURCES, name);
  PFC__SIM_TAKE(s, PFC_SOURCES, "scale_min", PFC_REAL, NULL, N_SOURCES, min);
  PFC__SIM_TAKE(s, PFC_SOURCES, "scale_max", PFC_REAL, NULL, N_SOURCES, max);
  PFC__SIM_TAKE(s, PFC_SOURCES, "anchor", PFC_FLAG, NULL, N_SOURCES, anchor);
done:
  pfc_free(min);
  pfc_free(max);
  pfc_free(anchor);
  pfc_free(name);
  return st;
}

/* Raters are people: their ids, in the dictionary of raters, have the codes of people. */
static pfc_status name_raters(pfc__sim *s, pfc_error *err) {
  pfc_dict *raters = pfc_dataset_dict(s->ds, "rater");
  const pfc_dict *people = pfc_dataset_find_dict(s->ds, "person");
  if (!raters) return pfc_fail_memory(err, "raters");
  for (int32_t p = 0; p < s->truth->n_people; p++) {
    int32_t code;
    const char *id = pfc_dict_text(people, p);
    const pfc_status st = pfc_dict_add(raters, id, strlen(id), &code, err);
    if (st != PFC_OK) return st;
  }
  return PFC_OK;
}

static pfc_status tell_ratings(pfc__sim *s, const pfc__ratings *each, pfc_error *err) {
  pfc_status st = PFC_OK;
  int32_t *person = NULL, *competency = NULL, *source = NULL, *rater = NULL, *day = NULL,
          *valid = NULL;
  double *level = NULL;
  int64_t n = 0, row = 0;
  for (int32_t p = 0; p < s->truth->n_people; p++) n += each[p].n;
  PFC_NEW(person, n);
  PFC_NEW(competency, n);
  PFC_NEW(source, n);
  PFC_NEW(rater, n);
  PFC_NEW(day, n);
  PFC_NEW(valid, n);
  PFC_NEW(level, n);
  for (int32_t p = 0; p < s->truth->n_people; p++) {
    for (int64_t k = 0; k < each[p].n; k++, row++) {
      const pfc__rating *r = &each[p].row[k];
      person[row] = p;
      competency[row] = r->competency;
      source[row] = r->source;
      rater[row] = r->rater;
      day[row] = r->day;
      valid[row] = r->valid_until;
      level[row] = (double)r->level;
    }
  }
  PFC__SIM_TAKE(s, PFC_ASSESSMENTS, "person_id", PFC_CODE, "person", n, person);
  PFC__SIM_TAKE(s, PFC_ASSESSMENTS, "competency_id", PFC_CODE, "competency", n, competency);
  PFC__SIM_TAKE(s, PFC_ASSESSMENTS, "level", PFC_REAL, NULL, n, level);
  PFC__SIM_TAKE(s, PFC_ASSESSMENTS, "source", PFC_CODE, "source", n, source);
  PFC__SIM_TAKE(s, PFC_ASSESSMENTS, "rater_id", PFC_CODE, "rater", n, rater);
  PFC__SIM_TAKE(s, PFC_ASSESSMENTS, "assessed_on", PFC_DATE, NULL, n, day);
  PFC__SIM_TAKE(s, PFC_ASSESSMENTS, "valid_until", PFC_DATE, NULL, n, valid);
done:
  pfc_free(person);
  pfc_free(competency);
  pfc_free(source);
  pfc_free(rater);
  pfc_free(day);
  pfc_free(valid);
  pfc_free(level);
  return st;
}

pfc_status pfc__sim_assessments(pfc__sim *s, pfc_error *err) {
  pfc_status st = PFC_OK;
  finished f = {0};
  pfc__ratings *each = NULL;
  PFC_NEW(each, s->truth->n_people);
  PFC_TRY(tell_sources(s, err));
  PFC_TRY(name_raters(s, err));
  PFC_TRY(finished_init(&f, s, err));
  all_ratings all = {s, &f, each};
  PFC_TRY(pfc__sim_each_person(s, assess_one, &all, err));
  PFC_TRY(tell_ratings(s, each, err));
done:
  for (int32_t p = 0; each && p < s->truth->n_people; p++) pfc_free(each[p].row);
  pfc_free(each);
  pfc_free(f.start);
  return st;
}
