# kill -9 while feedback is appended, a version published, an alias moved: nothing acknowledged is
# lost or doubled, and a whole champion always serves. Sourced by tests/cli/loop_kills*.sh.

microseconds() { echo $(($(date +%s%N) / 1000)); }

# Runs the program and kills it after its share of the time that a run takes, `part` of `parts`.
# Sets ended, its exit code.
cut_short() { # cut_short PART PARTS LONG ARGUMENT...
  random=$(((random * 16807) % 2147483647))
  wait=$(($3 * ($1 * 1000 + random % 1000) / $2 / 1000 + 1))
  shift 3
  ended=0
  timeout -s KILL -k 60 --preserve-status \
    "$(printf '%d.%06d' $((wait / 1000000)) $((wait % 1000000)))" \
    "$PROFICIO" "$@" >out 2>err </dev/null || ended=$?
  case $ended in 0 | 5 | 99 | 137) ;; *) cat err; fail "exit $ended, killed: $*" ;; esac
  runs=$((runs + 1))
  [ $ended -ne 137 ] || stopped=$((stopped + 1))
}

# events FROM N: a file of them.
events() {
  awk -v from="$1" -v n="$2" 'BEGIN {
    print "event_id,person_id,intervention_id,at,kind,reason"
    for (k = from; k < from + n; k++)
      printf "e%d,P%d,I%d,2025-01-01,declined,\"reason %d, and some more words\"\n", k, k % 9, k % 5, k
  }'
}

size_of_store() {
  exits 0 "$PROFICIO" feedback verify --store f.db
  size=$(sed 's/ .*//' out)
}

# A batch is there whole or not at all; there, if it was acknowledged; and sending it again adds
# what is missing and nothing else.
kill_appends() {
  rm -f f.db*
  events 1 20 >first.csv
  exits 0 "$PROFICIO" feedback import first.csv --store f.db
  began=$(microseconds)
  exits 0 "$PROFICIO" feedback import first.csv --store f.db
  long=$(($(microseconds) - began))
  there=20 i=0
  while [ $i -lt "$1" ]; do
    events $((there + 1)) 20 >batch.csv
    cut_short $((i * 7 % $1)) "$1" $((long * 5 / 4)) feedback import batch.csv --store f.db
    size_of_store
    [ "$size" -eq "$there" ] || [ "$size" -eq $((there + 20)) ] || fail "$size of $there events"
    [ $ended -ne 0 ] || [ "$size" -eq $((there + 20)) ] || fail "acknowledged events are lost"
    exits 0 "$PROFICIO" feedback import batch.csv --store f.db
    size_of_store
    there=$((there + 20))
    [ "$size" -eq $there ] || fail "$size events, not $there"
    i=$((i + 1))
  done
}

champion() {
  exits 0 "$PROFICIO" registry list reg --format csv
  serves=$(sed -n 's/^\([0-9]*\),"*champion.*/\1/p' out)
}

# Whatever is killed, the champion is the old one or the new one, and whole.
kill_moves() {
  rm -rf reg
  exits 0 "$PROFICIO" registry add reg m1.h5
  exits 0 "$PROFICIO" registry promote reg 1
  began=$(microseconds)
  exits 0 "$PROFICIO" registry add reg m2.h5
  long=$(($(microseconds) - began))
  i=0
  while [ $i -lt "$1" ]; do
    cut_short $((i * 7 % $1)) "$1" $((long * 5 / 4)) registry add reg m$((i % 2 + 1)).h5
    champion
    old=$serves
    exits 0 "$PROFICIO" registry list reg --format csv
    new=$(tail -n 1 out | sed 's/,.*//')
    cut_short $((i * 3 % $1)) "$1" $((long * 5 / 4)) registry promote reg "$new"
    champion
    [ "$serves" = "$old" ] || [ "$serves" = "$new" ] || fail "champion '$serves', not $old or $new"
    [ $ended -ne 0 ] || [ "$serves" = "$new" ] || fail "an acknowledged move is lost"
    exits 0 "$PROFICIO" registry verify reg
    exits 0 "$PROFICIO" inspect reg/@champion
    i=$((i + 2))
    [ $((i % 20)) -ne 0 ] || exits 0 "$PROFICIO" registry gc reg --keep 3
  done
  [ -z "$(find reg/versions -name '.tmp-*')" ] || exits 0 "$PROFICIO" registry gc reg --keep 3
  [ -z "$(find reg -name '.*tmp-*')" ] || fail "leftovers: $(find reg -name '.*tmp-*')"
}

# Refits as of three days, each killed up to four times and then left alone: whenever that was,
# the registry can be read, the champion is the old one until it moves, and the one that serves in
# the end is, to the byte, the one of a registry where nothing was killed.
refit_of() { # refit_of MONTH REGISTRY
  echo refit --registry "$2" --data data.h5 --as-of "2023-$1-01" --rank 2 --max-sweeps 5 \
    --gate-resamples 100 --quiet
}

served() { # the digest of the model that serves; nothing where there is none yet
  [ -d "$1/versions" ] || return 0
  exits 0 "$PROFICIO" registry verify "$1"
  [ -e "$1/aliases.json" ] || return 0
  number=$(sed -n 's/.*"champion":[^0-9]*\([0-9]*\).*/\1/p' "$1/aliases.json")
  [ -z "$number" ] || sha256sum "$(printf '%s/versions/%06d/model.h5' "$1" "$number")" | cut -c1-64
}

kill_refits() {
  i=0 moved=0
  while [ $i -lt "$1" ]; do
    case $((i / 4 % 3)) in 0) month=03 ;; 1) month=06 ;; *) month=10 ;; esac
    [ $month != 03 ] || rm -rf ref whole
    code=0
    began=$(microseconds)
    "$PROFICIO" $(refit_of "$month" whole) >out 2>err </dev/null || code=$?
    long=$(($(microseconds) - began))
    case $code in 0 | 5 | 99) ;; *) cat err; fail "a refit ends with $code" ;; esac
    [ $month = 03 ] || [ $code -ne 0 ] || moved=$((moved + 1))
    served whole >expected
    for try in 1 2 3 4; do
      served ref >before
      cut_short $((i * 7 % $1)) "$1" $((long * 5 / 4)) $(refit_of "$month" ref)
      served ref >now
      cmp -s now before || cmp -s now expected || fail "another champion serves"
      [ $ended -eq 137 ] || cmp -s now expected || fail "what ended well is lost"
      i=$((i + 1))
    done
    again=0
    "$PROFICIO" $(refit_of "$month" ref) >out 2>err </dev/null || again=$?
    [ $again -eq $code ] || [ $again -eq 99 ] || { cat err; fail "exit $again, not $code"; }
    served ref | cmp - expected || fail "after kills another champion serves"
  done
  [ -z "$(find ref -name '.*tmp-*')" ] || exits 0 "$PROFICIO" registry gc ref --keep 3
  [ -z "$(find ref -name '.*tmp-*')" ] || fail "leftovers: $(find ref -name '.*tmp-*')"
}

# refit_kills N, a multiple of 4.
refit_kills() {
  random=${PFC_TEST_SEED:-20240501}
  echo "seed $random (PFC_TEST_SEED sets it)"
  runs=0 stopped=0
  organisation org 60
  exits 0 "$PROFICIO" import org -o data.h5
  kill_refits "$1"
  echo "$stopped of $runs were stopped; the champion moved $moved times"
  [ $moved -gt 0 ] || fail "no candidate was promoted"
  [ $((stopped * 4)) -gt $runs ] || fail "too few were stopped"
}

# loop_kills N: half of them while appending.
loop_kills() {
  random=${PFC_TEST_SEED:-20240501}
  echo "seed $random (PFC_TEST_SEED sets it)"
  runs=0 stopped=0
  organisation org 60
  exits 0 "$PROFICIO" import org -o data.h5
  for rank in 1 2; do exits 0 "$PROFICIO" train data.h5 -o m$rank.h5 --rank $rank --max-sweeps 2; done
  kill_appends $(($1 / 2))
  kill_moves $(($1 - $1 / 2))
  echo "$stopped of $runs were stopped"
  [ $((stopped * 4)) -gt $runs ] || fail "too few were stopped"
}
