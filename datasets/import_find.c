#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "datasets/import_internal.h"

/* --- names ---------------------------------------------------------------- */

#define NEAR 2        /* edits at which a name is still taken for a slip */
#define NAME_BYTES 40 /* no declared name is longer */

static int min3(int a, int b, int c) {
  const int ab = a < b ? a : b;
  return ab < c ? ab : c;
}

int pfc__edit_distance(const char *a, const char *b) {
  int row[NAME_BYTES + 1];
  const int n = (int)strnlen(a, NAME_BYTES + 1), m = (int)strnlen(b, NAME_BYTES + 1);
  if (n > NAME_BYTES || m > NAME_BYTES) return NAME_BYTES;
  for (int j = 0; j <= m; j++) row[j] = j;
  for (int i = 1; i <= n; i++) {
    int diagonal = row[0];
    row[0] = i;
    for (int j = 1; j <= m; j++) {
      const bool same = tolower((unsigned char)a[i - 1]) == tolower((unsigned char)b[j - 1]);
      const int above = row[j];
      row[j] = min3(above + 1, row[j - 1] + 1, diagonal + !same);
      diagonal = above;
    }
  }
  return row[m];
}

/* The nearest so far, and its distance. */
typedef struct nearest {
  const char *name;
  int distance;
} nearest;

static void consider(nearest *best, const char *wanted, const char *candidate) {
  const int distance = pfc__edit_distance(wanted, candidate);
  /* Two edits make any two-letter word another: "on" is not meant by "id". */
  if (distance >= best->distance || distance >= (int)strlen(candidate)) return;
  *best = (nearest){candidate, distance};
}

const char *pfc__nearest_name(const pfc_table_decl *table, const char *name) {
  nearest best = {NULL, NEAR + 1};
  const int n = table ? table->n_columns : PFC_N_TABLES;
  for (int i = 0; i < n; i++)
    consider(&best, name, table ? table->columns[i].name : pfc_schema((pfc_table_id)i)->name);
  return best.name;
}

const char *pfc__nearest_of(const char *const *names, int n, const char *name) {
  nearest best = {NULL, NEAR + 1};
  for (int i = 0; i < n; i++) consider(&best, name, names[i]);
  return best.name;
}

void pfc__list_name(char *text, size_t size, const char *name) {
  const size_t used = strlen(text);
  (void)snprintf(text + used, size - used, "%s%s", used ? ", " : "", name);
}

static int position_of(const pfc_csv_row *header, const char *name) {
  for (int c = 0; c < header->n_cells; c++)
    if (strcmp(header->cell[c], name) == 0) return c;
  return -1;
}

pfc_status pfc__header_find(const char *path, const pfc_csv_row *header,
                            const char *const *names, int n_names, int *at, pfc_error *err) {
  char lacking[300] = "", expected[600] = "";
  for (int i = 0; i < n_names; i++) {
    const bool optional = names[i][0] == '?';
    const char *name = names[i] + optional;
    at[i] = position_of(header, name);
    if (optional) continue;
    pfc__list_name(expected, sizeof expected, name);
    if (at[i] < 0) pfc__list_name(lacking, sizeof lacking, name);
  }
  if (!lacking[0]) return PFC_OK;
  return pfc_fail(err, PFC_EDATA, "%s:%lld: no column %s; expected the columns %s", path,
                  (long long)header->line, lacking, expected);
}

/* --- files ---------------------------------------------------------------- */

/* True when the last part of source is name or name.gz. */
static bool is_that_file(const char *source, const char *name) {
  const char *slash = strrchr(source, '/');
  const char *base = slash ? slash + 1 : source;
  const size_t n = strlen(name);
  return strncmp(base, name, n) == 0 && (base[n] == '\0' || strcmp(base + n, ".gz") == 0);
}

pfc_status pfc__find_source(const char *const *sources, int n_sources, const char *name,
                            char **path, pfc_error *err) {
  *path = NULL;
  for (int s = 0; s < n_sources && !*path; s++) {
    if (is_that_file(sources[s], name)) {
      if (!(*path = pfc_strdup(sources[s]))) return pfc_fail_memory(err, "a file's name");
      continue;
    }
    const pfc_status st = pfc__find_file(sources[s], name, path, err);
    if (st != PFC_OK) return st;
  }
  return PFC_OK;
}

pfc_status pfc__find_file(const char *folder, const char *name, char **path, pfc_error *err) {
  const size_t size = strlen(folder) + strlen(name) + 5;
  char *plain = pfc_alloc_array(size, 1), *packed = pfc_alloc_array(size, 1);
  pfc_status st = PFC_OK;
  *path = NULL;
  if (!plain || !packed) {
    st = pfc_fail_memory(err, "path");
    goto done;
  }
  (void)snprintf(plain, size, "%s/%s", folder, name);
  (void)snprintf(packed, size, "%s/%s.gz", folder, name);
  const bool has_plain = access(plain, F_OK) == 0, has_packed = access(packed, F_OK) == 0;
  if (has_plain && has_packed) {
    st = pfc_fail(err, PFC_EDATA, "%s and %s are both there; remove one", plain, packed);
    goto done;
  }
  if (has_plain) *path = plain, plain = NULL;
  if (has_packed) *path = packed, packed = NULL;
done:
  pfc_free(plain);
  pfc_free(packed);
  return st;
}
