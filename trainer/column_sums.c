#include "trainer/column_sums.h"

#include "base/mem.h"
#include "base/par.h"

/* Threads that can share the work; and entries for every sum a chunk keeps, so that clearing
 * and adding up the sums stays a small part of it. */
enum { MOST_CHUNKS = 64, ENTRIES_A_SUM = 16 };

static int64_t smaller(int64_t a, int64_t b) { return a < b ? a : b; }

pfc_status pfc__column_sums_init(pfc__column_sums *s, const pfc_csr *rows, pfc_error *err) {
  pfc_status st = PFC_OK;
  const int64_t tiles = pfc_n_tiles(rows->n_rows);
  const int64_t worth =
      rows->start[rows->n_rows] / (ENTRIES_A_SUM * ((int64_t)rows->n_cols + 1));
  const int64_t wanted = smaller(smaller(tiles, MOST_CHUNKS), worth > 1 ? worth : 1);
  const int64_t chunk_tiles = wanted > 0 ? (tiles + wanted - 1) / wanted : 1;
  *s = (pfc__column_sums){.rows = rows,
                          .n_chunks = (tiles + chunk_tiles - 1) / chunk_tiles,
                          .chunk_rows = chunk_tiles * PFC_TILE};
  PFC_NEW(s->partial, s->n_chunks * rows->n_cols);
done:
  return st;
}

void pfc__column_sums_clear(pfc__column_sums *s) {
  pfc_free(s->partial);
  *s = (pfc__column_sums){0};
}

void pfc__column_sums_total(const pfc__column_sums *s, double *out) {
  const int64_t d = s->rows->n_cols;
#pragma omp parallel for schedule(static) if (PFC_WORTH_THREADS(s->n_chunks * d))
  for (int64_t j = 0; j < d; j++) {
    double sum = 0;
    for (int64_t chunk = 0; chunk < s->n_chunks; chunk++) sum += s->partial[chunk * d + j];
    out[j] = sum;
  }
}
