#include "engine/reasons.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/date.h"
#include "base/number.h"
#include "base/utf8.h"

/* A text[256] that grows: what does not fit is cut, and no part begins near the end. */
enum { ROOM = 256, NEAR_END = 250, MOST_NAME = 80, MOST_ACTOR = 60 };

typedef struct words {
  char *text;
  size_t n;
} words;

static void add(words *w, const char *from, size_t n) {
  if (n > ROOM - 1 - w->n) n = ROOM - 1 - w->n;
  memcpy(w->text + w->n, from, n);
  w->n += n;
  w->text[w->n] = '\0';
}

static void add_text(words *w, const char *text) { add(w, text, strlen(text)); }

/* At most so many bytes of it, and no half a letter. */
static void add_cut(words *w, const char *text, size_t most) {
  add(w, text, pfc_utf8_cut(text, most));
}

static void add_number(words *w, double value, int places) {
  char text[PFC_NUMBER_TEXT];
  const size_t n = pfc_number_format_places(value, places, text);
  if (n > 0) {
    add(w, text, n);
    return;
  }
  char longer[ROOM + 100];
  const int size = snprintf(longer, sizeof longer, "%.*f", places, value);
  add(w, longer, (size_t)size < sizeof longer ? (size_t)size : sizeof longer - 1);
}

/* "; " before all but the first; false: no room for another. */
static bool begin_part(words *w) {
  if (w->n > 0 && w->n < NEAR_END) add(w, "; ", 2);
  return w->n < NEAR_END;
}

static void add_part(words *w, const char *text) {
  if (begin_part(w)) add_text(w, text);
}

static void add_number_part(words *w, double value, int places, const char *text) {
  if (!begin_part(w)) return;
  add_number(w, value, places);
  add_text(w, text);
}

void pfc_score_reason(const pfc_score *score, const char *competency, double horizon_days,
                      char text[256]) {
  words w = {.text = text};
  text[0] = '\0';
  if (score->gap >= 0.05 && begin_part(&w)) { /* less reads as 0.0 */
    add_number(&w, score->gap, 1);
    add_text(&w, " levels to gain in ");
    add_cut(&w, competency, MOST_NAME);
  }
  if (!isnan(score->p_success)) add_number_part(&w, 100 * score->p_success, 0, " % pass");
  if (!isnan(score->quantile_days[1]) && begin_part(&w)) {
    add_number(&w, 100 * score->incidence, 0);
    add_text(&w, " % reach the level within ");
    add_number(&w, horizon_days, 0);
    add_text(&w, " days, half of them by day ");
    add_number(&w, score->quantile_days[1], 0);
  }
  if (!isnan(score->accept))
    add_number_part(&w, 100 * score->accept, 0, " % likely to be taken up");
  if (score->cold & PFC_COLD_PERSON) add_part(&w, "no history of this person yet");
  if (!begin_part(&w)) return;
  if (score->evidence_n > 0) {
    char number[PFC_NUMBER_TEXT];
    add(&w, number, pfc_number_format_whole(score->evidence_n, number));
    add_text(&w, " earlier starts");
  } else {
    add_text(&w, "nobody has started anything like it yet");
  }
}

static const char *whom(const pfc_basis *b) {
  static const char *const PEOPLE[] = {
      [PFC_BASIS_EVERYBODY] = "",
      [PFC_BASIS_ROLE] = " of the same role",
      [PFC_BASIS_MANAGER] = " who report to the same manager",
  };
  return PEOPLE[b->group];
}

static void add_take_ups(const pfc_basis *b, words *w) {
  if (!begin_part(w)) return;
  if (b->n_like > 0) {
    add_text(w,
             "nobody has taken it up yet: it stands where others for the same competencies do");
  } else if (b->n <= 0) {
    add_text(w, "nobody has taken it up yet");
  } else if (b->kind == PFC_BASELINE_RECENT) {
    add_text(w, "taken up lately: as good as ");
    add_number(w, b->n, 1);
    add_text(w, " starts today by people");
    add_text(w, whom(b));
  } else if (b->n < 1.5) {
    add_text(w, "taken up by one person");
    add_text(w, b->group == PFC_BASIS_MANAGER ? " who reports to the same manager" : whom(b));
  } else {
    add_text(w, "taken up by ");
    add_number(w, b->n, 0);
    add_text(w, " people");
    add_text(w, whom(b));
  }
}

static void add_gap(const pfc_score *score, const char *competency, words *w) {
  if (isnan(score->gap)) {
    add_part(w, "nothing is required of this person's role");
  } else if (!(score->gap > 0)) {
    add_part(w, "closes no gap");
  } else if (begin_part(w)) {
    add_text(w, "closes ");
    add_number(w, score->gap, 1);
    add_text(w, " levels in ");
    add_cut(w, competency, MOST_NAME);
  }
}

void pfc_basis_reason(const pfc_score *score, const char *competency, const char *like,
                      char text[256]) {
  words w = {.text = text};
  const pfc_basis *b = &score->basis;
  text[0] = '\0';
  if (b->kind == PFC_BASELINE_RANDOM) {
    add_part(&w, "drawn by lot");
    return;
  }
  if (b->kind == PFC_BASELINE_GAP) add_gap(score, competency, &w);
  if (b->like >= 0 && begin_part(&w)) {
    add_text(&w, "goes with ");
    add_cut(&w, like, MOST_NAME);
    add_text(&w, ", which this person took up");
  } else if (b->like < 0 && score->cold & PFC_COLD_PERSON) {
    add_part(&w, "no history of this person yet");
  }
  add_take_ups(b, &w);
}

static void add_mandate(const pfc_choice *choice, int32_t as_of, words *w) {
  char day[PFC_DATE_TEXT];
  pfc_date_format(choice->due_on, day);
  if (choice->due_on == PFC_NO_DATE) {
    add_text(w, "must be passed");
  } else {
    const bool is_late = as_of != PFC_NO_DATE && as_of > choice->due_on;
    add_text(w, is_late ? "was to be passed by " : "must be passed by ");
    add_text(w, day);
  }
}

void pfc_must_reason(const pfc_choice *choice, int32_t as_of, const char *actor,
                     const char *why, char text[256]) {
  char rest[ROOM];
  words w = {.text = text};
  if (choice->why == PFC_FOR_VALUE) return;
  memcpy(rest, text, sizeof rest);
  if (choice->why == PFC_FOR_MANDATE) {
    add_mandate(choice, as_of, &w);
  } else {
    add_text(&w, "put here by ");
    add_cut(&w, actor[0] ? actor : "hand", MOST_ACTOR);
    add_text(&w, why[0] ? ": " : "");
    add_cut(&w, why, MOST_ACTOR);
  }
  if (begin_part(&w)) add_cut(&w, rest, ROOM - 1 - w.n);
}
