#include "cli/split_export.h"

#include <inttypes.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>

#include "base/json.h"
#include "cli/signals.h"
#include "datasets/storage.h"
#include "trainer/split_export.h"

typedef struct saving {
  const pfc_dataset *ds;
  const char *path; /* NULL: it stays as it is */
} saving;

static pfc_status save(void *user, pfc_error *err) {
  const saving *s = user;
  const pfc_status st = signals_check(err);
  return st == PFC_OK && s->path ? pfc_dataset_save(s->ds, s->path, err) : st;
}

static pfc_status tell(common *c, const char *folder, const int64_t *n_rows, cJSON **told,
                       pfc_error *err) {
  pfc_status st = PFC_OK;
  cJSON *json = cJSON_CreateObject(), *files = NULL;
  if (!json) return pfc_fail_memory(err, "what was exported");
  PFC_TRY(pfc_json_put_text(json, "folder", folder, err));
  if (!(files = json_object(json, "files", err))) {
    st = PFC_ENOMEM;
    goto done;
  }
  for (int f = 0; f < PFC_N_SPLIT_FILES; f++) {
    const char *name = pfc_split_file_name((pfc_split_file)f);
    PFC_TRY(
        pfc_json_put_number(files, name, n_rows[f] < 0 ? (double)NAN : (double)n_rows[f], err));
    if (n_rows[f] < 0)
      common_note(c,
                  "%s is left out: it would have too many rows; what cannot be recommended is "
                  "taken out of anybody's lists when they are judged",
                  name);
  }
  common_note(c,
              "exported to %s: %" PRId64 " starts and %" PRId64
              " episodes to learn from, %" PRId64 " lists, %" PRId64 " starts and %" PRId64
              " episodes to predict",
              folder, n_rows[PFC_TRAIN_STARTS], n_rows[PFC_TRAIN_EPISODES],
              n_rows[PFC_TEST_QUERIES], n_rows[PFC_TEST_STARTS], n_rows[PFC_TEST_EPISODES]);
  *told = json;
  json = NULL;
done:
  cJSON_Delete(json);
  return st;
}

/* A slip of the hand must not put a table in the place of the data it is made from. */
static pfc_status check_places(const common *c, const char *folder, const char *save_to,
                               pfc_error *err) {
  pfc_status st = PFC_OK;
  char path[PATH_MAX];
  for (int f = 0; f < PFC_N_SPLIT_FILES; f++) {
    const char *name = pfc_split_file_name((pfc_split_file)f);
    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    PFC_TRY(common_reads("--export", path, c->args[0], err));
    PFC_TRY(common_reads("--export", path, c->config, err));
    PFC_TRY(common_reads("--export", path, save_to, err));
  }
done:
  return st;
}

pfc_status split_export(common *c, const pfc_dataset *ds, const char *folder,
                        const char *save_to, cJSON **told, pfc_error *err) {
  pfc_status st = PFC_OK;
  int64_t n_rows[PFC_N_SPLIT_FILES] = {0};
  saving saved = {ds, save_to};
  pfc_split_export_settings s;
  pfc_split_export_defaults(&s);
  s.before_commit = save;
  s.user = &saved;
  s.progress = progress_of(&c->progress);
  PFC_TRY(check_places(c, folder, save_to, err));
  PFC_TRY(pfc_split_export(ds, folder, &s, n_rows, err));
  PFC_TRY(tell(c, folder, n_rows, told, err));
done:
  return st;
}
