/* The feedback store of a build without SQLite: there is none, and who asks for it is told. No
 * store is ever opened, so nothing else is ever asked of one. */
#include "datasets/feedback_store.h"

pfc_status pfc_store_supported(pfc_error *err) {
  return pfc_fail(err, PFC_EUSAGE,
                  "this build has no feedback store: it was configured with PFC_SQLITE=OFF");
}

pfc_status pfc_store_open(const char *path, pfc_store_mode mode, pfc_store **store,
                          pfc_error *err) {
  (void)path;
  (void)mode;
  (void)store;
  return pfc_store_supported(err);
}

void pfc_store_close(pfc_store *s) { (void)s; }

pfc_status pfc_store_begin(pfc_store *s, pfc_error *err) {
  (void)s;
  return pfc_store_supported(err);
}

pfc_status pfc_store_add(pfc_store *s, const pfc_event *e, int64_t recorded_at, bool *is_new,
                         pfc_error *err) {
  (void)s;
  (void)e;
  (void)recorded_at;
  (void)is_new;
  return pfc_store_supported(err);
}

pfc_status pfc_store_commit(pfc_store *s, pfc_error *err) {
  (void)s;
  return pfc_store_supported(err);
}

void pfc_store_rollback(pfc_store *s) { (void)s; }

int64_t pfc_store_size(const pfc_store *s) {
  (void)s;
  return 0;
}

void pfc_store_head(const pfc_store *s, char head[PFC_HEAD_TEXT]) {
  (void)s;
  head[0] = '\0';
}

pfc_status pfc_store_each(pfc_store *s, int64_t after, pfc_event_fn fn, void *user,
                          pfc_error *err) {
  (void)s;
  (void)after;
  (void)fn;
  (void)user;
  return pfc_store_supported(err);
}

pfc_status pfc_store_verify(pfc_store *s, const char *head, pfc_store_verdict *verdict,
                            pfc_error *err) {
  (void)s;
  (void)head;
  (void)verdict;
  return pfc_store_supported(err);
}
