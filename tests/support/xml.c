#include "tests/support/test.h"

#include "base/utf8.h"
#include "tests/support/xml.h"

typedef struct reader {
  const char *text, *at;
  xml_document *d;
  int open; /* innermost open element, -1: none */
  bool has_root;
} reader;

static void fail_at(const reader *r, const char *what) {
  fail_msg("XML: %s at byte %td: %.60s", what, r->at - r->text, r->at);
}

static void *grow(void *p, size_t size) {
  void *grown = realloc(p, size);
  assert_non_null(grown);
  return grown;
}

static char *copy(const char *from, size_t n) {
  char *to = grow(NULL, n + 1);
  memcpy(to, from, n);
  to[n] = '\0';
  return to;
}

static bool is_name(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         c == '-' || c == '_' || c == ':';
}

static char *read_name(reader *r) {
  const char *from = r->at;
  while (is_name(*r->at)) r->at++;
  if (r->at == from || (*from >= '0' && *from <= '9')) fail_at(r, "no name");
  return copy(from, (size_t)(r->at - from));
}

static void skip_space(reader *r) {
  while (*r->at == ' ' || *r->at == '\n' || *r->at == '\t') r->at++;
}

/* One character, or one entity, into out. */
static size_t read_character(reader *r, char *out) {
  static const struct {
    const char *name;
    char is;
  } KNOWN[] = {{"&amp;", '&'}, {"&lt;", '<'}, {"&gt;", '>'}, {"&quot;", '"'}, {"&#39;", '\''}};
  if (*r->at == '&') {
    for (size_t i = 0; i < sizeof KNOWN / sizeof *KNOWN; i++) {
      if (strncmp(r->at, KNOWN[i].name, strlen(KNOWN[i].name)) != 0) continue;
      r->at += strlen(KNOWN[i].name);
      *out = KNOWN[i].is;
      return 1;
    }
    fail_at(r, "unknown entity");
  }
  const size_t n = pfc_utf8_length(r->at, strnlen(r->at, 4));
  if (n == 0) fail_at(r, "no UTF-8");
  if (n == 1 && (unsigned char)*r->at < 0x20 && !strchr("\t\n\r", *r->at))
    fail_at(r, "control");
  memcpy(out, r->at, n);
  r->at += n;
  return n;
}

static char *read_value(reader *r) {
  if (*r->at != '"') fail_at(r, "no quote");
  r->at++;
  char *value = grow(NULL, strcspn(r->at, "\"") + 1);
  size_t n = 0;
  while (*r->at && *r->at != '"') {
    if (*r->at == '<') fail_at(r, "< in an attribute");
    n += read_character(r, value + n);
  }
  if (*r->at != '"') fail_at(r, "attribute without end");
  r->at++;
  value[n] = '\0';
  return grow(value, n + 1);
}

static void read_attribute(reader *r, xml_element *e) {
  char *key = read_name(r);
  if (*r->at != '=') fail_at(r, "attribute without value");
  r->at++;
  if (xml_value(e, key)) fail_at(r, "attribute twice");
  assert_true(e->n_attributes < XML_MAX_ATTRIBUTES);
  e->key[e->n_attributes] = key;
  e->value[e->n_attributes] = read_value(r);
  e->n_attributes++;
}

static void read_start(reader *r) {
  xml_document *d = r->d;
  if (r->open < 0 && r->has_root) fail_at(r, "second root");
  r->has_root = true;
  d->element = grow(d->element, (size_t)(d->n + 1) * sizeof *d->element);
  xml_element *e = &d->element[d->n];
  *e = (xml_element){.parent = r->open, .text = copy("", 0)};
  d->n++;
  r->at++;
  e->name = read_name(r);
  for (;;) {
    const bool has_space = *r->at == ' ' || *r->at == '\n';
    skip_space(r);
    if (*r->at == '>' || *r->at == '/') break;
    if (!has_space) fail_at(r, "no space before an attribute");
    read_attribute(r, e);
  }
  const bool is_empty = *r->at == '/';
  r->at += is_empty;
  if (*r->at != '>') fail_at(r, "tag without end");
  r->at++;
  if (!is_empty) r->open = d->n - 1;
}

static void read_end(reader *r) {
  r->at += 2;
  char *name = read_name(r);
  if (*r->at != '>') fail_at(r, "end tag without end");
  if (r->open < 0 || strcmp(r->d->element[r->open].name, name) != 0)
    fail_at(r, "wrong end tag");
  r->at++;
  r->open = r->d->element[r->open].parent;
  free(name);
}

static void read_text(reader *r) {
  const char *end = strchr(r->at, '<');
  const size_t most = end ? (size_t)(end - r->at) : strlen(r->at);
  char *words = grow(NULL, most + 1);
  size_t n = 0;
  const char *stop = r->at + most;
  while (r->at < stop) n += read_character(r, words + n);
  words[n] = '\0';
  if (r->open < 0) {
    if (strspn(words, " \n\t") != n) fail_at(r, "text outside");
  } else {
    xml_element *e = &r->d->element[r->open];
    const size_t old = strlen(e->text);
    e->text = grow(e->text, old + n + 1);
    memcpy(e->text + old, words, n + 1);
  }
  free(words);
}

static void check_ids(const xml_document *d) {
  const char **ids = grow(NULL, (size_t)(d->n + 1) * sizeof *ids);
  int n = 0;
  for (int i = 0; i < d->n; i++) {
    const char *id = xml_value(&d->element[i], "id");
    for (int j = 0; id && j < n; j++) {
      if (strcmp(id, ids[j]) == 0) fail_msg("XML: id \"%s\" twice", id);
    }
    if (id) ids[n++] = id;
  }
  free(ids);
}

xml_document *xml_read(const char *text) {
  static const char DOCTYPE[] = "<!DOCTYPE html>";
  reader r = {.text = text, .at = text, .open = -1};
  r.d = grow(NULL, sizeof *r.d);
  *r.d = (xml_document){0, NULL};
  if (strncmp(text, DOCTYPE, sizeof DOCTYPE - 1) == 0) r.at += sizeof DOCTYPE - 1;
  while (*r.at) {
    if (*r.at != '<') {
      read_text(&r);
    } else if (r.at[1] == '/') {
      read_end(&r);
    } else {
      read_start(&r);
    }
  }
  if (r.open >= 0 || !r.has_root) fail_at(&r, "not closed");
  check_ids(r.d);
  return r.d;
}

void xml_free(xml_document *d) {
  for (int i = 0; i < d->n; i++) {
    xml_element *e = &d->element[i];
    for (int a = 0; a < e->n_attributes; a++) {
      free(e->key[a]);
      free(e->value[a]);
    }
    free(e->name);
    free(e->text);
  }
  free(d->element);
  free(d);
}

const char *xml_value(const xml_element *e, const char *key) {
  for (int a = 0; a < e->n_attributes; a++) {
    if (strcmp(e->key[a], key) == 0) return e->value[a];
  }
  return NULL;
}

double xml_number(const xml_element *e, const char *key) {
  const char *text = xml_value(e, key);
  char *end = NULL;
  if (!text) fail_msg("XML: <%s> has no %s", e->name, key);
  const double value = strtod(text, &end);
  if (end == text || *end) fail_msg("XML: %s=\"%s\" is not a number", key, text);
  return value;
}

bool xml_is(const xml_element *e, const char *name, const char *class_or_null) {
  const char *class = xml_value(e, "class");
  if (strcmp(e->name, name) != 0) return false;
  return !class_or_null || (class && strcmp(class, class_or_null) == 0);
}

int xml_find(const xml_document *d, const char *name, const char *class_or_null, int n) {
  for (int i = 0; i < d->n; i++) {
    if (xml_is(&d->element[i], name, class_or_null) && n-- == 0) return i;
  }
  return -1;
}

int xml_count(const xml_document *d, const char *name, const char *class_or_null) {
  int n = 0;
  for (int i = 0; i < d->n; i++) n += xml_is(&d->element[i], name, class_or_null);
  return n;
}

int xml_find_text(const xml_document *d, const char *text) {
  for (int i = 0; i < d->n; i++) {
    if (strcmp(d->element[i].text, text) == 0) return i;
  }
  return -1;
}
