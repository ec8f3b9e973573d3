# labels: golden check
# gaps: lists, roll-ups and what nothing addresses; every format, for any number of threads;
# what adds up; what is asked wrongly.
set -eu
. "$SRC/tests/support/organisation.sh"
fresh
gaps() { exits 0 "$PROFICIO" gaps m.h5 data.h5 "$@"; }

exits 0 "$PROFICIO" simulate -o org --framework "$SRC/datasets/samples/onet29" --people 200 \
  --interventions 30 --months 12 --roles 5 --seed 3
# What comes after what: of the first competencies of the framework each before the next.
awk -F, 'NR == 1 { print "from_competency_id,to_competency_id,relation,weight" }
  NR > 2 && NR < 60 { print before "," $1 ",precedes,0.5" } NR > 1 { before = $1 }' \
  org/competencies.csv >relations.csv
mv relations.csv org/relations.csv
exits 0 "$PROFICIO" import org --scale 0,7 -o data.h5
exits 0 "$PROFICIO" train data.h5 -o m.h5 --only profile --profile-rank 1 --profile-sweeps 10
person=$(awk -F, 'NR == 2 { print $1 }' org/people.csv)

# A model without a profile, data without requirements, and no model at all.
exits 0 "$PROFICIO" train data.h5 -o popular.h5 --baseline popularity
exits 2 "$PROFICIO" gaps data.h5
says 'proficio train data.h5 -o model.h5'
exits 3 "$PROFICIO" gaps popular.h5 data.h5 --all
says 'popular.h5 holds no profile'
mkdir bare && cp org/people.csv org/assessments.csv org/sources.csv bare/
exits 0 "$PROFICIO" import bare --scale 0,7 -o bare.h5
exits 3 "$PROFICIO" gaps m.h5 bare.h5 --all
says 'bare.h5 says of no role what it asks for'

# One thing at a time, and each where it belongs.
for wrong in "" "--all --by unit" "--by unit --uncovered" "--by city" "--all --affected 2" \
  "--by unit --min-p-gap 0.5" "--all --min-p-gap 2" "--all --top 0" "--all --top 1.5" \
  "--all --ahead 121" "--by unit --affected 0" "--by unit --min-group 0"; do
  exits 2 "$PROFICIO" gaps m.h5 data.h5 $wrong
done
says 'min_group'
exits 2 "$PROFICIO" gaps m.h5 data.h5 --all --json
says 'name a file for it, -o FILE'
exits 2 "$PROFICIO" gaps m.h5 data.h5 --people bare/people.csv -o bare/people.csv
exits 0 "$PROFICIO" gaps m.h5 data.h5 --person NOBODY
says "does not know person 'NOBODY'"

# Every format has the same rows, with any number of threads.
gaps --all -o all.csv --threads 1
gaps --all -o all2.csv --threads 3
cmp all.csv all2.csv || fail "threads change the lists"
gaps --all -o all.jsonl
gaps --all -o all.h5 --json
cp out all.json
for by in unit role competency unit,competency role,competency; do
  gaps --by $by --affected 2 -o "by_$by.csv" --threads 1
  gaps --by $by --affected 2 -o again.csv --threads 3
  cmp "by_$by.csv" again.csv || fail "threads change --by $by"
  gaps --by $by --min-group 1 -o "open_$by.csv" --json
  cp out "open_$by.json"
done
gaps --uncovered -o uncovered.csv --json
cp out uncovered.json
gaps --by unit --ahead 12 -o ahead.csv
cmp -s ahead.csv by_unit.csv && fail "a year makes no difference"
gaps --all --top 3 --min-p-gap 0.6 -o few.csv

/usr/bin/python3 - org <<'END'
import csv, json, math, sys
import h5py

def rows(name):
    with open(name, newline="") as file:
        return list(csv.DictReader(file))

def close(a, b, by=1e-4):
    return math.isclose(float(a), float(b), rel_tol=by, abs_tol=1e-4)

lists = rows("all.csv")
told = [json.loads(line) for line in open("all.jsonl")]
with h5py.File("all.h5") as file:
    assert file.attrs["rows"] == len(lists) == len(told)
    priority = file["priority"][...]
summary = json.load(open("all.json"))
assert summary["rows"] == len(lists) and summary["by"] if "by" in summary else True
people = {r["person_id"]: r for r in rows("org/people.csv")}
factors = "importance criticality demand compliance vacancies goal".split()
by_person = {}
for k, r in enumerate(lists):
    product = float(r["expected_shortfall"])
    for factor in factors:
        product *= float(r[factor])
    assert close(product, r["priority"], 1e-3), r
    assert close(priority[k], r["priority"])
    assert close(told[k]["p_gap"], r["p_gap"])
    by_person.setdefault(r["person_id"], []).append(r)

# Compliance that is likely missed first, then priority; behind, from the relations.
after = {}
for r in rows("org/relations.csv"):
    after[r["from_competency_id"]] = (r["to_competency_id"], float(r["weight"]))
n_behind = 0
for mine in by_person.values():
    first = [r for r in mine if float(r["compliance"]) > 1 and float(r["p_gap"]) >= 0.5]
    assert mine[:len(first)] == first
    for part in first, mine[len(first):]:
        for a, b in zip(part, part[1:]):
            assert float(a["priority"]) >= float(b["priority"])
    priority_of = {}
    for r in mine:
        priority_of[r["competency_id"]] = priority_of.get(r["competency_id"], 0) + float(r["priority"])
    for r in mine:
        at, weight, behind, n = r["competency_id"], 1, 0, 0
        for step in range(5):
            if at not in after:
                break
            at, w = after[at]
            weight *= w
            behind += weight * priority_of.get(at, 0)
            n += priority_of.get(at, 0) > 0
        assert close(behind, r["behind"], 1e-3) and n == int(r["behind_n"]), (r, behind, n)
        n_behind += n
assert n_behind > 100

# Roll-ups with everything told are the sums of what the roles held ask for.
there = lambda p: not p["left_on"] and (not p["hired_on"] or p["hired_on"] <= summary["as_of"])
held = [r for r in lists if there(people[r["person_id"]]) and
        r["role_id"] == people[r["person_id"]]["role_id"] and float(r["goal"]) == 1]
for by in "unit", "role", "competency", "unit,competency", "role,competency":
    keys = ["%s_id" % k for k in by.split(",")]
    sums = {}
    for r in held:
        key = tuple(r["competency_id"] if k == "competency_id" else people[r["person_id"]][k]
                    for k in keys)
        s = sums.setdefault(key, [set(), 0, 0, 0, 0])
        s[0].add(r["person_id"])
        s[1] += float(r["p_gap"]) > 0.5
        s[2] += float(r["p_gap"])
        s[3] += float(r["expected_shortfall"])
        s[4] += float(r["priority"])
    whole = rows("open_%s.csv" % by)
    assert len(whole) == len(sums), (by, len(whole), len(sums))
    for r in whole:
        s = sums[tuple(r[k] for k in keys)]
        assert r["suppressed"] == "" and int(r["people"]) == len(s[0])
        assert abs(int(r["likely_below"]) - s[1]) <= 0
        assert close(r["expected_below"], s[2], 1e-3) and close(r["expected_shortfall"], s[3], 1e-3)
        assert close(r["priority"], s[4], 1e-3)
    total = json.load(open("open_%s.json" % by))["total"]
    assert total["people"] == len({r["person_id"] for r in held})
    # The same groups with small ones hidden, which say nothing and stand at the end.
    careful = rows("by_%s.csv" % by)
    assert len(careful) == len(whole)
    hidden = [r["suppressed"] == "group" for r in careful]
    assert hidden == sorted(hidden)
    for r in careful:
        s = sums[tuple(r[k] for k in keys)]
        if len(s[0]) < 5:
            assert r["suppressed"] == "group"
        if r["suppressed"] == "group":
            silent = set(r) - set(keys) - {"suppressed", "min_group", "model_version"}
            assert all(r[k] == "" for k in silent), r
        else:
            assert int(r["people"]) == len(s[0]) >= 5
            assert r["affected"] or s[4] == 0
            assert r["suppressed"] == "below" or int(r["likely_below"]) == s[1]
            if r["suppressed"] == "" and "competency_id" in keys:
                assert s[1] == 0 or 5 <= s[1] <= len(s[0]) - 5

summary = json.load(open("uncovered.json"))
found = rows("uncovered.csv")
assert summary["by"] == "uncovered" and summary["groups"] == len(found) > 0
assert close(summary["worth"], sum(float(r["priority"] or 0) for r in found), 1e-3)

few = rows("few.csv")
assert all(float(r["p_gap"]) >= 0.6 for r in few)
for p, mine in by_person.items():
    likely = [r for r in mine if float(r["p_gap"]) >= 0.6][:3]
    assert [r["competency_id"] for r in few if r["person_id"] == p] == [r["competency_id"] for r in likely]
END

# To read: words, bars, notes of what is not told.
gaps --person "$person" --format table --top 5
[ "$(wc -l <out)" -eq 6 ] || fail "not five rows and a header"
grep -q '[0-9] of [0-9]*\.[0-9], sure to ±[0-9.]*; .*below' out || fail "no words"
grep -q '█' out || fail "no bars"
gaps --by unit,competency --format table
says 'groups are not told: fewer than 5 people'
gaps --uncovered --format table
says 'would be worth up to'
no_leftovers
