/* Ctrl-C and its kin. The first signal asks: progress callbacks return non-zero and the
 * command stops. When it has not within two seconds, or a second signal comes 0.2 s later or
 * more, the program does not wait: temporary files are removed and it ends at once. */
#ifndef PROFICIO_CLI_SIGNALS_H
#define PROFICIO_CLI_SIGNALS_H

#include "base/error.h"

/* SIGINT, SIGTERM and SIGHUP ask; SIGPIPE ends at once; SIGXFSZ (a limit on the
 * size of files) is left to the write that met it. A signal that was ignored when the
 * program began (nohup) stays ignored. */
void signals_install(void);

/* The signal that asked to stop, 0 for none. */
int signals_asked(void);

/* PFC_ECANCELLED when one did. */
PFC_MUST_USE pfc_status signals_check(pfc_error *err);

#endif
