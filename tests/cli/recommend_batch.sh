# labels: property check
# What a job that runs every night asks of recommend: shards that add up, a manifest and counts
# that agree with the lists, a decision log, what changed since yesterday; and refusals of what
# does not go together.
set -eu
. "$SRC/tests/support/organisation.sh"
fresh && organisation org 300
exits 0 "$PROFICIO" import org -o data.h5
exits 0 "$PROFICIO" train data.h5 -o m.h5 --rank 2 --max-sweeps 4 --quiet
exits 0 "$PROFICIO" recommend m.h5 data.h5 --all --top 3 -o lists.csv --log log.jsonl --prom text.prom
n_rows=$(($(wc -l <lists.csv) - 1))
n_people=$(($(wc -l <org/people.csv) - 1))

# --- shards: disjoint, together everybody, the same rows to the byte, in the order of the people
rm -f shards.csv
for i in 1 2 3; do
  exits 0 "$PROFICIO" recommend m.h5 data.h5 --all --top 3 --shard $i/3 -o "s$i.csv" --json
  [ "$(wc -l <"s$i.csv")" -gt $((n_rows / 6)) ] || fail "shard $i is almost empty"
  says "\"shard\":\"$i/3\"" out
  tail -n +2 "s$i.csv" >>shards.csv
  tail -n +2 "s$i.csv" >one
  grep -Fx -f one lists.csv | cmp -s - one || fail "order in shard $i"
done
tail -n +2 lists.csv | LC_ALL=C sort >whole
LC_ALL=C sort shards.csv | cmp - whole || fail "shards are not the whole"
# Whoever else is in the data, a person stays in the same shard.
head -n 150 org/people.csv | cut -d, -f1 >half.csv
exits 0 "$PROFICIO" recommend m.h5 data.h5 --people half.csv --top 3 --shard 2/3 -o half2.csv
cut -d, -f1 half2.csv | sort -u >got
cut -d, -f1 s2.csv | sort -u | grep -Fx -f half.csv | cmp - got || fail "shards move"
# As FORMATS.md defines them, by another hand.
python3 - s1.csv s2.csv s3.csv <<'EOF'
import csv, sys
def share(id, n):
    h = 0xcbf29ce484222325
    for b in id.encode():
        h = (h ^ b) * 0x100000001b3 % 2**64
    h = (h ^ h >> 32) * 0x9E3779B97F4A7C15 % 2**64
    h ^= h >> 29
    return 1 + ((h >> 32) * n >> 32)
for i, path in enumerate(sys.argv[1:], 1):
    for row in csv.DictReader(open(path)):
        assert share(row["person_id"], 3) == i, (path, row["person_id"])
EOF
exits 2 "$PROFICIO" recommend m.h5 data.h5 --person P001 --shard 1/2
says 'it goes with --all or --people FILE'
for bad in 0/2 3/2 1 1/ /2 1/2/3 -1/2 ' 1/2' 1/0 1/1000000 a/b; do
  exits 2 "$PROFICIO" recommend m.h5 data.h5 --all --shard "$bad"
  says '--shard: I/N expected'
done

# --- manifest, Prometheus and log agree with the lists
[ "$(wc -l <log.jsonl)" -eq "$n_rows" ] || fail "rows of the log"
python3 - "$n_rows" "$n_people" <<'EOF'
import csv, hashlib, json, math, sys
n_rows, n_people = map(int, sys.argv[1:])
rows = list(csv.DictReader(open("lists.csv")))
m = json.load(open("lists.csv.manifest.json"))
assert m["rows"] == n_rows == len(rows) and m["people"] == n_people, m
with_list = len({r["person_id"] for r in rows})
assert m["with_list"] == with_list and m["without"] == n_people - with_list
for name, key in (("m.h5", "model_sha256"), ("data.h5", "data_sha256")):
    assert m[key] == hashlib.sha256(open(name, "rb").read()).hexdigest()
assert m["model_sha256"].startswith(m["model_version"])
# Every pair is allowed or spoken against, and one may be spoken against by several.
assert m["allowed"] > 0 and m["rules"]["covered"] > 0
assert m["allowed"] + max(m["rules"].values()) <= n_people * m["candidates"]
assert m["allowed"] + sum(m["rules"].values()) >= n_people * m["candidates"]
assert math.isclose(m["value"], sum(float(r["adds"]) for r in rows), rel_tol=1e-4)
assert m["settings"]["recommend"]["top"] == 3 and m["shard"] == ""
seconds = m["seconds"]
assert all(v >= 0 for v in seconds.values())
assert sum(v for k, v in seconds.items() if k != "total") <= seconds["total"] + 0.01
for row, line in zip(rows, open("log.jsonl"), strict=True):
    d = json.loads(line)
    for key in ("decision_id", "person_id", "intervention_id", "model_version", "why", "due_on"):
        assert d[key] == row[key], (key, d, row)
    for key in ("rank", "value", "adds", "accept", "p_success", "discount", "anyway", "teaches",
                "price", "gap_closed", "propensity"):
        assert d[key] == (float(row[key]) if row[key] else None), (key, d, row)
    assert d["n_eligible"] >= d["rank"] and len(d["eligible"]) == 16 and d["goal"] == ""
    assert d["at"] == m["as_of"] and d["override"] == (row["why"] == "override")
    text = "".join(x + "\n" for x in (d["model_version"], d["person_id"], d["intervention_id"],
                                      d["at"]))
    assert d["decision_id"] == hashlib.sha256(text.encode()).hexdigest()[:16]
EOF
# Every sample has its HELP and TYPE before it, and its value is a number.
awk '
  /^# HELP / { if (NF < 4) bad(); helped[$3] = 1; next }
  /^# TYPE / { if (!helped[$3] || $4 != "gauge" || NF != 4) bad(); typed[$3] = 1; next }
  !/^proficio_recommend_[a-z_]+({([a-z_]+="[^"]*",?)+})? (NaN|-?[0-9.]+(e[+-]?[0-9]+)?)$/ { bad() }
  { name = $1; sub(/{.*/, "", name); if (!typed[name]) bad(); value[$1] = $2 }
  function bad() { print "line " NR ": " $0; failed = 1 }
  END {
    if (value["proficio_recommend_rows"] != '"$n_rows"') failed = 1
    if (value["proficio_recommend_people"] != '"$n_people"') failed = 1
    if (!("proficio_recommend_rule_pairs{rule=\"covered\"}" in value)) failed = 1
    exit failed
  }' text.prom || fail "$(cat text.prom)"

# Two runs differ in their seconds alone; a table on standard output has no manifest unless asked.
sed '/"seconds"/,/}/d' lists.csv.manifest.json >one
exits 0 "$PROFICIO" recommend m.h5 data.h5 --all --top 3 -o lists.csv --log log.jsonl --threads 1
sed '/"seconds"/,/}/d' lists.csv.manifest.json | cmp - one || fail "manifests differ"
exits 0 "$PROFICIO" recommend m.h5 data.h5 --all --top 3 --manifest other.json --log log2.jsonl
cmp out lists.csv || fail "standard output and -o differ"
cmp log.jsonl log2.jsonl || fail "logs differ"
[ ! -e .manifest.json ] && grep -q '"output"' lists.csv.manifest.json || fail "manifest"
! grep -q '"output"' other.json || fail "an output that there is not"

# --- what changed: the same again, then with a course passed, one gone and one renamed
changes="recommend m.h5 data.h5 --all --top 3 --previous"
exits 0 "$PROFICIO" $changes lists.csv --changes changes.csv -o same.csv
awk -F, 'NR > 1 && $2 != "kept" { exit 1 }' changes.csv || fail "$(cat changes.csv)"
[ "$(wc -l <changes.csv)" -eq $((n_rows + 1)) ] || fail "rows of changes"
exits 0 "$PROFICIO" recommend m.h5 data.h5 --all --top 3 -o lists.jsonl
exits 0 "$PROFICIO" $changes lists.jsonl --changes changes2.csv -o same.csv
cmp changes.csv changes2.csv || fail "CSV and JSON Lines of yesterday differ"
gzip -k lists.csv
exits 0 "$PROFICIO" $changes lists.csv.gz --changes changes2.csv -o same.csv
cmp changes.csv changes2.csv || fail "packed lists of yesterday differ"
# P000's first is now called otherwise, its second stands last; P001 had no list; P002 one more.
python3 - <<'EOF'
import csv
rows = list(csv.DictReader(open("lists.csv")))
people = [p for p in dict.fromkeys(r["person_id"] for r in rows)
          if sum(r["person_id"] == p for r in rows) == 3][:4]
a, b, c, d = people
out = []
for r in rows:
    if r["person_id"] == a and r["rank"] == "1":
        r["intervention_id"] = "GONE, once"
    if r["person_id"] == a and r["rank"] in "23":
        r["rank"] = str(5 - int(r["rank"]))
    if r["person_id"] == b:
        continue
    if r["person_id"] == c:
        r["value"] = str(float(r["value"]) / 1.25)
    if r["person_id"] == d and r["rank"] == "3":
        continue
    out.append(r)
out.append(dict(out[0], person_id="STRANGER"))
with open("edited.csv", "w", newline="") as f:
    w = csv.DictWriter(f, rows[0].keys())
    w.writeheader()
    w.writerows(out)
open("people4", "w").write(" ".join(people))
EOF
exits 0 "$PROFICIO" $changes edited.csv --changes changes.csv -o same.csv
says '1 rows of'
cmp same.csv lists.csv || fail "yesterday alone changed today"
python3 - <<'EOF'
import csv
a, b, c, d = open("people4").read().split()
today = {}
for r in csv.DictReader(open("lists.csv")):
    today.setdefault(r["person_id"], []).append(r["intervention_id"])
got = {}
for r in csv.DictReader(open("changes.csv")):
    got.setdefault(r["person_id"], []).append(
        (r["change"], r["intervention_id"], r["rank_before"], r["rank_now"], r["why"]))
x, y, z = today[a]
assert got[a] == [("added", x, "", "1", "a place was free"),
                  ("moved", y, "3", "2", "others came or went"),
                  ("moved", z, "2", "3", "others came or went"),
                  ("removed", "GONE, once", "1", "", "no longer in the catalogue")], got[a]
assert [g[0] for g in got[b]] == ["added"] * 3 and got[b][0][4] == "no list before"
assert all(g[0] == "kept" and g[4] == "value rose by 25 %" for g in got[c]), got[c]
assert got[d][2][0] == "added" and got[d][2][4] == "a place was free", got[d]
assert "STRANGER" not in got
EOF
# The day after: what P-somebody began or passed is gone from the list, and the reason told.
sed -n 2p lists.csv | cut -d, -f1,3 >first
who=$(cut -d, -f1 first) what=$(cut -d, -f2 first)
cp -r org org2
echo "$who,$what,2023-12-01,2023-12-01,2023-12-20,passed" >>org2/enrolments.csv
exits 0 "$PROFICIO" import org2 -o data2.h5
exits 0 "$PROFICIO" recommend m.h5 data2.h5 --all --top 3 --previous lists.csv --changes changes.csv \
  -o same.csv
grep -q "^$who,removed,$what,1,,.*,completed" changes.csv || fail "$(grep "^$who," changes.csv)"

# --- what does not go together, and bad files
exits 2 "$PROFICIO" recommend m.h5 data.h5 --all --changes c.csv
says 'name them, --previous FILE'
exits 2 "$PROFICIO" recommend m.h5 data.h5 --all --previous lists.csv
says 'say what yesterday'
exits 2 "$PROFICIO" recommend m.h5 data.h5 --all -o x.csv --log x.csv
says "--log: 'x.csv' is what -o names"
exits 2 "$PROFICIO" recommend m.h5 data.h5 --all -o x.csv --log data.h5
says 'is what is read'
exits 2 "$PROFICIO" $changes lists.csv --changes lists.csv
says 'is what is read'
[ ! -e x.csv ] && [ ! -e x.csv.part ] && [ ! -e x.csv.manifest.json ] || fail "written all the same"
exits 4 "$PROFICIO" recommend m.h5 data.h5 --all -o no/such/lists.csv
exits 4 "$PROFICIO" $changes missing.csv --changes c.csv
says missing.csv
# bad WHAT: a file of yesterday's lists that is refused.
bad() {
  exits 3 "$PROFICIO" $changes bad.csv --changes c.csv
  says "$1"
  [ ! -e c.csv ] && [ ! -e c.csv.part ] || fail "changes in spite of: $1"
}
printf 'person_id,rank\nP001,1\n' >bad.csv
bad 'bad.csv:1: no column intervention_id'
printf 'person_id,rank,intervention_id\nP001,0,I1\n' >bad.csv
bad "bad.csv:2: column rank: '0'; expected a place"
printf 'person_id,rank,intervention_id\nP001,,I1\n' >bad.csv
bad "bad.csv:2: column rank: ''"
printf 'person_id,rank,intervention_id,value\nP001,1,I1,much\n' >bad.csv
bad "bad.csv:2: column value: 'much'; expected a number"
printf 'person_id,rank,intervention_id\nP001,1\n' >bad.csv
bad 'bad.csv:2: expected 3 cells'
printf '{"person_id":"P001","rank":1}\n' >bad.csv
bad 'bad.csv:1: column intervention_id'
printf '{"person_id":"P001","rank":1,"intervention_id":"I1"}\n{"person_id"\n' >bad.csv
bad 'bad.csv:2'
cp data.h5 bad.csv
bad 'bad.csv'

# Today's lists may take the place of yesterday's.
exits 0 "$PROFICIO" $changes lists.csv --changes changes.csv -o lists.csv
# A link is followed, a second writer refused, and nothing is left.
ln -s lists.csv link.csv
exits 0 "$PROFICIO" recommend m.h5 data.h5 --all --top 3 -o link.csv
[ -L link.csv ] && cmp lists.csv same.csv >/dev/null || [ -L link.csv ] || fail "the link is gone"
exits 4 "$PROFICIO" recommend m.h5 data.h5 --all -o .
no_leftovers
[ -z "$(find . -name '*.part*')" ] || fail "parts are left"
