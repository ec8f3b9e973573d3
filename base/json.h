/* JSON through cJSON, read strictly: one value, no trailing bytes, valid UTF-8,
 * no duplicate keys, no NUL in text, bounded depth and size, finite numbers, whole ones
 * up to 2^53. */
#ifndef PROFICIO_BASE_JSON_H
#define PROFICIO_BASE_JSON_H

#include <cjson/cJSON.h>
#include <stddef.h>

#include "base/error.h"

#define PFC_JSON_MAX_BYTES ((size_t)16 << 20)
#define PFC_JSON_MAX_DEPTH 64

/* Parses size bytes; `name` stands in messages (a file's path) before line,
 * column, what is wrong, what stands there, and how to mend it. The tree is freed with
 * cJSON_Delete. PFC_EDATA on any fault. */
PFC_API PFC_MUST_USE pfc_status pfc_json_parse(const char *name, const char *text, size_t size,
                                               cJSON **json, pfc_error *err);

/* Reads and parses a file. */
PFC_API PFC_MUST_USE pfc_status pfc_json_load(const char *path, cJSON **json, pfc_error *err);

/* {"value": v} style helpers: a number that is not finite becomes null. */
PFC_API PFC_MUST_USE pfc_status pfc_json_put_number(cJSON *object, const char *key,
                                                    double value, pfc_error *err);
PFC_API PFC_MUST_USE pfc_status pfc_json_put_text(cJSON *object, const char *key,
                                                  const char *value, pfc_error *err);

#endif
