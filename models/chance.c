#include "models/chance.h"

#include <string.h>

#include "base/mem.h"

void pfc_chance_clear(pfc_chance *m) {
  pfc_features_destroy(m->features);
  pfc_free(m->coef);
  pfc_free(m->theta);
  pfc_strengths_clear(&m->strengths);
  pfc_posterior_clear(&m->posterior);
  pfc_ledger_clear(&m->ledger);
  memset(m, 0, sizeof *m);
}
