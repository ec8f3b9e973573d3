#include "cli/predict_levels.h"

#include <math.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/par.h"
#include "cli/people.h"
#include "datasets/history.h"
#include "cli/absorbed.h"
#include "models/bundle.h"
#include "models/levels.h"
#include "models/predict.h"

/* Levels told in one block, which are kept until it is written. */
enum { BLOCK = 1 << 15 };
/* The 95th percentile of a standard normal. */
static const double Z95 = 1.6448536269514722;

pfc_status level_question_on(level_question *q, const char *list, pfc_error *err) {
  char text[PFC_TIME_TEXT];
  for (const char *at = list;; at++) {
    const size_t size = strcspn(at, ",");
    if (size == 0 || size >= sizeof text || q->n_days == LEVEL_DAYS) break;
    memcpy(text, at, size);
    text[size] = '\0';
    if (!pfc_date_parse(text, &q->day[q->n_days])) break;
    q->n_days++;
    at += size;
    if (!*at) return PFC_OK;
  }
  return pfc_fail(err, PFC_EUSAGE,
                  "--on: up to %d dates such as 2025-06-30 expected, separated by commas, not "
                  "'%.200s'",
                  LEVEL_DAYS, list);
}

/* --- what is asked ---------------------------------------------------------------------------
 * Visits: one person on one day, asked about some competencies. */

typedef struct asking {
  common *c;
  pfc_bundle *bundle;
  pfc_dataset *ds;
  bool is_product;                   /* people x days, each about all competencies below; else
                                        row by row */
  code_list person, competency, day; /* day: PFC_NO_DATE the day of the decision */
} asking;

static int64_t n_visits(const asking *a) {
  return a->is_product ? a->person.n * a->day.n : a->person.n;
}

static int64_t n_told(const asking *a) { return a->is_product ? a->competency.n : 1; }

static int32_t visit_person(const asking *a, int64_t v) {
  return a->person.code[a->is_product ? v / a->day.n : v];
}

static int32_t visit_day(const asking *a, int64_t v) {
  return a->day.code[a->is_product ? v % a->day.n : v];
}

static const int32_t *visit_competencies(const asking *a, int64_t v) {
  return a->competency.code + (a->is_product ? 0 : v);
}

static pfc_status add_row(const char *const *cells, void *user, pfc_error *err) {
  asking *a = user;
  pfc_status st = PFC_OK;
  int32_t person, competency, day = PFC_NO_DATE;
  PFC_TRY(competency_code(a->ds, cells[1], &competency, err));
  PFC_TRY(person_code(a->c, a->ds, cells[0], &person, err));
  if (*cells[2] && !pfc_date_parse(cells[2], &day)) {
    return pfc_fail(err, PFC_EDATA, "on: a date such as 2025-06-30 expected, not '%.100s'",
                    cells[2]);
  }
  PFC_TRY(code_list_add(&a->person, person, err));
  PFC_TRY(code_list_add(&a->competency, competency, err));
  PFC_TRY(code_list_add(&a->day, day, err));
done:
  return st;
}

static pfc_status add_all(code_list *to, int32_t n, pfc_error *err) {
  pfc_status st = PFC_OK;
  for (int32_t i = 0; i < n; i++) PFC_TRY(code_list_add(to, i, err));
done:
  return st;
}

static pfc_status ask_product(const level_question *q, asking *a, pfc_error *err) {
  pfc_status st = PFC_OK;
  int32_t code;
  a->is_product = true;
  for (int i = 0; i < q->n_competencies; i++) {
    PFC_TRY(competency_code(a->ds, q->competency[i], &code, err));
    PFC_TRY(code_list_add(&a->competency, code, err));
  }
  if (q->n_competencies == 0)
    PFC_TRY(add_all(&a->competency, pfc_dataset_count(a->ds, "competency"), err));
  for (int i = 0; i < q->n_people; i++) {
    PFC_TRY(person_code(a->c, a->ds, q->person[i], &code, err));
    PFC_TRY(code_list_add(&a->person, code, err));
  }
  if (q->n_people == 0) PFC_TRY(add_all(&a->person, pfc_dataset_count(a->ds, "person"), err));
  for (int i = 0; i < q->n_days; i++) PFC_TRY(code_list_add(&a->day, q->day[i], err));
  if (q->n_days == 0) PFC_TRY(code_list_add(&a->day, PFC_NO_DATE, err));
done:
  return st;
}

static pfc_status ask(const level_question *q, asking *a, pfc_error *err) {
  static const char *const COLUMNS[] = {"person_id", "competency_id", "on"};
  if (q->pairs) return ids_read_some(q->pairs, 3, 2, COLUMNS, add_row, a, err);
  return ask_product(q, a, err);
}

static pfc_status load(asking *a, pfc_error *err) {
  common *c = a->c;
  pfc_status st = PFC_OK;
  PFC_TRY(pfc_bundle_load(c->args[0], &a->bundle, err));
  if (!a->bundle->has_profile) {
    st = pfc_fail(err, PFC_EDATA,
                  "%s holds no profile, hence tells no levels: train it on data with ratings "
                  "(table assessments); `proficio check` says what they lack",
                  c->args[0]);
    goto done;
  }
  PFC_TRY(absorbed_load(c, c->args[1], &a->ds, err));
done:
  return st;
}

static void asking_clear(asking *a) {
  code_list_clear(&a->person);
  code_list_clear(&a->competency);
  code_list_clear(&a->day);
  pfc_dataset_destroy(a->ds);
  pfc_bundle_destroy(a->bundle);
}

/* --- what is known ---------------------------------------------------------------------------
 */

typedef struct knowing {
  const asking *asked;
  pfc_history *history;
  pfc_evidence *evidence;
  pfc_requirements *requirements;
  pfc_profile profile; /* in the codes of the dataset */
  pfc_levels *levels;
  int n_threads;
  pfc_levels_person **known; /* one a thread */
  int32_t limit;             /* nothing of this day or later is known; PFC_NO_DATE: no limit */
  int32_t decision_day;      /* levels are told of, unless another day is asked for */
  int64_t from, block;       /* first visit of the block, and how many it may have */
  pfc_level *told;           /* block x n_told */
} knowing;

static void knowing_clear(knowing *k) {
  for (int t = 0; k->known && t < k->n_threads; t++) pfc_levels_person_destroy(k->known[t]);
  pfc_free(k->known);
  pfc_free(k->told);
  pfc_levels_destroy(k->levels);
  pfc_profile_clear(&k->profile);
  pfc_requirements_destroy(k->requirements);
  pfc_evidence_destroy(k->evidence);
  pfc_history_destroy(k->history);
}

static void choose_days(knowing *k) {
  const asking *a = k->asked;
  const int32_t last = pfc_last_day(a->ds, k->history);
  k->limit = a->c->as_of;
  if (k->limit == PFC_NO_DATE && a->ds->split.kind == PFC_SPLIT_AT)
    k->limit = a->ds->split.date;
  k->decision_day = k->limit;
  if (k->limit == PFC_NO_DATE && last != PFC_NO_DATE) k->decision_day = last + 1;
}

/* People must all be known to the dataset by now. */
static pfc_status knowing_init(knowing *k, pfc_error *err) {
  pfc_status st = PFC_OK;
  const asking *a = k->asked;
  PFC_TRY(pfc_history_create(a->ds, &k->history, err));
  PFC_TRY(pfc_evidence_create(a->ds, k->history, &k->evidence, err));
  PFC_TRY(pfc_requirements_create(a->ds, &k->requirements, err));
  PFC_TRY(pfc_bundle_align_profile(k->asked->bundle, k->asked->ds, &k->profile, err));
  PFC_TRY(pfc_levels_create(&k->profile, k->evidence, k->requirements, &k->levels, err));
  k->n_threads = pfc_par_threads();
  PFC_NEW(k->known, k->n_threads);
  for (int t = 0; t < k->n_threads; t++)
    PFC_TRY(pfc_levels_person_create(k->levels, &k->known[t], err));
  k->block = 1 + BLOCK / (n_told(a) + 1);
  PFC_NEW(k->told, k->block * n_told(a));
  choose_days(k);
done:
  return st;
}

static int32_t told_day(const knowing *k, int64_t visit) {
  const int32_t on = visit_day(k->asked, visit);
  return on == PFC_NO_DATE ? k->decision_day : on;
}

/* A day gone by is seen with what was known then; what is told of a day to come rests on what
 * is known on the day of the decision. */
static int32_t known_before(const knowing *k, int64_t visit) {
  const int32_t on = told_day(k, visit);
  if (on == PFC_NO_DATE || on >= k->decision_day) return k->limit;
  return on;
}

static pfc_status tell(int thread, int64_t i, void *user, pfc_error *err) {
  const knowing *k = user;
  const asking *a = k->asked;
  const int64_t visit = k->from + i, n = n_told(a);
  pfc_status st = PFC_OK;
  PFC_TRY(pfc_levels_look(k->levels, visit_person(a, visit), known_before(k, visit),
                          k->known[thread], err));
  pfc_levels_tell(k->levels, k->known[thread], (int32_t)n, visit_competencies(a, visit),
                  told_day(k, visit), k->told + i * n);
done:
  return st;
}

/* --- rows ------------------------------------------------------------------------------------
 */

static pfc_status open_rows(common *c, output **out, pfc_error *err) {
  static const output_column COLUMNS[] = {
      {"person_id", COLUMN_TEXT, false}, {"competency_id", COLUMN_TEXT, false},
      {"on", COLUMN_TEXT, false},        {"level", COLUMN_REAL, false},
      {"level_sd", COLUMN_REAL, true},   {"p05", COLUMN_REAL, false},
      {"p95", COLUMN_REAL, false},       {"required", COLUMN_REAL, false},
      {"p_below", COLUMN_REAL, false},   {"evidence_n", COLUMN_INT, true},
      {"latest_on", COLUMN_TEXT, true},  {"model_version", COLUMN_TEXT, true},
  };
  return common_table(c, sizeof COLUMNS / sizeof *COLUMNS, COLUMNS, out, err);
}

/* Quantiles of a normal whose mass beyond the ends of the scale lies on the ends. */
static double cut(const knowing *k, double level) {
  return fmax(k->profile.scale_min, fmin(k->profile.scale_max, level));
}

/* NaN where the role does not ask; as the gap map has it where it asks and names no level. */
static double required_level(const knowing *k, int64_t visit, int32_t competency) {
  const int32_t before = known_before(k, visit);
  const int32_t role = pfc_history_role(k->history, visit_person(k->asked, visit),
                                        before == PFC_NO_DATE ? before : before - 1);
  const pfc_requirement *r = pfc_requirements_find(k->requirements, role, competency);
  if (!r || !isnan(r->level)) return r ? r->level : (double)NAN;
  const double share = k->asked->c->settings.scorer.gaps.held_share;
  return k->profile.scale_min + share * (k->profile.scale_max - k->profile.scale_min);
}

static pfc_status put_level(const knowing *k, int64_t visit, int32_t competency,
                            const pfc_level *level, output *out, pfc_error *err) {
  const asking *a = k->asked;
  const double required = required_level(k, visit, competency);
  char on[PFC_DATE_TEXT], latest[PFC_DATE_TEXT];
  pfc_date_format(told_day(k, visit), on);
  pfc_date_format(level->latest_day, latest);
  const cell row[] = {
      cell_text(pfc_dict_text(pfc_dataset_find_dict(a->ds, "person"), visit_person(a, visit))),
      cell_text(pfc_dict_text(pfc_dataset_find_dict(a->ds, "competency"), competency)),
      cell_text(on),
      cell_real(cut(k, level->mean)),
      cell_real(level->sd),
      cell_real(cut(k, level->mean - Z95 * level->sd)),
      cell_real(cut(k, level->mean + Z95 * level->sd)),
      cell_real(required),
      cell_real(isnan(required) ? required
                                : pfc_level_p_below(level->mean, level->sd, required,
                                                    k->profile.scale_min)),
      cell_int(level->n_ratings),
      cell_text(latest),
      cell_text(a->bundle->version),
  };
  return table_row(out, row, err);
}

static pfc_status put_block(const knowing *k, int64_t size, output *out, pfc_error *err) {
  pfc_status st = PFC_OK;
  const int64_t n = n_told(k->asked);
  for (int64_t i = 0; i < size; i++) {
    const int32_t *competency = visit_competencies(k->asked, k->from + i);
    for (int64_t j = 0; j < n; j++)
      PFC_TRY(put_level(k, k->from + i, competency[j], &k->told[i * n + j], out, err));
  }
done:
  return st;
}

static pfc_status write_blocks(knowing *k, output *out, pfc_error *err) {
  pfc_status st = PFC_OK;
  const pfc_progress progress = progress_of(&k->asked->c->progress);
  const int64_t n = n_visits(k->asked);
  for (k->from = 0; k->from < n; k->from += k->block) {
    const int64_t size = n - k->from < k->block ? n - k->from : k->block;
    PFC_TRY(pfc_par_each(size, 8, size > 8, tell, k, err));
    PFC_TRY(put_block(k, size, out, err));
    PFC_TRY(pfc_progress_report(&progress, "predict", k->from + size, n, (double)NAN, err));
  }
done:
  return st;
}

static pfc_status print_summary(const knowing *k, pfc_error *err) {
  pfc_status st = PFC_OK;
  const asking *a = k->asked;
  const common *c = a->c;
  cJSON *json = NULL;
  char date[PFC_DATE_TEXT];
  pfc_date_format(k->decision_day, date);
  PFC_TRY(common_object(c, &json, err));
  PFC_TRY(pfc_json_put_text(json, "model", c->args[0], err));
  PFC_TRY(pfc_json_put_text(json, "model_version", a->bundle->version, err));
  PFC_TRY(pfc_json_put_text(json, "dataset", c->args[1], err));
  PFC_TRY(pfc_json_put_text(json, "as_of", date, err));
  PFC_TRY(pfc_json_put_number(json, "unknown_people", (double)c->n_unknown_people, err));
  if (c->output) PFC_TRY(pfc_json_put_text(json, "output", c->output, err));
  PFC_TRY(pfc_json_put_number(json, "rows", (double)(n_visits(a) * n_told(a)), err));
  PFC_TRY(common_print(c, json, err));
done:
  cJSON_Delete(json);
  return st;
}

static pfc_status write_rows(knowing *k, pfc_error *err) {
  pfc_status st = PFC_OK;
  common *c = k->asked->c;
  output *out = NULL;
  if (k->profile.relative)
    common_note(c, "no source is an anchor: levels mean something beside each other alone");
  PFC_TRY(open_rows(c, &out, err));
  PFC_TRY(write_blocks(k, out, err));
  progress_end(&c->progress);
  PFC_TRY(table_close(out, err));
  PFC_TRY(print_summary(k, err));
done:
  output_destroy(out);
  return st;
}

pfc_status predict_levels(common *c, const level_question *q, pfc_error *err) {
  pfc_status st = PFC_OK;
  asking a = {.c = c};
  knowing k = {.asked = &a};
  PFC_TRY(load(&a, err));
  PFC_TRY(ask(q, &a, err));
  PFC_TRY(knowing_init(&k, err));
  PFC_TRY(write_rows(&k, err));
done:
  knowing_clear(&k);
  asking_clear(&a);
  return st;
}
