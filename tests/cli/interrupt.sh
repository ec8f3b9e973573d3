# labels: property check
# Ctrl-C and its kin: exit 128 + signal, nothing half-written, what stood there stands.
set -eu
. "$SRC/tests/support/organisation.sh"
fresh && organisation org 2500

exits 0 "$PROFICIO" import org -o data.h5
echo before >m.h5
# stopped SIGNAL CODE: a training that would take minutes is stopped.
stopped() {
  code=0
  timeout -s "$1" 1.5 "$PROFICIO" train data.h5 -o m.h5 --only affinity --rank 256 \
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
  timeout --preserve-status -s "${signal%:*}" 1.5 "$PROFICIO" train data.h5 -o m.h5 \
    --only affinity --rank 256 --max-sweeps 10000 --tolerance 0 >out 2>err </dev/null || code=$?
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

# A reader that goes away ends the writer in silence.
exits 0 "$PROFICIO" train data.h5 -o m.h5 --only affinity
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
