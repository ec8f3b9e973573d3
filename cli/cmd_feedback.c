#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/date.h"
#include "base/json.h"
#include "base/mem.h"
#include "cli/common.h"
#include "cli/noted_head.h"
#include "cli/rejects.h"
#include "cli/signals.h"
#include "datasets/feedback_store.h"

enum { KEY_STORE = OWN_KEY, KEY_HEAD, KEY_SINCE, KEY_REJECTS };

typedef struct feedback_options {
  const char *store, *head, *rejects;
  int64_t since;
} feedback_options;

static pfc_status take_since(feedback_options *o, const char *arg, pfc_error *err) {
  char *end = NULL;
  o->since = strtoll(arg, &end, 10);
  if (end != arg && *end == '\0' && o->since >= 0) return PFC_OK;
  return pfc_fail(err, PFC_EUSAGE,
                  "--since: the number of an event, 0 or more, expected, not '%s'", arg);
}

static pfc_status take(int key, const char *arg, void *own, pfc_error *err) {
  feedback_options *o = own;
  if (key == KEY_STORE) o->store = arg;
  if (key == KEY_HEAD) o->head = arg;
  if (key == KEY_REJECTS) o->rejects = arg;
  return key == KEY_SINCE ? take_since(o, arg, err) : PFC_OK;
}

static const struct argp_option OPTIONS[] = {
    {"store", KEY_STORE, "FILE", 0, "the feedback store; add and import create it", 0},
    {"head", KEY_HEAD, "HEAD|MODEL", 0,
     "verify: the head that was printed earlier, or where it was noted: a model, "
     "REGISTRY/@champion, the manifest of lists; events cut off since then show",
     0},
    {"since", KEY_SINCE, "N", 0, "export: events after number N [0]", 0},
    {"rejects", KEY_REJECTS, "FILE", 0,
     "import: rows that are wrong, and why [FILE of the store.rejects.csv]", 0},
    {0},
};

/* What a command did to the store. */
typedef struct tally {
  int64_t added, replayed;
} tally;

static int64_t now(void) { return (int64_t)time(NULL); }

static pfc_status report(common *c, const pfc_store *s, const tally *t, pfc_error *err) {
  pfc_status st = PFC_OK;
  cJSON *json = NULL;
  char head[PFC_HEAD_TEXT];
  pfc_store_head(s, head);
  common_note(c, "%" PRId64 " added, %" PRId64 " there already; head %s", t->added, t->replayed,
              head);
  PFC_TRY(common_object(c, &json, err));
  PFC_TRY(pfc_json_put_text(json, "of", c->args[0], err));
  PFC_TRY(pfc_json_put_number(json, "added", (double)t->added, err));
  PFC_TRY(pfc_json_put_number(json, "replayed", (double)t->replayed, err));
  PFC_TRY(pfc_json_put_number(json, "events", (double)pfc_store_size(s), err));
  PFC_TRY(pfc_json_put_text(json, "head", head, err));
  PFC_TRY(common_print(c, json, err));
done:
  cJSON_Delete(json);
  return st;
}

/* --- add -----------------------------------------------------------------------------------
 */

/* Sets a field from NAME=VALUE. */
static pfc_status set_field(pfc_event *e, const char *arg, pfc_error *err) {
  char name[64];
  const char *value = strchr(arg, '=');
  if (!value || value - arg >= (ptrdiff_t)sizeof name)
    return pfc_fail(err, PFC_EUSAGE, "NAME=VALUE expected, such as kind=accepted, not '%.100s'",
                    arg);
  (void)snprintf(name, sizeof name, "%.*s", (int)(value - arg), arg);
  return pfc_event_set(e, name, value + 1, err);
}

static pfc_status add_event(common *c, pfc_store *s, tally *t, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc_event e;
  bool is_new;
  pfc_event_init(&e);
  for (int k = 1; k < c->n_args; k++) PFC_TRY(set_field(&e, c->args[k], err));
  PFC_TRY(pfc_store_begin(s, err));
  PFC_TRY(pfc_store_add(s, &e, now(), &is_new, err));
  PFC_TRY(pfc_store_commit(s, err));
  *t = (tally){.added = is_new, .replayed = !is_new};
done:
  return st;
}

/* --- import --------------------------------------------------------------------------------
 */

typedef struct intake {
  pfc_store *store;
  int64_t recorded_at;
  tally tally;
} intake;

static pfc_status take_event(const pfc_event *e, int64_t line, void *user, pfc_error *err) {
  intake *in = user;
  bool is_new;
  (void)line;
  const pfc_status st = pfc_store_add(in->store, e, in->recorded_at, &is_new, err);
  if (st != PFC_OK) return st;
  in->tally.added += is_new;
  in->tally.replayed += !is_new;
  return signals_check(err);
}

/* One file, one batch: all of it or nothing. */
static pfc_status import_file(const char *path, const char *encoding, rejects *r, intake *in,
                              pfc_error *err) {
  pfc_status st = PFC_OK;
  const tally before = in->tally;
  pfc_feedback_file file = {.encoding = encoding, .on_reject = rejects_add, .reject_user = r};
  PFC_TRY(pfc_store_begin(in->store, err));
  PFC_TRY(pfc_feedback_read(path, &file, take_event, in, err));
  if (file.n_rejected > 0) {
    st = pfc_fail(err, PFC_EDATA,
                  "%s: %" PRId64 " of %" PRId64
                  " rows are wrong (%s); nothing of the file was taken: mend it and import it "
                  "again; %s names each row",
                  path, file.n_rejected, file.n_rows, r->told[0], r->path);
    goto done;
  }
  PFC_TRY(pfc_store_commit(in->store, err));
done:
  if (st != PFC_OK) in->tally = before;
  pfc_store_rollback(in->store);
  return st;
}

static pfc_status import_files(common *c, const feedback_options *o, pfc_store *s, tally *t,
                               pfc_error *err) {
  pfc_status st = PFC_OK;
  char path[PATH_MAX];
  intake in = {.store = s, .recorded_at = now()};
  rejects r = {.path = o->rejects ? o->rejects : path};
  (void)snprintf(path, sizeof path, "%s.rejects.csv", o->store);
  for (int k = 1; k < c->n_args && st == PFC_OK; k++)
    st = import_file(c->args[k], c->settings.encoding, &r, &in, err);
  *t = in.tally;
  if (st == PFC_EDATA && r.n > 0 && rejects_commit(&r, false, err) != PFC_OK) st = PFC_EIO;
  rejects_drop(&r);
  return st;
}

/* --- export --------------------------------------------------------------------------------
 */

static const output_column COLUMNS[] = {
    {"number", COLUMN_INT, false},        {"event_id", COLUMN_TEXT, false},
    {"person_id", COLUMN_TEXT, false},    {"intervention_id", COLUMN_TEXT, false},
    {"at", COLUMN_TEXT, false},           {"kind", COLUMN_TEXT, false},
    {"position", COLUMN_INT, true},       {"propensity", COLUMN_REAL, true},
    {"model_version", COLUMN_TEXT, true}, {"value", COLUMN_REAL, false},
    {"reason", COLUMN_TEXT, true},        {"actor", COLUMN_TEXT, true},
    {"competency_id", COLUMN_TEXT, true}, {"corrects", COLUMN_TEXT, true}};

static pfc_status put_event(const pfc_event *e, int64_t number, void *user, pfc_error *err) {
  char at[PFC_TIME_TEXT];
  pfc_time_format(e->at, at);
  const cell row[] = {cell_int(number),
                      cell_text(e->event_id),
                      cell_text(e->person_id),
                      cell_text(e->intervention_id),
                      cell_text(at),
                      cell_text(e->kind),
                      cell_int(e->position == INT32_MIN ? NO_INT : e->position),
                      cell_real(e->propensity),
                      cell_text(e->model_version),
                      cell_real(e->value),
                      cell_text(e->reason),
                      cell_text(e->actor),
                      cell_text(e->competency_id),
                      cell_text(e->corrects)};
  return table_row(user, row, err);
}

static pfc_status export_events(common *c, const feedback_options *o, pfc_store *s,
                                pfc_error *err) {
  pfc_status st = PFC_OK;
  output *out = NULL;
  PFC_TRY(common_table(c, sizeof COLUMNS / sizeof *COLUMNS, COLUMNS, &out, err));
  PFC_TRY(pfc_store_each(s, o->since, put_event, out, err));
  PFC_TRY(table_close(out, err));
done:
  output_destroy(out);
  return st;
}

/* --- verify --------------------------------------------------------------------------------
 */

static pfc_status tell_verdict(common *c, const pfc_store_verdict *v, pfc_error *err) {
  pfc_status st = PFC_OK;
  cJSON *json = NULL;
  PFC_TRY(common_object(c, &json, err));
  PFC_TRY(pfc_json_put_text(json, "of", c->args[0], err));
  PFC_TRY(pfc_json_put_number(json, "events", (double)v->n, err));
  PFC_TRY(pfc_json_put_text(json, "head", v->head, err));
  if (!cJSON_AddBoolToObject(json, "good", v->is_good)) {
    st = pfc_fail_memory(err, "verdict");
    goto done;
  }
  if (!v->is_good) PFC_TRY(pfc_json_put_number(json, "bad", (double)v->bad, err));
  if (!v->is_good) PFC_TRY(pfc_json_put_text(json, "what", v->what, err));
  PFC_TRY(common_print(c, json, err));
done:
  cJSON_Delete(json);
  return st;
}

static pfc_status verify(common *c, const feedback_options *o, pfc_store *s, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc_store_verdict v;
  char head[PFC_HEAD_TEXT];
  if (o->head) PFC_TRY(noted_head(o->head, head, err));
  PFC_TRY(pfc_store_verify(s, o->head ? head : NULL, &v, err));
  PFC_TRY(tell_verdict(c, &v, err));
  if (!c->json) (void)printf("%" PRId64 " events, head %s\n", v.n, v.head);
  if (!v.is_good)
    st = pfc_fail(err, PFC_EFORMAT, "%s: event %" PRId64 "%s%s%s: %s", o->store, v.bad,
                  v.event_id[0] ? " ('" : "", v.event_id, v.event_id[0] ? "')" : "", v.what);
done:
  return st;
}

/* --- all of them ---------------------------------------------------------------------------
 */

static pfc_status write_to(common *c, const feedback_options *o, bool is_add, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc_store *s = NULL;
  tally t = {0};
  if (c->n_args < 2)
    return pfc_fail(
        err, PFC_EUSAGE,
        is_add ? "say what happened: NAME=VALUE ..." : "name the files to take events from");
  PFC_TRY(pfc_store_open(o->store, PFC_STORE_WRITE, &s, err));
  PFC_TRY(is_add ? add_event(c, s, &t, err) : import_files(c, o, s, &t, err));
  PFC_TRY(report(c, s, &t, err));
done:
  pfc_store_close(s);
  return st;
}

static pfc_status read_from(common *c, const feedback_options *o, bool is_export,
                            pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc_store *s = NULL;
  if (c->n_args > 1)
    return pfc_fail(err, PFC_EUSAGE, "nothing expected behind '%s', not '%.100s'", c->args[0],
                    c->args[1]);
  PFC_TRY(pfc_store_open(o->store, PFC_STORE_READ, &s, err));
  PFC_TRY(is_export ? export_events(c, o, s, err) : verify(c, o, s, err));
done:
  pfc_store_close(s);
  return st;
}

static pfc_status run(common *c, pfc_error *err) {
  const feedback_options *o = c->own;
  const char *what = c->args[0];
  if (!o->store)
    return pfc_fail(err, PFC_EUSAGE, "--store FILE: the feedback store is missing");
  if (strcmp(what, "add") == 0) return write_to(c, o, true, err);
  if (strcmp(what, "import") == 0) return write_to(c, o, false, err);
  if (strcmp(what, "export") == 0) return read_from(c, o, true, err);
  if (strcmp(what, "verify") == 0) return read_from(c, o, false, err);
  return pfc_fail(err, PFC_EUSAGE, "add, import, export or verify expected, not '%.100s'",
                  what);
}

static const command_spec SPEC = {
    .name = "feedback",
    .args = "add|import|export|verify",
    .min_args = 1,
    .max_args = INT_MAX,
    .doc =
        "Keeps what people did with recommendations: events that are durable once the command "
        "has ended, each once however often it is sent, in an order that cannot be changed "
        "unseen. docs/FEEDBACK.md tells more.",
    .example =
        "  proficio feedback add --store feedback.db event_id=e1 person_id=P1 "
        "intervention_id=sql kind=accepted at=2025-04-03\n"
        "  proficio feedback import answers.csv --store feedback.db\n"
        "  proficio feedback export --store feedback.db -o events.jsonl\n"
        "  proficio feedback verify --store feedback.db\n",
    .takes = TAKES_FORMAT | TABLE_TO_O,
    .output_doc = "export: the events [standard output]",
    .options = OPTIONS,
    .take = take,
    .run = run,
};

int cmd_feedback(int argc, char **argv) {
  feedback_options o = {0};
  return common_main(&SPEC, argc, argv, &o);
}
