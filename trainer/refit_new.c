/* What is new to a champion. */
#include "datasets/episodes.h"
#include "trainer/offers.h"
#include "trainer/refit_internal.h"
#include "trainer/train_internal.h"

typedef struct counting {
  const pfc__training *t;     /* the view of the refit */
  const pfc_bundle *champion; /* NULL: all is new */
  int64_t n_new, n_all;
} counting;

static void count(counting *c, bool is_new) {
  c->n_all++;
  c->n_new += is_new;
}

/* The days that a champion knows end with this one. */
static bool is_later(const counting *c, double day) {
  return !c->champion || c->champion->trained_as_of == PFC_NO_DATE ||
         day > c->champion->trained_as_of;
}

/* Known then, and old enough then to count. */
static bool had_result(const counting *c, const pfc_attempt *a, int32_t start) {
  if (a->known == PFC_NO_DATE || is_later(c, a->known)) return false;
  return pfc_catalogue_is_mature(c->t->cat, a->intervention, start,
                                 c->champion->trained_as_of + 1);
}

static void count_results(counting *c) {
  const pfc_history *h = c->t->history;
  for (int64_t i = 0; i < h->first_attempt[h->n_people]; i++) {
    const pfc_attempt *a = &h->attempts[i];
    const int32_t start = h->dated ? a->start : PFC_NO_DATE;
    if (!a->started || a->result < 0) continue;
    if (!pfc_catalogue_is_mature(c->t->cat, a->intervention, start, c->t->today)) continue;
    count(c, !had_result(c, a, start));
  }
}

static pfc_status count_answers(counting *c, pfc_error *err) {
  pfc_offers *offers = NULL;
  const pfc_status st = pfc_offers_create(c->t->history, &offers, err);
  for (int64_t i = 0; st == PFC_OK && i < offers->n; i++)
    count(c, is_later(c, offers->at[i].d.date));
  pfc_offers_destroy(offers);
  return st;
}

static pfc_status count_ends(counting *c, pfc_error *err) {
  pfc_episodes *episodes = NULL;
  const pfc_status st = pfc_episodes_create(c->t->view, c->t->history, &episodes, err);
  for (int64_t i = 0; st == PFC_OK && i < episodes->n; i++) {
    const pfc_episode *e = &episodes->at[i];
    if (e->event == PFC_CENSORED || e->start == PFC_NO_DATE) continue;
    count(c, is_later(c, e->start + e->duration_days));
  }
  pfc_episodes_destroy(episodes);
  return st;
}

pfc_status pfc__refit_count(const pfc_dataset *view, const pfc_bundle *champion, int64_t *n_new,
                            int64_t *n_all, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc__training t = {0};
  counting c = {.t = &t, .champion = champion};
  PFC_TRY(pfc__world_init(&t, view, err));
  count_results(&c);
  PFC_TRY(count_answers(&c, err));
  PFC_TRY(count_ends(&c, err));
  *n_new = c.n_new;
  *n_all = c.n_all;
done:
  pfc__world_clear(&t);
  return st;
}
