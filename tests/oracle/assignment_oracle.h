/* The assignment of greatest worth, found slowly. */
#ifndef PROFICIO_TESTS_ORACLE_ASSIGNMENT_ORACLE_H
#define PROFICIO_TESTS_ORACLE_ASSIGNMENT_ORACLE_H

#include "trainer/policy.h"

/* Total worth, by trying every assignment. Tiny problems alone. */
double oracle_assignment_enumerated(const pfc_policy_problem *problem);

/* Total worth, as a flow of least cost: one person after the other takes the shortest
 * augmenting path (Bellman and Ford) from people over interventions to a free seat, while that
 * brings something. Exact. */
double oracle_assignment_flow(const pfc_policy_problem *problem);

/* Worth of an assignment, a person: summed over those led to anything, divided by all. */
double oracle_assignment_worth(const pfc_policy_problem *problem, const int32_t *assigned);

#endif
