# labels: golden check
# What `proficio check` tells, in each of its forms, and how it exits.
set -eu
. "$SRC/tests/support/organisation.sh"
fresh && organisation org 120

# field KEY: the value of a key of the last command's object, wherever it stands first.
field() { tail -n 1 out | sed 's/.*"'"$1"'":\("[^"]*"\|[^,}]*\).*/\1/'; }
# figure SECTION TABLE NAME: "verdict n of" of a row.
figure() { awk -F, -v s="$1" -v t="$2" -v n="$3" '$1 == s && $2 == t && $3 == n { print $4, $5, $6 }' out; }
# is EXPECTED GOT
is() { [ "$1" = "$2" ] || { cat out; fail "'$2' is not '$1'"; }; }

# --- all is well ---
exits 0 "$PROFICIO" import org -o data.h5
exits 0 "$PROFICIO" check data.h5 --require affinity,success,time
is "ready " "$(figure model '' success | cut -c1-6)"
is " 0 536" "$(figure contradiction episodes episode_twice)"
cp out before
exits 0 "$PROFICIO" check data.h5
cmp -s out before || fail "the same data, another report"

# --- the report to read goes to a terminal, --format table and a .txt ---
exits 0 "$PROFICIO" check data.h5 --format table
for word in MODELS CONTRADICTIONS COVERAGE TABLES FEEDS "the latest day in it"; do
  says "$word" out
done
awk 'length($0) > 96 { exit 1 }' out || fail "a line is longer than 96 characters"
cp out report
exits 0 "$PROFICIO" check data.h5 -o report.txt --json
cmp -s report report.txt || fail "a file gets another report"
is 1 "$(wc -l <out)"
is '"ready"' "$(field verdict)"
is true "$(field ready)"
no_leftovers

# --- as of a day ---
exits 0 "$PROFICIO" check data.h5 --as-of 2030-01-01 --json
is '"2030-01-01"' "$(field as_of)"
is '"all"' "$(field training_rows)"
# What began on the day or later does not train, and has not happened.
exits 0 "$PROFICIO" check data.h5 --as-of 2022-06-01 --json
is '"at 2022-06-01"' "$(field training_rows)"
exits 0 "$PROFICIO" check data.h5 --as-of 2022-06-01
rows=$(figure model '' success)
later=$(figure contradiction enrolments enrolment_in_the_future)
[ "${later% *}" != " 0" ] || fail "nothing is dated after 2022-06-01"
# The rows that train are those that train --as-of counts.
exits 0 "$PROFICIO" train data.h5 --as-of 2022-06-01 --only success -o m.h5 --rank 2 --format csv
is "${rows#* }" "$(awk -F, '$1 == "success" { print $3 }' out) "
# A split of its own counts, whatever the day.
exits 0 "$PROFICIO" split data.h5 --at 2022-12-01
exits 0 "$PROFICIO" check data.h5 --as-of 2030-01-01 --json
is '"at 2022-12-01"' "$(field training_rows)"

# --- what cannot be trained, and why: as train says it ---
mkdir passed
cp org/*.csv passed
rm passed/episodes.csv
sed 's/,failed$/,passed/' org/enrolments.csv >passed/enrolments.csv
exits 0 "$PROFICIO" import passed -o passed.h5
exits 0 "$PROFICIO" check passed.h5 --require affinity
exits 3 "$PROFICIO" check passed.h5 --require success,time
says "success cannot be trained: no negatives"
says "needs at least 1 started enrolment with status failed or dropped; there are 0"
says "time cannot be trained: 0 episodes end in proficiency"
is "cannot" "$(figure model '' success | cut -d' ' -f1)"
exits 3 "$PROFICIO" check passed.h5 --require success --json
is false "$(field ready)"
exits 3 "$PROFICIO" train passed.h5 -o m2.h5 --only success
says "no negatives: nobody failed or dropped out, the feed holds completions only"

# A threshold of training is a threshold of check.
exits 0 "$PROFICIO" check data.h5 --require success --set train.success.min_rows=50
exits 3 "$PROFICIO" check data.h5 --require success --set train.success.min_rows=100000
exits 0 "$PROFICIO" check data.h5 --require success --events-per-variable 1000
is "warning" "$(figure model '' success | cut -d' ' -f1)"

# --- contradictions, with the rows ---
mkdir odd
cat >odd/people.csv <<'CSV'
person_id,role_id,hired_on,left_on
ann,R1,2022-01-10,
bob,R1,2022-01-01,2022-06-30
CSV
cat >odd/enrolments.csv <<'CSV'
person_id,intervention_id,enrolled_on,started_on,ended_on,status
ann,I1,2022-01-09,2022-01-09,2022-02-01,passed
ann,I2,2022-01-09,2022-01-10,2022-02-01,passed
bob,I1,2022-02-01,,2022-03-01,passed
bob,I2,2022-06-01,2022-07-01,,in_progress
CSV
cat >odd/interventions.csv <<'CSV'
intervention_id,title
I1,"Line
break"
I2,Other
CSV
cat >odd/positions.csv <<'CSV'
person_id,from,to,role_id
bob,2022-01-01,2022-03-31,R1
bob,2022-03-01,2022-06-30,R2
CSV
cat >odd/assessments.csv <<'CSV'
person_id,competency_id,level,source,assessed_on
ann,C1,5,manager,2022-02-01
ann,C1,1,manager,2022-03-01
ann,C1,1,self,2022-01-05
CSV
exits 0 "$PROFICIO" import odd -o odd.h5
exits 0 "$PROFICIO" check odd.h5
is " 1 4" "$(figure contradiction enrolments enrolment_before_hire)"
is " 1 1" "$(figure contradiction enrolments enrolment_after_leaving)"
is " 1 4" "$(figure contradiction enrolments enrolment_without_start)"
is " 1 2" "$(figure contradiction positions position_two_roles)"
is " 1 3" "$(figure contradiction assessments assessment_before_hire)"
is " 1 1" "$(figure contradiction assessments assessment_level_drop)"
is "relative 0 1" "$(figure source assessments manager)"
grep -q '^example,enrolments,enrolment_before_hire,,0,.*person_id ann, intervention_id I1' out ||
  fail "the row is not shown"
exits 0 "$PROFICIO" check odd.h5 --drop-share 0.9
is " 0 1" "$(figure contradiction assessments assessment_level_drop)"
exits 0 "$PROFICIO" check odd.h5 --format table
says "levels are relative: no anchor has assessed anybody" out
says "row 0: person_id ann" out

# --- docs/CHECK.md has every rule and every key ---
exits 0 "$PROFICIO" check odd.h5
awk -F, '$1 == "contradiction" { print $3 }' out >rules
[ "$(wc -l <rules)" -ge 30 ] || fail "there are few rules"
while read -r rule; do
  grep -qF "\`$rule\`" "$SRC/docs/CHECK.md" || fail "docs/CHECK.md does not tell $rule"
done <rules
exits 0 "$PROFICIO" check odd.h5 --json
tail -n 1 out | grep -o '"[a-z_]*":' | tr -d '":' | sort -u >keys
while read -r key; do
  case $key in
    command | seconds | affinity | success | accept | time) continue ;;
  esac
  grep -qF "\`$key\`" "$SRC/docs/CHECK.md" || fail "docs/CHECK.md does not tell the key $key"
done <keys

# --- what is no dataset, no model ---
exits 3 "$PROFICIO" check m.h5
exits 4 "$PROFICIO" check nowhere.h5
exits 2 "$PROFICIO" check data.h5 --require everything
says "affinity, success, accept or time expected"
exits 2 "$PROFICIO" check data.h5 --as-of yesterday
exits 0 "$PROFICIO" check --help
says "proficio check data.h5 --as-of" out
exits 0 "$PROFICIO" check data.h5 --format hdf5 -o figures.h5
[ -s figures.h5 ] || fail "no figures"

# --- real data ---
exits 0 "$PROFICIO" import "$SRC/datasets/samples/oulad" --preset oulad -o oulad.h5 --quiet
exits 0 "$PROFICIO" check oulad.h5 --require affinity,success,time
is "ready 29496 " "$(figure model '' time)"
is " 17597 30" "$(figure events '' time.proficient)"
is " 0 29496" "$(figure contradiction enrolments enrolment_after_closing)"
is " 3097 32593" "$(figure missing enrolments started_on)"
is "anchor 0 25006" "$(figure source assessments test)"
