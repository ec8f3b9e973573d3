#include "cli/common.h"

#include <errno.h>
#include <math.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/date.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/par.h"
#include "cli/bytes.h"
#include "cli/options.h"
#include "cli/places.h"
#include "cli/signals.h"
#include "models/registry.h"

static const char SETTINGS_FILE[] = "proficio.json";

static pfc_status read_settings(common *c, pfc_error *err) {
  cJSON *json = NULL;
  settings_defaults(&c->settings);
  if (!c->config && access(SETTINGS_FILE, F_OK) == 0) c->config = SETTINGS_FILE;
  if (!c->config) return PFC_OK;
  pfc_status st = pfc_json_load(c->config, &json, err);
  if (st == PFC_OK) st = settings_take(&c->settings, json, c->config, err);
  cJSON_Delete(json);
  return st;
}

static pfc_status apply_overrides(common *c, pfc_error *err) {
  pfc_status st = PFC_OK;
  for (int i = 0; i < c->n_overrides && st == PFC_OK; i++) {
    st = settings_set(&c->settings, c->override[i].name, c->override[i].text, err);
  }
  return st;
}

pfc_status common_reads(const char *option, const char *path, const char *input,
                        pfc_error *err) {
  if (!path || !input || !is_same_place(path, input)) return PFC_OK;
  return pfc_fail(err, PFC_EUSAGE, "%s: '%s' is what is read; name another file", option, path);
}

/* A slip of the hand must not put a model in the place of the data it was made from. */
static pfc_status check_output(const common *c, pfc_error *err) {
  if (!c->output && c->json && c->spec->takes & TABLE_IS_ALL) {
    return pfc_fail(err, PFC_EUSAGE, "--json prints no table: name a file for it, -o FILE");
  }
  if (!c->output) return PFC_OK;
  if (strcmp(c->output, "-") == 0) {
    return pfc_fail(
        err, PFC_EUSAGE, "-o: the name of a file expected, not '-'%s",
        c->spec->takes & TABLE_TO_O ? "; without -o the table goes to standard output" : "");
  }
  for (int i = 0; i < c->n_args && !(c->spec->takes & IN_PLACE); i++) {
    const pfc_status st = common_reads("-o", c->output, c->args[i], err);
    if (st != PFC_OK) return st;
  }
  return common_reads("-o", c->output, c->config, err);
}

/* An alias is looked up once: the whole command is about one version, whatever moves meanwhile.
 */
static pfc_status find_versions(common *c, pfc_error *err) {
  for (int i = 0; i < c->n_args; i++) {
    if (!pfc_registry_is_named(c->args[i])) continue;
    if (c->n_version_files == MAX_VERSIONS)
      return pfc_fail(err, PFC_EUSAGE, "at most %d versions of registries expected",
                      MAX_VERSIONS);
    char **file = &c->version_file[c->n_version_files];
    const pfc_status st = pfc_registry_resolve(c->args[i], file, err);
    if (st != PFC_OK) return st;
    c->args[i] = *file;
    c->n_version_files++;
  }
  return PFC_OK;
}

static pfc_status prepare(common *c, pfc_error *err) {
  pfc_status st = PFC_OK;
  PFC_TRY(read_settings(c, err));
  PFC_TRY(find_versions(c, err));
  PFC_TRY(check_output(c, err));
  PFC_TRY(apply_overrides(c, err));
  PFC_TRY(pfc_par_init(c->threads, err));
  signals_install();
done:
  return st;
}

int exit_code(pfc_status status) {
  switch (status) {
    case PFC_OK:
      return EXIT_OKAY;
    case PFC_EUSAGE:
      return EXIT_USAGE;
    case PFC_EDATA:
    case PFC_EFORMAT:
    case PFC_ENUMERIC:
      return EXIT_DATA;
    case PFC_EIO:
    case PFC_ENOMEM:
      return EXIT_SYSTEM;
    case PFC_ECANCELLED:
      return 128 + (signals_asked() ? signals_asked() : SIGINT);
  }
  return EXIT_SYSTEM;
}

static int finish(common *c, pfc_status status, const pfc_error *err) {
  if (status == PFC_OK && (fflush(stdout) != 0 || ferror(stdout))) {
    (void)fprintf(stderr, "proficio %s: cannot write to standard output: %s\n", c->spec->name,
                  strerror(errno));
    return EXIT_SYSTEM;
  }
  if (status == PFC_OK) {
    progress_end(&c->progress);
    return c->code;
  }
  progress_abandon(&c->progress);
  (void)fprintf(stderr, "proficio %s: %s\n", c->spec->name, err->msg);
  return exit_code(status);
}

int common_main(const command_spec *spec, int argc, char **argv, void *own) {
  pfc_error err = PFC_ERROR_INIT;
  common c = {
      .spec = spec, .own = own, .seed = 1, .as_of = PFC_NO_DATE, .began = seconds_now()};
  options_parse(&c, argc, argv);
  progress_init(&c.progress, c.quiet, c.log_json);
  pfc_status st = prepare(&c, &err);
  if (st == PFC_OK) st = spec->run(&c, &err);
  for (int i = 0; i < c.n_version_files; i++) pfc_free(c.version_file[i]);
  return finish(&c, st, &err);
}

void common_note(common *c, const char *fmt, ...) {
  va_list args;
  if (c->quiet) return;
  progress_end(&c->progress);
  (void)fprintf(stderr, "proficio %s: note: ", c->spec->name);
  va_start(args, fmt);
  (void)vfprintf(stderr, fmt, args);
  va_end(args);
  (void)fputc('\n', stderr);
}

/* --- tables --------------------------------------------------------------------------------
 */

pfc_status common_table(common *c, int n_columns, const output_column *columns, output **out,
                        pfc_error *err) {
  const char *path = c->spec->takes & TABLE_TO_O ? c->output : NULL;
  *out = NULL;
  if (c->json && !path) return PFC_OK;
  /* A bar and a table share the terminal. */
  if (!path) progress_end(&c->progress);
  return output_open(path, c->format, n_columns, columns, out, err);
}

pfc_status table_row(output *out, const cell *cells, pfc_error *err) {
  return out ? output_row(out, cells, err) : PFC_OK;
}

pfc_status table_close(output *out, pfc_error *err) {
  return out ? output_close(out, err) : PFC_OK;
}

/* --- JSON ------------------------------------------------------------------------------------
 */

pfc_status common_object(const common *c, cJSON **json, pfc_error *err) {
  cJSON *object = cJSON_CreateObject();
  if (!object) return pfc_fail_memory(err, "report");
  const pfc_status st = pfc_json_put_text(object, "command", c->spec->name, err);
  if (st == PFC_OK) {
    *json = object;
  } else {
    cJSON_Delete(object);
  }
  return st;
}

pfc_status common_print(const common *c, cJSON *json, pfc_error *err) {
  if (!c->json) return PFC_OK;
  const pfc_status st = pfc_json_put_number(json, "seconds", seconds_now() - c->began, err);
  if (st != PFC_OK) return st;
  char *text = cJSON_PrintUnformatted(json);
  if (!text) return pfc_fail_memory(err, "report");
  const bool failed = puts(text) < 0;
  cJSON_free(text);
  if (!failed) return PFC_OK;
  return pfc_fail(err, PFC_EIO, "cannot write to standard output: %s", strerror(errno));
}

static cJSON *noted(cJSON *item, pfc_error *err) {
  if (!item) (void)pfc_fail_memory(err, "report");
  return item;
}

pfc_status json_write(const cJSON *json, const char *path, pfc_error *err) {
  bytes b = {0};
  char *text = cJSON_Print(json);
  if (!text) return pfc_fail_memory(err, "report");
  bytes_text(&b, text);
  bytes_char(&b, '\n');
  cJSON_free(text);
  const pfc_status st = bytes_write(&b, path, err);
  bytes_clear(&b);
  return st;
}

double json_number(const cJSON *object, const char *key) {
  const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, key);
  return cJSON_IsNumber(item) ? item->valuedouble : (double)NAN;
}

cJSON *json_object(cJSON *parent, const char *name, pfc_error *err) {
  return noted(cJSON_AddObjectToObject(parent, name), err);
}

cJSON *json_array(cJSON *parent, const char *name, pfc_error *err) {
  return noted(cJSON_AddArrayToObject(parent, name), err);
}

cJSON *json_element(cJSON *array, pfc_error *err) {
  cJSON *item = cJSON_CreateObject();
  if (item && !cJSON_AddItemToArray(array, item)) {
    cJSON_Delete(item);
    item = NULL;
  }
  return noted(item, err);
}
