/* A strict reader of small XML, for tests of what the program draws: a test fails where the
 * text is not well-formed. It knows tags, attributes, text, the five entities and numbers of
 * characters; no declarations but <!DOCTYPE html>, no comments. */
#ifndef PROFICIO_TESTS_SUPPORT_XML_H
#define PROFICIO_TESTS_SUPPORT_XML_H

#include <stdbool.h>

enum { XML_MAX_ATTRIBUTES = 24 };

typedef struct xml_element {
  char *name;
  int parent; /* index; -1 of the root */
  int n_attributes;
  char *key[XML_MAX_ATTRIBUTES], *value[XML_MAX_ATTRIBUTES];
  char *text; /* all text directly inside, entities resolved */
} xml_element;

typedef struct xml_document {
  int n;
  xml_element *element; /* in the order of their start tags */
} xml_document;

/* Also fails where two elements have the same id. */
xml_document *xml_read(const char *text);
void xml_free(xml_document *d);

/* NULL without such an attribute. */
const char *xml_value(const xml_element *e, const char *key);
/* A number that an attribute holds; the test fails without one. */
double xml_number(const xml_element *e, const char *key);
bool xml_is(const xml_element *e, const char *name, const char *class_or_null);

/* The n-th element, from 0, of that name and class (NULL: any); -1 when there are fewer. */
int xml_find(const xml_document *d, const char *name, const char *class_or_null, int n);
int xml_count(const xml_document *d, const char *name, const char *class_or_null);
/* The first element whose own text is this; -1 without one. */
int xml_find_text(const xml_document *d, const char *text);

#endif
