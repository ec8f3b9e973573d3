/* Both models before rows that neither has seen: the newest slice, and the trusted people in
 * the older world. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "datasets/split.h"
#include "trainer/evaluate_internal.h"
#include "trainer/gate_internal.h"

/* What a margin is a share of. */
typedef enum unit {
  OF_CHAMPION, /* the champion's own figure */
  PLAIN,       /* 1 */
} unit;

/* Which figures are looked at, and what for. Losses of what value is made of must hold: the
 * chances of accepting and of passing, and levels. What orders or ranks, and calibration in the
 * large, says too little at a few hundred rows to hang a promotion on it, but it can show harm;
 * so do spells, most of which a slice cuts short. Calibration by bins does not even that: who
 * says the same of everybody has none to miss. */
static const struct {
  const char *figure;
  pfc__row_role role;
  unit unit;
} ROWS[] = {
    {"success.log_loss", PFC__MUST_HOLD, OF_CHAMPION},
    {"success.auc", PFC__CAN_REFUSE, PLAIN},
    {"success.mean_gap", PFC__CAN_REFUSE, PLAIN},
    {"success.ece", PFC__FOR_THE_RECORD, PLAIN},
    {"accept.log_loss", PFC__MUST_HOLD, OF_CHAMPION},
    {"accept.auc", PFC__CAN_REFUSE, PLAIN},
    {"time.ibs", PFC__CAN_REFUSE, OF_CHAMPION},
    {"time.c_index", PFC__CAN_REFUSE, PLAIN},
    {"time.nll", PFC__FOR_THE_RECORD, OF_CHAMPION},
    {"time.interval_coverage", PFC__FOR_THE_RECORD, PLAIN},
    {"affinity.recall_at_20", PFC__CAN_REFUSE, PLAIN},
    {"affinity.ndcg_at_20", PFC__CAN_REFUSE, PLAIN},
    {"profile.rmse", PFC__MUST_HOLD, OF_CHAMPION},
};
enum { N_ROWS = sizeof ROWS / sizeof *ROWS };

static int row_of(const char *figure) {
  for (int k = 0; k < N_ROWS; k++)
    if (strcmp(ROWS[k].figure, figure) == 0) return k;
  return -1;
}

static bool wants(const char *section, const char *name) {
  char figure[64];
  (void)snprintf(figure, sizeof figure, "%s.%s", section, name);
  return row_of(figure) >= 0;
}

static double part_of(const pfc__gate_row *row, unit of) {
  return of == PLAIN ? 1 : fabs(row->champion);
}

/* The trusted people are a share of all, and their world is the older one: part by part their
 * rows are too few to hang a promotion on; all of them together must hold. */
static pfc__row_role role_of(int k, const char *slice) {
  const bool is_newest = strcmp(slice, "newest") == 0;
  return ROWS[k].role == PFC__MUST_HOLD && !is_newest ? PFC__CAN_REFUSE : ROWS[k].role;
}

static pfc_status add_row(pfc__gate *g, int k, const char *slice, const pfc__comparison *c,
                          pfc_error *err) {
  pfc__gate_row *row = pfc__gate_add(g, ROWS[k].figure, slice, err);
  if (!row) return PFC_ENOMEM;
  row->role = role_of(k, slice);
  row->candidate = c->value[0];
  row->champion = c->value[1];
  row->figure = c->gain;
  row->error = c->error;
  row->n = c->n;
  row->limit = -g->settings->margin * part_of(row, ROWS[k].unit);
  return PFC_OK;
}

typedef struct total {
  double n_people, n_rows, lost[2];
} total;

static total add_up(int32_t n_people, const double *lost) {
  total t = {0, 0, {0, 0}};
  for (int64_t p = 0; p < n_people; p++) {
    const double *of = lost + 3 * p;
    t.n_people += of[2] > 0;
    t.n_rows += of[2];
    for (int i = 0; i < 2; i++) t.lost[i] += of[i];
  }
  return t;
}

/* Standard error of a gain a row, by people: that of a ratio of sums (Cochran 1977, 6.4), to
 * which a bootstrap over people comes. */
static double error_of(int32_t n_people, const double *lost, const total *t, double gain) {
  double squares = 0;
  for (int64_t p = 0; p < n_people; p++) {
    const double *of = lost + 3 * p, off = of[1] - of[0] - gain * of[2];
    squares += off * off;
  }
  return sqrt(squares * t->n_people / (t->n_people - 1)) / t->n_rows;
}

/* Log losses of all rows together: one figure for what value is made of, each part with the
 * weight of its evidence. Its margin is one of the probability given to what came, 5 % of which
 * are 0.05 nats. */
static pfc_status add_total(pfc__gate *g, const char *slice, pfc__row_role role,
                            const double *lost, pfc_error *err) {
  const int32_t n_people = pfc_dataset_count(g->ds, "person");
  const total t = add_up(n_people, lost);
  if (t.n_people < 2) return PFC_OK;
  pfc__gate_row *row = pfc__gate_add(g, "all.log_loss", slice, err);
  if (!row) return PFC_ENOMEM;
  row->role = role;
  row->candidate = t.lost[0] / t.n_rows;
  row->champion = t.lost[1] / t.n_rows;
  row->figure = row->champion - row->candidate;
  row->error = error_of(n_people, lost, &t, row->figure);
  row->n = (int64_t)t.n_rows;
  row->limit = -g->settings->margin;
  return PFC_OK;
}

static pfc_status judge_slice(pfc__gate *g, const pfc_dataset *ds, const char *slice,
                              pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc_evaluate_settings s;
  pfc__duel duel = {0};
  const pfc_contestant both[2] = {{"candidate", g->candidate, NULL},
                                  {"champion", g->champion, NULL}};
  pfc_evaluate_defaults(&s);
  s.n_k = 1;
  s.k[0] = 20;
  s.n_days = 0;
  s.resamples = g->settings->resamples;
  s.seed = g->settings->seed;
  s.progress = g->settings->progress;
  PFC_TRY(pfc__evaluate_duel(both, ds, &s, wants, &duel, err));
  PFC_TRY(add_total(g, slice, PFC__MUST_HOLD, duel.lost, err));
  for (int64_t k = 0; k < (int64_t)duel.n_people * 3; k++) g->lost[k] += duel.lost[k];
  for (int64_t i = 0; i < duel.n; i++) {
    const int k = row_of(duel.list[i].figure);
    if (k >= 0) PFC_TRY(add_row(g, k, slice, &duel.list[i], err));
  }
done:
  pfc__duel_clear(&duel);
  return st;
}

/* A row that only says why there are no others. */
static pfc_status add_note(pfc__gate *g, const char *slice, const char *note, pfc_error *err) {
  pfc__gate_row *row = pfc__gate_add(g, "slice", slice, err);
  if (!row) return PFC_ENOMEM;
  (void)snprintf(row->note, sizeof row->note, "%s", note);
  return PFC_OK;
}

/* --- slices --------------------------------------------------------------------------------
 */

/* Nobody is promoted for what was long ago alone: *is_there tells of rows of the newest slice.
 */
static pfc_status judge_newest(pfc__gate *g, bool *is_there, pfc_error *err) {
  pfc_dataset newest = *g->ds; /* borrowed whole, but for the split */
  const int32_t from = g->settings->slice_from;
  const int64_t before = g->n;
  pfc_status st = PFC_OK;
  newest.split = (pfc_split){.kind = PFC_SPLIT_AT, .date = from};
  if (g->champion->trained_as_of == PFC_NO_DATE || g->champion->trained_as_of >= from)
    return add_note(g, "newest", "the champion may have been trained on days of this slice",
                    err);
  PFC_TRY(judge_slice(g, &newest, "newest", err));
  *is_there = g->n > before;
  if (!*is_there) PFC_TRY(add_note(g, "newest", "no row with a result to judge by", err));
done:
  return st;
}

/* Were the trusted people left out of it? */
static bool leaves_out(const pfc_bundle *b, const pfc_split *trusted) {
  char text[PFC_SPLIT_TEXT];
  pfc_split_describe(trusted, text);
  return b->split && strcmp(b->split, text) == 0;
}

static pfc_status judge_trusted(pfc__gate *g, pfc_error *err) {
  pfc_status st = PFC_OK;
  const pfc_gate_settings *s = g->settings;
  const pfc_split trusted = {
      .kind = PFC_SPLIT_PERSON, .fraction = s->trusted_share, .seed = s->trusted_seed};
  pfc_dataset whole = *g->ds, *older = NULL;
  if (!leaves_out(g->champion, &trusted))
    return add_note(g, "trusted", "the champion was trained on the trusted people too", err);
  if (!leaves_out(g->candidate, &trusted))
    return add_note(g, "trusted", "the candidate was trained on the trusted people too", err);
  whole.split = (pfc_split){.kind = PFC_SPLIT_NONE};
  if (g->champion->trained_as_of != PFC_NO_DATE)
    whole.split = (pfc_split){.kind = PFC_SPLIT_AT, .date = g->champion->trained_as_of + 1};
  PFC_TRY(pfc_split_training_view(&whole, &older, err));
  older->split = trusted;
  PFC_TRY(judge_slice(g, older, "trusted", err));
done:
  pfc_dataset_destroy(older);
  return st;
}

pfc_status pfc__gate_forward(pfc__gate *g, pfc_error *err) {
  pfc_status st = PFC_OK;
  bool has_newest = false;
  PFC_NEW(g->lost, (size_t)pfc_dataset_count(g->ds, "person") * 3);
  PFC_TRY(judge_newest(g, &has_newest, err));
  PFC_TRY(judge_trusted(g, err));
  if (has_newest) PFC_TRY(add_total(g, "both", PFC__MAY_GAIN, g->lost, err));
done:
  return st;
}
