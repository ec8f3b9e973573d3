// labels: fuzz check
/* Logged decisions: any bytes are refused with a message, or are a table whose numbers are what
 * estimates need; any bytes after the first \x1e are a policy, refused likewise, or chances
 * that sum to 1 in every slot. */
#include <math.h>

#include "datasets/logged.h"
#include "tests/fuzz/input.h"

static void holds_log(const pfc_logged_table *t) {
  HOLDS(t->n > 0 && pfc_dict_size(t->slots) <= PFC_MOST_SLOTS);
  for (int64_t i = 0; i < t->n; i++) {
    HOLDS(t->slot[i] >= 0 && t->slot[i] < pfc_dict_size(t->slots));
    HOLDS(t->action[i] >= 0 && t->action[i] < pfc_dict_size(t->actions));
    HOLDS(!t->context || (t->context[i] >= 0 && t->context[i] < pfc_dict_size(t->contexts)));
    HOLDS(isfinite(t->reward[i]) && t->propensity[i] > 0 && t->propensity[i] <= 1);
    HOLDS(!t->target || (t->target[i] >= 0 && t->target[i] <= 1));
  }
}

static void holds_policy(const pfc_logged_policy *p) {
  for (int32_t k = 0; k < p->n_slots; k++) {
    double sum = p->elsewhere[k];
    for (int32_t a = 0; a < p->n_actions; a++) {
      HOLDS(p->chance[(int64_t)k * p->n_actions + a] >= 0);
      sum += p->chance[(int64_t)k * p->n_actions + a];
    }
    HOLDS(fabs(sum - 1) <= 1.1e-6);
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  pfc_logged_table *t = NULL;
  pfc_logged_policy *p = NULL;
  pfc_error err = PFC_ERROR_INIT;
  const uint8_t *cut = size ? memchr(data, 0x1e, size) : NULL;
  const size_t n = cut ? (size_t)(cut - data) : size;
  pfc_status st = pfc_logged_load(fuzz_file(0, data, n), &t, &err);
  holds_error(st, &err);
  HOLDS(st == PFC_OK || st == PFC_EDATA);
  HOLDS((st == PFC_OK) == (t != NULL));
  if (t) holds_log(t);
  if (t && cut) {
    st = pfc_logged_policy_load(fuzz_file(1, cut + 1, size - n - 1), t, &p, &err);
    holds_error(st, &err);
    HOLDS(st == PFC_OK || st == PFC_EDATA);
    HOLDS((st == PFC_OK) == (p != NULL));
    if (p) holds_policy(p);
  }
  pfc_logged_policy_destroy(p);
  pfc_logged_destroy(t);
  return 0;
}
