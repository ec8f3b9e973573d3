#include <cblas.h>
#include <lapacke.h>

#include "base/mem.h"
#include "trainer/als.h"

/* C = sum of y_i to_i' over the items that both have seen, k x k. */
static void cross_moments(const pfc_affinity *m, int32_t n, const float *to,
                          const int32_t *seen, double *C) {
  const int32_t k = m->rank;
  for (int32_t i = 0; i < n; i++) {
    if (m->item_count[i] == 0 || seen[i] == 0) continue;
    const float *y = m->items + (ptrdiff_t)i * k, *z = to + (ptrdiff_t)i * k;
    for (int32_t a = 0; a < k; a++)
      for (int32_t b = 0; b < k; b++) C[a * k + b] += (double)y[a] * (double)z[b];
  }
}

/* R = U V' of C = U S V': the orthogonal matrix that brings rows y nearest to their z. */
static pfc_status nearest_rotation(int32_t k, double *C, double *R, pfc_error *err) {
  pfc_status st = PFC_OK;
  double *U = NULL, *V = NULL, *S = NULL, *work = NULL;
  const size_t kk = (size_t)k * (size_t)k;
  const int32_t room = 10 * k;
  PFC_NEW(U, kk);
  PFC_NEW(V, kk);
  PFC_NEW(S, k);
  PFC_NEW(work, room);
  /* Row-major C is column-major C' = V S U'. */
  const lapack_int info =
      LAPACKE_dgesvd_work(LAPACK_COL_MAJOR, 'A', 'A', k, k, C, k, S, V, k, U, k, work, room);
  if (info != 0) {
    st = pfc_fail(err, PFC_ENUMERIC, "affinity: factors cannot be aligned, LAPACK says %d",
                  (int)info);
    goto done;
  }
  /* V holds V by columns, U holds U' by columns: as rows they are V' and U. */
  cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, k, k, k, 1, U, k, V, k, 0, R, k);
done:
  pfc_free(U);
  pfc_free(V);
  pfc_free(S);
  pfc_free(work);
  return st;
}

/* Every row of n x k by R; scratch: k. */
static void turn(int64_t n, int32_t k, const double *R, double *scratch, float *rows) {
  for (int64_t i = 0; rows && i < n; i++) {
    float *row = rows + i * k;
    for (int32_t b = 0; b < k; b++) scratch[b] = 0;
    for (int32_t a = 0; a < k; a++)
      for (int32_t b = 0; b < k; b++) scratch[b] += (double)row[a] * R[a * k + b];
    for (int32_t b = 0; b < k; b++) row[b] = (float)scratch[b];
  }
}

pfc_status pfc_als_align(pfc_affinity *m, int32_t n, const float *to, const int32_t *seen,
                         pfc_error *err) {
  pfc_status st = PFC_OK;
  double *C = NULL, *R = NULL, *scratch = NULL;
  const int32_t k = m->rank;
  const size_t kk = (size_t)k * (size_t)k;
  PFC_NEW(C, kk);
  PFC_NEW(R, kk);
  PFC_NEW(scratch, k);
  cross_moments(m, n, to, seen, C);
  PFC_TRY(nearest_rotation(k, C, R, err));
  turn(m->n_people, k, R, scratch, m->people);
  turn(m->n_items, k, R, scratch, m->items);
  if (m->person_features) turn(m->person_features->n_columns, k, R, scratch, m->person_prior);
  if (m->item_features) turn(m->item_features->n_columns, k, R, scratch, m->item_prior);
done:
  pfc_free(C);
  pfc_free(R);
  pfc_free(scratch);
  return st;
}
