#include "base/error.h"

#include <stdarg.h>
#include <stdio.h>

pfc_status(pfc_fail)(pfc_error *err, pfc_status status, const char *fmt, ...) {
  if (!err || err->status != PFC_OK) return status;
  err->status = status;
  va_list args;
  va_start(args, fmt);
  (void)vsnprintf(err->msg, sizeof err->msg, fmt, args);
  va_end(args);
  return status;
}

pfc_status(pfc_fail_memory)(pfc_error *err, const char *what) {
  return pfc_fail(err, PFC_ENOMEM, "out of memory: %s", what);
}
