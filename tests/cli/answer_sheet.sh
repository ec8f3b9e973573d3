# labels: golden check
# The whole circle: lists with a sheet beside them, answers written into it, taken into the store,
# and what comes of them in the next lists.
set -eu
. "$SRC/tests/support/organisation.sh"
fresh && organisation org 60
exits 0 "$PROFICIO" import org -o data.h5
exits 0 "$PROFICIO" train data.h5 -o m.h5 --rank 2 --max-sweeps 2
day=2024-01-01
lists() { exits 0 "$PROFICIO" recommend m.h5 data.h5 --all --top 3 --as-of $day "$@"; }
counts() { # counts ADDED REPLAYED: of the last command's object
  tail -n 1 out | grep -q "\"added\":$1,\"replayed\":$2," || { cat out; fail "counts"; }
}

# The same places whatever the lists are written as, in the same order.
lists -o lists.csv --answer-sheet sheet.csv
for format in jsonl h5 txt; do
  lists -o "lists.$format" --answer-sheet other.csv
  cmp sheet.csv other.csv || fail "sheet beside $format"
done
lists --format table --answer-sheet other.csv --threads 1
cmp sheet.csv other.csv || fail "sheet beside a table"
grep -q '"answer_sheet":.*"sheet.csv"' lists.csv.manifest.json || fail "manifest"
python3 - <<'PY' || fail "sheet and lists"
import csv
lists = list(csv.DictReader(open("lists.csv")))
sheet = list(csv.DictReader(open("sheet.csv", encoding="utf-8-sig")))
assert open("sheet.csv", "rb").read(3) == b"\xef\xbb\xbf"
assert len(lists) == len(sheet) > 100
for a, b in zip(lists, sheet):
    for column in "person_id", "rank", "title", "intervention_id", "value", "propensity":
        assert a[column] == b[column], column
    assert b["decision_id"] == "d-" + a["decision_id"]
    assert b["model_version"] == "v-" + a["model_version"]
    assert b["because"] == a["reason"] and b["as_of"] == "2024-01-01"
    assert b["decision"] == b["reason"] == b["answered_on"] == ""
PY
for shard in 1/2 2/2; do
  lists --shard $shard -o part.csv --answer-sheet part_$(echo $shard | cut -c1).csv
done
{ head -n 1 sheet.csv; sed 1d part_1.csv; sed 1d part_2.csv; } | sort >a
sort sheet.csv | cmp - a || fail "shards"
exits 2 "$PROFICIO" recommend m.h5 data.h5 --all -o lists.csv --answer-sheet lists.csv
exits 2 "$PROFICIO" recommend m.h5 data.h5 --all -o lists.csv --answer-sheet m.h5

# Nobody has answered: all was shown, no more.
rows=$(($(wc -l <sheet.csv) - 1))
exits 0 "$PROFICIO" feedback import sheet.csv --store f.db --json && counts $rows 0
exits 0 "$PROFICIO" feedback import sheet.csv --store f.db --json && counts 0 $rows
lists -o same.csv --feedback f.db
cmp lists.csv same.csv || fail "what was only shown"

# Every second person answers the first place: no, or yes and done. As a spreadsheet saves it:
# all in quotes, lines ending in CR LF.
python3 - <<'PY'
import csv
rows = list(csv.DictReader(open("sheet.csv", encoding="utf-8-sig")))
said = open("said", "w")
people = sorted({row["person_id"] for row in rows})
for row in rows:
    at = people.index(row["person_id"])
    if row["rank"] != "1" or at % 2:
        continue
    row["decision"] = "No" if at % 4 else "accepted"
    row["reason"] = 'too long, "really"\nand late' if at % 4 else ""
    row["answered_on"] = "2024-01-05"
    said.write(f"{row['person_id']},{row['intervention_id']},{row['decision']}\n")
with open("filled.csv", "w", encoding="utf-8-sig", newline="") as out:
    to = csv.DictWriter(out, rows[0], quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    to.writeheader()
    to.writerows(rows)
PY
answers=$(wc -l <said)
[ "$answers" -ge 20 ] || fail "too few answers"
exits 3 "$PROFICIO" feedback import filled.csv --store f.db
grep -q 'control character' err || { cat err; fail "a reason of two lines"; }
python3 - <<'PY'
text = open("filled.csv", newline="").read()
open("filled.csv", "w", newline="").write(text.replace("\nand late", " and late"))
PY
exits 0 "$PROFICIO" feedback import filled.csv --store f.db --json && counts "$answers" $rows
exits 0 "$PROFICIO" feedback import filled.csv --store f.db --json && counts 0 $((rows + answers))
exits 0 "$PROFICIO" feedback export --store f.db --format csv
grep -q 'declined,,,[0-9a-f]\{16\},,"too long, ""really"" and late",P' out || fail "an answer"

# Who said no is not asked again, who said yes may be; who has done it is not.
person_of() { grep ",$1\$" said | head -n 1 | cut -d, -f1; }
item_of() { grep ",$1\$" said | head -n 1 | cut -d, -f2; }
no=$(person_of No) no_item=$(item_of No) yes=$(person_of accepted) yes_item=$(item_of accepted)
has() { awk -F, -v p="$2" -v i="$3" '$1 == p && $3 == i { n++ } END { exit !n }' "$1"; }
day=2024-01-10
lists -o after.csv --feedback f.db
while IFS=, read -r person item said; do
  [ "$said" != No ] || ! has after.csv "$person" "$item" || fail "$person declined $item"
done <said
has after.csv "$yes" "$yes_item" || fail "$yes_item was welcome"
n=$(grep -c ',No$' said)
grep -q "\"declined\":.*$n" after.csv.manifest.json || fail "as many as declined"
exits 0 "$PROFICIO" explain m.h5 data.h5 --person "$no" --intervention "$no_item" --as-of $day \
  --feedback f.db
grep -q 'declined on 2024-01-05 (reason: too long, "really" and late); for 90 days' out ||
  { cat out; fail "why not"; }
exits 0 "$PROFICIO" explain m.h5 data.h5 --person "$no" --intervention "$no_item" --as-of $day \
  --feedback f.db --json
grep -q '"rule":"declined","row":[0-9]*,.*"on":"2024-01-05","asked":90,"have":5,' out ||
  { cat out; fail "why not, JSON"; }
exits 0 "$PROFICIO" feedback add --store f.db event_id=done person_id="$yes" \
  intervention_id="$yes_item" kind=completed at=2024-01-09 value=1
lists -o after.csv --feedback f.db
! has after.csv "$yes" "$yes_item" || fail "$yes_item was passed"

# 90 days and no longer; 0: not at all; without a day, the day after the last event.
day=2024-04-04
lists -o late.csv --feedback f.db
! has late.csv "$no" "$no_item" || fail "the 90th day"
day=2024-04-05
lists -o late.csv --feedback f.db
has late.csv "$no" "$no_item" || fail "the 91st day"
day=2024-01-10
lists -o off.csv --feedback f.db --declined-rest-days 0
has off.csv "$no" "$no_item" || fail "no rest at all"
exits 0 "$PROFICIO" recommend m.h5 data.h5 --all --top 3 --feedback f.db -o now.csv
grep -q '"as_of":.*"2024-01-10"' now.csv.manifest.json || fail "the day after the last event"
! has now.csv "$no" "$no_item" || fail "without a day"

# Said in error, and put right.
id=$("$PROFICIO" feedback export --store f.db --format csv |
  awk -F, -v p="$no" -v i="$no_item" '$3 == p && $4 == i && /declined/ { print $2 }')
exits 0 "$PROFICIO" feedback add --store f.db event_id=oops person_id="$no" \
  intervention_id="$no_item" kind=accepted at=2024-01-09 corrects="$id"
lists -o after.csv --feedback f.db
has after.csv "$no" "$no_item" || fail "corrected"

# Packed with the data it counts as well.
exits 0 "$PROFICIO" feedback export --store f.db --format csv
cut -d, -f2- out >org/feedback.csv
exits 0 "$PROFICIO" import org -o packed.h5
exits 0 "$PROFICIO" recommend m.h5 packed.h5 --all --top 3 --as-of 2024-01-10 -o packed.csv
while IFS=, read -r person item said; do
  [ "$said" != No ] || [ "$person" = "$no" ] || ! has packed.csv "$person" "$item" ||
    fail "$person declined $item, packed"
done <said
has packed.csv "$no" "$no_item" || fail "corrected, packed"

# A model knows the feedback it learned from, and so does who keeps it; the store is held against
# what they noted.
exits 0 "$PROFICIO" train data.h5 --feedback f.db -o fed.h5 --only affinity --rank 2 \
  --max-sweeps 2 --json
exits 0 "$PROFICIO" feedback verify --store f.db
head=$(sed 's/.*head //' out)
exits 0 "$PROFICIO" inspect fed.h5
grep -q "feedback_head,$head" out || { cat out; fail "head in the model"; }
exits 0 "$PROFICIO" registry add reg fed.h5
exits 0 "$PROFICIO" registry promote reg 1
grep -q "\"feedback_head\":.*\"$head\"" reg/versions/000001/manifest.json || fail "head in the registry"
exits 0 "$PROFICIO" feedback add --store f.db event_id=later person_id="$no" \
  intervention_id="$no_item" kind=declined at=2024-02-01
noted="$head fed.h5 reg/@champion after.csv.manifest.json reg/versions/000001/manifest.json"
for where in $noted; do
  exits 0 "$PROFICIO" feedback verify --store f.db --head "$where"
done
exits 3 "$PROFICIO" feedback verify --store f.db --head m.h5
grep -q 'm.h5 was made without a feedback store' err || { cat err; fail "no head"; }
exits 2 "$PROFICIO" feedback verify --store f.db --head nothing
exits 3 "$PROFICIO" feedback verify --store f.db --head data.h5
python3 - <<'PY'
import sqlite3
db = sqlite3.connect("f.db")
last = db.execute("SELECT max(seq) FROM event").fetchone()[0]
db.execute("DELETE FROM event WHERE seq > ?", (last - 2,))
db.commit()
PY
exits 0 "$PROFICIO" feedback verify --store f.db
for where in $noted; do
  exits 3 "$PROFICIO" feedback verify --store f.db --head "$where"
  grep -q 'were cut off' err || { cat err; fail "cut off, by $where"; }
done

# Judged on the same data with the same store, not on those that the packed file holds alone.
exits 0 "$PROFICIO" split data.h5 -o rows.h5 --by random --fraction 0.2
exits 0 "$PROFICIO" train rows.h5 --feedback f.db -o fed.h5 --only affinity --rank 2 --max-sweeps 2
exits 0 "$PROFICIO" evaluate fed.h5 rows.h5 --feedback f.db --resamples 0 --json
grep -q '"test":{"data_sha256":"[0-9a-f]*","feedback_head":"[0-9]*-[0-9a-f]*"' out ||
  { cat out; fail "what it was judged on"; }
exits 2 "$PROFICIO" evaluate fed.h5 rows.h5 --resamples 0
grep -q 'trained on dataset [0-9a-f]* and feedback [0-9]*-' err || { cat err; fail "why not judged"; }
