#include <math.h>
#include <string.h>

#include "base/mem.h"
#include "base/number.h"
#include "base/par.h"
#include "cli/common.h"
#include "cli/people.h"
#include "cli/predict_levels.h"
#include "cli/scoring.h"

enum {
  KEY_PAIRS = OWN_KEY,
  KEY_PERSON,
  KEY_INTERVENTION,
  KEY_CURVES,
  KEY_LEVEL,
  KEY_COMPETENCY,
  KEY_ON,
};
enum { CURVE_POINTS = 24, MAX_POINTS = 366, MAX_DAY = 36500 };

typedef struct predict_options {
  const char *intervention;
  bool curves, level;
  level_question about; /* its people and pairs are those of any prediction */
  int n_days;           /* 0: CURVE_POINTS equal steps up to the horizon */
  double days[MAX_POINTS];
} predict_options;

static pfc_status take_days(predict_options *o, const char *arg, pfc_error *err) {
  o->curves = true;
  for (const char *at = arg; at && o->n_days < MAX_POINTS; at++) {
    const size_t size = strcspn(at, ",");
    const double before = o->n_days ? o->days[o->n_days - 1] : 0;
    double day;
    if (!pfc_number_parse(at, size, &day) || !(day > before) || day > MAX_DAY) break;
    o->days[o->n_days++] = day;
    at += size;
    if (!*at) return PFC_OK;
  }
  if (!arg) return PFC_OK;
  return pfc_fail(err, PFC_EUSAGE,
                  "--curves: up to %d ascending days above 0 and up to %d expected, separated "
                  "by commas, not '%.200s'",
                  MAX_POINTS, MAX_DAY, arg);
}

static pfc_status take_name(const char *option, const char *arg, const char **names, int *n,
                            pfc_error *err) {
  if (*n == LEVEL_NAMES) {
    return pfc_fail(err, PFC_EUSAGE, "%s: more than %d on the command line: use --pairs",
                    option, LEVEL_NAMES);
  }
  names[(*n)++] = arg;
  return PFC_OK;
}

static pfc_status take(int key, const char *arg, void *own, pfc_error *err) {
  predict_options *o = own;
  level_question *q = &o->about;
  if (key == KEY_PAIRS) q->pairs = arg;
  if (key == KEY_INTERVENTION) o->intervention = arg;
  if (key == KEY_LEVEL) o->level = true;
  if (key == KEY_CURVES) return take_days(o, arg, err);
  if (key == KEY_ON) return level_question_on(q, arg, err);
  if (key == KEY_PERSON) return take_name("--person", arg, q->person, &q->n_people, err);
  if (key != KEY_COMPETENCY) return PFC_OK;
  return take_name("--competency", arg, q->competency, &q->n_competencies, err);
}

static const struct argp_option OPTIONS[] = {
    {"pairs", KEY_PAIRS, "FILE", 0,
     "the pairs in columns person_id and intervention_id of a CSV file; with --level "
     "person_id, competency_id and, if it has it, on",
     0},
    {"person", KEY_PERSON, "ID", 0, "one pair: this person ...", 0},
    {"intervention", KEY_INTERVENTION, "ID", 0, "... and this intervention", 0},
    {"curves", KEY_CURVES, "DAYS", OPTION_ARG_OPTIONAL,
     "a row a day with the chance of proficiency by then, e.g. --curves=30,60,90 [24 equal "
     "steps up to the horizon]",
     0},
    {"level", KEY_LEVEL, NULL, 0,
     "levels held, with an interval, in the place of success and time; of --person, which may "
     "be repeated [everybody], in --competency",
     0},
    {"competency", KEY_COMPETENCY, "ID", 0, "with --level: in this one; may be repeated [all]",
     0},
    {"on", KEY_ON, "DATES", 0,
     "with --level: on these days, e.g. 2025-06-30,2026-06-30; may be repeated. What is told "
     "of "
     "a day gone by is what was known then [the day of --as-of]",
     0},
    {0},
};

/* --- pairs -----------------------------------------------------------------------------------
 */

typedef struct pairs {
  common *c;
  pfc_dataset *ds;
  code_list person, intervention; /* of equal length */
} pairs;

static pfc_status add_pair(const char *const *ids, void *user, pfc_error *err) {
  pairs *p = user;
  pfc_status st = PFC_OK;
  int32_t person, intervention;
  PFC_TRY(intervention_code(p->ds, ids[1], &intervention, err));
  PFC_TRY(person_code(p->c, p->ds, ids[0], &person, err));
  PFC_TRY(code_list_add(&p->person, person, err));
  PFC_TRY(code_list_add(&p->intervention, intervention, err));
done:
  return st;
}

static pfc_status choose_pairs(const predict_options *o, pairs *p, pfc_error *err) {
  static const char *const COLUMNS[] = {"person_id", "intervention_id"};
  if (o->about.pairs) return ids_read(o->about.pairs, 2, COLUMNS, add_pair, p, err);
  const char *const ids[] = {o->about.person[0], o->intervention};
  return add_pair(ids, p, err);
}

/* --- rows
 * -------------------------------------------------------------------------------------- */

typedef struct predictions {
  common *c;
  const scoring *s;
  const predict_options *options;
  output *out;
  char by[2][BY_NAME]; /* names of columns */
  int n_days;          /* of a curve; 0 without curves or time model */
  double days[MAX_POINTS];
  int64_t n_rows;
} predictions;

enum { N_PLAIN = 16, N_CURVE = 2 };

static pfc_status open_rows(predictions *p, pfc_error *err) {
  by_name(p->s->by_days[0], p->by[0]);
  by_name(p->s->by_days[1], p->by[1]);
  /* A table fits a terminal of 80 characters. */
  const bool curves = p->options->curves;
  const output_column columns[N_PLAIN + N_CURVE] = {
      {"person_id", COLUMN_TEXT, false},   {"intervention_id", COLUMN_TEXT, false},
      {"competency", COLUMN_TEXT, true},   {"accept", COLUMN_REAL, true},
      {"p_success", COLUMN_REAL, curves},  {p->by[0], COLUMN_REAL, true},
      {p->by[1], COLUMN_REAL, curves},     {"p10_days", COLUMN_REAL, curves},
      {"p50_days", COLUMN_REAL, curves},   {"p90_days", COLUMN_REAL, curves},
      {"p_by_horizon", COLUMN_REAL, true}, {"horizon_days", COLUMN_REAL, true},
      {"value", COLUMN_REAL, true},        {"cold_start", COLUMN_TEXT, true},
      {"evidence_n", COLUMN_INT, true},    {"model_version", COLUMN_TEXT, true},
      {"day", COLUMN_REAL, false},         {"incidence", COLUMN_REAL, false},
  };
  const int n = N_PLAIN + (curves ? N_CURVE : 0);
  return common_table(p->c, n, columns, &p->out, err);
}

static void choose_days(predictions *p) {
  const predict_options *o = p->options;
  if (!o->curves || isnan(p->s->horizon_days)) return;
  p->n_days = o->n_days ? o->n_days : CURVE_POINTS;
  for (int d = 0; d < p->n_days; d++) {
    p->days[d] = o->n_days ? o->days[d] : p->s->horizon_days * (d + 1) / CURVE_POINTS;
  }
}

static pfc_status put_curve(predictions *p, int32_t person, const pfc_score *score, cell *row,
                            pfc_error *err) {
  pfc_status st = PFC_OK;
  double incidence[MAX_POINTS];
  PFC_TRY(pfc_scorer_curve(p->s->scorer, person, score->target, p->n_days, p->days, incidence,
                           err));
  for (int d = 0; d < p->n_days; d++) {
    row[N_PLAIN] = cell_real(p->days[d]);
    row[N_PLAIN + 1] = cell_real(incidence[d]);
    PFC_TRY(table_row(p->out, row, err));
  }
  p->n_rows += p->n_days;
done:
  return st;
}

static pfc_status put_pair(predictions *p, int32_t person, const pfc_score *score,
                           pfc_error *err) {
  const scoring *s = p->s;
  const int32_t competency = pfc_scorer_catalogue(s->scorer)->competency[score->target];
  cell row[N_PLAIN + N_CURVE] = {
      cell_text(pfc_dict_text(s->people, person)),
      cell_text(pfc_dict_text(s->interventions, score->intervention)),
      cell_text(competency >= 0 ? pfc_dict_text(s->competencies, competency) : ""),
      cell_real(score->accept),
      cell_real(score->p_success),
      cell_real(score->p_by[0]),
      cell_real(score->p_by[1]),
      cell_real(score->quantile_days[0]),
      cell_real(score->quantile_days[1]),
      cell_real(score->quantile_days[2]),
      cell_real(score->incidence),
      cell_real(s->horizon_days),
      cell_real(score->value),
      cell_text(cold_text(score->cold)),
      cell_int(score->evidence_n),
      cell_text(s->bundle->version),
      cell_real((double)NAN),
      cell_real((double)NAN),
  };
  if (p->n_days) return put_curve(p, person, score, row, err);
  p->n_rows++;
  return table_row(p->out, row, err);
}

/* --- scoring in blocks of people
 * ------------------------------------------------------------------ */

enum { BLOCK_PAIRS = 65536 };

/* Consecutive pairs with as many distinct people as the threads' tiles hold. */
typedef struct block {
  int n_people, most_people;
  int32_t *person; /* of this block, in order of appearance */
  int32_t *place;  /* a person of the dataset: index in `person`, -1 none */
  /* Of each person the first of their pairs, and of each pair the next of the same person:
   * counted from the block's first one, -1 none. */
  int32_t *first, *next;
  pfc_score *scores;  /* of each pair */
  int32_t *candidate; /* an intervention: its place among the candidates */
} block;

static void block_clear(block *b) {
  pfc_free(b->person);
  pfc_free(b->place);
  pfc_free(b->first);
  pfc_free(b->next);
  pfc_free(b->scores);
  pfc_free(b->candidate);
}

static pfc_status block_init(block *b, const scoring *s, int64_t n_pairs, pfc_error *err) {
  pfc_status st = PFC_OK;
  const int32_t n_candidates = pfc_scorer_n_candidates(s->scorer);
  const int32_t n_people = pfc_dict_size(s->people);
  const int64_t most_pairs = n_pairs < BLOCK_PAIRS ? n_pairs : BLOCK_PAIRS;
  b->most_people = PFC_SCORER_TILE * pfc_par_threads();
  if (b->most_people > n_people) b->most_people = n_people;
  PFC_NEW(b->person, b->most_people);
  PFC_NEW(b->first, b->most_people);
  PFC_NEW(b->place, n_people);
  PFC_NEW(b->next, most_pairs);
  PFC_NEW(b->scores, most_pairs);
  PFC_NEW(b->candidate, pfc_dict_size(s->interventions));
  for (int32_t p = 0; p < n_people; p++) b->place[p] = -1;
  for (int32_t j = 0; j < n_candidates; j++) {
    b->candidate[pfc_scorer_candidates(s->scorer)[j]] = j;
  }
done:
  return st;
}

/* Fills the block with pairs from..; returns the first pair beyond it. */
static int64_t block_fill(block *b, const pairs *list, int64_t from) {
  for (int p = 0; p < b->n_people; p++) b->place[b->person[p]] = -1;
  b->n_people = 0;
  int64_t to = from;
  for (; to < list->person.n && to - from < BLOCK_PAIRS; to++) {
    const int32_t person = list->person.code[to];
    if (b->place[person] < 0) {
      if (b->n_people == b->most_people) break;
      b->first[b->n_people] = -1;
      b->place[person] = b->n_people;
      b->person[b->n_people++] = person;
    }
    b->next[to - from] = b->first[b->place[person]];
    b->first[b->place[person]] = (int32_t)(to - from);
  }
  return to;
}

/* A tile of people, of each the pairs that are asked for. */
static pfc_status score_tile(block *b, const scoring *s, const int32_t *intervention, int tile,
                             pfc_error *err) {
  pfc_status st = PFC_OK;
  const int at = tile * PFC_SCORER_TILE, left = b->n_people - at;
  const int n = left < PFC_SCORER_TILE ? left : PFC_SCORER_TILE;
  PFC_TRY(pfc_scorer_begin(s->scorer, tile, n, b->person + at, err));
  for (int p = 0; p < n; p++) {
    PFC_TRY(pfc_scorer_look(s->scorer, tile, p, err));
    for (int32_t i = b->first[at + p]; i >= 0; i = b->next[i]) {
      pfc_scorer_pair(s->scorer, tile, b->candidate[intervention[i]], &b->scores[i]);
      pfc_scorer_tell_times(s->scorer, tile, p, &b->scores[i]);
    }
  }
done:
  return st;
}

/* A tile a thread: the block has no more. */
static pfc_status block_score(block *b, const scoring *s, const int32_t *intervention,
                              pfc_error *err) {
  const int n_tiles = (b->n_people + PFC_SCORER_TILE - 1) / PFC_SCORER_TILE;
  pfc_status worst = PFC_OK;
#pragma omp parallel for schedule(static, 1)
  for (int t = 0; t < n_tiles; t++) {
    pfc_error why = PFC_ERROR_INIT;
    const pfc_status st = score_tile(b, s, intervention, t, &why);
    if (st == PFC_OK) continue;
#pragma omp critical
    worst = pfc_fail(err, st, "%s", why.msg);
  }
  return worst;
}

static pfc_status write_pairs(predictions *p, const pairs *list, pfc_error *err) {
  pfc_status st = PFC_OK;
  block b = {0};
  const pfc_progress progress = progress_of(&p->c->progress);
  PFC_TRY(block_init(&b, p->s, list->person.n, err));
  for (int64_t from = 0, to; from < list->person.n; from = to) {
    to = block_fill(&b, list, from);
    PFC_TRY(block_score(&b, p->s, list->intervention.code + from, err));
    for (int64_t i = from; i < to; i++)
      PFC_TRY(put_pair(p, list->person.code[i], &b.scores[i - from], err));
    PFC_TRY(pfc_progress_report(&progress, "predict", to, list->person.n, (double)NAN, err));
  }
done:
  block_clear(&b);
  return st;
}

static pfc_status write_rows(predictions *p, const pairs *list, pfc_error *err) {
  pfc_status st = PFC_OK;
  choose_days(p);
  if (p->options->curves && !p->n_days) {
    common_note(p->c, "the model has no time to proficiency: no curves");
  }
  PFC_TRY(open_rows(p, err));
  PFC_TRY(write_pairs(p, list, err));
  progress_end(&p->c->progress);
  PFC_TRY(table_close(p->out, err));
  PFC_TRY(scoring_print(p->c, p->s, "pairs", list->person.n, p->n_rows, err));
done:
  output_destroy(p->out);
  return st;
}

static pfc_status check_level(const predict_options *o, pfc_error *err) {
  const level_question *q = &o->about;
  if (o->intervention || o->curves) {
    return pfc_fail(err, PFC_EUSAGE, "--level tells of competencies: without %s",
                    o->curves ? "--curves" : "--intervention");
  }
  if (q->pairs && (q->n_people > 0 || q->n_competencies > 0 || q->n_days > 0)) {
    return pfc_fail(err, PFC_EUSAGE,
                    "--pairs says for whom, in what and on which day: without --person, "
                    "--competency and --on");
  }
  if (q->pairs || q->n_people > 0 || q->n_competencies > 0) return PFC_OK;
  return pfc_fail(err, PFC_EUSAGE,
                  "say for what: --person ID, --competency ID or both, or --pairs FILE");
}

static pfc_status check_options(const predict_options *o, pfc_error *err) {
  const level_question *q = &o->about;
  if (o->level) return check_level(o, err);
  if (q->n_competencies > 0 || q->n_days > 0) {
    return pfc_fail(err, PFC_EUSAGE, "%s goes with --level",
                    q->n_days > 0 ? "--on" : "--competency");
  }
  if (q->pairs && q->n_people == 0 && !o->intervention) return PFC_OK;
  if (!q->pairs && q->n_people == 1 && o->intervention) return PFC_OK;
  return pfc_fail(err, PFC_EUSAGE,
                  "say for what: --pairs FILE, or one --person ID and --intervention ID");
}

static pfc_status refuse_baseline(const common *c, const pfc_bundle *b, pfc_error *err) {
  if (!b->has_baseline || b->has_affinity || b->has_success || b->has_time) return PFC_OK;
  return pfc_fail(err, PFC_EDATA,
                  "%s holds the baseline %s, which orders interventions and predicts neither "
                  "success nor time: `proficio recommend` serves it",
                  c->args[0], pfc_baseline_name(b->baseline.kind));
}

static pfc_status run(common *c, pfc_error *err) {
  const predict_options *o = c->own;
  pfc_status st = PFC_OK;
  scoring s = {0};
  pairs list = {.c = c};
  predictions p = {.c = c, .s = &s, .options = o};
  PFC_TRY(check_options(o, err));
  PFC_TRY(common_reads("-o", c->output, o->about.pairs, err));
  if (o->level) return predict_levels(c, &o->about, err);
  PFC_TRY(scoring_load(c, &s, err));
  PFC_TRY(refuse_baseline(c, s.bundle, err));
  list.ds = s.ds;
  PFC_TRY(choose_pairs(o, &list, err));
  PFC_TRY(scoring_begin(c, &s, 1, err));
  PFC_TRY(write_rows(&p, &list, err));
done:
  code_list_clear(&list.person);
  code_list_clear(&list.intervention);
  scoring_clear(&s);
  return st;
}

static const command_spec SPEC = {
    .name = "predict",
    .args = "MODEL DATA",
    .min_args = 2,
    .max_args = 2,
    .doc =
        "Predicts success and time to proficiency of given pairs of person and intervention, "
        "whether or not the intervention could be started or is done already; with --level "
        "what levels people hold, now or on a day.",
    .example =
        "  proficio predict model.h5 data.h5 --person P017 --intervention SQL-2\n"
        "  proficio predict model.h5 data.h5 --pairs pairs.csv --curves -o curves.csv\n"
        "  proficio predict model.h5 data.h5 --level --person P017 --on 2026-01-01\n",
    .takes = TAKES_FORMAT | TAKES_AS_OF | TABLE_TO_O | TABLE_IS_ALL,
    .output_doc = "the predictions [standard output]",
    .setting_groups = {"recommend.by_days", "value.", "gaps.held_share", "feedback."},
    .options = OPTIONS,
    .take = take,
    .run = run,
};

int cmd_predict(int argc, char **argv) {
  predict_options o = {0};
  return common_main(&SPEC, argc, argv, &o);
}
