# kill -9 at seeded moments: a file is the old one or the new one, whole. Sourced by
# tests/cli/kills*.sh.

# prepare_kills PEOPLE: data large enough for commands of a tenth of a second or more, and of
# each output the old file (of other data) and the new one.
prepare_kills() {
  organisation org "$1"
  sed 's/^\(P[0-9]*\),.*/\1,f/; 1s/.*/person_id,gender/' org/people.csv >org/protected.csv
  organisation other 30
  printf 'person_id,gender\nP000,m\n' >other/protected.csv
  mkdir old new
  exits 0 "$PROFICIO" import other -o old/data.h5
  exits 0 "$PROFICIO" train old/data.h5 -o old/m.h5 --rank 2
  exits 0 "$PROFICIO" recommend old/m.h5 old/data.h5 --all -o old/lists.csv
  exits 0 "$PROFICIO" import org -o new/data.h5
  cp new/data.h5 data.h5
  exits 0 "$PROFICIO" train data.h5 -o new/m.h5 --rank 8 --max-sweeps 4
  cp new/m.h5 m.h5
  exits 0 "$PROFICIO" recommend m.h5 data.h5 --all -o new/lists.csv
  mkdir there
}

# is_whole FILE: there/FILE is the old or the new one to the byte.
is_whole() {
  cmp -s "there/$1" "old/$1" || cmp -s "there/$1" "new/$1"
}

milliseconds() { date +%s%3N; }

# stop_often SIGNAL N FILES ARGUMENT...: N runs of the program, each sent the signal after its
# share of the time that a run takes, which is measured now and then again, for machines have
# moods. The moments are dealt over the whole, each in a part of its own. After KILL the
# program leaves what it leaves; after INT and TERM its exit code tells the signal and nothing
# is left. Ends with a run that is left alone.
stop_often() {
  signal=$1 n=$2 files=$3
  shift 3
  case $signal in KILL) wanted=137 ;; INT) wanted=130 ;; *) wanted=143 ;; esac
  stopped=0 changed=0 i=0
  while [ $i -lt "$n" ]; do
    if [ $((i % 25)) -eq 0 ]; then
      began=$(milliseconds)
      exits 0 "$PROFICIO" "$@" --quiet
      long=$(($(milliseconds) - began))
    fi
    for file in $files; do cp "old/$file" "there/$file"; done
    random=$(((random * 16807) % 2147483647))
    part=$((i * 7 % n)) # 7 and n have no common factor: every part once
    wait=$((long * (part * 1000 + random % 1000) / n + 1))
    what="$signal after $wait us of $long ms: $*"
    code=0
    timeout -s "$signal" -k 60 --preserve-status \
      "$(printf '%d.%06d' $((wait / 1000000)) $((wait % 1000000)))" \
      "$PROFICIO" "$@" --quiet >out 2>err </dev/null || code=$?
    [ $code -eq 0 ] || [ $code -eq $wanted ] || { cat err; fail "exit $code, $what"; }
    [ $code -eq 0 ] || stopped=$((stopped + 1))
    for file in $files; do
      is_whole "$file" || fail "$file is cut, $what"
      cmp -s "there/$file" "old/$file" || changed=$((changed + 1))
    done
    [ "$signal" = KILL ] || no_leftovers there
    i=$((i + 1))
  done
  # What the killed left is no hindrance, and gone.
  exits 0 "$PROFICIO" "$@" --quiet
  for file in $files; do cmp "there/$file" "new/$file" || fail "$file after all, $*"; done
  no_leftovers there
  echo "$signal: $stopped of $n stopped; $changed files were new: $*"
  all_runs=$((${all_runs:-0} + n))
  all_stopped=$((${all_stopped:-0} + stopped))
}

# A test that came too late every time has seen nothing.
enough_stopped() {
  echo "$all_stopped of $all_runs were stopped"
  [ $((all_stopped * 4)) -gt "$all_runs" ] || fail "too few"
}

# kills N: so many for all commands together.
kills() {
  random=${PFC_TEST_SEED:-20240501}
  echo "seed $random (PFC_TEST_SEED sets it)"
  each=$(($1 / 3))
  stop_often KILL $each 'data.h5 protected.h5' import org -o there/data.h5
  stop_often KILL $each m.h5 train data.h5 -o there/m.h5 --rank 8 --max-sweeps 4
  stop_often KILL $(($1 - 2 * each)) lists.csv recommend m.h5 data.h5 --all -o there/lists.csv
  enough_stopped
}
