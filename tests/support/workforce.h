/* A simulated organisation on a small frame made by hand, for tests of the simulator's parts
 * that draw people and their work. */
#ifndef PROFICIO_TESTS_SUPPORT_WORKFORCE_H
#define PROFICIO_TESTS_SUPPORT_WORKFORCE_H

#include "datasets/simulate_internal.h"

/* Three families of four roles in job zones 2 to 5, and a fourth one of a single role. */
enum { WORKFORCE_ROLES = 13, WORKFORCE_COMPETENCIES = 16, WORKFORCE_INTERVENTIONS = 9 };

/* Settings of the size asked for, over 36 months, of preset `hard` or not. */
pfc_simulate_settings workforce_settings(uint64_t seed, int32_t n_people, bool hard);

/* Frame and catalogue: roles and competencies in dataset and truth, interventions a third of
 * which are open to one family alone. `settings` must outlive it. Freed by workforce_clear in
 * any case. */
pfc_status workforce_begin(pfc__sim *s, const pfc_simulate_settings *settings, pfc_error *err);

/* The same and people; and then no gains and their work. */
pfc_status workforce_people(pfc__sim *s, const pfc_simulate_settings *settings, pfc_error *err);
pfc_status workforce_work(pfc__sim *s, const pfc_simulate_settings *settings, pfc_error *err);

/* Dataset and truth too. */
void workforce_clear(pfc__sim *s);

/* Fails the test unless no rule of the quality report on one of these tables is broken, and
 * the tables can be saved. names: rules that must have spoken of some row, NULL ends. */
void workforce_is_sound(const pfc__sim *s, const char *const *names);

/* The people, and no less; workforce_clear afterwards. */
pfc__sim workforce_drawn(const pfc_simulate_settings *settings);

/* Fails where a standard normal would come with probability 1e-6, both sides: there are some
 * hundred looks, and a dozen seeds in a night. */
void workforce_z(const char *what, double z);

#endif
