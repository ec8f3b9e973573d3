# labels: golden check
# `proficio check --drift` as a trigger: what it exits with when nothing changed, when the world
# did, and when a feed is broken.
set -eu
. "$SRC/tests/support/organisation.sh"
fresh

# The world is another one from July on.
exits 0 "$PROFICIO" simulate -o org --preset hard --people 1000 --interventions 150 --months 36 \
  --roles 12 --seed 12 --drift-at 2025-07-02 --framework "$SRC/datasets/samples/onet29"
exits 0 "$PROFICIO" import org --scale 0,7 -o data.h5

# --- the world changed: 0, a refit is due ---
exits 0 "$PROFICIO" check data.h5 --drift --from 2025-07-02 --json
says '"verdict":"refit"' out
says '"from":"2025-07-02"' out
says '"against":"2024-07-02"' out
says "refit"

# --- before it did: 99 ---
exits 99 "$PROFICIO" check data.h5 --drift --as-of 2025-07-01 --format csv
says "kind,name,of,n,figure,limit,p,alarm,note" out
awk -F, 'NR > 1 && $8 != 0 { exit 1 }' out || fail "an alarm, and exit 99"
cp out before
exits 99 "$PROFICIO" check data.h5 --drift --as-of 2025-07-01 --format csv --threads 1
cmp -s out before || fail "other threads, another answer"

# --- a feed came twice: 3, and it is named ---
awk -F, 'NR > 1 && $6 >= "2025-07-02"' org/assessments.csv >again
cat again >>org/assessments.csv
exits 0 "$PROFICIO" import org --scale 0,7 -o twice.h5
exits 3 "$PROFICIO" check twice.h5 --drift --from 2025-07-02 --json
says '"verdict":"mend"' out
says "mend the feed"
says "assessments, told_twice: 50.0 % of the newest rows"

# --- what has no meaning ---
exits 2 "$PROFICIO" check data.h5 --from 2025-07-02
says "go with --drift"
exits 2 "$PROFICIO" check data.h5 --drift --from July
says "a date like"
exits 2 "$PROFICIO" check data.h5 --drift --require success
exits 3 "$PROFICIO" check data.h5 --drift --from 2030-01-01
says "no rows from 2030-01-01 on"
no_leftovers
