// labels: unit check
/* What is proposed of texts written for it, one rule each. */
#include "tests/support/test.h"

#include <math.h>

#include "engine/suggest.h"
#include "tests/support/countdown.h"
#include "tests/support/tables.h"

enum { MOST = 32 };

typedef struct heard {
  int n;
  pfc_suggestion at[MOST];
} heard;

static pfc_status hear(const pfc_suggestion *s, void *user, pfc_error *err) {
  heard *h = user;
  (void)err;
  assert_true(h->n < MOST);
  h->at[h->n++] = *s;
  return PFC_OK;
}

/* Levels on 0 to 7. */
static pfc_dataset *framework(void) {
  pfc_dataset *ds = pfc_dataset_create();
  ds->scale_max = 7;
  test_rows(ds, PFC_COMPETENCIES, "competency_id,name,parent_id,description",
            "G,Trade,,All about trade;"
            "S,Sales and Marketing,G,Showing promoting and selling products or services;"
            "W,Writing,G,Communicating in written form;"
            "M,Mathematics,G,Using mathematics to solve problems;"
            "K,Mathematics,G,Knowledge of arithmetic and algebra;"
            "L,Active Listening,G,Giving full attention to what others say;"
            "H,Welding,G,Joining steel with torches and electrodes");
  test_rows(ds, PFC_ROLES, "role_id,title",
            "1,Sales and Marketing Managers;2,Java Developers;3,Cooks");
  test_rows(ds, PFC_REQUIREMENTS, "role_id,competency_id,level", "1,S,3;2,M,4");
  return ds;
}

static pfc_dataset *catalogue(const char *title, const char *description) {
  pfc_dataset *ds = pfc_dataset_create();
  test_table(ds, PFC_INTERVENTIONS, 1, "intervention_id,title,description");
  test_cell(ds, PFC_INTERVENTIONS, 0, "intervention_id", "i");
  test_cell(ds, PFC_INTERVENTIONS, 0, "title", title);
  test_cell(ds, PFC_INTERVENTIONS, 0, "description", description);
  return ds;
}

/* "S:2-4 L:-5 H": ids, and levels where there are any, in their order. */
static void assert_targets(const char *title, const char *description, const char *expected) {
  pfc_dataset *frame = framework(), *ds = catalogue(title, description);
  heard h = {0};
  pfc_suggest_totals totals;
  char found[256] = "";
  assert_ok(pfc_suggest_targets(ds, frame, NULL, hear, &h, &totals, &err));
  const pfc_dict *ids = pfc_dataset_find_dict(frame, "competency");
  for (int k = 0; k < h.n; k++) {
    char levels[64] = "", from[24] = "", to[24] = "";
    if (!isnan(h.at[k].from_level)) (void)snprintf(from, sizeof from, "%g", h.at[k].from_level);
    if (!isnan(h.at[k].to_level)) (void)snprintf(to, sizeof to, "%g", h.at[k].to_level);
    if (*from || *to) (void)snprintf(levels, sizeof levels, ":%s-%s", from, to);
    (void)snprintf(found + strlen(found), sizeof found - strlen(found), "%s%s%s",
                   k > 0 ? " " : "", pfc_dict_text(ids, h.at[k].answer), levels);
    assert_int_equal(h.at[k].rank, k + 1);
    assert_true(h.at[k].confidence > 0 && h.at[k].confidence < 1);
    assert_true(k == 0 || h.at[k].confidence <= h.at[k - 1].confidence);
  }
  assert_string_equal(found, expected);
  assert_int_equal(totals.items, 1);
  assert_int_equal(totals.n_proposed, h.n);
  pfc_dataset_destroy(ds);
  pfc_dataset_destroy(frame);
}

static void names_count_most(void **state) {
  (void)state;
  assert_targets("Welding", "", "H");
  assert_targets("An introduction", "What Active Listening and welding have in common.", "L H");
  assert_targets("SALES AND MARKETING", "With active listenings", "S L");
  assert_targets("", "", "");
}

/* The roles of the framework are no competencies, and what is asked for before comes last. */
static void who_it_is_for_is_no_target(void **state) {
  (void)state;
  assert_targets("Welding for Sales and Marketing Managers", "", "H");
  assert_targets("Welding", "Open to Sales and Marketing Managers and related roles alone.",
                 "H");
  assert_targets("Welding", "Active Listening is required.", "H L");
  assert_targets("Course", "Required: Active Listening. It teaches Welding.", "H L");
  assert_targets("Course", "Open to all. Active Listening teaches Welding.", "L H");
}

/* ... and does not go on across the end of a sentence. What is only like it is less sure. */
static void names_are_whole(void **state) {
  (void)state;
  static const char *const TITLES_OF[] = {"Sales", "Sales. Marketing", "Sales (and marketing)",
                                          "Marketing and sales", "Sales and Marketing"};
  for (int k = 0; k < 5; k++) {
    pfc_dataset *frame = framework(), *ds = catalogue(TITLES_OF[k], "Of other things.");
    heard h = {0};
    pfc_suggest_totals totals;
    assert_ok(pfc_suggest_targets(ds, frame, NULL, hear, &h, &totals, &err));
    assert_int_equal(h.n > 0 && h.at[0].confidence >= 0.95, k == 4);
    pfc_dataset_destroy(ds);
    pfc_dataset_destroy(frame);
  }
}

/* Two competencies of one name share what can be known, after what is beyond doubt. */
static void namesakes_are_both_told(void **state) {
  (void)state;
  assert_targets("Mathematics and Welding", "", "H M K");
}

/* Like words alone, where no name is. */
static void words_alike_count_least(void **state) {
  (void)state;
  assert_targets("Joining steel with torches", "Electrodes.", "H");
  assert_targets("Wine for beginners", "Grapes.", "");
}

static void groups_are_not_proposed(void **state) {
  (void)state;
  assert_targets("Trade", "All about trade.", "");
}

static void levels_are_read(void **state) {
  (void)state;
  assert_targets("Welding", "From level 2 to level 4.", "H:2-4");
  assert_targets("Welding", "to level 5, advanced", "H:-5");
  assert_targets("Welding, levels 2 to 4", "", "H:2-4");
  assert_targets("Welding", "Welding (to level 4.75) and Writing (to level 3).",
                 "H:-4.75 W:-3");
  assert_targets("Welding", "Bring level 1 in Welding; level 2.5 is what you leave with.",
                 "H:1-2.5");
  assert_targets("Welding", "For people at about level 2 who want to reach level 4 in Welding.",
                 "H:2-4");
  assert_targets("Welding", "Afterwards you should work at level 4 (advanced) in Welding.",
                 "H:-4");
  assert_targets("Welding", "From level 2 to level 9.", "H:2-"); /* 9 is off the scale */
  assert_targets("Welding", "From level 4 to level 2.", "H:-2"); /* not upward */
  assert_targets("Welding", "Takes 4 hours on 2 days.", "H");    /* no levels */
  assert_targets("Welding", "Level 3 in Writing helps.", "H W:-3");
}

static void what_has_targets_is_left_alone(void **state) {
  (void)state;
  pfc_dataset *ds = framework();
  heard h = {0};
  pfc_suggest_totals totals;
  test_rows(ds, PFC_INTERVENTIONS, "intervention_id,title", "a,Welding;b,Welding;c,");
  test_rows(ds, PFC_TARGETS, "intervention_id,competency_id", "a,W");
  assert_ok(pfc_suggest_targets(ds, ds, NULL, hear, &h, &totals, &err));
  assert_int_equal(h.n, 1);
  assert_int_equal(h.at[0].item, 1);
  assert_string_equal(h.at[0].evidence, "Welding names Welding");
  assert_int_equal(totals.items, 2);
  assert_int_equal(totals.with_any, 1);
  pfc_dataset_destroy(ds);
}

/* --- roles -------------------------------------------------------------------------------- */

static char DEVELOPER[] = "Software Engineer";
static pfc_alternate_title OTHERS[] = {{1, DEVELOPER}};
static const pfc_alternate_titles TITLES = {1, 1, OTHERS};

static pfc_dataset *organisation(void) {
  pfc_dataset *ds = pfc_dataset_create();
  test_rows(ds, PFC_ROLES, "role_id,title,framework_ref",
            "a,Senior Java Developer,;b,Software Engineers,;c,Cook,3;d,Cook,;e,,;f,Xyzzy,");
  test_rows(ds, PFC_COMPETENCIES, "competency_id", "S");
  test_rows(ds, PFC_REQUIREMENTS, "role_id,competency_id,level", "d,S,1");
  return ds;
}

static void roles_are_compared_with_all_titles(void **state) {
  (void)state;
  pfc_dataset *frame = framework(), *ds = organisation();
  heard h = {0};
  pfc_suggest_totals totals;
  assert_ok(pfc_suggest_roles(ds, frame, &TITLES, NULL, hear, &h, &totals, &err));
  assert_int_equal(totals.items,
                   3); /* a, b, f: c has a reference, d requirements, e no title */
  assert_int_equal(totals.with_any, 2);
  assert_int_equal(h.at[0].item, 0);
  assert_int_equal(h.at[0].answer, 1);
  assert_string_equal(h.at[0].evidence, "Java Developers");
  int b = 0;
  while (h.at[b].item != 1) b++;
  assert_int_equal(h.at[b].answer, 1);
  assert_string_equal(h.at[b].evidence, "Java Developers, also called Software Engineer");
  assert_float_equal(h.at[b].confidence, 0.9, 1e-9);
  for (int k = 0; k < h.n; k++) assert_true(h.at[k].confidence > 0 && h.at[k].confidence < 1);
  pfc_dataset_destroy(ds);
  pfc_dataset_destroy(frame);
}

static void what_cannot_be_done_is_told(void **state) {
  (void)state;
  pfc_dataset *empty = pfc_dataset_create(), *frame = framework();
  heard h = {0};
  pfc_suggest_totals totals;
  assert_fails(pfc_suggest_roles(empty, frame, NULL, NULL, hear, &h, &totals, &err), PFC_EDATA,
               "no role has a title");
  assert_fails(pfc_suggest_roles(frame, empty, NULL, NULL, hear, &h, &totals, &err), PFC_EDATA,
               "no occupations");
  assert_fails(pfc_suggest_targets(empty, frame, NULL, hear, &h, &totals, &err), PFC_EDATA,
               "no intervention with a text");
  test_rows(empty, PFC_INTERVENTIONS, "intervention_id,title", "i,Welding");
  assert_fails(pfc_suggest_targets(empty, empty, NULL, hear, &h, &totals, &err), PFC_EDATA,
               "no competency with a name");
  pfc_dataset_destroy(frame);
  pfc_dataset_destroy(empty);
}

typedef struct both {
  pfc_dataset *ds, *frame;
} both;

static pfc_status suggest_both(void *user) {
  const both *b = user;
  heard h = {0};
  pfc_error err = PFC_ERROR_INIT;
  pfc_suggest_totals totals;
  const pfc_status st = pfc_suggest_targets(b->ds, b->frame, NULL, hear, &h, &totals, &err);
  if (st != PFC_OK) return st;
  return pfc_suggest_roles(b->ds, b->frame, &TITLES, NULL, hear, &h, &totals, &err);
}

static void short_memory_is_told(void **state) {
  (void)state;
  both b = {organisation(), framework()};
  test_rows(b.ds, PFC_INTERVENTIONS, "intervention_id,title,description",
            "i,Welding,Active Listening is required from level 2;j,Joining steel,torches");
  assert_true(count_down(suggest_both, &b) > 20);
  pfc_dataset_destroy(b.ds);
  pfc_dataset_destroy(b.frame);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(names_count_most),
      cmocka_unit_test(names_are_whole),
      cmocka_unit_test(who_it_is_for_is_no_target),
      cmocka_unit_test(namesakes_are_both_told),
      cmocka_unit_test(words_alike_count_least),
      cmocka_unit_test(groups_are_not_proposed),
      cmocka_unit_test(levels_are_read),
      cmocka_unit_test(what_has_targets_is_left_alone),
      cmocka_unit_test(roles_are_compared_with_all_titles),
      cmocka_unit_test(what_cannot_be_done_is_told),
      cmocka_unit_test(short_memory_is_told),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
