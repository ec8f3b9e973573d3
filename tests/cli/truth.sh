# labels: golden check
# evaluate --truth: policies and recovery of a simulated organisation, told in the table and in
# JSON by documented names, the same for any number of threads; truths that do not belong.
set -eu
. "$SRC/tests/support/organisation.sh"
fresh
drawn() {
  exits 0 "$PROFICIO" simulate -o "$1" --framework "$SRC/datasets/samples/onet29" --people 120 \
    --interventions 40 --months 18 --roles 6 --seed "$2"
}
drawn org 1
drawn other 2
exits 0 "$PROFICIO" import org --scale 0,7 -o data.h5
exits 0 "$PROFICIO" split data.h5 --at 2025-06-01
exits 0 "$PROFICIO" train data.h5 -o m.h5 --rank 4
evaluate() { exits 0 "$PROFICIO" evaluate m.h5 data.h5 --truth org/truth.h5 --resamples 20 "$@"; }

evaluate -o figures.csv --json --threads 1
tail -n 1 out >one.json
evaluate -o again.csv --json --threads 2
tail -n 1 out >two.json
cmp figures.csv again.csv || fail "other figures with other threads"
for figure in policy.policies.value.gap_closed policy.policies.oracle.regret \
  policy.policies.random.effect policy.policies.ease.gap_closed_per_hour \
  recovery.level.rated.rmse recovery.level.unrated.at_truth.ratio \
  recovery.level.rated.improvement recovery.sources.by_source.self.bias recovery.gaps.ece \
  recovery.gaps.orders.largest_gap.priority_more profile.improvement.mean_rating \
  profile.by_source.review.coverage90 recovery.success.at_truth.auc \
  accept.calibration_slope recovery.accept.at_truth.auc recovery.accept.rmse recovery.time.within_p10_p90; do
  grep -q "^$figure," figures.csv || fail "no row $figure"
done
[ "$(grep -c '^policy.value_less.[a-z]*,.*p_holm' figures.csv)" -eq 9 ] || fail "not nine comparisons"
grep -q '^policy.policies.oracle.regret,0,0,0,' figures.csv || fail "the oracle regrets"

# The JSON holds them, by documented names, and the same whatever the threads.
/usr/bin/python3 - "$SRC/docs/FORMATS.md" <<'END'
import json, re, sys
doc = open(sys.argv[1]).read()
one, two = json.load(open("one.json")), json.load(open("two.json"))
for name in "policy", "recovery", "profile":
    assert one[name] == two[name], name + " differs with threads"
    def walk(at, path=""):
        if isinstance(at, dict):
            for key, value in at.items():
                known = "`%s`" % key in doc or re.fullmatch("[0-9]+", key)
                known = known or path == "by_source"
                assert known, "docs/FORMATS.md does not tell " + key
                walk(value, key)
        elif isinstance(at, list):
            for value in at:
                walk(value)
    walk({name: one[name]})
policies = one["policy"]["policies"]
best = policies["oracle"]["gap_closed"]["value"]
assert len(policies) == 11 and len(one["policy"]["comparisons"]) == 9
assert all(p["gap_closed"]["value"] <= best for p in policies.values())
assert one["policy"]["day"] == "2025-06-01"
END

exits 3 "$PROFICIO" evaluate m.h5 data.h5 --truth other/truth.h5 --resamples 0
says 'the truth is of another organisation'
exits 3 "$PROFICIO" evaluate m.h5 data.h5 --truth data.h5 --resamples 0
says "not 'proficio truth'"
exits 4 "$PROFICIO" evaluate m.h5 data.h5 --truth none.h5 --resamples 0
says 'none.h5'
exits 2 "$PROFICIO" evaluate m.h5 data.h5 --truth org/truth.h5 -o org/truth.h5
says 'org/truth.h5'
printf 'person_id,intervention_id,score\n' >mine.csv
exits 2 "$PROFICIO" evaluate data.h5 --predictions mine.csv --truth org/truth.h5
says '--truth judges a model'
exits 0 "$PROFICIO" split data.h5 --by person --fraction 0.3 -o people.h5
exits 0 "$PROFICIO" train people.h5 -o m2.h5 --rank 4
exits 2 "$PROFICIO" evaluate m2.h5 people.h5 --truth org/truth.h5 --resamples 0
says 'not split at a day'
no_leftovers
