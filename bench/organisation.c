#include "bench/organisation_internal.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/rng.h"
#include "bench/interactions_internal.h"
#include "models/logistic.h"

enum { FIRST_DAY = 18262, DAYS = 1500, FOLLOWED_DAYS = 300 }; /* from 2020-01-01 on */

/* Days to proficiency, of an average person in an average intervention. */
static const double MEAN_DAYS = 120;

/* --- tables and words --------------------------------------------------------------- */

/* Columns as the schema declares them, in the order of their names. */
static pfc_status add_table(pfc_dataset *ds, pfc_table_id table, int n_names,
                            const char *const *names, int64_t n_rows, pfc_error *err) {
  pfc_status st = PFC_OK;
  for (int i = 0; i < n_names; i++) {
    const pfc_column_decl *decl = pfc_schema_column(pfc_schema(table), names[i]);
    pfc_column *column;
    PFC_TRY(pfc_dataset_add_column(ds, table, decl->name, decl->type, decl->dictionary, n_rows,
                                   &column, err));
  }
done:
  return st;
}

static pfc_status add_word(pfc_dataset *ds, const char *dictionary, const char *text,
                           pfc_error *err) {
  pfc_dict *dict = pfc_dataset_dict(ds, dictionary);
  int32_t code;
  if (!dict) return pfc_fail_memory(err, dictionary);
  return pfc_dict_add(dict, text, strlen(text), &code, err);
}

/* Ids whose numbers are their codes. */
static pfc_status add_ids(pfc_dataset *ds, const char *dictionary, int32_t n, pfc_error *err) {
  pfc_status st = PFC_OK;
  for (int32_t i = 0; i < n; i++) {
    char text[32];
    (void)snprintf(text, sizeof text, "%.1s%05d", dictionary, (int)i);
    PFC_TRY(add_word(ds, dictionary, text, err));
  }
done:
  return st;
}

/* --- the catalogue -------------------------------------------------------------------- */

static pfc_status add_catalogue(const pfc__organisation *o, pfc_dataset *ds, pfc_error *err) {
  pfc_status st = PFC_OK;
  static const char *const ABOUT[] = {"intervention_id", "hours"};
  static const char *const AIMS[] = {"intervention_id", "competency_id", "to_level"};
  PFC_TRY(add_ids(ds, "intervention", o->n_interventions, err));
  PFC_TRY(add_ids(ds, "competency", o->n_competencies, err));
  PFC_TRY(add_table(ds, PFC_INTERVENTIONS, 2, ABOUT, o->n_interventions, err));
  const int32_t n_targets = o->n_targets > 0 ? o->n_targets : 1;
  PFC_TRY(add_table(ds, PFC_TARGETS, 3, AIMS, (int64_t)o->n_interventions * n_targets, err));
  const pfc_column *about = ds->tables[PFC_INTERVENTIONS].columns;
  const pfc_column *aims = ds->tables[PFC_TARGETS].columns;
  for (int32_t i = 0; i < o->n_interventions; i++) {
    about[0].code[i] = i;
    about[1].real[i] = 4 + 10 * (i % 7);
    for (int32_t k = 0; k < n_targets; k++) {
      const int64_t row = (int64_t)i * n_targets + k;
      aims[0].code[row] = i;
      aims[1].code[row] = (i + k * 7) % o->n_competencies;
      aims[2].real[row] = 2 + (i + k) % 3;
    }
  }
done:
  return st;
}

/* --- who they are, and what they are held to know ------------------------------------------
 */

/* What a role asks for: every third competency, from its own number on. */
static pfc_status add_roles(const pfc__organisation *o, pfc_dataset *ds, pfc_error *err) {
  pfc_status st = PFC_OK;
  static const char *const PERSON[] = {"person_id", "role_id"};
  static const char *const ROLE[] = {"role_id"};
  static const char *const ASKED[] = {"role_id", "competency_id", "level", "importance"};
  const int32_t each = (o->n_competencies + 2) / 3;
  PFC_TRY(add_ids(ds, "role", o->n_roles, err));
  PFC_TRY(add_table(ds, PFC_PEOPLE, 2, PERSON, o->n_people, err));
  PFC_TRY(add_table(ds, PFC_ROLES, 1, ROLE, o->n_roles, err));
  PFC_TRY(add_table(ds, PFC_REQUIREMENTS, 4, ASKED, (int64_t)o->n_roles * each, err));
  const pfc_column *person = ds->tables[PFC_PEOPLE].columns;
  const pfc_column *asked = ds->tables[PFC_REQUIREMENTS].columns;
  for (int32_t p = 0; p < o->n_people; p++) {
    person[0].code[p] = p;
    person[1].code[p] = p % o->n_roles;
  }
  for (int32_t r = 0; r < o->n_roles; r++) {
    ds->tables[PFC_ROLES].columns[0].code[r] = r;
    for (int32_t k = 0; k < each; k++) {
      const int64_t row = (int64_t)r * each + k;
      asked[0].code[row] = r;
      asked[1].code[row] = (r + 3 * k) % o->n_competencies;
      asked[2].real[row] = 2 + (r + k) % 3;
      asked[3].real[row] = 0.2 * (1 + k % 5);
    }
  }
done:
  return st;
}

/* Half of what is rated is asked for by the role, as far as numbers go. */
static pfc_status add_ratings(const pfc__organisation *o, pfc_dataset *ds, pfc_error *err) {
  pfc_status st = PFC_OK;
  static const char *const RATING[] = {"person_id", "competency_id", "level", "source",
                                       "assessed_on"};
  PFC_TRY(add_word(ds, "source", "test", err));
  PFC_TRY(add_word(ds, "source", "manager", err));
  PFC_TRY(add_table(ds, PFC_ASSESSMENTS, 5, RATING, (int64_t)o->n_people * o->n_ratings, err));
  const pfc_column *rating = ds->tables[PFC_ASSESSMENTS].columns;
  for (int32_t p = 0; p < o->n_people; p++) {
    pfc_rng rng;
    pfc_rng_init(&rng, o->seed, "bench.rated", (uint64_t)p);
    const double able = 2.3 + 0.6 * pfc_rng_normal(&rng);
    for (int32_t k = 0; k < o->n_ratings; k++) {
      const int64_t row = (int64_t)p * o->n_ratings + k;
      const double level = able + 0.7 * pfc_rng_normal(&rng);
      const int32_t step = k % 2 ? 3 * k : (int32_t)pfc_rng_below(&rng, 1000);
      rating[0].code[row] = p;
      rating[1].code[row] = (p % o->n_roles + step) % o->n_competencies;
      rating[2].real[row] = fmin(fmax(level, 0), 5);
      rating[3].code[row] = k % 2;
      rating[4].date[row] = FIRST_DAY + (int32_t)pfc_rng_below(&rng, DAYS);
    }
  }
done:
  return st;
}

/* --- what people did ---------------------------------------------------------------------- */

/* Codes are those of the words' order. */
enum { PASSED, FAILED };
enum { PROFICIENT, CENSORED };

static pfc_status add_words(pfc_dataset *ds, pfc_error *err) {
  pfc_status st = PFC_OK;
  PFC_TRY(add_word(ds, "status", "passed", err));
  PFC_TRY(add_word(ds, "status", "failed", err));
  PFC_TRY(add_word(ds, "event", "proficient", err));
  PFC_TRY(add_word(ds, "event", "censored", err));
done:
  return st;
}

/* How able a person is, how easy an intervention. */
static double trait(uint64_t seed, const char *what, int32_t of) {
  pfc_rng rng;
  pfc_rng_init(&rng, seed, what, (uint64_t)of);
  return 0.7 * pfc_rng_normal(&rng);
}

/* Fills one row of both tables. */
static void add_attempt(const pfc__organisation *o, const pfc_dataset *ds, int64_t row,
                        int32_t person, int32_t intervention) {
  const pfc_column *enrolment = ds->tables[PFC_ENROLMENTS].columns;
  const pfc_column *episode = ds->tables[PFC_EPISODES].columns;
  const double ease =
      trait(o->seed, "bench.able", person) + trait(o->seed, "bench.easy", intervention);
  pfc_rng rng;
  pfc_rng_init(&rng, o->seed, "bench.attempt", (uint64_t)row);
  const int32_t start = FIRST_DAY + (int32_t)pfc_rng_below(&rng, DAYS);
  const bool passed = pfc_rng_uniform(&rng) < pfc_logistic(1 + ease);
  const double days = ceil(-MEAN_DAYS * exp(-ease) * log(1 - pfc_rng_uniform(&rng)));
  const double followed = fmax(1, fmin(days, FOLLOWED_DAYS));

  enrolment[0].code[row] = episode[0].code[row] = person;
  enrolment[1].code[row] = episode[1].code[row] = intervention;
  enrolment[2].date[row] = episode[2].date[row] = start;
  enrolment[3].date[row] = start + 60;
  enrolment[4].code[row] = passed ? PASSED : FAILED;
  episode[3].code[row] = intervention % o->n_competencies;
  episode[4].real[row] = followed;
  episode[5].code[row] = days <= FOLLOWED_DAYS ? PROFICIENT : CENSORED;
}

static pfc_status add_attempts(const pfc__organisation *o, pfc_dataset *ds, pfc_error *err) {
  pfc_status st = PFC_OK;
  static const char *const ENROLMENT[] = {"person_id", "intervention_id", "started_on",
                                          "ended_on", "status"};
  static const char *const EPISODE[] = {"person_id",     "intervention_id", "started_on",
                                        "competency_id", "duration_days",   "event"};
  pfc_csr taken = {0};
  PFC_TRY(pfc__interactions(o->n_people, o->n_interventions, o->n_enrolments, o->seed, &taken,
                            err));
  const int64_t n = taken.start[taken.n_rows];
  PFC_TRY(add_words(ds, err));
  PFC_TRY(add_ids(ds, "person", o->n_people, err));
  PFC_TRY(add_table(ds, PFC_ENROLMENTS, 5, ENROLMENT, n, err));
  PFC_TRY(add_table(ds, PFC_EPISODES, 6, EPISODE, n, err));
  for (int32_t p = 0; p < o->n_people; p++) {
    for (int64_t e = taken.start[p]; e < taken.start[p + 1]; e++)
      add_attempt(o, ds, e, p, taken.col[e]);
  }
done:
  pfc_csr_clear(&taken);
  return st;
}

pfc_status pfc__organisation_create(const pfc__organisation *shape, pfc_dataset **out,
                                    pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc_dataset *ds = pfc_dataset_create();
  if (!ds) return pfc_fail_memory(err, "dataset");
  PFC_TRY(add_catalogue(shape, ds, err));
  PFC_TRY(add_attempts(shape, ds, err));
  if (shape->n_roles > 0) PFC_TRY(add_roles(shape, ds, err));
  if (shape->n_ratings > 0) PFC_TRY(add_ratings(shape, ds, err));
  *out = ds;
  ds = NULL;
done:
  pfc_dataset_destroy(ds);
  return st;
}
