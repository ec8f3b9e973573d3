# labels: golden check
# A table of who was found to hold what (person, competency, level) and nothing else: no roles, no
# sources, no days, no interventions. Everything that speaks of levels works, the rest says why
# it does not.
set -eu
. "$SRC/tests/support/organisation.sh"
fresh

# 60 people, 8 competencies, some four ratings of everybody; people differ.
awk 'BEGIN {
  srand(3); print "person_id,competency_id,level"
  for (p = 0; p < 60; p++) {
    a = rand() * 2
    for (c = 0; c < 8; c++) if (rand() < .5) printf "p%d,c%d,%d\n", p, c, 1 + int(a + rand() * 2)
  }
}' >assessments.csv
n=$(($(wc -l <assessments.csv) - 1))

exits 0 "$PROFICIO" import . -o data.h5 --format csv
grep -q "^assessments,$n,$n,0,3," out || fail "imported: $(cat out)"

exits 0 "$PROFICIO" check data.h5 --require profile --format csv
grep -q "^model,,profile,warning,$n," out || fail "readiness: $(cat out)"
grep -q '^warning,,profile,.*relative levels: no source with ratings is an anchor' out ||
  fail "no word of anchors: $(cat out)"
grep -q '^events,,profile.people without a rating,,0,' out || fail "people: $(cat out)"
exits 3 "$PROFICIO" check data.h5 --require profile,affinity

exits 0 "$PROFICIO" train data.h5 -o whole.m --format csv
grep -q "^profile,yes,$n,\"*$n ratings of $n cells; no source is named; relative levels" out ||
  fail "trained: $(cat out)"
grep -q '^affinity,no,0,' out || fail "trained: $(cat out)"
exits 0 "$PROFICIO" inspect whole.m --format csv
says 'profile.levels,relative levels' out
says "profile.unknown_source.n_ratings,$n" out
says 'profile.n_sources,0' out

exits 0 "$PROFICIO" split data.h5 --by random --fraction 0.2 --seed 4
exits 0 "$PROFICIO" train data.h5 -o m.h5 --require profile --quiet
exits 0 "$PROFICIO" evaluate m.h5 data.h5 --resamples 20 --format csv
grep -q '^profile.rmse,0' out || fail "judged: $(cat out)"
grep -q '^profile.coverage90,' out || fail "judged: $(cat out)"

exits 0 "$PROFICIO" predict m.h5 data.h5 --level --person p1 --competency c1 --format csv
[ "$(wc -l <out)" -eq 2 ] || fail "levels: $(cat out)"
awk -F, 'NR == 2 && $1 == "p1" && $2 == "c1" && $6 < $4 && $4 < $7 {ok = 1} END {exit !ok}' out ||
  fail "level and interval: $(cat out)"

exits 3 "$PROFICIO" recommend m.h5 data.h5 --all
says 'names no intervention'
exits 3 "$PROFICIO" train data.h5 -o b.m --baseline random
says 'baseline random cannot be trained: the dataset names no intervention to order'

# Sources without table sources, and one source alone.
for sources in '"manager"' '(NR % 2 ? "self" : "manager")'; do
  rm -rf sourced
  mkdir sourced
  awk -F, -v OFS=, "{print \$0, NR == 1 ? \"source\" : $sources}" assessments.csv \
    >sourced/assessments.csv
  exits 0 "$PROFICIO" import sourced -o sourced.h5 --quiet
  exits 0 "$PROFICIO" train sourced.h5 -o sourced.m --only profile --format csv
  grep -q 'relative levels' out || fail "sourced: $(cat out)"
done

# What does not carry a profile says so: levels that are all alike, too few, another scale.
refused() {
  mkdir "$1"
  awk -F, -v OFS=, "$2" assessments.csv >"$1/assessments.csv"
  exits 0 "$PROFICIO" import "$1" -o "$1.h5" --quiet $4
  exits 3 "$PROFICIO" train "$1.h5" -o "$1.m" --only profile
  says "$3"
  [ ! -e "$1.m" ] || fail "$1: a model was written"
}
refused alike '{print $1, $2, NR == 1 ? $3 : 3}' "all $n ratings are of one level, 3" ''
refused few 'NR < 51' '49 ratings' ''
refused narrow '{print $1, $2, NR == 1 ? $3 : $3 * 1e-8}' 'at least 1e-6 wide' '--scale 0,1e-7'

# Any scale in between will do, and gives the same levels on it.
mkdir wide
awk -F, -v OFS=, '{print $1, $2, NR == 1 ? $3 : $3 * 100000}' assessments.csv \
  >wide/assessments.csv
exits 0 "$PROFICIO" import wide -o wide.h5 --scale 0,500000 --quiet
exits 0 "$PROFICIO" train wide.h5 -o wide.m --only profile --profile-rank 1 --quiet
exits 0 "$PROFICIO" import . -o narrow.h5 --scale 0,5 --quiet
exits 0 "$PROFICIO" train narrow.h5 -o narrow.m --only profile --profile-rank 1 --quiet
for scale in wide narrow; do
  exits 0 "$PROFICIO" predict $scale.m $scale.h5 --level --person p1 --format csv
  cut -d, -f4 out | tail -n +2 >$scale.levels
done
paste -d' ' wide.levels narrow.levels |
  awk '{d = $1 / 100000 - $2; if (d * d > 1e-4) bad = 1} END {exit bad || NR < 8}' ||
  fail "another scale, other levels: $(paste -d' ' wide.levels narrow.levels)"
