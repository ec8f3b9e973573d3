#include "models/success.h"

#include <string.h>

#include "base/mem.h"

void pfc_success_clear(pfc_success *m) {
  pfc_features_destroy(m->features);
  pfc_free(m->coef);
  pfc_free(m->theta);
  memset(m, 0, sizeof *m);
}
