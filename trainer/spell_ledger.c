/* By what spells are known to a later fit, and how far each was told. */
#include "base/mem.h"
#include "trainer/train_spells.h"

static const char *id_of(const pfc__training *t, const char *dictionary, int32_t code) {
  const pfc_dict *dict = pfc_dataset_find_dict(t->view, dictionary);
  return code >= 0 && dict ? pfc_dict_text(dict, code) : "";
}

uint64_t pfc__spell_key(const pfc__training *t, pfc_sha256 *digest, const pfc_episode *spell,
                        bool of_target) {
  return pfc_ledger_key(digest, id_of(t, "person", spell->person),
                        of_target ? id_of(t, "intervention", spell->intervention) : "",
                        id_of(t, "competency", spell->competency), spell->start);
}

bool pfc__spell_is_ripe(const pfc__training *t, const pfc_episode *spell, double horizon) {
  if (spell->start == PFC_NO_DATE || t->today == PFC_NO_DATE) return true;
  return (double)t->today - spell->start >= horizon;
}

int64_t pfc__spells_ripe(const pfc__spells *d, double horizon) {
  int64_t n = 0;
  while (n < d->n && pfc__spell_is_ripe(d->t, &d->spell[n], horizon)) n++;
  return n;
}

pfc_status pfc__spells_ledger(const pfc__spells *d, int64_t n, bool of_target,
                              pfc_ledger *ledger, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc_ledger all = {0};
  pfc_sha256 *digest = NULL;
  const pfc_ledger none = {0};
  PFC_NEW(all.key, n);
  PFC_NEW(all.days, n);
  if (!(digest = pfc_sha256_create())) {
    st = pfc_fail_memory(err, "ledger");
    goto done;
  }
  for (int64_t i = 0; i < n; i++) {
    const pfc_episode *at = &d->spell[i];
    if (at->person < 0) continue;
    all.key[all.n] = pfc__spell_key(d->t, digest, at, of_target);
    all.days[all.n++] =
        (float)(at->event == PFC_CENSORED ? at->duration_days : -at->duration_days);
  }
  PFC_TRY(pfc_ledger_join(&none, &all, ledger, err));
done:
  pfc_sha256_destroy(digest);
  pfc_ledger_clear(&all);
  return st;
}
