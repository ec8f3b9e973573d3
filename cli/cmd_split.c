#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "cli/common.h"
#include "cli/signals.h"
#include "cli/split_export.h"
#include "datasets/split.h"
#include "datasets/storage.h"

enum { KEY_AT = OWN_KEY, KEY_BY, KEY_FRACTION, KEY_FOLDS, KEY_FOLD, KEY_EXPORT };

static pfc_status take_date(pfc_split *split, const char *arg, pfc_error *err) {
  split->kind = PFC_SPLIT_AT;
  if (pfc_date_parse(arg, &split->date)) return PFC_OK;
  return pfc_fail(err, PFC_EUSAGE, "--at: a date such as 2014-10-01 expected, not '%s'", arg);
}

static pfc_status take_by(pfc_split *split, const char *arg, pfc_error *err) {
  static const struct {
    const char *word;
    pfc_split_kind kind;
  } KINDS[] = {{"person", PFC_SPLIT_PERSON},
               {"random", PFC_SPLIT_RANDOM},
               {"column", PFC_SPLIT_COLUMN},
               {"none", PFC_SPLIT_NONE}};
  for (size_t k = 0; k < sizeof KINDS / sizeof *KINDS; k++) {
    if (strcmp(KINDS[k].word, arg) != 0) continue;
    split->kind = KINDS[k].kind;
    return PFC_OK;
  }
  return pfc_fail(err, PFC_EUSAGE, "--by: person, random, column or none expected, not '%s'",
                  arg);
}

static pfc_status take_number(const char *name, const char *arg, double max, double *value,
                              pfc_error *err) {
  char *end = NULL;
  *value = strtod(arg, &end);
  if (end != arg && *end == '\0' && *value >= 0 && *value <= max) return PFC_OK;
  return pfc_fail(err, PFC_EUSAGE, "--%s: a number from 0 to %g expected, not '%s'", name, max,
                  arg);
}

static pfc_status take_whole(const char *name, const char *arg, int32_t *value,
                             pfc_error *err) {
  double number = 0;
  const pfc_status st = take_number(name, arg, 1000, &number, err);
  if (st != PFC_OK) return st;
  *value = (int32_t)number;
  if (*value == number) return PFC_OK;
  return pfc_fail(err, PFC_EUSAGE, "--%s: a whole number expected, not '%s'", name, arg);
}

typedef struct split_options {
  pfc_split split;
  bool at, by;
  const char *export; /* folder; NULL: none */
} split_options;

static pfc_status take(int key, const char *arg, void *own, pfc_error *err) {
  split_options *o = own;
  pfc_split *split = &o->split;
  switch (key) {
    case KEY_AT:
      o->at = true;
      return take_date(split, arg, err);
    case KEY_BY:
      o->by = true;
      return take_by(split, arg, err);
    case KEY_FRACTION:
      return take_number("fraction", arg, 1, &split->fraction, err);
    case KEY_FOLDS:
      return take_whole("folds", arg, &split->folds, err);
    case KEY_EXPORT:
      o->export = arg;
      return PFC_OK;
    default:
      return take_whole("fold", arg, &split->fold, err);
  }
}

static const struct argp_option OPTIONS[] = {
    {"at", KEY_AT, "DATE", 0, "what began on or after DATE is test", 0},
    {"by", KEY_BY, "person|random|column|none", 0,
     "people, or rows, are dealt at random; or as a column `split` says; or no split", 0},
    {"fraction", KEY_FRACTION, "F", 0, "share of people or rows that is test, with --by", 0},
    {"folds", KEY_FOLDS, "K", 0, "cut into K parts instead, of which ...", 0},
    {"fold", KEY_FOLD, "I", 0, "... this one is test, 0 to K-1 [0]", 0},
    {"export", KEY_EXPORT, "DIR", 0,
     "write what may be learned from, and what is to be predicted, as files for other tools; "
     "of a dataset that has a split, alone too",
     0},
    {0},
};

typedef struct counts {
  const char *table;
  int64_t train, test;
} counts;

static const pfc_table_id MARKED[] = {PFC_ENROLMENTS, PFC_ASSESSMENTS, PFC_EPISODES};
enum { N_MARKED = sizeof MARKED / sizeof *MARKED };

static pfc_status count_rows(const pfc_dataset *ds, counts *n, pfc_error *err) {
  pfc_status st = PFC_OK;
  uint8_t *is_test = NULL;
  for (int t = 0; t < N_MARKED; t++) {
    const pfc_table *table = &ds->tables[MARKED[t]];
    n[t] = (counts){.table = pfc_schema(MARKED[t])->name};
    pfc_free(is_test);
    PFC_NEW(is_test, table->n_rows);
    PFC_TRY(pfc_split_mark(ds, MARKED[t], is_test, err));
    for (int64_t r = 0; r < table->n_rows; r++) n[t].test += is_test[r];
    n[t].train = table->n_rows - n[t].test;
  }
done:
  pfc_free(is_test);
  return st;
}

static pfc_status print_counts(common *c, const counts *n, pfc_error *err) {
  static const output_column COLUMNS[] = {
      {"table", COLUMN_TEXT, false}, {"train", COLUMN_INT, false}, {"test", COLUMN_INT, false}};
  pfc_status st = PFC_OK;
  output *out = NULL;
  PFC_TRY(common_table(c, 3, COLUMNS, &out, err));
  for (int t = 0; t < N_MARKED; t++) {
    if (n[t].train + n[t].test == 0) continue;
    const cell row[] = {cell_text(n[t].table), cell_int(n[t].train), cell_int(n[t].test)};
    PFC_TRY(table_row(out, row, err));
  }
  PFC_TRY(table_close(out, err));
done:
  output_destroy(out);
  return st;
}

/* Takes what is told of the export; NULL: there was none. */
static pfc_status put_export(cJSON *json, cJSON **told, pfc_error *err) {
  if (!*told) return PFC_OK;
  if (!cJSON_AddItemToObject(json, "export", *told)) return pfc_fail_memory(err, "export");
  *told = NULL;
  return PFC_OK;
}

static pfc_status report(common *c, const char *path, const pfc_dataset *ds, cJSON **told,
                         pfc_error *err) {
  pfc_status st = PFC_OK;
  cJSON *json = NULL;
  counts n[N_MARKED];
  char split[PFC_SPLIT_TEXT];
  pfc_split_describe(&ds->split, split);
  PFC_TRY(count_rows(ds, n, err));
  PFC_TRY(print_counts(c, n, err));
  PFC_TRY(common_object(c, &json, err));
  PFC_TRY(pfc_json_put_text(json, "dataset", path, err));
  PFC_TRY(pfc_json_put_text(json, "split", split, err));
  cJSON *rows = json_object(json, "rows", err);
  for (int t = 0; t < N_MARKED; t++) {
    cJSON *table = rows ? json_object(rows, n[t].table, err) : NULL;
    if (!table) {
      st = PFC_ENOMEM;
      goto done;
    }
    PFC_TRY(pfc_json_put_number(table, "train", (double)n[t].train, err));
    PFC_TRY(pfc_json_put_number(table, "test", (double)n[t].test, err));
  }
  PFC_TRY(put_export(json, told, err));
  PFC_TRY(common_print(c, json, err));
done:
  cJSON_Delete(json);
  return st;
}

static pfc_status check_options(const split_options *o, pfc_error *err) {
  const bool deals = o->split.kind == PFC_SPLIT_PERSON || o->split.kind == PFC_SPLIT_RANDOM;
  if (o->at && o->by) {
    return pfc_fail(err, PFC_EUSAGE, "say how: --at DATE, or --by person|random|column|none");
  }
  if (!o->at && !o->by && !o->export) {
    return pfc_fail(err, PFC_EUSAGE,
                    "say how: --at DATE, or --by person|random|column|none; or what for: "
                    "--export DIR");
  }
  if (deals && (o->split.fraction > 0) == (o->split.folds > 0)) {
    return pfc_fail(err, PFC_EUSAGE, "say how much is test: --fraction F, or --folds K");
  }
  if (!deals && (o->split.fraction > 0 || o->split.folds > 0)) {
    return pfc_fail(err, PFC_EUSAGE,
                    "--fraction and --folds go with --by person and --by random");
  }
  if (o->split.fold > 0 && o->split.folds == 0) {
    return pfc_fail(err, PFC_EUSAGE, "--fold goes with --folds");
  }
  return PFC_OK;
}

static pfc_status run(common *c, pfc_error *err) {
  split_options *o = c->own;
  pfc_status st = PFC_OK;
  pfc_dataset *ds = NULL;
  cJSON *told = NULL;
  const char *path = c->output ? c->output : c->args[0];
  const bool splits = o->at || o->by;
  PFC_TRY(check_options(o, err));
  if (c->output && !splits) {
    st = pfc_fail(err, PFC_EUSAGE, "-o goes with --at and --by");
    goto done;
  }
  if (o->split.kind == PFC_SPLIT_PERSON || o->split.kind == PFC_SPLIT_RANDOM) {
    o->split.seed = c->seed;
  }
  PFC_TRY(pfc_dataset_load(c->args[0], &ds, err));
  if (splits) {
    if (o->split.kind != PFC_SPLIT_NONE) PFC_TRY(pfc_split_check(ds, &o->split, err));
    ds->split = o->split;
  }
  PFC_TRY(signals_check(err));
  if (o->export) {
    PFC_TRY(split_export(c, ds, o->export, splits ? path : NULL, &told, err));
  } else {
    PFC_TRY(pfc_dataset_save(ds, path, err));
  }
  PFC_TRY(report(c, path, ds, &told, err));
done:
  cJSON_Delete(told);
  pfc_dataset_destroy(ds);
  return st;
}

static const command_spec SPEC = {
    .name = "split",
    .args = "DATA",
    .min_args = 1,
    .max_args = 1,
    .doc =
        "Sets rows of a dataset aside for testing. Training does not see them, nor what became "
        "known later; evaluation scores them alone.",
    .example =
        "  proficio split data.h5 --at 2014-10-01\n"
        "  proficio split data.h5 --export files\n"
        "  proficio split data.h5 --by person --folds 5 --fold 0 --seed 1 -o fold0.h5\n",
    .takes = TAKES_FORMAT | IN_PLACE,
    .output_doc = "where to write the dataset [in place]",
    .options = OPTIONS,
    .take = take,
    .run = run,
};

int cmd_split(int argc, char **argv) {
  split_options o = {0};
  return common_main(&SPEC, argc, argv, &o);
}
