# labels: golden check
# `bench loop`: rounds as a table and as JSON, a picture, the same bytes for any number of
# threads, and what it does not take.
set -eu
. "$SRC/tests/support/organisation.sh"
fresh
loop="bench loop --rounds 2 --people 60 --interventions 30 --months 8 --rank 4 --resamples 20"
frame="--framework $SRC/datasets/samples/onet29"

exits 0 "$PROFICIO" $loop $frame
[ "$(head -n 1 out)" = 'round,day,policy,regret,lo,hi,worth,gap_closed_per_hour,shortfall,led' ] ||
  fail "other columns"
[ "$(wc -l <out)" -eq 11 ] || fail "two rounds of five policies expected"
[ "$(awk -F, 'NR > 1 { print $3 }' out | sort | uniq -c | awk '{ print $1 $2 }' | tr '\n' ' ')" = \
  '2frozen 2gap 2popularity 2random 2refit ' ] || fail "other policies"
says 'regret of refit less that of frozen, from round 2 on' err
cp out one.csv
exits 0 "$PROFICIO" $loop $frame --threads 3
cmp -s out one.csv || fail "threads show"

exits 0 "$PROFICIO" $loop $frame --json -o table.csv --plots pictures --drift --policy random
says '"command":"bench loop","preset":"small","history":"random","seed":1,"people":60' out
says '"drift_on":"2025-10-02"' out
[ -s pictures/regret_by_round.svg ] || fail "no picture"
[ "$(wc -l <table.csv)" -eq 11 ] || fail "no table"

exits 2 "$PROFICIO" $loop $frame --rounds 41
says 'rounds is 41, allowed is 1 to 40'
exits 2 "$PROFICIO" $loop $frame --days 3
says 'days is 3, allowed is 7 to 720'
exits 2 "$PROFICIO" $loop $frame --rounds two
says "whole number expected, not 'two'"
exits 2 "$PROFICIO" $loop $frame --preset tiny
says 'small, medium, large or hard'
exits 2 "$PROFICIO" $loop $frame --policy best
says 'random or managers expected'
exits 3 "$PROFICIO" $loop --framework nowhere
says "nowhere lacks"
exits 0 "$PROFICIO" bench loop --help
says 'refitted on what came of its' out
