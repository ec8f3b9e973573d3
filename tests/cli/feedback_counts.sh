# labels: golden check
# needs: PFC_SQLITE
# --feedback: what has happened since the data were packed counts at once.
set -eu
. "$SRC/tests/support/organisation.sh"
fresh && organisation org 60
exits 0 "$PROFICIO" import org -o data.h5
exits 0 "$PROFICIO" train data.h5 -o m.h5 --rank 2 --max-sweeps 2

# Somebody new, who is led to something; and has taken it up by the next answer.
exits 0 "$PROFICIO" recommend m.h5 data.h5 --person NEW --as-of 2024-01-01 --format csv
cp out before
first=$(sed -n 2p before | cut -d, -f3)
[ -n "$first" ] || fail "nothing to begin with"
tell() { # tell ID KIND DAY [VALUE]
  exits 0 "$PROFICIO" feedback add --store f.db event_id="$1" person_id=NEW \
    intervention_id="$first" kind="$2" at="$3" value="${4:-}"
}
tell e1 started 2023-11-01
exits 0 "$PROFICIO" recommend m.h5 data.h5 --person NEW --as-of 2024-01-01 --feedback f.db --format csv
! cut -d, -f3 out | grep -qx "$first" || fail "$first is under way"
grep -q 'f.db: 1 events' err || fail "what came of it"
tell e2 completed 2023-12-01 1
exits 0 "$PROFICIO" recommend m.h5 data.h5 --person NEW --as-of 2024-01-01 --feedback f.db --format csv
! cut -d, -f3 out | grep -qx "$first" || fail "$first was passed"
# It is a history now: factors are folded in, and nothing is said of a newcomer.
sed -n 2p before | grep -q person || fail "they were a newcomer"
! sed -n 2p out | grep -q ',person,' || { cat out; fail "they are none any more"; }
exits 0 "$PROFICIO" explain m.h5 data.h5 --person NEW --intervention "$first" \
  --as-of 2024-01-01 --feedback f.db

# As if it had been in the files.
cp -r org org2
printf 'NEW,%s,,2023-11-01,2023-12-01,passed\n' "$first" >>org2/enrolments.csv
printf 'NEW,,\n' >>org2/people.csv
exits 0 "$PROFICIO" import org2 -o data2.h5
exits 0 "$PROFICIO" recommend m.h5 data2.h5 --person NEW --as-of 2024-01-01 --format csv -o a.csv
exits 0 "$PROFICIO" recommend m.h5 data.h5 --person NEW --as-of 2024-01-01 --feedback f.db \
  --format csv -o b.csv
cmp a.csv b.csv || fail "the same as from files"

# What the manifest says of it; and other feedback is another run.
exits 0 "$PROFICIO" recommend m.h5 data.h5 --all --as-of 2024-01-01 --feedback f.db -o lists.csv
exits 0 "$PROFICIO" feedback verify --store f.db
head=$(sed 's/.*head //' out)
grep -q "\"feedback_head\":.*\"$head\"" lists.csv.manifest.json || fail "head in the manifest"
exits 4 "$PROFICIO" recommend m.h5 data.h5 --all --feedback none.db
