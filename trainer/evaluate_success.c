/* Judging probabilities of success: test starts whose result is known. */
#include <math.h>

#include "base/date.h"
#include "base/mem.h"
#include "trainer/evaluate_chance_internal.h"

enum { RECOMMENDED = 10 }; /* places of a list that count as recommended */

/* --- what a bundle says ------------------------------------------------------------------ */

static pfc_status ask_bundle(const pfc__outcomes *s, const pfc__contender *c, double *p,
                             pfc_error *err) {
  return pfc_chance_predict(&c->is->bundle->success, c->lens, c->fold, s->n, s->d, p, err);
}

/* --- what a file says -------------------------------------------------------------------- */

/* Whatever the competency: a start succeeds or not as a whole. */
static double told_of(const pfc_predictions *p, const pfc_decision *d) {
  int64_t from = 0;
  const int64_t to = pfc_predictions_of(p, d->person, d->date, &from);
  for (int64_t r = from; r < to; r++) {
    if (p->intervention[r] == d->intervention && !isnan(p->p_success[r]))
      return p->p_success[r];
  }
  return NAN;
}

/* *left_out: the file is one of lists, and does not tell all of them. */
static pfc_status ask_predictions(const pfc__outcomes *s, const pfc__contender *c, double *p,
                                  bool *left_out, pfc_error *err) {
  pfc__missing m = {.column = "p_success", .rows = "starts", .n = s->n};
  for (int64_t i = 0; i < s->n; i++) {
    p[i] = told_of(c->is->predictions, &s->e->rows->start[i].d);
    if (!isnan(p[i])) continue;
    if (m.missing++ == 0) m.first = s->e->rows->start[i].d;
  }
  *left_out = m.missing > 0;
  return *left_out ? pfc__leave_out(s->e, c, "success", &m, err) : PFC_OK;
}

/* --- everybody -------------------------------------------------------------------------- */

static bool tells(const pfc_contestant *c) {
  return c->bundle ? c->bundle->has_success
                   : (c->predictions->kinds & PFC_PREDICTS_SUCCESS) != 0;
}

static pfc_status ask(const pfc__outcomes *s, const pfc__contender *c, double *p,
                      bool *left_out, pfc_error *err) {
  return c->is->bundle ? ask_bundle(s, c, p, err) : ask_predictions(s, c, p, left_out, err);
}

/* Labelled starts of the training rows that passed: what is known without any model. */
static double base_rate(const pfc__evaluation *e) {
  const pfc_history *h = e->training_history;
  const int32_t last = pfc_last_day(e->training, h);
  const int32_t today = last == PFC_NO_DATE ? last : last + 1;
  double n = 0, passed = 0;
  for (int64_t i = 0; i < h->first_attempt[h->n_people]; i++) {
    const pfc_attempt *a = &h->attempts[i];
    const int32_t start = h->dated ? a->start : PFC_NO_DATE;
    if (!a->started || a->result < 0) continue;
    if (!pfc_catalogue_is_mature(e->cat, a->intervention, start, today)) continue;
    n++;
    passed += a->result;
  }
  return n > 0 ? passed / n : 0.5;
}

/* --- among the recommended ---------------------------------------------------------------- */

/* Starts that stood among the first of the judge's own list that day: where whoever overrates
 * has picked what they overrate. */
typedef struct picked {
  pfc__said said;
  int8_t *y;
  double *real_y;
  int32_t *person;
} picked;

static void picked_clear(picked *k) {
  pfc__said_clear(&k->said);
  pfc_free(k->y);
  pfc_free(k->real_y);
  pfc_free(k->person);
}

static pfc_status pick(picked *k, const pfc__outcomes *s, const pfc__said *all, int who,
                       pfc_error *err) {
  pfc_status st = PFC_OK;
  const pfc__evaluation *e = s->e;
  const int32_t *place = e->place + who * e->ds->tables[PFC_ENROLMENTS].n_rows;
  int64_t n = 0;
  PFC_NEW(k->said.p, s->n);
  PFC_NEW(k->y, s->n);
  PFC_NEW(k->real_y, s->n);
  PFC_NEW(k->person, s->n);
  for (int64_t i = 0; i < s->n; i++) {
    const int32_t at = place[e->rows->start[i].d.enrolment_row];
    if (at < 1 || at > RECOMMENDED) continue;
    k->said.p[n] = all->p[i];
    k->real_y[n] = k->y[n] = s->y[i];
    k->person[n++] = s->person[i];
  }
  k->said.n = n;
  k->said.y = k->y;
  k->said.real_y = k->real_y;
  PFC_TRY(pfc_order_create(n, k->said.p, &k->said.order, err));
done:
  return st;
}

/* Everyone's own rows, so that there is nothing to compare. */
static pfc_status judge_picked(pfc__outcomes *s, const pfc__panel *all, int i, pfc_error *err) {
  pfc_status st = PFC_OK;
  picked k = {0};
  PFC_TRY(pick(&k, s, &s->said[i], all->who[i], err));
  if (k.said.n == 0) goto done;
  pfc__panel own = {.section = "success.recommended",
                    .n = 1,
                    .who = {all->who[i]},
                    .judged = {&k.said},
                    .rows = {k.said.n, k.person, all->rows.n_people}};
  PFC_TRY(pfc__panel_open(s->e, &own, err));
  for (int f = PFC__FIRST_OF_CALIBRATION; f < PFC__N_CHANCE_FIGURES; f++) {
    PFC_TRY(pfc__put_figure(s->e, &own, &PFC__CHANCE_FIGURES[f], err));
  }
done:
  picked_clear(&k);
  return st;
}

/* --- all of it ---------------------------------------------------------------------------- */

pfc_status pfc__evaluate_success(pfc__evaluation *e, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc__outcomes s;
  pfc__panel panel = {.section = "success"};
  PFC_TRY(pfc__outcomes_init(&s, e, e->rows->n_starts, err));
  for (int64_t i = 0; i < s.n; i++)
    pfc__outcomes_put(&s, i, &e->rows->start[i].d, e->rows->start[i].result);
  for (int i = 0; i < e->n; i++)
    if (tells(e->at[i].is)) PFC_TRY(pfc__outcomes_ask(&s, &panel, i, ask, err));
  if (panel.n == 0) goto done;
  PFC_TRY(pfc__outcomes_judge(&s, &panel, base_rate(e), err));
  for (int i = 0; i < panel.n && e->place; i++) PFC_TRY(judge_picked(&s, &panel, i, err));
done:
  pfc__outcomes_clear(&s);
  return st;
}
