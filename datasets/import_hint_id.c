#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "datasets/import_hint_internal.h"
#include "datasets/import_internal.h"

enum {
  PLAIN = 96,            /* bytes of an id that is compared */
  MAX_EDIT_IDS = 200000, /* a larger dictionary is not searched for slips of the hand */
};

/* Without what exports change: blanks around, case, leading zeros, ".0" behind. */
static bool plain(const char *text, char room[PLAIN]) {
  char trimmed[PLAIN];
  if (pfc__trim(text, trimmed, sizeof trimmed)) text = trimmed;
  while (text[0] == '0' && text[1]) text++;
  size_t n = strlen(text);
  if (n == 0 || n >= PLAIN) return false;
  if (n > 2 && strcmp(text + n - 2, ".0") == 0) n -= 2;
  for (size_t i = 0; i < n; i++) room[i] = (char)tolower((unsigned char)text[i]);
  room[n] = '\0';
  return true;
}

/* What of it makes the two differ. */
static const char *difference(const char *text, const char *meant) {
  char a[PLAIN], b[PLAIN];
  const size_t n = strlen(text);
  if (strstr(text, "\xc2\xa0") || strstr(meant, "\xc2\xa0"))
    return "the no-break space at its end counts";
  if (pfc__trim(text, a, sizeof a) || pfc__trim(meant, b, sizeof b))
    return "blanks at its ends count";
  if (strcasecmp(text, meant) == 0) return "upper and lower case count";
  if (n > 2 && strcmp(text + n - 2, ".0") == 0)
    return "the column was exported as numbers; export it as text";
  return "leading zeros count; export the column as text";
}

/* Of several ids that are as near, the first by its text: codes depend on how the file was
 * cut into blocks. */
static bool comes_first(const pfc_dict *dict, int32_t code, int32_t other) {
  return other < 0 || strcmp(pfc_dict_text(dict, code), pfc_dict_text(dict, other)) < 0;
}

static int32_t find_alike(const pfc_dict *dict, const int64_t *state, const char *text) {
  char wanted[PLAIN], other[PLAIN];
  int32_t found = -1;
  if (!plain(text, wanted)) return -1;
  for (int32_t code = 0; code < pfc_dict_size(dict); code++)
    if (state[code] < 0 && plain(pfc_dict_text(dict, code), other) &&
        strcmp(wanted, other) == 0 && comes_first(dict, code, found))
      found = code;
  return found;
}

static int32_t find_slip(const pfc_dict *dict, const int64_t *state, const char *text) {
  int32_t nearest = -1;
  int best = (int)strlen(text) > 5 ? 2 : 1; /* of short ids half would be near */
  for (int32_t code = 0; code < pfc_dict_size(dict); code++) {
    if (state[code] >= 0) continue;
    const int distance = pfc__edit_distance(text, pfc_dict_text(dict, code));
    if (distance > best || (distance == best && !comes_first(dict, code, nearest))) continue;
    best = distance;
    nearest = code;
  }
  return nearest;
}

bool pfc__hint_id(const pfc_dict *dict, const int64_t *state, const char *text, int64_t *budget,
                  char hint[PFC__HINT]) {
  const int32_t n = pfc_dict_size(dict);
  if (pfc__is_missing_word(text)) {
    (void)snprintf(hint, PFC__HINT, "leave the cell empty where there is no value");
    return true;
  }
  if (*budget < n) return false;
  *budget -= n;
  int32_t code = find_alike(dict, state, text);
  if (code >= 0) {
    const char *meant = pfc_dict_text(dict, code);
    (void)snprintf(hint, PFC__HINT, "did you mean '%.60s'? %s", meant, difference(text, meant));
    return true;
  }
  if (n > MAX_EDIT_IDS || (code = find_slip(dict, state, text)) < 0) return false;
  (void)snprintf(hint, PFC__HINT, "did you mean '%.60s'?", pfc_dict_text(dict, code));
  return true;
}
