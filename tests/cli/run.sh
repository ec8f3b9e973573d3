# labels: golden check
# needs: PFC_SQLITE
# The nightly job: from init to lists, nothing new, goes on after a kill, feeds too old or too
# small, one at a time; and what docs/OPERATIONS.md gives to cron and Airflow works.
set -eu
. "$SRC/tests/support/organisation.sh"
fresh
HOME=$PWD
export HOME
mkdir bin
ln -s "$PROFICIO" bin/proficio
PATH=$PWD/bin:$PATH
organisation org 150

# --- begin -----------------------------------------------------------------------------------
exits 0 proficio init skills
says 'Put exports there' out
exits 2 proficio init skills
says 'is there already'
grep -q '^people.csv$' skills/exports/README.txt || fail "no tables in README.txt"
cp org/*.csv skills/exports/
cd skills
# What init writes is what holds without it.
proficio config | sed 1d >with.txt
(cd .. && proficio config | sed 1d >skills/without.txt)
cmp with.txt without.txt || fail "what init writes is not how things are without it"
rm with.txt without.txt
# Small models are fitted quickly; `out` is where these tests keep what commands print.
cat >small.py <<'EOF'
import json
settings = json.load(open("proficio.json"))
settings["run"]["out"] = "lists"
settings["train"] = {"affinity": {"rank": 2, "max_sweeps": 2}, "profile": {"rank": 0}}
json.dump(settings, open("proficio.json", "w"))
EOF
python3 small.py

exits 0 proficio run --dry-run
says 'proficio refit --registry registry --data data.h5' out
[ ! -e lists ] && [ ! -e data.h5 ] || fail "--dry-run left something"

# --- the whole way -----------------------------------------------------------------------------
exits 0 proficio run --quiet
line='proficio run: [0-9]+ rows imported; refit: first; [0-9]+ rows of lists in lists; [0-9]+ s'
grep -Eqx "$line" out || fail "its line: $(cat out)"
for file in answers.csv lists.csv lists.csv.manifest.json decisions.jsonl recommend.prom check.txt; do
  [ -s "lists/$file" ] || fail "no lists/$file"
done
proficio registry verify registry >/dev/null || fail "the registry does not verify"
cp lists/lists.csv first.csv
exits 99 proficio run --quiet
cmp lists/lists.csv first.csv || fail "a run with nothing new wrote lists"

# --- goes on -----------------------------------------------------------------------------------
# Killed at one moment after the other; in the end everything is there.
echo . >exports/note.txt
for wait in 0.05 0.2 0.6; do
  proficio run --quiet >/dev/null 2>&1 &
  job=$!
  sleep "$wait"
  kill -9 "$job" 2>/dev/null || :
  wait "$job" 2>/dev/null || :
done
sleep 0.2 # commands that were under way are asked to end as well
code=0
proficio run --quiet >out 2>err || code=$?
[ "$code" -eq 0 ] || [ "$code" -eq 99 ] || fail "after kills: exit $code, $(cat err)"
exits 99 proficio run --quiet
cmp lists/lists.csv first.csv || fail "lists after kills are others"
# Steps that run.json holds are not done again.
cat >undo.py <<'EOF'
import json
state = json.load(open("lists/run.json"))
del state["steps"]["recommend"], state["steps"]["report"]
json.dump(state, open("lists/run.json", "w"))
EOF
python3 undo.py
rm data.h5
exits 4 proficio run --quiet
says 'data.h5'
echo .. >exports/note.txt
exits 0 proficio run --quiet

# --- one at a time -------------------------------------------------------------------------------
python3 - "$PWD/lists/run.lock" >locked.txt <<'EOF' &
import fcntl, struct, sys, time
held = open(sys.argv[1], "r+")
# The lock of an open file, as base/lock.c takes it: F_OFD_SETLK.
fcntl.fcntl(held, 37, struct.pack("hhqqi4x", fcntl.F_WRLCK, 0, 0, 0, 0))
print("held", flush=True)
time.sleep(600)
EOF
holder=$!
while ! grep -q held locked.txt; do sleep 0.05; done
exits 4 proficio run --quiet
kill "$holder"
wait "$holder" 2>/dev/null || :

# --- feeds ---------------------------------------------------------------------------------------
cp lists/lists.csv first.csv
exits 3 proficio run --quiet --as-of 2030-01-01 --set run.max_age=enrolments=7
says 'enrolments ends on'
exits 3 proficio run --quiet --set run.min_rows=people=100000,enrolments.passed=900000
says 'people has'
says 'enrolments.passed has'
exits 2 proficio run --quiet --set run.min_rows=pepole=3
says 'run.min_rows: TABLE=NUMBER'
cmp lists/lists.csv first.csv || fail "a refused run touched the lists"
exits 4 proficio run --quiet --set run.sources=nowhere
says 'nowhere'

# --- schedulers ----------------------------------------------------------------------------------
cd ..
sed -n '/^```crontab$/,/^```$/s/^30 2 \* \* \* //p' "$SRC/docs/OPERATIONS.md" >cron.sh
[ -s cron.sh ] || fail "no crontab in docs/OPERATIONS.md"
echo ... >skills/exports/note.txt
sh cron.sh || fail "cron's line: $?"
grep -q 'rows of lists' skills/run.log || fail "cron's line ran nothing: $(cat skills/run.log)"
sh cron.sh || fail "cron's line with nothing new: $?"
sed -n '/^```python$/,/^```$/p' "$SRC/docs/OPERATIONS.md" | sed '1d;$d' >dag.py
echo .... >skills/exports/note.txt
python3 "$SRC/tests/support/airflow_stub.py" dag.py >air.txt 2>/dev/null
[ "$(tail -n 1 air.txt)" = "run=success verify=success" ] || fail "Airflow: $(tail -n 1 air.txt)"
python3 "$SRC/tests/support/airflow_stub.py" dag.py >air.txt 2>/dev/null
[ "$(tail -n 1 air.txt)" = "run=skipped verify=skipped" ] || fail "Airflow: $(tail -n 1 air.txt)"
no_leftovers
