/* Records in memory, parallel arrays in the file. */
#include "models/bundle_internal.h"

#include <string.h>

#include "base/mem.h"

/* --- fixed-length texts ---------------------------------------------------- */

pfc_status pfc__texts_pack(pfc__texts *t, int64_t n, const char *const *texts, pfc_error *err) {
  pfc_status st = PFC_OK;
  size_t width = 1;
  char *bytes = NULL;
  for (int64_t i = 0; i < n; i++) {
    const size_t size = texts[i] ? strlen(texts[i]) : 0;
    if (size > width) width = size;
  }
  if (!(bytes = pfc_alloc_array((size_t)n, width))) return pfc_fail_memory(err, "texts");
  for (int64_t i = 0; i < n; i++)
    if (texts[i]) memcpy(bytes + (size_t)i * width, texts[i], strlen(texts[i]));
  *t = (pfc__texts){n, width, bytes};
  return st;
}

size_t pfc__texts_at(const pfc__texts *t, int64_t i, const char **text) {
  *text = t->bytes + (size_t)i * t->width;
  return strnlen(*text, t->width);
}

char *pfc__texts_copy(const pfc__texts *t, int64_t i) {
  const char *text;
  const size_t size = pfc__texts_at(t, i, &text);
  char *copy = pfc_alloc_array(size + 1, 1);
  if (copy) memcpy(copy, text, size);
  return copy;
}

void pfc__texts_clear(pfc__texts *t) {
  pfc_free(t->bytes);
  *t = (pfc__texts){0};
}

/* --- members --------------------------------------------------------------- */

static char *member_at(const pfc__records *r, int64_t i, size_t offset) {
  return (char *)r->at + (size_t)i * r->stride + offset;
}

static pfc_status visit_array(pfc__archive *a, const pfc__records *r, const pfc__member *m,
                              void *slot, pfc_error *err) {
  const pfc__array array = {m->name, m->type, 1, {r->n, 1}, slot, m->meaning};
  return pfc__visit_arrays(a, r->group, &array, 1, err);
}

static size_t number_size(pfc_h5_type type) {
  if (type == PFC_H5_I8) return sizeof(bool);
  return type == PFC_H5_I32 ? sizeof(int32_t) : sizeof(int64_t);
}

static pfc_status visit_numbers(pfc__archive *a, const pfc__records *r, const pfc__member *m,
                                pfc_error *err) {
  pfc_status st = PFC_OK;
  const size_t size = number_size(m->type);
  char *column = NULL;
  if (!a->loading) {
    if (!(column = pfc_alloc_array((size_t)r->n, size))) return pfc_fail_memory(err, m->name);
    for (int64_t i = 0; i < r->n; i++)
      memcpy(column + (size_t)i * size, member_at(r, i, m->offset), size);
  }
  PFC_TRY(visit_array(a, r, m, &column, err));
  if (a->loading)
    for (int64_t i = 0; i < r->n; i++)
      memcpy(member_at(r, i, m->offset), column + (size_t)i * size, size);
done:
  pfc_free(column);
  return st;
}

static const char *text_of(const pfc__records *r, const pfc__member *m, int64_t i) {
  if (!m->word) return *(char *const *)(void *)member_at(r, i, m->offset);
  int code;
  memcpy(&code, member_at(r, i, m->offset), sizeof code);
  return code < 0 ? "" : m->word(code);
}

/* The code of a word; -1 for "", -2 for a word that is none. */
static int code_of(const pfc__member *m, const char *text, size_t size) {
  if (size == 0) return -1;
  const char *word;
  for (int code = 0; (word = m->word(code)); code++)
    if (strlen(word) == size && memcmp(word, text, size) == 0) return code;
  return -2;
}

static pfc_status load_text(const pfc__records *r, const pfc__member *m,
                            const pfc__texts *texts, int64_t i, pfc_error *err) {
  if (!m->word) {
    char *copy = pfc__texts_copy(texts, i);
    memcpy(member_at(r, i, m->offset), &copy, sizeof copy);
    return copy ? PFC_OK : pfc_fail_memory(err, m->name);
  }
  const char *text;
  const size_t size = pfc__texts_at(texts, i, &text);
  const int code = code_of(m, text, size);
  if (code == -2)
    return pfc_fail(err, PFC_EFORMAT, "'%s/%s': unknown word '%.*s'", r->group, m->name,
                    (int)(size < 64 ? size : 64), text);
  memcpy(member_at(r, i, m->offset), &code, sizeof code);
  return PFC_OK;
}

static pfc_status visit_text(pfc__archive *a, const pfc__records *r, const pfc__member *m,
                             pfc_error *err) {
  pfc_status st = PFC_OK;
  const char **column = NULL;
  pfc__texts texts = {0};
  if (!a->loading) {
    PFC_NEW(column, r->n);
    for (int64_t i = 0; i < r->n; i++) column[i] = text_of(r, m, i);
    PFC_TRY(pfc__texts_pack(&texts, r->n, column, err));
  }
  PFC_TRY(visit_array(a, r, m, &texts, err));
  for (int64_t i = 0; a->loading && i < r->n; i++) PFC_TRY(load_text(r, m, &texts, i, err));
done:
  pfc__texts_clear(&texts);
  pfc_free(column);
  return st;
}

pfc_status pfc__visit_members(pfc__archive *a, const pfc__records *records,
                              const pfc__member *members, int n, pfc_error *err) {
  pfc_status st = PFC_OK;
  for (int i = 0; i < n; i++) {
    PFC_TRY(members[i].type == PFC_H5_TEXT ? visit_text(a, records, &members[i], err)
                                           : visit_numbers(a, records, &members[i], err));
  }
done:
  return st;
}

/* --- ragged arrays --------------------------------------------------------- */

static int32_t ragged_size(const pfc__records *r, const pfc__ragged *g, int64_t i) {
  int32_t count;
  memcpy(&count, member_at(r, i, g->count), sizeof count);
  return count;
}

static pfc_status ragged_total(const pfc__archive *a, const pfc__records *r,
                               const pfc__ragged *g, int64_t *total, pfc_error *err) {
  *total = 0;
  for (int64_t i = 0; i < r->n; i++) {
    const int32_t size = ragged_size(r, g, i);
    if (size < 0)
      return pfc__fault(a, err, "'%s/%s': record %lld has %d elements", r->group, g->name,
                        (long long)i, size);
    *total += size;
  }
  return PFC_OK;
}

/* Joins what the records point to, or gives each record its part. */
static pfc_status move_ragged(const pfc__archive *a, const pfc__records *r,
                              const pfc__ragged *g, char *joined, pfc_error *err) {
  for (int64_t i = 0; i < r->n; i++) {
    const size_t size = (size_t)ragged_size(r, g, i) * number_size(g->type);
    if (size == 0) continue;
    char *part;
    memcpy(&part, member_at(r, i, g->pointer), sizeof part);
    if (a->loading) {
      if (!(part = pfc_alloc_array(size, 1))) return pfc_fail_memory(err, g->name);
      memcpy(member_at(r, i, g->pointer), &part, sizeof part);
      memcpy(part, joined, size);
    } else {
      if (!part)
        return pfc__fault(a, err, "'%s/%s': record %lld has no elements to write", r->group,
                          g->name, (long long)i);
      memcpy(joined, part, size);
    }
    joined += size;
  }
  return PFC_OK;
}

pfc_status pfc__visit_ragged(pfc__archive *a, const pfc__records *records,
                             const pfc__ragged *ragged, pfc_error *err) {
  pfc_status st = PFC_OK;
  int64_t total;
  char *joined = NULL;
  PFC_TRY(ragged_total(a, records, ragged, &total, err));
  if (!a->loading) {
    joined = pfc_alloc_array((size_t)total, number_size(ragged->type));
    if (!joined) return pfc_fail_memory(err, ragged->name);
    PFC_TRY(move_ragged(a, records, ragged, joined, err));
  }
  const pfc__array array = {ragged->name, ragged->type, 1,
                            {total, 1},   &joined,      ragged->meaning};
  PFC_TRY(pfc__visit_arrays(a, records->group, &array, 1, err));
  if (a->loading) PFC_TRY(move_ragged(a, records, ragged, joined, err));
done:
  pfc_free(joined);
  return st;
}
