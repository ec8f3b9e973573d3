# labels: golden check
# needs: PFC_SQLITE
# Usage errors exit 2 with a message that helps; help lists exactly the commands that work;
# every command has help with an example; exit codes are those promised.
set -eu
. "$SRC/tests/support/organisation.sh"
fresh && organisation org 40

exits 2 "$PROFICIO"
says 'Commands:'
exits 2 "$PROFICIO" trian
says "did you mean 'train'"
exits 2 "$PROFICIO" xyzzy
says '`proficio help` lists them'

exits 0 "$PROFICIO" --version
grep -Eqx 'proficio [0-9]+\.[0-9]+\.[0-9]+' out || fail "version: $(cat out)"

commands='import check split simulate train evaluate gaps recommend explain predict suggest feedback registry refit run init inspect config bench help'
for how in --help help; do
  exits 0 "$PROFICIO" "$how"
  listed=$(sed -n '/^Commands:/,/^$/s/^  \([a-z]*\) .*/\1/p' out | tr '\n' ' ')
  [ "$listed" = "$commands " ] || fail "listed: $listed"
done
for command in $commands; do
  exits 0 "$PROFICIO" help "$command"
  grep -q '^Example:' out || fail "no example: $command"
  [ "$command" = help ] && continue
  cp out one
  exits 0 "$PROFICIO" "$command" --help
  cmp -s out one || fail "help $command is not $command --help"
  exits 2 "$PROFICIO" "$command" --no-such-option
  says "proficio $command: unrecognized option"
done
exits 2 "$PROFICIO" help trian

exits 2 "$PROFICIO" train
says 'proficio train: expected: DATA -o MODEL'
exits 2 "$PROFICIO" train a b -o c
says "'b' is one too many"
exits 2 "$PROFICIO" train data.h5
says 'name the model to write: -o FILE'
exits 2 "$PROFICIO" import org
says 'name the dataset to write: -o FILE'
exits 2 "$PROFICIO" train data.h5 -o m.h5 --only affinity,speed
says 'affinity, success, accept or time expected'
exits 2 "$PROFICIO" train data.h5 -o m.h5 --only time --require success
exits 2 "$PROFICIO" train data.h5 -o m.h5 --rank 0
says "train.affinity.rank: a whole number from 1 to 512 expected, not '0'"
exits 2 "$PROFICIO" train data.h5 -o m.h5 --rank 1.5
exits 2 "$PROFICIO" train data.h5 -o m.h5 --rank nan
exits 2 "$PROFICIO" train data.h5 -o m.h5 --threads -1
exits 2 "$PROFICIO" train data.h5 -o m.h5 --seed 1e3
exits 2 "$PROFICIO" recommend m.h5 data.h5
says 'say for whom'
exits 2 "$PROFICIO" recommend m.h5 data.h5 --all --as-of 2023-02-29
says '--as-of: a date'
exits 2 "$PROFICIO" recommend m.h5 data.h5 --all --rank-by price
says 'value|affinity expected'
exits 2 "$PROFICIO" recommend m.h5 data.h5 --all --by-days 180,90
says 'two ascending numbers'
exits 2 "$PROFICIO" predict m.h5 data.h5 --person P1
exits 2 "$PROFICIO" predict m.h5 data.h5 --person P1 --intervention I1 --curves=9,3
exits 2 "$PROFICIO" evaluate m.h5 data.h5 --k 5,x
exits 2 "$PROFICIO" config --format xml
says 'csv, jsonl, hdf5 or table expected'
exits 2 "$PROFICIO" config --format hdf5
says 'name a file with -o'
exits 2 "$PROFICIO" config --set train.affinity.rank
says 'NAME=VALUE expected'
exits 2 "$PROFICIO" suggest
says 'targets|roles DATA'
exits 2 "$PROFICIO" suggest people org
says "targets or roles expected, not 'people'"
exits 2 "$PROFICIO" suggest roles
says 'name the data'
exits 2 "$PROFICIO" simulate
says 'name the folder to write: -o DIR'
exits 2 "$PROFICIO" simulate -o o --preset tiny
says 'small, medium, large or hard expected'
exits 2 "$PROFICIO" simulate -o o --people 3
says 'people is 3, allowed is 20 to 10000000'
exits 2 "$PROFICIO" simulate -o o --months 1e2
says "--months: a whole number expected, not '1e2'"
exits 2 "$PROFICIO" simulate -o o --bias x
exits 2 "$PROFICIO" simulate -o o --policy fair
says 'random or managers expected'
exits 2 "$PROFICIO" simulate -o o --drift-at 2025-02-29
exits 2 "$PROFICIO" simulate -o o --dirty 0.5
exits 2 "$PROFICIO" simulate -o o --dirty 0.1 --completions-only
[ ! -e o ] || fail 'a folder after a usage error'
exits 2 "$PROFICIO" split data.h5
exits 2 "$PROFICIO" split data.h5 --at yesterday
exits 2 "$PROFICIO" split data.h5 --by person
says '--fraction F, or --folds K'
exits 2 "$PROFICIO" split data.h5 --by person --folds 2.5

# Bad data and foreign files are 3, what the system refuses is 4.
exits 4 "$PROFICIO" train missing.h5 -o m.h5
says 'proficio train: '
says 'missing.h5'
echo 'a,b' >text.csv
exits 3 "$PROFICIO" train text.csv -o m.h5
exits 0 "$PROFICIO" import org -o data.h5
exits 3 "$PROFICIO" recommend data.h5 data.h5 --all

# What is read is not written over, and a split that cannot be read back is not written.
cp data.h5 before.h5
exits 2 "$PROFICIO" train data.h5 -o data.h5
says "-o: 'data.h5' is what is read"
ln data.h5 link.h5
exits 2 "$PROFICIO" train data.h5 -o link.h5
exits 2 "$PROFICIO" split data.h5 --by person --fraction 0.2 --fold 3
says '--fold goes with --folds'
cmp -s data.h5 before.h5 || fail "data.h5 was touched"
exits 2 "$PROFICIO" config -o -
says "the name of a file expected, not '-'"
[ ! -e - ] || fail "a file called -"
exits 4 "$PROFICIO" import org -o no/such/folder/data.h5
exits 4 "$PROFICIO" import nowhere -o x.h5
exits 3 "$PROFICIO" train data.h5 -o m.h5 --require success --success-min-rows 100000
says 'success cannot be trained'
[ ! -e m.h5 ] || fail "a model was written"

# A comparison with nothing is none.
echo '{"limits":{}}' >b.json
exits 3 "$PROFICIO" bench --small --only logit --against b.json
says 'what `proficio bench --json` printed is expected'
echo '{"results":[{"name":"else","seconds":1}]}' >b.json
exits 3 "$PROFICIO" bench --small --only logit --against b.json
says 'none of these benches'
exits 2 "$PROFICIO" bench --small --only logit --measure-seconds 5000
says 'above 0 and up to 3600'

# Nor is what an option names, whatever it is called by.
exits 0 "$PROFICIO" import org -o data.h5
exits 0 "$PROFICIO" train data.h5 -o m.h5 --only affinity
printf 'person_id,intervention_id\nP001,I1\n' >pairs.csv
printf '{}\n' >settings.json
ln pairs.csv same.csv
exits 2 "$PROFICIO" predict m.h5 data.h5 --pairs pairs.csv -o pairs.csv
exits 2 "$PROFICIO" predict m.h5 data.h5 --pairs pairs.csv -o same.csv
exits 2 "$PROFICIO" recommend m.h5 data.h5 --people pairs.csv -o ./pairs.csv
exits 2 "$PROFICIO" config --config settings.json -o settings.json
exits 2 "$PROFICIO" import org -o org/people.csv
says 'stands among what is read'
exits 2 "$PROFICIO" import org/people.csv -o org/people.csv
exits 2 "$PROFICIO" import org -o new.h5 --rejects org/episodes.csv
exits 2 "$PROFICIO" import org/people.csv -o new.h5 --rejects org/people.csv
exits 2 "$PROFICIO" import org -o new.h5 --rejects ./new.h5
says "'./new.h5' is what -o names"
exits 2 "$PROFICIO" import org -o protected.h5
says 'kept for protected attributes'
[ ! -e new.h5 ] && [ ! -e protected.h5 ] || fail "written all the same"
[ "$(wc -l <pairs.csv)" -eq 2 ] && [ "$(cat settings.json)" = '{}' ] || fail "an input changed"
# What an import wrote into the folder of its sources, the next one replaces.
exits 0 "$PROFICIO" import org -o org/data.h5 --rejects org/why.csv
exits 0 "$PROFICIO" import org -o org/data.h5 --rejects org/why.csv

# A command whose product is a table does not drop it.
exits 2 "$PROFICIO" recommend m.h5 data.h5 --all --json
says 'name a file for it, -o FILE'
exits 2 "$PROFICIO" predict m.h5 data.h5 --pairs pairs.csv --json

# Whoever prints notices when nothing arrives.
cp data.h5 data2.h5
exits 0 "$PROFICIO" split data.h5 --at 2023-04-01
exits 0 "$PROFICIO" train data.h5 -o m.h5 --only affinity
for arguments in --help --version help 'help train' 'train --help' config \
  'import org -o data3.h5' 'split data2.h5 --at 2023-04-01' \
  'train data.h5 -o m2.h5 --only affinity' 'evaluate m.h5 data.h5 --resamples 0' \
  'recommend m.h5 data.h5 --all' 'recommend m.h5 data.h5 --all --json -o lists.csv' \
  'predict m.h5 data.h5 --pairs pairs.csv' 'inspect m.h5' 'inspect data.h5' 'config --json' \
  'bench --small --only logit'; do
  code=0
  "$PROFICIO" $arguments >/dev/full 2>err || code=$?
  [ "$code" -eq 4 ] || fail "a full disk was not noticed by $arguments: exit $code"
  says 'cannot write to standard output: No space left on device'
  code=0
  "$PROFICIO" $arguments >&- 2>err || code=$?
  [ "$code" -eq 4 ] || fail "a closed output was not noticed by $arguments: exit $code"
  says 'cannot write to standard output'
done

# No file takes the number of a closed stream: messages do not end up in a dataset.
exits 0 "$PROFICIO" inspect data3.h5
exits 0 "$PROFICIO" inspect m2.h5
cp lists.csv before.csv
"$PROFICIO" recommend m.h5 data.h5 --all --log-json -o lists.csv <&- >&- 2>&-
cmp lists.csv before.csv || fail "with all streams closed the lists differ"
no_leftovers
