# labels: property check
# What people decide is seen in every file: mandates and overrides, lists that stay, exploration
# with its chances; the same for any number of threads and any shards.
set -eu
. "$SRC/tests/support/organisation.sh"
fresh && organisation org 300
cp -r org ruled
printf 'intervention_id,role_id,due_on\nI5,R1,2023-12-20\n' >ruled/mandates.csv
printf '%s\n' person_id,intervention_id,action,reason,actor,expires_on \
  'P004,I2,force,back from leave,works council,' >ruled/overrides.csv
exits 0 "$PROFICIO" import org -o data.h5
exits 0 "$PROFICIO" train data.h5 -o m.h5 --rank 2 --max-sweeps 4 --quiet
exits 0 "$PROFICIO" recommend m.h5 data.h5 --all --top 3 -o lists.csv
# P008's, or somebody's near it, first recommendation is blocked.
sed -n '/^P[01]0[89],1,/{p;q;}' lists.csv | cut -d, -f1,3 >first
who=$(cut -d, -f1 first) what=$(cut -d, -f2 first)
echo "$who,$what,block,not for us,manager," >>ruled/overrides.csv
exits 0 "$PROFICIO" import ruled -o ruled.h5
exits 0 "$PROFICIO" recommend m.h5 ruled.h5 --all --top 3 -o ruled.csv --log log.jsonl \
  --previous lists.csv --changes changes.csv
python3 - "$who" "$what" <<'EOF'
import csv, json, sys
who, what = sys.argv[1:]
rows = list(csv.DictReader(open("ruled.csv")))
people = {r["person_id"]: r["role_id"] for r in csv.DictReader(open("ruled/people.csv"))}
m = json.load(open("ruled.csv.manifest.json"))
mandates = [r for r in rows if r["why"] == "mandate"]
forced = [r for r in rows if r["why"] == "override"]
assert mandates and all(r["intervention_id"] == "I5" and r["due_on"] == "2023-12-20"
                        and people[r["person_id"]] == "R1" and r["rank"] == "1" for r in mandates)
assert [(r["person_id"], r["intervention_id"], r["rank"]) for r in forced] == [("P004", "I2", "1")]
assert m["mandates"] == len(mandates) and m["forced"] == 1
assert not any(r["person_id"] == who and r["intervention_id"] == what for r in rows)
assert m["rules"]["blocked"] == 1
for row, line in zip(rows, open("log.jsonl"), strict=True):
    d = json.loads(line)
    assert d["why"] == row["why"] and d["override"] == (row["why"] == "override")
    assert d["due_on"] == row["due_on"] and d["propensity"] is None
before = {(r["person_id"], r["intervention_id"]) for r in csv.DictReader(open("lists.csv"))}
why = {(r["person_id"], r["intervention_id"]): (r["change"], r["why"])
       for r in csv.DictReader(open("changes.csv"))}
assert why[who, what] == ("removed", "blocked by manager"), why[who, what]
if ("P004", "I2") not in before:
    assert why["P004", "I2"] == ("added", "put here by an override"), why["P004", "I2"]
for r in mandates:
    key = r["person_id"], "I5"
    if key not in before:
        assert why[key] == ("added", "new mandate, due on 2023-12-20"), why[key]
EOF

# --- lists that stay: whatever is worth less than a thousand times more, they do
sed 's/^\(P[0-9]*\),2,/\1,x,/; s/^\(P[0-9]*\),3,/\1,2,/; s/^\(P[0-9]*\),x,/\1,3,/' lists.csv >swapped.csv
keep="recommend m.h5 data.h5 --all --top 3 --previous swapped.csv"
exits 0 "$PROFICIO" $keep --keep-unless-gain 1000 -o kept.csv --changes changes.csv
python3 - <<'EOF'
import csv, json
def lists(path):
    found = {}
    for r in csv.DictReader(open(path)):
        found.setdefault(r["person_id"], {})[int(r["rank"])] = r["intervention_id"]
    return found
before, now = lists("swapped.csv"), lists("kept.csv")
assert {p: set(x.values()) for p, x in before.items()} == {p: set(x.values()) for p, x in now.items()}
assert json.load(open("kept.csv.manifest.json"))["kept"] >= len(before) * 0.9
EOF
exits 2 "$PROFICIO" recommend m.h5 data.h5 --all --keep-unless-gain 0.1
says 'name them, --previous FILE'
exits 2 "$PROFICIO" $keep --keep-unless-gain 0.1 --explore 0.1
exits 2 "$PROFICIO" $keep --keep-unless-gain -1
exits 2 "$PROFICIO" recommend m.h5 data.h5 --all --diversity 2
exits 2 "$PROFICIO" recommend m.h5 data.h5 --all --attention-hours 0

# --- exploration: chances told, drawn by seed and person alone
explore="recommend m.h5 data.h5 --all --top 3 --explore 0.5"
exits 0 "$PROFICIO" $explore --seed 3 -o explored.csv --log log.jsonl
exits 0 "$PROFICIO" $explore --seed 3 -o again.csv --threads 1
cmp explored.csv again.csv || fail "threads have a say"
exits 0 "$PROFICIO" $explore --seed 4 -o other.csv
! cmp -s explored.csv other.csv || fail "the seed has no say"
rm -f parts
for i in 1 2; do
  exits 0 "$PROFICIO" $explore --seed 3 --shard $i/2 -o "s$i.csv"
  tail -n +2 "s$i.csv" >>parts
done
tail -n +2 explored.csv | LC_ALL=C sort >whole
LC_ALL=C sort parts | cmp - whole || fail "shards draw otherwise"
# A floor of 0.5 / 20 under each chance.
python3 - <<'EOF'
import csv, json
rows = list(csv.DictReader(open("explored.csv")))
assert all(0.5 / 20 - 1e-9 <= float(r["propensity"]) <= 1 for r in rows)
assert any(float(r["propensity"]) < 0.9 for r in rows)
for row, line in zip(rows, open("log.jsonl"), strict=True):
    assert json.loads(line)["propensity"] == float(row["propensity"])
EOF

# --- a goal for everybody: what its role asks for counts in full
cp -r org aims
printf 'role_id\nR0\nR1\nR2\nR3\nLEAD\n' >aims/roles.csv
printf 'role_id,competency_id,level\nR0,C0,2\nR1,C0,2\nR2,C0,2\nR3,C0,2\nLEAD,C1,5\n' >aims/requirements.csv
exits 0 "$PROFICIO" import aims -o aims.h5
exits 0 "$PROFICIO" recommend m.h5 aims.h5 --all --top 1 -o own.csv
exits 0 "$PROFICIO" recommend m.h5 aims.h5 --all --top 1 -o goal.csv --goal LEAD --log log.jsonl
# I1, I4 and I7 teach C1 (support/organisation.sh).
own=$(cut -d, -f3 own.csv | grep -c -x -e I1 -e I4 -e I7 || true)
goal=$(cut -d, -f3 goal.csv | grep -c -x -e I1 -e I4 -e I7 || true)
[ "$goal" -gt $((own + 50)) ] || fail "the goal has no say: $own, $goal"
! grep -v '"goal":"LEAD"' log.jsonl || fail "the log does not tell the goal"
grep -q '"goal":.*"LEAD"' goal.csv.manifest.json || fail "nor the manifest"
exits 3 "$PROFICIO" recommend m.h5 aims.h5 --all --goal LEED
says "does not know role 'LEED'"
says "'LEAD'"
no_leftovers
