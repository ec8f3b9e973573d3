# labels: golden check
# docs/COMPARE.md from its first command to its last: scikit-learn and R learn from an exported
# split, and what they predict is judged beside our model. The figures it shows are those that
# come out.
set -eu
. "$SRC/tests/support/organisation.sh"
page=$SRC/docs/COMPARE.md
python=
for python in /usr/bin/python3 python3 none; do
  "$python" -c 'import h5py, sklearn' 2>/dev/null && break
done
[ "$python" != none ] || fail "needs python3-sklearn (sh tests/setup.sh test)"
Rscript -e 'library(survival)' 2>/dev/null || fail "needs r-cran-survival (sh tests/setup.sh test)"
fresh
ln -s "$SRC/datasets" datasets # a reader stands in the repository
mkdir bin
printf '#!/bin/sh\nexec %s "$@"\n' "$python" >bin/python3
chmod +x bin/python3
PATH=$PWD/bin:$(dirname "$PROFICIO"):$PATH

# Programs stand under the names in their first lines.
awk '/^```(python|r)$/ { on = 1; next } /^```$/ { on = 0; name = "" }
  on { if (name == "") name = $2; print >name }' "$page"
awk '/^```sh$/ { on = 1; next } /^```$/ { on = 0 } on' "$page" >commands
[ "$(grep -c . commands)" -ge 8 ] || fail "docs/COMPARE.md shows too few commands"
while read -r command; do exits 0 sh -c "$command"; done <commands

# rows FILE: without the header
rows() { echo $(($(wc -l <"$1") - 1)); }
for pair in success:test_starts lists:test_candidates curves:test_episodes; do
  made=${pair%:*}.csv asked=files/${pair#*:}.csv
  [ "$(rows "$made")" -gt 100 ] || fail "$made has too few rows"
  [ "$(rows "$made")" -eq "$(rows "$asked")" ] || fail "$made and $asked differ in rows"
done
"$python" "$SRC/tests/support/compare_page.py" "$page" figures.csv

# The same figures come out of the tables that were imported, by other means.
"$python" "$SRC/tests/support/judge_again.py" organisation files figures.csv
sed 's/^\(affinity.ndcg_at_10,0\.\)1/\12/' figures.csv >wrong.csv
! "$python" "$SRC/tests/support/judge_again.py" organisation files wrong.csv 2>/dev/null ||
  fail "judge_again.py takes any figure"

# No outcome is among what is to be predicted.
for name in result event duration_days last_below_days entry_days status score ended_on; do
  for file in files/test_*.csv; do
    head -n 1 "$file" | tr , '\n' | grep -qx "$name" && fail "$file tells $name"
  done
done

# A file that lacks a start is refused, and says which.
sed '$d' success.csv >short.csv
exits 3 "$PROFICIO" evaluate data.h5 --predictions short.csv
says 'short.csv'
says "'$(tail -n 1 success.csv | cut -d, -f1)'"

# So is one of lists for other days, which would look like a bad model.
awk -F, -v OFS=, 'NR > 1 { $2 = "2031-01-01" } 1' lists.csv >other_days.csv
exits 3 "$PROFICIO" evaluate data.h5 --predictions other_days.csv
says 'none of its lists is of a person and day that a list is asked for'
says "'$(sed -n 2p files/test_queries.csv | cut -d, -f1)', date '"

# What we recommend is read as it stands, and judged by its lists.
exits 0 "$PROFICIO" recommend model.h5 data.h5 --all -o recommended.h5
exits 0 "$PROFICIO" evaluate data.h5 --predictions recommended.h5 --resamples 0
says 'affinity.recall_at_10,0.' out

exits 0 "$PROFICIO" predict model.h5 data.h5 --pairs files/test_starts.csv -o predicted.csv
"$python" -c '
import csv
with open("predicted.csv") as source, open("own.csv", "w") as file:
    for row in csv.reader(source):
        print(*row[:2], row[4], sep=",", file=file)'
head -n 1 own.csv | grep -qx 'person_id,intervention_id,p_success' || fail "predict has other columns"
exits 0 "$PROFICIO" evaluate data.h5 --predictions own.csv --resamples 0
says 'success.auc,0.7' out

# A tool that knows nothing is judged to know nothing: the same probability for everybody.
awk -F, -v OFS=, 'NR > 1 { $4 = 0.5 } 1' success.csv >coin.csv
exits 0 "$PROFICIO" evaluate data.h5 --predictions coin.csv --resamples 0
says 'success.auc,0.5,' out
says 'success.log_loss,0.693147,' out
