# labels: golden check
# `bench cold`: figures as a table and as JSON, the same bytes for any number of threads, and what
# it does not take.
set -eu
. "$SRC/tests/support/organisation.sh"
fresh
cold="bench cold --people 100 --interventions 40 --months 10 --days 60 --rank 4 --resamples 20"
frame="--framework $SRC/datasets/samples/onet29"

exits 0 "$PROFICIO" $cold $frame
[ "$(head -n 1 out)" = 'figure,value,lo,hi' ] || fail "other columns"
[ "$(grep -c '^new_people\.' out)" -eq 7 ] || fail "seven figures of people expected"
[ "$(grep -c '^new_interventions\.' out)" -eq 7 ] || fail "seven figures of interventions expected"
for part in new_competencies new_competencies_among_old; do
  [ "$(grep -c "^$part\." out)" -eq 5 ] || fail "five figures of $part expected"
done
[ "$(grep -c '^new_among_old\.' out)" -eq 16 ] || fail "sixteen figures of lists expected"
cp out one.csv
exits 0 "$PROFICIO" $cold $frame --threads 3
cmp -s out one.csv || fail "threads show"

exits 0 "$PROFICIO" $cold $frame --json -o table.csv --share 0.4
says '"command":"bench cold","preset":"medium","history":"managers","seed":1' out
[ "$(wc -l <table.csv)" -eq 41 ] || fail "no table"

exits 2 "$PROFICIO" $cold $frame --share 2
says 'share is 2, allowed is 0.01 to 0.9'
exits 2 "$PROFICIO" $cold $frame --share some
says "number from 0.01 to 0.9 expected, not 'some'"
exits 2 "$PROFICIO" $cold $frame --days 0
says 'days is 0, allowed is 1'
exits 3 "$PROFICIO" $cold --framework nowhere
says "nowhere lacks"
exits 0 "$PROFICIO" bench cold --help
says 'had nothing been hidden' out
