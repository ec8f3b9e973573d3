#include "models/baseline.h"

#include <string.h>

#include "base/mem.h"

const char *pfc_baseline_name(pfc_baseline_kind kind) {
  static const char *const NAMES[PFC_N_BASELINES] = {
      [PFC_BASELINE_POPULARITY] = "popularity",
      [PFC_BASELINE_RECENT] = "recent",
      [PFC_BASELINE_MANAGER] = "manager",
      [PFC_BASELINE_ITEMKNN] = "itemknn",
      [PFC_BASELINE_EASE] = "ease",
      [PFC_BASELINE_GAP] = "gap",
      [PFC_BASELINE_RANDOM] = "random",
  };
  return kind > PFC_BASELINE_NONE && kind < PFC_N_BASELINES ? NAMES[kind] : NULL;
}

bool pfc_baseline_counts_roles(pfc_baseline_kind kind) {
  return kind == PFC_BASELINE_POPULARITY || kind == PFC_BASELINE_RECENT ||
         kind == PFC_BASELINE_MANAGER;
}

void pfc_baseline_clear(pfc_baseline *m) {
  pfc_free(m->count);
  pfc_csr_clear(&m->by_role);
  pfc_csr_clear(&m->by_manager);
  pfc_csr_clear(&m->neighbours);
  pfc_free(m->fitted);
  pfc_free(m->ease);
  memset(m, 0, sizeof *m);
}
