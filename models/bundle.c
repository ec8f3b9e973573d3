#include "models/bundle.h"

#include <string.h>

#include "base/date.h"
#include "base/mem.h"

pfc_bundle *pfc_bundle_create(void) {
  pfc_bundle *b = pfc_alloc_array(1, sizeof *b);
  if (b) b->trained_as_of = PFC_NO_DATE;
  return b;
}

void pfc_bundle_destroy(pfc_bundle *b) {
  if (!b) return;
  pfc_affinity_clear(&b->affinity);
  pfc_chance_clear(&b->success);
  pfc_chance_clear(&b->accept);
  pfc_hazard_clear(&b->time);
  pfc_hazard_clear(&b->anyway);
  pfc_profile_clear(&b->profile);
  pfc_baseline_clear(&b->baseline);
  for (int32_t i = 0; b->dicts && i < b->n_dicts; i++) pfc_dict_destroy(b->dicts[i]);
  pfc_free(b->dicts);
  for (int32_t i = 0; b->certificates && i < b->n_certificates; i++)
    pfc_free(b->certificates[i].model);
  pfc_free(b->certificates);
  for (int32_t i = 0; b->metrics && i < b->n_metrics; i++) pfc_free(b->metrics[i].name);
  pfc_free(b->metrics);
  pfc_free(b->feedback_head);
  pfc_free(b->split);
  pfc_free(b->settings);
  pfc_free(b->build);
  pfc_free(b->blas);
  pfc_free(b);
}

const pfc_dict *pfc_bundle_dict(const pfc_bundle *b, const char *name) {
  for (int32_t i = 0; i < b->n_dicts; i++)
    if (strcmp(pfc_dict_name(b->dicts[i]), name) == 0) return b->dicts[i];
  return NULL;
}
