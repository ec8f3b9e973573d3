#include "cli/plots.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "cli/plots_internal.h"

#define COMPARED                                                                              \
  "Each row: the difference of one figure, first less other, both judged on the same people " \
  "drawn anew many times. Where the bar crosses the dashed line the data do not tell which "  \
  "is better. Colours and triangles account for the number of comparisons (Holm)."

static const plot PLOTS[] = {
    {"exposure", "affinity",
     "The more a curve sags below the diagonal, the fewer interventions get most places. A "
     "list "
     "of nothing but favourites hugs the lower right corner.",
     false, plot_exposure},
    {"comparisons_affinity", "affinity", COMPARED, true, plot_comparisons},
    {"comparisons_affinity_new_people", "affinity_new_people", COMPARED, true,
     plot_comparisons},
    {"comparisons_profile", "profile", COMPARED, true, plot_comparisons},
    {"reliability", "success",
     "Starts are sorted by predicted probability and cut into bins. A bin above the dashed "
     "line "
     "succeeded more often than predicted, one below less often. A bar that crosses the line: "
     "no more than chance. The strip at the top shows how many predictions lie where.",
     false, plot_reliability},
    {"lift", "success",
     "Starts are sorted by prediction, the highest first. A model that tells who will pass "
     "falls "
     "from left to right; bars that are all near 1 tell nothing.",
     false, plot_lift},
    {"comparisons_success", "success", COMPARED, true, plot_comparisons},
    {"reliability_accept", "accept",
     "Offers are sorted by predicted chance and cut into bins. A bin above the dashed line was "
     "accepted more often than predicted, one below less often. A bar that crosses the line: "
     "no "
     "more than chance. The strip at the top shows how many predictions lie where.",
     false, plot_reliability},
    {"comparisons_accept", "accept", COMPARED, true, plot_comparisons},
    {"incidence_time", "time",
     "The predicted line should run inside the grey band. A line above it promises proficiency "
     "too early, one below too late.",
     false, plot_incidence},
    {"comparisons_time", "time", COMPARED, true, plot_comparisons},
    {"incidence_dropped", "dropped",
     "The predicted line should run inside the grey band. A line above it predicts more "
     "dropping "
     "out than there was.",
     false, plot_incidence},
    {"comparisons_dropped", "dropped", COMPARED, true, plot_comparisons},
    {"incidence_left", "left",
     "The predicted line should run inside the grey band. A line above it predicts more "
     "leaving "
     "than there was.",
     false, plot_incidence},
    {"comparisons_left", "left", COMPARED, true, plot_comparisons},
    {"policies", "policy",
     "What would happen if people followed each policy, by the laws the simulated organisation "
     "was made with and not by any model's own opinion.",
     true, plot_policies},
    {"comparisons_policy", "policy",
     "Each row: how much more gap the first policy closes than the other, on the same people "
     "drawn anew many times. Where the bar crosses the dashed line the data do not tell which "
     "is "
     "better.",
     true, plot_comparisons},
    {"level_by_evidence", "recovery",
     "Bars shrink as ratings come in: that is what ratings are worth. A bar below its diamond "
     "promises more than it keeps, one above it less; nine in ten true levels should lie "
     "inside.",
     false, plot_levels},
    {"regret_by_round", "rounds",
     "A policy that learns from what people do falls from round to round. One that is refitted "
     "should lie below the one that never is, and below chance.",
     true, plot_rounds},
    {"comparisons_rounds", "rounds",
     "Each row: how much the first policy's figure lies above the other's, on the same people "
     "drawn anew many times. Where the bar crosses the dashed line the data do not tell which "
     "is "
     "better.",
     true, plot_comparisons},
};
enum { N_PLOTS = sizeof PLOTS / sizeof *PLOTS };

const plot *plots_table(int *n) {
  *n = N_PLOTS;
  return PLOTS;
}

static pfc_status make_folder(const char *dir, pfc_error *err) {
  struct stat info;
  if (mkdir(dir, 0755) == 0) return PFC_OK;
  if (errno == EEXIST && stat(dir, &info) == 0 && S_ISDIR(info.st_mode)) return PFC_OK;
  return pfc_fail(err, PFC_EIO, "cannot make the folder '%s': %s", dir, strerror(errno));
}

static pfc_status put(const plot *p, const markup *m, const char *dir, pfc_error *err) {
  char path[PATH_MAX];
  const int n = snprintf(path, sizeof path, "%s/%s.svg", dir, p->name);
  if (n < 0 || (size_t)n >= sizeof path) {
    return pfc_fail(err, PFC_EIO, "cannot write into '%s': %s", dir, strerror(ENAMETOOLONG));
  }
  if (m->size > 0) return markup_write(m, path, err);
  if (unlink(path) == 0 || errno == ENOENT) return PFC_OK;
  return pfc_fail(err, PFC_EIO, "cannot remove '%s', of an earlier evaluation: %s", path,
                  strerror(errno));
}

/* All are drawn before the first is written. */
pfc_status plots_write(const cJSON *json, const char *dir, int *n_written, pfc_error *err) {
  pfc_status st = PFC_OK;
  markup *drawn = NULL;
  *n_written = 0;
  PFC_NEW(drawn, N_PLOTS);
  for (int i = 0; i < N_PLOTS; i++) {
    bool is_drawn = false;
    PFC_TRY(PLOTS[i].draw(&PLOTS[i], json, &drawn[i], &is_drawn, err));
    PFC_TRY(markup_status(&drawn[i], err));
    *n_written += is_drawn;
  }
  PFC_TRY(make_folder(dir, err));
  for (int i = 0; i < N_PLOTS; i++) PFC_TRY(put(&PLOTS[i], &drawn[i], dir, err));
done:
  for (int i = 0; drawn && i < N_PLOTS; i++) markup_clear(&drawn[i]);
  pfc_free(drawn);
  return st;
}
