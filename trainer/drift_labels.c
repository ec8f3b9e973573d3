/* Results against what else is told of the same attempts: marks, how long they took, what
 * people thought of them. Whoever is shown all that can tell most results; where it cannot any
 * more, results are not what they were called. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/sparse.h"
#include "trainer/drift_internal.h"

/* Of what the evidence tells above chance, this share must be left, or what was left in the
 * worst stretch of the reference. Flipping one in five leaves about half. */
static const double LEFT = 0.9;
static const double LEAST_AREA = 0.6; /* evidence that tells less is none */
static const double RIDGE = 1;
enum { N_COLUMNS = 7, LEAST_ROWS = 30, WEEK = 7 };

typedef struct results {
  int64_t n, n_before;   /* the reference first */
  int32_t *person, *day; /* day: on which it was known */
  float *y;
  int8_t *result;
  double *eta;
  pfc_csr x;
} results;

static void results_clear(results *r) {
  pfc_free(r->person);
  pfc_free(r->day);
  pfc_free(r->y);
  pfc_free(r->result);
  pfc_free(r->eta);
  pfc_csr_clear(&r->x);
}

typedef struct scaled {
  const double *value;
  double mean, sd;
} scaled;

/* Of finite numbers of enrolments. */
static scaled scale_of(const pfc__drift *d, const char *column) {
  scaled s = {.value = pfc_dataset_reals(d->ds, PFC_ENROLMENTS, column), .sd = 1};
  const int64_t n_rows = d->ds->tables[PFC_ENROLMENTS].n_rows;
  double n = 0, sum = 0, squares = 0;
  for (int64_t i = 0; s.value && i < n_rows; i++) {
    if (!isfinite(s.value[i])) continue;
    n++;
    sum += s.value[i];
  }
  s.mean = n > 0 ? sum / n : 0;
  for (int64_t i = 0; s.value && i < n_rows; i++)
    if (isfinite(s.value[i])) squares += (s.value[i] - s.mean) * (s.value[i] - s.mean);
  if (squares > 0) s.sd = sqrt(squares / n);
  return s;
}

static int put_number(const scaled *s, int64_t row, int first, int32_t *col, float *val) {
  const bool is_known = s->value && isfinite(s->value[row]);
  col[0] = is_known ? first : first + 1;
  val[0] = is_known ? (float)((s->value[row] - s->mean) / s->sd) : 1;
  return 1;
}

/* How much of its weeks an attempt took, and whether it ended before them. */
static int put_duration(const pfc__drift *d, const pfc_attempt *a, int first, int32_t *col,
                        float *val) {
  const double weeks = d->cat->weeks[a->intervention];
  if (a->end == PFC_NO_DATE || a->start == PFC_NO_DATE || !(weeks > 0)) {
    col[0] = first + 2;
    val[0] = 1;
    return 1;
  }
  const double took = (a->end - a->start) / (WEEK * weeks);
  col[0] = first;
  val[0] = (float)fmin(took, 3);
  col[1] = first + 1;
  val[1] = took < 0.99;
  return 2;
}

static pfc_status add(const pfc__drift *d, int32_t p, const pfc_attempt *a,
                      const scaled scales[2], results *r, pfc_error *err) {
  int32_t col[N_COLUMNS];
  float val[N_COLUMNS];
  int m = put_number(&scales[0], a->row, 0, col, val);
  m += put_number(&scales[1], a->row, 2, col + m, val + m);
  m += put_duration(d, a, 4, col + m, val + m);
  r->person[r->n] = p;
  r->day[r->n] = a->known;
  r->result[r->n] = a->result;
  r->y[r->n++] = a->result;
  return pfc_csr_append(&r->x, m, col, val, err);
}

/* Results by the day on which they became known: so none of them lacks those that take long. */
static pfc_status read(const pfc__drift *d, results *r, pfc_error *err) {
  pfc_status st = PFC_OK;
  const pfc_history *h = d->history;
  const int64_t n = h->first_attempt[h->n_people];
  const scaled scales[2] = {scale_of(d, "score"), scale_of(d, "rating")};
  PFC_NEW(r->person, n);
  PFC_NEW(r->day, n);
  PFC_NEW(r->y, n);
  PFC_NEW(r->result, n);
  PFC_NEW(r->eta, n);
  PFC_TRY(pfc_csr_init(&r->x, n, N_COLUMNS, err));
  for (int is_new = 0; is_new < 2; is_new++) {
    const int32_t from = is_new ? d->from : d->first, to = is_new ? d->last + 1 : d->from;
    if (is_new) r->n_before = r->n;
    for (int32_t p = 0; p < h->n_people; p++)
      for (int64_t a = h->first_attempt[p]; a < h->first_attempt[p + 1]; a++) {
        const pfc_attempt *at = &h->attempts[a];
        if (at->result < 0 || at->known == PFC_NO_DATE || at->known < from || at->known >= to)
          continue;
        PFC_TRY(add(d, p, at, scales, r, err));
      }
  }
done:
  return st;
}

/* The area among results of the reference that became known on days low .. high - 1; NaN where
 * they are few. */
static pfc_status area_of(const pfc__drift *d, const results *r, int32_t low, int32_t high,
                          results *part, pfc__area *area, pfc_error *err) {
  part->n = 0;
  *area = (pfc__area){NAN, NAN, 0};
  for (int64_t i = 0; i < r->n_before; i++) {
    if (r->day[i] < low || r->day[i] >= high) continue;
    part->eta[part->n] = r->eta[i];
    part->result[part->n] = r->result[i];
    part->person[part->n++] = r->person[i];
  }
  if (part->n < LEAST_ROWS) return PFC_OK;
  return pfc__people_auc(part->n, part->eta, part->result, part->person, d->n_people, area,
                         err);
}

/* The least area in any stretch of the reference. */
static pfc_status worst_before(const pfc__drift *d, const results *r, double *least,
                               pfc_error *err) {
  pfc_status st = PFC_OK;
  results part = {0};
  pfc__area area;
  *least = 1;
  PFC_NEW(part.person, r->n_before);
  PFC_NEW(part.result, r->n_before);
  PFC_NEW(part.eta, r->n_before);
  for (int32_t to = d->from; to - d->window >= d->first; to -= d->window) {
    PFC_TRY(area_of(d, r, to - d->window, to, &part, &area, err));
    if (area.value < *least) *least = area.value;
  }
done:
  results_clear(&part);
  return st;
}

static pfc_status tell(pfc__drift *d, const results *r, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc__area then, now;
  double least;
  const int64_t k = r->n_before;
  PFC_TRY(pfc__people_auc(k, r->eta, r->result, r->person, d->n_people, &then, err));
  PFC_TRY(pfc__people_auc(r->n - k, r->eta + k, r->result + k, r->person + k, d->n_people, &now,
                          err));
  if (!(then.value >= LEAST_AREA) || isnan(now.value)) goto done;
  PFC_TRY(worst_before(d, r, &least, err));
  pfc__drift_row *row = pfc__drift_add(d, "contradicted", PFC_DRIFT_FEED, err);
  if (!row) return PFC_ENOMEM;
  const double se = fmax(hypot(now.se, LEFT * then.se), 1e-9);
  (void)snprintf(row->of, sizeof row->of, "enrolments.status");
  row->figure = now.value;
  row->limit = fmin(0.5 + LEFT * (then.value - 0.5), least);
  row->n = r->n - k;
  row->beyond = row->figure < row->limit;
  row->p = pfc__student_tail((row->limit - row->figure) / se, now.n_people - 1.0);
  (void)snprintf(
      row->note, sizeof row->note,
      "marks and days taken tell results with an AUC of %.3f, before %.3f, in its worst "
      "stretch %.3f",
      now.value, then.value, least);
done:
  return st;
}

pfc_status pfc__drift_labels(pfc__drift *d, pfc_error *err) {
  pfc_status st = PFC_OK;
  results r = {0};
  bool told = false;
  PFC_TRY(read(d, &r, err));
  if (r.n_before < LEAST_ROWS || r.n - r.n_before < LEAST_ROWS) goto done;
  double ridge[N_COLUMNS];
  for (int k = 0; k < N_COLUMNS; k++) ridge[k] = RIDGE;
  const pfc__judgeable rows = {r.n, r.n_before, r.person, r.y, &r.x, ridge};
  PFC_TRY(pfc__drift_cross_fit(d, &rows, true, r.eta, &told, err));
  if (told) PFC_TRY(tell(d, &r, err));
done:
  results_clear(&r);
  return st;
}
