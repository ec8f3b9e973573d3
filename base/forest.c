#include "base/forest.h"

void pfc_forest_init(int32_t n, int32_t *parent) {
  for (int32_t i = 0; i < n; i++) parent[i] = i;
}

/* Halving the path holds depth down (Tarjan, van Leeuwen, J ACM 31:245, 1984). */
int32_t pfc_forest_root(int32_t *parent, int32_t i) {
  while (parent[i] != i) i = parent[i] = parent[parent[i]];
  return i;
}

void pfc_forest_join(int32_t *parent, int32_t a, int32_t b) {
  const int32_t x = pfc_forest_root(parent, a), y = pfc_forest_root(parent, b);
  parent[x < y ? x : y] = x < y ? y : x;
}
