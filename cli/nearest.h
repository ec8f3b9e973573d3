/* "Did you mean ...?": the names nearest to a misspelt one. */
#ifndef PROFICIO_CLI_NEAREST_H
#define PROFICIO_CLI_NEAREST_H

/* Insertions, deletions, replacements and swaps of neighbours that turn a into b, upper
 * and lower case alike; texts are cut at 63 bytes. */
int edit_distance(const char *a, const char *b);

enum { N_NEAREST = 3 };

/* The best N_NEAREST names offered so far. Start from zero. */
typedef struct nearest {
  int n;
  const char *name[N_NEAREST]; /* borrowed */
  int distance[N_NEAREST];
} nearest;

/* Offers a name; those too far from `wanted` to be meant are passed over. */
void nearest_offer(nearest *best, const char *wanted, const char *name);

/* "; did you mean 'a', 'b'?", or "" when nothing is near. */
const char *nearest_text(const nearest *best, char text[256]);

#endif
