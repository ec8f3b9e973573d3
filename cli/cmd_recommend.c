#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/digest.h"
#include "base/mem.h"
#include "cli/common.h"
#include "cli/decision.h"
#include "cli/people.h"
#include "cli/scoring.h"
#include "engine/recommend.h"

static pfc_status take(int key, const char *arg, void *own, pfc_error *err) {
  return people_take(own, key, arg, err);
}

static const struct argp_option OPTIONS[] = {
    PEOPLE_OPTION_PERSON, PEOPLE_OPTION_ALL, PEOPLE_OPTION_FILE, {0}};

/* --- rows ------------------------------------------------------------------------------------
 */

typedef struct lists {
  const scoring *s;
  output *out;
  pfc_sha256 *digest;
  char by[2][BY_NAME]; /* names of columns */
  char as_of[PFC_DATE_TEXT];
  char *competencies; /* of the row at hand */
  int64_t competencies_size;
  char decision[DECISION_ID];
  int64_t n_rows;
} lists;

/* Ids of the targets' competencies, joined by semicolons. */
static pfc_status join_competencies(lists *l, int32_t intervention, pfc_error *err) {
  pfc_status st = PFC_OK;
  const pfc_catalogue *cat = pfc_scorer_catalogue(l->s->scorer);
  int64_t at = 0;
  PFC_RESERVE(l->competencies, l->competencies_size, 1);
  l->competencies[0] = '\0';
  for (int32_t t = cat->first[intervention]; t < cat->first[intervention + 1]; t++) {
    if (cat->competency[t] < 0) continue;
    const char *id = pfc_dict_text(l->s->competencies, cat->competency[t]);
    const size_t size = strlen(id) + 1;
    PFC_RESERVE(l->competencies, l->competencies_size, at + (int64_t)size + 1);
    if (at) l->competencies[at++] = ';';
    memcpy(l->competencies + at, id, size);
    at += (int64_t)size - 1;
  }
done:
  return st;
}

/* Title of an intervention, its id where it has none; "" of none. */
static const char *title_of(const scoring *s, int32_t intervention) {
  if (intervention < 0) return "";
  const char *title = intervention_text(s, intervention, "title");
  return title && title[0] ? title : pfc_dict_text(s->interventions, intervention);
}

static void tell_reason(const scoring *s, const pfc_score *score, const char *competency,
                        char text[256]) {
  if (score->basis.kind == PFC_BASELINE_NONE) {
    pfc_score_reason(score, competency, s->horizon_days, text);
  } else {
    pfc_basis_reason(score, competency, title_of(s, score->basis.like), text);
  }
}

static pfc_status put_score(lists *l, int32_t person, int rank, const pfc_score *score,
                            pfc_error *err) {
  const scoring *s = l->s;
  const pfc_catalogue *cat = pfc_scorer_catalogue(s->scorer);
  const int32_t i = score->intervention;
  const char *who = pfc_dict_text(s->people, person);
  const char *what = pfc_dict_text(s->interventions, i);
  char reason[256];
  const pfc_status st = join_competencies(l, i, err);
  if (st != PFC_OK) return st;
  tell_reason(s, score, competency_text(s, cat->competency[score->target]), reason);
  const cell row[] = {
      cell_text(who),
      cell_int(rank),
      cell_text(what),
      cell_text(intervention_text(s, i, "title")),
      cell_text(intervention_text(s, i, "kind")),
      cell_real(score->value),
      cell_real(score->accept),
      cell_real(score->p_success),
      cell_real(score->p_by[0]),
      cell_real(score->p_by[1]),
      cell_real(score->quantile_days[0]),
      cell_real(score->quantile_days[1]),
      cell_real(score->quantile_days[2]),
      cell_real(s->horizon_days),
      cell_real(score->gap_closed),
      cell_text(l->competencies),
      cell_real(cat->cost[i]),
      cell_real(cat->hours[i]),
      cell_text(cold_text(score->cold)),
      cell_int(score->evidence_n),
      cell_text(reason),
      cell_text(intervention_text(s, i, "url")),
      cell_text(s->bundle->version),
      cell_text(decision_id(l->digest, s->bundle->version, who, what, l->as_of, l->decision)),
  };
  l->n_rows++;
  return table_row(l->out, row, err);
}

static pfc_status put_list(const pfc_list *list, void *user, pfc_error *err) {
  pfc_status st = PFC_OK;
  for (int r = 0; r < list->n && st == PFC_OK; r++)
    st = put_score(user, list->person, r + 1, &list->at[r].score, err);
  return st;
}

static bool has_titles(const scoring *s) {
  return pfc_dataset_column(s->ds, PFC_INTERVENTIONS, "title") != NULL;
}

/* The columns of a table are those a person wants; every other format has them all. */
static pfc_status open_lists(common *c, lists *l, bool one_person, pfc_error *err) {
  const scoring *s = l->s;
  const bool titles = has_titles(s);
  by_name(s->by_days[0], l->by[0]);
  by_name(s->by_days[1], l->by[1]);
  const output_column columns[] = {
      {"person_id", COLUMN_TEXT, one_person},
      {"rank", COLUMN_INT, false},
      {"intervention_id", COLUMN_TEXT, titles},
      {"title", COLUMN_TEXT, !titles},
      {"kind", COLUMN_TEXT, true},
      {"value", COLUMN_REAL, false},
      {"accept", COLUMN_REAL, true},
      {"p_success", COLUMN_REAL, false},
      {l->by[0], COLUMN_REAL, true},
      {l->by[1], COLUMN_REAL, false},
      {"p10_days", COLUMN_REAL, true},
      {"p50_days", COLUMN_REAL, false},
      {"p90_days", COLUMN_REAL, true},
      {"horizon_days", COLUMN_REAL, true},
      {"gap_closed", COLUMN_REAL, true},
      {"competencies", COLUMN_TEXT, true},
      {"cost", COLUMN_REAL, true},
      {"hours", COLUMN_REAL, true},
      {"cold_start", COLUMN_TEXT, true},
      {"evidence_n", COLUMN_INT, true},
      {"reason", COLUMN_TEXT, false},
      {"url", COLUMN_TEXT, true},
      {"model_version", COLUMN_TEXT, true},
      {"decision_id", COLUMN_TEXT, true},
  };
  return common_table(c, sizeof columns / sizeof *columns, columns, &l->out, err);
}

static pfc_status write_lists(common *c, const scoring *s, const code_list *people,
                              pfc_error *err) {
  pfc_status st = PFC_OK;
  lists l = {.s = s};
  pfc_date_format(pfc_scorer_as_of(s->scorer), l.as_of);
  if (!(l.digest = pfc_sha256_create())) return pfc_fail_memory(err, "digest");
  PFC_TRY(open_lists(c, &l, people->n == 1, err));
  c->settings.recommend.progress = progress_of(&c->progress);
  PFC_TRY(pfc_recommend(s->scorer, people->n, people->code, &c->settings.recommend, put_list,
                        &l, NULL, err));
  progress_end(&c->progress);
  PFC_TRY(table_close(l.out, err));
  if (l.n_rows == 0) common_note(c, "nothing is recommended to anyone");
  PFC_TRY(scoring_print(c, s, "people", people->n, l.n_rows, err));
done:
  output_destroy(l.out);
  pfc_sha256_destroy(l.digest);
  pfc_free(l.competencies);
  return st;
}

static pfc_status run(common *c, pfc_error *err) {
  const people_asked *o = c->own;
  pfc_status st = PFC_OK;
  scoring s = {0};
  code_list people = {0};
  if (people_ways(o) != 1) {
    return pfc_fail(err, PFC_EUSAGE, "say for whom: --person ID, --all or --people FILE");
  }
  PFC_TRY(common_reads("-o", c->output, o->file, err));
  PFC_TRY(scoring_load(c, &s, err));
  PFC_TRY(people_choose(c, s.ds, o, &people, err));
  PFC_TRY(scoring_begin(c, &s, 0, err));
  PFC_TRY(write_lists(c, &s, &people, err));
done:
  code_list_clear(&people);
  scoring_clear(&s);
  return st;
}

static const command_spec SPEC = {
    .name = "recommend",
    .args = "MODEL DATA",
    .min_args = 2,
    .max_args = 2,
    .doc =
        "Ranks, for each person, the interventions that can be started on the day, with "
        "chances "
        "and times, and the reason why. One who is helped by none gets none.",
    .example =
        "  proficio recommend model.h5 data.h5 --person P017 --top 5\n"
        "  proficio recommend model.h5 data.h5 --all --top 3 -o lists.csv\n",
    .takes = TAKES_FORMAT | TAKES_AS_OF | TABLE_TO_O | TABLE_IS_ALL,
    .output_doc = "the lists [standard output]",
    .setting_groups = {"recommend.", "value."},
    .options = OPTIONS,
    .take = take,
    .run = run,
};

int cmd_recommend(int argc, char **argv) {
  people_asked o = {0};
  return common_main(&SPEC, argc, argv, &o);
}
