# labels: property check
# predict --level: what it tells is what numpy makes of the model's own arrays; a day gone by is
# told as it was known then; every way of asking, every format, every refusal.
set -eu
. "$SRC/tests/support/organisation.sh"
fresh

rated org 150
exits 0 "$PROFICIO" import org -o data.h5
exits 0 "$PROFICIO" train data.h5 -o m.h5 --only profile --set train.profile.rank=2

# --- what is told ---------------------------------------------------------------------------

python=
for python in /usr/bin/python3 python3 none; do
  "$python" -c 'import h5py, numpy' 2>/dev/null && break
done
[ "$python" != none ] || fail "needs python3-h5py (sh tests/setup.sh test)"
last=$(sort -t, -k6 org/assessments.csv | awk -F, '$6 ~ /^2/ { last = $6 } END { print last }')
today=$("$python" -c 'import datetime, sys
print(datetime.date.fromisoformat(sys.argv[1]) + datetime.timedelta(1))' "$last")
everybody=
for p in $(awk -F, 'NR > 1 && NR < 42 { print $1 }' org/people.csv); do
  everybody="$everybody --person $p"
done
exits 0 "$PROFICIO" predict m.h5 data.h5 --level $everybody --on 2023-11-05 \
  --on "$today",2026-06-30 -o levels.csv
[ "$(wc -l <levels.csv)" -eq $((40 * 3 * 5 + 1)) ] || fail "rows: $(wc -l <levels.csv)"
"$python" "$SRC/tests/support/levels_with_h5py.py" org m.h5 "$today" levels.csv

# The check has teeth: another rating.
mkdir other && cp org/*.csv other
sed '2s/^\([^,]*,[^,]*\),[^,]*/\1,4.9/' org/assessments.csv >other/assessments.csv
if "$python" "$SRC/tests/support/levels_with_h5py.py" other m.h5 "$today" levels.csv 2>err; then
  fail "another rating was not noticed"
fi
says level

# --- ways of asking -------------------------------------------------------------------------

head -n 1 levels.csv | grep -qx \
  'person_id,competency_id,on,level,level_sd,p05,p95,required,p_below,evidence_n,latest_on,model_version' ||
  fail "columns: $(head -n 1 levels.csv)"
# Without --on, the day after the data; the same as asked for; people and competencies in the
# order given.
exits 0 "$PROFICIO" predict m.h5 data.h5 --level --person P007 --person P003 --competency C3 \
  --competency C1
awk -F, 'NR > 1 { print $1 $2 $3 }' out >asked
printf 'P007C3%s\nP007C1%s\nP003C3%s\nP003C1%s\n' "$today" "$today" "$today" "$today" >expected
cmp -s asked expected || fail "order: $(cat asked)"
grep -F "$(sed -n 3p out)" levels.csv >/dev/null || fail "another answer: $(sed -n 3p out)"
exits 0 "$PROFICIO" predict m.h5 data.h5 --level --competency C3
[ "$(wc -l <out)" -eq 151 ] || fail "everybody: $(wc -l <out)"

# A file of pairs, with a day or without; one answer a row.
printf 'person_id,on,competency_id\nP007,2023-11-05,C1\nP007,,C1\nP007,2023-11-05,C1\n' >asks.csv
exits 0 "$PROFICIO" predict m.h5 data.h5 --level --pairs asks.csv
[ "$(wc -l <out)" -eq 4 ] || fail "rows of pairs"
[ "$(sed -n 2p out)" = "$(sed -n 4p out)" ] || fail "the same question, another answer"
for row in 2 3; do
  grep -qxF "$(sed -n ${row}p out)" levels.csv || fail "pairs differ: $(sed -n ${row}p out)"
done
printf 'competency_id,person_id\nC1,P007\n' >asks.csv
exits 0 "$PROFICIO" predict m.h5 data.h5 --level --pairs asks.csv
grep -qxF "$(sed -n 2p out)" levels.csv || fail "without column on: $(sed -n 2p out)"

# --as-of: what came later is not known, then or on any day to come.
exits 0 "$PROFICIO" predict m.h5 data.h5 --level --person P007 --as-of 2023-11-05
grep -F P007, levels.csv | grep -F ,2023-11-05, >past
tail -n +2 out >then
cmp -s past then || fail "--as-of and --on of a day gone by differ"
awk -F, '$6 < "2023-11-05" || NR == 1' org/assessments.csv >other/assessments.csv
exits 0 "$PROFICIO" import other -o other.h5
exits 0 "$PROFICIO" predict m.h5 other.h5 --level --person P007 --on 2023-11-05
tail -n +2 out >then
cmp -s past then || fail "what came later was seen"
exits 0 "$PROFICIO" predict m.h5 data.h5 --level --person P007 --as-of 2023-11-05 --on 2024-06-01
mv out later
exits 0 "$PROFICIO" predict m.h5 other.h5 --level --person P007 --as-of 2023-11-05 --on 2024-06-01
cmp -s out later || fail "a day to come saw what --as-of hides"

# The same for any number of threads; somebody new is somebody without ratings in no role.
exits 0 "$PROFICIO" predict m.h5 data.h5 --level --competency C3 --threads 1
mv out one
exits 0 "$PROFICIO" predict m.h5 data.h5 --level --competency C3 --threads 3
cmp -s out one || fail "threads change levels"
exits 0 "$PROFICIO" predict m.h5 data.h5 --level --person NEW --competency C0
says "does not know person 'NEW'"
sed -n 2p out | awk -F, '{ exit !($8 == "" && $9 == "" && $10 == 0 && $11 == "") }' ||
  fail "somebody new: $(cat out)"

# --- formats --------------------------------------------------------------------------------

exits 0 "$PROFICIO" predict m.h5 data.h5 --level --person P007 --competency C1 --format jsonl
grep -q '"person_id":"P007","competency_id":"C1","on":"' out || fail "jsonl: $(cat out)"
exits 0 "$PROFICIO" predict m.h5 data.h5 --level --person P007 --format table
grep -q p_below out || fail "table: $(cat out)"
[ "$(awk '{ print length($0) }' out | sort -n | tail -n 1)" -le 80 ] || fail "wider than 80"
exits 0 "$PROFICIO" predict m.h5 data.h5 --level --person P007 -o levels.h5 --json
"$python" - levels.h5 out <<'END'
import json, sys
import h5py
file = h5py.File(sys.argv[1])
assert file.attrs["rows"] == 5 and file["level"].shape == (5,) and file["on"][0].decode()
said = json.loads(open(sys.argv[2]).read().splitlines()[-1])
assert said["command"] == "predict" and said["rows"] == 5 and said["output"] == "levels.h5", said
END
exits 2 "$PROFICIO" predict m.h5 data.h5 --level --person P007 --json
says 'name a file for it, -o FILE'

# --- refusals -------------------------------------------------------------------------------

# refused CODE WORDS ARGUMENT...
refused() {
  code=$1
  words=$2
  shift 2
  exits "$code" "$PROFICIO" predict m.h5 data.h5 "$@"
  says "$words"
}
refused 2 '--person ID, --competency ID or both' --level
refused 2 '--level tells of competencies: without --intervention' --level --person P007 \
  --intervention I1
refused 2 'without --curves' --level --person P007 --curves
refused 2 'without --person' --level --pairs asks.csv --person P007
refused 2 '--competency goes with --level' --person P007 --competency C1
refused 2 '--on goes with --level' --person P007 --on 2024-01-01
refused 2 "dates such as 2025-06-30 expected, separated by commas, not '2023-02-29'" --level \
  --person P007 --on 2023-02-29
refused 2 '--on: up to' --level --person P007 --on 2024-01-01,
refused 2 'one --person ID and --intervention ID' --person P007 --person P008 --intervention I1
refused 3 "does not know competency 'C9'; did you mean" --level --person P007 --competency C9
printf 'person_id,competency_id,on\nP007,C1,\nP007,C1,soon\n' >asks.csv
refused 3 "asks.csv:3: on: a date such as 2025-06-30 expected, not 'soon'" --level --pairs asks.csv
printf 'person_id,competency_id\nP007,C1\nP007,C99\n' >asks.csv
refused 3 "asks.csv:3: the dataset does not know competency 'C99'" --level --pairs asks.csv
printf 'person_id,competency_id\nP007,\n' >asks.csv
refused 3 'asks.csv:2: competency_id is empty' --level --pairs asks.csv
printf 'person_id,skill\nP007,C1\n' >asks.csv
refused 3 'asks.csv:1: the first line has no column competency_id' --level --pairs asks.csv
refused 2 "'asks.csv' is what is read" --level --pairs asks.csv -o asks.csv
organisation plain 40
exits 0 "$PROFICIO" import plain -o plain.h5
exits 0 "$PROFICIO" train plain.h5 -o plain.m.h5 --only affinity
exits 3 "$PROFICIO" predict plain.m.h5 plain.h5 --level --person P007
says 'plain.m.h5 holds no profile'
