/* What is new to a champion: by its ledgers, which name every row that it has absorbed; a model
 * that keeps none, or that there was not, is gone by the days that the champion knows. */
#include "base/digest.h"
#include "datasets/episodes.h"
#include "engine/rules.h"
#include "trainer/offers.h"
#include "trainer/refit_internal.h"
#include "trainer/train_spells.h"

typedef struct counting {
  const pfc__training *t;     /* the view of the refit */
  const pfc_bundle *champion; /* NULL: all is new */
  const pfc_dict *people, *interventions, *competencies;
  pfc_sha256 *digest;
  int64_t n_new, n_all;
} counting;

static void count(counting *c, bool is_new) {
  c->n_all++;
  c->n_new += is_new;
}

/* Place in a ledger, -1: it is not there. */
static int64_t find(const counting *c, const pfc_ledger *l, int32_t person,
                    int32_t intervention, int32_t competency, int32_t start) {
  const char *of = competency >= 0 ? pfc_dict_text(c->competencies, competency) : "";
  const char *who = person >= 0 ? pfc_dict_text(c->people, person) : "";
  const char *what = intervention >= 0 ? pfc_dict_text(c->interventions, intervention) : "";
  return pfc_ledger_find(l, pfc_ledger_key(c->digest, who, what, of, start));
}

/* The days that a champion knows end with trained_as_of. */
static bool is_later(const counting *c, double day) {
  return c->champion->trained_as_of == PFC_NO_DATE || day > c->champion->trained_as_of;
}

/* --- outcomes of starts ------------------------------------------------------------------- */

/* Known then, and old enough then to count. */
static bool had_result(const counting *c, const pfc_attempt *a, int32_t start) {
  if (a->known == PFC_NO_DATE || is_later(c, a->known)) return false;
  return pfc_catalogue_is_mature(c->t->cat, a->intervention, start,
                                 c->champion->trained_as_of + 1);
}

static void count_result(counting *c, int32_t person, const pfc_attempt *a) {
  const bool dated = c->t->history->dated;
  const int32_t start = dated ? a->start : PFC_NO_DATE;
  if (!a->started || a->result < 0) return;
  if (!pfc_catalogue_is_mature(c->t->cat, a->intervention, start, c->t->today)) return;
  if (!c->champion) {
    count(c, true);
  } else if (c->champion->success.ledger.n > 0) {
    count(c, find(c, &c->champion->success.ledger, person, a->intervention, -1, start) < 0);
  } else {
    count(c, !had_result(c, a, start));
  }
}

static void count_results(counting *c) {
  const pfc_history *h = c->t->history;
  for (int32_t p = 0; p < h->n_people; p++)
    for (int64_t i = h->first_attempt[p]; i < h->first_attempt[p + 1]; i++)
      count_result(c, p, &h->attempts[i]);
}

/* --- answers to offers -------------------------------------------------------------------- */

static void count_answer(counting *c, const pfc_decision *d) {
  if (!c->champion) {
    count(c, true);
  } else if (c->champion->accept.ledger.n > 0) {
    count(c, find(c, &c->champion->accept.ledger, d->person, d->intervention, -1, d->date) < 0);
  } else {
    count(c, is_later(c, d->date));
  }
}

/* The offers that would train: those that the rules let through. */
static pfc_status count_answers(counting *c, pfc_error *err) {
  pfc_status st = PFC_OK;
  const pfc_history *h = c->t->history;
  pfc_offers *offers = NULL;
  pfc_rule_settings rules;
  pfc_rule_defaults(&rules);
  PFC_TRY(pfc_offers_create(h, &offers, err));
  if (offers->n == 0) goto done;
  PFC_TRY(pfc_offers_bar(offers, h, c->champion, &rules, err));
  for (int64_t i = 0; i < offers->n; i++) count_answer(c, &offers->at[i].d);
done:
  pfc_offers_destroy(offers);
  return st;
}

/* --- ends of episodes --------------------------------------------------------------------- */

static void count_end(counting *c, const pfc_episode *e) {
  if (e->event == PFC_CENSORED || e->start == PFC_NO_DATE) return;
  if (!c->champion) {
    count(c, true);
    return;
  }
  const pfc_ledger *l = &c->champion->time.ledger;
  if (l->n > 0 && !pfc__spell_is_ripe(c->t, e, c->champion->time.horizon_days)) return;
  const int64_t at =
      l->n > 0 ? find(c, l, e->person, e->intervention, e->competency, e->start) : -1;
  const bool is_told =
      l->n > 0 ? at >= 0 && l->days[at] < 0 : !is_later(c, e->start + e->duration_days);
  count(c, !is_told);
}

static pfc_status count_ends(counting *c, pfc_error *err) {
  pfc_episodes *episodes = NULL;
  const pfc_status st = pfc_episodes_create(c->t->view, c->t->history, &episodes, err);
  for (int64_t i = 0; st == PFC_OK && i < episodes->n; i++) count_end(c, &episodes->at[i]);
  pfc_episodes_destroy(episodes);
  return st;
}

/* --- all of it ---------------------------------------------------------------------------- */

pfc_status pfc__refit_count(const pfc_dataset *view, const pfc_bundle *champion, int64_t *n_new,
                            int64_t *n_all, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc__training t = {0};
  counting c = {.t = &t, .champion = champion, .digest = pfc_sha256_create()};
  if (!c.digest) return pfc_fail_memory(err, "refit");
  PFC_TRY(pfc__world_init(&t, view, err));
  c.people = pfc_dataset_find_dict(t.view, "person");
  c.interventions = pfc_dataset_find_dict(t.view, "intervention");
  c.competencies = pfc_dataset_find_dict(t.view, "competency");
  count_results(&c);
  PFC_TRY(count_answers(&c, err));
  PFC_TRY(count_ends(&c, err));
  *n_new = c.n_new;
  *n_all = c.n_all;
done:
  pfc_sha256_destroy(c.digest);
  pfc__world_clear(&t);
  return st;
}
