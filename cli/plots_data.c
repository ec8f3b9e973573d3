#include "cli/plots_data.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/utf8.h"
#include "cli/common.h"

const char *json_text(const cJSON *object, const char *key) {
  const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, key));
  return text ? text : "";
}

const cJSON *json_at(const cJSON *object, const char *path) {
  char key[64];
  while (object && *path) {
    const size_t n = strcspn(path, ".");
    if (n >= sizeof key) return NULL;
    memcpy(key, path, n);
    key[n] = '\0';
    object = cJSON_GetObjectItemCaseSensitive(object, key);
    path += n + (path[n] == '.');
  }
  return object;
}

/* Twice, and half a dozen times, of what is accepted is what axes take still (1e300). */
static double finite_number(const cJSON *item) {
  return cJSON_IsNumber(item) && fabs(item->valuedouble) <= 1e299 ? item->valuedouble
                                                                  : (double)NAN;
}

double json_finite(const cJSON *object, const char *key) {
  return finite_number(cJSON_GetObjectItemCaseSensitive(object, key));
}

figure figure_of(const cJSON *object) {
  return (figure){.value = json_finite(object, "value"),
                  .lo = json_finite(object, "lo"),
                  .hi = json_finite(object, "hi"),
                  .n = json_finite(object, "n")};
}

/* --- who is judged -------------------------------------------------------------------------
 */

/* What follows the last `n_slashes` slashes. */
static const char *tail(const char *path, int n_slashes) {
  const char *at = path + strlen(path);
  for (; at > path; at--) {
    if (at[-1] == '/' && n_slashes-- == 1) return at;
  }
  return path;
}

static const char *path_of(const cJSON *json) {
  const char *path = json_text(json, "model");
  return *path ? path : "model";
}

static bool is_alone(const contestants *c, int i) {
  for (int j = 0; j < c->n; j++) {
    if (j == i) continue;
    if (strcmp(tail(path_of(c->of[i].json), 1), tail(path_of(c->of[j].json), 1)) == 0)
      return false;
  }
  return true;
}

static void name_all(contestants *c) {
  for (int i = 0; i < c->n; i++) {
    const char *name = tail(path_of(c->of[i].json), is_alone(c, i) ? 1 : 2);
    const size_t n = pfc_utf8_cut(name, CONTESTANT_NAME - 1);
    (void)snprintf(c->of[i].name, CONTESTANT_NAME, "%.*s", (int)n, name);
  }
}

void contestants_read(const cJSON *json, contestants *c) {
  const cJSON *other;
  *c = (contestants){.n = 1};
  c->of[0].json = json;
  cJSON_ArrayForEach(other, cJSON_GetObjectItemCaseSensitive(json, "against")) {
    if (c->n == MAX_CONTESTANTS) {
      c->n_more++;
    } else {
      c->of[c->n++].json = other;
    }
  }
  name_all(c);
}

/* --- series ----------------------------------------------------------------------------------
 */

static pfc_status reserve(columns *out, int n, int n_keys, pfc_error *err) {
  pfc_status st = PFC_OK;
  double *all = NULL;
  *out = (columns){.n = n};
  PFC_NEW(all, (size_t)n * (size_t)n_keys);
  for (int k = 0; k < n_keys; k++) {
    out->of[k] = all + (ptrdiff_t)k * n;
    for (int i = 0; i < n; i++) out->of[k][i] = (double)NAN;
  }
done:
  return st;
}

pfc_status columns_of_rows(const cJSON *rows, int n_keys, const char *const *keys, columns *out,
                           pfc_error *err) {
  const cJSON *row;
  int i = 0;
  const int n = cJSON_IsArray(rows) ? cJSON_GetArraySize(rows) : 0;
  const pfc_status st = reserve(out, n, n_keys, err);
  if (st != PFC_OK || n == 0) return st;
  cJSON_ArrayForEach(row, rows) {
    for (int k = 0; k < n_keys; k++) {
      out->of[k][i] = finite_number(cJSON_GetObjectItemCaseSensitive(row, keys[k]));
    }
    i++;
  }
  return PFC_OK;
}

pfc_status columns_of_lists(const cJSON *object, int n_keys, const char *const *keys,
                            columns *out, pfc_error *err) {
  const cJSON *item, *first = cJSON_GetObjectItemCaseSensitive(object, keys[0]);
  const int n = cJSON_IsArray(first) ? cJSON_GetArraySize(first) : 0;
  const pfc_status st = reserve(out, n, n_keys, err);
  for (int k = 0; k < n_keys && st == PFC_OK; k++) {
    int i = 0;
    cJSON_ArrayForEach(item, cJSON_GetObjectItemCaseSensitive(object, keys[k])) {
      if (i < n) out->of[k][i++] = finite_number(item);
    }
  }
  return st;
}

void columns_clear(columns *c) {
  pfc_free(c->of[0]);
  *c = (columns){0};
}
