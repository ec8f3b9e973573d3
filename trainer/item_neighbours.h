/* Item neighbours: which items are taken up by those who took up an item.
 *
 *   weight(j, i) = cosine of columns j and i * common / (common + shrinkage),
 *
 * common: the rows that hold both. Of each item the nearest ones alone are kept (Deshpande and
 * Karypis, "Item-based top-N recommendation algorithms", ACM TOIS 22(1), 2004); the shrinkage
 * holds back pairs that few rows speak for. */
#ifndef PROFICIO_TRAINER_ITEM_NEIGHBOURS_H
#define PROFICIO_TRAINER_ITEM_NEIGHBOURS_H

#include <stdint.h>

#include "base/error.h"
#include "base/sparse.h"

/* x: rows of 1 or nothing. near: a row an item, its `most` nearest others with something in
 * common, of equals those of lower index, ascending by index. Owned by the caller
 * (pfc_csr_clear). Memory: a few numbers for each item and thread beside x and near. The same
 * bytes for any number of threads. */
PFC_API PFC_MUST_USE pfc_status pfc_item_neighbours(const pfc_csr *x, int32_t most,
                                                    double shrinkage, pfc_csr *near,
                                                    pfc_error *err);

#endif
