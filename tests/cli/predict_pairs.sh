# labels: property check
# What is predicted of a pair hangs on nothing but the pair: neither on those beside it, nor on
# their order, nor on how often or by how many threads it is asked.
set -eu
. "$SRC/tests/support/organisation.sh"
fresh && organisation org 300
exits 0 "$PROFICIO" import org -o data.h5
exits 0 "$PROFICIO" train data.h5 -o model.h5 --quiet

# More people than two threads' tiles hold, each with several pairs, far apart in the file.
people() { awk -F, 'NR > 1 { print $1 }' org/people.csv; }
interventions() { awk -F, 'NR > 1 && NR <= 5 { print $1 }' org/interventions.csv; }
echo person_id,intervention_id >pairs.csv
for i in $(interventions); do people | sed "s/\$/,$i/"; done >>pairs.csv
exits 0 "$PROFICIO" predict model.h5 data.h5 --pairs pairs.csv --threads 2 -o all.csv
[ "$(wc -l <all.csv)" -eq "$(wc -l <pairs.csv)" ] || fail "a row a pair"
cut -d, -f1,2 all.csv | cmp - pairs.csv || fail "in the order of the pairs"

exits 0 "$PROFICIO" predict model.h5 data.h5 --pairs pairs.csv --threads 1 -o one.csv
cmp all.csv one.csv || fail "threads change it"

# Backwards, and every pair twice in a row.
(head -n 1 pairs.csv; sed 1d pairs.csv | tac | sed p) >back.csv
exits 0 "$PROFICIO" predict model.h5 data.h5 --pairs back.csv --threads 2 -o back.out.csv
(head -n 1 all.csv; sed 1d all.csv | tac | sed p) | cmp - back.out.csv ||
  fail "order or company change it"

# One alone.
person=$(people | sed -n 40p)
intervention=$(interventions | sed -n 3p)
exits 0 "$PROFICIO" predict model.h5 data.h5 --person "$person" --intervention "$intervention" \
  -o alone.csv
grep -E "^person_id,|^$person,$intervention," all.csv | cmp - alone.csv || fail "company changes it"
