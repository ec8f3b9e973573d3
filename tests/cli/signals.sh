# labels: property check
# What each signal does, by its number and by how often it comes: exit 128 + signal, nothing
# half-written, what stood there stands. (stops.sh: at any moment of every command.)
set -eu
. "$SRC/tests/support/organisation.sh"
fresh && organisation org 2500

exits 0 "$PROFICIO" import org -o data.h5
echo before >m.h5
# stopped SIGNAL: a training of several seconds, which looks after each of its short sweeps, is
# stopped.
stopped() {
  code=0
  timeout -s "$1" 1 "$PROFICIO" train data.h5 -o m.h5 --only affinity --rank 192 \
    --max-sweeps 10000 --tolerance 0 >out 2>err </dev/null || code=$?
  # timeout says 124 when the program did end after its signal.
  [ "$code" -eq 124 ] || { cat err; fail "not stopped by $1: exit $code"; }
  says 'proficio train: '
  [ "$(cat m.h5)" = before ] || fail "$1 touched the model"
  no_leftovers
}
stopped INT
stopped TERM

# The exit code tells which signal it was.
for signal in INT:130 TERM:143; do
  code=0
  timeout --preserve-status -s "${signal%:*}" 1 "$PROFICIO" train data.h5 -o m.h5 \
    --only affinity --rank 192 --max-sweeps 10000 --tolerance 0 >out 2>err </dev/null || code=$?
  [ "$code" -eq "${signal#*:}" ] || fail "${signal%:*}: exit $code"
done

# Whoever cannot wait asks twice: it ends at once, and tidily.
"$PROFICIO" train data.h5 -o m.h5 --only affinity --rank 512 >out 2>err </dev/null &
sleep 1
kill -TERM $!
sleep 0.3
kill -TERM $! 2>/dev/null || true
code=0
wait $! || code=$?
[ "$code" -eq 143 ] || fail "asked twice: exit $code"
[ "$(cat m.h5)" = before ] || fail "asked twice, and the model was touched"
no_leftovers

# Asked once, it ends by itself within seconds though it does not look: one sweep of this fit
# takes several.
# started ARGUMENT...: the program, in the background for half a minute at most; its id is in
# file `program`.
started() {
  rm -f program
  timeout -s KILL 30 sh -c 'echo $$ >program && exec "$0" "$@"' "$PROFICIO" "$@" </dev/null &
  until [ -s program ]; do sleep 0.1; done
}
# asked_once FILE WHAT: the program started last, which makes FILE.
asked_once() {
  kill -TERM "$(cat program)"
  code=0
  wait $! || code=$?
  [ "$code" -eq 143 ] || fail "asked once while $2: exit $code"
  [ "$(cat "$1")" = before ] || fail "asked once while $2, and $1 was touched"
  no_leftovers
}
started train data.h5 -o m.h5 --only affinity --rank 512 >out 2>err
sleep 1
asked_once m.h5 'it computes'

# Nor does it look while nobody reads what it says: this pipe is full, and its own file begun.
exits 0 "$PROFICIO" train data.h5 -o m.h5 --only affinity
echo before >lists.csv
mkfifo full
exec 3<>full
dd if=/dev/zero of=full bs=4096 oflag=nonblock 2>/dev/null || true
started recommend m.h5 data.h5 --all --log-json -o lists.csv >out 2>&3
tries=0
until [ -e lists.csv.part ]; do
  tries=$((tries + 1))
  [ $tries -lt 250 ] || fail "lists.csv was not begun"
  sleep 0.1
done
sleep 0.5
asked_once lists.csv 'it waits for a reader'
exec 3<&-

# A reader that goes away ends the writer in silence.
"$PROFICIO" recommend m.h5 data.h5 --all --format jsonl 2>err | head -n 1 >out
[ -s out ] || fail "no row"
[ ! -s err ] || fail "said: $(cat err)"

# An output that cannot be finished does not appear, and what stood there stands.
echo before >lists.csv
printf 'person_id,intervention_id\nP001,I1\nP001,\n' >pairs.csv
exits 3 "$PROFICIO" predict m.h5 data.h5 --pairs pairs.csv -o lists.csv
[ "$(cat lists.csv)" = before ] || fail "lists.csv was touched"
(
  ulimit -f 1
  trap '' XFSZ
  exits 4 "$PROFICIO" recommend m.h5 data.h5 --all --quiet -o lists.csv
)
[ "$(cat lists.csv)" = before ] || fail "a cut file took its place"
no_leftovers
