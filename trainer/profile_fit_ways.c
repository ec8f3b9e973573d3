/* How far lessons had to go, when they arrived, and how much is unknown while that is:
 * reckoned by models/profile_cell.h, and then held while the bound climbs. */
#include <math.h>

#include "trainer/profile_fit_internal.h"

/* The parameters that pfc_cell_weigh() asks for; the arrays are those of the data's shape. */
static pfc_profile profile_now(const pfc__pdata *d, const pfc__pstate *s) {
  pfc_profile p = d->shape;
  const pfc__ptheta *t = &s->theta;
  for (int q = 0; q < PFC_PROFILE_FIXED; q++) p.beta[q] = t->beta[q];
  p.sd_cell = sqrt(t->cell2);
  p.sd_moving = sqrt(t->moving2);
  for (int32_t c = 0; c < p.n_competencies; c++)
    p.competency[c] = s->has_competency[c] ? (float)s->b[c] : 0;
  for (int64_t i = 0; i < p.n_role_effects; i++)
    p.effect[i] = s->has_effect[i] ? (float)s->effect[i] : 0;
  return p;
}

static pfc_status find_ways(const pfc__psweep *w, pfc__pchunk *k, pfc__work *work, double *sum,
                            void *user, pfc_error *err) {
  (void)sum;
  (void)err;
  const pfc__pstate *s = w->s;
  const pfc_evidence *e = w->d->evidence;
  const pfc_profile *p = user;
  pfc_cell *cell = &w->cell[work->thread];
  pfc_cell_terms *terms = &w->terms[work->thread];
  for (int32_t q = 0; q < k->n_people; q++) {
    const int32_t person = k->person[q];
    for (int64_t j = k->first_cell[q]; j < k->first_cell[q + 1]; j++) {
      const pfc__pcell *c = &k->cell[j];
      if (c->n_lessons == 0) continue;
      const double part = pfc__row_part(s->d, s->row + (ptrdiff_t)(k->first_row + q) * s->d,
                                        s->z + (ptrdiff_t)c->competency * s->d);
      int64_t to = c->seen + 1;
      while (to < e->first_seen[person + 1] && e->seen[to].competency == c->competency) to++;
      pfc_cell_read(p, e, w->d->requirements, person, c->competency, c->seen, to, w->d->date,
                    cell);
      pfc_cell_weigh(p, cell, part, false, terms);
      for (int l = 0; l < c->n_lessons; l++) {
        const int32_t i = cell->intervention[l];
        const double share = s->theta.taught + s->programme[i];
        pfc__pcell_way(k, c)[l] = terms->way[l];
        pfc__pcell_square(k, c)[l] = share * share + s->programme_var[i];
        for (int r = 0; r < c->n; r++)
          pfc__pcell_arrived(k, c)[r * c->n_lessons + l] = cell->arrived[r][l];
      }
    }
  }
  return PFC_OK;
}

pfc_status pfc__update_ways(pfc__psweep *w, pfc_error *err) {
  pfc_profile p = profile_now(w->d, w->s);
  return pfc__psweep_chunks(w, 0, find_ways, &p, err);
}
