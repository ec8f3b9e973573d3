# A large made-up organisation in canonical CSV, for what memory and time a large one
# takes: the same on every machine (Park and Miller's generator, months of 28 days).
#   sh large_organisation.sh FOLDER PEOPLE [ENROLMENTS-A-PERSON]
# 300 roles, 1,000 interventions with one target each, ten enrolments a person [10] and
# two assessments; the rows of a person stand together, as most systems export them.
set -eu
mkdir -p "$1"
awk -v out="$1" -v n="$2" -v each="${3:-10}" '
  function random() { x = (x * 16807) % 2147483647; return x / 2147483647 }
  BEGIN {
    x = 20240501
    roles = 300; items = 1000; competencies = 60; days = 2000
    for (d = 0; d < days + 400; d++)
      day[d] = sprintf("%04d-%02d-%02d", 2019 + int(d / 336), 1 + int(d % 336 / 28), 1 + d % 28)

    file = out "/roles.csv"; print "role_id,title" >file
    for (r = 0; r < roles; r++) print "R" r ",Role " r >file
    file = out "/requirements.csv"; print "role_id,competency_id,level,importance" >file
    for (r = 0; r < roles; r++)
      for (k = 0; k < 5; k++)
        printf "R%d,C%d,%d,%d\n", r, (r * 7 + k * 11) % competencies, 2 + (r + k) % 3, 1 + k >file
    file = out "/interventions.csv"; print "intervention_id,title,kind,hours,cost" >file
    for (i = 0; i < items; i++) {
      hard[i] = random() - 0.5
      printf "I%d,Course %d,%s,%d,%d\n", i, i, i % 3 ? "course" : "workshop", 4 + i % 40,
        100 + i % 900 >file
    }
    file = out "/targets.csv"; print "intervention_id,competency_id,to_level" >file
    for (i = 0; i < items; i++) printf "I%d,C%d,%d\n", i, i % competencies, 2 + i % 3 >file

    people = out "/people.csv"
    assessments = out "/assessments.csv"
    enrolments = out "/enrolments.csv"
    print "person_id,role_id,unit_id,hired_on,x_grade" >people
    print "person_id,competency_id,level,source,assessed_on" >assessments
    print "person_id,intervention_id,enrolled_on,started_on,ended_on,status" >enrolments
    for (p = 0; p < n; p++) {
      skill = random() + random() - 1
      id = sprintf("P%07d", p)
      role = p % roles
      printf "%s,R%d,U%d,%s,%.3f\n", id, role, p % 2000, day[int(random() * 300)],
        skill + random() - 0.5 >people
      taste = int(random() * items)
      for (e = 0; e < each; e++) {
        i = random() < 0.7 ? (taste + int(random() * 30)) % items : int(items * random() * random())
        start = 300 + int(random() * (days - 300))
        ends = start + 5 + int(100 * random() * (1.5 - skill / 2))
        status = random() < 0.1 ? "dropped" : \
          random() < 1 / (1 + exp(-(1 + 2 * skill - 2 * hard[i]))) ? "passed" : "failed"
        if (ends >= days) { end = ""; status = "in_progress" } else end = day[ends]
        print id ",I" i "," day[start - 1] "," day[start] "," end "," status >enrolments
      }
      for (a = 0; a < 2; a++)
        printf "%s,C%d,%.1f,%s,%s\n", id, (taste + a) % competencies,
          int(50 * (0.6 + 0.2 * skill + 0.2 * random())) / 10, a ? "test" : "manager",
          day[600 + int(random() * (days - 600))] >assessments
    }
  }'
