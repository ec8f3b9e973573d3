# labels: golden check
# split --export at the command line: with a split and alone, what is refused, what is told.
set -eu
. "$SRC/tests/support/organisation.sh"
fresh && organisation org 60
exits 0 "$PROFICIO" import org -o data.h5
cp data.h5 plain.h5
all='test_candidates.csv test_episodes.csv test_queries.csv test_starts.csv
train_episodes.csv train_interactions.csv train_matrix.h5 train_starts.csv'
# holds FOLDER: all files and no other
holds() {
  [ "$(ls "$1" | tr '\n' ' ')" = "$(echo $all) " ] || fail "$1 holds $(ls "$1")"
}

# Nothing to export without a split; the dataset stays as it was.
exits 2 "$PROFICIO" split data.h5 --export files
says 'has no split'
[ ! -e files ] || fail "a folder was made"
cmp data.h5 plain.h5

# Alone it needs a split and changes nothing; with --at it makes one.
exits 0 "$PROFICIO" split data.h5 --at 2023-04-01 --export files
says 'starts and'
holds files
cp data.h5 split.h5
exits 0 "$PROFICIO" split data.h5 --export again --threads 1
cmp data.h5 split.h5
diff -r files again || fail "another export, other bytes"
exits 0 "$PROFICIO" split plain.h5 --at 2023-04-01 -o other.h5 --export again
cmp other.h5 split.h5
diff -r files again || fail "from the plain dataset, other bytes"
exits 0 "$PROFICIO" inspect plain.h5 --json
says '"split":"none"' out

# What is told, to people and to programs.
exits 0 "$PROFICIO" split data.h5 --export files --json
says '"export":{"folder":"files","files":{"train_interactions.csv":' out
says '"split":"at 2023-04-01"' out
for file in $all; do says "\"$file\":" out; done
starts=$(grep -o '"test_starts.csv":[0-9]*' out | cut -d: -f2)
[ "$starts" -eq $(($(wc -l <files/test_starts.csv) - 1)) ] || fail "test_starts.csv: $starts"
exits 0 "$PROFICIO" split data.h5 --export files --quiet
[ ! -s err ] || fail "--quiet, yet: $(cat err)"

# Each labelled start is on one side, and the sides are those of the table.
{ tail -n +2 files/train_starts.csv; tail -n +2 files/test_starts.csv; } | wc -l >n
{ grep -cE ',(passed|failed)$' org/enrolments.csv || :; } >expected
[ "$(cat n)" -le "$(cat expected)" ] || fail "more starts than there are"
awk -F, 'FNR > 1 && $3 >= "2023-04-01"' files/train_starts.csv | grep -q . && fail "trained on the test"
awk -F, 'FNR > 1 && $3 < "2023-04-01"' files/test_*.csv | grep -q 2022- && fail "tested on training"

# Refused: -o without a split to write, a table in the place of the data, no folder.
exits 2 "$PROFICIO" split data.h5 --export files -o else.h5
says '-o goes with'
mkdir there && cp data.h5 there/train_matrix.h5
exits 2 "$PROFICIO" split there/train_matrix.h5 --export there
says 'is what is read'
cmp there/train_matrix.h5 data.h5
exits 4 "$PROFICIO" split data.h5 --export no/such/folder
exits 4 "$PROFICIO" split data.h5 --export data.h5
cmp data.h5 split.h5

# When the export fails, there is no split either.
exits 4 "$PROFICIO" split plain.h5 --by person --fraction 0.3 --export no/such/folder
exits 0 "$PROFICIO" inspect plain.h5 --json
says '"split":"none"' out
no_leftovers

# Every column of every file is told of.
for file in files/*.csv; do
  for name in $(head -n 1 "$file" | tr , ' '); do
    case $name in *.x_* | *.c_*) continue ;; esac
    grep -qF -e "\`$name\`" "$SRC/docs/FORMATS.md" || fail "FORMATS.md does not tell $name of $file"
  done
done
