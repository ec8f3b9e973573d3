# labels: property check
# From CSV to recommendations: import, split, train, evaluate, recommend, predict, inspect,
# each in every format, on a small organisation.
set -eu
. "$SRC/tests/support/organisation.sh"
fresh && organisation org 120

exits 0 "$PROFICIO" import org -o data.h5
says 'enrolments,' out
[ ! -e data.h5.rejects.csv ] || fail "rejects without any"
exits 0 "$PROFICIO" import org -o data2.h5 --json
[ "$(wc -l <out)" -eq 1 ] || fail "--json printed more than its object"
says '"command":"import"' out

exits 3 "$PROFICIO" train data.h5 -o m.h5 --as-of 1999-01-01
says 'none training'
exits 0 "$PROFICIO" train data.h5 -o early.h5 --as-of 2023-01-01 --only affinity
exits 0 "$PROFICIO" inspect early.h5
says 'provenance.split,at 2023-01-01' out
# As of today nothing is later: a nightly job's case.
exits 0 "$PROFICIO" train data.h5 -o late.h5 --as-of 2099-01-01 --only affinity
exits 0 "$PROFICIO" split data.h5 --at 2023-04-01
awk -F, 'NR == 1 && $0 != "table,train,test" || NR > 1 && !($2 > 0 && $3 > 0) { exit 1 }' out ||
  fail "split: $(cat out)"
n=$(awk -F, '$1 == "enrolments" { print $2 + $3 }' out)
[ "$n" -eq "$(($(wc -l <org/enrolments.csv) - 1))" ] || fail "split lost rows: $n"

exits 0 "$PROFICIO" train data.h5 -o m.h5 --json
for model in affinity success time; do
  grep -q "\"$model\":{\"trained\":true" out || fail "$model was not trained: $(cat out)"
done
version=$(sed 's/.*"model_version":"\([0-9a-f]*\)".*/\1/' out)
[ "$version" = "$(sha256sum m.h5 | cut -c 1-16)" ] || fail "model_version: $version"

exits 0 "$PROFICIO" evaluate m.h5 data.h5 --k 1,2 --days 8,16 --resamples 20
head -n 1 out | grep -qx 'figure,value,lo,hi,n,baselines' || fail "columns: $(head -n 1 out)"
for figure in affinity.recall_at_2 success.auc time.c_index time.ece_by_day.16; do
  grep -q "^$figure," out || fail "no figure $figure"
done
exits 0 "$PROFICIO" evaluate m.h5 data.h5 --resamples 0 --json -o figures.csv
tail -n 1 out | grep -q '^{"command":"evaluate".*"seconds":' || fail "no object"
grep -q '^success.auc,' figures.csv || fail "no table in -o"
# A model judged on rows that it may have seen is refused.
cp data.h5 other.h5
exits 0 "$PROFICIO" split other.h5 --by person --fraction 0.5
exits 2 "$PROFICIO" evaluate m.h5 other.h5
says 'may have been trained on the test rows'

# --- recommend
columns=person_id,rank,intervention_id,title,kind,value,adds,accept,p_success,p_by_8d,p_by_16d
columns=$columns,p10_days,p50_days,p90_days,horizon_days,discount,anyway,teaches,gap_closed
columns=$columns,competencies,cost,hours,price,why,due_on,propensity,cold_start,evidence_n,reason
columns=$columns,url,model_version,decision_id
list="$PROFICIO recommend m.h5 data.h5 --by-days 8,16"
exits 0 $list --all --top 3
head -n 1 out | grep -qx "$columns" || fail "columns: $(head -n 1 out)"
mv out all.csv
grep -q '"Course 2, part ""0"""' all.csv || fail "titles are not quoted as RFC 4180 has it"
grep -q ",$version,[0-9a-f]\{16\}\$" all.csv || fail "model_version or decision_id"
awk 'NR > 1 { n[substr($0, 1, 4)]++ } END { for (p in n) if (n[p] > 3) exit 1 }' all.csv ||
  fail "a list longer than --top"

# Every format has the same rows; every way to name people the same lists.
exits 0 $list --all --top 3 -o all.jsonl --json
[ "$(wc -l <all.jsonl)" -eq "$(($(wc -l <all.csv) - 1))" ] || fail "rows of jsonl"
grep -q "\"rows\":$(wc -l <all.jsonl)," out || fail "rows told: $(cat out)"
awk '!/^\{"person_id":"P[0-9]*","rank":[0-9]*,.*"title":"Course . part|\\"/ { exit 1 }' all.jsonl ||
  fail "jsonl"
exits 0 $list --all --top 3 -o all.h5
exits 0 "$PROFICIO" inspect all.h5
says 'proficio output' out
for column in $(echo "$columns" | tr , ' '); do says "$column" out; done
exits 0 $list --all --top 3 -o again.txt
head -n 1 again.txt | grep -q '^person_id *rank *title' || fail "table: $(head -n 1 again.txt)"
[ "$(wc -l <again.txt)" -eq "$(wc -l <all.csv)" ] || fail "rows of the table"
printf 'x,person_id\n1,P003\n2,P001\n' >people.csv
exits 0 $list --top 3 --people people.csv
mv out two.csv
exits 0 $list --top 3 --person P003 --person P001
cmp -s out two.csv || fail "--person and --people differ"
grep -e '^P003,' all.csv >three || true
grep -e '^P003,' two.csv | cmp -s - three || fail "one alone and all differ"

# No two columns are called the same.
exits 0 $list --all --top 1 --by-days 8,8.0000001 -o close.h5

# Someone new gets an answer, and a note.
exits 0 $list --person P0031 --top 2
says "does not know person 'P0031'"
says "'P003'"
[ "$(awk -F, 'NR > 1' out | grep -c -e ',person,' -e ',both,')" -eq 2 ] || fail "cold: $(cat out)"
exits 2 "$PROFICIO" recommend m.h5 data.h5 --person ''
says 'the id of a person is empty'
exits 2 "$PROFICIO" recommend m.h5 data.h5 --person "$(printf 'P\377')"
says 'not UTF-8'
printf 'name\nP001\n' >people.csv
exits 3 $list --people people.csv
says 'people.csv:1: the first line has no column person_id'

# All competencies are told, however many there are and however long their ids.
cp -r org wide
i=0
while [ $i -lt 30 ]; do
  printf 'I0,C%0100d,3\n' $i >>wide/targets.csv
  i=$((i + 1))
done
exits 0 "$PROFICIO" import wide -o wide.h5
exits 0 "$PROFICIO" train wide.h5 -o wide_m.h5 --only affinity
exits 0 "$PROFICIO" recommend wide_m.h5 wide.h5 --person new
grep '^new,[0-9]*,I0,' out | grep -q ',C0;C0*;.*;C0*29,' || fail "competencies: $(cat out)"

# A model of other data answers, and a note says so.
sed 's/\<I\([0-9]\),/Z\1,/' org/enrolments.csv >enrolments.csv
exits 0 "$PROFICIO" import enrolments.csv -o others.h5
exits 0 "$PROFICIO" recommend m.h5 others.h5 --all --top 1
says 'knows none of the interventions of others.h5'
exits 0 $list --all --top 1
[ ! -s err ] || fail "said of its own data: $(cat err)"

# --- predict
printf 'intervention_id,person_id\nI2,P005\nI0,P001\nI2,P001\n' >pairs.csv
exits 0 "$PROFICIO" predict m.h5 data.h5 --pairs pairs.csv
cut -d, -f 1,2,3 out >got
printf '%s\n' person_id,intervention_id,competency P005,I2,C2 P001,I0,C0 P001,I2,C2 |
  cmp -s - got || fail "pairs: $(cat got)"
awk -F, 'NR > 1 && !($5 > 0 && $5 < 1 && $11 > 0 && $11 < 1) { exit 1 }' out || fail "$(cat out)"
grep '^P001,I2' out >pair
exits 0 "$PROFICIO" predict m.h5 data.h5 --person P001 --intervention I2
tail -n 1 out | cmp -s - pair || fail "a pair alone differs"
exits 0 "$PROFICIO" predict m.h5 data.h5 --pairs pairs.csv --curves
[ "$(wc -l <out)" -eq 73 ] || fail "24 days for each of 3 pairs"
awk -F, 'NR > 1 { if ($1 $2 == last && $18 < before) exit 1; last = $1 $2; before = $18 }' out ||
  fail "an incidence fell"
# A curve at the asked days says what the columns say.
exits 0 "$PROFICIO" predict m.h5 data.h5 --pairs pairs.csv --by-days 8,16 --curves=8,16
awk -F, 'NR > 1 { d = $18 - ($17 == 8 ? $6 : $7); if (d < -1e-5 || d > 1e-5) exit 1 }' out ||
  fail "curve and columns differ"
exits 0 "$PROFICIO" predict m.h5 data.h5 --pairs pairs.csv -o pairs.h5
exits 0 "$PROFICIO" predict m.h5 data.h5 --pairs pairs.csv --format jsonl
[ "$(wc -l <out)" -eq 3 ] || fail "jsonl of predict"
exits 3 "$PROFICIO" predict m.h5 data.h5 --person P001 --intervention I22
says "does not know intervention 'I22'"

# --- inspect
exits 0 "$PROFICIO" inspect m.h5 --json
says "\"version\":\"$version\"" out
exits 0 "$PROFICIO" inspect data.h5 --json
says '"split":"at 2023-04-01"' out
exits 0 "$PROFICIO" inspect pairs.csv
says 'perhaps CSV' out
code=0
"$PROFICIO" inspect m.h5 --json >/dev/full 2>err || code=$?
[ "$code" -eq 4 ] || fail "a full disk was not noticed: exit $code"
head -c 3000 m.h5 >cut.h5
exits 3 "$PROFICIO" recommend cut.h5 data.h5 --all
no_leftovers
