#include "trainer/source_links.h"

#include <stdbool.h>

#include "base/forest.h"
#include "base/mem.h"

/* Sources as a forest: those of one tree are linked. One more node, the last, stands for all
 * anchors, which agree by definition. */
typedef struct graph {
  int32_t *parent; /* n_sources + 1 */
  int64_t *last;   /* n_sources: the cell in which the source was met last, -1 none */
  int32_t *met;    /* n_sources: the sources of the cell at hand */
  int32_t n_met;
} graph;

static pfc_status graph_init(graph *g, const pfc_evidence *e, pfc_error *err) {
  pfc_status st = PFC_OK;
  PFC_NEW(g->parent, (size_t)e->n_sources + 1);
  PFC_NEW(g->last, e->n_sources);
  PFC_NEW(g->met, e->n_sources);
  pfc_forest_init(e->n_sources + 1, g->parent);
  for (int32_t s = 0; s < e->n_sources; s++) {
    g->last[s] = -1;
    if (e->is_anchor[s]) pfc_forest_join(g->parent, s, e->n_sources);
  }
done:
  return st;
}

/* The sources of ratings from .. to - 1, which are one cell's. */
static void meet(graph *g, const pfc_evidence *e, int64_t from, int64_t to, int32_t date) {
  g->n_met = 0;
  for (int64_t k = from; k < to; k++) {
    const int32_t s = e->seen[k].source;
    if (s < 0 || g->last[s] == from || !pfc_seen_before(e, &e->seen[k], date)) continue;
    g->last[s] = from;
    g->met[g->n_met++] = s;
  }
}

static void link_met(graph *g, const pfc_evidence *e, int64_t *shared) {
  bool has_anchor = false;
  for (int32_t k = 0; k < g->n_met; k++) has_anchor |= e->is_anchor[g->met[k]] != 0;
  for (int32_t k = 0; k < g->n_met && g->n_met > 1; k++) {
    pfc_forest_join(g->parent, g->met[0], g->met[k]);
    shared[g->met[k]] += has_anchor;
  }
}

pfc_status pfc_source_links(const pfc_evidence *e, int32_t date, int8_t *linked,
                            int64_t *shared, pfc_error *err) {
  pfc_status st = PFC_OK;
  graph g = {0};
  PFC_TRY(graph_init(&g, e, err));
  for (int32_t s = 0; s < e->n_sources; s++) shared[s] = 0;
  for (int32_t p = 0; p < e->n_people; p++) {
    for (int64_t from = e->first_seen[p], to; from < e->first_seen[p + 1]; from = to) {
      for (to = from + 1; to < e->first_seen[p + 1]; to++)
        if (e->seen[to].competency != e->seen[from].competency) break;
      meet(&g, e, from, to, date);
      link_met(&g, e, shared);
    }
  }
  for (int32_t s = 0; s < e->n_sources; s++)
    linked[s] = pfc_forest_root(g.parent, s) == pfc_forest_root(g.parent, e->n_sources);
done:
  pfc_free(g.parent);
  pfc_free(g.last);
  pfc_free(g.met);
  return st;
}
