/* Episodes of OULAD by the plainest means: files read line by line, and for every student
 * every day of the presentation looked at, with all scores of that student added up anew. */
#ifndef PROFICIO_TESTS_ORACLE_OULAD_ORACLE_H
#define PROFICIO_TESTS_ORACLE_OULAD_ORACLE_H

typedef struct oulad_spell {
  char key[40]; /* "AAA/2013J/11391" */
  int duration; /* days */
  int length;   /* of the presentation, days */
  const char *event;
} oulad_spell;

/* Reads the .csv.gz files of the folder; *spells, ordered by key, is freed with free.
 * Returns how many. Fails the test when a file cannot be read. */
int oulad_oracle_spells(const char *folder, oulad_spell **spells);

/* For qsort and bsearch. */
int oulad_oracle_by_key(const void *a, const void *b);

#endif
