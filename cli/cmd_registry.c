#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/json.h"
#include "base/mem.h"
#include "cli/common.h"
#include "models/registry.h"

enum { KEY_KEEP = OWN_KEY, KEY_WHY, KEY_ALIAS };

typedef struct registry_options {
  int32_t keep;
  const char *why, *alias;
} registry_options;

static pfc_status take(int key, const char *arg, void *own, pfc_error *err) {
  registry_options *o = own;
  char *end = NULL;
  if (key == KEY_WHY) o->why = arg;
  if (key == KEY_ALIAS) o->alias = arg;
  if (key != KEY_KEEP) return PFC_OK;
  const long keep = strtol(arg, &end, 10);
  o->keep = (int32_t)keep;
  if (end != arg && *end == '\0' && keep >= 1 && keep <= INT32_MAX) return PFC_OK;
  return pfc_fail(err, PFC_EUSAGE, "--keep: how many versions, 1 or more, expected, not '%s'",
                  arg);
}

static const struct argp_option OPTIONS[] = {
    {"keep", KEY_KEEP, "N", 0,
     "gc: newest versions to keep, besides those that aliases name [10]", 0},
    {"why", KEY_WHY, "TEXT", 0, "promote, rollback: why, for the record", 0},
    {"as", KEY_ALIAS, "champion|challenger", 0, "promote: to what [champion]", 0},
    {0},
};

/* Who is at work, as the record names them. */
static const char *who(void) {
  const char *name = getenv("USER");
  return name ? name : "";
}

static pfc_move move_now(const registry_options *o) {
  return (pfc_move){(int64_t)time(NULL), who(), o->why ? o->why : ""};
}

/* --- list, show ----------------------------------------------------------------------------
 */

static const char *text_under(const cJSON *json, const char *key) {
  const cJSON *item = cJSON_GetObjectItem(json, key);
  return cJSON_IsString(item) ? item->valuestring : "";
}

/* "champion,previous" of a version. */
static void list_aliases(const pfc_registry *r, int32_t number, char text[64]) {
  text[0] = '\0';
  for (int a = 0; a < PFC_N_ALIASES; a++) {
    if (pfc_registry_alias(r, (pfc_alias)a) != number) continue;
    const size_t n = strlen(text);
    (void)snprintf(text + n, 64 - n, "%s%s", n ? "," : "", pfc_alias_name((pfc_alias)a));
  }
}

static pfc_status list(common *c, const pfc_registry *r, pfc_error *err) {
  static const output_column COLUMNS[] = {
      {"version", COLUMN_INT, false},      {"aliases", COLUMN_TEXT, false},
      {"sha256", COLUMN_TEXT, true},       {"size", COLUMN_INT, false},
      {"split", COLUMN_TEXT, false},       {"data_sha256", COLUMN_TEXT, true},
      {"feedback_head", COLUMN_TEXT, true}};
  pfc_status st = PFC_OK;
  output *out = NULL;
  PFC_TRY(common_table(c, sizeof COLUMNS / sizeof *COLUMNS, COLUMNS, &out, err));
  for (int32_t k = 0; k < pfc_registry_size(r); k++) {
    char aliases[64];
    const pfc_version *v = pfc_registry_at(r, k);
    list_aliases(r, v->number, aliases);
    const cell row[] = {cell_int(v->number),
                        cell_text(aliases),
                        cell_text(v->sha256),
                        cell_int(v->size),
                        cell_text(text_under(v->manifest, "split")),
                        cell_text(text_under(v->manifest, "data_sha256")),
                        cell_text(text_under(v->manifest, "feedback_head"))};
    PFC_TRY(table_row(out, row, err));
  }
  PFC_TRY(table_close(out, err));
done:
  output_destroy(out);
  return st;
}

/* The manifest of one version, or what was ever moved. */
static pfc_status show(common *c, const pfc_registry *r, pfc_error *err) {
  pfc_status st = PFC_OK;
  int32_t number;
  const cJSON *told = pfc_registry_history(r);
  if (c->n_args > 2) {
    PFC_TRY(pfc_registry_find(r, c->args[2], &number, err));
    for (int32_t k = 0; k < pfc_registry_size(r); k++)
      if (pfc_registry_at(r, k)->number == number) told = pfc_registry_at(r, k)->manifest;
  }
  char *text = cJSON_Print(told);
  if (!text) return pfc_fail_memory(err, "manifest");
  (void)puts(text);
  cJSON_free(text);
done:
  return st;
}

/* --- changes -------------------------------------------------------------------------------
 */

static pfc_status add(common *c, pfc_registry *r, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc_bundle *bundle = NULL;
  int32_t number = 0;
  if (c->n_args < 3) return pfc_fail(err, PFC_EUSAGE, "add: name the model to publish");
  PFC_TRY(pfc_bundle_load(c->args[2], &bundle, err));
  PFC_TRY(pfc_registry_publish(r, bundle, NULL, &number, err));
  common_note(c, "version %d", (int)number);
done:
  pfc_bundle_destroy(bundle);
  return st;
}

static pfc_status alias_of(const char *text, pfc_alias *alias, pfc_error *err) {
  for (int a = PFC_CHAMPION; a <= PFC_CHALLENGER; a++) {
    *alias = (pfc_alias)a;
    if (!text || strcmp(text, pfc_alias_name(*alias)) == 0) return PFC_OK;
  }
  return pfc_fail(err, PFC_EUSAGE, "--as: champion or challenger expected, not '%.60s'", text);
}

static pfc_status promote(common *c, const registry_options *o, pfc_registry *r,
                          pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc_alias alias;
  int32_t number;
  const pfc_move move = move_now(o);
  if (c->n_args < 3)
    return pfc_fail(err, PFC_EUSAGE, "promote: name the version: a number, or challenger");
  PFC_TRY(alias_of(o->alias, &alias, err));
  PFC_TRY(pfc_registry_find(r, c->args[2], &number, err));
  PFC_TRY(pfc_registry_move(r, alias, number, &move, err));
  common_note(c, "%s is version %d", pfc_alias_name(alias), (int)number);
done:
  return st;
}

static pfc_status roll_back(common *c, const registry_options *o, pfc_registry *r,
                            pfc_error *err) {
  pfc_status st = PFC_OK;
  const pfc_move move = move_now(o);
  PFC_TRY(pfc_registry_rollback(r, &move, err));
  common_note(c, "champion is version %d again", (int)pfc_registry_alias(r, PFC_CHAMPION));
done:
  return st;
}

static pfc_status collect(common *c, const registry_options *o, pfc_registry *r,
                          pfc_error *err) {
  pfc_status st = PFC_OK;
  int32_t removed;
  PFC_TRY(pfc_registry_collect(r, o->keep, &removed, err));
  common_note(c, "%d versions removed, %d kept", (int)removed, (int)pfc_registry_size(r));
done:
  return st;
}

/* --- all of it -----------------------------------------------------------------------------
 */

static pfc_status report(const common *c, const pfc_registry *r, pfc_error *err) {
  pfc_status st = PFC_OK;
  cJSON *json = NULL;
  PFC_TRY(common_object(c, &json, err));
  PFC_TRY(pfc_json_put_text(json, "of", c->args[0], err));
  PFC_TRY(pfc_json_put_number(json, "versions", pfc_registry_size(r), err));
  for (int a = 0; a < PFC_N_ALIASES; a++)
    PFC_TRY(pfc_json_put_number(json, pfc_alias_name((pfc_alias)a),
                                pfc_registry_alias(r, (pfc_alias)a), err));
  PFC_TRY(common_print(c, json, err));
done:
  cJSON_Delete(json);
  return st;
}

typedef enum verb { LIST, SHOW, VERIFY, ADD, PROMOTE, ROLLBACK, GC, N_VERBS } verb;
static const char *const VERBS[N_VERBS] = {"list",    "show",     "verify", "add",
                                           "promote", "rollback", "gc"};

static pfc_status act(common *c, verb what, pfc_registry *r, pfc_error *err) {
  const registry_options *o = c->own;
  switch (what) {
    case LIST:
      return list(c, r, err);
    case SHOW:
      return show(c, r, err);
    case VERIFY:
      return pfc_registry_verify(r, err);
    case ADD:
      return add(c, r, err);
    case PROMOTE:
      return promote(c, o, r, err);
    case ROLLBACK:
      return roll_back(c, o, r, err);
    default:
      return collect(c, o, r, err);
  }
}

static pfc_status run(common *c, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc_registry *r = NULL;
  int what = 0;
  while (what < N_VERBS && strcmp(VERBS[what], c->args[0]) != 0) what++;
  if (what == N_VERBS)
    return pfc_fail(err, PFC_EUSAGE,
                    "list, show, verify, add, promote, rollback or gc expected, not '%.60s'",
                    c->args[0]);
  PFC_TRY(pfc_registry_open(c->args[1], what >= ADD, &r, err));
  PFC_TRY(act(c, (verb)what, r, err));
  PFC_TRY(report(c, r, err));
done:
  pfc_registry_close(r);
  return st;
}

static const command_spec SPEC = {
    .name = "registry",
    .args = "list|show|verify|add|promote|rollback|gc REGISTRY [MODEL|VERSION]",
    .min_args = 2,
    .max_args = 3,
    .doc =
        "Keeps every version of the model, and which of them serves. REGISTRY/@champion stands "
        "wherever a model does. docs/REGISTRY.md tells more.",
    .example =
        "  proficio registry add registry model.h5\n"
        "  proficio registry promote registry 1 --why \"first one\"\n"
        "  proficio registry list registry\n"
        "  proficio recommend registry/@champion data.h5 --all -o lists.csv\n"
        "  proficio registry rollback registry\n",
    .takes = TAKES_FORMAT | TABLE_TO_O,
    .output_doc = "list: the versions [standard output]",
    .options = OPTIONS,
    .take = take,
    .run = run,
};

int cmd_registry(int argc, char **argv) {
  registry_options o = {.keep = 10};
  return common_main(&SPEC, argc, argv, &o);
}
