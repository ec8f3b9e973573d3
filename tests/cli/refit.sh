# labels: golden check
# proficio refit: the first model, nothing new, each of the verdicts; a job that was stopped at
# any step is taken up; a dry run changes nothing.
set -eu
. "$SRC/tests/support/organisation.sh"
fresh && organisation org 60
exits 0 "$PROFICIO" import org -o data.h5

# refit CODE ARGUMENT...
refit() {
  expected=$1
  shift
  exits "$expected" "$PROFICIO" refit --registry reg --data data.h5 --rank 2 "$@"
}
# aliases CHAMPION CHALLENGER PREVIOUS VERSIONS
aliases() {
  exits 0 "$PROFICIO" registry verify reg --json
  grep -q "\"versions\":$4,\"champion\":$1,\"challenger\":$2,\"previous\":$3," out ||
    { cat out; fail "aliases are not $*"; }
}
# state: everything that lies in the registry, but for its lock.
state() { (cd reg && find . -type f ! -name registry.lock -exec sha256sum {} + | sort); }

# A dry run makes no folder; the first model serves at once.
refit 0 --as-of 2023-03-01 --dry-run --json
says '"outcome":"first"' out
[ ! -e reg ] || fail "a dry run made a registry"
refit 0 --as-of 2023-03-01 --json
says '"outcome":"first"' out
says 'the first model is the champion'
aliases 1 0 0 1
refit 0 --as-of 2023-03-01 --dry-run --registry other
exits 0 "$PROFICIO" recommend reg/@champion data.h5 --all --as-of 2023-03-01 --quiet

# On the same data nothing is new; nor are a few rows.
state >before
refit 99 --as-of 2023-03-01
says 'nothing to do: 0 new rows'
refit 99 --as-of 2023-05-01 --json
says '"outcome":"nothing"' out
says '"candidate":0' out
state | cmp - before || fail "a refit without news changed the registry"

# A candidate of which too little can be told: it stays the challenger, and no more is done
# until there is more than was judged.
refit 99 --as-of 2023-06-01
says 'undecided'
grep -q '^all.log_loss,newest,' out || fail "the rows of the gate"
aliases 1 2 0 2
cmp -s reg/versions/000001/model.h5 reg/versions/000002/model.h5 && fail "the same model"
state >before
refit 99 --as-of 2023-06-01 --json
says '"went_on":true' out
says '"verdict":"undecided"' out
refit 99 --as-of 2023-06-20
says 'more than were judged before'
refit 99 --as-of 2023-06-01 --dry-run --min-new 5
state | cmp - before || fail "a refit that was judged before changed the registry"

# A job that was stopped is taken up where it stood. Before the gate: the model is not fitted
# again.
mv reg/versions/000002/verdict.json verdict
refit 99 --as-of 2023-06-01 --json
says '"went_on":true' out
cmp reg/versions/000002/verdict.json verdict || fail "judged again, the verdict is another one"
aliases 1 2 0 2
# After the verdict, before the aliases moved.
sed 's/"undecided"/"reject"/' verdict >reg/versions/000002/verdict.json
refit 5 --as-of 2023-06-01
says 'reject: the candidate is worse, the champion stays'
aliases 1 0 0 2
refit 5 --as-of 2023-06-01
aliases 1 0 0 2
exits 0 "$PROFICIO" registry show reg
says 'refit: reject' out
sed 's/"undecided"/"promote"/' verdict >reg/versions/000002/verdict.json
refit 0 --as-of 2023-06-01
aliases 2 0 1 2
exits 0 "$PROFICIO" registry rollback reg
# Whoever went back from it is not overruled by the same data.
refit 99 --as-of 2023-06-01
says 'somebody went back from it'
aliases 1 0 2 2

# A better one is promoted, to the byte of what was judged; a champion of yesterday is the
# previous one.
refit 0 --as-of 2023-10-01 --method full
says 'promote: the candidate is the champion'
aliases 3 0 1 3
sha=$(sha256sum reg/versions/000003/model.h5 | cut -c1-64)
grep -q "\"sha256\":.\"$sha\"" reg/versions/000003/manifest.json || fail "not what was published"
for key in inputs method new_rows tried feedback_head champion; do
  grep -q "\"$key\":" reg/versions/000003/manifest.json || fail "the manifest tells no $key"
done
refit 99 --as-of 2023-10-01 --method full
aliases 3 0 1 3

# One at a time: the second says who is at work.
"$PROFICIO" refit --registry reg --data data.h5 --rank 2 --min-new 1 >first.out 2>&1 &
first=$!
until [ -s reg/registry.lock ]; do kill -0 $first || break; done
kill -STOP $first
refit 4
says "process $first"
kill -CONT $first
wait $first || [ $? -eq 99 ] || { cat first.out; fail "the first of two"; }

# A model that somebody added is no update's prior: who is trusted may have trained it.
exits 0 "$PROFICIO" train data.h5 -o m.h5 --as-of 2023-01-01 --rank 2
exits 0 "$PROFICIO" registry add reg2 m.h5
exits 0 "$PROFICIO" registry promote reg2 1
exits 2 "$PROFICIO" refit --registry reg2 --data data.h5 --rank 2 --method update
says 'the champion cannot be updated'
code=0
"$PROFICIO" refit --registry reg2 --data data.h5 --rank 2 --json >out 2>err || code=$?
[ $code -eq 0 ] || [ $code -eq 99 ] || fail "exit $code"
says '"method":"full"' out

exits 2 "$PROFICIO" refit --registry reg
says '--registry FOLDER --data DATA'
exits 2 "$PROFICIO" refit --registry reg --data data.h5 --method best
says 'auto|update|full expected'

# The example of the page, and what it says of exit codes.
awk '/^```sh$/ { on = 1; next } /^```$/ { on = 0 } on' "$SRC/docs/REFIT.md" >commands
[ "$(wc -l <commands)" -eq 5 ] || fail "docs/REFIT.md shows other commands"
while read -r line; do
  code=$(echo "$line" | sed -n 's/.*# \([0-9]*\): .*/\1/p')
  # shellcheck disable=SC2086
  exits "${code:-0}" "$PROFICIO" $(echo "$line" | sed 's/^proficio //; s/ #.*//')
done <commands
grep -q '^3,champion,' out || fail "docs/REFIT.md's commands end otherwise"
no_leftovers
