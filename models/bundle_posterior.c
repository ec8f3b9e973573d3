/* What a later fit begins with: strengths, posteriors and ledgers of a bundle's models. Each is
 * a group of its own, with a flag beside it, absent where it is not known. */
#include "models/bundle_internal.h"

#include <float.h>
#include <stdio.h>

#include "base/mem.h"

#define MAX_STRENGTHS 10000

/* The model's attribute `flag` tells whether its group is there. */
static pfc_status is_there(pfc__archive *a, const char *model, const char *flag, bool held,
                           bool *there, pfc_error *err) {
  int32_t is = held;
  const pfc__scalar scalar = {flag, PFC_H5_I32, &is, 0, 1};
  const pfc_status st = pfc__visit_scalars(a, model, &scalar, 1, err);
  *there = is;
  return st;
}

/* --- posteriors --------------------------------------------------------------------------- */

static pfc_status check_posterior(const pfc__archive *a, const char *group,
                                  const pfc_posterior *p, pfc_error *err) {
  int32_t k = 0;
  for (int32_t j = 0; j < p->n; j++) {
    const bool is_full = k < p->n_full && p->full[k] == j;
    k += is_full;
    if (is_full ? p->diagonal[j] != 0 : !(p->diagonal[j] > 0))
      return pfc__fault(a, err, "'%s/diagonal': element %d is %g", group, (int)j,
                        p->diagonal[j]);
  }
  if (k < p->n_full)
    return pfc__fault(a, err, "'%s/full': element %d, %d, does not ascend below %d", group,
                      (int)k, (int)p->full[k], (int)p->n);
  for (k = 0; k < p->n_full; k++)
    if (!(p->precision[pfc_triangle(k) + (size_t)k] > 0))
      return pfc__fault(a, err, "'%s/precision': row %d does not end above 0", group, (int)k);
  return PFC_OK;
}

pfc_status pfc__visit_posterior(pfc__archive *a, const char *model, int64_t n, pfc_posterior *p,
                                pfc_error *err) {
  pfc_status st = PFC_OK;
  char group[PFC__PATH];
  bool there;
  (void)snprintf(group, sizeof group, "%s/posterior", model);
  PFC_TRY(is_there(a, model, "has_posterior", p->n > 0, &there, err));
  if (!there) goto done;
  const pfc__scalar scalars[] = {
      {"n", PFC_H5_I32, &p->n, 1, INT32_MAX},
      {"n_full", PFC_H5_I32, &p->n_full, 0, PFC_POSTERIOR_FULL},
  };
  PFC_TRY(pfc__visit_scalars(a, group, scalars, PFC__COUNT(scalars), err));
  if (p->n != n) {
    st = pfc__fault(a, err, "'%s': attribute 'n' is %d; the model has %lld coefficients", group,
                    (int)p->n, (long long)n);
    goto done;
  }
  const pfc__array arrays[] = {
      {"full",
       PFC_H5_I32,
       1,
       {p->n_full, 1},
       &p->full,
       "coefficients whose precision is kept whole"},
      {"precision",
       PFC_H5_F64,
       1,
       {(int64_t)pfc_triangle(p->n_full), 1},
       &p->precision,
       "of these, the others marginalized out: lower triangle by rows"},
      {"diagonal",
       PFC_H5_F64,
       1,
       {p->n, 1},
       &p->diagonal,
       "precision of each of the others, all else given; 0 of those kept whole"},
  };
  PFC_TRY(pfc__visit_arrays(a, group, arrays, PFC__COUNT(arrays), err));
  PFC_TRY(check_posterior(a, group, p, err));
done:
  return st;
}

/* --- strengths ---------------------------------------------------------------------------- */

static const pfc__member STRENGTH_MEMBERS[] = {
    {"group", PFC_H5_TEXT, offsetof(pfc_strength, group), NULL, "group of columns"},
    {"strength", PFC_H5_F64, offsetof(pfc_strength, value), NULL,
     "ridge: prior precision of each of its columns"},
};

pfc_status pfc__visit_strengths(pfc__archive *a, const char *model, pfc_strengths *s,
                                pfc_error *err) {
  pfc_status st = PFC_OK;
  char group[PFC__PATH];
  bool there;
  int32_t n = s->n;
  (void)snprintf(group, sizeof group, "%s/strengths", model);
  PFC_TRY(is_there(a, model, "has_strengths", n > 0, &there, err));
  if (!there) goto done;
  const pfc__scalar size = {"n", PFC_H5_I32, &n, 1, MAX_STRENGTHS};
  PFC_TRY(pfc__visit_scalars(a, group, &size, 1, err));
  if (a->loading) {
    PFC_NEW(s->at, n);
    s->n = n;
  }
  const pfc__records records = {group, n, s->at, sizeof *s->at};
  PFC_TRY(pfc__visit_members(a, &records, STRENGTH_MEMBERS, PFC__COUNT(STRENGTH_MEMBERS), err));
  for (int32_t g = 0; g < n; g++)
    if (!(s->at[g].value > 0))
      return pfc__fault(a, err, "'%s/strength': element %d is not above 0", group, (int)g);
done:
  return st;
}

/* --- ledgers ------------------------------------------------------------------------------ */

pfc_status pfc__visit_ledger(pfc__archive *a, const char *model, pfc_ledger *l,
                             pfc_error *err) {
  pfc_status st = PFC_OK;
  char group[PFC__PATH];
  bool there;
  (void)snprintf(group, sizeof group, "%s/ledger", model);
  PFC_TRY(is_there(a, model, "has_ledger", l->n > 0, &there, err));
  if (!there) goto done;
  const pfc__scalar size = {"n", PFC_H5_I64, &l->n, 1, 0x1p62};
  PFC_TRY(pfc__visit_scalars(a, group, &size, 1, err));
  const pfc__array arrays[] = {
      {"key",
       PFC_H5_I64,
       1,
       {l->n, 1},
       &l->key,
       "rows that were absorbed: bits of unsigned numbers, ascending as such"},
      {"days",
       PFC_H5_F32,
       1,
       {l->n, 1},
       &l->days,
       "of spells: days of their own clock that were absorbed, negative: to their end"},
  };
  PFC_TRY(pfc__visit_arrays(a, group, arrays, PFC__COUNT(arrays), err));
  for (int64_t i = 1; i < l->n; i++)
    if (l->key[i] <= l->key[i - 1])
      return pfc__fault(a, err, "'%s/key': element %lld does not ascend", group, (long long)i);
done:
  return st;
}
