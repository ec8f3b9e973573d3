/* Heads of feedback stores, as they were noted elsewhere. */
#ifndef PROFICIO_CLI_NOTED_HEAD_H
#define PROFICIO_CLI_NOTED_HEAD_H

#include "base/error.h"
#include "datasets/dataset.h"

/* The head that a text names: a head itself, or where one is noted: a model, a version of a
 * registry (REGISTRY/@champion), a manifest (.json). PFC_EDATA where that knows of no store. A
 * text that names no file is taken for a head, right or not. */
PFC_MUST_USE pfc_status noted_head(const char *text, char head[PFC_HEAD_TEXT], pfc_error *err);

#endif
