/* Who may and who must take an intervention, and what must come before it. */
#include "datasets/simulate_catalogue_internal.h"
#include "datasets/simulate_columns_internal.h"

/* A role for whom each intervention is thought of: of the family that must or may take it,
 * where it is not for everybody. */
void pfc__sim_draw_audience(pfc__sim *s, pfc__sim_draft *drafts) {
  const uint64_t n_roles = (uint64_t)s->truth->n_roles;
  for (int32_t i = 0; i < s->truth->n_interventions; i++) {
    pfc_rng rng = pfc__sim_stream(s, "catalogue.audience", (uint64_t)i);
    const bool is_closed = pfc_rng_uniform(&rng) < 0.15 && s->mandated_family[i] == -1;
    int32_t role;
    do {
      role = (int32_t)pfc_rng_below(&rng, n_roles);
    } while (s->mandated_family[i] >= 0 && s->mandated_family[i] != s->role_family[role]);
    drafts[i].role = role;
    s->only_family[i] = is_closed ? s->role_family[role] : -1;
  }
}

/* --- prerequisites ------------------------------------------------------------------------ */

/* Targets drawn so far by their competency, the last one first. */
typedef struct chain {
  int64_t *last;     /* n_competencies; -1 none */
  int64_t *previous; /* of each target */
  int32_t *of;       /* intervention of each target */
} chain;

static pfc_status chain_init(chain *ch, const pfc_truth *t, pfc_error *err) {
  pfc_status st = PFC_OK;
  const int64_t n = t->target_start[t->n_interventions];
  PFC_NEW(ch->last, t->n_competencies);
  PFC_NEW(ch->previous, n);
  PFC_NEW(ch->of, n);
  for (int32_t c = 0; c < t->n_competencies; c++) ch->last[c] = -1;
done:
  return st;
}

static void chain_clear(chain *ch) {
  pfc_free(ch->last);
  pfc_free(ch->previous);
  pfc_free(ch->of);
}

static void chain_add(chain *ch, const pfc_truth *t, int32_t i) {
  for (int64_t k = t->target_start[i]; k < t->target_start[i + 1]; k++) {
    int64_t *last = &ch->last[t->target_competency[k]];
    ch->of[k] = i;
    ch->previous[k] = *last;
    *last = k;
  }
}

/* May everybody who may take i take j too? */
static bool is_as_open(const pfc__sim *s, int32_t i, int32_t j) {
  return s->mandated_family[j] == -1 &&
         (s->only_family[j] == -1 || s->only_family[j] == s->only_family[i]);
}

/* Of earlier interventions in the same competency that lead less far, the one that leads
 * farthest; -1 none. Pointing back alone, prerequisites cannot run in circles. */
static int32_t step_before(const pfc__sim *s, const chain *ch, int32_t i) {
  const pfc_truth *t = s->truth;
  const int64_t k = t->target_start[i];
  int32_t best = -1;
  float highest = 0;
  for (int64_t e = ch->last[t->target_competency[k]]; e >= 0; e = ch->previous[e]) {
    if (t->target_to[e] >= t->target_to[k] || t->target_to[e] <= highest) continue;
    if (!is_as_open(s, i, ch->of[e])) continue;
    best = ch->of[e];
    highest = t->target_to[e];
  }
  return best;
}

static void draw_prerequisite(pfc__sim *s, const chain *ch, int32_t i) {
  const pfc_truth *t = s->truth;
  const int64_t k = t->target_start[i];
  pfc_rng rng = pfc__sim_stream(s, "catalogue.prerequisite", (uint64_t)i);
  const bool has_one = pfc_rng_uniform(&rng) < 0.15;
  const bool is_intervention = pfc_rng_uniform(&rng) < 0.5;
  if (!has_one || s->mandated_family[i] != -1 || t->target_start[i + 1] == k) return;
  if (is_intervention) s->requires_intervention[i] = step_before(s, ch, i);
  if (s->requires_intervention[i] >= 0) return;
  const float slack = 0.25F * (float)pfc_rng_below(&rng, 3);
  s->requires_competency[i] = t->target_competency[k];
  s->requires_level[i] = fmaxf(t->target_from[k] - slack, 0.25F);
}

pfc_status pfc__sim_draw_prerequisites(pfc__sim *s, pfc_error *err) {
  pfc_status st = PFC_OK;
  chain ch = {0};
  PFC_TRY(chain_init(&ch, s->truth, err));
  for (int32_t i = 0; i < s->truth->n_interventions; i++) {
    s->requires_intervention[i] = s->requires_competency[i] = -1;
    s->requires_level[i] = NAN;
    draw_prerequisite(s, &ch, i);
    chain_add(&ch, s->truth, i);
  }
done:
  chain_clear(&ch);
  return st;
}

/* --- tables --------------------------------------------------------------------------------
 */

static pfc_status put_targets(const pfc__sim *s, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc_column *column = NULL;
  const pfc_truth *t = s->truth;
  const int64_t n = t->target_start[t->n_interventions];
  PFC_TRY(pfc__sim_column(s, PFC_TARGETS, "intervention_id", n, &column, err));
  for (int32_t i = 0; i < t->n_interventions; i++)
    for (int64_t k = t->target_start[i]; k < t->target_start[i + 1]; k++) column->code[k] = i;
  PFC_TRY(pfc__sim_column(s, PFC_TARGETS, "competency_id", n, &column, err));
  for (int64_t k = 0; k < n; k++) column->code[k] = t->target_competency[k];
  PFC_TRY(pfc__sim_column(s, PFC_TARGETS, "from_level", n, &column, err));
  for (int64_t k = 0; k < n; k++) column->real[k] = (double)t->target_from[k];
  PFC_TRY(pfc__sim_column(s, PFC_TARGETS, "to_level", n, &column, err));
  for (int64_t k = 0; k < n; k++) column->real[k] = (double)t->target_to[k];
done:
  return st;
}

/* rows[n] = the interventions that have a prerequisite. */
static pfc_status put_prerequisites(const pfc__sim *s, int32_t *rows, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc_column *column = NULL;
  const pfc_table_id t = PFC_PREREQUISITES;
  int64_t n = 0;
  for (int32_t i = 0; i < s->truth->n_interventions; i++)
    if (s->requires_intervention[i] >= 0 || s->requires_competency[i] >= 0) rows[n++] = i;
  if (n == 0) return PFC_OK;
  PFC_TRY(pfc__sim_column(s, t, "intervention_id", n, &column, err));
  for (int64_t r = 0; r < n; r++) column->code[r] = rows[r];
  PFC_TRY(pfc__sim_column(s, t, "requires_intervention_id", n, &column, err));
  for (int64_t r = 0; r < n; r++) column->code[r] = s->requires_intervention[rows[r]];
  PFC_TRY(pfc__sim_column(s, t, "requires_competency_id", n, &column, err));
  for (int64_t r = 0; r < n; r++) column->code[r] = s->requires_competency[rows[r]];
  PFC_TRY(pfc__sim_column(s, t, "requires_level", n, &column, err));
  for (int64_t r = 0; r < n; r++) column->real[r] = (double)s->requires_level[rows[r]];
done:
  return st;
}

/* A row for each role of a family, or one for everybody (role -1). */
typedef struct role_rows {
  int64_t n, capacity;
  struct role_row {
    int32_t intervention, role;
  } * row;
} role_rows;

static pfc_status add_row(role_rows *r, int32_t intervention, int32_t role, pfc_error *err) {
  pfc_status st = PFC_OK;
  PFC_RESERVE(r->row, r->capacity, r->n + 1);
  r->row[r->n++] = (struct role_row){intervention, role};
done:
  return st;
}

static pfc_status add_family(const pfc__sim *s, role_rows *r, int32_t intervention,
                             int32_t family, pfc_error *err) {
  pfc_status st = PFC_OK;
  for (int32_t k = 0; k < s->truth->n_roles; k++)
    if (s->role_family[k] == family) PFC_TRY(add_row(r, intervention, k, err));
done:
  return st;
}

/* The first two columns of both tables. */
static pfc_status put_roles(const pfc__sim *s, pfc_table_id table, const role_rows *r,
                            pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc_column *column = NULL;
  PFC_TRY(pfc__sim_column(s, table, "intervention_id", r->n, &column, err));
  for (int64_t k = 0; k < r->n; k++) column->code[k] = r->row[k].intervention;
  PFC_TRY(pfc__sim_column(s, table, "role_id", r->n, &column, err));
  for (int64_t k = 0; k < r->n; k++) column->code[k] = r->row[k].role;
done:
  return st;
}

static pfc_status put_eligibility(const pfc__sim *s, role_rows *r, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc_column *column = NULL;
  r->n = 0;
  for (int32_t i = 0; i < s->truth->n_interventions; i++)
    if (s->only_family[i] >= 0) PFC_TRY(add_family(s, r, i, s->only_family[i], err));
  if (r->n == 0) return PFC_OK;
  PFC_TRY(put_roles(s, PFC_ELIGIBILITY, r, err));
  PFC_TRY(pfc__sim_column(s, PFC_ELIGIBILITY, "allow", r->n, &column, err));
  for (int64_t k = 0; k < r->n; k++) column->flag[k] = 1;
done:
  return st;
}

/* Due within the first year, of everybody on the same day. */
static int32_t due_on(const pfc__sim *s, int32_t intervention) {
  pfc_rng rng = pfc__sim_stream(s, "catalogue.due", (uint64_t)intervention);
  return s->truth->first_day + 60 + (int32_t)pfc_rng_below(&rng, 300);
}

static pfc_status put_mandates(const pfc__sim *s, role_rows *r, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc_column *column = NULL;
  r->n = 0;
  for (int32_t i = 0; i < s->truth->n_interventions; i++) {
    if (s->mandated_family[i] == -2) PFC_TRY(add_row(r, i, -1, err));
    if (s->mandated_family[i] >= 0) PFC_TRY(add_family(s, r, i, s->mandated_family[i], err));
  }
  if (r->n == 0) return PFC_OK;
  PFC_TRY(put_roles(s, PFC_MANDATES, r, err));
  PFC_TRY(pfc__sim_column(s, PFC_MANDATES, "due_on", r->n, &column, err));
  for (int64_t k = 0; k < r->n; k++) column->date[k] = due_on(s, r->row[k].intervention);
  PFC_TRY(pfc__sim_column(s, PFC_MANDATES, "recurs_months", r->n, &column, err));
  for (int64_t k = 0; k < r->n; k++) column->i32[k] = s->mandate_months[r->row[k].intervention];
done:
  return st;
}

pfc_status pfc__sim_put_rules(pfc__sim *s, pfc_error *err) {
  pfc_status st = PFC_OK;
  role_rows rows = {0};
  int32_t *required = NULL;
  PFC_NEW(required, s->truth->n_interventions);
  PFC_TRY(put_targets(s, err));
  PFC_TRY(put_prerequisites(s, required, err));
  PFC_TRY(put_eligibility(s, &rows, err));
  PFC_TRY(put_mandates(s, &rows, err));
done:
  pfc_free(required);
  pfc_free(rows.row);
  return st;
}
