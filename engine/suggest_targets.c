#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/utf8.h"
#include "engine/suggest_internal.h"
#include "engine/text_match.h"

/* How a text speaks of a competency; better ones are less. */
typedef enum manner { IN_TITLE, IN_TEXT, AS_WORD, ASIDE, ALIKE, N_MANNERS } manner;

/* Share of proposals that were right, by manner; of ALIKE it depends on the score
 * (docs/SUGGEST.md, "How far to trust them"). */
static const double CONFIDENCE[N_MANNERS] = {
    [IN_TITLE] = 0.95, [IN_TEXT] = 0.95, [AS_WORD] = 0.35, [ASIDE] = 0.25};
static const double ALIKE_AT_0 = -3.1, ALIKE_SLOPE = 5.1; /* log-odds */
static const double ALIKE_MOST = 0.6;                     /* nothing was measured beyond */
static const double LEAST_CONFIDENCE = 0.25;              /* of what is only alike */

enum { STAGE_STEP = 1024, SHOWN = 70 /* bytes of a title, a name */ };

typedef struct found {
  int32_t competency;
  manner manner;
  int32_t first;   /* token of the mention that counts */
  double score;    /* ALIKE */
  int n_namesakes; /* competencies with that name, itself among them */
} found;

typedef struct work {
  const pfc_dataset *ds, *frame;
  const pfc_column *name, *description; /* of competencies */
  const pfc_column *title, *text;       /* of interventions; NULL: no such column */
  const int32_t *competency;            /* code by row of the frame's competencies */
  int32_t n_competencies;
  const char **name_of, **description_of; /* by code; NULL: not to be proposed */
  uint8_t *has_targets;                   /* by code of intervention */
  pfc__names names;
  pfc__text words;
  pfc_text_index *index;
  pfc_text_match *match;
  double *score; /* by competency */
  char *rest;    /* words of the text that are in no name */
  size_t rest_size;
  found *found;
  int32_t n_found, found_capacity;
} work;

static void work_clear(work *w) {
  pfc_free(w->name_of);
  pfc_free(w->description_of);
  pfc_free(w->has_targets);
  pfc__names_clear(&w->names);
  pfc__text_clear(&w->words);
  pfc_text_match_destroy(w->match);
  pfc_text_index_destroy(w->index);
  pfc_free(w->score);
  pfc_free(w->rest);
  pfc_free(w->found);
}

static const char *text_of(const pfc_column *column, int64_t row) {
  return column && column->code[row] >= 0 ? pfc_dict_text(column->dict, column->code[row])
                                          : NULL;
}

/* --- what may be proposed ------------------------------------------------------------------
 */

/* Groups, which others are part of and nothing requires, go. */
static pfc_status drop_groups(work *w, pfc_error *err) {
  pfc_status st = PFC_OK;
  uint8_t *is_required = NULL;
  const pfc_table *t = &w->frame->tables[PFC_COMPETENCIES];
  const int32_t *parent = pfc_dataset_codes(w->frame, PFC_COMPETENCIES, "parent_id");
  const int32_t *required = pfc_dataset_codes(w->frame, PFC_REQUIREMENTS, "competency_id");
  PFC_NEW(is_required, w->n_competencies);
  for (int64_t r = 0; required && r < w->frame->tables[PFC_REQUIREMENTS].n_rows; r++)
    if (required[r] >= 0) is_required[required[r]] = 1;
  for (int64_t r = 0; parent && r < t->n_rows; r++)
    if (parent[r] >= 0 && !is_required[parent[r]]) w->name_of[parent[r]] = NULL;
done:
  pfc_free(is_required);
  return st;
}

static pfc_status list_competencies(work *w, pfc_error *err) {
  pfc_status st = PFC_OK;
  const pfc_table *t = &w->frame->tables[PFC_COMPETENCIES];
  int64_t n = 0;
  w->n_competencies = pfc_dataset_count(w->frame, "competency");
  PFC_NEW(w->name_of, w->n_competencies);
  PFC_NEW(w->description_of, w->n_competencies);
  for (int64_t r = 0; w->name && r < t->n_rows; r++) {
    w->name_of[w->competency[r]] = text_of(w->name, r);
    w->description_of[w->competency[r]] = text_of(w->description, r);
  }
  PFC_TRY(drop_groups(w, err));
  for (int32_t c = 0; c < w->n_competencies; c++) n += w->name_of[c] != NULL;
  if (n == 0)
    st = pfc_fail(err, PFC_EDATA,
                  "there is no competency with a name that could be proposed: table "
                  "competencies needs the column name");
done:
  return st;
}

static pfc_status add_roles(work *w, const pfc_dataset *ds, pfc_error *err) {
  pfc_status st = PFC_OK;
  const pfc_column *title = pfc_dataset_column(ds, PFC_ROLES, "title");
  for (int64_t r = 0; title && r < ds->tables[PFC_ROLES].n_rows; r++)
    if (title->code[r] >= 0) PFC_TRY(pfc__names_add(&w->names, -1, text_of(title, r), err));
done:
  return st;
}

static pfc_status fill_index(work *w, pfc_error *err) {
  pfc_status st = PFC_OK;
  PFC_TRY(pfc_text_index_create(w->n_competencies, &w->index, err));
  PFC_TRY(pfc__names_init(&w->names, err));
  for (int32_t c = 0; c < w->n_competencies; c++) {
    if (!w->name_of[c]) continue;
    PFC_TRY(pfc__names_add(&w->names, c, w->name_of[c], err));
    PFC_TRY(pfc_text_index_add(w->index, c, w->name_of[c], err));
    if (w->description_of[c])
      PFC_TRY(pfc_text_index_add(w->index, c, w->description_of[c], err));
  }
  PFC_TRY(add_roles(w, w->frame, err));
  if (w->ds != w->frame) PFC_TRY(add_roles(w, w->ds, err));
  PFC_TRY(pfc__names_seal(&w->names, err));
  PFC_TRY(pfc_text_index_seal(w->index, err));
done:
  return st;
}

/* --- one text ----------------------------------------------------------------------------- */

static pfc_status read_text(work *w, int64_t row, pfc_error *err) {
  return pfc__text_read_names(&w->words, &w->names, text_of(w->title, row),
                              text_of(w->text, row), err);
}

/* The words that are in no name, parted by blanks: what can be alike. */
static pfc_status read_rest(work *w, pfc_error *err) {
  pfc_status st = PFC_OK;
  size_t need = 1, used = 0;
  for (int32_t k = 0; k < w->words.n_tokens; k++) need += w->words.token[k].word.size + 1;
  PFC_RESERVE(w->rest, w->rest_size, need);
  for (int32_t k = 0; k < w->words.n_tokens; k++) {
    const pfc__token *t = &w->words.token[k];
    if (t->in_name) continue;
    memcpy(w->rest + used, t->word.at, t->word.size);
    used += t->word.size;
    w->rest[used++] = ' ';
  }
  w->rest[used] = '\0';
done:
  return st;
}

/* The catalogue as a whole tells which words say nothing. */
static pfc_status see_all(work *w, const pfc_progress *progress, pfc_error *err) {
  pfc_status st = PFC_OK;
  const int64_t n = w->ds->tables[PFC_INTERVENTIONS].n_rows;
  for (int64_t r = 0; r < n; r++) {
    PFC_TRY(read_text(w, r, err));
    PFC_TRY(read_rest(w, err));
    PFC_TRY(pfc_text_index_see(w->index, w->rest, err));
    if (r % STAGE_STEP == 0)
      PFC_TRY(pfc_progress_report(progress, "read catalogue", r, n, (double)NAN, err));
  }
done:
  return st;
}

/* Mentions of one place, one for each competency of that name, stand together. */
static manner manner_of(const work *w, int32_t k, int *n_namesakes) {
  const pfc__mention *m = &w->words.mention[k];
  int32_t from = k, to = k + 1;
  while (from > 0 && w->words.mention[from - 1].first == m->first) from--;
  while (to < w->words.n_mentions && w->words.mention[to].first == m->first) to++;
  *n_namesakes = to - from;
  if (m->is_aside) return ASIDE;
  if (m->is_word) return AS_WORD;
  return m->in_title ? IN_TITLE : IN_TEXT;
}

static found *find(work *w, int32_t competency) {
  for (int32_t k = 0; k < w->n_found; k++)
    if (w->found[k].competency == competency) return &w->found[k];
  return NULL;
}

static pfc_status add_found(work *w, const found *f, pfc_error *err) {
  pfc_status st = PFC_OK;
  PFC_RESERVE(w->found, w->found_capacity, w->n_found + 1);
  w->found[w->n_found++] = *f;
done:
  return st;
}

static pfc_status find_named(work *w, pfc_error *err) {
  pfc_status st = PFC_OK;
  for (int32_t k = 0; k < w->words.n_mentions; k++) {
    const pfc__mention *m = &w->words.mention[k];
    found f = {.competency = m->answer, .first = m->first};
    f.manner = manner_of(w, k, &f.n_namesakes);
    found *before = find(w, m->answer);
    if (!before) {
      PFC_TRY(add_found(w, &f, err));
    } else if (f.manner < before->manner) {
      *before = f;
    }
  }
done:
  return st;
}

static double confidence_of(const found *f) {
  if (f->manner != ALIKE) return CONFIDENCE[f->manner] / f->n_namesakes;
  return fmin(1 / (1 + exp(-(ALIKE_AT_0 + ALIKE_SLOPE * f->score))), ALIKE_MOST);
}

static pfc_status find_alike(work *w, pfc_error *err) {
  pfc_status st = PFC_OK;
  PFC_TRY(read_rest(w, err));
  PFC_TRY(pfc_text_match_run(w->index, w->match, w->rest, w->score, err));
  for (int32_t c = 0; c < w->n_competencies; c++) {
    const found f = {.competency = c, .manner = ALIKE, .score = w->score[c]};
    if (w->score[c] <= 0 || confidence_of(&f) < LEAST_CONFIDENCE || find(w, c)) continue;
    PFC_TRY(add_found(w, &f, err));
  }
done:
  return st;
}

static int by_promise(const void *a, const void *b) {
  const found *x = a, *y = b;
  const double p = confidence_of(x), q = confidence_of(y);
  if (p != q) return p > q ? -1 : 1;
  if (x->manner != y->manner) return x->manner < y->manner ? -1 : 1;
  if (x->score != y->score) return x->score > y->score ? -1 : 1;
  if (x->first != y->first) return x->first < y->first ? -1 : 1;
  return (x->competency > y->competency) - (x->competency < y->competency);
}

/* --- telling ------------------------------------------------------------------------------ */

/* Appends so many whole characters as fit. */
static void append(char *evidence, const char *text, size_t most) {
  const size_t used = strlen(evidence), room = PFC_SUGGEST_EVIDENCE - 1 - used;
  const size_t n = pfc_utf8_cut(text, most < room ? most : room);
  memcpy(evidence + used, text, n);
  evidence[used + n] = '\0';
}

static bool has_stem(const char *text, const char *stem) {
  pfc_word word = {0};
  while (text && pfc_word_next(&text, &word))
    if (strcmp(word.stem, stem) == 0) return true;
  return false;
}

/* Words outside of names that the competency's own texts have, each once. */
static void append_shared(const work *w, int32_t c, char *evidence) {
  const char *between = ": ";
  for (int32_t k = 0; k < w->words.n_tokens; k++) {
    const pfc__token *t = &w->words.token[k];
    bool again = t->in_name || pfc_word_is_common(t->word.stem);
    for (int32_t j = 0; j < k && !again; j++)
      again =
          !w->words.token[j].in_name && strcmp(w->words.token[j].word.stem, t->word.stem) == 0;
    if (again) continue;
    if (!has_stem(w->name_of[c], t->word.stem) && !has_stem(w->description_of[c], t->word.stem))
      continue;
    append(evidence, between, SIZE_MAX);
    append(evidence, t->word.at, t->word.size);
    between = ", ";
  }
}

/* "Steel for beginners" names Engineering; "..." is like Engineering: steel, design */
static void tell_evidence(const work *w, int64_t row, const found *f, char *evidence) {
  static const char *const WORDS[N_MANNERS] = {[IN_TITLE] = " names ",
                                               [IN_TEXT] = " tells of ",
                                               [AS_WORD] = " has the word ",
                                               [ASIDE] = " tells beside of ",
                                               [ALIKE] = " is like "};
  const char *title = text_of(w->title, row);
  evidence[0] = '\0';
  append(evidence, title ? title : "the text", SHOWN);
  append(evidence, WORDS[f->manner], SIZE_MAX);
  append(evidence, w->name_of[f->competency], SHOWN);
  if (f->manner == ALIKE) append_shared(w, f->competency, evidence);
}

/* Where the text first names what it is about; -1: nowhere. */
static int32_t find_main(const work *w) {
  int32_t first = -1;
  for (int32_t k = 0; k < w->n_found; k++)
    if (w->found[k].manner < ASIDE && (first < 0 || w->found[k].first < first))
      first = w->found[k].first;
  return first;
}

static pfc_status tell(work *w, int64_t row, int32_t item, pfc_suggestion_fn fn, void *user,
                       pfc_suggest_totals *totals, pfc_error *err) {
  pfc_status st = PFC_OK;
  const int32_t subject = find_main(w);
  for (int32_t k = 0; k < w->n_found && k < PFC_SUGGEST_TARGETS; k++) {
    const found *f = &w->found[k];
    pfc_suggestion s = {.item = item, .answer = f->competency, .rank = k + 1};
    s.confidence = confidence_of(f);
    const bool is_main = f->manner < ASIDE && f->first == subject;
    pfc__text_levels(&w->words, f->competency, is_main, w->frame->scale_min,
                     w->frame->scale_max, &s.from_level, &s.to_level);
    tell_evidence(w, row, f, s.evidence);
    PFC_TRY(fn(&s, user, err));
    totals->n_proposed++;
  }
  totals->with_any += w->n_found > 0;
done:
  return st;
}

static pfc_status suggest_one(work *w, int64_t row, pfc_error *err) {
  pfc_status st = PFC_OK;
  w->n_found = 0;
  PFC_TRY(read_text(w, row, err));
  PFC_TRY(find_named(w, err));
  if (w->n_found < PFC_SUGGEST_TARGETS) PFC_TRY(find_alike(w, err));
  if (w->n_found > 0) qsort(w->found, (size_t)w->n_found, sizeof *w->found, by_promise);
done:
  return st;
}

/* --- the whole ---------------------------------------------------------------------------- */

static pfc_status begin(work *w, pfc_error *err) {
  pfc_status st = PFC_OK;
  const int32_t *told = pfc_dataset_codes(w->ds, PFC_TARGETS, "intervention_id");
  w->title = pfc_dataset_column(w->ds, PFC_INTERVENTIONS, "title");
  w->text = pfc_dataset_column(w->ds, PFC_INTERVENTIONS, "description");
  w->competency = pfc_dataset_codes(w->frame, PFC_COMPETENCIES, "competency_id");
  w->name = pfc_dataset_column(w->frame, PFC_COMPETENCIES, "name");
  w->description = pfc_dataset_column(w->frame, PFC_COMPETENCIES, "description");
  if (!w->title && !w->text)
    return pfc_fail(err, PFC_EDATA,
                    "there is no intervention with a text: table interventions needs the "
                    "column title or description");
  PFC_TRY(list_competencies(w, err));
  PFC_TRY(fill_index(w, err));
  PFC_TRY(pfc_text_match_create(w->index, &w->match, err));
  PFC_NEW(w->score, w->n_competencies);
  PFC_NEW(w->has_targets, pfc_dataset_count(w->ds, "intervention"));
  for (int64_t r = 0; told && r < w->ds->tables[PFC_TARGETS].n_rows; r++)
    if (told[r] >= 0) w->has_targets[told[r]] = 1;
done:
  return st;
}

pfc_status pfc_suggest_targets(const pfc_dataset *ds, const pfc_dataset *frame,
                               const pfc_progress *progress, pfc_suggestion_fn fn, void *user,
                               pfc_suggest_totals *totals, pfc_error *err) {
  pfc_status st = PFC_OK;
  work w = {.ds = ds, .frame = frame};
  const int64_t n = ds->tables[PFC_INTERVENTIONS].n_rows;
  const int32_t *item = pfc_dataset_codes(ds, PFC_INTERVENTIONS, "intervention_id");
  *totals = (pfc_suggest_totals){0};
  PFC_TRY(begin(&w, err));
  PFC_TRY(see_all(&w, progress, err));
  for (int64_t r = 0; r < n; r++) {
    if (r % STAGE_STEP == 0)
      PFC_TRY(pfc_progress_report(progress, "suggest targets", r, n, (double)NAN, err));
    if (w.has_targets[item[r]]) continue;
    totals->items++;
    PFC_TRY(suggest_one(&w, r, err));
    PFC_TRY(tell(&w, r, item[r], fn, user, totals, err));
  }
done:
  work_clear(&w);
  return st;
}
