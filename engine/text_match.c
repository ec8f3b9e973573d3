#include "engine/text_match.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/utf8.h"
#include "datasets/dict.h"
#include "datasets/words.h"

enum { WORDS, RUNS, N_KINDS, RUN = 4 };

/* A feature in a text or in all texts of an owner. */
typedef struct entry {
  int32_t row; /* text or owner */
  float weight;
} entry;

/* Entries by feature. */
typedef struct postings {
  int64_t *first; /* n_features + 1 */
  entry *at;
} postings;

/* A feature of one text, while its features are counted. */
typedef struct counted {
  int32_t feature;
  float count;
} counted;

/* The features of a text: word by word, then brought together. */
typedef struct bag {
  int32_t n;
  counted *at;
  int32_t capacity;
  int64_t n_unknown[N_KINDS]; /* features that the index does not have */
} bag;

struct pfc_text_index {
  int32_t n_owners, n_texts, n_features;
  pfc_dict *features; /* a word, or a run behind a byte 1 */
  int32_t *owner;     /* of each text */
  int64_t *first;     /* of each text, + 1: its features */
  int32_t owner_capacity, first_capacity;
  counted *at;
  int64_t n_at, at_capacity;
  bag bag;
  double *idf, unknown_idf; /* by feature */
  int64_t *seen, n_seen;    /* queries that have the feature; all */
  postings of_texts, of_owners;
};

struct pfc_text_match {
  bag bag;
  double *weight;    /* per feature of the bag */
  int32_t n_weights; /* room in it */
  double *text;      /* cosine of each text; 0 between queries */
  int32_t *touched;  /* texts with more than 0 */
  int32_t *nearest;  /* text of each owner */
  double *nearness;  /* its cosine */
};

/* --- features ----------------------------------------------------------------------------- */

static int by_feature(const void *a, const void *b) {
  const int32_t x = ((const counted *)a)->feature, y = ((const counted *)b)->feature;
  return (x > y) - (x < y);
}

/* One of a text: new ones join the dictionary where there is an index to fill, else are
 * unknown. */
static pfc_status take(bag *b, const pfc_dict *known, pfc_dict *fill, int kind,
                       const char *text, size_t size, pfc_error *err) {
  pfc_status st = PFC_OK;
  char name[PFC_STEM + 8];
  int32_t feature = -1;
  name[0] = '\1';
  memcpy(name + 1, text, size);
  name[size + 1] = '\0';
  const char *key = kind == RUNS ? name : name + 1;
  PFC_RESERVE(b->at, b->capacity, b->n + 1);
  if (fill) {
    PFC_TRY(pfc_dict_add(fill, key, strlen(key), &feature, err));
  } else {
    feature = pfc_dict_find(known, key);
  }
  if (feature >= 0) {
    b->at[b->n++] = (counted){feature, 1};
  } else {
    b->n_unknown[kind]++;
  }
done:
  return st;
}

/* Runs of four characters of " word ". */
static pfc_status take_runs(bag *b, const pfc_dict *known, pfc_dict *fill, const char *stem,
                            pfc_error *err) {
  pfc_status st = PFC_OK;
  char word[PFC_STEM + 2];
  int start[PFC_STEM + 3], n = 0, size = 1;
  word[0] = ' ';
  for (; stem[size - 1]; size++) word[size] = stem[size - 1];
  word[size++] = ' ';
  for (int i = 0; i < size; i += (int)pfc_utf8_length(word + i, (size_t)(size - i)))
    start[n++] = i;
  start[n] = size;
  const int run = n < RUN ? n : RUN;
  for (int k = 0; k + run <= n; k++)
    PFC_TRY(
        take(b, known, fill, RUNS, word + start[k], (size_t)(start[k + run] - start[k]), err));
done:
  return st;
}

static void bring_together(bag *b) {
  int32_t n = 0;
  if (b->n > 0) qsort(b->at, (size_t)b->n, sizeof *b->at, by_feature);
  for (int32_t i = 0; i < b->n; i++) {
    if (n > 0 && b->at[n - 1].feature == b->at[i].feature) {
      b->at[n - 1].count += 1;
    } else {
      b->at[n++] = b->at[i];
    }
  }
  b->n = n;
}

static pfc_status fill_bag(bag *b, const pfc_dict *known, pfc_dict *fill, const char *text,
                           pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc_word word = {0};
  b->n = 0;
  b->n_unknown[WORDS] = b->n_unknown[RUNS] = 0;
  while (pfc_word_next(&text, &word)) {
    if (pfc_word_is_common(word.stem)) continue;
    PFC_TRY(take(b, known, fill, WORDS, word.stem, strlen(word.stem), err));
    PFC_TRY(take_runs(b, known, fill, word.stem, err));
  }
  bring_together(b);
done:
  return st;
}

static int kind_of(const pfc_text_index *x, int32_t feature) {
  return pfc_dict_text(x->features, feature)[0] == '\1' ? RUNS : WORDS;
}

/* --- the index ---------------------------------------------------------------------------- */

pfc_status pfc_text_index_create(int32_t n_owners, pfc_text_index **index, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc_text_index *x = NULL;
  PFC_NEW(x, 1);
  x->n_owners = n_owners;
  PFC_RESERVE(x->first, x->first_capacity, 1);
  x->first[0] = 0;
  x->features = pfc_dict_create("feature");
  if (!x->features) PFC_TRY(pfc_fail_memory(err, "features"));
  *index = x;
  x = NULL;
done:
  pfc_text_index_destroy(x);
  return st;
}

void pfc_text_index_destroy(pfc_text_index *x) {
  if (!x) return;
  pfc_dict_destroy(x->features);
  pfc_free(x->owner);
  pfc_free(x->first);
  pfc_free(x->at);
  pfc_free(x->bag.at);
  pfc_free(x->idf);
  pfc_free(x->seen);
  pfc_free(x->of_texts.first);
  pfc_free(x->of_texts.at);
  pfc_free(x->of_owners.first);
  pfc_free(x->of_owners.at);
  pfc_free(x);
}

pfc_status pfc_text_index_add(pfc_text_index *x, int32_t owner, const char *text,
                              pfc_error *err) {
  pfc_status st = PFC_OK;
  PFC_TRY(fill_bag(&x->bag, x->features, x->features, text, err));
  PFC_RESERVE(x->owner, x->owner_capacity, x->n_texts + 1);
  PFC_RESERVE(x->first, x->first_capacity, x->n_texts + 2);
  PFC_RESERVE(x->at, x->at_capacity, x->n_at + x->bag.n);
  for (int32_t i = 0; i < x->bag.n; i++) x->at[x->n_at++] = x->bag.at[i];
  x->owner[x->n_texts++] = owner;
  x->first[x->n_texts] = x->n_at;
done:
  return st;
}

/* Texts, or owners. */
typedef struct rows {
  int32_t n;
  int64_t *first;
  counted *at;
} rows;

/* The features of an owner's texts, one after another, in order and each once. */
static int64_t merge(counted *at, int64_t from, int64_t to, int64_t n) {
  const int64_t first = n;
  if (to > from) qsort(at + from, (size_t)(to - from), sizeof *at, by_feature);
  for (int64_t k = from; k < to; k++) {
    if (n > first && at[n - 1].feature == at[k].feature) {
      at[n - 1].count += at[k].count;
    } else {
      at[n++] = at[k];
    }
  }
  return n;
}

/* Puts the texts of each owner together. */
static pfc_status join_texts(const pfc_text_index *x, rows *r, pfc_error *err) {
  pfc_status st = PFC_OK;
  int64_t *next = NULL, n = 0, from = 0;
  PFC_NEW(next, x->n_owners + 1);
  PFC_NEW(r->at, x->n_at);
  PFC_NEW(r->first, x->n_owners + 1);
  r->n = x->n_owners;
  for (int32_t t = 0; t < x->n_texts; t++)
    next[x->owner[t] + 1] += x->first[t + 1] - x->first[t];
  for (int32_t o = 0; o < x->n_owners; o++) next[o + 1] += next[o];
  for (int32_t t = 0; t < x->n_texts; t++)
    for (int64_t k = x->first[t]; k < x->first[t + 1]; k++)
      r->at[next[x->owner[t]]++] = x->at[k];
  for (int32_t o = 0; o < x->n_owners; o++) { /* next[o] is now where the owner ends */
    r->first[o] = n;
    n = merge(r->at, from, next[o], n);
    from = next[o];
  }
  r->first[x->n_owners] = n;
done:
  pfc_free(next);
  return st;
}

static void find_idf(pfc_text_index *x, const rows *owners) {
  const double n = x->n_owners;
  for (int64_t k = 0; k < owners->first[owners->n]; k++) x->idf[owners->at[k].feature] += 1;
  for (int32_t f = 0; f < x->n_features; f++) x->idf[f] = 1 + log((1 + n) / (1 + x->idf[f]));
  x->unknown_idf = 1 + log(1 + n);
}

static double tf(double count) { return 1 + log(count); }

/* Lengths of the two vectors of a row; what is empty has 1. */
static void lengths(const pfc_text_index *x, const counted *at, int64_t n,
                    double length[N_KINDS]) {
  double square[N_KINDS] = {0};
  for (int64_t k = 0; k < n; k++) {
    const double w = tf(at[k].count) * x->idf[at[k].feature];
    square[kind_of(x, at[k].feature)] += w * w;
  }
  for (int k = 0; k < N_KINDS; k++) length[k] = square[k] > 0 ? sqrt(square[k]) : 1;
}

static pfc_status post(const pfc_text_index *x, const rows *r, postings *p, pfc_error *err) {
  pfc_status st = PFC_OK;
  int64_t *next = NULL;
  const int64_t n = r->first[r->n];
  PFC_NEW(p->first, x->n_features + 1);
  PFC_NEW(p->at, n);
  PFC_NEW(next, x->n_features);
  for (int64_t k = 0; k < n; k++) p->first[r->at[k].feature + 1]++;
  for (int32_t f = 0; f < x->n_features; f++) {
    p->first[f + 1] += p->first[f];
    next[f] = p->first[f];
  }
  for (int32_t row = 0; row < r->n; row++) {
    double length[N_KINDS];
    const counted *at = r->at + r->first[row];
    const int64_t n_row = r->first[row + 1] - r->first[row];
    lengths(x, at, n_row, length);
    for (int64_t k = 0; k < n_row; k++) {
      const int32_t f = at[k].feature;
      const double w = tf(at[k].count) * x->idf[f] / length[kind_of(x, f)];
      p->at[next[f]++] = (entry){row, (float)w};
    }
  }
done:
  pfc_free(next);
  return st;
}

pfc_status pfc_text_index_seal(pfc_text_index *x, pfc_error *err) {
  pfc_status st = PFC_OK;
  rows owners = {0};
  const rows texts = {x->n_texts, x->first, x->at};
  x->n_features = pfc_dict_size(x->features);
  PFC_NEW(x->idf, x->n_features);
  PFC_NEW(x->seen, x->n_features);
  PFC_TRY(join_texts(x, &owners, err));
  find_idf(x, &owners);
  PFC_TRY(post(x, &texts, &x->of_texts, err));
  PFC_TRY(post(x, &owners, &x->of_owners, err));
done:
  pfc_free(owners.first);
  pfc_free(owners.at);
  return st;
}

pfc_status pfc_text_index_see(pfc_text_index *x, const char *text, pfc_error *err) {
  const pfc_status st = fill_bag(&x->bag, x->features, NULL, text, err);
  if (st != PFC_OK) return st;
  for (int32_t i = 0; i < x->bag.n; i++) x->seen[x->bag.at[i].feature]++;
  x->n_seen++;
  return PFC_OK;
}

/* --- matching ----------------------------------------------------------------------------- */

pfc_status pfc_text_match_create(const pfc_text_index *x, pfc_text_match **match,
                                 pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc_text_match *m = NULL;
  PFC_NEW(m, 1);
  PFC_NEW(m->text, x->n_texts);
  PFC_NEW(m->touched, x->n_texts);
  PFC_NEW(m->nearest, x->n_owners);
  PFC_NEW(m->nearness, x->n_owners);
  *match = m;
  m = NULL;
done:
  pfc_text_match_destroy(m);
  return st;
}

void pfc_text_match_destroy(pfc_text_match *m) {
  if (!m) return;
  pfc_free(m->bag.at);
  pfc_free(m->weight);
  pfc_free(m->text);
  pfc_free(m->touched);
  pfc_free(m->nearest);
  pfc_free(m->nearness);
  pfc_free(m);
}

/* How much a feature tells one query of the catalogue from another; above 0. */
static double telling(const pfc_text_index *x, int32_t feature) {
  const double n = (double)x->n_seen, has = fmax((double)x->seen[feature], 1);
  return x->n_seen > 0 ? log((1 + n) / has) / log(1 + n) : 1;
}

/* Weights of the query, each kind a vector of length a half: the sum of both products is then
 * the mean of two cosines. */
static pfc_status weigh(const pfc_text_index *x, pfc_text_match *m, pfc_error *err) {
  pfc_status st = PFC_OK;
  double square[N_KINDS];
  PFC_RESERVE(m->weight, m->n_weights, m->bag.n);
  for (int k = 0; k < N_KINDS; k++)
    square[k] = (double)m->bag.n_unknown[k] * x->unknown_idf * x->unknown_idf;
  for (int32_t i = 0; i < m->bag.n; i++) {
    const counted *c = &m->bag.at[i];
    m->weight[i] = tf(c->count) * x->idf[c->feature] * telling(x, c->feature);
    square[kind_of(x, c->feature)] += m->weight[i] * m->weight[i];
  }
  for (int32_t i = 0; i < m->bag.n; i++) {
    const double s = square[kind_of(x, m->bag.at[i].feature)];
    m->weight[i] = 0.5 * m->weight[i] / sqrt(s);
  }
done:
  return st;
}

/* Cosines of all texts, and which they are. */
static int32_t match_texts(const pfc_text_index *x, pfc_text_match *m) {
  int32_t n = 0;
  for (int32_t i = 0; i < m->bag.n; i++) {
    const int32_t f = m->bag.at[i].feature;
    for (int64_t k = x->of_texts.first[f]; k < x->of_texts.first[f + 1]; k++) {
      const entry *e = &x->of_texts.at[k];
      if (m->text[e->row] == 0) m->touched[n++] = e->row;
      m->text[e->row] += m->weight[i] * (double)e->weight;
    }
  }
  return n;
}

/* A text's cosine into its owner's score; the first of texts equally near is the nearest. */
static void gather(const pfc_text_index *x, pfc_text_match *m, int32_t t, double *score) {
  const double cosine = m->text[t], square = cosine * cosine;
  const int32_t o = x->owner[t];
  m->text[t] = 0;
  score[o] += square * square;
  if (cosine < m->nearness[o] || (cosine == m->nearness[o] && m->nearest[o] < t)) return;
  m->nearness[o] = cosine;
  m->nearest[o] = t;
}

static void match_owners(const pfc_text_index *x, const pfc_text_match *m, double *score) {
  for (int32_t i = 0; i < m->bag.n; i++) {
    const int32_t f = m->bag.at[i].feature;
    for (int64_t k = x->of_owners.first[f]; k < x->of_owners.first[f + 1]; k++)
      score[x->of_owners.at[k].row] += m->weight[i] * (double)x->of_owners.at[k].weight;
  }
}

pfc_status pfc_text_match_run(const pfc_text_index *x, pfc_text_match *m, const char *text,
                              double *score, pfc_error *err) {
  pfc_status st = PFC_OK;
  PFC_TRY(fill_bag(&m->bag, x->features, NULL, text, err));
  PFC_TRY(weigh(x, m, err));
  for (int32_t o = 0; o < x->n_owners; o++) {
    score[o] = m->nearness[o] = 0;
    m->nearest[o] = -1;
  }
  const int32_t n = match_texts(x, m);
  for (int32_t k = 0; k < n; k++) gather(x, m, m->touched[k], score);
  for (int32_t o = 0; o < x->n_owners; o++) score[o] = fmin(sqrt(sqrt(score[o])), 1);
  match_owners(x, m, score);
done:
  return st;
}

int32_t pfc_text_match_nearest(const pfc_text_match *m, int32_t owner, double *cosine) {
  *cosine = m->nearness[owner];
  return m->nearest[owner];
}
