#include "datasets/logged.h"

#include <math.h>
#include <string.h>

#include "base/mem.h"
#include "base/number.h"
#include "datasets/csv.h"

/* --- columns of a file ---------------------------------------------------------------------
 */

typedef struct named {
  const char *name, *other; /* another name for the same; NULL: none */
} named;

typedef enum what { CONTEXT, SLOT, ACTION, REWARD, PROPENSITY, TARGET, N_WHAT } what;

static const named LOG[N_WHAT] = {
    {"context_id", "person_id"},   {"slot", "position"},
    {"action", "intervention_id"}, {"reward", NULL},
    {"propensity", NULL},          {"target", NULL},
};

typedef struct reading {
  const char *path;
  int n_cells;        /* of the header; 0 before it */
  int column[N_WHAT]; /* -1: not there */
  int64_t line;
  pfc_logged_table *log; /* being read, or that of the policy */
  int64_t capacity[5];   /* of its arrays */
  pfc_logged_policy *policy;
} reading;

static pfc_status take_header(reading *r, const pfc_csv_row *row, const named *names, int n,
                              pfc_error *err) {
  r->n_cells = row->n_cells;
  for (int k = 0; k < n; k++) {
    r->column[k] = -1;
    for (int j = 0; j < row->n_cells; j++) {
      const char *name = row->cell[j];
      if (strcmp(name, names[k].name) != 0 &&
          (!names[k].other || strcmp(name, names[k].other) != 0))
        continue;
      if (r->column[k] >= 0)
        return pfc_fail(err, PFC_EDATA, "%s:%lld: two columns for '%s'", r->path,
                        (long long)row->line, names[k].name);
      r->column[k] = j;
    }
  }
  return PFC_OK;
}

static pfc_status need(const reading *r, const named *names, int k, pfc_error *err) {
  if (r->column[k] >= 0) return PFC_OK;
  return pfc_fail(err, PFC_EDATA, "%s:1: column '%s'%s%s%s is missing", r->path, names[k].name,
                  names[k].other ? " (or '" : "", names[k].other ? names[k].other : "",
                  names[k].other ? "')" : "");
}

static pfc_status check_width(const reading *r, const pfc_csv_row *row, pfc_error *err) {
  if (row->n_cells == r->n_cells) return PFC_OK;
  return pfc_fail(err, PFC_EDATA,
                  "%s:%lld: expected %d cells as in the header, found %d; is a comma not "
                  "quoted?",
                  r->path, (long long)row->line, r->n_cells, row->n_cells);
}

static pfc_status bad_cell(const reading *r, const char *name, const char *text,
                           const char *expected, pfc_error *err) {
  return pfc_fail(err, PFC_EDATA, "%s:%lld: %s: '%.80s'; expected %s", r->path,
                  (long long)r->line, name, text, expected);
}

static pfc_status take_id(const reading *r, const named *name, const char *text, pfc_dict *dict,
                          int32_t *code, pfc_error *err) {
  if (*text == '\0') return bad_cell(r, name->name, text, "an id", err);
  return pfc_dict_add(dict, text, strlen(text), code, err);
}

/* A number from least to most; above least where that is `open`. */
static pfc_status take_number(const reading *r, const char *name, const char *text, int open,
                              const char *expected, double *value, pfc_error *err) {
  if (!pfc_number_parse(text, strlen(text), value) || !isfinite(*value))
    return bad_cell(r, name, text, expected, err);
  if (open >= 0 && !((open ? *value > 0 : *value >= 0) && *value <= 1))
    return bad_cell(r, name, text, expected, err);
  return PFC_OK;
}

/* --- the log -------------------------------------------------------------------------------
 */

static pfc_status make_room(reading *r, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc_logged_table *t = r->log;
  if (r->column[CONTEXT] >= 0) PFC_RESERVE(t->context, r->capacity[0], t->n + 1);
  PFC_RESERVE(t->slot, r->capacity[1], t->n + 1);
  PFC_RESERVE(t->action, r->capacity[2], t->n + 1);
  PFC_RESERVE(t->reward, r->capacity[3], t->n + 1);
  PFC_RESERVE(t->propensity, r->capacity[4], t->n + 1);
done:
  return st;
}

/* Room for `target` grows with that of `propensity`. */
static pfc_status make_target_room(reading *r, int64_t before, pfc_error *err) {
  if (r->column[TARGET] < 0 || r->capacity[4] == before) return PFC_OK;
  double *moved =
      pfc_resize_array(r->log->target, (size_t)before, (size_t)r->capacity[4], sizeof *moved);
  if (!moved) return pfc_fail_memory(err, "target");
  r->log->target = moved;
  return PFC_OK;
}

static pfc_status take_slot(reading *r, const char *text, int32_t *code, pfc_error *err) {
  pfc_dict *slots = r->log->slots;
  const pfc_status st = take_id(r, &LOG[SLOT], text, slots, code, err);
  if (st != PFC_OK || pfc_dict_size(slots) <= PFC_MOST_SLOTS) return st;
  return pfc_fail(err, PFC_EDATA, "%s:%lld: more than %d slots", r->path, (long long)r->line,
                  PFC_MOST_SLOTS);
}

static pfc_status take_decision(reading *r, const char *const *cell, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc_logged_table *t = r->log;
  const int64_t n = t->n, before = r->capacity[4];
  const int *at = r->column;
  PFC_TRY(make_room(r, err));
  PFC_TRY(make_target_room(r, before, err));
  if (at[CONTEXT] >= 0)
    PFC_TRY(take_id(r, &LOG[CONTEXT], cell[at[CONTEXT]], t->contexts, &t->context[n], err));
  t->slot[n] = 0;
  if (at[SLOT] >= 0) PFC_TRY(take_slot(r, cell[at[SLOT]], &t->slot[n], err));
  PFC_TRY(take_id(r, &LOG[ACTION], cell[at[ACTION]], t->actions, &t->action[n], err));
  PFC_TRY(take_number(r, "reward", cell[at[REWARD]], -1, "a number", &t->reward[n], err));
  PFC_TRY(take_number(r, "propensity", cell[at[PROPENSITY]], 1, "above 0 and at most 1",
                      &t->propensity[n], err));
  if (at[TARGET] >= 0)
    PFC_TRY(take_number(r, "target", cell[at[TARGET]], 0, "0 to 1", &t->target[n], err));
  t->n++;
done:
  return st;
}

static pfc_status take_log_row(const pfc_csv_row *row, void *user, pfc_error *err) {
  pfc_status st = PFC_OK;
  reading *r = user;
  r->line = row->line;
  if (r->n_cells == 0) {
    PFC_TRY(take_header(r, row, LOG, N_WHAT, err));
    for (int k = ACTION; k <= PROPENSITY; k++) PFC_TRY(need(r, LOG, k, err));
    int32_t none;
    if (r->column[SLOT] < 0) PFC_TRY(pfc_dict_add(r->log->slots, "", 0, &none, err));
    return PFC_OK;
  }
  PFC_TRY(check_width(r, row, err));
  PFC_TRY(take_decision(r, row->cell, err));
done:
  return st;
}

static pfc_status new_dict(const char *name, pfc_dict **dict, pfc_error *err) {
  *dict = pfc_dict_create(name);
  return *dict ? PFC_OK : pfc_fail_memory(err, name);
}

pfc_status pfc_logged_load(const char *path, pfc_logged_table **table, pfc_error *err) {
  pfc_status st = PFC_OK;
  reading r = {.path = path};
  PFC_NEW(r.log, 1);
  PFC_TRY(new_dict("context", &r.log->contexts, err));
  PFC_TRY(new_dict("slot", &r.log->slots, err));
  PFC_TRY(new_dict("action", &r.log->actions, err));
  PFC_TRY(pfc_csv_read(path, NULL, take_log_row, &r, err));
  if (r.log->n == 0) {
    st = pfc_fail(err, PFC_EDATA, "%s: no decisions", path);
    goto done;
  }
  *table = r.log;
  r.log = NULL;
done:
  pfc_logged_destroy(r.log);
  return st;
}

void pfc_logged_destroy(pfc_logged_table *t) {
  if (!t) return;
  pfc_dict_destroy(t->contexts);
  pfc_dict_destroy(t->slots);
  pfc_dict_destroy(t->actions);
  pfc_free(t->context);
  pfc_free(t->slot);
  pfc_free(t->action);
  pfc_free(t->reward);
  pfc_free(t->propensity);
  pfc_free(t->target);
  pfc_free(t);
}

/* --- policies ------------------------------------------------------------------------------
 */

typedef enum policy_what { P_SLOT, P_ACTION, P_CHANCE, N_POLICY } policy_what;

static const named POLICY[N_POLICY] = {
    {"slot", "position"}, {"action", "intervention_id"}, {"probability", NULL}};

static pfc_status policy_init(const pfc_logged_table *log, pfc_logged_policy **policy,
                              pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc_logged_policy *p = NULL;
  PFC_NEW(p, 1);
  p->n_slots = pfc_dict_size(log->slots);
  p->n_actions = pfc_dict_size(log->actions);
  PFC_NEW(p->chance, (size_t)p->n_slots * (size_t)p->n_actions);
  PFC_NEW(p->elsewhere, p->n_slots);
  *policy = p;
  p = NULL;
done:
  pfc_logged_policy_destroy(p);
  return st;
}

void pfc_logged_policy_destroy(pfc_logged_policy *p) {
  if (!p) return;
  pfc_free(p->chance);
  pfc_free(p->elsewhere);
  pfc_free(p);
}

pfc_status pfc_logged_policy_uniform(const pfc_logged_table *log, pfc_logged_policy **policy,
                                     pfc_error *err) {
  const pfc_status st = policy_init(log, policy, err);
  if (st != PFC_OK) return st;
  const int64_t n = (int64_t)(*policy)->n_slots * (*policy)->n_actions;
  for (int64_t k = 0; k < n; k++) (*policy)->chance[k] = 1.0 / (*policy)->n_actions;
  return PFC_OK;
}

/* What a file without slots says holds in each. An action named twice has both chances. */
static void add_chance(pfc_logged_policy *p, int32_t slot, int32_t action, double chance) {
  for (int32_t k = slot < 0 ? 0 : slot; k < (slot < 0 ? p->n_slots : slot + 1); k++) {
    if (action < 0) {
      p->elsewhere[k] += chance;
    } else {
      p->chance[(int64_t)k * p->n_actions + action] += chance;
    }
  }
}

static pfc_status take_policy_row(const pfc_csv_row *row, void *user, pfc_error *err) {
  pfc_status st = PFC_OK;
  reading *r = user;
  double chance;
  int32_t slot = -1;
  r->line = row->line;
  if (r->n_cells == 0) {
    PFC_TRY(take_header(r, row, POLICY, N_POLICY, err));
    PFC_TRY(need(r, POLICY, P_ACTION, err));
    return need(r, POLICY, P_CHANCE, err);
  }
  PFC_TRY(check_width(r, row, err));
  const char *const *cell = row->cell;
  PFC_TRY(take_number(r, "probability", cell[r->column[P_CHANCE]], 0, "0 to 1", &chance, err));
  if (cell[r->column[P_ACTION]][0] == '\0') return bad_cell(r, "action", "", "an id", err);
  if (r->column[P_SLOT] >= 0) {
    slot = pfc_dict_find(r->log->slots, cell[r->column[P_SLOT]]);
    if (slot < 0)
      return bad_cell(r, "slot", cell[r->column[P_SLOT]], "a slot that the log has", err);
  }
  add_chance(r->policy, slot, pfc_dict_find(r->log->actions, cell[r->column[P_ACTION]]),
             chance);
done:
  return st;
}

static pfc_status check_sums(const reading *r, pfc_error *err) {
  const pfc_logged_policy *p = r->policy;
  for (int32_t k = 0; k < p->n_slots; k++) {
    double sum = p->elsewhere[k];
    for (int32_t a = 0; a < p->n_actions; a++) sum += p->chance[(int64_t)k * p->n_actions + a];
    if (fabs(sum - 1) <= 1e-6) continue;
    const char *slot = pfc_dict_text(r->log->slots, k);
    return pfc_fail(err, PFC_EDATA, "%s: the probabilities%s%s sum to %.6g; expected 1",
                    r->path, *slot ? " of slot " : "", slot, sum);
  }
  return PFC_OK;
}

pfc_status pfc_logged_policy_load(const char *path, const pfc_logged_table *log,
                                  pfc_logged_policy **policy, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc_logged_table view = *log; /* looked up in, never changed */
  reading r = {.path = path, .log = &view};
  PFC_TRY(policy_init(log, &r.policy, err));
  PFC_TRY(pfc_csv_read(path, NULL, take_policy_row, &r, err));
  PFC_TRY(check_sums(&r, err));
  *policy = r.policy;
  r.policy = NULL;
done:
  pfc_logged_policy_destroy(r.policy);
  return st;
}
