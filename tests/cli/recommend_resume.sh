# labels: property check
# A run that was killed goes on where it stopped and ends with the bytes of one that was not, in
# every format and every file; what another run began is not taken up.
set -eu
. "$SRC/tests/support/organisation.sh"
fresh && organisation org 9000
exits 0 "$PROFICIO" import org -o data.h5
exits 0 "$PROFICIO" train data.h5 -o m.h5 --only affinity --rank 2 --max-sweeps 2 --quiet
random=${PFC_TEST_SEED:-20240501}
echo "seed $random (PFC_TEST_SEED sets it)"
milliseconds() { date +%s%3N; }
mkdir whole there

exits 0 "$PROFICIO" recommend m.h5 data.h5 --all --top 2 -o yesterday.csv --quiet
all="recommend m.h5 data.h5 --all --previous yesterday.csv"

# killed FORMAT KILLS: so many kills in a row, each at its share of the time a run takes, then a
# run that is left alone. The first kills come late, so that there is something to go on from.
went_on=0
killed() {
  files="lists.$1 log.jsonl changes.csv sheet.csv"
  began=$(milliseconds)
  exits 0 "$PROFICIO" $all -o "whole/lists.$1" --log whole/log.jsonl --changes whole/changes.csv \
    --answer-sheet whole/sheet.csv --quiet
  long=$(($(milliseconds) - began))
  rm -f there/*
  i=0
  while [ $i -lt "$2" ]; do
    random=$(((random * 16807) % 2147483647))
    wait=$((long * (($2 - i) * 1000 + random % 1000) / ($2 + 1) + 1))
    code=0
    timeout -s KILL "$(printf '%d.%06d' $((wait / 1000000)) $((wait % 1000000)))" \
      "$PROFICIO" $all -o "there/lists.$1" --log there/log.jsonl --changes there/changes.csv \
      --answer-sheet there/sheet.csv >out 2>err </dev/null || code=$?
    [ $code -eq 0 ] || [ $code -eq 137 ] || { cat err; fail "exit $code, $1"; }
    ! grep -q 'going on after' err || went_on=$((went_on + 1))
    for file in $files; do
      [ ! -e "there/$file" ] || cmp -s "there/$file" "whole/$file" || fail "$file is cut after $wait us"
    done
    [ $code -ne 0 ] || rm -f there/*
    i=$((i + 1))
  done
  exits 0 "$PROFICIO" $all -o "there/lists.$1" --log there/log.jsonl --changes there/changes.csv \
    --answer-sheet there/sheet.csv
  ! grep -q 'going on after' err || went_on=$((went_on + 1))
  for file in $files; do cmp "there/$file" "whole/$file" || fail "$file after all"; done
  left=$(ls -A there | grep -v -x -e "lists.$1" -e log.jsonl -e changes.csv -e sheet.csv \
    -e "lists.$1.manifest.json" || true)
  [ -z "$left" ] || fail "left behind: $left"
}
killed csv 8
killed jsonl 4
killed h5 4
killed txt 4
# Beside other work a run takes longer than the one that was timed, and dies too early to go on.
more=0
while [ $went_on -lt 4 ] && [ $more -lt 4 ]; do
  killed csv 8
  more=$((more + 1))
done
echo "$went_on runs went on"
[ $went_on -ge 4 ] || fail "too few"
