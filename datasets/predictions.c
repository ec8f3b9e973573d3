#include "datasets/predictions.h"

#include <math.h>
#include <string.h>

#include "base/mem.h"
#include "datasets/predictions_internal.h"
#include "datasets/text_source.h"

/* --- reading ----------------------------------------------------------------------------- */

enum { HEAD = 8 };

/* The first bytes of the text, or of the file where it is none. */
static pfc_status peek(const char *path, char head[HEAD], size_t *n, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc__text_source *source = NULL;
  size_t got = 0;
  *n = 0;
  PFC_TRY(pfc__text_open(path, NULL, false, &source, err));
  do {
    PFC_TRY(pfc__text_read(source, head + *n, HEAD - *n, &got, err));
    *n += got;
  } while (got > 0 && *n < HEAD);
done:
  pfc__text_close(source);
  return st;
}

static pfc_status read_hdf5(pfc__prediction_table *t, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc_error why = PFC_ERROR_INIT;
  hid_t file = -1;
  PFC_TRY(pfc_h5_open(t->path, &file, err));
  if ((st = pfc__predictions_read_hdf5(t, file, &why)) != PFC_OK) {
    /* What is wrong with an array is told without the file that it stands in. */
    (void)(st == PFC_EFORMAT
               ? pfc_fail(err, st,
                          "%s: %s; expected plain 1-D arrays of one length, texts of fixed "
                          "length (in h5py: numpy.array(ids, 'S'))",
                          t->path, why.msg)
               : pfc_fail(err, st, "%s", why.msg));
    goto done;
  }
  PFC_TRY(pfc_h5_close(&file, err));
done:
  PFC_H5_DROP(file);
  return st;
}

static pfc_status read_table(pfc__prediction_table *t, pfc_error *err) {
  static const char HDF5[HEAD + 1] = "\x89HDF\r\n\x1a\n";
  char head[HEAD];
  size_t n = 0;
  const pfc_status st = peek(t->path, head, &n, err);
  if (st != PFC_OK) return st;
  if (n == HEAD && memcmp(head, HDF5, HEAD) == 0) return read_hdf5(t, err);
  if (n > 0 && head[0] == '{') return pfc__predictions_read_jsonl(t, err);
  return pfc__predictions_read_csv(t, err);
}

pfc_status pfc_predictions_load(const char *path, const pfc_dataset *ds, pfc_predictions **p,
                                pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc__prediction_table t = {.path = path, .ds = ds};
  *p = NULL;
  PFC_NEW(t.p, 1);
  PFC_TRY(read_table(&t, err));
  PFC_TRY(pfc__predictions_finish(&t, err));
  *p = t.p;
  t.p = NULL;
done:
  pfc_free(t.line);
  pfc_predictions_destroy(t.p);
  return st;
}

void pfc_predictions_destroy(pfc_predictions *p) {
  if (!p) return;
  pfc_free(p->person);
  pfc_free(p->intervention);
  pfc_free(p->competency);
  pfc_free(p->date);
  pfc_free(p->score);
  pfc_free(p->p_success);
  pfc_free(p->incidence);
  pfc_free(p->quantile_days);
  pfc_free(p);
}

/* --- looking up -------------------------------------------------------------------------- */

typedef struct key {
  int32_t person, date, intervention, competency;
} key;

static bool is_before(const pfc_predictions *p, int64_t r, const key *k) {
  if (p->person[r] != k->person) return p->person[r] < k->person;
  if (p->date[r] != k->date) return p->date[r] < k->date;
  if (p->intervention[r] != k->intervention) return p->intervention[r] < k->intervention;
  return p->competency[r] < k->competency;
}

/* The first row that does not come before the key. */
static int64_t lower_bound(const pfc_predictions *p, const key *k) {
  int64_t from = 0, to = p->n;
  while (from < to) {
    const int64_t middle = from + (to - from) / 2;
    if (is_before(p, middle, k)) {
      from = middle + 1;
    } else {
      to = middle;
    }
  }
  return from;
}

static bool is_of(const pfc_predictions *p, int64_t r, int32_t person, int32_t date) {
  return r < p->n && p->person[r] == person && p->date[r] == date;
}

int64_t pfc_predictions_of(const pfc_predictions *p, int32_t person, int32_t date,
                           int64_t *from) {
  int32_t day = date;
  *from = lower_bound(p, &(key){person, day, INT32_MIN, INT32_MIN});
  if (!is_of(p, *from, person, day)) {
    day = PFC_NO_DATE;
    *from = lower_bound(p, &(key){person, day, INT32_MIN, INT32_MIN});
  }
  int64_t to = *from;
  while (is_of(p, to, person, day)) to++;
  return to;
}

/* Among the rows of one date. */
static int64_t find_on(const pfc_predictions *p, const key *k) {
  const key first = {k->person, k->date, k->intervention, INT32_MIN};
  const int64_t any = lower_bound(p, &first), exact = lower_bound(p, k);
  if (!is_of(p, any, k->person, k->date) || p->intervention[any] != k->intervention) return -1;
  if (k->competency < 0) return any;
  if (is_of(p, exact, k->person, k->date) && p->intervention[exact] == k->intervention &&
      p->competency[exact] == k->competency)
    return exact;
  return p->competency[any] < 0 ? any : -1;
}

int64_t pfc_predictions_find(const pfc_predictions *p, int32_t person, int32_t date,
                             int32_t intervention, int32_t competency) {
  const int64_t r = find_on(p, &(key){person, date, intervention, competency});
  if (r >= 0 || date == PFC_NO_DATE) return r;
  return find_on(p, &(key){person, PFC_NO_DATE, intervention, competency});
}

double pfc_predictions_incidence(const pfc_predictions *p, int64_t r, double day) {
  const float *told = p->incidence + r * p->n_days;
  double before_day = 0, before = 0;
  bool any = false;
  for (int d = 0; d < p->n_days; d++) {
    if (isnan(told[d])) continue;
    any = true;
    if (day <= p->day[d]) {
      const double share = fmax(day - before_day, 0) / (p->day[d] - before_day);
      return before + share * ((double)told[d] - before);
    }
    before_day = p->day[d];
    before = (double)told[d];
  }
  return any ? before : (double)NAN;
}
