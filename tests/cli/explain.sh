# labels: golden check
# explain: numbers that add up to what recommend told, decisions found again, both languages,
# sentences of one's own, and what is asked wrongly.
set -eu
. "$SRC/tests/support/organisation.sh"
fresh
explain() { exits 0 "$PROFICIO" explain m.h5 data.h5 "$@"; }

exits 0 "$PROFICIO" simulate -o org --framework "$SRC/datasets/samples/onet29" --people 200 \
  --interventions 40 --months 14 --roles 5 --seed 4
person=$(awk -F, 'NR == 2 { print $1 }' org/people.csv)
# A rule of every kind that a table can hold speaks against something.
{
  echo 'person_id,unit_id,intervention_id,action,reason,actor,expires_on'
  echo "$person,,I0001,block,not again,chief,"
} >org/overrides.csv
printf 'person_id,gender\n%s,f\n' "$person" >org/protected.csv
exits 0 "$PROFICIO" import org --scale 0,7 -o data.h5
exits 0 "$PROFICIO" train data.h5 -o m.h5 --rank 3 --max-sweeps 5 --profile-rank 1 --profile-sweeps 5
exits 0 "$PROFICIO" recommend m.h5 data.h5 --all --top 5 --log log.jsonl -o lists.jsonl
set -- $(/usr/bin/python3 -c 'import json
r = [json.loads(line) for line in open("lists.jsonl")]
# Somebody who has a list of several.
r = [x for x in r if x["rank"] == 2]
print(r[0]["person_id"], r[0]["intervention_id"], r[0]["decision_id"])')
who=$1 what=$2 decision=$3

# Every sentence that the program says is one of the table.
grep -ho '"\(section\|rank\|value\|gap\|model\|told\|part\|if\|then\|evidence\|rules\|fact\|whom\|not_used\|line\)\.[a-z_]*"' \
  "$SRC"/cli/explain_tell*.c | sort -u | tr -d '"' >said
for key in $(cat said); do
  case $key in *.) continue ;; esac
  grep -q "{\"$key\"," "$SRC/cli/explain_templates.c" || fail "there is no template $key"
done

explain --person "$who" --intervention "$what" --format json
cp out one.json
explain --person "$who" --intervention "$what" --json
cp out last.json
explain --person "$who" --intervention "$what" --format json -o file.json
cmp one.json file.json || fail "-o changes what is told"
explain --person "$who" --intervention "$what" --format json --threads 3
cmp one.json out || fail "threads change what is told"
explain --person "$who" --decision "$decision" --format json
cmp one.json out || fail "the decision is another one"
/usr/bin/python3 - "$who" "$what" <<'END'
import json, math, sys
one, last = json.load(open("one.json")), json.load(open("last.json"))
assert last.pop("seconds") >= 0 and last == one
row = next(r for r in map(json.loads, open("lists.jsonl"))
           if r["person_id"] == sys.argv[1] and r["intervention_id"] == sys.argv[2])
for key in ("value", "accept", "p_success", "p50_days", "gap_closed"):
    assert math.isclose(one[key], row[key], rel_tol=1e-4), (key, one[key], row[key])
assert one["decision_id"] == row["decision_id"] and one["allowed"]
amounts = [t["amount"] for t in one["value_terms"]]
assert abs(sum(amounts) - one["value"]) <= 1e-5 * sum(map(abs, amounts))
logit = lambda p: math.log(p / (1 - p))
seen = set()
for model in one["models"]:
    parts = [p["amount"] for p in model["parts"]]
    size = sum(map(abs, parts))
    assert abs(sum(parts) - model["log_odds"]) <= 1e-5 * size
    seen.add(model["model"])
    if model["model"] in ("accept", "success"):
        served = one["accept" if model["model"] == "accept" else "p_success"]
        assert abs(sum(parts) - logit(served)) <= 1e-4 * size
assert {"accept", "success", "proficient"} <= seen and "left" not in seen
assert one["rank"] >= 1 and one["ranked"] >= one["rank"] and not one["rules"]
levels = [w for w in one["what_if"] if w["what"] == "level"]
assert levels and {"hours", "accept"} <= {w["what"] for w in one["what_if"]}
# A level more leaves less to gain.
assert all(w["value"] <= one["value"] + 1e-12 for w in levels)
assert len(one["line"]) <= 120
assert all("{" not in s["text"] for s in one["sentences"])
END

# Both languages say the same number of things, and a sentence of one's own comes first.
for lang in en de; do
  explain --person "$who" --intervention "$what" --lang $lang -o $lang.txt
  explain --person "$who" --intervention "$what" --lang $lang --format line
  [ "$(wc -l <out)" -eq 1 ] || fail "not a line"
  [ "$(/usr/bin/python3 -c 'print(len(open("out", encoding="utf-8").read().strip()))')" -le 120 ] ||
    fail "a line too long for a cell"
done
[ "$(wc -l <en.txt)" -eq "$(wc -l <de.txt)" ] || fail "a language says less"
cmp -s en.txt de.txt && fail "both languages are the same"
grep -q 'Not used' en.txt && grep -q 'Nicht verwendet' de.txt || fail "headings are missing"
echo '{"section.not_used": "No say", "line.rank": "<{rank}>"}' >own.json
explain --person "$who" --intervention "$what" --templates own.json
grep -q '^No say$' out || fail "templates of one's own are not used"
echo '{"line.rang": "x"}' >own.json
exits 3 "$PROFICIO" explain m.h5 data.h5 --person "$who" --intervention "$what" --templates own.json
says "there is no template 'line.rang'; did you mean 'line.rank'"

# A rule, with the row that says so, and the human behind it.
explain --person "$person" --intervention I0001 --format json
/usr/bin/python3 - <<'END'
import json
told = json.load(open("out"))
fact = next(f for f in told["rules"] if f["rule"] == "blocked")
assert fact["row"] == 1 and fact["actor"] == "chief" and fact["reason"] == "not again"
assert not told["allowed"] and told["rank"] is None
without = [w for w in told["what_if"] if w["what"] in ("rule", "rules")]
assert len(without) == len({f["rule"] for f in told["rules"]}) + (len({f["rule"] for f in told["rules"]}) > 1)
END
explain --person "$person" --intervention I0001
grep -q 'A human blocked it (by: chief; reason: not again' out || fail "nobody is named"

# A decision is found in a log by the file as well; one of another model is not explained.
/usr/bin/python3 - "$who" "$what" <<'END'
import json, sys
one = json.load(open("one.json"))
line = {"decision_id": one["decision_id"], "at": one["as_of"], "person_id": sys.argv[1],
        "intervention_id": sys.argv[2], "model_version": one["model_version"], "goal": ""}
with open("other.jsonl", "w") as log:
    print(json.dumps(dict(line, model_version="0" * 16)), file=log)
with open("torn.jsonl", "w") as log:
    print(json.dumps(line)[:-20], file=log)
END
explain --decision "$decision" --log log.jsonl --format json
cmp one.json out || fail "the log names another pair"
exits 3 "$PROFICIO" explain m.h5 data.h5 --decision "$decision" --log other.jsonl
says 'name the model that made it'
exits 3 "$PROFICIO" explain m.h5 data.h5 --decision "$decision" --log torn.jsonl
says 'torn.jsonl, line 1'
exits 3 "$PROFICIO" explain m.h5 data.h5 --decision 0123 --log log.jsonl
says "no line has the decision_id '0123'"
exits 3 "$PROFICIO" explain m.h5 data.h5 --decision 0123 --person "$who"
says 'another model, day (--as-of) or person?'
exits 4 "$PROFICIO" explain m.h5 data.h5 --decision 0123 --log none.jsonl

# The file of protected attributes is not needed, since it is not read.
rm -f protected.h5
explain --person "$person" --intervention I0001

# With a goal for everybody what the role asks for counts in full.
role=$(/usr/bin/python3 - <<'END'
import csv, json
asked = {}
for g in json.load(open("one.json"))["gaps"]:
    asked[g["competency_id"]] = max(g["required"], asked.get(g["competency_id"], 0))
for row in csv.DictReader(open("org/requirements.csv")):
    if float(row["level"] or 0) > asked.get(row["competency_id"], 9):
        print(row["role_id"])
        break
END
)
explain --person "$who" --intervention "$what" --goal "$role" --format json
/usr/bin/python3 -c 'import json, sys
told = json.load(open("out"))
assert any(g["role_id"] == sys.argv[1] and g["goal"] == 1 for g in told["gaps"])' "$role"
sed "s/\"goal\":\"\"/\"goal\":\"$role\"/" log.jsonl >aimed.jsonl
cp out goal.json
explain --decision "$decision" --log aimed.jsonl --format json
cmp goal.json out || fail "the goal of the log is not kept to"
exits 3 "$PROFICIO" explain m.h5 data.h5 --person "$who" --intervention "$what" --goal nobody
says "does not know role 'nobody'"

# Unknown ids, and what has no meaning.
exits 3 "$PROFICIO" explain m.h5 data.h5 --person P00002 --intervention I0001
says "does not know person 'P00002'; did you mean"
exits 3 "$PROFICIO" explain m.h5 data.h5 --person "$who" --intervention I001
says "does not know intervention 'I001'; did you mean"
for wrong in "" "--person $who" "--intervention I0001" "--decision 1" "--log log.jsonl" \
  "--person $who --intervention I0001 --log log.jsonl" \
  "--person $who --intervention I0001 --decision 1" "--decision 1 --person $who --log log.jsonl" \
  "--decision 1 --log log.jsonl --as-of 2025-01-01" "--decision 1 --log log.jsonl --goal R" \
  "--person $who --intervention I0001 --format csv" \
  "--person $who --intervention I0001 --lang fr" \
  "--decision 1 --log log.jsonl -o log.jsonl"; do
  exits 2 "$PROFICIO" explain m.h5 data.h5 $wrong
done

# A baseline has a rule and no terms.
exits 0 "$PROFICIO" train data.h5 -o popular.h5 --baseline popularity
exits 0 "$PROFICIO" explain popular.h5 data.h5 --person "$who" --intervention "$what"
grep -q 'ranked by a simple rule' out || fail "a baseline is told as if it were a model"
