/* Where files lie: so that an output does not take the place of an input. */
#ifndef PROFICIO_CLI_PLACES_H
#define PROFICIO_CLI_PLACES_H

#include <stdbool.h>

/* The same file, by whatever names or links; or, where it is not there yet, the same name in
 * the same folder. */
bool is_same_place(const char *a, const char *b);

/* The file lies, or would lie, directly in that folder; false when `folder` is none. */
bool is_in_folder(const char *path, const char *folder);

#endif
