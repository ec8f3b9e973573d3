/* What is in a bundle, for people and programs. */
#ifndef PROFICIO_MODELS_DESCRIBE_H
#define PROFICIO_MODELS_DESCRIBE_H

#include <cjson/cJSON.h>

#include "base/error.h"
#include "models/bundle.h"

enum { PFC_DESCRIBE_COEFFICIENTS = 20 }; /* so many of a model, the largest first */

/* *json: one object with identity and provenance, sizes of dictionaries, an object a model
 * that is there (sizes, settings of the model, rows, horizon, largest coefficients by
 * absolute value with the names of their columns, but no effect of a single person) and
 * the certificates; docs/FORMATS.md ("inspect") lists the keys. The caller's (cJSON_Delete).
 * Only PFC_ENOMEM. */
PFC_API PFC_MUST_USE pfc_status pfc_bundle_describe(const pfc_bundle *b, cJSON **json,
                                                    pfc_error *err);

#endif
