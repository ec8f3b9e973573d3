/* Companies whose lists are explained. */
#ifndef PROFICIO_TESTS_SUPPORT_EXPLAINED_H
#define PROFICIO_TESTS_SUPPORT_EXPLAINED_H

#include "engine/explain.h"

enum { EXPLAINED_DAY = 400 };

/* One in which roles 0 to 2 ask for something, and rules of every kind hold. */
pfc_dataset *explained_company(uint64_t seed);

/* All models that there can be; the caller destroys them. */
pfc_bundle *explained_models(const pfc_dataset *ds);

/* Prices, a discount, the day. */
pfc_scorer_settings explained_settings(int include_closed);

/* A scorer and an explainer. */
typedef struct explained {
  const pfc_dataset *ds;
  pfc_scorer *scorer;
  pfc_explainer *e;
} explained;

explained explained_open(const pfc_bundle *b, const pfc_dataset *ds,
                         const pfc_scorer_settings *settings);
void explained_close(explained *t);
pfc_explanation explained_of(const explained *t, const char *person, const char *intervention);

/* What it supposes of that kind and competency (-1: of others); NULL nothing. */
const pfc_what_if *explained_if(const pfc_explanation *x, pfc_if what, int32_t competency);

#endif
