/* The fields of an event, once for all who read, write, store, digest and compare them. */
#ifndef PROFICIO_DATASETS_FEEDBACK_INTERNAL_H
#define PROFICIO_DATASETS_FEEDBACK_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/digest.h"
#include "datasets/feedback.h"
#include "datasets/import_build_internal.h"
#include "datasets/schema.h"

/* Stands for const char * (PFC_CODE), int64_t (PFC_TIME), int32_t (PFC_INT) or double
 * (PFC_REAL). */
typedef struct pfc__field {
  const char *name;
  pfc_type type;
  int column;    /* of the declaration of table feedback */
  size_t offset; /* in pfc_event */
} pfc__field;

enum { PFC__EVENT_FIELDS = 13 };
extern const pfc__field pfc__event_fields[PFC__EVENT_FIELDS];

static inline const void *pfc__event_at(const pfc_event *e, const pfc__field *f) {
  return (const char *)e + f->offset;
}
static inline void *pfc__event_place(pfc_event *e, const pfc__field *f) {
  return (char *)e + f->offset;
}

bool pfc__event_is_missing(const pfc_event *e, const pfc__field *f);

/* Sets a field from the text of a cell, "" missing; the text stays borrowed. False, and what is
 * expected, where it is none of the field's. */
bool pfc__event_set(pfc_event *e, const pfc__field *f, const char *text,
                    char reason[PFC__REASON]);

/* The field of that name; NULL where there is none. */
const pfc__field *pfc__event_field(const char *name);

/* The first field that breaks a rule, and what is expected there; NULL where none does. */
const pfc__field *pfc__event_fault(const pfc_event *e, char reason[PFC__REASON]);

/* A field as text, cut where it is long. */
enum { PFC__EVENT_SHOWN = PFC__CELL_TEXT > 64 ? PFC__CELL_TEXT : 64 };
void pfc__event_show(const pfc_event *e, const pfc__field *f, char text[PFC__EVENT_SHOWN]);

/* Adds all fields to a digest, each told apart from its neighbours by its size. */
void pfc__event_add(pfc_sha256 *d, const pfc_event *e);

#endif
