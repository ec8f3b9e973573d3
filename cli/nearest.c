#include "cli/nearest.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

enum { LONGEST = 63 };

static int least(int a, int b) { return a < b ? a : b; }

static int same(char a, char b) {
  return tolower((unsigned char)a) == tolower((unsigned char)b);
}

/* Optimal string alignment over three rows of its table. */
int edit_distance(const char *a, const char *b) {
  const int n = (int)strnlen(a, LONGEST), m = (int)strnlen(b, LONGEST);
  int rows[3][LONGEST + 1];
  for (int j = 0; j <= m; j++) rows[0][j] = j;
  for (int i = 1; i <= n; i++) {
    int *row = rows[i % 3];
    const int *above = rows[(i + 2) % 3], *before = rows[(i + 1) % 3];
    row[0] = i;
    for (int j = 1; j <= m; j++) {
      const int replaced = above[j - 1] + !same(a[i - 1], b[j - 1]);
      row[j] = least(replaced, least(above[j], row[j - 1]) + 1);
      if (i > 1 && j > 1 && same(a[i - 1], b[j - 2]) && same(a[i - 2], b[j - 1])) {
        row[j] = least(row[j], before[j - 2] + 1);
      }
    }
  }
  return rows[n % 3][m];
}

void nearest_offer(nearest *best, const char *wanted, const char *name) {
  const int distance = edit_distance(wanted, name);
  if (distance > (int)strnlen(wanted, LONGEST) / 3 + 1) return;
  int at = best->n;
  while (at > 0 && distance < best->distance[at - 1]) at--;
  if (at == N_NEAREST) return;
  const int kept = least(best->n, N_NEAREST - 1);
  for (int i = kept; i > at; i--) {
    best->name[i] = best->name[i - 1];
    best->distance[i] = best->distance[i - 1];
  }
  best->name[at] = name;
  best->distance[at] = distance;
  best->n = kept + 1;
}

const char *nearest_text(const nearest *best, char text[256]) {
  size_t at = 0;
  text[0] = '\0';
  for (int i = 0; i < best->n && at < 200; i++) {
    at += (size_t)snprintf(text + at, 256 - at, "%s'%.60s'", i ? ", " : "; did you mean ",
                           best->name[i]);
  }
  if (best->n > 0 && at < 255) (void)snprintf(text + at, 256 - at, "?");
  return text;
}
