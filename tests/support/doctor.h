/* Files of ours doctored with HDF5, as other programs could: each object taken away, replaced,
 * linked, stored in another way ... A file changed so has lost its seal; whoever gives it one
 * again must be refused for what was done, not for the seal alone. */
#ifndef PROFICIO_TESTS_SUPPORT_DOCTOR_H
#define PROFICIO_TESTS_SUPPORT_DOCTOR_H

#include <hdf5.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

#define TEST_COPY "copy.h5" /* the file that is doctored and loaded */

typedef struct test_object {
  char path[256];
  bool is_group;
} test_object;

enum { TEST_MAX_OBJECTS = 1000 };

/* An intact file, its bytes and its objects, and how it is loaded (and freed again). */
typedef struct test_patient {
  char *bytes;
  size_t size;
  int n;
  test_object objects[TEST_MAX_OBJECTS];
  pfc_status (*load)(const char *path, pfc_error *err);
} test_patient;

void test_patient_open(test_patient *p, const char *path,
                       pfc_status (*load)(const char *path, pfc_error *err));
void test_patient_close(test_patient *p);

/* A copy to be doctored. */
hid_t test_patient_copy(const test_patient *p);

/* Closes the copy and expects that it is refused: with its name, and unless `message` is NULL
 * with that, also once it has a seal again. */
void test_patient_refused(const test_patient *p, hid_t file, const char *message);

/* Loads the copy as it lies on disk: true when it is refused with its name, false when it was
 * loaded; anything else fails the test. */
bool test_patient_refuses(const test_patient *p);

/* Which objects to doctor; NULL: all. */
typedef bool (*test_wanted_fn)(const test_object *o);

/* Each object that `wanted` takes in turn has another name, is a soft or an
 * external link, a named type, an array where there was a group and the other way round, an
 * array of another type, rank or size, or stored otherwise. Of many arrays, each has its turn
 * with some of these. Each is named. */
void test_doctor_objects(const test_patient *p, test_wanted_fn wanted);

/* What is done so to one array, the i-th of n: every change where there are few, some of them
 * where there are many. */
void test_doctor_array(const test_patient *p, const test_object *o, int i, int n);

/* A group, an array, a type, a soft and an external link, and the root once more, in the root
 * and in each group that `wanted` takes. */
void test_doctor_strangers(const test_patient *p, test_wanted_fn wanted);

/* Each attribute of the root and of each group that `wanted` takes is missing and a list, or,
 * every other one, a number and a text of variable length; and there is an attribute more on
 * each object. */
void test_doctor_attributes(const test_patient *p, test_wanted_fn wanted);

/* Attribute `name` of the object at `path` is this number: test_patient_refused. */
void test_doctor_number(const test_patient *p, const char *path, const char *name,
                        int64_t value, const char *message);

/* Replaces element i of an array in place by the bytes at value, as many as one has. */
void test_doctor_poke(hid_t file, const char *path, size_t i, const void *value);

/* Files of other kinds and none: texts, folders, HDF5 of others ... */
void test_doctor_others(const test_patient *p);

#endif
