/* Figures of rows that people own, with standard errors that know it. */
#include <math.h>
#include <stdlib.h>

#include "base/mem.h"
#include "trainer/drift_internal.h"

pfc__ratio pfc__people_ratio(int32_t n_people, const double *sum, const double *count) {
  pfc__ratio r = {NAN, NAN, 0, 0};
  double all = 0, squares = 0;
  for (int32_t p = 0; p < n_people; p++) {
    all += sum[p];
    r.count += count[p];
    r.n_people += count[p] > 0;
  }
  if (r.n_people == 0) return r;
  r.value = all / r.count;
  for (int32_t p = 0; p < n_people; p++) {
    const double left = sum[p] - r.value * count[p];
    squares += left * left;
  }
  if (r.n_people > 1) r.se = sqrt(squares * r.n_people / (r.n_people - 1.0)) / r.count;
  return r;
}

typedef struct scored {
  double score;
  int32_t person;
  int8_t y;
} scored;

static int by_score(const void *a, const void *b) {
  const double x = ((const scored *)a)->score, y = ((const scored *)b)->score;
  return (x > y) - (x < y);
}

/* Adds to of[person] what each row's place says: of a 1 the share of zeros below it, of a 0
 * that of ones above it, those at the same score by half; both less their mean. Returns the
 * area. */
static double place(int64_t n, const scored *at, double n1, double n0, double *of) {
  double below0 = 0, below1 = 0, area = 0;
  for (int pass = 0; pass < 2; pass++) {
    below0 = below1 = 0;
    for (int64_t i = 0, end; i < n; i = end) {
      double ties[2] = {0};
      for (end = i; end < n && at[end].score == at[i].score; end++) ties[at[end].y]++;
      const double under = (below0 + ties[0] / 2) / n0;
      const double over = (n1 - below1 - ties[1] / 2) / n1;
      if (pass == 0) area += ties[1] * under / n1;
      for (int64_t k = i; pass == 1 && k < end; k++)
        of[at[k].person] += at[k].y ? (under - area) / n1 : (over - area) / n0;
      below0 += ties[0];
      below1 += ties[1];
    }
  }
  return area;
}

pfc_status pfc__people_auc(int64_t n, const double *score, const int8_t *y,
                           const int32_t *person, int32_t n_people, pfc__area *area,
                           pfc_error *err) {
  pfc_status st = PFC_OK;
  scored *at = NULL;
  double *of = NULL, n1 = 0, squares = 0;
  uint8_t *owns = NULL;
  *area = (pfc__area){NAN, NAN, 0};
  PFC_NEW(at, n);
  PFC_NEW(of, n_people);
  PFC_NEW(owns, n_people);
  for (int64_t i = 0; i < n; i++) {
    at[i] = (scored){score[i], person[i], y[i]};
    n1 += y[i];
    owns[person[i]] = 1;
  }
  if (n1 == 0 || n1 == (double)n) goto done;
  qsort(at, (size_t)n, sizeof *at, by_score);
  area->value = place(n, at, n1, (double)n - n1, of);
  for (int32_t p = 0; p < n_people; p++) {
    area->n_people += owns[p];
    squares += of[p] * of[p];
  }
  if (area->n_people > 1) area->se = sqrt(squares * area->n_people / (area->n_people - 1.0));
done:
  pfc_free(at);
  pfc_free(of);
  pfc_free(owns);
  return st;
}
