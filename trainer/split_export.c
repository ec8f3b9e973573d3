#include "trainer/split_export.h"

#include <errno.h>
#include <limits.h>
#include <math.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "trainer/split_export_internal.h"

static const struct {
  const char *name;
  pfc__split_file_fn write;
} FILES[PFC_N_SPLIT_FILES] = {
    [PFC_TRAIN_INTERACTIONS] = {"train_interactions.csv", pfc__export_interactions},
    [PFC_TRAIN_MATRIX] = {"train_matrix.h5", pfc__export_matrix},
    [PFC_TRAIN_STARTS] = {"train_starts.csv", pfc__export_train_starts},
    [PFC_TRAIN_EPISODES] = {"train_episodes.csv", pfc__export_train_episodes},
    [PFC_TEST_QUERIES] = {"test_queries.csv", pfc__export_queries},
    [PFC_TEST_CANDIDATES] = {"test_candidates.csv", pfc__export_candidates},
    [PFC_TEST_STARTS] = {"test_starts.csv", pfc__export_test_starts},
    [PFC_TEST_EPISODES] = {"test_episodes.csv", pfc__export_test_episodes},
};

const char *pfc_split_file_name(pfc_split_file file) { return FILES[file].name; }

void pfc_split_export_defaults(pfc_split_export_settings *s) {
  *s = (pfc_split_export_settings){.struct_size = sizeof *s, .max_candidates = 10000000};
}

/* --- what is written --------------------------------------------------------------------- */

static pfc_status find_roles(pfc__export_side *side, pfc_error *err) {
  pfc_status st = PFC_OK;
  const int32_t *role = pfc_dataset_codes(side->ds, PFC_ROLES, "role_id");
  const int32_t n = pfc_dataset_count(side->ds, "role");
  PFC_NEW(side->role_row, n);
  for (int32_t i = 0; i < n; i++) side->role_row[i] = -1;
  for (int64_t r = 0; role && r < side->ds->tables[PFC_ROLES].n_rows; r++)
    if (role[r] >= 0) side->role_row[role[r]] = r;
done:
  return st;
}

static pfc_status open_sides(pfc__split_export *x, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc__training *t = &x->training;
  PFC_TRY(pfc__world_init(t, x->ds, err));
  PFC_TRY(pfc__success_rows(t, &x->labelled, err));
  PFC_TRY(pfc_episodes_create(t->view, t->history, &x->episodes, err));
  PFC_TRY(pfc_history_create(x->ds, &x->h, err));
  PFC_TRY(pfc_catalogue_create(x->ds, &x->cat, err));
  PFC_TRY(pfc_judged_rows_create(x->ds, x->h, x->cat, &x->rows, err));
  x->train = (pfc__export_side){.ds = t->view, .h = t->history, .cat = t->cat};
  x->test = (pfc__export_side){.ds = x->ds, .h = x->h, .cat = x->cat};
  PFC_TRY(find_roles(&x->train, err));
  PFC_TRY(find_roles(&x->test, err));
done:
  return st;
}

static void close_sides(pfc__split_export *x) {
  pfc_free(x->train.role_row);
  pfc_free(x->test.role_row);
  pfc_judged_rows_destroy(x->rows);
  pfc_catalogue_destroy(x->cat);
  pfc_history_destroy(x->h);
  pfc_episodes_destroy(x->episodes);
  pfc__labelled_clear(&x->labelled);
  pfc__world_clear(&x->training);
}

/* --- files ------------------------------------------------------------------------------- */

static pfc_status path_of(const char *folder, int file, char path[PATH_MAX], pfc_error *err) {
  const int n = snprintf(path, PATH_MAX, "%s/%s", folder, FILES[file].name);
  if (n >= 0 && n < PATH_MAX) return PFC_OK;
  return pfc_fail(err, PFC_EIO, "cannot write into '%s': %s", folder, strerror(ENAMETOOLONG));
}

/* Everything but the commit. */
static pfc_status write_beside(const pfc__split_export *x, const char *folder, int k,
                               pfc_newfile *file, int64_t *n, pfc_error *err) {
  pfc_status st = PFC_OK;
  char path[PATH_MAX];
  pfc_error why = PFC_ERROR_INIT;
  PFC_TRY(path_of(folder, k, path, err));
  PFC_TRY(pfc_newfile_begin(file, path, 0644, err));
  if ((st = FILES[k].write(x, file->temp, n, &why)) != PFC_OK)
    st = pfc_newfile_fail(file, st, &why, err);
done:
  return st;
}

/* One that is left out does not stay from an earlier export either. */
static pfc_status remove_old(const char *folder, int k, pfc_error *err) {
  char path[PATH_MAX];
  const pfc_status st = path_of(folder, k, path, err);
  if (st != PFC_OK || unlink(path) == 0 || errno == ENOENT) return st;
  return pfc_fail(err, PFC_EIO, "cannot remove '%s': %s", path, strerror(errno));
}

static pfc_status commit(const pfc_split_export_settings *s, const char *folder,
                         pfc_newfile *files, const int64_t *n_rows, pfc_error *err) {
  pfc_status st = PFC_OK;
  if (s->before_commit) PFC_TRY(s->before_commit(s->user, err));
  for (int k = 0; k < PFC_N_SPLIT_FILES; k++) {
    PFC_TRY(n_rows[k] < 0 ? remove_old(folder, k, err) : pfc_newfile_commit(&files[k], err));
  }
done:
  return st;
}

pfc_status pfc_split_export(const pfc_dataset *ds, const char *folder,
                            const pfc_split_export_settings *s,
                            int64_t n_rows[PFC_N_SPLIT_FILES], pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc__split_export x = {.ds = ds, .settings = s};
  pfc_newfile files[PFC_N_SPLIT_FILES] = {{0}};
  bool made = false;
  if (s->struct_size != sizeof *s)
    return pfc_fail(err, PFC_EUSAGE, "settings: start from pfc_split_export_defaults()");
  if (ds->split.kind == PFC_SPLIT_NONE)
    return pfc_fail(err, PFC_EUSAGE,
                    "the dataset has no split, so there is nothing to predict: "
                    "say how to split it, with --at DATE for one");
  PFC_TRY(open_sides(&x, err));
  PFC_TRY(pfc_folder_make(folder, &made, err));
  for (int k = 0; k < PFC_N_SPLIT_FILES; k++) {
    PFC_TRY(write_beside(&x, folder, k, &files[k], &n_rows[k], err));
    PFC_TRY(pfc_progress_report(&s->progress, "export", k + 1, PFC_N_SPLIT_FILES, (double)NAN,
                                err));
  }
  PFC_TRY(commit(s, folder, files, n_rows, err));
done:
  for (int k = 0; k < PFC_N_SPLIT_FILES; k++) pfc_newfile_drop(&files[k]);
  close_sides(&x);
  if (st != PFC_OK && made) (void)rmdir(folder);
  return st;
}
