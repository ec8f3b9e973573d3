// labels: fuzz check
/* Import through any mapping: refused with a place, or rows that are kept or rejected; the
 * mapping printed anew means the same.
 *
 * An input is a mapping and, behind a NUL, the file e.csv; without one a stock file. */
#include "base/json.h"
#include "datasets/import.h"
#include "tests/fuzz/compare.h"

static const char STOCK[] =
    "Nr;Kurs;von;bis;Erg;Punkte;Tage\n"
    "1;K1;01.02.2023;44985;gut;1.234,5;3\n"
    "2;K2;2/15/2023;2023-03-01;schlecht;12.5;-\n"
    "3;K1;20230215;15.02.2023 08:30;;;5\n";

static pfc_status count(const pfc_reject *reject, void *user, pfc_error *err) {
  (void)err;
  HOLDS(reject->file[0] && reject->line >= 1 && reject->reason[0]);
  ++*(int64_t *)user;
  return PFC_OK;
}

static fuzz_import import_mapped(const char *map, size_t size, const char *source) {
  fuzz_import i = {0};
  pfc_import_settings s;
  pfc_import_defaults(&s);
  s.map = fuzz_file(1, map, size);
  s.max_bad = INT64_MAX;
  s.on_reject = count;
  s.reject_user = &i.n_told;
  i.st = pfc_import(&source, 1, &s, &i.ds, &i.err);
  holds_sound(&i);
  return i;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  const char *map = (const char *)data;
  const char *nul = size ? memchr(map, '\0', size) : NULL;
  const size_t n = nul ? (size_t)(nul - map) : size;
  cJSON *json = NULL;
  if (size > 1 << 15) return 0;
  const char *source = nul ? fuzz_named(0, "e.csv", nul + 1, size - n - 1)
                           : fuzz_named(0, "e.csv", STOCK, sizeof STOCK - 1);
  fuzz_import plain = import_mapped(map, n, source);
  if (pfc_json_parse("map", map, n, &json, NULL) == PFC_OK) {
    char *printed = cJSON_Print(json);
    HOLDS(printed);
    fuzz_import again = import_mapped(printed, strlen(printed), source);
    holds_same_import(&plain, &again);
    pfc_dataset_destroy(again.ds);
    cJSON_free(printed);
    cJSON_Delete(json);
  } else {
    HOLDS(plain.st == PFC_EDATA);
  }
  pfc_dataset_destroy(plain.ds);
  return 0;
}
