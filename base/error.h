/* Errors. A function that can fail returns a pfc_status and takes, as its last
 * parameter, a pfc_error on the caller's stack (NULL is allowed). The library
 * never prints and never exits: whoever called it decides what to say. */
#ifndef PROFICIO_BASE_ERROR_H
#define PROFICIO_BASE_ERROR_H

#define PFC_API __attribute__((visibility("default")))
#define PFC_MUST_USE __attribute__((warn_unused_result))
#define PFC_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))

typedef enum pfc_status {
  PFC_OK = 0,
  PFC_EUSAGE,     /* the caller asked for something that has no meaning */
  PFC_EDATA,      /* input data are wrong: file, line, column and expectation in msg */
  PFC_EFORMAT,    /* a file is not ours, damaged, or of another schema version */
  PFC_EIO,        /* the system refused: open, read, write, rename ... */
  PFC_ENOMEM,     /* out of memory */
  PFC_ENUMERIC,   /* a fit cannot go on: not positive definite, objective rose ... */
  PFC_ECANCELLED, /* a progress callback asked to stop */
} pfc_status;

/* Room for one human sentence. Lives on the caller's stack; NULL is allowed
 * everywhere a pfc_error is taken. The first writer wins, so the message names
 * the root cause and not the last frame that saw it. */
typedef struct pfc_error {
  pfc_status status;
  char msg[1020];
} pfc_error;

#define PFC_ERROR_INIT \
  { PFC_OK, "" }

/* Records status and text unless err already holds an error; returns status. */
PFC_API pfc_status pfc_fail(pfc_error *err, pfc_status status, const char *fmt, ...)
    PFC_PRINTF(3, 4);

/* Records PFC_ENOMEM, "out of memory: WHAT". */
PFC_API pfc_status pfc_fail_memory(pfc_error *err, const char *what);

/* The same functions, so wrapped that compilers and analysers see that what comes back
 * is the status given, and not PFC_OK. `status` stands twice: no side effects in it. */
static inline pfc_status pfc__failed(pfc_status recorded, pfc_status status) {
  (void)recorded;
  return status;
}
#define pfc_fail(err, status, ...) pfc__failed(pfc_fail(err, status, __VA_ARGS__), status)
#define pfc_fail_memory(err, what) pfc__failed(pfc_fail_memory(err, what), PFC_ENOMEM)

/* Leave through the function's single exit. Needs: pfc_status st; label done. */
#define PFC_TRY(expr)                       \
  do {                                      \
    if ((st = (expr)) != PFC_OK) goto done; \
  } while (0)

#endif
