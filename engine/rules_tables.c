/* The tables of rules, turned into what a person can be looked up in. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "engine/rules_internal.h"

static int32_t code_at(const int32_t *codes, int64_t row) { return codes ? codes[row] : -1; }

/* --- places --------------------------------------------------------------------------------
 */

pfc_status pfc__places_of(int32_t n_keys, int64_t n_rows, const int32_t *key,
                          const int32_t *value, pfc__places *out, pfc_error *err) {
  pfc_status st = PFC_OK;
  PFC_NEW(out->start, (size_t)n_keys + 1);
  if (!key) n_rows = 0;
  for (int64_t k = 0; k < n_rows; k++)
    if (key[k] >= 0 && (!value || value[k] >= 0)) out->start[key[k] + 1]++;
  for (int32_t i = 0; i < n_keys; i++) out->start[i + 1] += out->start[i];
  PFC_NEW(out->at, out->start[n_keys]);
  for (int64_t k = 0; k < n_rows; k++) {
    if (key[k] >= 0 && (!value || value[k] >= 0))
      out->at[out->start[key[k]]++] = value ? value[k] : (int32_t)k;
  }
  /* Each start has moved on to the next one's: move them back. */
  memmove(out->start + 1, out->start, (size_t)n_keys * sizeof *out->start);
  out->start[0] = 0;
done:
  return st;
}

void pfc__places_clear(pfc__places *p) {
  pfc_free(p->start);
  pfc_free(p->at);
}

/* --- whom rows speak of --------------------------------------------------------------------
 */

static uint64_t key_of(int32_t role, int32_t unit) {
  return (uint64_t)(uint32_t)(role + 1) << 32 | (uint32_t)(unit + 1);
}

int pfc__rules_keys(int32_t role, int32_t unit, uint64_t key[4]) {
  int n = 0;
  key[n++] = key_of(-1, -1);
  if (unit >= 0) key[n++] = key_of(-1, unit);
  if (role >= 0) key[n++] = key_of(role, -1);
  if (role >= 0 && unit >= 0) key[n++] = key_of(role, unit);
  return n;
}

int64_t pfc__spoken_find(const pfc__spoken_rows *rows, uint64_t key) {
  int64_t lo = 0, hi = rows->n;
  while (lo < hi) {
    const int64_t mid = lo + (hi - lo) / 2;
    if (rows->at[mid].key < key) {
      lo = mid + 1;
    } else {
      hi = mid;
    }
  }
  return lo;
}

static int by_key(const void *a, const void *b) {
  const pfc__spoken *x = a, *y = b;
  if (x->key != y->key) return x->key < y->key ? -1 : 1;
  return (x->row > y->row) - (x->row < y->row);
}

/* keep: 1 for each row that counts. */
static pfc_status speak(const pfc_dataset *ds, pfc_table_id table, const uint8_t *keep,
                        pfc__spoken_rows *out, pfc_error *err) {
  pfc_status st = PFC_OK;
  const int32_t *role = table == PFC_OVERRIDES ? NULL : pfc_dataset_codes(ds, table, "role_id");
  const int32_t *unit = pfc_dataset_codes(ds, table, "unit_id");
  const int64_t n = ds->tables[table].n_rows;
  PFC_NEW(out->at, n);
  for (int64_t k = 0; k < n; k++)
    if (keep[k])
      out->at[out->n++] = (pfc__spoken){key_of(code_at(role, k), code_at(unit, k)), k};
  qsort(out->at, (size_t)out->n, sizeof *out->at, by_key);
done:
  return st;
}

/* --- eligibility ---------------------------------------------------------------------------
 */

static pfc_status bits_of(const pfc_rules *r, const pfc__spoken_rows *rows,
                          const int32_t *intervention, pfc__spoken_bits *out, pfc_error *err) {
  pfc_status st = PFC_OK;
  int64_t n = 0;
  for (int64_t k = 0; k < rows->n; k++) n += k == 0 || rows->at[k].key != rows->at[k - 1].key;
  PFC_NEW(out->key, n);
  PFC_NEW(out->bits, (size_t)n * (size_t)r->n_words);
  for (int64_t k = 0; k < rows->n; k++) {
    if (k == 0 || rows->at[k].key != rows->at[k - 1].key) out->key[out->n++] = rows->at[k].key;
    const int32_t j = r->candidate_of[intervention[rows->at[k].row]];
    pfc__set_bit(out->bits + (out->n - 1) * r->n_words, j);
  }
done:
  return st;
}

pfc_status pfc__rules_eligibility(pfc_rules *r, pfc_error *err) {
  pfc_status st = PFC_OK;
  uint8_t *keep = NULL;
  pfc__spoken_rows rows = {0};
  const pfc_table_id t = PFC_ELIGIBILITY;
  const int32_t *intervention = pfc_dataset_codes(r->ds, t, "intervention_id");
  const int8_t *allow = pfc_dataset_flags(r->ds, t, "allow");
  const int64_t n = r->ds->tables[t].n_rows;
  PFC_NEW(keep, n);
  PFC_NEW(r->chosen, r->n_words);
  for (int allows = 0; allows < 2; allows++) {
    for (int64_t k = 0; k < n; k++) {
      const int32_t i = code_at(intervention, k);
      keep[k] = i >= 0 && r->candidate_of[i] >= 0 && (!allow || allow[k] != 0) == allows;
      if (keep[k] && allows) pfc__set_bit(r->chosen, r->candidate_of[i]);
    }
    PFC_TRY(speak(r->ds, t, keep, &rows, err));
    PFC_TRY(bits_of(r, &rows, intervention, allows ? &r->allow : &r->deny, err));
    pfc_free(rows.at);
    rows = (pfc__spoken_rows){0};
  }
done:
  pfc_free(rows.at);
  pfc_free(keep);
  return st;
}

/* --- mandates and overrides ----------------------------------------------------------------
 */

pfc_status pfc__rules_mandates(pfc_rules *r, pfc_error *err) {
  pfc_status st = PFC_OK;
  uint8_t *keep = NULL;
  const pfc_table_id t = PFC_MANDATES;
  const pfc_column *months = pfc_dataset_column(r->ds, t, "recurs_months");
  const int64_t n = r->ds->tables[t].n_rows;
  r->mandated = pfc_dataset_codes(r->ds, t, "intervention_id");
  r->due_on = pfc_dataset_dates(r->ds, t, "due_on");
  r->months = months && months->type == PFC_INT ? months->i32 : NULL;
  PFC_NEW(keep, n);
  for (int64_t k = 0; k < n; k++) keep[k] = code_at(r->mandated, k) >= 0;
  PFC_TRY(speak(r->ds, t, keep, &r->mandates, err));
done:
  pfc_free(keep);
  return st;
}

/* In force on the day, about a candidate, and saying what is to be done. */
static bool is_in_force(const pfc_rules *r, int64_t row, const int32_t *action,
                        const int32_t *expires_on) {
  const int32_t i = code_at(r->overridden, row);
  const bool is_over = expires_on && expires_on[row] != PFC_NO_DATE &&
                       r->as_of != PFC_NO_DATE && expires_on[row] < r->as_of;
  return i >= 0 && r->candidate_of[i] >= 0 && code_at(action, row) >= 0 && !is_over;
}

pfc_status pfc__rules_overrides(pfc_rules *r, pfc_error *err) {
  pfc_status st = PFC_OK;
  uint8_t *keep = NULL;
  int32_t *whose = NULL;
  const pfc_table_id t = PFC_OVERRIDES;
  const int32_t *person = pfc_dataset_codes(r->ds, t, "person_id");
  const int32_t *unit = pfc_dataset_codes(r->ds, t, "unit_id");
  const int32_t *action = pfc_dataset_codes(r->ds, t, "action");
  const int32_t *expires_on = pfc_dataset_dates(r->ds, t, "expires_on");
  const pfc_dict *words = pfc_dataset_find_dict(r->ds, "action");
  const int32_t force = words ? pfc_dict_find(words, "force") : -1;
  const int64_t n = r->ds->tables[t].n_rows;
  r->overridden = pfc_dataset_codes(r->ds, t, "intervention_id");
  if (n > INT32_MAX)
    return pfc_fail(err, PFC_EDATA, "overrides: %lld rows are too many", (long long)n);
  PFC_NEW(keep, n);
  PFC_NEW(whose, n);
  PFC_NEW(r->forces, n);
  for (int64_t k = 0; k < n; k++) {
    const bool counts = is_in_force(r, k, action, expires_on);
    whose[k] = counts ? code_at(person, k) : -1;
    keep[k] = counts && whose[k] < 0 && code_at(unit, k) >= 0;
    r->forces[k] = code_at(action, k) == force;
  }
  PFC_TRY(speak(r->ds, t, keep, &r->by_unit, err));
  PFC_TRY(pfc__places_of(r->history->n_people, n, whose, NULL, &r->by_person, err));
done:
  pfc_free(whose);
  pfc_free(keep);
  return st;
}

/* --- prerequisites -------------------------------------------------------------------------
 */

/* One that asks for a level, while they are being told apart. */
typedef struct asks {
  int32_t competency, candidate;
  double level;
} asks;

static int by_level(const void *a, const void *b) {
  const asks *x = a, *y = b;
  if (x->competency != y->competency) return x->competency < y->competency ? -1 : 1;
  if (x->level != y->level) return x->level < y->level ? -1 : 1;
  return (x->candidate > y->candidate) - (x->candidate < y->candidate);
}

static pfc_status index_levels(pfc__prerequisites *b, asks *at, int64_t n, pfc_error *err) {
  pfc_status st = PFC_OK;
  int32_t *level = NULL, *candidate = NULL;
  qsort(at, (size_t)n, sizeof *at, by_level);
  PFC_NEW(level, n);
  PFC_NEW(candidate, n);
  PFC_NEW(b->level, n);
  PFC_NEW(b->competency, n);
  for (int64_t k = 0; k < n; k++) {
    const bool is_other = k == 0 || at[k].competency != at[k - 1].competency;
    if (is_other) b->competency[b->n_competencies++] = at[k].competency;
    if (is_other || at[k].level != at[k - 1].level)
      b->level[b->n_levels++] = (pfc__asked_level){b->n_competencies - 1, at[k].level};
    level[k] = b->n_levels - 1;
    candidate[k] = at[k].candidate;
  }
  PFC_TRY(pfc__places_of(b->n_levels, n, level, candidate, &b->barred, err));
done:
  pfc_free(level);
  pfc_free(candidate);
  return st;
}

static pfc_status read_levels(const pfc_rules *r, const int32_t *candidate,
                              pfc__prerequisites *b, pfc_error *err) {
  pfc_status st = PFC_OK;
  asks *at = NULL;
  int64_t n_asked = 0;
  const pfc_table_id t = PFC_PREREQUISITES;
  const int32_t *competency = pfc_dataset_codes(r->ds, t, "requires_competency_id");
  const double *level = pfc_dataset_reals(r->ds, t, "requires_level");
  const int64_t n = competency && level ? r->ds->tables[t].n_rows : 0;
  PFC_NEW(at, n);
  for (int64_t k = 0; k < n; k++) {
    if (candidate[k] < 0 || competency[k] < 0 || isnan(level[k])) continue;
    at[n_asked++] = (asks){competency[k], candidate[k], level[k]};
  }
  PFC_TRY(index_levels(b, at, n_asked, err));
done:
  pfc_free(at);
  return st;
}

pfc_status pfc__rules_prerequisites(pfc_rules *r, pfc_error *err) {
  pfc_status st = PFC_OK;
  int32_t *candidate = NULL;
  pfc__prerequisites *b = &r->before;
  const pfc_table_id t = PFC_PREREQUISITES;
  const int32_t *intervention = pfc_dataset_codes(r->ds, t, "intervention_id");
  const int32_t *before = pfc_dataset_codes(r->ds, t, "requires_intervention_id");
  const int64_t n = intervention ? r->ds->tables[t].n_rows : 0;
  PFC_NEW(candidate, n);
  PFC_NEW(b->asks, r->n_words);
  for (int64_t k = 0; k < n; k++) {
    candidate[k] = intervention[k] < 0 ? -1 : r->candidate_of[intervention[k]];
    if (candidate[k] >= 0 && code_at(before, k) >= 0) pfc__set_bit(b->asks, candidate[k]);
  }
  const int64_t n_before = before ? n : 0;
  PFC_TRY(pfc__places_of(r->n, n_before, candidate, before, &b->passed, err));
  PFC_TRY(pfc__places_of(r->cat->n_interventions, n_before, before, candidate, &b->opens, err));
  PFC_TRY(read_levels(r, candidate, b, err));
done:
  pfc_free(candidate);
  return st;
}

/* --- what passing one leaves to gain from another ------------------------------------------
 */

/* Pairs (passed, candidate), growing. */
typedef struct pairs {
  int64_t n, room;
  int32_t *passed, *candidate;
} pairs;

static pfc_status add_pair(pairs *p, int32_t passed, int32_t candidate, pfc_error *err) {
  pfc_status st = PFC_OK;
  int64_t room = p->room;
  PFC_RESERVE(p->passed, room, p->n + 1);
  PFC_RESERVE(p->candidate, p->room, p->n + 1);
  p->passed[p->n] = passed;
  p->candidate[p->n++] = candidate;
done:
  return st;
}

/* Whatever covers a candidate is that very one, or aims at the competency of its first target:
 * no others need be asked. */
static pfc_status find_pairs(const pfc_rules *r, const pfc__places *aim_at, const int32_t *at,
                             pairs *p, pfc_error *err) {
  pfc_status st = PFC_OK;
  const pfc_catalogue *cat = r->cat;
  for (int32_t j = 0; j < r->n; j++) {
    const int32_t i = at[j], c = cat->competency[cat->first[i]];
    PFC_TRY(add_pair(p, i, j, err));
    int32_t last = i;
    for (int64_t k = c < 0 ? 0 : aim_at->start[c]; c >= 0 && k < aim_at->start[c + 1]; k++) {
      const int32_t d = aim_at->at[k];
      if (d == i || d == last || !pfc_catalogue_covers(cat, d, i)) continue;
      last = d; /* it may aim at the competency twice */
      PFC_TRY(add_pair(p, d, j, err));
    }
  }
done:
  return st;
}

pfc_status pfc__rules_covers(pfc_rules *r, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc__places aim_at = {0};
  pairs p = {0};
  int32_t *at = NULL;
  const pfc_catalogue *cat = r->cat;
  PFC_NEW(at, r->n);
  for (int32_t i = 0; i < cat->n_interventions; i++)
    if (r->candidate_of[i] >= 0) at[r->candidate_of[i]] = i;
  PFC_TRY(pfc__places_of(r->n_competencies, cat->n_targets, cat->competency, cat->intervention,
                         &aim_at, err));
  PFC_TRY(find_pairs(r, &aim_at, at, &p, err));
  PFC_TRY(pfc__places_of(cat->n_interventions, p.n, p.passed, p.candidate, &r->covers, err));
done:
  pfc_free(p.passed);
  pfc_free(p.candidate);
  pfc_free(at);
  pfc__places_clear(&aim_at);
  return st;
}
