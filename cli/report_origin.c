/* Where a page's figures are from: models, data, settings. */
#include <stdio.h>
#include <string.h>

#include "base/number.h"
#include "cli/report_internal.h"

enum { PATH = 200 };

/* A number as a program would read it, a text as it is. */
static void put_scalar(markup *m, const cJSON *item) {
  char number[PFC_NUMBER_TEXT];
  if (cJSON_IsNumber(item)) {
    (void)pfc_number_format(item->valuedouble, number);
    markup_add(m, "%s", *number ? number : "\xE2\x80\x93");
  } else if (cJSON_IsBool(item)) {
    markup_add(m, "%s", cJSON_IsTrue(item) ? "yes" : "no");
  } else {
    markup_text(m, cJSON_GetStringValue(item));
  }
}

static bool is_group(const cJSON *item) {
  return item->child && (cJSON_IsObject(item) || cJSON_IsObject(item->child));
}

static void put_value(markup *m, const cJSON *item) {
  const cJSON *one;
  if (!cJSON_IsArray(item)) {
    put_scalar(m, item);
    return;
  }
  cJSON_ArrayForEach(one, item) {
    put_scalar(m, one);
    markup_add(m, "%s", one->next ? ", " : "");
  }
}

/* "train.affinity.rank = 16", a line each. */
static void put_lines(markup *m, const char *prefix, const cJSON *object) {
  const cJSON *item;
  cJSON_ArrayForEach(item, object) {
    char path[PATH];
    const char *key = item->string ? item->string : "";
    const int n =
        snprintf(path, sizeof path, "%s%s%s", prefix, *prefix && *key ? "." : "", key);
    if (n < 0 || (size_t)n >= sizeof path) continue;
    if (is_group(item)) {
      put_lines(m, path, item);
      continue;
    }
    markup_text(m, path);
    markup_add(m, " = ");
    put_value(m, item);
    markup_add(m, "\n");
  }
}

static void put_row(markup *m, const char *name, const cJSON *item) {
  if (!item || is_group(item)) return;
  markup_add(m, "<tr><th scope=\"row\">");
  markup_text(m, name);
  markup_add(m, "</th><td class=\"name\"><code>");
  put_value(m, item);
  markup_add(m, "</code></td></tr>\n");
}

/* Everything that stands under "provenance": in rows, and settings below them. */
static void put_provenance(markup *m, const cJSON *provenance) {
  const cJSON *item;
  char name[FIGURE_TITLE];
  cJSON_ArrayForEach(item, provenance) put_row(m, model_title(item->string, name), item);
}

static void put_settings(markup *m, const cJSON *settings) {
  if (!settings || !is_group(settings)) return;
  markup_add(m, "<pre>");
  put_lines(m, "", settings);
  markup_add(m, "</pre>\n");
}

static void put_model(markup *m, const char *heading, const cJSON *json) {
  const cJSON *provenance = json_at(json, "provenance");
  report_element(m, "h3", heading);
  markup_add(m, "<div class=\"scroll\"><table><tbody>\n");
  put_row(m, "file", json_at(json, "model"));
  put_row(m, "version", json_at(json, "model_version"));
  put_provenance(m, provenance);
  markup_add(m, "</tbody></table></div>\n");
  put_settings(m, json_at(provenance, "settings"));
}

void report_origin(markup *m, const cJSON *json) {
  const cJSON *other, *test = json_at(json, "test");
  markup_add(m, "<section id=\"origin\">\n<h2>Where it is from</h2>\n");
  if (json_at(json, "dataset")) {
    report_element(m, "h3", "The data");
    markup_add(m, "<div class=\"scroll\"><table><tbody>\n");
    put_row(m, "file", json_at(json, "dataset"));
    put_provenance(m, test);
    markup_add(m, "</tbody></table></div>\n");
    put_settings(m, json_at(test, "settings"));
  }
  put_model(m, "The model", json);
  cJSON_ArrayForEach(other, json_at(json, "against")) put_model(m, "Judged beside it", other);
  markup_add(m, "</section>\n");
}
