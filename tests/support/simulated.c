#include "tests/support/simulated.h"

#include "tests/support/tables.h"
#include "tests/support/test.h"

pfc_dataset *simulated_little(void) {
  pfc_dataset *frame = pfc_dataset_create();
  assert_non_null(frame);
  frame->scale_max = 7;
  test_rows(frame, PFC_ROLES, "role_id,title,family,x_job_zone",
            "11-1,Heads,11,5;11-2,Deputies,11,4;15-1,Makers,15,4;15-2,Menders,15,");
  test_rows(frame, PFC_COMPETENCIES, "competency_id,name,kind",
            "g,All,group;a,Reading,skill;b,Law and Government,knowledge;c,Poise,behavioural");
  test_rows(frame, PFC_REQUIREMENTS, "role_id,competency_id,level,importance,level_se",
            "11-1,a,5,0.9,0.1;11-1,b,4,0.7,;11-1,c,6,0.8,0.2;11-2,a,4,0.6,;11-2,b,3,,;"
            "15-1,a,4,0.5,;15-1,c,3.5,0.5,;15-2,a,3,0.5,;15-2,b,0,0,");
  return frame;
}

pfc_simulate_settings simulated_preset(const char *name) {
  pfc_simulate_settings settings = {0};
  assert_ok(pfc_simulate_preset(name, &settings, &err));
  return settings;
}

void simulated_begin(pfc__sim *s, const pfc_dataset *frame,
                     const pfc_simulate_settings *settings) {
  *s = (pfc__sim){.settings = settings, .frame = frame};
  s->ds = pfc_dataset_create();
  s->truth = pfc_truth_create();
  assert_true(s->ds && s->truth);
  s->truth->seed = settings->seed;
  s->truth->drift_on = PFC_NO_DATE;
  s->truth->last_day = settings->last_day;
  s->truth->first_day = pfc__sim_month_day(s, 0);
}

void simulated_end(pfc__sim *s) {
  pfc_dataset_destroy(s->ds);
  pfc_truth_destroy(s->truth);
  pfc__sim_clear(s);
}
