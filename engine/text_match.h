/* Which of many short texts is like this one? Cosines of TF-IDF vectors over words and over
 * fours of letters, which know "geologist" and "geology" to be akin.
 *
 * A text belongs to an owner (an occupation, a competency), and an owner may have many: its
 * titles, its description. Features are words without the common ones and, in them, runs of
 * four characters with the word's ends (shorter words are one run); each of the two kinds makes
 * a vector of its own, with weights
 *
 *   (1 + ln count) * idf,   idf = 1 + ln((1 + owners) / (1 + owners that have the feature)),
 *
 * brought to length 1; what is called a cosine is the mean of both kinds. A query's words that
 * no text has count too, with the idf of what nobody has: so a title of unknown words is like
 * nothing. */
#ifndef PROFICIO_ENGINE_TEXT_MATCH_H
#define PROFICIO_ENGINE_TEXT_MATCH_H

#include <stdint.h>

#include "base/error.h"

typedef struct pfc_text_index pfc_text_index;

PFC_API PFC_MUST_USE pfc_status pfc_text_index_create(int32_t n_owners, pfc_text_index **index,
                                                      pfc_error *err);
PFC_API void pfc_text_index_destroy(pfc_text_index *index); /* NULL is allowed */

/* Another text (UTF-8) of an owner. */
PFC_API PFC_MUST_USE pfc_status pfc_text_index_add(pfc_text_index *index, int32_t owner,
                                                   const char *text, pfc_error *err);

/* No text is added from here on, and matching may begin. */
PFC_API PFC_MUST_USE pfc_status pfc_text_index_seal(pfc_text_index *index, pfc_error *err);

/* A query to come, sealed index: where a word stands in most queries of a catalogue, it tells
 * none from the other. Once any was seen, a feature weighs in queries
 *   ln((1 + queries) / (queries that have it)) / ln(1 + queries)
 * times as much: 1 where one in a large catalogue has it, next to nothing where all do. */
PFC_API PFC_MUST_USE pfc_status pfc_text_index_see(pfc_text_index *index, const char *text,
                                                   pfc_error *err);

/* Scratch and answer of a query, one a thread. */
typedef struct pfc_text_match pfc_text_match;
PFC_API PFC_MUST_USE pfc_status pfc_text_match_create(const pfc_text_index *index,
                                                      pfc_text_match **match, pfc_error *err);
PFC_API void pfc_text_match_destroy(pfc_text_match *match); /* NULL is allowed */

/* How alike the text and an owner are, in score[n_owners], 0 to 2:
 *   (sum over the owner's texts of cosine^4)^(1/4), at most 1, + cosine with all of its texts
 * put together. The first part is about the text that is most alike, and a little more where
 * several are. */
PFC_API PFC_MUST_USE pfc_status pfc_text_match_run(const pfc_text_index *index,
                                                   pfc_text_match *match, const char *text,
                                                   double *score, pfc_error *err);

/* Of the latest query: the text of an owner that is most alike, by its place among all that
 * were added (-1 where none is alike), and its cosine: 1 where it has the same words. */
PFC_API int32_t pfc_text_match_nearest(const pfc_text_match *match, int32_t owner,
                                       double *cosine);

#endif
