/* What the files of the HDF5 guard share. */
#ifndef PROFICIO_BASE_H5_INTERNAL_H
#define PROFICIO_BASE_H5_INTERNAL_H

#include "base/h5.h"

/* Bytes of an element of a numeric type; 0 for text. */
size_t pfc__h5_width(pfc_h5_type type);

/* The type in memory and, little-endian, in files; owned by HDF5. Not for text. */
hid_t pfc__h5_memory_type(pfc_h5_type type);
hid_t pfc__h5_file_type(pfc_h5_type type);

/* A new type of fixed-length NUL-padded UTF-8 text; -1 on failure. */
hid_t pfc__h5_text_type(size_t width);

/* File access without locks: our files are either written under a name nobody else
 * knows, or never change. -1 on failure. */
hid_t pfc__h5_access(void);

#define PFC__H5_NAME_MAX 256

/* What a link that is not hard is called in messages. */
const char *pfc__h5_link_word(H5L_type_t type);

/* Copies the next component of a path and moves behind it. 0 at the end of the path;
 * -1 when the component is too long. */
int pfc__h5_component(const char **path, char name[PFC__H5_NAME_MAX]);

#endif
