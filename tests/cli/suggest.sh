# labels: golden check
# From bare completions to recommendations that know gaps: suggest, what people make of it,
# import with a framework, train, recommend.
set -eu
. "$SRC/tests/support/organisation.sh"
onet=$SRC/datasets/samples/onet29
fresh
exits 0 "$PROFICIO" simulate -o lms --completions-only --people 60 --interventions 40 --months 12 \
  --roles 6 --framework "$onet"
exits 0 "$PROFICIO" suggest targets lms --framework "$onet" -o targets.csv --json
says '"of":"targets","items":40' out
exits 0 "$PROFICIO" suggest roles lms --framework "$onet" -o roles.csv --json
says '"items":6' out
head -n 1 targets.csv | grep -qx intervention_id,competency_id,from_level,to_level,confidence,status,evidence ||
  fail "columns of targets.csv"
head -n 1 roles.csv | grep -qx role_id,title,framework_ref,confidence,status,evidence ||
  fail "columns of roles.csv"
[ "$(grep -c ',proposed,' roles.csv)" = 6 ] || fail 'one proposal a role'
# Simulated roles have their occupation's id: the first proposal is right.
awk -F, 'NR > 1 && /,proposed,/ && index($0, $1 "," ) == 1 && split($0, part, $1) < 3' roles.csv >wrong
[ ! -s wrong ] || { cat wrong >&2; fail 'roles that are not their occupation'; }

# The same bytes for any number of threads.
exits 0 "$PROFICIO" suggest targets lms --framework "$onet" -o again.csv --threads 2
cmp targets.csv again.csv || fail 'other proposals'

# --- what people make of it
n=$(($(wc -l <targets.csv) - 1))
sed '2,3s/,proposed,/,accepted,/; 4s/,proposed,/,rejected,/' targets.csv >edited
mv edited targets.csv
exits 0 "$PROFICIO" import lms targets.csv roles.csv --framework "$onet" -o lms.h5
says "$((n - 3)) targets are proposals that nobody has accepted yet"
says '6 roles have a proposed occupation that nobody has accepted yet'
exits 0 "$PROFICIO" inspect lms.h5
grep -q "^targets,$n,$((n - 1)),0," out || fail "rows of targets: $(grep ^targets out)"
grep -q '^roles,36,6,0,' out || fail "rows of roles: $(grep ^roles out)"
exits 0 "$PROFICIO" check lms.h5
grep -q "target_not_accepted,.*,$((n - 3)),$((n - 1))," out || fail "check: $(grep not_accepted out)"
grep -q 'role_not_accepted,.*,6,6,' out || fail "check: $(grep not_accepted out)"

# --- gaps count: what is recommended closes what the role asks for
exits 0 "$PROFICIO" train lms.h5 -o lms.m.h5
exits 0 "$PROFICIO" recommend lms.m.h5 lms.h5 --all --top 3 -o lists.csv
[ "$(wc -l <lists.csv)" -gt 100 ] || fail 'hardly anybody was recommended anything'
[ "$(grep -c 'levels to gain in' lists.csv)" -gt 100 ] || fail 'no gap is told'
# Without requirements nothing is missing, and nothing of a gap is told.
exits 0 "$PROFICIO" import lms targets.csv -o plain.h5 --scale 0,7
exits 0 "$PROFICIO" train plain.h5 -o plain.m.h5
exits 0 "$PROFICIO" recommend plain.m.h5 plain.h5 --all --top 3 -o plain.csv
cut -d, -f1-3 lists.csv >a
cut -d, -f1-3 plain.csv >b
cmp -s a b && fail 'gaps changed nobody'"'"'s list'

# --- packed data, data's own competencies
exits 0 "$PROFICIO" import lms -o bare.h5
exits 0 "$PROFICIO" suggest targets bare.h5 --framework "$onet"
cmp out targets.csv >/dev/null 2>&1 && fail 'edited rows came back'
mkdir own
printf 'competency_id,name\nC1,Steel\n' >own/competencies.csv
printf 'intervention_id,title\nI1,Steel for all\n' >own/interventions.csv
exits 0 "$PROFICIO" suggest targets own
grep -q '^I1,C1,,,0.95,proposed,Steel for all names Steel$' out || fail "own: $(cat out)"

# --- what cannot be done is told
exits 3 "$PROFICIO" suggest roles own --framework "$onet"
says 'no role has a title'
exits 3 "$PROFICIO" suggest targets own/competencies.csv
says 'no intervention with a text'
exits 4 "$PROFICIO" suggest targets nowhere
says nowhere
exits 3 "$PROFICIO" suggest roles lms --framework own
says 'lacks'
exits 2 "$PROFICIO" import lms roles.csv --framework "$onet" --scale 0,5 -o no.h5
says 'lie on 0 to 7'
cp -r "$onet" torn
printf 'O*NET-SOC Code\tAlternate Title\n11-1011.00\n' | gzip >torn/'Alternate Titles.txt.gz'
exits 3 "$PROFICIO" suggest roles lms --framework torn
says 'Alternate Titles.txt.gz:2'
printf 'a\tb\n' | gzip >torn/'Alternate Titles.txt.gz'
exits 3 "$PROFICIO" suggest roles lms --framework torn
says 'Alternate Title'
rm torn/'Alternate Titles.txt.gz'
exits 0 "$PROFICIO" suggest roles lms --framework torn -o few.csv
says "the framework has no 'Alternate Titles.txt'"
