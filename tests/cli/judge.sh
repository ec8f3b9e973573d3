# labels: golden check
# Several are judged on the same rows: what recommend and predict write of a model is worth what
# the model is; figures stand side by side; what is wrong is said.
set -eu
. "$SRC/tests/support/organisation.sh"
fresh && organisation org 90

# Test starts all fall on the day of the split, the day lists are made for, and aim at what
# nobody has passed yet, which lists would leave out.
awk -F, 'NR == FNR { if ($6 == "passed") done[$1, substr($2, 2) % 3] = 1; next }
  FNR > 1 {
    for (k = 0; k < 8; k++) {
      i = (FNR * 5 + k) % 8
      if (($1, i % 3) in done) continue
      print $1 ",I" i ",2024-01-01,2024-01-01,2024-01-20," (FNR % 3 ? "passed" : "failed")
      break
    }
  }' org/enrolments.csv org/people.csv >new
cat new >>org/enrolments.csv
rm org/episodes.csv
exits 0 "$PROFICIO" import org -o data.h5
exits 0 "$PROFICIO" split data.h5 --at 2024-01-01
exits 0 "$PROFICIO" train data.h5 -o m.h5 --only affinity,success --rank 4
exits 0 "$PROFICIO" train data.h5 -o popular.h5 --baseline popularity

# --- a model and what it says ---------------------------------------------------------------
exits 0 "$PROFICIO" recommend m.h5 data.h5 --all --top 100 --rank-by affinity \
  --min-value=-1e9 -o lists.csv
exits 0 "$PROFICIO" recommend m.h5 data.h5 --all --top 100 --rank-by affinity \
  --min-value=-1e9 -o lists.h5
awk -F, 'BEGIN { print "person_id,intervention_id" } $4 == "2024-01-01" { print $1 "," $2 }' \
  org/enrolments.csv >pairs.csv
exits 0 "$PROFICIO" predict m.h5 data.h5 --pairs pairs.csv -o starts.csv
exits 0 "$PROFICIO" evaluate m.h5 data.h5 --predictions lists.csv --predictions lists.h5 \
  --predictions starts.csv --resamples 30 -o figures.csv
head -n 1 figures.csv | grep -qx \
  'figure,value,lo,hi,n,baselines,model,difference,difference_lo,difference_hi,p,p_holm' ||
  fail "other columns: $(head -n 1 figures.csv)"
says 'no p_holm can be below'

# same FILE SECTION: at least five figures of the section, with the model's value and interval.
same() {
  awk -F, -v file="$1" -v section="$2." -v most="$3" '
    index($1, section) != 1 || $1 ~ /recommended/ { next }
    $7 == "m.h5" { value[$1] = $2; lo[$1] = $3; n[$1] = $5 }
    $7 == file {
      seen++
      d = $2 - value[$1]
      if (d > most || -d > most || $5 != n[$1]) { print "differs: " $0; bad = 1 }
      if (most == 0 && ($3 != lo[$1] || $8 != 0)) { print "differs: " $0; bad = 1 }
    }
    END { exit bad || seen < 5 }' figures.csv || fail "$1 is not judged like the model: $2"
}
same lists.csv affinity 0
same lists.h5 affinity 0
same starts.csv success 1e-5
same lists.csv success 1e-5

# What short lists tell of success by the way is not of all that is judged.
exits 0 "$PROFICIO" recommend m.h5 data.h5 --all --top 1 -o short.csv
exits 0 "$PROFICIO" evaluate m.h5 data.h5 --predictions short.csv --resamples 0 -o figures.csv
says 'short.csv: judged as lists alone, without success: p_success is missing for'
grep -q '^success.*short.csv' figures.csv && fail "success of some rows is judged"

# --- who may be judged -----------------------------------------------------------------------
exits 0 "$PROFICIO" evaluate popular.h5 m.h5 data.h5 --resamples 10 --json -o figures.csv
tail -n 1 out | grep -q '"against":\[{"model":"m.h5"' || fail "m.h5 is not under against"
tail -n 1 out | grep -q '"figure":"affinity.mrr","model":"popular.h5","against":"m.h5",' ||
  fail "no comparison"
grep -q '^success.auc.*,m.h5,,,,,$' figures.csv || fail "what the first has not is not compared"
exits 0 "$PROFICIO" evaluate data.h5 --predictions lists.csv --resamples 0
exits 2 "$PROFICIO" evaluate data.h5
says "nothing to judge beside 'data.h5'"
sed 5d starts.csv >short.csv
exits 3 "$PROFICIO" evaluate m.h5 data.h5 --predictions short.csv
says 'short.csv: p_success is missing for 1 of the '"$(wc -l <new)"' starts'
exits 0 "$PROFICIO" split data.h5 --by none -o whole.h5
exits 0 "$PROFICIO" train whole.h5 -o seen.h5 --only affinity
exits 2 "$PROFICIO" evaluate m.h5 seen.h5 data.h5
says 'the model seen.h5 may have been trained on the test rows'
exits 2 "$PROFICIO" evaluate m.h5 data.h5 --predictions lists.csv -o lists.csv
no_leftovers

# --- bars, on a terminal alone ---------------------------------------------------------------
bar=$(printf '\342\226\210') # a full cell; others are parts of one
if script -qec true /dev/null </dev/null >/dev/null 2>&1; then
  script -qec "'$PROFICIO' evaluate m.h5 data.h5 --resamples 0 --quiet" /dev/null >seen </dev/null
  awk -v bar="$bar" '/^affinity.(recall|ndcg)/ {
      cells = gsub(bar, "")
      right += cells == int($2 * 10 + 1 / 16) # eighths are rounded
      n++
    } END { exit !(n > 5 && right == n) }' seen || fail "bars are not as long as values"
fi
exits 0 "$PROFICIO" evaluate m.h5 data.h5 --resamples 0 --format table
grep -q "$bar" out && fail "bars where nobody looks"
no_leftovers
