/* The report to read. The verdicts come first: they are what it is for. */
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/utf8.h"
#include "cli/check.h"
#include "cli/output_internal.h"

enum { LINE = 2048, MARGIN = 2, MAX_FEEDS = 8 };

typedef struct page {
  const check_report *r;
  FILE *to;
  int width;
} page;

static void heading(const page *p, const char *title, const char *remark) {
  (void)fprintf(p->to, "\n%s%s%s\n", title, *remark ? "  " : "", remark);
}

/* A lead of `indent` columns, then a text that goes on below itself. */
static void PFC_PRINTF(4, 5)
    line(const page *p, int indent, const char *lead, const char *fmt, ...) {
  char text[LINE];
  va_list args;
  va_start(args, fmt);
  (void)vsnprintf(text, sizeof text, fmt, args);
  va_end(args);
  text[pfc_utf8_cut(text, sizeof text - 1)] = '\0';
  output_put_padded(p->to, lead, indent - MARGIN, MARGIN);
  output_wrap(p->to, text, p->width > indent + 20 ? p->width - indent : 20, indent);
  (void)fputc('\n', p->to);
}

/* "12.3 %"; a share that is not 0 does not look like 0, nor one below 1 like 1. */
static const char *percent(int64_t n, int64_t of, char text[16]) {
  const double share = of > 0 ? 100 * (double)n / (double)of : 0;
  const bool tiny = n > 0 && share < 0.1, nearly = n < of && share > 99.9;
  (void)snprintf(text, 16, "%s%.*f %%",
                 tiny     ? "< "
                 : nearly ? "> "
                          : "",
                 share == floor(share) && !tiny && !nearly ? 0 : 1,
                 tiny     ? 0.1
                 : nearly ? 99.9
                          : share);
  return text;
}

/* "2015-06-01, 30 days old"; "no dates". */
static const char *freshness(const check_report *r, int32_t latest, char text[64]) {
  char date[PFC_DATE_TEXT];
  const int64_t age = check_age(r, latest);
  if (age == NO_INT) return "no dates";
  pfc_date_format(latest, date);
  (void)snprintf(text, 64, "%s, %lld day%s %s", date, (long long)(age < 0 ? -age : age),
                 age == 1 || age == -1 ? "" : "s", age < 0 ? "AHEAD" : "old");
  return text;
}

/* --- models -------------------------------------------------------------------------- */

/* "24 proficient (3.4 a variable), 5 dropped (0.7 a variable)" */
static void put_events(const page *p, const pfc_ready_model *m, int indent) {
  char text[LINE] = "";
  size_t at = 0;
  if (m->n_events == 0 || m->n_rows == 0) return;
  for (int k = 0; k < m->n_events && at < sizeof text; k++) {
    const pfc_ready_events *e = &m->events[k];
    at += (size_t)snprintf(text + at, sizeof text - at, "%s%lld %s", k ? ", " : "",
                           (long long)e->n, e->name);
    if (isnan(e->per_variable) || e->n == 0 || at >= sizeof text) continue;
    at += (size_t)snprintf(text + at, sizeof text - at, " (%.*f a variable)",
                           e->per_variable < 10 ? 1 : 0, e->per_variable);
  }
  if (m->n_columns == 0) {
    line(p, indent, "", "%s", text);
    return;
  }
  line(p, indent, "",
       "%s; %d variables, and %d columns for names of people, roles, interventions ...", text,
       m->n_variables, m->n_columns - m->n_variables);
}

/* "1900 offers shown; 300 offers without an answer (15.8 %)" */
static void put_facts(const page *p, const pfc_ready_model *m, int indent) {
  char text[LINE] = "", share[16];
  size_t at = 0;
  for (int k = 0; k < m->n_facts && at < sizeof text; k++) {
    const pfc_ready_fact *f = &m->facts[k];
    at += (size_t)snprintf(text + at, sizeof text - at, "%s%lld %s", k ? "; " : "",
                           (long long)f->n, f->name);
    if (f->of == 0 || at >= sizeof text) continue;
    at += (size_t)snprintf(text + at, sizeof text - at, " (%s)", percent(f->n, f->of, share));
  }
  if (*text) line(p, indent, "", "%s", text);
  if (*m->remark) line(p, indent, "", "%s", m->remark);
}

static void put_model(const page *p, const pfc_ready_model *m) {
  static const char *const ROWS[] = {"pairs of person and intervention",
                                     "starts with a known result", "episodes", "ratings",
                                     "offers with an answer"};
  enum { INDENT = 22 };
  char lead[64];
  const bool required = (p->r->required & m->bit) != 0;
  (void)snprintf(lead, sizeof lead, "%-9s %s%s", m->model, pfc_verdict_name(m->verdict),
                 required ? " *" : "");
  line(p, INDENT, lead, "%lld %s", (long long)m->n_rows,
       ROWS[m->bit == PFC_TRAIN_AFFINITY  ? 0
            : m->bit == PFC_TRAIN_SUCCESS ? 1
            : m->bit == PFC_TRAIN_TIME    ? 2
            : m->bit == PFC_TRAIN_PROFILE ? 3
                                          : 4]);
  put_events(p, m, INDENT);
  put_facts(p, m, INDENT);
  if (*m->reason) line(p, INDENT, "", "%s", m->reason);
  for (int k = 0; k < m->n_warnings; k++) line(p, INDENT, "", "%s", m->warning[k]);
  if (*m->change) line(p, INDENT, "", "To change that: %s", m->change);
}

static void put_models(const page *p) {
  char remark[PFC_SPLIT_TEXT + 64];
  (void)snprintf(remark, sizeof remark, "(training rows: %s%s%s)",
                 strcmp(p->r->rows, "all") == 0 ? "" : "split ", p->r->rows,
                 p->r->required ? "; * required" : "");
  heading(p, "MODELS", remark);
  for (int k = 0; k < p->r->readiness.n_models; k++) put_model(p, &p->r->readiness.models[k]);
}

/* --- contradictions ------------------------------------------------------------------ */

static void put_finding(const page *p, const pfc_quality_finding *f) {
  enum { INDENT = 6 };
  char share[16], lead[48];
  line(p, MARGIN, "", "%s: %lld of %lld (%s)", f->name, (long long)f->n, (long long)f->of,
       percent(f->n, f->of, share));
  line(p, INDENT, "", "%s", f->meaning);
  for (int k = 0; k < f->n_examples; k++) {
    (void)snprintf(lead, sizeof lead, "    row %lld: ", (long long)f->example[k].row);
    line(p, (int)strlen(lead) + MARGIN, lead, "%s", f->example[k].text);
  }
}

/* Adds a name to a list. */
static void add_name(char text[LINE], const char *name) {
  const size_t at = strlen(text);
  (void)snprintf(text + at, LINE - at, "%s%s", at ? ", " : "", name);
}

/* What the rules that were not checked lack, each column once; a table without rows breaks
 * no rule, and is no lack. */
static void list_lacks(const pfc_quality *q, char text[LINE]) {
  for (int k = 0; k < q->n_findings; k++) {
    const char *lacks = q->findings[k].lacks;
    bool is_known = !*lacks || strcmp(lacks, "rows") == 0;
    for (int i = 0; i < k && !is_known; i++)
      is_known = strcmp(q->findings[i].lacks, lacks) == 0;
    if (!is_known) add_name(text, strcmp(lacks, "as_of") == 0 ? "--as-of" : lacks);
  }
}

static void put_findings(const page *p) {
  char kept[LINE] = "", lacks[LINE] = "", remark[64];
  const pfc_quality *q = p->r->quality;
  int n_broken = 0, n_checked = 0;
  for (int k = 0; k < q->n_findings; k++) {
    n_broken += q->findings[k].n > 0;
    n_checked += q->findings[k].is_checked;
  }
  (void)snprintf(remark, sizeof remark, "(%d of %d checked rules are broken; there are %d)",
                 n_broken, n_checked, q->n_findings);
  heading(p, "CONTRADICTIONS", remark);
  for (int k = 0; k < q->n_findings; k++)
    if (q->findings[k].n > 0) put_finding(p, &q->findings[k]);
  for (int k = 0; k < q->n_findings; k++)
    if (q->findings[k].is_checked && q->findings[k].n == 0) add_name(kept, q->findings[k].name);
  list_lacks(q, lacks);
  if (*kept) line(p, MARGIN, "", "kept: %s", kept);
  if (*lacks) line(p, MARGIN, "", "more rules could be checked with: %s", lacks);
}

/* --- coverage and sources ------------------------------------------------------------ */

static void put_coverage(const page *p) {
  char share[16], other[16], names[LINE] = "";
  size_t at = 0;
  const pfc_quality_coverage *c = &p->r->quality->coverage;
  heading(p, "COVERAGE", "");
  line(p, MARGIN, "", "%d of %d competencies have an assessment", c->n_comp_assessed,
       c->n_competencies);
  if (c->n_required == 0) {
    line(p, MARGIN, "", "no role requires a competency: there are no gaps to close yet");
    return;
  }
  if (c->n_people == 0) {
    line(p, MARGIN, "", "nobody holds a role that requires a competency");
  } else {
    line(p, MARGIN, "",
         "required: %lld cells of %d people; %s are assessed, %s by somebody other than the "
         "person",
         (long long)c->n_cells, c->n_people, percent(c->n_assessed, c->n_cells, share),
         percent(c->n_by_others, c->n_cells, other));
    line(p, MARGIN, "",
         "%d of %d people have no assessment of anything that their role requires",
         c->n_people_none, c->n_people);
  }
  for (int k = 0; k < c->n_examples && at < sizeof names; k++)
    at +=
        (size_t)snprintf(names + at, sizeof names - at, "%s%s", k ? ", " : ": ", c->example[k]);
  line(p, MARGIN, "", "%d of %d required competencies were never assessed%s%s", c->n_unassessed,
       c->n_required, names, c->n_unassessed > c->n_examples ? " ..." : "");
  line(p, MARGIN, "", "%d of the %d are the target of no intervention", c->n_untargeted,
       c->n_required);
}

static void put_sources(const page *p) {
  const pfc_quality *q = p->r->quality;
  bool has_anchor = false;
  char share[16];
  if (q->n_sources == 0) return;
  for (int k = 0; k < q->n_sources; k++) has_anchor |= q->sources[k].is_anchor;
  heading(p, "SOURCES",
          q->is_absolute ? "(levels are absolute: every source is tied to an anchor)"
          : has_anchor   ? "(some levels are relative)"
                         : "(levels are relative: no anchor has assessed anybody)");
  for (int k = 0; k < q->n_sources; k++) {
    const pfc_quality_source *s = &q->sources[k];
    const char *name = *s->source ? s->source : "(none)";
    if (s->is_anchor) {
      line(p, 26, name, "%lld rows, %lld cells; an anchor", (long long)s->n_rows,
           (long long)s->n_cells);
      continue;
    }
    line(p, 26, name, "%lld rows, %lld cells, %s of them shared with an anchor%s",
         (long long)s->n_rows, (long long)s->n_cells, percent(s->n_shared, s->n_cells, share),
         s->is_connected ? "" : "; RELATIVE: nothing ties it to one");
  }
}

/* --- tables and feeds ---------------------------------------------------------------- */

static void put_missing(const page *p, const pfc_quality_table *t) {
  char text[LINE] = "", absent[LINE] = "", share[16];
  size_t at = 0, not_at = 0;
  for (int k = 0; k < p->r->quality->n_columns; k++) {
    const pfc_quality_column *c = &p->r->quality->columns[k];
    if (c->table != t->table) continue;
    if (!c->is_there && not_at < sizeof absent)
      not_at += (size_t)snprintf(absent + not_at, sizeof absent - not_at, "%s%s",
                                 not_at ? ", " : "", c->name);
    if (!c->is_there || c->n_missing == 0 || at >= sizeof text) continue;
    at += (size_t)snprintf(text + at, sizeof text - at, "%s%s %s%s", at ? ", " : "", c->name,
                           percent(c->n_missing, t->n_rows, share),
                           c->is_open ? " (may be empty)" : "");
  }
  if (*text) line(p, 6, "", "empty: %s", text);
  if (*absent) line(p, 6, "", "not given: %s", absent);
}

static void put_tables(const page *p) {
  char fresh[64];
  heading(p, "TABLES", "");
  for (int k = 0; k < p->r->quality->n_tables; k++) {
    const pfc_quality_table *t = &p->r->quality->tables[k];
    const char *name = pfc_schema(t->table)->name;
    const char *date = t->has_facts ? freshness(p->r, t->latest, fresh) : "";
    const char *gap = t->has_facts ? "; " : "";
    if (t->rows_rejected > 0) {
      line(p, 18, name, "%lld rows, %lld of %lld read were rejected%s%s", (long long)t->n_rows,
           (long long)t->rows_rejected, (long long)t->rows_read, gap, date);
    } else {
      line(p, 18, name, "%lld rows%s%s", (long long)t->n_rows, gap, date);
    }
    put_missing(p, t);
  }
}

static bool is_same_feed(const pfc_quality_feed *a, const pfc_quality_feed *b) {
  return a->table == b->table && strcmp(a->by, b->by) == 0;
}

static void put_feeds(const page *p) {
  const pfc_quality *q = p->r->quality;
  if (q->n_feeds == 0) return;
  heading(p, "FEEDS", "");
  for (int k = 0, next; k < q->n_feeds; k = next) {
    for (next = k; next < q->n_feeds && is_same_feed(&q->feeds[k], &q->feeds[next]);) next++;
    line(p, MARGIN, "", "%s by %s", pfc_schema(q->feeds[k].table)->name, q->feeds[k].by);
    for (int i = k; i < next && i < k + MAX_FEEDS; i++) {
      char fresh[64], lead[64];
      const pfc_quality_feed *f = &q->feeds[i];
      (void)snprintf(lead, sizeof lead, "  %s", *f->word ? f->word : "(none)");
      line(p, 26, lead, "%lld rows; %s", (long long)f->n_rows,
           freshness(p->r, f->latest, fresh));
    }
    if (next - k > MAX_FEEDS) line(p, MARGIN + 4, "", "... and %d more", next - k - MAX_FEEDS);
  }
}

void check_text(const check_report *r, FILE *to, int width) {
  const page p = {r, to, width};
  char date[PFC_DATE_TEXT];
  pfc_date_format(r->quality->as_of, date);
  (void)fprintf(to, "Readiness of %s, as of %s%s\n", r->file, *date ? date : "no day",
                r->as_of_given ? ""
                : *date        ? ", the latest day in it"
                               : ": it has no dates");
  put_models(&p);
  put_findings(&p);
  put_coverage(&p);
  put_sources(&p);
  put_tables(&p);
  put_feeds(&p);
}
