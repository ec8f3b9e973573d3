# labels: golden check
# needs: PFC_SQLITE
# proficio feedback: each event once, files whole or not at all, and what was changed is found.
set -eu
. "$SRC/tests/support/organisation.sh"
fresh

event() { # event ID KIND [MORE...]
  id=$1 kind=$2
  shift 2
  "$PROFICIO" feedback add --store f.db event_id="$id" person_id=P1 intervention_id=sql \
    kind="$kind" at=2025-04-03 "$@"
}
counts() { # counts ADDED REPLAYED: of the last command's object
  tail -n 1 out | grep -q "\"added\":$1,\"replayed\":$2," || { cat out; fail "counts"; }
}

exits 0 event e1 accepted --json && counts 1 0
exits 0 event e1 accepted --json && counts 0 1
exits 3 event e1 declined
grep -q "event 'e1' is there already with another kind" err || fail "which field"
exits 2 event e2 accepted persn_id=P2
grep -q "is 'person_id' meant" err || fail "near name"
exits 3 event e2 liked
exits 2 "$PROFICIO" feedback add event_id=e2
grep -q -e --store err || fail "store is missing"

# A file is taken whole or not at all.
cat >a.csv <<'CSV'
event_id,person_id,intervention_id,at,kind,propensity
a1,P1,sql,2025-01-01,shown,0.5
a2,P1,sql,2025-13-01,accepted,
a3,P2,r,2025-01-02,liked,2
e1,P1,sql,2025-04-03,declined,
CSV
exits 3 "$PROFICIO" feedback import a.csv --store f.db
grep -q 'a.csv: 3 of 4 rows are wrong' err || fail "how many"
grep -q '"a.csv",3,"at","2025-13-01"' f.db.rejects.csv || fail "line and column"
grep -q "\"a.csv\",5,\"\",\"e1\",\"event 'e1' is there already" f.db.rejects.csv || fail "conflict"
exits 0 "$PROFICIO" feedback verify --store f.db
grep -q '^1 events' out || fail "nothing was taken"
sed -i '3d;s/liked,2/started,/;/^e1/d' a.csv
exits 0 "$PROFICIO" feedback import a.csv --store f.db --json && counts 2 0
exits 0 "$PROFICIO" feedback import a.csv --store f.db --json && counts 0 2

# Out and in again: the same events.
for format in csv jsonl; do
  exits 0 "$PROFICIO" feedback export --store f.db -o events.$format
  rm -f g.db
  exits 0 "$PROFICIO" feedback import events.$format --store g.db --json && counts 3 0
  exits 0 "$PROFICIO" feedback import events.$format --store f.db --json && counts 0 3
done
exits 0 "$PROFICIO" feedback export --store f.db --since 2
[ "$(wc -l <out)" -eq 2 ] || fail "since"
printf '{"event_id":"j1","person":"P1"}\n\nnot json\n' >b.jsonl
exits 3 "$PROFICIO" feedback import b.jsonl --store f.db --rejects why.csv
grep -q '"b.jsonl",1,"person","","no field of an event' why.csv || fail "unknown field"
grep -q '"b.jsonl",3,' why.csv || fail "line of what is no JSON"

# Answer sheets.
cat >sheet.csv <<'CSV'
person_id,rank,intervention_id,title,value,model_version,decision_id,as_of,decision,reason
P1,1,sql,SQL,0.5,abc,d1,2025-01-01,Yes,
P1,2,r,R,0.25,abc,d2,2025-01-01,declined,"too long, later"
P1,3,py,Python,0.2,abc,d3,2025-01-01,,
CSV
rm -f g.db
exits 0 "$PROFICIO" feedback import sheet.csv --store g.db --json && counts 5 0
exits 0 "$PROFICIO" feedback export --store g.db --format csv
grep -q '^4,declined-d2,P1,r,2025-01-01T00:00:00Z,declined,,,abc,,"too long, later",P1' out ||
  { cat out; fail "an answer"; }
sed -i 's/Yes/perhaps/' sheet.csv
exits 3 "$PROFICIO" feedback import sheet.csv --store g.db
grep -q "decision 'perhaps': expected accepted (yes), declined (no) or nothing" err ||
  { cat err; fail "no answer"; }

# What was changed is named, what was cut off is told by the head.
exits 0 "$PROFICIO" feedback verify --store f.db
head=$(sed 's/.*head //' out)
python3 - <<'PY'
import sqlite3
db = sqlite3.connect("f.db")
db.execute("DELETE FROM event WHERE seq = 3")
db.commit()
PY
exits 0 "$PROFICIO" feedback verify --store f.db
exits 3 "$PROFICIO" feedback verify --store f.db --head "$head"
grep -q 'event 3: it and those behind it were cut off' err || { cat err; fail "cut off"; }
python3 - <<'PY'
import sqlite3
db = sqlite3.connect("f.db")
db.execute("UPDATE event SET kind = 'declined' WHERE seq = 1")
db.commit()
PY
exits 3 "$PROFICIO" feedback verify --store f.db --json
grep -q "event 1 ('e1'): a field was changed" err || fail "changed"
tail -n 1 out | grep -q '"good":false,"bad":1' || fail "verdict"
exits 3 "$PROFICIO" feedback export --store f.db
