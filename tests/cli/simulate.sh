# labels: golden check
# proficio simulate: whole folders that import takes without a reject and check finds clean; the
# same bytes for the same options, whatever the threads; what --dirty plants is what check
# finds; nothing of anybody else's is replaced.
set -eu
. "$SRC/tests/support/organisation.sh"
fresh
onet=$SRC/datasets/samples/onet29

# simulated DIR OPTION...: a little organisation.
simulated() {
  folder=$1
  shift
  exits 0 "$PROFICIO" simulate -o "$folder" --framework "$onet" --people 120 \
    --interventions 40 --months 12 --roles 6 "$@"
}

# imported DIR: into DIR.h5, with every row.
imported() {
  exits 0 "$PROFICIO" import "$1" --scale 0,7 -o "$1.h5" --max-bad 0 --as-of 2025-12-31
  awk -F, 'NR > 1 && ($2 != $3 || $4 != 0)' out >lost
  [ ! -s lost ] || { cat lost >&2; fail "rows of $1 are lost"; }
  [ ! -e "$1.h5.rejects.csv" ] || fail "rejects of $1"
}

# found DIR: how many rows break a rule.
found() {
  exits 0 "$PROFICIO" check "$1.h5" --format csv
  n_found=$(awk -F, '$1 == "contradiction" && $4 == "" { n += $5 } END { print n + 0 }' out)
}

# same DIR DIR: the same files with the same bytes.
same() {
  [ "$(ls -A "$1")" = "$(ls -A "$2")" ] || fail "other files in $1 than in $2"
  for file in "$1"/*; do
    cmp -s "$file" "$2/${file##*/}" || fail "$file and $2 differ"
  done
}

number() { # of a key in the last line of out
  tail -n 1 out | sed -n "s/.*\"$1\":\([0-9.]*\).*/\1/p"
}

# --- an organisation
simulated org
says 'levels lie on 0 to 7: proficio import org --scale 0,7 -o data.h5'
head -n 1 out | grep -qx table,rows,columns || fail "header: $(cat out)"
grep -q '^people,120,' out || fail "people: $(cat out)"
for table in people positions roles competencies requirements interventions targets \
  assessments enrolments protected; do
  [ -s "org/$table.csv" ] || fail "no $table"
done
[ "$(stat -c %a org/protected.csv)" = 600 ] || fail 'mode of protected.csv'
exits 0 "$PROFICIO" inspect org/truth.h5
grep -q 'proficio truth' out || fail "truth: $(cat out)"
imported org
found org
[ "$n_found" -eq 0 ] || { cat out >&2; fail "$n_found contradictions"; }

# --- the same again, and another one
simulated again --threads 1
same org again
simulated other --seed 2
cmp -s org/enrolments.csv other/enrolments.csv && fail 'another seed changed nothing'

# --- folders
simulated other
same org other
mkdir mine
echo person_id >mine/people.csv
exits 2 "$PROFICIO" simulate -o mine --framework "$onet"
says "'mine/people.csv' is there already"
[ "$(cat mine/people.csv)" = person_id ] || fail 'somebody else'"'"'s table was changed'
[ "$(ls mine)" = people.csv ] || fail 'files beside it'
exits 4 "$PROFICIO" simulate -o nowhere/below --framework "$onet"
says "nowhere/below"
exits 2 "$PROFICIO" simulate -o . --framework .
says 'is what is read'
mkdir empty
exits 3 "$PROFICIO" simulate -o new --framework empty
exits 2 "$PROFICIO" simulate -o new
says '--framework'
[ ! -e new ] || fail 'a folder after a failure'

# --- options
simulated dirty --dirty 0.05 --json
n_defects=$(number defects)
imported dirty
found dirty
feeds=$((n_defects - n_found))
[ "$n_found" -gt 20 ] || fail "only $n_found defects"
[ "$feeds" -eq 0 ] || [ "$feeds" -eq 1 ] || fail "$n_defects planted, $n_found found"

simulated bare --completions-only
[ "$(cd bare && echo *)" = 'enrolments.csv interventions.csv people.csv roles.csv truth.h5' ] ||
  fail "completions: $(ls bare)"
head -n 1 bare/people.csv | grep -qx person_id,role_id || fail 'columns of people'
head -n 1 bare/enrolments.csv | grep -qx person_id,intervention_id,ended_on,status ||
  fail 'columns of enrolments'
grep -qv ',completed$' bare/enrolments.csv && [ "$(grep -cv ',completed$' bare/enrolments.csv)" -gt 1 ] &&
  fail 'what was not completed'
imported bare
simulated bare
same org bare

simulated makers --families 15,17 --policy random --bias 0.5 --drift-at 2025-07-01
awk -F, 'NR > 1 && $1 !~ /^"?1[57]-/' makers/roles.csv >strange
[ ! -s strange ] || { cat strange >&2; fail 'roles of other families'; }
exits 2 "$PROFICIO" simulate -o late --framework "$onet" --drift-at 2031-01-01
says 'drift lies outside the history'
[ ! -e late ] || fail 'a folder after a usage error'
simulated hard --preset hard
cmp -s org/enrolments.csv hard/enrolments.csv && fail 'hard laws changed nothing'

exits 0 "$PROFICIO" simulate -o told --framework "$onet" --people 50 --json
for key in command folder truth seed first_day last_day scale_min scale_max defects tables \
  seconds; do
  grep -q "\"$key\":" out || fail "--json does not tell $key"
done
[ "$(number seed)" = 1 ] || fail 'seed'
[ -z "$(find . -name '.*.tmp-*')" ] || fail 'temporary files are left'
