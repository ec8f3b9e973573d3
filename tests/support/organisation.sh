# A small made-up organisation in canonical CSV, the same on every machine: Park and
# Miller's generator, months of 28 days. Sourced by the scripts of tests/cli.
#   organisation FOLDER PEOPLE
organisation() {
  mkdir -p "$1"
  awk -v out="$1" -v n="$2" '
    function random() { x = (x * 16807) % 2147483647; return x / 2147483647 }
    function day(d) {
      return sprintf("%04d-%02d-%02d", 2022 + int(d / 336), 1 + int(d % 336 / 28), 1 + d % 28)
    }
    BEGIN {
      x = 20240501
      n_items = 8
      print "person_id,role_id,x_grade" >(out "/people.csv")
      print "intervention_id,title,kind,cost,hours" >(out "/interventions.csv")
      print "intervention_id,competency_id,to_level" >(out "/targets.csv")
      print "person_id,intervention_id,enrolled_on,started_on,ended_on,status" \
        >(out "/enrolments.csv")
      print "person_id,intervention_id,competency_id,started_on,duration_days,event" \
        >(out "/episodes.csv")
      for (i = 0; i < n_items; i++) {
        printf "I%d,\"Course %d, part \"\"%d\"\"\",%s,%d,%d\n", i, i, i % 2,
          i % 3 ? "course" : "workshop", 100 * i, 5 + i >(out "/interventions.csv")
        printf "I%d,C%d,3\n", i, i % 3 >(out "/targets.csv")
      }
      for (p = 0; p < n; p++) {
        skill = random() * 2 - 1
        printf "P%03d,R%d,%.3f\n", p, p % 4, skill + random() >(out "/people.csv")
        for (i = 0; i < n_items; i++) {
          if (random() > (i % 2 == p % 2 ? 0.8 : 0.3)) continue
          start = int(random() * 600)
          passed = random() < 1 / (1 + exp(-(skill + 0.3 * (i % 3))))
          long = 3 + int(20 * random() * (1.5 - skill / 2))
          printf "P%03d,I%d,%s,%s,%s,%s\n", p, i, day(start), day(start), day(start + long),
            passed ? "passed" : "failed" >(out "/enrolments.csv")
          dropped = random() < 0.5
          printf "P%03d,I%d,C%d,%s,%d,%s\n", p, i, i % 3, day(start),
            passed || dropped ? long : 100, passed ? "proficient" : dropped ? "dropped" : "censored" \
            >(out "/episodes.csv")
        }
      }
    }'
}

# rated FOLDER PEOPLE: three roles, five competencies, three sources; P000 was never rated, P001
# once. Park and Miller's generator.
rated() {
  mkdir -p "$1"
  awk -v out="$1" -v n="$2" '
    function random() { x = (x * 16807) % 2147483647; return x / 2147483647 }
    function normal() { return sqrt(-2 * log(random())) * cos(6.2831853 * random()) }
    function day(d) {
      return sprintf("%04d-%02d-%02d", 2022 + int(d / 336), 1 + int(d % 336 / 28), 1 + d % 28)
    }
    BEGIN {
      x = 20261122
      print "person_id,role_id,hired_on" >(out "/people.csv")
      print "role_id" >(out "/roles.csv")
      print "competency_id,half_life_days" >(out "/competencies.csv")
      print "role_id,competency_id,level" >(out "/requirements.csv")
      print "source,scale_min,scale_max,anchor" >(out "/sources.csv")
      print "self,0,5,0\nmanager,0,5,0\ntest,0,5,1" >(out "/sources.csv")
      print "person_id,competency_id,level,source,rater_id,assessed_on" >(out "/assessments.csv")
      for (c = 0; c < 5; c++) printf "C%d,%d\n", c, 400 + 300 * c >(out "/competencies.csv")
      for (r = 0; r < 3; r++) {
        printf "R%d\n", r >(out "/roles.csv")
        for (c = 0; c < 4; c++) {
          required[r, c] = 1.5 + (r + c) % 3
          printf "R%d,C%d,%g\n", r, c, required[r, c] >(out "/requirements.csv")
        }
      }
      for (p = 0; p < n; p++) {
        role = p % 3
        able = 0.4 * normal()
        printf "P%03d,R%d,%s\n", p, role, day(int(500 * random())) >(out "/people.csv")
        for (i = 0; i < (p < 2 ? p : 2 + p % 7); i++) {
          c = int(5 * random())
          level = able + (c < 4 ? required[role, c] : 1) + 0.3 * normal()
          u = random()
          source = u < 0.4 ? "self" : u < 0.7 ? "manager" : "test"
          y = 2.5 + (source == "self" ? 0.4 + 0.8 * (level - 2.5) : level - 2.5) + 0.3 * normal()
          if (y < 0) y = 0
          if (y > 5) y = 5
          printf "P%03d,C%d,%.2f,%s,%s,%s\n", p, c, y, source,
            source == "manager" ? sprintf("P%03d", int(p / 10)) : "",
            day(500 + int(500 * random())) >(out "/assessments.csv")
        }
      }
    }'
}

# Into an empty folder below the current one: nothing else is ever removed.
fresh() {
  rm -rf scratch
  mkdir scratch
  cd scratch
}

fail() {
  echo "FAILED: $*" >&2
  exit 1
}

# exits CODE COMMAND...: runs it, output in out, messages in err.
exits() {
  expected=$1
  shift
  code=0
  "$@" >out 2>err </dev/null || code=$?
  [ "$code" -eq "$expected" ] || { cat out err >&2; fail "exit $code, not $expected: $*"; }
}

# says TEXT [FILE]: the messages of the last command contain it.
says() {
  grep -qF -- "$1" "${2:-err}" || { cat "${2:-err}" >&2; fail "not said: $1"; }
}

# No temporary file is left in the folder.
no_leftovers() {
  left=$(find "${1:-.}" -name '*.tmp-*')
  [ -z "$left" ] || fail "left behind: $left"
}
