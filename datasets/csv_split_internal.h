/* A CSV file being read: between the cutting of its text into rows and the rest. */
#ifndef PROFICIO_DATASETS_CSV_SPLIT_INTERNAL_H
#define PROFICIO_DATASETS_CSV_SPLIT_INTERNAL_H

#include <csv.h>

#include "datasets/csv_internal.h"
#include "datasets/text_source.h"

/* Bytes looked at together for delimiters, quotes and line ends; so many may be read behind
 * the text of a block. */
#define PFC__CSV_WINDOW 64

struct pfc__csv {
  const char *path;
  const pfc_csv_settings *settings;
  size_t block_size;
  pfc__text_source *source;
  struct csv_parser parser;
  bool has_parser;

  char *rest; /* of the last block: the row that it ended in */
  size_t rest_size, rest_capacity;
  bool at_end;       /* the text has been read */
  bool after_return; /* the last byte split was CR: an LF now belongs to it */
  int64_t line;      /* of the next byte to split */
  pfc_error held;    /* a fault behind the rows that were handed over */

  /* --- while a block is split --- */
  pfc__csv_block *block;
  size_t n_cells;   /* in the block, those of the row being split included */
  size_t put;       /* where libcsv's next cell goes */
  int64_t row_line; /* on which the row being split begins */
  bool is_dirty;    /* the block is not all UTF-8, or holds a NUL: look at every cell */
  bool is_trial;    /* cells are counted, not kept: the row is not whole yet */
  pfc_status st;    /* of the callbacks */
  pfc_error *err;   /* &held */
};

/* Room for one row more, and for what ends the last. */
PFC_MUST_USE pfc_status pfc__csv_reserve_row(pfc__csv_block *b, pfc_error *err);

/* Cuts the text of the block into rows; *rest is where the row begins that it ends in. Text
 * that belongs to rows is changed, the rest is not. */
PFC_MUST_USE pfc_status pfc__csv_split(pfc__csv *r, size_t *rest);

/* The row from text[from] to the end of the text is not whole. At the end of the file it never
 * will be; before it, a cell may be too long already to wait for more. */
PFC_MUST_USE pfc_status pfc__csv_try_part(pfc__csv *r, size_t from);

#endif
